//! What is learned of a feed's own ways, and what is made of it: pure functions.

use jiff::{SignedDuration, Timestamp};

use crate::item::{FeedMemory, Habits, Item, ItemKeys, instant};
use crate::poll::{Answer, Failure, FetchError, Target, Verdict};

/// However much there is to check: this long between two requests for a document whatever it is.
const UNCONDITIONAL_MIN: SignedDuration = SignedDuration::from_hours(24);

/// Where validators are in doubt they are checked so often.
const AUDIT_MIN: SignedDuration = SignedDuration::from_hours(8 * 24);

/// Nothing but 304 for so many times the feed's rhythm puts its validators in doubt.
const OVERDUE: i32 = 3;

/// So many 304s in a row that named another document do so too.
const FOREIGN_MAX: u32 = 3;

/// A feed is asked so often between two of its news.
const POLLS_PER_NEWS: i32 = 4;

/// But no less often than this many times `every`.
const STRETCH_MAX: i32 = 6;

/// The times between news that a rhythm is made of: of so many at most,
const TIMES_MAX: usize = 10;

/// and so many at least.
const TIMES_MIN: usize = 3;

/// Dates and ids of fewer items than this tell nothing.
const ITEMS_MIN: usize = 5;

/// So many ids of a document are remembered.
const IDS_KEPT: usize = 8;

/// After a month without a gap the next one is news.
const GAPS_FORGOTTEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a document shows of its feed's ways.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Lesson {
    /// When its items were published, the newest first, each instant once.
    dates: Vec<Timestamp>,
    /// All of several items bear one date.
    one_date: bool,
    /// The smallest ids; empty where few items have one.
    ids: Vec<u32>,
    /// Bytes of the body, unpacked.
    bytes: u64,
}

impl Lesson {
    pub(super) fn of(items: &[(Item, ItemKeys)], bytes: usize, now: Timestamp) -> Self {
        let given: Vec<Timestamp> = items.iter().filter_map(|(item, _)| item.published).collect();
        let one_date = given.len() >= ITEMS_MIN && given.iter().all(|date| *date == given[0]);
        let mut dates: Vec<Timestamp> = given.into_iter().filter(|date| *date <= now).collect();
        dates.sort_unstable_by(|a, b| b.cmp(a));
        dates.dedup();
        dates.truncate(TIMES_MAX + 1);
        let mut ids: Vec<u32> = items.iter().filter_map(|(_, keys)| Some(number(keys.id?.as_bytes()))).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() < ITEMS_MIN {
            ids.clear();
        }
        ids.truncate(IDS_KEPT);
        Self { dates, one_date, ids, bytes: bytes as u64 }
    }

    /// The middle of the times between its items. `None` where there are too few.
    fn rhythm(&self) -> Option<SignedDuration> {
        if self.one_date || self.dates.len() <= TIMES_MIN {
            return None;
        }
        let mut times: Vec<SignedDuration> =
            self.dates.windows(2).map(|pair| pair[0].duration_since(pair[1])).collect();
        // The last one may be the beginning of another pace.
        let newest = times[0];
        times.sort_unstable();
        Some(times[times.len() / 2].min(newest.saturating_mul(2)))
    }
}

