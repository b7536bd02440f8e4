//! The text that was found, held against what the page itself gives as its text in structured data (schema.org `articleBody`).
//!
//! Publishers put the whole article there, its beginning, or some of it with markup lost. So it is a witness, not the text.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// A text that is shorter than this gives way to a longer one, in characters.
const SHORT: usize = 250;

/// What is shorter than this is no witness, in characters: a teaser.
const WITNESS_MIN: usize = 500;

/// Words in a row that are compared.
const ROW: usize = 4;

/// The text, or what the page gives instead where it was missed, or the text without blocks that the page does not count as its
/// own.
pub(super) fn checked(text: String, body: String) -> String {
    let (found, said) = (text.chars().count(), body.chars().count());
    if found < SHORT {
        return if said > 2 * found { body } else { text };
    }
    if said < WITNESS_MIN {
        return text;
    }
    let hashes = RandomState::new();
    let rows = |text: &str| -> Vec<u64> {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        words.windows(ROW.min(words.len().max(1))).map(|row| hashes.hash_one(row)).collect()
    };
    let (ours, theirs) = (rows(&text), rows(&body));
    let share = |rows: &[u64], known: &HashSet<u64>| {
        let both = rows.iter().filter(|row| known.contains(row)).count();
        both * 100 / rows.len().max(1)
    };
    let (our_rows, their_rows) = (ours.iter().copied().collect(), theirs.iter().copied().collect::<HashSet<u64>>());
    let (told, borne_out) = (share(&theirs, &our_rows), share(&ours, &their_rows));
    if told < 40 && borne_out < 40 {
        return body;
    }
    if told < 90 || borne_out < 70 {
        return text;
    }
    // All of theirs is in ours: what is in none of theirs stands around it. Short blocks have too few words to tell.
    let kept = text.split("\n\n").filter(|block| {
        let rows = rows(block);
        rows.len() < 2 * ROW || share(&rows, &their_rows) > 0
    });
    kept.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(from: usize, to: usize) -> String {
        (from..to).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_witness_settles_what_was_missed_and_what_stands_around() {
        let body = words(0, 200);
        assert_eq!(checked(words(0, 10), body.clone()), body, "next to nothing was found");
        assert_eq!(checked(words(1000, 1200), body.clone()), body, "something else was found");
        let around = format!("{body}\n\n{}\n\nA heading", words(300, 330));
        assert_eq!(checked(around, body.clone()), format!("{body}\n\nA heading"));
        let more = format!("{body}\n\n{}", words(300, 600));
        assert_eq!(checked(more.clone(), body), more, "it may be the first part of many");
        let text = words(0, 200);
        assert_eq!(checked(text.clone(), words(0, 20)), text, "a teaser is no witness");
    }
}
