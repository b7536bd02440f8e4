use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::facts::{self, Understanding};
use super::terms::{TermId, Terms};
use crate::query::{Expr, Look, Near, Node, Pattern, Place, Reach, Scope, ScoreRow, Source, Term, Weight};
use crate::understand::text::{Language, Word, fold, has_stop, is_joint, may_be_joined, words_and_compounds};
use crate::understand::words::names::names_around;

/// A query with its words replaced by the numbers of terms.
#[derive(Debug)]
pub(super) enum Plan {
    All(Vec<Plan>),
    Any(Vec<Plan>),
    Not(Box<Plan>),
    /// At least so many of these.
    Some(usize, Vec<Plan>),
    /// Found so many times, at different places.
    Times(usize, Find, Range<usize>),
    /// A clause that has a place in a text, and the bytes of the query where it was written.
    Find(Find, Range<usize>),
    /// A part of the address.
    Link(String, Range<usize>),
    /// A folded name.
    Feed(String, Range<usize>),
    /// A folded name.
    Tag(String, Range<usize>),
    /// `None` for a language that there is not.
    Lang(Option<Language>, Range<usize>),
    /// So many points or more.
    Score(i64, Vec<Weighed>),
}

/// Plans that weigh the same.
#[derive(Debug)]
pub(super) struct Weighed {
    pub(super) weight: Weight,
    pub(super) any: Vec<Plan>,
    /// The bytes of the query where each was written, with its weight.
    pub(super) labels: Vec<Range<usize>>,
}

/// What is looked for in a text.
#[derive(Debug)]
pub(super) enum Find {
    Row(Row),
    Any(Vec<Find>),
    Pattern(Scope, Pattern),
    Fact(Box<Ask>),
    Near { left: Box<Find>, right: Box<Find>, reach: Reach, ordered: bool },
}

/// What a text has to say.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) scope: Scope,
    /// With its words as texts are read by.
    pub(super) look: Look,
    pub(super) understanding: Understanding,
    /// What has to be there; `None` where that is not known.
    pub(super) needed: Option<Arc<Needed>>,
}

/// What has to be in a text that tells of some acts, or of some kinds of events: the same for all that ask for these.
#[derive(Debug)]
pub(super) struct Needed {
    /// Words of which one has to be there, or one of the `roots`; `None` where they cannot be looked up.
    pub(super) units: Option<Vec<Unit>>,
    /// The same words, in lower case; sorted.
    pub(super) words: Vec<String>,
    /// Words, in lower case, that may also be a part of a longer one.
    pub(super) roots: Vec<String>,
}

/// Words in a row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) scope: Scope,
    /// One or more.
    pub(super) units: Box<[Unit]>,
    /// How it is spelt, if that counts.
    pub(super) spelling: Option<Spelling>,
    /// The end of a sentence parts it.
    pub(super) in_a_sentence: bool,
    /// Longer names of others that hold it: the name, and how many words of it stand before and behind.
    pub(super) inside: Vec<(&'static str, usize, usize)>,
}

/// How words have to be written.
#[derive(Debug)]
pub(super) enum Spelling {
    /// So, from the first word on.
    Exact(String),
    /// With the capitals of this name.
    Name(String),
}

/// A word, or a hyphenated one that may be written in one piece or in several.
#[derive(Debug)]
pub(super) struct Unit {
    /// The first of its parts in a row.
    first: TermId,
    /// The others.
    more: Box<[TermId]>,
    /// All of them in one piece; `None` for a word that has one part.
    pub(super) whole: Option<TermId>,
    /// This word and the next in one piece: where they may be one that was written apart, or are two of many hyphenated parts.
    pub(super) joined: Option<TermId>,
}

impl Unit {
    fn of(parts: &[TermId], whole: Option<TermId>) -> Option<Self> {
        let (first, more) = parts.split_first()?;
        Some(Self { first: *first, more: more.into(), whole, joined: None })
    }

    /// In a row, at least one.
    pub(super) fn parts(&self) -> impl Iterator<Item = TermId> {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }

    /// The first of its parts.
    pub(super) fn first(&self) -> TermId {
        self.first
    }

    /// How many parts it has.
    fn len(&self) -> usize {
        1 + self.more.len()
    }
}

