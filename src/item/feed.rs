use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{FeedId, Habits, Key, Offer};

/// A feed as the config names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedIdentity {
    /// The name in the config.
    pub name: String,
    /// The address in the config.
    pub url: String,
}

/// What a server gave to recognise its document by (RFC 9110 §8.8), for the one URL that gave it. The bytes are the server's
/// own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validators {
    /// The URL that gave them; each hop of a redirect has its own.
    pub url: String,
    /// The value of `ETag`, byte for byte (RFC 9110 §8.8.3).
    pub etag: Option<Vec<u8>>,
    /// The value of `Last-Modified`, byte for byte (RFC 9110 §8.8.2).
    pub last_modified: Option<Vec<u8>>,
}

/// A permanent redirect that is being watched before it is believed: many are a server's mistake of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Where the chain of permanent redirects ended.
    pub to: String,
    /// When it was first seen.
    pub since: Timestamp,
    /// On how many polls it was seen.
    pub seen: u32,
    /// Whether `to` is asked directly from now on.
    pub adopted: bool,
}

/// What a feed's own document says about when it wants to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wishes {
    /// `<ttl>` of RSS 2.0, in seconds.
    pub ttl_s: Option<i64>,
    /// `sy:updatePeriod` over `sy:updateFrequency` of the RSS 1.0 syndication module, in seconds.
    pub update_every_s: Option<i64>,
    /// `<skipHours>` of RSS 2.0, in UTC.
    pub skip_hours: Vec<u8>,
    /// `<skipDays>` of RSS 2.0, in UTC: 0 is Monday.
    pub skip_days: Vec<u8>,
}

/// What is remembered of a feed from poll to poll, across restarts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedMemory {
    /// The feed's row.
    pub id: FeedId,
    /// The feed's name for ever: made from the first URL it was known by, and part of what was told.
    pub key: Key,
    /// The name in the config now.
    pub name: String,
    /// The URL in the config now.
    pub url: String,
    /// Validators, one entry per URL that gave any.
    pub validators: Vec<Validators>,
    /// Key of the last body that was read whole, so that an unchanged one is recognised under a 200.
    pub body: Option<Key>,
    /// A number that grows with each document read whole; items seen in the newest are never pruned.
    pub document: i64,
    /// When it was last asked.
    pub last_poll: Option<Timestamp>,
    /// When it last answered with a feed or with "unchanged".
    pub last_success: Option<Timestamp>,
    /// When it last had something new.
    pub last_change: Option<Timestamp>,
    /// When it is asked next, unless its host is to be left alone then, or our own connection is down.
    pub next_poll: Option<Timestamp>,
    /// Why then, in words.
    pub why: String,
    /// The server or the feed itself asks not to be polled before then, whoever is in a hurry.
    pub not_before: Option<Timestamp>,
    /// The URL of a redirect that asked to be followed later (RFC 9110 §10.2.3), while that is waited for.
    pub redirect_wait: Option<String>,
    /// What the last document said about how often to ask; it holds until the next document.
    pub wishes: Wishes,
    /// Failures in a row.
    pub failures: u32,
    /// Since when it fails.
    pub failing_since: Option<Timestamp>,
    /// The last failure in words, until the next success.
    pub error: Option<String>,
    /// It answered 410 (RFC 9110 §15.5.11) and is asked no more.
    pub gone: bool,
    /// A permanent redirect under observation.
    pub moved: Option<Move>,
    /// How often the newest item seen before was missing from the next document.
    pub gaps: u32,
    /// What had to be mended in the last document.
    pub repairs: Vec<String>,
    /// Successful reads whose items have been stored; zero makes the next one a first look,
    /// of which only what is recent is news.
    pub reads: u32,
    /// Its own ways.
    pub habits: Habits,
    /// Who tells of its news, as its last document says.
    pub offer: Option<Offer>,
    /// Its next poll was put off because a hub tells of its news meanwhile.
    pub eased: bool,
}

impl FeedMemory {
    /// A feed that was never asked.
    pub fn fresh(id: FeedId, key: Key, identity: &FeedIdentity) -> Self {
        Self {
            id,
            key,
            name: identity.name.clone(),
            url: identity.url.clone(),
            validators: Vec::new(),
            body: None,
            document: 0,
            last_poll: None,
            last_success: None,
            last_change: None,
            next_poll: None,
            why: "new".to_owned(),
            not_before: None,
            redirect_wait: None,
            wishes: Wishes::default(),
            failures: 0,
            failing_since: None,
            error: None,
            gone: false,
            moved: None,
            gaps: 0,
            repairs: Vec::new(),
            reads: 0,
            habits: Habits::default(),
            offer: None,
            eased: false,
        }
    }

    /// The state as `feed list` names it.
    pub fn health(&self, enabled: bool) -> FeedHealth {
        match self {
            _ if !enabled => FeedHealth::Off,
            memory if memory.gone => FeedHealth::Gone,
            memory if memory.failures > 0 => FeedHealth::Failing,
            memory if memory.last_success.is_none() => FeedHealth::New,
            _ => FeedHealth::Ok,
        }
    }
}

/// The state of a feed as `feed list` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedHealth {
    /// The last poll went well.
    Ok,
    /// The last poll failed.
    Failing,
    /// It said that it is gone for good.
    Gone,
    /// It has not been read yet.
    New,
    /// The config disables it.
    Off,
}

impl FeedHealth {
    /// The word used in lists and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Gone => "gone",
            Self::New => "new",
            Self::Off => "off",
        }
    }
}

/// A host or registrable domain that asked to be left alone until a time (RFC 9110 §10.2.3), or that was just
/// asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostHold {
    /// `host:` or `domain:` and the name in lower case.
    pub scope: String,
    /// Not before this.
    pub until: Timestamp,
}

impl HostHold {
    /// Nobody is left alone for longer than this, whatever a server says.
    pub const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
}

/// What a site allows robots (RFC 9309), as far as it concerns us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRules {
    /// Scheme, host and port.
    pub site: String,
    /// Believed until then.
    pub until: Timestamp,
    /// A line for each rule.
    pub rules: String,
}

/// How one poll ended, for counting and logging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// A document with something new or edited.
    Changed,
    /// A document or a 304 with nothing new.
    Unchanged,
    /// No document.
    Failed,
}
