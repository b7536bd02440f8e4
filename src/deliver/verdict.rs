use jiff::{SignedDuration, Timestamp};

use crate::item::Key;

/// Where the dialogue with the relay stood when it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Finding the server's address and reaching it.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Waiting for the server to greet.
    Greeting,
    /// `EHLO`.
    Hello,
    /// `STARTTLS`.
    StartTls,
    /// `AUTH`.
    Auth,
    /// `MAIL FROM`.
    MailFrom,
    /// `RCPT TO`.
    RcptTo,
    /// `DATA`.
    Data,
    /// The message, before its final dot.
    Body,
    /// From the final dot on.
    Dot,
}

impl Phase {
    /// The phase in words that follow "during".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "TLS handshake",
            Self::Greeting => "greeting",
            Self::Hello => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::MailFrom => "MAIL FROM",
            Self::RcptTo => "RCPT TO",
            Self::Data => "DATA",
            Self::Body => "message",
            Self::Dot => "final dot",
        }
    }
}

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Three digits (RFC 5321 §4.2).
    pub code: u16,
    /// Its text, line by line, without the code.
    pub lines: Vec<String>,
}

impl Reply {
    /// The enhanced status code with which the text begins (RFC 3463), such as `(5, 1, 1)`.
    pub fn enhanced(&self) -> Option<(u16, u16, u16)> {
        let word = self.lines.first()?.split_whitespace().next()?;
        let mut parts = word.splitn(3, '.').map(|part| part.parse().ok().filter(|_| part.len() <= 3));
        let (class, subject, detail) = (parts.next()??, parts.next()??, parts.next()??);
        matches!(class, 2 | 4 | 5).then_some((class, subject, detail))
    }

    /// 2, 4 or 5: the first digit of the enhanced status where there is one, else of the code.
    fn class(&self) -> u16 {
        match self.enhanced() {
            // An enhanced status refines a refusal; it cannot turn one into consent, or consent into one.
            Some((class, ..)) if (class == 2) == (self.code / 100 == 2) => class,
            _ => self.code / 100,
        }
    }
}

/// Code and text on one line.
impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        self.lines.iter().filter(|line| !line.is_empty()).try_for_each(|line| write!(f, " {line}"))
    }
}

/// How the dialogue ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The server answered.
    Reply(Reply),
    /// The server did not answer, or not in a way that can be understood: why, in words.
    Silence(String),
    /// We did not go on: why, in words.
    Refused(String),
    /// The gate did not open.
    Shut,
    /// A program that was handed the mail ended.
    Exit {
        /// The program, without its arguments.
        program: String,
        /// Its exit status; `None` where a signal ended it.
        status: Option<i32>,
        /// Its last words; may be empty.
        words: String,
    },
}

/// How one offer of one mail to the relay ended, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where.
    pub phase: Phase,
    /// How.
    pub ending: Ending,
}

/// Longest answer that is kept, in characters.
const ANSWER_LEN_MAX: usize = 500;

impl Outcome {
    /// The server's words, or ours where it said nothing; one line without control characters, for lists.
    pub fn answer(&self) -> String {
        let phase = self.phase.as_str();
        let words = match &self.ending {
            Ending::Reply(reply) if self.phase == Phase::Dot => reply.to_string(),
            Ending::Reply(reply) => format!("{reply} (to {phase})"),
            Ending::Silence(what) | Ending::Refused(what) => format!("{what} (during {phase})"),
            Ending::Shut => format!("stopped before the end (during {phase})"),
            Ending::Exit { program, status, words } => exited(self.phase, program, *status, words),
        };
        words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(ANSWER_LEN_MAX).collect()
    }

