//! One poll from its first request to its answer, redirects followed.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OwnedSemaphorePermit;
use url::{Host, Url};

use super::answer::{Answer, Failure, Room, Verdict};
use super::fetch::{Fetch, FetchError, Hop, Phase, Reply};
use super::freshness::{Floor, later, retry_after};
use super::guard::is_public;
use super::host::{Hosts, asked_scope};
use super::redirect::{Kind, RedirectFault, follow, kind, wait_words};
use super::request::{Caller, Target, Wants, headers};
use super::robots::{Known, Rules, Sites};
use super::validators::{ask_something, given_by};
use super::walk::Walk;
use super::way::Way;
use super::weather::{Outage, Weather};
use crate::chance::Chance;
use crate::clock::{Clock, steady};
use crate::item::{FeedId, FeedIdentity, FeedMemory, HostHold, Key, SiteRules};

/// What holds for all feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For a whole poll, redirects included; waiting for a host's turn does not count.
    pub timeout: SignedDuration,
    /// Of a document in bytes, as it comes and after decoding.
    pub max_size: u64,
    /// Requests at a time to one host; at least one.
    pub per_host: usize,
    /// Between the starts of two requests to one host.
    pub per_host_interval: SignedDuration,
    /// Requests at a time to all hosts; at least one.
    pub concurrency: usize,
    /// Whom to write to about our requests: an address or a URL, for `User-Agent`.
    pub contact: Option<String>,
    /// How hubs are reached.
    pub way: Way,
}

/// Asks for feeds. One instance serves the whole process: it knows which hosts are busy.
///
/// Polls may be started all at once: each waits for its host's turn, and only then for one of the requests that all hosts
/// share.
pub struct Poller {
    pub(super) fetch: Arc<dyn Fetch>,
    pub(super) clock: Arc<dyn Clock>,
    chance: Arc<Chance>,
    pub(super) hosts: Hosts,
    weather: Arc<Weather>,
    sites: Sites,
    pub(super) shared: RwLock<Arc<Shared>>,
}

pub(super) struct Shared {
    pub(super) limits: Limits,
    pub(super) caller: Caller,
}

impl Shared {
    fn new(limits: Limits) -> Arc<Self> {
        let caller = Caller::new(limits.contact.as_deref());
        Arc::new(Self { limits, caller })
    }
}

/// Why a request had no answer.
enum Stop {
    Held(Timestamp),
    Failed(FetchError),
    /// The site does not let us ask.
    Barred(Failure),
}

/// What a redirect comes to.
enum Turn {
    To(Url),
    Later(Floor),
    Never(Failure),
    /// It has been waited for one redirect already.
    Enough(Floor, Failure),
}

/// Polls that were held by a host come back within so long after it may be asked again, or within as long as they were held.
const HELD_WITHIN: SignedDuration = SignedDuration::from_mins(5);

impl Poller {
    /// A poller that knows nothing of any host yet.
    pub fn new(fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>, chance: Arc<Chance>, limits: Limits) -> Self {
        let (hosts, weather, sites) = (Hosts::new(&limits), Arc::default(), Sites::default());
        Self { fetch, clock, chance, hosts, weather, sites, shared: RwLock::new(Shared::new(limits)) }
    }

    /// Limits for all requests from now on.
    pub fn set_limits(&self, limits: Limits) {
        self.hosts.set_limits(&limits);
        *self.shared.write().unwrap_or_else(PoisonError::into_inner) = Shared::new(limits);
    }

    /// Takes in the holds that answers gave before a restart.
    pub fn hold(&self, holds: Vec<HostHold>) {
        self.hosts.restore(holds);
    }

    /// The clock was set back by so much: nobody is left alone for longer because of that.
    pub fn wind_back(&self, by: SignedDuration) {
        self.hosts.wind_back(by);
        self.weather.wind_back(by);
    }

    /// Whether our own connection is down, as far as is known.
    pub fn outage(&self, now: Timestamp) -> Option<Outage> {
        self.weather.outage(now)
    }

    /// So many polls will begin in the next seconds.
    pub fn expect(&self, polls: usize) {
        self.weather.expect(polls);
    }

    /// Takes in what sites allowed robots before a restart.
    pub fn know(&self, rules: Vec<SiteRules>) {
        self.sites.restore(rules);
    }

    /// Asks for the page behind an item once, as far as the sites on the way allow robots to.
    pub async fn page(&self, target: &Target) -> Answer {
        self.poll(target, &stranger(target)).await
    }

