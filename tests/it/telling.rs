//! What of the matches is told, and when: `repeat`, `wait`, quiet hours, `max_per_hour`, `quiet`.

use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, rss};
use super::harness::level;
use super::harness::newswatch::Newswatch;

fn publish(origin: &Origin, path: &str, titles: &[&str]) {
    let entries: Vec<Entry> = titles.iter().map(|title| Entry::new(&title.replace(' ', "-"), title)).collect();
    origin.serve(path, Answer::feed(rss(&entries)));
}

/// Writes the config again with this instead of that.
fn rewrite(newswatch: &Newswatch, from: &str, to: &str) {
    let config = std::fs::read_to_string(newswatch.config()).unwrap();
    assert!(config.contains(from), "no {from} in\n{config}");
    newswatch.write_config(config.replace(from, to));
}

/// Hours that it is now, in the zone of the config.
fn hours_around_now() -> String {
    let now = level::today().in_tz("Europe/Brussels").unwrap();
    let hour = |ahead: i32| (i32::from(now.hour()) + 24 + ahead) % 24;
    format!("'{:02}:00-{:02}:00'", hour(-1), hour(3))
}

const VETOES: [&str; 3] =
    ["Ministers veto the budget", "Islanders veto a treaty on herring", "Alpine cantons veto the tunnel"];

#[test]
fn quiet_hours_hold_all_but_what_is_of_high_importance() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, "/a.xml", &VETOES);
    let hours = hours_around_now();
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .watch_with("veto", "veto", &[("quiet_hours", &hours)])
        .watch_with("fish", "herring", &[("quiet_hours", &hours), ("importance", "'high'")]);
    newswatch.once();
    assert_eq!(inbox.only_letter().subject, "[fish] Islanders veto a treaty on herring");
    // Without quiet hours what they held goes, together.
    rewrite(&newswatch, &format!("quiet_hours = {hours}\n"), "");
    newswatch.run(&["once"]).ok();
    let letters = inbox.letters();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[1].subject, "[veto] 3 stories");
    newswatch.run(&["once"]).ok();
    assert_eq!(inbox.letters().len(), 2, "told twice");
}

#[test]
fn what_is_over_the_limit_of_an_hour_waits() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, "/a.xml", &VETOES);
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch_with(
        "veto",
        "veto",
        &[("max_per_hour", "1")],
    );
    newswatch.once();
    newswatch.once();
    inbox.only_letter();
    rewrite(&newswatch, "max_per_hour = 1", "max_per_hour = 2");
    newswatch.run(&["once"]).ok();
    let letters = inbox.letters();
    assert_eq!((letters.len(), letters[1].subject.as_str()), (2, "[veto] 2 stories"));
}

#[test]
fn an_alert_waits_as_long_as_its_watch_says() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, "/a.xml", &VETOES[..1]);
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch_with(
        "veto",
        "veto",
        &[("wait", "'1s'")],
    );
    let mut daemon = newswatch.start();
    assert_eq!(inbox.wait_letters(1)[0].subject, "[veto] Ministers veto the budget");
    daemon.stop();
}

#[test]
fn with_repeat_item_every_report_of_a_story_is_told() {
    for (repeat, letters) in [("story", 1), ("item", 2)] {
        let (origin, inbox) = (Origin::start(), Inbox::start());
        publish(&origin, "/a.xml", &VETOES[..1]);
        publish(&origin, "/b.xml", &VETOES[..1]);
        let newswatch = Newswatch::new()
            .mail(&inbox)
            .feed("alliance", &origin.url("/a.xml"))
            .feed("ledger", &origin.url("/b.xml"))
            .watch_with("veto", "veto", &[("repeat", &format!("'{repeat}'"))]);
        newswatch.once();
        assert_eq!(inbox.letters().len(), letters, "repeat = {repeat}");
    }
}

/// Three feeds with one story.
fn carried_by_three() -> Origin {
    let origin = Origin::start();
    for path in ["/a.xml", "/b.xml", "/c.xml"] {
        publish(&origin, path, &VETOES[..1]);
    }
    origin
}

