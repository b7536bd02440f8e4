//! Which of some reports are one story.
//!
//! The numbers were found by search on the half of a set of labelled stories, pairs of look-alikes told by a dozen papers each: the
//! best share of pairs found, in any order of reports, where 97 of 100 are right. On the other half they do as well, and a tenth
//! more or less of any of them changes little.

/// Two groups of reports are joined where their reports are alike so much on average.
pub(super) const ALIKE: f32 = 0.2;

/// How much more that must be between two large groups, in parts of it. Two reports of one event may say different things of
/// it, two dozen do not.
const GROWTH: f32 = 0.7;

/// Nor are two groups joined whose reports are less alike across than they are inside, by this factor: a story is as much
/// alike everywhere, and two quakes are not, however many words of quakes they share.
const EVEN: f32 = 0.736;

/// How much less of that is asked of a report that stands alone, in parts of it: one may be an odd one.
const ODD: f32 = 0.335;

/// What the reports of a story are alike, as far as nothing is known of it.
const USUAL: f32 = 0.593;

/// So many pairs of reports are taken to be known to be.
const ASSUMED: f32 = 0.86;

/// How much each two of some reports are alike.
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

    /// With each of them.
    fn row(&self, one: usize) -> &[f32] {
        &self.values[one * self.size..][..self.size]
    }

    /// Adds to what one has with each what another has.
    fn add(&mut self, one: usize, other: usize) {
        for third in 0..self.size {
            let sum = self.get(one, third) + self.get(other, third);
            self.values[one * self.size + third] = sum;
            self.values[third * self.size + one] = sum;
        }
    }
}

/// Which reports are one story: for each the number of its group. `together` says which are not to be parted: the same number
/// for the same block.
///
/// The two groups for whose being one most speaks are joined, again and again, as long as anything does.
pub(super) fn group(likeness: Likeness, together: &[usize]) -> Vec<usize> {
    let mut grouping = Grouping::new(likeness);
    for one in 0..together.len() {
        if let Some(first) = (0..one).find(|&other| together[other] == together[one]) {
            grouping.join(grouping.labels[first], one);
        }
    }
    grouping.look_everywhere();
    while let Some((one, other)) = grouping.best() {
        grouping.join(one, other);
        grouping.look_again(one, other);
    }
    grouping.labels
}

/// Reports that are taken for one story so far.
#[derive(Debug, Clone, Copy)]
struct Group {
    /// 0 for one that was joined to another.
    size: f32,
    /// One in so many.
    part: f32,
    /// The sum of how much each two of its reports are alike.
    inside: f32,
    /// How much speaks for its being one with that of the groups before it for which most does; and which that is.
    best: (f32, usize),
}

impl Group {
    const GONE: Self = Self { size: 0.0, part: 0.0, inside: 0.0, best: (f32::MIN, 0) };

    fn pairs(&self) -> f32 {
        self.size * (self.size - 1.0) / 2.0
    }
}

struct Grouping {
    labels: Vec<usize>,
    groups: Vec<Group>,
    /// Sums over the reports of both groups.
    across: Likeness,
}

impl Grouping {
    fn new(across: Likeness) -> Self {
        let alone = Group { size: 1.0, part: 1.0, ..Group::GONE };
        Self { labels: (0..across.size).collect(), groups: vec![alone; across.size], across }
    }

    /// What speaks for two groups being one story, less what speaks against it.
    fn for_one(&self, one: usize, other: usize) -> f32 {
        for_one(&self.groups[one], &self.groups[other], self.across.get(one, other))
    }
    fn look_everywhere(&mut self) {
        for one in 0..self.groups.len() {
            self.look(one);
        }
    }

    /// Finds with which group before it this one goes best.
    fn look(&mut self, one: usize) {
        let mut best = (f32::MIN, 0);
        let mine = self.groups[one];
        if mine.size > 0.0 {
            for (other, (group, across)) in self.groups[..one].iter().zip(self.across.row(one)).enumerate() {
                if group.size > 0.0 {
                    let value = for_one(&mine, group, *across);
                    if value > best.0 {
                        best = (value, other);
                    }
                }
            }
        }
        self.groups[one].best = best;
    }

