//! Per host: how many requests at once, how soon again, and who asked to be left alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::{Host as UrlHost, Url};

use super::Limits;
use super::freshness::later;
use crate::clock::Clock;
use crate::item::HostHold;

/// When more entries than this are known, those that no longer matter are forgotten.
const TIDY_ABOVE: usize = 1024;

/// When a list is looked through for what no longer matters: not before it is twice as long as what mattered the last time,
/// so that each entry costs the same however many there are.
#[derive(Debug)]
struct Tidy(usize);

impl Tidy {
    fn is_due(&self, entries: usize) -> bool {
        entries > self.0
    }

    fn done(&mut self, left: usize) {
        self.0 = (2 * left).max(TIDY_ABOVE);
    }
}

/// Everything that is known of hosts, shared by all polls of a process.
#[derive(Debug)]
pub(crate) struct Hosts {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    per_host: usize,
    interval: SignedDuration,
    concurrency: usize,
    everywhere: Arc<Semaphore>,
    hosts: HashMap<String, Host>,
    tidy_hosts: Tidy,
    /// By scope: `host:NAME` or `domain:NAME`.
    holds: HashMap<String, Timestamp>,
    tidy_holds: Tidy,
    /// Redirects of pages that asked to be followed later, by the URL that sent them.
    waits: HashMap<String, Timestamp>,
}

#[derive(Debug, Clone)]
struct Host {
    slots: Arc<Semaphore>,
    next_start: Arc<Mutex<Timestamp>>,
}

/// The right to have one request under way; given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    _host: Option<OwnedSemaphorePermit>,
    /// Its share of the requests to all hosts.
    pub(crate) everywhere: OwnedSemaphorePermit,
    /// Before this the same host may not be asked again.
    pub(crate) next_start: Option<Timestamp>,
}

