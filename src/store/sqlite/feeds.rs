//! Feeds and what is remembered of them, with the holds on their hosts.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row, params};

use super::column::{At, Json};
use super::fault::Fault;
use crate::item::{FeedId, FeedIdentity, FeedMemory, Habits, HostHold, Key, Move, Offer, Validators, Wishes};

/// The stored feeds, those of earlier configs too.
fn known(conn: &Connection) -> Result<Vec<(FeedId, FeedIdentity)>, Fault> {
    let known = conn
        .prepare_cached("/* known */ SELECT id, name, url FROM feed ORDER BY id")?
        .query_map((), |row| Ok((row.get(0)?, FeedIdentity { name: row.get(1)?, url: row.get(2)? })))?
        .collect::<Result<_, _>>()?;
    Ok(known)
}

/// Feeds that [`failing`] returns.
const FAILING: u32 = 1000;

/// See [`crate::store::Store::failing`].
pub(super) fn failing(conn: &Connection) -> Result<Vec<FeedMemory>, Fault> {
    let mut find = conn.prepare_cached(
        "/* failing */ SELECT id FROM feed WHERE listed = 1 AND (gone = 1 OR failures > 0) ORDER BY name LIMIT ?",
    )?;
    let ids: Vec<FeedId> = find.query_map([FAILING], |row| row.get(0))?.collect::<Result<_, _>>()?;
    ids.into_iter().map(|id| memory(conn, id)).collect()
}

/// See [`crate::store::Store::memories`].
pub(super) fn memories(conn: &Connection, feeds: &[FeedIdentity]) -> Result<Vec<FeedMemory>, Fault> {
    let known = known(conn)?;
    let find = |(feed, matched): (&FeedIdentity, Option<usize>)| match matched.map(|place| &known[place]) {
        Some((id, stored)) if stored.url == feed.url => {
            Ok(FeedMemory { name: feed.name.clone(), ..memory(conn, *id)? })
        }
        // What is known of another address says nothing of this one.
        Some((id, _)) => Ok(FeedMemory::fresh(*id, memory(conn, *id)?.key, feed)),
        None => Ok(FeedMemory::fresh(FeedId(0), Key::of(&["feed", &feed.url]), feed)),
    };
    feeds.iter().zip(matched(&known, feeds)).map(find).collect()
}

/// See [`crate::store::Store::enlist`].
pub(super) fn enlist(conn: &Connection, feeds: &[FeedIdentity]) -> Result<Vec<FeedMemory>, Fault> {
    let known = known(conn)?;
    let matched = matched(&known, feeds);
    let mut memories = Vec::with_capacity(feeds.len());
    for (feed, matched) in feeds.iter().zip(matched) {
        memories.push(match matched.map(|place| &known[place]) {
            Some((id, stored)) => {
                adapt(conn, *id, stored, feed)?;
                come_back(conn, *id)?;
                memory(conn, *id)?
            }
            None => add(conn, feed)?,
        });
    }
    list(conn, &memories)?;
    Ok(memories)
}

/// Marks which feeds the config names; those that it no longer names keep their items and count nowhere.
fn list(conn: &Connection, memories: &[FeedMemory]) -> Result<(), Fault> {
    let named: HashSet<FeedId> = memories.iter().map(|memory| memory.id).collect();
    let marked: Vec<(FeedId, bool)> = conn
        .prepare_cached("/* list */ SELECT id, listed FROM feed")?
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut mark = conn.prepare_cached("/* list */ UPDATE feed SET listed = ? WHERE id = ?")?;
    for (id, was) in marked {
        let is = named.contains(&id);
        if is != was {
            mark.execute(params![is, id])?;
        }
    }
    Ok(())
}

/// For each feed of the config, the place of the stored one that it is.
///
/// The surest agreement goes first, so that of two feeds with one URL each keeps its own: URL and name; then the URL, where
/// the name was changed; then the name, where the URL was.
fn matched(known: &[(FeedId, FeedIdentity)], feeds: &[FeedIdentity]) -> Vec<Option<usize>> {
    let mut matched = vec![None; feeds.len()];
    let mut free = vec![true; known.len()];
    for (by_url, by_name) in [(true, true), (true, false), (false, true)] {
        let part = |feed: &FeedIdentity| (by_url.then(|| feed.url.clone()), by_name.then(|| feed.name.clone()));
        let mut offers: HashMap<_, VecDeque<usize>> = HashMap::new();
        for (place, (_, stored)) in known.iter().enumerate().filter(|(place, _)| free[*place]) {
            offers.entry(part(stored)).or_default().push_back(place);
        }
        for (feed, matched) in feeds.iter().zip(&mut matched).filter(|(_, matched)| matched.is_none()) {
            *matched = offers.get_mut(&part(feed)).and_then(VecDeque::pop_front);
            if let Some(place) = *matched {
                free[place] = false;
            }
        }
    }
    matched
}

