//! 6. Who is told what, when, and why.
//!
//! Pure: `Routes` is made from the config, and its functions turn what a poll or a tick found, and what was told before,
//! into mails. The store calls them inside its transaction, so they may run more than once and must not do anything else.
//! Knows nothing of the database, of SMTP, or of how a mail looks.

pub mod calendar;

mod decide;

mod digest;

mod health;

mod route;

pub use decide::{Decision, Found, Seen};
pub use digest::{DigestRun, Held};
pub use route::{Channel, DigestRoute, Route, Routes};
