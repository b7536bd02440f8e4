//! The floor: everything that is remembered.
//!
//! One trait, `Store`, and each method that writes is one transaction: it is there whole after a crash or not at all. The
//! store decides nothing about news: who is told what comes from a `Decide`, which it calls inside the transaction with
//! what it read there. Knows nothing of HTTP, SMTP or how anything looks.

mod article;

mod byhand;

mod error;

mod feedback;

mod hubs;

mod mutes;

mod outcome;

pub mod sqlite;

pub use article::{
    Article, ArticleOutcome, ArticleReceipt, Before, Behind, Kept, MissedArticles, Settlement, Waiting, WaitingItem,
};
pub use byhand::{ByHand, GivenUp};
pub use error::StoreError;
pub use feedback::{Feedback, Precision, ToldOnce};
pub use hubs::{Plan, Subscriptions, Tend};
pub use mutes::{MuteRow, MuteWish, MutedMatch};
pub use outcome::{
    FoundItem, Lease, LedgerEntry, LedgerNews, MailEntry, PollOutcome, PollReceipt, Pruned, Refused, Rendered, Settled,
    ThreadMail, TickOutcome, TickReceipt, Whole,
};

use std::collections::HashSet;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::alert::{
    Broken, Decision, DigestRun, Found, Held, Joined, Matched, Material, Mute, MuteId, Mutes, Near, Pending, Polled,
    Recent, Release, Seen, Silence,
};
use crate::item::{
    Envelope, FeedHealth, FeedId, FeedIdentity, FeedMemory, Hit, HostHold, Item, ItemId, ItemKeys, Key, KnownFact,
    MailId, MailState, SiteRules, Standing, StoryId, Telling,
};
use crate::story::{Place, Reports};

/// What decides inside a transaction. Pure: the store may call it again when a transaction is repeated.
pub trait Decide: Send + Sync {
    /// Where a new item belongs: to one of `seen.candidates`, or to reports of late that tell the same news. It may also bring
    /// to light that earlier reports belong together otherwise than was thought.
    fn story(&self, found: &Found, seen: &Seen, recent: &mut Reports) -> Place;

    /// Watches whose matches of the item's story matter for [`Decide::decide`], besides the item's own.
    fn counted(&self, found: &Found) -> Vec<String>;

    /// Watches and subjects of facts of which it matters for [`Decide::decide`] what is known; an empty name stands for the list
    /// of events.
    fn fact_asks(&self, found: &Found) -> Vec<(String, Key)>;

    /// Everything whose having been told matters for [`Decide::decide`]. `story_items` are the identities of the items that
    /// its story already holds.
    fn asks(&self, found: &Found, seen: &Seen, story_items: &[Key]) -> Vec<Key>;

    /// Who is told of this item. `told` are those of the asked keys that were told.
    fn decide(&self, found: &Found, seen: &Seen, joined: &Joined, told: &HashSet<Key>) -> Decision;

    /// What mutes a telling that was decided and is no mail yet; `digest` is empty for what is told at once.
    fn muted(&self, telling: &Telling, digest: &str, mutes: &Mutes) -> Option<Mute>;

    /// Whether alerts of the watch may be held, so that those that are have to be looked at with a new one.
    fn is_paced(&self, watch: &str) -> bool;

    /// Watches and recipients whose mails of the last hour matter for [`Decide::release`].
    fn limited(&self, pending: &[Pending]) -> Vec<(String, String)>;

    /// Which alerts go now, in which mails, and which are held.
    fn release(&self, pending: Vec<Pending>, recent: &[Recent], now: Timestamp) -> Release;

    /// Watches for silence that a poll of this feed matters for.
    fn listening(&self, feed: &FeedMemory) -> Vec<String>;

    /// Everything whose having been told matters for [`Decide::listen`].
    fn silence_asks(&self, states: &[Silence]) -> Vec<Key>;

