use std::borrow::Cow;

use icu_casemap::CaseMapperBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// A word without what readers ignore: case, accents, ligatures and widths, and the punctuation that may stand inside a
/// word. `Straße` is `strasse`, `Łódź` is `lodz`, `U.N.` is `un`, `cease-fire` is `ceasefire`, `1,000` is `1000`.
///
/// Folding twice changes nothing more.
pub fn fold(word: &str) -> Cow<'_, str> {
    if is_folded(word) {
        return Cow::Borrowed(word);
    }
    let mut folded = String::with_capacity(word.len());
    fold_into(word, &mut folded);
    Cow::Owned(folded)
}

/// Appends what [`fold`] returns; for whoever folds many words and keeps none.
pub fn fold_into(word: &str, folded: &mut String) {
    if word.is_ascii() {
        let bytes = word.as_bytes();
        for (at, &byte) in bytes.iter().enumerate() {
            let kept = match byte {
                b'-' | b',' => false,
                b'.' => is_decimal_point(bytes, at),
                b'\'' | b' ' => !parts_thousands(bytes, at),
                _ => true,
            };
            if kept {
                folded.push(char::from(byte.to_ascii_lowercase()));
            }
        }
    } else {
        fold_unicode(word, folded);
    }
}

/// Plain lower-case letters and digits, which is what most words are.
fn is_folded(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_decimal_point(bytes: &[u8], at: usize) -> bool {
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    digit(at.checked_sub(1)) && digit(at.checked_add(1)) && !parts_thousands(bytes, at)
}

/// No number has more groups of three digits; a longer row of them is none.
const THOUSANDS_MAX: usize = 8;

/// Whether the sign at `at` stands between thousands: a group of three digits behind it, and before it such groups parted by
/// the same sign, the first of one to three digits and not beginning with a zero.
fn parts_thousands(bytes: &[u8], at: usize) -> bool {
    let digits_behind = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = at;
    for _ in 0..THOUSANDS_MAX {
        let digits = bytes[..end].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let start = end - digits;
        match start.checked_sub(1).map(|before| bytes[before]) {
            Some(sign) if sign == bytes[at] && digits == 3 => end = start - 1,
            Some(b'.' | b',' | b'\'' | b' ') => return false,
            _ => return digits_behind == 3 && (1..=3).contains(&digits) && bytes[start] != b'0',
        }
    }
    false
}

fn fold_unicode(word: &str, folded: &mut String) {
    let mut plain = String::with_capacity(word.len());
    for c in DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(word.chars()) {
        if !is_accent(c) || makes_a_letter(plain.chars().next_back(), c) {
            plain.push(c);
        }
    }
    let lower = CaseMapperBorrowed::new().fold_string(&plain);
    let mut bare = String::with_capacity(lower.len());
    for (at, c) in lower.char_indices() {
        match c {
            '-' | ',' | '\u{2010}' | '\u{2011}' | '\u{5BE}' => {}
            '.' if !is_decimal_point(lower.as_bytes(), at) => {}
            c if c.is_whitespace() => {}
            '\u{660}'..='\u{669}' | '\u{6F0}'..='\u{6F9}' | '\u{966}'..='\u{96F}' => bare.push(digit(c)),
            '’' | '\u{2BC}' => bare.push('\''),
            'ø' => bare.push('o'),
            'ł' => bare.push('l'),
            'đ' | 'ð' => bare.push('d'),
            'ħ' => bare.push('h'),
            'ı' => bare.push('i'),
            'ŧ' => bare.push('t'),
            'æ' => bare.push_str("ae"),
            'œ' => bare.push_str("oe"),
            'þ' => bare.push_str("th"),
            c if is_ignorable(c) => {}
            c => bare.push(c),
        }
    }
    if bare.contains('\'') && bare.contains(|c: char| c.is_ascii_digit()) {
        let bytes = bare.as_bytes();
        let kept = bare.char_indices().filter(|(at, c)| *c != '\'' || !parts_thousands(bytes, *at)).map(|(_, c)| c);
        bare = kept.collect();
    }
    folded.push_str(&ComposingNormalizerBorrowed::new_nfc().normalize(&bare));
}

/// Marks over and under letters that a reader may leave out: Latin, Greek and Cyrillic accents, Hebrew points, Arabic
/// vowel signs. The vowel signs of Indic scripts and the voicing marks of kana are no accents; they make another word.
fn is_accent(c: char) -> bool {
    matches!(u32::from(c),
        0x0300..=0x036F | 0x0483..=0x0487 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20F0 | 0xFE20..=0xFE2F
        | 0x0591..=0x05BD | 0x05BF | 0x05C1 | 0x05C2 | 0x05C4 | 0x05C5 | 0x05C7
        | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670)
}

/// Cyrillic short i and yi decompose although they are letters of their own; yo does too, but is written as ye in print.
fn makes_a_letter(base: Option<char>, mark: char) -> bool {
    matches!((base, mark), (Some('и' | 'И' | 'у' | 'У'), '\u{306}') | (Some('і' | 'І'), '\u{308}'))
}

/// An Arabic, Persian or Hindi digit as the others write it.
fn digit(c: char) -> char {
    let value = match u32::from(c) {
        code @ 0x660..=0x669 => code - 0x660,
        code @ 0x6F0..=0x6F9 => code - 0x6F0,
        code => code - 0x966,
    };
    char::from_digit(value, 10).unwrap_or(c)
}

/// Characters that are not seen, or only stretch a word: soft hyphen, joiners, marks of direction, variation selectors, the
/// Arabic stretcher.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{640}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_of_any_length_folds_in_one_look_at_its_end() {
        let number = |groups: usize| format!("1{}", ".000".repeat(groups));
        assert_eq!(fold(&number(7)), format!("1{}", "000".repeat(7)));
        let long = number(200_000);
        assert!(fold(&long).contains('.'), "no such number has its thousands parted");
    }

    #[test]
    fn what_readers_ignore_is_gone() {
        for (word, folded) in [
            ("Veto", "veto"),
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("Orbán", "orban"),
            ("Orba\u{301}n", "orban"),
            ("Øresund", "oresund"),
            ("Łódź", "lodz"),
            ("İstanbul", "istanbul"),
            ("Diyarbakır", "diyarbakir"),
            ("œuvre", "oeuvre"),
            ("ﬁnance", "finance"),
            ("ＮＡＴＯ", "nato"),
            ("Σίσυφος", "σισυφοσ"),
            ("Ёлка", "елка"),
            ("Йод", "йод"),
            ("Київ", "київ"),
            ("U.N.", "un"),
            ("cease-fire", "ceasefire"),
            ("cease\u{2011}fire", "ceasefire"),
            ("co\u{AD}operate", "cooperate"),
            ("1,000", "1000"),
            ("3.5", "3.5"),
            ("O’Brien", "o'brien"),
            ("ガス", "ガス"),
            ("ve\u{200B}to", "veto"),
            ("الحـــكومة", "الحكومة"),
            ("١٩٩٩", "1999"),
            ("1\u{202F}000", "1000"),
            ("한국", "한국"),
        ] {
            assert_eq!(fold(word), folded, "{word}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(word in "\\PC{0,12}") {
            let once = fold(&word).into_owned();
            prop_assert_eq!(fold(&once).into_owned(), once);
        }
    }
}
