use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::finding::{Finding, Place};

/// No config is larger, all files together, in bytes; a hundred thousand watches take half of it.
pub(super) const SIZE_MAX: usize = 32 << 20;

/// So much of a text is read at a time, in bytes, where it can be cut: what reading takes beside it stays small.
const PIECE_BYTES: usize = 32 << 10;

/// Before which a text can be cut.
const CUT: &str = "\n[[watch]]";

/// More text than this is not shown beside a finding, in bytes.
pub(super) const SHOWN_MAX: usize = 4096;

/// A file's text or a piece of it, and how it is shown.
#[derive(Debug)]
pub(super) struct Source {
    /// As findings name it.
    pub(super) name: String,
    /// The directory that relative paths in it begin at; absolute.
    pub(super) base: PathBuf,
    /// Its permission bits, where it is a file.
    pub(super) mode: Option<u32>,
    /// Its place among the files, the main one first.
    pub(super) rank: usize,
    /// Without a byte order mark.
    pub(super) text: String,
    /// Of a piece: the bytes of the file before it, and the lines.
    before: (usize, usize),
    /// Where its lines begin.
    lines: Vec<usize>,
    /// What must not be shown beside a finding.
    secrets: OnceLock<Vec<Range<usize>>>,
}

impl Source {
    pub(super) fn new(name: impl Into<String>, base: &Path, rank: usize, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        let (name, base) = (name.into(), base.to_owned());
        Self { name, base, mode: None, rank, text, before: (0, 0), lines, secrets: OnceLock::new() }
    }

    /// Its text cut before some of its watches, if it is long.
    pub(super) fn pieces(&self) -> Vec<Arc<Self>> {
        let mut pieces = Vec::new();
        let (mut start, mut lines) = (0, 0);
        while start < self.text.len() {
            let least = self.text.ceil_char_boundary((start + PIECE_BYTES).min(self.text.len()));
            let end = self.text[least..].find(CUT).map_or(self.text.len(), |at| least + at + 1);
            let text = &self.text[start..end];
            let piece = Self::new(&*self.name, &self.base, self.rank, text);
            let count = piece.lines.len() - 1;
            pieces.push(Arc::new(Self { mode: self.mode, before: (start, lines), ..piece }));
            (start, lines) = (end, lines + count);
        }
        pieces
    }

    /// A stretch of its text as one of the file's.
    pub(super) fn in_file(&self, span: &Range<usize>) -> Range<usize> {
        self.before.0 + span.start..self.before.0 + span.end
    }

    /// Reads `path`, which is absolute and shown as `name`, and may have `room` bytes; `instead` is taken for what it holds.
    pub(super) fn read(
        name: String,
        path: &Path,
        rank: usize,
        room: usize,
        instead: Option<&str>,
    ) -> Result<Self, Box<Finding>> {
        let base = path.parent().unwrap_or(Path::new("/"));
        let refuse = |name: String, message: String, hint: &str| {
            let source = Arc::new(Self::new(name, base, rank, String::new()));
            Box::new(Finding::error(&Place { source, span: 0..0 }, message).hint(hint))
        };
        let (bytes, mode) = match read_bounded(path, room) {
            Ok((bytes, mode)) => (instead.map_or(bytes, |text| text.as_bytes().to_vec()), mode),
            Err(error) => {
                let (message, hint) = describe(&error);
                return Err(refuse(name, message, hint));
            }
        };
        if bytes.len() > room {
            let message = format!("a config may have {} MiB, and this is more", SIZE_MAX >> 20);
            return Err(refuse(
                name,
                message,
                "is this the right file? Its size counts together with that of the files in conf.d",
            ));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { mode, ..Self::new(name, base, rank, text) }),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let bytes = error.into_bytes();
                let source = Arc::new(Self::new(name, base, rank, String::from_utf8_lossy(&bytes)));
                // A byte order mark is a valid beginning, and `new` has dropped it.
                let start = if bytes.starts_with(b"\xEF\xBB\xBF") { at - 3 } else { at };
                let place = Place { source, span: start..start + '\u{fffd}'.len_utf8() };
                let message = format!("the byte 0x{:02x} is not UTF-8", bytes[at]);
                Err(Box::new(Finding::error(&place, message).hint("save the file in the encoding UTF-8")))
            }
        }
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub(super) fn line_and_column(&self, at: usize) -> (usize, usize) {
        let before = &self.text[self.line_start(at)..self.boundary(at)];
        (self.line(at), before.chars().count() + 1)
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.before.1 + self.lines.partition_point(|start| *start <= at)
    }

    /// Where the line of a byte begins.
    fn line_start(&self, at: usize) -> usize {
        self.lines[self.lines.partition_point(|start| *start <= at) - 1]
    }

    /// The nearest character boundary that is not after `at`.
    pub(super) fn boundary(&self, at: usize) -> usize {
        self.text.floor_char_boundary(at)
    }

    /// Names what must not be shown. Counts once.
    pub(super) fn hide(&self, secrets: Vec<Range<usize>>) {
        // Whoever parses the text hides its secrets, and a text is parsed once.
        let _ = self.secrets.set(secrets);
    }

    /// The lines that `span` touches, secrets replaced by stars byte for byte, and where they begin. Of a very long line only
    /// what is near the start of the span.
    pub(super) fn lines(&self, span: &Range<usize>) -> (usize, String) {
        let (from, to) = (self.boundary(span.start), self.boundary(span.end.max(span.start)));
        let start = self.line_start(from);
        let end = self.text[to..].find('\n').map_or(self.text.len(), |newline| to + newline);
        let mut shown = self.text[start..end].to_owned();
        let written = self.secrets.get().map_or(&[][..], Vec::as_slice).iter().cloned();
        for secret in written.chain(passwords_in_addresses(&self.text[start..end], start)) {
            let (from, to) = (secret.start.max(start) - start, secret.end.min(end).saturating_sub(start));
            if from < to {
                shown.replace_range(from..to, &"*".repeat(to - from));
            }
        }
        let near = shown.floor_char_boundary((from - start).saturating_sub(SHOWN_MAX / 4))
            ..shown.floor_char_boundary(from - start + SHOWN_MAX);
        if shown.len() <= SHOWN_MAX { (start, shown) } else { (start + near.start, shown[near].to_owned()) }
    }
}

