//! What an item can be recognised by, whatever its feed does to ids, links, order and white space.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::links::canonical_link;
use crate::item::{Item, ItemKeys, Key};

/// The keys of each item of one document, in its order. They do not depend on the order of the items: a link that several
/// items share names none of them, and neither does an id that stands for items with nothing else in common.
pub fn keys(items: &[Item]) -> Vec<ItemKeys> {
    let marks = trusted(items.iter().map(Mark::of).collect());
    let mut ids = Groups::default();
    for mark in &marks {
        ids.join(mark.id, mark.names());
    }
    items
        .iter()
        .zip(&marks)
        .map(|(item, mark)| ItemKeys {
            id: mark.id.filter(|id| ids.agree(*id)),
            link: mark.link,
            title: mark.title,
            text: mark.text,
            content: content(item, mark),
        })
        .collect()
}

/// The items without repetitions: of those that share their id, and their link or their title as well, only the one that
/// was changed last stays, in the place of the first. Without an id, a link of their own or else the whole text counts.
/// Whoever keeps or matches the items of a document wants these; whoever shows the document wants all.
pub fn distinct(items: Vec<Item>) -> Vec<Item> {
    let mut ids = HashSet::with_capacity(items.len());
    if items.iter().all(|item| item.id.as_deref().is_some_and(|id| ids.insert(id.trim()))) {
        return items;
    }
    merged(items, |mark| match (mark.id, mark.link) {
        (Some(_), _) => mark.names(),
        (None, Some(link)) => [Some(link), None],
        (None, None) => [Some(mark.text), None],
    })
}

/// The items without those that say themselves that they are one: by their id, and by a link or a title that they have.
pub(crate) fn once_each(items: Vec<Item>) -> Vec<Item> {
    let mut ids: Vec<u64> = items.iter().filter_map(|item| item.id.as_deref()).map(|id| digest(id.trim())).collect();
    ids.sort_unstable();
    if ids.windows(2).all(|pair| pair[0] != pair[1]) {
        return items;
    }
    merged(items, |mark| {
        let title = (!mark.headline.is_empty()).then_some(mark.title);
        if mark.id.is_some() { [mark.link, title] } else { [None; 2] }
    })
}

/// A number that different texts rarely share, and equal ones always. Nothing but time depends on how rarely.
fn digest(text: &str) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    text.as_bytes().chunks(8).fold(FACTOR ^ text.len() as u64, |digest, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        (digest.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR)
    })
}

/// How often items are looked at again because some of them were found to be one. Real documents need two looks; only
/// one that was made for it needs more than three.
const LOOKS: usize = 16;

/// The items, one for all that share their id and one of their `names`. A link that was several items' may be one item's
/// once repetitions are gone, so what is left is looked at until nothing is repeated.
fn merged(mut items: Vec<Item>, names: impl Fn(&Mark) -> [Option<Key>; 2]) -> Vec<Item> {
    let mut marks: Vec<Mark> = items.iter().map(Mark::of).collect();
    for _ in 0..LOOKS {
        let before = items.len();
        (items, marks) = merged_once(items, trusted(marks), &names);
        if items.len() == before {
            break;
        }
    }
    items
}

fn merged_once(
    items: Vec<Item>,
    marks: Vec<Mark>,
    names: impl Fn(&Mark) -> [Option<Key>; 2],
) -> (Vec<Item>, Vec<Mark>) {
    // Which earlier item each is the same as; its own place where there is none.
    let mut same: Vec<usize> = (0..items.len()).collect();
    let mut places: HashMap<(Option<Key>, Key), usize> = HashMap::new();
    for (at, mark) in marks.iter().enumerate() {
        for name in names(mark).into_iter().flatten() {
            let place = *places.entry((mark.id, name)).or_insert(at);
            let (one, other) = (root(&mut same, place), root(&mut same, at));
            same[one.max(other)] = one.min(other);
        }
    }
    let mut kept: Vec<Option<(Item, Mark)>> = Vec::with_capacity(items.len());
    for (at, (item, mark)) in items.into_iter().zip(marks).enumerate() {
        let first = root(&mut same, at);
        if first == at {
            kept.push(Some((item, mark)));
            continue;
        }
        kept.push(None);
        if kept[first].as_ref().is_some_and(|(known, _)| rank(&item) > rank(known)) {
            kept[first] = Some((item, mark));
        }
    }
    kept.into_iter().flatten().unzip()
}

/// The first of the items that `at` is the same as, remembered for the next who asks.
fn root(same: &mut [usize], at: usize) -> usize {
    let mut first = at;
    while same[first] != first {
        first = same[first];
    }
    let mut next = at;
    while same[next] != first {
        next = std::mem::replace(&mut same[next], first);
    }
    first
}

