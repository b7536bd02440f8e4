use serde::Serialize;

use super::clean::clean;

/// Longest sentence that is shown whole, in characters.
const LEN_MAX: usize = 420;

/// Of a longer sentence, so much is shown before its first match.
const BEFORE_MAX: usize = 140;

/// A piece of text that either matched or did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    text: String,
    marked: bool,
}

impl Piece {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), marked: false }
    }
}

/// `text` in pieces, those within `marks` marked. Marks may overlap and come in any order; one that does not fit the text is
/// left out.
pub(super) fn pieces(text: &str, marks: &[(usize, usize)]) -> Vec<Piece> {
    let mut marks: Vec<_> = marks.iter().copied().filter(|(start, end)| text.get(*start..*end).is_some()).collect();
    marks.sort_unstable();
    let mut pieces = Vec::new();
    let mut done = 0;
    for (start, end) in marks {
        let start = start.max(done);
        if end <= start {
            continue;
        }
        push(&mut pieces, &text[done..start], false);
        push(&mut pieces, &text[start..end], true);
        done = end;
    }
    push(&mut pieces, &text[done..], false);
    pieces
}

fn push(pieces: &mut Vec<Piece>, text: &str, marked: bool) {
    let text = clean(text);
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.marked == marked => last.text.push_str(&text),
        _ => pieces.push(Piece { text, marked }),
    }
}

/// The part of a very long sentence around its first match, with `…` where something is left out.
pub(super) fn excerpt(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let len: usize = pieces.iter().map(|piece| piece.text.chars().count()).sum();
    if len <= LEN_MAX {
        return pieces;
    }
    if let Some(first) = pieces.first_mut().filter(|first| !first.marked) {
        let len = first.text.chars().count();
        if len > BEFORE_MAX {
            let tail: String = first.text.chars().skip(len - BEFORE_MAX).collect();
            // Begin with a whole word, unless there is none.
            let tail = tail.split_once(' ').map_or(tail.as_str(), |(_, words)| words);
            first.text = format!("… {tail}");
        }
    }
    let mut left = LEN_MAX;
    let mut kept = Vec::new();
    for mut piece in pieces {
        let len = piece.text.chars().count();
        if len > left {
            piece.text = piece.text.chars().take(left).collect();
            kept.push(piece);
            kept.push(Piece::plain(" …"));
            break;
        }
        left -= len;
        kept.push(piece);
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn starred(pieces: &[Piece]) -> String {
        let star = |piece: &Piece| if piece.marked { format!("*{}*", piece.text) } else { piece.text.clone() };
        pieces.iter().map(star).collect()
    }

    #[test]
    fn marks_are_put_where_they_are() {
        assert_eq!(starred(&pieces("will not veto the plan", &[(9, 13)])), "will not *veto* the plan");
        assert_eq!(starred(&pieces("abcdef", &[(3, 6), (0, 2), (1, 4)])), "*abcdef*");
        assert_eq!(starred(&pieces("é!", &[(0, 1), (5, 9), (2, 1)])), "é!", "marks that fit nowhere");
    }

    #[test]
    fn a_sentence_without_end_is_shown_around_its_match() {
        let text = format!("{}veto{}", "before ".repeat(500), " after".repeat(500));
        let shown = starred(&excerpt(pieces(&text, &[(3500, 3504)])));
        assert!(shown.starts_with("… before "), "{shown}");
        assert!(shown.contains("before *veto* after"), "{shown}");
        assert!(shown.ends_with(" …"), "{shown}");
        assert!(shown.chars().count() < 450, "{shown}");
    }

    proptest! {
        #[test]
        fn no_text_is_lost_and_no_marks_panic(text in "\\PC{0,60}", marks in prop::collection::vec((0_usize..80, 0_usize..80), 0..6)) {
            let all: String = pieces(&text, &marks).iter().map(|piece| piece.text.as_str()).collect();
            prop_assert_eq!(all, clean(&text));
        }
    }
}
