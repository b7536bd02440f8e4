//! Rate limits and errors: who is left alone for how long, and who hears of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::stage::{Case, DAY, HOUR, entries, feed};
use super::world::{World, reply, unreachable_host};
use crate::harness::feeds::{Answer, Origin};
use crate::harness::items::rss;
use crate::harness::level;
use crate::harness::newswatch::Newswatch;

/// A case with a second feed on the same host, which always answers.
fn with_neighbour() -> Case {
    let case = Case::with(|newswatch, origin| newswatch.feed("b", &origin.url("/b.xml")));
    case.origin.serve("/b.xml", feed(&["treaty"]));
    case.next(feed(&["budget"]));
    case
}

/// Whether the neighbour is asked although its own time has come.
fn neighbour_is_held(case: &Case) -> bool {
    let before = case.origin.requests("/b.xml").len();
    case.later(HOUR + HOUR / 10);
    case.pass();
    case.origin.requests("/b.xml").len() == before
}

/// A failure, and how long it is waited for afterwards when it is the `n`th in a row.
#[track_caller]
fn backs_off(answers: impl Fn() -> Answer, n: u32, seconds: i64) -> Case {
    let case = Case::new();
    case.next(feed(&["budget"]).header("ETag", "\"a\""));
    for failures in 1..=n {
        case.next(answers());
        assert_eq!(case.failures(), i64::from(failures), "{}", case.feed());
    }
    case.waits(seconds);
    assert_eq!((case.condition().0.as_str(), case.items()), ("\"a\"", 1));
    case
}

fn ahead(seconds: i64, form: &str) -> String {
    (level::today() + SignedDuration::from_secs(seconds)).strftime(form).to_string()
}

/// An installation with an operator, so that troubles are mailed.
fn with_operator() -> Case {
    Case::with(|newswatch, _| {
        let newswatch = newswatch.set("mail", "from", "'n@example.org'").set("mail", "smtp", "'file:mail'");
        newswatch.set("mail", "operator", "['root@example.org']")
    })
}

fn mails(case: &Case) -> Vec<String> {
    case.newswatch.mails().iter().map(|mail| mail["subject"].as_str().unwrap_or_default().to_owned()).collect()
}

/// 429 with `Retry-After` in seconds | nobody on that host is asked before, also not by the next process
/// | RFC 6585 §4, RFC 9110 §10.2.3; rules 12, 13
#[test]
fn c044_too_many_requests() {
    let case = with_neighbour();
    case.next(Answer::status(429).header("Retry-After", "7200"));
    assert!(neighbour_is_held(&case));
    let shown = case.newswatch.feed_state("b");
    assert!(shown["why"].as_str().unwrap().contains("asked to be left alone"), "{shown}");
    let next: Timestamp = shown["next_poll"].as_str().unwrap().parse().unwrap();
    let wait = next.duration_since(level::today()).as_secs();
    assert!((7200 - HOUR - HOUR / 10 - 5..7200 - HOUR - HOUR / 10 + 300).contains(&wait), "{wait}");
    // Commands that ask servers leave it alone as well.
    let page = case.origin.url("/b.xml");
    let before = case.origin.request_count();
    let added = case.newswatch.run(&["feed", "read", &page]);
    assert!(added.code != 0 && added.stderr.contains("left alone"), "{}", added.stderr);
    assert_eq!(case.origin.request_count(), before);
    case.later(HOUR);
    assert!(!neighbour_is_held(&case));
    let case = Case::new();
    case.next(Answer::status(429).header("Retry-After", "3600"));
    case.held(3600);
}

/// 429 with `Retry-After` as a date, in each of the three forms | it is understood | RFC 9110 §5.6.7; rule 12
#[test]
fn c045_dates() {
    for form in ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"] {
        let case = Case::new();
        case.next(Answer::status(429).header("Retry-After", ahead(7200, form)));
        case.held(7200);
    }
}

