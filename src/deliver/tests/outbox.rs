//! An outbox in memory, which writes down in which order it is written.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;

use super::super::*;
use super::now;
use crate::alert::{Held, Matched, MuteId, Near};
use crate::item::{
    FeedId, FeedIdentity, FeedMemory, Hit, HostHold, Item, ItemId, ItemKeys, Key, MailId, Offer, SiteRules, Standing,
    StoryId, Subscription, SubscriptionId, Telling,
};
use crate::store::{
    ArticleOutcome, ArticleReceipt, Before, ByHand, Counts, Decide, Feedback, GivenUp, ItemFilter, ItemRow, LedgerNews,
    MailEntry, MailRow, MissedArticles, MuteRow, MuteWish, MutedMatch, Plan, PollOutcome, PollReceipt, Precision,
    Pruned, StoredItem, Subscriptions, Tend, ThreadMail, TickOutcome, TickReceipt, ToldOnce, Waiting, WaitingItem,
};

/// One mail, and everything that was written about it, in order. What delivery does not use is out of reach.
#[derive(Default)]
pub(super) struct Outbox {
    pub(super) mail: Mutex<Option<Lease>>,
    pub(super) log: Mutex<Vec<String>>,
    /// Whether the mail's item is still stored.
    pub(super) pruned: bool,
    /// Writes of this name fail.
    pub(super) fails: Option<&'static str>,
    /// The next write of this name finds the disk full.
    pub(super) full: Mutex<Option<&'static str>>,
    pub(super) uncovered: Mutex<Vec<LedgerEntry>>,
}

impl Outbox {
    pub(super) fn note(&self, name: &'static str, what: &str) -> Result<(), StoreError> {
        if self.fails == Some(name) {
            return Err(StoreError::LeaseLost(1));
        }
        if self.full.lock().unwrap().take_if(|full| *full == name).is_some() {
            return Err(StoreError::Unwritable { path: "news.db".into(), what: "the disk is full".to_owned() });
        }
        self.log.lock().unwrap().push(format!("{name} {what}").trim().to_owned());
        Ok(())
    }

    pub(super) fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

#[async_trait]
impl Feedback for Outbox {
    async fn told_once(&self, _: Key) -> Result<Option<ToldOnce>, StoreError> {
        unreachable!()
    }
    async fn call_irrelevant(&self, _: Key, _: Option<Timestamp>) -> Result<bool, StoreError> {
        unreachable!()
    }
    async fn precision(&self, _: Timestamp) -> Result<Vec<Precision>, StoreError> {
        unreachable!()
    }
}

#[async_trait]
impl Subscriptions for Outbox {
    async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        unreachable!()
    }
    async fn subscription(&self, _: Offer) -> Result<Option<Subscription>, StoreError> {
        unreachable!()
    }
    async fn subscription_at(&self, _: String) -> Result<Option<Subscription>, StoreError> {
        unreachable!()
    }
    async fn subscribe(&self, _: Vec<Offer>) -> Result<(), StoreError> {
        unreachable!()
    }
    async fn tend(&self, _: SubscriptionId, _: Tend) -> Result<bool, StoreError> {
        unreachable!()
    }
    async fn unsubscribe(&self, _: SubscriptionId) -> Result<(), StoreError> {
        unreachable!()
    }
    async fn plan(&self, _: Vec<Plan>) -> Result<(), StoreError> {
        unreachable!()
    }
}

#[async_trait]
impl Store for Outbox {
    async fn lease(&self, _: Timestamp, _: Timestamp, _: Option<MailId>) -> Result<Option<Lease>, StoreError> {
        Ok(self.mail.lock().unwrap().clone())
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }

    async fn entries(&self, tellings: Vec<Telling>) -> Result<Vec<MailEntry>, StoreError> {
        let entry = |telling| MailEntry {
            telling,
            item: Item { title: "Headline".to_owned(), ..Item::default() },
            first_seen: now(),
            feed: "feed".to_owned(),
            story_title: "Headline".to_owned(),
            also_in: Vec::new(),
        };
        Ok(if self.pruned { Vec::new() } else { tellings.into_iter().map(entry).collect() })
    }

