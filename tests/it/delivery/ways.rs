//! Other ways than SMTP with a password.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::super::harness::inbox::{Inbox, Phase, Reply};
use super::super::harness::letter::Letter;
use super::super::harness::newswatch::Newswatch;
use super::{one_veto, watching};

/// A program beside the config.
fn script(newswatch: &Newswatch, name: &str, text: &str) {
    let path = newswatch.write(name, format!("#!/bin/sh\n{text}\n"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn an_lmtp_server_gets_the_mail_and_its_refusals_are_those_of_a_recipient() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let lmtp = inbox.url().replace("smtp://", "lmtp://");
    let to = "['a@example.org', 'b@example.org']";
    let newswatch = watching(&origin, &inbox).set("mail", "smtp", &format!("'{lmtp}'")).set("mail", "to", to);
    inbox.script(Phase::Dot, [Reply::Say("550 5.1.1 a@example.org unknown")]);
    let pass = newswatch.once();
    assert_eq!(pass["mail"], json!({"queued": 2, "sent": 1, "deferred": 0, "failed": 1}));
    assert_eq!(inbox.greeted(), ["LHLO"], "one connection serves both");
    assert_eq!(inbox.letters().len(), 1);
}

#[test]
fn a_program_is_handed_the_mail() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "smtp", "'sendmail:./send now'");
    script(&newswatch, "send", "echo \"$@\" > arguments\ncat > message");
    assert_eq!(newswatch.once()["mail"]["sent"], 1);
    let read = |name: &str| fs::read(newswatch.path(name)).unwrap();
    assert_eq!(read("arguments"), b"now -i -f newswatch@example.org -- desk@example.org\n");
    let letter = Letter::read(&read("message"));
    assert_eq!(letter.subject, "[veto] Ministers veto the budget");
    assert!(!read("message").contains(&b'\r'), "a program of this system reads lines as this system writes them");
    let mail = newswatch.only_mail();
    assert!(mail["answer"].as_str().unwrap().starts_with("handed over to "), "{mail}");
}

#[test]
fn what_a_program_says_by_its_end_is_heeded() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "smtp", "'sendmail:./send'").set("mail", "retry", "['1s']");
    script(&newswatch, "send", "cat > /dev/null; echo 'try later' >&2; exit 75");
    let pass = newswatch.once();
    assert_eq!(pass["mail"], json!({"queued": 1, "sent": 0, "deferred": 1, "failed": 0}));
    let mail = newswatch.only_mail();
    assert_eq!((&mail["state"], &mail["tries"]), (&json!("waiting"), &json!(1)));
    assert!(mail["answer"].as_str().unwrap().contains("75 (temporary failure): try later"), "{mail}");

    script(&newswatch, "send", "exit 67");
    newswatch.run(&["mail", "retry", &mail["id"].to_string()]).ok();
    newswatch.once();
    assert_eq!(newswatch.only_mail()["state"], "dead");
}

#[test]
fn a_program_that_is_not_there_costs_no_try() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "smtp", "'sendmail:/nowhere/sendmail'");
    newswatch.once();
    let mail = newswatch.only_mail();
    assert_eq!((&mail["state"], &mail["tries"]), (&json!("waiting"), &json!(0)));
    assert!(mail["answer"].as_str().unwrap().contains("/nowhere/sendmail is not there"), "{mail}");
}

#[test]
fn d12_a_token_is_printed_by_a_command_and_asked_for_again_once_it_has_expired() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    inbox.always(Phase::Ehlo, Reply::Say("250-inbox.example.org\r\n250 AUTH XOAUTH2"));
    let smtp = inbox.url().replace("smtp://", "smtp://me@");
    let newswatch = watching(&origin, &inbox)
        .set("mail", "smtp", &format!("'{smtp}'"))
        .set("mail", "to", "['a@example.org', 'b@example.org', 'c@example.org']")
        .set("mail", "token_command", "['./token', '--for', 'me']");
    script(&newswatch, "token", "echo \"$@\" >> runs; echo token-$(wc -l < runs)");
    // After each letter the server hangs up, so each needs a login; it refuses the second.
    inbox.script(Phase::Auth, [Reply::Normal, Reply::Say("535 5.7.3 token expired")]);
    inbox.script(Phase::Mail, [Reply::Normal, Reply::Say("421 4.3.2 closing")]);
    assert_eq!(newswatch.once()["mail"]["sent"], 3);
    assert_eq!(fs::read_to_string(newswatch.path("runs")).unwrap(), "--for me\n--for me\n");
    assert!(newswatch.mails().iter().all(|mail| mail["tries"] == 1), "no try was lost to it");
    assert_eq!((inbox.reached(Phase::Auth), inbox.letters().len()), (3, 3));
}

#[test]
fn two_ways_to_log_in_are_one_too_many() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox)
        .set("mail", "smtp", "'smtps://me@mail.example.org'")
        .set("mail", "token_command", "['./token']")
        .set("mail", "password_file", "'secret'");
    newswatch.run(&["check"]).code(1).says(&["two ways to log in"]);
}
