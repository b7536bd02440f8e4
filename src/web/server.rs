use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Door;

/// Callers at a time; a further one waits in the system's queue.
const CALLERS_MAX: usize = 64;

/// Bodies that are held at a time: each may be as large as a feed.
const BODIES_MAX: usize = 4;

/// Of these, bodies of one hub: it must not keep others from telling. What it has to say besides waits, and holds nothing.
const BODIES_OF_ONE_MAX: usize = 2;

/// Once a body has begun to come it is there within this.
const BODY_WITHIN: Duration = Duration::from_secs(15);

/// Bytes of a request before its body.
const HEAD_MAX: usize = 16 * 1024;

/// Headers of a request.
const HEADERS_MAX: usize = 64;

/// A caller that is there to ask something has asked it within this.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// A whole call, answer included. A hub that has had no answer pushes again.
const CALL_WITHIN: Duration = Duration::from_mins(1);

/// Calls that are under way when the daemon stops may take so long.
const LAST_CALLS: Duration = Duration::from_secs(4);

/// After a caller could not be accepted.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// Words are text, and nothing in them means anything to a browser.
const PLAIN: (&str, &str) = ("text/plain; charset=utf-8", "default-src 'none'");

/// A page has its own styles and a form that comes back here; nobody may show it inside of another one.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What answers.
#[async_trait]
pub trait Pages: Send + Sync + 'static {
    /// What this request may bring; or the answer, where it is not wanted.
    async fn admit(&self, head: &Parts) -> Result<Admitted, Answer>;

    /// The answer to a whole request.
    async fn answer(&self, head: Parts, body: Vec<u8>) -> Answer;
}

/// A request that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// How long its body may be, in bytes.
    pub body_max: u64,
    /// On whose behalf it comes: who shares this shares a part of the bodies that are held at a time.
    pub caller: String,
}

/// An answer: a few words, or a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: StatusCode,
    text: String,
    /// The text is HTML, made here, with whatever comes from strangers escaped.
    is_page: bool,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Answer {
    /// These words under this status.
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), is_page: false, header: None }
    }

    /// A page of HTML. It may have styles and a form of its own, and loads and runs nothing.
    pub fn page(status: StatusCode, html: String) -> Self {
        Self { is_page: true, ..Self::new(status, html) }
    }

    /// There is no such page.
    pub fn nothing() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing here\n")
    }

    /// Only these methods mean something here.
    pub fn only(methods: &'static str) -> Self {
        let header = Some((ALLOW, HeaderValue::from_static(methods)));
        Self { header, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("only {methods} is understood here\n")) }
    }

    /// Not now, but in a minute perhaps.
    pub fn later() -> Self {
        let header = Some((RETRY_AFTER, HeaderValue::from_static("60")));
        Self { header, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "it could not be written down; try it again\n") }
    }

    /// Too often; one is taken again after so many seconds.
    pub fn too_often(seconds: u64) -> Self {
        let header = Some((RETRY_AFTER, HeaderValue::from(seconds)));
        Self { header, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "not so often\n") }
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its words.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from(self.text)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        // Whoever looks at it with a browser sees text, whatever a caller made us repeat.
        let (kind, policy) = if self.is_page { ("text/html; charset=utf-8", PAGE_POLICY) } else { PLAIN };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        // The address of a page is what its reader may do.
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.header);
        response
    }
}

/// Answers whoever comes through the door, until `stop`. A reload may open another one, and close this.
pub async fn serve(
    mut doors: watch::Receiver<Option<Arc<Door>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
    pages: Arc<dyn Pages>,
) {
    let (turns, bodies) = (Arc::new(Semaphore::new(CALLERS_MAX)), Arc::new(Bodies::new()));
    loop {
        let door = doors.borrow_and_update().clone();
        let (stream, turn) = tokio::select! {
            () = stop.cancelled() => return,
            changed = doors.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            caller = next(door.as_deref(), &turns) => caller,
        };
        let (pages, bodies, stop) = (Arc::clone(&pages), Arc::clone(&bodies), stop.clone());
        tasks.spawn(async move {
            let _turn = turn;
            let last = async {
                stop.cancelled().await;
                tokio::time::sleep(LAST_CALLS).await;
            };
            tokio::select! {
                () = last => tracing::debug!("a caller of the web server was left without an answer"),
                () = converse(stream, pages, bodies) => {}
            }
        });
    }
}

