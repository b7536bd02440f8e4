//! The rule language: from what a user wrote to a tree, or to an error that shows the fault and what was expected there.
//!
//! The grammar stands in [`parse`] and nowhere else. This room knows how a query is written, not how it is matched.

/// A parsed query. (The query room replaces this.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    source: String,
}
