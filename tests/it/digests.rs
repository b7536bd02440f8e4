//! Digests: what they hold, when they are empty, and that they tell nothing twice.

use std::fs;

use serde_json::json;

use super::harness::PATIENCE;
use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::{Inbox, Phase, Reply};
use super::harness::items::{Entry, rss};
use super::harness::letter::Letter;
use super::harness::level;
use super::harness::newswatch::{Newswatch, a_time};

/// A time of day that has just been when a test begins, in the zone of the config, so that no digest falls due by itself
/// while a test runs.
fn hours_ago() -> String {
    let now = level::today().in_tz("Europe/Brussels").unwrap();
    format!("{:02}:30", (i32::from(now.hour()) + 21) % 24)
}

fn three_vetoes() -> Origin {
    let origin = Origin::start();
    let entries = [
        Entry::new("budget", "Ministers veto the budget").summary("Four states object."),
        Entry::new("fish", "Islanders veto a treaty on herring").summary("The sea is theirs."),
        Entry::new("rail", "Alpine cantons veto the tunnel").summary("Too loud, they say."),
    ];
    origin.serve("/a.xml", Answer::feed(rss(&entries)).header("ETag", "\"1\""));
    origin
}

/// An installation whose one watch goes into one digest.
fn digesting(origin: &Origin, inbox: &Inbox, more: &[(&str, &str)]) -> Newswatch {
    Newswatch::new()
        .mail(inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .watch_with("veto", "veto", &[("title", "'Vetoes'"), ("send", "'morning'")])
        .digest("morning", &hours_ago(), more)
}

#[test]
fn matches_wait_for_their_digest_and_are_told_once() {
    let (origin, inbox) = (three_vetoes(), Inbox::start());
    let newswatch = digesting(&origin, &inbox, &[]);
    let pass = newswatch.once();
    assert_eq!((&pass["matches"], &pass["mail"]["queued"]), (&json!(3), &json!(0)), "{pass}");
    let flushed = newswatch.run(&["once", "--flush", "--json"]).ok().one_json();
    assert_eq!(flushed["mail"]["sent"], 1, "{flushed}");
    let letter = inbox.only_letter();
    assert!(letter.subject.starts_with("[morning] 3 stories"), "{}", letter.subject);
    for part in [&letter.text, &letter.html] {
        for piece in ["budget", "herring", "tunnel", "Vetoes", "https://news.example.org/fish"] {
            assert!(part.contains(piece), "no {piece:?} in:\n{part}");
        }
    }
    let proof = letter.flat_text().to_lowercase();
    assert!(
        ["1 feed", "3 items", "gap"].iter().all(|piece| proof.contains(piece)),
        "no line of proof:\n{}",
        letter.text
    );
    assert_eq!(newswatch.run(&["once", "--all", "--flush", "--json"]).ok().one_json()["mail"]["queued"], 0);
    inbox.only_letter();
}

#[test]
fn a_digest_holds_only_what_was_given_to_its_reader() {
    let (origin, inbox) = (three_vetoes(), Inbox::start());
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .watch_with("fish", "herring", &[("send", "'morning'"), ("to", "['sea@example.org']")])
        .watch_with("rail", "tunnel", &[("send", "'morning'"), ("to", "['land@example.org']")])
        .digest("morning", &hours_ago(), &[]);
    newswatch.once();
    newswatch.run(&["once", "--flush"]).ok();
    let mut letters = inbox.letters();
    letters.sort_by_key(|letter| letter.to.clone());
    let to: Vec<_> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["land@example.org", "sea@example.org"]);
    assert!(letters[0].text.contains("tunnel") && !letters[0].text.contains("herring"));
    assert!(letters[1].text.contains("herring") && !letters[1].text.contains("tunnel"));
    assert_ne!(letters[0].message_id, letters[1].message_id);
}

#[test]
fn an_empty_digest_is_sent_only_where_that_is_asked_for() {
    for (empty, mails) in [("skip", 0), ("send", 1)] {
        let (origin, inbox) = (Origin::start(), Inbox::start());
        origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("cup", "Final of the cup")])));
        let newswatch = digesting(&origin, &inbox, &[("empty", &format!("'{empty}'"))]);
        newswatch.run(&["once", "--all", "--flush"]).ok();
        let letters = inbox.letters();
        assert_eq!(letters.len(), mails, "empty = {empty:?}");
        for letter in letters {
            assert!(letter.subject.starts_with("[morning] "), "{}", letter.subject);
            assert!(letter.text.contains("1 feed"), "a proof of life says what was read:\n{}", letter.text);
        }
    }
}

