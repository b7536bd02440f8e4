//! 1. Ask the server, politely.
//!
//! `Poller::poll` asks for one feed and says what came: `Target` in, `Answer` out. Around it: when to ask
//! (`schedule`, `due`), and what to believe of redirects (`moves`). Nothing here reads a document or remembers
//! anything beyond hosts that want to be left alone; what is to be kept across restarts is in the answer.

pub mod schedule;

pub mod due;

mod poller;

mod walk;

mod weather;

mod request;

mod validators;

mod host;

pub mod hub;

mod fetch;

mod client;

mod way;

mod guard;

mod decode;

mod source;

mod redirect;

mod robots;

mod freshness;

mod link;

mod date;

mod answer;

pub mod moves;

pub use answer::{Answer, Failure, Room, Verdict, Via};
pub use client::{HttpFetch, install_tls_provider};
pub use date::lies_ahead;
pub use fetch::{Fetch, FetchError, Hop, Phase, Reply};
pub use freshness::{Floor, Freshness};
pub use guard::{Refused, is_public};
pub use link::Links;
pub use moves::Sighting;
pub use poller::{Limits, Poller};
pub use redirect::RedirectFault;
pub use request::{Target, Wants};
pub use way::{Authorities, Proxy, Way};
pub use weather::Outage;

#[cfg(test)]
mod tests;
