use std::ops::Range;

/// About how many characters of a sentence are shown.
const QUOTE_MAX: usize = 400;

/// How many of them stand before the first mark when the sentence is cut.
const LEAD: usize = 120;

/// To find the end of a word, a cut moves by at most so many bytes.
const WORD_MAX: usize = 24;

/// Stands where something was cut off.
const CUT: &str = "…";

/// Marks in order; those that overlap become one.
pub(super) fn merged(mut marks: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    marks.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::with_capacity(marks.len());
    for (start, end) in marks {
        match merged.last_mut() {
            Some((_, last)) if start < *last => *last = end.max(*last),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// A stretch of a text with its white space collapsed, cut around its first marks if it is long, and the marks in it.
/// `quoted` and `marks` are bytes of the text, on character boundaries.
pub(super) fn quote(text: &str, quoted: &Range<usize>, marks: Vec<(usize, usize)>) -> (String, Vec<(usize, usize)>) {
    let marks = merged(marks);
    let near = near(text, quoted, marks.first().map_or(quoted.start, |(start, _)| *start));
    let (collapsed, marks) = collapse(text, &near, &marks);
    let marks: Vec<(usize, usize)> = marks.into_iter().filter(|(start, end)| start < end).collect();
    cut(collapsed, marks)
}

/// As much of a stretch as can be seen once it is cut around the first mark: a text without sentences is as long as it likes.
fn near(text: &str, quoted: &Range<usize>, first: usize) -> Range<usize> {
    let first = first.clamp(quoted.start, quoted.end);
    // Most text is plain, and there bytes are what is seen.
    let plain = first.saturating_sub(LEAD + WORD_MAX).max(quoted.start)..(first + QUOTE_MAX + WORD_MAX).min(quoted.end);
    if plain.end < quoted.end && is_plain(&text.as_bytes()[plain.clone()]) && text.is_char_boundary(plain.end) {
        return plain;
    }
    let after = text[first..quoted.end].char_indices();
    let end = seen(after, QUOTE_MAX).last().map_or(first, |(at, c)| first + at + c.len_utf8());
    // Where the stretch ends soon, more of it is shown before the mark.
    let lead = if end < quoted.end { LEAD } else { QUOTE_MAX };
    let before = text[quoted.start..first].char_indices().rev();
    let start = seen(before, lead).last().map_or(first, |(at, _)| quoted.start + at);
    start..end
}

/// So many characters and a word more, white space in a row counted once.
fn seen(characters: impl Iterator<Item = (usize, char)>, count: usize) -> impl Iterator<Item = (usize, char)> {
    let (mut shown, mut was_space) = (0, false);
    characters.take_while(move |(_, c)| {
        let is_space = c.is_whitespace();
        shown += usize::from(!(is_space && was_space));
        was_space = is_space;
        shown <= count + WORD_MAX
    })
}

/// Whether this is ASCII in which all white space is single spaces.
fn is_plain(text: &[u8]) -> bool {
    let mut before = b'x';
    text.iter().all(|&byte| {
        let is_plain = byte > b' ' || (byte == b' ' && before != b' ');
        before = byte;
        is_plain && byte.is_ascii()
    })
}

fn collapse(text: &str, quoted: &Range<usize>, marks: &[(usize, usize)]) -> (String, Vec<(usize, usize)>) {
    let plain = &text[quoted.clone()];
    if is_plain(plain.as_bytes()) && !plain.starts_with(' ') && !plain.ends_with(' ') {
        let moved = |at: usize| at.saturating_sub(quoted.start).min(plain.len());
        return (plain.to_owned(), marks.iter().map(|(start, end)| (moved(*start), moved(*end))).collect());
    }
    let mut collapsed = String::with_capacity(quoted.len());
    let mut moved = vec![(usize::MAX, usize::MAX); marks.len()];
    // Marks are in order and apart, so each edge is met once and in order.
    let (mut starts, mut ends) = (0, 0);
    let mut space = false;
    for (offset, c) in text[quoted.clone()].char_indices() {
        let at = quoted.start + offset;
        while ends < starts && marks[ends].1 <= at {
            moved[ends].1 = collapsed.len();
            ends += 1;
        }
        if c.is_whitespace() {
            space = !collapsed.is_empty();
            continue;
        }
        if std::mem::take(&mut space) {
            collapsed.push(' ');
        }
        while starts < marks.len() && marks[starts].0 <= at {
            moved[starts].0 = collapsed.len();
            starts += 1;
        }
        // One that held nothing but white space is over before it began.
        while ends < starts && marks[ends].1 <= at {
            moved[ends].1 = collapsed.len();
            ends += 1;
        }
        collapsed.push(c);
    }
    let length = collapsed.len();
    for mark in &mut moved {
        *mark = (mark.0.min(length), mark.1.min(length));
    }
    (collapsed, moved)
}

fn cut(quote: String, marks: Vec<(usize, usize)>) -> (String, Vec<(usize, usize)>) {
    let count = quote.chars().count();
    if count <= QUOTE_MAX {
        return (quote, marks);
    }
    let first = marks.first().map_or(0, |(start, _)| quote[..*start].chars().count());
    let from = first.saturating_sub(LEAD).min(count - QUOTE_MAX);
    let byte = |number: usize| quote.char_indices().nth(number).map_or(quote.len(), |(at, _)| at);
    let (from, to) = (word_start(&quote, byte(from)), word_end(&quote, byte(from + QUOTE_MAX)));
    let before = if from > 0 { CUT } else { "" };
    let after = if to < quote.len() { CUT } else { "" };
    let marks = marks
        .into_iter()
        .map(|(start, end)| (start.clamp(from, to), end.clamp(from, to)))
        .filter(|(start, end)| start < end)
        .map(|(start, end)| (start - from + before.len(), end - from + before.len()))
        .collect();
    (format!("{before}{}{after}", &quote[from..to]), marks)
}

/// The next beginning of a word, if it is near. The lead is longer than the way there, so no mark is lost.
fn word_start(quote: &str, at: usize) -> usize {
    if at == 0 {
        return at;
    }
    quote[at..].find(' ').filter(|way| *way < WORD_MAX).map_or(at, |way| at + way + 1)
}

/// The last end of a word, if it is near.
fn word_end(quote: &str, at: usize) -> usize {
    if at == quote.len() {
        return at;
    }
    quote[..at].rfind(' ').filter(|end| at - end < WORD_MAX).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn white_space_collapses_and_marks_move_along() {
        let text = "  One  two\n three  four ";
        let (quote, marks) = quote(text, &(0..text.len()), vec![(12, 17), (2, 10)]);
        assert_eq!(quote, "One two three four");
        assert_eq!(marks.iter().map(|(start, end)| &quote[*start..*end]).collect::<Vec<_>>(), ["One two", "three"]);
    }

    #[test]
    fn a_long_sentence_is_cut_around_its_first_mark() {
        let text = format!("{} veto {}", "before ".repeat(200), "after ".repeat(200));
        let at = text.find("veto").unwrap();
        let (quote, marks) = quote(&text, &(0..text.len()), vec![(at, at + 4)]);
        assert!(quote.starts_with("…before ") && quote.ends_with(" after…"), "{quote}");
        assert!((360..=402).contains(&quote.chars().count()));
        assert_eq!(marks.len(), 1);
        assert_eq!(&quote[marks[0].0..marks[0].1], "veto");
    }

    proptest! {
        #[test]
        fn plain_text_is_quoted_as_any_other(
            words in proptest::collection::vec("[a-c]{1,9}", 1..200),
            at in 0_usize..200,
        ) {
            // An accent at the far end makes the text one that is read character by character.
            let plain = words.join(" ");
            let start = plain.len() - words[at % words.len()..].join(" ").len();
            let marks = vec![(start, start + words[at % words.len()].len())];
            let other = plain.replace('c', "ç");
            let moved = |at: usize| at + plain[..at].matches('c').count();
            let marked = marks.iter().map(|(start, end)| (moved(*start), moved(*end))).collect();
            let (quoted, kept) = quote(&plain, &(0..plain.len()), marks);
            let (beside, kept_beside) = quote(&other, &(0..other.len()), marked);
            prop_assert_eq!(&quoted, &beside.replace('ç', "c"));
            let words = |quote: &str, marks: &[(usize, usize)]| {
                marks.iter().map(|(start, end)| quote[*start..*end].replace('ç', "c")).collect::<Vec<_>>()
            };
            prop_assert_eq!(words(&quoted, &kept), words(&beside, &kept_beside));
        }

        #[test]
        fn what_is_far_from_the_first_mark_changes_nothing(
            text in "(ab? |[é
    ]|x){0,2000}",
            at in 0_usize..3000,
        ) {
            // A mark is at words, of which there may be none from there on.
            let word = text.char_indices().find(|(start, c)| *start >= at && !c.is_whitespace());
            prop_assume!(word.is_some() || text.is_empty());
            let (start, c) = word.unwrap_or_default();
            let marks = vec![(start, (start + c.len_utf8()).min(text.len()))];
            let (collapsed, moved) = collapse(&text, &(0..text.len()), &marks);
            let moved = moved.into_iter().filter(|(start, end)| start < end).collect();
            prop_assert_eq!(quote(&text, &(0..text.len()), marks), cut(collapsed, moved));
        }

        #[test]
        fn marks_lie_in_the_quote_in_order(
            text in "(\\PC|[a\n ]){0,900}",
            edges in proptest::collection::vec((0_usize..900, 0_usize..900), 0..6),
        ) {
            let boundary = |at: usize| text.floor_char_boundary(at.min(text.len()));
            let marks = edges.into_iter().map(|(one, other)| (boundary(one.min(other)), boundary(one.max(other)))).collect();
            let (quote, marks) = quote(&text, &(0..text.len()), marks);
            prop_assert!(quote.chars().count() <= QUOTE_MAX + 2);
            let mut last = 0;
            for (start, end) in marks {
                prop_assert!(start >= last && quote.get(start..end).is_some_and(|marked| !marked.is_empty()));
                last = end;
            }
        }
    }
}
