//! A simulated year in seconds: the real pipeline, deliverer and database under a clock that is set by hand, a network that
//! fails, a mail server that fails, restarts, and clocks that jump.
//!
//! The judge knows only what was published and what the mail server took.

mod histories;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use newswatch::chance::Chance;
use newswatch::clock::{Clock, SetClock};
use newswatch::config::{self, Env, Settings};
use newswatch::daemon::{Assembly, Seams, open_store};
use newswatch::deliver::transport::{DotGate, Letter, Relay};
use newswatch::deliver::{Ending, Outcome, Phase, Reply as SmtpReply};
use newswatch::poll::{Fetch, FetchError, Hop, Reply};

const FEEDS: u64 = 4;

/// Every so often a feed publishes.
const PUBLISHES_EVERY: SignedDuration = SignedDuration::from_hours(9);

/// A feed shows so many of its newest items.
const SHOWN: u64 = 12;

/// The server of all feeds: what it publishes depends on the time alone.
struct Press {
    clock: Arc<SetClock>,
    began: Timestamp,
    chance: Chance,
    /// Requests without a condition, by feed.
    unconditional: Mutex<HashMap<String, u32>>,
    calm: Mutex<bool>,
}

impl Press {
    /// How many items a feed has published by now; a clock that is set back takes none away from what was.
    fn published(&self, feed: u64) -> u64 {
        let hours = self.clock.now().duration_since(self.began).as_hours() - i64::try_from(feed).unwrap();
        u64::try_from(hours.max(0) / PUBLISHES_EVERY.as_hours()).unwrap()
    }

    fn document(&self, feed: u64, newest: u64) -> String {
        let items: String = (newest.saturating_sub(SHOWN)..newest).rev().map(|n| self.item(feed, n)).collect();
        format!("<rss version=\"2.0\"><channel><title>Feed {feed}</title>{items}</channel></rss>")
    }

    fn item(&self, feed: u64, n: u64) -> String {
        let hours = i64::try_from(feed).unwrap() + i64::try_from(n + 1).unwrap() * PUBLISHES_EVERY.as_hours();
        let at = (self.began + SignedDuration::from_hours(hours)).strftime("%a, %d %b %Y %H:%M:%S +0000");
        let word = if is_watched(n) { "threatens a veto" } else { "plays football" };
        format!(
            "<item><guid>{0}</guid><title>Minister {0} {word}</title><link>http://feed{feed}.example/{0}</link>\
             <pubDate>{at}</pubDate><description>Report {0}: the minister {word} this week.</description></item>",
            token(feed, n)
        )
    }
}

fn token(feed: u64, n: u64) -> String {
    format!("tok{feed}x{n}y")
}

fn is_watched(n: u64) -> bool {
    n.is_multiple_of(3)
}

#[async_trait]
impl Fetch for Press {
    async fn exchange(&self, hop: Hop) -> Result<Reply, FetchError> {
        let host = hop.url.host_str().unwrap_or_default().to_owned();
        let calm = *self.calm.lock().unwrap();
        if !calm && self.chance.unit() < 0.05 {
            return Err(FetchError::Connect { host, what: "refused".to_owned() });
        }
        let mut headers = HeaderMap::new();
        if !calm && self.chance.unit() < 0.02 {
            headers.insert("retry-after", HeaderValue::from_static("7200"));
            return Ok(Reply { status: 503, headers, body: Vec::new(), complete: true, wire_bytes: 0 });
        }
        let feed: u64 = host.trim_start_matches("feed").trim_end_matches(".example").parse().unwrap();
        let newest = self.published(feed);
        let etag = format!("\"{newest}\"");
        let status = match hop.headers.get("if-none-match") {
            Some(condition) if condition.as_bytes() == etag.as_bytes() => 304,
            Some(_) => 200,
            None => {
                *self.unconditional.lock().unwrap().entry(host).or_default() += 1;
                200
            }
        };
        headers.insert("etag", HeaderValue::from_str(&etag).unwrap());
        let body = if status == 200 { self.document(feed, newest).into_bytes() } else { Vec::new() };
        // Cut in the middle now and then: its items may be read, its validator must not be kept.
        let complete = calm || self.chance.unit() >= 0.02;
        Ok(Reply { status, headers, wire_bytes: body.len() as u64, body, complete: complete || status == 304 })
    }
}

/// A copy of a mail that the mail server took.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    message_id: String,
    to: String,
    bytes: Vec<u8>,
}

