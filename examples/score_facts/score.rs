//! Compares what is extracted with what is expected.

use std::fmt;

use newswatch::understand::facts::{Anchor, Asked, Facts};
use serde_json::Value;

/// What the lines of a file label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Days by the words that name them.
    Dates,
    /// Kinds of events with their days.
    Events,
    /// Sums of money.
    Amounts,
}

/// How many were found, of how many that are there.
#[derive(Debug, Default)]
pub(crate) struct Score {
    expected: usize,
    found: usize,
    /// Found where one is expected.
    overlapping: usize,
    /// And with the value that is expected.
    exact: usize,
    /// A line for each text that was not read as expected.
    pub(crate) misses: Vec<String>,
}

impl Score {
    /// Scores labelled lines, of one third of them where `part` is given.
    pub(crate) fn of(kind: Kind, lines: &str, part: Option<u64>) -> anyhow::Result<Self> {
        let mut score = Self::default();
        for line in lines.lines() {
            let row: Value = serde_json::from_str(line)?;
            let text = row["text"].as_str().unwrap_or_default();
            let hash = text.bytes().fold(14_695_981_039_346_656_037_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
            });
            if part.is_some_and(|part| (hash >> 20) % 3 != part) {
                continue;
            }
            let at = row["at"].as_str().unwrap_or("2025-01-01T12:00:00").trim_end_matches('Z').parse()?;
            let strings = |field: &str| -> Vec<String> {
                let list = row[field].as_array().into_iter().flatten();
                list.filter_map(Value::as_str).map(str::to_owned).collect()
            };
            let asked = Asked { acts: strings("acts"), events: strings("events"), ..Asked::default() };
            let facts = Facts::of(text, &Anchor { at, day_first: None }, &asked);
            score.add(kind, text, row["expect"].as_array().map_or(&[], Vec::as_slice), &facts);
        }
        Ok(score)
    }

    /// F1 of what overlaps what is expected.
    pub(crate) fn span_f1(&self) -> f64 {
        self.f1(self.overlapping)
    }

    /// F1 of what has the value that is expected.
    pub(crate) fn value_f1(&self) -> f64 {
        self.f1(self.exact)
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of labels are small")]
    fn f1(&self, right: usize) -> f64 {
        2.0 * right as f64 / ((self.expected + self.found).max(1) as f64)
    }

    fn add(&mut self, kind: Kind, text: &str, expected: &[Value], facts: &Facts) {
        let found: Vec<(std::ops::Range<usize>, String)> = match kind {
            Kind::Dates => {
                facts.dates.iter().map(|date| (date.span.clone(), format!("{}..{}", date.first, date.last))).collect()
            }
            Kind::Events => facts
                .events
                .iter()
                .map(|event| (event.span.clone(), format!("{} {}..{}", event.kind, event.first, event.last)))
                .collect(),
            Kind::Amounts => facts
                .amounts
                .iter()
                .map(|amount| (amount.span.clone(), format!("{} {}", amount.value, amount.currency)))
                .collect(),
        };
        let mut free: Vec<bool> = vec![true; found.len()];
        let (mut overlapping, mut exact) = (0, 0);
        let mut from = 0;
        for want in expected {
            let values = values(kind, want);
            let span = want["text"].as_str().map(|words| {
                // Labels keep their order in most texts.
                let folded = text.to_ascii_lowercase();
                let words = words.to_ascii_lowercase();
                let start = folded.get(from..).and_then(|rest| rest.find(&words)).map(|at| at + from);
                let start = start.or_else(|| folded.find(&words)).unwrap_or(0);
                from = start + words.len();
                start..from
            });
            let overlaps = |at: &usize| {
                free[*at]
                    && span.as_ref().is_none_or(|span| found[*at].0.start < span.end && span.start < found[*at].0.end)
            };
            let candidates: Vec<usize> = (0..found.len()).filter(overlaps).collect();
            let right = candidates.iter().copied().find(|at| values.contains(&found[*at].1));
            let near = candidates.iter().copied().find(|_| kind == Kind::Dates);
            if let Some(at) = right.or(near) {
                free[at] = false;
                overlapping += 1;
                exact += usize::from(right.is_some());
            }
        }
        self.expected += expected.len();
        self.found += found.len();
        self.overlapping += overlapping;
        self.exact += exact;
        if exact < expected.len() || found.len() > expected.len() {
            let got: Vec<String> =
                found.iter().map(|(span, value)| format!("[{}] {value}", &text[span.clone()])).collect();
            let want: Vec<String> = expected
                .iter()
                .map(|want| {
                    format!("[{}] {}", want["text"].as_str().unwrap_or_default(), values(kind, want).join(" / "))
                })
                .collect();
            self.misses.push(format!("{text}\n    want {}\n    got  {}", want.join("; "), got.join("; ")));
        }
    }
}

/// The values that are right.
fn values(kind: Kind, want: &Value) -> Vec<String> {
    let string = |field: &str| want[field].as_str().unwrap_or_default().to_owned();
    match kind {
        Kind::Dates => {
            let list = want["any_of"].as_array().into_iter().flatten();
            list.map(|days| format!("{}..{}", days[0].as_str().unwrap_or(""), days[1].as_str().unwrap_or(""))).collect()
        }
        Kind::Events => vec![format!("{} {}..{}", string("event"), string("start"), string("end"))],
        Kind::Amounts => vec![format!("{} {}", want["value"].as_f64().unwrap_or(0.0), string("currency"))],
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "span F1 {:.3}, value F1 {:.3}; {} expected, {} found, {} in place, {} right",
            self.span_f1(),
            self.value_f1(),
            self.expected,
            self.found,
            self.overlapping,
            self.exact
        )
    }
}
