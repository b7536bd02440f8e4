//! Groups of words: a noun with what stands before it, a verb with its auxiliaries.

use super::classes::Classes;
use super::groups::{Chunks, Mood, Np, Piece, Vg};
use super::lexicon::Lexicon;
use super::words::{Tag, W};

/// Words of this kind can part a verb from its particle.
pub(super) fn is_nominal(tag: Tag) -> bool {
    matches!(tag, Tag::Det | Tag::Poss | Tag::Adj | Tag::Num | Tag::Noun | Tag::Proper | Tag::Genitive | Tag::Pron)
}

/// Verbs that join a subject with an adjective.
pub(super) const COPULAS: &[&str] =
    &["remain", "seem", "look", "appear", "stay", "become", "get", "feel", "grow", "stand", "prove", "sound"];

/// Nouns that a country's name goes on: "its neighbour Belize".
const APPOSED: &[&str] =
    &["neighbour", "neighbor", "ally", "rival", "partner", "newcomer", "member", "champion", "host", "foe"];

/// More words than this no group of nouns has.
const GROUP_WORDS_MAX: usize = 24;

/// The longest text in brackets that is passed over.
const BRACKET: usize = 8;

/// A group of verbs on the way.
struct Group {
    vg: Vg,
    /// The auxiliary that was taken last.
    auxiliary: Option<Tag>,
    done: bool,
}

impl Vg {
    /// Takes in a `to` that makes of what stands before it an auxiliary.
    fn obliged(&mut self, mood: Mood, auxiliary: &mut Option<Tag>) {
        // "may have to" may be.
        if self.mood == Mood::Told || mood == Mood::Must && !matches!(self.mood, Mood::Open | Mood::May | Mood::Can) {
            self.mood = mood;
        }
        *auxiliary = Some(Tag::To);
    }
}

/// Cuts tagged words into groups.
pub(super) struct Chunker<'s, 'a> {
    pub(super) words: &'s [W<'a>],
    pub(super) out: Chunks,
}

impl Chunker<'_, '_> {
    /// All groups.
    pub(super) fn chunk(mut self) -> Chunks {
        let mut at = 0;
        while at < self.words.len() {
            at = self.next(at);
        }
        self.out
    }

    pub(super) fn tag(&self, at: usize) -> Tag {
        self.words.get(at).map_or(Tag::End, |word| word.tag)
    }

    fn next(&mut self, at: usize) -> usize {
        if self.words[at].key == "("
            && let Some(close) = (at..self.words.len().min(at + BRACKET)).find(|&at| self.words[at].key == ")")
        {
            return close + 1;
        }
        match self.tag(at) {
            Tag::Quote | Tag::Other => return at + 1,
            Tag::Modal | Tag::Be | Tag::Have | Tag::Do | Tag::Verb | Tag::To => return self.verbs(at),
            Tag::Not | Tag::Adv => {
                let mut ahead = at;
                while matches!(self.tag(ahead), Tag::Not | Tag::Adv) {
                    ahead += 1;
                }
                if matches!(self.tag(ahead), Tag::Modal | Tag::Be | Tag::Have | Tag::Do | Tag::Verb | Tag::To) {
                    return self.verbs(at);
                }
            }
            Tag::Adj if self.is_headline_predicate(at) => return self.adjective(at, true),
            Tag::Adj if self.is_apposed_predicate(at) => return self.adjective(at, false),
            Tag::Det | Tag::Poss | Tag::Pron | Tag::Num | Tag::Adj | Tag::Noun | Tag::Proper | Tag::Time => {
                return self.nouns(at);
            }
            _ => {}
        }
        self.out.pieces.push(Piece::Word(at));
        at + 1
    }

    fn nouns(&mut self, from: usize) -> usize {
        let mut owner = None;
        let mut first = from;
        loop {
            let last = self.group(first);
            let words = &self.words[first..last];
            let place = |wanted: fn(Tag) -> bool| words.iter().rposition(|word| wanted(word.tag));
            let head =
                place(|tag| matches!(tag, Tag::Noun | Tag::Proper | Tag::Pron | Tag::Time)).unwrap_or(words.len() - 1);
            let time = words[head].tag == Tag::Time;
            // "little appetite", but "the little country"
            let negated = words.iter().enumerate().any(|(at, word)| {
                word.can(Classes::NO.with(Classes::NOBODY))
                    && matches!(word.tag, Tag::Det | Tag::Pron)
                    && (at == 0 || words[at - 1].tag != Tag::Det)
            });
            let np = Np { first, last, head: first + head, owner, negated, time, ..Np::default() };
            self.out.nps.push(np);
            let number = self.out.nps.len() - 1;
            if self.tag(last) == Tag::Genitive && is_nominal(self.tag(last + 1)) {
                owner = Some(number);
                first = last + 1;
                continue;
            }
            self.out.pieces.push(Piece::Np(number));
            return if self.tag(last) == Tag::Genitive { last + 1 } else { last };
        }
    }

