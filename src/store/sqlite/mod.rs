//! The store in one file, by SQLite.
//!
//! One thread writes (`writer`), a few connections look (`readers`); what each method of `Store` means in SQL stands in
//! the file of its noun. Nothing outside this folder knows that there is SQL.

mod alerts;

mod articles;

mod byhand;

mod column;

mod company;

mod contents;

mod facts;

mod feedback;

mod fault;

mod feeds;

mod files;

mod hubs;

mod identity;

mod items;

mod lease;

mod ledger;

mod mutes;

mod near;

mod open;

mod outbox;

mod poll;

mod prune;

mod readers;

mod refused;

mod render;

mod reports;

mod stale;

mod stories;

mod tick;

mod told;

mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;

use self::fault::Fault;
use self::readers::Readers;
use self::writer::{Durable, Writer};
use super::{
    ArticleOutcome, ArticleReceipt, Before, ByHand, Counts, Decide, GivenUp, ItemFilter, ItemRow, Lease, LedgerEntry,
    LedgerNews, MailEntry, MailRow, MissedArticles, MuteRow, MuteWish, MutedMatch, PollOutcome, PollReceipt, Pruned,
    Refused, Rendered, Settled, Store, StoreError, StoredItem, ThreadMail, TickOutcome, TickReceipt, Waiting,
    WaitingItem,
};
use crate::alert::{Held, Matched, MuteId, Near};
use crate::item::{
    FeedId, FeedIdentity, FeedMemory, Hit, HostHold, ItemId, ItemKeys, Key, KnownFact, MailId, SiteRules, Standing,
    StoryId, Telling,
};

/// Which file, and how large it may grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The database file. It and its directory are made, readable by their owner only, where they are missing.
    pub path: PathBuf,
    /// A limit on the file, in pages of 4 KiB; beyond it writing fails as on a full disk. `None` leaves it to the disk.
    pub max_pages: Option<u32>,
}

/// What hosts asked to be left alone for, by a database that another process may be working with; nothing where it cannot be
/// read. For commands that ask a server and need no database otherwise.
pub fn holds_of(path: &Path, now: Timestamp) -> Vec<HostHold> {
    let look = || feeds::holds(&open::reader(path)?, now);
    if path.exists() { look().unwrap_or_default() } else { Vec::new() }
}

/// The store in one file. Dropping it writes what was accepted, as [`Store::close`] does.
#[derive(Debug)]
pub struct SqliteStore {
    readers: Readers,
    writer: Arc<Mutex<Writer>>,
    /// The newest generation of the config that was declared.
    generation: Arc<AtomicU64>,
    /// The reports of late; only the thread that writes looks at them.
    reports: Arc<Mutex<reports::Cache>>,
}

impl SqliteStore {
    /// Opens the database, makes it where there is none, and brings its schema up to date. Blocks for some milliseconds.
    ///
    /// # Errors
    /// [`StoreError::Held`] at once when another process has it: waiting is the caller's business. [`StoreError::Newer`] and
    /// [`StoreError::Foreign`], both without touching the file. [`StoreError::File`], [`StoreError::Unwritable`],
    /// [`StoreError::Engine`].
    pub fn open(options: Options) -> Result<Self, StoreError> {
        let Options { path, max_pages } = options;
        let hold = files::hold(&path)?;
        files::make(&path)?;
        let conn = open::writer(&path, max_pages)?;
        let readers = Readers::new(&path);
        let writer = Writer::start(conn, path.clone(), hold).map_err(|source| StoreError::File {
            doing: "start the thread that writes",
            path,
            source,
        })?;
        Ok(Self { readers, writer: Arc::new(Mutex::new(writer)), generation: Arc::default(), reports: Arc::default() })
    }

    /// Writes, and is on disk when it returns.
    async fn write<T, F>(&self, doing: &'static str, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        self.hand_in(doing, Durable::Now, work).await
    }

    /// Writes what a power cut may undo, as long as it undoes nothing that came before: of a mail on its way only that its dot
    /// is about to be sent, and the ledger, have to be on disk at once.
    async fn jot<T, F>(&self, doing: &'static str, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        self.hand_in(doing, Durable::Soon, work).await
    }

