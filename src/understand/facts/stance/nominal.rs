//! What a sentence tells of an act that is a noun, where no word that it hangs on says where it stands.

use super::actor::{OF_ACTOR, Who};
use super::classes::{Classes, Family};
use super::groups::{Gov, Mood, Node};
use super::lexicon::Lexicon;
use super::state::{State, told};
use super::tree::Tree;
use super::words::Tag;

impl Tree<'_, '_> {
    /// "condemned what it called a breach": so whoever speaks says.
    pub(super) fn is_so_called(&self, vg: usize) -> bool {
        let it = &self.vgs[vg];
        let calls = Lexicon::get()
            .verb_of(self.words[it.head].key)
            .is_some_and(|verb| matches!(verb.base.as_str(), "call" | "describe" | "term" | "label" | "brand" | "see"));
        let first = it.subjects.first().map(|&np| self.nps[np].first);
        calls && first.and_then(|first| first.checked_sub(1)).is_some_and(|at| self.words[at].key == "what")
    }

    /// "confirmed the arrest": a verb of saying for what has come about.
    pub(super) fn tells_what_was(&self, vg: usize) -> bool {
        let verb = Lexicon::get().verb_of(self.words[self.vgs[vg].head].key);
        verb.is_some_and(|verb| {
            matches!(verb.base.as_str(), "confirm" | "acknowledge" | "admit" | "concede" | "recount" | "describe")
        })
    }

    /// "exercised its right of veto", "used its veto power": the verb by which a power becomes an act.
    pub(super) fn exercised(&self, np: usize, word: usize) -> Option<Node> {
        let own = |at: usize| self.words[at].entry.is_some_and(|entry| entry.noun.own);
        let group = &self.nps[np];
        let power = match group.host {
            Some(Node::Noun(host, head)) if own(head) => host,
            _ if (word + 1..group.last).any(own) => np,
            _ => return None,
        };
        let vg = self.nps[power].object_of?;
        let verb = Lexicon::get().verb_of(self.words[self.vgs[vg].head].key)?;
        matches!(verb.base.as_str(), "exercise" | "use" | "wield" | "invoke" | "employ").then_some(Node::Verb(vg))
    }

    /// "was behind the attack", "being behind the attack"
    pub(super) fn is_behind(&self, np: usize, vg: usize) -> bool {
        let behind = self.nps[np].prep.is_some_and(|prep| self.words[prep].key == "behind");
        behind && self.words[self.vgs[vg].head].can(Classes::BE)
    }

    /// Whether `of` behind the noun of an act names who does it: the withdrawal of troops, but not the expulsion of envoys.
    pub(super) fn is_of_its_doer(&self, word: usize) -> bool {
        let acts = self.words[word].entry.map_or(&[][..], |entry| &entry.noun.acts);
        acts.is_empty() || acts.iter().any(|act| OF_ACTOR.contains(&Lexicon::get().acts[usize::from(*act)].as_str()))
    }

