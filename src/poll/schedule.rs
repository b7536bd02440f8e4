//! When a feed is due: a pure function of what was said.

use jiff::civil::Weekday;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::freshness::{Freshness, HINT_MAX, later};

/// Failures double the wait up to this, unless `every` is longer by itself.
const BACK_OFF_MAX: SignedDuration = SignedDuration::from_hours(24);

/// A feed whose news is told by somebody else is asked once in so many times its `every`,
const SAFETY_NET: i32 = 6;

/// and at least so often.
const SAFETY_NET_MAX: SignedDuration = SignedDuration::from_hours(24);

/// How much jitter adds to a wait at most, as a share of it.
const JITTER: f64 = 0.05;

/// The same after failures, so that feeds which broke together do not come back together.
pub(super) const BACK_OFF_JITTER: f64 = 0.1;

/// Polls that a skipped hour moves are spread over so much of the first hour that is not skipped.
const AFTER_SKIP: SignedDuration = SignedDuration::from_mins(5);

/// Up to 100 new feeds are asked within so long.
const NEW_FEEDS_WITHIN: SignedDuration = SignedDuration::from_secs(5);

/// Feeds that fell due while nobody asked are asked within so long, or within their `every`.
const OVERDUE_WITHIN: SignedDuration = SignedDuration::from_mins(15);

/// Everything that decides when a feed is asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// How often it is asked at most.
    pub every: SignedDuration,
    /// How often it is asked while its own news come more slowly; no less than `every`, and only after a success.
    pub stretched: Option<SignedDuration>,
    /// Until when somebody else tells of its news, so that polls are a safety net; only after a success.
    pub told_until: Option<Timestamp>,
    /// Failures in a row, the last poll included; 0 after a success.
    pub failures: u32,
    /// What the answer's headers said.
    pub freshness: Freshness,
    /// `<ttl>` of RSS 2.0.
    pub ttl: Option<SignedDuration>,
    /// `sy:updatePeriod` divided by `sy:updateFrequency` (RSS 1.0 syndication module).
    pub update_period: Option<SignedDuration>,
    /// `skipHours` and `skipDays` of RSS 2.0.
    pub skip: Skip,
}

impl Pace {
    /// A pace that nothing but `every` sets.
    pub fn of(every: SignedDuration) -> Self {
        Self {
            every,
            stretched: None,
            told_until: None,
            failures: 0,
            freshness: Freshness::default(),
            ttl: None,
            update_period: None,
            skip: Skip::default(),
        }
    }
}

/// Hours and days, in UTC, in which a feed asks not to be polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skip {
    /// Bit `h` is set when hour `h` is skipped.
    hours: u32,
    /// Bit `d` is set when the day `d` after Monday is skipped.
    days: u8,
}

impl Skip {
    /// Skips these hours, 0 to 23; 24 means 0, as some feeds count from 1. Others are passed over.
    #[must_use]
    pub fn hours(mut self, hours: impl IntoIterator<Item = u8>) -> Self {
        for hour in hours.into_iter().filter(|hour| *hour <= 24) {
            self.hours |= 1 << (hour % 24);
        }
        self
    }

    /// Skips these days.
    #[must_use]
    pub fn days(mut self, days: impl IntoIterator<Item = Weekday>) -> Self {
        for day in days {
            self.days |= 1 << day.to_monday_zero_offset();
        }
        self
    }

    fn holds(self, at: Timestamp) -> bool {
        let civil = Offset::UTC.to_datetime(at);
        self.hours & (1 << civil.hour()) != 0 || self.days & (1 << civil.weekday().to_monday_zero_offset()) != 0
    }

    /// The start of the first hour after `at` that is not skipped; `at` itself where it is not skipped, or where nothing is
    /// left in a whole week: a feed that never wants to be asked is asked all the same.
    fn first_open(self, at: Timestamp) -> Timestamp {
        if (self.hours == 0 && self.days == 0) || !self.holds(at) {
            return at;
        }
        let hour = at.as_second().div_euclid(3600);
        (1..=7 * 24)
            .filter_map(|step| Timestamp::from_second((hour + step) * 3600).ok())
            .find(|start| !self.holds(*start))
            .unwrap_or(at)
    }
}

