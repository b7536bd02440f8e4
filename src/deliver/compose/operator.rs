use serde::Serialize;

use super::report::long_moment;
use super::{ComposeError, Context, Views, clean, subject, template};

/// A mail to whoever runs newswatch, as its templates see it.
#[derive(Serialize)]
struct View {
    subject: String,
    preview: String,
    feed: String,
    url: String,
    /// What went wrong, in words.
    error: String,
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
