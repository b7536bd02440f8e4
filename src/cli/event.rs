//! `event list` and `event export`.

use std::fmt::Write as _;

use serde_json::json;

use super::Desk;
use super::feed::one_line;
use super::table::{Table, json_time, time};
use crate::control::Answer;
use crate::deliver::compose::calendar::{self, Entry};
use crate::item::{CalendarName, Event, Fact, KnownFact};

/// An event that is not over.
struct Ahead {
    known: KnownFact,
    event: Event,
}

/// Dated events ahead, the next first.
pub(super) async fn list(desk: &Desk, json: bool) -> anyhow::Result<Answer> {
    let zone = desk.settings.time_zone();
    let mut out = String::new();
    let mut table = Table::new(&["DAYS", "EVENT", "PLACE", "STATE", "SOURCES", "FIRST SEEN"]);
    for Ahead { known, event } in ahead(desk).await? {
        let state = state(&known, &event);
        let (start, end) = (event.days.first.to_string(), event.days.last.to_string());
        if json {
            let sources: Vec<_> = known.state.voices.iter().filter_map(|voice| voice.link.clone()).collect();
            let line = json!({
                "event": event.kind, "name": event.name, "place": event.place, "start": start, "end": end, "state": state,
                "first_seen": json_time(Some(known.first_seen)), "sources": sources, "uid": known.uid(),
            });
            writeln!(out, "{line}")?;
        } else {
            table.row([
                if start == end { start } else { format!("{start} to {end}") },
                one_line(event.title()),
                one_line(event.place.as_deref().unwrap_or_default()),
                state.to_owned(),
                known.state.voices.len().to_string(),
                time(Some(known.first_seen), &zone),
            ]);
        }
    }
    Ok(Answer { out: if json { out } else { table.render() }, ..Answer::default() })
}

/// The same events as iCalendar.
pub(super) async fn export(desk: &Desk) -> anyhow::Result<Answer> {
    let all = ahead(desk).await?;
    let names: Vec<CalendarName> =
        all.iter().map(|ahead| CalendarName { uid: ahead.known.uid(), sequence: ahead.known.state.changes }).collect();
    let entries = all.iter().zip(&names).map(|(ahead, name)| Entry {
        name,
        event: &ahead.event,
        link: ahead.known.state.voices.iter().rev().find_map(|voice| voice.link.as_deref()),
        stamp: ahead.known.state.since,
    });
    Ok(Answer { out: calendar::calendar(entries), ..Answer::default() })
}

/// Events that are not over today, by their first days.
async fn ahead(desk: &Desk) -> anyhow::Result<Vec<Ahead>> {
    let today = desk.clock.now().to_zoned_datetime(desk.settings.time_zone()).date();
    let known = desk.store.events(vec![String::new()], today).await?;
    let mut all: Vec<Ahead> = known
        .into_iter()
        .filter_map(|known| match &known.state.fact {
            Fact::Event(event) => Some(Ahead { event: event.clone(), known }),
            _ => None,
        })
        .collect();
    all.sort_by_key(|ahead| (ahead.event.days, ahead.known.row));
    Ok(all)
}

fn state(known: &KnownFact, event: &Event) -> &'static str {
    let moved = known.state.before.as_ref().is_some_and(|before| before.is_moved_to(&event.days));
    match event.cancelled {
        true => "cancelled",
        false if moved || event.moved_from.is_some() => "moved",
        false => "set",
    }
}
