//! Opening the file: whose it is, which schema it has, and how SQLite is to treat it.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::fault::Fault;
use crate::store::StoreError;

/// The schema's steps, in order. Only ever appended to: a file of any release must come out the same.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/sqlite/0001_first.sql"),
    include_str!("../migrations/sqlite/0002_pace.sql"),
    include_str!("../migrations/sqlite/0003_articles.sql"),
    include_str!("../migrations/sqlite/0004_language.sql"),
    include_str!("../migrations/sqlite/0005_habits.sql"),
    include_str!("../migrations/sqlite/0006_stories.sql"),
    include_str!("../migrations/sqlite/0007_hubs.sql"),
    include_str!("../migrations/sqlite/0008_events.sql"),
    include_str!("../migrations/sqlite/0009_silences.sql"),
    include_str!("../migrations/sqlite/0010_no_words.sql"),
    include_str!("../migrations/sqlite/0011_wishes.sql"),
    include_str!("../migrations/sqlite/0012_redirect_wait.sql"),
    include_str!("../migrations/sqlite/0013_near_misses.sql"),
    include_str!("../migrations/sqlite/0014_item_key.sql"),
    include_str!("../migrations/sqlite/0015_refused.sql"),
    include_str!("../migrations/sqlite/0016_keys_alone.sql"),
];

/// `nwch`, in the file's header (<https://sqlite.org/fileformat2.html#application_id>).
const APPLICATION_ID: i32 = 0x6E77_6368;

/// Older versions can corrupt a WAL database that two connections use (fixed in SQLite 3.51.3).
const SQLITE_AT_LEAST: i32 = 3_051_003;

/// How long a statement waits for another connection's lock.
const BUSY: Duration = Duration::from_secs(5);

/// Different statements that one connection keeps prepared: more than there are in the store.
const STATEMENTS: usize = 128;

/// Bytes of a page in a new file. Of the default, half as many, a page holds two items, and a third of it stays empty.
const PAGE_SIZE: u32 = 8192;

/// Pages in the WAL at which they are put into the file: what a page of an index is given by several commits is written
/// there once.
const CHECKPOINT_PAGES: u32 = 4000;

/// The writer's page cache, in KiB: holds a whole group of polls, which half of it does not.
const WRITER_CACHE_KIB: i64 = 16 * 1024;

/// A reader's page cache, in KiB.
const READER_CACHE_KIB: i64 = 1024;

/// Opens the one connection that writes, and brings the schema up to date.
///
/// # Errors
/// [`StoreError::Foreign`], [`StoreError::Newer`] (the file is left as it was), [`StoreError::Unwritable`],
/// [`StoreError::Engine`].
pub(super) fn writer(path: &Path, max_pages: Option<u32>) -> Result<Connection, StoreError> {
    refuse_old_engine(rusqlite::version_number())?;
    let mut conn = connect(path).map_err(|fault| fault.told("open", path))?;
    recognise(&conn, path)?;
    prepare(&conn, max_pages).map_err(|error| Fault::from(error).told("open", path))?;
    if conn.is_readonly("main").unwrap_or(false) {
        let readonly = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
        return Err(Fault::from(rusqlite::Error::SqliteFailure(readonly, None)).told("open", path));
    }
    migrate(&mut conn).map_err(|error| Fault::from(error).told("migrate", path))?;
    Ok(conn)
}

/// Opens a connection that only looks.
pub(super) fn reader(path: &Path) -> Result<Connection, Fault> {
    let conn = connect(path)?;
    conn.execute_batch(&format!("PRAGMA query_only = ON; PRAGMA cache_size = -{READER_CACHE_KIB};"))?;
    Ok(conn)
}

fn refuse_old_engine(version: i32) -> Result<(), StoreError> {
    if version >= SQLITE_AT_LEAST {
        return Ok(());
    }
    let what = format!("SQLite {version} can corrupt the database; newswatch needs {SQLITE_AT_LEAST} or newer");
    Err(StoreError::Engine { doing: "open", what })
}

