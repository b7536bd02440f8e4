use std::ops::Range;
use std::sync::Arc;

use super::Pattern;

/// A clause and where it stands in the source.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it asks.
    pub expr: Expr,
    /// Bytes of the source, field prefix included.
    pub span: Range<usize>,
}

/// Wherever they stand, clauses are equal that ask the same.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.expr == other.expr
    }
}

impl Eq for Node {}

/// What a clause asks of an item: yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// All of these, two or more, none of them an `All` itself.
    All(Vec<Node>),
    /// At least one of these, two or more, none of them an `Any` itself.
    Any(Vec<Node>),
    /// Without this.
    Not(Box<Node>),
    /// This occurs.
    Place(Place),
    /// At least so many of these, two or more, whatever they are.
    Some {
        /// 1 to how many there are.
        count: usize,
        /// No two of them equal.
        of: Vec<Node>,
    },
    /// A word, or any of several, so many times or more; holds no distance.
    Times {
        /// At least 1.
        count: usize,
        /// What is counted.
        place: Place,
    },
    /// The item comes from there.
    Source(Source),
}

/// What can be found at a place in a text, and so can have a distance. Predicates over a stretch of text belong here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Words in a row.
    Term(Term),
    /// Any of these, two or more; only inside a [`Near`] or [`Expr::Times`], because elsewhere [`Expr::Any`] says the same.
    Any(Vec<Place>),
    /// Two things close to each other.
    Near(Box<Near>),
}

/// Two things close to each other in one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// One of them.
    pub left: Place,
    /// The other.
    pub right: Place,
    /// How close.
    pub reach: Reach,
    /// `left` has to come first.
    pub ordered: bool,
}

/// How close is close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The positions differ by at most so many words; at least 1.
    Words(usize),
    /// In one sentence.
    Sentence,
    /// In one paragraph.
    Paragraph,
}

/// Words in a row, and where to look for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Where.
    pub scope: Scope,
    /// What.
    pub look: Look,
}

/// Where a term is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// No field: title, summary and text.
    Anywhere,
    /// `title:`
    Title,
    /// `text:`, which is the summary and the full text.
    Text,
    /// `author:`
    Author,
}

/// What a term looks like. Each holds at least one word. Other ways to write a term belong here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Every inflection of a word, as written. It may be several words for whoever reads texts: `cease-fire`, `AT&T`, `停火`.
    Word(String),
    /// These very words in a row, without the quotes. A `*` may end each.
    Phrase(String),
    /// This very spelling, without the `=`.
    Exact(String),
    /// Words that begin so, without the `*`.
    Prefix(String),
    /// Any name of an alias.
    Alias {
        /// The alias, without the `@`.
        alias: String,
        /// What it stands for: words in a row, with the capitals that they have to have.
        names: Arc<[String]>,
    },
    /// What a regular expression finds.
    Pattern(Pattern),
}

/// Where an item comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// Its address holds this, whatever the case.
    Link(String),
    /// Its feed has this name, case and accents aside.
    Feed(String),
    /// Its feed has this tag, case and accents aside.
    Tag(String),
    /// It is in the language of this code.
    Lang(String),
}
