use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::mail::addresses;
use super::{Names, Vocabulary, each, telling};
use crate::alert::{Channel, Repeat};
use crate::config::finding::{Finding, Findings};
use crate::config::reference::{DIGEST, MAIL, WATCH, WATCHES, nearest};
use crate::config::table::{Fault, Table, Value, toml_text};
use crate::config::value;
use crate::config::written::Written;
use crate::config::{Telling, Watch};
use crate::matching::fold_name;
use crate::query::{Query, Source};

/// `[[watch]]`.
pub(super) fn watches(
    written: &Written<'_>,
    words: &Vocabulary,
    time_zone: &TimeZone,
    out: &mut Findings,
) -> Option<Vec<Watch>> {
    let names_of = written.list(&DIGEST).iter().filter_map(|digest| digest.written("name")?.as_text());
    let mail = written.table(&MAIL);
    let to = mail.and_then(|mail| mail.value("to"));
    // Errors in it are found where it belongs.
    let to = to.and_then(|to| addresses(&to, &mut Findings::default())).map(Arc::from);
    let exclude = match written.table(&WATCHES).and_then(|watches| watches.written("exclude")) {
        Some(exclude) => query(&exclude, words, out).map(|exclude| vec![exclude]),
        None => Some(Vec::new()),
    };
    // One with a fault leaves the others to be looked at.
    let is_sound = exclude.is_some();
    let exclude = exclude.unwrap_or_default();
    let mut known =
        Known { words, exclude, digests: names_of.collect(), has_mail: mail.is_some(), misses_mail: false, to };
    let mut names = Names::of(written.list(&WATCH).len());
    each(written.list(&WATCH), out, |table, out| {
        let name = names.next(table, out);
        let names = (name, telling::telling(table, time_zone, out));
        watch(table, names, &mut known, out)
    })
    .filter(|_| is_sound)
}

/// What watches refer to.
struct Known<'a> {
    words: &'a Vocabulary,
    /// `exclude` of `[watches]`.
    exclude: Vec<Query>,
    digests: BTreeSet<&'a str>,
    has_mail: bool,
    /// It was said that there is no `[mail]`: one missing table is one mistake.
    misses_mail: bool,
    /// `to` of `[mail]`; `None` where it has an error.
    to: Option<Arc<[String]>>,
}

fn watch(
    table: &Table<'_>,
    (name, telling): (Option<String>, Option<Telling>),
    known: &mut Known<'_>,
    out: &mut Findings,
) -> Option<Watch> {
    let title = match table.written("title") {
        Some(title) => title.checked(out, value::title),
        None => name.clone(),
    };
    let when = wanted(table, known.words, out);
    let exclude = match table.written("exclude") {
        Some(exclude) => query(&exclude, known.words, out).map(Some),
        None => Some(None),
    };
    let send = table.value("send").and_then(|send| channels(&send, &known.digests, out));
    let enabled = table.value("enabled").and_then(|enabled| enabled.boolean(out));
    let to = match table.written("to") {
        Some(to) => addresses(&to, out).map(Arc::from),
        None if known.has_mail => known.to.clone(),
        None => Some(Arc::default()),
    };
    if enabled == Some(true) {
        find_nobody(table, to.as_deref(), known, out);
    }
    let exclude = known.exclude.iter().cloned().chain(exclude?).collect();
    let (when, mut telling) = (when?, telling?);
    if table.written("repeat").is_none() && when.root().expr.asks_changes() {
        telling.repeat = Repeat::Change;
    }
    Some(Watch { name: name?, title: title?, when, exclude, send: send?, to: to?, enabled: enabled?, telling })
}

/// What it looks for: a `when`, or a `score`.
fn wanted(table: &Table<'_>, words: &Vocabulary, out: &mut Findings) -> Option<Query> {
    match (table.written("when"), table.written("score")) {
        (Some(_), Some(score)) => {
            let hint = "a watch has one of the two; a query can stand in a row of the score";
            out.push(score.error("a `score` stands beside a `when`").hint(hint));
            None
        }
        (Some(when), None) => {
            let when = query(&when, words, out);
            let Some(threshold) = table.written("threshold") else { return when };
            let hint = "take it out, or write a `score` instead of `when`";
            out.push(threshold.error("a `threshold` means nothing without a `score`").hint(hint));
            None
        }
        (None, Some(score)) => super::score::score(table, &score, words, out),
        (None, None) => {
            if let Some(threshold) = table.written("threshold") {
                super::score::threshold(&threshold, out);
            }
            let finding = Finding::error(&table.place(), "[[watch]] lacks `when`").tentative();
            out.push(finding.hint("write when = 'veto NEAR/8 (hungary | budapest)', or a `score` with a `threshold`"));
            None
        }
    }
}

