//! What a date means: days, or something that comes again and that a year or a direction makes days of.

use jiff::ToSpan;
use jiff::civil::Date;

use super::holidays::Rule;
use super::words::Unit;

/// First and last day.
pub(super) type Days = (Date, Date);

/// Which way from the day of publication a date without a year lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Toward {
    Past,
    Future,
    /// Whichever is nearer: `the summit was cancelled on 15 December` tells the day of the one or the other.
    Nearest,
}

/// The meaning of a date as far as its words give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) what: What,
    /// The year, where it was said.
    pub(super) year: Option<i16>,
    /// The day of the week, where it was said beside a date.
    pub(super) weekday: Option<i8>,
}

/// What comes again, and what does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Year,
    Month(i8),
    /// Month and day.
    Day(i8, i8),
    /// A day of some month.
    DayOfMonth(i8),
    Weekday(i8),
    Season(i8),
    Quarter(i8),
    Half(i8),
    /// A week by its number.
    Week(i8),
    Holiday(Rule),
    /// The days themselves.
    Fixed(Days),
}

impl What {
    /// Without a year or a weekday.
    pub(super) fn bare(self) -> Value {
        Value { what: self, year: None, weekday: None }
    }
}

impl Value {
    pub(super) fn days(first: Date, last: Date) -> Self {
        What::Fixed((first, last)).bare()
    }

    pub(super) fn with_year(self, year: Option<i16>) -> Self {
        Self { year: year.or(self.year), ..self }
    }

    /// Whether the words leave open which one is meant.
    pub(super) fn is_open(&self) -> bool {
        self.year.is_none() && !matches!(self.what, What::Fixed(_))
    }

    /// Whether a year can be added.
    pub(super) fn takes_year(&self) -> bool {
        self.is_open() && !matches!(self.what, What::Weekday(_) | What::DayOfMonth(_) | What::Year)
    }

    /// The days in a year; `None` where there are none, as on 30 February.
    pub(super) fn in_year(&self, year: i16) -> Option<Days> {
        let day = |month, day| Date::new(year, month, day).ok();
        match self.what {
            What::Year => Some((day(1, 1)?, day(12, 31)?)),
            What::Month(month) => Some(month_of(day(month, 1)?)),
            What::Day(month, of) => {
                let day = day(month, of)?;
                Some((day, day))
            }
            What::Season(season) => {
                let first = day(3 * season, 1)?;
                Some((first, plus(plus(first, 3, Unit::Month)?, -1, Unit::Day)?))
            }
            What::Quarter(quarter) => {
                let first = day(3 * quarter - 2, 1)?;
                Some((first, month_of(plus(first, 2, Unit::Month)?).1))
            }
            What::Half(half) => {
                let first = day(6 * half - 5, 1)?;
                Some((first, month_of(plus(first, 5, Unit::Month)?).1))
            }
            What::Week(week) => {
                let first = plus(monday(day(1, 4)?), 7 * (i32::from(week) - 1), Unit::Day)?;
                Some((first, plus(first, 6, Unit::Day)?))
            }
            What::Holiday(holiday) => holiday.days(year),
            What::Weekday(_) | What::DayOfMonth(_) | What::Fixed(_) => None,
        }
    }

    /// The days that are meant on the day `at`.
    pub(super) fn resolve(&self, at: Date, toward: Toward) -> Option<Days> {
        if let What::Fixed(days) = self.what {
            return Some(days);
        }
        if let Some(year) = self.year {
            return self.in_year(year);
        }
        match self.what {
            What::Weekday(weekday) => {
                let day = weekday_near(at, weekday, toward)?;
                Some((day, day))
            }
            What::DayOfMonth(day) => self.day_of_month(at, day, toward),
            _ => self.nearest(at, toward),
        }
    }

    /// The first that ends on `at` or later, or the last that begins on `at` or sooner.
    fn nearest(&self, at: Date, toward: Toward) -> Option<Days> {
        let years = |reach: i16| {
            let mut all = (at.year().saturating_sub(reach)..=at.year().saturating_add(reach))
                .filter_map(|year| self.in_year(year));
            match toward {
                Toward::Past => all.rfind(|days| days.0 <= at),
                Toward::Future => all.find(|days| days.1 >= at),
                Toward::Nearest => all.min_by_key(|days| distance(at, *days)),
            }
        };
        let found = if self.weekday.is_some() { self.nearest_fit(at, toward) } else { None };
        // 29 February comes back after 8 years at the latest.
        found.or_else(|| years(1)).or_else(|| years(8))
    }

    /// With a weekday, this year or the one on the side that is looked to, if the day falls on it there.
    fn nearest_fit(&self, at: Date, toward: Toward) -> Option<Days> {
        let weekday = self.weekday?;
        let next = at.year().saturating_add(if toward == Toward::Past { -1 } else { 1 });
        [at.year(), next]
            .into_iter()
            .filter_map(|year| self.in_year(year))
            .find(|days| days.0.weekday().to_monday_one_offset() == weekday)
    }

