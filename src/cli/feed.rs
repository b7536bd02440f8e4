//! `feed read`; the commands that list feeds or change the config are in files of their own.

mod add;

mod export;

mod health;

mod import;

mod remove;

mod write;

pub(super) use add::{Wish, add};
pub(super) use export::export;
pub(super) use health::{list, show};
pub(super) use import::import;
pub(super) use remove::remove;

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::table::{json_time, plain};
use super::{Exit, input};
use crate::clock::{Clock, SystemClock};
use crate::config::Settings;
use crate::item::Item;
use crate::parse::{self, Document};

/// Shows inputs as newswatch reads them; any that cannot be read makes the exit status 1.
pub(super) fn read(config: Option<&Path>, inputs: &[String], json: bool) -> anyhow::Result<Exit> {
    let line =
        |name: &str, read: &Document| if json { json_document(name, read).to_string() } else { shown(name, read) };
    let failed = |name: &str, error: &str| {
        let line = json!({
            "input": name, "error": error, "format": null, "title": null, "link": null, "items": [], "repairs": [],
        });
        json.then(|| line.to_string())
    };
    input::show_each(config, inputs, &document, line, failed)
}

/// What is said where a server's answer ends too early, and items could be read all the same.
const BROKEN_OFF: &str = "the answer broke off before its end; the items up to there were read";

async fn document(name: &str, settings: &Settings) -> anyhow::Result<Document> {
    let input = input::open(name, settings).await?.unpacked(name)?;
    let read = parse::feed(&input.bytes, input.content_type.as_deref(), &input.base, SystemClock.now());
    if read.is_err() {
        input.whole()?;
    } else if !input.complete {
        let told = |document: Document| Document {
            repairs: [vec![BROKEN_OFF.to_owned()], document.repairs].concat(),
            ..document
        };
        return Ok(read.map(told)?);
    }
    read.map_err(|error| anyhow::Error::from(error).context(input::shown(name)))
}

fn json_document(name: &str, document: &Document) -> Value {
    json!({
        "input": name, "format": document.format, "title": one_line(&document.title), "link": document.link,
        "items": document.items.iter().map(json_item).collect::<Vec<_>>(), "repairs": document.repairs,
    })
}

fn json_item(item: &Item) -> Value {
    json!({
        "id": item.id, "title": one_line(&item.title), "link": item.link, "published": json_time(item.published),
        "updated": json_time(item.updated), "authors": item.authors, "summary": one_line(&item.summary),
        "text": one_line(&item.text),
    })
}

/// Plain text with its spaces collapsed.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shown(name: &str, document: &Document) -> String {
    let mut out = format!(
        "{}: {}, {}\n",
        plain(&input::shown(name)),
        document.format,
        super::check::count(document.items.len(), "item")
    );
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "  {label:<10} {}", plain(&one_line(value)));
        }
    };
    line("title", &document.title);
    line("link", document.link.as_deref().unwrap_or_default());
    for repair in &document.repairs {
        line("repaired", repair);
    }
    for item in &document.items {
        line("", "");
        line("item", if item.title.is_empty() { "(without a title)" } else { &item.title });
        line("id", item.id.as_deref().unwrap_or_default());
        line("link", item.link.as_deref().unwrap_or_default());
        line("published", &json_time(item.published).unwrap_or_default());
        line("updated", &json_time(item.updated).unwrap_or_default());
        line("authors", &item.authors.join(", "));
        line("summary", &cut(&item.summary));
        line("text", &cut(&item.text));
    }
    out
}

/// The beginning of a text, for a list.
fn cut(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 300;
    let text = one_line(text);
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text,
    }
}
