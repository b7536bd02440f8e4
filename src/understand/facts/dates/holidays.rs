//! On which days a holiday falls.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Date;

use super::value::{Days, plus};
use super::words::Unit;
use crate::understand::facts::lists::rows;

/// How the days of a holiday are found in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Month and day.
    Fixed(i8, i8),
    /// The nth weekday of a month, -1 the last: month, weekday, n.
    Weekday(i8, i8, i8),
    /// Days after American Thanksgiving.
    Thanksgiving(i32),
    /// Days after Easter, and how many.
    Easter(i32, i32),
    /// Days after Easter as the eastern churches count it.
    Orthodox(i32),
    /// Month, day, how many.
    Islamic(i64, i64, i32),
    /// Month from Nisan, day, how many.
    Hebrew(i64, i64, i32),
    /// Column of the table, days after it, how many.
    Lunar(usize, i32, i32),
}

/// The columns of the table of moons.
const COLUMNS: [&str; 9] = ["spring", "diwali", "holi", "vesak", "rakhi", "hijra", "ramadan", "fitr", "adha"];

static MOONS: LazyLock<HashMap<i16, Vec<&'static str>>> = LazyLock::new(|| {
    rows(include_str!("../../words/lunar.tsv"))
        .filter_map(|row| Some((row.first()?.parse().ok()?, row.get(1..)?.to_vec())))
        .collect()
});

impl Rule {
    /// A rule as the list of holidays writes it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let kind = words.next()?;
        let table = (kind == "lunar").then(|| words.next().and_then(|name| COLUMNS.iter().position(|it| *it == name)));
        let numbers: Vec<i32> = words.map(str::parse).collect::<Result<_, _>>().ok()?;
        let small = |at: usize| numbers.get(at).and_then(|number| i8::try_from(*number).ok());
        let number = |at: usize| numbers.get(at).copied();
        let count = |at: usize| number(at).unwrap_or(1);
        Some(match kind {
            "fixed" => Self::Fixed(small(0)?, small(1)?),
            "weekday" => Self::Weekday(small(0)?, small(1)?, small(2)?),
            "thanksgiving" => Self::Thanksgiving(number(0)?),
            "easter" => Self::Easter(number(0)?, count(1)),
            "orthodox" => Self::Orthodox(number(0)?),
            "islamic" => Self::Islamic(number(0)?.into(), number(1)?.into(), count(2)),
            "hebrew" => Self::Hebrew(number(0)?.into(), number(1)?.into(), count(2)),
            "lunar" => Self::Lunar(table??, number(0)?, count(1)),
            _ => return None,
        })
    }

    /// The days in a year, the first of two times in one.
    pub(super) fn days(self, year: i16) -> Option<Days> {
        let (first, count) = match self {
            Self::Fixed(month, day) => (Date::new(year, month, day).ok()?, 1),
            Self::Weekday(month, weekday, nth) => (nth_weekday(Date::new(year, month, 1).ok()?, weekday, nth)?, 1),
            Self::Thanksgiving(days) => (plus(nth_weekday(Date::new(year, 11, 1).ok()?, 4, 4)?, days, Unit::Day)?, 1),
            Self::Easter(days, count) => (plus(easter(year)?, days, Unit::Day)?, count),
            Self::Orthodox(days) => (plus(orthodox_easter(year)?, days, Unit::Day)?, 1),
            Self::Islamic(month, day, count) => (islamic(year, month, day)?, count),
            Self::Hebrew(month, day, count) => (hebrew(year, month, day)?, count),
            Self::Lunar(column, days, count) => {
                let (month, day) = MOONS.get(&year)?.get(column)?.split_once('-')?;
                let base = Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()?;
                (plus(base, days, Unit::Day)?, count)
            }
        };
        Some((first, plus(first, count - 1, Unit::Day)?))
    }
}

/// The nth weekday of a month; -1 the last.
fn nth_weekday(first: Date, weekday: i8, nth: i8) -> Option<Date> {
    let weekday = jiff::civil::Weekday::from_monday_one_offset(weekday).ok()?;
    first.nth_weekday_of_month(nth, weekday).ok()
}

/// By Oudin's algorithm.
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (golden, century) = (y % 19, y / 100);
    let h = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
    let i = h - (h / 28) * (1 - (29 / (h + 1)) * ((21 - golden) / 11));
    let j = (y + y / 4 + i + 2 - century + century / 4) % 7;
    plus(Date::new(year, 3, 28).ok()?, i - j, Unit::Day)
}

