//! What scripts rely on: the fields of every JSON line.

use serde_json::{Value, json};

use crate::harness::feeds::{Answer, Origin};
use crate::harness::inbox::Inbox;
use crate::harness::items::{Entry, atom, rss};
use crate::harness::newswatch::{Newswatch, a_time, a_time_or_null, shaped};

/// An installation after one pass over a feed with two items, one of which was mailed.
fn after_a_pass() -> (Origin, Inbox, Newswatch) {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let entries =
        [Entry::new("budget", "Ministers veto the budget"), Entry::new("cup", "Final of the cup").days_ago(1)];
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    newswatch.once();
    inbox.only_letter();
    (origin, inbox, newswatch)
}

#[test]
fn once() {
    let (_origin, _inbox, newswatch) = after_a_pass();
    let pass = newswatch.once();
    shaped(&pass, &["feeds", "items", "matches", "mail"]);
    shaped(&pass["feeds"], &["due", "polled", "changed", "unchanged", "failed"]);
    shaped(&pass["items"], &["new", "updated", "repeated"]);
    shaped(&pass["mail"], &["queued", "sent", "deferred", "failed"]);
}

#[test]
fn item_list() {
    let (_origin, _inbox, newswatch) = after_a_pass();
    let items = newswatch.list(&["item", "list"]);
    assert_eq!(items.len(), 2);
    for item in &items {
        shaped(item, &["id", "feed", "title", "link", "published", "updated", "story", "matched"]);
        a_time(&item["published"]);
        a_time_or_null(&item["updated"]);
        assert!(!item["story"].is_null(), "every item has a story");
    }
    assert_eq!(items[0]["title"], "Ministers veto the budget", "newest first");
    assert_eq!((&items[0]["matched"], &items[1]["matched"]), (&json!(["veto"]), &json!([])));
    assert_eq!(items[0]["feed"], "alliance");
    assert_eq!(items[0]["link"], "https://news.example.org/budget");
    assert_ne!(items[0]["story"], items[1]["story"]);
}

#[test]
fn item_list_filters() {
    let (_origin, _inbox, newswatch) = after_a_pass();
    let count = |more: &[&str]| newswatch.list(&[&["item", "list"], more].concat()).len();
    assert_eq!(count(&["--limit", "1"]), 1);
    assert_eq!(count(&["--limit", "0"]), 2);
    assert_eq!(count(&["--feed", "alliance"]), 2);
    assert_eq!(count(&["--watch", "veto"]), 1);
    assert_eq!(count(&["--since", "2020-01-01T00:00:00Z"]), 2);
    assert_eq!(count(&["--since", "2999-01-01T00:00:00Z"]), 0);
    newswatch.run(&["item", "list", "--since", "soon"]).code(2).says(&["soon"]);
}

#[test]
fn feed_list() {
    let (_origin, _inbox, newswatch) = after_a_pass();
    let newswatch = newswatch.feed("other", "https://news.example.org/rss.xml");
    let feeds = newswatch.list(&["feed", "list"]);
    let keys = [
        "name",
        "url",
        "state",
        "last_poll",
        "last_success",
        "last_change",
        "next_poll",
        "why",
        "failures",
        "error",
        "gaps",
        "repairs",
    ];
    for feed in &feeds {
        shaped(feed, &keys);
        assert!(feed["repairs"].is_array() && feed["failures"].is_u64() && feed["why"].is_string(), "{feed}");
        for key in ["last_poll", "last_success", "last_change", "next_poll"] {
            a_time_or_null(&feed[key]);
        }
    }
    assert_eq!((&feeds[0]["name"], &feeds[0]["state"]), (&json!("alliance"), &json!("ok")));
    a_time(&feeds[0]["last_success"]);
    a_time(&feeds[0]["next_poll"]);
    assert_eq!((&feeds[1]["state"], &feeds[1]["last_poll"]), (&json!("new"), &Value::Null));
}

#[test]
fn mail_list() {
    let (_origin, inbox, newswatch) = after_a_pass();
    let mail = newswatch.only_mail();
    shaped(
        &mail,
        &["id", "message_id", "to", "subject", "watches", "state", "tries", "next", "answer", "queued", "sent"],
    );
    assert_eq!(mail["message_id"], inbox.only_letter().message_id.as_str());
    assert_eq!(mail["to"], "desk@example.org");
    assert_eq!(mail["subject"], "[veto] Ministers veto the budget");
    assert_eq!((&mail["watches"], &mail["state"], &mail["tries"]), (&json!(["veto"]), &json!("sent"), &json!(1)));
    assert!(mail["answer"].as_str().is_some_and(|answer| answer.contains("250")), "{mail}");
    a_time(&mail["queued"]);
    a_time(&mail["sent"]);
    assert!(mail["next"].is_null());
}

