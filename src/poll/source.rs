//! Feeds that are files.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use http::HeaderMap;
use url::Url;

use super::fetch::{FetchError, Reply};

/// Reads the file that a `file:` URL names. It gives no validators: whether it changed shows in its content, and a time
/// stamp would miss two edits within one tick of the file system's clock.
pub(crate) async fn read(url: &Url, max_size: u64) -> Result<Reply, FetchError> {
    let path = url.to_file_path().map_err(|()| FetchError::Scheme { url: url.to_string() })?;
    let name = path.clone();
    let (body, complete) = tokio::task::spawn_blocking(move || read_file(&path, max_size))
        .await
        .map_err(|error| FetchError::File { path: name, what: error.to_string() })??;
    let wire_bytes = body.len() as u64;
    Ok(Reply { status: 200, headers: HeaderMap::new(), body, complete, wire_bytes })
}

/// What is in the file, and whether nobody wrote to it meanwhile.
fn read_file(path: &Path, max_size: u64) -> Result<(Vec<u8>, bool), FetchError> {
    let fail = |what: String| FetchError::File { path: PathBuf::from(path), what };
    let wrong = |error: std::io::Error| fail(error.to_string());
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(wrong)?.is_file() {
        let what = if path.is_dir() { "it is a directory" } else { "it is not a regular file" };
        return Err(fail(what.to_owned()));
    }
    let mut body = Vec::new();
    let mut file = std::fs::File::open(path).map_err(wrong)?;
    let before = file.metadata().map_err(wrong)?;
    (&mut file).take(max_size.saturating_add(1)).read_to_end(&mut body).map_err(wrong)?;
    if body.len() as u64 > max_size {
        return Err(FetchError::TooLarge { limit: max_size });
    }
    if body.is_empty() {
        return Err(fail("it is empty; is it being written?".to_owned()));
    }
    let after = file.metadata().map_err(wrong)?;
    let stamp = |about: &std::fs::Metadata| (about.len(), about.mtime(), about.mtime_nsec());
    Ok((body, stamp(&before) == stamp(&after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &Path) -> Url {
        Url::from_file_path(path).unwrap()
    }

    #[tokio::test]
    async fn a_file_is_read_up_to_its_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("my feed.xml");
        std::fs::write(&path, "<rss/>").unwrap();
        assert_eq!(read(&url(&path), 6).await.unwrap().body, b"<rss/>");
        assert_eq!(read(&url(&path), 5).await, Err(FetchError::TooLarge { limit: 5 }));
    }

    #[tokio::test]
    async fn what_is_no_file_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let missing = read(&url(&dir.path().join("none.xml")), 100).await.unwrap_err().to_string();
        assert!(missing.contains("none.xml: No such file"), "{missing}");
        let directory = read(&url(dir.path()), 100).await.unwrap_err().to_string();
        assert!(directory.ends_with("it is a directory"), "{directory}");
        let device = read(&"file:///dev/zero".parse().unwrap(), 100).await.unwrap_err().to_string();
        assert_eq!(device, "cannot read /dev/zero: it is not a regular file");
        let remote = read(&"file://elsewhere/feed.xml".parse().unwrap(), 100).await.unwrap_err();
        assert!(matches!(remote, FetchError::Scheme { .. }), "{remote}");
    }
}
