use std::sync::Arc;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::Assembly;
use crate::deliver::Delivery;

/// The loop turns round at least so often, whatever it waits for.
const TURN: SignedDuration = SignedDuration::from_mins(1);

/// What it promises the watchdog: a server may take ten minutes to answer a whole message (RFC 5321 §4.5.3.2.6), and the
/// dialogue before it its own.
const PROMISE: SignedDuration = SignedDuration::from_mins(30);

/// Sends what is due, until `stop`.
pub(super) async fn deliver_forever(daemon: Arc<Assembly>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let woken = daemon.wake.deliverer.notified();
        let now = daemon.clock.now();
        daemon.pulses.deliverer.beat(now, PROMISE);
        let next = match daemon.deliverer() {
            None => None,
            Some(deliverer) => match deliverer.deliver_one(&stop).await {
                Ok(Delivery::Idle(next)) => {
                    daemon.trouble.clear("delivery");
                    next
                }
                Ok(Delivery::RelayDown(until)) => {
                    if let Some(trouble) = deliverer.trouble() {
                        daemon.trouble.note("mail server", format!("nothing can be mailed: {}", trouble.answer));
                    }
                    Some(until)
                }
                Ok(Delivery::Stopped) => return,
                Ok(_) => {
                    if deliverer.trouble().is_none() {
                        daemon.trouble.clear("mail server");
                    }
                    continue;
                }
                Err(error) => {
                    daemon.trouble.fault("delivery", &error);
                    None
                }
            },
        };
        let next = next.map_or(now + TURN, |next| next.clamp(now, now + TURN));
        tokio::select! {
            () = stop.cancelled() => return,
            () = daemon.clock.sleep_until(next) => {}
            () = woken => {}
        }
    }
}
