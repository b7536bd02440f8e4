//! The rows of items, their words and their matches.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::column::{At, Json, limit};
use super::fault::Fault;
use super::reports;
use crate::alert::Matched;
use crate::item::{FeedId, Hit, Item, ItemId, ItemKeys, Key, StoryId};
use crate::store::{ItemFilter, ItemRow, StoredItem};

/// Matches of one story that are shown for counting its sources.
const MATCHED: u32 = 200;

/// What a new item's row holds besides the item.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewRow<'a> {
    pub(super) id: ItemId,
    pub(super) feed: FeedId,
    pub(super) story: StoryId,
    pub(super) identity: Key,
    pub(super) keys: &'a ItemKeys,
    pub(super) first_seen: Timestamp,
    pub(super) waits_until: Option<Timestamp>,
    pub(super) document: i64,
}

/// The number that the next new item gets: asked for before its row is written, because whoever decides where it belongs may
/// want to name it.
pub(super) fn next_id(conn: &Connection) -> Result<ItemId, Fault> {
    let mut last = conn.prepare_cached("/* next_id */ SELECT seq FROM sqlite_sequence WHERE name = 'item'")?;
    let last: i64 = last.query_row((), |row| row.get(0)).optional()?.unwrap_or(0);
    Ok(ItemId(last + 1))
}

/// Writes a new item.
pub(super) fn insert(conn: &Connection, row: NewRow<'_>, item: &Item) -> Result<(), Fault> {
    conn.prepare_cached(
        "/* insert */ INSERT INTO item (id, feed, story, identity, link_key, title_key, content_key, first_seen, published,
                updated, waits_until, given_id, link, authors, title, summary, text, language, offset_minutes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        row.id,
        row.feed,
        row.story,
        row.identity,
        row.keys.link,
        row.keys.title,
        row.keys.content,
        At(row.first_seen),
        item.published.map(At),
        item.updated.map(At),
        row.waits_until.map(At),
        item.id,
        item.link,
        Json(&item.authors),
        item.title,
        item.summary,
        item.text,
        item.language,
        item.offset_minutes,
    ])?;
    conn.prepare_cached("/* insert */ INSERT INTO presence (item, document, last_seen) VALUES (?, ?, ?)")?
        .execute(params![row.id, row.document, At(row.first_seen)])?;
    Ok(())
}

/// Writes an edited item over its older self. Its identity, its story and when it was first seen stay.
pub(super) fn update(
    conn: &Connection,
    id: ItemId,
    keys: &ItemKeys,
    waits_until: Option<Timestamp>,
    item: &Item,
) -> Result<(), Fault> {
    conn.prepare_cached(
        "/* update */ UPDATE item SET link_key = ?, title_key = ?, content_key = ?, published = ?, updated = ?,
                waits_until = ?, given_id = ?, link = ?, authors = ?, title = ?, summary = ?, text = ?,
                language = ?, offset_minutes = ?
         WHERE id = ?",
    )?
    .execute(params![
        keys.link,
        keys.title,
        keys.content,
        item.published.map(At),
        item.updated.map(At),
        waits_until.map(At),
        item.id,
        item.link,
        Json(&item.authors),
        item.title,
        item.summary,
        item.text,
        item.language,
        item.offset_minutes,
        id,
    ])?;
    Ok(())
}

