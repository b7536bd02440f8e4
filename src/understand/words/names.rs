//! The names of countries and of large organisations.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::understand::text::words;

/// The countries of the world; the file says where its names come from.
const COUNTRIES: &str = include_str!("countries.txt");

/// Large organisations.
const ORGANISATIONS: &str = include_str!("organisations.txt");

/// Regions that have a country's name in theirs and are not that country; the file says more.
const REGIONS: &str = include_str!("regions.txt");

/// What has such a name in it and is something else; the file says more.
const NAMESAKES: &str = include_str!("namesakes.txt");

/// A longer name, and how many of its words stand before the name inside it and behind that.
type Around = (&'static str, usize, usize);

/// Longer names of countries and regions by the names inside them, folded: each with how many of its words stand before
/// that name and behind it.
static AROUND: LazyLock<HashMap<String, Vec<Around>>> = LazyLock::new(|| {
    let mut around: HashMap<String, Vec<_>> = HashMap::new();
    let mut seen = HashSet::new();
    for named in countries().chain(regions()) {
        // A name inside a longer one of the same country is nobody else's.
        let own: HashSet<String> = named.names.iter().chain(&named.capitals).map(|name| folded(name)).collect();
        for name in named.all().into_iter().filter(|name| seen.insert(*name)) {
            let parts: Vec<_> = words(name).map(|word| word.folded()).collect();
            for first in 0..parts.len() {
                for next in first + 1..=parts.len() {
                    let inner = parts[first..next].join(" ");
                    if next - first < parts.len() && !own.contains(&inner) {
                        around.entry(inner).or_default().push((name, first, parts.len() - next));
                    }
                }
            }
        }
    }
    for (name, (longer, before, behind)) in namesakes() {
        around.entry(folded(name)).or_default().push((longer, before, behind));
    }
    around
});

/// Each name with what has it in it and is something else. They are made once in a program's life.
fn namesakes() -> Vec<(&'static str, Around)> {
    let lines = || NAMESAKES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let list = |name: &str| lines().find(|(known, _)| *known == name).map_or("", |(_, list)| list).split('/');
    let mut all = Vec::new();
    for (name, places) in lines().filter(|(name, _)| !name.starts_with('$')) {
        for place in places.split('/') {
            let Some((before, behind)) = place.split_once('~') else { continue };
            let filled = |part: &'static str| -> Vec<&'static str> {
                if part.trim().starts_with('$') { list(part.trim()).collect() } else { vec![part.trim()] }
            };
            for before in filled(before) {
                for behind in filled(behind) {
                    let longer = String::leak([before, name, behind].join(" ").trim().to_owned());
                    all.push((name, (&*longer, words(before).count(), words(behind).count())));
                }
            }
        }
    }
    all
}

/// The words of a name, folded.
fn folded(name: &str) -> String {
    words(name).map(|word| word.folded()).collect::<Vec<_>>().join(" ")
}

/// The longer names that hold a name, mean somebody else, and are not among `own`: South Sudan for Sudan, Michael Jordan for
/// Jordan. With each, how many of its words stand before the name and behind it.
pub fn names_around<'n>(name: &str, own: &'n [String]) -> impl Iterator<Item = (&'static str, usize, usize)> + use<'n> {
    let around = AROUND.get(&folded(name)).map_or(&[][..], Vec::as_slice);
    around.iter().copied().filter(|(longer, ..)| !own.iter().any(|own| own == longer))
}

/// A country or an organisation with its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What a query calls it behind `@`.
    pub keys: Vec<&'static str>,
    /// Its names; the first is its common one.
    pub names: Vec<&'static str>,
    /// How a country calls itself in full.
    pub official: Vec<&'static str>,
    /// `Hungarian`.
    pub adjectives: Vec<&'static str>,
    /// `Hungarians`.
    pub people: Vec<&'static str>,
    /// Its capital.
    pub capitals: Vec<&'static str>,
}

impl Named {
    /// Every name, of whatever kind, each once.
    pub fn all(&self) -> Vec<&'static str> {
        let mut all: Vec<&str> = Vec::new();
        for name in [&self.names, &self.official, &self.adjectives, &self.people, &self.capitals].into_iter().flatten()
        {
            if !all.contains(name) {
                all.push(name);
            }
        }
        all
    }
}

/// The countries.
pub fn countries() -> impl Iterator<Item = Named> {
    lines(COUNTRIES)
}

/// Regions that have a country's name in theirs, with fewer names of their own than countries have.
pub fn regions() -> impl Iterator<Item = Named> {
    lines(REGIONS)
}

/// The organisations, which have names only.
pub fn organisations() -> impl Iterator<Item = Named> {
    lines(ORGANISATIONS)
}

fn lines(text: &'static str) -> impl Iterator<Item = Named> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).map(|(keys, names)| {
        let mut kinds = names.split(';').map(|names| names.split('/').filter(|name| !name.is_empty()).collect());
        let mut next = || kinds.next().unwrap_or_default();
        Named {
            keys: keys.split(',').collect(),
            names: next(),
            official: next(),
            adjectives: next(),
            people: next(),
            capitals: next(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_names_of_others_are_known() {
        let around = |name: &str| names_around(name, &[]).map(|(name, ..)| name).collect::<Vec<_>>();
        assert!(around("Sudan").contains(&"South Sudan"));
        assert!(names_around("Guinea", &[]).any(|found| found == ("Papua New Guinea", 2, 0)));
        assert!(names_around("Guinea", &[]).any(|found| found == ("Guinea-Bissau", 0, 1)));
        assert!(around("American").contains(&"Latin American"));
        assert!(around("Dominican").contains(&"Dominican Republic"));
        let own = ["Mexico City".to_owned()];
        assert!(names_around("Mexico", &own).all(|(name, ..)| name != "Mexico City"));
        assert_eq!(around("Poland"), [""; 0], "its own full name is nobody else's");
    }

    #[test]
    fn namesakes_are_written_as_they_are_read() {
        let lines = NAMESAKES.lines().filter(|line| !line.starts_with('#'));
        for (name, places) in lines.filter_map(|line| line.split_once('=')).filter(|(name, _)| !name.starts_with('$')) {
            let is_known = countries().any(|named| named.all().contains(&name));
            assert!(is_known && places.split('/').all(|place| place.matches('~').count() == 1), "{name}");
        }
        assert!(names_around("Jordan", &[]).any(|found| found == ("Michael Jordan", 1, 0)));
        assert!(names_around("jordan", &[]).any(|found| found == ("Jordan Henderson", 0, 1)));
        assert!(names_around("Henderson", &[]).all(|(name, ..)| name != "Jordan Henderson"));
        assert!(names_around("Georgia", &[]).any(|found| found == ("University of Georgia", 2, 0)));
    }

    #[test]
    fn every_country_has_its_five_kinds_of_names_and_no_key_is_given_twice() {
        assert_eq!(countries().count(), 193 + 2 + 2);
        let mut keys = Vec::new();
        for named in countries() {
            for kind in [&named.names, &named.official, &named.adjectives, &named.people, &named.capitals] {
                assert!(!kind.is_empty(), "{named:?}");
            }
        }
        for named in countries().chain(organisations()) {
            assert!(named.all().iter().all(|name| !name.is_empty() && name.trim() == *name), "{named:?}");
            keys.extend(named.keys);
        }
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}
