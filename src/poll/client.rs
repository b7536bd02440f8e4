//! The one HTTP client, with its limits.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::net::Ipv4Addr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, Method, StatusCode};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Certificate, Client, Request, Response};
use tokio::time::{Instant, Sleep};
use url::Url;

use super::decode::{Decoded, decode};
use super::fetch::{Fetch, FetchError, Hop, Phase, Reply};
use super::guard::{Refused, Resolver, check_address, check_literal};
use super::way::{Authorities, is_own_name, place, unreadable};
use super::{schedule, source};
use crate::clock::steady;

/// For the connection alone, TLS included. Two addresses are tried side by side after 300 ms (RFC 8305), so a dead one does
/// not cost so much.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// An idle connection is closed after so long, or after twice that at the latest.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// So many idle connections are kept to one host.
const IDLE_PER_HOST: usize = 32;

/// So many clients are kept.
const CLIENTS_MAX: usize = 64;

/// So many servers are known to have answered lately; those that are not are not asked twice.
const ANSWERED_MAX: usize = 4096;

/// Bodies that nobody reads (of redirects and failures) are drained up to this, so that their connection can be used again.
const DRAIN_MAX: usize = 64 * 1024;

/// And for so long.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// Makes AWS-LC the crypto of all TLS in this process. May be called any number of times.
pub fn install_tls_provider() {
    // An error says that there is a provider already, which is what was asked for.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Asks over HTTP, and reads files.
///
/// There is a client, with a pool of connections, for each `Door`. A connection that one of them opened is never used by
/// another, so that nothing is sent to an address, through a proxy or on a certificate that only another feed was allowed.
#[derive(Clone)]
pub struct HttpFetch {
    resolver: fn(bool) -> Resolver,
    clients: Arc<Mutex<HashMap<Door, Client>>>,
    /// What the environment says of proxies.
    environment: Arc<Matcher>,
    /// Why the system's certificate authorities are not there, where they are not.
    no_roots: Option<String>,
    /// When each server last answered.
    answered: Arc<Mutex<HashMap<String, Instant>>>,
}

/// The matcher of the environment may hold a password.
impl fmt::Debug for HttpFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpFetch").field("no_roots", &self.no_roots).finish_non_exhaustive()
    }
}

impl HttpFetch {
    /// Sets up the clients with the system's certificate authorities. Where the system has none, everything but https works.
    ///
    /// # Errors
    /// [`FetchError::Client`] when the client cannot be built at all.
    pub fn new() -> Result<Self, FetchError> {
        Self::with(Resolver::of_the_system)
    }

    fn with(resolver: fn(bool) -> Resolver) -> Result<Self, FetchError> {
        install_tls_provider();
        for name in unreadable(|name| std::env::var(name).ok()) {
            tracing::warn!(
                "the variable {name} names no proxy that can be read; what it is meant for is asked without one"
            );
        }
        let mut fetch = Self {
            resolver,
            clients: Arc::default(),
            environment: Arc::new(Matcher::from_env()),
            no_roots: None,
            answered: Arc::default(),
        };
        // What most feeds need; whether there are authorities shows here.
        for private in [false, true] {
            let door = Door { private, ..Door::default() };
            if let Err(missing) = fetch.client(&door) {
                if fetch.no_roots.is_some() {
                    return Err(FetchError::Client { what: deepest(&missing) });
                }
                fetch.no_roots = Some(deepest(&missing));
                fetch.client(&door).map_err(|error| FetchError::Client { what: deepest(&error) })?;
            }
        }
        Ok(fetch)
    }

