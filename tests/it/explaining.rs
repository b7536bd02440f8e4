//! Why a watch did or did not match: `watch test` and `item explain`, with the real program.

use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, rss};
use super::harness::newswatch::{Newswatch, shaped};

fn desk() -> Newswatch {
    Newswatch::new()
        .watch("hungary-veto", "veto NEAR/4 (hungary OR budapest) -football")
        .watch("summit", "summit NEAR/8 vilnius")
        .watch("many", "ATLEAST/3 veto")
        .watch("some", "ANY/2 (drone, missile, veto)")
}

#[test]
fn plain_text_is_one_item_and_every_watch_is_explained() {
    let text = "The summit of one two three four five six seven eight states is far from Vilnius.\n\
                Hungary will not veto it.\n";
    let ran = desk().run_with(&["watch", "test", "-"], text.as_bytes()).ok();
    assert_eq!(
        ran.stdout,
        "\
The summit of one two three four five six seven eight states is far from
  Vilnius…

✓ hungary-veto matches
  ✓ veto NEAR/4 (hungary OR budapest)
      text: *Hungary* will not *veto* it.
  ✓ -football

✗ summit does not match: distance 14, needed 8
  ✗ summit NEAR/8 vilnius: distance 14, needed 8
    ✓ summit
        text: The *summit* of one two three four five six seven eight states is
          far from Vilnius.
    ✓ vilnius
        text: The summit of one two three four five six seven eight states is
          far from *Vilnius*.

✗ many does not match: occurs once, needed 3 times
  ✗ ATLEAST/3 veto: occurs once, needed 3 times
      text: Hungary will not *veto* it.

✗ some does not match: 1 of these hold, needed 2
  ✗ ANY/2 (drone, missile, veto): 1 of these hold, needed 2
    ✗ drone: does not occur
    ✗ missile: does not occur
    ✓ veto
        text: Hungary will not *veto* it.
"
    );
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
}

#[test]
fn the_words_of_a_plain_text_count_once() {
    for (text, matches) in [("A veto", 1), ("A veto\n\nAnother veto", 2), ("A veto is a veto", 2)] {
        for (query, at_least) in [("ATLEAST/2 veto", 2), ("ATLEAST/3 veto", 3)] {
            let newswatch = Newswatch::new();
            let ran = newswatch.run_with(&["watch", "test", "--json", "--query", query, "-"], text.as_bytes()).ok();
            assert_eq!(ran.json().len(), usize::from(matches >= at_least), "{query} on {text}");
        }
    }
}

#[test]
fn a_web_page_is_read_as_its_article() {
    let paragraph = "The ministers met for two days and spoke of the veto that nobody wanted to cast. ".repeat(8);
    let page = format!(
        "<html><head><title>A long meeting</title></head><body><nav><a href='/'>Football</a> <a href='/x'>Film</a></nav>\
         <article><h1>A long meeting</h1><p>{paragraph}</p><p>{paragraph}</p></article>\
         <footer>Terms of football</footer></body></html>"
    );
    let origin = Origin::start();
    origin.serve("/a.html", Answer::html(&page));
    let newswatch = Newswatch::new();
    let url = origin.url("/a.html");
    let matches = |query: &str, input: &str| newswatch.list(&["watch", "test", "--query", query, input]);
    let found = matches("veto -football title:meeting", &url);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["title"], &found[0]["link"]), (&"A long meeting".into(), &url.as_str().into()));
    let file = newswatch.write("page.html", page);
    assert_eq!(matches("veto -football", file.to_str().unwrap()).len(), 1);
}

#[test]
fn of_several_items_those_that_match_are_told_and_a_named_watch_says_why_not() {
    let newswatch = desk();
    let entries = [
        Entry::new("a", "Hungary will veto it"),
        Entry::new("b", "A veto of one two three four five Hungary"),
        Entry::new("c", "A film"),
    ];
    let file = newswatch.write("in.xml", rss(&entries));
    let file = file.to_str().unwrap();
    let ran = newswatch.run(&["watch", "test", file]).ok().says(&["1 match in 3 items"]);
    assert!(ran.stdout.contains("✓ hungary-veto matches") && !ran.stdout.contains("✗"), "{}", ran.stdout);
    let ran = newswatch.run(&["watch", "test", "--watch", "hungary-veto", file]).ok();
    for line in [
        "✓ hungary-veto matches",
        "A veto of one two three four five Hungary: veto NEAR/4 (hungary OR budapest): distance 7,",
        "✗ A film: veto NEAR/4 (hungary OR budapest): misses veto, (hungary OR budapest)",
    ] {
        assert!(ran.stdout.replace("\n  ", " ").contains(line), "{line}\n{}", ran.stdout);
    }
}

#[test]
fn stored_items_are_explained_with_and_without_a_daemon() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let entries =
        [Entry::new("a", "Hungary will veto it"), Entry::new("b", "A veto of one two three four five Hungary")];
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
    let newswatch = desk().mail(&inbox).feed("alliance", &origin.url("/a.xml"));
    newswatch.once();
    inbox.only_letter();
    let items = newswatch.list(&["item", "list"]);
    let id = items.iter().find(|item| item["title"].as_str().unwrap().starts_with("A veto")).unwrap()["id"].to_string();
    let look = || {
        let told = newswatch.list(&["item", "explain", &id]);
        assert_eq!(told.len(), 4);
        for one in &told {
            shaped(one, &["watch", "matched", "clauses"]);
            shaped(&one["clauses"][0], &["clause", "matched", "where", "quote", "missed_by"]);
        }
        let veto = told.iter().find(|one| one["watch"] == "hungary-veto").unwrap();
        assert_eq!(veto["matched"], false);
        assert_eq!(veto["clauses"][1]["clause"], "veto NEAR/4 (hungary OR budapest)");
        assert_eq!(veto["clauses"][1]["missed_by"], "distance 7, needed 4");
        assert_eq!(veto["clauses"][2]["quote"], "A veto of one two three four five Hungary");
        assert_eq!(newswatch.list(&["item", "explain", &id, "--watch", "summit"]).len(), 1);
        assert_eq!(newswatch.list(&["item", "explain", &id, "--query", "-veto"])[0]["matched"], false);
        let ran = newswatch.run(&["item", "explain", &id]).ok();
        assert!(ran.stdout.contains("alliance, 20") && ran.stdout.contains("distance 7, needed 4"), "{}", ran.stdout);
        newswatch.run(&["item", "explain", "4711"]).code(1).says(&["no item has the number 4711", "item list"]);
        newswatch.run(&["item", "explain", &id, "--watch", "sumit"]).code(1).says(&["did you mean summit"]);
        newswatch.run(&["item", "explain", &id, "--query", "veto AND"]).code(1).says(&["--query does not read"]);
    };
    look();
    let mut daemon = newswatch.start();
    look();
    daemon.stop();
}

#[test]
fn what_keeps_a_match_from_being_told_is_said() {
    let newswatch = Newswatch::new()
        .watch_with("wide", "ceasefire", &[("sources", "3"), ("within", "'36h'")])
        .watch_with("gone-quiet", "ceasefire", &[("quiet", "'3d'")])
        .watch("plain", "ceasefire");
    let ran = newswatch.run_with(&["watch", "test", "-"], b"A ceasefire").ok();
    for line in [
        "wide matches; waits for 3 sites that tell the story within 36h\n",
        "gone-quiet matches; mails when nothing matched for 3d\n",
        "plain matches\n",
    ] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
}
