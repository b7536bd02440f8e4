use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// One thing that is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// Bytes of the source, on character boundaries; empty where something is missing.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What was expected there, or how to write it.
    pub hint: Option<String>,
}

impl QueryError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { span, message: message.into(), hint: Some(hint.into()) }
    }
}

/// All that is wrong with a query; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryErrors(Vec<QueryError>);

/// After so many the rest hardly helps.
const ERRORS_MAX: usize = 16;

impl QueryErrors {
    /// In the order of the source; `None` when there are none.
    pub(super) fn of(mut errors: Vec<QueryError>) -> Option<Self> {
        errors.sort_by_key(|error| error.span.start);
        errors.truncate(ERRORS_MAX);
        (!errors.is_empty()).then_some(Self(errors))
    }

    /// The errors, in the order of the source.
    pub fn iter(&self) -> std::slice::Iter<'_, QueryError> {
        self.0.iter()
    }

    /// The query with each fault underlined and what was expected there; plain text, lines without a last line feed.
    ///
    /// `source` is what was parsed; in another text the faults are shown where they fit.
    pub fn render(&self, source: &str) -> String {
        let shown: Vec<String> = self
            .0
            .iter()
            .map(|error| render(source, Level::ERROR, &error.span, &error.message, error.hint.as_deref()))
            .collect();
        shown.join("\n\n")
    }
}

/// One finding in the look of the compiler.
pub(super) fn render(source: &str, level: Level<'_>, span: &Range<usize>, message: &str, hint: Option<&str>) -> String {
    let start = source.floor_char_boundary(span.start.min(source.len()));
    let end = source.ceil_char_boundary(span.end.min(source.len())).max(start);
    let mut mark = AnnotationKind::Primary.span(start..end);
    if let Some(hint) = hint {
        mark = mark.label(hint);
    }
    let report = &[level.primary_title(message).element(Snippet::source(source).annotation(mark))];
    Renderer::plain().render(report)
}

impl<'a> IntoIterator for &'a QueryErrors {
    type Item = &'a QueryError;
    type IntoIter = std::slice::Iter<'a, QueryError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for QueryErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { "; " };
            write!(f, "{between}{error}")?;
            if let Some(hint) = &error.hint {
                write!(f, " ({hint})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for QueryErrors {}
