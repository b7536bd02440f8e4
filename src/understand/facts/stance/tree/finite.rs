//! Finite verbs: whose clause each is in, and whom it has as its subject.

use super::super::classes::{Classes, Family};
use super::super::groups::{Gov, Mood, Node, Piece, Vg};
use super::super::words::Tag;
use super::{Clause, Kind, Linker};

impl Linker<'_, '_> {
    pub(super) fn verb(&mut self, at: usize, vg: usize) {
        if self.shares_passive(at, vg) {
            return;
        }
        self.vgs[vg].supposed |= self.stack.iter().any(|clause| clause.supposed);
        if self.vgs[vg].bare && !self.vgs[vg].infinitive {
            let subject_next = matches!(self.piece(self.after(at)), Some(Piece::Np(_)));
            // "Only if it frees them will Spain": the clause before is complete.
            if subject_next && self.top().kind == Kind::Aside && self.top().verb.is_some() {
                self.stack.pop();
            }
            if subject_next && (self.top().waiting.is_empty() || self.top().verb.is_some()) {
                self.inverted = Some(vg);
                return;
            }
        }
        if self.vgs[vg].infinitive {
            self.infinitive(at, vg);
        } else if self.vgs[vg].gerund {
            self.gerund(at, vg);
        } else if !self.vgs[vg].finite && !self.is_headline_passive(at, vg) {
            self.participle(at, vg);
        } else if !self.shares_auxiliary(at, vg) {
            self.vgs[vg].finite = true;
            self.uninvert(vg);
            self.finite(at, vg);
        }
    }

    /// "will be arrested and detained": the second participle is as the first.
    fn shares_passive(&mut self, at: usize, vg: usize) -> bool {
        let participle = self.words[self.vgs[vg].head].entry.is_some_and(|entry| entry.classes.any(Classes::PART));
        let bare = self.vgs[vg].mood == Mood::Told && self.vgs[vg].head == self.vgs[vg].first && !self.vgs[vg].perfect;
        let joined = self.tag_of(self.piece(self.before(at))) == Some(Tag::And);
        let object_next = matches!(self.piece(self.after(at)), Some(Piece::Np(_)));
        let Some(other) = vg.checked_sub(1).filter(|_| participle && bare && joined && !object_next) else {
            return false;
        };
        let first = self.vgs[other].clone();
        if !first.passive
            || first.head == first.first
            || self.top().verb != Some(other)
            || !self.top().waiting.is_empty()
        {
            return false;
        }
        let it = &mut self.vgs[vg];
        it.passive = true;
        (it.mood, it.negated, it.no_longer, it.gov) = (first.mood, first.negated, first.no_longer, first.gov);
        (it.finite, it.supposed, it.doubt, it.subjects) = (true, first.supposed, first.doubt, first.subjects);
        true
    }

    /// "will expel and deport": the second verb is as the first.
    fn shares_auxiliary(&mut self, at: usize, vg: usize) -> bool {
        let is_base = self.words[self.vgs[vg].head].can(Classes::BASE) && self.vgs[vg].mood == Mood::Told;
        let joined = self.tag_of(self.piece(self.before(at))) == Some(Tag::And);
        // "agrees to send troops, deploy drones"
        let listed = self.comma_before(at)
            && self
                .stack
                .last()
                .is_some_and(|clause| clause.waiting.iter().all(|&np| self.nps[np].object_of.is_some()))
            && vg.checked_sub(1).is_some_and(|other| self.vgs[other].infinitive);
        if !is_base || !joined && !listed {
            return false;
        }
        let earlier = self.pieces[..at].iter().rev().find_map(|piece| match piece {
            Piece::Vg(other) => Some(*other),
            _ => None,
        });
        let Some(other) = earlier.filter(|&other| self.words[self.vgs[other].head].can(Classes::BASE)) else {
            return false;
        };
        let first = self.vgs[other].clone();
        let it = &mut self.vgs[vg];
        it.negated |= first.negated;
        (it.mood, it.no_longer, it.gov, it.subjects) = (first.mood, first.no_longer, first.gov, first.subjects);
        (it.infinitive, it.finite, it.supposed, it.doubt) =
            (first.infinitive, first.finite, first.supposed, first.doubt);
        self.top().waiting.clear();
        true
    }

    fn uninvert(&mut self, vg: usize) {
        let Some(auxiliary) = self.inverted.take() else { return };
        let first = self.vgs[auxiliary].clone();
        let sentence_start = self.words[..first.first].iter().all(|word| word.tag == Tag::Quote);
        let it = &mut self.vgs[vg];
        (it.mood, it.negated, it.no_longer) = (first.mood, first.negated || it.negated, first.no_longer);
        // "Should it proceed, China will", "China will, should it proceed"
        let clause_start = first.first.checked_sub(1).is_none_or(|before| {
            !matches!(self.words[before].tag, Tag::Not | Tag::And | Tag::Wh | Tag::Sub | Tag::That | Tag::Stop)
        });
        it.supposed |= self.question
            || ((sentence_start || clause_start)
                && !first.negated
                && matches!(self.words[first.head].key, "should" | "had" | "were"));
    }

