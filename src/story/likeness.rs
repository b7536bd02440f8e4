use std::sync::LazyLock;

use super::copies;
use crate::item::{Term, TermKind};

/// What copies of one text are alike at least.
const COPY: f32 = 0.8;

/// Reports whose terms are less alike are neither copies nor written after one form.
const LOOKED_AT: f32 = 0.18;

/// Shingles that must be compared before two texts can be called copies of each other.
const COPIED: usize = 16;

/// Shingles that must be compared before they can be called two copies of one form.
const FILLED_IN: usize = 8;

/// Shared shingles, in hundredths of those of the shorter text, that make a form.
const FORM: usize = 40;

/// Two of one form share its words; where they are more alike than this, they share what was filled in as well.
const SAME: f32 = 0.7;

/// A report of as many terms says more than its form.
const LONG: usize = 40;

/// Documents that the table of common words counts as, where it says how common a word is.
const PRIOR: f32 = 500.0;

/// Words of a text, for the share of texts that have a word of which so many stand in a milliard.
const TEXT: f32 = 120.0;

/// The rarest that a term can be.
const RAREST: f32 = 2e-5;

/// What a name weighs, where a word weighs 1. Which names two reports share says most about whether they tell the same.
const NAME: f32 = 1.84;

/// What a number does.
const NUMBER: f32 = 2.34;

/// What a day does: all the news of a day shares it.
const DATE: f32 = 0.66;

/// Parts of 1 in which weights are kept.
const PARTS: f32 = 50.0;

/// The value of a term that is all that a report says.
const WHOLE: f32 = 65_535.0;

/// A term of a remembered report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) id: u32,
    /// How much of its report it is, with how rare it is: the squares of a report's values add up to that of [`WHOLE`].
    value: u16,
    /// How much of its report it is by itself, by where and how often it stands and what it is.
    weight: u8,
    common: u8,
}

impl Held {
    pub(super) fn of(term: Term) -> Self {
        let kind = match term.kind {
            TermKind::Name => NAME,
            TermKind::Number => NUMBER,
            TermKind::Date => DATE,
            TermKind::Word => 1.0,
        };
        // Twice as often is not twice as much about it.
        let weight = (f32::from(term.weight) / 16.0).sqrt() * kind * PARTS;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
        let weight = weight.round().min(255.0) as u8;
        Self { id: term.id, value: 0, weight, common: term.common }
    }

    pub(super) fn value(self) -> u16 {
        self.value
    }
}

/// Computes the values of a report's terms; `reports` says how many reports have a term, of `all`.
pub(super) fn weigh(terms: &mut [Held], all: u32, mut reports: impl FnMut(u32) -> u32) {
    let mut values = [0.0_f32; super::report::TERMS];
    for (value, held) in values.iter_mut().zip(&*terms) {
        *value = rarity(reports(held.id), held.common, all) * f32::from(held.weight);
    }
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
    for (value, held) in values.iter().zip(terms) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 65,535")]
        let value = (value / length * WHOLE).round() as u16;
        held.value = value;
    }
}

/// What of a report is compared: its terms, and the sample of its text.
pub(super) type Side<'a> = (&'a [Held], &'a [u32]);

/// How much two reports are alike, between 0 and 1: the cosine of the angle between their vectors of terms.
///
/// Reports that have much of their text in common word by word, and yet not what is rare in it, are two of one form: two releases
/// of a program, two warnings of a weather service. They are not alike at all.
pub(super) fn likeness(one: Side<'_>, other: Side<'_>) -> f32 {
    let alike = cosine(one.0, other.0);
    // Copies share their words, so most pairs need no look at their texts.
    if !(LOOKED_AT..COPY).contains(&alike) {
        return alike;
    }
    let (shared, of) = copies::compare(one.1, other.1);
    let is_short = one.0.len().min(other.0.len()) < LONG;
    if of >= COPIED && shared * 10 >= of * 8 {
        COPY
    } else if is_short && alike < SAME && of >= FILLED_IN && shared * 100 >= of * FORM {
        0.0
    } else {
        alike
    }
}

/// The terms of both stand in the order of their numbers.
fn cosine(one: &[Held], other: &[Held]) -> f32 {
    let (mut a, mut b, mut sum) = (0, 0, 0_u64);
    // Most steps meet nothing, and whose turn it is cannot be foreseen: so the turn is computed, not branched on.
    while let (Some(mine), Some(theirs)) = (one.get(a), other.get(b)) {
        let product = u32::from(mine.value) * u32::from(theirs.value);
        sum += u64::from(if mine.id == theirs.id { product } else { 0 });
        a += usize::from(mine.id <= theirs.id);
        b += usize::from(theirs.id <= mine.id);
    }
    #[expect(clippy::cast_precision_loss, reason = "six digits are more than enough")]
    let sum = sum as f32;
    (sum / (WHOLE * WHOLE)).min(1.0)
}

/// How rare a term is that stands in so many reports of `all`, between 0 and 1.
#[expect(clippy::cast_precision_loss, reason = "counts of reports are far below what a float holds exactly")]
fn rarity(reports: u32, common: u8, all: u32) -> f32 {
    let share = (reports as f32 + PRIOR * SHARES[usize::from(common)]) / (all as f32 + PRIOR);
    (share.ln() / RAREST.ln()).clamp(0.0, 1.0)
}

/// The share of texts that have a word, by how common the table of common words says it is.
static SHARES: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|common| {
        #[expect(clippy::cast_precision_loss, reason = "below 256")]
        let common = common as f32;
        (10.0_f32.powf(common / 10.0 - 9.0) * TEXT).clamp(RAREST, 0.5)
    })
});
