//! Words that may be verbs: whether each is one.

use super::super::chunk::COPULAS;
use super::super::classes::{Classes, Family};
use super::super::lexicon::Lexicon;
use super::super::words::{Tag, W};
use super::Tagger;

/// Particles that make a verb of a word that may be a noun: "Canada walks back pledge".
const PARTICLES: &[&str] = &["off", "up", "back", "out", "down", "away", "aside", "short", "ahead"];

/// Whether the verb with this word behind it is another verb.
pub(super) fn makes_idiom(word: &W<'_>, particle: &str) -> bool {
    let verb = word.entry.and_then(|entry| entry.verb).map(|verb| &Lexicon::get().verbs[usize::from(verb)]);
    verb.is_some_and(|verb| verb.idioms.iter().any(|idiom| idiom.words.first().is_some_and(|first| first == particle)))
}

/// Verbs that join a subject with an adjective.
fn is_copula(word: &W<'_>) -> bool {
    let verb = word.entry.and_then(|entry| entry.verb).map(|verb| &Lexicon::get().verbs[usize::from(verb)]);
    verb.is_some_and(|verb| COPULAS.contains(&verb.base.as_str()))
}

impl Tagger<'_, '_> {
    pub(super) fn verb(&self, at: usize) -> Tag {
        let word = &self.words[at];
        let before = self.tag_before(at);
        let noun = word.can(Classes::NOUN);
        let base = word.can(Classes::BASE);
        let alone = |tag| if noun { Tag::Noun } else { tag };
        if base && matches!(before, Some(Tag::To | Tag::Modal | Tag::Do)) {
            return Tag::Verb;
        }
        let form_only = Classes::BASE.with(Classes::THIRD);
        if !noun
            && word.can(form_only)
            && !word.can(Classes::PAST.with(Classes::ADJ))
            && matches!(before, Some(Tag::Det | Tag::Poss | Tag::Genitive | Tag::Prep | Tag::Num))
            && self.before(at).is_none_or(|before| self.words[before].key != "rather than")
        {
            return Tag::Noun;
        }
        if matches!(before, Some(Tag::Be | Tag::Have)) {
            return self.behind_auxiliary(at, before);
        }
        if word.can(Classes::ADJ)
            && self.is_nominal_next(at)
            && !matches!(before, Some(Tag::Noun | Tag::Proper | Tag::Pron | Tag::And))
            // "Beijing on Tuesday barred exports"
            && !(before == Some(Tag::Time) && word.can(Classes::PAST) && !self.finite)
        {
            return Tag::Adj;
        }
        let directly = at.checked_sub(1).map(|at| self.words[at].tag);
        // "among those released by Moscow"
        if directly == Some(Tag::Det)
            && matches!(self.words[at - 1].key, "those" | "these")
            && word.can(Classes::PART)
            && self.words.get(at + 1).is_some_and(|next| next.can(Classes::PREP))
        {
            return Tag::Verb;
        }
        if matches!(before, Some(Tag::Det | Tag::Poss | Tag::Genitive | Tag::Adj | Tag::Num))
            && !(before == Some(Tag::Num) && word.can(Classes::PAST) && !noun)
        {
            if before == Some(Tag::Adj)
                && word.can(Classes::PAST.with(Classes::THIRD))
                && !noun
                && !self.is_nominal_next(at)
            {
                return Tag::Verb;
            }
            if directly == Some(Tag::Adv) && word.can(Classes::PART) && !noun {
                return Tag::Adj;
            }
            if word.can(Classes::PART.with(Classes::ING))
                && self.is_nominal_next(at)
                && !(noun && word.can(Classes::PLURAL))
            {
                return Tag::Adj;
            }
            return alone(if word.can(Classes::ING) {
                Tag::Noun
            } else if word.can(Classes::ADJ.with(Classes::PART)) {
                Tag::Adj
            } else {
                Tag::Verb
            });
        }
        self.verb_elsewhere(at, before)
    }

