//! What was found in one item, or in the feed itself, and which of several things that say the same counts.

use jiff::Timestamp;
use url::Url;

use crate::item::Item;
use crate::parse::soup::Tag;
use crate::parse::tail::without_tail;
use crate::parse::{AUTHORS_MAX, base64, headline, links, published, text_of, unwrapped};
use crate::understand::text::html;

/// What an element is to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// With how much it counts: the feed's own element most, 0.
    Title(u8),
    Link,
    Id,
    Published(u8),
    Updated(u8),
    Summary(u8),
    Text(u8),
    Author,
    /// Stands beside the text and says a part of it: what is warned of, and where.
    Part,
    /// Known, so that it ends what is open before it, but of no use here.
    Other,
}

/// Prefixes of modules, whose elements mean something of their own.
pub(super) fn is_module(prefix: &str) -> bool {
    const MODULES: [&str; 16] = [
        "app",
        "dc",
        "dcterms",
        "feedburner",
        "gd",
        "geo",
        "georss",
        "gml",
        "googleplay",
        "itunes",
        "media",
        "podcast",
        "psc",
        "slash",
        "thr",
        "xhtml",
    ];
    MODULES.contains(&prefix.to_ascii_lowercase().as_str())
}

/// How much an element counts whose prefix nobody knows.
const FOREIGN: u8 = 9;

/// Prefixes of the elements that are an item's own, and of the content module.
const KNOWN: [&str; 6] = ["", "a10", "atom", "atom10", "content", "rss"];

impl Origin {
    /// Of an element by its name with and without prefix, the latter in lower case; `own` is the prefix of the item or feed
    /// around it.
    pub(super) fn of(name: &str, lower: &str, own: &str) -> Option<Self> {
        let origin = Self::meant(name, lower)?;
        let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
        let known = prefix.eq_ignore_ascii_case(own)
            || KNOWN.contains(&prefix.to_ascii_lowercase().as_str())
            || is_module(prefix);
        if known {
            return Some(origin);
        }
        // What nobody knows may fill what is empty, and never says which item it is.
        match origin {
            Self::Title(_) => Some(Self::Title(FOREIGN)),
            Self::Published(_) => Some(Self::Published(FOREIGN)),
            Self::Updated(_) => Some(Self::Updated(FOREIGN)),
            Self::Summary(_) => Some(Self::Summary(FOREIGN)),
            Self::Text(_) => Some(Self::Text(FOREIGN)),
            Self::Part => Some(Self::Part),
            Self::Link | Self::Id | Self::Author | Self::Other => None,
        }
    }

    fn meant(name: &str, lower: &str) -> Option<Self> {
        let prefix = name.split_once(':').map_or(String::new(), |(prefix, _)| prefix.to_ascii_lowercase());
        let own = !is_module(&prefix);
        Some(match (prefix.as_str(), lower) {
            ("dc" | "dcterms", "title") => Self::Title(1),
            ("media" | "itunes", "title") => Self::Title(2),
            ("dc", "date") => Self::Published(2),
            ("dcterms", "issued") => Self::Published(1),
            ("dcterms", "created" | "date") | ("prism", "publicationdate") => Self::Published(3),
            ("dcterms", "modified") => Self::Updated(1),
            ("dc", "description") => Self::Summary(1),
            ("media", "description") => Self::Summary(3),
            ("itunes", "summary") => Self::Summary(2),
            ("itunes", "subtitle") => Self::Summary(4),
            ("cap", "event" | "areadesc") => Self::Part,
            ("", "body") => Self::Text(3),
            (_, "full-text" | "fulltext") | ("xhtml", "body" | "div") => Self::Text(2),
            ("dc", "creator" | "author") | ("itunes", "author") => Self::Author,
            ("content", "encoded") => Self::Text(0),
            _ if !own => return None,
            (_, "title") => Self::Title(0),
            (_, "link") => Self::Link,
            (_, "guid" | "id") => Self::Id,
            (_, "pubdate" | "published" | "issued") => Self::Published(0),
            (_, "created" | "date") => Self::Published(3),
            (_, "updated" | "modified") => Self::Updated(0),
            (_, "description" | "summary" | "abstract") => Self::Summary(0),
            (_, "content" | "encoded" | "fullitem") => Self::Text(1),
            (_, "author") => Self::Author,
            (_, "category" | "comments" | "enclosure" | "language" | "copyright" | "generator") => Self::Other,
            _ => return None,
        })
    }

    /// Whether the element cannot be part of a text.
    pub(super) fn is_plain(self) -> bool {
        !matches!(self, Self::Title(_) | Self::Author | Self::Part | Self::Other)
    }

    /// Whether it may hold elements of any name.
    pub(super) fn holds_markup(self) -> bool {
        matches!(self, Self::Text(_) | Self::Other)
    }
}

/// A text and how much its element counts; the least is the best.
type Ranked = Option<(u8, String)>;

fn offer(place: &mut Ranked, rank: u8, text: String) {
    if !text.trim().is_empty() && place.as_ref().is_none_or(|(best, _)| rank < *best) {
        *place = Some((rank, text));
    }
}

#[derive(Debug, Default)]
pub(super) struct Gathered {
    title: Ranked,
    /// The page, and whatever else is linked to.
    links: [Option<String>; 3],
    id: Option<String>,
    id_is_link: bool,
    published: Ranked,
    updated: Ranked,
    summary: Ranked,
    text: Ranked,
    parts: Vec<String>,
    authors: Vec<String>,
}

/// Parts of an item's text that are kept: a warning has some.
const PARTS: usize = 10;

