use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::letter::Letter;
use super::{DemoError, Message};

/// Shows mails in a terminal, and keeps each as a page that a browser opens and as the message itself.
#[derive(Debug)]
pub(crate) struct Showcase {
    directory: PathBuf,
    shown: usize,
}

/// Columns of the frame.
const WIDTH: usize = 78;

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

impl Showcase {
    pub(super) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), shown: 0 }
    }

    /// How many were shown.
    pub(crate) fn shown(&self) -> usize {
        self.shown
    }

    /// Writes the mail to `out` in a frame: who, to whom, about what, its text, and where its `.html` and `.eml` lie.
    ///
    /// Uses ANSI styles; where `out` may not be a terminal, hand in a stream that takes them out, such as
    /// `anstream::stdout()`. Nothing else in a mail can reach the terminal's controls.
    pub(crate) fn show(&mut self, message: &Message, out: &mut dyn Write) -> Result<(), DemoError> {
        let number = self.shown + 1;
        let letter = Letter::read(&message.bytes);
        let keep = |ending: &str, bytes: &[u8]| keep(self.directory.join(format!("mail-{number:02}.{ending}")), bytes);
        let message_at = keep("eml", &message.bytes)?;
        let page_at = letter.html.as_ref().map(|html| keep("html", html.as_bytes())).transpose()?;
        self.shown = number;
        frame(out, number, &letter, message, page_at.as_deref(), &message_at).map_err(DemoError::Show)
    }
}

fn keep(path: PathBuf, bytes: &[u8]) -> Result<PathBuf, DemoError> {
    let written =
        OpenOptions::new().write(true).create_new(true).open(&path).and_then(|mut file| file.write_all(bytes));
    match written {
        Ok(()) => Ok(path),
        Err(source) => Err(DemoError::Keep { path, source }),
    }
}

fn frame(
    out: &mut dyn Write,
    number: usize,
    letter: &Letter,
    message: &Message,
    page: Option<&Path>,
    eml: &Path,
) -> io::Result<()> {
    let title = format!(" mail {number} ");
    let rule = |begin: &str, title: &str| {
        let rest = "─".repeat(WIDTH.saturating_sub(begin.chars().count() + title.len()));
        format!("{DIM}{begin}{PLAIN}{BOLD}{title}{PLAIN}{DIM}{rest}{PLAIN}")
    };
    let row = |name: &str, value: &str| format!("{DIM}│ {name:<8}{PLAIN} {value}");
    writeln!(out, "\n{}", rule("┌──", &title))?;
    writeln!(out, "{}", row("From", &printable(&letter.from)))?;
    writeln!(out, "{}", row("To", &printable(&message.to.join(", "))))?;
    writeln!(out, "{}", row("Subject", &format!("{BOLD}{}{PLAIN}", printable(&letter.subject))))?;
    writeln!(out, "{}", rule("├", ""))?;
    for line in letter.text.as_deref().unwrap_or("(no text part)").trim_end().lines() {
        writeln!(out, "{}", format!("{DIM}│{PLAIN} {}", printable(line)).trim_end())?;
    }
    writeln!(out, "{}", rule("├", ""))?;
    if let Some(page) = page {
        writeln!(out, "{}", row("HTML", &page.display().to_string()))?;
    }
    writeln!(out, "{}", row("Message", &eml.display().to_string()))?;
    writeln!(out, "{}", rule("└", ""))?;
    out.flush()
}

/// Without the characters that command a terminal or turn the direction of writing.
fn printable(line: &str) -> String {
    let turns = |char| matches!(char, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    line.replace('\t', "    ").chars().filter(|char| !char.is_control() && !turns(*char)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(styled: &str) -> String {
        [BOLD, DIM, PLAIN].iter().fold(styled.to_owned(), |text, style| text.replace(style, ""))
    }

    #[test]
    fn a_mail_in_its_frame() {
        let directory = tempfile::tempdir().unwrap();
        let mut showcase = Showcase::new(directory.path());
        let message = Message {
            from: "a@a.example".to_owned(),
            to: vec!["desk@b.example".to_owned()],
            bytes:
                b"From: Newswatch <a@a.example>\r\nTo: x@b.example\r\nSubject: [Veto] Hungary\x1b]0;evil\x07 lifts\r\n\
                Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nOne\r\n\r\n\tTwo\x1b[31m\r\n\
                --b\r\nContent-Type: text/html\r\n\r\n<p>One</p>\r\n--b--\r\n"
                    .to_vec(),
        };
        let mut out = Vec::new();
        showcase.show(&message, &mut out).unwrap();
        let shown = plain(&String::from_utf8(out).unwrap()).replace(directory.path().to_str().unwrap(), "DIR");
        insta::assert_snapshot!(shown, @r"

        ┌── mail 1 ───────────────────────────────────────────────────────────────────
        │ From     Newswatch <a@a.example>
        │ To       desk@b.example
        │ Subject  [Veto] Hungary]0;evil lifts
        ├─────────────────────────────────────────────────────────────────────────────
        │ One
        │
        │     Two[31m
        ├─────────────────────────────────────────────────────────────────────────────
        │ HTML     DIR/mail-01.html
        │ Message  DIR/mail-01.eml
        └─────────────────────────────────────────────────────────────────────────────
        ");
        assert_eq!(std::fs::read_to_string(directory.path().join("mail-01.html")).unwrap(), "<p>One</p>");
        assert_eq!(std::fs::read(directory.path().join("mail-01.eml")).unwrap(), message.bytes);
    }

    #[test]
    fn a_mail_without_a_page_and_a_directory_that_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let mut showcase = Showcase::new(directory.path());
        let message =
            Message { from: String::new(), to: vec!["a@b".to_owned()], bytes: b"Subject: x\r\n\r\n".to_vec() };
        let mut out = Vec::new();
        showcase.show(&message, &mut out).unwrap();
        assert!(!String::from_utf8(out).unwrap().contains("HTML"));
        assert_eq!(showcase.shown(), 1);
        drop(directory);
        let error = showcase.show(&message, &mut Vec::new()).unwrap_err();
        assert!(error.to_string().ends_with("mail-02.eml"), "{error}");
    }
}
