//! One article: the page behind items that wait for it, and one commit for each of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::behind::{address, is_front, join};
use super::deciding::Deciding;
use super::generation::Origin;
use super::{Generation, Pipeline, Source};
use crate::article;
use crate::item::{HostHold, Item, ItemId, ItemKeys, Key, SiteRules};
use crate::parse;
use crate::poll::{Answer, Verdict};
use crate::store::{ArticleOutcome, PollReceipt, Settlement, StoreError, WaitingItem};

/// So many failures are enough.
const TRIES_MAX: u32 = 3;

/// Waits after the first and the second failure. What is not there when it is announced is often there a minute later.
const WAITS: [SignedDuration; 2] = [SignedDuration::from_secs(15), SignedDuration::from_secs(75)];

/// An article that was taken so lately, for whatever item, is not fetched again.
const STILL_GOOD: SignedDuration = SignedDuration::from_hours(24);

/// What became of an item that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// It was matched, with its article or without.
    Matched {
        /// What the commit did.
        receipt: PollReceipt,
        /// Whether the article was taken.
        taken: bool,
    },
    /// It waits on, until then at least.
    Later(Timestamp),
    /// It did not wait any more.
    Over,
}

/// What was found behind items.
#[derive(Debug, Clone)]
enum Page {
    /// An article.
    Text(String),
    /// None, and there will be none.
    Never(String),
    /// None this time; not to be asked before then.
    Failed(String, Option<Timestamp>),
    /// Its host is to be left alone until then.
    NotYet(Timestamp),
}

/// What was found, and what was learned on the way.
#[derive(Debug, Clone)]
struct Fetched {
    page: Page,
    holds: Vec<HostHold>,
    rules: Vec<SiteRules>,
}

impl Fetched {
    fn of(page: Page) -> Self {
        Self { page, holds: Vec::new(), rules: Vec::new() }
    }
}

/// The configs that come into force.
type Generations = watch::Receiver<Arc<Generation>>;

impl Pipeline {
    /// Fetches the page that some items wait for, once for all of them, and matches each with its article, or, where there is
    /// none, on what its feed said.
    pub async fn article(&self, items: &[ItemId]) -> Vec<(ItemId, Result<Looked, StoreError>)> {
        let mut looked = Vec::with_capacity(items.len());
        // An edit may have led one of them elsewhere.
        let mut pages: BTreeMap<Key, Vec<WaitingItem>> = BTreeMap::new();
        for id in items {
            match self.store.waiting_item(*id).await {
                Ok(Some(item)) => pages.entry(item.page).or_default().push(item),
                Ok(None) => looked.push((*id, Ok(Looked::Over))),
                Err(error) => looked.push((*id, Err(error))),
            }
        }
        for waiting in pages.into_values() {
            match self.behind(&waiting).await {
                Ok(fetched) => {
                    for item in waiting {
                        looked.push((item.id, self.settle(item, fetched.as_ref()).await));
                    }
                }
                Err(error) => {
                    let again = || StoreError::Engine { doing: "article", what: error.to_string() };
                    looked.extend(waiting.iter().map(|item| (item.id, Err(again()))));
                }
            }
        }
        looked
    }

    /// What is behind these items, which have one link; `None` where none of them wants it any more.
    async fn behind(&self, waiting: &[WaitingItem]) -> Result<Option<Fetched>, StoreError> {
        let mut generations = self.generation.subscribe();
        loop {
            let generation = Arc::clone(&generations.borrow_and_update());
            let now = self.clock.now();
            let wanted = waiting.iter().filter(|item| item.until > now);
            let wanted = wanted.filter_map(|item| Some((item, wanting(&generation, item)?)));
            let Some((item, source)) = wanted.max_by_key(|(item, _)| item.until) else { return Ok(None) };
            let since = now.saturating_sub(STILL_GOOD).unwrap_or(Timestamp::MIN);
            if let Some(text) = self.store.article(item.page, since).await? {
                return Ok(Some(Fetched::of(Page::Text(text))));
            }
            tokio::select! {
                fetched = self.fetch(source, item.item.link.as_deref().unwrap_or_default()) => return Ok(Some(fetched)),
                () = self.clock.sleep_until(item.until) => {}
                () = another(&mut generations, item) => {}
            }
        }
    }

