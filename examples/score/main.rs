//! `cargo run --release --example score -- DIR [--failures]`: how many of the feeds of a directory are read as its
//! `index.json` expects, and how fast beside feed-rs alone.
//!
//! `score --growth [SHAPE]` prints what the nastiest shapes of 1, 4 and 16 MB cost in time and memory (on Linux);
//! `score DIR --mutate SECONDS [--seed N]` spoils the files of a directory at random and reads them until so much CPU time is
//! spent.

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
    const USAGE: &str = "usage: score DIR [--failures | --mutate SECONDS [--seed N]], or score --growth [SHAPE]";
    let (mut directory, mut failures, mut seconds, mut seed) = (None, false, None, 1);
    let mut arguments = std::env::args().skip(1);
    // A panic that is caught is counted, not shown.
    std::panic::set_hook(Box::new(|_| {}));
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--failures" => failures = true,
            "--growth" => return growth(arguments.next().as_deref()),
            "--cost" => {
                return cost(&arguments.next().context(USAGE)?, arguments.next().context(USAGE)?.parse()?);
            }
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

/// What each nasty shape costs at three lengths: time, the most memory at once, and how much more 16 MB cost than 1 MB
/// (16 is linear). Each document is read in a process of its own, or the memory of one would be shown for the next.
fn growth(only: Option<&str>) -> anyhow::Result<()> {
    println!("{:<36} {:>24}    {:>24}    16 MB / 1 MB", "shape of 1, 4 and 16 MB", "CPU time in ms", "memory in MB");
    for shape in shapes::SHAPES.into_iter().filter(|shape| only.is_none_or(|only| shape.contains(only))) {
        let mut costs = Vec::new();
        for bytes in [1_000_000, 4_000_000, 16_000_000] {
            let program = std::env::current_exe()?;
            let out = std::process::Command::new(program).args(["--cost", shape, &bytes.to_string()]).output()?;
            anyhow::ensure!(out.status.success(), "{shape}: {}", String::from_utf8_lossy(&out.stderr));
            let out = String::from_utf8(out.stdout)?;
            let (time, memory) = out.trim().split_once(' ').context("two figures")?;
            costs.push((time.parse::<f64>()?, memory.parse::<f64>()?));
        }
        let [(one, small), (four, medium), (sixteen, large)] = costs[..] else { bail!("three costs") };
        println!(
            "{shape:<36} {one:>7.1} {four:>7.1} {sixteen:>8.1}    {small:>7.1} {medium:>7.1} {large:>8.1}    {:>4.1} {:>4.1}",
            sixteen / one.max(1.0),
            large / small.max(1.0)
        );
    }
    Ok(())
}

/// Milliseconds and megabytes that one document takes, on stdout.
fn cost(shape: &str, bytes: usize) -> anyhow::Result<()> {
    let url = Url::parse("http://feeds.example/index.xml")?;
    let now: Timestamp = "2026-11-24T12:00:00Z".parse()?;
    let document = shapes::document(shape, bytes);
    let once = || -> anyhow::Result<f64> {
        let before = spent()?;
        drop(std::hint::black_box(parse::feed(document.as_bytes(), None, &url, now)));
        Ok(spent()? - before)
    };
    // The peak of making the document itself is not to be shown for that of reading it.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let before = peak()?;
    let first = once()?;
    let memory = peak()? - before;
    let taken = first.min(once()?).min(once()?);
    println!("{taken:.2} {memory:.2}");
    Ok(())
}

/// Milliseconds that this thread has spent on a processor, however busy the machine is.
fn spent() -> anyhow::Result<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split(' ').next().context("a figure")?.parse()?;
    Ok(nanoseconds / 1e6)
}

/// The most memory that this process had at once, in MB.
fn peak() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system tells no peak of memory")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1e3)
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
