//! What a user who only looks is told without asking.

use super::super::harness::feeds::{Answer, Origin};
use super::super::harness::inbox::{Inbox, Phase, Reply};
use super::super::harness::items::{Entry, rss};
use super::super::harness::newswatch::Newswatch;

/// A feed as somebody writes it by hand: no date anywhere.
const UNDATED: &str = "<rss version='2.0'><channel><title>t</title><item><guid>1</guid>\
    <title>Ministers veto the budget</title></item></channel></rss>";

#[test]
fn a_pass_says_what_it_held_back_on_the_first_look() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    origin.serve("/a.xml", Answer::feed(UNDATED.to_owned()));
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    let ran = newswatch.run(&["once"]).ok();
    assert!(ran.stdout.contains("1 match not told, being older than [fetch] backlog or undated"), "{}", ran.stdout);
    assert!(inbox.offers().is_empty());
}

#[test]
fn a_pass_names_the_feed_that_failed() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::status(404));
    let newswatch = Newswatch::new().feed("alliance", &origin.url("/a.xml"));
    let ran = newswatch.run(&["once"]).ok();
    assert!(ran.stderr.contains("alliance") && ran.stderr.contains("404"), "{}", ran.stderr);
}

#[test]
fn mail_that_nobody_is_there_to_send_is_a_problem() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")])));
    inbox.always(Phase::Greeting, Reply::Say("421 4.3.2 closed"));
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    newswatch.once();
    let ran = newswatch.run(&["status", "--check"]).code(1);
    assert!(ran.stdout.contains("1 mail waiting while no daemon runs"), "{}", ran.stdout);
    inbox.always(Phase::Greeting, Reply::Normal);
}

#[test]
fn a_first_mail_is_headed_by_the_title_of_now() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("a", "Ministers meet")])));
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    newswatch.once();
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")])));
    newswatch.run(&["once", "--all"]).ok();
    let letter = inbox.only_letter();
    assert!(letter.subject.ends_with("Ministers veto the budget"), "{}", letter.subject);
}

#[test]
fn a_daemon_can_be_looked_at_while_its_config_is_broken() {
    let newswatch = Newswatch::new().without_config();
    std::fs::write(newswatch.config(), "[fetch]\nevery = '1h'\n").unwrap();
    let mut daemon = newswatch.start();
    std::fs::write(newswatch.config(), "[fetch\n").unwrap();
    let ran = newswatch.run(&["status"]).ok();
    assert!(ran.stdout.contains("running since"), "{}", ran.stdout);
    assert!(ran.stderr.contains("[fetch"), "what is wrong with it is shown: {}", ran.stderr);
    daemon.stop();
    newswatch.run(&["status"]).code(1);
}

#[test]
fn a_name_that_nothing_has_is_a_slip() {
    let newswatch = Newswatch::new().feed("desk", "https://news.example.org/a.xml").watch("vetoes", "veto");
    newswatch.run(&["item", "list", "--feed", "dsk"]).code(1).says(&["no feed is called dsk", "did you mean desk"]);
    newswatch.run(&["item", "list", "--watch", "vetos"]).code(1).says(&["did you mean vetoes"]);
    newswatch.run(&["item", "list", "--feed", "desk"]).ok();
    newswatch.run_with(&["watch", "test", "--watch", "vetos", "-"], b"veto").code(1).says(&["did you mean vetoes"]);
}
