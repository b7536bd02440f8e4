//! `cargo run --release --example score -- DIR [--failures]`: how many of the feeds of a directory are read as its
//! `index.json` expects, and how fast beside feed-rs alone.
//!
//! `score --growth` prints what the nastiest shapes of 1, 4 and 16 MB cost; `score DIR --mutate SECONDS [--seed N]` spoils the
//! files of a directory at random and reads them until so much CPU time is spent.

#![allow(clippy::print_stdout, reason = "figures go to stdout")]

mod mutate;
mod shapes;
mod tally;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use newswatch::parse;
use url::Url;

/// Rounds of which the fastest counts.
const ROUNDS: usize = 15;

fn main() -> anyhow::Result<()> {
    const USAGE: &str = "usage: score DIR [--failures | --mutate SECONDS [--seed N]], or score --growth";
    let (mut directory, mut failures, mut seconds, mut seed) = (None, false, None, 1);
    let mut arguments = std::env::args().skip(1);
    // A panic that is caught is counted, not shown.
    std::panic::set_hook(Box::new(|_| {}));
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--failures" => failures = true,
            "--growth" => return growth(),
            "--mutate" => seconds = Some(arguments.next().context(USAGE)?.parse()?),
            "--seed" => seed = arguments.next().context(USAGE)?.parse()?,
            option if option.starts_with('-') => bail!("unknown option {option}; {USAGE}"),
            path => directory = Some(PathBuf::from(path)),
        }
    }
    let directory = directory.context(USAGE)?;
    if let Some(seconds) = seconds {
        let outcome = mutate::run(&directory, seed, Duration::from_secs(seconds))?;
        println!("{} documents in {seconds} s, slowest {:?}", outcome.tried, outcome.slowest);
        if let Some(broken) = outcome.broken {
            std::fs::write("broken.xml", &broken)?;
            bail!("the reader broke on a document, which is now in broken.xml");
        }
        return Ok(());
    }
    let tally = tally::score(&directory)?;
    if failures {
        for (what, file, detail) in &tally.failures {
            println!("{what}: {file}: {detail}");
        }
    }
    for (what, score) in &tally.scores {
        println!("{what:<20} {:>6} of {:>6}  {:.2} %", score.right, score.of, 100.0 * score.share());
    }
    println!("panics               {:>6}", tally.panics);
    println!("slowest file         {:?} ({})", tally.slowest.0, tally.slowest.1);
    speed(&tally.clean)
}

/// The time that each nasty shape takes at three lengths, and how much more 16 MB cost than 1 MB (16 is linear).
fn growth() -> anyhow::Result<()> {
    let url = Url::parse("http://feeds.example/index.xml")?;
    let now: Timestamp = "2026-11-24T12:00:00Z".parse()?;
    println!("{:<30} {:>10} {:>10} {:>10}  16 MB / 1 MB", "shape", "1 MB", "4 MB", "16 MB");
    for shape in shapes::SHAPES {
        let taken = [1_000_000, 4_000_000, 16_000_000].map(|n| {
            let document = shapes::document(shape, n);
            let once = || timed(|| drop(std::hint::black_box(parse::feed(document.as_bytes(), None, &url, now))));
            (0..3).map(|_| once()).min().unwrap_or_default()
        });
        let [one, four, sixteen] = taken.map(|taken| taken.as_secs_f64() * 1e3);
        println!("{shape:<30} {one:>7.1} ms {four:>7.1} ms {sixteen:>7.1} ms  {:.1}", sixteen / one);
    }
    Ok(())
}

/// Ours against feed-rs alone, over the feeds that need no repair and that both read, alternately and on one core.
fn speed(clean: &[Vec<u8>]) -> anyhow::Result<()> {
    let url = Url::parse("http://feeds.example/index.xml")?;
    let now: Timestamp = "2026-11-24T12:00:00Z".parse()?;
    let both: Vec<&Vec<u8>> = clean.iter().filter(|bytes| feed_rs::parser::parse(bytes.as_slice()).is_ok()).collect();
    let (mut ours, mut theirs) = (Duration::ZERO, Duration::ZERO);
    let (mut ours_large, mut theirs_large) = (Duration::ZERO, Duration::ZERO);
    let bytes: usize = both.iter().map(|bytes| bytes.len()).sum();
    for feed in &both {
        let (mut own, mut alone) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            alone = alone.min(timed(|| drop(std::hint::black_box(feed_rs::parser::parse(feed.as_slice())))));
            own = own.min(timed(|| drop(std::hint::black_box(parse::feed(feed, None, &url, now)))));
        }
        ours += own;
        theirs += alone;
        if feed.len() >= 10_000 {
            ours_large += own;
            theirs_large += alone;
        }
    }
    println!(
        "speed                {} clean feeds, {:.1} MB: feed-rs alone {:.1} MB/s, ours {:.1} MB/s, ratio {:.2} (of 10 kB and more: {:.2})",
        both.len(),
        mega(bytes),
        mega(bytes) / theirs.as_secs_f64(),
        mega(bytes) / ours.as_secs_f64(),
        theirs.as_secs_f64() / ours.as_secs_f64(),
        theirs_large.as_secs_f64() / ours_large.as_secs_f64(),
    );
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the time that reading takes is what is measured")]
fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

#[expect(clippy::cast_precision_loss, reason = "sizes are small")]
fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
