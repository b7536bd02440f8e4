//! Forgetting, in small steps: rows go, keys stay.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::column::{At, limit};
use super::fault::Fault;
use super::{facts, feedback, mutes, near, reports, stories};
use crate::item::{ItemId, StoryId};
use crate::store::Pruned;

/// A key is kept for so long after its item, or its telling, could be forgotten: about two years.
const KEYS: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);

/// Free pages that one call gives back to the filesystem.
const PAGES: u32 = 200;

/// See [`crate::store::Store::prune`].
pub(super) fn prune(conn: &Connection, before: Timestamp, rows: usize) -> Result<Pruned, Fault> {
    let items = old_items(conn, before, rows)?;
    for (item, story) in &items {
        forget(conn, *item, *story)?;
    }
    let mails = forget_mails(conn, before, rows)?;
    conn.execute("/* prune */ DELETE FROM host_hold WHERE until < ?", [At(before)])?;
    if items.len() < rows.max(1) {
        forget_keys(conn, before)?;
        reports::prune(conn)?;
        mutes::prune(conn, before)?;
        feedback::prune(conn, before)?;
        facts::forget(conn, before)?;
        near::prune(conn)?;
    }
    give_back(conn)?;
    Ok(Pruned { items: items.len(), mails })
}

/// Gives free pages back to the filesystem. The pragma frees one page for each row that is asked of it.
fn give_back(conn: &Connection) -> Result<(), Fault> {
    let mut pages = conn.prepare_cached(&format!("/* give_back */ PRAGMA incremental_vacuum({PAGES})"))?;
    let mut rows = pages.query(())?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Items that their feed's newest document does not hold, that were not seen for long, and that no mail still needs.
fn old_items(conn: &Connection, before: Timestamp, rows: usize) -> Result<Vec<(ItemId, StoryId)>, Fault> {
    let mut find = conn.prepare_cached(
        "/* old_items */ SELECT item.id, item.story
         FROM presence JOIN item ON item.id = presence.item JOIN feed ON feed.id = item.feed
         WHERE presence.last_seen < ? AND presence.document < feed.document
           AND NOT EXISTS (
               SELECT 1 FROM telling LEFT JOIN mail ON mail.id = telling.mail
               WHERE telling.item = item.id AND (telling.mail IS NULL OR mail.state NOT IN ('sent', 'dead')))
         ORDER BY presence.item LIMIT ?",
    )?;
    let items = find
        .query_map(params![At(before), limit(rows)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(items)
}

/// Deletes an item with its matches and tellings, and its story when it was the last of it.
fn forget(conn: &Connection, item: ItemId, story: StoryId) -> Result<(), Fault> {
    // The keys count their years from the day when the item was last in the feed.
    conn.prepare_cached(
        "/* forget */ UPDATE item_key
         SET item = NULL, last_seen = max(last_seen, (SELECT last_seen FROM presence WHERE item = ?1))
         WHERE item = ?1",
    )?
    .execute([item])?;
    conn.prepare_cached("/* forget */ DELETE FROM item WHERE id = ?")?.execute([item])?;
    stories::close_empty(conn, story)
}

/// Sent mails once the ledger has them, and dead letters that nobody has looked after for so long. Their keys stay told.
fn forget_mails(conn: &Connection, before: Timestamp, rows: usize) -> Result<usize, Fault> {
    let gone = conn
        .prepare_cached(
            "/* forget_mails */ DELETE FROM mail WHERE id IN (
                 SELECT mail.id FROM mail
                 WHERE state = 'sent' AND sent < ?1
                       AND NOT EXISTS (SELECT 1 FROM told WHERE told.mail = mail.id AND told.ledgered = 0)
                    OR state = 'dead' AND coalesce(offered, queued) < ?1
                 LIMIT ?2)",
        )?
        .execute(params![At(before), limit(rows)])?;
    Ok(gone)
}

fn forget_keys(conn: &Connection, before: Timestamp) -> Result<(), Fault> {
    let before = At(before.saturating_sub(KEYS).unwrap_or(Timestamp::MIN));
    conn.execute("/* forget_keys */ DELETE FROM item_key WHERE item IS NULL AND last_seen < ?", [before])?;
    conn.execute(
        "/* forget_keys */ DELETE FROM told WHERE at < ? AND NOT EXISTS (SELECT 1 FROM mail WHERE mail.id = told.mail)
             AND NOT EXISTS (SELECT 1 FROM telling WHERE telling.key = told.key AND telling.mail IS NULL)",
        [before],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{files, open};
    use super::*;

    #[test]
    fn free_pages_go_back_to_the_filesystem() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("news.db");
        files::make(&path).unwrap();
        let conn = open::writer(&path, None).unwrap();
        conn.execute_batch("CREATE TABLE big (x); INSERT INTO big VALUES (zeroblob(4000000)); DROP TABLE big").unwrap();
        let free = || conn.query_row("PRAGMA freelist_count", (), |row| row.get::<_, u32>(0)).unwrap();
        let before = free();
        give_back(&conn).unwrap();
        assert_eq!(before - free(), PAGES);
    }
}
