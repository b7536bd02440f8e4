//! Whether it is the others who fail, or our own connection.
//!
//! One host that cannot be reached is that host's affair. Where hosts that answered before fail one after the other, and
//! hardly anybody answers in between, the fault lies here: no feed is blamed for it, and nobody is asked until somebody
//! answers again.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::freshness::later;

/// So many hosts must fail,
const HOSTS_MIN: usize = 10;

/// nine of ten that were asked,
const FAILING_TENTHS: usize = 9;

/// within so long: a few dozen feeds that are asked once an hour are asked one a minute.
const WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// A failure waits so long for those under way to bear it out or not.
const DOUBT: Duration = Duration::from_secs(20);

/// It looks at them first after so long, as those that are about to begin do not show yet,
const FIRST_LOOK: Duration = Duration::from_millis(10);

/// and then so often.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Nobody is asked for so long; doubled each time that nobody answered after it,
const PAUSE_MIN: SignedDuration = SignedDuration::from_mins(1);

/// up to this.
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(15);

/// After a pause everybody is asked once within so long, before the next one begins: who fails first then must not keep those
/// waiting who would answer.
const RESUME_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// Where so many answer after a failure, the failure is not ours.
const ANSWERED: usize = 3;

/// So many of the hosts that were asked last tell.
const SEEN_MAX: usize = 100;

/// What is known of our own connection, shared by all polls.
#[derive(Debug, Default)]
pub(super) struct Weather {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How hosts were found, the newest last.
    seen: VecDeque<(Timestamp, String, bool)>,
    /// Polls under way, by host.
    under_way: HashMap<String, usize>,
    /// Polls that will begin soon.
    expected: usize,
    outage: Option<Outage>,
}

/// Our own connection is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// When that was noticed.
    pub since: Timestamp,
    /// Nobody is asked until then; after that, everybody once.
    pub until: Timestamp,
    pause: SignedDuration,
}

impl Outage {
    /// When a poll comes back that is not made now, or has failed now. `unit` in `0.0..1.0` spreads them.
    pub(super) fn resume(&self, now: Timestamp, unit: f64) -> Timestamp {
        let until = if self.until > now { self.until } else { self.again().until };
        later(until, RESUME_WITHIN.mul_f64(unit))
    }

    /// The next pause, if nobody answers after this one.
    fn again(&self) -> Self {
        let pause = self.pause.saturating_mul(2).min(PAUSE_MAX);
        Self { pause, until: later(later(self.until, RESUME_WITHIN), pause), ..*self }
    }

    fn at(self, now: Timestamp) -> Self {
        let mut outage = self;
        while later(outage.until, RESUME_WITHIN) <= now {
            outage = outage.again();
        }
        outage
    }
}

/// A poll under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    weather: Arc<Weather>,
    host: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.weather.state();
        if let Some(count) = state.under_way.get_mut(&self.host) {
            *count -= 1;
            if *count == 0 {
                state.under_way.remove(&self.host);
            }
        }
    }
}

impl Weather {
    /// A poll of this host begins.
    pub(super) fn begin(self: &Arc<Self>, host: &str) -> UnderWay {
        *self.state().under_way.entry(host.to_owned()).or_default() += 1;
        UnderWay { weather: Arc::clone(self), host: host.to_owned() }
    }

    /// So many polls will begin soon.
    pub(super) fn expect(&self, polls: usize) {
        self.state().expected = polls;
    }

    /// The outage, if there is one.
    pub(super) fn outage(&self, now: Timestamp) -> Option<Outage> {
        let mut state = self.state();
        state.outage = state.outage.map(|outage| outage.at(now));
        state.outage
    }

    /// The clock was set back by so much.
    pub(super) fn wind_back(&self, by: SignedDuration) {
        let mut state = self.state();
        let back = |at: Timestamp| at.saturating_sub(by).unwrap_or(Timestamp::MIN);
        state.outage =
            state.outage.map(|outage| Outage { since: back(outage.since), until: back(outage.until), ..outage });
        for (at, ..) in &mut state.seen {
            *at = back(*at);
        }
    }

    /// Somebody answered, whatever it was.
    pub(super) fn answered(&self, poll: &UnderWay, now: Timestamp) {
        let mut state = self.state();
        state.note(now, &poll.host, true);
        if let Some(outage) = state.outage.take() {
            tracing::info!(since = %outage.since, "hosts can be reached again; polling goes on");
        }
    }

