//! What is known of what texts say, and what a report changes of it.
//!
//! Two reports speak of one fact where they agree in its subject and in each part that both name. Another date of an event is
//! a move only where the text says so, or where a source that gave the old date now gives the new one; else it is another event.
//! Whatever the order in which reports come in: one that was published earlier never changes a later one.

use jiff::Timestamp;

use super::same::{VAGUE_DAYS, agree, distinct, fill, narrowed};
use crate::item::{Before, Days, Fact, FactState, Key, KnownFact, Parts, Stance, Value, Voice};

/// Sources that are remembered of one fact, those that spoke last.
const VOICES_MAX: usize = 40;

/// Earlier values that are remembered of one fact, the last of them.
const PAST_MAX: usize = 20;

/// A report that says something, as far as it does not matter what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Speaker {
    /// The registrable domain of its address, else the name of its feed.
    pub source: String,
    /// The name of its feed.
    pub feed: String,
    /// Its address.
    pub link: Option<String>,
    /// When it was published; an edit, when it was edited.
    pub at: Timestamp,
}

/// Takes in what one report says. `watch` is whose facts these are, `now` when that is.
///
/// Returns the different facts that the report holds, in its order.
pub(super) fn settle(
    known: &mut Vec<KnownFact>,
    watch: &str,
    speaker: &Speaker,
    facts: &[Fact],
    now: Timestamp,
) -> Vec<Mention> {
    let mut mentions: Vec<Mention> = Vec::new();
    let facts = distinct(facts);
    let own: Vec<Days> = facts.iter().filter_map(|fact| fact.value()?.days()).collect();
    for fact in facts {
        let (Some(subject), Some(value)) = (fact.subject(), fact.value()) else { continue };
        let same_subject = |one: &KnownFact| one.state.fact.subject() == Some(subject);
        let place = find(known, &fact, value, speaker, &own, same_subject).unwrap_or(known.len());
        if place == known.len() {
            known.push(fresh(watch, &fact, value, now));
        }
        let before = known[place].state.changes;
        known[place].hear(&fact, value, speaker, now);
        if mentions.iter().all(|mention| mention.place != place) {
            mentions.push(Mention { place, changed: known[place].state.changes > before, fact });
        }
    }
    mentions
}

/// A fact as one report holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    /// Its place among the known ones.
    pub(super) place: usize,
    /// Whether the report changed it.
    pub(super) changed: bool,
    /// What the report says.
    pub(super) fact: Fact,
}

impl Mention {
    /// Whether the report says what is known now, and not what was before, or less.
    pub(super) fn is_current(&self, known: &KnownFact) -> bool {
        match (self.fact.value(), known.state.value()) {
            (Some(Value::Set(said)), Value::Set(known)) | (Some(Value::Cancelled(said)), Value::Cancelled(known)) => {
                said.holds(&known) || known.holds(&said)
            }
            (said, known) => said == Some(known),
        }
    }
}

/// The fact that a report speaks of, if it is known.
fn find(
    known: &[KnownFact],
    fact: &Fact,
    value: Value,
    speaker: &Speaker,
    own: &[Days],
    same_subject: impl Fn(&KnownFact) -> bool,
) -> Option<usize> {
    let agreeing = || {
        let all = known.iter().enumerate();
        all.filter(|(_, one)| same_subject(one) && agree(fact, &one.state.fact))
    };
    let latest = |places: Vec<(usize, &KnownFact)>| {
        places.into_iter().max_by_key(|(_, one)| one.state.reported).map(|(place, _)| place)
    };
    let (Fact::Event(event), Some(days)) = (fact, value.days()) else {
        return latest(agreeing().collect());
    };
    let those = |is_it: &dyn Fn(&KnownFact) -> bool| latest(agreeing().filter(|(_, one)| is_it(one)).collect());
    let now_on = |one: &KnownFact| one.state.days();
    let was_on = |one: &KnownFact, days: Days| one.state.past.iter().any(|past| past.days() == Some(days));
    let published = speaker.day();
    // What is over is moved no more, and what this very report says to be then stays then.
    let can_move =
        |one: &KnownFact| now_on(one).is_some_and(|before| before.last >= published && !own.contains(&before));
    let spoke = |one: &KnownFact| {
        let voices = || one.state.voices.iter().filter(|voice| voice.source == speaker.source);
        voices().any(|voice| voice.value.days() == now_on(one))
    };
    those(&|one| now_on(one) == Some(days))
        .or_else(|| those(&|one| event.moved_from.is_some_and(|from| now_on(one) == Some(from))))
        .or_else(|| those(&|one| now_on(one).is_some_and(|known| known.holds(&days) || days.holds(&known))))
        .or_else(|| those(&|one| was_on(one, days) || event.moved_from.is_some_and(|from| was_on(one, from))))
        .or_else(|| those(&|one| event.moved && event.moved_from.is_none() && can_move(one)))
        .or_else(|| those(&|one| can_move(one) && spoke(one)))
        // A report of before the move, which comes late.
        .or_else(|| those(&|one| speaker.at < one.state.reported && !one.state.past.is_empty() && spoke(one)))
}

