//! The house law: how the code is laid out, and which part may know which.
//!
//! Source is read as text. Comments and strings are taken out first, and so are unit tests, which may use what they like.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use newswatch::item::Key;

/// Lines of a file without its tests.
const MAX_LINES: usize = 500;

/// Files that are longer all the same, with their length. It may only get shorter.
const LONGER: &[(&str, usize)] = &[];

/// The modules of `lib.rs`, in the order in which a news item lives.
const ORDER: &[&str] = &[
    "item",
    "clock",
    "chance",
    "program",
    "poll",
    "hub",
    "parse",
    "article",
    "understand",
    "query",
    "matching",
    "story",
    "alert",
    "pipeline",
    "deliver",
    "store",
    "config",
    "control",
    "web",
    "daemon",
    "cli",
];

/// Which room may use which others. What is not listed is forbidden; nothing uses `daemon`, `control` or `cli` but they.
const MAY_USE: &[(&str, &[&str])] = &[
    ("item", &[]),
    ("clock", &[]),
    ("chance", &[]),
    ("program", &["item"]),
    ("poll", &["item", "clock", "chance", "program"]),
    ("hub", &["item"]),
    ("parse", &["item", "understand::text"]),
    ("article", &["parse", "understand::text"]),
    ("understand", &["item"]),
    ("query", &["item", "understand::text", "understand::words"]),
    ("matching", &["item", "query", "understand"]),
    ("story", &["item", "understand::text"]),
    ("alert", &["item", "clock"]),
    (
        "pipeline",
        &[
            "item",
            "clock",
            "chance",
            "poll",
            "hub",
            "parse",
            "understand",
            "query",
            "matching",
            "story",
            "alert",
            "store",
            "article",
        ],
    ),
    ("deliver", &["item", "clock", "chance", "program", "store", "alert"]),
    ("store", &["item", "clock", "alert", "story"]),
    ("config", &["query", "matching", "understand", "item", "alert", "program", "poll", "deliver", "store"]),
    ("control", ORDER),
    ("web", &[]),
    ("daemon", ORDER),
    ("cli", ORDER),
];

/// Crates that stand for a technology, and the only places that may name them.
const BORDERS: &[(&str, &[&str])] = &[
    ("tokio", EFFECTS),
    ("tokio_util", EFFECTS),
    ("rusqlite", &["src/store/"]),
    ("reqwest", &["src/poll/"]),
    ("hyper", &["src/web/"]),
    ("hyper_util", &["src/web/", "src/poll/"]),
    ("http_body_util", &["src/web/"]),
    ("lettre", &["src/deliver/"]),
    ("feed_rs", &["src/parse/feed.rs"]),
];

/// Where something is awaited.
const EFFECTS: &[&str] = &[
    "src/clock.rs",
    "src/program/",
    "src/poll/",
    "src/deliver/",
    "src/store/",
    "src/daemon/",
    "src/control/",
    "src/cli/",
    "src/pipeline",
    "src/web/",
];

/// Files that open a ban of `clippy.toml`: each is the one door to something.
const DOORS: &[&str] = &["src/clock.rs", "src/chance.rs", "src/poll/client.rs"];

/// Migrations, which never change once they have been released: the key of each file's text.
const MIGRATIONS: &[(&str, &str)] = &[
    ("src/store/migrations/sqlite/0001_first.sql", "709fcea2b5747c0f9e55f8e94b4d4569"),
    ("src/store/migrations/sqlite/0002_pace.sql", "8afe5dad79f28be4c46095abce92a212"),
    ("src/store/migrations/sqlite/0003_articles.sql", "3688bec767bb091c674353fa6c03a4d9"),
    ("src/store/migrations/sqlite/0004_language.sql", "7cc83495a87bc06443103a6121e3476a"),
    ("src/store/migrations/sqlite/0005_habits.sql", "d939b7dbd301c0a9353bd8325dc7c4ef"),
    ("src/store/migrations/sqlite/0006_stories.sql", "8e800563e65fb10b46e9194ee6886e1f"),
    ("src/store/migrations/sqlite/0007_hubs.sql", "b9011d99d4802c0cf720953565f66d5e"),
    ("src/store/migrations/sqlite/0008_events.sql", "2283aa63cce30997774a0f27abe3fefc"),
    ("src/store/migrations/sqlite/0009_silences.sql", "2a83745b9c5b4125bc570d3ae615d3c9"),
    ("src/store/migrations/sqlite/0010_no_words.sql", "c29c9637ca56df23ea5570bcdc42bd23"),
    ("src/store/migrations/sqlite/0011_wishes.sql", "d5c9a55b83fc624047777671aca894ee"),
    ("src/store/migrations/sqlite/0012_redirect_wait.sql", "3c1d74e2325ca7c0d9bef71c4f5f6342"),
    ("src/store/migrations/sqlite/0013_near_misses.sql", "ffe5b8b44a3aa672d51b6fe7bee44f1c"),
    ("src/store/migrations/sqlite/0014_item_key.sql", "46f1f247ea5d8e6e6a5e2cb15235aa49"),
    ("src/store/migrations/sqlite/0015_refused.sql", "3383106b10dc06b3d4ca0db7705b0488"),
    ("src/store/migrations/sqlite/0016_keys_alone.sql", "2bc19d8d59ea788accb6669e04cc0e17"),
];

