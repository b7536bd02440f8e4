//! Is this an item that we have already?

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::column::At;
use super::fault::Fault;
use crate::item::{FeedId, ItemId, ItemKeys, Key, Standing};

/// What a key was made of, as the database numbers it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// The feed's own id.
    Id = 1,
    /// The link.
    Link = 2,
    /// Title and text.
    Text = 3,
}

/// Every key that an item is found by.
pub(super) fn lookup_keys(keys: &ItemKeys) -> impl Iterator<Item = (Kind, Key)> {
    let given = [(Kind::Id, keys.id), (Kind::Link, keys.link), (Kind::Text, Some(keys.text))];
    given.into_iter().filter_map(|(kind, key)| Some((kind, key?)))
}

/// How each item of a document stands, in the order given.
pub(super) fn known(conn: &Connection, feed: FeedId, keys: &[ItemKeys]) -> Result<Vec<Standing>, Fault> {
    let document = Document::of(conn, feed, keys.iter())?;
    keys.iter().map(|keys| document.standing(conn, feed, keys)).collect()
}

/// Which stored items the items of one document are by their ids and links.
///
/// An item that is still there under its own id has not been renamed, so another one with the same title and text is not it.
#[derive(Debug, Default)]
pub(super) struct Document {
    by_id: HashSet<ItemId>,
    by_link: HashSet<ItemId>,
    /// What its items were stored under so far, where the feed had no item before: then there is nothing else to look for.
    first: Option<HashSet<Key>>,
}

impl Document {
    /// Looks the ids and links of a whole document up.
    pub(super) fn of<'a>(
        conn: &Connection,
        feed: FeedId,
        all: impl Iterator<Item = &'a ItemKeys>,
    ) -> Result<Self, Fault> {
        let mut document = Self::default();
        if !has_keys(conn, feed)? {
            return Ok(Self { first: Some(HashSet::new()), ..document });
        }
        for keys in all {
            for (kind, key) in lookup_keys(keys) {
                match (kind, find(conn, feed, kind, key)?) {
                    (Kind::Id, Found::Item(stored)) if stored.bears_out(keys) => {
                        document.by_id.insert(stored.id);
                        break;
                    }
                    (Kind::Link, Found::Item(stored)) => {
                        document.by_link.insert(stored.id);
                        break;
                    }
                    _ => {}
                }
            }
        }
        Ok(document)
    }

    /// Whether the feed may have used a key before; where it had no item, only those of the document can be.
    pub(super) fn may_know(&self, key: &Key) -> bool {
        self.first.as_ref().is_none_or(|stored| stored.contains(key))
    }

    /// The document holds this item as itself.
    pub(super) fn holds(&mut self, item: ItemId) {
        self.by_id.insert(item);
    }

    /// The document holds an item of these keys, which is stored now.
    pub(super) fn stored(&mut self, keys: &ItemKeys) {
        if let Some(first) = &mut self.first {
            first.extend(lookup_keys(keys).map(|(_, key)| key));
        }
    }

    /// How one item of the document stands.
    ///
    /// An id is believed when the link or the title bears it out. When both contradict it, the feed has given an old id to
    /// other news, and the link, then title and text, say which item it is. An id that nothing contradicts is believed last
    /// of all. An item whose key outlived its row is known, and nothing more can be said of it.
    pub(super) fn standing(&self, conn: &Connection, feed: FeedId, keys: &ItemKeys) -> Result<Standing, Fault> {
        if self.first.as_ref().is_some_and(|stored| lookup_keys(keys).all(|(_, key)| !stored.contains(&key))) {
            return Ok(Standing::New);
        }
        let mut pruned = false;
        let mut doubtful = None;
        for (kind, key) in lookup_keys(keys) {
            match find(conn, feed, kind, key)? {
                Found::Nothing => {}
                Found::Pruned => pruned = true,
                Found::Item(stored) => match kind {
                    Kind::Id if !stored.bears_out(keys) => doubtful = Some(stored),
                    Kind::Link if keys.id.is_some() && self.by_id.contains(&stored.id) => {}
                    Kind::Text if self.is_another(stored.id, keys) => {}
                    Kind::Id | Kind::Link | Kind::Text => return Ok(stored.compared_with(keys)),
                },
            }
        }
        Ok(match doubtful {
            Some(stored) if !stored.contradicts(keys) && !self.is_another(stored.id, keys) => {
                stored.compared_with(keys)
            }
            _ if pruned => Standing::Repeated(None),
            _ => Standing::New,
        })
    }

    /// Whether the stored item is in the document under a name of its own, and `keys` has one too.
    fn is_another(&self, stored: ItemId, keys: &ItemKeys) -> bool {
        (keys.id.is_some() || keys.link.is_some()) && (self.by_id.contains(&stored) || self.by_link.contains(&stored))
    }
}

