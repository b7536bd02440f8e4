//! Says whether a query matches by going through all words for every clause: slow, short, and without any of the matcher's
//! plans, numbers, caches or indexes, so that it can tell whether those are right.

use std::ops::Range;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::facts;
use super::repeated::is_repeated;
use super::{Subject, capitals};
use crate::item::{Field, Item};
use crate::query::{Expr, Look, Near, Node, Place, Reach, Scope, Source, Term};
use crate::understand::text::{
    Language, Speech, Word, finite_forms, fold, has_stop, is_joint, is_parted, may_be_joined, paragraphs, sentences,
    stems, words_and_compounds,
};
use crate::understand::words::names::names_around;

/// Words of a passage that were found: their positions, and their bytes.
type Found = Vec<(usize, Range<usize>)>;

/// Whether the item matches.
pub(super) fn matches(node: &Node, subject: &Subject<'_>) -> bool {
    match &node.expr {
        Expr::All(nodes) => nodes.iter().all(|node| matches(node, subject)),
        Expr::Any(nodes) => nodes.iter().any(|node| matches(node, subject)),
        Expr::Not(node) => !matches(node, subject),
        Expr::Place(place) => {
            texts(subject).iter().any(|(field, text)| !places(place, *field, text, subject.item).is_empty())
        }
        Expr::Some { count, of } => of.iter().filter(|node| matches(node, subject)).count() >= *count,
        Expr::Times { count, place } => times(place, subject) >= *count,
        Expr::Source(Source::Link(part)) => {
            let link = subject.item.link.clone().unwrap_or_default();
            link.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
        }
        Expr::Source(Source::Lang(tag)) => {
            let language = speech(subject.item).language;
            language.is_some() && Language::of_tag(tag) == language
        }
        Expr::Source(Source::Feed(name)) => same(name, subject.feed),
        Expr::Source(Source::Tag(name)) => subject.tags.iter().any(|tag| same(tag, name)),
        Expr::Score(score) => {
            let mut points = 0;
            for row in &score.rows {
                let sum: i64 = row.any.iter().filter(|node| matches(node, subject)).map(|_| row.weight.each).sum();
                let max = row.weight.max.unwrap_or(i64::MAX);
                points += if sum < 0 { -(-sum).min(max) } else { sum.min(max) };
            }
            points >= score.threshold
        }
    }
}

/// Places are different that begin or end at different words.
fn times(place: &Place, subject: &Subject<'_>) -> usize {
    let body = &subject.item.text;
    let mut count = 0;
    for (field, text) in texts(subject) {
        let mut seen = Vec::new();
        for found in places(place, field, text, subject.item) {
            let first = found.iter().map(|(position, _)| *position).min();
            let last = found.iter().map(|(position, _)| *position).max();
            let start = found.iter().map(|(_, bytes)| bytes.start).min();
            let sentence = sentences(text).into_iter().find(|range| start.is_some_and(|start| range.contains(&start)));
            let again = field == Field::Summary && sentence.is_some_and(|range| is_repeated(&text[range], body));
            if !again && !seen.contains(&(first, last)) {
                seen.push((first, last));
                count += 1;
            }
        }
    }
    count
}

fn same(one: &str, other: &str) -> bool {
    let folded = |name: &str| name.split_whitespace().map(|word| fold(word).into_owned()).collect::<Vec<_>>();
    let (first, second) = (folded(one), folded(other));
    // Where nothing is left of either, how they are written must do.
    let nothing = first.iter().chain(&second).all(String::is_empty);
    if nothing { one.trim() == other.trim() } else { first == second }
}

fn texts<'a>(subject: &Subject<'a>) -> Vec<(Field, &'a str)> {
    let item = subject.item;
    let mut texts = vec![(Field::Title, &*item.title), (Field::Summary, &*item.summary), (Field::Text, &*item.text)];
    texts.extend(item.authors.iter().map(|author| (Field::Author, author.as_str())));
    texts
}

fn speech(item: &Item) -> Speech {
    let texts = [item.title.as_str(), &item.summary, &item.text];
    Speech::of(texts.into_iter().filter(|text| !text.is_empty()), item.language.as_deref())
}

