//! Infinitives and participles: what each of them hangs on.

use super::super::classes::{Classes, Family};
use super::super::groups::{Gov, Mood, Node, Piece};
use super::super::lexicon::Lexicon;
use super::super::words::Tag;
use super::{Kind, Linker};

impl Linker<'_, '_> {
    pub(super) fn infinitive(&mut self, at: usize, vg: usize) {
        let mut from = at;
        let before = self.before(at);
        // "for Malta to ratify"
        if let Some(Piece::Np(np)) = self.piece(before)
            && let Some(prep) = self.nps[np].prep
            && self.words[prep].key == "for"
        {
            self.vgs[vg].subjects = vec![np];
            from = before.unwrap_or(at);
        }
        // "for two Canadians held in China to be freed"
        if let Some((place, np)) = self.meant_for(at).filter(|_| self.vgs[vg].subjects.is_empty()) {
            self.vgs[vg].subjects = vec![np];
            from = place;
        }
        if self.tag_of(self.piece(before)) == Some(Tag::And)
            && let Some(Piece::Vg(other)) =
                self.pieces[..at].iter().rev().copied().find(|piece| matches!(piece, Piece::Vg(_)))
            && self.vgs[other].infinitive
        {
            self.vgs[vg].gov = self.vgs[other].gov;
            self.vgs[vg].subjects = self.vgs[other].subjects.clone();
            return;
        }
        if let Some(Piece::Np(np)) = self.piece(before)
            && self.infinitive_of(vg, np)
        {
            return;
        }
        if self.tag_of(self.piece(before)) == Some(Tag::Whether) {
            // "has not decided whether to expel"
            self.vgs[vg].gov = self.top().gov;
            if self.stack.len() > 1 {
                self.stack.pop();
            }
            return;
        }
        if self.only_to(vg) {
            return;
        }
        // "the latest country to recognise it": it did.
        if let Some(Piece::Np(np)) = self.piece(before)
            && let Some(main) = self.top().verb
            && self.words[self.nps[np].first..self.nps[np].last].iter().any(|word| {
                matches!(word.key, "first" | "latest" | "last" | "only" | "second" | "third" | "sole" | "one")
            })
        {
            let subjects = self.vgs[main].subjects.clone();
            (self.vgs[vg].gov, self.vgs[vg].subjects) = (Gov::Beside(main), subjects);
            return;
        }
        let (found, fallback) = self.governor(from, true);
        if found.is_none() && fallback.is_none() && self.vgs[vg].subjects.is_empty() && !self.top().waiting.is_empty() {
            // "Hungary to veto aid"
            let waiting = std::mem::take(&mut self.top().waiting);
            let subjects = self.subjects(&waiting, at);
            let gov = self.top().gov;
            self.vgs[vg].mood = Mood::Will;
            self.vgs[vg].finite = true;
            return self.settle(vg, subjects, gov);
        }
        // "is among the countries to have ratified it"
        let how = if self.vgs[vg].perfect { Gov::Beside } else { Gov::Purpose };
        self.vgs[vg].gov = found.map(Gov::Of).or(fallback.map(how)).unwrap_or_default();
        self.forget_objects();
    }

    /// An infinitive of the noun before it, which no word between them makes so.
    fn infinitive_of(&mut self, vg: usize, np: usize) -> bool {
        // "urged Israel to freeze it and the Palestinians to stop"
        if self.nps[np].prep.is_none()
            && self.words_before(np).contains(&Tag::And)
            && let Some(first) = (0..vg).rev().find(|&other| self.vgs[other].infinitive)
            && let Gov::Of(Node::Verb(main)) = self.vgs[first].gov
            && self.vgs[main].family.is_some_and(Family::is_of_object)
        {
            (self.vgs[vg].subjects, self.vgs[vg].gov) = (vec![np], self.vgs[first].gov);
            return true;
        }
        // "Were Washington to pull out"
        if let Some(main) = self.nps[np].object_of
            && self.words[self.vgs[main].head].key == "were"
            && self.vgs[main].subjects.is_empty()
        {
            (self.vgs[vg].subjects, self.vgs[vg].gov) = (vec![np], Gov::Purpose(main));
            return true;
        }
        false
    }

