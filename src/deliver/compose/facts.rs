use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::clean;
use super::report::moment;
use crate::item::{Act, Before, Days, Event, Fact, Stance, Told, Value};

/// Facts that are shown of one item.
const FACTS_MAX: usize = 8;

/// Longest words of a text that are shown with a fact, in characters.
const WORDS_LEN_MAX: usize = 160;

/// A fact as a mail shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    /// What it is about: `NATO summit, Vilnius`.
    what: String,
    /// How it is: `14–15 July 2026`, `denied`.
    now: String,
    /// More about it: what an act is on, and on what it hangs.
    more: Vec<String>,
    /// What was known before, where this changes it.
    before: Option<Earlier>,
}

impl Line {
    /// What it is now, where that is a change.
    pub(super) fn change(&self) -> Option<String> {
        self.before.is_some().then(|| format!("{}: {}", self.what, self.now))
    }
}

/// What was known before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Earlier {
    was: String,
    /// Who said so, and when.
    source: String,
    href: Option<String>,
}

/// Facts as lines, each once.
pub(super) fn lines<'a>(facts: impl IntoIterator<Item = &'a Told>, zone: &TimeZone) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for told in facts {
        let before = told.before.as_ref().map(|before| earlier(before, zone));
        let line = match &told.fact {
            Fact::Event(event) => {
                let moved = told.before.as_ref().is_some_and(|before| before.is_moved_to(&event.days));
                of_event(event, before, moved)
            }
            Fact::Act(act) => of_act(act, before),
            Fact::Sum(sum) => {
                let note = clean::line(&sum.note, WORDS_LEN_MAX);
                Line { what: clean::line(&sum.text, WORDS_LEN_MAX), now: note, more: Vec::new(), before: None }
            }
        };
        match lines.iter().position(|known| known.what == line.what && known.now == line.now) {
            Some(at) => lines[at].before = lines[at].before.take().or(line.before),
            None if lines.len() < FACTS_MAX => lines.push(line),
            None => {}
        }
    }
    lines
}

fn of_event(event: &Event, before: Option<Earlier>, moved: bool) -> Line {
    let mut now = days(event.days);
    if event.cancelled {
        now = format!("cancelled ({now})");
    } else if moved {
        now = format!("moved to {now}");
    }
    let more = match (&before, event.moved_from) {
        // The text itself says it, although nobody was told of the old date.
        (None, Some(from)) if !event.cancelled => vec![format!("Moved from {}", days(from))],
        _ => Vec::new(),
    };
    Line { what: name(event), now, more, before }
}

/// `NATO summit, Vilnius`
pub(super) fn name(event: &Event) -> String {
    let place = event.place.as_deref().filter(|place| !event.title().contains(place));
    let what = match place {
        Some(place) => format!("{}, {place}", event.title()),
        None => event.title().to_owned(),
    };
    capital(&clean::line(&what, WORDS_LEN_MAX))
}

fn of_act(act: &Act, before: Option<Earlier>) -> Line {
    let object = act.object.as_ref().map_or_else(String::new, |object| format!(" ({object})"));
    let actor = if act.actor.is_empty() { String::new() } else { format!("{}, ", act.actor) };
    let parts = [("On condition", &act.condition), ("Said by", &act.said_by)];
    let more = parts
        .into_iter()
        .filter_map(|(label, part)| Some(format!("{label}: {}", clean::line(part.as_deref()?, WORDS_LEN_MAX))));
    Line {
        what: capital(&clean::line(&format!("{actor}{}{object}", act.act), WORDS_LEN_MAX)),
        now: act.stance.as_str().to_owned(),
        more: more.collect(),
        before,
    }
}

fn earlier(before: &Before, zone: &TimeZone) -> Earlier {
    let was = match before.value {
        Value::Set(of) => days(of),
        Value::Cancelled(of) => format!("cancelled ({})", days(of)),
        Value::Stands(stance) => Stance::as_str(stance).to_owned(),
    };
    let source = format!("{}, {}", clean::line(&before.feed, 80), at(before.at, zone));
    Earlier { was, source, href: before.link.as_deref().and_then(clean::link) }
}

fn at(at: Timestamp, zone: &TimeZone) -> String {
    moment(at, zone)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `7–8 July 2026`, `30 October – 2 November 2026`, `July 2026`.
pub(super) fn days(days: Days) -> String {
    let Days { first, last } = days;
    let whole = |from: Date, to: Date| from.day() == 1 && to == to.last_of_month();
    let month = |date: Date| date.strftime("%B %Y").to_string();
    let full = |date: Date| date.strftime("%-d %B %Y").to_string();
    if first == last {
        return full(first);
    }
    if whole(first, last) && first.year() == last.year() {
        return match (first.month(), last.month()) {
            (1, 12) => first.year().to_string(),
            (one, other) if one == other => month(first),
            _ => format!("{} – {}", first.strftime("%B"), month(last)),
        };
    }
    match (first.year() == last.year(), first.month() == last.month()) {
        (true, true) => format!("{}–{}", first.day(), full(last)),
        (true, false) => format!("{} – {}", first.strftime("%-d %B"), full(last)),
        (false, _) => format!("{} – {}", full(first), full(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_people_do() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        for (first, last, written) in [
            ("2026-07-07", "2026-07-07", "7 July 2026"),
            ("2026-07-07", "2026-07-08", "7–8 July 2026"),
            ("2026-10-30", "2026-11-02", "30 October – 2 November 2026"),
            ("2026-12-30", "2027-01-02", "30 December 2026 – 2 January 2027"),
            ("2026-07-01", "2026-07-31", "July 2026"),
            ("2026-07-01", "2026-09-30", "July – September 2026"),
            ("2026-01-01", "2026-12-31", "2026"),
        ] {
            assert_eq!(days(Days { first: date(first), last: date(last) }), written);
        }
    }
}