    /// Where an act told by a noun stands when nothing that it hangs on tells.
    pub(super) fn unhung(&self, np: usize, governor: Option<Node>) -> State {
        let group = &self.nps[np];
        let prep = group.prep.map(|prep| self.words[prep].key);
        if matches!(prep, Some("before" | "ahead of" | "prior to")) {
            return State::Announced;
        }
        if matches!(
            prep,
            Some(
                "after"
                    | "following"
                    | "since"
                    | "amid"
                    | "over"
                    | "despite"
                    | "during"
                    | "in response to"
                    | "because of"
                    | "in retaliation for"
                    | "under"
                    | "by"
                    | "through"
            )
        ) {
            return State::Did;
        }
        // "killed three in a strike": what happened with it.
        if let (Some("in"), Some(Node::Verb(vg))) = (prep, group.host)
            && told(&self.vgs[vg]) == State::Did
            && self.vgs[vg].family.is_none()
        {
            return State::Did;
        }
        let words = &self.words[group.first..group.last];
        let definite = group.owner.is_some()
            || words
                .iter()
                .any(|word| matches!(word.key, "the" | "this" | "these" | "that" | "those") || word.tag == Tag::Poss)
            || !words.iter().any(|word| word.tag == Tag::Det) && words.iter().any(|word| word.name.is_some());
        // "called a strike"
        if let Some(vg) = group.object_of
            && words.first().is_some_and(|word| matches!(word.key, "a" | "an"))
            && Lexicon::get().verb_of(self.words[self.vgs[vg].head].key).is_some_and(|verb| verb.base == "call")
            && told(&self.vgs[vg]) == State::Did
        {
            return State::Announced;
        }
        if let Some(Node::Verb(vg)) = governor {
            let it = &self.vgs[vg];
            let subject = group.subject_of == Some(vg);
            // "Israeli annexation would be a red line": nobody says that there is one.
            let pointed = words.iter().any(|word| matches!(word.key, "the" | "this" | "these" | "that" | "those"));
            if subject && it.mood == Mood::Would && !pointed {
                return State::Possible;
            }
            match told(it) {
                // "A boycott would hurt", "a veto will delay the deal"
                State::Possible | State::Announced | State::Open if !definite => return State::Possible,
                State::Did if subject || it.family.is_none() && (definite || self.has_actor(np)) => return State::Did,
                _ => {}
            }
        }
        if definite || self.has_actor(np) && governor.is_none() { State::Did } else { State::Possible }
    }

    /// Whether a verb tells anything of an act that is its subject: "the strike ended", but not "the strike prevented".
    pub(super) fn tells_of_subject(&self, np: usize, governor: Node) -> bool {
        let Node::Verb(vg) = governor else { return true };
        let it = &self.vgs[vg];
        if self.nps[np].subject_of.is_none() || it.passive || it.predicate {
            return true;
        }
        match it.family {
            Some(Family::Fail | Family::Guess | Family::Truth) | None => true,
            Some(Family::TakeBack | Family::Carry | Family::Fulfil | Family::Delay) => it.objects.is_empty(),
            Some(_) => false,
        }
    }

    /// "opposed China's plan": what the subject thinks of another's act changes nothing in it.
    pub(super) fn is_of_another(&self, np: usize, word: usize, governor: Node) -> bool {
        let Node::Verb(vg) = governor else { return false };
        if !matches!(self.vgs[vg].family, Some(Family::Refuse | Family::Commit | Family::Allow))
            || self.vgs[vg].passive
            || self.vgs[vg].predicate
        {
            return false;
        }
        // "rejected Cambodian claims that its troops had": a claim is of whoever claims, and not the act.
        if matches!(self.words[word].noun_family(), Some(Family::Direct | Family::Say | Family::Accuse)) {
            return false;
        }
        let country = |who: &Who| match who {
            Who::Np(np) => self.country_of(*np, 0).map(|(name, _)| name.of),
            Who::Word(at) => self.words[*at].name.map(|(name, _)| name.of),
            Who::Poss(_) => None,
        };
        let Some(beside) = self.beside_noun(np, word).first().copied() else { return false };
        let Some(own) = country(&beside) else {
            // "did not accept the minister's resignation"
            return matches!(beside, Who::Np(owner) if self.words[self.nps[owner].head].tag != Tag::Pron);
        };
        let mut at = vg;
        let subject = loop {
            let Some(Who::Np(np)) = self.doers(at, 1).first().copied() else { return false };
            match self.vgs[at].gov {
                // "said it opposed": whoever says so.
                Gov::Of(Node::Verb(up)) if self.words[self.nps[np].head].tag == Tag::Pron && up < at => at = up,
                _ => break Who::Np(np),
            }
        };
        country(&subject).is_some_and(|subject| subject != own)
    }

    /// A name of an actor stands beside the noun.
    pub(super) fn has_actor(&self, np: usize) -> bool {
        let group = &self.nps[np];
        group.owner.is_some()
            || self.words[group.first..group.last].iter().any(|word| word.name.is_some())
            || self.nps.iter().any(|other| {
                matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                    && other.prep.is_some_and(|prep| self.words[prep].key == "by")
            })
    }
}
