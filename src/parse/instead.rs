//! What a document is when it is no feed.

use url::Url;

use super::error::{ParseError, line_and_column};
use super::feed::Refusal;
use super::outline::{DEPTH, Outline, Wrong};
use super::{discover, outline};

/// The name of a kind of file that is certainly no text, by its first bytes.
pub(crate) fn binary(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 11] = [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"GIF8", "a GIF image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"RIFF", "a WebP image or a sound"),
        (b"%PDF-", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive or an office document"),
        (b"\x1f\x8b", "gzip data that the server did not declare"),
        (b"\x28\xb5\x2f\xfd", "zstd data that the server did not declare"),
        (b"ID3", "an MP3 sound"),
        (b"OggS", "an Ogg sound"),
        (b"\x7fELF", "a program"),
    ];
    KINDS.into_iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| kind)
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
    let Some(root) = &outline.root else {
        return ParseError::NotAFeed { what: format!("text that begins “{}”", beginning(text)) };
    };
    if let Some(flaw) = &outline.flaw {
        let (line, column) = line_and_column(text, flaw.offset);
        match &flaw.what {
            Wrong::Syntax(what) => {
                return ParseError::Malformed { syntax: "XML", line, column, what: what.clone() };
            }
            Wrong::TooDeep => return ParseError::TooDeep { limit: DEPTH, line, column },
            Wrong::TooMany | Wrong::TooHeavy | Wrong::LongBase => {}
        }
    }
    if format.is_none() {
        let what = match root.local() {
            "opml" => "an OPML list of feeds".to_owned(),
            "urlset" | "sitemapindex" => "a sitemap".to_owned(),
            "svg" => "an SVG image".to_owned(),
            name => format!("XML whose root is <{}>", beginning(name)),
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
