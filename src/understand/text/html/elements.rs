//! What each element of HTML means for its text.

use std::sync::LazyLock;

use memchr::memmem;

use super::scan::Tag;

/// Elements that stand as paragraphs of their own, in alphabetical order.
pub(crate) const BLOCKS: [&str; 50] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "optgroup",
    "option",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];

/// What an element means for the text around it and in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Stands as a paragraph of its own.
    Block,
    /// The same, and shows its white space.
    Preformatted,
    /// Ends a line.
    Break,
    /// Stands beside others in a row.
    Cell,
    /// Part of a line.
    Inline,
    /// Its content is never read.
    Unread,
    /// None of HTML's.
    Unknown,
}

/// Bytes of the longest name that means something.
const NAME: usize = 10;

/// What the element of a tag is.
pub(super) fn kind(tag: &Tag<'_>) -> Kind {
    kind_of(tag.name)
}

/// What the element of a name is. Every tag of every text is asked, so no name is copied or searched for.
#[rustfmt::skip]
pub(super) fn kind_of(name: &str) -> Kind {
    let mut lower = [0; NAME];
    let Some(lower) = lower.get_mut(..name.len()) else { return foreign(name) };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"p" | b"address" | b"article" | b"aside" | b"blockquote" | b"body" | b"caption" | b"center" | b"dd"
        | b"details" | b"dialog" | b"dir" | b"div" | b"dl" | b"dt" | b"fieldset" | b"figcaption" | b"figure"
        | b"footer" | b"form" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"head" | b"header" | b"hgroup"
        | b"hr" | b"html" | b"legend" | b"li" | b"listing" | b"main" | b"menu" | b"nav" | b"ol" | b"optgroup"
        | b"option" | b"search" | b"section" | b"summary" | b"table" | b"tbody" | b"tfoot" | b"thead" | b"tr"
        | b"ul" => Kind::Block,
        b"pre" => Kind::Preformatted,
        b"br" => Kind::Break,
        b"td" | b"th" => Kind::Cell,
        b"a" | b"abbr" | b"acronym" | b"b" | b"bdi" | b"bdo" | b"big" | b"blink" | b"cite" | b"code" | b"col" | b"data"
        | b"del" | b"dfn" | b"em" | b"font" | b"i" | b"img" | b"input" | b"ins" | b"kbd" | b"label" | b"link"
        | b"mark" | b"math" | b"meta" | b"nobr" | b"picture" | b"q" | b"rp" | b"rt" | b"ruby" | b"s" | b"samp"
        | b"small" | b"source" | b"span" | b"strike" | b"strong" | b"sub" | b"sup" | b"time" | b"tt" | b"u"
        | b"wbr" => Kind::Inline,
        b"audio" | b"button" | b"canvas" | b"iframe" | b"noembed" | b"noframes" | b"noscript" | b"object" | b"script"
        | b"select" | b"style" | b"svg" | b"template" | b"textarea" | b"title" | b"video" => Kind::Unread,
        _ => foreign(name),
    }
}

/// Another vocabulary's element has a prefix, and so have those of XHTML in some documents. Microsoft's `o:p` is no paragraph.
fn foreign(name: &str) -> Kind {
    match name.split_once(':') {
        None => Kind::Unknown,
        Some((prefix, _)) if prefix.is_empty() || prefix.eq_ignore_ascii_case("o") => Kind::Inline,
        Some((_, local)) if local.eq_ignore_ascii_case("br") => Kind::Break,
        Some((_, local)) if BLOCKS.iter().any(|block| local.eq_ignore_ascii_case(block)) => Kind::Block,
        Some(_) => Kind::Inline,
    }
}

/// Whether it is how a word of Chinese or Japanese is pronounced, which would stand in the middle of the word.
pub(super) fn is_annotation(tag: &Tag<'_>) -> bool {
    tag.name.len() == 2 && (tag.is("rt") || tag.is("rp"))
}

/// Whether it is an element that slips into headlines: what shapes a text, and what stands around one.
pub(super) fn is_markup(tag: &Tag<'_>) -> bool {
    const OTHERS: [&str; 12] = ["blockquote", "center", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "pre"];
    match kind(tag) {
        Kind::Inline => {
            !["data", "img", "input", "link", "meta", "math", "picture", "source"].iter().any(|name| tag.is(name))
        }
        Kind::Break | Kind::Cell => true,
        Kind::Block | Kind::Preformatted => {
            tag.name.contains(':') || OTHERS.iter().chain(&["hr", "ol", "tr", "ul"]).any(|name| tag.is(name))
        }
        Kind::Unread | Kind::Unknown => false,
    }
}

impl Kind {
    /// Whether a new paragraph begins and ends with it.
    pub(super) fn is_block(self) -> bool {
        matches!(self, Self::Block | Self::Preformatted)
    }
}

/// Words without which no tag of a page hides anything. Looking for them in the whole page first costs less than reading
/// the attributes of every tag.
static HIDING: LazyLock<[memmem::Finder<'_>; 6]> =
    LazyLock::new(|| ["hidden", "HIDDEN", "none", "NONE", "screen-reader", "sr-only"].map(memmem::Finder::new));

/// Whether anything in a page may say that it is not shown.
pub(super) fn may_hide(html: &str) -> bool {
    HIDING.iter().any(|word| word.find(html.as_bytes()).is_some())
}

/// Whether it says that it is not shown, or not to those who can see.
pub(super) fn is_hidden(tag: &Tag<'_>) -> bool {
    tag.attributes().any(|(name, value)| {
        if name.eq_ignore_ascii_case("hidden") {
            // What is `until-found` can be found by a reader, so it is read.
            !value.eq_ignore_ascii_case("until-found")
        } else if name.eq_ignore_ascii_case("style") {
            value.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
                let value = value.split('!').next().unwrap_or_default().trim();
                (name.trim().eq_ignore_ascii_case("display") && value.eq_ignore_ascii_case("none"))
                    || (name.trim().eq_ignore_ascii_case("visibility") && value.eq_ignore_ascii_case("hidden"))
            })
        } else {
            name.eq_ignore_ascii_case("class")
                && value.split_ascii_whitespace().any(|class| {
                    matches!(
                        class,
                        "screen-reader-text" | "screen-reader" | "sr-only" | "visually-hidden" | "visuallyhidden"
                    )
                })
        }
    })
}

/// Whether it has no content, so that nothing can be hidden in it.
pub(super) fn is_void(tag: &Tag<'_>) -> bool {
    const VOID: [&str; 17] = [
        "area", "base", "br", "col", "embed", "frame", "hr", "image", "img", "input", "keygen", "link", "meta",
        "param", "source", "track", "wbr",
    ];
    VOID.iter().any(|name| tag.is(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::text::html::scan::{Piece, Scanner};

    #[test]
    fn the_list_of_blocks_is_that_of_the_kinds() {
        assert!(BLOCKS.is_sorted());
        for name in BLOCKS {
            for html in [format!("<{name}>"), format!("<{} a=b>", name.to_uppercase())] {
                let Some(Piece::Start(tag)) = Scanner::new(&html).next() else { unreachable!("a start tag") };
                assert!(kind(&tag).is_block(), "{html}");
            }
        }
    }
}
