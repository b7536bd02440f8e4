//! Statements of a language whose verbs stand in a bracket, the finite one second and the rest at the end, as in German.
//!
//! The algebra of families and forms is that of `state`, the names of countries are joined with those of `gazetteer`; what
//! differs is how a clause shows its verb, its subject and what hangs on what. The words are data (`words/de`).

mod clause;
mod lexicon;

use std::fmt::Write as _;
use std::ops::Range;

use super::super::Statement;
use super::super::tokens::{Kind as TokenKind, Tokens};
use super::classes::Family;
use super::gazetteer::{Gazetteer, Kind as NameKind};
use super::state::{State, embedded, formed, told};
use super::{SENTENCE_TOKENS, Wanted};
use clause::{Clause, Group, Kind};
use lexicon::{Lexicon, Little};

/// Words, in lower case, by one of which a sentence may be about an act, given by its base form.
pub(super) fn words_of(act: &str) -> Vec<String> {
    Lexicon::get().words_of(act)
}

/// Words, in lower case, by one of which in a longer word a sentence may be about an act.
pub(super) fn roots_of(act: &str) -> Vec<String> {
    Lexicon::get().roots_of(act)
}

/// The statements of a text.
pub(super) fn statements(tokens: &Tokens<'_>, wanted: &Wanted) -> Vec<Statement> {
    let lexicon = Lexicon::get();
    let mut found = Vec::new();
    for sentence in tokens.sentences() {
        let part = sentence.start..sentence.end.min(sentence.start + SENTENCE_TOKENS);
        if part.clone().any(|at| lexicon.may_act(tokens, at)) {
            let clauses = clause::clauses(tokens, &part);
            Reader { tokens, wanted, lexicon, clauses: &clauses, made: &mut found }.read();
        }
    }
    found
}

/// What an act is called by, and where it stands in its clause.
struct Act {
    name: &'static str,
    at: usize,
    state: State,
    /// The group that tells it, if a noun does.
    group: Option<usize>,
    /// The words on the way, as a chain shows them.
    steps: Vec<(usize, &'static str)>,
}

struct Reader<'r, 'a> {
    tokens: &'a Tokens<'a>,
    wanted: &'r Wanted,
    lexicon: &'static Lexicon,
    clauses: &'r [Clause],
    made: &'r mut Vec<Statement>,
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        let conditions: Vec<Range<usize>> = self
            .clauses
            .iter()
            .filter(|clause| clause.kind == Kind::Condition)
            .map(|clause| clause.tokens.clone())
            .collect();
        for index in 0..self.clauses.len() {
            if self.clauses[index].kind == Kind::Condition {
                continue;
            }
            for mut act in self.acts(index) {
                self.climb(index, &mut act);
                let Some((actor, actor_text)) = self.actor(index, &act) else { continue };
                let condition = conditions.first().map(|words| self.text(words));
                let first = act.steps.iter().map(|(at, _)| *at).chain([act.at]).min().unwrap_or(act.at);
                let last = act.steps.iter().map(|(at, _)| *at).chain([act.at]).max().unwrap_or(act.at);
                let stance = act.state.stance();
                let mut chain = self.tokens.surface(act.at).to_owned();
                for (at, what) in &act.steps {
                    let _ = write!(chain, " ← {}[{what}]", self.tokens.surface(*at));
                }
                let _ = write!(chain, " = {}", stance.as_str());
                let said_by = self.speaker(index);
                let same = |made: &Statement| made.actor == actor && made.act == act.name && made.stance == stance;
                if self
                    .made
                    .iter()
                    .any(|made| same(made) && made.span.start >= self.tokens[self.clauses[0].tokens.start].start)
                {
                    continue;
                }
                self.made.push(Statement {
                    span: self.tokens.span(first..last + 1),
                    actor,
                    actor_text,
                    act: act.name.to_owned(),
                    stance,
                    object: None,
                    condition,
                    said_by: said_by.as_ref().map(|(name, _)| name.clone()).filter(|name| !name.is_empty()),
                    said_by_text: said_by.map(|(_, text)| text),
                    chain,
                });
            }
        }
    }

    fn text(&self, tokens: &Range<usize>) -> String {
        self.tokens.text()[self.tokens.span(tokens.clone())].to_owned()
    }

    fn family(&self, clause: &Clause) -> Option<Family> {
        clause.verb.and_then(|(verb, _)| self.lexicon.verbs[verb].meaning.family)
    }

