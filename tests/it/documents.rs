//! What is written down is true: the README's commands, the examples, the manual, the map of the code.

use std::fs;
use std::path::{Path, PathBuf};

use super::harness::newswatch::Newswatch;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The code blocks of a Markdown text that are marked as `language`.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let bodies = text.split(&fence).skip(1);
    bodies.map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned() + "\n").collect()
}

#[test]
fn the_readme_has_the_two_commands() {
    let readme = document("README.md");
    for command in ["cargo run --release -- demo", "cargo test"] {
        assert!(
            readme.lines().any(|line| line.trim() == command || line.trim().starts_with(&format!("{command} "))),
            "{command}"
        );
    }
}

#[test]
fn every_command_in_the_readme_exists() {
    let newswatch = Newswatch::new();
    let readme = document("README.md");
    let mut tried = 0;
    let shells: String =
        ["sh", "console", "bash", "shell"].iter().flat_map(|language| blocks(&readme, language)).collect();
    for line in shells.lines() {
        let line = line.trim().trim_start_matches("$ ");
        let Some(rest) = line.strip_prefix("newswatch ").or_else(|| line.strip_prefix("cargo run --release -- "))
        else {
            continue;
        };
        let words: Vec<_> =
            rest.split_whitespace().take_while(|word| word.chars().all(|it| it.is_ascii_lowercase())).collect();
        // The longest beginning that is a command; what follows are its arguments.
        let known =
            (1..=words.len().min(2)).any(|count| newswatch.run(&[&words[..count], &["--help"]].concat()).code == 0);
        assert!(known, "the README has a command that does not exist: {line}");
        tried += 1;
    }
    assert!(tried > 0, "the README shows no command");
}

#[test]
fn the_configs_in_the_readme_are_sound() {
    let readme = document("README.md");
    let configs = blocks(&readme, "toml");
    assert!(!configs.is_empty(), "the README shows no config");
    for config in configs.iter().filter(|config| !config.contains("[dependencies]")) {
        let newswatch = Newswatch::new().environment("NEWSWATCH_SMTP_PASSWORD", "open sesame");
        newswatch.write_config(config);
        let ran = newswatch.run(&["check"]);
        assert_eq!(ran.code, 0, "a config of the README does not pass its check:\n{config}\n{}", ran.stderr);
    }
}

#[test]
fn the_example_configs_are_sound() {
    let mut tried = 0;
    for path in files(&root().join("config"), "toml") {
        let newswatch = Newswatch::new().environment("NEWSWATCH_SMTP_PASSWORD", "open sesame");
        // The demo fills in its own ports, directory and time of day.
        let text = fs::read_to_string(&path).unwrap();
        let text = text.replace("{digest_at}", "07:30").replace("{directory}", "/tmp");
        newswatch.write_config(text.replace("{smtp}", "2525").replace("{feeds}", "8080"));
        let ran = newswatch.run(&["check"]);
        assert_eq!(ran.code, 0, "{}:\n{}", path.display(), ran.stderr);
        tried += 1;
    }
    assert!(tried > 0, "there are no example configs");
}

#[test]
fn every_command_is_in_the_manual() {
    let newswatch = Newswatch::new();
    let manual = [newswatch.run(&["man"]).ok().stdout, document("README.md")].concat().replace("\\-", "-");
    for command in commands(&newswatch.run(&["--help"]).ok().stdout) {
        assert!(manual.contains(&command), "{command} is neither in the manual nor in the README");
        let options: Vec<_> = newswatch
            .run(&[&command, "--help"])
            .ok()
            .stdout
            .split_whitespace()
            .filter(|word| word.starts_with("--") && word.len() > 2)
            .map(|word| word.trim_end_matches(|it: char| !it.is_ascii_alphanumeric()).to_owned())
            .collect();
        for option in options.iter().filter(|option| option.bytes().all(|it| it == b'-' || it.is_ascii_lowercase())) {
            assert!(manual.contains(option), "{command} {option} is neither in the manual nor in the README");
        }
    }
}

/// Names under `Commands:` in a help text.
fn commands(help: &str) -> Vec<String> {
    let listed = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.trim().is_empty());
    let names = listed
        .filter(|line| line.starts_with("  ") && !line.starts_with("    "))
        .filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_architecture_knows_every_room_and_tells_the_steps_in_the_order_of_the_map() {
    let (map, architecture) = (document("src/lib.rs"), document("ARCHITECTURE.md"));
    let (mut rooms, mut steps, mut doc) = (Vec::new(), Vec::new(), "");
    for line in map.lines() {
        if let Some(room) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
            rooms.push(room);
            // A step on an item's way is numbered in its first line.
            steps.extend(doc.starts_with(|it: char| it.is_ascii_digit()).then_some(room));
        }
        doc = line.trim_start_matches("/// ");
    }
    let missing: Vec<_> = rooms.iter().filter(|room| mention(&architecture, room).is_none()).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:?}");
    assert!(steps.len() > 4, "lib.rs numbers the steps: {steps:?}");
    for paragraph in architecture.split("\n\n") {
        let places: Vec<_> = steps.iter().filter_map(|step| mention(paragraph, step)).collect();
        assert!(
            places.len() < 5 || places.is_sorted(),
            "this tells the steps in another order than lib.rs:\n{paragraph}"
        );
    }
}

/// Where a text first names a room: `room`, `room/file.rs`, `room.rs` or `room::Type`.
fn mention(text: &str, room: &str) -> Option<usize> {
    ["`", "/", ".rs", "::"].iter().filter_map(|end| text.find(&format!("`{room}{end}"))).min()
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = document(name);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            assert!(root().join(target).exists(), "{name} links to {target}, which is not there");
        }
    }
}

#[test]
fn the_changelog_tells_of_this_version() {
    let heading =
        |line: &str| line.starts_with('#') && (line.contains(env!("CARGO_PKG_VERSION")) || line.contains("Unreleased"));
    assert!(document("CHANGELOG.md").lines().any(heading));
}

#[test]
fn the_service_runs_a_command_that_exists() {
    let unit = document("systemd/newswatch.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("an ExecStart");
    assert!(start.split_whitespace().any(|word| word == "run"), "{start}");
    for line in ["Type=notify", "DynamicUser=yes", "StateDirectory=newswatch", "RuntimeDirectory=newswatch"] {
        assert!(unit.lines().any(|known| known == line || known.starts_with(&format!("{line}-"))), "no {line}");
    }
    assert!(unit.contains("WatchdogSec=") && unit.contains("ExecReload=") && unit.contains("smtp-password"));
}

/// Files below a directory with this extension.
fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|known| known == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}
