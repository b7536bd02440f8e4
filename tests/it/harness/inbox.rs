//! A mail server that keeps what it accepts and misbehaves to order.

use std::collections::{HashMap, VecDeque};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;
use super::letter::Letter;
use super::level::{self, Level};
use super::wire::Server;

/// The mail server.
pub(crate) struct Inbox {
    server: Server,
    state: Arc<Level<State>>,
}

/// Where in the dialogue (RFC 5321 §4.3.2) something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    Greeting,
    Ehlo,
    /// `STARTTLS`, which is agreed to and then not gone through with.
    Tls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The message before its dot; only [`Reply::Cut`] does something, after the first line.
    Body,
    /// The dot that ends the message.
    Dot,
}

/// What happens there.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// The ordinary answer of a server that has nothing against it.
    Normal,
    /// These words.
    Say(&'static str),
    /// The line is cut without an answer. After the dot the message has been taken all the same.
    Cut,
    /// No answer until [`Inbox::release`]; the ordinary one then.
    Hang,
    /// The ordinary answer, late.
    Slow(Duration),
}

type Chooser = Arc<dyn Fn(usize) -> Reply + Send + Sync>;

#[derive(Default)]
struct State {
    queued: HashMap<Phase, VecDeque<Reply>>,
    standing: HashMap<Phase, Chooser>,
    reached: HashMap<Phase, usize>,
    offers: Vec<Offer>,
    read: usize,
    released: bool,
    closing: bool,
    life: usize,
    /// The first word of each dialogue.
    greeted: Vec<String>,
}

/// A message that came in up to its dot.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    /// The envelope sender.
    pub(crate) from: String,
    /// The envelope recipients that were not refused.
    pub(crate) to: Vec<String>,
    /// As the sender wrote it, dots unstuffed.
    pub(crate) raw: Vec<u8>,
    /// The server took responsibility for it, whether or not the client heard so.
    pub(crate) taken: bool,
    /// The client was left without an answer on purpose.
    pub(crate) cut: bool,
    /// Which life of the sender it came from; see [`Inbox::next_life`].
    pub(crate) life: usize,
    pub(crate) at: Instant,
}

impl Offer {
    #[track_caller]
    pub(crate) fn letter(&self) -> Letter {
        Letter::read(&self.raw)
    }
}

impl Inbox {
    pub(crate) fn start() -> Self {
        Self::at("127.0.0.1:0")
    }

    /// A mail server at a known address, for tests in which it comes up late.
    pub(crate) fn at(address: &str) -> Self {
        let state = Arc::new(Level::new(State::default()));
        let server = Server::start(address, {
            let state = Arc::clone(&state);
            move |stream| converse(&stream, &state)
        });
        Self { server, state }
    }

