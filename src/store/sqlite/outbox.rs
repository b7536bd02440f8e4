//! What is to be mailed: put in whole, with everything it tells.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::column::{At, Json, limit};
use super::fault::Fault;
use super::{refused, told};
use crate::item::{Envelope, Key, MailId, MailKind, MailState, Telling};
use crate::store::{Counts, MailRow};

/// Puts a mail into the outbox, due at once unless its recipient is left alone. From here on what it tells counts as told.
///
/// Tellings that waited for `digest` leave it and become the mail's.
pub(super) fn queue(
    conn: &Connection,
    envelope: &Envelope,
    tellings: &[Telling],
    digest: Option<&str>,
    at: Timestamp,
) -> Result<MailId, Fault> {
    let lane = match envelope.kind {
        MailKind::Alert
        | MailKind::Together { .. }
        | MailKind::Quiet { .. }
        | MailKind::QuietOver { .. }
        | MailKind::Reminder(_) => 0_u8,
        // What is a day old already comes after what is new.
        MailKind::Stale { .. }
        | MailKind::Digest { .. }
        | MailKind::FeedBroken { .. }
        | MailKind::FeedOdd { .. }
        | MailKind::FeedHealed { .. } => 1,
    };
    let due = refused::until(conn, &envelope.recipient)?.map_or(at, |until| until.max(at));
    conn.prepare_cached(
        "/* queue */ INSERT INTO mail (recipient, kind, lane, state, tries, next_at, lease_epoch, queued)
         VALUES (?1, ?2, ?3, 'waiting', 0, ?5, 0, ?4)",
    )?
    .execute(params![envelope.recipient, Json(&envelope.kind), lane, At(at), At(due)])?;
    let mail = MailId(conn.last_insert_rowid());
    let mut insert = conn.prepare_cached("/* queue */ INSERT OR IGNORE INTO mail_key (mail, key) VALUES (?, ?)")?;
    for key in &envelope.keys {
        insert.execute(params![mail, key])?;
        told::record(conn, *key, Some(mail), at)?;
    }
    for (place, telling) in (0_i64..).zip(tellings) {
        take(conn, mail, place, telling, digest)?;
        told::record(conn, telling.key, Some(mail), at)?;
    }
    if lane == 0 && !tellings.is_empty() {
        follow(conn, mail)?;
    }
    Ok(mail)
}

/// An alert waits for those before it in its stories that were put off; `which` says of which alerts that is looked at.
fn follow_those(conn: &Connection, which: &str, mail: Option<MailId>) -> Result<usize, Fault> {
    let sql = format!(
        "/* follow */ UPDATE mail SET next_at = put_off.until FROM (
             SELECT mine.mail AS follower, max(earlier.next_at) AS until FROM telling AS mine
                 JOIN telling AS before ON before.story = mine.story AND before.recipient = mine.recipient
                 JOIN mail AS earlier ON earlier.id = before.mail
             WHERE {which} AND earlier.id < mine.mail AND earlier.lane = 0 AND earlier.state IN ('waiting', 'unheard')
             GROUP BY mine.mail) AS put_off
         WHERE mail.id = put_off.follower AND lane = 0 AND state IN ('waiting', 'unheard') AND next_at < put_off.until"
    );
    Ok(conn.prepare_cached(&sql)?.execute(params_from_iter(mail))?)
}

/// Those before it wait for those before them already.
fn follow(conn: &Connection, mail: MailId) -> Result<(), Fault> {
    follow_those(conn, "mine.mail = ?1", Some(mail)).map(drop)
}

/// The alerts that wait.
const WAITING: &str = "mine.mail IN (SELECT id FROM mail WHERE state NOT IN ('sent', 'dead') AND lane = 0)";

/// The same of all that wait: each round holds what comes after what the last one held.
pub(super) fn follow_all(conn: &Connection) -> Result<(), Fault> {
    while follow_those(conn, WAITING, None)? > 0 {}
    Ok(())
}

fn take(conn: &Connection, mail: MailId, place: i64, telling: &Telling, digest: Option<&str>) -> Result<(), Fault> {
    if let Some(digest) = digest {
        let taken = conn
            .prepare_cached(
                "/* take */ UPDATE telling SET mail = ?, place = ?
                 WHERE mail IS NULL AND digest = ? AND recipient = ? AND key = ?",
            )?
            .execute(params![mail, place, digest, telling.recipient, telling.key])?;
        if taken > 0 {
            return Ok(());
        }
    }
    insert(conn, Some(mail), digest, place, telling)
}

