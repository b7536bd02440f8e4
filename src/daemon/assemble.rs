use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};

use super::allowance::Allowance;
use super::pulse::Pulse;
use super::roster::Roster;
use super::tally::Tally;
use super::trouble::Trouble;
use super::wiring;
use crate::chance::Chance;
use crate::clock::{Clock, SystemClock, steady};
use crate::config::{MailSettings, PASSWORD_WAYS, Settings};
use crate::deliver::transport::Relay;
use crate::deliver::{DeliverError, Deliverer, Installation, Ledger, LedgerError, NotAnAddress, SecretError};
use crate::pipeline::Pipeline;
use crate::poll::{Fetch, FetchError, HttpFetch, Poller};
use crate::store::sqlite::{Options, SqliteStore};
use crate::store::{Store, StoreError};
use crate::web::Door;

/// `run` and `once` wait so long for the database.
const LOCK_WITHIN: Duration = Duration::from_secs(10);

/// How often they look meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Where time, chance, the network and the mail server come in.
pub struct Seams {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Jitter.
    pub chance: Arc<Chance>,
    /// The network.
    pub fetch: Arc<dyn Fetch>,
    /// The mail server that a config names; asked again after each reload.
    pub relay: MakeRelay,
}

impl Seams {
    /// The real ones.
    pub fn real() -> Result<Self, DaemonError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let of_relays = Arc::clone(&clock);
        Ok(Self {
            clock,
            chance: Arc::new(Chance::from_system()),
            fetch: Arc::new(HttpFetch::new()?),
            relay: Arc::new(move |mail| wiring::relay(mail, Arc::clone(&of_relays))),
        })
    }
}

/// Makes the way to the mail server that a config names.
pub type MakeRelay = Arc<dyn Fn(&MailSettings) -> Result<Arc<dyn Relay>, DaemonError> + Send + Sync>;

/// Everything that works together, built.
pub struct Assembly {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) chance: Arc<Chance>,
    pub(super) pipeline: Pipeline,
    pub(super) roster: Roster,
    pub(super) post: Post,
    pub(super) wake: Wake,
    pub(super) pulses: Pulses,
    pub(super) trouble: Trouble,
    /// How much hubs may push.
    pub(super) pushes: Allowance,
    pub(super) tally: Tally,
    pub(super) since: Timestamp,
    /// Where hubs come in; none in a pass that ends.
    pub(super) door: watch::Sender<Option<Arc<Door>>>,
    settings: Mutex<Arc<Settings>>,
}

/// What delivery is made with.
pub(super) struct Post {
    ledger: Ledger,
    installation: Installation,
    relay: MakeRelay,
    /// `None` where the config has no `[mail]`: then nothing is ever queued.
    deliverer: Mutex<Option<Arc<Deliverer>>>,
}

/// Who is waiting for what: a signal to look again, which carries nothing.
#[derive(Debug, Default)]
pub(super) struct Wake {
    pub(super) poller: Notify,
    pub(super) deliverer: Notify,
    pub(super) ticker: Notify,
    pub(super) articles: Notify,
    pub(super) hubs: Notify,
}

/// The tasks without which there is no watching.
#[derive(Debug)]
pub(super) struct Pulses {
    pub(super) poller: Pulse,
    pub(super) deliverer: Pulse,
}

impl Post {
    /// The ledger that delivery writes.
    pub(super) fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }
}

impl Assembly {
    /// Builds everything over an open store: the ledger is read in and mails that a killed process left are sorted out
    /// before anything can decide or send.
    pub async fn new(settings: Settings, store: Arc<dyn Store>, seams: Seams) -> Result<Self, DaemonError> {
        let now = seams.clock.now();
        let ledger = Ledger::open(&settings.store.ledger)?;
        let installation = Installation::open(parent(&settings.store.ledger))?;
        let news = ledger.read_from(store.ledger_offset().await?)?;
        store.read_in(news).await?;
        let unheard = settings.mail.as_ref().map_or(SignedDuration::ZERO, |mail| mail.unheard);
        let left = store.recover(now.saturating_add(unheard).unwrap_or(now)).await?;
        if left > 0 {
            tracing::warn!(mails = left, "the last process ended before it could record what became of these mails");
        }
        // Nothing was queued after now, unless by a clock that has been set back.
        store.hasten(now, now).await?;
        store.wind_back(now).await?;
        store.declare_generation(FIRST_GENERATION).await?;
        let memories = store.enlist(settings.identities()).await?;
        store.listen(settings.silences(), now).await?;
        let generation = wiring::generation(FIRST_GENERATION, &settings, &memories, None)?;
        let limits = wiring::limits(&settings.fetch);
        let poller = Poller::new(seams.fetch, Arc::clone(&seams.clock), Arc::clone(&seams.chance), limits);
        poller.hold(store.holds(now).await?);
        poller.know(store.site_rules(now).await?);
        let assembly = Self {
            post: Post { ledger, installation, relay: seams.relay, deliverer: Mutex::default() },
            pipeline: Pipeline::new(
                Arc::clone(&store),
                poller,
                Arc::clone(&seams.clock),
                Arc::clone(&seams.chance),
                generation,
            ),
            store,
            clock: seams.clock,
            chance: seams.chance,
            roster: Roster::default(),
            wake: Wake::default(),
            pulses: Pulses { poller: Pulse::new("poller"), deliverer: Pulse::new("deliverer") },
            trouble: Trouble::default(),
            pushes: Allowance::default(),
            tally: Tally::default(),
            since: now,
            door: watch::Sender::new(None),
            settings: Mutex::new(Arc::new(settings)),
        };
        let deliverer = assembly.build_deliverer(&assembly.settings())?;
        assembly.take_on(deliverer);
        assembly.fill_roster(memories);
        // What a hub told while nobody listened is found by polls alone.
        assembly.poll_plainly("its hub could tell nobody of its news meanwhile", |memory| memory.eased).await?;
        assembly.try_tests();
        Ok(assembly)
    }

