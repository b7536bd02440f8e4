use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::accept;

/// A mail as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The envelope's sender; empty for a bounce.
    pub from: String,
    /// The envelope's recipients, at least one.
    pub to: Vec<String>,
    /// The message, dots unstuffed, lines ended by CRLF.
    pub bytes: Vec<u8>,
}

/// The largest message taken, in bytes; told in the answer to EHLO (RFC 1870).
const MAX_MESSAGE: usize = 10 * 1024 * 1024;

/// Longest command with its CRLF, in bytes: RFC 5321 §4.5.3.1.4, and room for the parameters of extensions.
const MAX_COMMAND: usize = 2048;

/// Longest line of a message with its CRLF, in bytes (RFC 5321 §4.5.3.1.6).
const MAX_LINE: usize = 1000;

/// Recipients of one message (RFC 5321 §4.5.3.1.8).
const MAX_RECIPIENTS: usize = 100;

/// Commands refused on one connection before it is ended.
const MAX_REFUSED: usize = 20;

/// Mails taken and not yet looked at; while there are so many, nobody gets an answer.
const MAX_UNSEEN: usize = 64;

/// How long a client may stay silent (RFC 5321 §4.5.3.2.7).
const PATIENCE: Duration = Duration::from_mins(5);

/// Opens a mail server on a free loopback port, until `stop`. Gives the port and the mails as they come.
///
/// It speaks SMTP as a relay does (RFC 5321, with PIPELINING, 8BITMIME, SIZE and enhanced status codes) and delivers to
/// nobody.
pub(super) async fn open(tasks: &TaskTracker, stop: &CancellationToken) -> io::Result<(u16, mpsc::Receiver<Message>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let port = listener.local_addr()?.port();
    let (keep, mails) = mpsc::channel(MAX_UNSEEN);
    accept(listener, tasks, stop, move |stream| {
        let keep = keep.clone();
        async move {
            // A client that hangs up in the middle needs nobody's attention.
            let _ = converse(stream, keep).await;
        }
    });
    Ok((port, mails))
}

