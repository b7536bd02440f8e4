use std::collections::HashMap;

use super::evaluate::Seen;
use super::plan::{Find, Plan, Row, Unit, Weighed, fold_name};
use super::terms::{TermId, Terms};

/// How common the name of a feed or a tag is taken to be, beside words.
const SOURCE_FREQUENCY: u32 = 20_000;

/// Which rules are worth evaluating. Rules go by their number.
#[derive(Debug)]
pub(super) struct Index {
    /// By term.
    by_term: Vec<Vec<usize>>,
    by_feed: HashMap<String, Vec<usize>>,
    by_tag: HashMap<String, Vec<usize>>,
    /// Rules that can match whatever occurs.
    always: Vec<usize>,
    /// Whether any rule is filed under a word.
    reads_words: bool,
}

/// Something that can be seen in an item.
#[derive(Debug, Clone)]
enum Key<'a> {
    Term(TermId),
    Feed(&'a str),
    Tag(&'a str),
}

/// Keys of which a matching item shows at least one.
struct Cover<'a> {
    keys: Vec<Key<'a>>,
    /// How often an item is likely to show one.
    frequency: u32,
}

impl Index {
    /// Files each rule under the rarest keys that it cannot match without.
    pub(super) fn new(plans: &[Plan], terms: &Terms) -> Self {
        let mut index = Self {
            by_term: vec![Vec::new(); terms.len()],
            by_feed: HashMap::new(),
            by_tag: HashMap::new(),
            always: Vec::new(),
            reads_words: false,
        };
        for (rule, plan) in plans.iter().enumerate() {
            let Some(cover) = cover(plan, terms) else {
                index.always.push(rule);
                continue;
            };
            for key in cover.keys {
                let rules = match key {
                    Key::Term(term) => {
                        index.reads_words = true;
                        &mut index.by_term[term]
                    }
                    Key::Feed(name) => index.by_feed.entry(name.to_owned()).or_default(),
                    Key::Tag(name) => index.by_tag.entry(name.to_owned()).or_default(),
                };
                if rules.last() != Some(&rule) {
                    rules.push(rule);
                }
            }
        }
        index
    }

    /// The rules that the item may match, in order.
    pub(super) fn candidates(&self, seen: &Seen<'_>) -> Vec<usize> {
        let mut rules = self.always.clone();
        if self.reads_words {
            rules.extend(seen.reading().terms().flat_map(|term| &self.by_term[term]));
        }
        if !self.by_feed.is_empty() {
            rules.extend(self.by_feed.get(&fold_name(seen.subject.feed)).into_iter().flatten());
        }
        if !self.by_tag.is_empty() {
            let filed = seen.subject.tags.iter().filter_map(|tag| self.by_tag.get(&fold_name(tag)));
            rules.extend(filed.flatten());
        }
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

/// The rarest keys of which one has to be there; `None` where the clause can match without any.
fn cover<'a>(plan: &'a Plan, terms: &Terms) -> Option<Cover<'a>> {
    match plan {
        Plan::All(plans) => rarest(plans.iter().filter_map(|plan| cover(plan, terms))),
        Plan::Any(plans) => union(plans.iter().map(|plan| cover(plan, terms))),
        Plan::Some(count, plans) => some(*count, plans.iter().map(|plan| cover(plan, terms)).collect()),
        Plan::Not(_) | Plan::Link(..) => None,
        Plan::Find(find, _) | Plan::Times(_, find, _) => cover_find(find, terms),
        Plan::Feed(name, _) => Some(Cover { keys: vec![Key::Feed(name)], frequency: SOURCE_FREQUENCY }),
        Plan::Tag(name, _) => Some(Cover { keys: vec![Key::Tag(name)], frequency: SOURCE_FREQUENCY }),
        Plan::Score(threshold, rows) => score(*threshold, rows, terms),
    }
}

fn cover_find<'a>(find: &Find, terms: &Terms) -> Option<Cover<'a>> {
    match find {
        Find::Row(Row { units, .. }) => rarest(units.iter().filter_map(|unit| cover_unit(unit, terms))),
        Find::Pattern(..) => None,
        Find::Fact(ask) => union(ask.words.as_ref()?.iter().map(|word| cover_unit(word, terms))),
        Find::Any(finds) => union(finds.iter().map(|find| cover_find(find, terms))),
        Find::Near { left, right, .. } => rarest([left, right].into_iter().filter_map(|find| cover_find(find, terms))),
    }
}

/// Its rarest part, or all of it in one piece.
fn cover_unit<'a>(unit: &Unit, terms: &Terms) -> Option<Cover<'a>> {
    let one = |term: TermId| Cover { keys: vec![Key::Term(term)], frequency: terms.frequency(term) };
    let parts = rarest(unit.parts.iter().map(|part| one(*part)));
    union([parts].into_iter().chain(unit.whole.map(|whole| Some(one(whole)))))
}

/// Of any so many clauses but `count` less one, at least one holds: those with the rarest keys are taken.
fn some(count: usize, mut covers: Vec<Option<Cover<'_>>>) -> Option<Cover<'_>> {
    covers.sort_by_key(|cover| cover.as_ref().map_or(u32::MAX, |cover| cover.frequency));
    covers.truncate((covers.len() + 1).saturating_sub(count));
    union(covers.into_iter())
}

/// A score is reached only with clauses that weigh enough. The most common ones are left out as long as they are not enough
/// among themselves: then one of the others has to hold.
fn score<'a>(threshold: i64, rows: &'a [Weighed], terms: &Terms) -> Option<Cover<'a>> {
    let clauses = rows.iter().enumerate().filter(|(_, row)| row.weight.each > 0);
    let mut clauses: Vec<(usize, Option<Cover<'_>>)> =
        clauses.flat_map(|(at, row)| row.any.iter().map(move |plan| (at, cover(plan, terms)))).collect();
    clauses.sort_by_key(|(_, cover)| std::cmp::Reverse(cover.as_ref().map_or(u32::MAX, |cover| cover.frequency)));
    let mut left_out = vec![0; rows.len()];
    let mut points = 0;
    clauses.retain(|(at, _)| {
        let weight = rows[*at].weight;
        let with = points - weight.of(left_out[*at]) + weight.of(left_out[*at] + 1);
        let is_needed = with >= threshold;
        if !is_needed {
            left_out[*at] += 1;
            points = with;
        }
        is_needed
    });
    // Where there are none the threshold is out of reach, and no item needs to be looked at.
    let none = Cover { keys: Vec::new(), frequency: 0 };
    if clauses.is_empty() { Some(none) } else { union(clauses.into_iter().map(|(_, cover)| cover)) }
}

fn rarest<'a>(covers: impl Iterator<Item = Cover<'a>>) -> Option<Cover<'a>> {
    covers.min_by_key(|cover| (cover.frequency, cover.keys.len()))
}

fn union<'a>(covers: impl Iterator<Item = Option<Cover<'a>>>) -> Option<Cover<'a>> {
    covers.reduce(|all, next| {
        let (mut all, next) = (all?, next?);
        all.keys.extend(next.keys);
        all.frequency = all.frequency.saturating_add(next.frequency);
        Some(all)
    })?
}
