use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;
use crate::item::{FeedId, FeedMemory, Offer};
use crate::pipeline::{Listed, Source};
use crate::poll::due::DueQueue;
use crate::poll::schedule::{spread_new, spread_overdue};
use crate::store::Plan;

/// Up to so many overdue feeds are asked as quickly as new ones; more are spread, so that a restart is no burst.
const OVERDUE_AT_ONCE: usize = 100;

/// A feed whose poll could not be written down is asked again after this, or after its own interval where that is shorter.
const AFTER_TROUBLE: SignedDuration = SignedDuration::from_mins(15);

/// A clock that goes back further than this was set. Clocks drift and are corrected by less; that is no reason to do anything
/// sooner.
pub(super) const SET_BACK: SignedDuration = SignedDuration::from_mins(1);

/// The feeds that are polled, each with what is remembered of it, in the order in which they fall due.
#[derive(Debug, Default)]
pub(super) struct Roster(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    feeds: HashMap<FeedId, Entry>,
    /// Feeds that the config lists with one address, by that address; only where there are several.
    siblings: HashMap<String, Vec<FeedId>>,
    due: DueQueue,
}

#[derive(Debug)]
struct Entry {
    source: Arc<Source>,
    memory: FeedMemory,
    /// Being polled; it falls due again when it is given back.
    busy: bool,
}

impl Roster {
    /// Takes over the feeds of a config. One that is being polled goes on and is given back later. What is known here of a
    /// feed that stays is kept: a poll may have ended since `feeds` were read from the store.
    pub(super) fn replace(&self, feeds: Vec<Listed>, now: Timestamp, chance: &Chance) {
        let mut inner = self.lock();
        let mut old = std::mem::take(&mut inner.feeds);
        for (source, memory) in feeds {
            let same = old.remove(&source.id).filter(|entry| entry.source.url == source.url);
            let entry = match same {
                Some(Entry { busy, memory: known, .. }) => {
                    Entry { source, memory: FeedMemory { name: memory.name, ..known }, busy }
                }
                None => Entry { source, memory, busy: false },
            };
            inner.feeds.insert(entry.source.id, entry);
        }
        inner.siblings = siblings(&inner.feeds);
        inner.due = DueQueue::new();
        inner.reschedule(now, chance);
    }

    /// Takes the feeds that are due, to be polled and given back. Those that are asked at one address come together, due or
    /// not, so that it is asked once.
    pub(super) fn take_due(&self, now: Timestamp) -> Vec<Vec<Listed>> {
        let mut inner = self.lock();
        let due = inner.due.take_due(now);
        inner.take_all(due)
    }

    /// Takes feeds for one pass: those that are due, or with `all` every one whose server does not mind. Those that are asked
    /// at one address come together.
    pub(super) fn take_pass(&self, now: Timestamp, all: bool) -> Vec<Vec<Listed>> {
        let mut inner = self.lock();
        let wanted = |memory: &FeedMemory| {
            let asked_for = if all { memory.not_before } else { memory.next_poll };
            !memory.gone && asked_for.is_none_or(|at| at <= now)
        };
        let ids: Vec<FeedId> =
            inner.feeds.iter().filter(|(_, entry)| wanted(&entry.memory)).map(|(id, _)| *id).collect();
        inner.take_all(ids)
    }

    /// Gives a feed back after its poll; whether it has something to do with a hub.
    pub(super) fn give_back(&self, memory: FeedMemory) -> bool {
        let mut inner = self.lock();
        let id = memory.id;
        let Some(entry) = inner.feeds.get_mut(&id).filter(|entry| entry.source.url == memory.url) else { return false };
        entry.busy = false;
        let concerns_hub = memory.eased || memory.offer != entry.memory.offer;
        let next = memory.next_poll.filter(|_| !memory.gone);
        // The config may have renamed it meanwhile.
        entry.memory = FeedMemory { name: std::mem::take(&mut entry.memory.name), ..memory };
        if let Some(next) = next {
            inner.due.set(id, next);
        }
        concerns_hub
    }

    /// Who tells of the news of which feed, as they say themselves.
    pub(super) fn offers(&self) -> Vec<(Offer, Arc<Source>)> {
        let inner = self.lock();
        let there = inner.feeds.values().filter(|entry| !entry.memory.gone);
        there.filter_map(|entry| Some((entry.memory.offer.clone()?, Arc::clone(&entry.source)))).collect()
    }

    /// The feeds with this offer, as they are known now, being polled or not.
    pub(super) fn offering(&self, offer: &Offer) -> Vec<Listed> {
        let inner = self.lock();
        let theirs = inner.feeds.values().filter(|entry| entry.memory.offer.as_ref() == Some(offer));
        let mut feeds: Vec<Listed> = theirs.map(|entry| (Arc::clone(&entry.source), entry.memory.clone())).collect();
        feeds.sort_unstable_by_key(|(source, _)| source.id);
        feeds
    }

