use std::collections::{HashMap, HashSet};
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

/// Feeds are taken as they fall due. Where many are late by more than this, the machine slept or its clock was set forth, and
/// what they had been planned for has passed for all of them at once.
const LATE: SignedDuration = SignedDuration::from_mins(1);

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
    /// Being polled, listed or not: they fall due again when they are given back.
    away: HashSet<FeedId>,
}

#[derive(Debug)]
struct Entry {
    source: Arc<Source>,
    memory: FeedMemory,
    /// Why it is to be polled at its own pace, where that was said while it was being polled.
    wanted: Option<String>,
}

impl Entry {
    /// Lets it be polled at its own pace where its next poll was put off further, no sooner than its server allows; whether
    /// that changes anything.
    fn hasten(&mut self, why: &str) -> bool {
        let (memory, every) = (&mut self.memory, self.source.target.every);
        memory.eased = false;
        let own = memory.last_poll.and_then(|last| last.checked_add(every).ok());
        let Some(at) = own.max(memory.not_before).filter(|at| memory.next_poll.is_some_and(|next| next > *at)) else {
            return false;
        };
        memory.next_poll = Some(at);
        why.clone_into(&mut memory.why);
        true
    }
}

impl Roster {
    /// Takes over the feeds of a config. One that is being polled goes on and is given back later, even if the config did not
    /// list it for a while. What is known here of a feed that stays is kept: a poll may have ended since `feeds` were read from the store.
    pub(super) fn replace(&self, feeds: Vec<Listed>, now: Timestamp, chance: &Chance) {
        let mut inner = self.lock();
        let mut old = std::mem::take(&mut inner.feeds);
        for (source, memory) in feeds {
            let same = old.remove(&source.id).filter(|entry| entry.source.url == source.url);
            let entry = match same {
                Some(Entry { memory: known, wanted, .. }) => {
                    Entry { source, memory: FeedMemory { name: memory.name, ..known }, wanted }
                }
                None => Entry { source, memory, wanted: None },
            };
            inner.feeds.insert(entry.source.id, entry);
        }
        inner.siblings = siblings(&inner.feeds);
        inner.due = DueQueue::new();
        inner.reschedule(now, chance);
    }

