//! Why a clause was not found, and by how much it was missed.

use std::fmt;

use super::evaluate::{Found, Seen, is_in_scope};
use super::plan::{Find, Row, Unit};
use crate::item::Field;
use crate::query::{Look, Near, Reach};
use crate::understand::text::{Word, fold, stems, words};

/// Places of one clause in one text that are looked at.
pub(super) const PLACES_MAX: usize = 512;

/// Names of an alias that are listed.
const NAMES_SHOWN: usize = 5;

/// Why a clause does not hold, and by how much it missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Miss {
    /// It occurs nowhere.
    Absent,
    /// It occurs, but in these fields only.
    Elsewhere(Vec<Field>),
    /// It occurs in other letters only, such as these.
    Spelling(String),
    /// Its words occur in other forms only, such as these, and it asks for its very forms.
    Inflected(String),
    /// It occurs only inside a longer name of somebody else.
    Inside(&'static str),
    /// None of these names of an alias occurs.
    Unnamed(Vec<String>),
    /// Its words occur, but not in a row.
    NotInARow,
    /// The two stand too far apart; words between their positions.
    Distance {
        /// The least distance that was found.
        closest: usize,
        /// The greatest that was asked for.
        needed: usize,
    },
    /// The two stand close enough, but in the other order.
    Order,
    /// It occurs, but not so often.
    Times {
        /// How often it was found.
        found: usize,
        /// How often it was asked for.
        needed: usize,
    },
    /// Some of the clauses hold, but not so many.
    TooFew {
        /// How many hold.
        found: usize,
        /// How many were asked for.
        needed: usize,
    },
    /// The weights of what was found do not come to enough.
    Score {
        /// What they come to.
        found: i64,
        /// What was asked for.
        needed: i64,
    },
    /// The text says something of the kind, but not this.
    Fact(String),
    /// The two never stand in one sentence.
    Sentence,
    /// The two never stand in one paragraph.
    Paragraph,
    /// The two never stand in the same field.
    Apart,
    /// One of the two, or neither, was found at all.
    Missing(Vec<String>),
    /// Some of the clauses that must hold do not.
    Unmet(Vec<String>),
    /// The item is in this language; `None` where that is not known.
    Language(Option<&'static str>),
    /// The item comes from this feed.
    Feed(String),
    /// Its feed has these tags.
    Tags(Vec<String>),
    /// What must be absent is there.
    Present,
}

impl Miss {
    /// Whether nothing of the clause is there.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::Absent | Self::Unnamed(_))
    }
}

/// In a few words, without a full stop: `distance 12, needed 8`.
impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |fields: &[Field]| fields.iter().map(Field::to_string).collect::<Vec<_>>().join(" and ");
        match self {
            Self::Absent => f.write_str("does not occur"),
            Self::Elsewhere(fields) => write!(f, "occurs only in {}", list(fields)),
            Self::Spelling(written) => write!(f, "is written {written}"),
            Self::Inflected(written) => {
                write!(f, "occurs as \"{written}\"; only words without quotes match every form")
            }
            Self::Inside(name) => write!(f, "occurs only in {name}"),
            Self::Unnamed(names) => {
                let more = names.len().saturating_sub(NAMES_SHOWN);
                let shown: Vec<&str> = names.iter().take(NAMES_SHOWN).map(String::as_str).collect();
                write!(f, "none of its names occurs: {}", shown.join(", "))?;
                if more > 0 { write!(f, " and {more} more") } else { Ok(()) }
            }
            Self::NotInARow => f.write_str("its words do not stand in a row"),
            Self::Distance { closest, needed } => write!(f, "distance {closest}, needed {needed}"),
            Self::Times { found: 1, needed } => write!(f, "occurs once, needed {needed} times"),
            Self::Times { found, needed } => write!(f, "occurs {found} times, needed {needed}"),
            Self::TooFew { found, needed } => write!(f, "{found} of these hold, needed {needed}"),
            Self::Score { found, needed } => write!(f, "score {found} of {needed}"),
            Self::Order => f.write_str("stand in the other order"),
            Self::Fact(misfit) => f.write_str(misfit),
            Self::Sentence => f.write_str("never in one sentence"),
            Self::Paragraph => f.write_str("never in one paragraph"),
            Self::Apart => f.write_str("never in the same field"),
            Self::Missing(clauses) | Self::Unmet(clauses) => write!(f, "misses {}", clauses.join(", ")),
            Self::Language(Some(code)) => write!(f, "is in {code}"),
            Self::Feed(name) if name.is_empty() => f.write_str("comes from no feed of the config"),
            Self::Feed(name) => write!(f, "comes from {name}"),
            Self::Tags(tags) if tags.is_empty() => f.write_str("its feed has no tags"),
            Self::Tags(tags) => write!(f, "its feed has the tags {}", tags.join(", ")),
            Self::Language(None) => f.write_str("is in no language that is known"),
            Self::Present => f.write_str("occurs"),
        }
    }
}

/// How close two things come to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gaps {
    /// The least distance in words.
    pub(super) closest: usize,
    /// The least of those where the first comes before the second.
    pub(super) in_order: Option<usize>,
}

