//! `event(…)`, `act(…)` and `amount(…)`, each read as one piece.

use std::ops::Range;

use super::super::QueryError;
use super::super::fact::{ActAsk, AmountAsk, Compare, EventAsk, SCALES, WITHIN_DAYS_MAX, Within};
use super::super::mistake::{closest, word_fault};
use super::super::tree::Look;
use super::{Kind, Lexer, Token, opens_quote};
use crate::item::Stance;
use crate::understand::words::money;

/// No sum is greater, in hundredths: ten thousand trillions.
const HUNDREDTHS_MAX: f64 = 1e18;

/// A value between the signs of a predicate.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Bar,
    Comma,
    Equals,
    Look(Look),
}

type Parts = Vec<(Part, Range<usize>)>;

/// One argument: its name, unless it comes first, and its alternatives.
struct Argument {
    name: Option<(String, Range<usize>)>,
    values: Vec<(Look, Range<usize>)>,
    span: Range<usize>,
}

impl Lexer<'_> {
    /// Reads a predicate, if `run` begins one.
    pub(super) fn predicate(&mut self, run: &str) -> bool {
        let open = self.at + run.len();
        if !matches!(run, "event" | "act" | "amount") || !self.source[open..].starts_with('(') {
            return false;
        }
        let start = self.at;
        let Some(close) = self.close_of(open) else {
            self.errors.push(QueryError::new(start..open + 1, "this bracket is never closed", "close it with `)`"));
            self.tokens.push(Token { kind: Kind::Bad, span: start..self.source.len() });
            self.at = self.source.len();
            return true;
        };
        let before = self.errors.len();
        let look = match run {
            "amount" => self.amount(open + 1..close),
            "event" => self.arguments(open + 1, close).and_then(|all| self.event(&all, start..close + 1)),
            _ => self.arguments(open + 1, close).and_then(|all| self.act(&all, start..close + 1)),
        };
        let kind = match look {
            Some(look) if self.errors.len() == before => Kind::Look(look),
            _ => Kind::Bad,
        };
        self.at = close + 1;
        self.tokens.push(Token { kind, span: start..close + 1 });
        true
    }

    /// Where the bracket that opens at `open` is closed; brackets in quotes do not count.
    fn close_of(&self, open: usize) -> Option<usize> {
        let (mut depth, mut at) = (0_usize, open);
        while let Some(c) = self.source[at..].chars().next() {
            match c {
                '(' => depth += 1,
                ')' if depth == 1 => return Some(at),
                ')' => depth -= 1,
                c if opens_quote(c) => {
                    at = self.peek_quoted(at)?.1;
                    continue;
                }
                _ => {}
            }
            at += c.len_utf8();
        }
        None
    }

    fn fault(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.errors.push(QueryError::new(span, message, hint));
    }

    /// The pieces between the brackets. Brackets round alternatives are allowed and mean nothing.
    fn parts(&mut self, from: usize, close: usize) -> Option<Parts> {
        let (mut parts, mut at, mut sound) = (Parts::new(), from, true);
        while let Some(c) = self.source[at..close].chars().next() {
            let (part, end) = match c {
                c if c.is_whitespace() || matches!(c, '(' | ')') => {
                    at += c.len_utf8();
                    continue;
                }
                '|' => (Some(Part::Bar), at + 1),
                ',' => (Some(Part::Comma), at + 1),
                '=' => (Some(Part::Equals), at + 1),
                c if opens_quote(c) => {
                    let (content, end) = self.peek_quoted(at)?;
                    (self.value(Look::Phrase(content), at..end), end)
                }
                '”' => {
                    self.fault(at..at + c.len_utf8(), "this quote closes nothing", "write \"the words\"");
                    (None, at + c.len_utf8())
                }
                _ => self.plain_value(at, close),
            };
            match part {
                Some(part) => parts.push((part, at..end)),
                None => sound = false,
            }
            at = end;
        }
        sound.then_some(parts)
    }

    fn plain_value(&mut self, at: usize, close: usize) -> (Option<Part>, usize) {
        let rest = &self.source[at..close];
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '|' | ',' | '=') || opens_quote(c) || c == '”';
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let span = at..at + word.len();
        let end = span.end;
        if word == "OR" {
            return (Some(Part::Bar), end);
        }
        let part = match word.strip_prefix('@') {
            Some(alias) => {
                let names = self.aliases.names(alias);
                if names.is_none() {
                    let (message, hint) = self.no_alias(alias, span.end);
                    self.fault(span, message, hint);
                }
                names.map(|names| Part::Look(Look::Alias { alias: alias.to_owned(), names }))
            }
            None if word.contains('*') => {
                self.fault(span, "a `*` has no place here", "write the word: all of its forms are found");
                None
            }
            None => self.value(Look::Word(word.to_owned()), span),
        };
        (part, end)
    }

    fn value(&mut self, look: Look, span: Range<usize>) -> Option<Part> {
        let (Look::Word(text) | Look::Phrase(text)) = &look else { return Some(Part::Look(look)) };
        if let Some((message, hint)) = word_fault(text) {
            self.fault(span, message, hint);
            return None;
        }
        Some(Part::Look(look))
    }

    /// The arguments of a predicate.
    fn arguments(&mut self, from: usize, close: usize) -> Option<Vec<Argument>> {
        let parts = self.parts(from, close)?;
        let mut all = Vec::new();
        let mut sound = true;
        // Where an argument ends of which there is nothing: at its comma, or at the bracket.
        let mut commas = parts.iter().filter(|(part, _)| *part == Part::Comma).map(|(_, span)| span.start);
        for pieces in parts.split(|(part, _)| *part == Part::Comma) {
            match self.argument(pieces, commas.next().unwrap_or(close)) {
                Some(argument) => all.push(argument),
                None => sound = false,
            }
        }
        sound.then_some(all)
    }

    fn argument(&mut self, pieces: &[(Part, Range<usize>)], close: usize) -> Option<Argument> {
        let (Some((_, first)), Some((_, last))) = (pieces.first(), pieces.last()) else {
            self.fault(close..close, "something is missing here", "write event(summit), act(veto, by=@hungary)");
            return None;
        };
        let span = first.start..last.end;
        let (name, rest) = match pieces {
            [(Part::Look(Look::Word(name)), at), (Part::Equals, _), rest @ ..] => {
                (Some((name.clone(), at.clone())), rest)
            }
            rest => (None, rest),
        };
        let mut values = Vec::new();
        for alternative in rest.split(|(part, _)| *part == Part::Bar) {
            match alternative {
                [(Part::Look(look), span)] => values.push((look.clone(), span.clone())),
                [] => {
                    self.fault(span, "a value is missing here", "write by=@hungary, or by=@hungary | @poland");
                    return None;
                }
                [(Part::Look(_), _), (Part::Look(Look::Word(name)), at), (Part::Equals, _), ..] => {
                    let hint = format!("write a comma before it: …, {name}=…");
                    self.fault(at.clone(), format!("a comma is missing before `{name}`"), hint);
                    return None;
                }
                [(Part::Look(_), one), (Part::Look(_), other), ..] => {
                    let words = self.source[one.start..other.end].to_owned();
                    self.fault(
                        one.start..other.end,
                        "two values stand side by side",
                        format!("write \"{words}\" for words in a row, or | between them"),
                    );
                    return None;
                }
                [(_, at), ..] => {
                    self.fault(at.clone(), "this has no place here", "write by=@hungary, or by=@hungary | @poland");
                    return None;
                }
            }
        }
        Some(Argument { name, values, span })
    }

    /// The words of the first argument.
    fn first(&mut self, all: &[Argument], whole: &Range<usize>, example: &str) -> Option<Vec<String>> {
        let Some(first) = all.first().filter(|first| first.name.is_none()) else {
            self.fault(whole.clone(), "it does not say what to look for", format!("write {example}"));
            return None;
        };
        let mut words: Vec<String> = Vec::new();
        for (look, span) in &first.values {
            match look {
                Look::Word(word) | Look::Phrase(word) if !words.contains(word) => words.push(word.clone()),
                Look::Word(_) | Look::Phrase(_) => {}
                _ => {
                    self.fault(span.clone(), "an alias is no act and no event", format!("write {example}"));
                    return None;
                }
            }
        }
        Some(words)
    }

    /// Named arguments, each once; `known` are their names.
    fn named<'b>(&mut self, all: &'b [Argument], known: &[&str]) -> Option<Vec<(String, &'b Argument)>> {
        let mut named: Vec<(String, &Argument)> = Vec::new();
        for argument in all.iter().skip(1) {
            let list = known.join("=, ");
            let Some((name, span)) = &argument.name else {
                let hint = format!("name it, {list}=; or write | between alternatives");
                self.fault(argument.span.clone(), "only the first argument has no name", hint);
                return None;
            };
            let wanted = name.to_ascii_lowercase().replace('_', "-");
            if !known.contains(&wanted.as_str()) {
                let hint = match closest(&wanted, known.iter().copied()) {
                    Some(near) => format!("did you mean {near}=?"),
                    None => format!("the arguments are {list}="),
                };
                self.fault(span.clone(), format!("there is no argument `{name}`"), hint);
                return None;
            }
            if named.iter().any(|(other, _)| *other == wanted) {
                let hint = match wanted.as_str() {
                    "within" | "changed" => "leave one of the two out",
                    _ => "write | between alternatives",
                };
                self.fault(span.clone(), format!("`{name}` is given twice"), hint);
                return None;
            }
            named.push((wanted, argument));
        }
        Some(named)
    }

    fn event(&mut self, all: &[Argument], whole: Range<usize>) -> Option<Look> {
        let kinds = self.first(all, &whole, "event(summit), or event(summit | meeting, within=90d)");
        let mut ask = EventAsk { kinds: Vec::new(), within: Within::Ahead, changed: None };
        for (name, argument) in self.named(all, &["within", "changed"])? {
            let text = match argument.values.as_slice() {
                [(Look::Word(text), _)] => text.to_ascii_lowercase(),
                _ => String::new(),
            };
            if name == "changed" {
                ask.changed = match text.as_str() {
                    "yes" | "true" => Some(true),
                    "no" | "false" => Some(false),
                    _ => {
                        self.fault(argument.span.clone(), "`changed` is yes or no", "write changed=yes");
                        return None;
                    }
                };
            } else if text == "any" {
                ask.within = Within::Any;
            } else if let Some(days) = days(&text) {
                ask.within = Within::Days(days);
            } else {
                let message = format!("`within` is a number of days or weeks up to {WITHIN_DAYS_MAX}d, or any");
                self.fault(argument.span.clone(), message, "write within=90d, within=6w or within=any");
                return None;
            }
        }
        ask.kinds = kinds?;
        Some(Look::Event(ask))
    }

    fn act(&mut self, all: &[Argument], whole: Range<usize>) -> Option<Look> {
        let acts = self.first(all, &whole, "act(veto), or act(veto | block, by=@hungary)");
        let mut ask =
            ActAsk { acts: Vec::new(), by: Vec::new(), on: Vec::new(), said_by: Vec::new(), stances: Vec::new() };
        for (name, argument) in self.named(all, &["by", "on", "stance", "said-by"])? {
            let looks = || self.known(argument.values.iter().map(|(look, _)| look.clone()).collect());
            match name.as_str() {
                "by" => ask.by = looks(),
                "on" => ask.on = looks(),
                "said-by" => ask.said_by = looks(),
                _ => ask.stances = self.stances(&argument.values)?,
            }
        }
        ask.acts = acts?;
        Some(Look::Act(Box::new(ask)))
    }

    /// The values, and behind them the aliases of countries and organisations to which the config adds one of them as a name.
    fn known(&self, mut looks: Vec<Look>) -> Vec<Look> {
        for at in 0..looks.len() {
            let (Look::Word(name) | Look::Phrase(name)) = &looks[at] else { continue };
            let Some((alias, names)) = self.aliases.added_to(name) else { continue };
            let alias = Look::Alias { alias: alias.to_owned(), names };
            if !looks.contains(&alias) {
                looks.push(alias);
            }
        }
        looks
    }

    fn stances(&mut self, values: &[(Look, Range<usize>)]) -> Option<Vec<Stance>> {
        let mut stances = Vec::new();
        for (look, span) in values {
            let word = match look {
                Look::Word(word) => word.as_str(),
                _ => "",
            };
            let Some(stance) = Stance::from_word(word) else {
                let names = Stance::ALL.map(Stance::as_str);
                let hint = match closest(word, names) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("they are {}", names.join(", ")),
                };
                let written = self.source[span.clone()].to_owned();
                self.fault(span.clone(), format!("there is no stance `{written}`"), hint);
                return None;
            };
            stances.push(stance);
        }
        stances.sort_unstable();
        stances.dedup();
        Some(stances)
    }

    /// `>= 1bn EUR`, `> EUR 500m`, `€2.5 million`
    fn amount(&mut self, inside: Range<usize>) -> Option<Look> {
        let written = self.source[inside.clone()].trim().to_owned();
        let (compare, sum) = Compare::ALL
            .into_iter()
            .find_map(|(sign, compare)| Some((compare, written.strip_prefix(sign)?.trim_start())))
            .unwrap_or((Compare::Equal, written.as_str()));
        let asked = sum_of(sum);
        if let Some((_, code)) = &asked
            && !money::currencies().any(|known| known == code)
            && !self.aliases.rates().0.contains_key(code)
        {
            let message = format!("there is no currency {code}");
            let hint = match closest(&code.to_ascii_lowercase(), ["eur", "usd", "gbp", "jpy", "cny", "chf"]) {
                Some(near) => format!("did you mean {}?", near.to_ascii_uppercase()),
                None => {
                    "write its three letters, such as EUR or USD; [currencies] in the config may name others".to_owned()
                }
            };
            self.fault(inside, message, hint);
            return None;
        }
        let Some((hundredths, currency)) = asked else {
            let span = if written.is_empty() { inside.start..inside.end } else { inside };
            self.fault(
                span,
                "this is no sum of money",
                "write amount(>= 1bn EUR): a number, k, m, bn or tn, and the currency's three letters",
            );
            return None;
        };
        Some(Look::Amount(AmountAsk { compare, hundredths, currency, rates: self.aliases.rates() }))
    }
}

