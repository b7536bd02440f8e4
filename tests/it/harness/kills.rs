//! The real program, killed again and again at moments chosen by a seed, with mail going out all the while.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::feeds::{Answer, Origin, Request};
use super::inbox::{Inbox, Offer, Phase, Reply};
use super::items::rss;
use super::level::{self, Level};
use super::moods::{self, Dealt};
use super::newswatch::Newswatch;
use super::press::{Dice, Page, Press, tokens_in};
use super::proof::{Breach, Delivery, Figures, History, judge, missing};
use super::running::Running;

/// Feeds under watch.
const OUTLETS: usize = 6;
/// Who is mailed.
const RECIPIENTS: [&str; 2] = ["desk@example.org", "night@example.org"];
/// No life is longer: the longest delay before a kill.
const LIFE_MAX: Duration = Duration::from_secs(3);
/// What a document can be on its way from the wire into the database, at most.
const COMMIT_MAX: Duration = Duration::from_millis(60);
/// How long the last life, which nobody ends, may take to mail what is left.
const LAST_LIFE_MAX: Duration = Duration::from_mins(2);
/// Messages that a long life gets through before it ends, at most.
const LONG_LIFE: u64 = 200;
/// How long that may take.
const LONG_LIFE_MAX: Duration = Duration::from_secs(20);

/// All that a run of kills needs.
struct Scene {
    began: Instant,
    dice: Dice,
    press: Arc<Mutex<Press>>,
    /// Documents handed out so far.
    handed: Arc<Level<usize>>,
    inbox: Inbox,
    newswatch: Newswatch,
    killed: Vec<Option<Duration>>,
    /// What has been read of the messages so far.
    deliveries: Vec<Delivery>,
    /// Messages may have been shortened.
    shortens: bool,
    _origin: Origin,
}

/// What became of a run in which everything went wrong.
pub(crate) struct Chaos {
    pub(crate) figures: Figures,
    pub(crate) dealt: Dealt,
    /// Dead letters that were tried again by hand.
    pub(crate) retried: usize,
}

/// Kills the program so often, lets it finish, and judges what was seen.
///
/// # Errors
/// What the judge found wrong.
pub(crate) fn prove(kills: usize, seed: u64) -> Result<Figures, Vec<Breach>> {
    let mut scene = Scene::new(seed);
    moods::mild(&scene.inbox, !seed);
    for kill in 0..kills {
        scene.one_life(kill % 3);
    }
    scene.last_life();
    scene.judged()
}

/// Kills the program again and again, with a mail server that misbehaves at every stage, until so many messages have come
/// through; then lets it finish, and judges what was seen.
///
/// # Errors
/// What the judge found wrong.
pub(crate) fn survive(messages: usize, seed: u64) -> Result<Chaos, Vec<Breach>> {
    let mut scene = Scene::new(seed);
    scene.shortens = true;
    let dealt = moods::wild(&scene.inbox, !seed);
    let (mut retried, mut kill) = (0, 0);
    while scene.inbox.taken() < messages {
        scene.one_life(kill % 4);
        kill += 1;
        if kill.is_multiple_of(8) {
            retried += scene.retry_dead_letters();
        }
    }
    moods::calm(&scene.inbox);
    retried += scene.retry_dead_letters();
    scene.last_life();
    Ok(Chaos { figures: scene.judged()?, dealt, retried })
}

impl Scene {
    fn new(seed: u64) -> Self {
        let press = Arc::new(Mutex::new(Press::new(seed, OUTLETS)));
        let handed = Arc::new(Level::new(0));
        let (origin, inbox) = (Origin::start(), Inbox::start());
        let recipients = format!("[{}]", RECIPIENTS.map(|name| format!("'{name}'")).join(", "));
        let mut newswatch = Newswatch::new()
            .mail(&inbox)
            .set("mail", "to", &recipients)
            .set("mail", "retry", "['100ms']")
            .set("mail", "unheard", "'100ms'")
            .set("fetch", "every", "'300ms'")
            .set("fetch", "min_every", "'300ms'")
            .set("fetch", "per_host", "4")
            .watch("veto", "veto");
        for outlet in 0..OUTLETS {
            let path = format!("/outlet-{outlet}.xml");
            newswatch = newswatch.feed(&format!("outlet-{outlet}"), &origin.url(&path));
            let (press, handed) = (Arc::clone(&press), Arc::clone(&handed));
            origin.respond(&path, move |request| page(&press, &handed, outlet, request));
        }
        let (began, dice) = (level::now(), Dice::new(seed));
        let (killed, deliveries, shortens) = (Vec::new(), Vec::new(), false);
        Self { began, dice, press, handed, inbox, newswatch, killed, deliveries, shortens, _origin: origin }
    }

    /// Starts the program and ends it in mid-flight. Some lives end while a document is read and stored, some at the very
    /// moment when a message has come in, some after many messages, the others anywhere.
    fn one_life(&mut self, kind: usize) {
        let handed = *self.handed.lock();
        let mut daemon = self.newswatch.spawn(&["run"]);
        match kind {
            0 => pass(self.delay(LIFE_MAX)),
            1 => {
                self.handed.wait(LIFE_MAX, |count| (*count > handed).then_some(()));
                pass(self.delay(COMMIT_MAX));
            }
            3 => {
                let most = self.inbox.taken() + usize::try_from(1 + self.dice.below(LONG_LIFE)).unwrap();
                self.inbox.wait_taken(LONG_LIFE_MAX, most);
            }
            _ => drop(self.inbox.wait_offer(LIFE_MAX)),
        }
        daemon.kill();
        self.killed.push(Some(level::now() - self.began));
        self.inbox.next_life();
    }

