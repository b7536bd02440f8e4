use jiff::SignedDuration;

use crate::config::FetchSettings;
use crate::config::finding::{Finding, Findings};
use crate::config::reference::FETCH;
use crate::config::table::{Fault, Value};
use crate::config::value;
use crate::config::written::Written;
use crate::poll::Proxy;

/// More requests at a time need more open files than a process usually may have.
const CONCURRENCY_MAX: usize = 1000;

/// `[fetch]`.
pub(super) fn fetch(written: &Written<'_>, out: &mut Findings) -> Option<FetchSettings> {
    let table = written.table_or_absent(&FETCH);
    let every = table.value("every").and_then(|every| every.quantity(out, value::positive_duration));
    let backlog = table.value("backlog").and_then(|backlog| backlog.quantity(out, backlog_age));
    let min_every = table.value("min_every").and_then(|every| every.quantity(out, value::positive_duration));
    let timeout = table.value("timeout").and_then(|timeout| timeout.quantity(out, value::positive_duration));
    let max_size = table.value("max_size").and_then(|size| size.quantity(out, value::size));
    let per_host = table.value("per_host").and_then(|number| number.whole(1..=CONCURRENCY_MAX, out));
    let interval = table.value("per_host_interval").and_then(|interval| interval.quantity(out, value::duration));
    let concurrency = table.value("concurrency").and_then(|number| number.whole(1..=CONCURRENCY_MAX, out));
    let contact = match table.written("contact") {
        Some(contact) => contact.checked(out, value::contact).map(Some),
        None => Some(None),
    };
    let alert_after = table.value("alert_after").and_then(|wait| wait.quantity(out, value::duration));
    let adaptive = table.value("adaptive").and_then(|adaptive| adaptive.boolean(out));
    let full_text = table.value("full_text").and_then(|full| full.boolean(out));
    let private = table.value("allow_private_addresses").and_then(|allow| allow.boolean(out));
    let proxy = match table.written("proxy") {
        Some(proxy) => super::proxy(&proxy, out),
        None => Some(Proxy::Environment),
    };
    let commands = table.value("allow_commands").and_then(|allow| allow.boolean(out));
    if let (Some(every), Some(min_every)) = (every, min_every)
        && every < min_every
    {
        let both = ["every", "min_every"].map(|key| table.written(key));
        if let Some(finding) = too_often(both, every, min_every) {
            out.push(finding);
            return None;
        }
    }
    Some(FetchSettings {
        every: every?,
        backlog: backlog?,
        min_every: min_every?,
        timeout: timeout?,
        max_size: max_size?,
        per_host: per_host?,
        per_host_interval: interval?,
        concurrency: concurrency?,
        contact: contact?,
        alert_after: alert_after?,
        adaptive: adaptive?,
        full_text: full_text?,
        allow_private_addresses: private?,
        proxy: proxy?,
        allow_commands: commands?,
    })
}

/// A duration, `0`, or `all`, which is `None`. A whole number other than 0 lacks its unit here too.
fn backlog_age(text: &str) -> Result<Option<SignedDuration>, Fault> {
    match text {
        "all" => Ok(None),
        "0" => Ok(Some(SignedDuration::ZERO)),
        _ => value::duration(text).map(Some).map_err(|fault| match text.parse::<u64>() {
            Ok(_) => fault,
            Err(_) => Fault { message: "a backlog is a duration, \"0\" or \"all\"".to_owned(), ..fault },
        }),
    }
}

/// At the one that was written; the defaults agree with each other.
fn too_often([every, min_every]: [Option<Value<'_>>; 2], is: SignedDuration, least: SignedDuration) -> Option<Finding> {
    let (is, least) = (value::show_duration(is), value::show_duration(least));
    match (every, min_every) {
        (Some(every), _) => Some(
            every
                .error(format!("`every` is shorter than `min_every`, which is {least}"))
                .hint(format!("write \"{least}\" or longer, or write min_every = \"{is}\" into [fetch]")),
        ),
        (None, Some(min_every)) => Some(
            min_every
                .error(format!("`min_every` is longer than `every`, which is {is}"))
                .hint(format!("write every = \"{least}\" or longer into [fetch]")),
        ),
        (None, None) => None,
    }
}
