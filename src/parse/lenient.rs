//! A reader of our own for what feed-rs cannot be brought to read: it takes any RSS or Atom for a row of tags, and what
//! stands between two of them for what the first announces. It never fails; what it does not know it passes over.

mod gathered;

use jiff::Timestamp;
use url::Url;

use super::outline::{BASE, DEPTH, ITEMS, local};
use super::published::Ways;
use super::soup::{Piece, Soup, Tag};
use super::{Document, inherit, links};
use crate::item::Item;
use crate::understand::text::html;
use gathered::{Gathered, Origin};

/// Reads a document; `None` where it has neither the root of a feed nor an item.
pub(crate) fn read(text: &str, url: &Url, now: Timestamp) -> Option<Document> {
    let mut reader = Reader::new(text, url, now);
    let mut soup = Soup::new(text);
    for piece in &mut soup {
        reader.piece(piece);
        if reader.items.len() == ITEMS {
            break;
        }
    }
    let left_open = soup.left_open;
    reader.finish(left_open)
}

/// The element whose content is being gathered.
#[derive(Debug)]
struct Field<'a> {
    tag: Tag<'a>,
    origin: Origin,
    /// Elements of the same name that are open in it.
    depth: usize,
    /// Whether its text is to keep its references, because its tags are kept as well.
    marked_up: bool,
    content: String,
    /// The name of a person, where the element holds one.
    name: Option<String>,
    in_name: bool,
}

struct Reader<'a> {
    url: &'a Url,
    now: Timestamp,
    ways: Ways,
    atom: bool,
    root: bool,
    /// The base of links, by `xml:base`: the feed's and the item's.
    bases: [Option<Url>; 2],
    feed: Gathered,
    item: Option<Gathered>,
    items: Vec<Gathered>,
    field: Option<Field<'a>>,
    /// Elements of the feed or item that hold fields which are not its own (`image`, `source`), and how many are open.
    foreign: Vec<&'a str>,
    unclosed: usize,
    ended: bool,
    /// The prefix of the last item, or of the root.
    prefix: &'a str,
}

impl<'a> Reader<'a> {
    fn new(text: &str, url: &'a Url, now: Timestamp) -> Self {
        Self {
            url,
            now,
            ways: Ways::of(text),
            atom: false,
            root: false,
            bases: [None, None],
            feed: Gathered::default(),
            item: None,
            items: Vec::new(),
            field: None,
            foreign: Vec::new(),
            unclosed: 0,
            ended: false,
            prefix: "",
        }
    }

    fn piece(&mut self, piece: Piece<'a>) {
        match piece {
            Piece::Text(text) => self.text(text, false),
            Piece::Verbatim(text) => self.text(text, true),
            Piece::Start(tag) => {
                self.start(tag);
                if tag.empty {
                    self.end(tag.name);
                }
            }
            Piece::End(name) => self.end(name),
        }
    }

