//! How much of a text is found again: 4-word shingles as multisets. Shared by the example and by the test.

use std::collections::HashMap;

fn shingles(text: &str) -> HashMap<Vec<&str>, u32> {
    let words: Vec<&str> =
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let mut all = HashMap::new();
    for four in words.windows(words.len().clamp(1, 4)) {
        *all.entry(four.to_vec()).or_insert(0) += 1;
    }
    all
}

/// Precision and recall of a text.
pub(crate) fn score(found: &str, expected: &str) -> (f64, f64) {
    let (found, expected) = (shingles(found), shingles(expected));
    let both: u32 = found.iter().map(|(four, count)| (*count).min(expected.get(four).copied().unwrap_or(0))).sum();
    let share = |all: &HashMap<Vec<&str>, u32>| f64::from(both) / f64::from(all.values().sum::<u32>().max(1));
    (share(&found), share(&expected))
}
