use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::item::Key;

/// One thing that one recipient was told by one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldOnce {
    /// Who was told.
    pub recipient: String,
    /// The watch, by the name that it had then.
    pub watch: String,
    /// The watch's title then.
    pub title: String,
    /// The headline of the item.
    pub headline: String,
    /// The recipient has said that it was not relevant.
    pub irrelevant: bool,
}

/// How often what a watch told was what its readers wanted, as far as they said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precision {
    /// The watch's name.
    pub watch: String,
    /// Things that mails have told of it, each recipient counted.
    pub told: u64,
    /// Of these, those that their reader called not relevant.
    pub irrelevant: u64,
}

/// What readers say of what they were told.
#[async_trait]
pub trait Feedback: Send + Sync + 'static {
    /// What was told under this key; `None` where no mail has told it, or that is so long ago that it was forgotten.
    async fn told_once(&self, key: Key) -> Result<Option<ToldOnce>, StoreError>;

    /// Records that what was told under this key was not relevant, or with `None` that it was. `false` where nothing is known
    /// under it.
    async fn call_irrelevant(&self, key: Key, at: Option<Timestamp>) -> Result<bool, StoreError>;

    /// The precision of each watch that has told anything since then, by name.
    async fn precision(&self, since: Timestamp) -> Result<Vec<Precision>, StoreError>;
}
