//! A poll on its way along redirects, and what it makes of where it ends.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::answer::{Answer, Failure, Verdict, Via};
use super::fetch::Reply;
use super::freshness::{Floor, Freshness, fresh, later, rate_limit, retry_after, says_rate_limit};
use super::host::{domain_scope, host_scope};
use super::link::{Links, links};
use super::moves::{Sighting, is_upgrade};
use super::request::Target;
use super::schedule::{BACK_OFF_JITTER, back_off};
use super::validators::{Match, after_document, after_not_modified, given_by};
use crate::item::{FeedMemory, HostHold, SiteRules};

/// After a 429 that does not say when to come back (RFC 6585 §4), at least so long; doubled with each failure.
const TOO_MANY_MIN: SignedDuration = SignedDuration::from_hours(1);

/// A 503 that does not say when to come back (RFC 9110 §15.6.4) keeps its host from being asked for so long at most.
const UNAVAILABLE_MAX: SignedDuration = SignedDuration::from_mins(15);

/// A poll under way.
pub(super) struct Walk<'p> {
    pub(super) target: &'p Target,
    pub(super) memory: &'p FeedMemory,
    /// What is asked now.
    pub(super) url: Url,
    /// Every URL that was asked, `url` last.
    pub(super) chain: Vec<String>,
    /// Whether the request for `url` carries a condition.
    pub(super) conditional: bool,
    /// Of the limit for the whole poll.
    pub(super) time_left: SignedDuration,
    /// Of all bodies so far.
    pub(super) wire_bytes: u64,
    /// What sites allow robots, asked on the way.
    pub(super) rules: Vec<SiteRules>,
    from: Start,
    /// Whether all redirects so far were permanent.
    permanent: bool,
    holds: Vec<HostHold>,
}

/// Where a poll began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// At the URL of the config.
    Configured,
    /// At the address that the feed has moved to.
    Adopted,
    /// At the URL of the config, which answered 404 or 410, and then at the address to which it used to redirect.
    Gone(u16),
}

impl<'p> Walk<'p> {
    pub(super) fn begin(target: &'p Target, memory: &'p FeedMemory, timeout: SignedDuration) -> Self {
        // The config stays the authority: while the new address fails, every other poll begins at the old one.
        let sound = memory.failures.is_multiple_of(2);
        let adopted = memory.moved.as_ref().filter(|known| known.adopted && sound);
        let adopted = adopted.and_then(|known| web_url(&known.to));
        let from = if adopted.is_some() { Start::Adopted } else { Start::Configured };
        let mut url = adopted.unwrap_or_else(|| target.url.clone());
        url.set_fragment(None);
        Self {
            target,
            memory,
            chain: vec![url.to_string()],
            url,
            conditional: false,
            time_left: timeout,
            wire_bytes: 0,
            rules: Vec::new(),
            from,
            permanent: true,
            holds: Vec::new(),
        }
    }

    /// Goes where a redirect leads.
    pub(super) fn go(&mut self, url: Url, permanent: bool) {
        self.permanent &= permanent;
        self.chain.push(url.to_string());
        self.url = url;
    }

    /// Where the URL of the config is gone (`status` 404 or 410) and used to redirect permanently, goes to the address that
    /// it redirected to. `false` where there is nothing to go to.
    pub(super) fn try_moved(&mut self, status: u16) -> bool {
        if !matches!(status, 404 | 410) || self.chain.len() > 1 || self.from != Start::Configured {
            return false;
        }
        let Some(to) = self.memory.moved.as_ref().and_then(|known| web_url(&known.to)) else { return false };
        if self.chain.iter().any(|asked| asked == to.as_str()) {
            return false;
        }
        self.from = Start::Gone(status);
        self.go(to, true);
        true
    }

    /// Takes the time of an exchange off what is left.
    pub(super) fn spend(&mut self, took: Duration) {
        let took = SignedDuration::try_from(took).unwrap_or(SignedDuration::MAX);
        self.time_left = self.time_left.saturating_sub(took).max(SignedDuration::ZERO);
    }

    /// Notes when a host may be asked again; of several notes about one host the last counts.
    pub(super) fn just_asked(&mut self, hold: HostHold) {
        self.holds.retain(|known| known.scope != hold.scope);
        self.holds.push(hold);
    }

