//! Addresses: absolute, and comparable.

use url::Url;

use crate::understand::text::html::scan::{Piece, Scanner};

/// Schemes that lead a reader somewhere. Anything else in a link (`javascript:`, `data:`) is not one.
const SCHEMES: [&str; 9] = ["http", "https", "ftp", "ftps", "gemini", "gopher", "magnet", "mailto", "news"];

/// An address as an item shows it: absolute, otherwise byte for byte as written. A relative one is resolved by the feed's
/// link, then by the feed's own address. `None` where it leads nowhere.
pub(crate) fn absolute(written: &str, feed_link: Option<&Url>, feed_url: &Url) -> Option<String> {
    let written = written.trim();
    if written.is_empty() {
        return None;
    }
    if is_plain(written) {
        return Some(written.to_owned());
    }
    let inside = inside(written);
    let written = inside.as_deref().unwrap_or(written);
    let url = match Url::parse(written) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => feed_link
            .filter(|base| !base.cannot_be_a_base())
            .and_then(|base| base.join(written).ok())
            .or_else(|| feed_url.join(written).ok())?,
        Err(_) => return None,
    };
    if !SCHEMES.contains(&url.scheme()) {
        return None;
    }
    let presentable = !written.chars().any(|c| c.is_whitespace() || c.is_control());
    let is_absolute = written.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case(url.scheme()));
    Some(if presentable && is_absolute { written.to_owned() } else { url.into() })
}

/// A link's relation as it is compared: IANA's own address of it stands for its name (RFC 4287 §4.2.7.2).
pub(crate) fn relation(written: &str) -> String {
    let relation = written.trim().to_ascii_lowercase();
    let name = relation.strip_prefix("http://www.iana.org/assignments/relation/");
    name.map(ToOwned::to_owned).unwrap_or(relation)
}

/// What is meant by a link that is not written as an address: the target of an element of HTML, and a host that calls itself
/// one of the web but has no scheme.
fn inside(written: &str) -> Option<String> {
    if written.starts_with('<') {
        let target = Scanner::new(written).find_map(|piece| match piece {
            Piece::Start(tag) => tag.attribute("href"),
            _ => None,
        });
        return target.map(|target| target.trim().to_owned());
    }
    let host = written.split(['/', '?', '#']).next().unwrap_or_default();
    let is_file = host.rsplit('.').next().is_some_and(|end| end.eq_ignore_ascii_case("html"));
    let begins = host.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("www."));
    let is_host = begins && !is_file && host.split('.').count() > 2;
    is_host.then(|| format!("https://{written}"))
}

/// Bytes of an address by which others are resolved: each of them would hold it.
const BASE: usize = 2048;

/// A feed's own address as the base of its items' links.
pub(crate) fn base(link: &str) -> Option<Url> {
    Url::parse(link).ok().filter(|_| link.len() <= BASE)
}

/// Whether an address of the web certainly is as a URL parser would write it: nearly all are, and parsing each of them is a
/// good part of what reading a feed costs.
pub(crate) fn is_plain(link: &str) -> bool {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
    let Some((host, path)) = rest.and_then(|rest| rest.split_at_checked(rest.find('/')?)) else { return false };
    // What ends with a digit may be an address of numbers, and `xn--` may stand for what no host can be called.
    let is_name = host.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
        && host.as_bytes().last().is_some_and(u8::is_ascii_lowercase)
        && host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
        && !host.contains("xn--")
        && !host.contains("..");
    // A segment that begins with a dot, however it is written, may mean another.
    let mut before = 0;
    is_name
        && path.bytes().all(|byte| {
            let starts = std::mem::replace(&mut before, byte) == b'/';
            match byte {
                b'.' | b'%' => !starts,
                _ => byte.is_ascii_alphanumeric() || b"/-_~?=&+:,;@!*()$#".contains(&byte),
            }
        })
}

/// Parameters that tell how a reader came, not where to.
const TRACKING: [&str; 11] =
    ["_hsenc", "dclid", "fbclid", "gbraid", "gclid", "mc_eid", "mkt_tok", "msclkid", "twclid", "wbraid", "yclid"];

fn is_tracking(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
    name.starts_with("utm_") || name.starts_with("mtm_") || TRACKING.contains(&name.as_str())
}

/// A link in the form in which two of them are compared: without tracking parameters and fragment, `http` as `https`,
/// without `www.`. Applied to its own result it changes nothing. What is shown and fetched is always the feed's own link.
pub fn canonical_link(link: &str) -> String {
    let link = link.trim();
    if is_canonical(link) {
        return link.to_owned();
    }
    parsed_link(link)
}

/// Whether a link certainly is in that form. Nearly all are, and need not be taken apart.
fn is_canonical(link: &str) -> bool {
    is_plain(link) && link.starts_with("https://") && !link.starts_with("https://www.") && !link.contains(['?', '#'])
}

