//! `init`: a commented config to start from.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;

use crate::config;

/// Writes `newswatch.toml` into `dir`; never over one that is there.
pub(super) fn init(dir: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let path = dir.join("newswatch.toml");
    // It may come to hold names and addresses that are nobody else's business.
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o640).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            anyhow::bail!("{} is there already and was left alone; name another directory", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
    };
    file.write_all(config::STARTER.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    writeln!(
        std::io::stdout(),
        "wrote {0}\nname your feeds and watches in it, then run: newswatch --config {0} check",
        path.display()
    )?;
    Ok(())
}
