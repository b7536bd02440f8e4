//! Stories: which are open, what they hold, and how they grow.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::column::{At, limit};
use super::fault::Fault;
use crate::item::Candidate;
use crate::item::{ItemId, Key, StoryId};

/// A story closes so long after its last report, and takes no report from so long before its first.
const OPEN: SignedDuration = SignedDuration::from_hours(72);

/// Candidates that are shown for one item.
const CANDIDATES: usize = 8;

/// Items of one story whose identities are shown. The oldest: it is they that were told.
const ITEMS: u32 = 200;

/// Stories that share a lookup key with an item of `when` and are open then, the newest report first.
///
/// What counts is the time of the news, not of the poll: after a week without a network the reports of that week still find
/// each other.
pub(super) fn candidates(conn: &Connection, keys: &[Key], when: Timestamp) -> Result<Vec<Candidate>, Fault> {
    let mut open = conn.prepare_cached(
        "/* candidates */ SELECT story.id, story.last_report FROM story_key JOIN story ON story.id = story_key.story
         WHERE story_key.key = ? AND story.last_report >= ? AND story.first_report <= ?
         ORDER BY story.last_report DESC, story.id DESC LIMIT ?",
    )?;
    let after = when.saturating_sub(OPEN).unwrap_or(Timestamp::MIN);
    let before = when.saturating_add(OPEN).unwrap_or(Timestamp::MAX);
    let mut found: Vec<(At, StoryId)> = Vec::new();
    for key in keys {
        let rows = open
            .query_map(params![key, At(after), At(before), limit(CANDIDATES)], |row| Ok((row.get(1)?, row.get(0)?)))?;
        for row in rows {
            found.push(row?);
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    found.truncate(CANDIDATES);
    found
        .into_iter()
        .map(|(last_report, story)| {
            Ok(Candidate { story, last_report: last_report.0, items: items(conn, story, None)? })
        })
        .collect()
}

/// Identities of the items of a story, the oldest first, without one of them.
pub(super) fn items(conn: &Connection, story: StoryId, without: Option<ItemId>) -> Result<Vec<Key>, Fault> {
    let mut find = conn
        .prepare_cached("/* items */ SELECT identity FROM item WHERE story = ? AND id IS NOT ? ORDER BY id LIMIT ?")?;
    let items = find.query_map(params![story, without, ITEMS], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(items)
}

/// A new story.
pub(super) fn open(conn: &Connection, title: &str, when: Timestamp) -> Result<StoryId, Fault> {
    conn.prepare_cached("/* open */ INSERT INTO story (title, first_report, last_report) VALUES (?1, ?2, ?2)")?
        .execute(params![title, At(when)])?;
    Ok(StoryId(conn.last_insert_rowid()))
}

/// A report joins: the story is found by its keys too from now on, and stays open for longer.
pub(super) fn join(conn: &Connection, story: StoryId, keys: &[Key], when: Timestamp) -> Result<(), Fault> {
    conn.prepare_cached(
        "/* join */ UPDATE story SET first_report = min(first_report, ?1), last_report = max(last_report, ?1) WHERE id = ?2",
    )?
    .execute(params![At(when), story])?;
    let mut insert = conn.prepare_cached("/* join */ INSERT OR IGNORE INTO story_key (key, story) VALUES (?, ?)")?;
    for key in keys {
        insert.execute(params![key, story])?;
    }
    Ok(())
}
