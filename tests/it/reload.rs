//! A new config for a running daemon: taken whole or refused whole, and never a reason for mail.

use super::harness::PATIENCE;
use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, rss};
use super::harness::newswatch::Newswatch;
use super::harness::running::Running;

/// A feed with an item for each title, the first of them first published.
fn publish(origin: &Origin, titles: &[&str]) {
    let entries: Vec<_> =
        titles.iter().enumerate().map(|(index, title)| Entry::new(&index.to_string(), title)).collect();
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
}

/// A daemon that has mailed the veto on the budget, and its installation.
fn after_one_mail(origin: &Origin, inbox: &Inbox) -> (Newswatch, Running) {
    publish(origin, &["Ministers veto the budget"]);
    let newswatch = Newswatch::new().mail(inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    let daemon = newswatch.start();
    inbox.wait_letters(1);
    (newswatch, daemon)
}

/// Waits until the feed has been read twice more, so that anything that was going to be mailed is in the outbox.
#[track_caller]
fn two_more_polls(origin: &Origin) {
    let asked = origin.requests("/a.xml").len();
    origin.wait_requests("/a.xml", asked + 3);
}

#[test]
fn a_sound_config_takes_effect_and_mails_nothing_by_itself() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let (newswatch, mut daemon) = after_one_mail(&origin, &inbox);
    let newswatch = newswatch.watch("money", "budget").watch("rail", "tunnel");
    newswatch.save();
    daemon.signal("HUP");
    newswatch.until_status("three watches", |status| status["watches"] == 3);
    two_more_polls(&origin);
    inbox.only_letter();
    publish(&origin, &["Ministers veto the budget", "Work on the tunnel begins"]);
    let letters = inbox.wait_letters(2);
    assert_eq!(letters[1].subject, "[rail] Work on the tunnel begins");
    daemon.stop();
}

#[test]
fn a_config_with_a_fault_is_refused_and_the_old_one_stays() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let (newswatch, mut daemon) = after_one_mail(&origin, &inbox);
    let sound = std::fs::read(newswatch.config()).unwrap();
    for (fault, shown) in [
        ("[[watch]]\nname = 'x'\nwhen = 'veto AND ('\nsend = 'now'\n", "veto AND ("),
        ("[fetch]\nevry = '1s'\n", "evry"),
        ("[digest", "[digest"),
    ] {
        newswatch.write_config(fault);
        daemon.signal("HUP");
        let said = daemon.wait_stderr(shown);
        assert!(said.contains(&format!("{}:", newswatch.config().display())), "{said}");
    }
    newswatch.write_config(&sound);
    let status = newswatch.status();
    assert_eq!(status["watches"], 1);
    publish(&origin, &["Ministers veto the budget", "Islanders veto a treaty on herring"]);
    assert_eq!(inbox.wait_letters(2)[1].subject, "[veto] Islanders veto a treaty on herring");
    daemon.stop();
}

#[test]
fn a_refused_config_is_told_by_the_status() {
    let newswatch = Newswatch::new();
    newswatch.save();
    let sound = std::fs::read(newswatch.config()).unwrap();
    let mut daemon = newswatch.start();
    newswatch.write_config("[fetch");
    daemon.signal("HUP");
    daemon.wait_stderr("newswatch.toml:");
    // The command itself reads the config to find the daemon.
    newswatch.write_config(&sound);
    let told = newswatch.until_status("a problem", |status| status["healthy"] == false);
    assert!(told["problems"][0].as_str().unwrap().contains("newswatch.toml"), "{told}");
    daemon.signal("HUP");
    newswatch.until_status("no problem", |status| status["healthy"] == true);
    daemon.stop();
}

#[test]
fn another_store_needs_a_restart() {
    let newswatch = Newswatch::new().watch("veto", "veto");
    let mut daemon = newswatch.start();
    let newswatch = newswatch.watch("rail", "tunnel").set("store", "url", "'sqlite:elsewhere.db'");
    newswatch.save();
    daemon.signal("HUP");
    let said = daemon.wait_stderr("[store]").to_lowercase();
    assert!(said.contains("restart"), "{said}");
    assert!(!newswatch.state().join("elsewhere.db").exists());
    let newswatch = newswatch.unset("store");
    newswatch.save();
    assert_eq!(newswatch.status()["watches"], 1, "nothing of a refused config takes effect");
    daemon.signal("HUP");
    newswatch.until_status("two watches", |status| status["watches"] == 2);
    daemon.stop();
}

