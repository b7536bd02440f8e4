use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use url::Url;

use super::trial::Trial;
use crate::alert::{Channel, DigestRoute, Pace, Quiet, Remind, Repeat, Route, Routes, Sources};
use crate::deliver::DkimKey;
use crate::deliver::transport::Dialect;
use crate::item::FeedIdentity;
use crate::matching::{self, Rule};
use crate::poll::{Authorities, Proxy};
use crate::program::Program;
use crate::query::{Aliases, Query};

/// A whole config: read, checked, resolved.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The main file; `None` for the built-in defaults.
    pub file: Option<PathBuf>,
    /// Every file that was read, the main one first.
    pub files: Vec<PathBuf>,
    /// Where state is kept, absolute.
    pub state_dir: PathBuf,
    /// Where the control socket lies, absolute.
    pub control_socket: PathBuf,
    /// `[mail]`; `None` where it is absent: then nothing can be mailed, and no watch is enabled.
    pub mail: Option<MailSettings>,
    /// `[store]`.
    pub store: StoreSettings,
    /// `[fetch]`.
    pub fetch: FetchSettings,
    /// `[web]`.
    pub web: WebSettings,
    /// `[[feed]]`, in the order of the files, disabled ones included.
    pub feeds: Vec<Feed>,
    /// `[[watch]]`, in the order of the files, disabled ones included.
    pub watches: Vec<Watch>,
    /// `[[watch.test]]` of all of them, in the order of the files.
    pub trials: Vec<Trial>,
    /// `[[digest]]`, in the order of the files.
    pub digests: Vec<Digest>,
    /// `[aliases]`, and the built-in ones.
    pub aliases: Aliases,
}

impl Settings {
    /// Who is told what, for the watches that are enabled.
    pub fn routes(&self) -> Routes {
        let enabled = || self.watches.iter().filter(|watch| watch.enabled);
        let route = |watch: &Watch| {
            let telling = &watch.telling;
            let route = Route {
                title: watch.title.clone(),
                was: telling.was.clone(),
                to: watch.to.to_vec(),
                send: watch.send.clone(),
                repeat: telling.repeat,
                sources: telling.sources,
                pace: telling.pace.clone(),
                quiet: telling.quiet.map(|after| Quiet { after, feeds: self.could_match(watch) }),
                remind: Remind { days: telling.remind.clone(), zone: self.time_zone() },
            };
            (watch.name.clone(), route)
        };
        let mut recipients: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for watch in enabled() {
            for channel in &watch.send {
                if let Channel::Digest(name) = channel {
                    recipients.entry(name).or_default().extend(watch.to.iter().map(String::as_str));
                }
            }
        }
        let digest = |digest: &Digest| {
            let to = recipients.remove(digest.name.as_str()).unwrap_or_default();
            let to = to.into_iter().map(str::to_owned).collect();
            (digest.name.clone(), DigestRoute { to, send_empty: digest.send_empty })
        };
        Routes {
            watches: enabled().map(route).collect(),
            digests: self.digests.iter().map(digest).collect(),
            operator: self.mail.as_ref().map(|mail| mail.operator.clone()).unwrap_or_default(),
            alert_after: self.fetch.alert_after,
        }
    }

    /// Feeds that are polled and could bring something that the watch matches, and how often each is asked.
    fn could_match(&self, watch: &Watch) -> BTreeMap<String, SignedDuration> {
        let (feeds, query) = (self.feeds.iter().filter(|feed| feed.enabled), watch.query());
        let could = feeds.filter(|feed| matching::could_match(&query, &feed.name, &feed.tags));
        could.map(|feed| (feed.name.clone(), feed.every)).collect()
    }

    /// Watches that tell the silence, by name.
    pub fn silences(&self) -> Vec<String> {
        let silent = self.watches.iter().filter(|watch| watch.enabled && watch.telling.quiet.is_some());
        silent.map(|watch| watch.name.clone()).collect()
    }

    /// The feeds as the store knows them, in their order.
    pub fn identities(&self) -> Vec<FeedIdentity> {
        self.feeds.iter().map(|feed| FeedIdentity { name: feed.name.clone(), url: feed.url.to_string() }).collect()
    }

    /// In which people want to see times.
    pub fn time_zone(&self) -> TimeZone {
        self.mail.as_ref().map_or_else(TimeZone::system, |mail| mail.time_zone.clone())
    }

    /// What is looked for, for the watches that are enabled.
    pub fn rules(&self) -> Vec<Rule> {
        self.watches.iter().filter(|watch| watch.enabled).map(Watch::rule).collect()
    }
}

