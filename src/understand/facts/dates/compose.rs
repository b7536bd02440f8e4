//! Dates made of other dates: `the end of next week`, `the first Monday of October`, `Q3 2025`, `Easter 2026`, `the 1990s`.

use jiff::civil::Date;

use super::classes::Class;
use super::memo::PointKey;
use super::reader::{Read, Reader, longer};
use super::value::{Days, Toward, Value, What, days_between, monday, plus, unit_of};
use super::words::{Part, SOME_HOLIDAY, Sense, Unit, kind};

/// No date that people write has more dates inside it.
const DEPTH_MAX: u8 = 3;

/// The kinds of words with which the readings of a date begin, so that most of them are let go at once.
const THE: u128 = kind(Sense::Is(Class::The));
const COUNTS: u128 = kind(Sense::Number(0)) | kind(Sense::Ordinal(0));
const RELATIVE: u128 = kind(Sense::Day(0))
    | kind(Sense::Rel(0))
    | kind(Sense::Weekday(0))
    | kind(Sense::Number(0))
    | kind(Sense::Is(Class::Lastnight))
    | kind(Sense::Is(Class::ToDateYear))
    | kind(Sense::Is(Class::ToDateMonth))
    | kind(Sense::Is(Class::Own))
    | kind(Sense::Is(Class::On))
    | kind(Sense::Is(Class::Within))
    | kind(Sense::Is(Class::In))
    | kind(Sense::Is(Class::AgoBefore));
const PARTS: u128 = kind(Sense::Part(Part::Begin)) | kind(Sense::Shortcut(Part::Begin, Unit::Day));
const CLOSING: u128 = kind(Sense::Is(Class::Closing));
const LETTER: u128 = kind(Sense::Is(Class::QuarterLetter)) | kind(Sense::Is(Class::HalfLetter));
const WEEKS: u128 = kind(Sense::Unit(Unit::Week)) | kind(Sense::Is(Class::WeekOf));
const SEASONS: u128 = kind(Sense::Season(0));
const HOLIDAYS: u128 = kind(Sense::Unit(Unit::Day)) | SOME_HOLIDAY;
const DECADES: u128 = kind(Sense::Decades(0));
const CALENDAR: u128 = kind(Sense::Is(Class::Calendar));
const WEEKDAYS: u128 = kind(Sense::Weekday(0));

