//! Items, polls and a simple judge to try a store with.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use newswatch::alert::{
    Broken, Decision, DigestRun, Found, Joined, Material, Mute, Mutes, Near, Pending, Polled, Recent, Release, Routes,
    Said, Seen, Silence,
};
use newswatch::item::{
    Attempt, Because, Envelope, FeedIdentity, FeedMemory, Field, Hit, Item, ItemKeys, Key, KnownFact, MailKind,
    NearMiss, Report, Standing, Telling, identity,
};
use newswatch::store::{
    Behind, Decide, FoundItem, Lease, PollOutcome, PollReceipt, Rendered, Settled, Store, StoreError, TickOutcome,
};
use newswatch::story::{Place, Reports};

/// Minutes after the scene begins.
pub(crate) fn at(minutes: i64) -> Timestamp {
    "2026-11-20T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

pub(crate) const DAY: i64 = 24 * 60;

pub(crate) async fn feed(store: &dyn Store, name: &str) -> FeedMemory {
    let identity = FeedIdentity { name: name.into(), url: format!("https://{name}.example/rss") };
    store.enlist(vec![identity]).await.unwrap().remove(0)
}

/// A news item with everything a feed can give; parts are taken away or changed by the tests.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub(crate) id: Option<&'static str>,
    pub(crate) link: Option<&'static str>,
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) watches: Vec<&'static str>,
    pub(crate) near: Vec<(&'static str, u32)>,
    pub(crate) story: Vec<&'static str>,
    pub(crate) when: Timestamp,
    pub(crate) news: bool,
}

pub(crate) fn piece(name: &'static str) -> Piece {
    Piece {
        id: Some(name),
        link: Some(name),
        title: name,
        text: name,
        watches: vec![],
        near: vec![],
        story: vec![],
        when: at(0),
        news: true,
    }
}