/// When a feed is asked next, and why then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Then.
    pub at: Timestamp,
    /// The reason that weighed most, in words.
    pub why: String,
    /// Before this the server itself does not want to be asked, whoever is in a hurry; `None` where it said nothing.
    pub server: Option<Timestamp>,
}

/// The instant of the next poll: never sooner than the largest of `every` (doubled for each failure after the first, up to a
/// day) and what the server and its feed ask for. `unit` in `0.0..1.0` is the jitter, which only ever adds.
pub fn next(now: Timestamp, pace: &Pace, unit: f64) -> Due {
    // A server that says when to come back need not be guessed at.
    let failures = if pace.freshness.retry.is_some() { 0 } else { pace.failures };
    let stretched = pace.stretched.filter(|stretched| pace.failures == 0 && *stretched > pace.every);
    let own = if failures == 0 { stretched.unwrap_or(pace.every) } else { back_off(pace.every, failures) };
    let why = match failures {
        0 if stretched.is_some() => format!("every {}, as its news come at that pace", words(rounded(own))),
        0 => format!("every {}", words(pace.every)),
        1 => "failed, trying again".to_owned(),
        n => format!("failed {n} times, backing off"),
    };
    let mut due = Due { at: later(now, own), why, server: None };
    if let Some(until) = pace.told_until.filter(|_| pace.failures == 0) {
        let net = pace.every.saturating_mul(SAFETY_NET).min(SAFETY_NET_MAX.max(pace.every));
        let at = later(now, net).min(until);
        if at > due.at {
            due.at = at;
            due.why = format!("within {}, as its hub tells of news", words(rounded(net)));
        }
    }
    let hint = |wait: Option<SignedDuration>| wait.map(|wait| later(now, wait.min(HINT_MAX)));
    let fresh = pace.freshness.fresh.as_ref();
    let hints = [
        (fresh.map(|floor| floor.until.min(later(now, HINT_MAX))), fresh.map(|floor| floor.why.clone())),
        (hint(pace.ttl), pace.ttl.map(|ttl| format!("the feed says ttl {}", words(ttl)))),
        (
            hint(pace.update_period),
            pace.update_period.map(|period| format!("the feed says it changes every {}", words(period))),
        ),
    ];
    for (at, why) in hints {
        raise(&mut due, at, why);
    }
    let share = if failures == 0 { JITTER } else { BACK_OFF_JITTER };
    due.at = later(due.at, due.at.duration_since(now).mul_f64(unit.clamp(0.0, 1.0) * share));
    // After the jitter: Retry-After is obeyed to the second.
    if let Some(retry) = &pace.freshness.retry {
        raise(&mut due, Some(retry.until), Some(retry.why.clone()));
    }
    let open = pace.skip.first_open(due.at);
    if open > due.at {
        due.at = later(open, AFTER_SKIP.mul_f64(unit.clamp(0.0, 1.0)));
        "the feed asks to be left alone until then (skipHours, skipDays)".clone_into(&mut due.why);
        due.server = Some(open);
    }
    due
}

/// Takes `at` into `due`, as the server's word, and as the reason where it is the latest so far.
fn raise(due: &mut Due, at: Option<Timestamp>, why: Option<String>) {
    let (Some(at), Some(why)) = (at, why) else { return };
    due.server = due.server.max(Some(at));
    if at > due.at {
        due.at = at;
        due.why = why;
    }
}

/// `every` doubled for each failure after the first, up to a day or `every` itself.
pub(crate) fn back_off(every: SignedDuration, failures: u32) -> SignedDuration {
    // 2^20 seconds are more than a day.
    let doubled = 1_i32 << failures.saturating_sub(1).min(20);
    every.checked_mul(doubled).unwrap_or(BACK_OFF_MAX).min(BACK_OFF_MAX.max(every))
}

/// How long the `index`th of `count` new feeds waits for its first poll: up to 100 of them are asked within five seconds,
/// more of them at the same rate.
pub fn spread_new(count: usize, index: usize, unit: f64) -> SignedDuration {
    #[expect(clippy::cast_precision_loss, reason = "counts of feeds are small")]
    let share = (index as f64 + unit.clamp(0.0, 1.0)) / count.clamp(1, 100) as f64;
    NEW_FEEDS_WITHIN.mul_f64(share)
}

