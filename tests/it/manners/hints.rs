//! Deltas, and what a feed itself says of when to ask.

use std::fmt::Write as _;

use jiff::SignedDuration;

use super::stage::{Case, DAY, HOUR, conditional, entries, feed, feed_saying};
use crate::harness::feeds::Answer;
use crate::harness::items::rss;
use crate::harness::level;

fn delta(ids: &[&str]) -> Answer {
    feed(ids).with_status(226).header("IM", "feed")
}

/// 226 with `IM: feed` | `A-IM: feed` is sent beside `If-None-Match` and never without it; the delta adds items and takes none
/// away, and its `ETag` is kept | RFC 3229 §10.5; rule 9
#[test]
fn c112_delta() {
    let case = Case::new();
    case.next(feed(&["budget", "treaty"]).header("ETag", "\"a\""));
    assert!(case.last().header("a-im").is_none(), "there is nothing yet that a delta could go from");
    case.next(delta(&["embargo"]).header("ETag", "\"b\""));
    assert_eq!((case.last().text("a-im").as_str(), case.items(), case.failures()), ("feed", 3, 0));
    assert_eq!(case.feed()["gaps"], 0, "what a delta does not hold is not gone");
    case.next(feed(&["embargo", "budget", "treaty"]).header("ETag", "\"c\""));
    assert_eq!((case.condition(), case.items()), (conditional("\"b\"", ""), 3));
}

/// 226 without `IM: feed`, or to a request that asked for no delta | a failure; deltas are asked for no more | RFC 3229 §10.4.1; rule 9
#[test]
fn c113_wrong_delta() {
    let case = Case::new();
    case.next(feed(&["budget"]).header("ETag", "\"a\""));
    case.next(feed(&["embargo"]).with_status(226).header("ETag", "\"b\""));
    assert_eq!((case.failures(), case.items()), (1, 1));
    case.next(feed(&["budget", "embargo"]).header("ETag", "\"c\""));
    assert_eq!((case.condition().0.as_str(), case.last().header("a-im")), ("\"a\"", None));
    let case = Case::new();
    case.next(delta(&["embargo"]));
    assert_eq!((case.failures(), case.items()), (1, 0));
}

/// `<ttl>` of two hours, of zero, of years | not asked before; nothing; a day | RSS 2.0; rule 10
#[test]
fn c114_ttl() {
    for (ttl, seconds) in [("120", 2 * HOUR), ("999999", DAY)] {
        let case = Case::new();
        case.next(feed_saying(&format!("<ttl>{ttl}</ttl>")));
        case.held(seconds);
    }
    for ttl in ["0", "-5", "soon"] {
        let case = Case::new();
        case.next(feed_saying(&format!("<ttl>{ttl}</ttl>")));
        case.waits(HOUR);
    }
}

/// `<skipHours>`, with 24 for midnight, and `<skipDays>` | no poll then; a feed that skips everything is asked as usual
/// | RSS 2.0; rule 11 | Items that were published in such hours are no invitation: what the feed asks for counts.
#[test]
fn c115_skipped_hours() {
    let now = level::today();
    let this_hour = jiff::tz::Offset::UTC.to_datetime(now).hour();
    let mut hours = String::from("<skipHours>");
    for ahead in 0..4_i8 {
        let hour = (this_hour + ahead) % 24;
        let _ = write!(hours, "<hour>{}</hour>", if hour == 0 { 24 } else { hour });
    }
    let case = Case::new();
    case.next(feed_saying(&(hours + "</skipHours>")));
    let wait = case.wait();
    assert!((3 * HOUR..=4 * HOUR + HOUR / 10).contains(&wait), "{wait}");
    assert!(case.feed()["why"].as_str().unwrap().contains("skipHours"));

    // Three of them, so that midnight makes no difference.
    let day = |ahead: i64| (now + SignedDuration::from_hours(24 * ahead)).strftime("<day>%A</day>").to_string();
    let days = format!("<skipDays>{}{}{}</skipDays>", day(0), day(1), day(2));
    let case = Case::new();
    case.next(feed_saying(&days));
    assert!(case.wait() > DAY, "{}", case.feed());
    let all = (0..24).fold(String::new(), |all, hour| all + &format!("<hour>{hour}</hour>"));
    let case = Case::new();
    case.next(feed_saying(&format!("<skipHours>{all}</skipHours>")));
    case.waits(HOUR);
}

/// `sy:updatePeriod` and `sy:updateFrequency` | twice daily is twelve hours; what is hourly changes nothing | RSS 1.0
/// syndication module; rule 10 | It counts without asking whether the feed keeps to it: it is the publisher's word.
#[test]
fn c116_update_period() {
    let says = |period: &str, frequency: u32| {
        format!(
            "<sy:updatePeriod xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">{period}</sy:updatePeriod>\
             <sy:updateFrequency xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">{frequency}</sy:updateFrequency>"
        )
    };
    for (period, frequency, seconds) in
        [("daily", 2, 12 * HOUR), ("hourly", 1, HOUR), ("yearly", 1, DAY), ("fortnightly", 1, HOUR)]
    {
        let case = Case::new();
        case.next(feed_saying(&says(period, frequency)));
        case.waits(seconds);
    }
    assert!(!rss(&entries(&[])).contains("updatePeriod"));
}
