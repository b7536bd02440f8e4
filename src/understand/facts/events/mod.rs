//! Dated happenings: which noun or verb a date belongs to.
//!
//! A date belongs to the happening of its own noun phrase (`the July 9-11 summit`), else to the nearest one before it that no
//! other verb's clause parts from it, else, at the beginning of a sentence, to the first behind it. What stands beside a
//! verb of saying is when it was said.

mod mentions;

mod over;

mod words;

use std::ops::Range;

use super::dates::{Found, Reading};
use super::tokens::{Case, Kind, Tokens};
use super::{Asked, Date, Event, Language};
use mentions::{Mention, Wish};
use words::{Role, Words, bit};

/// All lists of words.
pub(super) fn lists() -> impl Iterator<Item = &'static str> {
    words::LISTS.into_iter()
}

/// So many tokens before a date are looked at for its happening.
const REACH: usize = 40;

/// Longer than this, in days, nothing is said to last on a day.
const LONGEST_DAYS: i32 = 62;

/// And so many mentions.
const MENTIONS_BACK: usize = 6;

/// The events of a text.
pub(super) fn events(
    tokens: &Tokens<'_>,
    reading: &Reading<'_>,
    dates: &[Found],
    language: Language,
    asked: &Asked,
) -> Vec<Event> {
    if dates.is_empty() {
        return Vec::new();
    }
    let words = words::words(language);
    let asked = mentions::Wish::all(asked);
    let mut events: Vec<Event> = Vec::new();
    let mut from = 0;
    for sentence in tokens.sentences() {
        let first = from;
        while dates.get(from).is_some_and(|date| date.tokens.start < sentence.end) {
            from += 1;
        }
        if first == from {
            continue;
        }
        let reader = Reader::new(tokens, words, reading, &asked, sentence.clone());
        events.extend(reader.events(&dates[first..from]));
    }
    events
}

/// Whether the lists know happenings of this kind, given as a base form.
pub fn is_known_event(kind: &str) -> bool {
    words::kinds().any(|(known, _)| known == kind)
}

/// All kinds that the lists know, as base forms, some of them several times.
pub fn known_events() -> impl Iterator<Item = &'static str> {
    words::kinds().map(|(kind, _)| kind)
}

