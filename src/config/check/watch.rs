use super::mail::addresses;
use super::names;
use crate::alert::Channel;
use crate::config::Watch;
use crate::config::finding::Finding;
use crate::config::reference::{DIGEST, MAIL, WATCH, nearest};
use crate::config::table::{Fault, Table, Value, toml_text};
use crate::config::value;
use crate::config::written::Written;
use crate::query::Query;

/// `[[watch]]`.
pub(super) fn watches(written: &Written<'_>, out: &mut Vec<Finding>) -> Option<Vec<Watch>> {
    let list = written.list(&WATCH);
    let names = names(list, out);
    // Errors in these are found where they belong.
    let mut ignored = Vec::new();
    let name_of =
        |digest: &Table<'_>| digest.written("name").and_then(|name| name.text(&mut Vec::new()).map(str::to_owned));
    let digests: Vec<String> = written.list(&DIGEST).iter().filter_map(name_of).collect();
    let mail = written.table(&MAIL);
    let to = mail.and_then(|mail| mail.value("to"));
    let known = Known { digests, has_mail: mail.is_some(), to: to.and_then(|to| addresses(&to, &mut ignored)) };
    let mut has_warned = false;
    let mut watches = Vec::with_capacity(list.len());
    for (table, name) in list.iter().zip(names) {
        watches.push(watch(table, name, &known, &mut has_warned, out));
    }
    watches.into_iter().collect()
}

/// What watches refer to.
struct Known {
    digests: Vec<String>,
    has_mail: bool,
    /// `to` of `[mail]`; `None` where it has an error.
    to: Option<Vec<String>>,
}

fn watch(
    table: &Table<'_>,
    name: Option<String>,
    known: &Known,
    has_warned: &mut bool,
    out: &mut Vec<Finding>,
) -> Option<Watch> {
    let title = match table.written("title") {
        Some(title) => title.checked(out, value::title),
        None => name.clone(),
    };
    let when = table.required("when", out).and_then(|when| query(&when, out));
    let send = table.value("send").and_then(|send| channels(&send, &known.digests, out));
    let enabled = table.value("enabled").and_then(|enabled| enabled.boolean(out));
    let to = match table.written("to") {
        Some(to) => addresses(&to, out),
        None if known.has_mail => known.to.clone(),
        None => Some(Vec::new()),
    };
    let nobody = enabled == Some(true) && to.as_ref().is_some_and(Vec::is_empty);
    if enabled == Some(true) && !known.has_mail {
        // One missing table is one mistake.
        if !std::mem::replace(has_warned, true) {
            out.push(
                Finding::error(&table.place(), "this watch cannot be told to anybody: there is no [mail]")
                    .hint("write [mail] with `from`, `to` and `smtp`")
                    .tentative(),
            );
        }
        return None;
    }
    if nobody {
        let place = table.written("to").map_or_else(|| table.place(), |to| to.place());
        let finding = Finding::error(&place, "this watch has nobody to tell").tentative();
        out.push(finding.hint("write to = [\"desk@example.org\"] here or in [mail]"));
        return None;
    }
    Some(Watch { name: name?, title: title?, when: when?, send: send?, to: to?, enabled: enabled? })
}

/// Faults of a query are shown at their place in the file.
fn query(when: &Value<'_>, out: &mut Vec<Finding>) -> Option<Query> {
    let with_hint = |finding: Finding, hint: &Option<String>| match hint {
        Some(hint) => finding.hint(hint),
        None => finding,
    };
    match Query::parse(when.text(out)?) {
        Ok(query) => {
            for warning in query.warnings() {
                let finding = Finding::warning(&when.place_of(Some(&warning.span)), &warning.message);
                out.push(with_hint(finding, &warning.hint));
            }
            Some(query)
        }
        Err(errors) => {
            for error in errors.errors() {
                let finding = Finding::error(&when.place_of(Some(&error.span)), &error.message);
                out.push(with_hint(finding, &error.hint));
            }
            None
        }
    }
}

fn channels(send: &Value<'_>, digests: &[String], out: &mut Vec<Finding>) -> Option<Vec<Channel>> {
    let list = send.one_or_list(out)?;
    if list.is_empty() {
        out.push(send.error("`send` must name at least one way").hint("write send = \"now\", or a digest's name"));
        return None;
    }
    let checked: Vec<_> = list.iter().map(|one| one.checked(out, |text| channel(text, digests))).collect();
    let mut channels = Vec::with_capacity(checked.len());
    for channel in checked {
        let channel = channel?;
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    Some(channels)
}

fn channel(text: &str, digests: &[String]) -> Result<Channel, Fault> {
    if text == "now" {
        return Ok(Channel::Now);
    }
    if digests.iter().any(|digest| digest == text) {
        return Ok(Channel::Digest(text.to_owned()));
    }
    let fault = Fault::new(format!("there is no digest `{text}`"));
    Err(match nearest(text, digests.iter().map(String::as_str).chain(["now"])) {
        Some(near) => fault.hint(format!("did you mean {}?", toml_text(near))),
        None if digests.is_empty() => fault.hint("write \"now\", or add a [[digest]] of that name"),
        None => fault.hint(format!("write \"now\" or one of the digests: {}", digests.join(", "))),
    })
}
