use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{OnceLock, PoisonError, RwLock};

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use super::joints::{Joint, Joints};
use super::reading::{Occurrence, Place, Tokens};
use crate::understand::text::{
    Language, Speech, Stems, finite_forms, fold, is_function_word, is_plural_acronym, stems,
};

/// Words that are remembered with their terms. A language has fewer words in use; names and numbers come and go.
const KNOWN_MAX: usize = 1 << 18;

/// How many items in a million are likely to hold one of the commonest words of a language.
const COMMON: u32 = 500_000;

/// An estimate weighs as much as what was seen in so many items.
const ESTIMATE_ITEMS: u64 = 100;

/// As many different words has a rule where there are many.
const WORDS_PER_RULE: usize = 2;

/// The number of a term.
pub(super) type TermId = u32;

/// What all rules look for, word by word, each with a number.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// By folded word: the first of the terms that are written so; the others follow it.
    forms: HashTable<TermId>,
    /// The folded words, one behind the other.
    letters: String,
    prefixes: HashMap<Box<str>, TermId>,
    /// Of the longest prefix, in bytes.
    prefix_length_max: usize,
    list: Vec<Term>,
    /// How many items were read.
    items: AtomicU32,
    joints: OnceLock<Joints>,
    /// By the number of a language: what its stems are of, made when the first text in it is read.
    stems: OnceLock<Box<[OnceLock<StemTable>]>>,
    hasher: DefaultHashBuilder,
    known: RwLock<Known>,
}

/// Stems, by a hash as that of an [`Entry`], with the words that have them. It is made once, so it is sorted and not hashed
/// again.
#[derive(Debug)]
struct StemTable {
    /// By hash.
    words: Box<[(u64, TermId)]>,
    /// By the first bits of a hash: where those that begin so do; one more for the end.
    starts: Box<[u32]>,
    /// How many bits are not looked at there.
    shift: u32,
}

impl StemTable {
    fn new(mut words: Vec<(u64, TermId)>) -> Self {
        words.sort_unstable();
        let bits = words.len().max(2).ilog2();
        let shift = u64::BITS - bits;
        let mut at = 0;
        let mut start_of = |bucket: u64| {
            while words.get(at).is_some_and(|(hash, _)| hash >> shift < bucket) {
                at += 1;
            }
            u32::try_from(at).expect("a config has fewer words than that")
        };
        let starts = (0..=1 << bits).map(&mut start_of).collect();
        Self { words: words.into(), starts, shift }
    }

    /// The words that have a stem of this hash.
    fn of(&self, hash: u64) -> impl Iterator<Item = TermId> {
        let bucket = usize::try_from(hash >> self.shift).unwrap_or(usize::MAX);
        let bucket = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        self.words[bucket].iter().filter(move |(other, _)| *other == hash).map(|(_, term)| *term)
    }
}

#[derive(Debug)]
struct Term {
    kind: Kind,
    /// Its folded word, as bytes of all of them; none of a prefix.
    folded: Range<u32>,
    /// The next term of the same folded word.
    next: Option<TermId>,
    /// How many items in a million are likely to hold it, roughly.
    estimate: u32,
    /// How many of the items that were read held it.
    items: AtomicU32,
}

impl Term {
    /// Its folded word.
    fn of<'l>(&self, letters: &'l str) -> &'l str {
        &letters[self.folded.start as usize..self.folded.end as usize]
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// This very word.
    Form,
    /// Every inflection of a word; as it is written, where that tells more than its folded form.
    Word(Option<Box<str>>),
    /// Every word that begins so.
    Prefix,
}

/// Words that were looked up, so that a word is stemmed once and not each time it is read; by the languages that it may be in.
#[derive(Debug, Default)]
struct Known {
    words: HashMap<Speech, Lexicon>,
    count: usize,
}

