//! Reads the words and numbers that dates are made of.

use std::cell::Cell;

use jiff::civil::Date;

use super::classes::Class;
use super::memo::Memo;
use super::value::{Days, Toward, Value, days_between};
use super::words::{Entry, INSIDE, Readings, Sense, Start, Unit, Words, kind, stand};
use crate::understand::facts::tokens::{Case, Kind, Tokens};

/// What was read up to a token, and the token behind it.
pub(super) type Read<T> = Option<(usize, T)>;

/// A text with the date readings of its words.
pub(super) struct Reader<'a> {
    pub(super) tokens: &'a Tokens<'a>,
    /// What words can be the beginning of.
    pub(super) words: &'static Words,
    /// The day of publication.
    pub(super) at: Date,
    /// Whether 5/6 is the fifth of June.
    pub(super) day_first: bool,
    /// Which way a date without a year lies, here.
    pub(super) toward: Cell<Toward>,
    /// Whether a word tells so.
    pub(super) told: Cell<bool>,
    /// The second end of a range is being read, so that what joins it to the first is no part of a number.
    pub(super) second: Cell<bool>,
    pub(super) points: Memo,
    /// How deep dates inside dates are.
    pub(super) depth: Cell<u8>,
    /// The sentence has named a date before this one.
    pub(super) named: Cell<bool>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tokens: &'a Tokens<'a>, words: &'static Words, at: Date, day_first: bool) -> Self {
        Self {
            tokens,
            words,
            at,
            day_first,
            toward: Cell::new(Toward::Future),
            told: Cell::new(false),
            second: Cell::new(false),
            points: Memo::default(),
            depth: Cell::new(0),
            named: Cell::new(false),
        }
    }

    pub(super) fn resolve(&self, value: Value) -> Option<Days> {
        let days = value.resolve(self.at, self.toward.get())?;
        // Where no tense tells, a day of the last weeks is nearer than one of the next year.
        if !self.told.get() && value.is_open() && matches!(value.what, super::value::What::Day(..)) {
            let past = value.resolve(self.at, Toward::Past)?;
            let (back, ahead) = (days_between(past.1, self.at), days_between(self.at, days.0));
            if back <= 31 && ahead > 150 {
                return Some(past);
            }
        }
        Some(days)
    }

    /// Whether a token may begin a date or be part of one.
    #[inline]
    pub(super) fn knows(&self, at: usize) -> bool {
        self.kinds(at) & INSIDE != 0
    }

    /// The kinds of readings of a token.
    #[inline]
    pub(super) fn kinds(&self, at: usize) -> u128 {
        self.words.kinds(self.tokens.word(at)).0
    }

    #[inline]
    fn readings(&self, at: usize) -> Option<&'static Readings> {
        self.words.get(self.tokens.word(at))
    }

    /// Whether a token has a reading of the same kind as a sense.
    #[inline]
    pub(super) fn has(&self, at: usize, sense: Sense) -> bool {
        self.kinds(at) & kind(sense) != 0
    }

    pub(super) fn start(&self, at: usize) -> Start {
        let Some(readings) = self.readings(at) else { return Start::No };
        if !readings.may_go_on(self.tokens.word(at + 1)) {
            return readings.start;
        }
        let rows = readings.starting.iter().filter(|(_, rest)| stand(rest, self.tokens, at + 1));
        rows.map(|(start, _)| *start).max().unwrap_or(Start::No).max(readings.start)
    }

    /// The first reading at a token that is wanted.
    pub(super) fn sense<T>(&self, at: usize, wanted: impl Fn(Sense) -> Option<T>) -> Read<T> {
        let end = |entry: &Entry| entry.end(self.tokens, at);
        self.readings(at)?.entries.iter().find_map(|entry| {
            let value = wanted(entry.sense)?;
            Some((end(entry)?, value))
        })
    }

    /// Behind a word of a class.
    #[inline]
    pub(super) fn is(&self, at: usize, class: Class) -> Option<usize> {
        let class_kind = kind(Sense::Is(class));
        let (kinds, rows) = self.words.kinds(self.tokens.word(at));
        if kinds & class_kind == 0 {
            return None;
        }
        if rows & class_kind == 0 { Some(at + 1) } else { self.row_of(at, class_kind) }
    }

    /// Behind the words of a class, of which the first stands at a token.
    #[inline(never)]
    fn row_of(&self, at: usize, class_kind: u128) -> Option<usize> {
        let readings = self.readings(at)?;
        if !readings.may_go_on(self.tokens.word(at + 1)) {
            return (readings.single & class_kind != 0).then_some(at + 1);
        }
        readings.entries.iter().filter(|entry| entry.kind == class_kind).find_map(|entry| entry.end(self.tokens, at))
    }

    /// Behind a word of a class, or where it is not.
    pub(super) fn skip(&self, at: usize, class: Class) -> usize {
        self.is(at, class).unwrap_or(at)
    }

    /// Whether a token of a class ends at `at`.
    pub(super) fn before_is(&self, at: usize, class: Class) -> bool {
        at > 0 && self.is(at - 1, class) == Some(at)
    }

    pub(super) fn mark(&self, at: usize, mark: &str) -> Option<usize> {
        (self.tokens.surface(at) == mark).then_some(at + 1)
    }

    pub(super) fn skip_mark(&self, at: usize, mark: &str) -> usize {
        self.mark(at, mark).unwrap_or(at)
    }

    /// Whether there is no space before a token.
    pub(super) fn joined(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| !token.spaced)
    }

    pub(super) fn is_number(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Number)
    }

    /// A number in digits with at most so many of them.
    pub(super) fn digits(&self, at: usize, most: usize) -> Option<i32> {
        let token = self.tokens.get(at).filter(|token| token.kind == Kind::Number)?;
        (token.end - token.start <= most).then(|| self.tokens.surface(at).parse().ok())?
    }

    pub(super) fn width(&self, at: usize) -> usize {
        self.tokens.get(at).map_or(0, |token| token.end - token.start)
    }

    pub(super) fn is_capital(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Word && token.case != Case::Lower)
    }

    /// Whether digits go on behind a number: `1,000`, `4.85`, `10:30`, `5%`.
    fn goes_on(&self, at: usize) -> bool {
        let joined_number = self.is_number(at + 2) && self.joined(at + 2);
        self.joined(at + 1)
            && (matches!(self.tokens.surface(at + 1), "%" | "°")
                || (joined_number && matches!(self.tokens.surface(at + 1), "," | "." | ":")))
    }

    /// A count: digits, or words up to ninety-nine.
    pub(super) fn number(&self, at: usize) -> Read<i32> {
        if self.is_number(at) {
            return (!self.goes_on(at)).then(|| self.digits(at, 5)).flatten().map(|number| (at + 1, number));
        }
        self.number_word(at)
    }

    pub(super) fn number_word(&self, at: usize) -> Read<i32> {
        if !self.has(at, Sense::Number(0)) {
            return None;
        }
        let word = |sense| if let Sense::Number(number) = sense { Some(number) } else { None };
        let (end, number) = self.sense(at, word)?;
        if number >= 20 && number % 10 == 0 {
            let next = self.skip_mark(end, "-");
            if let Some((end, ones)) = self.sense(next, word).filter(|(_, ones)| *ones < 10)
                && self.is(next, Class::Article).is_none()
            {
                return Some((end, number + ones));
            }
        }
        Some((end, number))
    }

    /// `11th`, `first`, `twenty-first`; up to 39.
    pub(super) fn ordinal(&self, at: usize) -> Read<i32> {
        if let Some(number) = self.digits(at, 2) {
            let end = self.is(at + 1, Class::Suffix).filter(|_| self.joined(at + 1))?;
            return Some((end, number));
        }
        if !self.has(at, Sense::Ordinal(0)) && !self.has(at, Sense::Number(0)) {
            return None;
        }
        let word = |sense| if let Sense::Ordinal(number) = sense { Some(number) } else { None };
        if let Some(found) = self.sense(at, word) {
            return Some(found);
        }
        let (end, tens) = self.sense(at, |sense| match sense {
            Sense::Number(number) if number >= 20 && number % 10 == 0 => Some(number),
            _ => None,
        })?;
        let (end, ones) = self.sense(self.skip_mark(end, "-"), word)?;
        (ones < 10).then_some((end, tens + ones))
    }

    /// A day of a month: digits, an ordinal, or a number in words.
    pub(super) fn day(&self, at: usize) -> Read<i8> {
        let found = self.ordinal(at).or_else(|| {
            if self.is_number(at) {
                return self.plain_day(at);
            }
            self.number_word(at).filter(|_| self.is(at, Class::Article).is_none())
        });
        let (end, day) = found?;
        // German writes a dot behind an ordinal.
        let dotted = self.day_first && self.is_number(end - 1) && self.joined(end) && !self.is_number(end + 1);
        let end = if dotted { self.skip_mark(end, ".") } else { end };
        i8::try_from(day).ok().filter(|day| (1..=31).contains(day)).map(|day| (end, day))
    }

    fn plain_day(&self, at: usize) -> Read<i32> {
        let before = if at > 0 { self.tokens.surface(at - 1) } else { "" };
        let money = matches!(before, "$" | "€" | "£" | "¥" | "#");
        let follows = at > 1 && self.joined(at) && matches!(before, "," | "." | ":") && self.is_number(at - 2);
        if self.goes_on(at) || follows || money {
            return None;
        }
        self.digits(at, 2).map(|day| (at + 1, day))
    }

    /// Behind the dot of an abbreviation that ends at `end`.
    fn dot(&self, start: usize, end: usize) -> usize {
        let short = end == start + 1 && self.width(start) <= 4 && self.joined(end);
        // At the end of a sentence the dot is the sentence's.
        let goes_on = self.tokens.get(end + 1).is_some_and(|token| {
            token.kind == Kind::Number || matches!(self.tokens.surface(end + 1), "," | "-" | "–" | "/")
        });
        if short && (goes_on || self.knows(end + 1)) { self.skip_mark(end, ".") } else { end }
    }

    pub(super) fn month(&self, at: usize) -> Read<i8> {
        if !self.has(at, Sense::Month(0)) {
            return None;
        }
        let (end, month) = self.sense(at, |sense| if let Sense::Month(it) = sense { Some(it) } else { None })?;
        Some((self.dot(at, end), month))
    }

    pub(super) fn weekday(&self, at: usize) -> Read<i8> {
        if !self.has(at, Sense::Weekday(0)) {
            return None;
        }
        let (end, day) = self.sense(at, |sense| if let Sense::Weekday(it) = sense { Some(it) } else { None })?;
        Some((self.dot(at, end), day))
    }

    pub(super) fn unit(&self, at: usize) -> Read<Unit> {
        if !self.has(at, Sense::Unit(Unit::Day)) {
            return None;
        }
        self.sense(at, |sense| if let Sense::Unit(it) = sense { Some(it) } else { None })
    }

    /// A year behind something that a year can stand behind: four digits, two digits, or words.
    pub(super) fn year(&self, at: usize) -> Read<i16> {
        self.full_year(at).or_else(|| self.short_year(at))
    }

    /// Four digits or words, with an era.
    pub(super) fn full_year(&self, at: usize) -> Read<i16> {
        let (end, year) = if self.is_number(at) {
            let year = self.digits(at, 4).filter(|_| self.width(at) == 4)?;
            if self.goes_on(at) || !(1000..=2999).contains(&year) {
                return None;
            }
            (at + 1, year)
        } else {
            self.year_in_words(at)?
        };
        let (end, year) = match (self.is(end, Class::Ad), self.is(end, Class::Buddhist)) {
            (Some(end), _) => (end, year),
            (_, Some(end)) => (end, year - 543),
            _ if self.is(end, Class::Bc).is_some() => return None,
            _ => (end, year),
        };
        i16::try_from(year).ok().map(|year| (end, year))
    }

    /// `'96` and `96`; near the year of publication, at most 30 years ahead.
    fn short_year(&self, at: usize) -> Read<i16> {
        let at = self.mark(at, "'").or_else(|| self.mark(at, "’")).unwrap_or(at);
        let year = self.digits(at, 2).filter(|_| self.width(at) == 2 && !self.goes_on(at))?;
        let follows = self.tokens.surface(at + 1);
        if self.is(at + 1, Class::Meridiem).is_some() || matches!(follows, "%" | ":" | "/") {
            return None;
        }
        self.century_of(year).map(|year| (at + 1, year))
    }

    /// The full year of two digits.
    pub(super) fn century_of(&self, year: i32) -> Option<i16> {
        let this = i32::from(self.at.year());
        let near = this.div_euclid(100) * 100 + year;
        let near = if near > this + 20 { near - 100 } else { near };
        i16::try_from(near).ok()
    }

    /// `two thousand (and) fifteen`, `nineteen eighty six`, `nineteen oh one`.
    fn year_in_words(&self, at: usize) -> Read<i32> {
        let (end, high) = self.number_word(at).filter(|_| self.is(at, Class::Article).is_none())?;
        if let Some(end) = self.is(end, Class::Thousand) {
            if !(1..=2).contains(&high) {
                return None;
            }
            let rest = self.number_word(self.skip(end, Class::And)).filter(|(_, low)| *low < 100);
            return Some(rest.map_or((end, 1000 * high), |(end, low)| (end, 1000 * high + low)));
        }
        if !(15..=20).contains(&high) {
            return None;
        }
        let end = self.skip_mark(end, "-");
        if let Some(end) = self.is(end, Class::Zero) {
            return self.number_word(end).filter(|(_, low)| *low < 10).map(|(end, low)| (end, 100 * high + low));
        }
        self.number_word(end).filter(|(_, low)| (10..100).contains(low)).map(|(end, low)| (end, 100 * high + low))
    }
}

/// The longer of two readings; of equals the first.
pub(super) fn longer<T>(one: Read<T>, other: Read<T>) -> Read<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.0 > one.0 { other } else { one }),
        (one, other) => one.or(other),
    }
}