/// The mail server: takes, refuses for now, or takes and does not say so.
struct Office {
    chance: Chance,
    taken: Mutex<Vec<Taken>>,
    calm: Mutex<bool>,
    silent: Mutex<u32>,
}

#[async_trait]
impl Relay for Office {
    async fn offer(&self, letter: &Letter<'_>, gate: &mut dyn DotGate) -> Outcome {
        let calm = *self.calm.lock().unwrap();
        let luck = if calm { 1.0 } else { self.chance.unit() };
        let reply = |code, words: &str| Ending::Reply(SmtpReply { code, lines: vec![words.to_owned()] });
        if luck < 0.05 {
            return Outcome { phase: Phase::RcptTo, ending: reply(451, "4.7.1 come back later") };
        }
        if luck < 0.08 {
            return Outcome { phase: Phase::Connect, ending: Ending::Silence("refused".to_owned()) };
        }
        if !gate.open().await {
            return Outcome { phase: Phase::Dot, ending: Ending::Shut };
        }
        if luck < 0.10 {
            return Outcome { phase: Phase::Dot, ending: reply(451, "4.3.0 try again") };
        }
        self.taken.lock().unwrap().push(Taken {
            message_id: letter.message_id.to_owned(),
            to: letter.to.to_owned(),
            bytes: letter.bytes.to_vec(),
        });
        if luck < 0.13 {
            *self.silent.lock().unwrap() += 1;
            return Outcome { phase: Phase::Dot, ending: Ending::Silence("the line was cut".to_owned()) };
        }
        Outcome { phase: Phase::Dot, ending: reply(250, "2.0.0 taken") }
    }
}

/// The world outside the program.
struct World {
    clock: Arc<SetClock>,
    press: Arc<Press>,
    office: Arc<Office>,
    dir: tempfile::TempDir,
}

const CONFIG: &str = r#"
[mail]
from = "newswatch@example.org"
to = ["now@example.org", "both@example.org"]
smtp = "file:unused"
time_zone = "Europe/Brussels"

[fetch]
every = "3h"
backlog = "all"
per_host_interval = "0s"

[[watch]]
name = "veto"
when = "threatens NEAR/4 veto"
send = ["now", "evening"]

[[digest]]
name = "evening"
at = ["02:30", "18:00"]
"#;

impl World {
    fn new(seed: u64) -> Self {
        let began: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = Arc::new(SetClock::new(began));
        let press = Press {
            clock: Arc::clone(&clock),
            began,
            chance: Chance::seeded(seed),
            unconditional: Mutex::default(),
            calm: Mutex::new(false),
        };
        let office = Office {
            chance: Chance::seeded(seed ^ 0xFEED),
            taken: Mutex::default(),
            calm: Mutex::new(false),
            silent: Mutex::default(),
        };
        // Memory, where there is such a place: a year has tens of thousands of commits, and this is no test of the disk.
        let shm = Path::new("/dev/shm");
        let dir = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
        Self { clock, press: Arc::new(press), office: Arc::new(office), dir }
    }

    fn settings(&self) -> Settings {
        let feed = |n| format!("[[feed]]\nname = \"feed{n}\"\nurl = \"http://feed{n}.example/rss\"\n");
        let text = CONFIG.to_owned() + &(0..FEEDS).map(feed).collect::<Vec<_>>().concat();
        let env = Env::empty(self.dir.path()).with("XDG_STATE_HOME", self.dir.path());
        let loaded = config::load_text("year.toml", &text, self.dir.path(), &env);
        let findings: Vec<String> = loaded.findings.iter().map(|finding| finding.render(false)).collect();
        loaded.settings.unwrap_or_else(|| panic!("{}", findings.join("\n")))
    }

    async fn start(&self, seed: u64) -> Arc<Assembly> {
        let settings = self.settings();
        let store = open_store(&settings).await.unwrap();
        let office = Arc::clone(&self.office);
        let seams = Seams {
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            chance: Arc::new(Chance::seeded(seed)),
            fetch: Arc::clone(&self.press) as Arc<dyn Fetch>,
            relay: Arc::new(move |_| Ok(Arc::clone(&office) as Arc<dyn Relay>)),
        };
        Arc::new(Assembly::new(settings, store, seams).await.unwrap())
    }

    fn calm(&self) {
        *self.press.calm.lock().unwrap() = true;
        *self.office.calm.lock().unwrap() = true;
    }
}

