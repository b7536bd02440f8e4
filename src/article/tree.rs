//! A page as a tree: elements and texts in one list, each before what it holds.
//!
//! Built on the scanner, not on html5ever's tree builder, whose search for open elements costs a deep page its length
//! squared. What is left out of the HTML Standard's rules (§13.2.6) moves a few misnested tags and no text.

use std::borrow::Cow;

use crate::understand::text::html::scan::{Piece, Scanner, Tag};
use crate::understand::text::html::{BLOCKS, resolve};

/// The place of a node in its tree. The root is the first, and each node stands before those that it holds.
pub(super) type Id = usize;

/// The root: it stands for the page and is nobody's child.
pub(super) const ROOT: Id = 0;

/// Elements and texts of one page that are kept; of what comes later only the text is.
const NODES_MAX: usize = 400_000;

/// How deep elements are kept within each other; deeper ones stand beside each other.
const DEPTH_MAX: usize = 200;

/// Scripts with structured data that are kept.
const DATA_MAX: usize = 20;

/// Elements that are asked for by name and are no paragraphs, in alphabetical order.
const OTHERS: [&str; 47] = [
    "a", "area", "audio", "b", "base", "br", "button", "canvas", "col", "datalist", "em", "embed", "i", "iframe",
    "img", "input", "label", "link", "map", "math", "meta", "noembed", "noframes", "noscript", "object", "param",
    "script", "select", "small", "source", "span", "strong", "style", "sub", "sup", "svg", "td", "template",
    "textarea", "th", "time", "title", "track", "u", "video", "wbr", "xmp",
];

/// Elements without content.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements whose content is no text of the page.
const UNREAD: [&str; 18] = [
    "audio", "button", "canvas", "datalist", "iframe", "map", "noembed", "noframes", "noscript", "object", "script",
    "select", "style", "svg", "template", "textarea", "title", "video",
];

/// An element or a text.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// The element's name in lower case, empty for a text, `?` for an element that no rule asks for.
    pub(super) name: &'static str,
    /// The tag as written, for an element.
    pub(super) tag: Option<Tag<'a>>,
    /// The text with references resolved.
    pub(super) text: Cow<'a, str>,
    /// What holds it.
    pub(super) parent: Id,
    /// Behind the last node that it holds.
    pub(super) end: Id,
    /// Whether it stands as a block.
    pub(super) block: bool,
    first: Id,
    last: Id,
    next: Id,
    depth: usize,
}

impl Node<'_> {
    /// The value of an attribute; `name` is in lower case.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let tag = self.tag?;
        // Most tags have none of those that are asked for.
        if tag.whole.len() <= tag.name.len() + 2 { None } else { tag.attribute(name) }
    }

    /// Whether it is a text.
    pub(super) fn is_text(&self) -> bool {
        self.name.is_empty()
    }

    /// Whether it is a heading.
    pub(super) fn is_heading(&self) -> bool {
        is_heading(self.name)
    }

    /// Whether its content is no text of the page. A template that says how its shadow root is shown is shown at once
    /// (HTML Standard, §4.12.3).
    pub(super) fn is_unread(&self) -> bool {
        UNREAD.contains(&self.name)
            && !(self.name == "template" && self.tag.is_some_and(|tag| tag.has("shadowrootmode")))
    }
}

/// Whether an element of this name is a heading.
pub(super) fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// A page as a tree.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    /// The content of `title`.
    pub(super) title: String,
    /// Tags of `meta`.
    pub(super) metas: Vec<Tag<'a>>,
    /// Structured data (JSON-LD) as written.
    pub(super) data: Vec<&'a str>,
}

impl<'a> Tree<'a> {
    /// Reads a page.
    pub(super) fn read(html: &'a str) -> Self {
        let mut builder = Builder {
            tree: Tree {
                nodes: vec![node("#", None, ROOT, 0)],
                title: String::new(),
                metas: Vec::new(),
                data: Vec::new(),
            },
            open: ROOT,
            beyond: 0,
        };
        let mut last: Option<Tag<'a>> = None;
        for piece in Scanner::new(html) {
            match piece {
                Piece::Text(text) => builder.text(text),
                Piece::Raw(text) => builder.raw(text, last),
                Piece::Start(tag) => builder.start(tag),
                Piece::End(tag) => builder.end(&tag),
            }
            last = if let Piece::Start(tag) = piece { Some(tag) } else { None };
        }
        let mut tree = builder.tree;
        for id in (1..tree.nodes.len()).rev() {
            let end = tree.nodes[id].end;
            let parent = tree.nodes[id].parent;
            let parent = &mut tree.nodes[parent];
            parent.end = parent.end.max(end);
        }
        tree
    }

