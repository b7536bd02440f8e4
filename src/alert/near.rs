//! What a watch nearly matched, once a week in a digest, so that rules can be tuned.
//!
//! No mail is made because of it: it is listed in the first digest of a week that goes out to a recipient anyway, and each near
//! miss once.

use std::collections::{BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{Channel, DigestRun, Mutes, Route, Routes};
use crate::item::{ItemId, Key, ListedMiss, NearMiss, StoryId};

/// Listed in one digest of one watch.
const PER_WATCH: usize = 3;

/// Listed in one digest.
const LISTED: usize = 10;

/// A near miss of an item that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// The watch and what it lacks.
    pub miss: NearMiss,
    /// The item.
    pub item: ItemId,
    /// The name that it goes by in what is told.
    pub identity: Key,
    /// Its story.
    pub story: StoryId,
    /// Its headline.
    pub headline: String,
    /// Its address.
    pub link: Option<String>,
    /// The name of its feed.
    pub feed: String,
    /// When it was published, as far as its feed says.
    pub published: Option<Timestamp>,
    /// When it was first seen.
    pub seen: Timestamp,
}

impl Near {
    /// Near misses are worth telling at `now` if they were found since then: for a week.
    pub fn since(now: Timestamp) -> Timestamp {
        now.saturating_sub(SignedDuration::from_hours(7 * 24)).unwrap_or(Timestamp::MIN)
    }

    fn key(&self, recipient: &str) -> Key {
        Key::of(&["near miss", recipient, &self.miss.watch, &self.identity.to_string()])
    }
}

impl DigestRun {
    /// Names the near misses that a recipient is told of in one week.
    fn near_key(&self, recipient: &str) -> Option<Key> {
        self.week.as_ref().map(|week| Key::of(&["near misses", recipient, &self.name, week]))
    }
}

impl Route {
    /// Whether a digest with these readers lists what the watch nearly matched: its own digest, or where it has none, any that
    /// its reader gets.
    fn is_tuned_in(&self, digest: &str, readers: &[String]) -> bool {
        let own = |channel: &Channel| matches!(channel, Channel::Digest(name) if name == digest);
        let has_none = || self.send.iter().all(|channel| *channel == Channel::Now);
        let shares_a_reader = || self.to.iter().any(|to| readers.contains(to));
        self.quiet.is_none() && (self.send.iter().any(own) || has_none() && shares_a_reader())
    }
}

impl Routes {
    /// Watches whose near misses some digest lists.
    pub fn tuned(&self) -> HashSet<String> {
        let is_tuned = |route: &Route| self.digests.iter().any(|(name, digest)| route.is_tuned_in(name, &digest.to));
        self.watches.iter().filter(|(_, route)| is_tuned(route)).map(|(name, _)| name.clone()).collect()
    }

    /// Watches whose near misses this run may list.
    pub fn tuned_by(&self, run: &DigestRun) -> Vec<String> {
        let Some(digest) = self.digests.get(&run.name).filter(|_| run.week.is_some()) else { return Vec::new() };
        let tuned = self.watches.iter().filter(|(_, route)| route.is_tuned_in(&run.name, &digest.to));
        tuned.map(|(name, _)| name.clone()).collect()
    }

    /// Everything whose having been told matters for [`Routes::near`].
    pub(super) fn near_asks(&self, run: &DigestRun, recipient: &str, near: &[Near]) -> Vec<Key> {
        let mine = near.iter().filter(|near| self.is_for(near, recipient)).map(|near| near.key(recipient));
        run.near_key(recipient).into_iter().chain(mine).collect()
    }

    fn is_for(&self, near: &Near, recipient: &str) -> bool {
        self.watches.get(&near.miss.watch).is_some_and(|route| route.to.iter().any(|to| to == recipient))
    }

    /// What a digest lists of `near` for a recipient, watch by watch, and the keys by which that counts as told; nothing where it was
    /// told this week already. Of one story one item is listed, the nearest.
    pub(super) fn near(
        &self,
        run: &DigestRun,
        recipient: &str,
        (near, mutes): (&[Near], &Mutes),
        told: &HashSet<Key>,
    ) -> (Vec<ListedMiss>, Vec<Key>) {
        let Some(week) = run.near_key(recipient).filter(|week| !told.contains(week)) else { return Default::default() };
        let is_muted = |near: &Near| {
            let names = std::iter::once(near.miss.watch.as_str());
            mutes.of(names, Some(near.story), recipient, &run.name).is_some()
        };
        let wanted =
            |near: &&Near| self.is_for(near, recipient) && !told.contains(&near.key(recipient)) && !is_muted(near);
        let mut nearest: Vec<&Near> = near.iter().filter(wanted).collect();
        nearest.sort_by_key(|near| (near.miss.short, std::cmp::Reverse(near.seen), near.item));
        let (mut stories, mut of_watch) = (BTreeSet::new(), std::collections::BTreeMap::new());
        nearest.retain(|near| stories.insert((near.miss.watch.as_str(), near.story)));
        // Every watch gets its nearest before another gets its second.
        let mut chosen: Vec<(usize, &Near)> = Vec::new();
        for near in nearest {
            let nth = of_watch.entry(near.miss.watch.as_str()).and_modify(|nth| *nth += 1).or_insert(0_usize);
            if *nth < PER_WATCH {
                chosen.push((*nth, near));
            }
        }
        chosen.sort_by_key(|(nth, _)| *nth);
        chosen.truncate(LISTED);
        chosen.sort_by(|(_, one), (_, other)| one.miss.watch.cmp(&other.miss.watch));
        if chosen.is_empty() {
            return Default::default();
        }
        let keys = chosen.iter().map(|(_, near)| near.key(recipient)).chain([week]).collect();
        (chosen.into_iter().map(|(_, near)| self.listed(near)).collect(), keys)
    }

