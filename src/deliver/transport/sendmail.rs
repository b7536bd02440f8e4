use std::time::Duration;

use async_trait::async_trait;
use tokio::time::timeout;

use super::{DotGate, Letter, Relay};
use crate::deliver::address;
use crate::deliver::verdict::{Ending, Outcome, Phase};
use crate::program::{Ended, Program};

/// A program that takes a message on its input, as sendmail does, and whose exit status is its answer.
///
/// The end of its input stands for the final dot: as long as that is not there, the message is not ended.
#[derive(Debug)]
pub struct Sendmail {
    program: Program,
    limits: Limits,
}

/// How long the program may take.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// To read the message.
    read: Duration,
    /// To end after that. As long as a server has to answer the final dot: some programs talk to one meanwhile.
    end: Duration,
}

impl Sendmail {
    /// Hands letters to `program`, one run each.
    pub fn new(program: Program) -> Self {
        Self { program, limits: Limits { read: Duration::from_mins(3), end: Duration::from_mins(10) } }
    }

    /// A failure is returned as the outcome that it is.
    async fn hand_over(&self, letter: &Letter<'_>, gate: &mut dyn DotGate) -> Result<Outcome, Outcome> {
        let refused = |phase, why: String| Outcome { phase, ending: Ending::Refused(why) };
        let silent = |phase, what: String| Outcome { phase, ending: Ending::Silence(what) };
        // What is an address to us has no spaces and no control characters, and `--` keeps it from being an option.
        let from = address::ascii(letter.from).map_err(|error| refused(Phase::MailFrom, error.to_string()))?;
        let to = address::ascii(letter.to).map_err(|error| refused(Phase::RcptTo, error.to_string()))?;
        let arguments = ["-i", "-f", from.as_ref(), "--", to.as_ref()];
        let mut fed = self.program.feed(&arguments).map_err(|error| refused(Phase::Connect, error.to_string()))?;
        let name = self.program.name();
        match timeout(self.limits.read, fed.give(&unix_lines(letter.bytes))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                return Err(match timeout(self.limits.read, fed.end()).await {
                    Ok(Ok(ended)) => self.ended(Phase::Body, ended),
                    _ => silent(Phase::Body, format!("{name} does not read the message: {error}")),
                });
            }
            Err(_) => {
                let what = format!("{name} did not read the message within {:?}, and was ended", self.limits.read);
                return Err(silent(Phase::Body, what));
            }
        }
        if !gate.open().await {
            return Err(Outcome { phase: Phase::Body, ending: Ending::Shut });
        }
        match timeout(self.limits.end, fed.end()).await {
            Ok(Ok(ended)) => Ok(self.ended(Phase::Dot, ended)),
            Ok(Err(error)) => Err(silent(Phase::Dot, format!("{name} cannot be waited for: {error}"))),
            Err(_) => {
                Err(silent(Phase::Dot, format!("{name} did not end within {:?}, and was ended", self.limits.end)))
            }
        }
    }

    fn ended(&self, phase: Phase, Ended { status, words }: Ended) -> Outcome {
        Outcome { phase, ending: Ending::Exit { program: self.program.name().to_owned(), status, words } }
    }
}

#[async_trait]
impl Relay for Sendmail {
    async fn offer(&self, letter: &Letter<'_>, gate: &mut dyn DotGate) -> Outcome {
        let (Ok(outcome) | Err(outcome)) = self.hand_over(letter, gate).await;
        outcome
    }
}

