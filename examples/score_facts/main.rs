//! Scores the extraction of facts on labelled texts: `score_facts DIR [--misses] [--part N]`.
//!
//! The folder holds any of `dates.jsonl`, `news_dates.jsonl`, `events.jsonl` and `amounts.jsonl`, a labelled text per line.
//! `--part N` (0 to 2) looks at that third of the lines only, by a hash of their text.

#![expect(clippy::print_stdout, reason = "the score is what it is run for")]

mod score;

use std::path::Path;

use score::{Kind, Score};

fn main() -> anyhow::Result<()> {
    let mut folder = None;
    let (mut misses, mut part) = (false, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--misses" => misses = true,
            "--part" => part = arguments.next().and_then(|part| part.parse().ok()),
            _ => folder = Some(argument),
        }
    }
    let folder = folder.ok_or_else(|| anyhow::anyhow!("usage: score_facts DIR [--misses] [--part N]"))?;
    for (name, kind) in
        [("dates", Kind::Dates), ("news_dates", Kind::Dates), ("events", Kind::Events), ("amounts", Kind::Amounts)]
    {
        let file = Path::new(&folder).join(name).with_extension("jsonl");
        let Ok(lines) = std::fs::read_to_string(&file) else { continue };
        let score = Score::of(kind, &lines, part)?;
        if misses {
            for miss in &score.misses {
                println!("{miss}");
            }
        }
        println!("{name}: {score}");
    }
    Ok(())
}
