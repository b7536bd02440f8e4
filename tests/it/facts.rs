//! `extract`, and how well it reads labelled texts.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use newswatch::understand::facts::{Anchor, Asked, Facts};
use proptest::prelude::*;
use serde_json::Value;

use super::harness::newswatch::Newswatch;

#[path = "../../examples/score_facts/score.rs"]
mod score;

use score::{Kind, Score};

const TEXT: &str = "The vote, originally set for Tuesday, has been moved to Thursday. The bridge cost $1.5bn.";

#[test]
fn a_text_on_stdin_is_shown() {
    let newswatch = Newswatch::new();
    let ran = newswatch.run_with(&["extract", "--at", "2024-11-20", "--explain"], TEXT.as_bytes()).ok();
    for part in ["vote 2024-11-21, moved from 2024-11-19", "1500000000 USD", "$1.5bn", "by the tense"] {
        assert!(ran.stdout.contains(part), "no {part} in:\n{}", ran.stdout);
    }
}

#[test]
fn a_line_of_json_is_a_text() {
    let newswatch = Newswatch::new();
    let lines = "{\"text\":\"The jamboree opens on Friday.\",\"at\":\"2025-03-12T23:30:00+01:00\",\"events\":[\"jamboree\"]}\n\n\
        {\"text\":\"They met yesterday.\"}\n";
    let ran = newswatch.run_with(&["extract", "--json", "--at", "2025-03-12T12:00:00Z"], lines.as_bytes()).ok();
    let rows: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2, "{}", ran.stdout);
    let event = &rows[0]["events"][0];
    assert_eq!((event["event"].as_str(), event["start"].as_str()), (Some("jamboree"), Some("2025-03-14")));
    assert_eq!(event["moved_from"], Value::Null);
    assert_eq!(rows[0]["dates"][0]["text"], "Friday");
    assert_eq!(rows[0]["dates"][0]["at"], 22);
    assert_eq!(rows[0]["dates"][0]["inferred"], true);
    assert_eq!(rows[1]["dates"][0]["start"], "2025-03-11");
    let plain = newswatch.run_with(&["extract", "--json"], b"He paid 5 euros.\nTwice.").ok();
    let row: Value = serde_json::from_str(&plain.stdout).unwrap();
    assert_eq!(row["amounts"][0]["currency"], "EUR");
    newswatch.run_with(&["extract", "--json"], b"{\"text\": 5}\n").code(1).says(&["stdin"]);
    newswatch.run(&["extract", "--at", "soon"]).code(2);
}

/// The least that each file must score: (file, kind, span F1, value F1).
const FLOORS: [(&str, Kind, f64, f64); 4] = [
    ("dates", Kind::Dates, 0.93, 0.85),
    ("news_dates", Kind::Dates, 0.64, 0.57),
    ("events", Kind::Events, 0.92, 0.92),
    ("amounts", Kind::Amounts, 0.95, 0.95),
];

#[test]
fn labelled_texts_are_read_well() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/facts");
    let shared = std::env::var_os("NEWSWATCH_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    for (folder, ours) in [(own.clone(), true), (own.join("german"), true), (shared.join("gold"), false)] {
        for (name, kind, span, value) in FLOORS {
            let file = folder.join(name).with_extension("jsonl");
            let Ok(lines) = fs::read_to_string(&file) else {
                if !ours {
                    let _ = writeln!(std::io::stderr(), "SKIPPED: no labelled texts at {}", file.display());
                }
                continue;
            };
            let score = Score::of(kind, &lines, None).unwrap();
            let good = score.span_f1() >= span && score.value_f1() >= value;
            assert!(good, "{}: {score}\n{}", file.display(), score.misses.join("\n"));
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read_and_spans_lie_in_it(text in text()) {
        let anchor = Anchor { at: "2025-03-12T12:00:00".parse().unwrap(), day_first: None };
        let asked = Asked { acts: vec!["veto".to_owned()], events: vec!["jamboree".to_owned()], ..Asked::default() };
        let facts = Facts::of(&text, &anchor, &asked);
        let spans = facts.dates.iter().map(|date| &date.span);
        let spans = spans.chain(facts.events.iter().map(|event| &event.span));
        let spans = spans.chain(facts.statements.iter().map(|statement| &statement.span));
        for span in spans.chain(facts.amounts.iter().map(|amount| &amount.span)) {
            prop_assert!(text.get(span.clone()).is_some_and(|piece| !piece.is_empty()), "{span:?} of {text:?}");
        }
        for date in &facts.dates {
            prop_assert!(date.first <= date.last, "{date:?}");
        }
    }
}

/// Texts of the words that rules look at, of numbers, and of anything.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("the"),
        Just("of"),
        Just("last"),
        Just("next"),
        Just("first"),
        Just("week"),
        Just("year"),
        Just("Monday"),
        Just("July"),
        Just("May"),
        Just("9"),
        Just("31"),
        Just("2024"),
        Just("9999"),
        Just("-"),
        Just(","),
        Just("."),
        Just("to"),
        Just("from"),
        Just("end"),
        Just("two"),
        Just("thousand"),
        Just("ago"),
        Just("Easter"),
        Just("$"),
        Just("million"),
        Just("euros"),
        Just("and"),
        Just("summit"),
        Just("moved"),
        Just("'s"),
        Just("'"),
        Just("Q3"),
        Just("vom"),
        Just("bis"),
        Just("März"),
        Just("zł"),
        Just("century"),
        Just("99999999999999999999"),
        Just("half"),
    ];
    let words = proptest::collection::vec((word, prop_oneof![Just(" "), Just("")]), 0..24)
        .prop_map(|words| words.into_iter().flat_map(|(word, space)| [word, space]).collect::<String>());
    prop_oneof![words, ".{0,60}"]
}
