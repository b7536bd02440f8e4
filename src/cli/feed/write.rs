//! Writing feeds into the config, and telling a running daemon.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::super::chain;
use crate::config::edit::{self, Edit, Entry, Lock};
use crate::config::{self, Env, Settings};
use crate::control::{self, Whose};

/// A config that nobody else changes meanwhile.
pub(super) struct Desk {
    main: PathBuf,
    env: Env,
    pub(super) settings: Settings,
    _turn: Lock,
}

impl Desk {
    /// Waits for its turn and reads the config, which must be sound.
    pub(super) fn open(config: Option<&Path>) -> anyhow::Result<Self> {
        let env = Env::from_process();
        let main = config::locate(config, &env)?;
        let turn = edit::lock(&main);
        let settings = super::super::check::settings(Some(&main))?;
        Ok(Self { main, env, settings, _turn: turn })
    }

    /// The names of the feeds by the form in which addresses are compared.
    pub(super) fn known(&self) -> HashMap<String, String> {
        self.settings.feeds.iter().map(|feed| (edit::normal_form(&feed.url), feed.name.clone())).collect()
    }

    /// Writes the entries, if the config is sound with them. The file that they are in now.
    pub(super) fn write(&self, entries: &[Entry]) -> anyhow::Result<PathBuf> {
        self.put(&Edit::add_feeds(&self.settings, entries)?)
    }

    /// Makes a change, if the config is sound with it. The file that was changed.
    pub(super) fn put(&self, edit: &Edit) -> anyhow::Result<PathBuf> {
        let loaded = edit.check(&self.main, &self.env);
        if loaded.settings.is_none() {
            super::super::check::show(&loaded.findings)?;
            anyhow::bail!("the config would not be sound with this; nothing was written");
        }
        edit.save()?;
        self.tell_daemon()?;
        Ok(edit.path().to_owned())
    }

    /// Has a daemon that is running read the config again, and says whether it did.
    fn tell_daemon(&self) -> anyhow::Result<()> {
        const BY_HAND: &str = "`systemctl reload newswatch`, or SIGHUP, makes a running daemon read the config again";
        let said = match control::reload(&self.settings.control_socket, Whose::of(&self.settings)) {
            Ok(Some(answer)) if answer.exit == 0 => format!("the daemon: {}", answer.out.trim_end()),
            Ok(Some(answer)) => format!("the daemon goes on with what it had: {}", answer.err.trim_end()),
            // The usual case while things are set up, and nothing to be told of.
            Ok(None) => return Ok(()),
            Err(error) => format!("{}; {BY_HAND}", chain(&error.into())),
        };
        writeln!(std::io::stderr(), "newswatch: {said}")?;
        Ok(())
    }
}
