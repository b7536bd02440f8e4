//! The words of happenings, read from the lists of a language.

use std::sync::LazyLock;

use crate::understand::facts::Language;
use crate::understand::facts::lists::{WordMap, alternatives, rows};
use crate::understand::facts::tokens::Tokens;

/// What a word or a row of words is to a happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A noun of a kind.
    Noun(&'static str),
    /// A verb of a kind.
    Verb(&'static str),
    /// A verb of a kind only behind a modal.
    Modal(&'static str),
    /// Put to another day.
    Moved,
    /// Before the new day.
    Forward,
    /// Before the old day.
    Original,
    Cancelled,
    /// There is no day.
    Undated,
    Say,
    /// Happens, is held: tells nothing else.
    Holding,
    Boundary,
    About,
    Lasting,
    Days,
    Number(i32),
    In,
    Join,
    Preposition,
    Helper,
    Effect,
    /// Says that the day is the last.
    Ending,
    /// In doubt.
    Perhaps,
    /// What is compared with.
    Since,
    /// Before the old day, without a verb of moving.
    Before,
}

/// One reading of a word.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) rest: Vec<&'static str>,
    pub(super) role: Role,
}

impl Entry {
    /// The token behind the entry if its words stand at a token.
    pub(super) fn end(&self, tokens: &Tokens<'_>, at: usize) -> Option<usize> {
        let stands = self.rest.iter().enumerate().all(|(index, word)| tokens.lower(at + 1 + index) == *word);
        stands.then_some(at + 1 + self.rest.len())
    }
}

/// The words of a language by their first token; of one token, the longest rows of words first.
pub(super) type Words = WordMap<Vec<Entry>>;

static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../words/en/events.tsv")));
static GERMAN: LazyLock<Words> = LazyLock::new(|| read(include_str!("../../words/de/events.tsv")));

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}

/// The kinds of happenings that the lists know, each with the words by one of which a sentence names it.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = ENGLISH.iter().chain(GERMAN.iter());
    all.flat_map(|(first, entries)| {
        entries.iter().filter_map(|entry| match entry.role {
            Role::Noun(kind) | Role::Verb(kind) | Role::Modal(kind) => Some((kind, *first)),
            _ => None,
        })
    })
}

fn read(list: &'static str) -> Words {
    let mut words = Words::default();
    for row in rows(list) {
        let [kind, value, cell] = row[..] else { panic!("a row of three cells: {row:?}") };
        let role = role(kind, value).unwrap_or_else(|| panic!("a kind that is known: {row:?}"));
        for phrase in alternatives(cell) {
            let tokens = Tokens::new(phrase);
            let mut parts = (0..tokens.len()).map(|at| tokens.surface(at));
            if let Some(first) = parts.next() {
                words.entry(first).or_default().push(Entry { rest: parts.collect(), role });
            }
        }
    }
    for entries in words.values_mut() {
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.rest.len()));
    }
    words
}

fn role(kind: &str, value: &'static str) -> Option<Role> {
    Some(match kind {
        "noun" => Role::Noun(value),
        "verb" => Role::Verb(value),
        "modal" => Role::Modal(value),
        "moved" => Role::Moved,
        "forward" => Role::Forward,
        "original" => Role::Original,
        "cancelled" => Role::Cancelled,
        "undated" => Role::Undated,
        "say" => Role::Say,
        "holding" => Role::Holding,
        "boundary" => Role::Boundary,
        "about" => Role::About,
        "lasting" => Role::Lasting,
        "days" => Role::Days,
        "number" => Role::Number(value.parse().ok()?),
        "in" => Role::In,
        "join" => Role::Join,
        "preposition" => Role::Preposition,
        "helper" => Role::Helper,
        "effect" => Role::Effect,
        "ending" => Role::Ending,
        "perhaps" => Role::Perhaps,
        "since" => Role::Since,
        "before" => Role::Before,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_list_says_a_thing_twice() {
        for language in [Language::English, Language::German] {
            for (word, entries) in words(language) {
                for (index, entry) in entries.iter().enumerate() {
                    let twice =
                        entries[..index].iter().any(|other| other.rest == entry.rest && other.role == entry.role);
                    assert!(!twice, "{language:?}: {word} {:?} is {:?} twice", entry.rest, entry.role);
                }
            }
        }
    }
}
