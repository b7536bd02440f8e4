//! `feed remove`: a feed out of the config. What is stored of it stays.

use std::io::Write;
use std::path::Path;

use super::super::table::plain;
use super::write::Desk;
use crate::config;
use crate::config::edit::Edit;

/// Takes the feed of this name out of the config.
pub(in crate::cli) fn remove(config: Option<&Path>, name: &str) -> anyhow::Result<()> {
    let desk = Desk::open(config)?;
    if !desk.settings.feeds.iter().any(|feed| feed.name == name) {
        let near = config::nearest(name, desk.settings.feeds.iter().map(|feed| feed.name.as_str()));
        let hint =
            near.map_or_else(|| "`newswatch feed list` shows all".to_owned(), |near| format!("did you mean {near}?"));
        anyhow::bail!("there is no feed {name} in the config; {hint}");
    }
    let path = desk.put(&Edit::remove_feed(&desk.settings, name)?)?;
    writeln!(std::io::stdout(), "{} taken out of {}; its items stay", plain(name), path.display())?;
    Ok(())
}
