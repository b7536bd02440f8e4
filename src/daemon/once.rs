use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::articles::Articles;
use super::assemble::{Assembly, DaemonError, Seams, open_store};
use super::housekeeping;
use crate::config::Settings;
use crate::deliver::Delivery;
use crate::item::Attempt;
use crate::pipeline::Polled;
use crate::store::PollReceipt;

/// What one pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pass {
    /// Feeds that were to be polled.
    pub due: usize,
    /// Feeds that were asked.
    pub polled: usize,
    /// Of these, feeds with something new or edited.
    pub changed: usize,
    /// Of these, feeds with nothing new.
    pub unchanged: usize,
    /// Of these, feeds that could not be read.
    pub failed: usize,
    /// What the polls and the articles stored.
    pub items: PollReceipt,
    /// What became of items that waited for their article.
    pub articles: Articles,
    /// Mails put into the outbox, digests included.
    pub queued: usize,
    /// Mails that the server took.
    pub sent: usize,
    /// Mails to be tried again.
    pub deferred: usize,
    /// Mails given up.
    pub dead: usize,
}

impl Pass {
    fn count(&mut self, polled: &Polled) {
        match polled.attempt {
            Some(Attempt::Changed) => self.changed += 1,
            Some(Attempt::Unchanged) => self.unchanged += 1,
            Some(Attempt::Failed) => self.failed += 1,
            None => {}
        }
        self.polled += usize::from(polled.attempt.is_some());
        self.items += polled.receipt;
    }
}

/// One pass of the daemon's own work: polls, one try for each article that is waited for, one tick, and one try for each mail that is due.
pub async fn once(settings: Settings, seams: Seams, all: bool, flush: bool) -> Result<Pass, DaemonError> {
    let store = open_store(&settings).await?;
    let daemon = Arc::new(Assembly::new(settings, store, seams).await?);
    let pass = daemon.pass(all, flush).await;
    // Closed also when the pass failed; what failed first is what is said.
    let closed = daemon.close().await;
    let pass = pass?;
    closed?;
    Ok(pass)
}

impl Assembly {
    /// The pass itself, over everything that was built; a simulation calls it again and again.
    pub async fn pass(self: &Arc<Self>, all: bool, flush: bool) -> Result<Pass, DaemonError> {
        let mut pass = Pass::default();
        self.poll_all(all, &mut pass).await?;
        self.look_behind_all(&mut pass).await?;
        let ticked = self.pipeline.tick(self.clock.now(), flush).await?;
        pass.queued = pass.items.queued + ticked.mails.len();
        self.deliver_all(&mut pass).await?;
        housekeeping::keep_house(self, &CancellationToken::new()).await?;
        Ok(pass)
    }

    /// Ends it: everything is on disk, and the database is let go of.
    pub async fn close(&self) -> Result<(), DaemonError> {
        Ok(self.store.close().await?)
    }

    async fn poll_all(self: &Arc<Self>, all: bool, pass: &mut Pass) -> Result<(), DaemonError> {
        let due = self.roster.take_pass(self.clock.now(), all);
        pass.due = due.iter().map(Vec::len).sum();
        let mut polls = JoinSet::new();
        for feeds in due {
            let daemon = Arc::clone(self);
            polls.spawn(async move {
                let polled = daemon.pipeline.poll(&feeds).await;
                feeds.iter().map(|(source, _)| source.id).zip(polled).collect::<Vec<_>>()
            });
        }
        while let Some(done) = polls.join_next().await {
            for (id, polled) in done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())) {
                match polled.map_err(|unwritten| unwritten.error)? {
                    Some(polled) => {
                        pass.count(&polled);
                        self.roster.give_back(polled.memory);
                    }
                    None => self.roster.let_go(id),
                }
            }
        }
        Ok(())
    }

    async fn deliver_all(&self, pass: &mut Pass) -> Result<(), DaemonError> {
        let Some(deliverer) = self.deliverer() else { return Ok(()) };
        // Whatever is put off falls due later than this, so each mail gets one try.
        let (never, by) = (CancellationToken::new(), self.clock.now());
        loop {
            match deliverer.deliver_due_by(by, &never).await? {
                Delivery::Idle(_) | Delivery::Stopped => return Ok(()),
                Delivery::RelayDown(_) => {
                    pass.deferred += 1;
                    return Ok(());
                }
                Delivery::Sent => pass.sent += 1,
                Delivery::Deferred | Delivery::Unheard => pass.deferred += 1,
                Delivery::Dead => pass.dead += 1,
                Delivery::Dropped | Delivery::Gathered => {}
            }
        }
    }
}