/// The next caller, with its turn; none comes through a closed door.
async fn next(door: Option<&Door>, turns: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let Some(door) = door else { return std::future::pending().await };
    let turn = Arc::clone(turns).acquire_owned().await.expect("this semaphore is never closed");
    loop {
        match door.listener.accept().await {
            Ok((stream, _)) => return (stream, turn),
            Err(error) => {
                // Most often no file can be opened any more, and that lasts.
                tracing::warn!(%error, "a caller of the web server was lost");
                tokio::time::sleep(AFTER_TROUBLE).await;
            }
        }
    }
}

/// One call. Connections are not kept: hubs call rarely, and strangers are not to sit on them.
async fn converse(stream: TcpStream, pages: Arc<dyn Pages>, bodies: Arc<Bodies>) {
    let service = service_fn(|request: Request<Incoming>| {
        let (pages, bodies) = (Arc::clone(&pages), Arc::clone(&bodies));
        async move { Ok::<_, Infallible>(reply(request, &*pages, &bodies).await.response()) }
    });
    let call = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_buf_size(HEAD_MAX)
        .max_headers(HEADERS_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    match tokio::time::timeout(CALL_WITHIN, call).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a caller of the web server went away"),
        Err(_) => tracing::debug!("a caller of the web server took too long"),
    }
}

async fn reply(request: Request<Incoming>, pages: &dyn Pages, bodies: &Bodies) -> Answer {
    let (head, mut body) = request.into_parts();
    let Admitted { body_max: limit, caller } = match pages.admit(&head).await {
        Ok(admitted) => admitted,
        Err(answer) => return answer,
    };
    let too_large = || Answer::new(StatusCode::PAYLOAD_TOO_LARGE, format!("no more than {limit} bytes are taken\n"));
    let broke_off = || Answer::new(StatusCode::BAD_REQUEST, "the request broke off\n");
    if body.size_hint().lower() > limit {
        return too_large();
    }
    // Whoever sends nothing takes no place.
    let first = match body.frame().await {
        Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        Some(Err(_)) => return broke_off(),
        None => Bytes::new(),
    };
    let Some(left) = limit.checked_sub(first.len() as u64) else { return too_large() };
    let _room = bodies.room(caller).await;
    let rest = Limited::new(body, usize::try_from(left).unwrap_or(usize::MAX)).collect();
    match tokio::time::timeout(BODY_WITHIN, rest).await {
        Ok(Ok(rest)) => pages.answer(head, [first, rest.to_bytes()].concat()).await,
        Ok(Err(error)) if error.is::<LengthLimitError>() => too_large(),
        Ok(Err(_)) => broke_off(),
        Err(_) => Answer::new(StatusCode::REQUEST_TIMEOUT, "the body came too slowly\n"),
    }
}

/// Room for bodies, and how it is shared.
struct Bodies {
    all: Semaphore,
    by_caller: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// Room for one body; given back when dropped.
struct BodyRoom<'b> {
    bodies: &'b Bodies,
    caller: String,
    own: Option<OwnedSemaphorePermit>,
    _all: SemaphorePermit<'b>,
}

impl Bodies {
    fn new() -> Self {
        Self { all: Semaphore::new(BODIES_MAX), by_caller: Mutex::default() }
    }

