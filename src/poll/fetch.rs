//! The seam between deciding what to ask and asking it: one exchange with one URL.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderMap;
use jiff::SignedDuration;
use url::Url;

use super::guard::Refused;
use super::way::Way;
use crate::program::{Program, ProgramError};

/// Asks one URL once: no redirect is followed, nothing is tried again, nothing is remembered.
#[async_trait]
pub trait Fetch: Send + Sync + 'static {
    /// One request, one answer.
    ///
    /// # Errors
    /// Any [`FetchError`] when there is no answer that can be used. An answer with any status is an answer.
    async fn exchange(&self, hop: Hop) -> Result<Reply, FetchError>;
}

/// One request.
#[derive(Debug, Clone)]
pub struct Hop {
    /// What to ask: `http`, `https`, or `file` where the config itself says so. Without fragment, user and password.
    pub url: Url,
    /// All headers but those that belong to the connection.
    pub headers: HeaderMap,
    /// What is sent along by POST; a GET where there is nothing.
    pub form: Option<String>,
    /// Whether addresses that are not public may be connected to.
    pub allow_private: bool,
    /// How the server is reached.
    pub way: Way,
    /// For everything: name, connection, TLS, headers, body.
    pub timeout: SignedDuration,
    /// Of the body in bytes, as it comes and after decoding.
    pub max_size: u64,
    /// The program to run instead, whose output is the body.
    pub program: Option<Arc<Program>>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status (RFC 9110 §15); 200 for a file and a program.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body of a 200 or 226, content codings undone; empty for any other status.
    pub body: Vec<u8>,
    /// Whether the body had its end.
    pub complete: bool,
    /// Bytes of the body as they came over the wire.
    pub wire_bytes: u64,
}

/// Why there is no answer. Each message stands alone and names the host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is not public.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The name has no address.
    #[error("cannot find {host}: {what}")]
    Name {
        /// The host of the URL.
        host: String,
        /// What the resolver said.
        what: String,
    },
    /// Nobody took the connection.
    #[error("cannot connect to {host}: {what}")]
    Connect {
        /// The host of the URL.
        host: String,
        /// What the system said.
        what: String,
    },
    /// The server could not prove who it is, or speaks no TLS that we speak.
    #[error("no secure connection to {host}: {what}")]
    Tls {
        /// The host of the URL.
        host: String,
        /// What was wrong.
        what: String,
    },
    /// The proxy did not let us through.
    #[error("cannot reach {host} through the proxy {proxy}: {what}")]
    Proxy {
        /// The host of the URL.
        host: String,
        /// The proxy, without its user and password.
        proxy: String,
        /// What it said, or the system.
        what: String,
    },
    /// It took too long.
    #[error("{host} {phase} within {after}")]
    Timeout {
        /// The host of the URL.
        host: String,
        /// What had not happened.
        phase: Phase,
        /// The limit, as people write it.
        after: String,
    },
    /// The body is too large.
    #[error("the document is larger than {limit} bytes; raise max_size in [fetch] if it has to be")]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// The answer is not HTTP, or broke off before its body.
    #[error("{host} does not answer as HTTP does: {what}")]
    Protocol {
        /// The host of the URL.
        host: String,
        /// What was wrong.
        what: String,
    },
    /// A content coding that is not known.
    #[error("the document comes in a content coding that newswatch does not know: {name}")]
    Coding {
        /// `Content-Encoding` as it came.
        name: String,
    },
    /// The body is not what its content coding says.
    #[error("the document is said to be {coding}, but is not: {what}")]
    Corrupt {
        /// The content coding.
        coding: &'static str,
        /// What the decoder said.
        what: String,
    },
    /// A file could not be read.
    #[error("cannot read {path}: {what}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        what: String,
    },
    /// A program did not do what it should.
    #[error("{fault}{}", if matches!(fault, ProgramError::Slow { .. }) { "; see timeout in [fetch]" } else { "" })]
    Program {
        /// What it did.
        fault: ProgramError,
    },
    /// A URL of another kind.
    #[error("{url} cannot be asked: only http, https and file URLs can")]
    Scheme {
        /// The URL.
        url: String,
    },
    /// The client cannot be built.
    #[error("cannot set up HTTP: {what}")]
    Client {
        /// What was missing.
        what: String,
    },
}

impl From<ProgramError> for FetchError {
    fn from(fault: ProgramError) -> Self {
        match fault {
            ProgramError::TooLarge { limit, .. } => Self::TooLarge { limit },
            fault => Self::Program { fault },
        }
    }
}

/// What had not happened when time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No connection.
    Connect,
    /// No answer's headers.
    Answer,
    /// No end of the body.
    Body,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connect => "took no connection",
            Self::Answer => "gave no answer",
            Self::Body => "did not finish its answer",
        })
    }
}
