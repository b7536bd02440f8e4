use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::BuildHasherDefault;
use std::hint::black_box;

use jiff::Timestamp;
use smallvec::SmallVec;

use super::CLOSES_AFTER;
use super::copies::coarse;
use super::group::{ALIKE, Likeness, group};
use super::likeness::{Held, Side, Spread, weigh};
use super::place::{Goal, Move, Place};
use super::report::TERMS;
use super::shelf::Shelf;
use super::vocabulary::{NOWHERE, Numbers, Vocabulary};
use crate::item::{ItemId, Report, StoryId};

/// Reports that are remembered.
const REPORTS: usize = 100_000;

/// A report of fewer terms, a short headline and nothing else, says too little to tell it from another.
const TERMS_MIN: usize = 8;

/// Reports that an item is compared with.
const COMPARED: usize = 28;

/// Steps from report to report that one search takes.
const STEPS: usize = 640;

/// So many of them first: where none of these is near, none is.
const COMPARED_FIRST: usize = 10;

/// Reports that are looked at more closely, the likest.
const NEAR: usize = 24;

/// Reports that are grouped anew.
const GROUPED: usize = 28;

/// Reports that are less alike are not near.
const NEAR_MIN: f32 = 0.1;

/// Pairs whose likeness is remembered: the reports of a story are compared again with each that joins them.
const PAIRS: usize = 300_000;

/// The same, of one report with earlier ones.
const PAIRS_OF_ONE: usize = 64;

/// A remembered report.
#[derive(Debug)]
struct Known {
    item: ItemId,
    /// How much it is like earlier ones, by their numbers, as far as it was computed since its terms were weighed.
    alike: Vec<(u32, f32)>,
}

/// The reports of late, by what they speak of.
#[derive(Debug, Default)]
pub struct Reports {
    known: VecDeque<Known>,
    /// What they are compared by.
    shelf: Shelf,
    /// The number of the first that is still known.
    first: u32,
    terms: Vocabulary,
    stories: HashMap<StoryId, SmallVec<[u32; 2]>, BuildHasherDefault<Numbers>>,
    numbers: HashMap<ItemId, u32, BuildHasherDefault<Numbers>>,
    /// How many pairs are remembered.
    pairs: usize,
    /// Whose they are.
    paired: BTreeSet<u32>,
    /// Whose turn it is to be forgotten, once there are too many.
    hand: u32,
    spread: Spread,
    /// What was computed for the last decision.
    placed: Placed,
    /// What each report shares with the one that is being decided on, by its number; all 0 between two decisions.
    shared: Vec<u32>,
    /// Room for those that share something.
    found: Vec<u64>,
}

/// A report that is not remembered yet, and how much some that are remembered are like it.
#[derive(Debug, Default)]
struct Placed {
    report: Report,
    terms: Vec<Held>,
    likeness: Vec<(u32, f32)>,
}

impl Reports {
    /// How many reports are remembered.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Where a report of this time belongs.
    pub fn place(&mut self, report: &Report, when: Timestamp) -> Place {
        if report.terms.len() < TERMS_MIN {
            return Place::default();
        }
        let (terms, sketch) = (self.weigh(report), coarse(&report.sketch));
        let near = self.near((&terms, &sketch), when);
        let mut place = Place::default();
        let mut likeness = Vec::new();
        if near.first().is_some_and(|(_, value)| *value >= ALIKE) {
            likeness = self.settle((&terms, &sketch), &near, &mut place);
        }
        self.placed = Placed { report: report.clone(), terms, likeness };
        place
    }

    /// Takes a report in.
    pub fn add(&mut self, item: ItemId, story: StoryId, when: Timestamp, report: &Report) {
        let number = self.first + self.count();
        let mut placed = std::mem::take(&mut self.placed);
        if placed.report != *report {
            placed = Placed { terms: self.weigh(report), ..Placed::default() };
        }
        // One that says too little is not found by what it says.
        let compared = (placed.terms.len() >= TERMS_MIN).then_some(number);
        for (held, term) in placed.terms.iter_mut().zip(&report.terms) {
            held.place = self.terms.hold(*term, held.place, compared);
        }
        self.pairs += placed.likeness.len();
        self.shelf.push((&placed.terms, &coarse(&report.sketch)), story, when.as_millisecond(), self.count());
        if !placed.likeness.is_empty() {
            self.paired.insert(number);
        }
        self.known.push_back(Known { item, alike: placed.likeness });
        self.stories.entry(story).or_default().push(number);
        self.numbers.insert(item, number);
        // Only now: what was placed before this knows its terms by places that the oldest report may be the last to hold.
        if self.known.len() > REPORTS {
            self.forget_first();
        }
        while self.pairs > PAIRS {
            self.forget_pairs();
        }
    }

