use std::sync::LazyLock;

use super::tokens::{Kind, Tokens};
use super::vocabulary::{Table, Word};

/// How many words are looked at.
const SAMPLE: usize = 400;

/// The lists of the little words that any sentence of a language is likely to have, by language.
pub(super) static LISTS: [&str; 2] = [include_str!("../words/en/common.txt"), include_str!("../words/de/common.txt")];

/// The languages by little words. A word that two languages share tells nothing.
static LITTLE: LazyLock<Table<Option<Language>>> = LazyLock::new(|| {
    let mut little = Table::default();
    for (language, list) in [Language::English, Language::German].into_iter().zip(LISTS) {
        for word in list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
            let known: &mut Option<Language> = little.entry(word);
            *known = if known.is_some_and(|known| known != language) { None } else { Some(language) };
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
    pub(super) fn told_by(word: Word) -> Option<Self> {
        LITTLE.get(word).copied().flatten()
    }

    /// The language that most of the little words at the beginning of a text are of.
    pub fn of(tokens: &Tokens<'_>) -> Self {
        let (mut german, mut english) = (0, 0);
        let words = (0..tokens.len()).filter(|&at| tokens[at].kind == Kind::Word);
        for word in words.take(SAMPLE).map(|at| tokens.word(at)) {
            match Self::told_by(word) {
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
