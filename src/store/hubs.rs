use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::item::{Dealings, FeedId, Offer, Subscription, SubscriptionId};

/// A change of what is remembered of a hub, made inside a transaction. Pure: the store may call it again when a transaction
/// is repeated.
#[derive(Clone)]
pub struct Tend(Arc<dyn Fn(&mut Dealings) + Send + Sync>);

impl Tend {
    /// A change.
    pub fn new(change: impl Fn(&mut Dealings) + Send + Sync + 'static) -> Self {
        Self(Arc::new(change))
    }

    /// Makes it.
    pub(super) fn apply(&self, dealings: &mut Dealings) {
        (self.0)(dealings);
    }
}

impl fmt::Debug for Tend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tend")
    }
}

/// A feed's next poll, planned otherwise than its last one did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The feed.
    pub feed: FeedId,
    /// When it was last polled, by what is known where this was planned; where it has been polled since, this means nothing.
    pub last_poll: Option<Timestamp>,
    /// When it is to be polled.
    pub next_poll: Option<Timestamp>,
    /// Why then, in words.
    pub why: String,
    /// It is put off because a hub tells of its news meanwhile.
    pub eased: bool,
}

/// Subscriptions to hubs, one for each hub and topic, whichever feeds want it.
#[async_trait]
pub trait Subscriptions: Send + Sync + 'static {
    /// All of them, by row.
    async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError>;

    /// The one for this hub and topic.
    async fn subscription(&self, offer: Offer) -> Result<Option<Subscription>, StoreError>;

    /// The one that a callback is of, by the callback's path.
    async fn subscription_at(&self, path: String) -> Result<Option<Subscription>, StoreError>;

    /// Makes one for each of these that there is none for.
    async fn subscribe(&self, offers: Vec<Offer>) -> Result<(), StoreError>;

    /// Changes what is remembered of one, and its callbacks with it; `false` where it is gone.
    async fn tend(&self, id: SubscriptionId, tend: Tend) -> Result<bool, StoreError>;

    /// Forgets one that has no callback left; one that has stays.
    async fn unsubscribe(&self, id: SubscriptionId) -> Result<(), StoreError>;

    /// Records that polls are not put off any more.
    async fn plan(&self, plans: Vec<Plan>) -> Result<(), StoreError>;
}
