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

mod plan;

mod quote;

mod reading;

mod repeated;

mod source;

mod terms;

#[cfg(test)]
mod naive;

#[cfg(test)]
mod tests;

pub use facts::{anchor, dated};
pub use source::could_match;

use crate::item::{Hit, Item};
use crate::query::Query;
use crate::understand::facts::Facts;

pub use explain::{Clause, Explanation, Miss};

use evaluate::Seen;
use index::Index;
use plan::{Plan, Planner};
use terms::Terms;

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
    plans: Vec<Plan>,
    terms: Terms,
    index: Index,
    reads_authors: bool,
}

impl Matcher {
    /// Files the rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut planner = Planner::default();
        let plans: Vec<Plan> = rules.iter().map(|rule| planner.plan(rule.query.root())).collect();
        let (terms, reads_authors) = planner.finish();
        let index = Index::new(&plans, &terms);
        Self { rules, plans, terms, index, reads_authors }
    }

    fn see<'a>(&'a self, subject: &Subject<'a>) -> Seen<'a> {
        Seen::new(subject, &self.terms, self.reads_authors)
    }

    /// What the item says of what a rule of this name asks for, whether or not the rule matches.
    pub fn understood(&self, subject: &Subject<'_>, name: &str) -> Facts {
        let seen = self.see(subject);
        let mut facts = Facts::default();
        let all = self.rules.iter().zip(&self.plans).filter(|(rule, _)| rule.name == name);
        all.for_each(|(_, plan)| seen.understood(plan, &mut facts));
        facts
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that match, in their order, and why.
    pub fn hits(&self, subject: &Subject<'_>) -> Vec<Hit> {
        let seen = self.see(subject);
        self.index
            .candidates(&seen)
            .into_iter()
            .filter(|rule| seen.holds(&self.plans[*rule]))
            .map(|rule| {
                let Rule { name, query } = &self.rules[rule];
                Hit { watch: name.clone(), because: because::because(&seen, &self.plans[rule], query.source()) }
            })
            .collect()
    }

    /// Every rule, in their order: whether it matches, and clause by clause why or why not. Slower than [`Matcher::hits`]; for
    /// people who ask.
    pub fn explain(&self, subject: &Subject<'_>) -> Vec<Explanation> {
        let seen = self.see(subject);
        let all = self.rules.iter().zip(&self.plans);
        all.map(|(rule, plan)| explain::explain(&seen, rule, plan)).collect()
    }

    /// As [`Matcher::explain`], of the rules of these names.
    pub fn explain_only(&self, subject: &Subject<'_>, names: &[&str]) -> Vec<Explanation> {
        let seen = self.see(subject);
        let all = self.rules.iter().zip(&self.plans).filter(|(rule, _)| names.contains(&rule.name.as_str()));
        all.map(|(rule, plan)| explain::explain(&seen, rule, plan)).collect()
    }
}