/// Words, in lower case, without one of which no sentence names a happening of this kind, given as a base form.
pub fn words_of_event(kind: &str) -> Vec<String> {
    let known = words::kinds().filter(|(known, _)| *known == kind).map(|(_, word)| word.to_owned());
    let mut words: Vec<String> = known.collect();
    if words.is_empty() {
        let mut parts = kind.split_whitespace();
        match (parts.next(), parts.next()) {
            (Some(one), None) => words = mentions::asked_forms(one),
            (Some(first), Some(_)) => words.push(first.to_owned()),
            (None, _) => {}
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// One sentence.
struct Reader<'a> {
    tokens: &'a Tokens<'a>,
    words: &'static Words,
    reading: &'a Reading<'a>,
    sentence: Range<usize>,
    /// The bits of all roles in the sentence.
    roles: u64,
    mentions: Vec<Mention>,
}

/// Dates of which those that follow each other are one: `Friday and Saturday`.
fn in_rows(dates: &[&Found]) -> Vec<Found> {
    let mut rows: Vec<Found> = Vec::new();
    for date in dates {
        match rows.last_mut() {
            Some(row)
                if row.tokens.end + 1 == date.tokens.start
                    && row.date.first <= date.date.first
                    && row.date.last.tomorrow().is_ok_and(|next| date.date.first <= next) =>
            {
                row.tokens.end = date.tokens.end;
                row.date.last = row.date.last.max(date.date.last);
                row.date.span.end = row.date.span.end.max(date.date.span.end);
            }
            _ => rows.push((*date).clone()),
        }
    }
    rows
}

/// What a sentence says of its happenings.
struct State {
    moved: bool,
    cancelled: bool,
}

impl<'a> Reader<'a> {
    fn new(
        tokens: &'a Tokens<'a>,
        words: &'static Words,
        reading: &'a Reading<'a>,
        asked: &[Wish],
        sentence: Range<usize>,
    ) -> Self {
        let known = sentence.clone().filter_map(|at| words.get(tokens.word(at)));
        let roles = known.fold(0_u64, |roles, entries| roles | entries.roles);
        let mut reader = Self { tokens, words, reading, sentence, roles, mentions: Vec::new() };
        reader.mentions = reader.find_mentions(asked);
        reader
    }

    /// Behind a word of a role.
    fn is(&self, at: usize, role: Role) -> Option<usize> {
        let entries = self.words.get(self.tokens.word(at))?;
        if entries.roles & bit(role) == 0 {
            return None;
        }
        if entries.rows & bit(role) == 0 {
            return Some(at + 1);
        }
        entries.all.iter().filter(|entry| entry.role == role).find_map(|entry| entry.end(self.tokens, at))
    }

    /// So many tokens of the sentence before one.
    fn near(&self, at: usize, count: usize) -> Range<usize> {
        at.saturating_sub(count).max(self.sentence.start)..at
    }

    /// The number of the first mention at a token or behind it.
    fn mention_from(&self, at: usize) -> usize {
        self.mentions.partition_point(|mention| mention.tokens.start < at)
    }

    /// Whether a word of a role begins somewhere in some tokens.
    fn any(&self, mut tokens: Range<usize>, role: Role) -> bool {
        self.roles & bit(role) != 0 && tokens.any(|at| self.is(at, role).is_some())
    }

    fn events(&self, dates: &[Found]) -> Vec<Event> {
        if self.any(self.sentence.clone(), Role::Undated) {
            return Vec::new();
        }
        let mut bound: Vec<(usize, &Found)> =
            dates.iter().filter_map(|date| Some((self.mention_of(date, dates)?, date))).collect();
        bound.sort_by_key(|(mention, _)| *mention);
        let state = State { moved: self.is_moved(dates), cancelled: self.any(self.sentence.clone(), Role::Cancelled) };
        let mut events = Vec::new();
        for its in bound.chunk_by(|one, other| one.0 == other.0) {
            let founds: Vec<&Found> = its.iter().map(|(_, found)| *found).collect();
            self.add_events(&self.mentions[its[0].0], &founds, dates, &state, &mut events);
        }
        events
    }

    /// Whether the sentence says that something was put to another day.
    fn is_moved(&self, dates: &[Found]) -> bool {
        let moves = self.roles & bit(Role::Moved) != 0;
        moves
            && self.sentence.clone().any(|at| {
                // `May` is a month.
                let doubted = self
                    .near(at, 3)
                    .any(|at| self.tokens[at].case == Case::Lower && self.is(at, Role::Perhaps).is_some());
                // `moved to Dubai`
                let place = |end: usize| {
                    let to = self.is(end, Role::Forward).filter(|to| self.is_name(*to));
                    to.is_some_and(|to| !dates.iter().any(|date| date.tokens.contains(&to)))
                };
                self.is(at, Role::Moved).is_some_and(|end| !place(end)) && !doubted
            })
    }

    /// The events of one mention: one per date, or one that was moved from the first date to the last.
    fn add_events(&self, mention: &Mention, its: &[&Found], dates: &[Found], state: &State, events: &mut Vec<Event>) {
        let cancelled = state.cancelled;
        let joined = in_rows(its);
        let its: &[&Found] = &joined.iter().collect::<Vec<_>>();
        let first = self.near(its[0].tokens.start, 4);
        // `planned for 5 May, will now be on 12 May`
        let anew = || self.any(its[0].tokens.end..its[1].tokens.start, Role::Anew);
        let moved = state.moved || (its.len() == 2 && (self.any(first, Role::Before) || anew()));
        if moved && let Some((from, to)) = self.move_of(its) {
            // What was put off without a new day has none.
            if let Some(to) = to {
                let mut event = self.event(mention, its[its.len() - 1], &to, cancelled, dates);
                event.moved_from = from.map(|from| (from.first, from.last));
                event.moved = true;
                events.push(event);
            }
            return;
        }
        // `opens on Monday and closes on Friday`
        if let [from, to] = its
            && from.date.first <= to.date.first
            && self.any(from.tokens.end..to.tokens.start, Role::Ending)
        {
            let whole = Date { first: from.date.first, ..to.date.clone() };
            return events.push(self.event(mention, to, &whole, cancelled, dates));
        }
        events.extend(its.iter().map(|date| self.event(mention, date, &date.date, cancelled, dates)));
    }

    /// The old and the new day of something that was moved.
    fn move_of(&self, its: &[&Found]) -> Option<(Option<Date>, Option<Date>)> {
        if let [one] = its {
            if let Some((from, to)) = self.reading.ends(&self.sentence, one) {
                return Some((Some(from), Some(to)));
            }
            let before = one.tokens.start.saturating_sub(1).max(self.sentence.start);
            // The move may lie behind what is dated: `the vote on 5 May was called after talks were delayed`.
            let verb_first = self.any(self.near(one.tokens.start, REACH), Role::Moved);
            if !verb_first && self.any(self.near(one.tokens.start, 2), Role::Onto) {
                return Some((None, Some(self.reading.ahead(one).unwrap_or_else(|| one.date.clone()))));
            }
            if !verb_first {
                return Some((Some(one.date.clone()), None));
            }
            let mut near = self.near(before, REACH).rev();
            let verb = near.find(|at| self.is(*at, Role::Moved).is_some()).unwrap_or(before);
            let new = self.any(verb..before + 1, Role::Forward) && self.is(before, Role::Original).is_none();
            let date = self.reading.ahead(one).unwrap_or_else(|| one.date.clone());
            return Some(if new { (None, Some(date)) } else { (Some(one.date.clone()), None) });
        }
        let is_old = |found: &Found| {
            let start = found.tokens.start;
            let near = self.near(start, 7);
            let told = near.rev().find_map(|at| {
                let new = self.is(at, Role::Forward).is_some() || self.is(at, Role::Moved).is_some();
                (new || self.is(at, Role::Original).is_some()).then_some(new)
            });
            told == Some(false)
        };
        let new = its.iter().rev().find(|found| !is_old(found)).or_else(|| its.last())?;
        let old = its.iter().find(|found| found.tokens != new.tokens)?;
        let date = self.reading.ahead(new).unwrap_or_else(|| new.date.clone());
        let late = old.date.inferred && old.date.first > date.first;
        let old = if late { self.reading.back(old) } else { None }.unwrap_or_else(|| old.date.clone());
        Some((Some(old), Some(date)))
    }

    fn event(&self, mention: &Mention, found: &Found, date: &Date, cancelled: bool, dates: &[Found]) -> Event {
        let span = self.tokens.span(mention.tokens.clone());
        let (first, last) = self.lasting(mention, found, date);
        Event {
            kind: mention.kind.clone(),
            span: span.start.min(date.span.start)..span.end.max(date.span.end),
            first,
            last,
            place: self.place(mention, found, dates),
            name: self.name(mention),
            moved_from: None,
            moved: false,
            cancelled,
            over: self.is_over(mention, found),
        }
    }

    /// A single day is the first of as many as the sentence says: `a two-day meeting`, `over two days`.
    fn lasting(&self, mention: &Mention, found: &Found, date: &Date) -> (jiff::civil::Date, jiff::civil::Date) {
        let ends = self.any(mention.tokens.end.min(found.tokens.start)..found.tokens.start, Role::Ending);
        let days = (date.first == date.last && !ends).then(|| self.days_of(mention, found)).flatten();
        let last = days.and_then(|days| date.first.checked_add(jiff::Span::new().days(i64::from(days) - 1)).ok());
        (date.first, last.unwrap_or(date.last))
    }

    fn days_of(&self, mention: &Mention, found: &Found) -> Option<i32> {
        let from = mention.tokens.start.saturating_sub(6).max(self.sentence.start);
        let to = (found.tokens.end + 8).max(mention.tokens.end + 6).min(self.sentence.end);
        (from..to).find_map(|at| {
            if let Some(days) = self.long(at).filter(|_| at < mention.tokens.start) {
                return Some(days);
            }
            let hyphen = self.tokens.surface(at + 1) == "-";
            let unit = at + 1 + usize::from(hyphen);
            let (hours, weeks) = (self.is(unit, Role::Hours), self.is(unit, Role::Weeks));
            let days = hours.or(weeks).or_else(|| self.is(unit, Role::Days))?;
            let adjective = hyphen && days <= mention.tokens.start + 1;
            let lasting = at > 0 && !hyphen && self.is(at - 1, Role::Lasting).is_some();
            let count = (adjective || lasting).then(|| self.number(at))??;
            let count = if weeks.is_some() { count.checked_mul(7)? } else { count };
            let count = if hours.is_none() { count } else { (count % 24 == 0).then_some(count / 24)? };
            (1..=LONGEST_DAYS).contains(&count).then_some(count)
        })
    }

    fn number(&self, at: usize) -> Option<i32> {
        if self.tokens.get(at)?.kind == Kind::Number {
            return self.tokens.surface(at).parse().ok();
        }
        self.words.get(self.tokens.word(at))?.all.iter().find_map(|entry| match entry.role {
            Role::Number(number) if entry.rest.is_empty() => Some(number),
            _ => None,
        })
    }

    /// The mention that a date belongs to.
    fn mention_of(&self, date: &Found, dates: &[Found]) -> Option<usize> {
        if let Some(mention) = self.own_phrase(date) {
            return Some(mention);
        }
        let start = date.tokens.start;
        let compared = self.near(start, 2).any(|at| self.is(at, Role::Since) == Some(start));
        if compared || self.is_said(date) {
            return None;
        }
        self.before(date).or_else(|| self.behind(date, dates)).or_else(|| self.purpose(date))
    }

    /// `the 2014 conflict`, `next week's summit`, `the July 9-11 NATO summit`.
    fn own_phrase(&self, date: &Found) -> Option<usize> {
        let mut at = date.tokens.end;
        if matches!(self.tokens.lower(at), "'s" | "’s") {
            at += 1;
        }
        let preposition = date.tokens.start > self.sentence.start
            && self.is(date.tokens.start - 1, Role::Preposition).is_some()
            && at == date.tokens.end
            && self.tokens.lower(date.tokens.start - 1) != "of";
        for step in 0..3 {
            let index = self.mention_from(at + step);
            let here = self.mentions.get(index).filter(|mention| mention.tokens.start == at + step && !mention.verb);
            let found = here.map(|_| index);
            if found.is_some() && (!preposition || step == 0) {
                return found;
            }
            let token = self.tokens.get(at + step)?;
            // Only adjectives and names stand between.
            let plain = token.kind == Kind::Word
                && self.is(at + step, Role::Holding).is_none()
                && self.is(at + step, Role::Preposition).is_none()
                && self.is(at + step, Role::Boundary).is_none()
                && self.is(at + step, Role::Join).is_none()
                && self.is(at + step, Role::In).is_none();
            if !plain {
                return None;
            }
        }
        None
    }

    /// Whether a date stands beside a verb of saying.
    fn is_said(&self, date: &Found) -> bool {
        let start = date.tokens.start;
        let near = start.saturating_sub(3).max(self.sentence.start)..start;
        let beside = near.rev().find(|at| self.is(*at, Role::Preposition).is_none());
        if beside.is_some_and(|at| self.is(at, Role::Say).is_some()) {
            return true;
        }
        // `On Wednesday, Hungary announced that …`
        let opening = self.opens(date);
        let comma = self.tokens.surface(date.tokens.end) == ",";
        let reach = (date.tokens.end..self.sentence.end).take(if comma { 12 } else { 6 });
        let verb = reach
            .clone()
            .find(|at| self.is(*at, Role::Say).is_some() || self.is(*at, Role::Holding).is_some() || self.verb_at(*at));
        (opening || self.tokens.surface(date.tokens.end) == "that")
            && verb.is_some_and(|at| self.is(at, Role::Say).is_some())
    }

    fn verb_at(&self, at: usize) -> bool {
        let mention = self.mentions.get(self.mention_from(at));
        mention.is_some_and(|mention| mention.verb && mention.tokens.start == at)
    }

    /// Whether a date begins its sentence, but for a preposition.
    fn opens(&self, date: &Found) -> bool {
        (self.sentence.start..date.tokens.start).all(|at| {
            self.is(at, Role::Preposition).is_some()
                || self.is(at, Role::Join).is_some()
                || self.tokens[at].kind == Kind::Mark
        })
    }

    /// The nearest mention before a date that no other clause parts from it.
    fn before(&self, date: &Found) -> Option<usize> {
        let start = date.tokens.start;
        let before = self.mention_from(start);
        let near = |index: &usize| {
            let end = self.mentions[*index].tokens.end;
            end <= start && start - end <= REACH
        };
        let mut all = (before.saturating_sub(MENTIONS_BACK)..before).rev().filter(near);
        let index = all.next()?;
        let mention = &self.mentions[index];
        if self.any(self.near(mention.tokens.start, 3), Role::About) {
            return None;
        }
        if !self.is_parted(mention.tokens.end..start) {
            return Some(self.subject_of(index));
        }
        all.find(|index| !self.is_parted(self.mentions[*index].tokens.end..start))
    }

    /// Whether a clause of another verb lies in some tokens: a boundary with a verb behind it that does more than hold.
    fn is_parted(&self, tokens: Range<usize>) -> bool {
        let mut boundary = false;
        for at in tokens {
            if self.is(at, Role::Boundary).is_some() {
                boundary = true;
            } else if boundary {
                let word = self.tokens.lower(at);
                let holds = self.is(at, Role::Holding).is_some();
                let verb = word.len() > 4 && word.ends_with("ed") && self.tokens[at].kind == Kind::Word;
                if !holds && (self.is(at, Role::Say).is_some() || verb) {
                    return true;
                }
            }
        }
        false
    }

    /// A verb's happening is named by the noun before it: `the council meets`, but `the summit meets`.
    fn subject_of(&self, index: usize) -> usize {
        let mention = &self.mentions[index];
        let before = index.checked_sub(1).filter(|_| mention.verb);
        before
            .filter(|before| {
                let other = &self.mentions[*before];
                let near = mention.tokens.start - other.tokens.end <= 3;
                !other.verb && near && !self.is_parted(other.tokens.end..mention.tokens.start)
            })
            .unwrap_or(index)
    }

    /// The first mention behind a date that begins its sentence or its clause.
    fn behind(&self, date: &Found, dates: &[Found]) -> Option<usize> {
        let start = date.tokens.start;
        let clause = start > self.sentence.start + 1
            && (self.is(start - 1, Role::Boundary).is_some() || self.is(start - 2, Role::Boundary).is_some());
        if !self.opens(date) && !clause {
            return None;
        }
        let index = self.mention_from(date.tokens.end);
        let mention = self.mentions.get(index)?;
        let between = date.tokens.end..mention.tokens.start;
        let next = dates.partition_point(|other| other.tokens.start < date.tokens.end);
        let other = dates.get(next).is_some_and(|other| other.tokens.end <= mention.tokens.start);
        let said = between.clone().any(|at| self.is(at, Role::Say).is_some() || self.is(at, Role::About).is_some());
        (!other && !said && between.len() <= 15).then(|| self.head_of(index))
    }

    /// `travels there on Monday for a two-day visit`
    fn purpose(&self, date: &Found) -> Option<usize> {
        /// `for an unusually long two-day visit`
        const APART_MAX: usize = 7;
        let from = self.is(date.tokens.end, Role::Lasting)?;
        let index = self.mention_from(from);
        let mention = self.mentions.get(index).filter(|mention| !mention.verb)?;
        let between = from..mention.tokens.start;
        let plain = |at| self.is(at, Role::Boundary).is_none() && self.is(at, Role::Preposition).is_none();
        (between.len() <= APART_MAX && between.clone().all(plain)).then_some(index)
    }

    /// Of a verb and its object, the object: `will hold a vote`, `meet for talks`.
    fn head_of(&self, index: usize) -> usize {
        let next = index + 1;
        let noun = self.mentions[index].verb
            && self
                .mentions
                .get(next)
                .is_some_and(|other| !other.verb && other.tokens.start - self.mentions[index].tokens.end <= 3);
        if noun { next } else { index }
    }
}

#[cfg(test)]
mod tests {
    use super::Event;
    use crate::understand::facts::{Anchor, Asked, Facts};

    fn events(text: &str, at: &str) -> Vec<Event> {
        let anchor = Anchor { at: at.parse().unwrap(), day_first: None };
        Facts::of(text, &anchor, &Asked::default()).events
    }

    #[test]
    fn what_was_moved_keeps_the_day_that_it_was_moved_from() {
        for text in [
            "The summit was moved from 3 to 10 December.",
            "The summit was postponed from 3 December to 10 December.",
            "The summit planned for 3 December will now be held on 10 December.",
            "Der Gipfel wurde vom 3. auf den 10. Dezember verschoben.",
            "Der Gipfel wurde vom 3. Dezember auf den 10. Dezember verschoben.",
        ] {
            let days: Vec<String> = events(text, "2025-11-01T12:00:00")
                .iter()
                .map(|event| {
                    let from = event.moved_from.map_or(String::new(), |(first, last)| format!("{first} {last}"));
                    format!("{from} {} {}", event.first, event.last)
                })
                .collect();
            assert_eq!(days, ["2025-12-03 2025-12-03 2025-12-10 2025-12-10"], "{text}");
        }
    }

    #[test]
    fn two_days_are_no_move_because_of_a_word_between_them() {
        for text in [
            "The strike on 3 December 2026 and, without further notice, on 10 December 2026.",
            "Trials begin on 3 December 2026 with no pause until 10 December 2026.",
        ] {
            let events = events(text, "2026-11-01T12:00:00");
            assert!(!events.is_empty() && events.iter().all(|event| event.moved_from.is_none()), "{text}: {events:?}");
        }
    }
}
