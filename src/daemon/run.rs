use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::articles::fetch_forever;
use super::assemble::{Assembly, DaemonError, Seams, open_store};
use super::deliverer::deliver_forever;
use super::housekeeping::keep_house_forever;
use super::hubs::tend_hubs_forever;
use super::lifecycle::Life;
use super::poller::poll_forever;
use super::ticker::tick_forever;
use super::{notify, reload};
use crate::cli::{Desk, Looking, Paper, Running};
use crate::clock::steady;
use crate::config::Settings;
use crate::control::{self, Control, Whose};
use crate::web;

/// Callers of the control socket who ask for a reload while there is one; more wait for their turn.
const RELOADS_WAITING_MAX: usize = 8;

/// Where what became of a reload is told.
type Done = oneshot::Sender<Result<(), String>>;

/// The daemon: from an open database to a closed one, until a signal or `stop` asks for the end.
pub async fn run(settings: Settings, seams: Seams, stop: CancellationToken) -> Result<(), DaemonError> {
    let mut signals = Signals::new()?;
    let store = open_store(&settings).await?;
    let control = bind(&settings);
    let daemon = Arc::new(Assembly::new(settings, store, seams).await?);
    daemon.open_door(daemon.build_door(&daemon.settings())?);
    let life = Life::default();
    let (ask, mut asked) = mpsc::channel(RELOADS_WAITING_MAX);
    start(&daemon, &life, control, ask);
    let (feeds, watches) = (daemon.settings().feeds.len(), daemon.settings().watches.len());
    notify::status(&format!("watching {feeds} feeds with {watches} watches"));
    notify::ready();
    tracing::info!(feeds, watches, "watching");

    attend(&daemon, &life, &mut signals, &mut asked, &stop).await;
    drop(asked);

    notify::stopping();
    tracing::info!("stopping");
    let cut = life.clone();
    let died = tokio::select! {
        died = life.end() => died,
        // A second signal has no patience left.
        () = signals.end() => {
            cut.cut();
            cut.end().await
        }
    };
    daemon.close().await?;
    tracing::info!("stopped");
    died.map_or(Ok(()), |task| Err(DaemonError::TaskDied(task)))
}

/// Starts every task.
fn start(daemon: &Arc<Assembly>, life: &Life, control: Option<Control>, ask: mpsc::Sender<Done>) {
    let each = || (Arc::clone(daemon), life.soft.clone());
    let ((one, stop), (two, stop2), (three, stop3), (four, stop4)) = (each(), each(), each(), each());
    let ((five, stop5), (six, stop6), (seven, stop7)) = (each(), each(), each());
    life.spawn("poller", poll_forever(one, stop));
    life.spawn("articles", fetch_forever(five, stop5));
    life.spawn("deliverer", deliver_forever(two, stop2));
    life.spawn("ticker", tick_forever(three, stop3));
    life.spawn("housekeeping", keep_house_forever(four, stop4));
    life.spawn("hubs", tend_hubs_forever(six, stop6));
    let doors = daemon.door.subscribe();
    life.spawn("web server", web::serve(doors, life.tasks.clone(), stop7, seven.pages()));
    if let Some(control) = control {
        let desk = Arc::clone(daemon);
        let looking = Looking { desk: move || desk.desk(), reload: move || ask_for_reload(ask.clone()) };
        life.spawn("control socket", control::serve(control, life.tasks.clone(), life.soft.clone(), looking));
    }
}

/// Has the config read again by whoever attends to signals, so that one reload comes after the other.
async fn ask_for_reload(ask: mpsc::Sender<Done>) -> Result<(), String> {
    let (done, answer) = oneshot::channel();
    let stopping = || "the daemon is stopping; it reads the config when it starts again".to_owned();
    ask.send(done).await.map_err(|_| stopping())?;
    answer.await.map_err(|_| stopping())?
}

/// Waits for signals and for reloads that callers ask for, and feeds the watchdog, until the end is asked for.
async fn attend(
    daemon: &Arc<Assembly>,
    life: &Life,
    signals: &mut Signals,
    asked: &mut mpsc::Receiver<Done>,
    stop: &CancellationToken,
) {
    // systemd counts a service as stuck after the whole time without a sign of life.
    let half = sd_notify::watchdog_enabled().map_or(Duration::from_secs(10), |limit| limit / 2);
    let mut beat = tokio::time::interval(half);
    loop {
        tokio::select! {
            () = life.soft.cancelled() => return,
            () = stop.cancelled() => return,
            signal = signals.next() => match signal {
                Asked::End => return,
                // A refusal is in the log, and in `status`.
                Asked::Reload => drop(reload::reload(daemon).await),
            },
            Some(done) = asked.recv() => {
                // A caller who has gone away meanwhile misses the answer.
                let _ = done.send(reload::reload(daemon).await);
            }
            _ = beat.tick() => {
                if daemon.overdue().is_empty() {
                    notify::watchdog();
                }
            }
        }
    }
}

fn bind(settings: &Settings) -> Option<Control> {
    match Control::bind(&settings.control_socket, Whose::of(settings)) {
        Ok(control) => Some(control),
        Err(error) => {
            let path = settings.control_socket.display();
            tracing::warn!(%error, %path, "no control socket: commands cannot reach this daemon");
            None
        }
    }
}

impl Assembly {
    /// What commands look at.
    fn desk(self: &Arc<Self>) -> Desk {
        let mut problems = self.trouble.list();
        problems.extend(self.overdue());
        problems.extend(self.pipeline.poller().outage(self.clock.now()).map(|outage| {
            let since = outage.since.strftime("%Y-%m-%d %H:%M UTC");
            format!("hardly any host can be reached from here since {since}; polling pauses, and what fails meanwhile is not counted")
        }));
        Desk {
            store: Arc::clone(&self.store),
            settings: self.settings(),
            clock: Arc::clone(&self.clock),
            daemon: Some(Running { since: self.since, pid: std::process::id(), polls: self.tally.read() }),
            problems,
            paper: Paper::default(),
            ledger: Some(self.post.ledger()),
            wake_deliverer: {
                let daemon = Arc::clone(self);
                Box::new(move || daemon.wake.deliverer.notify_one())
            },
        }
    }

    /// Tasks that no longer turn round.
    fn overdue(&self) -> Vec<String> {
        let now = steady();
        [&self.pulses.poller, &self.pulses.deliverer].into_iter().filter_map(|pulse| pulse.overdue(now)).collect()
    }
}

/// The signals that mean something here.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    End,
    Reload,
}

impl Signals {
    fn new() -> Result<Self, DaemonError> {
        let listen = |kind| signal(kind).map_err(DaemonError::Signals);
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::End,
            _ = self.interrupt.recv() => Asked::End,
            _ = self.hangup.recv() => Asked::Reload,
        }
    }

    /// The next signal that asks for the end.
    async fn end(&mut self) {
        while self.next().await != Asked::End {}
    }
}