/// Keeps a telling for a digest. It counts as told, though by no mail yet.
pub(super) fn hold(conn: &Connection, digest: &str, telling: &Telling, at: Timestamp) -> Result<(), Fault> {
    insert(conn, None, Some(digest), 0, telling)?;
    told::record(conn, telling.key, None, at)
}

fn insert(
    conn: &Connection,
    mail: Option<MailId>,
    digest: Option<&str>,
    place: i64,
    telling: &Telling,
) -> Result<(), Fault> {
    // The same thing held twice for one digest is held once.
    conn.prepare_cached(
        "/* insert */ INSERT INTO telling (mail, digest, place, item, story, recipient, title, key, edited, later, hit)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (digest, recipient, key) WHERE mail IS NULL DO NOTHING",
    )?
    .execute(params![
        mail,
        digest,
        place,
        telling.item,
        telling.story,
        telling.recipient,
        telling.title,
        telling.key,
        telling.edited,
        telling.later,
        Json(&telling.hit),
    ])?;
    Ok(())
}

/// The columns that [`telling`] reads, in its order.
pub(super) const TELLING: &str = "item, story, recipient, title, hit, key, edited, later";

/// A telling from a row of [`TELLING`].
pub(super) fn telling(row: &Row<'_>) -> rusqlite::Result<Telling> {
    Ok(Telling {
        item: row.get(0)?,
        story: row.get(1)?,
        recipient: row.get(2)?,
        title: row.get(3)?,
        hit: row.get::<_, Json<_>>(4)?.0,
        key: row.get(5)?,
        edited: row.get(6)?,
        later: row.get(7)?,
    })
}

/// The keys of a mail, sorted.
pub(super) fn keys(conn: &Connection, mail: MailId) -> Result<Vec<Key>, Fault> {
    let mut find = conn.prepare_cached("/* keys */ SELECT key FROM mail_key WHERE mail = ? ORDER BY key")?;
    let keys = find.query_map([mail], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(keys)
}

/// Takes a mail out of the outbox, with all it would have told. That counts as told all the same.
pub(super) fn delete(conn: &Connection, mail: MailId) -> Result<(), Fault> {
    conn.prepare_cached("/* delete */ DELETE FROM mail WHERE id = ?")?.execute([mail])?;
    Ok(())
}

/// See [`crate::store::Store::next_due`].
pub(super) fn next_due(conn: &Connection) -> Result<Option<Timestamp>, Fault> {
    // While one mail of a recipient is leased, the others wait for its end.
    let due: Option<At> = conn
        .prepare_cached(
            "/* next_due */ SELECT min(max(next_at, coalesce(leased, next_at))) FROM (
                 SELECT min(next_at) AS next_at, max(lease_until) AS leased FROM mail
                 WHERE state NOT IN ('sent', 'dead') GROUP BY recipient)",
        )?
        .query_row((), |row| row.get(0))
        .optional()?
        .flatten();
    Ok(due.map(|at| at.0))
}

/// What [`listed`] reads, in its order.
const LISTED: &str = "id, message_id, recipient, subject, state, tries,
    CASE WHEN state IN ('waiting', 'unheard') THEN next_at END, answer, queued, sent,
    (SELECT json_group_array(watch) FROM
        (SELECT DISTINCT hit ->> 'watch' AS watch FROM telling WHERE mail = mail.id ORDER BY watch))";

/// A mail as lists show it.
pub(super) fn row(conn: &Connection, mail: MailId) -> Result<Option<MailRow>, Fault> {
    let sql = format!("/* row */ SELECT {LISTED} FROM mail WHERE id = ?");
    Ok(conn.prepare_cached(&sql)?.query_row([mail], listed).optional()?)
}

