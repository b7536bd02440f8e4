//! The command line: what each command prints, with which exit code it ends, and what it says of bad input.

mod bad_input;
mod candour;
mod messages;
mod shapes;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::harness::PATIENCE;
use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::{Inbox, Phase, Reply};
use super::harness::items::{Entry, rss};
use super::harness::newswatch::Newswatch;
use super::harness::running::Running;

/// All commands of this version.
const COMMANDS: [&str; 15] = [
    "run", "once", "demo", "init", "check", "feed", "article", "extract", "event", "item", "watch", "alias", "mail",
    "silence", "status",
];

#[test]
fn help_lists_the_commands_and_no_others() {
    let newswatch = Newswatch::new();
    let help = newswatch.run(&["--help"]).ok().stdout;
    for command in COMMANDS.iter().chain(&["completions", "man"]) {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "no {command} in:\n{help}");
    }
    for later in ["doctor", "backup"] {
        assert!(!help.lines().any(|line| line.trim_start().starts_with(later)), "{later} is advertised:\n{help}");
    }
    for (group, commands) in [
        ("feed", &["list", "read"][..]),
        ("article", &["read"]),
        ("alias", &["list", "show"]),
        ("event", &["list", "export"]),
        ("item", &["list", "explain"]),
        ("watch", &["list", "test", "backtest"]),
        ("mail", &["list", "preview", "test", "retry", "drop"]),
        ("silence", &["add", "list", "remove"]),
    ] {
        let help = newswatch.run(&[group, "--help"]).ok().stdout;
        assert!(commands.iter().all(|command| help.contains(command)), "{help}");
    }
    let version = newswatch.run(&["--version"]).ok().stdout;
    assert_eq!(version.trim(), format!("newswatch {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_is_two_and_goes_to_stderr() {
    let newswatch = Newswatch::new();
    for arguments in
        [&["explode"][..], &["once", "--al"], &["feed"], &["feed", "read"], &["item", "list", "--limit", "many"]]
    {
        let ran = newswatch.run(arguments).code(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{arguments:?}");
    }
    newswatch.run(&["stauts"]).code(2).says(&["status"]);
}

#[test]
fn a_starter_config_passes_its_check() {
    let newswatch = Newswatch::new().without_config();
    let place = newswatch.path("fresh/place");
    newswatch.run(&["init", place.to_str().unwrap()]).ok();
    let written = fs::read_to_string(place.join("newswatch.toml")).unwrap();
    assert!(written.contains('#') && written.contains("[[feed]]") && written.contains("[[watch]]"), "{written}");
    fs::copy(place.join("newswatch.toml"), newswatch.config()).unwrap();
    newswatch.run(&["check"]).ok();
    let again = newswatch.run(&["init", place.to_str().unwrap()]).code(1);
    again.says(&["newswatch.toml", "already"]);
    assert_eq!(fs::read_to_string(place.join("newswatch.toml")).unwrap(), written, "an own config is not overwritten");
}

#[test]
fn the_config_is_found_by_its_rules() {
    let newswatch = Newswatch::new().feed("alliance", "https://news.example.org/rss.xml").watch("typo", "veto OR (");
    newswatch.save();
    let check = |found: &str, newswatch: &Newswatch, prepare: &dyn Fn(&mut Command)| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_newswatch"));
        command.env_clear().env("HOME", newswatch.path("home")).env("XDG_CONFIG_HOME", newswatch.path("etc"));
        command.current_dir(newswatch.path("home")).arg("check");
        prepare(&mut command);
        let ran = Running::spawn(command, b"", None).wait_end(PATIENCE);
        ran.code(1).says(&[found, "veto OR ("]);
    };
    let text = fs::read(newswatch.config()).unwrap();
    newswatch.write("etc/newswatch/newswatch.toml", &text);
    check("etc/newswatch/newswatch.toml", &newswatch, &|_| ());
    newswatch.write("home/newswatch.toml", &text);
    check("newswatch.toml", &newswatch, &|_| ());
    newswatch.write("env.toml", &text);
    let named = newswatch.path("env.toml");
    check("env.toml", &newswatch, &|command| {
        command.env("NEWSWATCH_CONFIG", &named);
    });
}

#[test]
fn files_beside_the_config_are_read_too() {
    let newswatch = Newswatch::new().unset("mail").feed("alliance", "https://news.example.org/rss.xml");
    newswatch.write("conf.d/b.toml", "[[feed]]\nname = 'second'\nurl = 'https://news.example.org/2.xml'\n");
    newswatch.write("conf.d/a.toml", "[[feed]]\nname = 'first'\nurl = 'https://news.example.org/1.xml'\n");
    let names: Vec<_> = newswatch.list(&["feed", "list"]).iter().map(|feed| feed["name"].clone()).collect();
    assert_eq!(names, ["alliance", "first", "second"]);
    newswatch.write("conf.d/c.toml", "[[feed]]\nname = 'first'\nurl = 'https://news.example.org/3.xml'\n");
    newswatch.run(&["check"]).code(1).says(&["conf.d/c.toml:2:", "first"]);
}

#[test]
fn a_finding_names_the_place_and_offers_a_way_out() {
    let newswatch = Newswatch::new();
    newswatch.write_config("[fetch]\nevry = '5m'\n\n[[feed]]\nname = 'a'\nurl = 'gopher://example.org/'\n");
    let ran = newswatch.run(&["check"]).code(1);
    assert!(ran.stdout.is_empty(), "findings go to stderr");
    let config = newswatch.config();
    let ran = ran.says(&[&format!("{}:2:1", config.display()), "did you mean", "every", "^^^^"]);
    ran.says(&[&format!("{}:6:", config.display()), "gopher"]);
}

#[test]
fn a_warning_is_no_failure() {
    let newswatch = Newswatch::new();
    newswatch.run(&["check"]).ok().says(&["warning", "feed"]);
}

#[test]
fn keys_of_no_version_yet_are_not_swallowed() {
    for (table, key, value) in [("fetch", "cache", "true"), ("web", "theme", "'dark'")] {
        Newswatch::new().set(table, key, value).run(&["check"]).code(1).says(&["newswatch.toml:"]);
    }
    for (key, value) in [("repeat", "'never'"), ("score", "[]")] {
        let newswatch = Newswatch::new().watch_with("a", "veto", &[("send", "'now'"), (key, value)]);
        newswatch.run(&["check"]).code(1).says(&[key]);
    }
}

#[test]
fn a_query_with_a_fault_is_underlined() {
    for (query, expected) in [
        ("veto OR", "OR"),
        ("(veto summit", "("),
        ("\"veto", "\""),
        ("NEAR/8 veto", "NEAR"),
        ("veto NEAR/x summit", "NEAR/x"),
    ] {
        let ran = Newswatch::new().watch("faulty", query).run(&["check"]).code(1);
        ran.says(&["newswatch.toml:", expected, "^"]);
    }
}

#[test]
fn a_path_that_is_not_utf_8_is_a_path() {
    let newswatch = Newswatch::new().digest("morning", "07:30", &[]);
    newswatch.save();
    let strange = |name: &[u8]| newswatch.path("home").join(OsStr::from_bytes(name));
    let (config, out) = (strange(b"caf\xe9.toml"), strange(b"caf\xe9"));
    fs::copy(newswatch.config(), &config).unwrap();
    let run = |arguments: &[&str], last: Option<&Path>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_newswatch"));
        command.env_clear().env("HOME", newswatch.path("home")).arg("--config").arg(&config).args(arguments).args(last);
        Running::spawn(command, b"", None).wait_end(PATIENCE).ok()
    };
    run(&["status"], None);
    run(&["mail", "preview", "--out"], Some(&out));
    assert!(out.is_dir());
}