/// What local programs expect: lines that end in a line feed alone.
fn unix_lines(message: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => lines.extend(line.iter().chain(b"\n")),
            None => lines.extend(line),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::scripted::Gate;
    use super::*;
    use crate::deliver::verdict::{Verdict, Wait, judge};

    const LETTER: Letter<'static> = Letter {
        from: "newswatch@example.org",
        to: "desk@example.org",
        message_id: "abc@example.org",
        bytes: b"Subject: x\r\n\r\n.\r\nend\r\n",
    };

    fn shell(script: &str) -> Sendmail {
        let words = vec!["-c".to_owned(), script.to_owned(), "sendmail".to_owned()];
        Sendmail::new(Program::new("sh".to_owned(), words, "/".into()))
    }

    #[tokio::test]
    async fn the_message_and_its_addresses_are_handed_over_once_the_gate_is_open() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().display();
        let relay = shell(&format!("echo \"$@\" > {at}/arguments; cat > {at}/part && mv {at}/part {at}/message"));
        let outcome = relay.offer(&LETTER, &mut Gate::shut()).await;
        assert_eq!(outcome.ending, Ending::Shut);
        let mut gate = Gate::open();
        let outcome = relay.offer(&LETTER, &mut gate).await;
        assert_eq!((judge(&outcome), gate.asked), (Verdict::Delivered, true), "{outcome:?}");
        assert_eq!(outcome.answer(), "handed over to sh");
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(read("message"), "Subject: x\n\n.\nend\n");
        assert_eq!(read("arguments"), "-i -f newswatch@example.org -- desk@example.org\n");
    }

    #[tokio::test]
    async fn a_shut_gate_leaves_the_message_without_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().display();
        let relay = shell(&format!("cat > /dev/null; echo > {at}/ended"));
        assert_eq!(relay.offer(&LETTER, &mut Gate::shut()).await.ending, Ending::Shut);
        // Another run takes longer than the first would need to go on.
        assert_eq!(judge(&shell("cat > /dev/null").offer(&LETTER, &mut Gate::open()).await), Verdict::Delivered);
        assert!(!dir.path().join("ended").exists());
    }

    #[tokio::test]
    async fn each_exit_status_has_its_verdict() {
        use Verdict::{Delivered, Later, LaterPolicy, LaterRelay, Never, Unheard};
        let any = Later(Wait::Any);
        for (status, verdict) in [
            (0, Delivered),
            (1, any),
            (64, LaterRelay),
            (65, Never),
            (66, any),
            (67, Never),
            (68, LaterPolicy),
            (69, LaterPolicy),
            (70, any),
            (71, LaterRelay),
            (72, LaterRelay),
            (73, LaterRelay),
            (74, LaterRelay),
            (75, any),
            (76, any),
            (77, LaterRelay),
            (78, LaterRelay),
            (127, LaterRelay),
        ] {
            let relay = shell(&format!("cat > /dev/null; echo 'because of it' >&2; exit {status}"));
            let outcome = relay.offer(&LETTER, &mut Gate::open()).await;
            assert_eq!(judge(&outcome), verdict, "{status}");
            assert!(status == 0 || outcome.answer().contains(&status.to_string()), "{}", outcome.answer());
        }
        let outcome = shell("cat > /dev/null; echo busy >&2; exit 75").offer(&LETTER, &mut Gate::open()).await;
        assert_eq!(outcome.answer(), "sh ended with status 75 (temporary failure): busy");
        // It may have passed the message on before.
        let outcome = shell("cat > /dev/null; kill -9 $$").offer(&LETTER, &mut Gate::open()).await;
        assert_eq!(judge(&outcome), Unheard);
    }

    #[tokio::test]
    async fn what_cannot_be_run_is_trouble_of_the_relay_and_asks_for_no_dot() {
        let mut gate = Gate::open();
        let relay = Sendmail::new(Program::new("/nowhere/sendmail".to_owned(), Vec::new(), "/".into()));
        let outcome = relay.offer(&LETTER, &mut gate).await;
        assert_eq!((judge(&outcome), gate.asked), (Verdict::LaterRelay, false));
        assert!(outcome.answer().contains("/nowhere/sendmail is not there"), "{}", outcome.answer());
    }

    #[tokio::test]
    async fn one_that_does_not_end_is_ended() {
        let limits = Limits { read: Duration::from_millis(300), end: Duration::from_millis(300) };
        let relay = Sendmail { limits, ..shell("cat > /dev/null; exec sleep 600") };
        assert_eq!(judge(&relay.offer(&LETTER, &mut Gate::open()).await), Verdict::Unheard);
        let long = vec![b'x'; 1_000_000];
        let letter = Letter { bytes: &long, ..LETTER };
        let mut gate = Gate::open();
        let outcome = Sendmail { limits, ..shell("exec sleep 600") }.offer(&letter, &mut gate).await;
        assert_eq!((judge(&outcome), gate.asked), (Verdict::Later(Wait::Any), false), "{outcome:?}");
        // One that ends without having read says why.
        let outcome =
            Sendmail { limits, ..shell("echo 'no such option' >&2; exit 64") }.offer(&letter, &mut gate).await;
        assert_eq!((judge(&outcome), gate.asked), (Verdict::LaterRelay, false), "{outcome:?}");
        assert!(outcome.answer().ends_with("no such option (during message)"), "{}", outcome.answer());
    }

    #[test]
    fn only_line_ends_change() {
        assert_eq!(unix_lines(b"a\r\nb\rc\n\r\n"), b"a\nb\rc\n\n");
        assert_eq!(unix_lines(b"a"), b"a");
    }
}
