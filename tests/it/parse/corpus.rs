//! Feeds from the test suites of other projects, scored by what independent readers agree on.

use std::path::{Path, PathBuf};

#[path = "../../../examples/score/tally.rs"]
mod tally;

/// Where the shared cases lie; `None`, said aloud, where they are absent.
fn shared_feeds() -> Option<PathBuf> {
    let shared = std::env::var_os("NEWSWATCH_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let feeds = shared.join("feeds");
    if feeds.join("index.json").is_file() {
        return Some(feeds);
    }
    anstream::eprintln!(
        "SKIPPED: no {}; set NEWSWATCH_SHARED to the folder that holds `feeds` to run the shared cases",
        feeds.join("index.json").display()
    );
    None
}

/// What was reached when this was written; a change may only raise it.
const FLOORS: [(&str, f64); 6] = [
    ("items", 1.0),
    ("items of real feeds", 1.0),
    ("titles", 0.991),
    ("links", 0.994),
    ("dates", 1.0),
    ("feed titles", 0.987),
];

#[test]
fn the_shared_cases_are_read_as_other_readers_read_them() {
    let Some(feeds) = shared_feeds() else { return };
    let verbose = std::env::var_os("NEWSWATCH_MISSES").is_some();
    let tally = tally::score(&feeds).unwrap();
    if verbose {
        for (what, file, detail) in &tally.failures {
            anstream::println!("MISS {what} {file}: {detail}");
        }
    }
    let (taken, slowest) = &tally.slowest;
    anstream::println!("{} clean; slowest {taken:?}: {slowest}", tally.clean.len());
    assert_eq!(tally.panics, 0);
    for (what, floor) in FLOORS {
        let score = tally.scores[what];
        anstream::println!("{what}: {} of {} ({:.3})", score.right, score.of, score.share());
        assert!(score.share() >= floor, "{what}: {score:?}");
    }
}