/// When a feed that fell due while nobody asked is asked: within its `every`, or a quarter of an hour.
pub fn spread_overdue(now: Timestamp, every: SignedDuration, unit: f64) -> Timestamp {
    later(now, every.min(OVERDUE_WITHIN).mul_f64(unit.clamp(0.0, 1.0)))
}

/// To the minute, where it is longer than that.
fn rounded(wait: SignedDuration) -> SignedDuration {
    if wait < SignedDuration::from_mins(2) { wait } else { SignedDuration::from_mins(wait.as_mins()) }
}

/// A wait as people write it: in the largest unit of which there are two or more, `60m`, `36h`, `2d`.
pub(crate) fn words(wait: SignedDuration) -> String {
    let millis = wait.as_millis();
    for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")] {
        if millis % unit == 0 && millis / unit >= 2 {
            return format!("{}{name}", millis / unit);
        }
    }
    if millis == 1000 { "1s".to_owned() } else { format!("{millis}ms") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::poll::freshness::Floor;

    fn now() -> Timestamp {
        // A Thursday.
        "2026-10-01T12:00:00Z".parse().unwrap()
    }

    fn every(minutes: i64) -> Pace {
        Pace::of(SignedDuration::from_mins(minutes))
    }

    fn after(due: &Due) -> i64 {
        due.at.duration_since(now()).as_secs()
    }

    fn floor(seconds: i64) -> Floor {
        Floor { until: later(now(), SignedDuration::from_secs(seconds)), why: "the server said so".to_owned() }
    }

    #[test]
    fn a_success_waits_for_every_and_a_little() {
        let due = next(now(), &every(60), 0.0);
        assert_eq!((after(&due), due.why.as_str(), due.server), (3600, "every 60m", None));
        assert_eq!(after(&next(now(), &every(60), 1.0)), 3780);
    }

    #[test]
    fn failures_double_up_to_a_day() {
        let waits: Vec<i64> =
            (1..=7).map(|failures| after(&next(now(), &Pace { failures, ..every(60) }, 0.0)) / 3600).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 24, 24]);
        let due = next(now(), &Pace { failures: 3, ..every(60) }, 0.0);
        assert_eq!(due.why, "failed 3 times, backing off");
        assert_eq!(after(&next(now(), &Pace { failures: u32::MAX, ..every(60) }, 0.0)), 86_400);
        // Somebody who asks every two days is not asked to come more often because it failed.
        assert_eq!(after(&next(now(), &Pace { failures: 5, ..every(2880) }, 0.0)), 2 * 86_400);
    }

    #[test]
    fn the_largest_hint_wins_and_says_so() {
        let mut pace = every(60);
        pace.freshness.fresh = Some(floor(7200));
        assert_eq!(after(&next(now(), &pace, 0.0)), 7200);
        pace.ttl = Some(SignedDuration::from_hours(3));
        let due = next(now(), &pace, 0.0);
        assert_eq!((after(&due), due.why.as_str()), (3 * 3600, "the feed says ttl 3h"));
        pace.update_period = Some(SignedDuration::from_hours(12));
        let due = next(now(), &pace, 0.0);
        assert_eq!((after(&due), due.why.as_str()), (12 * 3600, "the feed says it changes every 12h"));
        assert_eq!(due.server, Some(due.at));
        pace.ttl = Some(SignedDuration::MAX);
        assert_eq!(after(&next(now(), &pace, 0.0)), 86_400, "a hint counts for a day at most");
    }

    #[test]
    fn a_shorter_hint_changes_nothing_but_what_the_server_allows() {
        let mut pace = every(60);
        pace.freshness.fresh = Some(floor(600));
        let due = next(now(), &pace, 0.0);
        assert_eq!((after(&due), due.why.as_str()), (3600, "every 60m"));
        assert_eq!(due.server, Some(later(now(), SignedDuration::from_secs(600))));
    }

    #[test]
    fn retry_after_is_kept_to_the_second_and_instead_of_backing_off() {
        let mut pace = Pace { failures: 5, ..every(1) };
        pace.freshness.retry = Some(floor(120));
        assert_eq!(after(&next(now(), &pace, 0.99)), 120);
        pace.freshness.retry = Some(floor(7 * 86_400));
        assert_eq!(after(&next(now(), &pace, 0.99)), 7 * 86_400);
        pace.freshness.retry = Some(floor(10));
        assert_eq!(after(&next(now(), &pace, 0.0)), 60);
    }

    #[test]
    fn skipped_hours_and_days_move_the_poll_out() {
        let mut pace = every(60);
        pace.skip = Skip::default().hours([13, 14]);
        let due = next(now(), &pace, 0.0);
        assert_eq!(due.at.to_string(), "2026-10-01T15:00:00Z");
        assert_eq!(due.why, "the feed asks to be left alone until then (skipHours, skipDays)");
        pace.skip = Skip::default().hours([14]);
        assert_eq!(next(now(), &pace, 0.0).why, "every 60m");
        pace.skip = Skip::default().days([Weekday::Thursday, Weekday::Friday]).hours([24, 1]);
        assert_eq!(next(now(), &pace, 0.0).at.to_string(), "2026-10-03T02:00:00Z");
        assert_eq!(next(now(), &pace, 1.0).at.to_string(), "2026-10-03T02:05:00Z");
    }

    #[test]
    fn a_feed_that_skips_everything_is_asked_all_the_same() {
        let mut pace = every(60);
        pace.skip = Skip::default().hours(0..24);
        assert_eq!(after(&next(now(), &pace, 0.0)), 3600);
        pace.skip = Skip::default().days([
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
            Weekday::Saturday,
            Weekday::Sunday,
        ]);
        assert_eq!(after(&next(now(), &pace, 0.0)), 3600);
        pace.skip = Skip::default().hours([25, 255]);
        assert_eq!(after(&next(now(), &pace, 0.0)), 3600);
    }

    #[test]
    fn waits_are_told_as_people_write_them() {
        for (seconds, expected) in [
            (60, "60s"),
            (900, "15m"),
            (3600, "60m"),
            (7200, "2h"),
            (86_400, "24h"),
            (172_800, "2d"),
            (90, "90s"),
            (1, "1s"),
        ] {
            assert_eq!(words(SignedDuration::from_secs(seconds)), expected);
        }
        assert_eq!(words(SignedDuration::from_millis(250)), "250ms");
    }

    #[test]
    fn new_feeds_spread_over_five_seconds() {
        let last = spread_new(100, 99, 0.99);
        assert!(last < SignedDuration::from_secs(5) && last > SignedDuration::from_millis(4900), "{last:?}");
        assert!(spread_new(1000, 999, 0.0) >= SignedDuration::from_secs(49));
        assert!(spread_new(0, 0, 0.5) < SignedDuration::from_secs(5));
    }

    #[test]
    fn overdue_feeds_spread_over_their_every_or_a_quarter_of_an_hour() {
        let spread =
            |minutes| spread_overdue(now(), SignedDuration::from_mins(minutes), 0.5).duration_since(now()).as_secs();
        assert_eq!((spread(60), spread(10)), (450, 300));
    }

    proptest! {
        #[test]
        fn never_sooner_than_anything_asks(
            minutes in 1_i64..3000,
            failures in 0_u32..40,
            fresh in prop::option::of(1_i64..86_400),
            retry in prop::option::of(1_i64..604_800),
            ttl in prop::option::of(0_i64..10_000_000),
            hours in prop::collection::vec(0_u8..26, 0..24),
            unit in 0.0..1.0,
        ) {
            let mut pace = Pace { failures, ttl: ttl.map(SignedDuration::from_secs), ..every(minutes) };
            pace.freshness.fresh = fresh.map(floor);
            pace.freshness.retry = retry.map(floor);
            pace.skip = Skip::default().hours(hours);
            let due = next(now(), &pace, unit);
            let wait = after(&due);
            prop_assert!(wait >= minutes * 60);
            prop_assert!(wait >= fresh.unwrap_or(0));
            prop_assert!(wait >= retry.unwrap_or(0));
            prop_assert!(wait >= ttl.unwrap_or(0).min(86_400));
            prop_assert!(wait <= 8 * 86_400);
            prop_assert!(due.server.is_none_or(|server| server <= due.at));
        }
    }
}
