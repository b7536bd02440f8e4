//! JSON Feed 1 and 1.1 (jsonfeed.org), read leniently: numbers are taken as ids, missing parts as missing, unknown ones not
//! at all.
//!
//! feed-rs reads it too, but refuses a feed for one number where the text wants a string, and copies the feed's authors
//! into every item that names none, which a hostile feed turns into gigabytes.

use jiff::Timestamp;
use serde_json::{Map, Value};
use url::Url;

use super::links::absolute;
use super::outline::ITEMS;
use super::{AUTHORS_MAX, Document, ParseError, published};
use crate::item::Item;
use crate::understand::text::html::{plain_line, plain_text, to_text};

/// Whether the text looks like JSON rather than XML.
pub(crate) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Reads a JSON Feed.
pub(crate) fn feed(text: &str, url: &Url, now: Timestamp) -> Result<Document, ParseError> {
    let value: Value = serde_json::from_str(text).map_err(|error| ParseError::Malformed {
        syntax: "JSON",
        line: error.line(),
        column: error.column(),
        what: reason(&error),
    })?;
    let Value::Object(feed) = value else { return Err(not_a_feed("a JSON list")) };
    let version = string(&feed, "version").unwrap_or_default();
    let format = match version.split_once("jsonfeed.org/version/").map(|(_, number)| number.trim_end_matches('/')) {
        Some("1") => "json feed 1",
        Some("1.1") => "json feed 1.1",
        Some(_) => "json feed",
        None => return Err(not_a_feed("JSON without the version that a JSON Feed has")),
    };
    let mut repairs = Vec::new();
    let link = string(&feed, "home_page_url").and_then(|link| absolute(&link, None, url));
    let base = link.as_deref().and_then(|link| Url::parse(link).ok());
    let authors = authors(&feed);
    let language = string(&feed, "language");
    let entries = feed.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if entries.len() > ITEMS {
        repairs.push(format!("only the first {ITEMS} items were read"));
    }
    let items = entries
        .iter()
        .take(ITEMS)
        .filter_map(Value::as_object)
        .map(|entry| Item {
            language: string(entry, "language").or_else(|| language.clone()),
            ..item(entry, &authors, base.as_ref(), url, now)
        })
        .collect();
    Ok(Document {
        title: plain_line(&string(&feed, "title").unwrap_or_default()),
        link,
        items,
        repairs,
        ..Document::empty(format)
    })
}

fn item(entry: &Map<String, Value>, feed_authors: &[String], base: Option<&Url>, url: &Url, now: Timestamp) -> Item {
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
        let date = published::read(&string(entry, name)?)?;
        published::sound(date.as_millisecond(), now)
    };
    Item {
        id,
        title: plain_line(&string(entry, "title").unwrap_or_default()),
        link,
        published: date("date_published").or_else(|| date("date_modified")),
        updated: date("date_modified"),
        authors: names,
        summary: plain_text(&string(entry, "summary").unwrap_or_default()),
        language: None,
        text: match (string(entry, "content_html"), string(entry, "content_text")) {
            (Some(html), _) => to_text(&html),
            (None, Some(text)) => plain_text(&text),
            (None, None) => String::new(),
        },
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
        .map(|name| plain_line(&name))
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

fn not_a_feed(what: &str) -> ParseError {
    ParseError::NotAFeed { what: what.to_owned() }
}

/// The message without the place, which stands beside it.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}