    /// Whether the server says that there is no such recipient (RFC 3463 §3.2, X.1; two of its codes speak of the sender).
    pub(super) fn names_nobody(&self) -> bool {
        match &self.ending {
            Ending::Reply(reply) if self.phase == Phase::RcptTo => {
                matches!(reply.enhanced(), Some((5, 1, detail)) if !matches!(detail, 7 | 8))
            }
            Ending::Exit { status, .. } => *status == Some(sysexits::NO_USER),
            _ => false,
        }
    }
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The server took the mail.
    Delivered,
    /// Try this mail again.
    Later(Wait),
    /// The relay, the way to it or our account with it is in trouble: nothing can be mailed now, and no try is counted.
    LaterRelay,
    /// The server refuses our sender. That concerns all mail; but after a day the mail at hand is given up.
    LaterSender,
    /// The server refuses by a policy that somebody may mend: try again for a day.
    LaterPolicy,
    /// This mail is refused for good.
    Never,
    /// This mail is refused for good as big as it is.
    TooBig,
    /// The whole message was offered, and nobody knows whether the server took it.
    Unheard,
}

/// Which waits suit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Each of the list.
    Any,
    /// None below five minutes: the recipient was refused for now, which most often is greylisting.
    Grey,
}

/// What an outcome means. Everything that decides between a retry and a dead letter is here.
pub fn judge(outcome: &Outcome) -> Verdict {
    use Phase::{Auth, Body, Connect, Data, Dot, Greeting, Hello, MailFrom, RcptTo, StartTls, Tls};

    let reply = match (&outcome.ending, outcome.phase) {
        (Ending::Reply(reply), _) => reply,
        (Ending::Exit { status, .. }, phase) => return judge_exit(*status, phase),
        (Ending::Silence(_), Dot) => return Verdict::Unheard,
        // From the recipient on, the cause may be this one mail; holding all others back for it could last for ever.
        (Ending::Silence(_), RcptTo | Data | Body) => return Verdict::Later(Wait::Any),
        (Ending::Refused(_), RcptTo) => return Verdict::Never,
        (Ending::Silence(_) | Ending::Refused(_) | Ending::Shut, _) => return Verdict::LaterRelay,
    };
    // RFC 4954 §6: these speak of our login, whatever command they answer.
    let login = matches!(reply.code, 530 | 534 | 535 | 538);
    let policy = matches!(reply.enhanced(), Some((5, 7, _)));
    // A mailbox that is full (5.2.2) is that for a shorter mail too.
    let too_big = match reply.enhanced() {
        Some((5, 2, 2)) => false,
        Some((5, 2, 3) | (5, 3, 4)) => true,
        _ => reply.code == 552,
    };
    match (outcome.phase, reply.class()) {
        (Dot, 2) => Verdict::Delivered,
        (Dot, 4) => Verdict::Later(Wait::Any),
        (RcptTo | Data | Body | Dot, 5) if too_big => Verdict::TooBig,
        (Dot, 5) => Verdict::Never,
        (Dot, _) => Verdict::Unheard,
        (Connect | Tls | Greeting | Hello | StartTls | Auth, _) => Verdict::LaterRelay,
        _ if login => Verdict::LaterRelay,
        // Only the size that we announced makes a server refuse one mail this early.
        (MailFrom, 5) if too_big => Verdict::TooBig,
        (MailFrom, 5) => Verdict::LaterSender,
        (MailFrom, _) => Verdict::LaterRelay,
        (RcptTo, 4) => Verdict::Later(Wait::Grey),
        (RcptTo, 5) if policy => Verdict::LaterPolicy,
        (RcptTo | Data | Body, 5) => Verdict::Never,
        (RcptTo | Data | Body, _) => Verdict::Later(Wait::Any),
    }
}

