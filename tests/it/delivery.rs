//! From the outbox to the inbox: what a mail looks like, and what becomes of it when the mail server is in a bad way.

use std::fs;
use std::time::Duration;

use serde_json::json;

mod faults;

mod matrix;

mod signed;

mod ways;

use super::harness::PATIENCE;
use super::harness::db;
use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::{Inbox, Offer, Phase, Reply};
use super::harness::items::{Entry, rss};
use super::harness::letter::Letter;
use super::harness::level;
use super::harness::newswatch::Newswatch;

const DAY: i64 = 24 * 3600 * 1000;

/// A feed with one item that the watch asks for.
fn one_veto() -> Origin {
    let origin = Origin::start();
    let entry =
        Entry::new("budget", "Ministers veto the budget").summary("The summit ended in anger. Four states object.");
    origin.serve("/a.xml", Answer::feed(rss(&[entry])).header("ETag", "\"1\""));
    origin
}

/// An installation that mails that item to that server.
fn watching(origin: &Origin, inbox: &Inbox) -> Newswatch {
    Newswatch::new().mail(inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto")
}

#[test]
fn an_alert_has_the_headers_and_both_parts() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let title = [("title", "'Vetoes'"), ("send", "'now'")];
    let newswatch =
        Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch_with("veto", "veto", &title);
    newswatch.once();
    let letter = inbox.only_letter();
    assert_eq!(letter.subject, "[Vetoes] Ministers veto the budget");
    assert_eq!((letter.from.as_str(), letter.to.as_str()), ("newswatch@example.org", "desk@example.org"));
    assert_eq!(letter.content_type, "multipart/alternative");
    assert_eq!(letter.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(letter.header("X-Newswatch-Watch").as_deref(), Some("veto"));
    assert!(letter.header("List-Id").is_some_and(|id| id.contains('<')), "List-Id: {:?}", letter.header("List-Id"));
    assert!(letter.header("Date").is_some() && letter.header("MIME-Version").is_some());
    assert!(letter.message_id.contains('@'), "Message-ID: {}", letter.message_id);
    assert_eq!(letter.header("List-Unsubscribe"), None, "there is no web page to unsubscribe at");
    for part in [&letter.text, &letter.html] {
        for piece in ["Ministers", "budget", "https://news.example.org/budget", "alliance"] {
            assert!(part.contains(piece), "no {piece:?} in:\n{part}");
        }
    }
    assert!(!letter.html.contains("<img") && !letter.html.contains("<script"), "{}", letter.html);
    assert!(letter.html.len() < 90_000);
}

#[test]
fn a_message_is_fit_for_the_oldest_server() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let long = "naïve veto – ".repeat(200);
    let summary = format!("{long}.\n.\n.. dots and a tab\t.\u{0} \u{7}\u{202e}desrever");
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("a", "Zażółć veto „jaźń” 🦀").summary(&summary)])));
    watching(&origin, &inbox).once();
    let offer = inbox.offers().remove(0);
    assert!(offer.raw.is_ascii(), "the server offers no 8BITMIME");
    let lines: Vec<_> = offer.raw.split(|byte| *byte == b'\n').collect();
    assert!(lines.iter().all(|line| line.len() <= 999), "a line is over 998 bytes (RFC 5322 §2.1.1)");
    let (last, full) = lines.split_last().unwrap();
    assert!(last.is_empty() && full.iter().all(|line| line.ends_with(b"\r")), "a bare LF");
    assert_eq!(offer.raw.split(|byte| *byte == b'\r').count(), lines.len(), "a bare CR");
    assert_eq!(offer.letter().subject, "[veto] Zażółć veto „jaźń” 🦀");
    assert!(!offer.letter().text.contains(['\u{0}', '\u{7}', '\u{202e}']));
}

#[test]
fn text_of_a_feed_becomes_neither_header_nor_markup() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let entry = Entry::new("a", "veto\r\nBcc: thief@example.org\r\n\r\n<script>alert(1)</script>")
        .summary("<img src=http://tracker.example.org/x.gif onerror=alert(2)><b>veto</b>");
    origin.serve("/a.xml", Answer::feed(rss(&[entry])));
    watching(&origin, &inbox).once();
    let offer = inbox.offers().remove(0);
    assert_eq!(offer.to, ["desk@example.org"]);
    let letter = offer.letter();
    assert!(letter.has_subject() && letter.header("Bcc").is_none(), "{:?}", letter.header_names());
    for markup in ["<script", "<img", "src=\"http", "onerror=alert(2)>"] {
        assert!(!letter.html.contains(markup), "{markup} in {}", letter.html);
    }
}

