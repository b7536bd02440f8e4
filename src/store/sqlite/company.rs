//! Who of those that ask for the writer's thread goes at once, and who waits a little for others.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::writer::{Durable, Operation};

/// Operations in one transaction, so that none waits long for its commit.
pub(super) const GROUP: usize = 50;

/// So long an operation waits at most for others that are to come with it.
pub(super) const COMPANY: Duration = Duration::from_millis(25);

/// Tells the thread that somebody has come who does not wait for others.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
}

impl Bell {
    pub(super) fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.heard.notify_one();
    }

    /// Waits until somebody rings, and no longer than that.
    pub(super) fn wait(&self, at_most: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.heard.wait_timeout_while(rung, at_most, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

/// Operations that have been taken and are not committed yet.
#[derive(Default)]
pub(super) struct Taken {
    /// These go at once.
    pub(super) hasty: Vec<Box<dyn Operation>>,
    /// These wait for others.
    pub(super) patient: Vec<Box<dyn Operation>>,
}

impl Taken {
    pub(super) fn add(&mut self, operation: Box<dyn Operation>) {
        let patient = operation.durable() == Durable::Together;
        if patient { &mut self.patient } else { &mut self.hasty }.push(operation);
    }

    pub(super) fn is_full(&self) -> bool {
        self.hasty.len() >= GROUP || self.patient.len() >= GROUP
    }
}
