//! Which addresses may be connected to.
//!
//! A feed's address and every redirect are in the hands of strangers, and newswatch stands inside somebody's network. So an
//! address is checked twice: where it is written in the URL, because then no resolver is asked, and where a resolver gives
//! it. The client connects to just the addresses that the resolver let through, so a name that changes between the check
//! and the connection gains nothing.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::LazyLock;

use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Networks that are no part of the public Internet (IANA special-purpose address registries), and the one cloud metadata
/// service whose address looks public: 168.63.129.16 hands a virtual machine on Azure its settings and keys.
const NOT_PUBLIC_V4: [&str; 17] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
];

/// The same of IPv6. 6to4 and Teredo are refused whole: nobody publishes through them any more, and what is inside them may
/// be private.
const NOT_PUBLIC_V6: [&str; 18] = [
    "::/128",
    "::1/128",
    "::/96",
    "::ffff:0:0:0/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/9",
    "ff00::/8",
];

static V4: LazyLock<Vec<Ipv4Net>> = LazyLock::new(|| parsed(&NOT_PUBLIC_V4));
static V6: LazyLock<Vec<Ipv6Net>> = LazyLock::new(|| parsed(&NOT_PUBLIC_V6));

fn parsed<Net: std::str::FromStr<Err: fmt::Debug>>(nets: &[&str]) -> Vec<Net> {
    nets.iter().map(|net| net.parse().expect("the table holds networks")).collect()
}

/// An address that is not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The host of the URL.
    pub host: String,
    /// What it stands for.
    pub address: IpAddr,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.trim_matches(['[', ']']).parse() == Ok(self.address) {
            write!(f, "{} is not a public address", self.address)?;
        } else {
            write!(f, "{} is at {}, which is not a public address", self.host, self.address)?;
        }
        f.write_str("; allow_private_addresses = true, on a feed or in [fetch], lets it be asked")
    }
}

/// Whether an address belongs to the public Internet. IPv4 inside IPv6 is judged by what is inside.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped().or_else(|| nat64(v6)) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(v6),
        },
    }
}

