//! The events ahead of all that a digest tells, as a small calendar.

use jiff::civil::Date;
use serde::Serialize;

use super::{DATED_DAYS_MAX, facts};
use crate::alert::is_one_event;
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
    of(entries.iter().flat_map(|entry| &entry.telling.hit.facts).filter_map(event), today)
}

fn event(told: &Told) -> Option<(&Told, &Event)> {
    match &told.fact {
        Fact::Event(event) => Some((told, event)),
        _ => None,
    }
}

fn of<'a>(all: impl Iterator<Item = (&'a Told, &'a Event)>, today: Date) -> (Vec<Ahead>, usize) {
    let mut events: Vec<(&Told, &Event)> = Vec::new();
    for (told, event) in all {
        match events.iter_mut().find(|known| is_same(**known, (told, event))) {
            Some(known) if takes_its_place((told, event), *known) => *known = (told, event),
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

/// What was told once has a name in calendars; what is looked back on in a preview never had one.
fn is_same(one: (&Told, &Event), other: (&Told, &Event)) -> bool {
    match (&one.0.calendar, &other.0.calendar) {
        (Some(name), Some(other)) => name.uid == other.uid,
        _ => is_one_event(one.1, other.1),
    }
}

/// Whether an event is listed as it was told here, and no longer as it is `known`.
fn takes_its_place(told: (&Told, &Event), known: (&Told, &Event)) -> bool {
    if let (Some(before), Some(after)) = (sequence(known.0), sequence(told.0)) {
        return before < after;
    }
    let is_vague = known.1.days.count() > DATED_DAYS_MAX && told.1.days.count() <= DATED_DAYS_MAX;
    told.1.moved_from == Some(known.1.days) || is_vague
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::item::Parts;

    /// As a preview of stored history finds it: nothing was settled, so nothing has a name in calendars.
    fn told(name: &str, place: &str, (first, last): (i8, i8), moved_from: Option<(i8, i8)>) -> Told {
        let days = |(first, last)| Days { first: date(2026, 7, first), last: date(2026, 7, last) };
        let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect();
        let event = Event {
            kind: "summit".to_owned(),
            name: Some(format!("{name} summit").trim().to_owned()),
            place: (!place.is_empty()).then(|| place.to_owned()),
            days: days((first, last)),
            moved_from: moved_from.map(days),
            moved: moved_from.is_some(),
            cancelled: false,
            parts: Parts { name: words(name), place: words(place), edition: Vec::new() },
        };
        Told { fact: Fact::Event(event), before: None, calendar: None }
    }

    fn listed(facts: &[Told]) -> Vec<String> {
        let (ahead, _) = of(facts.iter().filter_map(event), date(2026, 6, 1));
        ahead.into_iter().map(|ahead| format!("{}: {}", ahead.when, ahead.what)).collect()
    }

    #[test]
    fn an_event_is_listed_once_however_reports_call_it_and_as_it_is_now() {
        let (first, other) = (told("NATO", "Vilnius", (7, 8), None), told("", "", (7, 8), None));
        let (moved, again) = (told("NATO", "", (14, 15), Some((7, 8))), told("Vilnius", "", (14, 15), None));
        assert_eq!(listed(&[first.clone(), other.clone()]), ["7–8 July 2026: NATO summit, Vilnius"]);
        let now = ["14–15 July 2026: NATO summit"];
        assert_eq!(listed(&[first.clone(), moved.clone()]), now);
        assert_eq!(listed(&[moved.clone(), first.clone()]), now);
        let month = told("NATO", "", (1, 31), None);
        assert_eq!(listed(&[month, first.clone()]), ["7–8 July 2026: NATO summit, Vilnius"]);
        assert_eq!(listed(&[first, told("EU", "Brussels", (7, 8), None)]).len(), 2);
        assert_eq!(listed(&[moved, again]).len(), 2, "nothing says that both names are of one summit");
    }
}
