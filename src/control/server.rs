use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Answer, Elsewhere, Progress, REQUEST_BYTES_MAX, Request, Whose, places};

/// Commands at a time; a further caller waits for its turn.
const COMMANDS_MAX: usize = 8;

/// A caller writes its one line at once and reads the answer as it comes.
const CALLER_PATIENCE: Duration = Duration::from_secs(30);

/// Answers that are under way when the daemon stops may take so long, which leaves the end time for all else.
const LAST_ANSWERS: Duration = Duration::from_secs(4);

/// After a caller could not be accepted.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// The socket, removed when this is dropped.
#[derive(Debug)]
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
    /// The device and the number of the socket's file: what stands there later may be somebody else's.
    file: (u64, u64),
    whose: Whose,
}

impl Control {
    /// Binds the socket for this daemon, after removing one that a killed daemon left. Only the holder of the
    /// database's lock may call this.
    ///
    /// # Errors
    /// [`io::ErrorKind::AddrInUse`] where the daemon of another database listens.
    pub fn bind(socket: &Path, whose: Whose) -> io::Result<Self> {
        if let Some(dir) = socket.parent() {
            fs::create_dir_all(dir)?;
        }
        let _turn = turn(socket);
        let is_free = |place: &PathBuf| match std::os::unix::net::UnixStream::connect(place) {
            Ok(_) => false,
            // One that does not let us in is somebody's.
            Err(error) => error.kind() != io::ErrorKind::PermissionDenied,
        };
        let Some(path) = places(socket, &whose).into_iter().find(is_free) else {
            let words = "the daemon of another database listens there; give each database a directory of its own";
            return Err(io::Error::new(io::ErrorKind::AddrInUse, words));
        };
        let path = &*path;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o660))?;
        if let Some(dir) = path.parent() {
            give_to_owner_of(dir, path)?;
        }
        Ok(Self { listener, path: path.to_owned(), file: file(path)?, whose })
    }
}

/// The right to look at the sockets of a directory and to change them, until the file is dropped: of two daemons that start at
/// once, one would take the other's socket, which does not answer yet, for one that was left behind. Where a directory cannot be
/// locked, as on some network filesystems, it goes without.
fn turn(socket: &Path) -> Option<File> {
    let dir = socket.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir).ok().filter(|dir| dir.lock().is_ok())
}

/// By what a file is known, whatever it is called.
fn file(path: &Path) -> io::Result<(u64, u64)> {
    let about = fs::symlink_metadata(path)?;
    Ok((about.dev(), about.ino()))
}

/// A socket that root makes in the directory of a service's own user is that user's, as everything there is.
fn give_to_owner_of(dir: &Path, socket: &Path) -> io::Result<()> {
    let (dir, own) = (fs::metadata(dir)?, fs::metadata(socket)?);
    if own.uid() == 0 && dir.uid() != 0 {
        std::os::unix::fs::chown(socket, Some(dir.uid()), Some(dir.gid()))?;
    }
    Ok(())
}

