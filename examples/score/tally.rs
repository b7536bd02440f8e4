//! Scores what is read of a directory of feeds by what its `index.json` expects.
//!
//! The index is a list of `{"file", "real", "content_type"?, "expect": {"items", "first": [{"title", "link", "published"}]}}`;
//! a part that is missing or null is not scored.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::Timestamp;
use newswatch::parse::{self, Document, ParseError};
use serde::Deserialize;
use url::Url;

/// How many of how many were right.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Score {
    pub(crate) right: usize,
    pub(crate) of: usize,
}

impl Score {
    fn count(&mut self, right: bool) {
        self.right += usize::from(right);
        self.of += 1;
    }

    /// From 0 to 1; 1 where there was nothing to get right.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub(crate) fn share(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.right as f64 / self.of as f64 }
    }
}

/// What came of one directory.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) scores: BTreeMap<&'static str, Score>,
    /// Panics that came out of the reader or that it had to catch inside.
    pub(crate) panics: usize,
    pub(crate) slowest: (Duration, String),
    /// What was not as expected: of what, in which file, and how.
    pub(crate) failures: Vec<(&'static str, String, String)>,
    /// The files that were read without any repair and with the right number of items.
    pub(crate) clean: Vec<Vec<u8>>,
}

#[derive(Deserialize)]
struct Case {
    file: String,
    #[serde(default)]
    real: bool,
    #[serde(default)]
    content_type: Option<String>,
    expect: Expected,
}

#[derive(Deserialize)]
struct Expected {
    items: Option<usize>,
    title: Option<String>,
    #[serde(default)]
    first: Vec<First>,
}

#[derive(Deserialize)]
struct First {
    title: Option<String>,
    link: Option<String>,
    published: Option<Timestamp>,
}

/// Reads every file of the index the way a poll does.
pub(crate) fn score(directory: &Path) -> anyhow::Result<Tally> {
    let index = directory.join("index.json");
    let text = std::fs::read(&index).with_context(|| format!("cannot read {}", index.display()))?;
    let cases: Vec<Case> =
        serde_json::from_slice(&text).with_context(|| format!("cannot understand {}", index.display()))?;
    let url = Url::parse("http://feeds.example/index.xml")?;
    let now: Timestamp = "2026-11-24T12:00:00Z".parse()?;
    let mut tally = Tally::default();
    for case in &cases {
        let path = directory.join(&case.file);
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let start = now_for_figures();
        let read = std::panic::catch_unwind(|| parse::feed(&bytes, case.content_type.as_deref(), &url, now));
        let taken = start.elapsed();
        if tally.slowest.0 < taken {
            tally.slowest = (taken, case.file.clone());
        }
        let read = read.unwrap_or_else(|_| Err(ParseError::Panicked { why: "outside feed-rs".to_owned() }));
        tally.case(case, &read);
        if read.is_ok_and(|read| read.repairs.is_empty() && case.expect.items == Some(read.items.len())) {
            tally.clean.push(bytes);
        }
    }
    Ok(tally)
}

#[expect(clippy::disallowed_methods, reason = "the time that reading takes is what is measured")]
fn now_for_figures() -> Instant {
    Instant::now()
}

impl Tally {
    fn mark(&mut self, what: &'static str, file: &str, right: bool, detail: impl FnOnce() -> String) {
        self.scores.entry(what).or_default().count(right);
        if !right {
            self.failures.push((what, file.to_owned(), detail()));
        }
    }

    fn case(&mut self, case: &Case, read: &Result<Document, ParseError>) {
        self.panics += usize::from(matches!(read, Err(ParseError::Panicked { .. })));
        let file = &case.file;
        let items = read.as_ref().map(|document| document.items.as_slice()).unwrap_or_default();
        let outcome = || match read {
            Ok(document) => format!("{} {:?}", document.format, document.repairs),
            Err(error) => error.to_string(),
        };
        if let Some(wanted) = case.expect.items {
            let right = items.len() == wanted && (read.is_ok() || wanted == 0);
            self.mark("items", file, right, || format!("{} for {wanted}: {}", items.len(), outcome()));
            if case.real {
                self.mark("items of real feeds", file, right, outcome);
            }
        }
        if let (Some(title), Ok(document)) = (&case.expect.title, read) {
            let right = squeezed(&document.title) == squeezed(title);
            self.mark("feed titles", file, right, || format!("{:?} for {title:?}", document.title));
        }
        for (at, first) in case.expect.first.iter().enumerate() {
            let item = items.get(at);
            if let Some(title) = &first.title {
                let found = item.map(|item| item.title.as_str());
                let right = found.map(squeezed) == Some(squeezed(title));
                self.mark("titles", file, right, || format!("{found:?} for {title:?}: {}", outcome()));
            }
            if let Some(link) = &first.link {
                let found = item.and_then(|item| item.link.as_deref());
                self.mark("links", file, found == Some(link), || format!("{found:?} for {link:?}: {}", outcome()));
            }
            if let Some(date) = first.published {
                let found = item.and_then(|item| item.published);
                let right = found.map(Timestamp::as_second) == Some(date.as_second());
                self.mark("dates", file, right, || format!("{found:?} for {date}: {}", outcome()));
            }
        }
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
