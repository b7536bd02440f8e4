//! What runs: everything is built here in one straight line, then worked by a few supervised tasks or by one pass.

mod allowance;

mod articles;

mod assemble;

mod deliverer;

mod housekeeping;

mod hubs;

mod lifecycle;

mod notify;

mod once;

mod pages;

mod poller;

mod pulse;

mod reload;

mod roster;

mod run;

mod tally;

mod ticker;

mod trouble;

mod waiting;

mod wiring;

mod wishes;

pub use articles::Articles;
pub use assemble::{Assembly, DaemonError, MakeRelay, Seams, open_store};
pub use once::{Pass, once};
pub use run::run;
pub(crate) use tally::{Counted, LATE_S};
pub use wiring::{digest_times, limits, relay, sender, target};
