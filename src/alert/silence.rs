//! Watches that tell the silence: `quiet`.
//!
//! Silence is only what was listened to: time between two successful polls of a feed that could have matched, at most twice
//! its interval apart. A network that was down for a week is no week of silence.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::route::Quiet;
use super::{Channel, Mutes, Routes};
use crate::item::{Envelope, FeedMemory, Hit, ItemId, Key, MailKind, StoryId, Telling};

/// A match of a watch for silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The item that matched.
    pub item: ItemId,
    /// Its story.
    pub story: StoryId,
    /// Which watch, and why.
    pub hit: Hit,
}

/// What is remembered of a watch for silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// The watch's name.
    pub watch: String,
    /// Its last match, or when it was first loaded.
    pub since: Timestamp,
    /// So much of the time since then was listened to.
    pub counted: SignedDuration,
    /// Up to where time was counted.
    pub until: Timestamp,
}

/// One poll, as far as silence goes.
#[derive(Debug, Clone, Copy)]
pub struct Polled<'a> {
    /// The feed before the poll.
    pub before: &'a FeedMemory,
    /// The feed after the poll.
    pub after: &'a FeedMemory,
    /// When the answer was there.
    pub at: Timestamp,
    /// What the poll brought that watches for silence matched.
    pub heard: &'a [Heard],
    /// What is muted.
    pub mutes: &'a Mutes,
}

/// What a poll means for watches for silence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Broken {
    /// What is to be remembered.
    pub states: Vec<Silence>,
    /// Mails with what they tell, and when they may go.
    pub mails: Vec<(Envelope, Vec<Telling>, Timestamp)>,
}

impl Silence {
    /// A watch that was loaded just now.
    pub fn fresh(watch: String, now: Timestamp) -> Self {
        Self { watch, since: now, counted: SignedDuration::ZERO, until: now }
    }

    /// A silence is told under the time when it began.
    fn key(&self, word: &str, recipient: &str) -> Key {
        Key::of(&[word, recipient, &self.watch, &self.since.as_millisecond().to_string()])
    }

    fn told_key(&self, recipient: &str) -> Key {
        self.key("quiet", recipient)
    }

    fn over_key(&self, recipient: &str) -> Key {
        self.key("quiet over", recipient)
    }

    /// Counts the time between two successful polls. Polls of several feeds come in the order of time, so what one of them
    /// has listened to already is not counted again.
    fn listen(&mut self, polled: &Polled<'_>, every: SignedDuration) {
        let Polled { before, after, at, .. } = *polled;
        if self.until > at {
            // Counted by a clock that was set back since.
            self.until = at;
        }
        let (true, Some(last)) = (after.last_success == Some(at), before.last_success) else { return };
        if at.duration_since(last) > interval(before, every) * 2 {
            return;
        }
        self.counted += at.duration_since(last.max(self.until)).max(SignedDuration::ZERO);
        self.until = at;
    }
}

/// How far two polls of the feed are apart: as the config says, or as it was planned because its server wants it so.
fn interval(before: &FeedMemory, every: SignedDuration) -> SignedDuration {
    // A feed that fails is asked less and less often, and that is no plan to listen.
    let planned = match (before.failures, before.last_poll, before.next_poll) {
        (0, Some(last), Some(next)) => next.duration_since(last),
        _ => every,
    };
    planned.max(every)
}

impl Routes {
    /// Watches for silence that the feed could end.
    pub fn listening(&self, feed: &FeedMemory) -> Vec<String> {
        let listens = |quiet: &Quiet| quiet.feeds.contains_key(&feed.name);
        let watches = self.watches.iter().filter(|(_, route)| route.quiet.as_ref().is_some_and(listens));
        watches.map(|(name, _)| name.clone()).collect()
    }

