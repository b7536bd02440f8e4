//! 4. All rules against one item.

use crate::query::Query;

/// A rule. (The matching room replaces this.)
#[derive(Debug, Clone)]
pub struct Rule {
    /// The watch's name.
    pub name: String,
    /// What it looks for.
    pub query: Query,
}
