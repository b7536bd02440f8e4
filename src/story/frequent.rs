use std::sync::LazyLock;

use hashbrown::HashMap;

/// How common a word is that is not on the list.
const RARE: u8 = 30;

static FREQUENT: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    for line in include_str!("frequent.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut parts = line.split(' ');
        let class = parts.next().and_then(|class| class.parse().ok()).unwrap_or(RARE);
        words.extend(parts.map(|word| (word, class)));
    }
    words
});

/// How common a folded word is in any text: ten times the decadic logarithm of its number in a milliard words.
pub(super) fn commonness(folded: &str) -> u8 {
    FREQUENT.get(folded).copied().unwrap_or(RARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_several_languages_are_known_to_be_common() {
        assert!(commonness("the") > 60 && commonness("und") > 60 && commonness("que") > 60);
        assert!(commonness("regierung") >= 45 && commonness("police") >= 45);
        assert_eq!(commonness("klitschko"), RARE);
    }
}
