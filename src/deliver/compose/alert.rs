use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::facts::Line;
use super::links::Act;
use super::report::{Report, long_moment};
use super::{ComposeError, Context, LABEL_LEN_MAX, Views, clean, fit, subject, template};
use crate::deliver::List;
use crate::store::{MailEntry, ThreadMail};

/// Changes that the preview names: lists of mails show a line or two.
const CHANGES_MAX: usize = 2;

/// The subject of an alert, as its template sees it.
#[derive(Serialize)]
struct Subject<'a> {
    label: String,
    headline: &'a str,
}

/// An alert, as its templates see it.
#[derive(Serialize)]
struct View<'a> {
    subject: &'a str,
    preview: String,
    /// Title of the first watch.
    label: String,
    /// The headline of the story.
    headline: String,
    reports: &'a [Report],
    /// Reports that did not fit.
    left_out: usize,
    /// An earlier mail told of this story.
    follows: bool,
    /// Since when nothing had matched, where that was told.
    silent_since: String,
    /// Titles of all watches that matched.
    watches: String,
    /// Links by which the reader has a say in what comes.
    acts: &'a [Act],
}

pub(super) fn views(
    context: &Context<'_>,
    entries: &[MailEntry],
    thread: &[ThreadMail],
    silent_since: Option<Timestamp>,
) -> Result<Views, ComposeError> {
    let reports = reports(context, entries);
    let label = entries.first().map(|entry| entry.telling.title.as_str()).unwrap_or_default();
    // The headline as it is now, where no mail has named the story by another before.
    let named = |entry: &MailEntry| if thread.is_empty() { &entry.item.title } else { &entry.story_title }.clone();
    let headline = entries.first().map(named).unwrap_or_default();
    let headline = if headline.trim().is_empty() { "(no title)" } else { headline.as_str() };
    // Mail programs keep a thread together by its subject, so the first one is kept whatever became of the watch's title.
    let subject = match thread.first() {
        Some(first) => first.subject.clone(),
        None => subject("alert/subject.txt", &Subject { label: clean::line(label, LABEL_LEN_MAX), headline })?,
    };
    let mut watches: Vec<&str> = Vec::new();
    for label in reports.iter().flat_map(|report| &report.labels) {
        if !watches.contains(&label.as_str()) {
            watches.push(label);
        }
    }
    let told = entries.iter().map(|entry| (entry.telling.hit.watch.as_str(), entry.telling.title.as_str()));
    let acts = context.foot(told, entries.first().map(|entry| List::Watch(entry.telling.hit.watch.clone())));
    let render = |shown: usize| {
        let view = View {
            subject: &subject,
            preview: preview(&reports),
            label: clean::line(label, 80),
            headline: clean::line(headline, 300),
            reports: &reports[..shown],
            left_out: context.whole.map_or(reports.len(), |whole| whole.items.max(reports.len())) - shown,
            follows: !thread.is_empty(),
            silent_since: silent_since.map(|since| long_moment(since, context.sender.time_zone())).unwrap_or_default(),
            watches: clean::line(&watches.join(", "), 400),
            acts: &acts,
        };
        let (text, html) =
            (template::render_text("alert/body.txt", &view)?, template::render("alert/body.html", &view)?);
        Ok(Views { subject: subject.clone(), text, html })
    };
    fit(context, reports.len(), render)
}

/// What lists of mails show beside the subject. A thread keeps the subject that it began with, which may name a day that holds no
/// more: so what has changed comes first.
fn preview(reports: &[Report]) -> String {
    let Some(first) = reports.first() else { return String::new() };
    let changes = reports.iter().flat_map(|report| &report.facts).filter_map(Line::change).take(CHANGES_MAX);
    let source = format!("{}, {}", first.source, first.when);
    changes.chain([source]).collect::<Vec<_>>().join(" \u{b7} ")
}

/// One report an item, whatever the number of watches that matched it.
fn reports(context: &Context<'_>, entries: &[MailEntry]) -> Vec<Report> {
    let shown: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.item.link.as_deref()).collect();
    let mut items: Vec<Vec<&MailEntry>> = Vec::new();
    for entry in entries {
        match items.iter_mut().find(|same| same[0].telling.item == entry.telling.item) {
            Some(same) => same.push(entry),
            None => items.push(vec![entry]),
        }
    }
    items.iter().map(|same| Report::of(context, same, &shown)).collect()
}
