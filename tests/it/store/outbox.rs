//! From the outbox to whoever delivers.

use newswatch::item::{Envelope, MailKind, MailState};
use newswatch::store::{Lease, Settled, Store};

use super::Engine;
use super::scene::*;

/// One alert for the desk.
async fn one_alert(store: &dyn Store) {
    let mut memory = feed(store, "a").await;
    assert_eq!(read(store, &mut memory, 0, &[piece("x").watched(&["w"])]).await.queued, 1);
}

async fn state(store: &dyn Store) -> MailState {
    store.mails(1).await.unwrap()[0].state
}

pub(crate) async fn alerts_go_first_then_the_oldest(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("d").watched(&["digest-w"])]).await;
    store.commit_tick(tick(1, Some("one")), plain()).await.unwrap();
    read(&*store, &mut memory, 2, &[piece("p").watched(&["w"])]).await;
    read(&*store, &mut memory, 3, &[piece("q").watched(&["w"])]).await;
    let kinds: Vec<_> =
        deliver(&*store, 4).await.into_iter().map(|lease| (lease.envelope.kind, lease.queued)).collect();
    let digest = MailKind::Digest { name: "morning".into(), near: vec![] };
    assert_eq!(kinds, [(MailKind::Alert, at(2)), (MailKind::Alert, at(3)), (digest, at(1))]);
}

pub(crate) async fn one_mail_of_a_recipient_is_under_way_at_a_time(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("p").watched(&["w"]), piece("q").watched(&["w"])]).await;
    let mut broken = poll(&memory, 1, &[]);
    broken.after.failures = 1;
    commit(&*store, broken).await;
    let first = lease(&*store, 2).await.unwrap();
    // The second alert is for the same desk; the report is not.
    let second = lease(&*store, 2).await.unwrap();
    assert_eq!((first.envelope.recipient.as_str(), second.envelope.recipient.as_str()), (DESK, "root@example.org"));
    assert!(lease(&*store, 2).await.is_none());
    store.settle(&first, sent(), at(2)).await.unwrap();
    let next = lease(&*store, 2).await.unwrap();
    assert_eq!(next.envelope.recipient, DESK);
    store.release(&next, at(2), "later").await.unwrap();
    assert!(store.lease(at(2), at(12), Some(next.id)).await.unwrap().is_none(), "it was to be left out");
    assert_eq!(store.lease(at(2), at(12), None).await.unwrap().map(|lease| lease.id), Some(next.id));
}

pub(crate) async fn whoever_lost_a_lease_writes_nothing(engine: &dyn Engine) {
    let store = engine.open();
    one_alert(&*store).await;
    let old = lease(&*store, 0).await.unwrap();
    assert!(lease(&*store, 9).await.is_none());
    let new = lease(&*store, 10).await.unwrap();
    assert_eq!((new.id, new.epoch > old.epoch), (old.id, true));
    assert!(lost(&store.rendered(&old, rendering(&old)).await));
    assert!(lost(&store.sending(&old, at(10)).await));
    assert!(lost(&store.settle(&old, sent(), at(10)).await));
    assert!(lost(&store.settle(&old, Settled::Dropped, at(10)).await));
    assert!(lost(&store.release(&old, at(11), "no").await));
    store.settle(&new, sent(), at(10)).await.unwrap();
    // And a lease ends with its settling.
    assert!(lost(&store.settle(&new, later(11), at(10)).await));
    assert_eq!(state(&*store).await, MailState::Sent);
}

