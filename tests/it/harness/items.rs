//! Feeds as publishers write them: RSS and Atom from a list of items.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::level;

/// One entry of a feed. Published just now, unless told otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) link: String,
    pub(crate) summary: String,
    pub(crate) published: Option<Timestamp>,
}

impl Entry {
    /// An entry whose id and link are made from `id`.
    pub(crate) fn new(id: &str, title: &str) -> Self {
        Self {
            id: format!("urn:example:{id}"),
            title: title.to_owned(),
            link: format!("https://news.example.org/{id}"),
            summary: String::new(),
            published: Some(level::today() - SignedDuration::from_mins(5)),
        }
    }

    pub(crate) fn summary(mut self, summary: &str) -> Self {
        summary.clone_into(&mut self.summary);
        self
    }

    pub(crate) fn id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    pub(crate) fn days_ago(mut self, days: i64) -> Self {
        self.published = Some(level::today() - SignedDuration::from_hours(24 * days));
        self
    }

    pub(crate) fn undated(mut self) -> Self {
        self.published = None;
        self
    }
}

/// An RSS 2.0 document.
pub(crate) fn rss(entries: &[Entry]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>Alliance News</title>\
         <link>https://news.example.org/</link><description>News of the alliance</description>\n",
    );
    for entry in entries {
        let _ = write!(
            xml,
            "<item><guid isPermaLink=\"false\">{}</guid><title>{}</title><link>{}</link><description>{}</description>",
            escaped(&entry.id),
            escaped(&entry.title),
            escaped(&entry.link),
            escaped(&entry.summary)
        );
        if let Some(published) = entry.published {
            let date = jiff::fmt::rfc2822::to_string(&published.in_tz("UTC").unwrap()).unwrap();
            let _ = write!(xml, "<pubDate>{date}</pubDate>");
        }
        xml.push_str("</item>\n");
    }
    xml.push_str("</channel></rss>\n");
    xml
}

/// An Atom document.
pub(crate) fn atom(entries: &[Entry]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:example:feed</id>\
         <title>Alliance News</title><updated>2026-01-01T00:00:00Z</updated><link href=\"https://news.example.org/\"/>\n",
    );
    for entry in entries {
        let _ = write!(
            xml,
            "<entry><id>{}</id><title>{}</title><link href=\"{}\"/><summary type=\"html\">{}</summary>",
            escaped(&entry.id),
            escaped(&entry.title),
            escaped(&entry.link),
            escaped(&entry.summary)
        );
        if let Some(published) = entry.published {
            let _ = write!(xml, "<published>{published}</published><updated>{published}</updated>");
        }
        xml.push_str("</entry>\n");
    }
    xml.push_str("</feed>\n");
    xml
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
