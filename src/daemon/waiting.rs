use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use url::Url;

use crate::item::{FeedId, ItemId, Key};
use crate::poll::due::DueQueue;
use crate::store::Waiting;

/// The items that wait for their article, in the order in which something is to be done about them.
///
/// A host gets as many at a time as it may be asked at once; the others wait here, so that a slow host holds up only its own.
#[derive(Debug, Default)]
pub(super) struct WaitingRoom {
    /// The newest ticket that was taken in.
    last: i64,
    items: HashMap<ItemId, Entry>,
    /// When to ask, or while an item stands in a queue, until when it may.
    due: DueQueue<ItemId>,
    /// Items whose host is busy: news first, then the older ones.
    queues: BTreeMap<String, BTreeSet<(bool, ItemId)>>,
    pages: HashMap<Key, BTreeSet<ItemId>>,
    /// How many of each host are being fetched.
    busy: HashMap<String, usize>,
    /// Pages that are being fetched.
    under_way: HashSet<Key>,
    /// Items that began to wait anew before their last wait was seen to end.
    again: HashMap<ItemId, Waiting>,
}

#[derive(Debug)]
struct Entry {
    feed: FeedId,
    page: Key,
    host: String,
    news: bool,
    until: Timestamp,
    away: bool,
}

/// Items to be looked at together, because one page is behind all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) items: Vec<ItemId>,
    /// The host that it keeps busy; none where the items are matched without asking.
    host: Option<String>,
    page: Key,
}

impl WaitingRoom {
    /// The newest ticket that was taken in.
    pub(super) fn last(&self) -> i64 {
        self.last
    }

