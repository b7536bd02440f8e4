//! `cargo run --release --example matcher`: how fast items are matched with many watches, in one thread: items of 450 words
//! over a vocabulary with Zipf's frequencies, queries of four shapes (AND, phrase, NEAR, OR with NOT) of words so rare that an
//! item matches a handful. `--regex` adds one regular expression per watch at 1,000 watches, for comparison. `--near` tells instead
//! what near misses cost beside hits, with these watches and with such as ask for acts and events.

#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "figures go to stdout")]

mod language;

mod near;

use std::time::Duration;

use newswatch::item::Item;
use newswatch::matching::{Cut, Matcher, Rule, Subject};
use newswatch::query::Query;
use regex::Regex;

use language::{Asked, Language};

/// Items that are matched.
const ITEMS: usize = 2000;

/// Rounds of which the fastest counts.
const ROUNDS: usize = 5;

fn main() {
    let language = Language::new();
    let items: Vec<Item> = (0..ITEMS).map(|number| language.item(number)).collect();
    if std::env::args().any(|argument| argument == "--near") {
        for watches in [60, 1_000, 20_000] {
            let rule = |number| {
                let written = language.query(number).written();
                Rule::new(number.to_string(), Query::parse(&written).expect("it is well-formed"))
            };
            let matcher = Matcher::new((0..watches).map(rule).collect());
            println!("{watches:>8} {}", near::cost(&matcher, &items));
        }
        return near::facts();
    }
    let subjects: Vec<Subject<'_>> = items.iter().map(|item| Subject { item, feed: "feed", tags: &[] }).collect();
    println!(
        "{:>8} {:>9} {:>12} {:>12} {:>9} {:>22}",
        "watches", "compiled", "items/s", "tokenised", "matches", "evaluated"
    );
    for watches in [100, 1000, 20_000, 100_000] {
        let asked: Vec<Asked> = (0..watches).map(|number| language.query(number)).collect();
        let begun = spent();
        let rule =
            |asked: &Asked| Rule::new(asked.written(), Query::parse(&asked.written()).expect("it is well-formed"));
        let matcher = Matcher::new(asked.iter().map(rule).collect());
        let compiled = since(begun);
        let whole = fastest(|| subjects.iter().map(|subject| matcher.hits(subject).len()).sum::<usize>());
        let cut: Vec<Cut<'_>> = subjects.iter().map(Cut::new).collect();
        let tokenised = fastest(|| cut.iter().map(|cut| matcher.hits_in(cut).len()).sum::<usize>());
        let mut evaluated: Vec<usize> = cut.iter().map(|cut| matcher.evaluated(cut)).collect();
        evaluated.sort_unstable();
        let share = |count: usize| 100.0 * count as f64 / watches as f64;
        println!(
            "{watches:>8} {compiled:>9.0?} {:>12.0} {:>12.0} {:>9.2} {:>9.3} % (p99 {:.3} %)",
            rate(whole.0),
            rate(tokenised.0),
            whole.1 as f64 / ITEMS as f64,
            share(evaluated[ITEMS / 2]),
            share(evaluated[ITEMS * 99 / 100]),
        );
        if watches == 1000 && std::env::args().any(|argument| argument == "--regex") {
            let each: Vec<Regex> =
                asked.iter().map(|asked| Regex::new(&asked.regex()).expect("it is well-formed")).collect();
            let some = &items[..ITEMS / 20];
            let begun = spent();
            let found: usize =
                some.iter().map(|item| each.iter().filter(|regex| regex.is_match(&item.text)).count()).sum();
            let speed = some.len() as f64 / since(begun).as_secs_f64();
            let times = rate(whole.0) / speed;
            println!(
                "{:>8} one regex per watch: {speed:.0} items/s, {found} matches; ours is {times:.0} times as fast",
                ""
            );
        }
    }
}

/// The shortest of several rounds, and what they came to.
pub(crate) fn fastest(mut round: impl FnMut() -> usize) -> (Duration, usize) {
    let mut timed = || {
        let begun = spent();
        let found = round();
        (since(begun), found)
    };
    (0..ROUNDS).map(|_| timed()).min().expect("there are rounds")
}

/// The time that this program was on a processor: a busy machine makes no difference.
fn spent() -> Duration {
    let scheduled = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts it");
    let nanoseconds = scheduled.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.expect("it is a number"))
}

fn since(begun: Duration) -> Duration {
    spent().saturating_sub(begun)
}

fn rate(time: Duration) -> f64 {
    ITEMS as f64 / time.as_secs_f64()
}