    fn day_of_month(&self, at: Date, day: i8, toward: Toward) -> Option<Days> {
        let months = |sign: i32| {
            (0..36).filter_map(move |count| plus(at.first_of_month(), sign * count, Unit::Month)).filter_map(
                move |month| {
                    let date = Date::new(month.year(), month.month(), day).ok()?;
                    let fits = self.weekday.is_none_or(|weekday| date.weekday().to_monday_one_offset() == weekday);
                    fits.then_some(date)
                },
            )
        };
        let found = if self.weekday.is_some() {
            months(1).chain(months(-1)).min_by_key(|date| days_between(at, *date).abs())
        } else {
            match toward {
                Toward::Past => months(-1).find(|date| *date <= at),
                Toward::Future => months(1).find(|date| *date >= at),
                Toward::Nearest => {
                    let next = [months(-1).next(), months(-1).nth(1), months(1).nth(1)];
                    next.into_iter().flatten().min_by_key(|date| distance(at, (*date, *date)))
                }
            }
        };
        found.map(|date| (date, date))
    }
}

/// How many days lie between a day and others; 0 inside of them.
fn distance(at: Date, (first, last): Days) -> i32 {
    if first <= at && at <= last { 0 } else { days_between(at, first).abs().min(days_between(at, last).abs()) }
}

/// The day itself counts both ways. A weekday is always near; that of an act is taken to be past.
pub(super) fn weekday_near(at: Date, weekday: i8, toward: Toward) -> Option<Date> {
    let ahead = i32::from((weekday - at.weekday().to_monday_one_offset()).rem_euclid(7));
    match toward {
        Toward::Future => plus(at, ahead, Unit::Day),
        Toward::Past | Toward::Nearest => plus(at, if ahead == 0 { 0 } else { ahead - 7 }, Unit::Day),
    }
}

pub(super) fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

pub(super) fn monday(date: Date) -> Date {
    plus(date, -i32::from(date.weekday().to_monday_zero_offset()), Unit::Day).unwrap_or(date)
}

pub(super) fn month_of(date: Date) -> Days {
    (date.first_of_month(), date.last_of_month())
}

/// A day so many units on; months and years keep the day of the month where they can.
pub(super) fn plus(date: Date, count: i32, unit: Unit) -> Option<Date> {
    // No sum of these leaves 32 bits, and jiff refuses what leaves its calendar.
    let count = i64::from(count);
    let span = match unit {
        Unit::Time => return Some(date),
        Unit::Day | Unit::Night => 0.days().try_days(count),
        Unit::Workday => return workdays(date, count),
        Unit::Week | Unit::Weekend | Unit::Workweek => 0.days().try_weeks(count),
        Unit::Fortnight => 0.days().try_weeks(2 * count),
        Unit::Month => 0.days().try_months(count),
        Unit::Quarter => 0.days().try_months(3 * count),
        Unit::Half => 0.days().try_months(6 * count),
        Unit::Year => 0.days().try_years(count),
        Unit::Decade => 0.days().try_years(10 * count),
        Unit::Century => 0.days().try_years(100 * count),
    };
    date.checked_add(span.ok()?).ok()
}

fn workdays(mut date: Date, count: i64) -> Option<Date> {
    let step = if count < 0 { -1 } else { 1 };
    for _ in 0..count.unsigned_abs().min(2000) {
        date = plus(date, step, Unit::Day)?;
        while date.weekday().to_monday_one_offset() > 5 {
            date = plus(date, step, Unit::Day)?;
        }
    }
    Some(date)
}

/// The unit that a day lies in, or one so many further on.
pub(super) fn unit_of(at: Date, unit: Unit, count: i32) -> Option<Days> {
    let from = match unit {
        Unit::Time => return None,
        Unit::Day | Unit::Night | Unit::Workday => {
            let day = plus(at, count, unit)?;
            return Some((day, day));
        }
        Unit::Weekend => {
            let saturday = plus(plus(monday(at), count, Unit::Week)?, 5, Unit::Day)?;
            return Some((saturday, plus(saturday, 1, Unit::Day)?));
        }
        Unit::Workweek => {
            let first = plus(monday(at), count, Unit::Week)?;
            return Some((first, plus(first, 4, Unit::Day)?));
        }
        Unit::Week | Unit::Fortnight => monday(at),
        Unit::Month => at.first_of_month(),
        Unit::Quarter => Date::new(at.year(), (at.month() - 1) / 3 * 3 + 1, 1).ok()?,
        Unit::Half => Date::new(at.year(), (at.month() - 1) / 6 * 6 + 1, 1).ok()?,
        Unit::Year => at.first_of_year(),
        Unit::Decade => Date::new(at.year().div_euclid(10) * 10, 1, 1).ok()?,
        Unit::Century => Date::new(at.year().div_euclid(100) * 100, 1, 1).ok()?,
    };
    let first = plus(from, count, unit)?;
    Some((first, plus(plus(first, 1, unit)?, -1, Unit::Day)?))
}