/// Makes plans, and collects the terms of all of them.
#[derive(Debug)]
pub(super) struct Planner {
    terms: Terms,
    /// What was made for the same acts, or the same kinds of events, before.
    needed: HashMap<Vec<String>, Option<Arc<Needed>>>,
}

/// How a word of a row is compared.
#[derive(Clone, Copy)]
enum Compare {
    Stem,
    Form,
}

impl Planner {
    /// One that adds to these terms.
    pub(super) fn new(terms: Terms) -> Self {
        Self { terms, needed: HashMap::new() }
    }

    /// All terms.
    pub(super) fn finish(self) -> Terms {
        self.terms
    }

    pub(super) fn plan(&mut self, node: &Node) -> Plan {
        let span = node.span.clone();
        match &node.expr {
            Expr::All(nodes) => Plan::All(nodes.iter().map(|node| self.plan(node)).collect()),
            Expr::Any(nodes) => Plan::Any(nodes.iter().map(|node| self.plan(node)).collect()),
            Expr::Not(node) => Plan::Not(Box::new(self.plan(node))),
            Expr::Some { count, of } => Plan::Some(*count, of.iter().map(|node| self.plan(node)).collect()),
            Expr::Times { count, place } => Plan::Times(*count, self.find(place), span),
            Expr::Place(place) => Plan::Find(self.find(place), span),
            Expr::Source(Source::Link(part)) => Plan::Link(part.clone(), span),
            Expr::Source(Source::Feed(name)) => Plan::Feed(fold_name(name), span),
            Expr::Source(Source::Tag(name)) => Plan::Tag(fold_name(name), span),
            Expr::Source(Source::Lang(tag)) => Plan::Lang(Language::of_tag(tag), span),
            Expr::Score(score) => {
                let row = |row: &ScoreRow| {
                    let any = row.any.iter().map(|node| self.plan(node)).collect();
                    Weighed { weight: row.weight, any, labels: row.labels.clone() }
                };
                Plan::Score(score.threshold, score.rows.iter().map(row).collect())
            }
        }
    }

    fn find(&mut self, place: &Place) -> Find {
        match place {
            Place::Term(term) => self.term(term),
            Place::Any(places) => Find::Any(places.iter().map(|place| self.find(place)).collect()),
            Place::Near(near) => {
                let Near { left, right, reach, ordered } = &**near;
                let (left, right) = (Box::new(self.find(left)), Box::new(self.find(right)));
                Find::Near { left, right, reach: *reach, ordered: *ordered }
            }
        }
    }

    fn term(&mut self, term: &Term) -> Find {
        let scope = term.scope;
        let mut spelling = None;
        let mut in_a_sentence = true;
        let units = match &term.look {
            Look::Pattern(pattern) => return Find::Pattern(scope, pattern.clone()),
            Look::Alias { names, .. } => {
                let row = |name: &String| {
                    let units = self.units(name, Compare::Form, |_| false);
                    let inside = names_around(name, names).collect();
                    let in_a_sentence = !has_stop(name);
                    Row { scope, units, spelling: Some(Spelling::Name(name.clone())), in_a_sentence, inside }
                };
                let rows = names.iter().map(row).filter(|row| !row.units.is_empty());
                return Find::Any(rows.map(Find::Row).collect());
            }
            Look::Event(_) | Look::Act(_) | Look::Amount(_) => return Find::Fact(Box::new(self.ask(term))),
            Look::Word(word) => self.units(word, Compare::Stem, |_| false),
            Look::Prefix(begin) => self.units(begin, Compare::Stem, |end| end == begin.len()),
            Look::Phrase(phrase) => {
                in_a_sentence = !has_stop(phrase);
                self.phrase(phrase)
            }
            Look::Exact(exact) => {
                in_a_sentence = !has_stop(exact);
                let start = words_and_compounds(exact).next().map_or(0, |word| word.start);
                spelling = Some(Spelling::Exact(exact[start..].trim_end().to_owned()));
                self.units(exact, Compare::Form, |_| false)
            }
        };
        Find::Row(Row { scope, units, spelling, in_a_sentence, inside: Vec::new() })
    }

