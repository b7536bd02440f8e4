//! The codes of currencies.

/// Money by its names in all languages; the file says more.
pub(crate) const CURRENCIES: &str = include_str!("currencies.tsv");

/// The codes that are known, as ISO 4217 gives them, in the order of the file.
pub fn currencies() -> impl Iterator<Item = &'static str> {
    let rows = CURRENCIES.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split('\t').next()).filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_three_capitals() {
        assert!(currencies().count() > 100);
        assert!(currencies().all(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())));
    }
}
