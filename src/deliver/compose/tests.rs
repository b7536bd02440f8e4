//! What each kind of mail looks like.

mod laws;

mod scene;

use mail_parser::MessageParser;

use self::scene::*;
use super::*;
use crate::item::{
    Act, Ailment, Before, CalendarName, Days, Event, Fact, Field, ItemId, Key, ListedMiss, Parts, Reminder, Stance,
    StoryId, Sum, Told, Value,
};

macro_rules! assert_mail {
    ($name:literal, $shown:expr) => {
        insta::with_settings!({ snapshot_path => "../../../tests/fixtures/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $shown);
        });
    };
}

#[test]
fn an_alert_of_one_watch() {
    assert_mail!("mail-alert", Desk::new().shown(MailKind::Alert, &[veto()], &[]));
}

#[test]
fn an_alert_of_two_watches_quotes_each_sentence_once() {
    assert_mail!("mail-alert-two-watches", Desk::new().shown(MailKind::Alert, &[veto(), summit()], &[]));
}

#[test]
fn an_edited_item_follows_in_its_thread() {
    let mut edited = veto();
    edited.telling.edited = true;
    edited.item.title = "Orbán: no veto, for now".to_owned();
    let thread = [
        ThreadMail { message_id: "first@example.org".to_owned(), subject: "[Old title] As it was told".to_owned() },
        ThreadMail { message_id: "second@example.org".to_owned(), subject: "[Old title] As it was told".to_owned() },
    ];
    assert_mail!("mail-alert-edited", Desk::new().shown(MailKind::Alert, &[edited], &thread));
}

#[test]
fn other_sources_are_named_and_nothing_quoted_gives_the_summary() {
    let mut entry = veto();
    entry.telling.hit.because.truncate(1);
    entry.item.link = None;
    entry.item.published = None;
    entry.also_in = (1..=11)
        .map(|n| (format!("Source {n}"), (n != 2).then(|| format!("https://s{n}.example/a?gclid=x"))))
        .collect();
    assert_mail!("mail-alert-also-in", Desk::new().shown(MailKind::Alert, &[entry], &[]));
}

fn morning(near: Vec<ListedMiss>) -> MailKind {
    MailKind::Digest { name: "morning".to_owned(), near }
}

#[test]
fn a_digest() {
    assert_mail!("mail-digest", Desk::new().shown(morning(Vec::new()), &digest(), &[]));
}

fn days(first: &str, last: &str) -> Days {
    Days { first: first.parse().unwrap(), last: last.parse().unwrap() }
}

fn moved_summit() -> Told {
    let event = Event {
        kind: "summit".to_owned(),
        name: Some("Alliance summit".to_owned()),
        place: Some("Vilnius".to_owned()),
        days: days("2027-07-14", "2027-07-15"),
        moved_from: Some(days("2027-07-07", "2027-07-08")),
        moved: true,
        cancelled: false,
        parts: Parts::default(),
    };
    let before = Before {
        value: Value::Set(days("2027-07-07", "2027-07-08")),
        feed: "Alliance Newsroom".to_owned(),
        link: Some("https://alliance.example.net/news/summit".to_owned()),
        at: "2026-11-12T09:00:00Z".parse().unwrap(),
    };
    let calendar = CalendarName { uid: "0123456789abcdef0123456789abcdef@newswatch".to_owned(), sequence: 1 };
    Told { fact: Fact::Event(event), before: Some(before), calendar: Some(calendar) }
}

fn denied_veto() -> Told {
    let act = Act {
        actor: "Hungary".to_owned(),
        act: "veto".to_owned(),
        object: Some("the security assistance package".to_owned()),
        stance: Stance::Denied,
        condition: Some("as long as it is not made to take part".to_owned()),
        said_by: Some("Viktor Orbán".to_owned()),
        parts: Parts::default(),
    };
    let before = Before {
        value: Value::Stands(Stance::Announced),
        feed: "Brussels Ledger".to_owned(),
        link: None,
        at: "2026-11-10T09:00:00Z".parse().unwrap(),
    };
    Told { fact: Fact::Act(act), before: Some(before), calendar: None }
}

#[test]
fn an_alert_of_changes_shows_what_was_before() {
    let mut entry = veto();
    let sum = Sum { text: "€50 billion".to_owned(), note: "50bn EUR".to_owned() };
    entry.telling.hit.facts =
        vec![denied_veto(), moved_summit(), Told { fact: Fact::Sum(sum), before: None, calendar: None }];
    let mail = Desk::new().mail(MailKind::Alert, &[entry], &[]);
    let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
    let calendar = parsed.attachments().next().unwrap();
    let shown = format!("{}\n===== calendar =====\n{}", show(&mail), calendar.text_contents().unwrap());
    let shown = shown.replace('\r', "").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    assert_mail!("mail-alert-changes", shown);
}

