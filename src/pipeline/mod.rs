//! One poll, one article, one tick: each told from top to bottom, each with one commit.
//!
//! A poll asks, reads, sorts out what is new, matches it, and hands everything to the store in one value; whatever went
//! wrong on the way is in that value too, so there is one exit and it saves. Rendering and sending are not done here: a mail
//! is only queued. Knows nothing of tasks, signals or the config's form.

mod article;

mod behind;

mod deciding;

mod generation;

mod habits;

mod push;

mod remember;

mod tick;

pub use article::Looked;
pub use deciding::sites;
pub use generation::{DigestTimes, Generation, Source};
pub use push::{NotTaken, subscriber};

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use url::Url;

use crate::chance::Chance;
use crate::clock::Clock;
use crate::item::{Attempt, FeedMemory, Item, ItemId, ItemKeys, Key, Standing, identity};
use crate::parse::{self, ParseError};
use crate::poll::{Answer, Poller, Verdict};
use crate::store::{Behind, FoundItem, Kept, Plan, PollOutcome, PollReceipt, Store, StoreError};

use behind::Fetching;
use deciding::Deciding;
use generation::Origin;
use remember::{Told, asked_to_wait, remember};

/// What polls and ticks are made with.
pub struct Pipeline {
    store: Arc<dyn Store>,
    poller: Poller,
    clock: Arc<dyn Clock>,
    chance: Arc<Chance>,
    generation: watch::Sender<Arc<Generation>>,
    /// Since when hubs can reach us; `None` while they cannot, and in a pass that ends.
    listening: Mutex<Option<Timestamp>>,
    /// Documents that are read or matched at a time: more than there are cores would only hold more of them in memory.
    reading: Semaphore,
}

/// A feed with what is remembered of it.
pub type Listed = (Arc<Source>, FeedMemory);

/// How a poll ended.
#[derive(Debug)]
pub struct Polled {
    /// The feed as it is remembered now, with its next poll.
    pub memory: FeedMemory,
    /// `None` when the host had to be left alone and was not asked at all.
    pub attempt: Option<Attempt>,
    /// Whether the server said that there is nothing newer (304).
    pub not_modified: bool,
    /// What the commit did.
    pub receipt: PollReceipt,
}

/// A poll of which nothing was written: the next one finds the same news.
#[derive(Debug)]
pub struct Unwritten {
    /// Why.
    pub error: StoreError,
    /// The server has asked not to be polled before then, which holds although it could not be remembered.
    pub not_before: Option<Timestamp>,
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Self {
        Self { error, not_before: None }
    }
}

/// A document, read: its items with their keys, the oldest first.
#[derive(Clone)]
struct Document {
    told: Told,
    items: Vec<(Item, ItemKeys)>,
}

/// An item that is new or edited.
#[derive(Clone)]
struct Fresh {
    item: Arc<Item>,
    keys: ItemKeys,
    standing: Standing,
    /// How it stands with its article, where it was edited.
    kept: Option<Kept>,
}

/// What of a document is to be matched and stored.
#[derive(Default)]
struct News {
    fresh: Vec<Fresh>,
    still_there: Vec<ItemId>,
}

