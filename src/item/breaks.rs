/// Whether a character has no place on a line: control characters, and the separators of lines and paragraphs (Unicode
/// categories Cc, Zl and Zp).
pub fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::is_break;

    #[test]
    fn what_ends_a_line_and_what_does_not() {
        assert!("\n\r\t\0\u{7f}\u{85}\u{2028}\u{2029}".chars().all(is_break));
        assert!(!"aß \u{a0}\u{2003}\u{200b}".chars().any(is_break));
    }
}
