//! Subscriptions to hubs across restarts, reloads and changes of the config. How hubs are treated is told in `manners`.

use std::net::TcpListener;

use super::harness::feeds::{Answer, Origin};
use super::harness::hub::{Asked, Hub, free_port, with_hub};
use super::harness::items::{Entry, rss};
use super::harness::newswatch::Newswatch;
use super::harness::running::Running;

const TOPIC: &str = "https://news.example.org/feed";

fn story(id: &str) -> Entry {
    Entry::new(id, &format!("Ministers veto the {id}"))
}

/// Feeds that were read once, and an installation that hubs can reach.
fn installation(feeds: &[(&str, &str)]) -> Newswatch {
    let port = free_port();
    let mut newswatch = Newswatch::new()
        .watch("veto", "veto")
        .set("fetch", "every", "'1h'")
        .set("web", "listen", &format!("'127.0.0.1:{port}'"))
        .set("web", "public_url", &format!("'http://127.0.0.1:{port}'"));
    for (name, url) in feeds {
        newswatch = newswatch.feed(name, url);
    }
    newswatch.once();
    newswatch
}

/// A page of `origin` that names `hub`.
fn publish(origin: &Origin, hub: &Hub) -> String {
    origin.serve("/a.xml", Answer::feed(with_hub(&[story("budget")], &hub.url(), TOPIC)));
    origin.url("/a.xml")
}

fn reload(newswatch: &Newswatch, daemon: &Running) {
    newswatch.save();
    let before = daemon.notified("READY=1");
    daemon.signal("HUP");
    super::harness::level::until("a reload", super::harness::PATIENCE, || {
        (daemon.notified("READY=1") > before).then_some(())
    });
}

/// The one request of this mode, however many were made besides.
#[track_caller]
fn asked(hub: &Hub, count: usize, mode: &str) -> Asked {
    hub.wait_asked(count);
    let mut asked = hub.asked();
    asked.retain(|asked| asked.mode() == mode);
    assert_eq!(asked.len(), 1, "{asked:?}");
    asked.remove(0)
}

#[test]
fn a_restart_keeps_a_subscription() {
    let (origin, hub) = (Origin::start(), Hub::start());
    let newswatch = installation(&[("a", &publish(&origin, &hub))]);
    let mut daemon = newswatch.start();
    let asked = hub.wait_asked(1);
    asked.verify("864000");
    daemon.kill();
    newswatch.run(&["once"]).ok();
    let _daemon = newswatch.start();
    assert_eq!(newswatch.feed_state("a")["hub"]["state"], "telling");
    assert_eq!(asked.push(&rss(&[story("tunnel")])).status, 200);
    assert_eq!((newswatch.list(&["item", "list"]).len(), hub.asked().len()), (2, 1));
    let shown = newswatch.run(&["feed", "show", "a"]).ok().stdout;
    for words in [&hub.url(), "tells of news until", "1 taken, the last one"] {
        assert!(shown.contains(words), "no {words:?} in\n{shown}");
    }
}

#[test]
fn another_public_address_makes_subscriptions_anew() {
    let (origin, hub) = (Origin::start(), Hub::start());
    let newswatch = installation(&[("a", &publish(&origin, &hub))]);
    let daemon = newswatch.start();
    let first = hub.wait_asked(1);
    first.verify("864000");
    let base = first.callback().rsplit_once("/hub/").unwrap().0;
    let newswatch = newswatch.set("web", "public_url", &format!("'{base}/elsewhere'"));
    reload(&newswatch, &daemon);
    let second = hub.wait_asked(2);
    assert!(second.callback().starts_with(&format!("{base}/elsewhere/hub/")), "{second:?}");
    assert_eq!(first.push(&rss(&[story("tunnel")])).status, 200, "the old one holds until then");
    second.verify("864000");
    let left = asked(&hub, 3, "unsubscribe");
    assert_eq!(left.callback(), first.callback());
    assert_eq!(second.push(&rss(&[story("bridge")])).status, 200);
}

/// What is done to an installation.
type Change = fn(Newswatch, &Origin) -> Newswatch;

