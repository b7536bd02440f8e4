//! What one poll brought.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;
use url::Url;

use super::fetch::FetchError;
use super::freshness::Freshness;
use super::link::Links;
use super::moves::Sighting;
use super::redirect::RedirectFault;
use crate::item::{HostHold, SiteRules, Validators};

/// What one poll brought, and what is to be remembered of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// When the answer was there.
    pub at: Timestamp,
    /// What came.
    pub verdict: Verdict,
    /// The last status, where a server answered.
    pub status: Option<u16>,
    /// All validators of the feed from now on, to be stored in one commit with the items of the document, and only if it
    /// could be read, or if there was none because nothing changed. The old ones where nothing may be learned.
    pub validators: Vec<Validators>,
    /// What the server said about when to come again.
    pub freshness: Freshness,
    /// What sites on the way allow robots, as far as they were asked just now; to be stored.
    pub rules: Vec<SiteRules>,
    /// Who tells of the document's news, as the headers say.
    pub links: Links,
    /// Hosts to be left alone; those of the whole process are kept by the poller, these are to be stored.
    pub holds: Vec<HostHold>,
    /// What was seen of the feed's address; `None` where nothing was learned.
    pub moved: Option<Sighting>,
    /// Who answered last; relative links of the document begin here.
    pub final_url: Url,
    /// Bytes of bodies that came over the wire.
    pub wire_bytes: u64,
    /// A 304 named another document than the one that was asked about (RFC 9111 §4.3.4), so nothing was learned from it.
    pub foreign_304: bool,
    /// The last request asked for the document whatever it is.
    pub unconditional: bool,
    /// Its share of the requests to all hosts, which it keeps until it is dropped: who asks faster than the answers can be
    /// worked off would hold them all in memory.
    pub room: Option<Room>,
}

/// A share of the requests that may go on at a time.
#[derive(Debug, Clone)]
pub struct Room(#[expect(dead_code, reason = "held, never looked at")] Arc<OwnedSemaphorePermit>);

impl Room {
    pub(super) fn new(permit: OwnedSemaphorePermit) -> Self {
        Self(Arc::new(permit))
    }
}

/// One share is as good as another.
impl PartialEq for Room {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Room {}

/// How a poll ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A document.
    Document {
        /// Its bytes, content codings undone.
        body: Vec<u8>,
        /// `Content-Type` as it came: a hint.
        content_type: Option<String>,
        /// Whether all of it came. If not, its items may be read, but the poll counts as a failure.
        complete: bool,
        /// It holds only items that the last one did not (RFC 3229, 226).
        delta: bool,
    },
    /// 304: the document that was read last is still the one.
    Unchanged,
    /// 410: it is not to be asked again.
    Gone,
    /// Nothing that can be used.
    Failed(Failure),
    /// Somebody wants to be left alone until then; neither a success nor a failure.
    NotYet(Timestamp),
}

/// Why a poll brought nothing. Each message stands alone; where there were redirects it names them all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// There was no answer.
    #[error("{error}{via}")]
    Fetch {
        /// Why.
        error: FetchError,
        /// How it was come to.
        via: Via,
    },
    /// The answer was no document.
    #[error("the server answered {status}{}{via}", meaning(*.status))]
    Status {
        /// The status.
        status: u16,
        /// How it was come to.
        via: Via,
    },
    /// A check for browsers stands before the feed.
    #[error("a check for browsers stands before it; ask its publisher to let newswatch in{via}")]
    Challenge {
        /// How it was come to.
        via: Via,
    },
    /// 226 without the delta that was asked for, or without having been asked for one.
    #[error("the server answered 226 (IM Used) without a delta that was asked for; it is asked for none any more{via}")]
    Delta {
        /// How it was come to.
        via: Via,
    },
    /// 304 to a request that asked for the document whatever it is.
    #[error("the server answered 304 (not modified) to a request without conditions{via}")]
    NotAsked {
        /// How it was come to.
        via: Via,
    },
    /// 200 and nothing in it.
    #[error("the server answered with an empty document{via}")]
    Empty {
        /// How it was come to.
        via: Via,
    },
    /// The site wants robots to leave the page alone (RFC 9309).
    #[error("the site's robots.txt asks not to fetch it{via}")]
    Disallowed {
        /// How it was come to.
        via: Via,
    },
    /// Nobody could say what the site allows, which counts as a no (RFC 9309 §2.3.1.4).
    #[error("the site's robots.txt cannot be read: {why}{via}")]
    NoRules {
        /// Why.
        why: String,
        /// How it was come to.
        via: Via,
    },
    /// A redirect that is not followed.
    #[error("{fault}{via}")]
    Redirect {
        /// Why.
        fault: RedirectFault,
        /// All URLs of the chain, that of the fault last.
        via: Via,
    },
}

impl Failure {
    /// Whether asking again soon would bring the same.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Fetch { error, .. } => {
                matches!(
                    error,
                    FetchError::Refused(_)
                        | FetchError::TooLarge { .. }
                        | FetchError::Coding { .. }
                        | FetchError::Scheme { .. }
                )
            }
            Self::Disallowed { .. } | Self::Redirect { .. } | Self::Challenge { .. } => true,
            Self::Status { .. }
            | Self::NotAsked { .. }
            | Self::Delta { .. }
            | Self::Empty { .. }
            | Self::NoRules { .. } => false,
        }
    }
}

/// The URLs of a chain of redirects, in order; shows nothing where there was no redirect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Via(pub Vec<String>);

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() > 1 { write!(f, " ({})", self.0.join(" -> ")) } else { Ok(()) }
    }
}

/// What a status means to whoever looks after the feed.
fn meaning(status: u16) -> &'static str {
    match status {
        401 => " (it wants a user and a password; see user and password_file)",
        402 => " (it wants to be paid)",
        403 => " (it refuses to be asked by newswatch)",
        404 => " (there is nothing at this address)",
        408 => " (it waited too long for the request)",
        410 => " (it is gone for good)",
        412 => " (it refuses conditional requests)",
        429 => " (too many requests)",
        451 => " (it must not be shown for legal reasons)",
        204..=206 => " (a part of a document, or none, which nobody asked for)",
        300..=399 => " (a redirect that cannot be followed)",
        500..=599 => " (its own fault)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stand_alone_and_name_the_chain() {
        let via = Via(vec!["http://a.example/".to_owned(), "http://b.example/".to_owned()]);
        let lone = Via(vec!["http://a.example/".to_owned()]);
        let messages = [
            Failure::Status { status: 404, via: lone.clone() },
            Failure::Status { status: 418, via: via.clone() },
            Failure::NotAsked { via: lone },
            Failure::Redirect { fault: RedirectFault::Loop, via: via.clone() },
            Failure::Fetch { error: FetchError::TooLarge { limit: 8 }, via },
        ];
        insta::assert_snapshot!(messages.map(|failure| failure.to_string()).join("\n"), @r"
        the server answered 404 (there is nothing at this address)
        the server answered 418 (http://a.example/ -> http://b.example/)
        the server answered 304 (not modified) to a request without conditions
        the redirects go round in a circle (http://a.example/ -> http://b.example/)
        the document is larger than 8 bytes; raise max_size in [fetch] if it has to be (http://a.example/ -> http://b.example/)
        ");
    }
}
