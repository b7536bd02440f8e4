//! Any text is read, and every span lies in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newswatch::understand::facts::{Anchor, Asked, Facts};

fuzz_target!(|text: &str| {
    let anchor = Anchor { at: jiff::civil::date(2025, 3, 12).at(12, 0, 0, 0), day_first: None };
    let asked = Asked { acts: vec!["veto".to_owned()], events: vec!["jamboree".to_owned()], ..Asked::default() };
    let facts = Facts::of(text, &anchor, &asked);
    let spans = facts.dates.iter().map(|date| &date.span);
    let spans = spans.chain(facts.events.iter().map(|event| &event.span));
    let spans = spans.chain(facts.statements.iter().map(|statement| &statement.span));
    for span in spans.chain(facts.amounts.iter().map(|amount| &amount.span)) {
        assert!(text.get(span.clone()).is_some());
    }
});
