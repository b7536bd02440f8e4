//! Whether a text tells a happening as one that is over on its last day: `the summit ended on Sunday`, but not `opened`.

use std::ops::Range;

use super::mentions::Mention;
use super::words::Role;
use super::{Found, Reader};

/// So many tokens behind a happening and its date still tell of them.
const REACH: usize = 10;

impl Reader<'_> {
    /// Whether the words around a happening and its date say that it has taken place.
    pub(super) fn is_over(&self, mention: &Mention, found: &Found) -> bool {
        let date = &found.tokens;
        let clause = self.clause_of(mention, date);
        if self.any(clause.clone(), Role::Begun) {
            return false;
        }
        // A ban that was imposed on a day goes on behind it.
        let lasts = self.is(mention.tokens.start, Role::Lasts).is_some();
        if lasts && !self.any(clause.clone(), Role::Over) {
            return false;
        }
        let between = mention.tokens.end.min(date.end)..date.start.max(mention.tokens.start);
        let behind = mention.tokens.end.max(date.end)..clause.end;
        match self.past_in(between).or_else(|| self.past_in(mention.tokens.clone())) {
            Some(past) => past,
            None => self.before_tells(mention).unwrap_or_else(|| self.past_in(behind) == Some(true)),
        }
    }

    /// A happening with its date, and what stands behind them in the same clause.
    fn clause_of(&self, mention: &Mention, date: &Range<usize>) -> Range<usize> {
        let end = mention.tokens.end.max(date.end);
        let ends = |at: &usize| self.is(*at, Role::Boundary).is_some() || self.is(*at, Role::Aside).is_some();
        let last = (end..self.sentence.end).take(REACH).find(ends).unwrap_or(self.sentence.end.min(end + REACH));
        mention.tokens.start.min(date.start)..last.max(end)
    }

    /// Whether some tokens tell a past and no time to come; `None` where they tell neither. When something was said is not when it was.
    fn past_in(&self, tokens: Range<usize>) -> Option<bool> {
        let told = tokens.filter(|at| self.is(*at, Role::Say).is_none());
        told.filter_map(|at| self.reading.tells_past(at)).reduce(|one, other| one && other)
    }

    /// What the nearest verb before a happening tells: `leaders held a summit` that it was, `will host a summit` and `called a
    /// summit` that it was not. What stands behind a preposition nothing happened to.
    fn before_tells(&self, mention: &Mention) -> Option<bool> {
        let parts = |at: &usize| self.is(*at, Role::Boundary).is_some() || self.reading.tells_past(*at).is_some();
        let verb = self.near(mention.tokens.start, REACH).rev().find(parts)?;
        let past = self.reading.tells_past(verb)?;
        let object = !(verb + 1..mention.tokens.start).any(|at| self.is(at, Role::Preposition).is_some());
        Some(past && object && self.is(verb, Role::Planned).is_none())
    }
}

#[cfg(test)]
mod tests {
    use crate::understand::facts::{Anchor, Asked, Facts};

    #[test]
    fn what_has_taken_place_is_over() {
        let anchor = Anchor { at: "2026-11-29T20:00:00".parse().unwrap(), day_first: None };
        for (over, text) in [
            (true, "Hungary vetoed the EU budget on Sunday evening."),
            (true, "The summit ended on Sunday."),
            (true, "The summit in Ankara ended on Sunday without a deal."),
            (true, "Talks between the two sides broke off on Sunday."),
            (true, "A meeting of the contact group was held at headquarters on Sunday."),
            (true, "On Sunday the summit ended in disarray."),
            (true, "Sunday's match was abandoned after 20 minutes."),
            (true, "Thousands joined a protest in Belgrade on Sunday."),
            (true, "EU leaders held an emergency summit on Sunday."),
            (true, "Lawmakers voted on Sunday to keep the ban."),
            (true, "Voters in Moldova went to the polls on Sunday."),
            (true, "The ceasefire collapsed on Sunday."),
            (true, "The curfew was lifted on Sunday."),
            (true, "Der Gipfel endete am Sonntag ohne Ergebnis."),
            (true, "Die Wahl wurde am Sonntag abgehalten."),
            (true, "The vote on Sunday failed."),
            (false, "Ankara will host a summit on Sunday after Budapest declined to do so."),
            (false, "The summit opened on Sunday."),
            (false, "The summit opens on Sunday."),
            (false, "The three-day summit began in Ankara on Sunday."),
            (false, "Leaders will hold a summit on Sunday."),
            (false, "The summit will be held on Sunday, officials said."),
            (false, "Officials said the summit would be held on Sunday."),
            (false, "The summit is due to end on Sunday."),
            (false, "The summit was due to end on Sunday."),
            (false, "Ministers clashed ahead of the summit on Sunday."),
            (false, "Leaders arrived in Ankara on Sunday for a summit."),
            (false, "The ceasefire took effect on Sunday."),
            (false, "A curfew was imposed on Sunday."),
            (false, "They agreed to hold talks on Sunday."),
            (false, "The prime minister called a snap election on Sunday."),
            (false, "Der Gipfel begann am Sonntag in Ankara."),
            (false, "Der Gipfel hat am Sonntag in Ankara begonnen."),
            (false, "Der Gipfel findet am Sonntag in Ankara statt."),
        ] {
            let events = Facts::of(text, &anchor, &Asked::default()).events;
            assert!(!events.is_empty() && events.iter().all(|event| event.over == over), "{text}: {events:?}");
        }
    }
}
