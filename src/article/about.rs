//! What a page says about its article in its head: when it was published, by whom, and its text as structured data.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;

use super::headline::meta;
use super::tree::{ROOT, Tree};

/// Authors that are named at most.
const AUTHORS_MAX: usize = 20;

/// Nodes of structured data that are looked at.
const LOOKS_MAX: usize = 2_000;

/// What a page says about its article.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct About {
    /// When it was published.
    pub(super) published: Option<Timestamp>,
    /// Who wrote it.
    pub(super) authors: Vec<String>,
    /// The text as structured data (schema.org `articleBody`), on one line.
    pub(super) body: Option<String>,
    /// Whether it says that not everybody may read it (schema.org `isAccessibleForFree`).
    pub(super) paid: bool,
}

/// Reads it: structured data first, then `meta`, then the first `time`.
pub(super) fn read(tree: &Tree<'_>) -> About {
    let mut about = About::default();
    let mut looks = LOOKS_MAX;
    for data in &tree.data {
        if let Some(value) = json(data) {
            look(&value, &mut about, &mut looks, 0);
        }
    }
    if about.published.is_none() {
        const NAMES: [&str; 8] = [
            "article:published_time",
            "og:published_time",
            "datePublished",
            "parsely-pub-date",
            "dc.date.issued",
            "dc.date",
            "date",
            "pubdate",
        ];
        about.published = meta(tree, &NAMES).as_deref().and_then(time);
    }
    if about.published.is_none() {
        about.published = (ROOT..tree.len())
            .filter(|&id| tree.node(id).name == "time")
            .find_map(|id| tree.node(id).attribute("datetime").as_deref().and_then(time));
    }
    if about.authors.is_empty() {
        let author = meta(tree, &["author", "article:author", "parsely-author", "dc.creator"]);
        about.authors.extend(author.filter(|author| !author.contains("://")));
    }
    about
}

/// Structured data as it is written in the wild: in a comment or CDATA, with line ends within strings.
fn json(data: &str) -> Option<Value> {
    let data = data.trim().trim_start_matches("<!--").trim_start_matches("//<![CDATA[").trim_start_matches("<![CDATA[");
    let data = data.trim_end_matches(';').trim_end_matches("-->").trim_end_matches("]]>").trim_end_matches("//").trim();
    serde_json::from_str(data).ok().or_else(|| {
        let evened: String = data.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        serde_json::from_str(&evened).ok()
    })
}

fn look(value: &Value, about: &mut About, looks: &mut usize, depth: usize) {
    if *looks == 0 || depth > 8 {
        return;
    }
    *looks -= 1;
    match value {
        Value::Array(values) => values.iter().for_each(|value| look(value, about, looks, depth + 1)),
        Value::Object(fields) => {
            if kind(fields.get("@type")) {
                if let Some(published) = fields.get("datePublished").and_then(Value::as_str).and_then(time) {
                    about.published.get_or_insert(published);
                }
                if about.authors.is_empty() {
                    names(fields.get("author"), &mut about.authors);
                }
                if let Some(body) = fields.get("articleBody").and_then(Value::as_str)
                    && about.body.as_ref().is_none_or(|known| known.len() < body.len())
                {
                    about.body = Some(body.to_owned());
                }
                let free = fields.get("isAccessibleForFree");
                about.paid |= free.is_some_and(|free| {
                    *free == Value::Bool(false) || free.as_str().is_some_and(|free| free.eq_ignore_ascii_case("false"))
                });
            }
            if let Some(graph) = fields.get("@graph") {
                look(graph, about, looks, depth + 1);
            }
        }
        _ => {}
    }
}

/// Whether a type is that of an article.
fn kind(value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(kind)) => kind.ends_with("Article") || kind.ends_with("Posting") || kind == "Report",
        Some(Value::Array(kinds)) => kinds.iter().any(|one| one.is_string() && kind(Some(one))),
        _ => false,
    }
}

fn names(value: Option<&Value>, authors: &mut Vec<String>) {
    match value {
        Some(Value::Array(values)) => values.iter().for_each(|one| {
            if !one.is_array() {
                names(Some(one), authors);
            }
        }),
        Some(Value::Object(fields)) => {
            if let Some(name) = fields.get("name").filter(|name| name.is_string()) {
                names(Some(name), authors);
            }
        }
        Some(Value::String(name)) => {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            if !name.is_empty() && !name.contains("://") && authors.len() < AUTHORS_MAX && !authors.contains(&name) {
                authors.push(name);
            }
        }
        _ => {}
    }
}

/// A date as pages write it for machines: ISO 8601 with a zone, or without one in UTC, or a day.
fn time(written: &str) -> Option<Timestamp> {
    let written = written.trim();
    let civil = || jiff::tz::TimeZone::UTC.to_timestamp(written.parse::<DateTime>().ok()?).ok();
    written.parse::<Timestamp>().ok().or_else(civil)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_says_about_its_article_is_read() {
        let html = r#"<meta name="author" content="A. Desk"><script type="application/ld+json">{"@graph":[{"@type":"WebSite","name":"x"},
            {"@type":["NewsArticle"],"datePublished":"2026-07-01T08:00:00+02:00","author":[{"name":"Ann Example"},"Bo Example"],
             "articleBody":"The text.","isAccessibleForFree":"False"}]}</script>"#;
        let about = read(&Tree::read(html));
        assert_eq!(about.published.unwrap().to_string(), "2026-07-01T06:00:00Z");
        assert_eq!(about.authors, ["Ann Example", "Bo Example"]);
        assert_eq!(about.body.as_deref(), Some("The text."));
        assert!(about.paid);
        let about = read(&Tree::read("<meta name=author content='A. Desk'><time datetime=2026-07-02>yesterday</time>"));
        assert_eq!(about.published.unwrap().to_string(), "2026-07-02T00:00:00Z");
        assert_eq!(about.authors, ["A. Desk"]);
        assert_eq!(read(&Tree::read("<script type='application/ld+json'>{{{</script>")), About::default());
    }
}
