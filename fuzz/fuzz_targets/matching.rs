//! A query, the tag of a language, a title and a text, with zero bytes between: the canonical form asks the same, the index finds
//! what going through everything finds, and what was found lies in what is quoted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newswatch::item::Item;
use newswatch::matching::{Matcher, Rule, Subject, matches_naively};
use newswatch::query::Query;

/// Going through everything takes the square of the words.
const TEXT_MAX: usize = 2000;

fuzz_target!(|input: &str| {
    let mut parts = input.splitn(4, '\0');
    let Ok(query) = Query::parse(parts.next().unwrap_or_default()) else { return };
    let again = Query::parse(&query.to_string()).expect("the canonical form is a query");
    assert_eq!(again, query);

    let mut part = |missing: &str| parts.next().unwrap_or(missing).to_owned();
    let language = part("");
    let item = Item {
        language: Some(language).filter(|tag| !tag.is_empty()),
        title: part("The summit ends"),
        text: part("Hungary's veto of the cease-fire"),
        ..Item::default()
    };
    if item.title.len() + item.text.len() > TEXT_MAX {
        return;
    }
    let item = Item { link: Some(item.title.clone()), ..item };
    let tags = [item.title.clone()];
    let subject = Subject { item: &item, feed: &item.title, tags: &tags };
    let rules = [&query, &again].map(|query| Rule { name: "watch".to_owned(), query: query.clone() });
    let hits = Matcher::new(rules.into()).hits(&subject);
    let expected = if matches_naively(&query, &subject) { 2 } else { 0 };
    assert_eq!(hits.len(), expected);
    for because in hits.iter().flat_map(|hit| &hit.because) {
        for (start, end) in &because.marks {
            assert!(because.quote.get(*start..*end).is_some());
        }
    }
});
