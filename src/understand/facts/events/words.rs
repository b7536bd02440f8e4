//! The words of happenings, read from the lists of a language.

use std::sync::LazyLock;

use crate::understand::facts::Language;
use crate::understand::facts::lists::{alternatives, rows};
use crate::understand::facts::tokens::{Tokens, cut};
use crate::understand::facts::vocabulary::{Table, Word, in_a_row};

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
    /// Before what a happening is about: `a vote on the budget`.
    Topic,
    /// Before what a happening belongs to: `a verdict in the trial`.
    Inside,
    Hours,
    /// Before the new day, where the verb of moving comes last.
    Onto,
    /// Behind the noun of a happening it is another thing.
    Part,
    /// Lasts so many days by itself: `week-long`.
    Long(i32),
    Weeks,
    /// Before a happening that is not: `no talks`.
    Naught,
    /// Before a day that takes the place of the one before it: `will now be held on`.
    Anew,
    /// Says that it has begun, and goes on.
    Begun,
    /// Says that it has ended.
    Over,
    /// Before a happening that somebody wants or prepares.
    Planned,
    /// A happening that goes on behind the day on which it begins: a ban.
    Lasts,
    /// Begins something of another time.
    Aside,
    /// Holds one of the kind inside it: a vote in an election is that election.
    Holds(&'static str),
}

/// One reading of a word.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) rest: Vec<Word>,
    pub(super) role: Role,
}

impl Entry {
    /// The token behind the entry if its words stand at a token.
    pub(super) fn end(&self, tokens: &Tokens<'_>, at: usize) -> Option<usize> {
        let stands = self.rest.iter().enumerate().all(|(index, word)| tokens.word(at + 1 + index) == *word);
        stands.then_some(at + 1 + self.rest.len())
    }
}

/// What a word is to happenings.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// The longest rows of words first.
    pub(super) all: Vec<Entry>,
    /// A bit for each role.
    pub(super) roles: u64,
    /// A bit for each role that other words behind it make.
    pub(super) rows: u64,
}

/// The words of a language by their first token.
pub(super) type Words = Table<Entries>;

/// The lists of English and of German.
pub(super) static LISTS: [&str; 2] =
    [include_str!("../../words/en/events.tsv"), include_str!("../../words/de/events.tsv")];

static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(LISTS[0]));
static GERMAN: LazyLock<Words> = LazyLock::new(|| read(LISTS[1]));

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
        entries.all.iter().filter_map(move |entry| match entry.role {
            Role::Noun(kind) | Role::Verb(kind) | Role::Modal(kind) => Some((kind, first)),
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
            let parts: Vec<&str> = cut(phrase).iter().map(|token| &phrase[token.start..token.end]).collect();
            if let [first, rest @ ..] = &parts[..] {
                let entries = words.entry(first);
                entries.roles |= bit(role);
                entries.rows |= if rest.is_empty() { 0 } else { bit(role) };
                entries.all.push(Entry { rest: in_a_row(rest), role });
            }
        }
    }
    for entries in words.values_mut() {
        entries.all.sort_by_key(|entry| std::cmp::Reverse(entry.rest.len()));
    }
    words
}

/// The bit of a role, whatever its value.
pub(super) const fn bit(role: Role) -> u64 {
    let number = match role {
        Role::Noun(_) => 0,
        Role::Verb(_) => 1,
        Role::Modal(_) => 2,
        Role::Moved => 3,
        Role::Forward => 4,
        Role::Original => 5,
        Role::Cancelled => 6,
        Role::Undated => 7,
        Role::Say => 8,
        Role::Holding => 9,
        Role::Boundary => 10,
        Role::About => 11,
        Role::Lasting => 12,
        Role::Days => 13,
        Role::Number(_) => 14,
        Role::In => 15,
        Role::Join => 16,
        Role::Preposition => 17,
        Role::Helper => 18,
        Role::Effect => 19,
        Role::Ending => 20,
        Role::Perhaps => 21,
        Role::Since => 22,
        Role::Before => 23,
        Role::Topic => 24,
        Role::Inside => 25,
        Role::Hours => 26,
        Role::Onto => 27,
        Role::Part => 28,
        Role::Long(_) => 29,
        Role::Weeks => 30,
        Role::Naught => 31,
        Role::Anew => 32,
        Role::Holds(_) => 33,
        Role::Begun => 34,
        Role::Over => 35,
        Role::Planned => 36,
        Role::Lasts => 37,
        Role::Aside => 38,
    };
    1 << number
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
        "hours" => Role::Hours,
        "onto" => Role::Onto,
        "topic" => Role::Topic,
        "inside" => Role::Inside,
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
        "part" => Role::Part,
        "long" => Role::Long(value.parse().ok()?),
        "weeks" => Role::Weeks,
        "naught" => Role::Naught,
        "anew" => Role::Anew,
        "holds" => Role::Holds(value),
        "begun" => Role::Begun,
        "over" => Role::Over,
        "planned" => Role::Planned,
        "lasts" => Role::Lasts,
        "aside" => Role::Aside,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_a_bit_of_its_own() {
        let roles = LISTS.into_iter().flat_map(rows).filter_map(|row| role(row[0], row[1])).collect::<Vec<_>>();
        for one in &roles {
            for other in &roles {
                let same = std::mem::discriminant(one) == std::mem::discriminant(other);
                assert_eq!(bit(*one) == bit(*other), same, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn no_list_says_a_thing_twice() {
        for language in [Language::English, Language::German] {
            for (word, Entries { all, .. }) in words(language).iter() {
                for (index, entry) in all.iter().enumerate() {
                    let twice = all[..index].iter().any(|other| other.rest == entry.rest && other.role == entry.role);
                    assert!(!twice, "{language:?}: {word} {:?} is {:?} twice", entry.rest, entry.role);
                }
            }
        }
    }
}