    /// The acts of a clause, each where its own clause leaves it.
    fn acts(&self, index: usize) -> Vec<Act> {
        let clause = &self.clauses[index];
        let mut acts: Vec<Act> = Vec::new();
        for number in 0..clause.groups.len() {
            acts.extend(self.noun_act(clause, number));
        }
        let of_words = !acts.is_empty() || clause.groups.iter().any(|group| self.noun_family(group).is_some());
        if let Some((verb, at)) = clause.verb
            && let Some(name) = self.lexicon.verbs[verb].meaning.act
            && !(of_words && self.family(clause).is_some())
        {
            let (state, mut steps) = (told(&clause.form), Vec::new());
            if let Some(finite) = clause.finite.filter(|finite| *finite != at) {
                steps.push((finite, "form"));
            }
            acts.push(Act { name, at, state, group: None, steps });
        }
        acts
    }

    /// The last word of a group, which is its noun.
    fn head(group: &Group) -> usize {
        group.tokens.end - 1
    }

    /// The tokens of a group's words of act or family: a name behind a noun is none.
    fn nouns<'g>(&'g self, group: &'g Group) -> impl Iterator<Item = (usize, lexicon::Noun)> + 'g {
        group.tokens.clone().filter_map(|at| {
            let capital = self.tokens.surface(at).starts_with(char::is_uppercase);
            let noun = self.lexicon.noun(&self.compound(group, at)).filter(|_| capital)?;
            Some((at, noun))
        })
    }

    /// A word with what hyphens join to it, in lower case.
    fn compound(&self, group: &Group, at: usize) -> String {
        let hyphen = at >= group.tokens.start + 2 && self.tokens.surface(at - 1) == "-";
        if hyphen {
            format!("{}-{}", self.tokens.lower(at - 2), self.tokens.lower(at))
        } else {
            self.tokens.lower(at).to_owned()
        }
    }

    fn noun_family(&self, group: &Group) -> Option<Family> {
        self.nouns(group).find_map(|(_, noun)| noun.family)
    }

    fn noun_act(&self, clause: &Clause, number: usize) -> Option<Act> {
        let group = &clause.groups[number];
        let (at, noun) = self.nouns(group).find(|(_, noun)| noun.act.is_some())?;
        if self.is_object_of_act(clause, number) {
            return None;
        }
        let mut steps = Vec::new();
        let mut state = State::Open;
        let mut step = |state: &mut State, at: usize, family: Family| {
            steps.push((at, family.as_str()));
            *state = embedded(family, *state);
        };
        if let Some(family) = noun.family {
            step(&mut state, at, family);
        }
        let adjective = group.tokens.clone().find_map(|at| Some((at, self.lexicon.adjective(self.tokens.lower(at))?)));
        if let Some((at, family)) = adjective {
            step(&mut state, at, family);
        }
        // `die Drohung mit einem Veto`, `Forderungen nach Sanktionen`
        let holder = number.checked_sub(1).map(|before| &clause.groups[before]).filter(|before| {
            let near = group.tokens.start - before.tokens.end <= 1;
            near && (group.prep.is_some() || group.genitive)
        });
        let held = holder.and_then(|before| Some((Self::head(before), self.noun_family(before)?)));
        if let Some((at, family)) = held {
            step(&mut state, at, family);
        }
        let prep = group.prep.map(|prep| self.tokens.lower(prep));
        let is_prep = |class| prep.is_some_and(|prep| self.lexicon.is(prep, class));
        let verb = clause.verb.map(|(_, at)| at);
        if is_prep(Little::Done) && held.is_none() && state == State::Open && !self.is_asked_after(clause) {
            state = State::Did;
        } else if is_prep(Little::Ahead) && state == State::Open {
            state = State::Announced;
        } else if let (Some(family), Some(at)) = (self.family(clause), verb) {
            steps.push((at, family.as_str()));
            state = formed(family, state, &clause.form);
        } else if state == State::Open {
            state = Self::unhung(clause, number);
        }
        if group.negated {
            state = state.negated();
        }
        Some(Act { name: noun.act?, at, state, group: Some(number), steps })
    }

