use crate::understand::text::words;

/// Whether a name that was found, letters and accents aside, is written with the capitals that it has to have: those of the
/// name, or nothing but capitals. A word of a name that has none is found in any case. Dots do not count.
pub(super) fn agree(name: &str, found: &str) -> bool {
    let (mut wanted, mut written) = (words(name), words(found));
    loop {
        match (wanted.next(), written.next()) {
            (None, None) => return true,
            (Some(name), Some(word)) if word_agrees(name.surface, word.surface) => {}
            _ => return false,
        }
    }
}

fn word_agrees(name: &str, word: &str) -> bool {
    let letters =
        |word: &str| word.chars().filter(|c| c.is_alphabetic()).map(char::is_uppercase).collect::<Vec<bool>>();
    let (name, word) = (letters(name), letters(word));
    if !name.contains(&true) || !word.contains(&false) {
        return true;
    }
    // ß and ss are one letter and two; then the first one tells.
    if name.len() == word.len() { name == word } else { name.first() == word.first() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_those_of_the_name_or_all() {
        for (name, found, expected) in [
            ("US", "US", true),
            ("US", "U.S.", true),
            ("US", "us", false),
            ("US", "Us", false),
            ("Nato", "NATO", true),
            ("NATO", "Nato", false),
            ("Hungary", "HUNGARY", true),
            ("Hungary", "hungary", false),
            ("euro area", "Euro Area", true),
            ("Orbán", "Orban", true),
            ("United States", "United states", false),
            ("Guinea-Bissau", "Guinea-Bissau", true),
        ] {
            assert_eq!(agree(name, found), expected, "{name} {found}");
        }
    }
}
