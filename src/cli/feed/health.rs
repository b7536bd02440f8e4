use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::cli::Desk;
use crate::cli::table::{Table, json_time, plain, time};
use crate::config::{Feed, nearest};
use crate::control::Answer;
use crate::item::{Ailment, FeedId, FeedMemory, instant};
use crate::store::GivenUp;

/// Articles given up that are shown with why.
const GIVEN_UP: usize = 5;

/// A feed as a list or a page shows it.
struct Seen<'a> {
    feed: &'a Feed,
    memory: &'a FeedMemory,
    now: Timestamp,
    /// Items that wait for their article.
    waiting: usize,
    /// Items whose article was given up.
    given_up: GivenUp,
}

impl Seen<'_> {
    fn state(&self) -> &'static str {
        self.memory.health(self.feed.enabled).as_str()
    }

    fn next(&self) -> Option<Timestamp> {
        self.memory.next_poll.filter(|_| self.feed.enabled && !self.memory.gone)
    }

    fn ailments(&self) -> Vec<(Ailment, Timestamp)> {
        self.memory.habits.ailments(self.now)
    }

    /// Where the feed is asked, if that is no longer what the config says.
    fn moved(&self) -> Option<&str> {
        self.memory.moved.as_ref().filter(|known| known.adopted).map(|known| known.to.as_str())
    }

    /// What stands in the last column: the error, else what is odd, else what is to be changed in the config.
    fn note(&self) -> String {
        let odd = || self.ailments().iter().map(|(what, _)| words(*what)).collect::<Vec<_>>().join("; ");
        let moved = || self.moved().map(|to| format!("moved to {to}")).unwrap_or_default();
        [self.memory.error.clone().unwrap_or_default(), odd(), moved()]
            .into_iter()
            .find(|note| !note.is_empty())
            .unwrap_or_default()
    }

    fn json(&self) -> Value {
        let (memory, habits) = (self.memory, &self.memory.habits);
        let ailments: Vec<Value> = self
            .ailments()
            .into_iter()
            .map(|(what, since)| json!({"what": what.as_str(), "since": json_time(Some(since))}))
            .collect();
        json!({
            "name": memory.name, "url": memory.url, "state": self.state(),
            "last_poll": json_time(memory.last_poll), "last_success": json_time(memory.last_success),
            "last_change": json_time(memory.last_change), "next_poll": json_time(self.next()), "why": memory.why,
            "not_before": json_time(memory.not_before.filter(|_| self.next().is_some())),
            "failures": memory.failures, "failing_since": json_time(memory.failing_since), "error": memory.error,
            "gaps": memory.gaps, "last_gap": json_time(instant(habits.gap_at)), "repairs": memory.repairs,
            "full_text": self.feed.full_text, "waiting": self.waiting, "articles_given_up": self.given_up.count,
            "ailments": ailments, "moved_to": self.moved(), "rhythm_s": habits.rhythm_s,
            "bytes": {"read": habits.read_bytes, "spared": habits.spared_bytes, "packed": habits.packed_bytes},
        })
    }
}

/// What is odd, in a few words.
fn words(what: Ailment) -> &'static str {
    match what {
        Ailment::Gaps => "items may have passed unseen between two polls",
        Ailment::Quiet => "no news for far longer than usual",
        Ailment::Churn => "keeps changing its ids",
        Ailment::OneDate => "all items bear one date",
    }
}

/// How many items of each feed wait for their article.
async fn waiting(desk: &Desk) -> anyhow::Result<HashMap<FeedId, usize>> {
    let mut waiting: HashMap<FeedId, usize> = HashMap::new();
    for item in desk.store.waiting(0).await? {
        *waiting.entry(item.feed).or_default() += 1;
    }
    Ok(waiting)
}

/// The health of each feed.
pub(crate) async fn list(desk: &Desk, json: bool) -> anyhow::Result<Answer> {
    let memories = desk.store.memories(desk.settings.identities()).await?;
    let (zone, now, waiting) = (desk.settings.time_zone(), desk.clock.now(), waiting(desk).await?);
    let mut out = String::new();
    let mut table = Table::new(&["FEED", "STATE", "LAST POLL", "LAST NEWS", "NEXT POLL", "WHY", "NOTE"]);
    for (feed, memory) in desk.settings.feeds.iter().zip(&memories) {
        let waiting = waiting.get(&memory.id).copied().unwrap_or(0);
        let given_up = desk.store.given_up(memory.id, 0).await?;
        let seen = Seen { feed, memory, now, waiting, given_up };
        if json {
            writeln!(out, "{}", seen.json())?;
        } else {
            table.row([
                memory.name.clone(),
                seen.state().to_owned(),
                time(memory.last_poll, &zone),
                time(memory.last_change, &zone),
                time(seen.next(), &zone),
                memory.why.clone(),
                seen.note(),
            ]);
        }
    }
    Ok(Answer { out: if json { out } else { table.render() }, ..Answer::default() })
}

