//! `docs/manners.md`, made from the comments of the cases, so that it says what is tested and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Cases that no process can be put to on loopback alone, and the test beside the code that holds them: number, what is given,
/// what is done, on what ground, where, and which test.
const BESIDE_THE_CODE: &[[&str; 6]] = &[[
    "107",
    "A name that leads to public and to private addresses at once",
    "the whole answer is refused",
    "rule 32",
    "src/poll/guard.rs",
    "one_private_address_spoils_the_answer",
]];

const HEAD: &str = "\
# How newswatch treats the servers of others

Each row is a scripted server, the real program, and assertions on what was asked and what is remembered; the tests are in
`tests/it/manners`, named after the numbers, and this table is made from them (`NEWSWATCH_WRITE=1 cargo test manners::table`).
\"Rule\" means the project's list of manners; where a case is answered otherwise than could be expected, the row says why.

";

struct Row {
    given: String,
    does: String,
    basis: String,
    note: String,
    result: &'static str,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/manners")
}

/// The rows in a file of tests: each comment above a function whose name begins with `c` and a number.
fn rows(text: &str, into: &mut BTreeMap<u32, Row>) {
    let mut comment = String::new();
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("/// ") {
            comment = if comment.is_empty() { words.to_owned() } else { format!("{comment} {words}") };
            continue;
        }
        let name = line.trim_start_matches("async ").strip_prefix("fn c");
        let digits = name.and_then(|name| name.get(..3)?.parse().ok());
        if let Some(number) = digits {
            let parts: Vec<&str> = comment.split(" | ").map(str::trim).collect();
            assert!((3..=4).contains(&parts.len()), "case {number} has {} parts: {comment}", parts.len());
            let note = parts.get(3).copied().unwrap_or_default().to_owned();
            let result = if note.is_empty() { "holds" } else { "holds, otherwise" };
            let row = Row { given: parts[0].into(), does: parts[1].into(), basis: parts[2].into(), note, result };
            assert!(into.insert(number, row).is_none(), "there are two cases {number}");
        }
        if !line.starts_with("#[") {
            comment.clear();
        }
    }
}

fn table() -> String {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name != "table.rs") {
            rows(&fs::read_to_string(path).unwrap(), &mut all);
        }
    }
    for [number, given, does, basis, file, test] in BESIDE_THE_CODE {
        let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        assert!(source.contains(&format!("fn {test}(")), "{file} has no test {test}");
        let note = format!("Tested beside the code, in `{file}`.");
        let row = Row { given: (*given).into(), does: (*does).into(), basis: (*basis).into(), note, result: "holds" };
        all.insert(number.parse().unwrap(), row);
    }
    let missing: Vec<u32> = (1..=140).filter(|number| !all.contains_key(number)).collect();
    assert!(missing.is_empty(), "cases without a row: {missing:?}");
    let mut text = String::from(HEAD);
    let _ = writeln!(text, "All of {} cases hold.\n", all.len());
    text.push_str("| # | Given | newswatch | Basis | Result |\n| --- | --- | --- | --- | --- |\n");
    for (number, row) in &all {
        let does = if row.note.is_empty() { row.does.clone() } else { format!("{}. {}", row.does, row.note) };
        let _ = writeln!(text, "| {number} | {} | {does} | {} | {} |", row.given, row.basis, row.result);
    }
    text
}

#[test]
fn the_table_of_cases_is_what_is_tested() {
    let (path, made) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manners.md"), table());
    if std::env::var_os("NEWSWATCH_WRITE").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == made, "docs/manners.md is stale: NEWSWATCH_WRITE=1 cargo test manners::table");
}
