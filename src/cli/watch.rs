//! `watch list` and `watch test`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::mem::ManuallyDrop;
use std::path::Path;

use anyhow::Context;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::explain::{self, Paper};
use super::table::Table;
use super::{Desk, Exit, input};
use crate::alert::Channel;
use crate::article;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Settings};
use crate::control::Answer;
use crate::item::{Because, Field, Hit, Item};
use crate::matching::{Matcher, Rule, Subject, dated};
use crate::parse::{self, ParseError};
use crate::query::{Aliases, Query};
use crate::understand::facts::Facts;
use crate::understand::text::html;

/// How many days `watch list` counts.
const DAYS_SHOWN: i64 = 14;

/// Over how long the precision of a watch is taken: readers say seldom what they think.
const JUDGED_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Matches a day of each watch.
pub(super) async fn list(desk: &Desk, json: bool) -> anyhow::Result<Answer> {
    let today = day_number(desk.clock.now());
    let first = today - DAYS_SHOWN + 1;
    let since = Timestamp::from_second(first * 86_400)?;
    let matches = desk.store.matches_by_day(since).await?;
    let judged_from = desk.clock.now().saturating_sub(JUDGED_FOR)?;
    let judged = desk.store.precision(judged_from).await?;
    let mut out = String::new();
    let mut table = Table::new(&["WATCH", "SENDS", "TO", "TODAY", "14 DAYS", "A DAY", "PRECISION", "TITLE"]);
    for watch in &desk.settings.watches {
        let days: Vec<(i64, u64)> = (first..=today)
            .map(|day| {
                let found = matches.iter().find(|(name, on, _)| *name == watch.name && *on == day);
                (day, found.map_or(0, |(_, _, count)| *count))
            })
            .collect();
        let total: u64 = days.iter().map(|(_, count)| count).sum();
        let sends: Vec<&str> = watch.send.iter().map(channel).collect();
        let (told, irrelevant) = judged
            .iter()
            .filter(|judged| judged.watch == watch.name || watch.telling.was.as_ref() == Some(&judged.watch))
            .fold((0, 0), |(told, not), judged| (told + judged.told, not + judged.irrelevant));
        if json {
            let days: Vec<_> = days.iter().map(|(day, count)| json!({"day": date(*day), "matches": count})).collect();
            let line = json!({
                "watch": watch.name, "title": watch.title, "enabled": watch.enabled, "when": watch.when.source(),
                "send": sends, "to": &*watch.to, "days": days,
                "told": told, "irrelevant": irrelevant, "precision": precision(told, irrelevant),
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
                shown_precision(told, irrelevant),
                watch.title.clone(),
            ]);
        }
    }
    Ok(Answer { out: if json { out } else { table.render() }, ..Answer::default() })
}

/// The part of what was told that no reader called irrelevant; `None` where nothing was told.
#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
fn precision(told: u64, irrelevant: u64) -> Option<f64> {
    (told > 0).then(|| (1.0 - irrelevant as f64 / told as f64).max(0.0))
}

