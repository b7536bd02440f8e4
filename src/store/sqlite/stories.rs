//! Stories: which are open, what they hold, and how they grow.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::column::At;
use super::fault::Fault;
use crate::item::Candidate;
use crate::item::{ItemId, Key, StoryId};
use crate::story::CLOSES_AFTER;

/// Stories that are looked at for one key, the last that were opened; a key may have thousands in a year.
const SHARING: u32 = 256;

/// Candidates that are shown for one item.
const CANDIDATES: usize = 8;

/// Items of one story whose identities are shown. The oldest: it is they that were told.
const ITEMS: u32 = 200;

/// Stories that share a lookup key with an item of `when` and are open then, the newest report first.
///
/// What counts is the time of the news, not of the poll: after a week without a network the reports of that week still find
/// each other.
pub(super) fn candidates(conn: &Connection, keys: &[Key], when: Timestamp) -> Result<Vec<Candidate>, Fault> {
    let after = when.saturating_sub(CLOSES_AFTER).unwrap_or(Timestamp::MIN);
    let before = when.saturating_add(CLOSES_AFTER).unwrap_or(Timestamp::MAX);
    let mut open = conn.prepare_cached(
        "/* candidates */ SELECT last_report FROM story WHERE id = ? AND last_report >= ? AND first_report <= ?",
    )?;
    let mut found: Vec<(At, StoryId)> = Vec::new();
    for story in sharing(conn, keys)? {
        let last_report = open.query_row(params![story, At(after), At(before)], |row| row.get(0)).optional()?;
        found.extend(last_report.map(|last_report| (last_report, story)));
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.truncate(CANDIDATES);
    found
        .into_iter()
        .map(|(last_report, story)| {
            Ok(Candidate { story, last_report: last_report.0, items: items(conn, story, None)? })
        })
        .collect()
}

/// Stories that have one of the keys.
fn sharing(conn: &Connection, keys: &[Key]) -> Result<BTreeSet<StoryId>, Fault> {
    let mut find =
        conn.prepare_cached("/* sharing */ SELECT story FROM story_key WHERE key = ? ORDER BY story DESC LIMIT ?")?;
    let mut stories = BTreeSet::new();
    for key in keys {
        for story in find.query_map(params![key, SHARING], |row| row.get(0))? {
            stories.insert(story?);
        }
    }
    Ok(stories)
}

/// Identities of the items of a story, the oldest first, without one of them.
pub(super) fn items(conn: &Connection, story: StoryId, without: Option<ItemId>) -> Result<Vec<Key>, Fault> {
    let mut find = conn
        .prepare_cached("/* items */ SELECT identity FROM item WHERE story = ? AND id IS NOT ? ORDER BY id LIMIT ?")?;
    let items = find.query_map(params![story, without, ITEMS], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(items)
}

/// Whether there is such a story.
pub(super) fn is_there(conn: &Connection, story: StoryId) -> Result<bool, Fault> {
    Ok(conn.prepare_cached("/* is_there */ SELECT 1 FROM story WHERE id = ?")?.exists([story])?)
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
    name(conn, story, keys)
}

/// A story is found by these keys from now on.
pub(super) fn name(conn: &Connection, story: StoryId, keys: &[Key]) -> Result<(), Fault> {
    let mut insert = conn.prepare_cached("/* name */ INSERT OR IGNORE INTO story_key (key, story) VALUES (?, ?)")?;
    for key in keys {
        insert.execute(params![key, story])?;
    }
    Ok(())
}

/// Forgets a story whose last item has left it.
pub(super) fn close_empty(conn: &Connection, story: StoryId) -> Result<(), Fault> {
    conn.prepare_cached(
        "/* close_empty */ DELETE FROM story WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM item WHERE story = ?1)",
    )?
    .execute([story])?;
    Ok(())
}
