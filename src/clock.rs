//! The time, as an argument.
//!
//! Everything that asks what time it is, or waits for a time, does so through a [`Clock`]; what decides takes a
//! [`Timestamp`] and knows no clock at all.

use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// What time it is, and how to wait for one.
#[async_trait::async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The wall clock, in UTC. It may jump in either direction.
    fn now(&self) -> Timestamp;

    /// Waits until the wall clock shows `at` or later. Looks again at least once a minute, so that a clock that was set,
    /// or a machine that slept, delays nobody for longer than that.
    async fn sleep_until(&self, at: Timestamp);
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// How long a sleep may be blind to a change of the wall clock.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

#[async_trait::async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep_until(&self, at: Timestamp) {
        loop {
            let left = at.duration_since(self.now());
            let Ok(left) = Duration::try_from(left) else { return };
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK_AGAIN)).await;
        }
    }
}

/// A clock that stands still until it is set; for simulations.
#[derive(Debug)]
pub struct SetClock {
    now: Mutex<Timestamp>,
    changed: watch::Sender<Timestamp>,
}

impl SetClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { now: Mutex::new(now), changed: watch::Sender::new(now) }
    }

    /// Sets it, forwards or back, and wakes whoever waited for such a time.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = now;
        self.changed.send_replace(now);
    }

    /// Moves it on by `step`, saturating at the end of time.
    pub fn advance(&self, step: SignedDuration) {
        self.set(self.now().saturating_add(step).unwrap_or(Timestamp::MAX));
    }
}

#[async_trait::async_trait]
impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn sleep_until(&self, at: Timestamp) {
        let mut changed = self.changed.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = changed.wait_for(|now| *now >= at).await;
    }
}
