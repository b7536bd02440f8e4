//! The headers of a request.

use std::fmt;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, FROM, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    USER_AGENT,
};
use jiff::SignedDuration;
use url::Url;

use super::way::Way;
use crate::item::{Habits, Validators};
use crate::program::Program;

/// Feed types first, then what feeds are often served as, then anything.
const FEED_TYPES: HeaderValue = HeaderValue::from_static(
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, \
     text/xml;q=0.8, application/json;q=0.7, */*;q=0.1",
);

/// For the page behind an item.
const PAGE_TYPES: HeaderValue = HeaderValue::from_static("text/html, application/xhtml+xml;q=0.9, */*;q=0.1");

/// For `robots.txt`.
const RULE_TYPES: HeaderValue = HeaderValue::from_static("text/plain, */*;q=0.1");

/// The same every time: some servers make the coding a part of the `ETag` (RFC 9110 §8.8.3.3).
const CODINGS: HeaderValue = HeaderValue::from_static("gzip, br, zstd");

/// For a server that said of a document that it was compressed when it was not.
const NO_CODING: HeaderValue = HeaderValue::from_static("identity");

/// RFC 3229 §10.5.3, and what feeds made of it: only items that the last answer did not hold.
const A_IM: HeaderName = HeaderName::from_static("a-im");
const DELTA: HeaderValue = HeaderValue::from_static("feed");

/// A feed as the config wants it asked.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// `http`, `https` or `file`, without user and password; that of the program where there is one.
    pub url: Url,
    /// Sent to the origin of `url` only. They replace ours of the same name.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// User and password for HTTP Basic authentication (RFC 7617) with the origin of `url` only.
    pub credentials: Option<(String, String)>,
    /// Whether addresses that are not public may be asked.
    pub allow_private: bool,
    /// How its server is reached.
    pub way: Way,
    /// How often it is asked at most.
    pub every: SignedDuration,
    /// Whether polls stretch where its news come slowly.
    pub adaptive: bool,
    /// The program that is run instead of asking anybody.
    pub program: Option<Arc<Program>>,
    /// What is expected there.
    pub wants: Wants,
}

/// What is expected at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wants {
    /// A feed.
    #[default]
    Feed,
    /// The page behind an item; asked for only where the site allows robots to.
    Page,
    /// What a site allows robots.
    Rules,
}

impl Target {
    /// Whether both are asked with the very same request, so that one answer serves both.
    pub fn asks_like(&self, other: &Self) -> bool {
        let how = |target: &Self| {
            (target.url.clone(), target.credentials.clone(), target.allow_private, target.program.clone())
        };
        self.headers == other.headers && self.way == other.way && how(self) == how(other)
    }

    /// A feed that needs neither headers nor credentials.
    pub fn new(url: Url, every: SignedDuration, allow_private: bool) -> Self {
        Self {
            url,
            headers: Vec::new(),
            credentials: None,
            allow_private,
            way: Way::default(),
            every,
            adaptive: false,
            program: None,
            wants: Wants::Feed,
        }
    }

    /// How a URL on the way to this target, or behind it, is reached. Whoever is trusted for the feed's own server is trusted for
    /// that alone.
    pub(crate) fn way_to(&self, url: &Url) -> Way {
        let own = url.origin() == self.url.origin();
        Way { authorities: self.way.authorities.clone().filter(|_| own), ..self.way.clone() }
    }

    /// The page behind an item of this feed. What the feed is asked with goes along to its own origin only.
    #[must_use]
    pub fn page(&self, url: Url) -> Self {
        let own = url.origin() == self.url.origin();
        Self {
            headers: if own { self.headers.clone() } else { Vec::new() },
            credentials: self.credentials.clone().filter(|_| own),
            way: self.way_to(&url),
            program: None,
            wants: Wants::Page,
            url,
            ..self.clone()
        }
    }
}

/// Neither headers nor credentials are shown: both hold secrets.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("url", &self.url.as_str())
            .field("allow_private", &self.allow_private)
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}

/// Who we are: `newswatch/VERSION`, and whom to write to. What cannot stand in a header is left out.
pub(crate) fn user_agent(contact: Option<&str>) -> HeaderValue {
    const NAME: &str = concat!("newswatch/", env!("CARGO_PKG_VERSION"));
    contact
        .and_then(|contact| HeaderValue::try_from(format!("{NAME} (+{})", contact.trim())).ok())
        .unwrap_or(HeaderValue::from_static(NAME))
}

/// The address of whoever runs this (RFC 9110 §10.1.2), where the contact is one.
pub(crate) fn from(contact: Option<&str>) -> Option<HeaderValue> {
    let contact = contact?.trim();
    let address = contact.strip_prefix("mailto:").unwrap_or(contact);
    let plain = !address.contains([':', '/', ' ', '<', '>', ',']) && address.split_once('@').is_some();
    HeaderValue::try_from(address).ok().filter(|_| plain)
}

