use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The pulse of one task. The watchdog is fed only while every pulse beats, so that a daemon whose poller or deliverer is
/// stuck is restarted although its signal loop still turns.
#[derive(Debug)]
pub(super) struct Pulse {
    name: &'static str,
    /// Milliseconds since 1970; the task has promised to be back by then.
    back_by: AtomicI64,
}

impl Pulse {
    /// A pulse that has not begun to beat, which counts as well until its first beat.
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, back_by: AtomicI64::new(i64::MAX) }
    }

    /// The task is alive and will be back within `promise`.
    pub(super) fn beat(&self, now: Timestamp, promise: SignedDuration) {
        let back_by = now.as_millisecond().saturating_add(i64::try_from(promise.as_millis()).unwrap_or(i64::MAX));
        self.back_by.store(back_by, Ordering::Relaxed);
    }

    /// What is wrong, if the task is overdue.
    pub(super) fn overdue(&self, now: Timestamp) -> Option<String> {
        let late = now.as_millisecond().saturating_sub(self.back_by.load(Ordering::Relaxed));
        (late > 0)
            .then(|| format!("the {} has not turned round for {} s longer than it should", self.name, late / 1000))
    }
}
