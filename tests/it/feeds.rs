//! From a server's answer to a stored item: what is asked, what is read, what is new, and what is said of a feed that is ill.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use super::harness::PATIENCE;
use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, atom, rss};
use super::harness::level;
use super::harness::newswatch::{Newswatch, file_url};

fn veto(id: &str) -> Entry {
    Entry::new(id, &format!("Ministers veto the {id}")).summary(&format!("All about the {id}."))
}

/// An installation with one feed, one watch and a mail server.
fn watching(origin: &Origin, inbox: &Inbox) -> Newswatch {
    Newswatch::new().mail(inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto")
}

/// An installation that only reads.
fn reading(origin: &Origin) -> Newswatch {
    Newswatch::new().unset("mail").feed("alliance", &origin.url("/a.xml"))
}

#[test]
fn from_a_feed_to_a_mail_and_nothing_twice() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let page = rss(&[veto("budget"), Entry::new("cup", "Final of the cup")]);
    let page = Answer::feed(page).header("ETag", "W/\"a, b\"").header("Last-Modified", "some time on Monday");
    origin.serve("/a.xml", page);
    let newswatch = watching(&origin, &inbox);
    let first = newswatch.once();
    assert_eq!(first["feeds"], json!({"due": 1, "polled": 1, "changed": 1, "unchanged": 0, "failed": 0}));
    assert_eq!(first["items"], json!({"new": 2, "updated": 0, "repeated": 0}));
    assert_eq!(first["matches"], 1);
    assert_eq!(first["mail"], json!({"queued": 1, "sent": 1, "deferred": 0, "failed": 0}));
    assert_eq!(inbox.only_letter().subject, "[veto] Ministers veto the budget");

    let second = newswatch.once();
    assert_eq!(second["feeds"], json!({"due": 1, "polled": 1, "changed": 0, "unchanged": 1, "failed": 0}));
    assert_eq!(second["mail"], json!({"queued": 0, "sent": 0, "deferred": 0, "failed": 0}));
    inbox.only_letter();
    let requests = origin.requests("/a.xml");
    assert!(!requests[0].conditional());
    assert_eq!(requests[1].text("if-none-match"), "W/\"a, b\"");
    assert_eq!(requests[1].text("if-modified-since"), "some time on Monday");
}

#[test]
fn the_first_request_says_who_asks_and_nothing_more() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::feed(rss(&[])).header("Set-Cookie", "id=1; Path=/"));
    let newswatch = reading(&origin).set("fetch", "contact", "'https://example.org/bot'");
    newswatch.once();
    newswatch.once();
    for request in origin.requests("/a.xml") {
        assert_eq!(request.method, "GET");
        let agent = format!("newswatch/{} (+https://example.org/bot)", env!("CARGO_PKG_VERSION"));
        assert_eq!(request.text("user-agent"), agent);
        assert!(request.text("accept").contains("application/rss+xml"));
        for coding in ["gzip", "br", "zstd"] {
            assert!(request.text("accept-encoding").contains(coding), "{}", request.text("accept-encoding"));
        }
        assert!(request.header("cookie").is_none() && request.header("referer").is_none());
        assert!(!request.conditional(), "no validator was given");
    }
}

#[test]
fn validators_go_back_byte_for_byte_and_are_cleared_by_an_answer_without() {
    let origin = Origin::start();
    let odd: [&[u8]; 4] = [b"\"x\"", b"unquoted value", b"\"\"", b"W/\"caf\xc3\xa9 \xff\""];
    let newswatch = reading(&origin);
    for (index, etag) in odd.iter().enumerate() {
        let page = rss(&[veto(&index.to_string())]);
        origin.first("/a.xml", [Answer::feed(page).header("ETag", *etag)]);
        newswatch.once();
    }
    origin.first("/a.xml", [Answer::feed(rss(&[veto("last")])), Answer::feed(rss(&[]))]);
    newswatch.once();
    newswatch.once();
    let asked: Vec<_> =
        origin.requests("/a.xml").iter().map(|it| it.header("if-none-match").map(<[u8]>::to_vec)).collect();
    let expected = [&[None], &odd.map(|etag| Some(etag.to_vec()))[..], &[None]].concat();
    assert_eq!(asked, expected);
}

