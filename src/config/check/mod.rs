//! From what was typed to what is meant. Everything is looked at, also after a first error.

mod alias;

mod currency;

mod digest;

mod dkim;

mod feed;

mod fetch;

mod mail;

mod score;

mod store;

mod telling;

mod trial;

mod watch;

mod web;

use std::collections::BTreeSet;
use std::path::PathBuf;

use hashbrown::HashMap;

use super::finding::{Finding, Findings};
use super::reference::{DIGEST, FEED, MAIL, WATCH};
use super::table::{Table, Value};
use super::written::Written;
use super::{Env, Feed, Settings, locate, secrets, value};
use crate::matching::fold_name;
use crate::poll::Proxy;
use crate::query::Aliases;

/// The files of a config: absolute paths, the main one first. None for a text that is in no file.
pub(super) type Files = Vec<PathBuf>;

/// A proxy, which may be named with a password.
fn proxy(value: &Value<'_>, out: &mut Findings) -> Option<Proxy> {
    let proxy = value.checked(out, value::proxy)?;
    if matches!(&proxy, Proxy::Through(url) if url.password().is_some()) {
        secrets::warn_if_others_read(&value.place(), out);
    }
    Some(proxy)
}

/// The settings, or `None` where at least one error was found.
pub(super) fn settings(written: &Written<'_>, files: Files, env: &Env, out: &mut Findings) -> Option<Settings> {
    let config = files.first().cloned();
    let state_dir = locate::state_directory(config.as_deref(), env);
    let mail = match written.table(&MAIL) {
        Some(table) => mail::mail(&table, env, out).map(Some),
        None => Some(None),
    };
    let store = store::store(written, &state_dir, out);
    let fetch = fetch::fetch(written, out);
    let web = web::web(written, out);
    let feeds = feed::feeds(written, fetch.as_ref(), out);
    let time_zone = mail.as_ref().and_then(|mail| mail.as_ref()).map_or(env.time_zone(), |mail| &mail.time_zone);
    let digests = digest::digests(written, time_zone, out);
    let mut aliases = alias::aliases(written, out);
    aliases.set_rates(currency::rates(written, out));
    let vocabulary = Vocabulary::new(aliases, feeds.as_deref());
    let watches = watch::watches(written, &vocabulary, time_zone, out);
    let trials = trial::trials(written, out);
    find_idle(written, out);
    let store = store?;
    Some(Settings {
        control_socket: locate::control_socket(config.as_deref(), &store.database, env),
        file: config,
        files,
        state_dir,
        mail: mail?,
        store,
        fetch: fetch?,
        web: web?,
        feeds: feeds?,
        watches: watches?,
        trials: trials?,
        digests: digests?,
        aliases: vocabulary.aliases,
    })
}

/// What queries may name.
struct Vocabulary {
    aliases: Aliases,
    /// The names of all feeds, and their tags; `None` where that is not known or there is no feed.
    sources: Option<(Labels, Labels)>,
}

/// Names of feeds, or tags.
struct Labels {
    /// As they are written.
    written: BTreeSet<String>,
    /// As they are compared.
    folded: BTreeSet<String>,
}

impl FromIterator<String> for Labels {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let written: BTreeSet<String> = names.into_iter().collect();
        Self { folded: written.iter().map(|name| fold_name(name)).collect(), written }
    }
}

impl Vocabulary {
    fn new(aliases: Aliases, feeds: Option<&[Feed]>) -> Self {
        let sources = feeds.filter(|feeds| !feeds.is_empty()).map(|feeds| {
            let names = feeds.iter().map(|feed| feed.name.clone()).collect();
            (names, feeds.iter().flat_map(Feed::all_tags).collect())
        });
        Self { aliases, sources }
    }
}

/// Something is wrong, and a finding says so.
struct Reported;

/// Warns of what does nothing.
fn find_idle(written: &Written<'_>, out: &mut Findings) {
    let (feeds, watches) = (written.list(&FEED), written.list(&WATCH));
    let mut absent = |message: &str, hint: &str| {
        out.push(Finding::warning(&written.start(), message).hint(hint).tentative());
    };
    if feeds.is_empty() {
        absent("there is no [[feed]], so there is no news", "write [[feed]] with a `name` and a `url`");
    }
    if watches.is_empty() {
        absent("there is no [[watch]], so nothing is looked for", "write [[watch]] with a `name` and a `when`");
    }
    let to = written.table(&MAIL).and_then(|mail| mail.written("to"));
    if let Some(to) = to.filter(|_| !watches.is_empty() && watches.iter().all(|watch| watch.written("to").is_some())) {
        let message = "nobody is told by this `to`: every watch has its own";
        out.push(Finding::warning(&to.place(), message).hint("take it out, or take `to` out of a watch").tentative());
    }
    let sent: BTreeSet<&str> = watches
        .iter()
        .filter_map(|watch| watch.value("send"))
        .flat_map(|send| send.parts())
        .filter_map(|to| to.as_text())
        .collect();
    for digest in written.list(&DIGEST) {
        let Some(name) = digest.written("name").and_then(|name| name.as_text()) else { continue };
        if !sent.contains(name) {
            let message = format!("no watch sends to the digest `{name}`");
            let hint = format!("write send = {} in a [[watch]]", super::table::toml_text(name));
            out.push(Finding::warning(&digest.place(), message).hint(hint).tentative());
        }
    }
}

/// What `check` makes of each entry; `None` where it makes nothing of one. The others are looked at all the same, until there
/// are more errors than anybody wants to read.
fn each<E, T>(
    entries: impl IntoIterator<Item = E>,
    out: &mut Findings,
    mut check: impl FnMut(E, &mut Findings) -> Option<T>,
) -> Option<Vec<T>> {
    let entries = entries.into_iter();
    let mut all = Some(Vec::with_capacity(entries.size_hint().0));
    for entry in entries {
        if out.is_hopeless() {
            return None;
        }
        match (check(entry, out), &mut all) {
            (Some(checked), Some(list)) => list.push(checked),
            (Some(_), None) => {}
            (None, _) => all = None,
        }
    }
    all
}

/// The names of a list's entries so far.
#[derive(Default)]
struct Names<'a>(HashMap<&'a str, Value<'a>>);

impl<'a> Names<'a> {
    /// With room for so many.
    fn of(entries: usize) -> Self {
        Self(HashMap::with_capacity(entries))
    }

    /// The name of the next entry; a finding where it is missing, no name, or given before.
    fn next(&mut self, table: &Table<'a>, out: &mut Findings) -> Option<String> {
        let value = table.required("name", out)?;
        let name = value.checked(out, value::name)?;
        if let Some(first) = self.0.get(name.as_str()) {
            let message = format!("two entries of {} have the name `{name}`", table.section().header);
            out.push(value.error(message).first_given(first.place()).hint("give each a name of its own"));
            return None;
        }
        self.0.insert(value.as_text()?, value);
        Some(name)
    }
}
