//! A first pass over an XML document, for all that feed-rs keeps to itself: what kind of feed it is, where its XML breaks,
//! how often it wants to be asked, how its links were written, and whether it is fit to be read at all.
//!
//! Reads tags only; what is in an item is feed-rs's business.

use std::collections::{HashMap, HashSet};

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use url::Url;

use super::hints::Hints;

/// Elements in elements beyond this are an attack or a mishap: XHTML in a feed has some twenty. feed-rs calls itself for
/// nested categories, so without a limit a document could exhaust the stack.
pub(crate) const DEPTH: usize = 256;

/// Items of one document beyond this are left out, so that a document of nothing but tags cannot fill the memory.
pub(crate) const ITEMS: usize = 10_000;

/// Copies of media that a document may make: feed-rs copies the thumbnails, texts and credits of an item into each of its
/// groups.
const MEDIA: usize = 200_000;

/// Bytes of an `xml:base`. feed-rs copies it for every element inside.
const BASE: usize = 512;

/// Bytes of a link or id that are looked at.
const CAPTURED: usize = 4096;

/// What the first pass found.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a document has or has not")]
pub(crate) struct Outline {
    /// The first element.
    pub(crate) root: Option<Root>,
    /// How many items begin, as far as the document was read.
    pub(crate) items: usize,
    /// What the channel says of its rhythm.
    pub(crate) hints: Hints,
    /// Links as the document wrote them, by what a URL parser makes of them; only those that differ.
    pub(crate) written: HashMap<String, String>,
    /// Ids that say that they are no addresses.
    pub(crate) opaque: HashSet<String>,
    /// Whether some `xml:base` is relative and thus needs the document's own address.
    pub(crate) relative_base: bool,
    /// Whether there is a channel, as in any RSS.
    pub(crate) has_channel: bool,
    /// In how many items there is some element for a title, a link or a date.
    pub(crate) told: [usize; 3],
    /// Whether the feed itself has a title.
    pub(crate) titled: bool,
    /// Whether some text is in base64, which feed-rs leaves as it is.
    pub(crate) encoded: bool,
    /// Where the reading ended early.
    pub(crate) flaw: Option<Flaw>,
    /// Behind the last item that is whole.
    pub(crate) cut: Option<Cut>,
}

/// The root element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Root {
    /// As written.
    pub(crate) name: String,
    /// Its attributes, as written.
    pub(crate) attributes: Vec<(String, String)>,
    /// Bytes from the start of the document to the root's own start and to behind its start tag.
    pub(crate) span: (usize, usize),
}

impl Root {
    /// The name without a prefix.
    pub(crate) fn local(&self) -> &str {
        local(&self.name)
    }

    /// An attribute's value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The kind of feed that it announces; `None` for anything else.
    pub(crate) fn format(&self) -> Option<&'static str> {
        let speaks = |part: &str| self.attributes.iter().any(|(_, value)| value.contains(part));
        match self.local().to_ascii_lowercase().as_str() {
            "rss" => Some(match self.attribute("version").map(str::trim) {
                Some("0.90") => "rss 0.90",
                Some("0.91") => "rss 0.91",
                Some("0.92") => "rss 0.92",
                Some("0.93") => "rss 0.93",
                Some("0.94") => "rss 0.94",
                Some("2.0" | "2" | "2.00") => "rss 2.0",
                _ => "rss",
            }),
            "rdf" if speaks("netscape.com/rdf/simple/0.9") => Some("rss 0.90"),
            "rdf" => Some("rss 1.0"),
            "feed" | "entry" if speaks("purl.org/atom/ns#") || self.attribute("version") == Some("0.3") => {
                Some("atom 0.3")
            }
            "feed" | "entry" => Some("atom 1.0"),
            _ => None,
        }
    }
}

