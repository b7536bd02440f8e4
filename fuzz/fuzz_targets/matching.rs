//! A query, a zero byte and a text: the canonical form asks the same, and what it finds lies in what it quotes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newswatch::item::Item;
use newswatch::matching::{Matcher, Rule, Subject};
use newswatch::query::Query;

fuzz_target!(|input: &str| {
    let (source, text) = input.split_once('\0').unwrap_or((input, "Hungary's veto of the cease-fire"));
    let Ok(query) = Query::parse(source) else { return };
    let again = Query::parse(&query.to_string()).expect("the canonical form is a query");
    assert_eq!(again, query);

    let rules = [query, again].map(|query| Rule { name: "watch".to_owned(), query });
    let item = Item { text: text.to_owned(), link: Some(text.to_owned()), ..Item::default() };
    let subject = Subject { item: &item, feed: text, tags: &[text.to_owned()] };
    let hits = Matcher::new(rules.into()).hits(&subject);
    assert!(hits.len() == 2 || hits.is_empty());
    for because in hits.iter().flat_map(|hit| &hit.because) {
        for (start, end) in &because.marks {
            assert!(because.quote.get(*start..*end).is_some());
        }
    }
});
