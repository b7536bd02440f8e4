//! The files of the database: made private, held by one process, owned by whom they should be.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// Proof that no other process has the database open. Ends when it is dropped, also by the death of the process.
#[derive(Debug)]
pub(super) struct Hold {
    file: File,
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Closing would do, but for a child that another thread is just starting: until it runs its program, it has this file too.
        let _ = self.file.unlock();
    }
}

/// Makes the directory of `database` and takes the lock beside it.
///
/// # Errors
/// [`StoreError::Held`] at once when another process has it; [`StoreError::File`].
pub(super) fn hold(database: &Path) -> Result<Hold, StoreError> {
    let directory = directory_of(database);
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(trouble("create", directory))?;
    let path = lock_path(database);
    // Not truncated before it is ours: it names the holder.
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(trouble("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StoreError::Held { path: database.to_owned(), holder: holder(&mut file) });
        }
        Err(TryLockError::Error(source)) => return Err(trouble("lock", &path)(source)),
    }
    give_to_owner_of_directory(&path);
    note_holder(&mut file).map_err(trouble("write", &path))?;
    Ok(Hold { file })
}

/// Makes the database file, empty and private, unless it is there.
pub(super) fn make(database: &Path) -> Result<(), StoreError> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(database)
        .map(drop)
        .map_err(trouble("open", database))?;
    // SQLite gives its companions the owner and mode of this file.
    give_to_owner_of_directory(database);
    Ok(())
}

/// `DBFILE.lock`.
fn lock_path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

fn directory_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn note_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

/// ` (pid N)`, or nothing where the file does not say.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(32).read_to_string(&mut text);
    match (read, text.trim().parse::<u32>()) {
        (Ok(_), Ok(pid)) => format!(" (pid {pid})"),
        _ => String::new(),
    }
}

/// A file made by root in the directory of a service's own user would lock that user out.
fn give_to_owner_of_directory(file: &Path) {
    let owners = file.metadata().and_then(|own| Ok((own, directory_of(file).metadata()?)));
    if let Ok((own, directory)) = owners
        && own.uid() == 0
        && directory.uid() != 0
    {
        // Only root can do this, and only root needs it; whoever cannot will hear of it when the file is opened.
        let _ = chown(file, Some(directory.uid()), Some(directory.gid()));
    }
}

fn trouble(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::File { doing, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_who_has_it() {
        let scratch = tempfile::tempdir().unwrap();
        let database = scratch.path().join("deep/er/news.db");
        let first = hold(&database).unwrap();
        let refused = hold(&database).unwrap_err();
        assert!(
            matches!(&refused, StoreError::Held { holder, .. } if *holder == format!(" (pid {})", std::process::id()))
        );
        // As a child has it that was started, and has not run its program yet.
        let inherited = first.file.try_clone().unwrap();
        drop(first);
        hold(&database).unwrap();
        drop(inherited);
    }

    #[test]
    fn files_and_directories_are_private() {
        let scratch = tempfile::tempdir().unwrap();
        let database = scratch.path().join("state/news.db");
        let _held = hold(&database).unwrap();
        make(&database).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().mode() & 0o777;
        assert_eq!(mode(&scratch.path().join("state")), 0o700);
        assert_eq!(mode(&database), 0o600);
        assert_eq!(mode(&lock_path(&database)), 0o600);
    }

    #[test]
    fn what_root_makes_belongs_to_the_owner_of_the_directory() {
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().join("state");
        std::fs::create_dir(&directory).unwrap();
        if chown(&directory, Some(4242), Some(4343)).is_err() {
            return; // Only root can set this up.
        }
        let database = directory.join("news.db");
        let _held = hold(&database).unwrap();
        make(&database).unwrap();
        for file in [&database, &lock_path(&database)] {
            let file = file.metadata().unwrap();
            assert_eq!((file.uid(), file.gid()), (4242, 4343));
        }
    }
}
