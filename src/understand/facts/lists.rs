//! Word lists as they lie in files: a row per line, cells parted by tabs, and `#` at the beginning of what is for people.

/// The rows of a list. Cells are trimmed; empty lines and comments are left out.
pub(in crate::understand::facts) fn rows(list: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    list.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').map(str::trim).collect())
}

/// The alternatives of a cell, parted by `|`.
pub(in crate::understand::facts) fn alternatives(cell: &'static str) -> impl Iterator<Item = &'static str> {
    cell.split('|').map(str::trim).filter(|word| !word.is_empty())
}