    async fn thread(&self, _: &str, _: StoryId, _: MailId) -> Result<Vec<ThreadMail>, StoreError> {
        Ok(Vec::new())
    }

    async fn rendered(&self, _: &Lease, rendered: Rendered) -> Result<(), StoreError> {
        self.note("rendered", "")?;
        self.mail.lock().unwrap().as_mut().unwrap().rendered = Some(rendered);
        Ok(())
    }

    async fn sending(&self, _: &Lease, _: Timestamp) -> Result<(), StoreError> {
        self.note("sending", "")
    }

    async fn settle(&self, _: &Lease, settled: Settled, now: Timestamp) -> Result<(), StoreError> {
        let after = |next: Timestamp| next.duration_since(now).as_mins();
        self.note(
            "settle",
            &match settled {
                Settled::Sent { .. } => "sent".to_owned(),
                Settled::Later { next, .. } => format!("later {}m", after(next)),
                Settled::Unheard { next, .. } => format!("unheard {}m", after(next)),
                Settled::Dead { answer } => format!("dead: {answer}"),
                Settled::Refused { answer, kept: true } => format!("kept: {answer}"),
                Settled::Refused { answer, .. } => format!("refused: {answer}"),
                Settled::Dropped => "dropped".to_owned(),
            },
        )
    }

    async fn gather(&self, _: &Lease, _: Timestamp, _: Timestamp) -> Result<(), StoreError> {
        self.note("gather", "gather")
    }
    async fn release(&self, _: &Lease, next: Timestamp, _: &str) -> Result<(), StoreError> {
        self.note("release", &format!("{}m", next.duration_since(now()).as_mins()))
    }

    async fn unledgered(&self) -> Result<Vec<LedgerEntry>, StoreError> {
        Ok(std::mem::take(&mut self.uncovered.lock().unwrap()))
    }

    async fn ledgered(&self, keys: Vec<Key>, _: u64) -> Result<(), StoreError> {
        self.note("ledgered", &keys.len().to_string())
    }

