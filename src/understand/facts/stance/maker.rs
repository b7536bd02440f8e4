//! The statements of one sentence, from its tree.

use std::ops::Range;

use super::super::tokens::Tokens;
use super::super::{Stance, Statement};
use super::Wanted;
use super::actor::Who;
use super::chain::Chain;
use super::classes::Family;
use super::condition::Condition;
use super::gazetteer::Gazetteer;
use super::groups::Node;
use super::lexicon::{Lexicon, Objects};
use super::naming::Called;
use super::state::State;
use super::tree::Tree;
use super::words::{Tag, W};

/// Statements of one sentence; more no sentence makes.
const SENTENCE_STATEMENTS: usize = 32;

/// Makes the statements of one sentence.
pub(super) struct Maker<'s, 'a> {
    tree: &'s Tree<'s, 'a>,
    tokens: &'s Tokens<'a>,
    wanted: &'s Wanted,
    conditions: &'s [Condition],
    earlier: &'s dyn Fn() -> Option<Called>,
    made: Vec<Statement>,
}

impl<'s, 'a> Maker<'s, 'a> {
    pub(super) fn new(
        tree: &'s Tree<'s, 'a>,
        tokens: &'s Tokens<'a>,
        wanted: &'s Wanted,
        conditions: &'s [Condition],
        earlier: &'s dyn Fn() -> Option<Called>,
    ) -> Self {
        Self { tree, tokens, wanted, conditions, earlier, made: Vec::new() }
    }

    /// All statements of the sentence.
    pub(super) fn make(mut self) -> Vec<Statement> {
        for vg in 0..self.tree.vgs.len() {
            for act in self.verb_acts(vg) {
                self.state(Node::Verb(vg), &act);
            }
        }
        for np in 0..self.tree.nps.len() {
            let group = &self.tree.nps[np];
            for at in group.first..group.last {
                for act in self.noun_acts(np, at) {
                    self.state(Node::Noun(np, at), &act);
                }
            }
        }
        self.made
    }

    /// The acts that a verb is.
    fn verb_acts(&self, vg: usize) -> Vec<String> {
        let it = &self.tree.vgs[vg];
        if it.predicate {
            return Vec::new();
        }
        if it.bare {
            return self.repeated_acts(vg);
        }
        let head = &self.tree.words[it.head];
        if head.tag != Tag::Verb {
            return Vec::new();
        }
        let mut acts: Vec<String> = it
            .acts
            .iter()
            .filter(|(_, object)| match object {
                Objects::Any => true,
                Objects::None => !self.has_object(vg),
                Objects::Some => self.has_object(vg),
                Objects::Body => it.objects.first().is_some_and(|&np| self.is_body(np)),
                Objects::Target => {
                    let bargain =
                        |np: &usize| Gazetteer::get().is_bargain(self.tree.words[self.tree.nps[*np].head].key);
                    self.has_object(vg) && !it.objects.first().is_some_and(bargain)
                }
            })
            .map(|(act, _)| Lexicon::get().acts[usize::from(*act)].clone())
            .collect();
        if self.is_of_words(vg) {
            acts.retain(|act| act != "withdraw");
        }
        if let Some(asked) = head.asked.0 {
            acts.push(self.wanted.acts[usize::from(asked)].clone());
        }
        for (rest, act) in self.wanted.idioms(head.key) {
            // `out of` is one word here and two in an act.
            let mut after = self.tree.words[it.head + 1..].iter().flat_map(|word| word.key.split(' '));
            let separated = rest.len() == 1 && after.clone().take(6).any(|word| word == rest[0]);
            if separated || rest.iter().all(|word| after.next() == Some(word)) {
                acts.push(self.wanted.acts[usize::from(*act)].clone());
            }
        }
        acts.sort();
        acts.dedup();
        acts
    }

    fn has_object(&self, vg: usize) -> bool {
        let it = &self.tree.vgs[vg];
        !it.objects.is_empty() || it.passive
    }

    /// Something that one can be in: an alliance, a treaty, a country.
    fn is_body(&self, np: usize) -> bool {
        let head = &self.tree.words[self.tree.nps[np].head];
        head.name.is_some() || Gazetteer::get().is_body(head.key)
    }

    /// "withdrew its threat": nothing is withdrawn but words.
    fn is_of_words(&self, vg: usize) -> bool {
        let it = &self.tree.vgs[vg];
        let object = it.objects.first().copied().or(if it.passive { it.subjects.first().copied() } else { None });
        it.family == Some(Family::TakeBack)
            && object.is_some_and(|np| {
                let head = &self.tree.words[self.tree.nps[np].head];
                head.noun_family().is_some_and(|family| !matches!(family, Family::Pass | Family::Block))
                    || head.entry.is_some_and(|entry| !entry.noun.acts.is_empty())
            })
    }

