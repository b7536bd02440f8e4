//! Whether a hub that calls back speaks of what we asked for (W3C WebSub §5.2, §5.3).

use jiff::{SignedDuration, Timestamp};
use url::form_urlencoded;

use super::fail;
use super::plan::lease;
use crate::item::{Callback, Dealings, Stage, instant};

/// For how long a hub is asked to call, in seconds: ten days.
pub const LEASE_WISH_S: i64 = 864_000;

/// Bytes of a challenge: nobody needs more to be sure.
const CHALLENGE_MAX: usize = 1024;

/// Characters of a reason that are kept.
const REASON_MAX: usize = 200;

/// A hub that did not hear the answer may ask again so soon after it was asked itself.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// What a hub asks or says at a callback.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    mode: String,
    topic: String,
    challenge: String,
    lease_s: Option<i64>,
    reason: String,
}

impl Question {
    /// Reads a query string; `None` where it is no word of a hub.
    pub fn read(query: &str) -> Option<Self> {
        let mut question = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "hub.mode" => question.mode = value.into_owned(),
                "hub.topic" => question.topic = value.into_owned(),
                "hub.challenge" => question.challenge = value.into_owned(),
                "hub.lease_seconds" => question.lease_s = value.trim().parse().ok(),
                "hub.reason" => question.reason = value.into_owned(),
                _ => {}
            }
        }
        (!question.mode.is_empty() && !question.topic.is_empty()).then_some(question)
    }
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, with the hub's own challenge.
    Echo(String),
    /// It is taken note of.
    Noted,
    /// Nobody asked for that.
    Unasked,
}

/// Answers what a hub says at the callback of this path, and remembers it. `topic` is what the hub was asked for.
pub fn judge(
    dealings: &mut Dealings,
    path: &str,
    topic: &str,
    question: &Question,
    now: Timestamp,
    unit: f64,
) -> Verdict {
    let Some(place) = dealings.callbacks.iter().position(|callback| callback.path == path) else {
        return Verdict::Unasked;
    };
    let fits = (1..=CHALLENGE_MAX).contains(&question.challenge.len());
    let callback = &mut dealings.callbacks[place];
    match question.mode.as_str() {
        _ if question.topic != topic => Verdict::Unasked,
        "subscribe" if fits && awaits(callback, now) => {
            callback.stage = Stage::Verified;
            callback.verified_at.get_or_insert(now.as_millisecond());
            let next = lease(callback, question.lease_s, now, unit);
            (dealings.failures, dealings.next_at) = (0, next);
            dealings.why.clear();
            Verdict::Echo(question.challenge.clone())
        }
        "unsubscribe" if fits && callback.stage == Stage::Leaving => {
            dealings.callbacks.remove(place);
            Verdict::Echo(question.challenge.clone())
        }
        "denied" => {
            let callback = dealings.callbacks.remove(place);
            if callback.stage != Stage::Leaving {
                fail(dealings, denied(&question.reason), true, now, unit);
            }
            Verdict::Noted
        }
        _ => Verdict::Unasked,
    }
}

/// Whether the hub is expected to ask whether it is to call here.
fn awaits(callback: &Callback, now: Timestamp) -> bool {
    let soon = instant(callback.asked_at).is_some_and(|asked| now.duration_since(asked) <= AGAIN);
    callback.stage == Stage::Asked || (callback.stage == Stage::Verified && soon)
}

fn denied(reason: &str) -> String {
    let reason: String = reason.trim().chars().filter(|c| !c.is_control()).take(REASON_MAX).collect();
    if reason.is_empty() {
        "the hub denies the subscription".to_owned()
    } else {
        format!("the hub denies the subscription: {reason}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "https://feeds.example/a?b=c&d";

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + minutes * 60).unwrap()
    }

    fn dealings(stage: Stage) -> Dealings {
        let callback = Callback {
            path: "p".to_owned(),
            secret: "s".to_owned(),
            base: "https://a.example".to_owned(),
            private: false,
            stage,
            asked_at: Some(at(0).as_millisecond()),
            verified_at: None,
            renew_at: None,
            lease_at: Some(at(600).as_millisecond()),
        };
        Dealings { callbacks: vec![callback], ..Dealings::default() }
    }

    fn question(mode: &str, topic: &str, challenge: &str) -> Question {
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("hub.mode", mode)
            .append_pair("hub.topic", topic)
            .append_pair("hub.challenge", challenge)
            .append_pair("hub.reason", "no\nroom")
            .finish();
        Question::read(&query).unwrap()
    }

    fn asks(stage: Stage, path: &str, question: &Question, minutes: i64) -> Verdict {
        judge(&mut dealings(stage), path, TOPIC, question, at(minutes), 0.0)
    }

    #[test]
    fn only_what_was_asked_for_is_confirmed() {
        let (join, leave) = (question("subscribe", TOPIC, "x y"), question("unsubscribe", TOPIC, "z"));
        assert_eq!(asks(Stage::Asked, "p", &join, 5), Verdict::Echo("x y".to_owned()));
        assert_eq!(asks(Stage::Leaving, "p", &leave, 5), Verdict::Echo("z".to_owned()));
        for (stage, path, question) in [
            (Stage::Asked, "other", &join),
            (Stage::Leaving, "p", &join),
            (Stage::Asked, "p", &leave),
            (Stage::Verified, "p", &leave),
            (Stage::Asked, "p", &question("subscribe", "https://feeds.example/a", "x")),
            (Stage::Asked, "p", &question("subscribe", TOPIC, "")),
            (Stage::Asked, "p", &question("subscribe", TOPIC, &"x".repeat(CHALLENGE_MAX + 1))),
            (Stage::Asked, "p", &question("publish", TOPIC, "x")),
        ] {
            assert_eq!(asks(stage, path, question, 5), Verdict::Unasked, "{stage:?} {question:?}");
        }
        assert_eq!(Question::read("hub.mode=subscribe"), None);
        assert_eq!(Question::read(""), None);
    }

    #[test]
    fn an_answer_that_got_lost_is_given_again_for_a_while() {
        let join = question("subscribe", TOPIC, "x");
        assert_eq!(asks(Stage::Verified, "p", &join, 10), Verdict::Echo("x".to_owned()));
        assert_eq!(asks(Stage::Verified, "p", &join, 11), Verdict::Unasked);
    }

    #[test]
    fn a_denial_ends_it_whenever_it_comes() {
        for stage in [Stage::Asked, Stage::Verified] {
            let mut dealings = dealings(stage);
            let verdict = judge(&mut dealings, "p", TOPIC, &question("denied", TOPIC, ""), at(5), 0.0);
            assert_eq!((verdict, dealings.callbacks.len()), (Verdict::Noted, 0));
            assert_eq!(dealings.why, "the hub denies the subscription: noroom");
        }
        let mut kept = dealings(Stage::Verified);
        let other = judge(&mut kept, "p", TOPIC, &question("denied", "https://other.example/", ""), at(5), 0.0);
        assert_eq!((other, kept.callbacks.len()), (Verdict::Unasked, 1));
    }
}