/// `97% of 120`; nothing where no reader has said anything, because then it says nothing.
fn shown_precision(told: u64, irrelevant: u64) -> String {
    match precision(told, irrelevant) {
        Some(part) if irrelevant > 0 => format!("{:.0}% of {told}", part * 100.0),
        _ => String::new(),
    }
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

pub(super) fn date(day: i64) -> String {
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
    let by_name = watch.is_some() || query.is_some();
    let waits = if json { BTreeMap::new() } else { explain::waits(&settings) };
    let mut out = BufWriter::new(std::io::stdout());
    super::run::runtime()?.block_on(async {
        let (mut matches, mut count, mut exit) = (0, 0, Exit::Done);
        for name in inputs {
            let (feed, tags, zone) = feed_of(&settings, name);
            let items = match items(name, &settings).await {
                Ok(items) => items,
                Err(error) => {
                    exit = Exit::Failed;
                    out.flush()?;
                    writeln!(std::io::stderr(), "newswatch: {}", super::chain(&error))?;
                    continue;
                }
            };
            let is_one = items.len() == 1 && inputs.len() == 1;
            for item in &items {
                let item = &*dated(item, SystemClock.now(), zone.as_ref());
                let subject = Subject { item, feed: &feed, tags: &tags };
                let understood = if json { all.hits_understood(&subject) } else { Vec::new() };
                let hits = if json { Vec::new() } else { all.hits(&subject) };
                matches += hits.len() + understood.len();
                count += 1;
                let text = match (json, is_one) {
                    (true, _) => understood.iter().map(|(hit, facts)| json_match(item, hit, facts) + "\n").collect(),
                    (false, true) => {
                        explain::heading(item, "", Paper::stdout())
                            + &explain::told_all(&all.explain(&subject), by_name, &waits, Paper::stdout())
                    }
                    (false, false) => of_many(&all, &subject, &hits, by_name, &waits),
                };
                write!(out, "{text}")?;
            }
        }
        out.flush()?;
        if count == 0 && exit == Exit::Failed {
            return Ok(exit);
        }
        if matches == 0 {
            writeln!(std::io::stderr(), "nothing matches")?;
        } else if count > 1 && !json {
            let (matches, count) = (super::check::count(matches, "match"), super::check::count(count, "item"));
            writeln!(std::io::stderr(), "{matches} in {count}")?;
        }
        Ok(exit)
    })
}

/// One item of several: in full what matches it, and in a line why what was asked for by name does not.
fn of_many(
    all: &Matcher,
    subject: &Subject<'_>,
    hits: &[Hit],
    by_name: bool,
    waits: &BTreeMap<String, String>,
) -> String {
    let paper = Paper::stdout();
    if hits.is_empty() && !by_name {
        return String::new();
    }
    let names: Vec<&str> = hits.iter().map(|hit| hit.watch.as_str()).collect();
    let told = if by_name { all.explain(subject) } else { all.explain_only(subject, &names) };
    let mut out = String::new();
    for one in &told {
        if one.matched {
            let _ = writeln!(
                out,
                "{}\n{}",
                explain::heading(subject.item, "", paper).trim_end(),
                explain::told(one, waits, paper)
            );
        } else {
            out += &explain::missed(subject.item, one, paper);
        }
    }
    out
}

/// A query as typed.
pub(super) fn read_query(query: &str, aliases: &Aliases) -> anyhow::Result<Query> {
    Query::parse_with(query, aliases)
        .map_err(|errors| anyhow::anyhow!("--query does not read:\n{}", errors.render(query)))
}

fn typed(query: &str, aliases: &Aliases) -> anyhow::Result<Rule> {
    let source = query;
    let query = read_query(source, aliases)?;
    for warning in query.warnings() {
        writeln!(std::io::stderr(), "{}", warning.render(source))?;
    }
    Ok(Rule::new("query", query))
}

fn configured(settings: Settings, only: Option<&str>) -> anyhow::Result<(Settings, Vec<Rule>)> {
    let mut rules = settings.rules();
    if let Some(only) = only {
        rules.retain(|rule| rule.name == only);
        known(&settings, only, rules.is_empty())?;
    }
    Ok((settings, rules))
}

/// Fails where no watch has a name that was asked for.
pub(super) fn known(settings: &Settings, asked: &str, is_unknown: bool) -> anyhow::Result<()> {
    if is_unknown {
        let meant = config::nearest(asked, settings.watches.iter().map(|watch| watch.name.as_str()));
        let meant = meant.filter(|meant| *meant != asked).map(|meant| format!("did you mean {meant}? "));
        anyhow::bail!(
            "no enabled watch is called {asked}; {}`newswatch watch list` shows their names",
            meant.unwrap_or_default()
        );
    }
    Ok(())
}

/// The name and tags that `feed:` and `tag:` see, and whose days are meant: the feed's that is called so or has this address, else
/// the input's name and no tags.
fn feed_of(settings: &Settings, input: &str) -> (String, Vec<String>, Option<TimeZone>) {
    let of = |feed: &config::Feed| (feed.name.clone(), feed.all_tags(), feed.time_zone.clone());
    input::feed(input, settings).map_or((input.to_owned(), Vec::new(), None), of)
}

/// The items of a feed; an article is one item, and so is plain text.
async fn items(name: &str, settings: &Settings) -> anyhow::Result<Vec<Item>> {
    let input = input::open(name, settings).await?;
    match parse::feed(&input.bytes, input.content_type.as_deref(), &input.base, SystemClock.now()) {
        Ok(document) => Ok(parse::distinct(document.items)),
        Err(ParseError::Html { .. }) => Ok(vec![page(&input)]),
        Err(ParseError::NotAFeed { .. }) => {
            let text = String::from_utf8(input.bytes)
                .with_context(|| format!("{} is neither a feed nor text", input::shown(name)))?;
            Ok(vec![Item { text, ..Item::default() }])
        }
        Err(error) => Err(anyhow::Error::from(error).context(input::shown(name))),
    }
}

/// The article of a page, or all of its text where no article is found in it.
fn page(input: &input::Input) -> Item {
    let article = article::read(&input.bytes, input.content_type.as_deref(), &input.base);
    let link = (input.base.scheme() != "file").then(|| input.base.to_string());
    let text = if article.text.is_empty() {
        html::to_text(&parse::decode(&input.bytes, input.content_type.as_deref(), &input.base))
    } else {
        article.text
    };
    let (title, authors, published) = (article.title, article.authors, article.published);
    Item { title, link, published, authors, text, ..Item::default() }
}

/// A line of `watch test --json`. Not made of `json!`, as there may be very many.
#[derive(Serialize)]
struct Line<'a> {
    watch: &'a str,
    title: &'a str,
    link: Option<&'a str>,
    because: Vec<Reason<'a>>,
    events: Vec<Value>,
    statements: Vec<Value>,
    amounts: Vec<Value>,
}

#[derive(Serialize)]
struct Reason<'a> {
    term: &'a str,
    #[serde(rename = "where")]
    field: Field,
    quote: &'a str,
}

impl<'a> Reason<'a> {
    fn of(because: &'a Because) -> Self {
        Self { term: &because.term, field: because.field, quote: &because.quote }
    }
}

fn json_match(item: &Item, hit: &Hit, facts: &Facts) -> String {
    let because = hit.because.iter().map(Reason::of).collect();
    let events = facts.events.iter().map(|event| {
        json!({
            "event": event.kind, "name": event.name, "place": event.place, "start": event.first.to_string(),
            "end": event.last.to_string(), "cancelled": event.cancelled,
            "moved_from": event.moved_from.map(|(first, last)| json!({"start": first.to_string(), "end": last.to_string()})),
        })
    });
    let statements = facts.statements.iter().map(|statement| {
        json!({
            "actor": statement.actor, "act": statement.act, "stance": statement.stance.as_str(),
            "condition": statement.condition, "object": statement.object, "said_by": statement.said_by,
        })
    });
    let amounts = facts.amounts.iter().map(|amount| json!({"value": amount.value, "currency": amount.currency}));
    let (events, statements, amounts) = (events.collect(), statements.collect(), amounts.collect());
    let (title, link) = (explain::headline(item), item.link.as_deref());
    let told = Line { watch: &hit.watch, title: &title, link, because, events, statements, amounts };
    serde_json::to_string(&told).expect("texts and numbers are JSON")
}