    /// What is remembered.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// The config in force.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a checked config into force.
    pub(super) fn set_settings(&self, settings: Arc<Settings>) {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    /// Whose mails these are.
    pub(super) fn installation(&self) -> &Installation {
        &self.post.installation
    }

    /// Who sends mail now.
    pub(super) fn deliverer(&self) -> Option<Arc<Deliverer>> {
        self.post.deliverer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Builds who is to send mail under a config; can fail without harm.
    pub(super) fn build_deliverer(&self, settings: &Settings) -> Result<Option<Arc<Deliverer>>, DaemonError> {
        let Some(mail) = &settings.mail else { return Ok(None) };
        let relay = (self.post.relay)(mail)?;
        let deliverer = Deliverer::new(
            Arc::clone(&self.store),
            relay,
            Arc::clone(&self.clock),
            self.post.ledger.clone(),
            self.post.installation.clone(),
            wiring::sender(mail, &settings.web)?,
        );
        let deliverer = match self.deliverer() {
            Some(old) => deliverer.after(&old),
            None => deliverer,
        };
        Ok(Some(Arc::new(deliverer)))
    }

    /// Replaces who sends mail.
    pub(super) fn take_on(&self, deliverer: Option<Arc<Deliverer>>) {
        *self.post.deliverer.lock().unwrap_or_else(PoisonError::into_inner) = deliverer;
    }

    /// The door that a config wants: the one that is open, where it is there already. Fails without harm.
    pub(super) fn build_door(&self, settings: &Settings) -> Result<Option<Arc<Door>>, DaemonError> {
        let Some(address) = settings.web.listen else { return Ok(None) };
        if let Some(open) = self.door.borrow().as_ref().filter(|open| open.address() == address) {
            return Ok(Some(Arc::clone(open)));
        }
        Door::open(address).map(|door| Some(Arc::new(door))).map_err(|source| DaemonError::Listen { address, source })
    }

    /// Opens the door that was built, and closes the one before.
    pub(super) fn open_door(&self, door: Option<Arc<Door>>) {
        if door.is_some() {
            self.pipeline.listen();
        } else {
            self.pipeline.stop_listening();
        }
        self.door.send_replace(door);
    }

    /// Tries the tests of the watches. A process that starts has no older config to stay with, and to watch for nothing would be
    /// worse than to watch for what a test did not expect: so a failure is told, and no reason to stop.
    fn try_tests(&self) {
        let failed: Vec<String> = self.settings().failed_tests().iter().map(|failed| failed.render(false)).collect();
        if !failed.is_empty() {
            self.trouble.note(TESTS, failed.join("\n"));
        }
    }

    /// Plans the polls of all feeds in force.
    pub(super) fn fill_roster(&self, memories: Vec<crate::item::FeedMemory>) {
        let generation = self.pipeline.generation();
        let feeds =
            memories.into_iter().filter_map(|memory| Some((Arc::clone(generation.source(&memory)?), memory))).collect();
        self.roster.replace(feeds, self.clock.now(), &self.chance);
    }
}

/// What the failing tests of watches are noted under.
pub(super) const TESTS: &str = "watch tests";

/// The number of the config that a process begins with.
const FIRST_GENERATION: u64 = 1;

/// Opens the database, waiting a little for another process that is about to let go of it: by the machine's time, whatever day it is.
pub async fn open_store(settings: &Settings) -> Result<Arc<dyn Store>, DaemonError> {
    let database = &settings.store.database;
    let give_up = steady() + LOCK_WITHIN;
    loop {
        match SqliteStore::open(Options { path: database.clone(), max_pages: None }) {
            Err(StoreError::Held { .. }) if steady() < give_up => tokio::time::sleep(LOOK_AGAIN).await,
            Err(error) => return Err(error.into()),
            Ok(store) => return Ok(Arc::new(store)),
        }
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new("/"))
}

/// What can keep the daemon from starting, or end it.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The installation's secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The client for feeds.
    #[error("cannot make the client for feeds")]
    Fetch(#[from] FetchError),
    /// Delivery.
    #[error(transparent)]
    Deliver(#[from] DeliverError),
    /// The mail server wants a login, and there is no password for it.
    #[error("there is no password for the user {user} of the mail server; give it {PASSWORD_WAYS}")]
    NoPassword {
        /// The user.
        user: String,
    },
    /// Messages are to be signed, and there is no key.
    #[error(
        "there is no key for the selector {selector} in [[mail.dkim]]; give it as the systemd credential `dkim-{selector}`, or in a \
         file that `key_file` names"
    )]
    NoKey {
        /// The selector.
        selector: String,
    },
    /// The sender's address.
    #[error("[mail] from cannot be used")]
    From(#[from] NotAnAddress),
    /// A header that HTTP cannot carry.
    #[error("feed {feed}: the header {header} cannot be sent; see [[feed]] headers")]
    Header {
        /// The feed's name.
        feed: String,
        /// The header's name.
        header: String,
    },
    /// A task ended by itself.
    #[error("the {0} ended by itself; the log says why, and a supervisor should start newswatch again")]
    TaskDied(&'static str),
    /// The web server cannot listen.
    #[error("cannot listen at {address}; see listen in [web]")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Signals cannot be waited for.
    #[error("cannot wait for signals")]
    Signals(#[source] std::io::Error),
}
