use std::fmt;
use std::sync::LazyLock;

use frostem::{Algorithm, Stemmer};

/// The codes and names of all languages; the file says which.
const LANGUAGES: &str = include_str!("languages.txt");

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let rows = LANGUAGES.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.filter_map(|line| line.split_once('='));
    rows.map(|(codes, name)| Row { codes: codes.split(',').collect(), name, stemmer: stemmer(&codes[..2]) }).collect()
});

struct Row {
    /// That of ISO 639-1 first.
    codes: Vec<&'static str>,
    /// In English.
    name: &'static str,
    stemmer: Option<Stemmer>,
}

/// A language that has a code in ISO 639-1. Norwegian is one language, however it is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(u8);

impl Language {
    /// English, which is what is spoken where nothing else is known.
    ///
    /// # Panics
    /// Never: English is in the table.
    pub fn english() -> Self {
        static ENGLISH: LazyLock<Language> =
            LazyLock::new(|| Language::of_code("en").expect("English is in the table"));
        *ENGLISH
    }

    /// The language of a tag such as `en`, `en-GB`, `pt_BR` or `deu`, by its first part; `None` where no language has it.
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::of_code(tag.trim().split(['-', '_']).next()?)
    }

    fn of_code(code: &str) -> Option<Self> {
        let has = |row: &Row| row.codes.iter().any(|known| known.eq_ignore_ascii_case(code));
        TABLE.iter().position(has).and_then(|row| u8::try_from(row).ok()).map(Self)
    }

    /// The language of this English name.
    pub fn of_name(name: &str) -> Option<Self> {
        let row = TABLE.iter().position(|row| row.name.eq_ignore_ascii_case(name))?;
        u8::try_from(row).ok().map(Self)
    }

    /// Its code in ISO 639-1: two small letters.
    pub fn code(self) -> &'static str {
        self.row().codes[0]
    }

    /// Its English name.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Its number, below 256.
    pub(crate) fn number(self) -> usize {
        usize::from(self.0)
    }

    /// What leads its inflections back to one stem, if anything does.
    pub(super) fn stemmer(self) -> Option<Stemmer> {
        self.row().stemmer
    }

    fn row(self) -> &'static Row {
        &TABLE[self.number()]
    }
}

/// As its code.
impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

fn stemmer(code: &str) -> Option<Stemmer> {
    Some(Stemmer::new(match code {
        "ar" => Algorithm::Arabic,
        "ca" => Algorithm::Catalan,
        "cs" => Algorithm::Czech,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "et" => Algorithm::Estonian,
        "eu" => Algorithm::Basque,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "ga" => Algorithm::Irish,
        "hi" => Algorithm::Hindi,
        "hu" => Algorithm::Hungarian,
        "hy" => Algorithm::Armenian,
        "id" => Algorithm::Indonesian,
        "it" => Algorithm::Italian,
        "lt" => Algorithm::Lithuanian,
        "nl" => Algorithm::Dutch,
        "no" => Algorithm::Norwegian,
        "pl" => Algorithm::Polish,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sr" => Algorithm::Serbian,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        "uk" => Algorithm::Ukrainian,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_many_forms_name_a_language() {
        for (tag, code) in [
            ("en", "en"),
            ("EN-gb", "en"),
            ("pt_BR", "pt"),
            ("zh-Hant-TW", "zh"),
            ("ger", "de"),
            ("deu", "de"),
            ("nb", "no"),
            ("nn-NO", "no"),
            (" fr ", "fr"),
            ("iw", "he"),
        ] {
            assert_eq!(Language::of_tag(tag).map(Language::code), Some(code), "{tag}");
        }
        for tag in ["", "x", "xx", "english", "en us", "-"] {
            assert_eq!(Language::of_tag(tag), None, "{tag}");
        }
        assert_eq!(Language::of_name("german").map(Language::code), Some("de"));
    }

    #[test]
    fn no_code_is_given_twice_and_every_stemmer_has_its_language() {
        let mut codes: Vec<&str> = TABLE.iter().flat_map(|row| row.codes.iter().copied()).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(TABLE.len() < 256);
        assert_eq!(TABLE.iter().filter(|row| row.stemmer.is_some()).count(), 30);
    }
}