/// See [`crate::store::Store::mails`].
pub(super) fn list(conn: &Connection, rows: usize) -> Result<Vec<MailRow>, Fault> {
    let sql = format!("/* list */ SELECT {LISTED} FROM mail ORDER BY id DESC LIMIT ?");
    let mut list = conn.prepare_cached(&sql)?;
    let rows = list.query_map([limit(rows)], listed)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

fn listed(row: &Row<'_>) -> rusqlite::Result<MailRow> {
    let state: MailState = row.get(4)?;
    Ok(MailRow {
        id: row.get(0)?,
        message_id: row.get(1)?,
        to: row.get(2)?,
        subject: row.get(3)?,
        watches: row.get::<_, Json<Vec<String>>>(10)?.0,
        state,
        tries: row.get(5)?,
        next: row.get::<_, Option<At>>(6)?.map(|at| at.0),
        answer: row.get(7)?,
        queued: row.get::<_, At>(8)?.0,
        sent: row.get::<_, Option<At>>(9)?.map(|at| at.0),
    })
}

/// See [`crate::store::Store::counts`].
pub(super) fn counts(conn: &Connection) -> Result<Counts, Fault> {
    let count = |row: &Row<'_>, column| row.get::<usize, i64>(column).map(i64::unsigned_abs);
    let counts = conn
        .prepare_cached(
            "/* counts */ SELECT (SELECT count(*) FROM item),
                (SELECT count(*) FROM feed WHERE listed = 1 AND reads > 0),
                (SELECT coalesce(sum(gaps), 0) FROM feed WHERE listed = 1),
                (SELECT count(*) FROM item WHERE waits_until IS NOT NULL),
                count(*) FILTER (WHERE state NOT IN ('sent', 'dead')),
                count(*) FILTER (WHERE state = 'dead'), count(*) FILTER (WHERE state = 'sent') FROM mail",
        )?
        .query_row((), |row| {
            Ok(Counts {
                items: count(row, 0)?,
                feeds_read: count(row, 1)?,
                gaps: count(row, 2)?,
                items_waiting: count(row, 3)?,
                waiting: count(row, 4)?,
                dead: count(row, 5)?,
                sent: count(row, 6)?,
            })
        })?;
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::super::{files, lease, open};
    use super::*;
    use crate::store::Settled;

    const MINUTE: i64 = 60_000;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millisecond(minutes * MINUTE).unwrap()
    }

    /// Mails to one recipient, each with the stories that it tells of.
    fn outbox(mails: &[&[i64]]) -> (tempfile::TempDir, Connection) {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("news.db");
        files::make(&path).unwrap();
        let conn = open::writer(&path, None).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        for (mail, stories) in (1..).zip(mails) {
            let kind = if stories.len() > 1 { "together" } else { "alert" };
            conn.execute(
                "INSERT INTO mail (id, recipient, kind, lane, state, tries, next_at, lease_epoch, queued)
                 VALUES (?1, 'ana', json_object('kind', ?2, 'title', 'w'), 0, 'waiting', 0, 0, 0, ?1)",
                params![mail, kind],
            )
            .unwrap();
            for story in *stories {
                conn.execute(
                    "INSERT INTO telling (mail, place, item, story, recipient, title, key, edited, hit)
                     VALUES (?1, 0, ?2, ?2, 'ana', 'w', randomblob(16), 0, '{}')",
                    params![mail, story],
                )
                .unwrap();
            }
        }
        (scratch, conn)
    }

    /// In minutes, by mail.
    fn due(conn: &Connection) -> Vec<i64> {
        let mut find = conn.prepare("SELECT next_at FROM mail ORDER BY id").unwrap();
        find.query_map((), |row| Ok(row.get::<_, i64>(0)? / MINUTE)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn order_holds_over_mails_of_several_stories() {
        let (_scratch, conn) = outbox(&[&[1], &[2], &[1, 2], &[2, 3], &[3], &[4], &[3, 5], &[5]]);
        let (epoch, envelope) = (0, Envelope::new("ana".to_owned(), MailKind::Alert, []));
        conn.execute("UPDATE mail SET lease_until = 0 WHERE id = 1", ()).unwrap();
        let (tellings, whole, state, tries, queued, rendered) = (Vec::new(), None, MailState::Waiting, 0, at(0), None);
        let id = MailId(1);
        let lease = crate::store::Lease { id, epoch, envelope, tellings, whole, state, tries, queued, rendered };
        lease::settle(&conn, &lease, &Settled::Later { next: at(30), answer: String::new() }, at(0)).unwrap();
        assert_eq!(
            due(&conn),
            [30, 0, 30, 30, 30, 0, 30, 30],
            "what tells of other news, or came before, waits for nobody"
        );
        // Each was put off by itself, as far as a new process knows.
        conn.execute("UPDATE mail SET next_at = 0 WHERE id > 1", ()).unwrap();
        follow_all(&conn).unwrap();
        assert_eq!(due(&conn), [30, 0, 30, 30, 30, 0, 30, 30]);
    }
}
