//! How often a feed wants to be asked.

use jiff::SignedDuration;
use jiff::civil::Weekday;

/// What a channel says of its rhythm, in the RSS 2.0 and the RSS 1.0 syndication module's elements. The values are the
/// feed's own; how far they are followed is for the schedule to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    /// `ttl`.
    pub(crate) ttl: Option<SignedDuration>,
    /// `skipHours`, each from 0 to 23, sorted.
    pub(crate) skip_hours: Vec<i8>,
    /// `skipDays`, in the order of the week.
    pub(crate) skip_days: Vec<Weekday>,
    period: Option<SignedDuration>,
    /// A period that has no name in the module says nothing, nor does its frequency.
    strange_period: bool,
    frequency: Option<i32>,
}

/// No document is worth more than this between two looks.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

impl Hints {
    /// The element's own name if its text is a hint.
    pub(crate) fn element(local: &str) -> Option<&'static str> {
        ["ttl", "hour", "day", "updatePeriod", "updateFrequency"].into_iter().find(|name| *name == local)
    }

    /// Takes the text of such an element. What cannot be understood is as if it were not there.
    pub(crate) fn take(&mut self, element: &str, text: &str) {
        match element {
            "ttl" => {
                self.ttl = text
                    .parse::<u32>()
                    .ok()
                    .map(|minutes| SignedDuration::from_mins(minutes.into()))
                    .map(|ttl| ttl.min(LONGEST))
                    .filter(|ttl| !ttl.is_zero());
            }
            "hour" => {
                // Early texts of RSS counted the hours from 1 to 24.
                let hour = text.parse::<i8>().ok().map(|hour| if hour == 24 { 0 } else { hour });
                if let Some(hour) = hour.filter(|hour| (0..24).contains(hour))
                    && let Err(place) = self.skip_hours.binary_search(&hour)
                {
                    self.skip_hours.insert(place, hour);
                }
            }
            "day" => {
                if let Some(day) = weekday(text)
                    && let Err(place) = self.skip_days.binary_search_by_key(&order(day), |day| order(*day))
                {
                    self.skip_days.insert(place, day);
                }
            }
            "updatePeriod" => {
                self.period = match text.to_ascii_lowercase().as_str() {
                    "hourly" => Some(SignedDuration::from_hours(1)),
                    "daily" => Some(SignedDuration::from_hours(24)),
                    "weekly" => Some(SignedDuration::from_hours(7 * 24)),
                    "monthly" => Some(SignedDuration::from_hours(30 * 24)),
                    "yearly" => Some(SignedDuration::from_hours(365 * 24)),
                    _ => None,
                };
                self.strange_period = self.period.is_none();
            }
            "updateFrequency" => self.frequency = text.parse().ok().filter(|times| *times > 0),
            _ => {}
        }
    }

    /// The time between two updates. Where only one of the two elements is there, the module's defaults hold: daily, once.
    pub(crate) fn update_every(&self) -> Option<SignedDuration> {
        if self.strange_period || (self.period.is_none() && self.frequency.is_none()) {
            return None;
        }
        Some(self.period.unwrap_or(SignedDuration::from_hours(24)) / self.frequency.unwrap_or(1))
    }
}

fn order(day: Weekday) -> i8 {
    day.to_monday_zero_offset()
}

fn weekday(text: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
    let start = text.get(..3)?.to_ascii_lowercase();
    DAYS.into_iter().find(|(name, _)| *name == start).map(|(_, day)| day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(texts: &[(&str, &str)]) -> Hints {
        let mut hints = Hints::default();
        for (element, text) in texts {
            hints.take(element, text);
        }
        hints
    }

    #[test]
    fn ttl_is_minutes() {
        assert_eq!(hints(&[("ttl", "4294967295")]).ttl, Some(LONGEST));
        assert_eq!(hints(&[("ttl", "60")]).ttl, Some(SignedDuration::from_hours(1)));
        for nonsense in ["", "0", "-5", "soon", "99999999999"] {
            assert_eq!(hints(&[("ttl", nonsense)]).ttl, None, "{nonsense}");
        }
    }

    #[test]
    fn hours_and_days_are_sorted_and_single() {
        let hints = hints(&[
            ("hour", "23"),
            ("hour", "2"),
            ("hour", "24"),
            ("hour", "2"),
            ("hour", "25"),
            ("hour", "-1"),
            ("day", "Sunday"),
            ("day", "Monday"),
            ("day", "sunday"),
            ("day", "Someday"),
            ("day", "Ö"),
        ]);
        assert_eq!(hints.skip_hours, [0, 2, 23]);
        assert_eq!(hints.skip_days, [Weekday::Monday, Weekday::Sunday]);
    }

    #[test]
    fn the_period_is_divided_by_the_frequency() {
        let every = |texts: &[(&str, &str)]| hints(texts).update_every().map(|every| every.as_mins());
        assert_eq!(every(&[]), None);
        assert_eq!(every(&[("updatePeriod", "hourly")]), Some(60));
        assert_eq!(every(&[("updatePeriod", "hourly"), ("updateFrequency", "2")]), Some(30));
        assert_eq!(every(&[("updateFrequency", "2")]), Some(720));
        assert_eq!(every(&[("updatePeriod", "fortnightly"), ("updateFrequency", "2")]), None);
        assert_eq!(every(&[("updatePeriod", "Weekly"), ("updateFrequency", "0")]), Some(7 * 24 * 60));
    }
}
