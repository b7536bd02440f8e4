use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::ahead::{Ahead, ahead};
use super::links::Act;
use super::near::Near;
use super::report::{Report, long_moment, moment};
use super::{ComposeError, Context, LABEL_LEN_MAX, Proof, Views, clean, count, fit, subject, template};
use crate::alert::Ill;
use crate::deliver::List;
use crate::item::{ListedMiss, StoryId, Told};
use crate::store::MailEntry;

/// Feeds that are not read and are named.
const ILL_MAX: usize = 10;

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
    /// What is to be said of all of it; mostly nothing.
    note: &'a str,
    sections: Vec<Section<'a>>,
    /// Stories that did not fit.
    left_out: usize,
    /// Events ahead, and how many more there are.
    ahead: &'a [Ahead],
    ahead_more: usize,
    /// Feeds that are not read: a line for each.
    ill: Vec<String>,
    /// What the watches nearly matched.
    near: &'a [Near],
    /// The line of proof, in its parts.
    proof: Vec<String>,
    /// Links by which the reader has a say in what comes.
    acts: &'a [Act],
}

/// What one watch has to tell.
#[derive(Serialize)]
struct Section<'a> {
    title: &'a str,
    /// Mutes the watch.
    mute: Option<&'a Act>,
    stories: &'a [Story],
}

/// A story, by one report or more.
#[derive(Serialize)]
struct Story {
    #[serde(skip)]
    id: StoryId,
    /// Within its section, from 1.
    number: usize,
    /// Items that report it.
    #[serde(skip)]
    sources: usize,
    reports: Vec<Report>,
}

impl Story {
    /// Where this very mail is the first to tell of the story, its further reports follow upon the first, and the reader is not to
    /// look for an earlier mail.
    fn introduce(&mut self) {
        if let Some(first) = self.reports.iter().position(|report| !report.later && !report.edited) {
            self.reports[first..].iter_mut().for_each(|report| report.later = false);
        }
    }
}

/// All stories of one watch.
struct Group {
    watch: String,
    title: String,
    mute: Option<Act>,
    stories: Vec<Story>,
}

/// What a mail of several stories tells besides them.
#[derive(Debug, Default)]
pub(super) struct Extra<'a> {
    /// It is a digest, which ends with a small calendar.
    pub(super) is_digest: bool,
    /// What the watches nearly matched.
    pub(super) near: &'a [ListedMiss],
    /// Its alerts had waited in vain since then.
    pub(super) delayed: Option<Timestamp>,
    /// What the reader can be unsubscribed from.
    pub(super) list: Option<List>,
}

pub(super) fn views(
    context: &Context<'_>,
    name: &str,
    entries: &[MailEntry],
    extra: &Extra<'_>,
) -> Result<Views, ComposeError> {
    let (delayed, zone) = (extra.delayed, context.sender.time_zone());
    let groups = groups(context, entries);
    let distinct: BTreeSet<i64> = entries.iter().map(|entry| entry.telling.story.0).collect();
    let stories = match context.whole.map_or(distinct.len(), |whole| whole.stories) {
        0 => "nothing new".to_owned(),
        n => count(n, "story", "stories"),
    };
    let stories = match context.whole.map_or_else(|| dates_moved(entries), |whole| whole.moved) {
        0 => stories,
        n => format!("{stories}, {} moved", count(n, "date", "dates")),
    };
    let stories = if delayed.is_some() { format!("{stories}, delayed") } else { stories };
    let note = delayed.map(|since| {
        let since = long_moment(since, zone);
        format!("This could not be delivered when it was news. The oldest of it had waited since {since}.")
    });
    let subject =
        subject("digest/subject.txt", &Subject { name: clean::line(name, LABEL_LEN_MAX), stories: &stories })?;
    let given = groups.iter().map(|group| group.stories.len()).sum();
    let total = context.whole.map_or(given, |whole| whole.sections);
    let watches = context.whole.map_or(groups.len(), |whole| whole.watches.len());
    let titles: Vec<&str> = groups.iter().map(|group| group.title.as_str()).collect();
    let acts = context.foot(std::iter::empty(), extra.list.clone());
    let today = context.now.to_zoned_datetime(zone.clone()).date();
    let (ahead, ahead_more) = if extra.is_digest { ahead(entries, today) } else { Default::default() };
    let near: Vec<Near> = extra.near.iter().map(|miss| Near::of(miss, zone)).collect();
    let render = |shown: usize| {
        let view = View {
            subject: &subject,
            preview: clean::line(&titles.join(", "), 200),
            name: clean::line(name, 80),
            stories: stories.clone(),
            watches: if watches > 1 { format!("from {watches} watches") } else { String::new() },
            at: long_moment(context.now, zone),
            note: note.as_deref().unwrap_or_default(),
            sections: sections(&groups, shown),
            left_out: total - shown,
            ahead: &ahead,
            ahead_more,
            ill: context.proof.map(|proof| ill(&proof.ill, zone)).unwrap_or_default(),
            near: &near,
            proof: context.proof.map(proof).unwrap_or_default(),
            acts: &acts,
        };
        let (text, html) =
            (template::render_text("digest/body.txt", &view)?, template::render("digest/body.html", &view)?);
        Ok(Views { subject: subject.clone(), text, html })
    };
    fit(context, given, render)
}

