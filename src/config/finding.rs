use std::fmt::{self, Write as _};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::renderer::{DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_WARNING_STYLE};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::source::{SHOWN_MAX, Source};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The config cannot be used.
    Error,
    /// The config can be used, but probably does not do what was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// Something about a config that its writer should know.
///
/// Shown as one line, `FILE:LINE:COLUMN: error: message`; [`Finding::render`] shows the text and the hint too. Secrets in
/// the text are shown as stars.
#[derive(Debug, Clone)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file, named as the user named it.
    pub file: PathBuf,
    /// The bytes of the file that it is about; empty at the start of the file where it is about what is not there.
    pub span: Range<usize>,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// More about it, a line each.
    pub notes: Vec<String>,
    place: Place,
    first_given: Option<Place>,
    /// It may come of a syntax error elsewhere in the file and says nothing that the error does not.
    pub(super) tentative: bool,
}

/// All that is found, up to a limit, so that a file of nothing but mistakes costs no more than one with a few.
#[derive(Debug, Default)]
pub(super) struct Findings {
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
}

impl Findings {
    /// How many are kept of each severity; far fewer are shown.
    const MAX: usize = 1000;

    pub(super) fn push(&mut self, finding: Finding) {
        let list = if finding.is_error() { &mut self.errors } else { &mut self.warnings };
        if list.len() < Self::MAX {
            list.push(finding);
        }
    }

    /// As [`Findings::push`], unless the same was said of the same file.
    pub(super) fn push_once(&mut self, finding: Finding) {
        let same =
            |other: &Finding| other.message == finding.message && other.place.source.rank == finding.place.source.rank;
        if !self.errors.iter().chain(&self.warnings).any(same) {
            self.push(finding);
        }
    }

    /// Whether there are so many errors that no further one need be looked for.
    pub(super) fn is_hopeless(&self) -> bool {
        self.errors.len() >= Self::MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.warnings.is_empty()
    }

    /// Errors and then warnings.
    pub(super) fn into_vec(mut self) -> Vec<Finding> {
        self.errors.append(&mut self.warnings);
        self.errors
    }
}

/// A stretch of a file.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) source: Arc<Source>,
    pub(super) span: Range<usize>,
}

/// `FILE:LINE:COLUMN`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source.line_and_column(self.span.start);
        write!(f, "{}:{line}:{column}", printable(&self.source.name))
    }
}

impl Finding {
    pub(super) fn error(place: &Place, message: impl AsRef<str>) -> Self {
        Self::new(Severity::Error, place, message.as_ref())
    }

    pub(super) fn warning(place: &Place, message: impl AsRef<str>) -> Self {
        Self::new(Severity::Warning, place, message.as_ref())
    }

    fn new(severity: Severity, place: &Place, message: &str) -> Self {
        Self {
            severity,
            file: PathBuf::from(&place.source.name),
            span: place.source.in_file(&place.span),
            message: printable(message),
            hint: None,
            notes: Vec::new(),
            place: place.clone(),
            first_given: None,
            tentative: false,
        }
    }

