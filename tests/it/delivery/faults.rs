//! What a mail server can do to us, case by case, and what becomes of the mail.
//!
//! `d01` to `d23` are ways in which delivery has failed somewhere; `matrix` goes through every place in the dialogue with every
//! kind of answer. Cases that are missing here are tried elsewhere: kills at random moments (2) in
//! `crash`, time limits (4) and a certificate that proves nothing (13) beside the transport, headers out of a feed (15) and a
//! stop in the middle of a mail (22) in `delivery`, clocks that jump (20) in `year`, a full disk (21) beside the deliverer.

use serde_json::{Value, json};

use super::{DAY, one_veto, same_bytes, watching};
use crate::harness::PATIENCE;
use crate::harness::db;
use crate::harness::feeds::{Answer, Origin};
use crate::harness::inbox::{Inbox, Phase, Reply};
use crate::harness::items::{Entry, rss};
use crate::harness::level;
use crate::harness::newswatch::Newswatch;

const HOUR: i64 = DAY / 24;

/// Headlines that tell of different things.
const THREE: [&str; 3] = ["Poland vetoes apples", "Portugal vetoes cheese", "Austria vetoes trains"];

fn publish(origin: &Origin, titles: &[&str]) {
    let entries: Vec<Entry> = titles.iter().map(|title| Entry::new(&title.replace(' ', "-"), title)).collect();
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
}

fn states(newswatch: &Newswatch) -> Vec<String> {
    newswatch.mails().iter().map(|mail| mail["state"].as_str().unwrap().to_owned()).collect()
}

fn until_all_is_sent(newswatch: &Newswatch) {
    level::until("all mail to be sent", PATIENCE, || {
        newswatch.run(&["once"]).ok();
        states(newswatch).iter().all(|state| state == "sent").then_some(())
    });
}

#[test]
fn d01_a_crash_at_each_step_loses_nothing_and_changes_nothing() {
    for (phase, copies) in [(Phase::Greeting, 1), (Phase::Mail, 1), (Phase::Rcpt, 1), (Phase::Data, 1), (Phase::Dot, 2)]
    {
        let (origin, inbox) = (one_veto(), Inbox::start());
        let newswatch = watching(&origin, &inbox);
        inbox.script(phase, [Reply::Hang]);
        let mut daemon = newswatch.start();
        inbox.wait_reached(phase, 1);
        daemon.kill();
        until_all_is_sent(&newswatch);
        let offers = inbox.offers();
        assert_eq!(offers.len(), copies, "killed at {phase:?}");
        same_bytes(&offers);
    }
}

#[test]
fn d01_a_mail_that_the_ledger_knows_is_not_offered_again() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    inbox.script(Phase::Dot, [Reply::Hang]);
    let mut daemon = newswatch.start();
    inbox.wait_reached(Phase::Dot, 1);
    // As the disk was when the dot was sent: the row says so, and the answer is not recorded.
    let kept = newswatch.keep_database();
    inbox.release();
    level::until("the mail to be sent", PATIENCE, || (newswatch.only_mail()["state"] == "sent").then_some(()));
    daemon.kill();
    kept.put_back();
    newswatch.run(&["once"]).ok();
    assert_eq!(newswatch.only_mail()["state"], "sent");
    assert_eq!(inbox.offers().len(), 1);
}

#[test]
fn d03_an_answer_that_is_lost_makes_a_second_copy_of_the_same_bytes() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    inbox.script(Phase::Dot, [Reply::Cut, Reply::Cut]);
    until_all_is_sent(&newswatch);
    let offers = inbox.offers();
    assert_eq!(offers.len(), 3);
    same_bytes(&offers);
}

#[test]
fn d05_one_of_five_recipients_is_refused_and_four_get_their_mail_at_once() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let to: Vec<String> = (1..=5).map(|n| format!("'r{n}@example.org'")).collect();
    let newswatch = watching(&origin, &inbox).set("mail", "to", &format!("[{}]", to.join(", ")));
    inbox.choose(Phase::Rcpt, |nth| if nth == 3 { Reply::Say("550 5.1.1 nobody of that name") } else { Reply::Normal });
    let pass = newswatch.once();
    assert_eq!(pass["mail"], json!({"queued": 5, "sent": 4, "deferred": 0, "failed": 1}));
    assert_eq!(inbox.letters().len(), 4);
    assert_eq!(states(&newswatch).iter().filter(|state| *state == "dead").count(), 1);
}

