//! When a hub is asked for what.

use jiff::{SignedDuration, Timestamp};

use super::{after, calls, fail};
use crate::item::{Callback, Dealings, Stage, instant};

/// A hub that does not call back within this after it was asked is silent.
pub(super) const PENDING: SignedDuration = SignedDuration::from_hours(1);

/// A hub that was asked to call no more may ask whether that was meant, for so long.
const LEAVING: SignedDuration = SignedDuration::from_hours(24);

/// After a failure the hub is asked again after this, doubled each time,
const BACK_OFF_MIN: SignedDuration = SignedDuration::from_hours(1);

/// up to this.
const BACK_OFF_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A hub that says no is asked again after this.
pub(super) const REFUSED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How much jitter adds to a wait at most, as a share of it.
pub(super) const JITTER: f64 = 0.1;

/// Callbacks of one subscription: the one in use, the next one, and some that are being left. More would come of a fault only.
const CALLBACKS: usize = 8;

/// What is to be done about a hub now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask it to call here.
    Subscribe(Callback),
    /// Ask it to call here no more.
    Unsubscribe(Callback),
    /// Nothing before then.
    Wait(Timestamp),
    /// Nothing is wanted of it any more, and nothing is left.
    Forget,
}

/// What nobody can guess, for a new callback: its path and its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Fresh {
    /// For [`Callback::path`].
    pub path: String,
    /// For [`Callback::secret`].
    pub secret: String,
    /// For [`Callback::private`].
    pub private: bool,
}

/// Not shown.
impl std::fmt::Debug for Fresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fresh")
    }
}

/// The next step, with the dealings as they are once it is begun. `base` is where hubs reach us, `None` where this hub is not
/// wanted or nobody reaches us; `unit` in `0.0..1.0` is jitter.
pub fn advance(dealings: &mut Dealings, base: Option<&str>, fresh: &Fresh, now: Timestamp, unit: f64) -> Step {
    tidy(dealings, base, now, unit);
    if let Some(leaving) =
        dealings.callbacks.iter_mut().find(|callback| callback.stage == Stage::Leaving && callback.asked_at.is_none())
    {
        leaving.asked_at = Some(now.as_millisecond());
        return Step::Unsubscribe(leaving.clone());
    }
    let ends = dealings.callbacks.iter().filter_map(end).min();
    let Some(base) = base else {
        return ends.map_or(Step::Forget, Step::Wait);
    };
    let asked = dealings.callbacks.iter().any(|callback| callback.stage == Stage::Asked);
    let current = current(dealings, base, now);
    let due = current.map_or(Some(now), |current| instant(current.renew_at)).max(instant(dealings.next_at));
    let due = due.unwrap_or(now);
    if !asked && due <= now && dealings.callbacks.len() < CALLBACKS {
        let callback = Callback {
            path: fresh.path.clone(),
            secret: fresh.secret.clone(),
            base: base.to_owned(),
            private: fresh.private,
            stage: Stage::Asked,
            asked_at: Some(now.as_millisecond()),
            verified_at: None,
            renew_at: None,
            lease_at: None,
        };
        dealings.callbacks.push(callback.clone());
        return Step::Subscribe(callback);
    }
    let next = ends.into_iter().chain((!asked).then_some(due)).min().unwrap_or(due);
    Step::Wait(next.max(now))
}

/// The callback that the hub calls, of the present address.
fn current<'d>(dealings: &'d Dealings, base: &str, now: Timestamp) -> Option<&'d Callback> {
    dealings.callbacks.iter().rfind(|callback| callback.base == base && calls(callback, now))
}

/// When a callback ends by itself.
fn end(callback: &Callback) -> Option<Timestamp> {
    let asked = |wait| instant(callback.asked_at)?.saturating_add(wait).ok();
    match callback.stage {
        Stage::Asked => asked(PENDING),
        Stage::Verified => instant(callback.lease_at),
        Stage::Leaving => asked(LEAVING).min(instant(callback.lease_at).or(Some(Timestamp::MAX))),
    }
}

