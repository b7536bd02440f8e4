//! Hubs that tell of a feed's news (W3C WebSub), and whoever else calls where hubs do.

use serde_json::Value;

use super::stage::{HOUR, entries};
use crate::harness::db;
use crate::harness::feeds::{Answer, Origin};
use crate::harness::hub::{Asked, Hub, call, free_port, sign, with_hub};
use crate::harness::items::{atom, rss};
use crate::harness::level;
use crate::harness::newswatch::Newswatch;
use crate::harness::running::Running;

const PAGE: &str = "/a.xml";

/// What the feed calls itself.
const TOPIC: &str = "https://news.example.org/feed?a=b&c=d";

/// A feed `a` that names a hub, both on loopback, and an installation that hubs can reach.
struct Stage {
    origin: Origin,
    hub: Hub,
    newswatch: Newswatch,
    /// Where hubs call.
    base: String,
}

impl Stage {
    fn new() -> Self {
        Self::with(|hub| Answer::feed(with_hub(&entries(&["budget"]), &hub.url(), TOPIC)))
    }

    /// The same with another document, which has been read once.
    fn with(document: impl FnOnce(&Hub) -> Answer) -> Self {
        let (origin, hub) = (Origin::start(), Hub::start());
        origin.serve(PAGE, document(&hub));
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}/nw");
        let newswatch = Newswatch::new()
            .feed("a", &origin.url(PAGE))
            .watch("veto", "veto")
            .set("fetch", "every", "'1h'")
            .set("fetch", "max_size", "'64KiB'")
            .set("web", "listen", &format!("'127.0.0.1:{port}'"))
            .set("web", "public_url", &format!("'{base}'"));
        newswatch.once();
        assert_eq!(hub.asked().len(), 0, "a pass that ends cannot be called");
        Self { origin, hub, newswatch, base }
    }

    /// A daemon that the hub has promised to call.
    fn subscribed(&self) -> (Running, Asked) {
        let daemon = self.newswatch.start();
        let asked = self.hub.wait_asked(1);
        asked.verify("864000");
        (daemon, asked)
    }

    /// What is said of the feed's hub.
    #[track_caller]
    fn seen(&self) -> Value {
        self.newswatch.feed_state("a")["hub"].clone()
    }

    /// Waits until that is so.
    #[track_caller]
    fn until(&self, state: &str) -> Value {
        self.newswatch.until_feed("a", state, |feed| feed["hub"]["state"] == state)["hub"].clone()
    }

    fn items(&self) -> usize {
        self.newswatch.list(&["item", "list"]).len()
    }

    fn number(&self, sql: &str) -> i64 {
        db::number(&self.newswatch.database(), sql).unwrap_or(-1)
    }

    /// Seconds from the last poll to the next one.
    fn wait(&self) -> i64 {
        self.number("SELECT next_poll - last_poll FROM feed") / 1000
    }

    /// The daemon's next life, so much later.
    fn later(&self, mut daemon: Running, seconds: i64) -> Running {
        daemon.stop();
        db::age(&self.newswatch.database(), seconds * 1000);
        self.newswatch.start()
    }

    /// The feed is polled by a daemon that relies on its hub.
    fn eased(&self, daemon: Running) -> Running {
        let polled = self.origin.requests(PAGE).len();
        let daemon = self.later(daemon, 2 * HOUR);
        self.origin.wait_requests(PAGE, polled + 1);
        level::until("a poll that is put off", crate::harness::PATIENCE, || {
            (self.newswatch.feed_state("a")["why"] == "within 6h, as its hub tells of news").then_some(())
        });
        daemon
    }
}

/// Seconds from now to a time in JSON.
fn ahead(time: &Value) -> i64 {
    let at: jiff::Timestamp = time.as_str().unwrap_or_else(|| panic!("no time: {time}")).parse().unwrap();
    at.duration_since(level::today()).as_secs()
}

