//! `[[watch.test]]`: items that a watch has to match, or must not.

use std::collections::HashMap;

use jiff::Timestamp;

use super::finding::{Finding, Place};
use super::{Settings, Watch};
use crate::item::{Item, Stance};
use crate::matching::{Explanation, Matcher, Subject, anchor, dated, likely_in};
use crate::understand::facts::{Asked, Event, Facts, Statement};
use crate::understand::text::Speech;

/// More lines of a clause tree than this are not read.
const LINES_MAX: usize = 24;

/// An item, and whether its watch has to match it.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The watch's name.
    pub watch: String,
    /// Its place among the tests of the watch, from 1.
    pub number: usize,
    /// The item.
    pub item: Item,
    /// The name of the feed that it comes from; may be empty.
    pub feed: String,
    /// What the watch has to say to it.
    pub expected: Expected,
    pub(super) place: Place,
}

/// What a watch has to say to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Whether it matches.
    pub matched: bool,
    /// Where the act stands that it is about.
    pub stance: Option<Stance>,
    /// Statements that have to be understood.
    pub statements: Vec<Parts>,
    /// Events that have to be understood.
    pub events: Vec<Parts>,
}

/// What is expected of a fact, by the names of its parts as JSON gives them; what is not there does not matter.
pub type Parts = Vec<(String, String)>;

impl Settings {
    /// Tries all tests of all watches: an error for each that fails, in the order of the config.
    pub fn failed_tests(&self) -> Vec<Finding> {
        let watches: HashMap<&str, &Watch> = self.watches.iter().map(|watch| (watch.name.as_str(), watch)).collect();
        let mut failed = Vec::new();
        for trials in self.trials.chunk_by(|one, next| one.watch == next.watch) {
            let Some(watch) = trials.first().and_then(|trial| watches.get(trial.watch.as_str())) else { continue };
            let matcher = Matcher::new(vec![watch.rule()]);
            failed.extend(trials.iter().filter_map(|trial| self.fault(watch, &matcher, trial)));
        }
        failed
    }

    fn fault(&self, watch: &Watch, matcher: &Matcher, trial: &Trial) -> Option<Finding> {
        let feed = self.feeds.iter().find(|feed| feed.name == trial.feed);
        let tags = feed.map(super::Feed::all_tags).unwrap_or_default();
        let zone = feed.and_then(|feed| feed.time_zone.as_ref());
        let item = dated(&trial.item, Timestamp::UNIX_EPOCH, zone);
        let subject = Subject { item: &item, feed: &trial.feed, tags: &tags };
        let explanation = matcher.explain(&subject).pop()?;
        let (expected, got, notes) = if explanation.matched == trial.expected.matched {
            let facts = matcher.understood(&subject, &watch.name);
            let text = format!("{}\n\n{}", trial.item.title, trial.item.text);
            let likely = likely_in(Speech::of([text.as_str()].into_iter(), item.language.as_deref()));
            let all = Facts::likely_in(likely, &text, &anchor(&item), &Asked::default());
            unlike(&trial.expected, &facts, &all)?
        } else {
            let in_words = |matched| if matched { "a match" } else { "no match" }.to_owned();
            (in_words(trial.expected.matched), in_words(explanation.matched), reasons(&explanation))
        };
        let message =
            format!("test {} of the watch `{}` fails: expected {expected}, got {got}", trial.number, watch.name);
        Some(Finding::error(&trial.place, message).notes(notes))
    }
}

/// What was expected to be understood, what was understood, and more about it; `None` where all of it was.
fn unlike(expected: &Expected, found: &Facts, all: &Facts) -> Option<(String, String, Vec<String>)> {
    let of = |facts: &Facts| facts.statements.iter().map(statement_parts).collect::<Vec<_>>();
    let (found_statements, all_statements) = (of(found), of(all));
    let statements = if found_statements.is_empty() { &all_statements } else { &found_statements };
    let events_of = |facts: &Facts| facts.events.iter().map(event_parts).collect::<Vec<_>>();
    let (found_events, all_events) = (events_of(found), events_of(all));
    let events = if found_events.is_empty() { &all_events } else { &found_events };
    let stance = expected.stance.map(|stance| vec![("stance".to_owned(), stance.as_str().to_owned())]);
    let chains = || all.statements.iter().map(|statement| format!("{}: {}", statement.act, statement.chain)).collect();
    for wanted in expected.statements.iter().chain(&stance) {
        if !statements.iter().any(|parts| holds(parts, wanted)) {
            return Some((in_words(wanted), told(statements), chains()));
        }
    }
    let missing = expected.events.iter().find(|wanted| !events.iter().any(|parts| holds(parts, wanted)))?;
    Some((in_words(missing), told(events), Vec::new()))
}

fn holds(parts: &Parts, wanted: &Parts) -> bool {
    wanted.iter().all(|(name, text)| {
        parts.iter().any(|(known, value)| known == name && value.to_lowercase() == text.to_lowercase())
    })
}

fn in_words(parts: &Parts) -> String {
    parts.iter().map(|(name, text)| format!("{name} {text}")).collect::<Vec<_>>().join(", ")
}

fn told(all: &[Parts]) -> String {
    if all.is_empty() { "nothing".to_owned() } else { all.iter().map(in_words).collect::<Vec<_>>().join("; ") }
}

fn statement_parts(statement: &Statement) -> Parts {
    let (actor, act, stance) = (statement.actor.clone(), statement.act.clone(), statement.stance.as_str().to_owned());
    let always = [("actor", Some(actor)), ("act", Some(act)), ("stance", Some(stance))];
    let rest = [
        ("condition", statement.condition.clone()),
        ("object", statement.object.clone()),
        ("said_by", statement.said_by.clone()),
    ];
    named(always.into_iter().chain(rest))
}

fn event_parts(event: &Event) -> Parts {
    named([
        ("event", Some(event.kind.clone())),
        ("start", Some(event.first.to_string())),
        ("end", Some(event.last.to_string())),
        ("place", event.place.clone()),
        ("name", event.name.clone()),
    ])
}

fn named(parts: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Parts {
    parts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect()
}

/// The tree of clauses, a line each: whether it holds, and by how much it missed or where it was found.
fn reasons(explanation: &Explanation) -> Vec<String> {
    let lines = explanation.clauses().into_iter().map(|(depth, clause)| {
        let how = match (&clause.missed_by, clause.found.first()) {
            (Some(miss), _) => format!(": {miss}"),
            (None, Some(found)) => format!(", {}: {}", found.field, found.quote),
            (None, None) => String::new(),
        };
        let written = clause.clause.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{}{} {written}{how}", "  ".repeat(depth), if clause.matched { "yes" } else { "no " })
    });
    lines.take(LINES_MAX).collect()
}
