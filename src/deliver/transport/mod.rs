//! Ways from a rendered mail to somebody who takes it over.

mod dialogue;

mod directory;

mod login;

mod sendmail;

mod smtp;

#[cfg(test)]
mod scripted;

pub use directory::Directory;
pub use login::Login;
pub use sendmail::Sendmail;
pub use smtp::{Dialect, Place, Secrecy, Smtp, SmtpRelay, Timeouts};

use async_trait::async_trait;

use super::verdict::Outcome;

/// A mail as it is handed over: one recipient, and bytes that are never changed.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// The envelope's sender, an address.
    pub from: &'a str,
    /// The envelope's recipient, an address.
    pub to: &'a str,
    /// Without angle brackets.
    pub message_id: &'a str,
    /// The whole message with CRLF line ends, not dot-stuffed.
    pub bytes: &'a [u8],
}

/// Somebody who takes mail over.
#[async_trait]
pub trait Relay: Send + Sync + 'static {
    /// Offers one letter.
    ///
    /// `gate` is asked once, when all has been said but the final dot (or what stands for it). Where it stays shut, the
    /// letter is not ended, so that nobody takes it over. The future may be dropped at any time: before the gate has opened
    /// that means that nobody has the letter, afterwards that nobody knows.
    async fn offer(&self, letter: &Letter<'_>, gate: &mut dyn DotGate) -> Outcome;

    /// Ends what is kept open from one letter to the next. Called when there is nothing to send for a while.
    async fn rest(&self) {}
}

/// Stands before the final dot.
#[async_trait]
pub trait DotGate: Send {
    /// Records that the dot is about to be sent; it may be sent if this is `true`.
    async fn open(&mut self) -> bool;
}

/// The gate of a letter that is recorded nowhere, such as a test message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unrecorded;

#[async_trait]
impl DotGate for Unrecorded {
    async fn open(&mut self) -> bool {
        true
    }
}
