use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Backlog;
use crate::alert::calendar::Timetable;
use crate::alert::{DigestRun, Found, Routes, Said, Speaker};
use crate::item::{Fact, FeedId, FeedMemory, Hit, Item, ItemKeys, NearMiss, Report};
use crate::matching::{Cut, Matcher, Read, Subject, dated};
use crate::parse;
use crate::poll::Target;
use crate::story;

/// One config, ready to work with. A reload makes another one.
pub struct Generation {
    /// Grows with each reload; what was matched under an older one is matched again.
    pub number: u64,
    /// All watches.
    pub matcher: Matcher,
    /// Where matches go.
    pub routes: Routes,
    /// Watches whose near misses are listed.
    pub tuned: HashSet<String>,
    /// When digests are due.
    pub digests: Vec<DigestTimes>,
    /// The feeds that are polled.
    pub sources: HashMap<FeedId, Arc<Source>>,
    /// What is news on the first look at a feed.
    pub backlog: Backlog,
    /// What the addresses begin with at which hubs reach us; `None` where they cannot.
    pub callback_base: Option<String>,
}

/// A feed to poll.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its row in the store.
    pub id: FeedId,
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its URL as configured, as the store keeps it.
    pub url: String,
    /// How it is asked.
    pub target: Target,
    /// Whether the article behind each new item is fetched.
    pub full_text: bool,
    /// Whose days its texts mean, where the dates of its items do not say.
    pub zone: Option<TimeZone>,
}

/// What matters of the feed that an item is of.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) name: String,
    pub(super) tags: Vec<String>,
    pub(super) zone: Option<TimeZone>,
}

impl Origin {
    pub(super) fn of(source: &Source) -> Self {
        Self { name: source.name.clone(), tags: source.tags.clone(), zone: source.zone.clone() }
    }
}

/// When one digest is due.
#[derive(Debug, Clone)]
pub struct DigestTimes {
    /// Its name.
    pub name: String,
    /// Local times of day.
    pub at: Vec<Time>,
    /// On which days of the week, Monday first.
    pub days: [bool; 7],
    /// Whose local time.
    pub zone: TimeZone,
}

impl Generation {
    /// The feed that `memory` is of, if it is still polled at the same address.
    pub fn source(&self, memory: &FeedMemory) -> Option<&Arc<Source>> {
        self.sources.get(&memory.id).filter(|source| source.url == memory.url)
    }

    /// An item of a feed with why each watch matches it, as news of `at`.
    pub(super) fn find(&self, item: &Item, keys: ItemKeys, feed: &Origin, at: Timestamp, news: bool) -> Found {
        let dated = dated(item, at, feed.zone.as_ref());
        let cut = Cut::new(&Subject { item: &dated, feed: &feed.name, tags: &feed.tags });
        let read = self.matcher.read(&cut);
        let mut hits = read.hits();
        // Who asks for events are the watches, and whoever lists those of what matched.
        let events = if hits.is_empty() { Vec::new() } else { read.events(&mut hits) };
        let near = if news { self.near_misses(&read, &hits) } else { Vec::new() };
        let found = Self::wait(item, keys, at, news);
        let said = if hits.is_empty() { Said::default() } else { said(item, feed, events, found.when, at) };
        // What is neither news nor asked for is told to nobody, so nobody asks what else tells it. Of what was asked for before
        // this look at the feed, only what news could still retell is compared with what others report.
        let is_compared = news || !hits.is_empty() && at.duration_since(found.when) <= story::CLOSES_AFTER;
        if !is_compared {
            return Found { hits, said, near, ..found };
        }
        let link = item.link.as_deref().map(parse::canonical_link);
        let story_keys = story::lookup_keys(item, &found.keys, link.as_deref());
        let report = story::report(item);
        Found { hits, story_keys, report, said, near, ..found }
    }

    fn near_misses(&self, read: &Read<'_, '_, '_>, hits: &[Hit]) -> Vec<NearMiss> {
        if self.tuned.is_empty() {
            return Vec::new();
        }
        let wanted = |watch: &str| self.tuned.contains(watch) && hits.iter().all(|hit| hit.watch != watch);
        read.near_misses(&wanted)
    }

    /// An item that nothing is decided on yet.
    pub(super) fn wait(item: &Item, keys: ItemKeys, at: Timestamp, news: bool) -> Found {
        let when = item.published.filter(|published| *published <= at).unwrap_or(at);
        Found {
            keys,
            title: item.title.clone(),
            link: item.link.clone(),
            hits: Vec::new(),
            story_keys: Vec::new(),
            report: Report::default(),
            when,
            news,
            said: Said::default(),
            near: Vec::new(),
        }
    }

    /// Whether an item is news on the first look at its feed: not older than the backlog, and dated.
    pub fn is_news(&self, published: Option<Timestamp>, now: Timestamp) -> bool {
        match self.backlog {
            Backlog::All => true,
            Backlog::For(SignedDuration::ZERO) => false,
            Backlog::For(reach) => published.is_some_and(|published| now.duration_since(published) <= reach),
        }
    }
}

/// What an item says of events, and who says it.
fn said(item: &Item, feed: &Origin, events: Vec<Fact>, when: Timestamp, at: Timestamp) -> Said {
    let speaker = Speaker {
        source: item.link.as_deref().and_then(story::site).unwrap_or_else(|| feed.name.clone()),
        feed: feed.name.clone(),
        link: item.link.clone(),
        at: when,
    };
    Said { events, speaker, edited: item.updated.filter(|updated| *updated <= at).unwrap_or(at) }
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation").field("number", &self.number).finish_non_exhaustive()
    }
}

impl DigestTimes {
    /// The run that is due at `now`, or with `flush` one that uses up no slot.
    pub(super) fn run(&self, through: Timestamp, now: Timestamp, flush: bool) -> Option<DigestRun> {
        let week = Some(self.week(now));
        let run = |slot, through| DigestRun { name: self.name.clone(), slot, week, through, at: now };
        match self.with_timetable(|table| table.due(through, now)) {
            Some(slot) => Some(run(Some(slot.name), now)),
            None => flush.then(|| run(None, through)),
        }
    }

    /// The first slot after `now`.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        self.with_timetable(|table| table.next(now)).map(|slot| slot.due)
    }

    /// Names the week of `at` where it is sent: `2026-W48`.
    pub fn week(&self, at: Timestamp) -> String {
        let week = at.to_zoned_datetime(self.zone.clone()).date().iso_week_date();
        format!("{}-W{:02}", week.year(), week.week())
    }

    fn with_timetable<T>(&self, ask: impl FnOnce(Timetable<'_>) -> T) -> T {
        let on = |date: Date| self.days[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())];
        ask(Timetable { at: &self.at, on: &on, zone: &self.zone })
    }
}
