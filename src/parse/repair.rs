//! Mends XML that its publisher got wrong in ways that a whole class of publishers does.
//!
//! Nothing here is tried on a document that can be read as it stands, and each mending is named.

use memchr::{memchr, memchr3, memmem};

use super::outline::{ATTRIBUTES, root};

/// A document that was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mended {
    /// As it is to be read.
    pub(crate) text: String,
    /// What was done, each in words.
    pub(crate) repairs: Vec<String>,
    /// Whether nothing was lost at its end.
    pub(crate) complete: bool,
}

/// The text mended; without repairs where there is nothing that could be mended here.
pub(crate) fn mend(text: &str) -> Mended {
    let text = &text[junk(text).map_or(0, str::len)..];
    let mut mended = Mended { text: text.to_owned(), repairs: Vec::new(), complete: true };
    for step in [with_few_attributes, with_whole_references, with_known_root, with_channel, with_new_names] {
        if let Some((better, repair)) = step(&mended.text) {
            mended.text = better;
            mended.repairs.push(repair);
        }
    }
    mended
}

/// Whatever stands before the document: warnings of a script, blank lines, byte order marks.
pub(super) fn junk(text: &str) -> Option<&str> {
    const ROOTS: [&str; 6] = ["<rss", "<feed", "<rdf:RDF", "<RDF", "<atom:feed", "<channel"];
    let is_root = |at: &usize| {
        ROOTS
            .iter()
            .filter_map(|root| text[*at..].strip_prefix(root))
            .any(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '>'))
    };
    // Near the beginning, in most documents.
    let start = memchr::memchr_iter(b'<', text.as_bytes()).find(is_root)?;
    // The declarations that stand directly before the root belong to the document.
    let prolog = text[..start].find("<?xml").unwrap_or(start);
    let junk = &text[..prolog];
    let mut rest = junk.trim_start();
    while let Some(len) = opaque(rest) {
        rest = rest[len..].trim_start();
    }
    // White space, comments and document types may stand there, but no declaration behind them.
    let is_prolog = (rest.is_empty() || rest.starts_with("<!DOCTYPE")) && (junk.is_empty() || prolog == start);
    (!is_prolog).then_some(junk)
}

/// Ampersands that begin no reference, brackets that open no tag, and references to characters that there are not.
fn with_whole_references(text: &str) -> Option<(String, String)> {
    let mut out = String::with_capacity(text.len() + 64);
    let (mut ampersands, mut brackets, mut characters, mut halves) = (0, 0, 0, 0);
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let len = if let Some(len) = opaque(rest) {
            out.push_str(&rest[..len]);
            len
        } else if let Some(tag) = rest.strip_prefix('<') {
            let opens = tag.starts_with(|c: char| c.is_alphabetic() || "/!?_:".contains(c));
            out.push_str(if opens { "<" } else { "&lt;" });
            brackets += usize::from(!opens);
            1
        } else {
            match referred(rest) {
                Referred::Whole(len) => {
                    out.push_str(&rest[..len]);
                    len
                }
                Referred::NoCharacter(len) => {
                    if let Some((character, whole)) = in_two_halves(rest) {
                        out.push(character);
                        halves += 1;
                        whole
                    } else {
                        out.push(char::REPLACEMENT_CHARACTER);
                        characters += 1;
                        len
                    }
                }
                Referred::Nothing => {
                    out.push_str("&amp;");
                    ampersands += 1;
                    1
                }
            }
        };
        rest = &rest[len..];
    }
    out.push_str(rest);
    let done: Vec<String> =
        [(ampersands, "bare ampersands"), (brackets, "bare brackets"), (characters, "references to no character")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{what} ({count})"))
            .collect();
    let mut repairs = Vec::new();
    if !done.is_empty() {
        repairs.push(format!("escaped: {}", done.join(", ")));
    }
    if halves > 0 {
        repairs.push(format!("characters in two halves were joined ({halves})"));
    }
    (!repairs.is_empty()).then(|| (out, repairs.join("; ")))
}

/// The character whose two halves in UTF-16 begin a text as references (`&#55357;&#56832;`), and their length.
fn in_two_halves(text: &str) -> Option<(char, usize)> {
    let half = |text: &str| {
        let (number, _) =
            text.strip_prefix("&#")?.split_at_checked(text.bytes().take(9).position(|c| c == b';')? - 2)?;
        let code = match number.strip_prefix('x') {
            Some(digits) => u16::from_str_radix(digits, 16),
            None => number.parse(),
        };
        Some((code.ok()?, number.len() + 3))
    };
    let (high, len) = half(text)?;
    let (low, rest) = half(&text[len..])?;
    let character = char::decode_utf16([high, low]).next()?.ok()?;
    (u32::from(character) > 0xFFFF).then_some((character, len + rest))
}

/// The length of a CDATA section, comment or processing instruction, in which nothing is markup.
pub(super) fn opaque(text: &str) -> Option<usize> {
    [("<![CDATA[", "]]>"), ("<!--", "-->"), ("<?", "?>")].into_iter().find_map(|(open, close)| {
        let inside = text.strip_prefix(open)?;
        let end = memmem::find(inside.as_bytes(), close.as_bytes());
        Some(end.map_or(text.len(), |end| open.len() + end + close.len()))
    })
}

enum Referred {
    /// A reference of this length.
    Whole(usize),
    /// A reference of this length to a character that cannot be.
    NoCharacter(usize),
    /// A mere ampersand.
    Nothing,
}

