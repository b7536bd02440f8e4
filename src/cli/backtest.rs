//! `watch backtest`: a watch over all that is stored.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::arguments::Since;
use super::explain::Paper;
use super::table::plain;
use super::{Desk, watch};
use crate::alert::{Channel, Repeat};
use crate::config::{Feed, Settings, Watch};
use crate::control::{Answer, Progress};
use crate::daemon::digest_times;
use crate::item::{Hit, Item, ItemId, Key, StoryId};
use crate::matching::{Matcher, Rule, Subject};
use crate::pipeline::DigestTimes;
use crate::store::StoredItem;

/// Items that are read at a time.
const PAGE: usize = 500;

/// Links that are listed of those gained, and of those lost: the newest.
const LINKS_MAX: usize = 1000;

/// Of these, so many are shown to people.
const LINKS_SHOWN: usize = 10;

/// Bars of a chart.
const BARS_MAX: usize = 60;

/// What was published so many days before the first item was seen has its place in a chart.
const DAYS_BEFORE_MAX: i64 = 60;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Wish {
    pub(super) watch: Option<String>,
    pub(super) query: Option<String>,
    pub(super) since: Option<Since>,
    pub(super) json: bool,
}

/// Tries watches over the stored items. Reads page by page, so that memory is bounded and polls go on.
pub(super) async fn backtest(desk: &Desk, wish: &Wish, progress: &Progress) -> anyhow::Result<Answer> {
    let now = desk.clock.now();
    let since = wish.since.map(|since| since.instant(now));
    let mut trial = Trial::new(&desk.settings, wish, now)?;
    let last = desk.store.last_item().await?;
    let mut from = ItemId(0);
    let mut first = None;
    loop {
        let page = desk.store.stored(from, since, PAGE).await?;
        let Some(end) = page.last() else { break };
        let (end, begin) = (end.id.0, *first.get_or_insert(page[0].id.0));
        from = ItemId(end + 1);
        // Matching is no work for the threads that polls wait on.
        trial = tokio::task::spawn_blocking(move || {
            for stored in &page {
                trial.look(stored);
            }
            trial
        })
        .await?;
        progress.tell((end - begin).unsigned_abs(), (last.0 - begin).unsigned_abs());
    }
    let out =
        trial.results.iter().map(|result| if wish.json { trial.json(result) } else { trial.shown(result, desk.paper) });
    Ok(Answer { out: out.collect(), ..Answer::default() })
}

/// The watches that are tried, and what they have come to.
struct Trial {
    /// Of each feed: its tags, and whose days it means.
    feeds: HashMap<String, (Vec<String>, Option<TimeZone>)>,
    matcher: Matcher,
    /// What a query is held against, where it is another watch; else what the store says matched.
    against: Option<Matcher>,
    results: Vec<Outcome>,
    by_name: HashMap<String, usize>,
    items: u64,
    first: Option<Timestamp>,
    /// When each feed was first looked at, as far as the items tell, and what was too old then to be told of.
    first_of_feed: HashMap<String, Timestamp>,
    backlog: Option<SignedDuration>,
    now: Timestamp,
}

/// What one watch has come to.
struct Outcome {
    name: String,
    /// The watch whose stored matches it is held against.
    stored: Option<String>,
    telling: Told,
    hits: u64,
    /// Of the hits, those that were too old to be told of on the first look at their feed.
    old: u64,
    gained: Links,
    lost: Links,
    days: BTreeMap<i64, u64>,
}

/// The newest links of several.
#[derive(Debug, Default)]
struct Links {
    count: u64,
    newest: VecDeque<(String, String)>,
}

impl Links {
    fn add(&mut self, item: &Item, id: ItemId) {
        self.count += 1;
        if self.newest.len() == LINKS_MAX {
            self.newest.pop_front();
        }
        let link = item.link.clone().unwrap_or_else(|| format!("item {}", id.0));
        self.newest.push_back((link, super::explain::headline(item)));
    }
}

/// Which mails a watch's matches come to.
struct Told {
    repeat: Repeat,
    now: bool,
    recipients: u64,
    digests: Vec<DigestTimes>,
    stories: HashSet<StoryId>,
    facts: HashSet<(Key, String)>,
    slots: BTreeSet<(usize, Timestamp)>,
    at_once: u64,
}

impl Told {
    fn of(settings: &Settings, watch: Option<&Watch>) -> Self {
        let send = watch.map_or_else(|| vec![Channel::Now], |watch| watch.send.clone());
        let digest = |channel: &Channel| match channel {
            Channel::Digest(name) => settings.digests.iter().find(|digest| digest.name == *name).map(digest_times),
            Channel::Now => None,
        };
        Self {
            repeat: watch.map_or(Repeat::Story, |watch| watch.telling.repeat),
            now: send.contains(&Channel::Now),
            recipients: watch.map_or(1, |watch| watch.to.len() as u64),
            digests: send.iter().filter_map(digest).collect(),
            stories: HashSet::new(),
            facts: HashSet::new(),
            slots: BTreeSet::new(),
            at_once: 0,
        }
    }

