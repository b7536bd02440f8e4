//! Recipients that the server says do not exist: after a few mails in a row they are left alone, but for one mail a day.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::column::At;
use super::fault::Fault;
use super::outbox;
use crate::store::{Lease, Refused};

/// So many different mails in a row make it certain.
pub(super) const IN_A_ROW: u32 = 3;

/// So long after the last of them the next one is tried.
const PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// The server says of a mail that there is no such recipient. What else waits for them waits on.
pub(super) fn note(conn: &Connection, lease: &Lease, answer: &str, now: Timestamp) -> Result<(), Fault> {
    let recipient = &lease.envelope.recipient;
    conn.prepare_cached(
        "/* note */ INSERT INTO refused (recipient, mails, mail, at, answer) VALUES (?1, 1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET mails = mails + (mail <> excluded.mail), mail = excluded.mail, at = excluded.at,
             answer = excluded.answer",
    )?
    .execute(params![recipient, lease.id, At(now), answer])?;
    if let Some(until) = until(conn, recipient)? {
        // Not what somebody has taken in hand. What may have come before the server forgot its recipient waits as well.
        conn.prepare_cached(
            "/* note */ UPDATE mail SET next_at = ?2
             WHERE recipient = ?1 AND state NOT IN ('sent', 'dead') AND state IN ('waiting', 'unheard') AND revived IS NULL
                 AND lease_until IS NULL AND next_at < ?2",
        )?
        .execute(params![recipient, At(until)])?;
    }
    Ok(())
}

/// The server took a mail: whoever it is for is there, and what waited for them is due.
pub(super) fn clear(conn: &Connection, recipient: &str, now: Timestamp) -> Result<(), Fault> {
    let until = until(conn, recipient)?;
    let known = conn.prepare_cached("/* clear */ DELETE FROM refused WHERE recipient = ?")?.execute([recipient])?;
    if known > 0 {
        // A summary waits from the first time on that it is refused.
        conn.prepare_cached(
            "/* clear */ UPDATE mail SET next_at = ?2
             WHERE recipient = ?1 AND state NOT IN ('sent', 'dead') AND state IN ('waiting', 'unheard') AND next_at > ?2
                 AND (next_at = ?3 OR kind ->> 'kind' = 'stale')",
        )?
        .execute(params![recipient, At(now), until.map(At)])?;
        // What was put off meanwhile still goes before what comes after it in its stories.
        outbox::follow_all(conn)?;
    }
    Ok(())
}

/// Until when nothing that waits for a recipient is tried, but for what somebody took in hand; `None` where they are not left alone.
pub(super) fn until(conn: &Connection, recipient: &str) -> Result<Option<Timestamp>, Fault> {
    let at: Option<At> = conn
        .prepare_cached("/* until */ SELECT at FROM refused WHERE recipient = ? AND mails >= ?")?
        .query_row(params![recipient, IN_A_ROW], |row| row.get(0))
        .optional()?;
    Ok(at.map(|at| pause(at.0)))
}

/// Until when a recipient who was refused then is left alone.
pub(super) fn pause(at: Timestamp) -> Timestamp {
    at.saturating_add(PAUSE).unwrap_or(Timestamp::MAX)
}

/// See [`crate::store::Store::refused`].
pub(super) fn list(conn: &Connection) -> Result<Vec<Refused>, Fault> {
    let mut find = conn.prepare_cached(
        "/* refused */ SELECT recipient, mail, at, answer FROM refused WHERE mails >= ? AND EXISTS (
             SELECT 1 FROM mail WHERE mail.recipient = refused.recipient AND state NOT IN ('sent', 'dead') AND state IN ('waiting', 'unheard'))",
    )?;
    let refused = find.query_map([IN_A_ROW], |row| {
        let next = pause(row.get::<_, At>(2)?.0);
        Ok(Refused { recipient: row.get(0)?, mail: row.get(1)?, next, answer: row.get(3)? })
    })?;
    Ok(refused.collect::<Result<_, _>>()?)
}
