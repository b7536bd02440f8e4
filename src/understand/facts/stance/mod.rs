//! Who does what, and where it stands.

use super::tokens::Tokens;
use super::{Asked, Statement};

/// The statements of a text.
pub(super) fn statements(_tokens: &Tokens<'_>, _asked: &Asked) -> Vec<Statement> {
    Vec::new()
}