    /// Everything whose having been told matters for [`Routes::listen`].
    pub fn silence_asks(&self, states: &[Silence]) -> Vec<Key> {
        let asks = states.iter().flat_map(|state| {
            let to = self.watches.get(&state.watch).map_or(&[][..], |route| &route.to);
            to.iter().flat_map(|to| [state.told_key(to), state.over_key(to)])
        });
        asks.collect()
    }

    /// What a poll of a feed means for the watches that listen to it: a silence grew, was long enough to be told, or ended.
    pub fn listen(&self, polled: &Polled<'_>, states: Vec<Silence>, told: &HashSet<Key>) -> Broken {
        let mut broken = Broken::default();
        for mut state in states {
            let Some(route) = self.watches.get(&state.watch) else { continue };
            let Some(quiet) = &route.quiet else { continue };
            let Some(every) = quiet.feeds.get(&polled.before.name) else { continue };
            let due = route.pace.disturbs_until(polled.at).unwrap_or(polled.at);
            let heard = polled.heard.iter().find(|heard| heard.hit.watch == state.watch);
            state.listen(polled, *every);
            let names = std::iter::once(state.watch.as_str()).chain(route.was.as_deref());
            let story = heard.map(|heard| heard.story);
            for to in &route.to {
                if polled.mutes.of(names.clone(), story, to, Channel::Now.name()).is_some() {
                    continue;
                }
                let (told_key, over_key) = (state.told_key(to), state.over_key(to));
                match heard {
                    Some(heard) if told.contains(&told_key) && !told.contains(&over_key) => {
                        let telling = Telling {
                            item: heard.item,
                            story: heard.story,
                            recipient: to.clone(),
                            title: route.title.clone(),
                            hit: heard.hit.clone(),
                            key: over_key,
                            edited: false,
                            later: false,
                        };
                        let kind = MailKind::QuietOver { since: state.since };
                        broken.mails.push((Envelope::new(to.clone(), kind, [over_key]), vec![telling], due));
                    }
                    None if state.counted >= quiet.after && !told.contains(&told_key) => {
                        let kind = MailKind::Quiet {
                            watch: state.watch.clone(),
                            title: route.title.clone(),
                            since: state.since,
                            read_ms: i64::try_from(state.counted.as_millis()).unwrap_or(i64::MAX),
                            feeds: quiet.feeds.keys().cloned().collect(),
                        };
                        broken.mails.push((Envelope::new(to.clone(), kind, [told_key]), Vec::new(), due));
                    }
                    _ => {}
                }
            }
            if heard.is_some() {
                state = Silence::fresh(state.watch, polled.at);
            }
            broken.states.push(state);
        }
        broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Route;
    use crate::item::{FeedId, FeedIdentity};

    const TO: &str = "ana@example.org";

    fn at(hours: i64) -> Timestamp {
        "2026-11-20T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
    }

    fn routes() -> Routes {
        let feeds = ["alliance", "ledger"].map(|name| (name.to_owned(), SignedDuration::from_hours(1)));
        let quiet = Quiet { after: SignedDuration::from_hours(3), feeds: feeds.into() };
        let route = Route { title: "Quiet?".into(), to: vec![TO.into()], quiet: Some(quiet), ..Route::default() };
        Routes { watches: [("quiet".to_owned(), route)].into(), ..Routes::default() }
    }

    fn feed(name: &str) -> FeedMemory {
        let identity = FeedIdentity { name: name.into(), url: "https://example.org/a".into() };
        FeedMemory::fresh(FeedId(1), Key::of(&[name]), &identity)
    }

    fn heard() -> Vec<Heard> {
        vec![Heard {
            item: ItemId(1),
            story: StoryId(1),
            hit: Hit { watch: "quiet".into(), because: Vec::new(), facts: Vec::new() },
        }]
    }

    /// A watch for silence, its feeds, and all that was told.
    struct Room {
        routes: Routes,
        state: Silence,
        told: HashSet<Key>,
        alliance: FeedMemory,
        ledger: FeedMemory,
    }

    impl Room {
        fn new() -> Self {
            Self {
                routes: routes(),
                state: Silence::fresh("quiet".into(), at(0)),
                told: HashSet::new(),
                alliance: feed("alliance"),
                ledger: feed("ledger"),
            }
        }

        /// A poll; the kinds of the mails that it makes.
        fn poll(&mut self, name: &str, hour: i64, success: bool, heard: &[Heard]) -> Vec<MailKind> {
            let memory = if name == "alliance" { &mut self.alliance } else { &mut self.ledger };
            let before = memory.clone();
            memory.last_poll = Some(at(hour));
            (memory.failures, memory.next_poll) = (u32::from(!success), Some(at(hour + 1)));
            if success {
                memory.last_success = Some(at(hour));
            }
            let polled =
                Polled { before: &before, after: &memory.clone(), at: at(hour), heard, mutes: &Mutes::default() };
            let asked = self.routes.silence_asks(std::slice::from_ref(&self.state));
            let told = asked.into_iter().filter(|key| self.told.contains(key)).collect();
            let mut broken = self.routes.listen(&polled, vec![self.state.clone()], &told);
            self.state = broken.states.remove(0);
            self.told.extend(broken.mails.iter().flat_map(|(envelope, _, _)| envelope.keys.clone()));
            broken.mails.into_iter().map(|(envelope, _, _)| envelope.kind).collect()
        }
    }

    #[test]
    fn a_silence_is_told_once_and_so_is_its_end() {
        let mut room = Room::new();
        for hour in 0..3 {
            assert_eq!(room.poll("alliance", hour, true, &[]), []);
        }
        let told = room.poll("alliance", 3, true, &[]);
        assert!(matches!(&told[..], [MailKind::Quiet { watch, .. }] if watch == "quiet"), "{told:?}");
        assert_eq!(room.poll("alliance", 4, true, &[]), []);
        assert_eq!(room.poll("alliance", 5, true, &heard()), [MailKind::QuietOver { since: at(0) }]);
        assert_eq!(room.poll("alliance", 6, true, &heard()), [], "a silence that nobody was told of ends untold");
        assert_eq!(room.state.since, at(6));
    }

    #[test]
    fn only_time_that_was_listened_to_counts() {
        let mut room = Room::new();
        room.poll("alliance", 0, true, &[]);
        for hour in 1..50 {
            assert_eq!(room.poll("alliance", hour, false, &[]), []);
        }
        assert_eq!(room.poll("alliance", 50, true, &[]), []);
        assert_eq!(room.state.counted, SignedDuration::ZERO);
        room.poll("alliance", 51, true, &[]);
        room.poll("alliance", 53, true, &[]);
        assert_eq!(room.state.counted, SignedDuration::from_hours(3), "one poll may be missed");
    }

    #[test]
    fn time_that_two_feeds_listened_to_counts_once() {
        let mut room = Room::new();
        for hour in 0..2 {
            room.poll("alliance", hour, true, &[]);
            room.poll("ledger", hour, true, &[]);
        }
        assert_eq!(room.state.counted, SignedDuration::from_hours(1));
        room.poll("ledger", 2, true, &[]);
        assert_eq!(room.state.counted, SignedDuration::from_hours(2));
    }

    #[test]
    fn a_clock_that_jumped_is_no_silence() {
        let mut room = Room::new();
        room.poll("alliance", 0, true, &[]);
        assert_eq!(room.poll("alliance", 9000, true, &[]), []);
        assert_eq!(room.poll("alliance", 1, true, &[]), []);
        assert_eq!(room.poll("alliance", 2, true, &[]), []);
        assert_eq!(room.state.counted, SignedDuration::from_hours(1), "counting goes on after a clock was set back");
    }

    #[test]
    fn a_feed_that_the_watch_does_not_look_at_says_nothing() {
        assert!(routes().listening(&feed("other")).is_empty());
        assert_eq!(routes().listening(&feed("alliance")), ["quiet"]);
    }
}