fn adapt(conn: &Connection, id: FeedId, stored: &FeedIdentity, feed: &FeedIdentity) -> Result<(), Fault> {
    if stored.name != feed.name {
        conn.execute("/* adapt */ UPDATE feed SET name = ? WHERE id = ?", params![feed.name, id])?;
    }
    if stored.url != feed.url {
        // Whatever the old address said, of itself or of when to come again, says nothing of the new one; and what stands there
        // at the first look is its backlog, not news.
        conn.execute(
            "/* adapt */ UPDATE feed SET url = ?, body = NULL, failures = 0, failing_since = NULL, error = NULL, gone = 0,
                    moved_to = NULL, moved_since = NULL, moved_seen = NULL, moved_adopted = NULL,
                    reads = 0, habits = '{}', offer = NULL, eased = 0, next_poll = NULL, not_before = NULL, redirect_wait = NULL,
                    why = 'its address was changed'
             WHERE id = ?",
            params![feed.url, id],
        )?;
        conn.execute("/* adapt */ DELETE FROM validator WHERE feed = ?", [id])?;
    }
    Ok(())
}

/// Whoever lists a feed again that was gone wants it asked again.
fn come_back(conn: &Connection, id: FeedId) -> Result<(), Fault> {
    conn.prepare_cached(
        "/* come_back */ UPDATE feed SET gone = 0, failures = 0, failing_since = NULL, error = NULL, next_poll = NULL, not_before = NULL,
                why = 'it was put into the config again'
         WHERE id = ? AND listed = 0 AND gone = 1",
    )?
    .execute([id])?;
    Ok(())
}

fn add(conn: &Connection, feed: &FeedIdentity) -> Result<FeedMemory, Fault> {
    let mut exists = conn.prepare_cached("/* add */ SELECT 1 FROM feed WHERE key = ?")?;
    let mut key = Key::of(&["feed", &feed.url]);
    let mut others = 0_u32;
    while exists.exists([key])? {
        key = match others {
            0 => Key::of(&["feed", &feed.url, &feed.name]),
            // The name belonged to a feed that has since been renamed.
            _ => Key::of(&["feed", &feed.url, &feed.name, &others.to_string()]),
        };
        others += 1;
    }
    let fresh = FeedMemory::fresh(FeedId(0), key, feed);
    conn.prepare_cached(
        "/* add */ INSERT INTO feed (key, name, url, document, why, failures, gone, gaps, repairs, reads, wishes)
         VALUES (?, ?, ?, ?, ?, 0, 0, 0, '[]', 0, ?)",
    )?
    .execute(params![key, feed.name, feed.url, fresh.document, fresh.why, Json(&fresh.wishes)])?;
    Ok(FeedMemory { id: FeedId(conn.last_insert_rowid()), ..fresh })
}

/// What is remembered of one.
pub(super) fn memory(conn: &Connection, id: FeedId) -> Result<FeedMemory, Fault> {
    let mut memory = conn
        .prepare_cached(
            "/* memory */ SELECT id, key, name, url, body, document, last_poll, last_success, last_change, next_poll, why,
                    failures, failing_since, error, gone, gaps, repairs, reads,
                    moved_to, moved_since, moved_seen, moved_adopted, not_before, wishes, habits, offer, eased, redirect_wait
             FROM feed WHERE id = ?",
        )?
        .query_row([id], remembered)?;
    memory.validators = conn
        .prepare_cached("/* memory */ SELECT url, etag, last_modified FROM validator WHERE feed = ? ORDER BY place")?
        .query_map([id], |row| Ok(Validators { url: row.get(0)?, etag: row.get(1)?, last_modified: row.get(2)? }))?
        .collect::<Result<_, _>>()?;
    Ok(memory)
}

fn remembered(row: &Row<'_>) -> rusqlite::Result<FeedMemory> {
    let time = |column| row.get::<usize, Option<At>>(column).map(|at| at.map(|at| at.0));
    let moved = match row.get(18)? {
        Some(to) => Some(Move { to, since: row.get::<_, At>(19)?.0, seen: row.get(20)?, adopted: row.get(21)? }),
        None => None,
    };
    Ok(FeedMemory {
        id: row.get(0)?,
        key: row.get(1)?,
        name: row.get(2)?,
        url: row.get(3)?,
        validators: Vec::new(),
        body: row.get(4)?,
        document: row.get(5)?,
        last_poll: time(6)?,
        last_success: time(7)?,
        last_change: time(8)?,
        next_poll: time(9)?,
        why: row.get(10)?,
        failures: row.get(11)?,
        failing_since: time(12)?,
        error: row.get(13)?,
        gone: row.get(14)?,
        moved,
        gaps: row.get(15)?,
        repairs: row.get::<_, Json<Vec<String>>>(16)?.0,
        reads: row.get(17)?,
        not_before: time(22)?,
        wishes: row.get::<_, Json<Wishes>>(23)?.0,
        habits: row.get::<_, Json<Habits>>(24)?.0,
        offer: row.get::<_, Option<Json<Offer>>>(25)?.map(|offer| offer.0),
        eased: row.get(26)?,
        redirect_wait: row.get(27)?,
    })
}

