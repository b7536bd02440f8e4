//! 7. From the outbox to the inbox.
//!
//! `Deliverer::deliver_one` is one unit of work: it leases a mail, renders it once and for all, offers it to the relay,
//! writes what was told into the ledger, and settles the row. What order these come in decides what a crash can do, and is
//! told there. Knows nothing of feeds, of rules, or of why a mail is due; how a database keeps the outbox is the store's
//! affair.

mod address;

mod circuit;

pub mod compose;

mod dkim;

mod identity;

mod ledger;

mod links;

mod render;

mod sender;

pub mod transport;

mod verdict;

#[cfg(test)]
mod tests;

pub use address::NotAnAddress;
pub use dkim::{Dkim, DkimKey, NotAKey};
pub use identity::{Installation, SecretError};
pub use ledger::{Ledger, LedgerError};
pub use links::{Asked, List, Who, Wish};
pub use sender::Sender;
pub use verdict::{
    Ending, GIVE_UP_AFTER, Outcome, Phase, REFUSED_FOR, Reply, STALE_AFTER, Schedule, Verdict, Wait, judge,
};

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use self::circuit::Circuit;
use self::transport::{DotGate, Letter, Relay};
use self::verdict::older_than;
use crate::clock::Clock;
use crate::item::{MailId, MailKind, MailState};
use crate::store::{Lease, LedgerEntry, Rendered, Settled, Store, StoreError};

/// Longer than a whole dialogue can take.
const LEASE: SignedDuration = SignedDuration::from_hours(3);

/// How long the dialogue before the final dot may take in all: its steps have timeouts of their own (RFC 5321 §4.5.3.2), but a
/// server that uses up each of them would hold all mail back for hours. Ten minutes more may go by before the dot is answered.
const BEFORE_THE_DOT: Duration = Duration::from_mins(20);

/// How long the answer to a final dot is awaited once the process is to stop.
const LAST_ANSWER: Duration = Duration::from_secs(8);

/// What one unit of work did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// No mail is due; the next one is then, if there is one.
    Idle(Option<Timestamp>),
    /// The relay took a mail.
    Sent,
    /// This mail was put off.
    Deferred(MailId),
    /// This mail was offered whole, and nobody knows whether the relay took it.
    Unheard(MailId),
    /// A mail was given up.
    Dead,
    /// A mail had nothing left to tell.
    Dropped,
    /// Alerts that had waited for a day became one summary, which is due now.
    Gathered,
    /// The relay cannot be used now; nothing is tried before then.
    RelayDown(Timestamp),
    /// The process is to stop, and nothing was begun that is not ended.
    Stopped,
}

/// Why nothing is mailed at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// When the relay is tried again.
    pub until: Timestamp,
    /// The relay's words, or ours.
    pub answer: String,
}

/// How a lease ends.
#[derive(Debug, Clone)]
enum Last {
    /// The mail was tried.
    Settled(Settled, Timestamp),
    /// It was not; it is due again then, and this is why.
    Released(Timestamp, String),
}

/// Gives what the outbox holds to a relay, one mail at a time.
pub struct Deliverer {
    store: Arc<dyn Store>,
    relay: Arc<dyn Relay>,
    clock: Arc<dyn Clock>,
    ledger: Ledger,
    installation: Installation,
    sender: Sender,
    circuit: Mutex<Circuit>,
    /// The ledger could not be written; nothing is sent any more.
    stuck: Arc<AtomicBool>,
    /// What the store did not take of the last try.
    unwritten: Arc<Mutex<Option<(Lease, Last)>>>,
    before_the_dot: Duration,
    last_answer: Duration,
}

impl Deliverer {
    /// A deliverer at rest.
    pub fn new(
        store: Arc<dyn Store>,
        relay: Arc<dyn Relay>,
        clock: Arc<dyn Clock>,
        ledger: Ledger,
        installation: Installation,
        sender: Sender,
    ) -> Self {
        Self {
            store,
            relay,
            clock,
            ledger,
            installation,
            sender,
            circuit: Mutex::default(),
            stuck: Arc::default(),
            unwritten: Arc::default(),
            before_the_dot: BEFORE_THE_DOT,
            last_answer: LAST_ANSWER,
        }
    }

    /// A deliverer that replaces `old`, and writes down what that one could not. A ledger that could not be written stops both.
    #[must_use]
    pub fn after(self, old: &Self) -> Self {
        Self { unwritten: Arc::clone(&old.unwritten), stuck: Arc::clone(&old.stuck), ..self }
    }

    /// Why nothing is mailed at the moment; `None` when all is well.
    pub fn trouble(&self) -> Option<Trouble> {
        self.circuit().trouble(self.clock.now())
    }

