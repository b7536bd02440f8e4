use url::Host;

use crate::config::table::Fault;

/// RFC 1035 §2.3.4.
const LABEL_LEN_MAX: usize = 63;

/// A domain, in ASCII and small letters.
pub(in crate::config) fn domain(text: &str) -> Result<String, Fault> {
    match Host::parse(text) {
        Ok(Host::Domain(name)) if name.contains('.') && labels_fit(&name) => Ok(name),
        _ => Err(Fault::new("this is not a domain").hint("write \"example.org\"")),
    }
}

/// The selector of a key in the DNS (RFC 6376 §3.1).
pub(in crate::config) fn selector(text: &str) -> Result<String, Fault> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.bytes().all(fits) && labels_fit(text) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Fault::new("a selector is a name in the DNS: letters, digits and hyphens").hint("write \"news\", or \"s2026\""))
}

fn labels_fit(name: &str) -> bool {
    name.len() <= 200 && name.split('.').all(|label| (1..=LABEL_LEN_MAX).contains(&label.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_dns() {
        assert_eq!(domain("Example.org").as_deref(), Ok("example.org"));
        assert_eq!(domain("münchen.de").as_deref(), Ok("xn--mnchen-3ya.de"));
        assert_eq!(selector("S2026.news_1").as_deref(), Ok("s2026.news_1"));
        for bad in ["", "localhost", "192.0.2.1", "a b.org", "a..org", "example.org; d=evil.example"] {
            assert!(domain(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "a b", "a;", "a..b", "ü", "a\r\nb", &"a".repeat(64)] {
            assert!(selector(bad).is_err(), "{bad:?}");
        }
    }
}