fn referred(text: &str) -> Referred {
    let body = &text[1..];
    let name = body.bytes().take(40).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
    if name == 0 || body.as_bytes().get(name) != Some(&b';') {
        return Referred::Nothing;
    }
    let len = name + 2;
    let Some(number) = body[..name].strip_prefix('#') else {
        let known = !body[..name].contains('#');
        return if known { Referred::Whole(len) } else { Referred::Nothing };
    };
    let code = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    match code {
        Ok(code) if code != 0 && char::from_u32(code).is_some() => Referred::Whole(len),
        Ok(_) => Referred::NoCharacter(len),
        Err(_) => Referred::Nothing,
    }
}

/// Start tags of which only the first [`ATTRIBUTES`] attributes are kept.
fn with_few_attributes(text: &str) -> Option<(String, String)> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let (mut at, mut copied, mut count) = (0, 0, 0);
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        let start = at + found;
        if let Some(len) = opaque(&text[start..]) {
            at = start + len;
            continue;
        }
        let Some(tag) = long_tag(bytes, start) else { break };
        at = tag.end;
        if let Some(cut) = tag.cut {
            out.push_str(&text[copied..cut]);
            copied = tag.end - usize::from(bytes[tag.end - 1] == b'/');
            count += 1;
        }
    }
    out.push_str(&text[copied..]);
    (count > 0)
        .then(|| (out, format!("attributes beyond the first {ATTRIBUTES} of an element were left out ({count})")))
}

/// How far a tag goes.
struct LongTag {
    /// Behind the last attribute that is kept, where there are more.
    cut: Option<usize>,
    /// Its closing bracket.
    end: usize,
}

/// The tag that begins at `start`; `None` where it never ends.
fn long_tag(bytes: &[u8], start: usize) -> Option<LongTag> {
    let (mut at, mut attributes, mut cut) = (start + 1, 0, None);
    loop {
        at += memchr3(b'>', b'"', b'\'', &bytes[at..])?;
        if bytes[at] == b'>' {
            return Some(LongTag { cut: cut.filter(|_| attributes > ATTRIBUTES), end: at });
        }
        at += 2 + memchr(bytes[at], &bytes[at + 1..])?;
        attributes += 1;
        if attributes == ATTRIBUTES {
            cut = Some(at);
        }
    }
}

/// Namespaces under which the elements that feed-rs knows are also found.
const NAMESPACES: [(&str, &str); 7] = [
    ("http://purl.org/atom/ns#", "http://www.w3.org/2005/Atom"),
    ("http://my.netscape.com/rdf/simple/0.9/", "http://purl.org/rss/1.0/"),
    ("http://channel.netscape.com/rdf/simple/0.9/", "http://purl.org/rss/1.0/"),
    ("http://backend.userland.com/rss2", "http://purl.org/rss/1.0/"),
    ("http://backend.userland.com/RSS2", "http://purl.org/rss/1.0/"),
    ("http://blogs.law.harvard.edu/tech/rss", "http://purl.org/rss/1.0/"),
    ("http://purl.org/net/rss1.1#", "http://purl.org/rss/1.0/"),
];

/// A root that says which kind of feed it is in words that are not the standard's.
fn with_known_root(text: &str) -> Option<(String, String)> {
    let root = root(text)?;
    let (start, end) = root.span;
    let mut tag = text[start..end].to_owned();
    let mut done = Vec::new();
    for (old, known) in NAMESPACES {
        if tag.contains(old) {
            tag = tag.replace(old, known);
            done.push("an old namespace was read as the one in use");
        }
    }
    if root.local() == "rss" {
        match root.attribute("version") {
            Some("2.0" | "" | "0.91" | "0.92") => {}
            Some(version) => {
                tag =
                    tag.replacen(&format!("\"{version}\""), "\"2.0\"", 1).replacen(&format!("'{version}'"), "'2.0'", 1);
                done.push("an unknown version of RSS was read as 2.0");
            }
            None => {
                tag.insert_str("<rss".len(), " version=\"2.0\"");
                done.push("RSS without a version was read as 2.0");
            }
        }
    }
    done.dedup();
    (!done.is_empty()).then(|| (format!("{}{tag}{}", &text[..start], &text[end..]), done.join(", ")))
}

/// RSS whose items stand outside any channel.
fn with_channel(text: &str) -> Option<(String, String)> {
    let root = root(text).filter(|root| root.name == "rss")?;
    if text.contains("<channel") || !text.contains("<item") {
        return None;
    }
    let (head, body) = text.split_at(root.span.1);
    let body = body.rsplit_once("</rss").map_or(body, |(body, _)| body);
    Some((
        format!("{head}<channel>{body}</channel></rss>"),
        "items outside a channel were read as if inside".to_owned(),
    ))
}

/// Elements that Atom 1.0 renamed (RFC 4287 against Atom 0.3).
const RENAMED: [(&str, &str); 4] =
    [("issued", "published"), ("created", "published"), ("modified", "updated"), ("tagline", "subtitle")];

fn with_new_names(text: &str) -> Option<(String, String)> {
    if root(text)?.attribute("version") != Some("0.3") {
        return None;
    }
    let mut renamed = text.to_owned();
    for (old, new) in RENAMED {
        for bracket in ["<", "</"] {
            renamed = renamed.replace(&format!("{bracket}{old}>"), &format!("{bracket}{new}>"));
        }
    }
    (renamed != text).then(|| (renamed, "elements of Atom 0.3 were read as those of 1.0".to_owned()))
}