#[test]
fn status() {
    let (_origin, _inbox, newswatch) = after_a_pass();
    let status = newswatch.status();
    shaped(
        &status,
        &[
            "version",
            "pid",
            "since",
            "healthy",
            "problems",
            "feeds",
            "items",
            "watches",
            "mail",
            "next_poll",
            "next_digest",
        ],
    );
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&status["healthy"], &status["problems"]), (&json!(true), &json!([])));
    assert_eq!(status["feeds"], json!({"ok": 1, "failing": 0, "gone": 0}));
    assert_eq!((&status["items"], &status["watches"]), (&json!(2), &json!(1)));
    assert_eq!(status["mail"], json!({"waiting": 0, "dead": 0, "sent": 1}));
    a_time(&status["next_poll"]);
    assert!(status["next_digest"].is_null());
    newswatch.run(&["status", "--check"]).ok();
}

#[test]
fn status_says_what_is_wrong() {
    let (origin, _inbox, newswatch) = after_a_pass();
    origin.serve("/a.xml", Answer::status(404));
    newswatch.once();
    let status = newswatch.status();
    assert_eq!(status["healthy"], false);
    assert!(status["problems"][0].as_str().unwrap().contains("alliance"), "{status}");
    newswatch.run(&["status", "--check"]).code(1);
    newswatch.run(&["status"]).ok();
}

