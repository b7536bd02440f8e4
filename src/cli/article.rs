//! `article read`.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::Exit;
use super::input::{self, Input};
use super::table::{json_time, plain};
use crate::article::{self, Article, Wall};
use crate::clock::{Clock, SystemClock};
use crate::config::Settings;
use crate::parse::{self, HtmlPage, ParseError};

/// Shows the articles of pages; any that cannot be read makes the exit status 1.
pub(super) fn read(config: Option<&Path>, inputs: &[String], json: bool) -> anyhow::Result<Exit> {
    let line = |name: &str, read: &Article| if json { json_article(name, read).to_string() } else { shown(name, read) };
    let failed = |name: &str, error: &str| {
        let line = json!({
            "input": name, "error": error, "wall": null, "title": null, "published": null, "authors": [], "text": null,
        });
        json.then(|| line.to_string())
    };
    input::show_each(config, inputs, &page, line, failed)
}

async fn page(name: &str, settings: &Settings) -> anyhow::Result<Article> {
    let input = input::open(name, settings).await?.whole()?.unpacked(name)?;
    let article = article::read(&input.bytes, input.content_type.as_deref(), &input.base);
    let empty = article.text.is_empty() && article.wall.is_none();
    anyhow::ensure!(!empty, "{}: {}", input::shown(name), instead(&input));
    Ok(article)
}

/// Why an input holds no article.
fn instead(input: &Input) -> String {
    match parse::feed(&input.bytes, input.content_type.as_deref(), &input.base, SystemClock.now()) {
        Ok(feed) => format!("this is a feed ({}), not a web page; `newswatch feed read` shows it", feed.format),
        Err(ParseError::NotAFeed { what }) => format!("this is {what}, not a web page"),
        Err(ParseError::Empty) => "there is nothing in it".to_owned(),
        Err(ParseError::Html { page: HtmlPage { moved: Some(to), .. } }) => {
            format!("no article was found; the page sends its readers on to {to}")
        }
        Err(_) => "no article was found; it may be a front page, or one that shows its text by script only".to_owned(),
    }
}

/// What is not the article is not given as its text; the beginning that a paywall leaves is.
fn text(article: &Article) -> Option<&str> {
    let shows = matches!(article.wall, None | Some(Wall::Paywall)) && !article.text.is_empty();
    shows.then_some(article.text.as_str())
}

fn json_article(name: &str, article: &Article) -> Value {
    json!({
        "input": name, "wall": article.wall.map(Wall::as_str),
        "title": Some(&article.title).filter(|title| !title.is_empty()), "published": json_time(article.published),
        "authors": article.authors, "text": text(article),
    })
}

fn shown(name: &str, article: &Article) -> String {
    let mut out = plain(&input::shown(name));
    if let Some(wall) = article.wall {
        out.push_str(": ");
        out.push_str(wall.reason());
    }
    out.push('\n');
    let published = json_time(article.published).unwrap_or_default();
    for (label, value) in
        [("title", article.title.as_str()), ("published", &published), ("authors", &article.authors.join(", "))]
    {
        if !value.is_empty() {
            let _ = writeln!(out, "  {label:<10} {}", plain(value));
        }
    }
    for paragraph in text(article).unwrap_or_default().split("\n\n") {
        out.push('\n');
        for line in paragraph.lines() {
            out.push_str(&plain(line));
            out.push('\n');
        }
    }
    out
}
