//! 3. Text to words, sentences and (later) facts.

pub mod text;