/// What the exit status of a program means that was handed a mail, by what sendmail, Postfix and msmtp use them for.
fn judge_exit(status: Option<i32>, phase: Phase) -> Verdict {
    match status {
        Some(0) if phase == Phase::Dot => Verdict::Delivered,
        // It may have passed the mail on before the signal came.
        None if phase == Phase::Dot => Verdict::Unheard,
        Some(sysexits::DATA | sysexits::NO_USER) => Verdict::Never,
        // Said of a recipient's host, and of a relay that is out of reach: worth a day, and no other mail waits for it.
        Some(sysexits::NO_HOST | sysexits::UNAVAILABLE) => Verdict::LaterPolicy,
        Some(
            sysexits::USAGE
            | sysexits::SYSTEM
            | sysexits::SYSTEM_FILE
            | sysexits::CANNOT_CREATE
            | sysexits::IO
            | sysexits::NO_PERMISSION
            | sysexits::CONFIG
            | sysexits::NOT_EXECUTABLE
            | sysexits::NOT_FOUND,
        ) => Verdict::LaterRelay,
        // A temporary failure, one of the program itself, or a status that every program uses as it likes.
        _ => Verdict::Later(Wait::Any),
    }
}

/// Exit statuses of `sysexits.h`, and those of a shell that cannot run a program.
mod sysexits {
    pub(super) const USAGE: i32 = 64;
    pub(super) const DATA: i32 = 65;
    pub(super) const NO_USER: i32 = 67;
    pub(super) const NO_HOST: i32 = 68;
    pub(super) const UNAVAILABLE: i32 = 69;
    pub(super) const SYSTEM: i32 = 71;
    pub(super) const SYSTEM_FILE: i32 = 72;
    pub(super) const CANNOT_CREATE: i32 = 73;
    pub(super) const IO: i32 = 74;
    pub(super) const TEMPORARY: i32 = 75;
    pub(super) const NO_PERMISSION: i32 = 77;
    pub(super) const CONFIG: i32 = 78;
    pub(super) const NOT_EXECUTABLE: i32 = 126;
    pub(super) const NOT_FOUND: i32 = 127;
}

/// How a program ended, in words.
fn exited(phase: Phase, program: &str, status: Option<i32>, words: &str) -> String {
    if status == Some(0) && phase == Phase::Dot {
        return format!("handed over to {program}");
    }
    let mut text = match status {
        Some(status) => format!("{program} ended with status {status}"),
        None => format!("{program} was ended by a signal"),
    };
    let meaning = match status {
        Some(sysexits::USAGE) => " (it does not know its arguments)",
        Some(sysexits::DATA) => " (it refuses the message)",
        Some(sysexits::NO_USER) => " (no such user)",
        Some(sysexits::NO_HOST) => " (no such host)",
        Some(sysexits::UNAVAILABLE) => " (service unavailable)",
        Some(sysexits::TEMPORARY) => " (temporary failure)",
        Some(sysexits::NO_PERMISSION) => " (not permitted)",
        Some(sysexits::CONFIG) => " (its config is wrong)",
        Some(sysexits::NOT_EXECUTABLE | sysexits::NOT_FOUND) => " (it cannot be run)",
        _ => "",
    };
    text.push_str(meaning);
    if !words.is_empty() {
        text = format!("{text}: {words}");
    }
    if phase == Phase::Dot { text } else { format!("{text} (during {})", phase.as_str()) }
}

/// A mail that could not be delivered for so long is given up.
pub const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);

/// A mail that the sender's or the recipient's policy refuses is given up after so long.
pub const REFUSED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// An alert that could not be delivered for so long joins a summary of all such alerts of its recipient.
pub const STALE_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Waits below this are no use against greylisting.
const GREY: SignedDuration = SignedDuration::from_mins(5);

/// Pauses of the relay are never longer.
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(15);

/// What a wait of nothing comes to: whoever cannot be reached would be asked hundreds of times a second. Any other wait is what
/// somebody wanted.
const NO_WAIT: SignedDuration = SignedDuration::from_secs(1);

/// The waits between tries. One of zero stands for a second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// After the first try, the second…; the last one is repeated. Empty means an hour each.
    pub retry: Vec<SignedDuration>,
    /// After a try whose answer was never heard.
    pub unheard: SignedDuration,
}

