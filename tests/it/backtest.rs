//! `watch backtest`: what a watch would have matched of all that is stored, with the real program.

use serde_json::json;

use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, rss};
use super::harness::newswatch::{Newswatch, shaped};

/// An installation that has stored five items, three of which its watch matched.
fn with_history(origin: &Origin, inbox: &Inbox) -> Newswatch {
    let entries = [
        Entry::new("a", "Ministers veto the budget"),
        Entry::new("b", "Islanders veto a treaty on herring"),
        Entry::new("c", "Work on the tunnel begins"),
        Entry::new("d", "A veto in the cup final"),
        Entry::new("e", "Nothing of note in the budget"),
    ];
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
    let newswatch = Newswatch::new()
        .mail(inbox)
        .feed_with("alliance", &origin.url("/a.xml"), &[("tags", "['official']")])
        .watch("veto", "veto tag:official")
        .watch("rail", "tunnel");
    newswatch.once();
    inbox.wait_letters(4);
    newswatch
}

#[test]
fn a_watch_is_held_against_what_it_matched_and_a_query_against_the_watch() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let newswatch = with_history(&origin, &inbox);
    let look = || {
        let all = newswatch.list(&["watch", "backtest"]);
        assert_eq!(all.len(), 2);
        for one in &all {
            shaped(one, &["watch", "items", "hits", "gained", "lost", "mails_a_week"]);
            assert_eq!((&one["items"], &one["gained"], &one["lost"]), (&json!(5), &json!([]), &json!([])));
        }
        assert_eq!((&all[0]["watch"], &all[0]["hits"], &all[1]["hits"]), (&json!("veto"), &json!(3), &json!(1)));

        let one = &newswatch.list(&["watch", "backtest", "--watch", "veto", "--query", "veto OR budget -cup"])[0];
        assert_eq!(one["hits"], 4);
        let links = |of: &str| one[of].as_array().unwrap().len();
        assert_eq!((links("gained"), links("lost")), (1, 0), "{one}");
        let one =
            &newswatch.list(&["watch", "backtest", "--watch", "veto", "--query", "veto NOT cup", "--since", "30d"])[0];
        assert_eq!((&one["hits"], one["lost"].as_array().unwrap().len()), (&json!(2), 1), "{one}");

        let one = &newswatch.list(&["watch", "backtest", "--query", "budget"])[0];
        assert_eq!(
            (&one["watch"], &one["hits"], one["gained"].as_array().unwrap().len()),
            (&json!("query"), &json!(2), 2)
        );
        assert_eq!(one["mails_a_week"], 2.0);
        assert_eq!(one["days"][0]["hits"], 2);

        let none = &newswatch.list(&["watch", "backtest", "--query", "veto", "--since", "2030-01-01"])[0];
        assert_eq!((&none["items"], &none["hits"], &none["mails_a_week"]), (&json!(0), &json!(0), &json!(0.0)));

        let ran = newswatch.run(&["watch", "backtest", "--watch", "veto", "--query", "(veto OR tunnel) -cup"]).ok();
        for part in [
            "veto: 3 hits in 5 items, 3 mails a week",
            "at most 3 a day",
            "gained 1",
            "+ Work on the tunnel begins",
            "lost 1",
            "- A veto in the cup final",
        ] {
            assert!(ran.stdout.contains(part), "{part}\n{}", ran.stdout);
        }
        assert!(
            ran.stdout.contains('█') && !ran.stdout.contains('\u{1b}') && !ran.stderr.contains("items,"),
            "{ran:?}"
        );
        newswatch.run(&["watch", "backtest", "--watch", "vetto"]).code(1).says(&["did you mean veto"]);
        newswatch.run(&["watch", "backtest", "--query", "veto AND"]).code(1).says(&["--query does not read"]);
    };
    look();
    let mut daemon = newswatch.start();
    look();
    daemon.stop();
}

#[test]
fn an_edited_watch_gains_and_loses_against_what_was_matched() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let newswatch = with_history(&origin, &inbox);
    let config = std::fs::read_to_string(newswatch.config()).unwrap();
    newswatch.write_config(config.replace("veto tag:official", "budget tag:official"));
    let one = &newswatch.list(&["watch", "backtest", "--watch", "veto"])[0];
    assert_eq!(one["hits"], 2);
    assert_eq!((one["gained"].as_array().unwrap().len(), one["lost"].as_array().unwrap().len()), (1, 2), "{one}");
}

#[test]
fn digests_count_once_for_all_that_they_hold() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let newswatch = with_history(&origin, &inbox).digest("morning", "07:30", &[]).watch_with(
        "later",
        "veto OR tunnel",
        &[("send", "'morning'"), ("to", "['a@example.org', 'b@example.org']")],
    );
    let one = &newswatch.list(&["watch", "backtest", "--watch", "later"])[0];
    assert_eq!((&one["hits"], &one["mails_a_week"]), (&json!(4), &json!(2.0)), "{one}");
}

#[test]
fn days_are_those_of_publication_and_a_backlog_makes_no_mail() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let entries = [
        Entry::new("a", "Ministers veto the budget"),
        Entry::new("b", "Islanders veto a treaty on herring").days_ago(9),
        Entry::new("c", "A veto in the cup final").days_ago(9),
        Entry::new("d", "A veto of long ago").days_ago(900),
    ];
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    newswatch.once();
    inbox.only_letter();
    let one = &newswatch.list(&["watch", "backtest"])[0];
    let hits: Vec<i64> = one["days"].as_array().unwrap().iter().map(|day| day["hits"].as_i64().unwrap()).collect();
    assert_eq!((hits, &one["old"], &one["mails_a_week"]), (vec![2, 2], &json!(3), &json!(1.0)), "{one}");
    let shown = newswatch.run(&["watch", "backtest"]).ok().stdout;
    for part in ["veto: 4 hits in 4 items, 1 mail a week", "3 hits were too old for mail", "at most 2 a day"] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert_eq!(
        shown.lines().find(|line| line.contains("at most")).unwrap().trim().chars().take(10).collect::<String>(),
        "█········█"
    );
}