    /// Lets feeds be asked at their own pace whose next poll was put off further; no sooner than their servers allow. What is to
    /// be remembered of it.
    pub(super) fn poll_plainly(&self, now: Timestamp, why: &str, which: impl Fn(&FeedMemory) -> bool) -> Vec<Plan> {
        let mut inner = self.lock();
        let Inner { feeds, due, .. } = &mut *inner;
        let mut plans = Vec::new();
        // One that is being polled is planned by what that poll finds.
        for (id, entry) in feeds.iter_mut().filter(|(_, entry)| !entry.busy && !entry.memory.gone) {
            let (memory, every) = (&mut entry.memory, entry.source.target.every);
            if !which(memory) {
                continue;
            }
            memory.eased = false;
            let own = memory.last_poll.and_then(|last| last.checked_add(every).ok());
            let at = own.max(memory.not_before).unwrap_or(now).max(now);
            if memory.next_poll.is_some_and(|next| next > at) {
                memory.next_poll = Some(at);
                why.clone_into(&mut memory.why);
                due.set(*id, at);
            }
            let FeedMemory { last_poll, next_poll, why, .. } = memory.clone();
            plans.push(Plan { feed: *id, last_poll, next_poll, why });
        }
        plans
    }

    /// Gives a feed back whose poll at `now` came to nothing that could be remembered. It is asked again soon, but no sooner
    /// than at its own pace or than the server allowed: while the disk is full, that happens to every poll.
    pub(super) fn put_off(&self, id: FeedId, now: Timestamp, not_before: Option<Timestamp>) {
        let mut inner = self.lock();
        if let Some(entry) = inner.feeds.get_mut(&id) {
            entry.busy = false;
            let next = now + entry.source.target.every.min(AFTER_TROUBLE);
            inner.due.set(id, not_before.map_or(next, |at| at.max(next)));
        }
    }

    /// How many feeds fall due up to `at`, of `max` at most.
    pub(super) fn due_by(&self, at: Timestamp, max: usize) -> usize {
        self.lock().due.due_by(at, max)
    }

    /// When the next feed falls due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.lock().due.next()
    }

    /// Orders everything anew after the clock was set: what was planned by another clock means nothing.
    pub(super) fn reschedule(&self, now: Timestamp, chance: &Chance) {
        self.lock().reschedule(now, chance);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn take_all(&mut self, ids: Vec<FeedId>) -> Vec<Vec<Listed>> {
        ids.into_iter().map(|id| self.take_together(id)).filter(|feeds| !feeds.is_empty()).collect()
    }

    /// A feed that is not being polled, and those that are asked in the very same way.
    fn take_together(&mut self, id: FeedId) -> Vec<Listed> {
        let Some((source, memory)) = self.take(id) else { return Vec::new() };
        let siblings = self.siblings.get(&source.url).cloned().unwrap_or_default();
        let alike = |other: &Entry| other.source.target.asks_like(&source.target) && !other.memory.gone;
        let others: Vec<FeedId> =
            siblings.into_iter().filter(|other| self.feeds.get(other).is_some_and(alike)).collect();
        let others: Vec<Listed> = others.into_iter().filter_map(|other| self.take(other)).collect();
        std::iter::once((source, memory)).chain(others).collect()
    }

    fn take(&mut self, id: FeedId) -> Option<Listed> {
        let entry = self.feeds.get_mut(&id).filter(|entry| !entry.busy)?;
        entry.busy = true;
        self.due.remove(id);
        Some((Arc::clone(&entry.source), entry.memory.clone()))
    }

    fn reschedule(&mut self, now: Timestamp, chance: &Chance) {
        let mut at_once = Vec::new();
        for (id, entry) in self.feeds.iter().filter(|(_, entry)| !entry.busy && !entry.memory.gone) {
            match planned(&entry.memory, now) {
                Some(at) if at > now => self.due.set(*id, at),
                _ => at_once.push(*id),
            }
        }
        at_once.sort_unstable();
        let many = at_once.len() > OVERDUE_AT_ONCE;
        for (index, id) in at_once.iter().enumerate() {
            let Some(entry) = self.feeds.get(id) else { continue };
            let is_new = entry.memory.last_poll.is_none();
            let at = if many && !is_new {
                spread_overdue(now, entry.source.target.every, chance.unit())
            } else {
                now + spread_new(at_once.len(), index, chance.unit())
            };
            self.due.set(*id, at);
        }
    }
}

