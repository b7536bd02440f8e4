//! What a document holds that XML does not allow and that is understood all the same: named, so that its publisher can be
//! told.
//!
//! Nothing is changed here. Each reader of feeds understands these in its own place: feed-rs hands entities of HTML on, the
//! reading of texts resolves them and drops control characters, and the reader of tags minds no quotes.

use std::collections::BTreeSet;

use memchr::{memchr, memchr2, memmem};

use super::repair::{junk, opaque};
use crate::understand::text::html;

/// Characters of the first line of junk that are shown.
const SHOWN: usize = 40;

/// Names of entities that are shown.
const NAMES: usize = 3;

/// Bytes of the longest name of an entity that HTML has, and some.
const NAME: usize = 40;

/// All slips of an XML document, each in words.
pub(super) fn slips(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(junk) = junk(text) {
        let words = html::one_line(junk);
        if !words.is_empty() {
            let cut = words.char_indices().nth(SHOWN).map_or(words.len(), |(at, _)| at);
            let more = if cut < words.len() { "…" } else { "" };
            all.push(format!(
                "{} bytes before the document were left out (“{}{more}”)",
                junk.len(),
                words[..cut].trim()
            ));
        }
    }
    let mut walk = Walk::default();
    walk.document(text);
    walk.controls += controls(text);
    if walk.controls > 0 {
        all.push(format!("control characters were left out ({})", walk.controls));
    }
    if walk.unquoted > 0 {
        all.push(format!("attributes without quotes were read as if they had them ({})", walk.unquoted));
    }
    for (entities, what) in [
        (walk.known, "entities that XML does not have were read as those of HTML"),
        (walk.unknown, "entities that nobody knows were left as they stand"),
    ] {
        all.extend(entities.told(what));
    }
    all
}

/// The entities that every XML document has.
const OWN: [&str; 5] = ["lt;", "gt;", "amp;", "quot;", "apos;"];

/// Control characters that XML has not (XML 1.0 §2.2).
fn controls(text: &str) -> usize {
    // Whole blocks are counted at once; what the processor cannot look at in one step it looks at in a few.
    text.as_bytes().chunks(4096).map(|block| block.iter().filter(|byte| is_control(u32::from(**byte))).count()).sum()
}

fn is_control(code: u32) -> bool {
    code < 0x20 && !matches!(code, 0x09 | 0x0A | 0x0D)
}

/// Names of entities, and how often they stand.
#[derive(Debug, Default)]
struct Entities<'a> {
    count: usize,
    names: BTreeSet<&'a str>,
    /// Whether there are more names than are kept.
    more: bool,
}

impl<'a> Entities<'a> {
    fn add(&mut self, name: &'a str) {
        self.count += 1;
        if self.names.len() < NAMES {
            self.names.insert(name);
        } else {
            self.more |= !self.names.contains(name);
        }
    }

    fn told(self, what: &str) -> Option<String> {
        let names: Vec<&str> = self.names.into_iter().collect();
        let more = if self.more { ", …" } else { "" };
        (self.count > 0).then(|| format!("{what} ({}: {}{more})", self.count, names.join(", ")))
    }
}

/// A way through a document from one bracket or ampersand to the next.
#[derive(Debug, Default)]
struct Walk<'a> {
    /// References to control characters.
    controls: usize,
    unquoted: usize,
    known: Entities<'a>,
    unknown: Entities<'a>,
    /// Whether the document says that it has the entities of HTML.
    has_entities: bool,
}

impl<'a> Walk<'a> {
    fn document(&mut self, text: &'a str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr2(b'<', b'&', &bytes[at..]) {
            at += found;
            let rest = &text[at..];
            at += match bytes.get(at + 1) {
                Some(_) if bytes[at] == b'&' => {
                    self.reference(rest);
                    1
                }
                Some(b'!' | b'?') => opaque(rest).unwrap_or_else(|| self.declaration(rest)),
                Some(byte) if byte.is_ascii_alphabetic() => {
                    // A tag that another begins in has no more attributes.
                    let end = memchr2(b'<', b'>', &bytes[at + 1..]).map_or(rest.len(), |end| end + 1);
                    self.tag(&rest[1..end]);
                    1
                }
                _ => 1,
            };
        }
    }

    /// Passes over a document type with all that it declares.
    fn declaration(&mut self, rest: &str) -> usize {
        if !rest.starts_with("<!DOCTYPE") {
            return 1;
        }
        let end = memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        // The type of RSS 0.91, and those of XHTML.
        self.has_entities |= rest[..end].contains("rss-0.91") || rest[..end].contains("XHTML");
        let subset = memchr(b'[', &rest.as_bytes()[..end]);
        subset.and_then(|from| memmem::find(&rest.as_bytes()[from..], b"]>").map(|len| from + len + 2)).unwrap_or(end)
    }

    fn reference(&mut self, rest: &'a str) {
        let inside = &rest[1..];
        if OWN.iter().any(|own| inside.starts_with(own)) {
            return;
        }
        let Some(len) = inside.bytes().take(NAME).position(|byte| byte == b';') else { return };
        let name = &inside[..len];
        if let Some(number) = name.strip_prefix('#') {
            let code = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            self.controls += usize::from(code.is_ok_and(|code| code > 0 && is_control(code)));
        } else if name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            let reference = &rest[..len + 2];
            if html::resolve(reference) == reference {
                self.unknown.add(name);
            } else if !self.has_entities {
                self.known.add(name);
            }
        }
    }

    /// Counts what stands behind an equals sign of a tag without quotes.
    fn tag(&mut self, inside: &str) {
        let mut rest = inside;
        while let Some(at) = memchr(b'=', rest.as_bytes()) {
            let value = rest[at + 1..].trim_start();
            let Some(first) = value.chars().next() else { return };
            if matches!(first, '"' | '\'') {
                let Some(len) = value[1..].find(first) else { return };
                rest = &value[len + 2..];
            } else {
                self.unquoted += 1;
                rest = &value[value.find(char::is_whitespace).unwrap_or(value.len())..];
            }
        }
    }
}
