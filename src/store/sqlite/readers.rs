//! The connections that look: few, and never in the writer's way.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::fault::Fault;
use super::open;
use crate::store::StoreError;

/// Looks at a time.
const READERS: usize = 4;

/// How long the end waits for looks that are under way.
const LAST_LOOKS: Duration = Duration::from_millis(500);

/// A small pool. A connection is opened when one is first needed.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    /// One permit for each connection that may be out.
    turns: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), turns: Arc::new(Semaphore::new(READERS)), idle: Arc::default() }
    }

    /// Runs `look` on one snapshot of what was committed so far.
    pub(super) async fn ask<T, F>(&self, doing: &'static str, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let looking = tokio::task::spawn_blocking(move || {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let found = taken.map_or_else(|| open::reader(&path), Ok).and_then(|conn| {
                let found = snapshot(&conn, look);
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
                found
            });
            // Held until the connection is back, even when the asker has gone.
            drop(turn);
            found.map_err(|fault| fault.told(doing, &path))
        });
        looking.await.map_err(|_| StoreError::Engine { doing, what: "it panicked".to_owned() })?
    }

    /// Refuses further looks, waits a little for those under way, and closes the connections. Looks change nothing, so a long
    /// one, such as a list of everything, may be cut off.
    pub(super) async fn close(&self) {
        let all = self.turns.acquire_many(u32::try_from(READERS).unwrap_or(u32::MAX));
        let all = tokio::time::timeout(LAST_LOOKS, all).await;
        self.turns.close();
        drop(all);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn snapshot<T>(conn: &Connection, look: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
    let transaction = conn.unchecked_transaction()?;
    let found = look(conn)?;
    transaction.commit()?;
    Ok(found)
}
