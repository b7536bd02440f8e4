use std::sync::LazyLock;

use super::tokens::{Kind, Tokens};
use super::vocabulary::{Table, Word};

/// How many words are looked at.
const SAMPLE: usize = 400;

/// For so many little words stands that a text is likely in a language: a headline has hardly any, and `die` is a word of two.
const LEAD: usize = 1;

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

    /// The language of a code of ISO 639-1, where there are word lists of it.
    pub fn of_code(code: &str) -> Option<Self> {
        match code {
            "en" => Some(Self::English),
            "de" => Some(Self::German),
            _ => None,
        }
    }

    /// The language that most of the little words at the beginning of a text are of; `likely` is the one that speaks for itself
    /// until the words say otherwise, as what the text belongs to is in it.
    pub fn of(tokens: &Tokens<'_>, likely: Option<Self>) -> Self {
        let lead = |language| if likely == Some(language) { LEAD } else { 0 };
        let (mut german, mut english) = (lead(Self::German), lead(Self::English));
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
            assert_eq!(Language::of(&Tokens::new(text), None), expected, "{text}");
        }
    }

    #[test]
    fn what_a_text_belongs_to_speaks_where_its_little_words_hardly_do() {
        let (english, german) = (Language::English, Language::German);
        for (text, likely, expected) in [
            ("Ungarn blockiert EU-Hilfen", Some(german), german),
            ("Ungarn blockiert EU-Hilfen", Some(english), english),
            ("Ungarn blockiert EU-Hilfen", None, english),
            ("Six die in Vienna blast", Some(english), english),
            ("Hungary blocks aid to Ukraine", Some(german), english),
            ("The summit was held in Vilnius, the minister said.", Some(german), english),
            ("Der Gipfel findet am 11. Juli in Vilnius statt, sagte der Minister.", Some(english), german),
        ] {
            assert_eq!(Language::of(&Tokens::new(text), likely), expected, "{text}");
        }
    }
}
