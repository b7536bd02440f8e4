//! `full_text`: the article behind each new item is fetched, once and politely, and matched too.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::Value;

use super::harness::db;
use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, rss};
use super::harness::letter::Letter;
use super::harness::newswatch::Newswatch;

/// A page with words that its feed does not have, in the middle of its article.
fn page(title: &str, words: &str) -> Answer {
    Answer::html(&format!(
        "<html><head><title>{title} - The Example</title></head><body><nav><a href=/>Home</a></nav><article><h1>{title}</h1>\
         <p>Ministers from nine countries met on Tuesday in Valletta, and after a long night, they agreed on a common line \
         for the summit.</p><p>{words} This is said at some length, because a paragraph of an article has more words than \
         a line of a menu, and the reader is used to it.</p><p>The heads of government will have the last word, and several \
         of them have already asked for changes to the text, which is forty pages long.</p></article></body></html>"
    ))
}

fn entry(origin: &Origin, id: &str, title: &str) -> Entry {
    Entry { link: origin.url(&format!("/{id}")), ..Entry::new(id, title) }
}

/// A feed with one item, "Nine agree", whose link is `/a`, and an installation that fetches articles and looks for three words:
/// one in the headline, one only in the article, one only in a wall.
fn one_item(origin: &Origin) -> Newswatch {
    origin.serve("/feed.xml", Answer::feed(rss(&[entry(origin, "a", "Nine agree on a budget")])));
    watching(origin)
}

fn watching(origin: &Origin) -> Newswatch {
    Newswatch::new()
        .feed_with("alliance", &origin.url("/feed.xml"), &[("full_text", "true")])
        .watch("headline", "budget")
        .watch("article", "veto")
        .watch("wall", "partners OR subscriber OR robot OR password OR vanished")
}

/// The watches that matched the one item there is.
#[track_caller]
fn matched(newswatch: &Newswatch) -> Vec<String> {
    let items = newswatch.list(&["item", "list"]);
    assert_eq!(items.len(), 1, "{items:?}");
    names(&items[0])
}

