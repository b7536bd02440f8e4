use std::ops::Range;

use url::Host;

use crate::config::table::Fault;

/// RFC 5321 §4.5.3.1.1.
const LOCAL_MAX: usize = 64;
/// RFC 5321 §4.5.3.1.2.
const DOMAIN_MAX: usize = 253;
/// RFC 1035 §2.3.4.
const LABEL_MAX: usize = 63;
/// Longer ones are taken for a mistake.
const DISPLAY_NAME_MAX: usize = 200;

/// An address, `local@domain`: the dot-atom form of RFC 5322 §3.4.1, which every server takes. A domain in other letters
/// than ASCII becomes its ASCII form (RFC 5891).
pub(in crate::config) fn address(text: &str) -> Result<String, Fault> {
    if let Some((_, rest)) = text.split_once('<') {
        let bare = rest.split('>').next().unwrap_or(rest).trim();
        return Err(Fault::new("this must be an address without a name").hint(format!("write \"{bare}\"")));
    }
    let fault = |message: &str, at: Option<Range<usize>>| {
        let fault = Fault::new(message).hint("write it as \"desk@example.org\"");
        Err(match at {
            Some(at) => fault.at(at),
            None => fault,
        })
    };
    if let Some(at) = text.find(',') {
        let each: Vec<String> = text.split(',').map(|address| format!("\"{}\"", address.trim())).collect();
        let hint = format!("write each for itself: [{}]", each.join(", "));
        return Err(Fault::new("this must be one address").hint(hint).at(at..at + 1));
    }
    if let Some((at, c)) = text.char_indices().find(|(_, c)| c.is_whitespace() || c.is_control()) {
        return fault("an address has no spaces and no control characters", Some(at..at + c.len_utf8()));
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return fault("this is not a mail address", None);
    };
    if local.is_empty() || domain.is_empty() {
        return fault("this is not a mail address", None);
    }
    let local_is_plain = local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char));
    if !local_is_plain || local.len() > LOCAL_MAX {
        return fault("the part before `@` cannot be sent to", Some(0..local.len()));
    }
    let domain_at = local.len() + 1..text.len();
    let ascii = if domain.is_ascii() { Some(domain.to_owned()) } else { in_ascii(domain) };
    match ascii.filter(|domain| is_domain(domain)) {
        Some(domain) => Ok(format!("{local}@{domain}")),
        None => fault("the part after `@` is not a domain", Some(domain_at)),
    }
}

/// A sender: an address, or a name and an address in `<>` (RFC 5322 §3.4). The name's words are plain, or the name stands in
/// double quotes.
pub(in crate::config) fn mailbox(text: &str) -> Result<String, Fault> {
    let Some((name, rest)) = text.split_once('<') else { return address(text) };
    let Some(inner) = rest.strip_suffix('>') else {
        return Err(
            Fault::new("the `<` has no `>` at the end").hint("write it as \"Newswatch <newswatch@example.org>\"")
        );
    };
    let address = address(inner).map_err(|mut fault| {
        let start = name.len() + 1;
        fault.at = fault.at.map(|at| at.start + start..at.end + start);
        fault
    })?;
    let name = name.trim_matches(' ');
    let quoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    let plain = quoted.unwrap_or(name);
    let bad = |c: char| c.is_control() || matches!(c, '"' | '\\') || (quoted.is_none() && !is_phrase_char(c));
    if let Some(c) = plain.chars().find(|c| bad(*c)) {
        return Err(if quoted.is_none() && !c.is_control() && !matches!(c, '"' | '\\') {
            Fault::new(format!("a name with `{c}` in it must stand in double quotes"))
                .hint(format!("write '\"{plain}\" <{inner}>'"))
        } else {
            Fault::new("the name holds a character that it may not hold").hint("leave it out")
        });
    }
    if plain.chars().count() > DISPLAY_NAME_MAX {
        return Err(Fault::new("the name is too long").hint(format!("write at most {DISPLAY_NAME_MAX} characters")));
    }
    // What was meant is written in the one form that needs no further thought.
    Ok(if plain.trim().is_empty() { address } else { format!("\"{}\" <{address}>", plain.trim()) })
}

/// RFC 5322 §3.2.3, `atext`.
fn is_atom_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn is_phrase_char(c: char) -> bool {
    is_atom_char(c) || c == ' ' || c == '.' || (!c.is_ascii() && !c.is_control())
}

fn in_ascii(domain: &str) -> Option<String> {
    if domain.contains('%') {
        return None;
    }
    match Host::parse(domain) {
        Ok(Host::Domain(domain)) => Some(domain),
        _ => None,
    }
}

/// Letters, digits and hyphens (RFC 1123 §2.1).
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_MAX
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= DOMAIN_MAX && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_taken() {
        for text in
            ["desk@example.org", "root@localhost", "a.b+tag@x-y.example", "o'neil@example.org", "x@xn--mnchen-3ya.de"]
        {
            assert_eq!(address(text).as_deref(), Ok(text));
        }
        assert_eq!(address("presse@münchen.de").as_deref(), Ok("presse@xn--mnchen-3ya.de"));
    }

    #[test]
    fn what_could_break_a_mail_is_refused() {
        for text in [
            "",
            "@",
            "a@",
            "@b",
            "desk",
            "a b@c.org",
            "a@b\r\nBcc: c@d.org",
            "a@b\n",
            ".a@b.org",
            "a..b@c.org",
            "\"a b\"@c.org",
            "a@b..org",
            "a@-b.org",
            "a@b_c.org",
            "a@[127.0.0.1]",
            "a@b@c.org",
            "ü@example.org",
            "a,b@c.org",
            "Desk <desk@example.org>",
            "a@%62.ü",
        ] {
            assert!(address(text).is_err(), "{text:?}");
        }
        assert!(address(&format!("{}@example.org", "a".repeat(65))).is_err());
        assert!(address(&format!("a@{}org", "ab.".repeat(100))).is_err());
        assert_eq!(address("Desk <desk@a.org>").unwrap_err().hint.as_deref(), Some("write \"desk@a.org\""));
    }

    #[test]
    fn a_sender_may_have_a_name() {
        assert_eq!(mailbox("a@b.org").as_deref(), Ok("a@b.org"));
        assert_eq!(mailbox("<a@b.org>").as_deref(), Ok("a@b.org"));
        assert_eq!(mailbox("News watch <a@b.org>").as_deref(), Ok("\"News watch\" <a@b.org>"));
        assert_eq!(mailbox("Büro Nr. 5 <a@b.org>").as_deref(), Ok("\"Büro Nr. 5\" <a@b.org>"));
        assert_eq!(mailbox("\"News, daily\" <a@b.org>").as_deref(), Ok("\"News, daily\" <a@b.org>"));
        for text in
            ["News, daily <a@b.org>", "News <a@b.org", "A\nB <a@b.org>", "\"a\\\" <b@c.org>", "a\"b <c@d.org>", "A <b>"]
        {
            assert!(mailbox(text).is_err(), "{text:?}");
        }
    }
}