#[test]
fn a_hub_that_is_not_wanted_any_more_is_told_so() {
    let ways: [(&str, Change); 4] = [
        ("the feed is removed", |newswatch, _| newswatch.without_feed("a")),
        ("the feed is off", |newswatch, origin| {
            newswatch.without_feed("a").feed_with("a", &origin.url("/a.xml"), &[("enabled", "false")])
        }),
        ("nobody can reach us", |newswatch, _| newswatch.unset("web")),
        ("the feed has a secret", |newswatch, origin| {
            newswatch.without_feed("a").feed_with("a", &origin.url("/a.xml"), &[("headers", "{ X-Key = 'open' }")])
        }),
    ];
    for (way, change) in ways {
        let (origin, hub) = (Origin::start(), Hub::start());
        let newswatch = installation(&[("a", &publish(&origin, &hub))]);
        let daemon = newswatch.start();
        let first = hub.wait_asked(1);
        first.verify("864000");
        let newswatch = change(newswatch, &origin);
        reload(&newswatch, &daemon);
        let left = asked(&hub, 2, "unsubscribe");
        assert_eq!((left.callback(), left.topic()), (first.callback(), TOPIC), "{way}");
        if way != "nobody can reach us" {
            assert_eq!(first.push(&rss(&[story("tunnel")])).status, 410, "{way}");
            left.verify("");
            assert_eq!(first.push(&rss(&[story("tunnel")])).status, 404, "{way}");
        }
    }
}

#[test]
fn a_feed_that_changes_its_hub_takes_its_subscription_along() {
    let (origin, old, new) = (Origin::start(), Hub::start(), Hub::start());
    let newswatch = installation(&[("a", &publish(&origin, &old))]);
    let mut daemon = newswatch.start();
    old.wait_asked(1).verify("864000");
    daemon.stop();
    publish(&origin, &new);
    newswatch.once();
    let _daemon = newswatch.start();
    assert_eq!(asked(&old, 2, "unsubscribe").topic(), TOPIC);
    let asked = new.wait_asked(1);
    asked.verify("864000");
    assert_eq!(asked.push(&rss(&[story("tunnel")])).status, 200);
    assert_eq!(newswatch.feed_state("a")["hub"]["url"], new.url());
}

#[test]
fn feeds_of_one_hub_and_topic_share_a_subscription() {
    let (origin, hub) = (Origin::start(), Hub::start());
    let url = publish(&origin, &hub);
    let newswatch = installation(&[("a", &url), ("b", &url)]);
    let daemon = newswatch.start();
    let first = hub.wait_asked(1);
    first.verify("864000");
    assert_eq!(first.push(&rss(&[story("tunnel")])).status, 200);
    for feed in ["a", "b"] {
        assert_eq!(newswatch.list(&["item", "list", "--feed", feed]).len(), 2, "{feed}");
        assert_eq!(newswatch.feed_state(feed)["hub"]["taken"], 1, "{feed}");
    }
    let newswatch = newswatch.without_feed("a");
    reload(&newswatch, &daemon);
    assert_eq!(first.push(&rss(&[story("bridge")])).status, 200);
    assert_eq!((newswatch.list(&["item", "list", "--feed", "b"]).len(), hub.asked().len()), (3, 1));
}

#[test]
fn an_address_that_is_taken_is_told_and_a_reload_stays_with_the_old_one() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (origin, hub) = (Origin::start(), Hub::start());
    let newswatch = installation(&[("a", &publish(&origin, &hub))]);
    let daemon = newswatch.start();
    let asked = hub.wait_asked(1);
    let newswatch = newswatch.set("web", "listen", &format!("'{address}'"));
    reload(&newswatch, &daemon);
    let problems = newswatch.status()["problems"].to_string();
    assert!(problems.contains(&format!("cannot listen at {address}")) && problems.contains("in use"), "{problems}");
    asked.verify("864000");
    drop(daemon);
    newswatch.run(&["run"]).code(1).says(&[&format!("cannot listen at {address}; see listen in [web]"), "in use"]);
}
