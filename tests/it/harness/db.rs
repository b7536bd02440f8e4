//! The database file, seen as any SQLite file. What newswatch keeps in it is asked through its commands wherever there is one.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

#[expect(clippy::disallowed_methods, reason = "the door of the tests to a database file")]
fn open(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

/// Marks a database as written by a newer program: its version becomes `version`.
pub(crate) fn set_version(path: &Path, version: i64) {
    open(path).pragma_update(None, "user_version", version).unwrap();
}

/// Checks the whole file; `ok` when it is sound.
pub(crate) fn integrity(path: &Path) -> String {
    open(path).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

/// Every column that holds an instant by which something is asked again, or for how long something has lasted.
const INSTANTS: [(&str, &[&str]); 2] = [
    ("feed", &["last_poll", "last_success", "last_change", "next_poll", "not_before", "failing_since", "moved_since"]),
    ("host_hold", &["until"]),
];

/// Makes all that is remembered of feeds and hosts older by so much, as though the program had been away for so long.
pub(crate) fn age(path: &Path, milliseconds: i64) {
    let database = open(path);
    for (table, columns) in INSTANTS {
        for column in columns {
            let sql = format!("UPDATE {table} SET {column} = {column} - ?");
            database.execute(&sql, [milliseconds]).unwrap();
        }
    }
    for (table, column) in [("feed", "habits"), ("subscription", "dealings")] {
        let rows: Vec<(i64, String)> = database
            .prepare(&format!("SELECT id, {column} FROM {table}"))
            .and_then(|mut rows| rows.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .unwrap_or_default();
        for (id, text) in rows {
            let mut value = serde_json::from_str(&text).unwrap();
            age_json(&mut value, milliseconds);
            database
                .execute(&format!("UPDATE {table} SET {column} = ? WHERE id = ?"), (value.to_string(), id))
                .unwrap();
        }
    }
}

/// The same for all that is named `…_at` in a value, however deep.
fn age_json(value: &mut serde_json::Value, milliseconds: i64) {
    use serde_json::Value;
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_i64().filter(|_| name.ends_with("_at")) {
                    Some(at) => *value = (at - milliseconds).into(),
                    None => age_json(value, milliseconds),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| age_json(element, milliseconds)),
        _ => {}
    }
}

/// Makes all mails older by so much, as though they had been queued so long ago and were tried in vain ever since.
pub(crate) fn age_mail(path: &Path, milliseconds: i64) {
    let database = open(path);
    for column in ["queued", "next_at", "offered", "sent", "revived"] {
        let sql = format!("UPDATE mail SET {column} = {column} - ?");
        database.execute(&sql, [milliseconds]).unwrap();
    }
}

/// Keeps everybody else from writing until it is dropped.
pub(crate) fn hold(path: &Path) -> Connection {
    let connection = open(path);
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

/// The one number that a query finds; `None` where it finds nothing, or null.
pub(crate) fn number(path: &Path, sql: &str) -> Option<i64> {
    use rusqlite::OptionalExtension as _;
    open(path)
        .query_row(sql, [], |row| row.get(0))
        .optional()
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
        .flatten()
}

/// Lets all items that wait for their article have waited so much longer.
pub(crate) fn wait_less(path: &Path, by: Duration) {
    let by = i64::try_from(by.as_millis()).unwrap();
    open(path).execute("UPDATE item SET waits_until = waits_until - ?", [by]).unwrap();
}
