use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Where callers come in; closed when it is dropped.
#[derive(Debug)]
pub struct Door {
    pub(super) listener: TcpListener,
    address: SocketAddr,
}

impl Door {
    /// Opens it. To be called inside a runtime.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener: TcpListener::from_std(listener)?, address })
    }

    /// The address that it was opened at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
