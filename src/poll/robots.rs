//! What a site allows robots (RFC 9309). Asked before pages behind items are; feeds are there to be asked.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::item::SiteRules;

/// By this name sites address us: the product token of our `User-Agent`.
const NAME: &str = "newswatch";

/// Rules are believed for so long (RFC 9309 §2.4).
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// So much of a file is read, in bytes (RFC 9309 §2.5 asks for 500 KiB).
const READ_MAX: usize = 512 * 1024;

/// Sites whose rules are in memory, and how long all of them may be, in bytes; beyond either they are asked for again.
const SITES_MAX: usize = 1024;
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// The rules for us, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Rules(Vec<Rule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allow: bool,
    /// In the form of [`even`], perhaps with `*` and a last `$`.
    pattern: String,
}

impl Rules {
    /// Reads `robots.txt`. Lines that say nothing are passed over, so a page that is served instead allows everything.
    pub(crate) fn read(file: &[u8]) -> Self {
        let file = String::from_utf8_lossy(&file[..file.len().min(READ_MAX)]);
        let (mut ours, mut everybody) = (None, Rules::default());
        let (mut for_us, mut for_all, mut in_rules) = (false, false, true);
        for line in file.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" | "useragent" | "user agent" => {
                    if in_rules {
                        (for_us, for_all, in_rules) = (false, false, false);
                    }
                    if is_us(value) {
                        for_us = true;
                        ours.get_or_insert_with(Rules::default);
                    }
                    for_all |= value.starts_with('*');
                }
                "allow" | "disallow" => {
                    in_rules = true;
                    if value.is_empty() {
                        continue;
                    }
                    let rule = || Rule { allow: key == "allow", pattern: pattern(value) };
                    if let (true, Some(ours)) = (for_us, &mut ours) {
                        ours.0.push(rule());
                    }
                    if for_all {
                        everybody.0.push(rule());
                    }
                }
                _ => {}
            }
        }
        ours.unwrap_or(everybody)
    }

    /// Whether a page may be asked for: the longest rule that fits decides, and of two that are as long the one that allows.
    pub(crate) fn allow(&self, url: &Url) -> bool {
        let mut asked = url.path().to_owned();
        if asked == "/robots.txt" {
            return true;
        }
        if let Some(query) = url.query() {
            asked.push('?');
            asked.push_str(query);
        }
        let asked = even(&asked);
        let fitting = self.0.iter().filter(|rule| fits(&rule.pattern, &asked));
        fitting.map(|rule| (rule.pattern.len(), rule.allow)).max().is_none_or(|(_, allow)| allow)
    }

    /// A line for each rule, as the store keeps them.
    fn written(&self) -> String {
        let mut lines = String::new();
        for Rule { allow, pattern } in &self.0 {
            let _ = writeln!(lines, "{}:{pattern}", if *allow { "allow" } else { "disallow" });
        }
        lines
    }

    /// From what the store keeps.
    fn kept(lines: &str) -> Self {
        let rule = |line: &str| {
            let (key, pattern) = line.split_once(':')?;
            Some(Rule { allow: key == "allow", pattern: pattern.to_owned() })
        };
        Self(lines.lines().filter_map(rule).collect())
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|rule| rule.pattern.len() + size_of::<Rule>()).sum()
    }
}

/// Whether a `User-agent` line means us, with a version behind the name or without.
fn is_us(value: &str) -> bool {
    let name = value.split(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_')).next().unwrap_or_default();
    name.eq_ignore_ascii_case(NAME)
}

fn pattern(value: &str) -> String {
    let pattern = even(value);
    if pattern.starts_with(['/', '*']) { pattern } else { format!("/{pattern}") }
}

/// The same address always in the same form: what need not be coded is not, and all else is, in upper case (RFC 9309 §2.2.2).
fn even(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |at: usize| bytes.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        let coded = if byte == b'%' { hex(at + 1).zip(hex(at + 2)) } else { None };
        let (byte, escaped) = match coded {
            Some((high, low)) => (u8::try_from(high * 16 + low).unwrap_or(byte), true),
            None => (byte, false),
        };
        let free = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if free || (!escaped && byte.is_ascii_graphic()) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        at += if escaped { 3 } else { 1 };
    }
    out
}

/// Whether an address begins as a pattern says. Each part between two stars is looked for behind the one before it, so the
/// time is in proportion to the lengths.
fn fits(pattern: &str, asked: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| asked.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(part) = last.replace(part) {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
    }
    match (last, to_the_end) {
        (None, false) => true,
        (None, true) => rest.is_empty(),
        (Some(part), false) => rest.contains(part),
        (Some(part), true) => rest.ends_with(part),
    }
}

/// The rules of one site, once they are known: whoever finds none asks for them, and the others wait.
pub(super) type Site = Arc<tokio::sync::Mutex<Option<Known>>>;

/// Rules and until when they are believed.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) rules: Rules,
    until: Timestamp,
}

