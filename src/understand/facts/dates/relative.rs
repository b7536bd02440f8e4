//! Dates that count from the day of publication or from another date: `next Monday`, `in two weeks`, `three days after
//! Easter`, `the last 3 months`.

use jiff::civil::Date;

use super::classes::Class;
use super::reader::{Read, Reader, longer};
use super::value::{Days, Toward, Value, What, days_between, monday, plus, unit_of, weekday_near};
use super::words::{Sense, Unit, kind};

/// A length of time: counts of units, the largest first or not.
pub(super) type Length = Vec<(i32, Unit)>;

/// More parts than `two years, one month and three days` no length has.
const PARTS_MAX: usize = 4;

/// The kinds of words with which each reading begins.
const COUNT: u128 = kind(Sense::Number(0));
const DAY_WORD: u128 = kind(Sense::Day(0))
    | kind(Sense::Is(Class::Lastnight))
    | kind(Sense::Is(Class::ToDateYear))
    | kind(Sense::Is(Class::ToDateMonth));
const REL: u128 = kind(Sense::Rel(0));
const OWN: u128 = kind(Sense::Is(Class::Own));
const THE: u128 = kind(Sense::Is(Class::The));
const WEEKDAY: u128 = kind(Sense::Weekday(0)) | kind(Sense::Is(Class::On));
const AWAY: u128 = kind(Sense::Is(Class::Within)) | kind(Sense::Is(Class::In)) | kind(Sense::Is(Class::AgoBefore));

