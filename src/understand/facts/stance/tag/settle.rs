//! The one form that each verb is in.

use super::super::classes::{Classes, Family};
use super::super::lexicon::Lexicon;
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
        let by_next = words.get(at + 1).is_some_and(|next| next.key == "by");
        let classes = words[at].classes;
        let form = if classes.any(Classes::ING) {
            Classes::ING
        } else if matches!(before, Some(Tag::To | Tag::Modal | Tag::Do)) && classes.any(Classes::BASE) {
            Classes::BASE
        } else if classes.any(Classes::PART)
            && (matches!(before, Some(Tag::Be | Tag::Have)) || by_next || !classes.any(Classes::PAST))
        {
            Classes::PART
        } else if classes.any(Classes::PAST) {
            let nominal = matches!(before, Some(Tag::Noun | Tag::Proper | Tag::Time));
            let tagger = Tagger { words, finite: false, takes_clause: false, anew: false, subjunctive: false };
            let reduced = classes.any(Classes::PART) && nominal && (tagger.is_finite_ahead(at) || tagger.is_second(at));
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

impl Tagger<'_, '_> {
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
                    return !takes;
                }
                Tag::Be | Tag::Have | Tag::Modal | Tag::Do => return true,
                _ => {}
            }
        }
        false
    }
}