    /// Takes the feeds that are due, to be polled and given back. Those that are asked at one address come together, due or
    /// not, so that it is asked once. Where many are late they are spread.
    pub(super) fn take_due(&self, now: Timestamp, chance: &Chance) -> Vec<Vec<Listed>> {
        let mut inner = self.lock();
        let late = now.saturating_sub(LATE).unwrap_or(Timestamp::MIN);
        if inner.due.due_by(late, OVERDUE_AT_ONCE + 1) > OVERDUE_AT_ONCE {
            let overdue = inner.due.take_due(now);
            tracing::info!(
                feeds = overdue.len(),
                "the time of many feeds has passed at once; they are asked one by one"
            );
            inner.spread(overdue, now, chance);
        }
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

    /// Gives a feed back after its poll; whether it has another hub than before, or relies on it otherwise.
    pub(super) fn give_back(&self, memory: FeedMemory) -> bool {
        let mut inner = self.lock();
        let id = memory.id;
        inner.away.remove(&id);
        let Inner { feeds, due, .. } = &mut *inner;
        let Some(entry) = feeds.get_mut(&id) else { return false };
        if entry.source.url != memory.url {
            due.set(id, entry.memory.next_poll.unwrap_or(Timestamp::MIN));
            return false;
        }
        let concerns_hub = memory.eased != entry.memory.eased || memory.offer != entry.memory.offer;
        // The config may have renamed it meanwhile.
        entry.memory = FeedMemory { name: std::mem::take(&mut entry.memory.name), ..memory };
        if let Some(why) = entry.wanted.take().filter(|_| entry.memory.failures == 0) {
            entry.hasten(&why);
        }
        if let Some(next) = entry.memory.next_poll.filter(|_| !entry.memory.gone) {
            due.set(id, next);
        }
        concerns_hub
    }

    /// Gives a feed back whose poll came to nothing, because no config listed it any more when it ended.
    pub(super) fn let_go(&self, id: FeedId) {
        let mut inner = self.lock();
        inner.away.remove(&id);
        let Inner { feeds, due, .. } = &mut *inner;
        // Another config may list it since.
        if let Some(entry) = feeds.get(&id).filter(|entry| !entry.memory.gone) {
            due.set(id, entry.memory.next_poll.unwrap_or(Timestamp::MIN));
        }
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

    /// Lets feeds be asked at their own pace whose next poll was put off further; no sooner than their servers allow, not all at
    /// once, and not those that fail. What is to be remembered of it.
    pub(super) fn poll_plainly(
        &self,
        now: Timestamp,
        why: &str,
        chance: &Chance,
        which: impl Fn(&FeedMemory) -> bool,
    ) -> Vec<Plan> {
        let mut inner = self.lock();
        let Inner { feeds, due, away, .. } = &mut *inner;
        let (mut plans, mut at_once) = (Vec::new(), Vec::new());
        let meant = |memory: &FeedMemory| !memory.gone && memory.failures == 0 && which(memory);
        for (id, entry) in feeds.iter_mut().filter(|(_, entry)| meant(&entry.memory)) {
            if away.contains(id) {
                // What its poll finds may be older than the reason for this.
                entry.wanted = Some(why.to_owned());
                continue;
            }
            if entry.hasten(why) {
                match entry.memory.next_poll {
                    Some(at) if at > now => due.set(*id, at),
                    _ => at_once.push(*id),
                }
            }
            let FeedMemory { last_poll, next_poll, why, .. } = entry.memory.clone();
            plans.push(Plan { feed: *id, last_poll, next_poll, why, eased: false });
        }
        inner.spread(at_once, now, chance);
        plans
    }

    /// Gives a feed back whose poll at `now` came to nothing that could be remembered. It is asked again soon, but no sooner
    /// than at its own pace or than the server allowed: while the disk is full, that happens to every poll.
    pub(super) fn put_off(&self, id: FeedId, now: Timestamp, not_before: Option<Timestamp>) {
        let mut inner = self.lock();
        inner.away.remove(&id);
        let Inner { feeds, due, .. } = &mut *inner;
        if let Some(entry) = feeds.get_mut(&id) {
            let next = now + entry.source.target.every.min(AFTER_TROUBLE);
            let next = not_before.map_or(next, |at| at.max(next));
            // Also for whoever orders everything anew meanwhile.
            entry.memory.next_poll = Some(next);
            due.set(id, next);
        }
    }

    /// How many feeds fall due up to `at`, of `max` at most.
    pub(super) fn due_by(&self, at: Timestamp, max: usize) -> usize {
        self.lock().due.due_by(at, max)
    }

    /// How many are being polled.
    pub(super) fn under_way(&self) -> usize {
        self.lock().away.len()
    }

    /// When the next feed falls due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.lock().due.next()
    }

    /// Plans polls by a clock that was set back to `now`: what was to be waited for is waited for once more, at the longest.
    pub(super) fn wind_back(&self, now: Timestamp, chance: &Chance) {
        let mut inner = self.lock();
        let Inner { feeds, away, .. } = &mut *inner;
        let ahead = |memory: &FeedMemory| memory.last_poll.map(|last| last.duration_since(now));
        let by = feeds.values().filter_map(|entry| ahead(&entry.memory)).max().filter(|by| *by > SET_BACK);
        for (id, entry) in feeds.iter_mut() {
            let memory = &mut entry.memory;
            if let Some(by) = by.filter(|_| !away.contains(id) && ahead(memory).is_some_and(|ahead| ahead > SET_BACK)) {
                for at in [&mut memory.last_poll, &mut memory.next_poll, &mut memory.not_before] {
                    *at = at.and_then(|at| at.saturating_sub(by).ok());
                }
            }
        }
        inner.reschedule(now, chance);
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
        let entry = self.feeds.get(&id).filter(|_| !self.away.contains(&id))?;
        self.away.insert(id);
        self.due.remove(id);
        Some((Arc::clone(&entry.source), entry.memory.clone()))
    }

    /// Orders everything anew, as it was planned.
    fn reschedule(&mut self, now: Timestamp, chance: &Chance) {
        let mut at_once = Vec::new();
        let here = |id: &FeedId, entry: &Entry| !self.away.contains(id) && !entry.memory.gone;
        for (id, entry) in self.feeds.iter().filter(|(id, entry)| here(id, entry)) {
            match entry.memory.next_poll {
                Some(at) if at > now => self.due.set(*id, at),
                _ => at_once.push(*id),
            }
        }
        self.spread(at_once, now, chance);
    }

    /// Lets feeds be asked soon whose time has come, but if there are many, not all at once.
    fn spread(&mut self, mut at_once: Vec<FeedId>, now: Timestamp, chance: &Chance) {
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
        let (_, after) = roster.take_due(next, &chance).remove(0).remove(0);
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
        assert_eq!(roster.take_due(now, &chance).remove(0).remove(0).1.name, "new");
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
            .take_due(now + SignedDuration::from_secs(10), &chance)
            .iter()
            .map(|feeds| feeds.iter().map(|(source, _)| source.id.0).collect())
            .collect();
        for ids in &mut taken {
            ids.sort_unstable();
        }
        taken.sort();
        assert_eq!(taken, [vec![1, 2], vec![3]]);
    }

    fn listed(id: i64, change: impl FnOnce(&mut FeedMemory)) -> Listed {
        let (plain, mut memory) = (source("x"), FeedMemory { id: FeedId(id), ..memory("x") });
        let url = format!("https://example.org/{id}");
        memory.url.clone_from(&url);
        change(&mut memory);
        (Arc::new(Source { id: FeedId(id), url, ..(*plain).clone() }), memory)
    }

    /// So many feeds that were polled within the last hour, and are due within the next.
    fn through_the_hour(count: i64, now: Timestamp) -> Vec<Listed> {
        let feed = |id| {
            let last = now - SignedDuration::from_secs(3600 * id / count);
            listed(id, |memory| {
                (memory.last_poll, memory.next_poll) = (Some(last), Some(last + SignedDuration::from_hours(1)));
            })
        };
        (1..=count).map(feed).collect()
    }

    fn noon() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_machine_that_slept_asks_nobody_in_a_burst() {
        for (slept, feeds) in [(8 * 3600, 300), (24 * 3600, 1000)] {
            let (roster, chance) = (Roster::default(), Chance::seeded(1));
            roster.replace(through_the_hour(feeds, noon()), noon(), &chance);
            let woke = noon() + SignedDuration::from_secs(slept);
            let taken = |at| roster.take_due(at, &chance).len();
            assert_eq!(taken(woke), 0);
            let each_second: Vec<usize> =
                (1..=15 * 60).map(|second| taken(woke + SignedDuration::from_secs(second))).collect();
            let most: usize = *each_second.iter().max().unwrap();
            let all: usize = each_second.iter().sum();
            assert_eq!(i64::try_from(all).unwrap(), feeds, "each of them once");
            assert!(most <= 10, "{most} in a second");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_makes_nobody_hurry() {
        for back in [2 * 3600, 3 * 365 * 86_400] {
            let (roster, chance) = (Roster::default(), Chance::seeded(1));
            let mut feeds = through_the_hour(60, noon());
            feeds[30].1.not_before = Some(noon() + SignedDuration::from_hours(5));
            feeds[30].1.next_poll = feeds[30].1.not_before;
            roster.replace(feeds, noon(), &chance);
            let now = noon() - SignedDuration::from_secs(back);
            roster.wind_back(now, &chance);
            let taken = |minutes| roster.take_due(now + SignedDuration::from_mins(minutes), &chance).len();
            assert_eq!((taken(2), taken(30), taken(61)), (2, 27, 30), "each an hour after it was polled, as ever");
            assert_eq!((taken(5 * 60), taken(5 * 60 + 1)), (0, 1), "what a server asked for is kept");
        }
    }

    #[test]
    fn a_feed_that_is_polled_is_not_polled_twice_whatever_reloads_say_meanwhile() {
        let (roster, chance) = (Roster::default(), Chance::seeded(1));
        roster.replace(vec![listed(1, |_| {})], noon(), &chance);
        let later = noon() + SignedDuration::from_mins(1);
        let (_, polled) = roster.take_due(later, &chance).remove(0).remove(0);
        roster.replace(Vec::new(), later, &chance);
        roster.replace(vec![listed(1, |_| {})], later, &chance);
        let much_later = noon() + SignedDuration::from_hours(1);
        assert!(roster.take_due(much_later, &chance).is_empty(), "polled twice at once");
        roster.give_back(FeedMemory { next_poll: Some(much_later), ..polled });
        assert_eq!(roster.take_due(much_later, &chance).len(), 1);
        roster.let_go(FeedId(1));
        assert_eq!(roster.take_due(much_later, &chance).len(), 1, "lost for ever");
    }

    #[test]
    fn who_is_wanted_during_a_poll_is_polled_at_its_own_pace_after_it() {
        let chance = Chance::seeded(1);
        let eased = |memory: &mut FeedMemory| {
            let next = noon() + SignedDuration::from_hours(6);
            (memory.last_poll, memory.next_poll, memory.eased) = (Some(noon()), Some(next), true);
        };
        let wanted = |failures| {
            let roster = Roster::default();
            roster.replace(vec![listed(1, eased)], noon(), &chance);
            let (_, memory) = roster.take_pass(noon() + SignedDuration::from_hours(7), false).remove(0).remove(0);
            let plans = roster.poll_plainly(noon(), "there is news", &chance, |_| true);
            assert_eq!(plans, []);
            roster.give_back(FeedMemory { failures, ..memory });
            roster.next_due()
        };
        assert_eq!(wanted(0), Some(noon() + SignedDuration::from_hours(1)));
        assert_eq!(wanted(3), Some(noon() + SignedDuration::from_hours(6)), "it backs off");
    }

    #[test]
    fn a_feed_that_fails_backs_off_whatever_its_hub_says() {
        let (roster, chance) = (Roster::default(), Chance::seeded(1));
        let next = noon() + SignedDuration::from_hours(6);
        let failing = |memory: &mut FeedMemory| {
            (memory.last_poll, memory.next_poll, memory.failures) = (Some(noon()), Some(next), 4);
        };
        roster.replace(vec![listed(1, failing)], noon(), &chance);
        assert_eq!(roster.poll_plainly(noon(), "there is news", &chance, |_| true), []);
        assert_eq!(roster.next_due(), Some(next));
    }
}
