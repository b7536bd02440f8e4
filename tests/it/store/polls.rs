//! One poll, one commit.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use newswatch::alert::{
    Broken, Decision, DigestRun, Found, Joined, Material, Mute, Mutes, Near, Pending, Polled, Recent, Release, Seen,
    Silence,
};
use newswatch::item::{Envelope, FeedMemory, Key, KnownFact, MailState, Standing, Telling, Validators};
use newswatch::store::{Decide, ItemFilter, StoreError};
use newswatch::story::{Place, Reports};

use super::Engine;
use super::scene::*;

pub(crate) async fn a_poll_is_there_whole_after_a_crash(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    let outcome = poll(&memory, 1, &[piece("x").watched(&["w", "digest-w"])]);
    commit(&*store, outcome.clone()).await;
    let store = engine.crash(store);
    assert_eq!(feed(&*store, "a").await, outcome.after);
    let items = store.items(ItemFilter::default()).await.unwrap();
    assert_eq!((items.len(), items[0].matched.as_slice()), (1, &["digest-w".to_owned(), "w".to_owned()][..]));
    let mails = store.mails(0).await.unwrap();
    assert_eq!(
        (mails.len(), mails[0].state, mails[0].watches.as_slice()),
        (1, MailState::Waiting, &["w".to_owned()][..])
    );
    assert_eq!(store.held("morning").await.unwrap()[0].tellings.len(), 1);
}

/// Decides half, then fails.
struct Fails;

impl Decide for Fails {
    fn story(&self, _: &Found, _: &Seen, _: &mut Reports) -> Place {
        Place::default()
    }
    fn counted(&self, _: &Found) -> Vec<String> {
        vec![]
    }
    fn fact_asks(&self, _: &Found) -> Vec<(String, Key)> {
        vec![]
    }
    fn asks(&self, _: &Found, _: &Seen, _: &[Key]) -> Vec<Key> {
        vec![]
    }
    fn reminding(&self) -> Vec<String> {
        vec![]
    }
    fn remind_asks(&self, _: &[KnownFact], _: Timestamp) -> Vec<Key> {
        vec![]
    }
    fn remind(&self, _: &[KnownFact], _: Timestamp, _: &HashSet<Key>) -> (Vec<Envelope>, Option<Timestamp>) {
        (vec![], None)
    }
    fn decide(&self, _: &Found, _: &Seen, _: &Joined, _: &HashSet<Key>) -> Decision {
        Decision::default()
    }
    fn muted(&self, _: &Telling, _: &str, _: &Mutes) -> Option<Mute> {
        None
    }
    fn is_paced(&self, _: &str) -> bool {
        false
    }
    fn limited(&self, _: &[Pending]) -> Vec<(String, String)> {
        vec![]
    }
    fn release(&self, _: Vec<Pending>, _: &[Recent], _: Timestamp) -> Release {
        Release::default()
    }
    fn listening(&self, _: &FeedMemory) -> Vec<String> {
        vec![]
    }
    fn silence_asks(&self, _: &[Silence]) -> Vec<Key> {
        vec![]
    }
    fn listen(&self, _: &Polled<'_>, _: Vec<Silence>, _: &HashSet<Key>) -> Broken {
        Broken::default()
    }
    fn health(&self, _: &FeedMemory, _: &FeedMemory, _: Timestamp, _: &HashSet<Key>) -> Vec<Envelope> {
        panic!("cannot decide")
    }
    fn health_asks(&self, _: &FeedMemory, _: &FeedMemory) -> Vec<Key> {
        vec![]
    }
    fn tuned_by(&self, _: &DigestRun) -> Vec<String> {
        vec![]
    }
    fn digest(&self, _: &DigestRun, _: Material<'_>, _: &HashSet<Key>) -> Vec<(Envelope, Vec<Telling>)> {
        vec![]
    }
    fn digest_asks(&self, _: &DigestRun, _: &[String], _: &[Near]) -> Vec<Key> {
        vec![]
    }
}

