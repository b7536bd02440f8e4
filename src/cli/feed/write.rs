//! Writing feeds into the config, and telling a running daemon.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::super::chain;
use crate::config::edit::{self, Edit, Entry, Lock};
use crate::config::{self, Env, Settings};
use crate::control::{self, Whose};
use crate::store::Store;
use crate::store::sqlite::{Options, SqliteStore};

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
        let Some(settings) = loaded.settings else {
            super::super::check::show(&loaded.findings)?;
            anyhow::bail!("the config would not be sound with this; nothing was written");
        };
        edit.save()?;
        if !self.tell_daemon()? {
            super::super::run::runtime()?.block_on(note(&settings));
        }
        Ok(edit.path().to_owned())
    }

    /// Has a daemon that is running read the config again, and says whether it did; false where there is none.
    fn tell_daemon(&self) -> anyhow::Result<bool> {
        const BY_HAND: &str = "`systemctl reload newswatch`, or SIGHUP, makes a running daemon read the config again";
        let said = match control::reload(&self.settings.control_socket, Whose::of(&self.settings)) {
            Ok(Some(answer)) if answer.exit == 0 => format!("the daemon: {}", answer.out.trim_end()),
            Ok(Some(answer)) => format!("the daemon goes on with what it had: {}", answer.err.trim_end()),
            // The usual case while things are set up, and nothing to be told of.
            Ok(None) => return Ok(false),
            Err(error) => format!("{}; {BY_HAND}", chain(&error.into())),
        };
        writeln!(std::io::stderr(), "newswatch: {said}")?;
        Ok(true)
    }
}

/// Writes into the database which feeds the config names now, as a daemon would: whoever takes a feed out and puts it back wants it
/// asked again, also if it had said that it was gone for good. Where that cannot be done, what polls next does it.
async fn note(settings: &Settings) {
    let database = &settings.store.database;
    if !database.exists() {
        return;
    }
    let Ok(store) = SqliteStore::open(Options { path: database.clone(), max_pages: None }) else { return };
    if let Err(error) = store.enlist(settings.identities()).await {
        tracing::debug!(%error, "the feeds could not be noted");
    }
    // What was written is on disk.
    let _ = store.close().await;
}
