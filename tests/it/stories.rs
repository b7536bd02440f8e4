//! Reports of one piece of news: grouped by what they say, told once, and counted by who tells them.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use newswatch::item::{Item, ItemId, StoryId};
use newswatch::story::{self, Goal, Reports};
use serde_json::Value;

use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, rss};
use super::harness::newswatch::Newswatch;

/// Labelled reports: which story each tells.
struct Labelled {
    item: Item,
    story: String,
}

fn labelled(text: &str) -> Vec<Labelled> {
    let read = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| row[name].as_str().unwrap().to_owned();
        Labelled {
            item: Item { title: field("title"), summary: field("text"), ..Item::default() },
            story: field("story"),
        }
    };
    text.lines().map(read).collect()
}

/// The story of each report when they come in this order over two days.
fn group(reports: &[Labelled], order: &[usize]) -> Vec<i64> {
    let (mut recent, mut stories, mut opened) = (Reports::default(), vec![0; reports.len()], 0);
    let mut open = || {
        opened += 1;
        StoryId(opened)
    };
    for (turn, &at) in order.iter().enumerate() {
        let turn = i64::try_from(turn).unwrap();
        let when =
            Timestamp::UNIX_EPOCH + SignedDuration::from_secs(172_800 * turn / i64::try_from(order.len()).unwrap());
        let report = story::report(&reports[at].item);
        let place = recent.place(&report, when);
        let story = place.story.unwrap_or_else(&mut open);
        recent.add(ItemId(i64::try_from(at).unwrap()), story, when, &report);
        stories[at] = story.0;
        for step in &place.moves {
            let to = match step.to {
                Goal::Story(to) => to,
                Goal::Same => story,
                Goal::New => open(),
            };
            recent.regroup(&step.items, to);
            step.items.iter().for_each(|item| stories[usize::try_from(item.0).unwrap()] = to.0);
        }
    }
    stories
}

/// Right, found and wanted pairs.
fn pairs(reports: &[Labelled], stories: &[i64]) -> (u64, u64, u64) {
    let (mut both, mut found, mut wanted) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (report, story) in reports.iter().zip(stories) {
        *both.entry((&report.story, story)).or_insert(0_u64) += 1;
        *found.entry(story).or_insert(0_u64) += 1;
        *wanted.entry(&report.story).or_insert(0_u64) += 1;
    }
    let count = |sizes: Vec<u64>| sizes.iter().map(|size| size * (size - 1) / 2).sum();
    (count(both.into_values().collect()), count(found.into_values().collect()), count(wanted.into_values().collect()))
}

/// Right, found and wanted pairs in several orders.
fn pairs_in_orders(reports: &[Labelled]) -> (u64, u64, u64) {
    let (mut right, mut found, mut wanted) = (0, 0, 0);
    // Steps that share no factor with the number of reports visit all of them.
    for step in [1, 7, 31, 64] {
        let order: Vec<usize> = (0..reports.len()).map(|at| at * step % reports.len()).collect();
        let counted = pairs(reports, &group(reports, &order));
        (right, found, wanted) = (right + counted.0, found + counted.1, wanted + counted.2);
    }
    (right, found, wanted)
}

#[test]
fn retellings_are_one_story_and_look_alikes_are_two() {
    let (right, found, wanted) = pairs_in_orders(&labelled(include_str!("../data/stories/reports.jsonl")));
    assert!(right * 100 >= found * 98, "precision: {right} of {found}");
    assert!(right * 100 >= wanted * 88, "recall: {right} of {wanted}");
}

/// Labelled before any of them was tried, and nothing was changed because of them.
#[test]
fn so_are_those_that_nothing_was_fitted_to() {
    let (right, found, wanted) = pairs_in_orders(&labelled(include_str!("../data/stories/unseen.jsonl")));
    assert!(right * 100 >= found * 96, "precision: {right} of {found}");
    assert!(right * 100 >= wanted * 82, "recall: {right} of {wanted}");
}

#[test]
fn what_is_written_after_one_form_is_seldom_one_story() {
    let reports = labelled(include_str!("../data/stories/forms.jsonl"));
    for step in [1, 5, 11] {
        let order: Vec<usize> = (0..reports.len()).map(|at| at * step % reports.len()).collect();
        let mut stories = group(&reports, &order);
        stories.sort_unstable();
        stories.dedup();
        assert!(stories.len() * 8 >= reports.len() * 7, "{} of {}", stories.len(), reports.len());
    }
}