pub(crate) async fn a_poll_that_fails_leaves_nothing_behind(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    let mut outcome = poll(&memory, 1, &[piece("x").watched(&["w"])]);
    outcome.after.validators =
        vec![Validators { url: memory.url.clone(), etag: Some(b"1".to_vec()), last_modified: None }];
    let refused = store.commit_poll(outcome, Arc::new(Fails)).await.unwrap_err();
    assert!(refused.to_string().contains("cannot decide"), "{refused}");
    assert_eq!(feed(&*store, "a").await, memory);
    assert_eq!(standing(&*store, &memory, &piece("x")).await, Standing::New);
    assert_eq!(store.counts().await.unwrap().items, 0);
}

pub(crate) async fn the_neighbours_of_a_failing_poll_are_committed(engine: &dyn Engine) {
    let store = engine.open();
    let mut polls = tokio::task::JoinSet::new();
    for number in 0..20 {
        let memory = feed(&*store, &format!("f{number}")).await;
        let outcome = poll(&memory, 1, &[piece("x").watched(&["w"])]);
        let store = Arc::clone(&store);
        let judge: Arc<dyn Decide> = if number % 5 == 0 { Arc::new(Fails) } else { plain() };
        polls.spawn(async move { store.commit_poll(outcome, judge).await.is_ok() });
    }
    let fine = polls.join_all().await.into_iter().filter(|fine| *fine).count();
    assert_eq!(fine, 16);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.items, counts.waiting), (16, 16));
}

pub(crate) async fn what_was_matched_under_an_older_config_is_refused(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    store.declare_generation(2).await.unwrap();
    let mut outcome = poll(&memory, 1, &[piece("x")]);
    let refused = store.commit_poll(outcome.clone(), plain()).await;
    assert!(matches!(refused, Err(StoreError::Stale)));
    assert_eq!(store.counts().await.unwrap().items, 0);
    outcome.generation = 2;
    assert_eq!(commit(&*store, outcome).await.new, 1);
}

pub(crate) async fn a_generation_that_came_to_nothing_can_be_taken_back(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    let outcome = poll(&memory, 1, &[piece("x")]);
    store.declare_generation(outcome.generation + 1).await.unwrap();
    store.declare_generation(outcome.generation).await.unwrap();
    assert_eq!(commit(&*store, outcome).await.new, 1);
}

pub(crate) async fn the_same_document_twice_tells_once(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    let outcome = poll(&memory, 1, &[piece("x").watched(&["w"]), piece("y").watched(&["w"])]);
    assert_eq!(commit(&*store, outcome.clone()).await.queued, 2);
    // As if two polls had looked before either wrote.
    let again = commit(&*store, outcome).await;
    assert_eq!((again.new, again.repeated, again.queued), (0, 2, 0));
    assert_eq!(store.mails(0).await.unwrap().len(), 2);
}

pub(crate) async fn an_edited_item_loses_the_matches_that_it_lost(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 1, &[piece("x").watched(&["one", "two"])]).await;
    read(&*store, &mut memory, 2, &[Piece { text: "new", ..piece("x").watched(&["two", "three"]) }]).await;
    let rows = store.items(ItemFilter::default()).await.unwrap();
    assert_eq!((rows.len(), rows[0].matched.as_slice()), (1, &["three".to_owned(), "two".to_owned()][..]));
}

