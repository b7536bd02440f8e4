use std::io::Write;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::server::{Act, Server, ok};
use super::*;
use crate::poll::FetchError;

fn short() -> Limits {
    Limits { timeout: SHORT, ..limits() }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// One poll against a server that does this, which must not hang whatever the server does.
async fn poll_against(act: Act, limits: Limits) -> Answer {
    let server = Server::always(act).await;
    let poller = http_poller(limits);
    tokio::time::timeout(Duration::from_secs(15), first_poll(&poller, &server.url)).await.expect("a poll ends")
}

#[tokio::test]
async fn a_compressed_document_is_read_and_its_bytes_on_the_wire_are_counted() {
    let long = FEED.repeat(100);
    let body = gzip(long.as_bytes());
    let answer =
        poll_against(Act::Reply(ok(&["Content-Encoding: gzip", "Content-Type: text/xml"], &body)), limits()).await;
    assert_eq!(document(&answer), long);
    assert_eq!(answer.wire_bytes, body.len() as u64);
    let Verdict::Document { content_type, .. } = answer.verdict else { unreachable!() };
    assert_eq!(content_type.as_deref(), Some("text/xml"));
}

#[tokio::test]
async fn what_is_too_large_ends_at_the_limit() {
    let small = Limits { max_size: 1000, ..limits() };
    let chunk = [b"400\r\n".to_vec(), vec![b'x'; 1024], b"\r\n".to_vec()].concat();
    for act in [
        Act::Reply(ok(&["Content-Encoding: gzip"], gzip(&vec![b' '; 10 << 20]))),
        Act::Reply(ok(&[], vec![b' '; 1001])),
        // Said to be huge: given up before it comes.
        Act::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec()),
        // No end at all.
        Act::Flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(), chunk),
        Act::Flood(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec(), vec![b'x'; 1024]),
    ] {
        let answer = poll_against(act, small.clone()).await;
        assert_eq!(
            failure(&answer),
            "the document is larger than 1000 bytes; raise max_size in [fetch] if it has to be"
        );
    }
    let answer = poll_against(Act::Reply(ok(&[], vec![b' '; 1000])), small).await;
    assert_eq!(document(&answer).len(), 1000);
}

