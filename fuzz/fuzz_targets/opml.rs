//! Any bytes are a list of feeds or an error; what is read and written is read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newswatch::parse::opml;

fuzz_target!(|bytes: &[u8]| {
    let Ok(list) = opml::read(bytes) else { return };
    let written = opml::write("a list", &list.feeds);
    let again = opml::read(written.as_bytes()).expect("what was written is a list");
    assert!(again.repairs.is_empty(), "{:?}", again.repairs);
    let addresses = |feeds: &[opml::Subscription]| {
        let mut urls: Vec<String> = feeds.iter().map(|feed| feed.url.clone()).collect();
        urls.sort();
        urls.dedup();
        urls
    };
    assert_eq!(addresses(&list.feeds), addresses(&again.feeds));
});
