//! What the user wrote, checked.
//!
//! Two steps: the files become [`written`] values with their places (what was typed), and those become [`Settings`] (what is
//! meant) or findings that name file, line and column. A [`Settings`] is valid: nobody downstream checks it again.

mod settings;

pub use settings::{
    Credentials, Digest, Feed, FetchSettings, MailSettings, Relay, Settings, StoreSettings, TlsPolicy, Watch, Weekdays,
};