fn fresh(watch: &str, fact: &Fact, value: Value, now: Timestamp) -> KnownFact {
    let none = Parts::default();
    let (subject, parts) = (fact.subject().map(|key| key.to_string()), fact.parts().unwrap_or(&none));
    let joined = |words: &[String]| words.join(" ");
    let (name, place, edition) = (joined(&parts.name), joined(&parts.place), joined(&parts.edition));
    // An act is one whatever became of it; two events of one kind differ by when they are.
    let when = value.days().map(|_| value.written()).unwrap_or_default();
    let actor = match fact {
        Fact::Act(act) => act.actor.to_lowercase(),
        _ => String::new(),
    };
    let key = Key::of(&["fact", &subject.unwrap_or_default(), &actor, &name, &place, &edition, &when]);
    let state = FactState {
        fact: fact.clone(),
        changes: 0,
        since: now,
        reported: Timestamp::MIN,
        before: None,
        past: Vec::new(),
        voices: Vec::new(),
    };
    KnownFact { row: None, watch: watch.to_owned(), key, first_seen: now, last_seen: now, state }
}

impl Speaker {
    /// The day of publication, in UTC.
    fn day(&self) -> jiff::civil::Date {
        self.at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()
    }
}

impl KnownFact {
    /// Takes in what a report says of this very fact.
    fn hear(&mut self, fact: &Fact, value: Value, speaker: &Speaker, now: Timestamp) {
        self.last_seen = now;
        let first = self.state.voices.is_empty();
        let is_late = speaker.at < self.state.reported;
        if let Fact::Event(event) = fact
            && let Some(from) = event.moved_from
        {
            self.state.remember(Value::Set(from));
        }
        if first {
            self.state.reported = speaker.at;
        } else if is_late {
            self.state.remember_late(value);
        } else {
            self.state.take(fact, value, speaker, now);
        }
        self.state.speak(value, speaker);
    }
}

impl FactState {
    /// When the event is; `None` of an act.
    pub fn days(&self) -> Option<Days> {
        self.value().days()
    }

    /// What it is now.
    pub fn value(&self) -> Value {
        self.fact.value().unwrap_or(Value::Stands(Stance::Possible))
    }

