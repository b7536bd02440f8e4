//! Days and ranges of days.

use super::tokens::Tokens;
use super::{Anchor, Date};

/// The dates of a text.
pub(super) fn dates(_tokens: &Tokens<'_>, _anchor: &Anchor) -> Vec<Date> {
    Vec::new()
}