/// An error where a watch could tell nobody.
fn find_nobody(table: &Table<'_>, to: Option<&[String]>, known: &mut Known<'_>, out: &mut Findings) {
    if !known.has_mail {
        if !std::mem::replace(&mut known.misses_mail, true) {
            let finding = Finding::error(&table.place(), "this watch cannot be told to anybody: there is no [mail]");
            out.push(finding.hint("write [mail] with `from`, `to` and `smtp`").tentative());
        }
    } else if to.is_some_and(<[String]>::is_empty) {
        let place = table.written("to").map_or_else(|| table.place(), |to| to.place());
        let finding = Finding::error(&place, "this watch has nobody to tell").tentative();
        out.push(finding.hint("write to = [\"desk@example.org\"] here or in [mail]"));
    }
}

/// Faults of a query are shown at their place in the file.
pub(super) fn query(when: &Value<'_>, words: &Vocabulary, out: &mut Findings) -> Option<Query> {
    let with_hint = |finding: Finding, hint: &Option<String>| match hint {
        Some(hint) => finding.hint(hint),
        None => finding,
    };
    match Query::parse_with(when.text(out)?, &words.aliases) {
        Ok(query) => {
            for warning in query.warnings() {
                let finding = Finding::warning(&when.place_of(Some(&warning.span)), &warning.message);
                out.push(with_hint(finding, &warning.hint));
            }
            find_unknown(when, &query, words, out);
            Some(query)
        }
        Err(errors) => {
            for error in &errors {
                let finding = Finding::error(&when.place_of(Some(&error.span)), &error.message);
                out.push(with_hint(finding, &error.hint));
            }
            None
        }
    }
}

/// Warns of feeds and tags that the config does not have.
fn find_unknown(when: &Value<'_>, query: &Query, words: &Vocabulary, out: &mut Findings) {
    let Some((feeds, tags)) = &words.sources else { return };
    for (source, span) in query.sources() {
        let (field, name, known, message) = match source {
            Source::Feed(name) => ("feed", name, feeds, format!("no feed is called `{name}`")),
            Source::Tag(name) => ("tag", name, tags, format!("no feed has the tag `{name}`")),
            Source::Link(_) | Source::Lang(_) => continue,
        };
        if known.folded.contains(&fold_name(name)) {
            continue;
        }
        let known = &known.written;
        let shown: Vec<_> = known.iter().take(10).map(String::as_str).collect();
        let hint = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) if near.contains(char::is_whitespace) => format!("did you mean {field}:\"{near}\"?"),
            Some(near) => format!("did you mean {field}:{near}?"),
            None if field == "feed" => format!("write the `name` of a [[feed]]: {}", shown.join(", ")),
            None if known.is_empty() => format!("write tags = [{name:?}] into a [[feed]]"),
            None => format!("a tag is one of the `tags` of a [[feed]]: {}", shown.join(", ")),
        };
        out.push(Finding::warning(&when.place_of(Some(span)), message).hint(hint));
    }
}

fn channels(send: &Value<'_>, digests: &BTreeSet<&str>, out: &mut Findings) -> Option<Vec<Channel>> {
    let list = send.one_or_list(out)?;
    if list.is_empty() {
        out.push(send.error("`send` must name at least one way").hint("write send = \"now\", or a digest's name"));
        return None;
    }
    let mut seen = BTreeSet::new();
    let mut channels = each(list, out, |one, out| one.checked(out, |text| channel(text, digests)))?;
    channels.retain(|channel| seen.insert(channel.clone()));
    Some(channels)
}

fn channel(text: &str, digests: &BTreeSet<&str>) -> Result<Channel, Fault> {
    if text == "now" {
        return Ok(Channel::Now);
    }
    if digests.contains(text) {
        return Ok(Channel::Digest(text.to_owned()));
    }
    let fault = Fault::new(format!("there is no digest `{text}`"));
    let first: Vec<_> = digests.iter().copied().take(10).collect();
    Err(match nearest(text, digests.iter().copied().chain(["now"])) {
        Some(near) => fault.hint(format!("did you mean {}?", toml_text(near))),
        None if digests.is_empty() => fault.hint("write \"now\", or add a [[digest]] of that name"),
        None => fault.hint(format!("write \"now\" or a digest: {}", first.join(", "))),
    })
}
