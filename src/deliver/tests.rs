//! The orders in which delivery writes and sends.

mod outbox;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::transport::{DotGate, Letter, Relay};
use super::*;
use crate::clock::SetClock;
use crate::item::{Because, Envelope, Field, Hit, ItemId, Key, MailId, StoryId, Telling};
use outbox::Outbox;

const MAIL: MailId = MailId(1);

/// A relay that plays one outcome, and asks the gate where a real one would.
#[derive(Clone)]
enum Play {
    Ends(Phase, Ending),
    /// Never answers before the dot.
    HangsBefore,
    /// Never answers the dot.
    HangsAfter,
}

#[async_trait]
impl Relay for Play {
    async fn offer(&self, _: &Letter<'_>, gate: &mut dyn DotGate) -> Outcome {
        match self {
            Self::HangsBefore => std::future::pending().await,
            Self::Ends(phase, ending) if *phase < Phase::Dot => Outcome { phase: *phase, ending: ending.clone() },
            _ if !gate.open().await => Outcome { phase: Phase::Body, ending: Ending::Shut },
            Self::HangsAfter => std::future::pending().await,
            Self::Ends(phase, ending) => Outcome { phase: *phase, ending: ending.clone() },
        }
    }
}

fn says(phase: Phase, code: u16, text: &str) -> Play {
    Play::Ends(phase, Ending::Reply(Reply { code, lines: vec![text.to_owned()] }))
}

fn silent(phase: Phase) -> Play {
    Play::Ends(phase, Ending::Silence("closed".to_owned()))
}

fn now() -> Timestamp {
    "2026-11-24T07:30:00Z".parse().unwrap()
}

/// A mail that was tried so often, so many hours after it was queued. After a day, of a kind that never is stale.
fn mail(tries: u32, age_h: i64) -> Lease {
    let kind = if age_h < 24 { MailKind::Alert } else { MailKind::QuietOver { since: now() } };
    let because =
        Because { term: "a".to_owned(), field: Field::Title, quote: "Headline".to_owned(), marks: Vec::new() };
    let telling = Telling {
        item: ItemId(1),
        story: StoryId(1),
        recipient: "desk@example.org".to_owned(),
        title: "Watch".to_owned(),
        hit: Hit { watch: "watch".to_owned(), because: vec![because], facts: Vec::new() },
        key: Key::of(&["told"]),
        edited: false,
        later: false,
    };
    Lease {
        id: MAIL,
        epoch: 1,
        envelope: Envelope { recipient: "desk@example.org".to_owned(), kind, keys: vec![telling.key] },
        tellings: vec![telling],
        whole: None,
        state: crate::item::MailState::Waiting,
        tries,
        queued: now() - SignedDuration::from_hours(age_h),
        rendered: None,
    }
}

struct Desk {
    outbox: Arc<Outbox>,
    clock: Arc<SetClock>,
    deliverer: Deliverer,
    dir: tempfile::TempDir,
}

impl Desk {
    fn with(mail: Option<Lease>, outbox: Outbox, relay: Play) -> Self {
        let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(SetClock::new(now())));
        let outbox = Arc::new(Outbox { mail: Mutex::new(mail), ..outbox });
        let minutes = SignedDuration::from_mins;
        let retry = [1, 2, 5, 10, 15, 30, 60].map(minutes).to_vec();
        let schedule = Schedule { retry, unheard: minutes(15) };
        let deliverer = Deliverer::new(
            Arc::clone(&outbox) as _,
            Arc::new(relay),
            Arc::clone(&clock) as _,
            Ledger::open(&dir.path().join("ledger")).unwrap(),
            Installation::of([7; 32]),
            Sender::new("newswatch@example.org", schedule, TimeZone::UTC).unwrap(),
        );
        Self { outbox, clock, deliverer, dir }
    }

    fn new(mail: Lease, relay: Play) -> Self {
        Self::with(Some(mail), Outbox::default(), relay)
    }

    async fn deliver(&self) -> (Delivery, Vec<String>) {
        let delivery = self.deliverer.deliver_one(&CancellationToken::new()).await.unwrap();
        (delivery, self.outbox.log())
    }

    fn ledger(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.dir.path().join("ledger")).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

fn taken() -> Play {
    says(Phase::Dot, 250, "2.0.0 queued")
}

