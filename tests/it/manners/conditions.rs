//! Conditional requests: what is sent back, what is kept, what is forgotten.

use std::sync::{Arc, Mutex};

use super::stage::{Case, DAY, HOUR, conditional, feed, not_modified};
use crate::harness::feeds::Answer;
use crate::harness::items::rss;
use crate::harness::{PATIENCE, db, level};

const MONDAY: &str = "Mon, 23 Nov 2026 08:00:00 GMT";
const TUESDAY: &str = "Tue, 24 Nov 2026 08:00:00 GMT";

fn tagged(etag: &str) -> Answer {
    feed(&["budget"]).header("ETag", etag)
}

/// What comes back of an `ETag`, byte for byte.
#[track_caller]
fn echoed(etag: &[u8]) {
    let case = Case::new();
    case.next(feed(&["budget"]).header("ETag", etag));
    case.next(not_modified());
    assert_eq!(case.last().header("if-none-match"), Some(etag));
    assert_eq!(case.failures(), 0);
}

/// What comes back of a `Last-Modified`, byte for byte.
#[track_caller]
fn echoed_date(date: &str) {
    let case = Case::new();
    case.next(feed(&["budget"]).header("Last-Modified", date));
    assert_eq!(case.next_condition(), conditional("", date));
}

/// A strong `ETag` on a 200 | is sent back in `If-None-Match`, quotes and all | RFC 9110 §8.8.3, §13.1.2; rule 2
#[test]
fn c001_strong_etag() {
    echoed(b"\"abc\"");
}

/// A weak `ETag` | is sent back weak; `W/` is neither taken off nor put on | RFC 9110 §13.1.2; rule 2
#[test]
fn c002_weak_etag() {
    echoed(b"W/\"a, b\"");
}

/// An `ETag` without quotes, with spaces inside, or with bytes above ASCII | the same bytes come back | RFC 9110 §8.8.3; rule 2
#[test]
fn c003_odd_etags() {
    for etag in [&b"abc"[..], b"\"a b\"", b"W/\"caf\xc3\xa9 \xff\""] {
        echoed(etag);
    }
}

/// `ETag: ""`, or the header with nothing in it | the empty tag comes back, nothing counts as none | RFC 9110 §8.8.3; rule 2
#[test]
fn c004_empty_etags() {
    echoed(b"\"\"");
    let case = Case::new();
    case.next(tagged(""));
    assert_eq!(case.next_condition(), conditional("", ""));
}

/// Another `ETag` for each content coding | it comes back as it came, and `Accept-Encoding` is the same every time
/// | RFC 9110 §8.8.3.3
#[test]
fn c005_etag_of_a_coding() {
    let case = Case::new();
    case.next(tagged("\"x-gzip\""));
    let first = case.last().text("accept-encoding");
    assert_eq!(case.next_condition().0, "\"x-gzip\"");
    assert_eq!(case.last().text("accept-encoding"), first);
}

/// `Last-Modified` | the very string comes back in `If-Modified-Since` | RFC 9110 §13.1.3; rule 3
#[test]
fn c006_last_modified() {
    echoed_date(MONDAY);
}

/// A date in one of the old forms, or no date at all | comes back all the same: it is the server's own mark | rule 3
#[test]
fn c007_odd_dates() {
    for date in ["Monday, 23-Nov-26 08:00:00 GMT", "Mon Nov 23 08:00:00 2026", "some time on Monday", "0"] {
        echoed_date(date);
    }
}

/// `Last-Modified` years ahead | comes back; while it leads to nothing but 304, all is asked for once in 8 days | rules 3, 21a
#[test]
fn c008_date_in_the_future() {
    let case = Case::new();
    let future = "Tue, 19 Jan 2038 03:14:08 GMT";
    case.next(feed(&["budget"]).header("Last-Modified", future));
    case.next(not_modified());
    assert_eq!(case.condition(), conditional("", future));
    case.later(8 * DAY);
    case.next(feed(&["budget"]).header("Last-Modified", future));
    assert!(!case.last().conditional(), "what the date hides is never found");
    case.later(DAY);
    assert_eq!(case.next_condition(), conditional("", future));
}