/// A feed names its hub and itself, in `Link` or inside | the hub is asked to tell of just that name, and the header goes first
/// | W3C WebSub §4, §5.1; rule 55
#[test]
fn c117_whom_to_ask() {
    let other = Hub::start();
    let document = with_hub(&entries(&["budget"]), &other.url(), "https://other.example/");
    let stage = Stage::with(|hub| {
        let link = format!("<{}>; rel=hub, <{TOPIC}>; rel=\"self\"; type=\"a, b\"", hub.url());
        Answer::feed(document).header("Link", link)
    });
    let _daemon = stage.newswatch.start();
    let asked = stage.hub.wait_asked(1);
    assert_eq!((asked.mode(), asked.topic(), asked.field("hub.lease_seconds")), ("subscribe", TOPIC, "864000"));
    assert!(asked.callback().starts_with(&format!("{}/hub/", stage.base)), "{asked:?}");
    assert!((64..200).contains(&asked.secret().len()), "{asked:?}");
    assert_eq!(other.asked().len(), 0);
    assert_eq!((&stage.seen()["state"], &stage.seen()["topic"]), (&"asking".into(), &TOPIC.into()));

    let inside: [fn(&Hub) -> Answer; 3] = [
        |hub| Answer::feed(with_hub(&entries(&["budget"]), &hub.url(), &TOPIC.replace('&', "&amp;"))),
        |hub| {
            let links = format!(
                "<link rel=\"hub\" href=\"{}\"/><link rel=\"self\" href=\"{}\"/></feed>",
                hub.url(),
                TOPIC.replace('&', "&amp;")
            );
            Answer::feed(atom(&entries(&["budget"])).replace("</feed>", &links))
        },
        |hub| {
            let feed = serde_json::json!({
                "version": "https://jsonfeed.org/version/1.1", "title": "News", "feed_url": TOPIC,
                "hubs": [{"type": "WebSub", "url": hub.url()}],
                "items": [{"id": "1", "title": "Ministers veto it", "content_text": "All about it."}],
            });
            Answer::status(200).header("Content-Type", "application/feed+json").body(feed.to_string())
        },
    ];
    for document in inside {
        let stage = Stage::with(document);
        let _daemon = stage.newswatch.start();
        assert_eq!(stage.hub.wait_asked(1).topic(), TOPIC);
    }
}

/// A hub asks whether a subscription was meant | only what was asked for and not answered is confirmed, with just the hub's
/// challenge; all else is 404 | W3C WebSub §5.3; rule 55
#[test]
fn c118_intent() {
    let stage = Stage::new();
    let _daemon = stage.newswatch.start();
    let asked = stage.hub.wait_asked(1);
    for (mode, topic, challenge) in [
        ("subscribe", "https://news.example.org/feed", "x"),
        ("unsubscribe", TOPIC, "x"),
        ("subscribe", TOPIC, ""),
        ("publish", TOPIC, "x"),
        ("", TOPIC, "x"),
    ] {
        let called = asked.verify_with(mode, topic, challenge, "864000");
        assert_eq!((called.status, called.body.contains('x')), (404, false), "{mode} {topic}: {called:?}");
    }
    assert_eq!(call("GET", asked.callback(), &[], b"").status, 404);
    let called = asked.verify_with("subscribe", TOPIC, "a challenge & more", "864000");
    assert_eq!((called.status, called.body.as_str()), (200, "a challenge & more"), "{called:?}");
    stage.until("telling");
    // The answer may have been lost, so it is given again for a while.
    assert_eq!(asked.verify_with("subscribe", TOPIC, "again", "864000").status, 200);
    db::age(&stage.newswatch.database(), 1000 * HOUR);
    assert_eq!(asked.verify_with("subscribe", TOPIC, "again", "864000").status, 404);
    assert_eq!(stage.hub.asked().len(), 1);
}

