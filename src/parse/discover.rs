//! The feeds of a web page.

use url::Url;

use super::error::{HtmlPage, PageFeed};
use super::purpose::{Known, purpose};
use crate::understand::text::html::scan::{Piece, Scanner, Tag};
use crate::understand::text::html::{one_line, plain_line};

/// Media types of a link that leads to a feed.
const TYPES: [&str; 5] =
    ["application/atom+xml", "application/feed+json", "application/json", "application/rdf+xml", "application/rss+xml"];

/// Feeds of one page that are named; blogs with a feed per tag list thousands.
const FEEDS: usize = 10;

/// Characters of a title.
const TITLE: usize = 100;

/// Elements that a web page, or the scrap of one that a failing script leaves, begins with.
const FIRST: [&str; 19] = [
    "base", "a", "b", "body", "br", "center", "div", "font", "h1", "h2", "head", "html", "link", "meta", "p", "script",
    "style", "table", "title",
];

/// Whether a text that is no feed is a web page, going by its first tag.
pub(crate) fn is_html(text: &str) -> bool {
    let first = Scanner::new(text).find_map(|piece| match piece {
        Piece::Start(tag) => Some(tag),
        _ => None,
    });
    first.is_some_and(|tag| FIRST.iter().any(|name| tag.is(name)))
}

/// What is worth knowing of a page at `url`: its title, what it is there for, and the feeds that it links to by
/// `rel=alternate`, else those that its text links to.
pub(crate) fn page(html: &str, url: &Url) -> HtmlPage {
    let mut base = url.clone();
    let mut title: Option<String> = None;
    let mut moved = None;
    let mut inside = "";
    let (mut feeds, mut mentioned) = (Vec::new(), Vec::new());
    for piece in Scanner::new(html) {
        match piece {
            Piece::Start(tag) if tag.is("base") => {
                if let Some(found) = tag.attribute("href").and_then(|href| url.join(href.trim()).ok()) {
                    base = found;
                }
            }
            Piece::Start(tag) if tag.is("link") && feeds.len() < FEEDS => {
                if let Some(feed) = feed_link(&tag, &base) {
                    add(&mut feeds, feed);
                }
            }
            Piece::Start(tag) if tag.is("a") && mentioned.len() < FEEDS => {
                if let Some(feed) = mention(&tag, &base) {
                    add(&mut mentioned, feed);
                }
            }
            Piece::Start(tag) if tag.is("meta") && moved.is_none() => moved = refreshed(&tag, &base),
            Piece::Raw(text) if inside == "title" && title.is_none() => {
                title = Some(one_line(text).chars().take(TITLE).collect());
            }
            _ => {}
        }
        inside = match piece {
            Piece::Start(tag) if tag.is("title") => "title",
            _ => "",
        };
    }
    // A page that declares none may still have a link for its readers.
    let mut feeds = if feeds.is_empty() { mentioned } else { feeds };
    // A page that names itself is still none.
    feeds.retain(|feed| feed.address != url.as_str());
    let title = title.unwrap_or_default();
    let kind = purpose(html, &Known { has_feeds: !feeds.is_empty(), ..Known::default() });
    HtmlPage { kind, title, feeds, moved }
}

/// Each address once.
fn add(feeds: &mut Vec<PageFeed>, feed: PageFeed) {
    if feeds.iter().all(|known| known.address != feed.address) {
        feeds.push(feed);
    }
}

/// What a link calls its feed.
fn named(tag: &Tag<'_>, address: Url) -> PageFeed {
    let title = tag.attribute("title").unwrap_or_default();
    PageFeed { address: address.into(), title: plain_line(&title).chars().take(TITLE).collect() }
}

/// Where a page sends its readers by itself (`http-equiv=refresh`).
fn refreshed(tag: &Tag<'_>, base: &Url) -> Option<String> {
    if !tag.attribute("http-equiv")?.trim().eq_ignore_ascii_case("refresh") {
        return None;
    }
    let content = tag.attribute("content")?;
    let (_, target) = content.split_once([';', ','])?;
    let target = target.trim();
    let target = match target.split_once('=') {
        Some((name, target)) if name.trim().eq_ignore_ascii_case("url") => target.trim().trim_matches(['"', '\'']),
        _ => target,
    };
    let url = base.join(target).ok()?;
    (url != *base && matches!(url.scheme(), "http" | "https")).then(|| url.into())
}

/// How addresses of feeds end, where nobody says that they are feeds.
const ENDINGS: [&str; 12] = [
    ".atom",
    ".rdf",
    ".rss",
    "/atom",
    "/atom.xml",
    "/feed",
    "/feed.json",
    "/feed.xml",
    "/feeds/posts/default",
    "/index.xml",
    "/rss",
    "/rss.xml",
];

/// The address that a link in the text leads to, if it looks like that of a feed.
fn mention(tag: &Tag<'_>, base: &Url) -> Option<PageFeed> {
    let feed = base.join(tag.attribute("href")?.trim()).ok()?;
    let path = feed.path().trim_end_matches('/').to_ascii_lowercase();
    let looks_so = ENDINGS.iter().any(|ending| path.ends_with(ending));
    (looks_so && matches!(feed.scheme(), "http" | "https")).then(|| named(tag, feed))
}

fn feed_link(tag: &Tag<'_>, base: &Url) -> Option<PageFeed> {
    let rel = tag.attribute("rel")?;
    if !rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("alternate")) {
        return None;
    }
    let media = tag.attribute("type")?;
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let href = tag.attribute("href")?;
    // WordPress advertises its API as an alternate too.
    if !TYPES.contains(&media.as_str()) || (media == "application/json" && href.contains("/wp-json/")) {
        return None;
    }
    let feed = base.join(href.trim()).ok()?;
    matches!(feed.scheme(), "http" | "https").then(|| named(tag, feed))
}
