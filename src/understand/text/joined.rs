use super::speech::is_function_word;

/// A shorter part of a word is too often a word of its own, in letters.
const PART_LETTERS_MIN: usize = 3;

/// A longer one is nearly a word by itself, in letters.
const PART_LETTERS_MAX: usize = 15;

/// Whether two words may be one that somebody wrote in two: `cease fire` is `ceasefire`. Both are folded; a small word joins
/// nothing, so that `the rapist` is no `therapist`.
pub fn may_be_joined(one: &str, next: &str) -> bool {
    may_open(one) && is_part(next)
}

/// Whether a word may be the first part of one that somebody wrote in two.
pub fn may_open(folded: &str) -> bool {
    is_part(folded) && !is_function_word(folded)
}

/// Whether a folded word may be a part of one that somebody wrote in two.
pub fn is_part(folded: &str) -> bool {
    let letters = folded.chars().count();
    (PART_LETTERS_MIN..=PART_LETTERS_MAX).contains(&letters) && folded.chars().all(char::is_alphabetic)
}

/// Whether what stands between two words lets them be one: spaces in one line.
pub fn is_joint(between: &str) -> bool {
    !between.is_empty() && between.chars().all(|c| c.is_whitespace() && c != '\n' && c != '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_some_length_are_joined() {
        assert!(may_be_joined("cease", "fire"));
        for (one, next) in [("the", "rapist"), ("can", "not"), ("a", "way"), ("f16", "jets"), ("to", "day")] {
            assert!(!may_be_joined(one, next), "{one} {next}");
        }
        assert!(is_joint(" ") && is_joint("\u{A0}"));
        assert!(!is_joint("") && !is_joint(". ") && !is_joint("\n"));
    }
}
