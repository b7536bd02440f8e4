use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The pulse of one task. The watchdog is fed only while every pulse beats, so that a daemon whose poller or deliverer is
/// stuck is restarted although its signal loop still turns.
///
/// It beats by a steady clock: a wall clock that is set forward must not look like a stuck task, nor hide one when it is
/// set back.
#[derive(Debug)]
pub(super) struct Pulse {
    name: &'static str,
    /// The task has promised to be back by then; `None` until its first beat, which counts as well.
    back_by: Mutex<Option<Instant>>,
}

impl Pulse {
    /// A pulse that has not begun to beat.
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, back_by: Mutex::default() }
    }

    /// The task is alive and will be back within `promise`.
    pub(super) fn beat(&self, now: Instant, promise: Duration) {
        *self.back_by.lock().unwrap_or_else(PoisonError::into_inner) = Some(now + promise);
    }

    /// What is wrong, if the task is overdue.
    pub(super) fn overdue(&self, now: Instant) -> Option<String> {
        let back_by = (*self.back_by.lock().unwrap_or_else(PoisonError::into_inner))?;
        let late = now.checked_duration_since(back_by).filter(|late| !late.is_zero())?;
        Some(format!("the {} has not turned round for {} s longer than it should", self.name, late.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::steady;

    #[test]
    fn a_pulse_counts_as_well_until_it_breaks_its_promise() {
        let (pulse, now) = (Pulse::new("poller"), steady());
        let after = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(pulse.overdue(after(999)), None, "it has not begun");
        pulse.beat(now, Duration::from_mins(1));
        assert_eq!(pulse.overdue(after(60)), None);
        let late = pulse.overdue(after(63)).unwrap();
        assert_eq!(late, "the poller has not turned round for 3 s longer than it should");
    }
}
