//! When an alert becomes a mail: `wait`, then quiet hours, then `max_per_hour`, in this order and nowhere else.
//!
//! What comes before (`repeat`) is decided with the item; what is held here was decided and counts as told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Importance, Pace, Routes};
use crate::item::{Envelope, Hold, MailKind, StoryId, Telling};

/// How far apart two units of work that are under way at once may have read the clock. What was decided further ahead than
/// this, a clock decided that was set back since.
const APART: SignedDuration = SignedDuration::from_mins(1);

/// What `max_per_hour` counts in.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// An alert that was decided and is no mail yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// What is to be told.
    pub telling: Telling,
    /// When that was decided.
    pub since: Timestamp,
    /// What holds it, as far as it was found out the last time.
    pub hold: Hold,
}

/// When a watch's alerts went out to one recipient in the last hour, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// The watch's name.
    pub watch: String,
    /// Who was mailed.
    pub recipient: String,
    /// One for each mail.
    pub at: Vec<Timestamp>,
}

/// What becomes of alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// Mails that go now.
    pub mails: Vec<(Envelope, Vec<Telling>)>,
    /// What is held, and by what.
    pub kept: Vec<Pending>,
    /// When the next of them may go.
    pub next: Option<Timestamp>,
}

/// One mail in the making: what is told together.
struct Bundle {
    recipient: String,
    tellings: Vec<Pending>,
}

impl Routes {
    /// Whether alerts of the watch may be held, so that those that are held have to be looked at with a new one.
    pub fn is_paced(&self, watch: &str) -> bool {
        self.watches.get(watch).is_some_and(|route| route.pace.holds())
    }