/// By Meeus's algorithm for the Julian calendar, brought to the Gregorian one.
fn orthodox_easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let d = (19 * (y % 19) + 15) % 30;
    let e = (2 * (y % 4) + 4 * (y % 7) - d + 34) % 7;
    let lag = y / 100 - y / 400 - 2;
    plus(Date::new(year, 3, 22).ok()?, d + e + lag, Unit::Day)
}

/// The day with a number that counts from the first of January of the year 1.
fn from_ordinal(ordinal: i64) -> Option<Date> {
    plus(Date::constant(1, 1, 1), i32::try_from(ordinal - 1).ok()?, Unit::Day)
}

/// By the tabular calendar. Days begin at sunset, so that the evening before is the day that is named.
fn islamic(year: i16, month: i64, day: i64) -> Option<Date> {
    let guess = (i64::from(year) - 622) * 33 / 32;
    (guess - 1..=guess + 2)
        .filter_map(|hijri| {
            let days = day + 29 * (month - 1) + month / 2 + (hijri - 1) * 354 + (3 + 11 * hijri).div_euclid(30);
            from_ordinal(days + 227_013)
        })
        .find(|date| date.year() == year)
}

/// The evening on which a day of the Hebrew calendar begins.
fn hebrew(year: i16, month: i64, day: i64) -> Option<Date> {
    // The months from Tishri to Kislev lie in the autumn in which a Hebrew year begins.
    let from_tishri = if (7..=9).contains(&month) { 3761 } else { 3760 };
    let hebrew_year = i64::from(year) + from_tishri;
    let months = if is_hebrew_leap(hebrew_year) { 13 } else { 12 };
    let month = if month == 12 { months } else { month };
    let before: Vec<i64> = if month < 7 { (7..=months).chain(1..month).collect() } else { (7..month).collect() };
    let days: i64 = before.into_iter().map(|month| hebrew_month(hebrew_year, month)).sum();
    from_ordinal(hebrew_new_year(hebrew_year) + days + day - 1)
}

fn is_hebrew_leap(year: i64) -> bool {
    (7 * year + 1).rem_euclid(19) < 7
}

/// Days from the epoch to the mean new moon of Tishri, put off so that some weekdays do not fall on it.
fn hebrew_elapsed(year: i64) -> i64 {
    let months = (235 * year - 234).div_euclid(19);
    let parts = 12_084 + 13_753 * months;
    let day = months * 29 + parts.div_euclid(25_920);
    if (3 * (day + 1)).rem_euclid(7) < 3 { day + 1 } else { day }
}

/// The evening on which a Hebrew year begins.
fn hebrew_new_year(year: i64) -> i64 {
    let (before, this, after) = (hebrew_elapsed(year - 1), hebrew_elapsed(year), hebrew_elapsed(year + 1));
    let late = if after - this == 356 { 2 } else { i64::from(this - before == 382) };
    this + late - 1_373_428
}

fn hebrew_month(year: i64, month: i64) -> i64 {
    let length = hebrew_new_year(year + 1) - hebrew_new_year(year);
    let short = matches!(month, 2 | 4 | 6 | 10 | 13)
        || (month == 12 && !is_hebrew_leap(year))
        || (month == 8 && length % 10 != 5)
        || (month == 9 && length % 10 == 3);
    if short { 29 } else { 30 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holidays_of_every_kind() {
        for (rule, year, expected) in [
            ("easter 0", 2024, "2024-03-31"),
            ("easter 0", 2025, "2025-04-20"),
            ("orthodox 0", 2024, "2024-05-05"),
            ("orthodox 0", 2025, "2025-04-20"),
            ("weekday 11 4 4", 2024, "2024-11-28"),
            ("weekday 5 1 -1", 2025, "2025-05-26"),
            ("thanksgiving 1", 2013, "2013-11-29"),
            ("islamic 10 1", 2022, "2022-05-02"),
            ("hebrew 7 10", 2018, "2018-09-18"),
            ("hebrew 1 15 8", 2018, "2018-03-30"),
            ("hebrew 9 25 8", 2018, "2018-12-02"),
            ("hebrew 12 14", 2024, "2024-03-23"),
            ("lunar spring 0", 2014, "2014-01-31"),
        ] {
            let (first, _) = Rule::parse(rule).unwrap().days(year).unwrap();
            assert_eq!(first.to_string(), expected, "{rule} {year}");
        }
    }
}
