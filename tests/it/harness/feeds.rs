//! A web server that serves feeds and misbehaves to order.

use std::collections::{HashMap, VecDeque};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::PATIENCE;
use super::level::{self, Level};
use super::wire::Server;

/// The web server.
pub(crate) struct Origin {
    server: Server,
    state: Arc<Level<State>>,
}

#[derive(Default)]
struct State {
    standing: HashMap<String, Responder>,
    queued: HashMap<String, VecDeque<Answer>>,
    requests: Vec<Request>,
    closing: bool,
}

type Responder = Arc<dyn Fn(&Request) -> Answer + Send + Sync>;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    /// In order; names in lower case, values byte for byte.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) at: Instant,
}

impl Request {
    /// The bytes of the first header of this name (in lower case).
    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice())
    }

    /// The same as text, for messages and comparison; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        self.header(name).map(|value| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
    }

    /// Whether it asks "only if it has changed".
    pub(crate) fn conditional(&self) -> bool {
        self.header("if-none-match").is_some() || self.header("if-modified-since").is_some()
    }
}

/// What the server says to one request.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    fault: Fault,
}

/// How an answer goes wrong.
#[derive(Debug, Clone)]
enum Fault {
    None,
    /// The line is cut after so many bytes of the body; `Content-Length` promises all of them.
    CutAfter(usize),
    /// The headers and half of the body come, and then nothing.
    Stall,
    /// Nothing comes, not even a status line.
    Mute,
    /// A byte of the body at a time, with this between two.
    Drip(Duration),
    /// Exactly these bytes instead of an HTTP answer.
    Garbage(Vec<u8>),
    /// The body, again and again, chunked, for as long as the client reads.
    Endless,
}

impl Answer {
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), fault: Fault::None }
    }

    /// 200 with a feed.
    pub(crate) fn feed(xml: impl Into<Vec<u8>>) -> Self {
        Self::status(200).header("Content-Type", "application/rss+xml; charset=utf-8").body(xml)
    }

    pub(crate) fn html(page: &str) -> Self {
        Self::status(200).header("Content-Type", "text/html; charset=utf-8").body(page)
    }

    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("Location", to)
    }

    pub(crate) fn garbage(bytes: &[u8]) -> Self {
        Self { fault: Fault::Garbage(bytes.to_vec()), ..Self::status(200) }
    }

    pub(crate) fn mute() -> Self {
        Self { fault: Fault::Mute, ..Self::status(200) }
    }

    /// A gzip body that unpacks to `mebibytes` of spaces.
    pub(crate) fn gzip_bomb(mebibytes: usize) -> Self {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        let spaces = vec![b' '; 1 << 20];
        for _ in 0..mebibytes {
            packer.write_all(&spaces).unwrap();
        }
        Self::feed(packer.finish().unwrap()).header("Content-Encoding", "gzip")
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same under another status.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn cut_after(self, bytes: usize) -> Self {
        Self { fault: Fault::CutAfter(bytes), ..self }
    }

    pub(crate) fn stalling(self) -> Self {
        Self { fault: Fault::Stall, ..self }
    }

    pub(crate) fn dripping(self, between: Duration) -> Self {
        Self { fault: Fault::Drip(between), ..self }
    }

    pub(crate) fn endless(self) -> Self {
        Self { fault: Fault::Endless, ..self }
    }

    /// What a strict server makes of this answer: 304 where the request holds the very bytes of its validators, of
    /// `ETag` before `Last-Modified` (RFC 9110 §13.2.2).
    fn checked(self, request: &Request) -> Self {
        let own = |name: &str| {
            self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
        };
        let same = match (request.header("if-none-match"), request.header("if-modified-since")) {
            (Some(asked), _) => own("etag") == Some(asked),
            (None, Some(asked)) => own("last-modified") == Some(asked),
            (None, None) => false,
        };
        if self.status != 200 || !same {
            return self;
        }
        let headers = self.headers.into_iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-type")).collect();
        Self { headers, ..Self::status(304) }
    }
}

impl Origin {
    pub(crate) fn start() -> Self {
        Self::at("127.0.0.1:0")
    }

    /// A web server on another address of this machine: another host, as far as manners go.
    pub(crate) fn at(address: &str) -> Self {
        let state = Arc::new(Level::new(State::default()));
        let server = Server::start(address, {
            let state = Arc::clone(&state);
            move |stream| converse(&stream, &state)
        });
        Self { server, state }
    }

    /// The address of a page.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// Serves `answer` at `path` from now on, and 304 where a request holds its validators.
    pub(crate) fn serve(&self, path: &str, answer: Answer) {
        self.respond(path, move |request| answer.clone().checked(request));
    }

    /// Lets a function answer at `path` from now on.
    pub(crate) fn respond(&self, path: &str, respond: impl Fn(&Request) -> Answer + Send + Sync + 'static) {
        self.state.change(|state| state.standing.insert(path.to_owned(), Arc::new(respond)));
    }

    /// These answers come first, one each, unconditionally; then what is served at `path` otherwise.
    pub(crate) fn first(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        self.state.change(|state| state.queued.entry(path.to_owned()).or_default().extend(answers));
    }

    /// All requests for `path` so far.
    pub(crate) fn requests(&self, path: &str) -> Vec<Request> {
        self.state.lock().requests.iter().filter(|request| request.target == path).cloned().collect()
    }

    /// How many requests came, for whatever.
    pub(crate) fn request_count(&self) -> usize {
        self.state.lock().requests.len()
    }

