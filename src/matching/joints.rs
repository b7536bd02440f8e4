use crate::understand::text::{is_part, may_open};

/// So many bits for each word leave one in sixteen of those that are not there.
const BITS_PER_WORD: usize = 16;

/// An odd number whose powers differ in all bits.
const BASE: u32 = 0x9E37_79B1;

/// A part of a word has no more bytes.
const LENGTH_MAX: usize = 63;

/// `BASE` to the power of each length that a part of a word may have.
const POWERS: [u32; LENGTH_MAX + 1] = {
    let mut powers = [1_u32; LENGTH_MAX + 1];
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
    hash: u32,
    /// The length in bytes; the two bits above it tell whether the word may come first, and whether it may come second.
    shape: u8,
}

/// The word may come first.
const OPENS: u8 = 1 << 6;

/// The word may come second.
const CLOSES: u8 = 1 << 7;

impl Joint {
    /// Of a folded word.
    pub(super) fn of(folded: &str) -> Self {
        let length = u8::try_from(folded.len()).ok().filter(|length| usize::from(*length) <= LENGTH_MAX).unwrap_or(0);
        let opens = if length > 0 && may_open(folded) { OPENS } else { 0 };
        let closes = if length > 0 && is_part(folded) { CLOSES } else { 0 };
        Self { hash: polynomial(folded), shape: length | opens | closes }
    }

    /// From what [`Joint::parts`] gave.
    pub(super) fn from_parts(hash: u32, shape: u8) -> Self {
        Self { hash, shape }
    }

    /// For whoever has little room.
    pub(super) fn parts(self) -> (u32, u8) {
        (self.hash, self.shape)
    }

    fn length(self) -> usize {
        usize::from(self.shape) & LENGTH_MAX
    }
}

fn polynomial(folded: &str) -> u32 {
    folded.bytes().fold(0, |hash: u32, byte| hash.wrapping_mul(BASE).wrapping_add(u32::from(byte) + 1))
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
            let bit = joints.bit(polynomial(word));
            joints.bits[bit / 64] |= 1 << (bit % 64);
        }
        joints
    }

    /// Whether one and the next together may be one of the words.
    pub(super) fn may_have(&self, one: Joint, next: Joint) -> bool {
        if one.shape & OPENS == 0 || next.shape & CLOSES == 0 {
            return false;
        }
        let bit = self.bit(one.hash.wrapping_mul(POWERS[next.length()]).wrapping_add(next.hash));
        self.bits[bit / 64] & (1 << (bit % 64)) != 0
    }

    /// The upper bits of a product depend on all of the number.
    fn bit(&self, hash: u32) -> usize {
        usize::try_from(u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift).unwrap_or_default()
    }
}
