use std::collections::HashMap;
use std::sync::Arc;

use super::evaluate::Seen;
use super::literals::{Literals, required};
use super::plan::{Find, Plan, Row, Unit, Weighed, fold_name};
use super::postings::Postings;
use super::terms::{TermId, Terms, likely};
use crate::understand::text::Language;

/// Of how many items in a million a feed, or the feeds of a tag, are taken to bring.
const SOURCE_FREQUENCY: u32 = 20_000;

/// How many items in a million are taken to be in a language.
const LANGUAGE_FREQUENCY: u32 = 300_000;

/// How many items in a million are taken to have a part of an address that is looked for.
const LINK_FREQUENCY: u32 = 10_000;

/// Which rules are worth evaluating. Rules go by their number.
#[derive(Debug)]
pub(super) struct Index {
    by_term: Postings,
    by_feed: HashMap<String, Vec<u32>>,
    by_tag: HashMap<String, Vec<u32>>,
    by_language: HashMap<Language, Vec<u32>>,
    in_texts: Literal,
    in_links: Literal,
    /// Rules that can match whatever occurs.
    always: Vec<u32>,
}

/// Rules by what stands in a text, inside words or across them.
#[derive(Debug, Default)]
struct Literal {
    literals: Option<Literals>,
    /// By number of the literal.
    rules: Vec<Vec<u32>>,
}