/// Who asks, in every request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user_agent: HeaderValue,
    pub(crate) from: Option<HeaderValue>,
}

impl Caller {
    pub(crate) fn new(contact: Option<&str>) -> Self {
        Self { user_agent: user_agent(contact), from: from(contact) }
    }
}

/// All headers of a request for `url`, one hop on the way to `target`'s document. `validators` are what this very URL gave.
pub(crate) fn headers(
    target: &Target,
    url: &Url,
    validators: Option<&Validators>,
    habits: &Habits,
    caller: &Caller,
) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(USER_AGENT, caller.user_agent.clone());
    headers.extend(caller.from.clone().map(|from| (FROM, from)));
    let types = match target.wants {
        Wants::Feed => FEED_TYPES,
        Wants::Page => PAGE_TYPES,
        Wants::Rules => RULE_TYPES,
    };
    headers.insert(ACCEPT, types);
    headers.insert(ACCEPT_ENCODING, if habits.plain { NO_CODING } else { CODINGS });
    if url.origin() == target.url.origin() {
        if let Some((user, password)) = &target.credentials {
            headers.insert(AUTHORIZATION, basic(user, password));
        }
        for (name, value) in &target.headers {
            headers.insert(name.clone(), value.clone());
        }
    }
    if let Some(validators) = validators {
        let mut send = |name, value: Option<&Vec<u8>>| {
            if let Some(value) = value.and_then(|value| HeaderValue::from_bytes(value).ok()) {
                headers.insert(name, value);
            }
        };
        send(IF_NONE_MATCH, validators.etag.as_ref());
        send(IF_MODIFIED_SINCE, validators.last_modified.as_ref());
        if headers.contains_key(IF_NONE_MATCH) && !habits.no_delta {
            headers.insert(A_IM, DELTA);
        }
    }
    headers
}

/// RFC 7617 §2, in UTF-8.
fn basic(user: &str, password: &str) -> HeaderValue {
    let coded = BASE64_STANDARD.encode(format!("{user}:{password}"));
    let mut value = HeaderValue::try_from(format!("Basic {coded}")).expect("base64 is ASCII");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn secret() -> Target {
        Target {
            headers: vec![
                (HeaderName::from_static("x-key"), HeaderValue::from_static("k")),
                (USER_AGENT, HeaderValue::from_static("other/1")),
            ],
            credentials: Some(("Aladdin".to_owned(), "open sesame".to_owned())),
            ..Target::new(url("https://example.org/feed"), SignedDuration::from_hours(1), false)
        }
    }

    #[test]
    fn a_plain_request_says_who_we_are_and_nothing_else() {
        let target = Target::new(url("https://example.org/feed"), SignedDuration::from_hours(1), false);
        let headers =
            headers(&target, &target.url, None, &Habits::default(), &Caller::new(Some("https://example.org/bot")));
        let mut lines: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        insta::assert_snapshot!(lines.join("\n").replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r"
        accept-encoding: gzip, br, zstd
        accept: application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1
        user-agent: newswatch/VERSION (+https://example.org/bot)
        ");
    }

    #[test]
    fn secrets_go_to_the_feeds_own_origin_only() {
        let target = secret();
        let own = headers(&target, &url("https://example.org/other"), None, &Habits::default(), &Caller::new(None));
        assert_eq!(own[AUTHORIZATION], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(own["x-key"], "k");
        assert_eq!(own[USER_AGENT], "other/1");
        for other in [
            "http://example.org/feed",
            "https://example.org:8443/feed",
            "https://www.example.org/feed",
            "https://example.com/feed",
        ] {
            let headers = headers(&target, &url(other), None, &Habits::default(), &Caller::new(None));
            assert!(!headers.contains_key(AUTHORIZATION) && !headers.contains_key("x-key"), "{other}");
            assert_ne!(headers[USER_AGENT], "other/1", "{other}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = format!("{:?}", secret());
        assert!(!shown.contains("sesame") && !shown.contains("x-key") && shown.contains("example.org"), "{shown}");
    }

    #[test]
    fn a_contact_that_breaks_a_header_is_left_out() {
        assert_eq!(user_agent(Some("a\r\nX: y")), user_agent(None));
        assert!(user_agent(Some("mailto:ops@example.org")).to_str().unwrap().ends_with(" (+mailto:ops@example.org)"));
    }

    #[test]
    fn a_login_is_written_as_the_rfc_shows() {
        // RFC 7617 §2.
        assert_eq!(basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(basic("test", "123£"), "Basic dGVzdDoxMjPCow==");
    }
}
