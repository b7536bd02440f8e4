use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;
use icu_normalizer::ComposingNormalizerBorrowed;

use super::Subject;
use super::capitals;
use super::facts::{self, Told};
use super::plan::{Ask, Find, Needed, Plan, Row, Spelling, Unit, Weighed, fold_name};
use super::reading::{Passage, Place, Reading, Tokens};
use super::repeated::is_repeated;
use super::terms::{TermId, Terms};
use crate::item::Field;
use crate::query::{Look, Pattern, Reach, Scope};
use crate::understand::text::{Language, is_parted, words};

/// So many pairs of one distance in one text are enough, also to find what stands near them. There can be as many as the
/// square of the words; places of words are no more than words, and all of them are looked at.
const FOUND_MAX: usize = 4096;

/// So many pairs are looked at for one distance in one text.
const PAIRS_MAX: usize = 1_000_000;

/// An item under evaluation.
pub(super) struct Seen<'t, 'a> {
    pub(super) subject: Subject<'a>,
    reading: Reading<'t, 'a>,
    /// Whether there is a word for what is needed, by where that lies in memory and by where it is looked for.
    worded: RefCell<HashMap<(usize, Scope), bool>>,
}

/// A place that a clause was found at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// The position of its first word.
    first: usize,
    /// The position of its last word.
    last: usize,
    /// Bytes of the passage that were looked for; sorted, at least one.
    pub(super) marks: Vec<(usize, usize)>,
    /// It is what a stretch of the text says, so that words inside it are near it.
    is_wide: bool,
}

impl Found {
    /// By how much their positions differ; 0 where they share a word or enclose each other.
    pub(super) fn gap(passage: &Passage<'_>, one: &Self, other: &Self) -> usize {
        if shares_words(passage, one, other) {
            return 0;
        }
        if other.first > one.last { other.first - one.last } else { one.first.saturating_sub(other.last) }
    }

    /// Whether it ends before the other begins.
    pub(super) fn comes_before(&self, other: &Self) -> bool {
        self.last < other.first
    }
}

impl<'t, 'a> Seen<'t, 'a> {
    pub(super) fn new(subject: &Subject<'a>, tokens: &'t Tokens<'a>, terms: &Terms) -> Self {
        Self { subject: *subject, reading: Reading::new(tokens, terms), worded: RefCell::default() }
    }

    /// Whether there is a word for what is needed: as is known from another rule, else as `look` says.
    pub(super) fn is_worded(&self, needed: &Arc<Needed>, scope: Scope, look: impl FnOnce() -> bool) -> bool {
        let asked = (Arc::as_ptr(needed).addr(), scope);
        if let Some(known) = self.worded.borrow().get(&asked) {
            return *known;
        }
        let is_worded = look();
        self.worded.borrow_mut().insert(asked, is_worded);
        is_worded
    }

    pub(super) fn reading(&self) -> &Reading<'t, 'a> {
        &self.reading
    }

    /// The language that the item is in, as far as it is known.
    pub(super) fn language(&self) -> Option<Language> {
        self.reading.language()
    }

    /// Whether the item matches.
    pub(super) fn holds(&self, plan: &Plan) -> bool {
        match plan {
            Plan::All(plans) => plans.iter().all(|plan| self.holds(plan)),
            Plan::Any(plans) => plans.iter().any(|plan| self.holds(plan)),
            Plan::Not(plan) => !self.holds(plan),
            Plan::Some(count, plans) => plans.iter().filter(|plan| self.holds(plan)).take(*count).count() == *count,
            Plan::Times(count, find, _) => self.times(find, *count) == *count,
            Plan::Find(find, _) => (0..self.reading().passages().len()).any(|at| !self.find(find, at, 1).is_empty()),
            Plan::Link(part, _) => self.link(part).is_some(),
            Plan::Feed(name, _) => fold_name(self.subject.feed) == *name,
            Plan::Lang(language, _) => language.is_some() && self.language() == *language,
            Plan::Tag(name, _) => self.subject.tags.iter().any(|tag| fold_name(tag) == *name),
            Plan::Score(threshold, rows) => rows.iter().map(|row| self.points(row)).sum::<i64>() >= *threshold,
        }
    }