/// `[mail]`.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The sender, checked: an address, or `"name" <address>` with the name in double quotes.
    pub from: String,
    /// Default recipients: addresses, checked. May be empty where every watch names its own.
    pub to: Vec<String>,
    /// Where mail goes.
    pub relay: Relay,
    /// Waits between tries, the last one repeated; never empty.
    pub retry: Vec<SignedDuration>,
    /// Wait when the answer to a whole message was never heard.
    pub unheard: SignedDuration,
    /// For digests that name none, and for all times that people see.
    pub time_zone: TimeZone,
    /// Who hears of broken feeds.
    pub operator: Vec<String>,
    /// By whom messages are signed.
    pub dkim: Vec<DkimSettings>,
}

/// `[[mail.dkim]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct DkimSettings {
    /// The domain that vouches for messages.
    pub domain: String,
    /// Under which its public key is found.
    pub selector: String,
    /// The private key; `None` where it is not to be had here. Enough to look at things beside a service, which has it as a
    /// systemd credential; not enough to send mail.
    pub key: Option<DkimKey>,
}

/// Where mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relay {
    /// A server.
    Smtp {
        /// Its host name or address.
        host: String,
        /// Its port.
        port: u16,
        /// What it speaks.
        dialect: Dialect,
        /// How the line is secured.
        tls: TlsPolicy,
        /// Who we are to it.
        login: Login,
    },
    /// A Unix socket of this machine, behind which LMTP is spoken.
    Socket(PathBuf),
    /// A program that takes mail as sendmail does.
    Program(Program),
    /// A directory that gets one `.eml` each.
    Directory(PathBuf),
}

/// Who we are to a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// Nobody: it asks for no login.
    None,
    /// A user with a password.
    With(Credentials),
    /// A user with a token, which a command prints.
    Token {
        /// The user's name.
        user: String,
        /// What prints it.
        command: Program,
    },
    /// A user whose password is not to be had here. Enough to look at things beside a service, which has it as a systemd
    /// credential; not enough to send mail.
    WithoutPassword {
        /// The user's name.
        user: String,
    },
}

/// The ways to give a password, for a message that asks for one.
pub const PASSWORD_WAYS: &str =
    "as the systemd credential `smtp-password`, in $NEWSWATCH_SMTP_PASSWORD, or in a file that `password_file` names";

/// How the line to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsPolicy {
    /// `smtps://`: TLS from the first byte.
    Implicit,
    /// `smtp://`: STARTTLS when offered.
    Offered,
    /// `smtp://…?tls=required`: STARTTLS or nothing.
    Required,
}

/// A name and a secret. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: String,
}

/// The password is not shown.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).field("password", &"…").finish()
    }
}

/// `[store]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSettings {
    /// The database file, absolute.
    pub database: PathBuf,
    /// The ledger of what was sent, absolute.
    pub ledger: PathBuf,
    /// How long items are kept after they were last seen.
    pub keep_items: SignedDuration,
}

/// `[fetch]`: defaults for every feed, and limits for all of them.
#[expect(clippy::struct_excessive_bools, reason = "they are switches of the config")]
#[derive(Debug, Clone, PartialEq)]
pub struct FetchSettings {
    /// How often a feed is asked at most.
    pub every: SignedDuration,
    /// Older items raise no alert on the first look; `None` for `"all"`.
    pub backlog: Option<SignedDuration>,
    /// No `every` may be shorter; a feed's own may go down to five minutes.
    pub min_every: SignedDuration,
    /// For a whole exchange.
    pub timeout: SignedDuration,
    /// In bytes, after decompression.
    pub max_size: u64,
    /// Requests at a time to one host.
    pub per_host: usize,
    /// Between the starts of two requests to one host.
    pub per_host_interval: SignedDuration,
    /// Requests at a time to all hosts.
    pub concurrency: usize,
    /// Goes into `User-Agent`.
    pub contact: Option<String>,
    /// A feed is broken for so long before the operator hears of it.
    pub alert_after: SignedDuration,
    /// Whether polls stretch where a feed's news come slowly.
    pub adaptive: bool,
    /// Whether the article behind each new item is fetched.
    pub full_text: bool,
    /// Whether loopback, private and link-local addresses may be asked.
    pub allow_private_addresses: bool,
    /// Who asks in our place, for feeds that do not say it themselves, and for hubs.
    pub proxy: Proxy,
    /// Whether a feed may be a command.
    pub allow_commands: bool,
}

/// `[web]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebSettings {
    /// Where to listen; nowhere where it is absent.
    pub listen: Option<SocketAddr>,
    /// What addresses begin with that lead there from outside, without a slash at its end. Never there without `listen`.
    pub public_url: Option<String>,
}