impl Reader<'_> {
    /// The longest relative date at a token.
    pub(super) fn relative(&self, at: usize) -> Read<Value> {
        let begins = |kinds: u128| self.kinds(at) & kinds != 0;
        let counts = self.is_number(at) || begins(COUNT);
        let mut found = if begins(DAY_WORD) { self.day_word(at) } else { None };
        if begins(REL | OWN) {
            let unit = self.relative_unit(at).map(|(end, (unit, days))| self.inside_unit(end, unit, days));
            found = longer(found, unit);
        }
        if counts || begins(REL | THE) {
            found = longer(found, self.relative_count(at));
        }
        if begins(REL) {
            found = longer(found, self.relative_named(at));
        }
        if begins(WEEKDAY) {
            found = longer(found, self.weekday_in_week(at));
        }
        if counts {
            found = longer(found, self.weekdays_on(at));
        }
        if counts || begins(AWAY) || at == 0 { longer(found, self.offset(at)) } else { found }
    }

    /// `today`, `the day after tomorrow`, `last night`, `EOM` and the like.
    fn day_word(&self, at: usize) -> Read<Value> {
        let word = |sense| if let Sense::Day(days) = sense { Some(days) } else { None };
        let day = if self.has(at, Sense::Day(0)) { self.sense(at, word) } else { None };
        let day = day.or_else(|| self.is(at, Class::Lastnight).map(|end| (end, -1)));
        let found = day.and_then(|(end, days)| {
            // `tomorrow, 13/04/21` says the day twice.
            let comma = self.mark(end, ",");
            let said = comma.and_then(|next| self.calendar(next)).filter(|(_, value)| {
                matches!(value.what, What::Day(..)) || matches!(value.what, What::Fixed((first, last)) if first == last)
            });
            if let Some((end, value)) = said {
                return Some((end, value));
            }
            let day = plus(self.at, days, Unit::Day)?;
            Some((end, Value::days(day, day)))
        });
        let to_date = |class, unit| {
            let end = self.is(at, class)?;
            Some((end, Value::days(unit_of(self.at, unit, 0)?.0, self.at)))
        };
        longer(found, to_date(Class::ToDateYear, Unit::Year).or_else(|| to_date(Class::ToDateMonth, Unit::Month)))
    }

    fn rel(&self, at: usize) -> Read<i32> {
        if !self.has(at, Sense::Rel(0)) {
            return None;
        }
        // `The following day the theory had been given up.`
        if self.is(at, Class::Story).is_some() && self.told.get() && self.toward.get() == Toward::Past {
            return None;
        }
        self.sense(at, |sense| if let Sense::Rel(count) = sense { Some(count) } else { None })
    }

    /// Whether `the last six days`, behind `over` and the like, say how long something took. Quarters and decades are those of
    /// the calendar.
    fn is_length(&self, at: usize, end: usize, unit: Unit, count: i32, counted: bool) -> bool {
        if count == 0
            || !matches!(unit, Unit::Day | Unit::Workday | Unit::Week | Unit::Fortnight | Unit::Month | Unit::Year)
        {
            return false;
        }
        let start = at - usize::from(self.before_is(at, Class::The));
        let article = start < at || self.is(at, Class::The).is_some();
        let recent = counted || self.is(end - 1, Class::Recent).is_some();
        (article || counted) && self.before_is(start, Class::Span)
            || count < 0 && recent && self.before_is(start, Class::In)
            || count < 0 && counted && self.before_is(start, Class::For)
    }

    /// `next week`, `the past decade`, `this fiscal year`; also `the week after next` and `the year previous`.
    pub(super) fn relative_unit(&self, at: usize) -> Read<(Unit, Days)> {
        if let Some((end, count)) = self.rel(at) {
            let end = self.skip(end, Class::Whole);
            // `around next week` and the like stand inside longer dates.
            if let Some(next) = self.is(end, Class::Daypart) {
                return Some((next, (Unit::Day, unit_of(self.at, Unit::Day, count)?)));
            }
            let (after, unit) = self.unit(end).filter(|_| self.is(end, Class::Many).is_none())?;
            let day_one = unit == Unit::Day && self.number_word(after).is_some_and(|(_, number)| number == 1);
            let day_one = day_one && self.is(after, Class::Article).is_none();
            if day_one || self.is_length(at, end, unit, count, false) {
                return None;
            }
            let days = unit_of(self.at, unit, count)?;
            return Some((after, (unit, days)));
        }
        let owned = self.is(at, Class::Own)?;
        let whole = self.skip(owned, Class::Whole);
        let (end, unit) = self.unit(whole)?;
        if unit == Unit::Time {
            return None;
        }
        let after = self.sense(end, |sense| (sense == Sense::Is(Class::From)).then_some(()));
        if let Some((next, ())) = after
            && let Some((end, 1)) = self.rel(next)
            && self.unit(end).is_none()
        {
            return Some((end, (unit, unit_of(self.at, unit, 2)?)));
        }
        if let Some((end, count)) = self.rel(end).filter(|(next, count)| *count != 0 && self.unit(*next).is_none()) {
            return Some((end, (unit, unit_of(self.at, unit, count)?)));
        }
        // `it rained over the weekend`: the last one that has begun.
        let past = unit == Unit::Weekend && self.told.get() && self.toward.get() == Toward::Past;
        let days = unit_of(self.at, unit, 0)?;
        let days = if past && days.0 > self.at { unit_of(self.at, unit, -1)? } else { days };
        Some((end, (unit, days)))
    }

    /// A weekday or a daypart behind a unit: `next week Mon`, `this week on Tuesday`, `last week's Sunday`.
    fn inside_unit(&self, end: usize, unit: Unit, days: Days) -> (usize, Value) {
        if matches!(unit, Unit::Week | Unit::Workweek) {
            let joint = [Class::On, Class::Plural].iter().find_map(|class| self.is(end, *class)).unwrap_or(end);
            if let Some((end, weekday)) = self.weekday(joint)
                && let Some(day) = plus(days.0, i32::from(weekday) - 1, Unit::Day)
            {
                return (end, Value::days(day, day));
            }
        }
        (end, Value::days(days.0, days.1))
    }

    /// `next 3 days`, `the last two decades`, `2 upcoming weeks`, `past few months`.
    fn relative_count(&self, at: usize) -> Read<Value> {
        let ((end, count), number, from_number) = if let Some((end, count)) = self.rel(at) {
            let (end, number) = self.number(end).filter(|_| !self.before_is(at, Class::Modal) || count > 0)?;
            ((end, count), number, false)
        } else {
            let (end, number) = self.number(self.skip(at, Class::The))?;
            (self.rel(end)?, number, true)
        };
        if count == 0 || !(1..=2000).contains(&number) {
            return None;
        }
        let many = self.is(end, Class::Many).is_some();
        let coming =
            from_number && self.sense(end - 1, |sense| (sense == Sense::Is(Class::Coming)).then_some(())).is_some();
        let (mut end, unit) = self.unit(end)?;
        // `only 3 next week`
        if from_number && (number == 1 || !(many || coming)) {
            return None;
        }
        if !from_number && self.is_length(at, end, unit, count, true) {
            return None;
        }
        let (first, last) = self.counted(count, number, unit)?;
        let mut first = first;
        // `the last 3 months and 2 weeks`
        if count < 0
            && let Some((next, more)) = self.is(end, Class::And).and_then(|next| self.length(next))
            && self.is(next, Class::Ago).is_none()
        {
            for (count, unit) in more {
                first = plus(first, -count, unit)?;
            }
            end = next;
        }
        Some((end, Value::days(first, last)))
    }

    /// So many units before or after the day of publication; whole ones where the unit is longer than a month.
    fn counted(&self, sign: i32, number: i32, unit: Unit) -> Option<Days> {
        let (yesterday, tomorrow) = (plus(self.at, -1, Unit::Day)?, plus(self.at, 1, Unit::Day)?);
        match unit {
            Unit::Time => None,
            Unit::Quarter | Unit::Half | Unit::Decade | Unit::Century | Unit::Weekend => {
                let (near, far) = (unit_of(self.at, unit, sign)?, unit_of(self.at, unit, sign * number)?);
                Some((near.0.min(far.0), near.1.max(far.1)))
            }
            Unit::Workday => {
                let (near, far) = (plus(self.at, sign, unit)?, plus(self.at, sign * number, unit)?);
                Some((near.min(far), near.max(far)))
            }
            _ if sign < 0 => Some((plus(self.at, -number, unit)?, yesterday)),
            _ => Some((tomorrow, plus(self.at, number, unit)?)),
        }
    }

    /// `next Monday`, `last September`, `this winter`, `next Easter`, `next 6th of April`.
    fn relative_named(&self, at: usize) -> Read<Value> {
        let (mut next, count) = self.rel(at)?;
        let coming = self.is(at, Class::Coming) == Some(next);
        let recent = self.is(at, Class::Recent) == Some(next);
        next = self.skip(next, Class::Whole);
        if let Some((end, value)) = self.calendar(next).filter(|(_, value)| value.is_open()) {
            // `this may`: a modal.
            let modal = matches!(value.what, What::Month(_)) && self.is(next, Class::Doubtful).is_some();
            if modal && !self.is_capital(next) && count == 0 {
                return None;
            }
            return Some((end, self.on_side(value, count)?));
        }
        if let Some((end, weekday)) = self.weekday(next) {
            let day = match count {
                0 => weekday_near(self.at, weekday, Toward::Future)?,
                1 if coming => weekday_near(plus(self.at, 1, Unit::Day)?, weekday, Toward::Future)?,
                -1 if recent => weekday_near(plus(self.at, -1, Unit::Day)?, weekday, Toward::Past)?,
                _ => plus(plus(monday(self.at), count, Unit::Week)?, i32::from(weekday) - 1, Unit::Day)?,
            };
            let value = Value::days(day, day);
            // `next Friday 5/12` says the day twice.
            return Some((end, value));
        }
        let (end, value) = longer(self.season(next), self.holiday(next)).filter(|(_, value)| value.is_open())?;
        Some((end, self.on_side(value, count)?))
    }

    /// The one of this year, or the last before it or the first after the day of publication.
    pub(super) fn on_side(&self, value: Value, count: i32) -> Option<Value> {
        let days = match (value.what, count) {
            (What::DayOfMonth(_), 0) => value.resolve(self.at, Toward::Future)?,
            (_, 0) if value.weekday.is_none() => value.in_year(self.at.year())?,
            (_, 0) => value.resolve(self.at, Toward::Future)?,
            _ if value.weekday.is_some() => value.resolve(self.at, Toward::Future)?,
            (_, ..0) => value.resolve(plus(unit_of_value(self.at, value)?.0, -1, Unit::Day)?, Toward::Past)?,
            _ => value.resolve(plus(unit_of_value(self.at, value)?.1, 1, Unit::Day)?, Toward::Future)?,
        };
        Some(Value::days(days.0, days.1))
    }

    /// `Tuesday of last week`, `Wednesday next week`, `Friday after next`, `Monday week`.
    fn weekday_in_week(&self, at: usize) -> Read<Value> {
        let (end, weekday) = self.weekday(self.skip(at, Class::On))?;
        let comma = self.skip_mark(end, ",");
        let joint = self.is(comma, Class::Of).unwrap_or(comma);
        if let Some((end, (Unit::Week | Unit::Workweek | Unit::Fortnight, days))) = self.relative_unit(joint) {
            let day = plus(days.0, i32::from(weekday) - 1, Unit::Day)?;
            return Some((end, Value::days(day, day)));
        }
        let ahead = weekday_near(plus(self.at, 1, Unit::Day)?, weekday, Toward::Future)?;
        if let Some((end, 1)) = self.is(end, Class::From).and_then(|next| self.rel(next)) {
            // The one after the next that comes.
            let day = plus(ahead, 1, Unit::Week)?;
            return Some((end, Value::days(day, day)));
        }
        if let Some((end, Unit::Week)) = self.unit(end).filter(|_| self.is(end, Class::WeekOn).is_some()) {
            let day = plus(ahead, 1, Unit::Week)?;
            return Some((end, Value::days(day, day)));
        }
        // `Monday two weeks from now`, `Sunday 3 weeks after January 15`.
        let (end, value) = self.offset(end)?;
        let (day, _) = self.resolve(value)?;
        let monday = plus(monday(day), i32::from(weekday) - 1, Unit::Day)?;
        Some((end, Value::days(monday, monday)))
    }

    /// `two Sundays from now`, `2 Thursdays ago`.
    fn weekdays_on(&self, at: usize) -> Read<Value> {
        let (end, number) = self.number(at)?;
        let plural = self.sense(end, |sense| if let Sense::Weekdays(day) = sense { Some(day) } else { None });
        let (end, weekday) = plural.or_else(|| self.weekday(end))?;
        let sign = if self.is(end, Class::Hence).is_some() { 1 } else { -1 };
        let end = self.is(end, Class::Hence).or_else(|| self.is(end, Class::Ago))?;
        let toward = if sign > 0 { Toward::Future } else { Toward::Past };
        let first = weekday_near(plus(self.at, sign, Unit::Day)?, weekday, toward)?;
        let day = plus(first, sign * (number - 1), Unit::Week)?;
        Some((end, Value::days(day, day)))
    }

    /// `two weeks`, `2 years, 1 month and 21 days`, `3w`.
    pub(super) fn length(&self, at: usize) -> Read<Length> {
        let mut parts = Length::new();
        let mut end = at;
        let mut next = at;
        while parts.len() < PARTS_MAX
            && let Some((after, number)) = self.number(next)
            && let Some((after, unit)) = self.unit(self.skip_mark(after, "-").min(after + 1))
        {
            // One letter is a unit only behind its number: `3w`.
            let letter = self.width(after - 1) == 1;
            if letter && !(self.joined(after - 1) && self.is_number(after - 2)) {
                break;
            }
            parts.push((number, unit));
            end = after;
            next = self.skip(self.skip_mark(after, ","), Class::And);
        }
        let whole = parts.iter().all(|(_, unit)| *unit != Unit::Time);
        (whole && !parts.is_empty()).then_some((end, parts))
    }

    fn add(from: Date, sign: i32, length: &[(i32, Unit)]) -> Option<Date> {
        length.iter().try_fold(from, |date, (count, unit)| plus(date, sign * count, *unit))
    }

    /// A length of time before or after now or another date.
    fn offset(&self, at: usize) -> Read<Value> {
        let day = |end, date: Option<Date>| date.map(|date| (end, Value::days(date, date)));
        if let Some(next) = self.is(at, Class::Within) {
            let next = self.rel(next).map_or(next, |(end, _)| end);
            let next = self.skip(next, Class::The);
            let (end, length) = self.length(next)?;
            let last = plus(Self::add(self.at, 1, &length)?, -1, Unit::Day)?;
            return Some((self.hence(end), Value::days(self.at, last.max(self.at))));
        }
        if let Some(next) = self.is(at, Class::In)
            && let Some((end, length)) = self.length(next)
        {
            // `falling 679 points in one day`
            let one = length[0].0 == 1 && !self.is_number(next) && self.is(next, Class::Article).is_none();
            let ahead = self.told.get() && self.toward.get() == Toward::Future;
            if self.looks_back(at) || one && !ahead {
                return None;
            }
            let end = self.hence(end);
            let end = self.is(end, Class::On).and_then(|next| self.weekday(next)).map_or(end, |(end, _)| end);
            return day(end, Self::add(self.at, 1, &length));
        }
        if let Some(next) = self.is(at, Class::AgoBefore)
            && let Some((end, length)) = self.length(next)
        {
            return day(end, Self::add(self.at, -1, &length));
        }
        let sign = match self.tokens.surface(at) {
            "-" => -1,
            "+" => 1,
            _ => 0,
        };
        if sign != 0 && self.joined(at + 1) && at == 0 {
            let (end, length) = self.length(at + 1)?;
            return (end == self.tokens.len()).then(|| day(end, Self::add(self.at, sign, &length)))?;
        }
        let (end, length) = self.length(at)?;
        if let Some(end) = self.is(end, Class::Ago) {
            return day(end, Self::add(self.at, -1, &length));
        }
        if let Some(end) = self.is(end, Class::Hence) {
            // A story's own time: `One year later he was fired`, `three days later than planned`.
            let told = self.told.get() && self.toward.get() == Toward::Past;
            let opens = at == 0 || matches!(self.tokens.surface(at - 1), "." | "\n");
            let story = self.named.get() && self.is(end - 1, Class::Story).is_some();
            if story || told && opens && end < self.tokens.len() || self.is(end, Class::Than).is_some() {
                return None;
            }
            return day(end, Self::add(self.at, 1, &length));
        }
        self.offset_from(end, &length)
    }

    /// Whether `in five years` counts backwards, or says how long something took: behind a superlative, or in the past.
    fn looks_back(&self, at: usize) -> bool {
        let peak = (at.saturating_sub(5)..at).any(|at| {
            let superlative = self.tokens.lower(at).len() > 5 && self.words.is_superlative(self.tokens.lower(at));
            superlative || self.is(at, Class::Peak).is_some()
        });
        peak || (self.told.get() && self.toward.get() == Toward::Past)
    }

    /// Behind `from now` and `from today`.
    fn hence(&self, at: usize) -> usize {
        self.is(at, Class::Hence).unwrap_or(at)
    }

    /// `three days after Easter`, `a week from Tuesday`, `a week on Tuesday`.
    fn offset_from(&self, at: usize, length: &Length) -> Read<Value> {
        let (next, sign) = self
            .is(at, Class::Before)
            .map(|next| (next, -1))
            .or_else(|| self.is(at, Class::From).map(|next| (next, 1)))
            .or_else(|| {
                let weeks = length.iter().all(|(_, unit)| matches!(unit, Unit::Week | Unit::Fortnight));
                self.is(at, Class::On).filter(|next| weeks && self.weekday(*next).is_some()).map(|next| (next, 1))
            })?;
        let toward = self.toward.replace(Toward::Future);
        let found = self.point(next);
        self.toward.set(toward);
        let (end, value) = found?;
        let (first, last) = value.resolve(self.at, if value.year.is_none() { Toward::Future } else { toward })?;
        if days_between(first, last) > 40 {
            return None;
        }
        let date = Self::add(first, sign, length)?;
        let (end, date) = match self.is(end, Class::On).and_then(|next| self.weekday(next)) {
            Some((end, weekday)) => (end, plus(monday(date), i32::from(weekday) - 1, Unit::Day)?),
            None => (end, date),
        };
        Some((end, Value::days(date, date)))
    }
}

/// The unit in which a value comes once: `last May` in May is that of the year before.
fn unit_of_value(at: Date, value: Value) -> Option<Days> {
    match value.what {
        What::Month(_) => unit_of(at, Unit::Month, 0),
        What::Quarter(_) => unit_of(at, Unit::Quarter, 0),
        What::Season(_) => {
            let days = value.resolve(at, Toward::Future)?;
            Some(if days.0 <= at { days } else { (at, at) })
        }
        _ => Some((at, at)),
    }
}
