//! What the lexicon knows, by the numbers of words: a text is asked for it at every word.

use std::sync::LazyLock;

use super::super::vocabulary::{Table, Vocabulary, Word};
use super::lexicon::{Entry, Lexicon};

static NUMBERED: LazyLock<Numbered> = LazyLock::new(Numbered::read);

/// What begins with a word: the words behind it, and what is known of the whole.
type Phrase = (Vec<Word>, &'static Entry);

/// The lexicon by the numbers of words.
#[derive(Debug)]
pub(super) struct Numbered {
    entries: Vec<Option<&'static Entry>>,
    /// By their first word, the longest first.
    phrases: Table<Vec<Phrase>>,
    /// Words that may begin a built-in act, each with another word of every idiom of theirs.
    triggers: Table<Option<Vec<Word>>>,
}

/// The words that the lexicon knows, also those inside its phrases.
pub(in super::super) fn words() -> impl Iterator<Item = &'static str> {
    Lexicon::get().words().flat_map(|word| word.split(' '))
}

impl Numbered {
    /// The English one.
    pub(super) fn get() -> &'static Self {
        &NUMBERED
    }

    fn read() -> Self {
        let (lexicon, vocabulary) = (Lexicon::get(), Vocabulary::get());
        let mut it =
            Self { entries: vec![None; vocabulary.len()], phrases: Table::default(), triggers: Table::default() };
        for word in lexicon.words().filter(|word| !word.contains(' ')) {
            it.entries[vocabulary.find(word).number()] = lexicon.entry(word);
        }
        for (first, phrases) in lexicon.phrases() {
            let numbered = phrases.iter().filter_map(|(rest, whole)| {
                Some((rest.iter().map(|word| vocabulary.find(word)).collect(), lexicon.entry(whole)?))
            });
            it.phrases.entry(first).extend(numbered);
        }
        for (word, lasts) in lexicon.triggers() {
            let lasts: Vec<Word> = lasts.into_iter().map(|word| vocabulary.find(word)).collect();
            let known = it.triggers.entry(word).get_or_insert_with(|| lasts.clone());
            if known.is_empty() || lasts.is_empty() {
                known.clear();
            } else {
                known.extend(lasts);
            }
        }
        it
    }

    /// What is known of a word.
    pub(super) fn entry(&self, word: Word) -> Option<&'static Entry> {
        self.entries.get(word.number()).copied().flatten()
    }

    /// The longest phrase that begins with a word; `next` gives the words behind it. With the number of those.
    pub(super) fn phrase(&self, first: Word, next: impl Fn(usize) -> Word) -> Option<(&'static Entry, usize)> {
        let phrases = self.phrases.get(first)?;
        let found = phrases.iter().find(|(rest, _)| rest.iter().enumerate().all(|(at, word)| next(at) == *word));
        found.map(|(rest, entry)| (*entry, rest.len()))
    }

    /// Whether a word may begin a built-in act; of idioms, each with another word that has to follow.
    pub(super) fn trigger(&self, word: Word) -> Option<&[Word]> {
        self.triggers.get(word)?.as_deref()
    }
}
