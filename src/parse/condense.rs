//! Escaped text as CDATA, which says the same in fewer pieces.
//!
//! feed-rs takes each reference for an event of its own, and a text of escaped HTML, which most are, has one in every dozen
//! bytes. Resolved beforehand they cost a tenth.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memmem};
use quick_xml::escape::resolve_predefined_entity;

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
}

impl<'a> Condensing<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, out: String::new(), copied: 0 }
    }

    /// Takes a run of text between two tags.
    pub(super) fn run(&mut self, start: usize, end: usize) {
        if end - start < LENGTH {
            return;
        }
        let run = &self.text[start..end];
        if memchr_iter(b'&', run.as_bytes()).take(REFERENCES).count() < REFERENCES {
            return;
        }
        if self.out.is_empty() {
            self.out.reserve(self.text.len());
        }
        let before = self.out.len();
        self.out.push_str(&self.text[self.copied..start]);
        self.out.push_str("<![CDATA[");
        let inside = self.out.len();
        if resolve(run, &mut self.out) && memmem::find(&self.out.as_bytes()[inside..], b"]]>").is_none() {
            self.out.push_str("]]>");
            self.copied = end;
        } else {
            self.out.truncate(before);
        }
    }

    /// The whole document.
    pub(super) fn finish(mut self) -> Cow<'a, str> {
        if self.copied == 0 {
            return Cow::Borrowed(self.text);
        }
        self.out.push_str(&self.text[self.copied..]);
        Cow::Owned(self.out)
    }
}

/// Puts the text with its references resolved where XML itself gives them a meaning, the others as they are; whether it
/// could.
fn resolve(text: &str, out: &mut String) -> bool {
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(end) = rest.bytes().take(REFERENCE).position(|byte| byte == b';') else { return false };
        let (name, behind) = (&rest[..end], &rest[end + 1..]);
        if let Some(number) = name.strip_prefix('#') {
            let code = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            let Some(c) = code.ok().filter(|code| *code > 0).and_then(char::from_u32) else { return false };
            if number.contains('+') {
                return false;
            }
            out.push(c);
        } else if let Some(meant) = resolve_predefined_entity(name) {
            out.push_str(meant);
        } else if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !name.is_empty() {
            out.push('&');
            out.push_str(name);
            out.push(';');
        } else {
            return false;
        }
        rest = behind;
    }
    out.push_str(rest);
    true
}
