//! The names of countries and of large organisations.

/// The countries of the world; the file says where its names come from.
const COUNTRIES: &str = include_str!("countries.txt");

/// Large organisations.
const ORGANISATIONS: &str = include_str!("organisations.txt");

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

/// The organisations, which have names only.
pub fn organisations() -> impl Iterator<Item = Named> {
    lines(ORGANISATIONS)
}

fn lines(text: &'static str) -> impl Iterator<Item = Named> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')).map(|(keys, names)| {
        let mut kinds = names.split(';').map(|names| names.split('/').collect());
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