/// Both validators | both come back; which one counts is the server's affair | RFC 9110 §13.1.3; rule 4
#[test]
fn c009_both_validators() {
    let case = Case::new();
    case.next(tagged("\"a\"").header("Last-Modified", MONDAY));
    assert_eq!(case.next_condition(), conditional("\"a\"", MONDAY));
}

/// Only `Last-Modified` | only `If-Modified-Since`; no date of our own is ever made up | RFC 9110 §13.1.3; rules 3, 4
#[test]
fn c010_only_a_date() {
    let case = Case::new();
    case.next(feed(&["budget"]).header("Last-Modified", MONDAY).header("Date", TUESDAY));
    assert_eq!(case.next_condition(), conditional("", MONDAY));
    let case = Case::new();
    case.next(tagged("\"a\"").header("Date", TUESDAY));
    assert_eq!(case.next_condition(), conditional("\"a\"", ""));
}

/// No validator | none is sent, and the same body counts as unchanged | rules 4, 21
#[test]
fn c011_no_validators() {
    let case = Case::new();
    case.next(feed(&["budget"]).header("Date", MONDAY));
    let page = rss(&super::stage::entries(&["treaty"]));
    case.next(Answer::feed(page.as_str()));
    assert!(!case.last().conditional());
    assert_eq!(case.next(Answer::feed(page.as_str()))["feeds"]["unchanged"], 1);
}

/// Another `ETag` beside the same date | the new tag is kept | rule 5
#[test]
fn c012_new_etag_old_date() {
    let case = Case::new();
    case.next(tagged("\"a\"").header("Last-Modified", MONDAY));
    case.next(tagged("\"b\"").header("Last-Modified", MONDAY));
    assert_eq!(case.next_condition(), conditional("\"b\"", MONDAY));
}

/// Another date beside the same `ETag` | the new date is kept | RFC 9111 §3.2; rule 5
#[test]
fn c013_new_date_old_etag() {
    let case = Case::new();
    case.next(tagged("\"a\"").header("Last-Modified", MONDAY));
    case.next(tagged("\"a\"").header("Last-Modified", TUESDAY));
    assert_eq!(case.next_condition(), conditional("\"a\"", TUESDAY));
}

/// A 304 with new fields | they are taken over where it names the document that was asked about; from one with a foreign
/// strong `ETag` nothing is, it is counted, and the third in a row brings one request for everything | RFC 9111 §4.3.4; rule 5
#[test]
fn c014_fields_of_a_304() {
    let case = Case::new();
    case.next(tagged("\"a\"").header("Last-Modified", MONDAY));
    case.next(not_modified().header("ETag", "\"a\"").header("Last-Modified", TUESDAY));
    assert_eq!(case.next_condition(), conditional("\"a\"", TUESDAY));
    let case = Case::new();
    case.next(tagged("\"a\"").header("Last-Modified", MONDAY));
    for _ in 0..3 {
        case.later(DAY);
        case.next(not_modified().header("ETag", "\"b\"").header("Last-Modified", TUESDAY));
        assert_eq!(case.condition(), conditional("\"a\"", MONDAY));
    }
    assert_eq!(case.next_condition(), conditional("", ""));
}

/// A 304 without `ETag` | the old one stays | RFC 9111 §4.3.4; rule 5
#[test]
fn c015_304_without_etag() {
    let case = Case::new();
    case.next(tagged("\"a\""));
    case.next(not_modified());
    assert_eq!(case.next_condition(), conditional("\"a\"", ""));
}

/// The same body with new validators | they are kept, and nothing else happens | rules 5, 21
#[test]
fn c016_touched() {
    let case = Case::new();
    let page = rss(&super::stage::entries(&["budget"]));
    case.next(Answer::feed(page.as_str()).header("ETag", "\"a\""));
    let pass = case.next(Answer::feed(page).header("ETag", "\"b\"").header("Last-Modified", MONDAY));
    assert_eq!((&pass["feeds"]["unchanged"], &pass["items"]["new"]), (&1.into(), &0.into()));
    assert_eq!(case.next_condition(), conditional("\"b\"", MONDAY));
}

