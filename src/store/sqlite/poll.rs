//! One poll, one commit.

use jiff::Timestamp;
use rusqlite::Connection;

use super::articles::{self, Place};
use super::fault::Fault;
use super::identity::{self, Document};
use super::items::{self, NewRow};
use super::{alerts, facts, feeds, hubs, mutes, near, outbox, reports, stories, told};
use crate::alert::{Found, Heard, Joined, Matched, Mutes, Polled, Seen};
use crate::item::{self, FeedMemory, ItemId, Key, MailId, Standing, StoryId, Telling};
use crate::store::{Behind, Decide, FoundItem, PollOutcome, PollReceipt};
use crate::story::{Place as StoryPlace, Reports};

/// See [`crate::store::Store::commit_poll`].
pub(super) fn commit(
    conn: &Connection,
    outcome: &PollOutcome,
    decide: &dyn Decide,
    reports: &mut reports::Cache,
) -> Result<PollReceipt, Fault> {
    if outcome.items.is_empty() {
        return write_down(conn, outcome, decide, &mut Reports::default());
    }
    let receipt = write_down(conn, outcome, decide, reports.opened(conn, outcome.at)?)?;
    reports.settled(conn, true)?;
    Ok(receipt)
}

fn write_down(
    conn: &Connection,
    outcome: &PollOutcome,
    decide: &dyn Decide,
    recent: &mut Reports,
) -> Result<PollReceipt, Fault> {
    let mut gathered = Gathered::default();
    let mut document = Document::of(conn, outcome.after.id, outcome.items.iter().map(|found| &found.found.keys))?;
    outcome.still_there.iter().for_each(|id| document.holds(*id));
    for found in &outcome.items {
        // Since the poll looked, another one may have stored this item; and one document may hold it twice.
        let standing = document.standing(conn, outcome.after.id, &found.found.keys)?;
        if let Some(id) =
            commit_item(conn, outcome, found, (standing, &document), (decide, &mut *recent), &mut gathered)?
        {
            document.holds(id);
        }
        document.stored(&found.found.keys);
    }
    for id in &outcome.still_there {
        items::seen(conn, *id, outcome.after.document, outcome.at)?;
    }
    let Gathered { mut receipt, alerts, heard, .. } = gathered;
    let released = alerts::release_new(conn, &alerts, outcome.at, decide)?;
    let mutes = &mutes::in_force(conn, outcome.at)?;
    let polled = Polled { before: &outcome.before, after: &outcome.after, at: outcome.at, heard: &heard, mutes };
    receipt.queued += released.mails.len() + alerts::listen(conn, &polled, decide)?;
    receipt.held += released.held;
    if let Some((subscription, tend)) = &outcome.hub {
        hubs::tend(conn, *subscription, tend)?;
    }
    feeds::hold(conn, &outcome.holds)?;
    if outcome.pushed {
        return Ok(receipt);
    }
    feeds::remember(conn, &outcome.after)?;
    receipt.queued += health(conn, &outcome.before, &outcome.after, outcome.at, decide)?.len();
    Ok(receipt)
}

/// Queues mails about a feed's health.
pub(super) fn health(
    conn: &Connection,
    before: &FeedMemory,
    after: &FeedMemory,
    at: Timestamp,
    decide: &dyn Decide,
) -> Result<Vec<MailId>, Fault> {
    let told = told::which(conn, &decide.health_asks(before, after))?;
    let mails = decide.health(before, after, at, &told);
    mails.iter().map(|envelope| outbox::queue(conn, envelope, &[], None, at)).collect()
}

/// What the items of one commit add up to.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) receipt: PollReceipt,
    /// The item that was added last.
    last: Option<ItemId>,
    /// What is told at once.
    pub(super) alerts: Vec<Telling>,
    /// Matches that end a silence.
    pub(super) heard: Vec<Heard>,
}

