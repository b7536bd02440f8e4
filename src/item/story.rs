use jiff::Timestamp;

use super::{Key, StoryId};

/// A story that an item might belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its row.
    pub story: StoryId,
    /// When its last report was published or seen; 72 hours later it is closed.
    pub last_report: Timestamp,
    /// Identities of its items.
    pub items: Vec<Key>,
}
