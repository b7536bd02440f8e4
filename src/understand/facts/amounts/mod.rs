//! Sums of money: `$1.5bn`, `around 40 billion euros`, `half a billion dollars`, `3 dollars 50 cents`.

mod currencies;

mod numbers;

use super::tokens::{Case, Kind, Tokens};
use super::vocabulary::Vocabulary;
use super::{Amount, Language};
use crate::understand::words::money;
use currencies::{CURRENCIES, Name};
use numbers::{Part, Parts, round};

/// All lists of words.
pub(super) fn lists() -> impl Iterator<Item = &'static str> {
    numbers::LISTS.into_iter().chain([money::CURRENCIES])
}

/// The sums of money of a text.
pub(super) fn amounts(tokens: &Tokens<'_>, language: Language) -> Vec<Amount> {
    let parts = numbers::words(language);
    let reader = Reader { tokens, parts, decimal: if language == Language::German { "," } else { "." } };
    let mut amounts = Vec::new();
    let mut at = 0;
    // What a range lends to its other end: `$5 to 10 million`.
    let mut lent: Option<(usize, &'static str)> = None;
    let mut money = 0;
    while at < tokens.len() {
        while money < tokens.len() && (money < at || !reader.is_money(money)) {
            money += 1;
        }
        let awaited = lent.is_some_and(|(from, _)| at <= from);
        if !awaited && money == tokens.len() {
            break;
        }
        if !awaited && money - at > REACH {
            at = money - REACH;
            continue;
        }
        let mut read = reader.amount(at);
        if read.is_none()
            && let Some((_, currency)) = lent.filter(|(from, _)| *from == at)
        {
            let close = matches!(tokens.surface(at - 1), "-" | "–" | "—" | "to" | "bis");
            let worth = reader.value(at).filter(|(_, _, large)| *large || (close && reader.is_number(at)));
            read = worth.map(|(end, value, _)| (end, value, currency));
        }
        let Some((end, value, currency)) = read else {
            at += 1;
            continue;
        };
        amounts.push(Amount { span: tokens.span(at..end), value, currency });
        lent = reader.is(end, Part::To).then_some((end + 1, currency));
        at = end;
    }
    amounts
}

/// The length of a code of three letters with a letter that multiplies it.
const MULTIPLIED_CODE: usize = 4;

/// No number has more tokens than this before the money that it counts.
const REACH: usize = 40;

struct Reader<'a> {
    tokens: &'a Tokens<'a>,
    parts: &'static Parts,
    /// What stands before decimals.
    decimal: &'static str,
}

