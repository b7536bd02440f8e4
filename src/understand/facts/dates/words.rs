//! The words of dates, read from the lists of a language.

use std::sync::LazyLock;

use super::classes::Class;
use super::holidays::Rule;
use crate::understand::facts::Language;
use crate::understand::facts::lists::{alternatives, rows};
use crate::understand::facts::tokens::{Kind, Tokens, cut};
use crate::understand::facts::vocabulary::{Table, Vocabulary, Word, in_a_row};

/// What a word or a row of words can be in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// 1 to 12.
    Month(i8),
    /// 1, Monday, to 7.
    Weekday(i8),
    /// The same in the plural.
    Weekdays(i8),
    /// 1, spring, to 4.
    Season(i8),
    Unit(Unit),
    /// Days from the day of publication.
    Day(i32),
    /// Last, this, next: -1, 0, 1.
    Rel(i32),
    Number(i32),
    Ordinal(i32),
    Part(Part),
    /// The part of a unit that is going on.
    Shortcut(Part, Unit),
    /// The first year of ten in a century.
    Decades(i32),
    /// How its days are found.
    Holiday(Rule),
    Is(Class),
}

/// A length of time that the calendar knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Time,
    Day,
    Night,
    Workday,
    Weekend,
    Workweek,
    Week,
    Fortnight,
    Month,
    Quarter,
    Half,
    Year,
    Decade,
    Century,
}

/// A part of a longer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Begin,
    Early,
    Earlier,
    Mid,
    Late,
    Later,
    End,
    First,
    Second,
    Rest,
    Whole,
}

/// One reading of a word.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The words that must follow it.
    rest: Vec<Word>,
    pub(super) sense: Sense,
    /// Of the sense.
    pub(super) kind: u128,
}

impl Entry {
    /// The token behind the entry if its words stand at a token.
    pub(super) fn end(&self, tokens: &Tokens<'_>, at: usize) -> Option<usize> {
        stand(&self.rest, tokens, at + 1).then_some(at + 1 + self.rest.len())
    }
}

/// Whether the words stand from a token on.
pub(super) fn stand(words: &[Word], tokens: &Tokens<'_>, at: usize) -> bool {
    words.iter().enumerate().all(|(index, word)| tokens.word(at + index) == *word)
}

/// Whether a date can begin with a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Start {
    #[default]
    No,
    /// If the word behind it can be part of one as well.
    Weak,
    Strong,
}

/// All readings of a word.
#[derive(Debug, Clone, Default)]
pub(super) struct Readings {
    /// The longest rows of words first.
    pub(super) entries: Vec<Entry>,
    /// By itself.
    pub(super) start: Start,
    /// Rows of words that a date can begin with, of which this is the first.
    pub(super) starting: Vec<(Start, Vec<Word>)>,
    /// The [`kind`]s of the readings that need no other word.
    pub(super) single: u128,
    /// A bit for each word that stands second in a row; some share one.
    seconds: u64,
}

/// The bit of a word that stands second.
fn second(word: Word) -> u64 {
    1 << (word.number() & 63)
}

impl Readings {
    /// Whether a row of words may go on with a word.
    #[inline]
    pub(super) fn may_go_on(&self, word: Word) -> bool {
        self.seconds & second(word) != 0
    }
}

/// The words of a language.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// By their first token.
    table: Table<Readings>,
    /// By the number of a word, the [`kind`]s of its readings, and those of them that other words behind it make.
    kinds: Vec<(u128, u128)>,
    /// How a noun ends that counts many.
    plural: Option<&'static str>,
    /// How a word ends that is the most of its kind.
    superlative: Option<&'static str>,
}

impl Words {
    /// What a word can be.
    #[inline]
    pub(super) fn get(&self, word: Word) -> Option<&Readings> {
        self.table.get(word)
    }

    /// The [`kind`]s of the readings of a word, and those of them that other words behind it make.
    #[inline]
    pub(super) fn kinds(&self, word: Word) -> (u128, u128) {
        self.kinds.get(word.number()).copied().unwrap_or_default()
    }

