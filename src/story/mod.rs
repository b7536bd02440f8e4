//! 5. Is this news that we have already?
//!
//! Pure: says by which keys an item's story is looked up, which of the stories found it belongs to, and how reports that tell
//! the same news in other words are found among those of late. Knows nothing of the store.

mod copies;

mod days;

mod frequent;

mod group;

mod likeness;

mod place;

mod report;

mod reports;

mod rows;

mod shelf;

mod vocabulary;

pub use copies::is_copy;
pub use place::{Goal, Move, Place};
pub use report::report;
pub use reports::Reports;

use jiff::{SignedDuration, Timestamp};

use crate::item::{Candidate, Item, ItemKeys, Key, Report, StoryId};

/// A story closes so long after its last report, and takes no report from so long before its first.
pub const CLOSES_AFTER: SignedDuration = SignedDuration::from_hours(72);

/// A text shorter than this, in bytes, is too little to call two items copies of each other.
const COPY_BYTES_MIN: usize = 80;

/// By what the story of an item is looked up. `canonical_link` is its link without what differs between readers.
pub fn lookup_keys(item: &Item, keys: &ItemKeys, canonical_link: Option<&str>) -> Vec<Key> {
    let mut lookup = Vec::new();
    // A link that several items of its feed share names none of them.
    if keys.link.is_some()
        && let Some(link) = canonical_link
        && names_an_article(link)
    {
        lookup.push(Key::of(&["story link", link]));
    }
    if item.summary.len() + item.text.len() >= COPY_BYTES_MIN {
        lookup.push(Key::of(&["story text", &keys.text.to_string()]));
    }
    lookup
}

/// The story that an item published or seen at `when` belongs to; `None` where it opens its own. `candidates` share a lookup
/// key with it, the newest report first.
pub fn choose(when: Timestamp, candidates: &[Candidate]) -> Option<StoryId> {
    candidates.iter().find(|candidate| is_open(candidate.last_report, when)).map(|candidate| candidate.story)
}

/// Whether a story whose last report was then takes another one now.
pub fn is_open(last_report: Timestamp, when: Timestamp) -> bool {
    when.duration_since(last_report) <= CLOSES_AFTER
}

/// The registrable domain of a link: who publishes it.
pub fn site(link: &str) -> Option<String> {
    let (_, rest) = link.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    // An address in figures belongs to no domain.
    let figures = host.starts_with('[')
        || host.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let site = if figures { host.as_str() } else { psl::domain_str(&host).unwrap_or(&host) };
    (!site.is_empty()).then(|| site.to_owned())
}

/// Numbers for texts: copies of one text have the same.
pub fn texts(reports: &[&Report]) -> Vec<usize> {
    let mut numbers: Vec<usize> = Vec::with_capacity(reports.len());
    for (at, report) in reports.iter().enumerate() {
        let copied = (0..at).find(|&earlier| is_copy(reports[earlier], report));
        numbers.push(copied.map_or(at, |earlier| numbers[earlier]));
    }
    numbers
}

/// Whether a link leads to more than a site's front page.
fn names_an_article(link: &str) -> bool {
    let path = link.split_once("://").map_or(link, |(_, rest)| rest);
    path.split_once('/').is_some_and(|(_, path)| !path.trim_matches('/').is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_takes_reports_for_72_hours_after_its_last() {
        let last_report = Timestamp::UNIX_EPOCH;
        let candidate = Candidate { story: StoryId(3), last_report, items: Vec::new() };
        let after = |hours| last_report + SignedDuration::from_hours(hours);
        assert_eq!(choose(after(72), std::slice::from_ref(&candidate)), Some(StoryId(3)));
        assert_eq!(choose(after(73), &[candidate]), None);
    }

    #[test]
    fn a_site_is_what_somebody_registered() {
        for (link, is) in [
            ("https://news.bbc.co.uk/a", Some("bbc.co.uk")),
            ("https://WWW.Example.ORG:8443/a?b", Some("example.org")),
            ("https://user@edition.example.org#x", Some("example.org")),
            ("http://127.0.0.1:8080/a", Some("127.0.0.1")),
            ("http://[::1]:80/a", Some("[::1]")),
            ("mailto:someone", None),
            ("https:///path", None),
        ] {
            assert_eq!(site(link).as_deref(), is, "{link}");
        }
    }

    #[test]
    fn a_front_page_is_no_article() {
        assert!(!names_an_article("https://example.org/"));
        assert!(!names_an_article("https://example.org"));
        assert!(names_an_article("https://example.org/2026/veto"));
        assert!(names_an_article("https://example.org/?p=12"));
    }
}