    /// How many nodes it has.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// One of its nodes.
    pub(super) fn node(&self, id: Id) -> &Node<'a> {
        &self.nodes[id]
    }

    /// What a node holds directly.
    pub(super) fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let some = |id: Id| (id != ROOT).then_some(id);
        std::iter::successors(some(self.nodes[id].first), move |&id| some(self.nodes[id].next))
    }

    /// What holds a node, from the inside out, the root included.
    pub(super) fn ancestors(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        std::iter::successors((id != ROOT).then(|| self.nodes[id].parent), move |&id| {
            (id != ROOT).then(|| self.nodes[id].parent)
        })
    }

    /// Whether `inner` is `outer` or within it.
    pub(super) fn is_within(&self, inner: Id, outer: Id) -> bool {
        outer <= inner && inner < self.nodes[outer].end
    }

    /// The nearest `article` that is or holds a node.
    pub(super) fn article_of(&self, id: Id) -> Option<Id> {
        std::iter::once(id).chain(self.ancestors(id)).find(|&id| self.nodes[id].name == "article")
    }

    /// The words in it, blocks and breaks apart, spaces collapsed.
    pub(super) fn words(&self, id: Id) -> String {
        let mut all = String::new();
        for at in id..self.nodes[id].end {
            let node = &self.nodes[at];
            if node.is_text() {
                all.push_str(&node.text);
            } else if node.block || node.name == "br" {
                all.push(' ');
            }
        }
        all.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn node<'a>(name: &'static str, tag: Option<Tag<'a>>, parent: Id, depth: usize) -> Node<'a> {
    let block = is_block(name);
    Node { name, tag, text: Cow::Borrowed(""), parent, end: 0, block, first: ROOT, last: ROOT, next: ROOT, depth }
}

/// Whether it stands as a block: as a paragraph, or as a part of a page that is never joined with its neighbour.
fn is_block(name: &str) -> bool {
    BLOCKS.binary_search(&name).is_ok() || matches!(name, "td" | "th" | "title")
}

/// Whether its own style says that it stands as a block, whatever its name.
fn is_shown_as_block(tag: &Tag<'_>) -> bool {
    // Reading attributes costs, and most tags have no style.
    ["isplay", "ISPLAY"].iter().any(|name| tag.whole.contains(name))
        && tag.attribute("style").is_some_and(|style| {
            style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
                let value = value.split('!').next().unwrap_or_default().trim();
                name.trim().eq_ignore_ascii_case("display")
                    && ["block", "flex", "grid", "list-item", "table"]
                        .iter()
                        .any(|kind| value.eq_ignore_ascii_case(kind))
            })
        })
}

fn known(name: &str) -> &'static str {
    let lower = |known: &&'static str| known.bytes().cmp(name.bytes().map(|byte| byte.to_ascii_lowercase()));
    let find = |list: &[&'static str]| list.binary_search_by(lower).ok().and_then(|at| list.get(at).copied());
    find(&BLOCKS).or_else(|| find(&OTHERS)).unwrap_or("?")
}

/// A tree in the making.
struct Builder<'a> {
    tree: Tree<'a>,
    /// The innermost open element.
    open: Id,
    /// Open elements that are deeper than those kept.
    beyond: usize,
}

