use std::net::SocketAddr;

use url::Url;

use crate::config::table::Fault;

/// An address of this machine and a port, to listen at.
pub(in crate::config) fn listen(text: &str) -> Result<SocketAddr, Fault> {
    text.parse().map_err(|_| {
        let port = text.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).unwrap_or(8090);
        Fault::new("this is not an address of this machine with a port")
            .hint(format!("write \"127.0.0.1:{port}\", or \"[::]:{port}\" to listen on every address"))
    })
}

/// What addresses begin with that lead to us from outside; without a slash at its end.
pub(in crate::config) fn public_url(text: &str) -> Result<String, Fault> {
    let example = "write \"https://news.example.org/newswatch\"";
    let fault = |message: &str| Err(Fault::new(message).hint(example));
    let Some(url) = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return fault("this is not an address that begins with https:// or http://");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return fault("a user or a password has no place here: everybody who calls is told this address");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return fault("nothing may stand behind its path: addresses are made by adding to it");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_to_listen_at() {
        assert_eq!(listen("127.0.0.1:8090").unwrap().port(), 8090);
        assert!(listen("[::]:80").unwrap().is_ipv6());
        for (text, hint) in
            [("localhost:9", "127.0.0.1:9"), (":8091", "127.0.0.1:8091"), ("127.0.0.1", ":8090"), ("", ":8090")]
        {
            let fault = listen(text).unwrap_err();
            assert!(fault.hint.as_deref().unwrap_or_default().contains(hint), "{text}: {fault:?}");
        }
    }

    #[test]
    fn public_addresses() {
        for (text, url) in [
            ("https://News.example.org/newswatch/", "https://news.example.org/newswatch"),
            ("https://news.example.org", "https://news.example.org"),
            ("http://192.0.2.7:8090/a/b//", "http://192.0.2.7:8090/a/b"),
        ] {
            assert_eq!(public_url(text).as_deref(), Ok(url));
        }
        for text in [
            "",
            "news.example.org",
            "ftp://a.example/",
            "https://me:x@a.example/",
            "https://a.example/?x",
            "https://a.example/#x",
        ] {
            assert!(public_url(text).is_err(), "{text}");
        }
    }
}
