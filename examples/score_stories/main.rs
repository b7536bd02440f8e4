//! How well stories are told apart: pair precision and recall over labelled reports, and what a decision costs.
//!
//! `score_stories [--orders N] [--others N] [FILE.jsonl…]`: each line is `{"title","text","story"}`; the tests' own reports where no
//! file is named. The rules of `story` decide on the reports as the store has them decide, in random order over two days, in so
//! many orders (4). Then the reports are decided on beside so many reports of other news of their kind (99,000), which are decided
//! on as well: what a decision takes and how much memory the reports of late do. A few seconds for each file.

#![expect(clippy::print_stdout, reason = "the score is what it is run for")]
#![expect(clippy::cast_precision_loss, reason = "counts of pairs are far below what a float holds exactly")]

mod dice;

mod others;

use std::collections::HashMap;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use newswatch::clock::{Clock as _, SystemClock};
use newswatch::item::{Item, ItemId, Report, StoryId};
use newswatch::story::{self, Goal, Reports};

use dice::shuffle;
use others::Others;

/// Orders in which the reports are fed, where nothing is said.
const ORDERS: u64 = 4;

/// Reports of other news that are remembered while decisions are timed, where nothing is said.
const OTHERS: i64 = 99_000;

/// Over so long the reports come in.
const DAYS: SignedDuration = SignedDuration::from_hours(48);

/// The reports that the tests are held to.
const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/stories/reports.jsonl");

/// A decision that took longer was interrupted: the machine did something else meanwhile.
const INTERRUPTED_MICROSECONDS: f64 = 1_000.0;

/// A labelled report.
pub(crate) struct Labelled {
    story: String,
    report: Report,
}

fn main() -> anyhow::Result<()> {
    let (mut orders, mut others, mut files) = (ORDERS, OTHERS, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().context("a number is missing").and_then(|text| Ok(text.parse::<u32>()?));
        match argument.as_str() {
            "--orders" => orders = number()?.into(),
            "--others" => others = number()?.into(),
            _ => files.push(argument),
        }
    }
    if files.is_empty() {
        files.push(OWN.to_owned());
    }
    for path in files {
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        let reports = text.lines().map(read).collect::<Result<Vec<Labelled>, _>>()?;
        println!("{path}: {} reports", reports.len());
        score(&reports, orders);
        time(&reports, others);
    }
    Ok(())
}

fn read(line: &str) -> anyhow::Result<Labelled> {
    let row: serde_json::Value = serde_json::from_str(line)?;
    let field = |name: &str| row.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let item = Item { title: field("title"), summary: field("text"), ..Item::default() };
    Ok(Labelled { story: field("story"), report: story::report(&item) })
}

/// Which report is in which story, as the store would have it.
#[derive(Default)]
struct World {
    recent: Reports,
    stories: HashMap<ItemId, StoryId>,
    opened: i64,
}

impl World {
    fn open(&mut self) -> StoryId {
        self.opened += 1;
        StoryId(self.opened)
    }

    fn take(&mut self, item: ItemId, when: Timestamp, report: &Report) {
        let place = self.recent.place(report, when);
        let story = place.story.unwrap_or_else(|| self.open());
        self.recent.add(item, story, when, report);
        self.stories.insert(item, story);
        for step in &place.moves {
            let to = match step.to {
                Goal::Story(to) => to,
                Goal::Same => story,
                Goal::New => self.open(),
            };
            self.recent.regroup(&step.items, to);
            self.stories.extend(step.items.iter().map(|item| (*item, to)));
        }
    }
}

/// When the report comes in of which so many went before, of so many.
fn turn(before: i64, of: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH
        + SignedDuration::from_millis(i64::try_from(DAYS.as_millis()).unwrap_or(0) / of.max(1) * before)
}

/// Prints how many pairs are right in some orders.
fn score(reports: &[Labelled], orders: u64) {
    let share = |right: u64, of: u64| right as f64 / (of as f64).max(1.0);
    let (mut right, mut found, mut wanted) = (0, 0, 0);
    let mut worst = [1.0_f64; 2];
    for seed in 0..orders {
        let mut order: Vec<usize> = (0..reports.len()).collect();
        shuffle(&mut order, seed);
        let counted = count(reports, &feed(reports, &order));
        (right, found, wanted) = (right + counted.0, found + counted.1, wanted + counted.2);
        worst[0] = worst[0].min(share(counted.0, counted.1));
        worst[1] = worst[1].min(share(counted.0, counted.2));
    }
    println!(
        "  {orders} orders: pair precision {:.3} (worst {:.3}), recall {:.3} (worst {:.3})",
        share(right, found),
        worst[0],
        share(right, wanted),
        worst[1]
    );
}

/// The story of each report, fed in this order.
fn feed(reports: &[Labelled], order: &[usize]) -> Vec<StoryId> {
    let mut world = World::default();
    let item = |at: usize| ItemId(i64::try_from(at).unwrap_or(i64::MAX));
    for (before, &at) in (0..).zip(order) {
        world.take(item(at), turn(before, item(order.len()).0), &reports[at].report);
    }
    (0..reports.len()).map(|at| world.stories[&item(at)]).collect()
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

/// Prints what a decision takes beside so many reports of other news.
fn time(reports: &[Labelled], others: i64) {
    let before = resident();
    let (mut world, mut news) = (World::default(), Others::of(reports));
    for number in 0..others {
        world.take(ItemId(number), turn(number, others), &news.next());
    }
    world.stories = HashMap::new();
    let memory = (resident() - before) / 1e6;
    let mut order: Vec<usize> = (0..reports.len()).collect();
    shuffle(&mut order, 77);
    let clock = SystemClock;
    let decision = |(number, at): (i64, usize)| {
        let began = clock.now();
        world.take(ItemId(number), turn(others, others), &reports[at].report);
        clock.now().duration_since(began).as_secs_f64() * 1e6
    };
    let mut took: Vec<f64> = (others..).zip(order).map(decision).collect();
    took.retain(|took| *took < INTERRUPTED_MICROSECONDS);
    took.sort_by(f64::total_cmp);
    println!(
        "  beside {others} others: {:.1} µs a decision on average (median {:.1}, 95 of 100 below {:.1}; {} of {} were interrupted), \
         {memory:.0} MB for the reports of late",
        took.iter().sum::<f64>() / (took.len() as f64).max(1.0),
        took.get(took.len() / 2).copied().unwrap_or_default(),
        took.get(took.len() * 95 / 100).copied().unwrap_or_default(),
        reports.len() - took.len(),
        reports.len()
    );
}

/// Bytes of memory that the process holds; 0 where the system does not say.
fn resident() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<f64>().ok());
    pages.unwrap_or_default() * 4096.0
}
