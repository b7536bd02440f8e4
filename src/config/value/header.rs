use http::{HeaderName, HeaderValue};

use crate::config::table::Fault;

/// What newswatch itself says, and what belongs to the connection (RFC 9110 §7.6.1).
const OURS: [&str; 22] = [
    "a-im",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "referer",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// The name of a header that a feed may be asked with, in lower case.
pub(in crate::config) fn header_name(text: &str) -> Result<String, Fault> {
    let Ok(name) = HeaderName::from_bytes(text.as_bytes()) else {
        return Err(Fault::new(format!("`{text}` is no name of a header"))
            .hint("a name is letters, digits and hyphens, such as X-Api-Key"));
    };
    let name = name.as_str().to_owned();
    if OURS.contains(&name.as_str()) {
        let fault = Fault::new(format!("`{text}` is set by newswatch alone"));
        return Err(match name.as_str() {
            "user-agent" => fault.hint("`contact` in [fetch] says who you are"),
            "cookie" => fault.hint("newswatch keeps and sends no cookies"),
            _ => fault.hint("take it out"),
        });
    }
    Ok(name)
}

/// The value of a header: one line of printable ASCII.
pub(in crate::config) fn header_value(text: &str) -> Result<String, Fault> {
    if text.trim() != text || text.is_empty() {
        return Err(Fault::new("the value of a header is not empty and has no spaces around it"));
    }
    match HeaderValue::from_str(text) {
        Ok(_) if text.is_ascii() => Ok(text.to_owned()),
        _ => Err(Fault::new("the value of a header is one line of printable ASCII")),
    }
}

/// Whether a header of this name, in lower case, usually holds a secret.
pub(in crate::config) fn reveals_a_secret(name: &str) -> bool {
    ["auth", "key", "token", "secret", "session", "password"].iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_may_be_asked_with_headers_that_are_not_ours() {
        assert_eq!(header_name("X-Api-Key").as_deref(), Ok("x-api-key"));
        assert_eq!(header_name("Authorization").as_deref(), Ok("authorization"));
        for name in ["", "a b", "a:b", "Host", "user-agent", "If-None-Match", "Cookie", "Referer", "ä"] {
            assert!(header_name(name).is_err(), "{name:?}");
        }
        for value in ["", " a", "a\r\nb: c", "ä", "a\0"] {
            assert!(header_value(value).is_err(), "{value:?}");
        }
        assert!(header_value("Bearer abc=").is_ok());
        assert!(reveals_a_secret("x-api-key") && !reveals_a_secret("accept-language"));
    }
}
