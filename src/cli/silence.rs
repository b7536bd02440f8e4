//! `silence add`, `silence list` and `silence remove`: a watch or a story that nobody is told of for a while.

use std::fmt::Write as _;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Desk;
use super::feed::one_line;
use super::item::known;
use super::table::{Table, json_time, plain, time};
use crate::alert::{MuteId, Muted};
use crate::control::Answer;
use crate::item::StoryId;
use crate::store::{MuteRow, MuteWish};

/// What is to be silenced: a watch by its name, or a story by its number.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    /// A watch.
    Watch(&'a str),
    /// A story.
    Story(i64),
}

/// Silences a watch or a story from now on.
pub(super) async fn add(desk: &Desk, what: What<'_>, length: SignedDuration, json: bool) -> anyhow::Result<Answer> {
    let now = desk.clock.now();
    anyhow::ensure!(length > SignedDuration::ZERO, "a silence of no length silences nothing; write --for 2d");
    let until = now
        .checked_add(length)
        .map_err(|_| anyhow::anyhow!("a silence cannot be as long as that; write --for 400d, or take the watch out"))?;
    let muted = match what {
        What::Watch(name) => {
            let names = desk.settings.watches.iter().map(|watch| watch.name.as_str());
            known("watch", Some(name), names)?;
            Muted::Watch(name.to_owned())
        }
        What::Story(story) => Muted::Story(StoryId(story)),
    };
    let Some(row) = desk.store.mute(MuteWish { what: muted, recipient: None, since: now, until }).await? else {
        let What::Story(story) = what else { anyhow::bail!("the silence was not kept") };
        anyhow::bail!("no story has the number {story}; `newswatch item explain ID` shows that of an item");
    };
    if json {
        return Ok(Answer { out: format!("{}\n", shape(&row)), ..Answer::default() });
    }
    let zone = desk.settings.time_zone();
    let out = format!("silence {}: {} until {}\n", row.mute.id.0, named(&row), time(Some(row.mute.until), &zone));
    Ok(Answer { out, ..Answer::default() })
}

/// Silences in force, the newest first.
pub(super) async fn list(desk: &Desk, json: bool) -> anyhow::Result<Answer> {
    let rows = desk.store.mutes(desk.clock.now()).await?;
    let zone = desk.settings.time_zone();
    let mut out = String::new();
    let mut table = Table::new(&["ID", "SINCE", "UNTIL", "MATCHES", "WHAT"]);
    for row in rows {
        if json {
            writeln!(out, "{}", shape(&row))?;
        } else {
            table.row([
                row.mute.id.0.to_string(),
                time(Some(row.mute.since), &zone),
                if row.mute.is_for_good() { "for good".to_owned() } else { time(Some(row.mute.until), &zone) },
                row.matches.to_string(),
                named(&row),
            ]);
        }
    }
    Ok(Answer { out: if json { out } else { table.render() }, ..Answer::default() })
}

/// Ends a silence now. What it silenced stays untold.
pub(super) async fn remove(desk: &Desk, id: i64, json: bool) -> anyhow::Result<Answer> {
    let now = desk.clock.now();
    let row = desk.store.unmute(MuteId(id), now).await?;
    let Some(mut row) = row else {
        anyhow::bail!("no silence has the number {id}; `newswatch silence list` shows those in force");
    };
    let zone = desk.settings.time_zone();
    if row.mute.until <= now {
        let until = time(Some(row.mute.until), &zone);
        anyhow::bail!("silence {id} is over since {until}; `newswatch silence list` shows those in force");
    }
    row.mute.until = now;
    if json {
        return Ok(Answer { out: format!("{}\n", shape(&row)), ..Answer::default() });
    }
    let matches = super::check::count(usize::try_from(row.matches)?, "match");
    let out = format!("silence {id} is over: {}; {matches} silenced\n", named(&row));
    Ok(Answer { out, ..Answer::default() })
}

/// `watch veto`, `story 12: Ministers veto the budget`, or `digest morning for desk@example.org`.
fn named(row: &MuteRow) -> String {
    let what = match &row.mute.what {
        Muted::Watch(watch) => format!("watch {}", plain(watch)),
        Muted::Digest(digest) => format!("digest {}", plain(digest)),
        Muted::Story(story) => format!("story {}: {}", story.0, plain(&one_line(&row.title))),
    };
    match &row.mute.recipient {
        Some(recipient) => format!("{what} for {}", plain(recipient)),
        None => what,
    }
}

fn shape(row: &MuteRow) -> Value {
    let (watch, story, digest) = match &row.mute.what {
        Muted::Watch(watch) => (Some(watch.as_str()), None, None),
        Muted::Story(story) => (None, Some(story.0), None),
        Muted::Digest(digest) => (None, None, Some(digest.as_str())),
    };
    let until = Some(row.mute.until).filter(|_| !row.mute.is_for_good());
    json!({
        "id": row.mute.id.0, "watch": watch, "story": story, "digest": digest, "recipient": row.mute.recipient,
        "title": story.map(|_| one_line(&row.title)),
        "since": json_time(Some(row.mute.since)), "until": json_time(until), "matches": row.matches,
    })
}
