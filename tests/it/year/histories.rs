//! Random histories: items, reloads with renamed watches, crashes in the middle of a delivery, outages of the mail server for
//! more than a day, clocks that jump, and silences that come and go. Whatever happens, nothing is told twice, nothing that
//! was not silenced is lost, and nothing that was is told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use newswatch::alert::{MuteId, Muted};
use newswatch::chance::Chance;
use newswatch::clock::{Clock, SetClock};
use newswatch::config::{self, Env, Settings};
use newswatch::daemon::{Assembly, Seams, open_store};
use newswatch::deliver::transport::{DotGate, Letter, Relay};
use newswatch::deliver::{Ending, Outcome, Phase};
use newswatch::poll::Fetch;
use newswatch::store::{ItemFilter, MuteWish};
use tokio::sync::Notify;

use super::{FEEDS, Office, World, is_digest, is_watched, tokens};

/// Hours between two passes.
const STEP: i64 = 2;

/// A digest waits for no longer than so many passes.
const DIGEST_WITHIN: usize = 16;

/// The mail server, in front of which the process dies now and then, and which is away for a day and more.
struct Doom {
    office: Arc<Office>,
    clock: Arc<SetClock>,
    chance: Chance,
    crash: Notify,
    /// Crashes after the server had taken a mail and before that was recorded.
    unrecorded: Mutex<u32>,
    away_until: Mutex<Timestamp>,
}

#[async_trait]
impl Relay for Doom {
    async fn offer(&self, letter: &Letter<'_>, gate: &mut dyn DotGate) -> Outcome {
        if self.clock.now() < *self.away_until.lock().unwrap() {
            return Outcome { phase: Phase::Connect, ending: Ending::Silence("away".to_owned()) };
        }
        let calm = *self.office.calm.lock().unwrap();
        let luck = if calm { 1.0 } else { self.chance.unit() };
        if luck < 0.01 {
            return self.die().await;
        }
        let before = self.office.taken.lock().unwrap().len();
        let outcome = self.office.offer(letter, gate).await;
        if luck < 0.03 {
            if self.office.taken.lock().unwrap().len() > before {
                *self.unrecorded.lock().unwrap() += 1;
            }
            return self.die().await;
        }
        outcome
    }
}

impl Doom {
    async fn die(&self) -> Outcome {
        self.crash.notify_one();
        std::future::pending().await
    }
}

/// A silence: which kind of item it is about, and in which passes it was in force as far as the clock allowed.
struct Hush {
    id: MuteId,
    veto: bool,
    from_pass: usize,
    to_pass: usize,
    until: Timestamp,
}

/// A world with its history.
struct History {
    world: World,
    doom: Arc<Doom>,
    fate: Chance,
    /// The clock at each pass.
    passes: Vec<Timestamp>,
    /// In which pass each item was stored.
    seen: BTreeMap<String, usize>,
    hushes: Vec<Hush>,
    crashes: u32,
    reloads: usize,
}

impl History {
    fn new(seed: u64) -> Self {
        let world = World::new(seed);
        let doom = Doom {
            office: Arc::clone(&world.office),
            clock: Arc::clone(&world.clock),
            chance: Chance::seeded(seed ^ 0xD003),
            crash: Notify::new(),
            unrecorded: Mutex::default(),
            away_until: Mutex::new(Timestamp::MIN),
        };
        Self {
            world,
            doom: Arc::new(doom),
            fate: Chance::seeded(seed ^ 0xFA7E),
            passes: Vec::new(),
            seen: BTreeMap::new(),
            hushes: Vec::new(),
            crashes: 0,
            reloads: 0,
        }
    }

    /// What the watches are called: each reload renames them, to and fro.
    fn names(&self) -> [(&str, &str); 2] {
        if self.reloads.is_multiple_of(2) {
            [("veto", "block"), ("sport", "games")]
        } else {
            [("block", "veto"), ("games", "sport")]
        }
    }

