//! The whole program but for its process, under a clock and on a network that a test makes up: for hosts with names, and for
//! clocks that jump.

use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use newswatch::chance::Chance;
use newswatch::clock::{Clock, SetClock};
use newswatch::config::{self, Env};
use newswatch::daemon::{Assembly, Pass, Seams, open_store};
use newswatch::poll::{Fetch, FetchError, Hop, Reply};

use crate::harness::db;

/// What answers a URL.
type Server = Box<dyn Fn(&Hop) -> Result<Reply, FetchError> + Send + Sync>;

struct Net {
    clock: Arc<SetClock>,
    server: Server,
    asked: Mutex<Vec<(Timestamp, String)>>,
}

#[async_trait]
impl Fetch for Net {
    async fn exchange(&self, hop: Hop) -> Result<Reply, FetchError> {
        self.asked.lock().unwrap().push((self.clock.now(), hop.url.to_string()));
        (self.server)(&hop)
    }
}

/// Feeds, a network, and a clock that stands still until it is moved.
pub(super) struct World {
    pub(super) clock: Arc<SetClock>,
    net: Arc<Net>,
    config: String,
    dir: tempfile::TempDir,
}

impl World {
    /// These feeds, asked once an hour.
    pub(super) fn new(
        urls: impl IntoIterator<Item = String>,
        server: impl Fn(&Hop) -> Result<Reply, FetchError> + Send + Sync + 'static,
    ) -> Self {
        let clock = Arc::new(SetClock::new("2026-03-28T12:00:00Z".parse().unwrap()));
        let net = Net { clock: Arc::clone(&clock), server: Box::new(server), asked: Mutex::default() };
        let feed = |(n, url): (usize, String)| format!("[[feed]]\nname = \"feed{n}\"\nurl = \"{url}\"\n");
        let feeds: String = urls.into_iter().enumerate().map(feed).collect();
        let config = format!("[fetch]\nevery = \"60m\"\nper_host_interval = \"0s\"\n{feeds}");
        let shm = Path::new("/dev/shm");
        let dir = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.unwrap();
        Self { clock, net: Arc::new(net), config, dir }
    }

    /// The same with these lines at the end of the config.
    pub(super) fn configured(mut self, lines: &str) -> Self {
        self.config.push_str(lines);
        self
    }

    /// A process of the program: what was remembered is read in.
    pub(super) async fn start(&self) -> Arc<Assembly> {
        let env = Env::empty(self.dir.path()).with("XDG_STATE_HOME", self.dir.path());
        let loaded = config::load_text("world.toml", &self.config, self.dir.path(), &env);
        let settings = loaded.settings.unwrap_or_else(|| panic!("{:?}", loaded.findings));
        let store = open_store(&settings).await.unwrap();
        let seams = Seams {
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            chance: Arc::new(Chance::seeded(7)),
            fetch: Arc::clone(&self.net) as Arc<dyn Fetch>,
            relay: Arc::new(|_| unreachable!("nothing is mailed")),
        };
        Arc::new(Assembly::new(settings, store, seams).await.unwrap())
    }

    /// Time goes by, in a process that ends.
    pub(super) async fn pass_after(&self, seconds: i64) -> Pass {
        self.clock.advance(SignedDuration::from_secs(seconds));
        let program = self.start().await;
        let pass = program.pass(false, false).await.unwrap();
        program.close().await.unwrap();
        pass
    }

    /// Every request so far: when, and for which URL.
    pub(super) fn asked(&self) -> Vec<(Timestamp, String)> {
        self.net.asked.lock().unwrap().clone()
    }

    pub(super) fn number(&self, sql: &str) -> Option<i64> {
        db::number(&self.dir.path().join("newswatch/newswatch.db"), sql)
    }
}

/// An answer with these headers.
pub(super) fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    Reply { status, headers: map, wire_bytes: body.len() as u64, body: body.as_bytes().to_vec(), complete: true }
}

/// Nobody is there.
pub(super) fn unreachable_host(hop: &Hop) -> FetchError {
    let host = hop.url.host_str().unwrap_or_default().to_owned();
    FetchError::Connect { host, what: "Network is unreachable (os error 101)".to_owned() }
}