    /// Whether a word counts many, by its ending.
    pub(super) fn is_plural(&self, word: &str) -> bool {
        self.plural.is_some_and(|ending| word.ends_with(ending))
    }

    /// Whether a word is the most of its kind, by its ending.
    pub(super) fn is_superlative(&self, word: &str) -> bool {
        self.superlative.is_some_and(|ending| word.ends_with(ending))
    }
}

/// The lists of words and of holidays of English, then those of German.
pub(super) static LISTS: [&str; 4] = [
    include_str!("../../words/en/dates.tsv"),
    include_str!("../../words/en/holidays.tsv"),
    include_str!("../../words/de/dates.tsv"),
    include_str!("../../words/de/holidays.tsv"),
];

static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(LISTS[0], LISTS[1]));
static GERMAN: LazyLock<Words> = LazyLock::new(|| read(LISTS[2], LISTS[3]));

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}

fn read(dates: &'static str, holidays: &'static str) -> Words {
    let mut words = Words::default();
    for row in rows(dates) {
        let [kind, value, list] = row[..] else { panic!("a row of three cells: {row:?}") };
        match (kind, value) {
            ("ending", "plural") => words.plural = Some(list),
            ("ending", "superlative") => words.superlative = Some(list),
            _ => {}
        }
        if kind == "ending" {
            continue;
        }
        let sense = sense(kind, value).unwrap_or_else(|| panic!("a kind that is known: {row:?}"));
        for word in alternatives(list) {
            add(&mut words, word, sense);
        }
    }
    for row in rows(holidays) {
        let [rule, list] = row[..] else { panic!("a row of two cells: {row:?}") };
        let holiday = Rule::parse(rule).unwrap_or_else(|| panic!("a rule that is known: {row:?}"));
        for word in alternatives(list) {
            add(&mut words, word, Sense::Holiday(holiday));
        }
    }
    for readings in words.table.values_mut() {
        readings.entries.sort_by_key(|entry| std::cmp::Reverse(entry.rest.len()));
        let (rows, single): (Vec<_>, Vec<_>) = readings.entries.iter().partition(|entry| !entry.rest.is_empty());
        readings.start = single.iter().map(|entry| start(entry.sense)).max().unwrap_or(Start::No);
        readings.single = single.iter().fold(0, |kinds, entry| kinds | entry.kind);
        readings.seconds = rows.iter().fold(0, |seconds, entry| seconds | second(entry.rest[0]));
        let rows = rows.into_iter().map(|entry| (start(entry.sense), entry.rest.clone()));
        readings.starting = rows.filter(|(start, _)| *start > readings.start).collect();
    }
    for (word, readings) in words.table.iter() {
        let number = Vocabulary::get().find(word).number();
        if words.kinds.len() <= number {
            words.kinds.resize(number + 1, (0, 0));
        }
        for entry in &readings.entries {
            words.kinds[number].0 |= entry.kind;
            words.kinds[number].1 |= if entry.rest.is_empty() { 0 } else { entry.kind };
        }
    }
    words
}

/// A bit for each kind of sense, so that a word that has none of a kind is let go at once.
pub(super) const fn kind(sense: Sense) -> u128 {
    let bit = match sense {
        Sense::Month(_) => 0,
        Sense::Weekday(_) => 1,
        Sense::Weekdays(_) => 2,
        Sense::Season(_) => 3,
        Sense::Unit(_) => 4,
        Sense::Day(_) => 5,
        Sense::Rel(_) => 6,
        Sense::Number(_) => 7,
        Sense::Ordinal(_) => 8,
        Sense::Part(_) => 9,
        Sense::Shortcut(..) => 10,
        Sense::Decades(_) => 11,
        Sense::Holiday(_) => 12,
        Sense::Is(class) => 16 + class as u32,
    };
    1 << bit
}

/// The [`kind`]s of words that stand inside dates, and not only beside them.
pub(super) const INSIDE: u128 = kind(Sense::Is(Class::Share)) - 1;

