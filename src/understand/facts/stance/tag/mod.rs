//! What each word is where it stands: the lexicon's possibilities, cut down by the words around it.

use super::classes::Classes;
use super::condition::is_nominal_condition;
use super::words::{Tag, W};

mod closed;
mod settle;
mod verbs;

pub(super) use settle::settle;

/// Decides the tag of every word, and of verbs the one form that they are in.
pub(super) fn tag(words: &mut [W<'_>]) {
    let title_case = is_title_case(words);
    for at in 0..words.len() {
        guess(words, at, title_case);
    }
    let mut tagger = Tagger { words, finite: false, takes_clause: false, anew: false, subjunctive: false };
    for at in 0..tagger.words.len() {
        let tag = tagger.decide(at);
        tagger.words[at].tag = tag;
        tagger.remember(at);
    }
}

/// Most words have a capital, as in the headlines of some.
fn is_title_case(words: &[W<'_>]) -> bool {
    let long = || {
        words.iter().filter(|word| {
            word.key.len() > 3
                && word.name.is_none()
                && word.tag == Tag::Other
                && word.key.as_bytes()[0].is_ascii_alphabetic()
        })
    };
    let capital = long().filter(|word| word.capital).count();
    let all = long().count();
    all >= 3 && capital * 3 >= all * 2
}

/// Gives words that the lexicon does not know the classes that their endings suggest.
fn guess(words: &mut [W<'_>], at: usize, title_case: bool) {
    let first = words[..at].iter().all(|word| matches!(word.tag, Tag::Quote | Tag::Stop));
    let word = &mut words[at];
    if word.tag != Tag::Other || word.joined || !word.key.starts_with(char::is_alphabetic) {
        return;
    }
    let (asked_verb, asked_noun) = word.asked;
    if asked_noun.is_some() {
        word.classes = word.classes.with(Classes::NOUN);
    }
    let plain = !word.capital || title_case || (first && !word.classes.is_none());
    let verb_by_form = ending(word.key);
    if asked_verb.is_some() && !word.classes.any(Classes::VERB) {
        word.classes = word.classes.with(if verb_by_form.any(Classes::VERB) {
            verb_by_form
        } else if word.key.ends_with('s') {
            Classes::THIRD
        } else {
            Classes::BASE
        });
    }
    if !plain {
        // Inside a sentence a capital makes a name, or a noun in a title.
        let closed = Classes::DET
            .with(Classes::PREP)
            .with(Classes::CC)
            .with(Classes::TO)
            .with(Classes::TIME)
            .with(Classes::POSS);
        if word.classes.any(Classes::NOUN) {
            word.classes = word.classes.without(Classes::VERB).with(Classes::NOUN);
        } else if word.classes.is_none() || (word.classes.any(Classes::VERB) && !word.classes.any(Classes::ADJ)) {
            word.tag = Tag::Proper;
        } else if !word.classes.any(closed.with(Classes::ADJ).with(Classes::PRON)) {
            word.classes = word.classes.without(Classes::VERB);
        }
        if word.key == "may" {
            word.classes = Classes::TIME;
        }
        return;
    }
    if word.classes.is_none() {
        word.classes = if word.capital && first && !title_case { Classes::NONE } else { verb_by_form };
        if word.classes.is_none() {
            word.tag = Tag::Proper;
        }
    }
    if !word.capital && matches!(word.key, "march" | "august") {
        word.classes = word.classes.without(Classes::TIME);
    }
}

fn ending(key: &str) -> Classes {
    let ends = |endings: &[&str]| endings.iter().any(|ending| key.ends_with(ending) && key.len() > ending.len() + 2);
    if ends(&["ly"]) {
        Classes::ADV
    } else if ends(&["ed"]) {
        Classes::PAST.with(Classes::PART)
    } else if ends(&["ing"]) {
        Classes::ING.with(Classes::NOUN)
    } else if ends(&["ous", "ful", "ive", "able", "ible", "ary", "less", "ic", "ical", "ial", "ish", "ern"]) {
        Classes::ADJ
    } else if key.ends_with('s') && !key.ends_with("ss") {
        Classes::NOUN.with(Classes::PLURAL)
    } else {
        Classes::NOUN
    }
}

#[expect(clippy::struct_excessive_bools, reason = "each is one thing that is known of the clause so far")]
struct Tagger<'s, 'a> {
    words: &'s mut [W<'a>],
    /// The clause has a finite verb already.
    finite: bool,
    /// A clause may follow that verb without `that`.
    takes_clause: bool,
    /// A conjunction has come since.
    anew: bool,
    /// In a clause of "demanded that".
    subjunctive: bool,
}

impl Tagger<'_, '_> {
    /// The nearest word before that is not merely an adverb.
    fn before(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|&at| !matches!(self.words[at].tag, Tag::Adv | Tag::Not | Tag::Quote))
    }

    fn after(&self, at: usize) -> Option<usize> {
        (at + 1..self.words.len()).find(|&at| {
            let word = &self.words[at];
            let adverb = word.can(Classes::ADV) && !word.can(Classes::NOUN.with(Classes::VERB));
            word.tag != Tag::Quote && !adverb
        })
    }

    fn tag_before(&self, at: usize) -> Option<Tag> {
        self.before(at).map(|at| self.words[at].tag)
    }

    fn remember(&mut self, at: usize) {
        let word = self.words[at];
        match word.tag {
            // "in return for more border guards"
            Tag::Cond if is_nominal_condition(word.key) => (self.finite, self.anew) = (true, false),
            Tag::Comma | Tag::Stop | Tag::Cond | Tag::Sub | Tag::That | Tag::Whether | Tag::Wh | Tag::End => {
                self.subjunctive = word.tag == Tag::That && self.takes_subjunctive(at);
                (self.finite, self.takes_clause, self.anew) = (false, false, false);
            }
            Tag::And => self.anew = true,
            Tag::Modal | Tag::Do => (self.finite, self.anew) = (true, false),
            Tag::Be | Tag::Have => {
                if !matches!(word.key, "be" | "been" | "being" | "having") {
                    (self.finite, self.anew) = (true, false);
                }
                self.takes_clause = false;
            }
            Tag::Verb => {
                let family = word
                    .entry
                    .and_then(|entry| entry.verb)
                    .and_then(|verb| super::lexicon::Lexicon::get().verbs[usize::from(verb)].meaning.family);
                self.takes_clause = family.is_some_and(super::classes::Family::takes_clause);
                if word.can(Classes::PAST.with(Classes::THIRD))
                    || (word.can(Classes::BASE) && self.tag_before(at) != Some(Tag::To))
                {
                    (self.finite, self.anew) = (true, false);
                }
            }
            Tag::Adj if word.adjective_family().is_some() => self.takes_clause = true,
            _ => {}
        }
    }

    fn takes_subjunctive(&self, at: usize) -> bool {
        use super::classes::Family::{Commit, Direct};
        (0..at).rev().find(|&at| !matches!(self.words[at].tag, Tag::Adv | Tag::Time | Tag::Quote)).is_some_and(
            |before| {
                let word = &self.words[before];
                let Some(entry) = word.entry else { return false };
                let verb =
                    entry.verb.and_then(|verb| super::lexicon::Lexicon::get().verbs[usize::from(verb)].meaning.family);
                verb == Some(Direct) || verb == Some(Commit) || entry.noun.family == Some(Direct)
            },
        )
    }

    fn decide(&self, at: usize) -> Tag {
        let word = &self.words[at];
        if word.tag != Tag::Other || word.classes.is_none() {
            return match word.tag {
                Tag::Adj
                    if word.name.is_some_and(|(name, _)| name.kind == super::gazetteer::Kind::Adjective)
                        && !self.is_nominal_next(at) =>
                {
                    Tag::Proper
                }
                Tag::Other if word.joined => Tag::Adj,
                tag => tag,
            };
        }
        if let Some(tag) = self.closed(at) {
            return tag;
        }
        // "has long pressed it", "will first meet"
        if word.can(Classes::ADV)
            && matches!(self.tag_before(at), Some(Tag::Have | Tag::Modal))
            && self.words.get(at + 1).is_some_and(|next| next.can(Classes::PART.with(Classes::BASE).with(Classes::BE)))
        {
            return Tag::Adv;
        }
        if word.can(Classes::VERB) {
            return self.verb(at);
        }
        if word.can(Classes::TIME) {
            return Tag::Time;
        }
        // "the cabinet early on Friday approved"
        let when = || {
            let next = self.words.get(at + 1);
            let time = |at: usize| self.words.get(at).is_some_and(|word| word.can(Classes::TIME));
            next.is_some_and(|next| next.can(Classes::PREP)) && time(at + 2) || time(at + 1)
        };
        if word.can(Classes::ADV) && matches!(self.tag_before(at), Some(Tag::Noun | Tag::Proper | Tag::Verb)) && when()
        {
            return Tag::Adv;
        }
        if word.can(Classes::ADJ) {
            // "the director general dismissed it"
            let titled = self.tag_before(at) == Some(Tag::Noun);
            let noun = word.can(Classes::NOUN) && (titled || !self.is_nominal_next(at));
            return if noun { Tag::Noun } else { Tag::Adj };
        }
        if word.can(Classes::NOUN) {
            return Tag::Noun;
        }
        if word.can(Classes::ADV.with(Classes::DOUBT).with(Classes::UNDONE)) {
            return Tag::Adv;
        }
        Tag::Noun
    }

    /// Whether the next word goes on with a group of nouns.
    fn is_nominal_next(&self, at: usize) -> bool {
        self.words.get(at + 1).is_some_and(|next| {
            matches!(next.tag, Tag::Proper | Tag::Num)
                || next.name.is_some()
                || next.joined
                || (next.can(Classes::NOUN.with(Classes::ADJ))
                    && !next.can(Classes::PREP.with(Classes::MODAL).with(Classes::BE)))
                || (next.can(Classes::PART.with(Classes::ING))
                    && self.words.get(at + 2).is_some_and(|after| after.can(Classes::NOUN)))
        })
    }

    /// "to attack victims": no sign of an infinitive; only after nouns that take no infinitive would this matter.
    fn is_place_after(&self, at: usize) -> bool {
        self.words.get(at + 1).is_some_and(|next| next.tag == Tag::Proper || next.name.is_some())
    }

    /// A noun and then a finite verb come before the next mark.
    fn is_clause_ahead(&self, at: usize) -> bool {
        let mut nominal = false;
        for word in &self.words[at + 1..] {
            match word.tag {
                Tag::Comma | Tag::Stop | Tag::End => return false,
                Tag::Proper => nominal = true,
                _ if word.can(Classes::WH.with(Classes::THAT).with(Classes::COND)) => return false,
                _ => {}
            }
            if !nominal && word.can(Classes::ING) && !word.can(Classes::NOUN) {
                return false;
            }
            let finite = Classes::MODAL.with(Classes::PAST).with(Classes::DO);
            let plainly = word.can(finite) && !(word.can(Classes::PART) && self.next_is(word.end, "by"))
                || matches!(word.key, "is" | "are" | "was" | "were" | "has" | "have" | "had")
                || (word.can(Classes::THIRD) && !word.can(Classes::NOUN))
                || (word.can(Classes::BASE)
                    && !word.can(Classes::NOUN.with(Classes::ADJ).with(Classes::PREP))
                    && nominal
                    && word.can(Classes::VERB));
            // "until parliament returns"
            let last = word.can(Classes::THIRD)
                && self
                    .words
                    .iter()
                    .find(|next| next.start >= word.end)
                    .is_none_or(|next| matches!(next.tag, Tag::Comma | Tag::Stop | Tag::End))
                && self.words.iter().rev().find(|before| before.end <= word.start).is_some_and(|before| {
                    before.tag != Tag::Genitive
                        && (before.can(Classes::NOUN) || before.name.is_some())
                        && !before.can(Classes::ADJ)
                });
            if (plainly || last) && nominal {
                return true;
            }
            nominal |= word.name.is_some() || word.can(Classes::NOUN.with(Classes::PRON).with(Classes::TIME));
        }
        false
    }

    fn next_is(&self, end: usize, key: &str) -> bool {
        self.words.iter().find(|word| word.start >= end).is_some_and(|word| word.key == key)
    }

    /// Whether the clause has a finite verb ahead that is not another subject's.
    fn is_finite_ahead(&self, at: usize) -> bool {
        let mut in_phrase = false;
        for (place, word) in self.words.iter().enumerate().skip(at + 1) {
            match word.tag {
                Tag::Comma | Tag::Stop | Tag::End => return false,
                Tag::Proper if !in_phrase => return false,
                Tag::Adj if word.name.is_some() && !in_phrase => return false,
                _ => {}
            }
            let other = Classes::WH.with(Classes::THAT).with(Classes::COND).with(Classes::PRON).with(Classes::CC);
            if word.key == "there" || word.can(other) {
                return false;
            }
            if word.can(Classes::SUB) && !word.can(Classes::PREP) {
                return false;
            }
            if word.can(Classes::MODAL.with(Classes::DO))
                || matches!(word.key, "is" | "are" | "was" | "were" | "has" | "have" | "had")
            {
                return true;
            }
            if word.can(Classes::PAST)
                && !word.can(Classes::NOUN.with(Classes::BASE))
                && !self.words.get(place + 1).is_some_and(|next| next.can(Classes::NOUN) || next.key == "by")
            {
                return true;
            }
            // "called off a walkout planned for May"
            if place == at + 1 && verbs::makes_idiom(&self.words[at], word.key) {
                continue;
            }
            if word.can(Classes::PREP.with(Classes::TO)) {
                in_phrase = true;
            } else if !in_phrase
                && word.can(Classes::NOUN.with(Classes::DET).with(Classes::POSS))
                && !word.can(Classes::TIME)
            {
                return false;
            }
        }
        false
    }

    /// Any verb ahead before the next mark that can be finite and nothing else.
    fn is_other_verb_ahead(&self, at: usize) -> bool {
        for (place, word) in self.words.iter().enumerate().skip(at + 1) {
            let opens = || {
                self.words.get(place + 1).is_some_and(|next| {
                    next.can(Classes::DET.with(Classes::POSS).with(Classes::THAT).with(Classes::TO))
                        || next.name.is_some()
                })
            };
            // "scraps the model and cancels the plans"
            let third = |word: &W<'_>| word.can(Classes::THIRD) && !word.can(Classes::PAST);
            let partner = word.key == "and" && third(&self.words[at]) && self.words.get(place + 1).is_some_and(third);
            if word.key == "but"
                || partner
                || matches!(word.tag, Tag::Comma | Tag::Stop | Tag::End)
                || word.can(Classes::WH.with(Classes::THAT).with(Classes::COND))
            {
                return false;
            }
            if word.can(Classes::SUB) && !word.can(Classes::PREP) {
                return false;
            }
            let finite = Classes::MODAL.with(Classes::PAST).with(Classes::DO);
            if word.can(finite) && (!word.can(Classes::ADJ) || opens())
                || matches!(word.key, "is" | "are" | "was" | "were" | "has" | "have" | "had")
                || (word.can(Classes::THIRD) && !word.can(Classes::NOUN))
                || (word.can(Classes::BASE)
                    && !word.can(Classes::NOUN.with(Classes::ADJ).with(Classes::PREP).with(Classes::TIME))
                    && !word.can(Classes::TO))
            {
                return true;
            }
            if word.can(Classes::TO) {
                return false;
            }
        }
        false
    }

    fn is_question(&self, at: usize) -> bool {
        // "Will Spain veto", "Nor did Slovakia veto", "Should the vote fail": the auxiliary stands before the subject.
        let aux = (0..at)
            .rev()
            .take_while(|&at| {
                !matches!(self.words[at].tag, Tag::Comma | Tag::Stop | Tag::Verb | Tag::To | Tag::That | Tag::Wh)
            })
            .find(|&at| matches!(self.words[at].tag, Tag::Modal | Tag::Do));
        aux.is_some_and(|aux| {
            aux == 0
                || matches!(
                    self.words[aux - 1].tag,
                    Tag::Comma | Tag::Stop | Tag::Quote | Tag::Not | Tag::Sub | Tag::And
                ) && !(0..aux).any(|at| {
                    matches!(self.words[at].tag, Tag::Noun | Tag::Proper | Tag::Pron)
                        && !self.words[at..aux].iter().any(|word| matches!(word.tag, Tag::Comma | Tag::Stop | Tag::Sub))
                })
        })
    }
}
