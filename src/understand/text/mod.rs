//! From HTML and plain text to paragraphs, sentences and words.

pub mod html;
