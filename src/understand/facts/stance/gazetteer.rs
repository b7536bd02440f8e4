//! Names that stand for a country or a body.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use super::super::tokens::Tokens;
use super::quick::{Set, Words};
use crate::understand::text::{fold, words};
use crate::understand::words::names;

const ACTORS: &str = include_str!("../../words/en/actors.txt");

static ENGLISH: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::english);

/// What kind of name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of the country or body itself.
    Itself,
    /// Of a person who speaks for it.
    Leader,
    /// `Hungarian`.
    Adjective,
    /// `Hungarians`.
    People,
    /// A capital or a seat, which is also a place.
    Seat,
}

/// A name that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    /// What kind of name.
    pub(super) kind: Kind,
    /// Whose, as a number in [`Gazetteer::canonical`].
    pub(super) of: u16,
}

/// Names by their first token.
#[derive(Debug, Clone, Default)]
pub(super) struct Gazetteer {
    names: Words<String, Vec<(Vec<String>, Name)>>,
    canonical: Vec<String>,
    /// The common name by every name, folded.
    folded: Words<String, u16>,
    /// A body, and the one that it acts for.
    parts: Vec<(&'static str, &'static str)>,
    officials: Set<String>,
    /// Those of two words, by the first: `prime minister`.
    official_pairs: Words<String, Vec<String>>,
    locals: Set<String>,
    inside: Vec<&'static str>,
    persons: Set<String>,
    bodies: Set<String>,
    bargains: Set<String>,
    /// Acts of those in power, and whether they alone speak of theirs.
    of_power: Words<String, bool>,
    sent_from: Set<String>,
    of_own: Set<String>,
}

/// The common name of the country or body that a name, whatever its capitals and accents, stands for: `Hungary` for
/// `hungarian`, `Budapest` and `the Hungarians`.
pub fn known_name(name: &str) -> Option<&'static str> {
    let gazetteer = Gazetteer::get();
    let name = folded(name);
    let number = gazetteer.folded.get(&name).or_else(|| gazetteer.folded.get(name.strip_prefix("the ")?))?;
    gazetteer.canonical.get(usize::from(*number)).map(String::as_str)
}

/// The countries and bodies that some words name, with the bytes of each name, the longest where several begin at one
/// word: `South Sudan` and no Sudan.
pub fn known_names_in(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let (gazetteer, tokens) = (Gazetteer::get(), Tokens::new(text));
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let next = |more: usize| Cow::Borrowed(tokens.surface(at + 1 + more));
        let Some((name, more)) = gazetteer.find(tokens.surface(at), next) else {
            at += 1;
            continue;
        };
        found.push((tokens[at].start..tokens[at + more].end, gazetteer.canonical(name)));
        at += more + 1;
    }
    found
}

/// Every name that stands for a country or body, by its common name, or for what acts for it; in the order of the alphabet.
pub fn names_meant(whose: &str) -> Vec<String> {
    let gazetteer = Gazetteer::get();
    let is_its = |(_, name): &&(Vec<String>, Name)| acts_for(gazetteer.canonical(*name), whose);
    let of_first = |(first, names): (&String, &Vec<(Vec<String>, Name)>)| -> Vec<String> {
        let written = |(rest, _): &(Vec<String>, Name)| {
            [std::slice::from_ref(first), rest].concat().join(" ").replace(" '", "'").replace(" ’", "’")
        };
        names.iter().filter(is_its).map(written).collect()
    };
    let mut all: Vec<String> = gazetteer.names.iter().flat_map(of_first).collect();
    all.sort_unstable();
    all
}

/// Whether a country or body, by its common name, is another or acts for it: the European Commission for the European Union.
pub fn acts_for(one: &str, other: &str) -> bool {
    one == other || Gazetteer::get().parts.contains(&(one, other))
}

