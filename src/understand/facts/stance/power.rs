//! Who does what nobody is named for, where only one can: those in power of a country, or the country of the forces that are sent.

use super::actor::Who;
use super::gazetteer::{Gazetteer, Kind};
use super::groups::{Gov, Node};
use super::lexicon::Lexicon;
use super::tree::Tree;
use super::words::{Tag, W};

impl Tree<'_, '_> {
    /// "was arrested in Poland", "were barred from Hanoi", "two held in China to be freed": whoever is in power there.
    pub(super) fn in_power_there(&self, act: Node, base: &str) -> Option<Who> {
        let gazetteer = Gazetteer::get();
        gazetteer.of_power(base)?;
        let whom = self.whom(act)?;
        let is_whom = |np: usize| whom == Some(np);
        let holds = |vg: usize| self.vgs[vg].passive && self.vgs[vg].agent.is_none();
        let is_host = |host: Node| match (act, host) {
            (_, Node::Verb(vg))
                if act == host || whom.is_some_and(|whom| self.vgs[vg].gov == Gov::About(whom)) && holds(vg) =>
            {
                true
            }
            // "a ban takes effect in Malta"
            (Node::Noun(np, _), Node::Verb(vg)) => self.nps[np].subject_of == Some(vg),
            // "released from a prison in Nepal"
            (_, Node::Noun(np, _)) => {
                is_whom(np) || is_custody(self.words[self.nps[np].head].key) && self.nps[np].host == Some(act)
            }
            _ => false,
        };
        // "the release of two men from Tunisian custody"
        let follows = |place: usize| {
            let Node::Noun(np, _) = act else { return false };
            let between = self.words.get(self.nps[np].last..self.nps[place].first).unwrap_or_default();
            !between.is_empty() && !between.iter().any(is_apart)
        };
        self.nps.iter().enumerate().find_map(|(number, place)| {
            let prep = self.words[place.prep?].key;
            let fits = matches!(prep, "in" | "at") || prep == "from" && gazetteer.is_sent_from(base);
            let held = prep == "from" && is_custody(self.words[place.head].key);
            if place.time || !(fits || held) || !(place.host.is_some_and(is_host) || follows(number)) {
                return None;
            }
            (place.first..place.last).find(|&at| self.words[at].name.is_some()).map(Who::Word)
        })
    }

    /// "will be deported, the Greek minister warned": whoever is in power and says so of others.
    pub(super) fn in_power_and_says(&self, act: Node, base: &str, said: Option<usize>) -> Option<Who> {
        let speaks = Gazetteer::get().of_power(base)?;
        let whom = self.whom(act).filter(|_| speaks)??;
        let said = said?;
        let (country, _) = self.country_of(said, 0)?;
        let own = self.words[self.nps[whom].first..self.nps[whom].last]
            .iter()
            .any(|word| word.tag == Tag::Poss || word.name.is_some_and(|(name, _)| name.of == country.of));
        (!own && said != whom).then_some(Who::Np(said))
    }

    /// To whom an act is done that names nobody who does it, where the text tells; `None` of an act of somebody.
    #[expect(clippy::option_option, reason = "whoever is expelled need not be named beside it")]
    fn whom(&self, act: Node) -> Option<Option<usize>> {
        match act {
            Node::Noun(np, _) => Some(Some(np)),
            Node::Verb(vg) => {
                let it = &self.vgs[vg];
                let about = if let Gov::About(np) = it.gov { Some(np) } else { None };
                (it.passive && it.agent.is_none()).then(|| it.subjects.first().copied().or(about))
            }
        }
    }

    /// "the journalist's arrest": whoever stands beside a noun is the one to whom it is done, unless that is named behind `of`.
    pub(super) fn is_whom(&self, np: usize, word: usize, base: &str, beside: &[Who]) -> bool {
        let [Who::Np(owner)] = beside else { return false };
        let of = self.nps.iter().any(|other| {
            matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                && other.prep.is_some_and(|prep| matches!(self.words[prep].key, "of" | "on"))
        });
        let person = match self.country_of(*owner, 0) {
            Some((name, _)) => name.kind == Kind::Leader && self.words[self.nps[*owner].head].name.is_some(),
            None => self.words[self.nps[*owner].head].tag != Tag::Pron,
        };
        let mostly =
            !matches!(base, "ban" | "bar" | "outlaw" | "prohibit" | "legalise" | "tax" | "fine" | "freeze" | "censor");
        // "the brigade's deployment"
        let sent = matches!(base, "deploy" | "redeploy" | "station" | "dispatch" | "mobilise")
            && self.country_of(*owner, 0).is_none();
        let done_to = sent || mostly && Gazetteer::get().of_power(base).is_some();
        self.nps[np].owner == Some(*owner) && word == self.nps[np].head && person && done_to && !of
    }

    /// "Ugandan troops have been deployed": by whom but by Uganda.
    pub(super) fn sent_by_own(&self, vg: usize) -> Option<Who> {
        let it = &self.vgs[vg];
        let verb = Lexicon::get().verb_of(self.words[it.head].key)?;
        // "deploying Czech troops would be a mistake"
        let sent = if it.passive { &it.subjects } else { &it.objects };
        let np = sent.first().copied().filter(|_| Gazetteer::get().is_of_own(&verb.base))?;
        self.country_of(np, 0).map(|_| Who::Np(np))
    }
}

/// Whether a word begins something else.
fn is_apart(word: &W<'_>) -> bool {
    matches!(word.tag, Tag::Verb | Tag::Be | Tag::Have | Tag::Modal | Tag::Comma | Tag::Stop | Tag::Sub)
}

/// Whether somebody is held in what a noun names.
fn is_custody(key: &str) -> bool {
    matches!(key, "custody" | "detention" | "prison" | "prisons" | "jail" | "jails" | "captivity")
}
