//! Programs that the config names: feeds that are their output, tokens that they print, mail that they are given.
//!
//! A program is run as it is, without a shell, in a process group of its own. However a run ends, whoever is left of the
//! group is ended with it, but for a program that took a mail over and may go on with it. Whoever has left the group
//! (`setsid`) lives on, and is not waited for. Knows nothing of what the output means.

mod fed;

mod group;

pub use fed::{Ended, Fed};

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use url::Url;

use self::group::Group;
use crate::item::Key;

/// What a program is given of our surroundings: no passwords, no sockets, no directories of ours.
const ENVIRONMENT: [&str; 10] =
    ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "LC_TIME", "TZ", "TMPDIR"];

/// Where programs are looked for when nothing else is said.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// So much of what a program complains is kept, from its end, in bytes.
const COMPLAINT_MAX: usize = 4096;

/// So much of it is told, in characters.
const COMPLAINT_TOLD_MAX: usize = 300;

/// Once a program has ended, its output is read for so long, unless it ends before.
const AFTER_THE_END: Duration = Duration::from_millis(500);

/// Hexadecimal digits of the hash of a program's arguments: nobody has so many commands that two are alike.
const HASH_DIGITS: usize = 16;

/// What stays as it is in the address of a program.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~').remove(b'=');

/// A program with its arguments.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    name: String,
    arguments: Vec<String>,
    directory: PathBuf,
}

/// Arguments are not shown: they may hold secrets.
impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Program {
    /// The program `name`, a path or a name to be looked for in `$PATH`, to be run in `directory`.
    pub fn new(name: String, arguments: Vec<String>, directory: PathBuf) -> Self {
        Self { name, arguments, directory }
    }

    /// What it is known by, `command:NAME+HASH`: the name as in a query of the web, and behind it, where there are arguments,
    /// 64 bits of a hash of them. The arguments themselves may hold secrets, and this is shown. Its directory is no part of it.
    ///
    /// # Panics
    /// Never: what is encoded so is a path of a URL.
    pub fn url(&self) -> Url {
        let mut text = String::from("command:");
        text.extend(utf8_percent_encode(&self.name, PLAIN));
        if !self.arguments.is_empty() {
            let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
            text.push('+');
            text.extend(Key::of(&arguments).to_string().chars().take(HASH_DIGITS));
        }
        Url::parse(&text).expect("letters, digits and percent signs are a URL")
    }

    /// The program as it is shown: without its arguments.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs it once, and returns its output, which is never empty. What it complains is told where it fails.
    ///
    /// # Errors
    /// When it cannot be run, ends with another status than 0, says nothing, says more than `max_size` bytes, or runs for longer
    /// than `limit`, after which it is ended.
    pub async fn run(&self, max_size: u64, limit: Duration) -> Result<Vec<u8>, ProgramError> {
        match tokio::time::timeout(limit, self.output(max_size)).await {
            Ok(Ok(output)) if output.is_empty() => Err(self.failed("gave no output".to_owned())),
            Ok(ended) => ended,
            Err(_) => Err(ProgramError::Slow { program: self.name.clone(), limit }),
        }
    }

    async fn output(&self, max_size: u64) -> Result<Vec<u8>, ProgramError> {
        let mut child = self.start(&[], Stdio::null(), Stdio::piped())?;
        let group = Group::of(&child);
        let (stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
        let lost = |error| self.failed(format!("cannot be waited for: {error}"));
        let (mut body, mut complaint) = (Vec::new(), Vec::new());
        {
            let output = async {
                let read = read_within(stdout, max_size, &mut body).await;
                let fits = read.map_err(|error| self.failed(format!("broke off: {error}")))?;
                if fits { Ok(()) } else { Err(ProgramError::TooLarge { program: self.name.clone(), limit: max_size }) }
            };
            let complaints = async {
                fed::keep_end(&mut stderr, &mut complaint).await;
                Ok(())
            };
            let mut read = pin!(async { tokio::try_join!(output, complaints).map(drop) });
            let mut ended = pin!(group.ended());
            tokio::select! {
                read = &mut read => {
                    read?;
                    ended.await.map_err(lost)?;
                }
                ended = &mut ended => {
                    ended.map_err(lost)?;
                    // Whoever has left the group may hold the pipes for ever; what the program wrote is in them already.
                    if let Ok(read) = tokio::time::timeout(AFTER_THE_END, read).await {
                        read?;
                    }
                }
            }
        }
        let complaint = last_words(&complaint);
        let status = child.wait().await.map_err(lost)?;
        group.forget();
        if status.success() { Ok(body) } else { Err(self.failed(said(status, &complaint))) }
    }

    fn start(&self, more: &[&str], stdin: Stdio, stdout: Stdio) -> Result<Child, ProgramError> {
        let mut command = Command::new(&self.name);
        command.args(&self.arguments).args(more).current_dir(&self.directory).env_clear().envs(environment());
        command.stdin(stdin).stdout(stdout).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        command.spawn().map_err(|error| {
            self.failed(match error.kind() {
                io::ErrorKind::NotFound if !self.directory.is_dir() => {
                    format!("cannot be run: there is no directory {}", self.directory.display())
                }
                io::ErrorKind::NotFound if self.name.contains(' ') => {
                    "is not there; write each argument as a text of its own, because there is no shell".to_owned()
                }
                io::ErrorKind::NotFound => "is not there, or wants an interpreter that is not".to_owned(),
                io::ErrorKind::PermissionDenied => {
                    "may not be run by this user; is it executable, and outside directories of others?".to_owned()
                }
                _ => format!("cannot be run: {error}"),
            })
        })
    }

    fn failed(&self, what: String) -> ProgramError {
        ProgramError::Failed { program: self.name.clone(), what }
    }
}

/// What can go wrong with a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// It could not be run, or ended badly.
    #[error("the command {program} {what}")]
    Failed {
        /// The program, without its arguments.
        program: String,
        /// What it did.
        what: String,
    },
    /// It did not end.
    #[error("the command {program} did not end within {limit:?} and was stopped")]
    Slow {
        /// The program, without its arguments.
        program: String,
        /// How long it was given.
        limit: Duration,
    },
    /// It said too much.
    #[error("the command {program} said more than {limit} bytes")]
    TooLarge {
        /// The program, without its arguments.
        program: String,
        /// How much it may say.
        limit: u64,
    },
}

