use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::Routes;
use crate::item::{Ailment, Envelope, FeedMemory, Key, MailKind};

/// How long a feed must fail before the readers of a digest hear of it: a night's outage is no news. Its operator hears of it after
/// [`Routes::alert_after`].
const ALERT_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// And so often: a clock that jumped a day ahead makes no day of failure out of one poll,
const FAILURES_MIN: u32 = 3;

/// unless it is asked so rarely that there are no so many polls in that time, because its server or the config says so: less than so
/// many times in it.
const RARELY: i32 = 2;

/// The trouble that a feed is in, if it is in any that the operator hears of: since when, and whether for good.
struct Trouble {
    since: Timestamp,
    gone: bool,
}

impl Trouble {
    /// What the operator is told of at `now`. A feed that is not asked because its server said so fails on meanwhile.
    fn of(feed: &FeedMemory, now: Timestamp, after: SignedDuration) -> Option<Self> {
        let trouble = Self::begun(feed)?;
        let waits = || {
            let (last, next) = (feed.last_poll?, feed.next_poll.filter(|next| *next > now)?);
            Some(next.duration_since(last) >= after / RARELY)
        };
        let often = feed.failures >= FAILURES_MIN || waits().unwrap_or(false);
        (feed.gone || (often && now.duration_since(trouble.since) >= after)).then_some(trouble)
    }

    /// Whatever it is in, told or not.
    fn begun(feed: &FeedMemory) -> Option<Self> {
        Some(Self { since: feed.failing_since?, gone: feed.gone })
    }

    fn key(&self, word: &str, recipient: &str, feed: &FeedMemory) -> Key {
        Key::of(&[word, recipient, &feed.key.to_string(), &self.since.as_millisecond().to_string()])
    }
}

impl Routes {
    /// Everything whose having been told matters for [`Routes::health`].
    pub fn health_asks(&self, before: &FeedMemory, after: &FeedMemory) -> Vec<Key> {
        let troubles: Vec<(Trouble, &FeedMemory)> =
            [before, after].into_iter().filter_map(|feed| Some((Trouble::begun(feed)?, feed))).collect();
        let key = |word, recipient: &String| {
            troubles.iter().map(|(trouble, feed)| trouble.key(word, recipient, feed)).collect::<Vec<_>>()
        };
        let odd =
            |to: &String| ailments(after).into_iter().map(|(what, since)| odd_key(to, after, what, since)).collect();
        self.operator.iter().flat_map(|to| [key("feed-broken", to), key("feed-healed", to), odd(to)].concat()).collect()
    }

    /// Mails to the operator at `now`: a feed broke, one that was reported works again, or something about one is odd. Each is
    /// told once. Without a poll, because time goes by, a feed is the same before and after.
    pub fn health(
        &self,
        before: &FeedMemory,
        after: &FeedMemory,
        now: Timestamp,
        told: &HashSet<Key>,
    ) -> Vec<Envelope> {
        let odd = |to| oddities(to, after, told);
        self.operator
            .iter()
            .flat_map(|to| self.trouble(to, (before, after), now, told).into_iter().chain(odd(to)))
            .collect()
    }

    /// Whether the operator is to have heard of this feed by now.
    pub fn is_ill(&self, feed: &FeedMemory, now: Timestamp) -> bool {
        !self.operator.is_empty() && Trouble::of(feed, now, self.alert_after).is_some()
    }

    /// What a feed's trouble, or its end, is to one recipient.
    fn trouble(
        &self,
        to: &str,
        (before, after): (&FeedMemory, &FeedMemory),
        now: Timestamp,
        told: &HashSet<Key>,
    ) -> Option<Envelope> {
        if let Some(trouble) = Trouble::of(after, now, self.alert_after) {
            let key = trouble.key("feed-broken", to, after);
            let kind = MailKind::FeedBroken {
                feed: after.name.clone(),
                url: after.url.clone(),
                error: after.error.clone().unwrap_or_else(|| "it says that it is gone for good".to_owned()),
                gone: trouble.gone,
            };
            return (!told.contains(&key)).then(|| Envelope::new(to.to_owned(), kind, [key]));
        }
        let past = Trouble::begun(before)?;
        let healed = past.key("feed-healed", to, before);
        let reported = told.contains(&past.key("feed-broken", to, before));
        (after.failures == 0 && reported && !told.contains(&healed)).then(|| {
            let kind = MailKind::FeedHealed { feed: after.name.clone(), url: after.url.clone() };
            Envelope::new(to.to_owned(), kind, [healed])
        })
    }
}

/// A feed that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ill {
    /// Its name.
    pub feed: String,
    /// Since when.
    pub since: Timestamp,
    /// It says that it is gone for good.
    pub gone: bool,
    /// What its server said last, or what went wrong.
    pub error: String,
}

/// A feed that was not asked for longer than this is off, and whoever turned it off knows that it is not read.
const ASKED_WITHIN: SignedDuration = SignedDuration::from_hours(8 * 24);

impl Ill {
    /// What the reader of a digest should know of a feed: the trouble that its operator hears of.
    pub fn of(feed: &FeedMemory, now: Timestamp) -> Option<Self> {
        feed.last_poll.filter(|asked| now.duration_since(*asked) <= ASKED_WITHIN)?;
        let Trouble { since, gone } = Trouble::of(feed, now, ALERT_AFTER)?;
        Some(Self { feed: feed.name.clone(), since, gone, error: feed.error.clone().unwrap_or_default() })
    }
}