    /// Forgets the pairs of the report whose turn it is.
    fn forget_pairs(&mut self) {
        let next = self.paired.range(self.hand..).next().or_else(|| self.paired.first());
        let Some(number) = next.copied() else { return };
        self.forget_pairs_of(number);
        self.hand = number + 1;
    }

    fn forget_pairs_of(&mut self, number: u32) {
        let gone = std::mem::take(&mut self.at_mut(number).alike);
        self.pairs -= gone.len();
        if !gone.is_empty() {
            self.paired.remove(&number);
        }
    }

    /// Puts reports into another story.
    pub fn regroup(&mut self, items: &[ItemId], story: StoryId) {
        for item in items {
            let Some(number) = self.number(*item) else { continue };
            let old = self.shelf.put_into(number, story);
            self.leave(old, number);
            self.stories.entry(story).or_default().push(number);
        }
    }

    fn leave(&mut self, story: StoryId, number: u32) {
        if let Some(members) = self.stories.get_mut(&story) {
            members.retain(|member| *member != number);
            if members.is_empty() {
                self.stories.remove(&story);
            }
        }
    }

    fn forget_first(&mut self) {
        let number = self.first;
        self.forget_pairs_of(number);
        let Some(gone) = self.known.pop_front() else { return };
        self.first += 1;
        let ((terms, _), story) = (self.shelf.side(number), self.shelf.story(number));
        for held in terms {
            self.terms.let_go(held.place, terms.len() >= TERMS_MIN);
        }
        self.shelf.forget_first();
        self.leave(story, number);
        self.numbers.remove(&gone.item);
    }

    fn count(&self) -> u32 {
        u32::try_from(self.known.len()).unwrap_or(u32::MAX)
    }

    fn at(&self, number: u32) -> &Known {
        &self.known[(number - self.first) as usize]
    }

    fn at_mut(&mut self, number: u32) -> &mut Known {
        &mut self.known[(number - self.first) as usize]
    }

    /// The number of an item's report.
    fn number(&self, item: ItemId) -> Option<u32> {
        self.numbers.get(&item).copied()
    }

    fn weigh(&self, report: &Report) -> Vec<Held> {
        let held = |term| Held::of(term, self.terms.place(term));
        let mut terms: Vec<Held> = report.terms.iter().take(TERMS).copied().map(held).collect();
        weigh(&mut terms, self.count(), &self.terms);
        terms
    }

