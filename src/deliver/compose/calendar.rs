//! Events as iCalendar (RFC 5545), whole days each.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::clean;
use crate::item::{CalendarName, Event};

/// Octets of a line before it is folded (RFC 5545 §3.1).
const LINE_LEN: usize = 75;

/// Longest text of a property, in characters.
const TEXT_LEN_MAX: usize = 300;

/// An event as a calendar gets it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its name.
    pub name: &'a CalendarName,
    /// What it is.
    pub event: &'a Event,
    /// Where it was read.
    pub link: Option<&'a str>,
    /// When this was found out.
    pub stamp: Timestamp,
}

/// A calendar to be published, lines ended by CRLF. The same events at the same time make the same bytes.
pub fn calendar<'a>(entries: impl IntoIterator<Item = Entry<'a>>) -> String {
    let mut lines = Lines(String::new());
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add("PRODID", concat!("-//newswatch//newswatch ", env!("CARGO_PKG_VERSION"), "//EN"));
    lines.add("CALSCALE", "GREGORIAN");
    lines.add("METHOD", "PUBLISH");
    for entry in entries {
        lines.event(&entry);
    }
    lines.add("END", "VCALENDAR");
    lines.0
}

struct Lines(String);

impl Lines {
    fn event(&mut self, entry: &Entry<'_>) {
        let Entry { name, event, link, stamp } = *entry;
        self.add("BEGIN", "VEVENT");
        self.add("UID", &text(&name.uid));
        self.add("DTSTAMP", &stamp.to_zoned_datetime(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string());
        self.add("SEQUENCE", &name.sequence.to_string());
        self.add("STATUS", if event.cancelled { "CANCELLED" } else { "CONFIRMED" });
        self.add("DTSTART;VALUE=DATE", &day(event.days.first));
        // The end is outside (RFC 5545 §3.6.1).
        self.add("DTEND;VALUE=DATE", &day(event.days.last.tomorrow().unwrap_or(event.days.last)));
        self.add("SUMMARY", &text(event.title()));
        if let Some(place) = &event.place {
            self.add("LOCATION", &text(place));
        }
        if let Some(link) = link.and_then(clean::link) {
            self.add("URL", &link);
        }
        // Nobody is busy because of the news.
        self.add("TRANSP", "TRANSPARENT");
        self.add("END", "VEVENT");
    }

    /// A line, folded where it is long.
    fn add(&mut self, property: &str, value: &str) {
        let line = format!("{property}:{value}");
        let (mut rest, mut room) = (line.as_str(), LINE_LEN);
        while rest.len() > room {
            let (head, tail) = rest.split_at(rest.floor_char_boundary(room));
            self.0.push_str(head);
            self.0.push_str("\r\n ");
            (rest, room) = (tail, LINE_LEN - 1);
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
    }
}

fn day(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

/// A text as a value (RFC 5545 §3.3.11).
fn text(words: &str) -> String {
    let mut text = String::new();
    for c in clean::line(words, TEXT_LEN_MAX).chars() {
        if matches!(c, '\\' | ';' | ',') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::item::{Days, Parts};

    fn event(name: &str, place: Option<&str>) -> Event {
        let (first, last) = (Date::constant(2026, 7, 14), Date::constant(2026, 7, 15));
        Event {
            kind: "summit".to_owned(),
            name: Some(name.to_owned()),
            place: place.map(str::to_owned),
            days: Days { first, last },
            moved_from: None,
            moved: false,
            cancelled: false,
            parts: Parts::default(),
        }
    }

    fn of(event: &Event) -> String {
        let name = CalendarName { uid: "abc@newswatch".to_owned(), sequence: 1 };
        let stamp = "2026-05-12T08:00:00Z".parse().unwrap();
        calendar([Entry { name: &name, event, link: Some("https://news.example.org/summit?a=1&b=2"), stamp }])
    }

    #[test]
    fn an_event_is_whole_days_with_its_end_outside() {
        let text = of(&event("NATO summit; the 36th, they say", Some("Ankara")));
        assert_eq!(
            text.split("\r\n").collect::<Vec<_>>(),
            [
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                concat!("PRODID:-//newswatch//newswatch ", env!("CARGO_PKG_VERSION"), "//EN"),
                "CALSCALE:GREGORIAN",
                "METHOD:PUBLISH",
                "BEGIN:VEVENT",
                "UID:abc@newswatch",
                "DTSTAMP:20260512T080000Z",
                "SEQUENCE:1",
                "STATUS:CONFIRMED",
                "DTSTART;VALUE=DATE:20260714",
                "DTEND;VALUE=DATE:20260716",
                "SUMMARY:NATO summit\\; the 36th\\, they say",
                "LOCATION:Ankara",
                "URL:https://news.example.org/summit?a=1&b=2",
                "TRANSP:TRANSPARENT",
                "END:VEVENT",
                "END:VCALENDAR",
                "",
            ]
        );
        let cancelled = Event { cancelled: true, ..event("summit", None) };
        assert!(of(&cancelled).contains("STATUS:CANCELLED\r\n"));
    }

    proptest! {
        #[test]
        fn lines_are_short_and_nothing_gets_out_of_them(name in "\\PC{0,200}|.{0,40}", place in ".{0,60}") {
            let text = of(&event(&name, Some(&place)));
            for line in text.split("\r\n") {
                prop_assert!(line.len() <= LINE_LEN && !line.contains(['\r', '\n']), "{line:?}");
            }
            let unfolded = text.replace("\r\n ", "");
            prop_assert_eq!(unfolded.lines().filter(|line| line.starts_with("SUMMARY:")).count(), 1);
            prop_assert_eq!(unfolded.lines().filter(|line| line.starts_with("BEGIN:")).count(), 2);
        }
    }
}