#[test]
fn dates_that_moved_are_counted_once_in_a_digest() {
    let mut entries = digest();
    entries[0].telling.hit.facts = vec![denied_veto()];
    entries[1].telling.hit.facts = vec![moved_summit()];
    entries[2].telling.hit.facts = vec![moved_summit()];
    let desk = Desk::new();
    let views = views(&desk.context(), &morning(Vec::new()), &entries, &[]).unwrap();
    assert_eq!(views.subject, "[morning] 3 stories, 1 date moved");
    assert!(views.text.contains("Alliance summit, Vilnius: moved to 14–15 July 2027"), "{}", views.text);
    assert!(views.html.contains("<del>7–8 July 2027</del>"), "{}", views.html);
}

/// An event of the last week, of the next months, or one that was called off.
fn dated(name: &str, first: &str, last: &str, cancelled: bool) -> Told {
    let event = Event {
        kind: "summit".to_owned(),
        name: Some(name.to_owned()),
        place: None,
        days: days(first, last),
        moved_from: None,
        moved: false,
        cancelled,
        parts: Parts::default(),
    };
    Told { fact: Fact::Event(event), before: None, calendar: None }
}

fn near_misses() -> Vec<ListedMiss> {
    let miss = |watch: &str, item: i64, headline: &str, lacks: &str| ListedMiss {
        watch: watch.to_owned(),
        item,
        headline: headline.to_owned(),
        link: Some(format!("https://northgate.example/2026/11/{item}?utm_source=rss")),
        feed: "Northgate Post".to_owned(),
        published: Some("2026-11-21T09:30:00Z".parse().unwrap()),
        seen: "2026-11-21T10:15:00Z".parse().unwrap(),
        lacks: lacks.to_owned(),
    };
    vec![
        miss("Hungary and vetoes", 17, "Budapest weighs its answer to the package", "veto OR block: does not occur"),
        ListedMiss {
            link: None,
            published: None,
            ..miss(
                "Summit dates",
                23,
                "Alliance talks end without a <date>",
                "@nato NEAR/8 summit: distance 12, needed 8",
            )
        },
    ]
}

#[test]
fn a_report_is_later_only_where_an_earlier_mail_told_of_its_story() {
    let mut entries = digest();
    entries[1].telling.later = true;
    let text = |entries: &[MailEntry]| views(&Desk::new().context(), &morning(Vec::new()), entries, &[]).unwrap().text;
    assert!(!text(&entries).contains("A later report"), "{}", text(&entries));
    entries[0].telling.later = true;
    assert_eq!(text(&entries).matches("A later report").count(), 2);
}

#[test]
fn a_digest_with_dates_ahead_and_near_misses() {
    let mut entries = digest();
    entries[2].telling.hit.facts = vec![
        moved_summit(),
        dated("Spring council", "2027-03-19", "2027-03-20", false),
        dated("Autumn council", "2026-11-02", "2026-11-03", false),
        dated("Winter games", "2027-01-05", "2027-01-05", true),
    ];
    entries[0].telling.hit.facts = vec![dated("Spring council", "2027-03-19", "2027-03-20", false)];
    assert_mail!("mail-digest-weekly", Desk::new().shown(morning(near_misses()), &entries, &[]));
}

#[test]
fn only_the_nearest_dates_are_listed() {
    let mut entries = digest();
    let date = |n: i64| dated(&format!("Council {n}"), &format!("2027-02-{:02}", 28 - n), "2027-02-28", false);
    entries[0].telling.hit.facts = (0..20).map(date).collect();
    let text = show(&Desk::new().mail(morning(Vec::new()), &entries, &[]));
    let listed = text.split_once("== Dates ahead ==").unwrap().1.split_once("\n-- \n").unwrap().0;
    assert_eq!(listed.matches("\n- ").count(), 13, "{listed}");
    assert!(
        listed.contains("Council 19") && !listed.contains("Council 7\n") && listed.contains("- and 8 more"),
        "{listed}"
    );
}

