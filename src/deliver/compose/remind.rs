use serde::Serialize;

use super::facts::{self, Line};
use super::links::Act;
use super::{ComposeError, Context, LABEL_LEN_MAX, Views, clean, subject, template};
use crate::deliver::List;
use crate::item::{Reminder, Told};

/// A reminder, as its templates see it.
#[derive(Serialize)]
struct View {
    subject: String,
    preview: String,
    /// Title of the watch.
    label: String,
    /// `NATO summit`.
    what: String,
    /// `in 14 days`
    when: String,
    line: Line,
    /// Where it was read.
    sources: Vec<Source>,
    acts: Vec<Act>,
}

#[derive(Serialize)]
struct Source {
    feed: String,
    href: Option<String>,
}

/// Sources that are named.
const SOURCES_MAX: usize = 5;

pub(super) fn views(context: &Context<'_>, reminder: &Reminder) -> Result<Views, ComposeError> {
    let told = Told { fact: crate::item::Fact::Event(reminder.event.clone()), before: None, calendar: None };
    let line = facts::lines([&told], context.sender.time_zone()).remove(0);
    let sources = reminder
        .sources
        .iter()
        .rev()
        .take(SOURCES_MAX)
        .map(|(feed, link)| Source { feed: clean::line(feed, 80), href: link.as_deref().and_then(clean::link) });
    let mut view = View {
        subject: String::new(),
        preview: facts::days(reminder.event.days),
        label: clean::line(&reminder.title, LABEL_LEN_MAX),
        what: clean::line(reminder.event.title(), 100),
        when: match reminder.days_ahead {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            days => format!("in {days} days"),
        },
        line,
        sources: sources.collect(),
        acts: context.foot(
            std::iter::once((reminder.watch.as_str(), reminder.title.as_str())),
            Some(List::Watch(reminder.watch.clone())),
        ),
    };
    view.subject = subject("remind/subject.txt", &view)?;
    let (text, html) = (template::render_text("remind/body.txt", &view)?, template::render("remind/body.html", &view)?);
    Ok(Views { subject: view.subject, text, html })
}
