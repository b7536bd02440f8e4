use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// A stretch of every day, by civil time: from its first minute up to the one at which it ends. It may go over midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    to: Time,
    zone: TimeZone,
}

impl QuietHours {
    /// From `from` to `to` in `zone`; `None` where both are the same, which would be the whole day or nothing.
    pub fn new(from: Time, to: Time, zone: TimeZone) -> Option<Self> {
        (from != to).then_some(Self { from, to, zone })
    }

    /// Whether `at` lies in them.
    pub fn contains(&self, at: Timestamp) -> bool {
        let time = at.to_zoned_datetime(self.zone.clone()).time();
        if self.from < self.to { self.from <= time && time < self.to } else { self.from <= time || time < self.to }
    }

    /// When the quiet hours end that `at` lies in; `None` outside of them. A time that a change of clocks skips is taken at
    /// the end of the gap (RFC 5545 §3.3.5).
    pub fn end(&self, at: Timestamp) -> Option<Timestamp> {
        if !self.contains(at) {
            return None;
        }
        let local = at.to_zoned_datetime(self.zone.clone());
        let date = if local.time() < self.to { local.date() } else { local.date().tomorrow().ok()? };
        let end = date.to_datetime(self.to).to_zoned_datetime(self.zone.clone()).ok()?.timestamp();
        // Where the clocks go back, the hour that comes twice belongs to the quiet hours once.
        (end > at).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn night() -> QuietHours {
        let zone = TimeZone::get("Europe/Brussels").unwrap();
        QuietHours::new(Time::constant(22, 0, 0, 0), Time::constant(7, 0, 0, 0), zone).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_night_goes_over_midnight_and_ends_in_the_morning() {
        for (time, end) in [
            ("2026-11-24T20:59:59Z", None),
            ("2026-11-24T21:00:00Z", Some("2026-11-25T06:00:00Z")),
            ("2026-11-25T05:59:59Z", Some("2026-11-25T06:00:00Z")),
            ("2026-11-25T06:00:00Z", None),
        ] {
            assert_eq!(night().end(at(time)), end.map(at), "{time}");
            assert_eq!(night().contains(at(time)), end.is_some(), "{time}");
        }
    }

    #[test]
    fn a_stretch_within_a_day_ends_on_it() {
        let lunch = QuietHours::new(Time::constant(12, 0, 0, 0), Time::constant(13, 0, 0, 0), TimeZone::UTC).unwrap();
        assert_eq!(lunch.end(at("2026-11-24T12:30:00Z")), Some(at("2026-11-24T13:00:00Z")));
        assert_eq!(lunch.end(at("2026-11-24T13:00:00Z")), None);
        assert_eq!(QuietHours::new(Time::midnight(), Time::midnight(), TimeZone::UTC), None);
    }

    #[test]
    fn an_end_that_the_clocks_skip_comes_at_the_end_of_the_gap() {
        let zone = TimeZone::get("Europe/Brussels").unwrap();
        let hours = QuietHours::new(Time::constant(1, 0, 0, 0), Time::constant(2, 30, 0, 0), zone).unwrap();
        assert_eq!(hours.end(at("2026-03-29T00:30:00Z")), Some(at("2026-03-29T01:30:00Z")));
    }
}
