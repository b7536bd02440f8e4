//! Escaped text as CDATA, which says the same in fewer pieces.
//!
//! feed-rs takes each reference for an event of its own, and a text of escaped HTML, which most are, has one in every dozen
//! bytes. Resolved beforehand they cost a tenth.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memmem};

use super::slips::Slips;

/// Bytes of a text that is worth the trouble, and references in it.
const LENGTH: usize = 64;
const REFERENCES: usize = 4;

/// Bytes of a reference, its ampersand not counted.
const REFERENCE: usize = 12;

/// A document that is being condensed.
#[derive(Debug)]
pub(super) struct Condensing<'a> {
    text: &'a str,
    out: String,
    /// Up to where the document is in `out`.
    copied: usize,
    /// Whether anything in `out` is other than in the document.
    differs: bool,
}

impl<'a> Condensing<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, out: String::new(), copied: 0, differs: false }
    }

    /// Takes a run of text between two tags, in which there are references; `slips` are told of each.
    pub(super) fn run(&mut self, start: usize, end: usize, slips: &mut Slips) {
        let run = &self.text[start..end];
        let is_long = run.len() >= LENGTH;
        if !is_long || memchr_iter(b'&', run.as_bytes()).take(REFERENCES).count() < REFERENCES {
            return slips.run(run);
        }
        if self.out.is_empty() {
            self.out.reserve(self.text.len());
        }
        self.out.push_str(&self.text[self.copied..start]);
        self.copied = start;
        let before = self.out.len();
        self.out.push_str("<![CDATA[");
        let inside = self.out.len();
        if resolve(run, &mut self.out, slips) && memmem::find(&self.out.as_bytes()[inside..], b"]]>").is_none() {
            self.out.push_str("]]>");
            (self.copied, self.differs) = (end, true);
        } else {
            self.out.truncate(before);
        }
    }

    /// The whole document.
    pub(super) fn finish(mut self) -> Cow<'a, str> {
        if !self.differs {
            return Cow::Borrowed(self.text);
        }
        self.out.push_str(&self.text[self.copied..]);
        Cow::Owned(self.out)
    }
}

/// What a reference means, behind its ampersand, to an entity that every XML document has (XML 1.0 §4.6), and its length.
pub(super) fn predefined(inside: &[u8]) -> Option<(char, usize)> {
    match inside {
        [b'l', b't', b';', ..] => Some(('<', 3)),
        [b'g', b't', b';', ..] => Some(('>', 3)),
        [b'a', b'm', b'p', b';', ..] => Some(('&', 4)),
        [b'q', b'u', b'o', b't', b';', ..] => Some(('"', 5)),
        [b'a', b'p', b'o', b's', b';', ..] => Some(('\'', 5)),
        _ => None,
    }
}

/// Puts the text with its references resolved where XML itself gives them a meaning, the others as they are; whether it
/// could. `slips` are told of all references either way.
fn resolve(text: &str, out: &mut String, slips: &mut Slips) -> bool {
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let inside = &rest[at + 1..];
        let len = if let Some((meant, len)) = predefined(inside.as_bytes()) {
            out.push(meant);
            len
        } else if let Some(len) = resolve_other(inside, out) {
            slips.reference(&rest[at..]);
            len
        } else {
            slips.run(&rest[at..]);
            return false;
        };
        rest = &inside[len..];
    }
    out.push_str(rest);
    true
}

/// The same for one reference that not every document has; its length behind the ampersand.
fn resolve_other(inside: &str, out: &mut String) -> Option<usize> {
    let end = inside.bytes().take(REFERENCE).position(|byte| byte == b';')?;
    let name = &inside[..end];
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix('x') {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        let c = code.ok().filter(|code| *code > 0).and_then(char::from_u32)?;
        out.push(Some(c).filter(|_| !number.contains('+'))?);
    } else if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !name.is_empty() {
        out.push('&');
        out.push_str(name);
        out.push(';');
    } else {
        return None;
    }
    Some(end + 1)
}
