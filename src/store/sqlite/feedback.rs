//! What readers say of what they were told.

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::SqliteStore;
use super::column::At;
use super::fault::Fault;
use crate::item::Key;
use crate::store::{Feedback, Precision, StoreError, ToldOnce};

#[async_trait]
impl Feedback for SqliteStore {
    async fn told_once(&self, key: Key) -> Result<Option<ToldOnce>, StoreError> {
        self.look("told_once", move |conn| told(conn, key)).await
    }

    async fn call_irrelevant(&self, key: Key, at: Option<Timestamp>) -> Result<bool, StoreError> {
        self.write("call_irrelevant", move |conn| call(conn, key, at)).await
    }

    async fn precision(&self, since: Timestamp) -> Result<Vec<Precision>, StoreError> {
        self.look("precision", move |conn| precision(conn, since)).await
    }
}

fn told(conn: &Connection, key: Key) -> Result<Option<ToldOnce>, Fault> {
    let mut find = conn.prepare_cached(
        "/* told_once */ SELECT telling.recipient, telling.hit ->> 'watch', telling.title, item.title,
             EXISTS (SELECT 1 FROM irrelevant WHERE irrelevant.key = telling.key)
         FROM mail_key JOIN telling ON telling.mail = mail_key.mail AND telling.key = mail_key.key
             JOIN item ON item.id = telling.item
         WHERE mail_key.key = ? ORDER BY mail_key.mail DESC LIMIT 1",
    )?;
    let found = find.query_row([key], |row| {
        Ok(ToldOnce {
            recipient: row.get(0)?,
            watch: row.get(1)?,
            title: row.get(2)?,
            headline: row.get(3)?,
            irrelevant: row.get(4)?,
        })
    });
    Ok(found.optional()?)
}

fn call(conn: &Connection, key: Key, at: Option<Timestamp>) -> Result<bool, Fault> {
    let Some(found) = told(conn, key)? else { return Ok(false) };
    match at {
        Some(at) => conn
            .prepare_cached("/* call_irrelevant */ INSERT OR IGNORE INTO irrelevant (key, watch, at) VALUES (?, ?, ?)")?
            .execute(params![key, found.watch, At(at)])?,
        None => conn.prepare_cached("/* call_irrelevant */ DELETE FROM irrelevant WHERE key = ?")?.execute([key])?,
    };
    Ok(true)
}

fn precision(conn: &Connection, since: Timestamp) -> Result<Vec<Precision>, Fault> {
    let mut find = conn.prepare_cached(
        "/* precision */ SELECT telling.hit ->> 'watch' AS watch, count(*), count(irrelevant.key)
         FROM mail JOIN telling ON telling.mail = mail.id LEFT JOIN irrelevant ON irrelevant.key = telling.key
         WHERE mail.state = 'sent' AND mail.sent >= ? GROUP BY watch ORDER BY watch",
    )?;
    let found = find.query_map([At(since)], |row| {
        let count = |at| row.get::<_, i64>(at).map(i64::unsigned_abs);
        Ok(Precision { watch: row.get(0)?, told: count(1)?, irrelevant: count(2)? })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Forgets what was said of things that are forgotten themselves.
pub(super) fn prune(conn: &Connection, before: Timestamp) -> Result<(), Fault> {
    conn.execute(
        "/* prune */ DELETE FROM irrelevant WHERE at < ? AND NOT EXISTS (
             SELECT 1 FROM mail_key WHERE mail_key.key = irrelevant.key)",
        [At(before)],
    )?;
    Ok(())
}
