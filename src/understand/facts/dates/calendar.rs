//! Dates that name a day, a month or a year of the calendar: `14/06/2025`, `Tuesday, 4 March`, `Oct. 2`, `2024`.

use jiff::civil::Date;

use super::classes::Class;
use super::reader::{Read, Reader, longer};
use super::value::{Value, What};
use super::words::{Sense, Unit};
use crate::understand::facts::tokens::Kind;

impl Reader<'_> {
    /// The longest date of the calendar at a token.
    pub(super) fn calendar(&self, at: usize) -> Read<Value> {
        let month = self.has(at, Sense::Month(0));
        let mut found = None;
        if self.is_number(at) || self.has(at, Sense::Number(0)) {
            found = longer(longer(self.numeric(at), self.day_month(at)), self.year_month(at));
            found = longer(found, self.day_of_month(at));
        } else if self.has(at, Sense::Ordinal(0)) || self.has(at, Sense::Is(Class::The)) {
            found = longer(self.day_month(at), self.day_of_month(at));
        }
        if month {
            found = longer(longer(found, self.month_day(at)), self.month_year(at));
        }
        longer(found, self.weekday_date(at))
    }

    /// A month with a year or without.
    pub(super) fn month_year(&self, at: usize) -> Read<Value> {
        let (end, month) = self.month(at)?;
        let value = What::Month(month).bare();
        Some(self.with_year(end, value).unwrap_or((end, value)))
    }

    /// A year behind a date: `, 2025`, `of 2025`, `'25`, `of next year`.
    pub(super) fn with_year(&self, at: usize, value: Value) -> Read<Value> {
        let joint = self.skip_mark(at, ",");
        let joint = [Class::Of, Class::In].iter().find_map(|class| self.is(joint, *class)).unwrap_or(joint);
        let joint = self.skip(joint, Class::Calendar);
        let joint = ["-", "/", "."].iter().find_map(|mark| self.mark(joint, mark)).unwrap_or(joint);
        if let Some((end, year)) = self.full_year(joint) {
            // What follows shows that a number counts something: `March 2000 troops`.
            return Some((end, value.with_year(Some(year))));
        }
        if let Some((end, days)) = self.relative_unit(joint).filter(|(_, (unit, _))| *unit == Unit::Year) {
            return Some((end, value.with_year(Some(days.1.0.year()))));
        }
        let quoted = matches!(self.tokens.surface(joint), "'" | "’");
        let (end, year) = self.year(joint)?;
        let said = quoted || i32::from(year) % 100 > 31 || self.before_is(joint, Class::Of);
        (said && self.width(end - 1) == 2).then(|| (end, value.with_year(Some(year))))
    }

    /// `9 July`, `the 9th of July 2024`, `9-Jul-2024`, `9. Juli`.
    fn day_month(&self, at: usize) -> Read<Value> {
        let start = self.skip(at, Class::The);
        let (end, day) = self.day(start)?;
        let ordinal = self.ordinal(start).is_some();
        let joint = self.skip(end, Class::Of);
        let joint = ["-", "/", ".", "−"].iter().find_map(|mark| self.mark(joint, mark)).unwrap_or(joint);
        let (end, month) = self.month(joint)?;
        let in_words = !self.is_number(start) && !ordinal;
        if in_words && self.is(joint, Class::Doubtful).is_some() {
            return None;
        }
        let value = What::Day(month, day).bare();
        let short = ordinal.then(|| self.year(end)).flatten().filter(|_| self.width(end) == 2 && !self.goes_to(end));
        let short = short.map(|(end, year)| (end, value.with_year(Some(year))));
        let found = self.with_year(end, value).or(short).unwrap_or((end, value));
        Some(self.with_weekday(found))
    }

    /// Whether a range or a count goes on behind a number.
    fn goes_to(&self, at: usize) -> bool {
        self.is(at + 1, Class::To).is_some()
            || self.tokens.get(at + 1).is_some_and(|token| token.kind == Kind::Word && !self.knows(at + 1))
    }

    /// `July 9`, `July the ninth, 2024`, `Oct. 2`, `August/10/2012`.
    fn month_day(&self, at: usize) -> Read<Value> {
        let (end, month) = self.month(at)?;
        let joint = ["-", "/", ".", ","].iter().find_map(|mark| self.mark(end, mark)).unwrap_or(end);
        if joint > end && !self.is_number(joint) && self.ordinal(joint).is_none() {
            return None;
        }
        if joint > end && self.tokens.surface(end) == "," && self.ordinal(joint).is_none() {
            return None;
        }
        let start = self.skip(joint, Class::The);
        let (end, day) = self.day(start)?;
        let in_words = !self.is_number(start) && self.ordinal(start).is_none();
        if in_words && self.is(at, Class::Doubtful).is_some() && day < 13 {
            return None;
        }
        let value = What::Day(month, day).bare();
        let short = self.ordinal(start).and_then(|_| self.year(end)).filter(|_| self.width(end) == 2);
        let short = short.filter(|_| !self.goes_to(end)).map(|(end, year)| (end, value.with_year(Some(year))));
        let found = self.with_year(end, value).or(short).unwrap_or((end, value));
        Some(self.with_weekday(found))
    }

    /// A weekday behind a date: `Jul 18, Fri`.
    fn with_weekday(&self, (end, value): (usize, Value)) -> (usize, Value) {
        let joint = self.skip_mark(self.skip_mark(end, ","), "(");
        match self.weekday(joint) {
            Some((end, weekday)) if joint > end || value.year.is_none() => {
                (self.skip_mark(end, ")"), Value { weekday: Some(weekday), ..value })
            }
            _ => (end, value),
        }
    }

    /// `2018 March 18`, `2024-August`.
    fn year_month(&self, at: usize) -> Read<Value> {
        let (end, year) = self.full_year(at)?;
        let joint = ["-", "/"].iter().find_map(|mark| self.mark(end, mark)).unwrap_or(end);
        let (end, month) = self.month(joint)?;
        let next = ["-", "/"].iter().find_map(|mark| self.mark(end, mark)).unwrap_or(end);
        if let Some((end, day)) = self.day(next) {
            return Some((end, What::Day(month, day).bare().with_year(Some(year))));
        }
        let doubtful = self.is(joint, Class::Doubtful).is_some() && joint == end;
        (!doubtful).then(|| (end, What::Month(month).bare().with_year(Some(year))))
    }

    /// `the 27th`, `the 15th day of next month`, `on the 17`.
    fn day_of_month(&self, at: usize) -> Read<Value> {
        let start = self.skip(at, Class::The);
        let (end, day) = self.day(start)?;
        let ordinal = self.is_number(start) && self.ordinal(start).is_some();
        let after_day = self.unit(end).filter(|(_, unit)| *unit == Unit::Day).map_or(end, |(end, _)| end);
        let month = self.is(after_day, Class::Of).or_else(|| self.is(after_day, Class::In));
        if let Some((end, (Unit::Month, days))) = month.and_then(|month| self.relative_unit(month)) {
            let date = Date::new(days.0.year(), days.0.month(), day).ok()?;
            return Some((end, Value::days(date, date)));
        }
        let cued = at > 0
            && (self.before_is(at, Class::On) || self.before_is(at, Class::For) || self.before_is(at, Class::FromTo));
        let closed = self.tokens.get(end).is_none_or(|token| token.kind == Kind::Mark && token.start > 0)
            && !matches!(self.tokens.surface(end), "%" | "-" | "/" | "–" | "$" | "€" | "£" | "'" | "’");
        let goes_on = self.is(end, Class::At).is_some() || self.is(end, Class::To).is_some();
        let said = cued && if start > at || ordinal { closed || goes_on } else { closed && self.is_number(start) };
        (said && after_day == end).then(|| (end, What::DayOfMonth(day).bare()))
    }

    /// A weekday before a date, or before the day of a month.
    fn weekday_date(&self, at: usize) -> Read<Value> {
        let (end, weekday) = self.weekday(at)?;
        let joint = self.skip_mark(self.skip_mark(end, ","), "(");
        let joint = self.skip(joint, Class::Of);
        let date = longer(longer(self.numeric(joint), self.day_month(joint)), self.month_day(joint));
        if let Some((end, value)) = date {
            return Some((self.skip_mark(end, ")"), Value { weekday: Some(weekday), ..value }));
        }
        let the = self.skip(end, Class::The);
        let (end, day) = self.day(the).filter(|_| end == joint)?;
        let plain = self.is_number(the) && self.ordinal(the).is_none();
        // `Tuesday the first generation`
        let counts = the > joint
            && !self.is_number(the)
            && self.tokens.get(end).is_some_and(|t| t.kind == Kind::Word)
            && !self.knows(end);
        if counts {
            return None;
        }
        let hour = matches!(self.tokens.surface(end), "-" | "–" | ":" | "," | "%" | ".") && self.is_number(end + 1)
            || self.is(end, Class::Meridiem).is_some()
            || self.is(end, Class::To).is_some() && plain
            || (plain && self.tokens.get(end).is_some_and(|token| token.kind == Kind::Word) && !self.knows(end));
        let value = Value { weekday: Some(weekday), ..What::DayOfMonth(day).bare() };
        (!hour && (the > joint || self.is_number(the) || self.ordinal(the).is_some())).then_some((end, value))
    }

    /// Numbers alone.
    fn numeric(&self, at: usize) -> Read<Value> {
        if !self.is_number(at) || self.inside_number(at) {
            return None;
        }
        if self.width(at) == 8 {
            let number = self.digits(at, 8)?;
            return Self::day_in(at + 1, number / 10_000, number / 100 % 100, number % 100);
        }
        let (second, mark) = self.separator(at)?;
        if self.is_number(second) {
            return self.three_numbers(at, second, mark).or_else(|| self.two_numbers(at, second, mark));
        }
        None
    }

    /// Digits stand before, joined by a mark: a telephone number, a version.
    pub(super) fn inside_number(&self, at: usize) -> bool {
        if self.second.get() {
            return false;
        }
        let marked =
            at > 1 && self.joined(at) && matches!(self.tokens.surface(at - 1), "-" | "/" | "." | "," | ":" | "+");
        let lettered = at > 0 && self.joined(at) && self.tokens[at - 1].kind == Kind::Word;
        (marked && self.joined(at - 1) && self.is_number(at - 2)) || lettered
    }

    /// The mark between two numbers, and the token behind it.
    fn separator(&self, at: usize) -> Read<&'static str> {
        let mark = ["-", "/", "."].into_iter().find(|mark| self.mark(at + 1, mark).is_some());
        let Some(mark) = mark else {
            // 2016 10 16
            return (self.width(at) == 4 && self.is_number(at + 1)).then_some((at + 1, " "));
        };
        let tight = self.joined(at + 1) && self.joined(at + 2);
        (tight || mark != ".").then_some((at + 2, mark))
    }

    fn three_numbers(&self, at: usize, second: usize, mark: &str) -> Read<Value> {
        let third = match mark {
            " " => second + 1,
            _ => self.mark(second + 1, mark).or_else(|| self.mark(second + 1, ",").filter(|_| mark == "/"))?,
        };
        let (one, two) = (self.digits(at, 4)?, self.digits(second, 2)?);
        let end = third + 1;
        if self.width(at) == 4 {
            let three = self.digits(third, 2)?;
            let (month, day) = if two > 12 && mark != "/" { (three, two) } else { (two, three) };
            return Self::day_in(self.closed(end, mark)?, one, month, day);
        }
        let narrow = mark == "." && (self.width(at) < 2 || self.width(second) < 2);
        let year = match self.width(third) {
            4 => self.digits(third, 4)?,
            2 if !narrow => i32::from(self.century_of(self.digits(third, 2)?)?),
            _ => return None,
        };
        let day_first = one > 12 || (self.day_first && two <= 12);
        let (day, month) = if day_first { (one, two) } else { (two, one) };
        Self::day_in(self.closed(end, mark)?, year, month, day)
    }

    /// The end of a date, unless more of the same follows; another whole date may.
    fn closed(&self, end: usize, mark: &str) -> Option<usize> {
        let more =
            self.joined(end) && self.mark(end, mark).is_some() && self.is_number(end + 1) && self.joined(end + 1);
        let date = self.mark(end + 2, mark).is_some() || self.mark(end + 2, ":").is_some();
        (!more || date).then_some(end)
    }

    fn day_in(end: usize, year: i32, month: i32, day: i32) -> Read<Value> {
        let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        (1000..3000).contains(&year).then(|| (end, Value::days(date, date)))
    }

    fn two_numbers(&self, at: usize, second: usize, mark: &str) -> Read<Value> {
        let end = second + 1;
        let more = self.joined(end)
            && matches!(self.tokens.surface(end), "-" | "/" | "." | "," | ":" | "%")
            && self.joined(end + 1)
            && self.is_number(end + 1)
            && (self.mark(end, mark).is_some() || self.mark(end, ":").is_some() || self.mark(end, ".").is_some());
        if more {
            return None;
        }
        let (one, two) = (self.digits(at, 4)?, self.digits(second, 4)?);
        let month_of = |year: i32, month: i32| {
            let month = i8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
            Some((end, What::Month(month).bare().with_year(i16::try_from(year).ok())))
        };
        let years = 1900..2100;
        match (self.width(at), self.width(second)) {
            (4, 1..=2) if years.contains(&one) && mark != " " && mark != "." => return month_of(one, two),
            (1..=2, 4) if years.contains(&two) && mark != "." => return month_of(two, one),
            (1..=2, 1..=2) if mark != " " => {}
            _ => return None,
        }
        if !self.is_cued(at, mark) || self.is_fraction(at, end, one, two) {
            return None;
        }
        let day_first = one > 12 || (self.day_first && two <= 12);
        let (day, month) = if day_first { (one, two) } else { (two, one) };
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        // A leap year has all the days that a month can have.
        Date::new(2024, month, day).ok()?;
        let value = What::Day(month, day).bare();
        if mark == "/"
            && let Some(comma) = self.mark(end, ",")
            && let Some((end, year)) = self.full_year(comma).or_else(|| self.year(comma).filter(|_| self.joined(comma)))
        {
            return Some((end, value.with_year(Some(year))));
        }
        Some((end, value))
    }

    /// Whether what stands before two numbers lets them be a date; a dash or a dot needs more than a slash.
    fn is_cued(&self, at: usize, mark: &str) -> bool {
        let starts = at == 0;
        let on = self.before_is(at, Class::On);
        let week = at > 0 && (self.weekday(at - 1).is_some_and(|(end, _)| end == at));
        let rel = at > 0 && self.sense(at - 1, |sense| matches!(sense, Sense::Rel(_)).then_some(())).is_some();
        match mark {
            "/" => true,
            "." => on || week || rel || (self.before_is(at, Class::In) && self.width(at + 2) == 2),
            _ => on || (starts && self.tokens.len() == 3 && self.width(at + 2) == 2),
        }
    }

    /// Halves and quarters, scores, and the numbers that have become names.
    fn is_fraction(&self, at: usize, end: usize, one: i32, two: i32) -> bool {
        let follows_number = at > 0 && self.is_number(at - 1);
        let known = matches!((one, two), (9, 11) | (24 | 7, 7) | (50, 50));
        let part = one < two && matches!(two, 2 | 3 | 4 | 5 | 8 | 10) && one < 4;
        let cued = self.before_is(at, Class::On) || self.before_is(at, Class::FromTo);
        let of = self.is(end, Class::Of).is_some();
        (known || part || follows_number) && !cued && (at > 0 || of || known)
    }
}