    /// "Zambia did not": the act of the verb before.
    fn repeated_acts(&self, vg: usize) -> Vec<String> {
        let it = &self.tree.vgs[vg];
        let ends = self
            .tree
            .words
            .get(it.last)
            .is_none_or(|word| matches!(word.tag, Tag::End | Tag::Comma | Tag::Stop | Tag::And | Tag::Sub));
        if !ends || it.first == 0 {
            return Vec::new();
        }
        (0..vg)
            .rev()
            .map(|other| if self.tree.vgs[other].bare { Vec::new() } else { self.verb_acts(other) })
            .find(|acts| !acts.is_empty())
            .unwrap_or_default()
    }

    /// The acts that a noun is.
    fn noun_acts(&self, np: usize, at: usize) -> Vec<String> {
        let word = &self.tree.words[at];
        if word.tag != Tag::Noun {
            return Vec::new();
        }
        let mut acts: Vec<String> = word
            .entry
            .map(|entry| entry.noun.acts.iter().map(|act| Lexicon::get().acts[usize::from(*act)].clone()).collect())
            .unwrap_or_default();
        if Lexicon::get().is_owned(word.key) && !self.is_somebodys(np, at) {
            acts.clear();
        }
        if acts.iter().any(|act| act == "strike") && self.is_of_arms(np, at) {
            acts = vec!["attack".to_owned()];
        }
        let group = &self.tree.nps[np];
        let is_led = group.first < at || group.owner.is_some() || !Lexicon::get().is_led(word.key);
        if let Some(asked) = word.asked.1.filter(|_| is_led) {
            acts.push(self.wanted.acts[usize::from(asked)].clone());
        }
        acts.sort();
        acts.dedup();
        acts
    }

    /// "his block on the loan", but not "an apartment block".
    fn is_somebodys(&self, np: usize, at: usize) -> bool {
        let group = &self.tree.nps[np];
        let on = self.tree.nps.iter().any(|other| {
            matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                && other.prep.is_some_and(|prep| self.tree.words[prep].key == "on")
        });
        let before = at.checked_sub(1).filter(|before| *before >= group.first).map(|before| &self.tree.words[before]);
        let compound = before.is_some_and(|before| before.tag == Tag::Noun);
        !compound && (on || group.owner.is_some() || before.is_some_and(|before| before.tag == Tag::Poss))
    }

