//! Which way a date without a year lies, by the tense of what stands around it.

use std::cell::Cell;
use std::ops::Range;
use std::sync::LazyLock;

use super::value::Toward;
use crate::understand::facts::Language;
use crate::understand::facts::lists::{alternatives, rows};
use crate::understand::facts::tokens::{Case, Kind, Tokens};
use crate::understand::facts::vocabulary::{Table, Vocabulary, Word};

/// So many tokens to each side are looked at.
const REACH: usize = 14;

/// Nothing longer than this stands between two dashes.
const INSERTED: usize = 30;

/// What a word says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cue {
    /// Nothing.
    No,
    Past,
    Future,
    /// It changes a plan, so that a date beside it is that of the plan or of the change.
    Change,
    /// Looks like the past and is not.
    None,
}

/// The lists of English and of German.
pub(super) static LISTS: [&str; 2] =
    [include_str!("../../words/en/tense.tsv"), include_str!("../../words/de/tense.tsv")];

static ENGLISH: LazyLock<Cues> = LazyLock::new(|| read(LISTS[0]));
static GERMAN: LazyLock<Cues> = LazyLock::new(|| read(LISTS[1]));

/// What a word is for a participle that it stands beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// `is held`, `will last`: the helper tells the time.
    Helper,
    /// `hosted by`: a participle that tells no time.
    Agent,
    /// `was hosted by`: but this one does.
    Auxiliary,
    /// `a televised debate`: an adjective.
    Article,
}

/// What the lists say of a word.
#[derive(Debug, Default)]
struct Entry {
    /// What it tells, each with the word that must follow it if one must.
    cues: Vec<(Option<Word>, Cue)>,
    roles: Vec<Role>,
}

/// The words of a language that tell a tense.
#[derive(Debug, Default)]
struct Cues {
    words: Table<Entry>,
    /// How regular past forms end, in a language where that tells them.
    ending: Option<&'static str>,
}

fn read(list: &'static str) -> Cues {
    let mut cues = Cues::default();
    for row in rows(list) {
        let role = match row[0] {
            "ending" => {
                cues.ending = row.get(1).copied();
                continue;
            }
            "helper" => Some(Role::Helper),
            "agent" => Some(Role::Agent),
            "auxiliary" => Some(Role::Auxiliary),
            "article" => Some(Role::Article),
            _ => None,
        };
        let cue = match row[0] {
            "past" => Cue::Past,
            "future" => Cue::Future,
            "change" => Cue::Change,
            _ => Cue::None,
        };
        for phrase in row[1..].iter().flat_map(|cell| alternatives(cell)) {
            let (word, second) = match phrase.split_once(' ') {
                Some((word, second)) => (word, Some(Vocabulary::get().find(second))),
                None => (phrase, None),
            };
            let entry = cues.words.entry(word);
            match role {
                Some(role) => entry.roles.push(role),
                None => entry.cues.push((second, cue)),
            }
        }
    }
    cues
}

/// The tenses of a text.
pub(super) struct Tense<'a> {
    tokens: &'a Tokens<'a>,
    cues: &'static Cues,
    /// What was found out of each token.
    known: Vec<Cell<Option<Cue>>>,
}

impl<'a> Tense<'a> {
    pub(super) fn new(tokens: &'a Tokens<'a>, language: Language) -> Self {
        let known = vec![Cell::new(None); tokens.len()];
        let cues = match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        };
        Self { tokens, cues, known }
    }

    /// The direction at a token, and whether a word tells it. The nearest word before it decides, else the nearest from
    /// `behind` on.
    pub(super) fn around(&self, sentence: &Range<usize>, at: usize, behind: usize) -> (Toward, bool) {
        let before = (sentence.start..at).rev().take(REACH).find_map(|at| self.cue(at));
        let told = before.or_else(|| self.cue_behind(behind, sentence.end));
        match told {
            Some(Cue::Past) => (Toward::Past, true),
            Some(Cue::Change) => (Toward::Nearest, true),
            Some(_) => (Toward::Future, true),
            None => (Toward::Future, false),
        }
    }

    /// Whether the word at a token tells a past; `None` where it tells of no time.
    pub(super) fn tells_past(&self, at: usize) -> Option<bool> {
        self.cue(at).map(|cue| cue == Cue::Past)
    }

    /// The nearest word from a token on that tells a time, outside what stands between dashes.
    fn cue_behind(&self, from: usize, end: usize) -> Option<Cue> {
        let dash = |at: usize| {
            let surface = self.tokens.surface(at);
            matches!(surface, "–" | "—")
                || surface == "-" && (self.tokens.surface(at + 1) == "-" || self.tokens[at].spaced)
        };
        let (mut at, mut left) = (from, REACH);
        while at < end && left > 0 {
            if dash(at)
                && let Some(close) = (at + 2..end.min(at + INSERTED)).find(|&at| dash(at))
            {
                at = close + 1;
                continue;
            }
            if let Some(cue) = self.cue(at) {
                return Some(cue);
            }
            at += 1;
            left -= 1;
        }
        None
    }

    fn cue(&self, at: usize) -> Option<Cue> {
        let known = &self.known[at];
        let cue = known.get().unwrap_or_else(|| self.read_cue(at).unwrap_or(Cue::No));
        known.set(Some(cue));
        (cue != Cue::No).then_some(cue)
    }

    /// Whether the word at a token has a role.
    fn plays(&self, at: Option<usize>, role: Role) -> bool {
        let word = at.map_or(Word::UNKNOWN, |at| self.tokens.word(at));
        self.cues.words.get(word).is_some_and(|entry| entry.roles.contains(&role))
    }

    fn read_cue(&self, at: usize) -> Option<Cue> {
        let token = self.tokens.get(at).filter(|token| token.kind == Kind::Word)?;
        let before = at.checked_sub(1);
        let next = self.tokens.word(at + 1);
        let listed = self.cues.words.get(token.word).and_then(|entry| {
            let two = entry.cues.iter().find(|(second, _)| *second == Some(next));
            two.or_else(|| entry.cues.iter().find(|(second, _)| second.is_none()))
        });
        // `has been cancelled`
        let is_change = |(second, cue): &(Option<Word>, Cue)| {
            *cue == Cue::Change && second.is_none_or(|second| second == self.tokens.word(at + 2))
        };
        let is_changed = || self.cues.words.get(next).is_some_and(|entry| entry.cues.iter().any(is_change));
        if let Some((_, Cue::Past)) = listed
            && is_changed()
        {
            return Some(Cue::Change);
        }
        if let Some((_, cue)) = listed {
            let helped = *cue == Cue::Past && self.plays(before, Role::Helper);
            return (*cue != Cue::None && !helped).then_some(*cue);
        }
        let word = self.tokens.lower(at);
        let past = token.case == Case::Lower
            && word.len() > 4
            && self.cues.ending.is_some_and(|ending| word.ends_with(ending));
        let passive = || self.plays(Some(at + 1), Role::Agent) && !self.plays(before, Role::Auxiliary);
        (past && !self.plays(before, Role::Helper) && !passive() && !self.plays(before, Role::Article))
            .then_some(Cue::Past)
    }
}