    fn listed(&self, near: &Near) -> ListedMiss {
        let title = self.watches.get(&near.miss.watch).map_or(&near.miss.watch, |route| &route.title);
        ListedMiss {
            watch: title.clone(),
            item: near.item.0,
            headline: near.headline.clone(),
            link: near.link.clone(),
            feed: near.feed.clone(),
            published: near.published,
            seen: near.seen,
            lacks: near.miss.lacks.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{DigestRoute, Mute, MuteId, Muted};

    const ANA: &str = "ana@example.org";

    fn run(week: Option<&str>) -> DigestRun {
        let at = Timestamp::UNIX_EPOCH;
        DigestRun { name: "morning".into(), slot: None, week: week.map(str::to_owned), through: at, at }
    }

    fn route(send: &[Channel], to: &str) -> Route {
        Route { title: "Title".into(), to: vec![to.into()], send: send.to_vec(), ..Route::default() }
    }

    fn routes() -> Routes {
        let morning = || Channel::Digest("morning".into());
        let watches = [
            ("daily", route(&[morning()], ANA)),
            ("alarm", route(&[Channel::Now], ANA)),
            ("other", route(&[Channel::Now], "ben@example.org")),
            ("evening", route(&[Channel::Digest("evening".into())], ANA)),
        ];
        let digest = DigestRoute { to: vec![ANA.into()], send_empty: false };
        Routes {
            watches: watches.into_iter().map(|(name, route)| (name.to_owned(), route)).collect(),
            digests: [("morning".to_owned(), digest)].into(),
            ..Routes::default()
        }
    }

    fn near(watch: &str, item: i64, story: i64, short: u32) -> Near {
        Near {
            miss: NearMiss { watch: watch.into(), short, lacks: "veto: does not occur".into() },
            item: ItemId(item),
            identity: Key::of(&[&item.to_string()]),
            story: StoryId(story),
            headline: format!("headline {item}"),
            link: None,
            feed: "alliance".into(),
            published: None,
            seen: Timestamp::UNIX_EPOCH,
        }
    }

    fn items(listed: &[ListedMiss]) -> Vec<i64> {
        listed.iter().map(|miss| miss.item).collect()
    }

    #[test]
    fn a_digest_lists_its_own_watches_and_those_that_are_in_none() {
        let mut tuned: Vec<String> = routes().tuned().into_iter().collect();
        tuned.sort_unstable();
        assert_eq!(tuned, ["alarm", "daily"]);
        assert_eq!(routes().tuned_by(&run(Some("2026-W48"))), ["alarm", "daily"]);
        assert!(routes().tuned_by(&run(None)).is_empty(), "a digest that the config has no more");
    }

    #[test]
    fn each_is_told_once_and_once_a_week() {
        let (routes, near) = (routes(), [near("daily", 1, 1, 50), near("alarm", 2, 2, 30)]);
        let tell = |week: &str, told: &HashSet<Key>| {
            let run = run(Some(week));
            let asked: HashSet<Key> =
                routes.near_asks(&run, ANA, &near).into_iter().filter(|key| told.contains(key)).collect();
            routes.near(&run, ANA, (&near, &Mutes::default()), &asked)
        };
        let (listed, keys) = tell("2026-W48", &HashSet::new());
        assert_eq!(items(&listed), [2, 1]);
        let mut told: HashSet<Key> = keys.into_iter().collect();
        assert!(tell("2026-W48", &told).0.is_empty());
        assert!(tell("2026-W49", &told).0.is_empty(), "told the week before");
        told.remove(&near[0].key(ANA));
        assert_eq!(items(&tell("2026-W49", &told).0), [1]);
        assert!(tell("2026-W48", &told).0.is_empty());
    }

    #[test]
    fn every_watch_comes_before_any_comes_often_and_a_story_comes_once() {
        let routes = routes();
        let mut all: Vec<Near> = (0..20).map(|n| near("daily", n, n, 10)).collect();
        all.extend([near("alarm", 50, 50, 90), near("alarm", 51, 50, 80)]);
        let (listed, keys) = routes.near(&run(Some("w")), ANA, (&all, &Mutes::default()), &HashSet::new());
        assert_eq!(items(&listed), [51, 0, 1, 2]);
        assert_eq!(keys.len(), 5);
    }

    #[test]
    fn what_is_muted_or_somebody_elses_is_not_listed() {
        let (routes, all) = (routes(), [near("daily", 1, 1, 50), near("alarm", 2, 2, 30), near("other", 3, 3, 10)]);
        let since = Timestamp::UNIX_EPOCH;
        let what = Muted::Watch("alarm".into());
        let mutes = Mutes::new(vec![Mute { id: MuteId(1), what, recipient: None, since, until: Timestamp::MAX }]);
        let (listed, _) = routes.near(&run(Some("w")), ANA, (&all, &mutes), &HashSet::new());
        assert_eq!(items(&listed), [1]);
    }
}
