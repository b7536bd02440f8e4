use unicode_segmentation::UnicodeSegmentation;

use crate::item::is_break;

/// Longest link that is shown; what is longer is not meant for people, and some mail programs cut it.
const LINK_LEN_MAX: usize = 2000;

/// Query parameters that say who clicked where, and name no other page.
const TRACKING: [&str; 16] = [
    "fbclid",
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "yclid",
    "twclid",
    "igshid",
    "vero_id",
    "oly_enc_id",
];

/// Query parameters whose values are often secrets.
const SECRETS: [&str; 9] =
    ["key", "apikey", "api_key", "token", "access_token", "auth", "secret", "password", "signature"];

/// Text as it may leave the process: control characters and line breaks have become spaces, and what reorders or hides text
/// is gone. Neither trims nor collapses.
pub(super) fn clean(text: &str) -> String {
    text.chars().filter(|c| !is_invisible(*c)).map(|c| if is_break(c) { ' ' } else { c }).collect()
}

/// [`clean`], on one line without double spaces, cut after `len_max` characters at the end of one that the reader sees whole.
pub(super) fn line(text: &str, len_max: usize) -> String {
    let text = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= len_max {
        return text;
    }
    let mut cut = String::new();
    let mut len = 1;
    for cluster in text.graphemes(true) {
        len += cluster.chars().count();
        if len > len_max {
            break;
        }
        cut.push_str(cluster);
    }
    format!("{}…", cut.trim_end())
}

/// Overrides of direction, zero-width characters that join nothing, and tags.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A link as it is shown: as found, without parameters that track its reader. `None` where it is no web address that can be
/// followed safely.
pub(super) fn link(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let text = if plain && url.username().is_empty() && url.password().is_none() {
        text.to_owned()
    } else {
        // Credentials, spaces, control and non-ASCII characters are only left to the parser's own spelling.
        let mut url = url.clone();
        url.set_username("").and_then(|()| url.set_password(None)).ok()?;
        url.to_string()
    };
    let text = without(&text, |name| name.starts_with("utm_") || name.starts_with("mtm_") || TRACKING.contains(&name));
    (text.len() <= LINK_LEN_MAX).then_some(text)
}

/// The name of the site that a link leads to, in ASCII, without `www.`.
pub(super) fn site(link: &str) -> Option<String> {
    let url = url::Url::parse(link).ok()?;
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

/// An address of a feed, as it may be shown: without user, password, or values that are often secrets.
pub(super) fn address(text: &str) -> String {
    let Ok(mut url) = url::Url::parse(text) else { return line(text, LINK_LEN_MAX) };
    // Only addresses that cannot hold a user refuse, and there is none to remove then.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    let text = url.to_string();
    line(&without(&text, |name| SECRETS.contains(&name)), LINK_LEN_MAX)
}

/// The address without those parameters of its query whose lower-case name is `unwanted`.
fn without(text: &str, unwanted: impl Fn(&str) -> bool) -> String {
    let (rest, fragment) = text.split_once('#').map_or((text, None), |(rest, fragment)| (rest, Some(fragment)));
    let Some((path, query)) = rest.split_once('?') else { return text.to_owned() };
    let wanted: Vec<&str> = query
        .split('&')
        .filter(|pair| !unwanted(&pair.split('=').next().unwrap_or_default().to_ascii_lowercase()))
        .collect();
    let mut text = path.to_owned();
    if !wanted.is_empty() {
        text.push('?');
        text.push_str(&wanted.join("&"));
    }
    if let Some(fragment) = fragment {
        text.push('#');
        text.push_str(fragment);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_one_line_and_is_cut_where_a_reader_would() {
        assert_eq!(line(" a\r\nBcc: b\u{202e}c\u{200b}\u{7}  d ", 80), "a Bcc: bc d");
        assert_eq!(line("abcdef", 4), "abc…");
        // The flag is two characters, and half of it would be a letter.
        assert_eq!(line("ab🇧🇪cd", 4), "ab…");
        assert_eq!(line("क्षत्रिय", 3), "…");
    }

    #[test]
    fn links_lose_their_trackers_and_nothing_else() {
        let shown = |text| link(text).unwrap_or_default();
        assert_eq!(shown("https://x.org/a?utm_source=b&id=3&FBCLID=c#d"), "https://x.org/a?id=3#d");
        assert_eq!(shown("https://x.org/a?utm_source=b"), "https://x.org/a");
        assert_eq!(shown("https://X.org/%7ea?b&&c"), "https://X.org/%7ea?b&&c");
        assert_eq!(shown("https://me:pw@x.org/a"), "https://x.org/a");
        assert_eq!(shown("https://bücher.example/a b\""), "https://xn--bcher-kva.example/a%20b%22");
        for bad in ["javascript:alert(1)", "data:text/html,x", "//x.org", "", "file:///etc/passwd"] {
            assert_eq!(link(bad), None, "{bad}");
        }
        assert_eq!(link(&format!("https://x.org/{}", "a".repeat(3000))), None);
        assert_eq!(site("https://www.x.org:8080/").as_deref(), Some("x.org"));
    }

    #[test]
    fn an_address_shows_no_secret() {
        assert_eq!(address("https://me:pw@x.org/rss?token=abc&id=3"), "https://x.org/rss?id=3");
    }

    proptest! {
        #[test]
        fn no_line_holds_a_break_or_an_override(text in any::<String>(), len_max in 1_usize..200) {
            let line = line(&text, len_max);
            prop_assert!(line.chars().count() <= len_max);
            prop_assert!(!line.chars().any(|c| is_break(c) || is_invisible(c)));
        }

        #[test]
        fn a_shown_link_holds_nothing_that_ends_it(text in "https?://[a-z.]{1,9}/\\PC{0,40}") {
            if let Some(link) = link(&text) {
                prop_assert!(link.bytes().all(|byte| byte.is_ascii_graphic()), "{}", link);
            }
        }
    }
}
