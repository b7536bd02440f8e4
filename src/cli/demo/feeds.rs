use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::accept;
use super::sample::{SAMPLES, Sample};
use crate::clock::Clock;
use crate::item::Key;

/// Line and headers of one request together, in bytes.
const MAX_HEAD: u64 = 16 * 1024;

/// How long a connection may stay silent, or take to send its request.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves the sample feeds on a free loopback port, which it returns, until `stop`.
///
/// A plain HTTP/1.1 server (RFC 9110, RFC 9112): GET and HEAD, persistent connections, validators and 304.
pub(super) async fn start(clock: Arc<dyn Clock>, tasks: &TaskTracker, stop: &CancellationToken) -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = listener.local_addr()?.port();
    let started = clock.now();
    accept(listener, tasks, stop, move |stream| {
        let clock = Arc::clone(&clock);
        async move {
            // A reader that hangs up in the middle needs nobody's attention.
            let _ = converse(stream, &*clock, started).await;
        }
    });
    Ok(port)
}

/// Answers one request after another until the connection ends.
async fn converse(stream: TcpStream, clock: &dyn Clock, started: Timestamp) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let head = match timeout(PATIENCE, read_head(&mut stream)).await {
            Ok(head) => head?,
            Err(_) => return Ok(()),
        };
        let now = clock.now();
        let (answer, go_on) = match head {
            Head::End => return Ok(()),
            Head::TooLong => (Answer::plain("431 Request Header Fields Too Large"), false),
            Head::Whole(head) => match Request::read(&head) {
                Some(request) => (answer(&request, started, now), request.keep_alive),
                None => (Answer::plain("400 Bad Request"), false),
            },
        };
        stream.write_all(&answer.bytes(now, go_on)).await?;
        if !go_on {
            return stream.shutdown().await;
        }
    }
}

/// What came before the blank line.
enum Head {
    /// Nothing more: the connection ended.
    End,
    /// More than [`MAX_HEAD`].
    TooLong,
    /// Request line and headers.
    Whole(String),
}

async fn read_head(stream: &mut BufReader<TcpStream>) -> io::Result<Head> {
    let mut head = Vec::new();
    let mut limited = stream.take(MAX_HEAD);
    loop {
        let line_at = head.len();
        if limited.read_until(b'\n', &mut head).await? == 0 || !head.ends_with(b"\n") {
            return Ok(if limited.limit() == 0 { Head::TooLong } else { Head::End });
        }
        match &head[line_at..] {
            // An empty line before the request line is passed over (RFC 9112 §2.2).
            b"\r\n" | b"\n" if line_at == 0 => head.clear(),
            b"\r\n" | b"\n" => return Ok(Head::Whole(String::from_utf8_lossy(&head).into_owned())),
            _ => {}
        }
    }
}

/// What matters here of a request.
struct Request {
    method: String,
    path: String,
    if_none_match: Vec<String>,
    if_modified_since: Option<Timestamp>,
    keep_alive: bool,
}

impl Request {
    /// `None` where it is malformed, or announces content, which nothing here has a use for.
    fn read(head: &str) -> Option<Self> {
        let mut lines = head.lines();
        let mut words = lines.next()?.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !target.starts_with('/') || !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
            return None;
        }
        let mut request = Self {
            method: method.to_owned(),
            path: target.split('?').next()?.to_owned(),
            if_none_match: Vec::new(),
            if_modified_since: None,
            keep_alive: version == "HTTP/1.1",
        };
        for line in lines.take_while(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':')?;
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "if-none-match" => request.if_none_match.extend(value.split(',').map(|tag| tag.trim().to_owned())),
                "if-modified-since" => {
                    request.if_modified_since = jiff::fmt::rfc2822::parse(value).ok().map(|at| at.timestamp());
                }
                "connection" if value.eq_ignore_ascii_case("close") => request.keep_alive = false,
                "content-length" if value != "0" => return None,
                "transfer-encoding" => return None,
                _ => {}
            }
        }
        Some(request)
    }

    /// Whether the client has this very document. `If-None-Match` alone counts where it is given (RFC 9110 §13.1.3), and
    /// compares weakly (§13.1.2).
    fn has(&self, etag: &str, changed: Timestamp) -> bool {
        if self.if_none_match.is_empty() {
            return self.if_modified_since.is_some_and(|since| changed.as_second() <= since.as_second());
        }
        self.if_none_match.iter().any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    }
}

/// Status, headers and content of a response.
struct Answer {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    content: Vec<u8>,
    /// Whether the content itself is sent; its length is told to HEAD as well.
    silent: bool,
}

impl Answer {
    fn plain(status: &'static str) -> Self {
        let headers = vec![("Content-Type", "text/plain; charset=utf-8".to_owned())];
        Self { status, headers, content: format!("{status}\n").into_bytes(), silent: false }
    }