/// What is odd about a feed that is read; one that is not has other troubles.
fn ailments(feed: &FeedMemory) -> Vec<(Ailment, Timestamp)> {
    feed.last_poll.filter(|_| feed.failures == 0).map(|now| feed.habits.ailments(now)).unwrap_or_default()
}

fn odd_key(to: &str, feed: &FeedMemory, what: Ailment, since: Timestamp) -> Key {
    Key::of(&["feed-odd", to, &feed.key.to_string(), what.as_str(), &since.as_millisecond().to_string()])
}

fn oddities(to: &str, feed: &FeedMemory, told: &HashSet<Key>) -> Vec<Envelope> {
    let mail = |(what, since): (Ailment, Timestamp)| {
        let key = odd_key(to, feed, what, since);
        let kind = MailKind::FeedOdd { feed: feed.name.clone(), url: feed.url.clone(), what, since };
        (!told.contains(&key)).then(|| Envelope::new(to.to_owned(), kind, [key]))
    };
    ailments(feed).into_iter().filter_map(mail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{FeedId, FeedIdentity};

    fn feed(failing_for: Option<i64>) -> FeedMemory {
        let identity = FeedIdentity { name: "alliance".into(), url: "https://example.org/a".into() };
        let mut feed = FeedMemory::fresh(FeedId(1), Key::of(&["a"]), &identity);
        feed.last_poll = Some(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(failing_for.unwrap_or(100)));
        if failing_for.is_some() {
            (feed.failing_since, feed.failures) = (Some(Timestamp::UNIX_EPOCH), 3);
        }
        feed
    }

    fn hour(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn a_feed_that_is_left_alone_because_its_server_says_so_is_told_of_in_time_and_so_is_its_end() {
        let routes = operator();
        let mut held = feed(Some(0));
        (held.failures, held.next_poll) = (1, Some(hour(7 * 24)));
        let told_at = |feed: &FeedMemory, now| routes.health(feed, feed, now, &HashSet::new());
        assert!(told_at(&held, hour(23)).is_empty() && !routes.is_ill(&held, hour(23)));
        let broken = told_at(&held, hour(24));
        assert!(broken.len() == 1 && routes.is_ill(&held, hour(24)));
        let told: HashSet<Key> = broken[0].keys.iter().copied().collect();
        assert!(routes.health(&held, &held, hour(30), &told).is_empty());
        assert_eq!(routes.health(&held, &feed(None), hour(7 * 24), &told).len(), 1, "it works again");
        // Asked once an hour, and the clock jumps.
        held.next_poll = Some(hour(1));
        assert!(told_at(&held, hour(24)).is_empty());
    }

    #[test]
    fn a_feed_is_ill_while_it_is_asked_and_not_read() {
        let ill = |failing_for: Option<i64>, now: i64| Ill::of(&feed(failing_for), hour(now)).map(|ill| ill.feed);
        assert_eq!(ill(None, 100), None);
        assert_eq!(ill(Some(23), 23), None);
        assert_eq!(ill(Some(23), 24), Some("alliance".to_owned()), "asked or not");
        assert_eq!(ill(Some(30), 31), Some("alliance".to_owned()));
        assert_eq!(ill(Some(30), 30 + 9 * 24), None, "it is off");
    }

    fn operator() -> Routes {
        Routes { operator: vec!["root@example.org".into()], alert_after: ALERT_AFTER, ..Routes::default() }
    }

    #[test]
    fn what_is_odd_is_told_once_for_as_long_as_it_lasts() {
        let routes = operator();
        let mut odd = feed(None);
        (odd.habits.gap_at, odd.habits.gaps_at) = (Some(1000), Some(1000));
        let mails = routes.health(&feed(None), &odd, hour(100), &HashSet::new());
        assert!(matches!(mails[0].kind, MailKind::FeedOdd { what: Ailment::Gaps, .. }), "{mails:?}");
        let told: HashSet<Key> = mails[0].keys.iter().copied().collect();
        assert!(routes.health_asks(&feed(None), &odd).iter().any(|key| told.contains(key)));
        odd.habits.gap_at = Some(2000);
        assert!(routes.health(&feed(None), &odd, hour(100), &told).is_empty());
    }

    #[test]
    fn a_day_of_failure_is_told_once_and_so_is_its_end() {
        let routes = operator();
        let none = HashSet::new();
        assert!(routes.health(&feed(None), &feed(Some(23)), hour(23), &none).is_empty());

        let broken = routes.health(&feed(Some(23)), &feed(Some(24)), hour(24), &none);
        assert_eq!(broken.len(), 1);
        let told: HashSet<Key> = broken[0].keys.iter().copied().collect();
        assert!(routes.health_asks(&feed(Some(24)), &feed(Some(30))).iter().any(|key| told.contains(key)));
        assert!(routes.health(&feed(Some(24)), &feed(Some(30)), hour(30), &told).is_empty());

        assert_eq!(routes.health(&feed(Some(30)), &feed(None), hour(40), &told).len(), 1);
        assert!(
            routes.health(&feed(Some(30)), &feed(None), hour(40), &none).is_empty(),
            "healed from what nobody was told of"
        );
    }
}
