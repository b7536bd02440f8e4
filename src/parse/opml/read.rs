use thiserror::Error;
use url::Url;

use super::entry::{Entry, cut};
use super::tag::{Tag, Tags};
use super::{List, Note, Subscription, one_line, path_of, tag_of};
use crate::parse::{encoding, instead};
use crate::understand::text::html::resolve;

/// No tag is longer, in characters. Of a longer path of folders, which every feed in them has, no more is read than shows that
/// it is longer: what lies deeper is read as if it lay there.
const PATH_MAX: usize = 300;

/// What is no feed is told of up to so many times.
const NOTES_MAX: usize = 1000;

/// Why a document is no list of feeds.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this is {what}, not an OPML list of feeds{hint}")]
pub struct NotAList {
    /// What it looks like.
    pub what: String,
    /// What to do about it, with a `; ` before it; may be empty.
    pub hint: &'static str,
}

/// Reads a list of feeds, whatever state it is in.
///
/// # Errors
/// Where nothing in it looks like a list.
///
/// # Panics
/// Never: the address that stands for the list is one.
pub fn read(bytes: &[u8]) -> Result<List, NotAList> {
    let refuse = |what: &str, hint| Err(NotAList { what: what.to_owned(), hint });
    if let Some(what) = instead::binary(bytes) {
        return refuse(what, "");
    }
    let nowhere = Url::parse("file:///list.opml").expect("this is a URL");
    let decoded = encoding::decode(bytes, None, &nowhere);
    let text: &str = &decoded.text;
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\0').is_empty() {
        return refuse("empty", "");
    }
    let survey = Survey::of(text);
    if !survey.is_list {
        return match survey.root.to_ascii_lowercase().as_str() {
            "rss" | "feed" | "rdf" => refuse("a feed", "; `newswatch feed add` takes one feed"),
            "html" => refuse("a web page", "; `newswatch feed add URL` finds the feeds of a page"),
            "" => refuse("text without any markup", ""),
            root => refuse(&format!("markup that begins with <{}>", cut(&one_line(root))), ""),
        };
    }
    let mut reader = Reader::new(text, survey.is_unbalanced());
    reader.list.repairs = decoded.repairs;
    for tag in Tags::new(text) {
        reader.take(&tag);
    }
    Ok(reader.finish())
}

/// What can be seen at a glance.
#[derive(Default)]
struct Survey<'a> {
    root: &'a str,
    is_list: bool,
    opened: usize,
    ended: usize,
}

impl<'a> Survey<'a> {
    fn of(text: &'a str) -> Self {
        let mut survey = Self::default();
        for tag in Tags::new(text) {
            if survey.root.is_empty() {
                survey.root = local(tag.name);
            }
            let is_outline = is(&tag, "outline");
            survey.is_list |= is_outline || is(&tag, "opml");
            survey.opened += usize::from(is_outline && !tag.ends && !tag.closed);
            survey.ended += usize::from(is_outline && tag.ends);
        }
        survey
    }

    /// Feeds that are opened and never ended: then one ends where the next begins.
    fn is_unbalanced(&self) -> bool {
        self.opened > self.ended
    }
}

/// An outline that is open.
enum Level {
    /// A folder; of one that nothing lies in there is something to say.
    Folder { filled: bool, deep: bool, line: usize, note: String },
    /// A feed. What lies in it lies beside it.
    Feed,
    /// Commented out, with all that lies in it.
    Comment,
}

