//! What a mail is rendered from: the items that it tells of, and the mails before it.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::column::{At, Json};
use super::fault::Fault;
use crate::item::{Item, ItemId, MailId, StoryId, Telling};
use crate::store::{MailEntry, ThreadMail};

/// Other reports of a story that an entry names.
const ALSO_IN: u32 = 20;

/// Earlier mails of a thread, the newest of them.
const THREAD: u32 = 50;

/// See [`crate::store::Store::entries`].
pub(super) fn entries(conn: &Connection, tellings: Vec<Telling>) -> Result<Vec<MailEntry>, Fault> {
    let mut find = conn.prepare_cached(
        "/* entries */ SELECT item.given_id, item.title, item.link, item.published, item.updated, item.authors, substr(item.summary, 1, 4000),
                substr(item.text, 1, 4000), item.first_seen, feed.name, coalesce(story.title, item.title)
         FROM item JOIN feed ON feed.id = item.feed LEFT JOIN story ON story.id = ?2 WHERE item.id = ?1",
    )?;
    let mut entries = Vec::with_capacity(tellings.len());
    for telling in tellings {
        let also_in = also_in(conn, telling.story, telling.item)?;
        let entry = find
            .query_row((telling.item, telling.story), |row| {
                Ok(MailEntry {
                    item: item(row)?,
                    first_seen: row.get::<_, At>(8)?.0,
                    feed: row.get(9)?,
                    story_title: row.get(10)?,
                    telling,
                    also_in,
                })
            })
            .optional()?;
        entries.extend(entry);
    }
    Ok(entries)
}

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: row.get(0)?,
        title: row.get(1)?,
        link: row.get(2)?,
        published: row.get::<_, Option<At>>(3)?.map(|at| at.0),
        updated: row.get::<_, Option<At>>(4)?.map(|at| at.0),
        authors: row.get::<_, Json<_>>(5)?.0,
        summary: row.get(6)?,
        text: row.get(7)?,
        ..Item::default()
    })
}

fn also_in(conn: &Connection, story: StoryId, without: ItemId) -> Result<Vec<(String, Option<String>)>, Fault> {
    let mut find = conn.prepare_cached(
        "/* also_in */ SELECT feed.name, item.link FROM item JOIN feed ON feed.id = item.feed
         WHERE item.story = ? AND item.id <> ? ORDER BY item.id LIMIT ?",
    )?;
    let others = find
        .query_map(params![story, without, ALSO_IN], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(others)
}

/// See [`crate::store::Store::thread`].
pub(super) fn thread(
    conn: &Connection,
    recipient: &str,
    story: StoryId,
    before: MailId,
) -> Result<Vec<ThreadMail>, Fault> {
    // Digests tell of stories too, under subjects of their own; they belong to no thread. The plus keeps the planner from going
    // through the index of all that was ever rendered.
    let mut find = conn.prepare_cached(
        "/* thread */ SELECT message_id, subject FROM mail
         WHERE id IN (SELECT mail FROM telling WHERE story = ?1 AND recipient = ?2)
           AND recipient = ?2 AND kind ->> 'kind' = 'alert' AND id < ?3 AND +message_id IS NOT NULL AND subject IS NOT NULL
         ORDER BY id DESC LIMIT ?4",
    )?;
    let mut thread: Vec<ThreadMail> = find
        .query_map(params![story, recipient, before, THREAD], |row| {
            Ok(ThreadMail { message_id: row.get(0)?, subject: row.get(1)? })
        })?
        .collect::<Result<_, _>>()?;
    thread.reverse();
    Ok(thread)
}