    /// The end of the group of nouns that begins at a word.
    fn group(&self, first: usize) -> usize {
        if self.tag(first) == Tag::Pron {
            return first + 1;
        }
        let mut at = first + 1;
        while at < self.words.len().min(first + GROUP_WORDS_MAX) {
            let (before, word) = (&self.words[at - 1], &self.words[at]);
            let noun_before = matches!(before.tag, Tag::Noun | Tag::Proper);
            let goes_on = match word.tag {
                Tag::Det | Tag::Poss => matches!(before.tag, Tag::Det),
                Tag::Num => !noun_before || before.capital && before.name.is_none(),
                Tag::Adj => {
                    !noun_before && before.tag != Tag::Time
                        || (before.tag == Tag::Proper
                            && (word.capital || before.name.is_none())
                            && matches!(self.tag(at + 1), Tag::Noun | Tag::Adj | Tag::Proper))
                }
                Tag::Noun => {
                    before.tag != Tag::Time
                        || word.noun_family().is_some()
                        || !word.entry.is_some_and(|entry| entry.noun.acts.is_empty())
                }
                Tag::Proper => self.name_goes_on(first, at),
                Tag::Time => before.tag != Tag::Noun && before.tag != Tag::Proper,
                Tag::Adv => {
                    !noun_before
                        && before.tag != Tag::Time
                        && matches!(self.tag(at + 1), Tag::Adj | Tag::Noun)
                        && matches!(before.tag, Tag::Det | Tag::Poss)
                }
                _ => false,
            };
            if !goes_on {
                break;
            }
            at += 1;
        }
        at
    }

    /// Whether a name at a word goes on the group that begins at `first`: "minister Peter Szijjarto", but not "reporters Poland".
    fn name_goes_on(&self, first: usize, at: usize) -> bool {
        let (before, name) = (&self.words[at - 1], &self.words[at]);
        let gazetteer = super::gazetteer::Gazetteer::get();
        // "President Emmanuel Macron"
        let leader = name.name.is_some_and(|(name, _)| name.kind == super::gazetteer::Kind::Leader);
        let titled = || self.words[first..at].iter().any(|word| word.capital && gazetteer.is_title(word.key));
        let country = name.name.is_some_and(|(name, _)| name.kind != super::gazetteer::Kind::Adjective);
        match before.tag {
            Tag::Noun if before.capital => !country || before.key.len() < 3 || leader && titled(),
            Tag::Noun if country => APPOSED.contains(&before.key),
            Tag::Noun => gazetteer.is_title(before.key),
            Tag::Proper => {
                !(country && before.name.is_some_and(|(name, _)| name.kind != super::gazetteer::Kind::Adjective))
            }
            Tag::Time => false,
            _ => true,
        }
    }

    fn verbs(&mut self, from: usize) -> usize {
        let negated = from > 0 && self.words[from - 1].key == "nor";
        let mut group =
            Group { vg: Vg { first: from, head: from, negated, ..Vg::default() }, auxiliary: None, done: false };
        let mut at = from;
        while at < self.words.len() && !group.done {
            let taken = match self.take(&mut group, at, from) {
                0 => self.inserted(&group, at),
                taken => taken,
            };
            if taken == 0 {
                break;
            }
            at += taken;
        }
        // What was taken ahead of a verb that did not come is left to others.
        while at > from + 1 && self.tag(at - 1) == Tag::Adv {
            at -= 1;
        }
        let Group { mut vg, auxiliary, done } = group;
        vg.finite &= !vg.infinitive;
        vg.last = at.max(from + 1);
        vg.bare = !done && matches!(auxiliary, Some(Tag::Modal | Tag::Do | Tag::To) | None);
        let around = &self.words[from.saturating_sub(1)..(vg.last + 1).min(self.words.len())];
        vg.doubt = around.iter().any(|word| word.can(Classes::DOUBT) && word.tag == Tag::Adv);
        vg.negated |= self.words[from..vg.last].iter().any(|word| word.can(Classes::UNDONE));
        self.predicate(&mut vg, auxiliary, done);
        if !vg.predicate {
            self.meaning(&mut vg);
        }
        let last = vg.last;
        self.out.vgs.push(vg);
        self.out.pieces.push(Piece::Vg(self.out.vgs.len() - 1));
        last
    }