impl Known {
    /// Rules that were read just now.
    pub(super) fn new(rules: Rules, now: Timestamp) -> Self {
        Self { rules, until: now.saturating_add(FRESH).unwrap_or(Timestamp::MAX) }
    }

    /// Whether they are still believed. Further ahead than that they were read by a clock that was set back since.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        self.until > now && self.until.duration_since(now) <= FRESH
    }

    /// As they are kept across restarts.
    pub(super) fn remembered(&self, site: &str) -> SiteRules {
        SiteRules { site: site.to_owned(), until: self.until, rules: self.rules.written() }
    }
}

/// What is known of all sites.
#[derive(Debug, Default)]
pub(super) struct Sites(Mutex<HashMap<String, Site>>);

impl Sites {
    /// The name that the rules of a page's site go by.
    pub(super) fn name(url: &Url) -> String {
        url.origin().ascii_serialization()
    }

    /// What is known of one.
    pub(super) fn site(&self, name: &str) -> Site {
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = sites.get(name) {
            return Arc::clone(site);
        }
        let bytes = |site: &Site| site.try_lock().ok().map_or(0, |known| known.as_ref().map_or(0, |k| k.rules.bytes()));
        if sites.len() >= SITES_MAX || sites.values().map(bytes).sum::<usize>() > BYTES_MAX {
            // Those in use stay, so that nobody asks twice at once.
            sites.retain(|_, site| Arc::strong_count(site) > 1);
        }
        Arc::clone(sites.entry(name.to_owned()).or_default())
    }

    /// Takes in what was known before a restart.
    pub(super) fn restore(&self, all: Vec<SiteRules>) {
        for SiteRules { site, until, rules } in all.into_iter().take(SITES_MAX) {
            if let Ok(mut known) = self.site(&site).try_lock() {
                *known = Some(Known { rules: Rules::kept(&rules), until });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(file: &str, path: &str) -> bool {
        let rules = Rules::read(file.as_bytes());
        let url = Url::parse("https://news.example/").unwrap().join(path).unwrap();
        assert_eq!(Rules::kept(&rules.written()), rules);
        rules.allow(&url)
    }

    #[test]
    fn the_rules_of_the_rfc_hold() {
        for (file, path, expected) in [
            ("", "/a", true),
            ("User-agent: *\nDisallow: /", "/a", false),
            ("User-agent: *\nDisallow: /", "/robots.txt", true),
            ("User-agent: *\nDisallow:", "/a", true),
            ("user-agent : *\r\ndisallow : /a # all of it", "/a/b", false),
            ("\u{feff}User-agent: *\rDisallow: /a", "/abc", false),
            ("Disallow: /", "/a", true),
            ("User-agent: other\nDisallow: /", "/a", true),
            ("User-agent: *\nDisallow: /\n\nUser-agent: NewsWatch\nDisallow: /private", "/a", true),
            ("User-agent: *\nAllow: /\n\nUser-agent: newswatch/1.0\nDisallow: /private", "/private/a", false),
            ("User-agent: newswatch\nUser-agent: other\nDisallow: /x\nUser-agent: *\nDisallow: /", "/x", false),
            ("User-agent: newswatch\nSitemap: /s.xml\n\nUser-agent: other\nDisallow: /x", "/x", false),
            (
                "User-agent: newswatch\nDisallow: /x\nUser-agent: z\nDisallow: /y\nUser-agent: newswatch\nDisallow: /z",
                "/z",
                false,
            ),
            ("User-agent: newswatcher\nDisallow: /", "/a", true),
            ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", true),
            ("User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/c", false),
            ("User-agent: *\nDisallow: /page\nAllow: /page", "/page", true),
            ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", false),
            ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?v=1", true),
            ("User-agent: *\nDisallow: /*?print=", "/x/y?print=1", false),
            ("User-agent: *\nDisallow: /a*b*c$", "/a-b-b-c-c", false),
            ("User-agent: *\nDisallow: /a*b*c$", "/a-c-b", true),
            ("User-agent: *\nDisallow: /$", "/", false),
            ("User-agent: *\nDisallow: /$", "/a", true),
            ("User-agent: *\nDisallow: private", "/private", false),
            ("User-agent: *\nDisallow: /caf%C3%A9", "/café", false),
            ("User-agent: *\nDisallow: /café", "/caf%c3%a9/x", false),
            ("User-agent: *\nDisallow: /a%7Eb", "/a~b", false),
            ("User-agent: *\nDisallow: /a%2Fb", "/a/b", true),
            ("<html><p>Not found: sorry</p></html>", "/a", true),
        ] {
            assert_eq!(allows(file, path), expected, "{file:?} {path}");
        }
    }

    #[test]
    fn nasty_rules_cost_no_more_than_their_length() {
        let file = format!("User-agent: *\n{}", format!("Disallow: /{}b\n", "*a".repeat(500)).repeat(500));
        let path = format!("/{}", "a".repeat(5000));
        assert!(allows(&file, &path));
        assert!(Rules::read(&vec![b'%'; 2 * READ_MAX]).0.is_empty());
    }
}
