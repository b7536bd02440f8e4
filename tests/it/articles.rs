//! `article read`: the main text of pages, the walls in their place, and the score on labelled pages.

use std::fs;
use std::io::Read as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use newswatch::article;
use serde_json::Value;

use super::harness::newswatch::Newswatch;

#[path = "../../examples/score_articles/likeness.rs"]
mod likeness;

const PAGE: &str = "<html><head><title>Nine agree - The Example</title><meta name=author content='Ann Example'>\
    <meta property='article:published_time' content='2026-07-01T08:00:00+02:00'></head><body><nav><a href=/>Home</a></nav>\
    <article><h1>Nine agree on a common line</h1><p>Ministers from nine countries met on Tuesday in Valletta, and after a \
    long night, they agreed on a common line for the summit.</p><p>Hungary had said that it would block the package, but \
    its delegation left the room before the vote.</p><p>Advertisement</p></article></body></html>";

const CONSENT: &str = "<title>The Example</title><h1>We value your privacy</h1><p>We and our 842 partners store and/or \
    access information on a device, such as cookies, and process personal data.</p><p>Accept all or reject all.</p>";

#[test]
fn pages_are_shown_as_they_would_be_matched() {
    let newswatch = Newswatch::new();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (page, consent, empty) = (file("page.html", PAGE), file("consent.html", CONSENT), file("empty.html", ""));
    let ran = newswatch.run(&["article", "read", "--json", &page, &consent, &empty, "no-such-file"]).code(1);
    let lines: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4, "{}", ran.stdout);
    assert_eq!(lines[0]["input"], page.as_str());
    assert_eq!(lines[0]["wall"], Value::Null);
    assert_eq!(lines[0]["title"], "Nine agree on a common line");
    assert_eq!(lines[0]["published"], "2026-07-01T06:00:00Z");
    assert_eq!(lines[0]["authors"][0], "Ann Example");
    let text = lines[0]["text"].as_str().unwrap();
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(paragraphs.len(), 2, "{text}");
    assert!(paragraphs[1].ends_with("before the vote."));
    assert_eq!(lines[1]["wall"], "consent");
    assert_eq!(lines[1]["text"], Value::Null);
    for line in &lines[2..] {
        assert!(line["error"].is_string() && line["text"].is_null(), "{line}");
    }
    let shown = newswatch.run(&["article", "read", &page, &consent]).ok().stdout;
    assert!(shown.contains("\n\nMinisters from nine") && shown.contains("consent to cookies"), "{shown}");
}

#[test]
fn labelled_pages_are_read_well() {
    let shared = std::env::var_os("NEWSWATCH_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let folder = shared.join("gold/articles");
    let Ok(index) = fs::read_to_string(folder.join("index.jsonl")) else {
        let _ = writeln!(std::io::stderr(), "SKIPPED: no labelled pages at {}", folder.display());
        return;
    };
    let (mut precision, mut recall, mut pages) = (0.0, 0.0, 0_u32);
    for line in index.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| row[name].as_str().unwrap().to_owned();
        let mut page = Vec::new();
        let file = fs::File::open(folder.join(field("file"))).unwrap();
        flate2::read::GzDecoder::new(file).read_to_end(&mut page).unwrap();
        let article = article::read(&page, Some("text/html"), &url::Url::parse(&field("url")).unwrap());
        let (p, r) = likeness::score(&article.text, &field("text"));
        precision += p;
        recall += r;
        pages += 1;
    }
    let (precision, recall) = (precision / f64::from(pages), recall / f64::from(pages));
    let f1 = 2.0 * precision * recall / (precision + recall);
    assert!(f1 >= 0.965, "F1 {f1:.4}, precision {precision:.4}, recall {recall:.4} on {pages} pages");
}
