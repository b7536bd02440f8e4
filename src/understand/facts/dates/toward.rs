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

/// Cues by their first word, with the second where they are two.
type Cues = Table<Vec<(Option<Word>, Cue)>>;

fn read(list: &'static str) -> Cues {
    let mut cues = Cues::default();
    for row in rows(list) {
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
            cues.entry(word).push((second, cue));
        }
    }
    cues
}

/// The tenses of a text.
pub(super) struct Tense<'a> {
    tokens: &'a Tokens<'a>,
    cues: &'static Cues,
    /// Regular past forms can be told by their ending.
    endings: bool,
    /// What was found out of each token.
    known: Vec<Cell<Option<Cue>>>,
}

impl<'a> Tense<'a> {
    pub(super) fn new(tokens: &'a Tokens<'a>, language: Language) -> Self {
        let known = vec![Cell::new(None); tokens.len()];
        match language {
            Language::English => Self { tokens, cues: &ENGLISH, endings: true, known },
            Language::German => Self { tokens, cues: &GERMAN, endings: false, known },
        }
    }

    /// The direction at a token, and whether a word tells it. The nearest word before it decides, else the nearest from
    /// `behind` on.
    pub(super) fn around(&self, sentence: &Range<usize>, at: usize, behind: usize) -> (Toward, bool) {
        let before = (sentence.start..at).rev().take(REACH).find_map(|at| self.cue(at));
        let told = before.or_else(|| (behind..sentence.end).take(REACH).find_map(|at| self.cue(at)));
        match told {
            Some(Cue::Past) => (Toward::Past, true),
            Some(Cue::Change) => (Toward::Nearest, true),
            Some(_) => (Toward::Future, true),
            None => (Toward::Future, false),
        }
    }

    fn cue(&self, at: usize) -> Option<Cue> {
        let known = &self.known[at];
        let cue = known.get().unwrap_or_else(|| self.read_cue(at).unwrap_or(Cue::No));
        known.set(Some(cue));
        (cue != Cue::No).then_some(cue)
    }

    fn read_cue(&self, at: usize) -> Option<Cue> {
        let token = self.tokens.get(at).filter(|token| token.kind == Kind::Word)?;
        let word = self.tokens.lower(at);
        // `will be completed`, `to be held`: the helper tells.
        let helped = at > 0 && matches!(self.tokens.lower(at - 1), "be" | "being" | "is" | "are");
        let next = self.tokens.word(at + 1);
        let listed = self.cues.get(token.word).and_then(|cues| {
            let two = cues.iter().find(|(second, _)| *second == Some(next));
            two.or_else(|| cues.iter().find(|(second, _)| second.is_none()))
        });
        // `has been cancelled`
        let is_change = |(second, cue): &(Option<Word>, Cue)| {
            *cue == Cue::Change && second.is_none_or(|second| second == self.tokens.word(at + 2))
        };
        let is_changed = || self.cues.get(next).is_some_and(|cues| cues.iter().any(is_change));
        if let Some((_, Cue::Past)) = listed
            && is_changed()
        {
            return Some(Cue::Change);
        }
        if let Some((_, cue)) = listed {
            return (*cue != Cue::None && !(helped && *cue == Cue::Past)).then_some(*cue);
        }
        let past = self.endings && token.case == Case::Lower && word.len() > 4 && word.ends_with("ed");
        // `a summit hosted by`: a participle that tells no time.
        let passive = self.tokens.lower(at + 1) == "by"
            && !(at > 0 && matches!(self.tokens.lower(at - 1), "was" | "were" | "been" | "had"));
        // `a televised debate`
        let adjective = at > 0
            && matches!(
                self.tokens.lower(at - 1),
                "a" | "an" | "the" | "its" | "their" | "his" | "her" | "'s" | "’s" | "this"
            );
        (past && !helped && !passive && !adjective).then_some(Cue::Past)
    }
}