/// Why the reading ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// The byte where.
    pub(crate) offset: usize,
    /// What is wrong.
    pub(crate) what: Wrong,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It is not well-formed.
    Syntax(String),
    /// It nests beyond [`DEPTH`].
    TooDeep,
    /// It has more than [`ITEMS`] items.
    TooMany,
    /// Its media would be multiplied beyond [`MEDIA`].
    TooHeavy,
}

/// A place behind a whole item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The byte.
    pub(crate) offset: usize,
    /// The elements that are open there, the outermost first.
    pub(crate) open: Vec<String>,
}

/// Reads the document once.
pub(crate) fn outline(text: &str) -> Outline {
    let mut reader = Reader::from_str(text);
    let mut pass = Pass::default();
    loop {
        let start = at(reader.buffer_position());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                return pass.end(at(reader.error_position()), Some(Wrong::Syntax(error.to_string())));
            }
        };
        let end = at(reader.buffer_position());
        let wrong = match event {
            Event::Start(tag) => pass.open(&tag, (start, end)),
            Event::Empty(tag) => {
                let wrong = pass.open(&tag, (start, end));
                pass.close(end);
                wrong
            }
            Event::End(_) => {
                pass.close(end);
                None
            }
            Event::Text(text) => {
                pass.text(&text);
                None
            }
            Event::CData(text) => {
                pass.text(&text);
                None
            }
            Event::GeneralRef(reference) => {
                // Items are full of them; only those in a text that is kept are worth resolving.
                if pass.kept.is_some() {
                    pass.text(&unescape(&format!("&{};", &*reference)).unwrap_or_default());
                }
                None
            }
            Event::Eof if pass.depth > 0 => {
                let open = pass.path.last().cloned().unwrap_or_default();
                Some(Wrong::Syntax(format!("the document ends inside <{open}>")))
            }
            Event::Eof => return pass.end(end, None),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => None,
        };
        if wrong.is_some() {
            return pass.end(start, wrong);
        }
    }
}

