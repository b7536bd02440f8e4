//! One element after another: what each says of the feed, and whether the document is fit to be read.

use std::borrow::Cow;

use memchr::memmem;
use quick_xml::escape::unescape;
use quick_xml::events::BytesStart;
use url::Url;

use super::{ATTRIBUTES, BASE, CAPTURED, Cut, DEPTH, Flaw, ITEMS, MEDIA, Outline, Root, Wrong, local};
use crate::parse::hints::Hints;
use crate::parse::{links, prefix};

/// How many open elements are known by name: as many as can be around an item.
const PATH: usize = 4;

/// How deep an item may lie: below the channel, or in a list that some put around all items.
const ITEM: usize = 4;

/// How deep an element may lie that is named where a document ends inside it.
const SHOWN: usize = 3;

/// Bytes that are copied as easily as one more element.
const COPY: usize = 64;

/// What the text of an element is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Link,
    OpaqueId,
    Hint(&'static str),
}

#[derive(Debug)]
pub(super) struct Pass<'a> {
    text: &'a str,
    outline: Outline,
    pub(super) depth: usize,
    /// The names of the outermost open elements.
    path: Vec<&'a str>,
    /// Behind the last item that is whole, and what was open around it.
    cut: Option<(usize, Vec<&'a str>)>,
    /// How deep the open item is.
    item: Option<usize>,
    /// How deep the open text is that should hold no elements.
    worded: Option<usize>,
    /// Groups of media in the open item, and what is copied into each.
    groups: usize,
    copied: usize,
    /// The element that is copied and open: how deep it is, and where it begins.
    copying: Option<(usize, usize)>,
    /// Whether the copies are more than can be made.
    pub(super) heavy: bool,
    /// Which of a title, a link and a date the open item has.
    told: [bool; 3],
    /// Copies made by the items before.
    copies: usize,
    /// The element whose text is being kept: what for, how deep it is, the text so far.
    kept: Option<(Kept, usize, String)>,
    /// Whether these stand anywhere in the document, so that most tags need not be searched for them.
    has_base: bool,
    may_encode: bool,
    /// Finds the beginning of a CDATA section.
    nested: memmem::Finder<'static>,
    /// The prefix of the last element that had one.
    prefix: &'a str,
}

