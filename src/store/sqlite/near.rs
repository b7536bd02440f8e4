//! What watches nearly matched: a few rows of each watch, for a week.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::column::At;
use super::fault::Fault;
use crate::alert::{Near, Seen};
use crate::item::{NearMiss, Standing};

/// So many are kept of one watch: the nearest, and of those the newest.
const KEPT: u32 = 20;

/// What an item as it is now nearly matches.
pub(super) fn remember(conn: &Connection, seen: &Seen, near: &[NearMiss], at: Timestamp) -> Result<(), Fault> {
    if matches!(seen.standing, Standing::Edited(_)) {
        conn.prepare_cached("/* remember */ DELETE FROM near_miss WHERE item = ?")?.execute([seen.id])?;
    }
    for NearMiss { watch, short, lacks } in near {
        conn.prepare_cached(
            "/* remember */ INSERT OR REPLACE INTO near_miss (watch, item, at, short, lacks) VALUES (?, ?, ?, ?, ?)",
        )?
        .execute(params![watch, seen.id, At(at), short, lacks])?;
        conn.prepare_cached(
            "/* remember */ DELETE FROM near_miss WHERE watch = ?1 AND item NOT IN (
                 SELECT item FROM near_miss WHERE watch = ?1 AND at >= ?2 ORDER BY short, at DESC, item LIMIT ?3)",
        )?
        .execute(params![watch, At(Near::since(at)), KEPT])?;
    }
    Ok(())
}

/// See [`crate::store::Store::near_misses`].
pub(super) fn of(conn: &Connection, watches: &[String], since: Timestamp) -> Result<Vec<Near>, Fault> {
    let mut find = conn.prepare_cached(
        "/* near_misses */ SELECT near_miss.watch, short, lacks, item.id, item.identity, item.story, item.title, item.link,
                feed.name, coalesce(item.published, item.updated), item.first_seen
         FROM near_miss JOIN item ON item.id = near_miss.item JOIN feed ON feed.id = item.feed
         WHERE near_miss.watch = ?1 AND at >= ?2 AND NOT EXISTS (
             SELECT 1 FROM item AS other JOIN match ON match.item = other.id
             WHERE other.story = item.story AND match.watch = ?1)
         ORDER BY short, at DESC, item.id",
    )?;
    let mut all = Vec::new();
    for watch in watches {
        let near = find.query_map(params![watch, At(since)], |row| {
            Ok(Near {
                miss: NearMiss { watch: row.get(0)?, short: row.get(1)?, lacks: row.get(2)? },
                item: row.get(3)?,
                identity: row.get(4)?,
                story: row.get(5)?,
                headline: row.get(6)?,
                link: row.get(7)?,
                feed: row.get(8)?,
                published: row.get::<_, Option<At>>(9)?.map(|at| at.0),
                seen: row.get::<_, At>(10)?.0,
            })
        })?;
        for near in near {
            all.push(near?);
        }
    }
    Ok(all)
}

/// Forgets what nobody will be told of any more, by the newest time that is known.
pub(super) fn prune(conn: &Connection) -> Result<(), Fault> {
    let newest: Option<At> = conn.query_row("/* prune */ SELECT max(last_seen) FROM presence", (), |row| row.get(0))?;
    if let Some(newest) = newest {
        conn.execute("/* prune */ DELETE FROM near_miss WHERE at < ?", [At(Near::since(newest.0))])?;
    }
    Ok(())
}