    /// The chain so far, and where it would have gone on.
    pub(super) fn via(&self, to: Option<String>) -> Via {
        Via(self.chain.iter().cloned().chain(to).collect())
    }

    /// A host on the way wants to be left alone.
    pub(super) fn held(self, at: Timestamp, until: Timestamp) -> Answer {
        let why = format!("{} asked to be left alone until then", self.url.host_str().unwrap_or("the host"));
        let freshness = Freshness { fresh: None, retry: Some(Floor { until, why }) };
        Answer { freshness, ..self.answer(at, None, Verdict::NotYet(until)) }
    }

    /// Our own connection is down.
    pub(super) fn paused(self, at: Timestamp, until: Timestamp) -> Answer {
        let why = "hardly any host can be reached from here; polling pauses".to_owned();
        let freshness = Freshness { fresh: None, retry: Some(Floor { until, why }) };
        Answer { freshness, ..self.answer(at, None, Verdict::NotYet(until)) }
    }

    /// A redirect wants to be followed later (RFC 9110 §10.2.3).
    pub(super) fn redirected_later(self, at: Timestamp, status: u16, floor: Floor) -> Answer {
        let verdict = Verdict::NotYet(floor.until);
        Answer { freshness: Freshness { fresh: None, retry: Some(floor) }, ..self.answer(at, Some(status), verdict) }
    }

    /// One redirect was waited for already, and another one wants to be followed later: that is a failure, which is backed off
    /// from, and no sooner than it asks for.
    pub(super) fn tired(self, at: Timestamp, status: u16, floor: Floor, failure: Failure) -> Answer {
        let freshness = Freshness { fresh: Some(floor), retry: None };
        Answer { freshness, ..self.failed(at, Some(status), failure) }
    }

    /// There is no answer that ends the walk.
    pub(super) fn failed(self, at: Timestamp, status: Option<u16>, failure: Failure) -> Answer {
        self.answer(at, status, Verdict::Failed(failure))
    }

    /// The walk has ended with an answer that is no redirect. `unit` in `0.0..1.0` is the jitter of what has to be guessed.
    pub(super) fn answered(mut self, at: Timestamp, reply: Reply, unit: f64) -> Answer {
        let status = reply.status;
        let mut freshness = Freshness::default();
        match status {
            200 | 226 | 304 => freshness.fresh = fresh(&reply.headers, at),
            _ => {
                freshness.retry = retry_after(&reply.headers, at).or_else(|| rate_limit(status, &reply.headers, at));
            }
        }
        match status {
            429 => {
                let (own, others) = match &freshness.retry {
                    Some(floor) => (floor.clone(), floor.until),
                    None => self.too_many(at, unit),
                };
                self.holds.push(HostHold { scope: domain_scope(&self.url), until: others });
                freshness.retry = Some(own);
            }
            403 if freshness.retry.is_some() && says_rate_limit(&reply.headers) => self.holds.extend(
                freshness.retry.iter().map(|floor| HostHold { scope: host_scope(&self.url), until: floor.until }),
            ),
            503 => {
                let until = match &freshness.retry {
                    Some(floor) => floor.until,
                    None => self.unavailable(at, unit),
                };
                self.holds.push(HostHold { scope: host_scope(&self.url), until });
            }
            _ => {}
        }
        let (mut validators, mut foreign_304) = (None, false);
        match status {
            226 if !self.is_delta(&reply) => {}
            200 | 226 if reply.complete => {
                let url = self.url.as_str();
                validators = Some(after_document(&self.memory.validators, &self.chain, url, &reply.headers));
            }
            304 if self.conditional => {
                let url = self.url.as_str();
                let (after, found) = after_not_modified(&self.memory.validators, &self.chain, url, &reply.headers);
                (validators, foreign_304) = (Some(after), found == Match::Other);
            }
            _ => {}
        }
        let links = links(&reply.headers, &self.url);
        let verdict = self.verdict(reply);
        let moved = self.sighting(&verdict);
        let answer = self.answer(at, Some(status), verdict);
        Answer {
            freshness,
            moved,
            links,
            foreign_304,
            validators: validators.unwrap_or_else(|| answer.validators.clone()),
            ..answer
        }
    }

