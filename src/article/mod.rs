//! The article on a web page: its headline, its date, its authors and its main text in paragraphs.
//!
//! The page becomes a tree; each element is measured; the headline is found; the element that holds the article is chosen
//! by what its paragraphs weigh; its blocks are read without what is apart by name or nature; and what is left over at
//! both ends is cut. Knows nothing of polls, stores or rules, and never asks the network.

mod about;

mod agree;

mod blocks;

mod headline;

mod measure;

mod phrases;

mod select;

mod standfirst;

mod tree;

mod trim;

mod vocabulary;

mod wall;

pub use wall::Wall;

use std::borrow::Cow;

use jiff::Timestamp;
use url::Url;

use crate::parse;
use crate::understand::text::html::scan::{Piece, Scanner};
use crate::understand::text::html::{plain_text, to_text};

/// A page as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// What stands in the article's place, if something does. The text is then not the article.
    pub wall: Option<Wall>,
    /// The headline on one line; empty where there is none.
    pub title: String,
    /// When it was published, as the page says.
    pub published: Option<Timestamp>,
    /// Who wrote it, as the page says.
    pub authors: Vec<String>,
    /// The main text, paragraphs separated by a blank line; empty where none was found.
    pub text: String,
}

/// How far a page's own word about its encoding is looked for (HTML Standard, §13.2.3.2 says 1024 bytes; pages exceed it).
const META: usize = 4096;

/// Reads the article on a page. `content_type` is the header's value and only a hint; `url` is where the page was found.
pub fn read(bytes: &[u8], content_type: Option<&str>, url: &Url) -> Article {
    let said =
        charset(bytes).filter(|_| !content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("charset")));
    let content_type = match said {
        Some(charset) => Some(Cow::Owned(format!("text/html; charset={charset}"))),
        None => content_type.map(Cow::Borrowed),
    };
    from_html(&parse::decode(bytes, content_type.as_deref(), url))
}

/// Reads the article on a page that is text already.
pub fn from_html(html: &str) -> Article {
    let tree = tree::Tree::read(html);
    let measures = measure::measure(&tree);
    let headline = headline::find(&tree, &measures);
    let about = about::read(&tree);
    let declared = about.published.is_some()
        || headline::meta(&tree, &["og:type"]).is_some_and(|kind| kind.eq_ignore_ascii_case("article"));
    let mut page = select::Page::new(tree, measures, headline.heading);
    let known = trim::Known::of(&page.tree, &headline.words, &about.authors);
    let mut text = match page.find() {
        Some(root) => {
            let text = trim::text(&page, blocks::read(&page, root), &known);
            standfirst::with_standfirst(&page, root, text)
        }
        None => String::new(),
    };
    if let Some(body) = &about.body {
        let body = if body.contains('<') { to_text(body) } else { plain_text(body) };
        text = agree::checked(text, body);
    }
    let short = text.chars().count() < wall::ARTICLE_MIN;
    let shown = if short { to_text(html) } else { String::new() };
    let look = wall::Look { html, shown: &shown, text: &text, declared, paid: about.paid };
    let wall = wall::recognise(&look);
    let text = wall::without_prompts(text);
    Article { wall, title: headline.words, published: about.published, authors: about.authors, text }
}

/// The encoding that a page names in a `meta`.
fn charset(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(META)]);
    Scanner::new(&start).find_map(|piece| {
        let Piece::Start(tag) = piece else { return None };
        if !tag.is("meta") {
            return None;
        }
        let named = tag.attribute("charset").map(Cow::into_owned).or_else(|| {
            let content = tag.attribute("content")?.to_ascii_lowercase();
            let (_, charset) = content.split_once("charset=")?;
            Some(charset.split([';', ' ', ',']).next().unwrap_or_default().to_owned())
        })?;
        let sound =
            !named.is_empty() && named.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        sound.then_some(named)
    })
}

#[cfg(test)]
mod kinds;

#[cfg(test)]
mod tests;