#[test]
fn each_recipient_has_a_transaction_and_a_message_id() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "to", "['a@example.org', 'b@example.org']");
    assert_eq!(newswatch.once()["mail"]["sent"], 2);
    let offers = inbox.offers();
    let mut to: Vec<_> = offers.iter().map(|offer| offer.to.clone()).collect();
    to.sort();
    assert_eq!(to, [["a@example.org"], ["b@example.org"]]);
    assert!(offers.iter().all(|offer| offer.from == "newswatch@example.org"));
    assert_ne!(offers[0].letter().message_id, offers[1].letter().message_id);
}

#[test]
fn watches_that_fire_on_one_story_share_a_mail() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    watching(&origin, &inbox).watch("money", "budget").watch("sport", "football").once();
    let watches = inbox.only_letter().header("X-Newswatch-Watch").unwrap();
    let mut watches: Vec<_> = watches.split(',').map(str::trim).collect();
    watches.sort_unstable();
    assert_eq!(watches, ["money", "veto"]);
}

#[test]
fn a_watch_with_recipients_of_its_own_mails_only_them() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let to = [("send", "'now'"), ("to", "['eu@example.org']")];
    Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch_with("veto", "veto", &to).once();
    assert_eq!(inbox.only_letter().to, "eu@example.org");
}

#[test]
fn a_directory_takes_mail_too() {
    let origin = one_veto();
    let newswatch = Newswatch::new().feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    assert_eq!(newswatch.once()["mail"]["sent"], 1);
    let files: Vec<_> = fs::read_dir(newswatch.path("mail")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(files[0].extension().unwrap(), "eml");
    let letter = Letter::read(&fs::read(&files[0]).unwrap());
    assert_eq!(letter.message_id, newswatch.only_mail()["message_id"].as_str().unwrap());
}

#[test]
fn a_server_that_is_down_costs_nothing_but_time() {
    // An address of this machine that no other test listens on.
    const ADDRESS: &str = "127.0.0.61:2525";
    let origin = one_veto();
    let newswatch = Newswatch::new()
        .set("mail", "smtp", &format!("'smtp://{ADDRESS}'"))
        .feed("alliance", &origin.url("/a.xml"))
        .watch("veto", "veto");
    let pass = newswatch.once();
    assert_eq!(pass["mail"], json!({"queued": 1, "sent": 0, "deferred": 1, "failed": 0}));
    let mail = newswatch.only_mail();
    assert_eq!(mail["state"], "waiting");
    assert!(mail["answer"].as_str().is_some_and(|answer| answer.contains(ADDRESS)), "{mail}");
    let inbox = Inbox::at(ADDRESS);
    let delivered = level::until("the mail to be sent when the server is up", PATIENCE, || {
        newswatch.once();
        Some(newswatch.only_mail()).filter(|mail| mail["state"] == "sent")
    });
    assert_eq!(inbox.only_letter().message_id, delivered["message_id"].as_str().unwrap());
}

#[test]
fn a_refusal_for_now_is_tried_again_by_the_next_process() {
    for phase in [Phase::Greeting, Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Dot] {
        let (origin, inbox) = (one_veto(), Inbox::start());
        let newswatch = watching(&origin, &inbox);
        inbox.script(phase, [Reply::Say("451 4.3.0 the cupboard is full")]);
        assert_eq!(newswatch.once()["mail"]["deferred"], 1, "refused at {phase:?}");
        let mail = newswatch.only_mail();
        assert_eq!(mail["state"], "waiting", "refused at {phase:?}");
        assert!(mail["answer"].as_str().unwrap().contains("the cupboard is full"), "{mail}");
        assert!(inbox.letters().is_empty());
        let sent = level::until("the mail to be sent", PATIENCE, || {
            newswatch.once();
            Some(newswatch.only_mail()).filter(|mail| mail["state"] == "sent")
        });
        assert_eq!(sent["message_id"], inbox.only_letter().message_id.as_str());
        assert_eq!(sent["message_id"], mail["message_id"], "refused at {phase:?}");
        same_bytes(&inbox.offers());
    }
}

#[test]
fn a_recipient_who_does_not_exist_is_a_dead_letter_and_harms_nobody() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "to", "['gone@example.org', 'desk@example.org']");
    inbox.script(Phase::Rcpt, [Reply::Say("550 5.1.1 nobody of that name")]);
    let pass = newswatch.once();
    assert_eq!((&pass["mail"]["sent"], &pass["mail"]["failed"]), (&json!(1), &json!(1)), "{pass}");
    let mails = newswatch.mails();
    let dead = mails.iter().find(|mail| mail["state"] == "dead").unwrap();
    assert!(dead["answer"].as_str().unwrap().contains("550 5.1.1 nobody of that name"), "{dead}");
    assert!(dead["next"].is_null());
    assert_eq!(newswatch.status()["mail"]["dead"], 1);
    assert_eq!(newswatch.once()["mail"], json!({"queued": 0, "sent": 0, "deferred": 0, "failed": 0}));
    assert_eq!(inbox.letters().len(), 1);
}

