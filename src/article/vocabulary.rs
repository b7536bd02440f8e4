//! What publishers call the parts of a page.

use std::sync::LazyLock;

use regex::Regex;

use super::tree::Node;

/// Attributes that name a part for the page's own styles, scripts and tests.
const NAMING: [&str; 6] = ["class", "id", "data-component", "data-module", "data-testid", "data-type"];

/// Beginnings of class names that tell what an element has or is filed under, not what it is.
const FILED: [&str; 16] = [
    "has-",
    "no-",
    "not-",
    "with-",
    "without-",
    "is-",
    "category-",
    "tag-",
    "tags-",
    "format-",
    "type-",
    "status-",
    "author-",
    "section-",
    "topic-",
    "channel-",
];

/// Elements that are no part of the text.
pub(super) const ASIDE: [&str; 16] = [
    "aside",
    "dialog",
    "dir",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "head",
    "input",
    "label",
    "math",
    "menu",
    "nav",
    "option",
    "search",
];

/// Roles (WAI-ARIA 1.2) of parts that are not the text.
pub(super) const ROLES: [&str; 12] = [
    "alertdialog",
    "banner",
    "complementary",
    "contentinfo",
    "dialog",
    "form",
    "menu",
    "menubar",
    "navigation",
    "search",
    "tablist",
    "toolbar",
];

/// Names of what readers say about an article.
pub(super) const COMMENTS: [&str; 10] = [
    "commentaires",
    "commentlist",
    "comment",
    "comments",
    "commenti",
    "comentarios",
    "disqus",
    "kommentare",
    "replies",
    "respond",
];

/// Names of pictures, films and sound, whose texts are captions as long as they are short.
pub(super) const MEDIA: [&str; 21] = [
    "audio",
    "carousel",
    "embed",
    "figure",
    "gallery",
    "illustration",
    "image",
    "images",
    "img",
    "media",
    "photo",
    "photos",
    "picture",
    "player",
    "poster",
    "slider",
    "slideshow",
    "thumb",
    "thumbnail",
    "video",
    "videos",
];

/// Names of what invites to share; of embedded posts too.
pub(super) const SOCIAL: [&str; 3] = ["share", "sharing", "social"];

/// Names of parts that are no part of the text, in alphabetical order.
static APART: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut names: Vec<&str> = include_str!("apart.txt").lines().filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names
});

/// Of these names even a paragraph or a stretch of one is apart.
pub(super) const SMALL: [&str; 7] = ["byline", "caption", "credit", "newsletter", "promo", "related", "share"];

/// Names of the text itself.
pub(super) const TEXT: [&str; 13] = [
    "article",
    "articlebody",
    "blog",
    "body",
    "content",
    "copy",
    "entry",
    "hentry",
    "main",
    "news",
    "post",
    "prose",
    "story",
];

/// Names of parts that are told by several words in a row, joined with hyphens.
static APART_IN_A_ROW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?:^|-)(?:read-?(?:more|next|also)|more-(?:from|on|stories|news|articles|links)|most-?(?:read|viewed|popular|shared)|see-also|also-read|you-may|author-?(?:bio|info|box|card|meta|profile|name|desc\w*|image|details)|about-author|post-?(?:meta|info|tags|nav\w*|footer|date|author|share)|entry-?(?:meta|footer|utility|tags|info)|article-?(?:meta|footer|tags|info|date|timestamp|share|tools|header|byline)|up-?next|pull-?quote|jump-?(?:link|to)|sign-?up|log-?in|inline-?(?:ad|promo|related|video)|screen-?reader|sr-only|visually-?hidden|wp-caption|prev(?:ious)?-?next|next-?prev|below-article|amp-(?:ad|auto-ads|embed|list|sticky-ad|social-share|sidebar|user-notification)|ad-slot|after-?(?:post|content|article|entry)|trc|rc-widget)(?:$|-)",
    )
});

/// A pattern of this room. `None` cannot happen with the patterns here; a test holds it.
pub(super) fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// Whether a pattern is found in a text.
pub(super) fn found(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// The words of an element's names, in lower case; its own is one where it is no element of HTML.
pub(super) fn names(node: &Node<'_>) -> Vec<String> {
    let mut words = Vec::new();
    let Some(tag) = node.tag else { return words };
    // An element of the publisher's own (HTML Standard, §4.13.3) is called what it is.
    if tag.name.contains('-') {
        split_words(tag.name, &mut words);
    }
    for naming in NAMING {
        if !tag.whole.contains(naming) {
            continue;
        }
        let Some(value) = node.attribute(naming) else { continue };
        for name in value.split_ascii_whitespace() {
            let filed = |start: &&str| name.get(..start.len()).is_some_and(|first| first.eq_ignore_ascii_case(start));
            if naming != "class" || !FILED.iter().any(filed) {
                split_words(name, &mut words);
            }
        }
    }
    words
}

/// Cuts `postBody_mainText2` into `post`, `body`, `main`, `text`, `2`.
fn split_words(name: &str, words: &mut Vec<String>) {
    let bytes = name.as_bytes();
    let mut start = 0;
    for at in 0..=bytes.len() {
        let kind = |at: usize| bytes.get(at).map(|byte| (byte.is_ascii_alphabetic(), byte.is_ascii_digit()));
        let here = kind(at);
        let inside = matches!(here, Some((true, _) | (_, true)));
        let upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
        let lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
        let breaks = at > start
            && (!inside || kind(at - 1) != here || (upper(at) && (lower(at - 1) || (upper(at - 1) && lower(at + 1)))));
        if breaks && let Some(word) = name.get(start..at) {
            words.push(word.to_ascii_lowercase());
            start = at;
        }
        if !inside {
            start = at + 1;
        }
    }
}

/// Whether one of an element's names is in a list.
pub(super) fn is_called(names: &[String], list: &[&str]) -> bool {
    names.iter().any(|name| list.contains(&name.as_str()))
}

/// Whether an element's names say in several words that it is apart.
pub(super) fn is_apart_in_a_row(names: &[String]) -> bool {
    !names.is_empty() && found(&APART_IN_A_ROW, &names.join("-"))
}

/// Whether a name is that of a part that is no part of the text.
pub(super) fn is_apart(name: &str) -> bool {
    APART.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words() {
        let mut words = Vec::new();
        split_words("postBody_mainText2 HTMLPage", &mut words);
        assert_eq!(words.join(" "), "post body main text 2 html page");
        assert!(APART_IN_A_ROW.is_some() && is_apart("sidebar") && !is_apart("body"));
    }
}
