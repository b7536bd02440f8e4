//! How long an answer says that it is fresh.

use jiff::{SignedDuration, Timestamp};

use super::stage::{Case, DAY, HOUR, conditional, feed, not_modified};
use crate::harness::level;

/// An instant as HTTP writes it.
fn date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn in_seconds(seconds: i64) -> Timestamp {
    level::today() + SignedDuration::from_secs(seconds)
}

/// How long a feed that is asked once an hour is left alone after this `Cache-Control`: the server's word is kept by all.
#[track_caller]
fn held_by(cache_control: &str, seconds: i64) {
    let case = Case::new();
    case.next(feed(&["budget"]).header("Cache-Control", cache_control).header("ETag", "\"a\""));
    case.held(seconds);
    assert_eq!(case.next_condition(), conditional("\"a\"", ""), "{cache_control}");
}

/// The same, where the header says nothing that counts.
#[track_caller]
fn as_usual(headers: &[(&str, &str)]) {
    let case = Case::new();
    let answer = feed(&["budget"]).header("ETag", "\"a\"");
    case.next(headers.iter().fold(answer, |answer, (name, value)| answer.header(name, *value)));
    case.waits(HOUR);
    assert_eq!(case.next_condition(), conditional("\"a\"", ""), "{headers:?}");
}

/// `max-age` of two hours | not asked for two hours, whoever is in a hurry | RFC 9111 §5.2.2.1; rule 10
#[test]
fn c030_max_age() {
    held_by("max-age=7200", 7200);
}

/// `max-age` of which `Age` has used up nearly all | only what is left counts | RFC 9111 §4.2.3; rule 10
#[test]
fn c031_age() {
    as_usual(&[("Cache-Control", "max-age=7200"), ("Age", "7000")]);
    let case = Case::new();
    case.next(feed(&["budget"]).header("Cache-Control", "max-age=10800").header("Age", "3600"));
    case.held(7200);
}

/// `max-age` on a 304 | counts like on a 200 | RFC 9111 §4.3.4; rule 5
#[test]
fn c032_max_age_of_a_304() {
    let case = Case::new();
    case.next(feed(&["budget"]).header("ETag", "\"a\""));
    case.next(not_modified().header("Cache-Control", "max-age=10800"));
    case.held(10_800);
}

/// `max-age` and an `Expires` that says something else | `max-age` alone counts | RFC 9111 §5.3; rule 10
#[test]
fn c033_max_age_before_expires() {
    let case = Case::new();
    let expires = date(in_seconds(3 * DAY));
    case.next(feed(&["budget"]).header("Cache-Control", "max-age=600").header("Expires", expires));
    case.waits(HOUR);
}

/// Only `Expires` | counts from the server's own `Date`, so its clock may be wrong | RFC 9111 §4.2.1; rule 10
#[test]
fn c034_expires() {
    let case = Case::new();
    let (now, then) = (date(in_seconds(-9 * DAY)), date(in_seconds(-9 * DAY + 7200)));
    case.next(feed(&["budget"]).header("Date", now).header("Expires", then));
    case.held(7200);
}

/// `Expires` that is no date | stale at once: asked as usual, and validators stay | RFC 9111 §5.3
#[test]
fn c035_expires_nonsense() {
    for expires in ["0", "-1", "never"] {
        as_usual(&[("Expires", expires)]);
    }
}

/// `no-cache`, `no-store`, `private`, `max-age=0` | not asked any sooner, and validators are sent all the same
/// | RFC 9111 §5.2.2; rule 10
#[test]
fn c036_nothing_fresh() {
    for value in ["no-cache", "no-store", "private", "max-age=0, must-revalidate"] {
        as_usual(&[("Cache-Control", value)]);
    }
}

/// Capitals, quotes, spaces, and directives that nobody knows | the age is read all the same | RFC 9111 §5.2
#[test]
fn c037_max_age_as_written() {
    for value in ["MAX-AGE=7200", "max-age=\"7200\"", "max-age = 7200", "shiny, x=\"a, max-age=1\", max-age=7200"] {
        held_by(value, 7200);
    }
}

/// Two ages, or one that is no number | the first counts; nonsense is stale at once | RFC 9111 §4.2.1
#[test]
fn c038_two_ages() {
    held_by("max-age=7200, max-age=60", 7200);
    as_usual(&[("Cache-Control", "max-age=1.5")]);
}

/// An age of twenty digits | counts for a day, like any that is too long | RFC 9111 §1.2.2; rule 10
#[test]
fn c039_endless_age() {
    held_by("max-age=99999999999999999999", DAY);
}

/// An age of a year on a feed that lives | counts for a day | rule 10
#[test]
fn c040_a_year() {
    held_by("max-age=31536000", DAY);
}

/// `s-maxage`, `stale-while-revalidate`, `immutable` | say nothing to a private client | RFC 9111 §5.2.2.10, RFC 5861, RFC 8246
#[test]
fn c041_for_other_caches() {
    as_usual(&[("Cache-Control", "s-maxage=86400, stale-while-revalidate=86400, immutable")]);
}

/// No word on freshness, and a date years ago | no freshness is guessed at | RFC 9111 §4.2.2
#[test]
fn c042_no_guess() {
    let case = Case::new();
    case.next(feed(&["budget"]).header("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"));
    case.waits(HOUR);
}

/// A `Date` that is three hours off | intervals are measured by our own clock | RFC 9111 §4.2.3
#[test]
fn c043_wrong_date() {
    for hours in [-3, 3] {
        let case = Case::new();
        case.next(
            feed(&["budget"]).header("Date", date(in_seconds(hours * HOUR))).header("Cache-Control", "max-age=7200"),
        );
        case.held(7200);
    }
}