    fn finite(&mut self, at: usize, vg: usize) {
        self.vgs[vg].supposed |= self.question && self.stack.len() == 1;
        let before = self.before(at);
        if self.is_aside(at, vg) {
            return self.aside(at, vg);
        }
        let waiting = std::mem::take(&mut self.top().waiting);
        if self.has_gerund_as_subject(at, vg, &waiting) {
            return;
        }
        let joined = self.tag_of(self.piece(before)) == Some(Tag::And);
        // "abstained rather than veto"
        if matches!(self.piece(before), Some(Piece::Word(prep)) if matches!(self.words[prep].key, "rather than" | "instead of"))
        {
            self.vgs[vg].finite = false;
            let main = self.last_verb();
            return self.beside(vg, main, Gov::Without);
        }
        if self.top().kind == Kind::Relative && self.top().verb.is_none() {
            let gov = self.top().gov;
            let subjects = if let (Some(&last), false) = (waiting.last(), joined) {
                vec![last]
            } else if let Gov::About(np) = gov {
                self.member_of(np).unwrap_or_else(|| self.with_others(np))
            } else {
                Vec::new()
            };
            return self.settle(vg, subjects, gov);
        }
        if let Some(verb) = self.top().verb
            && waiting
                .iter()
                .all(|&np| self.nps[np].object_of == Some(verb) || joined && self.nps[np].object_of.is_some())
        {
            // The nouns behind the verb are its objects: what comes is another verb of an earlier subject.
            let outer = self.stack[..self.stack.len() - 1]
                .iter()
                .any(|clause| clause.verb.is_none() && !clause.waiting.is_empty());
            let takes = self.vgs[verb].family.is_some_and(Family::takes_clause);
            if joined || (outer && !takes && !self.comma_before_noun(&waiting)) {
                return self.without_subject(vg, joined);
            }
        }
        match (self.top().verb, waiting.is_empty()) {
            (None, false) => {
                let mut waiting = waiting;
                if waiting.iter().any(|&np| self.nps[np].object_of.is_none()) {
                    waiting.retain(|&np| self.nps[np].object_of.is_none());
                }
                let subjects = self.subjects(&waiting, at);
                let gov = self.top().gov;
                self.settle(vg, subjects, gov);
            }
            (Some(verb), false) => self.another(at, vg, verb, &waiting),
            (_, true) => self.without_subject(vg, joined),
        }
    }

    pub(super) fn settle(&mut self, vg: usize, subjects: Vec<usize>, gov: Gov) {
        for &np in &subjects {
            if !matches!(gov, Gov::About(_)) {
                self.nps[np].subject_of = Some(vg);
            }
            // What a relative clause is about stays an object; what was taken for one is none.
            if !matches!(gov, Gov::About(_))
                && let Some(other) = self.nps[np].object_of.take()
            {
                self.vgs[other].objects.retain(|&object| object != np);
            }
        }
        self.vgs[vg].subjects = subjects;
        self.vgs[vg].gov = gov;
        self.top().verb = Some(vg);
        self.top().waiting.clear();
    }

    /// Of nouns before a verb those that are its subjects; the rest say who they are.
    pub(super) fn subjects(&mut self, waiting: &[usize], at: usize) -> Vec<usize> {
        let (first, last) = (waiting[0], waiting[waiting.len() - 1]);
        if self.nps[last].with.is_some() {
            // A list: all that commas or `and` join.
            return waiting.to_vec();
        }
        // "Niger, Mali and Chad, all ruled by juntas, said"
        if self.comma_before(at)
            && let Some(end) = waiting.iter().rposition(|&np| self.nps[np].with.is_some())
        {
            return waiting[..=end].to_vec();
        }
        let comma = self.comma_before(at)
            || matches!(self.piece(at.checked_sub(1)), Some(Piece::Word(word)) if self.words[word].tag == Tag::Adv)
                && self.comma_before(at - 1);
        // "Cuba, Vietnam sign deal"
        let named = |np: &usize| {
            self.words[self.nps[*np].head].tag == Tag::Proper && self.words[self.nps[*np].head].name.is_some()
        };
        if let [one, other] = waiting
            && !comma
            && waiting.iter().all(named)
            && self.nps[*one].last + 1 == self.nps[*other].first
            && self.words[self.nps[*one].last].tag == Tag::Comma
        {
            return waiting.to_vec();
        }
        if waiting.len() > 1 && comma {
            self.nps[first].also = Some(waiting[1]);
            return vec![first];
        }
        if let [.., name, role] = waiting
            && comma
        {
            self.nps[*name].also = Some(*role);
        }
        vec![last]
    }

