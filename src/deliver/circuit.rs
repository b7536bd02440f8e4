use jiff::{SignedDuration, Timestamp};

use super::Trouble;
use super::verdict::{Ending, Outcome, Schedule, Verdict};

/// After so many mails in a row whose dialogue broke off, the relay itself is thought to be in trouble.
const SILENCES_MAX: u32 = 3;

/// Whether the relay can be used: after trouble that concerns all mail it is left alone for a while, longer each time.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    /// Times in a row that the relay was in trouble.
    strikes: u32,
    /// Mails in a row whose dialogue broke off.
    silences: u32,
    trouble: Option<Trouble>,
}

impl Circuit {
    /// Until when nothing is tried; `None` when a mail may be tried now.
    pub(super) fn open_until(&self, now: Timestamp) -> Option<Timestamp> {
        let trouble = self.trouble.as_ref()?;
        // A clock that was set back must not turn minutes into years.
        let left = trouble.until.duration_since(now);
        (left > SignedDuration::ZERO && left <= SignedDuration::from_mins(20)).then_some(trouble.until)
    }

    /// What is wrong, until a mail has come through.
    pub(super) fn trouble(&self, now: Timestamp) -> Option<Trouble> {
        self.trouble.clone().map(|trouble| Trouble { since: trouble.since.min(now), ..trouble })
    }

    /// Learns from the outcome of an offer. Returns since when the relay is in trouble, `now` where it is not.
    pub(super) fn heard(
        &mut self,
        outcome: &Outcome,
        verdict: Verdict,
        now: Timestamp,
        schedule: &Schedule,
    ) -> Timestamp {
        let silent = matches!(outcome.ending, Ending::Silence(_));
        self.silences = if silent { self.silences + 1 } else { 0 };
        let concerns_all = matches!(verdict, Verdict::LaterRelay | Verdict::LaterSender);
        if !concerns_all && self.silences < SILENCES_MAX {
            if !silent {
                // Somebody spoke to us about a mail, so the way to the relay is open.
                *self = Self::default();
            }
            return now;
        }
        let pause = schedule.pause(self.strikes);
        self.strikes += 1;
        self.silences = 0;
        let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since.min(now));
        let until = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
        self.trouble = Some(Trouble { since, until, answer: outcome.answer() });
        since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::verdict::{Phase, Reply, judge};

    fn heard(circuit: &mut Circuit, phase: Phase, ending: Ending, now: Timestamp) -> Option<i64> {
        let minutes = |m| SignedDuration::from_mins(m);
        let schedule = Schedule { retry: vec![minutes(1), minutes(2), minutes(60)], unheard: minutes(15) };
        let outcome = Outcome { phase, ending };
        circuit.heard(&outcome, judge(&outcome), now, &schedule);
        circuit.open_until(now).map(|until| until.duration_since(now).as_mins())
    }

    fn silence() -> Ending {
        Ending::Silence("nothing".to_owned())
    }

    #[test]
    fn pauses_grow_and_end_with_the_first_word_about_a_mail() {
        let now: Timestamp = "2026-11-24T07:30:00Z".parse().unwrap();
        let mut circuit = Circuit::default();
        let pauses: Vec<_> = (0..4).map(|_| heard(&mut circuit, Phase::Connect, silence(), now)).collect();
        assert_eq!(pauses, [Some(1), Some(2), Some(15), Some(15)]);
        assert_eq!(circuit.trouble(now).unwrap().since, now);
        let refused = Ending::Reply(Reply { code: 550, lines: vec!["5.1.1 no".to_owned()] });
        assert_eq!(heard(&mut circuit, Phase::RcptTo, refused, now), None);
        assert_eq!(circuit.trouble(now), None);
        assert_eq!(heard(&mut circuit, Phase::Connect, silence(), now), Some(1));
    }

    #[test]
    fn three_mails_in_a_row_without_an_answer_pause_the_relay() {
        let now: Timestamp = "2026-11-24T07:30:00Z".parse().unwrap();
        let mut circuit = Circuit::default();
        assert_eq!(heard(&mut circuit, Phase::Dot, silence(), now), None);
        assert_eq!(heard(&mut circuit, Phase::RcptTo, silence(), now), None);
        assert_eq!(heard(&mut circuit, Phase::Dot, silence(), now), Some(1));
    }

    #[test]
    fn a_clock_set_back_does_not_hold_the_mail() {
        let now: Timestamp = "2026-11-24T07:30:00Z".parse().unwrap();
        let mut circuit = Circuit::default();
        heard(&mut circuit, Phase::Connect, silence(), now);
        assert_eq!(circuit.open_until(now.saturating_sub(SignedDuration::from_hours(9)).unwrap()), None);
    }
}
