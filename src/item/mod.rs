//! The nouns: values that one step hands to the next.
//!
//! Nothing here does anything beyond making, comparing and showing values; no room is known here, and every room may know
//! these.

mod breaks;

mod fact;

mod feed;

mod habits;

mod hit;

mod hub;

mod key;

mod mail;

mod near;

mod story;

pub use breaks::is_break;
pub use fact::{
    Act, Before, CalendarName, Days, Event, Fact, FactState, KnownFact, Parts, Stance, Sum, Told, Value, Voice,
};
pub use feed::{Attempt, FeedHealth, FeedIdentity, FeedMemory, HostHold, Move, SiteRules, Validators, Wishes};
pub use habits::{Ailment, Habits, instant};
pub use hit::{Because, Field, Hit};
pub use hub::{Callback, Cover, Dealings, Offer, Stage, Subscription, SubscriptionId};
pub use key::Key;
pub use mail::{Envelope, Hold, MailKind, MailState, Reminder, Telling};
pub use near::{ListedMiss, NearMiss};
pub use story::{Candidate, Report, Term, TermKind};

use jiff::Timestamp;

/// The number of a feed's row in the store. Means nothing outside one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FeedId(pub i64);

/// The number of an item's row in the store, as `item list` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId(pub i64);

/// The number of a story's row in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoryId(pub i64);

/// The number of a mail's row in the outbox, as `mail list` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailId(pub i64);

/// One news item as its feed gave it, in plain text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// The feed's own id (`guid`, `atom:id`, JSON Feed `id`), if it gave one.
    pub id: Option<String>,
    /// The headline: no markup, one line.
    pub title: String,
    /// The item's address, absolute, otherwise the feed's own byte for byte.
    pub link: Option<String>,
    /// When the feed says it was published. A date before 1990, which is some clock's zero, or one that cannot be
    /// read is `None`.
    pub published: Option<Timestamp>,
    /// How far the clock of that date is ahead of UTC, in minutes; `None` where the date does not say.
    pub offset_minutes: Option<i16>,
    /// When the feed says it was last changed.
    pub updated: Option<Timestamp>,
    /// The people that the feed names, in its order.
    pub authors: Vec<String>,
    /// The feed's short description: plain text, paragraphs separated by a blank line.
    pub summary: String,
    /// The tag of the language that the feed says the item is in, such as `en-GB`, as it was written.
    pub language: Option<String>,
    /// The feed's full content: plain text, paragraphs separated by a blank line. Empty where the feed gives only a summary.
    pub text: String,
}

impl Item {
    /// Whether there is nothing to match, to show or to know it by.
    pub fn says_nothing(&self) -> bool {
        self.id.is_none() && self.link.is_none() && self.published.is_none() && self.is_wordless()
    }

    /// Whether there is no word in it, though it may lead to a page.
    pub fn is_wordless(&self) -> bool {
        [&self.title, &self.summary, &self.text].into_iter().all(String::is_empty)
    }
}

/// What an item can be recognised by within its feed. Each key is scoped to the feed by whoever stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemKeys {
    /// Of the feed's own id.
    pub id: Option<Key>,
    /// Of the link without tracking parameters; `None` where several items of one document share it, because then it names none.
    pub link: Option<Key>,
    /// Of the title; tells whether an id was reused for other news.
    pub title: Key,
    /// Of title and text together.
    pub text: Key,
    /// Of all that the reader would see; differs when the item was edited.
    pub content: Key,
}

/// The name of an item in what is told: made of the feed's key and one of its own, so that it is the same in any database.
pub fn identity(feed: Key, own: Key) -> Key {
    Key::of(&["item", &feed.to_string(), &own.to_string()])
}

impl ItemKeys {
    /// The key that the item goes by for ever: the id's, else the link's, else the text's.
    pub fn primary(&self) -> Key {
        self.id.or(self.link).unwrap_or(self.text)
    }
}

/// How an item of a document relates to what the store has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Never seen before.
    New,
    /// Seen before, but the reader would now see something else.
    Edited(ItemId),
    /// Seen before, unchanged; or so long ago that only its key is left.
    Repeated(Option<ItemId>),
}
