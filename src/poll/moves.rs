//! Permanent redirects: watched for a week before they are believed.
//!
//! A redirect is easily misconfigured, and a hotel's portal redirects everything. So a feed's new address is asked directly
//! only once it has proved itself; the address in the config stays the authority.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::item::Move;

/// So many polls must have seen it,
const SEEN_MIN: u32 = 3;

/// over so long.
const WATCHED_MIN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a poll saw of a feed's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// Nothing but permanent redirects (301, 308) led from the configured address to this one.
    Permanent {
        /// Where they ended.
        to: Url,
        /// Only `http` became `https`.
        upgrade: bool,
    },
    /// The configured address answered 404 or 410 while a move was watched; its target was asked instead and answered.
    OldGone {
        /// The target.
        to: Url,
    },
    /// The configured address answered with something else than permanent redirects.
    Stayed,
}

/// What a poll led to, as far as it matters for where the feed lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No feed: a failure, or a page.
    Nothing,
    /// A feed, but none of its items was known.
    Feed,
    /// A feed with items that were known before, or an unchanged one, or the first that was ever read there.
    Same,
}

/// What is to be remembered of a feed's move after a poll.
///
/// `sighting` is what the poll saw, `None` where it learned nothing. An address that was adopted is given up as soon as that of
/// the config leads to a feed by itself; that it fails is no reason, as long as there is no other.
pub fn observe(before: Option<&Move>, sighting: Option<&Sighting>, now: Timestamp, found: Found) -> Option<Move> {
    let Some(sighting) = sighting else { return before.cloned() };
    match sighting {
        Sighting::Stayed if found == Found::Nothing => before.cloned(),
        Sighting::Stayed => None,
        Sighting::OldGone { .. } | Sighting::Permanent { .. } if found != Found::Same => before.cloned(),
        Sighting::OldGone { to } => {
            let watched = before.filter(|known| known.to == to.as_str());
            Some(Move { adopted: true, ..watched.cloned().unwrap_or_else(|| first(to, now)) })
        }
        Sighting::Permanent { to, upgrade } => {
            let seen = match before.filter(|known| known.to == to.as_str()) {
                Some(known) => Move { seen: known.seen.saturating_add(1), ..known.clone() },
                None => first(to, now),
            };
            // Not `since + week <= now` alone: a clock that jumped must not make a move of one day out of one sighting.
            let proved = seen.seen >= SEEN_MIN && now.duration_since(seen.since) >= WATCHED_MIN;
            Some(Move { adopted: seen.adopted || proved || *upgrade, ..seen })
        }
    }
}

/// Whether `to` is `from` with `https` for `http` and nothing else.
pub(crate) fn is_upgrade(from: &Url, to: &Url) -> bool {
    from.scheme() == "http"
        && to.scheme() == "https"
        && from.host() == to.host()
        && from.port() == to.port()
        && from.path() == to.path()
        && from.query() == to.query()
}

fn first(to: &Url, now: Timestamp) -> Move {
    Move { to: to.to_string(), since: now, seen: 1, adopted: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + days * 86_400).unwrap()
    }

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn permanent(to: &str) -> Sighting {
        Sighting::Permanent { to: url(to), upgrade: false }
    }

    /// The move after these sightings, each on its day and of a feed with known items or of no feed.
    fn after(sightings: &[(i64, Option<Sighting>, bool)]) -> Option<Move> {
        sightings.iter().fold(None, |known, (day, sighting, same)| {
            let found = if *same { Found::Same } else { Found::Nothing };
            observe(known.as_ref(), sighting.as_ref(), at(*day), found)
        })
    }

    fn adopted(sightings: &[(i64, Option<Sighting>, bool)]) -> bool {
        after(sightings).is_some_and(|known| known.adopted)
    }

    #[test]
    fn three_sightings_over_a_week_are_believed() {
        let b = || Some(permanent("https://b.example/"));
        assert!(!adopted(&[(0, b(), true), (7, b(), true)]), "two are too few");
        assert!(!adopted(&[(0, b(), true), (1, b(), true), (2, b(), true), (6, b(), true)]), "six days are too few");
        assert!(adopted(&[(0, b(), true), (1, b(), true), (7, b(), true)]));
        assert!(
            adopted(&[(0, b(), true), (1, None, false), (2, b(), true), (8, b(), true)]),
            "a failure proves nothing"
        );
    }

    #[test]
    fn what_shares_nothing_is_not_counted() {
        let b = || Some(permanent("https://login.example/"));
        assert_eq!(after(&[(0, b(), false), (3, b(), false), (9, b(), false)]), None);
        assert_eq!(after(&[(0, b(), true), (3, b(), false)]).unwrap().seen, 1);
    }

    #[test]
    fn another_target_or_another_answer_starts_anew() {
        let (b, c) = (|| Some(permanent("https://b.example/")), || Some(permanent("https://c.example/")));
        assert!(!adopted(&[(0, b(), true), (3, b(), true), (5, c(), true), (8, b(), true)]));
        assert_eq!(after(&[(0, b(), true), (3, Some(Sighting::Stayed), true)]), None);
    }

    #[test]
    fn a_dead_old_address_and_https_are_believed_at_once() {
        let gone = || Some(Sighting::OldGone { to: url("https://b.example/") });
        assert!(adopted(&[(0, Some(permanent("https://b.example/")), true), (1, gone(), true)]));
        assert!(!adopted(&[(0, Some(permanent("https://b.example/")), true), (1, gone(), false)]));
        let upgrade = || Some(Sighting::Permanent { to: url("https://a.example/"), upgrade: true });
        assert!(adopted(&[(0, upgrade(), true)]));
        assert!(!adopted(&[(0, upgrade(), false)]));
    }

    #[test]
    fn an_adopted_address_is_kept_until_the_configs_own_is_a_feed() {
        let adopted_move = Move { to: "https://b.example/".to_owned(), since: at(0), seen: 3, adopted: true };
        let after = |sighting: Option<Sighting>, found| observe(Some(&adopted_move), sighting.as_ref(), at(9), found);
        assert_eq!(after(None, Found::Nothing), Some(adopted_move.clone()));
        assert_eq!(after(Some(Sighting::Stayed), Found::Nothing), Some(adopted_move.clone()), "a page is no feed");
        assert_eq!(after(Some(Sighting::Stayed), Found::Feed), None);
    }

    #[test]
    fn an_upgrade_changes_the_scheme_and_nothing_else() {
        let upgrade = |from, to| is_upgrade(&url(from), &url(to));
        assert!(upgrade("http://a.example/feed?x=1", "https://a.example/feed?x=1"));
        assert!(upgrade("http://a.example:80/feed", "https://a.example/feed"));
        for to in [
            "https://www.a.example/feed",
            "https://a.example/feed/",
            "https://a.example/feed?x",
            "https://a.example:8443/feed",
            "http://a.example/feed",
        ] {
            assert!(!upgrade("http://a.example/feed", to), "{to}");
        }
        assert!(!upgrade("https://a.example/feed", "https://a.example/feed"));
    }
}
