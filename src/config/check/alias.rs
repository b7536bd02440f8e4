use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::DeValue;

use crate::config::finding::{Finding, Findings, Place};
use crate::config::written::Written;
use crate::query::Aliases;
use crate::understand::text::words;

/// `[aliases]`: names that are added to the built-in ones. What is wrong with one leaves the others known, so that queries
/// are not blamed for it.
pub(super) fn aliases(written: &Written<'_>, out: &mut Findings) -> Aliases {
    let mut aliases = Aliases::default();
    let mut first: BTreeMap<String, Place> = BTreeMap::new();
    for (source, entries) in written.aliases() {
        for (key, value) in *entries {
            let at = |span| Place { source: Arc::clone(source), span };
            let alias: &str = key.get_ref().as_ref();
            let place = at(key.span());
            let is_name = alias.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) && !alias.is_empty();
            if !is_name {
                let finding = Finding::error(&place, "an alias is letters, digits, `-` and `_`");
                out.push(finding.hint("write hungary = [\"Orbán\", \"Szijjártó\"], and @hungary in a query"));
            }
            let known = alias.to_lowercase().replace('_', "-");
            if let Some(before) = first.get(&known) {
                let finding = Finding::error(&place, format!("the alias `{alias}` is given twice"));
                out.push(finding.first_given(before.clone()).hint("write all of its names in one list"));
            }
            first.insert(known, place);
            let mut names = Vec::new();
            let parts: Vec<_> = match value.get_ref() {
                DeValue::Array(parts) if !parts.is_empty() => parts.iter().collect(),
                _ => vec![value],
            };
            for part in parts {
                match part.get_ref() {
                    DeValue::String(name) if words(name).next().is_some() && value.get_ref().is_array() => {
                        names.push(name.clone().into_owned());
                    }
                    _ => {
                        let finding = Finding::error(&at(part.span()), format!("`{alias}` must be a list of names"));
                        out.push(finding.hint(format!("write {alias} = [\"Orbán\", \"Szijjártó\"]")));
                    }
                }
            }
            aliases.add(alias, names);
        }
    }
    aliases
}