struct Reader<'a> {
    text: &'a str,
    unbalanced: bool,
    list: List,
    levels: Vec<Level>,
    /// The names of the folders that are open.
    path: Vec<String>,
    /// Of `levels`, those that are comments.
    comments: usize,
    in_head: bool,
    /// A line that was counted, and where it was.
    counted: (usize, usize),
    mended: Vec<usize>,
    bare: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, unbalanced: bool) -> Self {
        Self {
            text,
            unbalanced,
            list: List::default(),
            levels: Vec::new(),
            path: Vec::new(),
            comments: 0,
            in_head: false,
            counted: (1, 0),
            mended: Vec::new(),
            bare: Vec::new(),
        }
    }

    fn take(&mut self, tag: &Tag<'a>) {
        if is(tag, "outline") {
            if tag.ends { self.end() } else { self.begin(tag) }
        } else if is(tag, "head") {
            self.in_head = !tag.ends;
        } else if is(tag, "title") && self.in_head && !tag.ends && !tag.closed && self.list.title.is_empty() {
            let rest = &self.text[tag.at.end..];
            self.list.title = one_line(&resolve(&rest[..rest.find('<').unwrap_or(rest.len())]));
        } else if is(tag, "body") {
            self.in_head = false;
        }
    }

    fn begin(&mut self, tag: &Tag<'a>) {
        if self.unbalanced && matches!(self.levels.last(), Some(Level::Feed)) {
            self.end();
        }
        let line = self.line(tag.at.start);
        if tag.mended {
            self.mended.push(line);
        }
        let entry = Entry::of(tag);
        if entry.bare {
            self.bare.push(line);
        }
        if let Some(Level::Folder { filled, .. }) = self.levels.last_mut() {
            *filled = true;
        }
        let level = if self.comments > 0 || entry.is_comment {
            if self.comments == 0 {
                self.note(line, format!("{} is commented out", entry.shown()));
            }
            Level::Comment
        } else if let Some(url) = entry.feed() {
            let feed = self.subscription(&entry, url, line);
            self.list.feeds.push(feed);
            Level::Feed
        } else {
            let note = entry.note();
            if tag.closed {
                self.note(line, note);
                return;
            }
            let deep = entry.text().is_empty() || tag_of(&self.path).chars().count() > PATH_MAX;
            if !deep {
                self.path.push(entry.text().chars().take(PATH_MAX + 1).collect());
            }
            Level::Folder { filled: false, deep, line, note }
        };
        if !tag.closed {
            self.comments += usize::from(matches!(level, Level::Comment));
            self.levels.push(level);
        }
    }

    fn end(&mut self) {
        match self.levels.pop() {
            Some(Level::Folder { filled, deep, line, note }) => {
                if !deep {
                    self.path.pop();
                }
                if !filled {
                    self.note(line, note);
                }
            }
            Some(Level::Comment) => self.comments -= 1,
            Some(Level::Feed) | None => {}
        }
    }

    fn subscription(&self, entry: &Entry, url: &str, line: usize) -> Subscription {
        let mut tags = Vec::new();
        if !self.path.is_empty() {
            tags.push(tag_of(&self.path));
        }
        for category in entry.category.split(',') {
            let path = path_of(category);
            let tag = tag_of(&path);
            if !path.is_empty() && !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        let name = entry.text().to_owned();
        Subscription {
            url: url.to_owned(),
            title: Some(entry.title.clone()).filter(|title| !title.is_empty() && *title != name),
            name,
            site: Some(entry.html_url.clone()).filter(|site| !site.is_empty()),
            tags,
            settings: entry.settings.clone(),
            line,
        }
    }

    fn note(&mut self, line: usize, what: String) {
        self.list.others += 1;
        if self.list.notes.len() < NOTES_MAX {
            self.list.notes.push(Note { line, what });
        }
    }

    /// The line of a byte; bytes are asked for in their order.
    fn line(&mut self, at: usize) -> usize {
        let (line, from) = self.counted;
        let line = line + self.text[from..at].bytes().filter(|byte| *byte == b'\n').count();
        self.counted = (line, at);
        line
    }

    fn finish(mut self) -> List {
        while !self.levels.is_empty() {
            self.end();
        }
        self.list.notes.sort_by_key(|note| note.line);
        for (lines, what) in
            [(&self.mended, "quotes that are missing or too many"), (&self.bare, "ampersands that stand alone")]
        {
            if let Some(first) = lines.first() {
                self.list.repairs.push(format!("{what}, at line {first}{}", and_more(lines.len() - 1)));
            }
        }
        if self.unbalanced {
            self.list.repairs.push("outlines that are never ended".to_owned());
        }
        self.list
    }
}

fn and_more(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => " and another".to_owned(),
        _ => format!(" and {count} others"),
    }
}

fn is(tag: &Tag<'_>, name: &str) -> bool {
    local(tag.name).eq_ignore_ascii_case(name)
}