/// `90d` or `6w`, in days.
fn days(text: &str) -> Option<u32> {
    let (number, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let number: u32 = number.parse().ok()?;
    let days = match unit {
        "d" => number,
        "w" => number.checked_mul(7)?,
        _ => return None,
    };
    (days <= WITHIN_DAYS_MAX).then_some(days)
}

/// `1,500` is a thousand and a half, `1,5` is one and a half, and so is `1.5`; `1,50,00` is nothing.
fn plain_number(text: &str) -> Option<f64> {
    let grouped = |sign: char| {
        let whole = text.split(if sign == ',' { '.' } else { ',' }).next().unwrap_or_default();
        let mut groups = whole.split(sign);
        groups.next().is_some_and(|first| (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3)
    };
    let (commas, dots) = (text.matches(',').count(), text.matches('.').count());
    let plain = match (commas, dots) {
        (0, 0 | 1) => text.to_owned(),
        (1.., 0 | 1) if grouped(',') => text.replace(',', ""),
        (0 | 1, 2..) if grouped('.') => text.replace('.', "").replace(',', "."),
        (1, 0) => text.replace(',', "."),
        _ => return None,
    };
    plain.parse().ok()
}

/// A number with its scale, and a currency before or behind it.
fn sum_of(text: &str) -> Option<(u64, String)> {
    let (before, rest) = text.split_at(text.find(|c: char| c.is_ascii_digit())?);
    let (number, behind) =
        rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).unwrap_or(rest.len()));
    let value = plain_number(number)?;
    let mut words = behind.split_whitespace();
    let (mut scale, mut named) = (1, currency(before.trim()));
    for word in words.by_ref() {
        let lower = word.to_lowercase();
        if let Some((_, factor)) = SCALES.iter().find(|(name, _)| *name == lower).filter(|_| scale == 1) {
            scale = *factor;
        } else {
            // What stands in two places is one too many.
            if named.is_some() {
                return None;
            }
            named = Some(currency(word)?);
        }
    }
    if !before.trim().is_empty() && currency(before.trim()).is_none() {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a power of ten")]
    let hundredths = (value * 100.0 * scale as f64).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the limit, and no sign is read"
    )]
    (hundredths <= HUNDREDTHS_MAX).then_some(hundredths as u64).zip(named)
}