fn environment() -> impl Iterator<Item = (&'static str, OsString)> {
    let given = |name| match (name, std::env::var_os(name)) {
        ("PATH", None) => Some((name, PATH.into())),
        (_, value) => value.map(|value| (name, value)),
    };
    ENVIRONMENT.into_iter().filter_map(given)
}

/// Reads all that comes, as it comes; `false` where it is more than `max` bytes.
async fn read_within(from: Option<impl AsyncRead + Unpin>, max: u64, bytes: &mut Vec<u8>) -> io::Result<bool> {
    if let Some(from) = from {
        from.take(max.saturating_add(1)).read_to_end(bytes).await?;
    }
    Ok(bytes.len() as u64 <= max)
}

/// The last line that is not blank.
fn last_words(kept: &[u8]) -> String {
    let text = String::from_utf8_lossy(kept);
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(COMPLAINT_TOLD_MAX).collect()
}

fn said(status: ExitStatus, complaint: &str) -> String {
    let ended = match (status.code(), std::os::unix::process::ExitStatusExt::signal(&status)) {
        (Some(code), _) => format!("ended with status {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended badly".to_owned(),
    };
    if complaint.is_empty() { format!("{ended} and said nothing") } else { format!("{ended}: {complaint}") }
}

/// The program of a config's words: a path begins at `directory`, and a name alone is looked for in `$PATH`.
pub fn program_beside(name: &str, directory: &Path) -> String {
    if !name.contains('/') {
        return name.to_owned();
    }
    // `./` says no more than that it is a path.
    let path: PathBuf = directory.join(name).components().collect();
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn shell(script: &str) -> Program {
        Program::new("sh".to_owned(), vec!["-c".to_owned(), script.to_owned()], "/".into())
    }

    async fn fails(program: &Program, max_size: u64, limit: Duration) -> String {
        program.run(max_size, limit).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn its_output_is_the_document() {
        assert_eq!(shell("echo '<rss/>'; echo careful >&2").run(100, LONG).await.unwrap(), b"<rss/>\n");
    }

    #[tokio::test]
    async fn it_is_told_little_of_our_surroundings() {
        let text = String::from_utf8(shell("env; pwd").run(10_000, LONG).await.unwrap()).unwrap();
        for line in text.lines().filter_map(|line| line.split_once('=')) {
            assert!(ENVIRONMENT.contains(&line.0) || ["PWD", "OLDPWD", "SHLVL", "_"].contains(&line.0), "{line:?}");
        }
        assert!(text.ends_with("\n/\n"), "{text}");
    }

    #[tokio::test]
    async fn what_goes_wrong_is_told() {
        let said = fails(&shell("echo one >&2; printf '\\ntw\\033o\\n\\n' >&2; exit 3"), 100, LONG).await;
        assert_eq!(said, "the command sh ended with status 3: two");
        assert_eq!(fails(&shell("exit 1"), 100, LONG).await, "the command sh ended with status 1 and said nothing");
        assert_eq!(fails(&shell("kill -9 $$"), 9, LONG).await, "the command sh was ended by signal 9 and said nothing");
        assert_eq!(fails(&shell("true"), 100, LONG).await, "the command sh gave no output");
        let said = fails(&Program::new("/nowhere/at all".to_owned(), Vec::new(), "/".into()), 100, LONG).await;
        assert!(said.contains("no shell"), "{said}");
        let said = fails(&Program::new("/".to_owned(), Vec::new(), "/".into()), 100, LONG).await;
        assert!(said.contains("executable"), "{said}");
        let said = fails(&Program::new("sh".to_owned(), Vec::new(), "/nowhere".into()), 100, LONG).await;
        assert!(said.contains("no directory /nowhere"), "{said}");
    }

    #[tokio::test]
    async fn output_without_end_ends_at_the_limit() {
        let most = ProgramError::TooLarge { program: "sh".to_owned(), limit: 1000 };
        assert_eq!(shell("exec yes").run(1000, LONG).await.unwrap_err(), most);
        let said = fails(&shell("yes complaint >&2"), 1000, Duration::from_millis(300)).await;
        assert!(said.contains("did not end within 300ms"), "{said}");
    }

    #[tokio::test]
    async fn whoever_is_left_of_the_group_is_ended() {
        // The line of the one that is left behind breaks when it is ended.
        assert_eq!(shell("sleep 600 & echo done").run(100, LONG).await.unwrap(), b"done\n");
        let dir = tempfile::tempdir().unwrap();
        let script = format!("sleep 600 & echo $! > {}/pid; wait", dir.path().display());
        let program = shell(&script);
        let clock = crate::clock::steady;
        let begun = clock();
        let told = || std::fs::read_to_string(dir.path().join("pid")).ok().filter(|pid| pid.ends_with('\n'));
        let run = program.run(100, LONG);
        let told_of = async {
            while told().is_none() {
                assert!((clock() - begun).as_secs() < 20, "it never began");
                tokio::task::yield_now().await;
            }
        };
        // As at the limit: it is given up.
        tokio::select! {
            reply = run => panic!("it ended by itself: {reply:?}"),
            () = told_of => {}
        }
        let pid: i32 = told().unwrap().trim().parse().unwrap();
        let runs = || {
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            !state.is_empty() && !state.contains(") Z ")
        };
        while runs() {
            assert!((clock() - begun).as_secs() < 20, "it was left running");
            std::thread::yield_now();
        }
    }

    #[tokio::test]
    async fn whoever_leaves_the_group_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let (file, new) = (file.display(), dir.path().join("new").display().to_string());
        let script = format!(
            "setsid sh -c 'echo $$ > {new}; mv {new} {file}; exec sleep 60' & while ! [ -e {file} ]; do :; done; echo done"
        );
        let output = shell(&script).run(100, Duration::from_secs(20)).await;
        let pid: i32 = std::fs::read_to_string(file.to_string()).unwrap().trim().parse().unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), rustix::process::Signal::KILL)
            .unwrap();
        assert_eq!(output.unwrap(), b"done\n");
    }

    #[test]
    fn it_is_known_by_its_name_and_a_hash_of_its_arguments() {
        let known = |name: &str, arguments: &[&str]| {
            Program::new(name.to_owned(), arguments.iter().map(|&word| word.to_owned()).collect(), "/etc".into())
        };
        let program = known("./a b", &["--token=geheim", "ü+%"]);
        let url = program.url();
        assert!(url.as_str().starts_with("command:./a%20b+") && !url.as_str().contains("geheim"), "{url}");
        assert_eq!(url.as_str().len(), "command:./a%20b+".len() + HASH_DIGITS);
        assert!(!format!("{program:?}").contains("geheim"));
        assert_eq!(known("a", &[]).url().as_str(), "command:a");
        assert_ne!(known("a", &["b c"]).url(), known("a", &["b", "c"]).url());
        assert_ne!(known("a", &["b"]).url(), known("a", &["c"]).url());
        assert_eq!(program_beside("bin/x", Path::new("/etc")), "/etc/bin/x");
        assert_eq!(program_beside("./x", Path::new("/etc")), "/etc/x");
        assert_eq!(program_beside("../x", Path::new("/etc/a")), "/etc/a/../x");
        assert_eq!(program_beside("x", Path::new("/etc")), "x");
    }
}