    /// What a row adds to a score.
    pub(super) fn points(&self, row: &Weighed) -> i64 {
        row.weight.of(row.any.iter().filter(|plan| self.holds(plan)).count())
    }

    /// How often something is found, up to `limit`. What summary and text have in common counts once.
    pub(super) fn times(&self, find: &Find, limit: usize) -> usize {
        let passages = self.reading().passages();
        let body = passages.iter().find(|passage| passage.field == Field::Text).map(|passage| passage.text);
        let mut times = 0;
        for (number, passage) in passages.iter().enumerate() {
            let mut places: Vec<(usize, usize)> = Vec::new();
            let mut sentences: Vec<(usize, bool)> = Vec::new();
            for found in self.find(find, number, usize::MAX) {
                if places.contains(&(found.first, found.last)) {
                    continue;
                }
                places.push((found.first, found.last));
                if let (Field::Summary, Some(body)) = (passage.field, body) {
                    let (at, bytes) = passage.sentence(found.marks[0].0);
                    let known = sentences.iter().find(|(sentence, _)| *sentence == at).map(|(_, repeated)| *repeated);
                    let repeated = known.unwrap_or_else(|| is_repeated(&passage.text[bytes], body));
                    sentences.push((at, repeated));
                    if repeated {
                        continue;
                    }
                }
                times += 1;
                if times == limit {
                    return times;
                }
            }
        }
        times
    }

    /// Where the address holds `part`, whatever the case of plain letters.
    pub(super) fn link(&self, part: &str) -> Option<Range<usize>> {
        let link = self.subject.item.link.as_deref()?;
        let at = link.as_bytes().windows(part.len()).position(|window| window.eq_ignore_ascii_case(part.as_bytes()))?;
        Some(at..at + part.len())
    }

    /// Where something is found in a passage, in order; `limit` of them are enough.
    pub(super) fn find(&self, find: &Find, passage: usize, limit: usize) -> Vec<Found> {
        match find {
            Find::Row(row) => self.row(row, passage, limit),
            Find::Pattern(scope, pattern) => self.pattern(*scope, pattern, passage, limit),
            Find::Fact(ask) => {
                let told = self.told(ask, passage).into_iter().filter(|told| told.misfit.is_none()).take(limit);
                let mut found: Vec<Found> = told.map(|told| self.spanned(&told.span, passage)).collect();
                found.sort_unstable();
                found.dedup();
                found
            }
            Find::Any(finds) => {
                let mut found: Vec<Found> = finds.iter().flat_map(|find| self.find(find, passage, limit)).collect();
                found.sort_unstable();
                found.dedup();
                found
            }
            Find::Near { left, right, reach, ordered } => {
                let placed = |find: &Find| {
                    let mut found = self.find(find, passage, usize::MAX);
                    found.retain(|found| found.first <= found.last);
                    found
                };
                let left = placed(left);
                if left.is_empty() {
                    return left;
                }
                let right = placed(right);
                near(&self.reading().passages()[passage], &left, &right, *reach, *ordered, limit)
            }
        }
    }

    /// Where the words of a row stand, whatever the field and the spelling.
    pub(super) fn row_anywhere(&self, row: &Row, passage: usize) -> Vec<Found> {
        self.words_in_a_row(row, None, passage, usize::MAX)
    }