impl Reader<'_> {
    /// The longest date at a token that is no range.
    pub(super) fn point(&self, at: usize) -> Read<Value> {
        if self.depth.get() >= DEPTH_MAX
            || !(self.knows(at) || self.is_number(at) || matches!(self.tokens.surface(at), "'" | "’"))
        {
            return None;
        }
        let key = PointKey { at, depth: self.depth.get(), toward: self.toward.get(), second: self.second.get() };
        if let Some(found) = self.points.get(key) {
            return found;
        }
        self.depth.set(self.depth.get() + 1);
        let found = self.any_point(at);
        self.depth.set(self.depth.get() - 1);
        self.points.keep(key, found);
        found
    }

    fn any_point(&self, at: usize) -> Read<Value> {
        let digits = self.is_number(at);
        let begins = |kinds: u128| self.kinds(at) & kinds != 0;
        let (the, counts) = (begins(THE), digits || begins(COUNTS));
        let mut found = self.calendar(at);
        if digits || begins(RELATIVE) || the || at == 0 {
            found = longer(found, self.relative(at));
        }
        if begins(PARTS) {
            found = longer(found, self.part_of(at));
        }
        if the || counts || begins(CLOSING) {
            found = longer(found, self.nth_of(at));
        }
        if the || counts || begins(CLOSING | LETTER) {
            found = longer(found, self.quarter(at));
        }
        if the || begins(WEEKS) {
            found = longer(found, self.week(at));
        }
        if the || begins(SEASONS) {
            found = longer(found, self.season(at));
        }
        if the || begins(HOLIDAYS) {
            found = longer(found, self.holiday(at));
        }
        if the || counts || begins(DECADES) || matches!(self.tokens.surface(at), "'" | "’") {
            found = longer(found, self.decade(at));
        }
        if counts || begins(CALENDAR) {
            found = longer(found, self.bare_year(at));
        }
        if the || begins(WEEKDAYS) { longer(found, self.bare_weekday(at)) } else { found }
    }

    fn bare_weekday(&self, at: usize) -> Read<Value> {
        let (end, weekday) = self.weekday(self.skip(at, Class::The))?;
        Some((end, What::Weekday(weekday).bare()))
    }

    /// `2024`, `the year 2024`, `FY 2024`.
    fn bare_year(&self, at: usize) -> Read<Value> {
        let start = self.skip(at, Class::Calendar);
        let (end, year) = self.full_year(start).or_else(|| {
            let found = self.year(start).filter(|_| start > at && self.joined(start));
            found.filter(|_| self.is_number(start))
        })?;
        Some((end, What::Year.bare().with_year(Some(year))))
    }

    /// `early March`, `the end of next week`, `mid-April`, `the rest of the month`, `later this year`.
    fn part_of(&self, at: usize) -> Read<Value> {
        let shortcut = self.sense(at, |sense| match sense {
            Sense::Shortcut(part, unit) => Some((part, unit)),
            _ => None,
        });
        if let Some((end, (part, unit))) = shortcut {
            let days = self.part_days(part, unit_of(self.at, unit, 0)?, false)?;
            return Some((end, Value::days(days.0, days.1)));
        }
        let (end, part) = self.sense(at, |sense| if let Sense::Part(part) = sense { Some(part) } else { None })?;
        let bare_end = part == Part::End && end == at + 1;
        let mut inner = self.skip_mark(end, "-");
        for class in [Class::In, Class::About, Class::The] {
            if class != Class::The || self.relative_unit(inner).is_none() {
                inner = self.skip(inner, class);
            }
        }
        // `end of year` needs no article.
        let unit = self
            .relative_unit(inner)
            .or_else(|| self.unit(inner).and_then(|(end, unit)| Some((end, (unit, unit_of(self.at, unit, 0)?)))));
        let whole_day = unit.is_some_and(|(_, (unit, _))| unit == Unit::Day) && self.is(inner, Class::The).is_some();
        let of_unit = unit
            .filter(|(_, (unit, _))| {
                !matches!(unit, Unit::Time | Unit::Day)
                    || matches!(part, Part::Early | Part::Late) && self.is(inner, Class::Own).is_some()
            })
            .and_then(|(end, (unit, days))| {
                let named = self.relative_unit(inner).is_some();
                let days = self.part_days(part, days, named && unit != Unit::Month)?;
                Some((end, Value::days(days.0, days.1)))
            });
        let point = self.point(inner).filter(|(_, value)| !matches!(value.what, What::DayOfMonth(_)) && !whole_day);
        if let Some((end, value)) = point
            && of_unit.as_ref().is_none_or(|(unit_end, _)| end > *unit_end)
        {
            // `to end two years later`
            if bare_end && !matches!(value.what, What::Month(_) | What::Year | What::Quarter(_)) {
                return None;
            }
            let days = self.part_days(part, self.resolve(value)?, false)?;
            return Some((end, Value::days(days.0, days.1)));
        }
        of_unit.filter(|_| !bare_end || self.is(inner, Class::Own).is_none())
    }

    /// The days of a part. Early, mid and late are thirds of a month; of a week or a year that is told from now (`early
    /// next week`) they are its halves.
    fn part_days(&self, part: Part, (first, last): Days, told: bool) -> Option<Days> {
        let length = days_between(first, last) + 1;
        let from = |days: i32| plus(first, days, Unit::Day);
        let half = |length: i32| match length {
            7 => 3,
            28..=31 => 15,
            365..=366 => days_between(first, Date::new(first.year(), 7, 1).unwrap_or(last)),
            _ => length / 2,
        };
        let third = |nth: i32| match length {
            365..=366 => plus(first, [0, 4, 8, 12][usize::try_from(nth).ok()?], Unit::Month),
            28..=31 => from([0, 10, 20, length][usize::try_from(nth).ok()?]),
            7 => from([0, 3, 4, 7][usize::try_from(nth).ok()?]),
            _ => from(length * nth / 3),
        };
        let until = |date: Date| plus(date, -1, Unit::Day);
        if length == 1 {
            return Some((first, last));
        }
        let at = self.at;
        let now = first <= at && at <= last;
        Some(match part {
            Part::Whole => (first, last),
            Part::Early if told => (first, until(from(half(length))?)?),
            Part::Late if told => (from(half(length))?, last),
            Part::Begin if (365..=366).contains(&length) => (first, until(plus(first, 3, Unit::Month)?)?),
            Part::Begin | Part::Early => (first, until(third(1)?)?),
            Part::Mid => (third(1)?, until(third(2)?)?),
            Part::End | Part::Late => (third(2)?, last),
            Part::Earlier if now => (first, until(at)?.max(first)),
            Part::First | Part::Earlier => (first, until(from(half(length))?)?),
            Part::Later | Part::Rest if now => (at, last),
            Part::Second | Part::Later | Part::Rest => (from(half(length))?, last),
        })
    }

    /// `the first Monday of October`, `third last week of 2018`, `the last day of March`, `the first 2 weeks of May`.
    fn nth_of(&self, at: usize) -> Read<Value> {
        let start = self.skip(at, Class::The);
        let (next, nth) = match self.ordinal(start) {
            Some((end, nth)) => match self.is(end, Class::Closing) {
                Some(end) => (end, -nth),
                None => (end, nth),
            },
            None => (self.is(start, Class::Closing)?, -1),
        };
        if let Some(found) = self.in_a_row(next).filter(|_| nth > 0) {
            return Some(found);
        }
        let next = self.skip(next, Class::Whole);
        let (next, count) = self.number(next).unwrap_or((next, 1));
        if let Some((end, weekday)) = self.weekday(next) {
            let end = self.clocks(self.skip(end, Class::Daypart));
            return self.nth_weekday(end, weekday, nth);
        }
        let (end, unit) = self.unit(next)?;
        if unit == Unit::Century && nth > 0 {
            let first = Date::new(i16::try_from((nth - 1) * 100).ok().filter(|year| *year > 0)?, 1, 1).ok()?;
            return Some((end, Value::days(first, plus(plus(first, 1, unit)?, -1, Unit::Day)?)));
        }
        let (end, value) = if let Some(inner) = self.is(end, Class::Of).or_else(|| self.is(end, Class::In)) {
            self.point(inner)?
        } else {
            let (end, (_, days)) = self.relative_unit(end).filter(|_| matches!(unit, Unit::Week | Unit::Month))?;
            (end, Value::days(days.0, days.1))
        };
        if unit == Unit::Quarter && matches!(value.what, What::Year) || unit == Unit::Time {
            return None;
        }
        let days = self.resolve(value)?;
        let by_days = nth == 1 && value.year.is_none() && matches!(value.what, What::Month(_));
        let (first, last) = nth_unit(days, unit, nth, by_days)?;
        let rest = if nth > 0 {
            (first, nth_unit(days, unit, nth + count - 1, false).map_or(last, |days| days.1))
        } else {
            (nth_unit(days, unit, nth - count + 1, false).map_or(first, |days| days.0), last)
        };
        let (first, last) = if count > 1 { rest } else { (first, last) };
        Some((end, Value::days(first, last)))
    }

    /// `a second consecutive day`, `a fourth week in a row`: the one that is going on.
    fn in_a_row(&self, at: usize) -> Read<Value> {
        let row = self.is(at, Class::InRow);
        let (end, unit) = self.unit(row.unwrap_or(at))?;
        let end = if row.is_some() { end } else { self.is(end, Class::Running)? };
        if !matches!(unit, Unit::Day | Unit::Night | Unit::Week) || self.is(end - 1, Class::Many).is_some() {
            return None;
        }
        let (first, last) = unit_of(self.at, unit, 0)?;
        Some((end, Value::days(first, last)))
    }

    fn nth_weekday(&self, end: usize, weekday: i8, nth: i32) -> Read<Value> {
        // `the third Tuesday after Christmas`
        if let Some((end, value)) = self.is(end, Class::From).and_then(|next| self.point(next)) {
            let (day, _) = value.resolve(self.at, Toward::Future)?;
            let first = super::value::weekday_near(plus(day, 1, Unit::Day)?, weekday, Toward::Future)?;
            let day = plus(first, nth - 1, Unit::Week)?;
            return Some((end, Value::days(day, day)));
        }
        let inner = self.is(end, Class::Of).or_else(|| self.is(end, Class::In)).unwrap_or(end);
        let of = self.point(inner).filter(|(_, value)| {
            inner > end || matches!(value.what, What::Month(_) | What::Fixed(_)) && self.is_number(inner).eq(&false)
        });
        let (end, days) = match of {
            Some((end, value)) => (end, self.resolve(value)?),
            None if nth > 0 && self.is(end, Class::Of).is_none() => (end, unit_of(self.at, Unit::Month, 0)?),
            None => return None,
        };
        if days_between(days.0, days.1) < 20 {
            return None;
        }
        let toward = if nth > 0 { Toward::Future } else { Toward::Past };
        let edge = if nth > 0 { days.0 } else { days.1 };
        let first = super::value::weekday_near(edge, weekday, toward)?;
        let day = plus(first, nth - nth.signum(), Unit::Week)?;
        (days.0 <= day && day <= days.1).then(|| (end, Value::days(day, day)))
    }

    /// `Q3`, `Q1 2026`, `2018Q4`, `the third quarter of this year`, `H2 2025`, `second half of next year`.
    pub(super) fn quarter(&self, at: usize) -> Read<Value> {
        let (at, year) = match self.full_year(at) {
            Some((end, year)) => (self.skip_mark(end, "-"), Some(year)),
            None => (at, None),
        };
        let (end, what) = self.quarter_name(at)?;
        let value = what.bare();
        match year {
            Some(_) => Some((end, value.with_year(year))),
            None => Some(self.with_year(end, value).unwrap_or((end, value))),
        }
    }

    fn quarter_name(&self, at: usize) -> Read<What> {
        let quarter = self.is(at, Class::QuarterLetter).is_some();
        if (quarter || self.is(at, Class::HalfLetter).is_some())
            && self.joined(at + 1)
            && let Some(number) = self.digits(at + 1, 1)
        {
            let number = i8::try_from(number).ok()?;
            let (what, most) = if quarter { (What::Quarter(number), 4) } else { (What::Half(number), 2) };
            return (1..=most).contains(&number).then_some((at + 2, what));
        }
        let start = self.skip(at, Class::The);
        let (end, nth) = match self.is(start, Class::Closing) {
            Some(end) => (end, 4),
            None => self.ordinal(start)?,
        };
        let end = self.skip(self.skip_mark(end, "-"), Class::Whole);
        let (end, unit) = self.unit(self.skip_mark(end, "-"))?;
        let nth = i8::try_from(nth).ok().filter(|nth| (1..=4).contains(nth))?;
        (unit == Unit::Quarter).then_some((end, What::Quarter(nth)))
    }

    /// `week 31`, `week 3 of 2027`, `the week of October 7`, `w/c Feb 4`.
    fn week(&self, at: usize) -> Read<Value> {
        let start = self.skip(at, Class::The);
        if let Some((end, value)) = self.is(start, Class::WeekOf).and_then(|next| self.point(next)) {
            let (day, last) = self.resolve(value)?;
            let first = monday(day);
            return (day == last).then(|| Some((end, Value::days(first, plus(first, 6, Unit::Day)?))))?;
        }
        let (end, Unit::Week) = self.unit(start)? else { return None };
        let (number, week) = (end, self.digits(end, 2)?);
        let week = i8::try_from(week).ok().filter(|week| (1..=53).contains(week))?;
        let value = What::Week(week).bare();
        if self.is(number + 1, Class::Meridiem).is_some() || self.mark(number + 1, ":").is_some() {
            return None;
        }
        let (end, value) = self.with_year(number + 1, value).unwrap_or((number + 1, value));
        let year = value.year.unwrap_or(self.at.year());
        Some((end, value.with_year(Some(year))))
    }

    /// `spring`, `summer 2024`, `winter of next year`.
    pub(super) fn season(&self, at: usize) -> Read<Value> {
        let start = self.skip(at, Class::The);
        let (end, season) = self.sense(start, |sense| if let Sense::Season(it) = sense { Some(it) } else { None })?;
        let value = What::Season(season).bare();
        Some(self.with_year(end, value).unwrap_or((end, value)))
    }

    /// `Christmas Eve`, `Easter 2026`, `MLK day of last year`, `Halloween weekend`.
    pub(super) fn holiday(&self, at: usize) -> Read<Value> {
        let start = self.skip(at, Class::The);
        // `weekend of Thanksgiving 2023`
        if let Some((end, Unit::Weekend)) = self.unit(start) {
            let (end, value) = self.holiday(self.is(end, Class::Of)?)?;
            return Some((end, self.weekend_of(value)?));
        }
        let (end, holiday) = self.sense(start, |sense| if let Sense::Holiday(it) = sense { Some(it) } else { None })?;
        let (end, weekend) = match self.unit(end) {
            Some((end, Unit::Weekend)) => (end, true),
            _ => (end, false),
        };
        let value = What::Holiday(holiday).bare();
        let mut found = self.with_year(end, value).unwrap_or((end, value));
        // `Thanksgiving 1 year ago`, `Thanksgiving in 9 months`
        if let Some((end, days)) = self.relative(end).filter(|(after, _)| {
            value.year.is_none()
                && found.0 == end
                && (self.is(*after - 1, Class::Ago).is_some() || self.is(end, Class::In).is_some())
        }) {
            let (day, _) = self.resolve(days)?;
            found = (end, value.with_year(Some(day.year())));
        }
        if weekend {
            found.1 = self.weekend_of(found.1)?;
        }
        Some(found)
    }

    fn weekend_of(&self, value: Value) -> Option<Value> {
        let (day, last) = self.resolve(value)?;
        let (saturday, sunday) = unit_of(day, Unit::Weekend, 0)?;
        let reach = if day.weekday().to_monday_one_offset() < 3 {
            unit_of(day, Unit::Weekend, -1)?
        } else {
            (saturday, sunday)
        };
        Some(Value::days(reach.0.min(day), reach.1.max(last)))
    }

    /// `the 1990s`, `'70s`, `nineteen seventies`.
    fn decade(&self, at: usize) -> Read<Value> {
        let start = self.skip(at, Class::The);
        let ten = |end, year: i32| {
            let first = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
            Some((end, Value::days(first, Date::new(first.year() + 9, 12, 31).ok()?)))
        };
        if self.joined(start)
            && start == at
            && at > 0
            && self.tokens.surface(at) != "'"
            && matches!(self.tokens.surface(at - 1), "-" | "." | ",")
        {
            return None;
        }
        let quote = self.mark(start, "'").or_else(|| self.mark(start, "’")).unwrap_or(start);
        if let Some(number) = self.digits(quote, 4).filter(|number| number % 10 == 0)
            && let Some(end) = self.is(quote + 1, Class::Plural)
        {
            return match self.width(quote) {
                4 if (1500..2100).contains(&number) => ten(end, number),
                2 => ten(end, i32::from(self.century_of(number)?)),
                _ => None,
            };
        }
        let decades = |at| self.sense(at, |sense| if let Sense::Decades(it) = sense { Some(it) } else { None });
        if let Some((end, high)) = self.number_word(start).filter(|(_, high)| (16..=20).contains(high) || *high == 2) {
            let end = self.is(end, Class::Thousand).filter(|_| high == 2).or((high != 2).then_some(end))?;
            let (end, low) = decades(self.skip_mark(self.skip(end, Class::And), "-"))?;
            return ten(end, if high == 2 { 2000 } else { 100 * high } + low);
        }
        let (end, low) =
            decades(start).filter(|(_, low)| *low >= 20 && (start > at || self.before_is(at, Class::In)))?;
        ten(end, i32::from(self.century_of(low)?))
    }
}

