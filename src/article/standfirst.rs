//! The sentences between a headline and the article's text, where they stand in a header of their own: what the article says,
//! in short. The element with the text then does not hold them.

use super::phrases;
use super::select::Page;
use super::tree::Id;

/// Characters of a standfirst; what is shorter may be a byline, what is longer is the text.
const LENGTH: std::ops::RangeInclusive<usize> = 50..=500;

/// How many elements may stand between a headline and the header that holds it.
const LEVELS: usize = 3;

/// The text with the standfirst of its article in front of it. `root` is the element that the text was read from.
pub(super) fn with_standfirst(page: &Page<'_>, root: Id, text: String) -> String {
    match find(page, root) {
        Some(words) if !text.is_empty() && !text.contains(&words) => format!("{words}\n\n{text}"),
        _ => text,
    }
}

fn find(page: &Page<'_>, root: Id) -> Option<String> {
    let headline = page.headline?;
    let tree = &page.tree;
    let header = tree.ancestors(headline).take(LEVELS).find(|&id| tree.node(id).name == "header")?;
    // The header of a site holds no article's headline.
    tree.article_of(headline)?;
    if tree.is_within(header, root) {
        return None;
    }
    let mut id = tree.node(headline).end;
    while id < tree.node(header).end {
        if page.is_passed_over(id) {
            id = tree.node(id).end;
            continue;
        }
        if page.is_leaf(id) && tree.node(id).name == "p" && page.measure(id).link_share() < 0.2 {
            let words = tree.words(id);
            if LENGTH.contains(&words.chars().count()) && phrases::is_sentence(&words) {
                return Some(words);
            }
        }
        id += 1;
    }
    None
}
