use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, escape_formatter};
use serde::Serialize;

use super::{ComposeError, wrap};

/// All templates, by their path under `templates/`. Those that end in `.html` escape whatever is put into them.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters are not ambiguous"));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(|out, state, value| {
        if value.is_undefined() || value.is_safe() || !matches!(state.auto_escape(), AutoEscape::Html) {
            return escape_formatter(out, state, value);
        }
        escape(&value.to_string(), |part| Ok(out.write_str(part)?))
    });
    environment.add_filter("starred", |pieces: Value| starred(&pieces));
    environment.add_filter("wrap", |text: &str, indent: Option<&str>, first: Option<&str>| {
        let indent = indent.unwrap_or_default();
        wrap::wrap(text, first.unwrap_or(indent), indent)
    });
    macro_rules! add {
        ($($name:literal),+ $(,)?) => {
            $(environment
                .add_template($name, include_str!(concat!("../../../templates/", $name)))
                .expect("built-in templates are well formed");)+
        };
    }
    add![
        "frame/page.html",
        "frame/report.html",
        "frame/report.txt",
        "frame/acts.html",
        "frame/acts.txt",
        "web/page.html",
        "alert/subject.txt",
        "alert/body.txt",
        "alert/body.html",
        "digest/subject.txt",
        "digest/body.txt",
        "digest/body.html",
        "quiet/subject.txt",
        "quiet/body.txt",
        "quiet/body.html",
        "feed-broken/subject.txt",
        "feed-broken/body.txt",
        "feed-broken/body.html",
        "feed-odd/subject.txt",
        "feed-odd/body.txt",
        "feed-odd/body.html",
        "feed-healed/subject.txt",
        "feed-healed/body.txt",
        "feed-healed/body.html",
        "remind/subject.txt",
        "remind/body.txt",
        "remind/body.html",
        "test/subject.txt",
        "test/body.txt",
        "test/body.html",
    ];
    environment
});

/// The text of the template at `path`, filled with `view`.
pub(super) fn render(path: &'static str, view: &impl Serialize) -> Result<String, ComposeError> {
    let rendered = TEMPLATES.get_template(path).and_then(|template| template.render(Serde(view)));
    rendered.map_err(|source| ComposeError::Template { path, source })
}

/// The text part that the template at `path` makes, with one empty line wherever there are several.
pub(super) fn render_text(path: &'static str, view: &impl Serialize) -> Result<String, ComposeError> {
    let mut text = String::new();
    for line in render(path, view)?.lines() {
        if !line.is_empty() || !text.is_empty() && !text.ends_with("\n\n") {
            text.push_str(line);
            text.push('\n');
        }
    }
    text.truncate(text.trim_end_matches('\n').len());
    text.push('\n');
    Ok(text)
}

/// What HTML asks to be escaped in text and in quoted attributes (HTML §13.3), and nothing else: the engine's own way also
/// escapes slashes, and not every mail program reads a link that is written so.
fn escape(text: &str, mut write: impl FnMut(&str) -> Result<(), minijinja::Error>) -> Result<(), minijinja::Error> {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        write(&rest[..at])?;
        write(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        })?;
        rest = &rest[at + 1..];
    }
    write(rest)
}

/// Pieces of text as plain text, those that matched between stars.
fn starred(pieces: &Value) -> Result<String, minijinja::Error> {
    let mut text = String::new();
    for piece in pieces.try_iter()? {
        let (part, marked) = (piece.get_attr("text")?, piece.get_attr("marked")?.is_true());
        let star = if marked { "*" } else { "" };
        text.push_str(star);
        text.push_str(part.as_str().unwrap_or_default());
        text.push_str(star);
    }
    Ok(text)
}
