use jiff::Timestamp;
use jiff::tz::TimeZone;
use lettre::message::header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};

use super::{ComposeError, Views, clean};
use crate::item::Key;

/// Mail programs give up on longer chains, and what lies between the first and the last few tells them nothing.
const REFERENCES_MAX: usize = 10;

/// Events that are published, not an invitation (RFC 6047 §2.4).
const CALENDAR: &str = "text/calendar; method=PUBLISH; charset=utf-8";

/// Longest part of a `List-Id` that comes from a name (RFC 1035 §2.3.4 allows a label 63).
const LABEL_LEN_MAX: usize = 40;

/// What goes into the header of a message.
#[derive(Debug)]
pub(super) struct Header<'a> {
    pub(super) from: &'a Mailbox,
    pub(super) to: &'a str,
    pub(super) domain: &'a str,
    pub(super) message_id: &'a str,
    pub(super) at: Timestamp,
    pub(super) zone: &'a TimeZone,
    /// What `List-Id` names.
    pub(super) list: &'a str,
    /// Names of watches.
    pub(super) watches: Vec<String>,
    /// The address at which the recipient can unsubscribe.
    pub(super) leave: Option<String>,
    /// `Message-ID`s of earlier mails of the thread, oldest first.
    pub(super) thread: Vec<&'a str>,
}

/// The whole message: 7-bit, with CRLF line ends, the same bytes for the same arguments.
/// With `short`, the text part is all.
pub(super) fn message(
    header: &Header<'_>,
    views: &Views,
    calendar: Option<&str>,
    short: bool,
) -> Result<Vec<u8>, ComposeError> {
    let boundary = format!("={}", header.message_id.split('@').next().unwrap_or_default());
    let plain = part(ContentType::TEXT_PLAIN, &views.text)?;
    let body = if short {
        plain.formatted()
    } else {
        let both = MultiPart::alternative().boundary(boundary.clone()).singlepart(plain);
        let both = both.singlepart(part(ContentType::TEXT_HTML, &views.html)?);
        match calendar {
            Some(events) => MultiPart::mixed()
                .boundary(format!("{boundary}-events"))
                .multipart(both)
                .singlepart(attached(CALENDAR, "events.ics", events)?)
                .formatted(),
            None => both.formatted(),
        }
    };

    let mut top = lettre::message::header::Headers::new();
    let date = jiff::fmt::rfc2822::to_string(&header.at.to_zoned_datetime(header.zone.clone()));
    let date = date.map_err(|_| ComposeError::Date { at: header.at })?;
    top.insert_raw(literal("Date", &date));
    top.set(lettre::message::header::From::from(lettre::message::Mailboxes::from(header.from.clone())));
    let to = Mailbox::new(None, crate::deliver::address::ascii(header.to)?);
    top.set(lettre::message::header::To::from(lettre::message::Mailboxes::from(to)));
    top.set(lettre::message::header::Subject::from(views.subject.clone()));
    top.insert_raw(literal("Message-ID", &bracketed(header.message_id)));
    let thread = references(&header.thread);
    if let Some(last) = thread.last() {
        top.insert_raw(literal("In-Reply-To", &bracketed(last)));
        let all: Vec<_> = thread.iter().map(|id| bracketed(id)).collect();
        top.insert_raw(literal("References", &all.join("\r\n ")));
    }
    top.insert_raw(literal("List-Id", &format!("<{}.newswatch.{}>", label(header.list), header.domain)));
    if let Some(address) = &header.leave {
        top.insert_raw(literal("List-Unsubscribe", &format!("<{address}>")));
        // RFC 8058 §3.1 allows one click at an https address only.
        if address.starts_with("https://") {
            top.insert_raw(literal("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
    }
    top.insert_raw(literal("Auto-Submitted", "auto-generated"));
    top.insert_raw(literal("X-Auto-Response-Suppress", "All"));
    if !header.watches.is_empty() {
        top.insert_raw(text("X-Newswatch-Watch", &header.watches.join(", ")));
    }
    top.set(lettre::message::header::MIME_VERSION_1_0);

    let mut bytes = top.to_string().into_bytes();
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

fn part(kind: ContentType, text: &str) -> Result<SinglePart, ComposeError> {
    // Quoted-printable always, even where 7-bit would do: it bounds the lines and survives every relay.
    let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable);
    Ok(SinglePart::builder().content_type(kind).body(body.map_err(|_| ComposeError::Encoding)?))
}

/// A part that mail programs offer as a file.
fn attached(kind: &str, name: &str, text: &str) -> Result<SinglePart, ComposeError> {
    let body = Body::new_with_encoding(text.replace("\r\n", "\n"), ContentTransferEncoding::QuotedPrintable);
    let kind = ContentType::parse(kind).map_err(|_| ComposeError::Encoding)?;
    let part = SinglePart::builder().header(kind).header(ContentDisposition::attachment(name));
    Ok(part.body(body.map_err(|_| ComposeError::Encoding)?))
}

/// A header whose value is of an alphabet that needs no encoding: made by us, never by a feed.
fn literal(name: &'static str, value: &str) -> HeaderValue {
    debug_assert!(value.replace("\r\n ", " ").bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{value:?}");
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.to_owned(), value.to_owned())
}

/// A header whose value may hold anything.
fn text(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), clean::line(value, 900))
}

fn bracketed(message_id: &str) -> String {
    format!("<{message_id}>")
}

/// The first and the last of a thread; whatever is no `Message-ID` of ours is left out.
fn references<'a>(thread: &[&'a str]) -> Vec<&'a str> {
    let ours =
        |id: &&&str| id.contains('@') && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"@.-_:[]".contains(&b));
    let thread: Vec<_> = thread.iter().filter(ours).copied().collect();
    if thread.len() <= REFERENCES_MAX {
        return thread;
    }
    let late = thread.len() - (REFERENCES_MAX - 1);
    std::iter::once(thread[0]).chain(thread[late..].iter().copied()).collect()
}

