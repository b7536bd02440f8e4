use std::path::PathBuf;
use std::str::FromStr;

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// Watches feeds for the news you described, and mails it once.
#[derive(Debug, Parser)]
#[command(name = "newswatch", version, about, disable_help_subcommand = true, max_term_width = 100)]
#[command(
    after_help = "`newswatch init` writes a config to start from; `newswatch demo` shows it all at work without one."
)]
pub struct Arguments {
    /// The config; otherwise `$NEWSWATCH_CONFIG`, ./newswatch.toml, ~/.config/newswatch/newswatch.toml or
    /// /etc/newswatch/newswatch.toml, whichever is there first
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// What the answer of a daemon is shown on: columns, and `c` for colours
    #[arg(long, global = true, hide = true, value_name = "PAPER")]
    pub paper: Option<String>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The daemon, in the foreground, until SIGTERM or SIGINT; SIGHUP reloads the config
    Run,
    /// One pass: poll what is due, match, send what is due, exit
    Once {
        /// Poll every feed now, still conditionally, but never against a server's word
        #[arg(long)]
        all: bool,
        /// Send also the digests that are not due yet
        #[arg(long)]
        flush: bool,
        /// Say what was done as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// The real daemon on sample feeds, with its mail shown here
    Demo {
        /// End after one pass
        #[arg(long)]
        once: bool,
    },
    /// Write a commented config to start from
    Init {
        /// The directory for newswatch.toml
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Read the config and say what is wrong with it, and where
    Check,
    /// Feeds: their health, and how one reads
    #[command(subcommand)]
    Feed(FeedCommand),
    /// Articles: the main text of a web page
    #[command(subcommand)]
    Article(ArticleCommand),
    /// Text on stdin to the dates, events, statements and sums of money in it
    Extract {
        /// When the text was published; without an offset in UTC, by default now
        #[arg(long, value_name = "TIME")]
        at: Option<At>,
        /// An act to look for beside the built-in ones; may be given several times
        #[arg(long, value_name = "WORD")]
        act: Vec<String>,
        /// A kind of event to look for beside the built-in ones; may be given several times
        #[arg(long, value_name = "WORD")]
        event: Vec<String>,
        /// Say how each was read
        #[arg(long)]
        explain: bool,
        /// A line of JSON per text; then each line of stdin may be {"text": …, "at": …, "acts": […], "events": […]}
        #[arg(long)]
        json: bool,
    },
    /// Watches: their matches, and what one would match
    #[command(subcommand)]
    Watch(WatchCommand),
    /// Aliases: the names that @hungary stands for in a query
    #[command(subcommand)]
    Alias(AliasCommand),
    /// Dated events ahead, of items that matched a watch
    #[command(subcommand)]
    Event(EventCommand),
    /// Stored items
    #[command(subcommand)]
    Item(ItemCommand),
    /// The outbox
    #[command(subcommand)]
    Mail(MailCommand),
    /// Silences: a watch or a story that nobody is told of for a while
    #[command(subcommand)]
    Silence(SilenceCommand),
    /// What it is doing, and what is wrong
    Status {
        /// Exit with 1 while something is wrong
        #[arg(long)]
        check: bool,
        /// As one JSON object
        #[arg(long)]
        json: bool,
        /// As numbers for Prometheus, such as a collector of text files reads them
        #[arg(long, conflicts_with = "json")]
        metrics: bool,
    },
    /// Completions for a shell, on stdout
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// The manual page, on stdout
    Man,
}

/// `newswatch feed …`
#[derive(Debug, Subcommand)]
pub enum FeedCommand {
    /// The health of each feed, and when it is polled next
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// All about one feed
    Show {
        /// Its name
        name: String,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Find the feed behind an address and add it to the config
    Add {
        /// The address of a feed, or of a page that links to one
        url: String,
        /// What to call it, instead of what it calls itself
        #[arg(long, value_name = "NAME", conflicts_with = "all")]
        name: Option<String>,
        /// A tag for it; may be given several times
        #[arg(long, value_name = "TAG")]
        tag: Vec<String>,
        /// Add every feed that the page links to
        #[arg(long)]
        all: bool,
    },
    /// Take a feed out of the config; what is stored of it stays
    Remove {
        /// Its name
        name: String,
    },
    /// Add the feeds of an OPML list to the config; folders become tags
    Import {
        /// The list: a file, or - for stdin
        #[arg(value_name = "OPML")]
        file: String,
    },
    /// The feeds of the config as an OPML list, on stdout
    Export,
    /// Show input as newswatch reads it
    Read {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
        /// Files, URLs, names of feeds in the config, or - for stdin
        #[arg(required = true, value_name = "FILE|URL|NAME|-")]
        inputs: Vec<String>,
    },
}

/// `newswatch article …`
#[derive(Debug, Subcommand)]
pub enum ArticleCommand {
    /// Show the main text of a page
    Read {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
        /// Files, URLs, or - for stdin
        #[arg(required = true, value_name = "FILE|URL|-")]
        inputs: Vec<String>,
    },
}

/// `newswatch watch …`
#[derive(Debug, Subcommand)]
pub enum WatchCommand {
    /// Matches a day of each watch
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// What watches would have matched of all that is stored: hits gained and lost, and mails a week
    Backtest {
        /// Only this watch, against what it matched
        #[arg(long, value_name = "NAME")]
        watch: Option<String>,
        /// This query, against that watch as it is; without --watch, every hit counts as gained
        #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
        query: Option<String>,
        /// Only items first seen since then: 30d for thirty days, or a date
        #[arg(long, value_name = "TIME")]
        since: Option<Since>,
        /// One JSON object per watch
        #[arg(long)]
        json: bool,
    },
    /// Which watches match this input, and why; stores nothing
    Test {
        /// Only this watch
        #[arg(long, value_name = "NAME", conflicts_with = "query")]
        watch: Option<String>,
        /// This query instead of the configured watches
        #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
        query: Option<String>,
        /// One JSON object per match
        #[arg(long)]
        json: bool,
        /// Feeds or texts: files, URLs, names of feeds in the config (only then `feed:` and `tag:` hold), or - for stdin
        #[arg(required = true, value_name = "FILE|URL|-")]
        inputs: Vec<String>,
    },
}

/// `newswatch alias …`
#[derive(Debug, Subcommand)]
pub enum AliasCommand {
    /// Every alias, built in or of the config, with its names
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// The names that one alias stands for, or whose name this is
    Show {
        /// The alias, with or without @, or a name
        #[arg(value_name = "ALIAS|NAME")]
        name: String,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// `newswatch event …`
#[derive(Debug, Subcommand)]
pub enum EventCommand {
    /// Dated events ahead, the next first
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// The same as iCalendar, on stdout
    Export,
}

/// `newswatch item …`
#[derive(Debug, Subcommand)]
pub enum ItemCommand {
    /// Stored items, newest first
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
        /// At most so many; 0 for all
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: usize,
        /// Of this feed
        #[arg(long, value_name = "NAME")]
        feed: Option<String>,
        /// That this watch matched
        #[arg(long, value_name = "NAME")]
        watch: Option<String>,
        /// First seen since then: 2026-11-24, 2026-11-24T07:30:00Z, or 3d for three days
        #[arg(long, value_name = "TIME")]
        since: Option<Since>,
    },
    /// Why each watch did or did not match an item
    Explain {
        /// Its number, which `item list` shows
        #[arg(value_parser = item_number)]
        id: i64,
        /// Only this watch
        #[arg(long, value_name = "NAME", conflicts_with = "query")]
        watch: Option<String>,
        /// This query instead of the configured watches
        #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
        query: Option<String>,
        /// One JSON object per watch
        #[arg(long)]
        json: bool,
    },
}

/// `newswatch mail …`
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// The outbox, newest first
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
        /// At most so many; 0 for all
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: usize,
    },
    /// The next digest as it would go out; uses nothing up
    Preview {
        /// Only this digest
        #[arg(long, value_name = "NAME")]
        digest: Option<String>,
        /// As though nothing matched since then had been told: 7d for seven days, or a date
        #[arg(long, value_name = "TIME")]
        since: Option<Since>,
        /// Write .eml, .html and .txt into this directory instead of the text to stdout
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Send a test message to the default recipients
    Test,
    /// Try a mail again now: a dead letter, or one that waits
    Retry {
        /// Its number, which `mail list` shows
        id: i64,
    },
    /// Give a mail up for good: it is never sent, and what it would have told counts as told
    Drop {
        /// Its number, which `mail list` shows
        id: i64,
    },
}

/// `newswatch silence …`
#[derive(Debug, Subcommand)]
pub enum SilenceCommand {
    /// Silence a watch or a story from now on; what it silences is stored, and never mailed later
    Add {
        /// The watch's name
        #[arg(value_name = "WATCH", required_unless_present = "story", conflicts_with = "story")]
        watch: Option<String>,
        /// The number of a story, which `item explain` shows
        #[arg(long, value_name = "ID")]
        story: Option<i64>,
        /// For how long: 2d for two days
        #[arg(long = "for", value_name = "TIME")]
        length: Length,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Silences in force, the newest first
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// End a silence now; what it silenced stays untold
    Remove {
        /// Its number, which `silence list` shows
        id: i64,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// A length of time as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(pub SignedDuration);

impl FromStr for Length {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::config::duration(text).map(Self).ok_or("write a number and s, m, h, d or w: 90m, 2d")
    }
}

fn item_number(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| "write its number, which `newswatch item list` shows first")
}

/// When a text was published, in the civil time of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct At(pub DateTime);

impl FromStr for At {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // What stands before an offset is the civil time there; with `Z`, or without any, it is UTC's.
        text.parse::<DateTime>()
            .ok()
            .or_else(|| Some(Pieces::parse(text).ok()?).map(|at| at.date().to_datetime(at.time().unwrap_or_default())))
            .map(Self)
            .ok_or("write a date (2026-11-24) or a time (2026-11-24T07:30:00Z)")
    }
}

impl TryFrom<String> for At {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// A point in time as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// A date, or a date with a time.
    At(Timestamp),
    /// How long ago.
    Ago(SignedDuration),
}

impl Since {
    /// The instant that is meant at `now`.
    pub fn instant(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => now.checked_sub(ago).unwrap_or(Timestamp::MIN),
        }
    }
}

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Self::At(at));
        }
        let local = text.parse::<DateTime>().ok().and_then(|date| date.to_zoned_datetime(TimeZone::system()).ok());
        match (local, crate::config::duration(text)) {
            (Some(local), _) => Ok(Self::At(local.timestamp())),
            (None, Some(ago)) => Ok(Self::Ago(ago)),
            (None, None) => Err("write a date (2026-11-24), a time (2026-11-24T07:30:00Z), or how long ago (3d)"),
        }
    }
}
