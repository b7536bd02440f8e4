//! A config, put together piece by piece.

use std::fmt::Write as _;

/// What stands in the config file: tables with their keys, then what is listed under `[[…]]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    tables: Vec<(String, Vec<(String, String)>)>,
    lists: Vec<(String, Vec<(String, String)>)>,
}

impl Plan {
    /// Sets `key` in `[table]` to `value`, which is TOML. A later value replaces an earlier one.
    pub(crate) fn set(&mut self, table: &str, key: &str, value: &str) {
        let found = self.tables.iter().position(|(name, _)| name == table).unwrap_or_else(|| {
            self.tables.push((table.to_owned(), Vec::new()));
            self.tables.len() - 1
        });
        let keys = &mut self.tables[found].1;
        keys.retain(|(name, _)| name != key);
        keys.push((key.to_owned(), value.to_owned()));
    }

    /// Takes a whole table away.
    pub(crate) fn unset(&mut self, table: &str) {
        self.tables.retain(|(name, _)| name != table);
    }

    /// Adds an entry to the list `kind`. Values are TOML.
    pub(crate) fn list(&mut self, kind: &str, keys: &[(&str, &str)]) {
        let keys = keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.lists.push((kind.to_owned(), keys));
    }

    /// Takes away the entries of the list `kind` that have this name.
    pub(crate) fn unlist(&mut self, kind: &str, name: &str) {
        let name = quoted(name);
        self.lists.retain(|(known, keys)| known != kind || !keys.contains(&("name".to_owned(), name.clone())));
    }

    /// The file.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let tables = self.tables.iter().map(|(name, keys)| (format!("[{name}]"), keys));
        for (head, keys) in tables.chain(self.lists.iter().map(|(name, keys)| (format!("[[{name}]]"), keys))) {
            let _ = writeln!(text, "{head}");
            for (key, value) in keys {
                let _ = writeln!(text, "{key} = {value}");
            }
            text.push('\n');
        }
        text
    }
}

/// A TOML string. Literal where that is possible, as a user would write a query.
pub(crate) fn quoted(text: &str) -> String {
    if text.contains('\'') || text.contains(char::is_control) { format!("{text:?}") } else { format!("'{text}'") }
}
