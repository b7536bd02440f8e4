use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::Assembly;
use super::roster::SET_BACK;
use crate::clock::steady;
use crate::item::FeedId;
use crate::pipeline::{Listed, Polled, Unwritten};
use crate::store::PollReceipt;

/// The loop turns round at least so often, whatever it waits for.
const TURN: SignedDuration = SignedDuration::from_mins(1);

/// Who is asked within so long can bear out that a host cannot be reached, or not;
const SOON: SignedDuration = SignedDuration::from_secs(15);

/// more than so many need not be counted for that.
const SOON_MAX: usize = 20;

/// What it promises the watchdog.
const PROMISE: Duration = Duration::from_mins(5);

/// A poll that has begun may end within this when the daemon stops; nothing is lost when it does not.
const GRACE: Duration = Duration::from_secs(4);

type Outcome = Vec<(FeedId, Result<Option<Polled>, Unwritten>)>;

/// Polls what falls due, until `stop`.
pub(super) async fn poll_forever(daemon: Arc<Assembly>, stop: CancellationToken) {
    let mut polls: JoinSet<Outcome> = JoinSet::new();
    let mut whose: HashMap<Id, Vec<FeedId>> = HashMap::new();
    let mut last_turn = daemon.clock.now();
    loop {
        // Registered before looking, so that what changes meanwhile is not missed.
        let woken = daemon.wake.poller.notified();
        let now = daemon.clock.now();
        let back = last_turn.duration_since(now);
        if back > SET_BACK {
            tracing::warn!("the clock was set back; polls are planned anew");
            daemon.wind_back(now, back).await;
        }
        last_turn = now;
        daemon.pulses.poller.beat(steady(), PROMISE);
        for feeds in daemon.roster.take_due(now, &daemon.chance) {
            let ids = feeds.iter().map(|(source, _)| source.id).collect();
            let handle = polls.spawn(poll(Arc::clone(&daemon), feeds));
            whose.insert(handle.id(), ids);
        }
        let soon = daemon.roster.due_by(now + SOON, SOON_MAX);
        daemon.pipeline.poller().expect(soon);
        let next = daemon.roster.next_due().map_or(now + TURN, |next| next.min(now + TURN));
        tokio::select! {
            () = stop.cancelled() => break,
            Some(done) = polls.join_next_with_id(), if !polls.is_empty() => settle(&daemon, &mut whose, done),
            () = daemon.clock.sleep_until(next) => {}
            () = woken => {}
        }
    }
    let drained = async { while polls.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, drained).await.is_err() {
        polls.shutdown().await;
    }
}

async fn poll(daemon: Arc<Assembly>, feeds: Vec<Listed>) -> Outcome {
    let begun = daemon.clock.now();
    let polled = daemon.pipeline.poll(&feeds).await;
    for ((_, before), polled) in feeds.iter().zip(&polled) {
        let Ok(Some(polled)) = polled else { continue };
        if let Some(attempt) = polled.attempt {
            daemon.tally.count(attempt, polled.not_modified, before.next_poll, begun);
        }
    }
    feeds.iter().map(|(source, _)| source.id).zip(polled).collect()
}

fn settle(daemon: &Assembly, whose: &mut HashMap<Id, Vec<FeedId>>, done: Result<(Id, Outcome), JoinError>) {
    let now = daemon.clock.now();
    match done {
        Ok((task, outcomes)) => {
            whose.remove(&task);
            for (id, outcome) in outcomes {
                take_back(daemon, id, outcome, now);
            }
        }
        Err(panic) => {
            tracing::error!(%panic, "a poll broke; its feed is asked again later");
            for id in whose.remove(&panic.id()).unwrap_or_default() {
                daemon.roster.put_off(id, now, None);
            }
        }
    }
}

fn take_back(daemon: &Assembly, id: FeedId, outcome: Result<Option<Polled>, Unwritten>, now: Timestamp) {
    match outcome {
        Ok(Some(polled)) => {
            daemon.trouble.clear("store");
            if daemon.roster.give_back(polled.memory) {
                daemon.wake.hubs.notify_one();
            }
            daemon.heed(&polled.receipt);
        }
        Ok(None) => daemon.roster.let_go(id),
        Err(Unwritten { error, not_before }) => {
            daemon.trouble.fault("store", &error);
            daemon.roster.put_off(id, now, not_before);
        }
    }
}

impl Assembly {
    /// Polls what falls due until `stop`, as the daemon does; a simulation calls it.
    pub async fn poll_until(self: &Arc<Self>, stop: CancellationToken) {
        poll_forever(Arc::clone(self), stop).await;
    }

    /// When the next feed falls due; `None` while one is being polled. A simulation waits for that.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.roster.next_due().filter(|_| self.roster.under_way() == 0)
    }

    /// Lets what was planned by a clock that has been set back be planned by what it shows now.
    async fn wind_back(&self, now: Timestamp, by: SignedDuration) {
        self.pipeline.poller().wind_back(by);
        self.roster.wind_back(now, &self.chance);
        if let Err(error) = self.store.wind_back(now).await {
            self.trouble.fault("store", &error);
        }
    }

    /// Wakes whoever has to do with what a poll or a push brought.
    pub(super) fn heed(&self, receipt: &PollReceipt) {
        if receipt.queued > 0 {
            self.wake.deliverer.notify_one();
        }
        if receipt.waiting > 0 {
            self.wake.articles.notify_one();
        }
        if receipt.held > 0 {
            self.wake.ticker.notify_one();
        }
    }
}