/// A name as it is compared whatever its capitals, accents, dots and hyphens.
fn folded(name: &str) -> String {
    words(name).map(|word| fold(word.surface).into_owned()).collect::<Vec<_>>().join(" ")
}

/// Without the dots of an acronym: `U.S.` is `US`.
fn plain(surface: Cow<'_, str>) -> Cow<'_, str> {
    let dots = ['.', '\u{AD}'];
    if surface.contains(dots) { surface.replace(dots, "").into() } else { surface }
}

fn cut(name: &str) -> Vec<String> {
    let tokens = Tokens::new(name);
    (0..tokens.len()).map(|at| plain(tokens.surface(at).into()).into_owned()).collect()
}

impl Gazetteer {
    /// The built-in one.
    pub(super) fn get() -> &'static Self {
        &ENGLISH
    }

    /// One of a config's aliases: for each what it stands for, and its names.
    pub(super) fn of(aliases: &[(String, Vec<String>)]) -> Self {
        let mut it = Self::default();
        for (whose, names) in aliases {
            for name in names.iter().chain([whose]) {
                // The built-in adjectives and peoples keep their kind.
                let parts = cut(name);
                let known = parts.first().and_then(|first| {
                    Self::get().find(first, |at| parts.get(at + 1).map_or("", String::as_str).into())
                });
                let kind =
                    known.filter(|(_, rest)| rest + 1 == parts.len()).map_or(Kind::Itself, |(name, _)| name.kind);
                it.add(name, kind, whose);
            }
        }
        it.sort();
        it
    }

    fn english() -> Self {
        let mut it = Self::default();
        for row in ACTORS.lines() {
            let Some((what, rest)) = row.split_once(": ") else { continue };
            let words = rest.split(',').map(str::trim);
            match what {
                "official" => it.officials.extend(with_plurals(words)),
                "local" => it.locals.extend(with_plurals(words)),
                "inside" => it.inside.extend(words),
                "person" => it.persons.extend(with_plurals(words)),
                "body" => it.bodies.extend(with_plurals(words)),
                "bargain" => it.bargains.extend(with_plurals(words)),
                "power" => {
                    it.of_power.extend(words.map(|act| (act.trim_end_matches('~').to_owned(), !act.ends_with('~'))));
                }
                "from" => it.sent_from.extend(words.map(str::to_owned)),
                "own" => it.of_own.extend(words.map(str::to_owned)),
                "part" => {
                    if let Some((whole, parts)) = rest.split_once(" = ") {
                        it.parts.extend(parts.split(',').map(|part| (part.trim(), whole)));
                    }
                }
                "seat" | "leader" => {
                    if let Some((whose, names)) = rest.split_once(" = ") {
                        let kind = if what == "seat" { Kind::Seat } else { Kind::Leader };
                        names.split(',').for_each(|name| it.add(name.trim(), kind, whose));
                    }
                }
                _ => {}
            }
        }
        for named in names::countries().chain(names::organisations()).chain(names::regions()) {
            let Some(whose) = named.all().first().copied() else { continue };
            for (kind, names) in [
                (Kind::Itself, &named.names),
                (Kind::Itself, &named.official),
                (Kind::Adjective, &named.adjectives),
                (Kind::People, &named.people),
                (Kind::Seat, &named.capitals),
            ] {
                for name in names {
                    it.add(name, kind, whose);
                }
            }
        }
        let pairs: Vec<(String, String)> = it
            .officials
            .iter()
            .filter_map(|noun| noun.split_once(' '))
            .map(|(one, other)| (one.to_owned(), other.to_owned()))
            .collect();
        for (one, other) in pairs {
            it.official_pairs.entry(one).or_default().push(other);
        }
        it.sort();
        it
    }

    fn sort(&mut self) {
        for names in self.names.values_mut() {
            names.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
    }

    /// Adds a name; the first that has it keeps it.
    fn add(&mut self, name: &str, kind: Kind, whose: &str) {
        // `al-Sharaa` begins a sentence as well.
        if kind == Kind::Leader && name.starts_with(char::is_lowercase) {
            let mut letters = name.chars();
            let first = letters.next().map(char::to_uppercase);
            self.add(&first.into_iter().flatten().chain(letters).collect::<String>(), kind, whose);
        }
        let mut parts = cut(name).into_iter();
        let Some(first) = parts.next() else { return };
        let rest: Vec<String> = parts.collect();
        let at = self.canonical.iter().position(|known| known == whose).unwrap_or_else(|| {
            self.canonical.push(whose.to_owned());
            self.canonical.len() - 1
        });
        let number = u16::try_from(at).unwrap_or(u16::MAX);
        self.folded.entry(folded(name)).or_insert(number);
        let names = self.names.entry(first).or_default();
        if !names.iter().any(|(known, _)| *known == rest) {
            names.push((rest, Name { kind, of: number }));
        }
    }

    /// The longest name that begins with a token; `next` gives those behind it. With the number of those.
    pub(super) fn find<'n>(&self, first: &str, next: impl Fn(usize) -> Cow<'n, str>) -> Option<(Name, usize)> {
        let names = match self.names.get(first) {
            Some(names) => names,
            None if first.contains('.') => self.names.get(&*plain(first.into()))?,
            None => return None,
        };
        let found = names.iter().find(|(rest, _)| rest.iter().enumerate().all(|(at, word)| plain(next(at)) == *word));
        found.map(|(rest, name)| (*name, rest.len()))
    }

    /// Whose name it is.
    pub(super) fn canonical(&self, name: Name) -> &str {
        self.canonical.get(usize::from(name.of)).map_or("", String::as_str)
    }

    /// Whether a noun, in singular or plural, acts for the country that stands beside it.
    pub(super) fn is_official(&self, noun: &str) -> bool {
        self.officials.contains(noun)
    }

    /// The same of two words.
    pub(super) fn is_official_pair(&self, one: &str, other: &str) -> bool {
        self.official_pairs.get(one).is_some_and(|others| others.iter().any(|known| known == other))
    }

    /// Whether a noun acts for the country that it is in.
    pub(super) fn is_local(&self, noun: &str) -> bool {
        self.locals.contains(noun)
    }

    /// Whether a country's name behind a word is part of another: `Air France`.
    pub(super) fn is_inside(&self, word: &str) -> bool {
        self.inside.contains(&word)
    }

    /// Whether a noun is something that one can be in, and leave.
    pub(super) fn is_body(&self, noun: &str) -> bool {
        self.bodies.contains(noun)
    }

    /// Whether a noun is something that is struck without hurt: a deal.
    pub(super) fn is_bargain(&self, noun: &str) -> bool {
        self.bargains.contains(noun)
    }

    /// Whether only those in power do this to somebody, and if so, whether it is of whoever says so.
    pub(super) fn of_power(&self, act: &str) -> Option<bool> {
        self.of_power.get(act).copied()
    }

    /// Whether `from` behind an act names the country that does it: `extradited from Cyprus`.
    pub(super) fn is_sent_from(&self, act: &str) -> bool {
        self.sent_from.contains(act)
    }

    /// Whether this is done to forces and envoys by their own country.
    pub(super) fn is_of_own(&self, act: &str) -> bool {
        self.of_own.contains(act)
    }

    /// Whether a noun is a title before a name.
    pub(super) fn is_title(&self, noun: &str) -> bool {
        self.persons.contains(noun)
    }
}

/// Nouns in the singular and the plural.
fn with_plurals(words: impl Iterator<Item = &'static str>) -> impl Iterator<Item = String> {
    words.flat_map(|word| {
        let changed = word.strip_suffix('y').map(|stem| format!("{stem}ies"));
        [word.to_owned(), format!("{word}s"), format!("{word}es")].into_iter().chain(changed)
    })
}
