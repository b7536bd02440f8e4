//! What is remembered of feeds and hosts.

use newswatch::item::{FeedIdentity, FeedMemory, HostHold, Key, Move, Standing, Validators};

use super::Engine;
use super::scene::*;

fn named(name: &str, url: &str) -> FeedIdentity {
    FeedIdentity { name: name.into(), url: url.into() }
}

fn full(memory: &FeedMemory) -> FeedMemory {
    let validators =
        |url: &str| Validators { url: url.into(), etag: Some(b"W/\"\xff,b\"".to_vec()), last_modified: None };
    FeedMemory {
        validators: vec![validators("https://z/"), validators("https://a/")],
        body: Some(Key::of(&["body"])),
        document: 7,
        last_poll: Some(at(1)),
        last_success: Some(at(2)),
        last_change: Some(at(3)),
        next_poll: Some(at(4)),
        why: "every".into(),
        failures: 3,
        failing_since: Some(at(5)),
        error: Some("no such host".into()),
        gone: true,
        redirect_wait: Some("https://hop/".into()),
        moved: Some(Move { to: "https://new/".into(), since: at(6), seen: 2, adopted: true }),
        gaps: 1,
        repairs: vec!["closed a tag".into()],
        reads: 9,
        ..memory.clone()
    }
}

pub(crate) async fn a_memory_comes_back_as_it_was(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    assert_eq!(memory.health(true).as_str(), "new");
    let mut outcome = poll(&memory, 1, &[]);
    outcome.after = full(&memory);
    commit(&*store, outcome.clone()).await;
    let store = engine.crash(store);
    assert_eq!(feed(&*store, "a").await, outcome.after);
}

pub(crate) async fn validators_and_items_come_together(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    let mut outcome = poll(&memory, 1, &[piece("x")]);
    outcome.after.validators =
        vec![Validators { url: memory.url.clone(), etag: Some(b"1".to_vec()), last_modified: None }];
    commit(&*store, outcome.clone()).await;
    let store = engine.crash(store);
    let again = feed(&*store, "a").await;
    assert_eq!(again.validators, outcome.after.validators);
    assert!(matches!(standing(&*store, &again, &piece("x")).await, Standing::Repeated(Some(_))));
    // A document that gave none clears them.
    let mut bare = poll(&again, 2, &[]);
    bare.after.validators.clear();
    commit(&*store, bare).await;
    assert_eq!(feed(&*store, "a").await.validators, vec![]);
}

pub(crate) async fn a_renamed_feed_keeps_everything(engine: &dyn Engine) {
    let store = engine.open();
    let memory = store.enlist(vec![named("old", "https://a/")]).await.unwrap().remove(0);
    let mut outcome = poll(&memory, 1, &[piece("x")]);
    outcome.after = full(&memory);
    commit(&*store, outcome.clone()).await;
    let renamed = store.enlist(vec![named("new", "https://a/")]).await.unwrap().remove(0);
    assert_eq!(renamed, FeedMemory { name: "new".into(), ..outcome.after });
}

pub(crate) async fn an_edited_url_starts_afresh_and_keeps_its_items(engine: &dyn Engine) {
    let store = engine.open();
    let memory = store.enlist(vec![named("a", "https://a/")]).await.unwrap().remove(0);
    let mut outcome = poll(&memory, 1, &[piece("x")]);
    outcome.after = full(&memory);
    commit(&*store, outcome).await;
    let edited = store.enlist(vec![named("a", "https://b/")]).await.unwrap().remove(0);
    assert_eq!((edited.id, edited.key, edited.url.as_str()), (memory.id, memory.key, "https://b/"));
    assert_eq!((&edited.validators, edited.body, &edited.moved), (&vec![], None, &None));
    assert_eq!((edited.failures, edited.failing_since, edited.error.clone(), edited.gone), (0, None, None, false));
    assert_eq!(edited.next_poll, None);
    assert_eq!(edited.reads, 0, "what stands at the new address is a backlog");
    assert!(matches!(standing(&*store, &edited, &piece("x")).await, Standing::Repeated(Some(_))));
}

pub(crate) async fn a_look_at_the_feeds_changes_nothing(engine: &dyn Engine) {
    let store = engine.open();
    let memory = store.enlist(vec![named("a", "https://a/"), named("b", "https://b/")]).await.unwrap().remove(0);
    let mut outcome = poll(&memory, 1, &[]);
    outcome.after = full(&memory);
    commit(&*store, outcome.clone()).await;
    let asked = vec![named("other", "https://a/"), named("b", "https://edited/"), named("c", "https://c/")];
    let seen = store.memories(asked).await.unwrap();
    assert_eq!(seen[0], FeedMemory { name: "other".into(), ..outcome.after.clone() });
    let (edited, new) = (&seen[1], &seen[2]);
    assert_eq!((edited.name.as_str(), edited.url.as_str(), edited.reads), ("b", "https://edited/", 0));
    assert_eq!((new.name.as_str(), new.url.as_str(), new.why.as_str()), ("c", "https://c/", "new"));
    // Nor is anything made, renamed or struck off by looking at fewer or others.
    assert_eq!(store.memories(vec![]).await.unwrap(), vec![]);
    assert_eq!(store.memories(vec![named("a", "https://a/")]).await.unwrap(), [outcome.after]);
    assert_eq!(store.counts().await.unwrap().feeds_read, 1);
}