/// Where a text has `://user:password@`, the password. Works on a half-written file too, and on a password with a slash that
/// should have been written `%2F`: what looks like a port and is no number is one.
pub(super) fn passwords_in_addresses(text: &str, offset: usize) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(move |(at, mark)| {
        let start = at + mark.len();
        let ends = |c: char| c == '"' || c == '\'' || c.is_whitespace();
        let address = &text[start..start + text[start..].find(ends).unwrap_or(text.len() - start)];
        let authority = address.split('/').next().unwrap_or(address);
        let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let has_slash =
            !authority.contains(['@', '[']) && authority.split_once(':').is_some_and(|(_, port)| !is_port(port));
        let (who, _) = if has_slash { address } else { authority }.rsplit_once('@')?;
        let (user, _) = who.split_once(':')?;
        Some(offset + start + user.len() + 1..offset + start + who.len())
    })
}

fn read_bounded(path: &Path, room: usize) -> std::io::Result<(Vec<u8>, Option<u32>)> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0).min(room));
    file.take(room as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes, about.is_file().then(|| about.mode())))
}

fn describe(error: &std::io::Error) -> (String, &'static str) {
    match error.kind() {
        std::io::ErrorKind::NotFound => (
            "there is no such file".to_owned(),
            "`newswatch init` writes a starter config, and `--config FILE` names another file",
        ),
        std::io::ErrorKind::IsADirectory => (
            "this is a directory, not a config file".to_owned(),
            "name the file in it, which is usually `newswatch.toml`",
        ),
        std::io::ErrorKind::PermissionDenied => (
            "the file may not be read by this user".to_owned(),
            "run newswatch as the user who may read it, or change the file's owner or mode",
        ),
        _ => (format!("the file cannot be read: {error}"), "is the disk in order, and is this the right file?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::new("a.toml", Path::new("/"), 0, text)
    }

    #[test]
    fn columns_count_characters_and_no_byte_order_mark() {
        let source = source("\u{feff}é = 'ü'\r\nb");
        assert_eq!(source.line_and_column(0), (1, 1));
        assert_eq!(source.line_and_column("é = ".len()), (1, 5));
        assert_eq!(source.line_and_column(source.text.len()), (2, 2));
        assert_eq!(source.line_and_column(10_000), (2, 2));
    }

    #[test]
    fn secrets_are_not_shown() {
        let source = source("a = 1\nurl = 'https://me:hun@ter2@example.org/x@y' # see ://b\nc = 'key'");
        let key = source.text.len() - 4..source.text.len() - 1;
        source.hide(std::iter::once(key).collect());
        assert_eq!(source.lines(&(7..8)).1, "url = 'https://me:********@example.org/x@y' # see ://b");
        assert_eq!(source.lines(&(source.text.len()..source.text.len())).1, "c = '***'");
        assert_eq!(source.lines(&(0..1)), (0, "a = 1".to_owned()));
        for (written, shown) in [
            ("'https://me:a/b#c@example.org/x'", "'https://me:*****@example.org/x'"),
            ("'https://me:/b@example.org'", "'https://me:**@example.org'"),
            ("'https://[::1]:80/x@y'", "'https://[::1]:80/x@y'"),
            ("'https://example.org:8080/x:y@z'", "'https://example.org:8080/x:y@z'"),
            ("'https://example.org/@me:you/x@y'", "'https://example.org/@me:you/x@y'"),
        ] {
            assert_eq!(self::source(written).lines(&(0..1)).1, shown);
        }
    }
}
