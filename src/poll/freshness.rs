//! How long a server asks to be left alone: what its headers say, in instants.

use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, RETRY_AFTER};
use http::{HeaderMap, HeaderName};
use jiff::{SignedDuration, Timestamp};

use super::date::http_date;
use crate::item::HostHold;

/// A hint about freshness counts for a day at most.
pub(crate) const HINT_MAX: SignedDuration = SignedDuration::from_hours(24);

/// `Retry-After` counts for a week at most.
pub(crate) const RETRY_AFTER_MAX: SignedDuration = HostHold::LONGEST;

/// RFC 9111 §1.2.2: a number that is too large counts as 2^31.
const DELTA_SECONDS_MAX: i64 = 1 << 31;

/// What an answer says about when to come again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Freshness {
    /// From `Cache-Control` or `Expires` of a document or a 304: not sooner, at most a day ahead.
    pub fresh: Option<Floor>,
    /// From `Retry-After`, or from a 429 without one: not sooner, at most a week ahead, and to the second.
    pub retry: Option<Floor>,
}

/// An instant before which nothing is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floor {
    /// Not before this.
    pub until: Timestamp,
    /// Who says so, in words: `the server said max-age=7200`.
    pub why: String,
}

/// Reads `Cache-Control: max-age` less `Age`; only where there is no max-age, `Expires` less `Date` (RFC 9111 §4.2.1, §5.3).
///
/// `None` when there is no such hint, or when it has run out already.
pub(crate) fn fresh(headers: &HeaderMap, now: Timestamp) -> Option<Floor> {
    let (lifetime, why) = match max_age(headers) {
        Some(seconds) => (SignedDuration::from_secs(seconds), format!("the server said max-age={seconds}")),
        None => (expires_in(headers, now)?, format!("the server said Expires: {}", text(headers, &EXPIRES)?.trim())),
    };
    let age = text(headers, &AGE).and_then(delta_seconds).unwrap_or(0);
    let left = lifetime - SignedDuration::from_secs(age);
    if left <= SignedDuration::ZERO {
        return None;
    }
    if left > HINT_MAX {
        tracing::debug!(seconds = left.as_secs(), "a server's hint about freshness counts for a day at most");
    }
    let why = if age > 0 { format!("{why} (Age {age})") } else { why };
    Some(Floor { until: later(now, left.min(HINT_MAX)), why })
}

/// Reads `Retry-After`: seconds, or a date in any of the three forms (RFC 9110 §10.2.3). Nonsense, the past and zero
/// count as none; more than a week counts as a week.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Floor> {
    let value = headers.get(RETRY_AFTER)?;
    let written = String::from_utf8_lossy(value.as_bytes());
    let written = written.trim();
    let wait = match delta_seconds(written) {
        Some(seconds) => Some(SignedDuration::from_secs(seconds)),
        None => http_date(written, now).map(|at| at.duration_since(now)),
    };
    let Some(wait) = wait.filter(SignedDuration::is_positive) else {
        tracing::info!(retry_after = written, "a Retry-After that says nothing was passed over");
        return None;
    };
    if wait > RETRY_AFTER_MAX {
        tracing::warn!(retry_after = written, "a Retry-After counts for a week at most");
    }
    Some(Floor { until: later(now, wait.min(RETRY_AFTER_MAX)), why: format!("the server said Retry-After: {written}") })
}

/// `X-RateLimit-Reset` above this is an instant in seconds since 1970, as GitHub writes it, and else a wait: nobody waits for
/// thirty years.
const RESET_INSTANT_MIN: f64 = 1e9;

