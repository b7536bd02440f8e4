use std::borrow::Cow;
use std::ops::Range;

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

use super::fold::{fold, fold_into, is_ignorable};

/// A compound of more parts (`state-of-the-art-of-war`) is no longer joined as a whole, only pair by pair.
const COMPOUND_PARTS_MAX: usize = 4;

/// What stands before an apostrophe and is a word of its own in French and Italian (`l'Europe`, `dell'Unione`), folded.
const ELIDED: &[&str] = &[
    "all", "c", "coll", "d", "dall", "dell", "j", "jusqu", "l", "lorsqu", "m", "n", "nell", "puisqu", "qu", "quell",
    "quest", "quoiqu", "s", "sull", "t", "un",
];

/// What Turkish puts behind a name and an apostrophe, but for single letters, which may be of any language.
const TURKISH_ENDINGS: &[&str] = &[
    "da", "de", "ta", "te", "dan", "den", "tan", "ten", "nda", "nde", "ndan", "nden", "ın", "in", "un", "ün", "nın",
    "nin", "nun", "nün", "ya", "ye", "yı", "yi", "yu", "yü", "na", "ne", "nı", "ni", "nu", "nü", "la", "le", "yla",
    "yle", "daki", "deki", "taki", "teki", "lı", "li", "lu", "lü",
];

/// The words of a text, in order, by the rules of [`Word`].
pub fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    words_and_compounds(text).filter(|word| word.parts == 1)
}

/// The words of a text, and behind the last part of each hyphenated one its compounds: `cease-fire` gives `cease`, `fire`,
/// and `cease-fire`, which folds to `ceasefire`.
pub fn words_and_compounds(text: &str) -> Words<'_> {
    Words { text, at: 0, position: 0, parts: Vec::new(), is_number: false, given: 0, pair: 0 }
}

/// One word of a text.
///
/// A word is a run of letters, digits and their marks. Inside it may stand an apostrophe (`don't`), the dots of an
/// acronym (`U.N.`), a decimal point, and the signs between thousands. A possessive `'s` belongs to no word. A hyphen
/// parts words. A character of a script written without spaces is a word by itself, so that a word of such a script is
/// found as a row of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// As it stands in the text.
    pub surface: &'a str,
    /// Byte offset of `surface` in the text.
    pub start: usize,
    /// The number of the word in the text, from 0; of a compound, that of its first part.
    pub position: usize,
    /// 1, or of how many words this is the compound.
    pub parts: usize,
}

impl<'a> Word<'a> {
    /// Bytes of the text.
    pub fn span(&self) -> Range<usize> {
        self.start..self.start + self.surface.len()
    }

    /// What it is compared by; see [`fold`].
    pub fn folded(&self) -> Cow<'a, str> {
        fold(self.surface)
    }

    /// The same into a buffer that is emptied first; the surface itself where there is nothing to fold.
    pub fn folded_in<'b>(&self, buffer: &'b mut String) -> &'b str
    where
        'a: 'b,
    {
        if self.surface.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return self.surface;
        }
        buffer.clear();
        fold_into(self.surface, buffer);
        buffer
    }
}

/// The iterator of [`words_and_compounds`].
#[derive(Debug, Clone)]
pub struct Words<'a> {
    text: &'a str,
    /// Where the search for the next word begins.
    at: usize,
    /// The position of the next word.
    position: usize,
    /// The parts of the hyphenated word that is being given out; empty otherwise.
    parts: Vec<Range<usize>>,
    /// They are the thousands of one number, with spaces between.
    is_number: bool,
    /// How many parts have been given out.
    given: usize,
    /// How many compounds have been given out.
    pair: usize,
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        if let Some(word) = self.next_of_compound() {
            return Some(word);
        }
        let start = self.seek()?;
        let scan = Scan { text: self.text };
        // Most words are of this kind, and begin nothing that a hyphen could go on with.
        if let Some(end) = scan.plain_word(start)
            && self.text.as_bytes().get(end) != Some(&b'-')
        {
            self.at = end;
            return Some(self.give(start..end));
        }
        let (end, mut after) = scan.word(start);
        self.at = after;
        if end == after
            && let Some(groups) = scan.groups(start, end)
        {
            (self.at, self.is_number) = (groups.last()?.end, true);
            self.parts = groups;
            return self.next_of_compound();
        }
        if end != after || scan.hyphen(end).is_none() {
            return Some(self.give(start..end));
        }
        self.parts.push(start..end);
        let mut end = end;
        while end == after
            && let Some(next) = scan.hyphen(end)
        {
            (end, after) = scan.word(next);
            self.parts.push(next..end);
        }
        self.at = after;
        self.next_of_compound()
    }
}

