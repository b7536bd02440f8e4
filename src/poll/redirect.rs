//! Where a redirect leads, and whether it may be followed.

use http::HeaderMap;
use http::header::LOCATION;
use url::Url;

/// So many redirects are followed in one poll.
const REDIRECTS_MAX: usize = 10;

/// Why a redirect is not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectFault {
    /// There is no `Location`.
    #[error("a redirect without an address")]
    Nowhere,
    /// `Location` is no URL.
    #[error("a redirect to something that is no address")]
    NoAddress,
    /// It leads to another scheme than http or https.
    #[error("a redirect to {scheme}:, which is not followed")]
    Scheme {
        /// That scheme.
        scheme: String,
    },
    /// It leads from https to http.
    #[error("a redirect from https to http, which is not followed")]
    Downgrade,
    /// It carries a user or a password.
    #[error("a redirect with a user or a password, which is not followed")]
    Credentials,
    /// It leads where this poll has been.
    #[error("the redirects go round in a circle")]
    Loop,
    /// One after the other wants to be waited for.
    #[error("one redirect after the other asks to be followed later")]
    Waits,
    /// There is no end of them.
    #[error("more than {REDIRECTS_MAX} redirects")]
    TooMany,
}

/// Whether a status asks to look elsewhere (RFC 9110 §15.4), and whether for good.
pub(crate) fn kind(status: u16) -> Option<Kind> {
    match status {
        301 | 308 => Some(Kind::Permanent),
        302 | 303 | 307 => Some(Kind::Temporary),
        _ => None,
    }
}

/// For how long a redirect holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Permanent,
    Temporary,
}

/// The URL that `from` redirects to. `chain` holds every URL that was asked in this poll, `from` last. On a fault, the
/// address that it leads to, for the message, where it is one that may be shown.
pub(crate) fn follow(
    from: &Url,
    headers: &HeaderMap,
    chain: &[String],
) -> Result<Url, (RedirectFault, Option<String>)> {
    let Some(location) = headers.get(LOCATION) else { return Err((RedirectFault::Nowhere, None)) };
    let location = String::from_utf8_lossy(location.as_bytes());
    let Ok(mut to) = from.join(location.trim()) else { return Err((RedirectFault::NoAddress, None)) };
    if !matches!(to.scheme(), "http" | "https") {
        return Err((RedirectFault::Scheme { scheme: to.scheme().to_owned() }, None));
    }
    if !to.username().is_empty() || to.password().is_some() {
        return Err((RedirectFault::Credentials, None));
    }
    to.set_fragment(None);
    let fault = if from.scheme() == "https" && to.scheme() == "http" {
        RedirectFault::Downgrade
    } else if chain.iter().any(|seen| seen == to.as_str()) {
        RedirectFault::Loop
    } else if chain.len() > REDIRECTS_MAX {
        RedirectFault::TooMany
    } else {
        return Ok(to);
    };
    Err((fault, Some(to.to_string())))
}

/// What a feed says of its next poll while the redirect of `url` is waited for.
pub(crate) fn wait_words(url: &Url) -> String {
    format!("the redirect at {url} asks to be followed later (Retry-After)")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn led(from: &str, location: &[u8]) -> Result<String, RedirectFault> {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_bytes(location).unwrap());
        follow(&from.parse().unwrap(), &headers, &[from.to_owned()]).map(String::from).map_err(|(fault, _)| fault)
    }

    #[test]
    fn every_way_of_writing_an_address_is_followed() {
        for (location, expected) in [
            (&b"http://b.example/x"[..], "http://b.example/x"),
            (b"/new", "http://a.example/new"),
            (b"new?x=1#part", "http://a.example/dir/new?x=1"),
            (b"//b.example/y", "http://b.example/y"),
            (b"/with space", "http://a.example/with%20space"),
            ("/für".as_bytes(), "http://a.example/f%C3%BCr"),
            (b" https://a.example/ ", "https://a.example/"),
        ] {
            assert_eq!(led("http://a.example/dir/feed", location).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn some_ways_are_not_gone() {
        let scheme = |name: &str| Err(RedirectFault::Scheme { scheme: name.to_owned() });
        for (location, expected) in [
            (&b"file:///etc/passwd"[..], scheme("file")),
            (b"ftp://b.example/", scheme("ftp")),
            (b"gopher://b.example/", scheme("gopher")),
            (b"data:text/xml,<rss/>", scheme("data")),
            (b"javascript:alert(1)", scheme("javascript")),
            (b"https://user:pass@b.example/", Err(RedirectFault::Credentials)),
            (b"http://b.example/", Err(RedirectFault::Downgrade)),
            (b"", Err(RedirectFault::Loop)),
            (b"#here", Err(RedirectFault::Loop)),
            (b"https://[::1", Err(RedirectFault::NoAddress)),
        ] {
            assert_eq!(led("https://a.example/feed", location), expected, "{}", String::from_utf8_lossy(location));
        }
        let nowhere = follow(&"http://a.example/".parse().unwrap(), &HeaderMap::new(), &[]);
        assert_eq!(nowhere, Err((RedirectFault::Nowhere, None)));
    }
}