    /// What a poll means for watches for silence.
    fn listen(&self, polled: &Polled<'_>, states: Vec<Silence>, told: &HashSet<Key>) -> Broken;

    /// Mails about a feed's health at `now`: what it was before and after a poll, or as time goes by, and which of
    /// [`Decide::health_asks`] were told.
    fn health(&self, before: &FeedMemory, after: &FeedMemory, now: Timestamp, told: &HashSet<Key>) -> Vec<Envelope>;

    /// Everything whose having been told matters for [`Decide::health`].
    fn health_asks(&self, before: &FeedMemory, after: &FeedMemory) -> Vec<Key>;

    /// Watches whose near misses matter for [`Decide::digest`].
    fn tuned_by(&self, run: &DigestRun) -> Vec<String>;

    /// The mails of a digest whose time has come.
    fn digest(&self, run: &DigestRun, material: Material<'_>, told: &HashSet<Key>) -> Vec<(Envelope, Vec<Telling>)>;

    /// Watches that remind of events, and the list of all events, whose name is empty.
    fn reminding(&self) -> Vec<String>;

    /// Everything whose having been told matters for [`Decide::remind`].
    fn remind_asks(&self, known: &[KnownFact], now: Timestamp) -> Vec<Key>;

    /// Mails that remind of events, and when the next one falls due. `known` are the events of [`Decide::reminding`].
    fn remind(&self, known: &[KnownFact], now: Timestamp, told: &HashSet<Key>) -> (Vec<Envelope>, Option<Timestamp>);

    /// Everything whose having been told matters for [`Decide::digest`]. `recipients` are those that something waits for.
    fn digest_asks(&self, run: &DigestRun, recipients: &[String], near: &[Near]) -> Vec<Key>;
}

/// Everything that is remembered. One instance serves the whole process and is shared by reference counting.
#[async_trait]
pub trait Store: Subscriptions + Feedback {
    // --- feeds ---

    /// Makes the stored feeds agree with the config and returns what is remembered of each, in the order given.
    ///
    /// A feed is known by its URL, or by its name where only the URL changed. Feeds that are not named stay, with their
    /// items, and are not returned. An edited URL starts without validators, failures and moves.
    async fn enlist(&self, feeds: Vec<FeedIdentity>) -> Result<Vec<FeedMemory>, StoreError>;

    /// What is remembered of each feed, in the order given and known by the same rules as in [`Store::enlist`]. Changes nothing:
    /// a feed that is not stored yet, or not at this address, is [`FeedMemory::fresh`].
    async fn memories(&self, feeds: Vec<FeedIdentity>) -> Result<Vec<FeedMemory>, StoreError>;

    /// Lets what a clock planned that was set back since be planned by `now`: a feed that was polled after `now` was polled just
    /// now and waits as long as it was to wait then, the others as much less as they were polled before it; no host is left
    /// alone for longer than [`HostHold::LONGEST`].
    async fn wind_back(&self, now: Timestamp) -> Result<(), StoreError>;

    /// What hosts asked to be left alone for, as far as it lies after `now`.
    async fn holds(&self, now: Timestamp) -> Result<Vec<HostHold>, StoreError>;

    /// How each item of a whole document stands, in the order given.
    async fn known(&self, feed: FeedId, keys: Vec<ItemKeys>) -> Result<Vec<Standing>, StoreError>;

    /// Writes all that one poll changed: items, stories, matches, mails to be, what waits for digests, the feed's memory with
    /// its validators, and holds on hosts. A crash finds all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when a newer generation of the config has been declared since the outcome was matched.
    async fn commit_poll(
        &self,
        outcome: PollOutcome,
        decide: std::sync::Arc<dyn Decide>,
    ) -> Result<PollReceipt, StoreError>;

    // --- articles ---

    /// Items that wait for their article and whose ticket is larger than `after`, by ticket.
    async fn waiting(&self, after: i64) -> Result<Vec<Waiting>, StoreError>;

    /// One of them with all that matching needs; `None` where it waits no more.
    async fn waiting_item(&self, item: ItemId) -> Result<Option<WaitingItem>, StoreError>;

    /// The text of the article at an address, where one was taken at `since` or later for whatever item.
    async fn article(&self, page: Key, since: Timestamp) -> Result<Option<String>, StoreError>;

    /// Items of a feed whose article was given up, `limit` of them with why.
    async fn given_up(&self, feed: FeedId, limit: usize) -> Result<MissedArticles, StoreError>;

    /// Why the article of an item was given up; `None` where it was not.
    async fn why_given_up(&self, item: ItemId) -> Result<Option<String>, StoreError>;

    /// What a watch of this name matched of a story, the oldest first, as far as its sources are counted.
    async fn matched(&self, story: StoryId, watch: &str) -> Result<Vec<Matched>, StoreError>;

    /// What stored items have that their feeds may not say again, in the order given.
    async fn kept(&self, items: Vec<ItemId>) -> Result<Vec<Before>, StoreError>;

    /// What sites allow robots, as far as it is to be believed after `now`.
    async fn site_rules(&self, now: Timestamp) -> Result<Vec<SiteRules>, StoreError>;

    /// Writes all that one article changed: the item's text, its story, its matches and mails, or when to ask again.
    ///
    /// # Errors
    /// [`StoreError::Stale`], as for [`Store::commit_poll`].
    async fn commit_article(
        &self,
        outcome: ArticleOutcome,
        decide: std::sync::Arc<dyn Decide>,
    ) -> Result<ArticleReceipt, StoreError>;

    // --- the config ---

    /// Declares the generation of the config that outcomes must carry from now on. Declaring an older one takes a newer one
    /// back that came to nothing; that always succeeds.
    async fn declare_generation(&self, generation: u64) -> Result<(), StoreError>;

    /// Declares which watches tell the silence. One that was not declared before is silent from `now` on; one that is not
    /// declared any more is forgotten.
    async fn listen(&self, watches: Vec<String>, now: Timestamp) -> Result<(), StoreError>;

    // --- silences that a user asked for ---

    /// Mutes a watch, a story or a digest. In force for whatever is decided, or becomes a mail, from now on. `None` where there is
    /// no such story. A recipient who has muted the same already has one silence, with the later end of the two.
    async fn mute(&self, wish: MuteWish) -> Result<Option<MuteRow>, StoreError>;

    /// Those that are in force at `now`, the newest first.
    async fn mutes(&self, now: Timestamp) -> Result<Vec<MuteRow>, StoreError>;

    /// Ends one at `now`, and returns how it was; `None` where no such one is known. One that is over already stays as it is.
    async fn unmute(&self, id: MuteId, now: Timestamp) -> Result<Option<MuteRow>, StoreError>;

    /// Which matches of an item as it is now were muted, by watch.
    async fn muted(&self, item: ItemId) -> Result<Vec<MutedMatch>, StoreError>;

    // --- digests ---

    /// Up to when the slots of each digest are done with, by name. A digest that was never declared is recorded as done up
    /// to `now`, so that a new digest looks only forward.
    async fn digests_through(&self, names: Vec<String>, now: Timestamp) -> Result<Vec<Timestamp>, StoreError>;

    /// Writes all that one tick changed.
    ///
    /// # Errors
    /// [`StoreError::Stale`], as for [`Store::commit_poll`].
    async fn commit_tick(
        &self,
        outcome: TickOutcome,
        decide: std::sync::Arc<dyn Decide>,
    ) -> Result<TickReceipt, StoreError>;

    /// What waits for a digest, by recipient, oldest first. Changes nothing.
    async fn held(&self, digest: &str) -> Result<Vec<Held>, StoreError>;

    /// What these watches have nearly matched since `since`, of each the nearest few; nothing of stories that they matched.
    async fn near_misses(&self, watches: Vec<String>, since: Timestamp) -> Result<Vec<Near>, StoreError>;

    /// Names of the digests that something waits for, sorted, whether or not the config still has them. An empty name stands
    /// for alerts that are held.
    async fn awaited_digests(&self) -> Result<Vec<String>, StoreError>;

    // --- delivery ---

    /// Takes the next mail that is due at `now`, not leased, and whose recipient has no other mail leased: alerts before all
    /// else, the oldest first, and never the mail `but`. The lease ends by itself at `until`.
    async fn lease(&self, now: Timestamp, until: Timestamp, but: Option<MailId>) -> Result<Option<Lease>, StoreError>;

    /// When the next mail can be leased: not before it is due, nor before the lease of another mail of its recipient ends.
    /// `None` when nothing waits.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Everything that a mail tells, with the items, for rendering. Ordered as it was decided. A telling whose item is gone
    /// is left out.
    async fn entries(&self, tellings: Vec<Telling>) -> Result<Vec<MailEntry>, StoreError>;

    /// Earlier alerts of this story to this recipient, the newest fifty of them, oldest first, sent or not, rendered already.
    /// Digests are in no thread.
    async fn thread(&self, recipient: &str, story: StoryId, before: MailId) -> Result<Vec<ThreadMail>, StoreError>;

    /// Keeps the rendered bytes. From here on they are what is sent, whatever changes.
    async fn rendered(&self, lease: &Lease, rendered: Rendered) -> Result<(), StoreError>;

    /// Records that the final dot is about to be sent.
    async fn sending(&self, lease: &Lease, now: Timestamp) -> Result<(), StoreError>;

    /// Records how a try ended and gives the lease back. What was unheard once stays [`MailState::Unheard`] when it is put off
    /// again; what is [`Settled::Dropped`] is deleted, and its keys stay told.
    async fn settle(&self, lease: &Lease, settled: Settled, now: Timestamp) -> Result<(), StoreError>;

    /// Puts this alert and all others of its recipient that wait since `before` or longer into one summary, together with a summary
    /// that waits already, and gives the lease back. Alerts whose answer was unheard stay what they are.
    async fn gather(&self, lease: &Lease, before: Timestamp, now: Timestamp) -> Result<(), StoreError>;

    /// Puts a mail that could not be tried (the relay is out of reach) back without counting a try.
    async fn release(&self, lease: &Lease, next: Timestamp, answer: &str) -> Result<(), StoreError>;

    /// Lets a mail that waits, or was given up, be tried at `now`. A dead letter begins anew: its tries and its age count from
    /// now on, its bytes stay. Returns how it was.
    async fn revive(&self, mail: MailId, now: Timestamp) -> Result<ByHand<MailRow>, StoreError>;

    /// Gives a mail up: nobody tries it any more. Returns what it would have told, for the ledger.
    async fn give_up(&self, mail: MailId, now: Timestamp) -> Result<ByHand<GivenUp>, StoreError>;

    /// Takes a dead letter out of the outbox, once the ledger says so. What it would have told counts as told.
    async fn bury(&self, mail: MailId, keys: Vec<Key>) -> Result<(), StoreError>;

    // --- the ledger ---

    /// How much of the ledger has been read in, in bytes.
    async fn ledger_offset(&self) -> Result<u64, StoreError>;

    /// Takes in lines of the ledger that this database has not seen: their keys count as told, their mails as settled, and
    /// mails that were not tried yet lose those keys (and are dropped when none is left).
    async fn read_in(&self, news: LedgerNews) -> Result<(), StoreError>;

    /// Keys of sent mails of which [`Store::ledgered`] has not heard, by mail: those covered after their mail went out, and
    /// those whose line could not be written. Ten thousand keys at most; call again after [`Store::ledgered`].
    async fn unledgered(&self) -> Result<Vec<LedgerEntry>, StoreError>;

    /// Records that these keys are in the ledger, which is now so long.
    async fn ledgered(&self, keys: Vec<Key>, offset: u64) -> Result<(), StoreError>;

    /// Turns rows that were being sent when the last process ended into [`MailState::Unheard`], due at `next`, and ends all
    /// leases. Returns how many were unheard.
    async fn recover(&self, next: Timestamp) -> Result<usize, StoreError>;

    /// Lets mails that were queued after `queued` and wait for a time after `now` fall due at `now`: what a clock planned that
    /// was set back since. Returns how many.
    async fn hasten(&self, queued: Timestamp, now: Timestamp) -> Result<usize, StoreError>;

    // --- looking ---

    /// Stored items, newest first.
    async fn items(&self, filter: ItemFilter) -> Result<Vec<ItemRow>, StoreError>;

    /// Stored items whole, the oldest first, from this row on and first seen at or after `since`; at most `limit`.
    async fn stored(&self, from: ItemId, since: Option<Timestamp>, limit: usize)
    -> Result<Vec<StoredItem>, StoreError>;

    /// The newest stored item's row; 0 where there is none.
    async fn last_item(&self) -> Result<ItemId, StoreError>;

    /// What is known of events of these watches that are not over before `from`, in the order of their last days; an empty
    /// name stands for all items that any watch matched.
    async fn events(&self, watches: Vec<String>, from: Date) -> Result<Vec<KnownFact>, StoreError>;

    /// The outbox, newest first; `limit` 0 for all.
    async fn mails(&self, limit: usize) -> Result<Vec<MailRow>, StoreError>;

    /// Recipients who are left alone while mail waits for them.
    async fn refused(&self) -> Result<Vec<Refused>, StoreError>;

    /// Matches of each watch on each day since `since`: watch, day number since 1970-01-01 UTC, count.
    async fn matches_by_day(&self, since: Timestamp) -> Result<Vec<(String, i64, u64)>, StoreError>;

    /// Feeds of the config whose last poll failed, or that are gone, by name; a thousand of them at most.
    async fn failing(&self) -> Result<Vec<FeedMemory>, StoreError>;

    /// Matches of items first seen at or after `since`, the oldest first: item, story, and which watch matched why; ten thousand
    /// of them at most.
    async fn matches(&self, since: Timestamp) -> Result<Vec<(ItemId, StoryId, Hit)>, StoreError>;

    /// Counts for `status`.
    async fn counts(&self) -> Result<Counts, StoreError>;

    // --- keeping house ---

    /// Deletes what is older than `before`: up to `limit` items that are no longer in their feed's document and that no mail
    /// or digest waits to tell (their keys stay for two years more), up to `limit` mails that were sent or given up, and
    /// holds. Call again while either is `limit`.
    async fn prune(&self, before: Timestamp, limit: usize) -> Result<Pruned, StoreError>;

    /// Ends the store: all that was accepted is on disk, its files are closed.
    async fn close(&self) -> Result<(), StoreError>;
}

/// Which items to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemFilter {
    /// At most so many; 0 for all.
    pub limit: usize,
    /// Of the feed of this name.
    pub feed: Option<String>,
    /// That this watch matched.
    pub watch: Option<String>,
    /// First seen at or after this.
    pub since: Option<Timestamp>,
}

/// A stored item as `item list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// Its row.
    pub id: ItemId,
    /// Its feed's name.
    pub feed: String,
    /// Its headline.
    pub title: String,
    /// Its address.
    pub link: Option<String>,
    /// When the feed says that it was published.
    pub published: Option<Timestamp>,
    /// When the feed says that it was changed.
    pub updated: Option<Timestamp>,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// Its story.
    pub story: StoryId,
    /// Names of the watches that matched it.
    pub matched: Vec<String>,
    /// It waits for its article until then.
    pub waits_until: Option<Timestamp>,
}

