//! Polls against servers that do as a script says, and against a network that is only pretended.

mod conditions;

mod hosts;

mod network;

mod redirects;

mod server;

mod transport;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Answer, Fetch, HttpFetch, Limits, Poller, Target, Verdict};
use crate::chance::Chance;
use crate::clock::SetClock;
use crate::item::{FeedId, FeedIdentity, FeedMemory, Key};

const FEED: &str = "<rss version=\"2.0\"><channel><title>News</title></channel></rss>";

/// Small enough for a test to wait for it, large enough for a busy machine not to reach it by accident.
const SHORT: SignedDuration = SignedDuration::from_millis(250);

fn noon() -> Timestamp {
    "2026-10-01T12:00:00Z".parse().unwrap()
}

fn limits() -> Limits {
    Limits {
        timeout: SignedDuration::from_secs(20),
        max_size: 1 << 20,
        per_host: 4,
        per_host_interval: SignedDuration::ZERO,
        concurrency: 16,
        contact: None,
        way: crate::poll::Way::default(),
    }
}

fn poller_with(fetch: impl Fetch, limits: Limits) -> (Poller, Arc<SetClock>) {
    let clock = Arc::new(SetClock::new(noon()));
    let poller = Poller::new(Arc::new(fetch), Arc::clone(&clock) as _, Arc::new(Chance::seeded(1)), limits);
    (poller, clock)
}

fn http_poller(limits: Limits) -> Poller {
    poller_with(HttpFetch::new().unwrap(), limits).0
}

fn target(url: &str) -> Target {
    Target::new(url.parse().unwrap(), SignedDuration::from_hours(1), true)
}

fn memory(url: &str) -> FeedMemory {
    let identity = FeedIdentity { name: "news".to_owned(), url: url.to_owned() };
    FeedMemory::fresh(FeedId(1), Key::of(&[url]), &identity)
}

/// What is remembered after a poll whose document could be read.
fn remembering(memory: &FeedMemory, answer: &Answer) -> FeedMemory {
    FeedMemory { validators: answer.validators.clone(), ..memory.clone() }
}

/// One poll of a feed that was never asked.
async fn first_poll(poller: &Poller, url: &str) -> Answer {
    // Its share of the requests is given back at once: these tests keep answers to compare them.
    Answer { room: None, ..poller.poll(&target(url), &memory(url)).await }
}

/// The document that came whole.
fn document(answer: &Answer) -> &str {
    match &answer.verdict {
        Verdict::Document { body, complete: true, .. } => std::str::from_utf8(body).unwrap(),
        other => panic!("no whole document: {other:?}"),
    }
}

/// The failure in words.
fn failure(answer: &Answer) -> String {
    match &answer.verdict {
        Verdict::Failed(failure) => failure.to_string(),
        other => panic!("no failure: {other:?}"),
    }
}
