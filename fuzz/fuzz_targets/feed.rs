//! Any bytes, said to be of any type, are a feed whose items can be shown or an error that can.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use newswatch::parse;
use url::Url;

/// Which of these a document is said to be depends on its length, so that any feed is a seed as it is.
const TYPES: [Option<&str>; 7] = [
    None,
    Some("application/rss+xml"),
    Some("text/xml; charset=utf-16"),
    Some("text/html; charset=big5"),
    Some("application/json; charset=\"iso-2022-jp\""),
    Some("text/plain;charset=windows-1251"),
    Some("; charset="),
];

/// A panic inside feed-rs is caught and told as an error; any other ends the run.
fn watch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if !parse::inside_reader() {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}

fuzz_target!(init: watch_panics(), |bytes: &[u8]| {
    let url = Url::parse("http://feeds.example/a/index.xml").expect("a constant");
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a constant");
    match parse::feed(bytes, TYPES[bytes.len() % TYPES.len()], &url, now) {
        Ok(document) => {
            for item in &document.items {
                assert!(!item.title.contains('\n'));
                assert!(item.id.as_deref() != Some(""));
                assert!(item.link.as_deref().is_none_or(|link| Url::parse(link).is_ok()));
                assert!(item.published.is_none_or(|date| date.as_second() >= 631_152_000));
                for text in [&item.summary, &item.text] {
                    assert!(!text.contains("\n\n\n") && text.trim() == text);
                }
            }
            assert_eq!(parse::keys(&document.items).len(), document.items.len());
            let count = document.items.len();
            let distinct = parse::distinct(document.items);
            assert!(distinct.len() <= count);
            assert_eq!(parse::distinct(distinct.clone()).len(), distinct.len());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    assert!(!parse::inside_reader());
});
