//! Character references: `&amp;`, `&#8217;`, `&#x2019;`, and what old pages make of them.

use std::borrow::Cow;

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Where a reference stands; an attribute's value is read more strictly, because addresses are full of `&copy=1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Between tags.
    Text,
    /// In the value of an attribute.
    Attribute,
}

/// What one reference stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The character.
    pub(crate) first: char,
    /// Some names stand for two.
    pub(crate) second: Option<char>,
    /// How many bytes of the text it takes, the ampersand included.
    pub(crate) len: usize,
}

/// Reads the reference at the start of `text`, which begins with an ampersand. `None` where it is a mere ampersand.
/// (HTML Standard, §13.2.5.72 to §13.2.5.80.)
pub(crate) fn reference(text: &str, place: Place) -> Option<Reference> {
    let body = text.strip_prefix('&')?;
    match body.strip_prefix('#') {
        Some(number) => numeric(number),
        None => named(body, place),
    }
}

/// The text with its references resolved once.
pub fn resolve(text: &str) -> Cow<'_, str> {
    resolve_in(text, Place::Text)
}

pub(crate) fn resolve_in(text: &str, place: Place) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    loop {
        if let Some(found) = reference(rest, place) {
            out.push(found.first);
            out.extend(found.second);
            rest = &rest[found.len..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
        let Some(next) = rest.find('&') else { break };
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn numeric(number: &str) -> Option<Reference> {
    let (digits, radix, lead) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 3),
        None => (number, 10, 2),
    };
    let len = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    if len == 0 {
        return None;
    }
    // Leading zeros may be many; anything too long for a u32 is no character either.
    let code = u32::from_str_radix(&digits[..len], radix).unwrap_or(u32::MAX);
    let semicolon = usize::from(digits[len..].starts_with(';'));
    let len = lead + len + semicolon;
    if (0xD800..0xDC00).contains(&code)
        && let Some((low, more)) = number.get(len - 2..).and_then(low_half)
    {
        let code = 0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        return Some(Reference { first: character(code), second: None, len: len + more });
    }
    Some(Reference { first: character(code), second: None, len })
}

/// The second half of a character that a publisher writes in two, as UTF-16 does, and how long its reference is.
fn low_half(text: &str) -> Option<(u32, usize)> {
    let text = &text[..text.floor_char_boundary(10)];
    let (number, _) = text.strip_prefix("&#")?.split_once(';')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    let code = code.ok().filter(|code| (0xDC00..0xE000).contains(code))?;
    Some((code, number.len() + 3))
}

fn character(code: u32) -> char {
    match code {
        0 => char::REPLACEMENT_CHARACTER,
        0x80..=0x9F => C1_REPLACEMENTS[(code - 0x80) as usize].unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

fn named(body: &str, place: Place) -> Option<Reference> {
    let mut best = None;
    for (at, byte) in body.bytes().enumerate() {
        if !byte.is_ascii_alphanumeric() && byte != b';' {
            break;
        }
        // The table holds every prefix of a name too, with zeros, so the walk ends with the first miss.
        match NAMED_ENTITIES.get(&body[..=at]) {
            Some(&(0, _)) => {}
            Some(&codes) => best = Some((at + 1, codes)),
            None => break,
        }
    }
    let (len, (first, second)) = best?;
    let open = !body[..len].ends_with(';');
    let next = body.as_bytes().get(len);
    if open && place == Place::Attribute && next.is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric()) {
        return None;
    }
    Some(Reference {
        first: char::from_u32(first)?,
        second: char::from_u32(second).filter(|second| *second != '\0'),
        len: len + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_characters() {
        for (text, expected) in [
            ("no reference", "no reference"),
            ("a &amp; b", "a & b"),
            ("AT&T, R&D & co", "AT&T, R&D & co"),
            ("&amp;lt;", "&lt;"),
            ("&eacute;t&eacute;", "été"),
            ("&copy2026 &notit; &notin;", "©2026 ¬it; ∉"),
            ("&#8217;&#x2019;&#X2019", "’’’"),
            ("&#146;&#0;&#xD800;&#99999999999;", "’\u{fffd}\u{fffd}\u{fffd}"),
            ("&#55357;&#56832;&#xD83D;&#xDE00;", "😀😀"),
            ("&#55357;&#55357;&#56832;&#56832;", "\u{fffd}😀\u{fffd}"),
            ("&#;&#x;&;&", "&#;&#x;&;&"),
            ("&nosuch;&ThickSpace;", "&nosuch;\u{205f}\u{200a}"),
            ("&#00000000000000000000065;", "A"),
        ] {
            assert_eq!(resolve(text), expected, "{text}");
        }
    }

    #[test]
    fn an_address_keeps_parameters_that_look_like_references() {
        assert_eq!(resolve_in("?a=1&copy=2&amp;b=3&lt", Place::Attribute), "?a=1&copy=2&b=3<");
    }
}
