//! What is told, as a message: text, HTML, and the header around both.
//!
//! Pure: the same arguments make the same bytes. Feeds are strangers, so whatever comes from them is cleaned
//! before it is put anywhere and escaped where it is put into HTML.

mod ahead;

mod alert;

pub mod calendar;

mod clean;

mod digest;

mod facts;

mod links;

mod marks;

mod mime;

mod near;

mod operator;

mod page;

mod quiet;

mod remind;

mod report;

mod template;

mod wrap;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::Serialize;

pub use page::{Page, page};

use self::digest::Extra;
use super::address::NotAnAddress;
use super::{Installation, List, Sender, Wish};
use crate::alert::Ill;
use crate::item::{Envelope, Fact, FeedMemory, Key, MailKind};
use crate::store::{Counts, Lease, MailEntry, Rendered, ThreadMail, Whole};

/// Largest HTML part in bytes. Some mail programs cut messages at 102 kB, and quoted-printable adds to what is rendered.
pub const HTML_LEN_MAX: usize = 90_000;

/// Days in a row that a calendar gets; what lasts longer is a month or a season.
const DATED_DAYS_MAX: i32 = 27;

/// Most text of a mail that has to be short, in bytes.
const SHORT_LEN_MAX: usize = 8_000;

/// Longest subject, in characters.
const SUBJECT_LEN_MAX: usize = 150;

/// Longest name in a subject, in characters.
const LABEL_LEN_MAX: usize = 50;

/// What every mail is made with.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// From whom, and in which time zone times are shown.
    pub sender: &'a Sender,
    /// Whose `Message-ID`s.
    pub installation: &'a Installation,
    /// Whom it is for.
    pub to: &'a str,
    /// When it is rendered; its `Date` for ever.
    pub now: Timestamp,
    /// The figures with which a digest ends.
    pub proof: Option<&'a Proof>,
    /// What it tells in all, where that is more than is given.
    pub whole: Option<&'a Whole>,
    /// Text alone, and little of it: for a server that refused the mail as too big.
    pub short: bool,
}

/// What was done for a digest, so that its reader can tell silence from a fault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// Feeds that are read.
    pub feeds: u64,
    /// Items that were seen.
    pub items: u64,
    /// How often items may have passed unseen.
    pub gaps: u64,
    /// Feeds that are not read.
    pub ill: Vec<Ill>,
}

impl Proof {
    /// What the store counts, and which of the feeds that fail are ill.
    pub fn of(counts: &Counts, failing: &[FeedMemory], now: Timestamp) -> Self {
        let ill = failing.iter().filter_map(|feed| Ill::of(feed, now)).collect();
        Self { feeds: counts.feeds_read, items: counts.items, gaps: counts.gaps, ill }
    }
}

/// A mail as its reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Views {
    /// The subject: one line.
    pub subject: String,
    /// The text part, complete on its own, lines ended by `\n`.
    pub text: String,
    /// The HTML part, complete on its own, with nothing from elsewhere.
    pub html: String,
}

/// What a kind of mail brings besides its views.
struct Letterhead {
    /// What `List-Id` names.
    list: String,
    /// Names of the watches that it tells of.
    watches: Vec<String>,
    /// What its recipient can be unsubscribed from.
    leave: Option<List>,
}

/// A mail of the outbox, ready to be sent.
///
/// `entries` are what it tells, in order; `thread` the earlier mails of its story to its recipient, oldest first.
///
/// # Errors
/// When an address cannot be written, or a template fails, which the tests rule out.
pub fn mail(
    context: &Context<'_>,
    envelope: &Envelope,
    entries: &[MailEntry],
    thread: &[ThreadMail],
) -> Result<Rendered, ComposeError> {
    let views = views(context, &envelope.kind, entries, thread)?;
    let head = letterhead(context, &envelope.kind, entries);
    let message_id = context.installation.message_id(&envelope.recipient, &envelope.keys, context.sender.domain());
    let thread = thread.iter().map(|mail| mail.message_id.as_str()).collect();
    let calendar = events_ahead(context, &envelope.kind, entries);
    finish(context, message_id, head, thread, views, calendar.as_deref())
}

