//! Links in mails by which their readers have a say in what comes.

use serde_json::{Value, json};

use super::harness::feeds::{Answer, Origin};
use super::harness::hub::{Called, call, free_port};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, rss};
use super::harness::letter::Letter;
use super::harness::newswatch::Newswatch;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A feed, a mail server, and two readers whose mails have links.
struct Scene {
    origin: Origin,
    inbox: Inbox,
    newswatch: Newswatch,
}

impl Scene {
    /// `watch` are more keys of the watch `veto`.
    fn new(watch: &[(&str, &str)]) -> Self {
        let (origin, inbox, port) = (Origin::start(), Inbox::start(), free_port());
        let keys = [&[("title", "'Vetoes & blocks'"), ("repeat", "'item'")], watch].concat();
        let newswatch = Newswatch::new()
            .mail(&inbox)
            .set("mail", "to", "['ana@example.org', 'ben@example.org']")
            .set("web", "listen", &format!("'127.0.0.1:{port}'"))
            .set("web", "public_url", &format!("'http://127.0.0.1:{port}/nw'"))
            .feed("alliance", &origin.url("/a.xml"))
            .watch_with("veto", "veto", &keys);
        Self { origin, inbox, newswatch }
    }

    /// News comes; the mails that it makes, by recipient.
    fn news(&self, about: &[&str]) -> Vec<Letter> {
        let before = self.inbox.letters().len();
        let entry = |about: &&str| Entry::new(about, &format!("Ministers veto the {about}"));
        self.origin.serve("/a.xml", Answer::feed(rss(&about.iter().map(entry).collect::<Vec<_>>())));
        self.newswatch.once();
        let mut letters = self.inbox.letters().split_off(before);
        letters.sort_by(|one, other| one.to.cmp(&other.to));
        letters
    }

    /// What is done at the pages while the daemon runs.
    fn at_the_pages(&self, act: impl FnOnce()) {
        let mut daemon = self.newswatch.start();
        act();
        daemon.stop();
    }

    fn watch(&self) -> Value {
        self.newswatch.list(&["watch", "list"]).remove(0)
    }
}

fn to(letters: &[Letter]) -> Vec<&str> {
    letters.iter().map(|letter| letter.to.as_str()).collect()
}

/// The address behind the words of a link, from the HTML part; the same stands in the text.
#[track_caller]
fn link(letter: &Letter, words: &str) -> String {
    let anchor = letter.html.split("<a ").find(|anchor| anchor.contains(&format!(">{words}</a>")));
    let anchor = anchor.unwrap_or_else(|| panic!("no link {words:?} in:\n{}", letter.html));
    let href = anchor.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    assert!(letter.text.contains(&href), "the text has no {href}:\n{}", letter.text);
    href
}

fn one_click(letter: &Letter) -> String {
    letter.header("List-Unsubscribe").unwrap().trim_matches(['<', '>']).to_owned()
}

#[track_caller]
fn look(url: &str, says: &str) -> Called {
    page(&call("GET", url, &[], b""), says)
}

#[track_caller]
fn press(url: &str, form: &str, says: &str) {
    page(&call("POST", url, &[FORM], form.as_bytes()), says);
}

#[track_caller]
fn page(called: &Called, says: &str) -> Called {
    assert_eq!(called.status, 200, "{called:?}");
    for header in ["text/html", "form-action 'self'", "frame-ancestors 'none'", "no-referrer", "no-store", "nosniff"] {
        assert!(called.head.contains(header), "{header}: {}", called.head);
    }
    assert!(called.body.contains(says), "no {says:?} in:\n{}", called.body);
    assert!(!called.body.contains("<script") && !called.body.contains("http"), "{}", called.body);
    called.clone()
}

#[test]
fn one_click_unsubscribes_its_reader_and_nobody_else_and_a_look_changes_nothing() {
    let scene = Scene::new(&[]);
    let letters = scene.news(&["budget"]);
    assert_eq!(to(&letters), ["ana@example.org", "ben@example.org"]);
    let url = one_click(&letters[0]);
    assert_eq!(url, link(&letters[0], "Unsubscribe"));
    assert_ne!(url, one_click(&letters[1]));
    assert!(!url.contains("ana") && !url.contains("example.org"), "who it is is not written in it: {url}");

    scene.at_the_pages(|| {
        for _ in 0..3 {
            look(&url, "Unsubscribe from Vetoes &amp; blocks?");
        }
    });
    assert_eq!(to(&scene.news(&["budget", "treaty"])), ["ana@example.org", "ben@example.org"]);

    scene.at_the_pages(|| {
        // As a mail program does it (RFC 8058 §3.2).
        press(&url, "List-Unsubscribe=One-Click", "You are unsubscribed from Vetoes &amp; blocks");
        press(&url, "List-Unsubscribe=One-Click", "You are unsubscribed");
        look(&url, "Subscribe again");
    });
    assert_eq!(to(&scene.news(&["budget", "treaty", "tariff"])), ["ben@example.org"]);

    let silences = scene.newswatch.list(&["silence", "list"]);
    assert_eq!(silences.len(), 1, "{silences:?}");
    let expected = [("watch", json!("veto")), ("recipient", json!("ana@example.org")), ("until", Value::Null)];
    for (key, value) in expected {
        assert_eq!(silences[0][key], value, "{silences:?}");
    }
    let shown = scene.newswatch.run(&["silence", "list"]).ok().stdout;
    assert!(shown.contains("watch veto for ana@example.org") && shown.contains("for good"), "{shown}");

    scene.at_the_pages(|| press(&url, "do=back", "You will be told of Vetoes &amp; blocks again"));
    let letters = scene.news(&["budget", "treaty", "tariff", "loan"]);
    assert_eq!(to(&letters), ["ana@example.org", "ben@example.org"], "what came meanwhile is not sent later");
}

