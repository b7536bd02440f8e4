//! The command line: what can be typed, and one file per command that does it.
//!
//! Data goes to stdout, everything else to stderr. What went wrong is said once, here, with its whole chain.

mod alias;

mod arguments;

mod article;

mod backtest;

mod bar;

mod check;

mod demo;

mod desk;

mod event;

mod explain;

mod extract;

mod feed;

mod init;

mod input;

mod item;

mod mail;

mod manual;

mod metrics;

mod run;

mod silence;

mod status;

mod table;

mod watch;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::control::Answer;
use crate::daemon::DaemonError;
use crate::store::StoreError;
use crate::understand::facts::Asked;

pub use arguments::{
    AliasCommand, Arguments, ArticleCommand, At, Command, EventCommand, FeedCommand, ItemCommand, MailCommand,
    SilenceCommand, WatchCommand,
};
pub(crate) use desk::{Desk, Looking, Running};
pub(crate) use explain::Paper;

/// The exit statuses, which are an interface: the manual lists them and the unit file acts on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, also when nothing matched.
    Done = 0,
    /// It failed; one line says why and what to do.
    Failed = 1,
    /// It was not understood.
    Usage = 2,
    /// Another process holds the database (`EX_TEMPFAIL` of sysexits.h).
    Held = 75,
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    keep_quiet_about_caught_panics();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let status = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            // Nowhere left to complain if this fails.
            let _ = error.print();
            return ExitCode::from(status as u8);
        }
    };
    match dispatch(arguments) {
        Ok(status) => ExitCode::from(status),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "newswatch: {}", chain(&error));
            ExitCode::from(status_of(&error) as u8)
        }
    }
}

/// A hostile feed can make the reader panic; that is caught and becomes the feed's error, and is no crash to print.
fn keep_quiet_about_caught_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if crate::parse::inside_reader() {
            tracing::debug!(%panic, "the reader fell over a feed");
        } else {
            usual(panic);
        }
    }));
}

fn dispatch(arguments: Arguments) -> anyhow::Result<u8> {
    let config = arguments.config.as_deref();
    let done = |()| Exit::Done as u8;
    match arguments.command {
        Command::Run => run::run(config).map(|status| status as u8),
        Command::Once { all, flush, json } => run::once(config, all, flush, json).map(done),
        Command::Demo { once } => demo::demo(once).map(done),
        Command::Init { dir } => init::init(&dir).map(done),
        Command::Check => check::check(config).map(|status| status as u8),
        Command::Feed(FeedCommand::Read { json, inputs }) => {
            feed::read(config, &inputs, json).map(|status| status as u8)
        }
        Command::Feed(FeedCommand::Add { url, name, tag, all }) => {
            let wish = feed::Wish { url, name, tags: tag, all };
            feed::add(config, &wish).map(|status| status as u8)
        }
        Command::Feed(FeedCommand::Remove { name }) => feed::remove(config, &name).map(done),
        Command::Feed(FeedCommand::Import { file }) => feed::import(config, &file).map(done),
        Command::Feed(FeedCommand::Export) => feed::export(config).map(done),
        Command::Article(ArticleCommand::Read { json, inputs }) => {
            article::read(config, &inputs, json).map(|status| status as u8)
        }
        Command::Extract { at, act, event, explain, json } => {
            let names = check::settings_or_defaults(config)?.aliases.actors();
            let asked = Asked { acts: act, events: event, names };
            extract::extract(&extract::Wish { at, asked, explain, json }).map(done)
        }
        Command::Watch(WatchCommand::Test { watch, query, json, inputs }) => {
            watch::test(config, watch.as_deref(), query.as_deref(), &inputs, json).map(|status| status as u8)
        }
        Command::Alias(AliasCommand::List { json }) => print(&alias::list(config, json)?),
        Command::Alias(AliasCommand::Show { name, json }) => print(&alias::show(config, &name, json)?),
        Command::Mail(MailCommand::Test) => mail::test(config).map(done),
        Command::Completions { shell } => manual::completions(shell).map(done),
        Command::Man => manual::man().map(done),
        command => desk::look(config, &command),
    }
}

/// Writes an answer where it belongs.
fn print(answer: &Answer) -> anyhow::Result<u8> {
    std::io::stdout().write_all(answer.out.as_bytes())?;
    std::io::stdout().flush()?;
    std::io::stderr().write_all(answer.err.as_bytes())?;
    Ok(answer.exit)
}

/// An error and its causes in one sentence. Servers and feeds have a say in it, and may not steer the terminal.
fn chain(error: &anyhow::Error) -> String {
    let words = error.chain().map(|cause| without_number(&cause.to_string())).collect::<Vec<_>>().join(": ");
    words.split('\n').map(table::plain).collect::<Vec<_>>().join("\n")
}

/// What the system says of a failure without the number that it has there.
fn without_number(words: &str) -> String {
    match words.rsplit_once(" (os error ") {
        Some((words, number)) if number.trim_end_matches(')').bytes().all(|byte| byte.is_ascii_digit()) => {
            words.to_owned()
        }
        _ => words.to_owned(),
    }
}

fn status_of(error: &anyhow::Error) -> Exit {
    match error.downcast_ref::<DaemonError>() {
        Some(DaemonError::Store(StoreError::Held { .. })) => Exit::Held,
        _ => Exit::Failed,
    }
}

/// Whoever read our output has seen enough: that is no failure of ours.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