/// By its letters or its sign.
fn currency(word: &str) -> Option<String> {
    match word {
        "€" => Some("EUR".to_owned()),
        "$" => Some("USD".to_owned()),
        "£" => Some("GBP".to_owned()),
        "¥" => Some("JPY".to_owned()),
        word if word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            Some(word.to_ascii_uppercase())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_is_a_number_and_a_unit_of_one_letter() {
        for (text, reach) in [
            ("90d", Some(90)),
            ("6w", Some(42)),
            ("90", None),
            ("d", None),
            ("", None),
            ("90D", None),
            ("+9d", None),
            ("9Д", None),
            ("9dd", None),
            ("99999999999w", None),
        ] {
            assert_eq!(days(text), reach, "{text}");
        }
    }

    #[test]
    fn a_comma_parts_thousands_or_begins_a_fraction() {
        for (text, value) in [
            ("1", Some(1.0)),
            ("1.5", Some(1.5)),
            ("1,5", Some(1.5)),
            ("12,50", Some(12.5)),
            ("1,500", Some(1500.0)),
            ("1,500,000.25", Some(1_500_000.25)),
            ("1.500.000", Some(1_500_000.0)),
            ("1.500.000,5", Some(1_500_000.5)),
            ("1,50,00", None),
            ("1,5.5,5", None),
        ] {
            assert_eq!(plain_number(text), value, "{text}");
        }
    }
}