    /// A match at a time.
    fn tell(&mut self, stored: &StoredItem, hit: &Hit) {
        let facts: Vec<(Key, String)> =
            hit.facts.iter().filter_map(|told| Some((told.fact.subject()?, told.fact.value()?.written()))).collect();
        let is_first = self.stories.insert(stored.story);
        let is_told = match self.repeat {
            Repeat::Item => true,
            // What two reports call by different names is counted as one here.
            Repeat::Change if !facts.is_empty() => {
                let known = self.facts.len();
                self.facts.extend(facts);
                self.facts.len() > known
            }
            Repeat::Change | Repeat::Story => is_first,
        };
        if !is_told {
            return;
        }
        self.at_once += u64::from(self.now);
        for (number, digest) in self.digests.iter().enumerate() {
            self.slots.extend(digest.next(stored.first_seen).map(|slot| (number, slot)));
        }
    }

    fn mails(&self) -> u64 {
        (self.at_once + self.slots.len() as u64) * self.recipients
    }
}

impl Trial {
    fn new(settings: &Arc<Settings>, wish: &Wish, now: Timestamp) -> anyhow::Result<Self> {
        let named = match &wish.watch {
            Some(name) => {
                let found = settings.watches.iter().find(|watch| watch.name == *name);
                watch::known(settings, name, found.is_none())?;
                found
            }
            None => None,
        };
        let query = wish.query.as_deref().map(|query| watch::read_query(query, &settings.aliases)).transpose()?;
        let result = |name: &str, stored: Option<&str>, watch: Option<&Watch>| Outcome {
            name: name.to_owned(),
            stored: stored.map(str::to_owned),
            telling: Told::of(settings, watch),
            hits: 0,
            old: 0,
            gained: Links::default(),
            lost: Links::default(),
            days: BTreeMap::new(),
        };
        let (rules, against, results) = match (query, named) {
            (Some(query), Some(watch)) => {
                let query = query.without(&watch.exclude);
                let against = Some(Matcher::new(vec![watch.rule()]));
                (vec![Rule::new(&*watch.name, query)], against, vec![result(&watch.name, None, named)])
            }
            (Some(query), None) => (vec![Rule::new("query", query)], None, vec![result("query", None, None)]),
            (None, Some(watch)) => (vec![watch.rule()], None, vec![result(&watch.name, Some(&watch.name), named)]),
            (None, None) => {
                let enabled = || settings.watches.iter().filter(|watch| watch.enabled);
                let results = enabled().map(|watch| result(&watch.name, Some(&watch.name), Some(watch))).collect();
                (settings.rules(), None, results)
            }
        };
        let of = |feed: &Feed| (feed.name.clone(), (feed.all_tags(), feed.time_zone.clone()));
        let feeds = settings.feeds.iter().map(of).collect();
        let matcher = Matcher::new(rules);
        let results: Vec<Outcome> = results;
        let by_name = results.iter().enumerate().map(|(at, result)| (result.name.clone(), at)).collect();
        let (first_of_feed, backlog) = (HashMap::new(), settings.fetch.backlog);
        Ok(Self { feeds, matcher, against, results, by_name, items: 0, first: None, first_of_feed, backlog, now })
    }

    fn look(&mut self, stored: &StoredItem) {
        let (tags, zone) = self.feeds.get(&stored.feed).map_or((&[][..], None), |(tags, zone)| (tags, zone.as_ref()));
        let dated = crate::matching::dated(&stored.item, stored.first_seen, zone);
        let subject = Subject { item: &dated, feed: &stored.feed, tags };
        let hits = self.matcher.hits(&subject);
        let before = self.against.as_ref().map(|against| !against.hits(&subject).is_empty());
        self.items += 1;
        let day = self.day(stored);
        let is_news = self.is_news(stored);
        // Only those that match now or did before: there can be very many watches.
        let named = hits.iter().map(|hit| hit.watch.as_str()).chain(stored.matched.iter().map(String::as_str));
        let mut found: Vec<usize> = named.filter_map(|name| self.by_name.get(name).copied()).collect();
        found.extend(before.is_some().then_some(0));
        found.sort_unstable();
        found.dedup();
        for at in found {
            let result = &mut self.results[at];
            let matched = hits.iter().find(|hit| hit.watch == result.name);
            let hit = matched.is_some();
            let was =
                before.unwrap_or_else(|| result.stored.as_ref().is_some_and(|name| stored.matched.contains(name)));
            if let Some(matched) = matched {
                result.hits += 1;
                *result.days.entry(day).or_default() += 1;
                if is_news {
                    result.telling.tell(stored, matched);
                } else {
                    result.old += 1;
                }
            }
            match (hit, was) {
                (true, false) => result.gained.add(&stored.item, stored.id),
                (false, true) => result.lost.add(&stored.item, stored.id),
                _ => {}
            }
        }
    }

