use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// Steps that are not shown yet; more are dropped, because the next one says more.
const STEPS_MAX: usize = 4;

/// How far a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done.
    pub done: u64,
    /// Of how much.
    pub of: u64,
}

/// Where a long command says how far it is.
#[derive(Debug, Clone, Default)]
pub struct Progress(Option<mpsc::Sender<Step>>);

impl Progress {
    /// One that is heard.
    pub fn heard() -> (Self, mpsc::Receiver<Step>) {
        let (tell, heard) = mpsc::channel(STEPS_MAX);
        (Self(Some(tell)), heard)
    }

    /// Says how far it is, to whoever listens.
    pub fn tell(&self, done: u64, of: u64) {
        if let Some(tell) = &self.0 {
            // Whoever is not done with the last steps misses this one.
            let _ = tell.try_send(Step { done, of });
        }
    }
}