fn number(bytes: &[u8; 16]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// What any answer teaches.
pub(super) fn heard(habits: &mut Habits, answer: &Answer) {
    let at = answer.at.as_millisecond();
    habits.read_bytes = habits.read_bytes.saturating_add(answer.wire_bytes);
    if answer.unconditional {
        habits.unconditional_at = Some(at);
    }
    match &answer.verdict {
        Verdict::Unchanged => {
            habits.spared_bytes = habits.spared_bytes.saturating_add(habits.document_bytes);
            habits.foreign_304 = if answer.foreign_304 { habits.foreign_304.saturating_add(1) } else { 0 };
        }
        Verdict::Document { .. } => {
            habits.foreign_304 = 0;
            habits.document_at = Some(at);
        }
        Verdict::Failed(Failure::Delta { .. }) => habits.no_delta = true,
        Verdict::Failed(Failure::Fetch { error: FetchError::Coding { .. } | FetchError::Corrupt { .. }, .. }) => {
            habits.plain = true;
        }
        _ => {}
    }
}

/// What a whole document teaches. `news`: something in it is new; `familiar`: something was known.
pub(super) fn read(habits: &mut Habits, lesson: &Lesson, answer: &Answer, news: bool, familiar: bool) {
    let at = answer.at.as_millisecond();
    let first = habits.first_at.is_none();
    habits.first_at.get_or_insert(at);
    habits.document_bytes = answer.wire_bytes;
    habits.packed_bytes = habits.packed_bytes.saturating_add(lesson.bytes.saturating_sub(answer.wire_bytes));
    let dated = lesson.rhythm();
    if let Some(rhythm) = dated {
        habits.rhythm_s = Some(rhythm.as_secs());
        habits.news_at = habits.news_at.max(lesson.dates.first().map(|newest| newest.as_millisecond()));
    } else if news {
        if let (Some(before), Some(rhythm)) = (habits.news_at, habits.rhythm_s) {
            // Slowly: one long night is no new pace.
            habits.rhythm_s = Some((rhythm * 3 + (at - before) / 1000) / 4);
        }
        habits.news_at = Some(at);
    }
    count(&mut habits.one_date, &mut habits.one_date_at, lesson.one_date, at);
    let comparable = !first && !habits.ids.is_empty() && !lesson.ids.is_empty();
    let none_shared = comparable && !lesson.ids.iter().any(|id| habits.ids.contains(id));
    count(&mut habits.churned, &mut habits.churn_at, none_shared && familiar, at);
    habits.ids.clone_from(&lesson.ids);
}

/// Counts what happens in a row, and when it began.
fn count(times: &mut u32, since: &mut Option<i64>, again: bool, at: i64) {
    (*times, *since) = if again { (times.saturating_add(1), since.or(Some(at))) } else { (0, None) };
}

/// The newest item seen before is gone and all items are new.
pub(super) fn gap(habits: &mut Habits, at: Timestamp) {
    let before = instant(habits.gap_at);
    if before.is_none_or(|before| at.duration_since(before) > GAPS_FORGOTTEN) {
        habits.gaps_at = Some(at.as_millisecond());
    }
    habits.gap_at = Some(at.as_millisecond());
}

/// Whether the next request is to ask for the document whatever it is, because what the server gave to recognise it by is in
/// doubt: it hides what is new, perhaps.
pub(super) fn doubts_validators(feed: &FeedMemory, now: Timestamp) -> bool {
    let habits = &feed.habits;
    let Some(asked) = instant(habits.unconditional_at) else { return false };
    let (since, given) = (now.duration_since(asked), feed.validators.last());
    if habits.foreign_304 >= FOREIGN_MAX && since >= UNCONDITIONAL_MIN {
        return true;
    }
    let date = given.and_then(|given| given.last_modified.as_deref());
    let ahead = date.is_some_and(|date| crate::poll::lies_ahead(date, now));
    let overdue = habits
        .rhythm()
        .zip(instant(habits.document_at))
        .is_some_and(|(rhythm, document)| now.duration_since(document) >= rhythm.saturating_mul(OVERDUE));
    since >= AUDIT_MIN && (ahead || overdue)
}

/// How often a feed is asked whose news come at its own pace; `None` where that is no less often than `every`.
pub(super) fn stretched(habits: &Habits, target: &Target, now: Timestamp) -> Option<SignedDuration> {
    let gap = instant(habits.gap_at).is_some_and(|gap| now.duration_since(gap) < GAPS_FORGOTTEN);
    if !target.adaptive || gap {
        return None;
    }
    let pace = habits.rhythm()? / POLLS_PER_NEWS;
    (pace > target.every).then(|| pace.min(target.every.saturating_mul(STRETCH_MAX)))
}
