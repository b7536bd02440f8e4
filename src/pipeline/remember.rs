//! What of a poll is remembered with the feed: a pure function of what was known and what was heard.

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};

use super::habits::{self, Lesson};
use crate::item::{Attempt, Cover, FeedMemory, Key, Offer, Standing, Wishes};
use crate::parse;
use crate::poll::moves::{self, Found};
use crate::poll::schedule::{self, Pace, Skip};
use crate::poll::{Answer, Failure, Target, Verdict};

/// A feed behind a check for browsers is asked so often.
const BARRED: SignedDuration = SignedDuration::from_hours(24);

/// Why a document counts as a failure although items were read.
const BROKEN_OFF: &str = "the answer broke off before its end; the items up to there were read";
const FLAWED: &str = "the document cannot be read to its end; the items up to there were read";

/// What a poll told, once its answer was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// A feed.
    Document {
        /// The body's key; `None` where it has no end, and has to be read again.
        body: Option<Key>,
        /// Why nothing counts as read: the answer broke off, or the document does in the middle. One without an end in a whole answer
        /// is how its publisher writes it, and no failure: to ask more rarely would only make its news late.
        torn: Option<&'static str>,
        /// It holds only what the last one did not (RFC 3229); what is missing from it is not gone.
        delta: bool,
        /// What the feed says about when to ask.
        wishes: Wishes,
        /// What had to be mended.
        repairs: Vec<String>,
        /// Something in it is new or edited.
        news: bool,
        /// Something in it was known.
        familiar: bool,
        /// What it shows of the feed's ways.
        lesson: Lesson,
        /// Who tells of its news.
        offer: Option<Box<Offer>>,
    },
    /// Nothing has changed since the last document.
    Unchanged,
    /// The address is gone for good.
    Gone,
    /// No feed, and why.
    Failed(String),
}

impl Told {
    /// What an answer without a document told.
    pub(super) fn without_document(answer: &Answer) -> Self {
        match &answer.verdict {
            Verdict::Unchanged => Self::Unchanged,
            Verdict::Gone => Self::Gone,
            Verdict::Failed(failure) => Self::Failed(failure.to_string()),
            Verdict::Document { .. } | Verdict::NotYet(_) => {
                unreachable!("a document is read, and a feed that was not asked is not remembered")
            }
        }
    }

    /// What a document told, before its items were compared with what is known.
    pub(super) fn document(
        document: &parse::Document,
        arrived: bool,
        delta: bool,
        key: Key,
        offer: Option<Offer>,
    ) -> Self {
        let wishes = Wishes {
            ttl_s: document.ttl.map(|ttl| ttl.as_secs()),
            update_every_s: document.update_every.map(|period| period.as_secs()),
            skip_hours: document.skip_hours.iter().map(|hour| hour.unsigned_abs()).collect(),
            skip_days: document.skip_days.iter().map(|day| day.to_monday_zero_offset().unsigned_abs()).collect(),
        };
        let (body, repairs) = ((arrived && document.complete).then_some(key), document.repairs.clone());
        Self::Document {
            body,
            torn: (!arrived).then_some(BROKEN_OFF).or(document.flawed.then_some(FLAWED)),
            delta,
            wishes,
            repairs,
            news: false,
            familiar: false,
            lesson: Lesson::default(),
            offer: offer.map(Box::new),
        }
    }

    /// Who tells of the feed's news from now on.
    pub(super) fn offer<'t>(&'t self, before: &'t FeedMemory) -> Option<&'t Offer> {
        match self {
            Self::Document { torn: None, delta: false, offer, .. } => offer.as_deref(),
            _ => before.offer.as_ref(),
        }
    }

    /// Takes in what the document shows of its feed's ways.
    pub(super) fn learn(&mut self, learned: Lesson) {
        if let Self::Document { lesson, .. } = self {
            *lesson = learned;
        }
    }

    /// Takes in how the document's items stand.
    pub(super) fn compare(&mut self, standings: &[Standing]) {
        if let Self::Document { news, familiar, .. } = self {
            *news = standings.iter().any(|standing| matches!(standing, Standing::New | Standing::Edited(_)));
            *familiar = standings.iter().any(|standing| *standing != Standing::New);
        }
    }

    /// How the poll counts.
    pub(super) fn attempt(&self, any_news: bool) -> Attempt {
        match self {
            Self::Document { torn: Some(_), .. } | Self::Gone | Self::Failed(_) => Attempt::Failed,
            Self::Document { .. } if any_news => Attempt::Changed,
            Self::Document { .. } | Self::Unchanged => Attempt::Unchanged,
        }
    }

    /// Why the poll counts as failed, if it does.
    pub(super) fn failure(&self) -> Option<String> {
        match self {
            Self::Document { torn: Some(why), .. } => Some((*why).to_owned()),
            Self::Gone => Some("it says that it is gone for good (410); take it out of the config".to_owned()),
            Self::Failed(why) => Some(why.clone()),
            Self::Document { .. } | Self::Unchanged => None,
        }
    }
}

