//! How it begins and how it ends: at once, in good order, or in the middle of everything.

use std::time::Duration;

use super::harness::PATIENCE;
use super::harness::feeds::{Answer, Origin, Request};
use super::harness::inbox::{Inbox, Phase, Reply};
use super::harness::items::{Entry, rss};
use super::harness::kills::{self, Chaos};
use super::harness::level;
use super::harness::newswatch::Newswatch;

/// Kills in a plain `cargo test`; `NEWSWATCH_KILLS` asks for another number.
const KILLS: usize = 12;

/// The figures that the manual promises come from the long form:
/// `NEWSWATCH_KILLS=200 cargo test --release --test it crash::kills -- --nocapture`. `NEWSWATCH_SEED` repeats a run.
#[test]
fn kills_lose_nothing_and_repeat_nothing_without_need() {
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let kills = number("NEWSWATCH_KILLS", KILLS);
    let seed = number("NEWSWATCH_SEED", 20_260_707);
    match kills::prove(kills, u64::try_from(seed).unwrap()) {
        Ok(figures) => {
            assert_eq!(figures.kills, kills);
            assert!(figures.wanted > 0 && figures.accepted >= figures.message_ids, "{figures}");
            report(&format!("seed                   {seed}\n{figures}"));
        }
        Err(breaches) => panic!("{} breaches with seed {seed}: {breaches:#?}", breaches.len()),
    }
}

/// Messages in a plain `cargo test`; `NEWSWATCH_CHAOS` asks for another number.
const MESSAGES: usize = 60;

/// The long form: `NEWSWATCH_CHAOS=10000 cargo test --release --test it crash::chaos -- --nocapture`.
#[test]
fn chaos_at_every_stage_loses_nothing_and_repeats_nothing_without_need() {
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let messages = number("NEWSWATCH_CHAOS", MESSAGES);
    let seed = number("NEWSWATCH_SEED", 20_260_714);
    match kills::survive(messages, u64::try_from(seed).unwrap()) {
        Ok(Chaos { figures, dealt, retried }) => {
            assert!(figures.message_ids >= messages * 9 / 10 && dealt.faults() > 0, "{figures}");
            report(&format!("seed                   {seed}\n{figures}dead letters retried   {retried}\n{dealt}"));
        }
        Err(breaches) => panic!("{} breaches with seed {seed}: {breaches:#?}", breaches.len()),
    }
}

#[test]
fn ready_is_said_when_it_is_so_and_stopping_before_the_end() {
    let newswatch = Newswatch::new();
    let mut daemon = newswatch.spawn(&["run"]);
    daemon.wait_ready();
    newswatch.status();
    assert_eq!((daemon.notified("READY=1"), daemon.notified("STOPPING=1")), (1, 0));
    daemon.signal("TERM");
    daemon.wait_notified("STOPPING=1");
    daemon.wait_end(Duration::from_secs(10)).ok();
}

#[test]
fn an_interrupt_ends_it_too() {
    let newswatch = Newswatch::new();
    let mut daemon = newswatch.start();
    daemon.signal("INT");
    daemon.wait_end(Duration::from_secs(10)).ok();
}

#[test]
fn a_signal_before_it_is_ready_ends_it() {
    let newswatch = Newswatch::new();
    let mut daemon = newswatch.spawn(&["run"]);
    daemon.signal("TERM");
    // Where the signal came before the program had asked for it, the system's default ends it.
    let ran = daemon.wait_end(Duration::from_secs(10));
    assert!(ran.code == 0 || ran.code == -15, "{ran:?}");
}

#[test]
fn two_signals_do_no_harm() {
    let newswatch = Newswatch::new();
    let mut daemon = newswatch.start();
    daemon.signal("TERM");
    daemon.wait_notified("STOPPING=1");
    let _ = std::process::Command::new("kill").args(["-s", "TERM", &daemon.pid().to_string()]).output();
    let ran = daemon.wait_end(Duration::from_secs(10));
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

#[test]
fn a_caller_who_says_nothing_does_not_hold_up_the_end() {
    let newswatch = Newswatch::new();
    let mut daemon = newswatch.start();
    let silent = std::os::unix::net::UnixStream::connect(newswatch.path("run/control.sock")).unwrap();
    // Answered after the silent one was accepted.
    newswatch.status();
    daemon.signal("TERM");
    daemon.wait_end(Duration::from_secs(10)).ok();
    drop(silent);
}

#[test]
fn what_it_makes_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let newswatch = Newswatch::new();
    newswatch.once();
    let mode = std::fs::metadata(newswatch.state()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "{}", newswatch.state().display());
}

#[test]
fn the_watchdog_is_fed() {
    let newswatch = Newswatch::new().environment("WATCHDOG_USEC", "400000");
    let mut daemon = newswatch.start();
    daemon.wait_notified("WATCHDOG=1");
    // Again and again, not only once.
    let before = daemon.notified("WATCHDOG=1");
    level::until("more food for the dog", PATIENCE, || {
        newswatch.status();
        (daemon.notified("WATCHDOG=1") >= before + 3).then_some(())
    });
    daemon.stop();
}

#[test]
fn an_end_in_the_middle_of_a_poll_is_quick_and_clean() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    origin.first("/a.xml", [Answer::mute()]);
    let page = Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")]));
    origin.serve("/a.xml", page);
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    let mut daemon = newswatch.start();
    origin.wait_requests("/a.xml", 1);
    daemon.stop();
    assert_eq!(newswatch.list(&["feed", "list"])[0]["failures"], 0, "our own end is no failure of the feed");
    newswatch.once();
    inbox.only_letter();
}

#[test]
fn a_kill_between_poll_and_mail_mails_it_after_the_restart() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let page = Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")])).header("ETag", "\"1\"");
    origin.serve("/a.xml", page);
    inbox.always(Phase::Greeting, Reply::Hang);
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    let mut daemon = newswatch.start();
    inbox.wait_reached(Phase::Greeting, 1);
    daemon.kill();
    inbox.always(Phase::Greeting, Reply::Normal);
    let mut daemon = newswatch.start();
    inbox.wait_letters(1);
    daemon.stop();
    inbox.only_letter();
    let requests = origin.requests("/a.xml");
    assert!(requests[1..].iter().all(Request::conditional), "asked for everything again");
}

#[test]
fn a_ledger_survives_the_database() {
    // The database of before the mail comes back, as after a restore; the ledger beside it remembers.
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let page = Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")]));
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    origin.serve("/a.xml", Answer::feed(rss(&[])));
    newswatch.once();
    let kept = newswatch.keep_database();
    origin.serve("/a.xml", page);
    newswatch.once();
    inbox.only_letter();
    kept.put_back();
    assert_eq!(newswatch.once()["items"]["new"], 1, "the old database does not know the item");
    newswatch.once();
    inbox.only_letter();
}

/// Shown by `--nocapture`.
fn report(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{text}");
}
