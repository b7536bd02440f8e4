use std::ops::Range;

use super::fold::fold;

/// Before a dot these never end a sentence.
const TITLES: &[&str] = &[
    "adm", "amb", "brig", "capt", "cmdr", "col", "cpl", "dr", "fr", "gen", "gov", "hon", "lt", "maj", "messrs", "mme",
    "mr", "mrs", "ms", "mt", "pres", "prof", "rep", "reps", "rev", "sec", "sen", "sens", "sgt", "st", "supt", "vs",
];

/// Before a dot these end no sentence when a number follows.
const COUNTED: &[&str] = &[
    "apr", "approx", "art", "aug", "ca", "ch", "dec", "est", "feb", "fig", "jan", "jul", "jun", "mar", "no", "nos",
    "nov", "oct", "p", "para", "pp", "sep", "sept", "vol",
];

/// Before a dot these end a sentence only when a word follows that begins one.
const SHORTENED: &[&str] =
    &["al", "assn", "bros", "co", "corp", "dept", "etc", "inc", "jr", "llc", "ltd", "plc", "sr", "univ"];

/// Words that begin a sentence rather than continue a name.
const OPENERS: &[&str] = &[
    "a",
    "according",
    "after",
    "all",
    "also",
    "although",
    "an",
    "and",
    "as",
    "at",
    "before",
    "both",
    "but",
    "by",
    "during",
    "earlier",
    "for",
    "from",
    "had",
    "has",
    "he",
    "her",
    "his",
    "how",
    "however",
    "i",
    "if",
    "in",
    "is",
    "it",
    "its",
    "last",
    "later",
    "many",
    "meanwhile",
    "more",
    "most",
    "no",
    "nor",
    "not",
    "now",
    "of",
    "on",
    "one",
    "only",
    "or",
    "our",
    "she",
    "since",
    "so",
    "some",
    "such",
    "that",
    "the",
    "their",
    "then",
    "there",
    "these",
    "they",
    "this",
    "those",
    "to",
    "under",
    "until",
    "we",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "why",
    "with",
    "yet",
    "you",
];

/// Bytes of each paragraph, in order, without the white space around it. A blank line parts paragraphs.
pub fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut line = 0;
    for piece in text.split_inclusive('\n') {
        if piece.trim().is_empty() {
            push_trimmed(text, start..line, &mut found);
            start = line + piece.len();
        }
        line += piece.len();
    }
    push_trimmed(text, start..line, &mut found);
    found
}

/// Bytes of each sentence, in order, without the white space around it. Nothing but white space lies outside; a
/// paragraph's end is always a sentence's end.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for paragraph in paragraphs(text) {
        let mut start = paragraph.start;
        let mut at = paragraph.start;
        while let Some(end) = next_stop(&text[..paragraph.end], at) {
            at = end;
            if ends_sentence(&text[..paragraph.end], start, end) {
                push_trimmed(text, start..end, &mut found);
                start = end;
            }
        }
        push_trimmed(text, start..paragraph.end, &mut found);
    }
    found
}

fn push_trimmed(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let piece = &text[range.clone()];
    let trimmed = piece.trim_start();
    let start = range.end - trimmed.len();
    let end = start + trimmed.trim_end().len();
    if start < end {
        found.push(start..end);
    }
}

/// The end of the next run of stops and of what closes behind them, from `from`.
fn next_stop(text: &str, from: usize) -> Option<usize> {
    let stop = from + text[from..].find(is_stop)?;
    let end = text[stop..].find(|c: char| !is_stop(c) && !closes(c)).map_or(text.len(), |length| stop + length);
    Some(end)
}

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…') || is_wide_stop(c)
}

/// Stops that no space follows.
fn is_wide_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡')
}

fn closes(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | ')' | ']' | '»' | '）' | '」' | '』')
}

fn opens(c: char) -> bool {
    matches!(c, '"' | '\'' | '“' | '‘' | '„' | '(' | '[' | '«' | '¿' | '¡')
}

/// Whether the stops that end at `end` end the sentence that began at `start`.
fn ends_sentence(text: &str, start: usize, end: usize) -> bool {
    let before = &text[start..end];
    if before.trim_end_matches(closes).ends_with(is_wide_stop) {
        return true;
    }
    let after = &text[end..];
    if !after.starts_with(char::is_whitespace) {
        return after.is_empty();
    }
    let next = after.trim_start().trim_start_matches(opens);
    match next.chars().next() {
        None => return true,
        Some(c) if c.is_lowercase() => return false,
        Some(_) => {}
    }
    let Some(shortened) = before.strip_suffix('.') else { return true };
    let word = last_word(shortened);
    let opener = || {
        let first = next.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        OPENERS.contains(&&*fold(first))
    };
    let folded = fold(word);
    let folded = folded.as_ref();
    if TITLES.contains(&folded) {
        return false;
    }
    if is_initials(word) || SHORTENED.contains(&folded) {
        return opener();
    }
    !(COUNTED.contains(&folded) && next.starts_with(|c: char| c.is_ascii_digit()))
}

/// The word, with dots inside it, that ends where `text` ends. No abbreviation is longer than what is looked at.
fn last_word(text: &str) -> &str {
    let mut start = text.len();
    for (at, c) in text.char_indices().rev().take(12) {
        if !c.is_alphanumeric() && c != '.' {
            break;
        }
        start = at;
    }
    &text[start..]
}

/// One letter, or letters with dots between them.
fn is_initials(word: &str) -> bool {
    word.split('.').all(|part| {
        let mut chars = part.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        for (text, expected) in [
            ("One. Two! Three? Four", &["One.", "Two!", "Three?", "Four"][..]),
            ("Mr. Smith met Sen. Jones. They left.", &["Mr. Smith met Sen. Jones.", "They left."]),
            ("The U.S. President spoke.", &["The U.S. President spoke."]),
            ("He went to the U.S. The visit was short.", &["He went to the U.S.", "The visit was short."]),
            ("It fell 3.5 percent. It rose.", &["It fell 3.5 percent.", "It rose."]),
            ("On Jan. 5 they met. No. 10 denied it.", &["On Jan. 5 they met.", "No. 10 denied it."]),
            ("They met in Jan. Nobody came.", &["They met in Jan.", "Nobody came."]),
            ("J. K. Rowling wrote it.", &["J. K. Rowling wrote it."]),
            ("Acme Inc. Chief Bob left. So did Ann.", &["Acme Inc. Chief Bob left.", "So did Ann."]),
            ("\"No,\" he said. \"Never.\" She left.", &["\"No,\" he said.", "\"Never.\"", "She left."]),
            ("“Why?” he asked. (Nobody knew.) Silence", &["“Why?” he asked.", "(Nobody knew.)", "Silence"]),
            ("Wait … what? see example.org now", &["Wait … what? see example.org now"]),
            ("他说。我走！好", &["他说。", "我走！", "好"]),
            ("A title\n\nA text. More\r\n\r\nEnd", &["A title", "A text.", "More", "End"]),
            ("one\nline more", &["one\nline more"]),
            ("  ", &[]),
            ("?!", &["?!"]),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_lies_outside(text in "(\\PC|[.!?\"’ \nAb1]){0,40}") {
            for ranges in [sentences(&text), paragraphs(&text)] {
                let mut next = 0;
                for range in ranges {
                    prop_assert!(text[next..range.start].trim().is_empty() && !text[range.clone()].trim().is_empty());
                    next = range.end;
                }
                prop_assert!(text[next..].trim().is_empty());
            }
        }
    }
}
