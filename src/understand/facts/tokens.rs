//! One cut of a text into words, numbers and marks, for all that looks for facts.
//!
//! Finer than `understand::text::words`, which is made for looking words up: numbers and marks are kept, letters part
//! from digits (`11th`, `500m`), and a possessive is a token of its own.

use std::ops::{Index, Range};

use super::Language;
use super::vocabulary::{Vocabulary, Word};
use crate::understand::text;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters, with apostrophes inside (`don't`), or an acronym with its dots (`U.S.`, `p.m.`). Also `'s`.
    Word,
    /// ASCII digits.
    Number,
    /// One character that is neither.
    Mark,
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Without capitals, or no word.
    Lower,
    /// With a capital at its beginning only; also a single capital.
    Title,
    /// With capitals only.
    Upper,
    /// With capitals elsewhere.
    Mixed,
}

/// A word, a number or a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its first byte in the text.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
    /// What it is made of.
    pub kind: Kind,
    /// How it is written.
    pub case: Case,
    /// White space stands before it, or nothing.
    pub spaced: bool,
    /// The word that it is in lower case.
    pub(super) word: Word,
}

/// The tokens of a text and its sentences.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    text: &'a str,
    /// The text in lower case, byte for byte in the same places.
    lower: String,
    list: Vec<Token>,
    sentences: Vec<Range<usize>>,
}

impl<'a> Tokens<'a> {
    /// Cuts a text.
    pub fn new(text: &'a str) -> Self {
        let lower = lower(text);
        let mut list = cut(text);
        let vocabulary = Vocabulary::get();
        for token in &mut list {
            token.word = vocabulary.find(&lower[token.start..token.end]);
        }
        let mut sentences = Vec::new();
        let mut first = 0;
        for span in text::sentences(text) {
            let mut end = first;
            while list.get(end).is_some_and(|token| token.start < span.end) {
                end += 1;
            }
            if first < end {
                sentences.push(first..end);
            }
            first = end;
        }
        let mut tokens = Self { text, lower, list, sentences };
        tokens.mend();
        tokens
    }

    /// Joins what a German ordinal parted: in `am 9. Juli` the dot ends no sentence.
    fn mend(&mut self) {
        let mut mended: Vec<Range<usize>> = Vec::with_capacity(self.sentences.len());
        for sentence in std::mem::take(&mut self.sentences) {
            match mended.last_mut() {
                Some(before) if self.ends_in_ordinal(before) => before.end = sentence.end,
                _ => mended.push(sentence),
            }
        }
        self.sentences = mended;
    }

    fn ends_in_ordinal(&self, sentence: &Range<usize>) -> bool {
        if sentence.len() < 3 {
            return false;
        }
        let (dot, number, word) = (sentence.end - 1, sentence.end - 2, sentence.end - 3);
        self.surface(dot) == "."
            && self.list[number].kind == Kind::Number
            && self.list[number].end - self.list[number].start <= 2
            && (Language::told_by(self.word(word)) == Some(Language::German) || self.lower(word) == "am")
    }

    /// The text that was cut.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The token at a number, where there is one.
    pub fn get(&self, at: usize) -> Option<&Token> {
        self.list.get(at)
    }

    /// A token as it stands in the text; nothing behind the last.
    pub fn surface(&self, at: usize) -> &'a str {
        self.list.get(at).map_or("", |token| &self.text[token.start..token.end])
    }

    /// What parts a token from the one before.
    pub(super) fn space_before(&self, at: usize) -> &'a str {
        let before = at.checked_sub(1).and_then(|before| self.list.get(before));
        before.zip(self.list.get(at)).map_or("", |(before, token)| &self.text[before.end..token.start])
    }

    /// A token in lower case; nothing behind the last.
    pub fn lower(&self, at: usize) -> &str {
        self.list.get(at).map_or("", |token| &self.lower[token.start..token.end])
    }

    /// The word that a token is for the lists; none behind the last.
    pub(super) fn word(&self, at: usize) -> Word {
        self.list.get(at).map_or(Word::UNKNOWN, |token| token.word)
    }

    /// From one token to before another in lower case, with what lies between; `to` is behind `from`.
    pub fn lower_between(&self, from: usize, to: usize) -> &str {
        &self.lower[self.list[from].start..self.list[to - 1].end]
    }

    /// Each sentence as the numbers of its tokens.
    pub fn sentences(&self) -> &[Range<usize>] {
        &self.sentences
    }

    /// The bytes of the text from the first of some tokens to the last; they must not be none.
    pub fn span(&self, tokens: Range<usize>) -> Range<usize> {
        self.list[tokens.start].start..self.list[tokens.end - 1].end
    }
}