/// Something that can be seen in an item.
#[derive(Debug, Clone)]
enum Key<'a> {
    Term(TermId),
    Feed(&'a str),
    Tag(&'a str),
    Lang(Language),
    Text(Vec<u8>),
    Link(&'a str),
}

/// Keys of which a matching item shows at least one.
struct Cover<'a> {
    keys: Vec<Key<'a>>,
    /// How many items in a million are likely to show one.
    frequency: u32,
}

impl Index {
    /// Files each rule under the rarest keys that it cannot match without.
    pub(super) fn new(plans: &[Arc<Plan>], terms: &Terms) -> Self {
        let mut pairs = Vec::with_capacity(plans.len());
        let (mut by_feed, mut by_tag, mut by_language) = (HashMap::new(), HashMap::new(), HashMap::new());
        let (mut in_texts, mut in_links) = (HashMap::new(), HashMap::new());
        let mut always = Vec::new();
        for (rule, plan) in (0_u32..).zip(plans) {
            let Some(cover) = cover(plan, terms) else {
                always.push(rule);
                continue;
            };
            for key in cover.keys {
                let rules: &mut Vec<u32> = match key {
                    Key::Term(term) => {
                        pairs.push((term, rule));
                        continue;
                    }
                    Key::Feed(name) => by_feed.entry(name.to_owned()).or_default(),
                    Key::Tag(name) => by_tag.entry(name.to_owned()).or_default(),
                    Key::Lang(language) => by_language.entry(language).or_default(),
                    Key::Text(literal) => in_texts.entry(literal).or_default(),
                    Key::Link(part) => in_links.entry(part.as_bytes().to_ascii_lowercase()).or_default(),
                };
                if rules.last() != Some(&rule) {
                    rules.push(rule);
                }
            }
        }
        let mut index = Self {
            by_term: Postings::new(terms.len(), &pairs),
            by_feed,
            by_tag,
            by_language,
            in_texts: Literal::of(in_texts, &mut always),
            in_links: Literal::of(in_links, &mut always),
            always,
        };
        index.always.sort_unstable();
        index.always.dedup();
        index
    }

    /// The rules that the item may match, in order.
    pub(super) fn candidates(&self, seen: &Seen<'_, '_>) -> Vec<u32> {
        let mut rules = self.always.clone();
        for term in seen.reading().terms() {
            rules.extend_from_slice(self.by_term.of(term));
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
        for passage in seen.reading().passages() {
            self.in_texts.add(passage.text, &mut rules);
        }
        if let Some(link) = &seen.subject.item.link {
            self.in_links.add(link, &mut rules);
        }
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// Rules that are evaluated for every item.
    pub(super) fn always(&self) -> &[u32] {
        &self.always
    }
}

impl Literal {
    /// Where literals cannot be looked for, their rules are always worth evaluating.
    fn of(filed: HashMap<Vec<u8>, Vec<u32>>, always: &mut Vec<u32>) -> Self {
        let (literals, rules): (Vec<Vec<u8>>, Vec<Vec<u32>>) = filed.into_iter().unzip();
        let found = Literals::of(literals.iter().map(Vec::as_slice));
        if found.is_none() {
            always.extend(rules.iter().flatten());
        }
        Self { literals: found, rules }
    }

    fn add(&self, text: &str, rules: &mut Vec<u32>) {
        if let Some(literals) = &self.literals {
            literals.each(text, |literal| rules.extend_from_slice(&self.rules[literal]));
        }
    }
}

/// The rarest keys of which one has to be there; `None` where the clause can match without any.
fn cover<'a>(plan: &'a Plan, terms: &Terms) -> Option<Cover<'a>> {
    match plan {
        Plan::All(plans) => rarest(plans.iter().filter_map(|plan| cover(plan, terms))),
        Plan::Any(plans) => union(plans.iter().map(|plan| cover(plan, terms))),
        Plan::Some(count, plans) => some(*count, plans.iter().map(|plan| cover(plan, terms)).collect()),
        Plan::Not(_) => None,
        Plan::Link(part, _) => Some(Cover { keys: vec![Key::Link(part)], frequency: LINK_FREQUENCY }),
        Plan::Find(find, _) | Plan::Times(_, find, _) => cover_find(find, terms),
        Plan::Feed(name, _) => Some(Cover { keys: vec![Key::Feed(name)], frequency: SOURCE_FREQUENCY }),
        Plan::Tag(name, _) => Some(Cover { keys: vec![Key::Tag(name)], frequency: SOURCE_FREQUENCY }),
        Plan::Lang(language, _) => {
            Some(Cover { keys: language.map(Key::Lang).into_iter().collect(), frequency: LANGUAGE_FREQUENCY })
        }
        Plan::Score(threshold, rows) => score(*threshold, rows, terms),
    }
}

fn cover_find<'a>(find: &Find, terms: &Terms) -> Option<Cover<'a>> {
    match find {
        Find::Row(Row { units, .. }) => rarest((0..units.len()).filter_map(|at| cover_unit(units, at, terms))),
        Find::Pattern(_, pattern) => {
            let keys: Vec<Key<'_>> = required(pattern)?.into_iter().map(Key::Text).collect();
            let length = |key: &Key<'_>| if let Key::Text(literal) = key { 4 * likely(literal.len()) } else { 0 };
            Some(Cover { frequency: keys.iter().map(length).sum(), keys })
        }
        Find::Fact(ask) => {
            let needed = ask.needed.as_deref()?;
            let words = needed.units.as_deref()?;
            let roots: Vec<Vec<u8>> = needed.roots.iter().flat_map(|root| in_any_case(root)).collect();
            let frequency = roots.iter().map(|root| likely(root.len())).sum();
            let inside = Cover { keys: roots.into_iter().map(Key::Text).collect(), frequency };
            union((0..words.len()).map(|at| cover_unit(&words[at..=at], 0, terms)).chain([Some(inside)]))
        }
        Find::Any(finds) => union(finds.iter().map(|find| cover_find(find, terms))),
        Find::Near { left, right, .. } => rarest([left, right].into_iter().filter_map(|find| cover_find(find, terms))),
    }
}

/// A word in lower case as it may be written, where the case of plain letters does not matter.
fn in_any_case(word: &str) -> impl Iterator<Item = Vec<u8>> {
    let large: String =
        word.chars().map(|c| if c.is_ascii() { c } else { c.to_uppercase().next().unwrap_or(c) }).collect();
    let differs = large != word;
    [Some(word.to_owned()), differs.then_some(large)].into_iter().flatten().map(String::into_bytes)
}

/// A word of a row: its rarest part, or all of it in one piece, or a piece that it is in with the word beside it.
fn cover_unit<'a>(units: &[Unit], at: usize, terms: &Terms) -> Option<Cover<'a>> {
    let one = |term: TermId| Cover { keys: vec![Key::Term(term)], frequency: terms.frequency(term) };
    let unit = &units[at];
    let parts = rarest(unit.parts().map(one));
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