/// Greets, and answers one command after another until the connection ends.
async fn converse(stream: TcpStream, keep: mpsc::Sender<Message>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 demo.example ESMTP newswatch demo\r\n").await?;
    let mut session = Session::default();
    loop {
        let Ok(line) = timeout(PATIENCE, read_line(&mut stream, MAX_COMMAND)).await else {
            return stream.write_all(b"421 4.4.2 too long without a command\r\n").await;
        };
        let answer = match line? {
            Line::End => return Ok(()),
            Line::TooLong => session.refuse("500 5.5.2 line too long"),
            Line::Whole(line) => session.command(&line),
        };
        let answer = match answer {
            Answer::Say(answer) => answer,
            Answer::Close(last) => {
                stream.write_all(last.as_bytes()).await?;
                return stream.shutdown().await;
            }
            Answer::Data => {
                stream.write_all(b"354 end with a dot on a line of its own\r\n").await?;
                let Some(content) = read_content(&mut stream).await? else {
                    return Ok(());
                };
                take(session.finish(), content, &keep).await
            }
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// Hands a message on, and says what became of it.
async fn take(envelope: Envelope, content: Content, keep: &mpsc::Sender<Message>) -> String {
    match content {
        Content::Refused(why) => why.to_owned(),
        Content::Whole(bytes) => {
            let mail = Message { from: envelope.from, to: envelope.to, bytes };
            match keep.send(mail).await {
                Ok(()) => "250 2.0.0 shown in the terminal".to_owned(),
                Err(_) => "451 4.3.0 nobody is looking any more".to_owned(),
            }
        }
    }
}

/// What is to be said to a command.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// These lines, without the last CRLF.
    Say(String),
    /// These lines, and the connection ends.
    Close(String),
    /// 354, and the message follows.
    Data,
}

/// Sender and recipients of the message that is being handed over.
#[derive(Debug, Default)]
struct Envelope {
    from: String,
    to: Vec<String>,
}

/// Where a conversation stands.
#[derive(Debug, Default)]
struct Session {
    greeted: bool,
    /// Set by MAIL.
    envelope: Option<Envelope>,
    refused: usize,
}

impl Session {
    fn command(&mut self, line: &[u8]) -> Answer {
        let Ok(line) = std::str::from_utf8(line) else {
            return self.refuse("500 5.5.2 not a command");
        };
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" if rest.is_empty() => self.refuse("501 5.5.4 say who you are"),
            "EHLO" => {
                self.greet();
                let size = MAX_MESSAGE;
                say(format!(
                    "250-demo.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE {size}"
                ))
            }
            "HELO" => {
                self.greet();
                say("250 demo.example")
            }
            "MAIL" => self.mail(rest),
            "RCPT" => self.recipient(rest),
            "DATA" => self.data(rest),
            "RSET" => {
                self.envelope = None;
                say("250 2.0.0 forgotten")
            }
            "NOOP" => say("250 2.0.0 done"),
            "VRFY" => say("252 2.1.5 try it"),
            "QUIT" => Answer::Close("221 2.0.0 goodbye\r\n".to_owned()),
            "STARTTLS" | "AUTH" | "EXPN" | "HELP" | "BDAT" => self.refuse("502 5.5.1 not offered here"),
            _ => self.refuse("500 5.5.2 unknown command"),
        }
    }

    /// A greeting also forgets what was begun (RFC 5321 §4.1.4).
    fn greet(&mut self) {
        self.greeted = true;
        self.envelope = None;
    }

    fn mail(&mut self, rest: &str) -> Answer {
        if !self.greeted {
            return self.refuse("503 5.5.1 say EHLO first");
        }
        if self.envelope.is_some() {
            return self.refuse("503 5.5.1 a message has been begun already");
        }
        let Some((from, parameters)) = path(rest, "FROM:") else {
            return self.refuse("501 5.1.7 expected FROM:<address>");
        };
        for parameter in parameters.split_ascii_whitespace() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match (name.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
                ("BODY", "7BIT" | "8BITMIME") => {}
                ("SIZE", size) => match size.parse::<usize>() {
                    Ok(size) if size <= MAX_MESSAGE => {}
                    Ok(_) => return self.refuse("552 5.3.4 message too big"),
                    Err(_) => return self.refuse("501 5.5.4 SIZE wants a number"),
                },
                _ => return self.refuse("555 5.5.4 unknown parameter"),
            }
        }
        self.envelope = Some(Envelope { from: from.to_owned(), to: Vec::new() });
        say("250 2.1.0 sender ok")
    }

    fn recipient(&mut self, rest: &str) -> Answer {
        let Some(envelope) = &mut self.envelope else {
            return self.refuse("503 5.5.1 say MAIL first");
        };
        match path(rest, "TO:") {
            Some((to, "")) if to.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) => {
                if envelope.to.len() == MAX_RECIPIENTS {
                    return say("452 4.5.3 too many recipients");
                }
                envelope.to.push(to.to_owned());
                say("250 2.1.5 recipient ok")
            }
            Some((_, "")) => self.refuse("553 5.1.3 not an address"),
            Some(_) => self.refuse("555 5.5.4 unknown parameter"),
            None => self.refuse("501 5.1.3 expected TO:<address>"),
        }
    }

    fn data(&mut self, rest: &str) -> Answer {
        match &self.envelope {
            _ if !rest.is_empty() => self.refuse("501 5.5.4 DATA takes nothing"),
            None => self.refuse("503 5.5.1 say MAIL first"),
            Some(envelope) if envelope.to.is_empty() => self.refuse("554 5.5.1 no recipient was accepted"),
            Some(_) => Answer::Data,
        }
    }

    /// The message has come; the next one begins afresh.
    fn finish(&mut self) -> Envelope {
        self.envelope.take().unwrap_or_default()
    }

    fn refuse(&mut self, why: &str) -> Answer {
        self.refused += 1;
        if self.refused > MAX_REFUSED {
            return Answer::Close("421 4.7.0 too many errors\r\n".to_owned());
        }
        say(why)
    }
}

fn say(text: impl Into<String>) -> Answer {
    Answer::Say(text.into())
}

/// The address in `FROM:<address> parameters` and what follows it.
fn path<'a>(text: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let (head, rest) = text.split_at_checked(keyword.len())?;
    let rest = rest.trim_start().strip_prefix('<').filter(|_| head.eq_ignore_ascii_case(keyword))?;
    let mut quoted = false;
    let end = rest.find(|char| {
        quoted ^= char == '"';
        char == '>' && !quoted
    })?;
    Some((&rest[..end], rest[end + 1..].trim()))
}

