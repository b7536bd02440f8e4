//! From HTML and plain text to paragraphs, sentences and words.
//!
//! One notion of a word serves everybody: queries, the texts they are matched with, and the fingerprints of stories. What
//! is compared is never stored, because folding and stems may change with the tables they come from.

mod fold;

pub mod html;

mod sentences;

mod stems;

mod words;

pub use fold::{fold, fold_into};
pub use sentences::{paragraphs, sentences};
pub use stems::stem;
pub use words::{Word, Words, words, words_and_compounds};
