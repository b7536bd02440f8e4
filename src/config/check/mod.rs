//! From what was typed to what is meant. Everything is looked at, also after a first error.

mod digest;

mod feed;

mod fetch;

mod mail;

mod store;

mod watch;

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::finding::Finding;
use super::reference::{DIGEST, FEED, MAIL, WATCH};
use super::table::Table;
use super::written::Written;
use super::{Env, Settings, locate, value};

/// The files of a config: absolute paths, the main one first. None for a text that is in no file.
pub(super) type Files = Vec<PathBuf>;

/// The settings, or `None` where at least one error was found.
pub(super) fn settings(written: &Written<'_>, files: Files, env: &Env, out: &mut Vec<Finding>) -> Option<Settings> {
    let main = files.first().cloned();
    let state_dir = locate::state_directory(main.as_deref(), env);
    let mail = mail::mail(written.table(&MAIL), env, out);
    let store = store::store(written, &state_dir, out);
    let fetch = fetch::fetch(written, out);
    let feeds = feed::feeds(written, fetch.as_ref(), out);
    let time_zone = mail.as_ref().and_then(|mail| mail.as_ref()).map_or(env.time_zone(), |mail| &mail.time_zone);
    let digests = digest::digests(written, time_zone, out);
    let watches = watch::watches(written, out);
    find_idle(written, out);
    let store = store?;
    Some(Settings {
        control_socket: locate::control_socket(main.as_deref(), &store.database, env),
        file: main,
        files,
        state_dir,
        mail: mail?,
        store,
        fetch: fetch?,
        feeds: feeds?,
        watches: watches?,
        digests: digests?,
    })
}

/// Warns of what does nothing.
fn find_idle(written: &Written<'_>, out: &mut Vec<Finding>) {
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
    for digest in written.list(&DIGEST) {
        let mut ignored = Vec::new();
        let Some(name) = digest.written("name").and_then(|name| name.text(&mut ignored)) else { continue };
        let sends = |watch: &Table<'_>| {
            let send = watch.value("send").and_then(|send| send.one_or_list(&mut Vec::new())).unwrap_or_default();
            send.iter().any(|to| to.text(&mut Vec::new()) == Some(name))
        };
        if !watches.iter().any(sends) {
            let message = format!("no watch sends to the digest `{name}`");
            let hint = format!("write send = {} in a [[watch]]", super::table::toml_text(name));
            out.push(Finding::warning(&digest.place(), message).hint(hint).tentative());
        }
    }
}

/// The names of the entries of a list, each with a finding where it is missing, no name, or given twice.
fn names(list: &[Table<'_>], out: &mut Vec<Finding>) -> Vec<Option<String>> {
    let mut first = BTreeMap::new();
    let mut name_of = |table: &Table<'_>| {
        let value = table.required("name", out)?;
        let name = value.checked(out, value::name)?;
        if let Some(place) = first.get(&name) {
            let message =
                format!("the name `{name}` is given to two entries of {}: first at {place}", table.section().header);
            let finding = value.error(message).related(Clone::clone(place), "first given here");
            out.push(finding.hint("give each a name of its own"));
            return None;
        }
        first.insert(name.clone(), value.place());
        Some(name)
    };
    list.iter().map(&mut name_of).collect()
}