    /// The client for a door, which is made where there is none yet.
    fn client(&self, door: &Door) -> Result<Client, reqwest::Error> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(door) {
            return Ok(client.clone());
        }
        let client = client((self.resolver)(door.private), door, self.no_roots.is_none())?;
        if clients.len() >= CLIENTS_MAX {
            // Reloads change proxies and authorities now and then. What is in use is made again.
            clients.clear();
        }
        clients.insert(door.clone(), client.clone());
        Ok(client)
    }

    /// What a request may do.
    fn door(&self, hop: &Hop, host: &str) -> Result<Door, FetchError> {
        let proxy = hop.way.proxy.of(&hop.url, &self.environment);
        if !hop.allow_private {
            check_literal(&hop.url)?;
            if proxy.is_some() && is_own_name(&hop.url) {
                check_address(host, Ipv4Addr::LOCALHOST.into())?;
            }
        }
        let authorities = hop.way.authorities.clone();
        if let Some(what) = self.no_roots.as_ref().filter(|_| hop.url.scheme() == "https" && authorities.is_none()) {
            let what = format!("{what}; install the system's certificate authorities (package ca-certificates)");
            return Err(FetchError::Tls { host: host.to_owned(), what });
        }
        // The only address that a proxied request looks up is the proxy's own, which mostly stands inside.
        Ok(Door { private: hop.allow_private || proxy.is_some(), proxy, authorities })
    }

    async fn ask(&self, hop: Hop, mut deadline: Pin<&mut Sleep>) -> Result<Reply, FetchError> {
        let host = hop.url.host_str().unwrap_or_default().to_owned();
        let door = self.door(&hop, &host)?;
        let proxy = door.proxy.as_ref().map(place);
        let client = self.client(&door).map_err(|error| FetchError::Client { what: deepest(&error) })?;
        let late = |phase| FetchError::Timeout { host: host.clone(), phase, after: schedule::words(hop.timeout) };
        let server = hop.url.origin().ascii_serialization();
        let request = || {
            let method = if hop.form.is_some() { Method::POST } else { Method::GET };
            let mut request = Request::new(method, hop.url.clone());
            hop.headers.clone_into(request.headers_mut());
            *request.body_mut() = hop.form.clone().map(Into::into);
            request
        };
        let answer = async {
            match client.execute(request()).await {
                // The server closed a connection that was idle, just when it was used again (RFC 9112 §9.3.1).
                Err(error) if hung_up(&error) && self.may_be_idle(&server) => client.execute(request()).await,
                other => other,
            }
        };
        let answer = tokio::select! {
            answer = answer => answer,
            () = deadline.as_mut() => return Err(late(Phase::Answer)),
        };
        if answer.is_ok() {
            self.note_answer(server);
        }
        let mut response = answer.map_err(|error| explain(&host, proxy.as_deref(), &error))?;
        if let Some(address) = response.remote_addr().filter(|_| !door.private) {
            // The resolver and the literal were checked before; this holds even where that was wrong.
            check_address(&host, address.ip())?;
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        if let Some(proxy) = proxy.filter(|_| status == StatusCode::PROXY_AUTHENTICATION_REQUIRED) {
            let what = "it asks for a user and a password, which belong into its address (407)".to_owned();
            return Err(FetchError::Proxy { host, proxy, what });
        }
        if !matches!(status, StatusCode::OK | StatusCode::IM_USED) {
            let _ = tokio::time::timeout(DRAIN_TIMEOUT, drain(&mut response)).await;
            return Ok(Reply { status: status.as_u16(), headers, body: Vec::new(), complete: true, wire_bytes: 0 });
        }
        let body = tokio::select! {
            body = read(&mut response, &host, hop.max_size) => body,
            () = deadline.as_mut() => return Err(late(Phase::Body)),
        };
        let (body, ended) = body?;
        let wire_bytes = body.len() as u64;
        let decoded = tokio::select! {
            decoded = undone(headers.clone(), body, hop.max_size) => decoded?,
            () = deadline => return Err(late(Phase::Body)),
        };
        Ok(Reply {
            status: status.as_u16(),
            headers,
            body: decoded.body,
            complete: ended && decoded.complete,
            wire_bytes,
        })
    }

    /// Whether a connection to this server may have been left open by an answer before. Asked once for each answer.
    fn may_be_idle(&self, server: &str) -> bool {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.remove(server).is_some_and(|at| at.elapsed() < IDLE_TIMEOUT * 2)
    }

    fn note_answer(&self, server: String) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if answered.len() >= ANSWERED_MAX {
            answered.retain(|_, at| at.elapsed() < IDLE_TIMEOUT * 2);
        }
        if answered.len() < ANSWERED_MAX {
            answered.insert(server, steady());
        }
    }
}

#[async_trait]
impl Fetch for HttpFetch {
    async fn exchange(&self, hop: Hop) -> Result<Reply, FetchError> {
        let limit = hop.timeout.try_into().unwrap_or(Duration::ZERO);
        if let Some(program) = &hop.program {
            let body = program.run(hop.max_size, limit).await?;
            let wire_bytes = body.len() as u64;
            return Ok(Reply { status: 200, headers: HeaderMap::new(), body, complete: true, wire_bytes });
        }
        let deadline = pin!(tokio::time::sleep(limit));
        match hop.url.scheme() {
            "http" | "https" => self.ask(hop, deadline).await,
            "file" => tokio::select! {
                reply = source::read(&hop.url, hop.max_size) => reply,
                () = deadline => Err(FetchError::File {
                    path: hop.url.path().into(),
                    what: format!("it could not be read within {}", schedule::words(hop.timeout)),
                }),
            },
            _ => Err(FetchError::Scheme { url: hop.url.to_string() }),
        }
    }
}