#[test]
fn a_watch_is_muted_for_two_days_by_its_reader() {
    let scene = Scene::new(&[]);
    let letters = scene.news(&["budget"]);
    let url = link(&letters[1], "Mute Vetoes &amp; blocks for 2 days");
    scene.at_the_pages(|| {
        look(&url, "Mute Vetoes &amp; blocks for 2 days?");
        press(&url, "do=yes", "Vetoes &amp; blocks is muted until");
    });
    assert_eq!(to(&scene.news(&["budget", "treaty"])), ["ana@example.org"]);
    let silences = scene.newswatch.list(&["silence", "list"]);
    let time = |key: &str| silences[0][key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(time("until").duration_since(time("since")).as_hours(), 48);
    scene.newswatch.run(&["silence", "remove", &silences[0]["id"].to_string()]).ok();
    assert_eq!(to(&scene.news(&["budget", "treaty", "tariff"])), ["ana@example.org", "ben@example.org"]);
}

#[test]
fn what_is_not_relevant_counts_once_and_can_be_taken_back() {
    let scene = Scene::new(&[]);
    let letters = scene.news(&["budget", "treaty"]);
    assert_eq!(letters.len(), 4);
    let watch = scene.watch();
    let figures = |watch: &Value| ["told", "irrelevant", "precision"].map(|key| watch[key].clone());
    assert_eq!(figures(&watch), [json!(4), json!(0), json!(1.0)]);
    let url = link(&letters[0], "Not relevant");
    let other = link(&letters[1], "Not relevant");
    scene.at_the_pages(|| {
        let about = look(&url, "Not relevant to Vetoes &amp; blocks?");
        assert!(about.body.contains("Ministers veto the "), "{}", about.body);
        press(&url, "do=yes", "Noted: not relevant");
        press(&url, "do=yes", "Noted: not relevant");
        press(&other, "do=yes", "Noted: not relevant");
        press(&other, "do=back", "Not relevant to Vetoes");
    });
    assert_eq!(figures(&scene.watch()), [json!(4), json!(1), json!(0.75)]);
    let shown = scene.newswatch.run(&["watch", "list"]).ok().stdout;
    assert!(shown.contains("75% of 4"), "{shown}");
    assert_eq!(
        to(&scene.news(&["budget", "treaty", "loan"])),
        ["ana@example.org", "ben@example.org"],
        "nobody is muted"
    );
}

#[test]
fn a_reader_can_leave_a_digest_that_is_sent_even_when_it_is_empty() {
    let scene = Scene::new(&[("send", "['now', 'morning']")]);
    let newswatch = scene.newswatch.digest("morning", "07:30", &[("empty", "'send'")]);
    let scene = Scene { newswatch, ..scene };
    scene.origin.serve("/a.xml", Answer::feed(rss(&[])));
    let flush = || {
        let before = scene.inbox.letters().len();
        scene.newswatch.run(&["once", "--flush"]).ok();
        let mut letters = scene.inbox.letters().split_off(before);
        letters.sort_by(|one, other| one.to.cmp(&other.to));
        letters
    };
    let letters = flush();
    assert_eq!(to(&letters), ["ana@example.org", "ben@example.org"]);
    let url = one_click(&letters[0]);
    scene.at_the_pages(|| {
        look(&url, "Unsubscribe from morning?");
        press(&url, "List-Unsubscribe=One-Click", "You are unsubscribed from morning");
    });
    assert_eq!(to(&flush()), ["ben@example.org"]);
    assert_eq!(to(&scene.news(&["budget"])), ["ana@example.org", "ben@example.org"], "alerts still come");
    assert_eq!(to(&flush()), ["ben@example.org"], "and what waited for the digest is not told in it");
    let shown = scene.newswatch.run(&["silence", "list"]).ok().stdout;
    assert!(shown.contains("digest morning for ana@example.org"), "{shown}");
}

#[test]
fn nobody_gets_anywhere_without_a_signed_link() {
    let scene = Scene::new(&[]);
    let url = one_click(&scene.news(&["budget"])[0]);
    let (base, token) = url.rsplit_once('/').unwrap();
    let (front, back) = token.split_at(token.len() - 1);
    let other = if back == "A" { "B" } else { "A" };
    let first = if token.starts_with('A') { "B" } else { "A" };
    scene.at_the_pages(|| {
        for bad in [
            format!("{base}/{front}{other}x"),
            format!("{base}/{first}{}", &token[1..]),
            format!("{base}/{}", &token[4..]),
            format!("{base}/{}", "A".repeat(80)),
            format!("{url}/more"),
        ] {
            for method in ["GET", "POST"] {
                assert_eq!(call(method, &bad, &[FORM], b"List-Unsubscribe=One-Click").status, 404, "{method} {bad}");
            }
        }
        assert_eq!(call("DELETE", &url, &[], b"").status, 405);
        let long = vec![b'a'; 5000];
        assert_eq!(call("POST", &url, &[FORM], &long).status, 413);
    });
    assert!(scene.newswatch.list(&["silence", "list"]).is_empty());
}

#[test]
fn a_link_of_a_watch_that_is_gone_says_that_there_is_nothing_to_do() {
    let scene = Scene::new(&[]);
    let letters = scene.news(&["budget"]);
    let newswatch = scene.newswatch.set("mail", "to", "['ben@example.org']");
    let scene = Scene { newswatch, ..scene };
    scene.at_the_pages(|| {
        look(&one_click(&letters[0]), "There is nothing to do");
        press(&one_click(&letters[0]), "do=yes", "There is nothing to do");
        look(&one_click(&letters[1]), "Unsubscribe from");
    });
    assert!(scene.newswatch.list(&["silence", "list"]).is_empty());
}
