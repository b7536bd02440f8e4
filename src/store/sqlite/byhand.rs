//! Mails that a user takes in hand: tried again now, or given up.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::column::At;
use super::fault::Fault;
use super::{outbox, told};
use crate::item::{Key, MailId, MailState};
use crate::store::{ByHand, GivenUp, MailRow};

/// See [`crate::store::Store::revive`].
pub(super) fn revive(conn: &Connection, mail: MailId, now: Timestamp) -> Result<ByHand<MailRow>, Fault> {
    let row = match free(conn, mail, now)? {
        ByHand::Done(row) => row,
        other => return Ok(other),
    };
    let sql = if row.state == MailState::Dead {
        "/* revive */ UPDATE mail SET state = 'waiting', tries = 0, next_at = ?1, revived = ?1, lease_until = NULL WHERE id = ?2"
    } else {
        // Its deadline stays; that it was taken in hand keeps it from being put off with what else waits for its recipient.
        "/* revive */ UPDATE mail SET next_at = ?1, revived = coalesce(revived, queued) WHERE id = ?2"
    };
    conn.prepare_cached(sql)?.execute(params![At(now), mail])?;
    Ok(ByHand::Done(row))
}

/// See [`crate::store::Store::give_up`].
pub(super) fn give_up(conn: &Connection, mail: MailId, now: Timestamp) -> Result<ByHand<GivenUp>, Fault> {
    let row = match free(conn, mail, now)? {
        ByHand::Done(row) => row,
        ByHand::Unknown => return Ok(ByHand::Unknown),
        ByHand::Sent(at) => return Ok(ByHand::Sent(at)),
        ByHand::Busy => return Ok(ByHand::Busy),
    };
    conn.prepare_cached(
        "/* give_up */ UPDATE mail SET state = 'dead', lease_until = NULL, short = short OR state = 'unheard' WHERE id = ?",
    )?
    .execute([mail])?;
    Ok(ByHand::Done(GivenUp { row, keys: outbox::keys(conn, mail)? }))
}

/// See [`crate::store::Store::bury`].
pub(super) fn bury(conn: &Connection, mail: MailId, keys: &[Key]) -> Result<(), Fault> {
    told::ledgered(conn, keys)?;
    conn.prepare_cached("/* bury */ DELETE FROM mail WHERE id = ? AND state = 'dead'")?.execute([mail])?;
    Ok(())
}

/// The mail, unless nobody may touch it now.
fn free(conn: &Connection, mail: MailId, now: Timestamp) -> Result<ByHand<MailRow>, Fault> {
    let Some(row) = outbox::row(conn, mail)? else { return Ok(ByHand::Unknown) };
    if row.state == MailState::Sent {
        return Ok(ByHand::Sent(row.sent));
    }
    let leased: Option<At> = conn
        .prepare_cached("/* free */ SELECT lease_until FROM mail WHERE id = ?")?
        .query_row([mail], |row| row.get(0))
        .optional()?
        .flatten();
    let is_busy = row.state == MailState::Sending || leased.is_some_and(|until| until.0 > now);
    Ok(if is_busy { ByHand::Busy } else { ByHand::Done(row) })
}
