use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::item::{Hit, ItemId, Key, Report};

/// How many sites must tell a story before a watch tells it, and in which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sources {
    /// So many; at least 2.
    pub count: usize,
    /// Sliding.
    pub within: SignedDuration,
}

/// An item of a story that a watch matched, as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// Its row.
    pub item: ItemId,
    /// The name that it goes by in what was told.
    pub identity: Key,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// Its address.
    pub link: Option<String>,
    /// The watch and why it matched.
    pub hit: Hit,
    /// What its text is compared by.
    pub report: Report,
    /// It was muted. It bears witness all the same, and is not told.
    pub muted: bool,
}

/// What of a [`Matched`] item counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// The registrable domain of its address; `None` where it has none, so that nobody knows who says it.
    pub site: Option<String>,
    /// The number of its text: the same for copies of one.
    pub text: usize,
}

impl Sources {
    /// Whether enough sites told the story, each in a text of its own, in any time of this length.
    pub fn are_met(&self, witnesses: &[Witness]) -> bool {
        self.met(witnesses) >= self.count
    }

    /// How many sites told the story so; at most as many as are asked for.
    pub fn met(&self, witnesses: &[Witness]) -> usize {
        let mut witnesses: Vec<&Witness> = witnesses.iter().filter(|witness| witness.site.is_some()).collect();
        witnesses.sort_by_key(|witness| witness.first_seen);
        let mut most = 0;
        for first in 0..witnesses.len() {
            most = self.count_from(&witnesses[first..]).max(most);
            if most >= self.count {
                return self.count;
            }
        }
        most
    }

    /// Independent sites in the time that begins with the first of these.
    fn count_from(&self, witnesses: &[&Witness]) -> usize {
        let (mut sites, mut texts) = (HashSet::new(), HashSet::new());
        let Some(first) = witnesses.first() else { return 0 };
        let in_time = |witness: &&&Witness| witness.first_seen.duration_since(first.first_seen) <= self.within;
        for witness in witnesses.iter().take_while(in_time) {
            if !texts.contains(&witness.text) && !sites.contains(&witness.site) {
                texts.insert(witness.text);
                sites.insert(&witness.site);
            }
        }
        sites.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCES: Sources = Sources { count: 3, within: SignedDuration::from_hours(6) };

    fn witnesses(seen: &[(i64, &str, usize)]) -> Vec<Witness> {
        let witness = |(hours, site, text): &(i64, &str, usize)| Witness {
            first_seen: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(*hours),
            site: (!site.is_empty()).then(|| (*site).to_owned()),
            text: *text,
        };
        seen.iter().map(witness).collect()
    }

    #[test]
    fn three_sites_in_six_hours_are_enough() {
        assert!(SOURCES.are_met(&witnesses(&[(0, "a.org", 1), (3, "b.org", 2), (6, "c.org", 3)])));
        assert!(!SOURCES.are_met(&witnesses(&[(0, "a.org", 1), (3, "b.org", 2), (7, "c.org", 3)])));
    }

    #[test]
    fn the_time_slides() {
        let late = [(0, "a.org", 1), (5, "b.org", 2), (9, "c.org", 3), (11, "d.org", 4)];
        assert!(!SOURCES.are_met(&witnesses(&late[..3])));
        assert!(SOURCES.are_met(&witnesses(&late)));
        let met = [&late[..0], &late[..1], &late[..3], &late].map(|seen| SOURCES.met(&witnesses(seen)));
        assert_eq!(met, [0, 1, 2, 3]);
    }

    #[test]
    fn one_site_and_one_text_count_once() {
        assert!(!SOURCES.are_met(&witnesses(&[(0, "a.org", 1), (1, "a.org", 2), (2, "b.org", 3)])));
        assert!(!SOURCES.are_met(&witnesses(&[(0, "a.org", 1), (1, "b.org", 1), (2, "c.org", 2)])), "a wire copy");
        assert!(!SOURCES.are_met(&witnesses(&[(0, "a.org", 1), (1, "b.org", 2), (2, "", 3)])), "from nowhere");
    }

    #[test]
    fn a_copy_does_not_use_up_its_site() {
        let seen = [(0, "a.org", 1), (1, "b.org", 1), (2, "b.org", 2), (3, "c.org", 3)];
        assert!(SOURCES.are_met(&witnesses(&seen)));
    }
}
