//! `check`, and how every other command gets its config.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::Exit;
use crate::config::{self, Env, Finding, Loaded, Settings};
use crate::matching::Matcher;

/// More names of watches are not shown in a line.
const UNFILED_SHOWN: usize = 10;

/// Reads the config and says what is wrong with it.
pub(super) fn check(config: Option<&Path>) -> anyhow::Result<Exit> {
    let (path, loaded) = load(config)?;
    show(&loaded.findings)?;
    let Some(settings) = loaded.settings else { return Ok(Exit::Failed) };
    let failed = settings.failed_tests();
    if !failed.is_empty() {
        show(&failed)?;
        return Ok(Exit::Failed);
    }
    let (feeds, watches, digests) = (settings.feeds.len(), settings.watches.len(), settings.digests.len());
    let tests = match settings.trials.len() {
        0 => String::new(),
        tests => format!(" ({} passed)", count(tests, "test")),
    };
    writeln!(
        std::io::stdout(),
        "{}: ok; {}, {}{tests}, {}; database {}",
        path.display(),
        count(feeds, "feed"),
        count(watches, "watch"),
        count(digests, "digest"),
        settings.store.database.display(),
    )?;
    let matcher = Matcher::new(settings.rules());
    let unfiled = matcher.unfiled();
    if !unfiled.is_empty() {
        let named: Vec<&str> = unfiled.iter().copied().take(UNFILED_SHOWN).collect();
        let more = if unfiled.len() > UNFILED_SHOWN { ", …" } else { "" };
        writeln!(
            std::io::stdout(),
            "{} evaluated for every item, because no word or part of an address has to be there: {}{more}",
            if unfiled.len() == 1 { "1 watch is".to_owned() } else { format!("{} watches are", unfiled.len()) },
            named.join(", "),
        )?;
    }
    Ok(Exit::Done)
}

/// The config for a command that needs one. Only errors are shown: warnings are for `check`.
pub(super) fn settings(config: Option<&Path>) -> anyhow::Result<Settings> {
    let (path, loaded) = load(config)?;
    usable(&path, loaded)
}

/// The config if there is one, else the defaults, for a command that needs none. One that was named must be there
/// and sound; one that was found and is not sound is told of in a line.
pub(super) fn settings_or_defaults(config: Option<&Path>) -> anyhow::Result<Settings> {
    let env = Env::from_process();
    match config::locate(config, &env) {
        Ok(path) => {
            let loaded = config::load(&path, &env);
            if config.is_some() || loaded.settings.is_some() {
                return usable(&path, loaded);
            }
            writeln!(
                std::io::stderr(),
                "newswatch: {}: this config has errors and is left aside; `newswatch check` shows them",
                path.display()
            )?;
            Ok(config::defaults(&env))
        }
        Err(error) if config.is_some() => Err(error.into()),
        Err(_) => Ok(config::defaults(&env)),
    }
}

fn load(config: Option<&Path>) -> anyhow::Result<(PathBuf, Loaded)> {
    let env = Env::from_process();
    let path = config::locate(config, &env)?;
    let loaded = config::load(&path, &env);
    Ok((path, loaded))
}

fn usable(path: &Path, loaded: Loaded) -> anyhow::Result<Settings> {
    if let Some(settings) = loaded.settings {
        return Ok(settings);
    }
    show(&loaded.findings)?;
    anyhow::ensure!(path.exists(), "there is nothing to read; `newswatch init` writes a config to start from");
    anyhow::bail!("{}: mend what is shown above; `newswatch check` reads it again", path.display())
}

pub(super) fn show(findings: &[Finding]) -> anyhow::Result<()> {
    let mut stderr = std::io::stderr().lock();
    let color = has_color(&stderr);
    for finding in findings {
        writeln!(stderr, "{}\n", finding.render(color).trim_end())?;
    }
    Ok(())
}

/// Whether what is written there may be coloured. `NO_COLOR` counts where it is not empty (no-color.org).
pub(super) fn has_color(out: &impl IsTerminal) -> bool {
    out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A number and its noun.
pub(super) fn count(n: usize, noun: &str) -> String {
    let ending = match noun {
        _ if n == 1 => "",
        noun if noun.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{n} {noun}{ending}")
}
