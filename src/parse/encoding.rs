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
    let cut_short = is_cut_utf8(bytes);
    for &(place, label) in labels.iter().flatten() {
        let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
            repairs.push(format!("{place} names an unknown encoding, “{}”", shown(label)));
            continue;
        };
        // A document of bytes cannot be of wide characters, whatever it says; it is nearly always UTF-8.
        let wide = !encoding.is_ascii_compatible() && encoding.name() != "ISO-2022-JP";
        let contradicted = wide
            || match utf8 {
                // Text in another encoding is almost never valid UTF-8 as well, unless it is plain ASCII.
                Some(_) => encoding != UTF_8 && !bytes.is_ascii(),
                None if cut_short => encoding != UTF_8,
                None => encoding.decode_without_bom_handling_and_without_replacement(bytes).is_none(),
            };
        if !contradicted {
            return encoding.decode_without_bom_handling(bytes).0;
        }
        repairs.push(format!("{place} says {}, which it is not", shown(label)));
    }
    if let Some(text) = utf8 {
        return Cow::Borrowed(text);
    }
    if cut_short {
        // What is read of a document that breaks off ends long before its last letter.
        repairs.push("it breaks off inside a letter".to_owned());
        return UTF_8.decode_without_bom_handling(bytes).0;
    }
    let says_utf8 = labels.iter().flatten().any(|(_, label)| Encoding::for_label(label.as_bytes()) == Some(UTF_8));
    let encoding = detect(bytes, url, says_utf8);
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    let mut repair = format!("read as {}", encoding.name());
    if broken {
        let count = text.matches(char::REPLACEMENT_CHARACTER).count();
        let are = if count == 1 { "character is" } else { "characters are" };
        let _ = write!(repair, ", in which {count} {are} broken");
    }
    repairs.push(repair);
    text
}

fn detect(bytes: &[u8], url: &Url, says_utf8: bool) -> &'static Encoding {
    if mostly_utf8(bytes, says_utf8) {
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

/// Whether this is UTF-8 that ends inside a letter, which a document in any encoding does only where it was cut off. One
/// letter before must be whole, because the last byte alone could be a letter of a smaller encoding.
fn is_cut_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_err_and(|error| error.error_len().is_none() && !bytes[..error.valid_up_to()].is_ascii())
}

