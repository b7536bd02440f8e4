//! Sums of money: `$1.5bn`, `around 40 billion euros`, `half a billion dollars`, `3 dollars 50 cents`.

use std::sync::LazyLock;

use super::lists::{WordMap, alternatives, rows};
use super::tokens::{Case, Kind, Tokens};
use super::{Amount, Language};

/// More parts than `two hundred and fifty thousand` no number has.
const PARTS_MAX: usize = 10;

/// What a word is in a number.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Number(f64),
    Multiplier(f64),
    Half,
    Quarter,
    And,
    Article,
    To,
    Of,
}

type Parts = WordMap<Vec<Part>>;

static ENGLISH: LazyLock<Parts> = LazyLock::new(|| parts(include_str!("../words/en/amounts.tsv")));
static GERMAN: LazyLock<Parts> = LazyLock::new(|| parts(include_str!("../words/de/amounts.tsv")));
static CURRENCIES: LazyLock<Currencies> = LazyLock::new(|| Currencies::read(include_str!("../words/currencies.tsv")));

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
            parts.entry(word).or_default().push(part);
        }
    }
    parts
}

/// A name of money.
#[derive(Debug, Clone)]
struct Name {
    /// The tokens behind the first.
    rest: Vec<&'static str>,
    code: &'static str,
    /// It may stand before its number.
    sign: bool,
    /// It is a code of three letters.
    is_code: bool,
}

/// Names of money by their first token, the longest first.
struct Currencies {
    names: WordMap<Vec<Name>>,
    /// Hundredths, with the currency of which they are that when alone.
    hundredths: WordMap<&'static str>,
}

impl Currencies {
    fn read(list: &'static str) -> Self {
        let mut currencies = Self { names: WordMap::default(), hundredths: WordMap::default() };
        for row in rows(list) {
            let [code, signs, names, hundredths] = row[..] else { panic!("a row of four cells: {row:?}") };
            for (cell, sign) in [(signs, true), (names, false)] {
                for name in alternatives(cell).filter(|name| *name != "-") {
                    let is_code = name.eq_ignore_ascii_case(code);
                    let tokens = Tokens::new(name);
                    let mut words = (0..tokens.len()).map(|at| tokens.surface(at));
                    let Some(first) = words.next() else { continue };
                    let rest = words.collect();
                    currencies.names.entry(first).or_default().push(Name {
                        rest,
                        code,
                        sign: sign || is_code,
                        is_code,
                    });
                }
            }
            for name in alternatives(hundredths).filter(|name| *name != "-") {
                currencies.hundredths.entry(name).or_insert(code);
            }
        }
        for names in currencies.names.values_mut() {
            names.sort_by_key(|name| std::cmp::Reverse(name.rest.len()));
        }
        currencies
    }
}

/// The sums of money of a text.
pub(super) fn amounts(tokens: &Tokens<'_>, language: Language) -> Vec<Amount> {
    let parts = match language {
        Language::English => &*ENGLISH,
        Language::German => &*GERMAN,
    };
    let reader = Reader { tokens, parts, decimal: if language == Language::German { "," } else { "." } };
    let mut amounts = Vec::new();
    let mut at = 0;
    // What a range lends to its other end: `$5 to 10 million`.
    let mut lent: Option<(usize, &'static str)> = None;
    while at < tokens.len() {
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

struct Reader<'a> {
    tokens: &'a Tokens<'a>,
    parts: &'static Parts,
    /// What stands before decimals.
    decimal: &'static str,
}

/// Behind it, its value, and whether it is more than a bare number of digits.
type Value = Option<(usize, f64, bool)>;

impl Reader<'_> {
    fn part<T>(&self, at: usize, wanted: impl Fn(Part) -> Option<T>) -> Option<T> {
        self.parts.get(self.tokens.lower(at))?.iter().find_map(|part| wanted(*part))
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

    fn number_word(&self, at: usize) -> Option<f64> {
        self.part(at, |part| if let Part::Number(number) = part { Some(number) } else { None })
    }

    fn multiplier(&self, at: usize) -> Option<f64> {
        let value = self.part(at, |part| if let Part::Multiplier(value) = part { Some(value) } else { None })?;
        // A letter multiplies only the digits that it is joined to, or as a capital: `5m`, `5 M`.
        let letter = self.tokens.surface(at).len() == 1;
        (!letter || (self.joined(at) && at > 0 && self.is_number(at - 1))).then_some(value)
    }

    /// A sum of money that begins at a token.
    fn amount(&self, at: usize) -> Option<(usize, f64, &'static str)> {
        let token = self.tokens.get(at)?;
        let numeric = token.kind == Kind::Number || self.parts.contains_key(self.tokens.lower(at));
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
        let names = CURRENCIES.names.get(self.tokens.lower(at));
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
            let dollar = name.rest.contains(&"$");
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
        let (first, code) = (word.get(..1)?, word.get(1..)?);
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let factor = match first {
            "M" | "m" => 1e6,
            "k" | "K" | "T" => 1e3,
            "B" | "b" => 1e9,
            _ => return None,
        };
        let code = code.to_ascii_lowercase();
        let name = CURRENCIES.names.get(code.as_str())?.iter().find(|name| name.is_code)?;
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
        if let Some(code) = CURRENCIES.hundredths.get(self.tokens.lower(end)).copied().filter(|_| !large) {
            return Some((end + 1, value / 100.0, code));
        }
        let (next, name) = self.name(of)?;
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

    /// Pounds of weight, marks at school, real things.
    fn is_no_money(&self, at: usize, end: usize, name: &Name) -> bool {
        let word = self.tokens.lower(end - 1);
        let weight = matches!(word, "pound" | "pounds");
        let before = |words: &[&str]| (at.saturating_sub(4)..at).any(|at| words.contains(&self.tokens.lower(at)));
        let adjective = matches!(word, "real" | "mark" | "colon" | "sterling" | "won" | "franc" | "penny")
            && !self.parts.contains_key(self.tokens.lower(end - 2));
        let heavy = before(&["weigh", "weighs", "weighed", "weighing", "heavy", "gained", "shed"])
            || self.is(end, Part::Of) && weight && !before(&["worth", "cost", "costs"])
            || matches!(self.tokens.lower(end), "heavier" | "lighter" | "overweight");
        let short = word == "mark" || word == "real" || word == "marks" && name.code == "DEM" && end == at + 2;
        (weight && heavy) || (short && end == at + 2) || (adjective && word == "real")
    }

    /// A name of money behind its number.
    fn name(&self, at: usize) -> Option<(usize, &'static Name)> {
        let names = CURRENCIES.names.get(self.tokens.lower(at))?;
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
        let stands = name.rest.iter().enumerate().all(|(index, word)| self.tokens.lower(at + 1 + index) == *word);
        stands.then_some(at + 1 + name.rest.len())
    }

    /// `(and) 50 cents`.
    fn hundredths(&self, at: usize, code: &str) -> Option<(usize, f64)> {
        let (end, value, large) = self.value(self.skip(at, Part::And))?;
        let of = CURRENCIES.hundredths.get(self.tokens.lower(end))?;
        let fits = *of == code || matches!(self.tokens.lower(end), "cent" | "cents" | "penny" | "pennies");
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

    /// `$5-10 million`: what multiplies the second multiplies the first.
    fn lent_by_range(&self, end: usize, value: f64) -> f64 {
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
    fn value(&self, at: usize) -> Value {
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
fn round(value: f64) -> f64 {
    let rounded = (value * 1e4).round() / 1e4;
    if rounded.is_finite() { rounded } else { value }
}