    async fn fetch(&self, source: &Source, link: &str) -> Fetched {
        let Some(url) = address(link) else {
            return Fetched::of(Page::Never("its link leads nowhere".to_owned()));
        };
        let answer = self.poller.page(&source.target.page(url)).await;
        let not_before = answer.freshness.retry.as_ref().map(|floor| floor.until);
        let Answer { verdict, final_url, holds, rules, room: _room, .. } = answer;
        let page = match verdict {
            Verdict::Document { body, content_type, complete: true, .. } if !is_front(&final_url) => {
                self.read_page(body, content_type, final_url).await
            }
            Verdict::Document { complete: true, .. } => Page::Never("it led to a front page".to_owned()),
            Verdict::Document { .. } => Page::Failed("the answer broke off before its end".to_owned(), None),
            Verdict::Failed(failure) if failure.is_final() => Page::Never(failure.to_string()),
            Verdict::Failed(failure) => Page::Failed(failure.to_string(), not_before),
            Verdict::NotYet(until) => Page::NotYet(until),
            Verdict::Gone => Page::Never("it is gone for good".to_owned()),
            // Nothing is asked with a condition.
            Verdict::Unchanged => Page::Failed("the server answered 304 (not modified)".to_owned(), None),
        };
        Fetched { page, holds, rules }
    }

    /// Reads an answer as a page, away from the tasks that wait for others.
    async fn read_page(&self, body: Vec<u8>, content_type: Option<String>, url: url::Url) -> Page {
        if !is_page(content_type.as_deref(), &body) {
            let kind = content_type.unwrap_or_else(|| "no page".to_owned());
            return Page::Never(format!("there is no web page, but {kind}"));
        }
        let Ok(_turn) = self.reading.acquire().await else { unreachable!("the semaphore is never closed") };
        let read = tokio::task::spawn_blocking(move || article::read(&body, content_type.as_deref(), &url));
        match read.await {
            Ok(read) => match read.wall {
                Some(wall) => Page::Never(wall.reason().to_owned()),
                None if read.text.trim().is_empty() => Page::Never("no article was found on the page".to_owned()),
                None => Page::Text(read.text),
            },
            Err(panic) => Page::Never(format!("the reader failed on this page: {panic}")),
        }
    }

    /// Matches an item, or lets it wait on, and commits that.
    async fn settle(&self, mut item: WaitingItem, fetched: Option<&Fetched>) -> Result<Looked, StoreError> {
        let mut generations = self.generation.subscribe();
        loop {
            let generation = Arc::clone(&generations.borrow_and_update());
            let now = self.clock.now();
            let wanted = item.until > now && wanting(&generation, &item).is_some();
            let fetched = fetched.filter(|_| wanted);
            let settlement =
                match fetched.map_or_else(|| too_late(&generation, &item), |fetched| next(&item, &fetched.page, now)) {
                    Next::Later { at, tries, why } => Settlement::Later { next_try: at, tries, why },
                    Next::Match { text, why } => self.matched(&generation, &item, text, why).await,
                };
            let (later, taken) = match &settlement {
                Settlement::Later { next_try, .. } => (Some(*next_try), false),
                Settlement::Matched { article, .. } => (None, article.is_some()),
            };
            log(&item, &settlement);
            let outcome = ArticleOutcome {
                generation: generation.number,
                at: now,
                item: item.id,
                content: item.content,
                settlement,
                holds: fetched.map(|fetched| fetched.holds.clone()).unwrap_or_default(),
                rules: fetched.map(|fetched| fetched.rules.clone()).unwrap_or_default(),
            };
            match self.store.commit_article(outcome, Arc::new(Deciding(generation))).await {
                // As in `take_in`.
                Err(StoreError::Stale) => drop(generations.changed().await),
                Err(error) => return Err(error),
                Ok(receipt) if receipt.written => {
                    let matched = Looked::Matched { receipt: receipt.matched, taken };
                    return Ok(later.map_or(matched, Looked::Later));
                }
                // Its feed was polled meanwhile, and says something else of it now.
                Ok(_) => match self.store.waiting_item(item.id).await? {
                    Some(again) => item = again,
                    None => return Ok(Looked::Over),
                },
            }
        }
    }

