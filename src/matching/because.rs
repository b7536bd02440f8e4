use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::evaluate::Seen;
use super::plan::{Plan, fold_name};
use super::quote::{merged, quote};
use crate::item::{Because, Field};
use crate::understand::text::Language;

/// Sentences that one hit shows.
const BECAUSE_MAX: usize = 8;

/// Sentences among which those are chosen.
const SENTENCES_MAX: usize = 64;

/// Places of one clause in one text that are looked at for an explanation.
const PLACES_MAX: usize = 1024;

/// Where something was found: in the sentence of a passage, or in what is quoted whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    Sentence { passage: usize, number: usize },
    Link,
    Feed,
    Lang,
    Tag(usize),
}

/// What was found in one spot.
#[derive(Debug, Default)]
struct Finding {
    /// Bytes of the spot's text.
    quoted: Range<usize>,
    /// Clauses, as bytes of the query, in the order of their places.
    clauses: Vec<Range<usize>>,
    /// Bytes of the spot's text.
    marks: Vec<(usize, usize)>,
}

/// The sentences for which an item matches, in the order of its fields; at most 8, so chosen that each clause is shown if
/// that many can be.
pub(super) fn because(seen: &Seen<'_, '_>, plan: &Plan, source: &str) -> Vec<Because> {
    shown(seen, plan)
        .into_iter()
        .map(|(because, Shown { clauses, .. })| Because { term: term(clauses, source), ..because })
        .collect()
}

/// Where these sentences stand: each as the number of its passage and its own there.
pub(super) fn places(seen: &Seen<'_, '_>, plan: &Plan) -> BTreeSet<(usize, usize)> {
    let spots = shown(seen, plan).into_iter().flat_map(|(_, shown)| shown.spots);
    let place = |spot| match spot {
        Spot::Sentence { passage, number } => Some((passage, number)),
        _ => None,
    };
    spots.filter_map(place).collect()
}

/// What one sentence is shown for, and where it stands; more than once where a summary begins the text.
#[derive(Debug)]
struct Shown {
    clauses: Vec<Range<usize>>,
    spots: Vec<Spot>,
}

fn shown(seen: &Seen<'_, '_>, plan: &Plan) -> Vec<(Because, Shown)> {
    let mut spots = BTreeMap::new();
    gather(seen, plan, &mut spots);
    let mut shown: Vec<(Because, Shown)> = Vec::new();
    let mut clauses_shown: Vec<Range<usize>> = Vec::new();
    for (number, (spot, finding)) in spots.into_iter().enumerate() {
        let is_news = finding.clauses.iter().any(|clause| !clauses_shown.contains(clause));
        if number >= SENTENCES_MAX && !is_news {
            continue;
        }
        clauses_shown.extend(finding.clauses.iter().cloned());
        clauses_shown.sort_unstable_by_key(|clause| (clause.start, clause.end));
        clauses_shown.dedup();
        let (field, text) = spot_text(seen, spot);
        let (quote, marks) = quote(text, &finding.quoted, finding.marks);
        let repeated = shown.iter_mut().find(|(other, _)| {
            let body = [Field::Summary, Field::Text];
            body.contains(&other.field) && body.contains(&field) && other.quote == quote
        });
        if let Some((other, known)) = repeated {
            other.marks = merged(other.marks.iter().copied().chain(marks).collect());
            known.clauses.extend(finding.clauses);
            known.spots.push(spot);
        } else {
            let new = Shown { clauses: finding.clauses, spots: vec![spot] };
            shown.push((Because { term: String::new(), field, quote, marks }, new));
        }
    }
    choose(shown)
}

