//! Scores the extraction of facts on labelled texts: `score_facts DIR [--misses] [--part N] [--as-queries]` or `score_facts --speed FILE`.
//!
//! The folder holds any of `dates.jsonl`, `news_dates.jsonl`, `events.jsonl`, `amounts.jsonl`, `statements.jsonl` and `records.jsonl`, a
//! labelled text per line; of statements a line may be marked as held out, and `--part 0` looks at those only, `--part 1` at the rest.
//! `--speed FILE` reads a plain text again and again instead, and says how fast, and how much more the nastiest shapes of text cost.
//! `--as-queries` asks for no act that the lists know, as a query does not.
//! `--part N` (0 to 2) looks at that third of the lines only, by a hash of their text.

#![expect(clippy::print_stdout, reason = "the score is what it is run for")]

mod score;
mod speed;
mod stances;

use std::path::Path;

use score::{Kind, Score};
use stances::Stances;

fn main() -> anyhow::Result<()> {
    let mut folder = None;
    let (mut misses, mut part, mut as_queries) = (false, None, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--speed" => return speed::print(&std::fs::read_to_string(arguments.next().unwrap_or_default())?),
            "--misses" => misses = true,
            "--as-queries" => as_queries = true,
            "--part" => part = arguments.next().and_then(|part| part.parse().ok()),
            _ => folder = Some(argument),
        }
    }
    let folder =
        folder.ok_or_else(|| anyhow::anyhow!("usage: score_facts DIR [--misses] [--part N] [--as-queries]"))?;
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
    for name in ["statements", "records"] {
        let file = Path::new(&folder).join(name).with_extension("jsonl");
        let Ok(lines) = std::fs::read_to_string(&file) else { continue };
        let score = Stances::of(&lines, part.map(|part| part == 0), as_queries)?;
        if misses {
            for miss in &score.misses {
                println!("{miss}");
            }
        }
        println!("{name}: {score}");
    }
    Ok(())
}