    /// A longer name of somebody else in which the words of a row stand.
    pub(super) fn longer_name(&self, row: &Row, passage: usize) -> Option<&'static str> {
        let text = &self.reading().passages()[passage];
        let starts = if row.inside.is_empty() { Vec::new() } else { self.starts(&row.units[0], passage) };
        starts.iter().find_map(|start| {
            let first = start.first();
            let ends = self.ends(&row.units, (first, start.bytes().start), passage);
            ends.into_iter().find_map(|(next, _)| longer_name(text, row, first, next))
        })
    }

    fn row(&self, row: &Row, passage: usize, limit: usize) -> Vec<Found> {
        if !is_in_scope(row.scope, self.reading().passages()[passage].field) {
            return Vec::new();
        }
        self.words_in_a_row(row, row.spelling.as_ref(), passage, limit)
    }

    fn words_in_a_row(&self, row: &Row, spelling: Option<&Spelling>, passage: usize, limit: usize) -> Vec<Found> {
        let text = &self.reading().passages()[passage];
        let mut found = Vec::new();
        for start in self.starts(&row.units[0], passage) {
            let (first, begin) = (start.first(), start.bytes().start);
            let ends = self.ends(&row.units, (first, begin), passage);
            for (next, end) in ends {
                let spelt = match spelling {
                    None => true,
                    Some(Spelling::Exact(spelling)) => is_spelt(text.text, begin, end, spelling),
                    Some(Spelling::Name(name)) => capitals::agree(name, &text.text[begin..end]),
                };
                let is_row = next - 1 == first || !is_parted(text.text, begin..end, row.in_a_sentence);
                if spelt && is_row && longer_name(text, row, first, next).is_none() {
                    found.push(Found { first, last: next - 1, marks: vec![(begin, end)], is_wide: false });
                }
            }
            if found.len() >= limit {
                break;
            }
        }
        found
    }

    /// What a regular expression finds, and which words it touches. One that touches none has no place among them: its last
    /// word comes before its first.
    fn pattern(&self, scope: Scope, pattern: &Pattern, passage: usize, limit: usize) -> Vec<Found> {
        let passage = &self.reading().passages()[passage];
        if !is_in_scope(scope, passage.field) {
            return Vec::new();
        }
        let matches = pattern.regex().find_iter(passage.text).filter(|found| !found.is_empty());
        let place = |found: regex::Match<'_>| {
            let touched = passage.touched(&found.range());
            let (first, last) = if touched.is_empty() { (1, 0) } else { (touched.start, touched.end - 1) };
            Found { first, last, marks: vec![(found.start(), found.end())], is_wide: false }
        };
        matches.take(limit).map(place).collect()
    }

    /// What a passage says of the kind that is asked for, whether or not it fits.
    pub(super) fn told(&self, ask: &Ask, passage: usize) -> Vec<Told> {
        let passage = &self.reading().passages()[passage];
        if !is_in_scope(ask.scope, passage.field) {
            return Vec::new();
        }
        let item = self.subject.item;
        let facts = || passage.understood.facts(&ask.understanding, passage.text, item);
        match &ask.look {
            Look::Event(event) => facts::events(event, &facts(), facts::anchor(item).day()),
            Look::Amount(amount) => facts::amounts(amount, &facts()),
            Look::Act(act) => facts::acts(act, &passage.understood.statements(&ask.understanding, passage.text)),
            _ => Vec::new(),
        }
    }

    fn spanned(&self, span: &Range<usize>, passage: usize) -> Found {
        let touched = self.reading().passages()[passage].touched(span);
        let (first, last) = if touched.is_empty() { (1, 0) } else { (touched.start, touched.end - 1) };
        Found { first, last, marks: vec![(span.start, span.end)], is_wide: true }
    }

    /// Calls `each` for what the text says of what a plan asks for, in the order of its fields, with the text that says it.
    pub(super) fn each_told(&self, plan: &Plan, each: &mut dyn FnMut(Told, &str)) {
        match plan {
            Plan::All(plans) | Plan::Any(plans) | Plan::Some(_, plans) => {
                for plan in plans {
                    self.each_told(plan, each);
                }
            }
            Plan::Score(_, rows) => rows.iter().flat_map(|row| &row.any).for_each(|plan| self.each_told(plan, each)),
            Plan::Find(find, _) | Plan::Times(_, find, _) => self.each_told_of(find, each),
            Plan::Not(_) | Plan::Link(..) | Plan::Feed(..) | Plan::Lang(..) | Plan::Tag(..) => {}
        }
    }

    fn each_told_of(&self, find: &Find, each: &mut dyn FnMut(Told, &str)) {
        match find {
            Find::Any(finds) => finds.iter().for_each(|find| self.each_told_of(find, each)),
            Find::Near { left, right, .. } => {
                self.each_told_of(left, each);
                self.each_told_of(right, each);
            }
            Find::Fact(ask) => {
                for (number, passage) in self.reading().passages().iter().enumerate() {
                    for told in self.told(ask, number).into_iter().filter(|told| told.misfit.is_none()) {
                        each(told, passage.text);
                    }
                }
            }
            Find::Row(_) | Find::Pattern(..) => {}
        }
    }

    /// Where a row that begins with this unit can begin, in order.
    fn starts(&self, unit: &Unit, passage: usize) -> Vec<Place> {
        let terms = [unit.first()].into_iter().chain(unit.whole).chain(unit.joined);
        let mut starts: Vec<Place> =
            terms.flat_map(|term| self.reading().occurrences(term, passage)).map(|seen| seen.place).collect();
        starts.sort_unstable_by_key(Place::first);
        starts.dedup_by_key(|place| place.first());
        starts
    }

    /// Where a row ends that begins at `start`: the next position, and the byte where it ends.
    fn ends(&self, units: &[Unit], start: (usize, usize), passage: usize) -> Vec<(usize, usize)> {
        let mut here = vec![start];
        // What a piece that holds two words has reached beyond the first of them.
        let mut beyond: Vec<(usize, usize)> = Vec::new();
        for unit in units {
            let mut next = unit.parts().fold(here.clone(), |from, part| self.step(part, &from, passage));
            if let Some(whole) = unit.whole {
                next.extend(self.step(whole, &here, passage));
            }
            let joined = unit.joined.map_or_else(Vec::new, |joined| self.step(joined, &here, passage));
            next.extend(std::mem::replace(&mut beyond, joined));
            next.sort_unstable();
            next.dedup_by_key(|(position, _)| *position);
            if next.is_empty() && beyond.is_empty() {
                return next;
            }
            here = next;
        }
        here
    }

    /// From each of these positions over one term.
    fn step(&self, term: TermId, from: &[(usize, usize)], passage: usize) -> Vec<(usize, usize)> {
        let all = self.reading().occurrences(term, passage);
        from.iter()
            .flat_map(|(position, _)| {
                let begin = all.partition_point(|seen| seen.place.first() < *position);
                let here = all[begin..].iter().take_while(|seen| seen.place.first() == *position);
                here.map(|seen| (seen.place.last() + 1, seen.place.bytes().end))
            })
            .collect()
    }
}

