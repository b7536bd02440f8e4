//! What comes over the wire: codings, sizes, speeds, broken HTTP, names, and bytes that claim to be a feed.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use super::stage::{Case, HOUR, entries, feed};
use crate::harness::feeds::{Answer, Origin};
use crate::harness::items::rss;
use crate::harness::level;
use crate::harness::newswatch::Newswatch;

fn page() -> String {
    rss(&entries(&["budget", "treaty"]))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// One piece that is not compressed, and an empty last one (RFC 7932 §9.2).
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 1).unwrap();
    assert!(length < 1 << 16);
    [&(length << 4 | 1 << 20).to_le_bytes()[..3], bytes, &[0b11]].concat()
}

fn coded(body: impl Into<Vec<u8>>, coding: &str) -> Answer {
    Answer::feed(body).header("Content-Encoding", coding)
}

/// A case whose polls may take no longer than this.
fn hasty(timeout: &str) -> Case {
    Case::with(|newswatch, _| newswatch.set("fetch", "timeout", &format!("'{timeout}'")))
}

/// After a sound answer this one is a failure that loses nothing, within a few seconds; what was said.
#[track_caller]
fn fails(case: &Case, answer: Answer) -> String {
    case.next(feed(&["embargo"]).header("ETag", "\"sound\""));
    let began = level::now();
    case.next(answer);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(case.failures(), 1, "{}", case.feed());
    assert!(case.items() >= 1);
    assert_eq!(case.next_condition().0, "\"sound\"");
    case.error()
}

/// gzip, br, zstd, and deflate of both kinds; `x-gzip` | read; the same codings are offered every time | RFC 9110 §8.4.1; rule 43
#[test]
fn c095_codings() {
    let text = page();
    let bytes = text.as_bytes();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(bytes).unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(bytes).unwrap();
    let (zlib, raw) = (zlib.finish().unwrap(), raw.finish().unwrap());
    let zstd = zstd::stream::encode_all(bytes, 3).unwrap();
    let both = gzip(&gzip(bytes));
    let all = [
        ("gzip", gzip(bytes)),
        ("x-gzip", gzip(bytes)),
        ("br", brotli(bytes)),
        ("zstd", zstd),
        ("deflate", zlib),
        ("deflate", raw),
        ("gzip, gzip", both),
    ];
    for (coding, body) in all {
        let case = Case::new();
        case.next(coded(body, coding));
        assert_eq!((case.items(), case.failures()), (2, 0), "{coding}: {}", case.error());
        assert_eq!(case.last().text("accept-encoding"), "gzip, br, zstd");
    }
}

/// A coding that nobody knows, or bytes that are not what the coding says | a failure, not asked again at once; the next poll
/// asks for no coding | RFC 9110 §12.5.3; rule 43
#[test]
fn c096_false_codings() {
    for answer in [coded(page(), "gzip"), coded(page(), "sdch"), coded(page(), "zstd")] {
        let case = Case::new();
        case.next(answer);
        assert_eq!((case.failures(), case.asked()), (1, 1));
        case.waits(HOUR);
        case.next(Answer::feed(page()));
        assert_eq!((case.last().text("accept-encoding").as_str(), case.items()), ("identity", 2));
    }
}

/// A small body that unpacks to a giant one | ended at `max_size`, and no more memory than that is used | rule 34
#[test]
fn c097_bombs() {
    let case = Case::with(|newswatch, _| newswatch.set("fetch", "max_size", "'1MiB'"));
    let spaces = vec![b' '; 64 << 20];
    let zstd = zstd::stream::encode_all(spaces.as_slice(), 1).unwrap();
    let bombs = [Answer::gzip_bomb(64), coded(zstd, "zstd"), coded(gzip(&gzip(&spaces)), "gzip, gzip")];
    for bomb in bombs.clone() {
        case.next(bomb);
        assert!(case.error().contains("max_size"), "{}", case.error());
        case.next(feed(&["embargo"]));
    }
    let origin = Origin::start();
    let mut newswatch = Newswatch::new().unset("mail").set("fetch", "max_size", "'1MiB'");
    newswatch = newswatch.set("fetch", "every", "'1h'");
    for n in 0..9 {
        let path = format!("/{n}.xml");
        origin.serve(&path, bombs[n % 3].clone());
        newswatch = newswatch.feed(&format!("feed{n}"), &origin.url(&path));
    }
    let mut daemon = newswatch.start();
    let peak = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    newswatch.until_status("all bombs were met", |status| status["feeds"]["failing"] == 9);
    assert!(peak() < 120_000, "{} kB at the peak", peak());
    daemon.stop();
}

