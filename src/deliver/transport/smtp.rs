use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset, Starttls};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::sync::Mutex;

use super::dialogue::{Dialogue, Stream};
use super::login::{self, Kept, Login};
use super::{DotGate, Letter, Relay};
use crate::clock::Clock;
use crate::deliver::address;
use crate::deliver::verdict::{Ending, Outcome, Phase, Reply};

/// Letters over one connection; servers count, and some close then.
const LETTERS_MAX: u32 = 100;

/// A connection that was not used for so long is not used again: the server or something between may have forgotten it.
const IDLE_MAX: SignedDuration = SignedDuration::from_secs(30);

/// Addresses of one host that are tried.
const ADDRESSES_MAX: usize = 4;

/// How to reach a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Where it is.
    pub place: Place,
    /// What it speaks.
    pub dialect: Dialect,
    /// How the line is secured. A socket of this machine needs no security.
    pub secrecy: Secrecy,
    /// Who we are to it.
    pub login: Login,
    /// The name given in `EHLO`; `None` for the machine's own.
    pub hello_name: Option<String>,
    /// How long each step may take.
    pub timeouts: Timeouts,
}

/// Where a mail server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At a port of a host.
    Host {
        /// Its name or address; its certificate must be for this.
        name: String,
        /// The port.
        port: u16,
    },
    /// At a Unix socket.
    Socket(PathBuf),
}

/// What a mail server speaks. As each letter has one recipient, the two differ in one word only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 5321.
    Smtp,
    /// RFC 2033: a server that delivers at once, and has no queue.
    Lmtp,
}

/// How the line to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// TLS from the first byte (RFC 8314 §3.3).
    Implicit,
    /// `STARTTLS` when it is offered; a failure of it is not passed over.
    Offered,
    /// `STARTTLS`, or nothing is sent.
    Required,
}

/// How long each step of a dialogue may take. The defaults are the least that RFC 5321 §4.5.3.2 allows a client, except for
/// the connection, on which it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To resolve the name, and to reach each of its addresses.
    pub connect: Duration,
    /// For the TLS handshake.
    pub tls: Duration,
    /// For the greeting and for each command.
    pub command: Duration,
    /// For `DATA`.
    pub data: Duration,
    /// For each block of the message.
    pub block: Duration,
    /// For the answer to the final dot. Slow servers scan the message before they answer, and whoever gives up too early
    /// sends it twice.
    pub dot: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            tls: Duration::from_secs(30),
            command: Duration::from_mins(5),
            data: Duration::from_mins(2),
            block: Duration::from_mins(3),
            dot: Duration::from_mins(10),
        }
    }
}

/// A mail server that takes our mail over, over one connection that serves a run of letters.
pub struct SmtpRelay {
    smtp: Smtp,
    clock: Arc<dyn Clock>,
    /// What certificates are trusted; `None` for what the system trusts.
    tls: Option<Arc<ClientConfig>>,
    /// Taken out while it is used, so that a letter that is dropped halfway takes its connection with it.
    kept: Mutex<Option<Session>>,
    token: Kept,
}

/// A connection on which a letter may be begun.
struct Session {
    dialogue: Dialogue,
    /// The server wants to know how big a letter is.
    size: bool,
    letters: u32,
    used: Timestamp,
    /// A letter was begun and not ended; the server must be told to forget it.
    begun: bool,
}

/// What one step brought, or the outcome of the whole where it did not go on.
pub(super) type Step<T> = Result<T, Outcome>;

impl SmtpRelay {
    /// A relay that connects when the first letter comes.
    pub fn new(smtp: Smtp, clock: Arc<dyn Clock>) -> Self {
        Self { smtp, clock, tls: None, kept: Mutex::new(None), token: Kept::default() }
    }

    /// Trusts what `tls` trusts instead of what the system trusts.
    #[must_use]
    pub fn with_tls(self, tls: Arc<ClientConfig>) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// A new session. A token that has expired is no reason to have none.
    async fn connect(&self) -> Step<Session> {
        match self.connect_once().await {
            Err(outcome) if self.token.has_expired(&outcome).await => {
                tracing::debug!(
                    answer = outcome.answer(),
                    "the mail server refuses the token; another one is asked for"
                );
                self.connect_once().await
            }
            connected => connected,
        }
    }

