use std::borrow::Cow;

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};

/// What a reader sees of a mail: as much of MIME (RFC 2045 to 2047) as mails of newswatch use.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Letter {
    /// Of the header, decoded.
    pub(super) from: String,
    /// Of the header, decoded.
    pub(super) to: String,
    /// Of the header, decoded.
    pub(super) subject: String,
    /// The first `text/plain` part.
    pub(super) text: Option<String>,
    /// The first `text/html` part.
    pub(super) html: Option<String>,
}

/// How deep parts may lie within parts: `mixed`, `alternative`, and room for one more.
const MAX_DEPTH: usize = 4;

impl Letter {
    /// Reads a message. Total: what cannot be read is left out.
    pub(super) fn read(message: &[u8]) -> Self {
        let part = Part::read(message);
        let header = |name| decoded(&part.header(name).unwrap_or_default());
        let mut letter = Self { from: header("from"), to: header("to"), subject: header("subject"), ..Self::default() };
        letter.look_into(&part, MAX_DEPTH);
        letter
    }

    fn look_into(&mut self, part: &Part<'_>, depth: usize) {
        let kind = part.header("content-type").unwrap_or_else(|| "text/plain".to_owned());
        let name = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if name.starts_with("multipart/") && depth > 0 {
            for inner in boundary(&kind).map(|boundary| parts(part.body, &boundary)).unwrap_or_default() {
                self.look_into(&Part::read(inner), depth - 1);
            }
            return;
        }
        let place = match name.as_str() {
            "text/plain" => &mut self.text,
            "text/html" => &mut self.html,
            _ => return,
        };
        place.get_or_insert_with(|| part.content());
    }
}

/// Header lines, unfolded, and the bytes after the blank line.
struct Part<'a> {
    headers: Vec<(String, String)>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
            let line = String::from_utf8_lossy(&rest[..end]);
            rest = &rest[end..];
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = headers.last_mut() {
                    value.push_str(line);
                }
            } else if let Some((name, value)) = line.split_once(':') {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self { headers, body: rest }
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// The body as text with LF line ends. Mails of newswatch are UTF-8; anything else shows as what it is not.
    fn content(&self) -> String {
        let encoding = self.header("content-transfer-encoding").unwrap_or_default().trim().to_ascii_lowercase();
        let bytes = match encoding.as_str() {
            "quoted-printable" => Cow::Owned(quoted_printable(self.body)),
            "base64" => Cow::Owned(base64(self.body)),
            _ => Cow::Borrowed(self.body),
        };
        String::from_utf8_lossy(&bytes).replace("\r\n", "\n")
    }
}

/// The value of `boundary` in a content type.
fn boundary(kind: &str) -> Option<String> {
    let at = kind.to_ascii_lowercase().find("boundary=")?;
    let value = &kind[at + "boundary=".len()..];
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().map(str::to_owned),
        None => value.split(';').next().map(|value| value.trim().to_owned()),
    }
}

/// The parts between the boundary lines (RFC 2046 §5.1).
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let delimiter = format!("--{boundary}");
    let (mut parts, mut begin, mut at) = (Vec::new(), None, 0);
    while at < body.len() {
        let end = body[at..].iter().position(|&byte| byte == b'\n').map_or(body.len(), |found| at + found + 1);
        let line = body[at..end].trim_ascii_end();
        let closing = line.strip_suffix(b"--").is_some_and(|line| line == delimiter.as_bytes());
        if line == delimiter.as_bytes() || closing {
            if let Some(begin) = begin {
                // The line end before a boundary belongs to the boundary.
                let part = &body[begin..at];
                let part = part.strip_suffix(b"\n").unwrap_or(part);
                parts.push(part.strip_suffix(b"\r").unwrap_or(part));
            }
            begin = (!closing).then_some(end);
            if closing {
                break;
            }
        }
        at = end;
    }
    parts
}

/// RFC 2045 §6.7.
fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'=', [b'\r', b'\n', after @ ..] | [b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) if let (Some(high), Some(low)) = (hex(*high), hex(*low)) => {
                plain.push(high * 16 + low);
                rest = after;
            }
            _ => plain.push(byte),
        }
    }
    plain
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// RFC 2045 §6.8: characters outside the alphabet are passed over, padding ends it.
fn base64(bytes: &[u8]) -> Vec<u8> {
    let is_coded = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let coded: Vec<u8> = bytes.iter().copied().take_while(|byte| *byte != b'=').filter(is_coded).collect();
    BASE64_STANDARD_NO_PAD.decode(coded).unwrap_or_default()
}