/// 503, with `Retry-After` or without | the whole host is left alone, for a quarter of an hour where it does not say how long
/// | RFC 9110 §15.6.4; rule 13 | To wait for a second feed of the host to fail would mean to ask a server once more that has just
/// said that it cannot.
#[test]
fn c046_unavailable() {
    let case = with_neighbour();
    case.next(Answer::status(503).header("Retry-After", "7200"));
    assert!(neighbour_is_held(&case));
    let case = with_neighbour();
    case.next(Answer::status(503));
    let asked = || {
        case.pass_over_all();
        case.origin.requests("/b.xml").len()
    };
    let before = asked();
    case.later(14 * 60);
    assert_eq!(asked(), before);
    case.later(3 * 60);
    assert_eq!(asked(), before + 1);
    let case = Case::new();
    case.next(Answer::status(503).header("Retry-After", "7200"));
    case.held(7200);
}

/// `Retry-After` with another status: 403, 413, 500, 301, 302 | counts; a redirect is followed only then, and another one that
/// is to be waited for is a failure | RFC 9110 §10.2.3; rule 12
#[test]
fn c047_retry_after_elsewhere() {
    for status in [403, 413, 500] {
        let case = Case::new();
        case.next(Answer::status(status).header("Retry-After", "7200"));
        case.held(7200);
    }
    for status in [301, 302] {
        let case = Case::new();
        case.origin.serve("/b.xml", feed(&["budget"]));
        case.next(Answer::redirect(status, "/b.xml").header("Retry-After", "7200"));
        case.held(7200);
        assert_eq!((case.origin.requests("/b.xml").len(), case.failures()), (0, 0));
        case.next(Answer::redirect(status, "/b.xml").header("Retry-After", "7200"));
        assert_eq!((case.origin.requests("/b.xml").len(), case.items()), (1, 1));
    }
    // A server that would have itself asked every second.
    let case = Case::new();
    case.origin.respond("/b.xml", |_| Answer::redirect(302, "/c.xml").header("Retry-After", "1"));
    for (n, failures) in [(1, 0), (2, 1), (3, 1), (4, 2)] {
        case.next(Answer::redirect(302, "/b.xml").header("Retry-After", "1"));
        assert_eq!((case.asked(), case.failures()), (n, failures));
    }
    assert!(case.error().contains("one redirect after the other"), "{}", case.error());
    case.waits(2 * HOUR);
}

/// `Retry-After` in the past, below zero, with a fraction, with nothing in it | as if there were none; one without end counts
/// for a week | rule 12
#[test]
fn c048_nonsense() {
    for value in ["-5", "1.5", "", "soon", "0", "Sun, 06 Nov 1994 08:49:37 GMT"] {
        let case = Case::new();
        case.next(Answer::status(503).header("Retry-After", value));
        case.waits(HOUR);
    }
    let case = Case::new();
    case.next(Answer::status(503).header("Retry-After", "1000000000000000"));
    case.held(7 * DAY);
}

/// 429 that does not say for how long | twice `every`, an hour at least, doubled each time up to a day; one success ends that
/// | RFC 6585 §4; rule 14 | Coming back in steps would keep readers waiting for a server that is well again.
#[test]
fn c049_too_many_without_a_time() {
    let case = Case::new();
    for hours in [2, 4, 8, 16, 24, 24] {
        case.next(Answer::status(429));
        case.held(hours * HOUR);
    }
    case.next(feed(&["budget"]));
    case.waits(HOUR);
}

