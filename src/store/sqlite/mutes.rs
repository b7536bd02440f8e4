//! Silences that a user asked for, and what they muted.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::column::At;
use super::fault::Fault;
use super::told;
use crate::alert::{Mute, MuteId, Muted, Mutes};
use crate::item::{Envelope, ItemId, StoryId, Telling};
use crate::store::{Decide, MuteRow, MuteWish, MutedMatch};

/// What [`mute`] reads of one, in its order.
const MUTE: &str = "mute.id, mute.watch, mute.story, mute.digest, mute.recipient, mute.since, mute.until";

/// So many at a time are looked at. Each recipient can have one of each watch and digest.
const IN_FORCE: u32 = 10_000;

/// See [`crate::store::Store::mute`].
pub(super) fn add(conn: &Connection, wish: &MuteWish) -> Result<Option<MuteRow>, Fault> {
    let (watch, story, digest) = match &wish.what {
        Muted::Watch(watch) => (Some(watch.as_str()), None, None),
        Muted::Story(story) => (None, Some(*story), None),
        Muted::Digest(digest) => (None, None, Some(digest.as_str())),
    };
    // Whoever follows a link twice has not asked for two silences.
    if let Some(recipient) = &wish.recipient {
        let longer = conn
            .prepare_cached(
                "/* add */ UPDATE mute SET until = max(until, ?1)
                 WHERE until > ?2 AND recipient = ?3 AND watch IS ?4 AND story IS ?5 AND digest IS ?6 RETURNING id",
            )?
            .query_row(params![At(wish.until), At(wish.since), recipient, watch, story, digest], |row| row.get(0))
            .optional()?;
        if let Some(id) = longer {
            return find(conn, id);
        }
    }
    let title = match story {
        Some(story) => {
            let mut find = conn.prepare_cached("/* add */ SELECT title FROM story WHERE id = ?")?;
            match find.query_row([story], |row| row.get(0)).optional()? {
                Some(title) => title,
                None => return Ok(None),
            }
        }
        None => String::new(),
    };
    conn.prepare_cached(
        "/* add */ INSERT INTO mute (watch, story, digest, recipient, title, since, until) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![watch, story, digest, wish.recipient, title, At(wish.since), At(wish.until)])?;
    find(conn, MuteId(conn.last_insert_rowid()))
}

/// See [`crate::store::Store::mutes`].
pub(super) fn list(conn: &Connection, now: Timestamp) -> Result<Vec<MuteRow>, Fault> {
    let sql = format!(
        "/* list */ SELECT {MUTE}, title, (SELECT count(*) FROM match WHERE muted = mute.id) FROM mute
         WHERE until > ? ORDER BY id DESC"
    );
    Ok(conn.prepare_cached(&sql)?.query_map([At(now)], listed)?.collect::<Result<_, _>>()?)
}

fn find(conn: &Connection, id: MuteId) -> Result<Option<MuteRow>, Fault> {
    let sql = format!(
        "/* find */ SELECT {MUTE}, title, (SELECT count(*) FROM match WHERE muted = mute.id) FROM mute WHERE id = ?"
    );
    Ok(conn.prepare_cached(&sql)?.query_row([id], listed).optional()?)
}

/// See [`crate::store::Store::unmute`].
pub(super) fn end(conn: &Connection, id: MuteId, now: Timestamp) -> Result<Option<MuteRow>, Fault> {
    let before = find(conn, id)?;
    conn.prepare_cached("/* end */ UPDATE mute SET until = ?1 WHERE id = ?2 AND until > ?1")?
        .execute(params![At(now), id])?;
    Ok(before)
}

/// See [`crate::store::Store::muted`].
pub(super) fn of_item(conn: &Connection, item: ItemId) -> Result<Vec<MutedMatch>, Fault> {
    let sql = format!(
        "/* of_item */ SELECT {MUTE}, match.watch FROM match LEFT JOIN mute ON mute.id = match.muted
         WHERE match.item = ? AND match.muted IS NOT NULL ORDER BY match.watch"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let muted = find
        .query_map([item], |row| {
            let is_known = row.get::<_, Option<i64>>(0)?.is_some();
            Ok(MutedMatch { watch: row.get(7)?, by: if is_known { Some(mute(row)?) } else { None } })
        })?
        .collect::<Result<_, _>>()?;
    Ok(muted)
}

/// What is muted at `now`.
pub(super) fn in_force(conn: &Connection, now: Timestamp) -> Result<Mutes, Fault> {
    let sql = format!("/* in_force */ SELECT {MUTE} FROM mute WHERE until > ? ORDER BY id LIMIT ?");
    let mut find = conn.prepare_cached(&sql)?;
    let mutes = find.query_map(params![At(now), IN_FORCE], mute)?.collect::<Result<_, _>>()?;
    Ok(Mutes::new(mutes))
}

/// Writes that the match of a watch was muted.
pub(super) fn note(conn: &Connection, item: ItemId, watch: &str, by: MuteId) -> Result<(), Fault> {
    conn.prepare_cached("/* note */ UPDATE match SET muted = ? WHERE item = ? AND watch = ?")?
        .execute(params![by, item, watch])?;
    Ok(())
}

/// Takes what is muted out of what waits: it was never told, and never will be.
pub(super) fn withdraw(
    conn: &Connection,
    telling: &Telling,
    digest: &str,
    mutes: &Mutes,
    decide: &dyn Decide,
) -> Result<bool, Fault> {
    if mutes.is_empty() {
        return Ok(false);
    }
    let Some(by) = decide.muted(telling, digest, mutes) else { return Ok(false) };
    conn.prepare_cached(
        "/* withdraw */ DELETE FROM telling WHERE mail IS NULL AND digest = ? AND recipient = ? AND key = ?",
    )?
    .execute(params![digest, telling.recipient, telling.key])?;
    told::take_back(conn, telling.key)?;
    if by.recipient.is_none() {
        note(conn, telling.item, &telling.hit.watch, by.id)?;
    }
    Ok(true)
}

/// Whether a digest or a reminder is not wanted. Then it counts as told, so that it does not come later.
pub(super) fn silence(conn: &Connection, envelope: &Envelope, mutes: &Mutes, at: Timestamp) -> Result<bool, Fault> {
    let silenced = mutes.silence(envelope);
    if silenced {
        for key in &envelope.keys {
            told::record(conn, *key, None, at)?;
        }
    }
    Ok(silenced)
}

/// A story went into another one with all that it held.
pub(super) fn follow(conn: &Connection, from: StoryId, to: StoryId) -> Result<(), Fault> {
    conn.prepare_cached(
        "/* follow */ UPDATE mute SET story = ?2 WHERE story = ?1 AND NOT EXISTS (SELECT 1 FROM item WHERE story = ?1)",
    )?
    .execute(params![from, to])?;
    Ok(())
}

/// Forgets those that have long been over, and that no match names.
pub(super) fn prune(conn: &Connection, before: Timestamp) -> Result<(), Fault> {
    conn.execute(
        "/* prune */ DELETE FROM mute WHERE until < ? AND NOT EXISTS (SELECT 1 FROM match WHERE muted = mute.id)",
        [At(before)],
    )?;
    Ok(())
}

fn mute(row: &Row<'_>) -> rusqlite::Result<Mute> {
    let what = match (row.get(1)?, row.get(3)?) {
        (Some(watch), _) => Muted::Watch(watch),
        (None, Some(digest)) => Muted::Digest(digest),
        (None, None) => Muted::Story(row.get(2)?),
    };
    let (since, until) = (row.get::<_, At>(5)?.0, row.get::<_, At>(6)?.0);
    Ok(Mute { id: row.get(0)?, what, recipient: row.get(4)?, since, until })
}

fn listed(row: &Row<'_>) -> rusqlite::Result<MuteRow> {
    Ok(MuteRow { mute: mute(row)?, title: row.get(7)?, matches: row.get::<_, i64>(8)?.unsigned_abs() })
}
