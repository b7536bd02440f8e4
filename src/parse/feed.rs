//! The border to feed-rs: the one file that knows it. Text goes in, items in our own nouns come out.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model::{Content, Entry, Feed, FeedType, Link, LinkTarget, Person};
use feed_rs::parser::Builder;
use jiff::Timestamp;
use url::Url;

use super::outline::{Outline, Root};
use super::tail::without_tail;
use super::{AUTHORS_MAX, Document, headline, inherit, links, published, text_of, unwrapped};
use crate::item::Item;
use crate::understand::text::html;

/// Bytes of a name that is taken over from the feed: each item would hold it.
const WRITER: usize = 200;

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside feed-rs, so that a panic here is the feed's failure and not the program's. For a panic
/// hook, which runs before the panic is caught.
pub fn inside_reader() -> bool {
    READING.get()
}

/// Why feed-rs gave no feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It said so.
    Error(String),
    /// It panicked.
    Panic(String),
    /// It was not asked, because the document could harm it.
    Unfit,
}

/// Reads XML that [`Outline`] found fit to be read.
pub(crate) fn read(text: &str, outline: &Outline, url: &Url, now: Timestamp) -> Result<Document, Refusal> {
    let ways = published::Ways::of(text);
    let parser = Builder::new()
        // An id of our own making would be a new one at every poll; an empty one says that there is none.
        .id_generator(|_, _, _| String::new())
        // The feed's own link comes before its address as a base, so the address is left to us unless the feed writes
        // relative bases.
        .base_uri(outline.relative_base.then_some(url.as_str()))
        .sanitize_content(false)
        // Its own tries a dozen regular expressions on each date, and knows fewer forms.
        .timestamp_parser(move |text| {
            let (date, offset) = published::read(text, &ways)?;
            let nanoseconds = chrono::TimeDelta::nanoseconds(published::offset_nanoseconds(offset).into());
            chrono::DateTime::from_timestamp_millis(date.as_millisecond())?.checked_add_signed(nanoseconds)
        })
        .build();
    READING.set(true);
    let read = catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes())));
    READING.set(false);
    match read {
        Ok(Ok(feed)) => Ok(Border { outline, url, now }.document(feed)),
        Ok(Err(error)) => Err(Refusal::Error(error.to_string())),
        Err(panic) => Err(Refusal::Panic(message(&*panic))),
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "no message".to_owned())
}

/// What is needed to turn a feed-rs feed into a document.
struct Border<'a> {
    outline: &'a Outline,
    url: &'a Url,
    now: Timestamp,
}

