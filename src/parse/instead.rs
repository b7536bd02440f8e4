//! What a document is when it is no feed.

use url::Url;

use super::error::{ParseError, line_and_column};
use super::feed::Refusal;
use super::outline::{DEPTH, Outline, Wrong};
use super::{discover, outline};
use crate::understand::text::html;

/// The name of a kind of file that is certainly no text, by its first bytes.
pub(crate) fn binary(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: &[(&[u8], &str)] = &[
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"GIF8", "a GIF image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"RIFF", "a WebP image or a sound"),
        (b"\0\0\x01\0", "an icon"),
        (b"%PDF-", "a PDF document"),
        (b"{\\rtf", "an RTF document"),
        (b"\xd0\xcf\x11\xe0", "an office document"),
        (b"PK\x03\x04", "a ZIP archive or an office document"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"BZh", "bzip2 data"),
        (b"\xfd7zXZ\0", "xz data"),
        (b"\x1f\x8b", "gzip data that no Content-Encoding declares"),
        (b"\x28\xb5\x2f\xfd", "zstd data that no Content-Encoding declares"),
        (b"ID3", "an MP3 sound"),
        (b"OggS", "an Ogg sound"),
        (b"fLaC", "a FLAC sound"),
        (b"\x1aE\xdf\xa3", "a Matroska or WebM film"),
        (b"wOFF", "a font"),
        (b"wOF2", "a font"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"\0asm", "a program"),
        (b"\x7fELF", "a program"),
    ];
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some("an MP4 film or sound");
    }
    KINDS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| *kind)
}

/// Characters of a text by which binary data is told from it.
const SAMPLE: usize = 2000;

/// Whether so many characters are controls or were none that it can be no text.
fn is_garbled(text: &str) -> bool {
    let (mut all, mut garbled) = (0, 0);
    for c in text.chars().take(SAMPLE) {
        all += 1;
        garbled += usize::from(c == char::REPLACEMENT_CHARACTER || (c.is_control() && !c.is_whitespace()));
    }
    garbled * 10 > all
}

/// What an XML document says of an error, where it is there for that.
fn complaint(text: &str, root: &str) -> Option<String> {
    if !["error", "errors", "fault", "envelope", "exception", "errorresponse"]
        .contains(&root.to_ascii_lowercase().as_str())
    {
        return None;
    }
    let said = html::to_text(text);
    let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect();
    Some(if said.is_empty() {
        "an XML error message".to_owned()
    } else {
        format!("an XML error message (“{said}”)")
    })
}

/// Says why a text gave no feed, as far as that can be known.
pub(crate) fn explain(text: &str, outline: &Outline, refusal: Refusal, url: &Url) -> ParseError {
    let format = outline.root.as_ref().and_then(outline::Root::format);
    if format.is_none() && discover::is_html(text) {
        return ParseError::Html { page: discover::page(text, url) };
    }
    if let Refusal::Panic(why) = refusal {
        return ParseError::Panicked { why };
    }
    if format.is_none() && is_garbled(text) {
        return ParseError::NotAFeed { what: "binary data of a kind that is not known here".to_owned() };
    }
    let begins_with_tag = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\0').starts_with('<');
    let Some(root) = outline.root.as_ref().filter(|_| begins_with_tag || format.is_some()) else {
        return ParseError::NotAFeed { what: format!("text that begins “{}”", beginning(text)) };
    };
    if let Some(flaw) = &outline.flaw {
        let (line, column) = line_and_column(text, flaw.offset);
        match &flaw.what {
            Wrong::Syntax(what) => {
                return ParseError::Malformed { syntax: "XML", line, column, what: what.clone() };
            }
            Wrong::TooDeep => return ParseError::TooDeep { limit: DEPTH, line, column },
            Wrong::TooMany | Wrong::TooHeavy | Wrong::TooManyAttributes | Wrong::LongBase => {}
        }
    }
    if format.is_none() {
        let what = match root.local() {
            "opml" => "an OPML list of feeds".to_owned(),
            "urlset" | "sitemapindex" => "a sitemap".to_owned(),
            "svg" => "an SVG image".to_owned(),
            name => complaint(text, name).unwrap_or_else(|| format!("XML whose root is <{}>", beginning(name))),
        };
        return ParseError::NotAFeed { what };
    }
    let why = match refusal {
        Refusal::Error(why) | Refusal::Panic(why) => why,
        Refusal::Unfit => "its items have more media, or it has longer bases of links, than any feed has".to_owned(),
    };
    ParseError::Unreadable { why }
}

/// The first words of a text, fit to be shown.
fn beginning(text: &str) -> String {
    text.split_whitespace().take(8).collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).take(60).collect()
}
