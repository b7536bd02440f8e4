use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::Assembly;
use super::roster::SET_BACK;
use crate::clock::steady;
use crate::deliver::Delivery;

/// The loop turns round at least so often, whatever it waits for.
const TURN: SignedDuration = SignedDuration::from_mins(1);

/// What it promises the watchdog: twice what one mail may take.
const PROMISE: Duration = Duration::from_hours(1);

/// Sends what is due, until `stop`.
pub(super) async fn deliver_forever(daemon: Arc<Assembly>, stop: CancellationToken) {
    let mut last_turn = daemon.clock.now();
    while !stop.is_cancelled() {
        let woken = daemon.wake.deliverer.notified();
        let now = daemon.clock.now();
        if last_turn.duration_since(now) > SET_BACK {
            tracing::warn!("the clock was set back; what waits to be mailed is tried now");
            if let Err(error) = daemon.store.hasten(Timestamp::MIN, now).await {
                daemon.trouble.fault("delivery", &error);
            }
        }
        last_turn = now;
        daemon.pulses.deliverer.beat(steady(), PROMISE);
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