/// Lives through so many hours and returns what the mail server took.
async fn live(seed: u64, hours: i64) -> World {
    let world = World::new(seed);
    let fate = Chance::seeded(seed ^ 0xFA7E);
    let mut daemon = world.start(seed).await;
    for hour in (0..hours).step_by(2) {
        // Faults stop for the last two days, within which all that is left must arrive.
        if hour == hours - 48 {
            world.calm();
        }
        let mut step = SignedDuration::from_hours(2);
        if hour < hours - 96 {
            match fate.unit() {
                luck if luck < 0.003 => step = SignedDuration::from_hours(-2),
                luck if luck < 0.006 => step = SignedDuration::from_hours(30),
                luck if luck < 0.02 => {
                    daemon.close().await.unwrap();
                    drop(daemon);
                    daemon = world.start(seed ^ u64::try_from(hour).unwrap()).await;
                }
                _ => {}
            }
        }
        world.clock.advance(step);
        daemon.pass(false, false).await.unwrap();
    }
    daemon.close().await.unwrap();
    world
}

/// Which tokens a copy tells of.
fn tokens(copy: &Taken) -> BTreeSet<String> {
    let message = mail_parser::MessageParser::default().parse(&copy.bytes).unwrap();
    let text = message.body_text(0).unwrap().into_owned();
    let mut found = BTreeSet::new();
    for (start, _) in text.match_indices("tok") {
        let rest = &text[start..];
        let end = rest.find('y').unwrap();
        found.insert(rest[..=end].to_owned());
    }
    found
}

fn is_digest(copy: &Taken) -> bool {
    let message = mail_parser::MessageParser::default().parse(&copy.bytes).unwrap();
    message.subject().unwrap().starts_with("[evening]")
}

fn judge(world: &World) {
    let taken = world.office.taken.lock().unwrap().clone();
    let silent = *world.office.silent.lock().unwrap();
    let mut bytes: BTreeMap<&str, &Taken> = BTreeMap::new();
    let mut told: BTreeMap<(String, String, bool), BTreeSet<String>> = BTreeMap::new();
    let mut days: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut copies = 0;
    for copy in &taken {
        match bytes.insert(&copy.message_id, copy) {
            Some(earlier) => {
                copies += 1;
                assert_eq!(earlier, copy, "two mails under one Message-ID");
            }
            None if is_digest(copy) => {
                let message = mail_parser::MessageParser::default().parse(&copy.bytes).unwrap();
                let date: Timestamp = message.date().unwrap().to_rfc3339().parse().unwrap();
                let zone = TimeZone::get("Europe/Brussels").unwrap();
                let day = date.to_zoned_datetime(zone).date().to_string();
                days.entry((copy.to.clone(), day)).or_default().insert(copy.message_id.clone());
            }
            None => {}
        }
        for token in tokens(copy) {
            told.entry((token, copy.to.clone(), is_digest(copy))).or_default().insert(copy.message_id.clone());
        }
    }
    assert!(copies <= silent, "{copies} copies, but only {silent} answers were lost");
    for (about, ids) in &told {
        assert_eq!(ids.len(), 1, "{about:?} was told in several mails: {ids:?}");
    }
    let mut missing = Vec::new();
    for feed in 0..FEEDS {
        // The last few are younger than the calm at the end.
        let settled = world.press.published(feed).saturating_sub(3);
        for n in (0..settled).filter(|n| is_watched(*n)) {
            for to in ["now@example.org", "both@example.org"] {
                for digest in [false, true] {
                    if !told.contains_key(&(token(feed, n), to.to_owned(), digest)) {
                        missing.push((token(feed, n), to, digest));
                    }
                }
            }
        }
    }
    assert!(missing.is_empty(), "{} never told, first {:?}", missing.len(), missing.first());
    for token in told.keys().map(|(token, _, _)| token) {
        let n: u64 = token.trim_end_matches('y').rsplit('x').next().unwrap().parse().unwrap();
        assert!(is_watched(n), "{token} was told, but no watch wants it");
    }
    for (whose, digests) in &days {
        assert!(digests.len() <= 3, "{whose:?} got {} digests on one day for two entries and one late", digests.len());
    }
    for (host, count) in world.press.unconditional.lock().unwrap().iter() {
        assert!(*count <= 60, "{host} was asked {count} times without a condition");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_with_failures_restarts_and_clock_jumps_loses_nothing_and_tells_nothing_twice() {
    judge(&live(1, 365 * 24).await);
}