/// A 200 without the `ETag` that it used to have | the old one is forgotten | rule 5
#[test]
fn c017_etag_gone() {
    let case = Case::new();
    case.next(tagged("\"a\"").header("Last-Modified", MONDAY));
    case.next(feed(&["treaty"]).header("Last-Modified", TUESDAY));
    assert_eq!(case.next_condition(), conditional("", TUESDAY));
}

/// Another body under the same `ETag` | the body is believed | rule 21
#[test]
fn c018_same_etag_other_body() {
    let case = Case::new();
    case.next(tagged("\"a\""));
    assert_eq!(case.next(feed(&["treaty"]).header("ETag", "\"a\""))["items"]["new"], 1);
    assert_eq!(case.items(), 2);
}

/// A 304 to a request without conditions | an error; nothing is changed, and it is not asked again at once | rule 5
#[test]
fn c019_304_unasked() {
    let case = Case::new();
    case.next(feed(&["budget"]));
    case.next(not_modified().header("ETag", "\"a\""));
    assert!(case.error().contains("304"), "{}", case.error());
    assert_eq!((case.failures(), case.items()), (1, 1));
    case.waits(HOUR);
    assert_eq!(case.next_condition(), conditional("", ""));
}

/// 304 for ever, although by its own rhythm the feed is long overdue | one request for everything, at most one in 8 days, and
/// nothing is put into the address to fool a cache | rule 21a
#[test]
fn c020_304_for_ever() {
    let case = Case::new();
    let old: Vec<_> = (0_i64..6)
        .map(|day| super::stage::entries(&["budget"]).remove(0).id(&format!("urn:{day}")).days_ago(day))
        .collect();
    let page = || Answer::feed(rss(&old)).header("ETag", "\"stuck\"");
    case.next(page());
    for _ in 0..2 {
        case.later(DAY);
        case.next(not_modified());
        assert!(case.last().conditional(), "a day's rhythm is not overdue yet");
    }
    case.later(8 * DAY);
    case.next(page());
    assert!(!case.last().conditional());
    for _ in 0..7 {
        case.later(DAY - HOUR);
        case.next(not_modified());
        assert!(case.last().conditional(), "asked for everything twice in 8 days");
    }
    case.later(2 * DAY);
    case.next(page());
    assert!(!case.last().conditional());
    assert!(case.origin.requests("/a.xml").len() == case.origin.request_count(), "another address was asked");
}

/// Validators on the very first answer | the second request is conditional already | rule 2
#[test]
fn c021_second_request() {
    let case = Case::new();
    case.next(tagged("\"a\""));
    case.next(not_modified());
    assert_eq!(case.condition(), conditional("\"a\"", ""));
}

/// A body that is shorter than it says | a failure: its validators are not kept; the items up to there are read
/// | rules 7, 37 | Not to store its items would hide news for as long as the body breaks off, and a later whole body makes
/// each of them what it should be.
#[test]
fn c022_truncated() {
    let case = Case::new();
    case.next(tagged("\"a\""));
    let whole = rss(&super::stage::entries(&["treaty", "embargo", "summit"]));
    case.next(Answer::feed(whole.as_str()).header("ETag", "\"torn\"").cut_after(whole.len() - 80));
    assert_eq!(case.failures(), 1);
    let seen = case.items();
    assert!((2..=4).contains(&seen), "{seen} items");
    assert_eq!(case.next_condition(), conditional("\"a\"", ""));
}

/// A body that is as long as it says, and a document without an end | no failure, as that is how its publisher writes it; the items
/// up to there are read, and its validators are not kept | rules 7, 37
#[test]
fn a_document_without_an_end_is_no_failure() {
    let case = Case::new();
    case.next(tagged("\"a\""));
    let whole = rss(&super::stage::entries(&["treaty", "embargo", "summit"]));
    let without_end = &whole[..whole.find("</channel>").unwrap()];
    case.next(Answer::feed(without_end).header("ETag", "\"torn\""));
    assert_eq!((case.failures(), case.items()), (0, 4));
    assert_eq!(case.next_condition(), conditional("\"a\"", ""));
}

