use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::{DotGate, Letter, Relay};
use crate::deliver::verdict::{Ending, Outcome, Phase, Reply};

/// A directory that gets one `.eml` file each, whole or not at all.
///
/// The name comes from the `Message-ID`, so that a letter that is handed over twice still makes one file.
#[derive(Debug, Clone)]
pub struct Directory {
    dir: PathBuf,
}

impl Directory {
    /// Files go into `dir`, which is made when the first one comes.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    fn refused(&self, phase: Phase, doing: &str, error: &io::Error) -> Outcome {
        Outcome { phase, ending: Ending::Refused(format!("cannot {doing} {}: {error}", self.dir.display())) }
    }
}

#[async_trait]
impl Relay for Directory {
    async fn offer(&self, letter: &Letter<'_>, gate: &mut dyn DotGate) -> Outcome {
        let name = file_name(letter.message_id);
        let temporary = Temporary(self.dir.join(format!(".{name}.part")));
        let (dir, path, bytes) = (self.dir.clone(), temporary.0.clone(), letter.bytes.to_vec());
        if let Err(error) = blocking(move || write(&dir, &path, &bytes)).await {
            return self.refused(Phase::Body, "write to", &error);
        }
        if !gate.open().await {
            return Outcome { phase: Phase::Body, ending: Ending::Shut };
        }
        let (dir, from, to) = (self.dir.clone(), temporary.0.clone(), self.dir.join(&name));
        match blocking(move || fs::rename(from, to).and_then(|()| sync(&dir))).await {
            Ok(()) => {
                let reply = Reply { code: 250, lines: vec![format!("saved as {name}")] };
                Outcome { phase: Phase::Dot, ending: Ending::Reply(reply) }
            }
            // The file may or may not be there after a crash now. The next try will make the same file.
            Err(error) => self.refused(Phase::Dot, "write to", &error),
        }
    }
}

/// A file that goes away when it is done with.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the rename there is nothing to remove.
        let _ = fs::remove_file(&self.0);
    }
}

fn write(dir: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> io::Result<()> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// `…@example.org` becomes `…@example.org.eml`; whatever could lead elsewhere becomes `_`.
fn file_name(message_id: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '-' | '_') { c } else { '_' };
    format!("{}.eml", message_id.chars().map(safe).take(200).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::transport::scripted::Gate;

    const LETTER: Letter<'static> =
        Letter { from: "a@x", to: "b@x", message_id: "abc@example.org", bytes: b"Subject: x\r\n\r\nbody\r\n" };

    fn files(dir: &Path) -> Vec<String> {
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn the_same_letter_twice_is_one_whole_file() {
        let dir = tempfile::tempdir().unwrap();
        let mails = dir.path().join("made/for/mails");
        let relay = Directory::new(mails.clone());
        for _ in 0..2 {
            let outcome = relay.offer(&LETTER, &mut Gate::open()).await;
            assert_eq!(outcome.answer(), "250 saved as abc@example.org.eml");
        }
        assert_eq!(files(&mails), ["abc@example.org.eml"]);
        assert_eq!(fs::read(mails.join("abc@example.org.eml")).unwrap(), LETTER.bytes);
    }

    #[tokio::test]
    async fn a_shut_gate_leaves_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let outcome = Directory::new(dir.path().to_owned()).offer(&LETTER, &mut Gate::shut()).await;
        assert_eq!(outcome.ending, Ending::Shut);
        assert!(files(dir.path()).is_empty());
    }

    #[tokio::test]
    async fn a_place_that_cannot_be_written_is_trouble_of_the_relay_and_named() {
        let mut gate = Gate::open();
        let outcome = Directory::new("/proc/newswatch/mails".into()).offer(&LETTER, &mut gate).await;
        assert_eq!(crate::deliver::verdict::judge(&outcome), crate::deliver::verdict::Verdict::LaterRelay);
        assert!(outcome.answer().contains("/proc/newswatch/mails"), "{}", outcome.answer());
        assert!(!gate.asked);
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        assert_eq!(file_name("../../etc/passwd\n@x"), ".._.._etc_passwd_@x.eml");
    }
}
