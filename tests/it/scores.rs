//! Watches that add up weights, what watches exclude, and tests of watches, with the real program.

use serde_json::Value;

use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, rss};
use super::harness::newswatch::Newswatch;

const CONFIG: &str = r#"
[mail]
from = "n@example.org"
to = ["desk@example.org"]
smtp = "file:mail"

[watches]
exclude = "obituary"

[[feed]]
name = "alliance"
url = "https://news.example.org/rss.xml"
tags = ["official"]

[[watch]]
name = "hybrid-attack"
threshold = 100
exclude = "title:review"
score = [
  { any = ['"hybrid attack"', '"grey zone"'], weight = 60 },
  { any = ["sabotage", "jamming", "drone*"], weight = 35, max = 70 },
  { any = ["@poland", "@finland"], weight = 40 },
  { any = ["football", "film", '"hybrid car"'], weight = -80 },
]
"#;

/// A config and the tests of its last watch.
fn with_tests(tests: &str) -> Newswatch {
    let newswatch = Newswatch::new();
    newswatch.write_config(format!("{CONFIG}{tests}"));
    newswatch
}

#[test]
fn weights_are_added_up_to_a_threshold() {
    let newswatch = with_tests("");
    for (text, matches) in [
        ("A hybrid attack on Poland", true),
        ("A hybrid attack on Polish and Finnish soil", true),
        // Once each: 60.
        ("A hybrid attack, a second hybrid attack", false),
        ("Sabotage, jamming and drones", false),
        ("Sabotage, jamming and drones in Poland", true),
        // 35 + 35 + 35 is 70 at most, and 40: 110; a film takes 80 away.
        ("Sabotage, jamming and drones in Poland: the film", false),
        ("A hybrid attack in the grey zone by drone in Finland", true),
        ("The obituary of a hybrid attack in the grey zone", false),
    ] {
        let ran = newswatch.run_with(&["watch", "test", "--json", "-"], text.as_bytes()).ok();
        assert_eq!(ran.json().len(), usize::from(matches), "{text}");
    }
    let text = "Sabotage, drones and jamming again in Poland.";
    let found = newswatch.run_with(&["watch", "test", "--json", "-"], text.as_bytes()).ok().one_json();
    assert_eq!(found["because"][0]["term"], "sabotage +35, jamming +35, drone* +35, @poland +40");
}

#[test]
fn a_score_alerts_like_any_other_watch() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let entries = [
        Entry::new("a", "Review: a hybrid attack in the grey zone"),
        Entry::new("b", "A hybrid attack in the grey zone"),
        Entry::new("c", "A hybrid attack"),
    ];
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
    let newswatch = Newswatch::new();
    let config =
        CONFIG.replace("file:mail", &inbox.url()).replace("https://news.example.org/rss.xml", &origin.url("/a.xml"));
    newswatch.write_config(format!("{config}\n[fetch]\nallow_private_addresses = true\nbacklog = 'all'\n"));
    newswatch.run(&["once", "--all"]).ok();
    let letter = inbox.only_letter();
    assert_eq!(letter.subject, "[hybrid-attack] A hybrid attack in the grey zone");
}

#[test]
fn check_tries_the_tests_of_watches() {
    let sound = "[[watch.test]]\ntext = 'A hybrid attack in the grey zone'\n\
                 [[watch.test]]\ntitle = 'A hybrid attack'\nat = '2024-06-13'\nmatch = false\n";
    let ran = with_tests(sound).run(&["check"]).ok();
    assert!(ran.stdout.contains("1 watch (2 tests passed)"), "{}", ran.stdout);

    let failing = format!("{sound}[[watch.test]]\ntext = 'Sabotage and jamming'\n");
    let ran = with_tests(&failing).run(&["check"]).code(1);
    for part in [
        "newswatch.toml:31:1: error: test 3 of the watch `hybrid-attack` fails: expected a match, got no match",
        "31 | [[watch.test]]",
        "score 100 NOT (obituary) NOT (title:review): misses score 100 by coming to 70",
        "score 100: score 70 of 100",
        "yes weight 35, max 70",
        "sabotage, text: Sabotage and jamming",
        "no  weight 60: does not occur",
    ] {
        assert!(ran.stderr.contains(part), "{part}\n{}", ran.stderr);
    }
    let unmet = "[[watch]]\nname = 'one'\nwhen = 'feed:alliance tag:official veto NEAR/3 aid'\n\
                 [[watch.test]]\nfeed = 'alliance'\ntext = 'A veto stops all of the aid'\n\
                 [[watch.test]]\ntext = 'A veto of aid'\nmatch = false\n\
                 [[watch.test]]\nfeed = 'alliance'\ntext = 'A veto of aid'\nmatch = false\n";
    let ran = with_tests(unmet).run(&["check"]).code(1);
    for part in [
        "test 1 of the watch `one` fails: expected a match, got no match",
        "veto NEAR/3 aid: distance 5, needed 3",
        "test 3 of the watch `one` fails: expected no match, got a match",
    ] {
        assert!(ran.stderr.contains(part), "{part}\n{}", ran.stderr);
    }
    assert!(!ran.stderr.contains("test 2"), "{}", ran.stderr);
}

