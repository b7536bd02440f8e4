use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, LazyLock};

use super::fact::Rates;
use super::mistake::closest;
use crate::understand::text::{fold, words};
use crate::understand::words::names;

static BUILT_IN: LazyLock<BTreeMap<&'static str, Arc<[String]>>> = LazyLock::new(built_in);

/// What `@name` stands for: the built-in names, and those that a user adds to them.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    own: BTreeMap<String, Arc<[String]>>,
    rates: Rates,
}

impl Aliases {
    /// Adds names to an alias, or makes it. Case and accents of its own name do not matter, and `_` is `-`.
    pub fn add(&mut self, alias: &str, names: impl IntoIterator<Item = String>) {
        let known = self.names(alias).unwrap_or_default();
        let mut seen: HashSet<&str> = HashSet::new();
        let names: Vec<String> = names.into_iter().collect();
        let all: Vec<String> = known.iter().chain(&names).filter(|name| seen.insert(name)).cloned().collect();
        self.own.insert(Self::key(alias), all.into());
    }

    /// What aliases are compared by: two that have the same are one.
    pub fn key(alias: &str) -> String {
        alias.split(['-', '_']).map(fold).collect::<Vec<_>>().join("-")
    }

    /// The alias, built in or made, that is written most like one that there is not.
    pub fn nearest(&self, alias: &str) -> Option<&str> {
        closest(alias, self.all())
    }

    /// What one unit of each currency is worth, all in one measure, for `amount(…)`.
    pub fn set_rates(&mut self, rates: BTreeMap<String, f64>) {
        self.rates = Rates(Arc::new(rates));
    }

    /// As [`Aliases::set_rates`] was told.
    pub(super) fn rates(&self) -> Rates {
        self.rates.clone()
    }

    /// The names that `@alias` stands for.
    pub fn names(&self, alias: &str) -> Option<Arc<[String]>> {
        let key = Self::key(alias);
        self.own.get(&key).or_else(|| BUILT_IN.get(key.as_str())).cloned()
    }

    /// The alias of a country or organisation of which this is a name, where a user has added names to it. A name of one that
    /// another takes over stays its own: where `eu` lists `@hungary`, Hungary is not the EU.
    pub(super) fn added_to(&self, name: &str) -> Option<(&str, Arc<[String]>)> {
        let folded = |name: &str| words(name).map(|word| fold(word.surface).into_owned()).collect::<Vec<_>>();
        let name = folded(name);
        let has = |names: &[String]| names.iter().any(|known| folded(known) == name);
        let built_in = || BUILT_IN.values().filter(|names| has(names));
        let is_another_s = |key: &str| {
            let mut whose = built_in().peekable();
            whose.peek().is_some() && BUILT_IN.get(key).is_none_or(|own| whose.all(|names| names != own))
        };
        let own = self
            .own
            .iter()
            .find(|(key, names)| BUILT_IN.contains_key(key.as_str()) && has(names) && !is_another_s(key))?;
        Some((own.0.as_str(), Arc::clone(own.1)))
    }

    /// The aliases that a user has made or added to, each as what an actor is called first and all names for it.
    pub fn actors(&self) -> Vec<(String, Vec<String>)> {
        self.own.values().filter_map(|names| Some((names.first()?.clone(), names.to_vec()))).collect()
    }

    /// Each alias that a query can name, and what it stands for; those of a user first.
    pub fn listed(&self) -> impl Iterator<Item = (&str, &[String])> {
        let own = self.own.iter().map(|(key, names)| (key.as_str(), &**names));
        let built_in = BUILT_IN.iter().filter(|(key, _)| !self.own.contains_key(**key));
        own.chain(built_in.map(|(key, names)| (*key, &**names)))
    }

    /// Whether a user has made it or added to it.
    pub fn is_own(&self, alias: &str) -> bool {
        self.own.contains_key(&Self::key(alias))
    }

    /// All aliases, in the order of the alphabet.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.own.keys().map(String::as_str).chain(BUILT_IN.keys().copied())
    }
}

fn built_in() -> BTreeMap<&'static str, Arc<[String]>> {
    let mut aliases = BTreeMap::new();
    for named in names::countries().chain(names::organisations()) {
        let all: Arc<[String]> = named.all().into_iter().map(str::to_owned).collect();
        aliases.extend(named.keys.into_iter().map(|key| (key, Arc::clone(&all))));
    }
    aliases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_keys_are_written_as_they_are_looked_up() {
        assert!(BUILT_IN.keys().all(|alias| Aliases::key(alias) == **alias));
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

    #[test]
    fn a_name_that_is_taken_over_stays_whose_it_is() {
        let mut aliases = Aliases::default();
        let hungary = aliases.names("hungary").unwrap().to_vec();
        aliases.add("eu", hungary.iter().cloned().chain(["Berlaymont".to_owned()]));
        let whose = |aliases: &Aliases, name: &str| aliases.added_to(name).map(|(alias, _)| alias.to_owned());
        assert_eq!(whose(&aliases, "hungary"), None);
        assert_eq!(whose(&aliases, "Budapest"), None);
        assert_eq!(whose(&aliases, "berlaymont"), Some("eu".to_owned()));
        assert_eq!(whose(&aliases, "European Union"), Some("eu".to_owned()));
        aliases.add("hungary", ["Fidesz".to_owned()]);
        assert_eq!(whose(&aliases, "hungary"), Some("hungary".to_owned()));
        assert_eq!(whose(&aliases, "fidesz"), Some("hungary".to_owned()));
    }
}