/// Whether any item of the feed was ever stored, as far as that is remembered.
fn has_keys(conn: &Connection, feed: FeedId) -> Result<bool, Fault> {
    Ok(conn.prepare_cached("/* has_keys */ SELECT 1 FROM item_key WHERE feed = ?")?.exists([feed])?)
}

/// Whether the feed has used this id already, for whatever news.
pub(super) fn id_in_use(conn: &Connection, feed: FeedId, id: Key) -> Result<bool, Fault> {
    Ok(!matches!(find(conn, feed, Kind::Id, id)?, Found::Nothing))
}

/// Records by what an item is found from now on. A key that belonged to another item moves over.
pub(super) fn claim(
    conn: &Connection,
    feed: FeedId,
    keys: &ItemKeys,
    item: ItemId,
    at: Timestamp,
) -> Result<(), Fault> {
    // Two plain statements: an upsert would open a savepoint of its own for every key, which costs more than both.
    let mut insert = conn.prepare_cached(
        "/* claim */ INSERT INTO item_key (item, last_seen, feed, kind, key) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )?;
    for (kind, key) in lookup_keys(keys) {
        let claim = params![item, At(at), feed, kind as i64, key];
        if insert.execute(claim)? == 0 {
            conn.prepare_cached(
                "/* claim */ UPDATE item_key SET item = ?, last_seen = ? WHERE feed = ? AND kind = ? AND key = ?",
            )?
            .execute(claim)?;
        }
    }
    Ok(())
}

/// Notes that the keys of an item whose row is gone were seen again, so that they are kept.
pub(super) fn touch(conn: &Connection, feed: FeedId, keys: &ItemKeys, at: Timestamp) -> Result<(), Fault> {
    let mut update = conn.prepare_cached(
        "/* touch */ UPDATE item_key SET last_seen = max(last_seen, ?) WHERE feed = ? AND kind = ? AND key = ?",
    )?;
    for (kind, key) in lookup_keys(keys) {
        update.execute(params![At(at), feed, kind as i64, key])?;
    }
    Ok(())
}

enum Found {
    Nothing,
    Pruned,
    Item(Stored),
}

struct Stored {
    id: ItemId,
    link: Option<Key>,
    title: Key,
    content: Key,
}

impl Stored {
    fn bears_out(&self, keys: &ItemKeys) -> bool {
        self.title == keys.title || (self.link.is_some() && self.link == keys.link)
    }

    /// Both link and title are there to compare, and both differ.
    fn contradicts(&self, keys: &ItemKeys) -> bool {
        self.title != keys.title && self.link.is_some() && keys.link.is_some() && self.link != keys.link
    }

    fn compared_with(&self, keys: &ItemKeys) -> Standing {
        if self.content == keys.content { Standing::Repeated(Some(self.id)) } else { Standing::Edited(self.id) }
    }
}

fn find(conn: &Connection, feed: FeedId, kind: Kind, key: Key) -> Result<Found, Fault> {
    let mut find = conn.prepare_cached(
        "/* find */ SELECT item.id, item.link_key, item.title_key, item.content_key
         FROM item_key LEFT JOIN item ON item.id = item_key.item
         WHERE item_key.feed = ? AND item_key.kind = ? AND item_key.key = ?",
    )?;
    let found = find.query_row(params![feed, kind as i64, key], |row| {
        let Some(id) = row.get(0)? else { return Ok(Found::Pruned) };
        Ok(Found::Item(Stored { id, link: row.get(1)?, title: row.get(2)?, content: row.get(3)? }))
    });
    Ok(found.optional()?.unwrap_or(Found::Nothing))
}