#[tokio::test]
async fn a_mail_is_kept_before_it_is_offered_and_told_before_it_is_settled() {
    let desk = Desk::new(mail(0, 0), taken());
    let (delivery, log) = desk.deliver().await;
    assert_eq!(delivery, Delivery::Sent);
    assert_eq!(log, ["rendered", "sending", "settle sent", "ledgered 1"]);
    assert_eq!(desk.ledger().len(), 1);
    assert!(desk.ledger()[0].contains(&Key::of(&["told"]).to_string()));
}

#[tokio::test]
async fn an_alert_of_a_day_ago_joins_a_summary_unless_somebody_may_have_it() {
    let old = |state, age_h| {
        let envelope = Envelope { kind: MailKind::Alert, ..mail(0, age_h).envelope };
        Lease { envelope, state, ..mail(3, age_h) }
    };
    let gathered = Desk::new(old(MailState::Waiting, 24), taken()).deliver().await;
    assert_eq!(gathered, (Delivery::Gathered, vec!["gather gather".to_owned()]));
    for lease in [old(MailState::Waiting, 23), old(MailState::Unheard, 48)] {
        assert_eq!(Desk::new(lease, taken()).deliver().await.0, Delivery::Sent);
    }
}

#[tokio::test]
async fn a_summary_for_whom_the_server_does_not_know_is_kept_until_it_is_given_up() {
    let nobody = || says(Phase::RcptTo, 550, "5.1.1 no such user");
    let summary = |age_h| {
        let envelope = Envelope { kind: MailKind::Stale { since: now() }, ..mail(0, age_h).envelope };
        Lease { envelope, ..mail(1, age_h) }
    };
    for (lease, delivery, kept) in [
        (summary(1), Delivery::Deferred(MAIL), "kept"),
        (summary(119), Delivery::Deferred(MAIL), "kept"),
        (summary(120), Delivery::Dead, "refused"),
        (mail(1, 1), Delivery::Dead, "refused"),
    ] {
        let (done, log) = Desk::new(lease, nobody()).deliver().await;
        assert_eq!(done, delivery);
        assert!(log.last().unwrap().starts_with(&format!("settle {kept}: 550 5.1.1")), "{log:?}");
    }
}

#[tokio::test]
async fn a_mail_that_is_too_big_is_shortened_once_unless_somebody_may_have_it() {
    let big = || says(Phase::Dot, 552, "5.3.4 too big");
    let (delivery, log) = Desk::new(mail(0, 0), big()).deliver().await;
    assert_eq!((delivery, log.iter().filter(|line| *line == "rendered").count()), (Delivery::Dead, 2), "{log:?}");
    let unheard = Lease { state: MailState::Unheard, ..mail(1, 1) };
    let (delivery, log) = Desk::new(unheard, big()).deliver().await;
    assert_eq!((delivery, log.iter().filter(|line| *line == "rendered").count()), (Delivery::Dead, 1), "{log:?}");
}

#[tokio::test]
async fn a_mail_is_rendered_once() {
    let desk = Desk::new(mail(0, 0), says(Phase::RcptTo, 450, "4.2.0 later"));
    assert_eq!(desk.deliver().await.1, ["rendered", "settle later 5m"]);
    assert_eq!(desk.deliver().await.1, ["settle later 5m"]);
}

#[tokio::test]
async fn each_verdict_is_written_down() {
    use Phase::{Auth, Connect, Dot, MailFrom, RcptTo};
    let (day, down) = (24, Delivery::RelayDown(now() + SignedDuration::from_mins(1)));
    let table = [
        (mail(0, 0), says(Dot, 451, ""), Delivery::Deferred(MAIL), "settle later 1m"),
        (mail(6, 9), says(Dot, 451, ""), Delivery::Deferred(MAIL), "settle later 61m"),
        (mail(99, 5 * day), says(Dot, 451, ""), Delivery::Dead, "settle dead: 451"),
        (mail(0, 9 * day), says(Dot, 451, ""), Delivery::Deferred(MAIL), "settle later 1m"),
        (mail(0, 0), says(Dot, 554, "no"), Delivery::Dead, "settle dead: 554 no"),
        (mail(0, 0), says(RcptTo, 550, "5.1.1 no"), Delivery::Dead, "settle refused: 550 5.1.1 no (to RCPT TO)"),
        (mail(3, 23), says(RcptTo, 550, "5.7.1 no"), Delivery::Deferred(MAIL), "settle later 10m"),
        (mail(3, day), says(RcptTo, 550, "5.7.1 no"), Delivery::Dead, "settle dead: 550 5.7.1 no (to RCPT TO)"),
        (mail(2, 0), silent(Dot), Delivery::Unheard(MAIL), "settle unheard 15m"),
        (mail(2, 5 * day), silent(Dot), Delivery::Dead, "settle dead: closed (during final dot)"),
        (mail(0, 99 * day), silent(Connect), down, "release 1m"),
        (mail(0, 99 * day), says(Auth, 535, ""), down, "release 1m"),
        (mail(0, 99 * day), says(MailFrom, 550, ""), down, "release 1m"),
    ];
    for (mail, relay, delivery, last) in table {
        let desk = Desk::new(mail, relay);
        let (delivered, log) = desk.deliver().await;
        assert_eq!((delivered, log.last().unwrap().as_str()), (delivery, last));
        assert!(desk.ledger().is_empty(), "only what is final is told");
    }
}

