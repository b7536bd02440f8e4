//! Whose act it is.

use super::Wanted;
use super::classes::Family;
use super::gazetteer::{Gazetteer, Kind, Name};
use super::groups::{Gov, Node};
use super::tree::Tree;
use super::words::Tag;

/// How far the way to an actor goes.
const DEEPEST: usize = 10;

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
const OF_ACTOR: &[&str] = &["resign", "withdraw", "arrive", "visit", "die", "depart", "return"];

/// Nouns that are what is behind their `of`.
const COLLECTIVE: &[&str] = &[
    "group",
    "convoy",
    "batch",
    "contingent",
    "number",
    "majority",
    "column",
    "fleet",
    "squadron",
    "deployment",
    "couple",
    "dozens",
    "hundreds",
    "thousands",
    "pair",
    "team",
];

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
        found.retain(|who| !matches!(who, Who::Np(np) if self.nps[*np].excluded));
        found.dedup();
        found
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
            return it.agent.map(|agent| self.all(agent)).unwrap_or_default();
        }
        self.surface(vg, depth)
    }

    /// Whoever stands as the subject of a verb, also of a passive.
    fn surface(&self, vg: usize, depth: usize) -> Vec<Who> {
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
    fn noun_controller(&self, np: usize, word: usize, depth: usize) -> Vec<Who> {
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
        self.noun_user(np, depth)
    }

    /// Whoever has, makes, drops or refuses what a noun says.
    fn noun_user(&self, np: usize, depth: usize) -> Vec<Who> {
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
                    Some(Family::Prevent | Family::Allow | Family::Force | Family::Dissuade) | None => Vec::new(),
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
            None => Vec::new(),
        }
    }

    /// Whose a noun is by the words beside it: possessive, adjective, compound, `by`.
    fn beside_noun(&self, np: usize, word: usize) -> Vec<Who> {
        let group = &self.nps[np];
        let by = self.nps.iter().position(|other| {
            matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                && other.prep.is_some_and(|prep| self.words[prep].key == "by")
        });
        if let Some(by) = by {
            return self.all(by);
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

    fn noun_doers(&self, np: usize, word: usize, base: &str, depth: usize) -> Vec<Who> {
        let beside = self.beside_noun(np, word);
        if !beside.is_empty() {
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
        // "rail strike", "pilots' walkout": whoever the compound names.
        let compound = (self.nps[np].first..word).find(|&at| matches!(self.words[at].tag, Tag::Noun | Tag::Proper));
        compound.map(|at| vec![Who::Word(at)]).unwrap_or_default()
    }

    /// The country or body that a noun's group stands for.
    pub(super) fn country_of(&self, np: usize, depth: usize) -> Option<(Name, bool)> {
        if depth > DEEPEST {
            return None;
        }
        let group = &self.nps[np];
        let head = &self.words[group.head];
        let gazetteer = Gazetteer::get();
        if let Some((name, own)) = head.name
            && (head.tag == Tag::Proper || group.last - group.first == 1)
        {
            return Some((name, own));
        }
        let words = &self.words[group.first..group.last];
        let is_official = words.iter().any(|word| word.tag != Tag::Det && gazetteer.is_official(word.key));
        let plain_names = words.iter().filter(|word| word.name.is_some_and(|(name, _)| name.kind != Kind::People));
        if let Some(named) = plain_names.clone().next()
            && is_official
        {
            return named.name;
        }
        // A person known by name: "Hungarian strongman Viktor Orbán".
        if let Some(owner) = group.owner
            && (is_official || gazetteer.is_title(head.key))
        {
            return self.country_of(owner, depth + 1);
        }
        let titled = words.iter().any(|word| gazetteer.is_title(word.key));
        let collective = head.noun_family() == Some(Family::Pass)
            || head.entry.is_some_and(|entry| !entry.noun.acts.is_empty())
            || COLLECTIVE.contains(&head.key);
        if is_official || titled || collective {
            let of = self.nps.iter().position(|other| {
                matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                    && other.prep.is_some_and(|prep| self.words[prep].key == "of")
            });
            if let Some(country) = of.and_then(|of| self.country_of(of, depth + 1)) {
                return Some(country);
            }
        }
        group.also.and_then(|also| self.country_of(also, depth + 1))
    }

    /// A noun's group as the text has it, without an article.
    pub(super) fn words_of(&self, np: usize, text: &str) -> String {
        let mut first = self.nps[np].first;
        let mut owner = self.nps[np].owner;
        while let Some(of) = owner {
            first = self.nps[of].first;
            owner = self.nps[of].owner;
        }
        let last = self.nps[np].last;
        if last - first > 1 && matches!(self.words[first].key, "the" | "a" | "an") {
            first += 1;
        }
        text[self.words[first].start..self.words[last - 1].end].to_owned()
    }

    /// What an actor is called: the common name of a country or body, else the words of the text. `earlier` tells the
    /// subject of the sentence before.
    pub(super) fn name(
        &self,
        who: Who,
        text: &str,
        wanted: &Wanted,
        earlier: &dyn Fn() -> Option<String>,
    ) -> Option<String> {
        self.named(who, text, wanted, earlier, 0)
    }

    fn called((name, own): (Name, bool), wanted: &Wanted) -> String {
        if own { wanted.names.canonical(name) } else { Gazetteer::get().canonical(name) }.to_owned()
    }

    fn named(
        &self,
        who: Who,
        text: &str,
        wanted: &Wanted,
        earlier: &dyn Fn() -> Option<String>,
        depth: usize,
    ) -> Option<String> {
        if depth > DEEPEST {
            return None;
        }
        match who {
            Who::Word(at) => Some(match self.words[at].name {
                Some(name) => Self::called(name, wanted),
                None => text[self.words[at].start..self.words[at].end].to_owned(),
            }),
            Who::Poss(at) => self.antecedent(at, text, wanted, earlier, depth + 1),
            Who::Np(np) => {
                let group = &self.nps[np];
                if self.words[group.head].tag == Tag::Pron {
                    return self.antecedent(group.head, text, wanted, earlier, depth + 1);
                }
                if let Some(name) = self.country_of(np, 0) {
                    return Some(Self::called(name, wanted));
                }
                let poss = (group.first..group.head).find(|&at| self.words[at].tag == Tag::Poss);
                let own_word = |at: usize| Gazetteer::get().is_official(self.words[at].key);
                if let Some(poss) = poss.filter(|_| (group.first..group.last).any(own_word))
                    && let Some(owner) = self.antecedent(poss, text, wanted, earlier, depth + 1)
                {
                    return Some(owner);
                }
                if let Some(owner) = group.owner.filter(|_| (group.first..group.last).any(own_word))
                    && self.words[self.nps[owner].head].tag == Tag::Pron
                {
                    return self.named(Who::Np(owner), text, wanted, earlier, depth + 1);
                }
                Some(self.words_of(np, text))
            }
        }
    }

    /// Whom a pronoun stands for.
    fn antecedent(
        &self,
        at: usize,
        text: &str,
        wanted: &Wanted,
        earlier: &dyn Fn() -> Option<String>,
        depth: usize,
    ) -> Option<String> {
        let holder = self.nps.iter().position(|np| np.first <= at && at < np.last);
        let mut candidates: Vec<Who> = Vec::new();
        if let Some(np) = holder {
            let group = &self.nps[np];
            // "its" in an object is the subject's; a subject's pronoun is of whoever speaks.
            let verb = if let Some(vg) = group.object_of {
                Some(vg)
            } else if let Some(Node::Verb(vg)) = group.host {
                Some(vg)
            } else {
                None
            };
            if let Some(vg) = verb {
                candidates.extend(self.doers(vg, 1));
                candidates.extend(self.surface(vg, 1));
            }
            if let Some(Node::Noun(host, word)) = group.host {
                candidates.extend(self.noun_user(host, 1));
                let _ = word;
            }
            if let Some(vg) = group.subject_of {
                let mut up = self.vgs[vg].gov;
                for _ in 0..DEEPEST {
                    match up {
                        Gov::Of(Node::Verb(other)) => {
                            candidates.extend(self.surface(other, 1));
                            up = self.vgs[other].gov;
                        }
                        Gov::Of(Node::Noun(other, word)) => {
                            candidates.extend(self.noun_controller(other, word, 1));
                            break;
                        }
                        _ => break,
                    }
                }
            }
        }
        let here = self.words[at].start;
        let before = |np: &usize| self.words[self.nps[*np].first].start < here;
        let subjects = self.vgs.iter().rev().flat_map(|vg| vg.subjects.iter().copied()).filter(before);
        candidates.extend(subjects.map(Who::Np));
        candidates.retain(|who| !matches!(who, Who::Np(np) if Some(*np) == holder));
        let nominal = |who: &&Who| match who {
            Who::Np(np) => self.words[self.nps[*np].head].tag != Tag::Pron && self.country_of(*np, 0).is_some(),
            Who::Word(_) => true,
            Who::Poss(_) => false,
        };
        let best = candidates.first().copied().filter(|who| !matches!(who, Who::Np(np) if self.words[self.nps[*np].head].key == "it" && self.words[self.nps[*np].head].start >= here));
        if let Some(who) = best
            && let Some(name) = self.named(who, text, wanted, &|| None, depth + 1)
        {
            return Some(name);
        }
        if let Some(who) = candidates.iter().find(nominal) {
            return self.named(*who, text, wanted, &|| None, depth + 1);
        }
        let fallback =
            candidates.iter().find(|who| matches!(who, Who::Np(np) if self.words[self.nps[*np].head].tag != Tag::Pron));
        if let Some(who) = fallback {
            return self.named(*who, text, wanted, &|| None, depth + 1);
        }
        if let Some(name) = earlier() {
            return Some(name);
        }
        // "Despite its objections Hungary": a name that comes later in the sentence.
        let later = self.nps.iter().position(|np| np.subject_of.is_some() && self.words[np.first].start > here);
        later.and_then(|np| self.country_of(np, 0)).map(|name| Self::called(name, wanted))
    }

    /// The subject of the last main verb, for a pronoun in the next sentence.
    pub(super) fn main_subject(&self, text: &str, wanted: &Wanted) -> Option<String> {
        let main = self.vgs.iter().find(|vg| vg.finite && vg.gov == Gov::Root && !vg.subjects.is_empty())?;
        self.name(Who::Np(main.subjects[0]), text, wanted, &|| None)
    }
}
