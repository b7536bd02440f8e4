//! Scores the extraction of articles on a folder of labelled pages: `score_articles DIR [--failures]`.
//!
//! The folder holds gzipped pages and `index.jsonl` with lines of `{"file", "url", "text"}`. Precision and recall are of
//! 4-word shingles as multisets, averaged over pages; F1 is of the averages.

#![expect(clippy::print_stdout, reason = "the score is what it is run for")]

mod likeness;

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use newswatch::article;
use newswatch::clock::{Clock as _, SystemClock};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or_else(|| anyhow::anyhow!("usage: score_articles DIR [--failures]"))?;
    let failures = arguments.next().is_some_and(|argument| argument == "--failures");
    let folder = Path::new(&folder);
    let index = std::fs::read_to_string(folder.join("index.jsonl"))?;
    let clock = SystemClock;
    let (mut precision, mut recall, mut pages, mut bytes) = (0.0, 0.0, 0_u32, 0);
    let mut spent = Duration::ZERO;
    for line in index.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let field = |name: &str| row.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let mut page = Vec::new();
        flate2::read::GzDecoder::new(std::fs::File::open(folder.join(field("file")))?).read_to_end(&mut page)?;
        let url = url::Url::parse(&field("url"))?;
        let before = clock.now();
        let article = article::read(&page, Some("text/html"), &url);
        spent += clock.now().duration_since(before).unsigned_abs();
        let (p, r) = likeness::score(&article.text, &field("text"));
        precision += p;
        recall += r;
        pages += 1;
        bytes += page.len();
        if failures && (p < 0.95 || r < 0.95) || article.wall.is_some() {
            let wall = article.wall.map_or("", article::Wall::as_str);
            println!("precision {p:.3} recall {r:.3} {wall} {} {}", field("file"), field("url"));
        }
    }
    let (precision, recall) = (precision / f64::from(pages), recall / f64::from(pages));
    let f1 = 2.0 * precision * recall / (precision + recall);
    let speed = f64::from(pages) / spent.as_secs_f64();
    println!(
        "F1 {f1:.4}, precision {precision:.4}, recall {recall:.4}; {pages} pages, {bytes} bytes, {speed:.0} pages/s"
    );
    Ok(())
}