    fn settings(&self) -> Settings {
        let [(veto, veto_was), (sport, sport_was)] = self.names();
        let feed = |n| format!("[[feed]]\nname = \"feed{n}\"\nurl = \"http://feed{n}.example/rss\"\n");
        let watch = |name, was, when| {
            let was = if self.reloads == 0 { String::new() } else { format!("was = \"{was}\"\n") };
            format!(
                "[[watch]]\nname = \"{name}\"\n{was}when = \"{when}\"\nrepeat = \"item\"\nsend = [\"now\", \"evening\"]\n\
                 title = \"Title {}\"\n",
                self.reloads
            )
        };
        let text = "[mail]\nfrom = \"newswatch@example.org\"\nto = [\"a@example.org\", \"b@example.org\"]\nsmtp = \"file:unused\"\n\
                    time_zone = \"Europe/Brussels\"\n[fetch]\nevery = \"3h\"\nbacklog = \"all\"\nper_host_interval = \"0s\"\n\
                    [[digest]]\nname = \"evening\"\nat = [\"02:30\", \"18:00\"]\n"
            .to_owned()
            + &watch(veto, veto_was, "threatens NEAR/4 veto")
            + &watch(sport, sport_was, "football")
            + &(0..FEEDS).map(feed).collect::<String>();
        let dir: &Path = self.world.dir.path();
        let loaded = config::load_text("history.toml", &text, dir, &Env::empty(dir).with("XDG_STATE_HOME", dir));
        let findings: Vec<String> = loaded.findings.iter().map(|finding| finding.render(false)).collect();
        loaded.settings.unwrap_or_else(|| panic!("{}", findings.join("\n")))
    }

    async fn start(&self) -> Arc<Assembly> {
        let settings = self.settings();
        let store = open_store(&settings).await.unwrap();
        let doom = Arc::clone(&self.doom);
        let seams = Seams {
            clock: Arc::clone(&self.world.clock) as Arc<dyn Clock>,
            chance: Arc::new(Chance::seeded(self.passes.len() as u64)),
            fetch: Arc::clone(&self.world.press) as Arc<dyn Fetch>,
            relay: Arc::new(move |_| Ok(Arc::clone(&doom) as Arc<dyn Relay>)),
        };
        Arc::new(Assembly::new(settings, store, seams).await.unwrap())
    }

    /// What happens between two passes.
    async fn between(&mut self, daemon: Arc<Assembly>) -> Arc<Assembly> {
        let now = self.world.clock.now();
        match self.fate.unit() {
            luck if luck < 0.02 => {
                daemon.close().await.unwrap();
                drop(daemon);
                return self.start().await;
            }
            luck if luck < 0.05 => {
                self.reloads += 1;
                daemon.renew(self.settings()).await.unwrap();
            }
            luck if luck < 0.06 => {
                let hours = 12 + i64::try_from(self.passes.len() % 30).unwrap();
                *self.doom.away_until.lock().unwrap() = now + SignedDuration::from_hours(hours);
            }
            luck if luck < 0.12 => {
                let veto = self.fate.unit() < 0.5;
                let [(veto_name, _), (sport_name, _)] = self.names();
                let what = Muted::Watch(if veto { veto_name } else { sport_name }.to_owned());
                let until = now + SignedDuration::from_hours(1 + i64::try_from(self.passes.len() % 40).unwrap());
                let row =
                    daemon.store().mute(MuteWish { what, recipient: None, since: now, until }).await.unwrap().unwrap();
                let from_pass = self.passes.len();
                self.hushes.push(Hush { id: row.mute.id, veto, from_pass, to_pass: usize::MAX, until });
            }
            luck if luck < 0.15 => {
                if let Some(hush) = self.hushes.last_mut().filter(|hush| hush.to_pass == usize::MAX) {
                    daemon.store().unmute(hush.id, now).await.unwrap();
                    hush.to_pass = self.passes.len();
                }
            }
            _ => {}
        }
        daemon
    }

    async fn pass(&mut self, mut daemon: Arc<Assembly>) -> Arc<Assembly> {
        self.passes.push(self.world.clock.now());
        let crashed = tokio::select! {
            biased;
            () = self.doom.crash.notified() => true,
            passed = daemon.pass(false, false) => { passed.unwrap(); false }
        };
        if crashed {
            // Nothing is closed, nothing more is written.
            self.crashes += 1;
            drop(daemon);
            daemon = self.start().await;
        }
        for item in daemon.store().items(ItemFilter::default()).await.unwrap() {
            let token = item.title.split(' ').nth(1).unwrap().to_owned();
            self.seen.entry(token).or_insert(self.passes.len() - 1);
        }
        daemon
    }