#[test]
fn a_message_that_is_refused_for_good_is_a_dead_letter() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    inbox.script(Phase::Dot, [Reply::Say("554 5.6.0 not this one")]);
    assert_eq!(newswatch.once()["mail"]["failed"], 1);
    let mail = newswatch.only_mail();
    assert_eq!(mail["state"], "dead");
    assert!(mail["answer"].as_str().unwrap().contains("554 5.6.0 not this one"), "{mail}");
    newswatch.once();
    assert!(inbox.letters().is_empty());
    assert_eq!(inbox.reached(Phase::Dot), 1, "a dead letter is not offered again");
}

/// An installation with one dead letter.
fn with_a_dead_letter(origin: &Origin, inbox: &Inbox) -> Newswatch {
    let newswatch = watching(origin, inbox);
    inbox.script(Phase::Rcpt, [Reply::Say("550 5.1.1 nobody of that name")]);
    newswatch.once();
    assert_eq!(newswatch.only_mail()["state"], "dead");
    newswatch
}

#[test]
fn a_dead_letter_is_tried_again_by_hand_with_the_same_bytes() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = with_a_dead_letter(&origin, &inbox);
    let dead = newswatch.only_mail();
    newswatch.run(&["status", "--check"]).code(1);
    let told = newswatch.run(&["status"]).ok().stdout;
    assert!(told.contains("1 dead letter") && told.contains("mail retry"), "{told}");
    let id = dead["id"].to_string();
    let said = newswatch.run(&["mail", "retry", &id]).ok().stdout;
    assert!(said.contains("desk@example.org") && said.contains("next pass"), "{said}");
    let waiting = newswatch.only_mail();
    assert_eq!((&waiting["state"], &waiting["tries"]), (&json!("waiting"), &json!(0)));
    newswatch.run(&["once"]).ok();
    assert_eq!(inbox.only_letter().message_id, dead["message_id"].as_str().unwrap());
    newswatch.run(&["mail", "retry", &id]).code(1).says(&["was sent at"]);
    newswatch.run(&["mail", "drop", &id]).code(1).says(&["was sent at"]);
    newswatch.run(&["mail", "retry", "99"]).code(1).says(&["no mail has the number 99", "mail list"]);
}

#[test]
fn a_dead_letter_that_is_taken_up_again_is_as_young_as_any() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = with_a_dead_letter(&origin, &inbox);
    db::age_mail(&newswatch.database(), 6 * DAY);
    newswatch.run(&["mail", "retry", &newswatch.only_mail()["id"].to_string()]).ok();
    inbox.always(Phase::Rcpt, Reply::Say("450 4.2.0 come back later"));
    for tries in 1..=3 {
        newswatch.once();
        let mail = newswatch.only_mail();
        assert_eq!((&mail["state"], &mail["tries"]), (&json!("waiting"), &json!(tries)), "not given up at once");
    }
}

#[test]
fn a_daemon_tries_a_dead_letter_at_once() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = with_a_dead_letter(&origin, &inbox);
    let mut daemon = newswatch.start();
    let id = newswatch.only_mail()["id"].to_string();
    let said = newswatch.run(&["mail", "retry", &id]).ok().stdout;
    assert!(said.contains("is tried again now"), "{said}");
    inbox.wait_letters(1);
    daemon.stop();
}

