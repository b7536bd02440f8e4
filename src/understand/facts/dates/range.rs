//! Ranges of days, and the times of day that stand beside dates.

use super::classes::Class;
use super::reader::{Read, Reader, longer};
use super::value::{Toward, Value, What, days_between, plus};
use super::words::{Sense, Unit};

/// `9am to 5pm, 10 to 11` is as long as a row of times gets.
const CLOCKS_MAX: usize = 4;

impl Reader<'_> {
    /// The longest range or single date at a token, with the times of day around it.
    pub(super) fn range(&self, at: usize) -> Read<Value> {
        let mut start = at;
        for _ in 0..CLOCKS_MAX {
            match self.clock(start) {
                Some(end) => start = self.joint(end),
                None => break,
            }
        }
        let behind_clock = if start > at { self.range_at(start) } else { None };
        let (end, value) = longer(behind_clock, self.range_at(at))?;
        let behind = self.clocks(end);
        // `Thu Oct 26 11:00:09 EDT 2023`
        if behind > end
            && value.takes_year()
            && let Some((end, year)) = self.full_year(behind)
        {
            return Some((end, value.with_year(Some(year))));
        }
        Some((behind, value))
    }

    fn range_at(&self, at: usize) -> Read<Value> {
        let lead = self.is(at, Class::FromTo).or_else(|| self.is(at, Class::Between)).unwrap_or(at);
        let between = self.is(at, Class::Between).is_some();
        let start = self.skip(lead, Class::The);
        let mut found = longer(self.days_of_month(start, between), self.days_behind_month(lead, between));
        found = longer(found, self.years(lead));
        found = longer(found, self.two_points(lead, between));
        let single = if lead > at { None } else { self.lasting(at).or_else(|| self.point(at)) };
        longer(longer(found, single), self.clock_of_day(at))
    }

    /// What parts the two ends of a range.
    fn to(&self, at: usize, between: bool) -> Option<usize> {
        let comma = self.skip_mark(at, ",");
        let end = self.is(comma, Class::To).or_else(|| self.is(at, Class::And).filter(|_| between))?;
        Some(self.skip(end, Class::The))
    }

    /// `9-11 July`, `between 3 and 12 of Sept`, `from 4 to 22 this month`, `11 and 12 July`, `9, 10 and 11 July`.
    fn days_of_month(&self, at: usize, between: bool) -> Read<Value> {
        let (next, first) = self.day(at)?;
        let (next, last) = self.more_days(next, first, between)?;
        let (_, last_day) = (next, last);
        let joint = self.skip(next, Class::Of);
        let (end, value) = if let Some((end, month)) = self.month(joint) {
            let value = What::Day(month, last_day).bare();
            self.with_year(end, value).unwrap_or((end, value))
        } else {
            let (end, (unit, days)) = self.relative_unit(joint)?;
            let date = jiff::civil::Date::new(days.0.year(), days.0.month(), last_day).ok()?;
            (end, if unit == Unit::Month { Value::days(date, date) } else { return None })
        };
        let (_, last) = self.resolve(value)?;
        let from = last.with().day(first).build().ok();
        let from = from
            .filter(|from| *from <= last)
            .or_else(|| plus(last, -1, Unit::Month)?.with().day(first).build().ok())?;
        Some((end, Value::days(from, last)))
    }

    /// Behind the first day of a range or a row, its last day.
    fn more_days(&self, at: usize, first: i8, between: bool) -> Read<i8> {
        if let Some(next) = self.to(at, between)
            && let Some((end, last)) = self.day(next)
        {
            return Some((end, last));
        }
        // A row of days is a range where one follows the other.
        let (mut end, mut last) = (at, first);
        while let Some(next) = self.mark(end, ",").or_else(|| self.is(end, Class::And)) {
            let next = self.skip(self.skip(next, Class::And), Class::The);
            let Some((after, day)) = self.day(next).filter(|(_, day)| *day == last + 1) else { break };
            (end, last) = (after, day);
        }
        (last > first).then_some((end, last))
    }

    /// `July 9-11`, `July 9, 10 and 11, 2024`, `November between 19 and 20`.
    fn days_behind_month(&self, at: usize, between: bool) -> Read<Value> {
        let (next, month) = self.month(at)?;
        let between = between || self.is(next, Class::Between).is_some();
        let next = self.skip(self.skip(next, Class::Between), Class::The);
        let (next, first) = self.day(next)?;
        let (end, last) = self.more_days(next, first, between)?;
        if self.month(self.skip(end, Class::Of)).is_some() && last != first + 1 {
            return None;
        }
        let value = What::Day(month, last).bare();
        let (end, value) = self.with_year(end, value).unwrap_or((end, value));
        let (_, last) = self.resolve(value)?;
        let from = last.with().day(first).build().ok().filter(|from| *from <= last)?;
        Some((end, Value::days(from, last)))
    }

    /// `2014-2018`, `2024/25`, `from 2014 to 2018`.
    fn years(&self, at: usize) -> Read<Value> {
        let (next, first) = self.full_year(at).filter(|(_, year)| (1800..2200).contains(year))?;
        if self.inside_number(at) {
            return None;
        }
        let next = self.is(next, Class::To).or_else(|| self.mark(next, "/").filter(|next| self.joined(*next)))?;
        let joined = self.joined(next) && self.joined(next - 1);
        let (end, last) = if let Some(found) = self.full_year(next) {
            found
        } else {
            let last = self.digits(next, 2).filter(|_| self.width(next) == 2 && joined)?;
            (next + 1, i16::try_from(i32::from(first).div_euclid(100) * 100 + last).ok()?)
        };
        let short = self.width(end - 1) == 2;
        let phone = self.joined(end) && self.mark(end, "-").is_some() && self.is_number(end + 1);
        let fits = if short { last == first + 1 && last % 100 > 12 } else { first < last && !phone };
        let value = What::Year.bare();
        fits.then(|| Some((end, Value::days(value.in_year(first)?.0, value.in_year(last)?.1))))?
    }

    fn two_points(&self, at: usize, between: bool) -> Read<Value> {
        let day = |date| Value::days(date, date);
        let now = self
            .is(at, Class::Now)
            .map(|end| (end, day(self.at)))
            .filter(|_| between || self.before_is(at, Class::FromTo));
        let (next, first) = now.or_else(|| self.point(at))?;
        let next = self.clocks(next);
        let next = self.to(next, between)?;
        let second = self.second.replace(true);
        let clock = self.clock(next).map_or(next, |end| self.joint(end));
        let now = self.is(next, Class::Now).map(|end| (end, day(self.at)));
        let last = now.or_else(|| self.point(clock)).or_else(|| self.point(next));
        self.second.set(second);
        let (end, last) = last?;
        let (from, to) = self.ends(first, last)?;
        (from <= to).then(|| (end, Value::days(from, to)))
    }

    /// The first day of the first and the last day of the second, each lending the other what it lacks.
    fn ends(&self, first: Value, last: Value) -> Option<(jiff::civil::Date, jiff::civil::Date)> {
        let at = self.at;
        if let (What::Weekday(_), What::Weekday(_)) = (first.what, last.what) {
            let (_, to) = last.resolve(at, self.toward.get())?;
            let (from, _) = first.resolve(to, Toward::Past)?;
            return Some((from, to));
        }
        if first.takes_year() && !last.is_open() {
            let to = self.resolve(last)?.1;
            let lent = first.in_year(to.year())?.0;
            if last.year.is_none() && !(self.toward.get() == Toward::Past || lent <= to) {
                return Some((first.resolve(to, Toward::Past)?.0, to));
            }
            let from = if lent > to { first.in_year(to.year() - 1)?.0 } else { lent };
            return Some((from, to));
        }
        if last.is_open() {
            let (from, _) = if first.is_open() && last.takes_year() && first.takes_year() {
                self.open_start(first, last)?
            } else {
                self.resolve(first)?
            };
            let last = if let What::Year = last.what { return None } else { last };
            return Some((from, last.resolve(from, Toward::Future)?.1));
        }
        Some((self.resolve(first)?.0, self.resolve(last)?.1))
    }

    /// Of two dates without a year the second lies on the side that the sentence looks to.
    fn open_start(&self, first: Value, last: Value) -> Option<(jiff::civil::Date, jiff::civil::Date)> {
        if self.toward.get() == Toward::Past {
            return self.resolve(first);
        }
        let (_, to) = last.resolve(self.at, Toward::Future)?;
        first.resolve(to, Toward::Past)
    }

    /// `for 10 days from 18 December`, `a week starting tomorrow`, `18 December for 10 days`.
    fn lasting(&self, at: usize) -> Read<Value> {
        let start = self.skip(at, Class::For);
        if let Some((next, length)) = self.length(start) {
            let next = self.is(self.skip_mark(next, ","), Class::Starting)?;
            let counted = start > at;
            if !counted && self.is(next - 1, Class::FromTo).is_some() {
                return None;
            }
            let (end, value) = self.point(next)?;
            let (from, _) = value.resolve(self.at, Toward::Future)?;
            return Some((end, Value::days(from, Self::after(from, &length)?)));
        }
        let (next, value) = self.point(at)?;
        let (end, length) = self.is(next, Class::For).and_then(|next| self.length(next))?;
        if matches!(value.what, What::Weekday(_)) || length.iter().any(|(_, unit)| *unit == Unit::Night) {
            return None;
        }
        let (from, last) = self.resolve(value)?;
        if days_between(from, last) > 0 || self.is(end, Class::Ago).is_some() {
            return None;
        }
        Some((end, Value::days(from, plus(Self::after(from, &length)?, 1, Unit::Day)?)))
    }

    /// The last day of a length of time from a day on.
    fn after(from: jiff::civil::Date, length: &[(i32, Unit)]) -> Option<jiff::civil::Date> {
        let end = length.iter().try_fold(from, |date, (count, unit)| plus(date, *count, *unit))?;
        plus(end, -1, Unit::Day).filter(|end| *end >= from)
    }

    /// Behind the words and marks that join a time of day to a date.
    fn joint(&self, at: usize) -> usize {
        let at = self.skip_mark(at, ",");
        [Class::On, Class::Of, Class::At].iter().find_map(|class| self.is(at, *class)).unwrap_or(at)
    }

    /// Behind the times of day that follow a date.
    pub(super) fn clocks(&self, at: usize) -> usize {
        let mut end = at;
        for _ in 0..CLOCKS_MAX {
            let part = self.is(self.skip(end, Class::In), Class::Daypart);
            if let Some(next) = part {
                end = next;
                continue;
            }
            let comma = self.skip_mark(end, ",");
            let joint =
                [Class::At, Class::To, Class::And].iter().find_map(|class| self.is(comma, *class)).unwrap_or(comma);
            let said = joint > end && self.before_is(joint, Class::At) && self.tokens.surface(joint - 1) != ",";
            match self.clock(joint).or_else(|| self.hour(joint).filter(|_| said)) {
                Some(next) => end = next,
                None => break,
            }
        }
        end
    }

    /// A bare hour at the end of a clause: `at 5`.
    fn hour(&self, at: usize) -> Option<usize> {
        let hour = self.digits(at, 2).filter(|hour| (0..=24).contains(hour))?;
        let closed =
            self.tokens.get(at + 1).is_none_or(|_| matches!(self.tokens.surface(at + 1), "." | "," | "?" | "!"));
        (hour > 0 && closed && self.before_is(at, Class::Hour) && !self.joined(at + 2)).then_some(at + 1)
    }

    /// A time of day that names its zone stands for the day: `14:48 UTC`.
    fn clock_of_day(&self, at: usize) -> Read<Value> {
        let end = match self.clock(at) {
            Some(end) => end,
            None => self.digits(at, 4).filter(|hour| self.width(at) == 4 && *hour < 2400).map(|_| at + 2)?,
        };
        let zoned = self.is(end - 1, Class::Utc) == Some(end) && end > at + 1;
        zoned.then(|| (end, Value::days(self.at, self.at)))
    }

    /// A time of day: `9 a.m.`, `14:15`, `16:00 UTC`, `9-10 am`.
    pub(super) fn clock(&self, at: usize) -> Option<usize> {
        let hour = self.digits(at, 2).filter(|hour| (0..=24).contains(hour))?;
        let mut end = at + 1;
        let mut said = false;
        while matches!(self.tokens.surface(end), ":" | ".") && self.joined(end) && self.joined(end + 1) {
            if self.digits(end + 1, 2).is_none_or(|minute| minute > 60) || self.width(end + 1) != 2 {
                break;
            }
            said = said || self.tokens.surface(end) == ":";
            end += 2;
        }
        if let Some(next) = self.is(end, Class::Meridiem) {
            (end, said) = (next, true);
        } else if end == at + 1
            && let Some(next) = self.mark(end, "-").or_else(|| self.mark(end, "–"))
            && let Some(next) = self.digits(next, 2).map(|_| next + 1)
            && let Some(next) = self.is(next, Class::Meridiem)
        {
            (end, said) = (next, true);
        }
        if self.sense(end, |sense| (sense == Sense::Is(Class::Zone)).then_some(())).is_some() && said {
            end += 1;
        }
        (said && hour <= 24).then_some(end)
    }
}
