use tokio::task::JoinSet;

use super::network::Network;
use super::*;
use crate::clock::{Clock, SystemClock};
use crate::item::HostHold;

fn shared(network: &Network, limits: Limits) -> (Arc<Poller>, Arc<SetClock>) {
    let (poller, clock) = poller_with(network.clone(), limits);
    (Arc::new(poller), clock)
}

fn hold(scope: &str, seconds: i64) -> HostHold {
    HostHold { scope: scope.to_owned(), until: noon() + SignedDuration::from_secs(seconds) }
}

/// Runs what is ready until all of it waits for something.
async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_503_that_says_for_how_long_holds_its_host() {
    let network = Network::default();
    network.set("https://www.example.org/a", 503, &[("retry-after", "3600")], "");
    network.document("https://www.example.org/b");
    network.document("https://blog.example.org/");
    let (poller, clock) = shared(&network, limits());
    let answer = first_poll(&poller, "https://www.example.org/a").await;
    assert_eq!(answer.holds, [hold("host:www.example.org", 3600)]);
    assert_eq!(answer.freshness.retry.unwrap().until, hold("", 3600).until);

    waits_for(&first_poll(&poller, "https://WWW.example.org:8443/b").await, hold("", 3600).until);
    document(&first_poll(&poller, "https://blog.example.org/").await);
    clock.set(hold("", 3600).until);
    document(&first_poll(&poller, "https://www.example.org/b").await);
    assert_eq!(network.asked().len(), 3, "nobody was asked in vain");
}

#[tokio::test]
async fn a_503_that_does_not_say_holds_its_host_for_a_quarter_of_an_hour() {
    let network = Network::default();
    network.set("https://example.org/a", 503, &[], "");
    for (every, least) in [(60, 15), (5, 5)] {
        let (poller, _) = shared(&network, limits());
        let target = Target { every: SignedDuration::from_mins(every), ..target("https://example.org/a") };
        let answer = poller.poll(&target, &memory("https://example.org/a")).await;
        let [held] = &answer.holds[..] else { panic!("{:?}", answer.holds) };
        let minutes = held.until.duration_since(noon()).as_secs_f64() / 60.0;
        let least = f64::from(least);
        assert!(held.scope == "host:example.org" && (least..=least * 1.1).contains(&minutes), "{held:?}");
        assert_eq!(answer.freshness.retry, None, "the feed itself backs off");
        waits_for(&first_poll(&poller, "https://example.org/b").await, held.until);
    }
}

/// Fails unless the poll was held until then, or a little longer, so that not all come back at once.
#[track_caller]
fn waits_for(answer: &Answer, until: Timestamp) {
    let Verdict::NotYet(again) = answer.verdict else { panic!("{:?}", answer.verdict) };
    let after = again.duration_since(until);
    assert!(answer.status.is_none() && !after.is_negative() && after <= SignedDuration::from_mins(5), "{again}");
}

#[tokio::test]
async fn those_who_were_held_come_back_one_by_one() {
    let network = Network::default();
    network.set("https://a.example.org/", 429, &[("retry-after", "3600")], "");
    let (poller, _) = shared(&network, limits());
    first_poll(&poller, "https://a.example.org/").await;
    let mut times = Vec::new();
    for n in 0..60 {
        let answer = first_poll(&poller, &format!("https://b{n}.example.org/")).await;
        waits_for(&answer, hold("", 3600).until);
        let Verdict::NotYet(again) = answer.verdict else { unreachable!("it waits") };
        times.push(again);
    }
    times.sort_unstable();
    let most = times
        .iter()
        .map(|at| times.iter().filter(|other| other.duration_since(*at).abs() < SignedDuration::from_secs(5)).count());
    assert!(most.max() <= Some(10), "a herd: {times:?}");
}

#[tokio::test]
async fn a_429_holds_the_registrable_domain() {
    let network = Network::default();
    network.set("https://a.example.co.uk/", 429, &[("retry-after", "Thu, 01 Oct 2026 12:02:00 GMT")], "");
    for open in ["https://other.co.uk/", "https://c.example.com/"] {
        network.document(open);
    }
    let (poller, _) = shared(&network, limits());
    let answer = first_poll(&poller, "https://a.example.co.uk/").await;
    assert_eq!(answer.holds, [hold("domain:example.co.uk", 120)]);
    for held in ["https://b.example.co.uk/", "https://example.co.uk/", "http://a.example.co.uk./"] {
        waits_for(&first_poll(&poller, held).await, hold("", 120).until);
    }
    document(&first_poll(&poller, "https://other.co.uk/").await);
    document(&first_poll(&poller, "https://c.example.com/").await);
}

