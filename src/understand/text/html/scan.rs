//! HTML into text, start tags and end tags, as the HTML Standard's tokenizer (§13.2.5) cuts it.
//!
//! No tree and no repair of nesting: whoever wants the words of a page needs neither. Written here rather than taken from
//! html5ever, whose tokenizer compares each attribute of a tag with all before it: one tag with a million attributes would
//! cost a million squared. This one looks at each byte once and allocates nothing; a test holds it against html5ever's.
//!
//! In one thing it differs. Where another tag begins inside a tag, or a quote of it never ends, the standard takes all up to
//! some later bracket for attributes; here that is a bracket which was meant as text (`Inflation<a third of it.<br>`), or a
//! tag that lacks its own.

use std::borrow::Cow;

use memchr::memchr;

use super::elements::{Kind, kind};
use super::entity::{Place, resolve_in};

/// A part of a page, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text as written, references unresolved.
    Text(&'a str),
    /// The text of an element that holds no markup (`script`, `style`), as written.
    Raw(&'a str),
    /// A start tag.
    Start(Tag<'a>),
    /// An end tag.
    End(Tag<'a>),
}

/// A tag as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// The element's name, in the case that it was written in.
    pub(crate) name: &'a str,
    /// All of it, brackets included.
    pub(crate) whole: &'a str,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// Whether it is this element's; `name` is in lower case.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether it is a name between brackets and nothing else.
    pub(crate) fn is_bare(&self) -> bool {
        self.attributes.bytes().all(|byte| byte.is_ascii_whitespace())
    }

    /// Whether it has this attribute, with or without a value; `name` is in lower case.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.attributes().any(|(found, _)| found.eq_ignore_ascii_case(name))
    }

    /// Its attributes, name and value as written; the value is empty where it has none.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        Attributes { rest: self.attributes }
    }

    /// The value of an attribute, references resolved; `name` is in lower case. Where it stands twice, the first counts.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        Attributes { rest: self.attributes }
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| resolve_in(value, Place::Attribute))
    }
}

/// Elements whose content is text up to their own end tag.
const RAW: [&str; 8] = ["script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title"];

/// Cuts a page into its pieces.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'a> {
    rest: &'a str,
    /// The element that `rest` is the raw text of.
    raw: Option<&'a str>,
    /// What follows a CDATA section that `rest` is the inside of.
    after: Option<&'a str>,
    /// A tag that the page ends in.
    unfinished: &'a str,
}

impl<'a> Scanner<'a> {
    /// From the beginning of `html`.
    pub(crate) fn new(html: &'a str) -> Self {
        Self { rest: html, raw: None, after: None, unfinished: "" }
    }

