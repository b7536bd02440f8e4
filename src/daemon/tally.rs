//! What polls came to since the daemon began: how they ended, and how late they were.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::item::Attempt;

/// Seconds by which polls are told apart that were late: at most the first, at most the second, and so on; the last are those
/// that were later.
pub(crate) const LATE_S: [i64; 6] = [1, 2, 5, 30, 60, 300];

/// Counts that only grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Documents with something new or edited.
    pub(crate) changed: u64,
    /// Documents with nothing new.
    pub(crate) unchanged: u64,
    /// Answers without a document, because there is none newer (304).
    pub(crate) not_modified: u64,
    /// Polls that failed.
    pub(crate) failed: u64,
    /// Polls by how late they were, in the order of [`LATE_S`] and one more for the rest.
    pub(crate) late: [u64; LATE_S.len() + 1],
    /// How late all polls were together, in milliseconds.
    pub(crate) late_ms: u64,
}

impl Counted {
    fn take(&mut self, attempt: Attempt, not_modified: bool, late: SignedDuration) {
        match (attempt, not_modified) {
            (Attempt::Changed, _) => self.changed += 1,
            (Attempt::Unchanged, true) => self.not_modified += 1,
            (Attempt::Unchanged, false) => self.unchanged += 1,
            (Attempt::Failed, _) => self.failed += 1,
        }
        let late_ms = u64::try_from(late.as_millis()).unwrap_or(0);
        self.late_ms += late_ms;
        let step = LATE_S.iter().position(|step| late <= SignedDuration::from_secs(*step));
        self.late[step.unwrap_or(LATE_S.len())] += 1;
    }
}

/// The counts of a process.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counted>);

impl Tally {
    /// Counts a poll that was begun at `at` and was `due` before; a feed that was never asked is late by nothing.
    pub(super) fn count(&self, attempt: Attempt, not_modified: bool, due: Option<Timestamp>, at: Timestamp) {
        let late = due.map_or(SignedDuration::ZERO, |due| at.duration_since(due).max(SignedDuration::ZERO));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take(attempt, not_modified, late);
    }

    /// As they stand.
    pub(super) fn read(&self) -> Counted {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_are_counted_by_their_end_and_by_how_late_they_were() {
        let tally = Tally::default();
        let due: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let after = |seconds| due + SignedDuration::from_secs(seconds);
        for (attempt, not_modified, due, at) in [
            (Attempt::Changed, false, None, due),
            (Attempt::Unchanged, true, Some(due), after(1)),
            (Attempt::Unchanged, false, Some(due), after(3)),
            (Attempt::Failed, false, Some(due), after(1000)),
            (Attempt::Failed, false, Some(after(5)), due),
        ] {
            tally.count(attempt, not_modified, due, at);
        }
        let counted = Counted {
            changed: 1,
            unchanged: 1,
            not_modified: 1,
            failed: 2,
            late: [3, 0, 1, 0, 0, 0, 1],
            late_ms: 1_004_000,
        };
        assert_eq!(tally.read(), counted);
    }
}
