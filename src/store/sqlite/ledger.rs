//! What the ledger says, and what it has still to be told.
//!
//! The ledger lies outside the database and is not part of a backup of it, so a database may meet lines about mails that it
//! never sent: an older copy was put back, or the process died between the line and the row.

use rusqlite::{Connection, OptionalExtension, params};

use super::column::At;
use super::fault::Fault;
use super::{outbox, told};
use crate::item::{Key, MailId};
use crate::store::{LedgerEntry, LedgerNews};

/// Keys that are handed out for the ledger at a time.
const UNLEDGERED: u32 = 10_000;

/// See [`crate::store::Store::ledger_offset`].
pub(super) fn offset(conn: &Connection) -> Result<u64, Fault> {
    let mut find = conn.prepare_cached("/* offset */ SELECT value FROM meta WHERE name = 'ledger_offset'")?;
    let offset: Option<i64> = find.query_row((), |row| row.get(0)).optional()?;
    Ok(offset.unwrap_or(0).unsigned_abs())
}

fn set_offset(conn: &Connection, offset: u64) -> Result<(), Fault> {
    conn.prepare_cached("/* set_offset */ INSERT OR REPLACE INTO meta (name, value) VALUES ('ledger_offset', ?)")?
        .execute([i64::try_from(offset).unwrap_or(i64::MAX)])?;
    Ok(())
}

/// See [`crate::store::Store::ledgered`].
pub(super) fn ledgered(conn: &Connection, keys: &[Key], offset: u64) -> Result<(), Fault> {
    told::ledgered(conn, keys)?;
    set_offset(conn, offset)
}

/// See [`crate::store::Store::read_in`].
pub(super) fn read_in(conn: &Connection, news: &LedgerNews) -> Result<(), Fault> {
    for entry in &news.entries {
        settle(conn, entry)?;
        for key in &entry.keys {
            if take_in(conn, *key, entry)? {
                forget(conn, *key)?;
            }
        }
    }
    set_offset(conn, news.offset)
}

/// The mail of the line, if it is here, is done with.
fn settle(conn: &Connection, entry: &LedgerEntry) -> Result<(), Fault> {
    if entry.verdict == "dropped" {
        conn.prepare_cached("/* settle */ DELETE FROM mail WHERE message_id = ? AND state <> 'sent'")?
            .execute([&entry.message_id])?;
    } else {
        conn.prepare_cached(
            "/* settle */ UPDATE mail SET state = 'sent', sent = ?, lease_until = NULL,
                    answer = coalesce(answer, 'known from the ledger')
             WHERE message_id = ? AND state <> 'sent'",
        )?
        .execute(params![At(entry.at), entry.message_id])?;
    }
    Ok(())
}

/// The key counts as told and is in the ledger. False when this database knew that: then whatever still waits here with the
/// same key was decided in that knowledge.
fn take_in(conn: &Connection, key: Key, entry: &LedgerEntry) -> Result<bool, Fault> {
    let known = conn
        .prepare_cached(
            "/* take_in */ SELECT 1 FROM told LEFT JOIN mail ON mail.id = told.mail
             WHERE told.key = ? AND (told.ledgered = 1 OR mail.message_id = ?)",
        )?
        .exists(params![key, entry.message_id])?;
    conn.prepare_cached(
        "/* take_in */ INSERT INTO told (key, mail, at, ledgered)
         VALUES (?1, (SELECT id FROM mail WHERE message_id = ?3), ?2, 1)
         ON CONFLICT DO UPDATE SET ledgered = 1, mail = coalesce(mail, excluded.mail)",
    )?
    .execute(params![key, At(entry.at), entry.message_id])?;
    Ok(!known)
}

/// Mails that nobody has been offered yet, and digests to come, do not tell it again.
fn forget(conn: &Connection, key: Key) -> Result<(), Fault> {
    conn.prepare_cached("/* forget */ DELETE FROM telling WHERE mail IS NULL AND digest IS NOT NULL AND key = ?")?
        .execute([key])?;
    let untried: Vec<MailId> = conn
        .prepare_cached(
            "/* forget */ SELECT mail.id FROM mail_key JOIN mail ON mail.id = mail_key.mail
             WHERE mail_key.key = ? AND mail.state = 'waiting' AND mail.tries = 0",
        )?
        .query_map([key], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for mail in untried {
        conn.prepare_cached("/* forget */ DELETE FROM telling WHERE mail = ? AND key = ?")?
            .execute(params![mail, key])?;
        conn.prepare_cached("/* forget */ DELETE FROM mail_key WHERE mail = ? AND key = ?")?
            .execute(params![mail, key])?;
        if outbox::keys(conn, mail)?.is_empty() {
            outbox::delete(conn, mail)?;
        } else {
            // It is another mail now, under another Message-ID.
            conn.prepare_cached(
                "/* forget */ UPDATE mail SET message_id = NULL, subject = NULL, bytes = NULL, short = 0 WHERE id = ?",
            )?
            .execute([mail])?;
        }
    }
    Ok(())
}

/// See [`crate::store::Store::unledgered`].
pub(super) fn unledgered(conn: &Connection) -> Result<Vec<LedgerEntry>, Fault> {
    let mut find = conn.prepare_cached(
        "/* unledgered */ SELECT mail.id, coalesce(mail.sent, told.at), mail.message_id, told.key
         FROM told JOIN mail ON mail.id = told.mail
         WHERE told.ledgered = 0 AND mail.state = 'sent' AND mail.message_id IS NOT NULL
         ORDER BY mail.id, told.key LIMIT ?",
    )?;
    let rows = find.query_map([UNLEDGERED], |row| {
        Ok((row.get::<_, MailId>(0)?, row.get::<_, At>(1)?, row.get(2)?, row.get(3)?))
    })?;
    let mut entries: Vec<(MailId, LedgerEntry)> = Vec::new();
    for row in rows {
        let (mail, at, message_id, key): (_, _, String, Key) = row?;
        match entries.last_mut() {
            Some((last, entry)) if *last == mail => entry.keys.push(key),
            _ => {
                let verdict = "covered".to_owned();
                entries.push((mail, LedgerEntry { at: at.0, message_id, verdict, keys: vec![key] }));
            }
        }
    }
    Ok(entries.into_iter().map(|(_, entry)| entry).collect())
}
