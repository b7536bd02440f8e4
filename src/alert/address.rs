//! Who is told of what, and under which keys that is remembered.

use std::collections::HashSet;

use super::{Channel, Route, Seen};
use crate::item::{Hit, Key};

/// What a key is made of besides the item.
#[derive(Clone, Copy)]
pub(super) struct Address<'a> {
    pub(super) hit: &'a Hit,
    pub(super) route: &'a Route,
    pub(super) recipient: &'a str,
    pub(super) channel: &'a Channel,
}

impl Address<'_> {
    /// What telling this hit would be remembered under: the item, or the value that an edit replaces and the one it brings.
    pub(super) fn own_key(self, seen: &Seen) -> Key {
        self.key_under(&self.hit.watch, seen)
    }

    /// That key, and the one under which a watch that was renamed would have told it.
    pub(super) fn own_keys(self, seen: &Seen) -> Vec<Key> {
        self.names().map(|name| self.key_under(name, seen)).collect()
    }

    /// The keys under which an item of the story was told by this watch.
    pub(super) fn item_keys(self, item: &Key) -> Vec<Key> {
        self.names().map(|name| item_key(self.recipient, name, item, self.channel)).collect()
    }

    /// Whether the reader may know the item from before its edit: it matched, that was not muted, and is a mail.
    pub(super) fn was_told(self, seen: &Seen, held: &HashSet<Key>) -> bool {
        let muted = || self.names().any(|name| seen.muted_before.iter().any(|muted| muted == name));
        self.matched_before(seen).is_some() && !self.is_held(seen, held) && !muted()
    }

    /// Whether the item itself was decided and is no mail yet: then its edit is no change to the reader.
    pub(super) fn is_held(self, seen: &Seen, held: &HashSet<Key>) -> bool {
        self.item_keys(&seen.identity).iter().any(|key| held.contains(key))
    }

    /// The watch, and the name that it had before.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        std::iter::once(self.hit.watch.as_str()).chain(self.route.was.as_deref())
    }

    fn key_under(self, name: &str, seen: &Seen) -> Key {
        match self.matched_before(seen) {
            Some(before) => Key::of(&[
                "edit",
                self.recipient,
                name,
                &seen.identity.to_string(),
                &before.to_string(),
                &self.hit.sentences().to_string(),
                self.channel.name(),
            ]),
            None => item_key(self.recipient, name, &seen.identity, self.channel),
        }
    }

    /// The sentences for which an edited item matched before.
    pub(super) fn matched_before(self, seen: &Seen) -> Option<Key> {
        matched_before(seen, &self.hit.watch, self.route)
    }
}

/// The sentences for which an edited item matched a watch before, under either of its names.
pub(super) fn matched_before(seen: &Seen, watch: &str, route: &Route) -> Option<Key> {
    let is_it = |name: &str| name == watch || route.was.as_deref() == Some(name);
    seen.matched_before.iter().find(|(name, _)| is_it(name)).map(|(_, sentences)| *sentences)
}

/// What telling an item as such is remembered under.
pub(super) fn item_key(recipient: &str, watch: &str, item: &Key, channel: &Channel) -> Key {
    Key::of(&["item", recipient, watch, &item.to_string(), channel.name()])
}