    async fn hand_in<T, F>(&self, doing: &'static str, durable: Durable, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let queue = self.writer.lock().unwrap_or_else(PoisonError::into_inner).queue();
        queue.ok_or(StoreError::Closed)?.ask(doing, durable, work).await
    }

    async fn look<T, F>(&self, doing: &'static str, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        self.readers.ask(doing, look).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn enlist(&self, feeds: Vec<FeedIdentity>) -> Result<Vec<FeedMemory>, StoreError> {
        self.write("enlist", move |conn| feeds::enlist(conn, &feeds)).await
    }

    async fn memories(&self, feeds: Vec<FeedIdentity>) -> Result<Vec<FeedMemory>, StoreError> {
        self.look("memories", move |conn| feeds::memories(conn, &feeds)).await
    }

    async fn holds(&self, now: Timestamp) -> Result<Vec<HostHold>, StoreError> {
        self.look("holds", move |conn| feeds::holds(conn, now)).await
    }

    async fn known(&self, feed: FeedId, keys: Vec<ItemKeys>) -> Result<Vec<Standing>, StoreError> {
        self.look("known", move |conn| identity::known(conn, feed, &keys)).await
    }

    async fn commit_poll(&self, outcome: PollOutcome, decide: Arc<dyn Decide>) -> Result<PollReceipt, StoreError> {
        let (generation, reports) = (Arc::clone(&self.generation), Arc::clone(&self.reports));
        let durable = if outcome.followed { Durable::Together } else { Durable::Now };
        let outcome = Arc::new(outcome);
        // Held until the writer has let go of its own.
        let _held = Arc::clone(&outcome);
        self.hand_in("commit_poll", durable, move |conn| {
            // Looked at here, on the thread that writes, and not before the outcome has had its turn.
            if outcome.generation < generation.load(Ordering::SeqCst) {
                return Err(StoreError::Stale.into());
            }
            let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
            poll::commit(conn, &outcome, &*decide, &mut reports)
        })
        .await
    }

    async fn waiting(&self, after: i64) -> Result<Vec<Waiting>, StoreError> {
        self.look("waiting", move |conn| articles::waiting(conn, after)).await
    }

    async fn waiting_item(&self, item: ItemId) -> Result<Option<WaitingItem>, StoreError> {
        self.look("waiting_item", move |conn| articles::waiting_item(conn, item)).await
    }

    async fn article(&self, page: Key, since: Timestamp) -> Result<Option<String>, StoreError> {
        self.look("article", move |conn| articles::taken(conn, page, since)).await
    }

    async fn given_up(&self, feed: FeedId, limit: usize) -> Result<MissedArticles, StoreError> {
        self.look("given_up", move |conn| articles::given_up(conn, feed, limit)).await
    }

    async fn why_given_up(&self, item: ItemId) -> Result<Option<String>, StoreError> {
        self.look("why_given_up", move |conn| articles::why_given_up(conn, item)).await
    }

    async fn matched(&self, story: StoryId, watch: &str) -> Result<Vec<Matched>, StoreError> {
        let watch = watch.to_owned();
        self.look("matched", move |conn| items::matched(conn, story, &watch, None)).await
    }

    async fn kept(&self, items: Vec<ItemId>) -> Result<Vec<Before>, StoreError> {
        self.look("kept", move |conn| articles::kept(conn, &items)).await
    }

    async fn site_rules(&self, now: Timestamp) -> Result<Vec<SiteRules>, StoreError> {
        self.look("site_rules", move |conn| articles::site_rules(conn, now)).await
    }

    async fn commit_article(
        &self,
        outcome: ArticleOutcome,
        decide: Arc<dyn Decide>,
    ) -> Result<ArticleReceipt, StoreError> {
        let (generation, reports) = (Arc::clone(&self.generation), Arc::clone(&self.reports));
        self.write("commit_article", move |conn| {
            if outcome.generation < generation.load(Ordering::SeqCst) {
                return Err(StoreError::Stale.into());
            }
            let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
            articles::commit(conn, &outcome, &*decide, &mut reports)
        })
        .await
    }