impl Piece {
    pub(crate) fn watched(mut self, watches: &[&'static str]) -> Self {
        self.watches = watches.to_vec();
        self
    }

    pub(crate) fn near(mut self, watch: &'static str, short: u32) -> Self {
        self.near.push((watch, short));
        self
    }

    pub(crate) fn story(mut self, keys: &[&'static str]) -> Self {
        self.story = keys.to_vec();
        self
    }

    pub(crate) fn when(mut self, minutes: i64) -> Self {
        self.when = at(minutes);
        self
    }

    pub(crate) fn keys(&self) -> ItemKeys {
        ItemKeys {
            id: self.id.map(|id| Key::of(&["id", id])),
            link: self.link.map(|link| Key::of(&["link", link])),
            title: Key::of(&["title", self.title]),
            text: Key::of(&["text", self.title, self.text]),
            content: Key::of(&["content", self.link.unwrap_or(""), self.title, self.text]),
        }
    }

    fn found(&self, feed: Key) -> FoundItem {
        let quote = |watch: &&str| Hit {
            watch: (*watch).into(),
            because: vec![Because { term: "t".into(), field: Field::Text, quote: self.text.into(), marks: vec![] }],
            facts: Vec::new(),
        };
        let near = |(watch, short): &(&str, u32)| NearMiss {
            watch: (*watch).into(),
            short: *short,
            lacks: "x: is absent".into(),
        };
        FoundItem {
            item: Arc::new(Item {
                id: self.id.map(Into::into),
                title: self.title.into(),
                link: self.link.map(|link| format!("https://example.org/{link}")),
                published: Some(self.when),
                updated: None,
                authors: vec!["Ann Author".into()],
                summary: format!("About {}", self.title),
                text: self.text.into(),
                ..Item::default()
            }),
            identity: identity(feed, self.keys().primary()),
            found: Found {
                keys: self.keys(),
                title: self.title.into(),
                link: self.link.map(|link| format!("https://example.org/{link}")),
                report: Report::default(),
                hits: self.watches.iter().map(quote).collect(),
                story_keys: self.story.iter().map(|key| Key::of(&["story", key])).collect(),
                when: self.when,
                news: self.news,
                said: Said::default(),
                near: self.near.iter().map(near).collect(),
            },
            behind: Behind::Nothing,
        }
    }
}

/// A poll that found these.
pub(crate) fn poll(memory: &FeedMemory, minutes: i64, pieces: &[Piece]) -> PollOutcome {
    let mut after = memory.clone();
    after.document += 1;
    after.reads += 1;
    after.last_poll = Some(at(minutes));
    PollOutcome {
        generation: 1,
        at: at(minutes),
        attempt: Attempt::Changed,
        before: memory.clone(),
        after,
        items: pieces.iter().map(|piece| piece.found(memory.key)).collect(),
        still_there: vec![],
        holds: vec![],
        followed: false,
        pushed: false,
        hub: None,
    }
}

/// Reads a document as a poll does: asks what is known, commits the rest, and remembers.
pub(crate) async fn read(store: &dyn Store, memory: &mut FeedMemory, minutes: i64, document: &[Piece]) -> PollReceipt {
    let standings = store.known(memory.id, document.iter().map(Piece::keys).collect()).await.unwrap();
    let mut outcome = poll(memory, minutes, &[]);
    for (piece, standing) in document.iter().zip(standings) {
        match standing {
            Standing::New | Standing::Edited(_) => outcome.items.push(piece.found(memory.key)),
            Standing::Repeated(id) => outcome.still_there.extend(id),
        }
    }
    *memory = outcome.after.clone();
    store.commit_poll(outcome, plain()).await.unwrap()
}

pub(crate) async fn commit(store: &dyn Store, outcome: PollOutcome) -> PollReceipt {
    store.commit_poll(outcome, plain()).await.unwrap()
}

pub(crate) async fn standing(store: &dyn Store, memory: &FeedMemory, piece: &Piece) -> Standing {
    store.known(memory.id, vec![piece.keys()]).await.unwrap()[0]
}

pub(crate) fn plain() -> Arc<dyn Decide> {
    Arc::new(Plain::default())
}

/// Tells `desk` each story once, at once or, for watches named `digest-…`, with the digest `morning`, or both ways for `both-…`. The operator hears of
/// the first failure of a feed.
#[derive(Default)]
pub(crate) struct Plain {
    /// Identities of the items that it was asked about.
    pub(crate) asked: Mutex<Vec<Key>>,
    /// What it was shown besides.
    pub(crate) seen: Mutex<Vec<Seen>>,
}

pub(crate) const DESK: &str = "desk@example.org";

pub(crate) fn telling_key(watch: &str, identity: Key) -> Key {
    Key::of(&["tell", DESK, watch, &identity.to_string()])
}

impl Plain {
    fn own_key(found: &Found, seen: &Seen, hit: &Hit) -> Option<Key> {
        let before = seen.matched_before.iter().find(|(watch, _)| *watch == hit.watch);
        match before {
            Some((_, sentences)) if *sentences == hit.sentences() => None,
            Some(_) => Some(Key::of(&["edit", &hit.watch, &seen.identity.to_string(), &hit.sentences().to_string()])),
            None => Some(telling_key(&hit.watch, seen.identity)).filter(|_| found.news),
        }
    }
}

impl Decide for Plain {
    fn story(&self, _: &Found, seen: &Seen, _: &mut Reports) -> Place {
        Place { story: seen.candidates.first().map(|candidate| candidate.story), ..Place::default() }
    }

    fn counted(&self, _: &Found) -> Vec<String> {
        Vec::new()
    }

    fn fact_asks(&self, _: &Found) -> Vec<(String, Key)> {
        Vec::new()
    }

    fn asks(&self, found: &Found, seen: &Seen, story_items: &[Key]) -> Vec<Key> {
        self.asked.lock().unwrap().push(seen.identity);
        self.seen.lock().unwrap().push(seen.clone());
        let others = found.hits.iter().flat_map(|hit| story_items.iter().map(|item| telling_key(&hit.watch, *item)));
        found.hits.iter().filter_map(|hit| Self::own_key(found, seen, hit)).chain(others).collect()
    }

    fn muted(&self, telling: &Telling, digest: &str, mutes: &Mutes) -> Option<Mute> {
        Routes::default().muted(telling, digest, mutes).cloned()
    }

    fn is_paced(&self, _: &str) -> bool {
        false
    }

    fn limited(&self, _: &[Pending]) -> Vec<(String, String)> {
        Vec::new()
    }

    fn release(&self, pending: Vec<Pending>, recent: &[Recent], now: Timestamp) -> Release {
        Routes::default().release(pending, recent, now)
    }

    fn listening(&self, _: &FeedMemory) -> Vec<String> {
        Vec::new()
    }

    fn silence_asks(&self, _: &[Silence]) -> Vec<Key> {
        Vec::new()
    }

    fn listen(&self, _: &Polled<'_>, _: Vec<Silence>, _: &HashSet<Key>) -> Broken {
        Broken::default()
    }

    fn decide(&self, found: &Found, seen: &Seen, joined: &Joined, told: &HashSet<Key>) -> Decision {
        let mut decision = Decision::default();
        for hit in &found.hits {
            let Some(key) = Self::own_key(found, seen, hit).filter(|key| !told.contains(key)) else { continue };
            let covering =
                joined.items.iter().map(|item| telling_key(&hit.watch, *item)).find(|key| told.contains(key));
            let telling = Telling {
                item: seen.id,
                story: joined.story,
                recipient: DESK.into(),
                title: hit.watch.to_uppercase(),
                hit: hit.clone(),
                key,
                edited: matches!(seen.standing, Standing::Edited(_)),
                later: false,
            };
            match covering {
                Some(by) if !telling.edited => decision.covered.push((key, by)),
                _ if hit.watch.starts_with("digest-") => decision.held.push(("morning".into(), telling)),
                _ if hit.watch.starts_with("both-") => {
                    decision.held.push(("morning".into(), telling.clone()));
                    decision.alerts.push(telling);
                }
                _ => decision.alerts.push(telling),
            }
        }
        decision
    }

    fn health(&self, before: &FeedMemory, after: &FeedMemory, _: Timestamp, told: &HashSet<Key>) -> Vec<Envelope> {
        let keys = self.health_asks(before, after);
        let (feed, url, error) = (after.name.clone(), after.url.clone(), after.error.clone().unwrap_or_default());
        let kind = MailKind::FeedBroken { feed, url, error, gone: false };
        let news = after.failures > 0 && !told.contains(&keys[0]);
        if news { vec![Envelope { recipient: "root@example.org".into(), kind, keys }] } else { vec![] }
    }

    fn health_asks(&self, _: &FeedMemory, after: &FeedMemory) -> Vec<Key> {
        vec![Key::of(&["broken", &after.key.to_string(), &format!("{:?}", after.failing_since)])]
    }

    fn reminding(&self) -> Vec<String> {
        Vec::new()
    }

    fn remind_asks(&self, _: &[KnownFact], _: Timestamp) -> Vec<Key> {
        Vec::new()
    }

    fn remind(&self, _: &[KnownFact], _: Timestamp, _: &HashSet<Key>) -> (Vec<Envelope>, Option<Timestamp>) {
        (Vec::new(), None)
    }

    fn tuned_by(&self, _: &DigestRun) -> Vec<String> {
        vec!["near".into()]
    }

    fn digest(&self, run: &DigestRun, material: Material<'_>, told: &HashSet<Key>) -> Vec<(Envelope, Vec<Telling>)> {
        let mut mails = Vec::new();
        for held in material.held {
            let slot = self.digest_asks(run, std::slice::from_ref(&held.recipient), material.near);
            if slot.iter().all(|key| !told.contains(key)) {
                let kind = MailKind::Digest { name: run.name.clone(), near: Vec::new() };
                let mut envelope = envelope(&held.recipient, kind, &held.tellings);
                envelope.keys.extend(slot);
                envelope.keys.sort_unstable();
                mails.push((envelope, held.tellings));
            }
        }
        mails
    }

    fn digest_asks(&self, run: &DigestRun, recipients: &[String], _: &[Near]) -> Vec<Key> {
        let key = |slot: &String| recipients.iter().map(|to| Key::of(&["slot", &run.name, slot, to])).collect();
        run.slot.as_ref().map(key).unwrap_or_default()
    }
}

fn envelope(recipient: &str, kind: MailKind, tellings: &[Telling]) -> Envelope {
    let mut keys: Vec<Key> = tellings.iter().map(|telling| telling.key).collect();
    keys.sort_unstable();
    Envelope { recipient: recipient.into(), kind, keys }
}

/// A tick with one digest due.
pub(crate) fn tick(minutes: i64, slot: Option<&str>) -> TickOutcome {
    let run = DigestRun {
        name: "morning".into(),
        slot: slot.map(Into::into),
        week: None,
        through: at(minutes),
        at: at(minutes),
    };
    TickOutcome { generation: 1, at: at(minutes), digests: vec![run], ill: Vec::new() }
}

/// Leases for ten minutes.
pub(crate) async fn lease(store: &dyn Store, minutes: i64) -> Option<Lease> {
    store.lease(at(minutes), at(minutes + 10), None).await.unwrap()
}

pub(crate) fn rendering(lease: &Lease) -> Rendered {
    let names: Vec<String> = lease.envelope.keys.iter().map(ToString::to_string).collect();
    Rendered {
        message_id: format!("{}@example.org", Key::of(&names.iter().map(String::as_str).collect::<Vec<_>>())),
        subject: format!("{} things", names.len()),
        bytes: names.join("\r\n").into_bytes(),
        short: false,
    }
}

pub(crate) fn sent() -> Settled {
    Settled::Sent { answer: "250 taken".into() }
}

pub(crate) fn later(minutes: i64) -> Settled {
    Settled::Later { next: at(minutes), answer: "451 not now".into() }
}

/// Sends all that is due, and returns the leases under which it went.
pub(crate) async fn deliver(store: &dyn Store, minutes: i64) -> Vec<Lease> {
    let mut gone = Vec::new();
    while let Some(lease) = lease(store, minutes).await {
        store.rendered(&lease, rendering(&lease)).await.unwrap();
        store.sending(&lease, at(minutes)).await.unwrap();
        store.settle(&lease, sent(), at(minutes)).await.unwrap();
        store.ledgered(lease.envelope.keys.clone(), 0).await.unwrap();
        gone.push(lease);
    }
    gone
}

pub(crate) fn lost(result: &Result<(), StoreError>) -> bool {
    matches!(result, Err(StoreError::LeaseLost(_)))
}
