//! What was understood of a text, as it is remembered and told.

use super::facts::{Fact, Told, amount_note};
use crate::item;
use crate::understand::facts::{Amount, Event, Facts, Statement};
use crate::understand::text::{Language, fold, stems, words};

/// Words that tell no two things apart.
const SMALL: &[&str] = &[
    "a", "about", "all", "an", "and", "any", "as", "at", "by", "for", "from", "in", "into", "its", "it", "more", "of",
    "on", "or", "s", "some", "such", "that", "the", "their", "them", "these", "this", "those", "to", "upon", "with",
];

/// A fact as it is told, from the stretch of text that says it.
pub(super) fn said(told: &Told, text: &str) -> item::Fact {
    match &told.fact {
        Fact::Event(event) => item::Fact::Event(happening(event)),
        Fact::Statement(statement) => item::Fact::Act(act(statement)),
        Fact::Amount(amount) => item::Fact::Sum(sum(amount, text, told.note.clone())),
    }
}

/// All that a text says, each with the byte where it is said: events, acts of somebody who is named, and sums.
pub(super) fn all(facts: &Facts, text: &str) -> Vec<(usize, item::Fact)> {
    let events = facts.events.iter().map(|event| (event.span.start, item::Fact::Event(happening(event))));
    let named = facts.statements.iter().filter(|statement| !statement.actor.is_empty());
    let acts = named.map(|statement| (statement.span.start, item::Fact::Act(act(statement))));
    let sums =
        facts.amounts.iter().map(|amount| (amount.span.start, item::Fact::Sum(sum(amount, text, amount_note(amount)))));
    events.chain(acts).chain(sums).collect()
}

fn sum(amount: &Amount, text: &str, note: String) -> item::Sum {
    let written = text.get(amount.span.clone()).unwrap_or_default();
    item::Sum { text: written.split_whitespace().collect::<Vec<_>>().join(" "), note }
}

/// An event with the words by which it is told from others of its kind.
pub(super) fn happening(event: &Event) -> item::Event {
    let kind = signs(&event.kind);
    let (edition, name): (Vec<String>, Vec<String>) = signs(event.name.as_deref().unwrap_or_default())
        .into_iter()
        .filter(|word| !kind.contains(word))
        .partition(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let days = |(first, last)| item::Days { first, last };
    item::Event {
        kind: event.kind.clone(),
        name: event.name.as_deref().map(without_article),
        place: event.place.clone(),
        days: days((event.first, event.last)),
        moved_from: event.moved_from.map(days),
        moved: event.moved,
        cancelled: event.cancelled,
        parts: item::Parts { name, place: signs(event.place.as_deref().unwrap_or_default()), edition },
    }
}

fn act(statement: &Statement) -> item::Act {
    let name = signs(statement.object.as_deref().unwrap_or_default());
    item::Act {
        actor: statement.actor.clone(),
        act: statement.act.clone(),
        object: statement.object.clone(),
        stance: statement.stance,
        condition: statement.condition.clone(),
        said_by: statement.said_by.clone(),
        parts: item::Parts { name, ..item::Parts::default() },
    }
}

/// The words of a few that tell things apart, as folded stems of English, sorted.
fn signs(text: &str) -> Vec<String> {
    let mut signs: Vec<String> = words(text)
        .map(|word| fold(word.surface).into_owned())
        .filter(|word| !SMALL.contains(&word.as_str()))
        .map(|word| {
            let stems = stems(&word, &word, Language::english());
            stems.as_ref().and_then(|stems| stems.iter().next()).map_or_else(|| word.clone(), str::to_owned)
        })
        .collect();
    signs.sort_unstable();
    signs.dedup();
    signs
}

/// `The NATO summit` begins a sentence; its name is `NATO summit`.
fn without_article(name: &str) -> String {
    let bare = ["The ", "A ", "An "].iter().find_map(|article| name.strip_prefix(article));
    bare.unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::facts::{Anchor, Asked, Facts};

    #[test]
    fn an_event_is_told_from_others_by_name_place_and_edition() {
        let anchor = Anchor { at: "2026-05-12T12:00:00".parse().unwrap(), day_first: None };
        let text = "The 36th NATO summit in Ankara will be held on 7-8 July.";
        let facts = Facts::of(text, &anchor, &Asked::default());
        let event = happening(&facts.events[0]);
        assert_eq!(event.kind, "summit");
        assert_eq!(event.parts.place, ["ankara"]);
        assert_eq!(event.parts.name, ["nato"], "{event:?}");
    }

    #[test]
    fn the_object_of_an_act_is_known_by_its_words() {
        assert_eq!(signs("the EU's aid packages for Ukraine"), signs("an aid package for Ukraine by the EU"));
        assert!(signs("of the").is_empty());
    }
}
