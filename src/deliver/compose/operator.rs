use jiff::Timestamp;
use serde::Serialize;

use super::report::long_moment;
use super::{ComposeError, Context, Views, clean, subject, template};
use crate::item::Ailment;

/// A mail to whoever runs newswatch, as its templates see it.
#[derive(Serialize)]
struct View {
    subject: String,
    preview: String,
    feed: String,
    url: String,
    /// What went wrong, in words.
    error: String,
    /// Since when, where that is told.
    since: String,
    /// The feed has gone for good.
    gone: bool,
    at: String,
    from: String,
}

pub(super) fn broken(
    context: &Context<'_>,
    feed: &str,
    url: &str,
    error: &str,
    gone: bool,
) -> Result<Views, ComposeError> {
    let error = clean::line(error, 600);
    let view = View { preview: error.clone(), error, gone, ..view(context, feed, url) };
    render(view, ["feed-broken/subject.txt", "feed-broken/body.txt", "feed-broken/body.html"])
}

pub(super) fn odd(
    context: &Context<'_>,
    feed: &str,
    url: &str,
    what: Ailment,
    since: Timestamp,
) -> Result<Views, ComposeError> {
    let (error, subject) = oddity(what);
    let since = long_moment(since, context.sender.time_zone());
    let (error, preview) = (error.to_owned(), subject.to_owned());
    let view = View { preview, error, since, ..view(context, feed, url) };
    render(view, ["feed-odd/subject.txt", "feed-odd/body.txt", "feed-odd/body.html"])
}

/// What is odd and what it may mean, and the same in a few words.
fn oddity(what: Ailment) -> (&'static str, &'static str) {
    match what {
        Ailment::Gaps => (
            "Between two polls all of its items changed, so some may have come and gone unseen. A shorter `every` on this feed \
             would help, or a feed of the same site that shows more items.",
            "may have lost items",
        ),
        Ailment::Quiet => (
            "It answers, but it has had no news for far longer than is usual for it. It may have moved, or its publisher may \
             have given it up; a look at the site will tell.",
            "has gone quiet",
        ),
        Ailment::Churn => (
            "It gives its items new ids again and again. Items are recognised by their links and titles instead; one whose link \
             and title change too would be told twice.",
            "keeps changing its ids",
        ),
        Ailment::OneDate => (
            "All of its items bear one date, so their dates say nothing. What is new is told by when it was first seen.",
            "has one date for all its items",
        ),
    }
}

pub(super) fn healed(context: &Context<'_>, feed: &str, url: &str) -> Result<Views, ComposeError> {
    let view = view(context, feed, url);
    render(view, ["feed-healed/subject.txt", "feed-healed/body.txt", "feed-healed/body.html"])
}

pub(super) fn test(context: &Context<'_>) -> Result<Views, ComposeError> {
    render(view(context, "", ""), ["test/subject.txt", "test/body.txt", "test/body.html"])
}

fn view(context: &Context<'_>, feed: &str, url: &str) -> View {
    View {
        subject: String::new(),
        preview: String::new(),
        feed: clean::line(feed, 80),
        url: clean::address(url),
        error: String::new(),
        since: String::new(),
        gone: false,
        at: long_moment(context.now, context.sender.time_zone()),
        from: clean::line(&context.sender.from().to_string(), 200),
    }
}

fn render(mut view: View, [subject_path, text, html]: [&'static str; 3]) -> Result<Views, ComposeError> {
    view.subject = subject(subject_path, &view)?;
    let (text, html) = (template::render_text(text, &view)?, template::render(html, &view)?);
    Ok(Views { subject: view.subject, text, html })
}