impl<'a> Words<'a> {
    /// The next part or compound of the hyphenated word at hand: all parts first, then each pair, then the whole.
    fn next_of_compound(&mut self) -> Option<Word<'a>> {
        if self.parts.is_empty() {
            return None;
        }
        let count = self.parts.len();
        if self.given < count {
            self.given += 1;
            return Some(self.give(self.parts[self.given - 1].clone()));
        }
        while self.pair + 1 < count {
            let (one, other) = (&self.parts[self.pair], &self.parts[self.pair + 1]);
            let (span, position) = (one.start..other.end, self.position - count + self.pair);
            self.pair += 1;
            if !self.is_number(&span) {
                return Some(Word { surface: &self.text[span.clone()], start: span.start, position, parts: 2 });
            }
        }
        let fewest = if self.is_number { 2 } else { 3 };
        let whole =
            (fewest..=COMPOUND_PARTS_MAX).contains(&count).then(|| self.parts[0].start..self.parts[count - 1].end);
        self.parts.clear();
        (self.given, self.pair) = (0, 0);
        let is_number = std::mem::take(&mut self.is_number);
        let span = whole.filter(|span| is_number || !self.is_number(span))?;
        let surface = &self.text[span.clone()];
        Some(Word { surface, start: span.start, position: self.position - count, parts: count })
    }

    fn give(&mut self, span: Range<usize>) -> Word<'a> {
        let word = Word { surface: &self.text[span.clone()], start: span.start, position: self.position, parts: 1 };
        self.position += 1;
        word
    }

    /// `2024-25` is two numbers and no third one.
    fn is_number(&self, span: &Range<usize>) -> bool {
        !self.text[span.clone()].chars().any(char::is_alphabetic)
    }

    /// The first byte of the next word.
    fn seek(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii() {
                if byte.is_ascii_alphanumeric() {
                    return Some(at);
                }
                at += 1;
            } else {
                let c = self.text[at..].chars().next()?;
                // The block of dashes, quotes and odd spaces holds no letter; it is what most such characters are.
                let is_punctuation = matches!(c, '\u{2000}'..='\u{206F}');
                if !is_punctuation && c.is_alphanumeric() && c != '\u{2BC}' {
                    return Some(at);
                }
                at += c.len_utf8();
            }
        }
        None
    }
}

/// Finds where words end.
#[derive(Clone, Copy)]
struct Scan<'a> {
    text: &'a str,
}