#[tokio::test]
async fn trouble_of_the_relay_pauses_all_mail_for_longer_and_longer() {
    let desk = Desk::new(mail(0, 0), silent(Phase::Connect));
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let Delivery::RelayDown(until) = desk.deliver().await.0 else { panic!() };
        assert_eq!(desk.deliver().await, (Delivery::RelayDown(until), Vec::new()), "nothing is tried in a pause");
        pauses.push(until.duration_since(desk.clock.now()).as_mins());
        desk.clock.set(until);
    }
    assert_eq!(pauses, [1, 2, 5, 10, 15, 15]);
    let trouble = desk.deliverer.trouble().unwrap();
    assert_eq!((trouble.since, trouble.answer.as_str()), (now(), "closed (during connect)"));
}

#[tokio::test]
async fn a_refused_sender_costs_a_mail_only_after_a_day_of_it() {
    // Of a kind that joins no summary after that day.
    let envelope = Envelope { kind: MailKind::QuietOver { since: now() }, ..mail(0, 0).envelope };
    let desk = Desk::new(Lease { envelope, ..mail(0, 0) }, says(Phase::MailFrom, 550, "not you"));
    let mut hours = 0;
    loop {
        match desk.deliver().await.0 {
            Delivery::RelayDown(until) => desk.clock.set(until),
            Delivery::Dead => break,
            other => panic!("{other:?}"),
        }
        hours = desk.clock.now().duration_since(now()).as_hours();
    }
    assert_eq!(hours, 24);
}

#[tokio::test]
async fn once_it_must_stop_nothing_is_begun() {
    let desk = Desk::new(mail(0, 0), taken());
    let stop = CancellationToken::new();
    stop.cancel();
    assert_eq!(desk.deliverer.deliver_one(&stop).await.unwrap(), Delivery::Stopped);
    assert!(desk.outbox.log().is_empty());
}