/// A server that wants a login.
fn with_login(inbox: &Inbox) {
    inbox.always(Phase::Ehlo, Reply::Say("250-inbox.example.org\r\n250 AUTH PLAIN LOGIN"));
}

fn logging_in(origin: &Origin, inbox: &Inbox) -> Newswatch {
    let smtp = inbox.url().replace("smtp://", "smtp://user@");
    watching(origin, inbox)
        .set("mail", "smtp", &format!("'{smtp}'"))
        .environment("NEWSWATCH_SMTP_PASSWORD", "open sesame")
}

#[test]
fn d06_a_wrong_password_holds_all_mail_for_days_and_kills_none() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, &THREE[..1]);
    with_login(&inbox);
    let newswatch = logging_in(&origin, &inbox);
    inbox.always(Phase::Auth, Reply::Say("535 5.7.8 wrong password"));
    for day in 0..3 {
        newswatch.once();
        let mail = newswatch.only_mail();
        assert_eq!((&mail["state"], &mail["tries"]), (&json!("waiting"), &json!(0)), "day {day}");
        assert!(mail["answer"].as_str().unwrap().contains("535 5.7.8 wrong password"), "{mail}");
        db::age_mail(&newswatch.database(), DAY);
    }
    let mut daemon = newswatch.start();
    newswatch.until_status("the mail server's words to be on the status", |status| {
        let problems: Vec<_> = status["problems"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        problems.iter().filter(|problem| problem.contains("wrong password")).count() == 1
    });
    daemon.stop();
    inbox.always(Phase::Auth, Reply::Normal);
    until_all_is_sent(&newswatch);
    inbox.only_letter();
}

#[test]
fn d07_what_a_day_of_outage_held_up_goes_out_in_order() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let words = ["apples", "cheese", "trains", "rain", "herring", "budget", "tunnel", "bridges", "salt", "lamps"];
    let titles: Vec<String> =
        (0..200).map(|n| format!("{} number {n} meets a veto of {}", words[n / 10 % 10], words[n % 10])).collect();
    let entries: Vec<Entry> = titles
        .iter()
        .enumerate()
        .map(|(n, title)| {
            let mut entry = Entry::new(&n.to_string(), title);
            entry.published =
                entry.published.map(|at| at - jiff::SignedDuration::from_mins(300 - i64::try_from(n).unwrap()));
            entry
        })
        .collect();
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
    let newswatch =
        watching(&origin, &inbox).watch_with("veto2", "veto", &[("repeat", "'item'"), ("to", "['all@example.org']")]);
    inbox.always(Phase::Greeting, Reply::Say("421 4.3.2 closed"));
    newswatch.once();
    db::age_mail(&newswatch.database(), 23 * HOUR);
    let queued = newswatch.run(&["mail", "list", "--json", "--limit", "0"]).ok().json().len();
    assert!(queued >= 200, "{queued} mails for 200 items");
    inbox.always(Phase::Greeting, Reply::Normal);
    newswatch.run(&["once"]).ok();
    let letters = inbox.letters();
    assert_eq!(letters.len(), queued);
    let of_all: Vec<usize> = letters
        .iter()
        .filter(|letter| letter.to == "all@example.org")
        .map(|letter| titles.iter().position(|title| letter.subject.ends_with(title.as_str())).unwrap())
        .collect();
    assert!(of_all.len() == 200 && of_all.is_sorted(), "{of_all:?}");
}

#[test]
fn d08_alerts_of_a_day_ago_become_one_summary_for_each_recipient() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, &THREE);
    let newswatch = watching(&origin, &inbox).set("mail", "to", "['a@example.org', 'b@example.org']");
    inbox.always(Phase::Greeting, Reply::Say("421 4.3.2 closed"));
    newswatch.once();
    assert_eq!(newswatch.mails().len(), 6);
    db::age_mail(&newswatch.database(), 3 * DAY);
    // Still closed: what is gathered stays gathered, and what becomes stale joins it.
    newswatch.run(&["once"]).ok();
    publish(&origin, &[THREE[0], THREE[1], THREE[2], "Ireland vetoes rain"]);
    newswatch.once();
    assert_eq!(newswatch.mails().len(), 2 + 2, "a summary of each, and two new ones");
    db::age_mail(&newswatch.database(), DAY);
    inbox.always(Phase::Greeting, Reply::Normal);
    until_all_is_sent(&newswatch);
    let mut letters = inbox.letters();
    letters.sort_by_key(|letter| letter.to.clone());
    let heads: Vec<(&str, &str)> = letters.iter().map(|letter| (letter.to.as_str(), letter.subject.as_str())).collect();
    let subject = "[newswatch] 4 stories, delayed";
    assert_eq!(heads, [("a@example.org", subject), ("b@example.org", subject)]);
    for letter in &letters {
        assert!(letter.flat_text().contains("could not be delivered when it was news"), "{}", letter.text);
        for title in THREE.iter().chain(&["Ireland vetoes rain"]) {
            assert!(letter.text.replace('*', "").contains(title), "{title} in\n{}", letter.text);
        }
    }
    newswatch.once();
    assert_eq!(inbox.letters().len(), 2, "told is told");
}

