//! Watches and stories of which nobody is told for a while: the first stage of the order of holding.
//!
//! To whoever looks at mails a muted match never happened. It is stored as a match, but it counts neither as told, so that a
//! later report or a change is told once the time is over, nor as something that is still to be told.

use jiff::Timestamp;

use super::Routes;
use crate::item::{StoryId, Telling};

/// The number of a silence that a user asked for, as `silence list` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MuteId(pub i64);

/// What is muted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Muted {
    /// A watch, by the name that it had then.
    Watch(String),
    /// One story, whichever watch matches it.
    Story(StoryId),
}

/// A silence that a user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// Its number.
    pub id: MuteId,
    /// What is muted.
    pub what: Muted,
    /// Since when.
    pub since: Timestamp,
    /// From then on it is not in force any more.
    pub until: Timestamp,
}

/// What is muted at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mutes(Vec<Mute>);

impl Mutes {
    /// Of those in force.
    pub fn new(in_force: Vec<Mute>) -> Self {
        Self(in_force)
    }

    /// Whether nothing is muted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What mutes a match of a watch, which may go by several names; `story` is the story of what it matched, if there is any.
    pub(super) fn of<'a>(
        &self,
        names: &(impl Iterator<Item = &'a str> + Clone),
        story: Option<StoryId>,
    ) -> Option<MuteId> {
        let covers = |mute: &&Mute| match &mute.what {
            Muted::Watch(watch) => names.clone().any(|name| name == watch),
            Muted::Story(muted) => story == Some(*muted),
        };
        self.0.iter().find(covers).map(|mute| mute.id)
    }
}

impl Routes {
    /// What mutes a telling that was decided and is no mail yet.
    pub fn muted(&self, telling: &Telling, mutes: &Mutes) -> Option<MuteId> {
        let told_by = telling.hit.watch.as_str();
        let now = self.watches.get(told_by).and_then(|route| route.was.as_deref());
        let later = self.watches.iter().filter(|(_, route)| route.was.as_deref() == Some(told_by));
        let names = std::iter::once(told_by).chain(now).chain(later.map(|(name, _)| name.as_str()));
        mutes.of(&names, Some(telling.story))
    }
}
