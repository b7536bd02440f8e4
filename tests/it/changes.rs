//! Facts of matched items: told once and again when they change, listed, exported, reminded of.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, rss};
use super::harness::level;
use super::harness::newswatch::{Newswatch, a_time, shaped};

const SUMMIT: &str = "@nato NEAR/30 event(summit)";
const VETO: &str = "act(veto, by=@hungary)";

/// A day so far ahead.
fn ahead(days: i32) -> Date {
    level::today().in_tz("UTC").unwrap().date().checked_add(Span::new().days(days)).unwrap()
}

/// As a newspaper writes it.
fn written(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

fn minutes_ago(minutes: i64) -> Timestamp {
    level::today() - jiff::SignedDuration::from_mins(minutes)
}

/// An item of its own story, published so many minutes ago.
fn report(id: &str, title: &str, text: &str, minutes: i64) -> Entry {
    Entry { published: Some(minutes_ago(minutes)), ..Entry::new(id, title).summary(text) }
}

fn publish(origin: &Origin, path: &str, entries: &[Entry]) {
    origin.serve(path, Answer::feed(rss(entries)));
}

/// Two feeds and a watch.
fn desk(origin: &Origin, inbox: &Inbox, when: &str, more: &[(&str, &str)]) -> Newswatch {
    Newswatch::new()
        .mail(inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .feed("ledger", &origin.url("/b.xml"))
        .watch_with("facts", when, &[&[("send", "'now'")], more].concat())
}

fn summit_on(date: Date) -> String {
    format!("The NATO summit in Ankara will take place on {}.", written(date))
}

#[test]
fn an_event_is_told_once_and_again_when_it_moves_with_both_dates_and_sources() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let first = report("a1", "Alliance sets a date", &summit_on(ahead(40)), 50);
    publish(&origin, "/a.xml", std::slice::from_ref(&first));
    publish(&origin, "/b.xml", &[report("b1", "Leaders look to Ankara", &summit_on(ahead(40)), 40)]);
    let newswatch = desk(&origin, &inbox, SUMMIT, &[]);
    newswatch.once();
    newswatch.once();
    let told = inbox.only_letter();
    let date = |days| written(ahead(days));
    assert!(told.flat_text().contains(&format!("NATO summit, Ankara: {}", date(40))), "{}", told.text);

    let moved = format!("The NATO summit in Ankara was moved from {} to {}.", date(40), date(47));
    let second = report("b2", "Ankara makes room", &moved, 20);
    publish(&origin, "/b.xml", &[report("b1", "Leaders look to Ankara", &summit_on(ahead(40)), 40), second]);
    newswatch.once();
    let letters = inbox.letters();
    assert_eq!(letters.len(), 2, "the move is told");
    let text = letters[1].flat_text();
    assert!(text.contains(&format!("NATO summit, Ankara: moved to {}", date(47))), "{text}");
    assert!(text.contains(&format!("Before: {}, said ", date(40))), "{text}");
    assert!(text.contains("ledger") || text.contains("alliance"), "{text}");

    // An older report that comes late, and the old date again, change nothing.
    let late = report("a2", "What Ankara hopes for", &summit_on(ahead(40)), 30);
    publish(&origin, "/a.xml", &[first, late]);
    newswatch.once();
    newswatch.run(&["once", "--all"]).ok();
    assert_eq!(inbox.letters().len(), 2, "nothing new");
    let listed = newswatch.list(&["event", "list"]);
    assert_eq!((listed.len(), &listed[0]["state"]), (1, &"moved".into()), "{listed:?}");
    assert_eq!(listed[0]["start"], ahead(47).to_string());
}

#[test]
fn a_stance_is_told_when_it_changes_and_a_doubt_is_no_change() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let mut entries = vec![report("a1", "Budapest threatens", "Hungary threatened to veto the aid package.", 50)];
    publish(&origin, "/a.xml", &entries);
    publish(&origin, "/b.xml", &[report("b1", "Cup final", "Nothing of it.", 50)]);
    let newswatch = desk(&origin, &inbox, VETO, &[]);
    newswatch.once();
    let first = inbox.only_letter();
    assert!(first.flat_text().contains("announced"), "{}", first.text);

    entries.push(report("a2", "A guess in Brussels", "Hungary may veto the aid package.", 40));
    entries.push(report("a3", "No news", "Hungary threatened to veto the aid package again.", 30));
    publish(&origin, "/a.xml", &entries);
    newswatch.once();
    inbox.only_letter();

    let denial = "Hungary will not veto the aid package as long as it is not made to take part.";
    publish(&origin, "/b.xml", &[report("b2", "Budapest relents", denial, 20)]);
    newswatch.once();
    let letters = inbox.letters();
    assert_eq!(letters.len(), 2);
    let text = letters[1].flat_text();
    assert!(text.contains("denied") && text.contains("Before: announced, said alliance"), "{text}");
    assert!(text.contains("On condition: as long as it is not made to take part"), "{text}");
    assert!(letters[1].html.contains("<del>announced</del>"), "{}", letters[1].html);
}

