use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::config::locate::beside;
use crate::config::table::Fault;

/// A path, relative to `base` where it is not absolute.
pub(in crate::config) fn path(text: &str, base: &Path) -> Result<PathBuf, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::new("this is empty").hint("write the path of a file"));
    }
    if text.contains(|c: char| c.is_control()) {
        return Err(Fault::new("a path has no control characters"));
    }
    if text == "~" || text.starts_with("~/") {
        return Err(Fault::new("`~` is not understood here").hint("write the path from `/` on").at(0..1));
    }
    Ok(beside(base, Path::new(text)))
}

/// What follows `file:`, as a path: relative, absolute, or with an empty authority (RFC 8089); `%20` is a space.
pub(in crate::config) fn file_url(after: &str, base: &Path) -> Result<PathBuf, Fault> {
    let text = match after.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => after,
    };
    if after.starts_with("//") && !text.starts_with('/') {
        return Err(
            Fault::new("a file: address names no other machine").hint("write \"file:///the/path\" or \"file:path\"")
        );
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(text) => path(&text, base).map_err(|fault| Fault { at: None, ..fault }),
        Err(_) => Err(Fault::new("the path is not UTF-8")),
    }
}

/// The database file of a `sqlite:` address, relative to `state_directory`.
pub(in crate::config) fn sqlite(text: &str, state_directory: &Path) -> Result<PathBuf, Fault> {
    let hint = "write \"sqlite:newswatch.db\"";
    if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        return Err(Fault::new("this version keeps its state in SQLite; PostgreSQL is not available in it").hint(hint));
    }
    let Some(after) = text.strip_prefix("sqlite:") else {
        return Err(Fault::new("this is not the address of a database").hint(hint));
    };
    let file = after.strip_prefix("//").unwrap_or(after);
    if file.starts_with(':') {
        return Err(Fault::new("the state must outlive the process, so it is kept in a file").hint(hint));
    }
    if let Some(at) = text.find('?') {
        return Err(Fault::new("a sqlite: address takes no parameters").hint(hint).at(at..text.len()));
    }
    if file.is_empty() || file.ends_with('/') {
        return Err(Fault::new("this names no file").hint(hint));
    }
    path(file, state_directory).map_err(|fault| Fault { at: None, ..fault })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_at_their_base() {
        let base = Path::new("/etc/newswatch");
        for (text, expected) in
            [("a", "/etc/newswatch/a"), ("../b", "/etc/b"), ("/c", "/c"), ("./d/.", "/etc/newswatch/d")]
        {
            assert_eq!(path(text, base), Ok(PathBuf::from(expected)));
        }
        for text in ["", "~/x", "a\0b"] {
            assert!(path(text, base).is_err(), "{text:?}");
        }
        for (text, expected) in [
            ("mail", "/etc/newswatch/mail"),
            ("///srv/mail", "/srv/mail"),
            ("/srv/a%20b", "/srv/a b"),
            ("//localhost/x", "/x"),
        ] {
            assert_eq!(file_url(text, base), Ok(PathBuf::from(expected)));
        }
        for text in ["//host/x", "", "%ff", "a%00"] {
            assert!(file_url(text, base).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_database_is_a_file() {
        let state = Path::new("/state");
        for (text, expected) in [
            ("sqlite:a.db", "/state/a.db"),
            ("sqlite:/x/a.db", "/x/a.db"),
            ("sqlite:///x/a.db", "/x/a.db"),
            ("sqlite://a.db", "/state/a.db"),
        ] {
            assert_eq!(sqlite(text, state), Ok(PathBuf::from(expected)));
        }
        for text in ["", "a.db", "sqlite:", "sqlite::memory:", "sqlite:a?mode=ro", "sqlite:dir/", "postgres://h/db"] {
            assert!(sqlite(text, state).is_err(), "{text:?}");
        }
        assert!(sqlite("postgres://h/db", state).unwrap_err().message.contains("SQLite"));
    }
}
