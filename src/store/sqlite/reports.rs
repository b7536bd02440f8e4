//! What reports are compared by: the table, and its newest rows in memory.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::column::At;
use super::fault::Fault;
use super::{items, mutes, stories};
use crate::alert::{Found, Seen};
use crate::item::{ItemId, Key, Report, StoryId, Term, TermKind};
use crate::story::{Goal, Move, Reports};

/// Rows that are read into memory, the newest.
const READ: u32 = 100_000;

/// What was seen longer ago than this is in no open story any more, whatever its own date says.
const KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

/// The form of `body`; rows of another form are not read, so that what is compared may change from release to release.
const FORM: u8 = 1;

/// The reports of late in memory, as long as they are those of the table.
#[derive(Debug, Default)]
pub(super) struct Cache {
    recent: Reports,
    /// The number of the change that it knows of; `None` where it knows nothing for certain.
    change: Option<i64>,
}

impl Cache {
    /// Brings the memory up to the table, and says that it is about to change: until [`Cache::settled`] it is not to be trusted,
    /// because what it learns may be undone.
    pub(super) fn opened(&mut self, conn: &Connection, now: Timestamp) -> Result<&mut Reports, Fault> {
        let change = change(conn)?;
        if self.change.take() != Some(change) {
            self.recent = read(conn, now)?;
        }
        Ok(&mut self.recent)
    }

    /// The transaction has written what the memory has learnt.
    pub(super) fn settled(&mut self, conn: &Connection, changed: bool) -> Result<(), Fault> {
        let mut change = change(conn)?;
        if changed {
            change += 1;
            conn.prepare_cached("/* settled */ INSERT OR REPLACE INTO meta (name, value) VALUES ('story_change', ?)")?
                .execute([change])?;
        }
        self.change = Some(change);
        Ok(())
    }
}

fn change(conn: &Connection) -> Result<i64, Fault> {
    let mut find = conn.prepare_cached("/* change */ SELECT value FROM meta WHERE name = 'story_change'")?;
    Ok(find.query_row((), |row| row.get(0)).optional()?.unwrap_or(0))
}

fn read(conn: &Connection, now: Timestamp) -> Result<Reports, Fault> {
    let mut recent = Reports::default();
    let mut find = conn.prepare_cached(
        "/* read */ SELECT * FROM (
             SELECT report.item, item.story, report.at, report.body FROM report JOIN item ON item.id = report.item
             WHERE item.first_seen >= ? ORDER BY report.item DESC LIMIT ?)
         ORDER BY item",
    )?;
    let since = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
    let mut rows = find.query(params![At(since), READ])?;
    while let Some(row) = rows.next()? {
        let item: ItemId = row.get(0)?;
        if let Some(report) = unpack(row.get_ref(3)?.as_blob().unwrap_or_default()) {
            recent.add(item, row.get(1)?, row.get::<_, At>(2)?.0, &report);
        }
    }
    Ok(recent)
}

/// Remembers the report of an item on which something is decided for the first time; an edited one is compared by what it
/// said then.
pub(super) fn remember(
    conn: &Connection,
    recent: &mut Reports,
    seen: &Seen,
    story: StoryId,
    found: &Found,
) -> Result<(), Fault> {
    let says_nothing = found.story_keys.is_empty() && found.report.terms.is_empty();
    if seen.story.is_some() || says_nothing {
        return Ok(());
    }
    let keys: Vec<u8> = found.story_keys.iter().flat_map(|key| *key.as_bytes()).collect();
    conn.prepare_cached("/* remember */ INSERT OR REPLACE INTO report (item, at, keys, body) VALUES (?, ?, ?, ?)")?
        .execute(params![seen.id, At(found.when), keys, pack(&found.report)])?;
    recent.add(seen.id, story, found.when, &found.report);
    Ok(())
}

/// Puts reports into the stories that they turned out to belong to; `story` is that of the new report. Returns who went where.
pub(super) fn regroup(
    conn: &Connection,
    recent: &mut Reports,
    moves: &[Move],
    story: StoryId,
) -> Result<Vec<(ItemId, StoryId)>, Fault> {
    let mut followed = Vec::new();
    for step in moves {
        let Some(first) = step.items.first() else { continue };
        let Some((title, when)) = opening(conn, *first)? else { continue };
        let to = match step.to {
            Goal::Story(to) if stories::is_there(conn, to)? => to,
            Goal::Same => story,
            Goal::Story(_) | Goal::New => stories::open(conn, &title, when)?,
        };
        for item in &step.items {
            follow(conn, *item, to)?;
            followed.push((*item, to));
        }
        recent.regroup(&step.items, to);
    }
    Ok(followed)
}