    async fn declare_generation(&self, generation: u64) -> Result<(), StoreError> {
        let declared = Arc::clone(&self.generation);
        // Going back needs no turn and cannot fail: nobody has worked under the newer one, which came to nothing.
        if generation <= declared.load(Ordering::SeqCst) {
            declared.store(generation, Ordering::SeqCst);
            return Ok(());
        }
        // Through the queue, so that no outcome of an older generation is committed after this returns.
        self.write("declare_generation", move |_| {
            declared.store(generation, Ordering::SeqCst);
            Ok(())
        })
        .await
    }

    async fn listen(&self, watches: Vec<String>, now: Timestamp) -> Result<(), StoreError> {
        self.write("listen", move |conn| alerts::declare(conn, &watches, now)).await
    }

    async fn mute(&self, wish: MuteWish) -> Result<Option<MuteRow>, StoreError> {
        self.write("mute", move |conn| mutes::add(conn, &wish)).await
    }

    async fn mutes(&self, now: Timestamp) -> Result<Vec<MuteRow>, StoreError> {
        self.look("mutes", move |conn| mutes::list(conn, now)).await
    }

    async fn unmute(&self, id: MuteId, now: Timestamp) -> Result<Option<MuteRow>, StoreError> {
        self.write("unmute", move |conn| mutes::end(conn, id, now)).await
    }

    async fn muted(&self, item: ItemId) -> Result<Vec<MutedMatch>, StoreError> {
        self.look("muted", move |conn| mutes::of_item(conn, item)).await
    }

    async fn digests_through(&self, names: Vec<String>, now: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        self.write("digests_through", move |conn| tick::digests_through(conn, &names, now)).await
    }

    async fn commit_tick(&self, outcome: TickOutcome, decide: Arc<dyn Decide>) -> Result<TickReceipt, StoreError> {
        let generation = Arc::clone(&self.generation);
        self.write("commit_tick", move |conn| {
            if outcome.generation < generation.load(Ordering::SeqCst) {
                return Err(StoreError::Stale.into());
            }
            tick::commit(conn, &outcome, &*decide)
        })
        .await
    }

    async fn awaited_digests(&self) -> Result<Vec<String>, StoreError> {
        self.look("awaited_digests", tick::awaited).await
    }

    async fn held(&self, digest: &str) -> Result<Vec<Held>, StoreError> {
        let digest = digest.to_owned();
        self.look("held", move |conn| tick::held(conn, &digest)).await
    }

    async fn near_misses(&self, watches: Vec<String>, since: Timestamp) -> Result<Vec<Near>, StoreError> {
        self.look("near_misses", move |conn| near::of(conn, &watches, since)).await
    }

    async fn lease(&self, now: Timestamp, until: Timestamp, but: Option<MailId>) -> Result<Option<Lease>, StoreError> {
        self.jot("lease", move |conn| lease::lease(conn, now, until, but)).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.look("next_due", outbox::next_due).await
    }

    async fn entries(&self, tellings: Vec<Telling>) -> Result<Vec<MailEntry>, StoreError> {
        self.look("entries", move |conn| render::entries(conn, tellings)).await
    }

    async fn thread(&self, recipient: &str, story: StoryId, before: MailId) -> Result<Vec<ThreadMail>, StoreError> {
        let recipient = recipient.to_owned();
        self.look("thread", move |conn| render::thread(conn, &recipient, story, before)).await
    }

    async fn rendered(&self, lease: &Lease, rendered: Rendered) -> Result<(), StoreError> {
        let lease = lease.clone();
        self.jot("rendered", move |conn| lease::rendered(conn, &lease, &rendered)).await
    }

    async fn sending(&self, lease: &Lease, now: Timestamp) -> Result<(), StoreError> {
        let lease = lease.clone();
        self.write("sending", move |conn| lease::sending(conn, &lease, now)).await
    }

    async fn settle(&self, lease: &Lease, settled: Settled, now: Timestamp) -> Result<(), StoreError> {
        let lease = lease.clone();
        self.jot("settle", move |conn| lease::settle(conn, &lease, &settled, now)).await
    }

