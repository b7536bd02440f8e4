use url::Url;

use crate::config::table::Fault;
use crate::poll::Proxy;

/// The address of a proxy, or `none`.
pub(in crate::config) fn proxy(text: &str) -> Result<Proxy, Fault> {
    let example = "write \"http://proxy.example.org:3128\", or \"none\" where there is to be none";
    if text == "none" {
        return Ok(Proxy::None);
    }
    let url = Url::parse(text).ok().filter(|url| url.host_str().is_some_and(|host| !host.is_empty()));
    let Some(url) = url.filter(|_| !text.contains(char::is_whitespace)) else {
        let fault = Fault::new("this is not the address of a proxy");
        let guess = format!("http://{text}");
        let is_host = text.contains(['.', ':']) && Url::parse(&guess).is_ok_and(|url| url.path() == "/");
        return Err(if is_host { fault.hint(format!("write \"{guess}\"")) } else { fault.hint(example) });
    };
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        let fault = format!("a proxy is not spoken to by {}:", url.scheme());
        return Err(Fault::new(fault).hint("its address begins with http://, https://, socks5:// or socks5h://"));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(Fault::new("nothing stands behind the port of a proxy").hint(example));
    }
    Ok(Proxy::Through(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_proxies() {
        assert_eq!(proxy("none"), Ok(Proxy::None));
        for text in [
            "http://proxy.example:3128",
            "https://user:secret@proxy.example/",
            "socks5h://127.0.0.1:9050",
            "socks5://[::1]:1080",
        ] {
            assert!(matches!(proxy(text), Ok(Proxy::Through(_))), "{text}");
        }
        for (text, hint) in [
            ("", "or \"none\""),
            ("proxy.example:3128", "write \"http://proxy.example:3128\""),
            ("proxy", "or \"none\""),
            ("ftp://proxy.example", "socks5h://"),
            ("http://proxy.example/path", "or \"none\""),
            ("http://proxy.example :1", "or \"none\""),
        ] {
            let fault = proxy(text).unwrap_err();
            assert!(fault.hint.as_deref().unwrap_or_default().contains(hint), "{text}: {fault:?}");
        }
    }
}