impl Scan<'_> {
    fn char_at(self, at: usize) -> Option<char> {
        match self.text.as_bytes().get(at) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            _ => self.text[at..].chars().next(),
        }
    }

    /// Whether a character stands there that goes on with a word.
    fn is_word_char(self, at: usize) -> bool {
        self.char_at(at).is_some_and(|c| c.is_alphanumeric() && !stands_alone(c))
    }

    fn digit_at(self, at: usize) -> bool {
        self.text.as_bytes().get(at).is_some_and(u8::is_ascii_digit)
    }

    /// Where the word that begins at `start` ends, and where to look for the next; they differ where a possessive or an
    /// elision lies between.
    fn word(self, start: usize) -> (usize, usize) {
        if let Some(end) = self.plain_word(start) {
            return (end, end);
        }
        if let Some(end) = self.acronym(start) {
            return (end, self.possessive(end).unwrap_or(end));
        }
        let mut at = start;
        if self.digit_at(start) {
            at = self.number(start);
        }
        while let Some(c) = self.char_at(at) {
            if c.is_ascii_alphanumeric() {
                at += 1;
            } else if is_apostrophe(c) {
                let next = self.char_at(at + c.len_utf8());
                if at == start || !next.is_some_and(|next| next.is_alphanumeric() && !stands_alone(next)) {
                    break;
                }
                if let Some(after) = self.possessive(at) {
                    return (at, after);
                }
                if is_elided(&self.text[start..at]) {
                    return (at, at + c.len_utf8());
                }
                if let Some(after) = self.ending(start, at, c) {
                    return (at, after);
                }
                at += c.len_utf8();
            } else if c.is_ascii() {
                break;
            } else if stands_alone(c) {
                if at == start {
                    at = self.marks(at + c.len_utf8());
                }
                break;
            } else if c.is_alphanumeric() || continues(c) {
                at += c.len_utf8();
            } else {
                break;
            }
        }
        (at, at)
    }

    /// The end of a word of plain letters with nothing behind it that could belong to it, which is what most words are.
    fn plain_word(self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let letters = bytes[start..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let end = start + letters;
        let ends = match bytes.get(end) {
            None => true,
            Some(b'.') => letters > 1,
            Some(byte) => byte.is_ascii() && !byte.is_ascii_digit() && *byte != b'\'',
        };
        (ends && letters > 0).then_some(end)
    }

    /// The end of the marks that begin at `at`.
    fn marks(self, mut at: usize) -> usize {
        while let Some(c) = self.char_at(at).filter(|c| !c.is_ascii() && continues(*c)) {
            at += c.len_utf8();
        }
        at
    }

    /// The end of single letters with dots between them, the last dot included: `U.S.`, `e.g.`, but not `example.org`.
    fn acronym(self, start: usize) -> Option<usize> {
        let letter = |at| self.char_at(at).filter(|c: &char| c.is_alphabetic() && !stands_alone(*c));
        let dot = |at| self.text.as_bytes().get(at) == Some(&b'.');
        let mut at = start + letter(start)?.len_utf8();
        let mut letters = 1;
        while dot(at)
            && let Some(c) = letter(at + 1)
            && !self.is_word_char(at + 1 + c.len_utf8())
        {
            at += 1 + c.len_utf8();
            letters += 1;
        }
        (letters > 1).then(|| if dot(at) { at + 1 } else { at })
    }

    /// The groups of a number whose thousands are parted by plain spaces, `1 000 000`; each group is a word too, because two
    /// numbers may as well stand side by side.
    fn groups(self, start: usize, end: usize) -> Option<Vec<Range<usize>>> {
        let bytes = self.text.as_bytes();
        if !(1..=3).contains(&(end - start))
            || !bytes[start..end].iter().all(u8::is_ascii_digit)
            || bytes[start] == b'0'
        {
            return None;
        }
        let mut groups = Vec::with_capacity(1);
        groups.push(start..end);
        let mut at = end;
        while bytes.get(at) == Some(&b' ')
            && bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count() == 3
            && !self.is_word_char(at + 4)
            && groups.len() < COMPOUND_PARTS_MAX
        {
            groups.push(at + 1..at + 4);
            at += 4;
        }
        // What goes on behind the last group is another number, or a hyphenated word.
        let ends = !(self.digit_at(at + 1) && matches!(bytes.get(at), Some(b'.' | b',')) || self.hyphen(at).is_some());
        // A group more than is taken: then these are no whole number.
        let goes_on = bytes.get(at) == Some(&b' ')
            && bytes.get(at + 1..at + 4).is_some_and(|group| group.iter().all(u8::is_ascii_digit))
            && !self.digit_at(at + 4);
        (groups.len() > 1 && ends && !goes_on).then_some(groups)
    }

    /// The end of a number with a decimal point or with signs between thousands. Dates and versions such as `31.12.2024`
    /// are several numbers.
    fn number(self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut at = start + digits(start);
        let follows_number = start >= 2 && matches!(bytes[start - 1], b'.' | b',') && bytes[start - 2].is_ascii_digit();
        if follows_number {
            return at;
        }
        let sign = self.thousands(at);
        while let Some(c) = sign.filter(|_| self.thousands(at) == sign)
            && digits(at + c.len_utf8()) == 3
            // A year is no thousands, whatever number follows it.
            && (c == ',' || (digits(start) <= 3 && bytes[start] != b'0'))
        {
            at += c.len_utf8() + 3;
        }
        if bytes.get(at) == Some(&b'.') && self.digit_at(at + 1) {
            let end = at + 1 + digits(at + 1);
            if !(bytes.get(end) == Some(&b'.') && self.digit_at(end + 1)) {
                return end;
            }
        }
        at
    }

    /// What parts the thousands of a number at `at`, if something does: a comma, a dot, an apostrophe, or a space that does
    /// not break.
    fn thousands(self, at: usize) -> Option<char> {
        let c = self.char_at(at)?;
        matches!(c, ',' | '.' | '\'' | '’' | '\u{A0}' | '\u{202F}' | '\u{2009}').then_some(c)
    }

    /// Behind the possessive that begins with the apostrophe at `at`.
    fn possessive(self, at: usize) -> Option<usize> {
        let apostrophe = self.char_at(at).filter(|c| is_apostrophe(*c))?;
        let s = at + apostrophe.len_utf8();
        self.char_at(s).filter(|c| matches!(c, 's' | 'S'))?;
        (!self.is_word_char(s + 1)).then_some(s + 1)
    }

    /// Behind the ending that Turkish puts after a name and an apostrophe: `NATO'nun`, `İstanbul'da`.
    fn ending(self, start: usize, at: usize, apostrophe: char) -> Option<usize> {
        let from = at + apostrophe.len_utf8();
        let length = self.text[from..].find(|c: char| !c.is_alphanumeric()).unwrap_or(self.text.len() - from);
        let is_name = self.text[start..at].starts_with(char::is_uppercase) && at - start > 2;
        (is_name && TURKISH_ENDINGS.contains(&&self.text[from..from + length])).then_some(from + length)
    }

    /// Behind a hyphen at `at` that joins the word before it to another one.
    fn hyphen(self, at: usize) -> Option<usize> {
        let hyphen =
            self.char_at(at).filter(|c| matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{5BE}' | '\u{FF0D}'))?;
        let next = at + hyphen.len_utf8();
        self.char_at(next).is_some_and(|c| c.is_alphanumeric() && !stands_alone(c)).then_some(next)
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '\u{2BC}' | '＇')
}

fn is_elided(before: &str) -> bool {
    before.len() <= 6 && ELIDED.contains(&&*fold(before))
}

/// Letters of scripts that put no spaces between words: Han, kana, Hangul (whose words take endings without a space),
/// Thai, Lao, Myanmar, Khmer.
fn stands_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3005..=0x3007 | 0x3041..=0x30FF | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFF66..=0xFF9D
        // The leading parts of Hangul syllables that are written in parts.
        | 0x1100..=0x115F | 0xA960..=0xA97C
        | 0x20000..=0x3FFFF)
}