    /// Delivers the next mail that is due: one unit of work.
    ///
    /// The order of its writes: the rendered bytes, before anybody is asked to take them; that the final dot is about to be
    /// sent, just before it is; the ledger, as soon as the relay has taken the mail; the row, last. So a mail is never
    /// forgotten, never changes once somebody may have it, and is offered again only if nobody heard or wrote down the
    /// answer to its dot.
    ///
    /// Once `stop` is cancelled, no dot is sent any more; the answer to one that was sent is awaited for eight seconds.
    ///
    /// # Errors
    /// When the store fails, which may pass; or when the ledger cannot be written, after which every call fails: what is not
    /// in the ledger could be sent twice after a restore.
    pub async fn deliver_one(&self, stop: &CancellationToken) -> Result<Delivery, DeliverError> {
        self.deliver_due_by(self.clock.now(), None, stop).await
    }

    /// The same for the next mail that was due at `by`, but for one; a mail that is put off falls due later than the time at which
    /// it was tried, so that one pass can give each mail one try.
    ///
    /// # Errors
    /// Those of [`Deliverer::deliver_one`].
    pub async fn deliver_due_by(
        &self,
        by: Timestamp,
        but: Option<MailId>,
        stop: &CancellationToken,
    ) -> Result<Delivery, DeliverError> {
        self.catch_up().await?;
        if self.stuck.load(Ordering::Relaxed) {
            return Err(DeliverError::Stuck { ledger: self.ledger.path().display().to_string() });
        }
        if stop.is_cancelled() {
            return Ok(Delivery::Stopped);
        }
        let now = self.clock.now();
        if let Some(until) = self.circuit().open_until(now) {
            return Ok(Delivery::RelayDown(until));
        }
        let until = now.saturating_add(LEASE).unwrap_or(Timestamp::MAX);
        let Some(lease) = self.store.lease(by, until, but).await? else {
            return self.rest().await;
        };
        match self.deliver(&lease, stop).await {
            Err(DeliverError::Store(StoreError::LeaseLost(mail))) => {
                tracing::warn!(mail, "somebody else took the mail over");
                Ok(Delivery::Deferred(lease.id))
            }
            Err(DeliverError::Store(error)) => {
                // The lease must not keep the mail from being tried as soon as the store can be written again.
                self.unwritten().get_or_insert_with(|| (lease, Last::Released(now, error.to_string())));
                Err(error.into())
            }
            delivered => delivered,
        }
    }

    /// Ends a lease. What the store does not take is kept, and is the first thing that it is given next time: a mail that the
    /// relay has taken must not be offered again because the disk was full for a minute.
    async fn end(&self, lease: &Lease, last: Last) -> Result<(), StoreError> {
        let written = match last.clone() {
            Last::Settled(settled, now) => self.store.settle(lease, settled, now).await,
            Last::Released(next, answer) => self.store.release(lease, next, &answer).await,
        };
        if written.as_ref().is_err_and(|error| !matches!(error, StoreError::LeaseLost(_))) {
            *self.unwritten() = Some((lease.clone(), last));
        }
        written
    }

    async fn catch_up(&self) -> Result<(), StoreError> {
        let unwritten = self.unwritten().take();
        let Some((lease, last)) = unwritten else { return Ok(()) };
        match self.end(&lease, last).await {
            // It had ended after all.
            Err(StoreError::LeaseLost(_)) => Ok(()),
            ended => ended,
        }
    }

    async fn deliver(&self, lease: &Lease, stop: &CancellationToken) -> Result<Delivery, DeliverError> {
        let now = self.clock.now();
        if is_alert(&lease.envelope.kind)
            && lease.state == MailState::Waiting
            && older_than(STALE_AFTER, lease.queued, now)
        {
            let before = now.saturating_sub(STALE_AFTER).unwrap_or(Timestamp::MIN);
            self.store.gather(lease, before, now).await?;
            tracing::info!(mail = lease.id.0, "alerts that had waited for a day became one summary");
            return Ok(Delivery::Gathered);
        }
        let mut rendered = match self.render(lease).await? {
            Ok(rendered) => rendered,
            Err(delivery) => return Ok(delivery),
        };
        let mut outcome = self.offer(lease, &rendered, stop).await?;
        if judge(&outcome) == Verdict::TooBig
            && let Some(short) = self.shorter(lease, &rendered).await?
        {
            tracing::info!(mail = lease.id.0, answer = outcome.answer(), "mail too big; a shorter one is tried");
            rendered = short;
            outcome = self.offer(lease, &rendered, stop).await?;
        }
        self.settle(lease, &rendered, &outcome).await
    }