    /// Asks for the feed once: conditionally, where the URL gave validators; along its redirects; not at all, where its host
    /// wants to be left alone.
    pub async fn poll(&self, target: &Target, memory: &FeedMemory) -> Answer {
        let shared = Arc::clone(&self.shared.read().unwrap_or_else(PoisonError::into_inner));
        let mut walk = Walk::begin(target, memory, shared.limits.timeout);
        let begun = self.clock.now();
        // What stands beside us can be reached, or not, whatever becomes of our connection to the rest of the world.
        let far = walk.url.has_host() && !is_near(&walk.url);
        if let Some(outage) = self.weather.outage(begun).filter(|outage| outage.until > begun && far) {
            return walk.paused(begun, outage.resume(begun, self.chance.unit()));
        }
        let under_way = self.weather.begin(walk.url.host_str().unwrap_or_default());
        loop {
            let asked = match self.permitted(&mut walk).await {
                Ok(()) => self.ask(&mut walk, &shared).await,
                Err(stop) => Err(stop),
            };
            let (reply, room) = match asked {
                Ok(asked) => asked,
                Err(Stop::Barred(failure)) => return walk.failed(self.clock.now(), None, failure),
                Err(Stop::Held(until)) => {
                    let now = self.clock.now();
                    // All that were held come back at this time, but not all at once.
                    let within = HELD_WITHIN.min(until.duration_since(now));
                    return walk.held(now, later(until, within.mul_f64(self.chance.unit())));
                }
                Err(Stop::Failed(error)) => {
                    if far && is_unreachable(&error) {
                        let evidence = memory.failures == 0 && memory.last_success.is_some();
                        let now = self.clock.now();
                        if let Some(outage) = self.weather.failed(under_way, evidence, now).await {
                            return walk.paused(now, outage.resume(now, self.chance.unit()));
                        }
                    }
                    let via = walk.via(None);
                    return walk.failed(self.clock.now(), None, Failure::Fetch { error, via });
                }
            };
            let now = self.clock.now();
            walk.wire_bytes += reply.wire_bytes;
            if walk.url.has_host() && !is_near(&walk.url) {
                self.weather.answered(&under_way, now);
            }
            if let Some(kind) = kind(reply.status) {
                match self.turn(&walk, &reply, now) {
                    Turn::To(url) => walk.go(url, kind == Kind::Permanent),
                    Turn::Later(floor) => return walk.redirected_later(now, reply.status, floor),
                    Turn::Never(failure) => return walk.failed(now, Some(reply.status), failure),
                    Turn::Enough(floor, failure) => return walk.tired(now, reply.status, floor, failure),
                }
            } else if !walk.try_moved(reply.status) {
                let mut answer = walk.answered(now, reply, self.chance.unit());
                answer.room = Some(Room::new(room));
                answer.holds.iter().for_each(|hold| self.hosts.hold(hold, now));
                return answer;
            }
        }
    }

    /// Whether the site that the walk has come to lets robots have the page. A feed is there for them.
    async fn permitted(&self, walk: &mut Walk<'_>) -> Result<(), Stop> {
        if walk.target.wants != Wants::Page {
            return Ok(());
        }
        let name = Sites::name(&walk.url);
        let site = self.sites.site(&name);
        let mut known = site.lock().await;
        if !known.as_ref().is_some_and(|known| known.is_fresh(self.clock.now())) {
            let rules = self.rules(walk).await?;
            let fresh = known.insert(Known::new(rules, self.clock.now()));
            walk.rules.push(fresh.remembered(&name));
        }
        match known.as_ref() {
            Some(known) if !known.rules.allow(&walk.url) => {
                Err(Stop::Barred(Failure::Disallowed { via: walk.via(None) }))
            }
            _ => Ok(()),
        }
    }

    /// Asks a site what it allows robots. A file that is not there allows everything; a site that cannot say, nothing.
    async fn rules(&self, walk: &mut Walk<'_>) -> Result<Rules, Stop> {
        let mut url = walk.url.clone();
        url.set_path("/robots.txt");
        url.set_query(None);
        let target = Target { wants: Wants::Rules, ..walk.target.page(url) };
        let memory = stranger(&target);
        let answer = Box::pin(self.poll(&target, &memory)).await;
        answer.holds.into_iter().for_each(|hold| walk.just_asked(hold));
        let why = match answer.verdict {
            Verdict::Document { body, complete: true, .. } => return Ok(Rules::read(&body)),
            Verdict::Document { .. } => "the answer broke off".to_owned(),
            Verdict::NotYet(until) => return Err(Stop::Held(until)),
            // An address that may not be asked may not be asked for its page either.
            Verdict::Failed(why @ Failure::Fetch { .. }) if why.is_final() => return Err(Stop::Barred(why)),
            Verdict::Failed(why @ (Failure::Status { status: 429 | 500.., .. } | Failure::Fetch { .. })) => {
                why.to_string()
            }
            Verdict::Gone | Verdict::Unchanged | Verdict::Failed(_) => return Ok(Rules::default()),
        };
        Err(Stop::Barred(Failure::NoRules { why, via: walk.via(None) }))
    }

