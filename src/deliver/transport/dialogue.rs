use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use crate::deliver::verdict::Reply;

/// RFC 5321 §4.5.3.1.5 says 512; real servers say more.
const LINE_LEN_MAX: usize = 4096;

/// Lines of one reply.
const LINES_MAX: usize = 128;

/// Bytes of a message that are written under one timeout.
const BLOCK: usize = 16 << 10;

/// A stream to a server, in plain or under TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync> Stream for S {}

/// One side of an SMTP dialogue: commands out, replies in, each bounded in time and size.
///
/// A dialogue that has returned an error, or was dropped in the middle of a call, is not in step with the server any more and
/// must not be used again.
pub(super) struct Dialogue {
    stream: Box<dyn Stream>,
    /// What has been read beyond the last reply.
    ahead: Vec<u8>,
    encrypted: bool,
}

impl Dialogue {
    /// A dialogue in plain text.
    pub(super) fn over(stream: Box<dyn Stream>) -> Self {
        Self { stream, ahead: Vec::new(), encrypted: false }
    }

    /// Whether TLS has been agreed on.
    pub(super) fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Goes on under TLS. `name` is what the server's certificate must be for.
    ///
    /// What the server said in plain text before is never taken for an answer under TLS: whoever sits between could have
    /// put it there.
    pub(super) async fn encrypt(self, config: Arc<ClientConfig>, name: &str, limit: Duration) -> Result<Self, String> {
        if !self.ahead.is_empty() {
            return Err("the server went on in plain text after it had agreed to TLS".to_owned());
        }
        let name =
            ServerName::try_from(name.to_owned()).map_err(|_| format!("{name:?} is no name for a certificate"))?;
        let handshake = TlsConnector::from(config).connect(name, self.stream);
        let stream = tokio::time::timeout(limit, handshake)
            .await
            .map_err(|_| silent_for(limit))?
            .map_err(|error| format!("TLS failed: {error}"))?;
        Ok(Self { stream: Box::new(stream), ahead: Vec::new(), encrypted: true })
    }

    /// Sends a command, which brings its own line end, and reads the reply.
    pub(super) async fn command(&mut self, command: impl Display, limit: Duration) -> Result<Reply, String> {
        let text = command.to_string();
        debug_assert!(text.ends_with("\r\n") && text.matches(['\r', '\n']).count() == 2, "one command a line");
        timely(limit, async {
            self.write(text.as_bytes()).await?;
            self.read_reply().await
        })
        .await
    }

    /// Reads a reply that no command asked for.
    pub(super) async fn reply(&mut self, limit: Duration) -> Result<Reply, String> {
        timely(limit, self.read_reply()).await
    }

    /// Writes a message up to, and without, its final dot; `limit` is for each block, and forty times that for all.
    pub(super) async fn message(&mut self, message: &[u8], limit: Duration) -> Result<(), String> {
        let stuffed = stuff(message);
        timely(limit.saturating_mul(40), async {
            for block in stuffed.chunks(BLOCK) {
                timely(limit, self.write(block)).await?;
            }
            Ok(())
        })
        .await
    }

    /// Ends a message and reads the reply.
    pub(super) async fn dot(&mut self, limit: Duration) -> Result<Reply, String> {
        self.command(".\r\n", limit).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        let written = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        written.await.map_err(|error| format!("the connection broke: {error}"))
    }

    /// RFC 5321 §4.2.1. A line may end in a bare line feed, and a last line may be the code alone: some servers do so.
    async fn read_reply(&mut self) -> Result<Reply, String> {
        let mut reply = Reply { code: 0, lines: Vec::new() };
        for _ in 0..LINES_MAX {
            let line = self.read_line().await?;
            let (code, more, text) =
                split(&line).ok_or_else(|| format!("the server said what is no SMTP reply: {line:?}"))?;
            if reply.code != 0 && reply.code != code {
                return Err(format!("the server said both {} and {code} in one reply", reply.code));
            }
            reply.code = code;
            reply.lines.push(text.to_owned());
            if !more {
                return Ok(reply);
            }
        }
        Err(format!("the server's reply has more than {LINES_MAX} lines"))
    }

    async fn read_line(&mut self) -> Result<String, String> {
        loop {
            if let Some(end) = self.ahead.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.ahead.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.ahead.len() > LINE_LEN_MAX {
                return Err(format!("the server's reply has a line of more than {LINE_LEN_MAX} bytes"));
            }
            let mut block = [0; 1024];
            match self.stream.read(&mut block).await {
                Ok(0) => return Err("the server closed the connection".to_owned()),
                Ok(read) => self.ahead.extend_from_slice(&block[..read]),
                Err(error) => return Err(format!("the connection broke: {error}")),
            }
        }
    }
}

async fn timely<T>(limit: Duration, work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(silent_for(limit)))
}

fn silent_for(limit: Duration) -> String {
    format!("the server did not answer within {limit:?}")
}

/// Code, whether more lines follow, text.
fn split(line: &str) -> Option<(u16, bool, &str)> {
    let (code, rest) = line.split_at_checked(3)?;
    let code = code.parse().ok().filter(|code| (200..=599).contains(code) && line.as_bytes()[0] != b'+')?;
    match rest.as_bytes().first() {
        None => Some((code, false, "")),
        Some(b' ') => Some((code, false, &rest[1..])),
        Some(b'-') => Some((code, true, &rest[1..])),
        Some(_) => None,
    }
}

/// RFC 5321 §4.5.2: a dot that begins a line is doubled. The result ends with a line end.
fn stuff(message: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(message.len() + message.len() / 64 + 2);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    if !stuffed.ends_with(b"\r\n") {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_as_real_servers_write_them() {
        assert_eq!(split("250 2.0.0 ok"), Some((250, false, "2.0.0 ok")));
        assert_eq!(split("250-SIZE 100"), Some((250, true, "SIZE 100")));
        assert_eq!(split("250"), Some((250, false, "")));
        for bad in ["", "25", "abc d", "2500 x", "+25 x", "100 x", "600 x", "éé x"] {
            assert_eq!(split(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn dots_are_doubled_at_the_start_of_lines_only() {
        assert_eq!(stuff(b".a\r\nb.c\r\n.\r\n"), b"..a\r\nb.c\r\n..\r\n");
        assert_eq!(stuff(b"a"), b"a\r\n");
    }
}
