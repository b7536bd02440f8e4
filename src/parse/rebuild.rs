//! Builds a document anew, tag by tag, so that a strict reader takes it: for documents whose tags do not match, or that
//! feed-rs refuses or drops items of for what stands in a single element.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::outline::{DEPTH, local};
use super::repair::Mended;

/// The document with every tag closed in its turn. A document that cannot be read on from some place ends there.
pub(crate) fn rebuild(text: &str) -> Mended {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut work = Rebuild::new(text);
    let mut start = 0;
    loop {
        let event = reader.read_event();
        let end = usize::try_from(reader.buffer_position()).unwrap_or(text.len()).min(text.len());
        let piece = text.get(start..end).unwrap_or_default();
        match event {
            Ok(Event::Start(tag)) => work.start(&tag, piece, start),
            Ok(Event::Empty(tag)) => work.empty(&tag, piece),
            Ok(Event::End(tag)) => work.end(tag.name().as_ref(), piece),
            Ok(Event::Eof) | Err(_) => break,
            Ok(Event::DocType(_) | Event::Comment(_)) => {}
            Ok(_) => work.text(piece),
        }
        if work.open.len() > DEPTH {
            break;
        }
        start = end;
    }
    work.finish()
}

struct Rebuild<'a> {
    text: &'a str,
    out: String,
    /// The names of the open elements, the outermost first, and how often each is open.
    open: Vec<&'a str>,
    counts: HashMap<&'a str, usize>,
    /// The item that is open: how many elements are open around it, and where in `out` it begins.
    item: Option<(usize, usize)>,
    /// Whether it has a link, and the address that its start tag gives, as written.
    linked: bool,
    about: Option<String>,
    atom: bool,
    rdf: bool,
    /// Elements closed or end tags dropped.
    unmatched: usize,
    types: usize,
    unlinked: usize,
}