/// The feeds that share an address, by it.
fn siblings(feeds: &HashMap<FeedId, Entry>) -> HashMap<String, Vec<FeedId>> {
    let mut by_url: HashMap<String, Vec<FeedId>> = HashMap::new();
    for (id, entry) in feeds {
        by_url.entry(entry.source.url.clone()).or_default().push(*id);
    }
    by_url.retain(|_, ids| ids.len() > 1);
    for ids in by_url.values_mut() {
        ids.sort_unstable();
    }
    by_url
}

/// When a feed was to be polled; `None` where that was planned by a clock that has been set back since.
fn planned(memory: &FeedMemory, now: Timestamp) -> Option<Timestamp> {
    let set_back = memory.last_poll.is_some_and(|last| last.duration_since(now) > SET_BACK);
    memory.next_poll.filter(|_| !set_back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{FeedIdentity, Key};
    use crate::poll::Target;

    fn source(name: &str) -> Arc<Source> {
        let url = "https://example.org/rss".to_owned();
        let target = Target::new(url.parse().unwrap(), SignedDuration::from_hours(1), false);
        Arc::new(Source {
            id: FeedId(1),
            name: name.to_owned(),
            tags: Vec::new(),
            url,
            target,
            full_text: false,
            zone: None,
        })
    }

    fn memory(name: &str) -> FeedMemory {
        let identity = FeedIdentity { name: name.to_owned(), url: "https://example.org/rss".to_owned() };
        FeedMemory::fresh(FeedId(1), Key::of(&["a"]), &identity)
    }

    #[test]
    fn a_poll_that_ended_during_a_reload_is_not_forgotten() {
        let (roster, chance) = (Roster::default(), Chance::seeded(1));
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        roster.replace(vec![(source("old"), memory("old"))], now, &chance);
        let (_, before) = roster.take_pass(now, true).remove(0).remove(0);
        // The reload reads the store, the poll ends, and only then are the feeds of the new config taken over.
        let read = memory("new");
        let next = now + SignedDuration::from_hours(1);
        roster.give_back(FeedMemory { last_poll: Some(now), next_poll: Some(next), reads: 1, ..before });
        roster.replace(vec![(source("new"), read)], now, &chance);
        assert_eq!(roster.next_due(), Some(next), "asked again at once");
        let (_, after) = roster.take_due(next).remove(0).remove(0);
        assert_eq!((after.reads, after.name.as_str()), (1, "new"));
    }

    #[test]
    fn a_poll_that_was_not_written_down_is_no_licence_to_hurry() {
        let (roster, chance) = (Roster::default(), Chance::seeded(1));
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        roster.replace(vec![(source("a"), memory("a"))], now, &chance);
        roster.take_pass(now, true);
        roster.put_off(FeedId(1), now, None);
        assert_eq!(roster.next_due(), Some(now + AFTER_TROUBLE));
        let allowed = now + SignedDuration::from_hours(2);
        roster.put_off(FeedId(1), now, Some(allowed));
        assert_eq!(roster.next_due(), Some(allowed));
    }

    #[test]
    fn a_feed_that_was_renamed_during_its_poll_goes_by_its_new_name() {
        let (roster, chance) = (Roster::default(), Chance::seeded(1));
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        roster.replace(vec![(source("old"), memory("old"))], now, &chance);
        let (_, before) = roster.take_pass(now, true).remove(0).remove(0);
        roster.replace(vec![(source("new"), memory("new"))], now, &chance);
        assert_eq!(roster.next_due(), None, "polled twice at once");
        roster.give_back(FeedMemory { next_poll: Some(now), ..before });
        assert_eq!(roster.take_due(now).remove(0).remove(0).1.name, "new");
    }

    #[test]
    fn feeds_of_one_address_are_taken_together_and_others_are_not() {
        let (roster, chance) = (Roster::default(), Chance::seeded(1));
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let feed = |id, secret: Option<&str>| {
            let (plain, memory) = (source("x"), memory("x"));
            let mut target = plain.target.clone();
            target.credentials = secret.map(|secret| ("me".to_owned(), secret.to_owned()));
            let source = Source { id: FeedId(id), target, ..(*plain).clone() };
            (Arc::new(source), FeedMemory { id: FeedId(id), ..memory })
        };
        roster.replace(vec![feed(1, None), feed(2, None), feed(3, Some("secret"))], now, &chance);
        let mut taken: Vec<Vec<i64>> = roster
            .take_due(now + SignedDuration::from_secs(10))
            .iter()
            .map(|feeds| feeds.iter().map(|(source, _)| source.id.0).collect())
            .collect();
        for ids in &mut taken {
            ids.sort_unstable();
        }
        taken.sort();
        assert_eq!(taken, [vec![1, 2], vec![3]]);
    }
}
