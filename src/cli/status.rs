//! `status`: what it is doing, and what is wrong.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use serde_json::json;

use super::check::count;
use super::desk::Running;
use super::metrics::{self, Shown};
use super::table::{json_time, time};
use super::{Desk, Exit};
use crate::control::Answer;
use crate::item::{FeedHealth, FeedMemory};
use crate::store::{Counts, Refused, count_health};

/// How it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
    Metrics,
}

impl Form {
    /// As the command line asks for it.
    pub(super) fn of(json: bool, metrics: bool) -> Self {
        match (json, metrics) {
            (true, _) => Self::Json,
            (false, true) => Self::Metrics,
            (false, false) => Self::Text,
        }
    }
}

/// One look at everything. With `check`, the exit status is 1 while something is wrong.
pub(super) async fn status(desk: &Desk, check: bool, form: Form) -> anyhow::Result<Answer> {
    let memories = desk.store.memories(desk.settings.identities()).await?;
    let health: Vec<FeedHealth> =
        desk.settings.feeds.iter().zip(&memories).map(|(feed, memory)| memory.health(feed.enabled)).collect();
    let (ok, failing, gone) = count_health(health.iter().copied());
    let counts = desk.store.counts().await?;
    let polled = desk.settings.feeds.iter().zip(&memories).filter(|(feed, memory)| feed.enabled && !memory.gone);
    let next_poll = polled.filter_map(|(_, memory)| memory.next_poll).min();
    let now = desk.clock.now();
    let times: Vec<_> = desk.settings.digests.iter().map(crate::daemon::digest_times).collect();
    let next_digest = times.iter().filter_map(|digest| digest.next(now)).min();

    let silences = desk.store.mutes(now).await?.len();

    let mut problems = problems(desk, &memories, &health, &counts)?;
    problems.extend(desk.store.refused().await?.iter().map(|refused| left_alone(refused, &desk.settings.time_zone())));
    let exit = if check && !problems.is_empty() { Exit::Failed } else { Exit::Done } as u8;
    let (since, pid) = desk.daemon.map(|daemon| (daemon.since, daemon.pid)).unzip();
    let version = env!("CARGO_PKG_VERSION");
    let watches = desk.settings.watches.iter().filter(|watch| watch.enabled).count();
    if form == Form::Metrics {
        let shown = Shown {
            daemon: desk.daemon.map(|daemon| (daemon.since, daemon.polls)),
            feeds: (ok, failing, gone),
            memories: &memories,
            watches,
            counts: &counts,
            problems: problems.len(),
        };
        return Ok(Answer { out: metrics::text(&shown)?, exit, ..Answer::default() });
    }
    if form == Form::Json {
        let line = json!({
            "version": version, "pid": pid, "since": json_time(since), "healthy": problems.is_empty(),
            "problems": problems, "feeds": {"ok": ok, "failing": failing, "gone": gone}, "items": counts.items, "items_waiting": counts.items_waiting,
            "watches": watches, "silences": silences, "mail": {"waiting": counts.waiting, "dead": counts.dead, "sent": counts.sent},
            "next_poll": json_time(next_poll), "next_digest": json_time(next_digest),
        });
        return Ok(Answer { out: format!("{line}\n"), exit, ..Answer::default() });
    }
    let zone = desk.settings.time_zone();
    let mut out = String::new();
    match desk.daemon {
        Some(Running { since, pid, .. }) => {
            writeln!(out, "newswatch {version}, running since {}, process {pid}", time(Some(since), &zone))?;
        }
        None => writeln!(out, "newswatch {version}, not running")?,
    }
    writeln!(out, "database {}", desk.settings.store.database.display())?;
    writeln!(out, "feeds    {ok} ok, {failing} failing, {gone} gone; next poll {}", time(next_poll, &zone))?;
    match counts.items_waiting {
        0 => writeln!(out, "items    {} stored", counts.items)?,
        waiting => writeln!(out, "items    {} stored, {waiting} waiting for their article", counts.items)?,
    }
    match silences {
        0 => writeln!(out, "watches  {watches}")?,
        silences => writeln!(out, "watches  {watches}; {} in force", count(silences, "silence"))?,
    }
    let (waiting, dead, sent) = (counts.waiting, counts.dead, counts.sent);
    writeln!(out, "mail     {sent} sent, {waiting} waiting, {dead} dead; next digest {}", time(next_digest, &zone))?;
    match problems.as_slice() {
        [] => writeln!(out, "all well")?,
        problems => {
            for problem in problems {
                // A refused config is drawn in many lines; the first names it, and `check` shows the rest.
                let first = problem.lines().next().unwrap_or_default();
                writeln!(out, "problem  {}", super::table::plain(first))?;
            }
        }
    }
    Ok(Answer { out, exit, ..Answer::default() })
}

fn left_alone(refused: &Refused, zone: &TimeZone) -> String {
    let Refused { recipient, mail, next, answer } = refused;
    let next = time(Some(*next), zone);
    format!(
        "mail to {recipient} waits until {next}: several in a row were refused, the last with {answer:?}; mend the address, or \
         `newswatch mail retry {}`",
        mail.0
    )
}

/// What is wrong, in the order in which it would be mended.
fn problems(
    desk: &Desk,
    memories: &[FeedMemory],
    health: &[FeedHealth],
    counts: &Counts,
) -> anyhow::Result<Vec<String>> {
    let mut problems = desk.problems.clone();
    for (memory, state) in memories.iter().zip(health) {
        match state {
            FeedHealth::Failing => problems.push(format!(
                "feed {} fails: {}",
                memory.name,
                memory.error.as_deref().unwrap_or("no reason was given")
            )),
            FeedHealth::Gone => {
                problems.push(format!("feed {} is gone for good; take it out of the config", memory.name));
            }
            _ => {}
        }
    }
    if desk.daemon.is_none() && counts.waiting > 0 {
        // A pass tries each mail that is due. Whatever is left waiting could not be sent.
        let mails = count(usize::try_from(counts.waiting)?, "mail");
        problems
            .push(format!("{mails} waiting while no daemon runs; `newswatch mail list` says what the server answered"));
    }
    if counts.dead > 0 {
        let letters = count(usize::try_from(counts.dead)?, "dead letter");
        problems
            .push(format!("{letters}; `newswatch mail list` says why, `mail retry` and `mail drop` deal with them"));
    }
    Ok(problems)
}
