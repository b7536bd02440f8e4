//! `extract`: text on stdin to what is understood of it.

use std::fmt::Write as _;
use std::io::{BufRead, Read, Write as _};

use anyhow::Context;
use jiff::tz::Offset;
use serde::Deserialize;
use serde_json::{Value, json};

use super::arguments::At;
use super::table::{Table, plain};
use crate::clock::{Clock, SystemClock};
use crate::matching::likely_in;
use crate::understand::facts::{Anchor, Asked, Facts, Language};
use crate::understand::text::Speech;

/// A text on stdin may be so long; so may a line of JSON.
const INPUT_BYTES_MAX: u64 = 64 << 20;

/// What was typed.
pub(super) struct Wish {
    pub(super) at: Option<At>,
    pub(super) asked: Asked,
    pub(super) explain: bool,
    pub(super) json: bool,
}

/// A line of JSON that is a text.
#[derive(Debug, Deserialize)]
struct Line {
    text: String,
    at: Option<At>,
    #[serde(default)]
    acts: Vec<String>,
    #[serde(default)]
    events: Vec<String>,
}

/// Reads all of stdin, which is one text, or with `--json` may be a line of JSON per text.
pub(super) fn extract(wish: &Wish) -> anyhow::Result<()> {
    let now = Anchor::new(SystemClock.now(), Offset::UTC);
    let anchor = |at: Option<At>| at.or(wish.at).map_or(now, |at| Anchor { at: at.0, day_first: None });
    let mut input = std::io::stdin().lock();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut line = Vec::new();
    if wish.json {
        while next_line(&mut input, &mut line)? {
            let Some(read) = read_line(&line)? else { break };
            let mut asked = wish.asked.clone();
            asked.acts.extend(read.acts);
            asked.events.extend(read.events);
            let facts = Facts::likely_in(likely(&read.text), &read.text, &anchor(read.at), &asked);
            writeln!(out, "{}", json_facts(&facts, &read.text, wish.explain))?;
            line.clear();
        }
        if line.is_empty() {
            out.flush()?;
            return Ok(());
        }
    }
    input.take(INPUT_BYTES_MAX + 1).read_to_end(&mut line).context("cannot read stdin")?;
    anyhow::ensure!(line.len() as u64 <= INPUT_BYTES_MAX, "stdin: longer than {INPUT_BYTES_MAX} bytes");
    let text = String::from_utf8_lossy(&line);
    let facts = Facts::likely_in(likely(&text), &text, &anchor(None), &wish.asked);
    if wish.json {
        writeln!(out, "{}", json_facts(&facts, &text, wish.explain))?;
    } else {
        out.write_all(shown(&facts, &text, wish.explain).as_bytes())?;
    }
    out.flush()?;
    Ok(())
}

/// The language that a text is likely in, as that of an item is found.
fn likely(text: &str) -> Option<Language> {
    likely_in(Speech::of([text].into_iter(), None))
}

/// The next line that is not blank; `false` at the end.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> anyhow::Result<bool> {
    loop {
        line.clear();
        input.by_ref().take(INPUT_BYTES_MAX + 1).read_until(b'\n', line).context("cannot read stdin")?;
        anyhow::ensure!(line.len() as u64 <= INPUT_BYTES_MAX, "stdin: a line longer than {INPUT_BYTES_MAX} bytes");
        if line.is_empty() || !line.trim_ascii().is_empty() {
            return Ok(!line.is_empty());
        }
    }
}

/// A line that is a JSON object; `None` if it looks like text.
fn read_line(line: &[u8]) -> anyhow::Result<Option<Line>> {
    if !line.trim_ascii_start().starts_with(b"{\"") {
        return Ok(None);
    }
    serde_json::from_slice(line)
        .map(Some)
        .context("stdin: a line is no {\"text\": …, \"at\": …, \"acts\": […], \"events\": […]}")
}

fn json_facts(facts: &Facts, text: &str, explain: bool) -> Value {
    let mut json = json!({
        "dates": facts.dates.iter().map(|date| json!({
            "text": &text[date.span.clone()], "at": date.span.start, "start": date.first, "end": date.last,
            "inferred": date.inferred,
        })).collect::<Vec<_>>(),
        "events": facts.events.iter().map(|event| json!({
            "event": event.kind, "text": &text[event.span.clone()], "at": event.span.start, "start": event.first,
            "end": event.last, "place": event.place, "name": event.name, "cancelled": event.cancelled,
            "moved_from": event.moved_from.map(|(start, end)| json!({"start": start, "end": end})),
        })).collect::<Vec<_>>(),
        "statements": facts.statements.iter().map(|statement| json!({
            "actor": statement.actor, "act": statement.act, "stance": statement.stance.as_str(),
            "condition": statement.condition, "text": &text[statement.span.clone()], "at": statement.span.start,
            "object": statement.object, "said_by": statement.said_by,
        })).collect::<Vec<_>>(),
        "amounts": facts.amounts.iter().map(|amount| json!({
            "text": &text[amount.span.clone()], "at": amount.span.start, "value": amount.value,
            "currency": amount.currency,
        })).collect::<Vec<_>>(),
    });
    if explain {
        let whys = facts.dates.iter().map(|date| date.why);
        add(&mut json["dates"], "why", whys);
        add(&mut json["statements"], "chain", facts.statements.iter().map(|statement| statement.chain.as_str()));
    }
    json
}

/// Gives each object of a list one more field.
fn add<'a>(list: &mut Value, field: &str, values: impl Iterator<Item = &'a str>) {
    for (object, value) in list.as_array_mut().into_iter().flatten().zip(values) {
        object[field] = Value::from(value);
    }
}

fn days(first: jiff::civil::Date, last: jiff::civil::Date) -> String {
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}

fn shown(facts: &Facts, text: &str, explain: bool) -> String {
    let mut table = Table::new(&["WHAT", "IS", "TEXT"]);
    let mut row = |what: &str, is: String, span: &std::ops::Range<usize>, why: &str| {
        let mut words = text[span.clone()].to_owned();
        if explain && !why.is_empty() {
            let _ = write!(words, "  ({why})");
        }
        table.row([what.to_owned(), is, words]);
    };
    for date in &facts.dates {
        let inferred = if date.inferred { ", inferred" } else { "" };
        row("date", format!("{}{inferred}", days(date.first, date.last)), &date.span, date.why);
    }
    for event in &facts.events {
        let mut is = format!("{} {}", event.kind, days(event.first, event.last));
        if let Some(place) = &event.place {
            let _ = write!(is, ", {place}");
        }
        if let Some((first, last)) = event.moved_from {
            let _ = write!(is, ", moved from {}", days(first, last));
        }
        if event.cancelled {
            is.push_str(", cancelled");
        }
        row("event", is, &event.span, event.name.as_deref().unwrap_or_default());
    }
    for statement in &facts.statements {
        let mut is = format!("{}: {} {}", statement.actor, statement.act, statement.stance.as_str());
        for (label, part) in [("on", &statement.object), ("if", &statement.condition), ("said by", &statement.said_by)]
        {
            if let Some(part) = part {
                let _ = write!(is, ", {label}: {part}");
            }
        }
        row("statement", is, &statement.span, &statement.chain);
    }
    for amount in &facts.amounts {
        row("amount", format!("{} {}", amount.value, amount.currency), &amount.span, "");
    }
    plain_lines(&table.render())
}

/// Whatever a text holds, it may not steer the terminal.
fn plain_lines(lines: &str) -> String {
    lines.lines().map(|line| plain(line) + "\n").collect()
}
