//! When a digest is due: by civil time, in its own zone, once per local date and entry.
//!
//! A time that a change of clocks skips is taken at the end of the gap, one that comes twice the first time (RFC 5545
//! §3.3.5), so that every date has each entry exactly once.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

/// When a digest goes out.
#[derive(Clone, Copy)]
pub struct Timetable<'a> {
    /// Local times of day.
    pub at: &'a [Time],
    /// Whether it goes out on a date.
    pub on: &'a dyn Fn(Date) -> bool,
    /// Whose local time.
    pub zone: &'a TimeZone,
}

/// One entry on one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The date and the entry, `2026-11-24 07:30`.
    pub name: String,
    /// When that is.
    pub due: Timestamp,
}

/// How far back a missed slot is looked for, and how far ahead the next one: a digest goes out at least once a week.
const HORIZON_DAYS: i64 = 8;

/// A record of what is done that lies further ahead than this was made by a clock that has since been set back.
const CLOCK_WAS_SET_BACK: SignedDuration = SignedDuration::from_hours(25);

impl Timetable<'_> {
    /// The last slot in `(through, now]`, if there is one. However many were missed, they make one digest.
    pub fn due(&self, through: Timestamp, now: Timestamp) -> Option<Slot> {
        let horizon = now - SignedDuration::from_hours(24 * HORIZON_DAYS);
        let since = if through.duration_since(now) > CLOCK_WAS_SET_BACK {
            // Slots that were told stay told by name, so looking back a day repeats none.
            now - CLOCK_WAS_SET_BACK
        } else {
            through.max(horizon)
        };
        self.slots_around(since, now).filter(|slot| slot.due > since && slot.due <= now).max_by_key(|slot| slot.due)
    }

    /// The first slot after `now`.
    pub fn next(&self, now: Timestamp) -> Option<Slot> {
        let horizon = now + SignedDuration::from_hours(24 * HORIZON_DAYS);
        self.slots_around(now, horizon).filter(|slot| slot.due > now).min_by_key(|slot| slot.due)
    }

    /// All slots of the local dates from a day before `from` to a day after `until`.
    fn slots_around(&self, from: Timestamp, until: Timestamp) -> impl Iterator<Item = Slot> {
        let day = Span::new().days(1);
        let first = from.to_zoned_datetime(self.zone.clone()).date().saturating_sub(day);
        let last = until.to_zoned_datetime(self.zone.clone()).date().saturating_add(day);
        first
            .series(day)
            .take_while(move |date| *date <= last)
            .filter(move |date| (self.on)(*date))
            .flat_map(move |date| self.at.iter().filter_map(move |time| self.slot(date, *time)))
    }

    fn slot(&self, date: Date, time: Time) -> Option<Slot> {
        // `None` only within a day of the end of representable time.
        let due = date.to_datetime(time).to_zoned_datetime(self.zone.clone()).ok()?.timestamp();
        Some(Slot { name: format!("{date} {:02}:{:02}", time.hour(), time.minute()), due })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timetable<'a>(at: &'a [Time], on: &'a dyn Fn(Date) -> bool, zone: &'a TimeZone) -> Timetable<'a> {
        Timetable { at, on, zone }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn brussels() -> TimeZone {
        TimeZone::get("Europe/Brussels").unwrap()
    }

    #[test]
    fn every_date_has_each_entry_once_across_both_changes_of_clocks() {
        let (zone, times) = (brussels(), [Time::constant(2, 30, 0, 0)]);
        for (from, days) in [("2026-03-27T12:00:00Z", 4), ("2026-10-23T12:00:00Z", 4)] {
            let table = timetable(&times, &|_| true, &zone);
            let (mut through, mut names) = (at(from), Vec::new());
            // A tick every ten minutes.
            for step in 1..=(days * 24 * 6) {
                let now = at(from) + SignedDuration::from_mins(10 * step);
                if let Some(slot) = table.due(through, now) {
                    names.push(slot.name);
                    through = now;
                }
            }
            let mut unique = names.clone();
            unique.dedup();
            assert_eq!(names, unique);
            assert_eq!(names.len(), usize::try_from(days).unwrap(), "{names:?}");
        }
    }

    #[test]
    fn a_skipped_time_comes_at_the_end_of_the_gap_and_a_doubled_one_the_first_time() {
        let (zone, times) = (brussels(), [Time::constant(2, 30, 0, 0)]);
        let table = timetable(&times, &|_| true, &zone);
        assert_eq!(table.next(at("2026-03-28T12:00:00Z")).unwrap().due, at("2026-03-29T01:30:00Z"));
        assert_eq!(table.next(at("2026-10-24T12:00:00Z")).unwrap().due, at("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn downtime_makes_one_late_digest() {
        let (zone, times) = (brussels(), [Time::constant(7, 30, 0, 0), Time::constant(18, 0, 0, 0)]);
        let table = timetable(&times, &|_| true, &zone);
        let slot = table.due(at("2026-11-20T00:00:00Z"), at("2026-11-24T12:00:00Z")).unwrap();
        assert_eq!(slot.name, "2026-11-24 07:30");
        assert_eq!(table.due(at("2026-11-24T12:00:00Z"), at("2026-11-24T12:00:01Z")), None);
    }

    #[test]
    fn a_clock_that_was_a_year_ahead_does_not_silence_the_digest() {
        let (zone, times) = (brussels(), [Time::constant(7, 30, 0, 0)]);
        let table = timetable(&times, &|_| true, &zone);
        let slot = table.due(at("2027-11-24T12:00:00Z"), at("2026-11-24T12:00:00Z")).unwrap();
        assert_eq!(slot.name, "2026-11-24 07:30");
        assert_eq!(table.due(at("2026-11-24T12:30:00Z"), at("2026-11-24T12:00:00Z")), None, "a small step back");
    }

    #[test]
    fn a_weekly_digest_finds_its_day() {
        let (zone, times) = (TimeZone::UTC, [Time::constant(7, 0, 0, 0)]);
        let monday = |date: Date| date.weekday() == jiff::civil::Weekday::Monday;
        let table = timetable(&times, &monday, &zone);
        assert_eq!(table.next(at("2026-11-24T08:00:00Z")).unwrap().name, "2026-11-30 07:00");
    }
}