fn parsed_link(link: &str) -> String {
    let Ok(mut url) = Url::parse(link) else { return link.to_owned() };
    if url.scheme() == "http" && url.set_scheme("https").is_err() {
        return link.to_owned();
    }
    if url.scheme() != "https" {
        return url.into();
    }
    url.set_fragment(None);
    let query = url
        .query()
        .map(|query| query.split('&').filter(|parameter| !is_tracking(parameter)).collect::<Vec<_>>().join("&"));
    url.set_query(query.as_deref().filter(|query| !query.is_empty()));
    let plain = url.host_str().map(|host| {
        let mut plain = host;
        while let Some(rest) = plain.strip_prefix("www.").filter(|rest| rest.contains('.')) {
            plain = rest;
        }
        plain.to_owned()
    });
    if let Some(plain) = plain
        && url.host_str() != Some(plain.as_str())
        && url.set_host(Some(&plain)).is_err()
    {
        return link.to_owned();
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_are_shown_as_written_and_made_absolute() {
        let feed = Url::parse("http://feeds.example/all/index.xml").unwrap();
        let site = Url::parse("https://news.example/a/").unwrap();
        let shown = |written| absolute(written, Some(&site), &feed);
        for (written, expected) in [
            ("http://Example.com", Some("http://Example.com")),
            ("https://example.com/é?utm_source=rss#x", Some("https://example.com/é?utm_source=rss#x")),
            (" https://example.com/a b ", Some("https://example.com/a%20b")),
            ("https://example.com/a\r\nBcc: b", Some("https://example.com/aBcc:%20b")),
            ("b/c", Some("https://news.example/a/b/c")),
            ("/c", Some("https://news.example/c")),
            ("//other.example/c", Some("https://other.example/c")),
            ("?d", Some("https://news.example/a/?d")),
            ("www.other.example/c", Some("https://www.other.example/c")),
            ("www.page.html", Some("https://news.example/a/www.page.html")),
            ("www/c", Some("https://news.example/a/www/c")),
            ("magnet:?xt=urn:btih:1", Some("magnet:?xt=urn:btih:1")),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("http://[", None),
            ("", None),
        ] {
            assert_eq!(shown(written).as_deref(), expected, "{written}");
        }
        assert_eq!(absolute("b", None, &feed).as_deref(), Some("http://feeds.example/all/b"));
    }

    #[test]
    fn links_that_lead_to_one_place_are_equal() {
        for (link, canonical) in [
            ("http://www.Example.com/a?utm_source=x&b=2&UTM_medium=y&fbclid=z#top", "https://example.com/a?b=2"),
            ("https://example.com/a?b=2", "https://example.com/a?b=2"),
            ("http://example.com:80/", "https://example.com/"),
            ("http://example.com/?utm_id=1", "https://example.com/"),
            ("https://example.com/?ref=rss&gclid", "https://example.com/?ref=rss"),
            ("http://www.com/", "https://www.com/"),
            ("http://www.www.example.com/", "https://example.com/"),
            ("http://127.0.0.1:8080/a?mtm_campaign=1", "https://127.0.0.1:8080/a"),
            (" magnet:?xt=urn:btih:1&utm_source=a ", "magnet:?xt=urn:btih:1&utm_source=a"),
            ("no address", "no address"),
        ] {
            assert_eq!(canonical_link(link), canonical, "{link}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_plain_link_is_as_a_parser_writes_it(
            link in "https?://([a-z0-9]{1,4}[.-]){0,3}[a-z]{1,3}(:80)?/([a-zA-Z0-9.%/?#=&:;@!*()$',_~+-]|%2[eE]|/\\.){0,12}",
        ) {
            if is_plain(&link) {
                let parsed = Url::parse(&link);
                prop_assert_eq!(parsed.as_ref().map(Url::as_str), Ok(link.as_str()));
            }
        }

        #[test]
        fn canonical_is_canonical(link in "(https?|HTTP|ftp|mailto)?:?/{0,3}(www\\.){0,3}[a-z0-9é.@:%-]{0,12}(/[^ ]{0,8})?(\\?[a-z_=&%+é]{0,12}(&?(utm_a|gclid)=1)?)?(#.{0,4})?") {
            let once = canonical_link(&link);
            prop_assert_eq!(canonical_link(&once), once.clone(), "{}", link);
        }

        #[test]
        fn what_is_taken_for_canonical_is(link in "https://(www\\.)?[a-z0-9.-]{1,8}(/[a-zA-Z0-9.%#?&=_;-]{0,6}){0,3}") {
            prop_assert_eq!(canonical_link(&link), parsed_link(&link));
        }
    }
}
