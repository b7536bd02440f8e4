//! What `feed read` and `watch test` are pointed at: a file, a URL as the config writes it, or stdin.

use std::fs::File;
use std::io::{Read, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use url::Url;

use super::Exit;
use super::table::plain;
use crate::chance::Chance;
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Credentials, Feed, Settings};
use crate::item::{FeedId, FeedIdentity, FeedMemory, Key};
use crate::poll::{HttpFetch, Poller, Target, Verdict, Way};

/// What an input holds, not yet read as a feed.
pub(super) struct Input {
    /// Its bytes, at most `[fetch] max_size`.
    pub(super) bytes: Vec<u8>,
    /// The server's `Content-Type`, where a server gave it.
    pub(super) content_type: Option<String>,
    /// Where relative links lead to.
    pub(super) base: Url,
    /// Whether a server's answer came to its end; where not, what there is of it may serve.
    pub(super) complete: bool,
}

impl Input {
    /// Fails where it is a file that holds nothing, or something packed.
    pub(super) fn unpacked(self, name: &str) -> anyhow::Result<Self> {
        if self.base.scheme() == "file" {
            let name = shown(name);
            anyhow::ensure!(!self.bytes.trim_ascii().is_empty(), "{name}: there is nothing in it");
            let is_gzip = self.bytes.starts_with(b"\x1f\x8b");
            anyhow::ensure!(
                !is_gzip,
                "{name}: this is packed with gzip; unpack it first, as with `zcat`, and give `-`"
            );
        }
        Ok(self)
    }

    /// The input, if all of it came.
    pub(super) fn whole(self) -> anyhow::Result<Self> {
        anyhow::ensure!(self.complete, "{}: the answer broke off before its end", self.base);
        Ok(self)
    }
}

/// Reads and shows one input after the other; any that cannot be read makes the exit status 1. `failed` is the line that
/// stands for such an input, where one is to stand for it.
pub(super) fn show_each<T>(
    config: Option<&Path>,
    inputs: &[String],
    read: &impl AsyncFn(&str, &Settings) -> anyhow::Result<T>,
    shown: impl Fn(&str, &T) -> String,
    failed: impl Fn(&str, &str) -> Option<String>,
) -> anyhow::Result<Exit> {
    let settings = super::check::settings_or_defaults(config)?;
    super::run::runtime()?.block_on(async {
        let mut exit = Exit::Done;
        for name in inputs {
            let line = match read(name, &settings).await {
                Ok(content) => Some(shown(name, &content)),
                Err(error) => {
                    exit = Exit::Failed;
                    let error = super::chain(&error);
                    writeln!(std::io::stderr(), "newswatch: {}", plain(&error))?;
                    failed(name, &error)
                }
            };
            if let Some(line) = line {
                writeln!(std::io::stdout(), "{}", line.trim_end())?;
            }
        }
        Ok(exit)
    })
}

/// Gets one input. URLs are asked with the same manners and guards as when polling.
pub(super) async fn open(input: &str, settings: &Settings) -> anyhow::Result<Input> {
    let limit = settings.fetch.max_size;
    if input == "-" {
        let bytes = read_within(std::io::stdin().lock(), limit, "stdin")?;
        return Ok(Input { bytes, content_type: None, base: Url::parse("file:///stdin")?, complete: true });
    }
    if let Some(feed) = feed(input, settings) {
        return answered(&poller(settings)?, &crate::daemon::target(feed)?).await;
    }
    let base = if is_url(input) {
        let here = std::env::current_dir().context("the current directory is gone")?;
        let (url, login) = config::feed_address(input, &here).map_err(|why| anyhow!("{}: {why}", shown(input)))?;
        if url.scheme() != "file" {
            return ask(&poller(settings)?, url, login, settings).await;
        }
        url
    } else {
        file_url(&std::path::absolute(input)?)?
    };
    if !is_url(input) && !Path::new(input).exists() {
        no_file(input, settings)?;
    }
    let path = base.to_file_path().map_err(|()| anyhow!("{base} is not the address of a file"))?;
    let file = File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
    Ok(Input { bytes: read_within(file, limit, input)?, content_type: None, base, complete: true })
}