/// Delivers, and cancels once the outbox has noted `at`.
async fn stopped_at(desk: &Desk, at: &str) -> Delivery {
    let stop = CancellationToken::new();
    let cancel = async {
        while !desk.outbox.log.lock().unwrap().iter().any(|line| line == at) {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        delivery = desk.deliverer.deliver_one(&stop) => delivery.unwrap(),
        () = cancel => unreachable!("it waits for ever"),
    }
}

#[tokio::test]
async fn a_server_that_drags_on_for_ever_is_given_up_for_now() {
    let mut desk = Desk::new(mail(0, 0), Play::HangsBefore);
    desk.deliverer.before_the_dot = Duration::from_millis(1);
    let (delivery, log) = desk.deliver().await;
    assert_eq!((delivery, log.last().unwrap().as_str()), (Delivery::Deferred(MAIL), "settle later 1m"));
}

#[tokio::test]
async fn a_stop_before_the_dot_leaves_the_mail_as_it_was() {
    let desk = Desk::new(mail(0, 0), Play::HangsBefore);
    assert_eq!(stopped_at(&desk, "rendered").await, Delivery::Stopped);
    assert_eq!(desk.outbox.log(), ["rendered", "release 0m"]);
}

#[tokio::test]
async fn a_stop_after_the_dot_waits_for_the_answer_and_no_longer() {
    let mut desk = Desk::new(mail(0, 0), Play::HangsAfter);
    assert_eq!(desk.deliverer.last_answer.as_secs(), 8);
    desk.deliverer.last_answer = Duration::from_millis(1);
    assert_eq!(stopped_at(&desk, "sending").await, Delivery::Unheard(MAIL));
    assert_eq!(desk.outbox.log(), ["rendered", "sending", "settle unheard 15m"]);
}

#[tokio::test]
async fn a_dot_that_cannot_be_recorded_is_not_sent() {
    let outbox = Outbox { fails: Some("sending"), ..Outbox::default() };
    let desk = Desk::with(Some(mail(0, 0)), outbox, taken());
    let (delivery, log) = desk.deliver().await;
    assert_eq!((delivery, log), (Delivery::Deferred(MAIL), vec!["rendered".to_owned()]), "the lease was lost");
    assert!(desk.ledger().is_empty());
}

#[tokio::test]
async fn a_mail_that_was_taken_while_the_disk_was_full_is_settled_and_not_offered_again() {
    let outbox = Outbox { full: Mutex::new(Some("settle")), ..Outbox::default() };
    let desk = Desk::with(Some(mail(0, 0)), outbox, taken());
    desk.deliverer.deliver_one(&CancellationToken::new()).await.unwrap_err();
    assert_eq!(desk.outbox.log(), ["rendered", "sending"]);
    desk.outbox.mail.lock().unwrap().take();
    assert_eq!(desk.deliver().await, (Delivery::Idle(None), vec!["settle sent".to_owned()]));
    assert_eq!(desk.deliver().await, (Delivery::Idle(None), vec![]));
}

#[tokio::test]
async fn a_full_disk_before_the_dot_gives_the_mail_back() {
    for write in ["rendered", "sending"] {
        let outbox = Outbox { full: Mutex::new(Some(write)), ..Outbox::default() };
        let desk = Desk::with(Some(mail(0, 0)), outbox, taken());
        desk.deliverer.deliver_one(&CancellationToken::new()).await.unwrap_err();
        desk.outbox.log();
        let (delivery, log) = desk.deliver().await;
        assert_eq!((delivery, log[0].as_str()), (Delivery::Sent, "release 0m"), "{write}");
    }
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_settles_the_mail_and_stops_all_mail() {
    let mut desk = Desk::new(mail(0, 0), taken());
    desk.deliverer.ledger = Ledger::open(std::path::Path::new("/dev/full")).unwrap();
    let error = desk.deliverer.deliver_one(&CancellationToken::new()).await.unwrap_err();
    assert!(error.to_string().contains("/dev/full"), "{error}");
    assert_eq!(desk.outbox.log(), ["rendered", "sending", "settle sent"]);
    let error = desk.deliverer.deliver_one(&CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, DeliverError::Stuck { .. }), "{error}");
    assert!(desk.outbox.log().is_empty());
    let next = Desk::new(mail(0, 0), taken());
    let reloaded = next.deliverer.after(&desk.deliverer);
    let error = reloaded.deliver_one(&CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, DeliverError::Stuck { .. }), "a reload mends no ledger: {error}");
}

#[tokio::test]
async fn what_has_nothing_left_to_tell_is_dropped_and_told() {
    let desk = Desk::with(Some(mail(0, 0)), Outbox { pruned: true, ..Outbox::default() }, taken());
    assert_eq!(desk.deliver().await, (Delivery::Dropped, vec!["settle dropped".to_owned(), "ledgered 1".to_owned()]));
    assert!(desk.ledger()[0].contains(r#""verdict":"dropped""#));
}

#[tokio::test]
async fn an_address_that_cannot_be_written_makes_a_dead_letter() {
    let mut lease = mail(0, 0);
    lease.envelope.recipient = "büro@example.org".to_owned();
    let (delivery, log) = Desk::new(lease, taken()).deliver().await;
    assert_eq!(delivery, Delivery::Dead);
    assert!(log[0].contains("SMTPUTF8"), "{log:?}");
}

#[tokio::test]
async fn at_rest_the_ledger_catches_up() {
    let uncovered = LedgerEntry {
        at: now(),
        message_id: "a@example.org".to_owned(),
        verdict: "covered".to_owned(),
        keys: vec![Key::of(&["later"])],
    };
    let outbox = Outbox { uncovered: Mutex::new(vec![uncovered]), ..Outbox::default() };
    let desk = Desk::with(None, outbox, taken());
    assert_eq!(desk.deliver().await, (Delivery::Idle(None), vec!["ledgered 1".to_owned()]));
    assert!(desk.ledger()[0].contains(r#""verdict":"covered""#));
}
