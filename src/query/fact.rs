//! Predicates over what a text says: `event(…)`, `act(…)`, `amount(…)`.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write};
use std::sync::Arc;

use super::tree::Look;
use crate::item::Stance;

/// No event is looked for further ahead, in days.
pub(super) const WITHIN_DAYS_MAX: u32 = 36_500;

/// `event(summit | meeting, within=90d, changed=yes)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventAsk {
    /// Kinds of events, one of which it is: words, or several in a row; one or more.
    pub kinds: Vec<String>,
    /// When it is.
    pub within: Within,
    /// Whether the text itself says that it moved or fell out; `None` where that does not matter.
    pub changed: Option<bool>,
}

/// When an event is, seen from the publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Not over.
    Ahead,
    /// Not over, and begins at most so many days ahead.
    Days(u32),
    /// Whenever.
    Any,
}

/// `act(veto | block, by=@hungary, on=aid, stance=announced|did, said-by=@eu)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActAsk {
    /// Acts, one of which it is: words, or several in a row; one or more.
    pub acts: Vec<String>,
    /// Whose act it is, one of these; empty for anybody's.
    pub by: Vec<Look>,
    /// What it is about, one of these; empty for anything.
    pub on: Vec<Look>,
    /// Who says so, one of these; empty for anybody.
    pub said_by: Vec<Look>,
    /// Where it stands, one of these, sorted; empty for anywhere.
    pub stances: Vec<Stance>,
}

/// `amount(>= 1bn EUR)`
#[derive(Debug, Clone)]
pub struct AmountAsk {
    /// How the sum compares.
    pub compare: Compare,
    /// With what, in hundredths of the currency.
    pub hundredths: u64,
    /// ISO 4217, in capitals.
    pub currency: String,
    /// What one unit of each currency is worth, all in one measure.
    pub rates: Rates,
}

/// The rates count too: a config that changes them asks something else, and what is equal need not be planned anew.
impl PartialEq for AmountAsk {
    fn eq(&self, other: &Self) -> bool {
        (self.compare, self.hundredths, &self.currency) == (other.compare, other.hundredths, &other.currency)
            && self.rates.0 == other.rates.0
    }
}

impl Eq for AmountAsk {}

/// What one unit of each currency is worth, all in one measure.
#[derive(Debug, Clone, Default)]
pub struct Rates(pub(super) Arc<BTreeMap<String, f64>>);

impl Rates {
    /// What a sum comes to in another currency, and whether that is approximate; `None` where it cannot be said.
    pub fn convert(&self, value: f64, from: &str, to: &str) -> Option<(f64, bool)> {
        if from == to {
            return Some((value, false));
        }
        let rate = |currency: &str| self.0.get(currency).copied().filter(|rate| *rate > 0.0);
        Some((value * rate(from)? / rate(to)?, true))
    }
}

/// How a sum compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `>=`
    AtLeast,
    /// `>`
    MoreThan,
    /// `<=`
    AtMost,
    /// `<`
    LessThan,
    /// `=`, or nothing
    Equal,
}

impl Compare {
    pub(super) const ALL: [(&'static str, Self); 5] =
        [(">=", Self::AtLeast), ("<=", Self::AtMost), (">", Self::MoreThan), ("<", Self::LessThan), ("=", Self::Equal)];

    /// Whether `sum` so compares with `other`; what differs by less than half a hundredth is equal.
    pub fn holds(self, sum: f64, other: f64) -> bool {
        let is_equal = (sum - other).abs() < 0.005_f64.max(other.abs() * 1e-9);
        match self {
            Self::AtLeast => sum > other || is_equal,
            Self::MoreThan => sum > other && !is_equal,
            Self::AtMost => sum < other || is_equal,
            Self::LessThan => sum < other && !is_equal,
            Self::Equal => is_equal,
        }
    }
}

/// Words for powers of ten, the shortest form of each first.
pub(super) const SCALES: [(&str, u64); 14] = [
    ("tn", 1_000_000_000_000),
    ("bn", 1_000_000_000),
    ("m", 1_000_000),
    ("k", 1000),
    ("trn", 1_000_000_000_000),
    ("trillion", 1_000_000_000_000),
    ("t", 1_000_000_000_000),
    ("b", 1_000_000_000),
    ("billion", 1_000_000_000),
    ("mln", 1_000_000),
    ("mn", 1_000_000),
    ("million", 1_000_000),
    ("thousand", 1000),
    ("hundred", 100),
];

impl Display for EventAsk {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("event(")?;
        words(f, &self.kinds)?;
        match self.within {
            Within::Ahead => {}
            Within::Days(days) => write!(f, ", within={days}d")?,
            Within::Any => f.write_str(", within=any")?,
        }
        match self.changed {
            None => {}
            Some(changed) => write!(f, ", changed={}", if changed { "yes" } else { "no" })?,
        }
        f.write_char(')')
    }
}

impl Display for ActAsk {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("act(")?;
        words(f, &self.acts)?;
        for (name, looks) in [("by", &self.by), ("on", &self.on)] {
            values(f, name, looks)?;
        }
        for (at, stance) in self.stances.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { ", stance=" } else { "|" }, stance.as_str())?;
        }
        values(f, "said-by", &self.said_by)?;
        f.write_char(')')
    }
}

fn values(f: &mut Formatter<'_>, name: &str, looks: &[Look]) -> fmt::Result {
    for (at, look) in looks.iter().enumerate() {
        if at == 0 {
            write!(f, ", {name}=")?;
        } else {
            f.write_str(" | ")?;
        }
        look.fmt(f)?;
    }
    Ok(())
}

fn words(f: &mut Formatter<'_>, all: &[String]) -> fmt::Result {
    for (at, word) in all.iter().enumerate() {
        f.write_str(if at == 0 { "" } else { " | " })?;
        if is_plain(word) { f.write_str(word)? } else { super::print::quoted(f, word)? }
    }
    Ok(())
}

/// Whether a value can be written without quotes.
pub(super) fn is_plain(word: &str) -> bool {
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '|' | ',' | '=' | '@' | '*' | '"' | '“' | '„' | '”');
    !word.is_empty() && !word.contains(ends) && word != "OR"
}

impl Display for AmountAsk {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = Compare::ALL.into_iter().find(|(_, compare)| *compare == self.compare);
        let scaled = SCALES[..4]
            .iter()
            .find(|(_, scale)| self.hundredths >= scale * 100 && self.hundredths.is_multiple_of(*scale));
        let (scale, name) = scaled.map_or((1, ""), |(name, scale)| (*scale, *name));
        let (whole, part) = (self.hundredths / scale / 100, self.hundredths / scale % 100);
        write!(f, "amount({} {whole}", sign.map_or("=", |(sign, _)| sign))?;
        match part {
            0 => {}
            part if part % 10 == 0 => write!(f, ".{}", part / 10)?,
            part => write!(f, ".{part:02}")?,
        }
        write!(f, "{name} {})", self.currency)
    }
}
