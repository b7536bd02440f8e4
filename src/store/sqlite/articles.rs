//! Items that wait for their article, and one article, one commit.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::column::{At, Json};
use super::fault::Fault;
use super::poll::{self, Gathered};
use super::{alerts, facts, feeds, items, mutes, near, reports, stories};
use crate::alert::{Polled, Seen};
use crate::item::{FeedId, FeedMemory, Item, ItemId, Key, SiteRules, Standing, StoryId};
use crate::store::{
    Article, ArticleOutcome, ArticleReceipt, Before, Behind, Decide, Kept, MissedArticles, Settlement, Waiting,
    WaitingItem,
};
use crate::story::Reports;

/// What `waiting` reads of one.
const WAITING: &str =
    "article.ticket, item.id, item.feed, article.page, item.link, article.next_try, item.waits_until, article.news";

/// See [`crate::store::Store::waiting`].
pub(super) fn waiting(conn: &Connection, after: i64) -> Result<Vec<Waiting>, Fault> {
    // Those that began lately stand at the end of the table; to find all, the items that wait are far fewer than its rows.
    let from = if after > 0 {
        "article CROSS JOIN item ON item.id = article.item WHERE"
    } else {
        "item INDEXED BY item_waiting CROSS JOIN article ON article.item = item.id WHERE"
    };
    let sql = format!(
        "/* waiting */ SELECT {WAITING} FROM {from} article.ticket > ? AND item.waits_until IS NOT NULL ORDER BY article.ticket"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let waiting = find
        .query_map([after], |row| {
            Ok(Waiting {
                ticket: row.get(0)?,
                item: row.get(1)?,
                feed: row.get(2)?,
                page: row.get(3)?,
                link: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
                next_try: row.get::<_, At>(5)?.0,
                until: row.get::<_, At>(6)?.0,
                news: row.get(7)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(waiting)
}

/// See [`crate::store::Store::waiting_item`].
pub(super) fn waiting_item(conn: &Connection, id: ItemId) -> Result<Option<WaitingItem>, Fault> {
    let mut whose =
        conn.prepare_cached("/* waiting_item */ SELECT feed FROM item WHERE id = ? AND waits_until IS NOT NULL")?;
    let Some(feed) = whose.query_row([id], |row| row.get(0)).optional()? else { return Ok(None) };
    let feed = feeds::memory(conn, feed)?;
    let mut find = conn.prepare_cached(
        "/* waiting_item */ SELECT given_id, title, link, published, updated, authors, summary, text, link_key, content_key,
                first_seen, waits_until, tries, news, page, language, offset_minutes
         FROM item JOIN article ON article.item = item.id WHERE item.id = ?",
    )?;
    Ok(find.query_row([id], |row| waits(row, id, feed)).optional()?)
}

fn waits(row: &Row<'_>, id: ItemId, feed: FeedMemory) -> rusqlite::Result<WaitingItem> {
    let time = |column| row.get::<usize, Option<At>>(column).map(|at| at.map(|at| at.0));
    Ok(WaitingItem {
        id,
        item: Item {
            id: row.get(0)?,
            title: row.get(1)?,
            link: row.get(2)?,
            published: time(3)?,
            updated: time(4)?,
            authors: row.get::<_, Json<_>>(5)?.0,
            summary: row.get(6)?,
            text: row.get(7)?,
            language: row.get(15)?,
            offset_minutes: row.get(16)?,
        },
        link: row.get(8)?,
        content: row.get(9)?,
        first_seen: row.get::<_, At>(10)?.0,
        until: row.get::<_, At>(11)?.0,
        tries: row.get(12)?,
        news: row.get(13)?,
        page: row.get(14)?,
        feed,
    })
}

/// See [`crate::store::Store::article`].
pub(super) fn taken(conn: &Connection, page: Key, since: Timestamp) -> Result<Option<String>, Fault> {
    let mut find = conn.prepare_cached(
        "/* taken */ SELECT item.text, article.length FROM article JOIN item ON item.id = article.item
         WHERE article.page = ? AND article.taken >= ? ORDER BY article.taken DESC LIMIT 1",
    )?;
    Ok(find.query_row(params![page, At(since)], |row| beginning(row, 0, 1)).optional()?)
}

/// The first so many bytes of a text.
fn beginning(row: &Row<'_>, text: usize, length: usize) -> rusqlite::Result<String> {
    let (mut text, length): (String, i64) = (row.get(text)?, row.get(length)?);
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(text.len());
    text.truncate((0..=length).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0));
    Ok(text)
}

/// See [`crate::store::Store::given_up`].
pub(super) fn given_up(conn: &Connection, feed: FeedId, limit: usize) -> Result<MissedArticles, Fault> {
    const GIVEN_UP: &str = "item JOIN article ON article.item = item.id WHERE item.feed = ? AND waits_until IS NULL AND taken IS NULL AND why <> ''";
    let mut count = conn.prepare_cached(&format!("/* given_up */ SELECT count(*) FROM {GIVEN_UP}"))?;
    let count = count.query_row([feed], |row| row.get::<_, i64>(0))?;
    let sql = format!("/* given_up */ SELECT item.id, why FROM {GIVEN_UP} ORDER BY item.id DESC LIMIT ?");
    let mut newest = conn.prepare_cached(&sql)?;
    let newest = newest
        .query_map(params![feed, i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(MissedArticles { count: usize::try_from(count).unwrap_or_default(), newest })
}

/// See [`crate::store::Store::why_given_up`].
pub(super) fn why_given_up(conn: &Connection, item: ItemId) -> Result<Option<String>, Fault> {
    let mut find = conn.prepare_cached(
        "/* why_given_up */ SELECT why FROM item JOIN article ON article.item = item.id
         WHERE item.id = ? AND waits_until IS NULL AND taken IS NULL AND why <> ''",
    )?;
    Ok(find.query_row([item], |row| row.get(0)).optional()?)
}

/// See [`crate::store::Store::kept`].
pub(super) fn kept(conn: &Connection, ids: &[ItemId]) -> Result<Vec<Before>, Fault> {
    let mut find = conn.prepare_cached(
        "/* kept */ SELECT page, title_key, waits_until IS NOT NULL, length, text, published, item.title
         FROM item LEFT JOIN article ON article.item = item.id WHERE item.id = ?",
    )?;
    let kept = |row: &Row<'_>| {
        let text = if row.get::<_, Option<i64>>(3)?.is_some() { Some(beginning(row, 4, 3)?) } else { None };
        let (title, waits) = (row.get(1)?, row.get(2)?);
        let article = row.get::<_, Option<Key>>(0)?.map(|page| Kept { page, title, waits, text });
        Ok(Before { title: row.get(6)?, published: row.get::<_, Option<At>>(5)?.map(|at| at.0), article })
    };
    ids.iter().map(|id| Ok(find.query_row([id], kept).optional()?.unwrap_or_default())).collect()
}

/// How an item stands with its article before a poll writes it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Until when it waits, if it does.
    pub(super) until: Option<Timestamp>,
    /// Whether anything was decided on it.
    pub(super) decided: bool,
}

/// How a stored item stands with its article.
pub(super) fn place(conn: &Connection, id: ItemId) -> Result<Place, Fault> {
    let mut find = conn.prepare_cached(
        "/* place */ SELECT waits_until, decided FROM item JOIN article ON article.item = item.id WHERE item.id = ?",
    )?;
    let found = find.query_row([id], |row| {
        let until: Option<At> = row.get(0)?;
        // What does not wait any more was decided on when the wait ended.
        Ok(Place { until: until.map(|at| at.0), decided: until.is_none() || row.get(1)? })
    });
    Ok(found.optional()?.unwrap_or(Place { until: None, decided: true }))
}

/// An item begins to wait, or waits on at perhaps another address.
pub(super) fn wait(
    conn: &Connection,
    id: ItemId,
    before: Option<Place>,
    page: Key,
    news: bool,
    at: Timestamp,
) -> Result<(), Fault> {
    if before.is_some_and(|place| place.until.is_some()) {
        conn.prepare_cached("/* wait */ UPDATE article SET page = ? WHERE item = ?")?.execute(params![page, id])?;
        return Ok(());
    }
    conn.prepare_cached("/* wait */ DELETE FROM article WHERE item = ?")?.execute([id])?;
    conn.prepare_cached(
        "/* wait */ INSERT INTO article (item, page, next_try, tries, news, decided, why) VALUES (?, ?, ?, 0, ?, ?, '')",
    )?
    .execute(params![id, page, At(at), news, before.is_some()])?;
    Ok(())
}

/// An edited item is matched on what its feed says now, with the article that it has or without.
pub(super) fn end_wait(conn: &Connection, id: ItemId, behind: &Behind) -> Result<(), Fault> {
    if *behind == Behind::Nothing {
        conn.prepare_cached("/* end_wait */ UPDATE article SET taken = NULL, length = NULL WHERE item = ?")?
            .execute([id])?;
    }
    Ok(())
}

/// See [`crate::store::Store::commit_article`].
pub(super) fn commit(
    conn: &Connection,
    outcome: &ArticleOutcome,
    decide: &dyn Decide,
    reports: &mut reports::Cache,
) -> Result<ArticleReceipt, Fault> {
    let receipt = write_down(conn, outcome, decide, reports.opened(conn, outcome.at)?)?;
    reports.settled(conn, true)?;
    Ok(receipt)
}

fn write_down(
    conn: &Connection,
    outcome: &ArticleOutcome,
    decide: &dyn Decide,
    recent: &mut Reports,
) -> Result<ArticleReceipt, Fault> {
    feeds::hold(conn, &outcome.holds)?;
    keep_rules(conn, &outcome.rules, outcome.at)?;
    let mut find = conn.prepare_cached(
        "/* commit */ SELECT feed, story, identity, decided FROM item JOIN article ON article.item = item.id
         WHERE item.id = ? AND waits_until IS NOT NULL AND content_key = ?",
    )?;
    let row = find
        .query_row(params![outcome.item, outcome.content], |row| {
            Ok((row.get(0)?, row.get::<_, StoryId>(1)?, row.get(2)?, row.get::<_, bool>(3)?))
        })
        .optional()?;
    let Some((feed, own, identity, decided)) = row else { return Ok(ArticleReceipt::default()) };
    let (found, article, why) = match &outcome.settlement {
        Settlement::Later { next_try, tries, why } => {
            conn.prepare_cached("/* commit */ UPDATE article SET next_try = ?, tries = ?, why = ? WHERE item = ?")?
                .execute(params![At(*next_try), tries, why, outcome.item])?;
            return Ok(ArticleReceipt { written: true, ..ArticleReceipt::default() });
        }
        Settlement::Matched { found, article, why } => (found, article, why),
    };
    let id = outcome.item;
    let seen = Seen {
        id,
        standing: if decided { Standing::Edited(id) } else { Standing::New },
        identity,
        story: decided.then_some(own),
        candidates: stories::candidates(conn, &found.story_keys, found.when)?,
        first_seen: Some(items::first_seen(conn, id)?),
        matched_before: items::matches(conn, id)?,
        muted_before: items::muted(conn, id)?,
        facts: facts::known(conn, &decide.fact_asks(found))?,
    };
    let mut gathered = Gathered::default();
    let story = poll::story_of(conn, found, &seen, Some(own), (decide, &mut *recent), &mut gathered)?;
    end(conn, id, own, story, article.as_ref(), why, outcome.at)?;
    items::set_matches(conn, id, true, &found.hits, outcome.at)?;
    near::remember(conn, &seen, &found.near, outcome.at)?;
    reports::remember(conn, recent, &seen, story, found)?;
    poll::decide_on(conn, found, &seen, story, outcome.at, decide, &mut gathered)?;
    let Gathered { mut receipt, alerts, heard, .. } = gathered;
    let released = alerts::release_new(conn, &alerts, outcome.at, decide)?;
    receipt.queued += released.mails.len();
    receipt.held += released.held;
    if !heard.is_empty() {
        // No poll: nothing more was listened to, only something heard.
        let feed = feeds::memory(conn, feed)?;
        let mutes = &mutes::in_force(conn, outcome.at)?;
        let polled = Polled { before: &feed, after: &feed, at: outcome.at, heard: &heard, mutes };
        receipt.queued += alerts::listen(conn, &polled, decide)?;
    }
    Ok(ArticleReceipt { written: true, matched: receipt })
}

/// Writes that an item waits no more, with its article and its story.
fn end(
    conn: &Connection,
    id: ItemId,
    own: StoryId,
    story: StoryId,
    article: Option<&Article>,
    why: &str,
    at: Timestamp,
) -> Result<(), Fault> {
    conn.prepare_cached("/* end */ UPDATE item SET waits_until = NULL, story = ? WHERE id = ?")?
        .execute(params![story, id])?;
    if story != own {
        mutes::follow(conn, own, story)?;
        stories::close_empty(conn, own)?;
    }
    if let Some(Article { text, length }) = article {
        conn.prepare_cached("/* end */ UPDATE item SET text = ? WHERE id = ?")?.execute(params![text, id])?;
        conn.prepare_cached("/* end */ UPDATE article SET taken = ?, length = ? WHERE item = ?")?.execute(params![
            At(at),
            i64::try_from(*length).unwrap_or(i64::MAX),
            id
        ])?;
    }
    conn.prepare_cached("/* end */ UPDATE article SET why = ? WHERE item = ?")?.execute(params![why, id])?;
    Ok(())
}

/// See [`crate::store::Store::site_rules`].
pub(super) fn site_rules(conn: &Connection, now: Timestamp) -> Result<Vec<SiteRules>, Fault> {
    let mut find = conn
        .prepare_cached("/* site_rules */ SELECT site, until, rules FROM site_rules WHERE until > ? ORDER BY site")?;
    let rules = find
        .query_map([At(now)], |row| {
            Ok(SiteRules { site: row.get(0)?, until: row.get::<_, At>(1)?.0, rules: row.get(2)? })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rules)
}

fn keep_rules(conn: &Connection, rules: &[SiteRules], at: Timestamp) -> Result<(), Fault> {
    if rules.is_empty() {
        return Ok(());
    }
    // They are believed for a day, so the table stays small.
    conn.prepare_cached("/* keep_rules */ DELETE FROM site_rules WHERE until <= ?")?.execute([At(at)])?;
    let mut insert = conn
        .prepare_cached("/* keep_rules */ INSERT OR REPLACE INTO site_rules (site, until, rules) VALUES (?, ?, ?)")?;
    for SiteRules { site, until, rules } in rules {
        insert.execute(params![site, At(*until), rules])?;
    }
    Ok(())
}