#[test]
fn the_same_body_under_a_200_is_unchanged() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::feed(rss(&[veto("budget").days_ago(1)])));
    let newswatch = reading(&origin);
    newswatch.once();
    assert_eq!(newswatch.once()["feeds"]["unchanged"], 1);
}

#[test]
fn what_a_server_asks_for_is_kept_even_by_all() {
    for (name, answer) in [
        ("max-age", Answer::feed(rss(&[])).header("Cache-Control", "public, max-age=3600")),
        ("Retry-After", Answer::status(503).header("Retry-After", "3600")),
        ("ttl", Answer::feed(rss(&[]).replace("<description>", "<ttl>60</ttl><description>"))),
        ("gone", Answer::status(410)),
    ] {
        let origin = Origin::start();
        origin.serve("/a.xml", answer);
        let newswatch = reading(&origin);
        newswatch.once();
        let again = newswatch.once();
        assert_eq!(origin.request_count(), 1, "{name}: asked again");
        assert_eq!(again["feeds"]["polled"], 0, "{name}: {again}");
    }
}

#[test]
fn a_feed_that_is_gone_is_asked_no_more() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::status(410));
    let newswatch = reading(&origin);
    newswatch.once();
    assert_eq!(newswatch.feed_state("alliance")["state"], "gone");
    assert_eq!(newswatch.status()["feeds"]["gone"], 1);
}

#[test]
fn what_is_old_at_the_first_look_raises_no_alert() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let entries = [veto("budget").days_ago(3), veto("treaty").undated(), veto("embargo").days_ago(1)];
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
    let newswatch = watching(&origin, &inbox);
    assert_eq!(newswatch.once()["items"]["new"], 3);
    assert!(inbox.only_letter().subject.contains("embargo"));
}

#[test]
fn the_backlog_may_be_none_or_all() {
    for (backlog, mails) in [("0", 0), ("all", 2)] {
        let (origin, inbox) = (Origin::start(), Inbox::start());
        origin.serve("/a.xml", Answer::feed(rss(&[veto("budget").days_ago(30), veto("embargo")])));
        let newswatch = watching(&origin, &inbox).set("fetch", "backlog", &format!("'{backlog}'"));
        newswatch.once();
        assert_eq!(inbox.letters().len(), mails, "backlog = {backlog:?}");
    }
}

#[test]
fn new_ids_for_old_items_raise_no_alert() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    origin.serve("/a.xml", Answer::feed(atom(&[veto("budget"), veto("treaty")])));
    let newswatch = watching(&origin, &inbox);
    newswatch.once();
    assert_eq!(inbox.letters().len(), 2);
    origin.serve("/a.xml", Answer::feed(atom(&[veto("budget").id("urn:new:1"), veto("treaty").id("urn:new:2")])));
    assert_eq!(newswatch.once()["items"]["new"], 0);
    assert_eq!(inbox.letters().len(), 2);
    assert_eq!(newswatch.list(&["item", "list"]).len(), 2);
}

#[test]
fn an_item_that_returns_is_not_new() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    for entries in [vec![veto("budget")], vec![Entry::new("cup", "Final of the cup")], vec![veto("budget")]] {
        origin.serve("/a.xml", Answer::feed(rss(&entries)));
        newswatch.once();
    }
    inbox.only_letter();
}

#[test]
fn an_edit_alerts_where_it_makes_a_match() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    let entry = Entry::new("a", "Ministers meet on fish");
    origin.serve("/a.xml", Answer::feed(rss(std::slice::from_ref(&entry))));
    newswatch.once();
    origin.serve("/a.xml", Answer::feed(rss(&[entry.summary("Late in the night came the veto.")])));
    assert_eq!(newswatch.once()["items"]["updated"], 1);
    assert!(inbox.only_letter().subject.starts_with("[veto] "));
}