impl Schedule {
    /// How long to wait after a mail's try, when `tries` went before that one.
    pub fn wait(&self, tries: u32, wait: Wait) -> SignedDuration {
        let at = usize::try_from(tries).unwrap_or(usize::MAX).min(self.retry.len().saturating_sub(1));
        let rest = self.retry.get(at..).unwrap_or_default();
        let plain = rest.first().copied().unwrap_or(SignedDuration::from_hours(1));
        some(match wait {
            Wait::Any => plain,
            Wait::Grey => rest.iter().copied().find(|wait| *wait >= GREY).unwrap_or(plain),
        })
    }

    /// A wait made longer by a tenth at most, another one for each try of each mail: what failed together need not come back
    /// together.
    pub fn spread(wait: SignedDuration, mail: i64, tries: u32) -> SignedDuration {
        let chance = i32::from(Key::of(&["spread", &mail.to_string(), &tries.to_string()]).as_bytes()[0]);
        wait.saturating_add(wait / 2560 * chance)
    }

    /// How long to wait after a try whose answer was never heard.
    pub fn after_silence(&self) -> SignedDuration {
        some(self.unheard)
    }

    /// How long all delivery pauses after the relay was in trouble, when it was so `strikes` times before that in a row.
    pub fn pause(&self, strikes: u32) -> SignedDuration {
        self.wait(strikes, Wait::Any).min(PAUSE_MAX)
    }
}

fn some(wait: SignedDuration) -> SignedDuration {
    if wait.is_zero() { NO_WAIT } else { wait }
}