/// Writes what a poll left to be remembered. Name, URL and key are the config's and stay as they are.
pub(super) fn remember(conn: &Connection, memory: &FeedMemory) -> Result<(), Fault> {
    let time = |time: Option<Timestamp>| time.map(At);
    let moved = memory.moved.as_ref();
    conn.prepare_cached(
        "/* remember */ UPDATE feed SET body = ?, document = ?, last_poll = ?, last_success = ?, last_change = ?, next_poll = ?,
                why = ?, failures = ?, failing_since = ?, error = ?, gone = ?, gaps = ?, repairs = ?, reads = ?,
                moved_to = ?, moved_since = ?, moved_seen = ?, moved_adopted = ?, not_before = ?, wishes = ?, habits = ?, offer = ?, eased = ?,
                redirect_wait = ?
         WHERE id = ?",
    )?
    .execute(params![
        memory.body,
        memory.document,
        time(memory.last_poll),
        time(memory.last_success),
        time(memory.last_change),
        time(memory.next_poll),
        memory.why,
        memory.failures,
        time(memory.failing_since),
        memory.error,
        memory.gone,
        memory.gaps,
        Json(&memory.repairs),
        memory.reads,
        moved.map(|moved| &moved.to),
        moved.map(|moved| At(moved.since)),
        moved.map(|moved| moved.seen),
        moved.map(|moved| moved.adopted),
        time(memory.not_before),
        Json(&memory.wishes),
        Json(&memory.habits),
        memory.offer.as_ref().map(Json),
        memory.eased,
        memory.redirect_wait,
        memory.id,
    ])?;
    remember_validators(conn, memory)
}

fn remember_validators(conn: &Connection, memory: &FeedMemory) -> Result<(), Fault> {
    conn.prepare_cached("/* remember_validators */ DELETE FROM validator WHERE feed = ?")?.execute([memory.id])?;
    let mut insert = conn.prepare_cached(
        "/* remember_validators */ INSERT OR REPLACE INTO validator (feed, url, place, etag, last_modified)
         VALUES (?, ?, ?, ?, ?)",
    )?;
    for (place, validators) in (0_i64..).zip(&memory.validators) {
        insert.execute(params![memory.id, validators.url, place, validators.etag, validators.last_modified])?;
    }
    Ok(())
}

/// A poll that was made so long after now was made by another clock.
const SET_BACK: SignedDuration = SignedDuration::from_mins(1);

/// See [`crate::store::Store::wind_back`].
pub(super) fn wind_back(conn: &Connection, now: Timestamp) -> Result<(), Fault> {
    let newest: Option<At> = conn.query_row("/* wind_back */ SELECT max(last_poll) FROM feed", (), |row| row.get(0))?;
    let farthest = At(now.saturating_add(HostHold::LONGEST).unwrap_or(Timestamp::MAX));
    if let Some(by) = newest.map(|At(newest)| newest.duration_since(now)).filter(|by| *by > SET_BACK) {
        let (by, ahead) =
            (i64::try_from(by.as_millis()).unwrap_or(i64::MAX), At(now.saturating_add(SET_BACK).unwrap_or(now)));
        conn.execute(
            "/* wind_back */ UPDATE feed SET last_poll = last_poll - ?1, next_poll = next_poll - ?1, not_before = not_before - ?1
             WHERE last_poll > ?2",
            params![by, ahead],
        )?;
        // By which clock a nearer one was written cannot be seen.
        conn.execute(
            "/* wind_back */ UPDATE host_hold SET until = until - ?1 WHERE until > ?2",
            params![by, farthest],
        )?;
    }
    conn.execute("/* wind_back */ UPDATE host_hold SET until = ?1 WHERE until > ?1", [farthest])?;
    Ok(())
}

/// See [`crate::store::Store::holds`].
pub(super) fn holds(conn: &Connection, now: Timestamp) -> Result<Vec<HostHold>, Fault> {
    let holds = conn
        .prepare_cached("/* holds */ SELECT scope, until FROM host_hold WHERE until > ? ORDER BY scope")?
        .query_map([At(now)], |row| Ok(HostHold { scope: row.get(0)?, until: row.get::<_, At>(1)?.0 }))?
        .collect::<Result<_, _>>()?;
    Ok(holds)
}

/// Records holds; a longer one that is there already stays.
pub(super) fn hold(conn: &Connection, holds: &[HostHold]) -> Result<(), Fault> {
    let mut upsert = conn.prepare_cached(
        "/* hold */ INSERT INTO host_hold (scope, until) VALUES (?, ?)
         ON CONFLICT DO UPDATE SET until = max(until, excluded.until)",
    )?;
    for hold in holds {
        upsert.execute(params![hold.scope, At(hold.until)])?;
    }
    Ok(())
}
