//! How well stories are told apart: pair precision and recall over labelled reports, and what a decision costs.
//!
//! `score_stories FILE.jsonl…`: each line is `{"title","text","story"}`. The reports are fed in random order over two days, twenty
//! times. Then their decisions are timed beside a hundred thousand reports of other news.

#![expect(clippy::print_stdout, reason = "the score is what it is run for")]
#![expect(clippy::cast_precision_loss, reason = "counts of pairs are far below what a float holds exactly")]

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use newswatch::clock::{Clock as _, SystemClock};
use newswatch::item::{Item, ItemId, Report, StoryId, Term, TermKind};
use newswatch::story::{self, Goal, Reports};

/// Orders in which the reports are fed.
const ORDERS: u64 = 20;

/// Reports of other news that are remembered while decisions are timed.
const OTHERS: i64 = 99_000;

/// The rank of the commonest word that is a term.
const COMMONEST: f64 = 30.0;

/// The rarest term's rank, in those of the commonest.
const RAREST_TIMES: f64 = 10_000.0;

/// A labelled report.
struct Labelled {
    item: Item,
    story: String,
}

fn main() -> anyhow::Result<()> {
    for path in std::env::args_os().skip(1) {
        let text = std::fs::read_to_string(&path)?;
        let reports = text.lines().map(read).collect::<Result<Vec<Labelled>, _>>()?;
        let share = |right: u64, of: u64| right as f64 / (of as f64).max(1.0);
        let (mut right, mut found, mut wanted) = (0, 0, 0);
        let mut worst = [1.0_f64; 2];
        for seed in 0..ORDERS {
            let mut order: Vec<usize> = (0..reports.len()).collect();
            shuffle(&mut order, seed);
            let counted = count(&reports, &feed(&reports, &order));
            (right, found, wanted) = (right + counted.0, found + counted.1, wanted + counted.2);
            worst[0] = worst[0].min(share(counted.0, counted.1));
            worst[1] = worst[1].min(share(counted.0, counted.2));
        }
        println!(
            "{}: {} reports, pair precision {:.3} (worst {:.3}), recall {:.3} (worst {:.3}), {:.1} µs a decision",
            path.to_string_lossy(),
            reports.len(),
            share(right, found),
            worst[0],
            share(right, wanted),
            worst[1],
            time(&reports)
        );
    }
    Ok(())
}

fn read(line: &str) -> anyhow::Result<Labelled> {
    let row: serde_json::Value = serde_json::from_str(line)?;
    let field = |name: &str| row.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let item = Item { title: field("title"), summary: field("text"), ..Item::default() };
    Ok(Labelled { item, story: field("story") })
}

/// The story of each report, fed in this order over two days.
fn feed(reports: &[Labelled], order: &[usize]) -> Vec<StoryId> {
    let (mut recent, mut stories, mut opened) = (Reports::default(), vec![StoryId(0); reports.len()], 0);
    let mut open = || {
        opened += 1;
        StoryId(opened)
    };
    let count = i64::try_from(order.len()).unwrap_or(i64::MAX);
    for (turn, &at) in order.iter().enumerate() {
        let turn = i64::try_from(turn).unwrap_or(i64::MAX);
        let when = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(172_800 * turn / count);
        let report = story::report(&reports[at].item);
        let place = recent.place(&report, when);
        let story = place.story.unwrap_or_else(&mut open);
        recent.add(ItemId(turn), story, when, &report);
        stories[at] = story;
        for step in &place.moves {
            let to = match step.to {
                Goal::Story(to) => to,
                Goal::Same => story,
                Goal::New => open(),
            };
            recent.regroup(&step.items, to);
            for item in &step.items {
                stories[order[usize::try_from(item.0).unwrap_or(0)]] = to;
            }
        }
    }
    stories
}

/// Right, found and wanted pairs.
fn count(reports: &[Labelled], stories: &[StoryId]) -> (u64, u64, u64) {
    let (mut both, mut found, mut wanted) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (report, story) in reports.iter().zip(stories) {
        *both.entry((&report.story, story)).or_insert(0_u64) += 1;
        *found.entry(story).or_insert(0_u64) += 1;
        *wanted.entry(&report.story).or_insert(0_u64) += 1;
    }
    (pairs(both.into_values()), pairs(found.into_values()), pairs(wanted.into_values()))
}

fn pairs(sizes: impl Iterator<Item = u64>) -> u64 {
    sizes.map(|size| size * (size - 1) / 2).sum()
}

/// Microseconds that a decision takes beside many reports of other news.
fn time(reports: &[Labelled]) -> f64 {
    let mut recent = Reports::default();
    let mut dice = 1;
    for number in 0..OTHERS {
        recent.add(ItemId(number), StoryId(number), Timestamp::UNIX_EPOCH, &other(&mut dice));
    }
    let ready: Vec<Report> = reports.iter().map(|report| story::report(&report.item)).collect();
    let clock = SystemClock;
    let before = clock.now();
    for (number, report) in (OTHERS..).zip(&ready) {
        let place = recent.place(report, Timestamp::UNIX_EPOCH);
        let story = place.story.unwrap_or(StoryId(number));
        recent.add(ItemId(number), story, Timestamp::UNIX_EPOCH, report);
    }
    clock.now().duration_since(before).as_secs_f64() * 1e6 / (ready.len() as f64).max(1.0)
}

/// A report of forty terms, as common as Zipf's law has it: the commonest stands in one report of seven, most in a few.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 30 and 300,000")]
fn other(dice: &mut u64) -> Report {
    let mut terms: Vec<Term> = (0..40)
        .map(|_| {
            let roll = next(dice) % 1_000_000;
            let id = (COMMONEST * RAREST_TIMES.powf(roll as f64 / 1e6)) as u32;
            Term {
                id,
                kind: if roll.is_multiple_of(3) { TermKind::Name } else { TermKind::Word },
                weight: 16,
                common: 30,
            }
        })
        .collect();
    terms.sort_unstable_by_key(|term| term.id);
    terms.dedup_by_key(|term| term.id);
    Report { terms, sketch: (0..32).map(|_| u32::try_from(next(dice) >> 32).unwrap_or(0)).collect() }
}

fn shuffle(order: &mut [usize], seed: u64) {
    let mut dice = seed + 1;
    for at in (1..order.len()).rev() {
        order.swap(at, usize::try_from(next(&mut dice) % (at as u64 + 1)).unwrap_or(0));
    }
}

/// Chance from a seed (splitmix64).
fn next(dice: &mut u64) -> u64 {
    *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*dice ^ (*dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
