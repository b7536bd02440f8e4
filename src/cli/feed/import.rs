//! `feed import`: the feeds of another reader's list into the config.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use anyhow::Context;

use super::super::check::count;
use super::super::table::plain;
use super::write::Desk;
use crate::config;
use crate::config::edit::{self, Entry, Names};
use crate::parse::opml::{self, List, Subscription};

/// Largest list that is read, in bytes. Lists hold more than their feeds: whether these fit into the config is seen when they
/// are written.
const LIST_MAX: u64 = 16 << 20;

/// Why a list may not name a file.
const NOT_OF_THE_WEB: &str =
    "a list may only name feeds of the web; if this file is yours, `newswatch feed add` takes it";

/// So many feeds that are known already are named; of more only the number is told.
const REPEATED: usize = 10;

/// What became of a list.
#[derive(Default)]
struct Sorted {
    entries: Vec<Entry>,
    /// Lines, with what is to be said about them.
    notes: Vec<(usize, String)>,
    /// The same for feeds that the config has; a list that is taken a second time has nothing else.
    repeated: Vec<(usize, String)>,
    known: usize,
    refused: usize,
}

/// Adds the feeds of a list that are not there yet.
pub(in crate::cli) fn import(config: Option<&Path>, file: &str) -> anyhow::Result<()> {
    let bytes = read(file)?;
    let list = opml::read(&bytes).map_err(|error| anyhow::Error::from(error).context(file.to_owned()))?;
    let desk = Desk::open(config)?;
    let others = list.others;
    anyhow::ensure!(!list.feeds.is_empty() || others > 0, "{file}: there is no feed in this list");
    let repairs = list.repairs.clone();
    let sorted = sort(list, &desk);
    let mut stderr = std::io::stderr().lock();
    for repair in &repairs {
        writeln!(stderr, "newswatch: {file}: mended: {}", plain(repair))?;
    }
    for (line, what) in &sorted.notes {
        writeln!(stderr, "newswatch: {file}:{line}: {}", plain(what))?;
    }
    drop(stderr);
    let mut said = if sorted.entries.is_empty() {
        "no feed added".to_owned()
    } else {
        let path = desk.write(&sorted.entries)?;
        format!("{} added to {}", count(sorted.entries.len(), "feed"), path.display())
    };
    for (number, what) in [(sorted.known, "known already"), (sorted.refused, "refused"), (others, "not a feed")] {
        if number > 0 {
            let _ = write!(said, "; {number} {what}");
        }
    }
    writeln!(std::io::stdout(), "{said}")?;
    Ok(())
}

fn read(file: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut from: Box<dyn Read> = if file == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(File::open(file).with_context(|| format!("cannot open {file}"))?)
    };
    from.by_ref().take(LIST_MAX + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {file}"))?;
    anyhow::ensure!(bytes.len() as u64 <= LIST_MAX, "{file}: a list may have {} MiB, and this is more", LIST_MAX >> 20);
    Ok(bytes)
}

/// Sorts out what is new. A feed that the list has in several folders is one feed with several tags.
fn sort(list: List, desk: &Desk) -> Sorted {
    let known = desk.known();
    let mut names = Names::of(&desk.settings);
    let mut sorted =
        Sorted { notes: list.notes.into_iter().map(|note| (note.line, note.what)).collect(), ..Sorted::default() };
    let mut listed: HashMap<String, usize> = HashMap::new();
    for feed in list.feeds {
        let address = web_address(&feed.url);
        let url = match config::feed_address(&address, Path::new("/")) {
            // Lists come from anywhere, and a file that one names would be read and mailed.
            Ok((url, _)) if !matches!(url.scheme(), "http" | "https") => Err(NOT_OF_THE_WEB.to_owned()),
            Ok((url, _)) => Ok(url),
            Err(why) => Err(why),
        };
        let url = match url {
            Ok(url) => url,
            Err(why) => {
                sorted.refused += 1;
                sorted
                    .notes
                    .push((feed.line, format!("“{}” ({}): {why}", called(&feed), config::without_password(&feed.url))));
                continue;
            }
        };
        let form = edit::normal_form(&url);
        let tags = tags_of(&feed, &mut sorted);
        if let Some(name) = known.get(&form) {
            sorted.known += 1;
            sorted.repeated.push((feed.line, format!("“{}” is known already, as the feed {name}", called(&feed))));
        } else if let Some(entry) = listed.get(&form).and_then(|at| sorted.entries.get_mut(*at)) {
            entry.tags.extend(tags.into_iter().filter(|tag| !entry.tags.contains(tag)).collect::<Vec<_>>());
            let what =
                format!("“{}” is in the list already, as {}; its tags are added there", called(&feed), entry.name);
            sorted.known += 1;
            sorted.notes.push((feed.line, what));
        } else {
            listed.insert(form, sorted.entries.len());
            let (settings, others): (Vec<_>, Vec<_>) =
                feed.settings.clone().into_iter().partition(|(key, _)| edit::is_portable(key));
            for (key, _) in others {
                sorted
                    .notes
                    .push((feed.line, format!("“{}”: no list may say `{key}`; write it by hand", called(&feed))));
            }
            let title = feed.title.as_deref().and_then(edit::fit_title);
            let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
            sorted.entries.push(Entry {
                name: names.take(&[&feed.name, host]),
                url: address,
                title,
                site: feed.site.filter(|site| edit::is_site(site)),
                tags,
                allow_private_addresses: false,
                settings,
            });
        }
    }
    if sorted.repeated.len() <= REPEATED {
        sorted.notes.append(&mut sorted.repeated);
    }
    sorted.notes.sort_by_key(|(line, _)| *line);
    sorted
}

/// What a list calls a feed, or its address where it calls it nothing.
fn called(feed: &Subscription) -> String {
    if feed.name.trim().is_empty() { config::without_password(&feed.url) } else { feed.name.clone() }
}

fn tags_of(feed: &Subscription, sorted: &mut Sorted) -> Vec<String> {
    let (tags, others): (Vec<_>, Vec<_>) = feed.tags.iter().cloned().partition(|tag| edit::is_tag(tag));
    for _ in others {
        sorted
            .notes
            .push((feed.line, format!("“{}” lies in folders whose names are too long for a tag", called(feed))));
    }
    tags
}

/// `feed://example.org/` and `feed:https://example.org/` are addresses of the web in other words.
fn web_address(text: &str) -> String {
    let Some((_, rest)) = text.split_once(':').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("feed")) else {
        return text.replace(' ', "%20");
    };
    let rest = rest.trim_start_matches('/');
    if rest.starts_with("http:") || rest.starts_with("https:") { rest.to_owned() } else { format!("http://{rest}") }
}
