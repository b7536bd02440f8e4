//! Redirects: followed, watched, believed after a week, and never into the dark.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use newswatch::poll::{FetchError, Hop, Reply};

use super::stage::{Case, DAY, HOUR, feed};
use super::world::{World, reply, unreachable_host};
use crate::harness::feeds::{Answer, Origin};
use crate::harness::items::rss;

/// A case whose server has the same feed at `/b.xml` too.
fn with_target() -> Case {
    let case = Case::new();
    case.origin.serve("/b.xml", feed(&["budget"]).header("ETag", "\"b\""));
    case
}

fn to_b(status: u16) -> Answer {
    Answer::redirect(status, "/b.xml")
}

/// How often the target was asked, and how often the address of the config.
fn counts(case: &Case) -> (usize, usize) {
    (case.origin.requests("/b.xml").len(), case.asked())
}

/// Sees a permanent redirect so often, with so many days between.
fn sees(case: &Case, times: usize, days: i64) {
    for _ in 0..times {
        case.next(to_b(301));
        case.later(days * DAY);
    }
}

/// One more poll, whoever is asked: whether it was the new address, without the old one.
fn asks_b_alone(case: &Case) -> bool {
    let before = counts(case);
    case.origin.first("/a.xml", [to_b(301)]);
    case.until_due();
    case.pass();
    let after = counts(case);
    assert!(after.0 > before.0, "{}", case.feed());
    after.1 == before.1
}

/// 302, 303, 307 | followed, and never remembered: the next poll begins at the config's address | RFC 9110 §15.4; rule 23
#[test]
fn c066_temporary() {
    for status in [302, 303, 307] {
        let case = with_target();
        for _ in 0..4 {
            case.next(to_b(status));
            case.later(4 * DAY);
        }
        assert_eq!((counts(&case), case.items()), ((4, 4), 1), "{status}");
        assert_eq!(case.number("SELECT moved_seen FROM feed"), None);
    }
}

/// 301, seen for the first time | followed and noted; the next poll begins at the config's address | rule 22
#[test]
fn c067_permanent_once() {
    let case = with_target();
    case.next(to_b(301));
    assert_eq!(case.number("SELECT moved_seen FROM feed"), Some(1));
    case.next(to_b(301));
    assert_eq!(counts(&case), (2, 2));
}

/// The same chain of nothing but 301 and 308, on three polls over a week, to a feed with the same items | from then on the new
/// address is asked directly; the move is shown with the line to change | rule 22
#[test]
fn c068_permanent_for_a_week() {
    let case = with_target();
    sees(&case, 2, 4);
    assert!(!asks_b_alone(&case), "two sightings are too few");
    case.later(DAY);
    assert!(asks_b_alone(&case));
    let shown = case.newswatch.run(&["feed", "show", "a"]).ok().stdout;
    assert!(shown.contains("url = ") && shown.contains("/b.xml"), "{shown}");
    let case = with_target();
    sees(&case, 4, 1);
    assert!(!asks_b_alone(&case), "four days are too short");
}

/// http that redirects for good to https and changes nothing else | https is asked at once from then on | rules 22, 27
#[tokio::test]
async fn c069_https() {
    let world = World::new(["http://a.example/rss?x=1".to_owned()], |hop| {
        let page = rss(&super::stage::entries(&["budget"]));
        Ok(match hop.url.scheme() {
            "http" => reply(301, &[("location", "https://a.example/rss?x=1")], ""),
            _ => reply(200, &[], &page),
        })
    });
    world.pass_after(0).await;
    world.pass_after(2 * HOUR).await;
    let urls: Vec<String> = world.asked().into_iter().map(|(_, url)| url).collect();
    assert_eq!(urls, ["http://a.example/rss?x=1", "https://a.example/rss?x=1", "https://a.example/rss?x=1"]);
}

/// 301 and then 302 | not permanent | rule 22
#[test]
fn c070_mixed_chain() {
    let case = with_target();
    for _ in 0..4 {
        case.origin.first("/hop", [to_b(302)]);
        case.next(Answer::redirect(301, "/hop"));
        case.later(4 * DAY);
    }
    assert_eq!((counts(&case), case.number("SELECT moved_seen FROM feed")), ((4, 4), None));
}

/// 301 to another place each time | none of them is believed | rule 22
#[test]
fn c071_wandering() {
    let case = Case::new();
    for n in 0..5 {
        let path = format!("/{n}.xml");
        case.origin.serve(&path, feed(&["budget"]));
        case.next(Answer::redirect(301, &path));
        case.later(4 * DAY);
    }
    assert_eq!((case.asked(), case.number("SELECT moved_adopted FROM feed")), (5, Some(0)));
}

