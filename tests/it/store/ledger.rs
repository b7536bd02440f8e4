//! The ledger outlives the database.

use newswatch::item::{Key, MailState};
use newswatch::store::{Lease, LedgerEntry, LedgerNews, Store};

use super::Engine;
use super::scene::*;

fn line(lease: &Lease, verdict: &str) -> LedgerEntry {
    LedgerEntry {
        at: at(1),
        message_id: rendering(lease).message_id,
        verdict: verdict.into(),
        keys: lease.envelope.keys.clone(),
    }
}

async fn read_in(store: &dyn Store, entries: Vec<LedgerEntry>) {
    let news = LedgerNews { path: "/ledger".into(), entries, offset: 99 };
    store.read_in(news).await.unwrap();
}

pub(crate) async fn an_older_copy_repeats_nothing_that_the_ledger_has(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("queued").watched(&["w"])]).await;
    store.close().await.unwrap();
    drop(store);
    engine.back_up();
    let store = engine.open();
    let mut later_memory = memory.clone();
    let document = [piece("queued").watched(&["w"]), piece("unknown").watched(&["w"])];
    read(&*store, &mut later_memory, 1, &document).await;
    let lines: Vec<LedgerEntry> = deliver(&*store, 2).await.iter().map(|lease| line(lease, "sent")).collect();
    assert_eq!(lines.len(), 2);
    store.close().await.unwrap();
    drop(store);
    engine.restore();
    let store = engine.open();
    assert_eq!(store.ledger_offset().await.unwrap(), 0);
    read_in(&*store, lines).await;
    assert_eq!(store.ledger_offset().await.unwrap(), 99);
    // Neither what waited in the copy nor what the copy never saw goes out again.
    assert!(lease(&*store, 3).await.is_none());
    let receipt = read(&*store, &mut memory, 4, &document).await;
    assert_eq!((receipt.new, receipt.queued), (1, 0));
    assert!(deliver(&*store, 5).await.is_empty());
}

pub(crate) async fn a_mail_loses_the_keys_that_were_told_and_is_rendered_anew(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("x").watched(&["one", "two"])]).await;
    let mail = lease(&*store, 0).await.unwrap();
    store.rendered(&mail, rendering(&mail)).await.unwrap();
    store.release(&mail, at(1), "down").await.unwrap();
    let told = mail.tellings[0].key;
    let other = LedgerEntry { message_id: "other@example.org".into(), keys: vec![told], ..line(&mail, "sent") };
    read_in(&*store, vec![other]).await;
    let mail = lease(&*store, 2).await.unwrap();
    assert_eq!((mail.rendered.clone(), mail.tellings.len()), (None, 1));
    assert_eq!(mail.envelope.keys, [mail.tellings[0].key]);
    assert_ne!(mail.tellings[0].key, told);
}

pub(crate) async fn a_line_settles_the_mail_whose_row_was_not_written(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("x").watched(&["w"])]).await;
    let mail = lease(&*store, 0).await.unwrap();
    store.rendered(&mail, rendering(&mail)).await.unwrap();
    store.sending(&mail, at(0)).await.unwrap();
    // Here the server's answer went into the ledger, and the process died.
    let store = engine.crash(store);
    read_in(&*store, vec![line(&mail, "sent")]).await;
    assert_eq!(store.recover(at(15)).await.unwrap(), 0);
    let row = store.mails(0).await.unwrap().remove(0);
    assert_eq!((row.state, row.sent), (MailState::Sent, Some(at(1))));
    assert!(lease(&*store, 1000).await.is_none());
    assert_eq!(store.unledgered().await.unwrap(), vec![]);
}

pub(crate) async fn lines_that_are_known_change_nothing(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("x").watched(&["w"])]).await;
    let mail = deliver(&*store, 1).await.remove(0);
    read(&*store, &mut memory, 2, &[piece("y").watched(&["w", "digest-w"])]).await;
    let before = store.mails(0).await.unwrap();
    read_in(&*store, vec![line(&mail, "sent"), line(&mail, "sent")]).await;
    assert_eq!(store.mails(0).await.unwrap(), before);
    assert_eq!(store.held("morning").await.unwrap().len(), 1);
}

