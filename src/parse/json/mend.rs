//! Mends JSON that its publisher got wrong: line ends within strings, escapes that there are not, commas too many, an end that
//! is missing. One pass, and only over documents that cannot be read as they stand.

use crate::parse::outline::DEPTH;

/// A document that was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mended {
    /// As it is to be read.
    pub(super) text: String,
    /// What was done, each in words.
    pub(super) repairs: Vec<String>,
    /// Whether nothing was lost at its end.
    pub(super) complete: bool,
}

/// How deep an item of a JSON Feed lies: in a list, in the feed.
const ITEM: usize = 2;

/// The text mended; where it breaks off, up to its last whole item.
pub(super) fn mend(text: &str) -> Mended {
    let mut work = Mending { text, out: String::with_capacity(text.len() + 64), ..Mending::default() };
    let rest = work.read();
    work.finish(rest)
}

#[derive(Default)]
struct Mending<'a> {
    text: &'a str,
    out: String,
    /// The brackets that are open, as their ends.
    open: Vec<char>,
    /// Where in `out` the last item ends.
    whole: Option<usize>,
    /// Where in `out` a comma stands behind which nothing has come yet.
    comma: Option<usize>,
    controls: usize,
    escapes: usize,
    commas: usize,
    words: usize,
}

impl Mending<'_> {
    /// Reads a word that begins with `first`: what JavaScript and Python call otherwise than JSON gets its name.
    fn word(&mut self, first: char, chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) {
        let mut word = String::from(first);
        while let Some((_, c)) = chars.next_if(|(_, c)| c.is_ascii_alphabetic()) {
            word.push(c);
        }
        match word.as_str() {
            "NaN" | "Infinity" | "undefined" | "None" => {
                self.words += 1;
                // Infinity may be less than nothing.
                if self.out.ends_with('-') {
                    self.out.pop();
                }
                self.out.push_str("null");
            }
            "True" | "False" => {
                self.words += 1;
                self.out.push_str(&word.to_ascii_lowercase());
            }
            word => self.out.push_str(word),
        }
    }

    /// Reads to the end of the first value; whether it has one.
    fn read(&mut self) -> bool {
        let mut chars = self.text.char_indices().peekable();
        while let Some((_, c)) = chars.next() {
            match c {
                '"' => {
                    self.comma = None;
                    self.out.push('"');
                    if !self.string(&mut chars) {
                        return false;
                    }
                    continue;
                }
                '{' | '[' => {
                    // The reader gives up long before.
                    if self.open.len() == DEPTH {
                        return false;
                    }
                    self.open.push(if c == '{' { '}' } else { ']' });
                    self.comma = None;
                }
                '}' | ']' => {
                    if self.open.pop() != Some(c) {
                        return false;
                    }
                    if let Some(comma) = self.comma.take() {
                        self.out.remove(comma);
                        self.commas += 1;
                    }
                    self.out.push(c);
                    if self.open.len() == ITEM && c == '}' {
                        self.whole = Some(self.out.len());
                    }
                    if self.open.is_empty() {
                        return true;
                    }
                    continue;
                }
                ',' if self.comma.is_some() => {
                    self.commas += 1;
                    continue;
                }
                ',' => self.comma = Some(self.out.len()),
                // Values of JavaScript and Python that JSON does not have.
                c if c.is_ascii_alphabetic() && !self.in_number() => {
                    self.comma = None;
                    self.word(c, &mut chars);
                    continue;
                }
                c if c.is_whitespace() || c == '\0' || c == '\u{feff}' => {
                    self.out.push(if c == '\n' { '\n' } else { ' ' });
                    continue;
                }
                _ => self.comma = None,
            }
            self.out.push(c);
        }
        false
    }

    /// Whether a letter that comes next is the exponent of a number.
    fn in_number(&self) -> bool {
        self.out.ends_with(|c: char| c.is_ascii_digit())
    }

    /// Reads a string up to its closing quote; whether it has one.
    fn string(&mut self, chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> bool {
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.out.push('"');
                    return true;
                }
                '\\' => match escape(&self.text[at + 1..]) {
                    Escape::Whole(len) => {
                        let end = at + 1 + len;
                        self.out.push_str(&self.text[at..end]);
                        while chars.next_if(|(at, _)| *at < end).is_some() {}
                    }
                    Escape::NoCharacter => {
                        self.out.push(char::REPLACEMENT_CHARACTER);
                        self.escapes += 1;
                        let end = at + 6;
                        while chars.next_if(|(at, _)| *at < end).is_some() {}
                    }
                    Escape::Nothing => {
                        self.out.push_str("\\\\");
                        self.escapes += 1;
                    }
                },
                c if c < ' ' => {
                    self.out.push_str(if c == '\n' { "\\n" } else { " " });
                    self.controls += 1;
                }
                c => self.out.push(c),
            }
        }
        false
    }

    fn finish(mut self, complete: bool) -> Mended {
        if !complete && let Some(whole) = self.whole {
            self.out.truncate(whole);
            self.out.push_str("]}");
        }
        let mut repairs: Vec<String> = [
            (self.controls, "line ends and other controls in strings were escaped"),
            (self.escapes, "escapes of no character were replaced"),
            (self.commas, "commas too many were left out"),
            (self.words, "values that JSON does not have were read as the like that it has"),
        ]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{what} ({count})"))
        .collect();
        if !complete {
            repairs.push("it breaks off; read up to the last whole item before".to_owned());
        }
        Mended { text: self.out, repairs, complete }
    }
}

