//! Which items are new: nothing that a feed does to its ids, dates or order tells old news again.

use super::stage::{Case, entries};
use crate::harness::feeds::Answer;
use crate::harness::items::{Entry, rss};

/// A case that mails each match of `veto`, of items however old.
fn watching() -> Case {
    Case::with(|newswatch, _| {
        let newswatch = newswatch.set("mail", "from", "'n@example.org'").set("mail", "to", "['d@example.org']");
        let newswatch = newswatch.set("mail", "smtp", "'file:mail'").set("fetch", "backlog", "'all'");
        newswatch.watch("veto", "veto")
    })
}

fn page(entries: &[Entry]) -> Answer {
    Answer::feed(rss(entries))
}

fn mails(case: &Case) -> i64 {
    case.number("SELECT count(*) FROM mail").unwrap_or(0)
}

/// The second document tells nothing that the first has not told, and adds no item.
#[track_caller]
fn all_known(first: &[Entry], second: &[Entry]) -> Case {
    let case = watching();
    case.next(page(first));
    let before = (case.items(), mails(&case));
    assert!(before.1 > 0);
    case.next(page(second));
    assert_eq!((case.items(), mails(&case)), before);
    assert_eq!(case.failures(), 0);
    case
}

/// The end of an entry's link.
fn slug(entry: &Entry) -> String {
    entry.link.rsplit('/').next().unwrap_or_default().to_owned()
}

fn five() -> Vec<Entry> {
    entries(&["budget", "treaty", "embargo", "summit", "merger"])
}

/// Ids and links change from http to https, or lose their `www.` | the same items | rules 45, 46
#[test]
fn c129_https() {
    let under = |root: &str| {
        let entry = |mut entry: Entry| {
            entry.id = format!("{root}/{}", slug(&entry));
            entry.link.clone_from(&entry.id);
            entry
        };
        five().into_iter().map(entry).collect::<Vec<_>>()
    };
    all_known(&under("http://www.example.org"), &under("https://www.example.org"));
    all_known(&under("http://www.example.org"), &under("http://example.org"));
}

/// All ids are new at once, links and titles are not | nothing is told, no item is added; of one that is new among them it is
/// told | rules 45, 46
#[test]
fn c130_new_ids() {
    let moved = |entry: &Entry| entry.clone().id(&format!("urn:moved:{}", slug(entry)));
    let case = all_known(&five(), &five().iter().map(moved).collect::<Vec<_>>());
    let before = mails(&case);
    let mut more: Vec<Entry> =
        five().iter().map(|entry| entry.clone().id(&format!("urn:again:{}", slug(entry)))).collect();
    more.extend(entries(&["fishery"]));
    case.next(page(&more));
    assert_eq!((case.items(), mails(&case)), (6, before + 1));
}

/// Ids that change with each edit or carry noise | items are known by their links; the habit is shown | rule 45
#[test]
fn c131_noisy_ids() {
    let case = watching();
    let noisy = |n: i64| {
        five()
            .into_iter()
            .map(|entry| entry.clone().id(&format!("{}?v={n}", entry.id)).summary(&format!("Edit {n}")))
            .collect::<Vec<_>>()
    };
    for n in 0..5 {
        case.next(page(&noisy(n)));
    }
    assert_eq!((case.items(), mails(&case)), (5, 5));
    assert!(case.feed()["ailments"].to_string().contains("id-churn"), "{}", case.feed());
}

/// Two items of one document share an id | both are kept | rule 47
#[test]
fn c132_shared_id() {
    let shared: Vec<Entry> = entries(&["budget", "treaty"]).into_iter().map(|entry| entry.id("same")).collect();
    let case = watching();
    case.next(page(&shared));
    assert_eq!(case.items(), 2);
    case.next(Answer::feed(rss(&shared) + "\n"));
    assert_eq!((case.items(), mails(&case)), (2, 2));
}

/// An old id with a new link and a new title | new news | rule 47
#[test]
fn c133_reused_id() {
    let case = watching();
    case.next(page(&[entries(&["budget"]).remove(0).id("latest")]));
    case.next(page(&[entries(&["treaty"]).remove(0).id("latest")]));
    assert_eq!((case.items(), mails(&case)), (2, 2));
}

