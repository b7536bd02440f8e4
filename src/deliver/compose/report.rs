use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::facts::{self, Line};
use super::links::Act;
use super::marks::{self, Piece};
use super::{Context, clean};
use crate::item::{Because, Field, Item};
use crate::store::MailEntry;

/// Longest headline in a body, in characters.
const TITLE_LEN_MAX: usize = 300;

/// Longest name of a watch, feed or site, in characters.
const NAME_LEN_MAX: usize = 80;

/// Matched sentences shown of one item.
const QUOTES_MAX: usize = 5;

/// Characters of the summary, where no sentence of it matched.
const LEAD_LEN_MAX: usize = 280;

/// Other sources named.
const ALSO_MAX: usize = 8;

/// One item as a mail shows it, with all that the watches told of here found in it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    /// Titles of the watches that matched, without repeats.
    pub(super) labels: Vec<String>,
    pub(super) headline: Vec<Piece>,
    pub(super) source: String,
    /// When it was published, in the reader's zone; "first seen" where the feed gives no date.
    pub(super) when: String,
    /// It was told before, and has changed since.
    pub(super) edited: bool,
    /// Its story was told before.
    pub(super) later: bool,
    /// What was understood of it.
    pub(super) facts: Vec<Line>,
    /// The sentences that matched.
    pub(super) quotes: Vec<Vec<Piece>>,
    /// Sentences that matched and are not shown.
    pub(super) quotes_more: usize,
    /// Matches outside of the text: `author`, `feed`…
    pub(super) found: Vec<Found>,
    /// The beginning of the summary, where nothing of the text is quoted.
    pub(super) lead: String,
    pub(super) link: Option<Link>,
    pub(super) also: Vec<Also>,
    pub(super) also_more: usize,
    /// Links that say that it is not relevant.
    pub(super) acts: Vec<Act>,
}

/// A match outside of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Found {
    field: String,
    text: Vec<Piece>,
}

/// Where the item can be read.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) site: String,
}

/// Another source of the story.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Also {
    pub(super) source: String,
    pub(super) href: Option<String>,
}

impl Report {
    /// Of entries that tell of one item; `entries` is not empty. `shown` are the links that the mail shows anyway.
    pub(super) fn of(context: &Context<'_>, entries: &[&MailEntry], shown: &BTreeSet<&str>) -> Self {
        let zone = context.sender.time_zone();
        let entry = entries.first().expect("a report has an entry");
        let because = merged(entries);
        let (headline, quotes, found) = sorted(&entry.item, &because);
        let quotes_more = quotes.len().saturating_sub(QUOTES_MAX);
        let quotes: Vec<_> = quotes.into_iter().take(QUOTES_MAX).map(marks::excerpt).collect();
        let mut labels: Vec<String> = Vec::new();
        for entry in entries {
            let label = clean::line(&entry.telling.title, NAME_LEN_MAX);
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        let also: Vec<_> =
            entry.also_in.iter().filter(|(_, link)| link.as_deref().is_none_or(|link| !shown.contains(link))).collect();
        Self {
            labels,
            headline,
            source: clean::line(&entry.feed, NAME_LEN_MAX),
            when: when(entry.item.published.or(entry.item.updated), entry.first_seen, zone),
            edited: entries.iter().any(|entry| entry.telling.edited),
            later: entries.iter().all(|entry| entry.telling.later),
            facts: facts::lines(entries.iter().flat_map(|entry| &entry.telling.hit.facts), zone),
            lead: if quotes.is_empty() { lead(&entry.item) } else { String::new() },
            quotes,
            quotes_more,
            found,
            link: entry.item.link.as_deref().and_then(clean::link).and_then(|href| {
                let site = clean::line(&clean::site(&href)?, NAME_LEN_MAX);
                Some(Link { href, site })
            }),
            acts: context.irrelevant(entries),
            also_more: also.len().saturating_sub(ALSO_MAX),
            also: also
                .into_iter()
                .take(ALSO_MAX)
                .map(|(feed, link)| Also {
                    source: clean::line(feed, NAME_LEN_MAX),
                    href: link.as_deref().and_then(clean::link),
                })
                .collect(),
        }
    }
}

/// Why any of the watches matched: each sentence once, with the marks of all of them.
fn merged(entries: &[&MailEntry]) -> Vec<Because> {
    let mut merged: Vec<Because> = Vec::new();
    for because in entries.iter().flat_map(|entry| &entry.telling.hit.because) {
        match merged.iter_mut().find(|seen| seen.field == because.field && seen.quote == because.quote) {
            Some(seen) => seen.marks.extend(&because.marks),
            None => merged.push(because.clone()),
        }
    }
    merged
}

/// The headline, the sentences and the rest. The headline carries its own marks instead of being quoted.
fn sorted(item: &Item, because: &[Because]) -> (Vec<Piece>, Vec<Vec<Piece>>, Vec<Found>) {
    let (mut title_marks, mut quotes, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for because in because {
        match because.field {
            Field::Title if because.quote == item.title => title_marks.extend(&because.marks),
            Field::Title | Field::Summary | Field::Text => quotes.push(marks::pieces(&because.quote, &because.marks)),
            Field::Author | Field::Link | Field::Feed | Field::Tag | Field::Language => found.push(Found {
                field: because.field.to_string(),
                text: marks::excerpt(marks::pieces(&because.quote, &because.marks)),
            }),
        }
    }
    // Summary and text often begin with the same sentence.
    let mut seen: Vec<Vec<Piece>> = Vec::new();
    for quote in quotes {
        if !seen.contains(&quote) {
            seen.push(quote);
        }
    }
    found.truncate(QUOTES_MAX);
    let headline = if item.title.chars().count() > TITLE_LEN_MAX {
        vec![Piece::plain(clean::line(&item.title, TITLE_LEN_MAX))]
    } else if item.title.trim().is_empty() {
        vec![Piece::plain("(no title)")]
    } else {
        marks::pieces(&item.title, &title_marks)
    };
    (headline, seen, found)
}

fn lead(item: &Item) -> String {
    let text = if item.summary.trim().is_empty() { &item.text } else { &item.summary };
    // The summary can be megabytes; no more than is shown needs cleaning.
    let head: String = text.chars().take(LEAD_LEN_MAX * 4).collect();
    clean::line(&head, LEAD_LEN_MAX)
}

/// When something was published, or else that it was first seen.
pub(super) fn when(published: Option<Timestamp>, first_seen: Timestamp, zone: &TimeZone) -> String {
    match published {
        Some(at) => moment(at, zone),
        None => format!("first seen {}", moment(first_seen, zone)),
    }
}

/// `Tue 24 Nov 2026, 07:30 CET`; the last space does not break.
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%a %-d %b %Y, %H:%M\u{a0}%Z").to_string()
}

/// `Tuesday 24 November 2026, 07:30 CET`; the last space does not break.
pub(super) fn long_moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%A %-d %B %Y, %H:%M\u{a0}%Z").to_string()
}
