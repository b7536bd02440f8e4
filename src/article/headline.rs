//! Where an article's headline stands, and what it is called.

use super::measure::Measure;
use super::tree::{Id, ROOT, Tree};

/// A headline, as far as it can be told.
pub(super) struct Headline {
    /// The heading that it stands in, if it does.
    pub(super) heading: Option<Id>,
    /// Its words.
    pub(super) words: String,
}

/// Longer headings are no headlines, in characters.
const HEADLINE_MAX: usize = 300;

/// Finds the headline of a page: the heading that agrees best with what the page says its title is.
pub(super) fn find(tree: &Tree<'_>, measures: &[Measure]) -> Headline {
    let said = meta(tree, &["og:title", "twitter:title"]);
    let titles: Vec<String> = [said.as_deref(), Some(tree.title.as_str())]
        .into_iter()
        .flatten()
        .map(plain)
        .filter(|title| !title.is_empty())
        .collect();
    let mut best: Option<(u32, Id)> = None;
    for id in ROOT..tree.len() {
        let node = tree.node(id);
        let length = measures.get(id).map_or(0, |measure| measure.length);
        if !node.is_heading() || length == 0 || length > HEADLINE_MAX {
            continue;
        }
        let words = plain(&tree.words(id));
        let mut rank = titles.iter().map(|title| agreement(&words, title)).max().unwrap_or(0);
        if node.name == "h1" {
            rank += 3;
        }
        if rank > best.map_or(2, |(rank, _)| rank) {
            best = Some((rank, id));
        }
    }
    let heading = best.map(|(_, id)| id);
    let shown = heading.map(|id| tree.words(id)).filter(|words| !words.is_empty());
    let words = shown.or(said).unwrap_or_else(|| tree.title.clone());
    Headline { heading, words }
}

/// The content of the first `meta` of these names, references resolved.
pub(super) fn meta(tree: &Tree<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|wanted| {
        tree.metas.iter().find_map(|tag| {
            let is_meant = ["property", "name", "itemprop"]
                .into_iter()
                .any(|key| tag.attribute(key).is_some_and(|value| value.eq_ignore_ascii_case(wanted)));
            let content = is_meant.then(|| tag.attribute("content")).flatten()?;
            let content = content.split_whitespace().collect::<Vec<_>>().join(" ");
            (!content.is_empty()).then_some(content)
        })
    })
}

/// Words in lower case, nothing else between them than a space.
pub(super) fn plain(text: &str) -> String {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// How far a heading agrees with a title, from 0 to 10.
fn agreement(heading: &str, title: &str) -> u32 {
    if heading.chars().count() < 8 {
        return 0;
    }
    if heading == title {
        return 10;
    }
    if title.starts_with(heading) || heading.starts_with(title) {
        return 8;
    }
    if title.contains(heading) {
        return 6;
    }
    let ours: std::collections::BTreeSet<&str> = heading.split(' ').collect();
    let theirs: std::collections::BTreeSet<&str> = title.split(' ').collect();
    let both = ours.intersection(&theirs).count();
    if both >= 3 && both * 10 >= ours.len().min(theirs.len()) * 7 { 4 } else { 0 }
}