    /// Waits until `path` was asked for `count` times in all.
    #[track_caller]
    pub(crate) fn wait_requests(&self, path: &str, count: usize) -> Vec<Request> {
        let what = format!("request number {count} for {path}");
        self.state.expect(&what, PATIENCE, |state| {
            let found: Vec<_> = state.requests.iter().filter(|request| request.target == path).cloned().collect();
            (found.len() >= count).then_some(found)
        })
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.state.change(|state| state.closing = true);
    }
}

/// Serves one connection until either side ends it.
fn converse(stream: &TcpStream, state: &Level<State>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = read_request(&mut reader)? {
        let answer = choose(state, &request);
        if !write(stream, &answer, state)? {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return Ok(());
        }
    }
    Ok(())
}

fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let line = String::from_utf8_lossy(&line).into_owned();
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        let line = line.trim_ascii_end();
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { break };
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        headers.push((name, line[colon + 1..].trim_ascii_start().to_vec()));
    }
    let mut request = Request { method, target, headers, body: Vec::new(), at: level::now() };
    let length: u64 = request.text("content-length").parse().unwrap_or(0);
    reader.take(length).read_to_end(&mut request.body)?;
    Ok(Some(request))
}

/// Logs the request and finds its answer. The function of a page runs outside the lock: it may look at the log itself.
fn choose(state: &Level<State>, request: &Request) -> Answer {
    let (queued, standing) = state.change(|state| {
        state.requests.push(request.clone());
        let queued = state.queued.get_mut(&request.target).and_then(VecDeque::pop_front);
        (queued, state.standing.get(&request.target).cloned())
    });
    match (queued, standing) {
        (Some(answer), _) => answer,
        (None, Some(respond)) => respond(request),
        (None, None) => Answer::status(404).header("Content-Type", "text/plain").body("no such page\n"),
    }
}

/// Writes the answer; `false` where the connection is to end with it.
fn write(mut stream: &TcpStream, answer: &Answer, state: &Level<State>) -> io::Result<bool> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status)).into_bytes();
    for (name, value) in &answer.headers {
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(b"\r\n");
    }
    let promised = format!("Content-Length: {}\r\n\r\n", answer.body.len()).into_bytes();
    let whole = |body: &[u8]| [head.as_slice(), &promised, body].concat();
    match &answer.fault {
        Fault::None if answer.status == 304 => stream.write_all(&[head.as_slice(), b"\r\n"].concat())?,
        Fault::None => stream.write_all(&whole(&answer.body))?,
        Fault::CutAfter(bytes) => stream.write_all(&whole(&answer.body[..*bytes]))?,
        Fault::Garbage(bytes) => stream.write_all(bytes)?,
        Fault::Mute => hold(state, PATIENCE),
        Fault::Stall => {
            stream.write_all(&whole(&answer.body[..answer.body.len() / 2]))?;
            hold(state, PATIENCE);
        }
        Fault::Drip(between) => {
            stream.write_all(&whole(&[]))?;
            for byte in &answer.body {
                stream.write_all(&[*byte])?;
                hold(state, *between);
            }
        }
        Fault::Endless => {
            stream.write_all(&[head.as_slice(), b"Transfer-Encoding: chunked\r\n\r\n"].concat())?;
            let chunk = [format!("{:x}\r\n", answer.body.len()).as_bytes(), &answer.body, b"\r\n"].concat();
            loop {
                stream.write_all(&chunk)?;
            }
        }
    }
    Ok(matches!(answer.fault, Fault::None | Fault::Drip(_)))
}

/// Keeps the client waiting for at most `limit`, less when the server is closed.
fn hold(state: &Level<State>, limit: Duration) {
    let _ = state.wait(limit, |state| state.closing.then_some(()));
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        404 => "Not Found",
        410 => "Gone",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

#[test]
fn a_strict_server_compares_validators_byte_for_byte() {
    let ask = |name: &str, value: &str| Request {
        method: "GET".to_owned(),
        target: "/".to_owned(),
        headers: vec![(name.to_owned(), value.as_bytes().to_vec())],
        body: Vec::new(),
        at: level::now(),
    };
    let page = Answer::feed("x").header("ETag", "W/\"a\"").header("Last-Modified", "yesterday");
    assert_eq!(page.clone().checked(&ask("if-none-match", "W/\"a\"")).status, 304);
    assert_eq!(page.clone().checked(&ask("if-none-match", "\"a\"")).status, 200);
    assert_eq!(page.clone().checked(&ask("if-modified-since", "yesterday")).status, 304);
    assert_eq!(page.checked(&ask("accept", "yesterday")).status, 200);
}

#[test]
fn the_server_logs_and_answers_in_order() {
    let origin = Origin::start();
    origin.serve("/a", Answer::feed("second"));
    origin.first("/a", [Answer::status(503)]);
    let mut stream = TcpStream::connect(origin.server.address()).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for expected in ["HTTP/1.1 503", "HTTP/1.1 200"] {
        stream.write_all(b"GET /a HTTP/1.1\r\nIf-None-Match:  W/\"\xff\" \r\n\r\n").unwrap();
        let mut line = String::new();
        while !line.starts_with("HTTP") {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
        assert!(line.starts_with(expected), "{line}");
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
    }
    let requests = origin.wait_requests("/a", 2);
    assert_eq!(requests[0].header("if-none-match"), Some(b"W/\"\xff\"".as_slice()));
}
