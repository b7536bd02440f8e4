use std::borrow::Cow;

use hashbrown::{HashMap, HashSet};

use super::{copies, days, frequent};
use crate::item::{Item, Report, Term, TermKind};
use crate::understand::text::{self, Language, Word};

/// Terms of one report: its most telling ones.
pub(super) const TERMS: usize = 48;

/// Words of a text that are read: news says what it is about at its beginning.
const WORDS: usize = 240;

/// Words up to here are the beginning of a report, and weigh more.
const BEGINNING: usize = 35;

/// A word that is commoner tells nothing about the news.
const TELLS_NOTHING: u8 = 57;

/// A capital makes no name of a word that is as common.
const NO_NAME: u8 = 40;

/// Texts with more capitals than this inside their sentences, in hundredths of their words, are in a language that writes its
/// nouns with them.
const CAPITAL_NOUNS: usize = 24;

/// What stands before a noun rather than a name, in languages that write both with a capital.
const ARTICLES: &[&str] = &[
    "am", "beim", "das", "dem", "den", "der", "des", "die", "diese", "diesem", "diesen", "dieser", "ein", "eine",
    "einem", "einen", "einer", "eines", "im", "ihre", "ihren", "ihrer", "jede", "kein", "keine", "keinen", "mehr",
    "seine", "seinen", "seiner", "viele", "vom", "zum", "zur",
];

/// What an item is compared by with others.
pub fn report(item: &Item) -> Report {
    let body = body(item);
    let title: Vec<Seen<'_>> = read(&item.title);
    let mut text: Vec<Seen<'_>> = body.iter().flat_map(|part| read(part)).collect();
    let sketch = copies::sketch(text.iter().map(|seen| &*seen.folded));
    text.truncate(WORDS);
    let casing = Casing::of(&title, &text);
    let mut terms = Gathered::default();
    let mut before = None;
    for (place, seen) in title.iter().chain(&text).enumerate() {
        terms.add(seen, before, place, place < title.len(), &casing);
        before = Some(seen);
    }
    Report { terms: terms.finish(), sketch }
}

/// The summary and the text, without the one where the other begins with it.
fn body(item: &Item) -> Vec<&str> {
    let (summary, text) = (item.summary.trim(), item.text.trim());
    if summary.is_empty() || text.starts_with(summary.trim_end_matches(['.', '…', ' '])) {
        vec![text]
    } else if text.is_empty() {
        vec![summary]
    } else {
        vec![summary, text]
    }
}

/// A word as it stands in the text.
struct Seen<'a> {
    word: Word<'a>,
    folded: Cow<'a, str>,
    /// It begins a sentence, so that a capital says nothing.
    begins: bool,
    /// It follows the word before without a space, as in a script without any.
    joined: bool,
}

impl Seen<'_> {
    fn capital(&self) -> bool {
        self.word.surface.chars().next().is_some_and(char::is_uppercase)
    }

    fn small(&self) -> bool {
        self.word.surface.chars().next().is_some_and(char::is_lowercase)
    }

    fn all_capitals(&self) -> bool {
        let mut letters = self.word.surface.chars().filter(|char| char.is_alphabetic());
        letters.all(char::is_uppercase)
    }
}

fn read(text: &str) -> Vec<Seen<'_>> {
    let mut end = 0;
    text::words(text)
        .take(WORDS)
        .map(|word| {
            let between = text.get(end..word.start).unwrap_or_default();
            let begins = end == 0 || between.contains(BREAKS) || between.contains(" - ");
            let joined = end > 0 && between.is_empty();
            end = word.span().end;
            Seen { folded: word.folded(), word, begins, joined }
        })
        .collect()
}

/// What ends a sentence, or begins one inside another.
const BREAKS: &[char] = &['.', '!', '?', ':', ';', '"', '“', '”', '„', '»', '«', '(', '[', '\n', '–', '—', '|'];

/// What capitals mean in one item.
struct Casing<'a> {
    /// The headline has capitals throughout.
    title: bool,
    /// Nouns have capitals.
    nouns: bool,
    /// Words that also stand with a small letter.
    small: HashSet<&'a str>,
    /// Words with a capital inside a sentence.
    inside: HashSet<&'a str>,
}

impl<'a> Casing<'a> {
    fn of(title: &'a [Seen<'a>], text: &'a [Seen<'a>]) -> Self {
        let weighty: Vec<&Seen<'_>> = title
            .iter()
            .filter(|seen| !seen.begins && (seen.capital() || seen.small()))
            .filter(|seen| frequent::commonness(&seen.folded) < TELLS_NOTHING)
            .collect();
        let capitals = weighty.iter().filter(|seen| seen.capital()).count();
        let throughout = weighty.len() >= 3 && capitals * 10 >= weighty.len() * 7;
        let inner = text.iter().filter(|seen| !seen.begins && (seen.capital() || seen.small()));
        let (all, big) = inner.fold((0, 0), |(all, big), seen| (all + 1, big + usize::from(seen.capital())));
        let plain_title: &'a [Seen<'a>] = if throughout { &[] } else { title };
        let words = || plain_title.iter().chain(text);
        Self {
            title: throughout,
            nouns: all >= 8 && big * 100 > all * CAPITAL_NOUNS,
            small: words().filter(|seen| seen.small()).map(|seen| &*seen.folded).collect(),
            inside: words().filter(|seen| seen.capital() && !seen.begins).map(|seen| &*seen.folded).collect(),
        }
    }

    fn is_name(&self, seen: &Seen<'_>, before: Option<&Seen<'_>>, in_title: bool, common: u8) -> bool {
        if !seen.capital() {
            return false;
        }
        if self.nouns {
            let article = before.is_some_and(|before| !seen.begins && ARTICLES.contains(&&*before.folded));
            return common < NO_NAME && !article;
        }
        let inside = self.inside.contains(&*seen.folded);
        if in_title && self.title && seen.all_capitals() && !inside {
            return common < NO_NAME;
        }
        if inside { common <= TELLS_NOTHING } else { !self.small.contains(&*seen.folded) && common < NO_NAME }
    }
}

