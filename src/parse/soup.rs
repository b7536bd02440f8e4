//! Cuts a feed into tags and texts whatever its publisher did to it: attributes without quotes, tags never closed, CDATA
//! left open, brackets that open nothing. Looks at each byte a fixed number of times.

use std::borrow::Cow;

use crate::understand::text::html;

/// A part of a document, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text as written, references unresolved.
    Text(&'a str),
    /// The inside of a CDATA section.
    Verbatim(&'a str),
    /// A start tag.
    Start(Tag<'a>),
    /// The name of an end tag.
    End(&'a str),
}

/// A start tag as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// With its prefix.
    pub(crate) name: &'a str,
    /// All of it, brackets included.
    pub(crate) whole: &'a str,
    /// Whether it ends in `/>`.
    pub(crate) empty: bool,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The value of an attribute, references resolved; without quotes up to the next white space.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
            let found = &rest[..end];
            rest = rest[end..].trim_start();
            let Some(value) = rest.strip_prefix('=') else {
                if found.is_empty() {
                    rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
                }
                continue;
            };
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'');
            let (value, behind) = match quote {
                Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            if found.eq_ignore_ascii_case(name) {
                return Some(html::resolve(value));
            }
            rest = behind;
        }
    }
}

/// Where a closing mark stands next.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// Nobody has looked yet.
    NotLooked,
    /// At this byte, unless the reading has come past it.
    At(usize),
    /// In no byte up to the end.
    Nowhere,
}

/// Cuts a document into its pieces.
#[derive(Debug)]
pub(crate) struct Soup<'a> {
    text: &'a str,
    at: usize,
    /// The element that was opened last: where a CDATA section that is left open ends.
    opened: &'a str,
    /// Closing marks, and where each stands next.
    marks: [(&'static str, Next); 7],
    /// How many CDATA sections were never closed.
    pub(crate) left_open: usize,
}

const COMMENT_END: usize = 0;
const CDATA_END: usize = 1;
const CDATA_START: usize = 2;
const DOUBLE_QUOTE: usize = 3;
const SINGLE_QUOTE: usize = 4;
const SUBSET_END: usize = 5;
const BRACKET: usize = 6;

impl<'a> Soup<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let marks = ["-->", "]]>", "<![CDATA[", "\"", "'", "]>", ">"].map(|mark| (mark, Next::NotLooked));
        Self { text, at: 0, opened: "", marks, left_open: 0 }
    }

    /// Where a mark stands next, from `from` on. Each is looked for only once over the whole document.
    fn next_mark(&mut self, mark: usize, from: usize) -> Option<usize> {
        let (what, known) = &mut self.marks[mark];
        match known {
            Next::Nowhere => None,
            Next::At(at) if *at >= from => Some(*at),
            Next::NotLooked | Next::At(_) => {
                let found = self.text.get(from..).and_then(|rest| rest.find(*what)).map(|at| from + at);
                *known = found.map_or(Next::Nowhere, Next::At);
                found
            }
        }
    }

    fn cdata(&mut self) -> Piece<'a> {
        let start = self.at + "<![CDATA[".len();
        let end = self.next_mark(CDATA_END, start);
        let nested = self.next_mark(CDATA_START, start);
        let closed = match (end, nested) {
            (Some(end), Some(nested)) => end < nested,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if let Some(end) = end.filter(|_| closed) {
            self.at = end + "]]>".len();
            return Piece::Verbatim(&self.text[start..end]);
        }
        // Never closed, or only by the end of a later one: it ends with the element that it stands in.
        let limit = nested.unwrap_or(self.text.len());
        let inside = &self.text[start..limit];
        let own_end = inside.match_indices("</").find(|(at, _)| inside[at + 2..].starts_with(self.opened));
        self.left_open += 1;
        self.at = own_end.map_or(limit, |(at, _)| start + at);
        // Its end may be there but for the last character.
        let inside = &self.text[start..self.at];
        Piece::Verbatim(inside.strip_suffix("]]").unwrap_or(inside))
    }

    /// Passes over a comment, a declaration or a processing instruction.
    fn pass(&mut self) {
        let rest = &self.text[self.at..];
        if rest.starts_with("<!--") {
            let from = self.at + 4;
            self.at = self.next_mark(COMMENT_END, from).map_or(from, |end| end + 3);
            return;
        }
        let end = self.next_mark(BRACKET, self.at).map_or(self.text.len(), |end| end + 1);
        // The internal subset of a document type: what it declares is not expanded.
        let subset = rest.starts_with("<!DOCTYPE").then(|| self.text[self.at..end].find('[')).flatten();
        self.at = match subset {
            Some(subset) => self.next_mark(SUBSET_END, self.at + subset).map_or(end, |close| close + 2),
            None => end,
        };
    }

    fn tag(&mut self) -> Option<Piece<'a>> {
        let begin = self.at;
        let bytes = self.text.as_bytes();
        let closing = bytes.get(begin + 1) == Some(&b'/');
        let name_start = begin + 1 + usize::from(closing);
        let mut at = name_start;
        while bytes.get(at).is_some_and(|byte| !byte.is_ascii_whitespace() && !b"></".contains(byte)) {
            at += 1;
        }
        let name = &self.text[name_start..at];
        let attributes = at;
        let mut before_value = false;
        loop {
            match bytes.get(at) {
                // Cut off inside a tag: it is none.
                None => {
                    self.at = bytes.len();
                    return None;
                }
                Some(b'>' | b'<') => break,
                Some(quote @ (b'"' | b'\'')) if before_value => {
                    let mark = if *quote == b'"' { DOUBLE_QUOTE } else { SINGLE_QUOTE };
                    at = self.next_mark(mark, at + 1).unwrap_or(at) + 1;
                    before_value = false;
                    continue;
                }
                Some(byte) => before_value = *byte == b'=' || (before_value && byte.is_ascii_whitespace()),
            }
            at += 1;
        }
        let empty = at > attributes && bytes[at - 1] == b'/';
        let inside = &self.text[attributes..at - usize::from(empty)];
        let end = at + usize::from(bytes[at] == b'>');
        self.at = end;
        if closing {
            return Some(Piece::End(name));
        }
        if !empty {
            self.opened = name;
        }
        Some(Piece::Start(Tag { name, whole: &self.text[begin..end], empty, attributes: inside }))
    }
}

