use super::likeness::Held;
use crate::item::TermKind;

/// Reports that are joined belong together at least so well, in natural logarithms of the odds.
const JOINS: f32 = -1.2;

/// What speaks against joining, per unit of what each side has for itself alone.
const CONTRAST: f32 = 1.5;

/// How fast contrast grows with the number of reports that show it.
const GROWTH: f32 = 2.0;

/// How much more contrast counts between reports that say little: there is less in them to have for themselves.
const SHORT: f32 = 3.5;

/// A report of fewer terms says little.
const LONG: f32 = 40.0;

/// Terms of each side that make the contrast.
const CONTRASTING: usize = 8;

/// What a number or a day of one side alone weighs, where a name weighs 1.
const NUMBER: f32 = 1.3;

/// What a word does.
const WORD: f32 = 0.3;

/// A term tells two sides apart when the shares of reports that have it differ by more than this.
const APART: f32 = 0.2;

/// A term as a side of a comparison has it.
#[derive(Debug, Clone, Copy)]
struct Told {
    id: u32,
    /// How many of its reports have it.
    count: f32,
    /// What it weighs.
    weight: f32,
}

/// Reports that are taken for one story so far.
struct Side {
    size: f32,
    /// Terms of its reports on average.
    length: f32,
    terms: Vec<Told>,
}

/// How well each two of some reports belong together, in natural logarithms of the odds.
pub(super) struct Likeness {
    size: usize,
    values: Vec<f32>,
}

impl Likeness {
    pub(super) fn new(size: usize) -> Self {
        Self { size, values: vec![0.0; size * size] }
    }

    pub(super) fn set(&mut self, one: usize, other: usize, value: f32) {
        self.values[one * self.size + other] = value;
        self.values[other * self.size + one] = value;
    }

    fn get(&self, one: usize, other: usize) -> f32 {
        self.values[one * self.size + other]
    }
}

/// Which reports are one story: for each the number of its group. `reports` are their terms, `together` those that are not to be
/// parted: the same number for the same block.
///
/// The two groups that are most alike on average are joined, again and again, unless each of them has names, numbers and days
/// of its own that the other lacks: two quakes share all words of quakes, and nothing of where and when. The more reports show
/// such a contrast, the more it counts.
pub(super) fn group(reports: &[&[Held]], likeness: Likeness, together: &[usize]) -> Vec<usize> {
    let mut grouping = Grouping::new(reports, likeness);
    for one in 0..reports.len() {
        if let Some(first) = (0..one).find(|&other| together[other] == together[one]) {
            grouping.join(grouping.labels[first], one);
        }
    }
    while let Some((one, other)) = grouping.best() {
        if grouping.judged(one, other) {
            grouping.join(one, other);
        }
    }
    grouping.labels
}

struct Grouping {
    labels: Vec<usize>,
    sides: Vec<Option<Side>>,
    /// Average likeness.
    alike: Likeness,
    /// The same less the contrast, once that is known; of the greater number and the lesser, and less than anything for
    /// groups that were joined to others.
    values: Vec<f32>,
    /// Whether the contrast is known.
    judged: Vec<bool>,
}

impl Grouping {
    fn new(reports: &[&[Held]], alike: Likeness) -> Self {
        let count = reports.len();
        let side = |terms: &&[Held]| {
            let told = |held: &Held| Told { id: held.id, count: 1.0, weight: telling(*held) };
            let length = u16::try_from(terms.len()).map_or(LONG, f32::from);
            Some(Side { size: 1.0, length, terms: terms.iter().map(told).collect() })
        };
        Self {
            labels: (0..count).collect(),
            sides: reports.iter().map(side).collect(),
            values: alike.values.clone(),
            alike,
            judged: vec![false; count * count],
        }
    }

    /// The two groups that are most alike, if they are alike enough.
    fn best(&self) -> Option<(usize, usize)> {
        let size = self.labels.len();
        let (mut best, mut found) = (JOINS, None);
        for one in 1..size {
            let row = &self.values[one * size..one * size + one];
            if row.iter().fold(f32::MIN, |most, value| most.max(*value)) >= best {
                for (other, value) in row.iter().enumerate() {
                    if *value >= best {
                        (best, found) = (*value, Some((other, one)));
                    }
                }
            }
        }
        found
    }

