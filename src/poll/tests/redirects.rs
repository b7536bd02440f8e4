use super::network::Network;
use super::server::{Act, Server, status};
use super::*;
use crate::item::Move;
use crate::poll::{FetchError, Hop, Reply, Sighting};

const A: &str = "https://a.example/feed";
const B: &str = "https://b.example/feed";

/// What a poll of A saw, on this network.
async fn poll_a(network: &Network, memory: &FeedMemory) -> Answer {
    poller_with(network.clone(), limits()).0.poll(&target(A), memory).await
}

fn moved(adopted: bool) -> FeedMemory {
    let moved = Move { to: B.to_owned(), since: noon(), seen: 3, adopted };
    FeedMemory { moved: Some(moved), ..memory(A) }
}

fn permanently_to(url: &str) -> Sighting {
    Sighting::Permanent { to: url.parse().unwrap(), upgrade: false }
}

#[tokio::test]
async fn redirects_are_followed_and_only_permanent_ones_are_noted() {
    for (statuses, noted) in [([301, 308], true), ([301, 302], false), ([302, 301], false), ([303, 307], false)] {
        let network = Network::default();
        network.redirect(A, statuses[0], "/next");
        network.redirect("https://a.example/next", statuses[1], B);
        network.document(B);
        let answer = poll_a(&network, &memory(A)).await;
        assert_eq!(document(&answer), FEED);
        assert_eq!(answer.final_url.as_str(), B);
        assert_eq!(answer.moved, Some(if noted { permanently_to(B) } else { Sighting::Stayed }), "{statuses:?}");
        assert_eq!(network.asked(), [A, "https://a.example/next", B]);
    }
}

#[tokio::test]
async fn a_redirect_to_nothing_is_not_noted() {
    let network = Network::default();
    network.redirect(A, 301, B);
    let answer = poll_a(&network, &memory(A)).await;
    assert_eq!(
        failure(&answer),
        "the server answered 404 (there is nothing at this address) (https://a.example/feed -> https://b.example/feed)"
    );
    assert_eq!(answer.moved, None);
}

#[tokio::test]
async fn http_that_became_https_is_noted_as_such() {
    let network = Network::default();
    network.redirect("http://a.example/feed", 301, A);
    network.document(A);
    let (poller, _) = poller_with(network, limits());
    let answer = first_poll(&poller, "http://a.example/feed").await;
    assert_eq!(answer.moved, Some(Sighting::Permanent { to: A.parse().unwrap(), upgrade: true }));
}

#[tokio::test]
async fn an_adopted_address_is_asked_directly_and_by_turns_while_it_fails() {
    let network = Network::default();
    network.document(B);
    let answer = poll_a(&network, &moved(true)).await;
    assert_eq!((document(&answer), answer.moved.clone()), (FEED, None));
    assert_eq!(network.asked(), [B]);
    for status in [404, 410, 500] {
        network.set(B, status, &[], "");
        let answer = poll_a(&network, &moved(true)).await;
        assert!(matches!(answer.verdict, Verdict::Failed(_)), "the feed itself is not gone");
        assert_eq!(answer.moved, None);
    }
    let failing = |failures| FeedMemory { failures, ..moved(true) };
    network.document(A);
    assert_eq!(poll_a(&network, &failing(1)).await.moved, Some(Sighting::Stayed));
    assert_eq!(poll_a(&network, &failing(2)).await.final_url.as_str(), B);
}

#[tokio::test]
async fn where_the_old_address_is_gone_the_watched_one_is_asked_at_once() {
    for gone in [404, 410] {
        let network = Network::default();
        network.set(A, gone, &[], "");
        network.document(B);
        let answer = poll_a(&network, &moved(false)).await;
        assert_eq!(document(&answer), FEED);
        assert_eq!(answer.moved, Some(Sighting::OldGone { to: B.parse().unwrap() }));
        assert_eq!(network.asked(), [A, B]);
    }
}

#[tokio::test]
async fn gone_means_gone_only_from_the_feeds_own_address() {
    let network = Network::default();
    network.set(A, 410, &[], "");
    assert_eq!(poll_a(&network, &memory(A)).await.verdict, Verdict::Gone);
    network.set(B, 410, &[], "");
    assert_eq!(poll_a(&network, &moved(false)).await.verdict, Verdict::Gone, "both are gone");
    network.redirect(A, 301, B);
    assert_eq!(poll_a(&network, &memory(A)).await.verdict, Verdict::Gone);
    network.redirect(A, 302, B);
    assert!(matches!(poll_a(&network, &memory(A)).await.verdict, Verdict::Failed(_)));
}

#[tokio::test]
async fn loops_and_endless_chains_name_where_they_went() {
    let network = Network::default();
    network.redirect(A, 301, B);
    network.redirect(B, 302, A);
    insta::assert_snapshot!(
        failure(&poll_a(&network, &memory(A)).await),
        @"the redirects go round in a circle (https://a.example/feed -> https://b.example/feed -> https://a.example/feed)"
    );
    let server = Server::start(|n, _| Act::Reply(status("302 Found", &[&format!("Location: /{}", n + 1)], ""))).await;
    let words = failure(&first_poll(&http_poller(limits()), &format!("{}/0", server.url)).await);
    assert!(words.starts_with("more than 10 redirects (http://127.0.0.1:"), "{words}");
    assert!(words.contains("/9 -> ") && words.ends_with("/11)"), "{words}");
    assert_eq!(server.requests().len(), 11);
}