const FIRE: [(&str, &str); 3] = [
    (
        "Blaze guts paper mill in Norrkoping",
        "A fire that broke out early on Sunday has destroyed most of a paper mill in Norrkoping, Sweden. Eighty firefighters \
         fought the flames; two workers were treated for smoke.",
    ),
    (
        "Swedish paper mill destroyed by fire",
        "Flames lit up the sky over Norrkoping in the early hours of Sunday as a paper mill burned down. Two workers inhaled \
         smoke. The cause of the fire at the mill in Sweden is being investigated.",
    ),
    (
        "Paper mill in Norrkoping burns down",
        "Firefighters could not save the paper mill in Norrkoping from the fire on Sunday. Two workers were taken to hospital \
         with smoke in their lungs, Swedish police said.",
    ),
];

/// A feed of one site that tells of the fire.
fn carries(origin: &Origin, path: &str, site: &str, (title, text): (&str, &str)) {
    let mut entry = Entry::new(path.trim_start_matches('/'), title).summary(text);
    entry.link = format!("https://www.{site}/fire{path}");
    origin.serve(path, Answer::feed(rss(&[entry])));
}

fn three_papers(origin: &Origin, inbox: &Inbox) -> Newswatch {
    Newswatch::new()
        .mail(inbox)
        .feed("a", &origin.url("/a"))
        .feed("b", &origin.url("/b"))
        .feed("c", &origin.url("/c"))
        .watch_with("fire", "paper mill", &[("sources", "3"), ("within", "'6h'")])
}

/// Two papers that have told of the fire.
fn two_papers(origin: &Origin, inbox: &Inbox) -> Newswatch {
    for (path, site, words) in [("/a", "one.example", FIRE[1]), ("/b", "two.example", FIRE[2])] {
        carries(origin, path, site, words);
    }
    let newswatch = Newswatch::new()
        .mail(inbox)
        .feed("a", &origin.url("/a"))
        .feed("b", &origin.url("/b"))
        .watch("fire", "paper mill");
    newswatch.once();
    newswatch
}

#[test]
fn a_retelling_is_the_same_story_and_is_told_once() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let newswatch = two_papers(&origin, &inbox);
    let items = newswatch.list(&["item", "list"]);
    assert_eq!(items[0]["story"], items[1]["story"]);
    inbox.only_letter();
}

#[test]
fn an_edited_report_stays_in_its_story() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let newswatch = two_papers(&origin, &inbox);
    let before = newswatch.list(&["item", "list"]);
    let edited = ("A correction", "An earlier version of this report gave a wrong number of hens on a farm near Lyon.");
    carries(&origin, "/a", "one.example", edited);
    newswatch.once();
    let after = newswatch.list(&["item", "list"]);
    assert_eq!(after.len(), 2);
    assert!(after.iter().any(|item| item["title"] == "A correction"), "{after:?}");
    assert!(after.iter().all(|item| item["story"] == before[0]["story"]), "{after:?}");
    inbox.only_letter();
}

#[test]
fn a_watch_waits_for_its_sources_and_then_tells_all_of_them_once() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    for path in ["/a", "/b", "/c"] {
        origin.serve(path, Answer::feed(rss(&[])));
    }
    let newswatch = three_papers(&origin, &inbox);
    let explained = |so_far: &str| {
        let newest = newswatch.list(&["item", "list"])[0]["id"].to_string();
        let ran = newswatch.run(&["item", "explain", &newest]).ok();
        assert!(ran.stdout.replace("\n  ", " ").contains(so_far), "{so_far}\n{}", ran.stdout);
    };
    // One after the other: which two of three are alike enough to begin with must not hang on whose poll was first.
    for (path, site, words) in [("/a", "one.example", FIRE[1]), ("/b", "two.example", FIRE[2])] {
        carries(&origin, path, site, words);
        newswatch.once();
        assert!(inbox.letters().is_empty(), "fewer than three are not three");
    }
    explained("waits for 3 sites that tell the story within 6h, 2 so far");
    carries(&origin, "/c", "three.example", FIRE[0]);
    newswatch.once();
    let letter = inbox.only_letter();
    for (title, _) in FIRE {
        assert!(letter.text.replace('*', "").contains(title), "{title} is missing in\n{}", letter.text);
    }
    explained("within 6h, 3 so far");
    newswatch.once();
    inbox.only_letter();
}

#[test]
fn copies_of_one_text_and_one_site_are_one_source() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    carries(&origin, "/a", "one.example", FIRE[0]);
    // A wire report in two papers, and a second report of one of them.
    carries(&origin, "/b", "two.example", FIRE[0]);
    carries(&origin, "/c", "one.example", FIRE[2]);
    let newswatch = three_papers(&origin, &inbox);
    newswatch.once();
    assert!(inbox.letters().is_empty());
}
