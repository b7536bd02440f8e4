use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::de::DeValue;

use crate::config::finding::{Finding, Findings, Place};
use crate::config::written::Written;
use crate::query::Aliases;
use crate::understand::text::words;

/// Names of all aliases that take over others'. Where each alias of a chain has a name of its own, they come to the square of
/// its length.
const NAMES_MAX: usize = 1_000_000;

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
    let groups = Groups::of(&entries);
    let mut names = Names { plain: &plain, of_group: Vec::new(), count: 0 };
    let mut is_full = false;
    for group in &groups.members {
        is_full |= !names.add(group, &groups);
    }
    for (at, (known, entry)) in groups.entries.iter().enumerate() {
        if entry.others().next().is_some() {
            aliases.add(&entry.alias, names.of_group[groups.of[at]].iter().cloned());
        }
        for (name, place) in &entry.names {
            if let Some(finding) = fault(&groups, at, known, name, place, &plain) {
                out.push(finding);
            }
        }
    }
    if is_full && let Some((_, entry)) = groups.entries.first() {
        let message = format!("the names that aliases take over from others come to more than {NAMES_MAX}");
        out.push(
            Finding::error(&entry.place, message).hint("let fewer aliases take over others, or in shorter chains"),
        );
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

/// The aliases of a config in groups: those that take over each other's names are one group, and each group stands behind
/// those whose names it takes over.
struct Groups<'e> {
    entries: Vec<(&'e str, &'e Entry)>,
    /// Of which entries each group is.
    members: Vec<Vec<usize>>,
    /// The group of each entry.
    of: Vec<usize>,
}

impl<'e> Groups<'e> {
    /// By Tarjan's algorithm, which goes through each entry once. However long a chain of aliases is, it takes no room on the
    /// stack.
    fn of(entries: &'e BTreeMap<String, Entry>) -> Self {
        const UNSEEN: usize = usize::MAX;
        let entries: Vec<_> = entries.iter().map(|(key, entry)| (key.as_str(), entry)).collect();
        let mut groups = Self { members: Vec::new(), of: vec![UNSEEN; entries.len()], entries };
        let others: Vec<Vec<usize>> = groups
            .entries
            .iter()
            .map(|(_, entry)| entry.others().filter_map(|alias| groups.find(alias)).collect())
            .collect();
        let (mut order, mut lowest) = (vec![UNSEEN; others.len()], vec![UNSEEN; others.len()]);
        let (mut count, mut open) = (0, Vec::new());
        for root in 0..others.len() {
            let mut path = if order[root] == UNSEEN { vec![(root, 0)] } else { Vec::new() };
            while let Some((at, next)) = path.pop() {
                if next == 0 {
                    (order[at], lowest[at]) = (count, count);
                    count += 1;
                    open.push(at);
                } else {
                    lowest[at] = lowest[at].min(lowest[others[at][next - 1]]);
                }
                match others[at].get(next) {
                    Some(&other) => {
                        path.push((at, next + 1));
                        if order[other] == UNSEEN {
                            path.push((other, 0));
                        } else if groups.of[other] != UNSEEN {
                            // It belongs to a group that is whole.
                            lowest[other] = UNSEEN;
                        }
                    }
                    None if lowest[at] == order[at] => {
                        let start = open.iter().rposition(|member| *member == at).unwrap_or_default();
                        let members = open.split_off(start);
                        for member in &members {
                            groups.of[*member] = groups.members.len();
                        }
                        groups.members.push(members);
                    }
                    None => {}
                }
            }
        }
        groups
    }

    /// The entry of an alias, where the config has one.
    fn find(&self, alias: &str) -> Option<usize> {
        let key = Aliases::key(alias);
        self.entries.binary_search_by(|(known, _)| (*known).cmp(&key)).ok()
    }
}

/// What the aliases of each group stand for, in the order of the groups.
struct Names<'a> {
    plain: &'a Aliases,
    of_group: Vec<Arc<[String]>>,
    /// How many names were looked at.
    count: usize,
}

impl Names<'_> {
    /// Takes in the next group; whether that can still be done.
    fn add(&mut self, group: &[usize], groups: &Groups<'_>) -> bool {
        let own = self.of_group.len();
        let mut lists = Vec::new();
        let mut taken = BTreeSet::new();
        for &member in group {
            let (_, entry) = groups.entries[member];
            lists.extend(self.plain.names(&entry.alias));
            for alias in entry.others() {
                match groups.find(alias).map(|other| groups.of[other]) {
                    Some(other) if other != own && taken.insert(other) => lists.push(Arc::clone(&self.of_group[other])),
                    Some(_) => {}
                    None => lists.extend(self.plain.names(alias)),
                }
            }
        }
        self.count += lists.iter().map(|list| list.len()).sum::<usize>();
        let fits = self.count <= NAMES_MAX;
        lists.truncate(if fits { lists.len() } else { 0 });
        let mut seen = BTreeSet::new();
        let names = lists.iter().flat_map(|list| list.iter()).filter(|name| seen.insert(name.as_str())).cloned();
        self.of_group.push(names.collect());
        fits
    }
}

/// What is wrong with a name in the list of an alias.
fn fault(groups: &Groups<'_>, at: usize, of: &str, name: &str, place: &Place, plain: &Aliases) -> Option<Finding> {
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
    let leads_back = groups.find(alias).is_some_and(|other| groups.of[other] == groups.of[at]);
    leads_back.then(|| {
        Finding::error(place, format!("`{of}` takes over its own names through `@{alias}`"))
            .hint("take one of the two out of the other's list")
    })
}
