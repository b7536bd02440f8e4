//! The words that any list knows, each with a number: a word of a text is looked up once, whoever asks for it then.

use std::sync::LazyLock;

use super::lists::{alternatives, rows};
use super::tokens::cut;
use super::{amounts, dates, events, language, stance};

/// A word of the lists, or one that they do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Word(u16);

impl Word {
    /// No list has it.
    pub(super) const UNKNOWN: Self = Self(0);

    /// Whether a list has it.
    pub(super) fn is_known(self) -> bool {
        self != Self::UNKNOWN
    }

    /// Where it stands in a table.
    pub(super) fn number(self) -> usize {
        usize::from(self.0)
    }
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::read);

/// Words by a hash of their letters, in a table with room for twice as many.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// The upper half of the hash, and the number of the word; 0 where there is none.
    slots: Vec<(u16, Word)>,
    /// By their numbers.
    words: Vec<Box<str>>,
    /// The same as they are compared.
    letters: Vec<Letters>,
}

impl Vocabulary {
    /// That of all languages.
    pub(super) fn get() -> &'static Self {
        &VOCABULARY
    }

    fn read() -> Self {
        let mut it = Self { slots: vec![(0, Word::UNKNOWN); 1 << 10], words: Vec::new(), letters: Vec::new() };
        it.words.push(Box::default());
        it.letters.push(Letters::of(b""));
        // Those that are asked for at every word of a text come first, so that their tables are small.
        let lists = dates::lists().chain(events::lists()).chain(amounts::lists()).chain(language::LISTS);
        for cell in lists.flat_map(rows).flatten().flat_map(alternatives) {
            // Behind a word `'s` is one token.
            it.add(cell);
            for word in cell.split_whitespace() {
                it.add(word);
            }
            for token in cut(cell) {
                it.add(&cell[token.start..token.end]);
            }
        }
        for word in stance::words() {
            it.add(word);
        }
        it
    }

    fn add(&mut self, word: &str) {
        if self.find(word).is_known() {
            return;
        }
        if self.words.len() * 2 >= self.slots.len() {
            self.slots = vec![(0, Word::UNKNOWN); self.slots.len() * 2];
            for number in 1..self.words.len() {
                self.put(number);
            }
        }
        self.words.push(word.into());
        self.letters.push(Letters::of(word.as_bytes()));
        self.put(self.words.len() - 1);
    }

    fn put(&mut self, number: usize) {
        let hash = self.letters[number].hash();
        let mut at = self.place(hash);
        while self.slots[at].1.is_known() {
            at = (at + 1) % self.slots.len();
        }
        let number = u16::try_from(number).expect("no list has so many words");
        self.slots[at] = (tag(hash), Word(number));
    }

    fn place(&self, hash: u64) -> usize {
        usize::try_from(hash & 0xffff_ffff).unwrap_or(0) & (self.slots.len() - 1)
    }

    /// One more than the largest number of a word.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// A word in lower case.
    pub(super) fn find(&self, word: &str) -> Word {
        let letters = Letters::of(word.as_bytes());
        let hash = letters.hash();
        let tag = tag(hash);
        let mut at = self.place(hash);
        loop {
            let (known, number) = self.slots[at];
            if !number.is_known() || known == tag && self.is(number, letters, word) {
                return number;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn is(&self, number: Word, letters: Letters, word: &str) -> bool {
        let number = number.number();
        self.letters[number] == letters && (letters.is_whole() || *self.words[number] == *word)
    }

    fn word(&'static self, word: Word) -> &'static str {
        &self.words[word.number()]
    }
}

fn tag(hash: u64) -> u16 {
    u16::try_from(hash >> 48).unwrap_or(0)
}

/// The first and the last letters of a word with its length, by which it is looked up and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Letters {
    first: u64,
    last: u64,
    length: u64,
}

impl Letters {
    /// Words up to this length are whole in their first and last letters.
    const WHOLE: u64 = 16;

    fn of(word: &[u8]) -> Self {
        let four = |at: usize| {
            word.get(at..at + 4).map_or(0, |four| u64::from(u32::from_le_bytes([four[0], four[1], four[2], four[3]])))
        };
        let length = word.len();
        let (first, last) = match length {
            0 => (0, 0),
            1..4 => (u64::from(word[0]) | u64::from(word[length / 2]) << 8 | u64::from(word[length - 1]) << 16, 0),
            4..9 => (four(0), four(length - 4)),
            _ => (four(0) | four(4) << 32, four(length - 8) | four(length - 4) << 32),
        };
        Self { first, last, length: length as u64 }
    }

    fn is_whole(self) -> bool {
        self.length <= Self::WHOLE
    }

    /// What is looked up are words, and what is found is compared.
    fn hash(self) -> u64 {
        let mixed = (self.first ^ self.length << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.last;
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ mixed >> 32
    }
}

/// What a list says of its words.
#[derive(Debug, Default)]
pub(super) struct Table<V> {
    /// By the number of a word: where its value stands, counted from 1.
    places: Vec<u16>,
    values: Vec<V>,
}

impl<V: Default> Table<V> {
    /// The value of a word that some list has, new where there is none yet.
    pub(super) fn entry(&mut self, word: &str) -> &mut V {
        let number = Vocabulary::get().find(word).number();
        assert!(number > 0, "`{word}` is in no list");
        if self.places.len() <= number {
            self.places.resize(number + 1, 0);
        }
        if self.places[number] == 0 {
            self.values.push(V::default());
            self.places[number] = u16::try_from(self.values.len()).expect("no list has so many words");
        }
        &mut self.values[usize::from(self.places[number]) - 1]
    }
}

impl<V> Table<V> {
    /// The value of a word.
    pub(super) fn get(&self, word: Word) -> Option<&V> {
        let place = self.places.get(word.number()).copied().unwrap_or(0);
        usize::from(place).checked_sub(1).map(|at| &self.values[at])
    }

    /// All values.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values.iter_mut()
    }

    /// All words with their values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &V)> {
        let words = (0..self.places.len()).filter_map(|number| u16::try_from(number).ok().map(Word));
        words.filter_map(|word| Some((Vocabulary::get().word(word), self.get(word)?)))
    }
}

/// Words that stand in a row, as a list has them behind a first one.
pub(super) fn in_a_row(words: &[&str]) -> Vec<Word> {
    words.iter().map(|word| Vocabulary::get().find(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_by_its_letters_and_no_other() {
        let vocabulary = Vocabulary::get();
        assert!(vocabulary.words.len() > 5_000, "{}", vocabulary.words.len());
        for (number, word) in vocabulary.words.iter().enumerate().skip(1) {
            assert_eq!(vocabulary.find(word).number(), number, "{word}");
        }
        for word in ["", "vetoo", "zzzzzzzzzzzzzzzzzzzz", "é", "parliamentary elettions"] {
            assert_eq!(vocabulary.find(word), Word::UNKNOWN, "{word}");
        }
    }
}