    /// How much a new report is like each of those, by their numbers.
    fn compare(&mut self, new: Side<'_>, others: &[u32]) -> SmallVec<[f32; GROUPED]> {
        let others: SmallVec<[Side<'_>; GROUPED]> = others.iter().map(|number| self.shelf.side(*number)).collect();
        self.spread.compare(new, &others, self.terms.len())
    }

    /// The same of those that are near, of which it is known, and of others.
    fn compare_with_all(&mut self, new: Side<'_>, numbers: &[u32], near: &[(u32, f32)]) -> Vec<(u32, f32)> {
        let is_near = |number: &u32| near.iter().any(|(near, _)| near == number);
        let others: SmallVec<[u32; GROUPED]> = numbers.iter().copied().filter(|number| !is_near(number)).collect();
        let mut all = near.to_vec();
        all.extend(others.iter().copied().zip(self.compare(new, &others)));
        all.sort_unstable_by_key(|(number, _)| *number);
        all
    }

    /// Reports that this one is most like, the likest first.
    fn near(&mut self, new: Side<'_>, when: Timestamp) -> Vec<(u32, f32)> {
        let sharing = self.sharing(new.0, when);
        let (first, rest) = sharing.split_at(COMPARED_FIRST.min(sharing.len()));
        let mut near = Vec::new();
        for numbers in [first, rest] {
            for number in numbers {
                self.refresh(*number);
            }
            let alike = self.compare(new, numbers);
            near.extend(numbers.iter().copied().zip(alike).filter(|(_, value)| *value > NEAR_MIN));
            if near.is_empty() {
                break;
            }
        }
        near.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        near.truncate(NEAR);
        near
    }

    /// Reports that share telling terms with this one, at most [`COMPARED`] of them, those that share most first.
    fn sharing(&mut self, terms: &[Held], when: Timestamp) -> SmallVec<[u32; COMPARED]> {
        // Numbers of which the upper half is what counts are sorted several times as fast as pairs.
        let telling = terms.iter().filter(|held| held.value() > 0 && held.place != NOWHERE);
        let mut telling: SmallVec<[u64; 64]> = telling.map(|held| packed(held.value().into(), held.place)).collect();
        telling.sort_unstable_by(|a, b| b.cmp(a));
        self.shared.resize(self.known.len().max(self.shared.len()), 0);
        let mut found = std::mem::take(&mut self.found);
        // First all steps, and then what is met at each: so no step waits for what the one before meets, and memory brings many
        // at a time.
        for (value, place) in telling.into_iter().map(unpacked) {
            let room = STEPS - found.len();
            let known = self.terms.newest(place).take_while(|number| *number >= self.first);
            found.extend(known.take(room).map(|number| packed(value, number)));
        }
        let mut met = 0;
        for at in 0..found.len() {
            let (value, number) = unpacked(found[at]);
            let shared = &mut self.shared[(number - self.first) as usize];
            found[met] = u64::from(number);
            met += usize::from(*shared == 0);
            *shared += value;
        }
        found.truncate(met);
        for one in &mut found {
            let (_, number) = unpacked(*one);
            *one = packed(std::mem::take(&mut self.shared[(number - self.first) as usize]), number);
        }
        // What is not of this time is few, and to look when a report was costs a walk through memory.
        if found.len() > 2 * COMPARED {
            found.select_nth_unstable_by(2 * COMPARED, |a, b| b.cmp(a));
            found.truncate(2 * COMPARED);
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        let (when, closes) = (when.as_millisecond(), i64::try_from(CLOSES_AFTER.as_millis()).unwrap_or(i64::MAX));
        let of_this_time = |number: &u32| self.shelf.when(*number).abs_diff(when) <= closes.unsigned_abs();
        let sharing = found.drain(..).map(|one| unpacked(one).1).filter(of_this_time).take(COMPARED).collect();
        self.found = found;
        sharing
    }

    /// Writes down how much the report at `at` is like each before it; in `likeness` the new one comes before all of them.
    fn pair(&mut self, numbers: &[u32], at: usize, likeness: &mut Likeness) {
        let mut pairs = std::mem::take(&mut self.at_mut(numbers[at]).alike);
        self.pairs -= pairs.len();
        let had_none = pairs.is_empty();
        let (mut next, mut missing, mut places) =
            (0, SmallVec::<[u32; GROUPED]>::new(), SmallVec::<[usize; GROUPED]>::new());
        for (place, other) in numbers[..at].iter().enumerate() {
            while pairs.get(next).is_some_and(|(number, _)| number < other) {
                next += 1;
            }
            match pairs.get(next) {
                Some((number, value)) if number == other => likeness.set(at + 1, place + 1, *value),
                _ => {
                    missing.push(*other);
                    places.push(place);
                }
            }
        }
        if !missing.is_empty() {
            let sides: SmallVec<[Side<'_>; GROUPED]> = missing.iter().map(|other| self.shelf.side(*other)).collect();
            let alike: SmallVec<[f32; GROUPED]> =
                self.spread.compare(self.shelf.side(numbers[at]), &sides, self.terms.len());
            let found: SmallVec<[(u32, f32); GROUPED]> = missing.into_iter().zip(alike).collect();
            for ((_, value), place) in found.iter().zip(places) {
                likeness.set(at + 1, place + 1, *value);
            }
            merge(&mut pairs, &found);
            pairs.drain(..pairs.len().saturating_sub(PAIRS_OF_ONE));
        }
        if had_none && !pairs.is_empty() {
            self.paired.insert(numbers[at]);
        }
        self.pairs += pairs.len();
        self.at_mut(numbers[at]).alike = pairs;
    }

    /// Computes the values of a report's terms anew once many more reports have shown how common they are.
    fn refresh(&mut self, number: u32) {
        let count = self.count();
        if is_fresh(self.shelf.weighed_at(number), count) {
            return;
        }
        weigh(self.shelf.weighed_anew(number, count), count, &self.terms);
        self.forget_pairs_of(number);
    }

    /// Groups the new report anew with those that are near and with the rest of their stories. Returns how much it is like each
    /// of them.
    fn settle(&mut self, new: Side<'_>, near: &[(u32, f32)], place: &mut Place) -> Vec<(u32, f32)> {
        let (numbers, whole) = self.neighbourhood(near);
        for number in &numbers {
            self.refresh(*number);
        }
        // As `fetch` does for what is compared.
        let pairs = numbers.iter().filter_map(|number| self.at(*number).alike.first());
        black_box(pairs.fold(0, |all, (number, _)| all ^ number));
        let mut likeness = Likeness::new(numbers.len() + 1);
        let mine = self.compare_with_all(new, &numbers, near);
        for (at, (_, value)) in mine.iter().enumerate() {
            likeness.set(0, at + 1, *value);
            self.pair(&numbers, at, &mut likeness);
        }
        // What of a story is not in sight stays with what is.
        let mut together = vec![0];
        together.extend(numbers.iter().enumerate().map(|(at, number)| {
            let story = self.shelf.story(*number);
            let first = numbers.iter().position(|other| self.shelf.story(*other) == story);
            if whole.contains(&story) { at + 1 } else { first.unwrap_or(at) + 1 }
        }));
        let labels = group(likeness, &together);
        self.assign(&numbers, &labels, place);
        mine
    }

    /// Reports to be grouped: those near, then the rest of their stories as far as there is room; and which stories are in
    /// sight as a whole. What is near is of this time, so their stories are open.
    fn neighbourhood(&self, near: &[(u32, f32)]) -> (Vec<u32>, Vec<StoryId>) {
        let mut stories: Vec<StoryId> = Vec::new();
        for (number, _) in near {
            let story = self.shelf.story(*number);
            if !stories.contains(&story) {
                stories.push(story);
            }
        }
        let mut numbers: Vec<u32> = near.iter().map(|near| near.0).collect();
        stories.retain(|story| {
            let members = self.stories.get(story).map_or(&[][..], SmallVec::as_slice);
            let room = GROUPED.saturating_sub(numbers.len());
            let rest = members.iter().copied().filter(|member| !numbers.contains(member)).take(room + 1);
            let rest: SmallVec<[u32; GROUPED]> = rest.collect();
            numbers.extend(rest.iter().take(room));
            rest.len() <= room
        });
        numbers.sort_unstable();
        (numbers, stories)
    }

    /// Gives each group the story that most of it was in.
    fn assign(&self, numbers: &[u32], labels: &[usize], place: &mut Place) {
        let mut groups: Vec<(usize, Vec<u32>)> = Vec::new();
        for (label, number) in labels[1..].iter().zip(numbers) {
            match groups.iter_mut().find(|(known, _)| known == label) {
                Some((_, members)) => members.push(*number),
                None => groups.push((*label, vec![*number])),
            }
        }
        // The story of many goes to the group with most of them.
        let mut claims: Vec<(usize, StoryId, usize)> = Vec::new();
        for (at, (_, members)) in groups.iter().enumerate() {
            for member in members {
                let story = self.shelf.story(*member);
                match claims.iter_mut().find(|claim| claim.0 == at && claim.1 == story) {
                    Some(claim) => claim.2 += 1,
                    None => claims.push((at, story, 1)),
                }
            }
        }
        claims.sort_unstable_by_key(|(at, story, count)| (std::cmp::Reverse(*count), *story, *at));
        let mut stories: Vec<Option<StoryId>> = vec![None; groups.len()];
        for (at, story, _) in claims {
            if stories[at].is_none() && !stories.contains(&Some(story)) {
                stories[at] = Some(story);
            }
        }
        for ((label, members), story) in groups.into_iter().zip(stories) {
            let is_mine = label == labels[0];
            if is_mine {
                place.story = story;
            }
            let moved = members.iter().filter(|member| Some(self.shelf.story(**member)) != story);
            let items: Vec<ItemId> = moved.map(|member| self.at(*member).item).collect();
            if !items.is_empty() {
                let to = story.map_or(if is_mine { Goal::Same } else { Goal::New }, Goal::Story);
                place.moves.push(Move { items, to });
            }
        }
    }
}

/// Puts more pairs among those that are known. Both rise.
fn merge(pairs: &mut Vec<(u32, f32)>, more: &[(u32, f32)]) {
    let (mut old, mut new) = (pairs.len(), more.len());
    pairs.extend_from_slice(more);
    for at in (0..pairs.len()).rev() {
        let Some(next) = new.checked_sub(1).map(|last| more[last]) else { break };
        if old > 0 && pairs[old - 1].0 > next.0 {
            old -= 1;
            pairs[at] = pairs[old];
        } else {
            new -= 1;
            pairs[at] = next;
        }
    }
}

/// One number of two, by the order of the first.
fn packed(value: u32, number: u32) -> u64 {
    u64::from(value) << 32 | u64::from(number)
}

#[expect(clippy::cast_possible_truncation, reason = "the upper half is the other one")]
fn unpacked(one: u64) -> (u32, u32) {
    ((one >> 32) as u32, one as u32)
}

/// Whether what was computed when there were so many reports still holds: how rare a term is changes with their number, and most
/// while there are few.
fn is_fresh(at: u32, count: u32) -> bool {
    let part = if at < 5_000 { 20 } else { 4 };
    at.saturating_add(at / part + 2) >= count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_takes_little_beside_its_terms() {
        assert_eq!(size_of::<Known>(), 32);
    }

    #[test]
    fn more_pairs_find_their_places_among_those_that_are_known() {
        let pairs = |numbers: &[u32]| numbers.iter().map(|number| (*number, 0.5)).collect::<Vec<_>>();
        for (known, more) in
            [(&[][..], &[1, 2][..]), (&[1, 5], &[0, 3, 9]), (&[4, 5], &[]), (&[7], &[1, 2]), (&[1], &[7])]
        {
            let mut merged = pairs(known);
            merge(&mut merged, &pairs(more));
            let mut all = [known, more].concat();
            all.sort_unstable();
            assert_eq!(merged, pairs(&all));
        }
    }
}
