//! Addresses: absolute, and comparable.

use url::Url;

/// Schemes that lead a reader somewhere. Anything else in a link (`javascript:`, `data:`) is not one.
const SCHEMES: [&str; 9] = ["http", "https", "ftp", "ftps", "gemini", "gopher", "magnet", "mailto", "news"];

/// An address as an item shows it: absolute, otherwise byte for byte as written. A relative one is resolved by the feed's
/// link, then by the feed's own address. `None` where it leads nowhere.
pub(crate) fn absolute(written: &str, feed_link: Option<&Url>, feed_url: &Url) -> Option<String> {
    let written = written.trim();
    if written.is_empty() {
        return None;
    }
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