/// Writes one item and what is decided on it; its row, unless that is gone.
fn commit_item(
    conn: &Connection,
    outcome: &PollOutcome,
    found: &FoundItem,
    (standing, document): (Standing, &Document),
    (decide, recent): (&dyn Decide, &mut Reports),
    gathered: &mut Gathered,
) -> Result<Option<ItemId>, Fault> {
    let (feed, at, keys) = (outcome.after.id, outcome.at, &found.found.keys);
    match standing {
        Standing::Repeated(id) => {
            gathered.receipt.repeated += 1;
            identity::touch(conn, feed, keys, at)?;
            if let Some(id) = id {
                items::seen(conn, id, outcome.after.document, at)?;
            }
            return Ok(id);
        }
        Standing::New => gathered.receipt.new += 1,
        Standing::Edited(_) => gathered.receipt.updated += 1,
    }
    let before = match standing {
        Standing::Edited(id) => Some(articles::place(conn, id)?),
        Standing::New | Standing::Repeated(_) => None,
    };
    let row = look(conn, outcome, (standing, document), before, found, (decide, &mut *gathered))?;
    let story = match found.behind {
        // Until its article is there, it is its own story.
        Behind::Wait { .. } => match row.own {
            Some(own) => own,
            None => stories::open(conn, &found.found.title, found.found.when)?,
        },
        Behind::Nothing | Behind::Kept => {
            story_of(conn, &found.found, &row.seen, row.own, (decide, &mut *recent), gathered)?
        }
    };
    write(conn, outcome, found, &row, before, story)?;
    if let Behind::Wait { page, .. } = found.behind {
        gathered.receipt.waiting += 1;
        articles::wait(conn, row.seen.id, before, page, found.found.news, at)?;
    } else {
        if before.is_some() {
            articles::end_wait(conn, row.seen.id, &found.behind)?;
        }
        if row.own.is_some() || !found.found.hits.is_empty() {
            items::set_matches(conn, row.seen.id, row.own.is_some(), &found.found.hits, at)?;
        }
        near::remember(conn, &row.seen, &found.found.near, at)?;
        reports::remember(conn, recent, &row.seen, story, &found.found)?;
        decide_on(conn, &found.found, &row.seen, story, at, decide, gathered)?;
    }
    Ok(Some(row.seen.id))
}

/// Decides who is told of an item that has joined a story.
pub(super) fn decide_on(
    conn: &Connection,
    found: &Found,
    seen: &Seen,
    story: StoryId,
    at: Timestamp,
    decide: &dyn Decide,
    gathered: &mut Gathered,
) -> Result<(), Fault> {
    gathered.receipt.matches += found.hits.len();
    if !found.news {
        gathered.receipt.backlog += found.hits.len();
    }
    // Most items match nothing and never did.
    if found.hits.is_empty() && seen.matched_before.is_empty() && seen.standing == Standing::New {
        return Ok(());
    }
    let items = stories::items(conn, story, Some(seen.id))?;
    let mut held = alerts::held(conn, story)?;
    // Of the same commit; they become mails, or are held, at its end.
    held.extend(gathered.alerts.iter().filter(|telling| telling.story == story).map(|telling| telling.key));
    let matched = matched(conn, decide, found, story, seen.id)?;
    let mutes = if found.hits.is_empty() { Mutes::default() } else { mutes::in_force(conn, at)? };
    let joined = Joined { story, items, matched, held, mutes, at };
    let told = told::which(conn, &decide.asks(found, seen, &joined.items))?;
    let decision = decide.decide(found, seen, &joined, &told);
    for (watch, by) in &decision.muted {
        mutes::note(conn, seen.id, watch, *by)?;
    }
    for telling in &decision.alerts {
        // What comes later in the same commit must know of it.
        told::record(conn, telling.key, None, at)?;
    }
    gathered.alerts.extend(decision.alerts);
    gathered.heard.extend(decision.heard);
    for (digest, telling) in &decision.held {
        outbox::hold(conn, digest, telling, at)?;
    }
    for (key, by) in &decision.covered {
        told::cover(conn, *key, *by, at)?;
    }
    facts::remember(conn, &decision.facts)
}

/// The story that an item joins, which is found by its keys too from now on. `own` is the one that it waits in.
pub(super) fn story_of(
    conn: &Connection,
    found: &Found,
    seen: &Seen,
    own: Option<StoryId>,
    (decide, recent): (&dyn Decide, &mut Reports),
    gathered: &mut Gathered,
) -> Result<StoryId, Fault> {
    let place = match seen.story {
        // An edited item stays where it is.
        Some(story) => StoryPlace { story: Some(story), ..StoryPlace::default() },
        None => decide.story(found, seen, recent),
    };
    let known = match place.story {
        Some(story) if stories::is_there(conn, story)? => Some(story),
        _ => own,
    };
    let story = if let Some(story) = known {
        stories::join(conn, story, &found.story_keys, found.when)?;
        story
    } else {
        let story = stories::open(conn, &found.title, found.when)?;
        stories::name(conn, story, &found.story_keys)?;
        story
    };
    let moved = reports::regroup(conn, recent, &place.moves, story)?;
    for telling in &mut gathered.alerts {
        if let Some((_, to)) = moved.iter().find(|(item, _)| *item == telling.item) {
            telling.story = *to;
        }
    }
    Ok(story)
}

