//! The way from an act up through the words that it hangs on.

use super::classes::{Classes, Family};
use super::groups::{Gov, Mood, Node, Vg};
use super::state::{Before, State, embedded, formed, told};
use super::tree::Tree;
use super::words::Tag;

/// More words than this nobody hangs on each other.
const LONGEST: usize = 12;

/// What came of it.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    /// Where the act stands.
    pub(super) state: State,
    /// The words on the way, from the act outwards, each with what it does.
    pub(super) steps: Vec<(usize, &'static str)>,
    /// The verb at its end.
    pub(super) root: Option<usize>,
    /// The verb whose subject says so.
    pub(super) said: Option<usize>,
    /// The verb that was left last, where the next is what it completes.
    pub(super) below: Option<usize>,
    /// Whether it is so was asked: nothing that is said of the question answers it.
    asked: bool,
    /// The act itself.
    act: Node,
}

impl Tree<'_, '_> {
    /// The chain of an act; `None` where the words make no act of it.
    pub(super) fn chain(&self, act: Node) -> Option<Chain> {
        let mut chain =
            Chain { state: State::Open, steps: Vec::new(), root: None, said: None, below: None, asked: false, act };
        let mut at = match act {
            Node::Verb(vg) => {
                chain.state = told(&self.vgs[vg]);
                // "no deal will be signed"
                let none = self.vgs[vg].subjects.iter().any(|&np| self.nps[np].negated);
                if self.vgs[vg].passive && none {
                    chain.steps.push((self.nps[self.vgs[vg].subjects[0]].first, "no"));
                    chain.state = chain.state.negated();
                }
                if let Some(form) = self.form(vg) {
                    chain.steps.push((self.vgs[vg].first, form));
                }
                self.leave_verb(vg, &mut chain)
            }
            Node::Noun(np, word) => {
                self.premodify(np, word, &mut chain);
                if let Some((vg, _)) = self.blamed(np) {
                    chain.steps.push((self.vgs[vg].head, Family::Accuse.as_str()));
                    chain.state = embedded(Family::Accuse, chain.state);
                }
                self.leave_noun(np, word, &mut chain)?
            }
        };
        for _ in 0..LONGEST {
            at = match at {
                None => break,
                Some(Node::Verb(vg)) => {
                    self.through_verb(vg, &mut chain);
                    self.leave_verb(vg, &mut chain)
                }
                Some(Node::Noun(np, word)) => {
                    // "an order suspending it": the order tells nothing by itself.
                    let content = chain
                        .below
                        .take()
                        .is_some_and(|vg| self.vgs[vg].gerund && self.vgs[vg].first == self.nps[np].last);
                    let inner = chain.state;
                    let family = self.words[word].noun_family();
                    if let Some(family) = family.filter(|family| !content || *family != Family::Direct) {
                        chain.steps.push((word, family.as_str()));
                        chain.state = embedded(family, chain.state);
                    }
                    self.premodify(np, word, &mut chain);
                    // "there is no question of withdrawing"
                    if family == Some(Family::Guess) && inner == State::Open && self.nps[np].negated {
                        chain.state = State::Announced;
                    }
                    self.leave_noun(np, word, &mut chain)?
                }
            };
        }
        if chain.state == State::Announced
            && let Some(back) = chain.root.and_then(|root| self.taken_back_later(root))
        {
            chain.steps.push((self.vgs[back].head, Family::TakeBack.as_str()));
            chain.state = embedded(Family::TakeBack, chain.state);
        }
        Some(chain)
    }

    /// "said it would, but has since backtracked"
    fn taken_back_later(&self, root: usize) -> Option<usize> {
        let subject = self.vgs[root].subjects.first()?;
        (root + 1..self.vgs.len()).find(|&vg| {
            let it = &self.vgs[vg];
            let but = it.first > 0 && self.words[it.first - 1].key == "but";
            it.family == Some(Family::TakeBack)
                && it.finite
                && it.objects.is_empty()
                && !it.passive
                && !it.negated
                && it.mood == Mood::Told
                && but
                && it.subjects.first() == Some(subject)
        })
    }

