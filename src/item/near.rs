use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A watch nearly matched an item: it is one clause, or a few words, short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The watch's name.
    pub watch: String,
    /// By how much, in hundredths of a clause; less is nearer.
    pub short: u32,
    /// What is missing, in a few words, with the clause as its user wrote it.
    pub lacks: String,
}

/// A near miss as a digest lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedMiss {
    /// The watch's title.
    pub watch: String,
    /// The item's number, by which more can be asked about it.
    pub item: i64,
    /// Its headline.
    pub headline: String,
    /// Its address.
    pub link: Option<String>,
    /// The name of its feed.
    pub feed: String,
    /// When it was published, as far as its feed says; absent where a mail was made before that was kept.
    #[serde(default)]
    pub published: Option<Timestamp>,
    /// When it was first seen.
    pub seen: Timestamp,
    /// What is missing.
    pub lacks: String,
}
