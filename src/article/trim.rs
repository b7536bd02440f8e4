//! What remains to be cut once the element is chosen: what stands before the headline, the next article, copies, lines
//! that lead elsewhere, pleas, credits, and what is listed behind the end.

use std::collections::{HashMap, HashSet};

use super::blocks::Block;
use super::headline::plain;
use super::measure::ratio;
use super::phrases;
use super::select::Page;
use super::tree::{ROOT, Tree};

/// So much text must remain for anything to be cut off, in characters.
const TEXT_MIN: usize = 250;

/// A shorter description of a picture may be anything, in bytes.
const PICTURE_MIN: usize = 30;

/// A longer block is no caption and no biography, in characters.
const PICTURE_MAX: usize = 700;

/// So many blocks in common make a copy.
const COPIED: usize = 3;

/// Shorter lines may be headings of what comes behind, in characters.
const HEADING_MAX: usize = 60;

/// What the page says elsewhere, so that a block that says only that is known.
pub(super) struct Known {
    headline: String,
    /// Full names, in lower case.
    authors: Vec<String>,
    /// What pictures show, for those who do not see them.
    pictures: HashSet<String>,
}

impl Known {
    /// From the head of a page and its pictures.
    pub(super) fn of(tree: &Tree<'_>, headline: &str, authors: &[String]) -> Self {
        let mut pictures = HashSet::new();
        for id in ROOT..tree.len() {
            if tree.node(id).name == "img"
                && let Some(alt) = tree.node(id).attribute("alt")
                && alt.len() >= PICTURE_MIN
            {
                pictures.insert(plain(&alt));
            }
        }
        let authors = authors.iter().map(|author| plain(author)).filter(|author| author.contains(' ')).collect();
        Self { headline: plain(headline), authors, pictures }
    }

    /// Whether a block says only what its picture, its headline or its byline says. `late`: the text is nearly over.
    fn says(&self, block: &Block, length: usize, late: bool) -> bool {
        if length > PICTURE_MAX {
            return false;
        }
        let words = plain(&block.text);
        if words == self.headline || (words.len() >= PICTURE_MIN && self.pictures.contains(&words)) {
            return true;
        }
        self.authors.iter().any(|author| {
            let (name, rest) = (author.as_str(), words.strip_prefix(author.as_str()));
            let byline =
                length < name.chars().count() + 50 && words.contains(name) && !phrases::is_sentence(&block.text);
            byline || (late && rest.is_some_and(phrases::is_biography))
        })
    }
}

/// The text of the article, paragraphs separated by a blank line.
pub(super) fn text(page: &Page<'_>, blocks: Vec<Block>, known: &Known) -> String {
    let blocks = one_article(page, blocks);
    let blocks = without_copies(blocks);
    let mut kept = without_lines(page, blocks, known);
    while kept.last().is_some_and(Block::is_heading) {
        kept.pop();
    }
    kept.into_iter().map(|block| block.text).collect::<Vec<_>>().join("\n\n")
}

fn length(blocks: &[Block]) -> usize {
    blocks.iter().map(Block::length).sum()
}

/// From the headline to the headline of the next article, as pages have it that never end.
fn one_article(page: &Page<'_>, mut blocks: Vec<Block>) -> Vec<Block> {
    let Some(headline) = page.headline else { return blocks };
    if let Some(first) = blocks.iter().position(|block| block.id >= headline) {
        let before = length(&blocks[..first]);
        if length(&blocks[first..]) > TEXT_MIN.max(before / 2) {
            blocks.drain(..first);
        }
    }
    let ours = page.tree.article_of(headline);
    let mut so_far = 0;
    let next = blocks.iter().position(|block| {
        let other = || page.tree.article_of(block.id);
        let next = block.name == "h1"
            && page.tree.node(headline).name == "h1"
            && block.id > headline
            && so_far > TEXT_MIN
            && other().is_some_and(|other| Some(other) != ours);
        so_far += block.length();
        next
    });
    if let Some(next) = next {
        blocks.truncate(next);
    }
    blocks
}

