//! The time, as an argument.
//!
//! Everything that asks what time it is, or waits for a time, does so through a `Clock`; what decides takes a
//! `Timestamp` and knows no clock at all.

use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

/// What time it is, and how to wait for one.
#[async_trait::async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The wall clock, in UTC. It may jump in either direction.
    fn now(&self) -> Timestamp;

    /// Waits until the wall clock shows `at` or later, or is set back: what was to happen at `at` was planned by another
    /// clock then, and whoever waits looks again. Notices both at least once a minute, so that a clock that was set, or a
    /// machine that slept, delays nobody for longer than that.
    async fn sleep_until(&self, at: Timestamp);
}

/// A time that only goes forward, at one pace, whatever is done to the wall clock: for how long something takes, never for
/// when it is.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub fn steady() -> Instant {
    Instant::now()
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
        let mut now = self.now();
        loop {
            let Ok(left) = Duration::try_from(at.duration_since(now)) else { return };
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK_AGAIN)).await;
            let before = std::mem::replace(&mut now, self.now());
            if now < before {
                return;
            }
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
        let mut before = self.now();
        let is_over = |now: &Timestamp| *now >= at || *now < std::mem::replace(&mut before, *now);
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = changed.wait_for(is_over).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_clock_that_is_set_back_keeps_nobody_waiting_for_its_old_time() {
        let noon: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let clock = std::sync::Arc::new(SetClock::new(noon));
        let sleeper = {
            let clock = std::sync::Arc::clone(&clock);
            async move { clock.sleep_until(noon + SignedDuration::from_mins(1)).await }
        };
        tokio::pin!(sleeper);
        let look = Duration::from_millis(20);
        assert!(tokio::time::timeout(look, &mut sleeper).await.is_err(), "woke before anything happened");
        clock.advance(SignedDuration::from_secs(30));
        assert!(tokio::time::timeout(look, &mut sleeper).await.is_err(), "woke too early");
        clock.set(noon - SignedDuration::from_hours(2));
        tokio::time::timeout(Duration::from_secs(5), sleeper).await.expect("it waits for the old clock's minute");
    }
}