#[test]
fn a_mail_that_is_dropped_is_never_sent_not_even_from_a_backup() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = with_a_dead_letter(&origin, &inbox);
    let kept = newswatch.keep_database();
    let id = newswatch.only_mail()["id"].to_string();
    let said = newswatch.run(&["mail", "drop", &id]).ok().stdout;
    assert!(said.contains("given up"), "{said}");
    assert!(newswatch.mails().is_empty());
    assert_eq!(newswatch.status()["healthy"], true);
    kept.put_back();
    newswatch.once();
    assert!(newswatch.mails().is_empty(), "the ledger knows");
    assert!(inbox.letters().is_empty());
    newswatch.run(&["mail", "drop", &id]).code(1).says(&["no mail has the number"]);
}

#[test]
fn a_mail_that_waits_can_be_dropped_too() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    inbox.always(Phase::Rcpt, Reply::Say("450 4.2.0 come back later"));
    newswatch.once();
    newswatch.run(&["mail", "drop", &newswatch.only_mail()["id"].to_string()]).ok();
    inbox.always(Phase::Rcpt, Reply::Normal);
    newswatch.once();
    assert!(inbox.letters().is_empty() && newswatch.mails().is_empty());
}

#[test]
fn a_sender_who_is_refused_keeps_the_mail_and_says_why() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    inbox.always(Phase::Mail, Reply::Say("550 5.7.1 sender not allowed here"));
    newswatch.once();
    let mail = newswatch.only_mail();
    assert!(mail["state"] == "waiting" || mail["state"] == "dead", "{mail}");
    assert!(mail["answer"].as_str().unwrap().contains("sender not allowed here"), "{mail}");
    assert_eq!(inbox.reached(Phase::Rcpt), 0);
}

#[test]
fn an_answer_that_was_never_heard_brings_the_same_bytes_again() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    inbox.script(Phase::Dot, [Reply::Cut]);
    let pass = newswatch.once();
    assert_eq!((&pass["mail"]["sent"], &pass["mail"]["deferred"]), (&json!(0), &json!(1)), "{pass}");
    assert_eq!(newswatch.only_mail()["state"], "unheard");
    // A new process, perhaps of a new version, with another headline in the config: the bytes are those of the first try.
    let newswatch = newswatch.set("mail", "from", "'Somebody Else <newswatch@example.org>'");
    level::until("the mail to be sent", PATIENCE, || {
        newswatch.once();
        (newswatch.only_mail()["state"] == "sent").then_some(())
    });
    let offers = inbox.offers();
    assert_eq!(offers.len(), 2);
    same_bytes(&offers);
    assert_eq!(newswatch.only_mail()["tries"], 2);
}

#[test]
fn a_line_that_is_cut_before_the_dot_is_not_unheard() {
    for phase in [Phase::Greeting, Phase::Ehlo, Phase::Mail, Phase::Rcpt, Phase::Data] {
        let (origin, inbox) = (one_veto(), Inbox::start());
        let newswatch = watching(&origin, &inbox);
        inbox.script(phase, [Reply::Cut]);
        newswatch.once();
        assert_eq!(newswatch.only_mail()["state"], "waiting", "cut at {phase:?}");
        level::until("the mail to be sent", PATIENCE, || {
            newswatch.once();
            (newswatch.only_mail()["state"] == "sent").then_some(())
        });
        inbox.only_letter();
    }
}

#[test]
fn a_server_that_hangs_holds_up_neither_polls_nor_the_end() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    inbox.always(Phase::Greeting, Reply::Hang);
    let mut daemon = newswatch.start();
    inbox.wait_reached(Phase::Greeting, 1);
    let asked = origin.requests("/a.xml").len();
    origin.wait_requests("/a.xml", asked + 2);
    assert_eq!(
        newswatch.only_mail()["message_id"].as_str().map(str::is_empty),
        Some(false),
        "rendered before the dial"
    );
    daemon.stop();
    assert!(inbox.letters().is_empty());
    inbox.always(Phase::Greeting, Reply::Normal);
    newswatch.once();
    inbox.only_letter();
}

#[test]
fn an_end_in_the_middle_of_a_message_leaves_it_for_later() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    inbox.script(Phase::Data, [Reply::Hang]);
    let mut daemon = newswatch.start();
    inbox.wait_reached(Phase::Data, 1);
    daemon.stop();
    assert!(inbox.offers().is_empty(), "no message is ended with its dot after SIGTERM");
    newswatch.once();
    inbox.only_letter();
}

