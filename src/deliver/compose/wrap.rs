/// Columns of the text part.
pub(super) const WIDTH: usize = 72;

/// `text` in lines of at most [`WIDTH`] columns, the first one after `first`, each other one after `indent`, which is as long.
/// Words that are longer, such as links, get a line of their own and are never broken.
pub(super) fn wrap(text: &str, first: &str, indent: &str) -> String {
    let room = WIDTH.saturating_sub(indent.chars().count());
    let mut lines = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let len = word.chars().count();
        if lines.is_empty() {
            lines.push_str(first);
            used = len;
        } else if used + 1 + len <= room {
            lines.push(' ');
            used += 1 + len;
        } else {
            lines.push('\n');
            lines.push_str(indent);
            used = len;
        }
        lines.push_str(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_words_stand_alone() {
        let link = format!("https://x.org/{}", "a".repeat(80));
        assert_eq!(wrap(&format!("see {link} there"), "- ", "> "), format!("- see\n> {link}\n> there"));
        assert_eq!(wrap("", "> ", "> "), "");
    }

    proptest! {
        #[test]
        fn words_stay_and_lines_fit(text in "[a-zé ]{0,300}") {
            let wrapped = wrap(&text, "- ", "  ");
            prop_assert!(wrapped.strip_prefix("- ").unwrap_or("").split_whitespace().eq(text.split_whitespace()));
            for line in wrapped.lines() {
                prop_assert!(line.chars().count() <= WIDTH || line.trim_start_matches(['-', ' ']).split_whitespace().count() == 1);
            }
        }
    }
}