impl Border<'_> {
    fn document(&self, feed: Feed) -> Document {
        let format = self.outline.root.as_ref().and_then(Root::format).unwrap_or("feed");
        let atom = feed.feed_type == FeedType::Atom;
        let link = ranked(&feed.links, RANKS_FEED).find_map(|link| self.absolute(&link.href, None));
        let base = link.as_deref().and_then(links::base);
        let language = feed.language.as_deref();
        let mut items: Vec<Item> =
            feed.entries.into_iter().map(|entry| self.item(entry, base.as_ref(), language, atom)).collect();
        if atom {
            // Whoever wrote the feed wrote what names nobody (RFC 4287 §4.2.1).
            let mut writers = people(&feed.authors);
            writers.retain(|name| name.len() <= WRITER);
            inherit(&mut items, &writers);
        }
        Document {
            title: feed.title.map(|title| headline(&title.content)).unwrap_or_default(),
            items,
            link,
            ttl: self.outline.hints.ttl,
            skip_hours: self.outline.hints.skip_hours.clone(),
            skip_days: self.outline.hints.skip_days.clone(),
            update_every: self.outline.hints.update_every(),
            ..Document::empty(format)
        }
    }

    fn item(&self, entry: Entry, base: Option<&Url>, language: Option<&str>, atom: bool) -> Item {
        let id = Some(entry.id.trim()).filter(|id| !id.is_empty()).map(ToOwned::to_owned);
        let link = self.link(&entry, id.as_deref(), base);
        let sound = |date: chrono::DateTime<chrono::Utc>| published::sound(date.timestamp_millis(), self.now);
        let offset = |date: chrono::DateTime<chrono::Utc>| published::offset_of(date.timestamp_subsec_nanos());
        let (published, updated) = (entry.published.and_then(sound), entry.updated.and_then(sound));
        let said = published.and(entry.published).or(updated.and(entry.updated));
        let media = entry.media;
        let title = entry.title.map(|title| headline(&title.content)).unwrap_or_default();
        let title = if title.is_empty() {
            media
                .iter()
                .find_map(|media| media.title.as_ref())
                .map(|title| headline(&title.content))
                .unwrap_or_default()
        } else {
            title
        };
        let mut authors = people(&entry.authors);
        if authors.is_empty() {
            authors =
                media.iter().flat_map(|media| &media.credits).map(|credit| html::one_line(&credit.entity)).collect();
        }
        let summary =
            entry.summary.map(|text| paragraphs(&text.content, text.content_type.as_ref(), atom)).unwrap_or_default();
        let text = entry.content.map(|content| full_text(&content, atom)).unwrap_or_default();
        let described = if summary.is_empty() && text.is_empty() {
            media.iter().find_map(|media| media.description.as_ref()).map(|text| html::to_text(&text.content))
        } else {
            None
        };
        let language = entry.language.as_deref().or(language).map(str::trim);
        Item {
            id,
            title,
            link,
            published: published.or(updated),
            offset_minutes: said.and_then(offset),
            // Where RSS says only when an item was published, feed-rs says the same of its last change.
            updated: updated.filter(|updated| atom || Some(*updated) != published),
            authors,
            language: language.filter(|tag| !tag.is_empty()).map(ToOwned::to_owned),
            summary: without_tail(described.unwrap_or(summary)),
            text: without_tail(text),
        }
    }

    /// The item's page: its alternate link, else its id where that is an address, else whatever it links to, and what it
    /// encloses only where there is nothing else.
    fn link(&self, entry: &Entry, id: Option<&str>, base: Option<&Url>) -> Option<String> {
        // Of several pages the one for a browser: an address of the web, and HTML or of no kind that is told.
        let own = || {
            let pages = ranked(&entry.links, RANKS_OWN).filter_map(|link| {
                let page = self.absolute(&link.href, base)?;
                let other = link.media_type.as_deref().is_some_and(|kind| !kind.to_ascii_lowercase().contains("html"));
                Some((!page.starts_with("http"), other, page))
            });
            // Of equals the first.
            pages.min_by_key(|(strange, other, _)| (*strange, *other)).map(|(.., page)| page)
        };
        let id = || {
            id.filter(|id| id.starts_with("http://") || id.starts_with("https://"))
                .filter(|id| !self.outline.opaque.contains(*id))
                .and_then(|id| self.absolute(id, base))
        };
        let other = || ranked(&entry.links, RANKS_OTHER).find_map(|link| self.absolute(&link.href, base));
        let enclosed = || {
            let mut urls =
                entry.media.iter().flat_map(|media| &media.content).filter_map(|content| content.url.as_ref());
            urls.find_map(|url| self.absolute(url.as_str(), base))
        };
        let source = || {
            let source = entry.content.as_ref().and_then(|content| content.src.as_ref())?;
            self.absolute(&source.href, base)
        };
        own().or_else(id).or_else(source).or_else(other).or_else(enclosed)
    }

    fn absolute(&self, href: &str, base: Option<&Url>) -> Option<String> {
        let written = self.outline.written.get(href).map(String::as_str);
        // A link with white space in it is shown as the URL parser understood it.
        let written = written.filter(|link| !link.contains(char::is_whitespace));
        links::absolute(written.unwrap_or(href), base, self.url)
    }
}

/// Relations in the order in which they are looked for; a link without one is what RSS has.
const RANKS_FEED: &[&[&str]] = &[&["alternate", ""], &["self"]];
const RANKS_OWN: &[&[&str]] = &[&["alternate", ""]];
const RANKS_OTHER: &[&[&str]] = &[&["related", "via", "self"], &["enclosure"]];

fn ranked<'a>(links: &'a [Link], ranks: &'static [&'static [&'static str]]) -> impl Iterator<Item = &'a Link> {
    ranks.iter().flat_map(move |rank| {
        links
            .iter()
            .filter(|link| !matches!(link.target, Some(LinkTarget::Comments | LinkTarget::CommentsFeed)))
            .filter(|link| match link.rel.as_deref() {
                None => rank.contains(&""),
                Some(rel) => rank.contains(&rel) || rank.contains(&links::relation(rel).as_str()),
            })
    })
}

/// In RSS nobody can tell markup from text, and publishers write both; Atom says which it is, but many who say text mean
/// text with references.
fn paragraphs(content: &str, media_type: &str, atom: bool) -> String {
    if atom && media_type == "text/plain" { html::plain_text(&html::resolve(content)) } else { text_of(content) }
}

fn full_text(content: &Content, atom: bool) -> String {
    let media_type = content.content_type.as_ref();
    let is_text = media_type.starts_with("text/") || media_type.contains("xml") || media_type.contains("html");
    match &content.body {
        Some(body) if is_text => paragraphs(body, media_type, atom),
        _ => String::new(),
    }
}

fn people(people: &[Person]) -> Vec<String> {
    let mut names = Vec::new();
    for person in people {
        if names.len() == AUTHORS_MAX {
            break;
        }
        let name = html::one_line(person.name.as_deref().unwrap_or_default());
        // RSS writes `address (name)`.
        let name = unwrapped(&name);
        let shown = if name.is_empty() {
            html::plain_line(person.email.as_deref().unwrap_or_default())
        } else {
            name.to_owned()
        };
        if !shown.is_empty() && !names.contains(&shown) {
            names.push(shown);
        }
    }
    names
}