#[test]
fn a_date_that_was_known_stays_when_the_feed_loses_or_breaks_it() {
    let origin = Origin::start();
    let newswatch = reading(&origin);
    let entry = Entry::new("a", "Ministers meet on fish").days_ago(1);
    origin.serve("/a.xml", Answer::feed(rss(std::slice::from_ref(&entry))));
    newswatch.once();
    let known = newswatch.list(&["item", "list"])[0]["published"].clone();
    assert!(known.is_string());
    let lost = entry.summary("They met for long.").undated();
    origin.serve("/a.xml", Answer::feed(rss(std::slice::from_ref(&lost))));
    assert_eq!(newswatch.once()["items"]["updated"], 1);
    assert_eq!(newswatch.list(&["item", "list"])[0]["published"], known);
    let broken = rss(&[lost.summary("And longer.")]).replace("</guid>", "</guid><pubDate>Fri, 99 Zog 2026</pubDate>");
    origin.serve("/a.xml", Answer::feed(broken));
    assert_eq!(newswatch.once()["items"]["updated"], 1);
    assert_eq!(newswatch.list(&["item", "list"])[0]["published"], known);
    // What never had a date is shown as such, with when it was first seen.
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("b", "Ministers sleep").undated()])));
    newswatch.once();
    let shown = newswatch.run(&["item", "list"]).ok().stdout;
    let line = |title: &str| shown.lines().find(|line| line.contains(title)).unwrap().to_owned();
    assert!(line("sleep").contains("(seen 20") && !line("meet").contains("(seen"), "{shown}");
}

#[test]
fn one_address_in_two_feeds_is_fetched_once() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::feed(rss(&[veto("budget")])).header("ETag", "\"1\""));
    let newswatch = reading(&origin).feed("again", &origin.url("/a.xml"));
    newswatch.once();
    assert_eq!(newswatch.once()["feeds"]["unchanged"], 2);
    let asked: Vec<_> = origin.requests("/a.xml").iter().map(|request| request.text("if-none-match")).collect();
    assert_eq!(asked, ["", "\"1\""]);
    // A third one knows nothing yet, so this time everything is asked for.
    let newswatch = newswatch.feed("late", &origin.url("/a.xml"));
    newswatch.once();
    newswatch.once();
    let asked: Vec<_> = origin.requests("/a.xml").iter().map(|request| request.text("if-none-match")).collect();
    assert_eq!(asked, ["", "\"1\"", "", "\"1\""]);
    let mut feeds: Vec<_> =
        newswatch.list(&["item", "list"]).iter().map(|item| item["feed"].as_str().unwrap().to_owned()).collect();
    feeds.sort();
    assert_eq!(feeds, ["again", "alliance", "late"]);
}

#[test]
fn a_file_is_a_feed() {
    let inbox = Inbox::start();
    let newswatch = Newswatch::new().mail(&inbox).watch("veto", "veto");
    let file = newswatch.write("mine.xml", atom(&[veto("budget")]));
    let newswatch = newswatch.feed("mine", &file_url(&file));
    newswatch.once();
    inbox.only_letter();
    fs::remove_file(&file).unwrap();
    newswatch.once();
    let feed = newswatch.feed_state("mine");
    assert_eq!(feed["state"], "failing");
    assert!(feed["error"].as_str().unwrap().contains("mine.xml"), "{feed}");
}

#[test]
fn a_redirect_is_followed_and_credentials_stay_at_home() {
    let (origin, elsewhere) = (Origin::start(), Origin::start());
    elsewhere.serve("/b.xml", Answer::feed(rss(&[veto("budget")])));
    origin.serve("/a.xml", Answer::redirect(302, &elsewhere.url("/b.xml")));
    let newswatch = Newswatch::new().unset("mail");
    newswatch.write("secret", "open sesame\n");
    let more = [("user", "'me'"), ("password_file", "'secret'"), ("headers", "{ X-Key = 'abc' }")];
    let newswatch = newswatch.feed_with("alliance", &origin.url("/a.xml"), &more);
    assert_eq!(newswatch.once()["items"]["new"], 1);
    let home = &origin.requests("/a.xml")[0];
    assert_eq!(
        (home.text("authorization").as_str(), home.text("x-key").as_str()),
        ("Basic bWU6b3BlbiBzZXNhbWU=", "abc")
    );
    let away = &elsewhere.requests("/b.xml")[0];
    assert!(away.header("authorization").is_none() && away.header("x-key").is_none(), "{away:?}");
}

#[test]
fn an_address_of_this_machine_is_refused_unless_it_is_allowed() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::feed(rss(&[veto("budget")])));
    origin.serve("/own.xml", Answer::feed(rss(&[])));
    let newswatch = reading(&origin)
        .set("fetch", "allow_private_addresses", "false")
        .feed("localhost", &origin.url("/b.xml").replace("127.0.0.1", "localhost"))
        .feed("mapped", &origin.url("/c.xml").replace("127.0.0.1", "[::ffff:127.0.0.1]"))
        .feed_with("own", &origin.url("/own.xml"), &[("allow_private_addresses", "true")]);
    assert_eq!(newswatch.once()["feeds"]["failed"], 3);
    assert_eq!((origin.request_count(), origin.requests("/own.xml").len()), (1, 1));
    let error = newswatch.feed_state("alliance")["error"].clone();
    assert!(error.as_str().unwrap().contains("allow_private_addresses"), "{error}");
}

