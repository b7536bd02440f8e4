//! Passwords: where they are looked for, and who else can read them.

use std::borrow::Cow;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::Env;
use super::finding::{Finding, Findings, Place};
use super::table::Value;
use super::value;
use crate::deliver::DkimKey;

/// No password is longer, in bytes.
const SECRET_MAX: u64 = 4096;

/// No key is longer; one of RSA with 8192 bits has 6 kB in PEM.
const KEY_MAX: u64 = 16 << 10;

/// The password for the mail server: the systemd credential `smtp-password`, else `$NEWSWATCH_SMTP_PASSWORD`, else
/// `password_file`. `Ok(None)` where there is none of them.
///
/// # Errors
/// Where the first of them that exists cannot be used; the finding is about `server` unless it is about `password_file`.
pub(super) fn smtp_password(
    env: &Env,
    server: &Value<'_>,
    password_file: Option<&Value<'_>>,
    out: &mut Findings,
) -> Result<Option<String>, Box<Finding>> {
    if let Some(directory) = env.get("CREDENTIALS_DIRECTORY") {
        let path = Path::new(directory).join("smtp-password");
        match read(&path) {
            Ok(secret) => return Ok(Some(secret.text)),
            Err(Unreadable { absent: true, .. }) => {}
            Err(why) => {
                let message = format!("the systemd credential `smtp-password` {}", why.what);
                return Err(Box::new(server.error(message).hint(format!("look at {}", path.display()))));
            }
        }
    }
    if let Some(password) = env.get("NEWSWATCH_SMTP_PASSWORD") {
        let checked = password.to_str().ok_or_else(|| "is not UTF-8".to_owned());
        return match checked.and_then(|text| check(text.to_owned())) {
            Ok(password) => Ok(Some(password)),
            Err(what) => Err(Box::new(server.error(format!("the password in $NEWSWATCH_SMTP_PASSWORD {what}")))),
        };
    }
    password_file.map(|file| from_file(file, out)).transpose()
}

/// The password in the file that `file` names; a warning where others can read it.
///
/// # Errors
/// Where there is no such file, or none that can be used.
pub(super) fn from_file(file: &Value<'_>, out: &mut Findings) -> Result<String, Box<Finding>> {
    let mut findings = Findings::default();
    let path: Option<PathBuf> = file.checked(&mut findings, |text| value::path(text, file.base()));
    let Some(path) = path else {
        let finding = findings.into_vec().pop();
        return Err(Box::new(finding.expect("a path that is refused is a finding")));
    };
    match read(&path) {
        Ok(secret) => {
            warn_if_everybody_reads(&path, secret.mode, file, out);
            Ok(secret.text)
        }
        Err(why) => {
            let finding = file.error(format!("the password file {} {}", path.display(), why.what));
            let hint = "put the password alone into that file, readable for newswatch and nobody else";
            Err(Box::new(finding.hint(hint)))
        }
    }
}

/// The key to sign messages with: the systemd credential `dkim-SELECTOR`, else the one in `file`. `Ok(None)` where there is none
/// of them.
///
/// # Errors
/// What is wrong with the first of them that exists.
pub(super) fn dkim_key(
    env: &Env,
    selector: &str,
    file: Option<&(PathBuf, Value<'_>)>,
    out: &mut Findings,
) -> Result<Option<DkimKey>, String> {
    if let Some(directory) = env.get("CREDENTIALS_DIRECTORY") {
        match key(&Path::new(directory).join(format!("dkim-{selector}"))) {
            Ok((key, _)) => return Ok(Some(key)),
            Err(Unreadable { absent: true, .. }) => {}
            Err(why) => return Err(format!("the systemd credential `dkim-{selector}` {}", why.what)),
        }
    }
    let Some((path, file)) = file else { return Ok(None) };
    let (key, mode) = key(path).map_err(|why| format!("the key file {} {}", path.display(), why.what))?;
    warn_if_everybody_reads(path, mode, file, out);
    Ok(Some(key))
}

fn key(path: &Path) -> Result<(DkimKey, Option<u32>), Unreadable> {
    let (bytes, mode) = read_bytes(path, KEY_MAX)?;
    let key = DkimKey::from_pem(&bytes).map_err(|why| Unreadable { what: why.to_string(), absent: false })?;
    Ok((key, mode))
}

fn warn_if_everybody_reads(path: &Path, mode: Option<u32>, file: &Value<'_>, out: &mut Findings) {
    if mode.is_some_and(|mode| mode & 0o004 != 0) {
        let message = format!("everybody on this machine can read {}", path.display());
        let hint = format!("chmod 600 {}", path.display());
        out.push(Finding::warning(&file.place(), message).hint(hint));
    }
}

/// A warning where the file that holds the secret at `place` can be read by others; one for all secrets of a file.
pub(super) fn warn_if_others_read(place: &Place, out: &mut Findings) {
    let source = &place.source;
    let Some(mode) = source.mode.filter(|mode| mode & 0o044 != 0) else { return };
    let message = format!("this is a secret, and others can read the file (its mode is {:04o})", mode & 0o7777);
    out.push_once(Finding::warning(place, message).hint(format!("chmod 600 {}", source.name)));
}

/// The bytes of a file that must not be shown: values of headers, of keys that are named like secrets, and passwords in
/// addresses that lack their `://`. Those in whole addresses are found where they are shown.
pub(super) fn places(table: &DeTable<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (key, value) in table {
        let name = small_letters(key.get_ref());
        let is_secret = name != "password_file"
            && (name == "headers" || ["password", "passwd", "secret", "token"].iter().any(|word| name.contains(word)));
        collect(value.get_ref(), value.span(), is_secret, &mut found);
        if let (DeValue::String(text), "smtp" | "url" | "proxy") = (value.get_ref(), &*name) {
            found.extend(password_without_scheme(text, &value.span()));
        }
    }
    found
}

/// Most keys are written so.
fn small_letters(name: &str) -> Cow<'_, str> {
    let is_small = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_small { Cow::Borrowed(name) } else { Cow::Owned(name.to_lowercase()) }
}