pub(crate) async fn a_mail_put_off_waits_for_its_time(engine: &dyn Engine) {
    let store = engine.open();
    one_alert(&*store).await;
    assert_eq!(store.next_due().await.unwrap(), Some(at(0)));
    for (try_, minute) in [(0, 0), (1, 5), (2, 15)] {
        let mail = lease(&*store, minute).await.unwrap();
        assert_eq!((mail.tries, mail.state), (try_, MailState::Waiting));
        let next = if try_ == 0 { 5 } else { 15 + 15 * (i64::from(try_) - 1) };
        store.settle(&mail, later(next), at(minute)).await.unwrap();
        assert!(lease(&*store, next - 1).await.is_none());
        assert_eq!(store.next_due().await.unwrap(), Some(at(next)));
    }
    let row = store.mails(0).await.unwrap().remove(0);
    assert_eq!((row.tries, row.next, row.answer.as_deref()), (3, Some(at(30)), Some("451 not now")));
    let store = engine.crash(store);
    assert_eq!(deliver(&*store, 30).await.len(), 1);
}

pub(crate) async fn a_clock_that_was_set_back_keeps_no_mail_waiting(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    // Queued by a clock that was a year ahead, and an hour ago by one that is right.
    read(&*store, &mut memory, 365 * DAY, &[piece("x").watched(&["w"])]).await;
    assert!(lease(&*store, 60).await.is_none());
    assert_eq!(store.hasten(at(60), at(60)).await.unwrap(), 1);
    let mail = lease(&*store, 60).await.unwrap();
    assert_eq!(mail.queued, at(60));
    store.settle(&mail, later(90), at(60)).await.unwrap();
    // It is put off as always, and a second start changes nothing.
    assert_eq!(store.hasten(at(61), at(61)).await.unwrap(), 0);
    assert!(lease(&*store, 89).await.is_none());
    assert_eq!(lease(&*store, 90).await.unwrap().id, mail.id);
}

pub(crate) async fn a_mail_put_back_was_not_tried(engine: &dyn Engine) {
    let store = engine.open();
    one_alert(&*store).await;
    let mail = lease(&*store, 0).await.unwrap();
    store.release(&mail, at(3), "connection refused").await.unwrap();
    assert!(lease(&*store, 2).await.is_none());
    let row = store.mails(0).await.unwrap().remove(0);
    assert_eq!((row.state, row.tries, row.answer.as_deref()), (MailState::Waiting, 0, Some("connection refused")));
    assert_eq!(lease(&*store, 3).await.unwrap().tries, 0);
}

pub(crate) async fn what_was_rendered_stays_byte_for_byte(engine: &dyn Engine) {
    let store = engine.open();
    one_alert(&*store).await;
    let mail = lease(&*store, 0).await.unwrap();
    assert_eq!(mail.rendered, None);
    store.rendered(&mail, rendering(&mail)).await.unwrap();
    store.settle(&mail, later(1), at(0)).await.unwrap();
    let store = engine.crash(store);
    assert_eq!(lease(&*store, 1).await.unwrap().rendered, Some(rendering(&mail)));
    let row = store.mails(0).await.unwrap().remove(0);
    assert_eq!((row.message_id, row.subject.as_deref()), (Some(rendering(&mail).message_id), Some("1 things")));
}

pub(crate) async fn a_sent_mail_is_never_leased_again(engine: &dyn Engine) {
    let store = engine.open();
    one_alert(&*store).await;
    assert_eq!(deliver(&*store, 0).await.len(), 1);
    assert!(lease(&*store, 1000).await.is_none());
    assert_eq!(store.next_due().await.unwrap(), None);
    let row = store.mails(0).await.unwrap().remove(0);
    assert_eq!((row.state, row.sent, row.next, row.tries), (MailState::Sent, Some(at(0)), None, 1));
    assert_eq!(store.recover(at(2)).await.unwrap(), 0);
    assert!(lease(&*store, 2000).await.is_none());
}

pub(crate) async fn a_dead_letter_is_listed_and_left_alone(engine: &dyn Engine) {
    let store = engine.open();
    one_alert(&*store).await;
    let mail = lease(&*store, 0).await.unwrap();
    store.settle(&mail, Settled::Dead { answer: "550 nobody".into() }, at(0)).await.unwrap();
    assert!(lease(&*store, 1000).await.is_none());
    let row = store.mails(0).await.unwrap().remove(0);
    assert_eq!((row.state, row.answer.as_deref(), row.next), (MailState::Dead, Some("550 nobody"), None));
    assert_eq!(store.counts().await.unwrap().dead, 1);
}

