use std::collections::HashMap;
use std::sync::LazyLock;

use super::tokens::{Kind, Tokens};

/// How many words are looked at.
const SAMPLE: usize = 400;

/// The little words that any sentence of a language is likely to have. A word that two languages share tells nothing.
static LITTLE: LazyLock<HashMap<&str, Language>> = LazyLock::new(|| {
    let mut little = HashMap::new();
    for (language, list) in [
        (Language::English, include_str!("../words/en/common.txt")),
        (Language::German, include_str!("../words/de/common.txt")),
    ] {
        for word in list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
            little.insert(word, language);
        }
    }
    little
});

/// A language whose word lists there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, also where nothing tells.
    English,
    /// German.
    German,
}

impl Language {
    /// The language that a little word tells.
    pub(super) fn told_by(word: &str) -> Option<Self> {
        LITTLE.get(word).copied()
    }

    /// The language that most of the little words at the beginning of a text are of.
    pub fn of(tokens: &Tokens<'_>) -> Self {
        let (mut german, mut english) = (0, 0);
        let words = (0..tokens.len()).filter(|&at| tokens[at].kind == Kind::Word);
        for word in words.take(SAMPLE).map(|at| tokens.lower(at)) {
            match LITTLE.get(word) {
                Some(Self::German) => german += 1,
                Some(Self::English) => english += 1,
                None => {}
            }
        }
        if german > english { Self::German } else { Self::English }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_words_tell_the_language() {
        for (text, expected) in [
            ("The summit was held in Vilnius on 11 July.", Language::English),
            ("Der Gipfel findet am 11. Juli in Vilnius statt.", Language::German),
            ("", Language::English),
        ] {
            assert_eq!(Language::of(&Tokens::new(text)), expected, "{text}");
        }
    }
}