#[test]
fn a_query_may_begin_with_a_minus() {
    let newswatch = Newswatch::new();
    for (query, lines) in [("-sport", 1), ("-(sport OR film)", 1), ("-veto", 0)] {
        let ran = newswatch.run_bare(&["watch", "test", "--json", "--query", query, "-"], b"A veto").ok();
        assert_eq!(ran.json().len(), lines, "{query}");
    }
}

/// U+009B begins a command to a terminal, as ESC with a bracket does.
#[test]
fn what_a_server_sends_does_not_reach_the_terminal_through_an_error() {
    let origin = Origin::start();
    let coding = "gzip\u{9b}31m".as_bytes().to_vec();
    origin.serve("/a.xml", Answer::feed(rss(&[])).header("Content-Encoding", coding));
    let url = origin.url("/a.xml");
    for command in [&["feed", "read", &url][..], &["watch", "test", "--query", "veto", &url]] {
        let ran = Newswatch::new().run(command).code(1).says(&["coding"]);
        assert!(!ran.stderr.contains('\u{9b}'), "{command:?}: {}", ran.stderr);
    }
}

#[test]
fn an_input_is_addressed_as_in_the_config() {
    let origin = Origin::start();
    origin.respond("/a.xml", |request| match request.text("authorization").as_str() {
        "Basic bWU6aHVudGVyMg==" => Answer::feed(rss(&[])),
        _ => Answer::status(401),
    });
    let newswatch = Newswatch::new();
    newswatch.write("home/a feed.xml", rss(&[]));
    newswatch.run(&["feed", "read", &origin.url("/a.xml").replace("://", "://me:hunter2@")]).ok();
    let wrong = newswatch.run(&["feed", "read", &origin.url("/b.xml").replace("://", "://me:hunter2@")]).code(1);
    assert!(wrong.stderr.contains("/b.xml") && !wrong.stderr.contains("hunter2"), "{}", wrong.stderr);
    for input in ["file:a%20feed.xml", &format!("file://{}/a%20feed.xml", newswatch.path("home").display())] {
        newswatch.run(&["feed", "read", input]).ok();
    }
}