    /// For `[mail] smtp`.
    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.server.address())
    }

    /// The next times that a dialogue comes to `phase`, this happens, once each; then what happens always.
    pub(crate) fn script(&self, phase: Phase, replies: impl IntoIterator<Item = Reply>) {
        self.state.change(|state| state.queued.entry(phase).or_default().extend(replies));
    }

    /// Whenever a dialogue comes to `phase`, this happens from now on.
    pub(crate) fn always(&self, phase: Phase, reply: Reply) {
        self.choose(phase, move |_| reply.clone());
    }

    /// Whenever a dialogue comes to `phase`, `choose` says what happens; it is told how often that was so.
    pub(crate) fn choose(&self, phase: Phase, choose: impl Fn(usize) -> Reply + Send + Sync + 'static) {
        self.state.change(|state| state.standing.insert(phase, Arc::new(choose)));
    }

    /// Closes the books on a sender that is dead: waits until all it sent has been read, and counts what comes from here
    /// on to its next life.
    #[track_caller]
    pub(crate) fn next_life(&self) {
        // Connections are accepted in order. When this one is greeted, all that the dead sender opened are known.
        let stream = TcpStream::connect(self.server.address()).unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        drop(stream);
        self.server.wait_quiet();
        self.state.change(|state| state.life += 1);
    }

    /// Waits for the dot of a message of the current life; `false` when `limit` has passed.
    pub(crate) fn wait_offer(&self, limit: Duration) -> bool {
        let of_this_life = |state: &mut State| {
            let life = state.life;
            state.offers.iter().any(|offer| offer.life == life).then_some(())
        };
        self.state.wait(limit, of_this_life).is_some()
    }

    /// How many messages the server has taken.
    pub(crate) fn taken(&self) -> usize {
        self.state.lock().offers.iter().filter(|offer| offer.taken).count()
    }

    /// Waits until the server has taken so many messages in all; `false` when `limit` has passed.
    pub(crate) fn wait_taken(&self, limit: Duration, count: usize) -> bool {
        let enough =
            |state: &mut State| (state.offers.iter().filter(|offer| offer.taken).count() >= count).then_some(());
        self.state.wait(limit, enough).is_some()
    }

    /// Waits until `look` is content with all that was offered. They count as read.
    pub(crate) fn wait_offers(&self, limit: Duration, mut look: impl FnMut(&[Offer]) -> bool) -> bool {
        let found = self.state.wait(limit, |state| look(&state.offers).then_some(()));
        self.offers();
        found.is_some()
    }

    /// Lets all that hangs go on.
    pub(crate) fn release(&self) {
        self.state.change(|state| state.released = true);
    }

    /// Waits until dialogues have come to `phase` so many times in all.
    #[track_caller]
    pub(crate) fn wait_reached(&self, phase: Phase, times: usize) {
        let what = format!("dialogue number {times} to come to {phase:?}");
        self.state.expect(&what, PATIENCE, |state| (state.count(phase) >= times).then_some(()));
    }

    /// The words with which dialogues began, one for each: `EHLO`, or `LHLO` where LMTP is spoken.
    pub(crate) fn greeted(&self) -> Vec<String> {
        self.state.lock().greeted.clone()
    }

    /// How many dialogues came to `phase`.
    pub(crate) fn reached(&self, phase: Phase) -> usize {
        self.state.lock().count(phase)
    }

    /// All messages that came up to their dot, taken or not, copies included. They count as read.
    pub(crate) fn offers(&self) -> Vec<Offer> {
        let mut state = self.state.lock();
        state.read = state.offers.len();
        state.offers.clone()
    }

    /// All messages that the server took. They count as read.
    #[track_caller]
    pub(crate) fn letters(&self) -> Vec<Letter> {
        self.offers().iter().filter(|offer| offer.taken).map(Offer::letter).collect()
    }

    /// The one message that the server took.
    #[track_caller]
    pub(crate) fn only_letter(&self) -> Letter {
        let mut letters = self.letters();
        let subjects: Vec<_> = letters.iter().map(|letter| letter.subject.clone()).collect();
        assert_eq!(letters.len(), 1, "one mail expected, got {subjects:?}");
        letters.remove(0)
    }

    /// Waits until the server has taken so many messages in all.
    #[track_caller]
    pub(crate) fn wait_letters(&self, count: usize) -> Vec<Letter> {
        let what = format!("mail number {count}");
        let taken =
            |state: &mut State| (state.offers.iter().filter(|offer| offer.taken).count() >= count).then_some(());
        self.state.expect(&what, PATIENCE, taken);
        self.letters()
    }
}

/// A mail that nobody expected is a failed test.
impl Drop for Inbox {
    fn drop(&mut self) {
        let unread: Vec<_> = self.state.change(|state| {
            state.closing = true;
            state.offers.drain(state.read..).collect()
        });
        if !thread::panicking() {
            let unread: Vec<_> = unread.iter().map(|offer| offer.letter().subject).collect();
            assert!(unread.is_empty(), "mails that the test did not expect: {unread:?}");
        }
    }
}

impl State {
    fn count(&self, phase: Phase) -> usize {
        self.reached.get(&phase).copied().unwrap_or(0)
    }

    fn next(&mut self, phase: Phase) -> Reply {
        let count = self.reached.entry(phase).or_default();
        *count += 1;
        let queued = self.queued.get_mut(&phase).and_then(VecDeque::pop_front);
        queued.or_else(|| self.standing.get(&phase).map(|choose| choose(*count))).unwrap_or(Reply::Normal)
    }
}

/// What a dialogue does after an answer.
#[derive(PartialEq, Eq)]
enum Then {
    /// The ordinary answer was given.
    Accepted,
    /// Another one was given.
    Refused,
    /// The line is cut.
    End,
}

/// Holds one SMTP dialogue.
fn converse(stream: &TcpStream, state: &Level<State>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    if say(stream, state, Phase::Greeting, "220 inbox.example.org ESMTP")? != Then::Accepted {
        return stream.shutdown(Shutdown::Both);
    }
    let (mut from, mut to) = (String::new(), Vec::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let (line, upper) = (line.trim_end(), line.trim_end().to_ascii_uppercase());
        let then = if ["EHLO", "HELO", "LHLO"].iter().any(|word| upper.starts_with(word)) {
            state.change(|state| state.greeted.push(upper[..4].to_owned()));
            say(stream, state, Phase::Ehlo, "250-inbox.example.org\r\n250 PIPELINING")?
        } else if upper == "STARTTLS" {
            say(stream, state, Phase::Tls, "220 2.0.0 go ahead")?
        } else if upper.starts_with("AUTH ") {
            say(stream, state, Phase::Auth, "235 2.7.0 welcome")?
        } else if upper.starts_with("MAIL FROM:") {
            (from, to) = (address(line), Vec::new());
            say(stream, state, Phase::Mail, "250 2.1.0 sender ok")?
        } else if upper.starts_with("RCPT TO:") {
            let then = say(stream, state, Phase::Rcpt, "250 2.1.5 recipient ok")?;
            to.extend((then == Then::Accepted).then(|| address(line)));
            then
        } else if upper == "DATA" {
            match say(stream, state, Phase::Data, "354 go on")? {
                Then::Accepted => take(&mut reader, stream, state, &from, &to)?,
                other => other,
            }
        } else {
            converse_aside(stream, &upper)?
        };
        if then == Then::End {
            return stream.shutdown(Shutdown::Both);
        }
    }
}

