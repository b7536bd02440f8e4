use std::sync::Arc;

use regex::{Regex, RegexBuilder};

/// A longer regular expression is refused, in bytes.
const LENGTH_MAX: usize = 1000;

/// What a compiled regular expression may take, in bytes.
const SIZE_MAX: usize = 1 << 20;

/// Brackets of a regular expression nest no deeper.
const DEPTH_MAX: u32 = 50;

/// A regular expression that was compiled. Its time grows with the text only, whatever it holds.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    ignores_case: bool,
    regex: Arc<Regex>,
}

impl Pattern {
    /// Compiles what stands between the slashes.
    ///
    /// # Errors
    /// What is wrong with it, and how to write it.
    pub(crate) fn new(source: &str, ignores_case: bool) -> Result<Self, (String, String)> {
        if source.len() > LENGTH_MAX {
            let message = format!("this regular expression has {} bytes, the limit is {LENGTH_MAX}", source.len());
            return Err((message, "make several of it, with OR between them".to_owned()));
        }
        let mut builder = RegexBuilder::new(source);
        builder.case_insensitive(ignores_case).size_limit(SIZE_MAX).dfa_size_limit(SIZE_MAX).nest_limit(DEPTH_MAX);
        let regex = builder.build().map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                let hint = "count fewer repetitions; (?-u:\\w) is smaller than \\w".to_owned();
                ("this regular expression takes more than 1 MiB".to_owned(), hint)
            }
            other => {
                let text = other.to_string();
                let reason = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
                (
                    format!("this regular expression does not read: {reason}"),
                    "write /F-?16s?/, or /f-?16s?/i".to_owned(),
                )
            }
        })?;
        if regex.is_match("") {
            let message = "this regular expression finds the empty text, which is everywhere".to_owned();
            return Err((message, "write + where there is a *, so that it needs at least one character".to_owned()));
        }
        Ok(Self { source: source.to_owned(), ignores_case, regex: Arc::new(regex) })
    }

    /// What stands between the slashes.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether `/i` was written.
    pub fn ignores_case(&self) -> bool {
        self.ignores_case
    }

    /// The expression, ready for use.
    pub fn regex(&self) -> &Regex {
        &self.regex
    }
}

/// Patterns are equal that are written alike.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.ignores_case == other.ignores_case
    }
}

impl Eq for Pattern {}
