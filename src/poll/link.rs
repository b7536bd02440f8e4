//! `Link` in the headers of an answer (RFC 8288 §3), as far as it says who tells of a feed's news.

use http::HeaderMap;
use http::header::LINK;
use url::Url;

/// So many hubs of one answer are looked at.
const HUBS: usize = 4;

/// Bytes of an address that is looked at.
const ADDRESS: usize = 2000;

/// What the headers of a document say of its hub (W3C WebSub §4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links {
    /// Addresses with `rel=hub`, absolute, in their order.
    pub hubs: Vec<String>,
    /// The first address with `rel=self`, absolute, otherwise byte for byte.
    pub own: Option<String>,
}

/// Reads all `Link` fields of an answer from `url`.
pub(super) fn links(headers: &HeaderMap, url: &Url) -> Links {
    let mut links = Links::default();
    for value in headers.get_all(LINK) {
        let Ok(mut rest) = value.to_str() else { continue };
        while let Some(link) = next(&mut rest) {
            take(link, url, &mut links);
        }
    }
    links
}

/// The next link of a field: its address and what stands behind it, up to a comma that is in no quotes.
fn next<'a>(rest: &mut &'a str) -> Option<(&'a str, &'a str)> {
    let (_, behind) = rest.split_once('<')?;
    let (address, behind) = behind.split_once('>')?;
    let (parameters, behind) = cut(behind, ',');
    *rest = behind;
    Some((address.trim(), parameters))
}

/// Up to a mark that is in no quotes, and what follows it.
fn cut(text: &str, mark: char) -> (&str, &str) {
    let (mut quoted, mut escaped) = (false, false);
    let end = text.find(|char| {
        let ends = char == mark && !quoted;
        quoted ^= char == '"' && !escaped;
        escaped = char == '\\' && quoted && !escaped;
        ends
    });
    end.map_or((text, ""), |end| (&text[..end], &text[end + mark.len_utf8()..]))
}

fn take((address, mut parameters): (&str, &str), url: &Url, links: &mut Links) {
    let mut rels = None;
    while !parameters.is_empty() {
        let (parameter, behind) = cut(parameters, ';');
        parameters = behind;
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            // The first one counts (RFC 8288 §3.3).
            "rel" => {
                rels.get_or_insert(value.trim().trim_matches('"'));
            }
            // One that is anchored elsewhere speaks of something else (RFC 8288 §3.2).
            "anchor" => return,
            _ => {}
        }
    }
    let Some(address) = absolute(address, url) else { return };
    for rel in rels.unwrap_or_default().split_ascii_whitespace() {
        if rel.eq_ignore_ascii_case("hub") && links.hubs.len() < HUBS && !links.hubs.contains(&address) {
            links.hubs.push(address.clone());
        } else if rel.eq_ignore_ascii_case("self") {
            links.own.get_or_insert_with(|| address.clone());
        }
    }
}

fn absolute(address: &str, url: &Url) -> Option<String> {
    let (known, written) = match Url::parse(address) {
        Ok(known) => (known, address.to_owned()),
        Err(_) => url.join(address).ok().map(|known| (known.clone(), known.into()))?,
    };
    let plain = written.len() <= ADDRESS && !written.contains(char::is_whitespace);
    (plain && matches!(known.scheme(), "http" | "https")).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Links {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(LINK, value.parse().unwrap());
        }
        links(&headers, &"https://news.example.org/a/feed.xml".parse().unwrap())
    }

    fn hubs(hubs: &[&str], own: Option<&str>) -> Links {
        Links { hubs: hubs.iter().map(|&hub| hub.to_owned()).collect(), own: own.map(str::to_owned) }
    }

    #[test]
    fn links_are_read_as_they_are_written() {
        let both = "<https://hub.example/>; rel=\"hub\", </feed.xml>; title=\"a, <b>; rel=hub\"; REL=self";
        assert_eq!(read(&[both]), hubs(&["https://hub.example/"], Some("https://news.example.org/feed.xml")));
        let apart = ["<https://A.example/>;rel=\"alternate HUB self\"", "<https://b.example/>; rel=hub"];
        assert_eq!(read(&apart), hubs(&["https://A.example/", "https://b.example/"], Some("https://A.example/")));
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_it_panic(text in "([<>;,=\"\\\\ a-c]|hub|self|rel|https://a){0,60}") {
            let mut headers = HeaderMap::new();
            headers.append(LINK, text.parse().unwrap());
            let read = links(&headers, &"https://news.example.org/".parse().unwrap());
            assert!(read.hubs.len() <= HUBS, "{text}");
        }
    }

    #[test]
    fn what_says_nothing_is_passed_over() {
        for value in [
            "",
            "<",
            "<https://a.example/>",
            "<https://a.example/>; rel",
            "<ftp://a.example/>; rel=hub",
            "<https://a.example/b c>; rel=hub",
            "<https://a.example/>; rel=hub; anchor=\"/other\"",
            "https://a.example/; rel=hub",
        ] {
            assert_eq!(read(&[value]), Links::default(), "{value}");
        }
        let many = "<https://1.example/>;rel=hub,<https://2.example/>;rel=hub,<https://3.example/>;rel=hub,\
                    <https://4.example/>;rel=hub,<https://5.example/>;rel=hub";
        assert_eq!(read(&[many]).hubs.len(), HUBS);
    }
}
