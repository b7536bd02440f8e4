use jiff::Timestamp;

use super::{Subscriber, bar, calls};
use crate::item::{Dealings, Offer, Stage, instant};

/// How a feed stands with its hub, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// In a word, for JSON: `off`, `barred`, `asking`, `telling`, `distrusted` or `failing`.
    pub word: &'static str,
    /// Until when that holds, where that is known.
    pub until: Option<Timestamp>,
    /// Why it is not as it should be; empty where it is.
    pub why: String,
}

impl Standing {
    /// How a feed stands with the hub that it names. `base` is where hubs reach us; `dealings` are `None` where the
    /// hub has not been asked.
    pub fn of(
        offer: &Offer,
        feed: Subscriber<'_>,
        base: Option<&str>,
        dealings: Option<&Dealings>,
        now: Timestamp,
    ) -> Self {
        let standing = |word, until, why: &str| Self { word, until, why: why.to_owned() };
        let Some(base) = base else { return standing("off", None, "[web] has no public_url for it to call") };
        if let Some(why) = bar(offer, feed) {
            return standing("barred", None, why);
        }
        let Some(dealings) = dealings else { return standing("asking", None, "") };
        let distrusted = instant(dealings.distrusted_at).filter(|until| *until > now);
        let called = dealings.callbacks.iter().filter(|callback| callback.base == base && calls(callback, now));
        let lease = called.filter_map(|callback| instant(callback.lease_at)).max();
        let asked = dealings.callbacks.iter().any(|callback| callback.stage == Stage::Asked);
        match (lease, distrusted) {
            (Some(_), Some(until)) => {
                standing("distrusted", Some(until), "polls found news of which it had not told within two hours")
            }
            (Some(lease), None) => standing("telling", Some(lease), &dealings.why),
            (None, _) if asked || dealings.failures == 0 => standing("asking", None, &dealings.why),
            (None, _) => standing("failing", instant(dealings.next_at), &dealings.why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Callback;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hours * 3600).unwrap()
    }

    fn word(dealings: Option<&Dealings>, base: Option<&str>) -> (&'static str, Option<Timestamp>) {
        let offer = Offer { hub: "https://hub.example/".to_owned(), topic: "t".to_owned() };
        let url = "https://a.example/".parse().unwrap();
        let feed = Subscriber { url: &url, allow_private: false, has_secret: false };
        let standing = Standing::of(&offer, feed, base, dealings, at(0));
        (standing.word, standing.until)
    }

    fn dealings(stage: Stage, base: &str) -> Dealings {
        let callback = Callback {
            path: String::new(),
            secret: String::new(),
            base: base.to_owned(),
            private: false,
            stage,
            asked_at: None,
            verified_at: Some(at(-1).as_millisecond()),
            renew_at: None,
            lease_at: Some(at(9).as_millisecond()),
        };
        Dealings { callbacks: vec![callback], ..Dealings::default() }
    }

    #[test]
    fn each_state_has_its_word() {
        assert_eq!(word(None, None), ("off", None));
        assert_eq!(word(None, Some("here")), ("asking", None));
        assert_eq!(word(Some(&dealings(Stage::Asked, "here")), Some("here")), ("asking", None));
        assert_eq!(word(Some(&dealings(Stage::Verified, "here")), Some("here")), ("telling", Some(at(9))));
        assert_eq!(word(Some(&dealings(Stage::Verified, "there")), Some("here")), ("asking", None));
        let distrusted = Some(at(5).as_millisecond());
        let misses = Dealings { distrusted_at: distrusted, ..dealings(Stage::Verified, "here") };
        assert_eq!(word(Some(&misses), Some("here")), ("distrusted", Some(at(5))));
        let failing = Dealings { failures: 2, next_at: Some(at(3).as_millisecond()), ..Dealings::default() };
        assert_eq!(word(Some(&failing), Some("here")), ("failing", Some(at(3))));
        let http = Offer { hub: "http://hub.example/".to_owned(), topic: "t".to_owned() };
        let url = "https://a.example/".parse().unwrap();
        let feed = Subscriber { url: &url, allow_private: true, has_secret: false };
        let barred = Standing::of(&http, feed, Some("here"), None, at(0));
        assert_eq!(barred.word, "barred");
    }
}
