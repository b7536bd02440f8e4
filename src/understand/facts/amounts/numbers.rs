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
    /// Before the first of two.
    Between,
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
            "between" => Part::Between,
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

    /// `1,234.5`, in German `1.234,5`; also `1 234`, `1'234` and, wherever there are two, `1.234.567`.
    pub(super) fn digits(&self, at: usize) -> Option<(usize, f64)> {
        if !self.is_number(at) {
            return None;
        }
        let group = if self.decimal == "." { "," } else { "." };
        let mut digits = self.tokens.surface(at).to_owned();
        let mut end = at + 1;
        let follows = |end: usize, mark: &str| {
            self.tokens.surface(end) == mark && self.joined(end) && self.joined(end + 1) && self.is_number(end + 1)
        };
        let thousands = self.thousands(at);
        let is_apart = thousands.is_some();
        if let Some(whole) = thousands {
            (end, digits) = whole;
        } else {
            let is_last = |end: usize| !follows(end + 2, group);
            while follows(end, group) && digits.len() < 20 {
                let part = self.tokens.surface(end + 1);
                // The last group has three digits; of those before, in India, two.
                if part.len() != 3 && (part.len() != 2 || is_last(end)) {
                    break;
                }
                digits.push_str(part);
                end += 2;
            }
        }
        // `£2,5m`, `€12,50`, and in German `1.5 Mio.`: one or two digits are no group of thousands.
        let few = follows(end, group) && self.tokens.surface(end + 1).len() <= 2 && !follows(end + 2, group);
        let is_tenths =
            few && (self.multiplier(end + 2).is_some() || self.tokens.surface(end + 1).len() == 2 && group == ",");
        let is_cents = is_tenths || is_apart && follows(end, ",") && self.tokens.surface(end + 1).len() <= 2;
        if is_cents || follows(end, self.decimal) {
            digits.push('.');
            digits.push_str(self.tokens.surface(end + 1));
            end += 2;
        }
        digits.parse().ok().map(|number| (end, number))
    }

    /// A number with its thousands set apart by spaces, by apostrophes, or by several dots, which are no decimal points.
    fn thousands(&self, at: usize) -> Option<(usize, String)> {
        let first = self.tokens.surface(at);
        if first.len() > 3 || first.starts_with('0') {
            return None;
        }
        let is_group = |at: usize| self.is_number(at) && self.tokens.surface(at).len() == 3;
        let by_space = |end: usize| (is_group(end) && self.is_one_space(end)).then_some(1);
        let by_mark = |end: usize, marks: &[&str]| {
            let is_mark = marks.contains(&self.tokens.surface(end)) && self.joined(end) && self.joined(end + 1);
            (is_mark && is_group(end + 1)).then_some(2)
        };
        let by: [&dyn Fn(usize) -> Option<usize>; 3] =
            [&by_space, &|end| by_mark(end, &["'", "’"]), &|end| by_mark(end, &["."])];
        for (least, next) in [1, 1, 2].into_iter().zip(by) {
            let (mut end, mut digits, mut groups) = (at + 1, first.to_owned(), 0);
            while groups < 5
                && let Some(step) = next(end)
            {
                end += step;
                digits.push_str(self.tokens.surface(end - 1));
                groups += 1;
            }
            if groups >= least {
                return Some((end, digits));
            }
        }
        None
    }

    /// Whether a single space, of whatever width, parts a token from the one before.
    fn is_one_space(&self, at: usize) -> bool {
        matches!(self.tokens.space_before(at), " " | "\u{a0}" | "\u{202f}" | "\u{2009}")
    }

    /// Behind a hyphen, where one joins a word.
    fn hyphen(&self, at: usize) -> usize {
        if self.tokens.surface(at) == "-" && self.joined(at) { at + 1 } else { at }
    }

    /// `two hundred and fifty million`, `twenty-five`, `two and a half billion`.
    fn words(&self, at: usize) -> Value {
        let (mut total, mut group, mut end, mut large) = (0.0, self.number_word(at)?, at + 1, false);
        for _ in 0..PARTS_MAX {
            let and = self.skip(end, Part::And);
            let hyphen = self.hyphen(end);
            let next = if hyphen > end { hyphen } else { and };
            if self.is(next, Part::Quarter) && next == end {
                return self.fraction(next, group);
            }
            // `two and a half`, `two-and-a-half`
            let article = self.hyphen(self.skip(next, Part::And));
            let half = self.hyphen(self.skip(article, Part::Article));
            if next > end && self.is(half, Part::Half) {
                let last = self.hyphen(half + 1);
                let multiple = self.multiplier(last)?;
                return Some((last + 1, (group + 0.5) * multiple, true));
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

/// Sums have at most hundredths, and those of billions not even these; what multiplication adds behind them is none of theirs.
pub(super) fn round(value: f64) -> f64 {
    let places = if value.abs() < 1e9 { 1e4 } else { 1.0 };
    let rounded = (value * places).round() / places;
    if rounded.is_finite() { rounded } else { value }
}

#[cfg(test)]
mod tests {
    use crate::understand::facts::{Anchor, Asked, Facts};

    /// The sums of a text, each as its words, its value and its currency.
    fn sums(text: &str) -> Vec<String> {
        let anchor = Anchor { at: "2026-03-12T12:00:00".parse().unwrap(), day_first: None };
        let facts = Facts::of(text, &anchor, &Asked::default());
        let sum = |sum: &super::super::Amount| format!("{} {} {}", &text[sum.span.clone()], sum.value, sum.currency);
        facts.amounts.iter().map(sum).collect()
    }

    #[test]
    fn what_is_short_for_large_numbers_in_german_is_plain_in_any_text() {
        for (text, expected) in [
            ("€1,5 Mrd", "€1,5 Mrd 1500000000 EUR"),
            ("Kredit: 1,5 Mrd. Euro", "1,5 Mrd. Euro 1500000000 EUR"),
            ("Kredit: 1,25 Mrd. Euro", "1,25 Mrd. Euro 1250000000 EUR"),
            ("Kosten: 1,2 Mio. Euro", "1,2 Mio. Euro 1200000 EUR"),
            ("Kosten: 500 Mio €", "500 Mio € 500000000 EUR"),
            ("Kosten: 1,5 Milliarden Euro", "1,5 Milliarden Euro 1500000000 EUR"),
            ("Der Kredit von 1,5 Mrd. Euro wird nicht gezahlt.", "1,5 Mrd. Euro 1500000000 EUR"),
            ("Der Kredit von 1.5 Mio. Euro wird nicht gezahlt.", "1.5 Mio. Euro 1500000 EUR"),
            ("Der Kredit von 1.500 Mio. Euro wird nicht gezahlt.", "1.500 Mio. Euro 1500000000 EUR"),
            ("Der Bund zahlt EUR 2,75 Mrd für die Bahn.", "EUR 2,75 Mrd 2750000000 EUR"),
        ] {
            assert_eq!(sums(text), [expected], "{text}");
        }
    }

    #[test]
    fn thousands_may_be_set_apart_in_any_way() {
        for (text, expected) in [
            ("The city paid USD 250 000 for it.", &["USD 250 000 250000 USD"][..]),
            ("They got 250 000 euros.", &["250 000 euros 250000 EUR"]),
            ("They got 250\u{a0}000\u{202f}000 euros.", &["250\u{a0}000\u{202f}000 euros 250000000 EUR"]),
            ("A fine of EUR 1 500 000 was paid.", &["EUR 1 500 000 1500000 EUR"]),
            ("A fine of EUR 250'000 was paid.", &["EUR 250'000 250000 EUR"]),
            ("A fine of EUR 1.500.000 was paid.", &["EUR 1.500.000 1500000 EUR"]),
            ("A fine of EUR 1 500,50 was paid.", &["EUR 1 500,50 1500.5 EUR"]),
            ("A fine of EUR 1.500 was paid.", &["EUR 1.500 1.5 EUR"]),
            ("In 2025 250 euros were paid.", &["250 euros 250 EUR"]),
            ("A jobs scheme of 1.07 trillion rupees was approved.", &["1.07 trillion rupees 1070000000000 INR"]),
            ("It cost two-and-a-half billion dollars.", &["two-and-a-half billion dollars 2500000000 USD"]),
            ("It cost two and a half billion dollars.", &["two and a half billion dollars 2500000000 USD"]),
            ("Some 12 25 euro notes were found.", &["25 euro 25 EUR"]),
            ("A loan of Rs 1,25,000 was paid.", &["Rs 1,25,000 125000 INR"]),
            ("A fare of €12,50 was paid.", &["€12,50 12.5 EUR"]),
            ("They got 10, 20 euros a day.", &["20 euros 20 EUR"]),
        ] {
            assert_eq!(sums(text), expected, "{text}");
        }
    }
}
