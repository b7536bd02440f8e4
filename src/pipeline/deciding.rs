use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::Generation;
use crate::alert::{
    Broken, Decision, DigestRun, Found, Joined, Matched, Material, Mute, Mutes, Near, Pending, Polled, Recent, Release,
    Seen, Silence, Sources, Witness,
};
use crate::item::{Envelope, FeedMemory, Hit, Key, KnownFact, Report, Telling};
use crate::store::Decide;
use crate::story;

/// What the store asks inside its transactions: the rules of `story` and `alert` under one config.
pub(super) struct Deciding(pub(super) Arc<Generation>);

impl Deciding {
    /// Which of the recipient's digests goes out first after `at`.
    fn next_digest(&self, recipient: &str, at: Timestamp) -> Option<String> {
        let times = |name: &str| self.0.digests.iter().find(|digest| digest.name == name)?.next(at);
        let due = self.0.routes.digests_of(recipient).filter_map(|name| Some((times(name)?, name)));
        due.min().map(|(_, name)| name.to_owned())
    }

    /// Whether enough sites told what this watch matched of the story, the item at hand included.
    fn enough(&self, hit: &Hit, found: &Found, joined: &Joined, first_seen: Timestamp) -> bool {
        let Some(route) = self.0.routes.watches.get(&hit.watch) else { return false };
        let Some(sources) = &route.sources else { return true };
        let is_its =
            |matched: &&Matched| matched.hit.watch == hit.watch || Some(&matched.hit.watch) == route.was.as_ref();
        let here = (first_seen, found.link.as_deref(), &found.report);
        let told = joined.matched.iter().filter(is_its).map(heard).chain([here]).collect();
        sources.are_met(&witnesses(told))
    }
}

/// How many sites told what a watch matched of a story, each in a text of its own, in any time of the length that it asks for.
pub fn sites(sources: &Sources, matched: &[Matched]) -> usize {
    sources.met(&witnesses(matched.iter().map(heard).collect()))
}

/// When an item was first seen, its address, and what its text is compared by.
type Heard<'a> = (Timestamp, Option<&'a str>, &'a Report);

fn heard(matched: &Matched) -> Heard<'_> {
    (matched.first_seen, matched.link.as_deref(), &matched.report)
}

fn witnesses(told: Vec<Heard<'_>>) -> Vec<Witness> {
    let reports: Vec<&Report> = told.iter().map(|(.., report)| *report).collect();
    let texts = story::texts(&reports);
    let witness = |((first_seen, link, _), text): (Heard<'_>, usize)| Witness {
        first_seen,
        site: link.and_then(story::site),
        text,
    };
    told.into_iter().zip(texts).map(witness).collect()
}

impl Decide for Deciding {
    fn story(&self, found: &Found, seen: &Seen, recent: &mut story::Reports) -> story::Place {
        // A copy belongs to the story of what it is a copy of, whatever else it is like.
        match story::choose(found.when, &seen.candidates) {
            Some(story) => story::Place { story: Some(story), moves: Vec::new() },
            None => recent.place(&found.report, found.when),
        }
    }

    fn counted(&self, found: &Found) -> Vec<String> {
        self.0.routes.counted(found)
    }

    fn fact_asks(&self, found: &Found) -> Vec<(String, Key)> {
        self.0.routes.fact_asks(found)
    }

    fn asks(&self, found: &Found, seen: &Seen, story_items: &[Key]) -> Vec<Key> {
        self.0.routes.asks(found, seen, story_items)
    }

    fn decide(&self, found: &Found, seen: &Seen, joined: &Joined, told: &HashSet<Key>) -> Decision {
        let next_digest = |recipient: &str| self.next_digest(recipient, joined.at);
        let enough = |hit: &Hit| self.enough(hit, found, joined, seen.first_seen.unwrap_or(joined.at));
        self.0.routes.decide(found, seen, joined, told, (&next_digest, &enough))
    }

    fn muted(&self, telling: &Telling, digest: &str, mutes: &Mutes) -> Option<Mute> {
        self.0.routes.muted(telling, digest, mutes).cloned()
    }

    fn is_paced(&self, watch: &str) -> bool {
        self.0.routes.is_paced(watch)
    }

    fn limited(&self, pending: &[Pending]) -> Vec<(String, String)> {
        self.0.routes.limited(pending)
    }

    fn release(&self, pending: Vec<Pending>, recent: &[Recent], now: Timestamp) -> Release {
        self.0.routes.release(pending, recent, now)
    }

    fn listening(&self, feed: &FeedMemory) -> Vec<String> {
        self.0.routes.listening(feed)
    }

    fn silence_asks(&self, states: &[Silence]) -> Vec<Key> {
        self.0.routes.silence_asks(states)
    }

    fn listen(&self, polled: &Polled<'_>, states: Vec<Silence>, told: &HashSet<Key>) -> Broken {
        self.0.routes.listen(polled, states, told)
    }

    fn health(&self, before: &FeedMemory, after: &FeedMemory, now: Timestamp, told: &HashSet<Key>) -> Vec<Envelope> {
        self.0.routes.health(before, after, now, told)
    }

    fn health_asks(&self, before: &FeedMemory, after: &FeedMemory) -> Vec<Key> {
        self.0.routes.health_asks(before, after)
    }

    fn reminding(&self) -> Vec<String> {
        self.0.routes.reminding()
    }

    fn remind_asks(&self, known: &[KnownFact], now: Timestamp) -> Vec<Key> {
        self.0.routes.remind_asks(known, now)
    }

    fn remind(&self, known: &[KnownFact], now: Timestamp, told: &HashSet<Key>) -> (Vec<Envelope>, Option<Timestamp>) {
        self.0.routes.remind(known, now, told)
    }

    fn tuned_by(&self, run: &DigestRun) -> Vec<String> {
        self.0.routes.tuned_by(run)
    }

    fn digest(&self, run: &DigestRun, material: Material<'_>, told: &HashSet<Key>) -> Vec<(Envelope, Vec<Telling>)> {
        self.0.routes.digest(run, material, told)
    }

    fn digest_asks(&self, run: &DigestRun, recipients: &[String], near: &[Near]) -> Vec<Key> {
        self.0.routes.digest_asks(run, recipients, near)
    }
}
