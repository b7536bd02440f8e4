use std::ops::Range;
use std::sync::Arc;

use super::Pattern;
use super::fact::{ActAsk, AmountAsk, EventAsk};

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
    /// Weighted clauses against a threshold; not written in a query, but made of several (see [`super::Query::score`]).
    Score(Score),
}

/// Weighted clauses against a threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// So many points are enough; at least 1.
    pub threshold: i64,
    /// One or more.
    pub rows: Vec<ScoreRow>,
}

/// Clauses that weigh the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreRow {
    /// What each clause that holds adds, or takes away.
    pub weight: Weight,
    /// One or more.
    pub any: Vec<Node>,
    /// Where each clause is written with its weight behind it.
    pub labels: Vec<Range<usize>>,
    /// Where the weight is written.
    pub span: Range<usize>,
}

/// How much clauses weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// For each clause that holds; never 0.
    pub each: i64,
    /// All of them together count for no more than this, either way; at least 1.
    pub max: Option<i64>,
}

impl Weight {
    /// What so many clauses that hold come to.
    pub fn of(self, clauses: usize) -> i64 {
        let sum = i64::try_from(clauses).map_or(i64::MAX, |clauses| self.each.saturating_mul(clauses));
        self.max.map_or(sum, |max| sum.clamp(-max, max))
    }
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
    /// A dated event, from the word for it to its date.
    Event(EventAsk),
    /// Somebody's act and where it stands: the words that say so.
    Act(Box<ActAsk>),
    /// A sum of money.
    Amount(AmountAsk),
}

impl Expr {
    /// Whether it asks for something that a text says of events or acts, and that may change.
    pub fn asks_changes(&self) -> bool {
        match self {
            Self::All(nodes) | Self::Any(nodes) | Self::Some { of: nodes, .. } => {
                nodes.iter().any(|node| node.expr.asks_changes())
            }
            Self::Place(place) | Self::Times { place, .. } => place.asks_changes(),
            Self::Score(score) => score.rows.iter().flat_map(|row| &row.any).any(|node| node.expr.asks_changes()),
            // What is not there has no dates.
            Self::Not(_) | Self::Source(_) => false,
        }
    }
}

impl Place {
    fn asks_changes(&self) -> bool {
        match self {
            Self::Term(term) => matches!(term.look, Look::Event(_) | Look::Act(_)),
            Self::Any(places) => places.iter().any(Self::asks_changes),
            Self::Near(near) => near.left.asks_changes() || near.right.asks_changes(),
        }
    }
}

impl Look {
    /// Whether it asks what a text says rather than which words it has.
    pub fn is_fact(&self) -> bool {
        matches!(self, Self::Event(_) | Self::Act(_) | Self::Amount(_))
    }
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
