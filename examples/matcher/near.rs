//! What it costs to see what watches nearly match, beside what it costs to see what they match.

use newswatch::item::Item;
use newswatch::matching::{Cut, Matcher, Rule, Subject};
use newswatch::query::Query;

use super::{ITEMS, fastest};

/// Reports of the tests, as texts that say something.
const REPORTS: &str = include_str!("../../tests/data/stories/reports.jsonl");

const ACTS: &str = "veto block sanction attack approve reject ban sign withdraw resign arrest strike protest recall raise cut sue merge \
                    launch deny";

const EVENTS: &str = "summit election strike meeting conference vote hearing trial launch match";

const NAMES: &str = "hungary poland germany france italy spain sweden norway finland japan china india chile brazil mexico canada \
                     nato eu un turkey greece ukraine russia austria denmark ireland";

/// Prints what both cost with watches that ask what somebody does, and when something is.
pub(crate) fn facts() {
    println!("watches that ask for acts and events, on {} reports of the tests:", REPORTS.lines().count());
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let item = |line| {
        let row: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        Item {
            title: text(&row, "title"),
            summary: text(&row, "text"),
            published: "2026-11-24T07:30:00Z".parse().ok(),
            ..Item::default()
        }
    };
    let items: Vec<Item> = REPORTS.lines().map(item).collect();
    for watches in [60, 1_000, 20_000] {
        let matcher = Matcher::new((0..watches).map(rule).collect());
        println!("{watches:>8} {}", cost(&matcher, &items));
    }
}

/// What hits cost an item, and what near misses do beside them.
pub(crate) fn cost(matcher: &Matcher, items: &[Item]) -> String {
    let subjects: Vec<Subject<'_>> = items.iter().map(|item| Subject { item, feed: "feed", tags: &[] }).collect();
    // The system counts time in steps that are longer than a few items take.
    let subjects: Vec<Subject<'_>> = subjects.iter().copied().cycle().take(ITEMS).collect();
    // Cut anew each time: what was understood of a text is remembered with its words.
    let hits = fastest(|| subjects.iter().map(|subject| matcher.read(&Cut::new(subject)).hits().len()).sum::<usize>());
    let near = fastest(|| {
        let both = |subject| {
            let cut = Cut::new(subject);
            let read = matcher.read(&cut);
            let hits = read.hits();
            read.near_misses(&|watch| hits.iter().all(|hit| hit.watch != watch)).len()
        };
        subjects.iter().map(both).sum::<usize>()
    });
    #[expect(clippy::cast_precision_loss, reason = "a few thousand items")]
    let each = |count: f64| count / ITEMS as f64;
    let (micros, both) = (each(hits.0.as_secs_f64() * 1e6), each(near.0.as_secs_f64() * 1e6));
    #[expect(clippy::cast_precision_loss, reason = "a few thousand items")]
    let (found, missed) = (each(hits.1 as f64), each(near.1 as f64));
    format!(
        "{micros:>8.1} µs an item for {found:.2} hits, {:.1} µs more for {missed:.2} near misses ({:.2} times as much in all)",
        both - micros,
        both / micros
    )
}

fn rule(number: usize) -> Rule {
    let pick = |words: &'static str, roll: usize| {
        let words: Vec<&str> = words.split_whitespace().collect();
        words[roll % words.len()]
    };
    let (act, other, event) = (pick(ACTS, number), pick(ACTS, number / 7 + 3), pick(EVENTS, number / 3));
    let (name, place) = (pick(NAMES, number / 5), pick(NAMES, number / 11 + 5));
    let query = match number % 4 {
        0 => format!("act({act}, by=@{name})"),
        1 => format!("@{name} NEAR/30 event({event})"),
        2 => format!("act({act} | {other}, by=@{name}, stance=announced) @{place}"),
        _ => format!("@{name} @{place} event({event}, within=90d) {act}"),
    };
    Rule::new(format!("watch {number}"), Query::parse(&query).expect("it is well-formed"))
}