    /// The noun behind `for` that an infinitive is for, with what is said of it by participles between them.
    fn meant_for(&self, at: usize) -> Option<(usize, usize)> {
        let mut said = false;
        for place in (0..at).rev() {
            match self.pieces[place] {
                Piece::Vg(vg) if self.vgs[vg].passive && !self.vgs[vg].finite => said = true,
                Piece::Np(np) => {
                    let prep = self.nps[np].prep.map(|prep| self.words[prep].key);
                    if prep == Some("for") {
                        return Some((place, np)).filter(|_| said);
                    }
                    prep?;
                }
                Piece::Word(word) if self.words[word].tag == Tag::Prep => {}
                _ => return None,
            }
        }
        None
    }

    /// "declared it, only to lift it six hours later"
    fn only_to(&mut self, vg: usize) -> bool {
        let Some(main) = self.last_verb().filter(|_| self.words[self.vgs[vg].first].key == "only") else {
            return false;
        };
        let subjects = self.vgs[main].subjects.clone();
        (self.vgs[vg].gov, self.vgs[vg].subjects) = (Gov::Beside(main), subjects);
        self.vgs[vg].mood = Mood::Told;
        true
    }

    /// A subject that waits for its verb waits on: "Ukraine's threat to leave the pact was".
    pub(super) fn forget_objects(&mut self) {
        if self.top().verb.is_some() {
            self.top().waiting.clear();
        }
    }

    /// The nearest word to the left that an infinitive or a gerund can hang on; failing that, the nearest verb.
    pub(super) fn governor(&self, at: usize, infinitive: bool) -> (Option<Node>, Option<usize>) {
        let mut fallback = None;
        let fits = |family: Family| match family {
            Family::Support | Family::Pass | Family::Block | Family::Truth => false,
            Family::TakeBack => !infinitive,
            _ => true,
        };
        for place in (0..at).rev() {
            match self.pieces[place] {
                Piece::Vg(vg) => {
                    let it = &self.vgs[vg];
                    let say = infinitive
                        && !it.passive
                        && matches!(it.family, Some(Family::Say | Family::Deny | Family::Prevent))
                        && !it.predicate;
                    if it.family.is_some_and(fits) && !say {
                        return (Some(Node::Verb(vg)), fallback);
                    }
                    if fallback.is_none() {
                        fallback = Some(vg);
                    }
                    let light = it.family == Some(Family::Support)
                        || is_growing(self.words[it.head].key)
                        || self.words[it.head].can(Classes::BE);
                    if !light {
                        return (None, fallback);
                    }
                }
                Piece::Np(np) => {
                    let head = self.nps[np].head;
                    if !self.nps[np].time
                        && self.words[head].noun_family().is_some_and(fits)
                        && self.words[head].tag == Tag::Noun
                    {
                        return (Some(Node::Noun(np, head)), fallback);
                    }
                }
                Piece::Word(word) if place + 1 == at && self.words[word].tag == Tag::Comma && infinitive => {
                    // "calls by Kofi Annan, UN secretary-general, to adopt"
                    let apposed = self.pieces[..place].iter().rposition(|piece| {
                        matches!(piece, Piece::Vg(_))
                            || matches!(piece, Piece::Word(word) if self.words[*word].tag == Tag::Comma)
                    });
                    return match apposed {
                        Some(comma) if matches!(self.pieces[comma], Piece::Word(_)) => self.governor(comma, infinitive),
                        _ => (None, fallback),
                    };
                }
                Piece::Word(word) => {
                    if matches!(
                        self.words[word].tag,
                        Tag::Stop | Tag::Cond | Tag::Sub | Tag::That | Tag::Whether | Tag::Wh | Tag::Comma
                    ) {
                        return (None, fallback);
                    }
                }
            }
        }
        (None, fallback)
    }