fn connect(path: &Path) -> Result<Connection, Fault> {
    // Without SQLITE_OPEN_URI, so that a path is a path; without CREATE, because the file was made private before.
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY)?;
    // One plan for each statement, whatever is bound to it: without this, SQLite compiles many anew for every new value.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.execute_batch(
        "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON;",
    )?;
    Ok(conn)
}

/// Refuses files of others and of later versions, before anything in them is touched.
fn recognise(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let foreign = || StoreError::Foreign { path: path.to_owned() };
    let header = conn.query_row(
        "/* recognise */ SELECT (SELECT application_id FROM pragma_application_id),
                (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)",
        (),
        |row| Ok((row.get::<_, i32>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)),
    );
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    match header {
        Ok((0, 0, 0)) => Ok(()),
        Ok((APPLICATION_ID, found, _)) if found > known => {
            Err(StoreError::Newer { path: path.to_owned(), found, known })
        }
        Ok((APPLICATION_ID, ..)) => Ok(()),
        Ok(_) => Err(foreign()),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => Err(foreign()),
        Err(error) => Err(Fault::from(error).told("open", path)),
    }
}

fn prepare(conn: &Connection, max_pages: Option<u32>) -> rusqlite::Result<()> {
    // Only a file without any page takes these, so they come before WAL, which writes the first one.
    conn.execute_batch(&format!("PRAGMA page_size = {PAGE_SIZE}; PRAGMA auto_vacuum = INCREMENTAL;"))?;
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", (), |row| row.get(0))?;
    if mode != "wal" {
        let words = format!("the journal stays in mode '{mode}', which is what network filesystems do");
        let failure = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
        return Err(rusqlite::Error::SqliteFailure(failure, Some(words)));
    }
    conn.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -{WRITER_CACHE_KIB};
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};",
    ))?;
    if let Some(pages) = max_pages {
        conn.query_row(&format!("PRAGMA max_page_count = {pages}"), (), |_| Ok(()))?;
    }
    Ok(())
}

fn migrate(conn: &mut Connection) -> rusqlite::Result<()> {
    let done: i64 = conn.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    for (version, step) in (1_i64..).zip(MIGRATIONS) {
        if version <= done {
            continue;
        }
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction
            .execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version};"))?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> (tempfile::TempDir, std::path::PathBuf) {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("news.db");
        super::super::files::make(&path).unwrap();
        (scratch, path)
    }

    #[test]
    fn the_engine_is_new_enough_and_an_old_one_is_refused() {
        refuse_old_engine(rusqlite::version_number()).unwrap();
        assert!(refuse_old_engine(3_051_002).unwrap_err().to_string().contains("3051003"));
    }

    #[test]
    fn a_fresh_file_gets_every_setting() {
        let (_scratch, path) = fresh();
        let conn = writer(&path, None).unwrap();
        for (pragma, value) in [
            ("synchronous", 2_i64),
            ("foreign_keys", 1),
            ("page_size", PAGE_SIZE.into()),
            ("auto_vacuum", 2),
            ("mmap_size", 0),
            ("trusted_schema", 0),
            ("cell_size_check", 1),
            ("journal_size_limit", 64 << 20),
            ("application_id", i64::from(APPLICATION_ID)),
            ("user_version", i64::try_from(MIGRATIONS.len()).unwrap()),
            ("busy_timeout", 5000),
            ("wal_autocheckpoint", CHECKPOINT_PAGES.into()),
        ] {
            let set: i64 = conn.query_row(&format!("PRAGMA {pragma}"), (), |row| row.get(0)).unwrap();
            assert_eq!(set, value, "{pragma}");
        }
        let mode: String = conn.query_row("PRAGMA journal_mode", (), |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }

    #[test]
    fn a_reader_cannot_write() {
        let (_scratch, path) = fresh();
        let _writer = writer(&path, None).unwrap();
        let refused = reader(&path).unwrap().execute("DELETE FROM meta", ()).unwrap_err();
        assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::ReadOnly));
    }

    #[test]
    fn a_failed_migration_leaves_nothing_behind() {
        let (_scratch, path) = fresh();
        assert!(matches!(writer(&path, Some(8)), Err(StoreError::Unwritable { .. })));
        let conn = writer(&path, None).unwrap();
        let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0)).unwrap();
        assert!(tables > 15);
    }
}
