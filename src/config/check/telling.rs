//! What of a watch's matches is told, and when.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::alert::{Channel, Importance, Pace, QuietHours, Repeat, Sources};
use crate::config::Telling;
use crate::config::finding::Findings;
use crate::config::table::{Fault, Table, Value};
use crate::config::value;

/// More mails than anybody reads in an hour.
const MAILS_MAX: usize = 10_000;

/// Keys that mean nothing where the silence is told instead of the matches.
const NOT_WITH_QUIET: [&str; 6] = ["repeat", "wait", "max_per_hour", "sources", "within", "remind"];

/// More sites than tell one story.
const SOURCES_MAX: usize = 50;

/// Sources that come together in the life of a story that no report keeps open count where `within` is not written.
const WITHIN: SignedDuration = SignedDuration::from_hours(72);

/// Events are not known much longer before.
const REMIND_DAYS_MAX: u16 = 400;

/// So long it is remembered which texts are copies.
const WITHIN_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The keys of `[[watch]]` that have to do with telling. `time_zone` is that of `[mail]`.
pub(super) fn telling(table: &Table<'_>, time_zone: &TimeZone, out: &mut Findings) -> Option<Telling> {
    let was = optional(table, "was", out, |was, out| was.checked(out, value::name));
    let repeat = optional(table, "repeat", out, |repeat, out| repeat.checked(out, repeats));
    let sources = sources(table, out);
    let pace = pace(table, time_zone, out);
    let quiet = optional(table, "quiet", out, |quiet, out| quiet.quantity(out, value::positive_duration));
    let fits = quiet_alone(table, out);
    let remind = optional(table, "remind", out, |remind, out| {
        let mut days = super::each(remind.one_or_list(out)?, out, |one, out| one.checked(out, days_before))?;
        days.sort_unstable_by(|one, other| other.cmp(one));
        days.dedup();
        Some(days)
    });
    let telling = Telling {
        was: was.ok()?,
        // Where it is not written, what the watch looks for decides.
        repeat: repeat.ok()?.unwrap_or_default(),
        sources: sources.ok()?,
        pace: pace?,
        quiet: quiet.ok()?,
        remind: remind.ok()?.unwrap_or_default(),
    };
    Some(telling).filter(|_| fits)
}

/// A key has a fault, and that was said.
struct Faulty;

/// `None` for a key that is not written.
fn optional<'a, T>(
    table: &Table<'a>,
    key: &str,
    out: &mut Findings,
    read: impl FnOnce(&Value<'a>, &mut Findings) -> Option<T>,
) -> Result<Option<T>, Faulty> {
    match table.written(key) {
        Some(value) => read(&value, out).map(Some).ok_or(Faulty),
        None => Ok(None),
    }
}

fn sources(table: &Table<'_>, out: &mut Findings) -> Result<Option<Sources>, Faulty> {
    let count = optional(table, "sources", out, |count, out| count.whole(2..=SOURCES_MAX, out));
    let within = optional(table, "within", out, |time, out| time.quantity(out, within));
    if let (None, Some(time)) = (table.written("sources"), table.written("within")) {
        out.push(
            time.error("`within` is the time for `sources`, which is not here").hint("write sources = 3 beside it"),
        );
        return Err(Faulty);
    }
    let (count, within) = (count?, within?);
    Ok(count.map(|count| Sources { count, within: within.unwrap_or(WITHIN) }))
}

fn within(text: &str) -> Result<SignedDuration, Fault> {
    let time = value::positive_duration(text)?;
    if time > WITHIN_MAX {
        return Err(Fault::new("stories do not stay open for so long").hint("write \"7d\" at most"));
    }
    Ok(time)
}

fn pace(table: &Table<'_>, time_zone: &TimeZone, out: &mut Findings) -> Option<Pace> {
    let wait = table.value("wait").and_then(|wait| wait.quantity(out, value::duration));
    let quiet_hours =
        optional(table, "quiet_hours", out, |hours, out| hours.checked(out, |text| quiet_hours(text, time_zone)));
    let most = optional(table, "max_per_hour", out, |most, out| most.whole(1..=MAILS_MAX, out));
    let importance = table.value("importance").and_then(|importance| importance.checked(out, importances));
    let max_per_hour = most.ok()?.and_then(|most| u32::try_from(most).ok());
    Some(Pace { wait: wait?, quiet_hours: quiet_hours.ok()?, max_per_hour, importance: importance? })
}

/// Errors where a watch for silence has keys that are about its matches.
fn quiet_alone(table: &Table<'_>, out: &mut Findings) -> bool {
    if table.written("quiet").is_none() {
        return true;
    }
    let mut fits = true;
    for value in NOT_WITH_QUIET.iter().filter_map(|key| table.written(key)) {
        let message = format!("`{}` means nothing beside `quiet`, which tells no matches", value.key());
        out.push(value.error(message).hint("take one of the two out, or write a second watch"));
        fits = false;
    }
    let digests = table.written("send").map(|send| send.parts()).unwrap_or_default();
    for send in digests.iter().filter(|send| send.as_text().is_some_and(|text| text != Channel::NOW)) {
        out.push(send.error("a silence is told at once, not in a digest").hint("write send = \"now\""));
        fits = false;
    }
    fits
}

fn repeats(text: &str) -> Result<Repeat, Fault> {
    match text {
        "story" => Ok(Repeat::Story),
        "item" => Ok(Repeat::Item),
        "change" => Ok(Repeat::Change),
        other => Err(Fault::new(format!("`{other}` is neither \"story\" nor \"item\" nor \"change\""))
            .hint("write repeat = \"story\"")),
    }
}

/// `14d`: whole days before an event.
fn days_before(text: &str) -> Result<u16, Fault> {
    const DAY: i64 = 24 * 3600;
    let before = value::duration(text)?;
    if before.as_secs() % DAY != 0 || before.subsec_nanos() != 0 {
        return Err(Fault::new("reminders come whole days before an event").hint("write \"1d\""));
    }
    let days = u16::try_from(before.as_secs() / DAY).ok().filter(|days| *days <= REMIND_DAYS_MAX);
    days.ok_or_else(|| Fault::new("nobody needs to be reminded so long before").hint("write \"400d\" at most"))
}

fn importances(text: &str) -> Result<Importance, Fault> {
    match text {
        "low" => Ok(Importance::Low),
        "normal" => Ok(Importance::Normal),
        "high" => Ok(Importance::High),
        other => Err(Fault::new(format!("`{other}` is no importance")).hint("write \"low\", \"normal\" or \"high\"")),
    }
}

/// `22:00-07:00`
fn quiet_hours(text: &str, time_zone: &TimeZone) -> Result<QuietHours, Fault> {
    let hint = "write them as \"22:00-07:00\"";
    let (from, to) = text.split_once('-').ok_or_else(|| Fault::new("these are no hours").hint(hint))?;
    let time = |text: &str| value::time_of_day(text.trim()).map_err(|fault| Fault::new(fault.message).hint(hint));
    QuietHours::new(time(from)?, time(to)?, time_zone.clone())
        .ok_or_else(|| Fault::new("they begin and end at one time").hint(hint))
}
