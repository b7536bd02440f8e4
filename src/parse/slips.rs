//! What a document holds that XML does not allow and that is understood all the same: named, so that its publisher can be
//! told.
//!
//! Nothing is changed here. Each reader of feeds understands these in its own place: feed-rs hands entities of HTML on, the
//! reading of texts resolves them and drops control characters, and the reader of tags minds no quotes.

use std::collections::BTreeSet;

use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::condense::predefined;
use super::repair::{junk, opaque};
use crate::understand::text::html;

/// Characters of the first line of junk that are shown.
const SHOWN: usize = 40;

/// Names of entities that are shown.
const NAMES: usize = 3;

/// Bytes of the longest name of an entity that HTML has, and some.
const NAME: usize = 40;

/// All slips of an XML document, each in words. `seen` holds those between and in its tags, where they were met on the way.
pub(super) fn slips(text: &str, seen: Option<Slips>) -> Vec<String> {
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
    let mut slips = seen.unwrap_or_else(|| Slips::of(text));
    slips.controls += controls(text);
    if slips.controls > 0 {
        all.push(format!("control characters were left out ({})", slips.controls));
    }
    if slips.unquoted > 0 {
        all.push(format!("attributes without quotes were read as if they had them ({})", slips.unquoted));
    }
    for (entities, what) in [
        (slips.known, "entities that XML does not have were read as those of HTML"),
        (slips.unknown, "entities that nobody knows were left as they stand"),
    ] {
        all.extend(entities.told(what));
    }
    all
}

/// Control characters that XML has not (XML 1.0 §2.2).
fn controls(text: &str) -> usize {
    // Blocks so short that a byte can count what is in them, so that the processor counts many at a time.
    let in_block = |block: &[u8]| {
        let controls = block.iter().map(|byte| u8::from(*byte < 0x20 && !matches!(*byte, 0x09 | 0x0A | 0x0D)));
        usize::from(controls.fold(0_u8, u8::wrapping_add))
    };
    text.as_bytes().chunks(240).map(in_block).sum()
}

fn is_control(code: u32) -> bool {
    code < 0x20 && !matches!(code, 0x09 | 0x0A | 0x0D)
}

/// Names of entities, and how often they stand.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Entities {
    count: usize,
    names: BTreeSet<String>,
    /// Whether there are more names than are kept.
    more: bool,
}

impl Entities {
    fn add(&mut self, name: &str) {
        self.count += 1;
        if self.names.contains(name) {
            return;
        }
        if self.names.len() < NAMES {
            self.names.insert(name.to_owned());
        } else {
            self.more = true;
        }
    }

    fn told(self, what: &str) -> Option<String> {
        let names: Vec<String> = self.names.into_iter().collect();
        let more = if self.more { ", …" } else { "" };
        (self.count > 0).then(|| format!("{what} ({}: {}{more})", self.count, names.join(", ")))
    }
}

/// What of a document's text and tags XML does not allow, counted.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Slips {
    /// References to control characters.
    controls: usize,
    unquoted: usize,
    known: Entities,
    unknown: Entities,
    /// Whether the document says that it has the entities of HTML.
    has_entities: bool,
}

impl Slips {
    /// Those of a whole document, from one bracket or ampersand to the next.
    pub(super) fn of(text: &str) -> Self {
        let mut slips = Self::default();
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = memchr2(b'<', b'&', &bytes[at..]) {
            at += found;
            let rest = &text[at..];
            at += match bytes.get(at + 1) {
                Some(_) if bytes[at] == b'&' => {
                    slips.reference(rest);
                    1
                }
                Some(b'!' | b'?') => opaque(rest).unwrap_or_else(|| slips.declaration(rest)),
                Some(byte) if byte.is_ascii_alphabetic() => {
                    // A tag that another begins in has no more attributes.
                    let end = memchr2(b'<', b'>', &bytes[at + 1..]).map_or(rest.len(), |end| end + 1);
                    slips.unquoted += unquoted(&rest[1..end]);
                    1
                }
                _ => 1,
            };
        }
        slips
    }

    /// Takes what stands between two tags.
    pub(super) fn run(&mut self, text: &str) {
        for at in memchr_iter(b'&', text.as_bytes()) {
            // Nearly all are of these.
            if predefined(&text.as_bytes()[at + 1..]).is_none() {
                self.reference(&text[at..]);
            }
        }
    }

    /// Takes the attributes of a tag.
    pub(super) fn attributes(&mut self, text: &str) {
        self.unquoted += unquoted(text);
        self.run(text);
    }

    /// Takes a document type with all that it declares; its length.
    pub(super) fn declaration(&mut self, rest: &str) -> usize {
        if !rest.starts_with("<!DOCTYPE") {
            return 1;
        }
        let end = memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        // The type of RSS 0.91, and those of XHTML.
        self.has_entities |= rest[..end].contains("rss-0.91") || rest[..end].contains("XHTML");
        let subset = memchr(b'[', &rest.as_bytes()[..end]);
        subset.and_then(|from| memmem::find(&rest.as_bytes()[from..], b"]>").map(|len| from + len + 2)).unwrap_or(end)
    }

    /// Takes a reference, which `rest` begins with.
    pub(super) fn reference(&mut self, rest: &str) {
        let inside = &rest[1..];
        if predefined(inside.as_bytes()).is_some() {
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
}

/// What stands behind an equals sign of a tag without quotes, counted.
fn unquoted(inside: &str) -> usize {
    let (mut rest, mut count) = (inside, 0);
    while let Some(at) = memchr(b'=', rest.as_bytes()) {
        let value = rest[at + 1..].trim_start();
        let Some(first) = value.chars().next() else { break };
        if matches!(first, '"' | '\'') {
            let Some(len) = value[1..].find(first) else { break };
            rest = &value[len + 2..];
        } else {
            count += 1;
            rest = &value[value.find(char::is_whitespace).unwrap_or(value.len())..];
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::outline::glance;
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_met_on_the_way_is_what_a_look_finds(scraps in proptest::collection::vec(proptest::sample::select(vec![
            "<item>", "</item>", "<title>", "</title>", "<link href='a&amp;b'/>", "<a b=c d=\"e\">", "</a>", "&amp;", "&eacute;",
            "&nobody;", "&#7;", "&", "<![CDATA[&nbsp;", "]]>", "<!-- &nbsp; ", "-->", "<?x &nbsp;", "?>", "x", "é", "\n",
            "<b c='&nbsp;'>", "</b>", "a longer run of text &eacute;&lt;&gt;&amp;&quot;, which is worth to be condensed, &#233;",
        ]), 0..30)) {
            for document in [format!("<rss>{}</rss>", scraps.concat()), format!("<!DOCTYPE a XHTML><rss>{}</rss>", scraps.concat())] {
                if let Some((outline, _)) = glance(&document) {
                    prop_assert_eq!(outline.slips, Some(Slips::of(&document)), "{}", document);
                }
            }
        }
    }
}