    /// After `gone` was joined to `grown`.
    fn look_again(&mut self, grown: usize, gone: usize) {
        self.look(grown);
        for third in 0..self.groups.len() {
            let known = self.groups[third];
            if known.size == 0.0 || third == grown {
                continue;
            }
            if known.best.1 == gone || known.best.1 == grown {
                self.look(third);
            } else if third > grown {
                let value = self.for_one(third, grown);
                if value > known.best.0 {
                    self.groups[third].best = (value, grown);
                }
            }
        }
    }

    /// The two groups that go best together, the lesser number first, if anything speaks for it.
    fn best(&self) -> Option<(usize, usize)> {
        let mut best = (0.0, None);
        for (one, group) in self.groups.iter().enumerate() {
            if group.best.0 > best.0 {
                best = (group.best.0, Some((group.best.1, one)));
            }
        }
        best.1
    }

    fn join(&mut self, one: usize, other: usize) {
        let across = self.across.get(one, other);
        let gone = std::mem::replace(&mut self.groups[other], Group::GONE);
        let grown = &mut self.groups[one];
        grown.size += gone.size;
        grown.part = 1.0 / grown.size;
        grown.inside += gone.inside + across;
        self.across.add(one, other);
        for label in &mut self.labels {
            if *label == other {
                *label = one;
            }
        }
    }
}

/// What speaks for two groups being one story, less what speaks against it; `across` is the sum over the reports of both.
fn for_one(a: &Group, b: &Group, across: f32) -> f32 {
    let across = across * a.part * b.part;
    // Most are not alike at all, and nothing more need be known of them.
    if across <= ALIKE {
        return across - ALIKE;
    }
    let lesser = a.part.max(b.part);
    let needed = ALIKE * (1.0 + GROWTH * (1.0 - lesser));
    let inside = (a.inside + b.inside + ASSUMED * USUAL) / (a.pairs() + b.pairs() + ASSUMED);
    across - needed.max(EVEN * inside * (1.0 - ODD * lesser))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reports of which those of one block are alike by `inside`, and those of two by `across`.
    fn blocks(sizes: &[usize], inside: f32, across: f32) -> Likeness {
        let of: Vec<usize> = sizes.iter().enumerate().flat_map(|(block, size)| vec![block; *size]).collect();
        let mut likeness = Likeness::new(of.len());
        for one in 0..of.len() {
            for other in 0..one {
                likeness.set(one, other, if of[one] == of[other] { inside } else { across });
            }
        }
        likeness
    }

    fn groups(likeness: Likeness, together: &[usize]) -> usize {
        let mut labels = group(likeness, together);
        labels.sort_unstable();
        labels.dedup();
        labels.len()
    }

    #[test]
    fn what_is_alike_everywhere_is_one_story_and_two_that_are_less_alike_across_are_two() {
        let apart: Vec<usize> = (0..10).collect();
        assert_eq!(groups(blocks(&[5, 5], 0.4, 0.4), &apart), 1);
        assert_eq!(groups(blocks(&[5, 5], 0.5, 0.36), &apart), 1);
        assert_eq!(groups(blocks(&[5, 5], 0.6, 0.36), &apart), 2, "more alike inside");
        assert_eq!(groups(blocks(&[5, 5], 0.4, 0.3), &apart), 2, "two large groups need more than two reports");
        assert_eq!(groups(blocks(&[1, 1], 0.0, 0.4), &apart[..2]), 1);
        assert_eq!(groups(blocks(&[1, 1], 0.0, 0.1), &apart[..2]), 2);
    }

    #[test]
    fn what_must_stay_together_does() {
        assert_eq!(groups(blocks(&[2, 2], 0.0, 0.0), &[0, 1, 0, 3]), 3);
        assert_eq!(groups(blocks(&[2, 2], 0.0, 0.0), &[7, 7, 7, 7]), 1);
    }
}
