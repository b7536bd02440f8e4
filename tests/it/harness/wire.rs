//! A listener on loopback with a thread for each connection, ended when it goes out of scope.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::PATIENCE;
use super::level::Level;

/// A listener that hands each connection to a function, on a thread of its own.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    stopping: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
    /// Connections that were accepted and are still being served.
    talking: Level<usize>,
}

impl Server {
    /// Listens on `address`; port 0 lets the system choose. What `serve` returns is of no interest: a client that goes
    /// away in mid-sentence is what many tests are about.
    pub(crate) fn start(address: &str, serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).unwrap_or_else(|error| panic!("cannot listen on {address}: {error}"));
        let address = listener.local_addr().unwrap();
        let shared =
            Arc::new(Shared { stopping: AtomicBool::new(false), open: Mutex::default(), talking: Level::new(0) });
        let serve = Arc::new(serve);
        let accepting = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    if shared.stopping.load(Ordering::SeqCst) {
                        break;
                    }
                    shared.keep(&stream);
                    let (serve, shared) = (Arc::clone(&serve), Arc::clone(&shared));
                    thread::spawn(move || {
                        let ended = serve(stream);
                        shared.talking.change(|talking| *talking -= 1);
                        ended
                    });
                }
            }
        });
        Self { address, shared, accepting: Some(accepting) }
    }

    /// Waits until every connection that was accepted has ended.
    #[track_caller]
    pub(crate) fn wait_quiet(&self) {
        self.shared.talking.expect("connections to end", PATIENCE, |talking| (*talking == 0).then_some(()));
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Shared {
    /// Counts the connection, remembers it for the end, and forgets those that have ended.
    fn keep(&self, stream: &TcpStream) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|stream| stream.peer_addr().is_ok());
        open.extend(stream.try_clone());
        self.talking.change(|talking| *talking += 1);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the accepting thread. Where even that fails, the thread ends with the process.
        let woken = TcpStream::connect(self.address).is_ok();
        for stream in self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            let _ = accepting.join();
        }
    }
}
