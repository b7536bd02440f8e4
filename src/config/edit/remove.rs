//! A feed taken out of its file: its table with the tables below it, and the comments that stand directly above it.

use std::ops::Range;
use std::path::Path;

use toml_edit::{ArrayOfTables, Document, Item, Table, Value};

use super::{Edit, EditError, replace};
use crate::config::Settings;

impl Edit {
    /// The config without the feed of this name.
    ///
    /// # Errors
    /// Where a file cannot be read as TOML, or none has the feed in a table of its own.
    pub fn remove_feed(settings: &Settings, name: &str) -> Result<Self, EditError> {
        for path in &settings.files {
            let before = replace::read(path)?;
            let text = String::from_utf8_lossy(&before).into_owned();
            if let Some(after) = without(path, &text, name)? {
                return Ok(Self { path: path.clone(), before, after });
            }
        }
        Err(EditError::NoFeed(name.to_owned()))
    }
}

/// A file without the feed; `None` where it is not in it.
fn without(path: &Path, text: &str, name: &str) -> Result<Option<String>, EditError> {
    let mut document = super::parse(path, text)?;
    let is_meant = |found: Option<&Item>| found.and_then(Item::as_str) == Some(name);
    match document.get_mut("feed") {
        Some(Item::Value(Value::Array(list))) => {
            let at = list.iter().position(|value| {
                value.as_inline_table().and_then(|table| table.get("name")).and_then(Value::as_str) == Some(name)
            });
            let Some(at) = at else { return Ok(None) };
            let removed = list.remove(at);
            // A comment behind the entry before it stands, as TOML is read, in front of this one.
            let front = removed.decor().prefix().and_then(|front| front.as_str()).unwrap_or_default();
            let remark = front.rsplit_once('\n').map_or("", |(remark, _)| remark);
            if remark.contains('#') {
                if let Some(next) = list.get_mut(at) {
                    let own = next.decor().prefix().and_then(|own| own.as_str()).unwrap_or_default();
                    let both = format!("{remark}{own}");
                    next.decor_mut().set_prefix(both);
                } else {
                    let both = format!("{remark}{}", list.trailing().as_str().unwrap_or_default());
                    list.set_trailing(both);
                }
            }
            Ok(Some(document.to_string()))
        }
        Some(Item::ArrayOfTables(tables)) => {
            let Some(at) = tables.iter().position(|table| is_meant(table.get("name"))) else { return Ok(None) };
            cut(text, at).map(Some).ok_or_else(|| EditError::Apart(path.to_owned()))
        }
        _ => Ok(None),
    }
}

/// The text without the table of the feed at this place in the list.
fn cut(text: &str, at: usize) -> Option<String> {
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let document = Document::parse(&text[mark..]).ok()?;
    let feeds = document.get("feed")?.as_array_of_tables()?;
    let own = starts(feeds.get(at)?);
    let begin = *own.iter().min()?;
    let mut all = starts(document.as_table());
    all.sort_unstable();
    // What follows begins with the next table that is not the feed's own.
    let next = all.into_iter().find(|start| *start > begin && !own.contains(start));
    // What stands behind another table would become that of the feed before: its headers, say.
    if own.iter().any(|start| next.is_some_and(|next| *start > next)) {
        return None;
    }
    let text = &text[mark..];
    let begin = above(text, begin);
    let end = next.map_or_else(|| last_line(text, begin), |next| above(text, next));
    let range: Range<usize> = begin..end.max(begin);
    // One blank line stays where there was one on either side.
    let (head, tail) = (&text[..range.start], &text[range.end..]);
    let tail = if head.ends_with("\n\n") || head.is_empty() { tail.trim_start_matches(['\r', '\n']) } else { tail };
    let head = if tail.is_empty() { format!("{}\n", head.trim_end()) } else { head.to_owned() };
    Some(format!("{}{}{tail}", "\u{feff}".repeat(mark / 3), head.trim_start_matches('\n')))
}