    /// A verb's form behind `be` or `have`.
    fn behind_auxiliary(&self, at: usize, before: Option<Tag>) -> Tag {
        let word = &self.words[at];
        if word.can(Classes::ADJ)
            && before == Some(Tag::Be)
            && !word.can(Classes::ING)
            && word.adjective_family().is_some()
        {
            // "was abandoned" is the verb; "is set to", "is expected to" are what their row as adjectives says.
            return if self.words.get(at + 1).is_some_and(|next| matches!(next.key, "to" | "that" | "by"))
                || !word.can(Classes::PART)
            {
                Tag::Adj
            } else {
                Tag::Verb
            };
        }
        if word.can(Classes::PART.with(Classes::ING)) {
            return Tag::Verb;
        }
        match () {
            () if word.can(Classes::ADJ) => Tag::Adj,
            () if word.can(Classes::NOUN) => Tag::Noun,
            () => Tag::Verb,
        }
    }

    /// A verb's form that stands behind no auxiliary and no word that makes a noun of it.
    fn verb_elsewhere(&self, at: usize, before: Option<Tag>) -> Tag {
        let word = &self.words[at];
        let noun = word.can(Classes::NOUN);
        let next_opens = || {
            self.words.get(at + 1).is_some_and(|next| {
                next.can(Classes::DET.with(Classes::POSS).with(Classes::PRON)) || next.name.is_some()
            })
        };
        // "Iraq set to expel them": a headline leaves out "is".
        if matches!(before, Some(Tag::Noun | Tag::Proper))
            && !self.finite
            && word.can(Classes::BASE)
            && word.can(Classes::PART)
            && word.adjective_family().is_some()
            && self.words.get(at + 1).is_some_and(|next| next.key == "to")
            && !self.is_finite_ahead(at)
        {
            return Tag::Adj;
        }
        if before == Some(Tag::Prep)
            && word.can(Classes::BASE)
            && self.before(at).is_some_and(|before| self.words[before].key == "rather than")
            && next_opens()
        {
            return Tag::Verb;
        }
        if before == Some(Tag::Prep) {
            return self.behind_preposition(at);
        }
        if word.can(Classes::ING) {
            return self.ing(at, before, noun);
        }
        // "will bring back conscription"
        if before == Some(Tag::Verb) && PARTICLES.contains(&word.key) && word.can(Classes::ADV) {
            return Tag::Adv;
        }
        if before == Some(Tag::Verb) {
            return self.behind_verb(at);
        }
        if word.can(Classes::BASE)
            && !word.can(Classes::PAST)
            && self.is_question(at)
            && !(noun && self.words.get(at + 1).is_some_and(|next| next.can(Classes::BASE)))
        {
            return Tag::Verb;
        }
        // "a bill that bans the trade"
        let about = before == Some(Tag::That)
            && word.can(Classes::THIRD)
            && self.words.get(at + 1).is_some_and(|next| {
                next.can(Classes::DET.with(Classes::POSS)) || next.tag == Tag::Proper || next.name.is_some()
            });
        if about || matches!(before, Some(Tag::Pron | Tag::Wh)) || !noun {
            return Tag::Verb;
        }
        self.noun_or_verb(at)
    }