/// Whether a mail queued at `queued` has waited for at least `limit` at `now`. A clock that was set back makes it younger.
pub(super) fn older_than(limit: SignedDuration, queued: Timestamp, now: Timestamp) -> bool {
    now.duration_since(queued) >= limit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(phase: Phase, text: &str) -> Verdict {
        let ending = match text {
            "drop" => Ending::Silence("closed".to_owned()),
            "refuse" => Ending::Refused("will not".to_owned()),
            "shut" => Ending::Shut,
            text => {
                let (code, words) = text.split_once(' ').unwrap_or((text, ""));
                Ending::Reply(Reply { code: code.parse().unwrap(), lines: vec![words.to_owned()] })
            }
        };
        judge(&Outcome { phase, ending })
    }

    #[test]
    fn each_reply_in_each_phase_has_its_verdict() {
        use Phase::{Auth, Body, Connect, Data, Dot, Greeting, Hello, MailFrom, RcptTo, StartTls, Tls};
        use Verdict::{Delivered, Later, LaterPolicy, LaterRelay, LaterSender, Never, TooBig, Unheard};
        let (any, grey) = (Later(Wait::Any), Later(Wait::Grey));
        let table = [
            (Connect, "drop", LaterRelay),
            (Connect, "refuse", LaterRelay),
            (Tls, "drop", LaterRelay),
            (Greeting, "421 busy", LaterRelay),
            (Greeting, "554 5.7.1 go away", LaterRelay),
            (Greeting, "drop", LaterRelay),
            (Hello, "451 not now", LaterRelay),
            (Hello, "550 no", LaterRelay),
            (Hello, "drop", LaterRelay),
            (StartTls, "refuse", LaterRelay),
            (StartTls, "454 4.7.0 TLS not available", LaterRelay),
            (Auth, "535 5.7.8 bad credentials", LaterRelay),
            (Auth, "454 4.7.0 temporary", LaterRelay),
            (Auth, "refuse", LaterRelay),
            (Auth, "drop", LaterRelay),
            (MailFrom, "451 4.3.0 busy", LaterRelay),
            (MailFrom, "421 4.3.2 closing", LaterRelay),
            (MailFrom, "530 5.7.0 authentication required", LaterRelay),
            (MailFrom, "550 5.1.8 sender refused", LaterSender),
            (MailFrom, "553 not you", LaterSender),
            (MailFrom, "552 5.3.4 too big", TooBig),
            (MailFrom, "552 too big", TooBig),
            (RcptTo, "552 5.3.4 too big", TooBig),
            (Dot, "552 5.2.3 too big for this mailbox", TooBig),
            (Dot, "552 too much mail data", TooBig),
            (Dot, "550 5.3.4 too big", TooBig),
            (Dot, "552 5.7.0 not this one", TooBig),
            (MailFrom, "drop", LaterRelay),
            (RcptTo, "450 4.7.1 greylisted", grey),
            (RcptTo, "451 4.7.1 try again", grey),
            (RcptTo, "452 4.5.3 too many", grey),
            (RcptTo, "421 4.7.0 later", grey),
            (RcptTo, "550 5.1.1 no such user", Never),
            (RcptTo, "550 no such user", Never),
            (RcptTo, "552 5.2.2 mailbox full", Never),
            (RcptTo, "550 5.7.1 relaying denied", LaterPolicy),
            (RcptTo, "554 5.7.1 blocked", LaterPolicy),
            (RcptTo, "530 5.7.0 authentication required", LaterRelay),
            (RcptTo, "550 4.2.1 disabled for now", grey),
            (RcptTo, "450 5.1.1 never", Never),
            (RcptTo, "550 2.1.5 contradicts itself", Never),
            (RcptTo, "refuse", Never),
            (RcptTo, "drop", any),
            (Data, "451 4.3.0 busy", any),
            (Data, "554 5.5.1 no", Never),
            (Data, "250 what?", any),
            (Data, "drop", any),
            (Body, "drop", any),
            (Body, "shut", LaterRelay),
            (Dot, "250 2.0.0 queued", Delivered),
            (Dot, "250", Delivered),
            (Dot, "250 5.0.0 contradicts itself", Delivered),
            (Dot, "451 4.3.0 later", any),
            (Dot, "421 closing", any),
            (Dot, "550 5.7.1 spam", Never),
            (Dot, "554 no", Never),
            (Dot, "354 what?", Unheard),
            (Dot, "drop", Unheard),
        ];
        for (phase, text, verdict) in table {
            assert_eq!(after(phase, text), verdict, "{text:?} in {phase:?}");
        }
    }

    #[test]
    fn waits_follow_the_list_and_repeat_the_last() {
        let minutes = |list: &[i64]| list.iter().map(|m| SignedDuration::from_mins(*m)).collect::<Vec<_>>();
        let schedule = Schedule { retry: minutes(&[1, 2, 5, 10, 60]), unheard: SignedDuration::from_mins(15) };
        let waits = |wait| (0..7).map(|tries| schedule.wait(tries, wait).as_mins()).collect::<Vec<_>>();
        assert_eq!(waits(Wait::Any), [1, 2, 5, 10, 60, 60, 60]);
        assert_eq!(waits(Wait::Grey), [5, 5, 5, 10, 60, 60, 60]);
        assert_eq!((0..7).map(|n| schedule.pause(n).as_mins()).collect::<Vec<_>>(), [1, 2, 5, 10, 15, 15, 15]);
        let short = Schedule { retry: minutes(&[1]), ..schedule };
        assert_eq!(short.wait(9, Wait::Grey).as_mins(), 1, "a list without long waits is kept to");
    }

    #[test]
    fn no_wait_at_all_is_a_second() {
        let (none, second) = (SignedDuration::ZERO, SignedDuration::from_secs(1));
        let schedule = Schedule { retry: vec![none], unheard: none };
        assert_eq!([schedule.wait(0, Wait::Any), schedule.wait(7, Wait::Grey)], [second; 2]);
        assert_eq!([schedule.pause(0), schedule.pause(7), schedule.after_silence()], [second; 3]);
        let moment = SignedDuration::from_millis(1);
        assert_eq!(Schedule { retry: vec![moment], unheard: none }.pause(3), moment);
    }

    #[test]
    fn an_answer_is_one_clean_line() {
        let reply = Reply { code: 550, lines: vec!["5.1.1 no\u{1b}[31m such".to_owned(), "user".repeat(400)] };
        let answer = Outcome { phase: Phase::RcptTo, ending: Ending::Reply(reply) }.answer();
        assert!(answer.starts_with("550 5.1.1 no [31m such user"), "{answer}");
        assert_eq!(answer.chars().count(), ANSWER_LEN_MAX);
    }
}
