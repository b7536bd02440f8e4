//! Sums of money.

use super::Amount;
use super::tokens::Tokens;

/// The sums of money of a text.
pub(super) fn amounts(_tokens: &Tokens<'_>) -> Vec<Amount> {
    Vec::new()
}