#[test]
fn a_watch_may_tell_at_once_and_in_a_digest() {
    let (origin, inbox) = (three_vetoes(), Inbox::start());
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .watch_with("veto", "herring", &[("send", "['now', 'morning']")])
        .digest("morning", &hours_ago(), &[]);
    newswatch.once();
    assert!(inbox.only_letter().subject.starts_with("[veto] "));
    newswatch.run(&["once", "--flush"]).ok();
    assert!(inbox.letters().iter().all(|letter| letter.text.contains("herring")));
}

#[test]
fn a_preview_shows_the_next_digest_and_tells_nothing() {
    let (origin, inbox) = (three_vetoes(), Inbox::start());
    let newswatch = digesting(&origin, &inbox, &[]);
    newswatch.once();
    let out = newswatch.path("deep/preview");
    newswatch.run(&["mail", "preview", "--digest", "morning", "--out", out.to_str().unwrap()]).ok();
    let mut files: Vec<_> = fs::read_dir(&out).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let kinds: Vec<_> = files.iter().map(|file| file.extension().unwrap().to_str().unwrap()).collect();
    assert_eq!(kinds, ["eml", "html", "txt"]);
    let letter = Letter::read(&fs::read(&files[0]).unwrap());
    assert!(letter.subject.starts_with("[morning] 3 stories"), "{}", letter.subject);
    assert!(fs::read_to_string(&files[1]).unwrap().contains("herring"));
    assert!(fs::read_to_string(&files[2]).unwrap().contains("herring"));
    assert!(newswatch.mails().is_empty() && inbox.offers().is_empty());
    newswatch.run(&["once", "--flush"]).ok();
    assert_eq!(inbox.only_letter().flat_text(), letter.flat_text());
}

#[test]
fn a_preview_stays_in_its_directory_whatever_the_digest_is_called() {
    for name in ["../escaped", "eu/morning"] {
        let (origin, inbox) = (three_vetoes(), Inbox::start());
        let newswatch = Newswatch::new()
            .mail(&inbox)
            .feed("alliance", &origin.url("/a.xml"))
            .watch_with("veto", "veto", &[("send", &format!("'{name}'"))])
            .digest(name, &hours_ago(), &[]);
        newswatch.once();
        let out = newswatch.path("deep/preview");
        newswatch.run(&["mail", "preview", "--out", out.to_str().unwrap()]).ok();
        assert_eq!(fs::read_dir(&out).unwrap().count(), 3, "{name}");
        assert_eq!(fs::read_dir(newswatch.path("deep")).unwrap().count(), 1, "{name}");
    }
}

#[test]
fn a_preview_of_an_unknown_digest_says_which_there_are() {
    let (origin, inbox) = (three_vetoes(), Inbox::start());
    let newswatch = digesting(&origin, &inbox, &[]);
    newswatch.run(&["mail", "preview", "--digest", "mourning"]).code(1).says(&["mourning", "morning"]);
}

#[test]
fn a_digest_that_could_not_be_sent_is_sent_later_unchanged() {
    let (origin, inbox) = (three_vetoes(), Inbox::start());
    let newswatch = digesting(&origin, &inbox, &[]);
    inbox.script(Phase::Dot, [Reply::Say("452 4.3.1 full")]);
    newswatch.run(&["once", "--all", "--flush"]).ok();
    let waiting = newswatch.only_mail();
    assert_eq!(waiting["state"], "waiting");
    level::until("the digest to be sent", PATIENCE, || {
        newswatch.once();
        (newswatch.only_mail()["state"] == "sent").then_some(())
    });
    assert_eq!(inbox.only_letter().message_id, waiting["message_id"].as_str().unwrap());
}

#[test]
fn the_next_digest_is_on_the_status() {
    let (origin, inbox) = (three_vetoes(), Inbox::start());
    let newswatch = digesting(&origin, &inbox, &[("time_zone", "'America/New_York'")]);
    a_time(&newswatch.status()["next_digest"]);
}

#[test]
fn what_waits_for_a_digest_that_is_renamed_goes_out_at_once() {
    let (origin, inbox) = (three_vetoes(), Inbox::start());
    let watching = || Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml"));
    let held = watching().watch_with("veto", "herring", &[("send", "'morning'")]).digest("morning", &hours_ago(), &[]);
    held.once();
    assert!(inbox.letters().is_empty());
    let config = std::fs::read_to_string(held.config()).unwrap();
    held.write_config(config.replace("morning", "evening"));
    held.run(&["once"]).ok();
    let letter = inbox.only_letter();
    assert!(letter.subject.starts_with("[morning] ") && letter.text.contains("herring"), "{}", letter.subject);
}

