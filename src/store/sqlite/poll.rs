//! One poll, one commit.

use rusqlite::Connection;

use super::fault::Fault;
use super::identity::{self, Document};
use super::items::{self, NewRow};
use super::{alerts, feeds, outbox, stories, told};
use crate::alert::{Heard, Joined, Seen};
use crate::item::{FeedMemory, ItemId, ItemKeys, Key, Standing, StoryId, Telling};
use crate::store::{Decide, FoundItem, PollOutcome, PollReceipt};

/// See [`crate::store::Store::commit_poll`].
pub(super) fn commit(conn: &Connection, outcome: &PollOutcome, decide: &dyn Decide) -> Result<PollReceipt, Fault> {
    let mut gathered = Gathered::default();
    let mut document = Document::of(conn, outcome.after.id, outcome.items.iter().map(|found| &found.found.keys))?;
    outcome.still_there.iter().for_each(|id| document.holds(*id));
    for found in &outcome.items {
        // Since the poll looked, another one may have stored this item; and one document may hold it twice.
        let standing = document.standing(conn, outcome.after.id, &found.found.keys)?;
        if let Some(id) = commit_item(conn, outcome, found, standing, decide, &mut gathered)? {
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
    decide: &dyn Decide,
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
    let story = write(conn, outcome, found, &seen, decide)?;
    let items = stories::items(conn, story, Some(seen.id))?;
    let mut held = alerts::held(conn, story)?;
    // Of the same poll; they become mails, or are held, at its end.
    held.extend(gathered.alerts.iter().filter(|telling| telling.story == story).map(|telling| telling.key));
    let joined = Joined { story, items, held, at };
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
    let (id, identity, story, matched_before) = match standing {
        Standing::Edited(id) => {
            let (identity, story) = items::place(conn, id)?;
            (id, identity, Some(story), items::matches(conn, id)?)
        }
        Standing::New | Standing::Repeated(_) => {
            (items::next_id(conn)?, new_identity(conn, feed, &found.found.keys)?, None, Vec::new())
        }
    };
    let candidates = stories::candidates(conn, &found.found.story_keys, found.found.when)?;
    Ok(Seen { id, standing, identity, story, candidates, matched_before })
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

/// Writes the item with its story, keys and matches; returns the story.
fn write(
    conn: &Connection,
    outcome: &PollOutcome,
    found: &FoundItem,
    seen: &Seen,
    decide: &dyn Decide,
) -> Result<StoryId, Fault> {
    let (feed, at, keys) = (outcome.after.id, outcome.at, &found.found.keys);
    let story = match seen.story.or_else(|| decide.story(&found.found, seen)) {
        Some(story) => story,
        None => stories::open(conn, &found.found.title, found.found.when)?,
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
    }
    identity::claim(conn, feed, keys, seen.id, at)?;
    items::set_matches(conn, seen.id, &found.found.hits, at)?;
    Ok(story)
}
