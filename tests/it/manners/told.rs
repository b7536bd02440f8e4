//! Hubs over weeks: a clock that is moved, a network that is made up, and calls handed in as the web server would.

use std::sync::{Arc, Mutex};

use http::{Method, Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use newswatch::daemon::Assembly;
use newswatch::poll::{Fetch as _, FetchError, Hop, HttpFetch, Reply};
use url::form_urlencoded;

use super::stage::{DAY, HOUR};
use super::world::{World, reply};
use crate::harness::hub::{sign, with_hub};
use crate::harness::items::{Entry, rss};

const HUB: &str = "https://hub.example/";
const FEED: &str = "https://feeds.example/a.xml";
/// Keys of the last feed, and tables that come after it. Nothing but the hub is to make polls rare.
const WEB: &str = "adaptive = false\n[web]\nlisten = \"127.0.0.1:1\"\npublic_url = \"https://news.example.org\"\n";

/// A feed, its hub, and a program that runs on and on.
struct Told {
    world: World,
    program: Arc<Assembly>,
    /// What the feed holds.
    document: Arc<Mutex<Vec<Entry>>>,
    /// What the hub was asked, and when.
    asked: Arc<Mutex<Vec<Form>>>,
    /// What the hub answers.
    status: Arc<Mutex<u16>>,
}

#[derive(Debug, Clone)]
struct Form(Vec<(String, String)>);

impl Form {
    fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl Told {
    async fn start() -> Self {
        Self::refused(Vec::new(), 202).await
    }

    /// The same with a hub that answers with this.
    async fn refused(headers: Vec<(&'static str, &'static str)>, status: u16) -> Self {
        let document = Arc::new(Mutex::new(Vec::new()));
        let (asked, status) = (Arc::<Mutex<Vec<Form>>>::default(), Arc::new(Mutex::new(status)));
        let server = {
            let (document, asked, status) = (Arc::clone(&document), Arc::clone(&asked), Arc::clone(&status));
            move |hop: &Hop| -> Result<Reply, FetchError> {
                if let Some(form) = &hop.form {
                    let form = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
                    asked.lock().unwrap().push(Form(form));
                    return Ok(reply(*status.lock().unwrap(), &headers, ""));
                }
                let entries: Vec<Entry> = document.lock().unwrap().clone();
                Ok(reply(200, &[("content-type", "application/rss+xml")], &with_hub(&entries, HUB, FEED)))
            }
        };
        let world = World::new([FEED.to_owned()], server).configured(WEB);
        let program = world.start().await;
        program.listen();
        let told = Self { world, program, document, asked, status };
        told.publish("first", 0);
        told.turn(60).await;
        told
    }

    /// Time goes by, what is due is polled, and hubs are asked what is due. How often the feed was polled.
    async fn turn(&self, seconds: i64) -> usize {
        self.world.clock.advance(SignedDuration::from_secs(seconds));
        let pass = self.program.pass(false, false).await.unwrap();
        self.program.turn_to_hubs().await.unwrap();
        pass.polled
    }

    /// So many hours, in steps of twenty minutes; how often the feed was polled. At its own pace that is once in an hour and
    /// twenty minutes, because of the jitter.
    async fn hours(&self, hours: i64) -> usize {
        let mut polled = 0;
        for _ in 0..hours * 3 {
            polled += self.turn(HOUR / 3).await;
        }
        polled
    }

    /// The feed has a new item, which was published so many hours ago.
    fn publish(&self, id: &str, hours_ago: i64) -> String {
        let published = self.now() - SignedDuration::from_hours(hours_ago);
        let entry = Entry { published: Some(published), ..Entry::new(id, &format!("The {id} story")) };
        self.document.lock().unwrap().insert(0, entry.clone());
        rss(&[entry])
    }

    fn now(&self) -> Timestamp {
        newswatch::clock::Clock::now(&*self.world.clock)
    }

    fn asked(&self) -> Vec<Form> {
        self.asked.lock().unwrap().clone()
    }

    /// Somebody calls at the callback of this form.
    async fn call(&self, form: &Form, query: &str, body: Option<&str>) -> StatusCode {
        let uri = format!("{}?{query}", form.field("hub.callback").strip_prefix("https://news.example.org").unwrap());
        let mut request = Request::builder().uri(uri);
        if let Some(body) = body {
            let signature = sign("sha256", form.field("hub.secret"), body);
            request = request.method(Method::POST).header("x-hub-signature", signature);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let pages = self.program.pages();
        match pages.admit(&head).await {
            Ok(_) => pages.answer(head, body.unwrap_or_default().into()).await.status(),
            Err(answer) => answer.status(),
        }
    }

    /// The hub confirms the last thing that it was asked.
    async fn confirm(&self, lease: i64) -> Form {
        let form = self.asked().pop().expect("the hub was asked");
        let mode = form.field("hub.mode");
        let query = format!("hub.mode={mode}&hub.topic={FEED}&hub.challenge=x&hub.lease_seconds={lease}");
        assert_eq!(self.call(&form, &query, None).await, StatusCode::OK, "{form:?}");
        self.turn(1).await;
        form
    }

    fn number(&self, sql: &str) -> i64 {
        self.world.number(sql).unwrap_or(-1)
    }

    fn items(&self) -> i64 {
        self.number("SELECT count(*) FROM item")
    }

    fn misses(&self) -> i64 {
        self.number("SELECT json_extract(dealings, '$.misses') FROM subscription")
    }
}

/// A hub that tells, and one that forgets to | while it tells, the feed is polled six times as rarely, and once a day at least; two items
/// that polls find and that were not told within two hours cost it a week of trust | rule 55
#[tokio::test]
async fn c125_a_hub_that_forgets() {
    let told = Told::start().await;
    let form = told.confirm(10 * DAY).await;
    told.hours(2).await;
    let polled = told.hours(48).await;
    assert!((7..=8).contains(&polled), "{polled} polls in two days");
    for (items, id) in (2..).zip(["tunnel", "bridge"]) {
        let body = told.publish(id, 0);
        assert_eq!(told.call(&form, "", Some(&body)).await, StatusCode::OK);
        assert_eq!(told.items(), items, "told before any poll");
        told.hours(12).await;
    }
    assert_eq!(told.misses(), 0, "what was told is not missed");
    // Published right after a poll, and never told.
    for (missed, id) in (0..).zip(["treaty", "budget"]) {
        while told.turn(600).await == 0 {}
        told.turn(600).await;
        told.publish(id, 0);
        assert_eq!(told.misses(), missed);
        told.hours(7).await;
    }
    assert!(
        told.number("SELECT json_extract(dealings, '$.distrusted_at') FROM subscription") > 0,
        "it is not relied on"
    );
    let polled = told.hours(24).await;
    assert!(polled >= 17, "{polled} polls in a day without trust");
    assert_eq!(
        told.call(&form, "", Some(&told.publish("late", 0))).await,
        StatusCode::OK,
        "what it tells is still taken"
    );
    let before = told.asked().len();
    while told.asked().len() == before {
        told.turn(HOUR / 3).await;
    }
    told.confirm(14 * DAY).await;
    assert!(told.hours(24).await >= 17, "it is asked anew, but not relied on");
    told.hours(6 * 24).await;
    told.hours(2).await;
    let polled = told.hours(24).await;
    assert!(polled <= 5, "{polled} polls in a day: after a week it is relied on again");
}

/// A hub whose lease ends, as it does not answer when it is asked anew, is relied on to the last second, and then no more.
#[tokio::test]
async fn a_lease_that_is_not_renewed_ends() {
    let told = Told::start().await;
    told.confirm(2 * DAY).await;
    *told.status.lock().unwrap() = 503;
    told.hours(2).await;
    assert!(told.hours(42).await <= 8);
    let asked = told.asked().len();
    assert!((4..=7).contains(&asked), "{asked} requests, ever more rarely");
    told.hours(6).await;
    assert!(told.hours(24).await >= 17, "plain polling");
    let before = told.asked().len();
    told.hours(30 * 24).await;
    let more = told.asked().len() - before;
    assert!((3..=8).contains(&more), "{more} requests in a month");
    *told.status.lock().unwrap() = 202;
    told.hours(8 * 24).await;
    assert!(told.asked().len() > before + more);
}

/// What a hub tells while the program is not there is found by polls, at their own pace again after a start; and so it is after
/// a time in which hubs could not reach it.
#[tokio::test]
async fn a_start_does_not_wait_for_what_was_told_before_it() {
    let mut told = Told::start().await;
    told.confirm(10 * DAY).await;
    told.hours(2).await;
    assert_eq!(told.hours(3).await, 0, "polls are rare");
    told.program.close().await.unwrap();
    told.publish("untold", 0);
    told.program = told.world.start().await;
    assert_eq!((told.turn(60).await, told.items()), (1, 2), "more than an hour has passed");
    told.program.listen();
    told.turn(60).await;
    told.hours(2).await;
    assert_eq!(told.hours(3).await, 0, "polls are rare again");
    told.program.stop_listening();
    assert!(told.turn(1).await + told.turn(1).await >= 1, "nobody listens");
    assert!(told.hours(6).await >= 4);
}

/// A hub that asks to be left alone is left alone until then, however soon it would be asked again.
#[tokio::test]
async fn what_a_hub_says_of_when_to_come_again_is_obeyed() {
    let told = Told::refused(vec![("retry-after", "172800")], 429).await;
    assert_eq!(told.asked().len(), 1);
    told.hours(46).await;
    assert_eq!(told.asked().len(), 1);
    told.hours(6).await;
    assert!(told.asked().len() >= 2, "{}", told.asked().len());
}

/// A hub at a private address behind https, and one that redirects there: nobody connects. The other half of case 126.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_at_a_private_address_is_not_connected_to() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let http = HttpFetch::new().unwrap();
    for (hub, redirects) in [
        (format!("https://127.0.0.1:{port}/"), false),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), false),
        (format!("https://2130706433:{port}/"), false),
        (format!("https://localhost:{port}/"), false),
        ("https://hub.example/".to_owned(), true),
    ] {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = {
            let (hub, http, asked) = (hub.clone(), http.clone(), Arc::clone(&asked));
            move |hop: &Hop| -> Result<Reply, FetchError> {
                if hop.form.is_none() {
                    return Ok(reply(200, &[], &with_hub(&[Entry::new("a", "A story")], &hub, FEED)));
                }
                asked.lock().unwrap().push(hop.url.to_string());
                if redirects && hop.url.host_str() == Some("hub.example") {
                    let to = format!("https://127.0.0.1:{port}/");
                    return Ok(reply(307, &[("location", &to)], ""));
                }
                let (http, hop) = (http.clone(), hop.clone());
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(http.exchange(hop)))
            }
        };
        let world = World::new([FEED.to_owned()], server).configured(WEB);
        let program = world.start().await;
        program.listen();
        program.pass(false, false).await.unwrap();
        program.turn_to_hubs().await.unwrap();
        assert!(
            asked.lock().unwrap().iter().any(|url| url.contains(&port.to_string())),
            "{hub}: it was asked for nothing"
        );
        let why =
            world.number("SELECT json_extract(dealings, '$.why') LIKE '%not a public address%' FROM subscription");
        assert_eq!(why, Some(1), "{hub}");
        assert!(listener.accept().is_err(), "{hub}: somebody connected");
        program.close().await.unwrap();
    }
}
