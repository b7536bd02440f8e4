use std::io;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::process::Child;

/// A program and all that it has started; ended when this is dropped.
pub(super) struct Group {
    /// `None` once the program is gone for good and its number may be another's.
    leader: Option<Pid>,
}

impl Group {
    pub(super) fn of(child: &Child) -> Self {
        let number = child.id().and_then(|id| i32::try_from(id).ok());
        Self { leader: number.and_then(Pid::from_raw) }
    }

    /// Waits until the program has ended, leaving it to be asked how, and ends what it has left behind: output that nobody
    /// will end would be waited for.
    pub(super) async fn ended(&self) -> io::Result<()> {
        self.leader_ended().await?;
        self.end();
        Ok(())
    }

    /// Waits until the program has ended, leaving it to be asked how, and leaves alone what it has started.
    pub(super) async fn leader_ended(&self) -> io::Result<()> {
        let Some(leader) = self.leader else { return Ok(()) };
        let wait = move || {
            let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            rustix::io::retry_on_intr(|| waitid(WaitId::Pid(leader), ended))
        };
        tokio::task::spawn_blocking(wait).await.map_err(io::Error::other)??;
        Ok(())
    }

    fn end(&self) {
        if let Some(leader) = self.leader {
            // Whoever is gone already is as good.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }

    /// The program is gone, and so is the group.
    pub(super) fn forget(mut self) {
        self.leader = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