/// `user:password@` at the beginning of a text, where it is written without escapes.
fn password_without_scheme(text: &str, span: &Range<usize>) -> Option<Range<usize>> {
    let (who, _) = text.rsplit_once('@').filter(|_| !text.contains("://") && !text.starts_with("file:"))?;
    let (user, _) = who.split_once(':').filter(|_| span.len() == text.len() + 2)?;
    Some(span.start + 1 + user.len() + 1..span.start + 1 + who.len())
}

fn collect(value: &DeValue<'_>, span: Range<usize>, is_secret: bool, found: &mut Vec<Range<usize>>) {
    match value {
        DeValue::Table(table) if is_secret => {
            table.values().for_each(|value| collect(value.get_ref(), value.span(), true, found));
        }
        DeValue::Table(table) => found.extend(places(table)),
        DeValue::Array(array) => {
            array.iter().for_each(|value| collect(value.get_ref(), value.span(), is_secret, found));
        }
        DeValue::String(_) if is_secret && span.len() > 2 => found.push(span.start + 1..span.end - 1),
        _ => {}
    }
}

/// What a file held, and its permission bits where it is a file.
struct Secret {
    text: String,
    mode: Option<u32>,
}

/// Why a file cannot be read: the end of a sentence.
pub(super) struct Unreadable {
    pub(super) what: String,
    absent: bool,
}

fn read(path: &Path) -> Result<Secret, Unreadable> {
    let (bytes, mode) = read_bytes(path, SECRET_MAX)?;
    let refuse = |what: String| Unreadable { what, absent: false };
    let text = String::from_utf8(bytes).map_err(|_| refuse("is not UTF-8".to_owned()))?;
    Ok(Secret { text: check(text).map_err(refuse)?, mode })
}

/// What a file holds, and its permission bits where it is a file.
pub(super) fn read_bytes(path: &Path, max: u64) -> Result<(Vec<u8>, Option<u32>), Unreadable> {
    let read = || -> std::io::Result<(Vec<u8>, Option<u32>)> {
        let file = File::open(path)?;
        let about = file.metadata()?;
        let mut bytes = Vec::new();
        file.take(max + 1).read_to_end(&mut bytes)?;
        Ok((bytes, about.is_file().then(|| about.mode())))
    };
    let (bytes, mode) = read().map_err(|error| Unreadable {
        what: match error.kind() {
            ErrorKind::NotFound => "does not exist".to_owned(),
            ErrorKind::PermissionDenied => "may not be read by this user".to_owned(),
            ErrorKind::IsADirectory => "is a directory".to_owned(),
            _ => format!("cannot be read: {error}"),
        },
        absent: error.kind() == ErrorKind::NotFound,
    })?;
    if bytes.len() as u64 > max {
        return Err(Unreadable { what: "is too long".to_owned(), absent: false });
    }
    Ok((bytes, mode))
}

/// Drops the newline that editors leave. What is left must fit into one line of SMTP or HTTP.
fn check(mut text: String) -> Result<String, String> {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    if text.contains(char::is_control) {
        return Err("holds more than one line, or control characters".to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_newline_is_dropped() {
        assert_eq!(check("a b\n".to_owned()).as_deref(), Ok("a b"));
        assert_eq!(check("a\r\n".to_owned()).as_deref(), Ok("a"));
        assert_eq!(check(" a ".to_owned()).as_deref(), Ok(" a "));
        for text in ["", "\n", "a\nb", "a\n\n", "a\0"] {
            assert!(check(text.to_owned()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        let text =
            "password_file = 'a'\n[[feed]]\npassword = 'b1'\nheaders = { x = 'b2' }\n[mail.deep]\nmy_token = ['b3']\n";
        let (tree, _) = DeTable::parse_recoverable(text);
        let mut found: Vec<_> = places(tree.get_ref()).into_iter().map(|span| &text[span]).collect();
        found.sort_unstable();
        assert_eq!(found, ["b1", "b2", "b3"]);
    }
}