/// A new `ETag` with something that cannot be read | the validators of the last document that could be read stay
/// | rule 7 | To take them over after three tries would turn a publisher's broken night into lost items; backing off keeps
/// the price of asking low.
#[test]
fn c023_unreadable() {
    let case = Case::new();
    case.next(tagged("\"a\""));
    for _ in 0..4 {
        case.next(Answer::feed("<rss><channel><item").header("ETag", "\"broken\""));
        assert_eq!(case.condition(), conditional("\"a\"", ""));
    }
    assert_eq!(case.failures(), 4);
    assert!(case.wait() >= 8 * HOUR);
}

/// HTML instead of the feed: a portal, or a page that asks for consent | an error; validators and items stay | rules 7, 26
#[test]
fn c024_html() {
    let case = Case::new();
    case.next(tagged("\"a\""));
    case.next(
        Answer::html("<!doctype html><title>Before you continue</title><form></form>").header("ETag", "\"portal\""),
    );
    assert_eq!((case.failures(), case.items()), (1, 1));
    assert_eq!(case.next_condition(), conditional("\"a\"", ""));
}

/// A temporary redirect to an address that gives validators | they are sent to that address and to no other | rule 6
#[test]
fn c025_validators_of_each_hop() {
    let case = Case::new();
    case.origin.serve("/b.xml", tagged("\"b\""));
    case.next(Answer::redirect(302, "/b.xml").header("ETag", "\"hop\""));
    case.next(Answer::redirect(302, "/b.xml"));
    assert!(!case.last().conditional(), "the first hop was sent what the second gave");
    let asked = case.origin.requests("/b.xml");
    assert_eq!((asked[0].conditional(), asked[1].text("if-none-match")), (false, "\"b\"".to_owned()));
}

/// The process is killed after the 200 and before the commit | the next one asks with the old validators, and each item
/// appears once | rule 7
#[test]
fn c026_killed_before_the_commit() {
    let case = Case::new();
    case.next(tagged("\"a\""));
    // From the moment on in which the answer begins, nothing can be committed.
    let (path, barred) = (case.newswatch.database(), Arc::new(Mutex::new(None)));
    let bar = Arc::clone(&barred);
    case.origin.respond("/a.xml", move |_| {
        *bar.lock().unwrap() = Some(db::hold(&path));
        feed(&["treaty"]).header("ETag", "\"b\"")
    });
    case.until_due();
    let killed = case.newswatch.spawn(&["once"]);
    level::until("the answer", PATIENCE, || barred.lock().unwrap().is_some().then_some(()));
    drop(killed);
    *barred.lock().unwrap() = None;
    assert_eq!(case.next(feed(&["treaty"]).header("ETag", "\"b\""))["items"]["new"], 1);
    assert_eq!(case.condition(), conditional("\"a\"", ""));
    assert_eq!(case.items(), 2);
}

/// A poll by hand | is conditional like any other, and asks nobody who wants to be left alone | rules 10, 12
#[test]
fn c027_by_hand() {
    let case = Case::new();
    case.next(tagged("\"a\""));
    case.origin.first("/a.xml", [not_modified().header("Cache-Control", "max-age=600")]);
    case.pass_over_all();
    assert_eq!(case.condition(), conditional("\"a\"", ""));
    case.pass_over_all();
    assert_eq!(case.asked(), 2);
}

/// A feed that is added to the config | is asked for once; what that brought is what is read | rule 1
#[test]
fn c028_one_request_for_a_new_feed() {
    let case = Case::new();
    case.origin.serve("/a.xml", tagged("\"a\""));
    case.pass();
    assert_eq!((case.origin.request_count(), case.items()), (1, 1));
}

/// Three watches and two digests of one feed | one poll for all of them | rule 31
#[test]
fn c029_one_poll_for_all() {
    let case = Case::with(|newswatch, _| {
        let mail = newswatch.set("mail", "from", "'n@example.org'").set("mail", "to", "['d@example.org']");
        let mail =
            mail.set("mail", "smtp", "'file:mail'").digest("morning", "07:30", &[]).digest("evening", "19:30", &[]);
        ["one", "two", "three"]
            .iter()
            .fold(mail, |it, name| it.watch_with(name, "veto", &[("send", "['morning', 'evening']")]))
    });
    case.next(feed(&["budget"]));
    case.pass();
    assert_eq!(case.asked(), 1);
}
