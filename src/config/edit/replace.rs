use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file cannot be replaced. It is as it was.
#[derive(Debug, Error)]
pub enum ReplaceError {
    /// It cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nothing can be written beside it, or not in its place.
    #[error("cannot write {}; it is as it was", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It belongs to somebody else, and so should what is put in its place.
    #[error("{} belongs to another user, and only root can keep it so; run this as root or as that user", .0.display())]
    Owner(PathBuf),
    /// Somebody else has written to it.
    #[error("{} was changed by somebody else meanwhile; try again", .0.display())]
    Changed(PathBuf),
}

/// Held while a config is changed, so that two changes come one after the other.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, never looked at")] Option<File>);

/// Waits for its turn to change the config whose main file is `main`. Where the directory cannot be locked there is no
/// other change to wait for that could succeed.
pub fn lock(main: &Path) -> Lock {
    let directory = match main.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    Lock(File::open(directory).ok().filter(|directory| directory.lock().is_ok()))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, ReplaceError> {
    fs::read(path).map_err(|source| ReplaceError::Read { path: path.to_owned(), source })
}

/// Puts `after` in the place of `before`: written beside it, with its owner and mode, made to last, and moved there in one
/// step. A symbolic link stays one.
pub(super) fn replace(path: &Path, before: &[u8], after: &[u8]) -> Result<(), ReplaceError> {
    let write = |source| ReplaceError::Write { path: path.to_owned(), source };
    let real = fs::canonicalize(path).map_err(|source| ReplaceError::Read { path: path.to_owned(), source })?;
    let about = fs::metadata(&real).map_err(write)?;
    let (Some(directory), Some(name)) = (real.parent(), real.file_name()) else {
        return Err(write(ErrorKind::InvalidInput.into()));
    };
    // It begins with a dot, so that a config directory does not read it.
    let beside = directory.join(format!(".{}.new-{}", name.to_string_lossy(), std::process::id()));
    let written = (|| {
        let mut file = create(&beside).map_err(write)?;
        let own = file.metadata().map_err(write)?;
        if (own.uid(), own.gid()) != (about.uid(), about.gid()) {
            fchown(&file, Some(about.uid()), Some(about.gid())).map_err(|error| match error.kind() {
                ErrorKind::PermissionDenied => ReplaceError::Owner(path.to_owned()),
                _ => write(error),
            })?;
        }
        file.set_permissions(Permissions::from_mode(about.mode() & 0o7777)).map_err(write)?;
        file.write_all(after).and_then(|()| file.sync_all()).map_err(write)?;
        if read(&real)? != before {
            return Err(ReplaceError::Changed(path.to_owned()));
        }
        fs::rename(&beside, &real).map_err(write)
    })();
    if written.is_err() {
        // What is left of it is of no use, and is not in the way either.
        let _ = fs::remove_file(&beside);
        return written;
    }
    // The file is whole whatever happens now; this makes its new name last, where the file system can.
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
    Ok(())
}

/// A file that nobody else can read before it has its mode. One that a killed process left is taken away.
fn create(path: &Path) -> io::Result<File> {
    let open = || OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match open() {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            open()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_mode_and_its_link() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("real.toml"), dir.path().join("link.toml"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real.toml", &link).unwrap();
        let _lock = lock(&link);
        replace(&link, b"old", b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left beside it");
    }

    #[test]
    fn what_somebody_else_wrote_is_not_lost() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.toml");
        fs::write(&file, "theirs").unwrap();
        assert!(matches!(replace(&file, b"old", b"new"), Err(ReplaceError::Changed(_))));
        assert_eq!(fs::read(&file).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