/// A page that is no feed: what the list then says of it, and that the items of before stay.
#[track_caller]
fn ill(answer: Answer, says: &[&str]) -> Value {
    let origin = Origin::start();
    origin.first("/a.xml", [Answer::feed(rss(&[veto("budget")])).header("ETag", "\"sound\""), answer]);
    let newswatch = reading(&origin).set("fetch", "timeout", "'2s'");
    newswatch.once();
    let started = level::now();
    assert_eq!(newswatch.once()["feeds"]["failed"], 1);
    assert!(started.elapsed() < Duration::from_secs(15), "it took {:?}", started.elapsed());
    let feed = newswatch.feed_state("alliance");
    assert_eq!((&feed["state"], &feed["failures"]), (&json!("failing"), &json!(1)), "{feed}");
    let error = feed["error"].as_str().unwrap().to_lowercase();
    for piece in says {
        assert!(error.contains(&piece.to_lowercase()), "{error:?} does not say {piece:?}");
    }
    assert!(!newswatch.list(&["item", "list"]).is_empty(), "the items of before are gone");
    newswatch.once();
    assert_eq!(
        origin.requests("/a.xml")[2].text("if-none-match"),
        "\"sound\"",
        "the validator of the last sound answer"
    );
    feed
}

#[test]
fn a_page_in_place_of_a_feed_is_an_error_that_names_the_feeds_it_links_to() {
    let page = "<!doctype html><html><head><title>Alliance</title>\
        <link rel=\"alternate\" type=\"application/rss+xml\" title=\"News\" href=\"/news/rss.xml\">\
        </head><body><h1>Alliance</h1></body></html>";
    ill(Answer::html(page), &["page", "/news/rss.xml"]);
    ill(Answer::html("<!doctype html><title>Log in</title><form>"), &["page"]);
}

#[test]
fn an_empty_answer_is_an_error() {
    ill(Answer::feed(""), &["empty"]);
}

