use std::sync::Arc;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::Assembly;

/// How often the house is kept.
const EVERY: SignedDuration = SignedDuration::from_hours(6);

/// Items forgotten in one transaction: few enough that a poll's commit does not wait for it.
const CHUNK: usize = 500;

/// Forgets what is older than the config keeps, until `stop`.
pub(super) async fn keep_house_forever(daemon: Arc<Assembly>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = daemon.clock.sleep_until(daemon.clock.now() + EVERY) => {}
        }
        keep_house(&daemon, &stop).await;
    }
}

/// Forgets what is older than the config keeps.
pub(super) async fn keep_house(daemon: &Assembly, stop: &CancellationToken) {
    let keep = daemon.settings().store.keep_items;
    let Ok(before) = daemon.clock.now().checked_sub(keep) else { return };
    let mut forgotten = 0;
    while !stop.is_cancelled() {
        match daemon.store.prune(before, CHUNK).await {
            Ok(gone) => {
                forgotten += gone;
                if gone < CHUNK {
                    break;
                }
            }
            Err(error) => return daemon.trouble.note("store", &error),
        }
    }
    if forgotten > 0 {
        tracing::info!(items = forgotten, "forgot what is older than [store.keep] items");
    }
}
