//! The due queue: who is next, and when.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use jiff::Timestamp;

use crate::item::FeedId;

/// Instants of polls to come, one for each feed. Holds no more than there are feeds.
#[derive(Debug, Clone)]
pub struct DueQueue<Id = FeedId> {
    by_time: BTreeSet<(Timestamp, Id)>,
    by_id: HashMap<Id, Timestamp>,
}

impl<Id: Copy + Ord + Hash> DueQueue<Id> {
    /// An empty queue.
    pub fn new() -> Self {
        Self { by_time: BTreeSet::new(), by_id: HashMap::new() }
    }

    /// Makes `id` due at `at`, and at no other time.
    pub fn set(&mut self, id: Id, at: Timestamp) {
        if let Some(before) = self.by_id.insert(id, at) {
            self.by_time.remove(&(before, id));
        }
        self.by_time.insert((at, id));
    }

    /// Forgets `id`; `false` when it was not in the queue.
    pub fn remove(&mut self, id: Id) -> bool {
        let Some(at) = self.by_id.remove(&id) else { return false };
        self.by_time.remove(&(at, id))
    }

    /// Takes out all that is due at `now`, the longest due first.
    pub fn take_due(&mut self, now: Timestamp) -> Vec<Id> {
        let mut due = Vec::new();
        while let Some((at, id)) = self.by_time.first().copied()
            && at <= now
        {
            self.by_time.pop_first();
            self.by_id.remove(&id);
            due.push(id);
        }
        due
    }

    /// How many fall due up to `at`; `max` where there are more.
    pub fn due_by(&self, at: Timestamp, max: usize) -> usize {
        self.by_time.iter().take(max).take_while(|(due, _)| *due <= at).count()
    }

    /// When the next one falls due.
    pub fn next(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }
}

impl<Id: Copy + Ord + Hash> Default for DueQueue<Id> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_longest_due_comes_first_and_only_once() {
        let mut queue = DueQueue::new();
        queue.set(1, at(30));
        queue.set(2, at(10));
        queue.set(3, at(20));
        queue.set(2, at(25));
        assert_eq!(queue.next(), Some(at(20)));
        assert_eq!(queue.take_due(at(25)), [3, 2]);
        assert_eq!(queue.take_due(at(25)), [0; 0]);
        assert!(queue.remove(1));
        assert!(!queue.remove(1));
        assert_eq!(queue.next(), None);
    }

    proptest! {
        #[test]
        fn it_does_what_a_sorted_list_would(steps in prop::collection::vec((0_u8..4, 0_u8..6, 0_i64..20), 0..60)) {
            let mut queue = DueQueue::new();
            let mut model: BTreeMap<u8, i64> = BTreeMap::new();
            for (what, id, second) in steps {
                match what {
                    0 | 1 => {
                        queue.set(id, at(second));
                        model.insert(id, second);
                    }
                    2 => prop_assert_eq!(queue.remove(id), model.remove(&id).is_some()),
                    _ => {
                        let mut due: Vec<(i64, u8)> =
                            model.iter().filter(|(_, due)| **due <= second).map(|(id, due)| (*due, *id)).collect();
                        due.sort_unstable();
                        model.retain(|_, due| *due > second);
                        let expected: Vec<u8> = due.into_iter().map(|(_, id)| id).collect();
                        prop_assert_eq!(queue.take_due(at(second)), expected);
                    }
                }
                prop_assert_eq!(queue.next(), model.values().min().map(|second| at(*second)));
            }
        }
    }
}
