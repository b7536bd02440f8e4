//! Which dates are to be believed.

use jiff::{SignedDuration, Timestamp};

/// 1990-01-01T00:00Z. Nobody published feeds before; such a date is a counter that was never set.
const EARLIEST: Timestamp = Timestamp::constant(631_152_000, 0);

/// How far ahead a date may lie before it is a slip of the pen: events are announced years ahead, not centuries.
const AHEAD: SignedDuration = SignedDuration::from_hours(100 * 365 * 24);

/// The date from its milliseconds since 1970, or `None` where it cannot be meant. A date in the nearer future is kept:
/// who orders items must not trust it, who shows them may.
pub(crate) fn sound(milliseconds: i64, now: Timestamp) -> Option<Timestamp> {
    let date = Timestamp::from_millisecond(milliseconds).ok()?;
    let latest = now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    (EARLIEST <= date && date <= latest).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_cannot_be_meant_are_none() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let read = |text: &str| {
            let date: Timestamp = text.parse().unwrap();
            sound(date.as_millisecond(), now).map(|date| date.to_string())
        };
        assert_eq!(read("1970-01-01T00:00:00Z"), None);
        assert_eq!(read("1989-12-31T23:59:59Z"), None);
        assert_eq!(read("1990-01-01T00:00:00Z").as_deref(), Some("1990-01-01T00:00:00Z"));
        assert_eq!(read("2026-11-25T00:00:00Z").as_deref(), Some("2026-11-25T00:00:00Z"));
        assert_eq!(read("2099-01-01T00:00:00Z").as_deref(), Some("2099-01-01T00:00:00Z"));
        assert_eq!(read("8190-01-01T00:00:00Z"), None);
        assert_eq!(sound(i64::MAX, now), None);
        assert_eq!(sound(i64::MIN, now), None);
    }
}
