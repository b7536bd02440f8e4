use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

use crate::config::Weekdays;
use crate::config::reference::nearest;
use crate::config::table::Fault;

const DAYS: [(&str, &str, Weekday); 7] = [
    ("mon", "monday", Weekday::Monday),
    ("tue", "tuesday", Weekday::Tuesday),
    ("wed", "wednesday", Weekday::Wednesday),
    ("thu", "thursday", Weekday::Thursday),
    ("fri", "friday", Weekday::Friday),
    ("sat", "saturday", Weekday::Saturday),
    ("sun", "sunday", Weekday::Sunday),
];

/// A time of day, `HH:MM`.
pub(in crate::config) fn time_of_day(text: &str) -> Result<Time, Fault> {
    let parts = || {
        let (hour, minute) = text.split_once(':')?;
        let digits =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i8>().ok()).flatten();
        if hour.len() > 2 || minute.len() != 2 {
            return None;
        }
        Time::new(digits(hour)?, digits(minute)?, 0, 0).ok()
    };
    parts().ok_or_else(|| {
        Fault::new("this is not a time of day").hint("write it as \"07:30\", from \"00:00\" to \"23:59\"")
    })
}

/// Days of the week: single ones and ranges, separated by commas, `mon-fri, sun`. A range may go over the weekend.
pub(in crate::config) fn days(text: &str) -> Result<Weekdays, Fault> {
    let fault = |part: &str| {
        let hint = "write \"mon-fri\", or days of mon, tue, wed, thu, fri, sat and sun with commas between";
        Fault::new(format!("`{}` is no day of the week", part.trim())).hint(hint)
    };
    let day = |name: &str| {
        let lower = name.trim().to_lowercase();
        DAYS.iter().position(|(short, long, _)| lower == *short || lower == *long).ok_or_else(|| fault(name))
    };
    let mut found = Vec::new();
    for part in text.split(',') {
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (day(first)?, day(last)?),
            None => (day(part)?, day(part)?),
        };
        let length = (last + 7 - first) % 7;
        found.extend((first..=first + length).map(|at| DAYS[at % 7].2));
    }
    Weekdays::of(found).ok_or_else(|| fault(text))
}

/// A time zone by its name in the IANA database.
pub(in crate::config) fn time_zone(text: &str) -> Result<TimeZone, Fault> {
    // An offset is no zone: it knows no daylight saving.
    if let Ok(zone) = TimeZone::get(text) {
        return Ok(zone);
    }
    let fault = Fault::new(format!("there is no time zone `{text}`"));
    let names: Vec<_> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let city = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let near = nearest(text, names.iter().map(String::as_str)).map(str::to_owned).or_else(|| {
        let typed = city(text).replace(' ', "_");
        names.iter().find(|name| city(name).eq_ignore_ascii_case(&typed)).cloned()
    });
    Err(match near {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault.hint("write a continent and a city, such as \"Europe/Brussels\", or \"UTC\""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_hours_and_minutes() {
        assert_eq!(time_of_day("07:30"), Ok(jiff::civil::time(7, 30, 0, 0)));
        assert_eq!(time_of_day("7:30"), Ok(jiff::civil::time(7, 30, 0, 0)));
        assert_eq!(time_of_day("00:00"), Ok(Time::midnight()));
        for text in ["", "7", "24:00", "07:60", "7:3", "07:30:00", "+7:30", "-1:00", "ab:cd", "007:30", "07:30 "] {
            assert!(time_of_day(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn days_are_ranges_and_single_days() {
        let week = |text: &str| {
            let days = days(text).unwrap();
            DAYS.iter()
                .filter(|(_, _, day)| days.contains(*day))
                .map(|(short, _, _)| *short)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(week("mon-fri"), "mon tue wed thu fri");
        assert_eq!(week("Sat, sunday"), "sat sun");
        assert_eq!(week("fri-mon"), "mon fri sat sun");
        assert_eq!(week("mon-sun"), "mon tue wed thu fri sat sun");
        assert_eq!(week("wed"), "wed");
        for text in ["", "mon,", "mon-", "mo", "mon-fri-sun", "weekday"] {
            assert!(days(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_zone_has_a_name_that_can_be_mistyped() {
        assert_eq!(time_zone("Europe/Brussels").unwrap().iana_name(), Some("Europe/Brussels"));
        assert!(time_zone("UTC").is_ok());
        for (text, hint) in [
            ("Europe/Brusels", "did you mean `Europe/Brussels`?"),
            ("Brussels", "did you mean `Europe/Brussels`?"),
            ("New York", "did you mean `America/New_York`?"),
            ("+02:00", "write a continent and a city, such as \"Europe/Brussels\", or \"UTC\""),
            ("", "write a continent and a city, such as \"Europe/Brussels\", or \"UTC\""),
        ] {
            assert_eq!(time_zone(text).unwrap_err().hint.as_deref(), Some(hint), "{text:?}");
        }
    }
}