#[test]
fn with_repeat_story_a_change_within_a_story_is_a_later_report() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let title = "Hungary and the aid package";
    publish(&origin, "/a.xml", &[report("a1", title, "Hungary threatened to veto the aid package.", 50)]);
    publish(&origin, "/b.xml", &[report("b1", title, "Hungary threatened to veto the aid package.", 40)]);
    let newswatch = desk(&origin, &inbox, VETO, &[("repeat", "'item'")]);
    newswatch.once();
    assert_eq!(inbox.letters().len(), 2, "repeat = item tells every report");
}

#[test]
fn a_digest_counts_the_dates_that_moved() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let moved = format!("The NATO summit in Ankara was moved from {} to {}.", written(ahead(40)), written(ahead(47)));
    publish(&origin, "/a.xml", &[report("a1", "Alliance sets a date", &summit_on(ahead(40)), 50)]);
    publish(&origin, "/b.xml", &[report("b1", "Ankara makes room", &moved, 20)]);
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .feed_with("ledger", &origin.url("/b.xml"), &[("enabled", "false")])
        .watch_with("facts", SUMMIT, &[("send", "'morning'")])
        .digest("morning", "00:00", &[]);
    newswatch.once();
    let config = std::fs::read_to_string(newswatch.config()).unwrap();
    newswatch.write_config(config.replace("enabled = false", "enabled = true"));
    newswatch.once();
    newswatch.run(&["once", "--flush"]).ok();
    let digest = inbox.only_letter();
    assert!(digest.subject.ends_with(", 1 date moved"), "{}", digest.subject);
    assert!(digest.flat_text().contains("Before: "), "{}", digest.text);
}

#[test]
fn events_ahead_travel_as_a_calendar_under_one_name() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, "/a.xml", &[report("a1", "Alliance sets a date", &summit_on(ahead(40)), 50)]);
    publish(&origin, "/b.xml", &[report("b1", "Cup final", "Nothing of it.", 50)]);
    let newswatch = desk(&origin, &inbox, SUMMIT, &[]);
    newswatch.once();
    let first = inbox.only_letter();
    assert_eq!(first.content_type, "multipart/mixed");
    let calendar = first.part("text/calendar").expect("a calendar");
    let date = |day: Date| day.strftime("%Y%m%d").to_string();
    for line in [
        "METHOD:PUBLISH".to_owned(),
        format!("DTSTART;VALUE=DATE:{}", date(ahead(40))),
        format!("DTEND;VALUE=DATE:{}", date(ahead(41))),
        "SUMMARY:NATO summit".to_owned(),
        "LOCATION:Ankara".to_owned(),
        "URL:https://news.example.org/a1".to_owned(),
        "SEQUENCE:0".to_owned(),
    ] {
        assert!(calendar.lines().any(|known| known == line), "no {line} in\n{calendar}");
    }
    let uid = |text: &str| text.lines().find(|line| line.starts_with("UID:")).map(str::to_owned).unwrap();

    let off = format!("The NATO summit in Ankara on {} was cancelled.", written(ahead(40)));
    publish(&origin, "/b.xml", &[report("b2", "Ankara calls it off", &off, 20)]);
    newswatch.once();
    let letters = inbox.letters();
    assert_eq!(letters.len(), 2);
    let later = letters[1].part("text/calendar").expect("a calendar");
    assert!(later.contains("STATUS:CANCELLED") && later.contains("SEQUENCE:1"), "{later}");
    assert_eq!(uid(&later), uid(&calendar));

    let exported = newswatch.run(&["event", "export"]).ok().stdout;
    assert_eq!(uid(&exported), uid(&calendar));
    assert!(exported.contains("STATUS:CANCELLED\r\n"), "{exported}");
    let listed = newswatch.list(&["event", "list"]);
    assert_eq!(
        (&listed[0]["state"], format!("UID:{}", listed[0]["uid"].as_str().unwrap())),
        (&"cancelled".into(), uid(&calendar))
    );
}