/// The address behind the well-known prefix `64:ff9b::/96` (RFC 6052 §2.1). Where a network has no IPv4, its resolver puts
/// every IPv4 address there, so the prefix cannot be refused whole.
fn nat64(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() else { return None };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !V4.iter().any(|net| net.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    !V6.iter().any(|net| net.contains(&address))
}

/// Refuses a URL whose host is written as an address that is not public. All spellings that a URL allows (decimal, octal,
/// hexadecimal, shortened, percent-encoded, full-width digits) have become one when the URL was parsed.
pub(crate) fn check_literal(url: &Url) -> Result<(), Refused> {
    let address = match url.host() {
        Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
        Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
        _ => return Ok(()),
    };
    check_address(url.host_str().unwrap_or_default(), address)
}

/// Refuses an address that is not public.
pub(crate) fn check_address(host: &str, address: IpAddr) -> Result<(), Refused> {
    if is_public(address) { Ok(()) } else { Err(Refused { host: host.to_owned(), address }) }
}

/// The system's resolver; unless `allow_private`, an answer that holds even one address that is not public is refused
/// whole: a mixed answer is an attack, or a name that means something else inside.
#[derive(Clone, Copy)]
pub(crate) struct Resolver {
    pub(crate) allow_private: bool,
    pub(crate) look_up: LookUp,
}

/// Asks for the addresses of a name. The client puts the port of the URL in the place of 0.
pub(crate) type LookUp = fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

impl Resolver {
    pub(crate) fn of_the_system(allow_private: bool) -> Self {
        let look_up: LookUp =
            |name| Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) });
        Self { allow_private, look_up }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { allow_private, look_up } = *self;
        Box::pin(async move {
            let found = look_up(name.as_str().to_owned()).await?;
            if !allow_private {
                check_all(name.as_str(), &found)?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn check_all(host: &str, found: &[SocketAddr]) -> Result<(), Refused> {
    found.iter().try_for_each(|address| check_address(host, address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_private_addresses_are_refused() {
        let hosts = "
            127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0x7f.0x0.0x0.0x1 017700000001
            0177.0.0.1 0177.1 127.0.0.1. 127.255.255.254 %31%32%37.0.0.1 １２７.0.0.1 ①②⑦.0.0.1
            0x7F000001 127.0x0.0.01 [::1] [0:0:0:0:0:0:0:1] [::127.0.0.1] [::ffff:127.0.0.1]
            [::ffff:7f00:1] [::FFFF:7F00:0001] [0:0:0:0:0:ffff:127.0.0.1] [::ffff:0:127.0.0.1]
            0 0.0.0.0 0.1.2.3 00000000 [::] [::0] [::ffff:0.0.0.0]
            10.0.0.1 10.1 0xa000001 167772161 172.16.0.1 172.31.255.255 192.168.1.1 192.168.257
            3232235777 [::ffff:10.0.0.1] [::ffff:192.168.1.1] [fc00::1] [fd12:3456:789a::1]
            169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 [::ffff:169.254.169.254]
            [fe80::1] [febf::1] [fec0::1] [fd00:ec2::254]
            100.64.0.1 100.127.255.255 198.18.0.1 192.0.2.1 198.51.100.7 203.0.113.9 192.0.0.192
            [2001:db8::1] [3fff::1] [2001:10::1] [2001:20::1] [2001:2::1] [100::1]
            224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 [ff02::1]
            [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:c0a8:101::1]
            [2001:0:5ef5:79fb::1] 192.88.99.1
            168.63.129.16 [::ffff:168.63.129.16]
        ";
        assert!(hosts.split_whitespace().count() >= 60);
        for host in hosts.split_whitespace() {
            let url = Url::parse(&format!("http://{host}/feed.xml")).unwrap_or_else(|error| panic!("{host}: {error}"));
            assert!(check_literal(&url).is_err(), "{host} came through as {url}");
        }
    }

    #[test]
    fn public_addresses_and_names_pass() {
        let hosts = "
            93.184.216.34 1.1.1.1 172.32.0.1 172.15.255.255 100.63.255.255 100.128.0.1 169.253.1.1
            223.255.255.255 11.0.0.1 [2606:4700::1111] [2a00:1450:4001::200e] [::ffff:93.184.216.34]
            [2001:4860:4860::8888] [2001:200::1] [64:ff9b::1.1.1.1] example.org localhost
        ";
        for host in hosts.split_whitespace() {
            let url = Url::parse(&format!("http://{host}/feed.xml")).unwrap();
            assert_eq!(check_literal(&url), Ok(()), "{host}");
        }
    }

    #[test]
    fn spellings_that_are_no_address_are_no_url() {
        for host in ["256.256.256.256", "0x100000000", "[::1%25lo]", "[fe80::1%25eth0]", "1.2.3.4.5", "127..1"] {
            assert!(Url::parse(&format!("http://{host}/")).is_err(), "{host}");
        }
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_loopback_is_refused_unless_allowed() {
        let resolve = |allow_private| Resolver::of_the_system(allow_private).resolve("localhost".parse().unwrap());
        let Err(error) = resolve(false).await else { panic!("localhost is not public") };
        let refused: &Refused = error.downcast_ref().unwrap();
        assert!(refused.address.is_loopback());
        assert!(resolve(true).await.unwrap().count() > 0);
    }

    #[test]
    fn one_private_address_spoils_the_answer() {
        let answer: Vec<SocketAddr> =
            ["93.184.216.34:0", "10.0.0.1:0"].iter().map(|text| text.parse().unwrap()).collect();
        assert!(check_all("split.example", &answer[..1]).is_ok());
        let refused = check_all("split.example", &answer).unwrap_err();
        assert_eq!(refused.address.to_string(), "10.0.0.1");
        insta::assert_snapshot!(refused, @"split.example is at 10.0.0.1, which is not a public address; allow_private_addresses = true, on a feed or in [fetch], lets it be asked");
        let refused = check_literal(&Url::parse("http://[::1]/a").unwrap()).unwrap_err().to_string();
        assert!(refused.starts_with("::1 is not a public address; "), "{refused}");
    }
}