/// Takes away what has ended, and marks what is not needed any more.
fn tidy(dealings: &mut Dealings, base: Option<&str>, now: Timestamp, unit: f64) {
    // By another clock, which has been set back since.
    for callback in &mut dealings.callbacks {
        if instant(callback.asked_at).is_some_and(|asked| asked.duration_since(now) > PENDING) {
            callback.asked_at = Some(now.as_millisecond());
        }
    }
    let silent = dealings.callbacks.iter().any(|callback| {
        callback.stage == Stage::Asked
            && end(callback).is_none_or(|end| end <= now)
            && Some(callback.base.as_str()) == base
    });
    dealings.callbacks.retain(|callback| match callback.stage {
        // What was asked for elsewhere is not confirmed, and so does not come about.
        Stage::Asked => Some(callback.base.as_str()) == base && end(callback).is_some_and(|end| end > now),
        Stage::Verified => end(callback).is_some_and(|end| end > now),
        Stage::Leaving => callback.asked_at.is_none() || end(callback).is_some_and(|end| end > now),
    });
    if silent {
        fail(dealings, "the hub was asked, and has not called back".to_owned(), false, now, unit);
    }
    let keep = match base {
        None => Some(None),
        // One of an earlier address may still be reached until another one takes its place.
        Some(base) => current(dealings, base, now).map(|current| Some(current.path.clone())),
    };
    if let Some(keep) = keep {
        for callback in dealings.callbacks.iter_mut().filter(|callback| callback.stage == Stage::Verified) {
            if keep.as_ref() != Some(&callback.path) {
                (callback.stage, callback.asked_at) = (Stage::Leaving, None);
            }
        }
    }
}

/// The wait after so many failures in a row.
pub(super) fn back_off(failures: u32) -> SignedDuration {
    BACK_OFF_MIN.checked_mul(1_i32 << failures.saturating_sub(1).min(20)).unwrap_or(BACK_OFF_MAX).min(BACK_OFF_MAX)
}

/// What a hub answered to a request to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It will see.
    Accepted,
    /// It says no.
    Refused(String),
    /// It could not be asked, or could not say; and when it wants to be asked again, where it says so.
    Failed(String, Option<Timestamp>),
}

/// Takes in what the hub answered when it was asked to call at `path`. It may have called before it answered.
pub fn settle(dealings: &mut Dealings, path: &str, heard: &Heard, now: Timestamp, unit: f64) {
    let is_open = |callback: &Callback| callback.path == path && callback.stage == Stage::Asked;
    let (why, refused, until) = match heard {
        Heard::Accepted => return,
        Heard::Refused(why) => (why, true, None),
        Heard::Failed(why, until) => (why, false, *until),
    };
    if dealings.callbacks.iter().any(is_open) {
        dealings.callbacks.retain(|callback| !is_open(callback));
        fail(dealings, why.clone(), refused, now, unit);
        dealings.next_at = dealings.next_at.max(until.map(Timestamp::as_millisecond));
    }
}

/// How long the hub will call, by its own word, and when it is asked anew: at half of that, within bounds. When it may be asked
/// again although it has ceased to call, where that is later.
pub(super) fn lease(callback: &mut Callback, seconds: Option<i64>, now: Timestamp, unit: f64) -> Option<i64> {
    /// What we ask for, and what a hub that does not say is taken to grant.
    const WISH: i64 = super::intent::LEASE_WISH_S;
    /// A hub is not asked anew more often than at half of this,
    const MIN: SignedDuration = SignedDuration::from_hours(1);
    /// nor more rarely, since endless leases are forgotten by hubs all the same.
    const MAX: SignedDuration = SignedDuration::from_hours(14 * 24);
    let granted = SignedDuration::from_secs(seconds.filter(|seconds| *seconds > 0).unwrap_or(WISH)).min(MAX);
    callback.lease_at = Some(after(now, granted));
    // Sooner rather than later, so that what was asked for together does not come back together.
    callback.renew_at = Some(after(now, (granted.max(MIN) / 2).mul_f64(1.0 - JITTER * unit)));
    callback.renew_at.filter(|renew| callback.lease_at.is_some_and(|end| end < *renew))
}

