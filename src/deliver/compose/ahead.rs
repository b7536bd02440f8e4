//! The events ahead of all that a digest tells, as a small calendar.

use jiff::civil::Date;
use serde::Serialize;

use super::facts;
use crate::item::{Days, Event, Fact, Told, Value};
use crate::store::MailEntry;

/// Dates that are listed; the nearest are.
const DATES_MAX: usize = 12;

/// An event ahead, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Ahead {
    /// `14–15 July 2026`
    when: String,
    /// `NATO summit, Vilnius`
    what: String,
    /// When it was to be before: `7–8 July 2026`.
    was: Option<String>,
}

/// Events that are not over by `today`, each once as it was told last, by date; and how many more there are.
pub(super) fn ahead(entries: &[MailEntry], today: Date) -> (Vec<Ahead>, usize) {
    let mut events: Vec<(&Told, &Event)> = Vec::new();
    for told in entries.iter().flat_map(|entry| &entry.telling.hit.facts) {
        let Fact::Event(event) = &told.fact else { continue };
        match events.iter_mut().find(|known| is_same(**known, (told, event))) {
            Some(known) if sequence(known.0) < sequence(told) => *known = (told, event),
            Some(_) => {}
            None => events.push((told, event)),
        }
    }
    events.retain(|(_, event)| !event.cancelled && event.days.last >= today);
    events.sort_by_key(|(_, event)| (event.days.first, event.days.last));
    let more = events.len().saturating_sub(DATES_MAX);
    let line = |(told, event): (&Told, &Event)| Ahead {
        when: facts::days(event.days),
        what: facts::name(event),
        was: was(told, event).map(facts::days),
    };
    (events.into_iter().take(DATES_MAX).map(line).collect(), more)
}

fn is_same(one: (&Told, &Event), other: (&Told, &Event)) -> bool {
    match (&one.0.calendar, &other.0.calendar) {
        (Some(name), Some(other)) => name.uid == other.uid,
        _ => one.1.days == other.1.days && facts::name(one.1) == facts::name(other.1),
    }
}

/// How often its name in calendars has changed.
fn sequence(told: &Told) -> Option<u32> {
    told.calendar.as_ref().map(|name| name.sequence)
}

fn was(told: &Told, event: &Event) -> Option<Days> {
    match told.before.as_ref().filter(|before| before.is_moved_to(&event.days)).map(|before| before.value) {
        Some(Value::Set(days)) => Some(days),
        _ => event.moved_from,
    }
}
