//! How a mail server behaves that is not in the best of health.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::inbox::{Inbox, Phase, Reply};
use super::press::Dice;

/// What a wild server says in place of the ordinary answer.
const REFUSALS: [&str; 5] = [
    "421 4.3.2 closing",
    "451 4.3.0 try again",
    "452 4.3.1 no room for now",
    "550 5.1.1 not this one",
    "552 5.3.4 too big",
];

/// All that it comes to in a dialogue, in its order.
const PHASES: [Phase; 7] =
    [Phase::Greeting, Phase::Ehlo, Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Body, Phase::Dot];

/// One in so many answers is a refusal of each kind, or a line that is cut.
const ONE_IN: u64 = 120;

/// What was done to a sender, by phase.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dealt(Arc<Mutex<BTreeMap<(usize, &'static str), usize>>>);

impl Dealt {
    fn note(&self, phase: usize, what: &'static str) {
        *self.0.lock().unwrap().entry((phase, what)).or_default() += 1;
    }

    /// How many faults in all, delays aside.
    pub(crate) fn faults(&self) -> usize {
        let counts = self.0.lock().unwrap();
        counts.iter().filter(|((_, what), _)| *what != "delayed").map(|(_, count)| count).sum()
    }
}

/// A line for each phase.
impl fmt::Display for Dealt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.lock().unwrap();
        for (number, phase) in PHASES.iter().enumerate() {
            let of_phase = counts.iter().filter(|((at, _), _)| *at == number);
            let told: Vec<String> = of_phase.map(|((_, what), count)| format!("{what} {count}")).collect();
            writeln!(f, "at {:<20}{}", format!("{phase:?}"), told.join(", "))?;
        }
        Ok(())
    }
}

/// Now and then it refuses a message for now, or takes it and hangs up.
pub(crate) fn mild(inbox: &Inbox, seed: u64) {
    let dice = Mutex::new(Dice::new(seed));
    inbox.choose(Phase::Dot, move |_| {
        let mut dice = dice.lock().unwrap();
        match dice.below(20) {
            0 => Reply::Say("451 4.3.0 try again"),
            1 => Reply::Cut,
            2..10 => Reply::Slow(Duration::from_millis(1 + dice.below(30))),
            _ => Reply::Normal,
        }
    });
}

/// At every stage it delays, refuses for now and for good, calls a message too big, and cuts the line.
pub(crate) fn wild(inbox: &Inbox, seed: u64) -> Dealt {
    let dealt = Dealt::default();
    for (number, phase) in PHASES.into_iter().enumerate() {
        let (dealt, dice) = (dealt.clone(), Mutex::new(Dice::new(seed.wrapping_add(number as u64))));
        inbox.choose(phase, move |_| {
            let mut dice = dice.lock().unwrap();
            match usize::try_from(dice.below(ONE_IN)).unwrap() {
                0 => {
                    dealt.note(number, "cut");
                    Reply::Cut
                }
                // Before the dot there is nobody to refuse a message.
                _ if phase == Phase::Body => Reply::Normal,
                kind @ 1..=5 => {
                    dealt.note(number, &REFUSALS[kind - 1][..3]);
                    Reply::Say(REFUSALS[kind - 1])
                }
                6..=15 => {
                    dealt.note(number, "delayed");
                    Reply::Slow(Duration::from_millis(1 + dice.below(40)))
                }
                _ => Reply::Normal,
            }
        });
    }
    dealt
}

/// From here on it is well.
pub(crate) fn calm(inbox: &Inbox) {
    for phase in PHASES {
        inbox.always(phase, Reply::Normal);
    }
}
