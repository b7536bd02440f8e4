//! Word lists as they lie in files: a row per line, cells parted by tabs, and `#` at the beginning of what is for people.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map from words that is quick to ask; what is asked for comes from texts, but what is in it is ours.
pub(in crate::understand::facts) type WordMap<V> = HashMap<&'static str, V, BuildHasherDefault<Fnv>>;

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

/// Fowler, Noll and Vo's hash, 64 bits, 1a.
#[derive(Debug, Clone, Copy)]
pub(in crate::understand::facts) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
