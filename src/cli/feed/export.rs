//! `feed export`: the feeds of the config as a list that other readers take.

use std::io::Write;
use std::path::Path;

use crate::config::{Feed, edit};
use crate::parse::opml::{self, Subscription};

/// Writes the list to stdout. What OPML has no place for is told.
pub(in crate::cli) fn export(config: Option<&Path>) -> anyhow::Result<()> {
    let settings = super::super::check::settings(config)?;
    let mut written = edit::portable(&settings)?;
    let mut stderr = std::io::stderr().lock();
    let mut feeds = Vec::with_capacity(settings.feeds.len());
    for feed in &settings.feeds {
        if feed.program.is_some() {
            writeln!(stderr, "newswatch: {}: left out, because a list cannot name a command", feed.name)?;
            continue;
        }
        if feed.url.scheme() == "file" {
            writeln!(stderr, "newswatch: {}: left out, because a list may only name feeds of the web", feed.name)?;
            continue;
        }
        if feed.credentials.is_some() || !feed.headers.is_empty() {
            writeln!(stderr, "newswatch: {}: its login and headers are not in the list", feed.name)?;
        }
        if feed.allow_private_addresses && !settings.fetch.allow_private_addresses {
            writeln!(stderr, "newswatch: {}: its allow_private_addresses is not in the list", feed.name)?;
        }
        if feed.proxy != settings.fetch.proxy || feed.authorities.is_some() {
            writeln!(stderr, "newswatch: {}: its proxy and ca_file are not in the list", feed.name)?;
        }
        feeds.push(subscription(feed, written.remove(&feed.name).unwrap_or_default()));
    }
    std::io::stdout().write_all(opml::write("newswatch", &feeds).as_bytes())?;
    Ok(())
}

fn subscription(feed: &Feed, settings: Vec<(String, String)>) -> Subscription {
    Subscription {
        url: feed.url.to_string(),
        name: feed.name.clone(),
        title: feed.title.clone(),
        site: feed.site.clone(),
        tags: feed.tags.clone(),
        settings,
        line: 0,
    }
}