    /// A host could not be reached. `evidence`: it could be at the poll before. The outage, where it is our own connection
    /// that failed; until that is known, it waits for the polls that are under way.
    pub(super) async fn failed(&self, poll: UnderWay, evidence: bool, now: Timestamp) -> Option<Outage> {
        if evidence {
            self.state().note(now, &poll.host, false);
        }
        drop(poll);
        let mut looked = false;
        let judged = async {
            loop {
                let judgement = self.state().judge(now);
                match judgement {
                    Judgement::Ours(outage) => return Some(outage),
                    // One that never answered proves nothing, and need not wait for those that do.
                    _ if !evidence => return None,
                    Judgement::Theirs if looked => return None,
                    _ => tokio::time::sleep(if looked { LOOK_AGAIN } else { FIRST_LOOK }).await,
                }
                looked = true;
            }
        };
        tokio::time::timeout(DOUBT, judged).await.unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Judgement {
    Ours(Outage),
    Theirs,
    Open,
}

impl State {
    fn note(&mut self, now: Timestamp, host: &str, fine: bool) {
        // The newest word about a host is the one that counts.
        self.seen.retain(|(at, seen, _)| seen != host && now.duration_since(*at) <= WITHIN);
        self.seen.push_back((now, host.to_owned(), fine));
        self.seen.drain(..self.seen.len().saturating_sub(SEEN_MAX));
    }

    fn judge(&mut self, now: Timestamp) -> Judgement {
        if let Some(outage) = self.outage.map(|outage| outage.at(now)) {
            self.outage = Some(outage);
            return Judgement::Ours(outage);
        }
        let (failing, asked) = self.failing();
        if failing >= HOSTS_MIN {
            let outage = Outage { since: now, until: later(now, PAUSE_MIN), pause: PAUSE_MIN };
            tracing::warn!(hosts = failing, of = asked, "hardly any host can be reached; polling pauses");
            self.outage = Some(outage);
            return Judgement::Ours(outage);
        }
        let answered = self.seen.iter().rev().take_while(|(at, ..)| *at > now).filter(|(.., fine)| *fine).count();
        if answered >= ANSWERED {
            return Judgement::Theirs;
        }
        let known: HashSet<&String> = self.seen.iter().map(|(_, host, _)| host).collect();
        let unknown = self.under_way.keys().filter(|host| !known.contains(host)).take(HOSTS_MIN).count();
        if failing + unknown + self.expected >= HOSTS_MIN { Judgement::Open } else { Judgement::Theirs }
    }

    /// Hosts that failed lately, and all that were asked in the same time: of all times that end now the one in which most
    /// failed, where that was nine of ten.
    fn failing(&self) -> (usize, usize) {
        let (mut failed, mut most) = (0, (0, 0));
        for (asked, (.., fine)) in (1..).zip(self.seen.iter().rev()) {
            failed += usize::from(!fine);
            if failed * 10 >= asked * FAILING_TENTHS {
                most = (failed, asked);
            }
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn weather(seen: &[(i64, &str, bool)]) -> Weather {
        let weather = Weather::default();
        for (second, host, fine) in seen {
            weather.state().note(at(*second), host, *fine);
        }
        weather
    }

    fn hosts(count: usize) -> Vec<String> {
        (0..count).map(|host| format!("host{host}")).collect()
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "there is no tracker here, and every task is waited for")]
    async fn ten_hosts_that_fail_at_once_are_our_own_fault() {
        let weather = Arc::new(weather(&[]));
        let polls: Vec<UnderWay> = hosts(10).iter().map(|host| weather.begin(host)).collect();
        let judged: Vec<_> = polls
            .into_iter()
            .map(|poll| {
                let weather = Arc::clone(&weather);
                tokio::spawn(async move { weather.failed(poll, true, at(0)).await })
            })
            .collect();
        for outage in judged {
            assert_eq!(outage.await.unwrap().map(|outage| outage.until), Some(at(60)));
        }
        // After the pause all of them have their turn before there is another one, twice as long.
        for (second, until, resumes) in [(61, 60, 480), (359, 60, 480), (361, 480, 480), (481, 480, 1020)] {
            let again = weather.begin("host3");
            let outage = weather.failed(again, true, at(second)).await.unwrap();
            assert_eq!((outage.until, outage.resume(at(second), 0.0)), (at(until), at(resumes)), "{second}");
            assert_eq!(outage.resume(at(second), 0.5), at(resumes + 150), "{second}");
        }
        assert_eq!(weather.outage(at(100_000)).map(|outage| outage.pause), Some(PAUSE_MAX));
        let fine = weather.begin("host4");
        weather.answered(&fine, at(100_001));
        assert_eq!(weather.outage(at(100_001)), None);
    }

    #[tokio::test]
    async fn one_that_fails_alone_is_not() {
        let weather = Arc::new(weather(&[(0, "a", true), (0, "b", true)]));
        let poll = weather.begin("c");
        assert_eq!(weather.failed(poll, true, at(1)).await, None);
        let dead: Vec<UnderWay> = hosts(12).iter().map(|host| weather.begin(host)).collect();
        for poll in dead {
            assert_eq!(weather.failed(poll, false, at(2)).await, None, "feeds that never answered prove nothing");
        }
    }

    #[test]
    fn who_answers_in_between_counts_and_who_answered_before_does_not() {
        let failing = |fine_after: i64| {
            let mut seen: Vec<(i64, String, bool)> = (0..40).map(|n| (n, format!("good{n}"), true)).collect();
            seen.extend(hosts(10).into_iter().map(|host| (50, host, false)));
            seen.extend((0..fine_after).map(|n| (51, format!("late{n}"), true)));
            let seen: Vec<_> = seen.iter().map(|(at, host, fine)| (*at, host.as_str(), *fine)).collect();
            weather(&seen).state().failing().0
        };
        assert_eq!((failing(0), failing(1), failing(2)), (10, 10, 0));
    }
}