/// 429 from one name under a domain | the other names under it are left alone too, and other domains are not | rule 13
#[tokio::test]
async fn c050_one_domain() {
    let urls = ["http://a.tumbler.example/rss", "http://b.tumbler.example/rss", "http://other.example/rss"];
    let world = World::new(urls.map(str::to_owned), |hop| {
        Ok(match hop.url.host_str() {
            Some("a.tumbler.example") => reply(429, &[("retry-after", "7200")], ""),
            _ => reply(200, &[], &rss(&[])),
        })
    });
    world.pass_after(0).await;
    world.pass_after(HOUR + HOUR / 10).await;
    let asked = |name: &str| world.asked().iter().filter(|(_, url)| url.contains(name)).count();
    assert_eq!(asked("a.tumbler"), 1);
    assert!(asked("b.tumbler") <= 1, "asked in the hold");
    assert_eq!(asked("other"), 2);
    world.pass_after(HOUR).await;
    assert_eq!(asked("a.tumbler"), 2);
}

/// 403 that says that no request is left, and when there will be | as a 429 | rules 12, 13
#[test]
fn c051_rate_limit_as_403() {
    let case = with_neighbour();
    case.next(Answer::status(403).header("x-ratelimit-remaining", "0.0").header("x-ratelimit-reset", "7200"));
    case.waits(7200);
    assert!(neighbour_is_held(&case));
}

/// 500, 502, 504, 408, a connection that is reset, or no answer in time | `every`, doubled with each failure up to a day; never
/// at once again; one success ends that | rule 14
#[test]
fn c052_failures() {
    for status in [500, 502, 504, 408] {
        backs_off(|| Answer::status(status), 3, 4 * HOUR);
    }
    backs_off(|| Answer::garbage(b""), 3, 4 * HOUR);
    let hasty = Case::with(|newswatch, _| newswatch.set("fetch", "timeout", "'1s'"));
    hasty.each([feed(&["budget"]), Answer::mute(), Answer::mute()]);
    assert_eq!(hasty.failures(), 2, "{}", hasty.feed());
    hasty.waits(2 * HOUR);
    let case = backs_off(|| Answer::status(500), 6, DAY);
    case.next(feed(&["budget"]));
    case.waits(HOUR);
    assert_eq!(case.asked(), case.origin.request_count());
}

/// 404 | as any failure, up to once a day; after a day of it one mail | rules 14, 19 | A feed that comes back after two weeks is
/// missed for a day at most, and one small request a day is no burden.
#[test]
fn c053_not_found() {
    backs_off(|| Answer::status(404), 7, DAY);
    let case = with_operator();
    case.next(feed(&["budget"]));
    case.each((0..5).map(|_| Answer::status(404)));
    told_within_a_day(&case);
    case.again(Answer::status(404));
    assert_eq!(mails(&case).len(), 1);
}

/// Lets time go by without a poll: nobody is told until the feed has failed for a day, and then somebody is, once.
#[track_caller]
fn told_within_a_day(case: &Case) {
    let asked = case.asked();
    let failing = case.number("SELECT last_poll - failing_since FROM feed WHERE name = 'a'").unwrap() / 1000;
    case.later(23 * HOUR - failing);
    case.pass();
    assert_eq!(mails(case), Vec::<String>::new());
    case.later(HOUR + 60);
    case.pass();
    assert_eq!((mails(case).len(), case.asked()), (1, asked), "a day is over");
    case.pass();
    assert_eq!(mails(case).len(), 1);
}

/// A server that wants to be left alone for a week is left alone, and its operator is not: the second half of case 63.
#[test]
fn a_feed_that_may_not_be_asked_is_told_of_in_time() {
    let case = with_operator();
    case.next(feed(&["budget"]));
    case.next(Answer::status(503).header("Retry-After", "604800"));
    told_within_a_day(&case);
}

/// 410 | it is asked no more | RFC 9110 §15.5.11; rule 20 | Asking again after a day would be asking for what the publisher has
/// said is gone; the operator hears of it and decides.
#[test]
fn c054_gone() {
    let case = Case::new();
    case.next(feed(&["budget"]));
    case.next(Answer::status(410));
    case.later(2 * DAY);
    case.pass();
    case.pass_over_all();
    assert_eq!((case.asked(), case.feed()["state"].as_str()), (2, Some("gone")));
    assert!(case.feed()["why"].as_str().unwrap().contains("asked no more"), "{}", case.feed());
}

