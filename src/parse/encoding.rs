//! Bytes to text: which encoding a document is in, and what to do when it says the wrong one.

use std::borrow::Cow;
use std::fmt::Write as _;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use url::Url;

/// A document as text.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    /// No byte order mark, and an XML declaration (if any) that says UTF-8.
    pub(crate) text: Cow<'a, str>,
    /// What the document said wrongly about its encoding.
    pub(crate) repairs: Vec<String>,
}

/// How far an XML declaration is looked for, in bytes.
const DECLARATION: usize = 1024;

/// Decodes a document. What counts, in this order (RFC 7303 §3): a byte order mark, the `charset` of `Content-Type`, the
/// XML declaration. A charset that the bytes contradict is passed over, and where none is left it is detected; the
/// country of the publisher's host helps there.
pub(crate) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>, url: &Url) -> Decoded<'a> {
    let mut repairs = Vec::new();
    let text = match marked(bytes) {
        Some(text) => text,
        None => unmarked(bytes, content_type, url, &mut repairs),
    };
    Decoded { text: declared_utf8(without_mark(text)), repairs }
}

/// By byte order mark, or by the zeros that wide characters leave around the first bracket (XML 1.0, appendix F).
fn marked(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xFF, 0xFE, 0, 0, rest @ ..] => Some(wide(rest, u32::from_le_bytes)),
        [0, 0, 0xFE, 0xFF, rest @ ..] => Some(wide(rest, u32::from_be_bytes)),
        [b'<', 0, 0, 0, ..] => Some(wide(bytes, u32::from_le_bytes)),
        [0, 0, 0, b'<', ..] => Some(wide(bytes, u32::from_be_bytes)),
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        [0xFF, 0xFE, rest @ ..] => Some(UTF_16LE.decode_without_bom_handling(rest).0),
        [0xFE, 0xFF, rest @ ..] => Some(UTF_16BE.decode_without_bom_handling(rest).0),
        [b'<' | b'{', 0, ..] => Some(UTF_16LE.decode_without_bom_handling(bytes).0),
        [0, b'<' | b'{', ..] => Some(UTF_16BE.decode_without_bom_handling(bytes).0),
        _ => None,
    }
}

/// UTF-32, which the web's decoder does not know.
fn wide(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Cow<'static, str> {
    let (units, _) = bytes.as_chunks::<4>();
    Cow::Owned(units.iter().map(|four| char::from_u32(unit(*four)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

fn unmarked<'a>(bytes: &'a [u8], content_type: Option<&str>, url: &Url, repairs: &mut Vec<String>) -> Cow<'a, str> {
    let labels = [
        content_type.and_then(charset).map(|label| ("Content-Type", label)),
        declaration(bytes).and_then(|declaration| declaration.label).map(|label| ("the XML declaration", label)),
    ];
    let utf8 = std::str::from_utf8(bytes).ok();
    for (place, label) in labels.into_iter().flatten() {
        let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
            repairs.push(format!("{place} names an unknown encoding, “{}”", shown(label)));
            continue;
        };
        // A document of bytes cannot be of wide characters, whatever it says; it is nearly always UTF-8.
        let encoding =
            if encoding.is_ascii_compatible() || encoding.name() == "ISO-2022-JP" { encoding } else { UTF_8 };
        let contradicted = match utf8 {
            // Text in another encoding is almost never valid UTF-8 as well, unless it is plain ASCII.
            Some(_) => encoding != UTF_8 && !bytes.is_ascii(),
            None => encoding.decode_without_bom_handling_and_without_replacement(bytes).is_none(),
        };
        if !contradicted {
            return encoding.decode_without_bom_handling(bytes).0;
        }
        repairs.push(format!("{place} says {}, which it is not", encoding.name()));
    }
    if let Some(text) = utf8 {
        return Cow::Borrowed(text);
    }
    let encoding = detect(bytes, url);
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    let mut repair = format!("read as {}", encoding.name());
    if broken {
        let count = text.matches(char::REPLACEMENT_CHARACTER).count();
        let _ = write!(repair, ", in which {count} characters are broken");
    }
    repairs.push(repair);
    text
}

fn detect(bytes: &[u8], url: &Url) -> &'static Encoding {
    if mostly_utf8(bytes) {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let country = url.domain().and_then(|domain| domain.rsplit('.').next()).filter(|label| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    });
    detector.guess(country.map(str::as_bytes), Utf8Detection::Deny)
}

/// Whether this is UTF-8 with a few broken places, such as a summary cut in the middle of a character.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > 4 * broken
}

/// The charset of a `Content-Type` (RFC 9110 §8.3.2).
fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']).trim();
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
    })
}

/// An XML declaration at the start of a document.
#[derive(Debug, PartialEq, Eq)]
struct Declaration<'a> {
    /// Everything up to and with its `?>`.
    len: usize,
    /// The encoding that it names.
    label: Option<&'a str>,
}

fn declaration(bytes: &[u8]) -> Option<Declaration<'_>> {
    let head = &bytes[..bytes.len().min(DECLARATION)];
    let blank = head.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    if !head[blank..].starts_with(b"<?xml") {
        return None;
    }
    let len = blank + head[blank..].windows(2).position(|pair| pair == b"?>")? + 2;
    // A declaration is ASCII; one that is not names no encoding that could be known.
    let inside = std::str::from_utf8(&head[blank..len]).unwrap_or_default();
    let label = inside.split_once("encoding").and_then(|(_, value)| {
        let value = value.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
        value[1..].split(quote).next().map(str::trim).filter(|label| !label.is_empty())
    });
    Some(Declaration { len, label })
}

fn without_mark(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.starts_with('\u{FEFF}') {
        return text;
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start_matches('\u{FEFF}')),
        Cow::Owned(text) => Cow::Owned(text.trim_start_matches('\u{FEFF}').to_owned()),
    }
}

/// Whoever reads the text must not decode it a second time.
fn declared_utf8(text: Cow<'_, str>) -> Cow<'_, str> {
    let Some(Declaration { len, label: Some(label) }) = declaration(text.as_bytes()) else { return text };
    if label.eq_ignore_ascii_case("utf-8") {
        return text;
    }
    // Line ends stay, so that places in error messages are those of the document.
    let lines = text[..len].matches('\n').count();
    Cow::Owned(format!("<?xml version=\"1.0\" encoding=\"utf-8\"{}?>{}", "\n".repeat(lines), &text[len..]))
}

fn shown(label: &str) -> String {
    label.chars().filter(|c| !c.is_control()).take(40).collect()
}
