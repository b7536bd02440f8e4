//! What servers gave to recognise their documents by: kept for the URL that gave it, sent back byte for byte.

use http::HeaderMap;
use http::header::{ETAG, HeaderName, LAST_MODIFIED};

use crate::item::Validators;

/// What this very URL gave.
pub(crate) fn given_by<'v>(validators: &'v [Validators], url: &str) -> Option<&'v Validators> {
    validators.iter().find(|entry| entry.url == url)
}

/// Whether a request that carries them is conditional.
pub(crate) fn ask_something(validators: Option<&Validators>) -> bool {
    validators.is_some_and(|entry| entry.etag.is_some() || entry.last_modified.is_some())
}

/// Of so many URLs validators are kept: a redirect may lead to several mirrors by turns, or to another address each time.
const URLS_MAX: usize = 10;

/// The list to be kept after `url` gave a document with these headers: each validator is what came now, or nothing. Those of
/// other URLs stay, the newest last, as long as there are not too many; those on the way here (`chain`) stay longest.
pub(crate) fn after_document(
    before: &[Validators],
    chain: &[String],
    url: &str,
    headers: &HeaderMap,
) -> Vec<Validators> {
    let mut after = others(before, chain, url);
    let entry =
        Validators { url: url.to_owned(), etag: value(headers, &ETAG), last_modified: value(headers, &LAST_MODIFIED) };
    if ask_something(Some(&entry)) {
        after.push(entry);
    }
    after
}

/// How a 304 relates to what was asked with (RFC 9111 §4.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    /// It names the document that was asked about, or none at all.
    Same,
    /// It names another one: nothing may be updated from it.
    Other,
}

/// The list to be kept after `url` answered 304 to a request with its validators.
///
/// The `ETag` stays as it was: the server has just recognised it.
pub(crate) fn after_not_modified(
    before: &[Validators],
    chain: &[String],
    url: &str,
    headers: &HeaderMap,
) -> (Vec<Validators>, Match) {
    let mut after = others(before, chain, url);
    let Some(asked) = given_by(before, url) else { return (after, Match::Same) };
    let (etag, last_modified) = (value(headers, &ETAG), value(headers, &LAST_MODIFIED));
    let mut entry = asked.clone();
    let same = match (&etag, &last_modified) {
        (Some(etag), _) if is_strong(etag) => match &asked.etag {
            Some(known) if is_strong(known) => etag == known,
            Some(known) => opaque(etag) == opaque(known),
            None => last_modified.is_some() && last_modified == asked.last_modified,
        },
        (Some(etag), _) => asked.etag.as_ref().is_some_and(|known| opaque(etag) == opaque(known)),
        (None, Some(_)) => last_modified == asked.last_modified,
        (None, None) => true,
    };
    if same && last_modified.is_some() {
        entry.last_modified = last_modified;
    }
    after.push(entry);
    (after, if same { Match::Same } else { Match::Other })
}

fn others(before: &[Validators], chain: &[String], url: &str) -> Vec<Validators> {
    let mut others: Vec<Validators> = before.iter().filter(|entry| entry.url != url).cloned().collect();
    while others.len() >= URLS_MAX {
        let oldest = others.iter().position(|entry| !chain.contains(&entry.url)).unwrap_or(0);
        others.remove(oldest);
    }
    others
}

