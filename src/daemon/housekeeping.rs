use std::sync::Arc;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::Assembly;
use crate::store::{Pruned, StoreError};

/// The house is kept so soon after the start, so that a daemon that never runs for long keeps it too.
const FIRST: SignedDuration = SignedDuration::from_mins(10);

/// How often the house is kept.
const EVERY: SignedDuration = SignedDuration::from_hours(6);

/// Items, and mails, forgotten in one transaction: few enough that a poll's commit does not wait for it.
const CHUNK: usize = 500;

/// Forgets what is older than the config keeps, until `stop`.
pub(super) async fn keep_house_forever(daemon: Arc<Assembly>, stop: CancellationToken) {
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = daemon.clock.sleep_until(daemon.clock.now() + wait) => {}
        }
        match keep_house(&daemon, &stop).await {
            Ok(()) => daemon.trouble.clear("housekeeping"),
            Err(error) => daemon.trouble.fault("housekeeping", &error),
        }
        wait = EVERY;
    }
}

/// Forgets what is older than the config keeps.
pub(super) async fn keep_house(daemon: &Assembly, stop: &CancellationToken) -> Result<(), StoreError> {
    let keep = daemon.settings().store.keep_items;
    let Ok(before) = daemon.clock.now().checked_sub(keep) else { return Ok(()) };
    let mut forgotten = Pruned::default();
    while !stop.is_cancelled() {
        let gone = daemon.store.prune(before, CHUNK).await?;
        forgotten = Pruned { items: forgotten.items + gone.items, mails: forgotten.mails + gone.mails };
        if gone.items.max(gone.mails) < CHUNK {
            break;
        }
    }
    if forgotten != Pruned::default() {
        tracing::info!(
            items = forgotten.items,
            mails = forgotten.mails,
            "forgot what is older than [store.keep] items"
        );
    }
    Ok(())
}
