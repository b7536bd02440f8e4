//! Base64 (RFC 4648 §4), as Atom 0.3 lets a text be written.

/// What the text encodes, as UTF-8; `None` where it is no base64. White space does not count.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xF_FFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xFF).unwrap_or_default());
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn texts_come_out_as_they_went_in() {
        for (encoded, text) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("\n RXhhbXBsZSA8\n Yj5BdG9tPC9iPg==\n", "Example <b>Atom</b>"),
            ("w6k", "é"),
        ] {
            assert_eq!(decode(encoded).as_deref(), Some(text));
        }
        assert_eq!(decode("no base64!"), None);
    }
}