impl Index<usize> for Tokens<'_> {
    type Output = Token;

    fn index(&self, at: usize) -> &Token {
        &self.list[at]
    }
}

/// Lower case where that takes as many bytes; the few other characters stay, so that places stay.
fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !byte.is_ascii()) {
        let (plain, more) = rest.split_at(at);
        out.push_str(plain);
        let Some(c) = more.chars().next() else { break };
        out.push(lower_char(c));
        rest = &more[c.len_utf8()..];
    }
    out.push_str(rest);
    out.make_ascii_lowercase();
    out
}

fn lower_char(c: char) -> char {
    if is_plain_mark(c) {
        return c;
    }
    let mut lowered = c.to_lowercase();
    match (lowered.next(), lowered.next()) {
        (Some(one), None) if one.len_utf8() == c.len_utf8() => one,
        _ => c,
    }
}

/// Whether a character is a letter; those of the commonest scripts are told without looking them up.
fn is_letter(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' | 'А'..='я' => true,
        '\u{2010}'..='\u{2027}' => false,
        c => c.is_alphabetic(),
    }
}

/// Dashes, quotation marks and the like, which are most of what is not ASCII in English.
fn is_plain_mark(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}')
}

/// The tokens of a text.
pub(super) fn cut(text: &str) -> Vec<Token> {
    let mut list = Vec::with_capacity(text.len() / 5);
    let mut at = 0;
    while let Some(token) = next(text, at) {
        at = token.end;
        list.push(token);
    }
    list
}

fn char_at(text: &str, at: usize) -> Option<char> {
    match text.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
        _ => text[at..].chars().next(),
    }
}

fn next(text: &str, from: usize) -> Option<Token> {
    let bytes = text.as_bytes();
    let mut start = from;
    while bytes.get(start) == Some(&b' ') {
        start += 1;
    }
    let mut first = char_at(text, start)?;
    while first.is_whitespace() {
        start += first.len_utf8();
        first = char_at(text, start)?;
    }
    let spaced = start > from || start == 0;
    let token = |end, kind, case| Some(Token { start, end, kind, case, spaced, word: Word::UNKNOWN });
    if first.is_ascii_alphabetic()
        && let Some((end, case)) = plain_word(bytes, start)
    {
        return token(end, Kind::Word, case);
    }
    if first.is_ascii_digit() {
        let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        return token(start + digits, Kind::Number, Case::Lower);
    }
    if let Some(end) = possessive(text, start, first) {
        return token(end, Kind::Word, Case::Lower);
    }
    if is_letter(first) {
        let end = acronym(text, start).unwrap_or_else(|| word(text, start, first));
        return token(end, Kind::Word, case(&text[start..end]));
    }
    token(start + first.len_utf8(), Kind::Mark, Case::Lower)
}

/// The end of a word of ASCII letters and apostrophes, which most are, and how it is written; `None` where it may be more.
fn plain_word(text: &[u8], start: usize) -> Option<(usize, Case)> {
    let is_letter = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphabetic);
    let (mut end, mut letters, mut capitals) = (start, 0, 0);
    loop {
        while let Some(byte) = text.get(end).filter(|byte| byte.is_ascii_alphabetic()) {
            capitals += usize::from(byte.is_ascii_uppercase());
            letters += 1;
            end += 1;
        }
        let next = match text.get(end..).unwrap_or_default() {
            // An acronym.
            [b'.', ..] if end == start + 1 => return None,
            [b'\'', ..] => end + 1,
            // ’
            [0xE2, 0x80, 0x99, ..] => end + 3,
            // Dashes, other quotation marks, three dots.
            [0xE2, 0x80, 0x93..=0xA6, ..] => break,
            [byte, ..] if !byte.is_ascii() => return None,
            _ => break,
        };
        let behind = text.get(next + 1);
        if text.get(next).is_some_and(|byte| !byte.is_ascii()) || behind.is_some_and(|byte| !byte.is_ascii()) {
            return None;
        }
        let possessive = matches!(text.get(next), Some(b's' | b'S')) && !behind.is_some_and(u8::is_ascii_alphanumeric);
        if possessive || !is_letter(next) {
            break;
        }
        end = next;
    }
    let case = match (text[start].is_ascii_uppercase(), capitals) {
        (false, 0) => Case::Lower,
        (true, 1) => Case::Title,
        (true, _) if capitals == letters => Case::Upper,
        _ => Case::Mixed,
    };
    Some((end, case))
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '\u{2BC}')
}

