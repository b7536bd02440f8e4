use std::cell::OnceCell;
use std::ops::Range;

use super::Subject;
use super::facts::Understood;
use super::terms::{TermId, Terms};
use crate::item::Field;
use crate::understand::text::{paragraphs, sentences, words, words_and_compounds};

/// More authors than any item names in earnest.
const AUTHORS_MAX: usize = 64;

/// The texts of an item, and where in them the terms of the rules occur.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    passages: Vec<Passage<'a>>,
    /// Sorted by term, passage, and place.
    occurrences: Vec<Occurrence>,
}

/// A term in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Occurrence {
    pub(super) term: TermId,
    pub(super) passage: usize,
    /// The position of its first word.
    pub(super) first: usize,
    /// The position of its last word.
    pub(super) last: usize,
    /// Bytes of the passage.
    pub(super) start: usize,
    /// Behind its last byte.
    pub(super) end: usize,
}

impl<'a> Reading<'a> {
    /// Reads an item once.
    pub(super) fn new(subject: &Subject<'a>, terms: &Terms, authors: bool) -> Self {
        let item = subject.item;
        let named = if authors { item.authors.as_slice() } else { &[] };
        let texts = [(Field::Title, &item.title), (Field::Summary, &item.summary), (Field::Text, &item.text)];
        let passages: Vec<Passage<'a>> = texts
            .into_iter()
            .chain(named.iter().take(AUTHORS_MAX).map(|author| (Field::Author, author)))
            .filter(|(_, text)| !text.is_empty())
            .map(|(field, text)| Passage {
                field,
                text,
                layout: OnceCell::new(),
                words: OnceCell::new(),
                understood: Understood::default(),
            })
            .collect();
        let mut occurrences = Vec::new();
        let mut lookup = terms.lookup();
        let mut buffer = String::new();
        for (passage, Passage { text, .. }) in passages.iter().enumerate() {
            for word in words_and_compounds(text) {
                let (first, last) = (word.position, word.position + word.parts - 1);
                let Range { start, end } = word.span();
                lookup.each(word.folded_in(&mut buffer), |term| {
                    occurrences.push(Occurrence { term, passage, first, last, start, end });
                });
            }
        }
        lookup.finish();
        occurrences.sort_unstable();
        Self { passages, occurrences }
    }

    pub(super) fn passages(&self) -> &[Passage<'a>] {
        &self.passages
    }

    /// Each term that occurs, once.
    pub(super) fn terms(&self) -> impl Iterator<Item = TermId> {
        self.occurrences.chunk_by(|one, next| one.term == next.term).map(|chunk| chunk[0].term)
    }

    /// Where a term occurs in a passage, in order.
    pub(super) fn occurrences(&self, term: TermId, passage: usize) -> &[Occurrence] {
        let from = |term, passage| self.occurrences.partition_point(|seen| (seen.term, seen.passage) < (term, passage));
        &self.occurrences[from(term, passage)..from(term, passage + 1)]
    }
}

/// One text of an item.
#[derive(Debug)]
pub(super) struct Passage<'a> {
    pub(super) field: Field,
    pub(super) text: &'a str,
    layout: OnceCell<Layout>,
    /// Bytes of each word.
    words: OnceCell<Vec<Range<usize>>>,
    pub(super) understood: Understood,
}

#[derive(Debug)]
struct Layout {
    sentences: Vec<Range<usize>>,
    paragraphs: Vec<Range<usize>>,
}

impl Passage<'_> {
    fn layout(&self) -> &Layout {
        self.layout.get_or_init(|| Layout { sentences: sentences(self.text), paragraphs: paragraphs(self.text) })
    }

    /// The positions of the words that some bytes touch.
    pub(super) fn touched(&self, bytes: &Range<usize>) -> Range<usize> {
        let words = self.words.get_or_init(|| words(self.text).map(|word| word.span()).collect());
        let first = words.partition_point(|word| word.end <= bytes.start);
        first..words.partition_point(|word| word.start < bytes.end).max(first)
    }

    /// The number and the bytes of the sentence that holds the byte `at` of a word.
    pub(super) fn sentence(&self, at: usize) -> (usize, Range<usize>) {
        holding(&self.layout().sentences, at)
    }

    /// The bytes of the paragraph that holds the byte `at` of a word.
    pub(super) fn paragraph(&self, at: usize) -> Range<usize> {
        holding(&self.layout().paragraphs, at).1
    }
}

/// A word lies in exactly one of the ranges, because only white space lies outside.
fn holding(ranges: &[Range<usize>], at: usize) -> (usize, Range<usize>) {
    let number = ranges.partition_point(|range| range.end <= at);
    (number, ranges.get(number).cloned().unwrap_or(at..at))
}
