use super::report::hash;
use crate::item::Report;

/// Hashes that are kept of a text's shingles; a short text keeps all.
const SKETCH: usize = 32;

/// Words in a row that make a shingle.
const SHINGLE: usize = 3;

/// Shingles that must be compared before two texts can be called copies.
const COMPARED_MIN: usize = 8;

/// Shared shingles, in hundredths of those of the shorter text, that make a copy.
const COPY: usize = 60;

/// A sample of the shingles of a text: of every hash below the last one it says whether the text has it.
pub(super) fn sketch<'a>(words: impl Iterator<Item = &'a str>) -> Vec<u32> {
    let words: Vec<&str> = words.collect();
    let mut hashes: Vec<u32> = words.windows(SHINGLE).map(|row| hash(&[row[0], " ", row[1], " ", row[2]])).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(SKETCH);
    hashes
}

/// Whether one text is a copy of the other, or of a part of it: a wire report in two papers.
pub fn is_copy(one: &Report, other: &Report) -> bool {
    let (shared, of) = compare(&one.sketch, &other.sketch, u32::MAX, COPY);
    of >= COMPARED_MIN && shared * 100 >= of * COPY
}

/// A sample as it is remembered: half of each hash tells two shingles apart well enough, where a tenth of all must be the same to
/// matter, and the texts are no books, whose smallest hashes all lie close together.
pub(super) fn coarse(sketch: &[u32]) -> Box<[u16]> {
    let half = |hash: &u32| u16::try_from(hash >> 16).unwrap_or(u16::MAX);
    sketch.iter().take(SKETCH).map(half).collect()
}

/// Shared hashes, and those of the text that has fewer in the range that both samples cover. Where fewer than `needed` in a hundred
/// are shared it stops counting. No hash is above `end`.
pub(super) fn compare<T: Copy + Ord>(one: &[T], other: &[T], end: T, needed: usize) -> (usize, usize) {
    let last = |sketch: &[T]| if sketch.len() < SKETCH { end } else { sketch.last().copied().unwrap_or(end) };
    let range = last(one).min(last(other));
    let one = &one[..one.partition_point(|hash| *hash <= range)];
    let other = &other[..other.partition_point(|hash| *hash <= range)];
    let of = one.len().min(other.len());
    let (mut a, mut b, mut shared) = (0, 0, 0);
    // Most steps meet nothing, and whose turn it is cannot be foreseen: so the turn is computed, not branched on.
    while let (Some(mine), Some(theirs)) = (one.get(a), other.get(b)) {
        shared += usize::from(mine == theirs);
        a += usize::from(mine <= theirs);
        b += usize::from(theirs <= mine);
        if (shared + (one.len() - a).min(other.len() - b)) * 100 < of * needed {
            break;
        }
    }
    (shared, of)
}