#[test]
fn a_reminder() {
    let told = moved_summit();
    let Fact::Event(event) = told.fact else { panic!("no event") };
    let reminder = Reminder {
        watch: "summit-dates".to_owned(),
        title: "Summit dates".to_owned(),
        days_ahead: 14,
        event,
        calendar: told.calendar.unwrap(),
        sources: vec![
            ("Alliance Newsroom".to_owned(), Some("https://alliance.example.net/news/summit".to_owned())),
            ("Coast Radio".to_owned(), None),
        ],
    };
    let tomorrow = Reminder { days_ahead: 1, ..reminder.clone() };
    let desk = Desk::new();
    assert!(
        desk.shown(MailKind::Reminder(tomorrow), &[], &[])
            .contains("Subject: [Summit dates] Alliance summit tomorrow\n")
    );
    assert_mail!("mail-reminder", desk.shown(MailKind::Reminder(reminder), &[], &[]));
}

#[test]
fn a_digest_of_feeds_that_are_ill() {
    let mut desk = Desk::new();
    let ill = |feed: &str, gone: bool, error: &str| Ill {
        feed: feed.to_owned(),
        since: "2026-11-22T05:00:00Z".parse().unwrap(),
        gone,
        error: error.to_owned(),
    };
    desk.proof.ill =
        vec![ill("alliance", false, "HTTP 503\n<b>Service</b>"), ill("ledger", true, ""), ill("post", false, "")];
    desk.proof.ill.extend((0..9).map(|n| ill(&format!("zz{n}"), true, "")));
    let mail = show(&desk.mail(morning(Vec::new()), &[], &[]));
    let mail = mail.split_whitespace().collect::<Vec<_>>().join(" ");
    for piece in [
        "- alliance has not been read since Sun 22 Nov 2026, 06:00 CET: HTTP 503",
        "- ledger says since Sun 22 Nov 2026, 06:00 CET that it is gone for good",
        "- and 2 more",
        "&lt;b&gt;Service&lt;/b&gt;",
    ] {
        assert!(mail.contains(piece), "no {piece:?} in\n{mail}");
    }
}

#[test]
fn what_is_most_important_comes_first() {
    let mut entries = digest();
    let (quiet, loud) = (entries.len(), entries.len() + 1);
    for (number, also) in [(quiet, 0), (loud, 5)] {
        let mut entry = veto();
        entry.telling.story = StoryId(100 + i64::try_from(number).unwrap());
        entry.item.title = format!("Story {number}");
        entry.telling.hit.because.clear();
        entry.also_in = vec![("Ledger".to_owned(), None); also];
        entries.push(entry);
    }
    let text = show(&Desk::new().mail(morning(Vec::new()), &entries, &[]));
    let place = |number: usize| text.find(&format!("Story {number}")).unwrap();
    assert!(place(loud) < place(quiet), "{text}");
    assert!(text[place(loud) - 3..].starts_with("1. "), "{text}");
}

#[test]
fn a_digest_with_nothing_in_it() {
    let kind = morning(Vec::new());
    assert_mail!("mail-digest-empty", Desk::new().shown(kind, &[], &[]));
}

#[test]
fn a_broken_feed() {
    let kind = MailKind::FeedBroken {
        feed: "alliance".to_owned(),
        url: "https://me:secret@alliance.example.net/rss.xml?token=abc&full=1".to_owned(),
        error: "the server answered 503 Service Unavailable, and said nothing of when to come back".to_owned(),
        gone: false,
    };
    assert_mail!("mail-feed-broken", Desk::new().shown(kind, &[], &[]));
}

#[test]
fn a_feed_that_is_gone_and_one_that_works_again() {
    let (feed, url) = ("alliance".to_owned(), "https://alliance.example.net/rss.xml".to_owned());
    let desk = Desk::new();
    let gone = MailKind::FeedBroken { feed: feed.clone(), url: url.clone(), error: "410 Gone".to_owned(), gone: true };
    let gone = desk.shown(gone, &[], &[]);
    assert!(gone.contains("Subject: [newswatch] feed alliance is gone\n"), "{gone}");
    assert!(gone.contains("It is asked no more."), "{gone}");
    assert_mail!("mail-feed-healed", desk.shown(MailKind::FeedHealed { feed, url }, &[], &[]));
}

#[test]
fn a_feed_that_is_odd() {
    let (feed, url) = ("alliance".to_owned(), "https://alliance.example.net/rss.xml".to_owned());
    let since = "2026-11-20T08:00:00Z".parse().unwrap();
    let kind = |what| MailKind::FeedOdd { feed: feed.clone(), url: url.clone(), what, since };
    assert_mail!("mail-feed-odd", Desk::new().shown(kind(Ailment::Quiet), &[], &[]));
    for what in [Ailment::Gaps, Ailment::Churn, Ailment::OneDate] {
        let mail = Desk::new().shown(kind(what), &[], &[]);
        assert!(mail.contains("Subject: [newswatch] feed alliance "), "{mail}");
    }
}

#[test]
fn a_test_message() {
    let desk = Desk::new();
    assert_mail!("mail-test", show(&test_message(&desk.context()).unwrap()));
}

