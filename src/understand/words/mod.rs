//! Words as data: names that all languages share here, and a folder for each language.

pub mod money;

pub mod names;