pub(crate) async fn a_line_of_our_own_leaves_alone_what_goes_both_ways(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("x").watched(&["both-w"])]).await;
    let mail = lease(&*store, 0).await.unwrap();
    store.rendered(&mail, rendering(&mail)).await.unwrap();
    store.sending(&mail, at(0)).await.unwrap();
    let store = engine.crash(store);
    for _ in 0..2 {
        read_in(&*store, vec![line(&mail, "sent")]).await;
        assert_eq!(store.held("morning").await.unwrap().len(), 1);
    }
    store.commit_tick(tick(1, Some("one")), plain()).await.unwrap();
    assert_eq!(deliver(&*store, 1).await[0].tellings, mail.tellings);
}

pub(crate) async fn held_tellings_that_were_told_are_let_go(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("x").watched(&["digest-w"]), piece("y").watched(&["digest-w"])]).await;
    let held = store.held("morning").await.unwrap().remove(0).tellings;
    let entry =
        LedgerEntry { at: at(1), message_id: "d@example.org".into(), verdict: "sent".into(), keys: vec![held[0].key] };
    read_in(&*store, vec![entry]).await;
    assert_eq!(store.held("morning").await.unwrap()[0].tellings, held[1..]);
}

pub(crate) async fn a_mail_that_was_offered_is_left_alone(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("x").watched(&["one", "two"])]).await;
    let mail = lease(&*store, 0).await.unwrap();
    store.rendered(&mail, rendering(&mail)).await.unwrap();
    store.settle(&mail, later(1), at(0)).await.unwrap();
    let other = LedgerEntry { message_id: "o@x".into(), keys: vec![mail.tellings[0].key], ..line(&mail, "sent") };
    read_in(&*store, vec![other]).await;
    // Its bytes may have been heard; they do not change any more.
    let again = lease(&*store, 1).await.unwrap();
    assert_eq!((again.rendered, again.tellings.len()), (Some(rendering(&mail)), 2));
}

pub(crate) async fn covered_keys_get_their_line_when_their_mail_is_sent(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let report = |name| piece(name).watched(&["w"]).story(&["k"]);
    read(&*store, &mut memory, 0, &[report("p"), report("q")]).await;
    assert_eq!(store.unledgered().await.unwrap(), vec![]);
    let mail = deliver(&*store, 1).await.remove(0);
    read(&*store, &mut memory, 2, &[report("r")]).await;
    let lines = store.unledgered().await.unwrap();
    assert_eq!((lines.len(), lines[0].keys.len(), lines[0].verdict.as_str()), (1, 2, "covered"));
    assert_eq!((lines[0].message_id.clone(), lines[0].at), (rendering(&mail).message_id, at(1)));
    let keys: Vec<Key> = lines[0].keys.clone();
    store.ledgered(keys, 123).await.unwrap();
    let store = engine.crash(store);
    assert_eq!(store.unledgered().await.unwrap(), vec![]);
    assert_eq!(store.ledger_offset().await.unwrap(), 123);
}

pub(crate) async fn a_line_that_could_not_be_written_is_still_to_be_written(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("p").watched(&["w"])]).await;
    let mail = lease(&*store, 1).await.unwrap();
    store.rendered(&mail, rendering(&mail)).await.unwrap();
    // The server took it, and the disk of the ledger was full.
    store.settle(&mail, sent(), at(1)).await.unwrap();
    let store = engine.crash(store);
    let lines = store.unledgered().await.unwrap();
    assert_eq!((lines.len(), &lines[0].keys), (1, &mail.envelope.keys));
    store.ledgered(mail.envelope.keys, 123).await.unwrap();
    assert_eq!(store.unledgered().await.unwrap(), vec![]);
}

pub(crate) async fn a_dropped_line_drops_the_mail(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("x").watched(&["w"])]).await;
    let mail = lease(&*store, 0).await.unwrap();
    store.rendered(&mail, rendering(&mail)).await.unwrap();
    let store = engine.crash(store);
    read_in(&*store, vec![line(&mail, "dropped")]).await;
    assert_eq!(store.mails(0).await.unwrap(), vec![]);
    assert!(lease(&*store, 1000).await.is_none());
}
