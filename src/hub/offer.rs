use url::{Host, Url};

use crate::item::Offer;

/// A feed that would be told of, as far as it matters whether its hub may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscriber<'a> {
    /// Its address in the config.
    pub url: &'a Url,
    /// Whether it may be at an address that is not public.
    pub allow_private: bool,
    /// It is asked with a password, or with headers of its own.
    pub has_secret: bool,
}

/// Who tells of a feed's news: what the headers say goes before what the document says (W3C WebSub §4). `None` where it names
/// no hub, or does not say what it calls itself there.
pub fn offer(
    headers: (&[String], Option<&str>),
    document: (&[String], Option<&str>),
    feed: Subscriber<'_>,
) -> Option<Offer> {
    let hubs = if headers.0.is_empty() { document.0 } else { headers.0 };
    let topic = headers.1.or(document.1)?;
    let offers: Vec<Offer> = hubs.iter().map(|hub| Offer { hub: hub.clone(), topic: topic.to_owned() }).collect();
    let fit = offers.iter().find(|offer| bar(offer, feed).is_none());
    fit.or(offers.first()).cloned()
}

/// Why a hub is not asked, if so: the secret that it is to sign with goes along with the question.
///
/// Over http everybody on the way reads it, and could then speak for the hub. So that is done only where the way is our own
/// network: for a feed that may be at a private address, whose hub is at the same one. Which addresses a name stands for is
/// checked when it is asked, as for everything.
pub fn bar(offer: &Offer, feed: Subscriber<'_>) -> Option<&'static str> {
    if feed.has_secret {
        return Some("the feed is asked with a password or headers of its own, which no hub has");
    }
    let Ok(hub) = Url::parse(&offer.hub) else { return Some("the hub's address cannot be read") };
    if hub.has_authority() && (!hub.username().is_empty() || hub.password().is_some()) {
        return Some("the hub's address holds a user or a password");
    }
    if hub.scheme() != "https" && !(feed.allow_private && hub.host() == feed.url.host() && is_own(&hub)) {
        return Some("the hub is not asked over https, and would be sent a secret");
    }
    None
}

/// Whether the host is written as an address that cannot be reached through the Internet.
fn is_own(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(v4)) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        Some(Host::Ipv6(v6)) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(headers: (&[&str], Option<&str>), document: (&[&str], Option<&str>)) -> Option<(String, String)> {
        let owned = |list: &[&str]| list.iter().map(|&hub| hub.to_owned()).collect::<Vec<_>>();
        let url = "https://news.example.org/feed.xml".parse().unwrap();
        let feed = Subscriber { url: &url, allow_private: false, has_secret: false };
        offer((&owned(headers.0), headers.1), (&owned(document.0), document.1), feed)
            .map(|offer| (offer.hub, offer.topic))
    }

    #[test]
    fn headers_go_first_and_both_parts_are_needed() {
        let pair = |hub: &str, topic: &str| Some((hub.to_owned(), topic.to_owned()));
        assert_eq!(made((&["https://h/"], Some("t")), (&["https://d/"], Some("u"))), pair("https://h/", "t"));
        assert_eq!(made((&["https://h/"], None), (&["https://d/"], Some("u"))), pair("https://h/", "u"));
        assert_eq!(made((&[], Some("t")), (&["https://d/"], Some("u"))), pair("https://d/", "t"));
        assert_eq!(made((&["https://h/"], None), (&[], None)), None);
        assert_eq!(made((&[], Some("t")), (&[], Some("u"))), None);
    }

    #[test]
    fn of_several_hubs_the_first_that_may_be_asked_is() {
        let found = made((&["http://a.example/", "https://b.example/"], Some("t")), (&[], None));
        assert_eq!(found.unwrap().0, "https://b.example/");
        let none = made((&["http://a.example/", "http://b.example/"], Some("t")), (&[], None));
        assert_eq!(none.unwrap().0, "http://a.example/", "so that it can be told why");
    }

    #[test]
    fn no_secret_goes_over_http_but_inside_our_own_network() {
        let barred = |hub: &str, feed: &str, allow_private| {
            let offer = Offer { hub: hub.to_owned(), topic: "t".to_owned() };
            let url = feed.parse().unwrap();
            bar(&offer, Subscriber { url: &url, allow_private, has_secret: false }).is_some()
        };
        assert!(!barred("https://hub.example/", "http://news.example/", false));
        assert!(barred("http://hub.example/", "http://hub.example/", true));
        assert!(!barred("http://127.0.0.1:81/", "http://127.0.0.1:80/", true));
        assert!(barred("http://127.0.0.1:81/", "http://127.0.0.1:80/", false));
        assert!(barred("http://127.0.0.2/", "http://127.0.0.1/", true));
        assert!(barred("http://9.9.9.9/", "http://9.9.9.9/", true));
        assert!(!barred("http://[::1]:81/", "http://[::1]/", true));
        assert!(barred("https://me:secret@hub.example/", "https://hub.example/", true));
        assert!(barred("nonsense", "https://hub.example/", true));
        let (offer, url) =
            (Offer { hub: "https://h/".to_owned(), topic: "t".to_owned() }, "https://a/".parse().unwrap());
        let secret = Subscriber { url: &url, allow_private: true, has_secret: true };
        assert!(bar(&offer, secret).is_some_and(|why| why.contains("password")));
    }
}
