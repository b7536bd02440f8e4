//! Whose act it is.

use super::classes::Family;
use super::groups::{Gov, Node};
use super::tree::Tree;
use super::words::Tag;

/// How far the way to an actor goes.
pub(super) const DEEPEST: usize = 10;

/// Somebody that a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// A noun with what stands before it.
    Np(usize),
    /// A name inside another noun's group: a *Greek* veto.
    Word(usize),
    /// `its` veto.
    Poss(usize),
}

/// Acts of this kind are of whoever comes behind `of`.
pub(super) const OF_ACTOR: &[&str] = &["resign", "withdraw", "arrive", "visit", "die", "depart", "return"];

/// After these `from` names a place.
const FROM_PLACE: &[&str] =
    &["withdraw", "recall", "deport", "evacuate", "expel", "release", "resign", "launch", "exit", "depart"];

impl Tree<'_, '_> {
    /// Whoever does an act.
    pub(super) fn actors(&self, act: Node, base: &str) -> Vec<Who> {
        let mut found = match act {
            Node::Verb(vg) => self.doers(vg, 0),
            Node::Noun(np, word) => self.noun_doers(np, word, base, 0),
        };
        // "a plan that will not allow": whoever has the plan.
        if let [Who::Np(np)] = found[..] {
            let head = self.nps[np].head;
            if matches!(self.words[head].noun_family(), Some(Family::Commit | Family::Direct))
                && self.country_of(np, 0).is_none()
            {
                let own = self.noun_controller(np, head, 0);
                if !own.is_empty() {
                    found = own;
                }
            }
        }
        if let [Who::Poss(at)] = found[..]
            && self.words[at].key == "their"
            && let Some(vg) = self.vgs.iter().rev().find(|vg| vg.first < at && vg.finite && !vg.subjects.is_empty())
            && vg.subjects.len() > 1
        {
            found = vg.subjects.iter().map(|&np| Who::Np(np)).collect();
        }
        if let [Who::Np(np)] = found[..]
            && let Some(several) = self.several_meant(np)
        {
            found = several;
        }
        found.retain(|who| !matches!(who, Who::Np(np) if self.nps[*np].excluded));
        found.dedup();
        found
    }

    /// "Mali and Chad said they would": those who say so of themselves.
    fn several_meant(&self, np: usize) -> Option<Vec<Who>> {
        if self.words[self.nps[np].head].key != "they" {
            return None;
        }
        let vg = self.nps[np].subject_of?;
        let Gov::Of(Node::Verb(up)) = self.vgs[vg].gov else { return None };
        let subjects = &self.vgs[up].subjects;
        (subjects.len() > 1).then(|| subjects.iter().map(|&np| Who::Np(np)).collect())
    }

    fn all(&self, np: usize) -> Vec<Who> {
        let mut last = np;
        // The first of a list may be named: go to its last.
        while let Some(next) = self.nps.iter().position(|other| other.with == Some(last)) {
            last = next;
        }
        let mut all = vec![Who::Np(last)];
        while let Some(other) = self.nps[last].with {
            all.push(Who::Np(other));
            last = other;
        }
        all.reverse();
        all
    }

    /// Whoever does what a verb says.
    pub(super) fn doers(&self, vg: usize, depth: usize) -> Vec<Who> {
        let it = &self.vgs[vg];
        if depth > DEEPEST {
            return Vec::new();
        }
        if it.passive {
            return match it.agent {
                Some(agent) => self.all(agent),
                None => self.sent_by_own(vg).into_iter().collect(),
            };
        }
        let subjects = self.surface(vg, depth);
        if subjects.is_empty() { self.sent_by_own(vg).into_iter().collect() } else { subjects }
    }

    /// Whoever stands as the subject of a verb, also of a passive.
    pub(super) fn surface(&self, vg: usize, depth: usize) -> Vec<Who> {
        let it = &self.vgs[vg];
        if depth > DEEPEST {
            return Vec::new();
        }
        if !it.subjects.is_empty() {
            return it.subjects.iter().map(|&np| Who::Np(np)).collect();
        }
        match it.gov {
            Gov::Of(Node::Verb(other)) => self.controller(other, vg, depth + 1),
            Gov::Of(Node::Noun(np, word)) => self.noun_controller(np, word, depth + 1),
            Gov::Beside(other) | Gov::Without(other) | Gov::Purpose(other) if other < self.vgs.len() => {
                self.surface(other, depth + 1)
            }
            Gov::About(np) => vec![Who::Np(np)],
            _ => Vec::new(),
        }
    }

