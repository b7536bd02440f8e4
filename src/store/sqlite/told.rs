//! What counts as told. The only place where anybody asks.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::column::At;
use super::fault::Fault;
use crate::item::{Key, MailId};

/// Those of `keys` that were told.
pub(super) fn which(conn: &Connection, keys: &[Key]) -> Result<HashSet<Key>, Fault> {
    let mut find = conn.prepare_cached("/* which */ SELECT 1 FROM told WHERE key = ?")?;
    let mut told = HashSet::new();
    for key in keys {
        if find.exists([key])? {
            told.insert(*key);
        }
    }
    Ok(told)
}

/// From now on `key` is told: by `mail`, or by whatever mail its digest becomes.
///
/// What was held gets its mail here, and with it everything that counts as told because of it.
pub(super) fn record(conn: &Connection, key: Key, mail: Option<MailId>, at: Timestamp) -> Result<(), Fault> {
    conn.prepare_cached(
        "/* record */ INSERT INTO told (key, mail, at, ledgered) VALUES (?, ?, ?, 0)
         ON CONFLICT DO UPDATE SET mail = excluded.mail WHERE mail IS NULL AND ledgered = 0",
    )?
    .execute(params![key, mail, At(at)])?;
    if let Some(mail) = mail {
        conn.prepare_cached("/* record */ UPDATE told SET mail = ? WHERE covered_by = ? AND mail IS NULL")?
            .execute(params![mail, key])?;
    }
    Ok(())
}

/// `key` counts as told because `by` was: it shares its mail, and gets a line of its own in the ledger later.
pub(super) fn cover(conn: &Connection, key: Key, by: Key, at: Timestamp) -> Result<(), Fault> {
    conn.prepare_cached(
        "/* cover */ INSERT INTO told (key, mail, covered_by, at, ledgered)
         VALUES (?1, (SELECT mail FROM told WHERE key = ?2), ?2, ?3, 0) ON CONFLICT DO NOTHING",
    )?
    .execute(params![key, by, At(at)])?;
    Ok(())
}

/// `key`, which no mail tells yet, does not count as told any more, and with it all that counted as told because of it.
pub(super) fn take_back(conn: &Connection, key: Key) -> Result<(), Fault> {
    conn.prepare_cached(
        "/* take_back */ DELETE FROM told WHERE (key = ?1 OR covered_by = ?1) AND mail IS NULL AND ledgered = 0",
    )?
    .execute([key])?;
    Ok(())
}

/// These keys are in the ledger.
pub(super) fn ledgered(conn: &Connection, keys: &[Key]) -> Result<(), Fault> {
    let mut update = conn.prepare_cached("/* ledgered */ UPDATE told SET ledgered = 1 WHERE key = ?")?;
    for key in keys {
        update.execute([key])?;
    }
    Ok(())
}
