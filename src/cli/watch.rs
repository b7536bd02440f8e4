//! `watch list` and `watch test`.

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::mem::ManuallyDrop;
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::feed::one_line;
use super::table::{Table, plain};
use super::{Desk, Exit, input};
use crate::alert::Channel;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Settings};
use crate::control::Answer;
use crate::item::{Hit, Item};
use crate::matching::{Matcher, Rule, Subject};
use crate::parse::{self, ParseError};
use crate::query::{Aliases, Query};
use crate::understand::text::html;

/// How many days `watch list` counts.
const DAYS_SHOWN: i64 = 14;

/// Matches a day of each watch.
pub(super) async fn list(desk: &Desk, json: bool) -> anyhow::Result<Answer> {
    let today = day_number(desk.clock.now());
    let first = today - DAYS_SHOWN + 1;
    let since = Timestamp::from_second(first * 86_400)?;
    let matches = desk.store.matches_by_day(since).await?;
    let mut out = String::new();
    let mut table = Table::new(&["WATCH", "SENDS", "TO", "TODAY", "14 DAYS", "A DAY", "TITLE"]);
    for watch in &desk.settings.watches {
        let days: Vec<(i64, u64)> = (first..=today)
            .map(|day| {
                let found = matches.iter().find(|(name, on, _)| *name == watch.name && *on == day);
                (day, found.map_or(0, |(_, _, count)| *count))
            })
            .collect();
        let total: u64 = days.iter().map(|(_, count)| count).sum();
        let sends: Vec<&str> = watch.send.iter().map(channel).collect();
        if json {
            let days: Vec<_> = days.iter().map(|(day, count)| json!({"day": date(*day), "matches": count})).collect();
            let line = json!({
                "watch": watch.name, "title": watch.title, "enabled": watch.enabled, "when": watch.when.source(),
                "send": sends, "to": watch.to, "days": days,
            });
            writeln!(out, "{line}")?;
        } else {
            #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
            let a_day = total as f64 / DAYS_SHOWN as f64;
            table.row([
                watch.name.clone(),
                if watch.enabled { sends.join(",") } else { "off".to_owned() },
                watch.to.join(","),
                days.last().map_or(0, |(_, count)| *count).to_string(),
                total.to_string(),
                format!("{a_day:.1}"),
                watch.title.clone(),
            ]);
        }
    }
    Ok(Answer { out: if json { out } else { table.render() }, ..Answer::default() })
}

fn channel(channel: &Channel) -> &str {
    match channel {
        Channel::Now => "now",
        Channel::Digest(name) => name,
    }
}

