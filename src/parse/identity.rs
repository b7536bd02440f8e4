//! What an item can be recognised by, whatever its feed does to ids, links, order and white space.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::links::canonical_link;
use crate::item::{Item, ItemKeys, Key};

/// The keys of each item of one document, in its order. They do not depend on the order of the items: a link that several
/// items share names none of them, and neither does an id that stands for items with nothing else in common.
pub fn keys(items: &[Item]) -> Vec<ItemKeys> {
    let marks = Marks::of(items);
    let mut ids: HashMap<Key, Group<'_>> = HashMap::new();
    for mark in &marks.each {
        if let Some(id) = mark.id {
            join(&mut ids, id, mark, |one, other| {
                one.names().into_iter().flatten().any(|name| other.names().contains(&Some(name)))
            });
        }
    }
    items
        .iter()
        .zip(&marks.each)
        .map(|(item, mark)| ItemKeys {
            id: mark.id.filter(|id| ids.get(id).is_none_or(|group| group.agree)),
            link: mark.link,
            title: mark.title,
            text: mark.text,
            content: content(item, &mark.headline, mark.address.as_deref()),
        })
        .collect()
}

/// The items without repetitions: of those that share their id, and their link or their title as well, only the one that
/// was changed last stays, in the place of the first. Without an id, a link of their own or else the whole text counts.
pub(crate) fn distinct(items: Vec<Item>) -> Vec<Item> {
    let marks = Marks::of(&items);
    let mut places: HashMap<(Key, Key), usize> = HashMap::new();
    let mut kept: Vec<Item> = Vec::with_capacity(items.len());
    for (item, mark) in items.into_iter().zip(&marks.each) {
        let names = match (mark.id, mark.link) {
            (Some(id), _) => mark.names().map(|name| name.map(|name| (id, name))),
            (None, Some(link)) => [Some((link, link)), None],
            (None, None) => [Some((mark.text, mark.text)), None],
        };
        let known = names.iter().flatten().find_map(|name| places.get(name).copied());
        let place = known.unwrap_or(kept.len());
        for name in names.into_iter().flatten() {
            places.entry(name).or_insert(place);
        }
        match known {
            None => kept.push(item),
            Some(place) if rank(&item) > rank(&kept[place]) => kept[place] = item,
            Some(_) => {}
        }
    }
    kept
}

fn rank(item: &Item) -> impl Ord + '_ {
    (item.updated.or(item.published), item.text.len() + item.summary.len(), &item.title, &item.link, &item.text)
}

/// What one item is compared by.
struct Mark {
    id: Option<Key>,
    /// `None` also where other items have the same link.
    link: Option<Key>,
    title: Key,
    text: Key,
    /// The title's, or the text's where there is no title.
    name: Key,
    headline: String,
    address: Option<String>,
}

/// The marks of all items of a document.
struct Marks {
    each: Vec<Mark>,
}

impl Marks {
    fn of(items: &[Item]) -> Self {
        let mut each: Vec<Mark> = items.iter().map(Mark::of).collect();
        let mut links: HashMap<Key, Group<'_>> = HashMap::new();
        for mark in &each {
            if let Some(link) = mark.link {
                join(&mut links, link, mark, |one, other| match (one.id, other.id) {
                    (Some(one), Some(other)) => one == other,
                    _ => one.name == other.name,
                });
            }
        }
        let shared: HashSet<Key> = links.into_iter().filter(|(_, group)| !group.agree).map(|(link, _)| link).collect();
        for mark in &mut each {
            mark.link = mark.link.filter(|link| !shared.contains(link));
        }
        Self { each }
    }
}

impl Mark {
    /// What besides the id tells that two items are one: the link and the title, or the text where there is neither.
    fn names(&self) -> [Option<Key>; 2] {
        let title = if !self.headline.is_empty() {
            Some(self.title)
        } else if self.address.is_none() {
            Some(self.text)
        } else {
            None
        };
        [self.link, title]
    }

    fn of(item: &Item) -> Self {
        let headline = collapsed(&item.title);
        let address = item.link.as_deref().map(canonical_link);
        let title = Key::of(&["title", &headline]);
        let text = Key::of(&["text", &headline, &collapsed(body(item))]);
        Self {
            id: item.id.as_deref().map(|id| Key::of(&["id", id.trim()])),
            link: address.as_deref().map(|address| Key::of(&["link", address])),
            title,
            text,
            name: if headline.is_empty() { text } else { title },
            headline,
            address,
        }
    }
}

/// The items that share a key.
struct Group<'a> {
    first: &'a Mark,
    agree: bool,
}

/// Agreement is asked of each with the first, so that a thousand items with one link cost a thousand comparisons.
fn join<'a>(groups: &mut HashMap<Key, Group<'a>>, key: Key, mark: &'a Mark, agrees: impl Fn(&Mark, &Mark) -> bool) {
    match groups.entry(key) {
        Entry::Vacant(place) => {
            place.insert(Group { first: mark, agree: true });
        }
        Entry::Occupied(mut group) => {
            let group = group.get_mut();
            group.agree = group.agree && agrees(group.first, mark);
        }
    }
}

fn body(item: &Item) -> &str {
    if item.text.is_empty() { &item.summary } else { &item.text }
}

fn content(item: &Item, headline: &str, address: Option<&str>) -> Key {
    let summary = collapsed(&item.summary);
    let text = collapsed(&item.text);
    let mut parts = vec!["content", headline, address.unwrap_or_default(), &summary, &text];
    parts.extend(item.authors.iter().map(String::as_str));
    Key::of(&parts)
}

/// Single spaces instead of any white space.
fn collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
