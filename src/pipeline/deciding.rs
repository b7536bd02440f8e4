use std::collections::HashSet;
use std::sync::Arc;

use super::Generation;
use crate::alert::{Decision, DigestRun, Found, Held, Seen};
use crate::item::{Envelope, FeedMemory, Key, StoryId, Telling};
use crate::store::Decide;
use crate::story;

/// What the store asks inside its transactions: the rules of `story` and `alert` under one config.
pub(super) struct Deciding(pub(super) Arc<Generation>);

impl Decide for Deciding {
    fn story(&self, found: &Found, seen: &Seen) -> Option<StoryId> {
        seen.story.or_else(|| story::choose(found.when, &seen.candidates))
    }

    fn asks(&self, found: &Found, seen: &Seen, story_items: &[Key]) -> Vec<Key> {
        self.0.routes.asks(found, seen, story_items)
    }

    fn decide(&self, found: &Found, seen: &Seen, story: StoryId, story_items: &[Key], told: &HashSet<Key>) -> Decision {
        self.0.routes.decide(found, seen, story, story_items, told)
    }

    fn health(&self, before: &FeedMemory, after: &FeedMemory, told: &HashSet<Key>) -> Vec<Envelope> {
        self.0.routes.health(before, after, told)
    }

    fn health_asks(&self, before: &FeedMemory, after: &FeedMemory) -> Vec<Key> {
        self.0.routes.health_asks(before, after)
    }

    fn digest(&self, run: &DigestRun, held: Vec<Held>, told: &HashSet<Key>) -> Vec<(Envelope, Vec<Telling>)> {
        self.0.routes.digest(run, held, told)
    }

    fn digest_asks(&self, run: &DigestRun, recipients: &[String]) -> Vec<Key> {
        self.0.routes.digest_asks(run, recipients)
    }
}
