use jiff::Timestamp;

use super::PollReceipt;
use crate::alert::Found;
use crate::item::{FeedId, FeedMemory, HostHold, Item, ItemId, Key, SiteRules};

/// What a poll finds behind an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behind {
    /// The feed's own text is all there is.
    Nothing,
    /// An article that is to be fetched: nothing is decided on the item before it is there, or before `until`.
    Wait {
        /// The key of its address.
        page: Key,
        /// Matched on what the feed said then.
        until: Timestamp,
    },
    /// The article that it has already stays; it is in the item's text.
    Kept,
}

/// An article with what the feed says beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// The whole text.
    pub text: String,
    /// So many bytes of it, from its beginning, come from the page.
    pub length: usize,
}

/// An item that waits for its article, as far as planning goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Grows with each wait that begins.
    pub ticket: i64,
    /// Its row.
    pub item: ItemId,
    /// Its feed.
    pub feed: FeedId,
    /// The key of the article's address.
    pub page: Key,
    /// That address, as the feed gave it.
    pub link: String,
    /// When to ask.
    pub next_try: Timestamp,
    /// Until when it waits.
    pub until: Timestamp,
    /// Whether it is news to the reader.
    pub news: bool,
}

/// An item that waits for its article, whole.
#[derive(Debug, Clone)]
pub struct WaitingItem {
    /// Its row.
    pub id: ItemId,
    /// As its feed gave it.
    pub item: Item,
    /// The key of its link, where the link names it alone.
    pub link: Option<Key>,
    /// Of all that the feed said; another one means that it was edited meanwhile.
    pub content: Key,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// Until when it waits.
    pub until: Timestamp,
    /// Failures to fetch the article.
    pub tries: u32,
    /// Whether it is news to the reader.
    pub news: bool,
    /// The key of the article's address.
    pub page: Key,
    /// Its feed.
    pub feed: FeedMemory,
}

/// Items of one feed whose article was given up, so that they were matched on what the feed said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MissedArticles {
    /// How many there are.
    pub count: usize,
    /// The newest of them, each with why.
    pub newest: Vec<(ItemId, String)>,
}

/// What a stored item has that its feed may not say again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// What it was called.
    pub title: String,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// How it stands with its article; `None` where it never waited for one.
    pub article: Option<Kept>,
}

/// How a stored item stands with its article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The key of the address that was asked.
    pub page: Key,
    /// Of the item's title.
    pub title: Key,
    /// Whether it still waits.
    pub waits: bool,
    /// The article, where it was taken.
    pub text: Option<String>,
}

/// All that one article changed.
#[derive(Debug, Clone)]
pub struct ArticleOutcome {
    /// The generation of the config that it was matched under.
    pub generation: u64,
    /// When.
    pub at: Timestamp,
    /// Whose article.
    pub item: ItemId,
    /// What the feed said of the item when it was matched ([`WaitingItem::content`]).
    pub content: Key,
    /// What becomes of the item.
    pub settlement: Settlement,
    /// Hosts to be left alone.
    pub holds: Vec<HostHold>,
    /// What sites allow robots.
    pub rules: Vec<SiteRules>,
}

/// What becomes of an item that waits.
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
#[derive(Debug, Clone)]
pub enum Settlement {
    /// It waits on.
    Later {
        /// When to ask again.
        next_try: Timestamp,
        /// Failures so far.
        tries: u32,
        /// What became of this one.
        why: String,
    },
    /// It is matched, and the wait is over.
    Matched {
        /// What decides on it.
        found: Found,
        /// The article; `None` where it was matched on what the feed said.
        article: Option<Article>,
        /// What became of the article, in words.
        why: String,
    },
}

/// What a commit of an article did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ArticleReceipt {
    /// Whether it was written. Not where the item waits no more, or was edited since.
    pub written: bool,
    /// What was matched and queued; no items.
    pub matched: PollReceipt,
}
