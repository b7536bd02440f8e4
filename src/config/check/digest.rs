use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::{Names, each};
use crate::config::Digest;
use crate::config::finding::Findings;
use crate::config::reference::DIGEST;
use crate::config::table::{Fault, Table, Value};
use crate::config::value;
use crate::config::written::Written;

/// `[[digest]]`; `time_zone` is that of `[mail]`.
pub(super) fn digests(written: &Written<'_>, time_zone: &TimeZone, out: &mut Findings) -> Option<Vec<Digest>> {
    let mut names = Names::default();
    each(written.list(&DIGEST), out, |table, out| {
        let name = names.next(table, out);
        digest(table, name, time_zone, out)
    })
}

fn digest(table: &Table<'_>, name: Option<String>, default: &TimeZone, out: &mut Findings) -> Option<Digest> {
    if let (Some(value), Some("now")) = (table.written("name"), name.as_deref()) {
        let finding = value.error("a digest cannot have the name `now`: that is how a match is told at once");
        out.push(finding.hint("write another name, such as \"morning\""));
        return None;
    }
    let at = table.required("at", out).and_then(|at| times(&at, out));
    let days = table.value("days").and_then(|days| days.checked(out, value::days));
    let time_zone = match table.written("time_zone") {
        Some(zone) => zone.checked(out, value::time_zone),
        None => Some(default.clone()),
    };
    let send_empty = table.value("empty").and_then(|empty| empty.checked(out, when_empty));
    Some(Digest { name: name?, at: at?, days: days?, time_zone: time_zone?, send_empty: send_empty? })
}

fn times(at: &Value<'_>, out: &mut Findings) -> Option<Vec<Time>> {
    let list = at.list(out)?;
    if list.is_empty() {
        out.push(at.error("`at` must name at least one time").hint("write at = [\"07:30\"]"));
        return None;
    }
    let mut times = each(list, out, |time, out| time.checked(out, value::time_of_day))?;
    times.sort_unstable();
    times.dedup();
    Some(times)
}

fn when_empty(text: &str) -> Result<bool, Fault> {
    match text {
        "skip" => Ok(false),
        "send" => Ok(true),
        other => Err(Fault::new(format!("`{other}` is neither \"skip\" nor \"send\"")).hint("write empty = \"skip\"")),
    }
}