impl Hosts {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            state: Mutex::new(State {
                per_host: limits.per_host.max(1),
                interval: limits.per_host_interval,
                concurrency: limits.concurrency.max(1),
                everywhere: Arc::new(Semaphore::new(limits.concurrency.max(1))),
                hosts: HashMap::new(),
                tidy_hosts: Tidy(TIDY_ABOVE),
                holds: HashMap::new(),
                tidy_holds: Tidy(TIDY_ABOVE),
                waits: HashMap::new(),
            }),
        }
    }

    /// New limits for requests that have not started; those under way end under the old ones.
    pub(crate) fn set_limits(&self, limits: &Limits) {
        let mut state = self.state();
        state.interval = limits.per_host_interval;
        if state.concurrency != limits.concurrency.max(1) {
            state.concurrency = limits.concurrency.max(1);
            state.everywhere = Arc::new(Semaphore::new(state.concurrency));
        }
        if state.per_host != limits.per_host.max(1) {
            state.per_host = limits.per_host.max(1);
            let per_host = state.per_host;
            for host in state.hosts.values_mut() {
                host.slots = Arc::new(Semaphore::new(per_host));
            }
        }
    }

    /// Takes in what was held before a restart.
    pub(crate) fn restore(&self, holds: Vec<HostHold>) {
        let mut state = self.state();
        for hold in holds {
            if let Some(name) = hold.scope.strip_prefix(ASKED) {
                *locked(&state.host(name).next_start) = hold.until;
            }
            state.hold(&hold);
        }
    }

    /// The clock was set back by so much, and with it what was planned by it.
    pub(crate) fn wind_back(&self, by: SignedDuration) {
        let mut state = self.state();
        let State { holds, waits, .. } = &mut *state;
        for until in holds.values_mut().chain(waits.values_mut()) {
            *until = until.saturating_sub(by).unwrap_or(Timestamp::MIN);
        }
    }

    /// Until when the host of `url`, or its registrable domain, wants to be left alone.
    pub(crate) fn held(&self, url: &Url, now: Timestamp) -> Option<Timestamp> {
        let state = self.state();
        if state.holds.is_empty() {
            return None;
        }
        let scopes = [host_scope(url), domain_scope(url)];
        scopes.iter().filter_map(|scope| state.holds.get(scope)).max().copied().filter(|until| *until > now)
    }

    /// Leaves a scope alone from now on; a longer hold stays.
    pub(crate) fn hold(&self, hold: &HostHold, now: Timestamp) {
        let mut state = self.state();
        if state.tidy_holds.is_due(state.holds.len()) {
            state.holds.retain(|_, until| *until > now);
            let left = state.holds.len();
            state.tidy_holds.done(left);
        }
        state.hold(hold);
    }

    /// Whether the redirect that `url` sends has been waited for as it asked. When it has not, the wait begins now.
    pub(crate) fn waited(&self, url: &Url, until: Timestamp, now: Timestamp) -> bool {
        let mut state = self.state();
        if state.waits.len() > TIDY_ABOVE {
            // Whoever has not come back a day after its time will not.
            state.waits.retain(|_, until| later(*until, SignedDuration::from_hours(24)) > now);
            if state.waits.len() > TIDY_ABOVE {
                // Nothing is lost but that some of them wait once more.
                state.waits.clear();
            }
        }
        if state.waits.get(url.as_str()).is_some_and(|until| *until <= now) {
            state.waits.remove(url.as_str());
            return true;
        }
        state.waits.insert(url.to_string(), until);
        false
    }

    /// Waits for the host's slot, then for its interval, and only then for a slot among all requests, so that a slow host
    /// keeps nobody else waiting. A file has no host.
    pub(crate) async fn slot(&self, url: &Url, clock: &dyn Clock) -> Slot {
        let host = url.host().map(|_| self.state().known(&host_name(url), clock.now()));
        let Some(host) = host else {
            return Slot { _host: None, everywhere: self.anywhere().await, next_start: None };
        };
        let slot = permit(host.slots).await;
        loop {
            let interval = self.state().interval;
            let now = clock.now();
            let next = *locked(&host.next_start);
            // Further ahead than one interval it can only be when the clock was set back.
            if next > now && next <= later(now, interval) {
                wait(clock, now, next).await;
                continue;
            }
            let everywhere = self.anywhere().await;
            let now = clock.now();
            let mut next_start = locked(&host.next_start);
            if *next_start == next || *next_start <= now {
                *next_start = later(now, interval);
                let next_start = Some(*next_start);
                return Slot { _host: Some(slot), everywhere, next_start };
            }
            // Another request to this host started while this one waited for the others.
        }
    }

    async fn anywhere(&self) -> OwnedSemaphorePermit {
        let everywhere = Arc::clone(&self.state().everywhere);
        permit(everywhere).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

impl State {
    fn host(&mut self, name: &str) -> Host {
        if let Some(host) = self.hosts.get(name) {
            return host.clone();
        }
        let slots = Arc::new(Semaphore::new(self.per_host));
        let host = Host { slots, next_start: Arc::new(Mutex::new(Timestamp::MIN)) };
        self.hosts.insert(name.to_owned(), host.clone());
        host
    }

    /// The same, forgetting hosts that were not asked for a while when there are many.
    fn known(&mut self, name: &str, now: Timestamp) -> Host {
        if self.tidy_hosts.is_due(self.hosts.len()) {
            self.hosts.retain(|_, host| Arc::strong_count(&host.next_start) > 1 || *locked(&host.next_start) > now);
            self.tidy_hosts.done(self.hosts.len());
        }
        self.host(name)
    }

    /// That a host was just asked is known to its slots already.
    fn hold(&mut self, hold: &HostHold) {
        if hold.scope.starts_with(ASKED) {
            return;
        }
        let until = self.holds.entry(hold.scope.clone()).or_insert(hold.until);
        *until = hold.until.max(*until);
    }
}

/// Prefix of the scope that says when a host may be asked again because it was just asked.
const ASKED: &str = "asked:";

/// The scope of a host alone.
pub(crate) fn host_scope(url: &Url) -> String {
    format!("host:{}", host_name(url))
}

/// The scope of everything under one registrable domain (publicsuffix.org), or of the address where there is no name.
pub(crate) fn domain_scope(url: &Url) -> String {
    let name = host_name(url);
    let domain = match url.host() {
        Some(UrlHost::Domain(_)) => psl::domain_str(&name).unwrap_or(&name),
        _ => &name,
    };
    format!("domain:{domain}")
}

/// The scope of a host that was just asked.
pub(crate) fn asked_scope(url: &Url) -> String {
    format!("{ASKED}{}", host_name(url))
}

/// In lower case, without the dot of a name that is written in full, whatever the port.
fn host_name(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_end_matches('.').to_owned()
}

/// Until `at` by the clock, but no longer than it should take: a clock that is set back meanwhile delays nobody.
async fn wait(clock: &dyn Clock, now: Timestamp, at: Timestamp) {
    let at_most = Duration::try_from(at.duration_since(now)).unwrap_or_default();
    tokio::select! {
        () = clock.sleep_until(at) => {}
        () = tokio::time::sleep(at_most) => {}
    }
}

async fn permit(semaphore: Arc<Semaphore>) -> OwnedSemaphorePermit {
    semaphore.acquire_owned().await.expect("these semaphores are never closed")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
