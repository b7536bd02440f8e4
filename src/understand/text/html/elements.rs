//! What each element of HTML means for its text.

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

/// Other elements that a headline may hold, in alphabetical order.
const INLINE: [&str; 47] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "blink", "br", "cite", "code", "col", "data", "del", "dfn", "em",
    "font", "i", "img", "input", "ins", "kbd", "label", "link", "mark", "math", "meta", "nobr", "picture", "q", "rp",
    "rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "svg", "time", "tt", "u",
    "wbr",
];

/// Elements whose content is never read.
const UNREAD: [&str; 16] = [
    "audio", "button", "canvas", "iframe", "noembed", "noframes", "noscript", "object", "script", "select", "style",
    "svg", "template", "textarea", "title", "video",
];

fn is_one_of(tag: &Tag<'_>, names: &[&str]) -> bool {
    names.binary_search_by(|name| name.bytes().cmp(tag.name.bytes().map(|byte| byte.to_ascii_lowercase()))).is_ok()
}

/// Whether it stands as a paragraph of its own.
pub(super) fn is_block(tag: &Tag<'_>) -> bool {
    is_one_of(tag, &BLOCKS)
}

/// Whether it is one of HTML's, or another vocabulary's with a prefix.
pub(super) fn is_known(tag: &Tag<'_>) -> bool {
    is_block(tag)
        || is_one_of(tag, &INLINE)
        || is_one_of(tag, &UNREAD)
        || tag.is("td")
        || tag.is("th")
        || tag.name.contains(':')
}

/// Whether its content is never read.
pub(super) fn is_unread(tag: &Tag<'_>) -> bool {
    is_one_of(tag, &UNREAD)
}

/// Whether it says that it is not shown.
pub(super) fn is_hidden(tag: &Tag<'_>) -> bool {
    // Most tags have neither attribute; looking for the letters first costs less than reading the attributes.
    (tag.whole.contains("hidden") && tag.has("hidden"))
        || (tag.whole.contains("none")
            && tag.attribute("style").is_some_and(|style| {
                style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
                    name.trim().eq_ignore_ascii_case("display")
                        && value.trim().get(..4).is_some_and(|value| value.eq_ignore_ascii_case("none"))
                })
            }))
}

/// Whether it has no content, so that nothing can be hidden in it.
pub(super) fn is_void(tag: &Tag<'_>) -> bool {
    const VOID: [&str; 13] =
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
    is_one_of(tag, &VOID)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_elements_can_be_searched() {
        assert!(BLOCKS.is_sorted() && INLINE.is_sorted() && UNREAD.is_sorted());
    }
}
