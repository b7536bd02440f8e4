//! Chance from a seed.

/// The next roll (splitmix64).
pub(crate) fn next(dice: &mut u64) -> u64 {
    *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*dice ^ (*dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

pub(crate) fn shuffle(order: &mut [usize], seed: u64) {
    let mut dice = seed.wrapping_add(1);
    for at in (1..order.len()).rev() {
        order.swap(at, usize::try_from(next(&mut dice) % (at as u64 + 1)).unwrap_or(0));
    }
}
