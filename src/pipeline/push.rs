//! What hubs have to do with a feed: who tells of its news, whether that works, and a push taken in.

use std::sync::{Arc, MutexGuard, PoisonError};

use jiff::Timestamp;
use url::Url;

use super::deciding::Deciding;
use super::remember::Told;
use super::{Document, Listed, News, Pipeline, log};
use crate::hub::{self, Subscriber};
use crate::item::{Attempt, Cover, FeedMemory, Key, Offer, Standing, Subscription, SubscriptionId};
use crate::parse;
use crate::poll::{Links, Target};
use crate::store::{PollOutcome, PollReceipt, StoreError, Tend};

/// Why a push was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It holds no feed: it says at most that there is something to fetch.
    #[error("the push holds no feed: {0}")]
    NoFeed(String),
    /// It could not be written, so the hub has to push it again.
    #[error(transparent)]
    Unwritten(#[from] StoreError),
}

impl Pipeline {
    /// Hubs can reach us from now on.
    pub fn listen(&self) {
        // The first time counts: who listens twice has listened all the while.
        self.listening().get_or_insert(self.clock.now());
    }

    /// Hubs cannot reach us any more.
    pub fn stop_listening(&self) {
        *self.listening() = None;
    }

    fn listening(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this subscription makes sure at `now` that news is told.
    pub fn covers(&self, subscription: &Subscription, now: Timestamp) -> Option<Cover> {
        let (generation, listening) = (self.generation(), (*self.listening())?);
        let base = generation.callback_base.as_deref()?;
        hub::cover(subscription.id, &subscription.dealings, base, listening, now)
    }

    /// What makes sure that the news of a feed with this offer is told.
    pub(super) async fn cover(&self, offer: Option<&Offer>, now: Timestamp) -> Result<Option<Cover>, StoreError> {
        let Some(offer) = offer.filter(|_| self.listening().is_some()) else { return Ok(None) };
        let subscription = self.store.subscription(offer.clone()).await?;
        Ok(subscription.and_then(|subscription| self.covers(&subscription, now)))
    }

    /// A push that its hub has signed, for the feeds that have subscribed: read, sorted out, matched, and committed, as a poll's
    /// document is. It holds a part of the feed, so what is missing from it is not gone; and the feed was not asked, so
    /// nothing is learned of when to ask it. When this returns, it is on disk.
    ///
    /// # Errors
    /// [`NotTaken`]; some of the feeds may have it then, and take no harm from getting it again.
    pub async fn push(
        &self,
        feeds: &[Listed],
        subscription: &Subscription,
        body: Vec<u8>,
        content_type: Option<String>,
    ) -> Result<PollReceipt, NotTaken> {
        let (at, key) = (self.clock.now(), Key::of_bytes(&body));
        let topic = &subscription.offer.topic;
        let url = Url::parse(topic).map_err(|error| NotTaken::NoFeed(format!("its topic is no address: {error}")))?;
        let read = self.read_bytes(body, content_type, url.clone(), at).await;
        let (document, items) = read.map_err(|told| NotTaken::NoFeed(told.failure().unwrap_or_default()))?;
        let told = Told::document(&document, true, true, key, None);
        let document = Document { told, items };
        let mut total = PollReceipt::default();
        for (_, before) in feeds {
            let (_, news) = self.sort_out(document.clone(), before).await?;
            total += self.commit_push(before, subscription.id, &news, &url, at).await?.unwrap_or_default();
        }
        Ok(total)
    }

    /// `None` where a reload took the feed away.
    async fn commit_push(
        &self,
        before: &FeedMemory,
        subscription: SubscriptionId,
        news: &News,
        url: &Url,
        at: Timestamp,
    ) -> Result<Option<PollReceipt>, NotTaken> {
        let mut generations = self.generation.subscribe();
        loop {
            let generation = Arc::clone(&generations.borrow_and_update());
            let Some(source) = generation.source(before) else { return Ok(None) };
            let matched = self.match_all(&generation, source, before, &news.fresh, url, at).await;
            let items = matched.map_err(|told| NotTaken::NoFeed(told.failure().unwrap_or_default()))?;
            let fresh = !items.is_empty();
            let attempt = if fresh { Attempt::Changed } else { Attempt::Unchanged };
            let outcome = PollOutcome {
                generation: generation.number,
                at,
                attempt,
                before: before.clone(),
                after: before.clone(),
                items,
                // Another poll may have read a newer document since; that one says what is still there.
                still_there: Vec::new(),
                holds: Vec::new(),
                followed: false,
                pushed: true,
                hub: Some((subscription, Tend::new(move |dealings| hub::pushed(dealings, at, fresh)))),
            };
            match self.store.commit_poll(outcome, Arc::new(Deciding(generation))).await {
                // As in `take_in`.
                Err(StoreError::Stale) => drop(generations.changed().await),
                Err(error) => return Err(error.into()),
                Ok(receipt) => {
                    log(before, attempt, &receipt);
                    return Ok(Some(receipt));
                }
            }
        }
    }
}

/// A feed as its hub is chosen for.
pub fn subscriber(target: &Target) -> Subscriber<'_> {
    Subscriber {
        url: &target.url,
        allow_private: target.allow_private,
        has_secret: target.credentials.is_some() || !target.headers.is_empty(),
    }
}

/// Who tells of the news of a feed whose document this is. A file has no hub, whatever it says.
pub(super) fn offer(links: &Links, document: &parse::Document, target: &Target) -> Option<Offer> {
    let inside = (document.hubs.as_slice(), document.own.as_deref());
    hub::offer((&links.hubs, links.own.as_deref()), inside, subscriber(target)).filter(|_| target.url.has_host())
}

/// What a poll says of the hub that should have told of what it found.
pub(super) fn judged(
    cover: Option<Cover>,
    before: &FeedMemory,
    told: &Told,
    news: &News,
    at: Timestamp,
) -> Option<(SubscriptionId, Tend)> {
    let cover = cover.filter(|_| before.reads > 0 && told.failure().is_none())?;
    let untold = news.fresh.iter().filter(|fresh| fresh.standing == Standing::New);
    let published: Vec<Option<Timestamp>> = untold.map(|fresh| fresh.item.published).collect();
    Some((cover.id, Tend::new(move |dealings| hub::found(dealings, &cover, &published, at))))
}