    async fn live(&mut self, hours: i64) {
        let mut daemon = self.start().await;
        for hour in (0..hours).step_by(2) {
            let mut step = SignedDuration::from_hours(STEP);
            if hour >= hours - 72 {
                self.world.calm();
                *self.doom.away_until.lock().unwrap() = Timestamp::MIN;
            } else {
                daemon = self.between(daemon).await;
                match self.fate.unit() {
                    luck if luck < 0.01 => step = SignedDuration::from_hours(-2),
                    luck if luck < 0.02 => step = SignedDuration::from_hours(30),
                    _ => {}
                }
            }
            self.world.clock.advance(step);
            daemon = self.pass(daemon).await;
        }
        daemon.close().await.unwrap();
    }

    /// Whether a kind of item was silenced in a pass.
    fn hushed(&self, veto: bool, pass: usize) -> bool {
        let Some(at) = self.passes.get(pass) else { return false };
        self.hushes
            .iter()
            .any(|hush| hush.veto == veto && hush.from_pass <= pass && pass < hush.to_pass && *at < hush.until)
    }

    fn judge(&self) {
        let taken = self.world.office.taken.lock().unwrap().clone();
        let excused = *self.world.office.silent.lock().unwrap() + *self.doom.unrecorded.lock().unwrap();
        let mut letters = BTreeMap::new();
        let mut told: BTreeMap<(String, String, bool), BTreeSet<String>> = BTreeMap::new();
        let mut copies = 0;
        for copy in &taken {
            if let Some(earlier) = letters.insert(&copy.message_id, copy) {
                copies += 1;
                assert_eq!(earlier, copy, "two mails under one Message-ID");
            }
            for token in tokens(copy) {
                told.entry((token, copy.to.clone(), is_digest(copy))).or_default().insert(copy.message_id.clone());
            }
        }
        assert!(copies <= excused, "{copies} copies, but only {excused} answers were lost");
        for (about, ids) in &told {
            assert_eq!(ids.len(), 1, "{about:?} was told in several mails: {ids:?}");
        }
        let settled = self.passes.len() - DIGEST_WITHIN;
        for (token, pass) in self.seen.iter().filter(|(_, pass)| **pass < settled) {
            let n: u64 = token.trim_end_matches('y').rsplit('x').next().unwrap().parse().unwrap();
            let veto = is_watched(n);
            let hushed = self.hushed(veto, *pass);
            let hushed_later = (*pass..pass + DIGEST_WITHIN).any(|pass| self.hushed(veto, pass));
            for to in ["a@example.org", "b@example.org"] {
                let told = |digest| told.contains_key(&(token.clone(), to.to_owned(), digest));
                assert_eq!(told(false), !hushed, "{token} to {to}, seen in pass {pass}, hushed: {hushed}");
                assert!(!(hushed && told(true)), "{token} was silenced and is in a digest");
                assert!(hushed_later || told(true), "{token} to {to} is in no digest, seen in pass {pass}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_nothing_is_told_twice_nothing_is_lost_and_what_is_silenced_stays_untold() {
    let (mut crashes, mut reloads, mut hushed, mut items) = (0, 0, 0, 0);
    for seed in 1..=4 {
        let mut history = History::new(seed);
        history.live(24 * 24).await;
        history.judge();
        crashes += history.crashes;
        reloads += history.reloads;
        items += history.seen.len();
        let is_hushed = |(token, pass): (&String, &usize)| {
            let n: u64 = token.trim_end_matches('y').rsplit('x').next().unwrap().parse().unwrap();
            history.hushed(is_watched(n), *pass)
        };
        hushed += history.seen.iter().filter(|seen| is_hushed(*seen)).count();
    }
    // Histories in which nothing happens would prove nothing.
    assert!(
        crashes > 5 && reloads > 15 && hushed > 40,
        "{crashes} crashes, {reloads} reloads, {hushed} of {items} silenced"
    );
}