    /// `ein Veto gegen das Sanktionspaket`: what an act is against is none.
    fn is_object_of_act(&self, clause: &Clause, number: usize) -> bool {
        let group = &clause.groups[number];
        let Some(prep) = group.prep.map(|prep| self.tokens.lower(prep)) else { return false };
        let time = self.lexicon.is(prep, Little::Done) || self.lexicon.is(prep, Little::Ahead);
        let before = number.checked_sub(1).map(|before| &clause.groups[before]);
        let beside = before.filter(|before| group.tokens.start - before.tokens.end <= 1);
        !time
            && beside.is_some_and(|before| {
                self.nouns(before).any(|(at, noun)| noun.act.is_some() && at + 1 == before.tokens.end)
            })
    }

    /// `verlangt nach`: the preposition belongs to the verb.
    fn is_asked_after(&self, clause: &Clause) -> bool {
        matches!(self.family(clause), Some(Family::Direct | Family::Guess | Family::Accuse))
    }

    /// An act that no word tells of: that of a known actor is done.
    fn unhung(clause: &Clause, number: usize) -> State {
        let group = &clause.groups[number];
        let told = told(&clause.form);
        let owned =
            group.name.is_some() || group.poss || clause.groups.get(number + 1).is_some_and(|next| next.genitive);
        match told {
            State::Did | State::Denied if owned || group.definite => State::Did,
            State::Open | State::Did | State::Denied => State::Possible,
            state => state,
        }
    }

    /// Through the clause that this one completes.
    fn climb(&self, index: usize, act: &mut Act) {
        let mut at = index;
        while let Some(up) = at.checked_sub(1)
            && matches!(self.clauses[at].kind, Kind::That | Kind::Infinitive)
        {
            let clause = &self.clauses[up];
            let noun = clause.groups.last().and_then(|group| Some((Self::head(group), self.noun_family(group)?)));
            match (self.family(clause), clause.verb, noun) {
                (Some(family), Some((_, verb)), _) => {
                    let wanted = family == Family::Direct && self.clauses[at].kind == Kind::That;
                    let inner = if wanted && act.state != State::Denied { State::Open } else { act.state };
                    act.steps.push((verb, family.as_str()));
                    act.state = formed(family, inner, &clause.form);
                }
                (None, _, Some((noun, family))) => {
                    act.steps.push((noun, family.as_str()));
                    act.state = embedded(family, act.state);
                }
                _ => {}
            }
            at = up;
        }
        if act.state == State::Open {
            act.state = State::Possible;
        }
    }

    /// Whoever says what a clause tells.
    fn speaker(&self, index: usize) -> Option<(String, String)> {
        let up = index.checked_sub(1).filter(|_| self.clauses[index].kind == Kind::That)?;
        matches!(self.family(&self.clauses[up]), Some(Family::Say | Family::Deny | Family::Guess))
            .then(|| self.subject(up))?
    }

    fn actor(&self, index: usize, act: &Act) -> Option<(String, String)> {
        let clause = &self.clauses[index];
        if let Some(number) = act.group {
            let group = &clause.groups[number];
            let next = clause.groups.get(number + 1).filter(|next| {
                next.genitive
                    || next.prep.is_some_and(|prep| self.lexicon.is(self.tokens.lower(prep), Little::Agent))
                        && next.tokens.start - group.tokens.end == 1
            });
            if let Some(owner) = next.and_then(|next| self.name_of(next)) {
                return Some(owner);
            }
            if let Some(name) = self.named(group, act.at) {
                return Some(name);
            }
            let holder = number
                .checked_sub(1)
                .map(|before| &clause.groups[before])
                .filter(|before| self.noun_family(before).is_some());
            if let Some(name) = holder.and_then(|before| self.named(before, Self::head(before))) {
                return Some(name);
            }
            if clause.kind == Kind::Infinitive {
                return self.controller(index);
            }
            let family = self.family(clause);
            let of_object = family.is_some_and(Family::is_of_object);
            if of_object && let Some(object) = self.object(index) {
                return Some(object);
            }
            return self.doer(index);
        }
        match clause.kind {
            Kind::Infinitive => self.controller(index),
            _ => self.doer(index),
        }
    }

    /// Whoever does what an infinitive tells: whom the clause before asks, else whoever does that.
    fn controller(&self, index: usize) -> Option<(String, String)> {
        let up = index.checked_sub(1)?;
        let of_object = self.family(&self.clauses[up]).is_some_and(Family::is_of_object);
        let object = if of_object { self.object(up) } else { None };
        object.or_else(|| self.doer(up))
    }