/// Feeds that are not read, by name, as far as a reader wants to know.
fn ill(ill: &[Ill], zone: &TimeZone) -> Vec<String> {
    let line = |ill: &Ill| {
        let (name, since) = (clean::line(&ill.feed, 80), moment(ill.since, zone));
        match (ill.gone, clean::line(&ill.error, 160)) {
            (true, _) => format!("{name} says since {since} that it is gone for good"),
            (false, error) if error.is_empty() => format!("{name} has not been read since {since}"),
            (false, error) => format!("{name} has not been read since {since}: {error}"),
        }
    };
    let mut lines: Vec<String> = ill.iter().take(ILL_MAX).map(line).collect();
    if ill.len() > ILL_MAX {
        lines.push(format!("and {} more", ill.len() - ILL_MAX));
    }
    lines
}

fn proof(proof: &Proof) -> Vec<String> {
    let count = |n: u64, noun: &str, what: &str| format!("{n} {noun}{} {what}", if n == 1 { "" } else { "s" });
    vec![count(proof.feeds, "feed", "read"), count(proof.items, "item", "seen"), count(proof.gaps, "gap", "known")]
}

/// How many events were put to another day, each once.
fn dates_moved(entries: &[MailEntry]) -> usize {
    let facts = entries.iter().flat_map(|entry| &entry.telling.hit.facts);
    facts.filter_map(Told::moved).collect::<BTreeSet<_>>().len()
}

/// The first `shown` stories, section by section.
fn sections(groups: &[Group], shown: usize) -> Vec<Section<'_>> {
    let mut left = shown;
    let mut sections = Vec::new();
    for group in groups {
        let stories = &group.stories[..group.stories.len().min(left)];
        left -= stories.len();
        if !stories.is_empty() {
            sections.push(Section { title: &group.title, mute: group.mute.as_ref(), stories });
        }
    }
    sections
}

/// By watch, in the order in which they are told, which is that of their importance; then by story: what most sources carry
/// comes first, and what was told first before what was told later.
fn groups(context: &Context<'_>, entries: &[MailEntry]) -> Vec<Group> {
    let shown: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.item.link.as_deref()).collect();
    let mut groups: Vec<Group> = Vec::new();
    for entry in entries {
        let at = groups.iter().position(|group| group.watch == entry.telling.hit.watch).unwrap_or_else(|| {
            groups.push(Group {
                watch: entry.telling.hit.watch.clone(),
                title: clean::line(&entry.telling.title, 80),
                mute: context.mute(&entry.telling.hit.watch, "Mute for 2 days".to_owned()),
                stories: Vec::new(),
            });
            groups.len() - 1
        });
        let group = &mut groups[at];
        let report = Report::of(context, &[entry], &shown);
        if let Some(story) = group.stories.iter_mut().find(|story| story.id == entry.telling.story) {
            story.reports.push(report);
        } else {
            let sources = 1 + entry.also_in.len();
            group.stories.push(Story { id: entry.telling.story, number: 0, sources, reports: vec![report] });
        }
    }
    for group in &mut groups {
        group.stories.iter_mut().for_each(Story::introduce);
        group.stories.sort_by_key(|story| std::cmp::Reverse(story.sources));
        (1..).zip(&mut group.stories).for_each(|(number, story)| story.number = number);
    }
    groups
}
