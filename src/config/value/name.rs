use crate::config::table::Fault;
use crate::item::is_break;

/// Names stand in mail headers, lists and queries, in characters.
pub(in crate::config) const NAME_MAX: usize = 100;
/// A tag may be a path of folders, in characters.
const TAG_MAX: usize = 300;
/// A longer title would push the headline out of the subject, in characters.
pub(in crate::config) const TITLE_MAX: usize = 200;

/// A word of a command: anything that a program can be given.
pub(in crate::config) fn word(text: &str) -> Result<String, Fault> {
    match text.find('\0') {
        Some(at) => Err(Fault::new("no program can be given this character").at(at..at + 1)),
        None => Ok(text.to_owned()),
    }
}

/// A tag of a feed.
pub(in crate::config) fn tag(text: &str) -> Result<String, Fault> {
    line(text, TAG_MAX)
}

/// The name of a feed, a watch or a digest.
pub(in crate::config) fn name(text: &str) -> Result<String, Fault> {
    line(text, NAME_MAX)
}

/// The title of a watch.
pub(in crate::config) fn title(text: &str) -> Result<String, Fault> {
    line(text, TITLE_MAX)
}

/// What goes into the comment of `User-Agent` (RFC 9110 §5.6.5): printable ASCII without brackets and backslashes.
pub(in crate::config) fn contact(text: &str) -> Result<String, Fault> {
    let text = line(text, TITLE_MAX)?;
    let is_bad = |c: char| !(c.is_ascii_graphic() || c == ' ') || matches!(c, '(' | ')' | '\\');
    match text.char_indices().find(|(_, c)| is_bad(*c)) {
        Some((at, c)) => Err(Fault::new("a contact is ASCII without `(`, `)` and `\\`")
            .hint("write an address of the web or of mail, such as \"https://example.org/bot\"")
            .at(at..at + c.len_utf8())),
        None => Ok(text),
    }
}

/// A user's name for HTTP Basic authentication (RFC 7617 §2).
pub(in crate::config) fn user(text: &str) -> Result<String, Fault> {
    let text = line(text, TITLE_MAX)?;
    match text.find(':') {
        Some(at) => Err(Fault::new("a user's name has no `:`")
            .hint("write the password into a file and name it in `password_file`")
            .at(at..at + 1)),
        None => Ok(text),
    }
}

fn line(text: &str, max: usize) -> Result<String, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::new("this is empty"));
    }
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_break(*c)) {
        return Err(Fault::new("this must be one line without control characters").at(at..at + c.len_utf8()));
    }
    if text.trim() != text {
        return Err(Fault::new("this begins or ends with a space").hint("take the space away"));
    }
    if text.chars().count() > max {
        return Err(Fault::new(format!("this is longer than {max} characters")));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(name("Grüße, 5").as_deref(), Ok("Grüße, 5"));
        for text in ["", " ", "a\nb", "a\u{1b}b", " a", "a ", &"a".repeat(101)] {
            assert!(name(text).is_err(), "{text:?}");
        }
        assert!(title(&"ä".repeat(200)).is_ok());
    }

    #[test]
    fn a_contact_fits_into_a_comment_and_a_user_before_a_colon() {
        assert!(contact("https://example.org/bot").is_ok());
        for text in ["a)", "(a", "a\\", "ä", ""] {
            assert!(contact(text).is_err(), "{text:?}");
        }
        assert!(user("me").is_ok());
        assert!(user("me:you").is_err());
    }
}