impl<'a> Pass<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let holds = |what: &str| memmem::find(text.as_bytes(), what.as_bytes()).is_some();
        Self {
            text,
            outline: Outline::default(),
            depth: 0,
            path: Vec::with_capacity(PATH),
            cut: None,
            item: None,
            worded: None,
            groups: 0,
            copied: 0,
            copying: None,
            heavy: false,
            told: [false; 3],
            copies: 0,
            kept: None,
            has_base: holds("xml:base"),
            may_encode: holds("base64") || holds("octet-stream"),
            nested: memmem::Finder::new("<![CDATA["),
            prefix: "",
        }
    }

    /// Takes a start tag at `span`; whether the document is at fault there.
    pub(super) fn open(&mut self, tag: &BytesStart<'_>, span: (usize, usize)) -> Option<Wrong> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Some(Wrong::TooDeep);
        }
        let len = tag.name().as_ref().len();
        let name = &self.text[span.0 + 1..span.0 + 1 + len];
        if self.depth == 1 && self.outline.root.is_none() {
            self.outline.root = Some(root(tag, span));
        }
        // None takes less than four bytes, its space included.
        if tag.attributes_raw().len() > 4 * ATTRIBUTES && tag.attributes().with_checks(false).nth(ATTRIBUTES).is_some()
        {
            return Some(Wrong::TooManyAttributes);
        }
        if self.has_base && tag.attributes_raw().contains("xml:base") {
            let base = attribute(tag, "xml:base").unwrap_or_default();
            if base.len() > BASE {
                return Some(Wrong::LongBase);
            }
            self.outline.relative_base |= Url::parse(&base).is_err();
        }
        self.outline.split |= self.worded.is_some();
        let local = local(name);
        if local.len() < name.len() {
            self.prefixed(&name[..name.len() - local.len() - 1]);
        }
        let local = match misspelt(local) {
            Some(meant) => {
                self.outline.misspelt = true;
                meant
            }
            None => local,
        };
        self.tell(local, tag);
        let wrong = self.element(local, tag, span.0).or_else(|| self.heavy.then_some(Wrong::TooHeavy));
        if self.depth <= PATH {
            self.path.push(name);
        }
        wrong
    }

    fn prefixed(&mut self, prefix: &'a str) {
        if prefix == self.prefix {
            return;
        }
        self.prefix = prefix;
        let sound = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        if prefix.is_empty() || !prefix.chars().all(sound) {
            return;
        }
        let known = &mut self.outline.prefixes;
        if known.len() < prefix::MAX && !known.iter().any(|known| known == prefix) {
            known.push(prefix.to_owned());
        }
    }

    fn element(&mut self, local: &str, tag: &BytesStart<'_>, start: usize) -> Option<Wrong> {
        let within = self.depth - self.item.unwrap_or(0);
        match local {
            "item" | "entry" if self.item.is_none() && self.may_be_item() => {
                if self.outline.items == ITEMS {
                    return Some(Wrong::TooMany);
                }
                self.outline.items += 1;
                self.item = Some(self.depth);
                (self.groups, self.copied, self.copying) = (0, 0, None);
                self.told = [false; 3];
            }
            "group" | "thumbnail" | "text" | "credit" if self.item.is_some() => {
                let group = usize::from(local == "group");
                self.groups += group;
                self.copied += 1 - group;
                if group == 0 && self.copying.is_none() {
                    self.copying = Some((self.depth, start));
                }
                self.weigh();
            }
            "channel" => self.outline.has_channel = true,
            "link" if self.item.is_none() || within == 1 => match attribute(tag, "href") {
                Some(href) => self.outline.link(&href),
                None => self.keep(Kept::Link),
            },
            "guid" if within == 1 && attribute(tag, "isPermaLink").is_some_and(|value| value.trim() == "false") => {
                self.keep(Kept::OpaqueId);
            }
            _ if self.item.is_none() => {
                if let Some(hint) = Hints::element(local) {
                    self.keep(Kept::Hint(hint));
                }
            }
            _ => {}
        }
        None
    }

    /// Whether an item may begin here.
    fn may_be_item(&self) -> bool {
        self.depth < ITEM
            || (self.depth == ITEM && self.path.last().is_some_and(|list| matches!(*list, "items" | "item_list")))
    }

    fn weigh(&mut self) {
        self.heavy |= self.copies + self.groups * self.copied > MEDIA;
    }

    fn tell(&mut self, local: &str, tag: &BytesStart<'_>) {
        let place = match local {
            "title" => 0,
            "link" => 1,
            "pubDate" | "published" | "updated" | "issued" | "modified" | "created" | "date" | "publicationDate" => 2,
            "summary" | "content" | "description" | "encoded" | "tagline" | "subtitle" => 3,
            "full-text" | "fulltext" | "areaDesc" | "event" | "body" => {
                self.outline.worded |= self.item.is_some();
                return;
            }
            "name" => {
                let is_rss = || self.path.first().is_some_and(|root| *root == "rss");
                self.outline.named |= self.item.is_some_and(|item| self.depth == item + 2) && is_rss();
                return;
            }
            _ => return,
        };
        self.outline.subtitled |= local == "subtitle" && self.item.is_some();
        let attributes = tag.attributes_raw();
        if self.may_encode && !attributes.is_empty() {
            self.outline.encoded |=
                attributes.contains("base64") || (place != 1 && attributes.contains("octet-stream"));
        }
        if matches!(place, 0 | 3)
            && self.worded.is_none()
            && self.item.is_none_or(|item| self.depth == item + 1)
            // Markup is at home in XHTML and other XML.
            && !attributes.contains("xhtml")
            && !attributes.contains("xml\"")
            && !attributes.contains("xml'")
        {
            self.worded = Some(self.depth);
        }
        if self.item.is_none() {
            self.outline.titled |= place == 0;
        } else if let Some(told) = self.told.get_mut(place) {
            *told = true;
        }
    }

    fn keep(&mut self, what: Kept) {
        self.kept = Some((what, self.depth, String::new()));
    }

    /// Whether the text that follows would be kept, so that it is worth resolving.
    pub(super) fn is_keeping(&self) -> bool {
        self.kept.as_ref().is_some_and(|(_, depth, _)| *depth == self.depth)
    }

    pub(super) fn text(&mut self, text: &str) {
        if let Some((_, depth, kept)) = &mut self.kept
            && *depth == self.depth
            && kept.len() + text.len() <= CAPTURED
        {
            kept.push_str(text);
        }
    }

    /// Takes the inside of a CDATA section.
    pub(super) fn section(&mut self, text: &str) {
        // One that has another in it and the end of an item or title before that was never closed.
        self.outline.swallowed |= self.nested.find(text.as_bytes()).is_some_and(|at| {
            ["</title>", "</item>", "</entry>", "</link>", "</guid>"].iter().any(|end| text[..at].contains(end))
        });
        self.text(text);
    }

    /// Takes an end tag that ends at `end`.
    pub(super) fn close(&mut self, end: usize) {
        if let Some((what, _, text)) = self.kept.take_if(|(_, depth, _)| *depth == self.depth) {
            match what {
                Kept::Link => self.outline.link(&text),
                Kept::OpaqueId => {
                    self.outline.opaque.insert(text.trim().to_owned());
                }
                Kept::Hint(element) => self.outline.hints.take(element, text.trim()),
            }
        }
        if self.worded == Some(self.depth) {
            self.worded = None;
        }
        if let Some((_, start)) = self.copying.take_if(|(depth, _)| *depth == self.depth) {
            self.copied += (end - start) / COPY;
            self.weigh();
        }
        if self.depth <= PATH {
            self.path.pop();
        }
        if self.item == Some(self.depth) {
            self.item = None;
            self.outline.told.push(self.told);
            self.copies += self.groups * self.copied;
            let (offset, open) = self.cut.get_or_insert_with(|| (end, Vec::with_capacity(PATH)));
            *offset = end;
            open.clear();
            open.extend_from_slice(&self.path);
        }
        self.depth = self.depth.saturating_sub(1);
    }

    /// The innermost open element that is known by name.
    pub(super) fn innermost(&self) -> &'a str {
        self.path[..self.path.len().min(SHOWN)].last().copied().unwrap_or_default()
    }

    pub(super) fn end(self, offset: usize, wrong: Option<Wrong>) -> Outline {
        let wrong = wrong.or_else(|| self.heavy.then_some(Wrong::TooHeavy));
        let mut outline = self.outline;
        outline.flaw = wrong.map(|what| Flaw { offset, what, inside: self.depth > 1 });
        outline.cut =
            self.cut.map(|(offset, open)| Cut { offset, open: open.into_iter().map(ToOwned::to_owned).collect() });
        outline
    }
}