#[test]
fn d08_an_alert_whose_answer_was_never_heard_stays_what_it_is() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    inbox.script(Phase::Dot, [Reply::Cut]);
    newswatch.once();
    db::age_mail(&newswatch.database(), 2 * DAY);
    until_all_is_sent(&newswatch);
    let offers = inbox.offers();
    assert_eq!(offers.len(), 2);
    same_bytes(&offers);
}

#[test]
fn d09_a_server_that_closes_a_used_connection_gets_the_mail_on_a_fresh_one_at_once() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, &THREE);
    let newswatch = watching(&origin, &inbox);
    inbox.choose(
        Phase::Mail,
        |nth| {
            if nth == 2 { Reply::Say("421 4.7.0 enough of this connection") } else { Reply::Normal }
        },
    );
    let pass = newswatch.once();
    assert_eq!(pass["mail"], json!({"queued": 3, "sent": 3, "deferred": 0, "failed": 0}));
    assert!(newswatch.mails().iter().all(|mail| mail["tries"] == 1));
    assert_eq!(inbox.letters().len(), 3);
}

#[test]
fn d10_a_greylisting_server_is_asked_again_after_five_minutes_and_not_before() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "retry", "['1s', '1m', '5m', '1h']");
    inbox.script(Phase::Rcpt, [Reply::Say("450 4.7.1 greylisted, come back later")]);
    newswatch.once();
    newswatch.run(&["once"]).ok();
    assert_eq!(inbox.reached(Phase::Rcpt), 1);
    db::age_mail(&newswatch.database(), DAY / 24 / 60 * 4);
    newswatch.run(&["once"]).ok();
    assert_eq!(inbox.reached(Phase::Rcpt), 1, "four minutes are too few");
    db::age_mail(&newswatch.database(), DAY / 24 / 60 * 2);
    newswatch.run(&["once"]).ok();
    inbox.only_letter();
}

#[test]
fn d11_a_mail_that_is_too_big_is_offered_once_more_and_shorter() {
    let big = "552 5.3.4 too big for this server";
    for (phase, taken) in [(Phase::Mail, true), (Phase::Dot, true), (Phase::Dot, false)] {
        let (origin, inbox) = (one_veto(), Inbox::start());
        let newswatch = watching(&origin, &inbox);
        if taken {
            inbox.script(phase, [Reply::Say(big)]);
        } else {
            inbox.always(phase, Reply::Say(big));
        }
        let pass = newswatch.once();
        let expected = if taken { ("sent", 1, 0) } else { ("dead", 0, 1) };
        assert_eq!(
            (&pass["mail"]["sent"], &pass["mail"]["failed"]),
            (&json!(expected.1), &json!(expected.2)),
            "{phase:?}"
        );
        let mail = newswatch.only_mail();
        assert_eq!(mail["state"], expected.0, "{phase:?}");
        assert_eq!(inbox.reached(phase), 2, "{phase:?}");
        let offers = inbox.offers();
        let last = offers.last().unwrap().letter();
        assert_eq!(last.content_type, "text/plain");
        assert_eq!(last.message_id, mail["message_id"].as_str().unwrap());
        assert!(last.text.contains("https://news.example.org/budget"), "{}", last.text);
        if offers.len() == 2 {
            assert!(offers[1].raw.len() < offers[0].raw.len());
        }
        newswatch.once();
        assert_eq!(inbox.reached(phase), 2, "shorter once, and then never");
    }
}

#[test]
fn d12_a_login_that_fails_for_now_costs_no_try() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    with_login(&inbox);
    let newswatch = logging_in(&origin, &inbox);
    inbox.script(Phase::Auth, [Reply::Say("454 4.7.0 temporary trouble")]);
    newswatch.once();
    assert_eq!(newswatch.only_mail()["tries"], 0);
    until_all_is_sent(&newswatch);
    assert_eq!(newswatch.only_mail()["tries"], 1);
    inbox.only_letter();
}

