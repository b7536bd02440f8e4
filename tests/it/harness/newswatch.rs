//! An installation of the program: a config, a state directory, and runs of the real binary.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::inbox::Inbox;
use super::plan::{Plan, quoted};
use super::running::{Ran, Running};
use super::{PATIENCE, level};

/// One installation, in a directory of its own.
pub(crate) struct Newswatch {
    directory: TempDir,
    plan: Plan,
    environment: Vec<(String, String)>,
    by_hand: Cell<bool>,
    runs: Cell<u32>,
}

impl Newswatch {
    /// An installation that polls as often as it may, on loopback, and tries mail again at once.
    pub(crate) fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("nw-").tempdir().unwrap();
        for name in ["home", "etc", "state", "run"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        let mut plan = Plan::default();
        plan.set("mail", "from", "'Newswatch <newswatch@example.org>'");
        plan.set("mail", "to", "['desk@example.org']");
        plan.set("mail", "retry", "['1ms']");
        plan.set("mail", "unheard", "'1ms'");
        plan.set("mail", "time_zone", "'Europe/Brussels'");
        plan.set("mail", "smtp", "'file:mail'");
        plan.set("fetch", "every", "'1s'");
        plan.set("fetch", "min_every", "'1s'");
        plan.set("fetch", "per_host_interval", "'0s'");
        plan.set("fetch", "allow_private_addresses", "true");
        Self { directory, plan, environment: Vec::new(), by_hand: Cell::new(false), runs: Cell::new(0) }
    }

    /// Sends its mail to this server.
    pub(crate) fn mail(self, inbox: &Inbox) -> Self {
        self.set("mail", "smtp", &quoted(&inbox.url()))
    }

    /// Sets a key of a table to a TOML value.
    pub(crate) fn set(mut self, table: &str, key: &str, value: &str) -> Self {
        self.plan.set(table, key, value);
        self
    }

    /// Takes a whole table away.
    pub(crate) fn unset(mut self, table: &str) -> Self {
        self.plan.unset(table);
        self
    }

    pub(crate) fn feed(self, name: &str, url: &str) -> Self {
        self.feed_with(name, url, &[])
    }

    /// A feed with more keys; their values are TOML.
    pub(crate) fn feed_with(mut self, name: &str, url: &str, more: &[(&str, &str)]) -> Self {
        let (name, url) = (quoted(name), quoted(url));
        let keys = [&[("name", name.as_str()), ("url", url.as_str())], more].concat();
        self.plan.list("feed", &keys);
        self
    }

    pub(crate) fn without_feed(mut self, name: &str) -> Self {
        self.plan.unlist("feed", name);
        self
    }

    /// A watch that mails at once.
    pub(crate) fn watch(self, name: &str, when: &str) -> Self {
        self.watch_with(name, when, &[("send", "'now'")])
    }

    /// A watch with more keys; their values are TOML.
    pub(crate) fn watch_with(mut self, name: &str, when: &str, more: &[(&str, &str)]) -> Self {
        let (name, when) = (quoted(name), quoted(when));
        let keys = [&[("name", name.as_str()), ("when", when.as_str())], more].concat();
        self.plan.list("watch", &keys);
        self
    }

    /// A digest; the values of `more` are TOML.
    pub(crate) fn digest(mut self, name: &str, at: &str, more: &[(&str, &str)]) -> Self {
        let (name, at) = (quoted(name), format!("[{}]", quoted(at)));
        let keys = [&[("name", name.as_str()), ("at", at.as_str())], more].concat();
        self.plan.list("digest", &keys);
        self
    }

