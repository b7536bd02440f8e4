use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// News that stays away for so many times the feed's own rhythm is missed,
const MISSED_AFTER: i32 = 10;

/// but not before so long.
const MISSED_MIN: SignedDuration = SignedDuration::from_hours(3 * 24);

/// So many documents in a row make a habit.
const HABIT: u32 = 3;

/// What a feed's own ways are, learned from poll to poll. Instants are milliseconds since 1970 in UTC, and their names end
/// in `_at`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Habits {
    /// The usual time between two of its news, in seconds; `None` until three such times were seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rhythm_s: Option<i64>,
    /// When its newest news was published, or seen where it gives no dates that tell anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub news_at: Option<i64>,
    /// When its first document was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_at: Option<i64>,
    /// When a document came last, be it a known one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_at: Option<i64>,
    /// When it was last asked for its document whatever it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconditional_at: Option<i64>,
    /// When the first gap of the present series was seen; a series ends after a month without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gaps_at: Option<i64>,
    /// When the last gap was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap_at: Option<i64>,
    /// When it began to give all its items new ids again and again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub churn_at: Option<i64>,
    /// When all its items began to bear one date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_date_at: Option<i64>,
    /// Documents in a row in which known items had new ids.
    pub churned: u32,
    /// Documents in a row whose items all bore one date.
    pub one_date: u32,
    /// A few of the ids of its last document, as numbers: the smallest, so that documents with the same items have the same.
    pub ids: Vec<u32>,
    /// 304s in a row that named another document.
    pub foreign_304: u32,
    /// It answers delta requests (RFC 3229) wrongly.
    pub no_delta: bool,
    /// It says of a document that it is compressed, and it is not: it is asked without compression.
    pub plain: bool,
    /// Its last whole document came over the wire in so many bytes.
    pub document_bytes: u64,
    /// Bytes that came over the wire in all.
    pub read_bytes: u64,
    /// Bytes that did not come because nothing had changed.
    pub spared_bytes: u64,
    /// Bytes that did not come because of compression.
    pub packed_bytes: u64,
}

/// Something about a feed that is no failure, and yet not right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ailment {
    /// Items may have come and gone between two polls.
    Gaps,
    /// It answers, but has had no news for far longer than its own rhythm.
    Quiet,
    /// It gives known items new ids again and again.
    Churn,
    /// All its items bear one date.
    OneDate,
}

impl Ailment {
    /// The word in JSON and in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gaps => "gaps",
            Self::Quiet => "quiet",
            Self::Churn => "id-churn",
            Self::OneDate => "one-date",
        }
    }
}

impl Habits {
    /// What is odd about the feed at `now`, each with when it began.
    pub fn ailments(&self, now: Timestamp) -> Vec<(Ailment, Timestamp)> {
        let mut odd = Vec::new();
        odd.extend(instant(self.gaps_at).map(|since| (Ailment::Gaps, since)));
        odd.extend(self.missed(now).map(|since| (Ailment::Quiet, since)));
        let habit = |count: u32, since| instant(since).filter(|_| count >= HABIT);
        odd.extend(habit(self.churned, self.churn_at).map(|since| (Ailment::Churn, since)));
        odd.extend(habit(self.one_date, self.one_date_at).map(|since| (Ailment::OneDate, since)));
        odd
    }

    /// Since when news is missed, if it is: that of a feed that was quiet already when it was first read is not.
    fn missed(&self, now: Timestamp) -> Option<Timestamp> {
        let (news, first) = (instant(self.news_at)?, instant(self.first_at)?);
        let limit = SignedDuration::from_secs(self.rhythm_s?).saturating_mul(MISSED_AFTER).max(MISSED_MIN);
        let since = news.saturating_add(limit).ok()?;
        (since > first && since <= now).then_some(since)
    }

    /// The usual time between two of its news.
    pub fn rhythm(&self) -> Option<SignedDuration> {
        self.rhythm_s.map(SignedDuration::from_secs)
    }
}

/// An instant of [`Habits`].
pub fn instant(milliseconds: Option<i64>) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hours * 3600).unwrap()
    }

    #[test]
    fn news_is_missed_after_ten_times_its_rhythm_and_only_by_those_who_saw_it() {
        let habits = |first: i64| Habits {
            rhythm_s: Some(24 * 3600),
            news_at: Some(at(0).as_millisecond()),
            first_at: Some(at(first).as_millisecond()),
            ..Habits::default()
        };
        assert_eq!(habits(0).ailments(at(239)), []);
        assert_eq!(habits(0).ailments(at(240)), [(Ailment::Quiet, at(240))]);
        assert_eq!(habits(241).ailments(at(2000)), [], "it was quiet when it was first read");
        let lively = Habits { rhythm_s: Some(60), ..habits(0) };
        assert_eq!((lively.ailments(at(71)).len(), lively.ailments(at(72)).len()), (0, 1));
    }

    #[test]
    fn once_is_no_habit() {
        let since = Some(at(0).as_millisecond());
        let habits = |times| Habits {
            churned: times,
            churn_at: since,
            one_date: times,
            one_date_at: since,
            ..Habits::default()
        };
        assert_eq!(habits(2).ailments(at(9)), []);
        assert_eq!(habits(3).ailments(at(9)), [(Ailment::Churn, at(0)), (Ailment::OneDate, at(0))]);
    }

    #[test]
    fn what_an_older_version_wrote_is_read() {
        assert_eq!(serde_json::from_str::<Habits>("{}").unwrap(), Habits::default());
    }
}