fn rank(item: &Item) -> impl Ord + '_ {
    (item.updated.or(item.published), item.text.len() + item.summary.len(), &item.title, &item.link, &item.text)
}

/// What one item is compared by.
struct Mark {
    id: Option<Key>,
    /// `None` also where other items have the same link.
    link: Option<Key>,
    /// Of the link, whoever else has it.
    place: Option<Key>,
    title: Key,
    text: Key,
    /// The title's, or the text's where there is no title.
    name: Key,
    headline: String,
    body: String,
    address: Option<String>,
}

/// The marks of all items of a document, where a link that several of them share is nobody's.
fn trusted(mut marks: Vec<Mark>) -> Vec<Mark> {
    let mut links = Groups::default();
    for mark in &marks {
        links.join(mark.place, [mark.id, Some(mark.name)]);
    }
    for mark in &mut marks {
        mark.link = mark.place.filter(|link| links.agree(*link));
    }
    marks
}

impl Mark {
    /// What besides the id tells that two items are one: the link and the title, or where there is no title, all of it.
    fn names(&self) -> [Option<Key>; 2] {
        let title = if self.headline.is_empty() {
            Key::of(&["all", &self.text.to_string(), self.address.as_deref().unwrap_or_default()])
        } else {
            self.title
        };
        [self.link, Some(title)]
    }

    fn of(item: &Item) -> Self {
        let headline = collapsed(&item.title).into_owned();
        let body = collapsed(body(item)).into_owned();
        let address = item.link.as_deref().map(canonical_link);
        let title = Key::of(&["title", &headline]);
        let text = Key::of(&["text", &headline, &body]);
        let place = address.as_deref().map(|address| Key::of(&["link", address]));
        Self {
            id: item.id.as_deref().map(|id| Key::of(&["id", id.trim()])),
            link: place,
            place,
            title,
            text,
            name: if headline.is_empty() { text } else { title },
            headline,
            body,
            address,
        }
    }
}

/// What all items that share a key have in common besides; whatever their order.
#[derive(Default)]
struct Groups(HashMap<Key, [Option<Key>; 2]>);

impl Groups {
    fn join(&mut self, key: Option<Key>, names: [Option<Key>; 2]) {
        let Some(key) = key else { return };
        let common = self.0.entry(key).or_insert(names);
        for (common, name) in common.iter_mut().zip(names) {
            *common = common.filter(|common| Some(*common) == name);
        }
    }

    fn agree(&self, key: Key) -> bool {
        self.0.get(&key).is_none_or(|common| common.iter().any(Option::is_some))
    }
}

fn body(item: &Item) -> &str {
    if item.text.is_empty() { &item.summary } else { &item.text }
}

fn content(item: &Item, mark: &Mark) -> Key {
    // What the mark was made of is the text, or the summary where there is none.
    let (summary, text) =
        if item.text.is_empty() { (Cow::Borrowed(&*mark.body), "") } else { (collapsed(&item.summary), &*mark.body) };
    let mut parts = vec!["content", &mark.headline, mark.address.as_deref().unwrap_or_default(), &summary, text];
    parts.extend(item.authors.iter().map(String::as_str));
    Key::of(&parts)
}

