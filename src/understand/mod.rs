//! 3. Text to words, sentences and facts.

pub mod text;

pub mod words;

pub mod facts;
