//! Days and ranges of days.
//!
//! Three layers: what a date looks like (`calendar`, `relative`, `compose`, `range`: a grammar over tokens), what it means
//! (`value`: days, or something that comes again), and which one is meant (`toward`: the tense around it, and the day of
//! publication). The grammar knows classes of words, never words; those are the lists of a language.

mod calendar;

mod classes;

mod compose;

mod holidays;

mod memo;

mod plausible;

mod range;

mod reader;

mod relative;

mod toward;

mod value;

mod words;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::ops::Range;

use super::tokens::Tokens;
use super::{Anchor, Date, Language};
use classes::Class;
use reader::Reader;
use toward::Tense;
use value::{Toward, Value};

/// All lists of words.
pub(super) fn lists() -> impl Iterator<Item = &'static str> {
    words::LISTS.into_iter().chain(toward::LISTS)
}

/// Behind so many tokens the words of a date are taken to have ended.
const DATE_REACH: usize = 14;

/// A date and the tokens that name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) tokens: Range<usize>,
    pub(super) date: Date,
}

/// A text in which dates are read.
pub(super) struct Reading<'a> {
    reader: Reader<'a>,
    tense: Tense<'a>,
    /// The date that is being read goes on a row of dates.
    row: Cell<bool>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(tokens: &'a Tokens<'a>, anchor: &Anchor, language: Language) -> Self {
        let day_first = anchor.day_first.unwrap_or(language == Language::German);
        let reader = Reader::new(tokens, words::words(language), anchor.day(), day_first);
        Self { reader, tense: Tense::new(tokens, language), row: Cell::new(false) }
    }

    /// All dates of the text.
    pub(super) fn dates(&self) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        let mut at = 0;
        for sentence in self.reader.tokens.sentences() {
            // A date may reach over what looked like the end of a sentence: `16. Nov.`
            at = at.max(sentence.start);
            while at < sentence.end {
                if !self.reader.may_begin(at) {
                    at += 1;
                    continue;
                }
                // `Friday and Saturday` look the same way.
                let row = found.last().is_some_and(|before| self.follows(before.tokens.end, at));
                self.row.set(row);
                let named = found.last().is_some_and(|before| before.tokens.start >= sentence.start);
                self.reader.named.set(named);
                match self.date(sentence, at) {
                    Some((end, date)) => {
                        found.extend(date.map(|date| Found { tokens: at..end, date }));
                        at = end.max(at + 1);
                    }
                    None => at += 1,
                }
            }
        }
        self.row.set(false);
        found
    }

    /// Whether a date may begin at a token.
    pub(super) fn begins_date(&self, at: usize) -> bool {
        self.reader.may_begin(at) && self.reader.start(at) == words::Start::Strong
    }

    /// Whether the word at a token tells a past; `None` where it tells of no time.
    pub(super) fn tells_past(&self, at: usize) -> Option<bool> {
        self.tense.tells_past(at)
    }

    /// Whether only `and` or a comma stands between two tokens.
    fn follows(&self, end: usize, at: usize) -> bool {
        end + 1 == at && (self.reader.is(end, Class::And) == Some(at) || self.reader.mark(end, ",") == Some(at))
    }

    /// The two dates of a range that says `from` and `to`, where each can stand alone.
    pub(super) fn ends(&self, sentence: &Range<usize>, found: &Found) -> Option<(Date, Date)> {
        let reader = &self.reader;
        let to = found
            .tokens
            .clone()
            .find(|at| reader.tokens[*at].kind == super::tokens::Kind::Word && reader.is(*at, Class::To).is_some())?;
        let start = reader.skip(found.tokens.start, Class::FromTo);
        reader.points.enter(reader.told.get(), reader.named.get());
        let alone = |at: usize| {
            let (end, value) = reader.point(at)?;
            self.look(sentence, at);
            let date = self.meant(at, end, value)?;
            self.ahead(&Found { tokens: at..end, date })
        };
        let new = alone(reader.is(to, Class::To)?)?;
        // `from 3 to 10 December`: the first has its month from the second.
        let shared = || {
            let first = new.first.checked_sub(found.date.first.until(found.date.last).ok()?).ok()?;
            Some(Date { span: reader.tokens.span(start..to), first, last: first, ..new.clone() })
        };
        Some((alone(start).or_else(shared)?, new))
    }

    /// The same date as one to come, where its words leave that open.
    pub(super) fn ahead(&self, found: &Found) -> Option<Date> {
        self.looking(found, Toward::Future)
    }

    /// The same date as a past one, where its words leave that open.
    pub(super) fn back(&self, found: &Found) -> Option<Date> {
        self.looking(found, Toward::Past)
    }

    fn looking(&self, found: &Found, toward: Toward) -> Option<Date> {
        if !found.date.inferred {
            return Some(found.date.clone());
        }
        self.reader.toward.set(toward);
        self.reader.told.set(true);
        self.reader.points.enter(true, self.reader.named.get());
        // One end of a range begins like the whole of it.
        let whole = self.reader.range(found.tokens.start).filter(|(end, _)| *end <= found.tokens.end);
        let (end, value) = whole.or_else(|| self.reader.point(found.tokens.start))?;
        self.reader.toward.set(toward);
        let (first, last) = self.reader.resolve(value)?;
        // Of several in a row only the first was read again.
        let length = found.date.first.until(found.date.last).ok().filter(|_| end < found.tokens.end);
        let last = length.and_then(|length| first.checked_add(length).ok()).unwrap_or(last);
        Some(Date { first, last, why: why(value, toward, true), ..found.date.clone() })
    }

    /// The date at a token, if it is one; where the words of a date are none, where they end.
    fn date(&self, sentence: &Range<usize>, at: usize) -> Option<(usize, Option<Date>)> {
        let reader = &self.reader;
        if let Some(end) = reader.trap(at) {
            return Some((end, None));
        }
        self.look(sentence, at);
        reader.points.enter(reader.told.get(), reader.named.get());
        let (end, value) = reader.range(at)?;
        if !reader.is_plausible(at, end, value) {
            return Some((at + 1, None));
        }
        Some((end, Some(self.meant(at, end, value)?)))
    }

    /// Takes up the direction at a token.
    fn look(&self, sentence: &Range<usize>, at: usize) {
        let reader = &self.reader;
        if self.row.get() {
            return;
        }
        let known = |at: &usize| reader.knows(*at) || reader.is_number(*at);
        let behind = (at..sentence.end).take(DATE_REACH).find(|at| !known(at));
        let mut found = self.tense.around(sentence, at, behind.unwrap_or(sentence.end));
        // `called a rally for Sunday`
        let day = || {
            reader.weekday(at).is_some()
                || reader.is_number(at)
                || reader.month(at).is_some_and(|(end, _)| reader.is_number(end))
        };
        if reader.before_is(at, Class::For) && day() {
            found = (Toward::Future, true);
        }
        // `postponed to 5 July`
        let leads_on = [Class::To, Class::FromTo, Class::For].into_iter().any(|class| reader.before_is(at, class));
        if found.0 == Toward::Nearest && leads_on {
            found = (Toward::Future, true);
        }
        // `announced a strike for 4 December`
        let is_day = reader.is_number(at) || reader.is_number(at + 1);
        if found.0 == Toward::Past && reader.before_is(at, Class::For) && is_day {
            found = (Toward::Nearest, true);
        }
        let (toward, told) = found;
        reader.toward.set(toward);
        reader.told.set(told);
    }

    /// The days of a date, as the direction that was taken up gives them.
    fn meant(&self, at: usize, end: usize, value: Value) -> Option<Date> {
        let (toward, told) = (self.reader.toward.get(), self.reader.told.get());
        let (first, last) = self.reader.resolve(value)?;
        let span = self.reader.tokens.span(at..end);
        Some(Date { span, first, last, inferred: value.is_open(), why: why(value, toward, told) })
    }
}

fn why(value: Value, toward: Toward, told: bool) -> &'static str {
    match (value.is_open(), toward, told) {
        (false, ..) => "as said",
        (true, Toward::Nearest, _) => "the nearest to publication, as what was changed may be on either side of it",
        (true, Toward::Past, _) => "the last before publication, by the tense",
        (true, Toward::Future, true) => "the next after publication, by the tense",
        (true, Toward::Future, false) => "the next after publication, as no tense tells",
    }
}