/// Matches of the story's other items, of the watches that count their sources.
fn matched(
    conn: &Connection,
    decide: &dyn Decide,
    found: &Found,
    story: StoryId,
    without: ItemId,
) -> Result<Vec<Matched>, Fault> {
    let mut matched = Vec::new();
    for watch in decide.counted(found) {
        matched.extend(items::matched(conn, story, &watch, Some(without))?);
    }
    Ok(matched)
}

/// The row of an item, as far as it is there.
struct ItemRow {
    seen: Seen,
    /// The story that it is in.
    own: Option<StoryId>,
}

/// What the store knows of an item that is to be decided on. To whoever decides, one on which nothing was decided while it
/// waited for its article is new.
fn look(
    conn: &Connection,
    outcome: &PollOutcome,
    (standing, document): (Standing, &Document),
    before: Option<Place>,
    found: &FoundItem,
    (decide, gathered): (&dyn Decide, &mut Gathered),
) -> Result<ItemRow, Fault> {
    let candidates = stories::candidates(conn, &found.found.story_keys, found.found.when)?;
    let facts = facts::known(conn, &decide.fact_asks(&found.found))?;
    let Standing::Edited(id) = standing else {
        // Nobody else writes meanwhile.
        let id = match gathered.last {
            Some(ItemId(last)) => ItemId(last + 1),
            None => items::next_id(conn)?,
        };
        gathered.last = Some(id);
        let identity = new_identity(conn, &outcome.after, document, found)?;
        let (first_seen, matched_before, muted_before) = (None, Vec::new(), Vec::new());
        let story = None;
        let seen = Seen { id, standing, identity, story, candidates, first_seen, matched_before, muted_before, facts };
        return Ok(ItemRow { seen, own: None });
    };
    let (identity, own) = items::place(conn, id)?;
    let decided = before.is_none_or(|place| place.decided);
    let (standing, story) = if decided { (standing, Some(own)) } else { (Standing::New, None) };
    let (first_seen, matched_before) = (Some(items::first_seen(conn, id)?), items::matches(conn, id)?);
    let muted_before = items::muted(conn, id)?;
    let seen = Seen { id, standing, identity, story, candidates, first_seen, matched_before, muted_before, facts };
    Ok(ItemRow { seen, own: Some(own) })
}

/// The name of a new item in what is told.
fn new_identity(conn: &Connection, feed: &FeedMemory, document: &Document, found: &FoundItem) -> Result<Key, Fault> {
    let keys = &found.found.keys;
    let reused = match keys.id {
        Some(id) if document.may_know(&id) => identity::id_in_use(conn, feed.id, id)?,
        _ => false,
    };
    // An id that the feed gave to other news before names that.
    Ok(if reused { item::identity(feed.key, keys.link.unwrap_or(keys.text)) } else { found.identity })
}

/// Writes the item with its story and keys.
fn write(
    conn: &Connection,
    outcome: &PollOutcome,
    found: &FoundItem,
    row: &ItemRow,
    before: Option<Place>,
    story: StoryId,
) -> Result<(), Fault> {
    let (feed, at, keys, id) = (outcome.after.id, outcome.at, &found.found.keys, row.seen.id);
    // An edit makes no wait longer.
    let waits_until = match found.behind {
        Behind::Wait { until, .. } => Some(before.and_then(|place| place.until).unwrap_or(until)),
        Behind::Nothing | Behind::Kept => None,
    };
    if let Some(own) = row.own {
        items::update(conn, id, keys, waits_until, &found.item)?;
        if story != own {
            items::join(conn, id, story)?;
            mutes::follow(conn, own, story)?;
            stories::close_empty(conn, own)?;
        }
        items::seen(conn, id, outcome.after.document, at)?;
    } else {
        let new = NewRow {
            id,
            feed,
            story,
            identity: row.seen.identity,
            keys,
            first_seen: at,
            waits_until,
            document: outcome.after.document,
        };
        items::insert(conn, new, &found.item)?;
    }
    identity::claim(conn, feed, keys, id, at)
}
