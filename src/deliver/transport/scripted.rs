//! A mail server that plays a script, and what our side makes of it.

mod logins;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Dialect, DotGate, Letter, Login, Place, Relay, Secrecy, Smtp, SmtpRelay, Timeouts, Unrecorded};
use crate::clock::SetClock;
use crate::deliver::verdict::{Ending, Outcome, Phase, Verdict, Wait, judge};

fn acceptor() -> TlsAcceptor {
    install_provider();
    let key = PrivateKeyDer::from_pem_file("tests/fixtures/tls/localhost.key.pem").unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate()], key);
    TlsAcceptor::from(Arc::new(config.unwrap()))
}

fn certificate() -> CertificateDer<'static> {
    CertificateDer::from_pem_file("tests/fixtures/tls/localhost.cert.pem").unwrap()
}

/// Trusts the server's certificate and no other.
fn trusting() -> Arc<rustls::ClientConfig> {
    install_provider();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate()).unwrap();
    Arc::new(rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

fn install_provider() {
    // Another test may have been first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// A gate that is always open, or always shut.
pub(in crate::deliver) struct Gate {
    open: bool,
    pub(in crate::deliver) asked: bool,
}

impl Gate {
    pub(in crate::deliver) fn open() -> Self {
        Self { open: true, asked: false }
    }

    pub(in crate::deliver) fn shut() -> Self {
        Self { open: false, asked: false }
    }
}

#[async_trait]
impl DotGate for Gate {
    async fn open(&mut self) -> bool {
        self.asked = true;
        self.open
    }
}

/// What the server does instead of what it would do.
#[derive(Debug, Clone, Copy)]
enum Act {
    Say(&'static str),
    /// Says nothing and closes the connection.
    Drop,
    /// Says nothing and keeps the connection.
    Hang,
    /// Sends bytes for ever, without a line end.
    Flood,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

type Wire = BufReader<Box<dyn Stream>>;

/// A server that behaves but for one step: `CONNECT`, a command, or `.`.
struct Server {
    listener: TcpListener,
    fault: Option<(&'static str, Act)>,
    /// On which connection the fault happens, from 0; each one where it is `None`.
    only_on: Option<usize>,
    offers: &'static str,
    /// TLS from the first byte.
    implicit: bool,
    /// What is said to the line after a challenge, whatever it is.
    after_challenge: Option<&'static str>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn with(fault: Option<(&'static str, Act)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let offers = "250-test\r\n250 SIZE 1000000\r\n";
        Self { listener, fault, only_on: None, offers, implicit: false, after_challenge: None, heard: Arc::default() }
    }

    fn relay(&self, clock: &Arc<SetClock>, change: impl FnOnce(&mut Smtp)) -> SmtpRelay {
        // Short only where a timeout is what the test waits for.
        let hangs = matches!(self.fault, Some((_, Act::Hang)));
        let limit = Duration::from_millis(if hangs { 400 } else { 20_000 });
        let timeouts = Timeouts { connect: limit, tls: limit, command: limit, data: limit, block: limit, dot: limit };
        let mut smtp = Smtp {
            place: self.place("127.0.0.1"),
            dialect: Dialect::Smtp,
            secrecy: Secrecy::Offered,
            login: Login::None,
            hello_name: Some("test.example".to_owned()),
            timeouts,
        };
        change(&mut smtp);
        SmtpRelay::new(smtp, Arc::clone(clock) as _)
    }

    fn place(&self, name: &str) -> Place {
        Place::Host { name: name.to_owned(), port: self.listener.local_addr().unwrap().port() }
    }

    /// What was heard so far, letters as one entry each.
    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Serves one connection after the other, for ever.
    async fn run(&self) {
        let mut hung = Vec::new();
        for number in 0.. {
            let (stream, _) = self.listener.accept().await.unwrap();
            let mut stream: Box<dyn Stream> = Box::new(stream);
            if self.implicit {
                let Ok(secured) = acceptor().accept(stream).await else { continue };
                stream = Box::new(secured);
            }
            self.note("CONNECT");
            let fault = self.fault.filter(|_| self.only_on.is_none_or(|only| only == number));
            hung.extend(self.serve(stream, fault).await);
        }
    }

    fn note(&self, line: &str) {
        self.heard.lock().unwrap().push(line.to_owned());
    }

    /// Returns a connection on which it hangs.
    async fn serve(&self, stream: Box<dyn Stream>, fault: Option<(&'static str, Act)>) -> Option<Wire> {
        let mut stream = BufReader::new(stream);
        let mut step = "CONNECT".to_owned();
        loop {
            let act = match fault {
                Some((at, act)) if step.starts_with(at) => act,
                _ => Act::Say(match step.split(' ').next().unwrap() {
                    "CONNECT" | "STARTTLS" => "220 test\r\n",
                    "EHLO" | "LHLO" => self.offers,
                    "AUTH" => "235 2.7.0 welcome\r\n",
                    "DATA" => "354 go on\r\n",
                    "." => "250 2.0.0 queued as 1\r\n",
                    "QUIT" => "221 bye\r\n",
                    _ => "250 2.1.0 ok\r\n",
                }),
            };
            match act {
                // A client may have gone already; it will be seen at the next read.
                Act::Say(words) => drop(stream.write_all(words.as_bytes()).await),
                Act::Drop => return None,
                Act::Hang => return Some(stream),
                Act::Flood => while stream.write_all(&[b'2'; 4096]).await.is_ok() {},
            }
            if step == "STARTTLS" {
                stream = BufReader::new(Box::new(acceptor().accept(stream.into_inner()).await.ok()?));
            }
            if let (Act::Say(words), Some(answer)) = (act, self.after_challenge)
                && words.starts_with("334")
            {
                let line = read_line(&mut stream).await?;
                self.note(&line);
                drop(stream.write_all(answer.as_bytes()).await);
            }
            let in_letter = step == "DATA" && matches!(act, Act::Say(words) if words.starts_with("354"));
            step = if in_letter { self.read_letter(&mut stream).await } else { read_line(&mut stream).await }?;
            self.note(&step);
        }
    }

    async fn read_letter(&self, stream: &mut Wire) -> Option<String> {
        let mut letter = String::new();
        loop {
            let line = read_line(stream).await?;
            if line == "." {
                self.note(&letter);
                return Some(line);
            }
            letter.push_str(&line);
            letter.push('|');
        }
    }
}

async fn read_line(stream: &mut Wire) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches("\r\n").to_owned())
}

const LETTER: Letter<'static> = Letter {
    from: "newswatch@example.org",
    to: "desk@example.org",
    message_id: "abc@example.org",
    bytes: b"Subject: x\r\n\r\n.dot\r\nend\r\n",
};

fn clock() -> Arc<SetClock> {
    Arc::new(SetClock::new("2026-11-24T07:30:00Z".parse().unwrap()))
}

fn password() -> Login {
    Login::Password { user: "user".to_owned(), password: "secret".to_owned() }
}

async fn offer(server: &Server, relay: &SmtpRelay, gate: &mut Gate) -> Outcome {
    tokio::select! {
        outcome = relay.offer(&LETTER, gate) => outcome,
        () = server.run() => unreachable!("it serves for ever"),
    }
}

/// One letter to a server with one fault.
async fn faulty(at: &'static str, act: Act) -> (Outcome, Vec<String>, bool) {
    let server = Server::with(Some((at, act))).await;
    let mut gate = Gate::open();
    let outcome = offer(&server, &server.relay(&clock(), |_| {}), &mut gate).await;
    (outcome, server.heard(), gate.asked)
}

#[tokio::test]
async fn each_phase_with_each_fault_has_its_verdict() {
    use Verdict::{Later, LaterRelay, LaterSender, Never, Unheard};
    let (temporary, permanent) = (Act::Say("451 4.3.0 later\r\n"), Act::Say("550 5.5.0 never\r\n"));
    let (any, grey) = (Later(Wait::Any), Later(Wait::Grey));
    // At each step: after a 4xx, after a 5xx, and after no answer at all.
    let steps = [
        ("CONNECT", Phase::Greeting, LaterRelay, LaterRelay, LaterRelay),
        ("EHLO", Phase::Hello, LaterRelay, LaterRelay, LaterRelay),
        ("MAIL", Phase::MailFrom, LaterRelay, LaterSender, LaterRelay),
        ("RCPT", Phase::RcptTo, grey, Never, any),
        ("DATA", Phase::Data, any, Never, any),
        (".", Phase::Dot, any, Never, Unheard),
    ];
    for (at, phase, after_4xx, after_5xx, after_silence) in steps {
        let acts = [
            (temporary, after_4xx),
            (permanent, after_5xx),
            (Act::Drop, after_silence),
            (Act::Hang, after_silence),
            (Act::Flood, after_silence),
            (Act::Say("hello there\r\n"), after_silence),
            (Act::Say("250-one\r\n251 other\r\n"), after_silence),
        ];
        for (act, verdict) in acts {
            let (outcome, _, asked) = faulty(at, act).await;
            assert_eq!(outcome.phase, phase, "{at} {act:?}: {outcome:?}");
            assert_eq!(judge(&outcome), verdict, "{at} {act:?}: {outcome:?}");
            assert_eq!(asked, phase == Phase::Dot, "the gate stands before the dot: {at} {act:?}");
        }
    }
}

#[tokio::test]
async fn a_letter_is_handed_over_whole() {
    let server = Server::with(None).await;
    let outcome = offer(&server, &server.relay(&clock(), |_| {}), &mut Gate::open()).await;
    assert_eq!(judge(&outcome), Verdict::Delivered);
    assert_eq!(outcome.answer(), "250 2.0.0 queued as 1");
    assert_eq!(
        server.heard(),
        [
            "CONNECT",
            "EHLO test.example",
            "MAIL FROM:<newswatch@example.org> SIZE=25",
            "RCPT TO:<desk@example.org>",
            "DATA",
            "Subject: x||..dot|end|",
            "."
        ]
    );
}

#[tokio::test]
async fn a_bare_code_is_an_answer() {
    let (outcome, ..) = faulty(".", Act::Say("250\r\n")).await;
    assert_eq!(judge(&outcome), Verdict::Delivered);
}

#[tokio::test]
async fn a_shut_gate_ends_no_letter() {
    let server = Server::with(None).await;
    let outcome = offer(&server, &server.relay(&clock(), |_| {}), &mut Gate::shut()).await;
    assert_eq!(outcome, Outcome { phase: Phase::Body, ending: Ending::Shut });
    assert_eq!(server.heard().last().unwrap(), "DATA", "no dot was heard");
}

/// Offers letters one after the other; returns the last outcome and what the server heard.
async fn run_of(server: &Server, letters: usize, clock: &Arc<SetClock>, pause: i64) -> (Outcome, Vec<String>) {
    let relay = server.relay(clock, |_| {});
    let letters = async {
        let mut last = None;
        for _ in 0..letters {
            last = Some(relay.offer(&LETTER, &mut Unrecorded).await);
            clock.advance(jiff::SignedDuration::from_secs(pause));
        }
        relay.rest().await;
        last.unwrap()
    };
    let outcome = tokio::select! {
        outcome = letters => outcome,
        () = server.run() => unreachable!("it serves for ever"),
    };
    (outcome, server.heard())
}

fn count(heard: &[String], what: &str) -> usize {
    heard.iter().filter(|line| line.starts_with(what)).count()
}

#[tokio::test]
async fn a_run_of_letters_shares_connections_up_to_a_limit() {
    let server = Server::with(None).await;
    let (outcome, heard) = run_of(&server, 201, &clock(), 0).await;
    assert_eq!(judge(&outcome), Verdict::Delivered);
    assert_eq!((count(&heard, "CONNECT"), count(&heard, "MAIL"), count(&heard, "QUIT")), (3, 201, 3));
}

#[tokio::test]
async fn an_idle_connection_is_not_used_again() {
    let server = Server::with(None).await;
    let (_, heard) = run_of(&server, 2, &clock(), 31).await;
    assert_eq!(count(&heard, "CONNECT"), 2);
}

#[tokio::test]
async fn a_refused_recipient_is_forgotten_before_the_next_letter() {
    let server = Server::with(Some(("RCPT", Act::Say("550 5.1.1 unknown\r\n")))).await;
    let (_, heard) = run_of(&server, 2, &clock(), 0).await;
    assert_eq!((count(&heard, "CONNECT"), count(&heard, "RSET"), count(&heard, "MAIL")), (1, 1, 2));
}

#[tokio::test]
async fn a_server_that_closes_a_used_connection_gets_the_letter_on_a_fresh_one() {
    for act in [Act::Say("421 4.7.0 too many\r\n"), Act::Drop] {
        // The first letter passes, because the fault waits for the second `MAIL`.
        let mut server = Server::with(Some(("MAIL FROM:<newswatch@example.org> SIZE=25", act))).await;
        server.only_on = Some(0);
        let relay = server.relay(&clock(), |_| {});
        let first = Letter { bytes: b"Subject: y\r\n\r\n", ..LETTER };
        let both = async {
            assert_eq!(judge(&relay.offer(&first, &mut Gate::open()).await), Verdict::Delivered);
            relay.offer(&LETTER, &mut Gate::open()).await
        };
        let outcome = tokio::select! {
            outcome = both => outcome,
            () = server.run() => unreachable!("it serves for ever"),
        };
        assert_eq!(judge(&outcome), Verdict::Delivered, "{act:?}: {outcome:?}");
        assert_eq!(count(&server.heard(), "CONNECT"), 2);
    }
}

#[tokio::test]
async fn the_same_words_on_a_fresh_connection_are_believed() {
    let (outcome, heard, _) = faulty("MAIL", Act::Say("421 4.7.0 too many\r\n")).await;
    assert_eq!(judge(&outcome), Verdict::LaterRelay);
    assert_eq!(count(&heard, "CONNECT"), 1);
}

#[tokio::test]
async fn without_starttls_nothing_is_said_where_it_is_required() {
    let server = Server::with(None).await;
    let relay = server.relay(&clock(), |smtp| smtp.secrecy = Secrecy::Required);
    let outcome = offer(&server, &relay, &mut Gate::open()).await;
    assert_eq!((outcome.phase, judge(&outcome)), (Phase::StartTls, Verdict::LaterRelay));
    assert_eq!(count(&server.heard(), "MAIL"), 0);
}

#[tokio::test]
async fn what_comes_before_the_handshake_is_not_believed_after_it() {
    let mut server = Server::with(Some(("STARTTLS", Act::Say("220 go\r\n250 injected\r\n")))).await;
    server.offers = "250-test\r\n250 STARTTLS\r\n";
    let outcome = offer(&server, &server.relay(&clock(), |_| {}), &mut Gate::open()).await;
    assert_eq!((outcome.phase, judge(&outcome)), (Phase::Tls, Verdict::LaterRelay));
    assert!(outcome.answer().contains("plain text"), "{}", outcome.answer());
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_named() {
    let server = Server::with(None).await;
    let port = server.listener.local_addr().unwrap().port();
    let relay = server.relay(&clock(), |_| {});
    drop(server);
    let outcome = relay.offer(&LETTER, &mut Gate::open()).await;
    assert_eq!((outcome.phase, judge(&outcome)), (Phase::Connect, Verdict::LaterRelay));
    assert!(outcome.answer().contains(&format!("127.0.0.1:{port}")), "{}", outcome.answer());
}

const STARTTLS: &str = "250-test\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n";

/// Logs in to `host` under TLS, with or without trust in the server's certificate.
async fn secured(secrecy: Secrecy, host: &str, trust: bool) -> (Outcome, Vec<String>) {
    let mut server = Server::with(None).await;
    server.offers = STARTTLS;
    server.implicit = secrecy == Secrecy::Implicit;
    let relay = server.relay(&clock(), |smtp| {
        smtp.secrecy = secrecy;
        smtp.place = server.place(host);
        smtp.login = password();
    });
    install_provider();
    let relay = if trust { relay.with_tls(trusting()) } else { relay };
    let outcome = offer(&server, &relay, &mut Gate::open()).await;
    (outcome, server.heard())
}

#[tokio::test]
async fn under_tls_a_letter_is_handed_over() {
    for secrecy in [Secrecy::Implicit, Secrecy::Offered, Secrecy::Required] {
        let (outcome, heard) = secured(secrecy, "127.0.0.1", true).await;
        assert_eq!(judge(&outcome), Verdict::Delivered, "{secrecy:?}: {outcome:?}");
        assert_eq!(count(&heard, "EHLO"), if secrecy == Secrecy::Implicit { 1 } else { 2 });
        assert_eq!(count(&heard, "AUTH"), 1);
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_itself_learns_nothing() {
    for secrecy in [Secrecy::Implicit, Secrecy::Offered, Secrecy::Required] {
        let (outcome, heard) = secured(secrecy, "127.0.0.1", false).await;
        assert_eq!((outcome.phase, judge(&outcome)), (Phase::Tls, Verdict::LaterRelay), "{secrecy:?}: {outcome:?}");
        assert_eq!(count(&heard, "AUTH") + count(&heard, "MAIL"), 0, "{heard:?}");
    }
    let (outcome, _) = secured(Secrecy::Offered, "127.0.0.2", true).await;
    assert_ne!(judge(&outcome), Verdict::Delivered, "the certificate is of another name");
}

#[tokio::test]
async fn lmtp_differs_in_its_first_word() {
    let server = Server::with(None).await;
    let relay = server.relay(&clock(), |smtp| smtp.dialect = Dialect::Lmtp);
    let outcome = offer(&server, &relay, &mut Gate::open()).await;
    assert_eq!(judge(&outcome), Verdict::Delivered);
    assert_eq!(server.heard()[1..3], ["LHLO test.example", "MAIL FROM:<newswatch@example.org> SIZE=25"]);
    let server = Server::with(Some((".", Act::Say("452 4.2.2 mailbox full\r\n")))).await;
    let relay = server.relay(&clock(), |smtp| smtp.dialect = Dialect::Lmtp);
    assert_eq!(judge(&offer(&server, &relay, &mut Gate::open()).await), Verdict::Later(Wait::Any));
}

#[tokio::test]
async fn a_socket_of_this_machine_needs_no_tls_and_may_hear_the_password() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lmtp");
    let mut server = Server::with(None).await;
    server.offers = STARTTLS;
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let relay = server.relay(&clock(), |smtp| {
        smtp.place = Place::Socket(path.clone());
        smtp.dialect = Dialect::Lmtp;
        smtp.login = password();
    });
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        server.serve(Box::new(stream), None).await;
        std::future::pending::<()>().await;
    };
    let mut gate = Gate::open();
    let outcome = tokio::select! {
        outcome = relay.offer(&LETTER, &mut gate) => outcome,
        () = serve => unreachable!("it serves for ever"),
    };
    assert_eq!(judge(&outcome), Verdict::Delivered, "{outcome:?}");
    assert_eq!((count(&server.heard(), "STARTTLS"), count(&server.heard(), "AUTH PLAIN")), (0, 1));
    drop((relay, listener));
    std::fs::remove_file(&path).unwrap();
    let relay = server.relay(&clock(), |smtp| smtp.place = Place::Socket(path.clone()));
    let outcome = relay.offer(&LETTER, &mut Unrecorded).await;
    assert_eq!((outcome.phase, judge(&outcome)), (Phase::Connect, Verdict::LaterRelay));
    assert!(outcome.answer().contains(&path.display().to_string()), "{}", outcome.answer());
}