pub(crate) async fn an_edit_tells_the_watch_that_did_not_match_before(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let first = Piece { title: "t", ..piece("x").watched(&["one"]) };
    assert_eq!(read(&*store, &mut memory, 1, std::slice::from_ref(&first)).await.queued, 1);
    // The sentence is the same, and so nothing is news to the watch that had it; a title is all that changed.
    let second = Piece { title: "u", watches: vec!["one", "two"], ..first };
    let receipt = read(&*store, &mut memory, 2, std::slice::from_ref(&second)).await;
    assert_eq!((receipt.updated, receipt.matches, receipt.queued), (1, 2, 1));
    let mail = deliver(&*store, 3).await.pop().unwrap();
    assert_eq!(mail.tellings.len(), 1);
    assert_eq!((mail.tellings[0].hit.watch.as_str(), mail.tellings[0].edited), ("two", true));
    // Changed sentences are news to both.
    let third = Piece { text: "will not", ..second };
    read(&*store, &mut memory, 4, &[third]).await;
    assert_eq!(deliver(&*store, 5).await[0].tellings.len(), 2);
}

pub(crate) async fn a_broken_feed_is_reported_once(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    let mut outcome = poll(&memory, 1, &[]);
    outcome.after.failures = 1;
    outcome.after.failing_since = Some(at(1));
    assert_eq!(commit(&*store, outcome.clone()).await.queued, 1);
    outcome.after.failures = 2;
    assert_eq!(commit(&*store, outcome).await.queued, 0);
    assert_eq!(store.mails(0).await.unwrap()[0].to, "root@example.org");
}

pub(crate) async fn the_receipt_counts(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 1, &[piece("x"), piece("y")]).await;
    let edited = Piece { text: "new", ..piece("x").watched(&["w", "v"]) };
    let receipt = commit(&*store, poll(&memory, 2, &[edited, piece("y"), piece("z").watched(&["w"])])).await;
    assert_eq!((receipt.new, receipt.updated, receipt.repeated), (1, 1, 1));
    assert_eq!((receipt.matches, receipt.queued), (3, 2));
}

pub(crate) async fn items_are_listed_newest_first_and_filtered(engine: &dyn Engine) {
    let store = engine.open();
    let mut one = feed(&*store, "one").await;
    let mut two = feed(&*store, "two").await;
    read(&*store, &mut one, 1, &[piece("p"), piece("q").watched(&["w"])]).await;
    read(&*store, &mut two, 10, &[piece("r").watched(&["w"]), piece("s")]).await;
    let titles = async |filter: ItemFilter| -> Vec<String> {
        store.items(filter).await.unwrap().into_iter().map(|row| row.title).collect()
    };
    assert_eq!(titles(ItemFilter::default()).await, ["s", "r", "q", "p"]);
    assert_eq!(titles(ItemFilter { limit: 3, ..Default::default() }).await, ["s", "r", "q"]);
    assert_eq!(titles(ItemFilter { feed: Some("one".into()), ..Default::default() }).await, ["q", "p"]);
    assert_eq!(titles(ItemFilter { watch: Some("w".into()), ..Default::default() }).await, ["r", "q"]);
    assert_eq!(titles(ItemFilter { since: Some(at(10)), ..Default::default() }).await, ["s", "r"]);
    let all = ItemFilter { limit: 1, feed: Some("two".into()), watch: Some("w".into()), since: Some(at(5)) };
    assert_eq!(titles(all).await, ["r"]);
    let row = &store.items(ItemFilter { limit: 1, ..Default::default() }).await.unwrap()[0];
    assert_eq!((row.feed.as_str(), row.first_seen, row.published), ("two", at(10), Some(at(0))));
    assert_eq!(row.link.as_deref(), Some("https://example.org/s"));
}

pub(crate) async fn matches_are_counted_by_day(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("p").watched(&["w"]), piece("q").watched(&["w", "v"])]).await;
    read(&*store, &mut memory, DAY, &[piece("r").watched(&["w"])]).await;
    let day = at(0).as_second() / 86_400;
    let all = store.matches_by_day(at(-DAY)).await.unwrap();
    assert_eq!(all, [("v".into(), day, 1), ("w".into(), day, 2), ("w".into(), day + 1, 1)]);
    assert_eq!(store.matches_by_day(at(1)).await.unwrap(), [("w".into(), day + 1, 1)]);
}
