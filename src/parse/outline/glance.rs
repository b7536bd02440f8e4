//! The same pass over a document that is taken to be sound: cut into tags by searching for brackets, which costs a third of
//! what a reader costs that checks everything. feed-rs checks everything anyway.

use std::borrow::Cow;

use memchr::{memchr, memchr3_iter, memmem};
use quick_xml::escape::unescape;
use quick_xml::events::BytesStart;

use super::Outline;
use super::pass::Pass;
use crate::parse::condense::Condensing;
use crate::parse::slips::Slips;

/// The outline of a document that a strict reader may take, and the document condensed; `None` where one would not take it,
/// or where only a strict reader can tell. A tag is never seen that [`outline`](super::outline) does not see, nor passed over
/// that it sees, up to the place where it finds a flaw.
pub(crate) fn glance(text: &str) -> Option<(Outline, Cow<'_, str>)> {
    let bytes = text.as_bytes();
    let mut pass = Pass::new(text);
    let mut condensing = Condensing::new(text);
    let mut slips = Slips::default();
    let mut at = 0;
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        let start = at + found;
        let run = &text[at..start];
        if pass.is_keeping() {
            slips.run(run);
            pass.text(&unescape(run).ok()?);
        } else if memchr(b'&', run.as_bytes()).is_some() {
            condensing.run(at, start, &mut slips);
        }
        at = match bytes.get(start + 1)? {
            b'!' => declaration(text, start, &mut pass, &mut slips)?,
            b'?' => start + 2 + closing(&bytes[start + 2..], b"?>").filter(|end| *end > 2)?,
            b'/' => {
                let end = start + memchr(b'>', &bytes[start..])? + 1;
                if pass.depth == 0 {
                    return None;
                }
                pass.close(end);
                end
            }
            _ => {
                let end = start + tag_end(&bytes[start..])?;
                let empty = bytes[end - 1] == b'/';
                let inside = &text[start + 1..end - usize::from(empty)];
                let name = inside.bytes().position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
                let tag = BytesStart::from_content(inside, name.unwrap_or(inside.len()));
                if pass.open(&tag, (start, end + 1)).is_some() {
                    return None;
                }
                if name.is_some() {
                    slips.attributes(inside);
                }
                if empty {
                    pass.close(end + 1);
                }
                end + 1
            }
        };
    }
    (pass.depth == 0 && !pass.heavy).then(|| {
        let outline = Outline { slips: Some(slips), ..pass.end(bytes.len(), None) };
        (outline, condensing.finish())
    })
}

/// Where a comment, a CDATA section or a document type ends that begins at `start`.
fn declaration(text: &str, start: usize, pass: &mut Pass<'_>, slips: &mut Slips) -> Option<usize> {
    let bytes = text.as_bytes();
    let rest = &bytes[start..];
    if rest.starts_with(b"<![CDATA[") {
        let inside = start + b"<![CDATA[".len();
        let end = closing(&bytes[inside..], b"]]>")?;
        pass.section(&text[inside..inside + end - 3]);
        return Some(inside + end);
    }
    if rest.starts_with(b"<!--") {
        // What ends before it has begun is for a strict reader to judge.
        return closing(&rest[4..], b"-->").filter(|end| *end > 4).map(|end| start + 4 + end);
    }
    // A type with declarations of its own is, too.
    let end = tag_end(rest)?;
    slips.declaration(&text[start..]);
    (rest.starts_with(b"<!DOCTYPE ") && memchr(b'[', &rest[..end]).is_none()).then_some(start + end + 1)
}

/// The length up to and with `mark`.
fn closing(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    memmem::find(bytes, mark).map(|at| at + mark.len())
}

/// Where the bracket is that closes a tag; none in a quoted value does.
fn tag_end(bytes: &[u8]) -> Option<usize> {
    let mut quote = None;
    for at in memchr3_iter(b'>', b'\'', b'"', bytes) {
        match (quote, bytes[at]) {
            (None, b'>') => return Some(at),
            (None, found) => quote = Some(found),
            (Some(open), found) if open == found => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Wrong, outline};
    use super::*;

    /// What a glance must not miss, against the reader that looks at everything.
    fn compare(text: &str) -> Result<(), TestCaseError> {
        let whole = outline(text);
        let glanced = glance(text);
        match (&whole.flaw, glanced) {
            (None, Some((glanced, condensed))) => {
                prop_assert_eq!(&Outline { slips: None, ..glanced }, &whole, "{}", text);
                let condensed = outline(&condensed);
                prop_assert_eq!((condensed.items, &condensed.told), (whole.items, &whole.told), "{}", text);
            }
            (Some(flaw), Some(_)) => {
                prop_assert!(matches!(flaw.what, Wrong::Syntax(_)), "{}", text);
            }
            (_, None) => {}
        }
        Ok(())
    }

    #[test]
    fn a_glance_sees_what_a_look_sees() {
        for text in [
            "<rss version='2.0'><channel><title>T</title><link>http://A/&amp;b</link><ttl> 5 </ttl><item><title>a</title>\
             <guid isPermaLink='false'>x</guid></item><item/></channel></rss>",
            "<?xml version='1.0'?><!DOCTYPE rss PUBLIC \"a>b\" 'c'><rss><!-- <item> --><channel><![CDATA[<item>]]></channel></rss>",
            "<feed xml:base='a'><Title>x</Title><entry a='>' b=\"'>\"><link href='HTTP://A/'/><summary>a<b/></summary></entry ></feed>",
        ] {
            compare(text).unwrap();
            assert!(glance(text).is_some(), "{text}");
        }
        for text in [
            "<a",
            "<a>",
            "</a>",
            "<a b='>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
            "<!--><a/>",
            "<?><a/>",
            "<a><![CDATA[</a>",
        ] {
            assert!(glance(text).is_none(), "{text}");
        }
        assert!(glance(&"<a>".repeat(300)).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_glance_misses_nothing(scraps in proptest::collection::vec(proptest::sample::select(vec![
            "<rss>", "</rss>", "<channel>", "</channel>", "<item>", "</item>", "<item/>", "<title>", "</title>", "<link href='a", "'/>",
            "<link>", "</link>", "<description>", "</description>", "<b>", "</b>", "&amp;", "&eacute;", "&", "<![CDATA[", "]]>", "<!--",
            "-->", "<?", "?>", "<!DOCTYPE ", "[", "]", ">", "<", "\"", "'", " ", "x", "é", "a=\"b>c\"", "http://A.b/",
        ]), 0..40)) {
            compare(&scraps.concat())?;
            compare(&format!("<rss><channel><item>{}</item></channel></rss>", scraps.concat()))?;
        }

        #[test]
        fn texts_are_condensed_to_what_they_say(scraps in proptest::collection::vec(proptest::sample::select(vec![
            "&lt;", "&gt;", "&amp;", "&quot;", "&#233;", "&#x1F600;", "&eacute;", "a long word or two", "]]", "&#0;", "é", "\n",
        ]), 12..40)) {
            let text = scraps.concat();
            let document = format!("<rss version='2.0'><channel><item><title>{text}</title></item></channel></rss>");
            let Some((_, condensed)) = glance(&document) else { return Err(TestCaseError::fail("sound tags")) };
            let said = |text: &str| feed_rs::parser::parse(text.as_bytes()).map(|feed| format!("{:?}", feed.entries[0].title)).ok();
            prop_assert_eq!(said(&document), said(&condensed), "{}", document);
        }
    }
}
