//! What waits, and when it goes.

use newswatch::item::{Key, MailKind};
use newswatch::store::{Store, StoreError};

use super::Engine;
use super::scene::*;

async fn hold(store: &dyn Store, minutes: i64, names: &[&'static str]) {
    let mut memory = feed(store, "a").await;
    let pieces: Vec<Piece> = names.iter().map(|name| piece(name).watched(&["digest-w"])).collect();
    assert_eq!(read(store, &mut memory, minutes, &pieces).await.queued, 0);
}

async fn run(store: &dyn Store, minutes: i64, slot: Option<&str>) -> usize {
    store.commit_tick(tick(minutes, slot), plain()).await.unwrap().mails.len()
}

async fn waiting(store: &dyn Store) -> usize {
    store.held("morning").await.unwrap().iter().map(|held| held.tellings.len()).sum()
}

pub(crate) async fn what_is_held_goes_out_in_one_mail_each(engine: &dyn Engine) {
    let store = engine.open();
    hold(&*store, 0, &["p", "q"]).await;
    hold(&*store, 1, &["r"]).await;
    assert_eq!(waiting(&*store).await, 3);
    assert_eq!(store.held("evening").await.unwrap().len(), 0);
    assert_eq!(run(&*store, 2, Some("one")).await, 1);
    assert_eq!(waiting(&*store).await, 0);
    let mail = deliver(&*store, 3).await.remove(0);
    assert_eq!(mail.envelope.kind, MailKind::Digest { name: "morning".into(), near: vec![] });
    let quotes: Vec<&str> = mail.tellings.iter().map(|telling| telling.hit.because[0].quote.as_str()).collect();
    assert_eq!(quotes, ["p", "q", "r"]);
    assert_eq!(mail.envelope.keys.len(), 4);
    assert!(mail.envelope.keys.is_sorted());
}

pub(crate) async fn a_slot_is_used_once(engine: &dyn Engine) {
    let store = engine.open();
    hold(&*store, 0, &["p"]).await;
    assert_eq!(run(&*store, 1, Some("one")).await, 1);
    hold(&*store, 2, &["q"]).await;
    assert_eq!(run(&*store, 3, Some("one")).await, 0);
    let store = engine.crash(store);
    assert_eq!(run(&*store, 4, Some("one")).await, 0);
    assert_eq!(waiting(&*store).await, 1);
    assert_eq!(run(&*store, 5, Some("two")).await, 1);
}

pub(crate) async fn a_tick_under_an_older_config_is_refused(engine: &dyn Engine) {
    let store = engine.open();
    hold(&*store, 0, &["p"]).await;
    let mut outcome = tick(1, Some("one"));
    store.declare_generation(outcome.generation + 1).await.unwrap();
    let refused = store.commit_tick(outcome.clone(), plain()).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    assert_eq!((waiting(&*store).await, store.counts().await.unwrap().waiting), (1, 0));
    outcome.generation += 1;
    assert_eq!(store.commit_tick(outcome, plain()).await.unwrap().mails.len(), 1);
}

pub(crate) async fn a_flush_uses_no_slot(engine: &dyn Engine) {
    let store = engine.open();
    store.digests_through(vec!["morning".into()], at(0)).await.unwrap();
    hold(&*store, 0, &["p"]).await;
    assert_eq!(run(&*store, 1, None).await, 1);
    assert_eq!(store.digests_through(vec!["morning".into()], at(9)).await.unwrap(), [at(0)]);
    hold(&*store, 2, &["q"]).await;
    assert_eq!(run(&*store, 3, Some("one")).await, 1);
    assert_eq!(store.digests_through(vec!["morning".into()], at(9)).await.unwrap(), [at(3)]);
}

pub(crate) async fn a_new_digest_looks_forward_only(engine: &dyn Engine) {
    let store = engine.open();
    let names = || vec!["b".to_owned(), "morning".to_owned()];
    assert_eq!(store.digests_through(names(), at(5)).await.unwrap(), [at(5), at(5)]);
    run(&*store, 7, Some("one")).await;
    let store = engine.crash(store);
    assert_eq!(store.digests_through(names(), at(9)).await.unwrap(), [at(5), at(7)]);
    // A clock that was set back undoes nothing.
    run(&*store, 6, Some("zero")).await;
    assert_eq!(store.digests_through(names(), at(9)).await.unwrap(), [at(5), at(7)]);
}

pub(crate) async fn what_comes_later_waits_for_the_next_slot(engine: &dyn Engine) {
    let store = engine.open();
    hold(&*store, 0, &["p"]).await;
    run(&*store, 1, Some("one")).await;
    hold(&*store, 2, &["q"]).await;
    let first = deliver(&*store, 3).await;
    assert_eq!((first.len(), first[0].tellings.len()), (1, 1));
    run(&*store, 4, Some("two")).await;
    let second = deliver(&*store, 5).await;
    assert_eq!((second.len(), second[0].tellings[0].hit.because[0].quote.as_str()), (1, "q"));
}

pub(crate) async fn what_is_held_survives_a_crash(engine: &dyn Engine) {
    let store = engine.open();
    hold(&*store, 0, &["p"]).await;
    let store = engine.crash(store);
    assert_eq!(waiting(&*store).await, 1);
    let mut memory = feed(&*store, "a").await;
    // It counts as told already.
    read(&*store, &mut memory, 1, &[piece("p").watched(&["digest-w"])]).await;
    assert_eq!(waiting(&*store).await, 1);
}

pub(crate) async fn a_key_covered_while_held_follows_its_digest(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let report = |name| piece(name).watched(&["digest-w"]).story(&["k"]);
    read(&*store, &mut memory, 0, &[report("p")]).await;
    read(&*store, &mut memory, 1, &[report("q")]).await;
    assert_eq!(waiting(&*store).await, 1);
    assert_eq!(store.unledgered().await.unwrap(), vec![]);
    run(&*store, 2, Some("one")).await;
    let mail = deliver(&*store, 3).await.remove(0);
    let lines = store.unledgered().await.unwrap();
    assert_eq!((lines.len(), lines[0].message_id.clone()), (1, rendering(&mail).message_id));
    let covered: Vec<Key> = lines[0].keys.clone();
    assert_eq!(covered.len(), 1);
    assert!(!mail.envelope.keys.contains(&covered[0]));
    // What comes after the digest was sent follows it too.
    read(&*store, &mut memory, 4, &[report("r")]).await;
    assert_eq!(store.unledgered().await.unwrap()[0].keys.len(), 2);
}

pub(crate) async fn near_misses_are_kept_for_a_week_the_nearest_few_of_each_watch(engine: &dyn Engine) {
    let store = engine.open();
    let near = async |minutes: i64| {
        let since = newswatch::alert::Near::since(at(minutes));
        let near = store.near_misses(vec!["v".into(), "w".into()], since).await.unwrap();
        near.into_iter().map(|near| (near.miss.watch, near.headline, near.miss.short)).collect::<Vec<_>>()
    };
    let shown = |rows: &[(&str, &str, u32)]| {
        rows.iter().map(|(watch, title, short)| ((*watch).to_owned(), (*title).to_owned(), *short)).collect::<Vec<_>>()
    };
    let mut memory = feed(&*store, "a").await;
    let first = [
        piece("p").near("w", 50).near("v", 90),
        piece("q").near("w", 20),
        piece("r").near("w", 10).story(&["s"]),
        piece("t").watched(&["w"]).story(&["s"]),
    ];
    read(&*store, &mut memory, 0, &first).await;
    assert_eq!(near(1).await, shown(&[("v", "p", 90), ("w", "q", 20), ("w", "p", 50)]), "r tells what was matched");
    // An edit is looked at anew.
    read(&*store, &mut memory, 5, &[Piece { text: "edited", near: vec![], ..piece("q") }]).await;
    assert_eq!(near(6).await, shown(&[("v", "p", 90), ("w", "p", 50)]));
    assert!(near(7 * DAY + 1).await.is_empty());
    let names: Vec<&'static str> = (0..30).map(|n| &*String::leak(format!("n{n}"))).collect();
    let many: Vec<Piece> = names.iter().map(|name| piece(name).near("w", 60)).collect();
    read(&*store, &mut memory, 7, &many).await;
    let kept = near(8).await;
    // One of the twenty is that of a story which was matched.
    assert_eq!(kept.iter().filter(|(watch, ..)| watch == "w").count(), 19);
    assert_eq!(kept[1].1, "p", "the nearest stays");
}