/// A challenge of 10 MB, one of 2 kB, and one with markup | the first two are refused, and the subscription waits on; the last is
/// repeated as plain text that no browser takes for a page | W3C WebSub §5.3; rule 55
#[test]
fn c119_challenges() {
    let stage = Stage::new();
    let _daemon = stage.newswatch.start();
    let asked = stage.hub.wait_asked(1);
    let huge = asked.verify_with("subscribe", TOPIC, &"x".repeat(10 << 20), "864000");
    assert!((400..500).contains(&huge.status) || huge.status == 0, "{}", huge.status);
    assert_eq!(asked.verify_with("subscribe", TOPIC, &"x".repeat(2000), "864000").status, 404);
    assert_eq!(stage.seen()["state"], "asking");
    let challenge = "<script>\r\nalert(1)</script>";
    let called = asked.verify_with("subscribe", TOPIC, challenge, "864000");
    assert_eq!((called.status, called.body.as_str()), (200, challenge), "{called:?}");
    for header in ["content-type: text/plain", "x-content-type-options: nosniff", "default-src 'none'"] {
        assert!(called.head.contains(header), "{header}: {}", called.head);
    }
}

/// A lease of ten days, of ten years, of none, and of a second | the hub's word counts, for two weeks at most; it is asked anew at
/// half of it under another address, and the old one is given up; a short lease is no reason to hurry | W3C WebSub §5.1; rule 55
#[test]
fn c120_leases() {
    for (lease, days) in [("864000", 10), ("315360000", 14), ("", 10)] {
        let stage = Stage::new();
        let _daemon = stage.newswatch.start();
        stage.hub.wait_asked(1).verify(lease);
        let left = ahead(&stage.until("telling")["until"]);
        assert!((days * 24 * HOUR - 120..=days * 24 * HOUR).contains(&left), "{lease}: {left}");
    }
    let stage = Stage::new();
    let (daemon, first) = stage.subscribed();
    let daemon = stage.later(daemon, 4 * 24 * HOUR);
    assert_eq!(stage.seen()["state"], "telling");
    assert_eq!(stage.hub.asked().len(), 1, "half of it is not over");
    let _daemon = stage.later(daemon, 24 * HOUR);
    let second = stage.hub.wait_asked(2);
    assert_eq!(second.mode(), "subscribe");
    assert!(second.callback() != first.callback() && second.secret() != first.secret());
    assert_eq!(first.push(&rss(&entries(&["tunnel"]))).status, 200, "the old address holds meanwhile");
    second.verify("864000");
    let left = stage.hub.wait_asked(3);
    assert_eq!((left.mode(), left.callback()), ("unsubscribe", first.callback()));
    left.verify("");
    assert_eq!(first.push(&rss(&entries(&["tunnel"]))).status, 404);

    let stage = Stage::new();
    let daemon = stage.newswatch.start();
    stage.hub.wait_asked(1).verify("1");
    let _daemon = stage.later(daemon, 60);
    stage.until("asking");
    assert_eq!(stage.hub.asked().len(), 1, "it was asked again at once");
}

/// A push that is signed with SHA-256, SHA-384 or SHA-512 | it is matched and stored like a poll's document before it is answered; where
/// it cannot be stored it is answered 503, so that the hub pushes it again | W3C WebSub §7, §8; rule 55
#[test]
fn c121_push() {
    let stage = Stage::new();
    let (mut daemon, asked) = stage.subscribed();
    for (count, method) in ["sha256", "sha384", "sha512"].into_iter().enumerate() {
        let body = rss(&entries(&[&format!("tunnel of {method}")]));
        let called = asked.push_signed(&sign(method, asked.secret(), &body), &body);
        assert_eq!(called.status, 200, "{method}: {called:?}");
        assert_eq!(stage.items(), count + 2, "{method}");
    }
    assert_eq!(stage.number("SELECT count(*) FROM mail"), 4, "each matched, and is to be mailed");
    let body = rss(&entries(&["bridge"]));
    let others = db::hold(&stage.newswatch.database());
    let refused = asked.push(&body);
    assert!(refused.status == 503 && refused.head.contains("retry-after"), "{refused:?}");
    drop(others);
    assert_eq!(asked.push(&body).status, 200);
    daemon.kill();
    assert_eq!(stage.items(), 5, "what was answered is there after a crash");
    let hub = stage.seen();
    assert_eq!((&hub["taken"], &hub["ignored"]), (&4.into(), &0.into()));
    assert_eq!(stage.origin.requests(PAGE).len(), 1, "the feed was not asked for any of it");
}

