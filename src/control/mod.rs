//! A command handed to the running daemon through its Unix socket, and the answer handed back.
//!
//! One connection is one command: the caller sends one line of JSON with the arguments, the daemon answers with one line and
//! closes; before that, a long command says line by line how far it is. The daemon touches nothing of the caller's: reading stdin and writing files is the caller's part.

mod client;

mod progress;

mod server;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::Settings;

pub use client::{Refused, ask, reload};
pub use progress::{Progress, Step};
pub use server::{AsyncAnswer, Control, serve};

/// What the caller sends, at most [`REQUEST_BYTES_MAX`] with the line end.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    /// The command line without the program's name.
    args: Vec<String>,
    /// Whether the config is to be read again, and no command is run.
    #[serde(default)]
    reload: bool,
    /// Whom the caller means, where it knows.
    #[serde(default)]
    of: Option<Whose>,
}

/// Whose daemon it is. Several databases may lie in one directory, and so share a socket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Whose {
    config: Option<PathBuf>,
    database: PathBuf,
}

/// Where the daemon of a database listens: at `socket`, else beside it, under the name of its database, where that of another
/// database listens.
fn places(socket: &Path, whose: &Whose) -> Vec<PathBuf> {
    let own = whose.database.file_stem().map(|stem| {
        let mut name = OsString::from("control-");
        name.push(stem);
        name.push(".sock");
        socket.with_file_name(name)
    });
    [Some(socket.to_owned()), own].into_iter().flatten().collect()
}

impl Whose {
    /// The daemon of these settings.
    pub fn of(settings: &Settings) -> Self {
        Self::of_files(settings.file.as_deref(), &settings.store.database)
    }

    /// The daemon that was started with this config, or has this database.
    pub fn of_files(config: Option<&Path>, database: &Path) -> Self {
        // One spelling for one file.
        let resolved = |file: &Path| file.canonicalize().unwrap_or_else(|_| file.to_owned());
        Self { config: config.map(resolved), database: resolved(database) }
    }

    /// Whether both mean one daemon. One that was started before its config was changed has the old database still.
    fn is(&self, other: &Self) -> bool {
        self.database == other.database || (self.config.is_some() && self.config == other.config)
    }
}

/// What the daemon of somebody else answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Elsewhere {
    elsewhere: bool,
}

/// A command line is far shorter; more than this is no command of ours.
const REQUEST_BYTES_MAX: u64 = 64 * 1024;

/// What a command that looks at the store gives back, whoever runs it.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// For stdout.
    pub out: String,
    /// For stderr.
    pub err: String,
    /// Files for the caller to write, by name, into the directory that it was given.
    pub files: Vec<(String, String)>,
    /// The exit status.
    pub exit: u8,
}
