//! A process of the program, seen from outside: what it prints, what it tells systemd, how it ends.

use std::io::{Read, Write as _};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, thread};

use serde_json::Value;

use super::PATIENCE;
use super::level::Level;

/// A process that may still run. It is killed when it goes out of scope.
pub(crate) struct Running {
    child: Child,
    what: String,
    seen: Arc<Level<Seen>>,
    notify: Option<PathBuf>,
}

/// What a process has let us see so far.
#[derive(Default)]
struct Seen {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// Pipes that have ended; at two the process is over.
    ended: usize,
    /// Lines sent to the notify socket.
    notified: Vec<String>,
}

/// How a process ended and what it said.
#[derive(Debug, Clone)]
pub(crate) struct Ran {
    what: String,
    /// The exit code; minus the signal where one ended it.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Running {
    /// Starts a command with its output caught and `stdin` as its input.
    pub(crate) fn spawn(mut command: Command, stdin: &[u8], notify: Option<PathBuf>) -> Self {
        let seen = Arc::new(Level::new(Seen::default()));
        if let Some(path) = &notify {
            listen(path, Arc::clone(&seen));
            command.env("NOTIFY_SOCKET", path);
        }
        let words = command.get_args().map(|word| word.to_string_lossy()).collect::<Vec<_>>();
        let what = format!("`{}`", words.join(" "));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {what}: {error}"));
        follow(child.stdout.take().unwrap(), Arc::clone(&seen), |seen| &mut seen.stdout);
        follow(child.stderr.take().unwrap(), Arc::clone(&seen), |seen| &mut seen.stderr);
        let (mut pipe, input) = (child.stdin.take().unwrap(), stdin.to_vec());
        // A program that does not read its input closes the pipe; that is its right.
        thread::spawn(move || pipe.write_all(&input));
        Self { child, what, seen, notify }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has told systemd that it is ready.
    #[track_caller]
    pub(crate) fn wait_ready(&self) {
        self.wait_notified("READY=1");
    }

    /// Waits until it has sent this line to the notify socket.
    #[track_caller]
    pub(crate) fn wait_notified(&self, line: &str) {
        self.wait_seen(line, |seen| seen.notified.iter().any(|known| known == line));
    }

    /// How often it has sent this line to the notify socket.
    pub(crate) fn notified(&self, line: &str) -> usize {
        self.seen.lock().notified.iter().filter(|known| *known == line).count()
    }

    /// Waits until it has written these words to stderr, and returns all that it has written there.
    #[track_caller]
    pub(crate) fn wait_stderr(&self, words: &str) -> String {
        self.wait_seen(words, |seen| String::from_utf8_lossy(&seen.stderr).contains(words));
        self.stderr()
    }

    /// All that it has written to stderr.
    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().stderr).into_owned()
    }

    #[track_caller]
    fn wait_seen(&self, what: &str, look: impl Fn(&Seen) -> bool) {
        let found = self.seen.wait(PATIENCE, |seen| {
            let found = look(seen);
            (found || seen.ended == 2).then_some(found)
        });
        if found != Some(true) {
            let state = if found.is_none() { "it runs on without it" } else { "it ended without it" };
            panic!("waited for {what:?} of {}: {state}\nstderr:\n{}", self.what, self.stderr());
        }
    }

    /// Sends a signal by its name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success(), "cannot send SIG{name} to {}", self.what);
    }

    /// Ends it at once, as a crash would, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub(crate) fn wait_end(&mut self, limit: Duration) -> Ran {
        let Some((stdout, stderr)) =
            self.seen.wait(limit, |seen| (seen.ended == 2).then(|| (text(&seen.stdout), text(&seen.stderr))))
        else {
            self.kill();
            panic!("{} did not end within {limit:?}\nstderr:\n{}", self.what, self.stderr());
        };
        let status = self.child.wait().unwrap();
        let code = status.code().unwrap_or_else(|| -status.signal().unwrap_or(999));
        Ran { what: self.what.clone(), code, stdout, stderr }
    }

    /// Asks it to end and waits: within ten seconds, and with success.
    #[track_caller]
    pub(crate) fn stop(&mut self) -> Ran {
        self.signal("TERM");
        self.wait_end(Duration::from_secs(10)).ok()
    }
}

