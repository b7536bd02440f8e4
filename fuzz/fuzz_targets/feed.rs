//! Any bytes, said to be of any type, are a feed whose items can be shown or an error that can.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use newswatch::parse;
use url::Url;

fuzz_target!(|input: (Option<&str>, &[u8])| {
    let (content_type, bytes) = input;
    let url = Url::parse("http://feeds.example/a/index.xml").expect("a constant");
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a constant");
    match parse::feed(bytes, content_type, &url, now) {
        Ok(document) => {
            for item in &document.items {
                assert!(!item.title.contains('\n'));
                assert!(item.id.as_deref() != Some(""));
                assert!(item.link.as_deref().is_none_or(|link| Url::parse(link).is_ok()));
                assert!(item.published.is_none_or(|date| date.as_second() >= 631_152_000));
            }
            assert_eq!(parse::keys(&document.items).len(), document.items.len());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    assert!(!parse::inside_reader());
});