/// Each way in which it can be found, without alternatives.
fn expanded(place: &Place) -> Vec<Place> {
    match place {
        Place::Term(_) => vec![place.clone()],
        Place::Any(all) => all.iter().flat_map(expanded).collect(),
        Place::Near(near) => {
            let (left, right) = (expanded(&near.left), expanded(&near.right));
            let pairs = left.iter().flat_map(|left| right.iter().map(move |right| (left.clone(), right.clone())));
            pairs.map(|(left, right)| Place::Near(Box::new(Near { left, right, ..(**near).clone() }))).collect()
        }
    }
}

/// Whether what it finds is a stretch of text that may have words inside; it has no alternatives.
fn is_wide(place: &Place) -> bool {
    match place {
        Place::Term(term) => term.look.is_fact(),
        Place::Any(all) => all.iter().any(is_wide),
        Place::Near(near) => is_wide(&near.left) || is_wide(&near.right),
    }
}

/// The bytes of what was found, without doubles.
fn spans(found: &Found) -> Vec<(usize, usize)> {
    let mut spans: Vec<_> = found.iter().map(|(_, bytes)| (bytes.start, bytes.end)).collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}

fn places(place: &Place, field: Field, text: &str, item: &Item) -> Vec<Found> {
    match place {
        Place::Term(term) => term_places(term, field, text, item),
        Place::Any(all) => all.iter().flat_map(|place| places(place, field, text, item)).collect(),
        Place::Near(near) => {
            let mut found = Vec::new();
            for left in expanded(&near.left) {
                for right in expanded(&near.right) {
                    let (is_left_wide, is_right_wide) = (is_wide(&left), is_wide(&right));
                    let (left, right) = (places(&left, field, text, item), places(&right, field, text, item));
                    let pairs = left.iter().flat_map(|one| right.iter().map(move |other| (one, other)));
                    let may_share = |one: &Found, other: &Found| match (is_left_wide, is_right_wide) {
                        (true, true) => spans(one) != spans(other),
                        (one, other) => one || other,
                    };
                    let near = pairs.filter(|(one, other)| {
                        is_near(one, other, near.reach, near.ordered, may_share(one, other), text)
                    });
                    found.extend(near.map(|(one, other)| [one.as_slice(), other.as_slice()].concat()));
                }
            }
            found
        }
    }
}

fn is_near(one: &Found, other: &Found, reach: Reach, ordered: bool, may_share: bool, text: &str) -> bool {
    if one.is_empty() || other.is_empty() {
        return false;
    }
    let first = |found: &Found| found.iter().map(|(position, _)| *position).min().unwrap_or(0);
    let last = |found: &Found| found.iter().map(|(position, _)| *position).max().unwrap_or(0);
    if !may_share && one.iter().any(|(position, _)| other.iter().any(|(beside, _)| position == beside)) {
        return false;
    }
    if ordered && first(other) <= last(one) {
        return false;
    }
    let together = |ranges: Vec<Range<usize>>| {
        ranges
            .iter()
            .any(|range| one.iter().chain(other).all(|(_, bytes)| range.start <= bytes.start && bytes.end <= range.end))
    };
    match reach {
        Reach::Words(words) => {
            first(other).saturating_sub(last(one)).max(first(one).saturating_sub(last(other))) <= words
        }
        Reach::Sentence => together(sentences(text)),
        Reach::Paragraph => together(paragraphs(text)),
    }
}