fn names(item: &Value) -> Vec<String> {
    item["matched"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_article_is_matched_with_words_that_its_feed_does_not_have() {
    let origin = Origin::start();
    origin.serve("/a", page("Nine agree", "Hungary will not veto the package."));
    let newswatch = one_item(&origin);
    let pass = newswatch.once();
    assert_eq!((&pass["articles"]["taken"], &pass["matches"]), (&1.into(), &2.into()), "{pass}");
    assert_eq!(matched(&newswatch), ["article", "headline"]);
    assert_eq!(newswatch.only_mail()["watches"], serde_json::json!(["article", "headline"]));
    let letter = std::fs::read_dir(newswatch.path("mail")).unwrap().next().unwrap().unwrap();
    let letter = Letter::read(&std::fs::read(letter.path()).unwrap());
    assert!(letter.text.contains("will not *veto* the package"), "{}", letter.text);
    // Once, whatever comes after.
    newswatch.once();
    origin.serve("/feed.xml", Answer::feed(rss(&[entry(&origin, "a", "Nine agree on a budget").summary("Edited.")])));
    newswatch.once();
    assert_eq!(origin.requests("/a").len(), 1);
    assert_eq!(matched(&newswatch), ["article", "headline"], "an edit of the feed's words forgets the article");
    newswatch.only_mail();
    // Another headline is another article.
    origin.serve("/a", page("Ten agree", "Nobody will block the package."));
    origin.serve("/feed.xml", Answer::feed(rss(&[entry(&origin, "a", "Ten agree on a budget")])));
    newswatch.once();
    assert_eq!(origin.requests("/a").len(), 2);
    assert_eq!(matched(&newswatch), ["headline"]);
}

#[test]
fn a_page_is_asked_for_as_pages_are() {
    let origin = Origin::start();
    origin.serve("/a", page("Nine agree", "x").header("ETag", "\"1\"").header("Set-Cookie", "a=b"));
    let newswatch = one_item(&origin).set("fetch", "contact", "'https://example.org/bot'");
    newswatch.once();
    let request = &origin.requests("/a")[0];
    assert!(request.text("accept").starts_with("text/html"), "{request:?}");
    assert!(request.text("user-agent").ends_with("(+https://example.org/bot)"), "{request:?}");
    assert!(!request.conditional() && request.header("cookie").is_none() && request.header("referer").is_none());
    assert_eq!(origin.requests("/robots.txt").len(), 1);
    // Another article of the site, another process: the rules are known.
    origin.serve("/b", page("Ten agree", "x"));
    origin.serve("/feed.xml", Answer::feed(rss(&[entry(&origin, "b", "Ten agree")])));
    newswatch.once();
    assert_eq!((origin.requests("/b").len(), origin.requests("/robots.txt").len()), (1, 1));
}

#[test]
fn what_stands_in_the_place_of_an_article_is_not_taken_for_it() {
    let consent = Answer::html(
        "<title>The Example</title><h1>We value your privacy</h1><p>We and our 842 partners store and/or access information on \
         a device, such as cookies, and process personal data.</p><p>Accept all or reject all.</p>",
    );
    let login = Answer::html(
        "<title>Sign in</title><h1>Please sign in to continue</h1><form><input type=text><input type=password></form>\
         <p><a href=/forgot>Forgot your password?</a></p>",
    );
    let paywall = Answer::html(
        "<title>Nine agree</title><article><h1>Nine agree</h1><p>Ministers from nine countries met on Tuesday in Valletta, and \
         agreed.</p><p>Subscribe to continue reading. Already a subscriber? Log in.</p></article>",
    );
    let robots =
        Answer::html("<title>Just a moment...</title><p>Verify you are human and not a robot to continue.</p>");
    let missing = Answer::html("<title>Page not found</title><h1>Page not found</h1><p>It has vanished.</p>");
    let pdf = Answer::status(200).header("Content-Type", "application/pdf").body("%PDF-1.7 veto <p>veto</p>");
    let image = Answer::status(200).header("Content-Type", "image/jpeg").body(vec![0xff, 0xd8, 0xff, 0xe0]);
    let front = Answer::redirect(302, "/");
    for (what, answer) in [
        ("consent", consent),
        ("login", login),
        ("paywall", paywall),
        ("robots", robots),
        ("missing", missing),
        ("pdf", pdf),
        ("image", image),
        ("front page", front),
    ] {
        let origin = Origin::start();
        origin.serve("/", page("The Example", "A veto, a password and 842 partners."));
        origin.serve("/a", answer);
        let newswatch = one_item(&origin);
        let pass = newswatch.once();
        assert_eq!(pass["articles"]["given_up"], 1, "{what}: {pass}");
        assert_eq!(matched(&newswatch), ["headline"], "{what}");
        newswatch.only_mail();
    }
}

#[test]
fn robots_are_told_by_the_site_where_they_may_go() {
    for (rules, expected) in [
        (Answer::status(200).body("User-agent: *\nDisallow: /a"), &["headline"][..]),
        (Answer::status(200).body("User-agent: Newswatch\nDisallow: /\n\nUser-agent: *\nAllow: /"), &["headline"]),
        (
            Answer::status(200).body("User-agent: *\nDisallow: /\n\nUser-agent: newswatch\nAllow: /a"),
            &["article", "headline"],
        ),
        (Answer::status(403), &["article", "headline"]),
        (Answer::redirect(301, "/r/robots.txt"), &["headline"]),
    ] {
        let origin = Origin::start();
        origin.serve("/robots.txt", rules.clone());
        origin.serve("/r/robots.txt", Answer::status(200).body("User-agent: *\nDisallow: /a"));
        origin.serve("/a", page("Nine agree", "Hungary will not veto the package."));
        let newswatch = one_item(&origin);
        newswatch.once();
        assert_eq!(matched(&newswatch), expected, "{rules:?}");
        assert_eq!(origin.requests("/a").len(), usize::from(expected.len() > 1), "{rules:?}");
    }
}

#[test]
fn the_site_that_a_page_redirects_to_is_asked_too() {
    let (origin, other) = (Origin::start(), Origin::start());
    origin.serve("/a", Answer::redirect(302, &other.url("/a")));
    other.serve("/robots.txt", Answer::status(200).body("User-agent: *\nDisallow: /"));
    other.serve("/a", page("Nine agree", "Hungary will not veto the package."));
    let newswatch = one_item(&origin);
    newswatch.once();
    assert_eq!((origin.requests("/a").len(), other.requests("/a").len()), (1, 0));
    assert_eq!(matched(&newswatch), ["headline"]);
}

#[test]
fn three_failures_are_enough_and_are_counted_across_restarts() {
    let origin = Origin::start();
    origin.serve("/a", Answer::status(500));
    let newswatch = one_item(&origin);
    for waits in [true, true, false] {
        newswatch.once();
        let item = &newswatch.list(&["item", "list"])[0];
        assert_eq!(item["waits_until"].is_string(), waits, "{item}");
        assert_eq!(names(item).is_empty(), waits, "{item}");
        assert_eq!(newswatch.status()["items_waiting"], u64::from(waits));
        assert_eq!(newswatch.feed_state("alliance")["waiting"], u64::from(waits));
        assert_eq!(newswatch.mails().len(), usize::from(!waits));
    }
    newswatch.once();
    assert_eq!(origin.requests("/a").len(), 3);
    newswatch.only_mail();
    // A site that cannot say what it allows allows nothing.
    let origin = Origin::start();
    origin.serve("/robots.txt", Answer::status(500));
    origin.serve("/a", page("Nine agree", "Hungary will not veto the package."));
    let newswatch = one_item(&origin);
    (0..3).for_each(|_| drop(newswatch.once()));
    assert_eq!((origin.requests("/a").len(), matched(&newswatch)), (0, vec!["headline".to_owned()]));
}

#[test]
fn a_host_that_asks_to_be_left_alone_is_and_that_is_no_failure() {
    let origin = Origin::start();
    origin.serve("/a", Answer::status(503).header("Retry-After", "3600"));
    let newswatch = one_item(&origin);
    (0..4).for_each(|_| drop(newswatch.once()));
    assert_eq!(origin.requests("/a").len(), 1);
    assert_eq!(matched(&newswatch), Vec::<String>::new(), "it waits on");
}

#[test]
fn time_runs_out() {
    let origin = Origin::start();
    origin.serve("/a", Answer::status(500));
    let newswatch = one_item(&origin);
    newswatch.once();
    // Fifteen minutes later.
    db::wait_less(&newswatch.database(), Duration::from_mins(15));
    let mut daemon = newswatch.start();
    newswatch.until_status("nothing waits", |status| status["items_waiting"] == 0);
    assert_eq!(matched(&newswatch), ["headline"]);
    daemon.stop();
    assert_eq!(origin.requests("/a").len(), 1, "asked in vain");
    newswatch.only_mail();
}

#[test]
fn a_daemon_fetches_and_tells_at_once() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    origin.first("/a", [Answer::status(404)]);
    origin.serve("/b", page("Ten agree", "Hungary will not veto the package."));
    let newswatch = one_item(&origin).mail(&inbox);
    let mut daemon = newswatch.start();
    origin.wait_requests("/a", 1);
    origin.serve(
        "/feed.xml",
        Answer::feed(rss(&[entry(&origin, "b", "Ten agree"), entry(&origin, "a", "Nine agree on a budget")])),
    );
    let letter = &inbox.wait_letters(1)[0];
    assert_eq!(letter.subject, "[article] Ten agree");
    assert_eq!(newswatch.status()["items_waiting"], 1);
    daemon.stop();
}

#[test]
fn a_kill_between_poll_and_article_loses_nothing_and_repeats_nothing() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    origin.serve("/a", Answer::mute());
    let newswatch = one_item(&origin).mail(&inbox);
    let mut daemon = newswatch.start();
    origin.wait_requests("/a", 1);
    daemon.kill();
    assert_eq!(newswatch.list(&["item", "list"]).len(), 1);
    origin.serve("/a", page("Nine agree", "Hungary will not veto the package."));
    let mut daemon = newswatch.start();
    newswatch.until_status("the mail is settled", |status| status["mail"]["sent"] == 1);
    daemon.kill();
    let mut daemon = newswatch.start();
    let asked = origin.requests("/feed.xml").len();
    origin.wait_requests("/feed.xml", asked + 2);
    daemon.stop();
    assert_eq!(matched(&newswatch), ["article", "headline"]);
    assert_eq!(origin.requests("/a").len(), 2);
    assert_eq!(inbox.only_letter().header("X-Newswatch-Watch").unwrap(), "headline, article");
}

