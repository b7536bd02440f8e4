use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::Assembly;
use super::roster::SET_BACK;
use crate::clock::steady;
use crate::item::{FeedId, FeedMemory};
use crate::pipeline::{Polled, Source, Unwritten};

/// The loop turns round at least so often, whatever it waits for.
const TURN: SignedDuration = SignedDuration::from_mins(1);

/// What it promises the watchdog.
const PROMISE: Duration = Duration::from_mins(5);

/// A poll that has begun may end within this when the daemon stops; nothing is lost when it does not.
const GRACE: Duration = Duration::from_secs(4);

type Outcome = (FeedId, Result<Option<Polled>, Unwritten>);

/// Polls what falls due, until `stop`.
pub(super) async fn poll_forever(daemon: Arc<Assembly>, stop: CancellationToken) {
    let mut polls: JoinSet<Outcome> = JoinSet::new();
    let mut whose: HashMap<Id, FeedId> = HashMap::new();
    let mut last_turn = daemon.clock.now();
    loop {
        // Registered before looking, so that what changes meanwhile is not missed.
        let woken = daemon.wake.poller.notified();
        let now = daemon.clock.now();
        if last_turn.duration_since(now) > SET_BACK {
            tracing::warn!("the clock was set back; polls are planned anew");
            daemon.roster.reschedule(now, &daemon.chance);
        }
        last_turn = now;
        daemon.pulses.poller.beat(steady(), PROMISE);
        for (source, memory) in daemon.roster.take_due(now) {
            let id = source.id;
            let handle = polls.spawn(poll_one(Arc::clone(&daemon), source, memory));
            whose.insert(handle.id(), id);
        }
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

async fn poll_one(daemon: Arc<Assembly>, source: Arc<Source>, memory: FeedMemory) -> Outcome {
    (source.id, daemon.pipeline.poll(&source, memory).await)
}

fn settle(daemon: &Assembly, whose: &mut HashMap<Id, FeedId>, done: Result<(Id, Outcome), JoinError>) {
    let now = daemon.clock.now();
    match done {
        Ok((task, (id, outcome))) => {
            whose.remove(&task);
            match outcome {
                Ok(Some(polled)) => {
                    daemon.trouble.clear("store");
                    daemon.roster.give_back(polled.memory);
                    if polled.receipt.queued > 0 {
                        daemon.wake.deliverer.notify_one();
                    }
                }
                Ok(None) => {}
                Err(Unwritten { error, not_before }) => {
                    daemon.trouble.fault("store", &error);
                    daemon.roster.put_off(id, now, not_before);
                }
            }
        }
        Err(panic) => {
            let Some(id) = whose.remove(&panic.id()) else { return };
            tracing::error!(%panic, "a poll broke; its feed is asked again later");
            daemon.roster.put_off(id, now, None);
        }
    }
}