/// A body that is larger than `max_size`, or has no end | ended at the limit, and nothing of it is read | rule 34
#[test]
fn c098_too_large() {
    let case = Case::with(|newswatch, _| newswatch.set("fetch", "max_size", "'1MiB'"));
    let large = format!("{}<!-- {} -->", page(), "x".repeat(2 << 20));
    case.next(Answer::feed(large));
    assert!(case.error().contains("max_size"), "{}", case.error());
    case.next(Answer::feed("<rss>".repeat(10_000)).endless());
    assert!(case.error().contains("max_size"), "{}", case.error());
    assert_eq!((case.items(), case.failures()), (0, 2));
}

/// A byte at a time, in the headers or in the body | ended at `timeout`, which counts for the whole exchange | rule 35
#[test]
fn c099_slow() {
    let error = fails(&hasty("1s"), Answer::feed(page()).dripping(Duration::from_millis(40)));
    assert!(!error.is_empty());
    let case = hasty("1s");
    case.next(Answer::feed(page()).stalling());
    assert!(case.error().contains("1s"), "{}", case.error());
}

/// No answer at all, a reset in the body, an end inside a chunk | a failure; validators stay, and the next poll has a new
/// connection | rules 35, 37
#[test]
fn c100_cut_off() {
    let chunk = b"HTTP/1.1 200 OK\r\nETag: \"torn\"\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n<rss";
    for answer in [Answer::mute(), Answer::garbage(b""), Answer::garbage(chunk), Answer::feed(page()).cut_after(60)] {
        fails(&hasty("1s"), answer);
    }
}

