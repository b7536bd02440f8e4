//! The matrix: each place in the dialogue with each answer, and what is left of a mail after one try.
//!
//! Where time is what matters (ten minutes of silence after the dot, TLS, logins), the tables in `src/deliver/transport` say it.

use std::sync::Mutex;
use std::thread;

use super::{one_veto, watching};
use crate::harness::inbox::{Inbox, Phase, Reply};

/// What is left of a mail after one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// It waits, and the try is counted.
    Waits,
    /// It waits; the trouble is the server's, so that no try is counted.
    Held,
    /// Nobody knows whether it arrived.
    Unheard,
    Dead,
    Sent,
}

/// An answer that is longer than any line may be.
const LONG: &str = include_str!("long_line.txt");

/// Where in the dialogue, with which answer, leaves what. One that calls the mail too big gets a shorter one at once.
const TABLE: &[(Phase, Reply, Left)] = &[
    (Phase::Greeting, Reply::Say("421 4.3.2 closing"), Left::Held),
    (Phase::Greeting, Reply::Say("451 4.3.0 busy"), Left::Held),
    (Phase::Greeting, Reply::Say("550 5.7.1 not you"), Left::Held),
    (Phase::Greeting, Reply::Say("554 5.7.1 go away"), Left::Held),
    (Phase::Greeting, Reply::Cut, Left::Held),
    (Phase::Greeting, Reply::Say("what?"), Left::Held),
    (Phase::Greeting, Reply::Say(LONG), Left::Held),
    (Phase::Ehlo, Reply::Say("421 4.3.2 closing"), Left::Held),
    (Phase::Ehlo, Reply::Say("451 4.3.0 busy"), Left::Held),
    (Phase::Ehlo, Reply::Say("502 5.5.1 unknown"), Left::Held),
    (Phase::Ehlo, Reply::Say("550 5.5.1 no"), Left::Held),
    (Phase::Ehlo, Reply::Cut, Left::Held),
    (Phase::Ehlo, Reply::Say("25"), Left::Held),
    (Phase::Ehlo, Reply::Say(LONG), Left::Held),
    (Phase::Mail, Reply::Say("421 4.3.2 closing"), Left::Held),
    (Phase::Mail, Reply::Say("451 4.3.0 busy"), Left::Held),
    (Phase::Mail, Reply::Say("452 4.3.1 no room"), Left::Held),
    (Phase::Mail, Reply::Say("530 5.7.0 log in first"), Left::Held),
    (Phase::Mail, Reply::Say("550 5.1.8 sender refused"), Left::Held),
    (Phase::Mail, Reply::Say("552 5.3.4 too big"), Left::Sent),
    (Phase::Mail, Reply::Say("554 5.7.1 sender refused"), Left::Held),
    (Phase::Mail, Reply::Cut, Left::Held),
    (Phase::Mail, Reply::Say("nonsense"), Left::Held),
    (Phase::Mail, Reply::Say(LONG), Left::Held),
    (Phase::Rcpt, Reply::Say("421 4.3.2 closing"), Left::Waits),
    (Phase::Rcpt, Reply::Say("450 4.7.1 greylisted"), Left::Waits),
    (Phase::Rcpt, Reply::Say("451 4.3.0 busy"), Left::Waits),
    (Phase::Rcpt, Reply::Say("452 4.2.2 mailbox full for now"), Left::Waits),
    (Phase::Rcpt, Reply::Say("450 5.1.1 nobody of that name"), Left::Dead),
    (Phase::Rcpt, Reply::Say("550 5.1.1 nobody of that name"), Left::Dead),
    (Phase::Rcpt, Reply::Say("550 4.2.0 not now"), Left::Waits),
    (Phase::Rcpt, Reply::Say("550 5.7.1 relaying denied"), Left::Waits),
    (Phase::Rcpt, Reply::Say("551 5.1.6 moved away"), Left::Dead),
    (Phase::Rcpt, Reply::Say("552 5.2.2 mailbox full"), Left::Dead),
    (Phase::Rcpt, Reply::Say("552 5.3.4 too big"), Left::Sent),
    (Phase::Rcpt, Reply::Say("553 5.1.3 no address"), Left::Dead),
    (Phase::Rcpt, Reply::Cut, Left::Waits),
    (Phase::Rcpt, Reply::Say("nonsense"), Left::Waits),
    (Phase::Rcpt, Reply::Say(LONG), Left::Waits),
    (Phase::Data, Reply::Say("421 4.3.2 closing"), Left::Waits),
    (Phase::Data, Reply::Say("451 4.3.0 busy"), Left::Waits),
    (Phase::Data, Reply::Say("452 4.3.1 no room"), Left::Waits),
    (Phase::Data, Reply::Say("250 2.0.0 fine"), Left::Waits),
    (Phase::Data, Reply::Say("550 5.5.1 no"), Left::Dead),
    (Phase::Data, Reply::Say("552 5.3.4 too big"), Left::Sent),
    (Phase::Data, Reply::Say("554 5.5.1 no valid recipients"), Left::Dead),
    (Phase::Data, Reply::Cut, Left::Waits),
    (Phase::Data, Reply::Say("nonsense"), Left::Waits),
    (Phase::Data, Reply::Say(LONG), Left::Waits),
    // A short message was written whole, with its dot, before the cut could be seen.
    (Phase::Body, Reply::Cut, Left::Unheard),
    (Phase::Dot, Reply::Say("421 4.3.2 closing"), Left::Waits),
    (Phase::Dot, Reply::Say("451 4.3.0 busy"), Left::Waits),
    (Phase::Dot, Reply::Say("452 4.3.1 no room"), Left::Waits),
    (Phase::Dot, Reply::Say("354 go on"), Left::Unheard),
    (Phase::Dot, Reply::Say("550 5.7.1 not this one"), Left::Dead),
    (Phase::Dot, Reply::Say("552 5.3.4 too big"), Left::Sent),
    (Phase::Dot, Reply::Say("554 5.6.0 not this one"), Left::Dead),
    (Phase::Dot, Reply::Cut, Left::Unheard),
    (Phase::Dot, Reply::Say("nonsense"), Left::Unheard),
    (Phase::Dot, Reply::Say(LONG), Left::Unheard),
    (Phase::Dot, Reply::Normal, Left::Sent),
];

fn left(phase: Phase, reply: &Reply) -> Left {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = watching(&origin, &inbox).set("mail", "retry", "['1h']").set("mail", "unheard", "'1h'");
    inbox.script(phase, [reply.clone()]);
    newswatch.once();
    inbox.offers();
    let mail = newswatch.only_mail();
    match (mail["state"].as_str().unwrap(), mail["tries"].as_u64().unwrap()) {
        ("waiting", 0) => Left::Held,
        ("waiting", 1) => Left::Waits,
        ("unheard", 1) => Left::Unheard,
        ("dead", 1) => Left::Dead,
        ("sent", 1) => Left::Sent,
        _ => panic!("{mail}"),
    }
}

#[test]
fn each_place_in_the_dialogue_with_each_answer_leaves_what_it_should() {
    let (next, wrong) = (Mutex::new(TABLE.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((phase, reply, expected)) = next.lock().unwrap().next() else { return };
                    let found = left(*phase, reply);
                    if found != *expected {
                        wrong.lock().unwrap().push(format!("{reply:?} to {phase:?}: {found:?}, not {expected:?}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
