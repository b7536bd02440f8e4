use std::hint::black_box;
use std::sync::LazyLock;

use smallvec::SmallVec;

use super::copies;
use super::vocabulary::{NOWHERE, Vocabulary};
use crate::item::{Term, TermKind};

/// What copies of one text are alike at least.
const COPY: f32 = 0.8;

/// Reports whose terms are less alike are neither copies nor written after one form.
const LOOKED_AT: f32 = 0.18;

/// Shingles that must be compared before two texts can be called copies of each other.
const COPIED: usize = 16;

/// Shingles that must be compared before they can be called two copies of one form.
const FILLED_IN: usize = 8;

/// Shared shingles, in hundredths of those of the shorter text, that make a copy.
const COPIED_SHARE: usize = 80;

/// The same of what makes a form.
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

/// Terms that memory brings at a time.
const LINE: usize = 8;

/// The value of a term that is all that a report says.
const WHOLE: f32 = 65_535.0;

/// A term of a report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// Its place in the vocabulary.
    pub(super) place: u32,
    /// How much of its report it is, with how rare it is: the squares of a report's values add up to that of [`WHOLE`].
    value: u16,
    /// How much of its report it is by itself, by where and how often it stands and what it is.
    weight: u8,
    common: u8,
}

impl Held {
    pub(super) fn of(term: Term, place: u32) -> Self {
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
        Self { place, value: 0, weight, common: term.common }
    }

    pub(super) fn value(self) -> u16 {
        self.value
    }
}

/// Computes the values of a report's terms, by how many reports have each, of `all`.
pub(super) fn weigh(terms: &mut [Held], all: u32, vocabulary: &Vocabulary) {
    let mut values = [0.0_f32; super::report::TERMS];
    for (value, held) in values.iter_mut().zip(&*terms) {
        *value = rarity(vocabulary.reports(held.place), held.common, all) * f32::from(held.weight);
    }
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
    for (value, held) in values.iter().zip(terms) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 65,535")]
        let value = (value / length * WHOLE).round() as u16;
        held.value = value;
    }
}

/// What of a report is compared: its terms, and the sample of its text.
pub(super) type Side<'a> = (&'a [Held], &'a [u16]);

/// One report, laid out to be compared with many: what each term of the vocabulary is worth in it.
#[derive(Debug, Default)]
pub(super) struct Spread {
    /// By the place of a term; all 0 while no report is laid out.
    values: Vec<u16>,
}

impl Spread {
    /// How much a report is like each of some others, which are remembered. The vocabulary has so many places.
    pub(super) fn compare<const N: usize>(
        &mut self,
        one: Side<'_>,
        others: &[Side<'_>],
        places: usize,
    ) -> SmallVec<[f32; N]>
    where
        [f32; N]: smallvec::Array<Item = f32>,
    {
        self.values.resize(places.max(self.values.len()), 0);
        let known = || one.0.iter().filter(|held| held.place != NOWHERE);
        known().for_each(|held| self.values[held.place as usize] = held.value);
        fetch(others);
        let alike = others.iter().map(|other| likeness(one, *other, self.cosine(other.0))).collect();
        known().for_each(|held| self.values[held.place as usize] = 0);
        alike
    }

    /// Of the angle between the vectors of terms of the report that is laid out and another one that is remembered.
    fn cosine(&self, other: &[Held]) -> f32 {
        let product = |held: &Held| u64::from(u32::from(self.values[held.place as usize]) * u32::from(held.value));
        let sum: u64 = other.iter().map(product).sum();
        #[expect(clippy::cast_precision_loss, reason = "six digits are more than enough")]
        let sum = sum as f32;
        (sum / (WHOLE * WHOLE)).min(1.0)
    }
}

/// Looks at a little of each, so that what is far away in memory comes in one wait and not in one after another.
fn fetch(others: &[Side<'_>]) {
    let look = |(terms, sketch): &Side<'_>| {
        terms.iter().step_by(LINE).fold(u32::from(sketch.first().copied().unwrap_or(0)), |all, held| all ^ held.place)
    };
    black_box(others.iter().map(look).fold(0, |all, looked| all ^ looked));
}

/// How much two reports are alike, between 0 and 1: the cosine of the angle between their vectors of terms, which is `alike`.
///
/// Reports that have much of their text in common word by word, and yet not what is rare in it, are two of one form: two releases
/// of a program, two warnings of a weather service. They are not alike at all.
fn likeness(one: Side<'_>, other: Side<'_>, alike: f32) -> f32 {
    // Copies share their words, so most pairs need no look at their texts.
    if !(LOOKED_AT..COPY).contains(&alike) {
        return alike;
    }
    let is_short = one.0.len().min(other.0.len()) < LONG;
    let (shared, of) = copies::compare(one.1, other.1, u16::MAX, if is_short { FORM } else { COPIED_SHARE });
    if of >= COPIED && shared * 100 >= of * COPIED_SHARE {
        COPY
    } else if is_short && alike < SAME && of >= FILLED_IN && shared * 100 >= of * FORM {
        0.0
    } else {
        alike
    }
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
