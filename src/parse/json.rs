//! JSON Feed 1 and 1.1 (jsonfeed.org), read leniently: numbers are taken as ids, missing parts as missing, unknown ones not
//! at all.
//!
//! feed-rs reads it too, but refuses a feed for one number where the text wants a string, and copies the feed's authors
//! into every item that names none, which a hostile feed turns into gigabytes.

mod mend;

mod read;

use jiff::Timestamp;
use serde_json::{Map, Value};
use url::Url;

use super::links::{self, absolute};
use super::outline::ITEMS;
use super::tail::without_tail;
use super::{AUTHORS_MAX, Document, NAME, ParseError, hub, published};
use crate::item::Item;
use crate::understand::text::html::{plain_line, plain_text, to_text};
use mend::mend;
use read::{Held, Read, read};

/// Whether the text looks like JSON rather than XML.
pub(crate) fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    let (Some(first), Some(second)) = (text.chars().next(), text.get(1..)) else { return false };
    let second = second.trim_start().chars().next();
    match first {
        '{' => matches!(second, None | Some('"' | '\'' | '}')),
        '[' => second.is_none_or(|c| "{[]\"'-".contains(c) || c.is_ascii_digit()),
        _ => false,
    }
}

/// Reads a JSON Feed.
pub(crate) fn feed(text: &str, url: &Url, now: Timestamp) -> Result<Document, ParseError> {
    let (read, mut repairs, complete) = match read(text) {
        Ok(read) => (read, Vec::new(), true),
        Err(error) => {
            let mended = mend(text);
            // What it is not, or where it breaks, is told of the document as it came.
            let read = read(&mended.text).map_err(|_| malformed(&error))?;
            (read, mended.repairs, mended.complete)
        }
    };
    let Read::Feed { members: feed, items, more, held } = read else { return Err(not_a_feed("a JSON list")) };
    let version = string(&feed, "version").unwrap_or_default();
    let format = match version.split_once("jsonfeed.org/version/").map(|(_, number)| number.trim_end_matches('/')) {
        Some("1") => "json feed 1",
        Some("1.1") => "json feed 1.1",
        Some(_) => "json feed",
        None => return Err(not_a_feed(&keys(&feed, &version))),
    };
    let ways = published::Ways::of(text);
    let (hubs, own) = hub::listed(&feed, url);
    let link = string(&feed, "home_page_url").and_then(|link| absolute(&link, None, url));
    let base = link.as_deref().and_then(links::base);
    let authors = authors(&feed);
    let language = string(&feed, "language");
    match held {
        Held::List => {}
        Held::Object => repairs.push("items that are no list were read as if they were one".to_owned()),
        Held::Nothing => repairs.push("it has no list of items; it should have one, if only an empty one".to_owned()),
    }
    if more {
        repairs.push(format!("only the first {ITEMS} items were read"));
    }
    let items = items
        .iter()
        .map(|entry| Item {
            language: string(entry, "language").or_else(|| language.clone()),
            ..item(entry, &authors, base.as_ref(), url, (now, &ways))
        })
        .collect();
    Ok(Document {
        title: plain_line(&string(&feed, "title").unwrap_or_default()),
        link,
        items,
        repairs,
        complete,
        hubs,
        own,
        ..Document::empty(format)
    })
}

fn item(
    entry: &Map<String, Value>,
    feed_authors: &[String],
    base: Option<&Url>,
    url: &Url,
    (now, ways): (Timestamp, &published::Ways),
) -> Item {
    let id = string(entry, "id");
    let link = ["url", "external_url"]
        .into_iter()
        .filter_map(|name| string(entry, name))
        .find_map(|link| absolute(&link, base, url))
        .or_else(|| id.as_deref().filter(|id| id.starts_with("http")).and_then(|id| absolute(id, base, url)));
    let mut names = authors(entry);
    if names.is_empty() {
        names = feed_authors.to_vec();
    }
    let date = |name| {
        let (date, offset) = published::read(&string(entry, name)?, ways)?;
        Some((published::sound(date.as_millisecond(), now)?, offset))
    };
    let (published, updated) = (date("date_published"), date("date_modified"));
    let said = published.or(updated);
    Item {
        id,
        title: plain_line(&string(entry, "title").unwrap_or_default()),
        link,
        published: said.map(|(date, _)| date),
        offset_minutes: said.and_then(|(_, offset)| offset),
        updated: updated.map(|(date, _)| date),
        authors: names,
        language: None,
        summary: without_tail(plain_text(&string(entry, "summary").unwrap_or_default())),
        text: without_tail(match (string(entry, "content_html"), string(entry, "content_text")) {
            (Some(html), _) => to_text(&html),
            (None, Some(text)) => plain_text(&text),
            (None, None) => String::new(),
        }),
    }
}

/// `authors` of version 1.1, else `author` of version 1.
fn authors(of: &Map<String, Value>) -> Vec<String> {
    let listed = of.get("authors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    listed
        .iter()
        .chain(of.get("author"))
        .filter_map(|author| match author {
            Value::Object(author) => string(author, "name"),
            Value::String(name) => Some(name.clone()),
            _ => None,
        })
        .map(|name| plain_line(&name[..name.floor_char_boundary(NAME)]))
        .filter(|name| !name.is_empty())
        .fold(Vec::new(), |mut names, name| {
            if names.len() < AUTHORS_MAX && !names.contains(&name) {
                names.push(name);
            }
            names
        })
}

/// A string, or what can stand for one; `None` where there is none or nothing in it.
fn string(of: &Map<String, Value>, name: &str) -> Option<String> {
    match of.get(name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What JSON is that is no feed, by the names in it.
fn keys(of: &Map<String, Value>, version: &str) -> String {
    let shown = |name: &String| name.chars().filter(|c| !c.is_control()).take(30).collect::<String>();
    let names: Vec<String> = of.keys().take(3).map(|name| format!("“{}”", shown(name))).collect();
    match names.as_slice() {
        [] => "JSON with nothing in it".to_owned(),
        _ if !version.is_empty() => {
            let version: String = version.chars().filter(|c| !c.is_control()).take(30).collect();
            format!("JSON whose version is “{version}”, and not that of a JSON Feed (https://jsonfeed.org/version/1.1)")
        }
        names => {
            let more = if of.len() > names.len() { " and more" } else { "" };
            format!("JSON with {}{more}, without the version that a JSON Feed has", names.join(", "))
        }
    }
}

fn not_a_feed(what: &str) -> ParseError {
    ParseError::NotAFeed { what: what.to_owned() }
}

fn malformed(error: &serde_json::Error) -> ParseError {
    let text = error.to_string();
    // The message without the place, which stands beside it.
    let what = text.split(" at line ").next().unwrap_or(&text);
    let what = match what {
        _ if error.is_eof() => "it breaks off before its first item is whole",
        "recursion limit exceeded" => "it nests more deeply than any feed does",
        what => what,
    };
    ParseError::Malformed { syntax: "JSON", line: error.line(), column: error.column(), what: what.to_owned() }
}
