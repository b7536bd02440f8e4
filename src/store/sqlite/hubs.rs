//! Subscriptions to hubs. What has passed with a hub is one value; that its callbacks can be found by their paths is seen to
//! here.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::SqliteStore;
use super::column::{At, Json};
use super::fault::Fault;
use crate::item::{Dealings, Offer, Subscription, SubscriptionId};
use crate::store::{Plan, StoreError, Subscriptions, Tend};

#[async_trait]
impl Subscriptions for SqliteStore {
    async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        self.look("subscriptions", all).await
    }

    async fn subscription(&self, offer: Offer) -> Result<Option<Subscription>, StoreError> {
        self.look("subscription", move |conn| of(conn, &offer)).await
    }

    async fn subscription_at(&self, path: String) -> Result<Option<Subscription>, StoreError> {
        self.look("subscription_at", move |conn| at(conn, &path)).await
    }

    async fn subscribe(&self, offers: Vec<Offer>) -> Result<(), StoreError> {
        self.write("subscribe", move |conn| subscribe(conn, &offers)).await
    }

    async fn tend(&self, id: SubscriptionId, change: Tend) -> Result<bool, StoreError> {
        self.write("tend", move |conn| tend(conn, id, &change)).await
    }

    async fn unsubscribe(&self, id: SubscriptionId) -> Result<(), StoreError> {
        self.write("unsubscribe", move |conn| {
            conn.execute(
                "/* unsubscribe */ DELETE FROM subscription
                 WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM callback WHERE subscription = ?1)",
                [id],
            )?;
            Ok(())
        })
        .await
    }

    async fn plan(&self, plans: Vec<Plan>) -> Result<(), StoreError> {
        self.write("plan", move |conn| plan(conn, &plans)).await
    }
}

fn plan(conn: &Connection, plans: &[Plan]) -> Result<(), Fault> {
    let mut update = conn.prepare_cached(
        "/* plan */ UPDATE feed SET next_poll = ?, why = ?, eased = ? WHERE id = ? AND last_poll IS ?",
    )?;
    for plan in plans {
        update.execute(params![plan.next_poll.map(At), plan.why, plan.eased, plan.feed, plan.last_poll.map(At)])?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    let offer = Offer { hub: row.get(1)?, topic: row.get(2)? };
    Ok(Subscription { id: row.get(0)?, offer, dealings: row.get::<_, Json<Dealings>>(3)?.0 })
}

fn all(conn: &Connection) -> Result<Vec<Subscription>, Fault> {
    let all = conn
        .prepare_cached("/* all */ SELECT id, hub, topic, dealings FROM subscription ORDER BY id")?
        .query_map((), read)?
        .collect::<Result<_, _>>()?;
    Ok(all)
}

fn of(conn: &Connection, offer: &Offer) -> Result<Option<Subscription>, Fault> {
    let found = conn
        .prepare_cached("/* of */ SELECT id, hub, topic, dealings FROM subscription WHERE hub = ? AND topic = ?")?
        .query_row([&offer.hub, &offer.topic], read)
        .optional()?;
    Ok(found)
}

fn at(conn: &Connection, path: &str) -> Result<Option<Subscription>, Fault> {
    let found = conn
        .prepare_cached(
            "/* at */ SELECT id, hub, topic, dealings FROM subscription
             WHERE id = (SELECT subscription FROM callback WHERE path = ?)",
        )?
        .query_row([path], read)
        .optional()?;
    Ok(found)
}

fn subscribe(conn: &Connection, offers: &[Offer]) -> Result<(), Fault> {
    let mut insert = conn.prepare_cached(
        "/* subscribe */ INSERT INTO subscription (hub, topic, dealings) VALUES (?, ?, '{}') ON CONFLICT DO NOTHING",
    )?;
    for offer in offers {
        insert.execute([&offer.hub, &offer.topic])?;
    }
    Ok(())
}

/// See [`Subscriptions::tend`].
pub(super) fn tend(conn: &Connection, id: SubscriptionId, change: &Tend) -> Result<bool, Fault> {
    let known = conn
        .prepare_cached("/* tend */ SELECT dealings FROM subscription WHERE id = ?")?
        .query_row([id], |row| Ok(row.get::<_, Json<Dealings>>(0)?.0))
        .optional()?;
    let Some(before) = known else { return Ok(false) };
    let mut after = before.clone();
    change.apply(&mut after);
    if after == before {
        return Ok(true);
    }
    conn.prepare_cached("/* tend */ UPDATE subscription SET dealings = ? WHERE id = ?")?
        .execute(params![Json(&after), id])?;
    let paths = |dealings: &Dealings| dealings.callbacks.iter().map(|it| it.path.clone()).collect::<Vec<_>>();
    if paths(&before) != paths(&after) {
        conn.prepare_cached("/* tend */ DELETE FROM callback WHERE subscription = ?")?.execute([id])?;
        let mut insert = conn.prepare_cached("/* tend */ INSERT INTO callback (path, subscription) VALUES (?, ?)")?;
        for path in paths(&after) {
            insert.execute(params![path, id])?;
        }
    }
    Ok(true)
}
