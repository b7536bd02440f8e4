//! Whether somebody who warns of an act, or orders one, speaks of their own.

use super::actor::Who;
use super::chain::Chain;
use super::gazetteer::Gazetteer;
use super::groups::{Mood, Node};
use super::lexicon::Lexicon;
use super::tree::Tree;
use super::words::Tag;

impl Tree<'_, '_> {
    /// "warned he would", "hinted it would": the clause is about whoever speaks.
    pub(super) fn speaks_of_itself(&self, vg: usize, chain: &Chain) -> bool {
        let warns = self.warns(vg);
        let Some(below) = chain.below.map(|below| &self.vgs[below]).filter(|_| warns) else { return false };
        let subject = below.subjects.first().copied();
        let pronoun = subject.is_some_and(|np| {
            self.words[self.nps[np].head].tag == Tag::Pron || self.words[self.nps[np].first].tag == Tag::Poss
        });
        let country = |np: usize| self.country_of(np, 0).map(|(name, _)| name.of);
        let of_subject = subject.and_then(country);
        let same = of_subject.is_some()
            && self.vgs[vg].subjects.first().is_some_and(|&speaker| country(speaker) == of_subject);
        let told_firmly = matches!(below.mood, Mood::Will | Mood::Would | Mood::Told);
        told_firmly && (pronoun || same) || below.negated && below.mood == Mood::Will
    }

    fn warns(&self, vg: usize) -> bool {
        Lexicon::get()
            .verb_of(self.words[self.vgs[vg].head].key)
            .is_some_and(|verb| matches!(verb.base.as_str(), "warn" | "caution"))
    }

    /// "Tehran will retaliate, its foreign minister warned"
    pub(super) fn warns_of_its_own(&self, vg: usize, root: Option<usize>) -> bool {
        let speaker = self.vgs[vg].subjects.first().copied();
        let own = speaker.is_some_and(|np| self.words[self.nps[np].first].tag == Tag::Poss);
        let country = |np: Option<usize>| np.and_then(|np| self.country_of(np, 0)).map(|(name, _)| name.of);
        // "will be arrested, the Greek minister warned": by whom but by Greece.
        let by_power = root.is_some_and(|root| {
            let verb = Lexicon::get().verb_of(self.words[self.vgs[root].head].key);
            verb.is_some_and(|verb| self.in_power_and_says(Node::Verb(root), &verb.base, speaker).is_some())
        });
        let doer = country(root.and_then(|root| self.vgs[root].subjects.first().copied()));
        self.warns(vg) && (own || by_power || doer.is_some() && doer == country(speaker))
    }

    /// "Pretoria orders withdrawal of South African troops": whoever gives the order acts.
    pub(super) fn orders_its_own(&self, vg: usize, act: Node) -> bool {
        let doers = match act {
            Node::Verb(vg) => self.doers(vg, 1),
            Node::Noun(np, word) => {
                let of = || {
                    self.nps.iter().position(|other| {
                        matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                            && other.prep.is_some_and(|prep| self.words[prep].key == "of")
                    })
                };
                match self.beside_noun(np, word) {
                    beside if beside.is_empty() => of().map(Who::Np).into_iter().collect(),
                    beside => beside,
                }
            }
        };
        let country = |who: &Who| match who {
            Who::Np(np) => self.country_of(*np, 0).map(|(name, _)| name.of),
            Who::Word(at) => self.words[*at].name.map(|(name, _)| name.of),
            Who::Poss(_) => None,
        };
        // "ordered the expulsion of two envoys"
        if let Node::Noun(np, word) = act
            && !self.is_of_its_doer(word)
            && !self.beside_noun(np, word).iter().any(|who| country(who).is_some())
        {
            return true;
        }
        let its = |who: &Who| match who {
            Who::Np(np) => {
                let first = &self.words[self.nps[*np].first];
                first.tag == Tag::Poss && Gazetteer::get().is_official(self.words[self.nps[*np].head].key)
            }
            Who::Word(_) => false,
            Who::Poss(_) => true,
        };
        let Some(doer) = doers.first() else { return false };
        let Some(Who::Np(orders)) = self.doers(vg, 1).first().copied() else { return false };
        its(doer)
            || *doer == Who::Np(orders)
            || country(doer).is_some_and(|doer| Some(doer) == country(&Who::Np(orders)))
    }
}
