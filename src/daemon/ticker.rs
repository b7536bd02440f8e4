use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::Assembly;
use crate::store::StoreError;

/// Digests are looked at no less often than this, whatever the timetable says.
const TURN: SignedDuration = SignedDuration::from_mins(15);

/// After a failure to write.
const AFTER_TROUBLE: SignedDuration = SignedDuration::from_mins(1);

/// Does what its time has come for, until `stop`.
pub(super) async fn tick_forever(daemon: Arc<Assembly>, stop: CancellationToken) {
    loop {
        let woken = daemon.wake.ticker.notified();
        let now = daemon.clock.now();
        let mut next = now + TURN;
        match daemon.pipeline.tick(now, false).await {
            Ok(ticked) => {
                // To have had nothing to write proves nothing.
                if ticked.written {
                    daemon.trouble.clear("store");
                }
                if !ticked.mails.is_empty() {
                    tracing::info!(mails = ticked.mails.len(), "mails queued");
                    daemon.wake.deliverer.notify_one();
                }
                let due = daemon.pipeline.next_digest(now).into_iter().chain(ticked.next);
                next = due.fold(next, Timestamp::min);
            }
            // The thread that writes is gone, and with it all that could be remembered: its end is ours.
            Err(StoreError::Closed) => return,
            Err(error) => {
                daemon.trouble.fault("store", &error);
                next = now + AFTER_TROUBLE;
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = daemon.clock.sleep_until(next) => {}
            () = woken => {}
        }
    }
}