/// The bytes as they came; an empty value is as good as none.
fn value(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<u8>> {
    headers.get(name).map(|value| value.as_bytes().to_vec()).filter(|bytes| !bytes.is_empty())
}

/// RFC 9110 §8.8.3: weak ones begin with `W/`, and that in capitals.
fn is_strong(etag: &[u8]) -> bool {
    !etag.starts_with(b"W/")
}

fn opaque(etag: &[u8]) -> &[u8] {
    etag.strip_prefix(b"W/").unwrap_or(etag)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const URL: &str = "http://example.org/feed";

    fn headers(etag: Option<&[u8]>, last_modified: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(etag) = etag {
            headers.insert(ETAG, HeaderValue::from_bytes(etag).unwrap());
        }
        if let Some(date) = last_modified {
            headers.insert(LAST_MODIFIED, HeaderValue::from_str(date).unwrap());
        }
        headers
    }

    fn known(url: &str, etag: Option<&str>, last_modified: Option<&str>) -> Validators {
        let bytes = |text: &str| text.as_bytes().to_vec();
        Validators { url: url.to_owned(), etag: etag.map(bytes), last_modified: last_modified.map(bytes) }
    }

    #[test]
    fn each_validator_of_a_document_is_kept_or_dropped_on_its_own() {
        let before = [known(URL, Some("\"a\""), Some("Mon"))];
        let after = |etag: Option<&[u8]>, date| after_document(&before, &[URL.to_owned()], URL, &headers(etag, date));
        assert_eq!(after(Some(b"\"b\""), None), [known(URL, Some("\"b\""), None)]);
        assert_eq!(after(None, Some("Tue")), [known(URL, None, Some("Tue"))]);
        assert_eq!(after(None, None), []);
        assert_eq!(after(Some(b""), None), []);
        assert_eq!(after(Some(b"\"\""), None), [known(URL, Some("\"\""), None)]);
        assert_eq!(after(Some(b"\xff \x80"), None)[0].etag.as_deref(), Some(&b"\xff \x80"[..]));
    }

    #[test]
    fn those_of_other_urls_are_kept_but_not_without_end() {
        let hop = known("http://example.org/hop", Some("\"h\""), None);
        let chain = [hop.url.clone(), URL.to_owned()];
        let mirror = |n: usize| known(&format!("http://example.org/{n}"), Some("\"o\""), None);
        let mut kept = vec![hop.clone()];
        for n in 0..20 {
            kept = after_document(&kept, &[mirror(n).url], &mirror(n).url, &headers(Some(b"\"o\""), None));
        }
        assert_eq!(kept, (10..20).map(mirror).collect::<Vec<_>>(), "the newest ten");
        kept[0] = hop.clone();
        let after = after_document(&kept, &chain, URL, &headers(Some(b"\"n\""), None));
        let expected = [vec![hop], (12..20).map(mirror).collect(), vec![known(URL, Some("\"n\""), None)]].concat();
        assert_eq!(after, expected, "what lies on the way stays");
    }

    /// `ETag` and date that were asked with, the same of the answer, the date that is kept, and what the answer is about.
    type Case = (
        Option<&'static str>,
        Option<&'static str>,
        Option<&'static [u8]>,
        Option<&'static str>,
        Option<&'static str>,
        Match,
    );

    #[test]
    fn a_304_updates_the_date_only_where_it_means_the_same_document() {
        let asked_with = |etag, date| [known(URL, etag, date)];
        let cases: [Case; 11] = [
            (Some("\"a\""), Some("Mon"), Some(b"\"a\""), Some("Tue"), Some("Tue"), Match::Same),
            (Some("\"a\""), Some("Mon"), Some(b"\"b\""), Some("Tue"), Some("Mon"), Match::Other),
            (Some("\"a\""), Some("Mon"), Some(b"W/\"a\""), Some("Tue"), Some("Tue"), Match::Same),
            (Some("W/\"a\""), Some("Mon"), Some(b"W/\"b\""), Some("Tue"), Some("Mon"), Match::Other),
            (Some("W/\"a\""), None, Some(b"\"a\""), Some("Tue"), Some("Tue"), Match::Same),
            (Some("\"a\""), Some("Mon"), None, None, Some("Mon"), Match::Same),
            (Some("\"a\""), Some("Mon"), None, Some("Tue"), Some("Mon"), Match::Other),
            (Some("\"a\""), Some("Mon"), None, Some("Mon"), Some("Mon"), Match::Same),
            (None, Some("Mon"), Some(b"\"n\""), Some("Mon"), Some("Mon"), Match::Same),
            (None, Some("Mon"), Some(b"\"n\""), Some("Tue"), Some("Mon"), Match::Other),
            (None, Some("Mon"), None, None, Some("Mon"), Match::Same),
        ];
        for case in cases {
            let (etag, date, new_etag, new_date, kept, verdict) = case;
            let (after, found) =
                after_not_modified(&asked_with(etag, date), &[URL.to_owned()], URL, &headers(new_etag, new_date));
            assert_eq!((after, found), (vec![known(URL, etag, kept)], verdict), "{case:?}");
        }
    }
}
