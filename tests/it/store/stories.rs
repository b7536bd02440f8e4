//! Items that report the same news.

use std::sync::Arc;

use newswatch::store::{ItemFilter, Store};

use super::Engine;
use super::scene::*;

async fn stories(store: &dyn Store) -> Vec<i64> {
    let mut rows = store.items(ItemFilter::default()).await.unwrap();
    rows.reverse();
    rows.iter().map(|row| row.story.0).collect()
}

pub(crate) async fn a_second_report_joins_and_tells_nothing(engine: &dyn Engine) {
    let store = engine.open();
    let mut one = feed(&*store, "one").await;
    let mut two = feed(&*store, "two").await;
    read(&*store, &mut one, 1, &[piece("p").watched(&["w"]).story(&["k"])]).await;
    let receipt = read(&*store, &mut two, 2, &[piece("q").watched(&["w"]).story(&["k", "l"])]).await;
    assert_eq!((receipt.new, receipt.matches, receipt.queued), (1, 1, 0));
    // The second report brought a key by which a third one is found.
    let receipt = read(&*store, &mut one, 3, &[piece("r").watched(&["w"]).story(&["l"])]).await;
    assert_eq!(receipt.queued, 0);
    read(&*store, &mut one, 4, &[piece("s").watched(&["w"])]).await;
    let stories = stories(&*store).await;
    assert_eq!((stories[0], stories[1]), (stories[1], stories[2]));
    assert_ne!(stories[2], stories[3]);
}

pub(crate) async fn a_story_closes_72_hours_after_its_last_report(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "one").await;
    let report = |name, when| piece(name).story(&["k"]).when(when);
    read(&*store, &mut feed, 0, &[report("p", 0)]).await;
    read(&*store, &mut feed, 3 * DAY, &[report("q", 3 * DAY)]).await;
    read(&*store, &mut feed, 6 * DAY, &[report("r", 6 * DAY)]).await;
    read(&*store, &mut feed, 9 * DAY + 1, &[report("s", 9 * DAY + 1)]).await;
    let stories = stories(&*store).await;
    assert_eq!((stories[0], stories[1]), (stories[1], stories[2]));
    assert_ne!(stories[2], stories[3]);
}

pub(crate) async fn an_older_report_does_not_join_a_story_that_began_much_later(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "one").await;
    let report = |name, when| piece(name).story(&["k"]).when(when);
    read(&*store, &mut feed, 0, &[report("p", 0)]).await;
    read(&*store, &mut feed, 1, &[report("q", -3 * DAY), report("r", -7 * DAY)]).await;
    let stories = stories(&*store).await;
    assert_eq!(stories[0], stories[1]);
    assert_ne!(stories[1], stories[2]);
}

pub(crate) async fn an_edited_item_stays_in_its_story(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "one").await;
    read(&*store, &mut feed, 0, &[piece("p").story(&["k"]), piece("q").story(&["l"])]).await;
    let before = stories(&*store).await;
    read(&*store, &mut feed, 1, &[Piece { text: "new", ..piece("p").story(&["l"]) }]).await;
    assert_eq!(stories(&*store).await, before);
}

pub(crate) async fn candidates_are_the_newest_eight(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "one").await;
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    for (name, minute) in names.into_iter().zip(0..) {
        read(&*store, &mut feed, minute, &[piece(name).story(&[name]).when(minute)]).await;
    }
    let judge = Arc::new(Plain::default());
    let item = piece("z").watched(&["w"]).story(&names).when(20);
    store.commit_poll(poll(&feed, 20, &[item]), judge.clone()).await.unwrap();
    let seen = judge.seen.lock().unwrap().remove(0);
    let times: Vec<_> = seen.candidates.iter().map(|candidate| candidate.last_report).collect();
    assert_eq!(times, (2..10).rev().map(at).collect::<Vec<_>>());
    assert!(seen.candidates.iter().all(|candidate| candidate.items.len() == 1));
}

pub(crate) async fn two_polls_that_meet_one_story_at_once_tell_it_once(engine: &dyn Engine) {
    let store = engine.open();
    let mut polls = tokio::task::JoinSet::new();
    for number in 0..16 {
        let memory = feed(&*store, &format!("f{number}")).await;
        let outcome = poll(&memory, 1, &[piece("x").watched(&["w"]).story(&["k"])]);
        let store = Arc::clone(&store);
        polls.spawn(async move { store.commit_poll(outcome, plain()).await.unwrap().queued });
    }
    assert_eq!(polls.join_all().await.into_iter().sum::<usize>(), 1);
    let mut stories = stories(&*store).await;
    stories.dedup();
    assert_eq!(stories.len(), 1);
}