/// What a client may do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Door {
    /// Connect to addresses that are not public.
    private: bool,
    /// Ask through a proxy.
    proxy: Option<Url>,
    /// Believe these besides.
    authorities: Option<Authorities>,
}

/// `has_roots` where the system has certificate authorities.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
fn client(resolver: Resolver, door: &Door, has_roots: bool) -> Result<Client, reqwest::Error> {
    let builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .dns_resolver(resolver)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_PER_HOST);
    // A proxy looks names up for us, past the guard, so it takes none by itself.
    let builder = builder.no_proxy();
    let builder = match &door.proxy {
        Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy.clone())?),
        None => builder,
    };
    let own = door.authorities.iter().flat_map(Authorities::certificates);
    let own = own.map(|certificate| Certificate::from_der(certificate)).collect::<Result<Vec<_>, _>>()?;
    match (has_roots, own.is_empty()) {
        (true, true) => builder.build(),
        (true, false) => builder.tls_certs_merge(own).build(),
        (false, _) => builder.tls_certs_only(own).build(),
    }
}

/// The whole body, and whether it had its end; what came before it broke off, where something did.
async fn read(response: &mut Response, host: &str, max_size: u64) -> Result<(Vec<u8>, bool), FetchError> {
    let too_large = || FetchError::TooLarge { limit: max_size };
    if response.content_length().is_some_and(|length| length > max_size) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                if (body.len() + chunk.len()) as u64 > max_size {
                    return Err(too_large());
                }
                body.extend_from_slice(&chunk);
            }
            Ok(None) => return Ok((body, true)),
            Err(_) if !body.is_empty() => return Ok((body, false)),
            Err(error) => return Err(FetchError::Protocol { host: host.to_owned(), what: deepest(&error) }),
        }
    }
}

/// The body without its codings, undone away from the tasks that wait for others.
async fn undone(headers: HeaderMap, body: Vec<u8>, max_size: u64) -> Result<Decoded, FetchError> {
    if !headers.contains_key(CONTENT_ENCODING) {
        return Ok(Decoded { body, complete: true });
    }
    let decoded = tokio::task::spawn_blocking(move || decode(&headers, body, max_size));
    decoded.await.unwrap_or_else(|panic| Err(FetchError::Corrupt { coding: "body", what: panic.to_string() }))
}

/// Reads and forgets.
async fn drain(response: &mut Response) {
    let mut drained = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        drained += chunk.len();
        if drained > DRAIN_MAX {
            return;
        }
    }
}

/// Whether the connection ended before a word of the answer.
fn hung_up(error: &reqwest::Error) -> bool {
    let lost = |error: &std::io::Error| {
        matches!(error.kind(), std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe)
    };
    !error.is_connect()
        && !error.is_timeout()
        && (find::<std::io::Error>(error).is_some_and(lost)
            // The type of this error is private to the client.
            || deepest(error) == "connection closed before message completed")
}

/// What went wrong before there were headers.
fn explain(host: &str, proxy: Option<&str>, error: &reqwest::Error) -> FetchError {
    let host = host.to_owned();
    if let Some(refused) = find::<Refused>(error) {
        return refused.clone().into();
    }
    if let Some(proxy) = proxy.filter(|_| error.is_connect() && find::<rustls::Error>(error).is_none()) {
        let what = if error.is_timeout() {
            format!("it did not connect within {}s", CONNECT_TIMEOUT.as_secs())
        } else {
            deepest(error)
        };
        return FetchError::Proxy { host, proxy: proxy.to_owned(), what };
    }
    if error.is_dns() {
        return FetchError::Name { host, what: deepest(error) };
    }
    if let Some(error) = find::<rustls::Error>(error) {
        return FetchError::Tls { host, what: tls_words(error) };
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => {
            FetchError::Timeout { host, phase: Phase::Connect, after: format!("{}s", CONNECT_TIMEOUT.as_secs()) }
        }
        (true, false) => FetchError::Connect { host, what: deepest(error) },
        (false, _) => FetchError::Protocol { host, what: deepest(error) },
    }
}

