use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::identity::give_to_owner_of;
use crate::item::Key;
use crate::store::{LedgerEntry, LedgerNews};

/// No line is longer: a digest of a hundred thousand keys still fits.
const LINE_LEN_MAX: u64 = 4 << 20;

/// What was told, outside of the database: one line of JSON per final verdict, on disk before anything relies on it.
///
/// A database restored from a backup learns from it what was mailed since. One process writes it; the store's lock sees to
/// that. Clones share one file.
#[derive(Debug, Clone)]
pub struct Ledger {
    path: Arc<Path>,
    file: Arc<Mutex<File>>,
}

/// A line as it is written.
#[derive(Serialize, Deserialize)]
struct Line {
    at: Timestamp,
    id: String,
    verdict: String,
    keys: Vec<String>,
}

impl Ledger {
    /// Opens the ledger at `path`, or makes an empty one with its directory.
    ///
    /// # Errors
    /// When the file can be neither opened nor made for writing.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let failed = |source| LedgerError { doing: "open", path: path.to_owned(), source };
        let dir = match path.parent() {
            Some(dir) if !dir.as_os_str().is_empty() => dir,
            _ => Path::new("."),
        };
        fs::create_dir_all(dir).map_err(failed)?;
        let fresh = !path.exists();
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o640).open(path).map_err(failed)?;
        if fresh {
            give_to_owner_of(dir, &file).map_err(failed)?;
            File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed)?;
        }
        Ok(Self { path: path.into(), file: Arc::new(Mutex::new(file)) })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes one line and waits until it is on disk. Returns how long the ledger is now, in bytes.
    ///
    /// Blocks for as long as the disk takes.
    ///
    /// # Errors
    /// When the line is not surely on disk. What was written of it is taken back where that can be done.
    pub fn append(&self, entry: &LedgerEntry) -> Result<u64, LedgerError> {
        let line = Line {
            at: entry.at,
            id: entry.message_id.clone(),
            verdict: entry.verdict.clone(),
            keys: entry.keys.iter().map(Key::to_string).collect(),
        };
        let text = serde_json::to_string(&line).map_err(|error| self.failed("write to", error.into()))? + "\n";
        // A thread that panicked here left at worst a torn line, which is mended below.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        write_line(&mut file, text).map_err(|source| self.failed("write to", source))
    }

    /// The lines from byte `offset` on. An offset at which no line begins, or beyond the end, is of another ledger, and all
    /// lines are read. Lines that cannot be understood, such as one torn by a crash, are passed over.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_from(&self, offset: u64) -> Result<LedgerNews, LedgerError> {
        let failed = |source| self.failed("read", source);
        let mut file = File::open(&self.path).map_err(failed)?;
        let start = if begins_line(&mut file, offset).map_err(failed)? { offset } else { 0 };
        file.seek(SeekFrom::Start(start)).map_err(failed)?;
        let mut reader = BufReader::new(file);
        let mut news = LedgerNews { path: self.path.to_path_buf(), entries: Vec::new(), offset: start };
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader.by_ref().take(LINE_LEN_MAX).read_until(b'\n', &mut line).map_err(failed)?;
            if read == 0 {
                return Ok(news);
            }
            if let Some(entry) = entry(&line) {
                news.entries.push(entry);
            } else {
                tracing::warn!(ledger = %self.path.display(), at = news.offset, "passed over a torn line");
            }
            // An unfinished line is read again once it has been ended.
            if line.ends_with(b"\n") || read as u64 == LINE_LEN_MAX {
                news.offset += read as u64;
            }
        }
    }

    /// The thread that was to write is gone, with the process or by a panic.
    pub(super) fn interrupted(&self, error: tokio::task::JoinError) -> LedgerError {
        self.failed("write to", io::Error::other(error))
    }

    fn failed(&self, doing: &'static str, source: io::Error) -> LedgerError {
        LedgerError { doing, path: self.path.to_path_buf(), source }
    }
}

fn write_line(file: &mut File, mut text: String) -> io::Result<u64> {
    let before = file.metadata()?.len();
    if !begins_line(file, before)? {
        text.insert(0, '\n');
    }
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
    if let Err(error) = written {
        // Without this the next line would be glued to half of this one. If it fails too, the next line begins with a break.
        let _ = file.set_len(before);
        return Err(error);
    }
    Ok(before + text.len() as u64)
}

