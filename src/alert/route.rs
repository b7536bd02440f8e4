use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::{QuietHours, Sources};

/// Where a watch's matches go, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// The watch's title, or its name where it has none.
    pub title: String,
    /// The name under which it was told before it was renamed.
    pub was: Option<String>,
    /// Who is told; never empty.
    pub to: Vec<String>,
    /// How; never empty, in the order of the config, without repeats.
    pub send: Vec<Channel>,
    /// What of a story is told.
    pub repeat: Repeat,
    /// How many sites must tell a story first; `None` where one is enough.
    pub sources: Option<Sources>,
    /// When a match is mailed that is told at once.
    pub pace: Pace,
    /// Told is the silence instead of the matches.
    pub quiet: Option<Quiet>,
    /// When mails remind of the events that it found.
    pub remind: Remind,
}

/// When mails remind of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remind {
    /// So many days before the first day; falling, without repeats, empty for never.
    pub days: Vec<u16>,
    /// Whose days, and whose nine o'clock.
    pub zone: TimeZone,
}

impl Default for Remind {
    fn default() -> Self {
        Self { days: Vec::new(), zone: TimeZone::UTC }
    }
}

/// What of a story is told (`repeat`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repeat {
    /// Its first matching item; later reports are listed in the next digest.
    #[default]
    Story,
    /// Every matching item.
    Item,
    /// A fact when it is first known, and again when it changes; an item in which nothing is understood, as [`Repeat::Story`].
    Change,
}

/// When an alert becomes a mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pace {
    /// So long it is held, so that a second source can join it.
    pub wait: SignedDuration,
    /// When nobody is to be disturbed by what is not of high importance.
    pub quiet_hours: Option<QuietHours>,
    /// Mails in any hour to one recipient.
    pub max_per_hour: Option<u32>,
    /// Decides over quiet hours.
    pub importance: Importance,
}

impl Pace {
    /// Whether it can hold anything at all.
    pub fn holds(&self) -> bool {
        self.wait > SignedDuration::ZERO || self.quiet_hours.is_some() || self.max_per_hour.is_some()
    }
}

/// How important a watch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Importance {
    /// `low`
    Low,
    /// `normal`
    #[default]
    Normal,
    /// `high`: not held in quiet hours.
    High,
}

/// What a watch for silence waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// So long without a match is told.
    pub after: SignedDuration,
    /// The feeds that could match it, by name, and how often each is asked.
    pub feeds: BTreeMap<String, SignedDuration>,
}

/// A way to be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// At once.
    Now,
    /// With the digest of this name.
    Digest(String),
}

/// What a digest needs to know at its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestRoute {
    /// Every recipient of a watch that goes into it, sorted.
    pub to: Vec<String>,
    /// Sent although nothing was held for a recipient (`empty = "send"`).
    pub send_empty: bool,
}

/// All routes of one generation of the config.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes {
    /// By the watch's name.
    pub watches: BTreeMap<String, Route>,
    /// By the digest's name.
    pub digests: BTreeMap<String, DigestRoute>,
    /// Who hears of broken feeds.
    pub operator: Vec<String>,
    /// Of feeds that have been broken for so long.
    pub alert_after: SignedDuration,
}

impl Channel {
    /// How a mail at once is written.
    pub const NOW: &str = "now";

    /// The digest's name; empty for a mail at once, which no digest can be called.
    pub fn name(&self) -> &str {
        match self {
            Self::Now => "",
            Self::Digest(name) => name,
        }
    }
}