#[test]
fn a_reload_with_a_failing_test_is_refused_and_the_old_config_stays() {
    let newswatch = with_tests("");
    let mut daemon = newswatch.start();
    newswatch.write_config(format!(
        "{CONFIG}[[watch]]\nname = 'veto'\nwhen = 'veto NEAR/2 aid'\n[[watch.test]]\ntext = 'A veto stops all of the aid'\n"
    ));
    daemon.signal("HUP");
    let said = daemon.wait_stderr("distance 5, needed 2");
    assert!(said.contains("the old one stays") && said.contains("test 1 of the watch `veto` fails"), "{said}");
    let status = newswatch.status();
    assert_eq!(status["watches"], 1);
    assert!(status["problems"].to_string().contains("test 1 of the watch `veto`"), "{status}");
    newswatch.write_config(format!(
        "{CONFIG}[[watch]]\nname = 'veto'\nwhen = 'veto NEAR/5 aid'\n[[watch.test]]\ntext = 'A veto stops all of the aid'\n"
    ));
    daemon.signal("HUP");
    let told = |status: &Value| status["problems"].to_string().contains("test 1");
    newswatch.until_status("two watches", |status| status["watches"] == 2 && !told(status));
    daemon.stop();
}

#[test]
fn a_failing_test_is_told_at_the_start_and_stops_nothing() {
    let newswatch = with_tests("[[watch.test]]\ntext = 'Sabotage'\n");
    let ran = newswatch.run(&["once"]).ok();
    assert!(ran.stderr.contains("test 1 of the watch `hybrid-attack` fails"), "{}", ran.stderr);
    let mut daemon = newswatch.start();
    let status = newswatch.status();
    assert!(status["problems"].to_string().contains("test 1 of the watch"), "{status}");
    daemon.stop();
}

#[test]
fn sums_are_converted_by_the_table_of_the_config() {
    let watch = "[[watch]]\nname = 'aid'\nwhen = 'amount(>= 1bn EUR)'\n";
    let test = |text: &str, matches: bool| format!("[[watch.test]]\ntitle = '{text}'\nmatch = {matches}\n");
    let tests = [
        test("The EU pays €1.5 billion", true),
        test("The aid is worth $1.2 billion", true),
        test("The aid is worth $1.05 billion", false),
        test("The aid is worth 300 billion yen", false),
    ];
    let rates = "[currencies]\nEUR = 1\nUSD = 0.92\n";
    let newswatch = with_tests(&format!("{rates}{watch}{}", tests.concat()));
    let ran = newswatch.run(&["check"]).ok();
    assert!(ran.stdout.contains("(4 tests passed)"), "{}", ran.stdout);
    let ran = newswatch.run_with(&["watch", "test", "--watch", "aid", "-"], b"The aid is worth $1.2 billion").ok();
    assert!(ran.stdout.contains("about 1.1bn EUR"), "{}", ran.stdout);
    let found = newswatch.run_with(&["watch", "test", "--json", "--watch", "aid", "-"], b"It pays $1.2 billion").ok();
    assert_eq!(found.one_json()["amounts"][0]["currency"], "USD");
    let other = with_tests(&format!("{watch}{}", tests.concat()));
    other.run(&["check"]).code(1).says(&["1.2bn USD, which [currencies] does not convert"]);
}
