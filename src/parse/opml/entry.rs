//! One outline: what its attributes say, and what it is by them.

use super::one_line;
use super::read::local;
use super::tag::Tag;
use crate::understand::text::html::resolve;

/// Characters of a name in a note.
const SHOWN_MAX: usize = 60;

/// Keys of one feed that are read.
const SETTINGS_MAX: usize = 40;

/// The attributes of an outline that mean something here, cleaned.
#[derive(Default)]
pub(super) struct Entry {
    own_text: String,
    pub(super) title: String,
    xml_url: String,
    pub(super) html_url: String,
    url: String,
    kind: String,
    pub(super) category: String,
    pub(super) is_comment: bool,
    /// What newswatch itself wrote of the feed: keys of its config, and their values.
    pub(super) settings: Vec<(String, String)>,
    /// Whether an ampersand stands alone.
    pub(super) bare: bool,
}

impl Entry {
    pub(super) fn of(tag: &Tag<'_>) -> Self {
        let mut entry = Self::default();
        for (name, raw) in &tag.attributes {
            if let Some(key) = name.strip_prefix(super::OWN) {
                let (value, bare) = resolved(raw);
                entry.bare |= bare;
                if entry.settings.len() < SETTINGS_MAX {
                    entry.settings.push((key.to_owned(), one_line(&value)));
                }
                continue;
            }
            let name = local(name).to_ascii_lowercase();
            if name == "iscomment" {
                entry.is_comment = raw.trim().eq_ignore_ascii_case("true");
                continue;
            }
            let place = match name.as_str() {
                "text" => &mut entry.own_text,
                "title" => &mut entry.title,
                "xmlurl" => &mut entry.xml_url,
                "htmlurl" => &mut entry.html_url,
                "url" => &mut entry.url,
                "type" => &mut entry.kind,
                "category" => &mut entry.category,
                _ => continue,
            };
            if place.is_empty() {
                let (value, bare) = resolved(raw);
                *place = one_line(&value);
                entry.bare |= bare;
            }
        }
        entry
    }

    /// What it is called.
    pub(super) fn text(&self) -> &str {
        if self.own_text.is_empty() { &self.title } else { &self.own_text }
    }

    /// The address of the feed that it is.
    pub(super) fn feed(&self) -> Option<&str> {
        let is_feed =
            matches!(self.kind.to_ascii_lowercase().as_str(), "rss" | "atom" | "rdf" | "feed" | "json" | "jsonfeed");
        let url = if self.xml_url.is_empty() && is_feed { &self.url } else { &self.xml_url };
        // A quote too many at the end is no part of an address.
        Some(url.trim_end_matches(['"', '\'']).trim_end()).filter(|url| !url.is_empty())
    }

    /// What it is where it is no feed and nothing lies in it.
    pub(super) fn note(&self) -> String {
        let shown = self.shown();
        match (self.kind.to_ascii_lowercase().as_str(), self.url.is_empty() && self.html_url.is_empty()) {
            ("include", _) => format!("{shown} is another list, which is not followed"),
            ("rss" | "atom", _) => format!("{shown} is a feed without an address (xmlUrl)"),
            (_, false) => format!("{shown} is a link to a page, not a feed"),
            (_, true) => format!("{shown} is neither a feed nor a folder with anything in it"),
        }
    }

    pub(super) fn shown(&self) -> String {
        match self.text() {
            "" => "an outline without a name".to_owned(),
            text => format!("“{}”", cut(text)),
        }
    }
}

pub(super) fn cut(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}

/// A value with its references resolved, and whether an ampersand stands alone in it. Addresses are full of `&copy=1`, so
/// only what ends with a semicolon is a reference.
fn resolved(raw: &str) -> (String, bool) {
    /// The longest name that HTML knows, in bytes.
    const REFERENCE_MAX: usize = 33;
    let mut value = String::with_capacity(raw.len());
    let (mut rest, mut bare) = (raw, false);
    while let Some(at) = rest.find('&') {
        value.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest[1..]
            .bytes()
            .take(REFERENCE_MAX)
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#')
            .count();
        let whole = if name > 0 && rest[1 + name..].starts_with(';') { &rest[..name + 2] } else { "&" };
        let meant = resolve(whole);
        bare |= whole == meant;
        value.push_str(&meant);
        rest = &rest[whole.len()..];
    }
    value.push_str(rest);
    (value, bare)
}