/// The longer name of somebody else in which a name stands that was found: South Sudan for Sudan.
fn longer_name(text: &Passage<'_>, row: &Row, first: usize, next: usize) -> Option<&'static str> {
    let is_there = |(name, before, behind): &&(&'static str, usize, usize)| {
        let Some(from) = first.checked_sub(*before) else { return false };
        let Some(span) = text.words(from..next + behind) else { return false };
        let is_name =
            words(name).map(|word| word.folded()).eq(words(&text.text[span.clone()]).map(|word| word.folded()));
        is_name && capitals::agree(name, &text.text[span.clone()]) && !is_parted(text.text, span, true)
    };
    row.inside.iter().find(is_there).map(|(name, ..)| *name)
}

pub(super) fn is_in_scope(scope: Scope, field: Field) -> bool {
    match scope {
        Scope::Anywhere => matches!(field, Field::Title | Field::Summary | Field::Text),
        Scope::Title => field == Field::Title,
        Scope::Text => matches!(field, Field::Summary | Field::Text),
        Scope::Author => field == Field::Author,
    }
}

/// Pairs that are close enough and share no word, in order.
fn near(
    passage: &Passage<'_>,
    left: &[Found],
    right: &[Found],
    reach: Reach,
    ordered: bool,
    limit: usize,
) -> Vec<Found> {
    let width = right.iter().map(|found| found.last - found.first).max().unwrap_or(0);
    let mut found = Vec::new();
    let mut pairs = 0;
    for one in left {
        let window = match reach {
            Reach::Words(words) => {
                let from = right.partition_point(|other| other.first + words + width < one.first);
                from..right.partition_point(|other| other.first <= one.last.saturating_add(words))
            }
            Reach::Sentence => starting_in(right, &passage.sentence(one.marks[0].0).1),
            Reach::Paragraph => starting_in(right, &passage.paragraph(one.marks[0].0)),
        };
        let from = if ordered { right.partition_point(|other| other.first <= one.last) } else { 0 };
        for other in &right[window.start.max(from).min(window.end)..window.end] {
            pairs += 1;
            if is_near(passage, one, other, reach) && !shares_words(passage, one, other) {
                found.push(together(one, other));
            }
            if found.len() >= limit.min(FOUND_MAX) || pairs >= PAIRS_MAX {
                found.sort_unstable();
                return found;
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn starting_in(found: &[Found], bytes: &Range<usize>) -> Range<usize> {
    let from = |at: usize| found.partition_point(|found| found.marks[0].0 < at);
    from(bytes.start)..from(bytes.end)
}

fn is_near(passage: &Passage<'_>, one: &Found, other: &Found, reach: Reach) -> bool {
    let bytes = |found: &Found| (found.marks[0].0, found.marks[found.marks.len() - 1].1);
    let ((start, end), (other_start, other_end)) = (bytes(one), bytes(other));
    let (start, last) = (start.min(other_start), end.max(other_end) - 1);
    match reach {
        Reach::Words(words) => {
            let gap =
                if other.first > one.last { other.first - one.last } else { one.first.saturating_sub(other.last) };
            gap <= words
        }
        Reach::Sentence => passage.sentence(start).1.contains(&last),
        Reach::Paragraph => passage.paragraph(start).contains(&last),
    }
}

fn shares_words(passage: &Passage<'_>, one: &Found, other: &Found) -> bool {
    let may = if one.is_wide && other.is_wide { one.marks != other.marks } else { one.is_wide || other.is_wide };
    let meet = |one: &Range<usize>, other: &Range<usize>| one.start < other.end && other.start < one.end;
    if may || one.first > other.last || other.first > one.last {
        return false;
    }
    one.marks.iter().any(|&(start, end)| {
        other.marks.iter().any(|&(from, to)| {
            // Two regular expressions may find different letters of one word.
            meet(&(start..end), &(from..to)) || meet(&passage.touched(&(start..end)), &passage.touched(&(from..to)))
        })
    })
}

fn together(one: &Found, other: &Found) -> Found {
    let mut marks = [one.marks.as_slice(), &other.marks].concat();
    marks.sort_unstable();
    let is_wide = one.is_wide || other.is_wide;
    Found { first: one.first.min(other.first), last: one.last.max(other.last), marks, is_wide }
}

/// Whether what is spelt so begins at `start` and reaches to `end` at least, where the last word ends.
fn is_spelt(text: &str, start: usize, end: usize, spelling: &str) -> bool {
    // The dot behind an acronym may be the sentence's.
    let end = if text[start..end].ends_with('.') { end - 1 } else { end };
    if spelt_length(&text[start..], spelling).is_some_and(|length| start + length >= end) {
        return true;
    }
    // One letter with its accent may be one character or two.
    let composed = |text: &str| {
        let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
        ComposingNormalizerBorrowed::new_nfc().normalize(&joined).into_owned()
    };
    !spelling.is_ascii() && composed(&text[start..end]) == composed(spelling)
}

/// How many bytes of `text` are `spelling`, any white space being as good as any other.
fn spelt_length(text: &str, spelling: &str) -> Option<usize> {
    let mut rest = text;
    for (at, piece) in spelling.split_whitespace().enumerate() {
        let trimmed = rest.trim_start();
        if (at > 0) != (trimmed.len() < rest.len()) {
            return None;
        }
        rest = trimmed.strip_prefix(piece)?;
    }
    Some(text.len() - rest.len())
}