/// Not a letter, but part of the word: accents, vowel signs, joiners, the further parts of a Hangul syllable, the voicing marks
/// of half-width kana.
fn continues(c: char) -> bool {
    is_ignorable(c)
        || matches!(u32::from(c), 0x1160..=0x11FF | 0xD7B0..=0xD7FB | 0xFF9E | 0xFF9F)
        || CanonicalCombiningClassMapBorrowed::new().get_u8(c) != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).map(|word| word.folded().into_owned()).collect()
    }

    #[test]
    fn words_of_many_kinds() {
        for (text, expected) in [
            ("Hungary's veto", &["hungary", "veto"][..]),
            ("Hungary’s veto", &["hungary", "veto"]),
            ("the allies' vetoes", &["the", "allies", "vetoes"]),
            ("They don't know O’Brien", &["they", "don't", "know", "o'brien"]),
            ("l'Europe et dell’Unione", &["l", "europe", "et", "dell", "unione"]),
            ("U.N. and U.S.-led; the U.S.'s", &["un", "and", "us", "led", "the", "us"]),
            ("at example.org, e.g. J.K. Rowling", &["at", "example", "org", "eg", "jk", "rowling"]),
            ("NATO'nun İstanbul’da Türkiye'nin", &["nato", "istanbul", "turkiye"]),
            ("Qur'an, Hawai'i, Sana'a, nato'nun", &["qur'an", "hawai'i", "sana'a", "nato'nun"]),
            ("J.Smith", &["j", "smith"]),
            ("1,000km or 3.5% of $10.5bn", &["1000km", "or", "3.5", "of", "10.5bn"]),
            ("1\u{A0}000\u{A0}000 and 25\u{202F}000 of 7\u{A0}km", &["1000000", "and", "25000", "of", "7", "km"]),
            ("31.12.2024, 1.2.3", &["31", "12", "2024", "1", "2", "3"]),
            ("1.000 or 1.234.567 or 1'000’000", &["1000", "or", "1234567", "or", "1000000"]),
            ("0.125 and 3.14, 1,234.567 of 2024.500", &["0.125", "and", "3.14", "1234.567", "of", "2024.500"]),
            ("16 200 people in 2024 300", &["16", "200", "people", "in", "2024", "300"]),
            ("7:30, 24/7, 3,5", &["7", "30", "24", "7", "3", "5"]),
            ("停火 now", &["停", "火", "now"]),
            ("GDP成長率", &["gdp", "成", "長", "率"]),
            ("한국", &["한", "국"]),
            ("it'停 ष'ก", &["it", "停", "ष", "ก"]),
            ("Hungary's한 U.N.停 U.N停", &["hungary", "한", "un", "停", "un", "停"]),
            ("\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}", &["한", "국"]),
            ("ｶﾞｽ ガス カ\u{3099}ス", &["ガ", "ス", "ガ", "ス", "ガ", "ス"]),
            ("ve\u{200B}to, \u{200E}veto\u{200F}", &["veto", "veto"]),
            ("Moscow–Kyiv", &["moscow", "kyiv"]),
            ("#ceasefire @user_name", &["ceasefire", "user", "name"]),
            ("co\u{AD}operate हिन्दी", &["cooperate", "हिन्दी"]),
            ("'quoted' \"words\"", &["quoted", "words"]),
            ("… – ! 🙂", &[]),
            ("", &[]),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn compounds_follow_their_parts() {
        let all: Vec<(String, usize, usize)> =
            words_and_compounds("a post-cease-fire of 2024-25 F-16s, U.S.-led 1 000 000")
                .map(|word| (word.folded().into_owned(), word.position, word.parts))
                .collect();
        let all: Vec<(&str, usize, usize)> = all.iter().map(|(word, at, parts)| (word.as_str(), *at, *parts)).collect();
        assert_eq!(
            all,
            [
                ("a", 0, 1),
                ("post", 1, 1),
                ("cease", 2, 1),
                ("fire", 3, 1),
                ("postcease", 1, 2),
                ("ceasefire", 2, 2),
                ("postceasefire", 1, 3),
                ("of", 4, 1),
                ("2024", 5, 1),
                ("25", 6, 1),
                ("f", 7, 1),
                ("16s", 8, 1),
                ("f16s", 7, 2),
                ("us", 9, 1),
                ("led", 10, 1),
                ("usled", 9, 2),
                ("1", 11, 1),
                ("000", 12, 1),
                ("000", 13, 1),
                ("1000000", 11, 3),
            ]
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_words_in_order_on_character_boundaries(text in "(\\PC|[-.,'’ a1\n]){0,40}") {
            let mut next = 0;
            for (position, word) in words(&text).enumerate() {
                prop_assert_eq!(text.get(word.span()), Some(word.surface));
                prop_assert!(word.start >= next && !word.surface.is_empty());
                prop_assert_eq!(word.position, position);
                next = word.span().end;
            }
            let count = words(&text).count();
            for word in words_and_compounds(&text) {
                prop_assert_eq!(text.get(word.span()), Some(word.surface));
                prop_assert!(word.position + word.parts <= count);
            }
        }

        #[test]
        fn a_folded_word_is_one_word_again(text in "[-.,'’ a-cA-C1-3éßŁ]{0,20}") {
            for word in words(&text) {
                let folded = word.folded();
                prop_assert_eq!(words(&folded).count(), 1, "{:?} of {:?}", folded, text);
            }
        }
    }
}
