//! An item whose words were looked up: what matches it, what it says, and what nearly matches it.

use std::collections::{BTreeSet, HashMap};

use super::evaluate::Seen;
use super::{Cut, FACTS_MAX, FILED_AGAIN_AT, Matcher, because, explain, facts, nearly, said};
use crate::item::{self, Fact, Field, Hit, NearMiss};

/// Near misses of one item.
pub(super) const NEAR_MAX: usize = 4;

/// So few rules are all held against an item to see which are near; of more, those that the index selects.
const FEW_RULES: usize = 64;

/// So many of those that the index selects.
const LOOKED_AT_MAX: usize = 256;

/// An item whose words were looked up once, for all that is asked about it.
pub struct Read<'m, 'c, 'a> {
    matcher: &'m Matcher,
    seen: Seen<'c, 'a>,
    /// The rules that it may match, in their order.
    candidates: Vec<usize>,
}

impl Matcher {
    /// Looks the words of an item up.
    pub fn read<'m, 'c, 'a>(&'m self, cut: &'c Cut<'a>) -> Read<'m, 'c, 'a> {
        let seen = Seen::new(&cut.subject, &cut.tokens, &self.terms);
        if FILED_AGAIN_AT.contains(&self.terms.observe(seen.reading().terms())) {
            self.file_again();
        }
        let candidates = self.index().candidates(&seen).into_iter().map(|rule| rule as usize).collect();
        Read { matcher: self, seen, candidates }
    }
}

impl<'c, 'a> Read<'_, 'c, 'a> {
    pub(super) fn seen(&self) -> &Seen<'c, 'a> {
        &self.seen
    }

    /// The rules that match, in their order.
    pub(super) fn matching(&self) -> impl Iterator<Item = usize> {
        self.candidates.iter().copied().filter(|rule| self.seen.holds(&self.matcher.plans[*rule]))
    }

    /// The rules that match, in their order, and why.
    pub fn hits(&self) -> Vec<Hit> {
        self.matching().map(|rule| self.matcher.hit(&self.seen, rule, &mut |_| ())).collect()
    }

    /// The dated events of an item, whatever the rules ask for. A hit of a rule that asks for no events or acts gets what is said
    /// in the sentences for which it matched.
    pub fn events(&self, hits: &mut [Hit]) -> Vec<Fact> {
        let seen = &self.seen;
        let is_sum = |told: &item::Told| matches!(told.fact, Fact::Sum(_));
        let mut open: HashMap<&str, Open<'_>> = HashMap::new();
        for hit in hits.iter_mut().filter(|hit| hit.facts.iter().all(is_sum)) {
            open.insert(&hit.watch, Open { facts: &mut hit.facts, places: BTreeSet::new() });
        }
        for rule in self.candidates.iter().copied() {
            let plan = &self.matcher.plans[rule];
            if let Some(hit) = open.get_mut(self.matcher.rules[rule].name.as_str())
                && seen.holds(plan)
            {
                hit.places = because::places(seen, plan);
            }
        }
        let mut events: Vec<Fact> = Vec::new();
        for (number, passage) in seen.reading().passages().iter().enumerate() {
            if !matches!(passage.field, Field::Title | Field::Summary | Field::Text) {
                continue;
            }
            for (at, fact) in said::all(&facts::known_facts_of(passage, seen.subject.item), passage.text) {
                let (sentence, _) = passage.sentence(at);
                for Open { facts, .. } in open.values_mut().filter(|hit| hit.places.contains(&(number, sentence))) {
                    let is_known = facts.len() >= FACTS_MAX || facts.iter().any(|known| is_same(&known.fact, &fact));
                    if !is_known {
                        facts.push(item::Told { fact: fact.clone(), before: None, calendar: None });
                    }
                }
                if matches!(fact, Fact::Event(_)) && events.len() < FACTS_MAX && !events.contains(&fact) {
                    events.push(fact);
                }
            }
        }
        events
    }

    /// Rules that are `wanted`, do not match and lack little, the nearest first and four at most. Where there are many rules only
    /// those are looked at that the index selects: they have their rarest words.
    pub fn near_misses(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<NearMiss> {
        let Matcher { rules, plans, .. } = self.matcher;
        let every: Vec<usize>;
        let selected = if rules.len() <= FEW_RULES {
            every = (0..rules.len()).collect();
            &every
        } else {
            &self.candidates
        };
        let looked_at = selected.iter().copied().filter(|rule| wanted(&rules[*rule].name)).take(LOOKED_AT_MAX);
        let mut near: Vec<(u32, usize)> =
            looked_at.filter_map(|rule| Some((nearly::short(&self.seen, &plans[rule])?, rule))).collect();
        near.sort_unstable();
        near.truncate(NEAR_MAX);
        let told = |(short, rule): (u32, usize)| {
            let clause = explain::sketch(&self.seen, &rules[rule], &plans[rule]);
            NearMiss { watch: rules[rule].name.clone(), short, lacks: nearly::lacks(&clause) }
        };
        near.into_iter().map(told).collect()
    }
}

/// A hit of a rule that asks for no events or acts.
struct Open<'h> {
    facts: &'h mut Vec<item::Told>,
    /// Where the sentences stand for which it matched: the number of the passage, and their own there.
    places: BTreeSet<(usize, usize)>,
}

/// A sum that a rule asks for has a note of its own.
fn is_same(one: &Fact, other: &Fact) -> bool {
    match (one, other) {
        (Fact::Sum(one), Fact::Sum(other)) => one.text == other.text,
        _ => one == other,
    }
}
