//! `[[watch.test]]`, read; it is tried elsewhere.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::each;
use crate::config::finding::{Finding, Findings};
use crate::config::reference::{FEED, WATCH, WATCH_TEST, nearest};
use crate::config::table::{Fault, Table};
use crate::config::trial::{Expected, Parts, Trial};
use crate::config::written::Written;
use crate::item::{Item, Stance};

/// The tests of all watches, in their order.
pub(super) fn trials(written: &Written<'_>, out: &mut Findings) -> Option<Vec<Trial>> {
    let names = written.list(&FEED).iter().filter_map(|feed| feed.written("name")?.as_text());
    let feeds: Vec<&str> = names.collect();
    let of_each = each(written.list(&WATCH), out, |watch, out| {
        let Some(tests) = watch.written("test") else { return Some(Vec::new()) };
        // A watch without a name is a mistake that is told elsewhere.
        let name = watch.written("name").and_then(|name| name.as_text()).unwrap_or_default();
        let mut number = 0;
        each(tests.tables(&WATCH_TEST, out)?, out, |table, out| {
            number += 1;
            trial(&table?, (name, number), &feeds, out)
        })
    })?;
    Some(of_each.into_iter().flatten().collect())
}

fn trial(table: &Table<'_>, (watch, number): (&str, usize), feeds: &[&str], out: &mut Findings) -> Option<Trial> {
    let text = |key: &str, out: &mut Findings| match table.written(key) {
        Some(value) => value.text(out).map(|text| Some(text.to_owned())),
        None => Some(None),
    };
    let (title, body, link) = (text("title", out), text("text", out), text("link", out));
    let feed = match table.written("feed") {
        Some(feed) => feed.checked(out, |name| known_feed(name, feeds)).map(str::to_owned),
        None => Some(String::new()),
    };
    let published = match table.written("at") {
        Some(at) => at.checked(out, moment).map(Some),
        None => Some(None),
    };
    let matched = table.value("match").and_then(|matched| matched.boolean(out));
    let stance = match table.written("stance") {
        Some(stance) => stance.checked(out, known_stance).map(Some),
        None => Some(None),
    };
    let statements = parts(table, "statements", &["actor", "act", "stance", "condition", "object", "said_by"], out);
    let events = parts(table, "events", &["event", "start", "end", "place", "name"], out);
    let (title, body) = (title?.unwrap_or_default(), body?.unwrap_or_default());
    if title.trim().is_empty() && body.trim().is_empty() {
        let finding = Finding::error(&table.place(), "this test has neither a `text` nor a `title`");
        out.push(finding.hint("write text = \"Hungary vetoes the package\""));
        return None;
    }
    let item = Item { title, text: body, link: link?, published: published?, ..Item::default() };
    let expected = Expected { matched: matched?, stance: stance?, statements: statements?, events: events? };
    Some(Trial { watch: watch.to_owned(), number, item, feed: feed?, expected, place: table.place() })
}

fn known_feed<'a>(name: &'a str, feeds: &[&str]) -> Result<&'a str, Fault> {
    if feeds.contains(&name) {
        return Ok(name);
    }
    let fault = Fault::new(format!("there is no feed `{name}`"));
    Err(match nearest(name, feeds.iter().copied()) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault.hint("write the `name` of a [[feed]]"),
    })
}

fn known_stance(word: &str) -> Result<Stance, Fault> {
    let hint = "write \"did\", \"announced\", \"denied\", \"withdrawn\", \"possible\" or \"called-for\"";
    Stance::from_word(word).ok_or_else(|| Fault::new(format!("there is no stance `{word}`")).hint(hint))
}

/// Tables of texts, with these names and no others.
fn parts(table: &Table<'_>, key: &str, known: &[&str], out: &mut Findings) -> Option<Vec<Parts>> {
    let Some(value) = table.written(key) else { return Some(Vec::new()) };
    let list = value.list(out)?;
    each(list, out, |one, out| {
        let pairs = one.pairs(out)?;
        each(pairs, out, |(place, name, value), out| {
            if !known.contains(&name) {
                let finding = Finding::error(&place, format!("`{key}` has no key `{name}`"));
                let hint = match nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("its keys are {}", known.join(", ")),
                };
                out.push(finding.hint(hint));
                return None;
            }
            Some((name.to_owned(), value.text(out)?.to_owned()))
        })
    })
}

/// A time with its offset, else of UTC; or the start of a day.
fn moment(text: &str) -> Result<Timestamp, Fault> {
    let civil = || text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(DateTime::from));
    text.parse::<Timestamp>()
        .or_else(|_| civil()?.to_zoned_datetime(TimeZone::UTC).map(|zoned| zoned.timestamp()))
        .map_err(|_| Fault::new("this is no time").hint("write \"2024-06-13T12:00:00Z\", or a day: \"2024-06-13\""))
}