    /// Watches and recipients whose last hour [`Routes::release`] wants to know.
    pub fn limited(&self, pending: &[Pending]) -> Vec<(String, String)> {
        let limited = |alert: &&Pending| self.limit(&alert.telling.hit.watch).is_some();
        let both = |alert: &Pending| (alert.telling.hit.watch.clone(), alert.telling.recipient.clone());
        pending.iter().filter(limited).map(both).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Which alerts go now, in which mails, and which are held. `pending` are in the order in which they were decided.
    ///
    /// Watches that fire on one story for one recipient share one mail. What was held over quiet hours goes together, and so
    /// does what was more than an hour allowed.
    pub fn release(&self, pending: Vec<Pending>, recent: &[Recent], now: Timestamp) -> Release {
        let mut release = Release::default();
        let due = self.waited(pending, now, &mut release);
        let due = self.undisturbed(due, now, &mut release);
        let mut budget = Budget::new(self, recent, now);
        for bundle in bundles(due) {
            let (goes, over): (Vec<Pending>, Vec<Pending>) =
                bundle.tellings.into_iter().partition(|alert| budget.allows(&alert.telling));
            for alert in over {
                let until = budget.next(&alert.telling);
                release.keep(Pending { hold: Hold::Limit, ..alert }, until);
            }
            budget.spend(&goes);
            release.mails.extend(self.mail(bundle.recipient, goes));
        }
        release
    }

    /// First stage: `wait`. Reports of one story that one watch matched for one recipient wait together.
    fn waited(&self, pending: Vec<Pending>, now: Timestamp, release: &mut Release) -> Vec<Pending> {
        let mut until: BTreeMap<(String, String, StoryId), (Timestamp, Hold)> = BTreeMap::new();
        let group = |telling: &Telling| (telling.recipient.clone(), telling.hit.watch.clone(), telling.story);
        for alert in &pending {
            let over = self.waits_until(alert, now);
            let known = until.entry(group(&alert.telling)).or_insert((over, alert.hold));
            known.0 = known.0.min(over);
        }
        let mut due = Vec::with_capacity(pending.len());
        for alert in pending {
            match until.get(&group(&alert.telling)) {
                Some((over, _)) if *over > now => release.keep(alert, Some(*over)),
                // What holds the first of them holds all, so that they go in one mail.
                Some((_, hold)) => due.push(Pending { hold: *hold, ..alert }),
                None => due.push(alert),
            }
        }
        due
    }

    /// When the watch has waited long enough. What a clock decided that was set back since has waited.
    fn waits_until(&self, alert: &Pending, now: Timestamp) -> Timestamp {
        let wait = self.pace(&alert.telling.hit.watch).map_or(SignedDuration::ZERO, |pace| pace.wait);
        let is_over = wait.is_zero() || alert.since.duration_since(now) > APART;
        if is_over { now } else { alert.since.saturating_add(wait).unwrap_or(now) }
    }

    /// Second stage: quiet hours.
    fn undisturbed(&self, due: Vec<Pending>, now: Timestamp, release: &mut Release) -> Vec<Pending> {
        let mut goes = Vec::with_capacity(due.len());
        for alert in due {
            match self.pace(&alert.telling.hit.watch).and_then(|pace| pace.disturbs_until(now)) {
                Some(end) => release.keep(Pending { hold: Hold::Hours, ..alert }, Some(end)),
                None => goes.push(alert),
            }
        }
        goes
    }

    /// One story is an alert; several that were held are told together.
    fn mail(&self, recipient: String, alerts: Vec<Pending>) -> Option<(Envelope, Vec<Telling>)> {
        let tellings: Vec<Telling> = alerts.into_iter().map(|alert| alert.telling).collect();
        let first = tellings.first()?;
        let kind = if tellings.iter().all(|telling| telling.story == first.story) {
            MailKind::Alert
        } else {
            let one = tellings.iter().all(|telling| telling.hit.watch == first.hit.watch);
            let title = self.watches.get(&first.hit.watch).map_or(&first.title, |route| &route.title);
            MailKind::Together { title: one.then(|| title.clone()) }
        };
        Some((Envelope::new(recipient, kind, tellings.iter().map(|telling| telling.key)), tellings))
    }

    fn pace(&self, watch: &str) -> Option<&Pace> {
        self.watches.get(watch).map(|route| &route.pace)
    }

    fn limit(&self, watch: &str) -> Option<usize> {
        self.pace(watch)?.max_per_hour.map(|most| usize::try_from(most).unwrap_or(usize::MAX))
    }
}

impl Pace {
    /// Until when a mail at `now` would disturb; `None` where it would not.
    pub fn disturbs_until(&self, now: Timestamp) -> Option<Timestamp> {
        let hours = self.quiet_hours.as_ref().filter(|_| self.importance < Importance::High)?;
        hours.end(now)
    }
}

impl Release {
    fn keep(&mut self, alert: Pending, until: Option<Timestamp>) {
        self.next = [self.next, until].into_iter().flatten().min();
        self.kept.push(alert);
    }
}

/// What goes together: of those that nothing held, what tells one recipient of one story; of those that quiet hours held, all
/// of one recipient; of those that an hour did not allow, all of one watch and recipient.
fn bundles(due: Vec<Pending>) -> Vec<Bundle> {
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    enum By {
        Story(StoryId),
        Hours,
        Limit(String),
    }
    let mut places: BTreeMap<(String, By), usize> = BTreeMap::new();
    let mut bundles: Vec<Bundle> = Vec::new();
    for alert in due {
        let recipient = alert.telling.recipient.clone();
        let by = match alert.hold {
            Hold::Wait => By::Story(alert.telling.story),
            Hold::Hours => By::Hours,
            Hold::Limit => By::Limit(alert.telling.hit.watch.clone()),
        };
        let place = *places.entry((recipient.clone(), by)).or_insert_with(|| {
            bundles.push(Bundle { recipient, tellings: Vec::new() });
            bundles.len() - 1
        });
        bundles[place].tellings.push(alert);
    }
    bundles
}

/// Third stage: `max_per_hour`, counted as the mails are made.
struct Budget<'a> {
    routes: &'a Routes,
    /// By watch and recipient, the oldest first.
    spent: BTreeMap<(String, String), Vec<Timestamp>>,
    now: Timestamp,
}

impl<'a> Budget<'a> {
    fn new(routes: &'a Routes, recent: &[Recent], now: Timestamp) -> Self {
        let counts = |at: &Timestamp| at.duration_since(now) <= APART && now.duration_since(*at) < HOUR;
        let spent = recent.iter().map(|recent| {
            let at = recent.at.iter().copied().filter(counts).collect();
            ((recent.watch.clone(), recent.recipient.clone()), at)
        });
        Self { routes, spent: spent.collect(), now }
    }