/// An offset as an index; text in memory is never longer than that.
fn at(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// A name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// What the text of an element is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Link,
    OpaqueId,
    Hint(&'static str),
}

#[derive(Debug, Default)]
struct Pass {
    outline: Outline,
    depth: usize,
    /// The names of the outermost open elements.
    path: Vec<String>,
    /// How deep the open item is.
    item: Option<usize>,
    /// Groups of media in the open item, and what is copied into each.
    groups: usize,
    copied: usize,
    /// Which of a title, a link and a date the open item has.
    told: [bool; 3],
    /// Copies made by the items before.
    copies: usize,
    /// The element whose text is being kept: what for, how deep it is, the text so far.
    kept: Option<(Kept, usize, String)>,
}

/// How many open elements are known by name: as many as can be around an item.
const PATH: usize = 3;

impl Pass {
    fn open(&mut self, tag: &BytesStart<'_>, span: (usize, usize)) -> Option<Wrong> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Some(Wrong::TooDeep);
        }
        let name = tag.name();
        let name = name.as_ref();
        if self.depth == 1 && self.outline.root.is_none() {
            self.outline.root = Some(Root { name: name.to_owned(), attributes: attributes(tag), span });
        }
        if tag.attributes_raw().contains("xml:base") {
            let base = attribute(tag, "xml:base").unwrap_or_default();
            if base.len() > BASE {
                return Some(Wrong::Syntax(format!("an xml:base of {} bytes", base.len())));
            }
            self.outline.relative_base |= Url::parse(&base).is_err();
        }
        let local = local(name);
        self.tell(local, tag);
        let within = self.depth - self.item.unwrap_or(0);
        match local {
            "item" | "entry" if self.item.is_none() && self.depth <= PATH => {
                if self.outline.items == ITEMS {
                    return Some(Wrong::TooMany);
                }
                self.outline.items += 1;
                self.item = Some(self.depth);
                (self.groups, self.copied) = (0, 0);
                self.told = [false; 3];
            }
            "group" | "thumbnail" | "text" | "credit" if self.item.is_some() => {
                let group = usize::from(local == "group");
                self.groups += group;
                self.copied += 1 - group;
                if self.copies + self.groups * self.copied > MEDIA {
                    return Some(Wrong::TooHeavy);
                }
            }
            "channel" => self.outline.has_channel = true,
            "link" if self.item.is_none() || within == 1 => match attribute(tag, "href") {
                Some(href) => self.outline.link(&href),
                None => self.keep(Kept::Link),
            },
            "guid" if within == 1 && attribute(tag, "isPermaLink").is_some_and(|value| value.trim() == "false") => {
                self.keep(Kept::OpaqueId);
            }
            _ if self.item.is_none() => {
                if let Some(hint) = Hints::element(local) {
                    self.keep(Kept::Hint(hint));
                }
            }
            _ => {}
        }
        if self.depth <= PATH {
            self.path.push(name.to_owned());
        }
        None
    }

    fn tell(&mut self, local: &str, tag: &BytesStart<'_>) {
        let place = match local {
            "title" => 0,
            "link" => 1,
            "pubDate" | "published" | "updated" | "issued" | "modified" | "created" | "date" => 2,
            "summary" | "content" | "tagline" | "subtitle" => 3,
            _ => return,
        };
        let attributes = tag.attributes_raw();
        if !attributes.is_empty() {
            self.outline.encoded |=
                attributes.contains("base64") || (place != 1 && attributes.contains("octet-stream"));
        }
        if self.item.is_none() {
            self.outline.titled |= place == 0;
        } else if let Some(told) = self.told.get_mut(place) {
            *told = true;
        }
    }

    fn keep(&mut self, what: Kept) {
        self.kept = Some((what, self.depth, String::new()));
    }

    fn text(&mut self, text: &str) {
        if let Some((_, depth, kept)) = &mut self.kept
            && *depth == self.depth
            && kept.len() + text.len() <= CAPTURED
        {
            kept.push_str(text);
        }
    }

    fn close(&mut self, end: usize) {
        if let Some((what, _, text)) = self.kept.take_if(|(_, depth, _)| *depth == self.depth) {
            match what {
                Kept::Link => self.outline.link(&text),
                Kept::OpaqueId => {
                    self.outline.opaque.insert(text.trim().to_owned());
                }
                Kept::Hint(element) => self.outline.hints.take(element, text.trim()),
            }
        }
        if self.depth <= PATH {
            self.path.pop();
        }
        if self.item == Some(self.depth) {
            self.item = None;
            for (count, told) in self.outline.told.iter_mut().zip(self.told) {
                *count += usize::from(told);
            }
            self.copies += self.groups * self.copied;
            self.outline.cut = Some(Cut { offset: end, open: self.path.clone() });
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn end(self, offset: usize, wrong: Option<Wrong>) -> Outline {
        let mut outline = self.outline;
        outline.flaw = wrong.map(|what| Flaw { offset, what });
        outline
    }
}

impl Outline {
    /// Whether the document is sound up to a place where it breaks off.
    pub(crate) fn ends_early(&self) -> bool {
        self.flaw.as_ref().is_some_and(|flaw| match &flaw.what {
            Wrong::Syntax(what) => what.contains("end of input") || what.starts_with("the document ends"),
            Wrong::TooDeep | Wrong::TooMany | Wrong::TooHeavy => false,
        })
    }

    fn link(&mut self, link: &str) {
        let link = link.trim();
        if let Ok(url) = Url::parse(link)
            && url.as_str() != link
        {
            self.written.entry(url.into()).or_insert_with(|| link.to_owned());
        }
    }
}

fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    tag.attributes()
        .with_checks(false)
        .flatten()
        .map(|found| {
            let value = unescape(&found.value).unwrap_or_else(|_| found.value.clone()).into_owned();
            (found.key.as_ref().to_owned(), value)
        })
        .collect()
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    tag.attributes()
        .with_checks(false)
        .flatten()
        .find(|found| found.key.as_ref() == name)
        .map(|found| unescape(&found.value).unwrap_or_else(|_| found.value.clone()).into_owned())
}