#[test]
fn the_most_important_watch_comes_first_and_ill_feeds_are_named() {
    let (origin, inbox) = (three_vetoes(), Inbox::start());
    origin.serve("/gone.xml", Answer::status(410));
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .feed("courier", &origin.url("/gone.xml"))
        .watch_with("fish", "herring", &[("send", "'morning'"), ("importance", "'low'")])
        .watch_with("money", "budget", &[("send", "'morning'")])
        .watch_with("rail", "tunnel", &[("send", "'morning'"), ("importance", "'high'")])
        .digest("morning", &hours_ago(), &[]);
    newswatch.once();
    newswatch.run(&["once", "--flush"]).ok();
    let letter = inbox.only_letter();
    let places = ["== rail ==", "== money ==", "== fish ==", "courier says since", "1 feed read"];
    let places =
        places.map(|piece| letter.text.find(piece).unwrap_or_else(|| panic!("no {piece} in\n{}", letter.text)));
    assert!(places.is_sorted(), "{places:?} in\n{}", letter.text);
    assert!(letter.html.contains("courier says since"), "{}", letter.html);
}

#[test]
fn a_preview_is_made_of_what_was_told_long_ago_where_that_is_asked_for() {
    let (origin, inbox) = (three_vetoes(), Inbox::start());
    let newswatch = digesting(&origin, &inbox, &[]);
    newswatch.once();
    newswatch.run(&["once", "--flush"]).ok();
    inbox.only_letter();
    newswatch.run(&["mail", "preview"]).ok().says(&["nothing waits for it", "--since 7d"]);
    let shown = newswatch.run(&["mail", "preview", "--since", "7d"]).ok().stdout;
    assert!(shown.contains("Subject: [morning] 3 stories") && shown.contains("herring"), "{shown}");
    let later = newswatch.run(&["mail", "preview", "--since", "2100-01-01"]).ok();
    assert!(later.stdout.is_empty(), "{}", later.stdout);
    let config = fs::read_to_string(newswatch.config()).unwrap();
    newswatch.write_config(config.replace("name = 'morning'\n", "name = 'morning'\nempty = 'send'\n"));
    let shown = newswatch.run(&["mail", "preview"]).ok().stdout;
    assert!(shown.contains("Subject: [morning] nothing new"), "{shown}");
    newswatch.run(&["once", "--all"]).ok();
    inbox.only_letter();
    assert_eq!(newswatch.mails().len(), 1, "nothing is queued by a preview");
}

#[test]
fn what_was_nearly_matched_is_listed_once_a_week_and_each_once() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let entries = |more: Option<Entry>| {
        let first = Entry::new("budget", "Ministers veto the budget of the harbour").summary("Four states object.");
        let near = Entry::new("pilots", "Harbour pilots go home").summary("They were on strike.");
        let far = Entry::new("cup", "Final of the cup").summary("The pilots of the harbour were there.");
        rss(&[first, near, far].into_iter().chain(more).collect::<Vec<_>>())
    };
    origin.serve("/a.xml", Answer::feed(entries(None)));
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .watch_with("veto", "veto", &[("send", "'morning'")])
        .watch_with("pilots", "harbour pilots strike tuesday", &[("title", "'Pilots'"), ("send", "'morning'")])
        .watch_with("now", "title:pilots title:ferry", &[("send", "'now'")])
        .watch_with("elsewhere", "pilots ferry", &[("to", "['ben@example.org']")])
        .digest("morning", &hours_ago(), &[]);
    newswatch.once();
    let preview = newswatch.run(&["mail", "preview"]).ok().stdout;
    for piece in ["Nearly matched", "Pilots: tuesday: does not occur", "now: title:ferry: does not occur"] {
        assert!(preview.contains(piece), "no {piece:?} in:\n{preview}");
    }
    newswatch.run(&["once", "--flush"]).ok();
    let letter = inbox.only_letter();
    for part in [letter.flat_text(), letter.html.clone()] {
        assert!(part.contains("Harbour pilots go home") && part.contains("tuesday: does not occur"), "{part}");
        assert!(!part.contains("Final of the cup") && !part.contains("elsewhere"), "{part}");
    }
    // The same week has heard of it.
    let fish = Entry::new("fish", "Islanders veto a treaty").summary("Harbour pilots strike too.");
    origin.serve("/a.xml", Answer::feed(entries(Some(fish))));
    newswatch.run(&["once", "--all"]).ok();
    newswatch.run(&["once", "--flush"]).ok();
    let second = inbox.letters().into_iter().find(|letter| letter.text.contains("treaty")).expect("a second digest");
    assert!(!second.text.contains("Nearly matched"), "{}", second.text);
}