impl Outline {
    fn link(&mut self, link: &str) {
        let link = link.trim();
        if !links::is_plain(link)
            && let Ok(url) = Url::parse(link)
            && url.as_str() != link
        {
            self.written.entry(url.into()).or_insert_with(|| link.to_owned());
        }
    }
}

/// The element that is meant by a name in capitals that it does not have. XML tells `Title` from `title`, publishers do not.
fn misspelt(local: &str) -> Option<&'static str> {
    const KNOWN: [&str; 19] = [
        "author",
        "channel",
        "content",
        "created",
        "date",
        "description",
        "entry",
        "guid",
        "id",
        "issued",
        "item",
        "link",
        "modified",
        "pubDate",
        "published",
        "summary",
        "title",
        "updated",
        "feed",
    ];
    if !local.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(local)).filter(|known| *known != local)
}

pub(super) fn root(tag: &BytesStart<'_>, span: (usize, usize)) -> Root {
    Root { name: tag.name().as_ref().to_owned(), attributes: attributes(tag), span }
}

fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    tag.attributes()
        .with_checks(false)
        .flatten()
        .map(|found| (found.key.as_ref().to_owned(), resolved(&found.value).into_owned()))
        .collect()
}

fn attribute<'a>(tag: &'a BytesStart<'_>, name: &str) -> Option<Cow<'a, str>> {
    let found = tag.attributes().with_checks(false).flatten().find(|found| found.key.as_ref() == name)?;
    Some(match found.value {
        Cow::Borrowed(value) => resolved(value),
        Cow::Owned(value) => Cow::Owned(resolved(&value).into_owned()),
    })
}

fn resolved(value: &str) -> Cow<'_, str> {
    unescape(value).unwrap_or(Cow::Borrowed(value))
}
