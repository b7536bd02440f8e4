//! Gerunds: what each of them hangs on, and verbs that have one as their subject.

use super::super::classes::Family;
use super::super::groups::{Gov, Mood, Node, Piece};
use super::super::lexicon::Lexicon;
use super::super::words::{Tag, W};
use super::{Clause, Kind, Linker};

impl Linker<'_, '_> {
    pub(super) fn gerund(&mut self, at: usize, vg: usize) {
        let before = self.before(at);
        let previous = self.piece(before);
        let main = self.last_verb();
        match (self.tag_of(previous), previous) {
            (Some(Tag::Prep), Some(Piece::Word(prep))) => self.gerund_behind_preposition(at, vg, prep),
            (_, Some(Piece::Vg(other))) => {
                self.vgs[vg].gov =
                    if self.vgs[other].family.is_some() { Gov::Of(Node::Verb(other)) } else { Gov::Beside(other) };
            }
            (_, Some(Piece::Np(np))) => {
                if !self.gerund_behind_noun(vg, np) {
                    return self.top().waiting.clear();
                }
            }
            // "…, Tehran said, rejecting calls": so does whoever says so.
            (Some(Tag::Comma), _) if let Some(says) = self.aside_before(vg) => self.beside(vg, Some(says), Gov::Beside),
            (Some(Tag::And), _) => self.joined_gerund(at, vg, main),
            // "Having bought some, it now": that was before.
            _ if self.vgs[vg].perfect && main.is_none() => {
                self.vgs[vg].mood = if self.vgs[vg].negated { Mood::Open } else { Mood::Told };
                self.beside(vg, None, |_| Gov::Aside);
            }
            _ => self.beside(vg, main.map(|main| self.allowing(main)), Gov::Beside),
        }
        self.forget_objects();
    }

    /// "without ratifying", "after vetoing": the preposition says how it goes with the verb.
    fn gerund_behind_preposition(&mut self, at: usize, vg: usize, prep: usize) {
        let (before, main) = (self.before(at), self.last_verb());

        let key = self.words[prep].key;
        match key {
            "without" | "instead of" | "rather than" => {
                self.beside(vg, main.map(|main| self.allowing(main)), Gov::Without);
            }
            "by" => self.beside(vg, main, Gov::Beside),
            // "joined Ireland in boycotting": so did whoever joined.
            "in" if main.is_some_and(|main| self.is_joining(main)) => self.beside(vg, main, Gov::Beside),
            // "Poland under fire for blocking": a headline without a verb.
            "for" if main.is_none() && !self.top().waiting.is_empty() => {
                self.vgs[vg].mood = if self.vgs[vg].negated { Mood::Open } else { Mood::Told };
                self.vgs[vg].gov = Gov::Aside;
                let subject = self.top().waiting.first().copied();
                self.vgs[vg].subjects = subject.into_iter().collect();
            }
            // "criticised Turkey for failing": whoever is criticised failed.
            "for" if main.is_some_and(|main| self.vgs[main].family.is_none() && !self.vgs[main].objects.is_empty()) => {
                let object = main.and_then(|main| self.vgs[main].objects.first().copied());
                self.vgs[vg].mood = if self.vgs[vg].negated { Mood::Open } else { Mood::Told };
                self.vgs[vg].gov = Gov::Aside;
                self.vgs[vg].subjects = object.into_iter().collect();
            }
            "after" | "before" | "since" | "while" | "when" | "following" | "despite" | "in" | "on"
                if matches!(key, "after" | "before" | "since" | "following" | "despite") =>
            {
                self.vgs[vg].mood = if self.vgs[vg].negated { Mood::Open } else { Mood::Told };
                self.beside(vg, main, |_| Gov::Aside);
            }
            _ => {
                let (found, fallback) = self.governor(before.unwrap_or(at), false);
                self.vgs[vg].gov = found.map(Gov::Of).or(fallback.map(Gov::Purpose)).unwrap_or_default();
            }
        }
    }

    /// What is done by the noun before it, or is said of that; whether nouns that wait for their verb wait on where they did.
    fn gerund_behind_noun(&mut self, vg: usize, np: usize) -> bool {
        let main = self.last_verb();
        let prep = self.nps[np].prep.map(|prep| self.words[prep].key);
        // "passed a bill banning exports": what becomes of the bill becomes of that.
        if prep.is_none() && self.is_ruling(np) && self.vgs[vg].first == self.nps[np].last {
            self.vgs[vg].gov = Gov::Of(Node::Noun(np, self.nps[np].head));
            return true;
        }
        self.vgs[vg].subjects = vec![np];
        if let Some(Node::Noun(host, head)) = self.nps[np].host {
            let family = self.words[head].noun_family();
            let takes =
                family.is_some_and(|family| family.takes_clause() && !matches!(family, Family::Direct | Family::Allow));
            // "no question of Malta withdrawing", "the risk of Turkey blocking it"
            if takes && matches!(prep, Some("of" | "about" | "over" | "at")) {
                self.vgs[vg].gov = Gov::Of(Node::Noun(host, head));
                return true;
            }
            // "support for Norway joining it": nobody says that it does.
            if matches!(prep, Some("for" | "to" | "against")) && self.words[self.nps[np].head].tag == Tag::Proper {
                self.vgs[vg].gov = Gov::Purpose(main.unwrap_or(vg));
                return true;
            }
        }
        if prep == Some("without") {
            self.vgs[vg].gov = Gov::Without(main.unwrap_or(vg));
            return false;
        }
        let caught = main
            .filter(|&main| matches!(self.vgs[main].family, Some(Family::Prevent | Family::Accuse | Family::Guess)));
        match caught {
            Some(main) if self.nps[np].object_of == Some(main) => self.vgs[vg].gov = Gov::Of(Node::Verb(main)),
            _ => {
                self.vgs[vg].mood = Mood::Told;
                self.vgs[vg].gov = Gov::About(np);
            }
        }
        true
    }

