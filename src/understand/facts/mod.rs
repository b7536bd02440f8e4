//! What a text says: its dates, dated events, sums of money, and who does what and where it stands.
//!
//! Rules and word lists, no model. The lists are data files under `understand/words`, one folder per language; what is here
//! knows the shapes of sentences and no language's words. Everything is a pure function of the text, the [`Anchor`] and
//! the [`Asked`] words. Spans are bytes of the text, always on character boundaries.

mod amounts;

mod dates;

mod events;

mod language;

mod lists;

mod stance;

pub mod tokens;

mod vocabulary;

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::Offset;

pub use crate::item::Stance;
pub use events::{is_known_event, known_events, words_of_event};
pub use language::Language;
pub use stance::{
    Wanted, acts_for, base_of_act, is_known_act, known_name, known_names_in, names_meant, roots_of_act, words_of_act,
};
use tokens::Tokens;

/// What relative dates are relative to, and how ambiguous ones are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// When the text was published, in the civil time of its source.
    pub at: civil::DateTime,
    /// Whether 5/6 is the fifth of June; `None`: as is usual in the text's language.
    pub day_first: Option<bool>,
}

impl Anchor {
    /// An instant as it was in `offset`.
    pub fn new(published: Timestamp, offset: Offset) -> Self {
        Self { at: offset.to_datetime(published), day_first: None }
    }

    /// The day of publication.
    pub fn day(&self) -> civil::Date {
        self.at.date()
    }
}

/// Words that a query names, to be found beside the built-in ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// Acts, as base forms.
    pub acts: Vec<String>,
    /// Kinds of events, as base forms.
    pub events: Vec<String>,
    /// Actors with the names that a text may call them by, as a config's aliases give them.
    pub names: Vec<(String, Vec<String>)>,
}

/// A day or a range of days that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// Bytes of the text that name it.
    pub span: Range<usize>,
    /// Its first day.
    pub first: civil::Date,
    /// Its last day, inside the range.
    pub last: civil::Date,
    /// Something that the text does not say was filled in: the year, or which of two weekdays is meant.
    pub inferred: bool,
    /// How it was read, for `extract --explain`.
    pub why: &'static str,
}

/// A dated happening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The kind as a base form: `summit`.
    pub kind: String,
    /// Bytes of the text from the word for it to its date, whichever comes first.
    pub span: Range<usize>,
    /// Its first day.
    pub first: civil::Date,
    /// Its last day, inside the range.
    pub last: civil::Date,
    /// Where, as the text names it.
    pub place: Option<String>,
    /// What it is called, as the text names it: `NATO summit`.
    pub name: Option<String>,
    /// The days that it was moved from, where the text says so.
    pub moved_from: Option<(civil::Date, civil::Date)>,
    /// The text says that it was put to another day, be it from one that it does not name.
    pub moved: bool,
    /// The text says that it will not take place.
    pub cancelled: bool,
    /// The text says that it has taken place, so that on its last day it is nothing to come.
    pub over: bool,
}

/// Somebody's act and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Bytes of the text that say so.
    pub span: Range<usize>,
    /// Whose act it is: the common English name of a country or organisation, else the words of the text.
    pub actor: String,
    /// The same in the words of the text: `Prime Minister Viktor Orbán` for Hungary.
    pub actor_text: String,
    /// The act as a base form: `veto`.
    pub act: String,
    /// Where it stands.
    pub stance: Stance,
    /// What the act is about, where plain.
    pub object: Option<String>,
    /// The clause that it hangs on.
    pub condition: Option<String>,
    /// Who says so, where the text names somebody.
    pub said_by: Option<String>,
    /// The same in the words of the text.
    pub said_by_text: Option<String>,
    /// The chain of words that decided, for `extract --explain`.
    pub chain: String,
}

/// A sum of money.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// Bytes of the text that name it.
    pub span: Range<usize>,
    /// In units of the currency.
    pub value: f64,
    /// ISO 4217.
    pub currency: &'static str,
}

/// All that was understood of a text, each list in the order of the text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Days and ranges of days.
    pub dates: Vec<Date>,
    /// Dated happenings.
    pub events: Vec<Event>,
    /// Who does what.
    pub statements: Vec<Statement>,
    /// Sums of money.
    pub amounts: Vec<Amount>,
}

impl Facts {
    /// Everything in a text that stands alone.
    pub fn of(text: &str, anchor: &Anchor, asked: &Asked) -> Self {
        Self::likely_in(None, text, anchor, asked)
    }

    /// Everything in a text that is likely in a language, as the item that it belongs to is.
    pub fn likely_in(likely: Option<Language>, text: &str, anchor: &Anchor, asked: &Asked) -> Self {
        let tokens = Tokens::new(text);
        let language = Language::of(&tokens, likely);
        let reading = dates::Reading::new(&tokens, anchor, language);
        let found = reading.dates();
        let events = events::events(&tokens, &reading, &found, language, asked);
        let statements = stance::statements(&tokens, language, &Wanted::new(&asked.acts, &asked.names));
        let amounts = amounts::amounts(&tokens, language);
        Self { events, statements, amounts, dates: found.into_iter().map(|found| found.date).collect() }
    }
}

/// The statements alone of a text that is likely in a language, for whoever has looked up what is wanted once for many texts.
pub fn statements(likely: Option<Language>, text: &str, wanted: &Wanted) -> Vec<Statement> {
    let tokens = Tokens::new(text);
    stance::statements(&tokens, Language::of(&tokens, likely), wanted)
}