/// 410, and time goes by | never again, one mail says so, and the feed stays in the config with all its items | rule 20
#[test]
fn c055_gone_for_good() {
    let case = with_operator();
    case.next(feed(&["budget"]));
    case.next(Answer::status(410));
    case.pass();
    // What was told is known by when the trouble began, so no time may have passed here.
    assert_eq!(mails(&case).len(), 1);
    for _ in 0..3 {
        case.later(30 * DAY);
        case.pass();
    }
    assert_eq!((case.asked(), case.items()), (2, 1));
    assert!(mails(&case)[0].contains("gone"), "{:?}", mails(&case));
}

/// 401 | the credentials of the config are sent, once a poll; refused, it is a failure that names them | RFC 7617; rules 8, 19
#[test]
fn c056_credentials() {
    let origin = Origin::start();
    let newswatch = Newswatch::new().unset("mail").set("fetch", "every", "'1h'");
    newswatch.write("secret", "open sesame\n");
    let more = [("user", "'me'"), ("password_file", "'secret'")];
    let case = Case { newswatch: newswatch.feed_with("a", &origin.url("/a.xml"), &more), origin };
    case.next(Answer::status(401).header("WWW-Authenticate", "Basic realm=\"news\""));
    assert_eq!((case.last().text("authorization").as_str(), case.asked()), ("Basic bWU6b3BlbiBzZXNhbWU=", 1));
    assert!(case.error().contains("password"), "{}", case.error());
    case.waits(HOUR);
}

/// 403 | backed off from like any failure, under the same name, without tricks | rules 14, 19
#[test]
fn c057_forbidden() {
    let case = backs_off(|| Answer::status(403).header("Set-Cookie", "bot=1"), 4, 8 * HOUR);
    let first = &case.origin.requests("/a.xml")[0];
    assert_eq!(case.last().text("user-agent"), first.text("user-agent"));
    assert!(case.last().header("cookie").is_none() && case.error().contains("403"));
}

/// 403 from a check for browsers | said to be just that, and asked once a day | rule 19
#[test]
fn c058_check_for_browsers() {
    let case = Case::new();
    let page = || Answer::html("<title>Just a moment...</title>");
    case.next(page().with_status(403).header("cf-mitigated", "challenge"));
    assert!(case.error().contains("browser"), "{}", case.error());
    case.waits(DAY);
}

/// 451, 402, 406, 421, 426 | failures like 403, each with its number | rule 19
#[test]
fn c059_other_refusals() {
    for status in [451, 402, 406, 421, 426] {
        let case = backs_off(|| Answer::status(status), 2, 2 * HOUR);
        assert!(case.error().contains(&status.to_string()), "{}", case.error());
    }
}

/// A 200 with nothing in it | a failure; all that is there stays | rules 7, 19
#[test]
fn c060_empty() {
    let case = backs_off(|| Answer::feed("").header("ETag", "\"empty\""), 1, HOUR);
    assert!(case.error().contains("empty"), "{}", case.error());
}

/// A feed with no items | a success, and nothing is deleted | rule 49
#[test]
fn c061_no_items() {
    let case = Case::new();
    case.next(feed(&["budget"]));
    case.next(feed(&[]));
    assert_eq!((case.failures(), case.items()), (0, 1));
}

/// 204, 205, 206 or 226 that nobody asked for, a redirect to nowhere, a status that is none | a failure, no more; an interim
/// answer is passed over | RFC 9110 §15; rules 9, 36
#[test]
fn c062_odd_statuses() {
    let page = rss(&entries(&["treaty"]));
    for status in [204, 205, 206, 226, 300, 301, 302, 305, 999] {
        let case = Case::new();
        case.next(feed(&["budget"]));
        let answer =
            if status < 300 { Answer::feed(page.as_str()).with_status(status) } else { Answer::status(status) };
        case.next(if status == 204 { Answer::status(204) } else { answer });
        assert_eq!((case.failures(), case.items()), (1, 1), "{status}");
    }
    let case = Case::new();
    let interim = format!(
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    );
    case.next(Answer::garbage(interim.as_bytes()));
    assert_eq!(case.items(), 1);
}