    /// Whether what these two lack of each other is taken into account already; takes it into account.
    fn judged(&mut self, one: usize, other: usize) -> bool {
        let place = other.max(one) * self.labels.len() + other.min(one);
        if self.judged[place] {
            return true;
        }
        let (Some(a), Some(b)) = (&self.sides[one], &self.sides[other]) else { return false };
        let growth = 1.0 + GROWTH * a.size.min(b.size).ln();
        let short = 1.0 + SHORT * (1.0 - a.length.min(b.length) / LONG).max(0.0);
        self.values[place] = self.alike.get(one, other) - CONTRAST * contrast(a, b) * growth * short;
        self.judged[place] = true;
        false
    }

    fn join(&mut self, one: usize, other: usize) {
        let (Some(a), Some(b)) = (self.sides[one].take(), self.sides[other].take()) else { return };
        let size = self.labels.len();
        for third in 0..size {
            self.values[other.max(third) * size + other.min(third)] = f32::NEG_INFINITY;
            if third != one && self.sides[third].is_some() {
                let both = self.alike.get(one, third) * a.size + self.alike.get(other, third) * b.size;
                let both = both / (a.size + b.size);
                self.alike.set(one, third, both);
                let place = one.max(third) * size + one.min(third);
                (self.values[place], self.judged[place]) = (both, false);
            }
        }
        for label in &mut self.labels {
            if *label == other {
                *label = one;
            }
        }
        self.sides[one] = Some(a.and(&b));
    }
}

impl Side {
    fn and(&self, other: &Self) -> Self {
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut a, mut b) = (0, 0);
        while let Some(next) = match (self.terms.get(a), other.terms.get(b)) {
            (Some(mine), Some(theirs)) if mine.id == theirs.id => {
                (a, b) = (a + 1, b + 1);
                let weight = mine.weight.max(theirs.weight);
                Some(Told { id: mine.id, count: mine.count + theirs.count, weight })
            }
            (Some(mine), theirs) if theirs.is_none_or(|theirs| mine.id < theirs.id) => {
                a += 1;
                Some(*mine)
            }
            (_, theirs) => {
                b += 1;
                theirs.copied()
            }
        } {
            terms.push(next);
        }
        let size = self.size + other.size;
        Self { size, length: (self.length * self.size + other.length * other.size) / size, terms }
    }
}

/// What a term weighs where it is one side's alone.
fn telling(held: Held) -> f32 {
    let rare = held.rare();
    rare * rare
        * match held.kind {
            TermKind::Name => 1.0,
            TermKind::Number | TermKind::Date => NUMBER,
            TermKind::Word => WORD,
        }
}

/// What each of two sides has for itself: the less of both, for a report that says more than another is no other news.
fn contrast(one: &Side, other: &Side) -> f32 {
    let (mut mine, mut theirs) = (Top::default(), Top::default());
    let (mut a, mut b) = (0, 0);
    loop {
        let (left, right) = (one.terms.get(a), other.terms.get(b));
        let (in_one, in_other, weight) = match (left, right) {
            (Some(left), Some(right)) if left.id == right.id => {
                (a, b) = (a + 1, b + 1);
                (left.count, right.count, left.weight.max(right.weight))
            }
            (Some(left), right) if right.is_none_or(|right| left.id < right.id) => {
                a += 1;
                (left.count, 0.0, left.weight)
            }
            (_, Some(right)) => {
                b += 1;
                (0.0, right.count, right.weight)
            }
            (_, None) => break,
        };
        // One report alone says little about what its story always says.
        mine.take(in_one / (one.size + 1.0) - in_other / other.size, weight);
        theirs.take(in_other / (other.size + 1.0) - in_one / one.size, weight);
    }
    mine.sum().min(theirs.sum())
}

/// The largest of what was taken.
#[derive(Default)]
struct Top {
    values: [f32; CONTRASTING],
}

impl Top {
    fn take(&mut self, apart: f32, weight: f32) {
        let value = apart * weight;
        if apart > APART && value > self.values[CONTRASTING - 1] {
            let place = self.values.partition_point(|known| *known >= value);
            self.values.copy_within(place..CONTRASTING - 1, place + 1);
            self.values[place] = value;
        }
    }

    fn sum(&self) -> f32 {
        self.values.iter().sum()
    }
}
