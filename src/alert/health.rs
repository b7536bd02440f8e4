use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::Routes;
use crate::item::{Ailment, Envelope, FeedMemory, Key, MailKind};

/// How long a feed must fail before the operator hears of it: a night's outage is no news.
const ALERT_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// And so often: a clock that jumped a day ahead makes no day of failure out of one poll.
const FAILURES_MIN: u32 = 3;

/// The trouble that a feed is in, if it is in any that the operator hears of: since when, and whether for good.
struct Trouble {
    since: Timestamp,
    gone: bool,
}

impl Trouble {
    fn of(feed: &FeedMemory) -> Option<Self> {
        let since = feed.failing_since?;
        let lasted =
            feed.failures >= FAILURES_MIN && feed.last_poll.is_some_and(|now| now.duration_since(since) >= ALERT_AFTER);
        (feed.gone || lasted).then_some(Self { since, gone: feed.gone })
    }

    fn key(&self, word: &str, recipient: &str, feed: &FeedMemory) -> Key {
        Key::of(&[word, recipient, &feed.key.to_string(), &self.since.as_millisecond().to_string()])
    }
}

impl Routes {
    /// Everything whose having been told matters for [`Routes::health`].
    pub fn health_asks(&self, before: &FeedMemory, after: &FeedMemory) -> Vec<Key> {
        let troubles: Vec<(Trouble, &FeedMemory)> =
            [before, after].into_iter().filter_map(|feed| Some((Trouble::of(feed)?, feed))).collect();
        let key = |word, recipient: &String| {
            troubles.iter().map(|(trouble, feed)| trouble.key(word, recipient, feed)).collect::<Vec<_>>()
        };
        let odd =
            |to: &String| ailments(after).into_iter().map(|(what, since)| odd_key(to, after, what, since)).collect();
        self.operator.iter().flat_map(|to| [key("feed-broken", to), key("feed-healed", to), odd(to)].concat()).collect()
    }

    /// Mails to the operator: a feed broke, one that was reported works again, or something about one is odd. Each is told
    /// once.
    pub fn health(&self, before: &FeedMemory, after: &FeedMemory, told: &HashSet<Key>) -> Vec<Envelope> {
        let odd = |to| oddities(to, after, told);
        self.operator.iter().flat_map(|to| news(to, before, after, told).into_iter().chain(odd(to))).collect()
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
        let Trouble { since, gone } = Trouble::of(feed)?;
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

fn news(to: &str, before: &FeedMemory, after: &FeedMemory, told: &HashSet<Key>) -> Option<Envelope> {
    if let Some(trouble) = Trouble::of(after) {
        let key = trouble.key("feed-broken", to, after);
        let kind = MailKind::FeedBroken {
            feed: after.name.clone(),
            url: after.url.clone(),
            error: after.error.clone().unwrap_or_else(|| "it says that it is gone for good".to_owned()),
            gone: trouble.gone,
        };
        return (!told.contains(&key)).then(|| Envelope::new(to.to_owned(), kind, [key]));
    }
    let past = Trouble::of(before)?;
    let healed = past.key("feed-healed", to, before);
    let reported = told.contains(&past.key("feed-broken", to, before));
    (after.failures == 0 && reported && !told.contains(&healed)).then(|| {
        let kind = MailKind::FeedHealed { feed: after.name.clone(), url: after.url.clone() };
        Envelope::new(to.to_owned(), kind, [healed])
    })
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

    #[test]
    fn a_feed_is_ill_while_it_is_asked_and_not_read() {
        let hour = |hours: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let ill = |failing_for: Option<i64>, now: i64| Ill::of(&feed(failing_for), hour(now)).map(|ill| ill.feed);
        assert_eq!(ill(None, 100), None);
        assert_eq!(ill(Some(23), 24), None);
        assert_eq!(ill(Some(30), 31), Some("alliance".to_owned()));
        assert_eq!(ill(Some(30), 30 + 9 * 24), None, "it is off");
    }

    fn operator() -> Routes {
        Routes { operator: vec!["root@example.org".into()], ..Routes::default() }
    }

    #[test]
    fn what_is_odd_is_told_once_for_as_long_as_it_lasts() {
        let routes = operator();
        let mut odd = feed(None);
        (odd.habits.gap_at, odd.habits.gaps_at) = (Some(1000), Some(1000));
        let mails = routes.health(&feed(None), &odd, &HashSet::new());
        assert!(matches!(mails[0].kind, MailKind::FeedOdd { what: Ailment::Gaps, .. }), "{mails:?}");
        let told: HashSet<Key> = mails[0].keys.iter().copied().collect();
        assert!(routes.health_asks(&feed(None), &odd).iter().any(|key| told.contains(key)));
        odd.habits.gap_at = Some(2000);
        assert!(routes.health(&feed(None), &odd, &told).is_empty());
    }

    #[test]
    fn a_day_of_failure_is_told_once_and_so_is_its_end() {
        let routes = operator();
        let none = HashSet::new();
        assert!(routes.health(&feed(None), &feed(Some(23)), &none).is_empty());

        let broken = routes.health(&feed(Some(23)), &feed(Some(24)), &none);
        assert_eq!(broken.len(), 1);
        let told: HashSet<Key> = broken[0].keys.iter().copied().collect();
        assert!(routes.health_asks(&feed(Some(24)), &feed(Some(30))).iter().any(|key| told.contains(key)));
        assert!(routes.health(&feed(Some(24)), &feed(Some(30)), &told).is_empty());

        assert_eq!(routes.health(&feed(Some(30)), &feed(None), &told).len(), 1);
        assert!(routes.health(&feed(Some(30)), &feed(None), &none).is_empty(), "healed from what nobody was told of");
    }
}
