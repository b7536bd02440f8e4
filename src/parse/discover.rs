//! The feeds of a web page.

use url::Url;

use super::error::HtmlPage;
use crate::understand::text::html::one_line;
use crate::understand::text::html::scan::{Piece, Scanner, Tag};

/// Media types of a link that leads to a feed.
const TYPES: [&str; 5] =
    ["application/atom+xml", "application/feed+json", "application/json", "application/rdf+xml", "application/rss+xml"];

/// Feeds of one page that are named; blogs with a feed per tag list thousands.
const FEEDS: usize = 10;

/// Characters of a title.
const TITLE: usize = 100;

/// Elements that a web page, or the scrap of one that a failing script leaves, begins with.
const FIRST: [&str; 18] = [
    "a", "b", "body", "br", "center", "div", "font", "h1", "h2", "head", "html", "link", "meta", "p", "script",
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

/// What is worth knowing of a page at `url`: its title and the feeds that it links to by `rel=alternate`.
pub(crate) fn page(html: &str, url: &Url) -> HtmlPage {
    let mut base = url.clone();
    let mut title = None;
    let mut in_title = false;
    let mut feeds = Vec::new();
    for piece in Scanner::new(html) {
        match piece {
            Piece::Start(tag) if tag.is("base") => {
                if let Some(found) = tag.attribute("href").and_then(|href| url.join(href.trim()).ok()) {
                    base = found;
                }
            }
            Piece::Start(tag) if tag.is("link") && feeds.len() < FEEDS => {
                if let Some(feed) = feed_link(&tag, &base)
                    && !feeds.contains(&feed)
                {
                    feeds.push(feed);
                }
            }
            Piece::Raw(text) if in_title && title.is_none() => {
                title = Some(one_line(text).chars().take(TITLE).collect());
            }
            _ => {}
        }
        in_title = matches!(piece, Piece::Start(tag) if tag.is("title"));
    }
    HtmlPage { title: title.unwrap_or_default(), feeds }
}

fn feed_link(tag: &Tag<'_>, base: &Url) -> Option<String> {
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
    matches!(feed.scheme(), "http" | "https").then(|| feed.into())
}
