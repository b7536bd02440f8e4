use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A feed's word on who tells of its news (W3C WebSub §4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Offer {
    /// The address of the hub, which is asked to tell.
    pub hub: String,
    /// What the feed calls itself there: its `rel=self`, byte for byte.
    pub topic: String,
}

/// The number of a subscription's row in the store. Means nothing outside one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId(pub i64);

/// What is remembered of a hub that was asked to tell of one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its row.
    pub id: SubscriptionId,
    /// Whom we ask, and of what.
    pub offer: Offer,
    /// What has passed between us.
    pub dealings: Dealings,
}

/// What has passed between us and a hub. Instants are milliseconds since 1970 in UTC, and their names end in `_at`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Dealings {
    /// Where the hub may call us, the newest last. There are several while one takes the place of another.
    pub callbacks: Vec<Callback>,
    /// Requests in a row that came to nothing.
    pub failures: u32,
    /// Not to be asked before then.
    pub next_at: Option<i64>,
    /// What came of it last, in words, where that is not as it should be.
    pub why: String,
    /// Pushes that were taken.
    pub taken: u64,
    /// Pushes that were not signed, or not by this hub, and therefore not looked at.
    pub ignored: u64,
    /// When one was taken last.
    pub pushed_at: Option<i64>,
    /// When one last brought something new.
    pub news_at: Option<i64>,
    /// When a poll found news of which the hub may be about to tell.
    pub found_at: Option<i64>,
    /// News of late that the hub did not tell.
    pub misses: u32,
    /// When such was found last.
    pub missed_at: Option<i64>,
    /// Until then it is not relied on.
    pub distrusted_at: Option<i64>,
}

/// An address at which a hub may call us. Who does not know it cannot guess it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Its last part: 256 bits from the system, in hexadecimal.
    pub path: String,
    /// What the hub signs with.
    pub secret: String,
    /// What it begins with: `public_url` when it was made.
    pub base: String,
    /// Whether the hub was asked although it may be at a private address.
    pub private: bool,
    /// How far it is.
    pub stage: Stage,
    /// When the hub was asked, for this stage; `None` where that is still to be done.
    pub asked_at: Option<i64>,
    /// Since when the hub calls here.
    pub verified_at: Option<i64>,
    /// When another one is to take its place.
    pub renew_at: Option<i64>,
    /// When the hub ceases to call here.
    pub lease_at: Option<i64>,
}

/// How far a callback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The hub was asked to call here, and has not shown yet that it will.
    Asked,
    /// The hub calls here.
    Verified,
    /// The hub is asked to call here no more.
    Leaving,
}

impl Callback {
    /// The whole address.
    pub fn url(&self) -> String {
        format!("{}/hub/{}", self.base, self.path)
    }
}

/// Neither the path nor the secret is shown: whoever knows them can speak for the hub.
impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("base", &self.base)
            .field("stage", &self.stage)
            .field("asked_at", &self.asked_at)
            .field("lease_at", &self.lease_at)
            .finish_non_exhaustive()
    }
}

/// What makes sure that a feed's news are told by its hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover {
    /// The subscription.
    pub id: SubscriptionId,
    /// Since when nothing should have passed untold.
    pub since: Timestamp,
    /// Until when the hub has promised to tell.
    pub until: Timestamp,
    /// When it last told something new.
    pub news: Option<Timestamp>,
}
