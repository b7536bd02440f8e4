//! `repeat = "change"`: a fact is told when it is first known, and again when it is not what was known before.
//!
//! What is known of facts is kept for every watch that asks for them, whatever it repeats, and for the list of events.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::decide::{Address, Decision, Found, Joined, Seen};
use super::fact::{Mention, Speaker, settle};
use super::{Channel, Repeat, Routes};
use crate::item::{CalendarName, Event, Fact, Key, KnownFact, Standing, Telling, Told};

/// Whose facts the list of events are: no watch can be called so.
pub(super) const LIST: &str = "";

/// What an item says, whatever the watches ask for, and who says it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Dated events.
    pub events: Vec<Fact>,
    /// Who says so.
    pub speaker: Speaker,
    /// When it was edited, if it was.
    pub edited: Timestamp,
}

/// What the facts of one item come to.
#[derive(Debug, Default)]
pub(super) struct News {
    /// By watch: its facts as they are known now, and those that the item holds.
    by_watch: BTreeMap<String, (Vec<KnownFact>, Vec<Mention>)>,
}

impl Routes {
    /// Watches and subjects of facts of which it matters for [`Routes::decide`] what is known.
    pub fn fact_asks(&self, found: &Found) -> Vec<(String, Key)> {
        let mut asks: Vec<(String, Key)> = Vec::new();
        let mut ask = |watch: &str, fact: &Fact| {
            asks.extend(fact.subject().map(|subject| (watch.to_owned(), subject)));
        };
        for hit in &found.hits {
            let was = self.watches.get(&hit.watch).and_then(|route| route.was.as_deref());
            for told in &hit.facts {
                std::iter::once(hit.watch.as_str()).chain(was).for_each(|name| ask(name, &told.fact));
                if matches!(told.fact, Fact::Event(_)) {
                    ask(LIST, &told.fact);
                }
            }
        }
        found.said.events.iter().for_each(|event| ask(LIST, event));
        asks.sort_unstable();
        asks.dedup();
        asks
    }

    /// What the facts of an item come to, with what was known of them.
    pub(super) fn news(&self, found: &Found, seen: &Seen, now: Timestamp) -> News {
        let mut news = News::default();
        if found.hits.is_empty() {
            return news;
        }
        let at = if matches!(seen.standing, Standing::Edited(_)) { found.said.edited } else { found.said.speaker.at };
        let speaker = Speaker { at, ..found.said.speaker.clone() };
        let mut take = |watch: &str, was: Option<&str>, facts: &[Fact]| {
            let is_its = |known: &&KnownFact| known.watch == watch || was == Some(known.watch.as_str());
            let own = seen.facts.iter().filter(is_its).cloned();
            let mut known: Vec<KnownFact> = own.map(|known| KnownFact { watch: watch.to_owned(), ..known }).collect();
            let mentions = settle(&mut known, watch, &speaker, facts, now);
            news.by_watch.insert(watch.to_owned(), (known, mentions));
        };
        let mut events = found.said.events.clone();
        for hit in &found.hits {
            let facts: Vec<Fact> = hit.facts.iter().map(|told| told.fact.clone()).collect();
            events.extend(facts.iter().filter(|fact| matches!(fact, Fact::Event(_))).cloned());
            let was = self.watches.get(&hit.watch).and_then(|route| route.was.as_deref());
            take(&hit.watch, was, &facts);
        }
        take(LIST, None, &events);
        news
    }
}

/// The name of an event in calendars: that of the one like it in the list of events.
pub(super) fn calendar_name<'a>(listed: impl Iterator<Item = &'a KnownFact>, event: &Event) -> Option<CalendarName> {
    let all = listed.filter_map(|known| match &known.state.fact {
        Fact::Event(listed) if listed.kind == event.kind => Some((listed, known)),
        _ => None,
    });
    let near = |listed: &Event| {
        let meet = listed.days.holds(&event.days) || event.days.holds(&listed.days);
        (listed.days == event.days, meet, listed.parts == event.parts)
    };
    let (_, known) = all.max_by_key(|(listed, _)| near(listed)).filter(|(listed, _)| near(listed).1)?;
    Some(CalendarName { uid: known.uid(), sequence: known.state.changes })
}

impl News {
    /// What is to be remembered.
    pub(super) fn known(&self) -> Vec<KnownFact> {
        let touched = self
            .by_watch
            .values()
            .flat_map(|(known, mentions)| mentions.iter().filter_map(|mention| known.get(mention.place)).cloned());
        touched.collect()
    }

    /// Facts of a watch that the item holds, each as it is known now.
    fn of(&self, watch: &str) -> impl Iterator<Item = (&Mention, &KnownFact)> {
        let (known, mentions) =
            self.by_watch.get(watch).map_or((&[][..], &[][..]), |(known, mentions)| (known, mentions));
        mentions.iter().filter_map(|mention| Some((mention, known.get(mention.place)?)))
    }

