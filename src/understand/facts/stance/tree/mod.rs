//! What hangs on what: subjects, objects, and the word that each verb completes. No parser; one pass from left to right
//! with a stack of clauses, for the shapes that news is written in.

use std::cell::OnceCell;

use super::classes::{Classes, Family};
use super::condition::is_nominal_condition;
use super::gazetteer::Name;
use super::groups::{Chunks, Gov, Mood, Node, Np, Piece, Vg};
use super::words::{Tag, W};

mod finite;
mod gerund;
mod open;

/// A sentence with what hangs on what.
pub(super) struct Tree<'s, 'a> {
    pub(super) words: &'s [W<'a>],
    pub(super) nps: Vec<Np>,
    pub(super) vgs: Vec<Vg>,
    /// The country or body that each group of nouns stands for, once somebody has asked.
    pub(super) countries: Vec<OnceCell<Option<(Name, bool)>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Main,
    /// said *that*
    Complement,
    /// which
    Relative,
    /// if, after, because
    Aside,
}

#[derive(Debug, Clone)]
struct Clause {
    kind: Kind,
    gov: Gov,
    verb: Option<usize>,
    /// Nouns that may be subjects of a verb to come.
    waiting: Vec<usize>,
    supposed: bool,
}

impl Clause {
    fn new(kind: Kind, gov: Gov, supposed: bool) -> Self {
        Self { kind, gov, verb: None, waiting: Vec::new(), supposed }
    }
}

/// Hangs the groups of a sentence on each other.
pub(super) struct Linker<'s, 'a> {
    words: &'s [W<'a>],
    nps: Vec<Np>,
    vgs: Vec<Vg>,
    pieces: Vec<Piece>,
    stack: Vec<Clause>,
    /// An auxiliary before its subject: `Will Spain`.
    inverted: Option<usize>,
    /// Verbs before the main one that go with it.
    fronted: Vec<usize>,
    question: bool,
}

