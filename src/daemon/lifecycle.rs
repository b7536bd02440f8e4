use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// From the request to stop to the end of every task. An outstanding answer of a mail server is awaited for eight seconds of
/// it; a second more is left to close the store, and systemd's patience must be longer (`TimeoutStopSec`).
const END_WITHIN: Duration = Duration::from_secs(9);

/// The life of all tasks: one owner of their beginning and their end.
#[derive(Debug, Clone)]
pub(super) struct Life {
    /// Asks every task to stop between two units of work.
    pub(super) soft: CancellationToken,
    /// Cuts whatever still runs.
    hard: CancellationToken,
    /// Every task, so that the end waits for all.
    pub(super) tasks: TaskTracker,
    /// The task that ended when nobody had asked it to.
    died: Arc<Mutex<Option<&'static str>>>,
    end_within: Duration,
}

/// Notes who died, and asks the others to stop: a daemon that has lost a task is not a daemon.
struct Guard {
    name: &'static str,
    life: Life,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.life.soft.is_cancelled() {
            tracing::error!(task = self.name, "a task ended by itself; stopping");
            self.life.died.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(self.name);
            self.life.soft.cancel();
        }
    }
}

impl Default for Life {
    fn default() -> Self {
        Self::ending_within(END_WITHIN)
    }
}

impl Life {
    fn ending_within(end_within: Duration) -> Self {
        let (soft, hard) = (CancellationToken::new(), CancellationToken::new());
        Self { soft, hard, tasks: TaskTracker::new(), died: Arc::default(), end_within }
    }

    /// Starts a task that is to run until the soft token is cancelled.
    pub(super) fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let (hard, guard) = (self.hard.clone(), Guard { name, life: self.clone() });
        self.tasks.spawn(async move {
            let _guard = guard;
            tokio::select! {
                () = hard.cancelled() => tracing::warn!(task = name, "cut off at the end"),
                () = task => {}
            }
        });
    }

    /// Waits for all tasks to end, and cuts those that take too long. Returns the task that had died, if one had.
    pub(super) async fn end(&self) -> Option<&'static str> {
        self.soft.cancel();
        self.tasks.close();
        if tokio::time::timeout(self.end_within, self.tasks.wait()).await.is_err() {
            self.hard.cancel();
            self.tasks.wait().await;
        }
        *self.died.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does not wait for the slow any longer.
    pub(super) fn cut(&self) {
        self.hard.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_waits_for_those_who_stop_and_cuts_those_who_do_not() {
        let life = Life::ending_within(Duration::from_millis(10));
        let soft = life.soft.clone();
        life.spawn("willing", async move { soft.cancelled().await });
        life.spawn("stuck", std::future::pending());
        assert_eq!(life.end().await, None);
        assert!(life.tasks.is_empty());
    }

    #[tokio::test]
    async fn the_death_of_one_stops_all_and_is_told() {
        let life = Life::default();
        life.spawn("mortal", async {});
        life.soft.cancelled().await;
        assert_eq!(life.end().await, Some("mortal"));
    }

    #[tokio::test]
    async fn stopping_twice_is_stopping_once() {
        let life = Life::default();
        assert_eq!(life.end().await, None);
        assert_eq!(life.end().await, None);
    }
}