/// Follows the clauses that made the query match.
fn gather(seen: &Seen<'_, '_>, plan: &Plan, spots: &mut BTreeMap<Spot, Finding>) {
    match plan {
        Plan::All(plans) | Plan::Any(plans) | Plan::Some(_, plans) => {
            plans.iter().filter(|plan| seen.holds(plan)).for_each(|plan| gather(seen, plan, spots));
        }
        Plan::Not(_) => {}
        Plan::Score(_, rows) => {
            for (plan, label) in rows.iter().flat_map(|row| row.any.iter().zip(&row.labels)) {
                if seen.holds(plan) {
                    gather_under(label, seen, plan, spots);
                }
            }
        }
        Plan::Find(find, clause) | Plan::Times(_, find, clause) => {
            for (number, passage) in seen.reading().passages().iter().enumerate() {
                for found in seen.find(find, number, PLACES_MAX) {
                    for (start, end) in found.marks {
                        let (sentence, quoted) = passage.sentence(start);
                        let mark = (start, end.min(quoted.end));
                        note(spots, Spot::Sentence { passage: number, number: sentence }, quoted, clause, mark);
                    }
                }
            }
        }
        Plan::Link(part, clause) => {
            if let (Some(link), Some(at)) = (&seen.subject.item.link, seen.link(part)) {
                note(spots, Spot::Link, 0..link.len(), clause, (at.start, at.end));
            }
        }
        Plan::Feed(_, clause) => {
            let length = seen.subject.feed.len();
            note(spots, Spot::Feed, 0..length, clause, (0, length));
        }
        Plan::Lang(language, clause) => {
            if let Some(language) = language {
                note(spots, Spot::Lang, 0..language.code().len(), clause, (0, language.code().len()));
            }
        }
        Plan::Tag(name, clause) => {
            for (number, tag) in seen.subject.tags.iter().enumerate() {
                if fold_name(tag) == *name {
                    note(spots, Spot::Tag(number), 0..tag.len(), clause, (0, tag.len()));
                }
            }
        }
    }
}

/// As [`gather`], but all that is found is shown as found by one clause.
fn gather_under(clause: &Range<usize>, seen: &Seen<'_, '_>, plan: &Plan, spots: &mut BTreeMap<Spot, Finding>) {
    let mut own = BTreeMap::new();
    gather(seen, plan, &mut own);
    for (spot, found) in own {
        let finding = spots.entry(spot).or_default();
        finding.quoted = found.quoted;
        finding.marks.extend(found.marks);
        finding.clauses.push(clause.clone());
    }
}

fn note(
    spots: &mut BTreeMap<Spot, Finding>,
    spot: Spot,
    quoted: Range<usize>,
    clause: &Range<usize>,
    mark: (usize, usize),
) {
    let finding = spots.entry(spot).or_default();
    finding.quoted = quoted;
    finding.marks.push(mark);
    if finding.clauses.last() != Some(clause) {
        finding.clauses.push(clause.clone());
    }
}

fn spot_text<'a>(seen: &'a Seen<'_, '_>, spot: Spot) -> (Field, &'a str) {
    match spot {
        Spot::Sentence { passage, .. } => {
            let passage = &seen.reading().passages()[passage];
            (passage.field, passage.text)
        }
        Spot::Link => (Field::Link, seen.subject.item.link.as_deref().unwrap_or_default()),
        Spot::Feed => (Field::Feed, seen.subject.feed),
        Spot::Lang => (Field::Language, seen.language().map_or("", Language::code)),
        Spot::Tag(number) => (Field::Tag, &seen.subject.tags[number]),
    }
}

/// First those that show a clause for the first time, then whatever comes first; given in their old order.
fn choose(mut shown: Vec<(Because, Shown)>) -> Vec<(Because, Shown)> {
    if shown.len() <= BECAUSE_MAX {
        return shown;
    }
    let mut clauses: Vec<&Range<usize>> = Vec::new();
    let mut order: Vec<(bool, usize)> = Vec::new();
    for (at, (_, own)) in shown.iter().enumerate() {
        let before = clauses.len();
        for clause in &own.clauses {
            if !clauses.contains(&clause) {
                clauses.push(clause);
            }
        }
        order.push((clauses.len() == before, at));
    }
    order.sort_unstable();
    let mut chosen: Vec<usize> = order.into_iter().take(BECAUSE_MAX).map(|(_, at)| at).collect();
    chosen.sort_unstable();
    let mut at = 0;
    shown.retain(|_| {
        at += 1;
        chosen.binary_search(&(at - 1)).is_ok()
    });
    shown
}

/// The clauses as they were written, in their order, with commas between.
fn term(mut clauses: Vec<Range<usize>>, source: &str) -> String {
    clauses.sort_unstable_by_key(|clause| (clause.start, clause.end));
    clauses.dedup();
    let mut terms: Vec<&str> = Vec::new();
    for clause in clauses {
        let text = source.get(clause).unwrap_or_default();
        if !terms.contains(&text) {
            terms.push(text);
        }
    }
    terms.join(", ")
}