/// Commands that no test scripts.
fn converse_aside(mut stream: &TcpStream, upper: &str) -> io::Result<Then> {
    let (words, then) = match upper {
        "QUIT" => ("221 2.0.0 bye", Then::End),
        "RSET" | "NOOP" => ("250 2.0.0 ok", Then::Accepted),
        _ => ("502 5.5.2 not here", Then::Refused),
    };
    stream.write_all(format!("{words}\r\n").as_bytes())?;
    Ok(then)
}

/// Reads a message up to its dot and answers it.
fn take(
    reader: &mut BufReader<TcpStream>,
    mut stream: &TcpStream,
    state: &Level<State>,
    from: &str,
    to: &[String],
) -> io::Result<Then> {
    if matches!(state.change(|state| state.next(Phase::Body)), Reply::Cut) {
        reader.read_line(&mut String::new())?;
        return Ok(Then::End);
    }
    let Some(raw) = read_message(reader)? else { return Ok(Then::End) };
    let reply = state.change(|state| {
        let reply = state.next(Phase::Dot);
        let taken = !matches!(reply, Reply::Say(words) if !words.starts_with('2'));
        let (cut, life, at) = (matches!(reply, Reply::Cut), state.life, level::now());
        state.offers.push(Offer { from: from.to_owned(), to: to.to_vec(), raw, taken, cut, life, at });
        reply
    });
    answer(&mut stream, state, &reply, "250 2.0.0 taken")
}

/// A message with its dots unstuffed; `None` where the line broke before the final dot.
pub(crate) fn read_message(reader: &mut impl io::BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut raw = Vec::new();
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line == b".\r\n" {
            return Ok(Some(raw));
        }
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

fn say(mut stream: &TcpStream, state: &Level<State>, phase: Phase, normal: &str) -> io::Result<Then> {
    let reply = state.change(|state| state.next(phase));
    answer(&mut stream, state, &reply, normal)
}

fn answer(stream: &mut &TcpStream, state: &Level<State>, reply: &Reply, normal: &str) -> io::Result<Then> {
    let (words, then) = match reply {
        Reply::Cut => return Ok(Then::End),
        Reply::Say(words) => (*words, if words.starts_with(&normal[..1]) { Then::Accepted } else { Then::Refused }),
        Reply::Normal => (normal, Then::Accepted),
        Reply::Hang | Reply::Slow(_) => {
            let limit = if let Reply::Slow(limit) = reply { *limit } else { PATIENCE };
            let _ = state.wait(limit, |state| (state.released || state.closing).then_some(()));
            (normal, Then::Accepted)
        }
    };
    stream.write_all(format!("{words}\r\n").as_bytes())?;
    Ok(then)
}

/// What stands between the angle brackets of `MAIL FROM:<…>`.
pub(crate) fn address(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inner, _)| inner);
    inner.unwrap_or_default().to_owned()
}

#[test]
fn an_inbox_takes_a_message_and_unstuffs_its_dots() {
    let inbox = Inbox::start();
    inbox.script(Phase::Rcpt, [Reply::Say("450 4.2.0 later")]);
    let mut stream = TcpStream::connect(inbox.server.address()).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut answers = Vec::new();
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    for command in [
        "NOOP",
        "MAIL FROM:<a@example.org>",
        "RCPT TO:<b@example.org>",
        "RCPT TO:<c@example.org>",
        "DATA",
        "Subject: x\r\n\r\n..dot\r\n.",
        "QUIT",
    ] {
        stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        line.clear();
        reader.read_line(&mut line).unwrap();
        answers.push(line[..3].to_owned());
    }
    assert_eq!(answers, ["250", "250", "450", "250", "354", "250", "221"]);
    let offers = inbox.offers();
    assert_eq!(offers[0].raw, b"Subject: x\r\n\r\n.dot\r\n");
    assert_eq!(offers[0].to, ["c@example.org"]);
    assert_eq!(inbox.only_letter().subject, "x");
}