    fn verdict(&self, reply: Reply) -> Verdict {
        let via = self.via(None);
        match reply.status {
            226 if !self.is_delta(&reply) => Verdict::Failed(Failure::Delta { via }),
            200 | 226 if reply.body.is_empty() => Verdict::Failed(Failure::Empty { via }),
            403 if reply.headers.get("cf-mitigated").is_some_and(|how| how == "challenge") => {
                Verdict::Failed(Failure::Challenge { via })
            }
            200 | 226 => Verdict::Document {
                delta: reply.status == 226,
                body: reply.body,
                content_type: reply
                    .headers
                    .get(CONTENT_TYPE)
                    .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
                complete: reply.complete,
            },
            304 if self.conditional => Verdict::Unchanged,
            304 => Verdict::Failed(Failure::NotAsked { via }),
            // Only the feed's own address, or what it permanently stands for, can say that the feed is gone.
            410 if self.permanent && matches!(self.from, Start::Configured | Start::Gone(410)) => Verdict::Gone,
            status => Verdict::Failed(Failure::Status { status, via }),
        }
    }

    /// A 226 that was asked for and says that it is what was asked for (RFC 3229 §10.5.2).
    fn is_delta(&self, reply: &Reply) -> bool {
        let says = reply.headers.get_all("im").iter().filter_map(|value| value.to_str().ok());
        let feed = says.flat_map(|value| value.split(',')).any(|name| name.trim().eq_ignore_ascii_case("feed"));
        let asked = given_by(&self.memory.validators, self.url.as_str()).is_some_and(|given| given.etag.is_some());
        feed && asked && !self.memory.habits.no_delta
    }

    fn sighting(&self, verdict: &Verdict) -> Option<Sighting> {
        let went_well = matches!(verdict, Verdict::Document { complete: true, .. } | Verdict::Unchanged);
        let redirected = self.chain.len() > 1;
        let to = self.url.clone();
        match self.from {
            _ if !went_well => None,
            Start::Adopted => {
                let begun = web_url(&self.chain[0])?;
                (redirected && self.permanent && is_upgrade(&begun, &to))
                    .then_some(Sighting::Permanent { to, upgrade: true })
            }
            Start::Gone(_) => Some(Sighting::OldGone { to: web_url(&self.chain[1])? }),
            Start::Configured if redirected && self.permanent => {
                let upgrade = is_upgrade(&self.target.url, &to);
                Some(Sighting::Permanent { to, upgrade })
            }
            Start::Configured => Some(Sighting::Stayed),
        }
    }

    /// After a 429 that does not say when to come back: when to ask this feed, and when others of its domain. A feed that is
    /// asked once a day must not silence its neighbours for two.
    fn too_many(&self, at: Timestamp, unit: f64) -> (Floor, Timestamp) {
        let doubled = |wait| {
            let wait = back_off(wait, self.memory.failures.saturating_add(1));
            later(at, wait.mul_f64(1.0 + BACK_OFF_JITTER * unit))
        };
        let own = TOO_MANY_MIN.max(self.target.every.saturating_mul(2));
        let why = "the server said 429 (too many requests), but not for how long".to_owned();
        (Floor { until: doubled(own), why }, doubled(TOO_MANY_MIN))
    }

    /// After a 503 that does not say for how long: when others of its host may be asked. One page that is out of order must not
    /// silence its neighbours for as long as itself.
    fn unavailable(&self, at: Timestamp, unit: f64) -> Timestamp {
        let own = back_off(self.target.every, self.memory.failures.saturating_add(1));
        later(at, UNAVAILABLE_MAX.min(own).mul_f64(1.0 + BACK_OFF_JITTER * unit))
    }

    /// An answer from which nothing was learned.
    fn answer(self, at: Timestamp, status: Option<u16>, verdict: Verdict) -> Answer {
        Answer {
            at,
            verdict,
            status,
            validators: self.memory.validators.clone(),
            freshness: Freshness::default(),
            rules: self.rules,
            links: Links::default(),
            holds: self.holds,
            moved: None,
            final_url: self.url,
            wire_bytes: self.wire_bytes,
            foreign_304: false,
            unconditional: !self.conditional,
            room: None,
        }
    }
}

/// A remembered address, where it is one that may be asked.
fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}