pub(crate) async fn a_dropped_mail_is_gone_and_its_keys_are_told(engine: &dyn Engine) {
    let store = engine.open();
    let mut one = feed(&*store, "one").await;
    let mut two = feed(&*store, "two").await;
    read(&*store, &mut one, 0, &[piece("p").watched(&["w"]).story(&["k"])]).await;
    let mail = lease(&*store, 0).await.unwrap();
    store.settle(&mail, Settled::Dropped, at(0)).await.unwrap();
    assert_eq!(store.mails(0).await.unwrap(), vec![]);
    assert_eq!(read(&*store, &mut two, 1, &[piece("q").watched(&["w"]).story(&["k"])]).await.queued, 0);
}

pub(crate) async fn a_restart_finds_out_what_was_unheard(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("p").watched(&["w"]), piece("q").watched(&["w"])]).await;
    let first = lease(&*store, 0).await.unwrap();
    store.rendered(&first, rendering(&first)).await.unwrap();
    store.sending(&first, at(0)).await.unwrap();
    assert_eq!(store.mails(0).await.unwrap()[1].state, MailState::Sending);
    let store = engine.crash(store);
    assert_eq!(store.recover(at(15)).await.unwrap(), 1);
    assert!(lost(&store.settle(&first, sent(), at(1)).await));
    // The other one was never begun, and goes at once.
    let second = lease(&*store, 1).await.unwrap();
    assert_ne!(second.id, first.id);
    store.settle(&second, sent(), at(1)).await.unwrap();
    assert!(lease(&*store, 14).await.is_none());
    let again = lease(&*store, 15).await.unwrap();
    assert_eq!((again.id, again.state, again.tries), (first.id, MailState::Unheard, 1));
    assert_eq!(again.rendered, Some(rendering(&first)));
}

pub(crate) async fn a_lease_that_ran_out_at_the_last_dot_is_unheard(engine: &dyn Engine) {
    let store = engine.open();
    one_alert(&*store).await;
    let first = lease(&*store, 0).await.unwrap();
    store.sending(&first, at(1)).await.unwrap();
    let again = lease(&*store, 10).await.unwrap();
    assert_eq!((again.state, again.tries), (MailState::Unheard, 1));
    assert_eq!(state(&*store).await, MailState::Unheard);
}

pub(crate) async fn what_was_unheard_once_stays_unheard(engine: &dyn Engine) {
    let store = engine.open();
    one_alert(&*store).await;
    let mail = lease(&*store, 0).await.unwrap();
    store.settle(&mail, Settled::Unheard { next: at(1), answer: "silence".into() }, at(0)).await.unwrap();
    assert_eq!(state(&*store).await, MailState::Unheard);
    let mail = lease(&*store, 1).await.unwrap();
    store.sending(&mail, at(1)).await.unwrap();
    store.settle(&mail, later(2), at(1)).await.unwrap();
    // A copy may lie in the inbox since the first try.
    assert_eq!(state(&*store).await, MailState::Unheard);
    assert_eq!(deliver(&*store, 2).await.len(), 1);
}

pub(crate) async fn the_next_due_time_waits_for_leases(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("p").watched(&["w"]), piece("q").watched(&["w"])]).await;
    assert_eq!(store.next_due().await.unwrap(), Some(at(0)));
    let mail = lease(&*store, 1).await.unwrap();
    // Nothing can be leased before this lease ends, so nothing is due before.
    assert_eq!(store.next_due().await.unwrap(), Some(at(11)));
    store.settle(&mail, sent(), at(2)).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(at(0)));
}

