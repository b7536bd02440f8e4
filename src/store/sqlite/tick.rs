//! One tick, one commit: digests whose time has come, and feeds that have failed for too long.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::column::At;
use super::fault::Fault;
use super::outbox::{self, TELLING};
use super::{alerts, facts, feeds, mutes, near, poll, told};
use crate::alert::{Held, Material, Mutes, Near, Routes};
use crate::item::{MailId, Telling};
use crate::store::{Decide, TickOutcome, TickReceipt};

/// Tellings to one recipient that one run of a digest is shown; what is over it waits for the next run.
const HELD: u32 = 10_000;

/// See [`crate::store::Store::digests_through`].
pub(super) fn digests_through(conn: &Connection, names: &[String], now: Timestamp) -> Result<Vec<Timestamp>, Fault> {
    let mut declare =
        conn.prepare_cached("/* digests_through */ INSERT OR IGNORE INTO digest (name, through) VALUES (?, ?)")?;
    let mut find = conn.prepare_cached("/* digests_through */ SELECT through FROM digest WHERE name = ?")?;
    names
        .iter()
        .map(|name| {
            declare.execute(params![name, At(now)])?;
            Ok(find.query_row([name], |row| row.get::<_, At>(0))?.0)
        })
        .collect()
}

/// See [`crate::store::Store::commit_tick`].
pub(super) fn commit(conn: &Connection, outcome: &TickOutcome, decide: &dyn Decide) -> Result<TickReceipt, Fault> {
    let released = alerts::release_due(conn, outcome.at, decide)?;
    let mut mails = released.mails;
    let mutes = mutes::in_force(conn, outcome.at)?;
    for run in &outcome.digests {
        let mut held = held(conn, &run.name)?;
        for waiting in &mut held {
            waiting.tellings = unmuted(conn, std::mem::take(&mut waiting.tellings), &run.name, &mutes, decide)?;
        }
        held.retain(|waiting| !waiting.tellings.is_empty());
        let recipients: Vec<String> = held.iter().map(|held| held.recipient.clone()).collect();
        let near = near::of(conn, &decide.tuned_by(run), Near::since(outcome.at))?;
        let told = told::which(conn, &decide.digest_asks(run, &recipients, &near))?;
        let material = Material { held, near: &near, mutes: &mutes };
        for (envelope, tellings) in decide.digest(run, material, &told) {
            if mutes::silence(conn, &envelope, &mutes, outcome.at)? {
                continue;
            }
            mails.push(outbox::queue(conn, &envelope, &tellings, Some(&run.name), outcome.at)?);
        }
        // A run that was asked for by hand uses up no slot.
        if run.slot.is_some() {
            conn.prepare_cached(
                "/* commit */ INSERT INTO digest (name, through) VALUES (?, ?)
                 ON CONFLICT DO UPDATE SET through = max(through, excluded.through)",
            )?
            .execute(params![run.name, At(run.through)])?;
        }
    }
    let (reminders, next_reminder) = remind(conn, &mutes, outcome.at, decide)?;
    mails.extend(reminders);
    let failing = if outcome.ill.is_empty() { Vec::new() } else { feeds::failing(conn)? };
    for feed in failing.iter().filter(|feed| outcome.ill.contains(&feed.id)) {
        mails.extend(poll::health(conn, feed, feed, outcome.at, decide)?);
    }
    Ok(TickReceipt { mails, next: [released.next, next_reminder].into_iter().flatten().min(), written: true })
}

/// Mails that remind of events whose time has come, and when the next one falls due.
fn remind(
    conn: &Connection,
    mutes: &Mutes,
    at: Timestamp,
    decide: &dyn Decide,
) -> Result<(Vec<MailId>, Option<Timestamp>), Fault> {
    let watches = decide.reminding();
    if watches.is_empty() {
        return Ok((Vec::new(), None));
    }
    let events = facts::ahead(conn, &watches, Routes::reminding_from(at))?;
    let told = told::which(conn, &decide.remind_asks(&events, at))?;
    let (envelopes, next) = decide.remind(&events, at, &told);
    let mut queued = Vec::with_capacity(envelopes.len());
    for envelope in &envelopes {
        if !mutes::silence(conn, envelope, mutes, at)? {
            queued.push(outbox::queue(conn, envelope, &[], None, at)?);
        }
    }
    Ok((queued, next))
}

/// What is not muted. What is was held when its silence began, and goes no further.
fn unmuted(
    conn: &Connection,
    tellings: Vec<Telling>,
    digest: &str,
    mutes: &Mutes,
    decide: &dyn Decide,
) -> Result<Vec<Telling>, Fault> {
    let mut kept = Vec::with_capacity(tellings.len());
    for telling in tellings {
        if !mutes::withdraw(conn, &telling, digest, mutes, decide)? {
            kept.push(telling);
        }
    }
    Ok(kept)
}

/// See [`crate::store::Store::awaited_digests`].
pub(super) fn awaited(conn: &Connection) -> Result<Vec<String>, Fault> {
    let mut find = conn.prepare_cached(
        "/* awaited */ SELECT DISTINCT digest FROM telling WHERE mail IS NULL AND digest IS NOT NULL ORDER BY digest",
    )?;
    Ok(find.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// See [`crate::store::Store::held`]. Recipients are sorted.
pub(super) fn held(conn: &Connection, digest: &str) -> Result<Vec<Held>, Fault> {
    held_up_to(conn, digest, HELD)
}

/// The limit is each recipient's own: one for whom much waits must not cost another one the slot.
fn held_up_to(conn: &Connection, digest: &str, limit: u32) -> Result<Vec<Held>, Fault> {
    let sql = format!(
        "/* held */ SELECT {TELLING} FROM (
             SELECT *, row_number() OVER (PARTITION BY recipient ORDER BY id) AS nth
             FROM telling WHERE mail IS NULL AND digest = ?) WHERE nth <= ? ORDER BY recipient, id"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let tellings: Vec<Telling> = find.query_map(params![digest, limit], outbox::telling)?.collect::<Result<_, _>>()?;
    let mut held: Vec<Held> = Vec::new();
    for telling in tellings {
        match held.last_mut() {
            Some(last) if last.recipient == telling.recipient => last.tellings.push(telling),
            _ => held.push(Held { recipient: telling.recipient.clone(), tellings: vec![telling] }),
        }
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::super::{files, open};
    use super::*;

    #[test]
    fn each_recipient_has_a_limit_of_its_own() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("news.db");
        files::make(&path).unwrap();
        let conn = open::writer(&path, None).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        let mut add = conn
            .prepare(
                "INSERT INTO telling (id, digest, place, item, story, recipient, title, key, edited, hit)
                 VALUES (?1, 'morning', 0, ?1, 1, ?2, 'w', CAST(printf('%016d', ?1) AS BLOB), 0, '{\"watch\":\"w\",\"because\":[]}')",
            )
            .unwrap();
        for (id, recipient) in [(1, "busy"), (2, "busy"), (3, "busy"), (4, "quiet")] {
            add.execute(params![id, recipient]).unwrap();
        }
        let held = held_up_to(&conn, "morning", 2).unwrap();
        let items = |held: &Held| held.tellings.iter().map(|telling| telling.item.0).collect::<Vec<_>>();
        let shown: Vec<_> = held.iter().map(|held| (held.recipient.as_str(), items(held))).collect();
        assert_eq!(shown, [("busy", vec![1, 2]), ("quiet", vec![4])]);
    }
}
