mod irregular;

mod verbs;

pub use verbs::finite_forms;

use std::borrow::Cow;

use frostem::Stemmer;
use icu_normalizer::ComposingNormalizerBorrowed;

use super::fold::{fold, is_ignorable};
use super::language::Language;
use super::speech::is_function_word;
use irregular::{IRREGULAR, POLISH};

/// Longer words are no words that anybody inflects, in bytes.
const LENGTH_MAX: usize = 80;

/// What all inflections of a word have in common: `veto`, `vetoes` and `vetoed` have one stem in English, and so have `freeze`
/// and `frozen`. Two words may be inflections of each other where they share a stem; they compare, they are not words, and
/// they are not stored.
///
/// A word has one or two: the rules of a language want its accents, and who writes a query may leave them out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stems<'a> {
    /// By the word without its accents.
    plain: Cow<'a, str>,
    /// By the word as it is written, where that is another.
    accented: Option<String>,
}

impl Stems<'_> {
    /// Each, once.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.plain).chain(self.accented.as_deref())
    }

    /// Whether the words that these are of may be inflections of each other.
    pub fn share(&self, other: &Stems<'_>) -> bool {
        self.iter().any(|stem| other.iter().any(|beside| stem == beside))
    }
}

/// The stems of a word by the rules of a language; `None` for what nobody inflects, a number say, and in a language whose rules
/// are not known. `folded` is the word after [`super::fold`].
pub fn stems<'a>(surface: &str, folded: &'a str, language: Language) -> Option<Stems<'a>> {
    let stemmer = language.stemmer()?;
    if surface.len() > LENGTH_MAX || folded.is_empty() {
        return None;
    }
    // A Turkish capital I is that of a letter of its own.
    if surface.is_ascii() && !(is_turkish(language) && surface.contains('I')) {
        if let Some(singular) = singular_of_code(folded) {
            return Some(Stems { plain: Cow::Borrowed(singular), accented: None });
        }
        if !folded.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'\'') {
            return None;
        }
        let folded = if is_plural_acronym(surface) { &folded[..folded.len() - 1] } else { folded };
        return Some(Stems { plain: plain_stem(folded, language, stemmer), accented: None });
    }
    if !folded.chars().all(|c| c.is_alphabetic() || c == '\'') {
        return None;
    }
    let plain = match plain_stem(folded, language, stemmer) {
        Cow::Borrowed(stem) => Cow::Borrowed(stem),
        Cow::Owned(stem) => Cow::Owned(fold(&stem).into_owned()),
    };
    let lower = lowered(surface, language);
    let stem = mended_stem(&lower, language, stemmer);
    let accented = fold(&stem).into_owned();
    Some(Stems { accented: (plain != accented && !accented.is_empty()).then_some(accented), plain })
}

/// Whether a word is several of what an acronym stands for: `NGOs`.
pub fn is_plural_acronym(surface: &str) -> bool {
    surface.strip_suffix('s').is_some_and(|one| one.len() > 1 && one.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// A name of letters and a number, or a number of three digits as those of aircraft are, without the `s` of its plural:
/// `f16` of `f16s`, `737` of `737s`. A year is no such number: 1980 is not the 1980s.
fn singular_of_code(folded: &str) -> Option<&str> {
    let one = folded.strip_suffix('s').unwrap_or(folded);
    let digits = one.bytes().rev().take_while(u8::is_ascii_digit).count();
    let letters = &one[..one.len() - digits];
    let is_code = letters.bytes().all(|byte| byte.is_ascii_lowercase()) && (!letters.is_empty() || digits == 3);
    (digits > 0 && is_code).then_some(one)
}

fn plain_stem(folded: &str, language: Language, stemmer: Stemmer) -> Cow<'_, str> {
    match language.code() {
        "en" => match kept_apart(folded) {
            Some(stem) => Cow::Borrowed(stem),
            None => stemmer.stem(lemma(folded)),
        },
        "ar" | "de" | "es" | "fi" | "fr" | "pl" | "pt" | "tr" => Cow::Owned(mended_stem(folded, language, stemmer)),
        _ => stemmer.stem(folded),
    }
}

/// The stem of a word that the rules of English would take for another one: `important` is no `import`.
fn kept_apart(folded: &str) -> Option<&'static str> {
    match folded {
        "important" | "importantly" | "importance" => Some("important"),
        "university" | "universities" => Some("university"),
        _ if folded.starts_with("organis") || folded.starts_with("organiz") => {
            (!folded.starts_with("organism")).then_some("organize")
        }
        _ => None,
    }
}