#[test]
fn completions_and_manual_pages_need_no_config() {
    let newswatch = Newswatch::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = newswatch.run_bare(&["completions", shell], b"").ok().stdout;
        assert!(script.contains("newswatch") && script.contains("once"), "{shell}");
    }
    newswatch.run(&["completions", "abacus"]).code(2);
    let page = newswatch.run_bare(&["man"], b"").ok().stdout;
    assert!(page.contains(".TH") && page.to_lowercase().contains("newswatch"), "{page}");
    assert!(COMMANDS.iter().all(|command| page.contains(command)));
}

#[test]
fn data_goes_to_stdout_and_the_rest_to_stderr() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("a", "Ministers meet")])));
    let newswatch = Newswatch::new().unset("mail").feed("alliance", &origin.url("/a.xml"));
    let ran = newswatch.run(&["once", "--all", "--json"]).ok();
    assert_eq!(ran.stdout.lines().count(), 1);
    for command in [&["feed", "list"][..], &["item", "list"], &["status"]] {
        let ran = newswatch.run(command).ok();
        assert!(!ran.stdout.is_empty(), "{command:?}");
        assert!(
            !ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'),
            "colour without a terminal: {command:?}"
        );
    }
}

#[test]
fn commands_are_answered_by_the_running_daemon() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")])));
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    let mut daemon = newswatch.start();
    inbox.wait_letters(1);
    let status = newswatch.until_status("one mail sent", |status| status["mail"]["sent"] == 1);
    assert_eq!(status["pid"], daemon.pid());
    assert_eq!(newswatch.feed_state("alliance")["state"], "ok");
    assert_eq!(newswatch.list(&["item", "list"])[0]["title"], "Ministers veto the budget");
    assert_eq!(newswatch.only_mail()["state"], "sent");
    newswatch.run_with(&["watch", "test", "-"], rss(&[Entry::new("b", "A veto")]).as_bytes()).ok();
    assert!(newswatch.path("run/control.sock").exists());
    daemon.stop();
    assert!(!newswatch.path("run/control.sock").exists(), "a daemon takes its socket with it");
    let status = newswatch.status();
    assert_ne!(status["pid"], daemon.pid());
    assert_eq!(status["mail"]["sent"], 1);
}