#[cfg(test)]
mod tests {
    use super::super::intent::{Question, Verdict, judge};
    use super::super::trust::cover;
    use super::*;
    use crate::item::SubscriptionId;

    const BASE: &str = "https://news.example.org/nw";
    const TOPIC: &str = "https://feeds.example/a";

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hours * 3600).unwrap()
    }

    fn fresh(name: &str) -> Fresh {
        Fresh { path: name.to_owned(), secret: format!("secret of {name}"), private: false }
    }

    fn step(dealings: &mut Dealings, name: &str, hours: i64) -> Step {
        advance(dealings, Some(BASE), &fresh(name), at(hours), 0.0)
    }

    fn subscribes(step: &Step) -> &str {
        let Step::Subscribe(callback) = step else { panic!("{step:?}") };
        &callback.path
    }

    fn grant(dealings: &mut Dealings, path: &str, lease: &str, hours: i64) -> Verdict {
        let query = format!("hub.mode=subscribe&hub.topic={TOPIC}&hub.challenge=c&hub.lease_seconds={lease}");
        judge(dealings, path, TOPIC, &Question::read(&query).unwrap(), at(hours), 0.0)
    }

    fn covered(dealings: &Dealings, hours: i64) -> bool {
        cover(SubscriptionId(1), dealings, BASE, at(0), at(hours)).is_some()
    }

    #[test]
    fn a_subscription_is_asked_for_verified_and_renewed_under_another_path() {
        let mut dealings = Dealings::default();
        assert_eq!(subscribes(&step(&mut dealings, "a", 0)), "a");
        assert_eq!(step(&mut dealings, "b", 0), Step::Wait(at(1)), "it is asked once");
        settle(&mut dealings, "a", &Heard::Accepted, at(0), 0.0);
        assert!(!covered(&dealings, 0), "nothing is verified yet");
        assert_eq!(grant(&mut dealings, "a", "172800", 0), Verdict::Echo("c".to_owned()));
        assert!(covered(&dealings, 47) && !covered(&dealings, 48));
        assert_eq!(step(&mut dealings, "b", 0), Step::Wait(at(24)));
        assert_eq!(subscribes(&step(&mut dealings, "b", 24)), "b");
        assert!(covered(&dealings, 24), "the old one holds meanwhile");
        grant(&mut dealings, "b", "172800", 24);
        let Step::Unsubscribe(old) = step(&mut dealings, "c", 24) else { panic!("it is told twice") };
        assert_eq!((old.path.as_str(), old.url().as_str()), ("a", "https://news.example.org/nw/hub/a"));
        assert_eq!(step(&mut dealings, "c", 24), Step::Wait(at(48)));
        assert!(covered(&dealings, 71));
    }

    #[test]
    fn a_hub_that_is_silent_or_fails_is_asked_ever_more_rarely() {
        let mut dealings = Dealings::default();
        step(&mut dealings, "a", 0);
        assert_eq!(step(&mut dealings, "b", 1), Step::Wait(at(2)), "silent for an hour");
        assert!(dealings.why.contains("not called back"), "{}", dealings.why);
        let mut hour = 2;
        for wait in [2, 4, 8, 16, 32, 64, 128, 168, 168] {
            let path = format!("p{hour}");
            assert_eq!(subscribes(&step(&mut dealings, &path, hour)), path);
            settle(&mut dealings, &path, &Heard::Failed("cannot connect".to_owned(), None), at(hour), 0.0);
            assert_eq!(step(&mut dealings, "x", hour), Step::Wait(at(hour + wait)));
            hour += wait;
        }
        step(&mut dealings, "z", hour);
        grant(&mut dealings, "z", "864000", hour);
        assert_eq!((dealings.failures, dealings.why.as_str()), (0, ""));
    }

    #[test]
    fn a_hub_that_says_no_is_left_alone_for_a_week() {
        let mut dealings = Dealings::default();
        step(&mut dealings, "a", 0);
        settle(&mut dealings, "a", &Heard::Refused("the hub answered 410".to_owned()), at(0), 0.0);
        assert_eq!(step(&mut dealings, "b", 0), Step::Wait(at(168)));
        assert_eq!(dealings.callbacks, []);
    }

    #[test]
    fn a_hub_that_says_when_to_come_again_is_left_alone_until_then() {
        for (says, waits) in [(5, 5), (0, 1)] {
            let mut dealings = Dealings::default();
            step(&mut dealings, "a", 0);
            settle(&mut dealings, "a", &Heard::Failed("the hub answered 429".to_owned(), Some(at(says))), at(0), 0.0);
            assert_eq!(step(&mut dealings, "b", 0), Step::Wait(at(waits)), "an hour at least");
        }
    }

    #[test]
    fn a_hub_that_calls_before_it_answers_has_said_yes() {
        let mut dealings = Dealings::default();
        step(&mut dealings, "a", 0);
        grant(&mut dealings, "a", "864000", 0);
        settle(&mut dealings, "a", &Heard::Failed("the hub gave no answer".to_owned(), None), at(0), 0.0);
        assert!(covered(&dealings, 0));
    }

    #[test]
    fn a_lease_is_respected_within_bounds() {
        for (lease, ends, renews) in [
            ("864000", 240, 120),
            ("31536000", 336, 168),
            ("", 240, 120),
            ("-5", 240, 120),
            ("99999999999999999999", 240, 120),
        ] {
            let mut dealings = Dealings::default();
            step(&mut dealings, "a", 0);
            grant(&mut dealings, "a", lease, 0);
            assert!(covered(&dealings, ends - 1) && !covered(&dealings, ends), "{lease}");
            assert_eq!(step(&mut dealings, "b", 0), Step::Wait(at(renews)), "{lease}");
        }
        let mut dealings = Dealings::default();
        step(&mut dealings, "a", 0);
        grant(&mut dealings, "a", "1", 0);
        assert!(!covered(&dealings, 1), "a second is a second");
        let half = at(0) + SignedDuration::from_mins(30);
        let soon = advance(&mut dealings, Some(BASE), &fresh("b"), at(0) + SignedDuration::from_mins(1), 0.0);
        assert_eq!((soon, dealings.callbacks.len()), (Step::Wait(half), 0), "and no hurry");
    }

    #[test]
    fn another_address_of_ours_makes_it_anew() {
        let mut dealings = Dealings::default();
        step(&mut dealings, "a", 0);
        grant(&mut dealings, "a", "864000", 0);
        let moved =
            |dealings: &mut Dealings, name| advance(dealings, Some("https://other.example"), &fresh(name), at(1), 0.0);
        assert_eq!(subscribes(&moved(&mut dealings, "b")), "b");
        let there = |dealings: &Dealings| cover(SubscriptionId(1), dealings, "https://other.example", at(0), at(1));
        assert_eq!(there(&dealings), None);
        grant(&mut dealings, "b", "864000", 1);
        assert!(there(&dealings).is_some());
        let Step::Unsubscribe(old) = moved(&mut dealings, "c") else { panic!("the old one stays") };
        assert_eq!(old.base, BASE);
    }

    #[test]
    fn what_is_not_wanted_is_left_and_then_forgotten() {
        let mut dealings = Dealings::default();
        step(&mut dealings, "a", 0);
        grant(&mut dealings, "a", "864000", 0);
        let unwanted = |dealings: &mut Dealings, hours| advance(dealings, None, &fresh("x"), at(hours), 0.0);
        assert!(matches!(unwanted(&mut dealings, 1), Step::Unsubscribe(_)));
        assert_eq!(unwanted(&mut dealings, 1), Step::Wait(at(25)), "the hub asks whether that is meant");
        let query = format!("hub.mode=unsubscribe&hub.topic={TOPIC}&hub.challenge=bye");
        let left = judge(&mut dealings.clone(), "a", TOPIC, &Question::read(&query).unwrap(), at(2), 0.0);
        assert_eq!(left, Verdict::Echo("bye".to_owned()));
        assert_eq!(unwanted(&mut dealings, 25), Step::Forget, "or not");
        let mut pending = Dealings::default();
        step(&mut pending, "a", 0);
        assert_eq!(unwanted(&mut pending, 0), Step::Forget, "what was never granted need not be taken back");
    }
}
