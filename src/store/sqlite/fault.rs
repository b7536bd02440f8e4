//! What went wrong in a statement, and in which words the user hears of it.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::store::StoreError;

/// Why an operation failed, before it is known whose it was.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite refused.
    Engine(rusqlite::Error),
    /// The store itself refused.
    Refused(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl Fault {
    /// The same once more, for the next of those that one failure concerns.
    pub(super) fn again(error: &rusqlite::Error) -> Self {
        Self::Engine(match error {
            rusqlite::Error::SqliteFailure(code, words) => rusqlite::Error::SqliteFailure(*code, words.clone()),
            other => rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR),
                Some(other.to_string()),
            ),
        })
    }

    /// The error for whoever asked for `doing` on the database at `path`.
    pub(super) fn told(self, doing: &'static str, path: &Path) -> StoreError {
        match self {
            Self::Refused(error) => error,
            Self::Engine(error) => match advice(&error) {
                Some(advice) => {
                    StoreError::Unwritable { path: path.to_owned(), what: format!("{}; {advice}", in_words(&error)) }
                }
                None => StoreError::Engine { doing, what: in_words(&error) },
            },
        }
    }
}

/// What to do about a file that cannot be written; `None` where the fault lies elsewhere.
fn advice(error: &rusqlite::Error) -> Option<&'static str> {
    Some(match error.sqlite_error_code()? {
        ErrorCode::DiskFull => "free space on its filesystem; nothing was changed",
        ErrorCode::ReadOnly => {
            "make the file, its directory and its mount writable for this user (under systemd: StateDirectory= or ReadWritePaths=)"
        }
        ErrorCode::SystemIoFailure => {
            "its disk is full or broken: free space if it is full, otherwise look into the system log and copy the file to a sound disk before anything else"
        }
        ErrorCode::DatabaseCorrupt => {
            "the file is damaged: stop newswatch, keep a copy of it, and put back the newest backup; the ledger keeps mail from going out twice"
        }
        ErrorCode::CannotOpen => {
            "the file or one of its companions (-wal, -shm) cannot be opened: look at their owner and mode"
        }
        _ => return None,
    })
}

/// SQLite's own words; the code's where it had none.
fn in_words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        rusqlite::Error::SqliteFailure(_, Some(words)) => words.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    #[test]
    fn each_fault_of_the_file_says_what_to_do() {
        for (code, word) in [
            (ffi::SQLITE_FULL, "free space"),
            (ffi::SQLITE_READONLY, "writable"),
            (ffi::SQLITE_READONLY_DBMOVED, "writable"),
            (ffi::SQLITE_IOERR_FSYNC, "system log"),
            (ffi::SQLITE_CORRUPT, "backup"),
            (ffi::SQLITE_CANTOPEN, "owner"),
        ] {
            let fault = Fault::Engine(rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some("so it says".into())));
            let error = fault.told("settle", Path::new("/var/lib/x.db"));
            assert!(matches!(&error, StoreError::Unwritable { what, .. } if what.contains(word)), "{code}: {error}");
            assert!(error.to_string().starts_with("cannot write /var/lib/x.db: so it says; "));
        }
    }

    #[test]
    fn other_faults_name_the_operation() {
        let fault = Fault::Engine(rusqlite::Error::QueryReturnedNoRows);
        assert!(matches!(fault.told("settle", Path::new("x")), StoreError::Engine { doing: "settle", .. }));
        assert!(matches!(Fault::from(StoreError::Stale).told("settle", Path::new("x")), StoreError::Stale));
    }
}