#[test]
fn a_socket_left_behind_by_a_crash_is_in_nobodys_way() {
    let newswatch = Newswatch::new();
    let mut daemon = newswatch.start();
    daemon.kill();
    assert!(newswatch.path("run/control.sock").exists());
    newswatch.run(&["mail", "list"]).ok();
    newswatch.start().stop();
}

#[test]
fn databases_of_one_directory_keep_apart() {
    let newswatch = Newswatch::new();
    let run = newswatch.path("run").display().to_string();
    let other = Newswatch::new().environment("RUNTIME_DIRECTORY", &run);
    let mut daemon = newswatch.start();
    assert_ne!(other.status()["pid"], daemon.pid(), "the daemon of another database answered");
    let mut second = other.start();
    assert_eq!(newswatch.status()["pid"], daemon.pid(), "the second daemon took the socket of the first");
    assert_eq!(other.status()["pid"], second.pid(), "it has one of its own beside it");
    second.stop();
    assert_eq!(newswatch.status()["pid"], daemon.pid());
    daemon.stop();
}

#[test]
fn one_process_at_a_time_holds_the_database() {
    let newswatch = Newswatch::new();
    let mut daemon = newswatch.start();
    let (mut once, mut second) = (newswatch.spawn(&["once"]), newswatch.spawn(&["run"]));
    for other in [&mut once, &mut second] {
        other.wait_end(Duration::from_secs(15)).code(75).says(&["newswatch.db", &daemon.pid().to_string()]);
    }
    daemon.stop();
}

#[test]
fn who_waits_for_the_database_gets_it_when_it_is_free() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")])));
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    inbox.script(Phase::Dot, [Reply::Hang]);
    let mut first = newswatch.spawn(&["once", "--all", "--json"]);
    inbox.wait_reached(Phase::Dot, 1);
    let mut second = newswatch.spawn(&["once", "--all", "--json"]);
    inbox.release();
    assert_eq!(first.wait_end(PATIENCE).ok().one_json()["mail"]["sent"], 1);
    assert_eq!(second.wait_end(Duration::from_secs(15)).ok().one_json()["mail"]["sent"], 0);
    inbox.only_letter();
}

#[test]
fn a_broken_config_that_nobody_named_is_left_aside() {
    let newswatch = Newswatch::new();
    let broken = newswatch.write("home/newswatch.toml", "[digest");
    let feed = newswatch.write("feed.xml", rss(&[Entry::new("1", "A veto")]));
    let (broken, feed) = (broken.to_str().unwrap(), feed.to_str().unwrap());
    for arguments in [&["feed", "read", feed][..], &["watch", "test", "--query", "veto", feed]] {
        let ran = newswatch.run_bare(arguments, b"").ok();
        assert!(ran.stdout.contains("A veto"), "{}", ran.stdout);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        assert!(ran.stderr.contains("newswatch.toml: this config has errors"), "{}", ran.stderr);
        newswatch.run_bare(&[&["--config", broken], arguments].concat(), b"").code(1).says(&["newswatch check"]);
    }
}

#[test]
fn a_small_operator_is_doubted() {
    let newswatch = Newswatch::new().watch("w", "veto or block");
    newswatch.run(&["check"]).ok().says(&["operators are written in capitals: OR"]);
    let feed = newswatch.write("feed.xml", rss(&[Entry::new("1", "A veto")]));
    let ran = newswatch.run(&["watch", "test", "--query", "veto or block", feed.to_str().unwrap()]).ok();
    assert!(ran.stderr.contains("operators are written in capitals: OR"), "{}", ran.stderr);
}