/// The headline and the time of a report.
fn opening(conn: &Connection, item: ItemId) -> Result<Option<(String, Timestamp)>, Fault> {
    let mut find = conn.prepare_cached(
        "/* opening */ SELECT item.title, report.at FROM report JOIN item ON item.id = report.item WHERE item.id = ?",
    )?;
    Ok(find.query_row([item], |row| Ok((row.get(0)?, row.get::<_, At>(1)?.0))).optional()?)
}

/// Puts one report into another story, with its keys and with what was told of it.
fn follow(conn: &Connection, item: ItemId, to: StoryId) -> Result<(), Fault> {
    let mut find = conn.prepare_cached("/* follow */ SELECT at, keys FROM report WHERE item = ?")?;
    let Some((when, keys)) =
        find.query_row([item], |row| Ok((row.get::<_, At>(0)?, row.get::<_, Vec<u8>>(1)?))).optional()?
    else {
        return Ok(());
    };
    let (_, from) = items::place(conn, item)?;
    items::join(conn, item, to)?;
    conn.prepare_cached("/* follow */ UPDATE telling SET story = ? WHERE item = ?")?.execute(params![to, item])?;
    let keys: Vec<Key> = keys.chunks(16).filter_map(Key::from_bytes).collect();
    for key in &keys {
        conn.prepare_cached("/* follow */ DELETE FROM story_key WHERE key = ? AND story = ?")?
            .execute(params![key, from])?;
    }
    stories::join(conn, to, &keys, when.0)?;
    mutes::follow(conn, from, to)?;
    stories::close_empty(conn, from)?;
    Ok(())
}

/// Forgets reports of stories that have long been closed.
pub(super) fn prune(conn: &Connection) -> Result<(), Fault> {
    let kept = i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX);
    conn.execute(
        "/* prune */ DELETE FROM report WHERE item IN (
             SELECT report.item FROM report JOIN item ON item.id = report.item
             WHERE item.first_seen < (SELECT max(last_seen) FROM presence) - ? LIMIT 10000)",
        [kept],
    )?;
    Ok(())
}

/// The report of a stored item.
pub(super) fn of(body: Option<&[u8]>) -> Report {
    body.and_then(unpack).unwrap_or_default()
}

fn pack(report: &Report) -> Vec<u8> {
    let mut bytes = vec![FORM, length(report.terms.len()), length(report.sketch.len())];
    for term in &report.terms {
        bytes.extend(term.id.to_le_bytes());
        bytes.extend([term.kind as u8, term.weight, term.common]);
    }
    bytes.extend(report.sketch.iter().flat_map(|hash| hash.to_le_bytes()));
    bytes
}

fn length(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

fn unpack(bytes: &[u8]) -> Option<Report> {
    let ([FORM, terms, hashes], mut rest) = bytes.split_first_chunk::<3>()? else { return None };
    let mut report = Report::default();
    for _ in 0..*terms {
        let ([a, b, c, d, kind, weight, common], after) = rest.split_first_chunk::<7>()?;
        rest = after;
        let id = u32::from_le_bytes([*a, *b, *c, *d]);
        report.terms.push(Term { id, kind: kind_of(*kind)?, weight: *weight, common: *common });
    }
    for _ in 0..*hashes {
        let (hash, after) = rest.split_first_chunk::<4>()?;
        rest = after;
        report.sketch.push(u32::from_le_bytes(*hash));
    }
    Some(report)
}

fn kind_of(byte: u8) -> Option<TermKind> {
    [TermKind::Word, TermKind::Name, TermKind::Number, TermKind::Date].into_iter().find(|kind| *kind as u8 == byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_comes_back_as_it_was() {
        let term = |id, kind| Term { id, kind, weight: 24, common: 30 };
        let report = Report {
            terms: vec![term(7, TermKind::Name), term(u32::MAX, TermKind::Date)],
            sketch: vec![1, 2, u32::MAX],
        };
        assert_eq!(unpack(&pack(&report)), Some(report));
        assert_eq!(unpack(&[9, 0, 0]), None, "another form");
        assert_eq!(unpack(&[FORM, 3, 0, 1]), None, "cut short");
    }
}
