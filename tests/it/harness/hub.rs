//! A hub (W3C WebSub), and whoever else calls where hubs do.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use aws_lc_rs::hmac;
use url::{Url, form_urlencoded};

use super::PATIENCE;
use super::feeds::{Answer, Origin, Request};
use super::items::{Entry, rss};

/// A hub: it takes requests, and does nothing by itself.
pub(crate) struct Hub {
    origin: Origin,
}

/// What a hub was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked(BTreeMap<String, String>);

/// How a call was answered.
#[derive(Debug, Clone)]
pub(crate) struct Called {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

const PAGE: &str = "/hub";

impl Hub {
    /// A hub on loopback that accepts whatever it is asked.
    pub(crate) fn start() -> Self {
        Self::at("127.0.0.1:0")
    }

    pub(crate) fn at(address: &str) -> Self {
        let origin = Origin::at(address);
        origin.serve(PAGE, Answer::status(202));
        Self { origin }
    }

    pub(crate) fn url(&self) -> String {
        self.origin.url(PAGE)
    }

    /// Answers so from now on.
    pub(crate) fn answer(&self, answer: Answer) {
        self.origin.serve(PAGE, answer);
    }

    /// A page of the hub's server answers so.
    pub(crate) fn page(&self, path: &str, answer: Answer) -> String {
        self.origin.serve(path, answer);
        self.origin.url(path)
    }

    /// Everything that it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.origin.requests(PAGE).iter().map(Asked::read).collect()
    }

    /// The same for another page of its server.
    pub(crate) fn asked_at(&self, path: &str, count: usize) -> Vec<Asked> {
        self.origin.wait_requests(path, count).iter().map(Asked::read).collect()
    }

    /// Waits until it was asked so often in all; the last of it.
    #[track_caller]
    pub(crate) fn wait_asked(&self, count: usize) -> Asked {
        Asked::read(self.origin.wait_requests(PAGE, count).last().unwrap())
    }
}

impl Asked {
    #[track_caller]
    fn read(request: &Request) -> Self {
        assert_eq!(request.method, "POST");
        assert_eq!(request.text("content-type"), "application/x-www-form-urlencoded");
        Self(form_urlencoded::parse(&request.body).into_owned().collect())
    }

    /// A field of the form, empty where it is not there.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub(crate) fn mode(&self) -> &str {
        self.field("hub.mode")
    }

    pub(crate) fn topic(&self) -> &str {
        self.field("hub.topic")
    }

    pub(crate) fn callback(&self) -> &str {
        self.field("hub.callback")
    }

    pub(crate) fn secret(&self) -> &str {
        self.field("hub.secret")
    }

    /// The hub asks whether that was meant.
    pub(crate) fn verify_with(&self, mode: &str, topic: &str, challenge: &str, lease: &str) -> Called {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("hub.mode", mode).append_pair("hub.topic", topic);
        query.append_pair("hub.challenge", challenge);
        if !lease.is_empty() {
            query.append_pair("hub.lease_seconds", lease);
        }
        call("GET", &format!("{}?{}", self.callback(), query.finish()), &[], b"")
    }

    /// The hub asks in good order, and is answered.
    #[track_caller]
    pub(crate) fn verify(&self, lease: &str) {
        let called = self.verify_with(self.mode(), self.topic(), "so be it", lease);
        assert_eq!((called.status, called.body.as_str()), (200, "so be it"), "{called:?}");
    }

    /// The hub says no.
    pub(crate) fn deny(&self, reason: &str) -> Called {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("hub.mode", "denied")
            .append_pair("hub.topic", self.topic())
            .append_pair("hub.reason", reason)
            .finish();
        call("GET", &format!("{}?{query}", self.callback()), &[], b"")
    }

    /// The hub pushes, signed as it should be.
    pub(crate) fn push(&self, body: &str) -> Called {
        self.push_signed(&sign("sha256", self.secret(), body), body)
    }

    /// The hub pushes, signed in this way.
    pub(crate) fn push_signed(&self, signature: &str, body: &str) -> Called {
        let headers = [("Content-Type", "application/rss+xml"), ("X-Hub-Signature", signature)];
        call("POST", self.callback(), &headers, body.as_bytes())
    }
}

/// `X-Hub-Signature`.
pub(crate) fn sign(method: &str, secret: &str, body: &str) -> String {
    let algorithm = match method {
        "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => hmac::HMAC_SHA256,
        "sha384" => hmac::HMAC_SHA384,
        "sha512" => hmac::HMAC_SHA512,
        other => panic!("no method {other}"),
    };
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), body.as_bytes());
    let digits = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    format!("{method}={digits}")
}

/// Calls an address on loopback, whoever one is.
#[track_caller]
pub(crate) fn call(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Called {
    let url = Url::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    let mut target = url.path().to_owned();
    if let Some(query) = url.query() {
        target = format!("{target}?{query}");
    }
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n", url.authority());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
        let _ = write!(head, "Content-Length: {}\r\n", body.len());
    }
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // Whoever is asked too much may hang up before its end.
    let _ = stream.write_all(format!("{head}\r\n").as_bytes()).and_then(|()| stream.write_all(body));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Called { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// A port of loopback that is free now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A feed that names its hub and itself.
pub(crate) fn with_hub(entries: &[Entry], hub: &str, topic: &str) -> String {
    let links = format!(
        "<atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"hub\" href=\"{hub}\"/>\
         <atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"self\" href=\"{topic}\"/>"
    );
    rss(entries).replacen("<description>", &format!("{links}<description>"), 1)
}
