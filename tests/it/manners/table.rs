//! `docs/manners.md`, made from the comments of the cases, so that it says what is tested and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Cases that no process can be put to on loopback alone, and the test beside the code that holds them: number, what is given,
/// what is done, on what ground, where, and which test.
const BESIDE_THE_CODE: &[[&str; 6]] = &[[
    "107",
    "A name that leads to public and to private addresses at once, or to another address each time that it is asked for",
    "the whole answer is refused; a name is asked for once for each connection, which goes where that answer was checked to lead",
    "rule 32",
    "src/poll/client.rs",
    "a_name_is_asked_for_once_for_each_connection_and_leads_where_it_was_checked_to",
]];

const HEAD: &str = "\
# How newswatch treats the servers of others

Each row is a test with a scripted server and assertions on what was asked and what is remembered; the tests are in
`tests/it/manners`, named after the numbers, and this table is made from them (`NEWSWATCH_WRITE=1 cargo test manners::table`).
\"Rule\" means the project's list of manners; where a case is answered otherwise than could be expected, the row says why.
What is tested is the real program, as a process that asks a server on loopback (\"process\"); or, where names of hosts or a clock that
jumps are needed, all of it but the network and the clock, which are made up (\"in process\"); or the one part that it is about
(\"part\"). A change is taken in only when the tests of all rows pass.

A proxy (rule 41) and roots of a feed's own (rule 38) are tested in `tests/it/manners/way.rs`, metrics (rule 60) in `tests/it/cli/shapes.rs`. Of a
permanent move only where the chain begins and ends is compared (rule 22): what lies between may be a load balancer's, and changes.

";

struct Row {
    given: String,
    does: String,
    basis: String,
    note: String,
    on: &'static str,
}

/// What a test is a test of, by what its text makes use of; a test that is none of these is not told apart, and fails.
fn tested(number: u32, test: &str) -> &'static str {
    let uses = |names: &[&str]| names.iter().any(|name| test.contains(name));
    if uses(&["World::", "Told::"]) {
        "in process"
    } else if uses(&[
        "Case",
        "Newswatch",
        "Stage",
        "with_",
        "backs_off",
        "held_by",
        "as_usual",
        "case",
        "echoed",
        "all_known",
        "fails(",
    ]) {
        "process"
    } else {
        panic!("what is case {number} a test of?\n{test}");
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/manners")
}

/// The rows in a file of tests: each comment above a test whose name begins with `c` and a number.
fn rows(text: &str, into: &mut BTreeMap<u32, Row>) {
    let (mut comment, mut is_test) = (String::new(), false);
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if let Some(words) = line.strip_prefix("/// ") {
            comment = if comment.is_empty() { words.to_owned() } else { format!("{comment} {words}") };
            continue;
        }
        if let Some(attribute) = line.strip_prefix("#[") {
            is_test |= attribute.starts_with("test]") || attribute.starts_with("tokio::test");
            assert!(!attribute.starts_with("ignore"), "a case that is not run is no case: {}", lines[at + 1]);
            continue;
        }
        let name = line.trim_start_matches("async ").strip_prefix("fn c");
        let digits = name.and_then(|name| name.get(..3)?.parse().ok());
        if let Some(number) = digits {
            assert!(is_test, "case {number} is not run: it is no test");
            let parts: Vec<&str> = comment.split(" | ").map(str::trim).collect();
            assert!((3..=4).contains(&parts.len()), "case {number} has {} parts: {comment}", parts.len());
            let note = parts.get(3).copied().unwrap_or_default().to_owned();
            let end = lines[at..].iter().position(|line| *line == "}").map_or(lines.len(), |length| at + length);
            let on = tested(number, &lines[at..end].join("\n"));
            let row = Row { given: parts[0].into(), does: parts[1].into(), basis: parts[2].into(), note, on };
            assert!(into.insert(number, row).is_none(), "there are two cases {number}");
        }
        (comment, is_test) = (String::new(), false);
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
        let row = Row { given: (*given).into(), does: (*does).into(), basis: (*basis).into(), note, on: "part" };
        all.insert(number.parse().unwrap(), row);
    }
    let missing: Vec<u32> = (1..=140).filter(|number| !all.contains_key(number)).collect();
    assert!(missing.is_empty(), "cases without a row: {missing:?}");
    let mut text = String::from(HEAD);
    let count = |on: &str| all.values().filter(|row| row.on == on).count();
    let (process, inside, part) = (count("process"), count("in process"), count("part"));
    let _ = writeln!(text, "{} cases: {process} of the process, {inside} in process, {part} of a part.\n", all.len());
    text.push_str("| # | Given | newswatch | Basis | Tested on |\n| --- | --- | --- | --- | --- |\n");
    for (number, row) in &all {
        let does = if row.note.is_empty() { row.does.clone() } else { format!("{}. {}", row.does, row.note) };
        let _ = writeln!(text, "| {number} | {} | {does} | {} | {} |", row.given, row.basis, row.on);
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
