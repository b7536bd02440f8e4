use std::cell::OnceCell;
use std::ops::Range;

use super::Subject;
use super::facts::Understood;
use super::terms::{TermId, Terms};
use crate::item::Field;
use crate::understand::text::{Language, Speech, is_joint, paragraphs, sentences, words, words_and_compounds};

/// Bits for the terms that occur in an item, of which a few hundred do.
const OCCURRING: usize = 1024;

/// More authors than any item names in earnest.
const AUTHORS_MAX: usize = 64;

/// The words of an item, and the language that it is in.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    passages: Vec<Passage<'a>>,
    /// In the order of the passages; compounds behind the last of their words.
    places: Vec<Place>,
    speech: Speech,
}

/// Where words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    passage: u32,
    /// The position of the first word.
    first: u32,
    /// The position of the last word.
    last: u32,
    /// Bytes of the passage.
    start: u32,
    /// Behind the last byte.
    end: u32,
}

/// A term in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Occurrence {
    pub(super) term: TermId,
    pub(super) place: Place,
}

impl Place {
    pub(super) fn passage(&self) -> usize {
        self.passage as usize
    }

    /// The position of the first word.
    pub(super) fn first(&self) -> usize {
        self.first as usize
    }

    /// The position of the last word.
    pub(super) fn last(&self) -> usize {
        self.last as usize
    }

    /// Bytes of the passage.
    pub(super) fn bytes(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// From the first word of one to the last of the other.
    pub(super) fn up_to(&self, other: &Self) -> Self {
        Self { last: other.last, end: other.end, ..*self }
    }
}

impl<'a> Tokens<'a> {
    /// Cuts an item into words.
    pub(super) fn new(subject: &Subject<'a>) -> Self {
        let item = subject.item;
        let texts = [(Field::Title, &item.title), (Field::Summary, &item.summary), (Field::Text, &item.text)];
        let told = texts.iter().map(|(_, text)| text.as_str()).filter(|text| !text.is_empty());
        let speech = Speech::of(told, item.language.as_deref());
        let passages: Vec<Passage<'a>> = texts
            .into_iter()
            .chain(item.authors.iter().take(AUTHORS_MAX).map(|author| (Field::Author, author)))
            .filter(|(_, text)| !text.is_empty())
            .map(|(field, text)| Passage {
                field,
                text,
                layout: OnceCell::new(),
                words: OnceCell::new(),
                small: OnceCell::new(),
                understood: Understood::within(speech),
            })
            .collect();
        let mut places = Vec::with_capacity(passages.iter().map(|passage| passage.text.len() / 5).sum());
        // No text is longer: a feed's size is limited, and so is a page's.
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        for (number, passage) in passages.iter().enumerate() {
            places.extend(words_and_compounds(passage.text).map(|word| {
                let span = word.span();
                Place {
                    passage: short(number),
                    first: short(word.position),
                    last: short(word.position + word.parts - 1),
                    start: short(span.start),
                    end: short(span.end),
                }
            }));
        }
        Self { passages, places, speech }
    }

    /// In which language it is.
    pub(super) fn speech(&self) -> Speech {
        self.speech
    }

    pub(super) fn passages(&self) -> &[Passage<'a>] {
        &self.passages
    }

    /// Each word and each compound, with its text.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Passage<'a>, &'a str, Place)> {
        self.places.iter().map(|place| {
            let passage = &self.passages[place.passage()];
            (passage, &passage.text[place.bytes()], *place)
        })
    }
}

/// An item, and where in it the terms of the rules occur.
#[derive(Debug)]
pub(super) struct Reading<'t, 'a> {
    tokens: &'t Tokens<'a>,
    /// Sorted by term and place.
    occurrences: Vec<Occurrence>,
    /// A bit for each term that occurs, and for others with the same one: most terms that are asked for do not.
    occurring: [u64; OCCURRING / 64],
}

impl<'t, 'a> Reading<'t, 'a> {
    /// Looks each word up once.
    pub(super) fn new(tokens: &'t Tokens<'a>, terms: &Terms) -> Self {
        let occurrences = terms.occurrences(tokens);
        let mut occurring = [0; OCCURRING / 64];
        for seen in &occurrences {
            let (at, bit) = bit(seen.term);
            occurring[at] |= bit;
        }
        Self { tokens, occurrences, occurring }
    }

    pub(super) fn passages(&self) -> &'t [Passage<'a>] {
        self.tokens.passages()
    }

    /// By which languages' rules its words are inflected.
    pub(super) fn speech(&self) -> Speech {
        self.tokens.speech()
    }

    /// The language of the item, as far as it is known.
    pub(super) fn language(&self) -> Option<Language> {
        self.tokens.speech().language
    }

    /// Each term that occurs, once.
    pub(super) fn terms(&self) -> impl Iterator<Item = TermId> {
        self.occurrences.chunk_by(|one, next| one.term == next.term).map(|chunk| chunk[0].term)
    }

    /// Where a term occurs in a passage, in order.
    pub(super) fn occurrences(&self, term: TermId, passage: usize) -> &[Occurrence] {
        let (at, bit) = bit(term);
        if self.occurring[at] & bit == 0 {
            return &[];
        }
        let key = |seen: &Occurrence| (seen.term, seen.place.passage());
        let from = self.occurrences.partition_point(|seen| key(seen) < (term, passage));
        let rest = &self.occurrences[from..];
        &rest[..rest.partition_point(|seen| key(seen) == (term, passage))]
    }
}

/// Which bit of which number stands for a term.
fn bit(term: TermId) -> (usize, u64) {
    let number = term as usize % OCCURRING;
    (number / 64, 1 << (number % 64))
}

/// One text of an item.
#[derive(Debug)]
pub(super) struct Passage<'a> {
    pub(super) field: Field,
    pub(super) text: &'a str,
    layout: OnceCell<Layout>,
    /// Bytes of each word.
    words: OnceCell<Vec<Range<usize>>>,
    small: OnceCell<String>,
    pub(super) understood: Understood,
}

#[derive(Debug)]
struct Layout {
    sentences: Vec<Range<usize>>,
    paragraphs: Vec<Range<usize>>,
}

impl Passage<'_> {
    /// Whether nothing but spaces stands between two words, so that they may be one that was written apart.
    pub(super) fn joins(&self, one: &Place, next: &Place) -> bool {
        self.text.get(one.bytes().end..next.bytes().start).is_some_and(is_joint)
    }

    fn layout(&self) -> &Layout {
        self.layout.get_or_init(|| Layout { sentences: sentences(self.text), paragraphs: paragraphs(self.text) })
    }

    /// The positions of the words that some bytes touch.
    pub(super) fn touched(&self, bytes: &Range<usize>) -> Range<usize> {
        let words = self.word_spans();
        let first = words.partition_point(|word| word.end <= bytes.start);
        first..words.partition_point(|word| word.start < bytes.end).max(first)
    }

    /// The bytes from the first of some words to the last, by their positions; `None` where there are not so many.
    pub(super) fn words(&self, positions: Range<usize>) -> Option<Range<usize>> {
        let words = self.word_spans().get(positions)?;
        Some(words.first()?.start..words.last()?.end)
    }

    /// The text in lower case.
    pub(super) fn small(&self) -> &str {
        self.small.get_or_init(|| self.text.to_lowercase())
    }

    fn word_spans(&self) -> &[Range<usize>] {
        self.words.get_or_init(|| words(self.text).map(|word| word.span()).collect())
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