/// The stem of a word in small letters, with what the rules of some languages leave out.
fn mended_stem(lower: &str, language: Language, stemmer: Stemmer) -> String {
    let singular = match language.code() {
        // `gobiernos` is no verb with a pronoun.
        "es" => singular(lower, ["rnos", "rnós"], "rno"),
        // `الحكومة` is `حكومة` with its article.
        "ar" => lower.strip_prefix("ال").filter(|rest| rest.chars().count() > 2).map(str::to_owned),
        // `Vetos` and `vétos`: words that end in a vowel.
        "de" => without_s(lower, ["a", "i", "o", "y"], 5),
        "fr" => without_s(lower, ["a", "i", "o", "u"], 4),
        "pl" => polish_word(lower),
        "pt" => singular(lower, ["ões", "ães"], "ão").or_else(|| singular(lower, ["oes", "aes"], "ao")),
        _ => None,
    };
    let mut stem = stemmer.stem(singular.as_deref().unwrap_or(lower)).into_owned();
    match language.code() {
        // `blockieren` is left as `blocki`, and so are `blockiert` and `Blockierung`.
        "de" if stem.ends_with("iert") => stem.truncate(stem.len() - 3),
        "de" if stem.ends_with("ier") => stem.truncate(stem.len() - 2),
        // `hallitus` is `hallituksen` in the genitive.
        "fi" if stem.ends_with("ks") => drop(stem.remove(stem.len() - 2)),
        // What is left of `kadınlar` is `kadın`, of which the rules leave less when they meet it alone.
        "tr" => {
            while let Cow::Owned(less) = stemmer.stem(&stem) {
                if less.len() >= stem.len() {
                    break;
                }
                stem = less;
            }
        }
        _ => {}
    }
    stem
}

/// The word that an irregular Polish form is of, without accents where the form has none.
fn polish_word(lower: &str) -> Option<String> {
    let at = POLISH.binary_search_by_key(&&*fold(lower), |(form, _)| form).ok()?;
    let word = POLISH[at].1;
    Some(if lower.is_ascii() { fold(word).into_owned() } else { word.to_owned() })
}

/// They end in `s` and are no plurals of the words that are left without it.
const NO_PLURALS: &[&str] = &["abus", "bras", "fois", "mois", "paris"];

/// A word of at least so many letters without the `s` behind one of these vowels, unless it is a small word such as `mais`.
fn without_s(word: &str, vowels: [&str; 4], letters_min: usize) -> Option<String> {
    let one = word.strip_suffix('s')?;
    let is_plural = vowels.iter().any(|vowel| one.ends_with(vowel)) && word.chars().count() >= letters_min;
    (is_plural && !is_function_word(word) && !NO_PLURALS.contains(&word)).then(|| one.to_owned())
}

/// A plural that the rules leave as it is, as the word that it is of.
fn singular(word: &str, plurals: [&str; 2], end: &str) -> Option<String> {
    plurals.into_iter().find_map(|plural| Some([word.strip_suffix(plural)?, end].concat()))
}

/// A word as the rules of its language want it: small letters with their accents, and nothing between them.
fn lowered(surface: &str, language: Language) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(surface);
    let mut lower = String::with_capacity(composed.len());
    for c in composed.chars().filter(|c| !is_ignorable(*c)) {
        match c {
            'I' if is_turkish(language) => lower.push('ı'),
            'İ' => lower.push('i'),
            '’' | '\u{2BC}' => lower.push('\''),
            c if c.is_alphabetic() || c == '\'' || !c.is_ascii_punctuation() => lower.extend(c.to_lowercase()),
            _ => {}
        }
    }
    lower
}

fn is_turkish(language: Language) -> bool {
    matches!(language.code(), "tr" | "az")
}