/// Single spaces instead of any white space.
fn collapsed(text: &str) -> Cow<'_, str> {
    if is_collapsed(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

/// Whether all white space is single spaces between words, as far as single bytes tell: with the first bytes of white space
/// outside ASCII it is not said.
fn is_collapsed(text: &[u8]) -> bool {
    let is_other = |byte: &u8| matches!(byte, b'\t'..=b'\r' | 0xC2 | 0xE1..=0xE3);
    let spaced = text.windows(2).any(|pair| pair == b"  ");
    !spaced && text.first() != Some(&b' ') && text.last() != Some(&b' ') && !text.iter().any(is_other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn item(id: &str, link: &str, title: &str, text: &str) -> Item {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Item { id: some(id), link: some(link), title: title.to_owned(), text: text.to_owned(), ..Item::default() }
    }

    #[test]
    fn a_link_that_items_share_names_none_of_them() {
        let shared = keys(&[item("1", "http://a.b/", "x", ""), item("2", "https://www.a.b/#top", "y", "")]);
        assert_eq!(shared.iter().map(|keys| keys.link).collect::<Vec<_>>(), [None, None]);
        let own = keys(&[item("1", "http://a/1", "x", ""), item("2", "http://a/2?utm_source=b", "y", "")]);
        assert!(own.iter().all(|keys| keys.link.is_some()));
        assert_eq!(
            own[1].link,
            keys(&[item("", "https://a/2", "other", "")])[0].link,
            "tracking and scheme do not count"
        );
        let untitled = keys(&[item("", "http://a/", "", "x"), item("", "http://a/", "", "y")]);
        assert_ne!(untitled[0].primary(), untitled[1].primary());
    }

    #[test]
    fn an_id_that_stands_for_different_news_is_not_trusted() {
        let items = distinct(vec![item("1", "http://a/1", "x", ""), item("1", "http://a/2", "y", "")]);
        let keys = keys(&items);
        assert_eq!(keys.len(), 2);
        assert_eq!(keys.iter().map(|keys| keys.id).collect::<Vec<_>>(), [None, None]);
        assert_ne!(keys[0].primary(), keys[1].primary());
    }

    #[test]
    fn repetitions_are_one_item() {
        let mut newer = item("1", "http://a/1", "x, corrected", "b");
        newer.updated = Some("2026-01-02T00:00:00Z".parse().unwrap());
        let items = vec![
            item("1", "http://a/1", "x", "a"),
            item("2", "http://a/2", "y", "a"),
            newer.clone(),
            item("2", "http://a/other", "y", "a"),
            item("", "", "z", "a"),
            item("", "", " z", "a "),
            item("3", "", "", "a"),
            item("3", "", "", "a"),
        ];
        let shown = once_each(items.clone());
        assert_eq!(
            shown.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(),
            ["x, corrected", "y", "z", " z", "", ""],
            "without an id that they share nobody says that they are one"
        );
        let kept = distinct(items);
        assert_eq!(kept.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(), ["x, corrected", "y", " z", ""]);
        assert_eq!(kept[0], newer);
    }

    #[test]
    fn an_edit_changes_the_content_and_nothing_else() {
        let old = &keys(&[item("1", "http://a/1", "x", "will veto")])[0];
        let spaced = &keys(&[item("1", "http://a/1?utm_source=b", " x ", "will\n\nveto")])[0];
        assert_eq!(old, spaced, "white space and tracking parameters are no edit");
        let edited = &keys(&[item("1", "http://a/1", "x", "will not veto")])[0];
        assert_eq!((old.id, old.link, old.title), (edited.id, edited.link, edited.title));
        assert_ne!(old.content, edited.content);
        assert_ne!(old.text, edited.text);
    }

    /// Keys are in databases and ledgers; these must never change.
    #[test]
    fn keys_are_for_ever() {
        let keys = &keys(&[item("urn:1", "http://www.example.com/1", "Title", "Some text.")])[0];
        insta::assert_snapshot!(
            format!("{}\n{}\n{}\n{}\n{}", keys.id.unwrap(), keys.link.unwrap(), keys.title, keys.text, keys.content),
            @r"
        85d282fba82fa4ceacc48e4292ae49a8
        28d45877a48417f7feda1e5ef991213b
        4146c9e173939244d664e42e73897852
        c05effa8eee423edadb4b1a304b87e0a
        26699cae7da6d38c4c827d3edf45c748
        "
        );
    }

    proptest! {
        #[test]
        fn white_space_is_single_spaces(text in "[ab \u{00a0}\u{2003}\u{3000}\u{1680}é中\n\t]{0,8}") {
            prop_assert_eq!(collapsed(&text), text.split_whitespace().collect::<Vec<_>>().join(" "));
        }

        #[test]
        fn the_order_of_items_does_not_matter(
            items in proptest::collection::vec(("[12]?", "(http://a/[12])?", "[xy]?", "[xy]?"), 0..7)
                .prop_map(|parts| parts.iter().map(|(id, link, title, text)| item(id, link, title, text)).collect::<Vec<_>>())
                .prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle())),
        ) {
            let (items, shuffled) = items;
            let mut one: Vec<_> = items.iter().zip(keys(&items)).map(|(item, keys)| format!("{item:?} {keys:?}")).collect();
            let mut other: Vec<_> = shuffled.iter().zip(keys(&shuffled)).map(|(item, keys)| format!("{item:?} {keys:?}")).collect();
            one.sort();
            other.sort();
            prop_assert_eq!(one, other);
        }

        #[test]
        fn repetitions_are_found_in_any_order_and_at_once(
            items in proptest::collection::vec(("[12]?", "(http://a/[12])?", "[xy]?", "[xy]?"), 0..7)
                .prop_map(|parts| parts.iter().map(|(id, link, title, text)| item(id, link, title, text)).collect::<Vec<_>>())
                .prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle())),
        ) {
            let (items, shuffled) = items;
            let once = distinct(items);
            prop_assert_eq!(distinct(shuffled).len(), once.len());
            prop_assert_eq!(&distinct(once.clone()), &once);
        }
    }
}