#[test]
fn events_of_whatever_matched_are_listed_also_beside_the_daemon() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let entries = [
        report(
            "a1",
            "Herring talks",
            &format!("Herring fishers hold a conference in Bergen on {}.", written(ahead(9))),
            9,
        ),
        report("a2", "Rail talks", &format!("Rail unions hold a conference in Lyon on {}.", written(ahead(9))), 8),
        report("a3", "Herring past", "Herring fishers held a conference in Oslo on 2 May 2020.", 7),
    ];
    publish(&origin, "/a.xml", &entries);
    publish(&origin, "/b.xml", &[report("b1", "Cup final", "Nothing of it.", 50)]);
    let newswatch = desk(&origin, &inbox, "herring", &[]);
    newswatch.once();
    let expected = |listed: &[serde_json::Value]| {
        assert_eq!(listed.len(), 1, "only what matched and is ahead: {listed:?}");
        shaped(&listed[0], &["event", "name", "place", "start", "end", "state", "first_seen", "sources", "uid"]);
        assert_eq!((&listed[0]["event"], &listed[0]["place"]), (&"conference".into(), &"Bergen".into()));
        assert_eq!(listed[0]["sources"], serde_json::json!(["https://news.example.org/a1"]));
        assert_eq!((&listed[0]["start"], &listed[0]["state"]), (&ahead(9).to_string().into(), &"set".into()));
        a_time(&listed[0]["first_seen"]);
    };
    expected(&newswatch.list(&["event", "list"]));
    let mut daemon = newswatch.start();
    expected(&newswatch.list(&["event", "list"]));
    let table = newswatch.run(&["event", "list"]).ok().stdout;
    assert!(table.contains("Bergen") && table.starts_with("DAYS"), "{table}");
    assert!(newswatch.run(&["event", "export"]).ok().stdout.starts_with("BEGIN:VCALENDAR\r\n"));
    daemon.stop();
    assert!(!inbox.letters().is_empty());
}

#[test]
fn the_mail_of_any_watch_shows_what_its_sentences_say() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let text = format!(
        "Hungary will not veto a package of 50 billion euros at the summit in Ghent on {}. Poland vetoed a loan.",
        written(ahead(9))
    );
    publish(&origin, "/a.xml", &[report("a1", "Budapest relents", &text, 9)]);
    publish(&origin, "/b.xml", &[report("b1", "Cup final", "Nothing of it.", 50)]);
    desk(&origin, &inbox, "package", &[]).once();
    let told = inbox.only_letter().flat_text();
    for line in [
        "Hungary, veto (package",
        "denied",
        "50 billion euros: 50bn EUR",
        &format!("Summit, Ghent: {}", written(ahead(9))),
    ] {
        assert!(told.contains(line), "no {line} in {told}");
    }
    assert!(!told.contains("Poland, veto"), "{told}");
}

#[test]
fn an_edit_that_changes_the_date_is_a_move() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, "/a.xml", &[report("a1", "Alliance sets a date", &summit_on(ahead(40)), 50)]);
    publish(&origin, "/b.xml", &[report("b1", "Cup final", "Nothing of it.", 50)]);
    let newswatch = desk(&origin, &inbox, SUMMIT, &[]);
    newswatch.once();
    let slip = summit_on(ahead(40)).replace("will take", "is to take");
    publish(&origin, "/a.xml", &[report("a1", "Alliance sets a date", &slip, 50)]);
    newswatch.once();
    inbox.only_letter();
    publish(&origin, "/a.xml", &[report("a1", "Alliance sets a date", &summit_on(ahead(43)), 50)]);
    newswatch.once();
    let letters = inbox.letters();
    assert_eq!(letters.len(), 2, "only a changed fact is told");
    assert!(letters[1].flat_text().contains(&format!("Before: {}", written(ahead(40)))), "{}", letters[1].text);
}

#[test]
fn what_was_told_is_not_told_again_from_a_database_that_is_put_back() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, "/a.xml", &[report("z", "Cup final", "Nothing of it.", 50)]);
    publish(&origin, "/b.xml", &[report("b1", "Cup final", "Nothing of it.", 50)]);
    let newswatch = desk(&origin, &inbox, SUMMIT, &[]);
    newswatch.once();
    let kept = newswatch.keep_database();
    publish(&origin, "/a.xml", &[report("a1", "Alliance sets a date", &summit_on(ahead(40)), 30)]);
    newswatch.once();
    let moved = format!("The NATO summit in Ankara was moved from {} to {}.", written(ahead(40)), written(ahead(47)));
    let all = [
        report("a1", "Alliance sets a date", &summit_on(ahead(40)), 30),
        report("a2", "Ankara makes room", &moved, 20),
    ];
    publish(&origin, "/a.xml", &all);
    newswatch.once();
    assert_eq!(inbox.letters().len(), 2);
    kept.put_back();
    newswatch.once();
    newswatch.once();
    assert_eq!(inbox.letters().len(), 2, "told twice");
}

