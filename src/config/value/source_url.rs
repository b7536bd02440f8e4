use std::path::Path;

use percent_encoding::percent_decode_str;
use url::Url;

use super::file::file_url;
use crate::config::Credentials;
use crate::config::reference::nearest;
use crate::config::table::Fault;

/// The address of a feed, and who we are to its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct SourceUrl {
    /// Without user and password.
    pub(in crate::config) url: Url,
    /// What stood before the `@`.
    pub(in crate::config) credentials: Option<Credentials>,
}

/// An http, https or file: address; a relative file begins at `base`.
pub(in crate::config) fn source_url(text: &str, base: &Path) -> Result<SourceUrl, Fault> {
    if let Some(after) = text.strip_prefix("file:") {
        let path = file_url(after, base)?;
        let url = Url::from_file_path(&path).map_err(|()| Fault::new("this is not the address of a file"))?;
        return Ok(SourceUrl { url, credentials: None });
    }
    // The URL parser would drop them in silence.
    if let Some((at, c)) = text.char_indices().find(|(_, c)| c.is_whitespace() || c.is_control()) {
        return Err(Fault::new("an address has no spaces and no control characters")
            .hint("write %20 for a space")
            .at(at..at + c.len_utf8()));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        let guess = without_user(text.trim_start_matches("feed:").trim_matches('/'));
        let guess = if guess.is_empty() { "news.example.org/rss.xml" } else { guess };
        let is_host = guess.split_once('/').is_some_and(|(first, _)| first.contains('.'));
        let is_file = !is_host && [".xml", ".rss", ".atom", ".json", ".rdf"].iter().any(|end| text.ends_with(end));
        let hint = if text.chars().any(char::is_whitespace) || !guess.contains('.') {
            "write an address such as \"https://news.example.org/rss.xml\"".to_owned()
        } else if is_file && !text.starts_with("feed:") {
            format!("write \"https://{guess}\", or \"file:{guess}\" for a file")
        } else {
            format!("write \"https://{guess}\"")
        };
        return Err(Fault::new("this does not begin with http://, https:// or file:").hint(hint));
    };
    if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
        let fault = Fault::new(format!("a feed is not fetched by {scheme}:")).at(0..scheme.len());
        return Err(match nearest(scheme, ["http", "https"]) {
            Some(near) => fault.hint(format!("did you mean \"{near}://{}\"?", without_user(rest))),
            None => fault.hint("write an address that begins with http://, https:// or file:"),
        });
    }
    let mut url = Url::parse(text).map_err(|error| {
        Fault::new(format!("this is not an address of the web: {error}"))
            .hint("write \"https://news.example.org/rss.xml\"")
    })?;
    let credentials = credentials(&url)?;
    let removed = url.set_username("").and_then(|()| url.set_password(None));
    debug_assert!(removed.is_ok(), "an http address has a host");
    Ok(SourceUrl { url, credentials })
}

/// The address of a page, as it is written.
pub(in crate::config) fn site(text: &str) -> Result<String, Fault> {
    let is_page = |url: &Url| matches!(url.scheme(), "http" | "https");
    if text.contains(char::is_whitespace) || !Url::parse(text).is_ok_and(|url| is_page(&url)) {
        return Err(Fault::new("this is not the address of a page").hint("write \"https://news.example.org/\""));
    }
    Ok(text.to_owned())
}

fn without_user(rest: &str) -> &str {
    let authority = rest.split('/').next().unwrap_or(rest);
    authority.rfind('@').map_or(rest, |at| &rest[at + 1..])
}

fn credentials(url: &Url) -> Result<Option<Credentials>, Fault> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let decode = |part: &str| {
        let part = percent_decode_str(part).decode_utf8().ok()?;
        (!part.contains(char::is_control)).then(|| part.into_owned())
    };
    let user = decode(url.username()).filter(|user| !user.contains(':'));
    match (user, decode(url.password().unwrap_or_default())) {
        (Some(user), Some(password)) => Ok(Some(Credentials { user, password })),
        _ => Err(Fault::new("what stands before the `@` cannot be sent")
            .hint("write the user into `user`, and the password into a file that `password_file` names")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SourceUrl, Fault> {
        source_url(text, Path::new("/etc/newswatch"))
    }

    #[test]
    fn web_and_file_addresses() {
        for (text, url) in [
            ("https://news.example.org/rss.xml?a=b", "https://news.example.org/rss.xml?a=b"),
            ("HTTP://NEWS.example.org", "http://news.example.org/"),
            ("file:feed one.xml", "file:///etc/newswatch/feed%20one.xml"),
            ("file:///srv/a%20b.xml", "file:///srv/a%20b.xml"),
        ] {
            let source = read(text).unwrap();
            assert_eq!((source.url.as_str(), source.credentials), (url, None));
        }
        let source = read("https://me:a%40b@x.org/f").unwrap();
        assert_eq!(source.url.as_str(), "https://x.org/f");
        let expected = Credentials { user: "me".to_owned(), password: "a@b".to_owned() };
        assert_eq!(source.credentials, Some(expected));
        assert_eq!(read("http://me@x.org").unwrap().credentials.unwrap().password, "");
    }

    #[test]
    fn mistakes_are_explained() {
        for (text, word) in [
            ("", "does not begin"),
            ("news.example.org/rss", "does not begin"),
            ("ftp://x.org/a", "not fetched by ftp:"),
            ("htps://x.org/a", "not fetched by htps:"),
            ("https://", "empty host"),
            ("https://x.org:99999/", "invalid port"),
            ("https://x.org/a b", "no spaces"),
            ("https://x.org/\na", "no spaces"),
            ("https://a%3Ab:c@x.org", "cannot be sent"),
            ("https://a:%00@x.org", "cannot be sent"),
            ("file://other/x", "no other machine"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.message.contains(word), "{text:?}: {}", fault.message);
        }
        let hint = read("htps://me:hunter2@x.org/a").unwrap_err().hint;
        assert_eq!(hint.as_deref(), Some("did you mean \"https://x.org/a\"?"));
    }
}
