//! Mails on their way: one deliverer at a time has each, and nobody who lost it can write to it.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::column::{At, Json};
use super::fault::Fault;
use super::{contents, outbox, refused, told};
use crate::item::{Envelope, MailId, MailState};
use crate::store::{Lease, Rendered, Settled, StoreError};

/// See [`crate::store::Store::lease`].
pub(super) fn lease(
    conn: &Connection,
    now: Timestamp,
    until: Timestamp,
    but: Option<MailId>,
) -> Result<Option<Lease>, Fault> {
    // A mail whose lease ran out while its last dot was out was offered whole, and nobody heard the answer. The indexes are named
    // because the planner would rather sort all that waits, which may be a hundred thousand mails, for each one that goes.
    let next = conn
        .prepare_cached(
            "/* lease */ SELECT id, recipient, kind, state, tries, coalesce(revived, queued), message_id, subject, bytes, lease_epoch,
                    short FROM mail INDEXED BY mail_due
             WHERE state NOT IN ('sent', 'dead') AND next_at <= ?1 AND id IS NOT ?2
               AND recipient NOT IN (
                   SELECT recipient FROM mail INDEXED BY mail_leased
                   WHERE state NOT IN ('sent', 'dead') AND lease_until > ?1)
             ORDER BY lane, queued, id LIMIT 1",
        )?
        .query_row(params![At(now), but], leased)
        .optional()?;
    let Some(mut lease) = next else { return Ok(None) };
    lease.epoch += 1;
    conn.prepare_cached(
        "/* lease */ UPDATE mail SET lease_until = ?, lease_epoch = ?, tries = ?, state = ? WHERE id = ?",
    )?
    .execute(params![At(until), lease.epoch, lease.tries, lease.state, lease.id])?;
    lease.envelope.keys = outbox::keys(conn, lease.id)?;
    (lease.tellings, lease.whole) = contents::contents(conn, lease.id)?;
    Ok(Some(lease))
}

fn leased(row: &Row<'_>) -> rusqlite::Result<Lease> {
    let rendered = match (row.get(6)?, row.get(7)?, row.get(8)?) {
        (Some(message_id), Some(subject), Some(bytes)) => {
            Some(Rendered { message_id, subject, bytes, short: row.get(10)? })
        }
        _ => None,
    };
    let (state, tries) = match (row.get(3)?, row.get(4)?) {
        (MailState::Sending, tries) => (MailState::Unheard, u32::saturating_add(tries, 1)),
        (state, tries) => (state, tries),
    };
    Ok(Lease {
        id: row.get(0)?,
        epoch: row.get(9)?,
        envelope: Envelope { recipient: row.get(1)?, kind: row.get::<_, Json<_>>(2)?.0, keys: Vec::new() },
        tellings: Vec::new(),
        whole: None,
        state,
        tries,
        queued: row.get::<_, At>(5)?.0,
        rendered,
    })
}

/// See [`crate::store::Store::rendered`].
pub(super) fn rendered(conn: &Connection, lease: &Lease, rendered: &Rendered) -> Result<(), Fault> {
    let written = conn
        .prepare_cached(
            "/* rendered */ UPDATE mail SET message_id = ?, subject = ?, bytes = ?, short = ?
             WHERE id = ? AND lease_epoch = ? AND lease_until IS NOT NULL",
        )?
        .execute(params![
            rendered.message_id,
            rendered.subject,
            rendered.bytes,
            rendered.short,
            lease.id,
            lease.epoch
        ])?;
    held(lease, written)
}

/// See [`crate::store::Store::sending`].
pub(super) fn sending(conn: &Connection, lease: &Lease, now: Timestamp) -> Result<(), Fault> {
    let written = conn
        .prepare_cached(
            "/* sending */ UPDATE mail SET state = 'sending', offered = ?
             WHERE id = ? AND lease_epoch = ? AND lease_until IS NOT NULL",
        )?
        .execute(params![At(now), lease.id, lease.epoch])?;
    held(lease, written)
}

/// See [`crate::store::Store::settle`].
pub(super) fn settle(conn: &Connection, lease: &Lease, settled: &Settled, now: Timestamp) -> Result<(), Fault> {
    let (state, next, sent, answer) = match settled {
        Settled::Sent { answer } => (MailState::Sent, None, Some(now), answer),
        // A copy may have arrived long ago: that stays true whatever the server says of this one.
        Settled::Later { next, answer } => (lease.state, Some(*next), None, answer),
        Settled::Refused { answer, kept: true } => (lease.state, Some(refused::pause(now)), None, answer),
        Settled::Unheard { next, answer } => (MailState::Unheard, Some(*next), None, answer),
        Settled::Dead { answer } | Settled::Refused { answer, .. } => (MailState::Dead, None, None, answer),
        Settled::Dropped => return drop_mail(conn, lease),
    };
    // Of what is given up although somebody may have it, the bytes stay even if it is taken in hand again.
    let is_final = state == MailState::Dead && lease.state == MailState::Unheard;
    let written = conn
        .prepare_cached(
            "/* settle */ UPDATE mail SET state = ?, next_at = coalesce(?, next_at), sent = ?, answer = ?,
                    tries = tries + 1, lease_until = NULL, short = short OR ?
             WHERE id = ? AND lease_epoch = ? AND lease_until IS NOT NULL",
        )?
        .execute(params![state, next.map(At), sent.map(At), answer, is_final, lease.id, lease.epoch])?;
    held(lease, written)?;
    match settled {
        Settled::Refused { answer, .. } => refused::note(conn, lease, answer, now)?,
        Settled::Sent { .. } => refused::clear(conn, &lease.envelope.recipient, now)?,
        _ => {}
    }
    next.map_or(Ok(()), |next| hold_followers(conn, lease, next))
}