    fn text(&mut self, text: &str, verbatim: bool) {
        let Some(field) = &mut self.field else { return };
        if verbatim || field.marked_up {
            field.content.push_str(text);
        } else {
            field.content.push_str(&html::resolve(text));
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        let name = local(tag.name).to_ascii_lowercase();
        if is_item(tag.name, &name) {
            self.unclosed += usize::from(self.field.is_some()) + usize::from(self.item.is_some());
            self.close_field();
            self.close_item();
            self.item = Some(Gathered::about(tag.attribute("rdf:about").as_deref()));
            self.prefix = prefix(tag.name);
            self.bases[1] = base(&tag, self.bases[0].as_ref().unwrap_or(self.url));
            self.foreign.clear();
            return;
        }
        if let Some(field) = &mut self.field {
            // A title that is never closed ends where the next field begins.
            let origin = Origin::of(tag.name, &name, self.prefix);
            // A text may be a whole page.
            let is_open = !field.marked_up
                && name != "body"
                && origin.is_some_and(|origin| origin != field.origin && origin.is_plain());
            if !is_open || field.origin.holds_markup() {
                if tag.name == field.tag.name && !tag.empty {
                    field.depth += 1;
                }
                if name == "name" && field.origin == Origin::Author {
                    field.in_name = true;
                    field.content.clear();
                } else if field.origin != Origin::Author {
                    field.content.push_str(tag.whole);
                }
                return;
            }
            self.unclosed += 1;
            self.close_field();
        }
        match name.as_str() {
            "feed" | "rss" | "rdf" | "channel" if self.item.is_none() => {
                self.root = true;
                self.prefix = prefix(tag.name);
                self.atom |= name == "feed";
                if let Some(found) = base(&tag, self.bases[0].as_ref().unwrap_or(self.url)) {
                    self.bases[0] = Some(found);
                }
                return;
            }
            "image" | "textinput" | "source" | "chapters" | "items" if !tag.empty => {
                if self.foreign.len() < DEPTH {
                    self.foreign.push(tag.name);
                }
                return;
            }
            _ => {}
        }
        if !self.foreign.is_empty() {
            return;
        }
        if let Some(origin) = Origin::of(tag.name, &name, self.prefix) {
            let media_type = tag.attribute("type").unwrap_or_default();
            let marked_up = media_type.contains("xhtml") || media_type.ends_with("xml") || name == "body";
            self.field =
                Some(Field { tag, origin, depth: 1, marked_up, content: String::new(), name: None, in_name: false });
        }
    }

    fn end(&mut self, name: &str) {
        let lower = local(name).to_ascii_lowercase();
        if let Some(field) = &mut self.field {
            if name.eq_ignore_ascii_case(field.tag.name) {
                field.depth -= 1;
                if field.depth == 0 {
                    self.close_field();
                }
                return;
            }
            if field.in_name && lower == "name" {
                field.in_name = false;
                field.name = Some(std::mem::take(&mut field.content));
                return;
            }
            let ends_more = is_item(name, &lower) || matches!(lower.as_str(), "channel" | "feed" | "rss" | "rdf");
            if !ends_more {
                if field.origin != Origin::Author {
                    field.content.push_str("</");
                    field.content.push_str(name);
                    field.content.push('>');
                }
                return;
            }
            self.unclosed += 1;
            self.close_field();
        }
        if self.foreign.last().is_some_and(|open| *open == name) {
            self.foreign.pop();
        } else if is_item(name, &lower) {
            self.close_item();
        } else if matches!(lower.as_str(), "feed" | "rss" | "rdf") {
            self.unclosed += usize::from(self.item.is_some());
            self.close_item();
            self.ended = true;
        }
    }

    fn close_field(&mut self) {
        let Some(field) = self.field.take() else { return };
        let content = field.name.unwrap_or(field.content);
        let own = base(&field.tag, self.bases[1].as_ref().or(self.bases[0].as_ref()).unwrap_or(self.url));
        let in_item = usize::from(self.item.is_some());
        let inherited =
            if in_item == 1 { self.bases[1].as_ref().or(self.bases[0].as_ref()) } else { self.bases[0].as_ref() };
        let base = own.as_ref().or(inherited);
        self.item.as_mut().unwrap_or(&mut self.feed).take(field.origin, &field.tag, content, self.atom, base);
    }

    fn close_item(&mut self) {
        self.foreign.clear();
        self.bases[1] = None;
        self.items.extend(self.item.take());
    }

    fn finish(mut self, left_open: usize) -> Option<Document> {
        let ended = self.ended || self.items.len() == ITEMS;
        self.unclosed += usize::from(self.field.is_some());
        // An item that is cut off is left for the next poll: half of it would be taken for an edit of the whole.
        if ended && self.items.len() < ITEMS {
            self.close_field();
            self.close_item();
        }
        if !self.root && self.items.is_empty() {
            return None;
        }
        let mut repairs = vec!["read tag by tag, because a strict reader cannot".to_owned()];
        for (count, what) in
            [(self.unclosed, "elements never closed were closed"), (left_open, "CDATA sections left open were closed")]
        {
            if count > 0 {
                repairs.push(format!("{what} ({count})"));
            }
        }
        if !ended {
            repairs.push("it breaks off; read up to the last whole item before".to_owned());
        }
        if self.items.len() == ITEMS {
            repairs.push(format!("only the first {ITEMS} items were read"));
        }
        let link = self.feed.link(None, self.url);
        let site = link.as_deref().and_then(links::base);
        let mut items: Vec<Item> =
            self.items.into_iter().map(|item| item.item(site.as_ref(), self.url, self.now, &self.ways)).collect();
        if self.atom {
            inherit(&mut items, self.feed.authors());
        }
        Some(Document {
            title: self.feed.headline(),
            link,
            items,
            repairs,
            complete: ended,
            ..Document::empty(if self.atom { "atom" } else { "rss" })
        })
    }
}

/// Whether an element is an item; modules have elements of that name too, with a prefix.
fn is_item(name: &str, lower: &str) -> bool {
    matches!(lower, "item" | "entry") && !gathered::is_module(prefix(name))
}

fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

fn base(tag: &Tag<'_>, outer: &Url) -> Option<Url> {
    if !tag.whole.contains("xml:base") {
        return None;
    }
    let base = tag.attribute("xml:base")?;
    outer.join(base.trim()).ok().filter(|base| base.as_str().len() <= BASE)
}