pub(crate) async fn entries_name_the_story_and_its_other_reports(engine: &dyn Engine) {
    let store = engine.open();
    let mut one = feed(&*store, "one").await;
    let mut two = feed(&*store, "two").await;
    read(&*store, &mut one, 1, &[piece("opener").story(&["k"])]).await;
    read(&*store, &mut two, 2, &[piece("second").watched(&["w"]).story(&["k"])]).await;
    let mail = lease(&*store, 3).await.unwrap();
    let Envelope { recipient, kind, keys } = &mail.envelope;
    assert_eq!((recipient.as_str(), kind, keys.len()), (DESK, &MailKind::Alert, 1));
    let entry = store.entries(mail.tellings.clone()).await.unwrap().remove(0);
    assert_eq!((entry.feed.as_str(), entry.story_title.as_str(), entry.first_seen), ("two", "opener", at(2)));
    assert_eq!((entry.item.title.as_str(), entry.item.authors.as_slice()), ("second", &["Ann Author".to_owned()][..]));
    assert_eq!(entry.also_in, [("one".to_owned(), Some("https://example.org/opener".to_owned()))]);
    assert_eq!(entry.telling, mail.tellings[0]);
    assert_eq!((entry.telling.title.as_str(), entry.telling.hit.because[0].quote.as_str()), ("W", "second"));
}

pub(crate) async fn a_thread_is_the_earlier_alerts_of_a_story(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let report = |name, watch| piece(name).watched(&[watch]).story(&["k"]);
    read(&*store, &mut memory, 0, &[report("p", "one")]).await;
    let first = deliver(&*store, 0).await.remove(0);
    read(&*store, &mut memory, 1, &[report("q", "digest-w")]).await;
    store.commit_tick(tick(1, None), plain()).await.unwrap();
    deliver(&*store, 1).await;
    read(&*store, &mut memory, 2, &[report("r", "two")]).await;
    let second = deliver(&*store, 2).await.remove(0);
    read(&*store, &mut memory, 3, &[report("s", "three"), piece("t").watched(&["w"])]).await;
    let third = lease(&*store, 3).await.unwrap();
    let thread = third.tellings[0].story;
    let ids: Vec<_> =
        store.thread(DESK, thread, third.id).await.unwrap().into_iter().map(|mail| mail.message_id).collect();
    assert_eq!(ids, [rendering(&first).message_id, rendering(&second).message_id]);
    assert_eq!(store.thread("else@example.org", thread, third.id).await.unwrap(), vec![]);
}

pub(crate) async fn a_restart_tries_at_once_what_only_the_relay_held_up(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("p").watched(&["w"]), piece("q").watched(&["w"])]).await;
    let first = lease(&*store, 0).await.unwrap();
    store.release(&first, at(15), "nobody answers").await.unwrap();
    let store = engine.crash(store);
    store.recover(at(1)).await.unwrap();
    assert_eq!(lease(&*store, 1).await.unwrap().id, first.id, "in the old order");
}

pub(crate) async fn a_recipient_whom_nobody_knows_is_left_alone_but_for_one_mail_a_day(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let refused = || refused(false);
    let news = ["one", "two", "three", "four", "five", "six"].map(|id| piece(id).watched(&["w"]));
    read(&*store, &mut memory, 0, &news[..4]).await;
    for minutes in 0..3 {
        assert!(store.refused().await.unwrap().is_empty());
        store.settle(&lease(&*store, minutes).await.unwrap(), refused(), at(minutes)).await.unwrap();
    }
    assert!(lease(&*store, 3).await.is_none(), "the fourth is not tried");
    read(&*store, &mut memory, 4, &news[..5]).await;
    let store = engine.crash(store);
    store.recover(at(5)).await.unwrap();
    assert!(lease(&*store, 6).await.is_none(), "nor what comes later, nor after a restart");
    let told = store.refused().await.unwrap();
    assert_eq!((told.len(), told[0].next), (1, at(2 + DAY)));
    assert_eq!(store.next_due().await.unwrap(), Some(at(2 + DAY)));
    store.settle(&lease(&*store, 2 + DAY).await.unwrap(), refused(), at(2 + DAY)).await.unwrap();
    assert!(lease(&*store, 3 + DAY).await.is_none(), "one a day");
    // Somebody has mended the address, and takes a dead letter in hand.
    store.revive(told[0].mail, at(4 + DAY)).await.unwrap();
    store.settle(&lease(&*store, 4 + DAY).await.unwrap(), sent(), at(4 + DAY)).await.unwrap();
    assert!(lease(&*store, 5 + DAY).await.is_some(), "and what waited goes");
    assert!(store.refused().await.unwrap().is_empty());
}

