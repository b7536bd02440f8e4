//! What groups of words are, and what hangs on what.

use super::classes::Family;
use super::lexicon::Objects;

/// A noun with what stands before it.
#[derive(Debug, Clone, Default)]
pub(super) struct Np {
    /// Its words.
    pub(super) first: usize,
    pub(super) last: usize,
    /// The noun itself.
    pub(super) head: usize,
    /// Whose it is: `Hungary` of `Hungary's veto`.
    pub(super) owner: Option<usize>,
    /// The preposition before it.
    pub(super) prep: Option<usize>,
    /// `no veto`, `neither Spain`.
    pub(super) negated: bool,
    /// A time, which takes no part in what happens.
    pub(super) time: bool,
    /// `but not Slovakia`.
    pub(super) excluded: bool,
    /// Another before it that it is joined with by `and`.
    pub(super) with: Option<usize>,
    /// What its preposition hangs it on.
    pub(super) host: Option<Node>,
    /// The verb that it is a subject of.
    pub(super) subject_of: Option<usize>,
    /// The verb that it is an object of.
    pub(super) object_of: Option<usize>,
    /// Another that says who it is: `Viktor Orbán, Hungary's prime minister`.
    pub(super) also: Option<usize>,
}

/// A group that another hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// A verb, by its number.
    Verb(usize),
    /// A noun, by the number of its group and its word.
    Noun(usize, usize),
}

/// How a verb's form tells where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mood {
    /// It is told as it is.
    #[default]
    Told,
    /// will, is to, is going to.
    Will,
    /// would
    Would,
    /// may, might, could, can
    May,
    /// can
    Can,
    /// must, should
    Must,
    /// An infinitive or a gerund: whatever it hangs on decides.
    Open,
}

/// What a verb hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Gov {
    /// Nothing.
    #[default]
    Root,
    /// It completes this.
    Of(Node),
    /// A clause about a noun: `Hungary, which blocked`.
    About(usize),
    /// It goes with another verb and stands as that does.
    Beside(usize),
    /// `without ratifying`, `instead of expelling`.
    Without(usize),
    /// `met to discuss`
    Purpose(usize),
    /// `after`, `because`: told by itself.
    Aside,
}

/// A verb with its auxiliaries.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of grammar, and they go together freely")]
pub(super) struct Vg {
    /// Its words.
    pub(super) first: usize,
    pub(super) last: usize,
    /// The verb itself, or the adjective that tells with `be`.
    pub(super) head: usize,
    /// What it does to an act that hangs on it.
    pub(super) family: Option<Family>,
    /// Without an object it speaks of its own subject's act.
    pub(super) own: bool,
    /// What it says has to be done: `order`.
    pub(super) orders: bool,
    /// The built-in acts that it is.
    pub(super) acts: Vec<(u16, Objects)>,
    /// The words of the idiom that it is with, for the chain.
    pub(super) idiom: Option<(usize, usize)>,
    /// Where its form puts it.
    pub(super) mood: Mood,
    /// Finite: it can be the verb of a clause.
    pub(super) finite: bool,
    pub(super) negated: bool,
    pub(super) no_longer: bool,
    pub(super) doubt: bool,
    pub(super) perfect: bool,
    pub(super) passive: bool,
    /// `to veto`
    pub(super) infinitive: bool,
    /// `blocking`
    pub(super) gerund: bool,
    /// Only auxiliaries: `did not`.
    pub(super) bare: bool,
    /// An adjective tells.
    pub(super) predicate: bool,
    /// Whose it is, where they are several.
    pub(super) subjects: Vec<usize>,
    pub(super) objects: Vec<usize>,
    pub(super) agent: Option<usize>,
    pub(super) gov: Gov,
    /// It stands in an if-clause, or a question.
    pub(super) supposed: bool,
    /// A verb of saying thrown in: `officials said`.
    pub(super) aside: Option<usize>,
}

/// A group or a word between groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Np(usize),
    Vg(usize),
    Word(usize),
}

/// The groups of a sentence.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    pub(super) nps: Vec<Np>,
    pub(super) vgs: Vec<Vg>,
    pub(super) pieces: Vec<Piece>,
}
