//! Commands that look at what is stored: run by the daemon while there is one, else here.

use std::fs;
use std::path::{Component, Path};
use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use jiff::Timestamp;

use super::backtest::Wish;
use super::bar::Bar;
use super::explain::Paper;
use super::{
    Arguments, Command, EventCommand, FeedCommand, ItemCommand, MailCommand, SilenceCommand, WatchCommand, backtest,
    event, feed, item, mail, print, silence, status, watch,
};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Env, Settings};
use crate::control::{self, Answer, AsyncAnswer, Progress, Whose};
use crate::daemon::Counted;
use crate::deliver::Ledger;
use crate::store::Store;

/// A daemon at work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Running {
    /// Since when.
    pub(crate) since: Timestamp,
    /// Its process.
    pub(crate) pid: u32,
    /// What its polls came to.
    pub(crate) polls: Counted,
}

/// What such a command looks at.
pub(crate) struct Desk {
    /// The store, open.
    pub(crate) store: Arc<dyn Store>,
    /// The config in force.
    pub(crate) settings: Arc<Settings>,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// The daemon that answers; `None` where there is none.
    pub(crate) daemon: Option<Running>,
    /// What the daemon itself finds wrong: tasks that no longer turn round, a ledger that cannot be written.
    pub(crate) problems: Vec<String>,
    /// What the answer is shown on.
    pub(crate) paper: Paper,
    /// The ledger that the daemon writes; `None` where there is no daemon, and nobody else writes it.
    pub(crate) ledger: Option<Ledger>,
    /// Has the daemon look for mail that is due.
    pub(crate) wake_deliverer: Box<dyn Fn() + Send + Sync>,
}

/// What a running daemon answers commands with.
pub(crate) struct Looking<F, R> {
    /// Where its desk comes from: made anew for each command, because a reload changes it.
    pub(crate) desk: F,
    /// How it reads its config again.
    pub(crate) reload: R,
}

#[async_trait::async_trait]
impl<F, R, A> AsyncAnswer for Looking<F, R>
where
    F: Fn() -> Desk + Send + Sync + 'static,
    R: Fn() -> A + Send + Sync + 'static,
    A: Future<Output = Result<(), String>> + Send,
{
    async fn reload(&self) -> Answer {
        match (self.reload)().await {
            Ok(()) => Answer { out: "the new config is in force\n".to_owned(), ..Answer::default() },
            Err(why) => Answer { err: format!("{}\n", why.trim_end()), exit: 1, ..Answer::default() },
        }
    }

    async fn answer(&self, args: Vec<String>, progress: Progress) -> Answer {
        match Arguments::try_parse_from(std::iter::once("newswatch".to_owned()).chain(args)) {
            Ok(arguments) => {
                let mut desk = (self.desk)();
                desk.paper = arguments.paper.as_deref().map_or(Paper::default(), Paper::read);
                desk.answer(&arguments.command, &progress).await
            }
            Err(error) => Answer { err: error.to_string(), exit: 2, ..Answer::default() },
        }
    }
}

impl Desk {
    /// Runs a command; what goes wrong is part of the answer.
    pub(crate) async fn answer(&self, command: &Command, progress: &Progress) -> Answer {
        let answer = match command {
            Command::Status { check, json, metrics } => {
                status::status(self, *check, status::Form::of(*json, *metrics)).await
            }
            Command::Feed(FeedCommand::List { json }) => feed::list(self, *json).await,
            Command::Feed(FeedCommand::Show { name, json }) => feed::show(self, name, *json).await,
            Command::Event(EventCommand::List { json }) => event::list(self, *json).await,
            Command::Event(EventCommand::Export) => event::export(self).await,
            Command::Item(ItemCommand::List { json, limit, feed, watch, since }) => {
                item::list(self, *json, *limit, feed.clone(), watch.clone(), *since).await
            }
            Command::Item(ItemCommand::Explain { id, watch, query, json }) => {
                item::explain(self, *id, watch.as_deref(), query.as_deref(), *json).await
            }
            Command::Watch(WatchCommand::Backtest { watch, query, since, json }) => {
                let wish = Wish { watch: watch.clone(), query: query.clone(), since: *since, json: *json };
                backtest::backtest(self, &wish, progress).await
            }
            Command::Watch(WatchCommand::List { json }) => watch::list(self, *json).await,
            Command::Mail(MailCommand::List { json, limit }) => mail::list(self, *json, *limit).await,
            Command::Mail(MailCommand::Preview { digest, since, out }) => {
                mail::preview(self, digest.as_deref(), *since, out.is_some()).await
            }
            Command::Mail(MailCommand::Retry { id }) => mail::retry(self, *id).await,
            Command::Mail(MailCommand::Drop { id }) => mail::give_up(self, *id).await,
            Command::Silence(command) => self.answer_silence(command).await,
            _ => Err(anyhow::anyhow!("this command is not for the daemon")),
        };
        answer.unwrap_or_else(|error| Answer {
            err: format!("newswatch: {}\n", super::chain(&error)),
            exit: super::status_of(&error) as u8,
            ..Answer::default()
        })
    }
}

