use std::collections::HashSet;

use jiff::Timestamp;

use super::{Channel, Routes};
use crate::item::{Envelope, Hit, ItemId, ItemKeys, Key, Standing, StoryId, Telling};

/// A new or edited item of a poll, ready to be decided on.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is recognised by.
    pub keys: ItemKeys,
    /// Its headline, for the story.
    pub title: String,
    /// Why each watch matched.
    pub hits: Vec<Hit>,
    /// By what its story is looked up.
    pub story_keys: Vec<Key>,
    /// When it was published, else first seen.
    pub when: Timestamp,
    /// False where it is no news to the reader: older than the backlog on the first look at a feed (MANNERS 51).
    pub news: bool,
}

/// What the store knows of a [`Found`] item, read inside the transaction.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its row, made just now if it is new.
    pub id: ItemId,
    /// New or edited. A repeated one is not decided on.
    pub standing: Standing,
    /// The name that it goes by in what was told: never changes, not even in another database.
    pub identity: Key,
    /// The story that it has already; an edited item stays in its story.
    pub story: Option<StoryId>,
    /// Open stories that share a lookup key with it, the newest report first.
    pub candidates: Vec<Candidate>,
    /// For an edited item: watches that matched it before, each with its [`Hit::sentences`].
    pub matched_before: Vec<(String, Key)>,
}

/// A story that an item might belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its row.
    pub story: StoryId,
    /// When its last report was published or seen; 72 hours later it is closed.
    pub last_report: Timestamp,
    /// Identities of its items.
    pub items: Vec<Key>,
}

/// What is to be written for one item.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// Mails that go at once.
    pub mails: Vec<(Envelope, Vec<Telling>)>,
    /// What waits for a digest: its name and the telling.
    pub held: Vec<(String, Telling)>,
    /// Keys that count as told because their story was: the key, and the key under which the story was told.
    pub covered: Vec<(Key, Key)>,
}
