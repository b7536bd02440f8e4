//! How servers are reached: straight or through a proxy, and whom their certificates may be signed by besides.

use std::fmt;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use url::{Host, Url};

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Way {
    /// Who asks in our place.
    pub proxy: Proxy,
    /// Who may sign certificates besides those that the system trusts.
    pub authorities: Option<Authorities>,
}

/// Who asks in our place.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub enum Proxy {
    /// Nobody.
    #[default]
    None,
    /// Whom `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` name for the address.
    Environment,
    /// This one: `http`, `https`, `socks5` or `socks5h`, perhaps with a user and a password.
    Through(Url),
}

/// A user and a password are not shown.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Environment => f.write_str("Environment"),
            Self::Through(url) => f.debug_tuple("Through").field(&place(url)).finish(),
        }
    }
}

impl Proxy {
    /// The proxy that a request for `url` goes through; `None` for a request that goes straight. One that leaves it to its
    /// caller to look names up is asked to do that itself: whatever may lead to a proxy inside must not lead to a server there.
    pub(crate) fn of(&self, url: &Url, environment: &Matcher) -> Option<Url> {
        let proxy = match self {
            Self::None => return None,
            Self::Environment => named(&environment.intercept(&url.as_str().parse().ok()?)?)?,
            Self::Through(proxy) => proxy.clone(),
        };
        let remote =
            [("socks5://", "socks5h://"), ("socks4://", "socks4a://")].into_iter().find_map(|(local, remote)| {
                let rest = proxy.as_str().strip_prefix(local)?;
                Url::parse(&format!("{remote}{rest}")).ok()
            });
        Some(remote.unwrap_or(proxy))
    }
}

/// The address of a proxy that the environment names, with its user and password.
fn named(found: &Intercept) -> Option<Url> {
    let mut proxy = Url::parse(&found.uri().to_string()).ok()?;
    let decoded = || {
        let login = found.basic_auth()?.to_str().ok()?.strip_prefix("Basic ")?;
        let login = String::from_utf8(BASE64_STANDARD.decode(login).ok()?).ok()?;
        login.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
    };
    let raw = found.raw_auth().map(|(user, password)| (user.to_owned(), password.to_owned()));
    if let Some((user, password)) = raw.or_else(decoded) {
        proxy.set_username(&user).and_then(|()| proxy.set_password(Some(&password))).ok()?;
    }
    Some(proxy)
}

/// Variables that name proxies; each also in capital letters, but for the first, which a CGI server would fill from a request.
const NAMING: [&str; 5] = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// Those variables of the environment that are to name a proxy and do not: what they were to lead there goes straight.
pub(crate) fn unreadable(value: impl Fn(&str) -> Option<String>) -> impl Iterator<Item = &'static str> {
    NAMING.into_iter().filter(move |name| {
        let value = value(name).unwrap_or_default();
        let names_one = |matcher: &Matcher| {
            let any = "http://news.example/".parse().expect("an address that is written here");
            matcher.intercept(&any).is_some_and(|found| self::named(&found).is_some())
        };
        !value.is_empty() && !names_one(&Matcher::builder().all(value).build())
    })
}

/// A proxy without its user and password, as it is shown.
pub(crate) fn place(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Whether a URL names this very machine. A proxy would take it for itself, and no resolver of ours stands between.
pub(crate) fn is_own_name(url: &Url) -> bool {
    let Some(Host::Domain(name)) = url.host() else { return false };
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

/// Authorities that sign certificates.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Authorities {
    certificates: Arc<[Vec<u8>]>,
}

/// Their number says enough.
impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorities").field("certificates", &self.certificates.len()).finish()
    }
}

impl Authorities {
    /// The certificates of a file in PEM (RFC 7468), one or more.
    ///
    /// # Errors
    /// What is wrong with the file, to be said behind its name.
    pub fn from_pem(file: &[u8]) -> Result<Self, String> {
        let certificates: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(file)
            .map(|certificate| certificate.map(|certificate| certificate.to_vec()))
            .collect::<Result<_, _>>()
            .map_err(|error| format!("holds a certificate that cannot be read: {error}"))?;
        let mut roots = rustls::RootCertStore::empty();
        for certificate in &certificates {
            roots
                .add(certificate.as_slice().into())
                .map_err(|error| format!("holds a certificate that is none: {error}"))?;
        }
        if certificates.is_empty() {
            return Err("holds no certificate".to_owned());
        }
        Ok(Self { certificates: certificates.into() })
    }

    /// In DER.
    pub(crate) fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    #[test]
    fn the_environment_says_which_requests_go_through_a_proxy() {
        let matcher = Matcher::builder()
            .http("http://user:secret@proxy.example:3128")
            .https("proxy.example:3129")
            .no("inside.example,10.0.0.0/8")
            .build();
        let through = |to: &str| Proxy::Environment.of(&url(to), &matcher).map(|proxy| proxy.to_string());
        assert_eq!(through("http://news.example/a").as_deref(), Some("http://user:secret@proxy.example:3128/"));
        assert_eq!(through("https://news.example/a").as_deref(), Some("http://proxy.example:3129/"));
        for inside in ["http://inside.example/", "https://www.inside.example/", "http://10.1.2.3/"] {
            assert_eq!(through(inside), None, "{inside}");
        }
        assert_eq!(Proxy::None.of(&url("http://news.example/a"), &matcher), None);
    }

    #[test]
    fn names_are_looked_up_by_the_proxy_alone() {
        let environment = Matcher::builder().all("socks5://user:p%40ss@proxy.example:1080").build();
        let through = |proxy: &Proxy| {
            proxy
                .of(&url("https://news.example/a"), &environment)
                .map(|proxy| proxy.as_str().trim_end_matches('/').to_owned())
        };
        let expected = Some("socks5h://user:p%40ss@proxy.example:1080".to_owned());
        assert_eq!(through(&Proxy::Environment), expected);
        assert_eq!(through(&Proxy::Through(url("socks5://user:p%40ss@proxy.example:1080"))), expected);
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_told() {
        let value = |name: &str| {
            let value = match name {
                "http_proxy" => "proxy.example:3128",
                "https_proxy" => "http://proxy example:3128",
                "all_proxy" => "::",
                _ => return None,
            };
            Some(value.to_owned())
        };
        assert_eq!(unreadable(value).collect::<Vec<_>>(), ["https_proxy", "all_proxy"]);
        assert_eq!(unreadable(|_| Some(String::new())).count(), 0);
    }

    #[test]
    fn a_password_is_not_shown() {
        let proxy = Proxy::Through(url("socks5h://user:secret@proxy.example:1080"));
        assert_eq!(format!("{proxy:?}"), r#"Through("socks5h://proxy.example:1080")"#);
    }

    #[test]
    fn names_of_this_machine() {
        for own in ["http://localhost/", "http://LOCALHOST:8080/", "http://a.localhost/", "http://localhost./"] {
            assert!(is_own_name(&url(own)), "{own}");
        }
        for other in ["http://localhost.example/", "http://notlocalhost/", "http://127.0.0.1/"] {
            assert!(!is_own_name(&url(other)), "{other}");
        }
    }

    #[test]
    fn a_file_without_a_certificate_says_so() {
        let words = |file: &str| Authorities::from_pem(file.as_bytes()).expect_err("no certificate");
        assert_eq!(words("hello"), "holds no certificate");
        let other = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        assert!(words(other).starts_with("holds a certificate that is none"), "{}", words(other));
    }
}