    /// "will never, under any circumstances, recognise it": so many words stand between commas and before the verb.
    fn inserted(&self, group: &Group, at: usize) -> usize {
        let awaits = matches!(group.auxiliary, Some(Tag::Modal | Tag::Do)) && self.tag(at) == Tag::Comma;
        let close = (at + 2..self.words.len().min(at + BRACKET)).find(|&at| self.tag(at) == Tag::Comma);
        let base = |at: usize| self.tag(at) == Tag::Verb && self.words[at].can(Classes::BASE);
        match close.filter(|&close| awaits && base(close + 1)) {
            Some(close) => close + 1 - at,
            None => 0,
        }
    }

    /// Takes a word into a group of verbs; says how many words it took, none where the group ends before.
    fn take(&self, group: &mut Group, at: usize, from: usize) -> usize {
        let word = &self.words[at];
        let Group { vg, auxiliary, .. } = group;
        match word.tag {
            Tag::Not => {
                vg.negated = !vg.negated || word.can(Classes::LONGER);
                vg.no_longer |= word.can(Classes::LONGER);
            }
            Tag::Adv if at == from => {}
            Tag::Adv => {
                let ahead = (at + 1..self.words.len()).map(|at| self.tag(at)).find(|tag| *tag != Tag::Adv);
                let goes_on = match ahead {
                    Some(Tag::Verb | Tag::Be | Tag::Have | Tag::Do | Tag::Modal | Tag::Not) => true,
                    Some(Tag::To) => auxiliary.is_some(),
                    _ => false,
                };
                return usize::from(goes_on);
            }
            Tag::Modal if auxiliary.is_none() => {
                vg.mood = modal(word.key);
                (*auxiliary, vg.finite, vg.head) = (Some(Tag::Modal), true, at);
            }
            Tag::Do if auxiliary.is_none() => (*auxiliary, vg.finite, vg.head) = (Some(Tag::Do), true, at),
            Tag::To if auxiliary.is_none() => {
                vg.infinitive = true;
                vg.mood = Mood::Open;
                *auxiliary = Some(Tag::To);
            }
            Tag::To if *auxiliary == Some(Tag::Be) && !vg.perfect => vg.obliged(Mood::Will, auxiliary),
            Tag::To if *auxiliary == Some(Tag::Have) || self.words[vg.head].key == "ought" => {
                vg.obliged(Mood::Must, auxiliary);
            }
            Tag::Be | Tag::Have => {
                if auxiliary.is_none() {
                    vg.finite = !matches!(word.key, "being" | "having" | "be" | "been");
                    if matches!(word.key, "being" | "having") {
                        vg.gerund = true;
                        vg.mood = Mood::Open;
                    }
                }
                vg.perfect |= *auxiliary == Some(Tag::Have);
                (*auxiliary, vg.head) = (Some(word.tag), at);
            }
            Tag::Verb => return self.take_verb(group, at),
            _ => return 0,
        }
        1
    }

    fn take_verb(&self, group: &mut Group, at: usize) -> usize {
        let word = &self.words[at];
        let Group { vg, auxiliary, done } = group;
        let fits = match auxiliary {
            None => true,
            Some(Tag::Be) => word.can(Classes::PART.with(Classes::ING)),
            Some(Tag::Have) => word.can(Classes::PART),
            _ => word.can(Classes::BASE),
        };
        if !fits {
            return 0;
        }
        vg.passive = matches!(auxiliary, Some(Tag::Be) | None) && word.can(Classes::PART);
        vg.perfect |= *auxiliary == Some(Tag::Have);
        if auxiliary.is_none() {
            vg.gerund = word.can(Classes::ING);
            vg.finite = !word.can(Classes::ING.with(Classes::PART));
            if vg.gerund {
                vg.mood = Mood::Open;
            }
        }
        vg.head = at;
        let to_next = self.tag(at + 1) == Tag::To;
        // "is going to veto", "needs to recognise"
        if to_next && word.key == "going" && *auxiliary == Some(Tag::Be) {
            vg.obliged(Mood::Will, auxiliary);
            return 2;
        }
        if to_next && matches!(word.key, "need" | "needs") && !vg.infinitive {
            vg.obliged(Mood::Must, auxiliary);
            return 2;
        }
        *done = true;
        1
    }

