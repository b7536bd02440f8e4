//! `remind`: a mail again before an event.
//!
//! A reminder is told once for the event on its date: one that was moved is reminded of on its new date, and one that was called
//! off is not. What was due before the date was known is not made up for, because the news itself was told then. What falls due
//! in quiet hours comes when they end, if the event is still ahead.

use std::collections::HashSet;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::change::{LIST, calendar_name};
use super::{Route, Routes};
use crate::item::{CalendarName, Envelope, Event, Fact, Key, KnownFact, MailKind, Reminder};

/// When mails remind, in the zone of the watch.
const AT: Time = Time::constant(9, 0, 0, 0);

/// A reminder of an event of one watch.
struct Due<'a> {
    known: &'a KnownFact,
    event: &'a Event,
    /// The watch's name.
    watch: &'a str,
    route: &'a Route,
    /// So many days before, as the watch says.
    before: u16,
    /// So many days before, as it is now.
    ahead: u16,
}

impl Routes {
    /// Watches that remind of events, and the list of all events.
    pub fn reminding(&self) -> Vec<String> {
        let reminds = self.watches.iter().filter(|(_, route)| !route.remind.days.is_empty());
        let mut names: Vec<String> =
            reminds.flat_map(|(name, route)| [Some(name), route.was.as_ref()]).flatten().cloned().collect();
        if !names.is_empty() {
            // What calendars know events by.
            names.push(LIST.to_owned());
        }
        names
    }

    /// The first day of which an event may be one that is reminded of at `now`.
    pub fn reminding_from(now: Timestamp) -> Date {
        // A day early, because it is yesterday's date somewhere.
        let day = now.to_zoned_datetime(TimeZone::UTC).date();
        day.yesterday().unwrap_or(day)
    }

    /// Everything whose having been told matters for [`Routes::remind`].
    pub fn remind_asks(&self, known: &[KnownFact], now: Timestamp) -> Vec<Key> {
        let due = known.iter().filter_map(|known| self.due(known, now));
        due.flat_map(|due| due.route.to.iter().flat_map(move |to| due.keys(to)).collect::<Vec<_>>()).collect()
    }

    /// Mails that remind of events whose time has come, and when the next one falls due.
    pub fn remind(
        &self,
        known: &[KnownFact],
        now: Timestamp,
        told: &HashSet<Key>,
    ) -> (Vec<Envelope>, Option<Timestamp>) {
        let mut mails = Vec::new();
        for due in known.iter().filter_map(|known| self.due(known, now)) {
            for to in &due.route.to {
                let keys = due.keys(to);
                if keys.iter().all(|key| !told.contains(key)) {
                    mails.push(Envelope::new(to.clone(), due.mail(known), keys.into_iter().take(1)));
                }
            }
        }
        (mails, self.next_reminder(known, now))
    }

    /// When the next reminder of these events falls due after `now`.
    pub fn next_reminder(&self, known: &[KnownFact], now: Timestamp) -> Option<Timestamp> {
        let all = known.iter().filter_map(|known| Some((self.reminder_of(&known.watch)?, event_of(known)?)));
        let times = all.flat_map(|((_, route), event)| {
            let days = route.remind.days.iter();
            let at = days.filter_map(|days| due_at(event, *days, &route.remind.zone));
            at.map(|at| route.pace.disturbs_until(at).unwrap_or(at)).collect::<Vec<_>>()
        });
        times.filter(|at| *at > now).min()
    }

    /// Of several reminders of one event that are due, the last.
    fn due<'a>(&'a self, known: &'a KnownFact, now: Timestamp) -> Option<Due<'a>> {
        let (watch, route) = self.reminder_of(&known.watch)?;
        let event = event_of(known)?;
        if route.pace.disturbs_until(now).is_some() {
            return None;
        }
        let today = now.to_zoned_datetime(route.remind.zone.clone()).date();
        let ahead = u16::try_from(today.until(event.days.first).ok()?.get_days()).ok()?;
        let is_due = |days: &&u16| {
            due_at(event, **days, &route.remind.zone).is_some_and(|at| at <= now && at > known.state.since)
        };
        let before = *route.remind.days.iter().filter(is_due).min()?;
        Some(Due { known, event, watch, route, before, ahead })
    }

