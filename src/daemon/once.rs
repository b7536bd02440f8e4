use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::articles::Articles;
use super::assemble::{Assembly, DaemonError, Seams, open_store};
use super::housekeeping;
use crate::config::Settings;
use crate::deliver::Delivery;
use crate::item::{Attempt, MailId};
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
    fn mailed(&mut self, mails: &Mailed) {
        self.sent += mails.sent;
        self.deferred += mails.deferred;
        self.dead += mails.dead;
    }

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

/// What became of mails.
#[derive(Debug, Default)]
struct Mailed {
    sent: usize,
    deferred: usize,
    dead: usize,
}

impl Mailed {
    fn count(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Sent => self.sent += 1,
            Delivery::Deferred(_) | Delivery::Unheard(_) | Delivery::RelayDown(_) => self.deferred += 1,
            Delivery::Dead => self.dead += 1,
            Delivery::Idle(_) | Delivery::Stopped | Delivery::Dropped | Delivery::Gathered => {}
        }
    }
}

/// One pass of the daemon's own work: polls, one try for each article that is waited for, one tick, and one try for each mail that
/// is due. What a poll found is mailed while others go on; a mail server that was down meanwhile is tried once more behind them.
pub async fn once(settings: Settings, seams: Seams, all: bool, flush: bool) -> Result<Pass, DaemonError> {
    let store = open_store(&settings).await?;
    let daemon = Arc::new(Assembly::new(settings, store, seams).await?);
    // As a task of the runtime's own: whoever waits at its door is woken through the system each time.
    let (mut work, inside) = (JoinSet::new(), Arc::clone(&daemon));
    work.spawn(async move { inside.pass(all, flush).await });
    let Some(done) = work.join_next().await else { unreachable!("one was spawned") };
    let pass = done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
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
        let polled = CancellationToken::new();
        let polls = async {
            // However they end.
            let _guard = polled.clone().drop_guard();
            self.poll_all(all, &mut pass).await
        };
        let (polls, mails) = tokio::join!(polls, self.deliver_until(&polled));
        if let (Err(_), Err(error)) = (&polls, &mails) {
            tracing::warn!(%error, "mails could not be sent");
        }
        polls?;
        // What cannot be mailed keeps nothing else from being done.
        let (mails, tried) = match mails {
            Ok((mails, tried)) => (mails, Ok(tried)),
            Err(error) => (Mailed::default(), Err(error)),
        };
        pass.mailed(&mails);
        self.look_behind_all(&mut pass).await?;
        let ticked = self.pipeline.tick(self.clock.now(), flush).await?;
        pass.queued = pass.items.queued + ticked.mails.len();
        pass.mailed(&self.deliver_all(tried?).await?);
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
                        if polled.receipt.queued > 0 {
                            self.wake.deliverer.notify_one();
                        }
                        self.roster.give_back(polled.memory);
                    }
                    None => self.roster.let_go(id),
                }
            }
        }
        Ok(())
    }

    /// Sends what falls due while the polls go on, which leaves little to be done behind them; ends with the polls, or with the
    /// first mail that is not taken, which it returns: [`Assembly::deliver_all`] goes on, and does not try that one again.
    async fn deliver_until(&self, polled: &CancellationToken) -> Result<(Mailed, Option<MailId>), DaemonError> {
        let mut mails = Mailed::default();
        let Some(deliverer) = self.deliverer() else { return Ok((mails, None)) };
        let never = CancellationToken::new();
        while !polled.is_cancelled() {
            let woken = self.wake.deliverer.notified();
            let delivery = deliverer.deliver_one(&never).await?;
            match delivery {
                Delivery::Idle(_) => tokio::select! {
                    () = polled.cancelled() => {}
                    () = woken => {}
                },
                // It is told below, if it is down then.
                Delivery::RelayDown(_) | Delivery::Stopped => break,
                Delivery::Deferred(mail) | Delivery::Unheard(mail) => {
                    mails.count(delivery);
                    return Ok((mails, Some(mail)));
                }
                Delivery::Sent | Delivery::Dead | Delivery::Dropped | Delivery::Gathered => mails.count(delivery),
            }
        }
        Ok((mails, None))
    }

    /// Gives each mail that is due one try, but for one.
    async fn deliver_all(&self, but: Option<MailId>) -> Result<Mailed, DaemonError> {
        let mut mails = Mailed::default();
        let Some(deliverer) = self.deliverer() else { return Ok(mails) };
        // Whatever is put off falls due later than this, so each mail gets one try.
        let (never, by) = (CancellationToken::new(), self.clock.now());
        loop {
            let delivery = deliverer.deliver_due_by(by, but, &never).await?;
            mails.count(delivery);
            if matches!(delivery, Delivery::Idle(_) | Delivery::Stopped | Delivery::RelayDown(_)) {
                return Ok(mails);
            }
        }
    }
}