/// A push with a wrong signature, with none, with an unknown method, with SHA-1, and before anything was confirmed | answered 2xx, not
/// looked at, and counted | W3C WebSub §8; rule 56 | SHA-1 is not taken: rule 55 wants SHA-256 or better.
#[test]
fn c122_bad_signatures() {
    let stage = Stage::new();
    let daemon = stage.newswatch.start();
    let asked = stage.hub.wait_asked(1);
    let body = rss(&entries(&["tunnel"]));
    assert_eq!(asked.push(&body).status, 202, "it is not confirmed yet");
    asked.verify("864000");
    let right = sign("sha256", asked.secret(), &body);
    for signature in [
        sign("sha256", "another secret", &body),
        sign("sha256", asked.secret(), &body.replace("tunnel", "tonnel")),
        sign("sha1", asked.secret(), &body),
        right.replace("sha256=", "sha999="),
        right.replace("sha256=", ""),
        right[..right.len() - 2].to_owned(),
        String::new(),
    ] {
        let called = asked.push_signed(&signature, &body);
        assert_eq!((called.status, called.body.as_str()), (202, ""), "{signature}: {called:?}");
    }
    assert_eq!(call("POST", asked.callback(), &[], body.as_bytes()).status, 202);
    let hub = stage.seen();
    assert_eq!((&hub["taken"], &hub["ignored"], stage.items()), (&0.into(), &9.into(), 1));
    assert!(!daemon.stderr().contains("tunnel"));
}

/// A push of 1 GB, one of a wrong type, one with known items, one that holds a part of the feed, one that holds nothing, and dozens in a
/// row | what is too large is refused before it comes; what is known is not told again; what is missing is not gone, and is no gap; the feed's
/// validators are left alone; one without a feed makes it be polled, no sooner than usual; after thirty at once one
/// is taken in ten seconds, and others are answered 429 | W3C WebSub §7; rule 55
#[test]
fn c123_odd_pushes() {
    let stage = Stage::with(|hub| {
        Answer::feed(with_hub(&entries(&["budget", "treaty"]), &hub.url(), TOPIC)).header("ETag", "\"one\"")
    });
    let (daemon, asked) = stage.subscribed();
    let endless = [("Content-Length", "1073741824")];
    assert_eq!(call("POST", asked.callback(), &endless, b"").status, 413);
    let chunked = [("Transfer-Encoding", "chunked"), ("Content-Length", "")];
    let mut chunks = format!("{:x}\r\n", 70_000).into_bytes();
    chunks.extend(vec![b'x'; 70_000]);
    chunks.extend(b"\r\n0\r\n\r\n");
    let refused = call("POST", asked.callback(), &chunked[..1], &chunks);
    assert!(matches!(refused.status, 400 | 413), "{refused:?}");

    assert_eq!(asked.push(&rss(&entries(&["budget"]))).status, 200);
    let body = rss(&entries(&["tunnel", "budget"]));
    let signature = sign("sha256", asked.secret(), &body);
    let odd = [("Content-Type", "image/png"), ("X-Hub-Signature", signature.as_str())];
    assert_eq!(call("POST", asked.callback(), &odd, body.as_bytes()).status, 200);
    let packed = [("Content-Encoding", "gzip"), ("X-Hub-Signature", signature.as_str())];
    assert_eq!(call("POST", asked.callback(), &packed, body.as_bytes()).status, 415);
    let feed = stage.newswatch.feed_state("a");
    assert_eq!((stage.items(), &feed["gaps"], stage.number("SELECT count(*) FROM mail")), (3, &0.into(), 3));

    let daemon = stage.eased(daemon);
    let last = stage.origin.requests(PAGE).pop().unwrap();
    assert_eq!(last.text("if-none-match"), "\"one\"");
    assert_eq!((stage.items(), &stage.newswatch.feed_state("a")["gaps"]), (3, &0.into()));
    for nothing in ["", "<html><body>News!</body></html>"] {
        assert_eq!(asked.push(nothing).status, 202);
    }
    assert_eq!(stage.newswatch.feed_state("a")["why"], "its hub says that there is news");
    assert_eq!((stage.wait(), stage.origin.requests(PAGE).len()), (HOUR, 2), "no sooner than it is asked anyway");
    let statuses: Vec<u16> = (0..40).map(|_| asked.push("").status).collect();
    assert!(statuses.starts_with(&[202; 20]) && statuses.ends_with(&[429; 3]), "{statuses:?}");
    drop(daemon);
}