#[tokio::test]
async fn an_address_is_its_own_domain() {
    let network = Network::default();
    network.set("http://192.0.2.7/", 429, &[("retry-after", "60")], "");
    network.set("http://[2001:db8::7]/", 429, &[("retry-after", "60")], "");
    let (poller, _) = shared(&network, limits());
    assert_eq!(first_poll(&poller, "http://192.0.2.7/").await.holds, [hold("domain:192.0.2.7", 60)]);
    assert_eq!(first_poll(&poller, "http://[2001:db8::7]/").await.holds, [hold("domain:[2001:db8::7]", 60)]);
    let other = first_poll(&poller, "http://192.0.2.8/").await;
    assert_eq!(other.status, Some(404), "it was asked");
}

#[tokio::test]
async fn a_429_that_does_not_say_waits_longer_each_time() {
    let network = Network::default();
    network.set("https://example.org/", 429, &[], "");
    for (failures, every, own, others) in
        [(0, 60, 2, 1), (1, 60, 4, 2), (0, 20, 1, 1), (9, 60, 24, 24), (0, 1440, 48, 1)]
    {
        let (poller, _) = shared(&network, limits());
        let target = Target { every: SignedDuration::from_mins(every), ..target("https://example.org/") };
        let answer = poller.poll(&target, &FeedMemory { failures, ..memory("https://example.org/") }).await;
        // Jitter adds up to a tenth.
        let about = |until: Timestamp| until.duration_since(noon()).as_mins() * 10 / 11;
        let (own, others) = (own * 60, others * 60);
        let found = (answer.freshness.retry.unwrap().until, answer.holds[0].until);
        assert!((own * 10 / 11..=own).contains(&about(found.0)), "{failures} {every}: {}", found.0);
        assert!((others * 10 / 11..=others).contains(&about(found.1)), "{failures} {every}: {}", found.1);
        assert!(found.0 >= noon() + SignedDuration::from_mins(own), "jitter only adds");
    }
}

#[tokio::test]
async fn nonsense_and_eternities_in_retry_after() {
    let network = Network::default();
    let (poller, _) = shared(&network, limits());
    network.set("https://example.org/", 500, &[("retry-after", "soon")], "");
    let answer = first_poll(&poller, "https://example.org/").await;
    assert_eq!((answer.holds, answer.freshness.retry), (vec![], None));
    network.set("https://example.org/", 503, &[("retry-after", "99999999999999999999")], "");
    assert_eq!(first_poll(&poller, "https://example.org/").await.holds, [hold("host:example.org", 7 * 86_400)]);
}

#[tokio::test]
async fn retry_after_on_other_failures_holds_the_feed_alone() {
    let network = Network::default();
    network.set("https://example.org/", 403, &[("retry-after", "60")], "");
    let (poller, _) = shared(&network, limits());
    let answer = first_poll(&poller, "https://example.org/").await;
    assert_eq!((answer.freshness.retry.unwrap().until, answer.holds), (hold("", 60).until, vec![]));
}

#[tokio::test]
async fn holds_survive_a_restart() {
    let network = Network::default();
    network.document("https://www.example.org/");
    let (poller, clock) = shared(&network, limits());
    poller.hold(vec![
        hold("host:www.example.org", 60),
        hold("domain:example.org", 90),
        hold("host:www.example.org", 30),
    ]);
    for (now, expected) in [(0, Some(90)), (60, Some(90)), (90, None)] {
        clock.set(noon() + SignedDuration::from_secs(now));
        let answer = first_poll(&poller, "https://www.example.org/").await;
        match expected {
            Some(until) => waits_for(&answer, hold("", until).until),
            None => assert_eq!(document(&answer), FEED),
        }
    }
}

#[tokio::test]
async fn a_hold_stops_those_who_wait_for_their_turn() {
    let network = Network::default();
    network.set("https://example.org/", 429, &[("retry-after", "60")], "");
    let gate = network.gate("example.org");
    let (poller, _) = shared(&network, Limits { per_host: 1, ..limits() });
    let mut polls = JoinSet::new();
    for _ in 0..5 {
        let poller = Arc::clone(&poller);
        polls.spawn(async move { first_poll(&poller, "https://example.org/").await });
    }
    settle().await;
    gate.add_permits(5);
    let answers = polls.join_all().await;
    let held = answers.iter().filter(|answer| matches!(answer.verdict, Verdict::NotYet(_))).count();
    assert_eq!((held, network.asked().len()), (4, 1));
}

