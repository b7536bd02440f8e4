//! The rule language: from what a user wrote to a tree, or to an error that shows the fault and what was expected there.
//!
//! The grammar stands in [`parse`] and nowhere else. This room knows how a query is written, not how it is matched.

use std::ops::Range;

/// A parsed query. (The query room replaces this.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    source: String,
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the query cannot be read")]
pub struct QueryErrors(Vec<QueryError>);

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// Where, in bytes.
    pub span: Range<usize>,
    /// What.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// One doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryWarning {
    /// Where, in bytes.
    pub span: Range<usize>,
    /// What.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl QueryErrors {
    /// All of them.
    pub fn errors(&self) -> &[QueryError] {
        &self.0
    }
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Result<Self, QueryErrors> {
        let mut errors = Vec::new();
        if text.trim().is_empty() {
            errors.push(QueryError { span: 0..text.len(), message: "the query is empty".to_owned(), hint: None });
        }
        for (at, _) in text.match_indices(')') {
            if !text[..at].contains('(') {
                errors.push(QueryError {
                    span: at..at + 1,
                    message: "`)` closes nothing".to_owned(),
                    hint: Some("take it away".to_owned()),
                });
            }
        }
        if errors.is_empty() { Ok(Self { source: text.to_owned() }) } else { Err(QueryErrors(errors)) }
    }

    /// What is doubtful.
    pub fn warnings(&self) -> Vec<QueryWarning> {
        self.source
            .strip_prefix("NOT ")
            .map(|_| QueryWarning {
                span: 0..self.source.len(),
                message: "this only says what must be absent".to_owned(),
                hint: None,
            })
            .into_iter()
            .collect()
    }
}