/// `[[feed]]`, with the defaults of `[fetch]` filled in.
#[expect(clippy::struct_excessive_bools, reason = "they are switches of the config")]
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// Its name, unique.
    pub name: String,
    /// `http`, `https` or `file`, without user and password, which are in `credentials`; `command` for a program.
    pub url: Url,
    /// The program whose output it is, where it is that.
    pub program: Option<Program>,
    /// What it calls itself.
    pub title: Option<String>,
    /// The address of the page that it belongs to.
    pub site: Option<String>,
    /// How often it is asked at most.
    pub every: SignedDuration,
    /// Whether its polls stretch where its news come slowly; never where it has an `every` of its own.
    pub adaptive: bool,
    /// For `tag:` in queries.
    pub tags: Vec<String>,
    /// Whether it is polled.
    pub enabled: bool,
    /// Sent with each request to the feed's own origin: name in lower case and value, checked.
    pub headers: BTreeMap<String, String>,
    /// For HTTP Basic authentication with the feed's own origin.
    pub credentials: Option<Credentials>,
    /// Whether the article behind each new item is fetched.
    pub full_text: bool,
    /// Whose days its texts mean; `None` for those of UTC.
    pub time_zone: Option<TimeZone>,
    /// Whether loopback, private and link-local addresses may be asked.
    pub allow_private_addresses: bool,
    /// Who asks in our place.
    pub proxy: Proxy,
    /// Who may sign its server's certificate, besides those that the system trusts.
    pub authorities: Option<Authorities>,
}

impl Feed {
    /// Its tags, and those that they lie below: `World/Europe` lies below `World`. A slash after a backslash is part of a
    /// name.
    pub fn all_tags(&self) -> Vec<String> {
        let mut all = self.tags.clone();
        for tag in &self.tags {
            let slashes = tag.char_indices().scan(false, |escaped, (at, c)| {
                let splits = c == '/' && !*escaped;
                *escaped = c == '\\' && !*escaped;
                Some((at, splits))
            });
            for (at, _) in slashes.filter(|(_, splits)| *splits) {
                let above = tag[..at].trim();
                if !above.is_empty() && !all.iter().any(|known| known == above) {
                    all.push(above.to_owned());
                }
            }
        }
        all
    }
}

/// `[[watch]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// Its name, unique.
    pub name: String,
    /// Its title; the name where none is given.
    pub title: String,
    /// What it looks for, without what it excludes.
    pub when: Query,
    /// It does not match where any of these does: its own `exclude`, and that of `[watches]`.
    pub exclude: Vec<Query>,
    /// How its matches are told; never empty.
    pub send: Vec<Channel>,
    /// Who is told; never empty when the watch is enabled. Most watches share one list.
    pub to: Arc<[String]>,
    /// Whether it is looked at.
    pub enabled: bool,
    /// What of its matches is told, and when.
    pub telling: Telling,
}

impl Watch {
    /// What it looks for, whole.
    pub fn query(&self) -> Query {
        self.when.clone().without(&self.exclude)
    }

    /// As it is matched.
    pub fn rule(&self) -> Rule {
        Rule::new(self.name.clone(), self.query())
    }
}

/// What of a watch's matches is told, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Telling {
    /// The name that it had before.
    pub was: Option<String>,
    /// What of a story is told.
    pub repeat: Repeat,
    /// How many sites must tell a story first.
    pub sources: Option<Sources>,
    /// When an alert becomes a mail.
    pub pace: Pace,
    /// Told is a silence of this length instead of the matches.
    pub quiet: Option<SignedDuration>,
    /// So many days before an event a mail reminds of it; falling, without repeats.
    pub remind: Vec<u16>,
}

/// `[[digest]]`.
#[derive(Debug, Clone)]
pub struct Digest {
    /// Its name, unique; not `now`.
    pub name: String,
    /// Local times of day, sorted, without repeats; never empty.
    pub at: Vec<Time>,
    /// On which days.
    pub days: Weekdays,
    /// Whose local time.
    pub time_zone: TimeZone,
    /// Sent although it holds nothing.
    pub send_empty: bool,
}

/// A set of days of the week, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays([bool; 7]);

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self([true; 7]);

    /// The days given; `None` when there is none.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let mut set = [false; 7];
        for day in days {
            set[usize::from(day.to_monday_zero_offset().unsigned_abs())] = true;
        }
        set.contains(&true).then_some(Self(set))
    }

    /// Whether `day` is one of them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0[usize::from(day.to_monday_zero_offset().unsigned_abs())]
    }
}
