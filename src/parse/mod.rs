//! 2. Bytes to items. Never panics, never asks the network.
//!
//! A document is decoded, looked over once for what it is and where it breaks, and read by feed-rs; only where that fails
//! is it mended, and every mending is named. Knows nothing of polls, stores or rules.

mod base64;

mod condense;

mod discover;

mod encoding;

mod error;

mod feed;

mod hints;

mod hub;

mod identity;

mod instead;

mod json;

mod lenient;

mod links;

pub mod opml;

mod outline;

mod prefix;

mod published;

mod purpose;

mod rebuild;

mod repair;

mod slips;

mod soup;

mod tail;

mod xml;

pub use error::{HtmlPage, PageFeed, PageKind, ParseError};
pub use feed::inside_reader;
pub use identity::{distinct, keys};
pub use links::canonical_link;
pub use purpose::{Known, purpose};

use std::borrow::Cow;

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::item::Item;
use crate::understand::text::{Speech, html};

/// Authors of one item that are named; each is compared with all before it.
const AUTHORS_MAX: usize = 20;

/// The text of HTML, escaped once more than it should be where it is nothing but escaped tags.
fn text_of(markup: &str) -> String {
    let text = html::to_text(markup);
    let is_markup =
        || ["</p>", "<br>", "<br/>", "<br />", "</div>", "</li>", "</a>"].iter().any(|tag| text.contains(tag));
    if text.starts_with('<') && !markup.contains('<') && is_markup() { html::to_text(&text) } else { text }
}

/// Bytes of a name that many items take over.
const NAME: usize = 300;

/// An entry of Atom without an author of its own has the feed's (RFC 4287 §4.2.1).
fn inherit(items: &mut [Item], authors: &[String]) {
    if authors.is_empty() {
        return;
    }
    let authors: Vec<String> =
        authors.iter().map(|name| name[..name.floor_char_boundary(NAME)].trim_end().to_owned()).collect();
    for item in items.iter_mut().filter(|item| item.authors.is_empty()) {
        item.authors.clone_from(&authors);
    }
}

/// A name without the brackets and quotes that stand around it, or around nothing.
fn unwrapped(name: &str) -> &str {
    let mut name = name.trim();
    loop {
        let count = |c: char| name.matches(c).count();
        let bare = [('(', ')'), ('<', '>'), ('"', '"')].into_iter().find_map(|(open, close)| {
            let around = name.strip_prefix(open).and_then(|inside| inside.strip_suffix(close));
            let around = around.filter(|inside| !inside.contains([open, close]));
            let lone =
                |more: bool| if more { name.strip_suffix(close).or_else(|| name.strip_prefix(close)) } else { None };
            match around {
                Some(inside) => Some(inside),
                None if open == close => lone(count(open) % 2 == 1),
                None if count(open) > count(close) => name.strip_prefix(open).or_else(|| name.strip_suffix(open)),
                None => lone(count(close) > count(open)),
            }
        });
        let Some(bare) = bare else { return name };
        name = bare.trim();
    }
}

/// A feed as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is: `rss 2.0`, `atom 1.0`, `json feed 1.1` and so on; without a number where it gives none that is known.
    pub format: &'static str,
    /// The feed's own name, on one line; empty where it has none.
    pub title: String,
    /// The address of the site that it belongs to, absolute.
    pub link: Option<String>,
    /// The items in the feed's order, one for all that have the same id and the same link or title.
    pub items: Vec<Item>,
    /// What had to be mended, each in words.
    pub repairs: Vec<String>,
    /// Whether it was read to its end; where not, items are missing, and its validators are not to be kept.
    pub complete: bool,
    /// Whether it was not because it breaks in the middle: what is behind that is never read.
    pub flawed: bool,
    /// How long the feed asks to be left alone (`ttl`).
    pub ttl: Option<SignedDuration>,
    /// Hours of the day, UTC, at which it asks not to be asked: 0 to 23, sorted.
    pub skip_hours: Vec<i8>,
    /// Days, UTC, on which it asks not to be asked, Monday first.
    pub skip_days: Vec<Weekday>,
    /// The time between its updates (`sy:updatePeriod` and `sy:updateFrequency`).
    pub update_every: Option<SignedDuration>,
    /// Who tells of its news (`rel=hub`; `hubs` of a JSON Feed), absolute, in its order.
    pub hubs: Vec<String>,
    /// The address that it gives for itself (`rel=self`; `feed_url` of a JSON Feed), absolute, otherwise byte for byte.
    pub own: Option<String>,
}

impl Document {
    fn empty(format: &'static str) -> Self {
        Self {
            format,
            title: String::new(),
            link: None,
            items: Vec::new(),
            repairs: Vec::new(),
            complete: true,
            flawed: false,
            ttl: None,
            skip_hours: Vec::new(),
            skip_days: Vec::new(),
            update_every: None,
            hubs: Vec::new(),
            own: None,
        }
    }
}

/// Bytes of a headline that are read: a book would fit in.
const HEADLINE: usize = 1 << 16;

/// Rounds in which a headline is freed of markup: publishers escape it once or twice too often.
const ESCAPED: usize = 3;

/// A headline on one line, free of tags and references however often they were escaped. In a headline nobody can tell
/// `<b>` that is meant from `<b>` that slipped in; the latter is everywhere.
fn headline(written: &str) -> String {
    let mut line = html::one_line(&written[..written.floor_char_boundary(HEADLINE)]);
    for _ in 1..ESCAPED {
        if !line.contains(['<', '&']) {
            break;
        }
        line = html::one_line(&line);
    }
    line
}

/// The text of a document of bytes, whatever its encoding. `content_type` is the header's value and only a hint; the
/// country of the host of `url` helps where the encoding has to be detected.
pub fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>, url: &Url) -> Cow<'a, str> {
    encoding::decode(bytes, content_type, url).text
}

/// Reads a feed.
///
/// `content_type` is the header's value and only a hint; `url` is where the document was found in the end, the last base
/// of its relative links; `now` tells dates that cannot be meant.
///
/// # Errors
/// What the document is instead of a feed, or where it breaks beyond mending.
pub fn feed(bytes: &[u8], content_type: Option<&str>, url: &Url, now: Timestamp) -> Result<Document, ParseError> {
    if let Some(what) = instead::binary(bytes) {
        return Err(ParseError::NotAFeed { what: what.to_owned() });
    }
    let decoded = encoding::decode(bytes, content_type, url);
    let text: &str = &decoded.text;
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\0').is_empty() {
        return Err(ParseError::Empty);
    }
    let mut document = if json::is_json(text) {
        json::feed(text, url, now)?
    } else {
        let (hubs, own) = hub::links(text, url);
        let (document, seen) = xml::feed(text, url, now)?;
        let mut document = Document { hubs, own, ..document };
        document.repairs.splice(0..0, slips::slips(text, seen));
        document
    };
    document.repairs.splice(0..0, decoded.repairs);
    document.items = identity::once_each(document.items);
    speak(&mut document.items);
    Ok(document)
}

/// Items whose feed does not say in which language they are take the one that all of them together are clearly in: a headline
/// alone tells too little.
fn speak(items: &mut [Item]) {
    if items.len() < 2 || items.iter().all(|item| item.language.is_some()) {
        return;
    }
    let texts = || items.iter().flat_map(|item| [item.title.as_str(), item.summary.as_str()]);
    let Some(language) = Speech::clear(texts().filter(|text| !text.is_empty())) else { return };
    for item in items.iter_mut().filter(|item| item.language.is_none()) {
        item.language = Some(language.code().to_owned());
    }
}