#[test]
fn a_feed_that_loses_full_text_waits_no_longer() {
    for removed in [false, true] {
        let (origin, inbox) = (Origin::start(), Inbox::start());
        origin.serve("/a", Answer::mute());
        let newswatch = one_item(&origin).mail(&inbox);
        let mut daemon = newswatch.start();
        origin.wait_requests("/a", 1);
        let newswatch = newswatch.without_feed("alliance");
        let newswatch = if removed { newswatch } else { newswatch.feed("alliance", &origin.url("/feed.xml")) };
        newswatch.save();
        daemon.signal("HUP");
        assert_eq!(inbox.wait_letters(1)[0].subject, "[headline] Nine agree on a budget");
        daemon.stop();
        assert_eq!(matched(&newswatch), ["headline"]);
    }
}

#[test]
fn one_page_is_fetched_once_for_all_items_that_link_to_it() {
    let origin = Origin::start();
    origin.serve("/a", page("Nine agree", "Hungary will not veto the package."));
    let two = [
        entry(&origin, "a", "Nine agree on a budget"),
        Entry { id: "other".into(), ..entry(&origin, "a", "A budget at last") },
    ];
    origin.serve("/feed.xml", Answer::feed(rss(&two)));
    origin.serve("/a?utm_source=feed", page("Nine agree", "Hungary will not veto the package."));
    let same = Entry { link: origin.url("/a?utm_source=feed"), ..Entry::new("x", "Budget agreed by nine") };
    origin.serve("/other.xml", Answer::feed(rss(std::slice::from_ref(&same))));
    let other = [("full_text", "true")];
    let newswatch = watching(&origin).feed_with("other", &origin.url("/other.xml"), &other);
    newswatch.once();
    let asked = || origin.requests("/a").len() + origin.requests("/a?utm_source=feed").len();
    assert_eq!(asked(), 1);
    // And for one that comes later.
    let late = Entry { link: origin.url("/a"), ..Entry::new("y", "Budget: what nine agreed") };
    origin.serve("/other.xml", Answer::feed(rss(&[late, same])));
    newswatch.once();
    assert_eq!(asked(), 1);
    let items = newswatch.list(&["item", "list"]);
    assert_eq!(items.len(), 4);
    assert!(items.iter().all(|item| names(item) == ["article", "headline"]), "{items:?}");
}