/// The old address answers 404 or 410 while a move is watched | the new one is asked at once, and from then on | rule 22
#[test]
fn c072_old_address_dies() {
    for status in [404, 410] {
        let case = with_target();
        sees(&case, 1, 0);
        case.next(Answer::status(status));
        assert_eq!((counts(&case), case.failures()), ((2, 2), 0), "{status}");
        assert!(asks_b_alone(&case));
    }
}

/// How a server fails.
type Fails = fn(&Hop) -> Result<Reply, FetchError>;

/// An address that was believed fails, in whatever way | every other poll begins at the config's address again, and the move is
/// forgotten as soon as that leads to a feed; a page there is no reason to forget it | rule 22 | To wait three days before the
/// config's own address is tried would keep readers waiting for nothing; to ask the old address alone from then on would lose
/// the feed where it is the old host that is gone.
#[tokio::test]
async fn c073_new_address_dies() {
    let page = || rss(&super::stage::entries(&["budget"]));
    let ways: [(&str, Fails); 6] = [
        ("404", |_| Ok(reply(404, &[], ""))),
        ("500", |_| Ok(reply(500, &[], ""))),
        ("refused", |hop| Err(unreachable_host(hop))),
        ("name", |hop| Err(FetchError::Name { host: host(hop), what: "no such name".to_owned() })),
        ("tls", |hop| Err(FetchError::Tls { host: host(hop), what: "its certificate has expired".to_owned() })),
        ("html", |_| Ok(reply(200, &[("content-type", "text/html")], "<!doctype html><title>For sale</title>"))),
    ];
    for (way, fails) in ways {
        // What the old address does: 0 redirects, 1 is a page, 2 is a feed. And whether the new one fails.
        let (old, broken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let server = {
            let (old, broken) = (Arc::clone(&old), Arc::clone(&broken));
            move |hop: &Hop| match (hop.url.host_str(), old.load(SeqCst)) {
                (Some("a.example"), 0) => Ok(reply(301, &[("location", "https://b.example/")], "")),
                (Some("a.example"), 1) => Ok(reply(200, &[], "<!doctype html><title>Parked</title>")),
                (Some("b.example"), _) if broken.load(SeqCst) => fails(hop),
                _ => Ok(reply(200, &[], &page())),
            }
        };
        let world = World::new(["https://a.example/".to_owned()], server);
        for _ in 0..3 {
            world.pass_after(4 * DAY).await;
        }
        let hosts = |from: usize| -> String {
            world.asked()[from..].iter().map(|(_, url)| &url["https://".len()..][..1]).collect()
        };
        assert_eq!(hosts(0), "ababab");
        broken.store(true, SeqCst);
        old.store(1, SeqCst);
        for _ in 0..4 {
            world.pass_after(2 * DAY).await;
        }
        assert_eq!(hosts(6), "baba", "{way}: by turns, and a page there changes nothing");
        old.store(2, SeqCst);
        for _ in 0..3 {
            world.pass_after(2 * DAY).await;
        }
        assert_eq!(hosts(10), "baa", "{way}: the config's address is a feed");
        assert_eq!(world.number("SELECT failures FROM feed WHERE moved_to IS NULL"), Some(0), "{way}");
    }
}

fn host(hop: &Hop) -> String {
    hop.url.host_str().unwrap_or_default().to_owned()
}

/// Several feeds redirect for good to one page that is no feed: a hotel's portal | failures, and none of it is believed,
/// however long it lasts | rules 22, 25, 26 | No alarm of its own is needed where nothing is believed that is no feed with items
/// that are known.
#[test]
fn c074_portal() {
    let portal = Origin::at("127.0.0.74:0");
    portal.serve("/login", Answer::html("<!doctype html><title>Welcome to our hotel</title>"));
    let case = Case::with(|newswatch, origin| newswatch.feed("b", &origin.url("/b.xml")));
    case.origin.serve("/b.xml", feed(&["treaty"]));
    case.next(feed(&["budget"]));
    case.origin.serve("/b.xml", Answer::redirect(301, &portal.url("/login")));
    for _ in 0..4 {
        case.later(3 * DAY);
        case.next(Answer::redirect(301, &portal.url("/login")));
    }
    assert_eq!(case.number("SELECT count(*) FROM feed WHERE moved_to IS NOT NULL"), Some(0));
    case.next(feed(&["budget"]));
    assert_eq!(case.failures(), 0);
}

/// A circle, or a chain without end | an error that names the chain, and no second try at once; ten redirects are followed
/// | RFC 9110 §15.4; rule 24
#[test]
fn c075_circle() {
    let case = Case::new();
    case.origin.serve("/b.xml", Answer::redirect(302, "/a.xml"));
    case.next(to_b(302));
    let error = case.error();
    assert!(error.contains("circle") && error.contains("/a.xml") && error.contains("/b.xml"), "{error}");
    assert_eq!(counts(&case), (1, 1));
    case.waits(HOUR);
    for (hops, fine) in [(10, true), (11, false)] {
        let case = Case::new();
        for hop in 1..hops {
            case.origin.serve(&format!("/{hop}"), Answer::redirect(302, &format!("/{}", hop + 1)));
        }
        case.origin.serve(&format!("/{hops}"), feed(&["budget"]));
        case.next(Answer::redirect(302, "/1"));
        assert_eq!(case.failures() == 0, fine, "{hops} redirects: {}", case.error());
    }
}

/// https that redirects to http | not followed | rule 24
#[tokio::test]
async fn c076_downgrade() {
    let world = World::new(["https://a.example/rss".to_owned()], |_| {
        Ok(reply(301, &[("location", "http://a.example/rss")], ""))
    });
    assert_eq!(world.pass_after(0).await.failed, 1);
    assert_eq!(world.asked().len(), 1);
}

/// A redirect to another host | credentials and the config's own headers stay behind; who asks is still said | rule 8
#[test]
fn c077_another_host() {
    let (origin, elsewhere) = (Origin::start(), Origin::at("127.0.0.77:0"));
    elsewhere.serve("/b.xml", feed(&["budget"]));
    let newswatch = crate::harness::newswatch::Newswatch::new().unset("mail").set("fetch", "every", "'1h'");
    newswatch.write("secret", "open sesame\n");
    let more = [("user", "'me'"), ("password_file", "'secret'"), ("headers", "{ X-Key = 'abc' }")];
    let case = Case { newswatch: newswatch.feed_with("a", &origin.url("/a.xml"), &more), origin };
    case.next(Answer::redirect(302, &elsewhere.url("/b.xml")));
    assert_eq!(case.last().text("x-key"), "abc");
    let away = &elsewhere.requests("/b.xml")[0];
    for name in ["authorization", "x-key", "cookie", "referer"] {
        assert!(away.header(name).is_none(), "{name}: {away:?}");
    }
    assert!(away.text("user-agent").starts_with("newswatch/") && away.header("accept").is_some());
}

/// A redirect to `file:`, `ftp:`, `gopher:`, `data:`, or with a password in it | not followed, and the password is not shown
/// | rules 24, 33
#[test]
fn c078_other_schemes() {
    for to in ["file:///etc/passwd", "ftp://x.example/", "gopher://x.example/", "data:text/xml,<rss/>"] {
        let case = Case::new();
        case.next(Answer::redirect(302, to));
        assert_eq!((case.failures(), case.origin.request_count()), (1, 1), "{to}");
    }
    let case = Case::new();
    let to = case.origin.url("/b.xml").replace("http://", "http://me:hush@");
    case.next(Answer::redirect(302, &to));
    assert_eq!(case.origin.request_count(), 1);
    assert!(!case.error().contains("hush"), "{}", case.error());
}

/// `Location` that is relative, without a scheme, with spaces or letters beyond ASCII, or with a fragment | understood as a
/// browser would; the fragment is not sent | RFC 9110 §10.2.2
#[test]
fn c080_locations() {
    for (location, path) in [
        ("b.xml", "/b.xml"),
        ("/b.xml#newest", "/b.xml"),
        ("/with space.xml", "/with%20space.xml"),
        ("/für.xml", "/f%C3%BCr.xml"),
        ("?page=b", "/a.xml?page=b"),
    ] {
        let case = Case::new();
        case.origin.serve(path, feed(&["budget"]));
        case.next(Answer::redirect(302, location));
        assert_eq!((case.origin.requests(path).len(), case.failures()), (1, 0), "{location}: {}", case.error());
    }
    let case = with_target();
    let without_scheme = case.origin.url("/b.xml").replace("http:", "");
    case.next(Answer::redirect(302, &without_scheme));
    assert_eq!(counts(&case), (1, 1));
}

/// HTML with `<meta refresh>`, or with links to feeds | never followed by a poll; the error names the feeds | rule 26
#[test]
fn c081_html_redirects() {
    let case = with_target();
    case.next(Answer::html(
        "<!doctype html><meta http-equiv=refresh content='0; url=/b.xml'>\
         <link rel=alternate type=application/rss+xml href=/b.xml><title>Moved</title>",
    ));
    assert_eq!((counts(&case), case.failures()), ((0, 1), 1));
    assert!(case.error().contains("/b.xml"), "{}", case.error());
}

/// A feed that says inside that it lives elsewhere | is read where it is; nothing is followed | rule 22
#[test]
fn c082_hints_inside() {
    let case = with_target();
    let b = case.origin.url("/b.xml");
    let hint = format!(
        "<itunes:new-feed-url xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\">{b}</itunes:new-feed-url>\
         <atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"self\" href=\"{b}\"/>"
    );
    for _ in 0..3 {
        case.next(super::stage::feed_saying(&hint));
        case.later(4 * DAY);
    }
    assert_eq!((counts(&case), case.failures()), ((0, 3), 0));
}