#[tokio::test]
async fn ten_redirects_are_followed() {
    let network = Network::default();
    for n in 0..10 {
        network.redirect(&format!("https://a.example/{n}"), 302, &format!("/{}", n + 1));
    }
    network.document("https://a.example/10");
    let (poller, _) = poller_with(network, limits());
    assert_eq!(document(&first_poll(&poller, "https://a.example/0").await), FEED);
}

#[tokio::test]
async fn some_redirects_are_not_followed() {
    for (to, words) in [
        ("http://a.example/feed", "a redirect from https to http, which is not followed"),
        ("file:///etc/passwd", "a redirect to file:, which is not followed"),
        ("ftp://b.example/", "a redirect to ftp:, which is not followed"),
        ("https://u:p@b.example/", "a redirect with a user or a password, which is not followed"),
    ] {
        let network = Network::default();
        network.redirect(A, 301, to);
        let answer = poll_a(&network, &memory(A)).await;
        assert!(failure(&answer).starts_with(words), "{}", failure(&answer));
        assert!(!failure(&answer).contains("u:p@"));
        assert_eq!((answer.status, network.asked().len()), (Some(301), 1));
    }
    let network = Network::default();
    network.set(A, 301, &[], "");
    assert_eq!(failure(&poll_a(&network, &memory(A)).await), "a redirect without an address");
}

/// The real client, with leave for the first hop only, because a test's own server is not public either.
struct FirstHopOpen(HttpFetch);

#[async_trait::async_trait]
impl Fetch for FirstHopOpen {
    async fn exchange(&self, hop: Hop) -> Result<Reply, FetchError> {
        let allow_private = hop.url.path() == "/first";
        self.0.exchange(Hop { allow_private, ..hop }).await
    }
}

#[tokio::test]
async fn a_redirect_into_the_house_is_refused() {
    let (poller, _) = poller_with(FirstHopOpen(HttpFetch::new().unwrap()), limits());
    for inside in ["http://169.254.169.254/latest", "http://localhost/", "http://[::1]/", "//0x7f.1/", "/second"] {
        let location = format!("Location: {inside}");
        let server = Server::always(Act::Reply(status("302 Found", &[&location], ""))).await;
        let words = failure(&first_poll(&poller, &format!("{}/first", server.url)).await);
        assert!(words.contains("not a public address"), "{inside}: {words}");
        assert_eq!(server.requests().len(), 1);
    }
}

/// What is remembered after an answer that asks to follow its redirect later.
fn waiting(memory: &FeedMemory, answer: &Answer) -> FeedMemory {
    let Verdict::NotYet(until) = answer.verdict else { panic!("{:?}", answer.verdict) };
    let redirect_wait = Some(answer.final_url.to_string());
    FeedMemory { not_before: Some(until), redirect_wait, ..memory.clone() }
}

#[tokio::test]
async fn a_redirect_that_asks_to_wait_is_followed_after_the_wait_by_whatever_process() {
    let network = Network::default();
    network.set(A, 302, &[("location", B), ("retry-after", "120")], "");
    network.document(B);
    let (poller, _) = poller_with(network.clone(), limits());
    let until = noon() + SignedDuration::from_secs(120);
    let answer = first_poll(&poller, A).await;
    assert_eq!((answer.verdict.clone(), answer.status), (Verdict::NotYet(until), Some(302)));
    assert_eq!(answer.freshness.retry.as_ref().unwrap().until, until);
    let waited = waiting(&memory(A), &answer);
    let (poller, clock) = poller_with(network.clone(), limits());
    assert_eq!(poller.poll(&target(A), &waited).await.verdict, Verdict::NotYet(until), "in a hurry");
    clock.set(until);
    assert_eq!(document(&poller.poll(&target(A), &waited).await), FEED);
    assert!(matches!(first_poll(&poller, A).await.verdict, Verdict::NotYet(_)), "the next one waits again");
    assert_eq!(network.asked(), [A, A, A, B, A]);
}

#[tokio::test]
async fn one_redirect_is_waited_for_and_another_one_is_a_failure() {
    let network = Network::default();
    network.set(A, 302, &[("location", B), ("retry-after", "1")], "");
    network.set(B, 302, &[("location", "/further"), ("retry-after", "3600")], "");
    let (poller, clock) = poller_with(network.clone(), limits());
    let waited = waiting(&memory(A), &first_poll(&poller, A).await);
    clock.set(waited.not_before.unwrap());
    let answer = poller.poll(&target(A), &waited).await;
    assert!(failure(&answer).contains("one redirect after the other"), "{}", failure(&answer));
    let floor = answer.freshness.fresh.unwrap();
    assert_eq!(floor.until, waited.not_before.unwrap() + SignedDuration::from_hours(1), "and that is obeyed");
    assert_eq!(network.asked(), [A, A, B]);
}