impl<'s, 'a> Linker<'s, 'a> {
    pub(super) fn new(words: &'s [W<'a>], chunks: Chunks) -> Self {
        let question = words.iter().rev().find(|word| word.tag != Tag::Quote).is_some_and(|word| word.key == "?");
        Self {
            words,
            nps: chunks.nps,
            vgs: chunks.vgs,
            pieces: chunks.pieces,
            stack: vec![Clause::new(Kind::Main, Gov::Root, false)],
            inverted: None,
            fronted: Vec::new(),
            question,
        }
    }

    /// The finished tree.
    pub(super) fn link(mut self) -> Tree<'s, 'a> {
        for at in 0..self.pieces.len() {
            match self.pieces[at] {
                Piece::Np(np) => self.noun(at, np),
                Piece::Vg(vg) => self.verb(at, vg),
                Piece::Word(word) => self.word(at, word),
            }
        }
        self.finish();
        let countries = vec![OnceCell::new(); self.nps.len()];
        Tree { words: self.words, nps: self.nps, vgs: self.vgs, countries }
    }

    fn top(&mut self) -> &mut Clause {
        let at = self.stack.len() - 1;
        &mut self.stack[at]
    }

    fn piece(&self, at: Option<usize>) -> Option<Piece> {
        at.and_then(|at| self.pieces.get(at)).copied()
    }

    fn tag_of(&self, piece: Option<Piece>) -> Option<Tag> {
        match piece {
            Some(Piece::Word(word)) => Some(self.words[word].tag),
            _ => None,
        }
    }

    /// The nearest piece before that is no time and no adverb.
    fn before(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|&at| match self.pieces[at] {
            Piece::Np(np) => !self.nps[np].time,
            Piece::Word(word) => {
                self.words[word].tag != Tag::Adv && (self.words[word].tag != Tag::Prep || !self.is_time(at + 1))
            }
            Piece::Vg(_) => true,
        })
    }

    fn after(&self, at: usize) -> Option<usize> {
        (at + 1..self.pieces.len()).find(|&at| match self.pieces[at] {
            Piece::Np(np) => !self.nps[np].time,
            Piece::Word(word) => {
                self.words[word].tag != Tag::Adv && (self.words[word].tag != Tag::Prep || !self.is_time(at + 1))
            }
            Piece::Vg(_) => true,
        })
    }

    fn is_time(&self, at: usize) -> bool {
        matches!(self.pieces.get(at), Some(Piece::Np(np)) if self.nps[*np].time)
    }

    fn word(&mut self, at: usize, word: usize) {
        let last = self.last_verb();
        match self.words[word].tag {
            Tag::Comma => {
                // A clause that is complete ends here; one whose verb is still to come goes on.
                while self.stack.len() > 1 {
                    let top = self.top();
                    if top.verb.is_none() || top.kind == Kind::Complement {
                        break;
                    }
                    self.stack.pop();
                }
            }
            Tag::Stop | Tag::End => {
                let speaker = self.stack.len() == 1 && self.top().verb.is_none();
                if !speaker || self.words[word].key == ";" {
                    self.stack = vec![Clause::new(Kind::Main, Gov::Root, false)];
                } else if self.words[word].key == ":" {
                    self.top().waiting.clear();
                }
            }
            Tag::That => self.that(at),
            Tag::Whether => {
                let gov = last.map_or(Gov::Root, |verb| Gov::Of(Node::Verb(verb)));
                self.stack.push(Clause::new(Kind::Complement, gov, true));
            }
            Tag::Cond if is_nominal_condition(self.words[word].key) => {}
            Tag::Cond => self.stack.push(Clause::new(Kind::Aside, Gov::Aside, true)),
            Tag::Sub => self.stack.push(Clause::new(Kind::Aside, Gov::Aside, false)),
            Tag::Wh => {
                let about = self.antecedent(at);
                self.stack.push(Clause::new(Kind::Relative, about.map_or(Gov::Root, Gov::About), false));
            }
            _ => {}
        }
    }

    fn that(&mut self, at: usize) {
        let before = self.piece(self.before(at));
        let gov = match before {
            Some(Piece::Np(np)) => {
                let np = self.hosted(np);
                let family = self.words[self.nps[np].head].noun_family();
                let verb_next = matches!(self.piece(self.after(at)), Some(Piece::Vg(vg)) if self.vgs[vg].finite);
                let verb = self.last_verb().filter(|&verb| self.vgs[verb].family.is_some_and(Family::takes_clause));
                let topic = self.last_verb().and_then(|verb| self.topic_of(verb));
                match (family, verb) {
                    _ if verb_next => return self.stack.push(Clause::new(Kind::Relative, Gov::About(np), false)),
                    (Some(family), _) if family.takes_clause() => Gov::Of(Node::Noun(np, self.nps[np].head)),
                    (_, Some(verb)) => Gov::Of(Node::Verb(verb)),
                    _ if topic.is_some() => topic.map_or(Gov::Root, Gov::Of),
                    _ => return self.stack.push(Clause::new(Kind::Relative, Gov::About(np), false)),
                }
            }
            Some(Piece::Vg(vg)) => Gov::Of(self.topic_of(vg).unwrap_or(Node::Verb(vg))),
            _ => self.last_verb().map_or(Gov::Root, |verb| Gov::Of(Node::Verb(verb))),
        };
        self.stack.push(Clause::new(Kind::Complement, gov, false));
    }

    /// "Fears grow that": a verb that takes no clause leaves it to the noun that is its subject.
    fn topic_of(&self, verb: usize) -> Option<Node> {
        let it = &self.vgs[verb];
        if it.family.is_some_and(Family::takes_clause) || !it.objects.is_empty() {
            return None;
        }
        let np = it.subjects.first().copied()?;
        let head = self.nps[np].head;
        self.words[head].noun_family().is_some_and(Family::takes_clause).then_some(Node::Noun(np, head))
    }

    /// A noun that a clause can hang on, some prepositions before this one: "a reminder to Iraq that".
    fn hosted(&self, np: usize) -> usize {
        let mut at = np;
        for _ in 0..4 {
            let Some(Node::Noun(host, _)) = self.nps[at].host else { break };
            at = host;
            if self.words[self.nps[at].head].noun_family().is_some_and(Family::takes_clause) {
                return at;
            }
        }
        np
    }

    /// The verb of the clause, or of the nearest around it.
    fn last_verb(&self) -> Option<usize> {
        self.stack.iter().rev().find_map(|clause| clause.verb)
    }

    /// The noun that `which` or `who` is about: the nearest, or what that belongs to.
    fn antecedent(&self, at: usize) -> Option<usize> {
        let before = (0..at).rev().find_map(|at| match self.pieces[at] {
            Piece::Np(np) if !self.nps[np].time => Some(np),
            _ => None,
        })?;
        let who = self
            .pieces
            .get(at)
            .is_some_and(|piece| matches!(piece, Piece::Word(word) if self.words[*word].key == "who"));
        match self.nps[before].host {
            Some(Node::Noun(host, _)) if who || self.comma_before(at) => Some(host),
            _ => Some(before),
        }
    }

    fn comma_before(&self, at: usize) -> bool {
        self.tag_of(self.piece(at.checked_sub(1))) == Some(Tag::Comma)
    }

    fn noun(&mut self, at: usize, np: usize) {
        if self.nps[np].time {
            return;
        }
        if self.words[self.nps[np].first].key == "whose" {
            let about = self.antecedent(at);
            self.stack.push(Clause::new(Kind::Relative, about.map_or(Gov::Root, Gov::About), false));
        }
        let previous = self.piece(at.checked_sub(1));
        let before_that = self.piece(at.checked_sub(2));
        match (self.tag_of(previous), before_that) {
            (Some(Tag::Cond), _) if matches!(previous, Some(Piece::Word(word)) if is_nominal_condition(self.words[word].key)) => {
                if let Some(Piece::Word(prep)) = previous {
                    self.prepositional(at, np, prep);
                }
            }
            (Some(Tag::Prep), _) => {
                if let Some(Piece::Word(prep)) = previous {
                    self.prepositional(at, np, prep);
                }
            }
            (Some(Tag::Not), _) => {
                self.nps[np].excluded = true;
            }
            (Some(Tag::And), Some(Piece::Np(other))) if !self.nps[other].time => self.joined(at, np, other),
            (Some(Tag::And), _) if self.tag_of(before_that) == Some(Tag::Comma) => {
                if let Some(Piece::Np(other)) = self.piece(at.checked_sub(3))
                    && self.top().verb.is_none()
                {
                    self.joined(at, np, other);
                } else {
                    self.bare(at, np);
                }
            }
            _ => self.bare(at, np),
        }
    }

    fn prepositional(&mut self, at: usize, np: usize, prep: usize) {
        self.nps[np].prep = Some(prep);
        let key = self.words[prep].key;
        let before = self.piece(at.checked_sub(2).and_then(|at| self.before(at + 1)));
        let verb = self.top().verb;
        let host = match before {
            Some(Piece::Np(other)) => {
                let head = self.nps[other].head;
                let takes = self.words[head].noun_family().is_some()
                    || self.words[head].entry.is_some_and(|entry| !entry.noun.acts.is_empty())
                    || self.words[head].asked.1.is_some();
                if key == "of" || takes || verb.is_none() {
                    Some(Node::Noun(other, head))
                } else {
                    verb.map(Node::Verb)
                }
            }
            Some(Piece::Vg(vg)) => Some(Node::Verb(vg)),
            _ => verb.map(Node::Verb),
        };
        self.nps[np].host = host;
        if key == "by"
            && self.passive_before(at).is_none()
            && let Some(act) = self.act_before(at)
        {
            self.nps[np].host = Some(act);
        }
        if key == "by"
            && let Some(vg) = self.passive_before(at)
            && self.vgs[vg].agent.is_none()
            && !self.is_when(at, np)
        {
            self.vgs[vg].agent = Some(np);
        }
    }

    /// The noun of an act, some prepositions before: "a boycott of the games by Norway".
    fn act_before(&self, at: usize) -> Option<Node> {
        for piece in self.pieces[..at].iter().rev() {
            match piece {
                Piece::Np(np) if self.is_act(self.nps[*np].head) => return Some(Node::Noun(*np, self.nps[*np].head)),
                Piece::Word(word) if self.words[*word].tag != Tag::Prep => return None,
                Piece::Vg(_) => return None,
                _ => {}
            }
        }
        None
    }

    fn is_act(&self, word: usize) -> bool {
        let word = &self.words[word];
        word.asked.1.is_some() || word.entry.is_some_and(|entry| !entry.noun.acts.is_empty())
    }

    /// The passive verb that "by" may name the actor of.
    fn passive_before(&self, at: usize) -> Option<usize> {
        for piece in self.pieces[..at].iter().rev() {
            match piece {
                Piece::Vg(vg) => return self.vgs[*vg].passive.then_some(*vg),
                Piece::Word(word) if matches!(self.words[*word].tag, Tag::Comma | Tag::Stop) => return None,
                _ => {}
            }
        }
        None
    }

    /// A noun behind `and`: one more of the same, or the subject of what follows.
    fn joined(&mut self, at: usize, np: usize, other: usize) {
        let finite_next = matches!(self.piece(self.after(at)), Some(Piece::Vg(vg)) if self.vgs[vg].finite);
        // "not Ghana but Togo"
        let but = matches!(self.piece(at.checked_sub(1)), Some(Piece::Word(word)) if self.words[word].key == "but");
        if but && self.nps[other].object_of.is_some_and(|vg| self.vgs[vg].negated) {
            self.nps[other].excluded = true;
        }
        let verb = self.top().verb;
        // "said US and British forces must"
        let of_clause = verb.is_some_and(|verb| {
            self.nps[other].object_of == Some(verb) && self.vgs[verb].family.is_some_and(Family::takes_clause)
        });
        if finite_next && verb.is_some() && !of_clause {
            return self.bare(at, np);
        }
        self.nps[np].with = Some(other);
        self.nps[np].prep = self.nps[other].prep;
        self.nps[np].host = self.nps[other].host;
        self.nps[np].negated |= self.nps[other].negated;
        if let Some(vg) = self.vgs.iter().position(|vg| vg.agent == Some(other)) {
            let _ = vg;
        } else if let Some(vg) = self.nps[other].object_of {
            self.nps[np].object_of = Some(vg);
            self.vgs[vg].objects.push(np);
            self.top().waiting.push(np);
        } else if self.nps[np].prep.is_none() {
            self.top().waiting.push(np);
        }
    }

    /// A noun without a preposition: an object, or the subject of a verb to come.
    fn bare(&mut self, at: usize, np: usize) {
        let before = self.piece(self.before(at));
        match before {
            Some(Piece::Vg(vg)) if !self.vgs[vg].bare => self.object(vg, np),
            // "dismissed as baseless the claim that"
            Some(Piece::Np(other))
                if let Some(Node::Verb(vg)) = self.nps[other].host
                    && self.nps[other].prep.is_some_and(|prep| self.words[prep].key == "as")
                    && self.vgs[vg].objects.is_empty() =>
            {
                self.object(vg, np);
            }
            Some(Piece::Np(other)) if self.nps[other].object_of.is_some() && self.nps[np].with.is_none() => {
                if let Some(vg) = self.nps[other].object_of {
                    self.object(vg, np);
                }
            }
            _ => {}
        }
        self.top().waiting.push(np);
    }

    fn object(&mut self, vg: usize, np: usize) {
        self.vgs[vg].objects.push(np);
        self.nps[np].object_of = Some(vg);
    }

    /// What can be told only at the end.
    fn finish(&mut self) {
        let mains: Vec<usize> =
            (0..self.vgs.len()).filter(|&vg| self.vgs[vg].finite && matches!(self.vgs[vg].gov, Gov::Root)).collect();
        for vg in std::mem::take(&mut self.fronted) {
            let Some(&main) = mains.iter().find(|&&main| main > vg).or_else(|| mains.first()) else {
                self.vgs[vg].gov = Gov::Root;
                continue;
            };
            match self.vgs[vg].gov {
                Gov::Without(_) => self.vgs[vg].gov = Gov::Without(main),
                Gov::Aside => {
                    let subjects = self.vgs[main].subjects.clone();
                    self.vgs[vg].subjects = subjects;
                }
                _ => self.vgs[vg].gov = Gov::Beside(main),
            }
        }
        // "Perhaps Chile will join"
        let doubt = self.words.iter().find(|word| word.tag != Tag::Quote).is_some_and(|word| word.can(Classes::DOUBT));
        for vg in 0..self.vgs.len() {
            self.vgs[vg].doubt |= doubt && self.vgs[vg].finite && self.vgs[vg].gov == Gov::Root;
            self.unsaid_passive(vg);
            self.any_more(vg);
        }
    }

    /// "Iran urged to release sailors", "Veto threat dropped": a headline leaves out "is".
    fn unsaid_passive(&mut self, vg: usize) {
        let it = &self.vgs[vg];
        let head = &self.words[it.head];
        let may_be = it.finite
            && !it.passive
            && !it.perfect
            && !it.predicate
            && it.mood == Mood::Told
            && it.head + 1 >= it.first
            && head.can(Classes::PAST)
            && head.entry.is_some_and(|entry| entry.classes.any(Classes::PART));
        let Some(family) = it.family.filter(|_| may_be && it.objects.is_empty()) else { return };
        let next = self.words.get(it.last).map(|word| word.key);
        let infinitive = self.words.get(it.last).is_some_and(|word| matches!(word.tag, Tag::To | Tag::Not));
        let of_object = !it.own
            && match family {
                Family::Direct | Family::Allow | Family::Force => infinitive,
                Family::Accuse => matches!(next, Some("of" | "over")),
                Family::Prevent => next == Some("from"),
                Family::Dissuade => next == Some("against"),
                _ => false,
            };
        let subject_is_act = it.subjects.first().is_some_and(|&np| {
            let head = &self.words[self.nps[np].head];
            head.noun_family().is_some()
                || head.entry.is_some_and(|entry| !entry.noun.acts.is_empty())
                || head.asked.1.is_some()
        });
        let transitive = matches!(
            family,
            Family::TakeBack
                | Family::Delay
                | Family::Refuse
                | Family::Support
                | Family::Deny
                | Family::Say
                | Family::Commit
                | Family::Guess
        );
        if of_object || (subject_is_act && transitive && !matches!(next, Some("on" | "to"))) {
            self.vgs[vg].passive = true;
        }
    }

    /// "is not going to boycott the event any more"
    fn any_more(&mut self, vg: usize) {
        if !self.vgs[vg].negated {
            return;
        }
        let rest = &self.words[self.vgs[vg].last..];
        let end = rest
            .iter()
            .position(|word| matches!(word.tag, Tag::Comma | Tag::Stop | Tag::Cond | Tag::Sub | Tag::End))
            .unwrap_or(rest.len());
        // "any more refugees" is a number of them.
        let behind =
            |at: usize| rest.get(at + 1).is_some_and(|next| matches!(next.tag, Tag::Noun | Tag::Adj | Tag::Proper));
        let ends = |at: usize| matches!(rest[at].key, "any more" | "anymore" | "any longer") && !behind(at);
        self.vgs[vg].no_longer |= (0..end).any(ends);
    }
}