impl Desk {
    async fn answer_silence(&self, command: &SilenceCommand) -> anyhow::Result<Answer> {
        match command {
            SilenceCommand::Add { watch, story, length, json } => {
                let what = match (watch, story) {
                    (Some(watch), _) => silence::What::Watch(watch),
                    (None, Some(story)) => silence::What::Story(*story),
                    (None, None) => anyhow::bail!("name a watch, or a story with --story ID"),
                };
                silence::add(self, what, length.0, *json).await
            }
            SilenceCommand::List { json } => silence::list(self, *json).await,
            SilenceCommand::Remove { id, json } => silence::remove(self, *id, *json).await,
        }
    }

    /// Runs a command, and shows how far it is.
    async fn answer_here(&self, command: &Command) -> Answer {
        let (progress, mut steps) = Progress::heard();
        let mut answering = std::pin::pin!(self.answer(command, &progress));
        let mut bar = Bar::default();
        loop {
            tokio::select! {
                answer = &mut answering => return answer,
                Some(step) = steps.recv() => bar.draw(step),
            }
        }
    }
}

/// Has the command answered by the daemon, or opens the database and answers it here.
pub(super) fn look(config: Option<&Path>, command: &Command) -> anyhow::Result<u8> {
    let settings = match super::check::settings(config) {
        Ok(settings) => settings,
        Err(error) => return ask_without_config(config, command, error),
    };
    // The daemon reads its own config: only the command itself is handed over.
    let mut bar = Bar::default();
    let (socket, whose) = (&settings.control_socket, Whose::of(&settings));
    let answer = match control::ask(socket, whose, &handed_over(), |step| bar.draw(step))? {
        Some(answer) => answer,
        None => here(settings, command)?,
    };
    drop(bar);
    hand_out(command, &answer)
}

/// A daemon goes on under its old config while the file is broken, and then more than ever one wants to look at it. What is
/// wrong with the file has been shown already.
fn ask_without_config(config: Option<&Path>, command: &Command, error: anyhow::Error) -> anyhow::Result<u8> {
    let Some(unread) = config::unread(config, &Env::from_process()) else { return Err(error) };
    let whose = Whose::of_files(Some(&unread.config), &unread.database);
    match control::ask(&unread.socket, whose, &handed_over(), |_| {}) {
        Ok(Some(answer)) => hand_out(command, &answer),
        _ => Err(error),
    }
}

fn hand_out(command: &Command, answer: &Answer) -> anyhow::Result<u8> {
    if let Command::Mail(MailCommand::Preview { out: Some(dir), .. }) = command {
        write_files(dir, answer)?;
    }
    print(answer)
}

/// The process's arguments without `--config`, which means another file to another process. Only paths need not be UTF-8,
/// and none of them is the daemon's business.
fn handed_over() -> Vec<String> {
    let mut args = vec![format!("--paper={}", Paper::stdout().written())];
    let mut all = std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    while let Some(arg) = all.next() {
        match arg.as_str() {
            "--config" => drop(all.next()),
            other if other.starts_with("--config=") => {}
            _ => args.push(arg),
        }
    }
    args
}

fn here(settings: Settings, command: &Command) -> anyhow::Result<Answer> {
    let runtime = super::run::runtime()?;
    runtime.block_on(async {
        let store = crate::daemon::open_store(&settings).await?;
        let desk = Desk {
            store: Arc::clone(&store),
            settings: Arc::new(settings),
            clock: Arc::new(SystemClock),
            daemon: None,
            problems: Vec::new(),
            paper: Paper::stdout(),
            ledger: None,
            wake_deliverer: Box::new(|| ()),
        };
        let answer = desk.answer_here(command).await;
        store.close().await?;
        Ok(answer)
    })
}

fn write_files(dir: &Path, answer: &Answer) -> anyhow::Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    for (name, text) in &answer.files {
        // The answer came through a socket; whatever it says, nothing is written elsewhere.
        let mut parts = Path::new(name).components();
        let plain =
            matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name.as_str());
        anyhow::ensure!(plain, "{name:?} is no name for a file in {}", dir.display());
        let path = dir.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_files_in_the_directory_are_written() {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("preview");
        let write = |name: &str| {
            write_files(&dir, &Answer { files: vec![(name.to_owned(), "text".to_owned())], ..Answer::default() })
        };
        for name in ["../x", "/tmp/x", "a/x", "a/../x", "..", ".", "", "x/", "./x"] {
            let refused = write(name).unwrap_err().to_string();
            assert!(refused.contains(&format!("{name:?}")), "{refused}");
        }
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 0);
        write("morning-a@example.org.txt").unwrap();
        assert_eq!(fs::read_to_string(dir.join("morning-a@example.org.txt")).unwrap(), "text");
    }
}