    /// The watch of this name, also of one that it had before; its facts get the new one when it finds them again.
    fn reminder_of(&self, watch: &str) -> Option<(&str, &Route)> {
        let mut all = self.watches.iter().filter(|(_, route)| !route.remind.days.is_empty());
        let found = all.find(|(name, route)| *name == watch || route.was.as_deref() == Some(watch));
        found.map(|(name, route)| (name.as_str(), route))
    }
}

/// The event, unless it was called off or nothing but its month is known.
fn event_of(known: &KnownFact) -> Option<&Event> {
    /// More days than anything lasts of which the first is worth a reminder.
    const DAYS_MAX: i32 = 27;
    match &known.state.fact {
        Fact::Event(event) if !event.cancelled && event.days.count() <= DAYS_MAX => Some(event),
        _ => None,
    }
}

fn due_at(event: &Event, days: u16, zone: &TimeZone) -> Option<Timestamp> {
    let date = event.days.first.checked_sub(Span::new().days(i64::from(days))).ok()?;
    Some(date.to_datetime(AT).to_zoned_datetime(zone.clone()).ok()?.timestamp())
}

impl Due<'_> {
    /// Under what it is told; then what it was told under before the watch was renamed.
    fn keys(&self, to: &str) -> Vec<Key> {
        let (fact, days) = (self.known.key.to_string(), format!("{}/{}", self.event.days.first, self.event.days.last));
        let names = std::iter::once(self.watch).chain(self.route.was.as_deref());
        names.map(|name| Key::of(&["remind", to, name, &fact, &days, &self.before.to_string()])).collect()
    }

    fn mail(&self, all: &[KnownFact]) -> MailKind {
        let own = || CalendarName { uid: self.known.uid(), sequence: self.known.state.changes };
        let voices = &self.known.state.voices;
        MailKind::Reminder(Reminder {
            watch: self.watch.to_owned(),
            title: self.route.title.clone(),
            days_ahead: self.ahead,
            event: self.event.clone(),
            calendar: calendar_name(all.iter().filter(|known| known.watch == LIST), self.event).unwrap_or_else(own),
            sources: voices.iter().map(|voice| (voice.feed.clone(), voice.link.clone())).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Importance, Pace, QuietHours, Remind};
    use crate::item::{Days, FactState, Parts};

    fn known(first: Date, since: &str) -> KnownFact {
        let event = Event {
            kind: "summit".to_owned(),
            name: Some("NATO summit".to_owned()),
            place: None,
            days: Days { first, last: first.tomorrow().unwrap() },
            moved_from: None,
            moved: false,
            cancelled: false,
            parts: Parts::default(),
        };
        let since: Timestamp = since.parse().unwrap();
        let state = FactState {
            fact: Fact::Event(event),
            changes: 0,
            since,
            reported: since,
            before: None,
            past: Vec::new(),
            voices: Vec::new(),
        };
        let key = Key::of(&["summit"]);
        KnownFact { row: Some(1), watch: "w".to_owned(), key, first_seen: since, last_seen: since, state }
    }

    fn routes() -> Routes {
        let remind = Remind { days: vec![14, 1], zone: TimeZone::get("Europe/Brussels").unwrap() };
        let route = Route { to: vec!["ana@example.org".to_owned()], remind, ..Route::default() };
        Routes { watches: [("w".to_owned(), route)].into(), ..Routes::default() }
    }

    /// Ticks every hour, and gives the times of reminders with how many days ahead they say the event is.
    fn reminders(known: &[KnownFact], from: &str, hours: i64) -> Vec<(String, u16)> {
        reminders_by(&routes(), known, from, hours)
    }

    fn reminders_by(routes: &Routes, known: &[KnownFact], from: &str, hours: i64) -> Vec<(String, u16)> {
        let (mut told, mut sent) = (HashSet::new(), Vec::new());
        for hour in 0..hours {
            let now = from.parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(hour);
            let asked: HashSet<Key> = routes.remind_asks(known, now).into_iter().collect();
            let shown = asked.intersection(&told).copied().collect();
            for mail in routes.remind(known, now, &shown).0 {
                told.extend(mail.keys.iter().copied());
                let MailKind::Reminder(reminder) = mail.kind else { panic!("no reminder") };
                sent.push((now.to_string(), reminder.days_ahead));
            }
        }
        sent
    }

    const JULY: Date = Date::constant(2026, 7, 14);

    #[test]
    fn each_reminder_comes_once_at_nine_in_the_morning() {
        let event = [known(JULY, "2026-05-01T00:00:00Z")];
        let expected = [("2026-06-30T07:00:00Z".to_owned(), 14), ("2026-07-13T07:00:00Z".to_owned(), 1)];
        assert_eq!(reminders(&event, "2026-06-20T00:00:00Z", 24 * 40), expected);
        let next = routes().next_reminder(&event, "2026-06-20T00:00:00Z".parse().unwrap());
        assert_eq!(next, Some("2026-06-30T07:00:00Z".parse().unwrap()));
    }

    #[test]
    fn what_was_due_before_it_was_known_is_not_made_up_for() {
        let event = [known(JULY, "2026-07-05T00:00:00Z")];
        assert_eq!(reminders(&event, "2026-07-05T01:00:00Z", 24 * 20), [("2026-07-13T07:00:00Z".to_owned(), 1)]);
    }

    #[test]
    fn a_process_that_was_down_reminds_late_and_once() {
        let event = [known(JULY, "2026-05-01T00:00:00Z")];
        assert_eq!(reminders(&event, "2026-07-13T20:00:00Z", 48), [("2026-07-13T20:00:00Z".to_owned(), 1)]);
        assert_eq!(reminders(&event, "2026-07-15T00:00:00Z", 48), [], "it has begun");
    }

    #[test]
    fn what_falls_due_in_quiet_hours_comes_when_they_end() {
        let event = [known(JULY, "2026-05-01T00:00:00Z")];
        let zone = TimeZone::get("Europe/Brussels").unwrap();
        let hours = QuietHours::new(Time::constant(22, 0, 0, 0), Time::constant(11, 0, 0, 0), zone).unwrap();
        let mut routes = routes();
        let route = routes.watches.get_mut("w").unwrap();
        route.pace = Pace { quiet_hours: Some(hours), ..Pace::default() };
        let from = "2026-07-13T05:00:00Z";
        assert_eq!(reminders_by(&routes, &event, from, 12), [("2026-07-13T09:00:00Z".to_owned(), 1)]);
        for now in [from, "2026-07-13T08:00:00Z"] {
            let next = routes.next_reminder(&event, now.parse().unwrap());
            assert_eq!(next, Some("2026-07-13T09:00:00Z".parse().unwrap()), "{now}");
        }
        routes.watches.get_mut("w").unwrap().pace.importance = Importance::High;
        assert_eq!(reminders_by(&routes, &event, from, 12), [("2026-07-13T07:00:00Z".to_owned(), 1)]);
    }

    #[test]
    fn a_moved_event_is_reminded_of_again_and_one_that_was_called_off_is_not() {
        let before = [known(JULY, "2026-05-01T00:00:00Z")];
        let moved = [known(Date::constant(2026, 7, 20), "2026-07-01T00:00:00Z")];
        assert_eq!(reminders(&before, "2026-06-30T00:00:00Z", 24).len(), 1);
        assert_eq!(
            reminders(&moved, "2026-07-01T00:00:00Z", 24 * 30),
            [("2026-07-06T07:00:00Z".to_owned(), 14), ("2026-07-19T07:00:00Z".to_owned(), 1)]
        );
        let mut off = before;
        let Fact::Event(event) = &mut off[0].state.fact else { panic!("no event") };
        event.cancelled = true;
        assert_eq!(reminders(&off, "2026-06-20T00:00:00Z", 24 * 40), []);
    }
}
