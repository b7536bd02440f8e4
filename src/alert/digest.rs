use crate::item::{Key, Telling};
use jiff::Timestamp;

/// A digest whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestRun {
    /// Its name.
    pub name: String,
    /// Names the slot: the local date and the `at` entry, `2026-11-24 07:30`. `None` for `once --flush`, which uses up no slot.
    pub slot: Option<String>,
    /// Slots up to here are done with.
    pub through: Timestamp,
}

/// What waits for one digest and one recipient.
#[derive(Debug, Clone)]
pub struct Held {
    /// Who it waits for.
    pub recipient: String,
    /// What waits, oldest first.
    pub tellings: Vec<Telling>,
}
