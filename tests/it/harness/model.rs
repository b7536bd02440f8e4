//! A small model of a feed watcher with bugs planted in it, to try the judge on.
//!
//! A judge that never condemned anybody proves nothing. The model does what such a program does, step by step, and is
//! killed between any two of them. Without a bug the judge must acquit it, with each of the bugs it must condemn it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::press::{Dice, Page, Press, Token};
use super::proof::{Breach, Delivery, Figures, History, judge};

/// A bug that the real program must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    /// The validator is stored before the items that came with it.
    ValidatorFirst,
    /// The mail is marked as sent before the server has answered.
    SentBeforeAnswer,
    /// Each try makes up a new Message-ID.
    RandomMessageId,
    /// Each try writes the message anew, with the time of the try in it.
    RenderedAgain,
    /// What was sent is recorded at the end of a pass.
    RecordedLate,
    /// Now and then a validator is not stored.
    Forgetful,
}

/// What survives a kill.
#[derive(Debug, Default)]
struct Disk {
    validators: BTreeMap<usize, String>,
    known: BTreeSet<String>,
    outbox: Vec<Mail>,
}

#[derive(Debug, Clone)]
struct Mail {
    token: String,
    recipient: String,
    sent: bool,
}

/// The process was killed.
struct Killed;

struct Model {
    bug: Option<Bug>,
    dice: Dice,
    press: Press,
    disk: Disk,
    history: History,
    /// Milliseconds since the beginning; a step takes one.
    clock: u64,
    /// Steps until the next kill.
    fuse: u64,
}

const OUTLETS: usize = 4;

impl Model {
    fn new(bug: Option<Bug>, seed: u64) -> Self {
        let recipients = vec!["desk@example.org".to_owned(), "night@example.org".to_owned()];
        Self {
            bug,
            dice: Dice::new(seed),
            press: Press::new(seed, OUTLETS),
            disk: Disk::default(),
            history: History { recipients, ..History::default() },
            clock: 0,
            fuse: 0,
        }
    }

    /// Lives through so many kills, then once to the end.
    fn live(mut self, kills: usize) -> Result<Figures, Vec<Breach>> {
        for _ in 0..kills {
            self.fuse = 1 + self.dice.below(200);
            while self.pass().is_ok() {}
            self.history.killed.push(Some(Duration::from_millis(self.clock)));
        }
        self.press.close();
        self.fuse = u64::MAX;
        for _ in 0..OUTLETS {
            assert!(self.pass().is_ok(), "nobody is killed at the end");
        }
        self.history.killed.push(None);
        self.history.published = self.press.published().to_vec();
        self.history.unconditional = self.press.unconditional();
        judge(&self.history)
    }

    /// A moment passes, perhaps the last one.
    fn step(&mut self) -> Result<(), Killed> {
        self.clock += 1;
        self.fuse -= 1;
        if self.fuse == 0 { Err(Killed) } else { Ok(()) }
    }

    fn pass(&mut self) -> Result<(), Killed> {
        for outlet in 0..OUTLETS {
            self.poll(outlet)?;
        }
        let due: Vec<usize> = (0..self.disk.outbox.len()).filter(|index| !self.disk.outbox[*index].sent).collect();
        for index in &due {
            self.deliver(*index)?;
        }
        if self.bug == Some(Bug::RecordedLate) {
            for index in due {
                self.disk.outbox[index].sent = true;
            }
        }
        Ok(())
    }

    fn poll(&mut self, outlet: usize) -> Result<(), Killed> {
        self.step()?;
        let Page::Document { validator, tokens, .. } =
            self.press.answer(outlet, self.disk.validators.get(&outlet).map(String::as_str))
        else {
            return Ok(());
        };
        self.step()?;
        if self.bug == Some(Bug::ValidatorFirst) {
            self.disk.validators.insert(outlet, validator.clone());
            self.step()?;
        }
        self.commit(&tokens);
        self.disk.validators.insert(outlet, validator);
        if self.bug == Some(Bug::Forgetful) && self.dice.below(4) == 0 {
            self.disk.validators.remove(&outlet);
        }
        self.step()
    }