impl<'a> Iterator for Soup<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
            let bytes = rest.as_bytes();
            let second = match bytes {
                [b'<', b'/', third, ..] => *third,
                [b'<', second, ..] => *second,
                _ => 0,
            };
            if bytes[0] == b'<' && (second.is_ascii_alphabetic() || second == b'_' || second == b':' || second >= 0x80)
            {
                if let Some(piece) = self.tag() {
                    return Some(piece);
                }
            } else if rest.starts_with("<![CDATA[") {
                return Some(self.cdata());
            } else if bytes[0] == b'<' && matches!(second, b'!' | b'?') {
                self.pass();
            } else {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                let len = rest[first..].find('<').map_or(rest.len(), |len| len + first);
                self.at += len;
                return Some(Piece::Text(&rest[..len]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &str) -> Vec<String> {
        Soup::new(text)
            .map(|piece| match piece {
                Piece::Text(text) => format!("text {text}"),
                Piece::Verbatim(text) => format!("cdata {text}"),
                Piece::Start(tag) => {
                    format!("{}{} {:?}", tag.name, if tag.empty { "/" } else { "" }, tag.attribute("b"))
                }
                Piece::End(name) => format!("/{name}"),
            })
            .collect()
    }

    #[test]
    fn what_is_broken_is_cut_where_its_author_meant() {
        for (text, cut) in [
            ("<a b=c>d</a>", &["a Some(\"c\")", "text d", "/a"][..]),
            ("<a x='>' b=\"1&amp;2\"/>", &["a/ Some(\"1&2\")"]),
            ("<a b='1' <c>", &["a Some(\"1\")", "c None"]),
            ("1 < 2 <3 é", &["text 1 ", "text < 2 ", "text <3 é"]),
            ("<a><![CDATA[x</a><b><![CDATA[y]]></b>", &["a None", "cdata x", "/a", "b None", "cdata y", "/b"]),
            ("<a><![CDATA[x]]</a><b><![CDATA[y]]></b>", &["a None", "cdata x", "/a", "b None", "cdata y", "/b"]),
            ("<a><![CDATA[x <i>y</i></a>z", &["a None", "cdata x <i>y</i>", "/a", "text z"]),
            ("<!DOCTYPE x [<!ENTITY a 'b'>]><a>", &["a None"]),
            ("<!-- a > b --><?xml c?><!-- d <a>", &["text  d ", "a None"]),
            ("<a>b<c d=\"", &["a None", "text b"]),
        ] {
            assert_eq!(pieces(text), cut, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_cut(parts in proptest::collection::vec(
            prop_oneof![
                Just("<"), Just(">"), Just("</"), Just("/>"), Just("<!--"), Just("-->"), Just("<![CDATA["), Just("]]>"),
                Just("<!DOCTYPE ["), Just("="), Just("\""), Just("'"), Just(" "), Just("a"), Just("é"), Just("<?"), Just("]>"),
            ],
            0..24,
        )) {
            let text = parts.concat();
            let taken: usize = Soup::new(&text).map(|piece| match piece {
                Piece::Text(text) | Piece::Verbatim(text) | Piece::End(text) => text.len(),
                Piece::Start(tag) => tag.attribute("a").map_or(0, |_| 0) + tag.whole.len(),
            }).sum();
            prop_assert!(taken <= text.len());
        }
    }
}