fn refused(kept: bool) -> Settled {
    Settled::Refused { answer: "550 5.1.1 nobody".into(), kept }
}

pub(crate) async fn a_summary_for_whom_nobody_knows_waits_until_somebody_does(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let news = ["one", "two", "three"].map(|id| piece(id).watched(&["w"]));
    read(&*store, &mut memory, 0, &news[..2]).await;
    store.gather(&lease(&*store, DAY).await.unwrap(), at(0), at(DAY)).await.unwrap();
    let summary = lease(&*store, DAY).await.unwrap();
    store.settle(&summary, refused(true), at(DAY)).await.unwrap();
    let rows = store.mails(0).await.unwrap();
    assert_eq!((rows.len(), rows[0].state, rows[0].tries), (1, MailState::Waiting, 1));
    assert_eq!(store.next_due().await.unwrap(), Some(at(2 * DAY)), "one try a day");
    // Somebody mends the address.
    read(&*store, &mut memory, DAY + 5, &news).await;
    let other = lease(&*store, DAY + 5).await.unwrap();
    assert_eq!(other.envelope.kind, MailKind::Alert);
    store.settle(&other, sent(), at(DAY + 5)).await.unwrap();
    let again = lease(&*store, DAY + 6).await.unwrap();
    assert_eq!((again.id, again.tellings.len()), (summary.id, 2), "all of it goes, and at once");
}

pub(crate) async fn what_may_have_come_waits_as_well_for_whom_nobody_knows(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let news = ["one", "two", "three", "four"].map(|id| piece(id).watched(&["w"]));
    read(&*store, &mut memory, 0, &news).await;
    let unheard = lease(&*store, 0).await.unwrap();
    let next = at(15);
    store.settle(&unheard, Settled::Unheard { next, answer: "cut".into() }, at(0)).await.unwrap();
    for minutes in 1..4 {
        store.settle(&lease(&*store, minutes).await.unwrap(), refused(false), at(minutes)).await.unwrap();
    }
    assert!(lease(&*store, 20).await.is_none(), "nobody is there");
    let told = store.refused().await.unwrap();
    assert_eq!((told.len(), store.next_due().await.unwrap()), (1, Some(at(3 + DAY))));
    store.revive(told[0].mail, at(30)).await.unwrap();
    store.settle(&lease(&*store, 30).await.unwrap(), sent(), at(30)).await.unwrap();
    let again = lease(&*store, 31).await.unwrap();
    assert_eq!((again.id, again.state), (unheard.id, MailState::Unheard));
}