pub(crate) async fn two_feeds_with_one_url_are_told_apart_by_name(engine: &dyn Engine) {
    let store = engine.open();
    let both = vec![named("a", "https://same/"), named("b", "https://same/")];
    let first = store.enlist(both.clone()).await.unwrap();
    assert_ne!(first[0].id, first[1].id);
    assert_ne!(first[0].key, first[1].key);
    let swapped: Vec<FeedIdentity> = both.into_iter().rev().collect();
    let again = store.enlist(swapped).await.unwrap();
    assert_eq!((again[0].id, again[1].id), (first[1].id, first[0].id));
    // One is renamed, the other one keeps its own.
    let renamed = store.enlist(vec![named("c", "https://same/"), named("b", "https://same/")]).await.unwrap();
    assert_eq!((renamed[0].id, renamed[1].id), (first[0].id, first[1].id));
}

pub(crate) async fn a_feed_that_is_not_named_stays(engine: &dyn Engine) {
    let store = engine.open();
    let first = store.enlist(vec![named("a", "https://a/"), named("b", "https://b/")]).await.unwrap();
    let only = store.enlist(vec![named("b", "https://b/")]).await.unwrap();
    assert_eq!(only, vec![first[1].clone()]);
    let back = store.enlist(vec![named("b", "https://b/"), named("a", "https://a/")]).await.unwrap();
    assert_eq!(back, vec![first[1].clone(), first[0].clone()]);
}

pub(crate) async fn a_feed_that_was_gone_is_asked_again_when_it_is_put_back(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    let mut outcome = poll(&memory, 1, &[]);
    outcome.after = full(&memory);
    commit(&*store, outcome.clone()).await;
    assert!(feed(&*store, "a").await.gone, "a restart alone changes nothing");
    store.enlist(vec![]).await.unwrap();
    let back = feed(&*store, "a").await;
    assert_eq!((back.gone, back.failures, back.next_poll, &back.error), (false, 0, None, &None));
    assert_eq!((back.why.as_str(), back.reads), ("it was put into the config again", outcome.after.reads));
}

pub(crate) async fn nothing_waits_for_a_clock_that_was_set_back(engine: &dyn Engine) {
    let store = engine.open();
    let (memory, behind) = (feed(&*store, "a").await, at(0));
    let years = 3 * 365 * DAY;
    let mut outcome = poll(&memory, years, &[]);
    (outcome.after.next_poll, outcome.after.not_before) = (Some(at(years + 60)), Some(at(years + 90)));
    let hold = |scope: &str, minutes| HostHold { scope: scope.into(), until: at(minutes) };
    outcome.holds = vec![hold("host:a", years + 60), hold("host:b", 20), hold("host:c", 30 * DAY)];
    commit(&*store, outcome).await;
    store.wind_back(behind).await.unwrap();
    let store = engine.crash(store);
    let after = feed(&*store, "a").await;
    assert_eq!((after.last_poll, after.next_poll, after.not_before), (Some(at(0)), Some(at(60)), Some(at(90))));
    let holds = [hold("host:a", 60), hold("host:b", 20), hold("host:c", 7 * DAY)];
    assert_eq!(store.holds(at(0)).await.unwrap()[..2], holds[..2]);
    // What is written by the right clock stays as it is, however often that is asked.
    store.wind_back(at(1)).await.unwrap();
    assert_eq!(feed(&*store, "a").await, after);
}

pub(crate) async fn the_longest_hold_on_a_host_counts(engine: &dyn Engine) {
    let store = engine.open();
    let memory = feed(&*store, "a").await;
    let hold = |scope: &str, minutes| HostHold { scope: scope.into(), until: at(minutes) };
    let mut outcome = poll(&memory, 1, &[]);
    outcome.holds = vec![hold("host:a", 60), hold("domain:b", 5)];
    commit(&*store, outcome.clone()).await;
    outcome.holds = vec![hold("host:a", 10)];
    commit(&*store, outcome).await;
    let store = engine.crash(store);
    assert_eq!(store.holds(at(2)).await.unwrap(), vec![hold("domain:b", 5), hold("host:a", 60)]);
    assert_eq!(store.holds(at(5)).await.unwrap(), vec![hold("host:a", 60)]);
    assert_eq!(store.holds(at(60)).await.unwrap(), vec![]);
}