    fn bytes(&self, now: Timestamp, go_on: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {}\r\nDate: {}\r\nServer: newswatch-demo\r\n", self.status, http_date(now));
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        // A 304 has no content and says nothing about its length (RFC 9110 §15.4.5).
        if !self.status.starts_with("304") {
            head.extend(["Content-Length: ", &self.content.len().to_string(), "\r\n"]);
        }
        if !go_on {
            head.push_str("Connection: close\r\n");
        }
        let mut bytes = (head + "\r\n").into_bytes();
        if !self.silent {
            bytes.extend_from_slice(&self.content);
        }
        bytes
    }
}

fn answer(request: &Request, started: Timestamp, now: Timestamp) -> Answer {
    let silent = request.method == "HEAD";
    if !silent && request.method != "GET" {
        let mut refusal = Answer::plain("405 Method Not Allowed");
        refusal.headers.push(("Allow", "GET, HEAD".to_owned()));
        return refusal;
    }
    match SAMPLES.iter().find(|sample| sample.path == request.path) {
        Some(sample) => document(sample, request, started, now, silent),
        None => Answer { silent, ..Answer::plain("404 Not Found") },
    }
}

fn document(sample: &Sample, request: &Request, started: Timestamp, now: Timestamp, silent: bool) -> Answer {
    let document = sample.at(started, now);
    let etag = format!("\"{}\"", Key::of(&[&document.body]));
    let mut headers = vec![("ETag", etag.clone()), ("Last-Modified", http_date(document.changed))];
    if request.has(&etag, document.changed) {
        return Answer { status: "304 Not Modified", headers, content: Vec::new(), silent };
    }
    headers.push(("Content-Type", sample.media_type.to_owned()));
    Answer { status: "200 OK", headers, content: document.body.into_bytes(), silent }
}

/// The date form of RFC 9110 §5.6.7.
fn http_date(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SetClock;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn ask(request: &str, now: Timestamp) -> String {
        let request = Request::read(request).expect("a request");
        String::from_utf8(answer(&request, at(0), now).bytes(now, request.keep_alive)).unwrap()
    }

    fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
        answer.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    #[test]
    fn a_document_is_served_once_and_then_only_when_it_changes() {
        let first = ask("GET /northern-wire.json HTTP/1.1\r\nHost: a\r\n\r\n", at(1));
        assert!(first.starts_with("HTTP/1.1 200 OK\r\n"), "{first}");
        let (etag, modified) = (header(&first, "ETag").unwrap(), header(&first, "Last-Modified").unwrap());
        assert_eq!(header(&first, "Content-Type"), Some("application/feed+json"));
        let body = first.split_once("\r\n\r\n").unwrap().1;
        assert_eq!(header(&first, "Content-Length").unwrap(), body.len().to_string());

        for condition in [
            format!("If-None-Match: {etag}"),
            format!("if-none-match: \"other\", W/{etag}"),
            "If-None-Match: *".to_owned(),
            format!("If-Modified-Since: {modified}"),
        ] {
            let ask = |now| ask(&format!("GET /northern-wire.json HTTP/1.1\r\n{condition}\r\n\r\n"), now);
            let same = ask(at(2));
            assert!(same.starts_with("HTTP/1.1 304 Not Modified\r\n"), "{condition}: {same}");
            assert!(same.ends_with("\r\n\r\n") && header(&same, "ETag") == Some(etag), "{same}");
            let changed = ask(at(60)).starts_with("HTTP/1.1 200 OK");
            assert!(changed || condition.ends_with('*'), "{condition}");
        }
    }

    #[test]
    fn an_etag_that_differs_outweighs_a_date_that_agrees() {
        let modified = http_date(at(10));
        let answer = ask(
            &format!(
                "GET /meridian-post.rss HTTP/1.1\r\nIf-None-Match: \"old\"\r\nIf-Modified-Since: {modified}\r\n\r\n"
            ),
            at(20),
        );
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }

    #[test]
    fn what_is_not_served_is_refused_by_its_name() {
        for (request, status) in [
            ("GET /robots.txt HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found"),
            ("POST /meridian-post.rss HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"),
        ] {
            assert!(ask(request, at(0)).starts_with(status), "{request}");
        }
        let head = ask("HEAD /meridian-post.rss HTTP/1.1\r\n\r\n", at(0));
        assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
        for bad in [
            "GET\r\n\r\n",
            "GET x HTTP/1.1\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        ] {
            assert!(Request::read(bad).is_none(), "{bad}");
        }
    }

    #[tokio::test]
    async fn one_connection_carries_several_requests_and_ends_with_the_demo() {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let port = start(Arc::new(SetClock::new(at(0))), &tasks, &stop).await.unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        stream
            .write_all(b"HEAD /meridian-post.rss HTTP/1.1\r\n\r\nHEAD /no HTTP/1.1\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let status: Vec<&str> = text.lines().filter(|line| line.starts_with("HTTP/")).collect();
        assert_eq!(status, ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]);

        let mut endless = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        endless.write_all(&vec![b'x'; usize::try_from(MAX_HEAD).unwrap()]).await.unwrap();
        let mut text = String::new();
        endless.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with("HTTP/1.1 431"), "{text}");

        let mut idle = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or(0), 0);
    }
}