    /// Whoever does what a clause tells: its subject, of a passive whoever is named behind `von`.
    fn doer(&self, index: usize) -> Option<(String, String)> {
        let clause = &self.clauses[index];
        if !clause.form.passive {
            return self.subject(index);
        }
        let agent = clause
            .groups
            .iter()
            .find(|group| group.prep.is_some_and(|prep| self.lexicon.is(self.tokens.lower(prep), Little::Agent)));
        Some(agent.and_then(|agent| self.name_of(agent)).unwrap_or_default())
    }

    /// The first group without a preposition; a pronoun is whoever the clause before is about.
    fn subject(&self, index: usize) -> Option<(String, String)> {
        let clause = &self.clauses[index];
        let subject = clause.groups.iter().find(|group| group.prep.is_none() && !group.genitive);
        let up = || index.checked_sub(1).and_then(|up| self.subject(up));
        match subject {
            Some(group) if group.pronoun => up(),
            // `und stimmte zu`: the verb begins.
            Some(group)
                if clause.kind == Kind::Main
                    && clause.finite.is_some_and(|finite| finite == clause.tokens.start)
                    && group.name.is_none() =>
            {
                up().or_else(|| self.name_of(group))
            }
            Some(group) => self.name_of(group),
            None => up(),
        }
    }

    /// The second group without a preposition, or whom a preposition names: `forderte Ungarn auf`, `appellierte an Ungarn`.
    fn object(&self, index: usize) -> Option<(String, String)> {
        let clause = &self.clauses[index];
        let mut bare = clause.groups.iter().filter(|group| group.prep.is_none() && !group.genitive && !group.pronoun);
        let subject = bare.next();
        let named = |group: &&Group| group.name.is_some();
        let behind =
            clause.groups.iter().filter(|group| group.prep.is_some_and(|prep| self.tokens.lower(prep) == "an"));
        let found = bare.find(named).or_else(|| behind.clone().find(|group| group.name.is_some()));
        found
            .filter(|found| subject.is_none_or(|subject| subject.tokens != found.tokens))
            .and_then(|group| self.name_of(group))
    }

    /// The name that stands in a group beside the noun of an act.
    fn named(&self, group: &Group, act: usize) -> Option<(String, String)> {
        let at = group.tokens.clone().find(|at| *at != act && self.name_at(*at).is_some())?;
        self.name_at(at).map(|name| (name, self.tokens.surface(at).to_owned()))
    }

    fn name_at(&self, at: usize) -> Option<String> {
        if self.tokens[at].kind != TokenKind::Word {
            return None;
        }
        if let Some((_, name)) = self.lexicon.name(self.tokens, at) {
            return Some(name.of.to_owned());
        }
        let surface = self.tokens.surface(at);
        let next = |more: usize| self.tokens.surface(at + 1 + more).into();
        let own = self.wanted.names.find(surface, next).map(|(name, _)| self.wanted.names.canonical(name).to_owned());
        let bare = surface.strip_suffix('s').unwrap_or(surface);
        let gazetteer = Gazetteer::get();
        let known = || gazetteer.find(surface, next).or_else(|| gazetteer.find(bare, next));
        own.or_else(|| {
            let (name, _) = known()
                .filter(|(name, _)| matches!(name.kind, NameKind::Itself | NameKind::Seat | NameKind::Leader))?;
            Some(gazetteer.canonical(name).to_owned())
        })
    }

    /// What a group is called: a country or a body if it is one or acts for it, else its words.
    fn name_of(&self, group: &Group) -> Option<(String, String)> {
        let start = group.tokens.clone().find(|at| !self.lexicon.is_little(self.tokens.lower(*at)))?;
        let text = self.text(&(start..group.tokens.end));
        let official = group.tokens.clone().any(|at| self.lexicon.is_official(self.tokens.lower(at)));
        let last = Self::head(group);
        let whole = group.tokens.clone().filter(|at| !self.lexicon.is_little(self.tokens.lower(*at))).count() == 1;
        let name = group.tokens.clone().find_map(|at| self.name_at(at).filter(|_| official || whole || at == last));
        // `die Regierung der Slowakei`, `die Regierung in Bratislava`
        let behind = || {
            let clause = self.clauses.iter().find(|clause| clause.tokens.contains(&group.tokens.start))?;
            let at = clause.groups.iter().position(|other| other.tokens == group.tokens)?;
            let next =
                clause.groups.get(at + 1).filter(|next| official && next.tokens.start <= group.tokens.end + 1)?;
            next.tokens.clone().find_map(|at| self.name_at(at))
        };
        Some((name.or_else(behind).unwrap_or_else(|| text.clone()), text))
    }
}