    async fn connect_once(&self) -> Step<Session> {
        let (limits, (plain, is_here)) = (&self.smtp.timeouts, self.reach().await?);
        let mut dialogue = Dialogue::over(plain);
        let is_socket = matches!(self.smtp.place, Place::Socket(_));
        if self.smtp.secrecy == Secrecy::Implicit && !is_socket {
            dialogue = self.encrypt(dialogue).await?;
        }
        expect(Phase::Greeting, 220, dialogue.reply(limits.command).await)?;
        let mut offers = self.hello(&mut dialogue).await?;
        let may_encrypt = !dialogue.is_encrypted() && !is_socket;
        if may_encrypt && offers.iter().any(|offer| offer == "STARTTLS") {
            expect(Phase::StartTls, 220, dialogue.command(Starttls, limits.command).await)?;
            dialogue = self.encrypt(dialogue).await?;
            offers = self.hello(&mut dialogue).await?;
        } else if may_encrypt && self.smtp.secrecy == Secrecy::Required {
            return Err(refused(
                Phase::StartTls,
                "the server offers no STARTTLS, and tls=required allows nothing else",
            ));
        }
        if self.smtp.login != Login::None && !dialogue.is_encrypted() && !is_here {
            let why = "the line is not encrypted, and the password is not said in plain text; use smtps://, or a server \
                       that offers STARTTLS";
            return Err(refused(Phase::Auth, why));
        }
        login::log_in(&mut dialogue, &offers, &self.smtp.login, &self.token, limits.command).await?;
        let size = offers.iter().any(|offer| offer == "SIZE" || offer.starts_with("SIZE "));
        Ok(Session { dialogue, size, letters: 0, used: self.clock.now(), begun: false })
    }

    /// A connection, and whether its other end is this very machine.
    async fn reach(&self) -> Step<(Box<dyn Stream>, bool)> {
        match &self.smtp.place {
            Place::Host { name, port } => {
                let stream = self.reach_host(name, *port).await?;
                let is_here = stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback());
                Ok((Box::new(stream), is_here))
            }
            Place::Socket(path) => {
                let failed = |what: String| {
                    let what = format!("cannot reach the socket {}: {what}", path.display());
                    Outcome { phase: Phase::Connect, ending: Ending::Silence(what) }
                };
                let limit = self.smtp.timeouts.connect;
                match tokio::time::timeout(limit, UnixStream::connect(path)).await {
                    Ok(Ok(stream)) => Ok((Box::new(stream), true)),
                    Ok(Err(error)) => Err(failed(error.to_string())),
                    Err(_) => Err(failed(format!("it did not answer within {limit:?}"))),
                }
            }
        }
    }

    /// A TCP connection to the first address that can be reached.
    async fn reach_host(&self, host: &str, port: u16) -> Step<TcpStream> {
        let limit = self.smtp.timeouts.connect;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let failed = |what: String| Outcome { phase: Phase::Connect, ending: Ending::Silence(what) };
        let addresses = tokio::time::timeout(limit, lookup_host((bare, port)))
            .await
            .map_err(|_| failed(format!("{host}: its address was not found within {limit:?}")))?
            .map_err(|error| failed(format!("{host}: its address was not found: {error}")))?;
        let mut last = failed(format!("{host} has no address"));
        for address in addresses.take(ADDRESSES_MAX) {
            match tokio::time::timeout(limit, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Without this a dot can wait for the answer to what went before it. It is only slower if it fails.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Ok(Err(error)) => last = failed(format!("cannot reach {host} at {address}: {error}")),
                Err(_) => last = failed(format!("cannot reach {host} at {address} within {limit:?}")),
            }
        }
        Err(last)
    }

    async fn encrypt(&self, dialogue: Dialogue) -> Step<Dialogue> {
        let config = match &self.tls {
            Some(config) => Arc::clone(config),
            None => Arc::new(ClientConfig::with_platform_verifier().map_err(|error| {
                refused(Phase::Tls, format!("cannot tell whom to trust (are the ca-certificates installed?): {error}"))
            })?),
        };
        let Place::Host { name, .. } = &self.smtp.place else { return Ok(dialogue) };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let encrypted = dialogue.encrypt(config, name, self.smtp.timeouts.tls).await;
        encrypted.map_err(|what| Outcome { phase: Phase::Tls, ending: Ending::Silence(what) })
    }

    /// Says `EHLO`; returns what the server offers, in capitals.
    async fn hello(&self, dialogue: &mut Dialogue) -> Step<Vec<String>> {
        let word = match self.smtp.dialect {
            Dialect::Smtp => "EHLO",
            Dialect::Lmtp => "LHLO",
        };
        let said = dialogue.command(format!("{word} {}\r\n", self.client_id()), self.smtp.timeouts.command).await;
        let reply = expect(Phase::Hello, 250, said)?;
        Ok(reply.lines.iter().skip(1).map(|line| line.trim().to_ascii_uppercase()).collect())
    }

    fn client_id(&self) -> ClientId {
        let named = self.smtp.hello_name.clone().map_or_else(ClientId::default, ClientId::Domain);
        match named {
            ClientId::Domain(name) if !is_host_name(&name) => ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST),
            named => named,
        }
    }

    /// One letter over a session. A failure is returned as the outcome that it is.
    async fn transact(&self, session: &mut Session, letter: &Letter<'_>, gate: &mut dyn DotGate) -> Step<Reply> {
        let limits = &self.smtp.timeouts;
        let from = address::ascii(letter.from).map_err(|error| refused(Phase::MailFrom, error.to_string()))?;
        let to = address::ascii(letter.to).map_err(|error| refused(Phase::RcptTo, error.to_string()))?;
        let dialogue = &mut session.dialogue;
        if session.begun {
            expect(Phase::MailFrom, 250, dialogue.command(Rset, limits.command).await)?;
        }
        session.begun = true;
        let size = session.size.then_some(MailParameter::Size(letter.bytes.len()));
        let mail = Mail::new(Some(from), size.into_iter().collect());
        expect(Phase::MailFrom, 250, dialogue.command(mail, limits.command).await)?;
        let rcpt = heard(Phase::RcptTo, dialogue.command(Rcpt::new(to, Vec::new()), limits.command).await)?;
        if !matches!(rcpt.code, 250..=252) {
            return Err(replied(Phase::RcptTo, rcpt));
        }
        expect(Phase::Data, 354, dialogue.command(Data, limits.data).await)?;
        let written = dialogue.message(letter.bytes, limits.block).await;
        written.map_err(|what| Outcome { phase: Phase::Body, ending: Ending::Silence(what) })?;
        if !gate.open().await {
            return Err(Outcome { phase: Phase::Body, ending: Ending::Shut });
        }
        let reply = heard(Phase::Dot, dialogue.dot(limits.dot).await)?;
        session.begun = false;
        session.letters += 1;
        Ok(reply)
    }

    /// The session of the letter before, if it can still be used.
    async fn take_kept(&self) -> Option<Session> {
        let session = self.kept.lock().await.take()?;
        let idle = self.clock.now().duration_since(session.used);
        let fresh = (SignedDuration::ZERO..=IDLE_MAX).contains(&idle);
        if fresh && session.letters < LETTERS_MAX {
            return Some(session);
        }
        self.quit(session).await;
        None
    }

    /// Keeps the session if the server is still in step.
    async fn keep(&self, mut session: Session, outcome: &Outcome) {
        let Ending::Reply(reply) = &outcome.ending else { return };
        // An unfit reply to `DATA` may have made the server wait for a message.
        if reply.code == 421
            || !matches!(reply.code / 100, 2 | 4 | 5)
            || outcome.phase == Phase::Data && reply.code < 400
        {
            return;
        }
        session.used = self.clock.now();
        *self.kept.lock().await = Some(session);
    }

    /// Says goodbye; what the server says to that concerns nobody.
    async fn quit(&self, mut session: Session) {
        let limit = self.smtp.timeouts.command.min(Duration::from_secs(2));
        let _ = session.dialogue.command(Quit, limit).await;
    }
}