impl<'a> Rebuild<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            out: String::with_capacity(text.len() + 64),
            open: Vec::new(),
            counts: HashMap::new(),
            item: None,
            linked: false,
            about: None,
            atom: false,
            rdf: false,
            unmatched: 0,
            types: 0,
            unlinked: 0,
        }
    }

    fn text(&mut self, piece: &str) {
        let in_link =
            || self.open.last() == Some(&"link") && self.item.is_some_and(|(around, _)| self.open.len() == around + 2);
        self.linked = self.linked || (in_link() && !piece.trim().is_empty());
        self.copy(piece);
    }

    fn copy(&mut self, piece: &str) {
        self.out.push_str(piece);
    }

    fn start(&mut self, tag: &BytesStart<'_>, piece: &str, at: usize) {
        let len = tag.name().as_ref().len();
        let name = &self.text[at + 1..at + 1 + len];
        if self.open.is_empty() {
            self.atom = local(name) == "feed" || local(name) == "entry";
            self.rdf = local(name) == "RDF";
        }
        let is_item = matches!(local(name), "item" | "entry");
        // An item stands directly in its channel or feed; whatever is open in between was not closed.
        if is_item && let Some(place) = self.open.iter().rposition(|open| is_container(local(open))) {
            self.close_down_to(place + 1);
        }
        if is_item && self.item.is_none() {
            self.item = Some((self.open.len(), self.out.len()));
            self.linked = false;
            let about =
                tag.attributes().with_checks(false).flatten().find(|found| local(found.key.as_ref()) == "about");
            self.about = about.map(|about| about.value.replace('<', "&lt;"));
        }
        self.open_tag(tag, piece);
        self.open.push(name);
        *self.counts.entry(name).or_default() += 1;
    }

    fn empty(&mut self, tag: &BytesStart<'_>, piece: &str) {
        self.open_tag(tag, piece);
    }

    /// feed-rs drops items of RSS 1.0 that have no link at all: what they are about stands for it, or an empty one for none.
    fn link_item(&mut self) {
        if !self.rdf || self.linked {
            return;
        }
        let about = self.about.take();
        self.unlinked += usize::from(about.is_none());
        let about = about.unwrap_or_else(|| " ".to_owned());
        self.out.push_str("<link>");
        self.out.push_str(&about);
        self.out.push_str("</link>");
    }

    fn end(&mut self, name: &str, piece: &str) {
        let name = name.trim_end();
        // Only a name that is open is worth looking for: then all above it is closed, and so looked at once.
        let is_open = self.counts.get(name).is_some_and(|count| *count > 0);
        match is_open.then(|| self.open.iter().rposition(|open| *open == name)).flatten() {
            None => self.unmatched += 1,
            Some(place) => {
                self.close_down_to(place + 1);
                self.pop();
                self.out.push_str(piece);
            }
        }
    }

    fn pop(&mut self) -> Option<&'a str> {
        let name = self.open.pop()?;
        if self.item.is_some_and(|(around, _)| around == self.open.len()) {
            self.link_item();
            self.item = None;
        }
        if let Some(count) = self.counts.get_mut(name) {
            *count -= 1;
        }
        Some(name)
    }

    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.unmatched += 1;
            if let Some(name) = self.pop() {
                self.out.push_str("</");
                self.out.push_str(name);
                self.out.push('>');
            }
        }
    }

    /// Copies a start tag; in Atom, with a type that feed-rs knows.
    fn open_tag(&mut self, tag: &BytesStart<'_>, piece: &str) {
        let texts = ["title", "subtitle", "tagline", "summary", "content", "rights", "copyright", "info"];
        let name = tag.name();
        let name = name.as_ref();
        let known_type = if self.atom && texts.contains(&name) {
            known_type
        } else if matches!(name, "media:title" | "media:description" | "media:text") {
            known_media_type
        } else {
            self.copy(piece);
            return;
        };
        let written = tag.attributes().with_checks(false).flatten().find(|found| found.key.as_ref() == "type");
        let known = written.as_ref().and_then(|found| known_type(&found.value));
        match (written, known) {
            (Some(written), Some(known)) => {
                self.types += 1;
                let better = piece.replacen(&format!("\"{}\"", written.value), &format!("\"{known}\""), 1).replacen(
                    &format!("'{}'", written.value),
                    &format!("'{known}'"),
                    1,
                );
                self.copy(&better);
            }
            _ => self.copy(piece),
        }
    }

    fn finish(mut self) -> Mended {
        let complete = self.open.is_empty();
        // An item that is cut off is left for the next poll: half of it would be taken for an edit of the whole.
        if let Some((around, begin)) = self.item {
            self.out.truncate(begin);
            self.open.truncate(around);
        }
        self.close_down_to(0);
        let repairs = [
            (self.unmatched, "tags that do not match were closed or left out"),
            (self.types, "elements with a type that is not Atom's were read by a like one"),
            (self.unlinked, "items were read without a link"),
        ];
        Mended {
            repairs: repairs
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{what} ({count})"))
                .collect(),
            text: self.out,
            complete,
        }
    }
}

/// Elements in which items stand.
fn is_container(local: &str) -> bool {
    matches!(local, "channel" | "feed" | "RDF" | "rss")
}

/// The type of a text of Media RSS that is meant by one that it does not have.
fn known_media_type(written: &str) -> Option<&'static str> {
    match written {
        "plain" | "html" => None,
        other => Some(if other.contains("html") { "html" } else { "plain" }),
    }
}

/// The type of an Atom text that is meant by one that the standard does not have (RFC 4287 §3.1.1); `None` where it may
/// stand.
fn known_type(written: &str) -> Option<&'static str> {
    match written.trim().to_ascii_lowercase().as_str() {
        "text" | "html" | "xhtml" if written == written.trim() => None,
        "text/html" => None,
        "html" => Some("html"),
        "xhtml" | "application/xhtml+xml" | "application/xml" | "text/xml" => Some("xhtml"),
        _ => Some("text"),
    }
}
