use jiff::tz::TimeZone;
use serde::Serialize;

use super::clean;
use super::report::when;
use crate::item::ListedMiss;

/// Longest headline, in characters.
const TITLE_LEN_MAX: usize = 200;

/// Longest name of a watch or feed, in characters.
const NAME_LEN_MAX: usize = 80;

/// Longest account of what is missing, in characters.
const LACKS_LEN_MAX: usize = 240;

/// A near miss as a digest shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Near {
    watch: String,
    item: i64,
    headline: String,
    href: Option<String>,
    feed: String,
    /// When it was published, in the reader's zone; "first seen" where the feed gives no date.
    when: String,
    /// What is missing.
    lacks: String,
}

impl Near {
    pub(super) fn of(miss: &ListedMiss, zone: &TimeZone) -> Self {
        let headline = clean::line(&miss.headline, TITLE_LEN_MAX);
        Self {
            watch: clean::line(&miss.watch, NAME_LEN_MAX),
            item: miss.item,
            headline: if headline.is_empty() { "(no title)".to_owned() } else { headline },
            href: miss.link.as_deref().and_then(clean::link),
            feed: clean::line(&miss.feed, NAME_LEN_MAX),
            when: when(miss.published, miss.seen, zone),
            lacks: clean::line(&miss.lacks, LACKS_LEN_MAX),
        }
    }
}
