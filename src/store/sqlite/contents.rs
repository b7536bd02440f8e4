//! What a mail tells: all of it, or where that is more than a mail can show, what it shows first and the rest in numbers.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::column::{Json, limit};
use super::fault::Fault;
use super::outbox::{TELLING, telling};
use crate::item::{Days, MailId, Telling, Told};
use crate::store::{Lease, Whole};

/// Items of a story that are counted: more do not bring it farther forward.
const SOURCES: u32 = 21;

/// What a mail tells, in the order in which it was decided; with all of it in numbers where it is cut.
pub(super) fn contents(conn: &Connection, mail: MailId) -> Result<(Vec<Telling>, Option<Whole>), Fault> {
    let is_more = conn
        .prepare_cached("/* contents */ SELECT 1 FROM telling WHERE mail = ? LIMIT 1 OFFSET ?")?
        .exists(params![mail, limit(Lease::TELLINGS_MAX)])?;
    if is_more {
        return Ok((first(conn, mail)?, Some(whole(conn, mail)?)));
    }
    let sql = format!("/* contents */ SELECT {TELLING} FROM telling WHERE mail = ? ORDER BY place, id");
    let tellings = conn.prepare_cached(&sql)?.query_map([mail], telling)?.collect::<Result<_, _>>()?;
    Ok((tellings, None))
}

/// What a mail shows first: watch by watch, and of each what most sources carry.
fn first(conn: &Connection, mail: MailId) -> Result<Vec<Telling>, Fault> {
    let sql = format!(
        "/* first */ WITH told AS (
             SELECT id, item, story, hit ->> 'watch' AS watch, row_number() OVER (ORDER BY place, id) AS nth FROM telling WHERE mail = ?1),
         ranked AS (
             SELECT id, nth, min(nth) OVER (PARTITION BY watch) AS section, min(nth) OVER (PARTITION BY watch, story) AS begins,
                 (SELECT count(*) FROM (SELECT 1 FROM item WHERE item.story = told.story LIMIT {SOURCES})) AS sources
             FROM told WHERE EXISTS (SELECT 1 FROM item WHERE item.id = told.item))
         SELECT {TELLING} FROM telling WHERE id IN (
             SELECT id FROM ranked ORDER BY section, sources DESC, begins, nth LIMIT ?2) ORDER BY place, id"
    );
    let shown = params![mail, limit(Lease::TELLINGS_MAX)];
    Ok(conn.prepare_cached(&sql)?.query_map(shown, telling)?.collect::<Result<_, _>>()?)
}

/// All that a mail tells, in numbers. Of what it says one piece at a time is in memory.
fn whole(conn: &Connection, mail: MailId) -> Result<Whole, Fault> {
    let count = |sql: &str| -> Result<usize, Fault> {
        let count: Option<i64> = conn.prepare_cached(sql)?.query_row([mail], |row| row.get(0)).optional()?;
        Ok(count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0))
    };
    let mut whole = Whole {
        stories: count(
            "/* whole */ SELECT count(DISTINCT telling.story) FROM telling JOIN item ON item.id = telling.item WHERE mail = ?",
        )?,
        sections: count(
            "/* whole */ SELECT count(*) FROM (SELECT DISTINCT telling.story, hit ->> 'watch'
                 FROM telling JOIN item ON item.id = telling.item WHERE mail = ?)",
        )?,
        items: count(
            "/* whole */ SELECT count(DISTINCT item.id) FROM telling JOIN item ON item.id = telling.item WHERE mail = ?",
        )?,
        ..Whole::default()
    };
    let (mut watches, mut moved) = (BTreeSet::<String>::new(), BTreeSet::<(String, Option<Days>)>::new());
    let mut find = conn.prepare_cached(
        "/* whole */ SELECT hit ->> 'watch', hit -> 'facts' FROM telling JOIN item ON item.id = telling.item
         WHERE mail = ? ORDER BY place, telling.id",
    )?;
    let mut rows = find.query([mail])?;
    while let Some(row) = rows.next()? {
        let watch: String = row.get(0)?;
        if watches.insert(watch.clone()) {
            whole.watches.push(watch);
        }
        let facts: Option<Json<Vec<Told>>> = row.get(1)?;
        let facts = facts.map(|facts| facts.0).unwrap_or_default();
        moved.extend(facts.iter().filter_map(Told::moved).map(|(name, days)| (name.to_owned(), days)));
    }
    whole.moved = moved.len();
    Ok(whole)
}