fn day_number(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

fn date(day: i64) -> String {
    Timestamp::from_second(day * 86_400)
        .map(|at| at.to_zoned_datetime(TimeZone::UTC).date().to_string())
        .unwrap_or_default()
}

/// Which watches match an input, and why. Stores nothing.
pub(super) fn test(
    config: Option<&Path>,
    watch: Option<&str>,
    query: Option<&str>,
    inputs: &[String],
    json: bool,
) -> anyhow::Result<Exit> {
    let (settings, rules) = match query {
        Some(query) => {
            let settings = super::check::settings_or_defaults(config)?;
            let rule = typed(query, &settings.aliases)?;
            (settings, vec![rule])
        }
        None => configured(super::check::settings(config)?, watch)?,
    };
    // The process ends with the command; a hundred thousand watches take a while to be taken apart.
    let (settings, all) = (ManuallyDrop::new(settings), ManuallyDrop::new(Matcher::new(rules)));
    let mut out = BufWriter::new(std::io::stdout());
    super::run::runtime()?.block_on(async {
        let mut matches = 0;
        for name in inputs {
            let (feed, tags) = feed_of(&settings, name);
            for item in items(name, &settings).await? {
                for hit in all.hits(&Subject { item: &item, feed: &feed, tags: &tags }) {
                    matches += 1;
                    let text = if json { json_match(&item, &hit) } else { shown(&item, &hit) };
                    writeln!(out, "{text}")?;
                }
            }
        }
        out.flush()?;
        if matches == 0 && !json {
            writeln!(std::io::stderr(), "nothing matches")?;
        }
        Ok(Exit::Done)
    })
}

fn typed(query: &str, aliases: &Aliases) -> anyhow::Result<Rule> {
    let source = query;
    let query = Query::parse_with(source, aliases)
        .map_err(|errors| anyhow::anyhow!("--query does not read:\n{}", errors.render(source)))?;
    for warning in query.warnings() {
        writeln!(std::io::stderr(), "{}", warning.render(source))?;
    }
    Ok(Rule { name: "query".to_owned(), query })
}

fn configured(settings: Settings, only: Option<&str>) -> anyhow::Result<(Settings, Vec<Rule>)> {
    let mut rules = settings.rules();
    if let Some(only) = only {
        rules.retain(|rule| rule.name == only);
        if rules.is_empty() {
            let meant = config::nearest(only, settings.watches.iter().map(|watch| watch.name.as_str()));
            let meant = meant.filter(|meant| *meant != only).map(|meant| format!("did you mean {meant}? "));
            anyhow::bail!(
                "no enabled watch is called {only}; {}`newswatch watch list` shows their names",
                meant.unwrap_or_default()
            );
        }
    }
    Ok((settings, rules))
}

/// The name and tags that `feed:` and `tag:` see: the feed's that is called so or has this address, else the input's name and no tags.
fn feed_of(settings: &Settings, input: &str) -> (String, Vec<String>) {
    let feed = input::feed(input, settings);
    feed.map_or((input.to_owned(), Vec::new()), |feed| (feed.name.clone(), feed.all_tags()))
}

/// The items of a feed; what is no feed is one item with that text.
async fn items(name: &str, settings: &Settings) -> anyhow::Result<Vec<Item>> {
    let input = input::open(name, settings).await?;
    match parse::feed(&input.bytes, input.content_type.as_deref(), &input.base, SystemClock.now()) {
        Ok(document) => Ok(parse::distinct(document.items)),
        Err(error @ (ParseError::Html { .. } | ParseError::NotAFeed { .. })) => {
            let text = String::from_utf8(input.bytes)
                .with_context(|| format!("{} is neither a feed nor text", input::shown(name)))?;
            let text = if matches!(error, ParseError::Html { .. }) { html::to_text(&text) } else { text };
            Ok(vec![Item { title: first_line(&text), text, ..Item::default() }])
        }
        Err(error) => Err(anyhow::Error::from(error).context(input::shown(name))),
    }
}

fn first_line(text: &str) -> String {
    const TITLE_CHARS_MAX: usize = 80;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().take(TITLE_CHARS_MAX).collect()
}

fn json_match(item: &Item, hit: &Hit) -> String {
    let because: Vec<_> = hit
        .because
        .iter()
        .map(|because| json!({"term": because.term, "where": because.field, "quote": because.quote}))
        .collect();
    json!({
        "watch": hit.watch, "title": one_line(&item.title), "link": item.link, "because": because,
        "events": [], "statements": [],
    })
    .to_string()
}

fn shown(item: &Item, hit: &Hit) -> String {
    let mut out = format!("{}  {}\n", hit.watch, plain(&one_line(&item.title)));
    if let Some(link) = &item.link {
        let _ = writeln!(out, "  {}", plain(link));
    }
    for because in &hit.because {
        let _ = writeln!(out, "  {}: {}", because.field, plain(&marked(&because.quote, &because.marks)));
    }
    out
}

/// A quote with its matched words between asterisks.
fn marked(quote: &str, marks: &[(usize, usize)]) -> String {
    let mut out = String::with_capacity(quote.len() + 2 * marks.len());
    let mut at = 0;
    for &(start, end) in marks {
        out.push_str(&quote[at..start]);
        out.push('*');
        out.push_str(&quote[start..end]);
        out.push('*');
        at = end;
    }
    out.push_str(&quote[at..]);
    out
}
