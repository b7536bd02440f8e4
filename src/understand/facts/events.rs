//! Dated happenings.

use super::tokens::Tokens;
use super::{Anchor, Asked, Date, Event};

/// The events of a text.
pub(super) fn events(_tokens: &Tokens<'_>, _dates: &[Date], _anchor: &Anchor, _asked: &Asked) -> Vec<Event> {
    Vec::new()
}
