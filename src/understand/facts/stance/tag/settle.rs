//! The one form that each verb is in.

use super::super::classes::{Classes, Family};
use super::super::lexicon::{Lexicon, Verb};
use super::super::words::{Tag, W};
use super::Tagger;

/// The form that a verb is in, where it can be several.
pub(in super::super) fn settle(words: &mut [W<'_>]) {
    for at in 0..words.len() {
        if words[at].tag != Tag::Verb {
            continue;
        }
        let before = (0..at)
            .rev()
            .find(|&at| !matches!(words[at].tag, Tag::Adv | Tag::Not | Tag::Quote))
            .map(|at| words[at].tag);
        // "retaliated by shelling positions": by whom it was done is not told by what else was.
        let by_doing = words.get(at + 2).is_some_and(|word| word.tag == Tag::Verb && word.can(Classes::ING));
        let by_next = !by_doing && words.get(at + 1).is_some_and(|next| next.key == "by");
        let classes = words[at].classes;
        let nominal = matches!(before, Some(Tag::Noun | Tag::Proper | Tag::Time));
        // "should the tariff come into force"
        let behind_modal = nominal && classes.any(Classes::BASE) && {
            Tagger { words: &mut *words, finite: false, takes_clause: false, anew: false, subjunctive: false }
                .is_inverted(at)
        };
        let form = if classes.any(Classes::ING) {
            Classes::ING
        } else if classes.any(Classes::BASE)
            && (behind_modal
                || matches!(before, Some(Tag::To | Tag::Modal | Tag::Do))
                || before == Some(Tag::And) && is_behind_base(words, at))
        {
            Classes::BASE
        } else if classes.any(Classes::PART)
            && (matches!(before, Some(Tag::Be | Tag::Have)) || by_next || !classes.any(Classes::PAST))
        {
            Classes::PART
        } else if classes.any(Classes::PAST) {
            // "Expelled from China in 2020, the reporter works"
            let fronted = before.is_none()
                && words.get(at + 1).is_some_and(|next| matches!(next.tag, Tag::Prep | Tag::Time | Tag::Adv))
                && words[at..].iter().any(|word| word.tag == Tag::Comma);
            let tagger = Tagger { words, finite: false, takes_clause: false, anew: false, subjunctive: false };
            let inserted = before == Some(Tag::Comma) && classes.any(Classes::PART) && tagger.is_inserted(at);
            // "With its veto lifted, Hungary voted"
            let absolute = nominal && tagger.is_behind_with(at);
            let reduced = inserted
                || absolute && classes.any(Classes::PART)
                || fronted && classes.any(Classes::PART)
                || classes.any(Classes::PART) && nominal && (tagger.is_finite_ahead(at) || tagger.is_second(at));
            if reduced || (classes.any(Classes::PART) && matches!(before, Some(Tag::Cond | Tag::Sub))) {
                Classes::PART
            } else {
                Classes::PAST
            }
        } else if classes.any(Classes::THIRD) {
            Classes::THIRD
        } else {
            Classes::BASE
        };
        words[at].classes = classes.without(Classes::VERB).with(form);
    }
}

/// "to axe jobs and cut costs": the verb before is one behind `to` or `will`.
fn is_behind_base(words: &[W<'_>], at: usize) -> bool {
    let parted = |word: &W<'_>| matches!(word.tag, Tag::Comma | Tag::Stop | Tag::That | Tag::Wh | Tag::Sub | Tag::Cond);
    let earlier = (0..at).rev().take_while(|&at| !parted(&words[at])).find(|&at| words[at].tag == Tag::Verb);
    earlier.is_some_and(|verb| {
        let led = words[..verb].iter().rev().find(|word| !matches!(word.tag, Tag::Adv | Tag::Not | Tag::Quote));
        words[verb].can(Classes::BASE) && led.is_some_and(|word| matches!(word.tag, Tag::To | Tag::Modal | Tag::Do))
    })
}

impl Tagger<'_, '_> {
    /// "Hungary, granted an exemption, will buy it": between a subject and its verb.
    fn is_inserted(&self, at: usize) -> bool {
        let verbal = |word: &W<'_>| matches!(word.tag, Tag::Verb | Tag::Be | Tag::Have | Tag::Modal | Tag::Do);
        let starts =
            |word: &W<'_>| matches!(word.tag, Tag::Stop | Tag::That | Tag::Sub | Tag::Cond | Tag::Whether | Tag::Quote);
        let before = self.words[..at].iter().rev().take_while(|word| !starts(word));
        if before.clone().any(verbal) || !before.clone().any(|word| matches!(word.tag, Tag::Noun | Tag::Proper)) {
            return false;
        }
        let Some(comma) = self.words[at..].iter().position(|word| word.tag == Tag::Comma).map(|more| at + more) else {
            return false;
        };
        let next = self.words[comma + 1..].iter().find(|word| word.tag != Tag::Adv);
        next.is_some_and(|word| verbal(word) && !word.can(Classes::ING.with(Classes::BASE)) || word.tag == Tag::Modal)
    }

    /// Nouns that begin with `with` at the beginning of a clause stand before it.
    fn is_behind_with(&self, at: usize) -> bool {
        let nominal =
            |tag| matches!(tag, Tag::Noun | Tag::Proper | Tag::Adj | Tag::Det | Tag::Num | Tag::Genitive | Tag::Poss);
        let before = (0..at).rev().find(|&at| !nominal(self.words[at].tag));
        before.is_some_and(|before| {
            let opens = before
                .checked_sub(1)
                .is_none_or(|at| matches!(self.words[at].tag, Tag::Comma | Tag::Stop | Tag::Quote));
            self.words[before].key == "with" && opens
        })
    }

    /// The clause has a finite verb before this one already, with nothing between that lets another follow.
    fn is_second(&self, at: usize) -> bool {
        for place in (0..at).rev() {
            let word = &self.words[place];
            match word.tag {
                Tag::Comma
                | Tag::Stop
                | Tag::Cond
                | Tag::Sub
                | Tag::That
                | Tag::Whether
                | Tag::Wh
                | Tag::And
                | Tag::Quote => return false,
                Tag::Verb if word.can(Classes::PART.with(Classes::ING)) => {}
                Tag::Verb => {
                    let verb =
                        word.entry.and_then(|entry| entry.verb).map(|verb| &Lexicon::get().verbs[usize::from(verb)]);
                    let takes = verb.and_then(|verb| verb.meaning.family).is_some_and(Family::takes_clause);
                    // "ordered two diplomats expelled"
                    // "want all troops expelled"
                    let of_things =
                        |verb: &Verb| verb.meaning.orders || matches!(verb.base.as_str(), "want" | "need" | "like");
                    return !takes || verb.is_some_and(of_things);
                }
                Tag::Be | Tag::Have | Tag::Modal | Tag::Do => return true,
                _ => {}
            }
        }
        false
    }
}