    /// The day of publication where it is known, and not so long before all that is stored that a chart would show little else;
    /// otherwise the day when the item was first seen.
    fn day(&mut self, stored: &StoredItem) -> i64 {
        let first = day_of(*self.first.get_or_insert(stored.first_seen));
        let seen = day_of(stored.first_seen);
        let said = stored.item.published.or(stored.item.updated).map(day_of);
        said.filter(|said| (first - DAYS_BEFORE_MAX..=seen).contains(said)).unwrap_or(seen)
    }

    /// Whether a match of the item would be told: what is old or undated on the first look at its feed is not.
    fn is_news(&mut self, stored: &StoredItem) -> bool {
        let first = match self.first_of_feed.get(&stored.feed) {
            Some(first) => *first,
            None => *self.first_of_feed.entry(stored.feed.clone()).or_insert(stored.first_seen),
        };
        let said = stored.item.published.or(stored.item.updated);
        let is_old = |age| said.is_none_or(|said| stored.first_seen.duration_since(said) > age);
        !(stored.first_seen == first && self.backlog.is_some_and(is_old))
    }

    /// How long the items reach back, at least a day.
    fn length(&self) -> SignedDuration {
        let since_first = self.first.map_or(SignedDuration::ZERO, |first| self.now.duration_since(first));
        since_first.max(SignedDuration::from_hours(24))
    }

    fn mails_a_week(&self, result: &Outcome) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
        let mails = result.telling.mails() as f64;
        let weeks = self.length().as_secs_f64() / (7.0 * 86_400.0);
        // In a history of less than a week nothing is known of a week but what it holds.
        (mails / weeks.max(1.0) * 10.0).round() / 10.0
    }

    fn json(&self, result: &Outcome) -> String {
        let links = |links: &Links| links.newest.iter().rev().map(|(link, _)| link.clone()).collect::<Vec<_>>();
        let days: Vec<_> =
            result.days.iter().map(|(day, hits)| json!({"day": watch::date(*day), "hits": hits})).collect();
        let line = json!({
            "watch": result.name, "items": self.items, "hits": result.hits, "gained": links(&result.gained),
            "lost": links(&result.lost), "mails_a_week": self.mails_a_week(result), "gained_count": result.gained.count,
            "lost_count": result.lost.count, "days": days, "old": result.old,
        });
        format!("{line}\n")
    }

    fn shown(&self, result: &Outcome, paper: Paper) -> String {
        let mut out = format!(
            "{}: {} in {}, {} a week\n",
            paper.bold(&plain(&result.name)),
            counted(result.hits, "hit"),
            counted(self.items, "item"),
            match self.mails_a_week(result) {
                1.0 => "1 mail".to_owned(),
                mails => format!("{mails} mails"),
            },
        );
        if result.old > 0 {
            let were = if result.old == 1 { "was" } else { "were" };
            let old = format!("{} {were} too old for mail on the first look at the feed", counted(result.old, "hit"));
            let _ = writeln!(out, "  {}", paper.dim(&old));
        }
        if let (Some(first), true) = (self.first, result.hits > 0) {
            out.push_str(&chart(&result.days, day_of(first), day_of(self.now)));
        }
        for (sign, name, links) in [("+", "gained", &result.gained), ("-", "lost", &result.lost)] {
            if links.count > 0 {
                let head = format!("{name} {}", links.count);
                let _ = writeln!(out, "  {}", if sign == "+" { paper.good(&head) } else { paper.bad(&head) });
            }
            for (link, title) in links.newest.iter().rev().take(LINKS_SHOWN) {
                let _ = writeln!(out, "    {sign} {}\n      {}", plain(title), paper.dim(&plain(link)));
            }
            if links.count > LINKS_SHOWN as u64 {
                let _ = writeln!(out, "    and {} more", links.count - LINKS_SHOWN as u64);
            }
        }
        out
    }
}

fn counted(count: u64, noun: &str) -> String {
    super::check::count(usize::try_from(count).unwrap_or(usize::MAX), noun)
}

/// Days since 1970, in UTC.
fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

/// A bar for each day, or for several where there are many.
fn chart(days: &BTreeMap<i64, u64>, first: i64, now: i64) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let from = days.keys().next().map_or(first, |day| first.min(*day));
    let to = now.max(from);
    let count = usize::try_from(to - from + 1).unwrap_or(usize::MAX);
    let of_bar = count.div_ceil(BARS_MAX).max(1);
    let mut bars = vec![0_u64; count.div_ceil(of_bar)];
    for (day, hits) in days {
        let at = usize::try_from(day - from).unwrap_or(0) / of_bar;
        if let Some(bar) = bars.get_mut(at) {
            *bar += hits;
        }
    }
    let most = bars.iter().copied().max().unwrap_or(0).max(1);
    let bar = |hits: &u64| match *hits {
        0 => '·',
        hits => BARS[usize::try_from((hits * 8).div_ceil(most)).unwrap_or(8).clamp(1, 8) - 1],
    };
    let what = if of_bar == 1 { "a day".to_owned() } else { format!("in {of_bar} days") };
    format!(
        "  {}  {} to {}, at most {most} {what}\n",
        bars.iter().map(bar).collect::<String>(),
        watch::date(from),
        watch::date(to),
    )
}
