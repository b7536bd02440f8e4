//! A state that threads change and tests wait for.
//!
//! The one place in the tests that reads the clock.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// A value, and a bell that rings when it changes.
pub(crate) struct Level<T> {
    value: Mutex<T>,
    changed: Condvar,
}

impl<T> Level<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { value: Mutex::new(value), changed: Condvar::new() }
    }

    /// The value, for looking or for a change that nobody waits for. A thread that panicked with it has failed its test
    /// already; the others may go on.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the value and wakes all who wait.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Waits until `look` finds what it looks for; `None` when `limit` has passed.
    pub(crate) fn wait<R>(&self, limit: Duration, mut look: impl FnMut(&mut T) -> Option<R>) -> Option<R> {
        let end = now() + limit;
        let mut value = self.lock();
        loop {
            if let Some(found) = look(&mut value) {
                return Some(found);
            }
            let left = end.saturating_duration_since(now());
            if left.is_zero() {
                return None;
            }
            value = self.changed.wait_timeout(value, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Like [`Level::wait`], but a limit that passes fails the test with `what`.
    #[track_caller]
    pub(crate) fn expect<R>(&self, what: &str, limit: Duration, look: impl FnMut(&mut T) -> Option<R>) -> R {
        match self.wait(limit, look) {
            Some(found) => found,
            None => panic!("waited {limit:?} in vain for {what}"),
        }
    }
}

/// The monotonic clock.
#[expect(clippy::disallowed_methods, reason = "the door of the tests to the clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The wall clock.
#[expect(clippy::disallowed_methods, reason = "the door of the tests to the clock")]
pub(crate) fn today() -> Timestamp {
    Timestamp::now()
}

/// Repeats `look` until it finds what it looks for. Only for states that nothing announces, and only where one look takes
/// its time by itself, such as a run of the program.
#[track_caller]
pub(crate) fn until<R>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<R>) -> R {
    let end = now() + limit;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(now() < end, "looked for {limit:?} in vain for {what}");
    }
}