    /// One exchange with the URL that the walk has come to, and its share of the requests to all hosts.
    async fn ask(&self, walk: &mut Walk<'_>, shared: &Shared) -> Result<(Reply, OwnedSemaphorePermit), Stop> {
        let free = |url: &Url| match self.hosts.held(url, self.clock.now()) {
            Some(until) => Err(Stop::Held(until)),
            None => Ok(()),
        };
        free(&walk.url)?;
        let slot = self.hosts.slot(&walk.url, &*self.clock).await;
        // Somebody else may have been told to leave this host alone while this poll waited for its turn.
        free(&walk.url)?;
        let validators = given_by(&walk.memory.validators, walk.url.as_str());
        walk.conditional = ask_something(validators);
        let hop = Hop {
            url: walk.url.clone(),
            headers: headers(walk.target, &walk.url, validators, &walk.memory.habits, &shared.caller),
            form: None,
            allow_private: walk.target.allow_private,
            way: walk.target.way_to(&walk.url),
            timeout: walk.time_left,
            max_size: shared.limits.max_size,
            program: walk.target.program.clone(),
        };
        let started = steady();
        let reply = self.fetch.exchange(hop).await;
        walk.spend(started.elapsed());
        let now = self.clock.now();
        if let Some(until) = slot.next_start.filter(|until| *until > now) {
            walk.just_asked(HostHold { scope: asked_scope(&walk.url), until });
        }
        reply.map(|reply| (reply, slot.everywhere)).map_err(Stop::Failed)
    }

    /// Where a redirect leads: on, back later, or nowhere.
    fn turn(&self, walk: &Walk<'_>, reply: &Reply, now: Timestamp) -> Turn {
        if let Some(Floor { until, .. }) = retry_after(&reply.headers, now) {
            let floor = Floor { until, why: wait_words(&walk.url) };
            let memory = walk.memory;
            match memory.redirect_wait.as_deref() {
                // Of a page nothing is remembered but here.
                _ if walk.target.wants != Wants::Feed => {
                    if !self.hosts.waited(&walk.url, until, now) {
                        return Turn::Later(floor);
                    }
                }
                None => return Turn::Later(floor),
                Some(url) if url == walk.url.as_str() => {
                    if memory.not_before.is_some_and(|until| until > now) {
                        return Turn::Later(floor);
                    }
                }
                // Else a server could have itself asked as often as it likes, without a failure.
                Some(_) => {
                    let via = walk.via(None);
                    return Turn::Enough(floor, Failure::Redirect { fault: RedirectFault::Waits, via });
                }
            }
        }
        match follow(&walk.url, &reply.headers, &walk.chain) {
            Ok(url) => Turn::To(url),
            Err((fault, to)) => Turn::Never(Failure::Redirect { fault, via: walk.via(to) }),
        }
    }
}

/// Nobody was reached, so that the fault may be anywhere between here and there.
fn is_unreachable(error: &FetchError) -> bool {
    match error {
        FetchError::Name { .. } | FetchError::Connect { .. } | FetchError::Proxy { .. } => true,
        FetchError::Timeout { phase, .. } => *phase != Phase::Body,
        _ => false,
    }
}

/// Whether a URL leads to this machine or to its neighbours, as far as that can be seen without asking for the name.
fn is_near(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => !is_public(address.into()),
        Some(Host::Ipv6(address)) => !is_public(address.into()),
        // RFC 6761 §6.3, RFC 6762 §3, RFC 8375 §3; and what has no dot is no name of the Internet.
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            let last = name.rsplit('.').next().unwrap_or_default();
            last == name || matches!(last, "localhost" | "local" | "internal" | "lan") || name.ends_with(".home.arpa")
        }
        None => false,
    }
}

/// Of whom nothing is remembered, because nothing is asked twice.
fn stranger(target: &Target) -> FeedMemory {
    let url = target.url.to_string();
    FeedMemory::fresh(FeedId(0), Key::of(&[&url]), &FeedIdentity { name: url.clone(), url })
}