#[derive(Default)]
struct Gathered<'a> {
    terms: HashMap<u32, Counted>,
    /// Of each word that was met: the number of its stem, and how common it is.
    words: HashMap<&'a str, (u32, u8)>,
}

struct Counted {
    kind: TermKind,
    count: u16,
    first: usize,
    in_title: bool,
    common: u8,
}

impl<'a> Gathered<'a> {
    fn add(
        &mut self,
        seen: &'a Seen<'a>,
        before: Option<&Seen<'_>>,
        place: usize,
        in_title: bool,
        casing: &Casing<'_>,
    ) {
        let known = |folded: &'a str| *self.words.entry(folded).or_insert_with(|| word(folded));
        let Some((id, kind, common)) = term(seen, before, in_title, casing, known) else { return };
        let counted = self.terms.entry(id).or_insert(Counted { kind, count: 0, first: place, in_title: false, common });
        counted.count = counted.count.saturating_add(1);
        counted.in_title |= in_title;
        if kind == TermKind::Name {
            counted.kind = kind;
        }
    }

    /// The most telling terms, by their numbers.
    fn finish(self) -> Vec<Term> {
        let weigh = |(id, counted): (u32, Counted)| {
            let place = if counted.in_title {
                1.5
            } else if counted.first < BEGINNING {
                1.2
            } else {
                0.8
            };
            let weight = (1.0 + 0.5 * f32::from(counted.count).ln()) * place;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0.8 and 6, in sixteenths"
            )]
            let weight = (weight * 16.0).min(255.0) as u8;
            Term { id, kind: counted.kind, weight, common: counted.common }
        };
        let mut terms: Vec<Term> = self.terms.into_iter().map(weigh).collect();
        let tells = |term: &Term| {
            let rare = u32::from(90 - term.common.min(90));
            rare * rare * u32::from(term.weight) * if term.kind == TermKind::Word { 2 } else { 3 }
        };
        terms.sort_unstable_by_key(|term| (std::cmp::Reverse(tells(term)), term.id));
        terms.truncate(TERMS);
        terms.sort_unstable_by_key(|term| term.id);
        terms
    }
}

/// The term that a word stands for: its number, what it is, and how common it is.
fn term<'a>(
    seen: &'a Seen<'a>,
    before: Option<&Seen<'_>>,
    in_title: bool,
    casing: &Casing<'_>,
    mut word: impl FnMut(&'a str) -> (u32, u8),
) -> Option<(u32, TermKind, u8)> {
    let folded = &*seen.folded;
    let first = folded.chars().next()?;
    if first.is_ascii_digit() {
        let end = folded.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(folded.len());
        let digits = folded[..end].trim_end_matches('.');
        let kind = if days::is_year(digits) { TermKind::Date } else { TermKind::Number };
        return Some((hash(&["#", digits]), kind, if digits.len() > 2 { 35 } else { 45 }));
    }
    if is_unspaced(first) {
        // One character says little: two in a row are nearly a word.
        let before = before.filter(|before| seen.joined && before.folded.chars().next().is_some_and(is_unspaced))?;
        return Some((hash(&["", &before.folded, folded]), TermKind::Word, 40));
    }
    if folded.len() < 2 {
        return None;
    }
    if let Some(day) = days::named(folded, seen.capital()) {
        return Some((hash(&["@", day]), TermKind::Date, 50));
    }
    let (id, common) = word(folded);
    if common > TELLS_NOTHING {
        return None;
    }
    let is_name = casing.is_name(seen, before, in_title, common);
    Some((id, if is_name { TermKind::Name } else { TermKind::Word }, common))
}

/// The number of a word's stem, and how common the word is. One language's rules for all, so that reports in several are
/// compared by the same words.
fn word(folded: &str) -> (u32, u8) {
    let common = frequent::commonness(folded);
    if common > TELLS_NOTHING {
        return (0, common);
    }
    let stems = text::stems(folded, folded, Language::english());
    let stem = stems.as_ref().and_then(|stems| stems.iter().next()).unwrap_or(folded);
    (hash(&["", bare(stem)]), common)
}

/// A stem without what other languages inflect with.
fn bare(stem: &str) -> &str {
    let mut bare = stem;
    while bare.len() > 5
        && let Some(shorter) = bare.strip_suffix(['e', 'n', 's', 'r', 'm'])
    {
        bare = shorter;
    }
    bare
}

/// Of a script that is written without spaces, whose characters are words each.
fn is_unspaced(char: char) -> bool {
    matches!(u32::from(char), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0x20000..=0x3FFFF)
}

/// FNV-1a, folded to 32 bits.
pub(super) fn hash(parts: &[&str]) -> u32 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for byte in parts.iter().flat_map(|part| part.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the upper half has been folded in")]
    let folded = (hash ^ (hash >> 32)) as u32;
    folded
}
