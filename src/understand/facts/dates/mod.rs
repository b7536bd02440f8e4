//! Days and ranges of days.
//!
//! Three layers: what a date looks like (`calendar`, `relative`, `compose`, `range`: a grammar over tokens), what it means
//! (`value`: days, or something that comes again), and which one is meant (`toward`: the tense around it, and the day of
//! publication). The grammar knows classes of words, never words; those are the lists of a language.

mod calendar;

mod compose;

mod holidays;

mod plausible;

mod range;

mod reader;

mod relative;

mod toward;

mod value;

mod words;

use super::tokens::Tokens;
use super::{Anchor, Date, Language};
use reader::Reader;
use toward::Tense;
use value::{Toward, Value};

/// The dates of a text.
pub(super) fn dates(tokens: &Tokens<'_>, anchor: &Anchor, language: Language) -> Vec<Date> {
    let day_first = anchor.day_first.unwrap_or(language == Language::German);
    let reader = Reader::new(tokens, words::words(language), anchor.day(), day_first);
    let tense = Tense::new(tokens, language);
    let mut dates = Vec::new();
    for sentence in tokens.sentences() {
        let mut at = sentence.start;
        while at < sentence.end {
            let read = if reader.may_begin(at) { date(&reader, &tense, sentence, at) } else { None };
            match read {
                Some((end, date)) => {
                    dates.extend(date);
                    at = end.max(at + 1);
                }
                None => at += 1,
            }
        }
    }
    dates
}

/// The date at a token, if it is one; where the words of a date are none, where they end.
fn date(
    reader: &Reader<'_>,
    tense: &Tense<'_>,
    sentence: &std::ops::Range<usize>,
    at: usize,
) -> Option<(usize, Option<Date>)> {
    if let Some(end) = reader.trap(at) {
        return Some((end, None));
    }
    let (toward, told) = tense.around(sentence, at);
    reader.toward.set(toward);
    let (end, value) = reader.range(at)?;
    if !reader.is_plausible(at, end, value) {
        return Some((at + 1, None));
    }
    let (first, last) = reader.resolve(value)?;
    Some((
        end,
        Some(Date {
            span: reader.tokens.span(at..end),
            first,
            last,
            inferred: value.is_open(),
            why: why(value, toward, told),
        }),
    ))
}

fn why(value: Value, toward: Toward, told: bool) -> &'static str {
    match (value.is_open(), toward, told) {
        (false, ..) => "as said",
        (true, Toward::Past, _) => "the last before publication, by the tense",
        (true, Toward::Future, true) => "the next after publication, by the tense",
        (true, Toward::Future, false) => "the next after publication, as no tense tells",
    }
}