/// How close two things come to each other in any field; `None` where they never stand in the same one. `places_max` places of
/// each are looked at in each field.
pub(super) fn gaps(seen: &Seen<'_, '_>, (left, right): (&Find, &Find), places_max: usize) -> Option<Gaps> {
    let mut gaps: Option<Gaps> = None;
    for number in 0..seen.reading().passages().len() {
        let passage = &seen.reading().passages()[number];
        let (one, other) = (seen.find(left, number, places_max), seen.find(right, number, places_max));
        for (one, other) in one.iter().flat_map(|one| other.iter().map(move |other| (one, other))) {
            let gap = Found::gap(passage, one, other);
            if gap == 0 {
                continue;
            }
            let in_order = one.comes_before(other).then_some(gap);
            let known = gaps.get_or_insert(Gaps { closest: gap, in_order });
            known.closest = known.closest.min(gap);
            known.in_order = [known.in_order, in_order].into_iter().flatten().min();
        }
    }
    gaps
}

/// Why two things that were both found are not near enough.
pub(super) fn of_near(seen: &Seen<'_, '_>, near: &Near, left: &Find, right: &Find) -> Miss {
    let Some(Gaps { closest, in_order }) = gaps(seen, (left, right), PLACES_MAX) else { return Miss::Apart };
    match near.reach {
        Reach::Words(needed) => match in_order {
            _ if !near.ordered => Miss::Distance { closest, needed },
            Some(closest) if closest > needed => Miss::Distance { closest, needed },
            _ => Miss::Order,
        },
        _ if near.ordered && in_order.is_none() => Miss::Order,
        Reach::Sentence => Miss::Sentence,
        Reach::Paragraph => Miss::Paragraph,
    }
}

/// Why an alias was not found, whose names are looked for each in one of the rows.
pub(super) fn of_names(seen: &Seen<'_, '_>, look: &Look, names: &[String], rows: &[Find]) -> Miss {
    let each =
        rows.iter().filter_map(|find| if let Find::Row(row) = find { Some(of_row(seen, look, row)) } else { None });
    let told = |miss: &Miss| matches!(miss, Miss::Elsewhere(_) | Miss::Spelling(_) | Miss::Inside(_));
    each.into_iter().find(told).unwrap_or_else(|| Miss::Unnamed(names.to_vec()))
}

/// Why words were not found in a row.
pub(super) fn of_row(seen: &Seen<'_, '_>, look: &Look, row: &Row) -> Miss {
    let mut elsewhere = Vec::new();
    let mut spelt: Option<String> = None;
    let mut inside = None;
    for number in 0..seen.reading().passages().len() {
        let passage = &seen.reading().passages()[number];
        let in_scope = is_in_scope(row.scope, passage.field);
        if in_scope {
            inside = inside.or_else(|| seen.longer_name(row, number));
        }
        let found = seen.row_anywhere(row, number);
        let Some(first) = found.first() else { continue };
        if !in_scope {
            elsewhere.push(passage.field);
        } else if let Some((start, end)) = first.marks.first() {
            spelt.get_or_insert_with(|| passage.text[*start..*end].to_owned());
        }
    }
    elsewhere.dedup();
    if let Some(written) = spelt {
        return Miss::Spelling(written);
    }
    if let Some(name) = inside {
        return Miss::Inside(name);
    }
    if !elsewhere.is_empty() {
        return Miss::Elsewhere(elsewhere);
    }
    if let Look::Phrase(wanted) | Look::Exact(wanted) = look
        && let Some(written) = inflected(seen, row, wanted)
    {
        return Miss::Inflected(written);
    }
    let occurs = |unit: &Unit| {
        (0..seen.reading().passages().len()).any(|number| {
            let all_parts = unit.parts().all(|part| !seen.reading().occurrences(part, number).is_empty());
            all_parts || unit.whole.is_some_and(|whole| !seen.reading().occurrences(whole, number).is_empty())
        })
    };
    if row.units.len() > 1 && row.units.iter().all(occurs) { Miss::NotInARow } else { Miss::Absent }
}

/// The first words in a row that are forms of the words that are wanted.
fn inflected(seen: &Seen<'_, '_>, row: &Row, wanted: &str) -> Option<String> {
    let speech = seen.reading().speech();
    let wanted: Vec<Word<'_>> = words(wanted).collect();
    let is_form = |wanted: &Word<'_>, word: &Word<'_>| {
        let (one, other) = (fold(wanted.surface), fold(word.surface));
        one == other
            || speech.languages().any(|language| {
                let one = stems(wanted.surface, &one, language);
                one.zip(stems(word.surface, &other, language)).is_some_and(|(one, other)| one.share(&other))
            })
    };
    let passages = seen.reading().passages().iter().filter(|passage| is_in_scope(row.scope, passage.field));
    passages.into_iter().find_map(|passage| {
        let all: Vec<Word<'_>> = words(passage.text).collect();
        let found = all.windows(wanted.len().max(1)).find(|words| {
            words.len() == wanted.len() && wanted.iter().zip(*words).all(|(wanted, word)| is_form(wanted, word))
        })?;
        let (first, last) = (found.first()?, found.last()?);
        let written = &passage.text[first.start..last.span().end];
        Some(written.split_whitespace().collect::<Vec<_>>().join(" "))
    })
}