/// The [`kind`] of all holidays.
pub(super) const SOME_HOLIDAY: u128 = kind(Sense::Holiday(Rule::Easter(0, 1)));

fn start(sense: Sense) -> Start {
    match sense {
        Sense::Number(_) | Sense::Unit(_) => Start::Weak,
        Sense::Weekdays(_) => Start::No,
        Sense::Is(class) => match class {
            Class::Closing
            | Class::Lastnight
            | Class::QuarterLetter
            | Class::HalfLetter
            | Class::ToDateMonth
            | Class::ToDateYear
            | Class::Trap
            | Class::WeekOf => Start::Strong,
            Class::The
            | Class::Own
            | Class::In
            | Class::Within
            | Class::For
            | Class::Between
            | Class::FromTo
            | Class::Article
            | Class::Calendar
            | Class::AgoBefore => Start::Weak,
            _ => Start::No,
        },
        _ => Start::Strong,
    }
}

fn add(words: &mut Words, phrase: &'static str, sense: Sense) {
    if matches!(phrase, "'s" | "’s") {
        // One token behind a word, two by itself.
        words.table.entry(phrase).entries.push(Entry { rest: Vec::new(), sense, kind: kind(sense) });
        return;
    }
    let tokens = cut(phrase);
    // What begins with digits is read as a number.
    let parts: Vec<&str> = tokens.iter().map(|token| &phrase[token.start..token.end]).collect();
    if let [first, rest @ ..] = &parts[..]
        && tokens[0].kind != Kind::Number
    {
        words.table.entry(first).entries.push(Entry { rest: in_a_row(rest), sense, kind: kind(sense) });
    }
}

fn sense(kind: &str, value: &str) -> Option<Sense> {
    let number = || value.parse::<i32>().ok();
    let small = || value.parse::<i8>().ok();
    Some(match kind {
        "month" => Sense::Month(small()?),
        "weekday" => Sense::Weekday(small()?),
        "weekdays" => Sense::Weekdays(small()?),
        "season" => Sense::Season(small()?),
        "unit" => Sense::Unit(unit(value)?),
        "day" => Sense::Day(number()?),
        "rel" => Sense::Rel(number()?),
        "number" => Sense::Number(number()?),
        "ordinal" => Sense::Ordinal(number()?),
        "decades" => Sense::Decades(number()?),
        "part" => Sense::Part(part(value)?),
        "shortcut" => {
            let (first, second) = value.split_once(' ')?;
            Sense::Shortcut(part(first)?, unit(second)?)
        }
        _ => Sense::Is(Class::named(kind, value)?),
    })
}

fn unit(value: &str) -> Option<Unit> {
    Some(match value {
        "time" => Unit::Time,
        "day" => Unit::Day,
        "night" => Unit::Night,
        "workday" => Unit::Workday,
        "weekend" => Unit::Weekend,
        "workweek" => Unit::Workweek,
        "week" => Unit::Week,
        "fortnight" => Unit::Fortnight,
        "month" => Unit::Month,
        "quarter" => Unit::Quarter,
        "half" => Unit::Half,
        "year" => Unit::Year,
        "decade" => Unit::Decade,
        "century" => Unit::Century,
        _ => return None,
    })
}

fn part(value: &str) -> Option<Part> {
    Some(match value {
        "begin" => Part::Begin,
        "early" => Part::Early,
        "earlier" => Part::Earlier,
        "mid" => Part::Mid,
        "late" => Part::Late,
        "later" => Part::Later,
        "end" => Part::End,
        "first" => Part::First,
        "second" => Part::Second,
        "rest" => Part::Rest,
        "whole" => Part::Whole,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_list_says_a_thing_twice() {
        for language in [Language::English, Language::German] {
            for (word, Readings { entries, .. }) in words(language).table.iter() {
                for (index, entry) in entries.iter().enumerate() {
                    let twice =
                        entries[..index].iter().any(|other| other.rest == entry.rest && other.sense == entry.sense);
                    assert!(!twice, "{language:?}: {word} {:?} is {:?} twice", entry.rest, entry.sense);
                }
            }
        }
    }
}
