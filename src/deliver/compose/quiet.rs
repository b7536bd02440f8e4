use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::links::Act;
use super::report::long_moment;
use super::{ComposeError, Context, LABEL_LEN_MAX, Views, clean, count, subject, template};
use crate::deliver::List;

/// A silence, as its templates see it.
#[derive(Serialize)]
struct View {
    subject: String,
    preview: String,
    /// The watch's title.
    label: String,
    /// `3 days`
    lasted: String,
    since: String,
    feeds: String,
    acts: Vec<Act>,
}

/// A silence that is told.
pub(super) struct Silence<'a> {
    pub(super) watch: &'a str,
    pub(super) title: &'a str,
    pub(super) since: Timestamp,
    pub(super) read_ms: i64,
    pub(super) feeds: &'a [String],
}

pub(super) fn views(context: &Context<'_>, silence: &Silence<'_>) -> Result<Views, ComposeError> {
    let Silence { watch, title, since, read_ms, feeds } = *silence;
    let mut view = View {
        subject: String::new(),
        preview: String::new(),
        label: clean::line(title, LABEL_LEN_MAX),
        lasted: lasted(SignedDuration::from_millis(read_ms)),
        since: long_moment(since, context.sender.time_zone()),
        feeds: clean::line(&feeds.join(", "), 400),
        acts: context.foot(std::iter::once((watch, title)), Some(List::Watch(watch.to_owned()))),
    };
    view.subject = subject("quiet/subject.txt", &view)?;
    view.preview = format!("Silent since {}", view.since);
    let (text, html) = (template::render_text("quiet/body.txt", &view)?, template::render("quiet/body.html", &view)?);
    Ok(Views { subject: view.subject, text, html })
}

/// In the largest unit of which there are at least two, rounded down.
fn lasted(time: SignedDuration) -> String {
    let units = [(86_400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes")];
    let whole = units.into_iter().find(|(seconds, _, _)| time.as_secs() >= 2 * seconds);
    let (seconds, one, many) = whole.unwrap_or((1, "second", "seconds"));
    count(usize::try_from(time.as_secs() / seconds).unwrap_or_default(), one, many)
}