impl Drop for Control {
    fn drop(&mut self) {
        let _turn = turn(&self.path);
        if file(&self.path).is_ok_and(|file| file == self.file) {
            // Gone already is as good.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Answers commands until `stop`, each by `answer`, which gets the arguments. Whoever has not asked by then, and whoever
/// takes longer than `LAST_ANSWERS` to be answered, is left without an answer.
pub async fn serve<F>(control: Control, tasks: TaskTracker, stop: CancellationToken, answer: F)
where
    F: AsyncAnswer,
{
    let answer = Arc::new(answer);
    let turns = Arc::new(Semaphore::new(COMMANDS_MAX));
    while let Some((stream, turn)) = next(&control, &turns, &stop).await {
        let (answer, stop, whose) = (Arc::clone(&answer), stop.clone(), control.whose.clone());
        tasks.spawn(async move {
            let _turn = turn;
            let last = async {
                stop.cancelled().await;
                tokio::time::sleep(LAST_ANSWERS).await;
            };
            tokio::select! {
                () = last => tracing::debug!("a caller of the control socket was left without an answer"),
                conversed = converse(stream, &stop, &whose, &*answer) => {
                    if let Err(error) = conversed {
                        tracing::debug!(%error, "a caller of the control socket went away");
                    }
                }
            }
        });
    }
}

/// The next caller, with its turn: while all turns are taken, callers wait in the system's own queue, which is short. `None`
/// at the stop.
async fn next(
    control: &Control,
    turns: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(UnixStream, OwnedSemaphorePermit)> {
    let caller = async {
        let turn = Arc::clone(turns).acquire_owned().await.expect("this semaphore is never closed");
        loop {
            match control.listener.accept().await {
                Ok((stream, _)) => return (stream, turn),
                Err(error) => {
                    // Most often no file can be opened any more, and that lasts.
                    tracing::warn!(%error, "a caller of the control socket was lost");
                    tokio::time::sleep(AFTER_TROUBLE).await;
                }
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => None,
        caller = caller => Some(caller),
    }
}

/// What answers a command.
#[async_trait::async_trait]
pub trait AsyncAnswer: Send + Sync + 'static {
    /// Runs the command line `args` (without the program's name).
    async fn answer(&self, args: Vec<String>, progress: Progress) -> Answer;

    /// Reads the config again.
    async fn reload(&self) -> Answer;
}

/// Runs a command, and tells the caller how far it is. A caller who has gone away ends it.
async fn told_meanwhile(answer: &dyn AsyncAnswer, args: Vec<String>, write: &mut OwnedWriteHalf) -> io::Result<Answer> {
    let (progress, mut steps) = Progress::heard();
    let mut answering = answer.answer(args, progress);
    loop {
        tokio::select! {
            answer = &mut answering => return Ok(answer),
            Some(step) = steps.recv() => {
                let mut line = serde_json::to_vec(&step)?;
                line.push(b'\n');
                tokio::time::timeout(CALLER_PATIENCE, write.write_all(&line)).await??;
            }
        }
    }
}

async fn converse(
    stream: UnixStream,
    stop: &CancellationToken,
    whose: &Whose,
    answer: &dyn AsyncAnswer,
) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut read = BufReader::new(read).take(REQUEST_BYTES_MAX);
    tokio::select! {
        () = stop.cancelled() => return Ok(()),
        read = tokio::time::timeout(CALLER_PATIENCE, read.read_line(&mut line)) => read??,
    };
    let answered = match serde_json::from_str::<Request>(&line) {
        Ok(Request { of: Some(asked), .. }) if !asked.is(whose) => serde_json::to_vec(&Elsewhere { elsewhere: true }),
        Ok(request) if request.reload => serde_json::to_vec(&answer.reload().await),
        Ok(request) => serde_json::to_vec(&told_meanwhile(answer, request.args, &mut write).await?),
        Err(error) => {
            let err = format!("not a command: {error}\n");
            serde_json::to_vec(&Answer { err, exit: 2, ..Answer::default() })
        }
    };
    let mut bytes = answered?;
    bytes.push(b'\n');
    tokio::time::timeout(CALLER_PATIENCE, write.write_all(&bytes)).await?
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    /// The daemon of the database of this name.
    fn bind(dir: &Path, name: &str) -> Control {
        let whose = Whose::of_files(None, &dir.join(name).with_extension("db"));
        Control::bind(&dir.join("control.sock"), whose).unwrap()
    }

    #[tokio::test]
    async fn daemons_that_start_at_once_leave_each_other_their_sockets() {
        let runtime = tokio::runtime::Handle::current();
        for _ in 0..50 {
            let dir = tempfile::tempdir().unwrap();
            let names = ["a", "b", "c", "d"];
            let start = Barrier::new(names.len());
            let bound: Vec<Control> = std::thread::scope(|threads| {
                let (start, runtime, dir) = (&start, &runtime, dir.path());
                let started = names.map(|name| {
                    threads.spawn(move || {
                        let _inside = runtime.enter();
                        start.wait();
                        bind(dir, name)
                    })
                });
                started.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            for control in &bound {
                assert_eq!(file(&control.path).unwrap(), control.file, "{bound:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_daemon_that_ends_leaves_the_socket_of_its_successor() {
        let dir = tempfile::tempdir().unwrap();
        let first = bind(dir.path(), "a");
        fs::remove_file(&first.path).unwrap();
        let second = bind(dir.path(), "a");
        drop(first);
        assert!(std::os::unix::net::UnixStream::connect(&second.path).is_ok());
        drop(second);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
