//! `feed list` and `feed read`; the commands that change the config are in files of their own.

mod add;

mod export;

mod import;

mod write;

pub(super) use add::{Wish, add};
pub(super) use export::export;
pub(super) use import::import;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::table::{Table, json_time, plain, time};
use super::{Desk, Exit, input};
use crate::clock::{Clock, SystemClock};
use crate::config::Settings;
use crate::control::Answer;
use crate::item::{FeedId, Item};
use crate::parse::{self, Document};

/// The health of each feed.
pub(super) async fn list(desk: &Desk, json: bool) -> anyhow::Result<Answer> {
    let memories = desk.store.memories(desk.settings.identities()).await?;
    let mut waiting: HashMap<FeedId, usize> = HashMap::new();
    for item in desk.store.waiting(0).await? {
        *waiting.entry(item.feed).or_default() += 1;
    }
    let zone = desk.settings.time_zone();
    let mut out = String::new();
    let mut table = Table::new(&["FEED", "STATE", "LAST POLL", "LAST NEWS", "NEXT POLL", "WHY", "ERROR"]);
    for (feed, memory) in desk.settings.feeds.iter().zip(&memories) {
        let state = memory.health(feed.enabled).as_str();
        let next = memory.next_poll.filter(|_| feed.enabled && !memory.gone);
        if json {
            let line = json!({
                "name": memory.name, "url": memory.url, "state": state,
                "last_poll": json_time(memory.last_poll), "last_success": json_time(memory.last_success),
                "last_change": json_time(memory.last_change), "next_poll": json_time(next), "why": memory.why,
                "failures": memory.failures, "error": memory.error, "gaps": memory.gaps, "repairs": memory.repairs,
                "full_text": feed.full_text, "waiting": waiting.get(&memory.id).copied().unwrap_or(0),
            });
            writeln!(out, "{line}")?;
        } else {
            table.row([
                memory.name.clone(),
                state.to_owned(),
                time(memory.last_poll, &zone),
                time(memory.last_change, &zone),
                time(next, &zone),
                memory.why.clone(),
                memory.error.clone().unwrap_or_default(),
            ]);
        }
    }
    Ok(Answer { out: if json { out } else { table.render() }, ..Answer::default() })
}

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

async fn document(name: &str, settings: &Settings) -> anyhow::Result<Document> {
    let input = input::open(name, settings).await?;
    parse::feed(&input.bytes, input.content_type.as_deref(), &input.base, SystemClock.now())
        .map_err(|error| anyhow::Error::from(error).context(input::shown(name)))
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
        line("item", &item.title);
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