/// All about one feed.
pub(crate) async fn show(desk: &Desk, name: &str, json: bool) -> anyhow::Result<Answer> {
    let memories = desk.store.memories(desk.settings.identities()).await?;
    let mut feeds = desk.settings.feeds.iter().zip(&memories);
    let Some((feed, memory)) = feeds.find(|(feed, _)| feed.name == name) else {
        let near = nearest(name, desk.settings.feeds.iter().map(|feed| feed.name.as_str()));
        let hint =
            near.map_or_else(|| "`newswatch feed list` shows all".to_owned(), |near| format!("did you mean {near}?"));
        anyhow::bail!("there is no feed {name} in the config; {hint}");
    };
    let waiting = waiting(desk).await?.get(&memory.id).copied().unwrap_or(0);
    let given_up = desk.store.given_up(memory.id, GIVEN_UP).await?;
    let seen = Seen { feed, memory, now: desk.clock.now(), waiting, given_up };
    let out = if json { format!("{}\n", seen.json()) } else { page(desk, &seen) };
    Ok(Answer { out, ..Answer::default() })
}

fn page(desk: &Desk, seen: &Seen<'_>) -> String {
    let (memory, habits, zone) = (seen.memory, &seen.memory.habits, desk.settings.time_zone());
    let mut out = format!("{}\n", plain(&memory.name));
    let mut line = |label: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "  {label:<13} {}", plain(value));
        }
    };
    let when = |at: Option<Timestamp>| time(at, &zone);
    line("address", &memory.url);
    if let Some(to) = seen.moved() {
        line("moved", &format!("it is asked at {to}; write url = \"{to}\" into its [[feed]]"));
    } else if let Some(moved) = &memory.moved {
        line("redirected", &format!("to {}, seen {} times since {}", moved.to, moved.seen, when(Some(moved.since))));
    }
    let since = memory.failing_since.map(|since| format!(", for {}", span(seen.now.duration_since(since))));
    let failures = if memory.failures > 1 { format!(", {} times in a row", memory.failures) } else { String::new() };
    line("state", &format!("{}{failures}{}", seen.state(), since.unwrap_or_default()));
    line("error", memory.error.as_deref().unwrap_or_default());
    line("last poll", &when(memory.last_poll));
    line("last success", &when(memory.last_success));
    line("last news", &when(memory.last_change));
    line("next poll", &seen.next().map(|next| format!("{}: {}", when(Some(next)), memory.why)).unwrap_or_default());
    if let Some(until) = memory.not_before.filter(|until| *until > seen.now && seen.next().is_some()) {
        line("not before", &format!("{}: its server asks for that", when(Some(until))));
    }
    line("rhythm", &habits.rhythm().map(|rhythm| format!("news about every {}", span(rhythm))).unwrap_or_default());
    for (what, since) in seen.ailments() {
        line("odd", &format!("{}, since {}", words(what), when(Some(since))));
    }
    if memory.gaps > 0 {
        line("gaps", &format!("{}, the last one {}", memory.gaps, when(instant(habits.gap_at))));
    }
    if seen.waiting > 0 {
        let (items, wait) =
            if seen.waiting == 1 { ("item", "waits for its article") } else { ("items", "wait for theirs") };
        line("articles", &format!("{} {items} {wait}", seen.waiting));
    }
    if seen.given_up.count > 0 {
        let (count, newest) = (seen.given_up.count, &seen.given_up.newest);
        line("given up", &format!("the articles of {}; of late:", crate::cli::check::count(count, "item")));
        for (item, why) in newest {
            line("", &format!("item {}: {why}", item.0));
        }
    }
    for repair in &memory.repairs {
        line("repaired", repair);
    }
    let bytes =
        [(habits.read_bytes, "read"), (habits.spared_bytes, "spared by 304"), (habits.packed_bytes, "by compression")];
    line("traffic", &bytes.map(|(bytes, what)| format!("{} {what}", size(bytes))).join(", "));
    out
}

/// A length of time in its largest unit.
fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    for (unit, name) in [(86_400, "day"), (3600, "hour"), (60, "minute")] {
        let count = seconds / unit;
        if count > 0 {
            return if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") };
        }
    }
    format!("{seconds} seconds")
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_sizes_are_told_as_people_say_them() {
        let of = |seconds| span(SignedDuration::from_secs(seconds));
        assert_eq!([of(59), of(60), of(7200), of(86_400)], ["59 seconds", "1 minute", "2 hours", "1 day"]);
        assert_eq!([size(999), size(1_500), size(2_000_000)], ["999 B", "1.5 kB", "2.0 MB"]);
    }
}
