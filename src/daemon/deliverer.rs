use std::collections::HashSet;
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
    let none = HashSet::new();
    while !stop.is_cancelled() {
        let woken = daemon.wake.deliverer.notified();
        let now = daemon.clock.now();
        daemon.pulses.deliverer.beat(now, PROMISE);
        let next = match daemon.deliverer() {
            None => None,
            Some(deliverer) => match deliverer.deliver_one(&stop, &none).await {
                Ok((Delivery::Idle(next), _)) => {
                    daemon.trouble.clear("delivery");
                    daemon.trouble.clear("mail server");
                    next
                }
                Ok((Delivery::RelayDown(until), _)) => {
                    daemon.trouble.note("mail server", &"out of reach, or it refuses us; `newswatch mail list` has its words");
                    Some(until)
                }
                Ok(_) => continue,
                Err(error) => {
                    daemon.trouble.note("delivery", &error);
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
