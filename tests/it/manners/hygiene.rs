//! What every request says, and how requests are spread over hosts and time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use newswatch::clock::Clock as _;
use tokio_util::sync::CancellationToken;

use super::stage::{Case, DAY, HOUR, feed, not_modified};
use super::world::{World, reply};
use crate::harness::feeds::{Answer, Origin};
use crate::harness::items::rss;
use crate::harness::{PATIENCE, level};

/// Cookies | none is sent back | rule 1
#[test]
fn c083_cookies() {
    let case = Case::new();
    case.next(feed(&["budget"]).header("Set-Cookie", "id=1; Path=/").header("ETag", "\"a\""));
    case.next(not_modified().header("Set-Cookie", "id=2"));
    case.next(not_modified());
    assert!(case.last().header("cookie").is_none());
}

/// Whatever it answers | no `Referer`, `Origin`, `Range`, `Pragma`, `Cache-Control` or `Cookie`, nothing added to the address
/// | rule 1
#[test]
fn c084_nothing_needless() {
    let case = Case::new();
    case.origin.serve("/b.xml", feed(&["budget"]));
    case.next(Answer::redirect(302, "/b.xml"));
    case.next(feed(&["budget"]).header("ETag", "\"a\""));
    case.next(not_modified());
    let known =
        ["host", "user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since", "a-im", "connection"];
    let all = [case.origin.requests("/a.xml"), case.origin.requests("/b.xml")].concat();
    assert_eq!(all.len(), case.origin.request_count(), "an address was changed");
    for (name, value) in all.iter().flat_map(|request| &request.headers) {
        assert!(known.contains(&name.as_str()), "{name}: {}", String::from_utf8_lossy(value));
    }
}

/// Whatever it answers, refusals too | the same honest name every time: program, version, contact | RFC 9110 §10.1.5; rule 1
#[test]
fn c085_user_agent() {
    let case = Case::with(|newswatch, _| newswatch.set("fetch", "contact", "'https://example.org/bot'"));
    case.each([403, 429, 500, 403].map(Answer::status));
    case.next(feed(&["budget"]));
    let agent = format!("newswatch/{} (+https://example.org/bot)", env!("CARGO_PKG_VERSION"));
    assert!(case.origin.requests("/a.xml").iter().all(|request| request.text("user-agent") == agent));
}

/// A contact that is a mail address | `From` says it too; an address of the web does not | RFC 9110 §10.1.2
#[test]
fn c086_from() {
    for (contact, from) in [("mailto:ops@example.org", "ops@example.org"), ("https://example.org/bot", "")] {
        let case = Case::with(|newswatch, _| newswatch.set("fetch", "contact", &format!("'{contact}'")));
        case.next(feed(&["budget"]));
        assert_eq!(case.last().text("from"), from);
    }
}

/// Any request | `GET` only, with an `Accept` that prefers feeds and takes anything | rule 1
#[test]
fn c087_accept() {
    let case = Case::new();
    case.next(feed(&["budget"]));
    let (request, accept) = (case.last(), case.last().text("accept"));
    assert_eq!(request.method, "GET");
    for kind in ["atom+xml", "rss+xml", "rdf+xml", "feed+json", "application/xml", "text/xml", "application/json"] {
        assert!(accept.contains(kind), "{accept}");
    }
    assert!(accept.ends_with("*/*;q=0.1"), "{accept}");
}

/// Two pages of one host under two ports | one turn for both: a host is its name or address | rule 28
#[test]
fn c088_one_budget() {
    let (one, two) = (Origin::start(), Origin::start());
    one.serve("/a.xml", feed(&["budget"]));
    two.serve("/b.xml", feed(&["treaty"]));
    let newswatch =
        crate::harness::newswatch::Newswatch::new().unset("mail").set("fetch", "per_host_interval", "'300ms'");
    let newswatch = newswatch.feed("a", &one.url("/a.xml")).feed("b", &two.url("/b.xml"));
    newswatch.once();
    let (a, b) = (one.requests("/a.xml")[0].at, two.requests("/b.xml")[0].at);
    let apart = if a > b { a - b } else { b - a };
    assert!(apart > Duration::from_millis(200), "{apart:?}");
}

/// Many feeds of one host due together | one at a time, `per_host_interval` between their starts | rule 28
#[test]
fn c089_one_host() {
    let origin = Origin::start();
    let mut newswatch =
        crate::harness::newswatch::Newswatch::new().unset("mail").set("fetch", "per_host_interval", "'60ms'");
    for n in 0..12 {
        let path = format!("/{n}.xml");
        origin.serve(&path, feed(&["budget"]));
        newswatch = newswatch.feed(&format!("feed{n}"), &origin.url(&path));
    }
    newswatch.once();
    let mut at: Vec<_> =
        (0..12).flat_map(|n| origin.requests(&format!("/{n}.xml"))).map(|request| request.at).collect();
    at.sort();
    // A request may take a moment longer on its way than the next one, but not all of them.
    let whole = *at.last().unwrap() - at[0];
    assert!(at.len() == 12 && whole >= Duration::from_millis(11 * 60 - 60), "{} in {whole:?}", at.len());
}