/// A name as part of a `List-Id` (RFC 2919 §2): lower-case letters, digits and hyphens. Names that cannot be written so get
/// a suffix, so that two of them never become one list.
fn label(name: &str) -> String {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !name.is_empty() && name.len() <= LABEL_LEN_MAX && name.chars().all(fits) {
        return name.to_owned();
    }
    let lower = name.to_lowercase();
    let words: Vec<_> = lower.split(|c| !fits(c) || c == '-').filter(|word| !word.is_empty()).collect();
    let slug: String = words.join("-").chars().take(LABEL_LEN_MAX).collect();
    let suffix = &Key::of(&[name]).to_string()[..8];
    if slug.is_empty() { suffix.to_owned() } else { format!("{slug}-{suffix}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_labels_are_safe_and_distinct() {
        assert_eq!(label("hungary-veto"), "hungary-veto");
        assert!(label("Hungary Veto").starts_with("hungary-veto-"));
        assert_ne!(label("Hungary Veto"), label("hungary veto"));
        assert_ne!(label("Ärger"), label("Örger"));
        assert!(label(&"x".repeat(500)).len() < 63);
        for name in ["", ">\r\nBcc: a@b", "日本"] {
            assert!(label(name).bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{}", label(name));
        }
    }

    #[test]
    fn long_threads_keep_their_root_and_their_end() {
        let ids: Vec<String> = (0..40).map(|n| format!("m{n}@x.org")).collect();
        let mut thread: Vec<&str> = ids.iter().map(String::as_str).collect();
        thread.insert(20, "foreign <id>");
        let kept = references(&thread);
        assert_eq!(kept.len(), REFERENCES_MAX);
        assert_eq!((kept[0], kept[1], kept[9]), ("m0@x.org", "m31@x.org", "m39@x.org"));
    }
}
