use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Ailment, CalendarName, Event, Hit, ItemId, Key, ListedMiss, StoryId};

/// One thing that one recipient is told: a watch matched an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// The item.
    pub item: ItemId,
    /// The item's story at the time.
    pub story: StoryId,
    /// Who is told.
    pub recipient: String,
    /// The watch's title, as the mail shows it.
    pub title: String,
    /// The watch's name and why it matched.
    pub hit: Hit,
    /// What this telling is about; once told, never told again.
    pub key: Key,
    /// An edit of an item that was told before.
    pub edited: bool,
    /// A later report of a story that was told before.
    pub later: bool,
}

/// What keeps an alert from being a mail already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hold {
    /// Its own `wait`, or nothing yet.
    Wait,
    /// Quiet hours.
    Hours,
    /// `max_per_hour`.
    Limit,
}

impl Hold {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Hours => "hours",
            Self::Limit => "limit",
        }
    }

    /// From the word in the database.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Wait, Self::Hours, Self::Limit].into_iter().find(|hold| hold.as_str() == word)
    }
}

/// What kind of mail a row of the outbox will become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum MailKind {
    /// Watches matched one story.
    Alert,
    /// Several stories that quiet hours held, or of which there were more than an hour allowed.
    Together {
        /// The title of the watch, where it is one that tells all of them.
        title: Option<String>,
    },
    /// Alerts that could not be delivered for a day, all of one recipient.
    Stale {
        /// Since when the oldest of them had waited.
        since: Timestamp,
    },
    /// A watch for silence has matched nothing for as long as it says.
    Quiet {
        /// The watch's name.
        watch: String,
        /// Its title.
        title: String,
        /// Its last match, or when it was first loaded.
        since: Timestamp,
        /// So much of that time its feeds were read, in milliseconds.
        read_ms: i64,
        /// Names of the feeds that could have matched.
        feeds: Vec<String>,
    },
    /// A watch for silence matched again. What it matched is told with it.
    QuietOver {
        /// Its last match before, or when it was first loaded.
        since: Timestamp,
    },
    /// An event that a watch found is near.
    Reminder(Reminder),
    /// A digest of this name, for the slot that its subject may mention.
    Digest {
        /// The digest's name in the config.
        name: String,
        /// What its recipient's watches nearly matched, where it is the week's turn to say so.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        near: Vec<ListedMiss>,
    },
    /// A feed has failed for a day, or is gone: to the operator.
    FeedBroken {
        /// The feed's name.
        feed: String,
        /// Its URL.
        url: String,
        /// What went wrong.
        error: String,
        /// It answered 410 and is asked no more.
        gone: bool,
    },
    /// A feed is read, and something about it is odd: to the operator.
    FeedOdd {
        /// The feed's name.
        feed: String,
        /// Its URL.
        url: String,
        /// What.
        what: Ailment,
        /// Since when.
        since: Timestamp,
    },
    /// A feed that was reported as broken works again: to the operator.
    FeedHealed {
        /// The feed's name.
        feed: String,
        /// Its URL.
        url: String,
    },
}

/// What a mail reminds of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// The watch's name.
    pub watch: String,
    /// Its title.
    pub title: String,
    /// So many days before it begins.
    pub days_ahead: u16,
    /// The event.
    pub event: Event,
    /// Its name in calendars.
    pub calendar: CalendarName,
    /// Feeds that told of it, each with where it can be read; the last one last.
    pub sources: Vec<(String, Option<String>)>,
}

/// A mail as the outbox lists it, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who gets it. One mail has one recipient.
    pub recipient: String,
    /// What it is.
    pub kind: MailKind,
    /// Everything that it tells, sorted; its identity is made of these and the recipient.
    pub keys: Vec<Key>,
}

impl Envelope {
    /// Sorts the keys and drops repeats, so that the same content is the same mail.
    pub fn new(recipient: String, kind: MailKind, keys: impl IntoIterator<Item = Key>) -> Self {
        let mut keys: Vec<Key> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        Self { recipient, kind, keys }
    }
}

/// Where a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// To be sent when its time comes.
    Waiting,
    /// Its final dot may have been sent; nothing is recorded yet.
    Sending,
    /// The server took it.
    Sent,
    /// The server's answer to the whole message was never heard; it is offered again, byte for byte the same.
    Unheard,
    /// Given up.
    Dead,
}

impl MailState {
    /// The word in the database, in lists and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Unheard => "unheard",
            Self::Dead => "dead",
        }
    }

    /// From the word in the database.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Sending, Self::Sent, Self::Unheard, Self::Dead]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}
