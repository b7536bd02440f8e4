//! 5. Is this news that we have already?
//!
//! Pure: says by which keys an item's story is looked up, and which of the stories found it belongs to. In this version a
//! story is exact copies: one article under one address, or one text under several. Knows nothing of the store.

use jiff::{SignedDuration, Timestamp};

use crate::item::{Candidate, Item, ItemKeys, Key, StoryId};

/// A story closes so long after its last report.
const CLOSES_AFTER: SignedDuration = SignedDuration::from_hours(72);

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
    fn a_front_page_is_no_article() {
        assert!(!names_an_article("https://example.org/"));
        assert!(!names_an_article("https://example.org"));
        assert!(names_an_article("https://example.org/2026/veto"));
        assert!(names_an_article("https://example.org/?p=12"));
    }
}
