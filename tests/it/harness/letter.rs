//! A mail as its reader gets it, read by a parser that is not ours.

use mail_parser::{HeaderValue, MessageParser, MimeHeaders as _};

/// A mail.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    /// Without angle brackets.
    pub(crate) message_id: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// Of the whole message: `multipart/alternative`.
    pub(crate) content_type: String,
    raw: Vec<u8>,
}

impl Letter {
    /// Reads a message. One that does not even parse is a failed test.
    #[track_caller]
    pub(crate) fn read(raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).expect("the message parses");
        let address = |list: Option<&mail_parser::Address<'_>>| {
            list.and_then(|list| list.first()).and_then(|one| one.address()).unwrap_or_default().to_owned()
        };
        let kind = message
            .content_type()
            .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()))
            .unwrap_or_default();
        Self {
            subject: message.subject().unwrap_or_default().to_owned(),
            message_id: message.message_id().unwrap_or_default().to_owned(),
            from: address(message.from()),
            to: address(message.to()),
            text: message.body_text(0).map(|text| text.replace("\r\n", "\n")).unwrap_or_default(),
            // A slash may be written as a reference; a browser sees no difference.
            html: message
                .body_html(0)
                .map(|html| html.replace("\r\n", "\n").replace("&#x2f;", "/"))
                .unwrap_or_default(),
            content_type: kind,
            raw: raw.to_vec(),
        }
    }

    /// The value of a header, unfolded; `None` where there is none.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let message = MessageParser::default().parse(&self.raw)?;
        let raw = message.header_raw(name)?;
        Some(raw.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Names of all headers, in order, in lower case.
    pub(crate) fn header_names(&self) -> Vec<String> {
        let message = MessageParser::default().parse(&self.raw).expect("the message parses");
        message.headers().iter().map(|header| header.name().to_ascii_lowercase()).collect()
    }

    /// Whether the subject was read as text.
    pub(crate) fn has_subject(&self) -> bool {
        let message = MessageParser::default().parse(&self.raw).expect("the message parses");
        matches!(message.header("Subject"), Some(HeaderValue::Text(_)))
    }

    /// The text of the first part of this type, lines ended by `\n`.
    pub(crate) fn part(&self, kind: &str) -> Option<String> {
        let message = MessageParser::default().parse(&self.raw)?;
        let is_it = |part: &&mail_parser::MessagePart<'_>| {
            part.content_type().is_some_and(|found| {
                format!("{}/{}", found.ctype(), found.subtype().unwrap_or_default()).eq_ignore_ascii_case(kind)
            })
        };
        let part = message.parts.iter().find(is_it)?;
        Some(part.text_contents()?.replace("\r\n", "\n"))
    }

    /// The text with runs of white space made one space, so that a wrapped line does not hide a sentence.
    pub(crate) fn flat_text(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
