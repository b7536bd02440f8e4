//! 4. All rules against one item.
//!
//! Every rule is filed under terms without one of which it cannot match; the words of an item select the few rules that
//! are worth evaluating. Words are looked at once per item, and only when a rule asks for them. What this room reads is
//! never stored, and it knows neither time nor who is told.

mod because;

mod capitals;

mod evaluate;

mod explain;

mod facts;

mod index;

mod joints;

mod literals;

mod miss;

mod nearly;

mod plan;

mod postings;

mod quote;

mod read;

mod reading;

mod repeated;

mod said;

mod source;

mod terms;

#[cfg(any(test, fuzzing))]
mod naive;

#[cfg(test)]
mod tests;

pub use facts::{anchor, dated, likely_in};
pub use plan::fold_name;
pub use source::could_match;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::item::{self, Hit, Item};
use crate::query::Query;
use crate::understand::facts::Facts;

pub use explain::{Clause, Explanation};
pub use miss::Miss;
pub use read::Read;

use evaluate::Seen;
use index::Index;
use plan::{Plan, Planner};
use reading::{Reading, Tokens};
use terms::Terms;

/// So many words that no rule looks for any more are kept after a reload.
const LEFT_OVER_MAX: usize = 10_000;

/// After so many items the rules are filed again by what was seen of words.
const FILED_AGAIN_AT: [u32; 3] = [4096, 1 << 16, 1 << 20];

/// Facts of one item that a rule is told of, and events of one item.
const FACTS_MAX: usize = 24;

/// A query with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The watch's name.
    pub name: String,
    /// What it looks for.
    pub query: Query,
}

impl Rule {
    /// A rule that matches where `query` does.
    pub fn new(name: impl Into<String>, query: Query) -> Self {
        Self { name: name.into(), query }
    }
}

/// An item and where it comes from.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The item.
    pub item: &'a Item,
    /// The name of its feed.
    pub feed: &'a str,
    /// The tags of its feed.
    pub tags: &'a [String],
}

/// All rules, ready to be matched. Share it; every method takes `&self`.
#[derive(Debug)]
pub struct Matcher {
    rules: Vec<Rule>,
    plans: Vec<Arc<Plan>>,
    terms: Terms,
    /// Made anew when more is known of how common words are.
    index: RwLock<Arc<Index>>,
    /// How many terms there were when nothing was left over from earlier rules.
    terms_fresh: usize,
}

/// An item cut into words, ready to be matched with any rules.
#[derive(Debug)]
pub struct Cut<'a> {
    subject: Subject<'a>,
    tokens: Tokens<'a>,
}

impl<'a> Cut<'a> {
    /// Cuts an item into words, and finds out in which language it is.
    pub fn new(subject: &Subject<'a>) -> Self {
        Self { subject: *subject, tokens: Tokens::new(subject) }
    }
}

