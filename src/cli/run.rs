//! `run` and `once`: the daemon, and one pass of the same work.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::Exit;
use crate::daemon::{self, Articles, Pass, Seams};

/// How long the end waits for threads that block: it has ten seconds in all.
const LEFT_OVERS: Duration = Duration::from_millis(250);

/// The daemon, in the foreground.
pub(super) fn run(config: Option<&Path>) -> anyhow::Result<Exit> {
    log_to_stderr("info");
    let settings = super::check::settings(config)?;
    let seams = Seams::real()?;
    let runtime = runtime()?;
    let ended = runtime.block_on(daemon::run(settings, seams, CancellationToken::new()));
    // Whatever still blocks a thread, such as the resolver of a network that is down, has nothing left to write.
    runtime.shutdown_timeout(LEFT_OVERS);
    ended?;
    Ok(Exit::Done)
}

/// One pass.
pub(super) fn once(config: Option<&Path>, all: bool, flush: bool, json: bool) -> anyhow::Result<()> {
    log_to_stderr("warn");
    let settings = super::check::settings(config)?;
    let seams = Seams::real()?;
    let pass = runtime()?.block_on(daemon::once(settings, seams, all, flush))?;
    let line = if json { in_json(&pass) } else { in_words(&pass) };
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

fn in_json(pass: &Pass) -> String {
    json!({
        "feeds": {
            "due": pass.due, "polled": pass.polled, "changed": pass.changed, "unchanged": pass.unchanged,
            "failed": pass.failed,
        },
        "items": {"new": pass.items.new, "updated": pass.items.updated, "repeated": pass.items.repeated},
        "matches": pass.items.matches, "backlog": pass.items.backlog,
        "articles": {
            "taken": pass.articles.taken, "given_up": pass.articles.given_up, "waiting": pass.articles.waiting,
        },
        "mail": {
            "queued": pass.queued, "sent": pass.sent, "deferred": pass.deferred, "failed": pass.dead,
        },
    })
    .to_string()
}

pub(super) fn in_words(pass: &Pass) -> String {
    let mut line = format!(
        "{} polled ({} changed, {} unchanged, {} failed), {} new, {} updated, {} matched, {} sent",
        super::check::count(pass.polled, "feed"),
        pass.changed,
        pass.unchanged,
        pass.failed,
        super::check::count(pass.items.new, "item"),
        pass.items.updated,
        pass.items.matches,
        super::check::count(pass.sent, "mail"),
    );
    if pass.articles != Articles::default() {
        let _ = write!(
            line,
            "; {} taken, {} given up, {} waited for",
            super::check::count(pass.articles.taken, "article"),
            pass.articles.given_up,
            pass.articles.waiting,
        );
    }
    if pass.items.backlog > 0 {
        let _ = write!(
            line,
            "; {} not told, being older than [fetch] backlog or undated on the first look at a feed",
            super::check::count(pass.items.backlog, "match")
        );
    }
    if pass.deferred > 0 {
        let _ = write!(line, ", {} to be tried again", pass.deferred);
    }
    if pass.dead > 0 {
        let _ = write!(line, ", {} given up (see `newswatch mail list`)", pass.dead);
    }
    line
}

/// The runtime that everything asynchronous runs on.
pub(super) fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().context("cannot start the runtime")
}

/// Logs go to stderr; the journal adds time and rank by itself.
pub(super) fn log_to_stderr(default: &str) {
    let filter =
        EnvFilter::try_from_env("NEWSWATCH_LOG").unwrap_or_else(|_| EnvFilter::new(format!("newswatch={default}")));
    let to_journal = std::env::var_os("JOURNAL_STREAM").is_some();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(super::check::has_color(&std::io::stderr()))
        .with_target(false);
    // A second initialisation, as in a test, keeps the first.
    let _ = if to_journal { builder.without_time().try_init() } else { builder.try_init() };
}