/// What came up to a CRLF.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// The connection ended, perhaps within a line.
    End,
    /// More than the limit; what it said is gone.
    TooLong,
    /// The line without its CRLF.
    Whole(Vec<u8>),
}

/// Reads one line. Only CRLF ends it (RFC 5321 §2.3.8): a lone LF is part of it. Keeps at most `limit` bytes, CRLF included.
async fn read_line(stream: &mut (impl AsyncBufRead + Unpin), limit: usize) -> io::Result<Line> {
    let (mut line, mut last, mut length) = (Vec::new(), 0, 0_usize);
    loop {
        let chunk = stream.fill_buf().await?;
        if chunk.is_empty() {
            return Ok(Line::End);
        }
        let mut ended = false;
        let mut used = 0;
        for &byte in chunk {
            used += 1;
            length = length.saturating_add(1);
            if length <= limit {
                line.push(byte);
            }
            ended = last == b'\r' && byte == b'\n';
            last = byte;
            if ended {
                break;
            }
        }
        stream.consume(used);
        if ended && length > limit {
            return Ok(Line::TooLong);
        }
        if ended {
            line.truncate(line.len() - 2);
            return Ok(Line::Whole(line));
        }
    }
}

/// What came between DATA and the final dot.
#[derive(Debug, PartialEq, Eq)]
enum Content {
    /// The message.
    Whole(Vec<u8>),
    /// It was read to its end but is not taken, and this says why.
    Refused(&'static str),
}

/// Reads a message to its final dot; `None` where the connection ended or fell silent before.
async fn read_content(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Content>> {
    let (mut bytes, mut refused) = (Vec::new(), None);
    loop {
        let Ok(line) = timeout(PATIENCE, read_line(stream, MAX_LINE)).await else {
            return Ok(None);
        };
        let line = match line? {
            Line::End => return Ok(None),
            Line::TooLong => {
                refused.get_or_insert("554 5.6.0 a line is longer than 1000 bytes");
                continue;
            }
            Line::Whole(line) => line,
        };
        if line == b"." {
            return Ok(Some(refused.map_or(Content::Whole(bytes), Content::Refused)));
        }
        if line.contains(&b'\n') || line.contains(&b'\r') {
            refused.get_or_insert("554 5.6.0 a line must end with CRLF");
        }
        let line = line.strip_prefix(b".").unwrap_or(&line);
        if bytes.len() + line.len() + 2 > MAX_MESSAGE {
            refused.get_or_insert("552 5.3.4 message too big");
        }
        if refused.is_some() {
            bytes = Vec::new();
            continue;
        }
        bytes.extend_from_slice(line);
        bytes.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    /// What the server says to a whole conversation, and the mails it took.
    async fn talk(conversation: &[u8]) -> (Vec<String>, Vec<Message>) {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let (port, mut mails) = open(&tasks, &stop).await.unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let (mut reading, mut writing) = stream.split();
        let mut said = String::new();
        let (written, read) = tokio::join!(
            async {
                writing.write_all(conversation).await?;
                writing.shutdown().await
            },
            reading.read_to_string(&mut said)
        );
        written.unwrap();
        read.unwrap();
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        let mut kept = Vec::new();
        while let Some(mail) = mails.recv().await {
            kept.push(mail);
        }
        (said.lines().map(str::to_owned).collect(), kept)
    }

    fn codes(said: &[String]) -> Vec<&str> {
        said.iter().filter(|line| line.as_bytes()[3] == b' ').map(|line| &line[..3]).collect()
    }

    #[tokio::test]
    async fn two_messages_in_one_pipelined_conversation() {
        let (said, mails) = talk(
            b"EHLO here\r\n\
              MAIL FROM:<a@here.example> BODY=8BITMIME SIZE=100\r\nRCPT TO:<b@there.example>\r\nRCPT TO:<c@there.example>\r\nDATA\r\n\
              Subject: one\r\n\r\n..dot\r\n...\r\nend\r\n.\r\n\
              MAIL FROM:<>\r\nRCPT TO:<\"odd>name\"@there.example>\r\nDATA\r\n.\r\nQUIT\r\n",
        )
        .await;
        assert_eq!(
            codes(&said),
            ["220", "250", "250", "250", "250", "354", "250", "250", "250", "354", "250", "221"],
            "{said:#?}"
        );
        assert!(said.contains(&format!("250 SIZE {MAX_MESSAGE}")), "{said:#?}");
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[0].from, "a@here.example");
        assert_eq!(mails[0].to, ["b@there.example", "c@there.example"]);
        assert_eq!(mails[0].bytes, b"Subject: one\r\n\r\n.dot\r\n..\r\nend\r\n");
        assert_eq!((mails[1].from.as_str(), mails[1].to[0].as_str()), ("", "\"odd>name\"@there.example"));
        assert!(mails[1].bytes.is_empty());
    }

    #[tokio::test]
    async fn what_is_out_of_order_or_unknown_is_refused_by_its_code() {
        for (command, code) in [
            ("MAIL FROM:<a@b>", "503"),
            ("EHLO", "501"),
            ("EHLO x\r\nRCPT TO:<a@b>", "503"),
            ("EHLO x\r\nDATA", "503"),
            ("EHLO x\r\nMAIL FROM:a@b", "501"),
            ("EHLO x\r\nMAIL FROM:<a@b> SIZE=99999999", "552"),
            ("EHLO x\r\nMAIL FROM:<a@b> SMTPUTF8", "555"),
            ("EHLO x\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>", "503"),
            ("EHLO x\r\nMAIL FROM:<a@b>\r\nDATA", "554"),
            ("EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<nobody>", "553"),
            ("EHLO x\r\nMAIL FROM:<a@b>\r\nRSET\r\nRCPT TO:<a@b>", "503"),
            ("EHLO x\r\nSTARTTLS", "502"),
            ("EHLO x\r\nFROBNICATE", "500"),
            ("EHLO x\r\nNOOP\nQUIT", "500"),
            ("HELO x\r\nNOOP", "250"),
        ] {
            let (said, mails) = talk(format!("{command}\r\n").as_bytes()).await;
            assert_eq!(codes(&said).last(), Some(&code), "{command}: {said:#?}");
            assert!(mails.is_empty());
        }
    }

    #[tokio::test]
    async fn a_client_that_only_errs_is_shown_out() {
        let (said, _) = talk(&b"WHAT\r\n".repeat(MAX_REFUSED + 1)).await;
        assert_eq!(codes(&said).last(), Some(&"421"), "{said:#?}");
    }

    #[tokio::test]
    async fn a_message_that_breaks_a_limit_is_refused_and_the_next_one_is_taken() {
        let begin = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n";
        let long = "x".repeat(MAX_LINE - 1) + "\r\n";
        let fits = "x".repeat(MAX_LINE - 2) + "\r\n";
        let big = fits.repeat(MAX_MESSAGE / MAX_LINE + 1);
        for (body, code) in [(&*long, "554"), ("bare\nline\r\n", "554"), ("bare\rline\r\n", "554"), (&*big, "552")] {
            let (said, mails) =
                talk(format!("EHLO x\r\n{begin}{body}.\r\n{begin}{fits}.\r\nQUIT\r\n").as_bytes()).await;
            assert_eq!(codes(&said)[5], code, "{said:#?}");
            assert_eq!(mails.len(), 1, "{said:#?}");
            assert_eq!(mails[0].bytes, fits.as_bytes());
        }
    }

    #[tokio::test]
    async fn a_lone_newline_before_the_dot_smuggles_nothing() {
        let (said, mails) = talk(
            b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nHi\r\n\n.\nMAIL FROM:<evil@b.example>\r\n.\r\n",
        )
        .await;
        assert_eq!(codes(&said).last(), Some(&"554"), "{said:#?}");
        assert!(mails.is_empty());
    }

    #[tokio::test]
    async fn a_message_without_its_dot_is_no_message() {
        let (_, mails) = talk(b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhalf of it\r\n").await;
        assert!(mails.is_empty());
    }

    #[tokio::test]
    async fn recipients_have_a_limit() {
        let many = "RCPT TO:<c@d>\r\n".repeat(MAX_RECIPIENTS + 1);
        let (said, _) = talk(format!("EHLO x\r\nMAIL FROM:<a@b>\r\n{many}").as_bytes()).await;
        assert_eq!(codes(&said).last(), Some(&"452"));
    }
}
