//! Watches and stories of which nobody is told for a while: the first stage of the order of holding.
//!
//! To whoever looks at mails a muted match never happened. It is stored as a match, but it counts neither as told, so that a
//! later report or a change is told once the time is over, nor as something that is still to be told.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Routes;
use crate::item::{Envelope, MailKind, StoryId, Telling};

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
    /// A digest, by its name.
    Digest(String),
}

/// A silence that a user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// Its number.
    pub id: MuteId,
    /// What is muted.
    pub what: Muted,
    /// For whom; `None` for everybody.
    pub recipient: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// From then on it is not in force any more.
    pub until: Timestamp,
}

impl Mute {
    /// The end of a silence that has none: somebody has unsubscribed.
    pub const FOR_GOOD: Timestamp = Timestamp::constant(253_370_764_800, 0);

    /// Whether it has no end.
    pub fn is_for_good(&self) -> bool {
        self.until >= Self::FOR_GOOD
    }

    fn is_for(&self, recipient: &str) -> bool {
        self.recipient.as_deref().is_none_or(|own| own == recipient)
    }
}

/// What is muted at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mutes {
    all: Vec<Mute>,
    /// Places in `all`.
    watches: BTreeMap<String, Vec<usize>>,
    stories: BTreeMap<StoryId, Vec<usize>>,
    digests: BTreeMap<String, Vec<usize>>,
}

impl Mutes {
    /// Of those in force.
    pub fn new(in_force: Vec<Mute>) -> Self {
        let mut mutes = Self::default();
        for (place, mute) in in_force.iter().enumerate() {
            match &mute.what {
                Muted::Watch(name) => mutes.watches.entry(name.clone()).or_default().push(place),
                Muted::Story(story) => mutes.stories.entry(*story).or_default().push(place),
                Muted::Digest(name) => mutes.digests.entry(name.clone()).or_default().push(place),
            }
        }
        Self { all: in_force, ..mutes }
    }

    /// Whether nothing is muted.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What mutes a match of a watch, which may go by several names, for a recipient. `story` is the story of what it matched, if
    /// there is any; `digest` the digest that it is told in, empty where it is told at once. What mutes it for everybody comes
    /// before what mutes it for one.
    pub(super) fn of<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
        story: Option<StoryId>,
        recipient: &str,
        digest: &str,
    ) -> Option<&Mute> {
        let watches = names.filter_map(|name| self.watches.get(name));
        let places =
            watches.chain(story.and_then(|story| self.stories.get(&story))).chain(self.digests.get(digest)).flatten();
        let covering = places.map(|place| &self.all[*place]).filter(|mute| mute.is_for(recipient));
        covering.min_by_key(|mute| (mute.recipient.is_some(), mute.id))
    }

    /// Whether a digest, or a mail that reminds of an event, is not wanted.
    pub fn silence(&self, envelope: &Envelope) -> bool {
        let (watch, digest) = match &envelope.kind {
            MailKind::Digest { name, .. } => (None, name.as_str()),
            MailKind::Reminder(reminder) => (Some(reminder.watch.as_str()), ""),
            _ => return false,
        };
        self.of(watch.into_iter(), None, &envelope.recipient, digest).is_some()
    }
}

impl Routes {
    /// What mutes a telling that was decided and is no mail yet; it waits for `digest`, which is empty for what is told at once.
    pub fn muted<'m>(&self, telling: &Telling, digest: &str, mutes: &'m Mutes) -> Option<&'m Mute> {
        let told_by = telling.hit.watch.as_str();
        let now = self.watches.get(told_by).and_then(|route| route.was.as_deref());
        let later = self.watches.iter().filter(|(_, route)| route.was.as_deref() == Some(told_by));
        let names = std::iter::once(told_by).chain(now).chain(later.map(|(name, _)| name.as_str()));
        mutes.of(names, Some(telling.story), &telling.recipient, digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Key;

    fn mute(id: i64, what: Muted, recipient: Option<&str>) -> Mute {
        let recipient = recipient.map(str::to_owned);
        Mute { id: MuteId(id), what, recipient, since: Timestamp::UNIX_EPOCH, until: Mute::FOR_GOOD }
    }

    fn id(found: Option<&Mute>) -> Option<i64> {
        found.map(|mute| mute.id.0)
    }

    #[test]
    fn one_recipients_silence_is_nobody_elses() {
        let mutes = Mutes::new(vec![
            mute(1, Muted::Watch("veto".into()), Some("ana")),
            mute(2, Muted::Digest("morning".into()), Some("ben")),
            mute(3, Muted::Story(StoryId(7)), None),
        ]);
        let of = |watch: &str, story, to: &str, digest: &str| {
            id(mutes.of(std::iter::once(watch), Some(StoryId(story)), to, digest))
        };
        assert_eq!(of("veto", 1, "ana", ""), Some(1));
        assert_eq!(of("veto", 1, "ana", "morning"), Some(1));
        assert_eq!(of("veto", 1, "ben", ""), None);
        assert_eq!(of("veto", 1, "ben", "morning"), Some(2));
        assert_eq!(of("veto", 1, "ben", "evening"), None);
        assert_eq!(of("veto", 7, "ana", ""), Some(3), "what mutes it for all comes first");
        assert_eq!(of("morning", 1, "ben", ""), None, "a watch is no digest");
    }

    #[test]
    fn mails_without_a_match_are_silenced_too() {
        let mutes = Mutes::new(vec![
            mute(1, Muted::Watch("veto".into()), Some("ana")),
            mute(2, Muted::Digest("morning".into()), Some("ana")),
        ]);
        let silences = |to: &str, kind: MailKind| mutes.silence(&Envelope::new(to.to_owned(), kind, [Key::of(&["k"])]));
        let digest = |name: &str| MailKind::Digest { name: name.to_owned(), near: Vec::new() };
        assert!(silences("ana", digest("morning")) && !silences("ben", digest("morning")));
        assert!(!silences("ana", digest("veto")));
        let healed = MailKind::FeedHealed { feed: "veto".into(), url: String::new() };
        assert!(!silences("ana", healed), "the operator asked for nothing of the kind");
    }
}