/// The word that an irregular English form is of.
fn lemma(folded: &str) -> &str {
    IRREGULAR.binary_search_by_key(&folded, |(form, _)| form).map_or(folded, |row| IRREGULAR[row].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_one(language: &str, one: &str, other: &str) -> bool {
        let language = Language::of_tag(language).unwrap();
        let (first, second) = (fold(one), fold(other));
        match (stems(one, &first, language), stems(other, &second, language)) {
            (Some(one), Some(other)) => one.share(&other),
            _ => false,
        }
    }

    #[test]
    fn inflections_share_a_stem() {
        for family in [
            &["veto", "vetoes", "vetoed", "vetoing"][..],
            &["block", "blocks", "blocked", "blocking"],
            &["summit", "summits"],
            &["freeze", "freezes", "froze", "frozen", "freezing"],
            &["withdraw", "withdrew", "withdrawn", "withdrawing"],
            &["crisis", "crises"],
            &["ceasefire", "ceasefires"],
            &["ally", "allies", "allied"],
            &["meet", "met", "meeting"],
            &["NGO", "NGOs"],
            &["MP", "MPs"],
            &["dvd", "DVDs"],
            &["F16", "F16s"],
            &["F-16", "F-16s"],
            &["MiG-29", "MiG-29s"],
            &["737", "737s"],
            &["organization", "organise"],
        ] {
            for form in family {
                assert!(are_one("en", form, family[0]), "{form}");
            }
        }
    }

    #[test]
    fn other_words_do_not() {
        for (one, other) in [
            ("hungary", "hungry"),
            ("police", "policy"),
            ("nato", "nation"),
            ("leave", "left"),
            ("import", "important"),
            ("organ", "organization"),
            ("GPS", "GP"),
            ("gps", "gp"),
            ("SMS", "SM"),
            ("TLS", "tl"),
        ] {
            assert!(!are_one("en", one, other), "{one} {other}");
        }
        for (one, other) in [("paris", "pari"), ("mois", "moi"), ("fois", "foi")] {
            assert!(!are_one("fr", one, other), "{one} {other}");
        }
        let english = Language::english();
        assert_eq!(stems("1980s", "1980s", english), None);
        assert_eq!(stems("16s", "16s", english), None);
        assert_eq!(stems("1000", "1000", english), None);
    }

    #[test]
    fn every_language_has_its_own_inflections_with_accents_or_without() {
        let mut failed = Vec::new();
        for (language, one, other) in [
            ("de", "Regierung", "Regierungen"),
            ("de", "Haus", "Häuser"),
            ("de", "haus", "hausern"),
            ("de", "Straße", "Strassen"),
            ("de", "Veto", "Vetos"),
            ("de", "blockieren", "blockierte"),
            ("de", "sanktionieren", "sanktioniert"),
            ("de", "NGO", "NGOs"),
            ("fr", "véto", "vétos"),
            ("fr", "veto", "vétos"),
            ("fr", "élu", "élus"),
            ("fr", "ami", "amis"),
            ("ar", "قمة", "القمة"),
            ("fr", "sanction", "sanctions"),
            ("fr", "européenne", "européennes"),
            ("fr", "europeenne", "européennes"),
            ("es", "sanción", "sanciones"),
            ("es", "sancion", "sanciones"),
            ("es", "gobierno", "gobiernos"),
            ("it", "sanzione", "sanzioni"),
            ("pt", "sanção", "sanções"),
            ("pt", "sancao", "sancoes"),
            ("nl", "regering", "regeringen"),
            ("ru", "санкция", "санкциями"),
            ("uk", "санкція", "санкції"),
            ("sv", "regering", "regeringarna"),
            ("no", "regjering", "regjeringen"),
            ("da", "regering", "regeringens"),
            ("fi", "hallitus", "hallituksen"),
            ("hu", "kormány", "kormányok"),
            ("ro", "guvern", "guvernele"),
            ("ar", "الحكومة", "حكومة"),
            ("tr", "bakan", "bakanlar"),
            ("tr", "hükümet", "hükümetler"),
            ("tr", "KADIN", "kadınlar"),
            ("el", "κυρώσεις", "κυρώσεων"),
            ("pl", "sankcja", "sankcje"),
            ("pl", "Polska", "Polsce"),
            ("pl", "Węgry", "Węgrzech"),
            ("pl", "wegry", "Węgrzech"),
            ("pl", "Węgry", "wegrzech"),
            ("pl", "minister", "Ministrowie"),
            ("pl", "ministra", "ministrów"),
            ("pl", "poseł", "posłów"),
            ("pl", "szczyt", "szczycie"),
            ("pl", "weto", "wecie"),
            ("cs", "sankce", "sankcí"),
        ] {
            if !are_one(language, one, other) {
                failed.push(format!("{language}: {one} {other}"));
            }
        }
        assert_eq!(failed, [""; 0]);
    }

    #[test]
    fn the_table_is_sorted_without_repeats() {
        assert!(IRREGULAR.is_sorted_by(|(one, _), (next, _)| one < next));
        assert!(POLISH.is_sorted_by(|(one, _), (next, _)| one < next));
        for (form, word) in POLISH {
            assert!(fold(form) == *form && are_one("pl", form, word), "{form}");
        }
    }
}
