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

/// Whether a text that is no feed is a web page.
pub(crate) fn is_html(text: &str) -> bool {
    // A page may begin with comments and blank lines, and many end without any of these.
    Scanner::new(text).take(50).any(|piece| {
        matches!(piece, Piece::Start(tag) if ["html", "head", "body", "meta", "div", "title", "script", "h1"].iter().any(|name| tag.is(name)))
    })
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
