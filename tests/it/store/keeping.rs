//! What is forgotten, and what never is.

use newswatch::item::{HostHold, Standing};
use newswatch::store::{ItemFilter, Pruned, Settled, StoreError};

use super::Engine;
use super::scene::*;

pub(crate) async fn old_items_go_and_their_keys_stay(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("old").watched(&["w"])]).await;
    deliver(&*store, 0).await;
    read(&*store, &mut memory, DAY, &[piece("new")]).await;
    assert_eq!(store.prune(at(-1), 100).await.unwrap().items, 0);
    assert_eq!(store.prune(at(1), 100).await.unwrap().items, 1);
    let titles: Vec<String> =
        store.items(ItemFilter::default()).await.unwrap().into_iter().map(|row| row.title).collect();
    assert_eq!(titles, ["new"]);
    assert_eq!(store.matches_by_day(at(-DAY)).await.unwrap(), vec![]);
    // It comes back to the feed a month later, and is no news.
    assert_eq!(standing(&*store, &memory, &piece("old")).await, Standing::Repeated(None));
    let receipt = read(&*store, &mut memory, 30 * DAY, &[piece("old").watched(&["w"]), piece("new")]).await;
    assert_eq!((receipt.new, receipt.queued), (0, 0));
    // Known by its link and its text alone, too.
    for moved in [Piece { id: None, ..piece("old") }, Piece { id: Some("i"), link: Some("l"), ..piece("old") }] {
        assert_eq!(standing(&*store, &memory, &moved).await, Standing::Repeated(None));
    }
}

pub(crate) async fn items_of_the_current_document_never_go(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("p"), piece("q")]).await;
    read(&*store, &mut memory, 1, &[piece("p"), piece("r")]).await;
    // Nothing was polled for years; the document still holds these two.
    assert_eq!(store.prune(at(4000 * DAY), 100).await.unwrap().items, 1);
    for name in ["p", "r"] {
        assert!(matches!(standing(&*store, &memory, &piece(name)).await, Standing::Repeated(Some(_))));
    }
}

pub(crate) async fn pruning_goes_step_by_step(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &["1", "2", "3", "4", "5"].map(piece)).await;
    read(&*store, &mut memory, 1, &[piece("new")]).await;
    let mut steps = Vec::new();
    while steps.last() != Some(&0) {
        steps.push(store.prune(at(DAY), 2).await.unwrap().items);
    }
    assert_eq!(steps, [2, 2, 1, 0]);
}

pub(crate) async fn items_that_a_mail_still_needs_stay(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("p").watched(&["w"]), piece("q").watched(&["digest-w"])]).await;
    read(&*store, &mut memory, 1, &[piece("new")]).await;
    assert_eq!(store.prune(at(DAY), 100).await.unwrap().items, 0);
    let mail = lease(&*store, 2).await.unwrap();
    assert_eq!(store.entries(mail.tellings.clone()).await.unwrap().len(), 1);
    store.settle(&mail, sent(), at(2)).await.unwrap();
    assert_eq!(store.prune(at(DAY), 100).await.unwrap().items, 1);
    store.commit_tick(tick(3, Some("one")), plain()).await.unwrap();
    let mail = lease(&*store, 3).await.unwrap();
    assert_eq!(store.entries(mail.tellings.clone()).await.unwrap().len(), 1);
}

pub(crate) async fn a_story_goes_with_its_last_item(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let report = |name| piece(name).story(&["k"]);
    read(&*store, &mut memory, 0, &[report("p")]).await;
    let first = store.items(ItemFilter::default()).await.unwrap()[0].story;
    read(&*store, &mut memory, 1, &[report("q")]).await;
    assert_eq!(store.prune(at(DAY), 100).await.unwrap().items, 1);
    // One report is left, and so is the story.
    read(&*store, &mut memory, 2, &[report("r")]).await;
    assert_eq!(store.items(ItemFilter::default()).await.unwrap()[0].story, first);
    read(&*store, &mut memory, 3, &[piece("else")]).await;
    assert_eq!(store.prune(at(DAY), 100).await.unwrap().items, 2);
    read(&*store, &mut memory, 4, &[report("s")]).await;
    assert_ne!(store.items(ItemFilter::default()).await.unwrap()[0].story, first);
}