    /// A strike with weapons rather than one of workers.
    fn is_of_arms(&self, np: usize, at: usize) -> bool {
        let group = &self.tree.nps[np];
        let words = &self.tree.words[group.first..at];
        let arms = |word: &W<'_>| {
            matches!(
                word.key,
                "air"
                    | "missile"
                    | "drone"
                    | "rocket"
                    | "military"
                    | "retaliatory"
                    | "aerial"
                    | "artillery"
                    | "nuclear"
                    | "pre-emptive"
                    | "preemptive"
                    | "precision"
                    | "cruise"
                    | "deadly"
                    | "naval"
                    | "surgical"
            )
        };
        let targets = self.tree.nps.iter().any(|other| {
            matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                && other
                    .prep
                    .is_some_and(|prep| matches!(self.tree.words[prep].key, "on" | "against" | "across" | "inside"))
        });
        let country = words.iter().any(|word| word.name.is_some());
        let carried = matches!(group.object_of, Some(vg) if matches!(self.tree.words[self.tree.vgs[vg].head].key, "carried" | "launched" | "conducted" | "ordered" | "launch" | "launches" | "conduct"));
        // "went on strike across the country"
        let stopped = words.is_empty() && at.checked_sub(1).is_some_and(|before| self.tree.words[before].key == "on");
        !stopped && (words.iter().any(arms) || targets || country || carried)
    }

    fn state(&mut self, node: Node, act: &str) {
        if self.made.len() >= SENTENCE_STATEMENTS {
            return;
        }
        let Some(chain) = self.tree.chain(node) else { return };
        // "a ceasefire monitoring team": a noun before another of which nothing more is known.
        if let Node::Noun(np, word) = node
            && word < self.tree.nps[np].head
            && chain.steps.is_empty()
            && self.tree.country_of(np, 0).is_none()
        {
            return;
        }
        let word = match node {
            Node::Verb(vg) => self.tree.vgs[vg].head,
            Node::Noun(_, word) => word,
        };
        let text = self.tokens.text();
        let condition = self.tree.condition_for(self.conditions, word, chain.root).map(|words| self.bytes(&words));
        let said =
            chain.said.and_then(|vg| self.tree.vgs[vg].subjects.first().copied()).or_else(|| self.according_to());
        let known = self.who_acts(node, act, &chain, said);
        for (actor, nobody, who) in known {
            // Of a passive it was counted before: "no soldiers will be deployed".
            let does_it = matches!(node, Node::Verb(vg) if !self.tree.vgs[vg].passive);
            let state = if nobody && does_it { chain.state.negated() } else { chain.state };
            let stance = state.stance();
            let said_by = said
                .filter(|np| !matches!(who, Some(Who::Np(own)) if own == *np))
                // "Hungarian veto looms": an act says nothing.
                .filter(|np| !matches!(node, Node::Noun(own, _) if own == *np))
                .and_then(|np| self.tree.name(Who::Np(np), text, self.wanted, self.earlier))
                .filter(|said| !said.name.is_empty());
            let same = |made: &Statement| made.actor == actor.name && made.act == act && made.stance == stance;
            if let Some(made) = self.made.iter_mut().find(|made| same(made)) {
                made.condition =
                    made.condition.take().or_else(|| condition.clone().map(|bytes| text[bytes].to_owned()));
                continue;
            }
            let span = self.span(word, &chain.steps, who);
            self.made.push(Statement {
                span,
                actor: actor.name,
                actor_text: actor.text,
                act: act.to_owned(),
                stance,
                object: self.object(node),
                condition: condition.clone().map(|bytes| text[bytes].to_owned()),
                said_by_text: said_by.as_ref().map(|said| said.text.clone()),
                said_by: said_by.map(|said| said.name),
                chain: self.told(word, &chain.steps, stance),
            });
        }
    }

    /// Whoever acts, as they are called, and whether that is nobody; without a name where the text names none.
    fn who_acts(&self, node: Node, act: &str, chain: &Chain, said: Option<usize>) -> Vec<(Called, bool, Option<Who>)> {
        let text = self.tokens.text();
        // "The sanctions package was discussed": nothing does itself.
        let is_itself = |who: &Who| matches!((who, node), (Who::Np(one), Node::Noun(own, _)) if *one == own && self.tree.country_of(own, 0).is_none());
        let mut actors = self.tree.actors(node, act);
        // "Pakistan says its airspace will reopen": who else lets it.
        if let (Node::Verb(vg), [Who::Np(np)], Some(said)) = (node, &actors[..], said)
            && matches!(act, "close" | "reopen")
            && self.tree.vgs[vg].objects.is_empty()
            && !self.tree.words[self.tree.nps[*np].first..self.tree.nps[*np].last]
                .iter()
                .any(|word| word.name.is_some())
            && self.tree.country_of(said, 0).is_some()
        {
            actors = vec![Who::Np(said)];
        }
        actors.retain(|who| !is_itself(who));
        let mut known: Vec<(Called, bool, Option<Who>)> = actors
            .iter()
            .filter_map(|&who| {
                let name = self.tree.name(who, text, self.wanted, self.earlier)?;
                let nobody = matches!(who, Who::Np(np) if self.tree.nps[np].negated);
                Some((name, nobody, Some(who)))
            })
            .collect();
        // "No strike is planned, the union said", "promised that elections would be held"
        let speaks = || self.speaks_for(node, chain, act).or_else(|| self.tree.in_power_and_says(node, act, said));
        if known.is_empty()
            && let Some(who) = self.tree.in_power_there(node, act).or_else(speaks)
            && let Some(name) = self.tree.name(who, text, self.wanted, self.earlier)
        {
            known.push((name, false, Some(who)));
        }
        if known.is_empty() {
            known.push((Called { name: String::new(), text: String::new() }, false, None));
        }
        known
    }

    /// Whoever promises, drops or denies an act that names no actor.
    fn speaks_for(&self, node: Node, chain: &Chain, act: &str) -> Option<Who> {
        use Family::{Carry, Commit, Deny, Fulfil, Prevent, Refuse, TakeBack};
        let own = |(at, _): &(usize, &str)| {
            let vg = self.tree.vgs.iter().position(|vg| {
                vg.head == *at
                    && matches!(vg.family, Some(Commit | Refuse | TakeBack | Carry | Fulfil | Deny | Prevent))
            })?;
            let doer = self.tree.doers(vg, 1).first().copied()?;
            // "a French court blocked the extradition"
            let prevents = self.tree.vgs[vg].family == Some(Prevent);
            let court = || matches!(doer, Who::Np(np) if self.tree.country_of(np, 0).is_some());
            (!prevents || Gazetteer::get().of_power(act).is_some() && court()).then_some(doer)
        };
        let itself = |who: &Who| matches!((who, node), (Who::Np(one), Node::Noun(other, _)) if *one == other);
        if let Some(who) = chain.steps.iter().find_map(own).filter(|who| !itself(who)) {
            return Some(who);
        }
        // "said no deal will be signed": by whom but by whoever says so?
        let told = matches!(node, Node::Verb(vg) if self.tree.vgs[vg].finite
            && !(self.tree.vgs[vg].passive && chain.state == State::Denied));
        if chain.state == State::Did || told {
            return None;
        }
        let said = chain.said.and_then(|vg| self.tree.vgs[vg].subjects.first()).map(|&np| Who::Np(np));
        said.filter(|who| !itself(who))
    }

    fn bytes(&self, words: &Range<usize>) -> Range<usize> {
        self.tree.words[words.start].start..self.tree.words[words.end - 1].end
    }

    /// From the first word that counts to the last.
    fn span(&self, word: usize, steps: &[(usize, &str)], who: Option<Who>) -> Range<usize> {
        let mut counts: Vec<usize> = steps.iter().map(|(at, _)| *at).chain([word]).collect();
        match who {
            Some(Who::Np(np)) => counts.extend([self.tree.nps[np].first, self.tree.nps[np].last - 1]),
            Some(Who::Word(at) | Who::Poss(at)) => counts.push(at),
            None => {}
        }
        let first = counts.iter().copied().min().unwrap_or(word);
        let last = counts.iter().copied().max().unwrap_or(word);
        self.tree.words[first].start..self.tree.words[last].end
    }

    fn object(&self, node: Node) -> Option<String> {
        let np = match node {
            Node::Verb(vg) if self.tree.vgs[vg].passive => self.tree.vgs[vg].subjects.first().copied(),
            Node::Verb(vg) => self.tree.vgs[vg].objects.first().copied().or_else(|| self.object_behind_preposition(vg)),
            Node::Noun(np, _) => self.tree.nps.iter().position(|other| {
                matches!(other.host, Some(Node::Noun(host, _)) if host == np)
                    && other.prep.is_some_and(|prep| {
                        matches!(self.tree.words[prep].key, "on" | "over" | "against" | "of" | "from")
                    })
            }),
        };
        np.map(|np| self.with_what_follows(np))
    }

    /// `withdrew from the treaty`, `voted on the bill`; where it was done is no object: `vetoed in Brussels`.
    fn object_behind_preposition(&self, vg: usize) -> Option<usize> {
        let (text, words) = (self.tokens.text(), &self.tree.words);
        self.tree.nps.iter().position(|np| {
            let is_name = text[words[np.last - 1].start..].starts_with(char::is_uppercase);
            np.host == Some(Node::Verb(vg))
                && !np.time
                && np.prep.is_some_and(|prep| match words[prep].key {
                    "from" | "to" | "with" | "on" | "against" | "for" | "over" | "into" | "out of" => true,
                    "in" => !is_name,
                    _ => false,
                })
        })
    }

    /// The words of a noun's group, with what says more of it: `aid package for Ukraine`.
    fn with_what_follows(&self, np: usize) -> String {
        /// More than one thing is hardly ever said.
        const GROUPS_MAX: usize = 2;
        let (text, words) = (self.tokens.text(), &self.tree.words);
        let mut object = self.tree.words_of(np, text);
        let mut end = self.tree.nps[np].last;
        for _ in 0..GROUPS_MAX {
            let more = |prep: usize| matches!(words[prep].key, "for" | "of" | "to" | "on" | "against" | "with");
            let next = self.tree.nps.iter().find(|next| next.prep == Some(end) && more(end) && !next.time);
            let Some(next) = next else { break };
            object.push(' ');
            object.push_str(&text[words[end].start..words[next.last - 1].end]);
            end = next.last;
        }
        object
    }

    /// Who is named after `according to`.
    fn according_to(&self) -> Option<usize> {
        self.tree.nps.iter().position(|np| np.prep.is_some_and(|prep| self.tree.words[prep].key == "according to"))
    }

    /// The chain as a reader is shown it.
    fn told(&self, word: usize, steps: &[(usize, &str)], stance: Stance) -> String {
        let text = self.tokens.text();
        let mut told = text[self.tree.words[word].start..self.tree.words[word].end].to_owned();
        for (at, what) in steps {
            let shown = &text[self.tree.words[*at].start..self.tree.words[*at].end];
            for part in [" ← ", shown, "[", what, "]"] {
                told.push_str(part);
            }
        }
        told.push_str(" = ");
        told.push_str(stance.as_str());
        told
    }
}