    /// The subject that an embedding verb gives to an infinitive or a gerund.
    fn controller(&self, vg: usize, below: usize, depth: usize) -> Vec<Who> {
        let it = &self.vgs[vg];
        let with_object = it.family == Some(Family::Guess) && !it.own && !it.objects.is_empty();
        let of_object = (it.family.is_some_and(Family::is_of_object) || with_object) && !it.predicate;
        if !of_object {
            return self.surface(vg, depth);
        }
        if it.passive {
            return self.surface(vg, depth);
        }
        let object =
            it.objects.iter().copied().find(|&np| self.nps[np].first < self.vgs[below].first && !self.nps[np].time);
        if let Some(object) = object {
            return self.all(object);
        }
        let behind = self.nps.iter().position(|np| {
            np.host == Some(Node::Verb(vg))
                && np.first < self.vgs[below].first
                && np.prep.is_some_and(|prep| matches!(self.words[prep].key, "on" | "to" | "with" | "for" | "upon"))
        });
        match behind {
            Some(np) => self.all(np),
            None if it.own || it.family == Some(Family::Allow) => self.surface(vg, depth),
            None => Vec::new(),
        }
    }

    /// The subject that a noun gives to what hangs on it: "threat to", "call on Hungary to".
    pub(super) fn noun_controller(&self, np: usize, word: usize, depth: usize) -> Vec<Who> {
        if depth > DEEPEST {
            return Vec::new();
        }
        let family = self.words[word].noun_family();
        let group = &self.nps[np];
        if matches!(family, Some(Family::Direct | Family::Allow)) {
            let by_verb = group.subject_of.map(Node::Verb);
            let addressed = self.nps.iter().position(|other| {
                (matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                    || other.host.is_some() && other.host == by_verb)
                    && self.words[other.head].tag != Tag::Num
                    && other.prep.is_some_and(|prep| matches!(self.words[prep].key, "on" | "to" | "for" | "upon"))
            });
            if let Some(other) = addressed {
                return self.all(other);
            }
        } else {
            let own = self.beside_noun(np, word);
            if !own.is_empty() {
                return own;
            }
        }
        let used = self.noun_user(np, depth);
        // "is under pressure to", "is in talks to"
        match group.host {
            Some(Node::Verb(vg))
                if used.is_empty()
                    && group
                        .prep
                        .is_some_and(|prep| matches!(self.words[prep].key, "under" | "in" | "on" | "within")) =>
            {
                self.surface(vg, depth + 1)
            }
            _ => used,
        }
    }

    /// Whoever has, makes, drops or refuses what a noun says.
    pub(super) fn noun_user(&self, np: usize, depth: usize) -> Vec<Who> {
        match self.noun_governor(np) {
            Some(Node::Verb(vg)) => {
                let it = &self.vgs[vg];
                if self.nps[np].subject_of.is_some() {
                    return if it.passive {
                        it.agent.map(|agent| self.all(agent)).unwrap_or_default()
                    } else {
                        Vec::new()
                    };
                }
                match it.family {
                    // "was behind the attack"
                    None if self.is_behind(np, vg) => self.surface(vg, depth + 1),
                    // "reserves the right to retaliate"
                    None if matches!(
                        self.words[self.nps[np].head].noun_family(),
                        Some(Family::Direct | Family::Allow)
                    ) =>
                    {
                        self.doers(vg, depth + 1)
                    }
                    Some(Family::Prevent | Family::Allow | Family::Force | Family::Dissuade) | None => Vec::new(),
                    Some(Family::Direct)
                        if it.orders && it.objects.first() == Some(&np) && !self.is_of_its_doer(self.nps[np].head) =>
                    {
                        self.doers(vg, depth + 1)
                    }
                    Some(Family::Accuse | Family::Direct) => {
                        let object = it
                            .objects
                            .iter()
                            .copied()
                            .find(|&object| object != np && self.nps[object].first < self.nps[np].first);
                        object.map(|object| self.all(object)).unwrap_or_default()
                    }
                    Some(Family::Guess) if !it.own => Vec::new(),
                    Some(_) => self.doers(vg, depth + 1),
                }
            }
            Some(Node::Noun(other, word)) => {
                if self.words[word].noun_family().is_some() {
                    self.noun_controller(other, word, depth + 1)
                } else {
                    Vec::new()
                }
            }
            None => self.done_with(np, depth),
        }
    }