/// A hub that denies, answers 410, moves with 307 or 308, moves otherwise, or is dead | 307 and 308 are followed; else the feed is polled
/// at its own pace at once, and the hub is asked again rarely | W3C WebSub §5.1, §5.2; rule 57
#[test]
fn c124_hubs_that_will_not() {
    let stage = Stage::new();
    let (daemon, asked) = stage.subscribed();
    let _daemon = stage.eased(daemon);
    assert!((6 * HOUR..6 * HOUR + HOUR).contains(&stage.wait()), "{}", stage.wait());
    assert_eq!(asked.deny("no room").status, 200);
    let hub = stage.until("failing");
    assert_eq!(hub["why"], "the hub denies the subscription: no room");
    assert!((7 * 24 * HOUR - 60..=8 * 24 * HOUR).contains(&ahead(&hub["until"])), "{hub}");
    stage.newswatch.until_feed("a", "plain polling", |feed| feed["why"].as_str().unwrap().contains("does not tell"));
    assert_eq!((stage.wait(), stage.hub.asked().len()), (HOUR, 1));

    for status in [307, 308] {
        let stage = Stage::new();
        let moved = stage.hub.page("/moved", Answer::status(202));
        stage.hub.answer(Answer::redirect(status, &moved));
        let _daemon = stage.newswatch.start();
        let (first, second) = (stage.hub.wait_asked(1), stage.hub.asked_at("/moved", 1).remove(0));
        assert_eq!((first.callback(), first.secret()), (second.callback(), second.secret()));
        second.verify("864000");
        stage.until("telling");
    }
    for (answer, why) in [
        (Answer::status(410), "the hub answered 410"),
        (Answer::status(503), "the hub answered 503"),
        (Answer::redirect(302, "/moved"), "the hub answered 302"),
        (Answer::redirect(307, "/hub"), "the hub answers with the redirects go round in a circle"),
        (Answer::garbage(b"250 OK\r\n"), "does not answer as HTTP does"),
    ] {
        let stage = Stage::new();
        stage.hub.answer(answer);
        let daemon = stage.newswatch.start();
        let hub = stage.until("failing");
        assert!(hub["why"].as_str().unwrap().contains(why), "{why}: {hub}");
        let asked = stage.hub.asked().len();
        let _daemon = stage.later(daemon, HOUR / 2);
        stage.until("failing");
        assert_eq!(stage.hub.asked().len(), asked, "{why}: it was asked again");
    }
    let Stage { origin, hub, newswatch, .. } = Stage::new();
    drop(hub);
    let _daemon = newswatch.start();
    let feed = newswatch.until_feed("a", "a dead hub", |feed| feed["hub"]["state"] == "failing");
    assert!(feed["hub"]["why"].as_str().unwrap().contains("cannot connect"), "{feed}");
    assert_eq!((&feed["state"], origin.requests(PAGE).len()), (&"ok".into(), 1));
}