#[test]
fn a_truncated_answer_is_an_error_and_leaves_no_validator() {
    let whole = rss(&[veto("budget"), veto("treaty"), veto("embargo")]);
    let half = whole.len() / 2;
    ill(Answer::feed(whole.as_str()).header("ETag", "\"torn\"").cut_after(half), &[]);
    ill(Answer::garbage(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n<rss"), &[]);
}

#[test]
fn what_is_no_feed_is_an_error() {
    ill(Answer::feed("What is this?"), &[]);
    ill(Answer::feed("<?xml version=\"1.0\"?><opml version=\"2.0\"/>"), &[]);
    ill(Answer::feed(b"\x00\x01\x02\xff\xfe".as_slice()), &[]);
}

#[test]
fn what_is_no_http_is_an_error() {
    ill(Answer::garbage(b"220 ready for dog\r\n"), &[]);
    ill(Answer::garbage(b""), &[]);
    let header = [b"HTTP/1.1 200 OK\r\nX: ".as_slice(), &vec![b'x'; 1 << 20], b"\r\n\r\n"].concat();
    ill(Answer::garbage(&header), &[]);
}

#[test]
fn a_status_is_named() {
    ill(Answer::status(404), &["404"]);
    ill(Answer::status(500), &["500"]);
    ill(Answer::status(403), &["403"]);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let origin = Origin::start();
    let url = origin.url("/a.xml");
    let address = url.trim_start_matches("http://").trim_end_matches("/a.xml").to_owned();
    let newswatch = reading(&origin);
    drop(origin);
    assert_eq!(newswatch.once()["feeds"]["failed"], 1);
    let feed = newswatch.feed_state("alliance");
    assert_eq!(feed["state"], "failing");
    let error = feed["error"].as_str().unwrap();
    assert!(error.contains("refused") || error.contains(&address), "{error}");
    assert!(feed["last_success"].is_null());
}

#[test]
fn a_feed_that_is_too_large_ends_at_the_limit() {
    let large = format!("{}<!-- {} -->", rss(&[veto("budget")]), "x".repeat(50 << 20));
    ill(Answer::feed(large), &["max_size"]);
    ill(Answer::gzip_bomb(64), &["max_size"]);
    ill(Answer::feed("<rss>".repeat(10_000)).endless(), &["max_size"]);
}

#[test]
fn a_server_that_dawdles_ends_at_the_timeout() {
    ill(Answer::mute(), &["2s"]);
    ill(Answer::feed(rss(&[veto("treaty")])).stalling(), &["2s"]);
    ill(Answer::feed(rss(&[veto("treaty")])).dripping(Duration::from_millis(50)), &["2s"]);
}

#[test]
fn requests_to_one_host_are_spaced() {
    let origin = Origin::start();
    let mut newswatch = Newswatch::new().unset("mail").set("fetch", "per_host_interval", "'400ms'");
    for path in ["/1.xml", "/2.xml", "/3.xml"] {
        origin.serve(path, Answer::feed(rss(&[])));
        newswatch = newswatch.feed(path.trim_matches('/'), &origin.url(path));
    }
    // Across processes too: the second pass begins where the first left off.
    newswatch.once();
    newswatch.once();
    let mut at: Vec<_> = ["/1.xml", "/2.xml", "/3.xml"]
        .iter()
        .flat_map(|path| origin.requests(path))
        .map(|request| request.at)
        .collect();
    at.sort();
    assert_eq!(at.len(), 6);
    let gaps: Vec<_> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // A request may take a moment longer on its way than the next one.
    assert!(gaps.iter().all(|gap| *gap > Duration::from_millis(250)), "{gaps:?}");
}

#[test]
fn a_slow_server_holds_up_only_its_own_feeds() {
    let (slow, quick) = (Origin::start(), Origin::at("127.0.0.62:0"));
    slow.respond("/a.xml", |_| Answer::mute());
    quick.serve("/b.xml", Answer::feed(rss(&[])));
    let newswatch = reading(&slow).feed("quick", &quick.url("/b.xml"));
    let mut daemon = newswatch.start();
    slow.wait_requests("/a.xml", 1);
    quick.wait_requests("/b.xml", 3);
    assert_eq!(slow.request_count(), 1);
    assert_eq!(newswatch.feed_state("quick")["state"], "ok");
    daemon.stop();
}

#[test]
fn failures_are_asked_less_and_less_and_a_success_ends_that() {
    let origin = Origin::start();
    let newswatch = reading(&origin);
    for failures in 1..=4 {
        newswatch.once();
        assert_eq!(newswatch.feed_state("alliance")["failures"], failures);
    }
    let wait = |feed: &Value| {
        let time = |key: &str| feed[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        time("next_poll").duration_since(time("last_poll"))
    };
    let feed = newswatch.feed_state("alliance");
    assert!(wait(&feed).as_secs() >= 4, "{feed}");
    origin.serve("/a.xml", Answer::feed(rss(&[])));
    newswatch.once();
    let feed = newswatch.feed_state("alliance");
    assert_eq!((&feed["failures"], &feed["error"], &feed["state"]), (&json!(0), &Value::Null, &json!("ok")));
    assert!(wait(&feed).as_secs() <= 2, "{feed}");
}

#[test]
fn a_restart_polls_nothing_that_is_not_due() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::feed(rss(&[])));
    let newswatch = reading(&origin).set("fetch", "every", "'1h'");
    newswatch.once();
    let pass = newswatch.run(&["once", "--json"]).ok().one_json();
    assert_eq!((&pass["feeds"]["due"], &pass["feeds"]["polled"]), (&json!(0), &json!(0)));
    let mut daemon = newswatch.start();
    newswatch.until_status("a status with a next poll", |status| status["next_poll"].is_string());
    daemon.stop();
    assert_eq!(origin.request_count(), 1);
}

#[test]
fn a_disabled_feed_is_off_and_a_disabled_watch_is_silent() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    origin.serve("/a.xml", Answer::feed(rss(&[veto("budget")])));
    let off = [("enabled", "false")];
    let silent = [("send", "'now'"), ("enabled", "false")];
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .feed_with("off", &origin.url("/off.xml"), &off)
        .watch_with("veto", "veto", &silent);
    newswatch.once();
    assert_eq!(newswatch.feed_state("off")["state"], "off");
    assert_eq!((origin.request_count(), inbox.letters().len()), (1, 0));
}

