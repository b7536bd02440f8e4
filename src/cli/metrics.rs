//! `status --metrics`: what it is doing as numbers, in the text that Prometheus and its collectors read.
//!
//! No feed is named: a name may be a secret, and ten thousand of them would be as many time series.

use std::fmt::{Display, Write};

use jiff::Timestamp;

use crate::daemon::{Counted, LATE_S};
use crate::item::FeedMemory;
use crate::store::Counts;

/// What is shown.
pub(super) struct Shown<'a> {
    /// Of a daemon: since when it runs, and its polls.
    pub(super) daemon: Option<(Timestamp, Counted)>,
    /// Feeds that are well, fail, and are gone.
    pub(super) feeds: (usize, usize, usize),
    pub(super) memories: &'a [FeedMemory],
    pub(super) watches: usize,
    pub(super) counts: &'a Counts,
    pub(super) problems: usize,
}

/// The text, in version 0.0.4 of the exposition format.
pub(super) fn text(shown: &Shown<'_>) -> Result<String, std::fmt::Error> {
    let mut page = Page::default();
    if let Some((since, polls)) = &shown.daemon {
        let seconds = since.as_second();
        page.one("start_time_seconds", "gauge", "When the daemon began, in seconds since 1970.", seconds)?;
        let results = [
            ("changed", polls.changed),
            ("unchanged", polls.unchanged),
            ("not_modified", polls.not_modified),
            ("failed", polls.failed),
        ];
        page.by("polls_total", "counter", "Polls since the daemon began.", "result", &results)?;
        page.delays(polls)?;
    }
    let (ok, failing, gone) = shown.feeds;
    page.by("feeds", "gauge", "Feeds.", "state", &[("ok", ok), ("failing", failing), ("gone", gone)])?;
    let sum = |bytes: fn(&FeedMemory) -> u64| shown.memories.iter().map(bytes).sum::<u64>();
    let bytes = [
        ("read", sum(|memory| memory.habits.read_bytes)),
        ("spared_by_304", sum(|memory| memory.habits.spared_bytes)),
        ("spared_by_compression", sum(|memory| memory.habits.packed_bytes)),
    ];
    page.by("feed_bytes", "gauge", "Bytes of the feeds there are, in all their polls so far.", "how", &bytes)?;
    page.one("items", "gauge", "Items stored.", shown.counts.items)?;
    page.one("items_waiting", "gauge", "Items that wait for their article.", shown.counts.items_waiting)?;
    page.one("watches", "gauge", "Watches in force.", shown.watches)?;
    let mails = [("sent", shown.counts.sent), ("waiting", shown.counts.waiting), ("dead", shown.counts.dead)];
    page.by("mails", "gauge", "Mails in the outbox.", "state", &mails)?;
    page.one("problems", "gauge", "What is wrong now; status tells in words.", shown.problems)?;
    Ok(page.0)
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) -> std::fmt::Result {
        writeln!(self.0, "# HELP newswatch_{name} {help}")?;
        writeln!(self.0, "# TYPE newswatch_{name} {kind}")
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) -> std::fmt::Result {
        self.head(name, kind, help)?;
        writeln!(self.0, "newswatch_{name} {value}")
    }

    fn by(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        label: &str,
        values: &[(&str, impl Display)],
    ) -> std::fmt::Result {
        self.head(name, kind, help)?;
        values.iter().try_for_each(|(what, value)| writeln!(self.0, "newswatch_{name}{{{label}=\"{what}\"}} {value}"))
    }

    /// A histogram counts in each of its steps all that the steps before count.
    fn delays(&mut self, polls: &Counted) -> std::fmt::Result {
        let name = "poll_delay_seconds";
        self.head(name, "histogram", "How much later than planned polls began.")?;
        let mut count = 0;
        for (step, polls) in LATE_S.iter().map(ToString::to_string).chain(["+Inf".to_owned()]).zip(polls.late) {
            count += polls;
            writeln!(self.0, "newswatch_{name}_bucket{{le=\"{step}\"}} {count}")?;
        }
        writeln!(self.0, "newswatch_{name}_sum {}.{:03}", polls.late_ms / 1000, polls.late_ms % 1000)?;
        writeln!(self.0, "newswatch_{name}_count {count}")
    }
}