impl Matcher {
    /// Files the rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut planner = Planner::new(Terms::for_rules(rules.len()));
        let plans = rules.iter().map(|rule| Arc::new(planner.plan(rule.query.root()))).collect();
        let terms = planner.finish();
        let terms_fresh = terms.len();
        Self::filed(rules, plans, terms, terms_fresh)
    }

    /// Files other rules in the place of these. What is the same in both is kept, and what was seen of words is used to file
    /// each rule under its rarest.
    #[must_use]
    pub fn reloaded(&self, rules: Vec<Rule>) -> Self {
        let known: HashMap<&str, usize> =
            self.rules.iter().zip(0..).map(|(rule, at)| (rule.name.as_str(), at)).collect();
        let mut planner = Planner::new(self.terms.again());
        let plan = |rule: &Rule| {
            let same = known.get(rule.name.as_str()).filter(|at| {
                let query = &self.rules[**at].query;
                query.source() == rule.query.source() && *query == rule.query
            });
            same.map_or_else(|| Arc::new(planner.plan(rule.query.root())), |at| Arc::clone(&self.plans[*at]))
        };
        let plans = rules.iter().map(plan).collect();
        let terms = planner.finish();
        if terms.len() > 2 * self.terms_fresh + LEFT_OVER_MAX {
            return Self::new(rules);
        }
        Self::filed(rules, plans, terms, self.terms_fresh)
    }

    fn filed(rules: Vec<Rule>, plans: Vec<Arc<Plan>>, terms: Terms, terms_fresh: usize) -> Self {
        let index = RwLock::new(Arc::new(Index::new(&plans, &terms)));
        Self { rules, plans, terms, index, terms_fresh }
    }

    /// Files the rules again by what items such as these hold: those that are to be matched, or the latest.
    pub fn accustom<'a>(&self, items: impl IntoIterator<Item = &'a Item>) {
        for item in items {
            let tokens = Tokens::new(&Subject { item, feed: "", tags: &[] });
            self.terms.observe(Reading::new(&tokens, &self.terms).terms());
        }
        self.file_again();
    }

    fn file_again(&self) {
        let index = Arc::new(Index::new(&self.plans, &self.terms));
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = index;
    }

    fn index(&self) -> Arc<Index> {
        Arc::clone(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the item says of what a rule of this name asks for, whether or not the rule matches.
    pub fn understood(&self, subject: &Subject<'_>, name: &str) -> Facts {
        let tokens = Tokens::new(subject);
        let seen = Seen::new(subject, &tokens, &self.terms);
        let mut facts = Facts::default();
        let all = self.rules.iter().zip(&self.plans).filter(|(rule, _)| rule.name == name);
        all.for_each(|(_, plan)| seen.each_told(plan, &mut |told, _| gather(&mut facts, &told.fact)));
        facts
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The names of the rules that are evaluated for every item, because there is no word, name or letters in a row that they
    /// need; in their order.
    pub fn unfiled(&self) -> Vec<&str> {
        self.index().always().iter().map(|rule| self.rules[*rule as usize].name.as_str()).collect()
    }

    /// The rules that match, in their order, and why.
    pub fn hits(&self, subject: &Subject<'_>) -> Vec<Hit> {
        self.hits_in(&Cut::new(subject))
    }

    /// As [`Matcher::hits`], of an item that was cut into words before.
    pub fn hits_in(&self, cut: &Cut<'_>) -> Vec<Hit> {
        self.read(cut).hits()
    }

    /// As [`Matcher::hits`], each with what the item says of what its rule asks for.
    pub fn hits_understood(&self, subject: &Subject<'_>) -> Vec<(Hit, Facts)> {
        let cut = Cut::new(subject);
        let read = self.read(&cut);
        let understood = |rule: usize| {
            let mut facts = Facts::default();
            (self.hit(read.seen(), rule, &mut |told| gather(&mut facts, told)), facts)
        };
        read.matching().map(understood).collect()
    }

    /// `each` is shown what the item says of what the rule asks for.
    fn hit(&self, seen: &Seen<'_, '_>, rule: usize, each: &mut dyn FnMut(&facts::Fact)) -> Hit {
        let Rule { name, query } = &self.rules[rule];
        let because = because::because(seen, &self.plans[rule], query.source());
        let mut told: Vec<item::Told> = Vec::new();
        seen.each_told(&self.plans[rule], &mut |found, text| {
            each(&found.fact);
            let fact = said::said(&found, text);
            if told.len() < FACTS_MAX && told.iter().all(|known| known.fact != fact) {
                told.push(item::Told { fact, before: None, calendar: None });
            }
        });
        Hit { watch: name.clone(), because, facts: told }
    }

    /// How many rules are evaluated for an item.
    pub fn evaluated(&self, cut: &Cut<'_>) -> usize {
        self.index().candidates(&Seen::new(&cut.subject, &cut.tokens, &self.terms)).len()
    }

    /// Every rule, in their order: whether it matches, and clause by clause why or why not. Slower than [`Matcher::hits`]; for
    /// people who ask.
    pub fn explain(&self, subject: &Subject<'_>) -> Vec<Explanation> {
        let tokens = Tokens::new(subject);
        let seen = Seen::new(subject, &tokens, &self.terms);
        let all = self.rules.iter().zip(&self.plans);
        all.map(|(rule, plan)| explain::explain(&seen, rule, plan)).collect()
    }

    /// As [`Matcher::explain`], of the rules of these names.
    pub fn explain_only(&self, subject: &Subject<'_>, names: &[&str]) -> Vec<Explanation> {
        let tokens = Tokens::new(subject);
        let seen = Seen::new(subject, &tokens, &self.terms);
        let all = self.rules.iter().zip(&self.plans).filter(|(rule, _)| names.contains(&rule.name.as_str()));
        all.map(|(rule, plan)| explain::explain(&seen, rule, plan)).collect()
    }
}

/// Adds what is not there yet.
fn gather(all: &mut Facts, fact: &facts::Fact) {
    match fact {
        facts::Fact::Event(event) if !all.events.contains(event) => all.events.push(event.clone()),
        facts::Fact::Statement(one) if !all.statements.contains(one) => all.statements.push(one.clone()),
        facts::Fact::Amount(amount) if !all.amounts.contains(amount) => all.amounts.push(amount.clone()),
        _ => {}
    }
}

/// Whether a query matches, found by going through everything: for the fuzzer, to tell whether a [`Matcher`] is right.
#[cfg(fuzzing)]
pub fn matches_naively(query: &Query, subject: &Subject<'_>) -> bool {
    naive::matches(query.root(), subject)
}
