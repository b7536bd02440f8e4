//! From what the config says to what each room works with.

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use jiff::civil::Weekday;

use super::DaemonError;
use crate::clock::Clock;
use crate::config::{
    Credentials, Digest, DkimSettings, Feed, FetchSettings, Login, MailSettings, Relay, Settings, TlsPolicy,
    WebSettings,
};
use crate::deliver::transport::{self, Dialect, Directory, Place, Secrecy, Sendmail, Smtp, SmtpRelay, Timeouts};
use crate::deliver::{Dkim, Schedule, Sender};
use crate::item::FeedMemory;
use crate::matching::Matcher;
use crate::pipeline::{Backlog, DigestTimes, Generation, Source};
use crate::poll::{Limits, Target, Wants, Way};

/// The limits of polling.
pub fn limits(fetch: &FetchSettings) -> Limits {
    Limits {
        timeout: fetch.timeout,
        max_size: fetch.max_size,
        per_host: fetch.per_host,
        per_host_interval: fetch.per_host_interval,
        concurrency: fetch.concurrency,
        contact: fetch.contact.clone(),
        way: Way { proxy: fetch.proxy.clone(), authorities: None },
    }
}

/// How one feed is asked.
pub fn target(feed: &Feed) -> Result<Target, DaemonError> {
    let header = |(name, value): (&String, &String)| {
        let bad = || DaemonError::Header { feed: feed.name.clone(), header: name.clone() };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        Ok((name, HeaderValue::from_str(value).map_err(|_| bad())?))
    };
    Ok(Target {
        url: feed.url.clone(),
        headers: feed.headers.iter().map(header).collect::<Result<_, DaemonError>>()?,
        credentials: feed.credentials.as_ref().map(|who| (who.user.clone(), who.password.clone())),
        allow_private: feed.allow_private_addresses,
        way: Way { proxy: feed.proxy.clone(), authorities: feed.authorities.clone() },
        every: feed.every,
        // What lies on this machine costs nobody anything.
        adaptive: feed.adaptive && feed.url.has_host(),
        program: feed.program.clone().map(Arc::new),
        wants: Wants::Feed,
    })
}

/// When a digest is due.
pub fn digest_times(digest: &Digest) -> DigestTimes {
    let mut days = [false; 7];
    for (offset, day) in days.iter_mut().enumerate() {
        let weekday = Weekday::from_monday_zero_offset(i8::try_from(offset).unwrap_or_default());
        *day = weekday.is_ok_and(|weekday| digest.days.contains(weekday));
    }
    DigestTimes { name: digest.name.clone(), at: digest.at.clone(), days, zone: digest.time_zone.clone() }
}

/// A config made ready to work with. `memories` are of all its feeds, in its order; `before` is the matcher that it takes the
/// place of.
pub(super) fn generation(
    number: u64,
    settings: &Settings,
    memories: &[FeedMemory],
    before: Option<&Matcher>,
) -> Result<Generation, DaemonError> {
    let mut sources = HashMap::new();
    for (feed, memory) in settings.feeds.iter().zip(memories).filter(|(feed, _)| feed.enabled) {
        let source = Source {
            id: memory.id,
            name: feed.name.clone(),
            tags: feed.all_tags(),
            url: memory.url.clone(),
            target: target(feed)?,
            full_text: feed.full_text,
            zone: feed.time_zone.clone(),
        };
        sources.insert(memory.id, Arc::new(source));
    }
    let routes = settings.routes();
    Ok(Generation {
        number,
        matcher: match before {
            Some(before) => before.reloaded(settings.rules()),
            None => Matcher::new(settings.rules()),
        },
        tuned: routes.tuned(),
        routes,
        digests: settings.digests.iter().map(digest_times).collect(),
        sources,
        backlog: settings.fetch.backlog.map_or(Backlog::All, Backlog::For),
        callback_base: settings.web.public_url.clone(),
    })
}

/// What the deliverer needs of `[mail]`, and of `[web]`.
///
/// # Errors
/// [`DaemonError::NoKey`] where messages are to be signed with a key that is not to be had.
pub fn sender(mail: &MailSettings, web: &WebSettings) -> Result<Sender, DaemonError> {
    let schedule = Schedule { retry: mail.retry.clone(), unheard: mail.unheard };
    let sender = Sender::new(&mail.from, schedule, mail.time_zone.clone())?;
    let signature = |dkim: &DkimSettings| {
        let DkimSettings { domain, selector, key } = dkim.clone();
        let key = key.ok_or_else(|| DaemonError::NoKey { selector: selector.clone() })?;
        Ok(Dkim { domain, selector, key })
    };
    let signed_by = mail.dkim.iter().map(signature).collect::<Result<_, DaemonError>>()?;
    Ok(sender.with_links(web.public_url.clone()).with_signatures(signed_by))
}

/// Where mail goes.
///
/// # Errors
/// [`DaemonError::NoPassword`] where it wants one that is not to be had.
pub fn relay(mail: &MailSettings, clock: Arc<dyn Clock>) -> Result<Arc<dyn transport::Relay>, DaemonError> {
    let (place, dialect, tls, login) = match &mail.relay {
        Relay::Directory(dir) => return Ok(Arc::new(Directory::new(dir.clone()))),
        Relay::Program(program) => return Ok(Arc::new(Sendmail::new(program.clone()))),
        Relay::Socket(path) => (Place::Socket(path.clone()), Dialect::Lmtp, TlsPolicy::Offered, &Login::None),
        Relay::Smtp { host, port, dialect, tls, login } => {
            (Place::Host { name: host.clone(), port: *port }, *dialect, *tls, login)
        }
    };
    let login = match login {
        Login::None => transport::Login::None,
        Login::With(Credentials { user, password }) => {
            transport::Login::Password { user: user.clone(), password: password.clone() }
        }
        Login::Token { user, command } => transport::Login::Token { user: user.clone(), command: command.clone() },
        Login::WithoutPassword { user } => return Err(DaemonError::NoPassword { user: user.clone() }),
    };
    let secrecy = match tls {
        TlsPolicy::Implicit => Secrecy::Implicit,
        TlsPolicy::Offered => Secrecy::Offered,
        TlsPolicy::Required => Secrecy::Required,
    };
    let smtp = Smtp { place, dialect, secrecy, login, hello_name: None, timeouts: Timeouts::default() };
    Ok(Arc::new(SmtpRelay::new(smtp, clock)))
}
