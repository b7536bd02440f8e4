//! What only a store in a file can do wrong.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use newswatch::config::{self, Env};
use newswatch::daemon::open_store;
use newswatch::store::sqlite::{Options, SqliteStore};
use newswatch::store::{Store, StoreError};
use rusqlite::{Connection, OpenFlags};

use super::scene::*;
use super::{Engine, Sqlite};

fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(Options { path: path.to_owned(), max_pages: None })
}

/// The file as another program sees it.
fn raw(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE).unwrap()
}

#[tokio::test]
async fn a_second_opener_is_refused_and_told_who_has_it() {
    let engine = Sqlite::new();
    let store = engine.open();
    let refused = open(&engine.path()).unwrap_err();
    let pid = format!("(pid {})", std::process::id());
    assert!(matches!(&refused, StoreError::Held { .. }) && refused.to_string().contains(&pid), "{refused}");
    store.close().await.unwrap();
    open(&engine.path()).unwrap();
}

#[tokio::test]
async fn the_daemon_waits_for_one_that_is_about_to_let_go() {
    let dir = tempfile::tempdir().unwrap();
    let env = Env::empty(dir.path()).with("XDG_STATE_HOME", dir.path());
    let settings = config::load_text("a.toml", "", dir.path(), &env).settings.expect("a sound config");
    let first = open_store(&settings).await.unwrap();
    let (second, closed) = tokio::join!(open_store(&settings), first.close());
    closed.unwrap();
    second.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_as_it_was() {
    let engine = Sqlite::new();
    engine.open().close().await.unwrap();
    raw(&engine.path()).execute_batch("PRAGMA user_version = 77").unwrap();
    let before = std::fs::read(engine.path()).unwrap();
    let refused = open(&engine.path()).unwrap_err();
    assert!(matches!(&refused, StoreError::Newer { found: 77, .. }), "{refused}");
    assert_eq!(std::fs::read(engine.path()).unwrap(), before);
}

#[test]
fn files_of_others_are_refused_and_left_as_they_were() {
    let scratch = tempfile::tempdir().unwrap();
    let database = scratch.path().join("theirs.db");
    raw(&database).execute_batch("CREATE TABLE theirs (x)").unwrap();
    let marked = scratch.path().join("marked.db");
    raw(&marked).execute_batch("PRAGMA application_id = 7").unwrap();
    let text = scratch.path().join("notes.txt");
    std::fs::write(&text, "Not a database, but a text of some length. ".repeat(50)).unwrap();
    for file in [database, marked, text] {
        let before = std::fs::read(&file).unwrap();
        let refused = open(&file).unwrap_err();
        assert!(matches!(&refused, StoreError::Foreign { .. }), "{refused}");
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_committed() {
    let engine = Sqlite::new();
    let store = SqliteStore::open(Options { path: engine.path(), max_pages: Some(150) }).unwrap();
    let memory = feed(&store, "a").await;
    let mut fine = 0;
    let refused = loop {
        let name: &'static str = Box::leak(format!("item {fine} {}", "x".repeat(2000)).into_boxed_str());
        match store.commit_poll(poll(&memory, 1, &[piece(name).watched(&["w"])]), plain()).await {
            Ok(_) => fine += 1,
            Err(error) => break error,
        }
        assert!(fine < 1000, "the limit was never met");
    };
    assert!(
        matches!(&refused, StoreError::Unwritable { .. }) && refused.to_string().contains("free space"),
        "{refused}"
    );
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.items, counts.waiting), (fine, fine));
    drop(store);
    // With room again it goes on where it was.
    let store = engine.open();
    assert_eq!(store.counts().await.unwrap(), counts);
    assert_eq!(commit(&*store, poll(&memory, 2, &[piece("more")])).await.new, 1);
}

#[tokio::test]
async fn a_read_only_file_says_what_to_do() {
    let engine = Sqlite::new();
    engine.open().close().await.unwrap();
    let path = engine.path();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    match open(&path) {
        Err(refused) => assert!(refused.to_string().contains("news.db"), "{refused}"),
        // Root may write whatever the mode says.
        Ok(_) => assert_eq!(std::fs::metadata("/proc/self").unwrap().uid(), 0),
    }
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let refused = open(&file.join("state/news.db")).unwrap_err();
    assert!(matches!(&refused, StoreError::File { doing: "create", .. }), "{refused}");
}

#[tokio::test]
async fn closing_leaves_one_file() {
    let engine = Sqlite::new();
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    commit(&*store, poll(&memory, 0, &[piece("x")])).await;
    store.close().await.unwrap();
    let directory = engine.path().parent().unwrap().to_owned();
    let mut left: Vec<String> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, ["news.db", "news.db.lock"]);
    assert_eq!(engine.path().metadata().unwrap().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn what_a_random_life_leaves_is_sound() {
    let engine = Sqlite::new();
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    for minute in 0..30 {
        let name: &'static str = Box::leak(format!("item {minute}").into_boxed_str());
        read(&*store, &mut memory, minute, &[piece(name).watched(&["w"]).story(&["k"]), piece("stays")]).await;
        deliver(&*store, minute).await;
        store.prune(at(minute - 5), 2).await.unwrap();
    }
    store.close().await.unwrap();
    let conn = raw(&engine.path());
    let verdict: String = conn.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let broken: i64 = conn.query_row("SELECT count(*) FROM pragma_foreign_key_check", (), |row| row.get(0)).unwrap();
    assert_eq!(broken, 0);
    let empty = "SELECT count(*) FROM story WHERE id NOT IN (SELECT story FROM item)";
    let empty: i64 = conn.query_row(empty, (), |row| row.get(0)).unwrap();
    assert_eq!(empty, 0, "stories without items");
}