/// Neither id nor link | known by title and text, never by chance | rule 44
#[test]
fn c134_no_id() {
    let bare = |text: &str| {
        let xml = rss(&five()).replace("All about", text);
        xml.lines().map(|line| strip(&strip(line, "guid"), "link")).collect::<Vec<_>>().join("\n")
    };
    let case = watching();
    case.next(Answer::feed(bare("All about")));
    case.next(Answer::feed(bare("All about") + "\n\n"));
    assert_eq!((case.items(), mails(&case)), (5, 5));
}

/// A line without its first element of this name.
fn strip(line: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    match (line.find(&open), line.find(&close)) {
        (Some(from), Some(to)) if line.starts_with("<item>") => {
            format!("{}{}", &line[..from], &line[to + close.len()..])
        }
        _ => line.to_owned(),
    }
}

/// The order is turned round or shuffled; items go and come back, also after years | nothing is told | rules 49, 52
#[test]
fn c135_order() {
    let mut shuffled = five();
    shuffled.rotate_left(2);
    shuffled.swap(0, 3);
    all_known(&five(), &five().into_iter().rev().collect::<Vec<_>>());
    let case = all_known(&five(), &shuffled);
    case.next(page(&entries(&["fishery"])));
    let before = mails(&case);
    case.later(300 * super::stage::DAY);
    case.next(page(&five()));
    assert_eq!((case.items(), mails(&case)), (6, before));
}

/// Dates that are moved, left out, in the future, or of 1970 | never what an item is known by | rule 50
#[test]
fn c136_dates() {
    let dated = |days: i64| five().into_iter().map(|entry| entry.days_ago(days)).collect::<Vec<_>>();
    for days in [3, -400, 20_000] {
        all_known(&five(), &dated(days));
    }
    all_known(&five(), &five().into_iter().map(Entry::undated).collect::<Vec<_>>());
}

/// A title or text is edited | one update; an alert only where a watch matches that did not before, or other words match
/// | rule 48
#[test]
fn c137_edits() {
    let case = watching();
    let entry = |text: &str| vec![Entry::new("a", "Ministers meet on fish").summary(text)];
    case.next(page(&entry("They will talk.")));
    assert_eq!(case.next(page(&entry("They will talk tomorrow.")))["items"]["updated"], 1);
    assert_eq!(mails(&case), 0);
    case.next(page(&entry("They will talk of a veto tomorrow.")));
    assert_eq!(mails(&case), 1);
    case.next(page(&entry("They will talk of a veto tomorrow.\n")));
    assert_eq!((case.items(), mails(&case)), (1, 1));
}

/// The first document holds hundreds of items | those that are old or undated are stored without a word | rule 51
#[test]
fn c138_first_look() {
    let case = Case::with(|newswatch, _| {
        let newswatch = newswatch.set("mail", "from", "'n@example.org'").set("mail", "to", "['d@example.org']");
        newswatch.set("mail", "smtp", "'file:mail'").watch("veto", "veto")
    });
    let old = |n: i64| Entry::new(&n.to_string(), &format!("The veto of week {n}")).days_ago(7 * n + 7);
    let mut all: Vec<Entry> = (0..300).map(old).collect();
    all.push(entries(&["treaty"]).remove(0).undated());
    case.next(page(&all));
    assert_eq!((case.items(), mails(&case)), (301, 0));
}

/// More than ten thousand items in one document | the first ten thousand are read, and a repair says so | rule 34
#[test]
fn c139_ten_thousand_items() {
    let case = Case::new();
    let all: Vec<Entry> = (0..10_001).map(|n| Entry::new(&n.to_string(), &format!("Story {n}"))).collect();
    case.next(page(&all));
    assert_eq!((case.items(), case.failures()), (10_000, 0), "{}", case.error());
    // It is asked again as any other, with its validators.
}

/// A feed empties and fills again with the same items | nothing is told | rule 49
#[test]
fn c140_empty_and_full() {
    let case = watching();
    case.next(page(&five()));
    case.next(page(&[]));
    case.next(page(&five()));
    assert_eq!((case.items(), mails(&case)), (5, 5));
}