/// A name without its namespace.
pub(super) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feeds(text: &str) -> Vec<(String, String, Vec<String>)> {
        let list = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        list.feeds.into_iter().map(|feed| (feed.name, feed.url, feed.tags)).collect()
    }

    fn feed(name: &str, tags: &[&str]) -> (String, String, Vec<String>) {
        (name.to_owned(), format!("http://{name}.example/"), tags.iter().map(|tag| (*tag).to_owned()).collect())
    }

    #[test]
    fn the_three_versions_are_read() {
        let old = "<?xml version=\"1.0\"?><opml version=\"1.0\"><head><title>Mine</title></head><body>\n\
            <outline text=\"a\" type=\"rss\" xmlUrl=\"http://a.example/\" htmlUrl=\"http://page.example/\"/></body></opml>";
        let list = read(old.as_bytes()).unwrap();
        assert_eq!((list.title.as_str(), list.feeds.len(), list.notes.len()), ("Mine", 1, 0));
        assert_eq!(list.feeds[0].site.as_deref(), Some("http://page.example/"));
        assert_eq!(list.feeds[0].line, 2);
        let new = "<opml version=\"2.0\"><body><outline text=\"World\"><outline text=\"Europe\">\
            <outline text=\"a\" title=\"The A\" xmlUrl=\"http://a.example/\" category=\"/tech/ai,x\"/></outline>\
            <outline text=\"b\" xmlUrl=\"http://b.example/\"></outline></outline>\
            <outline title=\"c\" xmlUrl=\"http://c.example/\"/></body></opml>";
        assert_eq!(feeds(new), [feed("a", &["World/Europe", "tech/ai", "x"]), feed("b", &["World"]), feed("c", &[])]);
        assert_eq!(read(new.as_bytes()).unwrap().feeds[0].title.as_deref(), Some("The A"));
    }

    #[test]
    fn what_is_sloppy_is_mended() {
        let text = "<OPML>\n<outline TEXT='News & views' >\n<outline text=\"a\" xmlurl=\"http://a.example/\" >\n\
            <outline text=b xmlUrl=http://b.example/ />\n</outline>\n<outline text=\"c\" xmlUrl=\"http://c.example/?a=1&copy=2&amp;d\">\n";
        let list = read(text.as_bytes()).unwrap();
        let found: Vec<_> = list.feeds.iter().map(|feed| (feed.name.as_str(), feed.tags.concat())).collect();
        assert_eq!(found, [("a", "News & views".to_owned()), ("b", "News & views".to_owned()), ("c", String::new())]);
        assert_eq!(list.feeds[2].url, "http://c.example/?a=1&copy=2&d");
        assert_eq!(
            list.repairs,
            [
                "quotes that are missing or too many, at line 4",
                "ampersands that stand alone, at line 2 and another",
                "outlines that are never ended"
            ]
        );
    }

    #[test]
    fn many_feeds_in_long_folders_take_little_room() {
        let long = format!("<outline text=\"{}\">", "x".repeat(50_000));
        let deep = "<outline text=\"folder\">".repeat(2000);
        for folders in [long, deep] {
            let text = format!("<opml><body>{folders}{}", "<outline xmlUrl=\"http://a.example/\"/>".repeat(2000));
            let list = read(text.as_bytes()).unwrap();
            assert_eq!(list.feeds.len(), 2000);
            for feed in &list.feeds {
                // It is told by whoever makes tags of it that it is too long.
                let chars = feed.tags[0].chars().count();
                assert!(chars > PATH_MAX && chars <= 3 * PATH_MAX, "{chars}");
            }
        }
    }

    #[test]
    fn other_encodings_are_read() {
        let text = "<?xml version=\"1.0\" encoding=\"ENC\"?><opml><body><outline text=\"Zürich\" xmlUrl=\"http://a.example/\"/></body></opml>";
        let latin: Vec<u8> =
            text.replace("ENC", "iso-8859-1").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let wide: Vec<u8> = "\u{feff}"
            .chars()
            .chain(text.replace("ENC", "utf-16").chars())
            .flat_map(|c| (c as u16).to_le_bytes())
            .collect();
        let wrong = text.replace("ENC", "us-ascii").into_bytes();
        for bytes in [latin, wide, wrong] {
            assert_eq!(read(&bytes).unwrap().feeds[0].name, "Zürich");
        }
    }

    #[test]
    fn what_is_no_feed_is_told_with_its_line() {
        let text = "<opml><body>\n<outline text=\"a page\" type=\"link\" url=\"http://x.example/\"/>\n\
            <outline text=\"more\" type=\"include\" url=\"http://x.example/more.opml\"/>\n<outline text=\"empty\"></outline>\n\
            <outline text=\"broken\" type=\"rss\"/>\n<outline text=\"off\" isComment=\"true\"><outline text=\"in it\" xmlUrl=\"http://b.example/\"/></outline>\n\
            <outline/>\n<outline text=\"a\" type=\"rss\" url=\"http://a.example/\"/></body></opml>";
        let list = read(text.as_bytes()).unwrap();
        assert_eq!(list.feeds.len(), 1, "{:?}", list.feeds);
        let notes: Vec<_> = list.notes.iter().map(|note| format!("{}: {}", note.line, note.what)).collect();
        insta::assert_snapshot!(notes.join("\n"), @r"
        2: “a page” is a link to a page, not a feed
        3: “more” is another list, which is not followed
        4: “empty” is neither a feed nor a folder with anything in it
        5: “broken” is a feed without an address (xmlUrl)
        6: “off” is commented out
        7: an outline without a name is neither a feed nor a folder with anything in it
        ");
    }

    #[test]
    fn what_is_no_feed_is_counted_to_its_end() {
        let list = read(format!("<opml>{}</opml>", "<outline text=\"a\"/>".repeat(NOTES_MAX + 5)).as_bytes()).unwrap();
        assert_eq!((list.notes.len(), list.others), (NOTES_MAX, NOTES_MAX + 5));
    }

    #[test]
    fn what_is_no_list_is_named() {
        let said: Vec<_> = [
            &b""[..],
            b"just text",
            b"<rss version='2.0'></rss>",
            b"<!doctype html><html></html>",
            b"<svg/>",
            b"\x89PNG\r\n\x1a\n",
        ]
        .iter()
        .map(|bytes| read(bytes).unwrap_err().to_string())
        .collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        this is empty, not an OPML list of feeds
        this is text without any markup, not an OPML list of feeds
        this is a feed, not an OPML list of feeds; `newswatch feed add` takes one feed
        this is a web page, not an OPML list of feeds; `newswatch feed add URL` finds the feeds of a page
        this is markup that begins with <svg>, not an OPML list of feeds
        this is a PNG image, not an OPML list of feeds
        ");
        assert_eq!(read(b"<opml/>").unwrap(), List::default());
    }
}
