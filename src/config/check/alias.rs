use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::de::DeValue;

use crate::config::finding::{Finding, Findings, Place};
use crate::config::written::Written;
use crate::query::Aliases;
use crate::understand::text::words;

/// One of `[aliases]` as it is written.
struct Entry {
    alias: String,
    place: Place,
    /// Its names and, with an `@`, the aliases whose names it takes over.
    names: Vec<(String, Place)>,
}

/// `[aliases]`: names that are added to the built-in ones. What is wrong with one leaves the others known, so that queries
/// are not blamed for it.
pub(super) fn aliases(written: &Written<'_>, out: &mut Findings) -> Aliases {
    let entries = entries(written, out);
    let mut aliases = Aliases::default();
    // All are known before one takes over another's names.
    for entry in entries.values() {
        let names = entry.names.iter().map(|(name, _)| name.clone()).filter(|name| !name.starts_with('@'));
        aliases.add(&entry.alias, names);
    }
    let plain = aliases.clone();
    for (known, entry) in &entries {
        let taken = taken_over(&entries, known).into_iter().filter_map(|alias| plain.names(alias));
        aliases.add(&entry.alias, taken.flat_map(|names| names.to_vec()).collect::<Vec<_>>());
        for (name, place) in &entry.names {
            if let Some(finding) = fault(&entries, known, name, place, &plain) {
                out.push(finding);
            }
        }
    }
    aliases
}

fn entries(written: &Written<'_>, out: &mut Findings) -> BTreeMap<String, Entry> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for (source, all) in written.aliases() {
        for (key, value) in *all {
            let at = |span| Place { source: Arc::clone(source), span };
            let alias: &str = key.get_ref().as_ref();
            let place = at(key.span());
            let is_name = alias.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) && !alias.is_empty();
            if !is_name {
                let finding = Finding::error(&place, "an alias is letters, digits, `-` and `_`");
                out.push(finding.hint("write hungary = [\"Orbán\", \"Szijjártó\"], and @hungary in a query"));
            }
            let mut names = Vec::new();
            let parts: Vec<_> = match value.get_ref() {
                DeValue::Array(parts) if !parts.is_empty() => parts.iter().collect(),
                _ => vec![value],
            };
            for part in parts {
                match part.get_ref() {
                    DeValue::String(name) if words(name).next().is_some() && value.get_ref().is_array() => {
                        names.push((name.clone().into_owned(), at(part.span())));
                    }
                    _ => {
                        let finding = Finding::error(&at(part.span()), format!("`{alias}` must be a list of names"));
                        out.push(finding.hint(format!("write {alias} = [\"Orbán\", \"Szijjártó\"]")));
                    }
                }
            }
            let known = Aliases::key(alias);
            if let Some(before) = entries.get_mut(&known) {
                let finding = Finding::error(&place, format!("the alias `{alias}` is given twice"));
                out.push(finding.first_given(before.place.clone()).hint("write all of its names in one list"));
                before.names.append(&mut names);
                continue;
            }
            entries.insert(known, Entry { alias: alias.to_owned(), place, names });
        }
    }
    entries
}

impl Entry {
    /// The aliases whose names it takes over.
    fn others(&self) -> impl Iterator<Item = &str> {
        self.names.iter().filter_map(|(name, _)| name.strip_prefix('@'))
    }
}

/// The aliases whose names an alias takes over, and those whose names these do, as they are written; each entry is looked into
/// once. However long a chain of them is, it takes no room on the stack.
fn taken_over<'e>(entries: &'e BTreeMap<String, Entry>, known: &str) -> Vec<&'e str> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([known.to_owned()]);
    let mut open: Vec<&Entry> = entries.get(known).into_iter().collect();
    while let Some(entry) = open.pop() {
        for alias in entry.others() {
            found.push(alias);
            let key = Aliases::key(alias);
            if let Some(next) = entries.get(&key).filter(|_| seen.insert(key)) {
                open.push(next);
            }
        }
    }
    found
}

/// What is wrong with a name in the list of an alias.
fn fault(entries: &BTreeMap<String, Entry>, of: &str, name: &str, place: &Place, plain: &Aliases) -> Option<Finding> {
    let Some(alias) = name.strip_prefix('@') else {
        let is_query = name.starts_with('=')
            || name.ends_with('*')
            || (name.len() > 2 && name.starts_with('/') && name.ends_with('/'))
            || name.split_whitespace().any(|word| word.len() > 1 && word.starts_with('@'));
        return is_query.then(|| {
            Finding::error(place, "an alias lists names and other aliases, and no queries")
                .hint("write \"Orbán\" for a name, \"@hungary\" for all names of an alias; the rest goes into `when`")
        });
    };
    if plain.names(alias).is_none() {
        let finding = Finding::error(place, format!("there is no alias `@{alias}`"));
        return Some(match plain.nearest(alias) {
            Some(near) => finding.hint(format!("did you mean \"@{near}\"?")),
            None if alias.contains(char::is_whitespace) => {
                finding.hint("write the alias as an entry of its own, and the words as another")
            }
            None => finding.hint(format!("to look for these words, write \"{alias}\"")),
        });
    }
    leads_back(entries, &Aliases::key(alias), of).then(|| {
        Finding::error(place, format!("`{of}` takes over its own names through `@{alias}`"))
            .hint("take one of the two out of the other's list")
    })
}

/// Whether an alias is another or takes over its names.
fn leads_back(entries: &BTreeMap<String, Entry>, from: &str, to: &str) -> bool {
    from == to || taken_over(entries, from).into_iter().any(|alias| Aliases::key(alias) == to)
}
