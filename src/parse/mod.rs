//! 2. Bytes to items. Never panics, never asks the network.
//!
//! A document is decoded, looked over once for what it is and where it breaks, and read by feed-rs; only where that fails
//! is it mended, and every mending is named. Knows nothing of polls, stores or rules.

mod discover;

mod encoding;

mod error;

mod feed;

mod hints;

mod identity;

mod instead;

mod json;

mod links;

mod outline;

mod published;

mod rebuild;

mod repair;

pub use error::{HtmlPage, ParseError};
pub use feed::inside_reader;
pub use identity::keys;
pub use links::canonical_link;

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::item::Item;
use feed::Refusal;
use outline::{DEPTH, Outline, Wrong, outline};
use rebuild::{Keep, rebuild};
use repair::Mended;

/// A feed as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is: `rss 2.0`, `atom 1.0`, `json feed 1.1` and so on; without a number where it gives none that is known.
    pub format: &'static str,
    /// The feed's own name, on one line; empty where it has none.
    pub title: String,
    /// The address of the site that it belongs to, absolute.
    pub link: Option<String>,
    /// The items in the feed's order, none twice.
    pub items: Vec<Item>,
    /// What had to be mended, each in words.
    pub repairs: Vec<String>,
    /// Whether it was read to its end; where not, items are missing, and its validators are not to be kept.
    pub complete: bool,
    /// How long the feed asks to be left alone (`ttl`).
    pub ttl: Option<SignedDuration>,
    /// Hours of the day, UTC, at which it asks not to be asked: 0 to 23, sorted.
    pub skip_hours: Vec<i8>,
    /// Days, UTC, on which it asks not to be asked, Monday first.
    pub skip_days: Vec<Weekday>,
    /// The time between its updates (`sy:updatePeriod` and `sy:updateFrequency`).
    pub update_every: Option<SignedDuration>,
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
            ttl: None,
            skip_hours: Vec::new(),
            skip_days: Vec::new(),
            update_every: None,
        }
    }
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
    let mut document = if json::is_json(text) { json::feed(text, url, now)? } else { xml(text, url, now)? };
    document.repairs.splice(0..0, decoded.repairs);
    document.items = identity::distinct(document.items);
    Ok(document)
}

fn xml(text: &str, url: &Url, now: Timestamp) -> Result<Document, ParseError> {
    let first = outline(text);
    let (mut best, mut refusal) = match attempt(text, &first, url, now) {
        Ok(document) if is_whole(&document, &first) => return Ok(document),
        Ok(document) => (Some(document), None),
        Err(refusal) => (None, Some(refusal)),
    };
    let mut consider = |document: Option<Document>| {
        let more = |document: &Document| best.as_ref().is_none_or(|best| best.items.len() < document.items.len());
        if let Some(document) = document.filter(more) {
            best = Some(document);
        }
    };
    let mended = repair::mend(text);
    let second = outline(&mended.text);
    match reread(&mended, &second, url, now) {
        Ok(document) if is_whole(&document, &second) => return Ok(document),
        Ok(document) => consider(Some(document)),
        Err(again) => {
            refusal.get_or_insert(again);
        }
    }
    // Where a document merely ends too early, its last item is better left for the next poll than read by half.
    consider(beginning(&mended, &second, url, now).filter(|_| second.ends_early()));
    for keep in [Keep::Everything, Keep::News] {
        let mut rebuilt = rebuild(&mended.text, keep);
        rebuilt.repairs.splice(0..0, mended.repairs.iter().cloned());
        let third = outline(&rebuilt.text);
        if let Ok(document) = reread(&rebuilt, &third, url, now) {
            consider(Some(document).filter(|_| !second.ends_early() || second.cut.is_none()));
            break;
        }
    }
    consider(beginning(&mended, &second, url, now));
    let refusal = refusal.unwrap_or_else(|| Refusal::Error("it has no items that can be read".to_owned()));
    best.ok_or_else(|| instead::explain(text, &first, refusal, url))
}

/// feed-rs passes over items in namespaces that it does not know, and over some that lack a part.
fn is_whole(document: &Document, outline: &Outline) -> bool {
    document.items.len() >= outline.items
}

/// Reads the text as it stands.
fn attempt(text: &str, outline: &Outline, url: &Url, now: Timestamp) -> Result<Document, Refusal> {
    match &outline.flaw {
        Some(flaw) if !matches!(flaw.what, Wrong::Syntax(_)) => Err(Refusal::Unfit),
        _ => feed::read(text, outline, url, now),
    }
}

fn reread(mended: &Mended, outline: &Outline, url: &Url, now: Timestamp) -> Result<Document, Refusal> {
    let mut document = attempt(&mended.text, outline, url, now)?;
    document.repairs.extend(mended.repairs.iter().cloned());
    document.complete = mended.complete;
    Ok(document)
}

/// Reads a document that breaks off up to its last whole item.
fn beginning(mended: &Mended, outline: &Outline, url: &Url, now: Timestamp) -> Option<Document> {
    let text = &mended.text;
    let mut repairs = mended.repairs.clone();
    let flaw = outline.flaw.as_ref()?;
    let cut = outline.cut.as_ref()?;
    let mut whole = text[..cut.offset].to_owned();
    for name in cut.open.iter().rev() {
        whole.push_str("</");
        whole.push_str(name);
        whole.push('>');
    }
    let mut document = attempt(&whole, &outline::outline(&whole), url, now).ok()?;
    let (line, column) = error::line_and_column(text, flaw.offset);
    repairs.push(match &flaw.what {
        Wrong::Syntax(what) => {
            format!("it breaks at line {line}, column {column} ({what}); read up to the last whole item before")
        }
        Wrong::TooDeep => {
            format!("it nests more than {DEPTH} deep at line {line}; read up to the last whole item before")
        }
        Wrong::TooMany => format!("only the first {} items were read", outline::ITEMS),
        Wrong::TooHeavy => format!("the item at line {line} has too many media; read up to the last whole item before"),
    });
    document.complete = false;
    document.repairs.append(&mut repairs);
    Some(document)
}