    async fn room(&self, caller: String) -> BodyRoom<'_> {
        let own = Arc::clone(
            self.by_caller().entry(caller.clone()).or_insert_with(|| Arc::new(Semaphore::new(BODIES_OF_ONE_MAX))),
        );
        let own = Some(own.acquire_owned().await.expect("this semaphore is never closed"));
        let all = self.all.acquire().await.expect("this semaphore is never closed");
        BodyRoom { bodies: self, caller, own, _all: all }
    }

    fn by_caller(&self) -> MutexGuard<'_, HashMap<String, Arc<Semaphore>>> {
        self.by_caller.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for BodyRoom<'_> {
    fn drop(&mut self) {
        self.own = None;
        let mut all = self.bodies.by_caller();
        // Nobody else has one, or waits for one.
        if all.get(&self.caller).is_some_and(|own| Arc::strong_count(own) == 1) {
            all.remove(&self.caller);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Repeats the body, of eight bytes at most, and has no pages but `/a` and `/z`.
    struct Echo;

    #[async_trait]
    impl Pages for Echo {
        async fn admit(&self, head: &Parts) -> Result<Admitted, Answer> {
            let caller = head.uri.path().to_owned();
            if matches!(&*caller, "/a" | "/z") { Ok(Admitted { body_max: 8, caller }) } else { Err(Answer::nothing()) }
        }

        async fn answer(&self, _: Parts, body: Vec<u8>) -> Answer {
            Answer::new(StatusCode::OK, String::from_utf8(body).unwrap())
        }
    }

    struct Served {
        doors: watch::Sender<Option<Arc<Door>>>,
        tasks: TaskTracker,
        stop: CancellationToken,
    }

    fn served() -> Served {
        let (doors, coming) = watch::channel(Some(Arc::new(Door::open("127.0.0.1:0".parse().unwrap()).unwrap())));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(serve(coming, tasks.clone(), stop.clone(), Arc::new(Echo)));
        Served { doors, tasks, stop }
    }

    impl Served {
        async fn call(&self, request: &[u8]) -> String {
            let address = self.doors.borrow().as_ref().unwrap().listener.local_addr().unwrap();
            let mut stream = TcpStream::connect(address).await.unwrap();
            // The server may hang up on what it does not want to hear to its end.
            let _ = stream.write_all(request).await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            String::from_utf8(answer).unwrap()
        }

        async fn end(self) {
            self.stop.cancel();
            self.tasks.close();
            self.tasks.wait().await;
        }
    }

    #[tokio::test]
    async fn a_call_is_answered_as_plain_text() {
        let served = served();
        let answer = served.call(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n<b>a</b>").await;
        let answer = answer.to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 200") && answer.ends_with("\r\n\r\n<b>a</b>"), "{answer}");
        for header in ["text/plain", "nosniff", "default-src 'none'", "no-store", "connection: close"] {
            assert!(answer.contains(header), "{header}: {answer}");
        }
        served.end().await;
    }

    #[tokio::test]
    async fn whatever_is_too_much_is_refused() {
        let served = served();
        let calls: [(&[u8], &str); 5] = [
            (b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n", "404"),
            (b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", "413"),
            (b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n", "413"),
            (b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", "400"),
            (b"nonsense\r\n\r\n", "400"),
        ];
        for (request, status) in calls {
            let answer = served.call(request).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {answer}");
        }
        let long = format!("GET /a HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(HEAD_MAX));
        assert!(served.call(long.as_bytes()).await.starts_with("HTTP/1.1 431"));
        let many = format!("GET /a HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(HEADERS_MAX + 1));
        assert!(served.call(many.as_bytes()).await.starts_with("HTTP/1.1 431"));
        served.end().await;
    }

    #[tokio::test]
    async fn one_caller_keeps_no_other_from_being_heard() {
        let served = served();
        let address = served.doors.borrow().as_ref().unwrap().listener.local_addr().unwrap();
        let mut stalled = Vec::new();
        for begun in ["", "12", "12", "12", "12", "12"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let head = format!("POST /z HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n{begun}");
            stream.write_all(head.as_bytes()).await.unwrap();
            stalled.push(stream);
        }
        let call = served.call(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
        let answer = tokio::time::timeout(BODY_WITHIN / 3, call).await.expect("it waits for others");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hi"), "{answer}");
        drop(stalled);
        served.end().await;
    }

    #[tokio::test]
    async fn another_door_takes_the_place_of_the_first() {
        let served = served();
        let first = served.doors.borrow().as_ref().unwrap().listener.local_addr().unwrap();
        served.doors.send_replace(Some(Arc::new(Door::open("127.0.0.2:0".parse().unwrap()).unwrap())));
        assert!(served.call(b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n").await.starts_with("HTTP/1.1 404"));
        assert!(TcpStream::connect(first).await.is_err(), "the first is open still");
        served.end().await;
    }
}
