use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Answer, REQUEST_BYTES_MAX, Request};

/// Commands at a time; a further caller waits for its turn.
const COMMANDS_MAX: usize = 8;

/// A caller writes its one line at once and reads the answer as it comes.
const CALLER_PATIENCE: Duration = Duration::from_secs(30);

/// The socket, removed when this is dropped.
#[derive(Debug)]
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Binds the socket, after removing one that a killed daemon left. Only the holder of the database's lock may call this.
    pub fn bind(path: &Path) -> io::Result<Self> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, Permissions::from_mode(0o660))?;
        Ok(Self { listener, path: path.to_owned() })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = fs::remove_file(&self.path);
    }
}

/// Answers commands until `stop`, each by `answer`, which gets the arguments.
pub async fn serve<F>(control: Control, tasks: TaskTracker, stop: CancellationToken, answer: F)
where
    F: AsyncAnswer,
{
    let answer = Arc::new(answer);
    let turns = Arc::new(Semaphore::new(COMMANDS_MAX));
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = control.listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a caller of the control socket was lost");
                    continue;
                }
            },
        };
        let (answer, turns) = (Arc::clone(&answer), Arc::clone(&turns));
        tasks.spawn(async move {
            // Closed never: the semaphore lives as long as its tasks.
            let Ok(_turn) = turns.acquire().await else { return };
            if let Err(error) = converse(stream, &*answer).await {
                tracing::debug!(%error, "a caller of the control socket went away");
            }
        });
    }
}

/// What answers a command.
#[async_trait::async_trait]
pub trait AsyncAnswer: Send + Sync + 'static {
    /// Runs the command line `args` (without the program's name).
    async fn answer(&self, args: Vec<String>) -> Answer;
}

async fn converse(stream: UnixStream, answer: &dyn AsyncAnswer) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut read = BufReader::new(read).take(REQUEST_BYTES_MAX);
    tokio::time::timeout(CALLER_PATIENCE, read.read_line(&mut line)).await??;
    let answer = match serde_json::from_str::<Request>(&line) {
        Ok(request) => answer.answer(request.args).await,
        Err(error) => Answer { err: format!("not a command: {error}\n"), exit: 2, ..Answer::default() },
    };
    let mut bytes = serde_json::to_vec(&answer)?;
    bytes.push(b'\n');
    tokio::time::timeout(CALLER_PATIENCE, write.write_all(&bytes)).await?
}