/// What is known of the words of one speech.
#[derive(Debug, Default)]
struct Lexicon {
    entries: HashTable<Entry>,
    /// Terms, one word's after the other's.
    terms: Vec<TermId>,
    /// By number from 1: which of these are the terms of a word.
    sets: Vec<Range<u32>>,
}

/// What is known of a word. It goes by a hash of 64 bits that nobody can foresee and that no two words of a program's life are
/// likely to share, and it is small, so that most words cost one look into memory.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u64,
    joint: u32,
    /// The number of its set of terms, 0 for none; the lowest byte is the shape of the joint.
    set_and_shape: u32,
}

impl Entry {
    fn joint(self) -> Joint {
        Joint::from_parts(self.joint, self.set_and_shape.to_le_bytes()[0])
    }
}

impl Lexicon {
    fn get(&self, hash: u64) -> Option<&Entry> {
        self.entries.find(hash, |entry| entry.hash == hash)
    }

    fn add(&mut self, hash: u64, joint: Joint, terms: &[TermId]) {
        let set = if terms.is_empty() {
            0
        } else {
            let start = self.terms.len();
            self.terms.extend_from_slice(terms);
            let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(self.terms.len())) else { return };
            self.sets.push(start..end);
            self.sets.len()
        };
        let (joint, shape) = joint.parts();
        // There are fewer sets than words that are known.
        let set = u32::try_from(set).unwrap_or(0);
        let entry = Entry { hash, joint, set_and_shape: set << 8 | u32::from(shape) };
        self.entries.insert_unique(hash, entry, |entry| entry.hash);
    }

    fn terms(&self, entry: Entry) -> &[TermId] {
        match (entry.set_and_shape >> 8) as usize {
            0 => &[],
            set => {
                let Range { start, end } = self.sets[set - 1];
                &self.terms[start as usize..end as usize]
            }
        }
    }
}