/// A header with its encoded words decoded (RFC 2047). Space between two of them is not shown (§6.2).
fn decoded(header: &str) -> String {
    let mut text = String::with_capacity(header.len());
    let mut rest = header;
    let mut after_word = false;
    while let Some(at) = rest.find("=?") {
        let between = &rest[..at];
        let Some((bytes, after)) = encoded_word(&rest[at..]) else {
            text.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            after_word = false;
            continue;
        };
        if !(after_word && between.trim().is_empty()) {
            text.push_str(between);
        }
        text.push_str(&String::from_utf8_lossy(&bytes));
        rest = after;
        after_word = true;
    }
    text + rest
}

/// The bytes of the encoded word with which `text` begins, and what follows it.
fn encoded_word(text: &str) -> Option<(Vec<u8>, &str)> {
    let mut fields = text.strip_prefix("=?")?.splitn(3, '?');
    let (charset, encoding, rest) = (fields.next()?, fields.next()?, fields.next()?);
    let (word, after) = rest.split_once("?=")?;
    if !charset.eq_ignore_ascii_case("utf-8") && !charset.eq_ignore_ascii_case("us-ascii") {
        return None;
    }
    match encoding {
        "Q" | "q" => Some((quoted_printable(word.replace('_', " ").as_bytes()), after)),
        "B" | "b" => Some((base64(word.as_bytes()), after)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mixed_mail_with_an_alternative_inside() {
        let mail = "From: =?utf-8?q?Nachrichten=2C_t=C3=A4glich?= <news@a.example>\r\n\
            To: desk@b.example\r\n\
            Subject: =?UTF-8?B?W1R1cmtleV0gVMO8cmtpeWU=?=\r\n =?utf-8?Q?_says_no?=\r\n\
            MIME-Version: 1.0\r\n\
            Content-Type: multipart/mixed;\r\n\tboundary=\"out er\"\r\n\r\n\
            for old readers\r\n\
            --out er\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n\
            --inner\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
            K=C3=A4se =3D cheese, a long=\r\n line\r\nand = that\r\n\
            --inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
            PHA+SOk8\r\nL3A+\r\n--inner--\r\n\
            --out er\r\nContent-Type: text/calendar; method=PUBLISH\r\n\r\nBEGIN:VCALENDAR\r\n--out er--\r\n";
        let letter = Letter::read(mail.as_bytes());
        assert_eq!(letter.from, "Nachrichten, täglich <news@a.example>");
        assert_eq!(letter.to, "desk@b.example");
        assert_eq!(letter.subject, "[Turkey] Türkiye says no");
        assert_eq!(letter.text.as_deref(), Some("Käse = cheese, a long line\nand = that"));
        assert_eq!(letter.html.as_deref(), Some("<p>H\u{fffd}</p>"));
    }

    #[test]
    fn a_plain_mail_needs_no_mime() {
        let letter = Letter::read(b"Subject: a =? b\n\nhello\n");
        assert_eq!((letter.subject.as_str(), letter.text.as_deref()), ("a =? b", Some("hello\n")));
        assert_eq!(letter.html, None);
    }

    #[test]
    fn parts_within_parts_have_a_limit() {
        let mail = "Content-Type: multipart/mixed; boundary=b\n\n--b\n".repeat(50);
        assert_eq!(Letter::read(mail.as_bytes()), Letter::default());
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            Letter::read(&bytes);
        }

        #[test]
        fn what_another_library_writes_is_read_back(subject in "([!-~äß€]{1,12} ){0,10}", body in "[ -~äß€\n]{0,300}") {
            let mail = lettre::Message::builder()
                .from("a@a.example".parse().unwrap())
                .to("b@b.example".parse().unwrap())
                .subject(subject.trim())
                .multipart(lettre::message::MultiPart::alternative_plain_html(body.clone(), format!("<p>{body}</p>")))
                .unwrap();
            let letter = Letter::read(&mail.formatted());
            prop_assert_eq!(letter.subject, subject.trim());
            prop_assert_eq!(letter.text.unwrap(), body.clone());
            prop_assert_eq!(letter.html.unwrap(), format!("<p>{body}</p>"));
        }
    }
}
