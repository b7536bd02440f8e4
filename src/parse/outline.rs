//! A first pass over an XML document, for all that feed-rs keeps to itself: what kind of feed it is, where its XML breaks,
//! how often it wants to be asked, how its links were written, and whether it is fit to be read at all.
//!
//! Reads tags only; what is in an item is feed-rs's business.

mod glance;

mod pass;

use std::collections::{HashMap, HashSet};

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

use super::hints::Hints;
use super::slips::Slips;
pub(crate) use glance::glance;
use pass::Pass;

/// Elements in elements beyond this are an attack or a mishap: XHTML in a feed has some twenty. feed-rs calls itself for
/// nested categories, so without a limit a document could exhaust the stack.
pub(crate) const DEPTH: usize = 256;

/// Items of one document beyond this are left out, so that a document of nothing but tags cannot fill the memory.
pub(crate) const ITEMS: usize = 10_000;

/// Copies of media that a document may make: feed-rs copies the thumbnails, texts and credits of an item into each of its
/// groups.
const MEDIA: usize = 200_000;

/// Attributes of one element beyond this are an attack. A strict reader compares each with all others of its element, and
/// keeps them all.
pub(crate) const ATTRIBUTES: usize = 1000;

/// Bytes of an `xml:base`. feed-rs copies it for every element inside.
pub(crate) const BASE: usize = 512;

/// Bytes of a link or id that are looked at.
const CAPTURED: usize = 4096;

/// What the first pass found.
#[derive(Debug, Default, PartialEq, Eq)]
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
    /// Prefixes of its elements, each once.
    pub(crate) prefixes: Vec<String>,
    /// Ids that say that they are no addresses.
    pub(crate) opaque: HashSet<String>,
    /// Whether some `xml:base` is relative and thus needs the document's own address.
    pub(crate) relative_base: bool,
    /// Whether there is a channel, as in any RSS.
    pub(crate) has_channel: bool,
    /// Whether each item has some element for a title, a link or a date.
    pub(crate) told: Vec<[bool; 3]>,
    /// Whether some item has an element of another vocabulary that holds a text.
    pub(crate) worded: bool,
    /// The same of one that repeats the text in short where there is another.
    pub(crate) subtitled: bool,
    /// Whether some item of RSS names its author in an element of their own.
    pub(crate) named: bool,
    /// Whether a CDATA section that was left open has taken what follows for its text, up to the end of the next.
    pub(crate) swallowed: bool,
    /// Whether the feed itself has a title.
    pub(crate) titled: bool,
    /// Whether some title or text holds elements, of which feed-rs reads nothing.
    pub(crate) split: bool,
    /// Whether some element that feed-rs looks for is written in other capitals than it knows.
    pub(crate) misspelt: bool,
    /// Whether some text is in base64, which feed-rs leaves as it is.
    pub(crate) encoded: bool,
    /// What of its text and tags XML does not allow, where that was looked for on the way.
    pub(crate) slips: Option<Slips>,
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
    /// Whether that is inside a channel or item. Whether the root has an end no reader looks at.
    pub(crate) inside: bool,
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
    /// An element has more than [`ATTRIBUTES`] attributes.
    TooManyAttributes,
    /// An `xml:base` of more than [`BASE`] bytes.
    LongBase,
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
    let mut pass = Pass::new(text);
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
                pass.section(&text);
                None
            }
            Event::GeneralRef(reference) => {
                // Items are full of them; only those in a text that is kept are worth resolving.
                if pass.is_keeping() {
                    pass.text(&unescape(&format!("&{};", &*reference)).unwrap_or_default());
                }
                None
            }
            Event::Eof if pass.depth > 0 => {
                let open = pass.innermost();
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

/// The root element of a document, whatever follows it.
pub(crate) fn root(text: &str) -> Option<Root> {
    let mut reader = Reader::from_str(text);
    loop {
        let start = at(reader.buffer_position());
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                return Some(pass::root(&tag, (start, at(reader.buffer_position()))));
            }
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// An offset as an index; text in memory is never longer than that.
fn at(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// A name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.bytes().rposition(|byte| byte == b':').map_or(name, |colon| &name[colon + 1..])
}

impl Outline {
    /// Whether the document is sound up to a place where it breaks off.
    pub(crate) fn ends_early(&self) -> bool {
        self.flaw.as_ref().is_some_and(|flaw| match &flaw.what {
            Wrong::Syntax(what) => what.contains("end of input") || what.starts_with("the document ends"),
            Wrong::TooDeep | Wrong::TooMany | Wrong::TooHeavy | Wrong::TooManyAttributes | Wrong::LongBase => false,
        })
    }
}