/// What comes after an alert in a story waits with it, so that its reader is told in order. A mail of several stories that waits
/// holds what comes after it in any of them.
fn hold_followers(conn: &Connection, lease: &Lease, until: Timestamp) -> Result<(), Fault> {
    conn.prepare_cached(
        "/* hold_followers */ WITH RECURSIVE held (story, since) AS (
             SELECT story, mail FROM telling WHERE mail = ?1 AND EXISTS (SELECT 1 FROM mail WHERE id = ?1 AND lane = 0)
             UNION
             SELECT beside.story, joint.mail FROM held
                 JOIN telling AS joint ON joint.story = held.story AND joint.recipient = ?3 AND joint.mail > held.since
                 JOIN mail ON mail.id = joint.mail AND mail.lane = 0 AND mail.state IN ('waiting', 'unheard')
                 JOIN telling AS beside ON beside.mail = joint.mail AND beside.story <> held.story)
         UPDATE mail SET next_at = ?2
         WHERE lane = 0 AND state IN ('waiting', 'unheard') AND next_at < ?2 AND id IN (
             SELECT later.mail FROM held
                 JOIN telling AS later ON later.story = held.story AND later.recipient = ?3 AND later.mail > held.since)",
    )?
    .execute(params![lease.id, At(until), lease.envelope.recipient])?;
    Ok(())
}

/// Fails where somebody else has taken the mail over.
pub(super) fn is_ours(conn: &Connection, lease: &Lease) -> Result<(), Fault> {
    let ours = conn
        .prepare_cached(
            "/* is_ours */ SELECT 1 FROM mail WHERE id = ? AND lease_epoch = ? AND lease_until IS NOT NULL",
        )?
        .exists(params![lease.id, lease.epoch])?;
    held(lease, usize::from(ours))
}

fn drop_mail(conn: &Connection, lease: &Lease) -> Result<(), Fault> {
    is_ours(conn, lease)?;
    told::ledgered(conn, &outbox::keys(conn, lease.id)?)?;
    outbox::delete(conn, lease.id)
}

/// See [`crate::store::Store::release`].
pub(super) fn release(conn: &Connection, lease: &Lease, next: Timestamp, answer: &str) -> Result<(), Fault> {
    let written = conn
        .prepare_cached(
            "/* release */ UPDATE mail SET state = CASE state WHEN 'sending' THEN 'unheard' ELSE state END,
                    next_at = ?, answer = ?, lease_until = NULL
             WHERE id = ? AND lease_epoch = ? AND lease_until IS NOT NULL",
        )?
        .execute(params![At(next), answer, lease.id, lease.epoch])?;
    held(lease, written)
}

fn held(lease: &Lease, written: usize) -> Result<(), Fault> {
    if written == 0 { Err(StoreError::LeaseLost(lease.id.0).into()) } else { Ok(()) }
}

/// See [`crate::store::Store::recover`].
pub(super) fn recover(conn: &Connection, next: Timestamp) -> Result<usize, Fault> {
    let unheard = conn.execute(
        "/* recover */ UPDATE mail SET state = 'unheard', next_at = ?, tries = tries + 1 WHERE state = 'sending'",
        [At(next)],
    )?;
    conn.execute("/* recover */ UPDATE mail SET lease_until = NULL WHERE lease_until IS NOT NULL", ())?;
    // Only the last process knew that the relay was in trouble: what was never tried because of that goes in its old order.
    conn.execute(
        "/* recover */ UPDATE mail SET next_at = queued WHERE state = 'waiting' AND tries = 0 AND next_at > queued
             AND recipient NOT IN (SELECT recipient FROM refused WHERE mails >= ?)",
        [refused::IN_A_ROW],
    )?;
    outbox::follow_all(conn)?;
    Ok(unheard)
}

/// See [`crate::store::Store::hasten`].
pub(super) fn hasten(conn: &Connection, queued: Timestamp, now: Timestamp) -> Result<usize, Fault> {
    let hastened = conn
        .prepare_cached(
            "/* hasten */ UPDATE mail SET next_at = ?2, queued = min(queued, ?2)
             WHERE state IN ('waiting', 'unheard') AND lease_until IS NULL AND queued > ?1 AND next_at > ?2",
        )?
        .execute(params![At(queued), At(now)])?;
    Ok(hastened)
}
