use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::item::SubscriptionId;

/// A hub may tell so often at once of one topic,
const AT_ONCE: u32 = 30;

/// and then so often: nothing that is news for people comes faster for long.
const EVERY: Duration = Duration::from_secs(10);

/// How much each hub may still push. Who has not pushed for a while is not known here, and may push as often as a new one.
#[derive(Debug, Default)]
pub(super) struct Allowance(Mutex<HashMap<SubscriptionId, Instant>>);

impl Allowance {
    /// Uses up one push of a subscription; how long to wait, where none is left.
    pub(super) fn take(&self, id: SubscriptionId, now: Instant) -> Result<(), Duration> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, full| *full > now);
        // When all of it would be there again: each push moves that on.
        let full = all.get(&id).copied().unwrap_or(now) + EVERY;
        let ahead = full.duration_since(now);
        let wait = ahead.saturating_sub(EVERY * AT_ONCE);
        if !wait.is_zero() {
            return Err(wait);
        }
        all.insert(id, full);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::steady;

    #[test]
    fn a_hub_may_push_a_while_and_then_now_and_again() {
        let (allowance, began) = (Allowance::default(), steady());
        let pushed = |id, after: u64| allowance.take(SubscriptionId(id), began + Duration::from_secs(after));
        assert_eq!((0..100).filter(|_| pushed(1, 0).is_ok()).count(), 30);
        assert_eq!(pushed(1, 3), Err(Duration::from_secs(7)));
        assert_eq!(pushed(2, 3), Ok(()), "another one is not touched by that");
        assert_eq!((10..110).filter(|second| pushed(1, *second).is_ok()).count(), 10);
        assert_eq!((0..100).filter(|_| pushed(1, 5000).is_ok()).count(), 30);
    }
}