    async fn offer(
        &self,
        lease: &Lease,
        rendered: &Rendered,
        stop: &CancellationToken,
    ) -> Result<Outcome, DeliverError> {
        let opened = AtomicBool::new(false);
        let mut gate = Gate { deliverer: self, lease, stop, opened: &opened, failed: None };
        let letter = Letter {
            from: self.sender.address(),
            to: &lease.envelope.recipient,
            message_id: &rendered.message_id,
            bytes: &rendered.bytes,
        };
        let stopped = async {
            stop.cancelled().await;
            if opened.load(Ordering::Relaxed) {
                tokio::time::sleep(self.last_answer).await;
                return Outcome { phase: Phase::Dot, ending: Ending::Silence("stopped before the answer".to_owned()) };
            }
            Outcome { phase: Phase::Body, ending: Ending::Shut }
        };
        let dragged_on = async {
            tokio::time::sleep(self.before_the_dot).await;
            if opened.load(Ordering::Relaxed) {
                return std::future::pending().await;
            }
            Outcome { phase: Phase::Body, ending: Ending::Silence(format!("gave up after {:?}", self.before_the_dot)) }
        };
        // All run in this one task, so the gate cannot open between the look at it and the end of the offer.
        let outcome = tokio::select! {
            biased;
            outcome = self.relay.offer(&letter, &mut gate) => outcome,
            outcome = stopped => outcome,
            outcome = dragged_on => outcome,
        };
        match gate.failed {
            Some(error) => Err(error.into()),
            None => Ok(outcome),
        }
    }

    /// Writes down how an offer ended.
    async fn settle(&self, lease: &Lease, rendered: &Rendered, outcome: &Outcome) -> Result<Delivery, DeliverError> {
        let (now, answer) = (self.clock.now(), outcome.answer());
        if outcome.ending == Ending::Shut {
            self.end(lease, Last::Released(now, answer)).await?;
            return Ok(Delivery::Stopped);
        }
        let verdict = judge(outcome);
        let troubled = self.circuit().heard(outcome, verdict, now, self.sender.schedule());
        let old = |limit, since| lease.tries > 0 && older_than(limit, since, now);
        // What was refused for a day before it joined a summary is not refused for another one.
        let refused_since = match lease.envelope.kind {
            MailKind::Stale { since } => since,
            _ => lease.queued,
        };
        match verdict {
            Verdict::Delivered => self.sent(lease, rendered, answer, now).await,
            Verdict::Never if outcome.names_nobody() => {
                // A summary is all that its reader has missed: like what else waits for them, it waits until the server knows them.
                let is_summary = matches!(lease.envelope.kind, MailKind::Stale { .. });
                let kept = is_summary && !older_than(GIVE_UP_AFTER, lease.queued, now);
                self.refuse(lease, kept, answer).await
            }
            Verdict::Never | Verdict::TooBig => self.bury(lease, answer).await,
            Verdict::LaterPolicy if old(REFUSED_FOR, refused_since) => self.bury(lease, answer).await,
            Verdict::Unheard if old(GIVE_UP_AFTER, lease.queued) => {
                // Somebody may have it, if it is only this try that was not heard.
                self.bury(&Lease { state: MailState::Unheard, ..lease.clone() }, answer).await
            }
            Verdict::Later(_) | Verdict::LaterPolicy if old(GIVE_UP_AFTER, lease.queued) => {
                self.bury(lease, answer).await
            }
            Verdict::LaterSender if older_than(REFUSED_FOR, refused_since.max(troubled), now) => {
                self.bury(lease, answer).await
            }
            Verdict::Unheard => {
                let next = after(now, self.sender.schedule().after_silence());
                tracing::warn!(mail = lease.id.0, %next, answer, "the relay's answer to a whole mail was not heard");
                self.end(lease, Last::Settled(Settled::Unheard { next, answer }, now)).await?;
                Ok(Delivery::Unheard(lease.id))
            }
            Verdict::Later(wait) => self.defer(lease, wait, answer).await,
            Verdict::LaterPolicy => self.defer(lease, Wait::Any, answer).await,
            Verdict::LaterRelay | Verdict::LaterSender => {
                let until = self.circuit().open_until(now).unwrap_or(now);
                tracing::warn!(%until, answer, "nothing can be mailed now");
                self.end(lease, Last::Released(until, answer)).await?;
                Ok(Delivery::RelayDown(until))
            }
        }
    }

    async fn sent(
        &self,
        lease: &Lease,
        rendered: &Rendered,
        answer: String,
        now: Timestamp,
    ) -> Result<Delivery, DeliverError> {
        let keys = lease.envelope.keys.clone();
        let message_id = rendered.message_id.clone();
        let written = self.write(LedgerEntry { at: now, message_id, verdict: "sent".to_owned(), keys }).await;
        // Whatever became of the ledger, the relay has this mail.
        self.end(lease, Last::Settled(Settled::Sent { answer }, now)).await?;
        tracing::info!(mail = lease.id.0, tries = lease.tries + 1, "mail sent");
        // Only once the row is settled: up to here the ledger is then read in, and would not be asked about the row again.
        self.store.ledgered(lease.envelope.keys.clone(), written?).await?;
        Ok(Delivery::Sent)
    }