#[tokio::test]
async fn a_slow_server_ends_at_the_timeout() {
    let silent = "gave no answer";
    let unfinished = "did not finish its answer";
    for (act, expected) in [
        (Act::Stall(b"".to_vec()), silent),
        (Act::Stall(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()), silent),
        (Act::Drip(b"HTTP/1.1 200 OK\r\nX: ".to_vec()), silent),
        (Act::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss".to_vec()), unfinished),
        (Act::Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".to_vec()), unfinished),
    ] {
        let answer = poll_against(act.clone(), short()).await;
        assert_eq!(failure(&answer), format!("127.0.0.1 {expected} within 250ms"), "{act:?}");
    }
}

#[tokio::test]
async fn the_body_of_a_failure_is_not_waited_for() {
    let act = Act::Stall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n".to_vec());
    assert!(failure(&poll_against(act, limits()).await).starts_with("the server answered 404"));
    let act = Act::Flood(b"HTTP/1.1 500 Oops\r\n\r\n".to_vec(), vec![b'x'; 4096]);
    assert!(failure(&poll_against(act, limits()).await).starts_with("the server answered 500"));
}

#[tokio::test]
async fn a_document_that_breaks_off_is_incomplete_and_its_validators_are_not_kept() {
    let begun = &FEED[..40];
    let coded = gzip(FEED.repeat(1000).as_bytes());
    let gzipped = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", coded.len() - 10);
    for bytes in [
        format!("HTTP/1.1 200 OK\r\nETag: \"new\"\r\nContent-Length: 500\r\n\r\n{begun}").into_bytes(),
        format!("HTTP/1.1 200 OK\r\nETag: \"new\"\r\nTransfer-Encoding: chunked\r\n\r\n28\r\n{begun}\r\n").into_bytes(),
        format!("HTTP/1.1 200 OK\r\nETag: \"new\"\r\nTransfer-Encoding: chunked\r\n\r\n28\r\n{begun}\r\n50\r\nabc")
            .into_bytes(),
        format!("HTTP/1.1 200 OK\r\nETag: \"new\"\r\nTransfer-Encoding: chunked\r\n\r\n28\r\n{begun}\r\nzz\r\n")
            .into_bytes(),
        [gzipped.as_bytes(), &coded[..coded.len() - 10]].concat(),
    ] {
        let answer = poll_against(Act::Close(bytes.clone()), limits()).await;
        let Verdict::Document { body, complete, .. } = &answer.verdict else { panic!("{:?}", answer.verdict) };
        assert!(!complete && body.starts_with(begun.as_bytes()), "{}", String::from_utf8_lossy(&bytes));
        assert_eq!(answer.validators, []);
        assert_eq!(answer.moved, None);
    }
}

#[tokio::test]
async fn an_empty_document_is_a_failure() {
    let answer = poll_against(Act::Reply(ok(&["ETag: \"e\""], "")), limits()).await;
    assert_eq!(failure(&answer), "the server answered with an empty document");
}

#[tokio::test]
async fn what_is_not_http_is_a_failure_and_nothing_worse() {
    let many = "X-Many: y\r\n".repeat(10_000);
    for act in [
        Act::Close(b"".to_vec()),
        Act::Close(b"hello, this is not HTTP\r\n\r\n".to_vec()),
        Act::Close(b"<rss/>".to_vec()),
        Act::Close(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        Act::Close(b"HTTP/1.1 abc OK\r\n\r\n".to_vec()),
        Act::Close(b"HTTP/9.9 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>".to_vec()),
        Act::Close(b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 6\r\n\r\n<rss/>".to_vec()),
        Act::Close(b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 6\r\n\r\n<rss/>".to_vec()),
        Act::Close(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n<rss/>".to_vec()),
        Act::Close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n<rss/>".to_vec()),
        Act::Close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n<rss/>".to_vec()),
        Act::Close(format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(1 << 20)).into_bytes()),
        Act::Close(format!("HTTP/1.1 200 OK\r\n{many}\r\n").into_bytes()),
        // Headers without end.
        Act::Flood(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-Again: and again\r\n".repeat(50)),
        Act::Flood(b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'y'; 4096]),
        Act::Flood(b"".to_vec(), b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(20)),
    ] {
        let shown = format!("{act:?}").chars().take(100).collect::<String>();
        let answer = poll_against(act, Limits { timeout: SignedDuration::from_secs(2), ..limits() }).await;
        let words = failure(&answer);
        assert!(words.contains("127.0.0.1"), "{shown}: {words}");
    }
}

#[tokio::test]
async fn bare_line_feeds_and_odd_reasons_are_read_or_refused_but_never_worse() {
    for bytes in [
        &b"HTTP/1.1 200 OK\nContent-Length: 6\n\n<rss/>"[..],
        b"HTTP/1.1 200 \xff\xfe\r\nContent-Length: 6\r\n\r\n<rss/>",
    ] {
        let answer = poll_against(Act::Close(bytes.to_vec()), limits()).await;
        assert!(matches!(answer.verdict, Verdict::Document { .. } | Verdict::Failed(_)));
    }
}

#[tokio::test]
async fn private_addresses_are_refused_before_anybody_is_asked() {
    let server = Server::always(Act::Reply(ok(&[], FEED))).await;
    let port = server.url.rsplit(':').next().unwrap();
    let poller = http_poller(limits());
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0", "localhost"] {
        let url = format!("http://{host}:{port}/");
        let guarded = Target { allow_private: false, ..target(&url) };
        let answer = poller.poll(&guarded, &memory(&url)).await;
        assert!(failure(&answer).contains("not a public address"), "{host}: {}", failure(&answer));
    }
    // A connection that a feed with leave has opened is of no use to one without.
    assert_eq!(document(&first_poll(&poller, &server.url).await), FEED);
    let guarded = Target { allow_private: false, ..target(&server.url) };
    failure(&poller.poll(&guarded, &memory(&server.url)).await);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn nobody_there_is_told_as_it_is() {
    let poller = http_poller(limits());
    let server = Server::always(Act::Reply(vec![])).await;
    let url = server.url.clone();
    drop(server);
    let words = failure(&first_poll(&poller, &url).await);
    assert!(words.starts_with("cannot connect to 127.0.0.1: "), "{words}");
    // A label of more than 63 letters (RFC 1035 §2.3.4) is refused before any name server is asked.
    let name = format!("{}.example", "x".repeat(64));
    let answer = first_poll(&poller, &format!("http://{name}/")).await;
    let Verdict::Failed(crate::poll::Failure::Fetch { error: FetchError::Name { host, .. }, .. }) = &answer.verdict
    else {
        panic!("{:?}", answer.verdict)
    };
    assert_eq!(*host, name);
}

#[tokio::test]
async fn https_to_a_server_without_it_says_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let mut server = tokio::task::JoinSet::new();
    server.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        // Holds the line until the client has hung up.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let words = failure(&first_poll(&http_poller(limits()), &url).await);
    assert!(words.starts_with("no secure connection to 127.0.0.1: "), "{words}");
}

#[tokio::test]
async fn a_file_is_a_feed_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.xml");
    std::fs::write(&path, FEED).unwrap();
    let url = url::Url::from_file_path(&path).unwrap().to_string();
    let poller = http_poller(limits());
    let answer = poller.poll(&Target { allow_private: false, ..target(&url) }, &memory(&url)).await;
    assert_eq!(document(&answer), FEED);
    std::fs::remove_file(&path).unwrap();
    let words = failure(&first_poll(&poller, &url).await);
    assert!(words.contains("feed.xml: No such file"), "{words}");
}
