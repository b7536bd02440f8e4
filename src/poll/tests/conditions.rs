use http::{HeaderName, HeaderValue};

use super::server::{Act, Server, not_modified, ok, status};
use super::*;

#[tokio::test]
async fn the_first_request_is_plain_and_says_who_we_are() {
    let server = Server::always(Act::Reply(ok(&[], FEED))).await;
    let poller = http_poller(Limits { contact: Some("https://example.org/bot".to_owned()), ..limits() });
    let answer = first_poll(&poller, &format!("{}/feed?a=1#part", server.url)).await;
    assert_eq!(document(&answer), FEED);
    assert_eq!(answer.wire_bytes, FEED.len() as u64);
    let request = String::from_utf8(server.requests()[0].clone()).unwrap();
    assert!(request.starts_with("GET /feed?a=1 HTTP/1.1\r\n"), "{request}");
    let mut names: Vec<String> =
        request.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0.to_lowercase())).collect();
    names.sort();
    assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
    let agent = concat!("newswatch/", env!("CARGO_PKG_VERSION"), " (+https://example.org/bot)");
    assert_eq!(server.header(0, "user-agent").unwrap(), agent.as_bytes());
}

#[tokio::test]
async fn validators_go_back_byte_for_byte() {
    let etags: [&[u8]; 8] =
        [b"\"abc\"", b"W/\"a,b\"", b"abc", b"\"a b\"", b"\"\"", b"\"\xff\xfe\x80\"", b"W/abc\"", "\"höhe\"".as_bytes()];
    let dates: [&[u8]; 5] = [
        b"Sun, 06 Nov 1994 08:49:37 GMT",
        b"Sunday, 06-Nov-94 08:49:37 GMT",
        b"yesterday at noon",
        b"2026-10-01T12:00:00+02:00",
        b"Thu, 01 Jan 2041 00:00:00 GMT",
    ];
    let poller = http_poller(limits());
    for (etag, date) in etags
        .iter()
        .map(|etag| (Some(*etag), None))
        .chain(dates.iter().map(|date| (None, Some(*date))))
        .chain([(Some(etags[1]), Some(dates[2]))])
    {
        let mut head = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n".to_vec();
        for (name, value) in [("ETag: ", etag), ("Last-Modified: ", date)] {
            if let Some(value) = value {
                head.extend([name.as_bytes(), value, b"\r\n"].concat());
            }
        }
        head.extend(b"\r\n<rss/>");
        let server = Server::always(Act::Reply(head)).await;
        let first = first_poll(&poller, &server.url).await;
        let memory = remembering(&memory(&server.url), &first);
        poller.poll(&target(&server.url), &memory).await;
        assert_eq!(server.header(1, "if-none-match").as_deref(), etag);
        assert_eq!(server.header(1, "if-modified-since").as_deref(), date);
    }
}

