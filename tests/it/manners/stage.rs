//! One feed on a scripted server, the real program, and a clock that is moved by making all that is remembered older.

use serde_json::Value;

use crate::harness::db;
use crate::harness::feeds::{Answer, Origin, Request};
use crate::harness::items::{Entry, rss};
use crate::harness::level;
use crate::harness::newswatch::Newswatch;

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;

/// Where the feed of a case lies.
const PAGE: &str = "/a.xml";

/// A feed `a` that is asked once an hour, and its server.
pub(super) struct Case {
    pub(super) origin: Origin,
    pub(super) newswatch: Newswatch,
}

impl Case {
    pub(super) fn new() -> Self {
        Self::with(|newswatch, _| newswatch)
    }

    /// The same, in an installation that is changed first.
    pub(super) fn with(change: impl FnOnce(Newswatch, &Origin) -> Newswatch) -> Self {
        let origin = Origin::start();
        let newswatch = Newswatch::new().unset("mail").feed("a", &origin.url(PAGE)).set("fetch", "every", "'1h'");
        let newswatch = change(newswatch, &origin);
        Self { origin, newswatch }
    }

    /// Waits until the feed is due, lets it be asked, and answers this. What the pass counted.
    #[track_caller]
    pub(super) fn next(&self, answer: Answer) -> Value {
        self.origin.first(PAGE, [answer]);
        let before = self.asked();
        self.until_due();
        let pass = self.pass();
        assert!(self.asked() > before, "it was due and was not asked: {pass}; {}", self.feed());
        pass
    }

    /// Lets it be asked again at once, and answers this. What was told is known by when its trouble began, so no time may be
    /// made to pass where that matters.
    #[track_caller]
    pub(super) fn again(&self, answer: Answer) {
        self.origin.first(PAGE, [answer]);
        let before = self.asked();
        self.pass_over_all();
        assert!(self.asked() > before, "it was not asked: {}", self.feed());
    }

    /// The same for several answers, each to a poll of its own; the last pass.
    #[track_caller]
    pub(super) fn each(&self, answers: impl IntoIterator<Item = Answer>) -> Value {
        answers.into_iter().map(|answer| self.next(answer)).last().unwrap_or_default()
    }

    /// One pass over what is due.
    #[track_caller]
    pub(super) fn pass(&self) -> Value {
        self.newswatch.run(&["once", "--json"]).ok().one_json()
    }

    /// One pass over every feed whose server does not mind.
    #[track_caller]
    pub(super) fn pass_over_all(&self) -> Value {
        self.newswatch.once()
    }

    /// So many seconds pass.
    pub(super) fn later(&self, seconds: i64) {
        db::age(&self.newswatch.database(), seconds * 1000);
    }

    /// The time until the feed is due passes.
    pub(super) fn until_due(&self) {
        if !self.newswatch.database().exists() {
            return;
        }
        let next = self.number("SELECT max(next_poll) FROM feed WHERE name = 'a'");
        let left = next.unwrap_or(0) - level::today().as_millisecond();
        if left > 0 {
            db::age(&self.newswatch.database(), left + 1);
        }
    }

    /// How often the feed was asked for.
    pub(super) fn asked(&self) -> usize {
        self.origin.requests(PAGE).len()
    }

    /// The last request for the feed.
    #[track_caller]
    pub(super) fn last(&self) -> Request {
        self.origin.requests(PAGE).pop().expect("it was asked")
    }

    /// What the last request but `back` was made conditional with: `If-None-Match` and `If-Modified-Since`.
    #[track_caller]
    pub(super) fn condition(&self) -> (String, String) {
        let last = self.last();
        (last.text("if-none-match"), last.text("if-modified-since"))
    }

    /// Lets it be asked once more, for nothing, and tells what the request was made conditional with.
    #[track_caller]
    pub(super) fn next_condition(&self) -> (String, String) {
        self.next(Answer::status(500));
        self.condition()
    }

    /// What the list says of the feed.
    #[track_caller]
    pub(super) fn feed(&self) -> Value {
        self.newswatch.feed_state("a")
    }

    /// Its last error.
    #[track_caller]
    pub(super) fn error(&self) -> String {
        self.feed()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// The one number that a query on the database finds.
    pub(super) fn number(&self, sql: &str) -> Option<i64> {
        db::number(&self.newswatch.database(), sql)
    }

    pub(super) fn items(&self) -> i64 {
        self.number("SELECT count(*) FROM item").unwrap_or(0)
    }

    pub(super) fn failures(&self) -> i64 {
        self.number("SELECT failures FROM feed WHERE name = 'a'").unwrap_or(-1)
    }

    /// Seconds from the last poll to the next one, rounded down.
    pub(super) fn wait(&self) -> i64 {
        self.number("SELECT next_poll - last_poll FROM feed WHERE name = 'a'").expect("it is planned") / 1000
    }

    /// Fails unless the next poll is `seconds` after the last one, or a tenth later at most.
    #[track_caller]
    pub(super) fn waits(&self, seconds: i64) {
        let wait = self.wait();
        // Dates in headers are whole seconds, and it takes a moment until they are read.
        assert!(
            wait >= seconds - 3 && wait <= seconds + seconds / 10,
            "it waits {wait} s, not {seconds} s: {}",
            self.feed()
        );
    }

    /// The same, and whoever is in a hurry does not ask sooner: it is the server's word.
    #[track_caller]
    pub(super) fn held(&self, seconds: i64) {
        self.waits(seconds);
        let before = self.origin.request_count();
        self.pass_over_all();
        self.later(seconds - 30);
        self.pass();
        assert_eq!(self.origin.request_count(), before, "it was asked before its time");
    }
}

/// A feed with these items.
pub(super) fn feed(ids: &[&str]) -> Answer {
    Answer::feed(rss(&entries(ids)))
}

/// Items of which the watch `veto` of a case would tell.
pub(super) fn entries(ids: &[&str]) -> Vec<Entry> {
    ids.iter()
        .map(|id| Entry::new(id, &format!("Ministers veto the {id}")).summary(&format!("All about {id}.")))
        .collect()
}

/// The same feed with a line more in its channel.
pub(super) fn feed_saying(line: &str) -> Answer {
    Answer::feed(rss(&entries(&["budget"])).replace("<description>News", &format!("{line}<description>News")))
}

pub(super) fn not_modified() -> Answer {
    Answer::status(304)
}

/// A condition as [`Case::condition`] tells it.
pub(super) fn conditional(etag: &str, last_modified: &str) -> (String, String) {
    (etag.to_owned(), last_modified.to_owned())
}