    /// What the page ends with where that begins like a tag and goes on like a text: `<a third of it`. A browser drops it;
    /// publishers who do not escape their brackets mean it. A tag that was cut has attributes, or nothing behind its name.
    pub(crate) fn left_open(&self) -> Option<&'a str> {
        let inside = self.unfinished.strip_prefix('<')?;
        let name = inside.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(inside.len());
        (name > 0 && goes_on_as_text(&inside[name..])).then_some(self.unfinished)
    }

    fn take(&mut self, len: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        taken
    }

    fn raw_text(&mut self, name: &str) -> &'a str {
        let mut from = 0;
        while let Some(found) = self.rest[from..].find("</") {
            let at = from + found;
            let tail = &self.rest.as_bytes()[at + 2..];
            let named = tail.len() >= name.len() && tail[..name.len()].eq_ignore_ascii_case(name.as_bytes());
            if named && tail.get(name.len()).is_some_and(|byte| b" \t\n\r\x0c/>".contains(byte)) {
                return self.take(at);
            }
            from = at + 2;
        }
        self.take(self.rest.len())
    }

    /// Everything from `<!`, `<?` or `</` that is no tag: to be skipped.
    fn skip_markup(&mut self) {
        let end = if let Some(comment) = self.rest.strip_prefix("<!--") {
            let close = comment_end(comment);
            close.map_or(self.rest.len(), |close| 4 + close)
        } else if self.after.is_none() && self.rest.starts_with("<![CDATA[") {
            // A browser drops it; publishers who write it mean its content.
            let inside = &self.rest["<![CDATA[".len()..];
            let (inside, after) = inside.split_once("]]>").unwrap_or((inside, ""));
            self.rest = inside;
            self.after = Some(after);
            return;
        } else {
            self.rest.find('>').map_or(self.rest.len(), |end| end + 1)
        };
        self.take(end);
    }

    /// Reads the tag whose name begins `lead` bytes into `rest`, or text that looks like one; `None` where the page ends
    /// inside it.
    fn tag(&mut self, lead: usize) -> Option<Piece<'a>> {
        let bytes = self.rest.as_bytes();
        let mut name_end = lead;
        while let Some(&byte) = bytes.get(name_end) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' | b'>' => break,
                b'<' if opens_tag(bytes, name_end) => break,
                _ => name_end += 1,
            }
        }
        let Some(end) = tag_end(bytes, name_end) else {
            self.unfinished = self.take(bytes.len());
            return None;
        };
        let closed = bytes[end] == b'>';
        let whole = self.take(end + usize::from(closed));
        let tag = Tag { name: &whole[lead..name_end], attributes: &whole[name_end..end], whole };
        if lead > 1 {
            return Some(Piece::End(tag));
        }
        if closed {
            self.raw = RAW.into_iter().find(|name| tag.is(name));
        } else if goes_on_as_text(tag.attributes) || kind(&tag) == Kind::Unknown {
            return Some(Piece::Text(whole));
        }
        Some(Piece::Start(tag))
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            if self.rest.is_empty() {
                self.rest = self.after.take()?;
                continue;
            }
            if let Some(name) = self.raw.take() {
                let text = self.raw_text(name);
                if !text.is_empty() {
                    return Some(Piece::Raw(text));
                }
                continue;
            }
            let bytes = self.rest.as_bytes();
            if bytes[0] != b'<' {
                return Some(Piece::Text(self.take(text_end(self.rest, 0))));
            }
            match (bytes.get(1), bytes.get(2)) {
                (Some(byte), _) if byte.is_ascii_alphabetic() => return self.tag(1),
                (Some(b'/'), Some(byte)) if byte.is_ascii_alphabetic() => return self.tag(2),
                // `</` at the very end is text.
                (Some(b'!' | b'?'), _) | (Some(b'/'), Some(_)) => self.skip_markup(),
                _ => return Some(Piece::Text(self.take(text_end(self.rest, 1)))),
            }
        }
    }
}

/// Where a comment ends, counted from behind its `<!--`; `None` where it never does.
fn comment_end(comment: &str) -> Option<usize> {
    if comment.starts_with('>') {
        return Some(1);
    }
    if comment.starts_with("->") {
        return Some(2);
    }
    let mut from = 0;
    loop {
        let at = from + comment[from..].find("--")?;
        let behind = &comment[at + 2..];
        if behind.starts_with('>') {
            return Some(at + 3);
        }
        if behind.starts_with("!>") {
            return Some(at + 4);
        }
        from = at + 1;
    }
}

/// Where the text that is looked at from `from` ends: at the next bracket that can open something.
fn text_end(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        at += found;
        match bytes.get(at + 1) {
            Some(byte) if byte.is_ascii_alphabetic() || b"/!?".contains(byte) => return at,
            _ => at += 1,
        }
    }
    text.len()
}

/// Where the reader of a tag stands between its name and its closing bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Gap,
    Name,
    AfterName,
    BeforeValue,
    BareValue,
}

/// Whether what follows the name of a tag without an end are words and not attributes.
fn goes_on_as_text(behind: &str) -> bool {
    let behind = behind.trim_matches(|c: char| c.is_whitespace() || c == '/');
    !behind.is_empty() && !behind.contains('=')
}

