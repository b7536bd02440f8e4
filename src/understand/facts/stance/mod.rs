//! Who does what, and where it stands.
//!
//! What decides is the chain of words that an act hangs on, read from the inside out: *drops veto threat* is taken back of
//! committed of veto. Words are tagged (`tag`), grouped (`chunk`), hung on each other (`tree`), and the chain is climbed
//! (`chain`) by an algebra of families of words (`state`). The words themselves are data (`words/en`).

mod actor;
mod bracket;
mod chain;
mod chunk;
mod classes;
mod condition;
mod gazetteer;
mod groups;
mod idiom;
mod inflect;
mod lexicon;
mod maker;
mod naming;
mod nominal;
mod numbered;
mod own;
mod power;
mod quick;
mod state;
mod tag;
mod tree;
mod wanted;

mod words;

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::tokens::{Kind, Tokens};
use super::{Language, Statement};
use chunk::Chunker;
use maker::Maker;
use numbered::Numbered;
use tree::Linker;
use words::{Cutter, W};

pub use gazetteer::{acts_for, known_name, known_names_in, names_meant};
pub(super) use numbered::words;
pub use wanted::{Wanted, base_of_act, is_known_act, roots_of_act, words_of_act};

/// Tokens of a sentence that are looked at together; a longer one is cut.
const SENTENCE_TOKENS: usize = 160;

/// How far behind the verb the last word of an idiom may stand.
const IDIOM_REACH: usize = 9;

/// The statements of a text.
pub(super) fn statements(tokens: &Tokens<'_>, language: Language, wanted: &Wanted) -> Vec<Statement> {
    match language {
        Language::English => in_order(tokens, wanted),
        Language::German => bracket::statements(tokens, wanted),
    }
}

/// The statements of a text in a language that tells who does what by the order of its words.
fn in_order(tokens: &Tokens<'_>, wanted: &Wanted) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut before: Option<Range<usize>> = None;
    for sentence in tokens.sentences() {
        let mut first = sentence.start;
        while first < sentence.end {
            let part = first..sentence.end.min(first + SENTENCE_TOKENS);
            first = part.end;
            if is_of_acts(tokens, part.clone(), wanted) {
                of_sentence(tokens, part.clone(), before.as_ref(), wanted, &mut found);
            }
            before = Some(part);
        }
    }
    found
}

/// Whether a word of the sentence may be an act.
fn is_of_acts(tokens: &Tokens<'_>, sentence: Range<usize>, wanted: &Wanted) -> bool {
    let numbered = Numbered::get();
    sentence.clone().any(|at| {
        let token = &tokens[at];
        if token.kind != Kind::Word {
            return false;
        }
        let begins = numbered.trigger(token.word).is_some_and(|lasts| {
            lasts.is_empty()
                || (at + 1..sentence.end.min(at + IDIOM_REACH)).any(|next| lasts.contains(&tokens.word(next)))
        });
        begins || !wanted.acts.is_empty() && wanted.is_trigger(tokens.lower(at))
    })
}

fn read<'t>(tokens: &'t Tokens<'t>, sentence: Range<usize>, wanted: &Wanted) -> Vec<W<'t>> {
    let mut words = Cutter { tokens, wanted, out: Vec::with_capacity(sentence.len()) }.cut(sentence);
    tag::tag(&mut words);
    tag::settle(&mut words);
    words
}

fn of_sentence(
    tokens: &Tokens<'_>,
    sentence: Range<usize>,
    before: Option<&Range<usize>>,
    wanted: &Wanted,
    found: &mut Vec<Statement>,
) {
    let words = read(tokens, sentence, wanted);
    let tree = Linker::new(&words, Chunker { words: &words, out: groups::Chunks::default() }.chunk()).link();
    let conditions = tree.conditions();
    let earlier = || {
        let words = read(tokens, before.cloned()?, wanted);
        let chunks = Chunker { words: &words, out: groups::Chunks::default() }.chunk();
        Linker::new(&words, chunks).link().main_subject(tokens.text(), wanted)
    };
    let mut made = Maker::new(&tree, tokens, wanted, &conditions, &earlier).make();
    made.sort_by_key(|statement| statement.span.start);
    found.extend(made);
}