    fn commit(&mut self, tokens: &[Token]) {
        for token in tokens {
            if self.disk.known.insert(token.name.clone()) && token.wanted {
                let mail =
                    |recipient: &String| Mail { token: token.name.clone(), recipient: recipient.clone(), sent: false };
                self.disk.outbox.extend(self.history.recipients.iter().map(mail));
            }
        }
    }

    fn deliver(&mut self, index: usize) -> Result<(), Killed> {
        self.step()?;
        if self.bug == Some(Bug::SentBeforeAnswer) {
            self.disk.outbox[index].sent = true;
            self.step()?;
        }
        let taken = self.offer(index);
        self.step()?;
        if taken && self.bug != Some(Bug::RecordedLate) {
            self.disk.outbox[index].sent = true;
        }
        self.step()
    }

    /// Offers a mail; `true` where the server took it and said so.
    fn offer(&mut self, index: usize) -> bool {
        let Mail { token, recipient, .. } = self.disk.outbox[index].clone();
        let message_id = match self.bug {
            Some(Bug::RandomMessageId) => format!("{}@example.org", self.dice.word()),
            _ => format!("{token}.{recipient}"),
        };
        let time = if self.bug == Some(Bug::RenderedAgain) { self.clock } else { 0 };
        let bytes = format!("Message-ID: {message_id}\r\nDate: {time}\r\n\r\n{token}\r\n").into_bytes();
        let (taken, cut) = match self.dice.below(20) {
            0 => (false, false),
            1 => (true, true),
            _ => (true, false),
        };
        let (life, at) = (self.history.killed.len(), Duration::from_millis(self.clock));
        let tokens = vec![token];
        self.history.deliveries.push(Delivery { life, at, recipient, message_id, bytes, tokens, taken, cut });
        taken && !cut
    }
}

/// The first breach that 200 kills show of a bug.
fn condemned(bug: Bug, seed: u64) -> Vec<Breach> {
    Model::new(Some(bug), seed).live(200).expect_err("200 kills show the bug")
}

#[test]
fn a_sound_program_is_acquitted() {
    let mut in_window = 0;
    for seed in 0..6 {
        let figures = Model::new(None, seed).live(200).unwrap_or_else(|breaches| panic!("seed {seed}: {breaches:?}"));
        assert_eq!(figures.kills, 200);
        in_window += figures.copies_in_window;
    }
    assert!(in_window > 0, "no kill ever fell between an answer and its record");
}

#[test]
fn validators_stored_before_items_lose_tokens() {
    for seed in 0..5 {
        let breaches = condemned(Bug::ValidatorFirst, seed);
        assert!(breaches.iter().all(|breach| matches!(breach, Breach::Lost { .. })), "{breaches:?}");
    }
}

#[test]
fn a_mail_marked_as_sent_before_the_answer_is_lost() {
    for seed in 0..5 {
        let breaches = condemned(Bug::SentBeforeAnswer, seed);
        assert!(breaches.iter().all(|breach| matches!(breach, Breach::Lost { .. })), "{breaches:?}");
    }
}

#[test]
fn a_random_message_id_is_seen() {
    for seed in 0..5 {
        let breaches = condemned(Bug::RandomMessageId, seed);
        assert!(breaches.iter().all(|breach| matches!(breach, Breach::TwoIds { .. })), "{breaches:?}");
    }
}

#[test]
fn a_message_written_anew_is_seen() {
    for seed in 0..5 {
        let breaches = condemned(Bug::RenderedAgain, seed);
        assert!(breaches.iter().all(|breach| matches!(breach, Breach::Changed { .. })), "{breaches:?}");
    }
}

#[test]
fn a_record_that_comes_late_is_seen() {
    for seed in 0..5 {
        let breaches = condemned(Bug::RecordedLate, seed);
        assert!(breaches.iter().any(|breach| matches!(breach, Breach::NeedlessCopy { .. })), "{breaches:?}");
    }
}

#[test]
fn a_reader_that_forgets_its_validators_is_seen() {
    for seed in 0..5 {
        let breaches = condemned(Bug::Forgetful, seed);
        assert!(matches!(breaches[..], [Breach::Unconditional { .. }]), "{breaches:?}");
    }
}