#[test]
fn items_without_a_page_of_their_own_are_matched_at_once() {
    let origin = Origin::start();
    let link = |id: &str, link: &str| Entry { link: link.to_owned(), ..Entry::new(id, "A budget") };
    let entries = [
        link("1", &origin.url("/feed.xml")),
        link("2", &origin.url("/")),
        link("3", ""),
        link("4", "mailto:a@example.org"),
    ];
    origin.serve("/feed.xml", Answer::feed(rss(&entries)));
    let newswatch = watching(&origin);
    let pass = newswatch.once();
    assert_eq!((&pass["items"]["new"], &pass["matches"]), (&4.into(), &4.into()), "{pass}");
    assert_eq!(origin.request_count(), 1);
}

#[test]
fn a_host_is_given_time_between_two_requests() {
    const INTERVAL: Duration = Duration::from_millis(300);
    let origin = Origin::start();
    let entries: Vec<Entry> = (0..3).map(|id| entry(&origin, &id.to_string(), &format!("Budget {id}"))).collect();
    (0..3).for_each(|id| origin.serve(&format!("/{id}"), page("Budget", "x")));
    origin.serve("/feed.xml", Answer::feed(rss(&entries)));
    let newswatch = watching(&origin).set("fetch", "per_host_interval", "'300ms'");
    newswatch.once();
    let paths = ["/feed.xml", "/robots.txt", "/0", "/1", "/2"];
    let mut at: Vec<_> = paths.iter().flat_map(|path| origin.requests(path)).map(|request| request.at).collect();
    assert_eq!(at.len(), 5);
    at.sort();
    let slack = Duration::from_millis(50);
    assert!(at.windows(2).all(|two| two[1] - two[0] + slack >= INTERVAL), "{at:?}");
}