fn term_places(term: &Term, field: Field, text: &str, item: &Item) -> Vec<Found> {
    let fields: &[Field] = match term.scope {
        Scope::Anywhere => &[Field::Title, Field::Summary, Field::Text],
        Scope::Title => &[Field::Title],
        Scope::Text => &[Field::Summary, Field::Text],
        Scope::Author => &[Field::Author],
    };
    if !fields.contains(&field) {
        return Vec::new();
    }
    let speech = speech(item);
    let spelt = |found: &Found| &text[found[0].1.start..found[found.len() - 1].1.end];
    if let Look::Alias { names, .. } = &term.look {
        let all = names.iter().flat_map(|name| {
            let mut found = row_places(&Look::Exact(name.clone()), text, speech);
            found.retain(|found| capitals::agree(name, spelt(found)));
            let longer: Vec<(usize, usize)> = names_around(name, names)
                .flat_map(|(longer, ..)| {
                    let places = row_places(&Look::Exact(longer.to_owned()), text, speech).into_iter();
                    places.filter(|found| capitals::agree(longer, spelt(found))).map(|found| ends(&found))
                })
                .collect();
            found.retain(|found| {
                let (first, last) = ends(found);
                !longer.iter().any(|(from, to)| *from <= first && last <= *to)
            });
            found
        });
        return all.collect();
    }
    if term.look.is_fact() {
        return fact_places(&term.look, text, item);
    }
    if let Look::Pattern(pattern) = &term.look {
        let touches = |found: regex::Match<'_>| {
            let touched = words_and_compounds(text)
                .filter(|word| word.parts == 1)
                .filter(|word| word.span().start < found.end() && found.start() < word.span().end);
            touched.map(|word| (word.position, found.range())).collect()
        };
        return pattern.regex().find_iter(text).filter(|found| !found.is_empty()).map(touches).collect();
    }
    let mut found = row_places(&term.look, text, speech);
    if let Look::Exact(spelling) = &term.look {
        found.retain(|found| is_spelt(spelling, text, found));
    }
    found
}

/// What the text says, by itself, of what this one predicate asks for.
fn fact_places(look: &Look, text: &str, item: &Item) -> Vec<Found> {
    let (look, understanding) = facts::prepared(look);
    let likely = facts::likely_in(speech(item));
    let told = match &look {
        Look::Event(ask) => facts::events(ask, &understanding.facts(likely, text, item), facts::anchor(item).day()),
        Look::Amount(ask) => facts::amounts(ask, &understanding.facts(likely, text, item)),
        Look::Act(ask) => facts::acts(ask, &understanding.statements(likely, text)),
        _ => Vec::new(),
    };
    let touches = |span: Range<usize>| {
        let touched = words_and_compounds(text)
            .filter(|word| word.parts == 1)
            .filter(|word| word.span().start < span.end && span.start < word.span().end);
        touched.map(|word| (word.position, span.clone())).collect()
    };
    told.into_iter().filter(|told| told.misfit.is_none()).map(|told| touches(told.span)).collect()
}

/// A way to write a part of what is looked for, or a piece of a text: its position, how many words it is, its bytes.
type Piece<'a> = (usize, usize, Word<'a>);

/// Where words stand in a row, however they are spelt.
fn row_places(look: &Look, text: &str, speech: Speech) -> Vec<Found> {
    let (looked_for, prefix_at): (&str, fn(&str, usize) -> bool) = match look {
        Look::Alias { .. } | Look::Pattern(_) | Look::Event(_) | Look::Act(_) | Look::Amount(_) => return Vec::new(),
        Look::Word(text) | Look::Exact(text) => (text, |_, _| false),
        Look::Phrase(text) => (text, |text, end| text[end..].starts_with('*')),
        Look::Prefix(text) => (text, |text, end| end == text.len()),
    };
    // Every way to write the words: the text's own compounds show where hyphens may be left out.
    let pieces: Vec<_> = words_and_compounds(looked_for).collect();
    let count = pieces.iter().filter(|piece| piece.parts == 1).count();
    let mut ways: Vec<Piece<'_>> = pieces
        .iter()
        .filter(|piece| is_a_way(piece, &pieces))
        .map(|piece| (piece.position, piece.parts, *piece))
        .collect();
    if matches!(look, Look::Phrase(_)) {
        let single = |word: &Word<'_>| {
            let is_in = |other: &Word<'_>| {
                other.parts > 1 && (other.position..other.position + other.parts).contains(&word.position)
            };
            !pieces.iter().any(is_in)
        };
        let pairs = apart(looked_for).into_iter();
        ways.extend(
            pairs
                .filter(|(one, next)| single(one) && single(next) && !prefix_at(looked_for, next.span().end))
                .map(|(one, next)| (one.position, 2, together(looked_for, &one, &next))),
        );
    }
    let mut found = Vec::new();
    let mut all: Vec<Piece<'_>> = words_and_compounds(text).map(|word| (word.position, word.parts, word)).collect();
    all.extend(apart(text).into_iter().map(|(one, next)| (one.position, 2, together(text, &one, &next))));
    for start in 0..all.len() {
        let mut ends = vec![(0, all[start].0, Vec::new())];
        while let Some((way_at, position, bytes)) = ends.pop() {
            if way_at == count {
                found.push(bytes);
                continue;
            }
            for (_, length, way) in ways.iter().filter(|(at, ..)| *at == way_at) {
                let prefix = prefix_at(looked_for, way.span().end);
                for (at, parts, word) in all.iter().filter(|(at, ..)| *at == position) {
                    if is_it(look, prefix, way, word, speech) {
                        let mut bytes: Found = bytes.clone();
                        bytes.extend((0..*parts).map(|part| (at + part, word.span())));
                        ends.push((way_at + length, position + parts, bytes));
                    }
                }
            }
        }
    }
    let by_sentences = !has_stop(looked_for) || matches!(look, Look::Word(_) | Look::Prefix(_));
    found.retain(|found| {
        let (first, last) = ends(found);
        let start = found.iter().map(|(_, bytes)| bytes.start).min().unwrap_or(0);
        let end = found.iter().map(|(_, bytes)| bytes.end).max().unwrap_or(0);
        first == last || !is_parted(text, start..end, by_sentences)
    });
    found
}