#[test]
fn a_hundred_new_feeds_are_read_at_once() {
    let origin = Origin::start();
    let mut newswatch = Newswatch::new().unset("mail").set("fetch", "per_host", "8");
    for index in 0..100 {
        let path = format!("/{index}.xml");
        origin.serve(&path, Answer::feed(rss(&[Entry::new(&path, &format!("Story number {index}"))])));
        newswatch = newswatch.feed(&format!("feed-{index}"), &origin.url(&path));
    }
    let mut daemon = newswatch.start();
    let read = |status: &Value| status["feeds"]["ok"] == 100 && status["items"] == 100;
    level::until("a hundred feeds to be read", PATIENCE, || Some(newswatch.status()).filter(read));
    daemon.stop();
}

#[test]
fn a_redirect_that_asks_to_wait_is_left_alone_by_later_runs() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::redirect(302, "/b.xml").header("Retry-After", "3600"));
    let newswatch = Newswatch::new().feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    for _ in 0..3 {
        newswatch.once();
    }
    assert_eq!(origin.requests("/a.xml").len(), 1);
    let feed = newswatch.feed_state("alliance");
    assert!(feed["why"].as_str().unwrap().contains("Retry-After"), "{feed}");
    assert_eq!(feed["error"], serde_json::Value::Null, "{feed}");
}

/// A body that breaks off tells nothing of the item that it breaks off in.
#[test]
fn half_an_item_is_neither_an_edit_nor_news() {
    for inside in ["Sport", "<b><i>Sport</b>"] {
        let (origin, inbox) = (Origin::start(), Inbox::start());
        let page = rss(&[veto("budget").summary("The council met. INSIDE was on the agenda too.")]);
        let page = page.replace("INSIDE", inside);
        let newswatch = watching(&origin, &inbox).watch("other", "veto NOT sport");
        origin.first("/a.xml", [Answer::feed(page.as_str())]);
        assert_eq!(newswatch.once()["items"]["new"], 1);
        let cut = page.find("The council met.").unwrap() + 20;
        for torn in [Answer::feed(&page[..cut]), Answer::feed(page.as_str()).cut_after(cut)] {
            origin.first("/a.xml", [torn]);
            let torn = newswatch.once();
            assert_eq!((&torn["feeds"]["failed"], &torn["items"]["updated"]), (&json!(1), &json!(0)), "{torn}");
        }
        origin.first("/a.xml", [Answer::feed(page)]);
        assert_eq!(newswatch.once()["feeds"]["failed"], 0);
        assert_eq!(inbox.only_letter().subject, "[veto] Ministers veto the budget");
    }
}

/// What is whole of a body that breaks off is taken in, and so the body before it is read again when it comes again.
#[test]
fn the_body_before_one_that_broke_off_is_not_taken_for_unchanged() {
    let origin = Origin::start();
    let page = rss(&[veto("budget"), veto("embargo")]);
    let newswatch = reading(&origin);
    let edited = page.replacen("All about the budget", "Everything about the budget", 1);
    let cut = edited.find("All about").unwrap();
    let answers = [Answer::feed(page.as_str()), Answer::feed(&edited[..cut]), Answer::feed(page.as_str())];
    for (answer, updated) in answers.into_iter().zip([0, 1, 1]) {
        origin.first("/a.xml", [answer]);
        assert_eq!(newswatch.once()["items"]["updated"], updated);
    }
}

/// A feed that empties an item, or only its title, does not make undone what it said.
#[test]
fn an_item_that_loses_its_words_keeps_them() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let newswatch = watching(&origin, &inbox);
    let page = rss(&[veto("budget")]);
    let untitled = page.replace("<title>Ministers veto the budget</title>", "<title></title>");
    let blank = untitled.replace("All about the budget.", "");
    let reworded = untitled.replace("All about the budget.", "More about the budget.");
    for (page, updated) in [(&page, 0), (&blank, 0), (&untitled, 1), (&reworded, 1)] {
        origin.first("/a.xml", [Answer::feed(page.as_str())]);
        assert_eq!(newswatch.once()["items"]["updated"], updated, "{page}");
        assert_eq!(newswatch.list(&["item", "list"])[0]["title"], "Ministers veto the budget");
    }
    inbox.only_letter();
}
