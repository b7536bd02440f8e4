use std::ops::Range;

/// Where in a quoted TOML string stands what it means.
///
/// `raw` is the string as written, quotes included (TOML 1.1, String); `text` what the parser made of it. Answers for the
/// bytes `wanted` of `text` with the bytes of `raw` that stand for them, or `None` where the two do not belong together.
pub(super) fn as_written(raw: &str, text: &str, wanted: &Range<usize>) -> Option<Range<usize>> {
    let (open, inner, escapes) = unquote(raw)?;
    let mut places: Vec<Range<usize>> = Vec::with_capacity(text.len());
    let mut meant = text.chars();
    let mut at = 0;
    while let Some(c) = inner[at..].chars().next() {
        let mut end = at + c.len_utf8();
        if escapes && c == '\\' {
            let after = &inner[end..];
            if after.starts_with(|c: char| c.is_ascii_whitespace()) {
                // A backslash at the end of a line takes the line's end and all white space after it away.
                at = inner.len() - after.trim_ascii_start().len();
                continue;
            }
            end += escape_length(after)?;
        }
        let meant = meant.next()?;
        if !(escapes && c == '\\') && meant != c {
            return None;
        }
        places.extend(std::iter::repeat_n(open + at..open + end, meant.len_utf8()));
        at = end;
    }
    if meant.next().is_some() {
        return None;
    }
    let end_of_text = open + inner.len();
    let start = places.get(wanted.start).map_or(end_of_text, |place| place.start);
    let last = wanted.end.checked_sub(1).and_then(|last| places.get(last));
    Some(start..last.map_or(start, |place| place.end.max(start)))
}

/// Where the text begins, the text as written, and whether a backslash means something in it.
fn unquote(raw: &str) -> Option<(usize, &str, bool)> {
    for (quote, escapes) in [("\"\"\"", true), ("'''", false)] {
        if let Some(inner) = raw.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            // A line's end right after the opening quotes does not count.
            let trimmed = inner.strip_prefix("\r\n").or_else(|| inner.strip_prefix('\n')).unwrap_or(inner);
            return Some((quote.len() + inner.len() - trimmed.len(), trimmed, escapes));
        }
    }
    for (quote, escapes) in [('"', true), ('\'', false)] {
        if let Some(inner) = raw.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return Some((1, inner, escapes));
        }
    }
    None
}

/// Bytes of an escape sequence without its backslash.
fn escape_length(after: &str) -> Option<usize> {
    let length = match after.as_bytes().first()? {
        b'x' => 3,
        b'u' => 5,
        b'U' => 9,
        _ => after.chars().next()?.len_utf8(),
    };
    after.is_char_boundary(length).then_some(length)
}

#[cfg(test)]
mod tests {
    use toml::de::DeValue;

    use super::*;

    #[test]
    fn a_word_is_found_where_it_was_typed() {
        for raw in [
            r#"'a "b" fault c'"#,
            r#""a \"b\" fault c""#,
            "'''\nfirst\nfault c'''",
            "'''\r\nfirst\r\nfault c'''",
            "\"\"\"\\\n   a\\u00e9\\x41\\U0001F600 \\\n   fault\"\"\"",
            r#""\\fault\n""#,
            r#""é\té fault""#,
        ] {
            let value = DeValue::parse(raw).unwrap();
            let text = value.get_ref().as_str().unwrap();
            let at = text.find("fault").unwrap();
            let found = as_written(raw, text, &(at..at + 5)).unwrap();
            assert_eq!(&raw[found], "fault", "{raw}");
        }
    }

    #[test]
    fn the_end_of_a_text_is_before_its_closing_quote() {
        assert_eq!(as_written("'ab'", "ab", &(2..2)), Some(3..3));
        assert_eq!(as_written("''", "", &(0..0)), Some(1..1));
        assert_eq!(as_written(r#""a\n""#, "a\n", &(1..2)), Some(2..4));
    }

    #[test]
    fn what_does_not_belong_together_has_no_place() {
        assert_eq!(as_written("'ab'", "ac", &(0..1)), None);
        assert_eq!(as_written("ab", "ab", &(0..1)), None);
        assert_eq!(as_written("'ab'", "abc", &(0..1)), None);
        assert_eq!(as_written("\"\\", "", &(0..1)), None);
    }
}