/// Without the whole text once more, in one block or in the same ones.
fn without_copies(mut blocks: Vec<Block>) -> Vec<Block> {
    let opening: Vec<String> =
        blocks.iter().filter(|block| block.text.len() >= 60).take(6).map(|block| block.text.clone()).collect();
    blocks.retain(|block| {
        let copied =
            || opening.iter().filter(|text| **text != block.text && block.text.contains(text.as_str())).count();
        block.text.len() <= 500 || copied() < COPIED
    });
    if let Some(again) = beginning_again(&blocks) {
        blocks.truncate(again);
    }
    blocks
}

/// Where most of the text so far begins once more.
fn beginning_again(blocks: &[Block]) -> Option<usize> {
    /// Blocks that stand twice and are looked at; each look may cost the length of the text.
    const LOOKS_MAX: usize = 100;
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut looks = 0;
    for (at, block) in blocks.iter().enumerate() {
        let Some(&place) = places.get(block.text.as_str()) else {
            places.insert(&block.text, at);
            continue;
        };
        if block.text.len() < 40 || looks >= LOOKS_MAX {
            continue;
        }
        looks += 1;
        let run = blocks[place..at].iter().zip(&blocks[at..]).take_while(|(old, new)| old.text == new.text);
        let (count, copied) = run.fold((0, 0), |(count, copied), (_, new)| (count + 1, copied + new.length()));
        if count >= COPIED && copied >= 600 && copied * 10 >= length(&blocks[..at]) * 6 {
            return Some(at);
        }
    }
    None
}

fn without_lines(page: &Page<'_>, blocks: Vec<Block>, known: &Known) -> Vec<Block> {
    /// A shorter block may stand twice, in bytes.
    const AGAIN_MIN: usize = 60;
    /// A caption stands again within so many blocks; a question that is put to many people, much later.
    const AGAIN_WITHIN: usize = 5;
    let total = length(&blocks);
    let mut so_far = 0;
    let mut kept = Vec::with_capacity(blocks.len());
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (place, block) in blocks.into_iter().enumerate() {
        let length = block.length();
        so_far += length;
        let late = so_far > 300 && ratio(so_far, total) > 0.6;
        if late && length < HEADING_MAX && phrases::is_behind(&block.text) {
            break;
        }
        if so_far > 200 && length < 300 && phrases::is_thread(&block.text) {
            break;
        }
        if page.headline == Some(block.id) || is_line_apart(&block, length) || known.says(&block, length, late) {
            continue;
        }
        let before = (block.text.len() >= AGAIN_MIN).then(|| seen.insert(block.text.clone(), place)).flatten();
        if before.is_none_or(|before| place - before > AGAIN_WITHIN) {
            kept.push(block);
        }
    }
    kept
}

/// Whether a block is a line that is no part of the text. `length` is its own, in characters.
fn is_line_apart(block: &Block, length: usize) -> bool {
    let text = block.text.as_str();
    if phrases::is_line(text) || !text.contains(char::is_alphanumeric) {
        return true;
    }
    if (length < 60 && phrases::is_machine(text)) || (length < 600 && phrases::is_agency_photo(text)) {
        return true;
    }
    if length < 320 && (block.linked > 0 || length < 140) {
        // Each invitation stands for about a line of it; the more of them, the less else the block can say.
        let room = phrases::pleas(text) * 110;
        if room > 0 && room + if block.linked > 0 { 60 } else { 0 } >= length {
            return true;
        }
    }
    if block.is_heading() {
        return false;
    }
    let linked = ratio(block.linked, length);
    if length < 160 {
        let leads = phrases::leads(text);
        if leads.is_some_and(|label| label || linked > 0.4 || length < 60) || phrases::is_credit(text) {
            return true;
        }
    }
    length < 200 && linked >= 0.9
}
