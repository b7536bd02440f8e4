use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasherDefault;

use jiff::Timestamp;
use smallvec::SmallVec;

use super::group::{ALIKE, Likeness, group};
use super::is_open;
use super::likeness::{Held, Side, likeness, weigh};
use super::pairs::{Numbers, Pairs, is_fresh};
use super::place::{Goal, Move, Place};
use super::report::TERMS;
use crate::item::{ItemId, Report, StoryId};

/// Reports that are remembered.
const REPORTS: usize = 100_000;

/// A report of fewer terms, a short headline and nothing else, says too little to tell it from another.
const TERMS_MIN: usize = 8;

/// Reports that an item is compared with.
const COMPARED: usize = 28;

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

/// Reports that are less alike are not near.
const NEAR_MIN: f32 = 0.1;

/// A remembered report.
#[derive(Debug)]
struct Known {
    item: ItemId,
    story: StoryId,
    when: Timestamp,
    terms: Box<[Held]>,
    sketch: Box<[u32]>,
    /// How many reports there were when the values of its terms were computed.
    weighed_at: u32,
}

/// What is known of a term.
#[derive(Debug, Default)]
struct Head {
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
    stories: HashMap<StoryId, Vec<u32>, BuildHasherDefault<Numbers>>,
    numbers: HashMap<ItemId, u32, BuildHasherDefault<Numbers>>,
    pairs: Pairs,
    /// What was computed for the last decision.
    placed: Placed,
    /// What each report shares with the one that is being decided on, by its number; all 0 between two decisions.
    shared: Vec<f32>,
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
        let terms = self.weigh(report);
        let near = self.near(&terms, report, when);
        let mut place = Place::default();
        let mut likeness = Vec::new();
        if near.first().is_some_and(|(_, value)| *value >= ALIKE) {
            likeness = self.settle((&terms, &report.sketch), &near, when, &mut place);
        }
        self.placed = Placed { report: report.clone(), terms, likeness };
        place
    }

    /// Takes a report in.
    pub fn add(&mut self, item: ItemId, story: StoryId, when: Timestamp, report: &Report) {
        if self.known.len() == REPORTS {
            self.forget_first();
        }
        let number = self.first + self.count();
        let mut placed = std::mem::take(&mut self.placed);
        if placed.report != *report {
            placed = Placed { terms: self.weigh(report), ..Placed::default() };
        }
        if placed.terms.len() >= TERMS_MIN {
            for held in &placed.terms {
                self.terms.entry(held.id).or_default().push(number);
            }
        }
        self.known.push_back(Known {
            item,
            story,
            when,
            terms: placed.terms.into(),
            sketch: report.sketch.clone().into(),
            weighed_at: self.count(),
        });
        self.stories.entry(story).or_default().push(number);
        self.numbers.insert(item, number);
        let count = self.count();
        for (other, value) in placed.likeness {
            self.pairs.keep(number, other, value, count);
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
        // Those that say too little were never counted.
        let counted = if gone.terms.len() < TERMS_MIN { &[][..] } else { &gone.terms };
        for held in counted {
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

    fn reports_with(&self, id: u32) -> u32 {
        self.terms.get(&id).map_or(0, |head| head.reports)
    }

    fn weigh(&self, report: &Report) -> Vec<Held> {
        let mut terms: Vec<Held> = report.terms.iter().take(TERMS).copied().map(Held::of).collect();
        weigh(&mut terms, self.count(), |id| self.reports_with(id));
        terms
    }

    /// Reports that this one is most like, the likest first.
    fn near(&mut self, terms: &[Held], report: &Report, when: Timestamp) -> Vec<(u32, f32)> {
        let mut near = Vec::new();
        for (at, number) in self.sharing(terms, when).into_iter().enumerate() {
            if at == COMPARED_FIRST && near.is_empty() {
                break;
            }
            self.refresh(number);
            let value = likeness((terms, &report.sketch), self.at(number).side());
            if value > NEAR_MIN {
                near.push((number, value));
            }
        }
        near.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        near.truncate(NEAR);
        near
    }

    /// Reports that share telling terms with this one, at most [`COMPARED`] of them, those that share most first.
    fn sharing(&mut self, terms: &[Held], when: Timestamp) -> Vec<u32> {
        let mut telling: Vec<&Held> = terms.iter().collect();
        telling.sort_unstable_by_key(|held| std::cmp::Reverse(held.value()));
        self.shared.resize(self.known.len().max(self.shared.len()), 0.0);
        let (mut found, mut steps) = (Vec::new(), 0);
        for held in telling.into_iter().take_while(|held| held.value() > 0) {
            let newest = self.terms.get(&held.id).map_or(&[][..], |head| &head.newest);
            let known = newest.iter().rev().take_while(|number| **number >= self.first);
            for number in known.take(SHARING.min(STEPS - steps)) {
                let shared = &mut self.shared[(number - self.first) as usize];
                if *shared == 0.0 {
                    found.push((*number, 0.0));
                }
                *shared += f32::from(held.value());
                steps += 1;
            }
        }
        for (number, value) in &mut found {
            *value = std::mem::take(&mut self.shared[(*number - self.first) as usize]);
        }
        let more = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0));
        // What is not of this time is few, and to look when a report was costs a walk through memory.
        if found.len() > 2 * COMPARED {
            found.select_nth_unstable_by(2 * COMPARED, more);
            found.truncate(2 * COMPARED);
        }
        found.sort_unstable_by(more);
        let of_this_time = |number: &u32| {
            let known = self.at(*number);
            is_open(known.when, when) && is_open(when, known.when)
        };
        found.into_iter().map(|(number, _)| number).filter(of_this_time).take(COMPARED).collect()
    }

    /// How much two remembered reports are alike.
    fn pair(&mut self, one: u32, other: u32) -> f32 {
        let count = self.count();
        if let Some(value) = self.pairs.get(one, other, count) {
            return value;
        }
        let value = likeness(self.at(one).side(), self.at(other).side());
        self.pairs.keep(one, other, value, count);
        value
    }

    /// Computes the values of a report's terms anew once many more reports have shown how common they are.
    fn refresh(&mut self, number: u32) {
        let count = self.count();
        let known = &mut self.known[(number - self.first) as usize];
        if is_fresh(known.weighed_at, count) {
            return;
        }
        known.weighed_at = count;
        let heads = &self.terms;
        weigh(&mut known.terms, count, |id| heads.get(&id).map_or(0, |head| head.reports));
    }

    /// Groups the new report anew with those that are near and with the rest of their stories. Returns how much it is like each
    /// of them.
    fn settle(&mut self, new: Side<'_>, near: &[(u32, f32)], when: Timestamp, place: &mut Place) -> Vec<(u32, f32)> {
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
                None => self::likeness(new, self.at(*number).side()),
            };
            likeness.set(0, one + 1, value);
            mine.push((*number, value));
            for (other, beside) in numbers[..one].iter().enumerate() {
                likeness.set(one + 1, other + 1, self.pair(*number, *beside));
            }
        }
        // What of a story is not in sight stays with what is.
        let mut together = vec![0];
        together.extend(numbers.iter().enumerate().map(|(at, number)| {
            let story = self.at(*number).story;
            let first = numbers.iter().position(|other| self.at(*other).story == story);
            if whole.contains(&story) { at + 1 } else { first.unwrap_or(at) + 1 }
        }));
        let labels = group(likeness, &together);
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

impl Known {
    fn side(&self) -> Side<'_> {
        (&self.terms, &self.sketch)
    }
}