pub(crate) async fn what_a_mail_has_no_room_for_is_counted(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let names: Vec<&'static str> = (0..Lease::TELLINGS_MAX + 5).map(|n| &*format!("n{n}").leak()).collect();
    let mut news: Vec<Piece> = names.iter().map(|name| piece(name).watched(&["digest-w"])).collect();
    // One that two watches tell of, and as the last one a story of two reports.
    news[3].watches.push("digest-v");
    let count = news.len();
    for one in &mut news[count - 2..] {
        one.story = vec!["same"];
    }
    read(&*store, &mut memory, 0, &news).await;
    store.commit_tick(tick(1, Some("one")), plain()).await.unwrap();
    let lease = lease(&*store, 2).await.unwrap();
    assert_eq!(lease.tellings.len(), Lease::TELLINGS_MAX);
    let items = lease.envelope.keys.len();
    assert!(items > Lease::TELLINGS_MAX, "what it tells is what it told: {items}");
    let whole = lease.whole.unwrap();
    assert_eq!((whole.stories, whole.sections, whole.items), (count - 1, count, count - 1), "{whole:?}");
    assert_eq!((whole.watches, whole.moved), (vec!["digest-w".to_owned(), "digest-v".to_owned()], 0));
    let entries = store.entries(lease.tellings).await.unwrap();
    let titles: Vec<&str> = entries.iter().map(|entry| entry.item.title.as_str()).collect();
    assert!(titles.contains(&names[count - 2]), "what two sources carry comes before what one does");
    assert!(!titles.contains(&names[count - 3]));
    assert!(entries.iter().all(|entry| entry.telling.hit.watch == "digest-w"));
    read(&*store, &mut memory, 3, &[piece("x").watched(&["w"])]).await;
    let small = self::lease(&*store, 4 + DAY).await.unwrap();
    assert!(small.whole.is_none(), "all of it is there");
}

pub(crate) async fn what_somebody_may_have_is_never_made_shorter(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    read(&*store, &mut memory, 0, &[piece("x").watched(&["w"]), piece("y").watched(&["w"])]).await;
    for (minutes, is_unheard) in [(0, true), (10, false)] {
        let first = lease(&*store, minutes).await.unwrap();
        store.rendered(&first, rendering(&first)).await.unwrap();
        let answer = || "no".to_owned();
        let next = at(minutes + 1);
        let settled = if is_unheard { Settled::Unheard { next, answer: answer() } } else { later(minutes + 1) };
        store.settle(&first, settled, at(minutes)).await.unwrap();
        let again = lease(&*store, minutes + 1).await.unwrap();
        assert_eq!(again.id, first.id);
        store.settle(&again, Settled::Dead { answer: answer() }, at(minutes + 1)).await.unwrap();
        store.revive(first.id, at(minutes + 2)).await.unwrap();
        let revived = lease(&*store, minutes + 2).await.unwrap();
        assert_eq!((revived.id, revived.rendered.as_ref().unwrap().short), (first.id, is_unheard));
        store.settle(&revived, sent(), at(minutes + 2)).await.unwrap();
    }
}

pub(crate) async fn what_follows_in_a_story_waits_for_what_was_put_off(engine: &dyn Engine) {
    let store = engine.open();
    let mut memory = feed(&*store, "a").await;
    let told = |text: &'static str| Piece { text, ..piece("p") }.watched(&["w"]);
    read(&*store, &mut memory, 0, &[told("one")]).await;
    let first = lease(&*store, 0).await.unwrap();
    store.settle(&first, later(30), at(0)).await.unwrap();
    // An edit of what was told, and other news.
    read(&*store, &mut memory, 1, &[told("two"), piece("q").watched(&["w"])]).await;
    let other = lease(&*store, 2).await.unwrap();
    store.settle(&other, sent(), at(2)).await.unwrap();
    assert!(lease(&*store, 3).await.is_none(), "the edit goes before what it is an edit of");
    assert_eq!(store.next_due().await.unwrap(), Some(at(30)));
    let store = engine.crash(store);
    store.recover(at(4)).await.unwrap();
    assert!(lease(&*store, 5).await.is_none(), "nor does a restart let it go first");
    let again = lease(&*store, 30).await.unwrap();
    assert_eq!(again.id, first.id);
    store.settle(&again, later(90), at(30)).await.unwrap();
    assert!(lease(&*store, 60).await.is_none());
    let again = lease(&*store, 90).await.unwrap();
    store.settle(&again, sent(), at(90)).await.unwrap();
    assert!(lease(&*store, 91).await.is_some());
}
