use std::ops::AddAssign;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Behind, Tend};
use crate::alert::{DigestRun, Found};
use crate::item::{
    Attempt, Envelope, FeedId, FeedMemory, HostHold, Item, ItemId, Key, MailId, MailState, SubscriptionId, Telling,
};

/// All that one poll changed.
#[derive(Debug, Clone)]
pub struct PollOutcome {
    /// The generation of the config that it was matched under.
    pub generation: u64,
    /// When the answer was there.
    pub at: Timestamp,
    /// How it ended.
    pub attempt: Attempt,
    /// The feed as it was before the poll.
    pub before: FeedMemory,
    /// The feed as it is to be remembered.
    pub after: FeedMemory,
    /// New and edited items, the oldest first.
    pub items: Vec<FoundItem>,
    /// Known items that the document still holds, besides those in `items`. Empty unless a whole document was read.
    pub still_there: Vec<ItemId>,
    /// Hosts to be left alone.
    pub holds: Vec<HostHold>,
    /// Other polls are about to be committed as well, so this one can wait a little for them.
    pub followed: bool,
    /// It was told by a hub: `after` is what is known of the feed, and is not written, because the feed was not asked.
    pub pushed: bool,
    /// What it says of the hub that tells of the feed's news.
    pub hub: Option<(SubscriptionId, Tend)>,
}

/// A new or edited item with what decides on it.
#[derive(Debug, Clone)]
pub struct FoundItem {
    /// As the feed gave it. Shared with whoever asks again where the config changed meanwhile.
    pub item: Arc<Item>,
    /// What it is called if it is new, and its own id is: [`identity`](crate::item::identity) of its primary key.
    pub identity: Key,
    /// What decides on it.
    pub found: Found,
    /// What is behind it.
    pub behind: Behind,
}

/// What a commit of a poll did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PollReceipt {
    /// Items stored for the first time.
    pub new: usize,
    /// Items stored again because they were edited.
    pub updated: usize,
    /// Items that turned out to be known under the commit's own eyes.
    pub repeated: usize,
    /// Watches that matched, summed over items.
    pub matches: usize,
    /// Of these, matches that are not told: their items are the backlog of a feed that is looked at for the first time.
    pub backlog: usize,
    /// Mails put into the outbox.
    pub queued: usize,
    /// Alerts that wait for their time.
    pub held: usize,
    /// Items that wait for their article.
    pub waiting: usize,
}

impl AddAssign for PollReceipt {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.updated += other.updated;
        self.repeated += other.repeated;
        self.matches += other.matches;
        self.backlog += other.backlog;
        self.queued += other.queued;
        self.held += other.held;
        self.waiting += other.waiting;
    }
}

/// What one step of [`crate::store::Store::prune`] deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Items.
    pub items: usize,
    /// Mails, sent or given up.
    pub mails: usize,
}

/// All that one tick changed.
#[derive(Debug, Clone)]
pub struct TickOutcome {
    /// The generation of the config whose digests these are.
    pub generation: u64,
    /// When.
    pub at: Timestamp,
    /// Digests whose time has come.
    pub digests: Vec<DigestRun>,
    /// Feeds that the operator is to have heard of, unless they work again by now.
    pub ill: Vec<FeedId>,
}

/// What a commit of a tick did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TickReceipt {
    /// Something was to be written, and it was.
    pub written: bool,
    /// Mails put into the outbox.
    pub mails: Vec<MailId>,
    /// When the next alert that is held may go.
    pub next: Option<Timestamp>,
}

/// A mail taken from the outbox to be sent, by one deliverer at a time.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Its row.
    pub id: MailId,
    /// Grows with each lease; a write under an older one is refused.
    pub epoch: i64,
    /// Who gets it and what it is.
    pub envelope: Envelope,
    /// What it tells, at most [`Lease::TELLINGS_MAX`]: in the order in which it was decided, what a mail shows first.
    pub tellings: Vec<Telling>,
    /// What it tells in all, where that is more.
    pub whole: Option<Whole>,
    /// Where it stands: waiting or unheard.
    pub state: MailState,
    /// How often it was offered.
    pub tries: u32,
    /// When it was queued, or taken up again by hand.
    pub queued: Timestamp,
    /// What was rendered at an earlier try.
    pub rendered: Option<Rendered>,
}

impl Lease {
    /// More than a mail has room for. After a long outage a summary tells of ten thousand alerts, and to have them all in memory
    /// would take hundreds of megabytes.
    pub const TELLINGS_MAX: usize = 400;
}

/// What a mail tells in all, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Whole {
    /// Stories.
    pub stories: usize,
    /// Stories, each as often as there are watches that tell of it.
    pub sections: usize,
    /// Items.
    pub items: usize,
    /// Events that were put to another day.
    pub moved: usize,
    /// Names of the watches, in the order in which they come.
    pub watches: Vec<String>,
}

/// A mail as it goes over the wire, every time the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Without angle brackets.
    pub message_id: String,
    /// For lists and threads.
    pub subject: String,
    /// The whole message, CRLF line ends, not dot-stuffed.
    pub bytes: Vec<u8>,
    /// It is made no shorter: it is the short version of a mail that was too big, or somebody may have it.
    pub short: bool,
}

/// How a try to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The server took it.
    Sent {
        /// Its words.
        answer: String,
    },
    /// Not now.
    Later {
        /// When to try again.
        next: Timestamp,
        /// The server's words, or ours where it said nothing.
        answer: String,
    },
    /// The whole message was offered and no answer came.
    Unheard {
        /// When to try again.
        next: Timestamp,
        /// What happened instead of an answer.
        answer: String,
    },
    /// Never.
    Dead {
        /// The server's words, or ours where it said nothing.
        answer: String,
    },
    /// Never, because there is no such recipient.
    Refused {
        /// The server's words.
        answer: String,
        /// It is tried again all the same, with what else waits for that recipient.
        kept: bool,
    },
    /// There is nothing left to tell.
    Dropped,
}

/// A recipient who is left alone, because the server says that they do not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Whom mail is for.
    pub recipient: String,
    /// The last mail that was refused.
    pub mail: MailId,
    /// When the next one is tried.
    pub next: Timestamp,
    /// The server's words.
    pub answer: String,
}

/// An item as a mail tells of it.
#[derive(Debug, Clone)]
pub struct MailEntry {
    /// What is told.
    pub telling: Telling,
    /// The item as stored now.
    pub item: Item,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// The feed's name.
    pub feed: String,
    /// The headline under which the story was opened; the subject of its whole thread.
    pub story_title: String,
    /// Names of feeds and links of other items of the story, without this one.
    pub also_in: Vec<(String, Option<String>)>,
}

/// An earlier mail of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadMail {
    /// Without angle brackets.
    pub message_id: String,
    /// Its subject, which the whole thread keeps.
    pub subject: String,
}

/// One line of the ledger: the final word about one mail, or about keys that count as told with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// When it was settled.
    pub at: Timestamp,
    /// The mail's Message-ID without angle brackets.
    pub message_id: String,
    /// `sent`, `dropped` or `covered`.
    pub verdict: String,
    /// What counts as told from now on.
    pub keys: Vec<Key>,
}

/// Lines of the ledger that a database has not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerNews {
    /// The ledger, for messages.
    pub path: PathBuf,
    /// The lines, in order.
    pub entries: Vec<LedgerEntry>,
    /// How long the ledger is with them, in bytes.
    pub offset: u64,
}