    /// A report that is not older than what is known.
    fn take(&mut self, fact: &Fact, value: Value, speaker: &Speaker, now: Timestamp) {
        let known = self.value();
        let (next, changed) = match (known, value) {
            (Value::Stands(before), Value::Stands(after)) => {
                let firm = after != Stance::Possible || before == Stance::Possible;
                (Value::Stands(if firm { after } else { before }), firm && before != after)
            }
            (Value::Set(before) | Value::Cancelled(before), Value::Set(after) | Value::Cancelled(after)) => {
                let fell_out = matches!(value, Value::Cancelled(_));
                let was_out = matches!(known, Value::Cancelled(_));
                let moved_back = self.past.contains(&Value::Set(after)) && !self.is_said_by(speaker, before);
                // A date that it was moved from is no news of a new one, unless by who gave the date that it was moved to.
                let stays = moved_back && !matches!(fact, Fact::Event(event) if event.moved);
                let days = if stays { before } else { narrowed(before, after) };
                // Only another date puts an event back that was called off.
                let is_out = fell_out || was_out && days == before;
                let next = if is_out { Value::Cancelled(days) } else { Value::Set(days) };
                let widened = before.holds(&after) || after.holds(&before);
                (next, is_out != was_out || days != before && (!widened || before.count() >= VAGUE_DAYS))
            }
            _ => (known, false),
        };
        if changed {
            let last = self.voices.iter().rev().find(|voice| voice.value == known).or_else(|| self.voices.last());
            self.before =
                last.map(|last| Before { value: known, feed: last.feed.clone(), link: last.link.clone(), at: last.at });
            self.remember(known);
            self.changes += 1;
            self.since = now;
        }
        let is_firm = !matches!((known, value), (Value::Stands(before), Value::Stands(Stance::Possible)) if before != Stance::Possible);
        if is_firm {
            self.reported = speaker.at;
        }
        self.put(next);
        self.learn(fact, changed);
    }

    fn is_said_by(&self, speaker: &Speaker, days: Days) -> bool {
        let own = self.voices.iter().filter(|voice| voice.source == speaker.source);
        own.max_by_key(|voice| voice.at).is_some_and(|voice| voice.value.days() == Some(days))
    }

    fn put(&mut self, value: Value) {
        match (&mut self.fact, value) {
            (Fact::Event(event), Value::Set(days)) => (event.days, event.cancelled) = (days, false),
            (Fact::Event(event), Value::Cancelled(days)) => (event.days, event.cancelled) = (days, true),
            (Fact::Act(act), Value::Stands(stance)) => act.stance = stance,
            _ => {}
        }
    }

    /// Parts that were missing.
    fn learn(&mut self, fact: &Fact, changed: bool) {
        match (&mut self.fact, fact) {
            (Fact::Event(known), Fact::Event(event)) => {
                known.name = known.name.take().or_else(|| event.name.clone());
                known.place = known.place.take().or_else(|| event.place.clone());
                known.moved |= event.moved;
                known.moved_from = event.moved_from.or(known.moved_from);
                fill(&mut known.parts, &event.parts);
            }
            (Fact::Act(known), Fact::Act(act)) => {
                known.object = known.object.take().or_else(|| act.object.clone());
                if known.actor.is_empty() {
                    known.actor.clone_from(&act.actor);
                }
                if changed {
                    (known.condition, known.said_by) = (act.condition.clone(), act.said_by.clone());
                }
                fill(&mut known.parts, &act.parts);
            }
            _ => {}
        }
    }

    fn remember(&mut self, value: Value) {
        if self.past.last() != Some(&value) {
            self.past.push(value);
        }
        let over = self.past.len().saturating_sub(PAST_MAX);
        self.past.drain(..over);
    }

    /// What an older report says was so before.
    fn remember_late(&mut self, value: Value) {
        if value != self.value() && !self.past.contains(&value) && self.past.len() < PAST_MAX {
            self.past.insert(0, value);
        }
    }

