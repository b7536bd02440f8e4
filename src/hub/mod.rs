//! Being told instead of asking: what is asked of a feed's hub, and what of its words is believed (W3C WebSub).
//!
//! Pure: all that has passed with a hub is one value, `item::Dealings`, and each function here says what becomes of it. Who
//! carries the words, and where the value lies, is not known here.

mod intent;

mod offer;

mod plan;

mod signature;

mod standing;

mod trust;

pub use intent::{LEASE_WISH_S, Question, Verdict, judge};
pub use offer::{Subscriber, bar, offer};
pub use plan::{Fresh, Heard, Step, advance, settle};
pub use signature::is_signed;
pub use standing::Standing;
pub use trust::{cover, found, pushed};

use jiff::{SignedDuration, Timestamp};

use crate::item::{Callback, Dealings, Stage, instant};

/// Whether the hub calls here now.
fn calls(callback: &Callback, now: Timestamp) -> bool {
    callback.stage == Stage::Verified && instant(callback.lease_at).is_some_and(|end| end > now)
}

/// `now` and so much later, as `item::Dealings` keep it.
fn after(now: Timestamp, wait: SignedDuration) -> i64 {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX).as_millisecond()
}

/// A request came to nothing: the hub is asked again, but rarely.
fn fail(dealings: &mut Dealings, why: String, refused: bool, now: Timestamp, unit: f64) {
    dealings.failures = dealings.failures.saturating_add(1);
    let wait = if refused { plan::REFUSED } else { plan::back_off(dealings.failures) };
    dealings.next_at = Some(after(now, wait.mul_f64(1.0 + plan::JITTER * unit)));
    dealings.why = why;
}
