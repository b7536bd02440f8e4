//! What a poll costs while ever more feeds are in the store: the whole program but for its process, on a network that is made
//! up and a clock that is set. `cargo run --release --example curve [FEEDS…]`; the last figure is the one that should be flat.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use newswatch::chance::Chance;
use newswatch::clock::{Clock, SetClock};
use newswatch::config::{self, Env};
use newswatch::daemon::{Assembly, Seams, open_store};
use newswatch::poll::{Fetch, FetchError, Hop, Reply};

/// Every feed has one item and never anything new.
struct Calm;

#[async_trait]
impl Fetch for Calm {
    async fn exchange(&self, hop: Hop) -> Result<Reply, FetchError> {
        let mut headers = HeaderMap::new();
        headers.insert("etag", HeaderValue::from_static("\"1\""));
        let known = hop.headers.contains_key("if-none-match");
        let body = if known {
            String::new()
        } else {
            format!(
                "<rss version=\"2.0\"><channel><title>Calm</title><item><guid>{0}</guid><title>News from {0}</title></item>\
                 </channel></rss>",
                hop.url
            )
        };
        let wire_bytes = body.len() as u64;
        Ok(Reply {
            status: if known { 304 } else { 200 },
            headers,
            body: body.into_bytes(),
            complete: true,
            wire_bytes,
        })
    }
}

async fn start(dir: &Path, feeds: usize, clock: &Arc<SetClock>) -> Arc<Assembly> {
    let mut text = String::from("[fetch]\nevery = \"30m\"\nper_host_interval = \"0s\"\n");
    for n in 0..feeds {
        let _ = writeln!(text, "[[feed]]\nname = \"feed{n}\"\nurl = \"http://host{n}.example/rss\"");
    }
    let env = Env::empty(dir).with("XDG_STATE_HOME", dir);
    let settings = config::load_text("curve.toml", &text, dir, &env).settings.expect("the config is sound");
    let store = open_store(&settings).await.unwrap();
    let seams = Seams {
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        chance: Arc::new(Chance::seeded(1)),
        fetch: Arc::new(Calm),
        relay: Arc::new(|_| unreachable!("nothing is mailed")),
    };
    Arc::new(Assembly::new(settings, store, seams).await.unwrap())
}

/// CPU seconds of this process so far, in user code and in the kernel.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

#[tokio::main]
async fn main() {
    let asked: Vec<usize> = std::env::args().skip(1).map(|word| word.parse().expect("a number of feeds")).collect();
    let sizes = if asked.is_empty() { vec![100, 1_000, 10_000, 100_000] } else { asked };
    println!("   feeds  first pass, s  polls measured  CPU per poll, µs");
    for feeds in sizes {
        let dir = tempfile_dir(feeds);
        let clock = Arc::new(SetClock::new(Timestamp::from_second(1_790_000_000).unwrap()));
        let program = start(&dir, feeds, &clock).await;
        let began = cpu_seconds();
        program.pass(false, false).await.unwrap();
        let cold = cpu_seconds() - began;
        // As many rounds as make a measurable time; a tenth of the feeds is due in each.
        let (began, mut polls) = (cpu_seconds(), 0);
        clock.advance(SignedDuration::from_mins(30));
        for _ in 0..(20_000 / feeds).max(2) * 10 {
            clock.advance(SignedDuration::from_mins(3));
            polls += program.pass(false, false).await.unwrap().polled;
        }
        #[expect(clippy::cast_precision_loss, reason = "a figure")]
        let each = (cpu_seconds() - began) / polls as f64 * 1e6;
        println!("{feeds:>8}  {cold:>13.2}  {polls:>14}  {each:>16.0}");
        program.close().await.unwrap();
        drop(program);
        let _ = std::fs::remove_dir_all(dir);
    }
}

fn tempfile_dir(feeds: usize) -> std::path::PathBuf {
    let shm = Path::new("/dev/shm");
    let root = if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() };
    let dir = root.join(format!("newswatch-curve-{}-{feeds}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}
