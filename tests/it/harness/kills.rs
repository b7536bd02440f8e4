//! The real program, killed again and again at moments chosen by a seed, with mail going out all the while.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::feeds::{Answer, Origin, Request};
use super::inbox::{Inbox, Offer, Phase, Reply};
use super::items::rss;
use super::level::{self, Level};
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
    _origin: Origin,
}

/// Kills the program so often, lets it finish, and judges what was seen.
///
/// # Errors
/// What the judge found wrong.
pub(crate) fn prove(kills: usize, seed: u64) -> Result<Figures, Vec<Breach>> {
    let mut scene = Scene::new(seed);
    for kill in 0..kills {
        scene.one_life(kill);
    }
    scene.last_life();
    let figures = judge(&scene.history());
    if figures.is_ok() {
        scene.check_rows();
    }
    figures
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
        let answers = Mutex::new(Dice::new(!seed));
        inbox.choose(Phase::Dot, move |_| moody(&mut answers.lock().unwrap()));
        let (began, dice) = (level::now(), Dice::new(seed));
        Self { began, dice, press, handed, inbox, newswatch, killed: Vec::new(), _origin: origin }
    }

    /// Starts the program and ends it in mid-flight. A third of the lives end while a document is read and stored, a third
    /// at the very moment when a message has come in, the others anywhere.
    fn one_life(&mut self, kill: usize) {
        let handed = *self.handed.lock();
        let mut daemon = self.newswatch.spawn(&["run"]);
        match kill % 3 {
            0 => pass(self.delay(LIFE_MAX)),
            1 => {
                self.handed.wait(LIFE_MAX, |count| (*count > handed).then_some(()));
                pass(self.delay(COMMIT_MAX));
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

    /// Publishes nothing more, lets the program mail all that is left, and stops it.
    fn last_life(&mut self) {
        self.press.lock().unwrap().close();
        self.inbox.choose(Phase::Dot, |_| Reply::Normal);
        let mut daemon = self.newswatch.start();
        self.killed.push(None);
        let mut history = self.history();
        let all_told = self.inbox.wait_offers(LAST_LIFE_MAX, |offers| {
            history.deliveries = offers.iter().map(|offer| self.delivery(offer)).collect();
            missing(&history).is_empty()
        });
        if all_told {
            self.no_row_is_waiting(&daemon);
        }
        daemon.stop();
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

    fn history(&self) -> History {
        let press = self.press.lock().unwrap();
        History {
            published: press.published().to_vec(),
            recipients: RECIPIENTS.map(str::to_owned).to_vec(),
            killed: self.killed.clone(),
            deliveries: self.inbox.offers().iter().map(|offer| self.delivery(offer)).collect(),
            unconditional: press.unconditional(),
        }
    }

    fn delivery(&self, offer: &Offer) -> Delivery {
        let letter = offer.letter();
        Delivery {
            life: offer.life,
            at: offer.at - self.began,
            recipient: offer.to.join(","),
            message_id: letter.message_id,
            bytes: offer.raw.clone(),
            tokens: tokens_in(&format!("{} {} {}", letter.subject, letter.text, letter.html)),
            taken: offer.taken,
            cut: offer.cut,
        }
    }
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

/// A mail server with moods: mostly it takes a message, at once or after a moment; now and then it refuses it for now, or
/// takes it and hangs up.
fn moody(dice: &mut Dice) -> Reply {
    match dice.below(20) {
        0 => Reply::Say("451 4.3.0 try again"),
        1 => Reply::Cut,
        2..10 => Reply::Slow(Duration::from_millis(1 + dice.below(30))),
        _ => Reply::Normal,
    }
}

/// Lets time pass. Here, and only here, a moment is what is being tested, not something that is waited for.
fn pass(moment: Duration) {
    let _ = level::Level::new(()).wait(moment, |()| None::<()>);
}