#[test]
fn an_alert_with_links() {
    assert_mail!("mail-alert-links", Desk::reachable().shown(MailKind::Alert, &[veto(), summit()], &[]));
}

#[test]
fn a_digest_with_links() {
    let kind = morning(Vec::new());
    assert_mail!("mail-digest-links", Desk::reachable().shown(kind, &digest(), &[]));
}

#[test]
fn a_silence_that_is_told() {
    let kind = MailKind::Quiet {
        watch: "gone-quiet".to_owned(),
        title: "The alliance is silent".to_owned(),
        since: "2026-11-21T05:50:00Z".parse().unwrap(),
        read_ms: 3 * 24 * 3_600_000,
        feeds: vec!["Alliance Newsroom".to_owned(), "ledger".to_owned()],
    };
    assert_mail!("mail-quiet", with_key(&Desk::reachable(), kind));
}

#[test]
fn what_a_thread_was_called_by_does_not_hide_what_has_changed() {
    let mut entry = summit();
    entry.telling.hit.facts = vec![moved_summit()];
    let subject = "[Summits] Alliance to meet on 7-8 July";
    let thread = [ThreadMail { message_id: "<first@example.org>".to_owned(), subject: subject.to_owned() }];
    let views = views(&Desk::new().context(), &MailKind::Alert, &[entry], &thread).unwrap();
    assert_eq!(views.subject, subject, "a thread has one subject");
    let (_, peek) = views.html.split_once("class=\"peek\"").unwrap();
    let (_, peek) = peek.split_once('>').unwrap();
    assert!(peek.starts_with("Alliance summit, Vilnius: moved to 14–15 July 2027 \u{b7} "), "{}", &peek[..200]);
}

#[test]
fn alerts_that_were_held_together() {
    let kind = MailKind::Together { title: None };
    assert_mail!("mail-together", Desk::reachable().shown(kind, &[veto(), summit()], &[]));
}

#[test]
fn alerts_that_came_a_day_late() {
    let kind = MailKind::Stale { since: "2026-11-22T21:10:00Z".parse().unwrap() };
    assert_mail!("mail-stale", Desk::new().shown(kind, &[veto(), summit()], &[]));
}

#[test]
fn a_summary_of_more_than_it_shows_says_how_many_there_are() {
    let (desk, kind) = (Desk::new(), MailKind::Stale { since: "2026-11-22T21:10:00Z".parse().unwrap() });
    let watches = vec!["veto".to_owned(), "summits".to_owned(), "ports".to_owned()];
    let whole = Whole { stories: 9_876, sections: 10_000, items: 9_900, moved: 3, watches };
    let context = Context { whole: Some(&whole), ..desk.context() };
    let views = views(&context, &kind, &[veto(), summit()], &[]).unwrap();
    assert_eq!(views.subject, "[newswatch] 9876 stories, 3 dates moved, delayed");
    assert!(views.text.contains("9998 more"), "{}", views.text);
    assert!(views.text.contains("from 3 watches") || views.text.contains("From 3 watches"), "{}", views.text);
    let envelope = Envelope::new("eu-desk@example.org".to_owned(), kind, [Key::of(&["late"])]);
    let shown = show(&mail(&context, &envelope, &[veto(), summit()], &[]).unwrap());
    assert!(shown.contains("X-Newswatch-Watch: veto, summits, ports"), "{shown}");
}

#[test]
fn no_mail_has_room_for_more_than_is_read_for_it() {
    let desk = Desk::new();
    let least = |n: usize| {
        let mut entry = veto();
        entry.item = crate::item::Item { title: "x".to_owned(), ..crate::item::Item::default() };
        entry.telling.story = StoryId(i64::try_from(n).unwrap());
        entry.telling.hit.because.clear();
        entry.telling.hit.facts.clear();
        (entry.feed, entry.also_in) = ("f".to_owned(), Vec::new());
        entry
    };
    let entries: Vec<MailEntry> = (0..Lease::TELLINGS_MAX).map(least).collect();
    let views = views(&desk.context(), &MailKind::Together { title: None }, &entries, &[]).unwrap();
    assert!(
        views.html.len() <= HTML_LEN_MAX && views.html.contains("more</b> that did not fit"),
        "{}",
        views.html.len()
    );
}

/// A mail that tells no match.
fn with_key(desk: &Desk, kind: MailKind) -> String {
    let envelope = Envelope::new("eu-desk@example.org".to_owned(), kind, [Key::of(&["quiet"])]);
    show(&mail(&desk.context(), &envelope, &[], &[]).unwrap())
}
