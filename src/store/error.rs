use std::path::PathBuf;

/// What can happen to the store. Each message names the file and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the database.
    #[error("{path}: held by another newswatch process{holder}; stop it first; `newswatch status` and the lists are answered by it", path = .path.display())]
    Held {
        /// The database.
        path: PathBuf,
        /// ` (pid N)` where it is known.
        holder: String,
    },
    /// A file or directory of the store could not be opened or made.
    #[error("cannot {doing} {path}", path = .path.display())]
    File {
        /// `open`, `create`, `lock`…
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database was written by a newer newswatch.
    #[error("{path}: written by a newer newswatch (schema {found}, this one knows {known}); install that version, or restore a backup made before the upgrade", path = .path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The file is a database, but not one of ours, or no database at all.
    #[error("{path}: not a newswatch database; move it away, or name another file in [store] url", path = .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written: disk full, read-only, broken.
    #[error("cannot write {path}: {what}", path = .path.display())]
    Unwritable {
        /// The database.
        path: PathBuf,
        /// What SQLite says and what to do about it.
        what: String,
    },
    /// The database refused a statement.
    #[error("database error in {doing}: {what}")]
    Engine {
        /// The store's method.
        doing: &'static str,
        /// What the engine said.
        what: String,
    },
    /// The config has changed since the outcome was matched; match it again.
    #[error("matched under an older config")]
    Stale,
    /// Somebody else took the mail over.
    #[error("the lease on mail {0} was lost")]
    LeaseLost(i64),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}