/// The calendar of the events that a mail tells of and that are not over, each once; `None` where there is none.
fn events_ahead(context: &Context<'_>, kind: &MailKind, entries: &[MailEntry]) -> Option<String> {
    let today = context.now.to_zoned_datetime(context.sender.time_zone().clone()).date();
    let mut ahead: Vec<calendar::Entry<'_>> = Vec::new();
    if let MailKind::Reminder(reminder) = kind {
        let link = reminder.sources.iter().rev().find_map(|(_, link)| link.as_deref());
        ahead.push(calendar::Entry { name: &reminder.calendar, event: &reminder.event, link, stamp: context.now });
    }
    for entry in entries {
        for told in &entry.telling.hit.facts {
            let (Fact::Event(event), Some(name)) = (&told.fact, &told.calendar) else { continue };
            // A month or a year is no date to put down.
            if event.days.last < today || event.days.count() > DATED_DAYS_MAX {
                continue;
            }
            let item = calendar::Entry { name, event, link: entry.item.link.as_deref(), stamp: context.now };
            match ahead.iter_mut().find(|known| known.name.uid == name.uid) {
                Some(known) if known.name.sequence < name.sequence => *known = item,
                Some(_) => {}
                None => ahead.push(item),
            }
        }
    }
    (!ahead.is_empty()).then(|| calendar::calendar(ahead))
}

/// What the reader of [`mail`] sees.
///
/// # Errors
/// When a template fails, which the tests rule out.
pub fn views(
    context: &Context<'_>,
    kind: &MailKind,
    entries: &[MailEntry],
    thread: &[ThreadMail],
) -> Result<Views, ComposeError> {
    match kind {
        MailKind::Alert => alert::views(context, entries, thread, None),
        MailKind::Reminder(reminder) => remind::views(context, reminder),
        MailKind::QuietOver { since } => alert::views(context, entries, thread, Some(*since)),
        MailKind::Quiet { watch, title, since, read_ms, feeds } => {
            let silence = quiet::Silence { watch, title, since: *since, read_ms: *read_ms, feeds };
            quiet::views(context, &silence)
        }
        MailKind::Together { title } => {
            let name = title.as_deref().unwrap_or("newswatch");
            digest::views(context, name, entries, &Extra { list: links::list(kind, entries), ..Extra::default() })
        }
        MailKind::Stale { since } => {
            digest::views(context, "newswatch", entries, &Extra { delayed: Some(*since), ..Extra::default() })
        }
        MailKind::Digest { name, near } => {
            let extra = Extra { near, is_digest: true, list: links::list(kind, entries), ..Extra::default() };
            digest::views(context, name, entries, &extra)
        }
        MailKind::FeedBroken { feed, url, error, gone } => operator::broken(context, feed, url, error, *gone),
        MailKind::FeedOdd { feed, url, what, since } => operator::odd(context, feed, url, *what, *since),
        MailKind::FeedHealed { feed, url } => operator::healed(context, feed, url),
    }
}

/// A message that shows that mail from here arrives. Each one has an identity of its own.
///
/// # Errors
/// When an address cannot be written.
pub fn test_message(context: &Context<'_>) -> Result<Rendered, ComposeError> {
    let views = operator::test(context)?;
    let key = Key::of(&["test", &context.now.to_string()]);
    let message_id = context.installation.message_id(context.to, &[key], context.sender.domain());
    let head = Letterhead { list: "test".to_owned(), watches: Vec::new(), leave: None };
    finish(context, message_id, head, Vec::new(), views, None)
}