    /// "Ireland is among the countries that": whoever is said to be one of them.
    fn member_of(&self, np: usize) -> Option<Vec<usize>> {
        let group = &self.nps[np];
        if self.words[group.head].name.is_some() {
            return None;
        }
        let of = match group.host {
            Some(Node::Verb(vg)) if group.prep.is_some_and(|prep| self.words[prep].key == "among") => vg,
            None => group.object_of?,
            _ => return None,
        };
        let it = &self.vgs[of];
        let is_one = self.words[it.head].can(Classes::BE) && !it.negated;
        (is_one && !it.subjects.is_empty()).then(|| it.subjects.clone())
    }

    fn with_others(&self, np: usize) -> Vec<usize> {
        let mut all = vec![np];
        while let Some(other) = self.nps[all[all.len() - 1]].with {
            all.push(other);
        }
        all
    }

    /// A finite verb with a subject of its own behind another verb of the same clause.
    fn another(&mut self, at: usize, vg: usize, verb: usize, waiting: &[usize]) {
        let mut subject = waiting[waiting.len() - 1];
        // "Viktor Orbán, the prime minister, said" as a second clause.
        if waiting.len() > 1 && self.comma_before(at) && self.comma_between(waiting[waiting.len() - 2], subject) {
            self.nps[waiting[waiting.len() - 2]].also = Some(subject);
            subject = waiting[waiting.len() - 2];
        }
        let subjects = if self.nps[subject].with.is_some() { self.with_others(subject) } else { vec![subject] };
        let start = self.words_before(subjects[subjects.len() - 1]);
        let (comma, and) = (start.contains(&Tag::Comma), start.contains(&Tag::And));
        let family = self.vgs[verb].family;
        let takes = family.is_some_and(Family::takes_clause);
        if takes && !comma && !and {
            self.stack.push(Clause::new(Kind::Complement, Gov::Of(Node::Verb(verb)), false));
        } else if and && !comma {
            let gov = self.top().gov;
            self.top().verb = None;
            return self.settle(vg, subjects, gov);
        } else if !comma && waiting.len() > 1 && family.is_none() {
            self.stack.push(Clause::new(Kind::Relative, Gov::About(waiting[waiting.len() - 2]), false));
        } else {
            let keep = and && self.vgs[vg].mood == Mood::Would && self.top().kind == Kind::Complement;
            if !keep {
                self.stack.truncate(1);
            }
        }
        let gov = self.top().gov;
        self.settle(vg, subjects, gov);
    }

    fn comma_before_noun(&self, waiting: &[usize]) -> bool {
        waiting.last().is_some_and(|&np| self.words_before(np).contains(&Tag::Comma))
    }

    fn comma_between(&self, one: usize, other: usize) -> bool {
        self.words[self.nps[one].last..self.nps[other].first.max(self.nps[one].last)]
            .iter()
            .any(|word| word.tag == Tag::Comma)
    }

    /// The marks and joining words right before a noun.
    pub(super) fn words_before(&self, np: usize) -> Vec<Tag> {
        let mut first = self.nps[np].first;
        let mut owner = self.nps[np].owner;
        while let Some(of) = owner {
            first = self.nps[of].first;
            owner = self.nps[of].owner;
        }
        self.words[..first]
            .iter()
            .rev()
            .map(|word| word.tag)
            .take_while(|tag| matches!(tag, Tag::Comma | Tag::And | Tag::Quote | Tag::Adv | Tag::Time))
            .collect()
    }

    fn without_subject(&mut self, vg: usize, joined: bool) {
        // Back to a clause whose subject still waits for its verb.
        if let Some(place) = self.stack.iter().rposition(|clause| clause.verb.is_none() && !clause.waiting.is_empty())
            && !(joined && self.top().verb.is_some())
        {
            self.stack.truncate(place + 1);
            let waiting = std::mem::take(&mut self.top().waiting);
            let subjects = if self.nps[waiting[waiting.len() - 1]].with.is_some() { waiting } else { vec![waiting[0]] };
            let gov = self.top().gov;
            return self.settle(vg, subjects, gov);
        }
        let modal = |vg: &Vg| matches!(vg.mood, Mood::Will | Mood::Would | Mood::May);
        let partners: Vec<usize> = self.stack.iter().rev().filter_map(|clause| clause.verb).collect();
        let alike = partners.iter().copied().find(|&partner| modal(&self.vgs[partner]) == modal(&self.vgs[vg]));
        let partner = alike.or_else(|| partners.first().copied());
        let Some(partner) = partner else {
            let gov = self.top().gov;
            return self.settle(vg, Vec::new(), gov);
        };
        if let Some(place) = self.stack.iter().rposition(|clause| clause.verb == Some(partner)) {
            self.stack.truncate(place + 1);
        }
        let subjects = self.vgs[partner].subjects.clone();
        self.vgs[vg].subjects = subjects;
        self.vgs[vg].gov = self.vgs[partner].gov;
        // It stands in no clause any more that was left behind: "refused to say whether it will, and has not".
        let inside = self.stack.iter().any(|clause| clause.supposed) || self.question && self.stack.len() == 1;
        self.vgs[vg].supposed = inside || self.vgs[partner].supposed;
        self.top().verb = Some(vg);
    }

