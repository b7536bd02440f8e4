use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::Assembly;
use super::once::Pass;
use super::roster::SET_BACK;
use super::waiting::{Group, WaitingRoom};
use crate::item::{ItemId, Key};
use crate::pipeline::Looked;
use crate::store::StoreError;

/// An item that could not be written is looked at again after this.
const AFTER_TROUBLE: SignedDuration = SignedDuration::from_mins(1);

/// A page that is being fetched may end within this when the daemon stops; nothing is lost when it does not.
const GRACE: Duration = Duration::from_secs(4);

/// Pages under way for each request that may be: most of them wait for their host's turn.
const UNDER_WAY: usize = 4;

type Done = Vec<(ItemId, Result<Looked, StoreError>)>;

/// Fetches the articles that items wait for, until `stop`. Woken by polls that found such items, and when one falls due.
pub(super) async fn fetch_forever(daemon: Arc<Assembly>, stop: CancellationToken) {
    let mut room = WaitingRoom::default();
    let mut fetching: JoinSet<Done> = JoinSet::new();
    let mut groups: HashMap<Id, Group> = HashMap::new();
    let (mut last_turn, mut config) = (daemon.clock.now(), 0);
    loop {
        let woken = daemon.wake.articles.notified();
        let now = daemon.clock.now();
        if last_turn.duration_since(now) > SET_BACK {
            room.hurry(now);
        }
        last_turn = now;
        let mut look_again = None;
        match daemon.store.waiting(room.last()).await {
            Ok(waiting) => room.take_in(waiting),
            Err(StoreError::Closed) => return,
            Err(error) => {
                daemon.trouble.fault("articles", &error);
                look_again = Some(now + AFTER_TROUBLE);
            }
        }
        let generation = daemon.pipeline.generation();
        let mut taken = Vec::new();
        if generation.number != config {
            config = generation.number;
            let fetched = |feed| generation.sources.get(&feed).is_some_and(|source| source.full_text);
            taken = room.take_unwanted(fetched);
        }
        let limits = daemon.settings();
        let free = (limits.fetch.concurrency * UNDER_WAY).saturating_sub(groups.len());
        taken.extend(room.take(now, limits.fetch.per_host, free));
        for group in taken {
            let (daemon, items) = (Arc::clone(&daemon), group.items.clone());
            let handle = fetching.spawn(async move { daemon.pipeline.article(&items).await });
            groups.insert(handle.id(), group);
        }
        let next = [room.next(), look_again].into_iter().flatten().min();
        let sleep = async {
            match next {
                Some(next) => daemon.clock.sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            Some(done) = fetching.join_next_with_id(), if !fetching.is_empty() => {
                settle(&daemon, &mut room, &mut groups, done);
            }
            () = sleep => {}
            () = woken => {}
        }
    }
    let drained = async { while fetching.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, drained).await.is_err() {
        fetching.shutdown().await;
    }
}

fn settle(
    daemon: &Assembly,
    room: &mut WaitingRoom,
    groups: &mut HashMap<Id, Group>,
    done: Result<(Id, Done), JoinError>,
) {
    let again = daemon.clock.now() + AFTER_TROUBLE;
    let (task, done) = match done {
        Ok(done) => done,
        Err(panic) => {
            tracing::error!(%panic, "fetching an article broke; it is tried again later");
            let items = groups.get(&panic.id()).map(|group| group.items.clone()).unwrap_or_default();
            for id in items {
                room.put_off(id, again);
            }
            (panic.id(), Vec::new())
        }
    };
    for (id, looked) in done {
        match looked {
            Ok(Looked::Matched { receipt, .. }) => {
                daemon.trouble.clear("articles");
                if receipt.queued > 0 {
                    daemon.wake.deliverer.notify_one();
                }
                if receipt.held > 0 {
                    daemon.wake.ticker.notify_one();
                }
            }
            Ok(Looked::Later(at)) => room.put_off(id, at),
            Ok(Looked::Over) => {}
            Err(error) => {
                daemon.trouble.fault("articles", &error);
                room.put_off(id, again);
            }
        }
    }
    if let Some(group) = groups.remove(&task) {
        room.give_back(&group);
    }
}

impl Assembly {
    /// One try for each item that waits for its article, whatever our own waits between tries say.
    pub(super) async fn look_behind_all(self: &Arc<Self>, pass: &mut Pass) -> Result<(), StoreError> {
        let mut pages: BTreeMap<Key, Vec<ItemId>> = BTreeMap::new();
        for waiting in self.store.waiting(0).await? {
            pages.entry(waiting.page).or_default().push(waiting.item);
        }
        let mut fetching: JoinSet<Done> = JoinSet::new();
        for items in pages.into_values() {
            let daemon = Arc::clone(self);
            fetching.spawn(async move { daemon.pipeline.article(&items).await });
        }
        while let Some(done) = fetching.join_next().await {
            for (_, looked) in done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())) {
                match looked? {
                    Looked::Matched { receipt, taken } => {
                        pass.articles.taken += usize::from(taken);
                        pass.articles.given_up += usize::from(!taken);
                        pass.items += receipt;
                    }
                    Looked::Later(_) => pass.articles.waiting += 1,
                    Looked::Over => {}
                }
            }
        }
        Ok(())
    }
}

/// What a pass did about articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Articles {
    /// Items that were matched with their article.
    pub taken: usize,
    /// Items that were matched on what their feed said.
    pub given_up: usize,
    /// Items that wait on.
    pub waiting: usize,
}
