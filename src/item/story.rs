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

/// What an item is compared by with others that may report the same news.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// What it speaks of, by the term's number, each once.
    pub terms: Vec<Term>,
    /// The lowest hashes of its shingles, rising: a sample that is the same for the same text.
    pub sketch: Vec<u32>,
}

/// One thing that a report speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// A hash of the word's stem, of the number or of the day.
    pub id: u32,
    /// What it is.
    pub kind: TermKind,
    /// How much of the report it is, in sixteenths: often, early or in the headline.
    pub weight: u8,
    /// How common it is in any text: ten times the decadic logarithm of its number in a milliard words.
    pub common: u8,
}

/// What a [`Term`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermKind {
    /// A word.
    Word,
    /// A name of somebody or something.
    Name,
    /// A number.
    Number,
    /// A day of the week, a month or a year.
    Date,
}