/// Whether a tag begins at this byte.
fn opens_tag(bytes: &[u8], at: usize) -> bool {
    match bytes[at..] {
        [b'<', b'/', letter, ..] | [b'<', letter, ..] => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

/// Where a tag ends whose name ends at `from`: at its closing bracket, or before the bracket that opens the next tag. One
/// inside a value does neither, unless it is a value whose quote never ends.
fn tag_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    let mut within = Within::Gap;
    while let Some(&byte) = bytes.get(at) {
        within = match (within, byte) {
            (_, b'>') => return Some(at),
            (Within::Gap | Within::Name | Within::AfterName, b'<') if opens_tag(bytes, at) => return Some(at),
            (Within::BeforeValue, b'"' | b'\'') => match memchr(byte, &bytes[at + 1..]) {
                Some(len) => {
                    at += 1 + len;
                    Within::Gap
                }
                None => return memchr(b'>', &bytes[at..]).map(|len| at + len),
            },
            (Within::Name | Within::AfterName, b'=') => Within::BeforeValue,
            (Within::Name, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c') => Within::AfterName,
            (Within::BareValue | Within::Gap, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
            | (Within::Gap | Within::Name | Within::AfterName, b'/') => Within::Gap,
            (_, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c') => within,
            (Within::BeforeValue | Within::BareValue, _) => Within::BareValue,
            _ => Within::Name,
        };
        at += 1;
    }
    None
}

/// The attributes of one tag: name and value as written.
struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        const SPACE: [char; 5] = [' ', '\t', '\n', '\r', '\x0c'];
        let rest = self.rest.trim_start_matches(|c| SPACE.contains(&c) || c == '/');
        let first = rest.chars().next()?;
        // An equals sign in the place of a name belongs to the name.
        let end = rest[first.len_utf8()..]
            .find(|c| SPACE.contains(&c) || c == '/' || c == '=')
            .map_or(rest.len(), |end| first.len_utf8() + end);
        let (name, rest) = rest.split_at(end);
        let Some(value) = rest.trim_start_matches(SPACE).strip_prefix('=') else {
            self.rest = rest;
            return Some((name, ""));
        };
        let value = value.trim_start_matches(SPACE);
        let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'');
        let (value, rest) = match quote {
            Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            None => value.split_at(value.find(SPACE).unwrap_or(value.len())),
        };
        self.rest = rest;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::fmt::Write as _;

    use html5ever::tokenizer::states::RawKind;
    use html5ever::tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
    use proptest::prelude::*;

    use super::*;
    use crate::understand::text::html::resolve;

    /// The pieces in words, neighbouring texts joined.
    fn pieces(html: &str) -> Vec<String> {
        let mut all = Vec::new();
        for piece in Scanner::new(html) {
            match piece {
                Piece::Text(text) => push_text(&mut all, &resolve(text)),
                Piece::Raw(text) => push_text(&mut all, text),
                Piece::Start(tag) => {
                    let mut names: Vec<String> = Vec::new();
                    let mut shown = format!("<{}", tag.name.to_ascii_lowercase());
                    for (name, value) in (Attributes { rest: tag.attributes }) {
                        let name = name.to_ascii_lowercase();
                        if !names.contains(&name) {
                            let _ = write!(shown, " {name}={:?}", resolve_in(value, Place::Attribute));
                            names.push(name);
                        }
                    }
                    all.push(shown + ">");
                }
                Piece::End(tag) => all.push(format!("</{}>", tag.name.to_ascii_lowercase())),
            }
        }
        all
    }

    fn push_text(all: &mut Vec<String>, text: &str) {
        match all.last_mut() {
            Some(last) if !last.starts_with('<') => last.push_str(text),
            // A text that begins with a bracket must not look like a tag here.
            _ => all.push(format!("“{text}")),
        }
    }

    /// The same by html5ever's tokenizer.
    #[derive(Default)]
    struct Oracle(RefCell<Vec<String>>);

    impl TokenSink for Oracle {
        type Handle = ();

        fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
            let mut all = self.0.borrow_mut();
            match token {
                Token::CharacterTokens(text) => push_text(&mut all, &text),
                Token::NullCharacterToken => push_text(&mut all, "\0"),
                Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                    let mut shown = format!("<{}", tag.name);
                    for attribute in &tag.attrs {
                        let _ = write!(shown, " {}={:?}", attribute.name.local, attribute.value.as_ref());
                    }
                    all.push(shown + ">");
                    if RAW.contains(&&*tag.name) {
                        return TokenSinkResult::RawData(RawKind::Rawtext);
                    }
                }
                Token::TagToken(tag) => all.push(format!("</{}>", tag.name)),
                _ => {}
            }
            TokenSinkResult::Continue
        }
    }

    fn oracle(html: &str) -> Vec<String> {
        let tokenizer = Tokenizer::new(Oracle::default(), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(html.into());
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }

    #[test]
    fn tags_end_where_a_browser_ends_them() {
        for html in [
            "a<b>c</b>d",
            "<a href=\"x>y\" title='\"'>t",
            "<a href=x?a=\"b>c\">t",
            "<a =\"x>y\">t",
            "<p / class = x / >t",
            "a < b <3 <- </> </ x> <!doctype html> <?php x ?> t",
            "<!-- a --> b <!----> c <!--> d <!---> e <!-- f --!> g <!-- h",
            "<script>if (a<b) '</scripty>' </SCRIPT >t",
            "<style>p > a { }</style",
            "<p class=a class=b>",
            "<p a=&copy=1 b=&copy; c=&lt>",
            "<",
            "</",
            "</a",
            "<a",
            "<!",
            "<!-",
            "<a b",
            "<a b=",
            "<a b='",
        ] {
            assert_eq!(pieces(html), oracle(html), "{html}");
        }
    }

    /// Whether some tag ends where the standard would go on.
    fn is_cut_otherwise(html: &str) -> bool {
        Scanner::new(html).any(|piece| match piece {
            Piece::Text(text) => opens_tag(text.as_bytes(), 0),
            Piece::Start(tag) | Piece::End(tag) => !tag.whole.ends_with('>') || may_be_left_open(tag.attributes),
            Piece::Raw(_) => false,
        })
    }

    /// Whether the last value may have a quote that does not end.
    fn may_be_left_open(attributes: &str) -> bool {
        let opened = |quote| attributes.rsplit_once(quote).is_some_and(|(before, _)| before.trim_end().ends_with('='));
        opened('"') || opened('\'')
    }

    #[test]
    fn a_tag_that_another_begins_in_is_text_or_ends_there() {
        for (html, cut) in [
            ("Inflation<a third of it. He said.<br>b", &["“Inflation<a third of it. He said.", "<br>", "“b"][..]),
            ("x<y<br>b", &["“x<y", "<br>", "“b"]),
            ("x<y</p>b", &["“x<y", "</p>", "“b"]),
            ("<p <b>a", &["<p>", "<b>", "“a"]),
            ("<b<i>a", &["<b>", "<i>", "“a"]),
            ("<img src=\"a<b>c\" alt <p>b", &["<img src=\"a<b>c\" alt=\"\">", "<p>", "“b"]),
            ("<a href=x<y>b", &["<a href=\"x<y\">", "“b"]),
            ("</p <b>a", &["</p>", "<b>", "“a"]),
            ("<title of it<br>a", &["“<title of it", "<br>", "“a"]),
            ("<title<br>a", &["<title>", "<br>", "“a"]),
            ("<p <3>a", &["<p <3=\"\">", "“a"]),
            ("t<a href=\"never closed>t</a>", &["“t", "<a href=\"never closed\">", "“t", "</a>"]),
        ] {
            assert_eq!(pieces(html), cut, "{html}");
        }
    }

    #[test]
    fn cdata_is_read_as_its_content() {
        assert_eq!(pieces("a<![CDATA[ b <i>c</i> ]]>d"), ["“a b ", "<i>", "“c", "</i>", "“ d"]);
        assert_eq!(pieces("a<![CDATA[b"), ["“ab"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_text_is_cut_as_html5ever_cuts_it(parts in proptest::collection::vec(
            prop_oneof![
                Just("<"), Just(">"), Just("</"), Just("/>"), Just("<!--"), Just("-->"), Just("--!>"), Just("<!"), Just("-"),
                Just("="), Just("\""), Just("'"), Just(" "), Just("\n"), Just("a"), Just("p"), Just("style"), Just("TITLE"),
                Just("<a "), Just("<style>"), Just("</style>"), Just("é"), Just("&"), Just("amp;"), Just("&lt"), Just("/"), Just("?"),
            ],
            0..24,
        )) {
            let html = parts.concat();
            if !is_cut_otherwise(&html) {
                prop_assert_eq!(pieces(&html), oracle(&html), "{}", html);
            }
        }
    }
}
