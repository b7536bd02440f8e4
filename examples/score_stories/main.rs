//! How well stories are told apart: pair precision and recall over labelled reports, and what a decision costs.
//!
//! `cargo run --release --example score_stories -- FILE.jsonl…`: each line is `{"title","text","story"}`. The reports are fed in
//! random order over two days, ten times.

use std::collections::HashMap;
use std::error::Error;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use newswatch::item::{Item, ItemId, StoryId};
use newswatch::story::{self, Goal, Reports};
use serde::Deserialize;

/// A labelled report.
#[derive(Debug, Deserialize)]
struct Labelled {
    title: String,
    text: String,
    story: String,
    #[serde(default)]
    topic: String,
}

/// Pairs of reports.
#[derive(Debug, Default, Clone, Copy)]
struct Pairs {
    right: u64,
    found: u64,
    wanted: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let by_topic = std::env::var_os("BY_TOPIC").is_some();
    for path in std::env::args_os().skip(1) {
        let text = std::fs::read_to_string(&path)?;
        let reports = text.lines().map(serde_json::from_str).collect::<Result<Vec<Labelled>, _>>()?;
        let mut all = Pairs::default();
        let mut topics: std::collections::BTreeMap<String, Pairs> = std::collections::BTreeMap::new();
        for seed in 0..10 {
            let mut order: Vec<usize> = (0..reports.len()).collect();
            shuffle(&mut order, seed);
            let groups = feed(&reports, &order);
            all = all.and(count(&reports, &groups));
            if by_topic {
                let names: std::collections::BTreeSet<&str> = reports.iter().map(|r| r.topic.as_str()).collect();
                for topic in names {
                    let only: Vec<usize> = (0..reports.len()).filter(|at| reports[*at].topic == topic).collect();
                    let mut known: HashMap<(&str, StoryId), u64> = HashMap::new();
                    let (mut labels, mut found): (HashMap<&str, u64>, HashMap<StoryId, u64>) = Default::default();
                    for at in only {
                        let (l, g) = (reports[at].story.as_str(), groups[at]);
                        *known.entry((l, g)).or_default() += 1;
                        *labels.entry(l).or_default() += 1;
                        *found.entry(g).or_default() += 1;
                    }
                    let e = topics.entry(topic.to_owned()).or_default();
                    *e = e.and(Pairs {
                        right: pairs(known.values()),
                        found: pairs(found.values()),
                        wanted: pairs(labels.values()),
                    });
                }
            }
        }
        println!(
            "{}: {} reports, pair precision {:.3}, recall {:.3} ({} right of {} found and {} wanted)",
            path.to_string_lossy(),
            reports.len(),
            all.precision(),
            all.recall(),
            all.right,
            all.found,
            all.wanted
        );
        for (t, p) in topics {
            println!("  {t}: {:.3} {:.3}", p.precision(), p.recall());
        }
    }
    Ok(())
}

/// The story of each report, fed in this order over two days.
fn feed(reports: &[Labelled], order: &[usize]) -> Vec<StoryId> {
    let mut recent = Reports::default();
    let mut stories = vec![StoryId(0); reports.len()];
    let mut place_of: HashMap<ItemId, usize> = HashMap::new();
    let mut opened = 0;
    for (turn, &at) in order.iter().enumerate() {
        let item = Item { title: reports[at].title.clone(), summary: reports[at].text.clone(), ..Item::default() };
        let turn = i64::try_from(turn).unwrap_or(0);
        let when =
            Timestamp::UNIX_EPOCH + SignedDuration::from_secs(172_800 * turn / i64::try_from(order.len()).unwrap_or(1));
        let report = story::report(&item);
        let place = recent.place(&report, when);
        let mut open = || {
            opened += 1;
            StoryId(opened)
        };
        let story = place.story.unwrap_or_else(&mut open);
        let id = ItemId(turn + 1);
        place_of.insert(id, at);
        recent.add(id, story, when, &report);
        stories[at] = story;
        for step in &place.moves {
            let to = match step.to {
                Goal::Story(to) => to,
                Goal::Same => story,
                Goal::New => open(),
            };
            recent.regroup(&step.items, to);
            for item in &step.items {
                stories[place_of[item]] = to;
            }
        }
    }
    stories
}

fn count(reports: &[Labelled], groups: &[StoryId]) -> Pairs {
    let (mut both, mut found, mut labels): (HashMap<(&str, StoryId), u64>, HashMap<StoryId, u64>, HashMap<&str, u64>) =
        Default::default();
    for (report, group) in reports.iter().zip(groups) {
        *both.entry((&report.story, *group)).or_default() += 1;
        *found.entry(*group).or_default() += 1;
        *labels.entry(&report.story).or_default() += 1;
    }
    Pairs { right: pairs(both.values()), found: pairs(found.values()), wanted: pairs(labels.values()) }
}

fn pairs<'a>(sizes: impl Iterator<Item = &'a u64>) -> u64 {
    sizes.map(|size| size * (size - 1) / 2).sum()
}

impl Pairs {
    fn and(self, other: Self) -> Self {
        Self { right: self.right + other.right, found: self.found + other.found, wanted: self.wanted + other.wanted }
    }

    fn precision(self) -> f64 {
        self.right as f64 / (self.found as f64).max(1.0)
    }

    fn recall(self) -> f64 {
        self.right as f64 / (self.wanted as f64).max(1.0)
    }
}

fn shuffle(order: &mut [usize], seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    for at in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(at, usize::try_from(state % (at as u64 + 1)).unwrap_or(0));
    }
}
