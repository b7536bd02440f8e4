//! A hash for short words that nobody outside chooses to make collide: the keys are our own lists.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map from words.
pub(super) type Words<K, V> = HashMap<K, V, BuildHasherDefault<Fnv>>;

/// A set of words.
pub(super) type Set<K> = HashSet<K, BuildHasherDefault<Fnv>>;

/// FNV-1a.
#[derive(Debug, Clone)]
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        // The map takes its bits from the top and from the bottom.
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