/// Names that say what kind of code a module holds, not what it is about.
const BANNED_NAMES: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "misc", "type", "types", "manager", "managers", "shared", "base"];

/// A source file.
struct File {
    /// Below the root of the project, with `/`.
    path: String,
    /// As it is.
    text: String,
    /// Without comments, strings and unit tests; lines stay where they are.
    code: String,
}

impl File {
    /// `["poll", "due"]` for `src/poll/due.rs`, `["poll"]` for `src/poll/mod.rs`.
    fn module(&self) -> Vec<&str> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        path.split('/').filter(|name| *name != "mod").collect()
    }

    /// The line on which a byte of `code` stands, counted from one.
    fn line(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    /// Byte offsets at which `name` stands as a word of its own.
    fn uses<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        let wordy = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
        self.code.match_indices(name).map(|(at, _)| at).filter(move |&at| {
            !wordy(self.code[..at].chars().next_back()) && !wordy(self.code[at + name.len()..].chars().next())
        })
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder of the project with this ending, sorted.
fn paths(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("a folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn name_of(path: &Path) -> String {
    path.strip_prefix(root()).expect("it is of the project").to_str().expect("names are ASCII").to_owned()
}

fn files(folder: &str) -> Vec<File> {
    let file = |path: PathBuf| {
        let text = read(&path);
        let code = untested(&bare(&text)).to_owned();
        File { path: name_of(&path), text, code }
    };
    let files: Vec<File> = paths(folder, "rs").into_iter().map(file).collect();
    assert!(!files.is_empty(), "no source below {folder}");
    files
}

/// Source with spaces in the place of comments and of what stands in quotes.
fn bare(source: &str) -> String {
    let mut bare = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let hidden = hidden(rest, bare.chars().next_back());
        let end = hidden.unwrap_or(first.len_utf8());
        let (taken, after) = rest.split_at(end);
        if hidden.is_some() {
            bare.extend(taken.chars().map(|char| if char == '\n' { '\n' } else { ' ' }));
        } else {
            bare.push(first);
        }
        rest = after;
    }
    bare
}

/// How long the comment or literal is with which `rest` begins, in bytes; `None` where it begins with neither.
fn hidden(rest: &str, before: Option<char>) -> Option<usize> {
    let until = |from: usize, what: &str| rest[from..].find(what).map_or(rest.len(), |at| from + at + what.len());
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(until(2, "*/"));
    }
    let begins_word = !before.is_some_and(|char| char.is_alphanumeric() || char == '_');
    let raw = rest.trim_start_matches('b');
    if begins_word && let Some(raw) = raw.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            return Some(until(rest.len() - raw.len() + hashes + 1, &format!("\"{}", "#".repeat(hashes))));
        }
    }
    if let Some(inside) = rest.strip_prefix('"') {
        let mut escaped = false;
        let end = inside.find(|char| {
            let ends = char == '"' && !escaped;
            escaped = char == '\\' && !escaped;
            ends
        });
        return Some(end.map_or(rest.len(), |at| at + 2));
    }
    // A character, not a lifetime: one character or an escape between two quotes.
    let inside = rest.strip_prefix('\'')?;
    if inside.starts_with('\\') {
        return Some(until(3, "'"));
    }
    let char = inside.chars().next()?;
    inside[char.len_utf8()..].starts_with('\'').then_some(2 + char.len_utf8())
}

/// Bare source up to its unit tests, which stand last in a file.
fn untested(bare: &str) -> &str {
    let tests = bare.match_indices("#[cfg(test)]").map(|(at, _)| at).find(|at| {
        let item = bare[*at..].lines().skip(1).map(str::trim).find(|line| !line.is_empty() && !line.starts_with("#["));
        item.is_some_and(|item| item.starts_with("mod ") && item.ends_with('{'))
    });
    tests.map_or(bare, |at| &bare[..at])
}

/// Unit tests in a file of their own are no part of the program.
fn program() -> Vec<File> {
    let is_test = |file: &File| file.module().contains(&"tests");
    files("src").into_iter().filter(|file| !is_test(file)).collect()
}