/// What stands behind a backslash.
enum Escape {
    /// An escape of this length.
    Whole(usize),
    /// Half of a pair of surrogates, without the other.
    NoCharacter,
    /// None that JSON knows.
    Nothing,
}

fn escape(behind: &str) -> Escape {
    let unit = |text: &str| {
        let digits = text.strip_prefix('u')?.get(..4)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    };
    match behind.chars().next() {
        Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => Escape::Whole(1),
        Some('u') => match unit(behind) {
            Some(0xD800..=0xDBFF) => {
                let second = behind[5..].strip_prefix('\\').and_then(unit);
                if matches!(second, Some(0xDC00..=0xDFFF)) { Escape::Whole(11) } else { Escape::NoCharacter }
            }
            Some(0xDC00..=0xDFFF) => Escape::NoCharacter,
            Some(_) => Escape::Whole(5),
            None => Escape::Nothing,
        },
        _ => Escape::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_broken_is_mended() {
        for (text, mended) in [
            ("{\"a\":\"b\nc\td\"}", "{\"a\":\"b\\nc d\"}"),
            ("{\"a\":\"\\x \\' \\u12 \\/\"}", "{\"a\":\"\\\\x \\\\' \\\\u12 \\/\"}"),
            ("[\"\\ud83d\\ude00 \\ud83d! \\ude00\"]", "[\"\\ud83d\\ude00 \u{fffd}! \u{fffd}\"]"),
            ("{\"a\":[1,2,,3,],}", "{\"a\":[1,2,3]}"),
            ("{\"items\":[{\"a\":{}},{\"b\":1},{\"c", "{\"items\":[{\"a\":{}},{\"b\":1}]}"),
            ("{\"a\":1} and more", "{\"a\":1}"),
        ] {
            assert_eq!(mend(text).text, mended, "{text}");
        }
    }

    proptest! {
        #[test]
        fn sound_json_stays_as_it_is(text in "[a-z\"\\\\é,]{0,12}") {
            let sound = serde_json::json!({"items": [{"a": text, "b": [1, null, {"c": [[], {}]}]}, {}]}).to_string();
            let mended = mend(&sound);
            prop_assert_eq!((mended.text, mended.repairs.len(), mended.complete), (sound, 0, true));
        }

        #[test]
        fn any_beginning_is_read_up_to_its_last_item(cut in 0_usize..100) {
            let sound = serde_json::json!({"items": [{"a": "é"}, {"b": {"c": 1}}, {"d": [2, 3]}, {"e": "\\u0041"}]}).to_string();
            let cut = sound.floor_char_boundary(cut.min(sound.len()));
            let mended = mend(&sound[..cut]);
            let is_read = serde_json::from_str::<serde_json::Value>(&mended.text).is_ok();
            let holds_item = sound[..cut].contains('}');
            prop_assert_eq!(is_read, holds_item, "{}", mended.text);
        }
    }
}
