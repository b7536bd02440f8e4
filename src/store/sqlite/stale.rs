//! Alerts that could not be delivered for a day become one summary: nobody wants a hundred old mails one by one.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::column::{At, Json};
use super::fault::Fault;
use super::lease;
use crate::item::{MailId, MailKind};
use crate::store::Lease;

/// Alerts that become one summary at a time; what is over it joins it next time.
const ALERTS: u32 = 10_000;

/// See [`crate::store::Store::gather`].
pub(super) fn gather(conn: &Connection, lease: &Lease, before: Timestamp, now: Timestamp) -> Result<(), Fault> {
    lease::is_ours(conn, lease)?;
    let recipient = &lease.envelope.recipient;
    let mut find = conn.prepare_cached(
        "/* gather */ SELECT id, kind, coalesce(revived, queued), next_at FROM mail
         WHERE recipient = ?1 AND state = 'waiting' AND (id = ?2 OR lease_until IS NULL)
           AND (kind ->> 'kind' = 'stale' OR kind ->> 'kind' IN ('alert', 'together') AND coalesce(revived, queued) <= ?3)
         ORDER BY id LIMIT ?4",
    )?;
    let old: Vec<(MailId, MailKind, At, At)> = find
        .query_map(params![recipient, lease.id, At(before), ALERTS], |row| {
            Ok((row.get(0)?, row.get::<_, Json<_>>(1)?.0, row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<_, _>>()?;
    let since = old.iter().map(|(_, kind, queued, _)| match kind {
        MailKind::Stale { since } => *since,
        _ => queued.0,
    });
    let since = since.min().unwrap_or(now);
    // A summary that grows is given up as early as one that does not.
    let queued =
        old.iter().filter(|(_, kind, ..)| matches!(kind, MailKind::Stale { .. })).map(|(_, _, queued, _)| *queued);
    let queued = queued.min().unwrap_or(At(now));
    // What was due stays due.
    let next = old.iter().map(|(_, _, _, next)| *next).min().unwrap_or(At(now));
    conn.prepare_cached(
        "/* gather */ INSERT INTO mail (recipient, kind, lane, state, tries, next_at, lease_epoch, queued)
         VALUES (?, ?, 1, 'waiting', 0, ?, 0, ?)",
    )?
    .execute(params![recipient, Json(MailKind::Stale { since }), next, queued])?;
    let summary = MailId(conn.last_insert_rowid());
    for (place, (mail, ..)) in (0_i64..).zip(&old) {
        join(conn, *mail, summary, place)?;
    }
    Ok(())
}

/// Gives all that a mail tells to the summary, in its place among the others.
fn join(conn: &Connection, mail: MailId, summary: MailId, place: i64) -> Result<(), Fault> {
    conn.prepare_cached("/* join */ UPDATE telling SET mail = ?1, place = ?2 WHERE mail = ?3")?
        .execute(params![summary, place, mail])?;
    conn.prepare_cached("/* join */ UPDATE OR IGNORE mail_key SET mail = ?1 WHERE mail = ?2")?
        .execute(params![summary, mail])?;
    // What the ledger has is told whatever becomes of the mail; the rest is found by an index.
    conn.prepare_cached("/* join */ UPDATE told SET mail = ?1 WHERE mail = ?2 AND ledgered = 0")?
        .execute(params![summary, mail])?;
    conn.prepare_cached("/* join */ DELETE FROM mail WHERE id = ?")?.execute([mail])?;
    Ok(())
}
