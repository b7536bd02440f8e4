//! Silences that a user asks for: what they hide, for how long, and that it never comes later.

use serde_json::{Value, json};

use super::harness::feeds::{Answer, Origin};
use super::harness::inbox::Inbox;
use super::harness::items::{Entry, rss};
use super::harness::newswatch::{Newswatch, a_time, shaped};

const VETO: &str = "Ministers veto the budget";
const HERRING: &str = "Islanders veto a treaty on herring";
const TUNNEL: &str = "Alpine cantons veto the tunnel";

fn publish(origin: &Origin, titles: &[&str]) {
    let entries: Vec<Entry> = titles.iter().map(|title| Entry::new(&title.replace(' ', "-"), title)).collect();
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
}

fn watching(origin: &Origin, inbox: &Inbox) -> Newswatch {
    Newswatch::new().mail(inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto")
}

fn add(newswatch: &Newswatch, what: &[&str], length: &str) -> Value {
    newswatch.run(&[&["silence", "add"], what, &["--for", length, "--json"]].concat()).ok().one_json()
}

fn subjects(inbox: &Inbox) -> Vec<String> {
    inbox.letters().into_iter().map(|letter| letter.subject).collect()
}

#[test]
fn what_is_silenced_is_stored_and_never_mailed_later() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, &[VETO]);
    let newswatch = watching(&origin, &inbox);
    let silence = add(&newswatch, &["veto"], "2d");
    shaped(&silence, &["id", "watch", "story", "title", "since", "until", "matches"]);
    assert_eq!((&silence["watch"], &silence["story"]), (&json!("veto"), &Value::Null));
    a_time(&silence["until"]);
    let pass = newswatch.once();
    assert_eq!((&pass["matches"], &pass["mail"]["queued"]), (&json!(1), &json!(0)), "{pass}");
    let item = newswatch.list(&["item", "list"]).remove(0);
    assert_eq!(item["matched"], json!(["veto"]));
    assert_eq!(newswatch.list(&["silence", "list"])[0]["matches"], 1);
    assert_eq!(newswatch.status()["silences"], 1);

    let id = item["id"].to_string();
    let explained = newswatch.run(&["item", "explain", &id, "--json"]).ok().one_json();
    assert_eq!((&explained["matched"], &explained["silenced"]), (&json!(true), &silence["id"]));
    let told = newswatch.run(&["item", "explain", &id]).ok().stdout;
    assert!(told.contains("veto was silenced by silence 1, until "), "{told}");

    newswatch.run(&["silence", "remove", &silence["id"].to_string()]).ok();
    assert!(newswatch.list(&["silence", "list"]).is_empty());
    newswatch.once();
    assert!(inbox.letters().is_empty());
    publish(&origin, &[VETO, HERRING]);
    newswatch.once();
    assert_eq!(subjects(&inbox), [format!("[veto] {HERRING}")]);
}

#[test]
fn a_later_report_of_a_silenced_story_is_told_because_nothing_of_it_was() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, &[VETO]);
    let newswatch = watching(&origin, &inbox).feed_with("ledger", &origin.url("/a.xml"), &[("enabled", "false")]);
    let silence = add(&newswatch, &["veto"], "1h");
    newswatch.once();
    newswatch.run(&["silence", "remove", &silence["id"].to_string()]).ok();
    let config = std::fs::read_to_string(newswatch.config()).unwrap();
    newswatch.write_config(config.replace("enabled = false", "enabled = true"));
    newswatch.once();
    assert_eq!(subjects(&inbox), [format!("[veto] {VETO}")]);
}

#[test]
fn a_change_after_the_silence_is_told() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let report = |summary: &str| {
        let entry = Entry::new("budget", "The budget").summary(summary);
        origin.serve("/a.xml", Answer::feed(rss(&[entry])));
    };
    report("Ministers veto it today.");
    let newswatch = watching(&origin, &inbox);
    let silence = add(&newswatch, &["veto"], "1h");
    newswatch.once();
    newswatch.run(&["silence", "remove", &silence["id"].to_string()]).ok();
    report("Ministers do not veto it after all.");
    newswatch.once();
    let letter = inbox.only_letter();
    assert!(letter.flat_text().contains("after all"), "{}", letter.text);
    assert!(!letter.flat_text().contains("Changed since you were told"), "nobody was told before:\n{}", letter.text);
}

#[test]
fn a_silence_takes_effect_at_once_beside_a_running_daemon() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, &[]);
    let newswatch = watching(&origin, &inbox).watch("fish", "herring");
    let mut daemon = newswatch.start();
    let silence = add(&newswatch, &["veto"], "1h");
    publish(&origin, &[HERRING, TUNNEL]);
    // Both come with one poll, and only what is not silenced is told.
    assert_eq!(inbox.wait_letters(1)[0].subject, format!("[fish] {HERRING}"));
    assert_eq!(inbox.only_letter().header("X-Newswatch-Watch").as_deref(), Some("fish"));
    let ended = newswatch.run(&["silence", "remove", &silence["id"].to_string()]).ok();
    assert!(ended.stdout.contains("watch veto; 2 matches silenced"), "{}", ended.stdout);
    publish(&origin, &[HERRING, TUNNEL, VETO]);
    assert_eq!(inbox.wait_letters(2)[1].subject, format!("[veto] {VETO}"));
    daemon.stop();
}

