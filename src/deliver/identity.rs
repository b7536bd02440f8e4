use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;

use crate::chance;
use crate::item::Key;

/// The secret's file, beside the ledger.
const FILE: &str = "newswatch.secret";

/// Bytes of the secret.
const SECRET_LEN: usize = 32;

/// Bytes of a mail's identity that go into its `Message-ID`: 160 bits, of which nobody can hit one by trying.
const IDENTITY_LEN: usize = 20;

/// The secret of one installation, from which every `Message-ID` comes.
///
/// It must be a secret: many mailboxes keep one copy of each `Message-ID`, so whoever can foretell one can have ours
/// suppressed by sending it first.
#[derive(Clone)]
pub struct Installation {
    key: hmac::Key,
    /// For links in mails; another one, so that no signature of one kind is one of the other.
    links: hmac::Key,
}

impl std::fmt::Debug for Installation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Installation(…)")
    }
}

impl Installation {
    /// Reads the secret in `dir`, or makes one there that is on disk before it is used.
    ///
    /// The file is readable by its owner alone, who is the owner of `dir`. The directory is made when it is missing.
    ///
    /// # Errors
    /// When the file can be neither read nor made, or is not the secret of an installation.
    pub fn open(dir: &Path) -> Result<Self, SecretError> {
        let path = dir.join(FILE);
        let failed = |doing| {
            let path = path.clone();
            move |source| SecretError::File { doing, path, source }
        };
        fs::create_dir_all(dir).map_err(failed("make the directory of"))?;
        match read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(dir, &path).map_err(failed("make"))?;
            }
            Err(error) => return Err(failed("read")(error)),
            Ok(_) => {}
        }
        // Read again even what was just made: if two processes made one at once, both use the first.
        let bytes = read(&path).map_err(failed("read"))?;
        let secret: [u8; SECRET_LEN] =
            bytes.try_into().map_err(|bytes: Vec<u8>| SecretError::Damaged { path, found: bytes.len() })?;
        Ok(Self::of(secret))
    }

    /// From a secret that is known already; for simulations.
    pub fn of(secret: [u8; SECRET_LEN]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let links = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, b"newswatch: links in mails").as_ref());
        Self { key, links }
    }

    /// What links in mails are signed with.
    pub(super) fn links_key(&self) -> &hmac::Key {
        &self.links
    }

    /// The `Message-ID`, without angle brackets, of what `keys` tell `recipient`.
    ///
    /// The order of the keys and repeats among them make no difference.
    pub fn message_id(&self, recipient: &str, keys: &[Key], domain: &str) -> String {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        let mut mac = hmac::Context::with_key(&self.key);
        mac.update(&(recipient.len() as u64).to_le_bytes());
        mac.update(recipient.as_bytes());
        for key in &keys {
            mac.update(key.as_bytes());
        }
        format!("{}@{domain}", base32(&mac.sign().as_ref()[..IDENTITY_LEN]))
    }
}

/// RFC 4648 §6 in lower case, without padding; `bytes` come in fives.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::with_capacity(bytes.len() * 8 / 5);
    for five in bytes.chunks_exact(5) {
        let bits = five.iter().fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
        for place in (0..8).rev() {
            let digit = (bits >> (place * 5)) & 31;
            text.push(char::from(ALPHABET[usize::try_from(digit).expect("five bits")]));
        }
    }
    text
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(SECRET_LEN);
    // One byte more shows a file that is too long without reading all of it.
    File::open(path)?.take(SECRET_LEN as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes the secret at `path` whole or not at all, and never over another one.
fn make(dir: &Path, path: &Path) -> io::Result<()> {
    let suffix = u64::from_le_bytes(chance::secret::<8>());
    let temporary = dir.join(format!(".{FILE}.{suffix:016x}"));
    let made = write_new(dir, &temporary).and_then(|()| match fs::hard_link(&temporary, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    let removed = fs::remove_file(&temporary);
    made?;
    removed?;
    File::open(dir)?.sync_all()
}

fn write_new(dir: &Path, temporary: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary)?;
    give_to_owner_of(dir, &file)?;
    file.write_all(&chance::secret::<SECRET_LEN>())?;
    file.sync_all()
}

/// Gives `file` to the owner of `dir`, so that what root makes by hand stays usable for the service.
pub(super) fn give_to_owner_of(dir: &Path, file: &File) -> io::Result<()> {
    let (dir, own) = (fs::metadata(dir)?, file.metadata()?);
    // Only root can give files away, and only then do the owners differ in a way that matters.
    if own.uid() == 0 && (dir.uid(), dir.gid()) != (own.uid(), own.gid()) {
        std::os::unix::fs::fchown(file, Some(dir.uid()), Some(dir.gid()))?;
    }
    Ok(())
}

/// What can happen to the secret of an installation.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file could not be read or made.
    #[error("cannot {doing} {path}, from which the Message-ID of every mail is made; check its owner and permissions", path = .path.display())]
    File {
        /// `read`, `make`…
        doing: &'static str,
        /// The secret's file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{path}: holds {found} bytes and not the {SECRET_LEN} of a secret; put the right file back, or remove it and accept that mail under way may arrive twice", path = .path.display())]
    Damaged {
        /// The secret's file.
        path: PathBuf,
        /// Its length, counted up to one more than is right.
        found: usize,
    },
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_made_once_is_private_and_gives_the_same_identity_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let first = Installation::open(&state).unwrap();
        let again = Installation::open(&state).unwrap();
        let keys = [Key::of(&["a"]), Key::of(&["b"])];
        assert_eq!(
            first.message_id("desk@example.org", &keys, "example.org"),
            again.message_id("desk@example.org", &keys, "example.org")
        );
        let names: Vec<_> = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [FILE], "no temporary file stays");
        let mode = fs::metadata(state.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn identities_never_change() {
        let installation = Installation::of([7; 32]);
        let keys = [Key::of(&["watch", "item"]), Key::of(&["watch", "other"])];
        insta::assert_snapshot!(
            installation.message_id("desk@example.org", &keys, "example.org"),
            @"yptkgbwru4pwl3zb22ddqg726ufrshuv@example.org"
        );
    }

    #[test]
    fn the_order_of_keys_means_nothing_and_all_else_does() {
        let installation = Installation::of([7; 32]);
        let (a, b) = (Key::of(&["a"]), Key::of(&["b"]));
        let id = installation.message_id("desk@example.org", &[a, b], "example.org");
        assert_eq!(id, installation.message_id("desk@example.org", &[b, a, b], "example.org"));
        assert_ne!(id, installation.message_id("other@example.org", &[a, b], "example.org"));
        assert_ne!(id, installation.message_id("desk@example.org", &[a], "example.org"));
        assert_ne!(id, Installation::of([8; 32]).message_id("desk@example.org", &[a, b], "example.org"));
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
    }

    #[test]
    fn a_damaged_secret_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), b"short").unwrap();
        let error = Installation::open(dir.path()).unwrap_err();
        assert!(error.to_string().contains("holds 5 bytes"), "{error}");
        assert_eq!(fs::read(dir.path().join(FILE)).unwrap(), b"short");
    }
}
