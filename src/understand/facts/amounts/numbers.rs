//! Numbers in digits and words.

use std::sync::LazyLock;

use super::Reader;
use crate::understand::facts::Language;
use crate::understand::facts::lists::{alternatives, rows};
use crate::understand::facts::vocabulary::Table;

/// More parts than `two hundred and fifty thousand` no number has.
const PARTS_MAX: usize = 10;

/// What a word is in a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    Number(f64),
    Multiplier(f64),
    Half,
    Quarter,
    And,
    Article,
    To,
    Of,
}

pub(super) type Parts = Table<Vec<Part>>;

/// The lists of English and of German.
pub(super) static LISTS: [&str; 2] =
    [include_str!("../../words/en/amounts.tsv"), include_str!("../../words/de/amounts.tsv")];

static ENGLISH: LazyLock<Parts> = LazyLock::new(|| parts(LISTS[0]));
static GERMAN: LazyLock<Parts> = LazyLock::new(|| parts(LISTS[1]));

fn parts(list: &'static str) -> Parts {
    let mut parts = Parts::default();
    for row in rows(list) {
        let [kind, value, words] = row[..] else { panic!("a row of three cells: {row:?}") };
        let number = || value.parse().unwrap_or_else(|_| panic!("a number: {row:?}"));
        let part = match kind {
            "number" => Part::Number(number()),
            "multiplier" => Part::Multiplier(number()),
            "half" => Part::Half,
            "quarter" => Part::Quarter,
            "and" => Part::And,
            "article" => Part::Article,
            "to" => Part::To,
            "of" => Part::Of,
            _ => panic!("a kind that is known: {row:?}"),
        };
        for word in alternatives(words) {
            parts.entry(word).push(part);
        }
    }
    parts
}

/// The words of numbers of a language.
pub(super) fn words(language: Language) -> &'static Parts {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}

/// Behind it, its value, and whether it is more than a bare number of digits.
pub(super) type Value = Option<(usize, f64, bool)>;

impl Reader<'_> {
    pub(super) fn number_word(&self, at: usize) -> Option<f64> {
        self.part(at, |part| if let Part::Number(number) = part { Some(number) } else { None })
    }

    pub(super) fn multiplier(&self, at: usize) -> Option<f64> {
        let value = self.part(at, |part| if let Part::Multiplier(value) = part { Some(value) } else { None })?;
        // A letter multiplies only the digits that it is joined to, or as a capital: `5m`, `5 M`.
        let letter = self.tokens.surface(at).len() == 1;
        (!letter || (self.joined(at) && at > 0 && self.is_number(at - 1))).then_some(value)
    }

    /// `$5-10 million`: what multiplies the second multiplies the first.
    pub(super) fn lent_by_range(&self, end: usize, value: f64) -> f64 {
        if !matches!(self.tokens.surface(end), "-" | "–" | "—" | "to" | "bis")
            || self.part(end - 1, |part| if let Part::Multiplier(value) = part { Some(value) } else { None }).is_some()
        {
            return value;
        }
        let Some((after, number)) = self.digits(end + 1) else { return value };
        match self.multiplier(after) {
            Some(multiple) if value < number => value * multiple,
            _ => value,
        }
    }

    /// A number in digits or words with what multiplies it.
    pub(super) fn value(&self, at: usize) -> Value {
        if let Some((end, number)) = self.digits(at) {
            return Some(self.multiplied(end, number));
        }
        if self.is(at, Part::Half) || self.is(at, Part::Quarter) {
            return self.fraction(at, 1.0);
        }
        if self.is(at, Part::Article) && (self.is(at + 1, Part::Half) || self.is(at + 1, Part::Quarter)) {
            return self.fraction(at + 1, 1.0);
        }
        self.words(at)
    }

    /// `half a billion`, `three quarters of a million`.
    fn fraction(&self, at: usize, count: f64) -> Value {
        let share = if self.is(at, Part::Half) { 0.5 } else { 0.25 };
        let next = self.skip(self.skip(at + 1, Part::Of), Part::Article);
        let multiple = self.multiplier(next)?;
        Some((next + 1, count * share * multiple, true))
    }

    fn multiplied(&self, mut end: usize, mut number: f64) -> (usize, f64, bool) {
        let mut large = false;
        for _ in 0..2 {
            let next =
                if self.tokens.surface(end) == "-" && self.joined(end) && self.joined(end + 1) { end + 1 } else { end };
            let Some(multiple) = self.multiplier(next) else { break };
            (end, number, large) = (next + 1, number * multiple, true);
            // The dot of `mn.` and `Mrd.`
            if self.tokens.surface(end) == "."
                && self.joined(end)
                && self.tokens.surface(next).len() <= 3
                && self.name(end + 1).is_some()
            {
                end += 1;
            }
        }
        (end, round(number), large)
    }

    /// `1,234.5`, in German `1.234,5`.
    fn digits(&self, at: usize) -> Option<(usize, f64)> {
        if !self.is_number(at) {
            return None;
        }
        let group = if self.decimal == "." { "," } else { "." };
        let mut digits = self.tokens.surface(at).to_owned();
        let mut end = at + 1;
        let follows = |end: usize, mark: &str| {
            self.tokens.surface(end) == mark && self.joined(end) && self.joined(end + 1) && self.is_number(end + 1)
        };
        while follows(end, group) && matches!(self.tokens.surface(end + 1).len(), 2..=3) && digits.len() < 20 {
            digits.push_str(self.tokens.surface(end + 1));
            end += 2;
        }
        if follows(end, self.decimal) {
            digits.push('.');
            digits.push_str(self.tokens.surface(end + 1));
            end += 2;
        }
        digits.parse().ok().map(|number| (end, number))
    }

    /// `two hundred and fifty million`, `twenty-five`, `two and a half billion`.
    fn words(&self, at: usize) -> Value {
        let (mut total, mut group, mut end, mut large) = (0.0, self.number_word(at)?, at + 1, false);
        for _ in 0..PARTS_MAX {
            let and = self.skip(end, Part::And);
            let next = if self.tokens.surface(end) == "-" && self.joined(end) { end + 1 } else { and };
            if self.is(next, Part::Quarter) && next == end {
                return self.fraction(next, group);
            }
            let half = self.skip(next, Part::Article);
            if next > end && self.is(half, Part::Half) {
                let multiple = self.multiplier(half + 1)?;
                return Some((half + 2, (group + 0.5) * multiple, true));
            }
            if let Some(multiple) = self.multiplier(end) {
                large = large || multiple >= 1e3;
                if multiple > 100.0 {
                    total += group * multiple;
                    group = 0.0;
                } else {
                    group *= multiple;
                }
                end += 1;
                continue;
            }
            let adds = |number: &f64| {
                let tens = group % 100.0;
                if *number < 10.0 { tens >= 20.0 && tens % 10.0 == 0.0 || tens == 0.0 } else { tens == 0.0 }
            };
            // `one and five` are two numbers; `one hundred and five` is one.
            let grown = next == end || self.tokens.surface(end) == "-" || group >= 100.0 || total > 0.0;
            match self.number_word(next).filter(|_| !self.is(next, Part::Article)).filter(adds) {
                Some(number) if grown => (group, end) = (group + number, next + 1),
                _ => break,
            }
        }
        Some((end, round(total + group), large))
    }
}

/// Sums have at most hundredths; what multiplication adds behind them is none of theirs.
pub(super) fn round(value: f64) -> f64 {
    let rounded = (value * 1e4).round() / 1e4;
    if rounded.is_finite() { rounded } else { value }
}