/// The likely faults of certificates in plain words.
fn tls_words(error: &rustls::Error) -> String {
    use rustls::CertificateError as Fault;
    let rustls::Error::InvalidCertificate(fault) = error else { return error.to_string() };
    match fault {
        Fault::Expired | Fault::ExpiredContext { .. } => "its certificate has expired".to_owned(),
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => "its certificate is not valid yet".to_owned(),
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            "its certificate belongs to another name".to_owned()
        }
        Fault::UnknownIssuer => "its certificate was issued by nobody whom this system trusts".to_owned(),
        Fault::Revoked => "its certificate was revoked".to_owned(),
        Fault::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is that of an authority, which is not taken for a server's; one that it signed is"
                .to_owned()
        }
        other => other.to_string(),
    }
}

/// The first error of this type in the chain. An I/O error hides the error that it wraps from [`Error::source`].
fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The last error of the chain: the others only say that there is one.
fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::atomic::{AtomicU8, Ordering::SeqCst};

    use super::*;
    use crate::poll::guard::LookUp;
    use crate::poll::way::Way;

    #[test]
    fn faults_of_certificates_are_told_in_plain_words() {
        use rustls::CertificateError as Fault;
        let words = |fault| tls_words(&rustls::Error::InvalidCertificate(fault));
        assert_eq!(words(Fault::Expired), "its certificate has expired");
        assert_eq!(words(Fault::NotValidForName), "its certificate belongs to another name");
        assert_eq!(words(Fault::UnknownIssuer), "its certificate was issued by nobody whom this system trusts");
    }

    #[test]
    fn an_error_is_found_inside_io_errors() {
        let nested = io::Error::other(io::Error::other(rustls::Error::DecryptError));
        assert_eq!(find::<rustls::Error>(&nested), Some(&rustls::Error::DecryptError));
        assert_eq!(find::<Refused>(&nested), None);
    }

    #[test]
    fn a_system_without_certificate_authorities_has_a_client_all_the_same() {
        install_tls_provider();
        install_tls_provider();
        assert!(client(Resolver::of_the_system(true), &Door::default(), false).is_ok());
    }

    fn hop(url: &str, allow_private: bool) -> Hop {
        Hop {
            url: url.parse().expect("a URL"),
            headers: HeaderMap::new(),
            form: None,
            allow_private,
            way: Way::default(),
            timeout: jiff::SignedDuration::from_secs(5),
            max_size: 100,
            program: None,
        }
    }

    /// How often the name of a server was asked for whose answer changes each time.
    static LOOKED_UP: AtomicU8 = AtomicU8::new(0);

    /// A name server that rebinds: a public address first, beside a private one, and then private ones, each time another.
    fn rebinding(allow_private: bool) -> Resolver {
        let look_up: LookUp = |_| {
            let n = LOOKED_UP.fetch_add(1, SeqCst);
            let addresses = match n {
                0 => vec![[93, 184, 216, 34], [127, 0, 0, 1]],
                n => vec![[127, 0, 0, n]],
            };
            Box::pin(async move { Ok(addresses.into_iter().map(|address| (address, 0).into()).collect()) })
        };
        Resolver { allow_private, look_up }
    }

    #[tokio::test]
    async fn a_name_is_asked_for_once_for_each_connection_and_leads_where_it_was_checked_to() {
        let fetch = HttpFetch::with(rebinding).expect("a client");
        let listener = std::net::TcpListener::bind("0.0.0.0:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener that does not wait");
        let url = format!("http://rebinding.example:{}/a", listener.local_addr().expect("an address").port());
        for asked in 1..=3 {
            let refused = fetch.exchange(hop(&url, false)).await.unwrap_err();
            assert!(matches!(refused, FetchError::Refused(_)), "{refused}");
            assert_eq!(LOOKED_UP.load(SeqCst), asked, "nobody looks a second time");
            assert!(listener.accept().is_err(), "somebody connected");
        }
        // Where it may be inside, the one answer is where the connection goes, whatever a second one would say.
        let server = async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let mut request = [0; 1024];
            tokio::io::AsyncReadExt::read(&mut stream, &mut request).await.expect("a request");
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await.expect("it listens");
            stream.local_addr().expect("an address").ip().to_string()
        };
        let (reply, at) = tokio::join!(fetch.exchange(hop(&url, true)), server);
        assert_eq!((reply.expect("an answer").body, at.as_str()), (b"hi".to_vec(), "127.0.0.3"));
        assert_eq!(LOOKED_UP.load(SeqCst), 4);
    }

    #[tokio::test]
    async fn without_certificate_authorities_https_says_what_is_missing() {
        let fetch = HttpFetch { no_roots: Some("no certificates".to_owned()), ..HttpFetch::new().expect("a client") };
        let words = fetch.exchange(hop("https://127.0.0.1:1/", true)).await.unwrap_err().to_string();
        assert!(words.contains("package ca-certificates"), "{words}");
    }
}