#[async_trait]
impl Relay for SmtpRelay {
    async fn offer(&self, letter: &Letter<'_>, gate: &mut dyn DotGate) -> Outcome {
        let mut kept = self.take_kept().await;
        loop {
            let reused = kept.is_some();
            let session = match kept.take() {
                Some(session) => Ok(session),
                None => self.connect().await,
            };
            let mut session = match session {
                Ok(session) => session,
                Err(outcome) => return outcome,
            };
            let outcome = match self.transact(&mut session, letter, gate).await {
                Ok(reply) => replied(Phase::Dot, reply),
                Err(outcome) => outcome,
            };
            // A server may close a connection that it has kept open long enough at any time. That is no answer to this letter.
            let closed = match &outcome.ending {
                Ending::Silence(_) => true,
                Ending::Reply(reply) => reply.code == 421,
                Ending::Refused(_) | Ending::Shut | Ending::Exit { .. } => false,
            };
            if reused && closed && outcome.phase <= Phase::Data {
                continue;
            }
            self.keep(session, &outcome).await;
            return outcome;
        }
    }

    async fn rest(&self) {
        if let Some(session) = self.kept.lock().await.take() {
            self.quit(session).await;
        }
    }
}

pub(super) fn heard(phase: Phase, said: Result<Reply, String>) -> Step<Reply> {
    said.map_err(|what| Outcome { phase, ending: Ending::Silence(what) })
}

pub(super) fn expect(phase: Phase, code: u16, said: Result<Reply, String>) -> Step<Reply> {
    let reply = heard(phase, said)?;
    if reply.code == code { Ok(reply) } else { Err(replied(phase, reply)) }
}

fn replied(phase: Phase, reply: Reply) -> Outcome {
    Outcome { phase, ending: Ending::Reply(reply) }
}

pub(super) fn refused(phase: Phase, why: impl Into<String>) -> Outcome {
    Outcome { phase, ending: Ending::Refused(why.into()) }
}

/// RFC 5321 §4.1.2 `Domain`, roughly: what cannot break a command.
fn is_host_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
}
