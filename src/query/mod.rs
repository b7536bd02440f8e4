//! The rule language: from what a user wrote to a tree, or to an error that shows the fault and what was expected there.
//!
//! The grammar stands in `parse.rs` and nowhere else. This room knows how a query is written, not how it is matched.

mod alias;

mod compose;

mod doubt;

mod error;

mod fact;

mod lex;

mod mistake;

mod parse;

mod pattern;

mod print;

mod tree;

#[cfg(test)]
pub(crate) mod sample;

#[cfg(test)]
mod tests;

pub use alias::Aliases;
pub use compose::Row;
pub use doubt::QueryWarning;
pub use error::{QueryError, QueryErrors};
pub use fact::{ActAsk, AmountAsk, Compare, EventAsk, Rates, Within};
pub use pattern::Pattern;
pub use tree::{Expr, Look, Near, Node, Place, Reach, Scope, Score, ScoreRow, Source, Term, Weight};

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A longer query is refused, in bytes.
pub const LENGTH_MAX: usize = 16 * 1024;

/// Brackets, negations and chained distances nest no deeper.
pub const DEPTH_MAX: usize = 64;

/// A phrase, or a word that is looked for as one, has no more words.
pub const PHRASE_WORDS_MAX: usize = 64;

/// The most that `ATLEAST` and `ANY` count to.
pub const COUNT_MAX: usize = 1000;

/// The widest distance in words.
pub const REACH_MAX: usize = 1_000_000;

/// A query that was understood.
///
/// Two queries are equal when they ask the same in the same order, whatever their brackets and spaces. `Display` prints the
/// canonical form, which parses to an equal query.
#[derive(Debug, Clone)]
pub struct Query(Arc<Understood>);

/// What a query and its clones share.
#[derive(Debug)]
struct Understood {
    source: Box<str>,
    root: Node,
    warnings: Box<[QueryWarning]>,
}

impl Query {
    /// Reads a query that knows the built-in aliases.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the source.
    pub fn parse(source: &str) -> Result<Self, QueryErrors> {
        Self::parse_with(source, &Aliases::default())
    }

    /// Reads a query.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the source.
    pub fn parse_with(source: &str, aliases: &Aliases) -> Result<Self, QueryErrors> {
        let parsed = parse::parse(source, aliases)?;
        let mut warnings = parsed.mixed;
        warnings.extend(doubt::doubts(&parsed.root));
        warnings.extend(parsed.small);
        warnings.sort_by_key(|warning| warning.span.start);
        Ok(Self(Arc::new(Understood { source: source.into(), root: parsed.root, warnings: warnings.into() })))
    }

    /// What the user wrote.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// What is allowed and yet hardly meant, in the order of the source.
    pub fn warnings(&self) -> &[QueryWarning] {
        &self.0.warnings
    }

    /// What was understood.
    pub fn root(&self) -> &Node {
        &self.0.root
    }

    /// Every clause that asks where an item comes from, with its bytes of the source.
    pub fn sources(&self) -> Vec<(&Source, &Range<usize>)> {
        let mut found = Vec::new();
        let mut nodes = vec![&self.0.root];
        while let Some(node) = nodes.pop() {
            match &node.expr {
                Expr::All(inner) | Expr::Any(inner) | Expr::Some { of: inner, .. } => nodes.extend(inner),
                Expr::Not(inner) => nodes.push(inner),
                Expr::Source(source) => found.push((source, &node.span)),
                Expr::Place(_) | Expr::Times { .. } | Expr::Score(_) => {}
            }
        }
        found
    }

    /// A clause as its user wrote it.
    pub fn clause(&self, node: &Node) -> &str {
        self.0.source.get(node.span.clone()).unwrap_or_default()
    }
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.root == other.0.root
    }
}

impl Eq for Query {}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.root.fmt(f)
    }
}

impl std::str::FromStr for Query {
    type Err = QueryErrors;

    fn from_str(source: &str) -> Result<Self, QueryErrors> {
        Self::parse(source)
    }
}
