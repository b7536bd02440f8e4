use std::sync::LazyLock;

use super::copies;
use crate::item::TermKind;

/// What copies of one text count at least.
const COPY: f32 = 6.0;

/// Copies have terms at least so much alike.
const ALIKE: f32 = 0.25;

/// Shingles that must be compared before that is known.
const COPIED: usize = 16;

/// Documents that the table of common words counts as, where it says how common a word is.
const PRIOR: f32 = 50.0;

/// Words of a text, for the share of texts that have a word of which so many stand in a milliard.
const TEXT: f32 = 120.0;

/// The rarest that a term can be.
const RAREST: f32 = 2e-5;

/// What tells that two reports are of one story: logistic regression over labelled news. The last is what they start from.
const WEIGHTS: [f32; TRAITS + 1] = [6.61, -2.64, 2.83, 0.81, -0.45, -0.4, 7.3, 4.77, 8.65, -1.05, 1.4, -4.84];

/// What is compared of two reports.
const TRAITS: usize = 11;

/// A term of a remembered report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) id: u32,
    pub(super) kind: TermKind,
    pub(super) weight: u8,
    /// How rare it is, in 255ths.
    pub(super) rare: u8,
}

impl Held {
    /// How rare it is, between 0 and 1.
    pub(super) fn rare(self) -> f32 {
        f32::from(self.rare) / 255.0
    }
}

/// Lengths of a report's vectors.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Norms {
    all: f32,
    names: f32,
    numbers: f32,
    dates: f32,
}

impl Held {
    pub(super) fn value(self) -> f32 {
        let rare = self.rare();
        rare * rare * f32::from(self.weight) / 16.0
    }
}

impl Norms {
    pub(super) fn of(terms: &[Held]) -> Self {
        let mut norms = Self::default();
        for held in terms {
            let square = held.value().powi(2);
            norms.all += square;
            match held.kind {
                TermKind::Name => norms.names += square,
                TermKind::Number => norms.numbers += square,
                TermKind::Date => norms.dates += 1.0,
                TermKind::Word => {}
            }
        }
        Self {
            all: norms.all.sqrt(),
            names: norms.names.sqrt(),
            numbers: norms.numbers.sqrt(),
            dates: norms.dates.sqrt(),
        }
    }
}

/// What of a report is compared: its terms, the lengths of its vectors, and the sample of its text.
pub(super) type Side<'a> = (&'a [Held], &'a Norms, &'a [u32]);

/// How well two reports belong together, in natural logarithms of the odds.
pub(super) fn likeness(one: Side<'_>, other: Side<'_>) -> f32 {
    let traits = traits(one, other);
    let sum: f32 = traits.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    // Copies share their words, so most pairs need no look at their texts.
    let copied = traits[0] > ALIKE && {
        let (shared, of) = copies::compare(one.2, other.2);
        of >= COPIED && shared * 10 >= of * 8
    };
    if copied { (sum + WEIGHTS[TRAITS]).max(COPY) } else { sum + WEIGHTS[TRAITS] }
}

fn traits(one: Side<'_>, other: Side<'_>) -> [f32; TRAITS] {
    let (mut shared, mut names, mut rare) = (Norms::default(), [0.0_f32; 2], 0.0);
    let mut in_both = [0_u64; 2];
    each_shared(one.0, other.0, |a, b| {
        let (mine, theirs) = (&one.0[a], &other.0[b]);
        in_both[0] |= 1 << a;
        in_both[1] |= 1 << b;
        let product = mine.value() * theirs.value();
        shared.all += product;
        rare += (mine.rare() - 0.5).max(0.0);
        match mine.kind.max(theirs.kind) {
            TermKind::Name => {
                shared.names += product;
                names[0] += mine.value();
                names[1] += theirs.value();
            }
            TermKind::Number => shared.numbers += product,
            TermKind::Date => shared.dates += 1.0,
            TermKind::Word => {}
        }
    });
    // What is a name on one side only counts as one on both, where both have it.
    let alone = [alone(one.0, in_both[0]), alone(other.0, in_both[1])];
    let all_names = [names[0] + alone[0].sum, names[1] + alone[1].sum];
    let alone = [alone[0].most, alone[1].most];
    let cosine = |shared: f32, one: f32, other: f32| {
        if shared > 0.0 { (shared / (one * other).max(1e-6)).min(1.0) } else { 0.0 }
    };
    let (mine, theirs) = (one.1, other.1);
    let differ = |shared: f32, mine: f32, theirs: f32| f32::from(u8::from(shared == 0.0 && mine > 0.0 && theirs > 0.0));
    let all = cosine(shared.all, mine.all, theirs.all);
    // Where no name is known, the words must do.
    let cover = |side: usize| if all_names[side] > 0.0 { names[side] / all_names[side] } else { all };
    [
        all,
        cosine(shared.names, mine.names, theirs.names),
        cosine(shared.numbers, mine.numbers, theirs.numbers),
        cosine(shared.dates, mine.dates, theirs.dates),
        differ(shared.dates, mine.dates, theirs.dates),
        differ(shared.numbers, mine.numbers, theirs.numbers),
        cover(0).min(cover(1)),
        cover(0).max(cover(1)),
        rare.min(3.0),
        alone[0].min(alone[1]),
        alone[0].max(alone[1]),
    ]
}

/// Calls `meet` with the places of each term that both have. The terms of both stand in the order of their numbers.
fn each_shared(one: &[Held], other: &[Held], mut meet: impl FnMut(usize, usize)) {
    let (mut a, mut b) = (0, 0);
    // Most steps meet nothing, and whose turn it is cannot be foreseen: so the turn is computed, not branched on.
    while let (Some(mine), Some(theirs)) = (one.get(a), other.get(b)) {
        if mine.id == theirs.id {
            meet(a, b);
        }
        a += usize::from(mine.id <= theirs.id);
        b += usize::from(theirs.id <= mine.id);
    }
}

/// Names of one side that the other lacks.
struct Alone {
    sum: f32,
    most: f32,
}

fn alone(terms: &[Held], in_both: u64) -> Alone {
    let mut alone = Alone { sum: 0.0, most: 0.0 };
    for (at, held) in terms.iter().enumerate() {
        let counts = held.kind == TermKind::Name && in_both >> at & 1 == 0;
        let value = if counts { held.value() } else { 0.0 };
        alone.sum += value;
        alone.most = alone.most.max(value);
    }
    alone
}

#[expect(clippy::cast_precision_loss, reason = "counts of reports are far below what a float holds exactly")]
pub(super) fn rarity(reports: u32, common: u8, all: u32) -> f32 {
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

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
pub(super) fn byte(unit: f32) -> u8 {
    (unit * 255.0).round() as u8
}
