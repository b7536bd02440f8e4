//! `extract`: who does what and where it stands, and the score on labelled sentences.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::harness::newswatch::Newswatch;

#[path = "../../examples/score_facts/stances.rs"]
mod stances;

use stances::Stances;

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[test]
fn labelled_sentences_are_understood() {
    let own = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/facts/statements.jsonl")).unwrap();
    assert_score("our own", &own, 0.92);
    let german = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/facts/german/statements.jsonl")).unwrap();
    assert_score("our own in German", &german, 0.92);
}

#[test]
fn labelled_sentences_of_others_are_understood() {
    let shared = std::env::var_os("NEWSWATCH_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    for (name, floor) in [("statements", 0.92), ("records", 0.85)] {
        let Some(lines) = read(&shared.join("gold").join(name).with_extension("jsonl")) else {
            let _ = writeln!(std::io::stderr(), "skipped: no labelled sentences in {}", shared.display());
            return;
        };
        assert_score(name, &lines, floor);
    }
}

fn assert_score(name: &str, lines: &str, floor: f64) {
    // An act that the lists know is asked for by `extract --act`, and not by a query.
    for as_queries in [false, true] {
        assert_score_of(name, &Stances::of(lines, None, as_queries).unwrap(), floor);
    }
}

fn assert_score_of(name: &str, score: &Stances, floor: f64) {
    let _ = writeln!(std::io::stderr(), "{name}: {score}");
    let misses = score.misses.join("\n");
    assert!(score.right.value() >= floor, "{name}: {score}\n{misses}");
    assert!(score.conditions.value() >= 0.9, "{name}: {score}\n{misses}");
    for (stance, share) in score.recall.iter().filter(|(_, share)| share.of >= 5) {
        assert!(share.value() >= 0.8, "{name}: {stance}: {score}\n{misses}");
    }
}

fn extracted(newswatch: &Newswatch, arguments: &[&str], text: &str) -> Vec<Value> {
    let mut all = vec!["extract", "--json"];
    all.extend(arguments);
    let out = newswatch.run_with(&all, text.as_bytes()).ok().stdout;
    let json: Value = serde_json::from_str(&out).unwrap();
    json["statements"].as_array().unwrap().clone()
}

#[test]
fn a_statement_has_its_actor_act_stance_condition_and_place() {
    let newswatch = Newswatch::new();
    let text = "Talks went on. Malta's envoy said Valletta would veto the budget unless the fund is doubled.";
    let found = extracted(&newswatch, &["--explain"], text);
    assert_eq!(found.len(), 1, "{found:?}");
    let it = &found[0];
    assert_eq!((&it["actor"], &it["act"], &it["stance"]), (&"Malta".into(), &"veto".into(), &"announced".into()));
    assert_eq!(it["condition"], "unless the fund is doubled");
    assert_eq!(it["object"], "budget");
    let at = usize::try_from(it["at"].as_u64().unwrap()).unwrap();
    assert!(text[at..].starts_with(it["text"].as_str().unwrap()));
    assert_eq!(it["chain"], "veto ← would[will] ← said[say] = announced");
}

#[test]
fn acts_are_named_by_the_reader_and_actors_by_a_config() {
    let newswatch = Newswatch::new().set("aliases", "malta", "[\"Ann Example\"]").set(
        "aliases",
        "union",
        "[\"Rail Workers United\", \"RWU\"]",
    );
    let found = extracted(&newswatch, &["--act", "phase out"], "Ann Example pledged to phase out the levy.");
    assert_eq!((&found[0]["actor"], &found[0]["act"]), (&"Malta".into(), &"phase out".into()));
    assert_eq!(found[0]["stance"], "announced");
    let found = extracted(&newswatch, &[], "RWU called off its strike.");
    assert_eq!((&found[0]["actor"], &found[0]["stance"]), (&"Rail Workers United".into(), &"withdrawn".into()));
}