#[test]
fn dates_in_texts_are_those_of_where_they_were_written() {
    // It is the 13th in Sydney while it is still the 12th in UTC.
    let item = |date: &str| {
        format!(
            "<rss version='2.0'><channel><title>t</title><item><title>Ferry strike</title><description>A strike will begin \
             tomorrow.</description><pubDate>{date}</pubDate></item></channel></rss>"
        )
    };
    let newswatch = Newswatch::new();
    let start = |newswatch: &Newswatch, name: &str, date: &str| {
        let file = newswatch.write(name, item(date));
        let ran =
            newswatch.run(&["watch", "test", "--json", "--query", "event(strike, within=any)", file.to_str().unwrap()]);
        ran.ok().one_json()["events"][0]["start"].as_str().unwrap().to_owned()
    };
    assert_eq!(start(&newswatch, "a.xml", "Tue, 12 May 2026 20:00:00 +0000"), "2026-05-13");
    assert_eq!(start(&newswatch, "b.xml", "Wed, 13 May 2026 06:00:00 +1000"), "2026-05-14");
    assert_eq!(start(&newswatch, "c.xml", "2026-05-12T20:00:00"), "2026-05-13");
    let zoned = Newswatch::new();
    let file = zoned.write("d.xml", item("2026-05-12T20:00:00"));
    let url = super::harness::newswatch::file_url(&file);
    let zoned = zoned
        .feed_with("sydney", &url, &[("time_zone", "'Australia/Sydney'")])
        .watch("strike", "event(strike, within=any)");
    let ran = zoned.run(&["watch", "test", "--json", &url]).ok();
    assert_eq!(ran.one_json()["events"][0]["start"], "2026-05-14");
    let bad = Newswatch::new().feed_with("x", &url, &[("time_zone", "'Mars/Base'")]);
    bad.run(&["check"]).code(1).says(&["time_zone"]);
}

#[test]
fn a_missed_fact_quotes_the_sentence_that_came_nearest() {
    let newswatch = Newswatch::new();
    let told = |query: &str, text: &str| {
        newswatch.run_with(&["watch", "test", "--query", query, "-"], text.as_bytes()).ok().stdout
    };
    let text = "Poland vetoed the plan. Hungary vetoed the plan on Friday.";
    let missed = told("act(veto, by=@hungary, stance=withdrawn)", text);
    assert!(missed.contains("the veto is did, needed withdrawn"), "{missed}");
    assert!(missed.contains("Hungary vetoed the plan") && !missed.contains("text: *Poland"), "{missed}");
    let missed = told("event(summit)", "They met. The summit is high.");
    assert!(missed.contains("summit occurs, without a date") && missed.contains("The *summit* is high."), "{missed}");
}

#[test]
fn who_says_so_and_what_an_act_is_on_can_be_asked_for() {
    let newswatch = Newswatch::new();
    let matches = |query: &str, text: &str| {
        newswatch.run_with(&["watch", "test", "--json", "--query", query, "-"], text.as_bytes()).ok().json().len()
    };
    let text = "Brussels said Hungary had vetoed the aid package for Ukraine.";
    for (query, expected) in [
        ("act(veto, said-by=@eu)", 1),
        ("act(veto, said-by=@russia)", 0),
        ("act(veto, on=aid)", 1),
        ("act(veto, on=\"aid package\")", 1),
        ("act(veto, on=@ukraine)", 1),
        ("act(veto, on=@ukraine | fish, by=@hungary, said-by=@eu)", 1),
        ("act(veto, on=fish)", 0),
    ] {
        assert_eq!(matches(query, text), expected, "{query}");
    }
    let according = "According to Poland, Hungary vetoed a loan to Ukraine.";
    assert_eq!(matches("act(veto, on=@ukraine, by=@hungary, said-by=@poland)", according), 1);
}

#[test]
fn reminders_are_whole_days() {
    for (remind, said) in [
        ("['12h']", "whole days before an event"),
        ("['500d']", "\"400d\" at most"),
        ("['soon']", "a duration is a whole number and a unit"),
    ] {
        let newswatch = Newswatch::new().watch_with("facts", SUMMIT, &[("remind", remind)]);
        newswatch.run(&["check"]).code(1).says(&[said]);
    }
    Newswatch::new().watch_with("facts", SUMMIT, &[("remind", "['2w', '1d']")]).run(&["check"]).ok();
}