impl Gathered {
    /// An item that says in its start tag what it is about.
    pub(super) fn about(address: Option<&str>) -> Self {
        let about = address.map(str::trim).filter(|address| address.starts_with("http"));
        Self { links: [None, about.map(ToOwned::to_owned), None], ..Self::default() }
    }

    /// Who wrote it.
    pub(super) fn authors(&self) -> &[String] {
        &self.authors
    }

    /// Takes what an element says.
    pub(super) fn take(&mut self, origin: Origin, tag: &Tag<'_>, content: String, atom: bool, base: Option<&Url>) {
        match origin {
            Origin::Title(rank) => offer(&mut self.title, rank, headline(&decoded(tag, content))),
            Origin::Link => self.take_link(tag, &content, base),
            Origin::Id => {
                let id = content.trim();
                if !id.is_empty() && self.id.is_none() {
                    self.id = Some(id.to_owned());
                    self.id_is_link =
                        id.starts_with("http") && tag.attribute("isPermaLink").is_none_or(|is| is.trim() != "false");
                }
            }
            Origin::Published(rank) => offer(&mut self.published, rank, content),
            Origin::Updated(rank) => offer(&mut self.updated, rank, content),
            Origin::Summary(rank) => offer(&mut self.summary, rank, paragraphs(tag, content, atom)),
            Origin::Text(rank) => offer(&mut self.text, rank, paragraphs(tag, content, atom)),
            Origin::Author => {
                let name = html::one_line(&content);
                // RSS writes `address (name)`.
                let name = match name.split_once('(') {
                    Some((address, name)) if address.contains('@') => name.trim_matches([' ', '(', ')']),
                    _ => unwrapped(&name),
                };
                let known = name.is_empty() || self.authors.iter().any(|author| author == name);
                if !known && self.authors.len() < AUTHORS_MAX {
                    self.authors.push(name.to_owned());
                }
            }
            Origin::Part => {
                let part = html::one_line(&content);
                if !part.is_empty() && self.parts.len() < PARTS && !self.parts.contains(&part) {
                    self.parts.push(part);
                }
            }
            Origin::Other => {}
        }
    }

    fn take_link(&mut self, tag: &Tag<'_>, content: &str, base: Option<&Url>) {
        let href = tag.attribute("href");
        let href = href.as_deref().unwrap_or(content).trim();
        if href.is_empty() {
            return;
        }
        let place = match tag.attribute("rel").as_deref().map(links::relation).as_deref() {
            None | Some("" | "alternate") => 0,
            Some("related" | "via" | "self") => 1,
            Some("enclosure") => 2,
            Some(_) => return,
        };
        if self.links[place].is_none() {
            let joined = base.filter(|_| Url::parse(href).is_err()).and_then(|base| base.join(href).ok());
            self.links[place] = Some(joined.map_or_else(|| href.to_owned(), Into::into));
        }
    }

    /// The page, absolute.
    pub(super) fn link(&self, site: Option<&Url>, url: &Url) -> Option<String> {
        let id = self.id.as_deref().filter(|_| self.id_is_link);
        let [page, other, enclosed] = &self.links;
        [page.as_deref(), id, other.as_deref(), enclosed.as_deref()]
            .into_iter()
            .flatten()
            .find_map(|link| links::absolute(link, site, url))
    }

    /// The title on one line.
    pub(super) fn headline(&self) -> String {
        self.title.as_ref().map(|(_, title)| title.clone()).unwrap_or_default()
    }

    /// The item.
    pub(super) fn item(mut self, site: Option<&Url>, url: &Url, now: Timestamp, ways: &published::Ways) -> Item {
        let date = |of: &Ranked| {
            let (_, written) = of.as_ref()?;
            let (date, offset) = published::read(written, ways)?;
            Some((published::sound(date.as_millisecond(), now)?, offset))
        };
        let (published, updated) = (date(&self.published), date(&self.updated));
        let said = published.or(updated);
        let mut summary = self.summary.take().map(|(_, text)| without_tail(text)).unwrap_or_default();
        if !self.parts.is_empty() {
            let between = if summary.is_empty() { "" } else { "\n\n" };
            summary = format!("{summary}{between}{}", self.parts.join(", "));
        }
        Item {
            link: self.link(site, url),
            title: self.headline(),
            id: self.id,
            published: said.map(|(date, _)| date),
            offset_minutes: said.and_then(|(_, offset)| offset),
            updated: updated.map(|(date, _)| date),
            authors: self.authors,
            language: None,
            summary,
            text: self.text.map(|(_, text)| without_tail(text)).unwrap_or_default(),
        }
    }
}

/// What an element's content says when its encoding is undone (Atom 0.3 `mode`; RFC 4287 §4.1.3.3).
fn decoded(tag: &Tag<'_>, content: String) -> String {
    let encoded = tag.attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("base64"))
        || tag.attribute("type").is_some_and(|media| media.trim() == "application/octet-stream");
    if encoded { base64::decode(&content).unwrap_or(content) } else { content }
}

fn paragraphs(tag: &Tag<'_>, content: String, atom: bool) -> String {
    let media = tag.attribute("type").unwrap_or_default();
    if is_no_text(&media) {
        return String::new();
    }
    let content = decoded(tag, content);
    let is_text = atom && (media.is_empty() || media == "text" || media == "text/plain");
    if is_text && !content.contains("</") { html::plain_text(&html::resolve(&content)) } else { text_of(&content) }
}

/// Whether a media type is that of a picture, of sound or of anything else that is not to be read (RFC 4287 §4.1.3.3).
fn is_no_text(media: &str) -> bool {
    let kind = media.split('/').next().unwrap_or_default().trim().to_ascii_lowercase();
    ["image", "audio", "video", "font", "model"].contains(&kind.as_str()) && !media.contains("xml")
}