/// A hub that is asked over http | it is not: everybody on the way would read the secret | W3C WebSub §5.1; rules 32 and 55 | A hub at the
/// feed's own private address is asked over http, where the feed may be there: that network is our own.
#[test]
fn c126_http_hubs() {
    for address in ["127.0.0.2:0", "127.0.0.1:0"] {
        let hub = Hub::at(address);
        let own = address.starts_with("127.0.0.1");
        let url = if own { hub.url().replace("127.0.0.1", "localhost") } else { hub.url() };
        let stage = Stage::with(|_| Answer::feed(with_hub(&entries(&["budget"]), &url, TOPIC)));
        let _daemon = stage.newswatch.start();
        let seen = stage.until("barred");
        assert!(seen["why"].as_str().unwrap().contains("not asked over https"), "{seen}");
        assert_eq!(hub.asked().len(), 0);
    }
}

/// Somebody else calls where hubs do | every address has 256 bits that nobody can guess, is shown nowhere, and another one is 404 before
/// a body is read; other methods are 405 | W3C WebSub §5.1; rule 56
#[test]
fn c127_other_callers() {
    let stage = Stage::new();
    let (daemon, asked) = stage.subscribed();
    let secret = asked.callback().rsplit('/').next().unwrap();
    assert!(secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{secret}");
    let flipped = if secret.ends_with('0') { "1" } else { "0" };
    let guesses = [
        format!("{}/hub/{}", stage.base, "0".repeat(64)),
        format!("{}/hub/{}{flipped}", stage.base, &secret[..63]),
        format!("{}/hub/{}", stage.base, secret.to_uppercase()),
        format!("{}/hub/", stage.base),
        format!("{}/", stage.base),
        format!("{}/hub/{secret}/x", stage.base),
    ];
    for guess in &guesses {
        // Nothing of the body is sent: the answer does not wait for it.
        let called = call("POST", guess, &[("Content-Length", "60000")], b"");
        assert!(called.status == 404 || guess.contains(&secret.to_uppercase()) && secret == secret.to_uppercase());
        assert_eq!(call("GET", guess, &[], b"").status, 404);
    }
    for method in ["PUT", "DELETE", "OPTIONS"] {
        let called = call(method, asked.callback(), &[], b"");
        assert!(called.status == 405 && called.head.contains("allow: get, post"), "{called:?}");
    }
    // A proxy may take the prefix off.
    assert_eq!(asked.push(&rss(&entries(&["tunnel"]))).status, 200);
    let bare = asked.callback().replace("/nw/", "/");
    assert_eq!(call("POST", &bare, &[], b"x").status, 202);
    let shown = [
        daemon.stderr(),
        stage.newswatch.run(&["feed", "list"]).ok().stdout,
        stage.newswatch.run(&["feed", "list", "--json"]).ok().stdout,
        stage.newswatch.run(&["feed", "show", "a"]).ok().stdout,
    ];
    for text in shown {
        assert!(!text.contains(secret) && !text.contains(asked.secret()), "{text}");
    }
}

/// `<cloud>` of RSS 2.0 | is passed over, and the feed is polled | RSS 2.0 | Nobody signs what such a cloud says, so it could do no more
/// than make us poll.
#[test]
fn c128_cloud() {
    let cloud = Hub::start();
    let port = cloud.url().rsplit(':').next().unwrap().trim_end_matches("/hub").to_owned();
    let stage = Stage::with(|_| {
        let line = format!(
            "<cloud domain=\"127.0.0.1\" port=\"{port}\" path=\"/hub\" registerProcedure=\"\" protocol=\"http-post\"/>"
        );
        Answer::feed(rss(&entries(&["budget"])).replace("<description>News", &format!("{line}<description>News")))
    });
    let daemon = stage.newswatch.start();
    let polled = stage.origin.requests(PAGE).len();
    let _daemon = stage.later(daemon, 2 * HOUR);
    stage.origin.wait_requests(PAGE, polled + 1);
    assert_eq!((stage.seen(), cloud.asked().len()), (Value::Null, 0));
}