    /// The same with a hint.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl AsRef<str>) -> Self {
        self.hint = Some(printable(hint.as_ref()));
        self
    }

    /// The same with more about it, a line each.
    #[must_use]
    pub(super) fn notes(mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.notes = lines.into_iter().map(|line| printable(line.as_ref())).collect();
        self
    }

    /// The same with the place where what is given twice was given first.
    #[must_use]
    pub(super) fn first_given(mut self, place: Place) -> Self {
        self.first_given = Some(place);
        self
    }

    /// The same, dropped where its file has syntax errors.
    #[must_use]
    pub(super) fn tentative(mut self) -> Self {
        self.tentative = true;
        self
    }

    /// A finding in its file that stands for those that are not shown.
    pub(super) fn and_more(&self, severity: Severity) -> Self {
        let place = Place { source: Arc::clone(&self.place.source), span: 0..0 };
        Self::new(severity, &place, "there is more to say than is shown here").hint("mend these first, and check again")
    }

    /// Whether the config cannot be used because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Where it is and what is wrong, on one line: `FILE:LINE:COLUMN: message`.
    pub fn summary(&self) -> String {
        format!("{}: {}", self.place, self.message)
    }

    /// Line and column, both from 1; columns count characters.
    pub fn line_and_column(&self) -> (usize, usize) {
        self.place.source.line_and_column(self.place.span.start)
    }

    /// The number of its file and its line; cheap.
    pub(super) fn line(&self) -> (usize, usize) {
        (self.place.source.rank, self.place.source.line(self.place.span.start))
    }

    /// Files in their order, then from top to bottom.
    pub(super) fn order(&self) -> (usize, usize, Severity) {
        (self.place.source.rank, self.span.start, self.severity)
    }

    /// As a person reads it: the line of [`Display`](fmt::Display), then the text with the fault underlined, then the hint;
    /// several lines, no newline at the end. `color` asks for the escape sequences of a terminal.
    pub fn render(&self, color: bool) -> String {
        let mut shown = self.headline(color);
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_level(level);
        let is_near = |other: &&Place| {
            Arc::ptr_eq(&other.source, &self.place.source)
                && other.span.start.abs_diff(self.place.span.start) + self.span.len() < SHOWN_MAX
        };
        let same_file = self.first_given.as_ref().filter(is_near);
        if let Some(other) = same_file {
            group = group.element(snippet(&self.place, Some(other)));
        } else {
            // An empty place at the start stands for what is not there: there is nothing to show.
            if self.span != (0..0) {
                group = group.element(snippet(&self.place, None));
            }
            if let Some(other) = &self.first_given {
                let (start, lines) = other.source.lines(&other.span);
                let annotation = AnnotationKind::Context.span(within(other, start, &lines)).label(FIRST_GIVEN);
                let first = other.source.line_and_column(start).0;
                let path = printable(&other.source.name);
                group = group.element(Snippet::source(lines).line_start(first).path(path).annotation(annotation));
            }
        }
        if !self.notes.is_empty() {
            group = group.element(Level::NOTE.message(self.notes.join("\n")));
        }
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        if !group.is_empty() {
            let renderer = if color { Renderer::styled() } else { Renderer::plain() };
            shown.push('\n');
            shown.push_str(&renderer.render(&[group]));
        }
        shown
    }

    /// The message, and the other place that it is about. Made when it is shown: to find a column takes long in a long line.
    fn sentence(&self) -> String {
        match &self.first_given {
            Some(first) => format!("{}, first at {first}", self.message),
            None => self.message.clone(),
        }
    }

    fn headline(&self, color: bool) -> String {
        if !color {
            return self.to_string();
        }
        let style = match self.severity {
            Severity::Error => DEFAULT_ERROR_STYLE,
            Severity::Warning => DEFAULT_WARNING_STYLE,
        };
        let bold = DEFAULT_EMPHASIS_STYLE;
        let mut line = String::new();
        write!(
            line,
            "{bold}{}:{bold:#} {style}{}{style:#}{bold}: {}{bold:#}",
            self.place,
            self.severity,
            self.sentence()
        )
        .expect("a string takes any text");
        line
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.severity, self.sentence())
    }
}

const FIRST_GIVEN: &str = "first given here";

/// The lines of `place`, and those of a second place in the same file.
fn snippet<'a>(place: &Place, other: Option<&Place>) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let mut all = place.span.clone();
    if let Some(other) = other {
        all = all.start.min(other.span.start)..all.end.max(other.span.end);
    }
    let (start, lines) = place.source.lines(&all);
    let first = place.source.line_and_column(start).0;
    let mut annotations = vec![AnnotationKind::Primary.span(within(place, start, &lines))];
    if let Some(other) = other {
        annotations.push(AnnotationKind::Context.span(within(other, start, &lines)).label(FIRST_GIVEN));
    }
    Snippet::source(lines).line_start(first).annotations(annotations)
}

/// The place within lines that begin at `start`.
fn within(place: &Place, start: usize, lines: &str) -> Range<usize> {
    let bound = |at: usize| place.source.boundary(at).saturating_sub(start).min(lines.len());
    let (from, to) = (bound(place.span.start), bound(place.span.end));
    from..to.max(from)
}

/// Text from a file may hold anything; a terminal must not obey it.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn source(name: &str, text: &str) -> Arc<Source> {
        Arc::new(Source::new(name, Path::new("/"), 0, text))
    }

    #[test]
    fn a_finding_looks_like_one_of_the_compiler() {
        let source = source("a.toml", "[fetch]\nevery = \"15\"\n");
        let finding = Finding::error(&Place { source, span: 16..20 }, "a unit is missing").hint("write \"15m\"");
        insta::assert_snapshot!(finding.render(false), @r#"
        a.toml:2:9: error: a unit is missing
          |
        2 | every = "15"
          |         ^^^^
          |
          = help: write "15m"
        "#);
        assert!(finding.render(true).contains('\u{1b}'));
    }

    #[test]
    fn two_places_of_two_files_are_shown() {
        let one = Place { source: source("a.toml", "\n[mail]\n"), span: 1..7 };
        let two = Place { source: source("b.toml", "[mail]"), span: 0..6 };
        let finding = Finding::warning(&two, "given twice").first_given(one);
        insta::assert_snapshot!(finding.render(false), @r"
        b.toml:1:1: warning: given twice, first at a.toml:2:1
          |
        1 | [mail]
          | ^^^^^^
          |
         ::: a.toml:2:1
          |
        2 | [mail]
          | ------ first given here
        ");
    }

    #[test]
    fn what_a_file_holds_cannot_steer_the_terminal() {
        let source = source("a\u{1b}[31m.toml", "x = '\u{1b}[31m'");
        let finding = Finding::error(&Place { source, span: 4..9 }, "bad \u{1b}[31m").hint("\u{1b}");
        assert!(!finding.render(false).contains('\u{1b}'), "{}", finding.render(false));
    }
}