#[tokio::test]
async fn no_more_than_per_host_at_once_and_a_slow_host_delays_nobody_else() {
    let network = Network::default();
    let gate = network.gate("slow.example");
    let (poller, _) = shared(&network, Limits { per_host: 2, concurrency: 3, ..limits() });
    let mut polls = JoinSet::new();
    for n in 0..20 {
        let (poller, url) = (Arc::clone(&poller), format!("https://slow.example/{n}"));
        network.document(&url);
        polls.spawn(async move { first_poll(&poller, &url).await });
    }
    settle().await;
    assert_eq!(network.most_at_once("slow.example"), 2);
    for n in 0..20 {
        let url = format!("https://fast{n}.example/");
        network.document(&url);
        document(&first_poll(&poller, &url).await);
    }
    gate.add_permits(20);
    for answer in polls.join_all().await {
        document(&answer);
    }
    assert_eq!(network.most_at_once("slow.example"), 2);
}

#[tokio::test]
async fn no_more_than_concurrency_at_once_everywhere() {
    let network = Network::default();
    let gates: Vec<_> = (0..6).map(|n| network.gate(&format!("h{n}.example"))).collect();
    let (poller, _) = shared(&network, Limits { concurrency: 2, ..limits() });
    let mut polls = JoinSet::new();
    for n in 0..6 {
        let poller = Arc::clone(&poller);
        polls.spawn(async move { first_poll(&poller, &format!("https://h{n}.example/")).await });
    }
    settle().await;
    assert_eq!(network.asked().len(), 2);
    // New limits hold for those who start from now on.
    poller.set_limits(Limits { concurrency: 4, ..limits() });
    for gate in gates {
        gate.add_permits(1);
    }
    assert_eq!(polls.join_all().await.len(), 6);
}

#[tokio::test]
async fn starts_are_an_interval_apart_redirects_included() {
    let network = Network::default();
    network.redirect("https://example.org/0", 302, "/final");
    for path in ["final", "1", "2"] {
        network.document(&format!("https://example.org/{path}"));
    }
    let interval = SignedDuration::from_secs(60);
    let (poller, clock) = shared(&network, Limits { per_host: 3, per_host_interval: interval, ..limits() });
    let mut polls = JoinSet::new();
    for n in 0..3 {
        let poller = Arc::clone(&poller);
        polls.spawn(async move { first_poll(&poller, &format!("https://example.org/{n}")).await });
    }
    for asked in 1..=4 {
        settle().await;
        assert_eq!(network.asked().len(), asked, "one start in each interval");
        clock.advance(SignedDuration::from_millis(59_999));
        settle().await;
        assert_eq!(network.asked().len(), asked);
        clock.advance(SignedDuration::from_millis(1));
    }
    let answers = polls.join_all().await;
    assert!(answers.iter().all(|answer| matches!(answer.verdict, Verdict::Document { .. })));
    let last = answers.iter().flat_map(|answer| &answer.holds).map(|hold| hold.until).max();
    assert_eq!(last, Some(noon() + SignedDuration::from_secs(240)));
}

#[tokio::test]
async fn the_interval_survives_a_restart() {
    let network = Network::default();
    network.document("https://example.org/");
    let interval = Limits { per_host_interval: SignedDuration::from_secs(3600), ..limits() };
    let (before, _) = shared(&network, interval.clone());
    let holds = first_poll(&before, "https://example.org/").await.holds;
    assert_eq!(holds, [hold("asked:example.org", 3600)]);

    let (after, clock) = shared(&network, interval);
    after.hold(holds);
    let polling = tokio::task::JoinSet::from_iter([async move { first_poll(&after, "https://example.org/").await }]);
    settle().await;
    assert_eq!(network.asked().len(), 1);
    clock.advance(SignedDuration::from_secs(3600));
    document(&polling.join_all().await[0]);
}

#[tokio::test]
async fn a_clock_that_was_set_back_delays_nobody() {
    let network = Network::default();
    network.document("https://example.org/");
    let (poller, clock) = shared(&network, Limits { per_host_interval: SignedDuration::from_secs(60), ..limits() });
    document(&first_poll(&poller, "https://example.org/").await);
    clock.set(noon() - SignedDuration::from_hours(5));
    document(&first_poll(&poller, "https://example.org/").await);
}

#[tokio::test]
async fn waiting_for_a_turn_does_not_count_against_the_timeout() {
    use super::server::{Act, Server, ok};
    let server = Server::always(Act::Reply(ok(&[], FEED))).await;
    let spaced =
        Limits { per_host: 1, per_host_interval: SignedDuration::from_millis(300), timeout: SHORT, ..limits() };
    let fetch = Arc::new(HttpFetch::new().unwrap());
    let poller = Arc::new(Poller::new(fetch, Arc::new(SystemClock), Arc::new(Chance::seeded(1)), spaced));
    let began = SystemClock.now();
    let mut polls = JoinSet::new();
    for _ in 0..3 {
        let (poller, url) = (Arc::clone(&poller), server.url.clone());
        polls.spawn(async move { first_poll(&poller, &url).await });
    }
    for answer in polls.join_all().await {
        document(&answer);
    }
    assert!(SystemClock.now().duration_since(began) >= SignedDuration::from_millis(600));
}
