use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Pairs whose likeness is remembered: the reports of a story are compared again with each that joins them.
const PAIRS: usize = 200_000;

/// How much two reports are alike, as far as it was computed.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// With how many reports there were then.
    known: HashMap<u64, (f32, u32), BuildHasherDefault<Numbers>>,
}

impl Pairs {
    /// What was computed when there were nearly as many reports as now.
    pub(super) fn get(&self, one: u32, other: u32, count: u32) -> Option<f32> {
        self.known.get(&pair(one, other)).filter(|(_, at)| is_fresh(*at, count)).map(|(value, _)| *value)
    }

    pub(super) fn keep(&mut self, one: u32, other: u32, value: f32, count: u32) {
        if self.known.len() >= PAIRS {
            self.known.clear();
        }
        self.known.insert(pair(one, other), (value, count));
    }
}

/// One number for two reports, whichever comes first.
fn pair(one: u32, other: u32) -> u64 {
    u64::from(one.min(other)) << 32 | u64::from(one.max(other))
}

/// Whether what was computed when there were so many reports still holds: how rare a term is changes with their number, and most
/// while there are few.
pub(super) fn is_fresh(at: u32, count: u32) -> bool {
    let part = if at < 5_000 { 20 } else { 4 };
    at.saturating_add(at / part + 2) >= count
}

/// The hash of a number that is a hash already, or a row's.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Numbers(u64);

impl Hasher for Numbers {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 29;
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_known_whichever_comes_first_until_there_are_many_more_reports() {
        let mut pairs = Pairs::default();
        pairs.keep(7, 3, 0.5, 1_000);
        assert_eq!(pairs.get(3, 7, 1_050), Some(0.5));
        assert_eq!(pairs.get(7, 3, 1_100), None);
        assert_eq!(pairs.get(3, 8, 1_000), None);
    }
}
