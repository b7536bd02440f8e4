//! Who tells of a feed's news, as its document says (W3C WebSub §4): links of the feed itself, not those of its items.

use memchr::memmem;
use serde_json::{Map, Value};
use url::Url;

use super::outline::local;
use super::soup::{Piece, Soup, Tag};

/// So many hubs of one document are looked at.
const HUBS: usize = 4;

/// Bytes of an address of a hub, or of a feed's own.
const ADDRESS: usize = 2000;

/// The hubs that an XML document names, and the address that it gives for itself. Nothing where it names no hub.
pub(super) fn links(text: &str, url: &Url) -> (Vec<String>, Option<String>) {
    let (mut hubs, mut own) = (Vec::new(), None);
    if !may_name_one(text.as_bytes()) {
        return (hubs, own);
    }
    let mut item: Option<&str> = None;
    for piece in Soup::new(text) {
        match piece {
            Piece::Start(tag) if item.is_none() => match local(tag.name) {
                // Nearly all feeds say it before their items, which then need not be looked at.
                name if is_item(name) && own.is_some() && !hubs.is_empty() => break,
                name if is_item(name) && !tag.empty => item = Some(tag.name),
                name if name.eq_ignore_ascii_case("link") => take(&tag, url, &mut hubs, &mut own),
                _ => {}
            },
            Piece::End(name) if item == Some(name) => item = None,
            _ => {}
        }
    }
    if hubs.is_empty() { (hubs, None) } else { (hubs, own) }
}

/// The same of a JSON Feed.
pub(super) fn listed(feed: &Map<String, Value>, url: &Url) -> (Vec<String>, Option<String>) {
    let listed = feed.get("hubs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_ours = |hub: &&Value| {
        let kind = hub.get("type").and_then(Value::as_str);
        kind.is_none_or(|kind| kind.eq_ignore_ascii_case("websub") || kind.eq_ignore_ascii_case("pubsubhubbub"))
    };
    let hubs: Vec<String> =
        listed.iter().filter(is_ours).filter_map(|hub| absolute(hub.get("url")?.as_str()?, url)).take(HUBS).collect();
    let own = feed.get("feed_url").and_then(Value::as_str).and_then(|own| absolute(own, url));
    if hubs.is_empty() { (hubs, None) } else { (hubs, own) }
}

/// Whether `hub` stands somewhere as a word of its own in an attribute. Most feeds have none, and need not be read again.
fn may_name_one(text: &[u8]) -> bool {
    let around = |byte: Option<&u8>| {
        byte.is_none_or(|byte| matches!(byte, b'"' | b'\'' | b'=' | b'>' | b'/') || byte.is_ascii_whitespace())
    };
    memmem::find_iter(text, b"hub")
        .any(|at| around(at.checked_sub(1).and_then(|at| text.get(at))) && around(text.get(at + 3)))
}

fn is_item(name: &str) -> bool {
    name.eq_ignore_ascii_case("item") || name.eq_ignore_ascii_case("entry")
}

fn take(tag: &Tag<'_>, url: &Url, hubs: &mut Vec<String>, own: &mut Option<String>) {
    let (Some(rel), Some(href)) = (tag.attribute("rel"), tag.attribute("href")) else { return };
    let Some(address) = absolute(&href, url) else { return };
    for rel in rel.split_ascii_whitespace() {
        if rel.eq_ignore_ascii_case("hub") && hubs.len() < HUBS && !hubs.contains(&address) {
            hubs.push(address.clone());
        } else if rel.eq_ignore_ascii_case("self") {
            own.get_or_insert_with(|| address.clone());
        }
    }
}

/// An address of the web, as it is written where it is whole.
fn absolute(href: &str, url: &Url) -> Option<String> {
    let href = href.trim();
    let (address, written) = match Url::parse(href) {
        Ok(address) => (address, href.to_owned()),
        Err(_) => url.join(href).ok().map(|address| (address.clone(), address.into()))?,
    };
    let fits = matches!(address.scheme(), "http" | "https") && written.len() <= ADDRESS;
    let plain = !written.contains(|c: char| c.is_whitespace() || c.is_control());
    (fits && plain).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> Url {
        "https://news.example.org/feed.xml".parse().unwrap()
    }

    #[test]
    fn the_feed_names_its_hub_and_not_its_items() {
        let rss = r#"<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel>
            <item><atom:link rel="hub" href="https://item.example/"/></item>
            <atom:link href='/hub?a=1&amp;b=2' rel='hub'/><atom10:link rel=" HUB x" href="https://two.example/"/>
            <atom:link rel="self" href="https://News.example.org/feed.xml"/>
            <atom:link rel="self" href="https://other.example/"/></channel></rss>"#;
        let (hubs, own) = links(rss, &url());
        assert_eq!(hubs, ["https://news.example.org/hub?a=1&b=2", "https://two.example/"]);
        assert_eq!(own.as_deref(), Some("https://News.example.org/feed.xml"), "byte for byte, the first");
    }

    #[test]
    fn what_cannot_be_asked_is_no_hub() {
        for link in ["ftp://a.example/", "javascript:alert(1)", "https://a.example/a b", "https://"] {
            let atom = format!("<feed><link rel=\"hub\" href=\"{link}\"/><link rel=\"self\" href=\"/x\"/></feed>");
            assert_eq!(links(&atom, &url()), (vec![], None), "{link}");
        }
        let long = format!("<feed><link rel=\"hub\" href=\"https://a.example/{}\"/></feed>", "a".repeat(ADDRESS));
        assert_eq!(links(&long, &url()).0.len(), 0);
        let many =
            (0..9).map(|n| format!("<link rel='hub' href='https://{n}.example/'/>")).collect::<Vec<_>>().concat();
        assert_eq!(links(&format!("<feed>{many}</feed>"), &url()).0.len(), HUBS);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([<>/='\" a-c\\[\\]!-]|hub|rel|link|href|item|https://a|é){0,60}") {
            let (hubs, own) = links(&format!("<feed><link rel='hub' href='https://h.example/'/>{text}"), &url());
            assert!((1..=HUBS).contains(&hubs.len()) && own.is_none_or(|own| !own.is_empty()), "{text}");
        }
    }

    #[test]
    fn a_json_feed_lists_its_hubs() {
        let feed = serde_json::json!({
            "feed_url": "feed.json",
            "hubs": [{"type": "rssCloud", "url": "https://cloud.example/"}, 7, {"type": "WebSub", "url": "https://hub.example/"}],
        });
        let (hubs, own) = listed(feed.as_object().unwrap(), &url());
        assert_eq!(
            (hubs, own.as_deref()),
            (vec!["https://hub.example/".to_owned()], Some("https://news.example.org/feed.json"))
        );
    }
}