/// What collectors read: numbers by name, without a word of which feeds there are (rule 60 of the manners).
#[test]
fn status_in_numbers() {
    let (origin, _inbox, newswatch) = after_a_pass();
    let number = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse::<u64>().unwrap()
    };
    let alone = newswatch.run(&["status", "--metrics"]).ok().stdout;
    assert!(!alone.contains("polls_total") && !alone.contains("alliance"), "{alone}");
    assert_eq!(number(&alone, r#"newswatch_feeds{state="ok"}"#), 1);
    assert_eq!(number(&alone, r#"newswatch_mails{state="sent"}"#), 1);
    assert!(number(&alone, r#"newswatch_feed_bytes{how="read"}"#) > 100);
    let mut daemon = newswatch.start();
    let before = origin.requests("/a.xml").len();
    newswatch.until_status("it was polled", |_| origin.requests("/a.xml").len() > before);
    let polled = crate::harness::level::until("a poll was counted", crate::harness::PATIENCE, || {
        let text = newswatch.run(&["status", "--metrics"]).ok().stdout;
        (number(&text, "newswatch_poll_delay_seconds_count") > 0).then_some(text)
    });
    let results = ["changed", "unchanged", "not_modified", "failed"];
    let all: u64 =
        results.iter().map(|result| number(&polled, &format!("newswatch_polls_total{{result=\"{result}\"}}"))).sum();
    assert_eq!(all, number(&polled, "newswatch_poll_delay_seconds_count"));
    assert_eq!(all, number(&polled, r#"newswatch_poll_delay_seconds_bucket{le="+Inf"}"#));
    for line in polled.lines() {
        let name = line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ");
        assert!(name.starts_with("newswatch_"), "{line}");
    }
    newswatch.run(&["status", "--metrics", "--json"]).code(2);
    daemon.stop();
}

#[test]
fn watch_list() {
    let (_origin, _inbox, newswatch) = after_a_pass();
    let watches = newswatch.list(&["watch", "list"]);
    assert_eq!(watches.len(), 1);
    assert_eq!((&watches[0]["watch"], &watches[0]["when"]), (&json!("veto"), &json!("veto")));
}

#[test]
fn watch_test() {
    let newswatch =
        Newswatch::new().watch("veto", "veto").watch("fish", "title:fish OR herring").watch("none", "football");
    let entries = [
        Entry::new("a", "Islanders veto a treaty").summary("The treaty is about herring."),
        Entry::new("b", "Final of the cup"),
    ];
    let file = newswatch.write("in.xml", rss(&entries));
    let file = file.to_str().unwrap();
    let matches = newswatch.list(&["watch", "test", file]);
    let names: Vec<_> = matches.iter().map(|found| found["watch"].as_str().unwrap()).collect();
    assert_eq!(names, ["veto", "fish"]);
    for found in &matches {
        shaped(found, &["watch", "title", "link", "because", "events", "statements"]);
        assert_eq!(found["title"], "Islanders veto a treaty");
        shaped(&found["because"][0], &["term", "where", "quote"]);
    }
    let quote = matches[1]["because"][0]["quote"].as_str().unwrap();
    assert!(quote.contains("herring"), "{quote}");
    assert_eq!(newswatch.list(&["watch", "test", "--watch", "fish", file]).len(), 1);
    assert_eq!(newswatch.list(&["watch", "test", "--query", "cup AND final", file]).len(), 1);
    newswatch.run(&["watch", "test", "--watch", "fsh", file]).code(1).says(&["fsh"]);
    newswatch.run(&["watch", "test", "--query", "cup AND", file]).code(1).says(&["AND", "^"]);
    assert!(!newswatch.database().exists(), "a test stores nothing");
}

#[test]
fn feed_read() {
    let newswatch = Newswatch::new();
    let entry = Entry::new("a", "Ministers and kings  veto").summary("<p>The   budget</p><p>is off.</p>");
    let file = newswatch.write("in.xml", atom(&[entry]));
    let ran = newswatch.run_bare(&["feed", "read", "--json", file.to_str().unwrap(), "-"], rss(&[]).as_bytes()).ok();
    let inputs = ran.json();
    assert_eq!(inputs.len(), 2, "a line per input");
    for input in &inputs {
        shaped(input, &["input", "format", "title", "link", "items", "repairs"]);
        assert_eq!(input["title"], "Alliance News");
        assert_eq!(input["link"], "https://news.example.org/");
    }
    assert_eq!((&inputs[0]["input"], &inputs[1]["input"]), (&json!(file.to_str().unwrap()), &json!("-")));
    assert_eq!(inputs[1]["items"], json!([]));
    let item = &inputs[0]["items"][0];
    shaped(item, &["id", "title", "link", "published", "updated", "authors", "summary", "text"]);
    a_time(&item["published"]);
    assert_eq!(item["title"], "Ministers and kings veto");
    assert_eq!(item["link"], "https://news.example.org/a");
    let summary = item["summary"].as_str().unwrap();
    assert!(summary.contains("The budget") && !summary.contains('<'), "{summary}");
}

#[test]
fn feed_read_of_what_cannot_be_read() {
    let newswatch = Newswatch::new();
    let sound = newswatch.write("in.xml", rss(&[Entry::new("a", "One")]));
    let sick = newswatch.write("page.html", "<!doctype html><title>Log in</title>");
    let inputs = [sick.to_str().unwrap(), sound.to_str().unwrap(), "nowhere.xml"];
    let ran = newswatch.run_bare(&[&["feed", "read", "--json"], &inputs[..]].concat(), b"").code(1);
    let inputs = ran.json();
    assert_eq!(inputs.len(), 3, "one that cannot be read does not hide the others");
    assert!(inputs[0]["error"].as_str().unwrap().contains("page"), "{}", inputs[0]);
    assert!(inputs[1].get("error").is_none_or(Value::is_null));
    assert_eq!(inputs[1]["items"][0]["title"], "One");
    assert!(inputs[2]["error"].as_str().unwrap().contains("nowhere.xml"), "{}", inputs[2]);
}

#[test]
fn feed_read_of_an_address() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("b", "Second")])));
    let newswatch = Newswatch::new();
    let url = origin.url("/a.xml");
    let read = newswatch.run(&["feed", "read", "--json", &url]).ok().one_json();
    assert_eq!((&read["input"], &read["items"][0]["title"]), (&json!(url), &json!("Second")));
    let missing = origin.url("/missing.xml");
    let read = newswatch.run(&["feed", "read", "--json", &missing]).code(1).one_json();
    assert!(read["error"].as_str().unwrap().contains("404"), "{read}");
}

#[test]
fn alias_list_and_show() {
    let newswatch = Newswatch::new().set("aliases", "hungary", "[\"Fidesz\"]").set(
        "aliases",
        "visegrad",
        "[\"@hungary\", \"@poland\"]",
    );
    newswatch.save();
    let all = newswatch.list(&["alias", "list"]);
    assert!(all.len() > 200, "{}", all.len());
    for line in &all {
        shaped(line, &["alias", "keys", "own", "names", "acts_as"]);
    }
    let show = |name: &str| -> Value {
        serde_json::from_str(&newswatch.run(&["alias", "show", "--json", name]).ok().stdout).unwrap()
    };
    assert_eq!(show("@eu")["keys"], json!(["eu", "european-union"]));
    assert_eq!(show("eu")["names"], json!(["European Union", "EU"]));
    let holds = |list: &Value, name: &str| list.as_array().unwrap().iter().any(|known| known == name);
    assert!(holds(&show("eu")["acts_as"], "European Commission") && holds(&show("hungary")["names"], "Fidesz"));
    assert!(holds(&show("visegrad")["names"], "Fidesz") && show("visegrad")["own"] == true);
    let told = newswatch.run(&["alias", "show", "European Commission"]).ok().stdout;
    assert_eq!(told, "European Commission is a name of @european-commission\n");
    assert!(newswatch.run(&["alias", "show", "fidesz"]).ok().stdout.contains("@hungary"));
    newswatch.run(&["alias", "show", "hungry"]).code(1).says(&["no alias @hungry", "did you mean @hungary?"]);
}

#[test]
fn a_test_without_a_match_says_so_beside_the_data() {
    let newswatch = Newswatch::new();
    let ran = newswatch.run_with(&["watch", "test", "--json", "--query", "veto", "-"], b"The summit ends").ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", "nothing matches\n"));
}