/// Reads `X-RateLimit-Reset` of a 403 or 429 that says that nothing is left: a wait in seconds, or an instant; some forums refuse
/// whoever asks too often in this way. More than a day counts as a day.
pub(crate) fn rate_limit(status: u16, headers: &HeaderMap, now: Timestamp) -> Option<Floor> {
    if !matches!(status, 403 | 429) || !says_rate_limit(headers) {
        return None;
    }
    let seconds = headers.get("x-ratelimit-reset")?.to_str().ok()?.trim().parse::<f64>().ok()?;
    let wait = SignedDuration::try_from_secs_f64(seconds.ceil()).ok()?;
    let wait = if seconds > RESET_INSTANT_MIN { wait - SignedDuration::from_secs(now.as_second()) } else { wait };
    let wait = Some(wait).filter(SignedDuration::is_positive)?;
    let why = format!("the server said X-RateLimit-Reset: {seconds}");
    Some(Floor { until: later(now, wait.min(HINT_MAX)), why })
}

/// Whether the server says that no request is left (`X-RateLimit-Remaining`).
pub(crate) fn says_rate_limit(headers: &HeaderMap) -> bool {
    let left = headers.get("x-ratelimit-remaining").and_then(|left| left.to_str().ok()?.trim().parse::<f64>().ok());
    left.is_some_and(|left| left < 1.0)
}

/// `now` and `by`, saturating.
pub(crate) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// The first `max-age` of all `Cache-Control` lines; one that is no number is stale at once (RFC 9111 §4.2.1).
fn max_age(headers: &HeaderMap) -> Option<i64> {
    for value in headers.get_all(CACHE_CONTROL) {
        let Ok(line) = value.to_str() else { continue };
        for directive in outside_quotes(line, ',') {
            let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
            if name.trim().eq_ignore_ascii_case("max-age") {
                return Some(delta_seconds(argument.trim().trim_matches('"')).unwrap_or(0));
            }
        }
    }
    None
}

/// Splits at `separator` where it is not inside a quoted string.
fn outside_quotes(line: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    line.split(move |c: char| {
        if quoted {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
            return false;
        }
        quoted = c == '"';
        c == separator
    })
}

