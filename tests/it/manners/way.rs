//! What stands between newswatch and a server: a proxy (rule 41), and an authority of the user's own (rule 38).

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::stage::entries;
use super::tls::{fixture, listen, serve_page};
use crate::harness::feeds::{Answer, Origin};
use crate::harness::items::rss;
use crate::harness::newswatch::Newswatch;

/// A proxy on loopback. It serves a feed itself for what is asked over http, and makes tunnels.
struct Proxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Where `login` is given, whoever does not send it is refused.
    fn open(login: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let seen = Arc::clone(&seen);
                // A client that goes away is no fault of the proxy's.
                thread::spawn(move || converse(stream, &seen, login).unwrap_or_default());
            }
        });
        Self { port, heads }
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The first lines of all that it was asked, in order.
    fn asked(&self) -> Vec<String> {
        self.heads.lock().unwrap().iter().map(|head| head.lines().next().unwrap_or_default().to_owned()).collect()
    }
}

fn converse(mut stream: TcpStream, seen: &Mutex<Vec<String>>, login: Option<&str>) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let head: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let head = head.join("\n");
    let first = head.lines().next().unwrap_or_default().to_owned();
    let welcome = login.is_none_or(|login| {
        head.to_ascii_lowercase().contains(&format!("proxy-authorization: basic {login}").to_ascii_lowercase())
    });
    seen.lock().unwrap().push(head);
    if !welcome {
        return stream.write_all(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let Some(to) = first.strip_prefix("CONNECT ") else {
        let page = rss(&entries(&["budget"]));
        return write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{page}", page.len());
    };
    let mut server = TcpStream::connect(to.split(' ').next().unwrap_or_default())?;
    stream.write_all(b"HTTP/1.1 200 Go on\r\n\r\n")?;
    let (mut up, mut down) = (stream.try_clone()?, server.try_clone()?);
    thread::spawn(move || io::copy(&mut up, &mut down).unwrap_or_default());
    io::copy(&mut server, &mut stream).map(drop)
}

/// An installation that refuses what is inside, as it does by default.
fn guarded() -> Newswatch {
    Newswatch::new().unset("mail").set("fetch", "allow_private_addresses", "false")
}

fn error(newswatch: &Newswatch, feed: &str) -> String {
    newswatch.feed_state(feed)["error"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_proxy_asks_in_our_place_and_looks_the_name_up() {
    // `user:secret` in base64.
    let proxy = Proxy::open(Some("dXNlcjpzZWNyZXQ="));
    let origin = Origin::start();
    origin.serve("/own.xml", Answer::feed(rss(&[])));
    let address = format!("'http://user:secret@127.0.0.1:{}'", proxy.port);
    let newswatch = guarded()
        .set("fetch", "proxy", &address)
        .feed("far", "http://news.invalid/a.xml?b=c")
        .feed("inside", &origin.url("/own.xml"))
        .feed("own", "http://localhost:1/a.xml")
        .feed_with("straight", &origin.url("/own.xml"), &[("proxy", "'none'"), ("allow_private_addresses", "true")]);
    let pass = newswatch.once();
    assert_eq!((&pass["feeds"]["changed"], &pass["feeds"]["failed"]), (&1.into(), &2.into()), "{pass}");
    assert_eq!(proxy.asked(), ["GET http://news.invalid/a.xml?b=c HTTP/1.1"]);
    assert_eq!(origin.requests("/own.xml").len(), 1);
    for feed in ["inside", "own"] {
        assert!(error(&newswatch, feed).contains("not a public address"), "{}", error(&newswatch, feed));
    }
}

#[test]
fn a_tunnel_leads_through_a_proxy_and_certificates_are_looked_at_at_its_end() {
    let proxy = Proxy::open(None);
    let good = listen("good.pem", false, serve_page);
    let other = listen("other.pem", false, serve_page);
    let newswatch = Newswatch::new()
        .unset("mail")
        .set("fetch", "proxy", &format!("'{}'", proxy.address()))
        .environment("SSL_CERT_FILE", &fixture("ca.pem"))
        .feed("good", &format!("https://127.0.0.1:{good}/a.xml"))
        .feed("other", &format!("https://127.0.0.1:{other}/a.xml"));
    newswatch.once();
    assert_eq!(newswatch.feed_state("good")["state"], "ok", "{}", error(&newswatch, "good"));
    assert!(error(&newswatch, "other").contains("another name"), "{}", error(&newswatch, "other"));
    let mut asked = proxy.asked();
    asked.sort();
    let mut expected = [good, other].map(|port| format!("CONNECT 127.0.0.1:{port} HTTP/1.1"));
    expected.sort();
    assert_eq!(asked, expected);
}

#[test]
fn the_environment_names_a_proxy_and_whom_to_ask_without() {
    let proxy = Proxy::open(None);
    let origin = Origin::start();
    origin.serve("/own.xml", Answer::feed(rss(&[])));
    let newswatch = Newswatch::new()
        .unset("mail")
        .environment("http_proxy", &proxy.address())
        .environment("no_proxy", "127.0.0.1")
        .feed("far", "http://news.invalid/a.xml")
        .feed("near", &origin.url("/own.xml"));
    let pass = newswatch.once();
    assert_eq!((&pass["feeds"]["changed"], &pass["feeds"]["failed"]), (&1.into(), &0.into()), "{pass}");
    assert_eq!(proxy.asked(), ["GET http://news.invalid/a.xml HTTP/1.1"]);
    assert_eq!(origin.requests("/own.xml").len(), 1);
}

#[test]
fn a_proxy_that_does_not_let_us_through_is_named() {
    let strict = Proxy::open(Some("else"));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let strict_address = format!("'http://user:secret@127.0.0.1:{}'", strict.port);
    let newswatch = Newswatch::new()
        .unset("mail")
        .feed_with("plain", "http://news.invalid/a.xml", &[("proxy", &strict_address)])
        .feed_with("tunnel", "https://news.invalid/a.xml", &[("proxy", &strict_address)])
        .feed_with("dead", "http://other.invalid/a.xml", &[("proxy", &format!("'{dead}'"))])
        .feed_with("lost", "http://third.invalid/a.xml", &[("proxy", "'http://proxy.invalid:3128'")]);
    newswatch.once();
    for feed in ["plain", "tunnel", "dead", "lost"] {
        let words = error(&newswatch, feed);
        assert!(words.contains(" through the proxy http://") && !words.contains("secret"), "{feed}: {words}");
    }
    assert!(error(&newswatch, "plain").contains("a user and a password"), "{}", error(&newswatch, "plain"));
}

#[test]
fn an_authority_of_ones_own_is_believed_by_one_feed_alone() {
    let port = listen("good.pem", false, serve_page);
    let url = format!("https://127.0.0.1:{port}/a.xml");
    let file = format!("'{}'", fixture("ca.pem"));
    let newswatch = Newswatch::new()
        .unset("mail")
        .feed_with("ours", &url, &[("ca_file", &file)])
        .feed("others", &format!("https://127.0.0.1:{port}/b.xml"));
    newswatch.once();
    assert_eq!(newswatch.feed_state("ours")["state"], "ok", "{}", error(&newswatch, "ours"));
    assert!(error(&newswatch, "others").contains("certificate"), "{}", error(&newswatch, "others"));
}
