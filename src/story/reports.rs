use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use jiff::Timestamp;
use smallvec::SmallVec;

use super::group::{Likeness, group};
use super::is_open;
use super::likeness::{Held, Norms, Side, byte, likeness, rarity};
use super::place::{Goal, Move, Place};
use super::report::TERMS;
use crate::item::{ItemId, Report, StoryId, TermKind};

/// Reports that are remembered.
const REPORTS: usize = 100_000;

/// A report of fewer terms, a short headline and nothing else, says too little to tell it from another.
const TERMS_MIN: usize = 8;

/// Reports that an item is compared with.
const COMPARED: usize = 40;

/// Reports that share a term and are looked at, the newest.
const SHARING: usize = 64;

/// Steps from report to report that one search takes.
const STEPS: usize = 640;

/// So many of them first: where none of these is near, none is.
const COMPARED_FIRST: usize = 10;

/// Reports that are looked at more closely, the likest.
const NEAR: usize = 24;

/// Reports that are grouped anew.
const GROUPED: usize = 28;

/// Pairs whose likeness is remembered: the reports of a story are compared again with each that joins them.
const PAIRS: usize = 200_000;

/// Below this, two reports are not near.
const NEAR_MIN: f32 = -4.0;

/// An item whose nearest report is less like it than this opens a story without further ado.
const ALONE: f32 = -1.2;

/// A remembered report.
#[derive(Debug)]
struct Known {
    item: ItemId,
    story: StoryId,
    when: Timestamp,
    terms: Box<[Held]>,
    sketch: Box<[u32]>,
    norms: Norms,
    /// How many reports there were when the norms were computed.
    normed_at: u32,
}

/// What is known of a term.
#[derive(Debug)]
struct Head {
    common: u8,
    reports: u32,
    /// The newest reports that have it, at least [`SHARING`] of them where there are so many, the newest last.
    newest: SmallVec<[u32; 4]>,
}

impl Head {
    fn push(&mut self, number: u32) {
        self.reports += 1;
        if self.newest.len() == 2 * SHARING {
            self.newest.drain(..SHARING);
        }
        self.newest.push(number);
    }
}

/// The reports of late, by what they speak of.
#[derive(Debug, Default)]
pub struct Reports {
    known: VecDeque<Known>,
    /// The number of the first that is still known.
    first: u32,
    terms: HashMap<u32, Head, BuildHasherDefault<Numbers>>,
    stories: HashMap<StoryId, Vec<u32>>,
    numbers: HashMap<ItemId, u32>,
    /// How well two reports belong together, and how many reports there were when that was computed.
    pairs: HashMap<u64, (f32, u32), BuildHasherDefault<Numbers>>,
    /// What was compared for the last decision.
    placed: Placed,
}