    /// A verb of saying that is thrown in or comes behind: ", officials said", ", says alliance chief".
    fn is_aside(&self, at: usize, vg: usize) -> bool {
        use Family::{Accuse, Commit, Deny, Direct, Guess, Say};
        if !matches!(self.vgs[vg].family, Some(Say | Guess | Deny | Commit | Direct | Accuse))
            || matches!(
                self.words[self.vgs[vg].head].key,
                "appear" | "appears" | "appeared" | "seemed" | "looked" | "looking"
            )
            || self.vgs[vg].passive
            || self.vgs[vg].predicate
        {
            return false;
        }
        if self.is_inverted_aside(at, vg) {
            return true;
        }
        let Some(clause) = self.stack.last() else { return false };
        let next = self.after(at);
        let ends = match self.piece(next) {
            None => true,
            Some(Piece::Word(word)) => self.is_end(word),
            // "…, the minister told lawmakers"
            Some(Piece::Np(_)) if self.vgs[vg].family == Some(Direct) => {
                match self.piece(next.and_then(|next| self.after(next))) {
                    None => true,
                    Some(Piece::Word(word)) => self.is_end(word),
                    Some(_) => false,
                }
            }
            Some(_) => false,
        };
        let Some(&subject) = clause.waiting.last() else { return false };
        let said_something =
            self.vgs.iter().take(vg).any(|other| other.finite && other.first < self.nps[subject].first)
                || self.stack.iter().any(|clause| {
                    clause.waiting.len() > 1 || (clause.waiting.len() == 1 && clause.waiting[0] != subject)
                })
                || self.nps.iter().take(subject).any(|np| np.negated);
        let first = self.words_before(self.opening(subject));
        let apart = first.contains(&Tag::Comma) && !first.contains(&Tag::And) || self.said_at_end(subject, vg);
        ends && apart && said_something
    }

    fn is_end(&self, word: usize) -> bool {
        matches!(self.words[word].tag, Tag::Comma | Tag::End | Tag::Stop | Tag::Prep)
    }

    /// "…, says alliance chief"
    fn is_inverted_aside(&self, at: usize, vg: usize) -> bool {
        let comma = at > 0 && matches!(self.tag_of(self.piece(at.checked_sub(1))), Some(Tag::Comma | Tag::Stop));
        let subject = self.after(at);
        let ends =
            !self.pieces[at + 1..].iter().any(|piece| matches!(piece, Piece::Vg(other) if self.vgs[*other].finite));
        comma && ends && self.vgs[vg].family == Some(Family::Say) && matches!(self.piece(subject), Some(Piece::Np(_)))
    }

    /// "… a day later one minister said": nothing but the end comes behind, and the quotation has its comma elsewhere.
    fn said_at_end(&self, subject: usize, vg: usize) -> bool {
        let start = self.nps[subject].first;
        let stop = start.checked_sub(1).is_some_and(|at| {
            self.words[at].tag == Tag::Stop
                || self.words[at].tag == Tag::Quote && at > 0 && self.words[at - 1].tag == Tag::Comma
        });
        stop && self.vgs[vg].last + 1 >= self.words.len()
    }

    fn opening(&self, np: usize) -> usize {
        let mut first = np;
        while let Some(other) = self.nps[first].with {
            first = other;
        }
        first
    }

    fn aside(&mut self, at: usize, vg: usize) {
        let inverted = self.is_inverted_aside(at, vg);
        let last = if inverted { None } else { self.top().waiting.pop() };
        let subject = last.or_else(|| match self.piece(self.after(at)) {
            Some(Piece::Np(np)) => Some(np),
            _ => None,
        });
        if let Some(np) = subject {
            self.vgs[vg].subjects = vec![np];
            self.nps[np].subject_of = Some(vg);
            if let Some(other) = self.nps[np].object_of.take() {
                self.vgs[other].objects.retain(|&object| object != np);
            }
        }
        self.vgs[vg].gov = Gov::Aside;
        for other in 0..self.vgs.len() {
            if other != vg {
                self.vgs[other].aside.get_or_insert(vg);
            }
        }
    }
}
