use std::collections::BTreeSet;

use serde::Serialize;

use super::report::{Report, long_moment};
use super::{ComposeError, Context, LABEL_LEN_MAX, Proof, Views, clean, count, fit, subject, template};
use crate::item::{Days, Fact, StoryId};
use crate::store::MailEntry;

/// The subject of a digest, as its template sees it.
#[derive(Serialize)]
struct Subject<'a> {
    name: String,
    stories: &'a str,
}

/// A digest, as its templates see it.
#[derive(Serialize)]
struct View<'a> {
    subject: &'a str,
    preview: String,
    name: String,
    /// `3 stories, 2 dates moved`.
    stories: String,
    /// `from 2 watches`; empty where one watch or none has something to tell.
    watches: String,
    /// When it was made.
    at: String,
    sections: Vec<Section<'a>>,
    /// Stories that did not fit.
    left_out: usize,
    proof: Option<Proof>,
}

/// What one watch has to tell.
#[derive(Serialize)]
struct Section<'a> {
    title: &'a str,
    stories: &'a [Story],
}

/// A story, by one report or more.
#[derive(Serialize)]
struct Story {
    #[serde(skip)]
    id: StoryId,
    /// Within its section, from 1.
    number: usize,
    reports: Vec<Report>,
}

/// All stories of one watch.
struct Group {
    watch: String,
    title: String,
    stories: Vec<Story>,
}

pub(super) fn views(context: &Context<'_>, name: &str, entries: &[MailEntry]) -> Result<Views, ComposeError> {
    let groups = groups(context, entries);
    let distinct: BTreeSet<i64> = entries.iter().map(|entry| entry.telling.story.0).collect();
    let stories = match distinct.len() {
        0 => "nothing new".to_owned(),
        n => count(n, "story", "stories"),
    };
    let stories = match dates_moved(entries) {
        0 => stories,
        n => format!("{stories}, {} moved", count(n, "date", "dates")),
    };
    let subject =
        subject("digest/subject.txt", &Subject { name: clean::line(name, LABEL_LEN_MAX), stories: &stories })?;
    let total = groups.iter().map(|group| group.stories.len()).sum();
    let titles: Vec<&str> = groups.iter().map(|group| group.title.as_str()).collect();
    let render = |shown: usize| {
        let view = View {
            subject: &subject,
            preview: clean::line(&titles.join(", "), 200),
            name: clean::line(name, 80),
            stories: stories.clone(),
            watches: if groups.len() > 1 { format!("from {} watches", groups.len()) } else { String::new() },
            at: long_moment(context.now, context.sender.time_zone()),
            sections: sections(&groups, shown),
            left_out: total - shown,
            proof: context.proof,
        };
        let (text, html) =
            (template::render_text("digest/body.txt", &view)?, template::render("digest/body.html", &view)?);
        Ok(Views { subject: subject.clone(), text, html })
    };
    fit(total, render, |views| views.html.len())
}

/// How many events were put to another day, each once.
fn dates_moved(entries: &[MailEntry]) -> usize {
    let mut moved: BTreeSet<(&str, Option<Days>)> = BTreeSet::new();
    for told in entries.iter().flat_map(|entry| &entry.telling.hit.facts) {
        if let Fact::Event(event) = &told.fact {
            let was_told = told.before.as_ref().is_some_and(|before| before.is_moved_to(&event.days));
            if !event.cancelled && (was_told || event.moved_from.is_some()) {
                moved.insert(match &told.calendar {
                    Some(name) => (name.uid.as_str(), None),
                    None => (event.kind.as_str(), Some(event.days)),
                });
            }
        }
    }
    moved.len()
}

/// The first `shown` stories, section by section.
fn sections(groups: &[Group], shown: usize) -> Vec<Section<'_>> {
    let mut left = shown;
    let mut sections = Vec::new();
    for group in groups {
        let stories = &group.stories[..group.stories.len().min(left)];
        left -= stories.len();
        if !stories.is_empty() {
            sections.push(Section { title: &group.title, stories });
        }
    }
    sections
}

/// By watch, then by story, both in the order in which they were first told.
fn groups(context: &Context<'_>, entries: &[MailEntry]) -> Vec<Group> {
    let shown: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.item.link.as_deref()).collect();
    let mut groups: Vec<Group> = Vec::new();
    for entry in entries {
        let at = groups.iter().position(|group| group.watch == entry.telling.hit.watch).unwrap_or_else(|| {
            groups.push(Group {
                watch: entry.telling.hit.watch.clone(),
                title: clean::line(&entry.telling.title, 80),
                stories: Vec::new(),
            });
            groups.len() - 1
        });
        let group = &mut groups[at];
        let report = Report::of(&[entry], &shown, context.sender.time_zone());
        if let Some(story) = group.stories.iter_mut().find(|story| story.id == entry.telling.story) {
            story.reports.push(report);
        } else {
            let number = group.stories.len() + 1;
            group.stories.push(Story { id: entry.telling.story, number, reports: vec![report] });
        }
    }
    groups
}