    /// The facts of a watch's hit as they are told with it: those for which `is_told`, and all sums.
    pub(super) fn told(&self, address: Address<'_>, is_told: impl Fn(&KnownFact) -> bool) -> Vec<Told> {
        let all = address.route.repeat == Repeat::Change;
        let mut told: Vec<Told> = Vec::new();
        for (mention, known) in self.of(&address.hit.watch).filter(|(_, known)| is_told(known)) {
            let (fact, calendar) = match (&mention.fact, &known.state.fact) {
                (Fact::Event(_), Fact::Event(event)) => (known.state.fact.clone(), self.calendar(event)),
                (fact, _) => (fact.clone(), None),
            };
            let before = known.state.before.clone().filter(|_| all && mention.is_current(known) || mention.changed);
            told.push(Told { fact, before, calendar });
        }
        told.extend(address.hit.facts.iter().filter(|told| matches!(told.fact, Fact::Sum(_))).cloned());
        told
    }

    /// The name of an event in calendars: that of the list.
    fn calendar(&self, event: &Event) -> Option<CalendarName> {
        calendar_name(self.of(LIST).map(|(_, known)| known), event)
    }

    /// Keys of everything that a hit may be told as, where what is told are changes.
    pub(super) fn asks(&self, address: Address<'_>) -> Vec<Key> {
        if address.route.repeat != Repeat::Change {
            return Vec::new();
        }
        self.of(&address.hit.watch).flat_map(|(_, known)| address.version_keys(known)).collect()
    }

    /// Whether anything was understood whose change could be told.
    pub(super) fn is_of(&self, address: Address<'_>) -> bool {
        address.route.repeat == Repeat::Change && self.of(&address.hit.watch).next().is_some()
    }
}

impl Address<'_> {
    /// Under what a fact as it is now was told: first, or as a change of what it was before.
    fn version_keys(self, known: &KnownFact) -> Vec<Key> {
        let before = known.state.before.as_ref().filter(|_| known.state.changes > 0);
        let version =
            before.map_or_else(String::new, |before| format!("{} {}", known.state.changes, before.value.written()));
        let key = |name: &str| {
            Key::of(&["fact", self.recipient, name, &known.key.to_string(), &version, self.channel.name()])
        };
        self.names().map(key).collect()
    }

    /// Tells what of an item's facts is new or changed. The item itself counts as told with them, so that what another
    /// database calls other facts is not told again.
    pub(super) fn tell_changes(
        self,
        news: &News,
        (seen, joined): (&Seen, &Joined),
        told: &std::collections::HashSet<Key>,
        decision: &mut Decision,
    ) {
        let edited = self.matched_before(seen).is_some();
        let item = self.own_keys(seen).into_iter().next().filter(|_| !edited);
        let known_item = self.own_keys(seen).into_iter().find(|key| told.contains(key)).filter(|_| !edited);
        let mut untold: Vec<Key> = Vec::new();
        let mut by: Option<Key> = None;
        for (mention, known) in news.of(&self.hit.watch) {
            let versions = self.version_keys(known);
            match versions.iter().find(|key| told.contains(key)) {
                Some(key) => by = by.or(Some(*key)),
                None if mention.is_current(known) => untold.extend(versions.first()),
                None => {}
            }
        }
        if let Some(item) = known_item {
            decision.covered.extend(untold.into_iter().map(|key| (key, item)));
            return;
        }
        let telling = |key: Key, facts: Vec<Told>| Telling {
            item: seen.id,
            story: joined.story,
            recipient: self.recipient.to_owned(),
            title: self.route.title.clone(),
            hit: crate::item::Hit { facts, ..self.hit.clone() },
            key,
            edited: edited && !self.is_held(seen, &joined.held),
            later: false,
        };
        let is_untold = |known: &KnownFact| self.version_keys(known).first().is_some_and(|key| untold.contains(key));
        let (key, facts) = match (untold.first(), by, item) {
            (Some(key), ..) => (*key, news.told(self, is_untold)),
            // The mail is not made yet: this report joins it.
            (None, Some(by), Some(item))
                if *self.channel == Channel::Now && self.route.pace.holds() && joined.held.contains(&by) =>
            {
                (item, news.told(self, |_| true))
            }
            (None, Some(by), Some(item)) => return decision.covered.push((item, by)),
            (None, ..) => return,
        };
        let others = untold.iter().copied().chain(item).filter(|other| *other != key);
        decision.covered.extend(others.map(|other| (other, key)));
        match self.channel {
            Channel::Now => decision.alerts.push(telling(key, facts)),
            Channel::Digest(name) => decision.held.push((name.clone(), telling(key, facts))),
        }
    }
}