    async fn matched(
        &self,
        generation: &Arc<Generation>,
        waiting: &WaitingItem,
        text: Option<String>,
        why: String,
    ) -> Settlement {
        let Ok(_turn) = self.reading.acquire().await else { unreachable!("the semaphore is never closed") };
        let source = generation.sources.get(&waiting.feed.id);
        // Of a feed that the config does not name any more its name is left.
        let origin = source.map_or_else(
            || Origin { name: waiting.feed.name.clone(), tags: Vec::new(), zone: None },
            |source| Origin::of(source),
        );
        let (mut item, first_seen, news) = (waiting.item.clone(), waiting.first_seen, waiting.news);
        let (config, keys) = (Arc::clone(generation), keys(waiting));
        let nothing = Generation::wait(&item, keys.clone(), first_seen, news);
        let matching = tokio::task::spawn_blocking(move || {
            let article = text.map(|text| join(&text, &item.text));
            if let Some(article) = &article {
                item.text.clone_from(&article.text);
            }
            (config.find(&item, keys, &origin, first_seen, news), article)
        });
        match matching.await {
            Ok((found, article)) => Settlement::Matched { found, article, why },
            Err(panic) => {
                tracing::error!(%panic, title = waiting.item.title, "an item could not be matched");
                Settlement::Matched { found: nothing, article: None, why: format!("it could not be matched: {panic}") }
            }
        }
    }
}

/// Waits for a config under which the item's article is not wanted any more.
async fn another(generations: &mut Generations, item: &WaitingItem) {
    while generations.changed().await.is_ok() {
        if wanting(&generations.borrow_and_update(), item).is_none() {
            return;
        }
    }
}

/// The feed of an item, if articles of it are fetched.
fn wanting<'g>(generation: &'g Generation, item: &WaitingItem) -> Option<&'g Arc<Source>> {
    generation.sources.get(&item.feed.id).filter(|source| source.full_text)
}

/// The keys of an item as its feed gave it. Where other items have the same link, that is no name of it.
fn keys(waiting: &WaitingItem) -> ItemKeys {
    let mut keys = parse::keys(std::slice::from_ref::<Item>(&waiting.item));
    ItemKeys { link: waiting.link, ..keys.remove(0) }
}

/// What comes next for an item that waits.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Later { at: Timestamp, tries: u32, why: String },
    Match { text: Option<String>, why: String },
}

fn too_late(generation: &Generation, item: &WaitingItem) -> Next {
    let why = match wanting(generation, item) {
        Some(_) => "it did not come in time",
        None => "articles of this feed are not fetched any more",
    };
    Next::Match { text: None, why: why.to_owned() }
}

fn next(item: &WaitingItem, page: &Page, now: Timestamp) -> Next {
    let later = |at: Timestamp, tries, why| Next::Later { at: at.min(item.until), tries, why };
    match page {
        Page::Text(text) => Next::Match { text: Some(text.clone()), why: String::new() },
        Page::Never(why) => Next::Match { text: None, why: why.clone() },
        Page::Failed(why, not_before) => {
            let tries = item.tries + 1;
            if tries >= TRIES_MAX {
                return Next::Match { text: None, why: why.clone() };
            }
            let at = now + WAITS[usize::from(tries > 1)];
            later(not_before.map_or(at, |not_before| not_before.max(at)), tries, why.clone())
        }
        Page::NotYet(until) => later(*until, item.tries, "its host asked to be left alone".to_owned()),
    }
}