    pub(super) fn beside(&mut self, vg: usize, main: Option<usize>, how: impl Fn(usize) -> Gov) {
        if let Some(main) = main {
            self.vgs[vg].gov = how(main);
            if self.vgs[vg].gov == Gov::Aside {
                let subjects = self.vgs[main].subjects.clone();
                self.vgs[vg].subjects = subjects;
            }
        } else {
            self.vgs[vg].gov = how(usize::MAX);
            self.fronted.push(vg);
        }
    }

    /// "Turkey blocked by Greece": the participle is all the verb there is.
    pub(super) fn is_headline_passive(&self, at: usize, vg: usize) -> bool {
        let Some(clause) = self.stack.last() else { return false };
        let comma = self.comma_before(at);
        clause.verb.is_none()
            && !clause.waiting.is_empty()
            && !comma
            && clause.kind != Kind::Relative
            && !self.pieces[at + 1..]
                .iter()
                .any(|piece| matches!(piece, Piece::Vg(other) if self.vgs[*other].finite && *other != vg))
    }

    /// "by 2027", "by the end of 2025"
    pub(super) fn is_when(&self, at: usize, np: usize) -> bool {
        let number = |np: usize| self.nps[np].time || self.words[self.nps[np].head].tag == Tag::Num;
        let of = matches!(self.piece(Some(at + 1)), Some(Piece::Word(word)) if self.words[word].key == "of");
        number(np) || of && matches!(self.piece(Some(at + 2)), Some(Piece::Np(of)) if number(of))
    }

    pub(super) fn participle(&mut self, at: usize, vg: usize) {
        // "if approved by shareholders, it will": the participle is all the verb that the clause has.
        if matches!(self.tag_of(self.piece(self.before(at))), Some(Tag::Cond | Tag::Sub)) && self.top().verb.is_none() {
            self.vgs[vg].gov = Gov::Aside;
            self.top().verb = Some(vg);
            return;
        }
        let about = self.pieces[..at].iter().rev().find_map(|piece| match piece {
            Piece::Np(np) if !self.nps[*np].time => Some(*np),
            _ => None,
        });
        // "ordered two diplomats expelled": whoever orders it does it.
        if let Some(np) = about
            && let Some(main) = self.nps[np].object_of.filter(|&main| self.vgs[main].orders)
            && self.vgs[vg].agent.is_none()
        {
            let subjects = self.vgs[main].subjects.clone();
            self.vgs[vg].passive = false;
            (self.vgs[vg].subjects, self.vgs[vg].gov) = (subjects, Gov::Of(Node::Verb(main)));
        } else if let Some(np) = about
            && let Some(main) = self.nps[np].object_of.filter(|&main| self.vgs[main].family == Some(Family::Direct))
            && self.vgs[main].objects.last() == Some(&np)
            && self.vgs[vg].first == self.nps[np].last
        {
            // "want all troops expelled"
            self.vgs[vg].mood = Mood::Open;
            (self.vgs[vg].subjects, self.vgs[vg].gov) = (vec![np], Gov::Of(Node::Verb(main)));
        } else if let Some(np) = about {
            self.vgs[vg].subjects = vec![np];
            self.vgs[vg].gov = Gov::About(np);
        } else if self.vgs[vg].predicate {
            // "Keen to reduce it, Taiwan has pledged"
            self.beside(vg, None, Gov::Beside);
        } else if self.last_verb().is_none() {
            // "Expelled from China in 2020, the reporter works"
            self.beside(vg, None, |_| Gov::Aside);
        }
    }
}

/// A verb that adds nothing to what its subject says: "pressure is growing on Qatar to".
fn is_growing(key: &str) -> bool {
    Lexicon::get().verb_of(key).is_some_and(|verb| {
        matches!(
            verb.base.as_str(),
            "grow"
                | "mount"
                | "increase"
                | "rise"
                | "come"
                | "emerge"
                | "exist"
                | "remain"
                | "go"
                | "be"
                | "have"
                | "intensify"
                | "build"
        )
    })
}
