use super::PHRASE_WORDS_MAX;
use crate::understand::text::words;

/// What is wrong with text that has to hold words.
pub(super) fn word_fault(text: &str) -> Option<(&'static str, &'static str)> {
    // An accent alone is no word: nothing is left of it where accents do not matter.
    match words(text).filter(|word| !word.folded().is_empty()).take(PHRASE_WORDS_MAX + 1).count() {
        0 => Some(("there is no word in this", "write letters or digits")),
        1..=PHRASE_WORDS_MAX => None,
        _ => Some(("this has more than 64 words", "look for a few telling words in a row")),
    }
}

/// Signs of other search languages, which would otherwise be taken for punctuation.
pub(super) fn sign_fault(run: &str) -> Option<(&'static str, &'static str)> {
    Some(match run {
        "&&" | "&" => ("`&` is no operator", "write AND, or nothing"),
        _ if run.starts_with('!') => ("`!` is no operator", "write -sport or NOT sport"),
        _ if run.starts_with('+') => ("`+` is no operator", "leave it out: every word must occur"),
        _ if run.contains(['[', ']', '{', '}']) => ("brackets are round", "write (veto OR block)"),
        _ if run.contains(['~', '^', '<', '>']) => {
            ("`~`, `^`, `<` and `>` have no meaning here", "leave them out; NEAR/8 is a distance")
        }
        _ => return None,
    })
}

/// The name that was probably meant: one letter away, or two if it is long and begins alike.
pub(super) fn closest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    let near = |field: &&'a str| {
        let is_alike = field.len() > 6 && name.bytes().next() == field.bytes().next();
        distance(&name, field) <= if is_alike { 2 } else { 1 }
    };
    names.into_iter().filter(near).min_by_key(|field| distance(&name, field))
}

/// How many letters have to be added, left out, replaced or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() > other.len() + 2 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for i in 0..one.len() {
        let mut row = vec![i + 1];
        for j in 0..other.len() {
            let replaced = above[j] + usize::from(one[i] != other[j]);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i] == other[j - 1] && one[i - 1] == other[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[other.len()]
}