/// Scripts without spaces between words; each character is a word.
fn stands_alone(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x3005..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7A3 | 0x20000..=0x3FFFF)
}

/// The end of `'s` that begins at `start`.
fn possessive(text: &str, start: usize, first: char) -> Option<usize> {
    let s = start + first.len_utf8();
    let is_it = is_apostrophe(first)
        && matches!(text.as_bytes().get(s), Some(b's' | b'S'))
        && char_at(text, s + 1).is_none_or(|c| !c.is_alphanumeric())
        && text[..start].chars().next_back().is_some_and(char::is_alphanumeric);
    is_it.then_some(s + 1)
}

/// The end of single letters with a dot behind each, `U.S.` or `p.m.`; the last dot may be missing.
fn acronym(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let mut at = start;
    let mut letters = 0;
    while letter(at) && char_at(text, at + 1).is_none_or(|c| !c.is_alphanumeric()) {
        letters += 1;
        at += 1;
        if bytes.get(at) != Some(&b'.') {
            break;
        }
        at += 1;
    }
    (letters > 1).then_some(at)
}

fn word(text: &str, start: usize, first: char) -> usize {
    let mut at = start + first.len_utf8();
    if stands_alone(first) {
        return at;
    }
    while let Some(c) = char_at(text, at) {
        let next = at + c.len_utf8();
        let goes_on = if is_apostrophe(c) {
            possessive(text, at, c).is_none() && char_at(text, next).is_some_and(char::is_alphabetic)
        } else {
            (is_letter(c) && !stands_alone(c)) || is_mark(c)
        };
        if !goes_on {
            break;
        }
        at = next;
    }
    at
}

/// Accents that stand behind their letter, and the soft hyphen.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0xAD | 0x300..=0x36F | 0x200C | 0x200D)
}

fn case(word: &str) -> Case {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    let first = letters.next().is_some_and(char::is_uppercase);
    let (mut upper, mut lower) = (0, 0);
    for c in letters {
        if c.is_uppercase() {
            upper += 1;
        } else {
            lower += 1;
        }
    }
    match (first, upper, lower) {
        (false, 0, _) => Case::Lower,
        (true, 0, _) => Case::Title,
        (true, _, 0) => Case::Upper,
        _ => Case::Mixed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn surfaces(text: &str) -> Vec<&str> {
        let tokens = Tokens::new(text);
        (0..tokens.len()).map(|at| tokens.surface(at)).collect()
    }

    #[test]
    fn tokens_of_many_kinds() {
        for (text, expected) in [
            ("Hungary's veto", &["Hungary", "'s", "veto"][..]),
            ("won’t O'Brien allies' 'x'", &["won’t", "O'Brien", "allies", "'", "'", "x", "'"]),
            ("9 a.m. on July 11th,", &["9", "a.m.", "on", "July", "11", "th", ","]),
            ("the U.S. said A.", &["the", "U.S.", "said", "A", "."]),
            ("$1.5bn, 1,000km", &["$", "1", ".", "5", "bn", ",", "1", ",", "000", "km"]),
            ("veto-wielding Feb. 3", &["veto", "-", "wielding", "Feb", ".", "3"]),
            ("100元 größer", &["100", "元", "größer"]),
            (" ", &[]),
        ] {
            assert_eq!(surfaces(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_are_ranges_of_tokens() {
        let tokens = Tokens::new("He left. She stayed.");
        assert_eq!(tokens.sentences(), [0..3, 3..6]);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_without_loss(text in ".{0,80}") {
            let tokens = Tokens::new(&text);
            let mut end = 0;
            for at in 0..tokens.len() {
                let token = tokens[at];
                prop_assert!(text[end..token.start].chars().all(char::is_whitespace));
                prop_assert!(token.start < token.end);
                prop_assert!(text.is_char_boundary(token.end));
                prop_assert_eq!(tokens.lower(at).len(), token.end - token.start);
                end = token.end;
            }
            prop_assert!(text[end..].chars().all(char::is_whitespace));
            let in_sentences: usize = tokens.sentences().iter().map(ExactSizeIterator::len).sum();
            prop_assert_eq!(in_sentences, tokens.len());
        }
    }
}
