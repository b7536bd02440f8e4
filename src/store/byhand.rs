use jiff::Timestamp;

use super::MailRow;
use crate::item::Key;

/// What became of a mail that a user took in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByHand<T> {
    /// It was done.
    Done(T),
    /// There is no such mail.
    Unknown,
    /// It was sent already.
    Sent(Option<Timestamp>),
    /// It is on its way at this moment.
    Busy,
}

/// A mail that is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// As it was before.
    pub row: MailRow,
    /// What it would have told.
    pub keys: Vec<Key>,
}
