//! Feeds from the test suites of other projects, scored by what independent readers agree on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use newswatch::parse;
use serde_json::Value;
use url::Url;

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

/// How many of how many were right.
#[derive(Debug, Default, Clone, Copy)]
struct Score {
    right: usize,
    of: usize,
}

impl Score {
    fn count(&mut self, right: bool) {
        self.right += usize::from(right);
        self.of += 1;
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn share(self) -> f64 {
        self.right as f64 / self.of as f64
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads every shared case and scores it by what independent readers agree on.
fn score(feeds: &Path, mut miss: impl FnMut(&str, &str, String)) -> BTreeMap<&'static str, Score> {
    let index: Vec<Value> = serde_json::from_slice(&std::fs::read(feeds.join("index.json")).unwrap()).unwrap();
    let url = Url::parse("http://feeds.example/index.xml").unwrap();
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    let mut scores: BTreeMap<&'static str, Score> = BTreeMap::new();
    for case in &index {
        let file = case["file"].as_str().unwrap();
        let is_real = case["real"] == true;
        let bytes = std::fs::read(feeds.join(file)).unwrap();
        let expected = &case["expect"];
        let read = parse::feed(&bytes, None, &url, now);
        let items = read.as_ref().map(|document| document.items.as_slice()).unwrap_or_default();
        let outcome = || match &read {
            Ok(document) => format!("{} {:?}", document.format, document.repairs),
            Err(error) => error.to_string(),
        };
        let mut mark = |what: &'static str, right: bool, detail: &dyn Fn() -> String| {
            scores.entry(what).or_default().count(right);
            if !right {
                miss(what, file, detail());
            }
        };
        let wanted = usize::try_from(expected["items"].as_u64().unwrap()).unwrap();
        let right = items.len() == wanted && (read.is_ok() || wanted == 0);
        mark("items", right, &|| format!("{} for {wanted}: {}", items.len(), outcome()));
        if is_real {
            mark("items of real feeds", right, &|| outcome());
        }
        for (at, first) in expected["first"].as_array().unwrap().iter().enumerate() {
            let item = items.get(at);
            if let Some(title) = first["title"].as_str() {
                let read = item.map(|item| item.title.as_str());
                mark("titles", read.map(squeezed) == Some(squeezed(title)), &|| format!("{read:?} for {title:?}"));
            }
            if let Some(link) = first["link"].as_str() {
                let read = item.and_then(|item| item.link.as_deref());
                mark("links", read == Some(link), &|| format!("{read:?} for {link:?}"));
            }
            if let Some(date) = first["published"].as_str() {
                let read = item.and_then(|item| item.published).map(|date| date.strftime("%FT%TZ").to_string());
                mark("dates", read.as_deref() == Some(date), &|| format!("{read:?} for {date:?}"));
            }
        }
    }
    scores
}

/// What was reached when this was written; a change may only raise it.
const FLOORS: [(&str, f64); 5] =
    [("items", 0.994), ("items of real feeds", 1.0), ("titles", 0.95), ("links", 0.975), ("dates", 0.99)];

#[test]
fn the_shared_cases_are_read_as_other_readers_read_them() {
    let Some(feeds) = shared_feeds() else { return };
    let verbose = std::env::var_os("NEWSWATCH_MISSES").is_some();
    let scores = score(&feeds, |what, file, detail| {
        if verbose {
            anstream::println!("MISS {what} {file}: {detail}");
        }
    });
    for (what, score) in &scores {
        anstream::println!("{what}: {} of {} ({:.3})", score.right, score.of, score.share());
    }
    for (what, floor) in FLOORS {
        assert!(scores[what].share() >= floor, "{what}: {:?}", scores[what]);
    }
}