/// The positions of the first word and the last.
fn ends(found: &Found) -> (usize, usize) {
    let positions = || found.iter().map(|(position, _)| *position);
    (positions().min().unwrap_or(0), positions().max().unwrap_or(0))
}

/// Whether a word of a text is what one of a query looks for.
fn is_it(look: &Look, prefix: bool, wanted: &Word<'_>, word: &Word<'_>, speech: Speech) -> bool {
    let plain = |word: &Word<'_>| word.surface.split_whitespace().map(fold).collect::<String>();
    let (form, folded) = (plain(wanted), plain(word));
    // Two words that are written apart are one only in this very form.
    let is_apart = |word: &Word<'_>| {
        word.parts == 2 && word.surface.contains(char::is_whitespace) && word.surface.contains(char::is_alphabetic)
    };
    if prefix {
        return !is_apart(word) && folded.starts_with(&form);
    }
    if form == folded {
        return true;
    }
    matches!(look, Look::Word(_) | Look::Prefix(_))
        && !is_apart(word)
        && speech.languages().any(|language| {
            let other = stems(word.surface, &folded, language);
            let shares = |surface: &str, form: &str| {
                let one = stems(surface, form, language);
                one.zip(other.as_ref()).is_some_and(|(one, other)| one.share(other))
            };
            shares(wanted.surface, &form)
                || finite_forms(wanted.surface, language).iter().any(|finite| shares(finite, &fold(finite)))
        })
}

/// Each two words that may be one that was written apart.
fn apart(text: &str) -> Vec<(Word<'_>, Word<'_>)> {
    let all: Vec<_> = words_and_compounds(text).filter(|word| word.parts == 1).collect();
    let pairs = all.windows(2).map(|pair| (pair[0], pair[1]));
    pairs
        .filter(|(one, next)| {
            is_joint(&text[one.span().end..next.start]) && may_be_joined(&one.folded(), &next.folded())
        })
        .collect()
}

fn together<'a>(text: &'a str, one: &Word<'_>, next: &Word<'_>) -> Word<'a> {
    Word { surface: &text[one.start..next.span().end], start: one.start, position: one.position, parts: 2 }
}

fn is_spelt(spelling: &str, text: &str, found: &Found) -> bool {
    let first = words_and_compounds(spelling).next().map_or(0, |word| word.start);
    let (start, end) = (found[0].1.start, found[found.len() - 1].1.end);
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let spelling = plain(&spelling[first..]);
    let found = &text[start..end];
    let found = plain(found.strip_suffix('.').unwrap_or(found));
    let composed = |text: &str| ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned();
    (plain(&text[start..]).starts_with(&spelling) && spelling.len() >= found.len())
        || (!spelling.is_ascii() && composed(&found) == composed(&spelling))
}

/// A word, or the compound of a whole hyphenated word; its inner pairs are no way to write it.
fn is_a_way(piece: &Word<'_>, pieces: &[Word<'_>]) -> bool {
    let inside = |other: &Word<'_>| {
        other.parts > piece.parts
            && other.position <= piece.position
            && piece.position + piece.parts <= other.position + other.parts
    };
    piece.parts == 1 || !pieces.iter().any(inside)
}