    /// The verb of whoever is said, between commas, to say what stands before.
    fn aside_before(&self, vg: usize) -> Option<usize> {
        let says = vg.checked_sub(1)?;
        let is_aside = self.vgs.iter().any(|vg| vg.aside == Some(says));
        let next = self.words.get(self.vgs[says].last).is_some_and(|word| word.tag == Tag::Comma);
        (is_aside && next).then_some(says)
    }

    /// A noun for what says how things shall be: a bill, an order. What it says stands behind it.
    fn is_ruling(&self, np: usize) -> bool {
        let head = &self.words[self.nps[np].head];
        head.noun_family() == Some(Family::Pass)
            && (self.nps[np].object_of.is_some()
                || matches!(
                    head.key,
                    "bill"
                        | "decree"
                        | "law"
                        | "legislation"
                        | "resolution"
                        | "edict"
                        | "ordinance"
                        | "injunction"
                        | "directive"
                ))
            || head.key == "order"
    }

    /// "let them go, releasing": whoever lets them.
    fn allowing(&self, vg: usize) -> usize {
        match self.vgs[vg].gov {
            Gov::Of(Node::Verb(up)) if matches!(self.vgs[up].family, Some(Family::Allow | Family::Force)) => up,
            _ => vg,
        }
    }

    /// "accused it of blocking and delaying": as the gerund before it.
    fn joined_gerund(&mut self, at: usize, vg: usize, main: Option<usize>) {
        let other = self.pieces[..at].iter().rev().find_map(|piece| match piece {
            Piece::Vg(other) => Some(*other),
            _ => None,
        });
        if let Some(other) = other.filter(|&other| self.vgs[other].gerund) {
            let first = self.vgs[other].clone();
            (self.vgs[vg].gov, self.vgs[vg].subjects, self.vgs[vg].mood) = (first.gov, first.subjects, first.mood);
        } else {
            self.beside(vg, main, Gov::Beside);
        }
    }

    fn is_joining(&self, vg: usize) -> bool {
        let verb = Lexicon::get().verb_of(self.words[self.vgs[vg].head].key);
        !self.vgs[vg].objects.is_empty()
            && verb.is_some_and(|verb| matches!(verb.base.as_str(), "join" | "follow" | "copy" | "imitate"))
    }

    /// "Deploying troops would be conceivable", "says recognising it would be wrong": what is done is the subject.
    pub(super) fn has_gerund_as_subject(&mut self, at: usize, vg: usize, waiting: &[usize]) -> bool {
        let is_its = |it: &Self, gerund: usize| {
            it.vgs[gerund].gerund
                && !has_comma(it.words, it.vgs[gerund].last, it.vgs[vg].first)
                && waiting.iter().all(|&np| it.nps[np].object_of == Some(gerund))
        };
        if let [.., gerund] = self.fronted[..]
            && self.stack.len() == 1
            && self.top().verb.is_none()
            && self.vgs[gerund].gov == Gov::Beside(usize::MAX)
            && !self.vgs[gerund].objects.is_empty()
            && !self.comma_before(at)
            && is_its(self, gerund)
        {
            self.fronted.pop();
            let gov = self.top().gov;
            self.gerund_as_subject(gerund, vg, gov);
            return true;
        }
        if let Some(gerund) = vg.checked_sub(1)
            && let Gov::Of(Node::Verb(says)) = self.vgs[gerund].gov
            && says + 1 == gerund
            && matches!(self.vgs[says].family, Some(Family::Say | Family::Guess))
            && self.vgs[says].finite
            && is_its(self, gerund)
        {
            self.stack.push(Clause::new(Kind::Complement, Gov::Of(Node::Verb(says)), false));
            self.gerund_as_subject(gerund, vg, Gov::Of(Node::Verb(says)));
            return true;
        }
        false
    }

    /// What is done is what a verb speaks of: done where that is told, else only thought of.
    fn gerund_as_subject(&mut self, gerund: usize, vg: usize, gov: Gov) {
        let past =
            self.vgs[vg].mood == Mood::Told && matches!(self.words[self.vgs[vg].first].key, "was" | "were" | "had");
        let family = self.vgs[vg].family.is_some_and(|family| !matches!(family, Family::Deny | Family::Truth));
        self.vgs[gerund].gov = match () {
            () if family => Gov::Of(Node::Verb(vg)),
            () if past => Gov::Aside,
            () => Gov::Purpose(vg),
        };
        if past && !family {
            self.vgs[gerund].mood = Mood::Told;
        }
        self.vgs[vg].gov = gov;
        self.top().verb = Some(vg);
        self.top().waiting.clear();
    }
}

/// Whether a comma stands between two words.
fn has_comma(words: &[W<'_>], from: usize, to: usize) -> bool {
    words.get(from..to).is_some_and(|words| words.iter().any(|word| word.tag == Tag::Comma))
}