    /// How many wait.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.items.len()
    }

    /// Takes in items that began to wait.
    pub(super) fn take_in(&mut self, waiting: Vec<Waiting>) {
        for waiting in waiting {
            self.last = self.last.max(waiting.ticket);
            if self.items.contains_key(&waiting.item) {
                self.again.insert(waiting.item, waiting);
                continue;
            }
            let Waiting { item, feed, page, link, next_try, until, news, .. } = waiting;
            let host = Url::parse(&link).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
            self.items.insert(item, Entry { feed, page, host, news, until, away: false });
            self.pages.entry(page).or_default().insert(item);
            self.due.set(item, next_try.min(until));
        }
    }

    /// Takes out what is to be looked at now: all whose time is up, and pages to ask for up to `room` groups in all and
    /// `per_host` at once of one host.
    pub(super) fn take(&mut self, now: Timestamp, per_host: usize, room: usize) -> Vec<Group> {
        let mut groups = Vec::new();
        for id in self.due.take_due(now) {
            let Some(entry) = self.items.get(&id) else { continue };
            if entry.until <= now {
                groups.extend(self.without_asking(id));
            } else {
                self.queues.entry(entry.host.clone()).or_default().insert((!entry.news, id));
                self.due.set(id, entry.until);
            }
        }
        let hosts: Vec<String> = self.queues.keys().cloned().collect();
        for host in hosts {
            while groups.len() < room
                && self.busy.get(&host).copied().unwrap_or(0) < per_host.max(1)
                && let Some(group) = self.next_of(&host)
            {
                *self.busy.entry(host.clone()).or_default() += 1;
                groups.push(group);
            }
        }
        groups
    }

    /// Takes out items of feeds whose articles are not fetched any more.
    pub(super) fn take_unwanted(&mut self, wants: impl Fn(FeedId) -> bool) -> Vec<Group> {
        let unwanted: Vec<ItemId> =
            self.items.iter().filter(|(_, entry)| !entry.away && !wants(entry.feed)).map(|(id, _)| *id).collect();
        unwanted.into_iter().filter_map(|id| self.without_asking(id)).collect()
    }

    /// After the clock was set back: what was planned by another clock is looked at now.
    pub(super) fn hurry(&mut self, now: Timestamp) {
        for (id, _) in self.items.iter().filter(|(_, entry)| !entry.away) {
            self.due.set(*id, now);
        }
    }

    fn without_asking(&mut self, id: ItemId) -> Option<Group> {
        let entry = self.items.get_mut(&id)?;
        entry.away = true;
        let page = entry.page;
        self.leave_queue(id);
        Some(Group { items: vec![id], host: None, page })
    }

    fn next_of(&mut self, host: &str) -> Option<Group> {
        let queue = self.queues.get(host)?;
        let free = |id: &ItemId| self.items.get(id).is_some_and(|entry| !self.under_way.contains(&entry.page));
        let first = queue.iter().map(|(_, id)| *id).find(free)?;
        let page = self.items.get(&first)?.page;
        let here = |id: &ItemId| self.items.get(id).is_some_and(|entry| !entry.away);
        let items: Vec<ItemId> = self.pages.get(&page)?.iter().copied().filter(here).collect();
        for id in &items {
            if let Some(entry) = self.items.get_mut(id) {
                entry.away = true;
            }
            self.leave_queue(*id);
        }
        self.under_way.insert(page);
        Some(Group { items, host: Some(host.to_owned()), page })
    }

    fn leave_queue(&mut self, id: ItemId) {
        self.due.remove(id);
        let Some(entry) = self.items.get(&id) else { return };
        if let Some(queue) = self.queues.get_mut(&entry.host) {
            queue.remove(&(!entry.news, id));
            if queue.is_empty() {
                self.queues.remove(&entry.host);
            }
        }
    }

    /// A group was looked at. Each item that waits on comes back by [`WaitingRoom::put_off`] before.
    pub(super) fn give_back(&mut self, group: &Group) {
        if let Some(host) = &group.host {
            self.under_way.remove(&group.page);
            if let Some(busy) = self.busy.get_mut(host) {
                *busy -= 1;
                if *busy == 0 {
                    self.busy.remove(host);
                }
            }
        }
        for id in &group.items {
            if self.items.get(id).is_some_and(|entry| entry.away) {
                self.forget(*id);
            }
            let again = self.again.remove(id);
            self.take_in(again.into_iter().collect());
        }
    }

    /// An item waits on, until then at least.
    pub(super) fn put_off(&mut self, id: ItemId, at: Timestamp) {
        if let Some(entry) = self.items.get_mut(&id) {
            entry.away = false;
            self.due.set(id, at);
        }
    }

    fn forget(&mut self, id: ItemId) {
        let Some(entry) = self.items.remove(&id) else { return };
        if let Some(items) = self.pages.get_mut(&entry.page) {
            items.remove(&id);
            if items.is_empty() {
                self.pages.remove(&entry.page);
            }
        }
    }

    /// When something is to be done next, apart from what waits for a busy host.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.due.next()
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    fn after(seconds: i64) -> Timestamp {
        now() + SignedDuration::from_secs(seconds)
    }

    fn waiting(id: i64, link: &str) -> Waiting {
        Waiting {
            ticket: id,
            item: ItemId(id),
            feed: FeedId(id % 2),
            page: Key::of(&[link]),
            link: link.to_owned(),
            next_try: now(),
            until: after(900),
            news: true,
        }
    }

    fn ids(groups: &[Group]) -> Vec<Vec<i64>> {
        groups.iter().map(|group| group.items.iter().map(|id| id.0).collect()).collect()
    }

    #[test]
    fn a_host_gets_one_at_a_time_and_one_page_serves_all_that_want_it() {
        let mut room = WaitingRoom::default();
        let old = Waiting { news: false, ..waiting(1, "https://a.example/old") };
        room.take_in(vec![
            old,
            waiting(2, "https://a.example/1"),
            waiting(3, "https://a.example/2"),
            waiting(4, "https://b.example/1"),
            waiting(5, "https://a.example/1"),
        ]);
        assert_eq!(room.last(), 5);
        let first = room.take(now(), 1, 10);
        assert_eq!(ids(&first), [vec![2, 5], vec![4]]);
        assert_eq!(ids(&room.take(now(), 1, 10)), Vec::<Vec<i64>>::new());
        // Somebody else comes to want a page that is being fetched.
        room.take_in(vec![waiting(6, "https://a.example/1")]);
        room.put_off(ItemId(5), after(15));
        room.give_back(&first[0]);
        assert_eq!(ids(&room.take(now(), 1, 10)), [vec![3]], "one after the other, by age");
        assert_eq!(room.next(), Some(after(15)));
        assert_eq!(room.len(), 5);
    }

    #[test]
    fn time_runs_out_while_the_host_is_busy() {
        let mut room = WaitingRoom::default();
        room.take_in(vec![waiting(1, "https://a.example/1"), waiting(2, "https://a.example/2")]);
        let first = room.take(now(), 1, 10);
        assert_eq!((ids(&first), room.next()), (vec![vec![1]], Some(after(900))));
        let late = room.take(after(900), 1, 10);
        assert_eq!(ids(&late), [vec![2]]);
        room.give_back(&late[0]);
        room.give_back(&first[0]);
        assert_eq!((room.len(), room.next()), (0, None));
        assert!(room.queues.is_empty() && room.pages.is_empty() && room.busy.is_empty() && room.under_way.is_empty());
    }

    #[test]
    fn an_item_that_waits_anew_is_not_forgotten() {
        let mut room = WaitingRoom::default();
        room.take_in(vec![waiting(1, "https://a.example/1")]);
        let first = room.take(now(), 1, 10);
        room.take_in(vec![Waiting { ticket: 7, ..waiting(1, "https://a.example/1") }]);
        room.give_back(&first[0]);
        assert_eq!((ids(&room.take(now(), 1, 10)), room.last()), (vec![vec![1]], 7));
    }

    #[test]
    fn a_feed_that_is_fetched_no_more_lets_go_of_its_items() {
        let mut room = WaitingRoom::default();
        room.take_in(vec![waiting(1, "https://a.example/1"), waiting(2, "https://a.example/2")]);
        assert_eq!(ids(&room.take_unwanted(|feed| feed == FeedId(1))), [vec![2]]);
        assert_eq!(ids(&room.take(now(), 1, 10)), [vec![1]]);
    }
}