/// A few failures, and then it works again | nobody is told; after a day of it one mail, and one when it works again | rule 19
#[test]
fn c063_told_once() {
    let case = with_operator();
    case.next(feed(&["budget"]));
    case.each((0..3).map(|_| Answer::status(500)));
    case.next(feed(&["budget"]));
    assert_eq!(mails(&case), Vec::<String>::new());
    case.each((0..6).map(|_| Answer::status(500)));
    assert_eq!(mails(&case).len(), 1);
    case.again(feed(&["budget"]));
    case.again(feed(&["budget"]));
    let told = mails(&case);
    assert!(told.len() == 2 && told.iter().any(|subject| subject.contains("works again")), "{told:?}");
}

/// Three times in a row something that cannot be read | it is asked on, and read when it is sound again | rule 19
#[test]
fn c064_unreadable_three_times() {
    let case = backs_off(|| Answer::feed("<rss><channel><item"), 3, 4 * HOUR);
    case.next(feed(&["treaty"]));
    assert_eq!((case.failures(), case.items()), (0, 2));
}

/// Nearly all hosts fail at once | it is our own connection: no feed is blamed, nobody is asked for a while, and then they are
/// asked one after the other | rule 14 and the project's own
#[tokio::test]
async fn c065_our_own_outage() {
    let up = Arc::new(AtomicBool::new(true));
    let net = Arc::clone(&up);
    let urls = (0..40).map(|n| format!("http://host{n}.example/rss")).chain(["http://192.168.7.7/rss".to_owned()]);
    let world = World::new(urls, move |hop| {
        let near = hop.url.host_str() == Some("192.168.7.7");
        if near || net.load(Ordering::SeqCst) { Ok(reply(200, &[], &rss(&[]))) } else { Err(unreachable_host(hop)) }
    });
    world.pass_after(0).await;
    up.store(false, Ordering::SeqCst);
    let program = world.start().await;
    world.clock.advance(SignedDuration::from_secs(2 * HOUR));
    let pass = program.pass(false, false).await.unwrap();
    let failures = || world.number("SELECT max(failures) FROM feed");
    assert_eq!((pass.failed, pass.unchanged, failures()), (0, 1, Some(0)), "{pass:?}");
    let why = "SELECT count(*) FROM feed WHERE why LIKE '%hardly any host%' AND next_poll > last_poll";
    assert_eq!(world.number(why), Some(40), "whoever looks is told");

    // The pause is kept, and its end is no burst.
    let asked = world.asked().len();
    world.clock.advance(SignedDuration::from_secs(59));
    program.pass(false, false).await.unwrap();
    assert_eq!(world.asked().len(), asked, "asked in the pause");
    up.store(true, Ordering::SeqCst);
    let mut passes = Vec::new();
    for _ in 0..12 {
        world.clock.advance(SignedDuration::from_secs(30));
        passes.push(program.pass(false, false).await.unwrap().polled);
    }
    assert_eq!(passes.iter().sum::<usize>(), 40, "{passes:?}");
    assert!(passes.iter().filter(|polled| **polled > 0).count() >= 5, "a burst: {passes:?}");
    program.close().await.unwrap();
    assert_eq!(world.number("SELECT max(failures) FROM feed"), Some(0));
    let mut urls: Vec<String> = world.asked()[asked..].iter().map(|(_, url)| url.clone()).collect();
    urls.sort();
    urls.dedup();
    assert_eq!((urls.len(), world.asked().len()), (40, asked + 40), "each of them once");
}