impl Terms {
    /// Room for the words of so many rules, so that it need not be found again and again.
    pub(super) fn for_rules(rules: usize) -> Self {
        let words = rules * WORDS_PER_RULE;
        Self { forms: HashTable::with_capacity(words), list: Vec::with_capacity(words), ..Self::default() }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// How many items in a million are likely to hold a term: what was seen so far, and an estimate as long as that is little.
    pub(super) fn frequency(&self, term: TermId) -> u32 {
        let Term { estimate, items, .. } = &self.list[term as usize];
        let read = u64::from(self.items.load(Relaxed));
        let seen = u64::from(items.load(Relaxed)) * 1_000_000;
        let frequency = (seen + u64::from(*estimate) * ESTIMATE_ITEMS) / (read + ESTIMATE_ITEMS);
        u32::try_from(frequency).unwrap_or(u32::MAX)
    }

    /// Counts an item and the terms in it; returns how many items were counted.
    pub(super) fn observe(&self, terms: impl Iterator<Item = TermId>) -> u32 {
        for term in terms {
            self.list[term as usize].items.fetch_add(1, Relaxed);
        }
        self.items.fetch_add(1, Relaxed) + 1
    }

    /// The same terms with what was counted, for a reload; what was learned of words is left behind.
    pub(super) fn again(&self) -> Self {
        let term = |term: &Term| Term {
            kind: term.kind.clone(),
            folded: term.folded.clone(),
            next: term.next,
            estimate: term.estimate,
            items: AtomicU32::new(term.items.load(Relaxed)),
        };
        Self {
            forms: self.forms.clone(),
            letters: self.letters.clone(),
            hasher: self.hasher.clone(),
            prefixes: self.prefixes.clone(),
            prefix_length_max: self.prefix_length_max,
            list: self.list.iter().map(term).collect(),
            items: AtomicU32::new(self.items.load(Relaxed)),
            ..Self::default()
        }
    }

    /// This very word, folded.
    pub(super) fn form(&mut self, folded: &str) -> TermId {
        self.number(folded, Kind::Form)
    }

    /// Every inflection of a word.
    pub(super) fn word(&mut self, surface: &str, folded: &str) -> TermId {
        // Nothing else of how a word is written tells the rules of any language more; see `stems`.
        let tells = (!surface.is_ascii() || surface.contains('I') || is_plural_acronym(surface)) && surface != folded;
        self.number(folded, Kind::Word(tells.then(|| surface.into())))
    }

    /// Every word that begins so, folded.
    pub(super) fn prefix(&mut self, folded: &str) -> TermId {
        if let Some(term) = self.prefixes.get(folded) {
            return *term;
        }
        self.prefix_length_max = self.prefix_length_max.max(folded.len());
        let term = self.push(folded, 0..0, Kind::Prefix);
        self.prefixes.insert(folded.into(), term);
        term
    }

    /// The term's number, a new one if need be.
    fn number(&mut self, folded: &str, kind: Kind) -> TermId {
        let hash = self.hasher.hash_one(folded);
        let Some(first) = self.first(folded, hash) else {
            let short = |length: usize| u32::try_from(length).expect("a config has fewer letters than that");
            let start = short(self.letters.len());
            self.letters.push_str(folded);
            let term = self.push(folded, start..short(self.letters.len()), kind);
            let Self { forms, list, letters, hasher, .. } = self;
            forms.insert_unique(hash, term, |term| hasher.hash_one(list[*term as usize].of(letters)));
            return term;
        };
        let mut last = first;
        for term in self.chain(Some(first)) {
            if self.list[term as usize].kind == kind {
                return term;
            }
            last = term;
        }
        let term = self.push(folded, self.list[first as usize].folded.clone(), kind);
        self.list[last as usize].next = Some(term);
        term
    }

    fn push(&mut self, folded: &str, place: Range<u32>, kind: Kind) -> TermId {
        let share = match kind {
            Kind::Form => 1,
            Kind::Word(_) => 2,
            Kind::Prefix => 8,
        };
        let term = TermId::try_from(self.list.len()).expect("a config has fewer words than that");
        let estimate = share * frequency(folded);
        self.list.push(Term { kind, folded: place, next: None, estimate, items: AtomicU32::new(0) });
        term
    }

    /// The first of the terms that are written so.
    fn first(&self, folded: &str, hash: u64) -> Option<TermId> {
        self.forms.find(hash, |term| self.list[*term as usize].of(&self.letters) == folded).copied()
    }

    /// All terms that are written so.
    fn written<'s>(&'s self, folded: &str) -> impl Iterator<Item = TermId> + use<'s> {
        self.chain(self.first(folded, self.hasher.hash_one(folded)))
    }

    fn chain(&self, first: Option<TermId>) -> impl Iterator<Item = TermId> {
        std::iter::successors(first, |term| self.list[*term as usize].next)
    }

    /// All terms that a word is.
    fn of(&self, surface: &str, folded: &str, speech: Speech) -> Box<[TermId]> {
        let mut terms: Vec<TermId> = self.written(folded).collect();
        if self.prefix_length_max > 0 {
            let ends = folded.char_indices().map(|(at, c)| at + c.len_utf8());
            let ends = ends.take_while(|end| *end <= self.prefix_length_max);
            terms.extend(ends.filter_map(|end| self.prefixes.get(&folded[..end])));
        }
        for language in speech.languages() {
            let Some(own) = stems(surface, folded, language) else { continue };
            let table = self.stems(language);
            terms.extend(own.iter().flat_map(|stem| table.of(self.hasher.hash_one(stem))));
        }
        terms.sort_unstable();
        terms.dedup();
        terms.into_boxed_slice()
    }

    /// The terms that two words are which were written apart: without inflections, and no beginning of a word.
    fn of_joined(&self, one: &str, next: &str) -> impl Iterator<Item = TermId> {
        let joined = [&*fold(one), &*fold(next)].concat();
        self.written(&joined)
    }

    fn stems(&self, language: Language) -> &StemTable {
        let tables = self.stems.get_or_init(|| (0..=usize::from(u8::MAX)).map(|_| OnceLock::new()).collect());
        tables[language.number()].get_or_init(|| {
            let mut table = Vec::with_capacity(self.list.len());
            for (number, term) in (0..).zip(&self.list) {
                let Kind::Word(written) = &term.kind else { continue };
                let folded = term.of(&self.letters);
                let written = written.as_deref().unwrap_or(folded);
                let own = stems(written, folded, language);
                table.extend(own.iter().flat_map(Stems::iter).map(|stem| (self.hasher.hash_one(stem), number)));
                for form in finite_forms(written, language) {
                    let folded = fold(&form);
                    let own = stems(&form, &folded, language);
                    table.extend(own.iter().flat_map(Stems::iter).map(|stem| (self.hasher.hash_one(stem), number)));
                }
            }
            StemTable::new(table)
        })
    }

    fn joints(&self) -> &Joints {
        self.joints.get_or_init(|| Joints::of(self.list.iter().map(|term| term.of(&self.letters))))
    }

    /// Where the terms occur, sorted by term and place.
    pub(super) fn occurrences(&self, tokens: &Tokens<'_>) -> Vec<Occurrence> {
        let speech = tokens.speech();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let lexicon = known.words.get(&speech);
        let mut learned = Lexicon::default();
        let mut found = Vec::new();
        let mut before: Option<(Joint, Place)> = None;
        for (passage, surface, place) in tokens.iter() {
            let hash = self.hasher.hash_one(surface);
            let mut here = |words: &Lexicon| {
                let entry = *words.get(hash)?;
                found.extend(words.terms(entry).iter().map(|term| Occurrence { term: *term, place }));
                Some(entry.joint())
            };
            let joint = lexicon.and_then(&mut here).or_else(|| here(&learned));
            let joint = joint.unwrap_or_else(|| {
                let folded = fold(surface);
                let (joint, terms) = (Joint::of(&folded), self.of(surface, &folded, speech));
                found.extend(terms.iter().map(|term| Occurrence { term: *term, place }));
                if learned.entries.len() < KNOWN_MAX {
                    learned.add(hash, joint, &terms);
                }
                joint
            });
            if place.first() != place.last() {
                continue;
            }
            if let Some((one, first)) = before
                && self.joints().may_have(one, joint)
                && first.passage() == place.passage()
                && passage.joins(&first, &place)
            {
                let place = first.up_to(&place);
                let of = self.of_joined(&passage.text[first.bytes()], surface);
                found.extend(of.map(|term| Occurrence { term, place }));
            }
            before = Some((joint, place));
        }
        drop(known);
        self.learn(speech, &learned);
        found.sort_unstable();
        found
    }

    /// Remembers what was learned for everybody.
    fn learn(&self, speech: Speech, learned: &Lexicon) {
        if learned.entries.is_empty() {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.count + learned.entries.len() > KNOWN_MAX {
            // The words in use come back soon; this is cheaper than knowing which those are.
            *known = Known::default();
        }
        let lexicon = known.words.entry(speech).or_default();
        let before = lexicon.entries.len();
        for entry in &learned.entries {
            // Another thread may have learned it meanwhile.
            if lexicon.get(entry.hash).is_none() {
                lexicon.add(entry.hash, entry.joint(), learned.terms(*entry));
            }
        }
        let added = lexicon.entries.len() - before;
        known.count += added;
    }
}

/// How many items in a million are likely to hold a word of so many letters: the short ones are the common ones.
pub(super) fn likely(letters: usize) -> u32 {
    // A text has some hundred words; a word of five letters is in one text of a hundred.
    const BY_LENGTH: [u32; 12] =
        [800_000, 300_000, 100_000, 60_000, 25_000, 10_000, 6000, 4000, 3000, 2000, 1500, 1000];
    BY_LENGTH[letters.min(BY_LENGTH.len() - 1)]
}

/// The same of this word.
fn frequency(folded: &str) -> u32 {
    if is_function_word(folded) { COMMON } else { likely(folded.chars().count()) }
}
