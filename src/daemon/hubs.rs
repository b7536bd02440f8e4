use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Assembly;
use crate::chance::secret;
use crate::hub::{self, Fresh, Heard, LEASE_WISH_S, Step};
use crate::item::{Callback, Dealings, FeedMemory, Offer, Subscription, SubscriptionId};
use crate::pipeline::subscriber;
use crate::poll::hub::{Form, Request, Response};
use crate::store::{StoreError, Tend};

/// Hubs are looked at no less often than this.
const TURN: SignedDuration = SignedDuration::from_mins(15);

/// After a failure to write.
const AFTER_TROUBLE: SignedDuration = SignedDuration::from_mins(1);

/// Hubs that are being asked at a time.
const UNDER_WAY: usize = 8;

/// Asks the hubs of feeds to tell of their news, and sees to it that they go on, until `stop`. What is under way then is cut
/// off: it is known that the hub was asked, and its answer comes as a call.
pub(super) async fn tend_hubs_forever(daemon: Arc<Assembly>, stop: CancellationToken) {
    let mut asking: JoinSet<()> = JoinSet::new();
    loop {
        let woken = daemon.wake.hubs.notified();
        let now = daemon.clock.now();
        let next = match daemon.tend_hubs(&mut asking, now).await {
            Ok(next) => {
                daemon.trouble.clear("hubs");
                next.clamp(now, now + TURN)
            }
            Err(StoreError::Closed) => return,
            Err(error) => {
                daemon.trouble.fault("hubs", &error);
                now + AFTER_TROUBLE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            Some(done) = asking.join_next(), if !asking.is_empty() => {
                if let Err(panic) = done {
                    tracing::error!(%panic, "asking a hub broke; it counts as silent");
                }
            }
            () = daemon.clock.sleep_until(next) => {}
            () = woken => {}
        }
    }
}

impl Assembly {
    /// Hubs can reach us from now on, through [`Assembly::pages`]; a simulation says so.
    pub fn listen(&self) {
        self.pipeline.listen();
    }

    /// Hubs cannot reach us any more; a simulation says so.
    pub fn stop_listening(&self) {
        self.pipeline.stop_listening();
    }

    /// Asks hubs all that is due, and hears their answers; a simulation calls it again and again.
    pub async fn turn_to_hubs(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut asking = JoinSet::new();
        loop {
            self.tend_hubs(&mut asking, self.clock.now()).await?;
            if asking.is_empty() {
                return Ok(());
            }
            while asking.join_next().await.is_some() {}
        }
    }

    /// Begins what is due, as far as there is room; when there is something to do next.
    async fn tend_hubs(self: &Arc<Self>, asking: &mut JoinSet<()>, now: Timestamp) -> Result<Timestamp, StoreError> {
        let base = self.pipeline.generation().callback_base.clone();
        let wanted = if base.is_some() { self.wanted() } else { BTreeMap::new() };
        let known: BTreeSet<Offer> = self.store.subscriptions().await?.into_iter().map(|known| known.offer).collect();
        let new: Vec<Offer> = wanted.keys().filter(|offer| !known.contains(offer)).cloned().collect();
        if !new.is_empty() {
            self.store.subscribe(new).await?;
        }
        let (mut next, mut covered) = (now + TURN, BTreeSet::new());
        for mut subscription in self.store.subscriptions().await? {
            let private = wanted.get(&subscription.offer).copied();
            let base = base.as_deref().filter(|_| private.is_some());
            while asking.len() < UNDER_WAY {
                match self.advance(&mut subscription, base, private.unwrap_or(false), now).await? {
                    Step::Wait(at) => {
                        next = next.min(at);
                        break;
                    }
                    Step::Forget => {
                        self.store.unsubscribe(subscription.id).await?;
                        break;
                    }
                    step => {
                        let (daemon, id, offer) = (Arc::clone(self), subscription.id, subscription.offer.clone());
                        asking.spawn(async move { daemon.ask_hub(id, offer, step).await });
                    }
                }
            }
            if self.pipeline.covers(&subscription, now).is_some() {
                covered.insert(subscription.offer);
            }
        }
        // Polls were put off in the belief that somebody would tell.
        self.poll_plainly("its hub does not tell of its news any more", |memory| {
            memory.eased && memory.offer.as_ref().is_none_or(|offer| !covered.contains(offer))
        })
        .await?;
        Ok(next)
    }

    /// Lets feeds be polled at their own pace again.
    pub(super) async fn poll_plainly(&self, why: &str, which: impl Fn(&FeedMemory) -> bool) -> Result<(), StoreError> {
        let plans = self.roster.poll_plainly(self.clock.now(), why, &self.chance, which);
        if plans.is_empty() {
            return Ok(());
        }
        self.wake.poller.notify_one();
        self.store.plan(plans).await
    }

    /// What the feeds in force offer, as far as it is taken up, and whether the hub may be at a private address.
    fn wanted(&self) -> BTreeMap<Offer, bool> {
        let mut wanted = BTreeMap::new();
        for (offer, source) in self.roster.offers() {
            if hub::bar(&offer, subscriber(&source.target)).is_none() {
                *wanted.entry(offer).or_insert(false) |= source.target.allow_private;
            }
        }
        wanted
    }

    /// The next step of one subscription, written down where it changes anything.
    async fn advance(
        &self,
        subscription: &mut Subscription,
        base: Option<&str>,
        private: bool,
        now: Timestamp,
    ) -> Result<Step, StoreError> {
        let unit = self.chance.unit();
        // Most often there is nothing to do, and nothing that nobody can guess is needed for that.
        let mut tried = subscription.dealings.clone();
        let blank = Fresh { path: String::new(), secret: String::new(), private };
        let step = hub::advance(&mut tried, base, &blank, now, unit);
        if subscription.dealings == tried {
            return Ok(step);
        }
        let fresh = Fresh { path: hex(&secret::<32>()), secret: hex(&secret::<32>()), private };
        // A hub may have called since this was read.
        let base = base.map(str::to_owned);
        let written = self.tend(subscription.id, move |dealings| {
            let step = hub::advance(dealings, base.as_deref(), &fresh, now, unit);
            (step, dealings.clone())
        });
        let Some((step, dealings)) = written.await? else { return Ok(Step::Forget) };
        subscription.dealings = dealings;
        Ok(step)
    }

    /// Changes what is remembered of a hub; what came out, or `None` where it is gone.
    pub(super) async fn tend<T: Send + 'static>(
        &self,
        id: SubscriptionId,
        change: impl Fn(&mut Dealings) -> T + Send + Sync + 'static,
    ) -> Result<Option<T>, StoreError> {
        let out = Arc::new(Mutex::new(None));
        let made = Arc::clone(&out);
        let tend = Tend::new(move |dealings| {
            *made.lock().unwrap_or_else(PoisonError::into_inner) = Some(change(dealings));
        });
        self.store.tend(id, tend).await?;
        let out = out.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(out)
    }

    async fn ask_hub(&self, id: SubscriptionId, offer: Offer, step: Step) {
        let Some((callback, form)) = form(&step, &offer.topic) else { return };
        let heard = match Url::parse(&offer.hub) {
            Ok(hub) => self.pipeline.poller().ask_hub(&Request { hub, form, allow_private: callback.private }).await,
            Err(error) => Response::Refused(format!("the hub's address cannot be read: {error}")),
        };
        let (hub, now, unit) = (&offer.hub, self.clock.now(), self.chance.unit());
        let heard = match heard {
            Response::Accepted => Heard::Accepted,
            Response::Refused(why) => Heard::Refused(why),
            Response::Failed(why, until) => Heard::Failed(why, until),
        };
        match (&step, &heard) {
            (_, Heard::Accepted) => tracing::debug!(hub, topic = offer.topic, "a hub was asked"),
            (_, Heard::Refused(why) | Heard::Failed(why, _)) => {
                tracing::warn!(hub, topic = offer.topic, why, "a hub was asked in vain; polling goes on");
            }
        }
        if matches!(step, Step::Subscribe(_)) {
            let settled = self.tend(id, move |dealings| hub::settle(dealings, &callback.path, &heard, now, unit)).await;
            if let Err(error) = settled {
                self.trouble.fault("hubs", &error);
            }
        }
        self.wake.hubs.notify_one();
    }
}

/// The form that says a step to a hub (W3C WebSub §5.1), and the callback that it is about.
fn form(step: &Step, topic: &str) -> Option<(Callback, Form)> {
    let (callback, mode) = match step {
        Step::Subscribe(callback) => (callback, "subscribe"),
        Step::Unsubscribe(callback) => (callback, "unsubscribe"),
        Step::Wait(_) | Step::Forget => return None,
    };
    let mut fields =
        vec![("hub.callback", callback.url()), ("hub.mode", mode.to_owned()), ("hub.topic", topic.to_owned())];
    if mode == "subscribe" {
        fields.push(("hub.lease_seconds", LEASE_WISH_S.to_string()));
        fields.push(("hub.secret", callback.secret.clone()));
    }
    Some((callback.clone(), Form(fields)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
