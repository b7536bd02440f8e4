//! From HTML and plain text to paragraphs, sentences and words.
//!
//! One notion of a word serves everybody: queries, the texts they are matched with, and the fingerprints of stories. What
//! is compared is never stored, because folding and stems may change with the tables they come from.

mod fold;

pub mod html;

mod joined;

mod language;

mod sentences;

mod speech;

mod stems;

mod words;

pub use fold::{fold, fold_into};
pub use joined::{is_joint, is_part, may_be_joined, may_open};
pub use language::Language;
pub use sentences::{has_stop, is_parted, paragraphs, sentences};
pub use speech::{Speech, is_function_word};
pub use stems::{Stems, finite_forms, is_plural_acronym, stems};
pub use words::{Word, Words, words, words_and_compounds};
