//! What is known of what texts say.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, Row, params};

use super::column::{At, Json};
use super::fault::Fault;
use crate::item::{Key, KnownFact};

/// Facts of one watch and subject that an item is held against, those that were seen last.
const KNOWN: u32 = 200;

/// Events that are listed at most.
const AHEAD: u32 = 10_000;

/// The columns that [`fact`] reads, in its order.
const FACT: &str = "id, watch, key, first_seen, last_seen, state";

/// What is known of these watches and subjects, the oldest first.
pub(super) fn known(conn: &Connection, asked: &[(String, Key)]) -> Result<Vec<KnownFact>, Fault> {
    let sql = format!(
        "/* known */ SELECT {FACT} FROM fact WHERE watch = ? AND subject = ? ORDER BY last_seen DESC, id DESC LIMIT ?"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let mut known = Vec::new();
    for (watch, subject) in asked {
        for one in find.query_map(params![watch, subject, KNOWN], fact)? {
            known.push(one?);
        }
    }
    known.sort_by_key(|one| one.row);
    Ok(known)
}

/// Writes facts as they are now.
pub(super) fn remember(conn: &Connection, facts: &[KnownFact]) -> Result<(), Fault> {
    for one in facts {
        let Some(subject) = one.state.fact.subject() else { continue };
        let last_day = one.state.days().map(|days| day_number(days.last));
        match one.row {
            Some(row) => conn
                .prepare_cached(
                    "/* remember */ UPDATE fact SET watch = ?, last_seen = max(last_seen, ?), last_day = ?, state = ?
                     WHERE id = ?",
                )?
                .execute(params![one.watch, At(one.last_seen), last_day, Json(&one.state), row])?,
            None => conn
                .prepare_cached(
                    "/* remember */ INSERT INTO fact (watch, subject, key, first_seen, last_seen, last_day, state)
                     VALUES (?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    one.watch,
                    subject,
                    one.key,
                    At(one.first_seen),
                    At(one.last_seen),
                    last_day,
                    Json(&one.state)
                ])?,
        };
    }
    Ok(())
}

/// See [`crate::store::Store::events`].
pub(super) fn ahead(conn: &Connection, watches: &[String], from: Date) -> Result<Vec<KnownFact>, Fault> {
    let sql = format!(
        "/* ahead */ SELECT {FACT} FROM fact WHERE watch = ? AND last_day >= ? ORDER BY last_day, id LIMIT {AHEAD}"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let mut events = Vec::new();
    for watch in watches {
        for event in find.query_map(params![watch, day_number(from)], fact)? {
            events.push(event?);
        }
    }
    Ok(events)
}

/// Forgets what was seen last before then and is over.
pub(super) fn forget(conn: &Connection, before: Timestamp) -> Result<(), Fault> {
    let day = day_number(before.to_zoned_datetime(jiff::tz::TimeZone::UTC).date());
    conn.execute(
        "/* forget */ DELETE FROM fact WHERE last_seen < ? AND (last_day IS NULL OR last_day < ?)",
        params![At(before), day],
    )?;
    Ok(())
}

fn fact(row: &Row<'_>) -> rusqlite::Result<KnownFact> {
    Ok(KnownFact {
        row: Some(row.get(0)?),
        watch: row.get(1)?,
        key: row.get(2)?,
        first_seen: row.get::<_, At>(3)?.0,
        last_seen: row.get::<_, At>(4)?.0,
        state: row.get::<_, Json<_>>(5)?.0,
    })
}

fn day_number(date: Date) -> i64 {
    date.to_datetime(jiff::civil::Time::midnight())
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .map_or(i64::MAX, |day| day.timestamp().as_second().div_euclid(86_400))
}

#[cfg(test)]
mod tests {
    use super::super::{files, open};
    use super::*;
    use crate::item::{Days, Event, Fact, FactState, Parts};

    fn midnight(date: Date) -> Timestamp {
        date.at(0, 0, 0, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC).unwrap().timestamp()
    }

    fn at(day: i8) -> Timestamp {
        midnight(Date::constant(2026, 5, day))
    }

    fn summit(watch: &str, last: Date) -> KnownFact {
        let event = Event {
            kind: "summit".to_owned(),
            name: None,
            place: Some("Vilnius".to_owned()),
            days: Days { first: last, last },
            moved_from: None,
            moved: false,
            cancelled: false,
            parts: Parts::default(),
        };
        let state = FactState {
            fact: Fact::Event(event),
            changes: 0,
            since: at(1),
            reported: at(1),
            before: None,
            past: Vec::new(),
            voices: Vec::new(),
        };
        let key = Key::of(&[watch, &last.to_string()]);
        KnownFact { row: None, watch: watch.to_owned(), key, first_seen: at(1), last_seen: at(1), state }
    }

    #[test]
    fn a_fact_is_found_by_watch_and_subject_until_it_is_long_over() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("news.db");
        files::make(&path).unwrap();
        let conn = open::writer(&path, None).unwrap();
        let july = Date::constant(2026, 7, 8);
        remember(&conn, &[summit("", july), summit("w", july), summit("w", Date::constant(2026, 5, 2))]).unwrap();
        let subject = summit("w", july).state.fact.subject().unwrap();
        let mut found = known(&conn, &[("w".to_owned(), subject), ("other".to_owned(), subject)]).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], KnownFact { row: found[0].row, ..summit("w", july) });

        let Fact::Event(event) = &mut found[0].state.fact else { panic!("no event") };
        event.days = Days { first: Date::constant(2026, 7, 14), last: Date::constant(2026, 7, 15) };
        remember(&conn, &found[..1]).unwrap();
        let listed = |from| ahead(&conn, &["w".to_owned()], from).unwrap().len();
        assert_eq!((listed(Date::constant(2026, 7, 15)), listed(Date::constant(2026, 7, 16))), (1, 0));

        forget(&conn, at(20)).unwrap();
        assert_eq!(known(&conn, &[("w".to_owned(), subject)]).unwrap().len(), 1, "what is ahead stays");
        forget(&conn, midnight(Date::constant(2026, 8, 1))).unwrap();
        assert_eq!(known(&conn, &[("w".to_owned(), subject), (String::new(), subject)]).unwrap(), []);
    }
}
