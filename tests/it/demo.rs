//! The demo, as somebody meets it who has just cloned the project.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// One pass of the demo, with its files below `directory`. A demo that hangs is a failure.
fn demo_once(directory: &Path) -> Output {
    const LIMIT: Duration = Duration::from_mins(1);
    let child = Command::new(env!("CARGO_BIN_EXE_newswatch"))
        .args(["demo", "--once"])
        .env("TMPDIR", directory)
        .env_remove("NEWSWATCH_CONFIG")
        .env_remove("STATE_DIRECTORY")
        .env_remove("RUNTIME_DIRECTORY")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let pid = child.id().to_string();
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait_with_output()));
    let Ok(output) = end.recv_timeout(LIMIT) else {
        let _ = Command::new("kill").args(["-KILL", &pid]).status();
        panic!("the demo was still running after {LIMIT:?}");
    };
    output.expect("its output can be read")
}

/// Subjects of the mails shown, in order.
fn subjects(shown: &str) -> Vec<&str> {
    shown.lines().filter_map(|line| line.strip_prefix("│ Subject")).map(str::trim).collect()
}

/// What is inside the frames, without its line breaks.
fn prose(shown: &str) -> String {
    let words = shown.lines().flat_map(|line| line.trim_start_matches('│').split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

/// The files that the mails were said to lie in.
fn pages(shown: &str) -> Vec<PathBuf> {
    shown.lines().filter_map(|line| line.strip_prefix("│ HTML")).map(|path| PathBuf::from(path.trim())).collect()
}

#[test]
fn the_demo_shows_what_the_watches_found_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let output = demo_once(directory.path());
    let (shown, logged) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{logged}");
    assert!(!shown.contains('\u{1b}'), "styles are for terminals");

    let subjects = subjects(&shown);
    for watch in ["[Hungary and vetoes]", "[NATO summit]", "[Cut cables and pipelines]", "[evening]"] {
        assert!(
            subjects.iter().any(|subject| subject.starts_with(watch)),
            "{watch} is not among {subjects:#?}\n{logged}"
        );
    }
    // The threat, the denial, the withdrawn veto and the summit that moved; then what only the digest tells.
    let prose = prose(&shown);
    for told in ["threat", "denies", "Tallinn", "by a week", "Finland and Estonia", "Black Sea", "sanctions"] {
        assert!(prose.contains(told), "nothing of {told:?} in\n{shown}");
    }
    // They hold words of the watches, and are other news; at most the digest says, at its end, that they came near.
    let (matched, near) = prose.rsplit_once("Nearly matched").expect("the first digest of a week says what came near");
    assert!(near.contains("dog park"), "{near}");
    for noise in ["dog park", "Rysy", "block of flats", "Cable car", "keeper's late", "Handball", "ferries", "choir"] {
        assert!(!matched.contains(noise), "{noise:?} is in\n{shown}");
    }
}

#[test]
fn every_mail_of_the_demo_lies_where_it_says() {
    let directory = tempfile::tempdir().unwrap();
    let output = demo_once(directory.path());
    let shown = String::from_utf8(output.stdout).unwrap();
    let pages = pages(&shown);
    assert_eq!(pages.len(), subjects(&shown).len(), "{shown}");
    assert!(!pages.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    for page in pages {
        assert!(page.starts_with(directory.path()), "{}", page.display());
        let html = std::fs::read_to_string(&page).unwrap();
        assert!(html.contains("<html") && html.contains(".example/"), "{}", page.display());
        let message = std::fs::read(page.with_extension("eml")).unwrap();
        let parsed = mail_parser::MessageParser::default().parse(&message).expect("a message");
        assert!(parsed.message_id().is_some() && parsed.body_text(0).is_some() && parsed.body_html(0).is_some());
    }
}