impl Pipeline {
    /// A pipeline that begins with `generation`, which must have been declared to the store.
    pub fn new(
        store: Arc<dyn Store>,
        poller: Poller,
        clock: Arc<dyn Clock>,
        chance: Arc<Chance>,
        generation: Generation,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            store,
            poller,
            clock,
            chance,
            generation: watch::Sender::new(Arc::new(generation)),
            listening: Mutex::new(None),
            reading: Semaphore::new(cores),
        }
    }

    /// The config in force.
    pub fn generation(&self) -> Arc<Generation> {
        Arc::clone(&self.generation.borrow())
    }

    /// Puts a new config into force. It must have been declared to the store before.
    pub fn replace(&self, generation: Generation) {
        self.generation.send_replace(Arc::new(generation));
    }

    /// Leaves the old config in force after all, and wakes those that wait for a newer one.
    pub fn keep(&self) {
        self.generation.send_modify(|_| {});
    }

    /// Who asks.
    pub fn poller(&self) -> &Poller {
        &self.poller
    }

    /// One poll: of one feed, or of several that the config lists with one address, which is asked once for all of them. The
    /// results stand in the order of `feeds`; `None` where a reload took the feed away meanwhile.
    pub async fn poll(&self, feeds: &[Listed]) -> Vec<Result<Option<Polled>, Unwritten>> {
        let Some(((source, before), others)) = feeds.split_first() else { return Vec::new() };
        let mut asking = before.clone();
        let differ = others.iter().any(|(_, other)| other.validators != before.validators);
        // "Not modified" would be true for some of them only; or it is in doubt whether it is true at all.
        if differ || habits::doubts_validators(before, self.clock.now()) {
            asking.validators.clear();
        }
        // Kept until the last commit, because so long it counts among the requests that may go on at a time.
        let answer = self.poller.poll(&source.target, &asking).await;
        let mut polled = Vec::with_capacity(feeds.len());
        for (source, before) in others {
            polled.push(self.take_in(source, before.clone(), answer.clone()).await);
        }
        polled.insert(0, self.take_in(source, before.clone(), answer).await);
        polled
    }

    /// What an answer means for one feed: read, sorted out, matched, and committed.
    async fn take_in(
        &self,
        source: &Source,
        before: FeedMemory,
        mut answer: Answer,
    ) -> Result<Option<Polled>, Unwritten> {
        // A hold is remembered with its host; what the feed's own address asked for is remembered with the feed.
        let wait = match answer.verdict {
            Verdict::NotYet(until) if answer.status.is_none() => return self.hold_back(before, until, &answer).await,
            Verdict::NotYet(until) => Some(until),
            _ => None,
        };
        if let Some(until) = wait {
            let after = asked_to_wait(&before, &answer, until);
            return self.write_wait(before, after, &answer).await;
        }
        let (mut told, mut news) = match self.read(source, &mut answer, &before).await {
            Ok(document) => self.sort_out(document, &before).await?,
            Err(told) => (told, News::default()),
        };
        let unit = self.chance.unit();
        let cover = self.cover(told.offer(&before), answer.at).await?;
        let mut after = remember(&before, &answer, &told, &source.target, cover.as_ref(), unit);
        // What is put into force from here on is noticed.
        let mut generations = self.generation.subscribe();
        loop {
            let generation = Arc::clone(&generations.borrow_and_update());
            let Some(source) = generation.source(&before) else { return Ok(None) };
            let outcome = match self.outcome(&generation, source, &answer, &before, &after, &told, &news).await {
                Ok(outcome) => PollOutcome { hub: push::judged(cover, &before, &told, &news, answer.at), ..outcome },
                Err(broken) => {
                    (told, news) = (broken, News::default());
                    after = remember(&before, &answer, &told, &source.target, cover.as_ref(), unit);
                    continue;
                }
            };
            let attempt = outcome.attempt;
            match self.store.commit_poll(outcome, Arc::new(Deciding(Arc::clone(&generation)))).await {
                // The store has been told of a newer config, which is about to be put into force. Cannot fail: the sender
                // is in `self`.
                Err(StoreError::Stale) => drop(generations.changed().await),
                Err(error) => return Err(Unwritten { error, not_before: after.not_before }),
                Ok(receipt) => {
                    log(&after, attempt, &receipt);
                    let not_modified = answer.status == Some(304);
                    return Ok(Some(Polled { memory: after, attempt: Some(attempt), not_modified, receipt }));
                }
            }
        }
    }

    /// Writes down that a feed is to be asked later: no poll that counts, so there is nothing to match.
    async fn write_wait(
        &self,
        before: FeedMemory,
        after: FeedMemory,
        answer: &Answer,
    ) -> Result<Option<Polled>, Unwritten> {
        let mut generations = self.generation.subscribe();
        loop {
            let generation = Arc::clone(&generations.borrow_and_update());
            if generation.source(&before).is_none() {
                return Ok(None);
            }
            let outcome = PollOutcome {
                generation: generation.number,
                at: answer.at,
                attempt: Attempt::Unchanged,
                before: before.clone(),
                after: after.clone(),
                items: Vec::new(),
                still_there: Vec::new(),
                holds: answer.holds.clone(),
                followed: false,
                pushed: false,
                hub: None,
            };
            match self.store.commit_poll(outcome, Arc::new(Deciding(generation))).await {
                Err(StoreError::Stale) => drop(generations.changed().await),
                Err(error) => return Err(Unwritten { error, not_before: after.not_before }),
                Ok(receipt) => return Ok(Some(Polled { memory: after, attempt: None, not_modified: false, receipt })),
            }
        }
    }

    /// Writes down when a feed is asked that was not, because its host is left alone or our own connection is down, so that
    /// whoever looks is told.
    async fn hold_back(
        &self,
        mut memory: FeedMemory,
        until: Timestamp,
        answer: &Answer,
    ) -> Result<Option<Polled>, Unwritten> {
        memory.next_poll = Some(until);
        if let Some(floor) = &answer.freshness.retry {
            memory.why.clone_from(&floor.why);
        }
        let FeedMemory { id: feed, last_poll, why, eased, .. } = memory.clone();
        let plan = Plan { feed, last_poll, next_poll: Some(until), why, eased };
        match self.store.plan(vec![plan]).await {
            Ok(()) => Ok(Some(Polled { memory, attempt: None, not_modified: false, receipt: PollReceipt::default() })),
            Err(error) => Err(Unwritten { error, not_before: Some(until) }),
        }
    }

    /// Reads what the server sent, away from the tasks that wait for others. `Err` where there is nothing to read: unchanged,
    /// gone, or a failure.
    async fn read(&self, source: &Source, answer: &mut Answer, before: &FeedMemory) -> Result<Document, Told> {
        let Verdict::Document { body, content_type, complete, delta } = &mut answer.verdict else {
            return Err(Told::without_document(answer));
        };
        let (complete, delta) = (*complete, *delta);
        let (key, bytes) = (Key::of_bytes(body), body.len());
        if complete && before.body == Some(key) {
            return Err(Told::Unchanged);
        }
        let (body, content_type) = (std::mem::take(body), content_type.take());
        let (url, now) = (answer.final_url.clone(), answer.at);
        let (document, items) = self.read_bytes(body, content_type, url, now).await?;
        let offer = push::offer(&answer.links, &document, &source.target);
        let mut told = Told::document(&document, complete, delta, key, offer);
        if !delta {
            told.learn(habits::Lesson::of(&items, bytes, now));
        }
        Ok(Document { told, items })
    }

    /// Reads bytes from `url`: the document without its items, and the items with their keys, the oldest first.
    async fn read_bytes(
        &self,
        body: Vec<u8>,
        content_type: Option<String>,
        url: Url,
        now: Timestamp,
    ) -> Result<(parse::Document, Vec<(Item, ItemKeys)>), Told> {
        let Ok(_turn) = self.reading.acquire().await else { unreachable!("the semaphore is never closed") };
        let read = tokio::task::spawn_blocking(move || {
            let mut document = parse::feed(&body, content_type.as_deref(), &url, now)?;
            document.items.retain(|item| !item.says_nothing());
            let distinct = parse::distinct(std::mem::take(&mut document.items));
            let keys = parse::keys(&distinct);
            let mut items: Vec<(Item, ItemKeys)> = distinct.into_iter().zip(keys).collect();
            // The order in the file does not matter; the order of events does.
            items.sort_by_key(|(item, _)| item.published);
            Ok::<_, ParseError>((document, items))
        });
        match read.await {
            Ok(Ok(read)) => Ok(read),
            Ok(Err(error)) => Err(Told::Failed(error.to_string())),
            Err(panic) => Err(Told::Failed(format!("the reader failed on this document: {panic}"))),
        }
    }

    /// Asks the store which items are new or edited.
    async fn sort_out(&self, document: Document, before: &FeedMemory) -> Result<(Told, News), StoreError> {
        let keys = document.items.iter().map(|(_, keys)| keys.clone()).collect();
        let standings = self.store.known(before.id, keys).await?;
        let mut told = document.told;
        told.compare(&standings);
        let mut news = News::default();
        for ((item, keys), standing) in document.items.into_iter().zip(standings) {
            match standing {
                // A feed that empties an item does not make undone what it said.
                Standing::Edited(id) if item.is_wordless() => news.still_there.push(id),
                Standing::New | Standing::Edited(_) => {
                    news.fresh.push(Fresh { item: Arc::new(item), keys, standing, kept: None });
                }
                Standing::Repeated(Some(id)) => news.still_there.push(id),
                Standing::Repeated(None) => {}
            }
        }
        let edited = news.fresh.iter().filter_map(|fresh| match fresh.standing {
            Standing::Edited(id) => Some(id),
            Standing::New | Standing::Repeated(_) => None,
        });
        let edited: Vec<ItemId> = edited.collect();
        if !edited.is_empty() {
            let mut kept = self.store.kept(edited).await?.into_iter();
            for fresh in news.fresh.iter_mut().filter(|fresh| fresh.standing != Standing::New) {
                let before = kept.next().unwrap_or_default();
                fresh.kept = before.article;
                // Nor does one that loses a title or a date, or breaks it.
                let item = Arc::make_mut(&mut fresh.item);
                item.published = item.published.or(before.published);
                if item.title.is_empty() {
                    item.title = before.title;
                }
            }
        }
        Ok((told, news))
    }

    /// Matches what is new and gathers all that this poll changed. `Err` where matching broke, and the poll has failed.
    #[expect(clippy::too_many_arguments, reason = "each is a step's result, and this is where they meet")]
    async fn outcome(
        &self,
        generation: &Arc<Generation>,
        source: &Source,
        answer: &Answer,
        before: &FeedMemory,
        after: &FeedMemory,
        told: &Told,
        news: &News,
    ) -> Result<PollOutcome, Told> {
        let items = self.match_all(generation, source, before, &news.fresh, &answer.final_url, answer.at).await?;
        Ok(PollOutcome {
            generation: generation.number,
            at: answer.at,
            attempt: told.attempt(!items.is_empty()),
            before: before.clone(),
            after: after.clone(),
            items,
            still_there: news.still_there.clone(),
            holds: answer.holds.clone(),
            // Then others are read and matched right now.
            followed: self.reading.available_permits() == 0,
            pushed: false,
            hub: None,
        })
    }

    async fn match_all(
        &self,
        generation: &Arc<Generation>,
        source: &Source,
        before: &FeedMemory,
        fresh: &[Fresh],
        url: &Url,
        at: Timestamp,
    ) -> Result<Vec<FoundItem>, Told> {
        if fresh.is_empty() {
            return Ok(Vec::new());
        }
        let Ok(_turn) = self.reading.acquire().await else { unreachable!("the semaphore is never closed") };
        let (generation, origin) = (Arc::clone(generation), Origin::of(source));
        let (fresh, first_look, feed) = (fresh.to_vec(), before.reads == 0, before.key);
        let behind = Fetching::of(source, url, at);
        let matched = tokio::task::spawn_blocking(move || {
            let find = |fresh: Fresh| {
                let (item, behind) = behind.item(fresh.item, &fresh.keys, fresh.standing, fresh.kept);
                let news = !first_look || generation.is_news(item.published, at);
                let found = match behind {
                    Behind::Wait { .. } => Generation::wait(&item, fresh.keys, at, news),
                    Behind::Nothing | Behind::Kept => generation.find(&item, fresh.keys, &origin, at, news),
                };
                FoundItem { item, identity: identity(feed, found.keys.primary()), found, behind }
            };
            fresh.into_iter().map(find).collect()
        });
        unless_broken(matched).await
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// What matching found. Where it panicked that is the failure of this feed, and of no other that is polled meanwhile.
async fn unless_broken<T>(matching: JoinHandle<T>) -> Result<T, Told> {
    matching.await.map_err(|panic| Told::Failed(format!("the items of this document could not be matched: {panic}")))
}

/// One line for each poll: at `info` only where something changed or broke.
fn log(after: &FeedMemory, attempt: Attempt, receipt: &PollReceipt) {
    let (feed, next) = (&after.name, after.next_poll.map(|next| next.round(jiff::Unit::Second).unwrap_or(next)));
    match attempt {
        Attempt::Changed => {
            let (new, updated, matches, held) = (receipt.new, receipt.updated, receipt.matches, receipt.backlog);
            let some = |count: usize| (count > 0).then_some(count);
            let articles = some(receipt.waiting);
            tracing::info!(feed, new, updated, matches, articles, backlog = some(held), "news");
        }
        Attempt::Unchanged => tracing::debug!(feed, next = next.map(tracing::field::display), "unchanged"),
        Attempt::Failed => {
            let error = after.error.as_deref().unwrap_or("gone for good");
            tracing::warn!(feed, error, failures = after.failures, next = next.map(tracing::field::display), "failed");
        }
    }
}

/// How long items are looked back for on the first look at a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backlog {
    /// Everything is news.
    All,
    /// Only what was published so recently; nothing for zero.
    For(SignedDuration),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_matching_is_a_failure_of_its_feed() {
        let broken: JoinHandle<()> = tokio::task::spawn_blocking(|| panic!("out of order"));
        let Err(Told::Failed(why)) = unless_broken(broken).await else { panic!("it counts as matched") };
        assert!(why.contains("could not be matched") && why.contains("out of order"), "{why}");
        assert!(unless_broken(tokio::task::spawn_blocking(|| ())).await.is_ok());
    }
}
