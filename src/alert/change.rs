//! `repeat = "change"`: a fact is told when it is first known, and again when it is not what was known before.
//!
//! What is known of facts is kept for every watch that asks for them, whatever it repeats, and for the list of events.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::address::Address;
use super::decide::{Decision, Found, Joined, Seen};
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
            let (fact, calendar) = match &known.state.fact {
                Fact::Event(event) if mention.is_current(known) => (known.state.fact.clone(), self.calendar(event)),
                _ => (mention.fact.clone(), None),
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::SignedDuration;

    use super::*;
    use crate::alert::{Decision, Found, Joined, Mutes, Route, Seen};
    use crate::item::{Act, Because, Field, Hit, ItemId, ItemKeys, Parts, Report, Stance, StoryId};

    const ANA: &str = "ana@example.org";

    fn routes(send: &[Channel]) -> Routes {
        let route = Route {
            title: "Vetoes".into(),
            to: vec![ANA.into()],
            send: send.to_vec(),
            repeat: Repeat::Change,
            ..Route::default()
        };
        Routes { watches: [("veto".to_owned(), route)].into(), ..Routes::default() }
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    fn veto(object: &str, stance: Stance) -> Told {
        let act = Act {
            actor: "Hungary".into(),
            act: "veto".into(),
            object: Some(object.into()),
            stance,
            condition: None,
            said_by: None,
            parts: Parts { name: vec![object.into()], ..Parts::default() },
        };
        Told { fact: Fact::Act(act), before: None, calendar: None }
    }

    fn found(hours: i64, facts: &[Told]) -> Found {
        let quote = format!("{facts:?}");
        let because = vec![Because { term: "veto".into(), field: Field::Text, quote, marks: vec![(0, 1)] }];
        let key = Key::of(&["x"]);
        let speaker = Speaker { source: "a.org".into(), feed: "a".into(), link: None, at: at(hours) };
        Found {
            keys: ItemKeys { id: None, link: None, title: key, text: key, content: key },
            title: "Headline".into(),
            link: None,
            hits: vec![Hit { watch: "veto".into(), because, facts: facts.to_vec() }],
            story_keys: Vec::new(),
            report: Report::default(),
            when: at(hours),
            news: true,
            said: Said { events: Vec::new(), speaker, edited: at(hours) },
            near: Vec::new(),
        }
    }

    /// A store in small: what is known, what was told.
    struct Desk {
        routes: Routes,
        known: Vec<KnownFact>,
        told: HashSet<Key>,
        held: HashSet<Key>,
    }

    impl Desk {
        fn new(send: &[Channel]) -> Self {
            Self { routes: routes(send), known: Vec::new(), told: HashSet::new(), held: HashSet::new() }
        }

        fn take(&mut self, item: &str, found: &Found) -> Decision {
            let asked = self.routes.fact_asks(found);
            let is_asked = |known: &&KnownFact| {
                let subject = known.state.fact.subject();
                asked.iter().any(|(watch, key)| *watch == known.watch && Some(*key) == subject)
            };
            let seen = Seen {
                id: ItemId(1),
                standing: Standing::New,
                identity: Key::of(&[item]),
                story: None,
                candidates: Vec::new(),
                first_seen: None,
                matched_before: Vec::new(),
                muted_before: Vec::new(),
                facts: self.known.iter().filter(is_asked).cloned().collect(),
            };
            let joined = Joined {
                story: StoryId(1),
                items: Vec::new(),
                matched: Vec::new(),
                held: self.held.clone(),
                mutes: Mutes::default(),
                at: found.when,
            };
            let told = self.routes.asks(found, &seen, &[]).into_iter().filter(|key| self.told.contains(key)).collect();
            let decision = self.routes.decide(found, &seen, &joined, &told, (&|_| None, &|_| true));
            let tellings = decision.alerts.iter().chain(decision.held.iter().map(|(_, telling)| telling));
            self.told.extend(tellings.map(|telling| telling.key));
            for (key, by) in &decision.covered {
                assert!(self.told.contains(by), "covered by what was not told");
                self.told.insert(*key);
            }
            for one in &decision.facts {
                self.known.retain(|known| (&known.watch, known.key) != (&one.watch, one.key));
                self.known.push(KnownFact { row: Some(1), ..one.clone() });
            }
            decision
        }
    }

    fn facts(decision: &Decision) -> Vec<usize> {
        decision.alerts.iter().map(|telling| telling.hit.facts.len()).collect()
    }

    #[test]
    fn only_what_is_new_or_changed_is_told_and_two_facts_are_one_telling() {
        let mut desk = Desk::new(&[Channel::Now]);
        let (aid, rail) = (veto("aid", Stance::Announced), veto("rail", Stance::Announced));
        assert_eq!(facts(&desk.take("a", &found(0, &[aid.clone(), rail.clone()]))), [2]);
        assert!(desk.take("b", &found(1, &[aid.clone(), rail.clone()])).alerts.is_empty());
        let changed = desk.take("c", &found(2, &[veto("aid", Stance::Denied), rail]));
        assert_eq!(facts(&changed), [1]);
        let before = changed.alerts[0].hit.facts[0].before.clone().unwrap();
        assert_eq!((before.value.written().as_str(), before.feed.as_str()), ("announced", "a"));
        assert!(desk.take("d", &found(3, &[veto("aid", Stance::Denied)])).alerts.is_empty());
        assert_eq!(facts(&desk.take("e", &found(4, &[aid]))), [1], "back to what it was");
        assert_eq!(facts(&desk.take("f", &found(5, &[veto("aid", Stance::Denied)]))), [1], "and there again");
    }

    #[test]
    fn what_is_no_news_is_known_and_not_told_until_it_is_said_again() {
        let mut desk = Desk::new(&[Channel::Now]);
        let old = Found { news: false, ..found(0, &[veto("aid", Stance::Announced)]) };
        assert!(desk.take("a", &old).alerts.is_empty());
        assert_eq!(desk.known.len(), 1);
        assert_eq!(facts(&desk.take("b", &found(1, &[veto("aid", Stance::Announced)]))), [1]);
    }

    #[test]
    fn each_channel_is_told_for_itself_and_once() {
        let mut desk = Desk::new(&[Channel::Now, Channel::Digest("morning".into())]);
        let decision = desk.take("a", &found(0, &[veto("aid", Stance::Announced)]));
        assert_eq!((decision.alerts.len(), decision.held.len()), (1, 1));
        let again = desk.take("b", &found(1, &[veto("aid", Stance::Announced)]));
        assert_eq!((again.alerts.len(), again.held.len()), (0, 0));
    }

    #[test]
    fn a_database_that_is_put_back_finds_its_items_told_whatever_it_calls_their_facts() {
        let mut desk = Desk::new(&[Channel::Now]);
        let first = found(0, &[veto("aid", Stance::Announced)]);
        let second = found(1, &[veto("aid package", Stance::Announced)]);
        desk.take("a", &first);
        desk.take("b", &second);
        desk.known.clear();
        assert!(desk.take("b", &second).alerts.is_empty());
        assert!(desk.take("a", &first).alerts.is_empty());
        assert!(desk.take("c", &found(2, &[veto("aid", Stance::Announced)])).alerts.is_empty());
        assert_eq!(facts(&desk.take("d", &found(3, &[veto("aid", Stance::Withdrawn)]))), [1]);
    }

    #[test]
    fn a_second_source_joins_an_alert_that_is_held() {
        let mut desk = Desk::new(&[Channel::Now]);
        desk.routes.watches.get_mut("veto").unwrap().pace.wait = SignedDuration::from_mins(2);
        let first = desk.take("a", &found(0, &[veto("aid", Stance::Announced)]));
        desk.held = first.alerts.iter().map(|telling| telling.key).collect();
        let joins = desk.take("b", &found(1, &[veto("aid", Stance::Announced)]));
        assert_eq!((facts(&joins), joins.covered.len()), (vec![1], 0));
        desk.held.clear();
        let late = desk.take("c", &found(2, &[veto("aid", Stance::Announced)]));
        assert_eq!((late.alerts.len(), late.covered.len()), (0, 1));
    }

    #[test]
    fn a_renamed_watch_knows_its_facts() {
        let mut desk = Desk::new(&[Channel::Now]);
        desk.take("a", &found(0, &[veto("aid", Stance::Announced)]));
        let route = desk.routes.watches.remove("veto").unwrap();
        desk.routes.watches.insert("block".into(), Route { was: Some("veto".into()), ..route });
        let mut again = found(1, &[veto("aid", Stance::Announced)]);
        again.hits[0].watch = "block".into();
        assert!(desk.take("b", &again).alerts.is_empty());
        let mut changed = found(2, &[veto("aid", Stance::Denied)]);
        changed.hits[0].watch = "block".into();
        let changed = desk.take("c", &changed);
        assert!(changed.alerts[0].hit.facts[0].before.is_some());
    }
}