    fn allows(&self, telling: &Telling) -> bool {
        self.routes.limit(&telling.hit.watch).is_none_or(|most| self.of(telling).len() < most)
    }

    /// When the hour allows another one.
    fn next(&self, telling: &Telling) -> Option<Timestamp> {
        let most = self.routes.limit(&telling.hit.watch)?;
        let spent = self.of(telling);
        let frees = spent.len().checked_sub(most).and_then(|place| spent.get(place)).copied().unwrap_or(self.now);
        frees.checked_add(HOUR).ok()
    }

    /// A mail goes that tells this.
    fn spend(&mut self, goes: &[Pending]) {
        let whose: BTreeSet<(String, String)> =
            goes.iter().map(|alert| (alert.telling.hit.watch.clone(), alert.telling.recipient.clone())).collect();
        for who in whose {
            self.spent.entry(who).or_default().push(self.now);
        }
    }

    fn of(&self, telling: &Telling) -> &[Timestamp] {
        self.spent.get(&(telling.hit.watch.clone(), telling.recipient.clone())).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Time;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::alert::{QuietHours, Route};
    use crate::item::{Hit, ItemId, Key};

    fn routes(pace: &Pace) -> Routes {
        let route = |title: &str| Route { title: title.to_owned(), pace: pace.clone(), ..Route::default() };
        Routes {
            watches: [("veto".to_owned(), route("Vetoes")), ("rail".to_owned(), route("Rail"))].into(),
            ..Routes::default()
        }
    }

    fn at(minutes: i64) -> Timestamp {
        "2026-11-24T20:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
    }

    fn alert(watch: &str, story: i64, item: i64, since: i64) -> Pending {
        let telling = Telling {
            item: ItemId(item),
            story: StoryId(story),
            recipient: "ana@example.org".to_owned(),
            title: watch.to_owned(),
            hit: Hit { watch: watch.to_owned(), because: Vec::new(), facts: Vec::new() },
            key: Key::of(&[watch, &item.to_string()]),
            edited: false,
            later: false,
        };
        Pending { telling, since: at(since), hold: Hold::Wait }
    }

    /// Items of each mail.
    fn mails(release: &Release) -> Vec<Vec<i64>> {
        release.mails.iter().map(|(_, tellings)| tellings.iter().map(|telling| telling.item.0).collect()).collect()
    }

    #[test]
    fn watches_that_fire_on_one_story_share_one_mail() {
        let routes = routes(&Pace::default());
        let pending = vec![alert("veto", 1, 1, 0), alert("rail", 2, 2, 0), alert("rail", 1, 1, 0)];
        let release = routes.release(pending, &[], at(0));
        assert_eq!(mails(&release), [vec![1, 1], vec![2]]);
        assert!(release.kept.is_empty() && release.next.is_none());
    }

    #[test]
    fn a_second_source_joins_an_alert_that_waits() {
        let routes = routes(&Pace { wait: SignedDuration::from_mins(2), ..Pace::default() });
        let first = routes.release(vec![alert("veto", 1, 1, 0)], &[], at(0));
        assert_eq!((mails(&first), first.next), (vec![], Some(at(2))));
        let pending = vec![first.kept[0].clone(), alert("veto", 1, 2, 1), alert("veto", 2, 3, 1)];
        let second = routes.release(pending, &[], at(2));
        assert_eq!((mails(&second), second.next), (vec![vec![1, 2]], Some(at(3))), "another story waits its own time");
    }

    #[test]
    fn what_holds_a_story_holds_its_later_reports_too() {
        let hours = QuietHours::new(Time::constant(22, 0, 0, 0), Time::constant(7, 0, 0, 0), TimeZone::UTC);
        let routes = routes(&Pace { quiet_hours: hours, ..Pace::default() });
        let night = routes.release(vec![alert("veto", 1, 1, 150), alert("rail", 2, 2, 151)], &[], at(151)).kept;
        let morning = [night, vec![alert("veto", 1, 3, 661)]].concat();
        assert_eq!(mails(&routes.release(morning, &[], at(661))), [vec![1, 2, 3]]);
    }

    #[test]
    fn what_a_clock_decided_that_was_set_back_has_waited() {
        let routes = routes(&Pace { wait: SignedDuration::from_mins(2), ..Pace::default() });
        assert_eq!(mails(&routes.release(vec![alert("veto", 1, 1, 1000)], &[], at(0))), [vec![1]]);
    }

    #[test]
    fn what_two_polls_decide_at_once_waits_and_counts_whichever_read_the_clock_first() {
        let instant = |millis: i64| at(0) + SignedDuration::from_millis(millis);
        let both = || [8, 5].map(|since| Pending { since: instant(since), ..alert("veto", 1, since, 0) }).to_vec();
        let waiting = routes(&Pace { wait: SignedDuration::from_mins(2), ..Pace::default() });
        let held = waiting.release(both(), &[], instant(5));
        assert_eq!((mails(&held), held.kept.len()), (vec![], 2));
        assert_eq!(
            mails(&routes(&Pace::default()).release(both(), &[], instant(5))),
            [vec![8, 5]],
            "nothing to wait for"
        );

        let limited = routes(&Pace { max_per_hour: Some(1), ..Pace::default() });
        let (watch, recipient) = ("veto".to_owned(), "ana@example.org".to_owned());
        let other = Recent { watch, recipient, at: vec![instant(8)] };
        assert_eq!(mails(&limited.release(both(), &[other], instant(5))), Vec::<Vec<i64>>::new());
    }

    #[test]
    fn quiet_hours_hold_what_is_not_of_high_importance_and_send_it_together() {
        let hours = QuietHours::new(Time::constant(22, 0, 0, 0), Time::constant(7, 0, 0, 0), TimeZone::UTC);
        let pace = Pace { quiet_hours: hours, ..Pace::default() };
        let mut routes = routes(&pace);
        let night = vec![alert("veto", 1, 1, 150), alert("rail", 2, 2, 150), alert("rail", 3, 3, 150)];
        let held = routes.release(night.clone(), &[], at(150));
        assert_eq!((mails(&held), held.next), (vec![], Some(at(660))));
        let morning = routes.release(held.kept, &[], at(660));
        assert_eq!(mails(&morning), [vec![1, 2, 3]]);
        assert_eq!(morning.mails[0].0.kind, MailKind::Together { title: None });

        routes.watches.get_mut("veto").unwrap().pace.importance = Importance::High;
        assert_eq!(mails(&routes.release(night, &[], at(150))), [vec![1]]);
    }

    #[test]
    fn what_is_over_the_limit_goes_in_one_mail_when_the_hour_allows() {
        let routes = routes(&Pace { max_per_hour: Some(2), ..Pace::default() });
        let pending: Vec<Pending> = (1..=5).map(|n| alert("veto", n, n, 10)).collect();
        let recent =
            |at: Vec<Timestamp>| [Recent { watch: "veto".to_owned(), recipient: "ana@example.org".to_owned(), at }];
        assert_eq!(routes.limited(&pending).len(), 1);
        let first = routes.release(pending, &recent(vec![at(-70), at(0)]), at(10));
        assert_eq!((mails(&first), first.next), (vec![vec![1]], Some(at(60))));
        let kept = first.kept;
        assert!(kept.iter().all(|alert| alert.hold == Hold::Limit));
        let second = routes.release(kept.clone(), &recent(vec![at(0), at(10)]), at(59));
        assert_eq!((mails(&second), second.next), (vec![], Some(at(60))));
        let third = routes.release(kept, &recent(vec![at(0), at(10)]), at(60));
        assert_eq!(mails(&third), [vec![2, 3, 4, 5]]);
        assert_eq!(third.mails[0].0.kind, MailKind::Together { title: Some("Vetoes".to_owned()) });
    }

    #[test]
    fn a_watch_that_a_reload_took_away_holds_nothing_back() {
        let routes = Routes::default();
        assert_eq!(mails(&routes.release(vec![alert("veto", 1, 1, 0)], &[], at(0))), [vec![1]]);
    }
}