fn assert_none(faults: &[String], law: &str) {
    assert!(faults.is_empty(), "{law}:\n  {}\n", faults.join("\n  "));
}

#[test]
fn files_are_short() {
    let mut faults = Vec::new();
    for file in program() {
        let lines = file.code.trim_end().lines().count();
        let longer = LONGER.iter().find(|(path, _)| *path == file.path);
        match longer {
            None if lines > MAX_LINES => faults.push(format!("{}: {lines} lines", file.path)),
            Some((_, known)) if lines != *known => {
                faults.push(format!(
                    "{}: {lines} lines, {known} in the list: lower the number, or shorten the file",
                    file.path
                ));
            }
            _ => {}
        }
    }
    for (path, _) in LONGER {
        assert!(root().join(path).exists(), "{path} is gone: take it off the list");
    }
    assert_none(&faults, "a file has at most 500 lines without its tests");
}

#[test]
fn modules_are_named_for_what_they_are_about() {
    let mut faults = Vec::new();
    let sources = files("src").into_iter().chain(files("tests"));
    for file in sources {
        let inline = file.code.match_indices("mod ").map(|(at, _)| {
            file.code[at + 4..].chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect::<String>()
        });
        let names = file.module().into_iter().map(str::to_owned).chain(inline);
        let banned = names.filter(|name| BANNED_NAMES.contains(&name.as_str()) || name.starts_with("new_"));
        faults.extend(banned.map(|name| format!("{}: {name}", file.path)));
    }
    assert_none(&faults, "a module is named for a step or a thing, not for a kind of code");
}

#[test]
fn lib_rs_is_the_map() {
    let text = read(&root().join("src/lib.rs"));
    let lines: Vec<&str> = text.lines().collect();
    let mut order = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) else {
            assert!(!line.starts_with("mod "), "lib.rs: {line}: every room is public");
            continue;
        };
        assert!(at >= 2 && lines[at - 1].starts_with("/// "), "lib.rs: {name} has no line that says what it is");
        let above = lines[..at].iter().rev().find(|line| !line.starts_with("///"));
        assert_eq!(above, Some(&""), "lib.rs: a blank line before {name} keeps rustfmt from sorting it");
        order.push(name);
    }
    assert_eq!(order, ORDER, "the modules of lib.rs stand in the order in which a news item lives");
}

/// What the text after `crate::` (or as many `super::` as lead there) names: `item`, `understand::text`; several in braces.
fn named(rest: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect::<String>();
    let path = |text: &str| {
        let room = word(text);
        match text[room.len()..].strip_prefix("::").map(|inner| (inner.starts_with('{'), word(inner))) {
            Some((true, _)) => {
                let (inner, _) = braces(&text[room.len() + 2..]);
                inner.iter().map(|inner| format!("{room}::{}", word(inner))).collect()
            }
            Some((false, inner)) if !inner.is_empty() => vec![format!("{room}::{inner}")],
            _ => vec![room],
        }
    };
    if rest.starts_with('{') {
        return braces(rest).0.into_iter().flat_map(path).collect();
    }
    path(rest)
}

/// The parts, separated by commas, of the group with which `text` begins, and its length.
fn braces(text: &str) -> (Vec<&str>, usize) {
    let (mut parts, mut depth, mut begin) = (Vec::new(), 0, 1);
    for (at, char) in text.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && char == ',') {
            parts.push(text[begin..at].trim());
            begin = at + 1;
        }
        if depth == 0 {
            return (parts.into_iter().filter(|part| !part.is_empty()).collect(), at + 1);
        }
    }
    (parts, text.len())
}

/// Every other room that a file uses, with the line.
fn uses(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for at in file.uses("crate") {
        if let Some(rest) = file.code[at..].strip_prefix("crate::") {
            found.extend(named(rest).into_iter().map(|name| (file.line(at), name)));
        }
    }
    // `super::super::…` may climb to the root of the crate as well.
    let climb = "super::".repeat(file.module().len());
    for (at, _) in file.code.match_indices(&climb) {
        if !file.code[..at].ends_with("super::") {
            let rest = &file.code[at + climb.len()..];
            found.extend(named(rest).into_iter().map(|name| (file.line(at), name)));
        }
    }
    found
}

#[test]
fn rooms_know_only_whom_they_may() {
    let mut faults = Vec::new();
    for file in program() {
        let module = file.module();
        let room = module[0];
        if ["lib", "main"].contains(&room) {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| *known == room) else {
            faults.push(format!("{}: no row in the table for {room}", file.path));
            continue;
        };
        for (line, name) in uses(&file) {
            let may = |allowed: &str| name == allowed || name.starts_with(&format!("{allowed}::"));
            let own = name == room || name.starts_with(&format!("{room}::"));
            if !own && !allowed.iter().any(|allowed| may(allowed)) {
                faults.push(format!("{}:{line}: {room} uses {name}", file.path));
            }
        }
    }
    assert_none(&faults, "a room uses only the rooms that the table gives it");
}