#[test]
fn a_page_on_a_private_address_is_not_for_a_public_feed() {
    let (origin, inside) = (Origin::start(), Origin::start());
    inside.serve("/a", page("Nine agree", "Hungary will not veto the package."));
    // A feed that is a file has no address of its own that could be private.
    let newswatch = Newswatch::new().set("fetch", "allow_private_addresses", "false");
    let feed = newswatch.write("feed.xml", rss(&[entry(&inside, "a", "Nine agree on a budget")]));
    let newswatch = newswatch
        .feed_with("alliance", &format!("file:{}", feed.display()), &[("full_text", "true")])
        .watch("headline", "budget");
    newswatch.once();
    assert_eq!((inside.request_count(), origin.request_count()), (0, 0));
    assert_eq!(matched(&newswatch), ["headline"]);
}

#[test]
fn a_huge_page_and_a_slow_one_are_given_up() {
    let origin = Origin::start();
    origin.serve("/a", page("Nine agree", "x").endless());
    let newswatch = one_item(&origin).set("fetch", "max_size", "'1MiB'");
    newswatch.once();
    assert_eq!((matched(&newswatch), origin.requests("/a").len()), (vec!["headline".to_owned()], 1));

    let origin = Origin::start();
    origin.serve("/a", page("Nine agree", "x").dripping(Duration::from_millis(200)));
    let newswatch = one_item(&origin).set("fetch", "timeout", "'500ms'");
    (0..3).for_each(|_| drop(newswatch.once()));
    assert_eq!(matched(&newswatch), ["headline"]);
}

#[test]
fn credentials_of_a_feed_stay_with_its_own_origin() {
    let (origin, other) = (Origin::start(), Origin::start());
    let entries = [entry(&origin, "a", "Nine agree"), entry(&other, "b", "Ten agree")];
    origin.serve("/feed.xml", Answer::feed(rss(&entries)));
    origin.serve("/a", page("Nine agree", "x"));
    other.serve("/b", page("Ten agree", "x"));
    let keys = [("full_text", "true"), ("headers", "{ X-Key = 'secret' }")];
    let newswatch = Newswatch::new().feed_with("alliance", &origin.url("/feed.xml"), &keys).watch("nine", "nine");
    newswatch.once();
    assert_eq!(origin.requests("/a")[0].text("x-key"), "secret");
    assert_eq!(other.requests("/b")[0].text("x-key"), "");
    assert_eq!(other.requests("/robots.txt")[0].text("x-key"), "");
}

#[test]
fn nobody_at_the_address_is_a_failure_of_the_article_alone() {
    let origin = Origin::start();
    // A port that was free a moment ago.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gone = Entry { link: format!("http://{nobody}/a"), ..Entry::new("a", "Nine agree on a budget") };
    origin.serve("/feed.xml", Answer::feed(rss(&[gone])));
    let newswatch = watching(&origin);
    (0..3).for_each(|_| drop(newswatch.once()));
    assert_eq!(matched(&newswatch), ["headline"]);
    assert_eq!(newswatch.feed_state("alliance")["state"], "ok");
}

#[test]
fn full_text_can_be_said_for_all_feeds_and_unsaid_for_one() {
    let origin = Origin::start();
    origin.serve("/a", page("Nine agree", "x"));
    origin.serve("/b", page("Ten agree", "x"));
    origin.serve("/feed.xml", Answer::feed(rss(&[entry(&origin, "a", "Nine agree")])));
    origin.serve("/other.xml", Answer::feed(rss(&[entry(&origin, "b", "Ten agree")])));
    let newswatch = Newswatch::new()
        .set("fetch", "full_text", "true")
        .feed("alliance", &origin.url("/feed.xml"))
        .feed_with("other", &origin.url("/other.xml"), &[("full_text", "false")])
        .watch("agree", "agree");
    newswatch.once();
    assert_eq!((origin.requests("/a").len(), origin.requests("/b").len()), (1, 0));
    newswatch.run(&["check"]).ok();
}
