use std::sync::Arc;

use jiff::SignedDuration;
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
            Ok(mails) => {
                daemon.trouble.clear("store");
                if !mails.is_empty() {
                    tracing::info!(mails = mails.len(), "digests queued");
                    daemon.wake.deliverer.notify_one();
                }
                next = daemon.pipeline.next_tick(now).map_or(next, |due| due.min(next));
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
