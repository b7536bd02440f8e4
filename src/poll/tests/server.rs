//! A server on loopback that does as a script says, byte for byte.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Sends this and waits for the next request on the same connection.
    Reply(Vec<u8>),
    /// Sends this and closes.
    Close(Vec<u8>),
    /// Sends this and then nothing more.
    Stall(Vec<u8>),
    /// Sends this, and then this again and again, until nobody listens.
    Flood(Vec<u8>, Vec<u8>),
    /// Sends this, and then one byte at a time.
    Drip(Vec<u8>),
}

/// Listens until it is dropped.
pub(super) struct Server {
    pub(super) url: String,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
    connections: Arc<Mutex<usize>>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// Answers the `n`th request (from 0), whose bytes are given, with what `script` says.
    pub(super) async fn start(script: impl Fn(usize, &[u8]) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (requests, connections) = (Arc::default(), Arc::new(Mutex::new(0)));
        let (seen, counted) = (Arc::clone(&requests), Arc::clone(&connections));
        let script = Arc::new(script);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut served = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                *counted.lock().unwrap() += 1;
                served.spawn(serve(stream, Arc::clone(&seen), Arc::clone(&script)));
            }
        });
        Self { url, requests, connections, _tasks: tasks }
    }

    /// Answers every request with this.
    pub(super) async fn always(act: Act) -> Self {
        Self::start(move |_, _| act.clone()).await
    }

    /// Every request so far, its head as it came.
    pub(super) fn requests(&self) -> Vec<Vec<u8>> {
        self.requests.lock().unwrap().clone()
    }

    /// The value of a header in the `n`th request, byte for byte.
    pub(super) fn header(&self, n: usize, name: &str) -> Option<Vec<u8>> {
        let request = &self.requests()[n];
        request.split(|byte| *byte == b'\n').find_map(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (found, value) = line.split_at(colon);
            found.eq_ignore_ascii_case(name.as_bytes()).then(|| value[1..].trim_ascii_start().to_vec())
        })
    }

    /// How many connections were opened.
    pub(super) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn serve<S: Fn(usize, &[u8]) -> Act>(mut stream: TcpStream, requests: Arc<Mutex<Vec<Vec<u8>>>>, script: Arc<S>) {
    while let Some(head) = read_head(&mut stream).await {
        let n = {
            let mut requests = requests.lock().unwrap();
            requests.push(head.clone());
            requests.len() - 1
        };
        if act(&mut stream, script(n, &head)).await.is_none() {
            return;
        }
    }
}

/// `None` when the connection has come to its end.
async fn act(stream: &mut TcpStream, act: Act) -> Option<()> {
    match act {
        Act::Reply(bytes) => stream.write_all(&bytes).await.ok(),
        Act::Close(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            stream.shutdown().await.ok()?;
            None
        }
        Act::Stall(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            std::future::pending().await
        }
        Act::Flood(first, again) => {
            stream.write_all(&first).await.ok()?;
            loop {
                stream.write_all(&again).await.ok()?;
            }
        }
        Act::Drip(first) => {
            stream.write_all(&first).await.ok()?;
            let mut ticks = tokio::time::interval(Duration::from_millis(20));
            loop {
                ticks.tick().await;
                stream.write_all(b"x").await.ok()?;
            }
        }
    }
}

async fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await.ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    Some(head)
}

/// A 200 with these header lines and this body.
pub(super) fn ok(lines: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    status("200 OK", lines, body)
}

/// An answer with `Content-Length`.
pub(super) fn status(status: &str, lines: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.as_ref().len());
    for line in lines {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    [head.as_bytes(), body.as_ref()].concat()
}

/// A 304 with these header lines.
pub(super) fn not_modified(lines: &[&str]) -> Vec<u8> {
    let mut head = "HTTP/1.1 304 Not Modified\r\n".to_owned();
    for line in lines {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}