#[tokio::test]
async fn a_304_is_unchanged_and_keeps_what_was_asked_with() {
    let server = Server::start(|n, _| {
        Act::Reply(match n {
            0 => ok(&["ETag: \"a\"", "Last-Modified: Mon"], FEED),
            1 => not_modified(&["ETag: \"a\"", "Last-Modified: Tue", "Cache-Control: max-age=7200"]),
            2 => not_modified(&["ETag: \"other\"", "Last-Modified: Wed"]),
            _ => ok(&["Last-Modified: Thu"], FEED),
        })
    })
    .await;
    let (poller, mut known) = (http_poller(limits()), memory(&server.url));
    let mut answers = Vec::new();
    for _ in 0..5 {
        let answer = poller.poll(&target(&server.url), &known).await;
        known = remembering(&known, &answer);
        answers.push(answer);
    }
    assert_eq!(answers[1].verdict, Verdict::Unchanged);
    let fresh = answers[1].freshness.fresh.as_ref().unwrap();
    assert_eq!(fresh.until, noon() + SignedDuration::from_hours(2));
    assert_eq!(server.header(2, "if-modified-since").unwrap(), b"Tue");
    assert!(answers[2].foreign_304 && !answers[1].foreign_304);
    assert_eq!(server.header(3, "if-none-match").unwrap(), b"\"a\"");
    assert_eq!(server.header(3, "if-modified-since").unwrap(), b"Tue");
    assert_eq!(server.header(4, "if-none-match"), None, "a document without it clears it");
    assert_eq!(server.header(4, "if-modified-since").unwrap(), b"Thu");
    assert_eq!(server.connections(), 1, "the connection is used again");
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_a_failure() {
    let server = Server::always(Act::Reply(not_modified(&["ETag: \"a\""]))).await;
    let answer = first_poll(&http_poller(limits()), &server.url).await;
    assert_eq!(failure(&answer), "the server answered 304 (not modified) to a request without conditions");
    assert_eq!(answer.validators, []);
}

#[tokio::test]
async fn a_failure_keeps_the_validators() {
    let poller = http_poller(limits());
    for line in
        ["412 Precondition Failed", "404 Not Found", "403 Forbidden", "500 Oops", "206 Partial Content", "999 What"]
    {
        let server = Server::always(Act::Reply(status(line, &["ETag: \"bad\""], "sorry"))).await;
        let mut known = memory(&server.url);
        known.validators =
            super::super::validators::after_document(&[], &[], &format!("{}/", server.url), &etag("\"good\""));
        let answer = poller.poll(&target(&server.url), &known).await;
        assert!(failure(&answer).starts_with(&format!("the server answered {}", &line[..3])), "{}", failure(&answer));
        assert_eq!(server.header(0, "if-none-match").unwrap(), b"\"good\"");
        assert_eq!(answer.validators, known.validators, "{line}");
    }
}

#[tokio::test]
async fn validators_of_one_url_are_never_sent_to_another() {
    let server = Server::start(|_, head| {
        Act::Reply(if head.starts_with(b"GET /a ") {
            status("302 Found", &["Location: /b", "ETag: \"of-a\""], "")
        } else {
            ok(&["ETag: \"of-b\""], FEED)
        })
    })
    .await;
    let (poller, url) = (http_poller(limits()), format!("{}/a", server.url));
    let first = first_poll(&poller, &url).await;
    assert_eq!(first.final_url.path(), "/b");
    poller.poll(&target(&url), &remembering(&memory(&url), &first)).await;
    assert_eq!(server.header(2, "if-none-match"), None, "/a gave none of its own that counts");
    assert_eq!(server.header(3, "if-none-match").unwrap(), b"\"of-b\"");
}

#[tokio::test]
async fn credentials_never_cross_to_another_origin() {
    let other = Server::always(Act::Reply(ok(&[], FEED))).await;
    let away = other.url.clone();
    let own = Server::start(move |n, _| {
        let to = if n == 0 { "Location: /second".to_owned() } else { format!("Location: {away}/feed") };
        Act::Reply(status("302 Found", &[&to], ""))
    })
    .await;
    let mut target = target(&own.url);
    target.credentials = Some(("user".to_owned(), "pass".to_owned()));
    target.headers = vec![(HeaderName::from_static("x-token"), HeaderValue::from_static("secret"))];
    let answer = http_poller(limits()).poll(&target, &memory(&own.url)).await;
    assert_eq!(document(&answer), FEED);
    for n in 0..2 {
        assert_eq!(own.header(n, "authorization").unwrap(), b"Basic dXNlcjpwYXNz");
        assert_eq!(own.header(n, "x-token").unwrap(), b"secret");
    }
    let crossed = String::from_utf8(other.requests()[0].to_ascii_lowercase()).unwrap();
    for secret in ["authorization", "x-token", "referer", "cookie"] {
        assert!(!crossed.contains(secret), "{crossed}");
    }
}

#[tokio::test]
async fn no_cookie_is_sent_back() {
    let server = Server::always(Act::Reply(ok(&["Set-Cookie: id=1"], FEED))).await;
    let poller = http_poller(limits());
    for _ in 0..2 {
        first_poll(&poller, &server.url).await;
    }
    assert_eq!(server.header(1, "cookie"), None);
}

fn etag(value: &str) -> http::HeaderMap {
    [(http::header::ETAG, HeaderValue::from_str(value).unwrap())].into_iter().collect()
}
