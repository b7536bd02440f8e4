//! The tags of a document that is nearly XML.
//!
//! Lists of feeds are written by hand and by programs that paste texts together, so quotes and ampersands stand where they
//! may not. Each byte is looked at a few times at most, whatever is broken.

/// A start or end tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// Its name as written.
    pub(super) name: &'a str,
    /// Whether it is an end tag.
    pub(super) ends: bool,
    /// Whether it is an element of its own, `<a/>`.
    pub(super) closed: bool,
    /// Names and values as written, references unresolved.
    pub(super) attributes: Vec<(&'a str, &'a str)>,
    /// Whether its quotes are not as XML wants them.
    pub(super) mended: bool,
    /// Where it begins and ends in the text.
    pub(super) at: std::ops::Range<usize>,
}

/// More attributes than this are read over: nothing here has so many.
const ATTRIBUTES_MAX: usize = 64;

/// No name is longer, in bytes.
const NAME_MAX: usize = 64;

/// Cuts a text into its tags; comments, CDATA sections, declarations and text are passed over.
#[derive(Debug, Clone)]
pub(super) struct Tags<'a> {
    text: &'a str,
    at: usize,
    /// Ends that were looked for in vain and need not be looked for again.
    missing: Vec<&'static str>,
}

impl<'a> Tags<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, missing: Vec::new() }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Where `end` stands next, from here.
    fn find(&mut self, end: &'static str) -> Option<usize> {
        if self.missing.contains(&end) {
            return None;
        }
        let found = self.rest().find(end);
        if found.is_none() {
            self.missing.push(end);
        }
        found
    }

    /// Passes over what begins with `lead` and ends with `end`; over `lead` alone where it has no end.
    fn skip(&mut self, lead: &str, end: &'static str) {
        self.at += lead.len();
        if let Some(found) = self.find(end) {
            self.at += found + end.len();
        }
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn tag(&mut self) -> Tag<'a> {
        let begin = self.at;
        self.at += 1;
        let ends = self.rest().starts_with('/');
        self.at += usize::from(ends);
        let name = self.word();
        let mut tag = Tag { name, ends, closed: false, attributes: Vec::new(), mended: false, at: begin..begin };
        loop {
            self.skip_space();
            let rest = self.rest();
            if rest.is_empty() || rest.starts_with('<') {
                tag.mended = true;
                break;
            }
            if let Some(after) = rest.strip_prefix(['/', '?']) {
                let after = after.trim_start();
                self.at = self.text.len() - after.len();
                tag.closed |= after.starts_with('>');
            } else if rest.starts_with('>') {
                self.at += 1;
                break;
            } else {
                self.attribute(&mut tag);
            }
        }
        tag.at.end = self.at;
        tag
    }

    /// Characters up to a space or a mark that ends a name.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/' | '<')).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn attribute(&mut self, tag: &mut Tag<'a>) {
        let name = self.word();
        if name.is_empty() {
            // A mark where none can be.
            self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            return;
        }
        self.skip_space();
        if !self.rest().starts_with('=') {
            tag.mended = true;
            return;
        }
        self.at += 1;
        self.skip_space();
        let value = match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(if quote == '"' { "\"" } else { "'" }, tag),
            Some(quote @ ('“' | '”' | '„' | '‘' | '’')) => {
                tag.mended = true;
                self.curly(quote)
            }
            _ => {
                tag.mended = true;
                self.unquoted()
            }
        };
        if tag.attributes.len() < ATTRIBUTES_MAX {
            tag.attributes.push((name, value));
        }
    }

    /// A value in quotes. A quote ends it where XML could go on after it; one within the value is part of it, and one that
    /// begins the next value shows that this one has lost its own.
    fn quoted(&mut self, quote: &'static str, tag: &mut Tag<'a>) -> &'a str {
        self.at += quote.len();
        let begin = self.at;
        let mut first = true;
        while let Some(found) = self.find(quote) {
            let end = self.at + found;
            self.at = end + quote.len();
            if goes_on(self.rest()) {
                let value = &self.text[begin..end];
                tag.mended |= !first || value.contains('<');
                return value;
            }
            first = false;
            if let Some(before) = next_name(&self.text[begin..end]) {
                tag.mended = true;
                let value = &self.text[begin..begin + before];
                return self.within_tag(begin, value);
            }
        }
        tag.mended = true;
        self.at = self.text.len();
        self.within_tag(begin, &self.text[begin..])
    }

    /// A value that has lost its end: it does not reach beyond its tag.
    fn within_tag(&mut self, begin: usize, value: &'a str) -> &'a str {
        let end = value.find('>').unwrap_or(value.len());
        let value = &value[..end];
        let value = value.strip_suffix('/').unwrap_or(value);
        self.at = begin + value.len();
        value
    }

    fn curly(&mut self, quote: char) -> &'a str {
        self.at += quote.len_utf8();
        let rest = self.rest();
        let closes = |c: char| match quote {
            '‘' | '’' => matches!(c, '‘' | '’'),
            _ => matches!(c, '“' | '”' | '"'),
        };
        let end = rest.find(|c: char| closes(c) || c == '>').unwrap_or(rest.len());
        self.at += end + rest[end..].chars().next().filter(|c| closes(*c)).map_or(0, char::len_utf8);
        &rest[..end]
    }

    fn unquoted(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len());
        let value = &rest[..end];
        // `xmlUrl=http://example.org/>` closes its tag.
        let value = if rest[end..].starts_with('>') { value.strip_suffix('/').unwrap_or(value) } else { value };
        self.at += value.len();
        value
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            self.at += self.rest().find('<')?;
            let rest = self.rest();
            if rest.starts_with("<!--") {
                self.skip("<!--", "-->");
            } else if rest.starts_with("<![CDATA[") {
                self.skip("<![CDATA[", "]]>");
            } else if rest.starts_with("<!") || rest.starts_with("<?") {
                self.skip("<!", ">");
            } else if rest[1..].trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic()) {
                return Some(self.tag());
            } else {
                self.at += 1;
            }
        }
    }
}