    /// "killed three people in a strike": whoever did so.
    fn done_with(&self, np: usize, depth: usize) -> Vec<Who> {
        let group = &self.nps[np];
        let is_in = group.prep.is_some_and(|prep| self.words[prep].key == "in");
        let hits = |vg: usize| {
            let it = &self.vgs[vg];
            it.family.is_none() && !it.objects.is_empty() && !it.passive
        };
        match group.host {
            Some(Node::Verb(vg)) if is_in && hits(vg) => self.doers(vg, depth + 1),
            // "five died when Israel shelled the camp, in an attack that"
            Some(Node::Verb(vg)) if is_in && self.vgs[vg].objects.is_empty() => {
                let last = self.vgs.iter().rposition(|other| other.finite && other.last <= group.first);
                last.filter(|&last| last != vg && hits(last))
                    .map(|last| self.doers(last, depth + 1))
                    .unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// Whose a noun is by the words beside it: possessive, adjective, compound, `by`.
    pub(super) fn beside_noun(&self, np: usize, word: usize) -> Vec<Who> {
        let group = &self.nps[np];
        let by = self.nps.iter().position(|other| {
            matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                && other.prep.is_some_and(|prep| self.words[prep].key == "by")
        });
        if let Some(by) = by {
            return self.all(by);
        }
        // "sanctions imposed by Washington were lifted"
        let belongs = |other: usize| {
            let is_of = self.nps[other].prep.is_some_and(|prep| self.words[prep].key == "of");
            is_of && matches!(self.nps[other].host, Some(Node::Noun(host, _)) if host == np)
        };
        let imposed = self.vgs.iter().find_map(|vg| {
            (matches!(vg.gov, Gov::About(about) if about == np || belongs(about))
                && !vg.finite
                && vg.passive
                && vg.family == Some(Family::Support))
            .then_some(vg.agent)?
        });
        if let Some(agent) = imposed {
            return self.all(agent);
        }
        if let Some((_, on)) = self.blamed(np) {
            return self.all(on);
        }
        if let Some(owner) = group.owner {
            return self.all(owner);
        }
        if let Some(poss) = (group.first..word).find(|&at| self.words[at].tag == Tag::Poss) {
            return vec![Who::Poss(poss)];
        }
        let name = (group.first..word).rev().find(|&at| self.words[at].name.is_some());
        name.map(|at| vec![Who::Word(at)]).unwrap_or_default()
    }

    /// "an attack blamed on Mali": whoever is said to have done it, and the verb that says so.
    pub(super) fn blamed(&self, np: usize) -> Option<(usize, usize)> {
        let blamed = |vg: usize| {
            let it = &self.vgs[vg];
            it.gov == Gov::About(np) && !it.finite && it.passive && it.family == Some(Family::Accuse)
        };
        (0..self.vgs.len()).find(|&vg| blamed(vg)).and_then(|vg| {
            let on = self.nps.iter().position(|other| {
                other.host == Some(Node::Verb(vg)) && other.prep.is_some_and(|prep| self.words[prep].key == "on")
            })?;
            Some((vg, on))
        })
    }

    fn noun_doers(&self, np: usize, word: usize, base: &str, depth: usize) -> Vec<Who> {
        let beside = self.beside_noun(np, word);
        if !beside.is_empty() && !self.is_whom(np, word, base, &beside) {
            return beside;
        }
        let hung = |preps: &[&str]| {
            self.nps.iter().position(|other| {
                matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                    && other.prep.is_some_and(|prep| preps.contains(&self.words[prep].key))
            })
        };
        if !FROM_PLACE.contains(&base)
            && let Some(from) = hung(&["from"])
        {
            return self.all(from);
        }
        let used = self.noun_user(np, depth);
        if !used.is_empty() {
            return used;
        }
        if OF_ACTOR.contains(&base)
            && let Some(of) = hung(&["of"])
        {
            return self.all(of);
        }
        if !beside.is_empty() {
            return if super::gazetteer::Gazetteer::get().of_power(base).is_some() { Vec::new() } else { beside };
        }
        // "rail strike", "pilots' walkout": whoever the compound names.
        let compound = (self.nps[np].first..word).find(|&at| matches!(self.words[at].tag, Tag::Noun | Tag::Proper));
        compound.map(|at| vec![Who::Word(at)]).unwrap_or_default()
    }
}
