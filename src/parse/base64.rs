//! Base64 (RFC 4648 §4), as Atom 0.3 lets a text be written.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Takes what was cut off in the middle as far as it goes.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What the text encodes, as UTF-8; `None` where it is no base64. White space and padding do not count.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut coded: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').collect();
    let whole = coded.len() / 4 * 3 + coded.len() % 4 * 3 / 4;
    if coded.len() % 4 == 1 {
        // Six bits at the end are no byte yet, but they too must be of the alphabet.
        coded.push(b'A');
    }
    let mut plain = LENIENT.decode(coded).ok()?;
    plain.truncate(whole);
    Some(String::from_utf8_lossy(&plain).into_owned())
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
