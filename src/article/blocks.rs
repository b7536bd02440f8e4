//! The chosen element as blocks of text: paragraphs, headings, items of lists, rows of tables.

use super::select::Page;
use super::tree::{Id, is_heading};

/// Characters of a cell that stands in one paragraph with the others of its row.
const CELL_MAX: usize = 200;

/// A block of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// The element that it stands in.
    pub(super) id: Id,
    /// That element's name.
    pub(super) name: &'static str,
    /// Its words on one line.
    pub(super) text: String,
    /// How many characters of it are links.
    pub(super) linked: usize,
}

impl Block {
    /// Whether it is a heading.
    pub(super) fn is_heading(&self) -> bool {
        is_heading(self.name)
    }

    /// How many characters it has.
    pub(super) fn length(&self) -> usize {
        self.text.chars().count()
    }
}

/// Reads the blocks of an element in their order, without those that are passed over.
pub(super) fn read(page: &Page<'_>, root: Id) -> Vec<Block> {
    let mut reader = Reader { page, blocks: Vec::new(), text: String::new(), linked: 0 };
    reader.read(root, page.tree.node(root).name, false);
    reader.end(root, page.tree.node(root).name);
    reader.blocks
}

struct Reader<'p, 'a> {
    page: &'p Page<'a>,
    blocks: Vec<Block>,
    /// The block in the making; line ends in it are breaks.
    text: String,
    linked: usize,
}

impl Reader<'_, '_> {
    fn read(&mut self, id: Id, name: &'static str, in_link: bool) {
        let is_plain_row = self.is_plain_row(id);
        for child in self.page.tree.children(id) {
            let node = self.page.tree.node(child);
            if node.is_text() {
                // Where lines are shown as they were typed, blank ones end a paragraph.
                let shown = |c: char| match c {
                    '\n' if name == "pre" => '\n',
                    c if c.is_whitespace() => ' ',
                    c => c,
                };
                self.text.extend(node.text.chars().map(shown));
                if in_link {
                    self.linked += self.page.measure(child).length;
                }
            } else if node.name == "br" {
                self.text.push('\n');
            } else if self.page.is_passed_over(child) {
                if node.block {
                    self.end(id, name);
                }
            } else if node.block {
                if matches!(node.name, "td" | "th") && is_plain_row {
                    self.text.push(' ');
                    self.read(child, name, in_link);
                    self.text.push(' ');
                    continue;
                }
                self.end(id, name);
                let inner = match (node.name, name) {
                    ("div", "li" | "blockquote") => name,
                    (own, _) => own,
                };
                self.read(child, inner, in_link);
                self.end(child, node.name);
            } else {
                self.read(child, name, in_link || node.name == "a");
            }
        }
    }

    /// Whether an element is a row of a table whose cells say little each, as those of data do; the cells of a page that is
    /// laid out as a table hold paragraphs.
    fn is_plain_row(&self, id: Id) -> bool {
        self.page.tree.node(id).name == "tr"
            && self.page.tree.children(id).all(|cell| {
                self.page.measure(cell).length <= CELL_MAX
                    && !self.page.measure(cell).holds_blocks
                    && (cell + 1..self.page.tree.node(cell).end).all(|inner| self.page.tree.node(inner).name != "br")
            })
    }

    /// Ends the block; two breaks in a row make two of one.
    fn end(&mut self, id: Id, name: &'static str) {
        let text = std::mem::take(&mut self.text);
        let linked = std::mem::take(&mut self.linked);
        let mut paragraph = String::new();
        let mut blank = 0;
        for line in text.split('\n').map(Some).chain([None]) {
            let words: Vec<&str> = line.unwrap_or_default().split_whitespace().collect();
            blank = if words.is_empty() { blank + 1 } else { 0 };
            if (blank > 0 || line.is_none()) && !paragraph.is_empty() {
                self.blocks.push(Block { id, name, text: std::mem::take(&mut paragraph), linked });
            }
            for word in words {
                if !paragraph.is_empty() {
                    paragraph.push(' ');
                }
                paragraph.push_str(word);
            }
        }
    }
}