/// A process that outlives its test is ended; one that panicked fails the test.
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(path) = &self.notify {
            let _ = UnixDatagram::unbound().and_then(|socket| socket.send_to(b"over", path));
            let _ = fs::remove_file(path);
        }
        if !thread::panicking() {
            let stderr = self.stderr();
            assert!(!stderr.contains("panicked at"), "{} panicked:\n{stderr}", self.what);
        }
    }
}

/// Collects what comes through a pipe.
fn follow(mut pipe: impl Read + Send + 'static, seen: Arc<Level<Seen>>, which: fn(&mut Seen) -> &mut Vec<u8>) {
    thread::spawn(move || {
        let mut bytes = [0; 8192];
        while let Ok(count @ 1..) = pipe.read(&mut bytes) {
            seen.change(|seen| which(seen).extend_from_slice(&bytes[..count]));
        }
        seen.change(|seen| seen.ended += 1);
    });
}

/// Collects what is sent to a notify socket, as systemd would (`sd_notify(3)`).
fn listen(path: &Path, seen: Arc<Level<Seen>>) {
    let socket = UnixDatagram::bind(path).unwrap_or_else(|error| panic!("cannot bind {}: {error}", path.display()));
    thread::spawn(move || {
        let mut bytes = [0; 8192];
        while let Ok(count) = socket.recv(&mut bytes) {
            let message = text(&bytes[..count]);
            if message == "over" {
                break;
            }
            seen.change(|seen| seen.notified.extend(message.lines().map(str::to_owned)));
        }
    });
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Ran {
    /// Fails the test unless it ended with this code.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code of {}\nstdout:\n{}\nstderr:\n{}", self.what, self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked at"), "{} panicked:\n{}", self.what, self.stderr);
        self
    }

    /// Fails the test unless it ended well.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.code(0)
    }

    /// Fails the test unless stderr holds each of these, whatever the case.
    #[track_caller]
    pub(crate) fn says(self, pieces: &[&str]) -> Self {
        let said = self.stderr.to_lowercase();
        for piece in pieces {
            assert!(said.contains(&piece.to_lowercase()), "{} does not say {piece:?}:\n{}", self.what, self.stderr);
        }
        self
    }

    /// Stdout as one JSON value a line.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        self.stdout.lines().map(read).collect()
    }

    /// Stdout as one JSON value.
    #[track_caller]
    pub(crate) fn one_json(&self) -> Value {
        let mut values = self.json();
        assert_eq!(values.len(), 1, "one line expected from {}:\n{}", self.what, self.stdout);
        values.remove(0)
    }
}

#[test]
fn a_process_is_seen_from_outside() {
    let mut command = Command::new("sh");
    command.args(["-c", "read line; echo \"got $line\"; echo Trouble >&2; exit 3"]);
    let ran = Running::spawn(command, b"it\n", None).wait_end(PATIENCE).code(3).says(&["trouble"]);
    assert_eq!(ran.stdout, "got it\n");
    let mut command = Command::new("sh");
    command.args(["-c", "exec cat"]);
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("notify");
    let mut running = Running::spawn(command, b"", Some(socket.clone()));
    UnixDatagram::unbound().unwrap().send_to(b"STATUS=up\nREADY=1\n", socket).unwrap();
    // The program ends by itself when its input ends, perhaps before the message is read.
    let seen = running.seen.wait(PATIENCE, |seen| seen.notified.contains(&"READY=1".to_owned()).then_some(()));
    assert!(seen.is_some());
    running.wait_end(PATIENCE).ok();
}
