//! How fast texts are read: plain ones, and the nastiest shapes beside them.

use newswatch::clock::{Clock as _, SystemClock};
use newswatch::understand::facts::{Anchor, Asked, Facts};

/// About so many bytes are read at a time: a long item of a feed.
const PASSAGE: usize = 4 << 10;

/// So many bytes of each shape.
const SHAPE: usize = 16 << 10;

/// How long a text is read again and again.
const SECONDS: f64 = 1.0;

/// Words that go on and on.
const SHAPES: &[(&str, &str)] = &[
    ("one letter", "a"),
    ("one digit", "1"),
    ("articles", "the "),
    ("prepositions", "in the "),
    ("lines", "a\n"),
    ("hyphens", "a-"),
    ("brackets", "("),
    ("quotations", "\"veto\" (the) "),
    ("commas", "a, "),
    ("initials", "A. "),
    ("numbers", "12 "),
    ("scores", "9-11-"),
    ("rows of days", "9, 10, 11, 12, "),
    ("months", "July "),
    ("dates", "third last week of the first Monday of "),
    ("moves", "postponed from July 9 to July 11, "),
    ("sums", "$5-"),
    ("sums in words", "five hundred million "),
    ("acts", "veto "),
    ("statements", "Hungary will veto it. "),
    ("chains", "Hungary urged Greece to ask Malta to drop its threat to veto "),
    ("conditions", "veto, if it will, "),
    ("clauses", "which said that Hungary who "),
    ("capitals", "HUNGARY VETOES "),
    ("accents", "é "),
];

/// Of a plain text, and how much more each shape costs by the byte; the dearest last.
pub(crate) fn print(plain: &str) -> anyhow::Result<()> {
    let base = seconds_a_byte(plain)?;
    println!("{:.1} MB/s of {} bytes", 1e-6 / base, plain.len());
    let mut shapes: Vec<(f64, &str)> = Vec::new();
    for (name, shape) in SHAPES {
        shapes.push((seconds_a_byte(&shape.repeat(SHAPE / shape.len()))? / base, name));
    }
    shapes.push((seconds_a_byte(&plain.to_uppercase())? / base, "the text in capitals"));
    shapes.push((seconds_a_byte(&plain.replace(['.', '?', '!', '\n'], " "))? / base, "the text as one sentence"));
    shapes.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (times, name) in shapes {
        println!("{times:5.2} times the cost: {name}");
    }
    Ok(())
}

/// Of each passage the quickest reading, since whatever else the machine does only makes it slower.
#[expect(clippy::cast_precision_loss, reason = "bytes of a text are few")]
fn seconds_a_byte(text: &str) -> anyhow::Result<f64> {
    let anchor = Anchor { at: "2025-01-01T12:00:00".parse()?, day_first: None };
    let passages = passages(text);
    let mut best = vec![f64::INFINITY; passages.len()];
    let (clock, asked) = (SystemClock, Asked::default());
    let start = clock.now();
    let mut found = 0;
    while clock.now().duration_since(start).as_secs_f64() < SECONDS {
        for (passage, best) in passages.iter().zip(&mut best) {
            let before = clock.now();
            let facts = Facts::of(passage, &anchor, &asked);
            *best = clock.now().duration_since(before).as_secs_f64().min(*best);
            found += facts.dates.len() + facts.events.len() + facts.amounts.len() + facts.statements.len();
        }
    }
    anyhow::ensure!(found < usize::MAX && !text.is_empty(), "there is something to read");
    Ok(best.iter().sum::<f64>() / text.len() as f64)
}

/// Paragraphs together until they are long enough.
fn passages(text: &str) -> Vec<&str> {
    let mut passages = Vec::new();
    let mut start = 0;
    for (at, gap) in text.match_indices("\n\n") {
        if at - start >= PASSAGE {
            passages.push(&text[start..at]);
            start = at + gap.len();
        }
    }
    passages.push(&text[start..]);
    passages
}
