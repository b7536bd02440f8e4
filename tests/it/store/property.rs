//! Whatever happens in whatever order: nothing is lost, nothing is told twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use newswatch::item::{FeedMemory, Key, MailId};
use newswatch::store::{Lease, Settled, Store};
use proptest::prelude::*;

use super::Engine;
use super::scene::*;

/// Something that happens.
#[derive(Debug, Clone)]
enum Event {
    /// A feed's document is read; it holds these.
    Read(usize, Vec<usize>),
    /// The digest's time has come.
    Tick,
    /// A mail is taken, and offered or not.
    Try(Ending),
    /// The program ends and starts again.
    Restart,
    /// It dies, and starts again.
    Die,
    /// Old things are forgotten.
    Prune,
}

#[derive(Debug, Clone, Copy)]
enum Ending {
    Sent,
    Later,
    Unheard,
    PutBack,
    /// Nothing is heard of it any more.
    Vanished,
    /// Nothing is heard of it any more, and the last dot was out.
    VanishedAtTheDot,
}

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
const FEEDS: [&str; 2] = ["one", "two"];

fn event() -> impl Strategy<Value = Event> {
    let ending = prop_oneof![
        4 => Just(Ending::Sent),
        1 => Just(Ending::Later),
        1 => Just(Ending::Unheard),
        1 => Just(Ending::PutBack),
        1 => Just(Ending::Vanished),
        1 => Just(Ending::VanishedAtTheDot),
    ];
    prop_oneof![
        4 => (0..FEEDS.len(), proptest::collection::vec(0..NAMES.len(), 0..5)).prop_map(|(feed, items)| Event::Read(feed, items)),
        2 => Just(Event::Tick),
        6 => ending.prop_map(Event::Try),
        1 => Just(Event::Restart),
        1 => Just(Event::Die),
        1 => Just(Event::Prune),
    ]
}

/// Half of the items go at once, half with the digest.
fn news(name: usize) -> Piece {
    piece(NAMES[name]).watched(if name.is_multiple_of(2) { &["w"] } else { &["digest-w"] })
}

/// What was seen from outside.
#[derive(Default)]
struct World {
    minute: i64,
    memories: Vec<FeedMemory>,
    published: BTreeSet<(usize, usize)>,
    /// Which mails were taken by the server, by what they told.
    taken: BTreeMap<Key, BTreeSet<MailId>>,
}

impl World {
    async fn start(&mut self, store: &dyn Store) {
        store.recover(at(self.minute)).await.unwrap();
        self.memories.clear();
        for name in FEEDS {
            self.memories.push(feed(store, name).await);
        }
    }

    async fn happens(&mut self, engine: &dyn Engine, store: Arc<dyn Store>, event: Event) -> Arc<dyn Store> {
        self.minute += 1;
        match event {
            Event::Read(feed, names) => {
                let document: Vec<Piece> = names.iter().map(|name| news(*name)).collect();
                read(&*store, &mut self.memories[feed], self.minute, &document).await;
                self.published.extend(names.into_iter().map(|name| (feed, name)));
            }
            Event::Tick => {
                let slot = self.minute.to_string();
                store.commit_tick(tick(self.minute, Some(&slot)), plain()).await.unwrap();
            }
            Event::Try(ending) => {
                if let Some(lease) = lease(&*store, self.minute).await {
                    self.offer(&*store, lease, ending).await;
                }
            }
            Event::Restart => {
                store.close().await.unwrap();
                drop(store);
                let store = engine.open();
                self.start(&*store).await;
                return store;
            }
            Event::Die => {
                let store = engine.crash(store);
                self.start(&*store).await;
                return store;
            }
            Event::Prune => {
                store.prune(at(self.minute), 3).await.unwrap();
            }
        }
        store
    }

    async fn offer(&mut self, store: &dyn Store, lease: Lease, ending: Ending) {
        let now = at(self.minute);
        if lease.rendered.is_none() {
            store.rendered(&lease, rendering(&lease)).await.unwrap();
        }
        let settled = match ending {
            Ending::Vanished => return,
            Ending::PutBack => return store.release(&lease, now, "down").await.unwrap(),
            Ending::VanishedAtTheDot => return store.sending(&lease, now).await.unwrap(),
            Ending::Sent => sent(),
            Ending::Later => later(self.minute + 2),
            Ending::Unheard => Settled::Unheard { next: at(self.minute + 2), answer: "silence".into() },
        };
        store.sending(&lease, now).await.unwrap();
        store.settle(&lease, settled, now).await.unwrap();
        if matches!(ending, Ending::Sent) {
            for telling in &lease.tellings {
                self.taken.entry(telling.key).or_default().insert(lease.id);
            }
        }
    }
}

async fn run(engine: &dyn Engine, events: Vec<Event>) -> World {
    let mut store = engine.open();
    let mut world = World::default();
    world.start(&*store).await;
    let end = [Event::Die, Event::Tick];
    for event in events.into_iter().chain(end) {
        store = world.happens(engine, store, event).await;
    }
    world.minute += 100;
    for _ in 0..100 {
        store = world.happens(engine, store, Event::Try(Ending::Sent)).await;
    }
    assert_eq!(store.next_due().await.unwrap(), None);
    assert_eq!(store.held("morning").await.unwrap().len(), 0);
    world
}

pub(crate) async fn whatever_happens_every_key_is_told_once(_: &dyn Engine) {
    // Every case has a database and a runtime of its own.
    tokio::task::spawn_blocking(|| {
        let config = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
        proptest!(config, |(events in proptest::collection::vec(event(), 1..40))| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let world = runtime.block_on(run(&super::Sqlite::new(), events));
            prop_assert_eq!(world.taken.len(), world.published.len());
            prop_assert!(world.taken.values().all(|mails| mails.len() == 1));
        });
    })
    .await
    .unwrap();
}
