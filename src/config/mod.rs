//! What the user wrote, checked.
//!
//! Two steps: the files become tables and values with their places (what was typed), and those become
//! [`Settings`] (what is meant) or findings that name file, line and column. A [`Settings`] is valid: nobody
//! downstream checks it again. Every key is declared once, in [`reference`].

mod check;

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

mod value;

mod written;

pub use env::Env;
pub use finding::{Finding, Severity};
pub use load::{Loaded, defaults, load, load_text};
pub use locate::{ConfigError, locate};
pub use settings::{
    Credentials, Digest, Feed, FetchSettings, MailSettings, Relay, Settings, StoreSettings, TlsPolicy, Watch, Weekdays,
};

/// The commented config that `newswatch init` writes; it can be used as it is.
pub const STARTER: &str = include_str!("../../config/newswatch.toml");

/// A duration as the config writes it, `60m` or `2d`; `None` for anything else.
pub fn duration(text: &str) -> Option<jiff::SignedDuration> {
    value::duration(text).ok()
}
