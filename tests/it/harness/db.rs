//! The database file, seen as any SQLite file. What newswatch keeps in it is asked through its commands instead.

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

/// Lets all items that wait for their article have waited so much longer.
pub(crate) fn wait_less(path: &Path, by: Duration) {
    let by = i64::try_from(by.as_millis()).unwrap();
    open(path).execute("UPDATE item SET waits_until = waits_until - ?", [by]).unwrap();
}
