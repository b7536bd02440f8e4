//! 6. Who is told what, when, and why.
//!
//! Pure: `Routes` is made from the config, and its functions turn what a poll or a tick found, and what was told before,
//! into mails. The store calls them inside its transaction, so they may run more than once and must not do anything else.
//! Knows nothing of the database, of SMTP, or of how a mail looks.

mod address;

pub mod calendar;

mod change;

mod decide;

mod digest;

mod fact;

mod health;

mod hours;

mod mute;

mod near;

mod pace;

mod remind;

mod route;

mod same;

mod silence;

mod sources;

pub use change::Said;
pub use decide::{Decision, Found, Joined, Oracles, Seen};
pub use digest::{DigestRun, Held, Material};
pub use fact::Speaker;
pub use health::Ill;
pub use hours::QuietHours;
pub use mute::{Mute, MuteId, Muted, Mutes};
pub use near::Near;
pub use pace::{Pending, Recent, Release};
pub use route::{Channel, DigestRoute, Importance, Pace, Quiet, Remind, Repeat, Route, Routes};
pub use same::is_one_event;
pub use silence::{Broken, Heard, Polled, Silence};
pub use sources::{Matched, Sources, Witness};
