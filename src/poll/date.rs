//! Dates as HTTP writes them.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Two clocks that are both right enough.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_hours(1);

/// Reads any of the three forms that a recipient must understand (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`,
/// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
///
/// The name of the day is not compared with the date: servers get it wrong, and the date is what counts. A year of two
/// digits that would lie more than 50 years after `now` is of the past century.
pub(crate) fn http_date(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if !text.is_ascii() {
        return None;
    }
    let mut parts = text.split([' ', ',']).filter(|part| !part.is_empty());
    let day_name = parts.next()?;
    if day_name.len() < 3 || !day_name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let second = parts.next()?;
    let (year, month, day, time) = if second.contains('-') {
        let mut date = second.split('-');
        let (day, month, year) = (number(date.next()?)?, month(date.next()?)?, date.next()?);
        if date.next().is_some() {
            return None;
        }
        (full_year(year, now)?, month, day, parts.next()?)
    } else if second.as_bytes()[0].is_ascii_digit() {
        let (month, year) = (month(parts.next()?)?, number(parts.next()?)?);
        (year, month, number(second)?, parts.next()?)
    } else {
        let (month, day, time) = (month(second)?, number(parts.next()?)?, parts.next()?);
        (number(parts.next()?)?, month, day, time)
    };
    // Only GMT may follow; the form of asctime has no zone.
    if !matches!((parts.next(), parts.next()), (None | Some("GMT" | "UTC"), None)) {
        return None;
    }
    let date = Date::new(year, month, i8::try_from(day).ok()?).ok()?;
    Offset::UTC.to_timestamp(date.to_datetime(clock_time(time)?)).ok()
}

/// Whether a `Last-Modified` as it came lies ahead of `now` by more than clocks differ.
pub fn lies_ahead(value: &[u8], now: Timestamp) -> bool {
    let date = std::str::from_utf8(value).ok().and_then(|text| http_date(text, now));
    date.is_some_and(|date| date.duration_since(now) > CLOCKS_DIFFER)
}

fn month(name: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    i8::try_from(at + 1).ok()
}

/// A number of one to four digits.
fn number(text: &str) -> Option<i16> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn full_year(text: &str, now: Timestamp) -> Option<i16> {
    let year = number(text)?;
    if text.len() != 2 {
        return Some(year);
    }
    let this_year = Offset::UTC.to_datetime(now).year();
    let year = this_year - this_year.rem_euclid(100) + year;
    Some(if year > this_year + 50 { year - 100 } else { year })
}

fn clock_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':').map(|part| if part.len() == 2 { number(part) } else { None });
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || second > 60 {
        return None;
    }
    // A leap second is the last second of its minute.
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, i8::try_from(second.min(59)).ok()?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-10-01T12:00:00Z".parse().unwrap()
    }

    fn read(text: &str) -> Option<String> {
        http_date(text, now()).map(|at| at.to_string())
    }

    #[test]
    fn all_three_forms_are_read() {
        let expected = Some("1994-11-06T08:49:37Z".to_owned());
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "  Sun, 6 nov 1994 08:49:37 GMT ",
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("Thu, 31 Dec 2026 23:59:60 GMT").as_deref(), Some("2026-12-31T23:59:59Z"));
    }

    #[test]
    fn two_digits_mean_the_nearest_year_that_is_not_far_ahead() {
        assert_eq!(read("Sunday, 06-Nov-76 08:49:37 GMT").as_deref(), Some("2076-11-06T08:49:37Z"));
        assert_eq!(read("Sunday, 06-Nov-77 08:49:37 GMT").as_deref(), Some("1977-11-06T08:49:37Z"));
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "0",
            "-1",
            "120",
            "Sun",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37 PST",
            "Sun, 06 Nov 1994 08:49:37 GMT+2",
            "Sun, 06 Nov 99999 08:49:37 GMT",
            "Sun, 06-Nov-94-1 08:49:37 GMT",
            "1994-11-06T08:49:37Z",
            "Sön, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = http_date(&text, now());
        }

        #[test]
        fn what_it_reads_is_what_was_written(seconds in -62_000_000_000_i64..250_000_000_000) {
            let at = Timestamp::from_second(seconds).unwrap();
            let civil = Offset::UTC.to_datetime(at);
            if civil.year() >= 1 {
                let written = civil.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
                proptest::prop_assert_eq!(http_date(&written, now()), Some(at));
            }
        }
    }
}