    /// A delay of which each order of magnitude is as likely as the next, from 0.2 ms up to
    /// `longest`.
    fn delay(&mut self, longest: Duration) -> Duration {
        let shortest = Duration::from_micros(200);
        let orders_of_magnitude = longest.div_duration_f64(shortest).ln();
        shortest.mul_f64((self.dice.fraction() * orders_of_magnitude).exp())
    }

    /// Has dead letters tried again, as whoever reads the status page would. How many there were.
    fn retry_dead_letters(&self) -> usize {
        let rows = self.newswatch.list(&["mail", "list", "--limit", "0"]);
        let dead: Vec<String> =
            rows.iter().filter(|row| row["state"] == "dead").map(|row| row["id"].to_string()).collect();
        for id in &dead {
            self.newswatch.run(&["mail", "retry", id]).ok();
        }
        dead.len()
    }

    /// Publishes nothing more, lets the program mail all that is left, and stops it.
    fn last_life(&mut self) {
        self.press.lock().unwrap().close();
        self.inbox.always(Phase::Dot, Reply::Normal);
        let mut daemon = self.newswatch.start();
        self.killed.push(None);
        let (mut history, began) = (self.history(), self.began);
        let all_told = self.inbox.wait_offers(LAST_LIFE_MAX, |offers| {
            read_on(&mut history.deliveries, offers, began);
            missing(&history).is_empty()
        });
        self.deliveries = history.deliveries;
        if all_told {
            self.no_row_is_waiting(&daemon);
        }
        daemon.stop();
    }

    fn judged(&mut self) -> Result<Figures, Vec<Breach>> {
        let figures = judge(&self.history());
        if figures.is_ok() {
            self.check_rows();
        }
        figures
    }

    /// Waits until the program has recorded all that the server took.
    fn no_row_is_waiting(&self, daemon: &Running) {
        assert!(daemon.pid() > 0);
        self.newswatch.until_status("an outbox with nothing in it", |status| status["mail"]["waiting"] == 0);
    }

    /// What the program believes afterwards is what the server knows: each mail sent, none that the server did not see; and
    /// another pass finds nothing to say.
    fn check_rows(&self) {
        let before = self.inbox.offers();
        let mut ids: Vec<_> =
            before.iter().filter(|offer| offer.taken).map(|offer| offer.letter().message_id).collect();
        ids.sort();
        ids.dedup();
        let rows = self.newswatch.list(&["mail", "list", "--limit", "0"]);
        let mut listed: Vec<_> =
            rows.iter().map(|row| row["message_id"].as_str().unwrap_or_default().to_owned()).collect();
        listed.sort();
        assert!(rows.iter().all(|row| row["state"] == "sent"), "a mail is not settled: {rows:?}");
        assert_eq!(listed, ids, "the outbox and the server disagree");
        self.newswatch.once();
        assert_eq!(self.inbox.offers().len(), before.len(), "a pass after the end sent mail");
    }

    fn history(&mut self) -> History {
        read_on(&mut self.deliveries, &self.inbox.offers(), self.began);
        let press = self.press.lock().unwrap();
        History {
            published: press.published().to_vec(),
            recipients: RECIPIENTS.map(str::to_owned).to_vec(),
            killed: self.killed.clone(),
            deliveries: self.deliveries.clone(),
            unconditional: press.unconditional(),
            shortens: self.shortens,
        }
    }
}

/// Reads the messages that were not read yet.
fn read_on(deliveries: &mut Vec<Delivery>, offers: &[Offer], began: Instant) {
    let delivery = |offer: &Offer| {
        let letter = offer.letter();
        Delivery {
            life: offer.life,
            at: offer.at - began,
            recipient: offer.to.join(","),
            message_id: letter.message_id,
            bytes: offer.raw.clone(),
            tokens: tokens_in(&format!("{} {} {}", letter.subject, letter.text, letter.html)),
            taken: offer.taken,
            cut: offer.cut,
        }
    };
    deliveries.extend(offers[deliveries.len()..].iter().map(delivery));
}

/// What an outlet's page says to a request; a document is counted.
fn page(press: &Mutex<Press>, handed: &Level<usize>, outlet: usize, request: &Request) -> Answer {
    let validator = request.header("if-none-match").map(|value| String::from_utf8_lossy(value).into_owned());
    match press.lock().unwrap().answer(outlet, validator.as_deref()) {
        Page::Same => Answer::status(304).header("ETag", validator.unwrap_or_default()),
        Page::Document { validator, entries, .. } => {
            handed.change(|count| *count += 1);
            Answer::feed(rss(&entries)).header("ETag", validator)
        }
    }
}

/// Lets time pass. Here, and only here, a moment is what is being tested, not something that is waited for.
fn pass(moment: Duration) {
    let _ = level::Level::new(()).wait(moment, |()| None::<()>);
}