/// How well a report that is not remembered yet belongs together with some that are.
#[derive(Debug, Default)]
struct Placed {
    report: Report,
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
        let new = self.weigh(report);
        let near = self.near(&new, report, when);
        let mut place = Place::default();
        if near.first().is_some_and(|(_, value)| *value >= ALONE) {
            let likeness = self.settle((&new, &report.sketch), &near, when, &mut place);
            self.placed = Placed { report: report.clone(), likeness };
        }
        place
    }

    /// Takes a report in.
    pub fn add(&mut self, item: ItemId, story: StoryId, when: Timestamp, report: &Report) {
        if self.known.len() == REPORTS {
            self.forget_first();
        }
        let number = self.first + self.count();
        let weighed = self.weigh(report);
        for term in report.terms.iter().take(TERMS) {
            let fresh = || Head { common: term.common, reports: 0, newest: SmallVec::new() };
            self.terms.entry(term.id).or_insert_with(fresh).push(number);
        }
        self.known.push_back(Known {
            item,
            story,
            when,
            terms: weighed.terms.into(),
            sketch: report.sketch.clone().into(),
            norms: weighed.norms,
            normed_at: self.count(),
        });
        self.stories.entry(story).or_default().push(number);
        self.numbers.insert(item, number);
        if self.placed.report == *report {
            let (count, placed) = (self.count(), std::mem::take(&mut self.placed));
            for (other, value) in placed.likeness {
                self.keep(number, other, value, count);
            }
        }
    }

    /// Puts reports into another story.
    pub fn regroup(&mut self, items: &[ItemId], story: StoryId) {
        for item in items {
            let Some(number) = self.number(*item) else { continue };
            let old = std::mem::replace(&mut self.at_mut(number).story, story);
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
        let Some(gone) = self.known.pop_front() else { return };
        let number = self.first;
        self.first += 1;
        for held in &gone.terms {
            if let Some(head) = self.terms.get_mut(&held.id) {
                head.reports -= 1;
                if head.reports == 0 {
                    self.terms.remove(&held.id);
                }
            }
        }
        self.leave(gone.story, number);
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

    /// How rare a term is that stands in so many reports, between 0 and 1.
    fn rarity(&self, id: u32, common: u8) -> f32 {
        let (reports, common) = self.terms.get(&id).map_or((0, common), |head| (head.reports, head.common));
        rarity(reports, common, self.count())
    }

    fn weigh(&self, report: &Report) -> Weighed {
        let held = report.terms.iter().take(TERMS).map(|term| Held {
            id: term.id,
            kind: term.kind,
            weight: term.weight,
            rare: byte(self.rarity(term.id, term.common)),
        });
        let terms: Vec<Held> = held.collect();
        Weighed { norms: Norms::of(&terms), terms }
    }

    /// Reports that this one is most like, the likest first.
    fn near(&mut self, new: &Weighed, report: &Report, when: Timestamp) -> Vec<(u32, f32)> {
        let mut near = Vec::new();
        for (at, number) in self.sharing(new, when).into_iter().enumerate() {
            if at == COMPARED_FIRST && near.is_empty() {
                break;
            }
            self.refresh(number);
            let known = self.at(number);
            let value = likeness((&new.terms, &new.norms, &report.sketch), known.side());
            if value > NEAR_MIN {
                near.push((number, value));
            }
        }
        near.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        near.truncate(NEAR);
        near
    }

    /// Reports that share telling terms with this one, at most [`COMPARED`] of them, those that share most first.
    fn sharing(&self, new: &Weighed, when: Timestamp) -> Vec<u32> {
        let mut rarest: Vec<(f32, &Held)> =
            new.terms.iter().map(|held| (held.value() * kind_weight(held.kind), held)).collect();
        rarest.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut found: HashMap<u32, f32, BuildHasherDefault<Numbers>> = HashMap::default();
        let mut steps = 0;
        for (value, held) in rarest {
            let newest = self.terms.get(&held.id).map_or(&[][..], |head| &head.newest);
            let known = newest.iter().rev().take_while(|number| **number >= self.first);
            for number in known.take(SHARING.min(STEPS - steps)) {
                *found.entry(*number).or_default() += value;
                steps += 1;
            }
        }
        let mut found: Vec<(u32, f32)> = found.into_iter().collect();
        found.retain(|(number, _)| {
            let known = self.at(*number);
            known.terms.len() >= TERMS_MIN && is_open(known.when, when) && is_open(when, known.when)
        });
        let more = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0));
        if found.len() > COMPARED {
            found.select_nth_unstable_by(COMPARED, more);
            found.truncate(COMPARED);
        }
        found.sort_unstable_by(more);
        found.into_iter().map(|(number, _)| number).collect()
    }

    /// How well two remembered reports belong together.
    fn pair(&mut self, one: u32, other: u32) -> f32 {
        let count = self.count();
        if let Some((value, at)) = self.pairs.get(&pair(one, other))
            && is_fresh(*at, count)
        {
            return *value;
        }
        let value = likeness(self.at(one).side(), self.at(other).side());
        self.keep(one, other, value, count);
        value
    }

    fn keep(&mut self, one: u32, other: u32, value: f32, count: u32) {
        if self.pairs.len() >= PAIRS {
            self.pairs.clear();
        }
        self.pairs.insert(pair(one, other), (value, count));
    }

    /// Computes a report's vectors anew once many more reports have shown how common its terms are.
    fn refresh(&mut self, number: u32) {
        let count = self.count();
        let known = self.at(number);
        if is_fresh(known.normed_at, count) {
            return;
        }
        let rare: Vec<u8> = known.terms.iter().map(|held| byte(self.rarity(held.id, 30))).collect();
        let known = self.at_mut(number);
        for (held, rare) in known.terms.iter_mut().zip(rare) {
            held.rare = rare;
        }
        (known.norms, known.normed_at) = (Norms::of(&known.terms), count);
    }

    /// Groups the new report anew with those that are near and with the rest of their stories. Returns how well it belongs
    /// together with each of them.
    fn settle(
        &mut self,
        (new, sketch): (&Weighed, &[u32]),
        near: &[(u32, f32)],
        when: Timestamp,
        place: &mut Place,
    ) -> Vec<(u32, f32)> {
        let (numbers, whole) = self.neighbourhood(near, when);
        for number in &numbers {
            self.refresh(*number);
        }
        let mut likeness = Likeness::new(numbers.len() + 1);
        let mut mine = Vec::with_capacity(numbers.len());
        // Anew, because every report since has shown how common their terms are.
        for (one, number) in numbers.iter().enumerate() {
            let value = match near.iter().find(|(near, _)| near == number) {
                Some((_, value)) => *value,
                None => self::likeness((&new.terms, &new.norms, sketch), self.at(*number).side()),
            };
            likeness.set(0, one + 1, value);
            mine.push((*number, value));
            for (other, beside) in numbers[..one].iter().enumerate() {
                likeness.set(one + 1, other + 1, self.pair(*number, *beside));
            }
        }
        let mut terms: Vec<&[Held]> = vec![&new.terms];
        terms.extend(numbers.iter().map(|number| &*self.at(*number).terms));
        // What of a story is not in sight stays with what is.
        let mut together = vec![0];
        together.extend(numbers.iter().enumerate().map(|(at, number)| {
            let story = self.at(*number).story;
            let first = numbers.iter().position(|other| self.at(*other).story == story);
            if whole.contains(&story) { at + 1 } else { first.unwrap_or(at) + 1 }
        }));
        let labels = group(&terms, likeness, &together);
        self.assign(&numbers, &labels, place);
        mine
    }

    /// Reports to be grouped: those near, then the rest of their stories as far as there is room; and which stories are in
    /// sight as a whole. Only of stories that are open.
    fn neighbourhood(&self, near: &[(u32, f32)], when: Timestamp) -> (Vec<u32>, Vec<StoryId>) {
        let mut stories: Vec<StoryId> = Vec::new();
        for (number, _) in near {
            let story = self.at(*number).story;
            if !stories.contains(&story) {
                stories.push(story);
            }
        }
        let members = |story: &StoryId| self.stories.get(story).map_or(&[][..], Vec::as_slice);
        stories.retain(|story| {
            let times = || members(story).iter().map(|member| self.at(*member).when);
            times().max().is_some_and(|last| is_open(last, when))
                && times().min().is_some_and(|first| is_open(when, first))
        });
        let mut numbers: Vec<u32> =
            near.iter().map(|near| near.0).filter(|number| stories.contains(&self.at(*number).story)).collect();
        for story in &stories {
            let rest: Vec<u32> = members(story).iter().copied().filter(|member| !numbers.contains(member)).collect();
            let room = GROUPED.saturating_sub(numbers.len());
            numbers.extend(rest.into_iter().take(room));
        }
        let whole = |story: &StoryId| members(story).iter().all(|member| numbers.contains(member));
        let whole = stories.iter().copied().filter(whole).collect();
        numbers.sort_unstable();
        (numbers, whole)
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
                let story = self.at(*member).story;
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
            let moved = members.iter().filter(|member| Some(self.at(**member).story) != story);
            let items: Vec<ItemId> = moved.map(|member| self.at(*member).item).collect();
            if !items.is_empty() {
                let to = story.map_or(if is_mine { Goal::Same } else { Goal::New }, Goal::Story);
                place.moves.push(Move { items, to });
            }
        }
    }
}

/// One number for two reports, whichever comes first.
fn pair(one: u32, other: u32) -> u64 {
    u64::from(one.min(other)) << 32 | u64::from(one.max(other))
}

/// Whether what was computed when there were so many reports still holds.
fn is_fresh(at: u32, count: u32) -> bool {
    at.saturating_mul(5) / 4 + 4 >= count
}

/// A report with the vectors by which it is compared.
struct Weighed {
    terms: Vec<Held>,
    norms: Norms,
}

impl Known {
    fn side(&self) -> Side<'_> {
        (&self.terms, &self.norms, &self.sketch)
    }
}

fn kind_weight(kind: TermKind) -> f32 {
    match kind {
        TermKind::Name => 1.5,
        TermKind::Word | TermKind::Number => 1.0,
        TermKind::Date => 0.1,
    }
}

/// The hash of a number that is a hash already, or a row's.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Numbers(u64);

impl Hasher for Numbers {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 29;
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 29;
    }
}