/// A stored item, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredItem {
    /// Its row.
    pub id: ItemId,
    /// Its feed's name.
    pub feed: String,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// Its story.
    pub story: StoryId,
    /// Names of the watches that matched it.
    pub matched: Vec<String>,
    /// The item.
    pub item: Item,
}

/// A mail as `mail list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    /// Its row.
    pub id: MailId,
    /// Its `Message-ID` without angle brackets, once rendered.
    pub message_id: Option<String>,
    /// Its recipient.
    pub to: String,
    /// Its subject, once rendered.
    pub subject: Option<String>,
    /// Names of the watches that it tells of, sorted.
    pub watches: Vec<String>,
    /// Where it stands.
    pub state: MailState,
    /// How often it was offered.
    pub tries: u32,
    /// When it is offered next.
    pub next: Option<Timestamp>,
    /// The server's last words.
    pub answer: Option<String>,
    /// When it was queued.
    pub queued: Timestamp,
    /// When the server took it.
    pub sent: Option<Timestamp>,
}

/// Counts for `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Stored items.
    pub items: u64,
    /// Of these, items that wait for their article.
    pub items_waiting: u64,
    /// Mails to be sent or unheard.
    pub waiting: u64,
    /// Dead letters.
    pub dead: u64,
    /// Mails sent.
    pub sent: u64,
    /// Feeds of the config that were read at least once.
    pub feeds_read: u64,
    /// How often items of these may have passed unseen.
    pub gaps: u64,
}

/// Counts of feeds for `status`, by [`FeedHealth`].
pub fn count_health(feeds: impl IntoIterator<Item = FeedHealth>) -> (usize, usize, usize) {
    feeds.into_iter().fold((0, 0, 0), |(ok, failing, gone), health| match health {
        FeedHealth::Ok => (ok + 1, failing, gone),
        FeedHealth::Failing => (ok, failing + 1, gone),
        FeedHealth::Gone => (ok, failing, gone + 1),
        FeedHealth::New | FeedHealth::Off => (ok, failing, gone),
    })
}