    /// A verb's form right behind another verb.
    fn behind_verb(&self, at: usize) -> Tag {
        let word = &self.words[at];
        let noun = word.can(Classes::NOUN);
        let copula = self.before(at).is_some_and(|before| is_copula(&self.words[before]));
        if copula && word.adjective_family().is_some() && self.words.get(at + 1).is_some_and(|next| next.key == "to") {
            return Tag::Adj;
        }
        // "would stay shut until"
        let ends = |next: &W<'_>| {
            next.can(Classes::UNTIL.with(Classes::COND).with(Classes::PREP).with(Classes::SUB).with(Classes::TIME))
                || matches!(next.tag, Tag::End | Tag::Comma | Tag::Stop)
        };
        if copula && word.can(Classes::PART) && self.words.get(at + 1).is_none_or(ends) {
            return Tag::Adj;
        }
        if noun {
            return Tag::Noun;
        }
        if word.can(Classes::PART) && self.is_noun_soon(at) {
            return Tag::Adj;
        }
        Tag::Verb
    }

    fn behind_preposition(&self, at: usize) -> Tag {
        let word = &self.words[at];
        let noun = word.can(Classes::NOUN);
        if word.can(Classes::ING) {
            // "accused of bombing hospitals"
            let accused = self.before(at).and_then(|prep| prep.checked_sub(1)).is_some_and(|verb| {
                let verb = self.words[verb].entry.and_then(|entry| entry.verb);
                verb.is_some_and(|verb| Lexicon::get().verbs[usize::from(verb)].meaning.family == Some(Family::Accuse))
            });
            let compound = !accused
                && noun
                && self.words.get(at + 1).is_some_and(|next| next.can(Classes::NOUN) && !next.can(Classes::VERB));
            return if compound { Tag::Noun } else { Tag::Verb };
        }
        if word.can(Classes::PART) && self.is_nominal_next(at) && !noun {
            return Tag::Adj;
        }
        if noun { Tag::Noun } else { Tag::Verb }
    }

    /// A noun comes next, or behind one adjective.
    fn is_noun_soon(&self, at: usize) -> bool {
        let noun =
            |at: usize| self.words.get(at).is_some_and(|word| word.can(Classes::NOUN) || word.tag == Tag::Proper);
        noun(at + 1) || self.words.get(at + 1).is_some_and(|next| next.can(Classes::ADJ)) && noun(at + 2)
    }

    fn ing(&self, at: usize, before: Option<Tag>, noun: bool) -> Tag {
        let next = self.words.get(at + 1);
        let noun_next = next.is_some_and(|next| {
            next.can(Classes::NOUN) && next.tag == Tag::Other && !next.can(Classes::DET.with(Classes::POSS))
        });
        match before {
            // "a bill banning inspectors", "with Malta promising withdrawal"
            Some(before) if !noun && noun_next && self.opens_what_it_does(at, before) => Tag::Verb,
            Some(Tag::Noun | Tag::Proper) if noun_next && !matches!(self.words[at - 1].tag, Tag::Comma) => Tag::Adj,
            Some(Tag::Noun | Tag::Proper)
                if noun
                    && next.is_none_or(|next| {
                        next.can(Classes::MODAL.with(Classes::BE).with(Classes::HAVE).with(Classes::PAST))
                            || matches!(next.tag, Tag::End | Tag::Comma)
                    }) =>
            {
                Tag::Noun
            }
            None if noun && next.is_some_and(|next| next.can(Classes::MODAL.with(Classes::BE).with(Classes::HAVE))) => {
                Tag::Noun
            }
            _ => Tag::Verb,
        }
    }

    /// A name does what follows; a thing does it to many: no compound ends so.
    fn opens_what_it_does(&self, at: usize, before: Tag) -> bool {
        let many = self.words.get(at + 1).is_some_and(|next| next.can(Classes::PLURAL) && !next.can(Classes::VERB));
        match before {
            Tag::Proper => true,
            // "an order suspending intelligence"
            Tag::Noun => many || self.before(at).is_some_and(|before| self.words[before].noun_family().is_some()),
            _ => false,
        }
    }

    /// The nouns before stand behind a preposition.
    fn is_in_phrase(&self, at: usize) -> bool {
        let nominal =
            |tag| matches!(tag, Tag::Noun | Tag::Proper | Tag::Adj | Tag::Det | Tag::Num | Tag::Genitive | Tag::Poss);
        (0..at).rev().find(|&at| !nominal(self.words[at].tag)).is_some_and(|at| self.words[at].tag == Tag::Prep)
    }

    /// A word that can be both, with nothing before it that decides: "Canada sanctions officials", "rail strikes".
    fn noun_or_verb(&self, at: usize) -> Tag {
        let word = &self.words[at];
        let before = self.before(at).map(|before| &self.words[before]);
        let next = self.words.get(at + 1);
        let may_be_finite = !self.finite || self.anew || self.takes_clause;
        let plural = before.is_some_and(|before| {
            (before.key.ends_with('s') && !before.key.ends_with("ss") && before.name.is_none())
                || before.can(Classes::PLURAL)
                || before.key == "police"
                || before.key == "people"
        }) || self.is_listed(at);
        let after_nominal = before.is_some_and(|before| matches!(before.tag, Tag::Noun | Tag::Proper | Tag::Time));
        let opens_object = next.is_some_and(|next| {
            next.can(
                Classes::DET
                    .with(Classes::POSS)
                    .with(Classes::TO)
                    .with(Classes::PRON)
                    .with(Classes::NO)
                    .with(Classes::THAT),
            ) && !next.can(Classes::PREP.with(Classes::CC))
                || matches!(next.tag, Tag::Proper | Tag::Num)
                || next.name.is_some()
        });
        if next.is_some_and(|next| {
            PARTICLES.contains(&next.key) && may_be_finite && after_nominal && makes_idiom(word, next.key)
        }) && if word.can(Classes::PAST) {
            // "Ukraine hit back"
            before.is_some_and(|before| before.tag == Tag::Proper)
        } else {
            word.can(Classes::THIRD) || plural
        } {
            return Tag::Verb;
        }
        // "At no point did it attack civilians"
        let many_next = next.is_some_and(|next| next.can(Classes::PLURAL) && !next.can(Classes::VERB));
        if word.can(Classes::BASE)
            && (opens_object && (self.is_inverted(at) || self.is_demanded(at)) || many_next && self.is_inverted(at))
        {
            return Tag::Verb;
        }
        let coordinated = before.is_some_and(|before| before.tag == Tag::And);
        if coordinated && !word.can(Classes::THIRD) {
            let earlier = (0..at).rev().find(|&at| self.words[at].tag == Tag::Verb);
            let alike = earlier.is_some_and(|earlier| {
                let form = Classes::BASE.with(Classes::PAST);
                self.words[earlier].can(form) && word.can(form)
            });
            // "to axe jobs and cut costs"
            let led = earlier.and_then(|verb| self.tag_before(verb));
            let many = next.is_some_and(|next| next.can(Classes::PLURAL) || next.joined && next.key.ends_with('s'));
            let as_it = many && matches!(led, Some(Tag::To | Tag::Modal)) && word.can(Classes::BASE);
            return if alike && (opens_object || as_it) { Tag::Verb } else { Tag::Noun };
        }
        if !may_be_finite || !(after_nominal || coordinated) {
            return Tag::Noun;
        }
        if word.can(Classes::THIRD) {
            let in_phrase = self.finite && !self.anew && self.is_in_phrase(at);
            // "pressure from its allies to raise it"
            let to_next = next.is_some_and(|next| next.can(Classes::TO));
            let opens = if to_next { !in_phrase } else { opens_object };
            if opens {
                return if plural && self.is_other_verb_ahead(at) { Tag::Noun } else { Tag::Verb };
            }
            return if plural || in_phrase || self.is_other_verb_ahead(at) { Tag::Noun } else { Tag::Verb };
        }
        if word.can(Classes::PAST) {
            let object = opens_object
                || next.is_some_and(|next| next.can(Classes::NOUN.with(Classes::ADJ)))
                || next.is_some_and(|next| next.can(Classes::PREP.with(Classes::TIME)));
            return if object && !self.is_other_verb_ahead(at) { Tag::Verb } else { Tag::Noun };
        }
        self.base_or_noun(at, plural, opens_object)
    }

    /// "only then will Japan sign the deal": the auxiliary stands before the subject.
    pub(super) fn is_inverted(&self, at: usize) -> bool {
        let nominal =
            |tag| matches!(tag, Tag::Noun | Tag::Proper | Tag::Adj | Tag::Det | Tag::Num | Tag::Genitive | Tag::Poss);
        let before = (0..at).rev().find(|&at| !nominal(self.words[at].tag));
        before.is_some_and(|before| before + 1 < at && matches!(self.words[before].tag, Tag::Modal | Tag::Do))
    }

    /// "demanded China end its boycott"
    fn is_demanded(&self, at: usize) -> bool {
        let subject =
            at.checked_sub(1).filter(|&at| self.words[at].tag == Tag::Proper && self.words[at].name.is_some());
        let verb = subject.and_then(|at| at.checked_sub(1)).filter(|&at| self.words[at].tag == Tag::Verb);
        verb.and_then(|at| self.words[at].entry?.verb).is_some_and(|verb| {
            let verb = &Lexicon::get().verbs[usize::from(verb)];
            matches!(verb.base.as_str(), "demand" | "insist" | "request" | "recommend" | "propose" | "suggest")
        })
    }

    /// "Cuba, Vietnam sign deal": names before a word that are several.
    fn is_listed(&self, at: usize) -> bool {
        let name =
            |at: Option<usize>| at.filter(|&at| self.words[at].tag == Tag::Proper && self.words[at].name.is_some());
        let last = name(at.checked_sub(1));
        let joint =
            last.and_then(|at| at.checked_sub(1)).filter(|&at| matches!(self.words[at].tag, Tag::Comma | Tag::And));
        name(joint.and_then(|at| at.checked_sub(1))).is_some_and(|first| first == 0)
    }

    /// "Diplomats fear", "demanded that Oman recall".
    fn base_or_noun(&self, at: usize, plural: bool, opens_object: bool) -> Tag {
        let (word, next) = (&self.words[at], self.words.get(at + 1));
        let before = self.before(at);
        // "a sanctions list": an article of one before the name of many.
        let of_one =
            before.and_then(|before| before.checked_sub(1)).is_some_and(|at| matches!(self.words[at].key, "a" | "an"));
        if of_one {
            return Tag::Noun;
        }
        // "officials suspect Iran is preparing": no noun would have a name behind it.
        let family = word
            .entry
            .and_then(|entry| entry.verb)
            .and_then(|verb| Lexicon::get().verbs[usize::from(verb)].meaning.family);
        let names_next =
            next.is_some_and(|next| next.tag == Tag::Proper || next.name.is_some() && next.tag != Tag::Adj);
        if plural && !word.capital && names_next && family.is_some_and(Family::takes_clause) {
            return Tag::Verb;
        }
        let clause = (0..at)
            .rev()
            .find(|&at| {
                matches!(
                    self.words[at].tag,
                    Tag::Verb
                        | Tag::Be
                        | Tag::Have
                        | Tag::Modal
                        | Tag::Comma
                        | Tag::Cond
                        | Tag::Sub
                        | Tag::Wh
                        | Tag::Stop
                )
            })
            .map(|at| self.words[at].tag);
        if (plural && matches!(clause, Some(Tag::Cond | Tag::Sub)) || self.subjunctive && opens_object)
            && !self.finite
            && (self.subjunctive || !self.is_other_verb_ahead(at))
        {
            return Tag::Verb;
        }
        let verb = (plural || (self.subjunctive && !self.finite))
            && !self.is_other_verb_ahead(at)
            && (self.subjunctive
                || opens_object
                || next.is_some_and(|next| {
                    next.can(Classes::PREP.with(Classes::NOUN).with(Classes::ADV).with(Classes::ADJ))
                }));
        if verb { Tag::Verb } else { Tag::Noun }
    }
}