/// The nth unit of some days, from the end where n is negative. `by_days`: the first week of a month is its first seven
/// days, as people mean who name no year; otherwise weeks are those of the calendar.
fn nth_unit((first, last): Days, unit: Unit, nth: i32, by_days: bool) -> Option<Days> {
    let day = |date: Date| (date, date);
    let step = nth - nth.signum();
    let found = match unit {
        Unit::Day => day(plus(if nth > 0 { first } else { last }, step, Unit::Day)?),
        Unit::Week if by_days => (first, plus(first, 6, Unit::Day)?),
        Unit::Week => {
            // The weeks whose Thursday lies in the days.
            let thursday = |date: Date| plus(monday(date), 3, Unit::Day);
            let edge = if nth > 0 { first } else { last };
            let inside = thursday(edge)?;
            let start = match nth > 0 {
                true if inside < first => plus(monday(edge), 1, Unit::Week)?,
                false if inside > last => plus(monday(edge), -1, Unit::Week)?,
                _ => monday(edge),
            };
            let from = plus(start, step, Unit::Week)?;
            (from, plus(from, 6, Unit::Day)?)
        }
        Unit::Weekend => {
            let edge = if nth > 0 { first } else { last };
            let saturday = plus(monday(edge), 5, Unit::Day)?;
            let start = if nth < 0 && plus(saturday, 1, Unit::Day)? > last {
                plus(saturday, -1, Unit::Week)?
            } else {
                saturday
            };
            let from = plus(start, step, Unit::Week)?;
            (from, plus(from, 1, Unit::Day)?)
        }
        _ => {
            let edge = if nth > 0 { first } else { last };
            unit_of(edge, unit, step)?
        }
    };
    (found.1 >= first && found.0 <= last).then_some(found)
}