    async fn enlist(&self, _: Vec<FeedIdentity>) -> Result<Vec<FeedMemory>, StoreError> {
        unreachable!()
    }
    async fn memories(&self, _: Vec<FeedIdentity>) -> Result<Vec<FeedMemory>, StoreError> {
        unreachable!()
    }
    async fn holds(&self, _: Timestamp) -> Result<Vec<HostHold>, StoreError> {
        unreachable!()
    }
    async fn known(&self, _: FeedId, _: Vec<ItemKeys>) -> Result<Vec<Standing>, StoreError> {
        unreachable!()
    }
    async fn commit_poll(&self, _: PollOutcome, _: Arc<dyn Decide>) -> Result<PollReceipt, StoreError> {
        unreachable!()
    }
    async fn waiting(&self, _: i64) -> Result<Vec<Waiting>, StoreError> {
        unreachable!()
    }
    async fn waiting_item(&self, _: ItemId) -> Result<Option<WaitingItem>, StoreError> {
        unreachable!()
    }
    async fn article(&self, _: Key, _: Timestamp) -> Result<Option<String>, StoreError> {
        unreachable!()
    }
    async fn given_up(&self, _: FeedId, _: usize) -> Result<MissedArticles, StoreError> {
        unreachable!()
    }
    async fn why_given_up(&self, _: ItemId) -> Result<Option<String>, StoreError> {
        unreachable!()
    }
    async fn matched(&self, _: StoryId, _: &str) -> Result<Vec<Matched>, StoreError> {
        unreachable!()
    }
    async fn kept(&self, _: Vec<ItemId>) -> Result<Vec<Before>, StoreError> {
        unreachable!()
    }
    async fn site_rules(&self, _: Timestamp) -> Result<Vec<SiteRules>, StoreError> {
        unreachable!()
    }
    async fn commit_article(&self, _: ArticleOutcome, _: Arc<dyn Decide>) -> Result<ArticleReceipt, StoreError> {
        unreachable!()
    }
    async fn declare_generation(&self, _: u64) -> Result<(), StoreError> {
        unreachable!()
    }
    async fn digests_through(&self, _: Vec<String>, _: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        unreachable!()
    }
    async fn listen(&self, _: Vec<String>, _: Timestamp) -> Result<(), StoreError> {
        unreachable!()
    }
    async fn revive(&self, _: MailId, _: Timestamp) -> Result<ByHand<MailRow>, StoreError> {
        unreachable!()
    }
    async fn give_up(&self, _: MailId, _: Timestamp) -> Result<ByHand<GivenUp>, StoreError> {
        unreachable!()
    }
    async fn bury(&self, _: MailId, _: Vec<Key>) -> Result<(), StoreError> {
        unreachable!()
    }
    async fn near_misses(&self, _: Vec<String>, _: Timestamp) -> Result<Vec<Near>, StoreError> {
        unreachable!()
    }
    async fn mute(&self, _: MuteWish) -> Result<Option<MuteRow>, StoreError> {
        unreachable!()
    }
    async fn mutes(&self, _: Timestamp) -> Result<Vec<MuteRow>, StoreError> {
        unreachable!()
    }
    async fn unmute(&self, _: MuteId, _: Timestamp) -> Result<Option<MuteRow>, StoreError> {
        unreachable!()
    }
    async fn muted(&self, _: ItemId) -> Result<Vec<MutedMatch>, StoreError> {
        unreachable!()
    }
    async fn commit_tick(&self, _: TickOutcome, _: Arc<dyn Decide>) -> Result<TickReceipt, StoreError> {
        unreachable!()
    }
    async fn awaited_digests(&self) -> Result<Vec<String>, StoreError> {
        unreachable!()
    }
    async fn held(&self, _: &str) -> Result<Vec<Held>, StoreError> {
        unreachable!()
    }
    async fn ledger_offset(&self) -> Result<u64, StoreError> {
        unreachable!()
    }
    async fn read_in(&self, _: LedgerNews) -> Result<(), StoreError> {
        unreachable!()
    }
    async fn recover(&self, _: Timestamp) -> Result<usize, StoreError> {
        unreachable!()
    }
    async fn hasten(&self, _: Timestamp, _: Timestamp) -> Result<usize, StoreError> {
        unreachable!()
    }

    async fn wind_back(&self, _: Timestamp) -> Result<(), StoreError> {
        unreachable!("not asked for by delivery")
    }
    async fn items(&self, _: ItemFilter) -> Result<Vec<ItemRow>, StoreError> {
        unreachable!()
    }
    async fn stored(&self, _: ItemId, _: Option<Timestamp>, _: usize) -> Result<Vec<StoredItem>, StoreError> {
        unreachable!()
    }
    async fn last_item(&self) -> Result<ItemId, StoreError> {
        unreachable!()
    }
    async fn events(&self, _: Vec<String>, _: jiff::civil::Date) -> Result<Vec<crate::item::KnownFact>, StoreError> {
        unreachable!()
    }
    async fn mails(&self, _: usize) -> Result<Vec<MailRow>, StoreError> {
        unreachable!()
    }
    async fn refused(&self) -> Result<Vec<crate::store::Refused>, StoreError> {
        unreachable!()
    }
    async fn matches_by_day(&self, _: Timestamp) -> Result<Vec<(String, i64, u64)>, StoreError> {
        unreachable!()
    }
    async fn failing(&self) -> Result<Vec<FeedMemory>, StoreError> {
        unreachable!()
    }
    async fn matches(&self, _: Timestamp) -> Result<Vec<(ItemId, StoryId, Hit)>, StoreError> {
        unreachable!()
    }
    async fn counts(&self) -> Result<Counts, StoreError> {
        unreachable!()
    }
    async fn prune(&self, _: Timestamp, _: usize) -> Result<Pruned, StoreError> {
        unreachable!()
    }
    async fn close(&self) -> Result<(), StoreError> {
        unreachable!()
    }
}