/// Whether a tag can go on with this after a value.
fn goes_on(rest: &str) -> bool {
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with(['>', '<']) {
        return true;
    }
    if let Some(after) = rest.strip_prefix(['/', '?']) {
        return after.trim_start().starts_with('>');
    }
    let name = rest.bytes().take(NAME_MAX).take_while(|byte| is_name(*byte)).count();
    name > 0 && rest[name..].trim_start().starts_with('=')
}

/// Where the name begins, with the space before it, that stands with a `=` at the end of a value: ` title=`.
fn next_name(value: &str) -> Option<usize> {
    let before = value.trim_end().strip_suffix('=')?.trim_end();
    let name = before.bytes().rev().take(NAME_MAX).take_while(|byte| is_name(*byte)).count();
    let value = &before[..before.len() - name];
    (name > 0 && value.ends_with(char::is_whitespace)).then(|| value.trim_end().len())
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Tag<'_> {
        let mut tags = Tags::new(text);
        let tag = tags.next().unwrap_or_else(|| panic!("no tag in {text}"));
        assert_eq!(tags.next(), None, "{text}");
        tag
    }

    #[test]
    fn tags_that_are_xml_are_read_as_xml() {
        let text = "<?xml version='1.0'?><!DOCTYPE x><!-- <a> --><outline\n text=\"a > b\" b='c\"d' ns:e = \"\"/ >text<![CDATA[<b>]]>";
        let tag = only(text);
        assert_eq!(tag.attributes, [("text", "a > b"), ("b", "c\"d"), ("ns:e", "")]);
        assert!(tag.closed && !tag.ends && !tag.mended);
        assert_eq!(&text[tag.at], "<outline\n text=\"a > b\" b='c\"d' ns:e = \"\"/ >");
        assert!(only("</outline >").ends);
        assert!(!only("<outline a=\"1\">").closed);
    }

    #[test]
    fn quotes_are_mended() {
        for (text, attributes) in [
            ("<o a=\"The \"best\" news\" b=\"c\"/>", vec![("a", "The \"best\" news"), ("b", "c")]),
            ("<o a=\"lost b=\"c\"/>", vec![("a", "lost"), ("b", "c")]),
            ("<o a=\"lost b=\"\" c=\"d\">", vec![("a", "lost"), ("b", ""), ("c", "d")]),
            ("<o a=\"lost/>", vec![("a", "lost")]),
            ("<o a=bare b=http://x.example/y/>", vec![("a", "bare"), ("b", "http://x.example/y")]),
            ("<o a=“curly quotes” b=‘too’/>", vec![("a", "curly quotes"), ("b", "too")]),
            ("<o a b=\"c\"d=\"e\"/>", vec![("b", "c"), ("d", "e")]),
        ] {
            let tag = only(text);
            assert_eq!((tag.attributes, tag.mended), (attributes, true), "{text}");
        }
        let two: Vec<_> = Tags::new("<o a=\"lost/>\n<o a=\"found\"/>").map(|tag| tag.attributes).collect();
        assert_eq!(two, [[("a", "lost")], [("a", "found")]]);
        let two: Vec<_> = Tags::new("<o a=\"b\" <o c='d'").map(|tag| tag.attributes).collect();
        assert_eq!(two, [[("a", "b")], [("c", "d")]]);
    }

    #[test]
    fn what_never_ends_costs_no_more_than_what_does() {
        let clock = crate::clock::steady;
        for scrap in
            ["<!--", "<![CDATA[", "<o a=\"", "<o a='>", "<o a=“>", "\"", "<o a=\">\"\"", "<!", "<o ", "<o a=\"<o b='"]
        {
            let text = scrap.repeat((1 << 20) / scrap.len());
            let begun = clock();
            let count = Tags::new(&text).count();
            assert!((clock() - begun).as_secs() < 20, "{scrap}: {count} tags");
        }
    }
}
