//! Whether two facts are one, and what they say together.

use crate::item::{Days, Event, Fact, Key, Parts, Stance};

/// So many days are no date, but a month, a season or a year: a narrower one takes its place.
pub(super) const VAGUE_DAYS: i32 = 20;

/// Of two dates of which one holds the other, the one that says more.
pub(super) fn narrowed(before: Days, after: Days) -> Days {
    let (wide, narrow) = match (before.holds(&after), after.holds(&before)) {
        (true, _) => (before, after),
        (_, true) => (after, before),
        _ => return after,
    };
    // The first day of a summit of two days is named more often than the second.
    if wide.count() >= VAGUE_DAYS { narrow } else { wide }
}

/// Takes over the parts that are missing.
pub(super) fn fill(known: &mut Parts, parts: &Parts) {
    for (known, part) in
        [(&mut known.name, &parts.name), (&mut known.place, &parts.place), (&mut known.edition, &parts.edition)]
    {
        if known.is_empty() {
            known.clone_from(part);
        }
    }
}

/// Whether two facts of one subject may be one: each part that both name is the same.
pub(super) fn agree(one: &Fact, other: &Fact) -> bool {
    let (Some(one_parts), Some(other_parts)) = (one.parts(), other.parts()) else { return false };
    if let (Fact::Act(one), Fact::Act(other)) = (one, other) {
        let (actor, other_actor) = (one.actor.to_lowercase(), other.actor.to_lowercase());
        let same_actor = actor == other_actor || actor.is_empty() || other_actor.is_empty();
        return same_actor && overlap(&one_parts.name, &other_parts.name);
    }
    // `The Vilnius summit` is a summit in Vilnius.
    let without = |name: &[String], place: &[String]| {
        name.iter().filter(|word| !place.contains(word)).cloned().collect::<Vec<_>>()
    };
    let (name, other_name) =
        (without(&one_parts.name, &other_parts.place), without(&other_parts.name, &one_parts.place));
    within(&name, &other_name)
        && within(&one_parts.place, &other_parts.place)
        && within(&one_parts.edition, &other_parts.edition)
}

/// Whether two reports speak of one event, as far as they say it themselves: of one kind, and on the same days or from one date to
/// the other.
pub fn is_one_event(one: &Event, other: &Event) -> bool {
    let moved = |to: &Event, from: &Event| to.moved_from == Some(from.days);
    // Where nothing of a name was told apart, the whole of it counts.
    let name = |event: &Event| if event.parts == Parts::default() { event.name.clone() } else { None };
    if matches!((name(one), name(other)), (Some(one), Some(other)) if one != other) {
        return false;
    }
    let when = one.days.holds(&other.days) || other.days.holds(&one.days) || moved(one, other) || moved(other, one);
    one.kind == other.kind && when && agree(&Fact::Event(one.clone()), &Fact::Event(other.clone()))
}

/// Whether all words of the shorter one are in the longer one; none agree with any.
fn within(one: &[String], other: &[String]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short.iter().all(|word| long.contains(word))
}

/// Whether at least half of the words of the shorter one are in the longer one: what an act is about is said in many ways.
fn overlap(one: &[String], other: &[String]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    2 * short.iter().filter(|word| long.contains(word)).count() >= short.len()
}

/// The different facts of one report. Of an act it is the first firm stance that is the news, and an event is once what all of
/// its sentences together say.
pub(super) fn distinct(facts: &[Fact]) -> Vec<Fact> {
    let mut all: Vec<Fact> = Vec::new();
    for fact in facts.iter().filter(|fact| fact.subject().is_some()) {
        let same = all.iter_mut().find(|known| {
            let days = (known.value().and_then(|value| value.days()), fact.value().and_then(|value| value.days()));
            // One report calls one event by several names.
            let is_one = match days {
                (Some(one), Some(other)) => one.holds(&other) || other.holds(&one),
                _ => agree(known, fact),
            };
            known.subject() == fact.subject() && is_one
        });
        match (same, fact) {
            (Some(Fact::Act(known)), Fact::Act(act)) => {
                if known.stance == Stance::Possible && act.stance != Stance::Possible {
                    *known = act.clone();
                }
                fill(&mut known.parts, &act.parts);
            }
            (Some(Fact::Event(known)), Fact::Event(event)) => join(known, event),
            (None, fact) => all.push(fact.clone()),
            _ => {}
        }
    }
    // The day that something was moved from is no other event.
    let left: Vec<(Option<Key>, Days)> = all.iter().filter_map(left_behind).collect();
    all.retain(|fact| {
        let days = fact.value().and_then(|value| value.days());
        left_behind(fact).is_some() || !days.is_some_and(|days| left.contains(&(fact.subject(), days)))
    });
    all
}

/// The days that an event was moved from.
fn left_behind(fact: &Fact) -> Option<(Option<Key>, Days)> {
    match fact {
        Fact::Event(event) => event.moved_from.map(|from| (fact.subject(), from)),
        _ => None,
    }
}

/// What another sentence of the same report says of an event.
fn join(known: &mut Event, event: &Event) {
    known.days = narrowed(known.days, event.days);
    known.name = known.name.take().or_else(|| event.name.clone());
    known.place = known.place.take().or_else(|| event.place.clone());
    known.moved_from = known.moved_from.or(event.moved_from);
    known.moved |= event.moved;
    known.cancelled |= event.cancelled;
    fill(&mut known.parts, &event.parts);
    let more: Vec<String> = event.parts.name.iter().filter(|word| !known.parts.name.contains(word)).cloned().collect();
    known.parts.name.extend(more);
    known.parts.name.sort_unstable();
}
