use std::collections::HashMap;

use super::evaluate::Seen;
use super::plan::{Find, Plan, Row, Unit, fold_name};
use super::terms::{TermId, Terms};
use crate::understand::text::Language;

/// How common the name of a feed or a tag is taken to be, beside words.
const SOURCE_FREQUENCY: u32 = 20_000;

/// How common a language is taken to be.
const LANGUAGE_FREQUENCY: u32 = 300_000;

/// Which rules are worth evaluating. Rules go by their number.
#[derive(Debug)]
pub(super) struct Index {
    /// By term.
    by_term: Vec<Vec<usize>>,
    by_feed: HashMap<String, Vec<usize>>,
    by_tag: HashMap<String, Vec<usize>>,
    by_language: HashMap<Language, Vec<usize>>,
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
    Lang(Language),
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
            by_language: HashMap::new(),
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
                        &mut index.by_term[term as usize]
                    }
                    Key::Feed(name) => index.by_feed.entry(name.to_owned()).or_default(),
                    Key::Tag(name) => index.by_tag.entry(name.to_owned()).or_default(),
                    Key::Lang(language) => index.by_language.entry(language).or_default(),
                };
                if rules.last() != Some(&rule) {
                    rules.push(rule);
                }
            }
        }
        index
    }

    /// The rules that the item may match, in order.
    pub(super) fn candidates(&self, seen: &Seen<'_, '_>) -> Vec<usize> {
        let mut rules = self.always.clone();
        if self.reads_words {
            rules.extend(seen.reading().terms().flat_map(|term| &self.by_term[term as usize]));
        }
        if !self.by_feed.is_empty() {
            rules.extend(self.by_feed.get(&fold_name(seen.subject.feed)).into_iter().flatten());
        }
        if !self.by_tag.is_empty() {
            let filed = seen.subject.tags.iter().filter_map(|tag| self.by_tag.get(&fold_name(tag)));
            rules.extend(filed.flatten());
        }
        if let Some(language) = seen.language() {
            rules.extend(self.by_language.get(&language).into_iter().flatten());
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
        Plan::Lang(language, _) => {
            Some(Cover { keys: language.map(Key::Lang).into_iter().collect(), frequency: LANGUAGE_FREQUENCY })
        }
    }
}

fn cover_find<'a>(find: &Find, terms: &Terms) -> Option<Cover<'a>> {
    match find {
        Find::Row(Row { units, .. }) => rarest((0..units.len()).filter_map(|at| cover_unit(units, at, terms))),
        Find::Pattern(..) => None,
        Find::Any(finds) => union(finds.iter().map(|find| cover_find(find, terms))),
        Find::Near { left, right, .. } => rarest([left, right].into_iter().filter_map(|find| cover_find(find, terms))),
    }
}

/// A word of a row: its rarest part, or all of it in one piece, or a piece that it is in with the word beside it.
fn cover_unit<'a>(units: &[Unit], at: usize, terms: &Terms) -> Option<Cover<'a>> {
    let one = |term: TermId| Cover { keys: vec![Key::Term(term)], frequency: terms.frequency(term) };
    let unit = &units[at];
    let parts = rarest(unit.parts.iter().map(|part| one(*part)));
    let before = at.checked_sub(1).and_then(|before| units[before].joined);
    let pieces = [unit.whole, unit.joined, before].into_iter().flatten();
    union([parts].into_iter().chain(pieces.map(|piece| Some(one(piece)))))
}

/// Of any so many clauses but `count` less one, at least one holds: those with the rarest keys are taken.
fn some(count: usize, mut covers: Vec<Option<Cover<'_>>>) -> Option<Cover<'_>> {
    covers.sort_by_key(|cover| cover.as_ref().map_or(u32::MAX, |cover| cover.frequency));
    covers.truncate((covers.len() + 1).saturating_sub(count));
    union(covers.into_iter())
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