#[test]
fn d13_a_password_is_not_said_to_a_server_that_cannot_go_through_with_tls() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    inbox.always(Phase::Ehlo, Reply::Say("250-inbox.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"));
    let newswatch = logging_in(&origin, &inbox);
    for answer in [Reply::Normal, Reply::Say("454 4.7.0 TLS not available"), Reply::Cut] {
        inbox.always(Phase::Tls, answer.clone());
        newswatch.once();
        let mail = newswatch.only_mail();
        assert_eq!((&mail["state"], &mail["tries"]), (&json!("waiting"), &json!(0)), "{answer:?}");
    }
    assert_eq!((inbox.reached(Phase::Auth), inbox.reached(Phase::Mail)), (0, 0));
}

#[test]
fn d14_where_starttls_is_stripped_off_nothing_is_said() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    with_login(&inbox);
    let newswatch = logging_in(&origin, &inbox);
    let smtp = format!("'{}?tls=required'", inbox.url().replace("smtp://", "smtp://user@"));
    let newswatch = newswatch.set("mail", "smtp", &smtp);
    newswatch.once();
    assert!(newswatch.only_mail()["answer"].as_str().unwrap().contains("STARTTLS"));
    assert_eq!((inbox.reached(Phase::Auth), inbox.reached(Phase::Mail)), (0, 0));
}

#[test]
fn d16_a_line_of_a_dot_and_broken_line_ends_arrive_as_they_were_meant() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let summary = "A veto.\r\n.\r\nThen a line\rand another\nand\u{0} a NUL, .\n.. and the end of the veto.";
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("a", "A veto").summary(summary)])));
    watching(&origin, &inbox).once();
    let offers = inbox.offers();
    assert_eq!(offers.len(), 1, "a dot in a mail ends no mail");
    let letter = offers[0].letter();
    assert!(letter.flat_text().contains("and the end of the"), "{}", letter.text);
    assert!(!offers[0].raw.contains(&0), "no NUL");
}

#[test]
fn d17_a_hundred_watches_that_match_one_item_make_one_mail() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let mut newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml"));
    for n in 0..100 {
        newswatch = newswatch.watch(&format!("w{n}"), "veto");
    }
    assert_eq!(newswatch.once()["matches"], 100);
    let watches = inbox.only_letter().header("X-Newswatch-Watch").unwrap();
    assert!(watches.starts_with("w0, "), "{watches}");
}

#[test]
fn d18_restarts_and_reloads_mail_nothing() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let mut newswatch = watching(&origin, &inbox);
    newswatch.once();
    inbox.only_letter();
    for turn in 0..10 {
        newswatch = newswatch.set("mail", "from", &format!("'Newswatch {turn} <newswatch@example.org>'"));
        let mut daemon = newswatch.start();
        for hour in 1..=5 {
            newswatch = newswatch.set("fetch", "timeout", &format!("'{}s'", 20 + hour));
            newswatch.save();
            let reloaded = daemon.notified("RELOADING=1");
            daemon.signal("HUP");
            level::until("the config to be read again", PATIENCE, || {
                (daemon.notified("RELOADING=1") > reloaded && daemon.notified("READY=1") > hour).then_some(())
            });
        }
        daemon.stop();
    }
    inbox.only_letter();
    assert_eq!(newswatch.mails().len(), 1);
}

#[test]
fn d19_a_backup_of_yesterday_repeats_nothing_of_today() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, &THREE[..1]);
    let newswatch = watching(&origin, &inbox);
    newswatch.once();
    let kept = newswatch.keep_database();
    publish(&origin, &THREE);
    newswatch.once();
    assert_eq!(inbox.letters().len(), 3);
    kept.put_back();
    newswatch.once();
    newswatch.once();
    assert_eq!(inbox.letters().len(), 3);
}

#[test]
fn d23_a_quota_of_one_recipient_is_nobody_elses() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "to", "['full@example.org', 'desk@example.org']");
    inbox.script(Phase::Rcpt, [Reply::Say("452 4.5.3 too many recipients")]);
    let pass = newswatch.once();
    assert_eq!((&pass["mail"]["sent"], &pass["mail"]["deferred"]), (&json!(1), &json!(1)));
    until_all_is_sent(&newswatch);
    assert_eq!(inbox.letters().len(), 2);
}