#[test]
fn a_feed_that_is_added_is_polled_and_one_that_is_removed_is_not() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let (newswatch, mut daemon) = after_one_mail(&origin, &inbox);
    origin.serve("/b.xml", Answer::feed(rss(&[])));
    let newswatch = newswatch.without_feed("alliance").feed("other", &origin.url("/b.xml"));
    newswatch.save();
    daemon.signal("HUP");
    origin.wait_requests("/b.xml", 2);
    let asked = origin.requests("/a.xml").len();
    origin.wait_requests("/b.xml", 5);
    assert!(origin.requests("/a.xml").len() <= asked + 1, "a poll under way may end, no other begins");
    let names: Vec<_> = newswatch.list(&["feed", "list"]).iter().map(|feed| feed["name"].clone()).collect();
    assert_eq!(names, ["other"]);
    assert_eq!(newswatch.list(&["item", "list"]).len(), 1, "its items are kept");
    // Back under another name, known by its address: nothing is news.
    let newswatch = newswatch.feed("renamed", &origin.url("/a.xml"));
    newswatch.save();
    daemon.signal("HUP");
    newswatch.until_feed("renamed", "a success", |feed| feed["state"] == "ok");
    two_more_polls(&origin);
    inbox.only_letter();
    daemon.stop();
}

#[test]
fn many_reloads_send_no_mail_and_forget_no_validator() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let page = Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")])).header("ETag", "\"1\"");
    origin.serve("/a.xml", page);
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    let mut daemon = newswatch.start();
    inbox.wait_letters(1);
    for _ in 0..50 {
        daemon.signal("HUP");
    }
    two_more_polls(&origin);
    daemon.stop();
    let mut again = newswatch.start();
    two_more_polls(&origin);
    again.stop();
    inbox.only_letter();
    let unconditional = origin.requests("/a.xml").iter().filter(|request| !request.conditional()).count();
    assert_eq!(unconditional, 1);
}

#[test]
fn a_change_of_address_keeps_the_feed_and_starts_without_validators() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let page = Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")])).header("ETag", "\"1\"");
    origin.serve("/a.xml", page.clone());
    origin.serve("/moved.xml", page);
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    let mut daemon = newswatch.start();
    inbox.wait_letters(1);
    let newswatch = newswatch.without_feed("alliance").feed("alliance", &origin.url("/moved.xml"));
    newswatch.save();
    daemon.signal("HUP");
    let requests = origin.wait_requests("/moved.xml", 3);
    assert!(!requests[0].conditional(), "a validator belongs to the address that gave it");
    assert_eq!(requests[1].text("if-none-match"), "\"1\"");
    daemon.stop();
    inbox.only_letter();
    assert_eq!(newswatch.list(&["item", "list"]).len(), 1);
}

#[test]
fn a_reload_in_the_middle_of_a_poll_loses_nothing() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let slow = Answer::feed(rss(&[Entry::new("a", "Work on the tunnel begins")]));
    origin.serve("/a.xml", slow.dripping(std::time::Duration::from_millis(3)));
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    let mut daemon = newswatch.start();
    origin.wait_requests("/a.xml", 1);
    let newswatch = newswatch.watch("rail", "tunnel");
    newswatch.save();
    daemon.signal("HUP");
    newswatch.until_status("two watches", |status| status["watches"] == 2);
    assert_eq!(inbox.wait_letters(1)[0].subject, "[rail] Work on the tunnel begins");
    daemon.wait_notified("READY=1");
    daemon.signal("TERM");
    daemon.wait_end(PATIENCE).ok();
}

#[test]
fn a_feed_that_is_added_is_in_force_at_once() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let (newswatch, mut daemon) = after_one_mail(&origin, &inbox);
    origin.serve("/b.xml", Answer::feed(rss(&[])));
    let ran = newswatch.run(&["feed", "add", &origin.url("/b.xml"), "--name", "b"]).ok();
    assert!(ran.stderr.contains("the new config is in force"), "{}", ran.stderr);
    assert_eq!(newswatch.list(&["feed", "list"]).len(), 2);

    // What the daemon cannot take is in the file, and the caller hears of it.
    let sound = std::fs::read_to_string(newswatch.config()).unwrap();
    let moved = format!("{sound}\n[store]\nurl = 'sqlite:other.db'\n");
    newswatch.write_config(moved);
    origin.serve("/c.xml", Answer::feed(rss(&[])));
    let ran = newswatch.run(&["feed", "add", &origin.url("/c.xml"), "--name", "c"]).ok();
    assert!(ran.stderr.contains("a changed [store] needs a restart"), "{}", ran.stderr);
    newswatch.write_config(sound);

    daemon.stop();
    let ran = newswatch.run(&["feed", "add", &origin.url("/c.xml"), "--name", "c"]).ok();
    assert!(ran.stderr.is_empty(), "no daemon is no news: {}", ran.stderr);
}
