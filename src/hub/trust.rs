//! Whether a hub is relied on: while it tells what polls would find, polls may be rare.

use jiff::{SignedDuration, Timestamp};

use super::{after, calls};
use crate::item::{Cover, Dealings, SubscriptionId, instant};

/// A hub has so long to tell of news before a poll that finds it counts it as missed.
const TELLS_WITHIN: SignedDuration = SignedDuration::from_hours(2);

/// So many misses, and it is not relied on
const MISSES_MAX: u32 = 2;

/// for so long.
const DISTRUST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A miss is forgotten after this.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What makes sure that news is told, if anything does: the hub calls us at `base`, and is relied on. `listening` is since
/// when it could have reached us.
pub fn cover(
    id: SubscriptionId,
    dealings: &Dealings,
    base: &str,
    listening: Timestamp,
    now: Timestamp,
) -> Option<Cover> {
    if instant(dealings.distrusted_at).is_some_and(|until| until > now) {
        return None;
    }
    let called = || dealings.callbacks.iter().filter(|callback| callback.base == base && calls(callback, now));
    let until = called().filter_map(|callback| instant(callback.lease_at)).max()?;
    // One that takes the place of another goes on where that began.
    let since = called().filter_map(|callback| instant(callback.verified_at)).min()?;
    Some(Cover { id, since: since.max(listening), until, news: instant(dealings.news_at) })
}

/// A push was taken; `news` says that it held something new. Feeds that share a subscription share the push.
pub fn pushed(dealings: &mut Dealings, at: Timestamp, news: bool) {
    let at = Some(at.as_millisecond());
    if dealings.pushed_at != at {
        dealings.taken = dealings.taken.saturating_add(1);
    }
    (dealings.pushed_at, dealings.found_at) = (at, None);
    if news {
        dealings.news_at = at;
    }
}

/// A poll found items that no push had brought, published at these times. Whether the hub has missed them is known once it
/// has had its time: of an item with a date at once, where that is old enough, and of others by the next poll that finds
/// that nothing was told meanwhile.
pub fn found(dealings: &mut Dealings, cover: &Cover, published: &[Option<Timestamp>], now: Timestamp) {
    if dealings.missed_at == Some(now.as_millisecond()) {
        return;
    }
    if instant(dealings.missed_at).is_some_and(|missed| now.duration_since(missed) > FORGOTTEN) {
        dealings.misses = 0;
    }
    let reach = now.saturating_sub(TELLS_WITHIN).unwrap_or(Timestamp::MIN);
    let untold = published.iter().flatten().any(|at| *at > cover.since && *at <= reach);
    let waited_for = instant(dealings.found_at).filter(|found| *found >= cover.since);
    if untold || waited_for.is_some_and(|found| found <= reach) {
        dealings.misses += 1;
        (dealings.missed_at, dealings.found_at) = (Some(now.as_millisecond()), None);
        if dealings.misses >= MISSES_MAX {
            dealings.misses = 0;
            dealings.distrusted_at = Some(after(now, DISTRUST));
            "polls found news of which the hub had not told within two hours".clone_into(&mut dealings.why);
        }
        // One that told something a moment ago is at work: the poll and the push have only met.
    } else if !published.is_empty() && waited_for.is_none() && instant(dealings.pushed_at).is_none_or(|at| at <= reach)
    {
        dealings.found_at = Some(now.as_millisecond());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Callback, Stage};

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hours * 3600).unwrap()
    }

    fn of(hours: i64) -> Cover {
        Cover { id: SubscriptionId(1), since: at(0), until: at(hours), news: None }
    }

    fn verified(base: &str, from: i64, to: i64) -> Callback {
        Callback {
            path: "p".to_owned(),
            secret: "s".to_owned(),
            base: base.to_owned(),
            private: false,
            stage: Stage::Verified,
            asked_at: None,
            verified_at: Some(at(from).as_millisecond()),
            renew_at: None,
            lease_at: Some(at(to).as_millisecond()),
        }
    }

    #[test]
    fn only_a_hub_that_calls_here_and_is_relied_on_covers() {
        let callbacks = vec![verified("here", 1, 10), verified("here", 5, 15), verified("there", 0, 99)];
        let mut dealings = Dealings { callbacks, ..Dealings::default() };
        let seen = |dealings: &Dealings, base, listening, now| {
            cover(SubscriptionId(1), dealings, base, at(listening), at(now)).map(|cover| (cover.since, cover.until))
        };
        assert_eq!(seen(&dealings, "here", 0, 6), Some((at(1), at(15))));
        assert_eq!(seen(&dealings, "here", 3, 6), Some((at(3), at(15))), "before that nobody listened");
        assert_eq!(seen(&dealings, "here", 0, 12), Some((at(5), at(15))));
        assert_eq!(seen(&dealings, "here", 0, 15), None);
        assert_eq!(seen(&dealings, "elsewhere", 0, 6), None);
        dealings.distrusted_at = Some(at(8).as_millisecond());
        assert_eq!((seen(&dealings, "here", 0, 6), seen(&dealings, "here", 0, 8).is_some()), (None, true));
    }

    #[test]
    fn two_misses_cost_a_hub_its_trust_for_a_week() {
        let mut dealings = Dealings::default();
        let polled =
            |dealings: &mut Dealings, published: i64, now| found(dealings, &of(999), &[Some(at(published))], at(now));
        polled(&mut dealings, 3, 6);
        assert_eq!((dealings.misses, dealings.distrusted_at), (1, None));
        polled(&mut dealings, 3, 6);
        assert_eq!(dealings.misses, 1, "two feeds of one subscription see one miss");
        polled(&mut dealings, 10, 12);
        assert_eq!(dealings.distrusted_at, Some(at(12 + 168).as_millisecond()));
        assert!(dealings.why.contains("within two hours"), "{}", dealings.why);
    }

    #[test]
    fn a_hub_has_its_time_to_tell() {
        let mut dealings = Dealings::default();
        let polled = |dealings: &mut Dealings, published: &[Option<Timestamp>], now| {
            found(dealings, &of(999), published, at(now));
        };
        polled(&mut dealings, &[Some(at(5))], 6);
        assert_eq!((dealings.misses, dealings.found_at), (0, Some(at(6).as_millisecond())), "an hour ago");
        pushed(&mut dealings, at(7), false);
        polled(&mut dealings, &[], 12);
        assert_eq!(dealings.misses, 0, "it was told after all");
        polled(&mut dealings, &[None], 18);
        polled(&mut dealings, &[None], 19);
        assert_eq!(dealings.misses, 0);
        polled(&mut dealings, &[], 24);
        assert_eq!((dealings.misses, dealings.found_at), (1, None), "nothing was told in six hours");
        polled(&mut dealings, &[Some(at(-5))], 30);
        assert_eq!(dealings.misses, 1, "what is older than the subscription could not be told");
        let late = 24 + 31 * 24;
        polled(&mut dealings, &[Some(at(late - 3))], late);
        assert_eq!((dealings.misses, dealings.distrusted_at), (1, None), "a miss of last month is forgotten");
    }

    #[test]
    fn a_push_for_two_feeds_is_one_push() {
        let mut dealings = Dealings::default();
        pushed(&mut dealings, at(1), true);
        pushed(&mut dealings, at(1), false);
        assert_eq!((dealings.taken, dealings.news_at), (1, Some(at(1).as_millisecond())));
        pushed(&mut dealings, at(2), false);
        assert_eq!(
            (dealings.taken, dealings.news_at, dealings.pushed_at),
            (2, Some(at(1).as_millisecond()), Some(at(2).as_millisecond()))
        );
    }
}