/// Thousands of feeds and a restart | nobody is asked before the time that was planned; what fell due meanwhile is spread, as in case
/// 91 | rule 15
#[tokio::test]
async fn c090_restart() {
    let page = rss(&[]);
    let urls = (0..2000).map(|n| format!("http://host{n}.example/rss"));
    let world = World::new(urls, move |_| Ok(reply(200, &[], &page)));
    assert_eq!(world.pass_after(0).await.polled, 2000);
    for _ in 0..3 {
        assert_eq!(world.pass_after(HOUR / 4).await.polled, 0);
    }
    assert_eq!(world.pass_after(HOUR / 2).await.polled, 2000);
}

/// A machine that slept, a clock set forth by a day or back by hours or years | one poll for each feed, never two, and not all at
/// once; nothing is asked sooner, and nothing waits for the old time | rule 18
#[tokio::test(flavor = "multi_thread")]
async fn c091_jumps() {
    const FEEDS: usize = 150;
    let page = rss(&[]);
    let urls = (0..FEEDS).map(|n| format!("http://host{n}.example/rss"));
    let world = World::new(urls, move |_| Ok(reply(200, &[], &page)));
    let program = world.start().await;
    let stop = CancellationToken::new();
    // On a thread of its own, as it waits for what the program does.
    let simulate = || {
        let asked = || world.asked().len();
        // What falls due next, once nobody is being polled.
        let next = || level::until("the end of all polls", PATIENCE, || program.next_due());
        // Everything that falls due within so long, one after the other.
        let run = |seconds: i64| {
            let end = world.clock.now() + SignedDuration::from_secs(seconds);
            loop {
                let at = next();
                if at > end {
                    break;
                }
                world.clock.set(at.max(world.clock.now()));
                level::until("a poll", PATIENCE, || program.next_due().filter(|next| *next != at));
            }
            world.clock.set(end);
        };
        let each_once = |from: usize| {
            next();
            let mut urls: Vec<String> = world.asked()[from..].iter().map(|(_, url)| url.clone()).collect();
            urls.sort();
            urls.dedup();
            assert_eq!((urls.len(), asked()), (FEEDS, from + FEEDS), "one poll for each");
        };
        run(60);
        each_once(0);
        for (n, jump) in [8 * HOUR, DAY].into_iter().enumerate() {
            let (from, overdue) = ((n + 1) * FEEDS, next());
            world.clock.advance(SignedDuration::from_secs(jump));
            level::until("another plan", PATIENCE, || program.next_due().filter(|next| *next != overdue));
            run(16 * 60);
            each_once(from);
            let times: Vec<Timestamp> = world.asked()[from..].iter().map(|(at, _)| *at).collect();
            let within =
                |at: &Timestamp| times.iter().filter(|other| other.duration_since(*at).abs().as_secs() < 30).count();
            assert!(times.iter().map(within).max() <= Some(30), "a burst: {times:?}");
        }
        for back in [2 * HOUR, 3 * 365 * DAY] {
            let from = asked();
            let planned = next();
            world.clock.advance(SignedDuration::from_secs(-back));
            level::until("another plan", PATIENCE, || program.next_due().filter(|next| *next != planned));
            run(40 * 60);
            assert_eq!(asked(), from, "sooner than in an hour");
            run(50 * 60);
            each_once(from);
        }
    };
    std::thread::scope(|scope| {
        let end = stop.clone().drop_guard();
        scope.spawn(move || {
            // Also when it fails.
            let _end = end;
            simulate();
        });
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(program.poll_until(stop.clone())));
    });
    program.close().await.unwrap();
}

/// Summer time begins or ends where the operator lives | polls go on at their own pace | rule 18
#[tokio::test]
async fn c092_summer_time() {
    for night in ["2026-03-29T00:30:00Z", "2026-10-25T00:30:00Z"] {
        let world = World::new(["http://host.example/rss".to_owned()], |_| Ok(reply(200, &[], &rss(&[]))));
        world.clock.set(night.parse::<Timestamp>().unwrap());
        let mut polled = 0;
        for _ in 0..12 {
            polled += world.pass_after(HOUR / 4).await.polled;
        }
        assert!((2..=3).contains(&polled), "{polled} polls in three hours");
    }
}

/// `robots.txt` that forbids everything | feeds that the user has named are read all the same, and it is not asked for
/// | rule 1
#[test]
fn c093_robots() {
    let case = Case::new();
    case.origin.serve("/robots.txt", Answer::status(200).body("User-agent: *\nDisallow: /\n"));
    case.next(feed(&["budget"]));
    assert_eq!((case.items(), case.origin.request_count()), (1, 1));
}

/// `X-Robots-Tag: noindex` | means search engines | rule 1
#[test]
fn c094_robots_tag() {
    let case = Case::new();
    case.next(feed(&["budget"]).header("X-Robots-Tag", "noindex, nofollow"));
    assert_eq!(case.items(), 1);
}