#[test]
fn the_table_of_rooms_is_whole_and_has_no_circle() {
    let rooms: Vec<&str> = MAY_USE.iter().map(|(room, _)| *room).collect();
    assert_eq!(rooms, ORDER);
    // Whoever is used by nobody that is left can be taken away; a circle is what stays.
    let mut left: BTreeSet<&str> =
        ORDER.iter().copied().filter(|room| !["control", "daemon", "cli"].contains(room)).collect();
    while let Some(room) = left.iter().copied().find(|room| {
        let (_, allowed) = MAY_USE.iter().find(|(known, _)| known == room).unwrap();
        !allowed.iter().any(|used| left.contains(used.split("::").next().unwrap()))
    }) {
        left.remove(room);
    }
    assert_eq!(left, BTreeSet::new(), "these rooms use each other in a circle");
}

#[test]
fn technologies_have_one_door() {
    let mut faults = Vec::new();
    for file in program() {
        for (name, allowed) in BORDERS {
            if allowed.iter().any(|place| file.path.starts_with(place)) {
                continue;
            }
            faults.extend(file.uses(name).map(|at| format!("{}:{}: {name}", file.path, file.line(at))));
        }
    }
    assert_none(&faults, "a crate that stands for a technology is used behind its border only");
}

#[test]
fn bans_are_opened_only_in_their_doors() {
    let opens = |file: &File| file.code.contains("clippy::disallowed_");
    let opened: Vec<String> = program().iter().filter(|file| opens(file)).map(|file| file.path.clone()).collect();
    let mut doors = DOORS.to_vec();
    doors.sort_unstable();
    assert_eq!(opened, doors, "the files that open a ban of clippy.toml are not those in the list");
}

#[test]
fn no_test_sleeps() {
    let mut faults = Vec::new();
    let tests = paths("tests", "rs").into_iter().chain(paths("src", "rs"));
    for path in tests {
        let text = bare(&read(&path));
        let tested = if path.starts_with(root().join("src")) { &text[untested(&text).len()..] } else { text.as_str() };
        if ["sleep(", "sleep_ms("].iter().any(|call| tested.contains(call)) {
            faults.push(name_of(&path));
        }
    }
    assert_none(&faults, "a test waits for the state that it waits for, with a limit, and never for time to pass");
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let calls = [concat!("todo", "!"), concat!("unimplemented", "!")];
    let mut faults = Vec::new();
    for file in files("src").into_iter().chain(files("tests")) {
        for (number, line) in file.text.lines().enumerate() {
            let words = || line.split(|char: char| !char.is_alphanumeric() && char != '_');
            let marked = words().any(|word| marks.contains(&word));
            if marked || calls.iter().any(|call| line.contains(call)) {
                faults.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    assert_none(&faults, "what is missing is an issue, not a comment");
}

#[test]
fn migrations_never_change() {
    let found: Vec<(String, String)> =
        paths("src/store", "sql").iter().map(|path| (name_of(path), Key::of(&[&read(path)]).to_string())).collect();
    let listed: Vec<(String, String)> =
        MIGRATIONS.iter().map(|(path, key)| ((*path).to_owned(), (*key).to_owned())).collect();
    assert_eq!(found, listed, "a released migration never changes, and a new one is added to the list at its end");
}

#[test]
fn the_reader_of_source_is_not_fooled() {
    let source = r##"use crate::item; // crate::daemon
let a = "crate::cli \" still"; let b = r#"crate::cli"#; let c = '"'; let d: &'static str = 'x'; /* crate::cli */
#[cfg(test)]
fn helper() {}
crate::store::Store
#[cfg(test)]
mod tests {
    use crate::web;
}
"##;
    let code = untested(&bare(source)).to_owned();
    let file = File { path: "src/poll/due.rs".to_owned(), text: source.to_owned(), code };
    assert_eq!(uses(&file), [(1, "item".to_owned()), (5, "store::Store".to_owned())]);

    let names = |text: &str| {
        let file = File { path: "src/poll/due.rs".to_owned(), text: String::new(), code: bare(text) };
        uses(&file).into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(names("use crate::{item::{Key, Item}, clock};"), ["item::Key", "item::Item", "clock"]);
    assert_eq!(names("use crate::understand::{text, facts::Dates};"), ["understand::text", "understand::facts"]);
    assert_eq!(names("super::super::store::Store; super::answer; my_crate::x"), ["store::Store"]);
}
