use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::understand::text::stem;

/// Words that are remembered with their terms. A language has fewer words in use; names and numbers come and go.
const KNOWN_MAX: usize = 1 << 16;

/// A longer word is looked up anew each time, in bytes.
const KNOWN_LENGTH_MAX: usize = 64;

/// The number of a term.
pub(super) type TermId = usize;

/// What all rules look for, word by word, each with a number.
#[derive(Debug, Default)]
pub(super) struct Terms {
    forms: HashMap<Box<str>, TermId>,
    stems: HashMap<Box<str>, TermId>,
    prefixes: HashMap<Box<str>, TermId>,
    /// Of the longest prefix, in bytes.
    prefix_length_max: usize,
    /// By term: how many words in a million are likely to be it, roughly.
    frequencies: Vec<u32>,
    /// Folded words that were looked up, so that a word is stemmed once and not each time it is read.
    known: RwLock<HashMap<Box<str>, Box<[TermId]>>>,
}

impl Terms {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.frequencies.len()
    }

    /// How common a term is likely to be; greater is more common.
    pub(super) fn frequency(&self, term: TermId) -> u32 {
        self.frequencies[term]
    }

    /// This very word, folded.
    pub(super) fn form(&mut self, folded: &str) -> TermId {
        number(&mut self.forms, &mut self.frequencies, folded, 1)
    }

    /// Every inflection of a folded word.
    pub(super) fn stem(&mut self, folded: &str) -> TermId {
        number(&mut self.stems, &mut self.frequencies, &stem(folded), 2)
    }

    /// Every word that begins so, folded.
    pub(super) fn prefix(&mut self, folded: &str) -> TermId {
        self.prefix_length_max = self.prefix_length_max.max(folded.len());
        number(&mut self.prefixes, &mut self.frequencies, folded, 8)
    }

    /// Looks words up; give it back with [`Lookup::finish`].
    pub(super) fn lookup(&self) -> Lookup<'_> {
        Lookup {
            terms: self,
            known: self.known.read().unwrap_or_else(PoisonError::into_inner),
            learned: HashMap::new(),
        }
    }

    /// All terms that a folded word is.
    fn of(&self, folded: &str) -> Box<[TermId]> {
        let begins =
            folded.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= self.prefix_length_max);
        let prefixes = begins.filter_map(|end| self.prefixes.get(&folded[..end]));
        self.forms.get(folded).into_iter().chain(self.stems.get(&*stem(folded))).chain(prefixes).copied().collect()
    }
}

/// The term's number, a new one if need be. Short words are the common ones.
fn number(numbers: &mut HashMap<Box<str>, TermId>, frequencies: &mut Vec<u32>, text: &str, share: u32) -> TermId {
    if let Some(term) = numbers.get(text) {
        return *term;
    }
    let term = frequencies.len();
    frequencies.push(share * 100_000 / 3_u32.pow(text.chars().take(9).map(|_| 1).sum()));
    numbers.insert(text.into(), term);
    term
}

/// Words being looked up, under a lock that lets others read too.
pub(super) struct Lookup<'a> {
    terms: &'a Terms,
    known: RwLockReadGuard<'a, HashMap<Box<str>, Box<[TermId]>>>,
    learned: HashMap<Box<str>, Box<[TermId]>>,
}

impl Lookup<'_> {
    /// Calls back with each term that a folded word is.
    pub(super) fn each(&mut self, folded: &str, mut found: impl FnMut(TermId)) {
        let known = self.known.get(folded).or_else(|| self.learned.get(folded));
        if let Some(terms) = known {
            terms.iter().for_each(|term| found(*term));
            return;
        }
        let terms = self.terms.of(folded);
        terms.iter().for_each(|term| found(*term));
        if folded.len() <= KNOWN_LENGTH_MAX && self.learned.len() < KNOWN_MAX {
            self.learned.insert(folded.into(), terms);
        }
    }

    /// Remembers what was learned for everybody.
    pub(super) fn finish(self) {
        let Self { terms, known, learned } = self;
        drop(known);
        if learned.is_empty() {
            return;
        }
        let mut known = terms.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() + learned.len() > KNOWN_MAX {
            // The words in use come back soon; this is cheaper than knowing which those are.
            known.clear();
        }
        known.extend(learned);
    }
}