pub(crate) async fn sent_mails_go_and_what_they_told_stays_told(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let report = |name| piece(name).watched(&["w"]).story(&["k"]);
    read(&*store, &mut memory, 0, &[report("p"), piece("x").watched(&["w"])]).await;
    let mail = lease(&*store, 1).await.unwrap();
    store.settle(&mail, sent(), at(1)).await.unwrap();
    store.prune(at(DAY), 100).await.unwrap();
    assert_eq!(store.mails(0).await.unwrap().len(), 2, "the ledger has no line of it yet");
    store.ledgered(mail.envelope.keys.clone(), 9).await.unwrap();
    store.prune(at(DAY), 100).await.unwrap();
    assert_eq!(store.mails(0).await.unwrap().len(), 1);
    assert_eq!(read(&*store, &mut memory, 2, &[report("q")]).await.queued, 0);
}

pub(crate) async fn mails_go_step_by_step_and_dead_letters_too(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let report = |name| piece(name).watched(&["w"]);
    read(&*store, &mut memory, 0, &["1", "2", "3", "4", "5"].map(report)).await;
    for number in 0..5 {
        let mail = lease(&*store, 1).await.unwrap();
        // Every second one is given up.
        let settled = if number % 2 == 0 { Settled::Dead { answer: "550 no".into() } } else { sent() };
        store.settle(&mail, settled, at(1)).await.unwrap();
        store.ledgered(mail.envelope.keys.clone(), 9).await.unwrap();
    }
    assert_eq!(store.prune(at(-1), 2).await.unwrap(), Pruned::default(), "they are not old yet");
    let mut steps = Vec::new();
    while steps.last() != Some(&0) {
        steps.push(store.prune(at(DAY), 2).await.unwrap().mails);
    }
    assert_eq!(steps, [2, 2, 1, 0]);
    assert_eq!(store.mails(0).await.unwrap(), vec![]);
    let edited = read(&*store, &mut memory, 2, &["1", "2", "3", "4", "5"].map(report)).await;
    assert_eq!(edited.queued, 0, "what they told stays told");
}

pub(crate) async fn keys_go_after_two_years_more(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let hold = HostHold { scope: "host:a".into(), until: at(10) };
    let mut outcome = poll(&memory, 0, &[piece("old")]);
    outcome.holds = vec![hold.clone()];
    memory = outcome.after.clone();
    commit(&*store, outcome).await;
    read(&*store, &mut memory, 1, &[piece("new")]).await;
    for years in [0, 1] {
        store.prune(at(DAY + years * 365 * DAY), 100).await.unwrap();
        assert_eq!(standing(&*store, &memory, &piece("old")).await, Standing::Repeated(None), "{years}");
    }
    assert_eq!(store.holds(at(0)).await.unwrap(), vec![]);
    store.prune(at(3 * 366 * DAY), 100).await.unwrap();
    assert_eq!(standing(&*store, &memory, &piece("old")).await, Standing::New);
}

pub(crate) async fn keys_count_their_years_from_the_last_sight(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let (year, pinned) = (366 * DAY, piece("pinned"));
    read(&*store, &mut memory, 0, std::slice::from_ref(&pinned)).await;
    read(&*store, &mut memory, 3 * year, &[pinned.clone(), piece("x")]).await;
    read(&*store, &mut memory, 3 * year + 1, &[piece("x")]).await;
    assert_eq!(store.prune(at(3 * year + DAY), 100).await.unwrap().items, 1);
    assert_eq!(standing(&*store, &memory, &pinned).await, Standing::Repeated(None));
}

pub(crate) async fn a_returning_old_item_renews_its_keys(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("old")]).await;
    read(&*store, &mut memory, 1, &[piece("new")]).await;
    store.prune(at(DAY), 100).await.unwrap();
    let year = 366 * DAY;
    let receipt = commit(&*store, poll(&memory, 2 * year, &[piece("old")])).await;
    assert_eq!((receipt.new, receipt.repeated), (0, 1));
    store.prune(at(3 * year), 100).await.unwrap();
    assert_eq!(standing(&*store, &memory, &piece("old")).await, Standing::Repeated(None));
}

pub(crate) async fn a_closed_store_says_so(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    commit(&*store, poll(&memory, 0, &[piece("x")])).await;
    store.close().await.unwrap();
    store.close().await.unwrap();
    assert!(matches!(store.counts().await, Err(StoreError::Closed)));
    assert!(matches!(store.recover(at(0)).await, Err(StoreError::Closed)));
    drop(store);
    assert_eq!(engine.open().counts().await.unwrap().items, 1);
}