#[test]
fn one_story_is_silenced_and_no_other() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, &[VETO]);
    let again = Entry::new(&VETO.replace(' ', "-"), VETO).summary("Once more.");
    origin.serve("/b.xml", Answer::feed(rss(&[again])));
    let newswatch = watching(&origin, &inbox)
        .watch_with("all", "budget OR herring", &[("repeat", "'item'"), ("to", "['all@example.org']")])
        .feed_with("ledger", &origin.url("/b.xml"), &[("enabled", "false")]);
    newswatch.once();
    assert_eq!(inbox.letters().len(), 2);
    let story = newswatch.list(&["item", "list"])[0]["story"].to_string();
    let silence = add(&newswatch, &["--story", &story], "2d");
    assert_eq!((&silence["story"].to_string(), &silence["title"]), (&story, &json!(VETO)));
    let listed = newswatch.run(&["silence", "list"]).ok().stdout;
    assert!(listed.contains(&format!("story {story}: {VETO}")), "{listed}");
    let config = std::fs::read_to_string(newswatch.config()).unwrap();
    newswatch.write_config(config.replace("enabled = false", "enabled = true"));
    publish(&origin, &[VETO, HERRING]);
    newswatch.once();
    let mut told = subjects(&inbox).split_off(2);
    told.sort();
    assert_eq!(told, [format!("[all] {HERRING}"), format!("[veto] {HERRING}")]);
}

#[test]
fn what_was_held_when_a_silence_began_is_not_told_either() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    publish(&origin, &[VETO]);
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("alliance", &origin.url("/a.xml"))
        .watch_with("veto", "veto", &[("wait", "'1h'"), ("send", "['now', 'morning']")])
        .watch_with("money", "budget", &[("send", "'morning'")])
        .digest("morning", "00:00", &[]);
    newswatch.once();
    let silence = add(&newswatch, &["veto"], "1h");
    let config = std::fs::read_to_string(newswatch.config()).unwrap();
    newswatch.write_config(config.replace("wait = '1h'", "wait = '0s'"));
    newswatch.run(&["once", "--flush"]).ok();
    let digest = inbox.only_letter();
    assert_eq!(digest.header("X-Newswatch-Watch").as_deref(), Some("money"));
    assert_eq!(newswatch.list(&["silence", "list"])[0]["matches"], 1);
    newswatch.run(&["silence", "remove", &silence["id"].to_string()]).ok();
    newswatch.run(&["once", "--flush"]).ok();
    inbox.only_letter();
}

#[test]
fn what_was_silenced_is_not_told_with_the_source_that_completes_a_story() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let carries = |path: &str, title: &str, text: &str| {
        let mut entry = Entry::new(path.trim_start_matches('/'), title).summary(text);
        entry.link = format!("https://{}.example/fire", path.trim_start_matches('/'));
        origin.serve(path, Answer::feed(rss(&[entry])));
    };
    carries(
        "/one",
        "Swedish paper mill destroyed by fire",
        "Flames lit up the sky over Norrkoping in the early hours of Sunday as a paper mill burned down. Two workers inhaled \
         smoke. The cause of the fire at the mill in Sweden is being investigated.",
    );
    carries(
        "/two",
        "Paper mill in Norrkoping burns down",
        "Firefighters could not save the paper mill in Norrkoping from the fire on Sunday. Two workers were taken to hospital \
         with smoke in their lungs, Swedish police said.",
    );
    let newswatch = Newswatch::new()
        .mail(&inbox)
        .feed("one", &origin.url("/one"))
        .feed_with("two", &origin.url("/two"), &[("enabled", "false")])
        .watch_with("fire", "paper mill", &[("sources", "2"), ("send", "'now'")]);
    let silence = add(&newswatch, &["fire"], "1h");
    newswatch.once();
    newswatch.run(&["silence", "remove", &silence["id"].to_string()]).ok();
    let config = std::fs::read_to_string(newswatch.config()).unwrap();
    newswatch.write_config(config.replace("enabled = false", "enabled = true"));
    newswatch.once();
    let letter = inbox.only_letter();
    assert!(letter.flat_text().contains("could not save"), "{}", letter.text);
    assert!(!letter.flat_text().contains("lit up the sky"), "{}", letter.text);
}

#[test]
fn a_silence_that_cannot_be_is_refused_with_a_way_out() {
    let newswatch = Newswatch::new().watch("hungary-veto", "veto");
    newswatch.run(&["silence", "add", "hungry-veto", "--for", "2d"]).code(1).says(&["did you mean hungary-veto?"]);
    newswatch.run(&["silence", "add", "--story", "99", "--for", "2d"]).code(1).says(&["no story has the number 99"]);
    newswatch.run(&["silence", "add", "hungary-veto", "--for", "0s"]).code(1).says(&["--for 2d"]);
    newswatch.run(&["silence", "add", "hungary-veto", "--for", "soon"]).code(2).says(&["90m, 2d"]);
    newswatch.run(&["silence", "add", "hungary-veto"]).code(2).says(&["--for"]);
    newswatch.run(&["silence", "add", "--for", "2d"]).code(2).says(&["WATCH"]);
    newswatch.run(&["silence", "add", "hungary-veto", "--story", "1", "--for", "2d"]).code(2);
    newswatch.run(&["silence", "remove", "7"]).code(1).says(&["no silence has the number 7", "silence list"]);
    newswatch.run(&["silence", "add", "hungary-veto", "--for", "1w"]).ok();
    newswatch.run(&["silence", "remove", "1"]).ok();
    newswatch.run(&["silence", "remove", "1"]).code(1).says(&["is over since"]);
}