#[test]
fn an_end_while_the_answer_is_awaited_makes_the_mail_unheard() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "unheard", "'1h'");
    inbox.script(Phase::Dot, [Reply::Hang]);
    let mut daemon = newswatch.start();
    inbox.wait_reached(Phase::Dot, 1);
    daemon.stop();
    let mail = newswatch.only_mail();
    assert_eq!(mail["state"], "unheard");
    assert!(mail["next"].is_string());
    assert_eq!(newswatch.once()["mail"]["sent"], 0, "not before its hour is over");
    assert_eq!(inbox.offers().len(), 1);
}

#[test]
fn an_answer_that_comes_during_the_end_is_still_heard() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    inbox.script(Phase::Dot, [Reply::Hang]);
    let mut daemon = newswatch.start();
    inbox.wait_reached(Phase::Dot, 1);
    daemon.signal("TERM");
    daemon.wait_notified("STOPPING=1");
    inbox.release();
    daemon.wait_end(Duration::from_secs(10)).ok();
    assert_eq!(newswatch.only_mail()["state"], "sent");
    inbox.only_letter();
}

#[test]
fn a_test_mail_is_sent_and_a_failure_is_told() {
    let inbox = Inbox::start();
    let newswatch = Newswatch::new().mail(&inbox);
    newswatch.run(&["mail", "test"]).ok();
    assert_eq!(inbox.only_letter().to, "desk@example.org");
    inbox.always(Phase::Rcpt, Reply::Say("550 5.1.1 nobody of that name"));
    newswatch.run(&["mail", "test"]).code(1).says(&["550 5.1.1 nobody of that name", "desk@example.org"]);
    assert!(newswatch.mails().is_empty(), "a test mail is not in the outbox");
}

#[test]
fn a_line_that_must_be_encrypted_carries_nothing_otherwise() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "smtp", &format!("'{}?tls=required'", inbox.url()));
    assert_eq!(newswatch.once()["mail"]["sent"], 0);
    let mail = newswatch.only_mail();
    assert_eq!(mail["state"], "waiting");
    assert!(mail["answer"].as_str().unwrap().to_uppercase().contains("STARTTLS"), "{mail}");
    assert_eq!(inbox.reached(Phase::Mail), 0);
}

#[test]
fn a_password_is_never_shown() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let secret = "correct-horse-battery";
    let smtp = inbox.url().replace("smtp://", "smtp://user@");
    let newswatch = watching(&origin, &inbox)
        .set("mail", "smtp", &format!("'{smtp}'"))
        .environment("NEWSWATCH_SMTP_PASSWORD", secret);
    for command in [&["once", "--all"][..], &["mail", "list", "--json"], &["status"], &["check"]] {
        let ran = newswatch.run(command);
        assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret), "{command:?} shows the password");
    }
    inbox.offers();
}

#[test]
fn mail_goes_out_in_the_order_in_which_it_was_queued() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    let titles = ["Poland vetoes apples", "Portugal vetoes cheese", "Austria vetoes trains", "Ireland vetoes rain"];
    inbox.always(Phase::Greeting, Reply::Say("421 4.3.2 closed for lunch"));
    for count in 1..=titles.len() {
        let entries: Vec<_> =
            titles[..count].iter().enumerate().map(|(index, title)| Entry::new(&index.to_string(), title)).collect();
        origin.serve("/a.xml", Answer::feed(rss(&entries)));
        newswatch.once();
    }
    inbox.always(Phase::Greeting, Reply::Normal);
    level::until("all mail to be sent", PATIENCE, || {
        newswatch.once();
        newswatch.mails().iter().all(|mail| mail["state"] == "sent").then_some(())
    });
    let subjects: Vec<_> = inbox.letters().into_iter().map(|letter| letter.subject).collect();
    assert_eq!(subjects, titles.map(|title| format!("[veto] {title}")));
}

#[track_caller]
fn same_bytes(offers: &[Offer]) {
    assert!(offers.windows(2).all(|pair| pair[0].raw == pair[1].raw && pair[0].to == pair[1].to));
}

#[test]
fn without_a_password_nothing_is_sent_but_everything_can_be_looked_at() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "smtp", "'smtp://me@127.0.0.1:2525'");
    newswatch.run(&["check"]).ok().says(&["warning: there is no password for the user `me` here"]);
    newswatch.run(&["status"]).ok();
    newswatch.run(&["mail", "list"]).ok();
    for command in [&["once"][..], &["run"], &["mail", "test"]] {
        newswatch.run(command).code(1).says(&["password", "smtp-password", "password_file"]);
    }
}