    /// An environment variable for all runs to come.
    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A path inside the installation's directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("newswatch.toml")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path("state/newswatch")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.state().join("newswatch.db")
    }

    /// The files of the database as they are now.
    pub(crate) fn keep_database(&self) -> Kept {
        let files = ["newswatch.db", "newswatch.db-wal", "newswatch.db-shm"].map(|name| self.state().join(name));
        Kept(files.map(|file| (fs::read(&file).ok(), file)))
    }

    /// Writes the config as it was put together: in one step, as a careful editor would, and not at all where it is there
    /// already, because a daemon may be reading it.
    pub(crate) fn save(&self) {
        let text = self.plan.text();
        if fs::read(self.config()).is_ok_and(|written| written == text.as_bytes()) {
            return;
        }
        let new = self.path("newswatch.toml.new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.config()).unwrap();
    }

    /// Writes these bytes as the config; it stays so.
    pub(crate) fn write_config(&self, bytes: impl AsRef<[u8]>) {
        self.by_hand.set(true);
        fs::write(self.config(), bytes).unwrap();
    }

    /// Leaves it to the test whether there is a config at all.
    pub(crate) fn without_config(self) -> Self {
        self.by_hand.set(true);
        self
    }

    /// Writes a file beside the config.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The program with these arguments, about to be run in this installation.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        if !self.by_hand.get() {
            self.save();
        }
        let mut command = self.bare(&[]);
        command.arg("--config").arg(self.config()).args(arguments);
        command
    }

    fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_newswatch"));
        command.env_clear().current_dir(self.path("home")).args(arguments);
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("TZ", "UTC").env("LANG", "C.UTF-8");
        command.env("HOME", self.path("home")).env("XDG_CONFIG_HOME", self.path("etc"));
        command.env("XDG_STATE_HOME", self.path("state")).env("RUNTIME_DIRECTORY", self.path("run"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, b"")
    }

    /// Runs a command to its end, with input.
    #[track_caller]
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &[u8]) -> Ran {
        Running::spawn(self.command(arguments), stdin, None).wait_end(PATIENCE)
    }

    /// Runs a command to its end without a word on where a config is; there is none where one would be looked for.
    #[track_caller]
    pub(crate) fn run_bare(&self, arguments: &[&str], stdin: &[u8]) -> Ran {
        Running::spawn(self.bare(arguments), stdin, None).wait_end(PATIENCE)
    }

    /// Starts a command and leaves it running.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        Running::spawn(self.command(arguments), b"", Some(self.notify_socket()))
    }

    /// Starts the daemon and waits until it is ready.
    #[track_caller]
    pub(crate) fn start(&self) -> Running {
        let daemon = self.spawn(&["run"]);
        daemon.wait_ready();
        daemon
    }

    fn notify_socket(&self) -> PathBuf {
        self.runs.set(self.runs.get() + 1);
        self.path(&format!("notify-{}", self.runs.get()))
    }

    /// One pass over every feed, which must end well; its counts.
    #[track_caller]
    pub(crate) fn once(&self) -> Value {
        self.run(&["once", "--all", "--json"]).ok().one_json()
    }

    /// What a listing command lists.
    #[track_caller]
    pub(crate) fn list(&self, arguments: &[&str]) -> Vec<Value> {
        self.run(&[arguments, &["--json"]].concat()).ok().json()
    }

    /// The outbox.
    #[track_caller]
    pub(crate) fn mails(&self) -> Vec<Value> {
        self.list(&["mail", "list"])
    }

    /// The one mail in the outbox.
    #[track_caller]
    pub(crate) fn only_mail(&self) -> Value {
        let mut mails = self.mails();
        assert_eq!(mails.len(), 1, "one mail expected in the outbox: {mails:?}");
        mails.remove(0)
    }

    /// What `feed list` says of one feed.
    #[track_caller]
    pub(crate) fn feed_state(&self, name: &str) -> Value {
        self.feed_found(name).unwrap_or_else(|| panic!("no feed {name} in the list"))
    }

    #[track_caller]
    fn feed_found(&self, name: &str) -> Option<Value> {
        self.list(&["feed", "list"]).into_iter().find(|feed| feed["name"] == name)
    }

    /// What `status` says.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        self.run(&["status", "--json"]).ok().one_json()
    }

    /// Asks a running daemon for its status until it is as expected.
    #[track_caller]
    pub(crate) fn until_status(&self, what: &str, look: impl Fn(&Value) -> bool) -> Value {
        level::until(what, PATIENCE, || Some(self.status()).filter(&look))
    }

    /// Asks for one feed until it is as expected.
    #[track_caller]
    pub(crate) fn until_feed(&self, name: &str, what: &str, look: impl Fn(&Value) -> bool) -> Value {
        level::until(what, PATIENCE, || self.feed_found(name).filter(&look))
    }
}

/// The address of a file, for `url = "file:…"`.
pub(crate) fn file_url(path: &Path) -> String {
    format!("file:{}", path.display())
}

/// Fails the test unless `value` is an object with all of these keys.
#[track_caller]
pub(crate) fn shaped(value: &Value, keys: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("an object expected: {value}"));
    for key in keys {
        assert!(object.contains_key(*key), "no {key:?} in {value}");
    }
}

/// Fails the test unless `value` is a time as the program writes them: RFC 3339, UTC, with `Z`.
#[track_caller]
pub(crate) fn a_time(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("a time expected: {value}"));
    assert!(text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(), "a time in UTC expected: {text}");
}

/// Fails the test unless `value` is null or a time.
#[track_caller]
pub(crate) fn a_time_or_null(value: &Value) {
    if !value.is_null() {
        a_time(value);
    }
}

/// The files of a database as they were at some time: the log and its index may have been absent.
pub(crate) struct Kept([(Option<Vec<u8>>, PathBuf); 3]);

impl Kept {
    /// Puts them back in place of what is there now, as one who restores a backup does.
    pub(crate) fn put_back(self) {
        for (bytes, file) in self.0 {
            let _ = fs::remove_file(&file);
            if let Some(bytes) = bytes {
                fs::write(file, bytes).unwrap();
            }
        }
    }
}
