//! One poll, one commit.

use rusqlite::Connection;

use super::fault::Fault;
use super::identity::{self, Document};
use super::items::{self, NewRow};
use super::{alerts, feeds, outbox, reports, stories, told};
use crate::alert::{Heard, Joined, Matched, Seen};
use crate::item::{FeedMemory, ItemId, ItemKeys, Key, Standing, StoryId, Telling};
use crate::store::{Decide, FoundItem, PollOutcome, PollReceipt};
use crate::story::{Place, Reports};

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
    reports.settled(conn, receipt.new > 0)?;
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
        if let Some(id) = commit_item(conn, outcome, found, standing, (decide, recent), &mut gathered)? {
            document.holds(id);
        }
    }
    for id in &outcome.still_there {
        items::seen(conn, *id, outcome.after.document, outcome.at)?;
    }
    let Gathered { mut receipt, alerts, heard } = gathered;
    let released = alerts::release_new(conn, &alerts, outcome.at, decide)?;
    receipt.queued += released.mails.len() + alerts::listen(conn, outcome, &heard, decide)?;
    receipt.held += released.held;
    feeds::remember(conn, &outcome.after)?;
    feeds::hold(conn, &outcome.holds)?;
    let asked = decide.health_asks(&outcome.before, &outcome.after);
    for envelope in decide.health(&outcome.before, &outcome.after, &told::which(conn, &asked)?) {
        outbox::queue(conn, &envelope, &[], None, outcome.at)?;
        receipt.queued += 1;
    }
    Ok(receipt)
}

/// What the items of one poll add up to.
#[derive(Default)]
struct Gathered {
    receipt: PollReceipt,
    /// What is told at once.
    alerts: Vec<Telling>,
    /// Matches that end a silence.
    heard: Vec<Heard>,
}

/// Writes one item and what is decided on it; its row, unless that is gone.
fn commit_item(
    conn: &Connection,
    outcome: &PollOutcome,
    found: &FoundItem,
    standing: Standing,
    (decide, recent): (&dyn Decide, &mut Reports),
    gathered: &mut Gathered,
) -> Result<Option<ItemId>, Fault> {
    let (feed, at, keys) = (outcome.after.id, outcome.at, &found.found.keys);
    let receipt = &mut gathered.receipt;
    match standing {
        Standing::Repeated(id) => {
            receipt.repeated += 1;
            identity::touch(conn, feed, keys, at)?;
            if let Some(id) = id {
                items::seen(conn, id, outcome.after.document, at)?;
            }
            return Ok(id);
        }
        Standing::New => receipt.new += 1,
        Standing::Edited(_) => receipt.updated += 1,
    }
    receipt.matches += found.found.hits.len();
    if !found.found.news {
        receipt.backlog += found.found.hits.len();
    }
    let seen = look(conn, &outcome.after, standing, found)?;
    let (story, moved) = write(conn, outcome, found, &seen, (decide, recent))?;
    for telling in &mut gathered.alerts {
        if let Some((_, to)) = moved.iter().find(|(item, _)| *item == telling.item) {
            telling.story = *to;
        }
    }
    let items = stories::items(conn, story, Some(seen.id))?;
    let matched = matched(conn, decide, found, story, seen.id)?;
    let mut held = alerts::held(conn, story)?;
    // Of the same poll; they become mails, or are held, at its end.
    held.extend(gathered.alerts.iter().filter(|telling| telling.story == story).map(|telling| telling.key));
    let joined = Joined { story, items, matched, held, at };
    let told = told::which(conn, &decide.asks(&found.found, &seen, &joined.items))?;
    let decision = decide.decide(&found.found, &seen, &joined, &told);
    for telling in &decision.alerts {
        // What comes later in the same poll must know of it.
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
    Ok(Some(seen.id))
}

/// What the store knows of an item that is to be decided on.
fn look(conn: &Connection, feed: &FeedMemory, standing: Standing, found: &FoundItem) -> Result<Seen, Fault> {
    let candidates = stories::candidates(conn, &found.found.story_keys, found.found.when)?;
    Ok(match standing {
        Standing::Edited(id) => {
            let (identity, story) = items::place(conn, id)?;
            let (matched_before, first_seen) = (items::matches(conn, id)?, Some(items::first_seen(conn, id)?));
            Seen { id, standing, identity, story: Some(story), candidates, first_seen, matched_before }
        }
        Standing::New | Standing::Repeated(_) => {
            let (id, identity) = (items::next_id(conn)?, new_identity(conn, feed, &found.found.keys)?);
            Seen { id, standing, identity, story: None, candidates, first_seen: None, matched_before: Vec::new() }
        }
    })
}

/// The name of a new item in what is told: made of the feed's key and the item's own, so that it is the same in any database.
fn new_identity(conn: &Connection, feed: &FeedMemory, keys: &ItemKeys) -> Result<Key, Fault> {
    let reused = match keys.id {
        Some(id) => identity::id_in_use(conn, feed.id, id)?,
        None => false,
    };
    // An id that the feed gave to other news before names that.
    let own = if reused { keys.link.unwrap_or(keys.text) } else { keys.primary() };
    Ok(Key::of(&["item", &feed.key.to_string(), &own.to_string()]))
}

/// Matches of the story's other items, of the watches that count their sources.
fn matched(
    conn: &Connection,
    decide: &dyn Decide,
    found: &FoundItem,
    story: StoryId,
    without: ItemId,
) -> Result<Vec<Matched>, Fault> {
    let mut matched = Vec::new();
    for watch in decide.counted(&found.found) {
        matched.extend(items::matched(conn, story, &watch, without)?);
    }
    Ok(matched)
}

/// Writes the item with its story, keys and matches; returns the story, and which items have changed theirs.
fn write(
    conn: &Connection,
    outcome: &PollOutcome,
    found: &FoundItem,
    seen: &Seen,
    (decide, recent): (&dyn Decide, &mut Reports),
) -> Result<(StoryId, Vec<(ItemId, StoryId)>), Fault> {
    let (feed, at, keys) = (outcome.after.id, outcome.at, &found.found.keys);
    let place = match seen.story {
        // An edited item stays where it is.
        Some(story) => Place { story: Some(story), ..Place::default() },
        None => decide.story(&found.found, seen, recent),
    };
    let story = match place.story {
        Some(story) if stories::is_there(conn, story)? => story,
        Some(_) | None => stories::open(conn, &found.found.title, found.found.when)?,
    };
    stories::join(conn, story, &found.found.story_keys, found.found.when)?;
    if let Standing::Edited(id) = seen.standing {
        items::update(conn, id, keys, found.waits_until, &found.item)?;
        items::seen(conn, id, outcome.after.document, at)?;
    } else {
        let row = NewRow {
            id: seen.id,
            feed,
            story,
            identity: seen.identity,
            keys,
            first_seen: at,
            waits_until: found.waits_until,
            document: outcome.after.document,
        };
        items::insert(conn, row, &found.item)?;
        reports::insert(conn, seen.id, &found.found)?;
        recent.add(seen.id, story, found.found.when, &found.found.report);
    }
    let moved = reports::regroup(conn, recent, &place.moves, story)?;
    identity::claim(conn, feed, keys, seen.id, at)?;
    items::set_matches(conn, seen.id, &found.found.hits, at)?;
    Ok((story, moved))
}