/// Whether this is UTF-8 with a few broken places, such as a summary cut in the middle of a character. A document that says
/// so is believed with half as many whole ones.
fn mostly_utf8(bytes: &[u8], says_utf8: bool) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    // Of Chinese text in GBK some seventh looks like UTF-8 by chance, of others less.
    if says_utf8 { whole > 0 && whole >= broken } else { whole > 2 * broken }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], content_type: Option<&str>) -> (String, Vec<String>) {
        let decoded = decode(bytes, content_type, &Url::parse("http://feeds.example.ru/").unwrap());
        (decoded.text.into_owned(), decoded.repairs)
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn a_byte_order_mark_beats_all() {
        let text = "<?xml version='1.0' encoding='koi8-r'?>\n<a>é</a>";
        let expected = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a>é</a>";
        let marked = format!("\u{feff}{text}");
        for bytes in [
            marked.as_bytes().to_vec(),
            utf16(&marked, u16::to_le_bytes),
            utf16(&marked, u16::to_be_bytes),
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
            marked.chars().flat_map(|c| (c as u32).to_le_bytes()).collect(),
            marked.chars().flat_map(|c| (c as u32).to_be_bytes()).collect(),
            text.chars().flat_map(|c| (c as u32).to_be_bytes()).collect(),
        ] {
            assert_eq!(read(&bytes, Some("text/xml; charset=shift_jis")), (expected.to_owned(), vec![]));
        }
    }

    #[test]
    fn the_header_beats_the_declaration() {
        let (text, repairs) = read(
            b"<?xml version='1.0' encoding='windows-1252'?><a>\xd0</a>",
            Some("text/xml; x=y; Charset=\"koi8-r\""),
        );
        assert!(text.ends_with("<a>п</a>"), "{text}");
        assert!(repairs.is_empty());
        let (text, repairs) = read(b"<?xml version='1.0' encoding='koi8-r'?><a>\xd0</a>", Some("application/rss+xml"));
        assert!(text.ends_with("<a>п</a>") && repairs.is_empty(), "{text}");
    }

    #[test]
    fn a_charset_that_the_bytes_contradict_is_passed_over() {
        let (text, repairs) = read("<a>é</a>".as_bytes(), Some("text/xml; charset=iso-8859-1"));
        assert_eq!(text, "<a>é</a>");
        assert_eq!(repairs, ["Content-Type says iso-8859-1, which it is not"]);
        let russian = encoding_rs::WINDOWS_1251.encode("<a>Переговоры о вступлении продолжаются в понедельник</a>").0;
        let (text, repairs) = read(&russian, Some("text/xml; charset=utf-8"));
        assert!(text.contains("понедельник"), "{text}");
        assert_eq!(repairs, ["Content-Type says utf-8, which it is not", "read as windows-1251"]);
        let (_, repairs) = read("<a>é</a>".as_bytes(), Some("text/xml; charset=klingon"));
        assert_eq!(repairs, ["Content-Type names an unknown encoding, “klingon”"]);
        let (text, repairs) = read(b"<?xml version='1.0' encoding='utf-16'?><a/>", None);
        assert!(text.ends_with("<a/>"), "bytes that call themselves wide");
        assert_eq!(repairs, ["the XML declaration says utf-16, which it is not"]);
    }

    #[test]
    fn one_broken_character_does_not_change_the_encoding() {
        let mut bytes = "<a>Österreichs Präsident für Änderung</a>".as_bytes().to_vec();
        bytes.insert(bytes.len() - 4, 0xC3);
        let (text, repairs) = read(&bytes, None);
        assert!(text.contains("Präsident für Änderung\u{fffd}"), "{text}");
        assert_eq!(repairs, ["read as UTF-8, in which 1 character is broken"]);
    }

    #[test]
    fn a_document_cut_inside_a_letter_keeps_its_encoding() {
        for (text, content_type) in [
            ("<a>Orbán</a><b>é", None),
            ("<a>Orbán</a><b>é", Some("text/xml; charset=utf-8")),
            ("<?xml version='1.0' encoding='utf-8'?><a>Orbán</a><b>€", None),
            ("<?xml version='1.0' encoding='windows-1252'?><a>Orbán</a><b>€", None),
            ("<a>Венгрия</a><b>ж", Some("text/xml; charset=windows-1251")),
        ] {
            let bytes = &text.as_bytes()[..text.len() - 1];
            let whole = text.find("<b>").unwrap();
            let (read, _) = read(bytes, content_type);
            let from = read.find("<a>").unwrap();
            assert!(read[from..].starts_with(&text[text.find("<a>").unwrap()..whole]), "{text}: {read}");
        }
        let (text, _) = read("<a>Orbán</a><b>\u{e9}".as_bytes(), Some("text/xml; charset=iso-8859-1"));
        assert!(text.contains("Orbán"), "{text}");
        let (text, repairs) = read(b"<a>Orb\xc3\xa1n</a><b>Pe\xc3</b>", Some("text/xml; charset=utf-8"));
        assert!(text.contains("Orbán") && text.contains("Pe\u{fffd}"), "{text}");
        assert_eq!(
            repairs,
            ["Content-Type says utf-8, which it is not", "read as UTF-8, in which 1 character is broken"]
        );
    }

    #[test]
    fn plain_utf8_is_not_copied() {
        let bytes = "<?xml version='1.0' encoding='UTF-8'?><a>é</a>".as_bytes();
        let decoded = decode(bytes, Some("text/xml"), &Url::parse("http://a/").unwrap());
        assert!(matches!(decoded.text, Cow::Borrowed(_)));
    }
}
