use jiff::Timestamp;

use crate::alert::{Mute, Muted};

/// A silence to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuteWish {
    /// What is to be muted.
    pub what: Muted,
    /// For whom; `None` for everybody.
    pub recipient: Option<String>,
    /// From when on: now.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// A silence as `silence list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuteRow {
    /// What, and for how long.
    pub mute: Mute,
    /// The headline of the story that is muted; empty for a watch and a digest.
    pub title: String,
    /// Matches that it has muted so far.
    pub matches: u64,
}

/// A match that was not told because of a silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutedMatch {
    /// The watch's name.
    pub watch: String,
    /// What muted it; `None` where that is so long ago that it was forgotten.
    pub by: Option<Mute>,
}