    /// Words in a row, each two of which may stand in one piece.
    fn phrase(&mut self, phrase: &str) -> Box<[Unit]> {
        let is_prefix = |end: usize| phrase.as_bytes().get(end) == Some(&b'*');
        let mut units = self.units(phrase, Compare::Form, is_prefix);
        let (all, compounds): (Vec<Word<'_>>, Vec<Word<'_>>) =
            words_and_compounds(phrase).partition(|word| word.parts == 1);
        let is_apart =
            |at: usize| !compounds.iter().any(|whole| (whole.position..whole.position + whole.parts).contains(&at));
        let mut at = 0;
        for number in 0..units.len().saturating_sub(1) {
            if let [word, beside] = &all[at..at + 2]
                && is_apart(word.position)
                && is_apart(beside.position)
                && !is_prefix(beside.span().end)
                && is_joint(&phrase[word.span().end..beside.start])
                && may_be_joined(&word.folded(), &beside.folded())
            {
                units[number].joined = Some(self.terms.form(&[word.folded(), beside.folded()].concat()));
            }
            at += units[number].len();
        }
        units
    }

    fn ask(&mut self, term: &Term) -> Ask {
        let (look, understanding) = facts::prepared(&term.look);
        let needed = self.needed(&look);
        Ask { scope: term.scope, look, understanding, needed }
    }

    fn needed(&mut self, look: &Look) -> Option<Arc<Needed>> {
        let asked = match look {
            Look::Act(ask) => std::iter::once("act").chain(ask.acts.iter().map(String::as_str)),
            Look::Event(ask) => std::iter::once("event").chain(ask.kinds.iter().map(String::as_str)),
            _ => return None,
        };
        let asked: Vec<String> = asked.map(str::to_owned).collect();
        if let Some(known) = self.needed.get(&asked) {
            return known.clone();
        }
        let needed = facts::needed(look).map(|(words, roots)| {
            // The first part of a word is enough: the others stand behind it.
            let mut unit = |word: &String| self.units(word, Compare::Form, |_| false).into_iter().next();
            Arc::new(Needed { units: words.iter().map(&mut unit).collect(), words, roots })
        });
        self.needed.insert(asked, needed.clone());
        needed
    }

    /// `is_prefix` tells whether a word that ends at that byte only begins the word that is looked for.
    fn units(&mut self, text: &str, compare: Compare, is_prefix: impl Fn(usize) -> bool) -> Box<[Unit]> {
        let mut of = |word: &Word<'_>| {
            let folded = word.folded();
            match compare {
                _ if is_prefix(word.span().end) => self.terms.prefix(&folded),
                Compare::Stem => self.terms.word(word.surface, &folded),
                Compare::Form => self.terms.form(&folded),
            }
        };
        let mut all = words_and_compounds(text);
        let (first, second) = (all.next(), all.next());
        if let (Some(word), None) = (&first, &second) {
            return Unit::of(&[of(word)], None).into_iter().collect();
        }
        let pieces: Vec<Word<'_>> = first.into_iter().chain(second).chain(all).collect();
        let mut units: Vec<(Unit, usize)> = Vec::with_capacity(pieces.len());
        for word in &pieces {
            let term = of(word);
            if word.parts == 1 {
                units.extend(Unit::of(&[term], None).map(|unit| (unit, word.position)));
                continue;
            }
            // A compound comes behind all of its parts, and the widest comes last. One of so many parts that there is no widest
            // leaves pairs that share a part.
            let shares = |other: &Word<'_>| other.parts == 2 && other.position.abs_diff(word.position) == 1;
            let Some(first) = units.iter().rposition(|(_, position)| *position == word.position) else { continue };
            if word.parts == 2 && pieces.iter().any(shares) {
                units[first].0.joined = Some(term);
                continue;
            }
            let mut last = first;
            let mut parts = Vec::with_capacity(word.parts);
            while parts.len() < word.parts && last < units.len() {
                parts.extend(units[last].0.parts());
                last += 1;
            }
            units.splice(first..last, Unit::of(&parts, Some(term)).map(|unit| (unit, word.position)));
        }
        units.into_iter().map(|(unit, _)| unit).collect()
    }
}

/// What names of feeds and tags are compared by: their words, and where there is none, what they are written with.
pub fn fold_name(name: &str) -> String {
    let folded = name.split_whitespace().map(fold).collect::<Vec<_>>().join(" ");
    if folded.trim().is_empty() { name.trim().to_owned() } else { folded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_signs_alone_are_told_apart() {
        assert_eq!(fold_name(" News  of the World "), fold_name("news of the wörld"));
        assert_ne!(fold_name("."), fold_name(""));
        assert_ne!(fold_name("."), fold_name("-"));
    }
}
