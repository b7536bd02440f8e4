//! `newswatch demo`: a world small enough to fit into one process.
//!
//! `serve` opens a web server with the sample feeds and a mail server that keeps what it is given, both on loopback, and
//! gives the config that points at them. What then runs is the ordinary daemon on an ordinary config; nothing here knows
//! the daemon, and nothing in the daemon knows that this is a demo.

mod command;

mod feeds;

mod inbox;

mod letter;

mod sample;

mod show;

pub(super) use command::demo;
pub(super) use inbox::Message;
pub(super) use show::Showcase;

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chance;
use crate::clock::Clock;

/// Everything that the demo stands on.
pub(super) struct Demo {
    /// The config to run, complete.
    pub config: String,
    /// The same as a file, for other commands to ask the running demo with.
    pub config_file: PathBuf,
    /// A new directory for the database and the mails, readable by its owner alone. It outlives the demo, so that what was
    /// shown can still be opened.
    pub directory: PathBuf,
    /// Mails in the order in which the mail server took them. It answers for a mail only once it is in here, and there is
    /// room for a few only: somebody must keep reading.
    pub mails: mpsc::Receiver<Message>,
    /// Shows them.
    pub showcase: Showcase,
}

/// What can happen to the demo.
#[derive(Debug, thiserror::Error)]
pub(super) enum DemoError {
    /// No directory could be made.
    #[error("cannot make the directory {path}; set TMPDIR to a directory that can be written to", path = .path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The directory's name cannot stand in a config.
    #[error("the temporary directory {path} has a name that is not UTF-8; set TMPDIR to another one", path = .0.display())]
    DirectoryName(PathBuf),
    /// No port could be opened.
    #[error("cannot open a port on 127.0.0.1 for {what}")]
    Port {
        /// For what.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A mail or the config could not be kept.
    #[error("cannot write {path}", path = .path.display())]
    Keep {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A mail could not be shown.
    #[error("cannot write to the terminal")]
    Show(#[source] io::Error),
}

/// Opens both servers, which live in `tasks` until `stop`; cancel it only once the daemon has ended, or its last mail finds
/// nobody at home.
pub(super) async fn serve(
    clock: Arc<dyn Clock>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Demo, DemoError> {
    serve_below(&std::env::temp_dir(), clock, tasks, stop).await
}

async fn serve_below(
    parent: &Path,
    clock: Arc<dyn Clock>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Demo, DemoError> {
    let directory = make_directory(parent)?;
    let now = clock.now();
    let feeds = feeds::start(clock, tasks, stop)
        .await
        .map_err(|source| DemoError::Port { what: "the sample feeds", source })?;
    let (smtp, mails) =
        inbox::open(tasks, stop).await.map_err(|source| DemoError::Port { what: "the mail", source })?;
    let config = config(&directory, feeds, smtp, now)?;
    let config_file = directory.join("newswatch.toml");
    std::fs::write(&config_file, &config).map_err(|source| DemoError::Keep { path: config_file.clone(), source })?;
    Ok(Demo { config, config_file, showcase: Showcase::new(&directory), directory, mails })
}

/// A new directory of mode 0700 below `parent`, whose name cannot be guessed.
fn make_directory(parent: &Path) -> Result<PathBuf, DemoError> {
    use std::os::unix::fs::DirBuilderExt;
    let secret = u64::from_le_bytes(chance::secret::<8>());
    let path = parent.join(format!("newswatch-demo-{secret:016x}"));
    match std::fs::DirBuilder::new().mode(0o700).create(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(DemoError::Directory { path, source }),
    }
}

/// The demo's config with what only this run can know.
fn config(directory: &Path, feeds: u16, smtp: u16, now: Timestamp) -> Result<String, DemoError> {
    let Some(name) = directory.to_str() else {
        return Err(DemoError::DirectoryName(directory.to_owned()));
    };
    Ok(include_str!("../../../config/demo.toml")
        .replace("{feeds}", &feeds.to_string())
        .replace("{smtp}", &smtp.to_string())
        .replace("{digest_at}", &digest_at(now))
        .replace("{directory}", &in_quotes(name)))
}

/// A time of day in UTC that leaves the first polls their time and nobody waiting for long: the first full minute that is
/// at least 20 seconds away.
fn digest_at(now: Timestamp) -> String {
    let earliest = now.as_second() + 20 + 59;
    let minute = Timestamp::from_second(earliest - earliest.rem_euclid(60)).unwrap_or(now);
    TimeZone::UTC.to_datetime(minute).strftime("%H:%M").to_string()
}

/// What stands between the quotes of a TOML string.
fn in_quotes(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            _ if char.is_control() => quoted.extend([format!("\\u{:04X}", u32::from(char))]),
            _ => quoted.push(char),
        }
    }
    quoted
}

/// Connections at a time to each of the two servers.
const MAX_CONNECTIONS: usize = 32;

/// How long to wait when no connection can be accepted, as when the process has too many files open.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Accepts connections until `stop`, which also ends the conversations held on them.
fn accept<Conversation>(
    listener: TcpListener,
    tasks: &TaskTracker,
    stop: &CancellationToken,
    converse: impl Fn(TcpStream) -> Conversation + Send + Sync + 'static,
) where
    Conversation: Future<Output = ()> + Send + 'static,
{
    let (conversations, stop) = (tasks.clone(), stop.clone());
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    tasks.spawn(async move {
        let accepting = async {
            // The semaphore is never closed.
            while let Ok(place) = Arc::clone(&places).acquire_owned().await {
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                    continue;
                };
                let (conversation, stop) = (converse(stream), stop.clone());
                conversations.spawn(async move {
                    stop.run_until_cancelled(conversation).await;
                    drop(place);
                });
            }
        };
        stop.run_until_cancelled(accepting).await;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_config_is_whole_whatever_the_directory_is_called() {
        let directory = Path::new("/tmp/a \"strange\" \\ place\u{7}");
        let text = config(directory, 4001, 4002, at("2026-11-24T23:59:30Z")).unwrap();
        let config: toml::Table = text.parse().expect("TOML");
        assert_eq!(config["mail"]["smtp"].as_str(), Some("smtp://127.0.0.1:4002"));
        assert_eq!(config["store"]["url"].as_str(), Some("sqlite:/tmp/a \"strange\" \\ place\u{7}/newswatch.db"));
        assert_eq!(config["digest"][0]["at"][0].as_str(), Some("00:00"));
        let feeds: Vec<&str> =
            config["feed"].as_array().unwrap().iter().map(|feed| feed["url"].as_str().unwrap()).collect();
        let served: Vec<String> =
            sample::SAMPLES.iter().map(|sample| format!("http://127.0.0.1:4001{}", sample.path)).collect();
        assert_eq!(feeds, served);
        for place in ["{feeds}", "{smtp}", "{digest_at}", "{directory}"] {
            assert!(!text.contains(place), "{place}");
        }
    }

    #[test]
    fn the_digest_comes_between_twenty_and_eighty_seconds_from_now() {
        for (now, due) in [
            ("2026-11-24T10:15:00Z", "10:16"),
            ("2026-11-24T10:15:40Z", "10:16"),
            ("2026-11-24T10:15:41Z", "10:17"),
            ("2026-11-24T23:59:59Z", "00:01"),
        ] {
            assert_eq!(digest_at(at(now)), due, "{now}");
        }
    }

    #[tokio::test]
    async fn the_config_leads_to_the_feeds_and_to_the_inbox() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};

        async fn tell(address: &str, request: &[u8]) -> String {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(request).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        }

        let (parent, clock) = (tempfile::tempdir().unwrap(), crate::clock::SetClock::new(at("2026-11-24T10:15:00Z")));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let mut demo = serve_below(parent.path(), Arc::new(clock), &tasks, &stop).await.unwrap();
        assert_eq!(std::fs::read_to_string(&demo.config_file).unwrap(), demo.config);
        assert_eq!(demo.config_file.parent().unwrap(), demo.directory);

        let config: toml::Table = demo.config.parse().unwrap();
        let smtp = config["mail"]["smtp"].as_str().unwrap().strip_prefix("smtp://").unwrap();
        for feed in config["feed"].as_array().unwrap() {
            let url = url::Url::parse(feed["url"].as_str().unwrap()).unwrap();
            let address = format!("127.0.0.1:{}", url.port().unwrap());
            let request = format!("GET {} HTTP/1.1\r\nConnection: close\r\n\r\n", url.path());
            let answer = tell(&address, request.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("Hungary"), "{answer}");
        }
        tell(smtp, b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n")
            .await;
        let mail = demo.mails.recv().await.unwrap();
        let mut shown = Vec::new();
        demo.showcase.show(&mail, &mut shown).unwrap();
        assert!(String::from_utf8(shown).unwrap().contains("hello"));
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        assert_eq!(demo.mails.recv().await, None, "nothing comes after the end");
    }

    #[test]
    fn the_directory_is_new_and_private() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let (one, other) = (make_directory(parent.path()).unwrap(), make_directory(parent.path()).unwrap());
        assert_ne!(one, other);
        assert_eq!(std::fs::metadata(&one).unwrap().permissions().mode() & 0o777, 0o700);
        let error = make_directory(&parent.path().join("missing")).unwrap_err();
        assert!(error.to_string().contains("TMPDIR"), "{error}");
    }
}