/// The identity and the story of a stored item.
pub(super) fn place(conn: &Connection, id: ItemId) -> Result<(Key, StoryId), Fault> {
    let mut find = conn.prepare_cached("/* place */ SELECT identity, story FROM item WHERE id = ?")?;
    Ok(find.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Moves an item to another story.
pub(super) fn join(conn: &Connection, id: ItemId, story: StoryId) -> Result<(), Fault> {
    conn.prepare_cached("/* join */ UPDATE item SET story = ? WHERE id = ?")?.execute(params![story, id])?;
    Ok(())
}

/// When a stored item was first seen.
pub(super) fn first_seen(conn: &Connection, id: ItemId) -> Result<Timestamp, Fault> {
    let mut find = conn.prepare_cached("/* first_seen */ SELECT first_seen FROM item WHERE id = ?")?;
    Ok(find.query_row([id], |row| row.get::<_, At>(0))?.0)
}

/// The document of its feed that an item was last in, and when that was. Does nothing for an item that is gone.
pub(super) fn seen(conn: &Connection, id: ItemId, document: i64, at: Timestamp) -> Result<(), Fault> {
    conn.prepare_cached("/* seen */ UPDATE presence SET document = ?, last_seen = max(last_seen, ?) WHERE item = ?")?
        .execute(params![document, At(at), id])?;
    Ok(())
}

/// Watches that match a stored item, each with its sentences.
pub(super) fn matches(conn: &Connection, id: ItemId) -> Result<Vec<(String, Key)>, Fault> {
    let mut find =
        conn.prepare_cached("/* matches */ SELECT watch, sentences FROM match WHERE item = ? ORDER BY watch")?;
    let matches = find.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(matches)
}

/// Matches that a watch had among the items of a story, perhaps without one of them.
pub(super) fn matched(
    conn: &Connection,
    story: StoryId,
    watch: &str,
    without: Option<ItemId>,
) -> Result<Vec<Matched>, Fault> {
    let mut find = conn.prepare_cached(
        "/* matched */ SELECT item.id, item.identity, item.first_seen, item.link, match.because, report.body, match.facts, match.muted IS NOT NULL
         FROM item JOIN match ON match.item = item.id AND match.watch = ?
         LEFT JOIN report ON report.item = item.id
         WHERE item.story = ? AND item.id IS NOT ? ORDER BY item.id LIMIT ?",
    )?;
    let matched = find
        .query_map(params![watch, story, without, MATCHED], |row| {
            let item = row.get(0)?;
            Ok(Matched {
                item,
                identity: row.get(1)?,
                first_seen: row.get::<_, At>(2)?.0,
                link: row.get(3)?,
                hit: Hit {
                    watch: watch.to_owned(),
                    because: row.get::<_, Json<_>>(4)?.0,
                    facts: row.get::<_, Json<_>>(6)?.0,
                },
                report: reports::of(row.get::<_, Option<Vec<u8>>>(5)?.as_deref()),
                muted: row.get(7)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(matched)
}

/// Matches that [`matches_since`] returns.
const MATCHES: u32 = 10_000;

/// See [`crate::store::Store::matches`].
pub(super) fn matches_since(conn: &Connection, since: Timestamp) -> Result<Vec<(ItemId, StoryId, Hit)>, Fault> {
    let mut find = conn.prepare_cached(
        "/* matches_since */ SELECT item.id, item.story, match.watch, match.because, match.facts
         FROM item JOIN match ON match.item = item.id WHERE item.first_seen >= ? ORDER BY item.id, match.watch LIMIT ?",
    )?;
    let matches = find
        .query_map(params![At(since), MATCHES], |row| {
            let (because, facts) = (row.get::<_, Json<_>>(3)?.0, row.get::<_, Json<_>>(4)?.0);
            let hit = Hit { watch: row.get(2)?, because, facts };
            Ok((row.get(0)?, row.get(1)?, hit))
        })?
        .collect::<Result<_, _>>()?;
    Ok(matches)
}

/// Watches that match a stored item, and whose match was muted.
pub(super) fn muted(conn: &Connection, id: ItemId) -> Result<Vec<String>, Fault> {
    let mut find = conn.prepare_cached("/* muted */ SELECT watch FROM match WHERE item = ? AND muted IS NOT NULL")?;
    let muted = find.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(muted)
}

/// Writes the matches of an item in place of those it had, if it `had` any.
pub(super) fn set_matches(conn: &Connection, id: ItemId, had: bool, hits: &[Hit], at: Timestamp) -> Result<(), Fault> {
    let mut write = conn.prepare_cached(if had {
        // When it first matched stays: matches are counted by day. Whether it is muted is decided after this; where nothing
        // that the watch looks for has changed, nothing is, and it stays muted.
        "/* set_matches */ INSERT INTO match (item, watch, sentences, at, because, facts) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET sentences = excluded.sentences, because = excluded.because, facts = excluded.facts,
             muted = CASE WHEN sentences = excluded.sentences THEN muted END"
    } else {
        "/* set_matches */ INSERT INTO match (item, watch, sentences, at, because, facts) VALUES (?, ?, ?, ?, ?, ?)"
    })?;
    if had {
        for (watch, _) in matches(conn, id)?.iter().filter(|(watch, _)| hits.iter().all(|hit| hit.watch != *watch)) {
            conn.prepare_cached("/* set_matches */ DELETE FROM match WHERE item = ? AND watch = ?")?
                .execute(params![id, watch])?;
        }
    }
    for hit in hits {
        write.execute(params![id, hit.watch, hit.sentences(), At(at), Json(&hit.because), Json(&hit.facts)])?;
    }
    Ok(())
}

/// See [`crate::store::Store::items`].
pub(super) fn list(conn: &Connection, filter: &ItemFilter) -> Result<Vec<ItemRow>, Fault> {
    // Each filter has an index of its own; SQLite takes that of the one that is there.
    let mut sql = "/* list */ SELECT item.id, feed.name, item.title, item.link, item.published, item.updated,
            item.first_seen, item.story,
            (SELECT json_group_array(watch) FROM (SELECT watch FROM match WHERE match.item = item.id ORDER BY watch)),
            item.waits_until
         FROM item JOIN feed ON feed.id = item.feed WHERE 1"
        .to_owned();
    if filter.feed.is_some() {
        sql += " AND item.feed IN (SELECT id FROM feed WHERE name = :feed)";
    }
    if filter.watch.is_some() {
        sql += " AND item.id IN (SELECT item FROM match WHERE watch = :watch)";
    }
    if filter.since.is_some() {
        sql += " AND item.first_seen >= :since";
    }
    sql += " ORDER BY item.id DESC LIMIT :limit";
    let mut list = conn.prepare_cached(&sql)?;
    let (since, limit) = (filter.since.map(At), limit(filter.limit));
    let mut given: Vec<(&str, &dyn rusqlite::ToSql)> = vec![(":limit", &limit)];
    if let Some(feed) = &filter.feed {
        given.push((":feed", feed));
    }
    if let Some(watch) = &filter.watch {
        given.push((":watch", watch));
    }
    if let Some(since) = &since {
        given.push((":since", since));
    }
    let rows = list.query_map(given.as_slice(), listed)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

fn listed(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    Ok(ItemRow {
        id: row.get(0)?,
        feed: row.get(1)?,
        title: row.get(2)?,
        link: row.get(3)?,
        published: row.get::<_, Option<At>>(4)?.map(|at| at.0),
        updated: row.get::<_, Option<At>>(5)?.map(|at| at.0),
        first_seen: row.get::<_, At>(6)?.0,
        story: row.get(7)?,
        matched: row.get::<_, Json<Vec<String>>>(8)?.0,
        waits_until: row.get::<_, Option<At>>(9)?.map(|at| at.0),
    })
}

/// See [`crate::store::Store::last_item`].
pub(super) fn last(conn: &Connection) -> Result<ItemId, Fault> {
    let mut last = conn.prepare_cached("/* last */ SELECT coalesce(max(id), 0) FROM item")?;
    Ok(last.query_row((), |row| row.get(0))?)
}

/// See [`crate::store::Store::stored`].
pub(super) fn stored(
    conn: &Connection,
    from: ItemId,
    since: Option<Timestamp>,
    limit: usize,
) -> Result<Vec<StoredItem>, Fault> {
    let mut find = conn.prepare_cached(
        "/* stored */ SELECT item.id, feed.name, item.first_seen, item.story,
            (SELECT json_group_array(watch) FROM (SELECT watch FROM match WHERE match.item = item.id ORDER BY watch)),
            item.given_id, item.link, item.published, item.updated, item.authors, item.title, item.summary, item.text,
            item.language, item.offset_minutes
         FROM item JOIN feed ON feed.id = item.feed WHERE item.id >= ? AND item.first_seen >= ? ORDER BY item.id LIMIT ?",
    )?;
    let row = |row: &Row<'_>| {
        Ok(StoredItem {
            id: row.get(0)?,
            feed: row.get(1)?,
            first_seen: row.get::<_, At>(2)?.0,
            story: row.get(3)?,
            matched: row.get::<_, Json<Vec<String>>>(4)?.0,
            item: Item {
                id: row.get(5)?,
                link: row.get(6)?,
                published: row.get::<_, Option<At>>(7)?.map(|at| at.0),
                updated: row.get::<_, Option<At>>(8)?.map(|at| at.0),
                authors: row.get::<_, Json<Vec<String>>>(9)?.0,
                title: row.get(10)?,
                summary: row.get(11)?,
                text: row.get(12)?,
                language: row.get(13)?,
                offset_minutes: row.get(14)?,
            },
        })
    };
    let since = At(since.unwrap_or(Timestamp::MIN));
    let rows = find.query_map(params![from, since, self::limit(limit)], row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// See [`crate::store::Store::matches_by_day`].
pub(super) fn matches_by_day(conn: &Connection, since: Timestamp) -> Result<Vec<(String, i64, u64)>, Fault> {
    // The day is rounded down, so that it is right before 1970 too.
    let mut count = conn.prepare_cached(
        "/* matches_by_day */ SELECT watch, (at - ((at % 86400000) + 86400000) % 86400000) / 86400000 AS day, count(*)
         FROM match WHERE at >= ? GROUP BY watch, day ORDER BY watch, day",
    )?;
    let days = count
        .query_map([At(since)], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs())))?
        .collect::<Result<_, _>>()?;
    Ok(days)
}
