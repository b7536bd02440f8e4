//! What looks like a date and is none.

use super::classes::Class;
use super::reader::Reader;
use super::value::{Value, What};
use super::words::{Sense, Start, Unit};
use crate::understand::facts::tokens::{Case, Kind};

/// So many words lead to a date at most: `in the first two weeks`.
const LEAD_MAX: usize = 5;

impl Reader<'_> {
    /// Whether a date may begin at a token; most tokens are let go here.
    pub(super) fn may_begin(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        match token.kind {
            Kind::Number => self.may_begin_with_number(at),
            // `'70s`; `-3 days` is all that a text says.
            Kind::Mark
                if matches!(self.tokens.surface(at), "'" | "’")
                    || at == 0 && matches!(self.tokens.surface(at), "-" | "+") =>
            {
                self.is_number(at + 1) && self.joined(at + 1) || self.begins(at)
            }
            Kind::Word | Kind::Mark => token.word.is_known() && self.begins(at),
        }
    }

    fn begins(&self, at: usize) -> bool {
        match self.start(at) {
            Start::Strong => true,
            Start::Weak => matches!(self.tokens.surface(at + 1), "'" | "’") || self.promises(at),
            Start::No => false,
        }
    }

    fn may_begin_with_number(&self, at: usize) -> bool {
        if self.width(at) >= 4 || self.before_is(at, Class::On) {
            return true;
        }
        match self.tokens.surface(at + 1) {
            ":" => true,
            "/" | "-" | "." | "–" | "—" | "~" => {
                self.is_word(at + 2) || self.is_number(at + 2) && !self.inside_number(at)
            }
            "," => self.is_row(at) || self.before_is(at, Class::For) || self.before_is(at, Class::FromTo),
            _ => self.knows(at + 1),
        }
    }

    fn is_word(&self, at: usize) -> bool {
        self.knows(at) && self.tokens[at].kind == Kind::Word
    }

    /// Whether a row of days that follow each other begins at a number, with a word of dates behind it: `9, 10 and 11 July`.
    fn is_row(&self, at: usize) -> bool {
        let (mut end, mut last) = (at + 1, self.digits(at, 2));
        while let Some(day) = last {
            let next = self.skip(self.skip_mark(end, ","), Class::And);
            if next == end || self.digits(next, 2) != Some(day + 1) {
                break;
            }
            (end, last) = (next + 1, Some(day + 1));
        }
        end > at + 1 && self.is_word(end)
    }

    /// Whether words that can begin a date lead to what one cannot do without; `in the` and `for a` mostly do not.
    fn promises(&self, at: usize) -> bool {
        // `nineteen eighty six`
        let century = |sense| matches!(sense, Sense::Number(15..=20)).then_some(());
        let may_be_year = self.has(at, Sense::Number(0)) && self.sense(at, century).is_some();
        for next in at..at + LEAD_MAX {
            if next > at && (self.is_number(next) || self.start(next) == Start::Strong) {
                return true;
            }
            let year = next > at && may_be_year && self.has(next, Sense::Number(0));
            let told = year
                || self.has(next, Sense::Unit(Unit::Day)) && next > at
                || self.has(next, Sense::Weekdays(0))
                || self.has(next, Sense::Decades(0))
                || self.has(next, Sense::Is(Class::Thousand))
                || self.has(next, Sense::Is(Class::Now));
            if told {
                return true;
            }
            if !self.knows(next) && self.tokens.surface(next) != "-" {
                return false;
            }
        }
        false
    }

    /// Whether what ends at `end` is joined to a word by a hyphen: `month-long`.
    fn is_compound(&self, end: usize) -> bool {
        let word = self.tokens.get(end + 1).is_some_and(|token| token.kind == Kind::Word && !token.spaced);
        word && self.joined(end) && self.mark(end, "-").is_some() && !self.knows(end + 1)
    }

    /// Behind words that hold a date's words and are none.
    pub(super) fn trap(&self, at: usize) -> Option<usize> {
        let number =
            self.is_number(at) && self.joined(at + 1) && self.joined(at + 2) && self.mark(at + 1, "/").is_some();
        if number
            && matches!((self.tokens.surface(at), self.tokens.surface(at + 2)), ("24" | "7", "7") | ("9", "11"))
            && !self.before_is(at, Class::On)
            && !self.joined(at + 3)
        {
            return Some(at + 3);
        }
        self.is(at, Class::Trap)
    }

    /// Whether what was read from `at` to `end` is a date in its surroundings.
    pub(super) fn is_plausible(&self, at: usize, end: usize, value: Value) -> bool {
        if self.is_compound(end) {
            return false;
        }
        let single = end == at + 1 || (end == at + 2 && self.is(at, Class::The).is_some());
        let word = end - 1;
        match value.what {
            What::Year if single && self.is_number(word) => self.is_year(word, value.year.unwrap_or(0)),
            What::Month(month) if value.year.is_none() => self.is_month(at, end) && !self.has_too_late_a_day(at, month),
            What::Weekday(_) => self.is_weekday(at, end),
            // `the Winter Olympics`
            What::Season(_) if value.year.is_none() && self.is_capital(word) && self.is_name(end) => false,
            What::Season(_) if value.year.is_none() => {
                (self.is_cued_word(at) || (at > 0 && self.is_capital(at)))
                    && !(self.before_is(at, Class::To) || self.before_is(at, Class::Modal))
                    || self.is(at, Class::The).is_some()
            }
            What::Quarter(_) if value.year.is_none() => {
                !self.is_number(end) && self.is(end, Class::Share).is_none() && self.tokens.surface(end) != "-"
            }
            _ => self.is_whole(at, end),
        }
    }

    /// Words joined to what stands beside them are parts of others; what is owned by nobody is no time.
    fn is_whole(&self, at: usize, end: usize) -> bool {
        // `the day`, `the week` are dates only as the parts of something.
        let owned = self.is(at, Class::Own).is_some_and(|next| self.unit(next).is_some_and(|(after, _)| after == end));
        !owned || self.is_owned_time(at, end)
    }

    /// `partner of the week`, `for the month`, `end the day`: not `the day he left`.
    fn is_owned_time(&self, at: usize, end: usize) -> bool {
        let closed = self.tokens.get(end).is_none_or(|token| token.kind == Kind::Mark && token.start > 0)
            && !matches!(self.tokens.surface(end), "-" | "'" | "’");
        let single = self.tokens.len() == end - at;
        let goes_on = self.is(end, Class::GoesOn).is_some();
        let unit = self.unit(end - 1).map(|(_, unit)| unit);
        // `over the weekend`, but `over the day` is how long something took.
        single && unit.is_some_and(|unit| unit != Unit::Day)
            || (closed || goes_on)
                && (self.before_is(at, Class::Owner) || self.before_is(at, Class::Over) && unit != Some(Unit::Day))
    }

    /// Whether a name goes on at a token.
    fn is_name(&self, at: usize) -> bool {
        self.is_capital(at) && !self.knows(at) && !self.joined(at)
    }

    fn is_cued_word(&self, at: usize) -> bool {
        at > 0 && (self.before_is(at, Class::Cue) || self.before_is(at, Class::The) || self.before_is(at, Class::In))
    }

    /// Four digits are a year if they count nothing and stand where a year stands.
    fn is_year(&self, at: usize, year: i16) -> bool {
        let this = self.at.year();
        if !(1500..=this.saturating_add(80)).contains(&year) {
            return false;
        }
        let before = at.checked_sub(1).map_or("", |before| self.tokens.surface(before));
        let joined = self.joined(at) && at > 0 && !matches!(before, "(" | "'" | "\"" | "“" | "‘" | "–" | "—" | "[");
        let after = self.tokens.surface(at + 1);
        let bound = self.joined(at + 1)
            && !matches!(
                after,
                "." | "," | ";" | ":" | ")" | "'" | "\"" | "?" | "!" | "”" | "’" | "'s" | "’s" | "]" | "–" | "—" | "-"
            );
        let money = matches!(before, "$" | "€" | "£" | "¥" | "#")
            || self.before_is(at, Class::Numbered)
            || matches!(after, "%" | "°" | "$" | "€" | "£" | "¥" | "+" | "=" | "*");
        let number_follows =
            self.is_number(at + 1) || (after == "-" && self.is_number(at + 2) || after == ":" && self.joined(at + 2));
        // `February 29, 2022` is no date, and its year none.
        let broken = before == "," && at > 1 && self.is_number(at - 2) && self.month(at.saturating_sub(3)).is_some();
        if joined || bound || money || number_follows || broken {
            return false;
        }
        let lower_after =
            self.tokens.get(at + 1).is_some_and(|token| token.kind == Kind::Word && token.case == Case::Lower);
        let cued = at > 0 && self.before_is(at, Class::YearCue);
        let counts =
            lower_after && self.tokens.lower(at + 1).len() > 3 && self.words.is_plural(self.tokens.lower(at + 1));
        if cued {
            let unit = self.unit(at + 1).is_some();
            let closes = self.tokens.get(at + 2).is_none_or(|token| token.kind == Kind::Mark);
            let dated = self.before_is(at, Class::The) || (self.before_is(at, Class::In) && !closes);
            return !unit && (!counts || dated);
        }
        // Without a cue: before a noun (`the 2011 version`), or closing a name (`Conference 2010`).
        let alone = self.tokens.len() == 1;
        let name_before = at > 0 && self.is_capital(at - 1) && self.tokens[at - 1].case != Case::Upper;
        // `the Russell 2000 Index`
        if name_before && self.is_capital(at + 1) && !self.knows(at - 1) && !self.knows(at + 1) {
            return false;
        }
        let listed = matches!(before, "(" | "," | "/" | "–" | "=" | ">") || self.before_is(at, Class::Listed);
        let text_before = at > 0 && self.tokens[at - 1].kind == Kind::Word && self.tokens[at - 1].case == Case::Lower;
        !alone && !counts && (1900..=this.saturating_add(20)).contains(&year) && (name_before || listed || text_before)
    }

    fn is_month(&self, at: usize, end: usize) -> bool {
        let start = self.skip(at, Class::The);
        let verb = self.is(end, Class::BehindVerb).is_some();
        let doubtful = self.sense(start, |sense| (sense == Sense::Is(Class::Doubtful)).then_some(())).is_some();
        let marked = self.joined(start) && start > 0 && matches!(self.tokens.surface(start - 1), "$" | "-" | "@" | "#");
        if marked && self.tokens.surface(start - 1) != "-" {
            return false;
        }
        let is_verb = self.is(start, Class::Verb).is_some();
        if doubtful {
            let alone = self.tokens.len() == end - at && is_verb && self.is_capital(start);
            let said =
                self.is_cued_word(start) && (self.is_capital(start) || self.before_is(start, Class::In) || !is_verb);
            // `president may`: a modal behind its subject.
            return alone || (said && !(is_verb && verb && !self.before_is(start, Class::In)));
        }
        let forename = self.is(start, Class::Forename).is_some();
        !(forename && self.is_capital(end) && !self.is_cued_word(start))
    }

    /// `31 November` is no day, and does not mean the month.
    fn has_too_late_a_day(&self, at: usize, month: i8) -> bool {
        let most = jiff::civil::Date::new(self.at.year(), month, 1).map_or(31, jiff::civil::Date::days_in_month);
        let day = at.checked_sub(1).and_then(|before| self.digits(before, 2));
        day.is_some_and(|day| day <= 31 && day > i32::from(most))
    }

    fn is_weekday(&self, at: usize, end: usize) -> bool {
        let start = self.skip(at, Class::The);
        let doubtful = self.is(start, Class::Doubtful).is_some();
        let alone = self.tokens.len() <= end - at + 1;
        if doubtful {
            let titled = self.is_capital(start) && self.is(start, Class::Thing).is_none();
            return alone || (titled && at > 0) || self.before_is(start, Class::On) && self.is_capital(start);
        }
        // `the Sunday Times`
        !(start > at && self.is_capital(end))
    }
}