#[test]
fn a_second_source_joins_an_alert_that_waits_and_a_third_is_listed_in_the_digest() {
    let (origin, inbox) = (carried_by_three(), Inbox::start());
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .feed("ledger", &origin.url("/b.xml"))
        .feed_with("courier", &origin.url("/c.xml"), &[("enabled", "false")])
        .watch_with("veto", "veto", &[("wait", "'1h'")])
        .watch_with("fish", "herring", &[("send", "'morning'")])
        .digest("morning", "00:00", &[]);
    newswatch.once();
    newswatch.once();
    assert!(inbox.letters().is_empty(), "told before its time");
    rewrite(&newswatch, "wait = '1h'", "wait = '0s'");
    newswatch.run(&["once"]).ok();
    let letter = inbox.only_letter();
    assert_eq!(letter.subject, "[veto] Ministers veto the budget");
    assert!(letter.text.contains("alliance") && letter.text.contains("ledger"), "{}", letter.text);
    rewrite(&newswatch, "enabled = false", "enabled = true");
    newswatch.once();
    inbox.only_letter();
    newswatch.run(&["once", "--flush"]).ok();
    let letters = inbox.letters();
    assert_eq!((letters.len(), letters[1].subject.as_str()), (2, "[morning] 1 story"));
    assert!(letters[1].text.contains("courier") && letters[1].text.contains("A later report"), "{}", letters[1].text);
}

#[test]
fn what_was_held_in_a_database_that_is_put_back_is_not_told_again() {
    let (origin, inbox) = (carried_by_three(), Inbox::start());
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch_with(
        "veto",
        "veto",
        &[("wait", "'1h'")],
    );
    newswatch.once();
    let kept = newswatch.keep_database();
    rewrite(&newswatch, "wait = '1h'", "wait = '0s'");
    newswatch.run(&["once"]).ok();
    inbox.only_letter();
    kept.put_back();
    newswatch.once();
    newswatch.once();
    inbox.only_letter();
}

#[test]
fn a_watch_that_was_renamed_tells_nothing_again() {
    let (origin, inbox) = (carried_by_three(), Inbox::start());
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .feed_with("ledger", &origin.url("/b.xml"), &[("enabled", "false")])
        .watch_with("veto", "veto", &[("importance", "'low'")]);
    newswatch.once();
    rewrite(&newswatch, "importance = 'low'", "was = 'veto'");
    rewrite(&newswatch, "enabled = false", "enabled = true");
    let config = std::fs::read_to_string(newswatch.config()).unwrap();
    let name = config.lines().find(|line| line.starts_with("name =") && line.contains("veto")).unwrap().to_owned();
    rewrite(&newswatch, &name, "name = 'blocked'");
    assert_eq!(newswatch.once()["matches"], 1);
    inbox.only_letter();
}

#[test]
fn a_silence_is_told_once_and_so_is_its_end() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, "/a.xml", &["Final of the cup"]);
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch_with(
        "gone-quiet",
        "veto",
        &[("quiet", "'2s'")],
    );
    let mut daemon = newswatch.start();
    let silence = inbox.wait_letters(1).remove(0);
    assert!(silence.subject.starts_with("[gone-quiet] nothing for "), "{}", silence.subject);
    assert!(silence.text.contains("alliance"), "{}", silence.text);
    let asked = origin.requests("/a.xml").len();
    origin.wait_requests("/a.xml", asked + 2);
    inbox.only_letter();
    publish(&origin, "/a.xml", &VETOES[..1]);
    let over = inbox.wait_letters(2).remove(1);
    assert_eq!(over.subject, "[gone-quiet] Ministers veto the budget");
    assert!(over.text.contains("silence is over"), "{}", over.text);
    daemon.stop();
}

#[test]
fn keys_that_do_not_go_together_are_refused_with_a_way_out() {
    for (keys, said) in [
        (vec![("within", "'6h'")], "`within` is the time for `sources`"),
        (vec![("sources", "1")], "`sources` goes from 2 to 50"),
        (vec![("sources", "3"), ("within", "'30d'")], "\"7d\" at most"),
        (vec![("sources", "3"), ("within", "'0h'")], "may not be zero"),
        (vec![("quiet", "'3d'"), ("sources", "3")], "means nothing beside `quiet`"),
        (vec![("quiet", "'3d'"), ("wait", "'2m'")], "means nothing beside `quiet`"),
        (vec![("repeat", "'never'")], "\"change\""),
        (vec![("quiet", "'3d'"), ("remind", "['1d']")], "means nothing beside `quiet`"),
        (vec![("quiet_hours", "'22-7'")], "22:00-07:00"),
        (vec![("max_per_hour", "0")], "max_per_hour"),
        (vec![("importance", "'urgent'")], "\"high\""),
    ] {
        let newswatch = Newswatch::new().watch_with("veto", "veto", &keys);
        newswatch.run(&["check"]).code(1).says(&[said]);
    }
}
