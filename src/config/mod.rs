//! What the user wrote, checked.
//!
//! Two steps: the files become tables and values with their places (what was typed), and those become
//! `Settings` (what is meant) or findings that name file, line and column. A `Settings` is valid: nobody
//! downstream checks it again. Every key is declared once, in `reference`.

mod authorities;

mod check;

pub mod edit;

mod env;

mod finding;

mod load;

mod locate;

mod quoted;

pub mod reference;

mod secrets;

mod settings;

mod source;

mod table;

mod trial;

mod value;

mod written;

pub use env::Env;
pub use finding::{Finding, Severity};
pub use load::{Loaded, defaults, load, load_edited, load_text};
pub use locate::{ConfigError, Unread, locate, unread};
pub use reference::nearest;
pub use settings::{
    Credentials, Digest, DkimSettings, Feed, FetchSettings, Login, MailSettings, PASSWORD_WAYS, Relay, Settings,
    StoreSettings, Telling, TlsPolicy, Watch, WebSettings, Weekdays,
};

pub use trial::{Expected, Parts, Trial};

use std::path::Path;

use url::Url;

/// The commented config that `newswatch init` writes; it can be used as it is.
pub const STARTER: &str = include_str!("../../config/newswatch.toml");

/// A feed's address as the config writes it, and the login that stands in it; a relative file begins at `base`.
///
/// # Errors
/// What is wrong with it and what to write, without the password that may stand in it.
pub fn feed_address(text: &str, base: &Path) -> Result<(Url, Option<Credentials>), String> {
    match value::source_url(text, base) {
        Ok(value::SourceUrl { url, credentials }) => Ok((url, credentials)),
        Err(fault) => Err(fault.hint.map_or(fault.message.clone(), |hint| format!("{}; {hint}", fault.message))),
    }
}

/// A text with the password of each address in it replaced by stars.
pub fn without_password(text: &str) -> String {
    let mut shown = text.to_owned();
    for password in source::passwords_in_addresses(text, 0) {
        let stars = "*".repeat(password.len());
        shown.replace_range(password, &stars);
    }
    shown
}

/// A duration as the config writes it, `60m` or `2d`; `None` for anything else.
pub fn duration(text: &str) -> Option<jiff::SignedDuration> {
    value::duration(text).ok()
}