    /// "Rwanda ready to withdraw": a headline leaves out "is".
    fn is_headline_predicate(&self, at: usize) -> bool {
        let before =
            self.words[..at].iter().rev().find(|word| !matches!(word.tag, Tag::Quote | Tag::Adv)).map(|word| word.tag);
        let finite = |word: &W<'_>| {
            matches!(word.tag, Tag::Modal | Tag::Be | Tag::Have | Tag::Do)
                || word.tag == Tag::Verb && word.can(Classes::PAST.with(Classes::THIRD))
        };
        let parts = |word: &W<'_>| matches!(word.tag, Tag::Comma | Tag::Stop | Tag::End);
        let end = self.words[at..].iter().position(parts).map_or(self.words.len(), |more| at + more);
        let clause = &self.words[..end];
        self.words[at].adjective_family().is_some()
            && self.tag(at + 1) == Tag::To
            && matches!(before, Some(Tag::Noun | Tag::Proper))
            && !clause.iter().any(finite)
    }

    /// "Taiwan, keen to reduce it, has pledged": what is said between commas, or before the subject.
    fn is_apposed_predicate(&self, at: usize) -> bool {
        let before = self.words[..at].iter().rev().find(|word| !matches!(word.tag, Tag::Quote | Tag::Adv | Tag::Not));
        self.words[at].adjective_family().is_some()
            && self.tag(at + 1) == Tag::To
            && before.is_none_or(|word| word.tag == Tag::Comma)
    }

    fn adjective(&mut self, at: usize, finite: bool) -> usize {
        let family = self.words[at].adjective_family();
        let negated = at > 0 && self.tag(at - 1) == Tag::Not;
        self.out.vgs.push(Vg {
            first: at,
            last: at + 1,
            head: at,
            family,
            negated,
            finite,
            predicate: true,
            ..Vg::default()
        });
        self.out.pieces.push(Piece::Vg(self.out.vgs.len() - 1));
        at + 1
    }

    /// An adjective that tells with a form of `be`, or with a verb like it.
    fn predicate(&self, vg: &mut Vg, auxiliary: Option<Tag>, done: bool) {
        let copula = if done {
            !vg.passive
                && Lexicon::get()
                    .verb_of(self.words[vg.head].key)
                    .is_some_and(|verb| COPULAS.contains(&verb.base.as_str()))
        } else {
            auxiliary == Some(Tag::Be) || auxiliary == Some(Tag::Have)
        };
        if !copula {
            return;
        }
        let mut at = vg.last;
        let mut negated = false;
        while matches!(self.tag(at), Tag::Adv | Tag::Not) {
            negated |= self.tag(at) == Tag::Not;
            at += 1;
        }
        let Some(word) = self.words.get(at) else { return };
        let Some(family) =
            word.adjective_family().filter(|_| word.tag == Tag::Adj || word.can(Classes::ADJ) && word.tag != Tag::Noun)
        else {
            return;
        };
        if auxiliary == Some(Tag::Have) && !done && word.key != "yet" {
            return;
        }
        if matches!(self.tag(at + 1), Tag::Noun | Tag::Proper)
            && word.key.split(' ').count() == 1
            && !matches!(word.key, "unclear" | "uncertain")
        {
            return;
        }
        vg.negated ^= negated;
        vg.head = at;
        vg.last = at + 1;
        vg.family = Some(family);
        vg.predicate = true;
        vg.passive = false;
        // "about to", "set to" and the like say no more than "will".
    }
}

fn modal(key: &str) -> Mood {
    match key {
        "will" | "shall" | "'ll" | "’ll" | "ll" => Mood::Will,
        "would" | "'d" | "’d" | "d" => Mood::Would,
        "can" | "cannot" | "could" => Mood::Can,
        "must" | "should" | "ought" => Mood::Must,
        _ => Mood::May,
    }
}