impl Reader<'_> {
    fn part<T>(&self, at: usize, wanted: impl Fn(Part) -> Option<T>) -> Option<T> {
        self.parts.get(self.tokens.word(at))?.iter().find_map(|part| wanted(*part))
    }

    fn is(&self, at: usize, wanted: Part) -> bool {
        self.part(at, |part| (part == wanted).then_some(())).is_some()
    }

    fn skip(&self, at: usize, wanted: Part) -> usize {
        if self.is(at, wanted) { at + 1 } else { at }
    }

    fn joined(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| !token.spaced)
    }

    fn is_number(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Number)
    }

    /// Whether a token may name money; without one near there is no sum.
    fn is_money(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        CURRENCIES.names.get(token.word).is_some()
            || CURRENCIES.hundredths.get(token.word).is_some()
            || token.end - token.start == MULTIPLIED_CODE && matches!(token.case, Case::Upper | Case::Mixed)
    }

    /// A sum of money that begins at a token.
    fn amount(&self, at: usize) -> Option<(usize, f64, &'static str)> {
        let token = self.tokens.get(at)?;
        // Most tokens are words that are no part of a sum.
        if token.kind == Kind::Word && !token.word.is_known() && token.end - token.start != MULTIPLIED_CODE {
            return None;
        }
        let numeric = token.kind == Kind::Number || self.parts.get(token.word).is_some();
        if numeric && let Some(found) = self.behind_number(at) {
            return Some(found);
        }
        self.before_number(at)
    }

    /// `$1.5bn`, `EUR 500m`, `c $ 300 million`, `Rs 500 crore`, `MUSD 60`.
    fn before_number(&self, at: usize) -> Option<(usize, f64, &'static str)> {
        let lettered = at > 0 && self.joined(at) && self.tokens[at - 1].kind == Kind::Word;
        if lettered {
            return None;
        }
        let (next, code, factor) = self.sign(at)?;
        let next = if self.tokens.surface(next) == "." && self.joined(next) { next + 1 } else { next };
        if !self.is_number(next) && self.number_word(next).is_none() {
            return None;
        }
        let (end, value, _) = self.value(next)?;
        let value = self.lent_by_range(end, value);
        // `$ 10 dollars` says it twice.
        let end = match self.name(end) {
            Some((after, name)) if name.code == code && !name.sign && !self.is_number(after) => after,
            _ => end,
        };
        Some((end, value * factor, code))
    }

    /// A sign or a code before its number.
    fn sign(&self, at: usize) -> Option<(usize, &'static str, f64)> {
        let names = CURRENCIES.names.get(self.tokens.word(at));
        let next_number =
            |end: usize| self.is_number(end) || self.number_word(end).is_some() || self.tokens.surface(end) == ".";
        let found = names.into_iter().flatten().find_map(|name| {
            let end = self.end(at, name)?;
            // `A$5`, and in texts with loose tokens `C $ 5`, but not `a $5 fee`.
            let letter = end == at + 2 && self.tokens.surface(at).len() == 1 && self.tokens[at + 1].spaced;
            if letter && self.tokens.lower(at) != "c" {
                return None;
            }
            let capital = self.tokens.surface(at).chars().any(char::is_uppercase) || self.tokens[at].kind == Kind::Mark;
            // A code in lower case can be a word: `all 5`, `try 3`.
            // A code with one capital is a word or a name: `Bob 3`.
            let code = self.tokens[at].case != Case::Title && (capital || !self.is_english_word(at));
            let dollar = name.dollar;
            let sure = name.sign && if name.is_code { code } else { capital || dollar };
            let written_out =
                !name.sign && name.rest.is_empty() && self.tokens.lower(at) == "dollar" && self.is_number(end);
            let usual = !name.sign
                && name.rest.is_empty()
                && self.tokens.surface(at).len() <= 3
                && self.is_number(end)
                && !self.is_english_word(at);
            let money = matches!(self.tokens.lower(at), "rs" | "rmb");
            ((sure || written_out || usual || money) && next_number(end)).then_some((end, name.code, 1.0))
        });
        found.or_else(|| self.multiplied_code(at).filter(|(end, ..)| self.is_number(*end)))
    }

    /// Codes that are words of English as well.
    fn is_english_word(&self, at: usize) -> bool {
        matches!(
            self.tokens.lower(at),
            "all"
                | "try"
                | "top"
                | "cup"
                | "mad"
                | "pen"
                | "cop"
                | "bob"
                | "ron"
                | "r"
                | "rm"
                | "tl"
                | "ft"
                | "sh"
                | "bs"
                | "rub"
                | "gel"
                | "ils"
                | "php"
                | "sar"
                | "won"
                | "nis"
                | "dh"
                | "rp"
                | "lei"
        )
    }

    /// `MAUD`, `kEUR`: a multiple and a code in one word.
    fn multiplied_code(&self, at: usize) -> Option<(usize, &'static str, f64)> {
        let word = self.tokens.surface(at);
        if word.len() != MULTIPLIED_CODE {
            return None;
        }
        let (first, code) = (word.get(..1)?, word.get(1..)?);
        if !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let factor = match first {
            "M" | "m" => 1e6,
            "k" | "K" | "T" => 1e3,
            "B" | "b" => 1e9,
            _ => return None,
        };
        let code = Vocabulary::get().find(&self.tokens.lower(at)[1..]);
        let name = CURRENCIES.names.get(code)?.iter().find(|name| name.is_code)?;
        Some((at + 1, name.code, factor))
    }

    /// `40 billion euros`, `115USD`, `3 dollars 50 cents`, `75 USD million`, `half a million pounds`.
    fn behind_number(&self, at: usize) -> Option<(usize, f64, &'static str)> {
        let inside =
            at > 1 && self.joined(at) && matches!(self.tokens.surface(at - 1), "." | ",") && self.is_number(at - 2);
        if inside {
            return None;
        }
        let (end, value, large) = self.value(at)?;
        let value = self.lent_by_range(end, value);
        let of = if large { self.skip(end, Part::Of) } else { end };
        let of = if self.tokens.surface(of) == "-" && self.joined(of) && self.joined(of + 1) { of + 1 } else { of };
        if let Some((next, code, factor)) = self.multiplied_code(of).filter(|(next, ..)| !self.is_number(*next)) {
            return Some((next, value * factor, code));
        }
        if let Some(code) = CURRENCIES.hundredths.get(self.tokens.word(end)).copied().flatten().filter(|_| !large) {
            return Some((end + 1, value / 100.0, code));
        }
        let Some((next, name)) = self.name(of) else { return self.first_of_two(at, end, value, large) };
        let cents = self.hundredths(next, name.code);
        if let Some((end, hundredths)) = cents {
            return Some((end, round(value + hundredths), name.code));
        }
        // In `3 USD50` the code belongs to what follows, in `1 $ 10` the sign.
        let is_mark = self.tokens[next - 1].kind == Kind::Mark;
        let belongs_on = self.is_number(next) && (self.joined(next) || is_mark);
        if belongs_on || (name.code == "KRW" && !large && value < 100.0) || self.is_no_money(at, next, name) {
            return None;
        }
        if name.is_code
            && self.is_english_word(next - 1)
            && self.tokens.surface(next - 1).chars().any(char::is_lowercase)
        {
            return None;
        }
        if let Some(multiple) = self.multiplier(next).filter(|multiple| *multiple >= 1e3 && !large) {
            return Some((next + 1, value * multiple, name.code));
        }
        match self.bare_hundredths(next).filter(|_| !large && !is_mark) {
            Some((end, hundredths)) => Some((end, round(value + hundredths), name.code)),
            None => Some((next, value, name.code)),
        }
    }

    /// `between 2 and 3 billion dollars`, `from 40m to 50m euros`: what is said of the second is true of the first.
    fn first_of_two(&self, at: usize, end: usize, value: f64, large: bool) -> Option<(usize, f64, &'static str)> {
        let led = at > 0 && self.is(at - 1, Part::Between);
        if !led || !self.is(end, Part::To) {
            return None;
        }
        let (after, second, second_large) = self.value(end + 1)?;
        let (_, name) = self.name(if second_large { self.skip(after, Part::Of) } else { after })?;
        let multiple = match self.digits(end + 1) {
            Some((_, bare)) if !large && bare > value => second / bare,
            _ => 1.0,
        };
        Some((end, round(value * multiple), name.code))
    }

    /// Pounds of weight, marks at school, real things.
    fn is_no_money(&self, at: usize, end: usize, name: &Name) -> bool {
        let word = self.tokens.lower(end - 1);
        let weight = matches!(word, "pound" | "pounds");
        let before = |words: &[&str]| (at.saturating_sub(4)..at).any(|at| words.contains(&self.tokens.lower(at)));
        let adjective = matches!(word, "real" | "mark" | "colon" | "sterling" | "won" | "franc" | "penny")
            && self.parts.get(self.tokens.word(end - 2)).is_none();
        let heavy = before(&["weigh", "weighs", "weighed", "weighing", "heavy", "gained", "shed"])
            || self.is(end, Part::Of) && weight && !before(&["worth", "cost", "costs"])
            || matches!(self.tokens.lower(end), "heavier" | "lighter" | "overweight");
        let short = word == "mark" || word == "real" || word == "marks" && name.code == "DEM" && end == at + 2;
        (weight && heavy) || (short && end == at + 2) || (adjective && word == "real")
    }

    /// A name of money behind its number.
    fn name(&self, at: usize) -> Option<(usize, &'static Name)> {
        let names = CURRENCIES.names.get(self.tokens.word(at))?;
        names.iter().find_map(|name| {
            let end = self.end(at, name)?;
            // Signs of letters stand before their number.
            let letters = name.sign
                && !name.is_code
                && self.tokens[end - 1].kind == Kind::Word
                && self.tokens.surface(at).is_ascii();
            (!letters).then_some((end, name))
        })
    }

    fn end(&self, at: usize, name: &Name) -> Option<usize> {
        let stands = name.rest.iter().enumerate().all(|(index, word)| self.tokens.word(at + 1 + index) == *word);
        stands.then_some(at + 1 + name.rest.len())
    }

    /// `(and) 50 cents`.
    fn hundredths(&self, at: usize, code: &str) -> Option<(usize, f64)> {
        let (end, value, large) = self.value(self.skip(at, Part::And))?;
        let of = CURRENCIES.hundredths.get(self.tokens.word(end)).copied().flatten()?;
        let fits = of == code || matches!(self.tokens.lower(end), "cent" | "cents" | "penny" | "pennies");
        (fits && !large && value < 100.0).then_some((end + 1, value / 100.0))
    }

    /// `fifteen dollars (and) fifty`, with nothing counted behind.
    fn bare_hundredths(&self, at: usize) -> Option<(usize, f64)> {
        let start = self.skip(at, Part::And);
        if self.is(start, Part::Article) {
            return None;
        }
        let (end, value, large) = self.value(start)?;
        let token = self.tokens.get(end);
        let closed = token
            .is_none_or(|token| token.kind == Kind::Mark && !matches!(self.tokens.surface(end), "%" | "-" | "/"))
            || (self.is(end, Part::And) && start > at);
        (!large && closed && value < 100.0 && value.fract() == 0.0).then_some((end, value / 100.0))
    }
}