/// `Expires` less `Date`, both by the server's clock, so that its error does not matter. A date that cannot be read lies in
/// the past (RFC 9111 §5.3).
fn expires_in(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let expires = http_date(text(headers, &EXPIRES)?, now)?;
    let date = text(headers, &DATE).and_then(|date| http_date(date, now)).unwrap_or(now);
    Some(expires.duration_since(date))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Digits and nothing else; as large as it gets where there are too many of them.
fn delta_seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(DELTA_SECONDS_MAX).min(DELTA_SECONDS_MAX))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn now() -> Timestamp {
        "2026-10-01T12:00:00Z".parse().unwrap()
    }

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        map
    }

    fn seconds(floor: Option<Floor>) -> Option<i64> {
        floor.map(|floor| floor.until.duration_since(now()).as_secs())
    }

    fn fresh_for(lines: &[(&str, &str)]) -> Option<i64> {
        seconds(fresh(&headers(lines), now()))
    }

    #[test]
    fn max_age_is_read_however_it_is_written() {
        for line in [
            "max-age=7200",
            "MAX-AGE=7200",
            "max-age=\"7200\"",
            "max-age = 7200",
            "public, max-age=7200, must-revalidate",
            "foo=\"a, max-age=1\", max-age=7200",
            "private=\"a\\\", max-age=1\", max-age=7200",
            "max-age=7200, max-age=60",
            "no-cache, , =, max-age=7200",
        ] {
            assert_eq!(fresh_for(&[("cache-control", line)]), Some(7200), "{line}");
        }
        assert_eq!(fresh_for(&[("cache-control", "public"), ("cache-control", "max-age=60")]), Some(60));
    }

    #[test]
    fn what_is_no_lifetime_is_none() {
        for line in
            ["no-cache", "no-store", "private", "max-age=0", "max-age=-5", "max-age=1.5", "max-age=", "s-maxage=60"]
        {
            assert_eq!(fresh_for(&[("cache-control", line)]), None, "{line}");
        }
    }

    #[test]
    fn huge_ages_saturate_and_count_for_a_day() {
        for line in ["max-age=31536000", "max-age=99999999999999999999"] {
            assert_eq!(fresh_for(&[("cache-control", line)]), Some(86_400), "{line}");
        }
    }

    #[test]
    fn the_age_is_taken_off() {
        assert_eq!(fresh_for(&[("cache-control", "max-age=7200"), ("age", "7000")]), Some(200));
        assert_eq!(fresh_for(&[("cache-control", "max-age=7200"), ("age", "7300")]), None);
        assert_eq!(fresh_for(&[("cache-control", "max-age=7200"), ("age", "x")]), Some(7200));
        assert_eq!(fresh_for(&[("cache-control", "max-age=7200"), ("age", "99999999999999999999")]), None);
    }

    #[test]
    fn expires_counts_only_without_max_age_and_by_the_servers_clock() {
        let expires = ("expires", "Thu, 01 Oct 2026 16:00:00 GMT");
        assert_eq!(fresh_for(&[expires]), Some(4 * 3600));
        assert_eq!(fresh_for(&[expires, ("date", "Thu, 01 Oct 2026 15:00:00 GMT")]), Some(3600));
        assert_eq!(fresh_for(&[expires, ("cache-control", "max-age=600")]), Some(600));
        assert_eq!(fresh_for(&[expires, ("cache-control", "max-age=0")]), None);
        assert_eq!(fresh_for(&[("expires", "0")]), None);
        assert_eq!(fresh_for(&[("expires", "-1")]), None);
        assert_eq!(fresh_for(&[("expires", "Thu, 19 Nov 1981 08:52:00 GMT")]), None);
    }

    #[test]
    fn retry_after_is_read_to_the_second() {
        for (value, expected) in [
            ("120", Some(120)),
            ("Thu, 01 Oct 2026 12:02:00 GMT", Some(120)),
            ("Thursday, 01-Oct-26 12:02:00 GMT", Some(120)),
            ("Thu Oct  1 12:02:00 2026", Some(120)),
            ("0", None),
            ("-5", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
            ("Thu, 01 Oct 2026 11:59:00 GMT", None),
            ("1000000000000000", Some(7 * 86_400)),
            ("99999999999999999999999999", Some(7 * 86_400)),
            ("Fri, 01 Oct 2027 12:00:00 GMT", Some(7 * 86_400)),
        ] {
            assert_eq!(seconds(retry_after(&headers(&[("retry-after", value)]), now())), expected, "{value}");
        }
    }

    #[test]
    fn a_limit_resets_after_a_wait_or_at_an_instant() {
        let in_half_an_hour = (now().as_second() + 1800).to_string();
        let passed = (now().as_second() - 1).to_string();
        for (reset, expected) in [
            ("1800", Some(1800)),
            ("0.4", Some(1)),
            (in_half_an_hour.as_str(), Some(1800)),
            (passed.as_str(), None),
            ("-3", None),
            ("soon", None),
            ("1e300", None),
            ("999999", Some(86_400)),
            ("99999999999", Some(86_400)),
        ] {
            let lines = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)];
            assert_eq!(seconds(rate_limit(403, &headers(&lines), now())), expected, "{reset}");
        }
    }

    #[test]
    fn reasons_are_told_in_words() {
        let why = |lines: &[(&str, &str)]| fresh(&headers(lines), now()).unwrap().why;
        assert_eq!(why(&[("cache-control", "max-age=7200")]), "the server said max-age=7200");
        assert_eq!(why(&[("cache-control", "max-age=7200"), ("age", "5")]), "the server said max-age=7200 (Age 5)");
        assert_eq!(
            retry_after(&headers(&[("retry-after", " 120 ")]), now()).unwrap().why,
            "the server said Retry-After: 120"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_it_panic_or_reach_too_far(value in "[ -~]{0,60}") {
            let map = headers(&[("cache-control", &value), ("expires", &value), ("age", &value), ("date", &value), ("retry-after", &value)]);
            if let Some(floor) = fresh(&map, now()) {
                proptest::prop_assert!(floor.until > now() && floor.until.duration_since(now()) <= HINT_MAX);
            }
            if let Some(floor) = retry_after(&map, now()) {
                proptest::prop_assert!(floor.until > now() && floor.until.duration_since(now()) <= RETRY_AFTER_MAX);
            }
        }
    }
}
