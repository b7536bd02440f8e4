use crate::understand::text::{is_part, may_open};

/// So many bits for each word leave one in sixteen of those that are not there.
const BITS_PER_WORD: usize = 16;

/// An odd number whose powers differ in all bits.
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// `BASE` to the power of each length that a part of a word may have.
const POWERS: [u64; 64] = {
    let mut powers = [1_u64; 64];
    let mut length = 1;
    while length < powers.len() {
        powers[length] = powers[length - 1].wrapping_mul(BASE);
        length += 1;
    }
    powers
};

/// What is needed to see quickly whether two words together may be one that is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Joint {
    /// A polynomial of the word's bytes: that of two words together comes of those of each.
    hash: u64,
    /// In bytes; 0 for a word that is too long to be a part of another.
    length: u8,
    opens: bool,
    closes: bool,
}

impl Joint {
    /// Of a folded word.
    pub(super) fn of(folded: &str) -> Self {
        let hash = folded.bytes().fold(0_u64, |hash, byte| hash.wrapping_mul(BASE).wrapping_add(u64::from(byte) + 1));
        let length = u8::try_from(folded.len()).ok().filter(|length| usize::from(*length) < POWERS.len()).unwrap_or(0);
        Self { hash, length, opens: may_open(folded), closes: length > 0 && is_part(folded) }
    }
}

/// The words that are looked for, as bits: it may take a word for one of them, but misses none.
#[derive(Debug)]
pub(super) struct Joints {
    bits: Box<[u64]>,
    shift: u32,
}

impl Joints {
    /// Of folded words.
    pub(super) fn of<'a>(words: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let count = (words.len() * BITS_PER_WORD).next_power_of_two().max(64);
        let mut joints = Self { bits: vec![0; count / 64].into_boxed_slice(), shift: 64 - count.trailing_zeros() };
        for word in words {
            let bit = joints.bit(Joint::of(word).hash);
            joints.bits[bit / 64] |= 1 << (bit % 64);
        }
        joints
    }

    /// Whether one and the next together may be one of the words.
    pub(super) fn may_have(&self, one: Joint, next: Joint) -> bool {
        if !(one.opens && next.closes) {
            return false;
        }
        let bit = self.bit(one.hash.wrapping_mul(POWERS[usize::from(next.length)]).wrapping_add(next.hash));
        self.bits[bit / 64] & (1 << (bit % 64)) != 0
    }

    /// The upper bits of a product depend on all of the number.
    fn bit(&self, hash: u64) -> usize {
        usize::try_from((hash ^ (hash >> 32)).wrapping_mul(BASE) >> self.shift).unwrap_or_default()
    }
}
