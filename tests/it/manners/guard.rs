//! Addresses that are nobody's business: refused where they are written, where a name leads to them, and at every hop.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};
use jiff::SignedDuration;
use newswatch::chance::Chance;
use newswatch::clock::SystemClock;
use newswatch::item::{FeedId, FeedIdentity, FeedMemory, Key};
use newswatch::poll::{Failure, Fetch, FetchError, Hop, HttpFetch, Limits, Poller, Reply, Target, Verdict, Way};

use crate::harness::feeds::{Answer, Origin};
use crate::harness::items::rss;
use crate::harness::newswatch::Newswatch;

/// Ways to write this machine, and others that are not public. All of the first line lead to a server that listens on
/// `127.0.0.1` and `::1` where nothing stops them.
const SPELLINGS: &str = "
    127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0x7f.0x0.0x0.0x1 017700000001 0177.0.0.1 0177.1 127.0.0.1.
    %31%32%37.0.0.1 １２７.0.0.1 ①②⑦.0.0.1 127。0。0。1 0x7F000001 127.0x0.0.01 localhost LOCALHOST localhost.
    [::1] [0:0:0:0:0:0:0:1] [0000::0001] [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:7F00:0001] [0:0:0:0:0:ffff:127.0.0.1]
    0 0.0.0.0 00000000 [::] [::0] [::ffff:0.0.0.0] [::127.0.0.1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1]
    [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] 127.255.255.254 127.0.0.2
    169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 [::ffff:169.254.169.254] [64:ff9b::a9fe:a9fe]
    [fd00:ec2::254] 168.63.129.16 100.100.100.200 10.0.0.1 10.1 172.16.0.1 192.168.1.1 192.168.257 3232235777
    [fc00::1] [fe80::1] [fec0::1] 100.64.0.1 198.18.0.1 192.0.2.1 224.0.0.1 240.0.0.1 255.255.255.255 [ff02::1]
";

/// A server on loopback that counts who connects, whatever they then say.
struct Inside {
    port: u16,
    connects: Arc<AtomicUsize>,
}

impl Inside {
    fn open() -> Self {
        let four = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = four.local_addr().unwrap().port();
        let connects = Arc::new(AtomicUsize::new(0));
        // Where there is no IPv6 there is nothing to connect to.
        let six = TcpListener::bind(("::1", port)).ok();
        for listener in [Some(four), six].into_iter().flatten() {
            let connects = Arc::clone(&connects);
            std::thread::spawn(move || {
                for _ in listener.incoming().map_while(Result::ok) {
                    connects.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Self { port, connects }
    }

    fn connects(&self) -> usize {
        self.connects.load(Ordering::SeqCst)
    }
}

/// A name with a public address that redirects wherever it is told to; whatever comes after it is really asked.
struct Outside {
    to: String,
    real: HttpFetch,
}

#[async_trait]
impl Fetch for Outside {
    async fn exchange(&self, hop: Hop) -> Result<Reply, FetchError> {
        if hop.url.host_str() != Some("public.example") {
            return self.real.exchange(hop).await;
        }
        let mut headers = HeaderMap::new();
        headers.insert("location", HeaderValue::from_str(&self.to).unwrap_or(HeaderValue::from_static("/")));
        Ok(Reply { status: 302, headers, body: Vec::new(), complete: true, wire_bytes: 0 })
    }
}

async fn poll(fetch: Arc<dyn Fetch>, url: &str) -> Verdict {
    let limits = Limits {
        timeout: SignedDuration::from_secs(5),
        max_size: 1 << 20,
        per_host: 8,
        per_host_interval: SignedDuration::ZERO,
        concurrency: 64,
        contact: None,
        way: Way::default(),
    };
    let poller = Poller::new(fetch, Arc::new(SystemClock), Arc::new(Chance::seeded(1)), limits);
    let identity = FeedIdentity { name: "a".to_owned(), url: url.to_owned() };
    let memory = FeedMemory::fresh(FeedId(1), Key::of(&["a"]), &identity);
    let target = Target::new(url.parse().unwrap(), SignedDuration::from_hours(1), false);
    poller.poll(&target, &memory).await.verdict
}

fn is_refused(verdict: &Verdict) -> bool {
    // Some resolvers know no name with a dot at its end; there is nobody to connect to then.
    let refused = |error: &FetchError| matches!(error, FetchError::Refused(_) | FetchError::Name { .. });
    matches!(verdict, Verdict::Failed(Failure::Fetch { error, .. }) if refused(error))
}

/// More than sixty ways to write an address that is not public, in the config | not one connection; the error says what would allow it
/// | rule 32
#[test]
fn c079_addresses_inside() {
    let inside = Inside::open();
    let spellings: Vec<&str> = SPELLINGS.split_whitespace().collect();
    assert!(spellings.len() >= 60, "{}", spellings.len());
    let mut newswatch = Newswatch::new().unset("mail").set("fetch", "allow_private_addresses", "false");
    for (n, host) in spellings.iter().enumerate() {
        newswatch = newswatch.feed(&format!("feed{n}"), &format!("http://{host}:{}/a.xml", inside.port));
    }
    let newswatch = newswatch.set("fetch", "per_host", "64");
    let pass = newswatch.once();
    assert_eq!(pass["feeds"]["failed"], spellings.len());
    assert_eq!(inside.connects(), 0);
    for feed in newswatch.list(&["feed", "list"]) {
        let words = feed["error"].as_str().unwrap_or_default();
        // Some resolvers know no name with a dot at its end.
        assert!(words.contains("allow_private_addresses = true") || words.contains("cannot find"), "{feed}");
    }
}

#[tokio::test]
async fn a_redirect_leads_to_no_address_inside() {
    let inside = Inside::open();
    for host in SPELLINGS.split_whitespace() {
        let to = format!("http://{host}:{}/a.xml", inside.port);
        // A header holds ASCII alone; a name in other letters arrives percent-encoded or as bytes.
        let to = if to.is_ascii() { to } else { url::Url::parse(&to).unwrap().to_string() };
        let outside = Outside { to: to.clone(), real: HttpFetch::new().unwrap() };
        let verdict = poll(Arc::new(outside), "http://public.example/rss").await;
        assert!(is_refused(&verdict), "{to}: {verdict:?}");
    }
    assert_eq!(inside.connects(), 0);
}

#[test]
fn one_feed_alone_may_be_inside() {
    let origin = Origin::start();
    origin.serve("/own.xml", Answer::feed(rss(&[])));
    origin.serve("/other.xml", Answer::feed(rss(&[])));
    let newswatch = Newswatch::new().unset("mail").set("fetch", "allow_private_addresses", "false");
    let newswatch = newswatch.feed("other", &origin.url("/other.xml")).feed_with(
        "own",
        &origin.url("/own.xml"),
        &[("allow_private_addresses", "true")],
    );
    assert_eq!(newswatch.once()["feeds"]["failed"], 1);
    assert_eq!((origin.requests("/own.xml").len(), origin.requests("/other.xml").len()), (1, 0));
}
