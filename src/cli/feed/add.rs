//! `feed add`: the feed at an address, or behind the page there, into the config.

use std::io::Write;
use std::path::Path;

use anyhow::anyhow;
use url::Url;

use super::super::table::plain;
use super::super::{Exit, input};
use super::one_line;
use super::write::Desk;
use crate::clock::{Clock, SystemClock};
use crate::config::edit::{self, Entry, Names};
use crate::config::{self, Settings};
use crate::parse::{self, Document, ParseError};
use crate::poll::Poller;

/// Feeds of one page that are added at once.
const FEEDS_MAX: usize = 10;

/// Where sites keep their feed when they do not say so; asked one after the other, until one is there.
const WELL_KNOWN: [&str; 4] = ["/feed", "/feed.xml", "/rss.xml", "/atom.xml"];

/// What is to be added.
pub(in crate::cli) struct Wish {
    /// The address as typed.
    pub(in crate::cli) url: String,
    /// What to call it.
    pub(in crate::cli) name: Option<String>,
    /// Its tags.
    pub(in crate::cli) tags: Vec<String>,
    /// Every feed of a page.
    pub(in crate::cli) all: bool,
}

/// A feed that was read.
struct Found {
    /// As it is to be written.
    address: String,
    url: Url,
    document: Document,
}

/// Finds what is at the address and writes it into the config.
pub(in crate::cli) fn add(config: Option<&Path>, wish: &Wish) -> anyhow::Result<Exit> {
    let settings = super::super::check::settings(config)?;
    let address = if wish.url.contains(':') { wish.url.clone() } else { format!("https://{}", wish.url) };
    let found = super::super::run::runtime()?.block_on(find(&address, wish.all, &settings))?;
    let Some(found) = found else { return Ok(Exit::Failed) };
    let desk = Desk::open(config)?;
    let (known, mut names) = (desk.known(), Names::of(&desk.settings));
    if let Some(name) = wish.name.as_deref().filter(|name| names.is_taken(name)) {
        anyhow::bail!("{}: there is a feed of this name already; give another --name", plain(name));
    }
    let mut entries = Vec::new();
    for feed in found {
        if let Some(name) = known.get(&edit::normal_form(&feed.url)) {
            anyhow::ensure!(
                wish.all,
                "{}: this is known already, as the feed {name}",
                config::without_password(&feed.address)
            );
            continue;
        }
        let host = feed.url.host_str().unwrap_or_default();
        let title = one_line(&feed.document.title);
        let wanted = wish.name.as_deref().unwrap_or(&title);
        entries.push(Entry {
            name: names.take(&[wanted, host]),
            url: feed.address,
            site: feed.document.link.filter(|site| edit::is_site(site)),
            tags: wish.tags.clone(),
            ..Entry::default()
        });
    }
    anyhow::ensure!(!entries.is_empty(), "every feed of this page is known already");
    let path = desk.write(&entries)?;
    for entry in &entries {
        let url = config::without_password(&entry.url);
        writeln!(std::io::stdout(), "{} ({}) added to {}", plain(&entry.name), plain(&url), path.display())?;
    }
    Ok(Exit::Done)
}

/// The feeds to be added; `None` where somebody has to choose first.
async fn find(address: &str, all: bool, settings: &Settings) -> anyhow::Result<Option<Vec<Found>>> {
    let poller = input::poller(settings)?;
    let (page, url) = match read(&poller, address, settings).await? {
        Ok(found) => return Ok(Some(vec![found])),
        Err((url, ParseError::Html { page })) => (page, url),
        Err((url, error)) => anyhow::bail!("{url}: {error}"),
    };
    let feeds = page.feeds.clone();
    if feeds.is_empty() {
        return well_known(&poller, &url, settings).await.map(|found| Some(vec![found]));
    }
    if feeds.len() > 1 && !all {
        for feed in &feeds {
            let line = format!("{}  {}", plain(&feed.address), one_line(&feed.title));
            writeln!(std::io::stdout(), "{}", line.trim_end())?;
        }
        writeln!(
            std::io::stderr(),
            "newswatch: {url}: this page links to {} feeds; add one of them with `newswatch feed add`, or all with --all",
            feeds.len()
        )?;
        return Ok(None);
    }
    let mut found = Vec::new();
    for feed in feeds.iter().take(FEEDS_MAX) {
        match read(&poller, &feed.address, settings).await? {
            Ok(feed) => found.push(feed),
            Err((url, error)) => anyhow::bail!("{url}, which the page links to: {error}"),
        }
    }
    Ok(Some(found))
}

async fn well_known(poller: &Poller, page: &Url, settings: &Settings) -> anyhow::Result<Found> {
    for path in WELL_KNOWN {
        let Ok(url) = page.join(path) else { break };
        if let Ok(Ok(found)) = read(poller, url.as_str(), settings).await {
            writeln!(
                std::io::stderr(),
                "newswatch: {page} links to no feed; {url} was guessed, as many sites keep theirs there"
            )?;
            return Ok(found);
        }
    }
    Err(anyhow!("{page}: this is a web page that links to no feed, and there is none at {}", WELL_KNOWN.join(", ")))
}

/// Asks for a feed and reads it; what it is instead, with where it was found.
async fn read(poller: &Poller, address: &str, settings: &Settings) -> anyhow::Result<Result<Found, (Url, ParseError)>> {
    let here = std::env::current_dir()?;
    let (url, login) =
        config::feed_address(address, &here).map_err(|why| anyhow!("{}: {why}", input::shown(address)))?;
    let input = input::ask(poller, url.clone(), login, settings).await?.whole()?;
    let read = parse::feed(&input.bytes, input.content_type.as_deref(), &input.base, SystemClock.now());
    let address = if url.scheme() == "file" { url.to_string() } else { address.to_owned() };
    Ok(read.map(|document| Found { address, url, document }).map_err(|error| (input.base, error)))
}