    /// What the form of a verb says, for whoever reads the chain.
    fn form(&self, vg: usize) -> Option<&'static str> {
        let it = &self.vgs[vg];
        Some(match () {
            () if it.supposed => "if",
            () if it.doubt => "doubt",
            () if it.no_longer => "no longer",
            () if it.negated => "not",
            () if matches!(it.mood, Mood::Will | Mood::Would) => "will",
            () if matches!(it.mood, Mood::May | Mood::Can) => "may",
            () if it.mood == Mood::Must => "must",
            () => return None,
        })
    }

    /// Adjectives before a noun: planned, threatened, possible.
    fn premodify(&self, np: usize, word: usize, chain: &mut Chain) {
        let group = &self.nps[np];
        for at in (group.first..word.min(group.last)).rev() {
            let it = &self.words[at];
            if matches!(it.tag, Tag::Adj | Tag::Verb)
                && let Some(family) = it.adjective_family()
            {
                // "dismissed as baseless claims that": denied once.
                let twice = family == Family::Deny
                    && matches!(self.noun_governor(np), Some(Node::Verb(vg)) if matches!(self.vgs[vg].family, Some(Family::Refuse | Family::Deny)));
                if !twice {
                    chain.steps.push((at, family.as_str()));
                    chain.state = embedded(family, chain.state);
                }
                break;
            }
        }
    }

    /// Where a noun is only a part of another that stands behind it, or of a power that nobody uses: what the whole is.
    #[expect(clippy::option_option, reason = "a part of nothing more, of no act, or of something")]
    fn part_of(&self, np: usize, word: usize) -> Option<Option<Option<Node>>> {
        let group = &self.nps[np];
        for at in word + 1..group.last {
            let next = &self.words[at];
            match (next.tag, next.noun_family()) {
                (Tag::Noun, _) if next.entry.is_some_and(|entry| entry.noun.own) => return Some(None),
                (Tag::Proper, _) => return Some(None),
                (Tag::Noun, Some(_)) => return Some(Some(Some(Node::Noun(np, at)))),
                (Tag::Noun, None) if next.entry.is_none_or(|entry| entry.noun.acts.is_empty()) => return Some(None),
                _ => {}
            }
        }
        // "right of veto": nobody's act.
        if let Some(Node::Noun(_, head)) = group.host
            && self.words[head].entry.is_some_and(|entry| entry.noun.own)
            && group.prep.is_some_and(|prep| self.words[prep].key == "of")
        {
            return Some(None);
        }
        None
    }

    /// From a noun to what it hangs on. `None` where the noun is only part of a name for something else.
    #[expect(clippy::option_option, reason = "no act at all is not the end of its chain")]
    fn leave_noun(&self, np: usize, word: usize, chain: &mut Chain) -> Option<Option<Node>> {
        let group = &self.nps[np];
        // "used its right of veto"
        if let Some(user) = self.exercised(np, word) {
            return Some(Some(user));
        }
        if let Some(part) = self.part_of(np, word) {
            return part;
        }
        let governor = self.noun_governor(np);
        let governor = governor
            .filter(|governor| !self.is_of_another(np, word, *governor) && self.tells_of_subject(np, *governor));
        let to = group.prep.is_some_and(|prep| self.words[prep].key == "to");
        // "denied being behind the attack"
        if let Some(Node::Verb(vg)) = governor.filter(|_| chain.state == State::Open)
            && self.is_behind(np, vg)
        {
            chain.state = told(&self.vgs[vg]);
            return Some(self.leave_verb(vg, chain));
        }
        let embeds = governor.is_some_and(|node| match node {
            // "was added to Australia's ban"
            Node::Verb(vg) if to && self.vgs[vg].family == Some(Family::Say) => false,
            Node::Verb(vg) => {
                self.vgs[vg].family.is_some() && !self.vgs[vg].family.is_some_and(|family| family == Family::Block)
            }
            Node::Noun(_, head) => self.words[head].noun_family().is_some(),
        });
        if group.negated {
            let guess = matches!(governor, Some(Node::Verb(vg)) if embeds && !matches!(self.vgs[vg].family, Some(Family::Support | Family::Carry | Family::Fulfil)));
            chain.steps.push((group.first, "no"));
            chain.state = if guess && chain.state == State::Open { State::Denied } else { chain.state.negated() };
            if chain.state == State::Denied
                && matches!(governor, Some(Node::Verb(vg)) if self.vgs[vg].family == Some(Family::Guess) || self.vgs[vg].family == Some(Family::Commit))
            {
                // "no veto is on the table"
                if let Some(Node::Verb(vg)) = governor
                    && let Some(Node::Verb(up)) = self.leave_verb(vg, chain)
                {
                    chain.said.get_or_insert(up);
                }
                return Some(None);
            }
        }
        if embeds {
            return Some(governor);
        }
        if chain.state == State::Open {
            chain.state = self.unhung(np, governor);
        }
        if let Some(Node::Verb(vg)) = governor
            && self.is_so_called(vg)
        {
            chain.steps.push((self.vgs[vg].head, Family::Accuse.as_str()));
            chain.state = State::Possible;
        }
        if let Some(Node::Verb(vg)) = governor {
            // What the sentence takes for done is done whatever is said of it.
            let done = chain.state == State::Did;
            let above = self.leave_verb(vg, chain);
            match above {
                Some(Node::Verb(up)) if done && self.vgs[up].family == Some(Family::Say) => {
                    chain.said.get_or_insert(up);
                }
                above if !done => return Some(above),
                _ => {}
            }
        } else {
            self.apply_any_aside(chain);
        }
        Some(None)
    }

    /// What a noun hangs on.
    pub(super) fn noun_governor(&self, np: usize) -> Option<Node> {
        let group = &self.nps[np];
        // "with its veto lifted"
        if group.prep.is_some_and(|prep| self.words[prep].key == "with")
            && let Some(vg) = self.vgs.iter().position(|vg| vg.gov == Gov::About(np) && vg.passive && !vg.finite)
            && self.vgs[vg].first == group.last
        {
            return Some(Node::Verb(vg));
        }
        if let Some(prep) = group.prep {
            let passes = matches!(
                self.words[prep].key,
                "of" | "to"
                    | "on"
                    | "over"
                    | "against"
                    | "from"
                    | "for"
                    | "about"
                    | "in"
                    | "with"
                    | "at"
                    | "as"
                    | "into"
                    | "regarding"
                    | "concerning"
                    | "out of"
                    | "up"
                    | "through"
                    | "behind"
                    | "by"
            );
            let host = group.host.filter(|_| passes)?;
            if self.words[prep].key == "by" {
                return None;
            }
            if let Node::Verb(vg) = host
                && !self.vgs[vg].objects.is_empty()
                && matches!(self.words[prep].key, "in" | "at" | "over" | "for" | "about" | "on" | "with")
                && !matches!(self.vgs[vg].family, Some(Family::Accuse | Family::Direct | Family::Guess))
                && !(self.words[prep].key == "with" && self.vgs[vg].family == Some(Family::Commit))
            {
                return None;
            }
            return Some(host);
        }
        if let Some(vg) = group.object_of {
            return Some(Node::Verb(vg));
        }
        if let Some(vg) = group.subject_of {
            return Some(Node::Verb(self.raised(vg)));
        }
        let of_first = group.with.and_then(|other| self.nps[other].object_of);
        of_first.map(Node::Verb)
    }

    /// "The veto is expected to be lifted": the verb that the subject of another is the subject of.
    fn raised(&self, vg: usize) -> usize {
        let mut at = vg;
        for _ in 0..4 {
            let next = self.vgs.iter().position(|other| {
                other.infinitive
                    && other.gov == Gov::Of(Node::Verb(at))
                    && other.subjects.is_empty()
                    && other.first >= self.vgs[at].last
            });
            let Some(next) = next
                .filter(|_| self.vgs[at].family.is_some_and(|family| !family.is_of_object() || self.vgs[at].passive))
            else {
                break;
            };
            at = next;
        }
        at
    }

    /// What an embedding verb makes of the act.
    fn through_verb(&self, vg: usize, chain: &mut Chain) {
        let it = &self.vgs[vg];
        let Some(family) = it.family else { return };
        let clause = self.is_finite_below(chain);
        let mut inner = chain.state;
        let family = match family {
            Family::Direct if it.orders && clause == Below::None && self.orders_its_own(vg, chain.act) => {
                Family::Commit
            }
            // "asked whether it would join"
            Family::Direct if chain.below.is_some_and(|below| self.vgs[below].supposed) => Family::Guess,
            // "insisted that it had not", but "insisted that Austria veto"
            Family::Direct if clause == Below::Told => Family::Say,
            // "confirmed the arrest"
            Family::Say
                if inner == State::Open
                    && matches!(chain.act, Node::Noun(..))
                    && !it.passive
                    && self.tells_what_was(vg) =>
            {
                inner = State::Did;
                Family::Say
            }
            // "warned he would"
            Family::Guess if clause != Below::None && self.speaks_of_itself(vg, chain) => Family::Say,
            Family::Say
                if it.passive
                    && clause == Below::None
                    && matches!(inner, State::Open | State::Did | State::Denied)
                    && chain.below.is_some_and(|below| self.vgs[below].infinitive) =>
            {
                Family::Guess
            }
            family => family,
        };
        if family == Family::Direct && clause == Below::Wanted {
            inner = if matches!(inner, State::Denied) { State::Denied } else { State::Open };
        }
        // What is told by a clause is not done by whoever speaks of it.
        let name = if matches!(family, Family::Say | Family::Guess | Family::Deny | Family::Accuse) {
            chain.said.get_or_insert(vg);
            family.as_str()
        } else {
            family.as_str()
        };
        chain.steps.push((it.head, name));
        // "voted to demand that it withdraw", but "agreed to a demand to withdraw"
        let decides_to_ask = family == Family::Commit
            && inner == State::CalledFor
            && chain.below.is_some_and(|below| self.vgs[below].family == Some(Family::Direct));
        chain.state = match () {
            () if chain.asked => State::Possible,
            () if decides_to_ask && !it.negated => inner,
            () => formed(family, inner, it),
        };
        if let Some(form) = self.form(vg) {
            chain.steps.push((it.first, form));
        }
    }

    /// Of the verb right below in the chain, whether it is finite.
    fn is_finite_below(&self, chain: &Chain) -> Below {
        match chain.below.map(|below| &self.vgs[below]).filter(|below| below.finite) {
            None => Below::None,
            Some(below) if below.mood == Mood::Must || below.mood == Mood::Told && self.is_subjunctive(below) => {
                Below::Wanted
            }
            Some(_) => Below::Told,
        }
    }

    /// "demanded that Oman recall", but not "that it did not recall".
    fn is_subjunctive(&self, verb: &Vg) -> bool {
        // "recommended that he be expelled"
        if self.words[verb.first].key == "be" && verb.finite {
            return true;
        }
        let auxiliary = self.words[verb.first..verb.head].iter().any(|word| word.tag == Tag::Do);
        let head = &self.words[verb.head];
        // "quit" is both.
        let base = head.can(Classes::BASE) || head.entry.is_some_and(|entry| entry.classes.any(Classes::BASE));
        base && !verb.perfect && !auxiliary
    }

    /// From a verb to what it hangs on.
    fn leave_verb(&self, vg: usize, chain: &mut Chain) -> Option<Node> {
        let it = &self.vgs[vg];
        chain.root = Some(vg);
        chain.asked |= it.supposed && matches!(it.gov, Gov::Of(_)) && chain.state == State::Possible;
        match it.gov {
            Gov::Of(node) => {
                chain.below = Some(vg);
                Some(node)
            }
            Gov::Beside(other) if other < self.vgs.len() => {
                if chain.state == State::Open {
                    chain.state = match told(&self.vgs[other]) {
                        State::Open => State::Open,
                        state => state,
                    };
                }
                chain.root = Some(other);
                if let Gov::Of(node) = self.vgs[other].gov {
                    return Some(node);
                }
                self.apply_aside(other, chain);
                None
            }
            Gov::Without(other) => {
                chain.steps.push((it.first.saturating_sub(1), "not"));
                chain.state = State::negated(State::Open);
                chain.root = Some(other).filter(|&other| other < self.vgs.len());
                None
            }
            Gov::Purpose(_) => {
                if chain.state == State::Open {
                    chain.state = State::Possible;
                }
                None
            }
            Gov::Root | Gov::Aside | Gov::About(_) | Gov::Beside(_) => {
                self.apply_aside(vg, chain);
                None
            }
        }
    }

    fn apply_aside(&self, vg: usize, chain: &mut Chain) {
        if let Some(aside) = self.vgs[vg].aside {
            self.aside(aside, chain);
        }
    }

    fn apply_any_aside(&self, chain: &mut Chain) {
        if let Some(aside) = self.vgs.iter().find_map(|vg| vg.aside) {
            self.aside(aside, chain);
        } else if let Some(vg) = self.vgs.iter().position(|vg| vg.gov == Gov::Aside && vg.family == Some(Family::Say)) {
            self.aside(vg, chain);
        }
    }

    fn aside(&self, vg: usize, chain: &mut Chain) {
        let it = &self.vgs[vg];
        let Some(family) = it.family else { return };
        chain.said.get_or_insert(vg);
        chain.steps.push((it.head, family.as_str()));
        let own = self.warns_of_its_own(vg, chain.root);
        chain.state = match family {
            Family::Guess if own => chain.state,
            Family::Guess
                if !matches!(chain.state, State::Denied | State::Withdrawn(Before::Did | Before::Announced)) =>
            {
                State::Possible
            }
            Family::Deny => embedded(family, chain.state),
            Family::Accuse => State::Possible,
            _ => chain.state,
        };
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below {
    None,
    Told,
    Wanted,
}
