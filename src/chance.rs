//! Randomness, as an argument: jitter that a test can repeat, and secrets that nobody can.

use std::sync::atomic::{AtomicU64, Ordering};

/// Where jitter comes from.
///
/// Not for secrets: see [`secret`].
#[derive(Debug)]
pub struct Chance {
    state: AtomicU64,
}

impl Chance {
    /// The same seed gives the same sequence.
    pub fn seeded(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }

    /// Seeded by the system.
    pub fn from_system() -> Self {
        let bytes = secret::<8>();
        Self::seeded(u64::from_le_bytes(bytes))
    }

    /// Evenly spread over `0.0..1.0`.
    pub fn unit(&self) -> f64 {
        // SplitMix64 (Steele, Lea, Flood 2014): one addition makes it safe to share without a lock.
        let mut z = self.state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed).wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
        let unit = (z >> 11) as f64 / (1_u64 << 53) as f64;
        unit
    }
}

/// Bytes that cannot be guessed, from the system.
///
/// # Panics
/// When the system has no randomness to give, which no supported system does after boot.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub fn secret<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_sequence_and_stays_in_the_unit_interval() {
        let (one, other) = (Chance::seeded(7), Chance::seeded(7));
        for _ in 0..1000 {
            let unit = one.unit();
            assert!((0.0..1.0).contains(&unit));
            assert_eq!(unit.to_bits(), other.unit().to_bits());
        }
    }
}
