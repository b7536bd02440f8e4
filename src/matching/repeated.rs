use crate::understand::text::{fold, words};

/// Whether a sentence of a summary stands in the text too. The last word of one that was cut off may be a part of a word.
pub(super) fn is_repeated(sentence: &str, text: &str) -> bool {
    let sentence = sentence.trim_end_matches([')', ']']);
    let is_cut = sentence.ends_with('…') || sentence.ends_with("...");
    let mut repeated: Vec<String> = words(sentence).map(|word| fold(word.surface).into_owned()).collect();
    if is_cut {
        repeated.pop();
    }
    let all: Vec<String> = words(text).map(|word| fold(word.surface).into_owned()).collect();
    !repeated.is_empty() && all.windows(repeated.len()).any(|window| window == repeated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_repeated_whole_or_cut_off() {
        let text = "They met. They vetoed nothing, he said.";
        for (sentence, expected) in [
            ("They vetoed  nothing, he said.", true),
            ("They vetoed noth…", true),
            ("They vetoed noth", false),
            ("They vetoed [...]", true),
            ("They vetoed all.", false),
            ("…", false),
        ] {
            assert_eq!(is_repeated(sentence, text), expected, "{sentence}");
        }
    }
}