/// Where the headers of a table and of those below it begin.
fn starts(table: &Table) -> Vec<usize> {
    let mut found: Vec<usize> =
        table.span().filter(|_| !table.is_implicit()).map(|span| span.start).into_iter().collect();
    for (_, item) in table {
        match item {
            Item::Table(inner) if !inner.is_dotted() => found.extend(starts(inner)),
            Item::ArrayOfTables(inner) => found.extend(of_list(inner)),
            _ => {}
        }
    }
    found
}

fn of_list(tables: &ArrayOfTables) -> Vec<usize> {
    tables.iter().flat_map(starts).collect()
}

/// The beginning of the line at `at`, or of the comments that stand directly above it.
fn above(text: &str, at: usize) -> usize {
    let mut begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
    while begin > 0 {
        let line = text[..begin - 1].rfind('\n').map_or(0, |end| end + 1);
        if !text[line..begin].trim_start().starts_with('#') {
            break;
        }
        begin = line;
    }
    begin
}

/// Behind the last line of the table that begins at `at` and is the last of its file. Comments behind a blank line stay.
fn last_line(text: &str, at: usize) -> usize {
    let (mut end, mut here, mut blank) = (at, at, false);
    for line in text[at..].split_inclusive('\n') {
        here += line.len();
        if line.trim().is_empty() {
            blank = true;
        } else if !(blank && line.trim_start().starts_with('#')) {
            (end, blank) = (here, false);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    fn removed(text: &str, name: &str) -> Option<String> {
        let after = without(Path::new("x.toml"), text, name).unwrap();
        assert!(after.as_deref().is_none_or(|after| after.parse::<DocumentMut>().is_ok()), "{after:?}");
        after
    }

    #[test]
    fn a_feed_goes_with_what_is_its_own() {
        let text = "# mine\n[mail]\nto = []\n\n# the first\n[[feed]]\nname = 'a' # a\nurl = 'https://a.example/'\n[feed.headers]\nX = 'y'\n\n\
                    # the second\n[[feed]]\nname = 'b'\nurl = 'https://b.example/'\n\n# what I look for\n[[watch]]\nname = 'w'\n\n# the end\n";
        let first = "# mine\n[mail]\nto = []\n\n# the second\n[[feed]]\nname = 'b'\nurl = 'https://b.example/'\n\n\
                     # what I look for\n[[watch]]\nname = 'w'\n\n# the end\n";
        assert_eq!(removed(text, "a").as_deref(), Some(first));
        let both = "# mine\n[mail]\nto = []\n\n# what I look for\n[[watch]]\nname = 'w'\n\n# the end\n";
        assert_eq!(removed(first, "b").as_deref(), Some(both));
        assert_eq!(removed(text, "c"), None);
        assert_eq!(removed(both, "a"), None);
    }

    #[test]
    fn a_feed_whose_tables_stand_apart_is_left_as_it_is() {
        let text = "[[feed]]\nname = 'good'\n\n[[feed]]\nname = 'secret'\n\n[fetch]\n\n[feed.headers]\nX = 's3cret'\n";
        let document = Document::parse(text).unwrap();
        let at = document.get("feed").and_then(|feeds| feeds.as_array_of_tables()).map(|feeds| feeds.len() - 1);
        assert_eq!(cut(text, at.unwrap()), None, "the headers would become those of the other feed");
    }

    #[test]
    fn the_last_and_the_only_one_go_too() {
        let last = "a = 1\n\n[[feed]]\nname = 'b'\n\n[[feed]]\nname = 'a'\n# every = '5m'\n\n# the end\n";
        assert_eq!(removed(last, "a").as_deref(), Some("a = 1\n\n[[feed]]\nname = 'b'\n\n# the end\n"));
        assert_eq!(removed("[[feed]]\nname = 'a'\n", "a").as_deref(), Some(""));
        assert_eq!(
            removed("\u{feff}[[feed]]\r\nname = 'a'\r\n\r\n[mail]\r\n", "a").as_deref(),
            Some("\u{feff}[mail]\r\n")
        );
        assert_eq!(
            removed("feed = [\n  { name = 'x' }, # mine\n  { name = 'a' },\n]\n", "a").as_deref(),
            Some("feed = [\n  { name = 'x' }, # mine\n]\n")
        );
    }
}