/// Whether a line can begin at `offset`.
fn begins_line(file: &mut File, offset: u64) -> io::Result<bool> {
    if offset == 0 {
        return Ok(true);
    }
    if offset > file.metadata()?.len() {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(offset - 1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == [b'\n'])
}

fn entry(line: &[u8]) -> Option<LedgerEntry> {
    let line: Line = serde_json::from_slice(line).ok()?;
    let keys = line.keys.iter().map(|key| key.parse()).collect::<Result<_, _>>().ok()?;
    Some(LedgerEntry { at: line.at, message_id: line.id, verdict: line.verdict, keys })
}

/// What can happen to the ledger.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} the ledger {path}; without it mail could be sent twice, so none is sent: make room or mend its permissions, and start again", path = .path.display())]
pub struct LedgerError {
    /// `open`, `read`, `write to`.
    doing: &'static str,
    /// The ledger.
    path: PathBuf,
    /// Why.
    source: io::Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry_of(id: &str) -> LedgerEntry {
        LedgerEntry {
            at: "2026-11-24T07:30:00Z".parse().unwrap(),
            message_id: id.to_owned(),
            verdict: "sent".to_owned(),
            keys: vec![Key::of(&[id])],
        }
    }

    fn ids(news: &LedgerNews) -> Vec<&str> {
        news.entries.iter().map(|entry| entry.message_id.as_str()).collect()
    }

    #[test]
    fn what_is_written_is_read_from_each_offset_on() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&dir.path().join("a/newswatch.ledger")).unwrap();
        let first = ledger.append(&entry_of("one@x")).unwrap();
        let second = ledger.append(&entry_of("two@x")).unwrap();
        let all = ledger.read_from(0).unwrap();
        assert_eq!(all.entries, [entry_of("one@x"), entry_of("two@x")]);
        assert_eq!(all.offset, second);
        assert_eq!(ids(&ledger.read_from(first).unwrap()), ["two@x"]);
        assert!(ledger.read_from(second).unwrap().entries.is_empty());
    }

    #[test]
    fn a_line_looks_as_it_always_did() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&dir.path().join("newswatch.ledger")).unwrap();
        ledger.append(&entry_of("one@x")).unwrap();
        insta::assert_snapshot!(fs::read_to_string(ledger.path()).unwrap(), @r#"{"at":"2026-11-24T07:30:00Z","id":"one@x","verdict":"sent","keys":["171eea257159575f46fb7fd9f3379c1e"]}"#);
    }

    #[test]
    fn an_offset_of_another_ledger_reads_everything() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&dir.path().join("newswatch.ledger")).unwrap();
        let end = ledger.append(&entry_of("one@x")).unwrap();
        assert_eq!(ids(&ledger.read_from(end + 1).unwrap()), ["one@x"], "beyond the end");
        assert_eq!(ids(&ledger.read_from(end - 5).unwrap()), ["one@x"], "inside of a line");
    }

    #[test]
    fn a_torn_line_costs_itself_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("newswatch.ledger");
        let end = Ledger::open(&path).unwrap().append(&entry_of("one@x")).unwrap();
        let whole = fs::read(&path).unwrap();
        for torn in 1..whole.len() {
            let mut bytes = whole.clone();
            bytes.extend_from_slice(&whole[..torn]);
            fs::write(&path, &bytes).unwrap();
            let ledger = Ledger::open(&path).unwrap();
            let read = ledger.read_from(end).unwrap();
            if torn < whole.len() - 1 {
                assert!(read.entries.is_empty(), "half a line was believed after {torn} bytes");
            }
            assert_eq!(read.offset, end, "an unfinished line is read again");
            ledger.append(&entry_of("two@x")).unwrap();
            assert_eq!(ids(&ledger.read_from(read.offset).unwrap()).last(), Some(&"two@x"), "after {torn} bytes");
        }
    }

    #[test]
    fn a_ledger_that_cannot_be_written_names_its_file() {
        let error = Ledger::open(Path::new("/proc/newswatch/ledger")).unwrap_err();
        assert!(error.to_string().contains("/proc/newswatch/ledger"), "{error}");
    }
}