    async fn gather(&self, lease: &Lease, before: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let lease = lease.clone();
        self.write("gather", move |conn| stale::gather(conn, &lease, before, now)).await
    }

    async fn release(&self, lease: &Lease, next: Timestamp, answer: &str) -> Result<(), StoreError> {
        let (lease, answer) = (lease.clone(), answer.to_owned());
        self.jot("release", move |conn| lease::release(conn, &lease, next, &answer)).await
    }

    async fn revive(&self, mail: MailId, now: Timestamp) -> Result<ByHand<MailRow>, StoreError> {
        self.write("revive", move |conn| byhand::revive(conn, mail, now)).await
    }

    async fn give_up(&self, mail: MailId, now: Timestamp) -> Result<ByHand<GivenUp>, StoreError> {
        self.write("give_up", move |conn| byhand::give_up(conn, mail, now)).await
    }

    async fn bury(&self, mail: MailId, keys: Vec<Key>) -> Result<(), StoreError> {
        self.write("bury", move |conn| byhand::bury(conn, mail, &keys)).await
    }

    async fn ledger_offset(&self) -> Result<u64, StoreError> {
        self.look("ledger_offset", ledger::offset).await
    }

    async fn read_in(&self, news: LedgerNews) -> Result<(), StoreError> {
        self.write("read_in", move |conn| ledger::read_in(conn, &news)).await
    }

    async fn unledgered(&self) -> Result<Vec<LedgerEntry>, StoreError> {
        self.look("unledgered", ledger::unledgered).await
    }

    async fn ledgered(&self, keys: Vec<Key>, offset: u64) -> Result<(), StoreError> {
        self.jot("ledgered", move |conn| ledger::ledgered(conn, &keys, offset)).await
    }

    async fn recover(&self, next: Timestamp) -> Result<usize, StoreError> {
        self.write("recover", move |conn| lease::recover(conn, next)).await
    }

    async fn wind_back(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write("wind_back", move |conn| feeds::wind_back(conn, now)).await
    }

    async fn hasten(&self, queued: Timestamp, now: Timestamp) -> Result<usize, StoreError> {
        self.write("hasten", move |conn| lease::hasten(conn, queued, now)).await
    }

    async fn items(&self, filter: ItemFilter) -> Result<Vec<ItemRow>, StoreError> {
        self.look("items", move |conn| items::list(conn, &filter)).await
    }

    async fn stored(
        &self,
        from: ItemId,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<StoredItem>, StoreError> {
        self.look("stored", move |conn| items::stored(conn, from, since, limit)).await
    }

    async fn last_item(&self) -> Result<ItemId, StoreError> {
        self.look("last_item", items::last).await
    }

    async fn events(&self, watches: Vec<String>, from: Date) -> Result<Vec<KnownFact>, StoreError> {
        self.look("events", move |conn| facts::ahead(conn, &watches, from)).await
    }

    async fn mails(&self, limit: usize) -> Result<Vec<MailRow>, StoreError> {
        self.look("mails", move |conn| outbox::list(conn, limit)).await
    }

    async fn refused(&self) -> Result<Vec<Refused>, StoreError> {
        self.look("refused", refused::list).await
    }

    async fn matches_by_day(&self, since: Timestamp) -> Result<Vec<(String, i64, u64)>, StoreError> {
        self.look("matches_by_day", move |conn| items::matches_by_day(conn, since)).await
    }

    async fn failing(&self) -> Result<Vec<FeedMemory>, StoreError> {
        self.look("failing", feeds::failing).await
    }

    async fn matches(&self, since: Timestamp) -> Result<Vec<(ItemId, StoryId, Hit)>, StoreError> {
        self.look("matches", move |conn| items::matches_since(conn, since)).await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        self.look("counts", outbox::counts).await
    }

    async fn prune(&self, before: Timestamp, limit: usize) -> Result<Pruned, StoreError> {
        self.write("prune", move |conn| prune::prune(conn, before, limit)).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.readers.close().await;
        let writer = Arc::clone(&self.writer);
        let ended =
            tokio::task::spawn_blocking(move || writer.lock().unwrap_or_else(PoisonError::into_inner).end()).await;
        ended.map_err(|_| StoreError::Closed)
    }
}