    /// What a source said last is what it is held to.
    fn speak(&mut self, value: Value, speaker: &Speaker) {
        let is_newer = |voice: &Voice| voice.source == speaker.source && voice.at > speaker.at;
        if self.voices.iter().any(is_newer) {
            return;
        }
        self.voices.retain(|voice| voice.source != speaker.source);
        self.voices.push(Voice {
            source: speaker.source.clone(),
            feed: speaker.feed.clone(),
            link: speaker.link.clone(),
            value,
            at: speaker.at,
        });
        let over = self.voices.len().saturating_sub(VOICES_MAX);
        self.voices.drain(..over);
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::civil::Date;
    use proptest::prelude::*;

    use super::*;
    use crate::item::{Act, Event};

    fn days(first: i8, last: i8) -> Days {
        Days { first: Date::constant(2026, 7, first), last: Date::constant(2026, 7, last) }
    }

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn summit(name: &str, place: &str, days: Days) -> Event {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Event {
            kind: "summit".to_owned(),
            name: text(name),
            place: text(place),
            days,
            moved_from: None,
            moved: false,
            cancelled: false,
            parts: Parts { name: words(name), place: words(place), edition: Vec::new() },
        }
    }

    fn veto(object: &str, stance: Stance) -> Fact {
        Fact::Act(Act {
            actor: "Hungary".to_owned(),
            act: "veto".to_owned(),
            object: (!object.is_empty()).then(|| object.to_owned()),
            stance,
            condition: None,
            said_by: None,
            parts: Parts { name: words(object), ..Parts::default() },
        })
    }

    /// A report published so many hours after the scene begins.
    fn by(source: &str, hours: i64) -> Speaker {
        let at = "2026-05-01T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours);
        Speaker { source: source.to_owned(), feed: source.to_owned(), link: None, at }
    }

    fn hear(known: &mut Vec<KnownFact>, speaker: &Speaker, fact: Fact) -> usize {
        settle(known, "w", speaker, &[fact], speaker.at)[0].place
    }

    #[test]
    fn a_missing_part_agrees_with_anything_and_another_part_makes_another_fact() {
        let mut known = Vec::new();
        let event = |name, place| Fact::Event(summit(name, place, days(7, 8)));
        assert_eq!(hear(&mut known, &by("a", 0), event("nato", "")), 0);
        assert_eq!(hear(&mut known, &by("b", 1), event("", "vilnius")), 0);
        assert_eq!(hear(&mut known, &by("c", 2), event("nato leader", "vilnius")), 0);
        assert_eq!(hear(&mut known, &by("d", 3), event("eu", "")), 1);
        assert_eq!(hear(&mut known, &by("e", 4), event("nato", "ankara")), 2);
        assert_eq!(known[0].state.voices.len(), 3);
        assert!(known.iter().all(|one| one.state.changes == 0));
        assert_eq!(hear(&mut known, &by("f", 5), event("vilnius", "")), 0, "named for its place");
    }

    #[test]
    fn another_date_is_a_move_only_if_the_text_or_the_same_source_says_so() {
        let mut known = Vec::new();
        let event = |first, last| summit("nato", "vilnius", days(first, last));
        hear(&mut known, &by("a", 0), Fact::Event(event(7, 8)));
        assert_eq!(hear(&mut known, &by("b", 1), Fact::Event(event(20, 21))), 1, "another source, another event");
        assert_eq!(hear(&mut known, &by("a", 2), Fact::Event(event(14, 15))), 0, "the same source");
        assert_eq!(known[0].state.before.as_ref().unwrap().value, Value::Set(days(7, 8)));
        let told = Event { moved: true, moved_from: Some(days(14, 15)), ..event(16, 17) };
        assert_eq!(hear(&mut known, &by("c", 3), Fact::Event(told)), 0, "the text says so");
        assert_eq!((known[0].state.changes, known[0].state.days()), (2, Some(days(16, 17))));
    }

    #[test]
    fn an_old_date_that_is_told_again_is_no_move_back() {
        let mut known = Vec::new();
        let event = |first, last| summit("nato", "", days(first, last));
        hear(&mut known, &by("a", 0), Fact::Event(event(7, 8)));
        let moved = Event { moved: true, moved_from: Some(days(7, 8)), ..event(14, 15) };
        hear(&mut known, &by("b", 1), Fact::Event(moved));
        assert_eq!(hear(&mut known, &by("c", 2), Fact::Event(event(7, 8))), 0);
        assert_eq!((known.len(), known[0].state.days()), (1, Some(days(14, 15))));
        assert_eq!(hear(&mut known, &by("b", 3), Fact::Event(event(7, 8))), 0);
        assert_eq!(known[0].state.days(), Some(days(7, 8)), "who gave the new one takes it back");
    }

    #[test]
    fn what_is_over_is_not_moved_and_two_dates_in_one_report_are_two_events() {
        let mut known = Vec::new();
        let vote = |day| Fact::Event(summit("", "", days(day, day)));
        hear(&mut known, &by("a", 0), vote(1));
        assert_eq!(hear(&mut known, &by("a", 24 * 70), vote(20)), 1);
        let both = settle(&mut known, "w", &by("z", 1), &[vote(5), vote(9)], by("z", 1).at);
        assert_eq!((both[0].place, both[1].place), (2, 3));
    }

    #[test]
    fn a_day_of_a_summit_and_a_month_that_holds_it_are_no_moves() {
        let mut known = Vec::new();
        let event = |first, last| Fact::Event(summit("nato", "", days(first, last)));
        hear(&mut known, &by("a", 0), event(1, 31));
        hear(&mut known, &by("b", 1), event(7, 7));
        assert_eq!((known[0].state.changes, known[0].state.days()), (1, Some(days(7, 7))), "the day is news");
        assert!(!known[0].state.before.as_ref().unwrap().is_moved_to(&days(7, 7)));
        hear(&mut known, &by("c", 2), event(7, 8));
        hear(&mut known, &by("d", 3), event(7, 7));
        assert_eq!((known[0].state.changes, known[0].state.days(), known.len()), (1, Some(days(7, 8)), 1));
    }

    #[test]
    fn an_event_falls_out_once_and_another_date_puts_it_back() {
        let mut known = Vec::new();
        let event = |first, last| summit("nato", "", days(first, last));
        hear(&mut known, &by("a", 0), Fact::Event(event(7, 8)));
        hear(&mut known, &by("b", 1), Fact::Event(Event { cancelled: true, ..event(7, 8) }));
        assert_eq!(known[0].state.value(), Value::Cancelled(days(7, 8)));
        hear(&mut known, &by("c", 2), Fact::Event(event(7, 8)));
        assert_eq!((known[0].state.changes, known[0].state.value()), (1, Value::Cancelled(days(7, 8))));
        hear(&mut known, &by("b", 3), Fact::Event(event(20, 21)));
        assert_eq!((known[0].state.changes, known[0].state.value()), (2, Value::Set(days(20, 21))));
    }

    #[test]
    fn a_stance_changes_and_a_possible_one_replaces_no_firmer() {
        let mut known = Vec::new();
        for (hours, stance, changes, stands) in [
            (0, Stance::Possible, 0, Stance::Possible),
            (1, Stance::Announced, 1, Stance::Announced),
            (2, Stance::Possible, 1, Stance::Announced),
            (3, Stance::Announced, 1, Stance::Announced),
            (4, Stance::Withdrawn, 2, Stance::Withdrawn),
        ] {
            hear(&mut known, &by("a", hours), veto("aid package", stance));
            assert_eq!((known[0].state.changes, known[0].state.value()), (changes, Value::Stands(stands)), "{hours}");
        }
        assert_eq!(hear(&mut known, &by("a", 5), veto("", Stance::Withdrawn)), 0);
        assert_eq!(hear(&mut known, &by("a", 6), veto("rail tunnel", Stance::Did)), 1);
        let Fact::Act(act) = veto("rail tunnel", Stance::Did) else { panic!("no act") };
        assert_eq!(hear(&mut known, &by("a", 7), Fact::Act(Act { actor: "Poland".to_owned(), ..act.clone() })), 2);
        assert_eq!(hear(&mut known, &by("a", 8), Fact::Act(Act { actor: String::new(), ..act })), 2, "nobody named");
    }

    #[test]
    fn the_first_firm_stance_of_a_report_is_its_news() {
        let mut known = Vec::new();
        let facts = [veto("", Stance::Possible), veto("aid", Stance::Withdrawn), veto("aid", Stance::Did)];
        assert_eq!(settle(&mut known, "w", &by("a", 0), &facts, by("a", 0).at).len(), 1);
        assert_eq!(known[0].state.value(), Value::Stands(Stance::Withdrawn));
    }

    #[test]
    fn one_report_may_call_an_event_by_two_names() {
        let mut known = Vec::new();
        let facts = [Fact::Event(summit("vilnius", "", days(14, 14))), Fact::Event(summit("nato", "", days(14, 15)))];
        assert_eq!(settle(&mut known, "w", &by("a", 0), &facts, by("a", 0).at).len(), 1);
        assert_eq!(known[0].state.days(), Some(days(14, 15)));
        for name in ["nato", "vilnius"] {
            assert_eq!(hear(&mut known, &by("b", 1), Fact::Event(summit(name, "", days(14, 15)))), 0, "{name}");
        }
    }

    #[test]
    fn the_day_that_an_event_was_moved_from_is_no_event_of_its_own() {
        let mut known = Vec::new();
        let moved = Event { moved: true, moved_from: Some(days(7, 8)), ..summit("", "", days(14, 15)) };
        let facts = [
            Fact::Event(summit("nato", "", days(14, 15))),
            Fact::Event(summit("", "", days(7, 8))),
            Fact::Event(moved),
        ];
        assert_eq!(settle(&mut known, "w", &by("a", 0), &facts, by("a", 0).at).len(), 1);
        assert_eq!(known[0].state.past, [Value::Set(days(7, 8))]);
        assert_eq!(known[0].state.changes, 0, "it was never known to be then");
    }

    fn reports() -> impl Strategy<Value = Vec<(Speaker, Fact)>> {
        let stance = (0..6_usize).prop_map(|at| veto("aid", Stance::ALL[at]));
        let event = (0..4_usize, 1..28_i8, any::<bool>(), any::<bool>()).prop_map(|(name, day, moved, cancelled)| {
            let name = ["", "nato", "eu", "nato leader"][name];
            let moved_from = moved.then(|| days(day % 7 + 1, day % 7 + 1));
            Fact::Event(Event { moved_from, moved, cancelled, ..summit(name, "", days(day, day)) })
        });
        let fact = prop_oneof![stance, event];
        proptest::collection::vec((0..3_usize, fact), 1..14).prop_map(|all| {
            let report = |(hours, (source, fact)): (i64, (usize, Fact))| (by(["a", "b", "c"][source], hours), fact);
            (0..).zip(all).map(report).collect()
        })
    }

    proptest! {
        /// Reports come in any order: whatever is known was said by a report, and none that was published before it has
        /// changed it.
        #[test]
        fn an_earlier_report_never_changes_a_later_one(reports in reports().prop_shuffle()) {
            let mut known = Vec::new();
            for (speaker, fact) in reports {
                let before = known.clone();
                let place = settle(&mut known, "w", &speaker, std::slice::from_ref(&fact), speaker.at)[0].place;
                for (at, was) in before.iter().enumerate() {
                    let is: &KnownFact = &known[at];
                    if was.state.value() != is.state.value() {
                        prop_assert_eq!(at, place);
                        prop_assert!(speaker.at >= was.state.reported, "{:?} by {:?}", was, speaker);
                    }
                    prop_assert!(is.state.reported >= was.state.reported);
                    prop_assert_eq!(is.key, was.key);
                }
            }
        }

        /// The firm stance of the report that was published last is what is known, whatever the order.
        #[test]
        fn the_last_firm_stance_stands(stances in proptest::collection::vec(0..6_usize, 1..8).prop_shuffle(), order in any::<u64>()) {
            let firm = |at: &usize| Stance::ALL[*at] != Stance::Possible;
            let mut reports: Vec<(i64, usize)> = (0..).zip(stances.iter().copied().filter(firm)).collect();
            let last = reports.last().map(|(_, at)| Stance::ALL[*at]);
            let shift = usize::try_from(order % 8).unwrap() % reports.len().max(1);
            reports.rotate_left(shift);
            let mut known = Vec::new();
            for (hours, at) in reports {
                hear(&mut known, &by("a", hours), veto("aid", Stance::ALL[at]));
            }
            prop_assert_eq!(known.first().map(|one| one.state.value()), last.map(Value::Stands));
        }
    }
}