/// The feed of the config that an input names: by its name, which only one has, else by its address. A file that is there
/// comes first; a directory is no input.
pub(super) fn feed<'a>(input: &str, settings: &'a Settings) -> Option<&'a Feed> {
    let path = Path::new(input);
    if input == "-" || (path.exists() && !path.is_dir()) {
        return None;
    }
    let named = settings.feeds.iter().find(|feed| feed.name == input);
    named.or_else(|| {
        let url = Url::parse(input).ok()?;
        settings.feeds.iter().find(|feed| feed.url == url)
    })
}

/// Fails where what is no file looks like an address, or like the name of a feed.
fn no_file(input: &str, settings: &Settings) -> anyhow::Result<()> {
    let name = shown(input);
    let (first, rest) = input.split_once('/').unwrap_or((input, ""));
    if let Some((_, rest)) = input.split_once(':').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("feed")) {
        let rest = shown(rest.trim_start_matches('/'));
        let scheme = if rest.starts_with("http:") || rest.starts_with("https:") { "" } else { "https://" };
        anyhow::bail!("{name}: feed: only says that this is a feed; write {scheme}{rest}");
    }
    if input.contains("://") {
        let here = std::env::current_dir().context("the current directory is gone")?;
        config::feed_address(input, &here).map_err(|why| anyhow!("{name}: {why}"))?;
    }
    let is_host = first.contains('.') && !first.starts_with('.') && !rest.is_empty();
    anyhow::ensure!(!is_host, "there is no file {name}; for an address of the web write https://{name}");
    if let Some(near) = config::nearest(input, settings.feeds.iter().map(|feed| feed.name.as_str())) {
        anyhow::bail!("there is no file and no feed {name}; did you mean {near}?");
    }
    Ok(())
}

fn is_url(input: &str) -> bool {
    ["http:", "https:", "file:"].iter().any(|scheme| input.starts_with(scheme))
}

/// An input as messages name it: the password of an address in stars.
pub(super) fn shown(input: &str) -> String {
    config::without_password(input)
}

fn read_within(from: impl Read, limit: u64, name: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {name}"))?;
    anyhow::ensure!(
        bytes.len() as u64 <= limit,
        "{name}: larger than {limit} bytes; raise [fetch] max_size if that is right"
    );
    Ok(bytes)
}

fn file_url(path: &Path) -> anyhow::Result<Url> {
    Url::from_file_path(path).map_err(|()| anyhow::anyhow!("{} is no path that a URL can name", path.display()))
}

/// Who asks; whatever is asked by one of them keeps the distance that hosts are owed, and leaves those alone that asked the
/// daemon for it.
pub(super) fn poller(settings: &Settings) -> anyhow::Result<Poller> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let limits = crate::daemon::limits(&settings.fetch);
    let holds = crate::store::sqlite::holds_of(&settings.store.database, clock.now());
    let poller = Poller::new(Arc::new(HttpFetch::new()?), clock, Arc::new(Chance::from_system()), limits);
    poller.hold(holds);
    Ok(poller)
}

/// Asks for what is at an address, or runs the command that is known by it.
pub(super) async fn ask(
    poller: &Poller,
    url: Url,
    login: Option<Credentials>,
    settings: &Settings,
) -> anyhow::Result<Input> {
    // A feed that the config names is asked as the config says.
    let known = settings.feeds.iter().find(|feed| feed.url == url);
    let mut target = match known {
        Some(feed) => crate::daemon::target(feed)?,
        None => Target {
            way: Way { proxy: settings.fetch.proxy.clone(), authorities: None },
            ..Target::new(url.clone(), settings.fetch.every, settings.fetch.allow_private_addresses)
        },
    };
    if let Some(login) = login {
        target.credentials = Some((login.user, login.password));
    }
    answered(poller, &target).await
}

async fn answered(poller: &Poller, target: &Target) -> anyhow::Result<Input> {
    let url = &target.url;
    let identity = FeedIdentity { name: url.to_string(), url: url.to_string() };
    let memory = FeedMemory::fresh(FeedId(0), Key::of(&[url.as_str()]), &identity);
    let answer = poller.poll(target, &memory).await;
    match answer.verdict {
        Verdict::Document { body, content_type, complete, .. } => {
            Ok(Input { bytes: body, content_type, base: answer.final_url, complete })
        }
        Verdict::Unchanged => anyhow::bail!("{url}: answered \"not modified\" to a request without a condition"),
        Verdict::Gone => anyhow::bail!("{url}: gone for good (410)"),
        Verdict::NotYet(until) => anyhow::bail!("{url}: asks to be left alone until {until}"),
        Verdict::Failed(failure) => anyhow::bail!("{url}: {failure}"),
    }
}