fn finish(
    context: &Context<'_>,
    message_id: String,
    head: Letterhead,
    thread: Vec<&str>,
    views: Views,
    calendar: Option<&str>,
) -> Result<Rendered, ComposeError> {
    let header = mime::Header {
        from: context.sender.from(),
        to: context.to,
        domain: context.sender.domain(),
        message_id: &message_id,
        at: context.now,
        zone: context.sender.time_zone(),
        list: &head.list,
        watches: head.watches,
        leave: head.leave.and_then(|list| context.link(&Wish::Unsubscribe(list))),
        thread,
    };
    let bytes = mime::message(&header, &views, calendar, context.short)?;
    let bytes = context.sender.signed(bytes, context.now).ok_or(ComposeError::Unsigned)?;
    Ok(Rendered { message_id, subject: views.subject, bytes, short: context.short })
}

fn letterhead(context: &Context<'_>, kind: &MailKind, entries: &[MailEntry]) -> Letterhead {
    let mut watches = context.whole.map(|whole| whole.watches.clone()).unwrap_or_default();
    for entry in entries {
        if !watches.contains(&entry.telling.hit.watch) {
            watches.push(entry.telling.hit.watch.clone());
        }
    }
    if let MailKind::Quiet { watch, .. } = kind {
        watches.push(watch.clone());
    }
    if let MailKind::Reminder(reminder) = kind {
        watches.push(reminder.watch.clone());
    }
    let list = match kind {
        MailKind::Alert
        | MailKind::Together { .. }
        | MailKind::Quiet { .. }
        | MailKind::QuietOver { .. }
        | MailKind::Reminder(_) => watches.first().cloned().unwrap_or_default(),
        MailKind::Stale { .. } => "delayed".to_owned(),
        MailKind::Digest { name, .. } => name.clone(),
        MailKind::FeedBroken { .. } | MailKind::FeedOdd { .. } | MailKind::FeedHealed { .. } => "operator".to_owned(),
    };
    Letterhead { list, watches, leave: links::list(kind, entries) }
}

/// The subject that the template at `path` makes, on one line of a sensible length.
fn subject(path: &'static str, view: &impl Serialize) -> Result<String, ComposeError> {
    Ok(clean::line(&template::render(path, view)?, SUBJECT_LEN_MAX))
}

/// Renders with as many of `total` parts as fit: into [`HTML_LEN_MAX`], or into [`SHORT_LEN_MAX`] of text. The smallest of parts are
/// so large that more than [`Lease::TELLINGS_MAX`] never fit.
fn fit(
    context: &Context<'_>,
    total: usize,
    mut render: impl FnMut(usize) -> Result<Views, ComposeError>,
) -> Result<Views, ComposeError> {
    let mut shown = total.min(Lease::TELLINGS_MAX);
    loop {
        let views = render(shown)?;
        let (len, most) =
            if context.short { (views.text.len(), SHORT_LEN_MAX) } else { (views.html.len(), HTML_LEN_MAX) };
        if len <= most || shown == 0 {
            return Ok(views);
        }
        // The parts are of about one size, so this ends after two or three rounds.
        shown = (shown - 1).min(shown * most / len);
    }
}

/// `1 story`, `3 stories`.
fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// What can happen to a mail while it is made.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// An address cannot be used; correct it in the config.
    #[error("an address cannot be mailed to or from; correct it in the config")]
    Address(#[from] NotAnAddress),
    /// A template failed.
    #[error("the template {path} failed")]
    Template {
        /// Its path under `templates/`.
        path: &'static str,
        /// Why.
        source: minijinja::Error,
    },
    /// The time lies outside of what a `Date` can hold.
    #[error("{at} cannot be written as a date; set the clock")]
    Date {
        /// The time.
        at: Timestamp,
    },
    /// The message could not be signed.
    #[error("the message could not be signed; look at [[mail.dkim]]")]
    Unsigned,
    /// The body could not be written as quoted-printable.
    #[error("a body could not be written as quoted-printable")]
    Encoding,
}
