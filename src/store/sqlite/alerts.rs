//! Alerts on their way from a decision to a mail, and what was listened to for silence.

use std::collections::{BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::column::{At, Json};
use super::fault::Fault;
use super::{mutes, outbox, told};
use crate::alert::{Pending, Polled, Recent, Silence};
use crate::item::{Hold, Key, MailId, StoryId, Telling};
use crate::store::Decide;

/// The name of the digest that what is told at once waits in: no digest can be called so.
pub(super) const AT_ONCE: &str = "";

/// Alerts that are looked at in one go; what is over it waits for the next.
const PENDING: u32 = 10_000;

/// How long mails are counted for `max_per_hour`.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What became of alerts.
#[derive(Debug, Default)]
pub(super) struct Released {
    pub(super) mails: Vec<MailId>,
    pub(super) held: usize,
    pub(super) next: Option<Timestamp>,
}

/// Makes mails of alerts that were decided just now, as far as nothing holds them.
pub(super) fn release_new(
    conn: &Connection,
    new: &[Telling],
    at: Timestamp,
    decide: &dyn Decide,
) -> Result<Released, Fault> {
    if new.is_empty() {
        return Ok(Released::default());
    }
    let paced: BTreeSet<&str> =
        new.iter().map(|telling| telling.hit.watch.as_str()).filter(|watch| decide.is_paced(watch)).collect();
    // What was held before goes before.
    let mut pending = if paced.is_empty() { Vec::new() } else { pending(conn)? };
    pending.retain(|alert| paced.contains(alert.telling.hit.watch.as_str()));
    pending.extend(new.iter().cloned().map(|telling| Pending { telling, since: at, hold: Hold::Wait }));
    settle(conn, pending, at, decide)
}

/// Makes mails of all alerts whose time has come.
pub(super) fn release_due(conn: &Connection, at: Timestamp, decide: &dyn Decide) -> Result<Released, Fault> {
    let pending = pending(conn)?;
    if pending.is_empty() { Ok(Released::default()) } else { settle(conn, pending, at, decide) }
}

fn settle(conn: &Connection, pending: Vec<Pending>, at: Timestamp, decide: &dyn Decide) -> Result<Released, Fault> {
    // What was held when its silence began goes no further.
    let mutes = mutes::in_force(conn, at)?;
    let mut due = Vec::with_capacity(pending.len());
    for alert in pending {
        if !mutes::withdraw(conn, &alert.telling, AT_ONCE, &mutes, decide)? {
            due.push(alert);
        }
    }
    let pending = due;
    let mut last_hour = Vec::new();
    for (watch, recipient) in decide.limited(&pending) {
        last_hour.push(recent(conn, watch, recipient, at)?);
    }
    let release = decide.release(pending, &last_hour, at);
    let mut released = Released { held: release.kept.len(), next: release.next, ..Released::default() };
    for (envelope, tellings) in &release.mails {
        released.mails.push(outbox::queue(conn, envelope, tellings, Some(AT_ONCE), at)?);
    }
    for alert in &release.kept {
        outbox::hold(conn, AT_ONCE, &alert.telling, at)?;
        conn.prepare_cached(
            "/* settle */ UPDATE telling SET since = coalesce(since, ?), hold = ?
             WHERE mail IS NULL AND digest = ? AND recipient = ? AND key = ?",
        )?
        .execute(params![
            At(alert.since),
            alert.hold.as_str(),
            AT_ONCE,
            alert.telling.recipient,
            alert.telling.key
        ])?;
    }
    Ok(released)
}

/// What was decided and is held, the oldest first.
fn pending(conn: &Connection) -> Result<Vec<Pending>, Fault> {
    let sql = format!(
        "/* pending */ SELECT {}, since, hold FROM telling WHERE mail IS NULL AND digest = ? ORDER BY id LIMIT ?",
        outbox::TELLING
    );
    let mut find = conn.prepare_cached(&sql)?;
    let pending = find
        .query_map(params![AT_ONCE, PENDING], |row| {
            let hold: Option<String> = row.get(9)?;
            Ok(Pending {
                telling: outbox::telling(row)?,
                since: row.get::<_, Option<At>>(8)?.map_or(Timestamp::MIN, |at| at.0),
                hold: hold.as_deref().and_then(Hold::from_word).unwrap_or(Hold::Wait),
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(pending)
}

/// Keys of what is held about a story.
pub(super) fn held(conn: &Connection, story: StoryId) -> Result<HashSet<Key>, Fault> {
    let mut find =
        conn.prepare_cached("/* held */ SELECT key FROM telling WHERE story = ? AND mail IS NULL AND digest = ?")?;
    let held = find.query_map(params![story, AT_ONCE], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(held)
}

/// When mails of a watch to a recipient were queued in the last hour, the oldest first.
fn recent(conn: &Connection, watch: String, recipient: String, now: Timestamp) -> Result<Recent, Fault> {
    let since = now.saturating_sub(HOUR).unwrap_or(Timestamp::MIN);
    let mut find = conn.prepare_cached(
        "/* recent */ SELECT queued FROM mail WHERE recipient = ?1 AND lane = 0 AND queued > ?2 AND queued <= ?3
           AND EXISTS (SELECT 1 FROM telling WHERE telling.mail = mail.id AND hit ->> 'watch' = ?4)
         ORDER BY queued",
    )?;
    let at = find
        .query_map(params![recipient, At(since), At(now), watch], |row| row.get::<_, At>(0))?
        .map(|at| at.map(|at| at.0))
        .collect::<Result<_, _>>()?;
    Ok(Recent { watch, recipient, at })
}

/// See [`crate::store::Store::listen`].
pub(super) fn declare(conn: &Connection, watches: &[String], now: Timestamp) -> Result<(), Fault> {
    // A watch that is gone and comes back is loaded for the first time.
    conn.prepare_cached("/* declare */ DELETE FROM silence WHERE watch NOT IN (SELECT value FROM json_each(?))")?
        .execute([Json(watches)])?;
    let mut insert = conn.prepare_cached(
        "/* declare */ INSERT OR IGNORE INTO silence (watch, since, counted, until) VALUES (?1, ?2, 0, ?2)",
    )?;
    for watch in watches {
        insert.execute(params![watch, At(now)])?;
    }
    Ok(())
}

/// What a poll means for watches for silence; how many mails it makes.
pub(super) fn listen(conn: &Connection, polled: &Polled<'_>, decide: &dyn Decide) -> Result<usize, Fault> {
    let watches = decide.listening(polled.after);
    if watches.is_empty() {
        return Ok(0);
    }
    let mut states = Vec::with_capacity(watches.len());
    for watch in watches {
        states.push(silence(conn, watch, polled.at)?);
    }
    let asked: Vec<Key> = decide.silence_asks(&states);
    let broken = decide.listen(polled, states, &told::which(conn, &asked)?);
    for (envelope, tellings, due) in &broken.mails {
        let mail = outbox::queue(conn, envelope, tellings, None, polled.at)?;
        conn.prepare_cached("/* listen */ UPDATE mail SET next_at = ? WHERE id = ?")?
            .execute(params![At(*due), mail])?;
    }
    let mut write = conn.prepare_cached(
        "/* listen */ INSERT OR REPLACE INTO silence (watch, since, counted, until) VALUES (?, ?, ?, ?)",
    )?;
    for state in &broken.states {
        let counted = i64::try_from(state.counted.as_millis()).unwrap_or(i64::MAX);
        write.execute(params![state.watch, At(state.since), counted, At(state.until)])?;
    }
    Ok(broken.mails.len())
}

fn silence(conn: &Connection, watch: String, now: Timestamp) -> Result<Silence, Fault> {
    let mut find = conn.prepare_cached("/* silence */ SELECT since, counted, until FROM silence WHERE watch = ?")?;
    let known = find
        .query_row([&watch], |row| {
            let counted = SignedDuration::from_millis(row.get(1)?);
            Ok((row.get::<_, At>(0)?.0, counted, row.get::<_, At>(2)?.0))
        })
        .optional()?;
    Ok(match known {
        Some((since, counted, until)) => Silence { watch, since, counted, until },
        None => Silence::fresh(watch, now),
    })
}
