//! What is done because time goes by: digests, reminders, alerts that were held, feeds that have failed for too long.

use std::sync::Arc;

use jiff::Timestamp;

use super::deciding::Deciding;
use super::{Generation, Pipeline};
use crate::alert::{DigestRun, Routes};
use crate::item::FeedId;
use crate::store::{StoreError, TickOutcome, TickReceipt};

impl Pipeline {
    /// One tick: everything whose time came up to `now`. With `flush` also the digests that are not due yet.
    pub async fn tick(&self, now: Timestamp, flush: bool) -> Result<TickReceipt, StoreError> {
        // What is put into force from here on is noticed.
        let mut generations = self.generation.subscribe();
        loop {
            let generation = Arc::clone(&generations.borrow_and_update());
            let names: Vec<String> = generation.digests.iter().map(|digest| digest.name.clone()).collect();
            let through = self.store.digests_through(names, now).await?;
            let runs = generation.digests.iter().zip(through);
            let mut digests: Vec<DigestRun> =
                runs.filter_map(|(digest, through)| digest.run(through, now, flush)).collect();
            let mut awaited = self.store.awaited_digests().await?;
            let held = awaited.len();
            // What is told at once waits in no digest.
            awaited.retain(|name| !name.is_empty());
            let holds_alerts = awaited.len() < held;
            digests.extend(awaited.into_iter().filter_map(|name| {
                // What waited for a digest that the config no longer has goes out now: nobody else will send it.
                let is_there = generation.digests.iter().any(|digest| digest.name == name);
                (!is_there).then_some(DigestRun { name, slot: None, week: None, through: now, at: now })
            }));
            let reminders = self.reminders(&generation, now).await?;
            let ill = self.ill(&generation, now).await?;
            if digests.is_empty() && !holds_alerts && !reminders.is_due && ill.is_empty() {
                return Ok(TickReceipt { next: reminders.next, ..TickReceipt::default() });
            }
            let outcome = TickOutcome { generation: generation.number, at: now, digests, ill };
            match self.store.commit_tick(outcome, Arc::new(Deciding(generation))).await {
                // As in `take_in`.
                Err(StoreError::Stale) => drop(generations.changed().await),
                other => return other,
            }
        }
    }

    /// Feeds that are polled and have failed for so long that their operator is to have heard of it.
    async fn ill(&self, generation: &Generation, now: Timestamp) -> Result<Vec<FeedId>, StoreError> {
        let mut failing = self.store.failing().await?;
        failing.retain(|feed| generation.source(feed).is_some() && generation.routes.is_ill(feed, now));
        Ok(failing.into_iter().map(|feed| feed.id).collect())
    }

    /// Whether events are to be reminded of, as far as that can be said without knowing what was told.
    async fn reminders(&self, generation: &Generation, now: Timestamp) -> Result<Reminders, StoreError> {
        let watches = generation.routes.reminding();
        if watches.is_empty() {
            return Ok(Reminders::default());
        }
        let events = self.store.events(watches, Routes::reminding_from(now)).await?;
        let is_due = !generation.routes.remind_asks(&events, now).is_empty();
        Ok(Reminders { is_due, next: generation.routes.next_reminder(&events, now) })
    }

    /// When the next digest falls due; `None` without digests.
    pub fn next_digest(&self, now: Timestamp) -> Option<Timestamp> {
        self.generation().digests.iter().filter_map(|digest| digest.next(now)).min()
    }
}

/// Reminders of events.
#[derive(Default)]
struct Reminders {
    is_due: bool,
    next: Option<Timestamp>,
}