/// Whether an answer is a web page, by what it is said to be and by how it begins.
fn is_page(content_type: Option<&str>, body: &[u8]) -> bool {
    /// So much is looked at, in bytes.
    const LOOK: usize = 8192;
    const TAGS: [&str; 8] = ["<!doctype html", "<html", "<head", "<body", "<article", "<main", "<div", "<p"];
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (kind, rest) = kind.split_once('/').unwrap_or_default();
    if matches!(kind, "image" | "audio" | "video" | "font") || rest == "pdf" || rest.contains("json") {
        return false;
    }
    // In UTF-16 every other byte is zero.
    let start: Vec<u8> = body.iter().take(LOOK).copied().filter(|byte| *byte != 0).collect();
    let start = String::from_utf8_lossy(&start).to_ascii_lowercase();
    !start.starts_with("%pdf") && TAGS.iter().any(|tag| start.contains(tag))
}

fn log(item: &WaitingItem, settlement: &Settlement) {
    let (feed, link) = (&item.feed.name, item.item.link.as_deref().unwrap_or_default());
    match settlement {
        Settlement::Later { next_try, why, .. } => {
            tracing::debug!(feed, link, next = %next_try, "an article could not be had yet: {why}");
        }
        Settlement::Matched { article: None, why, .. } => {
            tracing::info!(feed, link, "matched without its article: {why}");
        }
        Settlement::Matched { .. } => tracing::debug!(feed, link, "matched with its article"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{FeedId, FeedIdentity, FeedMemory};

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    fn waiting(tries: u32) -> WaitingItem {
        let identity = FeedIdentity { name: "a".into(), url: "https://news.example/rss".into() };
        let key = Key::of(&["x"]);
        WaitingItem {
            id: ItemId(1),
            item: Item::default(),
            link: None,
            content: key,
            first_seen: now(),
            until: now() + SignedDuration::from_mins(15),
            tries,
            news: true,
            page: key,
            feed: FeedMemory::fresh(FeedId(1), key, &identity),
        }
    }

    #[test]
    fn three_failures_are_enough_and_waiting_for_a_host_is_none() {
        let failed = |tries, not_before| next(&waiting(tries), &Page::Failed("so".into(), not_before), now());
        let later =
            |seconds, tries| Next::Later { at: now() + SignedDuration::from_secs(seconds), tries, why: "so".into() };
        assert_eq!(failed(0, None), later(15, 1));
        assert_eq!(failed(1, None), later(75, 2));
        assert_eq!(failed(1, Some(now() + SignedDuration::from_secs(300))), later(300, 2));
        assert_eq!(failed(0, Some(now() + SignedDuration::from_hours(2))), later(900, 1), "not beyond its time");
        assert_eq!(failed(2, None), Next::Match { text: None, why: "so".into() });
        let held = next(&waiting(2), &Page::NotYet(now() + SignedDuration::from_mins(5)), now());
        assert!(matches!(held, Next::Later { tries: 2, .. }));
    }

    #[test]
    fn pages_are_told_from_other_documents() {
        let utf16: Vec<u8> = "<html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (kind, body, expected) in [
            (Some("text/html; charset=utf-8"), &b"\n<!DOCTYPE html><p>x"[..], true),
            (Some("application/xhtml+xml"), b"<?xml version='1.0'?><html>", true),
            (None, b"<div>x</div>", true),
            (Some("text/plain"), b"<html>", true),
            (Some("text/html"), &utf16, true),
            (Some("application/pdf"), b"%PDF-1.7 <p", false),
            (Some("text/html"), b"%PDF-1.7 <p", false),
            (Some("image/png"), b"<html>", false),
            (Some("application/ld+json"), b"{\"text\": \"<p>x\"}", false),
            (Some("text/html"), b"words", false),
            (Some("text/html"), b"", false),
        ] {
            assert_eq!(is_page(kind, body), expected, "{kind:?} {}", String::from_utf8_lossy(body));
        }
    }
}