/// Endless headers, ten thousand of them, folded lines, bare line feeds, HTTP/0.9, a chunk of no size, zeros | an error or a
/// reading, and never more than that | rule 36
#[test]
fn c101_broken_http() {
    let with_head = |head: &[u8]| [b"HTTP/1.1 200 OK\r\n".as_slice(), head, b"\r\n"].concat();
    let many: Vec<u8> = (0..10_000).flat_map(|n| format!("X-{n}: {n}\r\n").into_bytes()).collect();
    let bad: Vec<Vec<u8>> = vec![
        with_head(&[b"X: ".as_slice(), &vec![b'x'; 1 << 20], b"\r\n"].concat()),
        with_head(&many),
        with_head(b"X: a\x00b\r\n"),
        page().into_bytes(),
        b"220 ready for dog\r\n".to_vec(),
        b"HTTP/1.1 two hundred\r\n\r\n".to_vec(),
        b"HTTP/9.9 200 OK\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n<rss>".to_vec(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 7\r\n\r\n<rss>".to_vec(),
    ];
    for bytes in bad {
        let case = hasty("2s");
        case.next(Answer::garbage(&bytes));
        assert_eq!(case.failures(), 1, "{}", String::from_utf8_lossy(&bytes[..bytes.len().min(60)]));
        case.next(feed(&["budget"]));
        assert_eq!((case.failures(), case.items()), (0, 1));
    }
    let page = page();
    let lenient = format!("HTTP/1.1 200 OK\nX: a\n  b\nContent-Length: {}\n\n{page}", page.len());
    let case = hasty("2s");
    case.next(Answer::garbage(lenient.as_bytes()));
    assert!(case.failures() == 1 || case.items() == 2);
}

/// A connection that was kept open and is closed just when it is used again | the request is made once more, on a new one
/// | RFC 9112 §9.3.1; rule 29
#[test]
fn c102_closed_while_idle() {
    let case = Case::with(|newswatch, origin| newswatch.feed("b", &origin.url("/b.xml")));
    let page = page();
    for path in ["/a.xml", "/b.xml"] {
        let (page, length) = (page.clone(), page.len());
        case.origin.respond(path, move |_| Answer::feed(page.as_str()).cut_after(length));
    }
    let pass = case.pass();
    assert_eq!((&pass["feeds"]["changed"], &pass["feeds"]["failed"]), (&2.into(), &0.into()));
    assert!(case.origin.request_count() <= 3);
}

/// A name with two addresses, of which the first does not answer | the second is used at once | RFC 8305; rule 39
#[test]
fn c105_two_addresses() {
    let origin = Origin::start();
    origin.serve("/a.xml", feed(&["budget"]));
    let url = origin.url("/a.xml").replace("127.0.0.1", "localhost");
    let began = level::now();
    let pass = Newswatch::new().unset("mail").feed("a", &url).once();
    assert_eq!(pass["feeds"]["changed"], 1);
    assert!(began.elapsed() < Duration::from_secs(5));
}

/// A name that is not there | a failure of that feed, which is never taken for gone; the others go on | rule 40
#[test]
fn c106_no_name() {
    let case = Case::with(|newswatch, _| newswatch.feed("nobody", "http://no..name/rss"));
    let pass = case.next(feed(&["budget"]));
    assert_eq!((&pass["feeds"]["changed"], &pass["feeds"]["failed"]), (&1.into(), &1.into()));
    let nobody = case.newswatch.feed_state("nobody");
    assert_eq!(nobody["state"], "failing");
    assert!(nobody["error"].as_str().unwrap().contains("cannot find no..name"), "{nobody}");
}

/// A `Content-Type` that says something else, or none | what the bytes are counts; a picture is no feed | RFC 7303 §3; rule 42
#[test]
fn c108_content_types() {
    for kind in ["text/html", "text/plain", "image/png", "application/octet-stream", "nonsense"] {
        let case = Case::new();
        case.next(Answer::status(200).header("Content-Type", kind).body(page()));
        assert_eq!((case.items(), case.failures()), (2, 0), "{kind}: {}", case.error());
    }
    let case = Case::new();
    case.next(Answer::status(200).body(page()));
    assert_eq!(case.items(), 2);
    case.next(Answer::feed(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".as_slice()));
    assert_eq!(case.failures(), 1);
    let case = Case::new();
    // A byte order mark says more than the header.
    let marked = ["\u{feff}", &page().replace("veto", "vetó")].concat();
    case.next(Answer::status(200).header("Content-Type", "text/xml; charset=iso-8859-1").body(marked));
    let titles: Vec<_> = case.newswatch.list(&["item", "list"]).iter().map(|item| item["title"].to_string()).collect();
    assert!(titles.iter().all(|title| title.contains("vetó")), "{titles:?}");
}

/// UTF-16, Windows letters under a wrong name, control characters, `&nbsp;`, an open comment, words before the declaration
/// | read as well as it goes; a wrong encoding and whatever was left out are named | rule 42
#[test]
fn c109_broken_text() {
    let text = page();
    let utf16: Vec<u8> =
        [0xfeff].into_iter().chain(text.replace("UTF-8", "UTF-16").encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let windows: Vec<u8> = text.replace("Ministers", "Ministers\u{92}s").chars().map(|c| c as u8).collect();
    let inside = |what: &str| text.replace("Ministers", &format!("Ministers{what}")).into_bytes();
    let all = [
        utf16,
        windows,
        inside("\u{b}"),
        inside("&nbsp;"),
        inside("&eacute;"),
        ["\n<!-- hello -->\n", &text].concat().into_bytes(),
    ];
    for (n, body) in all.into_iter().enumerate() {
        let case = Case::new();
        case.next(Answer::feed(body).header("X-Case", n.to_string()));
        assert_eq!((case.items(), case.failures()), (2, 0), "{n}: {}", case.error());
    }
    let case = Case::new();
    case.next(Answer::feed(text.replace("</channel></rss>", "<!-- the end")));
    assert_eq!(case.items(), 2);
}

/// Entities inside entities, or one that names a file | nothing is expanded, nothing is fetched | rule 36
#[test]
fn c110_entities() {
    let case = Case::new();
    let outside = case.origin.url("/secret");
    let entity = |n: u32| format!("<!ENTITY e{n} \"{}\">", format!("&e{};", n - 1).repeat(10));
    let bomb = (1..20).fold(String::new(), |bomb, n| bomb + &entity(n));
    let doctype = format!(
        "<!DOCTYPE rss [<!ENTITY e0 \"ha\">{bomb}<!ENTITY file SYSTEM \"file:///etc/passwd\"><!ENTITY net SYSTEM \"{outside}\">]>"
    );
    let text = page().replace("<rss", &format!("{doctype}<rss")).replace("All about", "&e19; &file; &net;");
    let began = level::now();
    case.next(Answer::feed(text));
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(case.origin.request_count(), 1);
    let shown = case.newswatch.run(&["item", "list", "--json"]).ok().stdout;
    assert!(!shown.contains("root:") && shown.len() < 100_000);
}

/// A page with two feeds and a `<base>`, when it is added | both are named, from that base; none is taken by itself | rule 26
#[test]
fn c111_a_page_with_two_feeds() {
    let origin = Origin::start();
    let link = |kind: &str, href: &str| format!("<link rel=alternate type='application/{kind}+xml' href='{href}'>");
    let page = format!("<!doctype html><base href='/site/'>{}{}", link("rss", "news.xml"), link("atom", "all.xml"));
    origin.serve("/", Answer::html(&page));
    for path in ["/site/news.xml", "/site/all.xml"] {
        origin.serve(path, feed(&["budget"]));
    }
    let newswatch = Newswatch::new();
    let ran = newswatch.run(&["feed", "add", &origin.url("/")]);
    let said = ran.stdout.clone() + &ran.stderr;
    assert!(said.contains(&origin.url("/site/news.xml")) && said.contains(&origin.url("/site/all.xml")), "{said}");
    assert!(newswatch.list(&["feed", "list"]).is_empty());
}