    async fn defer(&self, lease: &Lease, wait: Wait, answer: String) -> Result<Delivery, DeliverError> {
        let now = self.clock.now();
        let wait = Schedule::spread(self.sender.schedule().wait(lease.tries, wait), lease.id.0, lease.tries);
        let next = after(now, wait);
        tracing::info!(mail = lease.id.0, tries = lease.tries + 1, %next, answer, "mail put off");
        self.end(lease, Last::Settled(Settled::Later { next, answer }, now)).await?;
        Ok(Delivery::Deferred(lease.id))
    }

    async fn bury(&self, lease: &Lease, answer: String) -> Result<Delivery, DeliverError> {
        tracing::warn!(mail = lease.id.0, tries = lease.tries + 1, answer, "mail given up");
        self.end(lease, Last::Settled(Settled::Dead { answer }, self.clock.now())).await?;
        Ok(Delivery::Dead)
    }

    async fn refuse(&self, lease: &Lease, kept: bool, answer: String) -> Result<Delivery, DeliverError> {
        let done = if kept { "mail put off" } else { "mail given up" };
        tracing::warn!(mail = lease.id.0, tries = lease.tries + 1, answer, "{done}: nobody has its address");
        self.end(lease, Last::Settled(Settled::Refused { answer, kept }, self.clock.now())).await?;
        Ok(if kept { Delivery::Deferred(lease.id) } else { Delivery::Dead })
    }

    async fn drop_mail(&self, lease: &Lease) -> Result<Delivery, DeliverError> {
        let (now, keys) = (self.clock.now(), lease.envelope.keys.clone());
        let message_id = self.installation.message_id(&lease.envelope.recipient, &keys, self.sender.domain());
        let entry = LedgerEntry { at: now, message_id, verdict: "dropped".to_owned(), keys: keys.clone() };
        let written = if keys.is_empty() { None } else { Some(self.write(entry).await) };
        self.end(lease, Last::Settled(Settled::Dropped, now)).await?;
        tracing::info!(mail = lease.id.0, "mail dropped: nothing is left to tell");
        if let Some(written) = written {
            self.store.ledgered(keys, written?).await?;
        }
        Ok(Delivery::Dropped)
    }

    /// Nothing is due: lets go of the relay, and brings the ledger up to date.
    async fn rest(&self) -> Result<Delivery, DeliverError> {
        self.relay.rest().await;
        for entry in self.store.unledgered().await? {
            let keys = entry.keys.clone();
            let offset = self.write(entry).await?;
            self.store.ledgered(keys, offset).await?;
        }
        Ok(Delivery::Idle(self.store.next_due().await?))
    }

    /// Writes a line into the ledger. After a failure nothing is sent any more.
    async fn write(&self, entry: LedgerEntry) -> Result<u64, LedgerError> {
        let ledger = self.ledger.clone();
        let written = tokio::task::spawn_blocking(move || ledger.append(&entry)).await;
        let written = written.unwrap_or_else(|error| Err(self.ledger.interrupted(error)));
        if written.is_err() {
            self.stuck.store(true, Ordering::Relaxed);
        }
        written
    }

    fn unwritten(&self) -> MutexGuard<'_, Option<(Lease, Last)>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        // Its values are whole after every statement.
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Commits that a final dot is about to be sent, unless the process is to stop.
struct Gate<'a> {
    deliverer: &'a Deliverer,
    lease: &'a Lease,
    stop: &'a CancellationToken,
    opened: &'a AtomicBool,
    failed: Option<StoreError>,
}

#[async_trait]
impl DotGate for Gate<'_> {
    async fn open(&mut self) -> bool {
        if self.stop.is_cancelled() {
            return false;
        }
        let Deliverer { store, clock, .. } = self.deliverer;
        if let Err(error) = store.sending(self.lease, clock.now()).await {
            self.failed = Some(error);
            return false;
        }
        let open = !self.stop.is_cancelled();
        self.opened.store(open, Ordering::Relaxed);
        open
    }
}

/// Whether it is an alert, which is stale after a day.
fn is_alert(kind: &MailKind) -> bool {
    matches!(kind, MailKind::Alert | MailKind::Together { .. })
}

fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

/// What can happen to delivery.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The outbox could not be read or written.
    #[error("the outbox cannot be used")]
    Store(#[from] StoreError),
    /// The ledger could not be written; nothing is sent until the process is started again.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger could not be written some time ago.
    #[error(
        "no mail is sent since the ledger {ledger} could not be written; make room or mend its permissions, and start again"
    )]
    Stuck {
        /// Its path.
        ledger: String,
    },
}
