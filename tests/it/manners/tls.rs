//! Servers that speak TLS, each with a certificate of its own, and what they say over HTTP/2.

use std::io::{self, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::stage::{Case, HOUR, feed};
use crate::harness::items::rss;
use crate::harness::newswatch::Newswatch;

pub(super) fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name).display().to_string()
}

pub(super) type Stream = StreamOwned<ServerConnection, std::net::TcpStream>;

/// Listens with the certificate of a fixture, and lets a function speak. Its threads end with the test.
pub(super) fn listen(
    certificate: &str,
    h2: bool,
    speak: impl Fn(&mut Stream) -> io::Result<()> + Send + Sync + 'static,
) -> u16 {
    let path = fixture(certificate);
    let chain = CertificateDer::pem_file_iter(&path).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(&path).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = if h2 { vec![b"h2".to_vec()] } else { vec![b"http/1.1".to_vec()] };
    let (config, speak) = (Arc::new(config), Arc::new(speak));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (config, speak) = (Arc::clone(&config), Arc::clone(&speak));
            thread::spawn(move || {
                let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
                // A client that goes away is what these tests are about.
                let _ = speak(&mut stream);
            });
        }
    });
    port
}

pub(super) fn serve_page(stream: &mut Stream) -> io::Result<()> {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request)?;
    let page = rss(&super::stage::entries(&["budget"]));
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}", page.len())?;
    stream.flush()
}

/// A case of a feed on that port, in an installation that trusts the authority of the fixtures.
fn trusting(port: u16) -> Case {
    Case::with(|newswatch, _| {
        let newswatch = newswatch.without_feed("a").feed("a", &format!("https://127.0.0.1:{port}/a.xml"));
        newswatch.environment("SSL_CERT_FILE", &fixture("ca.pem"))
    })
}

/// A frame of HTTP/2 (RFC 9113 §4.1).
fn frame(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, 0], &stream.to_be_bytes(), payload].concat()
}

const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

/// Over HTTP/2: `GOAWAY`, `RST_STREAM`, a flood of pings, or nonsense | a failure like any other; the other feeds go on
/// | RFC 9113 §6; rules 29, 36
#[test]
fn c103_http2_faults() {
    let answers: [Vec<u8>; 4] = [
        frame(GOAWAY, 0, &[0, 0, 0, 0, 0, 0, 0, 0xb]),
        frame(RST_STREAM, 1, &[0, 0, 0, 2]),
        [frame(PING, 0, &[7; 8]).repeat(20_000), frame(GOAWAY, 0, &[0; 8])].concat(),
        vec![0xff; 64],
    ];
    for answer in answers {
        let port = listen("good.pem", true, move |stream| {
            let mut preface = [0; 24];
            stream.read_exact(&mut preface)?;
            stream.write_all(&frame(SETTINGS, 0, &[]))?;
            stream.flush()?;
            let _ = stream.read(&mut [0; 4096])?;
            stream.write_all(&answer)?;
            stream.flush()
        });
        let case = trusting(port);
        let newswatch = case.newswatch.set("fetch", "timeout", "'5s'").feed("b", &case.origin.url("/b.xml"));
        case.origin.serve("/b.xml", feed(&["treaty"]));
        let pass = newswatch.once();
        assert_eq!((&pass["feeds"]["failed"], &pass["feeds"]["changed"]), (&1.into(), &1.into()), "{pass}");
    }
}

/// A certificate that has run out, belongs to another name, or comes from an authority that nobody trusts; TLS of the past
/// | no connection, never without TLS, and the reason is told | RFC 9110 §4.3.4; rule 38
#[test]
fn c104_certificates() {
    let page = |name: &str| listen(name, false, serve_page);
    let sound = trusting(page("good.pem"));
    assert_eq!(sound.pass()["feeds"]["changed"], 1, "{}", sound.feed());
    for (certificate, words) in [("expired.pem", "expired"), ("other.pem", "another name")] {
        let case = trusting(page(certificate));
        case.pass();
        assert!(case.error().contains(words), "{}", case.error());
        assert_eq!((case.failures(), case.wait() / HOUR), (1, 1));
    }
    let port = page("good.pem");
    let stranger = Newswatch::new().unset("mail").feed("a", &format!("https://127.0.0.1:{port}/a.xml"));
    stranger.once();
    let error = stranger.feed_state("a")["error"].as_str().unwrap_or_default().to_owned();
    assert!(error.contains("certificate"), "{error}");
    // A server of long ago: the alert `protocol_version` (RFC 8446 §6).
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let case = trusting(listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]).and_then(|_| stream.write_all(&[0x15, 3, 1, 0, 2, 2, 70]));
        }
    });
    case.pass();
    assert!(case.error().contains("no secure connection"), "{}", case.error());
}
