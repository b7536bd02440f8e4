use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

/// The surroundings that a config is read in: variables, the current directory, the system's directories and time zone.
///
/// They are an argument, so that a test has surroundings of its own.
#[derive(Debug, Clone)]
pub struct Env {
    variables: BTreeMap<OsString, OsString>,
    directory: PathBuf,
    root: PathBuf,
    time_zone: TimeZone,
}

impl Env {
    /// Those of this process.
    pub fn from_process() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
            // A process may stand in a directory that is gone; then relative paths lead nowhere, as they do in a shell.
            directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            root: PathBuf::from("/"),
            time_zone: TimeZone::system(),
        }
    }

    /// No variables, `directory` as the current directory, and UTC.
    pub fn empty(directory: impl Into<PathBuf>) -> Self {
        Self {
            variables: BTreeMap::new(),
            directory: directory.into(),
            root: PathBuf::from("/"),
            time_zone: TimeZone::UTC,
        }
    }

    /// The same with a variable set.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same with `/etc`, `/run` and `/var/lib` looked for below `root`.
    #[must_use]
    pub fn with_root(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = root.into();
        self
    }

    /// The same with another system time zone.
    #[must_use]
    pub fn with_time_zone(mut self, time_zone: TimeZone) -> Self {
        self.time_zone = time_zone;
        self
    }

    /// A variable; one that is set to nothing counts as unset.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The current directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The system's time zone.
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// A directory of the system, such as `etc` or `var/lib`.
    pub(super) fn system(&self, directory: &str) -> PathBuf {
        self.root.join(directory)
    }

    /// A variable that holds an absolute path; a relative one is ignored, as the XDG Base Directory Specification asks.
    pub(super) fn absolute(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }
}