impl<'a> Builder<'a> {
    fn name(&self, id: Id) -> &'static str {
        self.tree.nodes[id].name
    }

    fn add(&mut self, mut node: Node<'a>) -> Id {
        let id = self.tree.nodes.len();
        let parent = node.parent;
        node.end = id + 1;
        self.tree.nodes.push(node);
        let last = self.tree.nodes[parent].last;
        if last == ROOT {
            self.tree.nodes[parent].first = id;
        } else {
            self.tree.nodes[last].next = id;
        }
        self.tree.nodes[parent].last = id;
        id
    }

    fn text(&mut self, text: &'a str) {
        let last = self.tree.nodes[self.open].last;
        if self.tree.nodes.len() >= NODES_MAX && last != ROOT && self.tree.nodes[last].is_text() {
            self.tree.nodes[last].text.to_mut().push_str(&resolve(text));
            return;
        }
        let depth = self.tree.nodes[self.open].depth + 1;
        let mut node = node("", None, self.open, depth);
        node.text = resolve(text);
        self.add(node);
    }

    fn raw(&mut self, text: &'a str, tag: Option<Tag<'a>>) {
        let Some(tag) = tag else { return };
        if tag.is("title") && self.tree.title.is_empty() {
            self.tree.title = resolve(text).split_whitespace().collect::<Vec<_>>().join(" ");
        } else if tag.is("script") && tag.whole.contains("ld+json") && self.tree.data.len() < DATA_MAX {
            self.tree.data.push(text);
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        let name = known(tag.name);
        if name == "meta" {
            self.tree.metas.push(tag);
        }
        // The content of these comes as one raw text, and their end tag opens nothing.
        if matches!(name, "script" | "style" | "title" | "textarea" | "iframe" | "noembed" | "noframes" | "xmp")
            || self.tree.nodes.len() >= NODES_MAX
        {
            return;
        }
        if is_block(name) {
            self.close_through("p");
        } else if name == "a" {
            self.close_through("a");
        }
        self.close_implied(name);
        let depth = self.tree.nodes[self.open].depth + 1;
        let id = self.add(node(name, Some(tag), self.open, depth));
        if VOID.contains(&name) {
            return;
        }
        self.tree.nodes[id].block |= is_shown_as_block(&tag);
        if depth >= DEPTH_MAX {
            self.beyond += 1;
        } else {
            self.open = id;
        }
    }

    /// Closes the nearest element of this name, if only inline elements are open within it.
    fn close_through(&mut self, name: &str) {
        let mut at = self.open;
        while at != ROOT && self.name(at) != name && !self.tree.nodes[at].block {
            at = self.tree.nodes[at].parent;
        }
        if at != ROOT && self.name(at) == name {
            self.open = self.tree.nodes[at].parent;
            self.beyond = 0;
        }
    }

    /// Closes what a start tag ends without saying so (HTML Standard, §13.1.2.4).
    fn close_implied(&mut self, name: &str) {
        let (closed, within): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ul", "ol", "menu"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "tr" => (&["tr", "td", "th"], &["table"]),
            "tbody" | "tfoot" => (&["tbody", "thead", "tr", "td", "th"], &["table"]),
            "option" => (&["option"], &["select"]),
            _ => return,
        };
        let mut at = self.open;
        let mut outermost = None;
        while at != ROOT && !within.contains(&self.name(at)) {
            if closed.contains(&self.name(at)) {
                outermost = Some(at);
            }
            at = self.tree.nodes[at].parent;
        }
        if let Some(outermost) = outermost {
            self.open = self.tree.nodes[outermost].parent;
            self.beyond = 0;
        }
    }

    fn end(&mut self, tag: &Tag<'a>) {
        const TABLES: [&str; 9] = ["body", "html", "table", "tbody", "td", "tfoot", "th", "thead", "tr"];
        let name = known(tag.name);
        if VOID.contains(&name) || self.tree.nodes.len() >= NODES_MAX {
            return;
        }
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        let block = is_block(name);
        let mut at = self.open;
        while at != ROOT {
            let here = self.name(at);
            let same = here == name
                && (name != "?"
                    || self.tree.nodes[at].tag.is_some_and(|open| open.name.eq_ignore_ascii_case(tag.name)));
            if same {
                self.open = self.tree.nodes[at].parent;
                return;
            }
            let walled = matches!(here, "td" | "th" | "table") && !TABLES.contains(&name);
            if walled || (!block && self.tree.nodes[at].block) {
                return;
            }
            at = self.tree.nodes[at].parent;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(html: &str) -> String {
        fn show(tree: &Tree<'_>, id: Id, out: &mut String) {
            for child in tree.children(id) {
                let node = tree.node(child);
                if node.is_text() {
                    out.push_str(&node.text);
                } else {
                    out.push('(');
                    out.push_str(node.name);
                    out.push(' ');
                    show(tree, child, out);
                    out.push(')');
                }
            }
        }
        let mut out = String::new();
        show(&Tree::read(html), ROOT, &mut out);
        out
    }

    #[test]
    fn the_lists_can_be_searched() {
        assert!(BLOCKS.is_sorted() && OTHERS.is_sorted() && VOID.is_sorted() && UNREAD.is_sorted());
    }

    #[test]
    fn tags_that_are_left_out_are_understood() {
        for (html, tree) in [
            ("<p>a<p>b", "(p a)(p b)"),
            ("<ul><li>a<li>b<ul><li>c</ul></ul>d", "(ul (li a)(li b(ul (li c))))d"),
            ("<table><tr><td>a<td>b<tr><td>c</table>d", "(table (tr (td a)(td b))(tr (td c)))d"),
            ("<a>a<a>b</a>", "(a a)(a b)"),
            ("<div><b>a</div>b</b>", "(div (b a))b"),
            ("<p>a</span>b</p></p>c", "(p ab)c"),
            ("<table><td><div>a</table></div>b", "(table (td (div a)))b"),
            ("<script>a</script><title>b</title>&amp;", "&"),
        ] {
            assert_eq!(shape(html), tree, "{html}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let deep = "<div>".repeat(100_000) + "text";
        let tree = Tree::read(&deep);
        assert!(tree.words(ROOT).contains("text"));
        assert!((0..tree.len()).all(|id| tree.node(id).depth <= DEPTH_MAX));
        let many = "<b>x".repeat(NODES_MAX);
        let tree = Tree::read(&many);
        assert!(tree.len() <= NODES_MAX + 1);
    }
}
