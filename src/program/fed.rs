use std::io;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin};

use super::group::Group;
use super::{AFTER_THE_END, COMPLAINT_MAX, Program, ProgramError, last_words};

/// A program that is given something to read, piece by piece.
///
/// Where this is dropped before [`Fed::end`] has returned, the program is ended, and it is ended before its input is: it never
/// takes what it was given for the whole.
pub struct Fed {
    // Fields are dropped in this order.
    group: Group,
    child: Child,
    stdin: Option<ChildStdin>,
    stderr: Option<ChildStderr>,
    complaint: Vec<u8>,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its exit status; `None` where a signal ended it.
    pub status: Option<i32>,
    /// The last line that it complained; mostly empty.
    pub words: String,
}

impl Program {
    /// Starts it with `more` behind its own arguments. What it prints is of no interest.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn feed(&self, more: &[&str]) -> Result<Fed, ProgramError> {
        let mut child = self.start(more, Stdio::piped(), Stdio::null())?;
        let group = Group::of(&child);
        let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
        Ok(Fed { group, child, stdin, stderr, complaint: Vec::new() })
    }
}

impl Fed {
    /// Gives it more to read, and meanwhile listens to what it complains, so that neither waits for the other.
    ///
    /// # Errors
    /// When it does not read any more, most often because it has ended: [`Fed::end`] tells how.
    pub async fn give(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Self { stdin: Some(stdin), stderr, complaint, .. } = self else { return Ok(()) };
        let give = async {
            stdin.write_all(bytes).await?;
            stdin.flush().await
        };
        let listen = async {
            keep_end(stderr, complaint).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            given = give => given,
            () = listen => unreachable!("it listens for ever"),
        }
    }

    /// Ends its input and waits for its end. What it has started by then goes on: it may have a mail to deliver.
    ///
    /// # Errors
    /// When the system does not say how it ended.
    pub async fn end(mut self) -> io::Result<Ended> {
        drop(self.stdin.take());
        {
            let Self { group, stderr, complaint, .. } = &mut self;
            let mut listen = std::pin::pin!(keep_end(stderr, complaint));
            tokio::select! {
                ended = group.leader_ended() => {
                    ended?;
                    // Whatever it has started may hold the pipe for ever.
                    let _ = tokio::time::timeout(AFTER_THE_END, listen).await;
                }
                () = &mut listen => group.leader_ended().await?,
            }
        }
        let status = self.child.wait().await?;
        self.group.forget();
        Ok(Ended { status: status.code(), words: last_words(&self.complaint) })
    }
}

/// Keeps the end of all that comes; whatever else comes is read and forgotten, so that nobody waits for us.
pub(super) async fn keep_end(from: &mut Option<ChildStderr>, kept: &mut Vec<u8>) {
    if let Some(from) = from {
        let mut chunk = [0; 1024];
        while let Ok(read @ 1..) = from.read(&mut chunk).await {
            kept.extend_from_slice(&chunk[..read]);
            kept.drain(..kept.len().saturating_sub(COMPLAINT_MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::new("sh".to_owned(), vec!["-c".to_owned(), script.to_owned(), "sh".to_owned()], "/".into())
    }

    #[tokio::test]
    async fn it_reads_all_and_its_end_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("taken");
        let script = format!("echo \"$@\" >&2; cat > {}; exit 75", file.display());
        let mut fed = shell(&script).feed(&["-i", "--", "a b"]).unwrap();
        let long = vec![b'x'; 300_000];
        fed.give(b"one\n").await.unwrap();
        fed.give(&long).await.unwrap();
        assert_eq!(fed.end().await.unwrap(), Ended { status: Some(75), words: "-i -- a b".to_owned() });
        assert_eq!(std::fs::read(&file).unwrap().len(), 300_004);
    }

    #[tokio::test]
    async fn complaints_without_end_do_not_keep_it_from_reading() {
        let script = "i=0; while [ $i -lt 3000 ]; do echo a line of complaints, and a long one at that >&2; i=$((i+1)); done; \
                      cat >/dev/null";
        let mut fed = shell(script).feed(&[]).unwrap();
        fed.give(&vec![b'x'; 300_000]).await.unwrap();
        let ended = fed.end().await.unwrap();
        assert_eq!((ended.status, ended.words.starts_with("a line of complaints")), (Some(0), true));
    }

    #[tokio::test]
    async fn one_that_is_given_up_never_sees_the_end_of_its_input() {
        let dir = tempfile::tempdir().unwrap();
        let (begun, ended) = (dir.path().join("begun"), dir.path().join("ended"));
        let script = format!("read line; echo > {}; cat; echo > {}", begun.display(), ended.display());
        let mut fed = shell(&script).feed(&[]).unwrap();
        fed.give(b"a line\n").await.unwrap();
        let clock = crate::clock::steady;
        let start = clock();
        while !begun.exists() {
            assert!((clock() - start).as_secs() < 20, "it never began");
            tokio::task::yield_now().await;
        }
        let pid = fed.child.id().unwrap();
        drop(fed);
        let runs = || std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
        while runs() {
            assert!((clock() - start).as_secs() < 20, "it was left running");
            tokio::task::yield_now().await;
        }
        assert!(!ended.exists());
    }

    #[tokio::test]
    async fn one_that_does_not_read_is_told_by_its_end() {
        let mut fed = shell("exit 64").feed(&[]).unwrap();
        // More than a pipe holds.
        assert!(fed.give(&vec![b'x'; 1_000_000]).await.is_err());
        assert_eq!(fed.end().await.unwrap(), Ended { status: Some(64), words: String::new() });
        let mut fed = shell("kill -9 $$").feed(&[]).unwrap();
        let _ = fed.give(b"x").await;
        assert_eq!(fed.end().await.unwrap().status, None);
    }
}
