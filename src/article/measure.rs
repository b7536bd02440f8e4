//! What is measured at each element: its text, how much of it is links, and whether it stands as a paragraph.

use super::tree::{Node, Tree};
use super::vocabulary;

/// What one element holds, itself included. Lengths are in characters, white space collapsed.
#[derive(Debug, Default, Clone)]
pub(super) struct Measure {
    /// All its text.
    pub(super) length: usize,
    /// The text that is within links.
    pub(super) linked: usize,
    /// How many links.
    pub(super) links: usize,
    /// How many fields to fill in.
    pub(super) inputs: usize,
    /// The text of paragraphs within it: blocks without blocks, long enough and not mainly links.
    pub(super) paragraphs: usize,
    /// The text that stands directly in it.
    pub(super) direct: usize,
    /// Whether it holds blocks.
    pub(super) holds_blocks: bool,
    /// Whether it holds a quotation.
    pub(super) quotes: bool,
    /// Whether it says that it is not shown.
    pub(super) hidden: bool,
    /// The words of its class and its other names, in lower case.
    pub(super) names: Vec<String>,
}

/// Shorter blocks are no paragraphs, in characters.
const PARAGRAPH_MIN: usize = 40;

/// Measures all nodes of a tree, in its order.
pub(super) fn measure(tree: &Tree<'_>) -> Vec<Measure> {
    let mut all: Vec<Measure> = Vec::with_capacity(tree.len());
    let mut in_link: Vec<bool> = Vec::with_capacity(tree.len());
    for id in 0..tree.len() {
        let node = tree.node(id);
        let linked = node.name == "a" || (id > 0 && in_link[node.parent]);
        in_link.push(linked);
        let mut here = Measure::default();
        if node.is_text() {
            here.length = collapsed(&node.text);
            here.linked = if linked { here.length } else { 0 };
        } else {
            here.links = usize::from(node.name == "a");
            here.inputs = usize::from(node.name == "input");
            here.quotes = node.name == "blockquote";
            if node
                .tag
                .is_some_and(|tag| tag.whole.contains('=') || tag.whole.contains("hidden") || tag.name.contains('-'))
            {
                here.hidden = is_hidden(node);
                here.names = vocabulary::names(node);
            }
        }
        all.push(here);
    }
    for id in (0..tree.len()).rev() {
        let node = tree.node(id);
        let here = &mut all[id];
        let plain = node.block && !here.holds_blocks && !node.is_heading();
        if plain && here.length >= PARAGRAPH_MIN && here.linked * 5 < here.length * 2 {
            here.paragraphs = here.length;
        }
        if id == 0 {
            break;
        }
        let (block, unread, text) = (node.block, node.is_unread(), node.is_text());
        let here = here.clone_figures();
        let parent = &mut all[node.parent];
        if unread {
            continue;
        }
        parent.length += here.length;
        parent.linked += here.linked;
        parent.links += here.links;
        parent.inputs += here.inputs;
        parent.paragraphs += here.paragraphs;
        parent.holds_blocks |= block || here.holds_blocks;
        parent.quotes |= here.quotes;
        if text {
            parent.direct += here.length;
        }
    }
    all
}

impl Measure {
    fn clone_figures(&self) -> Self {
        Self { names: Vec::new(), ..*self }
    }

    /// The share of its text that is links, from 0 to 1.
    pub(super) fn link_share(&self) -> f64 {
        if self.length == 0 { 0.0 } else { ratio(self.linked, self.length) }
    }
}

/// One count over another that is not zero.
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "lengths of a page are far below 2^52")]
    let ratio = part as f64 / whole.max(1) as f64;
    ratio
}

/// The length of a text whose white space is collapsed, in characters.
fn collapsed(text: &str) -> usize {
    let mut words = 0;
    let mut length = 0;
    for word in text.split_whitespace() {
        words += 1;
        length += word.chars().count();
    }
    if words == 0 { 0 } else { length + words - 1 }
}

fn is_hidden(node: &Node<'_>) -> bool {
    let Some(tag) = node.tag else { return false };
    if tag.whole.contains("hidden")
        && (tag.has("hidden") || node.attribute("aria-hidden").is_some_and(|value| value == "true"))
    {
        return true;
    }
    tag.whole.contains("style")
        && node.attribute("style").is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}