/// The feed after a poll. `cover` is what makes sure that its news is told meanwhile; `unit` in `0.0..1.0` is the jitter of its
/// next poll.
pub(super) fn remember(
    before: &FeedMemory,
    answer: &Answer,
    told: &Told,
    target: &Target,
    cover: Option<&Cover>,
    unit: f64,
) -> FeedMemory {
    let mut after = before.clone();
    (after.last_poll, after.redirect_wait) = (Some(answer.at), None);
    after.offer = told.offer(before).cloned();
    if let Some(news) = cover.and_then(|cover| cover.news) {
        after.last_change = after.last_change.max(Some(news));
        after.habits.news_at = after.habits.news_at.max(Some(news.as_millisecond()));
    }
    habits::heard(&mut after.habits, answer);
    match told.failure() {
        None => {
            after.last_success = Some(answer.at);
            // Only with what they came with: validators of a document that could not be read whole would hide its news.
            if !matches!(told, Told::Document { body: None, .. }) {
                after.validators.clone_from(&answer.validators);
            }
            (after.failures, after.failing_since, after.error) = (0, None, None);
        }
        Some(error) => {
            after.failures = before.failures.saturating_add(1);
            after.failing_since = before.failing_since.or(Some(answer.at));
            after.error = Some(error);
        }
    }
    let mut found = if matches!(told, Told::Unchanged) { Found::Same } else { Found::Nothing };
    match told {
        // What was read of it stands over the last document, so that one is read again when it comes again.
        Told::Document { torn: Some(_), .. } => after.body = None,
        Told::Document { delta: true, news, .. } => {
            found = Found::Same;
            if *news {
                (after.last_change, after.habits.news_at) = (Some(answer.at), Some(answer.at.as_millisecond()));
            }
        }
        Told::Document { body, delta: false, wishes, repairs, news, familiar, lesson, .. } => {
            let first_look = before.reads == 0;
            found = if *familiar || first_look { Found::Same } else { Found::Feed };
            after.body = *body;
            after.document = before.document + 1;
            // Much of what a document without an end would hold may be old, so it is no first look, unless all are like that.
            if body.is_some() || before.last_success.is_some() {
                after.reads = before.reads.saturating_add(1);
            }
            (after.wishes, after.repairs) = (wishes.clone(), repairs.clone());
            if *news {
                after.last_change = Some(answer.at);
            }
            // Nothing of the last document is left: items may have come and gone between the two.
            if *news && !familiar && !first_look {
                after.gaps = before.gaps.saturating_add(1);
                habits::gap(&mut after.habits, answer.at);
            }
            habits::read(&mut after.habits, lesson, answer, *news, *familiar);
        }
        Told::Gone => after.gone = true,
        Told::Unchanged | Told::Failed(_) => {}
    }
    after.moved = moves::observe(before.moved.as_ref(), answer.moved.as_ref(), answer.at, found);
    after.eased = cover.is_some() && after.failures == 0;
    let pace = Pace { told_until: cover.map(|cover| cover.until), ..pace(&after, answer, target) };
    let due = schedule::next(answer.at, &pace, unit);
    (after.next_poll, after.why, after.not_before) = (Some(due.at), due.why, due.server);
    if after.gone {
        (after.next_poll, after.not_before) = (None, None);
        "it says that it is gone for good (410), so it is asked no more".clone_into(&mut after.why);
    }
    after
}

/// The feed after a redirect that asks to be followed later: neither a success nor a failure.
pub(super) fn asked_to_wait(before: &FeedMemory, answer: &Answer, until: Timestamp) -> FeedMemory {
    let mut after = before.clone();
    (after.last_poll, after.next_poll, after.not_before) = (Some(answer.at), Some(until), Some(until));
    after.redirect_wait = Some(answer.final_url.to_string());
    if let Some(floor) = &answer.freshness.retry {
        after.why.clone_from(&floor.why);
    }
    after
}

fn pace(after: &FeedMemory, answer: &Answer, target: &Target) -> Pace {
    let wishes = &after.wishes;
    let days =
        wishes.skip_days.iter().filter_map(|day| Weekday::from_monday_zero_offset(i8::try_from(*day).ok()?).ok());
    // Whoever stands there wants a browser; asking sooner would not help.
    let barred = matches!(answer.verdict, Verdict::Failed(Failure::Challenge { .. }));
    Pace {
        every: if barred { target.every.max(BARRED) } else { target.every },
        stretched: habits::stretched(&after.habits, target, answer.at),
        told_until: None,
        failures: after.failures,
        freshness: answer.freshness.clone(),
        ttl: wishes.ttl_s.map(SignedDuration::from_secs),
        update_period: wishes.update_every_s.map(SignedDuration::from_secs),
        skip: Skip::default().hours(wishes.skip_hours.iter().copied()).days(days),
    }
}
