use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::understand::text::fold;

/// The countries of the world; the file says where its names come from.
const COUNTRIES: &str = include_str!("countries.txt");

/// Large organisations.
const ORGANISATIONS: &str = include_str!("organisations.txt");

static BUILT_IN: LazyLock<BTreeMap<&'static str, Arc<[String]>>> = LazyLock::new(built_in);

/// What `@name` stands for: the built-in names, and those that a user adds to them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases {
    own: BTreeMap<String, Arc<[String]>>,
}

impl Aliases {
    /// Adds names to an alias, or makes it. Case and accents of its own name do not matter, and `_` is `-`.
    pub fn add(&mut self, alias: &str, names: impl IntoIterator<Item = String>) {
        let mut all = self.names(alias).map(|names| names.to_vec()).unwrap_or_default();
        for name in names {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        self.own.insert(key(alias), all.into());
    }

    /// The names that `@alias` stands for.
    pub fn names(&self, alias: &str) -> Option<Arc<[String]>> {
        let key = key(alias);
        self.own.get(&key).or_else(|| BUILT_IN.get(key.as_str())).cloned()
    }

    /// All aliases, in the order of the alphabet.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.own.keys().map(String::as_str).chain(BUILT_IN.keys().copied())
    }
}

fn key(alias: &str) -> String {
    alias.split(['-', '_']).map(fold).collect::<Vec<_>>().join("-")
}

fn built_in() -> BTreeMap<&'static str, Arc<[String]>> {
    let mut aliases = BTreeMap::new();
    let lines = COUNTRIES.lines().chain(ORGANISATIONS.lines()).filter(|line| !line.starts_with('#'));
    for (keys, names) in lines.filter_map(|line| line.split_once('=')) {
        let mut all: Vec<String> = Vec::new();
        for name in names.split([';', '/']) {
            if !all.iter().any(|known| known == name) {
                all.push(name.to_owned());
            }
        }
        let all: Arc<[String]> = all.into();
        aliases.extend(keys.split(',').map(|key| (key, Arc::clone(&all))));
    }
    aliases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_its_five_kinds_of_names_and_no_key_is_given_twice() {
        let mut keys = Vec::new();
        let lines = || COUNTRIES.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines().count(), 193 + 2 + 2);
        for line in lines().chain(ORGANISATIONS.lines().filter(|line| !line.starts_with('#'))) {
            let (of, names) = line.split_once('=').unwrap();
            keys.extend(of.split(','));
            assert!(names.split([';', '/']).all(|name| !name.is_empty() && name.trim() == name), "{line}");
        }
        assert!(lines().all(|line| line.split(';').count() == 5));
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
        assert!(keys.iter().all(|alias| key(alias) == **alias));
    }

    #[test]
    fn names_are_added_to_the_built_in_ones() {
        let mut aliases = Aliases::default();
        assert!(aliases.names("South_Korea").unwrap().contains(&"Seoul".to_owned()));
        aliases.add("Hungary", ["Orbán".to_owned()]);
        let names = aliases.names("hungary").unwrap();
        for name in ["Hungary", "Hungarian", "Hungarians", "Budapest", "Orbán"] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
        assert_eq!(aliases.names("nowhere"), None);
    }
}
