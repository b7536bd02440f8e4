//! `remind`: weeks in seconds, under a clock that is set by hand, with restarts on the way.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use newswatch::chance::Chance;
use newswatch::clock::{Clock, SetClock};
use newswatch::config::{self, Env};
use newswatch::daemon::{Assembly, Seams, open_store};
use newswatch::deliver::transport::{DotGate, Letter, Relay};
use newswatch::deliver::{Ending, Outcome, Phase, Reply as SmtpReply};
use newswatch::poll::{Fetch, FetchError, Hop, Reply};

use super::harness::letter;

const CONFIG: &str = r#"
[mail]
from = "newswatch@example.org"
to = ["desk@example.org"]
smtp = "file:unused"
time_zone = "Europe/Brussels"

[fetch]
every = "3h"
backlog = "all"
per_host_interval = "0s"

[[feed]]
name = "alliance"
url = "http://news.example/rss"

[[watch]]
name = "summits"
title = "Summit dates"
when = "event(summit)"
remind = ["14d", "1d"]
"#;

/// When what is published, and its text.
const NEWS: [(&str, &str); 3] = [
    ("2026-06-01T08:00:00Z", "The NATO summit in Ankara will be held on 14-15 July 2026."),
    ("2026-06-02T08:00:00Z", "The EU summit in Ghent will be held on 9 July 2026."),
    ("2026-07-05T08:00:00Z", "The NATO summit in Ankara was moved from 14-15 July to 20-21 July 2026."),
];

const OFF: (&str, &str) = ("2026-07-01T08:00:00Z", "The EU summit in Ghent on 9 July 2026 was cancelled.");

/// The one server of feeds.
struct Press(Arc<SetClock>);

#[async_trait]
impl Fetch for Press {
    async fn exchange(&self, _: Hop) -> Result<Reply, FetchError> {
        let now = self.0.now();
        let item = |(number, (at, text)): (usize, &(&str, &str))| {
            let at: Timestamp = at.parse().unwrap();
            let date = at.strftime("%a, %d %b %Y %H:%M:%S +0000");
            let shown = at <= now;
            shown.then(|| {
                format!(
                    "<item><guid>{number}</guid><title>Report number {number}</title><description>{text}</description>\
                     <pubDate>{date}</pubDate></item>"
                )
            })
        };
        let items: String = NEWS.iter().chain([&OFF]).enumerate().filter_map(item).collect();
        let body = format!("<rss version=\"2.0\"><channel><title>News</title>{items}</channel></rss>").into_bytes();
        Ok(Reply { status: 200, headers: HeaderMap::new(), wire_bytes: body.len() as u64, body, complete: true })
    }
}

/// The mail server: subjects with the time when it took them.
struct Office(Arc<SetClock>, Mutex<Vec<(String, String)>>);

#[async_trait]
impl Relay for Office {
    async fn offer(&self, letter: &Letter<'_>, gate: &mut dyn DotGate) -> Outcome {
        assert!(gate.open().await);
        let read = letter::Letter::read(letter.bytes);
        assert!(read.part("text/calendar").is_some(), "{}", read.subject);
        let at = self.0.now().strftime("%m-%d %H:%M").to_string();
        self.1.lock().unwrap().push((at, read.subject));
        let ending = Ending::Reply(SmtpReply { code: 250, lines: vec!["2.0.0 taken".to_owned()] });
        Outcome { phase: Phase::Dot, ending }
    }
}

#[tokio::test]
async fn an_event_is_reminded_of_at_nine_and_again_when_it_has_moved_and_not_when_it_is_off() {
    let clock = Arc::new(SetClock::new("2026-06-01T09:00:00Z".parse().unwrap()));
    let office = Arc::new(Office(Arc::clone(&clock), Mutex::default()));
    let dir = tempfile::tempdir().unwrap();
    let start = async |seed: u64| {
        let env = Env::empty(dir.path()).with("XDG_STATE_HOME", dir.path());
        let settings = config::load_text("a.toml", CONFIG, dir.path(), &env).settings.expect("a sound config");
        let store = open_store(&settings).await.unwrap();
        let relay = Arc::clone(&office);
        let seams = Seams {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            chance: Arc::new(Chance::seeded(seed)),
            fetch: Arc::new(Press(Arc::clone(&clock))),
            relay: Arc::new(move |_| Ok(Arc::clone(&relay) as Arc<dyn Relay>)),
        };
        Arc::new(Assembly::new(settings, store, seams).await.unwrap())
    };
    let mut daemon = start(1).await;
    for hours in (0..24 * 55).step_by(2) {
        if hours % 96 == 0 {
            daemon.close().await.unwrap();
            drop(daemon);
            daemon = start(hours).await;
        }
        daemon.pass(false, false).await.unwrap();
        clock.advance(SignedDuration::from_hours(2));
    }
    daemon.close().await.unwrap();
    let taken = office.1.lock().unwrap().clone();
    let taken: Vec<(&str, &str)> = taken.iter().map(|(at, subject)| (at.as_str(), subject.as_str())).collect();
    assert_eq!(
        taken,
        [
            ("06-01 09:00", "[Summit dates] Report number 0"),
            ("06-02 09:00", "[Summit dates] Report number 1"),
            ("06-25 07:00", "[Summit dates] EU summit in 14 days"),
            ("06-30 07:00", "[Summit dates] NATO summit in 14 days"),
            ("07-01 09:00", "[Summit dates] Report number 3"),
            ("07-05 09:00", "[Summit dates] Report number 2"),
            ("07-06 07:00", "[Summit dates] NATO summit in 14 days"),
            ("07-19 07:00", "[Summit dates] NATO summit tomorrow"),
        ]
    );
}
